"""The physicians' review: notes drawn and sent, ratings fetched and what they say."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from annotation.label_studio.client import Client
from annotation.label_studio.push import refuse_patient_text
from annotation.review.project import (
    ensure_review_project,
    find_review_project,
    pull_ratings,
    push_sample,
    review_title,
)
from annotation.review.questionnaire import FILE_NAME, read_questionnaire
from annotation.review.ratings import ReviewedNote, format_review, measure_review
from annotation.review.sample import Drawn, draw_sample
from corpus.store import Store
from corpus.store.ratings import ReviewSample, Writer
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.desk.round_trip import project_url
from ernotes.files.initialise import FICTIONAL_SOURCE
from ernotes.result import Result
from generation.writing.run import SOURCE as GENERATED_SOURCE


def push_review(
    workspace: Workspace, client: Client, counts: Mapping[Writer, int], reviewers: int, seed: int
) -> Result:
    """Have so many notes of each writer reviewed by so many people; those that are there already count along."""
    store, config = workspace.store, workspace.config.label_studio
    questionnaire = read_questionnaire(workspace.own(FILE_NAME))
    drawn = draw_sample(store, counts, seed, generated=GENERATED_SOURCE, by_no_physician={FICTIONAL_SOURCE})
    chosen = drawn.sample.notes
    refuse_patient_text(
        client, (store.notes.get(note.note_id) for note in chosen), allowed_hosts=config.allow_patient_text
    )
    store.ratings.keep_sample(drawn.sample)
    title = review_title(config.project)
    project = ensure_review_project(client, title, questionnaire, reviewers)
    with bar(len(chosen), "review") as advance:
        created = push_sample(client, store, project, drawn.sample, advance)
    return _pushed(store, drawn, created, title, project_url(client, project))


def _pushed(store: Store, drawn: Drawn, created: int, title: str, url: str) -> Result:
    """What a push did, and what is in the review now."""
    reviewed = reviewed_notes(store, drawn.sample)
    writers = Counter(note.writer for note in reviewed)
    specialties = Counter(note.specialty for note in reviewed if note.writer is Writer.GENERATED)
    offline = sum(bool(store.notes.get(note.id).provenance.get("offline")) for note in reviewed)
    document = {
        "project": url,
        "created": created,
        "sampled": {str(writer): writers[writer] for writer in Writer},
        "specialties": dict(sorted(specialties.items())),
        "missing": {str(writer): count for writer, count in drawn.missing.items()},
        "unfit": drawn.unfit,
        "offline": offline,
    }
    lines = [
        f"{created} notes pushed to the project {title!r}; of all there {writers[Writer.GENERATED]} are generated and "
        f"{writers[Writer.PHYSICIAN]} written by physicians",
        f"  open it at {url}",
    ]
    lines += [
        f"  {count} more notes ({writer}) were asked for than there are"
        for writer, count in drawn.missing.items()
        if count
    ]
    if drawn.unfit:
        lines.append(f"  {drawn.unfit} notes were no candidates: they hold what Label Studio cannot keep")
    if offline:
        lines.append(f"  {offline} of them were written by rule (the embedded endpoint), not by an LLM")
    return Result(document, "\n".join(lines))


def pull_review(workspace: Workspace, client: Client) -> Result:
    """Fetch the ratings submitted, changed or deleted since the last time, and say what all of them tell."""
    store = workspace.store
    questionnaire = read_questionnaire(workspace.own(FILE_NAME))
    project = find_review_project(client, review_title(workspace.config.label_studio.project))
    with bar(project.tasks, "review") as advance:
        report = pull_ratings(client, store, project, questionnaire.ids, advance)
    sample = store.ratings.sample() or ReviewSample("", ())
    ratings = store.ratings.of_project(client.address.project(project.id))
    review = measure_review(reviewed_notes(store, sample), ratings, questionnaire.questions)
    document: dict[str, Any] = {
        "tasks_read": report.tasks,
        "new": report.new,
        "withdrawn": report.withdrawn,
        "skipped": report.skipped,
        "set_aside": dict(report.set_aside),
        "review": review.to_json(),
    }
    lines = [f"{report.new} ratings new or changed, {report.withdrawn} withdrawn, {report.skipped} notes skipped"]
    lines += [f"  set aside: {count}: {reason}" for reason, count in report.set_aside.items()]
    return Result(document, "\n".join([*lines, "", format_review(review)]))


def reviewed_notes(store: Store, sample: ReviewSample) -> list[ReviewedNote]:
    """The sample's notes with what is known of them, in its order."""
    found = []
    for item in sample.notes:
        provenance = store.notes.get(item.note_id).provenance
        figures = provenance.get("figures", {})
        found.append(ReviewedNote(item.note_id, item.writer, str(provenance.get("specialty", "")), figures))
    return found
