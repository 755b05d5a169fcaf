"""Cues: what is said before a word in its clause, and where an allergy is denied."""

from inference.crf.cues import allergy_words, cues_before
from inference.crf.forms import normal_form
from inference.crf.words import find_words


def _forms(line: str) -> list[str]:
    return [normal_form(word) for word in find_words(line).texts]


def _denials(*lines: str) -> list[str]:
    """Of the allergy words in the first line."""
    first, *rest = map(_forms, lines)
    return [denial for _, denial in allergy_words(first, rest[0] if rest else [])]


def test_a_cue_holds_until_its_clause_ends() -> None:
    cues = list(cues_before(_forms("Nega febre. Alergia a sulfa")))
    assert [cue.negated for cue in cues] == [False, True, True, False, False, False]
    assert [cue.allergy for cue in cues] == ["", "", "", "", "alergi", "alergi"]


def test_the_reason_for_an_admission_holds_to_the_end_of_its_clause() -> None:
    cues = list(cues_before(_forms("Internado por sepse; estável")))
    assert [cue.reason for cue in cues] == ["", "intern", "intern", "intern", ""]


def test_what_is_taken_holds_to_the_end_of_its_clause_and_brackets_beyond() -> None:
    cues = list(cues_before(_forms("(Toma ramipril. Sem febre)")))
    assert [cue.taking for cue in cues] == ["", "", "toma", "toma", "", "", ""]
    assert [cue.depth for cue in cues] == [0, 1, 1, 1, 1, 1, 1]


def test_a_denial_is_seen_on_either_side_of_the_allergy_word() -> None:
    assert _denials("Nega alergias") == ["wb"]
    assert _denials("Alergias: nega") == ["wa"]
    assert _denials("Alergia a sulfa") == ["w"]


def test_a_heading_is_denied_by_the_next_line_and_a_sentence_is_not() -> None:
    assert _denials("ALERGIAS:", "- nenhuma") == ["wn"]
    assert _denials("Alergia a sulfa", "sem febre") == ["w"]
    assert _denials("ALERGIAS:") == ["w"]


def test_of_two_allergy_words_the_first_knows_of_the_second() -> None:
    assert _denials("Alergias: sem alergias") == ["war", "wb"]
