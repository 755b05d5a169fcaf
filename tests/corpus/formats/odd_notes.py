"""Notes that are hard on file formats: all kinds of line end, wide and decomposed signs, look-alikes of markup."""

from hypothesis import strategies as st

from corpus.formats import FileNote
from corpus.labels import Label
from corpus.note import Span

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)

_PIECES = (
    *("\r\n", "\r", "\n", "\t", " ", "  ", "\xa0", "\x0b", "\x1c", "\x85", "\u2028", "\ufeff", "\u200d"),
    *("AAS", "5mg", "2,5", "é", "e\u0301", "ç\u0303o", "😀", "🇵🇹", "\U00020000"),
    *("#", "# doc_id = 3", "-DOCSTART-", "O", "B-", "T1\tx", '"', "\\n", "_"),
)
odd_texts = st.lists(st.sampled_from(_PIECES), min_size=1, max_size=12).map("".join) | texts


@st.composite
def file_notes(draw: st.DrawFn) -> FileNote:
    text = draw(odd_texts)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda place: place[0] < place[1])
    spans = draw(
        st.lists(
            st.builds(
                lambda place, label, confidence, codes: Span(place[0], place[1], label, confidence, codes),
                places,
                st.sampled_from(Label),
                st.none() | st.floats(0, 1),
                st.sampled_from([{}, {"ICD10": "J18.9", "ATC": ""}, {"SNOMEDCT": "a b\u2028"}]),
            ),
            max_size=4,
        )
    )
    return FileNote(draw(st.integers() | texts), text, tuple(spans))


files = st.lists(file_notes(), max_size=3, unique_by=lambda note: repr(note.doc_id))
"""The notes of a file, with integers and strings for doc_ids."""
