"""What the store knows, gathered for a report."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpus.config.file import render_config
from corpus.config.settings import Config, ReportConfig
from corpus.documents import to_json
from corpus.errors import WorkspaceError
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.scoring.scores import ScoredNote
from corpus.workspace import Workspace, make_workspace, open_workspace
from ernotes.cli import ernotes as commands
from ernotes.cli.told.pages import tell_reported
from ernotes.models.measuring import measure
from ernotes.pages.report import FICTIONAL, ONE_LINEAGE, gather, report
from tests.ernotes.pages.reported import OUTLOOK, SELECTED, judged

TEXT = "Medicado com aspirina e ramipril. Nota número"
ASPIRIN, RAMIPRIL = Span(13, 21, Label.MEDICATION, 0.9), Span(24, 32, Label.MEDICATION, 0.8)
GOLD = (ASPIRIN, RAMIPRIL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Round 1 trained crf-1, which is current; round 2 crf-2, which was not promoted; both have been scored."""
    make_workspace(tmp_path / "w", render_config(Config()))
    with open_workspace(tmp_path / "w", write=True) as opened:
        for number, role in enumerate((Role.TRAIN, Role.VALIDATION, Role.TEST)):
            note = Note("made up", number, f"{TEXT} {number}.", role)
            opened.store.notes.add(note)
            opened.store.spans.add(note.id, Author(AuthorKind.IMPORT, "file"), GOLD)
        for number, found in ((1, GOLD), (2, (ASPIRIN,))):
            add_round(opened, number, found)
        opened.store.models.promote("crf-1")
    return tmp_path / "w"


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    with open_workspace(folder, write=True) as opened:
        yield opened


def add_round(workspace: Workspace, number: int, found: tuple[Span, ...]) -> None:
    version = f"crf-{number}"
    (workspace.models / version).mkdir()
    workspace.store.models.add(version, "crf", ["t1"], {})
    workspace.store.rounds.finish_step(number, "train", {"model": version})
    for role in (Role.VALIDATION, Role.TEST):
        look_at(workspace, role, version, found, number)


def look_at(workspace: Workspace, role: Role, version: str, found: tuple[Span, ...], number: int | None) -> None:
    for note in workspace.store.notes.by_role(role):
        workspace.store.spans.add(note.id, Author(AuthorKind.MODEL, version), found)
        document = dict(to_json(measure([ScoredNote(note.id, GOLD, found)], "top1")))
        workspace.store.scores.add(version, role, document | {"role": str(role), "fictional": True}, number)


def test_the_report_of_a_round_shows_its_model_promoted_or_not(workspace: Workspace) -> None:
    judge = judged("worse", promoted=False, reason="worse") | {"candidate": "crf-2", "incumbent": "crf-1"}
    workspace.store.rounds.finish_step(2, "judge", judge)
    result = report(workspace, 2)
    assert to_json(result) == {
        "report": str(workspace.reports / "round-002.html"),
        "model": "crf-2",
        "round": 2,
        "language": "en",
    }
    page = Path(result.report).read_text("utf-8")
    assert "Not promoted, since it is worse:" in page
    assert f"<code>ernotes -w {workspace.folder} promote crf-2</code>" in page
    # Of the two mentions the model finds one: precision 1, recall a half.
    assert "There this model has exact micro F1 0.667" in page


def test_without_a_round_the_report_is_of_the_current_model_and_of_the_round_that_trained_it(
    workspace: Workspace,
) -> None:
    result = report(workspace)
    assert (result.model, result.round) == ("crf-1", 1)
    assert result.report == str(workspace.reports / "crf-1.html")


def test_a_model_that_no_round_trained_has_not_been_judged(workspace: Workspace) -> None:
    (workspace.models / "crf-3").mkdir()
    workspace.store.models.add("crf-3", "crf", ["t1"], {})
    workspace.store.models.promote("crf-3")
    result = report(workspace)
    assert result.round is None
    assert "no score of this model yet" in tell_reported(result, workspace.folder)
    page = Path(result.report).read_text("utf-8")
    assert "No round has judged this model." in page
    assert "This model has not been scored yet." in page
    assert "/round" not in page


def test_a_round_that_is_not_there_or_has_trained_nothing_has_no_report(workspace: Workspace) -> None:
    with pytest.raises(WorkspaceError, match=r"^there is no round 3 here \(rounds begun: 1, 2\)$"):
        report(workspace, 3)
    workspace.store.rounds.finish_step(3, "generate", {})
    with pytest.raises(WorkspaceError, match=r"^round 3 has trained no model yet; 'ernotes loop' goes on with it$"):
        report(workspace, 3)


