"""Choosing what is corrected next: what is chosen, what is sent, and what stays in the pool."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from corpus.config.file import render_config
from corpus.config.knobs import overridden
from corpus.config.settings import Config, SelectionConfig
from corpus.config.strategy import Strategy
from corpus.config.training import TrainingConfig
from corpus.errors import ConfigError, WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.recognition import Annotated, Uncertainty
from corpus.store.tasks import REVIEW, PushedTask
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli.told.rounds import tell_selection
from ernotes.models import findings
from ernotes.models.committee import FOLDER_NAME, ask_committee
from ernotes.models.training import train
from ernotes.rounds.selection import select_notes
from tests.made_up import TINY_COMPACT, take_in
from training.run import train_recogniser

TOTAL = SelectionConfig(strategy=Strategy.TOTAL_ENTROPY, budget=2, audit_share=0)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    make_workspace(tmp_path / "w", render_config(Config(training=TrainingConfig(base="crf"))))
    with open_workspace(tmp_path / "w", write=True) as opened:
        yield opened


def pool(workspace: Workspace, notes: int) -> list[str]:
    """The ids of so many pool notes."""
    added = [Note("made up", number, f"Doente número {number}, sem queixas.", Role.POOL) for number in range(notes)]
    for note in added:
        workspace.store.notes.add(note)
    return [note.id for note in added]


def preannotate(workspace: Workspace, entropies: dict[str, float]) -> None:
    """Store what a model says of the notes: one mention, and how sure it is of the whole."""
    author = Author(AuthorKind.MODEL, "crf-1")
    for note_id, entropy in entropies.items():
        uncertainty = Uncertainty.of([entropy], -entropy, 0.0)
        detail = {"uncertainty": asdict(uncertainty)}
        workspace.store.spans.add(note_id, author, [Span(0, 6, Label.DIAGNOSIS, 0.9)], detail=detail)
    workspace.store.models.set_preannotator(author)


def push(workspace: Workspace, *note_ids: str) -> None:
    workspace.store.tasks.record("own#1", [PushedTask(note_id, 7, "crf-1") for note_id in note_ids])


def test_the_notes_that_the_model_doubts_most_are_chosen_and_the_others_stay(workspace: Workspace) -> None:
    ids = pool(workspace, 4)
    preannotate(workspace, dict(zip(ids, (0.1, 0.9, 0.2, 0.8), strict=True)))
    made = select_notes(workspace, TOTAL)
    assert list(made.notes) == workspace.store.tasks.chosen() == [ids[1], ids[3]]
    assert (made.selected, made.left_in_pool, made.strategy) == (2, 2, "total-entropy")
    assert made.expected_seconds
    assert made.expected_seconds > 0
    assert workspace.store.tasks.to_correct() == [ids[1], ids[3]]


def test_until_they_are_pushed_notes_are_chosen_anew_and_then_others_beside_them(workspace: Workspace) -> None:
    ids = pool(workspace, 5)
    preannotate(workspace, dict(zip(ids, (0.1, 0.9, 0.2, 0.8, 0.3), strict=True)))
    first = list(select_notes(workspace, TOTAL).notes)
    assert list(select_notes(workspace, TOTAL).notes) == first
    push(workspace, *first)
    assert list(select_notes(workspace, TOTAL).notes) == [ids[4], ids[2]]
    assert workspace.store.tasks.to_correct() == ids[1:]


def test_a_note_that_reviewers_rate_may_be_chosen_to_be_corrected_too(workspace: Workspace) -> None:
    ids = pool(workspace, 1)
    workspace.store.tasks.record("review#2", [PushedTask(ids[0], 7, REVIEW)])
    assert workspace.store.tasks.pushed() == set()
    assert list(select_notes(workspace, TOTAL).notes) == ids


def test_before_anything_was_chosen_the_whole_pool_is_sent(workspace: Workspace) -> None:
    ids = pool(workspace, 3)
    assert workspace.store.tasks.to_correct() == ids
    workspace.store.tasks.choose([])
    assert workspace.store.tasks.to_correct() == []


def test_without_a_model_chance_chooses_and_nothing_is_said_of_doubt(workspace: Workspace) -> None:
    ids = pool(workspace, 10)
    result = select_notes(workspace, TOTAL.model_copy(update={"budget": 3}))
    assert (result.strategy, result.selected) == ("random", 3)
    assert (result.nothing_found, result.expected_seconds) == (0, None)
    assert set(result.notes) < set(ids)
    assert "by chance" in tell_selection(result, workspace.folder)


def test_notes_that_came_after_the_pre_annotation_are_not_passed_over_in_silence(workspace: Workspace) -> None:
    ids = pool(workspace, 4)
    preannotate(workspace, dict.fromkeys(ids[:3], 0.5))
    with pytest.raises(WorkspaceError, match="1 pool notes have no pre-annotation"):
        select_notes(workspace, TOTAL)
    assert workspace.store.tasks.chosen() is None


def test_knobs_given_for_one_selection_are_checked_like_those_of_the_file() -> None:
    by_chance = SelectionConfig(strategy=Strategy.RANDOM, budget=2, audit_share=0)
    assert overridden(TOTAL, "selection", strategy="random", budget=None, unit=None) == by_chance
    with pytest.raises(ConfigError, match="selection: budget is not a whole number of notes"):
        overridden(TOTAL, "selection", budget=2.5)
    with pytest.raises(ConfigError, match=r"selection\.budget: "):
        overridden(TOTAL, "selection", budget=-1)


def test_a_round_that_chose_a_note_owns_its_correction(workspace: Workspace) -> None:
    rounds = workspace.store.rounds
    rounds.finish_step(1, "select", {"notes": ["a", "b"]})
    rounds.finish_step(2, "select", {"notes": ["b"]})
    rounds.finish_step(3, "generate", {})
    assert rounds.chosen() == {"a": 1, "b": 2}


def test_a_committee_of_a_crf_learns_from_resamples_and_is_asked_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_in(workspace)
    version = train(workspace).model
    ids = pool(workspace, 3)
    findings.preannotate(workspace)
    select_notes(workspace, TOTAL.model_copy(update={"strategy": Strategy.DISAGREEMENT}))
    authors = [version, f"{version}:committee-1", f"{version}:committee-2"]
    assert workspace.store.spans.author_names(AuthorKind.MODEL) == authors
    model = workspace.store.models.get(version)
    assert model is not None
    monkeypatch.setattr("ernotes.models.committee.train_recogniser", None)
    asked = ask_committee(workspace, workspace.store.notes.many(ids), model, 2)
    assert [len(asked[note_id]) for note_id in ids] == [2, 2, 2]
    assert list((workspace.folder / FOLDER_NAME).iterdir()) == []


@pytest.mark.torch
def test_a_committee_of_a_transformer_differs_in_its_seeds_and_learns_from_the_same_notes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    training = TrainingConfig(base="compact", seed=7, compact=TINY_COMPACT)
    workspace = replace(workspace, config=Config(training=training))
    take_in(workspace)
    version = train(workspace).model
    ids = pool(workspace, 3)
    findings.preannotate(workspace)
    trained = []

    def record(base: str, notes: Sequence[Annotated], *others: Any) -> Any:
        trained.append((base, [note.id for note in notes], others[-2]))
        return train_recogniser(base, notes, *others)

    monkeypatch.setattr("ernotes.models.committee.train_recogniser", record)
    chosen = list(select_notes(workspace, TOTAL.model_copy(update={"strategy": Strategy.DISAGREEMENT})).notes)
    model = workspace.store.models.get(version)
    assert model is not None
    assert trained == [("compact", list(model.trained_on), 8), ("compact", list(model.trained_on), 9)]
    assert len(chosen) == 2
    assert set(chosen) < set(ids)
