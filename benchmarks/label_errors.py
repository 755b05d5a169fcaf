"""Prints one JSON line: how many errors made on purpose the list of label errors holds, beside cleanlab's ranking.

    python benchmarks/label_errors.py ../shared/er_ner [draws] [first seed]

(-P, since a file beside this one has the name of the package `training`.) `draws` is 5 by default, seeds from 1 on. Our
ranking was chosen on seeds 101 and 102.

Each draw corrupts 75 mentions of train.json, drawn evenly among all: 25 are dropped, 25 have one boundary moved by one
to three words (white space apart, without punctuation at their ends), inwards or outwards, within the line and into no
other mention, 25 have another label, each of the three others as likely. Then a crf is cross-validated on the corrupted
notes, and `ernotes.models.label_errors` ranks places by what it takes for possible. A corrupted mention is held if one
of the first 150 places is that mention as it stands or, where it was dropped, a stretch of unmarked text that overlaps
it.

The peer is cleanlab's token classification ranking of the same recognisers' marginal probabilities (`pip install
cleanlab`; null without it), by self-confidence and by normalized margin. A token stands for its mention or, where
unmarked, for the stretch of unmarked tokens around it that have a likelier tag than O.
"""

import importlib
import json
import random
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean, stdev

import numpy as np
from numpy.typing import NDArray

from corpus.config.training import CrfConfig
from corpus.formats import read_notes_file
from corpus.labels import OUTSIDE, TAG_IDS, TAGS, Label
from corpus.note import Span
from corpus.recognition import Annotated
from corpus.tags import encode_tags
from ernotes.models.label_errors import Place, rank_places
from inference.crf.recogniser import CrfRecogniser
from inference.crf.words import find_words
from training.crf.cross_validation import split_folds
from training.crf.train import train_crf

OF_EACH_KIND = 25
TOP = 150
_WORD = re.compile(r"\w(?:\S*\w)?")
_FARTHEST = 3

Corrupted = dict[str, list[tuple[str, Span]]]
"""By kind, note id and mention: as it stands, or stood."""
Stretch = tuple[str, int, int]
"""A place as the count needs it: note id, start and end."""


def main(folder: Path, draws: int, first_seed: int) -> None:
    """The figures as one line of JSON."""
    notes = [
        Annotated(str(note.doc_id), note.text, note.spans) for note in read_notes_file(folder / "train.json").notes
    ]
    with ProcessPoolExecutor(2) as pool:
        counts = []
        for seed in range(first_seed, first_seed + draws):
            corrupted, errors = corrupt(notes, seed)
            counts.append(count_held(corrupted, errors, cross_validate(corrupted, pool)))
    print(json.dumps({"benchmark": "label_errors", "top": TOP, "first_seed": first_seed, **summary(counts)}))


def summary(counts: Sequence[Mapping[str, int | None]]) -> dict[str, object]:
    """Mean and spread over the draws of each count, and the counts themselves."""
    figures: dict[str, object] = {"draws": len(counts)}
    for name in counts[0]:
        values = [count for draw in counts if (count := draw[name]) is not None]
        if values:
            spread = round(stdev(values), 1) if len(values) > 1 else None
            figures[name] = {"mean": round(mean(values), 1), "spread": spread, "each": values}
        else:
            figures[name] = None
    return figures


def corrupt(notes: Sequence[Annotated], seed: int) -> tuple[list[Annotated], Corrupted]:
    """The notes with 75 mentions corrupted, and which; a mention that cannot be moved is passed over."""
    draw = random.Random(seed)
    texts = {note.id: note.text for note in notes}
    before = {note.id: note.spans for note in notes}
    after = {note.id: list(note.spans) for note in notes}
    errors: Corrupted = {"dropped": [], "boundary": [], "label": []}
    mentions = [(note.id, span) for note in notes for span in note.spans]
    draw.shuffle(mentions)
    for note_id, span in mentions:
        kind = next((kind for kind, made in errors.items() if len(made) < OF_EACH_KIND), None)
        if kind is None:
            break
        if kind == "dropped":
            after[note_id].remove(span)
            errors[kind].append((note_id, span))
            continue
        if kind == "label":
            ways = [replace(span, label=label) for label in Label if label is not span.label]
        else:
            ways = _moved(
                texts[note_id], span, [other for other in (*before[note_id], *after[note_id]) if other != span]
            )
        if ways:
            error = draw.choice(ways)
            after[note_id][after[note_id].index(span)] = error
            errors[kind].append((note_id, error))
    return [replace(note, spans=tuple(sorted(after[note.id], key=lambda span: span.place))) for note in notes], errors


