"""Quotas: weights by name, and the briefs that come of them."""

from collections import Counter
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import ConfigError
from generation.briefs.brief import AllergyState
from generation.briefs.knowledge import load_knowledge
from generation.briefs.planning import plan_briefs
from generation.briefs.quota import ErrorRate, Quota, against_all, in_proportion, quota_by_errors

KNOWLEDGE = load_knowledge()


def test_twice_the_weight_has_twice_the_places_in_every_stretch() -> None:
    order = in_proportion({"a": 2, "b": 1, "c": 1}, 8, Random(1))
    assert Counter(order[:4]) == Counter(order[4:]) == {"a": 2, "b": 1, "c": 1}


@settings(max_examples=60, deadline=None)
@given(
    weights=st.dictionaries(st.sampled_from("abcdefgh"), st.floats(0.01, 100), min_size=1),
    count=st.integers(0, 200),
    seed=st.integers(),
)
def test_no_name_lies_far_from_its_share(weights: dict[str, float], count: int, seed: int) -> None:
    taken = Counter(in_proportion(weights, count, Random(seed)))
    assert taken.total() == count
    share = {name: count * weight / sum(weights.values()) for name, weight in weights.items()}
    # Sainte-Laguë may leave the quota, but never by as much as half a place for each of the other names.
    assert all(abs(taken[name] - share[name]) < max(1, len(weights) / 2) for name in weights)


def test_briefs_follow_the_weights_in_both_directions() -> None:
    quota = Quota({"Cardiologia": 3, "Nefrologia": 0}, {"negada": 2})
    briefs = plan_briefs(360, 4, KNOWLEDGE, (), quota)
    specialties = Counter(brief.specialty for brief in briefs)
    others = [specialties[name] for name in KNOWLEDGE.specialties if name not in quota.specialties]
    assert specialties["Nefrologia"] == 0
    assert specialties["Cardiologia"] == pytest.approx(3 * others[0], abs=2)
    assert max(others) - min(others) <= 1
    assert Counter(brief.allergy for brief in briefs) == {
        AllergyState.DENIED: 180,
        AllergyState.AFFIRMED: 90,
        AllergyState.UNMENTIONED: 90,
    }
    in_cardiology = Counter(brief.allergy for brief in briefs if brief.specialty == "Cardiologia")
    assert in_cardiology[AllergyState.DENIED] == pytest.approx(specialties["Cardiologia"] / 2, abs=1)


