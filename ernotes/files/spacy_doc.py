"""A note as a spaCy Doc and back, every offset kept to the letter."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from corpus.errors import FormatError, SpanError
from corpus.formats.file_note import FileNote
from corpus.labels import Label
from corpus.note import Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc
    from spacy.tokens import Span as SpacySpan

SPANS_KEY = "ernotes"


def doc_of(note: FileNote, nlp: "Language | None" = None) -> "Doc":
    """The Doc of a note; raises FormatError where spaCy is not installed."""
    try:
        import spacy
        from spacy.tokens import Doc, SpanGroup
        from spacy.util import filter_spans
    except ImportError:
        raise FormatError("spaCy is not installed; install it with: pip install 'ernotes[spacy]'") from None
    nlp = nlp or spacy.blank("pt")
    tokens = nlp.make_doc(note.text)
    cuts = {token.idx for token in tokens} | {token.idx + len(token) for token in tokens}
    cuts |= {bound for span in note.spans for bound in (span.start, span.end)}
    words = list(_words(note.text, cuts, note.spans))
    doc = Doc(nlp.vocab, [word for word, _ in words], [space for _, space in words])
    marked = [_marked(doc, span) for span in note.spans]
    doc.spans[SPANS_KEY] = SpanGroup(
        doc,
        name=SPANS_KEY,
        spans=marked,
        attrs={"confidence": [span.confidence for span in note.spans], "codes": [dict(s.codes) for s in note.spans]},
    )
    if len(filter_spans(marked)) == len(marked):
        doc.ents = marked
    doc.user_data["ernotes"] = {"doc_id": note.doc_id, "annotated": note.annotated}
    return doc


def _marked(doc: "Doc", span: Span) -> "SpacySpan":
    found = doc.char_span(span.start, span.end, label=str(span.label))
    if found is None:  # the tokens are cut at every mention's ends
        raise SpanError(f"span [{span.start}, {span.end}) lies in no tokens of its Doc")
    return found


def note_of(doc: "Doc", doc_id: int | str | None = None) -> FileNote:
    """The note of a Doc; raises LabelError for an entity outside the scheme, FormatError where it has no doc_id."""
    about = doc.user_data.get("ernotes", {})
    name = about.get("doc_id") if doc_id is None else doc_id
    if name is None:
        raise FormatError("this Doc does not know its doc_id; give one")
    group = doc.spans.get(SPANS_KEY)
    marked = list(doc.ents if group is None else group)
    nothing = [None] * len(marked)
    confidences = nothing if group is None else group.attrs.get("confidence", nothing)
    codes = nothing if group is None else group.attrs.get("codes", nothing)
    spans = tuple(
        Span(span.start_char, span.end_char, Label.of(span.label_), confidence, of_span or {}).within(doc.text)
        for span, confidence, of_span in zip(marked, confidences, codes, strict=True)
    )
    return FileNote(name, doc.text, spans, annotated=bool(about.get("annotated", True)))


def _words(text: str, cuts: set[int], spans: Sequence[Span]) -> Iterator[tuple[str, bool]]:
    """The words of a Doc with these cuts between them, each with whether a space follows that is no word of its own."""
    begin_with, end_after = {span.start for span in spans}, {span.end for span in spans}
    places = list(pairwise(sorted({0, *cuts, len(text)})))
    is_last_ones = False  # whether the piece is a space that the word before it has taken
    for (start, end), (_, beyond) in pairwise([*places, (len(text), len(text))]):
        if is_last_ones:
            is_last_ones = False
            continue
        is_last_ones = text[end:beyond] == " " and end not in begin_with and beyond not in end_after
        yield text[start:end], is_last_ones
