import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.text.folding import find_phrase
from generation.briefs.brief import AllergyState, Brief, UsualDrug
from generation.gates import check_note
from generation.offline.layouts import LAYOUTS
from generation.offline.writer import write_note
from tests.generation.offline.briefs import ALLERGIC, DENYING, SILENT, SPECIALTIES

SEEDS = range(60)
SEEDS_EACH = range(4)


def _five_grams(text: str) -> set[tuple[str, ...]]:
    words = text.split()
    return {tuple(words[begin : begin + 5]) for begin in range(len(words) - 4)}


def test_the_same_seed_and_brief_give_the_same_note() -> None:
    assert write_note(ALLERGIC, 7) == write_note(ALLERGIC, 7)


def test_another_seed_or_another_brief_gives_another_note() -> None:
    notes = {write_note(ALLERGIC, seed) for seed in SEEDS} | {write_note(replace(ALLERGIC, age=72), 7)}
    assert len(notes) == len(SEEDS) + 1


def test_notes_of_one_brief_share_less_than_a_tenth_of_their_wording() -> None:
    grams = [_five_grams(write_note(replace(ALLERGIC, layout="por secções"), seed)) for seed in range(40)]
    shares = [len(a & b) / len(a | b) for place, a in enumerate(grams) for b in grams[:place]]
    assert sum(shares) / len(shares) < 0.1


def test_seeds_differ_in_the_form_of_a_dose_and_its_schedule() -> None:
    mentions = {
        match[0].casefold()
        for seed in SEEDS
        for match in re.finditer(r"(?i)ramipril 5 ?mg[^\n;]{0,14}", write_note(ALLERGIC, seed))
    }
    assert any("5 mg" in mention for mention in mentions)
    assert any("5mg" in mention for mention in mentions)
    assert any("1x/dia" in mention for mention in mentions)
    assert any("ao dia" in mention for mention in mentions)
    assert len(mentions) > 20


def test_lengths_run_from_short_to_long_notes() -> None:
    lengths = [len(write_note(ALLERGIC, seed)) for seed in SEEDS]
    assert min(lengths) < 1300
    assert max(lengths) > 2500


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("specialty", [*SPECIALTIES, "Hematologia"])
@pytest.mark.parametrize("brief", [ALLERGIC, DENYING, SILENT], ids=["affirmed", "denied", "unmentioned"])
def test_every_layout_and_specialty_gives_what_the_brief_asks(layout: str, specialty: str, brief: Brief) -> None:
    asked = replace(brief, layout=layout, specialty=specialty)
    for seed in SEEDS_EACH:
        note = write_note(asked, seed)
        assert len(find_phrase(note, asked.diagnosis)) == 1, "the diagnosis is stated once"
        for drug in asked.drugs:
            assert len(find_phrase(note, drug.name)) == 1, f"{drug.name} is mentioned once"
        for past in asked.comorbidities:
            assert find_phrase(note, past)
        assert check_note(note, "stop") is None


def test_an_affirmed_allergy_names_its_allergen_and_denies_none() -> None:
    for seed in SEEDS:
        note = write_note(ALLERGIC, seed)
        assert len(find_phrase(note, "penicilina")) == 1
        assert not re.search(r"(?i)(?:sem|nega|não (?:tem|refere|possui)) (?:alergia|alergias)", note)


def test_a_denied_allergy_is_denied_in_words_of_its_own() -> None:
    for seed in SEEDS:
        note = write_note(DENYING, seed).casefold()
        assert "alergia" in note
        assert "penicilina" not in note


def test_an_allergy_that_is_not_mentioned_is_not_mentioned() -> None:
    for seed in SEEDS:
        assert not re.search(r"(?i)al[ée]rgi", write_note(SILENT, seed))


def test_no_drug_that_the_allergy_rules_out_is_given() -> None:
    for seed in SEEDS:
        note = write_note(ALLERGIC, seed).casefold()
        assert not [name for name in ("amoxicilina", "piperacilina", "ceftriaxone", "cefazolina") if name in note]


def test_drugs_that_are_no_usual_medication_stand_in_many_notes() -> None:
    given_or_stopped = re.compile(r"(?i)\b(?:ev|inicia|suspen\w+|automedic\w+|ciclo (?:recente )?de)\b")
    assert sum(1 for seed in SEEDS if given_or_stopped.search(write_note(SILENT, seed))) > len(SEEDS) / 3


@pytest.mark.parametrize("brief", [ALLERGIC, DENYING, SILENT], ids=["affirmed", "denied", "unmentioned"])
@pytest.mark.parametrize("seed", SEEDS_EACH)
def test_no_brazilian_spelling_no_markdown_and_no_unfilled_template(brief: Brief, seed: int) -> None:
    note = write_note(brief, seed)
    brazilian = (
        r"(?i)\b(?:crônic[oa]|câncer|registro|paciente|fumante|equipe|infarto|controle|sangramento|usuári[oa]|abdome)\b"
    )
    assert not re.search(brazilian, note)
    assert not re.search(r"\*\*|^##|```|[{}]|\bNone\b|\r", note, re.MULTILINE)


def test_the_words_agree_with_the_patients_sex() -> None:
    for seed in SEEDS:
        woman = write_note(ALLERGIC, seed)
        assert not re.search(r"\b(?:internado|orientado|corado|casado|viúvo|medicado com|Homem)\b", woman)
        man = write_note(replace(ALLERGIC, sex="masculino"), seed)
        assert not re.search(r"\b(?:internada|orientada|casada|viúva|Mulher)\b", man)


def test_a_brief_is_never_read_as_a_template() -> None:
    tricky = replace(ALLERGIC, diagnosis="Febre {age} {?x} {a|b}", allergen="{surgery}")
    for seed in SEEDS_EACH:
        note = write_note(tricky, seed)
        assert "febre {age} {?x} {a|b}" in note.casefold()
        assert "{surgery}" in note.casefold()


_WORDS = st.text(st.characters(categories=("L", "N", "P", "Zs"), exclude_characters="|"), max_size=25).map(
    lambda text: " ".join(text.split())
)


@given(
    diagnosis=_WORDS.filter(bool),
    drug=st.builds(UsualDrug, _WORDS.filter(bool), _WORDS, _WORDS),
    comorbidity=_WORDS.filter(bool),
    age=st.integers(0, 110),
    seed=st.integers(-(2**63), 2**63 - 1),
    layout=st.sampled_from([*LAYOUTS, "", "outra"]),
)
def test_any_brief_can_be_written(
    diagnosis: str, drug: UsualDrug, comorbidity: str, age: int, seed: int, layout: str
) -> None:
    brief = Brief(
        "Ortopedia", "F", age, diagnosis, "", "", AllergyState.UNMENTIONED, "", (drug,), (comorbidity,), layout
    )
    assert write_note(brief, seed)
