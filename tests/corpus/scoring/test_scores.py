import json
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nervaluate import Evaluator
from seqeval.metrics import f1_score, precision_score, recall_score

from corpus.errors import FormatError
from corpus.formats import FileNote, read_notes_file
from corpus.labels import TAGS, Label
from corpus.note import Span
from corpus.scoring.scores import (
    DiagnosisRule,
    ScoredNote,
    join_notes,
    keep_most_confident_diagnosis,
    score_notes,
)
from corpus.tags import encode_tags

MED, DIA, YES, NO = Label.MEDICATION, Label.DIAGNOSIS, Label.ALLERGY, Label.NO_ALLERGY


def scored(gold: list[Span], predicted: list[Span]) -> list[ScoredNote]:
    return [ScoredNote("n", gold, predicted)]


# Of three drugs one is found exactly, one with half its characters, one not at all; one drug is invented; the denied
# allergy is found as an affirmed one; of two diagnoses the wrong one is the surer.
GOLD = [Span(0, 10, MED), Span(20, 30, MED), Span(40, 50, MED), Span(60, 70, NO), Span(80, 90, DIA)]
PREDICTED = [
    Span(0, 10, MED, 0.9),
    Span(25, 30, MED, 0.6),
    Span(100, 110, MED, 0.3),
    Span(60, 70, YES, 0.8),
    Span(80, 90, DIA, 0.4),
    Span(95, 99, DIA, 0.7),
]


def test_the_score_document_of_a_note_worked_out_by_hand() -> None:
    none = {"precision": 0.0, "recall": 0.0, "f1": 0.0, "tp": 0}
    allergies = {
        "Alergias medicamentosas__Positiva": {**none, "support": 0, "fp": 1, "fn": 0, "confidence": 0.8},
        "Alergias medicamentosas__Negativa": {**none, "support": 1, "fp": 0, "fn": 1, "confidence": None},
    }
    diagnosis = {**none, "support": 1, "fp": 1, "fn": 1, "confidence": 0.7}
    third, confidence = 1 / 3, pytest.approx((0.9 + 0.6 + 0.3 + 0.8 + 0.7) / 5)
    exact_drugs = {"precision": third, "recall": third, "f1": third, "support": 3, "tp": 1, "fp": 2, "fn": 2}
    relaxed_drugs = {"precision": 2 / 3, "recall": 2 / 3, "f1": 2 / 3, "support": 3, "tp": 2, "fp": 1, "fn": 1}
    drug_confidence = {"confidence": pytest.approx(0.6)}
    assert score_notes(scored(GOLD, PREDICTED)).to_json() == {
        "exact": {
            "per_label": {
                "Diagnóstico": diagnosis,
                "Medicação Habitual": exact_drugs | drug_confidence,
                **allergies,
            },
            "micro": {
                "precision": 0.2, "recall": 0.2, "f1": 0.2, "support": 5, "tp": 1, "fp": 4, "fn": 4,
                "confidence": confidence,
            },
            "macro": {"precision": third / 4, "recall": third / 4, "f1": third / 4, "support": 5},
        },
        "relaxed": {
            "per_label": {
                "Diagnóstico": diagnosis,
                "Medicação Habitual": relaxed_drugs | drug_confidence,
                **allergies,
            },
            "micro": {
                "precision": 0.4, "recall": 0.4, "f1": 0.4, "support": 5, "tp": 2, "fp": 3, "fn": 3,
                "confidence": confidence,
            },
            "macro": {
                "precision": pytest.approx(1 / 6), "recall": pytest.approx(1 / 6), "f1": pytest.approx(1 / 6),
                "support": 5,
            },
        },
        "relaxed_iou": 0.5,
        "diagnosis": "top1",
        "notes": 1,
        "diagnoses_cut": 1,
    }  # fmt: skip


def test_a_wrong_polarity_is_wrong_for_both_labels() -> None:
    table = score_notes(scored([Span(0, 9, NO)], [Span(0, 9, YES)])).relaxed
    assert (table.per_label[YES].fp, table.per_label[NO].fn, table.micro.tp) == (1, 1, 0)


def test_a_prediction_of_the_wrong_polarity_takes_its_gold_from_a_worse_one() -> None:
    gold = [Span(0, 10, NO)]
    table = score_notes(scored(gold, [Span(0, 10, YES), Span(0, 6, NO)])).relaxed
    assert (table.per_label[YES].fp, table.per_label[NO].fp, table.per_label[NO].fn) == (1, 1, 1)


def test_one_gold_span_is_found_once() -> None:
    table = score_notes(scored([Span(0, 10, MED)], [Span(0, 10, MED), Span(0, 10, MED), Span(0, 9, MED)])).relaxed
    assert (table.micro.tp, table.micro.fp, table.micro.fn) == (1, 2, 0)


