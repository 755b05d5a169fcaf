"""Briefs by quota, and whether the patients they describe make sense."""

from collections import Counter
from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from generation.briefs.brief import AllergyState, Brief
from generation.briefs.knowledge import ClinicalKnowledge, Comorbidity, Diagnosis, load_knowledge
from generation.briefs.planning import plan_briefs

KNOWLEDGE: ClinicalKnowledge = load_knowledge()
LAYOUTS = ("clássica", "narrativa", "problemas")
SPECIALTIES = list(KNOWLEDGE.specialties)
STATES = list(AllergyState)
few_examples = settings(max_examples=40, deadline=None)
MANY = plan_briefs(480, 11, KNOWLEDGE, LAYOUTS)


def diagnosis_of(brief: Brief) -> Diagnosis:
    [found] = [
        diagnosis
        for name, diagnosis in KNOWLEDGE.diagnoses[brief.specialty].items()
        if brief.diagnosis in (name, *diagnosis.also)
    ]
    return found


def comorbidities_of(brief: Brief) -> list[Comorbidity]:
    wordings = {word: item for name, item in KNOWLEDGE.comorbidities.items() for word in (name, *item.also)}
    return [wordings[word] for word in brief.comorbidities]


def spread(counts: list[int]) -> int:
    return max(counts) - min(counts)


@few_examples
@given(count=st.integers(0, 120), seed=st.integers(0, 2**32))
def test_specialties_allergy_states_and_their_pairs_are_as_even_as_can_be(count: int, seed: int) -> None:
    briefs = plan_briefs(count, seed, KNOWLEDGE, LAYOUTS)
    assert len(briefs) == count
    specialties = Counter(brief.specialty for brief in briefs)
    states = Counter(brief.allergy for brief in briefs)
    cells = Counter((brief.specialty, brief.allergy) for brief in briefs)
    assert spread([specialties[name] for name in SPECIALTIES]) <= 1
    assert spread([states[state] for state in STATES]) <= 1
    assert spread([cells[cell] for cell in product(SPECIALTIES, STATES)]) <= 1


@few_examples
@given(count=st.integers(1, 40), seed=st.integers(0, 2**32))
def test_the_same_arguments_give_the_same_briefs(count: int, seed: int) -> None:
    assert plan_briefs(count, seed, KNOWLEDGE, LAYOUTS) == plan_briefs(count, seed, KNOWLEDGE, LAYOUTS)


@few_examples
@given(seed=st.integers(0, 2**32))
def test_a_brief_reads_back_from_its_block_and_its_json(seed: int) -> None:
    for brief in plan_briefs(24, seed, KNOWLEDGE, LAYOUTS):
        assert Brief.from_block(brief.block()) == brief
        assert Brief.from_json(brief.to_json()) == brief


def test_another_seed_gives_other_patients_in_another_order() -> None:
    one, other = (plan_briefs(24, seed, KNOWLEDGE, LAYOUTS) for seed in (1, 2))
    assert [brief.specialty for brief in one] != [brief.specialty for brief in other]
    assert not {brief.block() for brief in one} & {brief.block() for brief in other}


def test_no_diagnosis_of_a_specialty_comes_twice_before_all_came_once() -> None:
    names = Counter(diagnosis_of(brief).icd10 + brief.specialty for brief in plan_briefs(96, 3, KNOWLEDGE, LAYOUTS))
    assert max(names.values()) == 1


def test_layouts_are_spread_evenly_and_may_be_absent() -> None:
    assert Counter(brief.layout for brief in MANY) == dict.fromkeys(LAYOUTS, 160)
    assert {brief.layout for brief in plan_briefs(5, 1, KNOWLEDGE, ())} == {""}


def test_a_ninth_specialty_keeps_the_quotas_although_nine_is_a_multiple_of_three() -> None:
    wider = ClinicalKnowledge(
        specialties={**KNOWLEDGE.specialties, "Urologia": KNOWLEDGE.specialties["Nefrologia"]},
        diagnoses={**KNOWLEDGE.diagnoses, "Urologia": KNOWLEDGE.diagnoses["Nefrologia"]},
        drugs=KNOWLEDGE.drugs,
        comorbidities=KNOWLEDGE.comorbidities,
        allergens=KNOWLEDGE.allergens,
    )
    cells = Counter((brief.specialty, brief.allergy) for brief in plan_briefs(27, 5, wider, LAYOUTS))
    assert cells == dict.fromkeys(product(wider.specialties, STATES), 1)


def test_drug_counts_reach_from_none_to_nine() -> None:
    assert {len(brief.drugs) for brief in MANY} == set(range(10))


def test_each_of_two_thousand_patients_makes_sense() -> None:
    for brief in plan_briefs(2000, 21, KNOWLEDGE, LAYOUTS):
        check_patient(brief)


def check_patient(brief: Brief) -> None:
    diagnosis, comorbidities = diagnosis_of(brief), comorbidities_of(brief)
    drugs = [KNOWLEDGE.drugs[drug.name] for drug in brief.drugs]
    youngest, oldest = KNOWLEDGE.ages(brief.specialty, diagnosis)
    always = [KNOWLEDGE.comorbidities[name] for name in diagnosis.always]
    groups = [item.group for item in comorbidities if item.group]
    avoided = set(diagnosis.avoids).union(*(item.avoids for item in comorbidities))

    of_specialty = KNOWLEDGE.specialties[brief.specialty].ages
    assert of_specialty[0] <= youngest <= brief.age <= oldest <= of_specialty[1]
    assert brief.icd10 == diagnosis.icd10
    assert brief.sex in ([diagnosis.sex] if diagnosis.sex else ["F", "M"])
    assert brief.severity in KNOWLEDGE.severities(brief.specialty, diagnosis)
    assert all(item in comorbidities for item in always)
    assert all(item in always or item.fits(brief.sex, brief.age) for item in comorbidities)
    assert len(groups) == len(set(groups))
    assert {drug.name for drug in drugs} <= {*diagnosis.drugs, *(name for item in comorbidities for name in item.drugs)}
    assert bool(set(diagnosis.drugs) & {drug.name for drug in drugs}) == bool(diagnosis.drugs)
    assert not any(drug.is_among(avoided) for drug in drugs)
    assert sum(len(drug.classes) for drug in drugs) == len({heading for drug in drugs for heading in drug.classes})
    assert all((use.dose, use.schedule) in KNOWLEDGE.drugs[use.name].uses for use in brief.drugs)


def test_nobody_takes_what_they_are_allergic_to_nor_a_drug_of_its_class() -> None:
    classes = {name.casefold(): drug.classes for name, drug in KNOWLEDGE.drugs.items()}
    for brief in MANY:
        taken = [KNOWLEDGE.drugs[drug.name] for drug in brief.drugs]
        if brief.allergy is AllergyState.AFFIRMED:
            allergen = brief.allergen.casefold()
            assert not any(allergen in drug.name.casefold() for drug in taken)
            assert all(drug.classes.isdisjoint(classes.get(allergen, frozenset())) for drug in taken)
            assert not any(drug.is_among(KNOWLEDGE.allergens[brief.allergen].avoids) for drug in taken)
        else:
            assert brief.allergen == ""


def test_the_commonest_allergy_is_to_penicillins() -> None:
    counts = Counter(brief.allergen for brief in MANY if brief.allergen)
    assert counts.most_common(1)[0][0] == "penicilina"
    assert len(counts) >= 20
