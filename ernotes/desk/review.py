"""The physicians' review: notes drawn and sent, ratings fetched and what they say."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

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
from annotation.review.ratings import Review, ReviewedNote, measure_review
from annotation.review.sample import Drawn, draw_sample
from corpus.documents import aside
from corpus.store import Store
from corpus.store.ratings import ReviewSample, Writer
from corpus.workspace import Workspace
from ernotes.console import bar
from ernotes.desk.round_trip import project_url
from ernotes.files.initialise import FICTIONAL_SOURCE
from generation.writing.run import SOURCE as GENERATED_SOURCE


@dataclass(frozen=True, slots=True)
class ReviewPushed:
    """What a push did in the Label Studio project at this address, and what is in the review now, by writer."""

    project: str
    created: int
    sampled: Mapping[Writer, int]
    specialties: Mapping[str, int]
    missing: Mapping[Writer, int]
    unfit: int
    offline: int
    title: str = aside("")


@dataclass(frozen=True, slots=True)
class ReviewPulled:
    """What a pull of ratings brought, and what all of them tell."""

    tasks_read: int
    new: int
    withdrawn: int
    skipped: int
    set_aside: Mapping[str, int]
    review: Review


def push_review(
    workspace: Workspace, client: Client, counts: Mapping[Writer, int], reviewers: int, seed: int
) -> ReviewPushed:
    """Have so many notes of each writer reviewed by so many people; those that are there already count along."""
    store, config = workspace.store, workspace.config.label_studio
    questionnaire = read_questionnaire(workspace.own(FILE_NAME))
    drawn = draw_sample(store, counts, seed, generated=GENERATED_SOURCE, by_no_physician={FICTIONAL_SOURCE})
    chosen = drawn.sample.notes
    refuse_patient_text(
        client, store.notes.many([note.note_id for note in chosen]), allowed_hosts=config.allow_patient_text
    )
    store.ratings.keep_sample(drawn.sample)
    title = review_title(config.project)
    project = ensure_review_project(client, title, questionnaire, reviewers)
    with bar(len(chosen), "review") as advance:
        created = push_sample(client, store, project, drawn.sample, advance)
    return _pushed(store, drawn, created, title, project_url(client, project))


def _pushed(store: Store, drawn: Drawn, created: int, title: str, url: str) -> ReviewPushed:
    """What a push did, and what is in the review now."""
    reviewed = reviewed_notes(store, drawn.sample)
    writers = Counter(note.writer for note in reviewed)
    specialties = Counter(note.specialty for note in reviewed if note.writer is Writer.GENERATED)
    offline = sum(bool(note.provenance.get("offline")) for note in store.notes.many([note.id for note in reviewed]))
    return ReviewPushed(
        url,
        created,
        {writer: writers[writer] for writer in Writer},
        dict(sorted(specialties.items())),
        drawn.missing,
        drawn.unfit,
        offline,
        title=title,
    )


def pull_review(workspace: Workspace, client: Client) -> ReviewPulled:
    """Fetch the ratings submitted, changed or deleted since the last time, and say what all of them tell."""
    store = workspace.store
    questionnaire = read_questionnaire(workspace.own(FILE_NAME))
    project = find_review_project(client, review_title(workspace.config.label_studio.project))
    with bar(project.tasks, "review") as advance:
        report = pull_ratings(client, store, project, questionnaire.ids, advance)
    sample = store.ratings.sample() or ReviewSample("", ())
    ratings = store.ratings.of_project(client.address.project(project.id))
    review = measure_review(reviewed_notes(store, sample), ratings, questionnaire.questions)
    return ReviewPulled(report.tasks, report.new, report.withdrawn, report.skipped, report.set_aside, review)


def reviewed_notes(store: Store, sample: ReviewSample) -> list[ReviewedNote]:
    """The sample's notes with what is known of them, in its order."""
    found = []
    notes = store.notes.many([item.note_id for item in sample.notes])
    for item, note in zip(sample.notes, notes, strict=True):
        provenance = note.provenance
        figures = provenance.get("figures", {})
        found.append(ReviewedNote(item.note_id, item.writer, str(provenance.get("specialty", "")), figures))
    return found