@pytest.mark.parametrize(
    ("confidences", "kept"),
    [((0.2, 0.9, 0.5), 1), ((0.5, 0.5, 0.5), 0), ((None, None, None), 0), ((None, 0.0, None), 1), ((0.1, 0.7, 0.7), 1)],
)
def test_the_most_confident_diagnosis_counts_and_the_first_in_the_text_among_equals(
    confidences: tuple[float | None, ...], kept: int
) -> None:
    predicted = [Span(10 * index, 10 * index + 5, DIA, value) for index, value in enumerate(confidences)]
    score = score_notes(scored([Span(10 * kept, 10 * kept + 5, DIA)], predicted[::-1]))
    assert (score.exact.micro.tp, score.exact.micro.fp, score.diagnoses_cut) == (1, 0, 2)


def test_cutting_diagnoses_keeps_the_order_and_every_other_span() -> None:
    sure = Span(10, 15, DIA, 0.9)
    predicted = [Span(30, 35, MED), Span(20, 25, DIA, 0.2), sure, Span(0, 5, NO), sure]
    assert keep_most_confident_diagnosis(predicted) == [predicted[0], predicted[2], predicted[3]]
    assert keep_most_confident_diagnosis([]) == []


def test_all_keeps_every_diagnosis() -> None:
    predicted = [Span(0, 5, DIA, 0.2), Span(10, 15, DIA, 0.9)]
    score = score_notes(scored([Span(0, 5, DIA)], predicted), diagnosis="all")
    assert (score.exact.micro.tp, score.exact.micro.fp, score.diagnoses_cut) == (1, 1, 0)


def test_gold_is_never_cut_to_one_diagnosis() -> None:
    gold = [Span(0, 5, DIA), Span(10, 15, DIA)]
    assert score_notes(scored(gold, gold)).exact.micro.fn == 1


def test_macro_is_the_mean_over_the_labels_that_occur() -> None:
    gold = [Span(0, 5, MED), Span(10, 15, NO)]
    assert score_notes(scored(gold, gold[:1])).exact.macro.f1 == 0.5
    assert score_notes(scored(gold[:1], gold[:1])).exact.macro.f1 == 1.0


def test_the_score_of_nothing_is_nought() -> None:
    score = score_notes([])
    assert (score.exact.macro.f1, score.relaxed.micro.precision, score.notes) == (0.0, 0.0, 0)


@pytest.mark.parametrize("relaxed_iou", [0.0, -0.5, 1.5])
def test_a_threshold_that_is_no_share_is_refused(relaxed_iou: float) -> None:
    with pytest.raises(ValueError, match="relaxed_iou"):
        score_notes([], relaxed_iou=relaxed_iou)


def test_notes_are_joined_by_doc_id_and_a_note_without_prediction_found_nothing() -> None:
    gold = [FileNote(1, "dor", (Span(0, 3, DIA),)), FileNote("1", "tosse", (Span(0, 5, DIA),))]
    joined = join_notes(gold, [FileNote("1", "tosse", (Span(0, 2, DIA),))])
    assert joined == [ScoredNote(1, (Span(0, 3, DIA),), ()), ScoredNote("1", (Span(0, 5, DIA),), (Span(0, 2, DIA),))]


def test_a_pair_whose_texts_differ_is_named_without_its_words() -> None:
    with pytest.raises(FormatError, match="note 4 has another text") as caught:
        join_notes([FileNote(4, "dor\r\n")], [FileNote(4, "dor\n")])
    assert "dor" not in str(caught.value)


def test_a_predicted_note_without_gold_is_named() -> None:
    with pytest.raises(FormatError, match="note 'x' is predicted but not in gold"):
        join_notes([], [FileNote("x", "dor")])


@st.composite
def separate_spans(draw: st.DrawFn) -> list[Span]:
    """Spans that do not overlap."""
    spans, position = [], 0
    for gap, length, label in draw(
        st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5), st.sampled_from(Label)), max_size=10)
    ):
        spans.append(Span(position + gap, position + gap + length, label))
        position += gap + length
    return spans


