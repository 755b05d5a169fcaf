"""How the briefs of a batch are shared out over specialties, allergy states and regimens."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import inf, sqrt
from random import Random
from typing import TypeVar

from corpus.errors import ConfigError
from generation.briefs import AllergyState
from generation.knowledge import ClinicalKnowledge

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
    def at_most(self) -> float:
        """How bad it may be: the upper end of the 95 % Wilson interval; 1 for what was never seen.

        So what is rare counts as bad until enough of it was seen (Wilson 1927; UCB in bandits).
        """
        if not self.seen:
            return 1.0
        share, spread = self.wrong / self.seen, _Z**2 / self.seen
        root = sqrt(share * (1 - share) * spread + spread**2 / 4)
        return min(1.0, (share + spread / 2 + root) / (1 + spread))


_UNSEEN = ErrorRate()


def quota_by_errors(
    quota: Quota,
    specialties: Mapping[str, ErrorRate],
    allergies: Mapping[AllergyState, ErrorRate],
    long_regimens: float,
    knowledge: ClinicalKnowledge,
) -> Quota:
    """The quota with each weight multiplied by how bad its notes may be; what has no rate was never seen."""
    of_specialties = quota.specialty_weights(knowledge)
    of_states = quota.allergy_weights()
    return Quota(
        {name: weight * specialties.get(name, _UNSEEN).at_most for name, weight in of_specialties.items()},
        {str(state): weight * allergies.get(state, _UNSEEN).at_most for state, weight in of_states.items()},
        long_regimens,
    )


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
