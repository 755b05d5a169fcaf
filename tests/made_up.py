"""A tiny corpus made up for tests: invented notes whose mentions are easy to learn; and a transformer as tiny."""

import re

from corpus.config.training import CompactConfig
from corpus.labels import Label
from corpus.note import Author, AuthorKind, Note, Role, Span
from corpus.recognition import Annotated
from corpus.workspace import Workspace

TINY_COMPACT = CompactConfig(
    hidden_size=32, layers=1, heads=2, vocabulary=300, dropout=0.0, negative_copies=1, batch_size=4, max_epochs=1
)
"""Trained within a second or two; it learns next to nothing."""

_MARK = re.compile(r"\[([DMPN])\|([^\]]*)\]")
_LABELS = {"D": Label.DIAGNOSIS, "M": Label.MEDICATION, "P": Label.ALLERGY, "N": Label.NO_ALLERGY}


def annotated(name: str, marked: str) -> Annotated:
    """A note from a text with its mentions marked, as in [M|Ramipril 5mg]; line ends become CRLF."""
    spans: list[Span] = []
    text = ""
    at = 0
    marked = marked.replace("\n", "\r\n")
    for mark in _MARK.finditer(marked):
        text += marked[at : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), _LABELS[mark[1]]))
        text += mark[2]
        at = mark.end()
    return Annotated(name, text + marked[at:], tuple(spans))


_ALLERGIC = """Homem, {age} anos, trazido pelos bombeiros.
ANTECEDENTES:
# HTA
# Alergia a [P|{allergen}] (exantema)

MEDICAÇÃO HABITUAL:
- [M|{drug} {dose}mg id]
- [M|Pantoprazol 20mg em jejum]

PLANO:
Interna-se por [D|{diagnosis}]."""
_TOLERANT = """Mulher de {age} anos, autónoma.
Sem [N|alergias medicamentosas] conhecidas.

Medicação habitual:
- [M|{drug} {dose}mg 12/12h]

Impressão: [D|{diagnosis}] com melhoria."""
_CASES = [
    (61, "penicilina", "Ramipril", "5", "pneumonia lobar"),
    (72, "codeína", "Bisoprolol", "2.5", "insuficiência cardíaca"),
    (48, "sulfamidas", "Metformina", "1000", "colecistite aguda"),
    (83, "penicilina", "Furosemida", "40", "pielonefrite aguda"),
    (57, "tramadol", "Apixabano", "5", "pneumonia lobar"),
]

NOTES = [
    annotated(f"{number}{kind}", form.format(age=age, allergen=allergen, drug=drug, dose=dose, diagnosis=diagnosis))
    for number, (age, allergen, drug, dose, diagnosis) in enumerate(_CASES)
    for kind, form in (("a", _ALLERGIC), ("b", _TOLERANT))
]
"""Ten notes of two layouts, all four labels."""
UNSEEN = annotated(
    "unseen", _ALLERGIC.format(age=66, allergen="codeína", drug="Lisinopril", dose="20", diagnosis="pielonefrite aguda")
)
"""A note of the first layout with a drug that NOTES have not."""


def take_in(workspace: Workspace) -> None:
    """Bring NOTES in, to train on."""
    for note in NOTES:
        stored = Note("made up", note.id, note.text, Role.TRAIN)
        workspace.store.notes.add(stored)
        workspace.store.spans.add(stored.id, Author(AuthorKind.IMPORT, "made up"), note.spans)
