"""Whether a round's model takes over, and that a person can decide otherwise."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from corpus.config.file import render_config
from corpus.config.settings import Config, LoopConfig
from corpus.config.training import TrainingConfig
from corpus.documents import to_json
from corpus.errors import ModelError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.scoring.scores import Score
from corpus.scoring.tables import Counts, ScoreTable
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli.told.models import tell_models, tell_promoted
from ernotes.cli.told.rounds import tell_judged
from ernotes.models.promotion import list_models, promote
from ernotes.models.training import train
from ernotes.rounds.verdict import RoundVerdict, judge
from tests.made_up import TINY_COMPACT, take_in

TEXT = "Sem alergias. Toma ramipril e furosemida, número {}."
DENIED = Span(4, 12, Label.NO_ALLERGY)
RAMIPRIL, FUROSEMIDE = Span(19, 27, Label.MEDICATION), Span(30, 40, Label.MEDICATION)
FLIPPED = Span(4, 12, Label.ALLERGY)
GOLD = (DENIED, RAMIPRIL, FUROSEMIDE)
ONE_RIGHT = (DENIED,)


def test_the_example_of_this_file_is_annotated_right() -> None:
    assert [TEXT[span.start : span.end] for span in GOLD] == ["alergias", "ramipril", "furosemida"]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    config = Config(training=TrainingConfig(base="crf"), loop=LoopConfig(judge_by="validation"))
    make_workspace(tmp_path / "w", render_config(config))
    with open_workspace(tmp_path / "w", write=True) as opened:
        yield opened


def validate(workspace: Workspace, notes: int) -> list[str]:
    """The ids of so many validation notes with gold."""
    ids = []
    for number in range(notes):
        note = Note("made up", number, TEXT.format(number), Role.VALIDATION)
        workspace.store.notes.add(note)
        workspace.store.spans.add(note.id, Author(AuthorKind.IMPORT, "made up"), GOLD)
        ids.append(note.id)
    return ids


def model(workspace: Workspace, version: str, found: dict[str, Sequence[Span]]) -> str:
    """A model of which nothing is there but its name and what it found."""
    workspace.store.models.add(version, "crf", [], {})
    (workspace.models / version).mkdir()
    for note_id, spans in found.items():
        workspace.store.spans.add(note_id, Author(AuthorKind.MODEL, version), spans)
    return version


def current(workspace: Workspace) -> str | None:
    found = workspace.store.models.current()
    return found.version if found else None


def flips(judged: RoundVerdict) -> dict[str, int] | None:
    return None if judged.flips is None else asdict(judged.flips)


def test_a_better_model_takes_over(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    old = model(workspace, "old", dict.fromkeys(ids, ONE_RIGHT))
    new = model(workspace, "new", dict.fromkeys(ids, GOLD))
    workspace.store.models.promote(old)
    judged = judge(workspace, new, old)
    assert (judged.verdict, judged.by, judged.promoted) == ("better", "validation", True)
    assert (judged.notes, flips(judged), judged.reason) == (
        12,
        {"candidate": 0, "incumbent": 0},
        "not worse",
    )
    assert current(workspace) == new


@pytest.mark.torch
def test_transformers_are_judged_by_validation_however_few_notes_there_are(workspace: Workspace) -> None:
    training = TrainingConfig(base="compact", compact=TINY_COMPACT)
    workspace = replace(workspace, config=Config(training=training, loop=LoopConfig(judge_mentions=10_000)))
    take_in(workspace)
    validate(workspace, 6)
    incumbent, candidate = (train(workspace, seed=seed, promote=False).model for seed in (1, 2))
    judged = judge(workspace, candidate, incumbent)
    assert (judged.by, judged.notes, judged.verdict) == ("validation", 6, "indistinguishable")


def test_a_worse_model_does_not_and_is_named_with_the_command_that_would_promote_it(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    old = model(workspace, "old", dict.fromkeys(ids, GOLD))
    new = model(workspace, "new", dict.fromkeys(ids, ONE_RIGHT))
    workspace.store.models.promote(old)
    result = judge(workspace, new, old)
    told = tell_judged(result, workspace.folder)
    assert (result.verdict, result.promoted, result.reason) == (
        "worse",
        False,
        "worse",
    )
    assert current(workspace) == old
    assert "promote new" in told
    assert "smallest difference that these 12 notes could show" in told
    promote(workspace, "new")
    assert current(workspace) == new


def test_a_model_that_flips_more_allergies_does_not_however_good_it_is(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    old = model(workspace, "old", dict.fromkeys(ids, ONE_RIGHT))
    new = model(workspace, "new", {**dict.fromkeys(ids, GOLD), ids[0]: (FLIPPED, RAMIPRIL, FUROSEMIDE)})
    workspace.store.models.promote(old)
    judged = judge(workspace, new, old)
    assert (judged.verdict, flips(judged)) == ("better", {"candidate": 1, "incumbent": 0})
    assert (judged.promoted, judged.reason, current(workspace)) == (False, "more polarity flips", old)


def test_a_model_that_cannot_be_told_from_the_other_takes_over_with_as_many_flips(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    old = model(workspace, "old", {**dict.fromkeys(ids, GOLD), ids[0]: (FLIPPED,)})
    new = model(workspace, "new", {**dict.fromkeys(ids, GOLD), ids[1]: (FLIPPED,)})
    workspace.store.models.promote(old)
    judged = judge(workspace, new, old)
    assert (judged.verdict, judged.promoted, current(workspace)) == ("indistinguishable", True, new)
    assert judged.comparison
    assert judged.comparison.micro.detectable
    assert judged.comparison.micro.detectable > 0


def test_of_several_diagnoses_the_most_confident_counts_as_in_the_score(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    doubted = Span(30, 40, Label.DIAGNOSIS, 0.2)
    certain = Span(19, 27, Label.DIAGNOSIS, 0.9)
    old = model(workspace, "old", dict.fromkeys(ids, (DENIED, certain)))
    new = model(workspace, "new", dict.fromkeys(ids, (DENIED, certain, doubted)))
    judged = judge(workspace, new, old)
    assert judged.comparison
    assert judged.comparison.micro.value == 0


def test_the_first_model_and_the_same_model_are_said_to_be_so(workspace: Workspace) -> None:
    new = model(workspace, "new", {})
    first = judge(workspace, new, None)
    assert (first.verdict, first.reason, first.incumbent, current(workspace)) == ("first", "first", None, new)
    same = judge(workspace, new, new)
    assert (same.verdict, same.reason, same.promoted) == ("not judged", "same model", True)


def test_so_few_notes_that_no_difference_could_be_shown_judge_nothing(workspace: Workspace) -> None:
    # Five notes can be swapped in 32 ways, so p is at least 2/32.
    ids = validate(workspace, 5)
    old = model(workspace, "old", dict.fromkeys(ids, GOLD))
    new = model(workspace, "new", dict.fromkeys(ids, ()))
    workspace.store.models.promote(old)
    judged = judge(workspace, new, old)
    assert (judged.verdict, judged.comparison, judged.by) == ("not judged", None, None)
    assert (judged.reason, judged.promoted) == ("too few notes to judge by", True)


def learn(workspace: Workspace, source: str, *, rightly: bool) -> None:
    """Take eight training notes in that have no eight words in common, with their drug or its dose alone marked."""
    chance = random.Random(source)
    for number in range(8):
        words = ["".join(chance.choices("abcdefghilmnoprstuv", k=6)) for _ in range(10)]
        text = f"{' '.join(words[:5])}. Toma {words[5]} {number} mg ao jantar. {' '.join(words[6:])}."
        begin, end = text.index(words[5]), text.index(" ao jantar")
        note = Note(source, number, text, Role.TRAIN)
        span = Span(begin if rightly else end - len("mg"), end, Label.MEDICATION)
        workspace.store.notes.add(note)
        workspace.store.spans.add(note.id, Author(AuthorKind.IMPORT, source), [span])


@pytest.mark.slow
def test_without_validation_notes_a_crf_that_learnt_from_wrong_spans_is_found_worse_by_cross_validation(
    workspace: Workspace,
) -> None:
    learn(workspace, "good", rightly=True)
    config = workspace.config.model_copy(update={"loop": LoopConfig()})
    workspace = Workspace(workspace.folder, config, workspace.store, workspace.lock)
    old = train(workspace).model
    for source in ("one", "two"):
        learn(workspace, source, rightly=False)
    new = train(workspace, promote=False).model
    judged = judge(workspace, new, old)
    assert (judged.verdict, judged.by, judged.notes) == ("worse", "cross-validation", 8)
    assert (judged.promoted, current(workspace)) == (False, old)


def test_promote_says_what_it_replaces_and_how_to_go_back(workspace: Workspace) -> None:
    old, new = model(workspace, "old", {}), model(workspace, "new", {})
    workspace.store.models.promote(old)
    there = promote(workspace, new)
    assert (to_json(there), current(workspace)) == ({"model": new, "replaced": old}, new)
    assert "promote old" in tell_promoted(there, workspace.folder)
    assert to_json(promote(workspace, old)) == {"model": old, "replaced": new}
    assert to_json(promote(workspace, old)) == {"model": old, "replaced": None}
    with pytest.raises(ModelError, match="'ernotes models' lists them"):
        promote(workspace, "nothing")


def test_models_are_listed_with_their_scores_and_what_was_said_of_them(workspace: Workspace) -> None:
    ids = validate(workspace, 12)
    old = model(workspace, "old", dict.fromkeys(ids, GOLD))
    new = model(workspace, "new", dict.fromkeys(ids, ONE_RIGHT))
    workspace.store.models.promote(old)
    for wrong in (3, 1):  # F1 0.25 and 0.5
        table = ScoreTable({}, Counts(1, wrong, wrong))
        workspace.store.scores.add(new, Role.VALIDATION, to_json(Score(table, table, 0.5, "top1", 12, 0)))
    workspace.store.rounds.finish_step(3, "judge", to_json(judge(workspace, new, old)))
    listed = list_models(workspace)
    first, second = listed.models
    assert (first.version, first.current, first.round, first.validation) == ("old", True, None, None)
    assert (second.version, second.current, second.round) == ("new", False, 3)
    assert (second.validation, second.test, second.verdict) == (0.5, None, "worse")
    text = tell_models(listed, workspace.folder)
    assert text.splitlines()[1].startswith("* old")
    assert "not promoted: worse" in text
