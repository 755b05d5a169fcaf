"""`ernotes simulate`: the loop replayed on annotated notes with an oracle for the annotator, and what that cost."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean

from annotation.selection.pace import GUESSED, Pace
from corpus.config.file import CONFIG_NAME
from corpus.config.knobs import overridden
from corpus.config.settings import Config
from corpus.config.strategy import Strategy
from corpus.documents import JsonObject, by_field, to_json
from corpus.errors import FormatError, WorkspaceError
from corpus.note import Note, Role, text_hash
from corpus.recognition import Annotated
from corpus.workspace import open_workspace
from ernotes.console import bar, say
from ernotes.files.formats import guess_format, read_file
from ernotes.pages.page import write_page
from ernotes.pages.report import origins
from ernotes.simulation.cost import WITHIN, Estimate, Replay, measure_strategy, pooled_f1, seed_curve
from ernotes.simulation.journal import open_journal
from ernotes.simulation.plan import Fold, Plan, due_steps, most_rounds, split_notes
from ernotes.simulation.presentation import Simulated, SimulationFigures, render_simulation
from ernotes.simulation.processes import play_all
from ernotes.simulation.replay import FULL, Cost, CrfLearner, Player, Round, cost_of
from inference.crf.spelling import FEATURES

LIGHT = "crf-light"
LEARNERS = ("crf", LIGHT)


@dataclass(frozen=True, slots=True)
class Material:
    """What is replayed on: annotated notes with their lineages, the notes that scores are of (none: cross-validation),
    and what the workspace says of learning, choosing, and how fast people correct.

    `reports` is where a simulation is kept unless told otherwise; None without a workspace. `notices` say of a
    workspace's own notes where they come from.
    """

    notes: Sequence[Annotated]
    lineages: Mapping[str, str]
    scored_on: Sequence[Annotated]
    config: Config
    pace: Pace
    reports: Path | None
    notices: Sequence[str] = ()


def simulate(
    place: Path,
    file: Path | None,
    plan: Plan,
    *,
    learner: str = "crf",
    steps: int = 25,
    score_on: Path | None = None,
    output: Path | None = None,
    processes: int = 1,
) -> Simulated:
    """Replay what is not replayed yet, and write its figures: simulation.json and simulation.html in `output`.

    A killed run goes on when it is run again. A plan that names no strategy is for random choice and the one that the
    configuration names. Raises WorkspaceError where there is neither a workspace nor all that stands in for it, and
    where the folder holds other replays.
    """
    material = read_material(place, file, score_on)
    config = material.config
    if not plan.strategies:
        plan = replace(plan, strategies=tuple(dict.fromkeys((str(Strategy.RANDOM), str(config.selection.strategy)))))
    crf = overridden(config.training.crf, "training.crf", max_iterations=steps)
    setting = _setting(material, plan, learner, crf.model_dump())
    folder = output or _default_output(material.reports, setting)
    folds = split_notes(material.notes, material.lineages, material.scored_on, plan)
    corpus = {note.id: note for note in (*material.notes, *material.scored_on)}
    player = Player(corpus, CrfLearner(crf, light=learner == LIGHT), plan.batch, config.selection)
    with open_journal(folder, setting) as journal, bar(most_rounds(plan, folds), "simulate") as advance:
        advance(len(journal.rounds))

        def keep(played: Round) -> None:
            journal.add(played)
            advance(1)

        play_all(lambda: due_steps(plan, folds, journal.rounds), player, keep, processes)
        outcome = Simulated(
            **by_field(measure_simulation(plan, folds, journal.rounds, corpus, material.pace)),
            learner=learner,
            steps=steps,
            folder=str(folder),
            notices=material.notices,
        )
    _write(outcome, folder)
    return outcome


def _write(outcome: Simulated, folder: Path) -> None:
    """The figures as a document and as a page."""
    written = json.dumps(to_json(outcome), ensure_ascii=False, indent=2) + "\n"
    (folder / "simulation.json").write_text(written, "utf-8")
    write_page(render_simulation(outcome), folder / "simulation.html")


def read_material(place: Path, file: Path | None, score_on: Path | None) -> Material:
    """The notes of the file, or the gold of the workspace's training notes, and what goes with them."""
    scored_on = _read(score_on, "scored") if score_on else []
    if not (place / CONFIG_NAME).exists():
        if file is None:
            raise WorkspaceError(f"{place} is no workspace; give a FILE of annotated notes, and a folder with -o")
        notes = _read(file, "corpus")
        return Material(notes, {note.id: note.id for note in notes}, scored_on, Config(), GUESSED, None)
    with open_workspace(place, write=False) as workspace:
        store = workspace.store
        if file is None:
            notes = store.spans.annotated(Role.TRAIN)
            notices = origins(workspace)
            lineages = {note.id: note.lineage or note.id for note in store.notes.by_role(Role.TRAIN)}
        else:
            notes = _read(file, "corpus")
            lineages = {note.id: note.id for note in notes}
            notices = []
        return Material(notes, lineages, scored_on, workspace.config, Pace.of(store), workspace.reports, notices)


