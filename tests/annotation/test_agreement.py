"""Agreement between annotators: by hand, by the published example, and as scikit-learn and NLTK count it."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask
from sklearn.metrics import cohen_kappa_score

from annotation.agreement import SharedNote, measure_agreement, shared_notes
from corpus.documents import to_json
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.scoring.kappa import cohen_kappas, krippendorff_alphas, ordinal_alphas, token_values
from corpus.store import Store
from ernotes.cli.told.annotators import format_agreement

MEDICATION, ALLERGY, DENIED, DIAGNOSIS = Label.MEDICATION, Label.ALLERGY, Label.NO_ALLERGY, Label.DIAGNOSIS
TEXT = "Toma ramipril 5 mg. Alergia a penicilina. Dx: pneumonia"
"""Twelve tokens: Toma, ramipril, 5, mg, full stop, Alergia, a, penicilina, full stop, Dx, colon, pneumonia."""
DRUG, WITH_DOSE = Span(5, 13, MEDICATION), Span(5, 18, MEDICATION)
PENICILLIN, PNEUMONIA = Span(30, 40, ALLERGY), Span(46, 55, DIAGNOSIS)

KRIPPENDORFF_EXAMPLE = [
    [None, None, None, None, None, 3, 4, 1, 2, 1, 1, 3, 3, None, 3],
    [1, None, 2, 1, 3, 3, 4, 3, None, None, None, None, None, None, None],
    [None, None, 2, 1, 3, 4, 4, None, 2, 1, 1, 3, 3, None, 4],
]
"""Three observers, fifteen units, from the Wikipedia article on Krippendorff's alpha: nominal alpha 0.691."""

FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, None, None, None],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, None, 3],
    [None, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, None],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, None],
]
"""Twelve units, from "Computing Krippendorff's alpha-reliability" (2011): nominal alpha 0.743, ordinal 0.815."""


def shared(note_id: str, **said: Sequence[Span]) -> SharedNote:
    return SharedNote(note_id, TEXT, {name: tuple(spans) for name, spans in said.items()})


def coincidences(values_of_observers: Sequence[Sequence[int | None]], n_values: int) -> np.ndarray:
    """The coincidence matrix by its definition: every ordered pair within a unit of m values adds 1 / (m - 1)."""
    matrix = np.zeros((n_values, n_values))
    for unit in zip(*values_of_observers, strict=True):
        known = [value for value in unit if value is not None]
        for index, value in enumerate(known):
            for other in known[:index] + known[index + 1 :]:
                matrix[value, other] += 1 / (len(known) - 1)
    return matrix


def test_alpha_of_the_published_example_is_0_691() -> None:
    alpha = krippendorff_alphas(coincidences(KRIPPENDORFF_EXAMPLE, 5))
    assert float(alpha) == pytest.approx(0.691, abs=0.0005)


def test_alphas_of_four_observers_are_the_published_ones() -> None:
    table = coincidences(FOUR_OBSERVERS, 6)
    assert float(krippendorff_alphas(table)) == pytest.approx(0.743, abs=0.0005)
    assert float(ordinal_alphas(table)) == pytest.approx(0.815, abs=0.0005)


@given(st.lists(st.tuples(*[st.integers(0, 4) | st.none()] * 3), min_size=2, max_size=30))
@settings(max_examples=50)
def test_ordinal_alpha_is_that_of_nltk_with_the_ordinal_distance(units: list[tuple[int | None, ...]]) -> None:
    shared = [[value for value in unit if value is not None] for unit in units]
    values = [value for unit in shared if len(unit) > 1 for value in unit]
    if len(set(values)) < 2:
        return

    def distance(one: int, other: int) -> float:
        """Krippendorff's sum over the values from one to the other, by how often each was given."""
        low, high = sorted((one, other))
        ends = (values.count(low) + values.count(high)) / 2
        return float((sum(low <= value <= high for value in values) - ends) ** 2)

    triples = [(who, unit, value) for unit, said in enumerate(shared) for who, value in enumerate(said)]
    observers = list(zip(*units, strict=True))
    assert float(ordinal_alphas(coincidences(observers, 5))) == pytest.approx(AnnotationTask(triples, distance).alpha())


