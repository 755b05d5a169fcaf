"""One round of a replay: learn from the notes corrected so far, score the model, choose the next notes, correct them.

The annotator is an oracle: what a correction comes to is the gold, and what it takes is counted against the spans that
the model of this very round would have shown.
"""

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from annotation.corrections import work_of
from annotation.selection import Allowance, select
from annotation.selection.candidates import Candidate
from corpus.config.knobs import overridden
from corpus.config.settings import SelectionConfig
from corpus.config.strategy import Strategy
from corpus.config.training import CrfConfig
from corpus.note import Span
from corpus.recognition import Annotated, Recogniser
from corpus.scoring.scores import ScoredNote, score_notes
from corpus.text.similarity import split_words
from inference.crf.spelling import VIEWS
from inference.load import load_recogniser
from training.crf.train import train_crf

FULL = "full"
"""What stands in place of a strategy's name where a model learns from the whole pool at once."""

Learner = Callable[[Sequence[Annotated]], Recogniser]
"""Annotated notes in, a recogniser that learnt from them out; the same notes give the same recogniser."""


LIGHT = frozenset({"w", "w-1", "w+1", "t", "use", "item", "cues", "place", "kinds"})
"""The views of the embedded recogniser that learn in half the time and nearly as well (benchmarks/LOG.md)."""


@dataclass(frozen=True, slots=True)
class CrfLearner:
    """The embedded recogniser of a configuration; a `light` one sees less of a word."""

    config: CrfConfig
    light: bool = False

    def __call__(self, notes: Sequence[Annotated]) -> Recogniser:
        """The recogniser; the files of its training are gone."""
        with tempfile.TemporaryDirectory() as place:
            views = [view for view in VIEWS if view.name in LIGHT or not self.light]
            trained = train_crf(notes, [], Path(place) / "model", self.config, 0, lambda _: None, views=views)
            return load_recogniser(trained.folder)


@dataclass(frozen=True, slots=True)
class Cost:
    """What it took to annotate some notes: `words` is what there was to read, `actions` what was put right."""

    notes: int = 0
    words: int = 0
    mentions: int = 0
    actions: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            self.notes + other.notes,
            self.words + other.words,
            self.mentions + other.mentions,
            self.actions + other.actions,
        )


@dataclass(frozen=True, slots=True)
class Step:
    """A round to be played: the ids of the notes learnt from, of those left to choose from, and of those scored.

    `strategy` is FULL where nothing is to be chosen. `number` counts the rounds from 0, the start notes alone.
    """

    strategy: str
    seed: int
    fold: int
    number: int
    learnt: tuple[str, ...]
    left: tuple[str, ...]
    held_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """A round that was played. `tally` is of the notes held out: exact true and false positives, false negatives.

    `chosen` are the notes to learn from next, empty where none was left, and `cost` is what correcting them takes.
    """

    strategy: str
    seed: int
    fold: int
    number: int
    learnt: int
    tally: tuple[int, int, int]
    chosen: tuple[str, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Player:
    """Plays rounds: `batch` notes are chosen in each, as `selection` says but for the strategy, which is the step's."""

    corpus: Mapping[str, Annotated]
    learner: Learner
    batch: int
    selection: SelectionConfig

    def play(self, step: Step) -> Round:
        """The step's round: a model trained on what was learnt, and what comes of it."""
        # The same notes give the same model, in whatever order they were chosen.
        learnt = self._notes(sorted(step.learnt))
        recogniser = self.learner(learnt)
        held_out = self._notes(step.held_out)
        found = recogniser.recognise(note.text for note in held_out)
        pairs = zip(held_out, found, strict=True)
        micro = score_notes(ScoredNote(note.id, note.spans, said.spans) for note, said in pairs).exact.micro
        chosen = self._choose(step, learnt, recogniser)
        cost = sum((cost_of(self.corpus[note_id], shown) for note_id, shown in chosen.items()), Cost())
        tally = (micro.tp, micro.fp, micro.fn)
        return Round(step.strategy, step.seed, step.fold, step.number, len(learnt), tally, tuple(chosen), cost)

    def _choose(self, step: Step, learnt: Sequence[Annotated], recogniser: Recogniser) -> dict[str, tuple[Span, ...]]:
        """The notes to be corrected next, by id, with what the model would show in them."""
        if step.strategy == FULL or not step.left:
            return {}
        draw = random.Random(f"{step.seed} {step.fold} {step.number}")
        if step.strategy == Strategy.RANDOM:  # needs no reading of the pool
            notes = self._notes(draw.sample(sorted(step.left), min(self.batch, len(step.left))))
            found = recogniser.recognise(note.text for note in notes)
            return {note.id: recognition.spans for note, recognition in zip(notes, found, strict=True)}
        strategy = Strategy(step.strategy)
        committee: list[Recogniser] = []
        if strategy is Strategy.DISAGREEMENT:  # bagging, since a crf's seed changes nothing (Breiman 1996)
            drawn = [draw.choices(learnt, k=len(learnt)) for _ in range(self.selection.committee - 1)]
            committee = [self.learner(notes) for notes in drawn]
        candidates = {one.id: one for one in _candidates(self._notes(step.left), recogniser, committee)}
        config = overridden(self.selection, "selection", strategy=strategy)
        budget, known = Allowance(self.batch, "notes"), [note.text for note in learnt]
        selected = select(list(candidates.values()), budget, config, draw.getrandbits(32), known=known)
        return {note_id: candidates[note_id].spans for note_id in selected.ids}

    def _notes(self, ids: Iterable[str]) -> list[Annotated]:
        return [self.corpus[note_id] for note_id in ids]


def cost_of(note: Annotated, shown: Sequence[Span] | None) -> Cost:
    """What correcting a note takes; `shown` is None for an empty page."""
    work = work_of(note.spans, shown)
    return Cost(1, len(split_words(note.text)), work.mentions, work.effort)


def _candidates(
    notes: Sequence[Annotated], recogniser: Recogniser, committee: Sequence[Recogniser]
) -> Iterator[Candidate]:
    """What can be chosen, as the model (and each of the committee) reads it."""
    texts = [note.text for note in notes]
    readings = [[said.spans for said in member.recognise(texts)] for member in committee]
    for number, (note, said) in enumerate(zip(notes, recogniser.recognise(texts), strict=True)):
        others = tuple(spans[number] for spans in readings)
        yield Candidate(note.id, note.text, said.spans, said.uncertainty, others)
