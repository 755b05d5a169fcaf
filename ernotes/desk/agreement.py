"""Several annotators of the same notes: asking for them, measuring how far they agree, settling where they do not."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from annotation.adjudication import (
    Adjudicated,
    Disagreement,
    adjudicate_by,
    adjudicate_by_majority,
    find_disagreements,
    open_notes,
)
from annotation.agreement import SharedNote, format_agreement, measure_agreement, shared_notes
from annotation.label_studio.client import Client
from annotation.label_studio.labelling import GUIDELINE_NAME, own_guideline
from annotation.label_studio.overlap import ask_for_overlap
from annotation.label_studio.project import ensure_project
from annotation.label_studio.pull import pull
from annotation.label_studio.push import refuse_patient_text
from annotation.label_studio.second_look import push_versions, second_title
from corpus.note import AuthorKind, Span
from corpus.store import Store
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.desk.round_trip import project_url
from ernotes.result import Result


def ask(workspace: Workspace, client: Client, count: int, annotators: int) -> Result:
    """Have so many of the pushed notes annotated by so many people each."""
    project = ensure_project(
        client, workspace.config.label_studio.project, own_guideline(workspace.own(GUIDELINE_NAME))
    )
    with bar(count, "overlap") as advance:
        overlap = ask_for_overlap(client, workspace.store, project, count, annotators, advance)
    missing = f"; {overlap.missing} more were asked for than are pushed and open" if overlap.missing else ""
    return Result(
        {"notes": list(overlap.notes), "annotators": annotators, "missing": overlap.missing},
        f"{len(overlap.notes)} notes are to be annotated by {annotators} people each{missing}",
    )


def agreement(workspace: Workspace, *, listed: bool, with_text: bool) -> Result:
    """How far annotators agree, and with `listed` where they do not; the words of the notes only where asked for."""
    store = workspace.store
    notes = shared_notes(store)
    measured = measure_agreement(notes)
    unsettled = {note.id for note in open_notes(store, notes)}
    found = [(note, item) for note in notes for item in find_disagreements(note)]
    overlap = _overlap(store)
    document: dict[str, Any] = {
        **measured.to_json(),
        "overlap": overlap,
        "disagreements": len(found),
        "notes_that_differ": len({note.id for note, _ in found}),
        "notes_to_adjudicate": len(unsettled),
    }
    lines = [format_agreement(measured)]
    if overlap:
        done = sum(item["complete"] for item in overlap)
        lines.append(f"{len(overlap)} notes were asked for from several people; {done} are complete")
    if notes:
        lines.append(
            f"{len(found)} disagreements in {document['notes_that_differ']} notes; "
            f"{len(unsettled)} notes are still to be adjudicated"
        )
    if listed:
        document["listed"] = [
            {**item.to_json(), "adjudicated": note.id not in unsettled} | _words(note, item, with_text)
            for note, item in found
        ]
        lines += [_shown(note, item, note.id in unsettled, with_text) for note, item in found]
        lines += [
            f"  {item['note']}: {item['annotated_by']} of {item['annotators']} people so far"
            for item in overlap
            if not item["complete"]
        ]
    return Result(document, "\n".join(lines))


def adjudicate(workspace: Workspace, name: str | None) -> Result:
    """Settle the notes that people differ on: by this annotator's word or, without a name, by majority."""
    store = workspace.store
    notes = shared_notes(store)
    report = adjudicate_by_majority(store, notes) if name is None else adjudicate_by(store, notes, name)
    return Result(report.to_json(), _settled(report, "a tie" if name is None else f"not annotated by {name}"))


def adjudicate_in_label_studio(workspace: Workspace, client: Client) -> Result:
    """Fetch what has been adjudicated in the project of the disagreements, and bring those there that are new."""
    store, config = workspace.store, workspace.config.label_studio
    title = second_title(config.project)
    project = ensure_project(client, title, own_guideline(workspace.own(GUIDELINE_NAME)))
    with bar(project.tasks, "pull") as advance:
        pulled = pull(client, store, project, advance, AuthorKind.ADJUDICATION)
    notes = open_notes(store, shared_notes(store))
    refuse_patient_text(
        client, map(store.notes.get, (note.id for note in notes)), allowed_hosts=config.allow_patient_text
    )
    with bar(sum(len(note.said) for note in notes), "push") as advance:
        created = push_versions(client, store, project, notes, advance)
    url = project_url(client, project)
    document = {
        "project": url,
        "adjudicated": pulled.corrected,
        "withdrawn": pulled.withdrawn,
        "quarantined": [item.to_json() for item in pulled.quarantined],
        "created": created,
        "waiting": len(notes),
    }
    lines = [
        f"{pulled.corrected} notes adjudicated since the last time, {pulled.withdrawn} withdrawn",
        f"  {created} more pushed to the project {title!r}; {len(notes)} wait there to be adjudicated: {url}",
    ]
    lines += [f"  {item}" for item in pulled.quarantined]
    return Result(document, "\n".join(lines))


def _overlap(store: Store) -> list[dict[str, Any]]:
    """The notes that several people were asked for, and how many of them have annotated each."""
    asked = store.tasks.overlap()
    people = Counter(
        note_id
        for name in (store.spans.author_names(AuthorKind.HUMAN) if asked else ())
        for note_id, said in store.spans.of_author(AuthorKind.HUMAN, name).items()
        if said.spans is not None
    )
    return [
        {"note": note_id, "annotators": wanted, "annotated_by": people[note_id], "complete": people[note_id] >= wanted}
        for note_id, wanted in asked.items()
    ]


def _words(note: SharedNote, item: Disagreement, with_text: bool) -> dict[str, str]:
    return {"text": note.text[item.start : item.end]} if with_text else {}


def _shown(note: SharedNote, item: Disagreement, unsettled: bool, with_text: bool) -> str:
    words = f" {' '.join(note.text[item.start : item.end].split())!r}" if with_text else ""
    said = "; ".join(f"{name}: {_places(spans)}" for name, spans in item.said.items())
    return f"  {item.note_id} {item.start}-{item.end}{words}{'' if unsettled else ' (adjudicated)'}: {said}"


def _places(spans: Sequence[Span]) -> str:
    return ", ".join(f"{span.label} {span.start}-{span.end}" for span in spans) or "nothing"


def _settled(report: Adjudicated, why_not: str) -> str:
    lines = [f"{report.settled} notes settled, {report.unchanged} settled so before"]
    lines += [f"  left: note {note_id}: {why_not}" for note_id in report.undecided]
    lines += [f"  left: note {note_id}: adjudicated in Label Studio" for note_id in report.settled_by_hand]
    return "\n".join(lines)
