import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.mistakes import Outcome, compare_spans, count_mistakes
from corpus.scoring.scores import ScoredNote, score_notes
from tests.corpus.scoring.scored import scored_notes, shuffled

MED, DIA, YES, NO = Label.MEDICATION, Label.DIAGNOSIS, Label.ALLERGY, Label.NO_ALLERGY


@pytest.mark.parametrize(
    ("gold", "predicted", "outcome"),
    [
        (Span(10, 20, MED), Span(10, 20, MED, 0.3), Outcome.CORRECT),
        (Span(10, 20, MED), Span(10, 15, MED), Outcome.BOUNDARY),
        (Span(10, 20, MED), Span(19, 40, MED), Outcome.BOUNDARY),
        (Span(10, 20, NO), Span(10, 20, YES), Outcome.POLARITY_FLIP),
        (Span(10, 20, YES), Span(10, 30, NO), Outcome.POLARITY_FLIP),
        (Span(10, 20, MED), Span(10, 20, DIA), Outcome.WRONG_LABEL),
        (Span(10, 20, MED), Span(5, 20, YES), Outcome.WRONG_LABEL),
    ],
)
def test_a_pair_is_one_mention(gold: Span, predicted: Span, outcome: Outcome) -> None:
    (mention,) = compare_spans([gold], [predicted])
    assert (mention.outcome, mention.gold, mention.predicted) == (outcome, gold, predicted)
    assert mention.label is gold.label


@pytest.mark.parametrize(
    ("gold", "predicted"),
    [
        (Span(10, 20, MED), Span(20, 30, MED)),  # no character in common
        (Span(10, 20, NO), Span(10, 31, YES)),  # less than half in common, and the label differs
        (Span(10, 20, MED), Span(10, 31, DIA)),
    ],
)
def test_spans_with_too_little_in_common_are_a_missed_and_a_spurious_one(gold: Span, predicted: Span) -> None:
    assert {mention.outcome for mention in compare_spans([gold], [predicted])} == {Outcome.MISSED, Outcome.SPURIOUS}


def test_a_pair_that_the_score_makes_goes_before_one_that_shares_less() -> None:
    gold = [Span(0, 10, NO)]
    mentions = compare_spans(gold, [Span(0, 10, YES), Span(0, 4, NO)])
    assert [mention.outcome for mention in mentions] == [Outcome.POLARITY_FLIP, Outcome.SPURIOUS]


def test_errors_are_counted_under_the_label_in_gold_and_the_two_ways_to_flip_are_told_apart() -> None:
    notes = [
        ScoredNote(1, [Span(0, 9, NO), Span(20, 29, MED)], [Span(0, 9, YES), Span(20, 29, MED), Span(30, 35, MED)]),
        ScoredNote(2, [Span(0, 9, YES), Span(20, 29, MED)], [Span(0, 9, NO), Span(20, 29, DIA)]),
        ScoredNote(3, [Span(0, 9, NO), Span(20, 29, DIA)], [Span(0, 9, YES), Span(20, 27, DIA)]),
    ]
    mistakes = count_mistakes(notes)
    assert (mistakes.denials_called_allergies, mistakes.allergies_called_denials) == (2, 1)
    document = mistakes.to_json()
    none = dict.fromkeys(("correct", "polarity_flip", "missed", "spurious", "boundary", "wrong_label"), 0)
    assert json.loads(json.dumps(document)) == document == {
        **none, "correct": 1, "polarity_flip": 3, "spurious": 1, "boundary": 1, "wrong_label": 1,
        "per_label": {
            "Diagnóstico": {**none, "boundary": 1},
            "Medicação Habitual": {**none, "correct": 1, "spurious": 1, "wrong_label": 1},
            "Alergias medicamentosas__Positiva": {**none, "polarity_flip": 1},
            "Alergias medicamentosas__Negativa": {**none, "polarity_flip": 2},
        },
    }  # fmt: skip


@given(scored_notes, st.integers(0, 1000))
def test_no_order_of_notes_or_spans_changes_the_counts(notes: list[ScoredNote], seed: int) -> None:
    assert count_mistakes(notes) == count_mistakes(shuffled(notes, seed))


@given(scored_notes)
def test_each_span_is_in_one_mention_and_those_that_are_right_are_the_scores(notes: list[ScoredNote]) -> None:
    for note in notes:
        mentions = compare_spans(note.gold, note.predicted)
        for given_spans, shown in (
            (note.gold, [mention.gold for mention in mentions if mention.gold]),
            (note.predicted, [mention.predicted for mention in mentions if mention.predicted]),
        ):
            assert sorted(span.place for span in given_spans) == sorted(span.place for span in shown)
    mistakes, exact = count_mistakes(notes), score_notes(notes, diagnosis="all").exact
    assert {label: row[Outcome.CORRECT] for label, row in mistakes.counts.items()} == {
        label: counts.tp for label, counts in exact.per_label.items()
    }
