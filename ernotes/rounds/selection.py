"""Choosing which notes of the pool are corrected next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from annotation.selection import Allowance, Unit, select
from annotation.selection.candidates import Candidate
from annotation.selection.pace import GUESSED, Pace
from corpus.config.knobs import overridden
from corpus.config.settings import SelectionConfig
from corpus.config.strategy import Strategy
from corpus.documents import aside
from corpus.errors import WorkspaceError
from corpus.note import AuthorKind, Note, Role
from corpus.recognition import Uncertainty
from corpus.store.spans import SpanSet
from corpus.workspace import Workspace

UNKNOWN = Uncertainty(tokens=0, sum_entropy=0.0, max_entropy=0.0, sequence_log_probability=0.0)
"""Of a note of which no recogniser has said how sure it is; only chance can choose among such notes."""


@dataclass(frozen=True, slots=True)
class _Pool:
    """The notes that may be chosen, with the latest pre-annotation of those that have one."""

    notes: Sequence[Note]
    said: Mapping[str, SpanSet]

    @property
    def doubts(self) -> dict[str, Uncertainty]:
        """How sure the recogniser was, by note id; notes of which that is not known are not there."""
        figures = {note.id: said.detail.get("uncertainty") for note in self.notes if (said := self.said.get(note.id))}
        return {note_id: Uncertainty.from_json(stored) for note_id, stored in figures.items() if stored}


@dataclass(frozen=True, slots=True)
class SelectionMade:
    """What was chosen to be corrected next, by what and within what budget; `audit_notes` were drawn by chance.

    `blind` is true where no recogniser has said how sure it is, `guessed` where few corrections have been timed.
    """

    strategy: Strategy
    budget: float
    unit: Unit
    selected: int
    audit: int
    nothing_found: int
    left_in_pool: int
    expected_seconds: float | None
    notes: Sequence[str]
    audit_notes: Sequence[str]
    blind: bool = aside(False)
    guessed: bool = aside(False)


def select_notes(workspace: Workspace, config: SelectionConfig) -> SelectionMade:
    """Choose the pool notes that `push` sends next, in place of those that were chosen before and not pushed.

    Where no recogniser has said how sure it is of them (there is none yet, or the LLM annotated them), chance chooses.
    Raises WorkspaceError where that is known of some and not of others.
    """
    store = workspace.store
    pushed = store.tasks.pushed()
    author = store.models.preannotator()
    said = store.spans.of_author(author.kind, author.name) if author else {}
    pool = _Pool([note for note in store.notes.by_role(Role.POOL) if note.id not in pushed], said)
    doubts = pool.doubts
    blind = not doubts
    if blind:
        config = overridden(config, "selection", strategy=Strategy.RANDOM)
    elif config.strategy is not Strategy.RANDOM and (missing := len(pool.notes) - len(doubts)):
        raise WorkspaceError(f"{missing} pool notes have no pre-annotation to be chosen by; run 'ernotes preannotate'")
    budget = Allowance(config.budget, config.unit)
    # Another seed after each push; until then the same selection, however often a killed command is run again.
    seed = workspace.config.generation.seed + len(pushed)
    known = [note.text for note in store.notes.by_role(Role.TRAIN, Role.EXEMPLAR, Role.VALIDATION)]
    known += [note.text for note in store.notes.by_role(Role.POOL) if note.id in pushed]
    candidates = _candidates(workspace, pool, doubts, config)
    pace = Pace.of(store)
    selection = select(candidates, budget, config, seed, known=known, pace=pace)
    store.tasks.choose(selection.ids)
    return SelectionMade(
        config.strategy,
        config.budget,
        config.unit,
        len(selection.ids),
        len(selection.audit),
        0 if blind else len(selection.nothing_found),
        selection.left,
        None if blind else selection.expected_seconds,
        selection.ids,
        selection.audit,
        blind=blind,
        guessed=pace == GUESSED,
    )


def _candidates(
    workspace: Workspace, pool: _Pool, doubts: Mapping[str, Uncertainty], config: SelectionConfig
) -> list[Candidate]:
    committee = {}
    author = workspace.store.models.preannotator()
    if config.strategy is Strategy.DISAGREEMENT and author is not None and author.kind is AuthorKind.MODEL:
        from ernotes.models.committee import ask_committee  # training is loaded for this strategy alone

        model = workspace.store.models.get(author.name)
        if model is not None:
            committee = ask_committee(workspace, pool.notes, model, config.committee - 1)
    return [
        Candidate(
            note.id,
            note.text,
            (pool.said[note.id].spans or ()) if note.id in pool.said else (),
            doubts.get(note.id, UNKNOWN),
            committee.get(note.id, ()),
        )
        for note in pool.notes
    ]
