"""The lines that tell of scores."""

from corpus.labels import Label
from corpus.note import Span
from corpus.scoring.intervals import bootstrap_intervals
from corpus.scoring.leakage import find_leakage
from corpus.scoring.mistakes import count_mistakes
from corpus.scoring.novelty import score_by_novelty, surfaces
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.scoring.significance import Comparison, Difference, compare_models
from ernotes.cli.told.scores import (
    tell_difference,
    tell_intervals,
    tell_leakage,
    tell_mistakes,
    tell_novelty,
    tell_table,
)
from tests.corpus.scoring.test_intervals import HALF, HIT, MISS
from tests.corpus.scoring.test_leakage import OTHER, TESTED, TRAINED
from tests.corpus.scoring.test_novelty import ASPIRIN, FLU, FOLIC, TEXT, TRAINING, WARFARIN
from tests.corpus.scoring.test_scores import GOLD, PREDICTED, scored
from tests.corpus.scoring.test_significance import notes_with

MED, DIA, YES, NO = Label.MEDICATION, Label.DIAGNOSIS, Label.ALLERGY, Label.NO_ALLERGY


def test_the_table_names_every_label_and_its_columns_line_up() -> None:
    lines = tell_table(score_notes(scored(GOLD, PREDICTED))).splitlines()
    assert lines[3] == (
        "Medicação Habitual                       3   0.333  0.333  0.333    0.667  0.667  0.667       0.600"
    )
    assert [line.split("  ")[0] for line in lines[2:8]] == [*Label, "micro", "macro"]
    assert {len(line) for line in lines[1:7]} == {len(lines[3])}
    assert lines[5].endswith(" -")
    assert lines[8] == "1 notes; the most confident Diagnóstico of each note counts (1 predictions cut)"


def test_the_lines_name_every_row_and_fit_a_terminal() -> None:
    notes = [HIT, MISS, HALF]
    lines = tell_intervals(score_notes(notes), bootstrap_intervals(notes)).splitlines()
    assert [line.split("  ")[0] for line in lines[1:]] == [*Label, "micro", "macro"]
    assert lines[1] == "Diagnóstico                        0.000 -                  0.000 -"
    assert lines[5] == "micro                              0.400 [0.000, 1.000]     0.800 [0.000, 1.000]"
    assert max(map(len, lines)) <= 100


def test_the_two_ways_to_flip_a_polarity_are_told_apart() -> None:
    notes = [
        ScoredNote(1, [Span(0, 9, NO), Span(20, 29, MED)], [Span(0, 9, YES), Span(20, 29, MED), Span(30, 35, MED)]),
        ScoredNote(2, [Span(0, 9, YES), Span(20, 29, MED)], [Span(0, 9, NO), Span(20, 29, DIA)]),
        ScoredNote(3, [Span(0, 9, NO), Span(20, 29, DIA)], [Span(0, 9, YES), Span(20, 27, DIA)]),
    ]
    assert tell_mistakes(count_mistakes(notes)).splitlines() == [
        "polarity flips: 3 (2 denied allergies called allergies, 1 allergies called denied)",
        "other errors: 0 missed, 1 spurious, 1 boundary, 1 wrong label",
    ]


def test_seen_and_unseen_mentions_stand_in_one_line() -> None:
    note = ScoredNote("n", [FOLIC, WARFARIN, ASPIRIN], [FOLIC, FLU, WARFARIN])
    assert tell_novelty(*score_by_novelty([note], {"n": TEXT}, surfaces([TRAINING]))) == (
        "exact micro F1 of mentions seen in training and not: 1.000 on 1 seen, 0.500 on 2 unseen"
    )
    assert tell_novelty(*score_by_novelty([], {}, frozenset())).endswith("not: - on 0 seen, - on 0 unseen")


def test_leakage_is_told_with_the_note_of_the_largest_share() -> None:
    assert tell_leakage(find_leakage([OTHER, TESTED], [TRAINED])).splitlines() == [
        "leakage from 1 training notes and exemplars: 30% of a note's 8-grams (at most 60%, note test)",
        "  1 of 2 mentions known, 1 near-duplicate pairs, 0 training notes written after scored notes",
    ]
    assert tell_leakage(find_leakage([], [])).splitlines()[0] == (
        "leakage from 0 training notes and exemplars: 0% of a note's 8-grams"
    )


def test_the_lines_say_the_verdict_and_what_could_have_been_shown() -> None:
    found = compare_models(notes_with(*[2] * 12), notes_with(*[1] * 11, 0), seed=4)
    lines = tell_difference(found, "crf-0123456789").splitlines()
    assert lines[0] == "better than crf-0123456789"
    assert lines[1].startswith("  exact micro F1 +0.371 [+0.")
    assert "these 12 notes could show (80 % power): micro 0." in lines[3]
    assert max(map(len, lines)) <= 100


def test_the_lines_of_an_indistinguishable_pair_claim_nothing() -> None:
    same = Difference(0.0, None, 1.0, None)
    assert tell_difference(Comparison(same, same, 3, 10, 10, 0), "x").splitlines() == [
        "indistinguishable from x",
        "  exact micro F1 +0.000, p = 1.0000: indistinguishable",
        "  exact macro F1 +0.000, p = 1.0000: indistinguishable",
        "  smallest difference that these 3 notes could show (80 % power): unknown",
    ]