def test_a_model_that_was_never_shown_the_test_notes_is_shown_by_the_validation_notes(workspace: Workspace) -> None:
    workspace.store.models.add("crf-4", "crf", ["t1"], {})
    look_at(workspace, Role.VALIDATION, "crf-4", GOLD, None)
    data = gather(workspace, None, "crf-4")
    assert data.score is not None
    assert data.score.role == "validation"
    assert [note.title for note in data.notes] == ["1"]
    assert gather(workspace, 2, "crf-2").notes[0].title == "2"


def test_a_report_in_portuguese_stands_beside_the_english_one(folder: Path) -> None:
    done = CliRunner().invoke(commands, ["-w", str(folder), "report", "--round", "1", "--lang", "pt", "--json"])
    document = json.loads(done.stdout)
    assert document["report"] == str(folder / "reports" / "round-001.pt.html")
    assert '<html lang="pt">' in Path(document["report"]).read_text("utf-8")


def test_the_configuration_names_the_language_where_the_command_does_not(folder: Path) -> None:
    config = render_config(Config(report=ReportConfig(language="pt")))
    (folder / "ernotes.toml").write_text(config, "utf-8")
    with open_workspace(folder, write=True) as workspace:
        assert report(workspace, 1).language == "pt"
        assert report(workspace, 1, "en").language == "en"


def test_what_to_do_next_follows_from_what_is_there(workspace: Workspace) -> None:
    program = f"ernotes -w {workspace.folder}"

    def commands_of(number: int | None, version: str) -> list[str]:
        return [command.removeprefix(f"{program} ") for command, _ in gather(workspace, number, version).next_steps]

    assert commands_of(1, "crf-1") == ["label-errors", "loop --rounds 1"]
    workspace.store.rounds.finish_step(2, "judge", judged(reason="too few notes to judge by"))
    workspace.store.rounds.finish_step(2, "outlook", {**OUTLOOK, "stop": True})
    assert commands_of(2, "crf-2") == [
        "import FILE --role validation",
        "label-errors",
        "models",
        "report --compare 1 2",
    ]
    assert commands_of(None, "crf-new") == ["evaluate", "label-errors", "loop --rounds 1"]


def test_what_the_audit_took_is_set_beside_the_other_notes_of_the_round(workspace: Workspace) -> None:
    ids = [note.id for note in workspace.store.notes.by_role(Role.TRAIN, Role.VALIDATION, Role.TEST)]
    workspace.store.rounds.finish_step(1, "select", {**SELECTED, "notes": ids[:2], "audit_notes": ids[:1]})
    assert gather(workspace, 1, "crf-1").audit is None  # nothing has come back
    found = {ids[0]: (ASPIRIN,), ids[1]: GOLD, ids[2]: ()}
    for note_id, spans in found.items():
        workspace.store.spans.add(note_id, Author(AuthorKind.MODEL, "shown"), spans)
        human = Author(AuthorKind.HUMAN, "ana")
        workspace.store.spans.add(note_id, human, GOLD, detail={"pre_annotated_by": "shown"})
    audit = gather(workspace, 1, "crf-1").audit
    assert audit is not None
    # One of the two mentions was added in the audit, nothing in the other note; the third note is of no round.
    assert [of.actions_per_100_mentions for of in (audit.audit, audit.others)] == [50.0, 0.0]
    assert [of.notes for of in (audit.audit, audit.others)] == [1, 1]


def test_annotators_agreement_is_shown_where_two_have_annotated_a_note(workspace: Workspace) -> None:
    assert gather(workspace, 1, "crf-1").agreement is None
    [note] = workspace.store.notes.by_role(Role.TRAIN)
    for name, spans in (("ana", GOLD), ("rui", (ASPIRIN,))):
        workspace.store.spans.add(note.id, Author(AuthorKind.HUMAN, name), spans)
    agreement = gather(workspace, 1, "crf-1").agreement
    assert agreement is not None
    assert agreement.exact.all.value == pytest.approx(2 / 3)


def test_a_reader_is_told_first_that_notes_are_fictional(workspace: Workspace) -> None:
    assert gather(workspace, 1, "crf-1").notices == [FICTIONAL]


def test_a_reader_is_told_that_validation_notes_come_from_one_exemplar_alone(workspace: Workspace) -> None:
    (first,) = workspace.store.notes.by_role(Role.VALIDATION)
    assert ONE_LINEAGE not in gather(workspace, 1, "crf-1").notices
    workspace.store.notes.add(Note("made up", 90, "Nota igual.", Role.VALIDATION, lineage=first.lineage))
    assert ONE_LINEAGE in gather(workspace, 1, "crf-1").notices
    workspace.store.notes.add(Note("made up", 91, "Outra nota.", Role.VALIDATION, lineage="another"))
    assert ONE_LINEAGE not in gather(workspace, 1, "crf-1").notices