@pytest.mark.parametrize(
    ("quota", "message"),
    [
        (Quota({"Oncologia X": 1}), "unknown specialty 'Oncologia X'; known are: Medicina Interna, Cardiologia"),
        (Quota(allergies={"talvez": 1}), "unknown allergy state 'talvez'; known are: afirmada, negada, não menc"),
        (Quota({"Cardiologia": -1}), "the weight of specialty 'Cardiologia' is -1"),
        (Quota(allergies=dict.fromkeys(map(str, AllergyState), 0)), "every allergy state has weight 0"),
    ],
)
def test_a_quota_that_cannot_be_met_is_refused_in_one_line(quota: Quota, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as refusal:
        plan_briefs(3, 1, KNOWLEDGE, (), quota)
    assert "\n" not in str(refusal.value)


def test_long_regimens_are_the_longest_that_the_drug_has() -> None:
    for brief in plan_briefs(40, 2, KNOWLEDGE, (), Quota(long_regimens=1)):
        for drug in brief.drugs:
            longest = max(len(" ".join(use)) for use in KNOWLEDGE.drugs[drug.name].uses)
            assert len(f"{drug.dose} {drug.schedule}") == longest


def test_long_regimens_change_nothing_else_and_only_their_share_of_briefs() -> None:
    def parts(share: float) -> list[tuple[object, ...]]:
        briefs = plan_briefs(60, 2, KNOWLEDGE, (), Quota(long_regimens=share))
        return [(brief.diagnosis, brief.age, brief.comorbidities, brief.allergen) for brief in briefs]

    assert parts(0) == parts(0.5) == parts(1)
    plain, half = (plan_briefs(60, 2, KNOWLEDGE, (), Quota(long_regimens=share)) for share in (0, 0.5))
    assert 10 < sum(one != other for one, other in zip(plain, half, strict=True)) < 40


def test_pairs_are_a_brief_that_affirms_and_its_twin_that_denies() -> None:
    briefs = plan_briefs(8, 5, KNOWLEDGE, ("clássica",), pairs=True)
    assert [brief.pair for brief in briefs] == ["1", "1", "2", "2", "3", "3", "4", "4"]
    for first, second in zip(briefs[::2], briefs[1::2], strict=True):
        assert first.allergy is AllergyState.AFFIRMED
        assert second == first.twin()
        assert (first.is_twin, second.is_twin) == (False, True)
        assert second.allergy is AllergyState.DENIED


def test_an_odd_number_of_paired_notes_is_refused() -> None:
    with pytest.raises(ConfigError, match="3 notes cannot be pairs; ask for an even number"):
        plan_briefs(3, 1, KNOWLEDGE, (), pairs=True)


@pytest.mark.parametrize(
    ("rate", "at_most"),
    [
        (ErrorRate(), 1),
        (ErrorRate(0, 1), 0.793),
        (ErrorRate(1, 1), 1),
        (ErrorRate(0, 100), 0.037),
        (ErrorRate(10, 100), 0.174),
        (ErrorRate(50, 100), 0.596),
    ],
)
def test_what_was_seen_little_may_be_bad(rate: ErrorRate, at_most: float) -> None:
    assert rate.at_most == pytest.approx(at_most, abs=0.001)


def test_a_quota_by_errors_gives_more_to_what_goes_wrong_and_to_what_is_rare() -> None:
    specialties = dict.fromkeys(KNOWLEDGE.specialties, ErrorRate(5, 200).at_most) | {
        "Neurologia": ErrorRate(80, 200).at_most,
        "Ortopedia": ErrorRate(0, 4).at_most,
    }
    states = {AllergyState.AFFIRMED: ErrorRate(1, 50).at_most, AllergyState.DENIED: ErrorRate(25, 50).at_most}
    configured = Quota({"Nefrologia": 0}, {"não mencionada": 0.5})
    quota = quota_by_errors(configured, specialties, states, 0.25, KNOWLEDGE)
    weights = quota.specialties
    assert weights["Ortopedia"] > weights["Neurologia"] > 5 * weights["Cardiologia"]
    assert weights["Nefrologia"] == 0
    assert quota.allergies["negada"] > 5 * quota.allergies["afirmada"]
    assert quota.allergies["não mencionada"] == 0.5
    assert quota.long_regimens == 0.25
    briefs = Counter(brief.specialty for brief in plan_briefs(100, 1, KNOWLEDGE, (), quota))
    assert briefs["Neurologia"] > 3 * briefs["Cardiologia"] > 0


def test_what_is_worse_than_all_together_weighs_more_and_little_evidence_weighs_little() -> None:
    # 12 of 60 are wrong in all; steadied by 20 of them, 4 wrong
    rates = {"much": ErrorRate(10, 20), "little": ErrorRate(1, 1), "good": ErrorRate(1, 39), "unseen": ErrorRate()}
    against = against_all(rates, 20)
    assert against == pytest.approx({"much": 14 / 40 / 0.2, "little": 5 / 21 / 0.2, "good": 5 / 59 / 0.2, "unseen": 1})
    assert against_all({"a": ErrorRate(0, 9)}, 20) == against_all({}, 20) == {}


@given(st.integers(0, 50), st.integers(0, 50), st.floats(0, 1), st.floats(0.1, 100))
def test_a_rate_drawn_to_a_share_lies_between_the_two(wrong: int, right: int, share: float, by: float) -> None:
    rate = ErrorRate(wrong, wrong + right)
    own = wrong / rate.seen if rate.seen else share
    assert min(own, share) - 1e-9 <= rate.drawn_to(share, by) <= max(own, share) + 1e-9
