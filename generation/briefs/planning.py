"""Briefs by quota, by default even over specialties and allergy states, each of a patient who makes sense."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import TypeVar

from corpus.errors import ConfigError
from generation.briefs.brief import AllergyState, Brief, UsualDrug
from generation.briefs.knowledge import ClinicalKnowledge, Diagnosis, Drug, load_knowledge
from generation.briefs.quota import Quota, in_proportion

__all__ = ["ClinicalKnowledge", "load_knowledge", "plan_briefs"]

MOST_DRUGS = 9
EVEN = Quota()
T = TypeVar("T")


def plan_briefs(
    count: int,
    seed: int,
    knowledge: ClinicalKnowledge,
    layouts: Sequence[str],
    quota: Quota = EVEN,
    *,
    pairs: bool = False,
) -> list[Brief]:
    """`count` briefs, the same ones for the same arguments.

    With an even quota the numbers of any two specialties differ by at most one, so do those of any two allergy states
    and of any two cells of both. Within a specialty every diagnosis comes once before one comes twice; so do the
    layouts over all briefs. With `pairs` each brief affirms an allergy, and its twin, which denies it, follows. Raises
    ConfigError for a quota that names what is not known, and for an odd number of paired briefs.
    """
    if pairs:
        return _pairs(count, seed, knowledge, layouts, quota)
    plan = Random(f"{seed}/{count}")
    cells = _cells(plan, count, quota.specialty_weights(knowledge), quota.allergy_weights())
    diagnoses = {specialty: _in_turn(plan, list(found)) for specialty, found in knowledge.diagnoses.items()}
    turns = _in_turn(plan, layouts or ("",))
    briefs = []
    for index, (specialty, state) in enumerate(cells):
        rng = Random(f"{seed}/{count}/{index}")
        brief = _brief(rng, knowledge, specialty, next(diagnoses[specialty]), state, next(turns))
        briefs.append(_with_long_regimens(brief, knowledge) if rng.random() < quota.long_regimens else brief)
    return briefs


def _pairs(count: int, seed: int, knowledge: ClinicalKnowledge, layouts: Sequence[str], quota: Quota) -> list[Brief]:
    if count % 2:
        raise ConfigError(f"{count} notes cannot be pairs; ask for an even number")
    affirmed = {str(state): float(state is AllergyState.AFFIRMED) for state in AllergyState}
    firsts = plan_briefs(count // 2, seed, knowledge, layouts, replace(quota, allergies=affirmed))
    paired = [replace(brief, pair=str(number)) for number, brief in enumerate(firsts, start=1)]
    return [brief for first in paired for brief in (first, first.twin())]


def _cells(
    plan: Random, count: int, specialties: Mapping[str, float], states: Mapping[AllergyState, float]
) -> list[tuple[str, AllergyState]]:
    """`count` pairs in random order, in proportion in rows and columns, and as near to it as can be in cells.

    The specialties stand in blocks and the states take turns beside them, so that every block has its share of each.
    """
    rows = in_proportion(specialties, count, plan)
    blocks = plan.sample(list(specialties), len(specialties))
    cells = list(zip(sorted(rows, key=blocks.index), in_proportion(states, count, plan), strict=True))
    plan.shuffle(cells)
    return cells


def _in_turn(plan: Random, items: Sequence[T]) -> Iterator[T]:
    """The items for ever, each once before any comes again, in a new order every time."""
    while True:
        yield from plan.sample(items, k=len(items))


def _brief(
    rng: Random, knowledge: ClinicalKnowledge, specialty: str, name: str, state: AllergyState, layout: str
) -> Brief:
    diagnosis = knowledge.diagnoses[specialty][name]
    sex: str = diagnosis.sex or rng.choice(["F", "M"])
    age = rng.randint(*knowledge.ages(specialty, diagnosis))
    comorbidities = _comorbidities(rng, knowledge, diagnosis, sex, age)
    drugs = _drugs(rng, knowledge, diagnosis, comorbidities)
    return Brief(
        specialty=specialty,
        sex=sex,
        age=age,
        diagnosis=rng.choice((name, *diagnosis.also)),
        icd10=diagnosis.icd10,
        severity=rng.choice(knowledge.severities(specialty, diagnosis)),
        allergy=state,
        allergen=_allergen(rng, knowledge, drugs) if state is AllergyState.AFFIRMED else "",
        drugs=tuple(UsualDrug(drug.name, *rng.choice(drug.uses)) for drug in drugs),
        comorbidities=tuple(rng.choice((item, *knowledge.comorbidities[item].also)) for item in comorbidities),
        layout=layout,
    )


def _with_long_regimens(brief: Brief, knowledge: ClinicalKnowledge) -> Brief:
    """The brief with each drug in the longest of its uses, whose end is the hardest to find."""
    longest = (max(knowledge.drugs[drug.name].uses, key=lambda use: len(" ".join(use))) for drug in brief.drugs)
    return replace(
        brief,
        drugs=tuple(UsualDrug(drug.name, *use) for drug, use in zip(brief.drugs, longest, strict=True)),
    )


def _comorbidities(rng: Random, knowledge: ClinicalKnowledge, diagnosis: Diagnosis, sex: str, age: int) -> list[str]:
    """What the diagnosis presupposes, some of what favours it, and with age more and more by chance."""
    chosen = list(diagnosis.always)
    favoured = [name for name in diagnosis.often if rng.random() < 0.5]
    common = [name for name, item in knowledge.comorbidities.items() if item.weight and item.fits(sex, age)]
    weights = [knowledge.comorbidities[name].weight for name in common]
    by_chance = rng.choices(common, weights, k=rng.randint(0, 1 + age // 30)) if common else []
    for name in (*favoured, *by_chance):
        if knowledge.comorbidities[name].fits(sex, age) and _goes_with(knowledge, diagnosis, chosen, name):
            chosen.append(name)
    rng.shuffle(chosen)
    return chosen


def _goes_with(knowledge: ClinicalKnowledge, diagnosis: Diagnosis, chosen: list[str], name: str) -> bool:
    """Whether one more comorbidity contradicts neither the others nor the diagnosis and the drugs that belong to it."""
    if name in chosen or name in diagnosis.never:
        return False
    group = knowledge.comorbidities[name].group
    if group and group in {knowledge.comorbidities[other].group for other in chosen}:
        return False
    avoided = _avoided(knowledge, diagnosis, [*chosen, name])
    return not diagnosis.drugs or any(not knowledge.drugs[drug].is_among(avoided) for drug in diagnosis.drugs)


def _avoided(knowledge: ClinicalKnowledge, diagnosis: Diagnosis, comorbidities: list[str]) -> set[str]:
    return set(diagnosis.avoids).union(*(knowledge.comorbidities[name].avoids for name in comorbidities))


def _drugs(rng: Random, knowledge: ClinicalKnowledge, diagnosis: Diagnosis, comorbidities: list[str]) -> list[Drug]:
    """The usual drugs in random order: one for the diagnosis if it names any, and those of each comorbidity."""
    avoided = _avoided(knowledge, diagnosis, comorbidities)
    items = [knowledge.comorbidities[name] for name in comorbidities]
    wanted = [(diagnosis.drugs, 1), *((item.drugs, rng.randint(*item.takes)) for item in items)]
    taken: list[Drug] = []
    for names, number in wanted:
        full = len(taken) + number
        for drug in (knowledge.drugs[name] for name in _usual_first(rng, names)):
            together = all(drug.classes.isdisjoint(other.classes) for other in taken)
            if len(taken) < min(full, MOST_DRUGS) and together and not drug.is_among(avoided):
                taken.append(drug)
    rng.shuffle(taken)
    return taken


def _usual_first(rng: Random, names: Sequence[str]) -> list[str]:
    """The names in random order, the earlier ones more likely in front: the n-th is drawn as if it had weight 1/n."""
    return sorted(names, key={name: place * rng.expovariate(1) for place, name in enumerate(names, 1)}.__getitem__)


def _allergen(rng: Random, knowledge: ClinicalKnowledge, drugs: list[Drug]) -> str:
    """Something that none of the patient's drugs is, contains or resembles."""
    free = {
        name: item.weight
        for name, item in knowledge.allergens.items()
        if not any(knowledge.concerns(name, drug) for drug in drugs)
    }
    return rng.choices(list(free), list(free.values()))[0]
