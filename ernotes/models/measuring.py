"""What `score` and `evaluate` say of predictions: the table, how sure it is, the errors, and what training knew."""

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.note import Role
from corpus.recognition import Annotated
from corpus.scoring.intervals import bootstrap_intervals, format_intervals
from corpus.scoring.leakage import find_leakage, format_leakage
from corpus.scoring.mistakes import count_mistakes, format_mistakes
from corpus.scoring.novelty import format_novelty, score_by_novelty, surfaces
from corpus.scoring.scores import DiagnosisRule, ScoredNote, cut_diagnoses, format_table, score_notes
from corpus.scoring.significance import compare_models, format_comparison
from corpus.store import Store
from ernotes.result import Result


def measure(notes: Sequence[ScoredNote], diagnosis: DiagnosisRule) -> Result:
    """The score document with intervals and errors, and the same as text."""
    kept = _cut(notes, diagnosis)
    score, intervals, mistakes = (
        score_notes(notes, diagnosis=diagnosis),
        bootstrap_intervals(kept),
        count_mistakes(kept),
    )
    text = [format_table(score), format_intervals(score, intervals), format_mistakes(mistakes)]
    if not score.exact.micro.support:
        text.append("there is no gold mention in these notes: their figures say nothing about what the model misses")
    return Result(
        score.to_json() | {"intervals": intervals.to_json(), "errors": mistakes.to_json()},
        "\n".join(text),
    )


def measure_against(
    notes: Sequence[ScoredNote], others: Sequence[ScoredNote], diagnosis: DiagnosisRule, against: str
) -> Result:
    """The verdict on the predictions against another's on the same notes, in the same order: key `comparison`."""
    comparison = compare_models(_cut(notes, diagnosis), _cut(others, diagnosis))
    document = {"comparison": {"against": against, **comparison.to_json()}}
    return Result(document, format_comparison(comparison, against))


def measure_training(
    store: Store,
    notes: Sequence[Annotated],
    scored: Sequence[ScoredNote],
    trained_on: Sequence[str],
    diagnosis: DiagnosisRule,
) -> Result:
    """What a model's training notes and the exemplars knew of the notes: keys `seen`, `unseen` and `leakage`.

    Where an LLM was shown some of the notes as exemplars, `exemplars_scored` names them, whatever was trained on.
    """
    trained, exemplars, examples = known_notes(store, set(trained_on))
    texts: Mapping[int | str, str] = {note.id: note.text for note in notes}
    seen, unseen = score_by_novelty(_cut(scored, diagnosis), texts, surfaces(trained))
    leakage = find_leakage(notes, trained, exemplars, examples)
    document: dict[str, Any] = {"seen": seen.to_json(), "unseen": unseen.to_json(), "leakage": leakage.to_json()}
    text = f"{format_novelty(seen, unseen)}\n{format_leakage(leakage)}"
    if both := sorted(map(str, _shown_to_an_llm(store) & texts.keys())):
        document["exemplars_scored"] = both
        text += f"\n{len(both)} of these notes were exemplars too: the LLM that wrote notes here was shown them"
    return Result(document, text)


def join_results(results: Sequence[Result]) -> Result:
    """The documents as one, and the texts below one another."""
    document: dict[str, Any] = {}
    for result in results:
        document |= result.document
    return Result(document, "\n".join(result.text for result in results))


def _cut(notes: Sequence[ScoredNote], diagnosis: DiagnosisRule) -> list[ScoredNote]:
    return [cut_diagnoses(note, diagnosis) for note in notes]


def _shown_to_an_llm(store: Store) -> set[int | str]:
    return {shown for note in store.notes.by_role() for shown in note.provenance.get("exemplars", ())}


def known_notes(
    store: Store, trained_on: set[str]
) -> tuple[list[Annotated], list[Annotated], dict[str, Sequence[str]]]:
    """The training notes, the exemplars, and by training note the ids of those that the LLM was shown for it."""
    gold = store.spans.gold(Role.TRAIN, Role.EXEMPLAR, silver=True)
    trained, exemplars, examples = [], [], {}
    for note in store.notes.by_role(Role.TRAIN, Role.EXEMPLAR):
        spans = gold[note.id].spans if note.id in gold else None
        annotated = Annotated(note.id, note.text, spans or ())
        if note.role is Role.EXEMPLAR:
            exemplars.append(annotated)
        if note.id in trained_on:
            trained.append(annotated)
            examples[note.id] = note.provenance.get("exemplars", ())
    return trained, exemplars, examples