def test_kappa_of_fifty_proposals_read_by_two_readers_is_0_4() -> None:
    # Both yes 20, both no 15, yes/no 5, no/yes 10: observed 0.7, by chance 0.5.
    assert float(cohen_kappas(np.array([[20.0, 5.0], [10.0, 15.0]]))) == pytest.approx(0.4)


@given(st.lists(st.tuples(*[st.integers(0, 4)] * 3), min_size=2, max_size=30))
@settings(max_examples=50)
def test_kappa_and_alpha_are_those_of_scikit_learn_and_nltk(units: list[tuple[int, ...]]) -> None:
    one, other, _ = observers = list(zip(*units, strict=True))
    confusion = np.zeros((5, 5))
    np.add.at(confusion, (one, other), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns where kappa is not defined, and gives NaN
        expected = cohen_kappa_score(one, other)
    assert float(cohen_kappas(confusion)) == pytest.approx(expected, nan_ok=True)
    if len({value for unit in units for value in unit}) > 1:  # for a single value NLTK says 1, we say nothing
        triples = [(who, unit, value) for who, row in enumerate(observers) for unit, value in enumerate(row)]
        alpha = krippendorff_alphas(coincidences(observers, 5))
        assert float(alpha) == pytest.approx(AnnotationTask(triples).alpha())


def test_a_token_is_what_the_mention_around_it_is() -> None:
    values = token_values(TEXT, [WITH_DOSE, PENICILLIN, PNEUMONIA])
    m, a, d = (list(Label).index(label) + 1 for label in (MEDICATION, ALLERGY, DIAGNOSIS))
    assert values.tolist() == [0, m, m, m, 0, 0, 0, a, 0, 0, 0, d]


def test_the_figures_of_two_annotators_by_hand() -> None:
    agreement = measure_agreement([shared("n", ana=[WITH_DOSE, PENICILLIN], rui=[DRUG, PENICILLIN, PNEUMONIA])])
    (pair,) = agreement.pairs
    assert (agreement.notes, agreement.tokens, pair.annotators, pair.notes) == (1, 12, ("ana", "rui"), 1)
    # Exact: penicilina of five spans; relaxed the drug too, since 8 of 13 characters are more than half.
    assert pair.exact.all.value == pytest.approx(2 / 5)
    assert pair.relaxed.all.value == pytest.approx(4 / 5)
    assert pair.exact.per_label[MEDICATION].value == 0
    assert pair.relaxed.per_label[MEDICATION].value == 1
    assert pair.exact.per_label[DENIED].value is None
    # Medication, of 12 tokens: 1 both, 2 ana alone, 9 neither; observed 10/12, by chance (3*1 + 9*11)/144.
    assert pair.kappa.per_label[MEDICATION].value == pytest.approx((10 / 12 - 102 / 144) / (1 - 102 / 144))
    # Of 24 values 4 are medication: observed disagreement 2 * 2/24, by chance 2 * 4 * 20 / (24 * 23).
    assert agreement.alpha.per_label[MEDICATION].value == pytest.approx(1 - (4 / 24) / (160 / 552))
    assert pair.exact.all.interval is None  # one note says nothing of others


def test_a_third_annotator_counts_in_every_pair_and_in_alpha_by_units() -> None:
    agreement = measure_agreement(
        [
            shared("1", ana=[PENICILLIN], rui=[PENICILLIN], eva=[]),
            shared("2", ana=[PENICILLIN], rui=[PENICILLIN]),
        ]
    )
    assert [(pair.annotators, pair.notes) for pair in agreement.pairs] == [
        (("ana", "eva"), 1),
        (("ana", "rui"), 2),
        (("eva", "rui"), 1),
    ]
    assert agreement.annotators == {"ana": 2, "eva": 1, "rui": 2}
    assert [pair.exact.all.value for pair in agreement.pairs] == [0, 1, 0]
    # Two pairs of spans agree; ana and rui each have one that eva has not.
    assert agreement.exact.all.value == pytest.approx(2 * 2 / (2 * 2 + 2))
    rows = [[1] + [0] * 11 + [1] + [0] * 11, [1] + [0] * 11 + [1] + [0] * 11, [0] * 12 + [None] * 12]
    expected = float(krippendorff_alphas(coincidences(rows, 2)))
    assert agreement.alpha.all.value == pytest.approx(expected)


def test_perfect_agreement_is_one_and_has_no_spread() -> None:
    said = [WITH_DOSE, PENICILLIN, PNEUMONIA]
    agreement = measure_agreement([shared(str(number), ana=said, rui=said, eva=said) for number in range(3)])
    assert agreement.exact.all.value == agreement.relaxed.all.value == agreement.alpha.all.value == 1
    assert all(pair.kappa.all.value == 1 for pair in agreement.pairs)
    assert agreement.alpha.all.interval is None
    assert agreement.alpha.per_label[DENIED].value is None


def test_where_nobody_marks_anything_there_is_nothing_to_measure() -> None:
    agreement = measure_agreement([shared("1", ana=[], rui=[]), shared("2", ana=[], rui=[])])
    assert agreement.exact.all.value is None
    assert agreement.alpha.all.value is None
    assert agreement.pairs[0].kappa.all.value is None
    assert "-" in format_agreement(agreement)


def test_without_shared_notes_there_is_one_line_and_no_figure() -> None:
    agreement = measure_agreement([])
    assert to_json(agreement.alpha)["all"] == {"value": None, "interval": None}
    assert agreement.pairs == ()
    assert format_agreement(agreement) == "no note has been annotated by two people yet"


def test_intervals_hold_the_figure_follow_the_seed_and_narrow_with_more_notes() -> None:
    some = [
        shared(str(number), ana=[WITH_DOSE, PENICILLIN], rui=[DRUG if number % 3 else WITH_DOSE, PENICILLIN])
        for number in range(9)
    ]
    few, again, many = measure_agreement(some), measure_agreement(some), measure_agreement(some * 9)
    assert few == again
    for figures, wider in ((many.alpha, few.alpha), (many.pairs[0].kappa, few.pairs[0].kappa), (many.exact, few.exact)):
        narrow, wide = figures.all.interval, wider.all.interval
        assert narrow is not None
        assert wide is not None
        assert figures.all.value is not None
        assert narrow.low < figures.all.value < narrow.high
        assert narrow.high - narrow.low < wide.high - wide.low


def test_a_note_is_shared_once_two_people_have_a_word_that_stands(tmp_path: Path) -> None:
    store = Store.open(f"sqlite:///{tmp_path / 'ernotes.db'}")
    both, alone, withdrawn = notes = [Note("s", number, f"{TEXT} {number}", Role.TRAIN) for number in range(3)]
    for note in notes:
        store.notes.add(note)
        store.spans.add(note.id, Author(AuthorKind.HUMAN, "ana"), [DRUG])
    store.spans.add(both.id, Author(AuthorKind.HUMAN, "rui"), [])
    store.spans.add(alone.id, Author(AuthorKind.MODEL, "crf-1"), [DRUG])
    store.spans.add(withdrawn.id, Author(AuthorKind.HUMAN, "rui"), [])
    store.spans.add(withdrawn.id, Author(AuthorKind.HUMAN, "rui"), None)
    assert shared_notes(store) == [SharedNote(both.id, both.text, {"ana": (DRUG,), "rui": ()})]
    store.close()
