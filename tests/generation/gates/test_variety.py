import tomllib
import unicodedata
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.formats import read_notes_file
from generation.gates.variety import Evidence, weigh_varieties
from tests.generation.gates.sentences import BRAZILIAN, EUROPEAN


@pytest.mark.parametrize(
    ("text", "european", "brazilian"),
    [
        ("Doente crónica com cancro da mama.", 7, 0),  # doente 1, crónica 3, cancro 3
        ("Paciente crônica com câncer de mama.", 0, 6),
        ("Cancro, CANCROS e cancro: conta uma vez.", 3, 0),
        ("Estômago e fêmea escrevem-se assim nos dois lados; têm, vêm, além e também.", 0, 0),
        ("Síndrome, paciente, infecção, paracetamol e pneumotórax.", 0, 0),
        ("Está a fazer antibiótico.", 3, 0),
        ("Está fazendo antibiótico.", 0, 3),
        ("Está a 3 L/min e estava quando caiu.", 0, 0),
        ("Segue pelo SUS.", 0, 3),
        ("Pegou sus, em minúsculas.", 0, 0),
        ("Tomou o pequeno-almoço e não o café-da-manhã.", 3, 3),
        ("", 0, 0),
    ],
)
def test_traits_of_either_variety_are_counted_once_and_by_weight(text: str, european: int, brazilian: int) -> None:
    assert weigh_varieties(text) == Evidence(european, brazilian)


@pytest.mark.parametrize(
    ("evidence", "score", "is_brazilian"),
    [
        (Evidence(0, 0), 0.0, False),
        (Evidence(3, 0), 0.75, False),
        (Evidence(0, 3), -0.75, True),
        (Evidence(0, 2), -2 / 3, False),  # no marked trait, and few leaning ones
        (Evidence(6, 6), 0.0, False),
        (Evidence(6, 9), -3 / 16, True),
    ],
)
def test_the_score_is_balance_over_evidence_and_refuses_where_enough_of_it_is_brazilian(
    evidence: Evidence, score: float, is_brazilian: bool
) -> None:
    assert evidence.score == pytest.approx(score)
    assert evidence.is_brazilian is is_brazilian


def test_no_sentence_is_taken_for_the_other_variety_and_most_are_told() -> None:
    european = [weigh_varieties(sentence).score for sentence in EUROPEAN]
    brazilian = [weigh_varieties(sentence).score for sentence in BRAZILIAN]
    assert len(european) == len(brazilian) == 48
    assert min(european) >= 0
    assert max(brazilian) <= 0
    # The others hold no word that tells the varieties apart.
    assert sum(score > 0 for score in european) >= 38
    assert sum(score < 0 for score in brazilian) >= 43


@pytest.mark.parametrize("begin", range(0, 48, 6))
def test_notes_of_six_sentences_are_all_told_apart(begin: int) -> None:
    assert not weigh_varieties("\n".join(EUROPEAN[begin : begin + 6])).is_brazilian
    assert weigh_varieties("\n".join(BRAZILIAN[begin : begin + 6])).is_brazilian


def test_a_single_slip_does_not_refuse_a_european_note_and_a_single_loan_does_not_save_a_brazilian_one() -> None:
    assert not weigh_varieties("\n".join([*EUROPEAN[:5], "Doença crônica."])).is_brazilian
    assert weigh_varieties("\n".join([*BRAZILIAN[:5], "Doença crónica."])).is_brazilian


@given(st.lists(st.sampled_from(EUROPEAN + BRAZILIAN), max_size=5), st.sampled_from(["\n", "\r\n", "\r"]))
def test_line_ends_and_the_form_of_accents_do_not_matter(sentences: list[str], line_end: str) -> None:
    evidence = weigh_varieties("\n".join(sentences))
    assert weigh_varieties(line_end.join(sentences)) == evidence
    assert weigh_varieties(unicodedata.normalize("NFD", line_end.join(sentences))) == evidence


def test_the_data_file_keeps_to_its_own_rules() -> None:
    document = tomllib.loads((files("generation") / "data" / "varieties.toml").read_text("utf-8"))
    forms = []
    for pair in (pair for subjects in document.values() for pairs in subjects.values() for pair in pairs):
        assert len(pair) == 2
        assert any(pair), "a trait has a form"
        forms += [form.strip() for side in pair if side for form in side.split(",")]
    assert len(forms) == len(set(forms)), "no form stands twice, on one side or on both"
    for form in forms:
        assert form == unicodedata.normalize("NFC", form)
        stem = form.removesuffix("*")
        assert stem.replace(" ", "").isalnum()
        assert not form.endswith("*") or len(stem.split()[0]) >= 4, "a shorter stem would not be found"


def test_physicians_notes_are_hardly_ever_refused(er_ner_dir: Path) -> None:
    refused = {
        name: sum(weigh_varieties(note.text).is_brazilian for note in read_notes_file(er_ner_dir / name).notes)
        for name in ("train.json", "val.json")
    }
    # Those of train.json have crônica, infarto, contato …: some notes of that set do read as Brazilian.
    assert refused["train.json"] <= 4
    assert refused["val.json"] == 0
