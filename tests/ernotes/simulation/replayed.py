"""A small simulation for tests; its learner finds again the mentions that it was shown, word for word."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from corpus.config.settings import SelectionConfig
from corpus.labels import Label
from corpus.note import Span
from corpus.recognition import Annotated, Recogniser, Recognition, Uncertainty
from ernotes.simulation.plan import Fold, Plan, due_steps, split_notes
from ernotes.simulation.processes import play_all
from ernotes.simulation.replay import Player, Round, Step
from tests.made_up import annotated


@dataclass(frozen=True)
class Memory:
    """What was learnt: wordings with their labels."""

    wordings: frozenset[tuple[str, Label]]
    version: str = "memory"

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        for text in texts:
            found = [
                Span(text.index(wording), text.index(wording) + len(wording), label, 0.9)
                for wording, label in self.wordings
                if wording in text
            ]
            spans = tuple(sorted(found, key=lambda span: span.place))
            words = len(text.split())
            yield Recognition(spans, Uncertainty(words, 1.0 * words, 1.0, -1.0 * words))


def memorise(notes: Sequence[Annotated]) -> Recogniser:
    """The learner."""
    return Memory(frozenset((note.text[span.start : span.end], span.label) for note in notes for span in note.spans))


DRUGS = ("Ramipril", "Digoxina", "Sertralina", "Metformina")
WORDS = ("domicílio", "lar", "rua", "centro", "hospital", "escola")
NOTES = [
    annotated(f"n{number}", f"Vem de {word} {number}, onde {word} mora, e toma [M|{DRUGS[number % 4]}] desde {number}.")
    for number, word in enumerate(WORDS * 2)
]
CORPUS = {note.id: note for note in NOTES}
LINEAGES = {note.id: note.id for note in NOTES}
PLAN = Plan(("random", "least-confidence"), seeds=2, folds=3, start=2, batch=3)


def split(plan: Plan = PLAN, scored_on: list[Annotated] | None = None) -> dict[int, list[Fold]]:
    return split_notes(NOTES, LINEAGES, scored_on or [], plan)


def played(plan: Plan = PLAN, folds: dict[int, list[Fold]] | None = None) -> tuple[list[Step], list[Round]]:
    """Every step that was due, and its round."""
    folds = folds or split(plan)
    rounds: list[Round] = []
    steps: list[Step] = []
    player = Player(CORPUS, memorise, plan.batch, SelectionConfig())

    def due() -> Iterator[Step]:
        for step in due_steps(plan, folds, rounds):
            steps.append(step)
            yield step

    play_all(due, player, rounds.append, 1)
    return steps, rounds
