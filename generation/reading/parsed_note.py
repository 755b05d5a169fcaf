"""A note's text read once: folded, in lines, with its denials. What aligns or annotates a note asks this of it."""

from bisect import bisect_right
from functools import cached_property

from corpus.text.folding import FoldedText
from generation.reading.denials import affirms_an_allergy, denials
from generation.reading.passages import Passage, passages


class ParsedNote:
    """What is known of a text whatever is looked for in it; each thing is found out when it is first asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.folded = FoldedText.of(text)

    @cached_property
    def lines(self) -> list[Passage]:
        """The note's lines in order, without the headings."""
        return passages(self.folded)

    @cached_property
    def denials(self) -> list[tuple[int, int]]:
        """Where the note denies drug allergies."""
        return denials(self.text)

    @cached_property
    def affirms_an_allergy(self) -> bool:
        """Whether the note says that the patient is allergic to something that may be a drug."""
        return affirms_an_allergy(self.text)

    def line_at(self, offset: int) -> Passage | None:
        """The line that holds the offset; None in a heading or between lines."""
        number = bisect_right(self._starts, offset) - 1
        return self.lines[number] if number >= 0 and offset < self.lines[number].end else None

    @cached_property
    def _starts(self) -> list[int]:
        return [line.start for line in self.lines]
