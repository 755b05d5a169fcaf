"""How the briefs of a batch are shared out over specialties, allergy states and regimens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, sqrt
from random import Random
from typing import TypeVar

from corpus.errors import ConfigError
from generation.briefs.brief import AllergyState
from generation.briefs.knowledge import ClinicalKnowledge

Name = TypeVar("Name", bound=str)
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Quota:
    """Weights by name: twice the weight, twice the briefs. A name left out weighs 1, a name that weighs 0 gets none.

    `long_regimens` is the share of briefs whose drugs have their longest regimen, the others drawing any.
    """

    specialties: Mapping[str, float] = field(default_factory=dict)
    allergies: Mapping[str, float] = field(default_factory=dict)
    """By the values of AllergyState."""
    long_regimens: float = 0.0

    def specialty_weights(self, knowledge: ClinicalKnowledge) -> dict[str, float]:
        """The weight of every specialty; raises ConfigError for a name that is none."""
        return _weights("specialty", self.specialties, knowledge.specialties)

    def allergy_weights(self) -> dict[AllergyState, float]:
        """The weight of every allergy state; raises ConfigError for a name that is none."""
        weights = _weights("allergy state", self.allergies, [str(state) for state in AllergyState])
        return {AllergyState(name): weight for name, weight in weights.items()}


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """How often something came out wrong, of the times that it was seen."""

    wrong: int = 0
    seen: int = 0

    @property
    def share(self) -> float:
        """The share that came out wrong; 0 of what was never seen."""
        return self.wrong / self.seen if self.seen else 0.0

    @property
    def at_most(self) -> float:
        """How bad it may be: the upper end of the 95 % Wilson interval; 1 for what was never seen.

        So what is rare counts as bad until enough of it was seen (Wilson 1927; UCB in bandits).
        """
        if not self.seen:
            return 1.0
        share, spread = self.share, _Z**2 / self.seen
        root = sqrt(share * (1 - share) * spread + spread**2 / 4)
        return min(1.0, (share + spread / 2 + root) / (1 + spread))

    def drawn_to(self, share: float, by: float) -> float:
        """The share that came out wrong, as if it had been seen `by` times more with this share wrong."""
        return (self.wrong + by * share) / (self.seen + by)


def quota_by_errors(
    quota: Quota,
    specialties: Mapping[str, float],
    allergies: Mapping[AllergyState, float],
    long_regimens: float,
    knowledge: ClinicalKnowledge,
) -> Quota:
    """The quota with each weight multiplied by how bad its notes are; what is left out stays as it is."""
    of_specialties = quota.specialty_weights(knowledge)
    of_states = quota.allergy_weights()
    return Quota(
        {name: weight * specialties.get(name, 1.0) for name, weight in of_specialties.items()},
        {str(state): weight * allergies.get(state, 1.0) for state, weight in of_states.items()},
        long_regimens,
    )


def against_all(rates: Mapping[Name, ErrorRate], steadied_by: float) -> dict[Name, float]:
    """How bad each is beside all together: 1 where it is as bad, 2 where twice.

    Each is drawn to 1 as if it had been seen `steadied_by` times more, as bad as all are (a beta prior), so that few
    of them do not swing it. Empty where nothing is wrong.
    """
    wrong, seen = sum(rate.wrong for rate in rates.values()), sum(rate.seen for rate in rates.values())
    if not wrong:
        return {}
    mean = wrong / seen
    return {name: rate.drawn_to(mean, steadied_by) / mean for name, rate in rates.items()}


def in_proportion(weights: Mapping[Name, float], count: int, rng: Random) -> list[Name]:
    """`count` names such that every beginning of the list is shared out by weight (Sainte-Laguë's method).

    Names of equal weight take turns; `rng` says which of them begins.
    """
    names = [name for name in rng.sample(list(weights), len(weights)) if weights[name]]
    taken = dict.fromkeys(names, 0)
    order: list[Name] = []
    for _ in range(count):
        # the first of those that lag most behind, in the drawn order
        name = min(names, key=lambda one: (taken[one] + 0.5) / weights[one])
        taken[name] += 1
        order.append(name)
    return order


def _weights(kind: str, given: Mapping[str, float], known: Iterable[str]) -> dict[str, float]:
    weights = dict.fromkeys(known, 1.0)
    for name, weight in given.items():
        if name not in weights:
            raise ConfigError(f"unknown {kind} {name!r}; known are: {', '.join(weights)}")
        if not 0 <= weight < inf:
            raise ConfigError(f"the weight of {kind} {name!r} is {weight}; it must be 0 or more")
        weights[name] = weight
    if not any(weights.values()):
        raise ConfigError(f"every {kind} has weight 0, so that no brief can be drawn; give one of them more")
    return weights