def _moved(text: str, span: Span, others: Sequence[Span]) -> list[Span]:
    """The mention with one boundary moved by one to three words, in every way that is open."""
    words = [word.span() for word in _WORD.finditer(text)]
    inside = [word for word in words if span.start < word[1] and word[0] < span.end]
    starts = [start for start, _ in inside[1 : 1 + _FARTHEST]]
    ends = [end for _, end in inside[-1 - _FARTHEST : -1]]
    earlier = [start for start, end in words if end <= span.start][-_FARTHEST:]
    later = [end for start, end in words if start >= span.end][:_FARTHEST]
    ways = [replace(span, start=start) for start in starts] + [replace(span, end=end) for end in ends]
    ways += [replace(span, start=start) for start in earlier] + [replace(span, end=end) for end in later]
    return [
        way
        for way in ways
        if not re.search(r"[\r\n]", text[way.start : span.start] + text[span.end : way.end])
        and not any(other.start < way.end and way.start < other.end for other in others)
    ]


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of a note by a crf that never saw it: for us, and for the peer, shape (words, tags)."""

    possible: tuple[Span, ...]
    marginals: NDArray[np.float64]


def cross_validate(notes: Sequence[Annotated], pool: ProcessPoolExecutor) -> dict[str, Said]:
    """What is said of each note, by note id, on the folds and by the recipe of `ernotes.models.out_of_fold`."""
    folds = split_folds(notes, {note.id: note.id for note in notes}, 1)
    jobs = [([note for other in folds if other is not fold for note in other], fold) for fold in folds]
    return {note_id: said for done in pool.map(_predict, jobs) for note_id, said in done.items()}


def _predict(job: tuple[Sequence[Annotated], Sequence[Annotated]]) -> dict[str, Said]:
    """As `training.crf.cross_validation.predict_fold`, with the marginals that nothing but this benchmark asks for."""
    others, fold = job
    with tempfile.TemporaryDirectory() as place:
        trained = train_crf(others, [], Path(place) / "model", CrfConfig(), 1, lambda _: None)
        recogniser = CrfRecogniser.load(trained.folder, "")
    texts = [note.text for note in fold]
    return {
        note.id: Said(possible, np.zeros((0, len(TAGS))) if posterior is None else posterior.marginals)
        for note, possible, (_, posterior) in zip(
            fold, recogniser.possible(texts), recogniser._read(texts), strict=True
        )
    }


def count_held(notes: Sequence[Annotated], errors: Corrupted, said: Mapping[str, Said]) -> dict[str, int | None]:
    """How many of the errors our ranking holds, in all and by kind, and how many cleanlab's rankings."""
    possible = {note_id: one.possible for note_id, one in said.items()}
    places = [(place.note_id, *_stretch(place)) for place in rank_places(notes, possible)[:TOP]]
    counts: dict[str, int | None] = {"held": held(places, errors)}
    counts |= {kind: held(places, {kind: made}) for kind, made in errors.items()}
    for method in ("self_confidence", "normalized_margin"):
        ranked = cleanlab_places(notes, said, method)
        counts[f"cleanlab_{method}"] = None if ranked is None else held(ranked[:TOP], errors)
    return counts


def _stretch(place: Place) -> tuple[int, int]:
    """The mention, or the unmarked text, without what else the recogniser would mark."""
    span = place.marked or place.instead
    return (place.start, place.end) if span is None else (span.start, span.end)


def held(places: Sequence[Stretch], errors: Corrupted) -> int:
    """How many errors overlap a place; a mention that stands overlaps no other, so it is held by itself alone."""
    return sum(
        any(at == note_id and start < span.end and span.start < end for at, start, end in places)
        for made in errors.values()
        for note_id, span in made
    )


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A note's words, their gold tags, and the marginals of each word, shape (words, tags)."""

    note: Annotated
    offsets: list[tuple[int, int]]
    tags: list[int]
    marginals: NDArray[np.float64]

    def stretch(self, word: int) -> Stretch:
        """The mention that the word is part of, or the unmarked words around it that are likelier something else."""
        start, end = self.offsets[word]
        for span in self.note.spans:
            if span.start < end and start < span.end:
                return self.note.id, span.start, span.end
        outside = TAG_IDS[OUTSIDE]
        likely = self.marginals.argmax(axis=1) != outside
        first = last = word
        while likely[word] and first and likely[first - 1] and self.tags[first - 1] == outside:
            first -= 1
        while likely[word] and last + 1 < len(likely) and likely[last + 1] and self.tags[last + 1] == outside:
            last += 1
        return self.note.id, self.offsets[first][0], self.offsets[last][1]


def cleanlab_places(notes: Sequence[Annotated], said: Mapping[str, Said], method: str) -> list[Stretch] | None:
    """The first places of cleanlab's ranking of tokens, each place once; None where cleanlab is not installed."""
    try:
        rank = importlib.import_module("cleanlab.token_classification.rank")
    except ImportError:
        return None
    tagged = [_tagged(note, said[note.id].marginals) for note in notes if len(said[note.id].marginals)]
    tags, marginals = [one.tags for one in tagged], [one.marginals for one in tagged]
    _, scores = rank.get_label_quality_scores(tags, marginals, token_score_method=method)
    ranked = sorted((float(score), note, word) for note, row in enumerate(scores) for word, score in enumerate(row))
    places: dict[Stretch, None] = {}
    for _, note, word in ranked:
        places[tagged[note].stretch(word)] = None
        if len(places) == TOP:
            break
    return list(places)


def _tagged(note: Annotated, marginals: NDArray[np.float64]) -> _Tagged:
    offsets = list(find_words(note.text).offsets)
    return _Tagged(note, offsets, list(encode_tags(offsets, note.spans)), marginals)


if __name__ == "__main__":
    main(
        Path(sys.argv[1]),
        int(sys.argv[2]) if len(sys.argv) > 2 else 5,
        int(sys.argv[3]) if len(sys.argv) > 3 else 1,
    )
