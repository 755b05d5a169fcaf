"""Which annotated note is most like a text: TF-IDF over words and pairs of words, cosine (scikit-learn)."""

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from corpus.recognition import Annotated


class SimilarNotes:
    """Notes among which the most similar one is found; notes without a word are left out, being like nothing."""

    def __init__(self, notes: Sequence[Annotated]) -> None:
        self._notes = [note for note in notes if any(character.isalnum() for character in note.text)]
        if self._notes:
            self._vectorizer = TfidfVectorizer(
                strip_accents="unicode",
                token_pattern=r"\w+",  # noqa: S106 - of words; the library's own leaves out single letters
                ngram_range=(1, 2),
                sublinear_tf=True,
            )
            self._vectors = self._vectorizer.fit_transform(note.text for note in self._notes)

    def most_similar(self, text: str, besides: str = "") -> Annotated | None:
        """The note most like the text, the first of equals, but not the one with the id `besides`; None if none is."""
        others = np.array([note.id != besides for note in self._notes], dtype=bool)
        if not others.any():
            return None
        likeness = (self._vectors @ self._vectorizer.transform([text]).T).toarray().ravel()  # (notes,)
        return self._notes[int(np.where(others, likeness, -1.0).argmax())]