@given(st.lists(st.tuples(separate_spans(), separate_spans()), min_size=1, max_size=4), st.data())
def test_exact_scores_agree_with_seqeval(cases: list[tuple[list[Span], list[Span]]], data: st.DataObject) -> None:
    # Part of the gold goes among the predictions, or hardly any random pair would match.
    notes = []
    for index, (gold, others) in enumerate(cases):
        hits = [span for span in gold if data.draw(st.booleans())]
        others = [span for span in others if all(span.end <= hit.start or hit.end <= span.start for hit in hits)]
        notes.append(ScoredNote(index, gold, hits + others))
    micro = score_notes(notes, diagnosis="all").exact.micro
    characters = [(start, start + 1) for start in range(120)]
    gold_tags, predicted_tags = (
        [[TAGS[tag] for tag in encode_tags(characters, spans)] for spans in side]
        for side in ([note.gold for note in notes], [note.predicted for note in notes])
    )
    expected = [
        metric(gold_tags, predicted_tags, zero_division=0) for metric in (precision_score, recall_score, f1_score)
    ]
    assert [micro.precision, micro.recall, micro.f1] == pytest.approx(expected)


# At most one predicted span touches a gold one: nervaluate takes the first that does,
# so that with two its result would depend on their order.
FATES = st.sampled_from(["found", "missed", "shortened", "mislabelled"])


@given(separate_spans(), st.lists(FATES, min_size=10, max_size=10), st.integers(0, 3))
def test_exact_scores_agree_with_nervaluate(gold: list[Span], fates: list[str], extra: int) -> None:
    predicted = [Span(1000 + 10 * index, 1005 + 10 * index, MED) for index in range(extra)]
    for span, fate in zip(gold, fates, strict=False):
        if fate == "found":
            predicted.append(span)
        elif fate == "mislabelled":
            predicted.append(Span(span.start, span.end, MED if span.label is not MED else DIA))
        elif fate == "shortened" and span.end - span.start > 1:
            predicted.append(Span(span.start + 1, span.end, span.label))
    as_dicts = [  # nervaluate's ends are inclusive
        [{"label": str(span.label), "start": span.start, "end": span.end - 1} for span in side]
        for side in (gold, predicted)
    ]
    theirs = Evaluator([as_dicts[0]], [as_dicts[1]], tags=[str(label) for label in Label], loader="dict").evaluate()
    ours = score_notes(scored(gold, predicted), diagnosis="all").exact
    overall = theirs["overall"]["strict"]
    assert (ours.micro.tp, ours.micro.support) == (overall.correct, overall.possible)
    assert (ours.micro.precision, ours.micro.recall) == pytest.approx((overall.precision, overall.recall))


overlapping_spans = st.lists(
    st.builds(
        lambda start, length, label, confidence: Span(start, start + length, label, confidence),
        st.integers(0, 30),
        st.integers(1, 12),
        st.sampled_from(Label),
        st.none() | st.floats(0, 1),
    ),
    max_size=10,
)


@given(
    st.lists(st.tuples(overlapping_spans, overlapping_spans), max_size=3),
    st.sampled_from(["top1", "all"]),
    st.integers(0, 1000),
)
def test_no_order_of_spans_or_notes_changes_the_score(
    cases: list[tuple[list[Span], list[Span]]], diagnosis: DiagnosisRule, seed: int
) -> None:
    rng = random.Random(seed)
    notes = [ScoredNote(index, *case) for index, case in enumerate(cases)]
    shuffled = [
        ScoredNote(note.id, rng.sample(note.gold, len(note.gold)), rng.sample(note.predicted, len(note.predicted)))
        for note in rng.sample(notes, len(notes))
    ]
    assert score_notes(notes, diagnosis=diagnosis) == score_notes(shuffled, diagnosis=diagnosis)


@given(st.lists(st.tuples(overlapping_spans, overlapping_spans), max_size=3))
def test_every_span_is_counted_once(cases: list[tuple[list[Span], list[Span]]]) -> None:
    score = score_notes([ScoredNote(0, *case) for case in cases], diagnosis="all")
    for table in (score.exact, score.relaxed):
        assert table.micro.tp + table.micro.fn == sum(len(gold) for gold, _ in cases)
        assert table.micro.tp + table.micro.fp == sum(len(predicted) for _, predicted in cases)
    assert score.exact.micro.tp <= score.relaxed.micro.tp


@pytest.mark.slow
def test_a_hundred_thousand_spans_of_one_note_are_scored_within_the_tests_time_out() -> None:
    spans = [Span(10 * index, 10 * index + 8, MED) for index in range(100_000)]
    assert score_notes(scored(spans, spans)).relaxed.micro.f1 == 1.0


def test_gold_against_itself_is_perfect_on_er_ner(er_ner_dir: Path) -> None:
    notes = read_notes_file(er_ner_dir / "val.json").notes
    score = score_notes(join_notes(notes, notes), diagnosis="all")
    assert (score.exact.micro.f1, score.exact.macro.f1, score.notes) == (1.0, 1.0, 28)
    assert json.loads(json.dumps(score.to_json())) == score.to_json()
