"""Which notes physicians review: drawn by chance, evenly over specialties, some written by physicians among them."""

import hashlib
import hmac
import random
import secrets
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from annotation.label_studio.tasks import can_be_kept
from corpus.note import AuthorKind, Note, Role
from corpus.store import Store
from corpus.store.ratings import ReviewSample, SampledNote, Writer


@dataclass(frozen=True, slots=True)
class Drawn:
    """The sample, and how many notes it lacks by writer; `unfit` candidates hold what a server cannot keep."""

    sample: ReviewSample
    missing: Mapping[Writer, int]
    unfit: int


def code_of(secret: str, note_id: str) -> str:
    """The name by which reviewers know a note."""
    return hmac.new(bytes.fromhex(secret), note_id.encode(), hashlib.sha256).hexdigest()[:16]


def draw_sample(
    store: Store, counts: Mapping[Writer, int], seed: int, *, generated: str, by_no_physician: Collection[str]
) -> Drawn:
    """So many notes of each writer, those drawn before among them, evenly over specialties; not recorded yet.

    `generated` is the source of generated notes, `by_no_physician` are other sources that no physician wrote. Test
    and validation notes are never drawn. New notes come after the earlier ones, generated and others shuffled.
    """
    before = store.ratings.sample() or ReviewSample(secrets.token_hex(32), ())
    chosen = {note.note_id for note in before.notes}
    candidates: dict[Writer, dict[str, str]] = {writer: {} for writer in Writer}
    taken: dict[Writer, Counter[str]] = {writer: Counter() for writer in Writer}
    writers = {note.note_id: note.writer for note in before.notes}
    unfit = 0
    imported = store.spans.noted_by(AuthorKind.IMPORT)
    for note in store.notes.by_role():
        specialty = str(note.provenance.get("specialty", ""))
        if note.id in chosen:
            taken[writers[note.id]][specialty] += 1
            continue
        writer = _writer(note, imported, generated, by_no_physician)
        if writer is None:
            continue
        if can_be_kept(note.text):
            candidates[writer][note.id] = specialty
        else:
            unfit += 1
    rng = random.Random(seed)
    new: list[SampledNote] = []
    missing = {}
    for writer, count in counts.items():
        wanted = max(0, count - taken[writer].total())
        drawn = draw_evenly(candidates[writer], wanted, taken[writer], rng)
        new += [SampledNote(note_id, writer) for note_id in drawn]
        missing[writer] = wanted - len(drawn)
    rng.shuffle(new)
    sample = ReviewSample(before.secret, (*before.notes, *new))
    return Drawn(sample, missing, unfit)


def draw_evenly(groups: Mapping[str, str], count: int, taken: Counter[str], rng: random.Random) -> list[str]:
    """At most `count` of the items, drawn by chance from the group that has given least so far; `taken` says how much.

    `groups` has each item's group. The same items, seed and `taken` give the same draw, whatever the items' order.
    """
    left: dict[str, list[str]] = {}
    for item in sorted(groups):
        left.setdefault(groups[item], []).append(item)
    for items in left.values():
        rng.shuffle(items)
    order = sorted(left)
    rng.shuffle(order)
    given = Counter(taken)
    drawn: list[str] = []
    while len(drawn) < count and any(left.values()):
        group = min((name for name in order if left[name]), key=lambda name: given[name])
        drawn.append(left[group].pop())
        given[group] += 1
    return drawn


def _writer(note: Note, imported: Collection[str], generated: str, by_no_physician: Collection[str]) -> Writer | None:
    """Who wrote a note that may be reviewed; None for one that may not."""
    if note.source == generated:
        return Writer.GENERATED if note.role in (Role.POOL, Role.TRAIN) else None
    if note.source in by_no_physician or note.role not in (Role.EXEMPLAR, Role.TRAIN):
        return None
    return Writer.PHYSICIAN if note.id in imported else None
