"""Which notes are corrected next: the budget holds, chance is seeded, and each strategy ranks by what it says."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotation.selection import Allowance, Selection, Unit, select
from annotation.selection.candidates import Candidate
from annotation.selection.pace import Pace
from corpus.config.settings import SelectionConfig
from corpus.config.strategy import Strategy
from corpus.errors import ModelError
from corpus.labels import Label
from corpus.note import Span
from tests.annotation.selection.candidates import candidate

ONE = (Span(0, 1, Label.MEDICATION),)
PACE = Pace(seconds_per_note=10, seconds_per_word=1, seconds_per_action=4)


def config(strategy: Strategy, audit_share: float = 0.0, **knobs: float) -> SelectionConfig:
    return SelectionConfig.model_validate({"strategy": strategy, "audit_share": audit_share, **knobs})


def first(strategy: Strategy, *candidates: Candidate, **knobs: float) -> str:
    """The one note that is chosen."""
    return select(candidates, Allowance(1), config(strategy, **knobs), seed=1).ids[0]


@st.composite
def pools(draw: st.DrawFn) -> list[Candidate]:
    shares = st.floats(0, 1)
    return [
        candidate(
            f"note {number}",
            text=" ".join(draw(st.lists(st.sampled_from("abcdef"), max_size=8))),
            confidences=tuple(draw(st.lists(shares, max_size=3))),
            label=draw(st.sampled_from(Label)),
            entropies=tuple(draw(st.lists(shares, max_size=12))),
            log_probability=-draw(shares),
            missed=draw(shares),
            committee=draw(st.sampled_from([((),), (ONE,), (ONE, ())])),
        )
        for number in range(draw(st.integers(0, 12)))
    ]


@settings(max_examples=50)
@given(
    pool=pools(),
    strategy=st.sampled_from(Strategy),
    unit=st.sampled_from(["notes", "tokens", "seconds"]),
    amount=st.integers(1, 60),
    audit_share=st.floats(0, 0.99),
    seed=st.integers(0, 3),
    known=st.sampled_from([(), ("a b",), ("", "c")]),
)
def test_a_selection_keeps_to_its_budget_and_is_the_same_for_the_same_seed(
    pool: list[Candidate],
    strategy: Strategy,
    unit: Unit,
    amount: int,
    audit_share: float,
    seed: int,
    known: tuple[str, ...],
) -> None:
    def chosen(candidates: list[Candidate]) -> Selection:
        return select(candidates, Allowance(amount, unit), config(strategy, audit_share), seed, known=known, pace=PACE)

    def spent(ids: tuple[str, ...]) -> float:
        taken = [one for one in pool if one.id in ids]
        prices = {"notes": len(taken), "tokens": sum(one.words for one in taken)}
        return prices[unit] if unit in prices else sum(map(PACE.expected_seconds, taken))

    selection = chosen(pool)
    assert selection == chosen(pool[::-1])
    assert len(set(selection.ids)) == len(selection.ids)
    assert set(selection.ids) <= {one.id for one in pool}
    assert selection.left == len(pool) - len(selection.ids)
    assert spent(selection.ids) <= amount + 1e-9
    assert set(selection.audit) <= set(selection.ids)
    assert spent(selection.audit) <= amount * audit_share + 1e-9
    assert set(selection.nothing_found) == {one.id for one in pool if one.nothing_found} & set(selection.ids)
    if unit == "notes":
        assert len(selection.ids) == min(amount, len(pool))


def test_a_share_of_the_budget_is_drawn_by_chance() -> None:
    pool = [candidate(f"{number:02}", entropies=(number / 100,)) for number in range(40)]
    selection = select(pool, Allowance(20), config(Strategy.TOTAL_ENTROPY, audit_share=0.25), seed=3)
    assert len(selection.audit) == 5
    assert selection.ids[:5] == selection.audit
    by_doubt = [one.id for one in pool[::-1] if one.id not in selection.audit]
    assert list(selection.ids[5:]) == by_doubt[:15]
    assert (
        select(pool, Allowance(20), config(Strategy.TOTAL_ENTROPY, audit_share=0.25), seed=4).audit != selection.audit
    )


def test_notes_in_which_nothing_was_found_get_the_share_that_they_have_of_the_pool() -> None:
    silent = [candidate(f"silent {number}", confidences=(), entropies=(0.0,)) for number in range(10)]
    found = [candidate(f"found {number}") for number in range(30)]
    selection = select([*silent, *found], Allowance(20), config(Strategy.TOTAL_ENTROPY), seed=1)
    assert len(selection.nothing_found) == 5
    assert set(selection.nothing_found) == {name for name in selection.ids if name.startswith("silent")}


def test_the_budget_goes_to_notes_in_which_nothing_was_found_where_no_other_is_left() -> None:
    silent = [candidate(f"silent {number}", confidences=()) for number in range(9)]
    selection = select([*silent, candidate("found")], Allowance(8), config(Strategy.DIVERSE), seed=1)
    assert len(selection.ids) == 8
    assert "found" in selection.ids


def test_what_is_dearer_than_the_rest_of_the_budget_is_passed_over() -> None:
    dear = candidate("dear", text="a b c d e f", entropies=(0.9,))
    cheap = candidate("cheap", text="a b", entropies=(0.1,))
    assert select([dear, cheap], Allowance(5, "tokens"), config(Strategy.TOTAL_ENTROPY), seed=1).ids == ("cheap",)
    assert select([dear], Allowance(5, "tokens"), config(Strategy.TOTAL_ENTROPY), seed=1).ids == ()


def test_k_centre_asks_what_is_unlike_and_not_what_is_doubted() -> None:
    known = candidate("like the known", text="asma dispneia", entropies=(0.9,))
    new = candidate("new", text="fratura queda", entropies=(0.1,))
    chosen = select([known, new], Allowance(1), config(Strategy.K_CENTRE), seed=1, known=["asma com dispneia"])
    assert chosen.ids == ("new",)


def test_notes_without_a_word_are_unlike_all_others() -> None:
    pool = [candidate("bullets", text="- - -", entropies=(0.2,)), candidate("dashes", text="--", entropies=(0.3,))]
    assert select(pool, Allowance(2), config(Strategy.DIVERSE), seed=1).ids == ("dashes", "bullets")


def test_seconds_are_those_of_the_pace() -> None:
    """10 for the note, 3 words, half an action of 4 seconds."""
    assert (
        select([candidate("a")], Allowance(15, "seconds"), config(Strategy.RANDOM), 1, pace=PACE).expected_seconds == 15
    )
    assert select([candidate("a")], Allowance(14, "seconds"), config(Strategy.RANDOM), 1, pace=PACE).ids == ()


def test_least_confidence_is_normalised_for_length() -> None:
    long = candidate("long", log_probability=-3.0, entropies=(0.1,) * 30)
    short = candidate("short", log_probability=-1.0, entropies=(0.1,) * 2)
    assert first(Strategy.LEAST_CONFIDENCE, long, short) == "short"


def test_entropy_is_that_of_all_tokens_or_of_the_highest() -> None:
    long = candidate("long", entropies=(0.2,) * 30)
    sharp = candidate("sharp", entropies=(1.0, 0.9, 0.0, 0.0, 0.0))
    assert first(Strategy.TOTAL_ENTROPY, long, sharp) == "long"
    assert first(Strategy.TOP_ENTROPY, long, sharp) == "sharp"
    assert first(Strategy.TOP_ENTROPY, sharp, candidate("flat", entropies=(0.5,) * 9), top_tokens=10) == "flat"


def test_disagreement_asks_for_a_committee() -> None:
    agreed, split = candidate("agreed", committee=(ONE,)), candidate("split", committee=((),))
    assert first(Strategy.DISAGREEMENT, agreed, split) == "split"
    with pytest.raises(ModelError, match=r"selection\.strategy"):
        first(Strategy.DISAGREEMENT, agreed, candidate("alone"))


def test_a_doubtful_allergy_counts_more() -> None:
    drug = candidate("drug", entropies=(0.5, 0.1))
    allergy = candidate("allergy", label=Label.ALLERGY, entropies=(0.5,))
    assert first(Strategy.TOTAL_ENTROPY, drug, allergy, rare_label_weight=1) == "drug"
    assert first(Strategy.TOTAL_ENTROPY, drug, allergy, rare_label_weight=2) == "allergy"


def test_a_diverse_choice_is_unlike_what_is_known_and_chosen() -> None:
    known = candidate("known", text="asma dispneia", entropies=(0.9,))
    twins = [candidate(name, text="otite febre", entropies=(0.8,)) for name in ("twin 1", "twin 2")]
    other = candidate("other", text="fratura queda", entropies=(0.1,))
    pool = [known, *twins, other]
    chosen = select(pool, Allowance(2), config(Strategy.DIVERSE), 1, known=["asma e dispneia"]).ids
    assert chosen[0] in {"twin 1", "twin 2"}
    assert chosen[1] in {"known", "other"}
    assert set(select(pool, Allowance(2), config(Strategy.TOTAL_ENTROPY), 1).ids) == {"known", chosen[0]}
