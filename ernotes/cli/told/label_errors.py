"""What is said of gold that may be wrong."""

from pathlib import Path

from corpus.note import Span
from ernotes.models.label_errors import ListedErrors, ListedPlace

FEW_NOTES = 100
"""With fewer to learn from, the reader is warned: a guess, since how often the recogniser errs is not measured."""


def tell_label_errors(errors: ListedErrors, _folder: Path) -> str:
    """The doubted places, a line each."""
    heading = f"{errors.doubted} doubted places in {errors.notes} notes"
    if errors.settled:
        heading += f", {errors.settled} adjudicated ones left out"
    if errors.listed:
        heading += f"; the most doubted {len(errors.listed)}:"
    lines = [heading]
    if errors.listed and errors.notes < FEW_NOTES:
        lines.append(f"  {errors.notes} notes are few to learn from: many of these may be the recogniser's own errors")
    if errors.listed and not errors.with_text:
        lines.append("  --show-text shows their words")
    return "\n".join([*lines, *map(_line, errors.listed)])


def _line(listed: ListedPlace) -> str:
    place = listed.place
    words = "" if listed.text is None else f" {' '.join(listed.text.split())!r}"
    gold, other = map(_span, (place.marked, place.instead))
    return f"  {place.doubt:.2f} {place.kind:8} note {listed.doc_id}{words}: {gold}; the recogniser: {other}"


def _span(span: Span | None) -> str:
    return "nothing" if span is None else f"{span.label} {span.start}-{span.end}"
