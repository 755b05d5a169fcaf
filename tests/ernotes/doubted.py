"""Notes whose gold a recogniser doubts, with a stand-in for the recogniser: what it says is written by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from corpus.config.training import CrfConfig
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Sensitivity, Span
from corpus.recognition import Annotated
from corpus.store import Store
from training.crf.cross_validation import Unseen

TEXT = "Toma ramipril 5 mg. Alergia a penicilina. Dx: pneumonia"
DRUG, WITH_DOSE = Span(5, 13, Label.MEDICATION), Span(5, 18, Label.MEDICATION)
PENICILLIN, DENIED = Span(30, 40, Label.ALLERGY), Span(30, 40, Label.NO_ALLERGY)
PNEUMONIA = Span(46, 55, Label.DIAGNOSIS)
OF_THE_FILE = Author(AuthorKind.IMPORT, "file")


def sure(span: Span, confidence: float) -> Span:
    return replace(span, confidence=confidence)


SAID = (sure(DRUG, 0.1), sure(WITH_DOSE, 0.8), sure(PENICILLIN, 0.9), sure(PNEUMONIA, 0.7))
"""What the recogniser takes for possible in each note."""


def say_the_same(
    _others: Sequence[Annotated], fold: Sequence[Annotated], _config: CrfConfig, _seed: int
) -> Mapping[str, Unseen]:
    return {note.id: Unseen(tuple(span for span in SAID if span != SAID[0]), SAID) for note in fold}


def imported(store: Store, number: int, *spans: Span) -> str:
    """The id of a new training note with this gold; the notes' texts are of different lineages."""
    words = " ".join(f"{letter}{number}" * 2 for letter in "abcdefghijkl")
    note = Note("s", number, f"{TEXT}\r\n{words}", Role.TRAIN, Sensitivity.FICTIONAL, lineage=f"own {number}")
    store.notes.add(note)
    store.spans.add(note.id, OF_THE_FILE, spans)
    return note.id
