from hypothesis import given

from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.scoring.novelty import score_by_novelty, surfaces
from corpus.scoring.scores import ScoredNote, score_notes
from tests.corpus.scoring.scored import scored_notes

MED, DIA = Label.MEDICATION, Label.DIAGNOSIS
#                          0         1         2
#                          012345678901234567890123456
TRAINING = Annotated("t", "Ácido  fólico, gripe, AAS", (Span(0, 13, MED), Span(15, 20, DIA)))
#          0         1         2         3
#          0123456789012345678901234567890123456
TEXT = "ACIDO FOLICO; gripe; varfarina; aas"
FOLIC, FLU, WARFARIN, ASPIRIN = Span(0, 12, MED), Span(14, 19, MED), Span(21, 30, MED), Span(32, 35, MED)


def test_a_mention_is_seen_with_its_label_and_in_any_case_accent_or_space() -> None:
    assert surfaces([TRAINING]) == {(MED, "acido folico"), (DIA, "gripe")}


def test_seen_and_unseen_mentions_are_scored_apart() -> None:
    # Seen: the folic acid, found. Unseen: as a drug, the flu (invented), warfarin (found) and aspirin (missed).
    note = ScoredNote("n", [FOLIC, WARFARIN, ASPIRIN], [FOLIC, FLU, WARFARIN])
    seen, unseen = score_by_novelty([note], {"n": TEXT}, surfaces([TRAINING]))
    assert (seen.micro.tp, seen.micro.fp, seen.micro.fn) == (1, 0, 0)
    assert (unseen.micro.tp, unseen.micro.fp, unseen.micro.fn) == (1, 1, 1)


@given(scored_notes)
def test_the_two_tables_add_up_to_the_exact_one(notes: list[ScoredNote]) -> None:
    text = "ab " * 20
    seen = surfaces([Annotated("t", text, tuple(span for note in notes[:1] for span in note.gold))])
    parts = score_by_novelty(notes, {note.id: text for note in notes}, seen)
    whole = score_notes(notes, diagnosis="all").exact
    for label, counts in whole.per_label.items():
        added = [sum(getattr(part.per_label[label], name) for part in parts) for name in ("tp", "fp", "fn")]
        assert added == [counts.tp, counts.fp, counts.fn]
