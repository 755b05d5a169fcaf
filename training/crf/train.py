"""Training of the embedded recogniser: a linear-chain CRF over words, with python-crfsuite."""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pycrfsuite
from tqdm import tqdm

from corpus.config.training import CrfConfig
from corpus.errors import ModelError
from corpus.labels import TAGS, Label
from corpus.machine.files import whole_folder
from corpus.note import Span
from corpus.recognition import Annotated, Trained
from corpus.tags import encode_tags, untagged_spans
from inference.crf.crfsuite import Weights, read_weights
from inference.crf.features import Describer
from inference.crf.ids import Ids
from inference.crf.lexicon import LEXICON_NAME, Lexicon, Uses, uses_in
from inference.crf.recogniser import MODEL_NAME, CrfRecogniser
from inference.crf.spelling import FEATURES, VIEWS, View
from inference.crf.words import Words, find_words
from inference.manifest import MANIFEST_NAME, Manifest
from training.calibration import Possible, calibrate
from training.crf.lineages import uses_of_lineages


def train_crf(
    train: Sequence[Annotated],
    validation: Sequence[Annotated],
    folder: Path,
    config: CrfConfig,
    seed: int,
    progress: Callable[[str], None],
    *,
    views: Sequence[View] = VIEWS,
) -> Trained:
    """A CRF trained on `train` and written whole to `folder`, with the figures of the run.

    L-BFGS sees all notes at every step and starts at zero, so nothing is left to chance: `seed` is only recorded. The
    number of steps is a knob, so that `validation` chooses one number alone: the temperature of the confidences. With
    fewer `views` it learns faster, and less. Raises ModelError where there is nothing to learn.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    if not any(note.spans for note in train):
        raise ModelError(f"nothing to learn from: {len(train)} training notes without a span; annotate or import some")
    progress(f"crf: reading {len(train)} notes")
    tagged = list(_tagged(train))
    lexicon = Lexicon.of(note.uses for note in tagged)
    trainer = _Trainer(config)
    speller = Speller(views)
    own = uses_of_lineages([note.text for note in tagged], [note.uses for note in tagged])
    for note, lineage in zip(tagged, own, strict=True):
        trainer.append(speller.spell(note.words, lexicon.without(lineage)), [TAGS[tag] for tag in note.tags])
    words_seen = sum(len(note.words) for note in tagged)
    progress(f"crf: {words_seen} words, at most {config.max_iterations} steps")
    with whole_folder(folder) as draft:
        trainer.train_to(draft / MODEL_NAME)
        weights = read_weights((draft / MODEL_NAME).read_bytes())
        calibration = calibrate(_at_temperature(weights, lexicon), validation)
        (draft / LEXICON_NAME).write_text(lexicon.to_json(), "utf-8")
        recipe = {**config.model_dump(), "algorithm": "lbfgs", "features": FEATURES, "seed": seed}
        recipe["temperature"] = calibration.temperature
        _write_manifest(draft, Manifest(kind="crf", base="crf", tags=TAGS, trained_on=len(train), recipe=recipe))
    figures = {
        **_counted(train),
        "validation_notes": len(validation),
        "train_words": words_seen,
        "calibration": asdict(calibration),
        "seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
    }
    return Trained(folder, figures)


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    document = json.dumps(manifest.model_dump(mode="json"), ensure_ascii=False, indent=2)
    (folder / MANIFEST_NAME).write_text(document + "\n", "utf-8")


def _counted(train: Sequence[Annotated]) -> dict[str, object]:
    """What was learnt from, and what of it was not taken as it stands."""
    labels = Counter(span.label for note in train for span in note.spans)
    return {
        "base": "crf",
        "train_notes": len(train),
        "train_spans": {label.value: labels[label] for label in Label},
        "untagged_spans": dict(_untagged(train)),
        "polarities_corrected": sum(_as_meant(span, note.text) != span for note in train for span in note.spans),
    }


def _at_temperature(weights: Weights, lexicon: Lexicon) -> Possible:
    """What the weights take for possible in texts at a temperature."""
    return lambda temperature, texts: list(CrfRecogniser(weights.at(temperature), lexicon, "").possible(texts))


@dataclass(frozen=True, slots=True)
class _Tagged:
    text: str
    words: Words
    tags: list[int]

    @property
    def uses(self) -> Uses:
        """How the note uses its words."""
        return uses_in(self.words.texts, self.tags)


def _tagged(notes: Iterable[Annotated]) -> Iterator[_Tagged]:
    """Each note that has words, with a tag for every word."""
    for note in notes:
        words = find_words(note.text)
        if len(words):
            yield _Tagged(
                note.text, words, encode_tags(words.offsets, [_as_meant(span, note.text) for span in note.spans])
            )


def _as_meant(span: Span, text: str) -> Span:
    """A span with the polarity that the scheme gives its wording: an allergen is Positiva, an allergy word Negativa.

    Annotators slip here, and a slip teaches that every denial might be an allergy.
    """
    if span.label not in (Label.ALLERGY, Label.NO_ALLERGY):
        return span
    allergy_word = text[span.start : span.end].strip().lower().startswith("alerg")
    return replace(span, label=Label.NO_ALLERGY if allergy_word else Label.ALLERGY)


def _untagged(notes: Iterable[Annotated]) -> Counter[str]:
    """How many gold spans could not be tagged, by reason."""
    return Counter(
        str(reason) for note in notes for _, reason in untagged_spans(find_words(note.text).offsets, note.spans)
    )


class _Trainer(pycrfsuite.Trainer):  # type: ignore[misc]  # the library has no types
    """L-BFGS whose steps move a progress bar; by itself the library prints them on standard output, or says nothing."""

    def __init__(self, config: CrfConfig) -> None:
        super().__init__(algorithm="lbfgs", verbose=True)
        self.set_params({"c1": config.c1, "c2": config.c2, "max_iterations": config.max_iterations})
        self._steps = tqdm(total=config.max_iterations, desc="crf", unit="step", file=sys.stderr, disable=None)

    def message(self, message: str) -> None:
        """Called with each piece of the library's log."""
        if self.logparser.feed(message) == "iteration":
            self._steps.update()

    def train_to(self, path: Path) -> None:
        """Train, and write the model to `path`."""
        with self._steps:
            self.train(str(path))


class Speller:
    """Spells out what a note's words are seen by; the attributes of a key are made once for all notes."""

    def __init__(self, views: Sequence[View] = VIEWS) -> None:
        self._views = views
        self._ids = Ids()
        self._known: dict[str, dict[int, list[str]]] = {view.name: {} for view in views}

    def spell(self, words: Words, lexicon: Lexicon) -> list[list[str]]:
        """The attributes of each word of a note that has words, as CRFsuite takes them."""
        spelled: list[list[str]] = [[] for _ in range(len(words))]
        streams = Describer(lexicon, self._ids).streams(words)
        for view in self._views:
            stream, known = streams[view.stream], self._known[view.name]
            for attributes, key in zip(spelled, stream.keys[stream.at + view.distance].tolist(), strict=True):
                if key not in known:
                    known[key] = view.attributes(stream.shown(key, self._ids))
                attributes += known[key]
        return spelled