def _read(path: Path, source: str) -> list[Annotated]:
    """The annotated notes of a file, named by what they are: the same file elsewhere is the same notes."""
    file = read_file(path, guess_format(path))
    for message in file.messages:
        say(f"{path.name}: {message}")
    known = [note for note in file.notes if note.annotated]
    if not known:
        raise FormatError(f"{path} holds no annotated notes")
    if len(known) < len(file.notes):
        say(f"{path.name}: {len(file.notes) - len(known)} notes that nobody annotated are left out")
    return [
        Annotated(Note(source, note.doc_id, note.text, Role.TRAIN).id, note.text, tuple(note.spans)) for note in known
    ]


def _setting(material: Material, plan: Plan, learner: str, crf: JsonObject) -> JsonObject:
    """What a replay's rounds follow from, seed and strategy aside: JSON values."""
    return {
        "notes": _digest(material.notes),
        "scored notes": _digest(material.scored_on),
        "folds": plan.folds if not material.scored_on else 1,
        "start": plan.start,
        "batch": plan.batch,
        "learner": {"name": learner, "features": FEATURES, **crf},
        "selection": material.config.selection.model_dump(mode="json", exclude={"strategy", "budget", "unit"}),
    }


def _digest(notes: Sequence[Annotated]) -> str:
    told = [[note.id, text_hash(note.text), [list(span.place) for span in note.spans]] for note in notes]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _default_output(reports: Path | None, setting: JsonObject) -> Path:
    if reports is None:
        raise WorkspaceError("without a workspace a simulation needs a folder of its own: give one with -o")
    return reports / f"simulation-{hashlib.sha256(json.dumps(setting).encode()).hexdigest()[:8]}"


def measure_simulation(
    plan: Plan,
    folds: Mapping[int, Sequence[Fold]],
    played: Sequence[Round],
    corpus: Mapping[str, Annotated],
    pace: Pace,
) -> SimulationFigures:
    """The figures of all replays."""
    full = _replays(FULL, folds, played)
    start = {
        seed: [sum((cost_of(corpus[note_id], None) for note_id in fold.start), Cost()) for fold in of_seed]
        for seed, of_seed in folds.items()
    }
    curves = {
        strategy: {
            seed: seed_curve(replay, full[seed], start[seed], pace)
            for seed, replay in _replays(strategy, folds, played).items()
        }
        for strategy in plan.strategies
    }
    whole = Estimate.of(pooled_f1([history[0] for history in of_seed]) for of_seed in full.values())
    first = folds[1]
    return SimulationFigures(
        notes=len({note_id for fold in first for note_id in fold.pool}),
        scored_notes=len({note_id for fold in first for note_id in fold.held_out}),
        folds=len(first),
        pool_notes=fmean(len(fold.pool) for of_seed in folds.values() for fold in of_seed),
        seeds=plan.seeds,
        start=plan.start,
        batch=plan.batch,
        max_notes=plan.max_notes,
        until_reached=plan.until_reached,
        within=WITHIN,
        pace=pace,
        full=whole.within(0, 1) if whole else None,
        strategies={
            strategy: measure_strategy(of_seeds, curves.get(Strategy.RANDOM, {}))
            for strategy, of_seeds in curves.items()
        },
    )


def _replays(strategy: str, folds: Mapping[int, Sequence[Fold]], played: Sequence[Round]) -> dict[int, Replay]:
    """The rounds of a strategy by seed, fold by fold, each in order."""
    rounds: dict[tuple[int, int], list[Round]] = {}
    for one in sorted(played, key=lambda one: one.number):
        if one.strategy == strategy:
            rounds.setdefault((one.seed, one.fold), []).append(one)
    return {seed: [rounds.get((seed, fold), []) for fold in range(len(of_seed))] for seed, of_seed in folds.items()}
