"""Cues: what is said before a word in its clause, and where an allergy is denied."""

from inference.cues import cues_before, denials, line_flags
from inference.forms import normal_form
from inference.words import split_words


def _forms(line: str) -> list[str]:
    return [normal_form(word) for word in split_words(line).texts]


def _denials(*lines: str) -> list[str]:
    return [denial for denial in denials([_forms(line) for line in lines]) if denial]


def test_a_cue_holds_until_its_clause_ends() -> None:
    cues = list(cues_before(_forms("Nega febre. Alergia a sulfa")))
    assert [cue.negated for cue in cues] == [False, True, True, False, False, False]
    assert [cue.allergy for cue in cues] == ["", "", "", "", "alergi", "alergi"]


def test_the_reason_for_an_admission_holds_to_the_end_of_its_clause() -> None:
    cues = list(cues_before(_forms("Internado por sepse; estável")))
    assert [cue.reason for cue in cues] == ["", "intern", "intern", "intern", ""]


def test_words_are_counted_from_the_last_comma_or_colon() -> None:
    assert [cue.since for cue in cues_before(_forms("Alergia: sulfa, ferro"))] == [0, 1, 0, 1, 0]


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


def test_a_line_is_flagged_by_what_it_holds() -> None:
    assert line_flags(_forms("Ramipril 5 mg")) == "dm"
    assert line_flags(_forms("Sem alergias")) == "na"
    assert line_flags(_forms("Bom estado geral")) == ""
