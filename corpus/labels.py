"""The label scheme: four labels, three entities, nine BIO tags. The only home of the Portuguese names."""

from enum import StrEnum

from corpus.errors import LabelError

MEDICATION_ENTITY = "Medicação Habitual"
DIAGNOSIS_ENTITY = "Diagnóstico"
ALLERGY_ENTITY = "Alergias medicamentosas"
POSITIVE = "Positiva"
NEGATIVE = "Negativa"


class Label(StrEnum):
    """One of the four labels; an allergy's polarity is part of its label.

    >>> from ernotes import Label
    >>> [str(label) for label in Label]  # doctest: +NORMALIZE_WHITESPACE
    ['Diagnóstico', 'Medicação Habitual', 'Alergias medicamentosas__Positiva',
     'Alergias medicamentosas__Negativa']
    >>> Label.NO_ALLERGY.entity, Label.NO_ALLERGY.polarity
    ('Alergias medicamentosas', 'Negativa')
    """

    DIAGNOSIS = DIAGNOSIS_ENTITY
    MEDICATION = MEDICATION_ENTITY
    ALLERGY = f"{ALLERGY_ENTITY}__{POSITIVE}"
    NO_ALLERGY = f"{ALLERGY_ENTITY}__{NEGATIVE}"

    @property
    def entity(self) -> str:
        """The entity without its polarity, as the notes file spells it."""
        return self.value.partition("__")[0]

    @property
    def polarity(self) -> str | None:
        """`Positiva`, `Negativa`, or None for entities that have none."""
        return self.value.partition("__")[2] or None

    @classmethod
    def of(cls, entity: str, polarity: str | None = None) -> "Label":
        """The label of an entity and its polarity; raises LabelError if the scheme has no such pair."""
        value = entity if polarity is None else f"{entity}__{polarity}"
        try:
            return cls(value)
        except ValueError:
            raise LabelError(f"no label {value!r}; the scheme has {', '.join(cls)}") from None


OUTSIDE = "O"
TAGS: tuple[str, ...] = (OUTSIDE, *(f"{prefix}-{label}" for label in Label for prefix in "BI"))
"""The nine BIO tags in their fixed order: O, then B- and I- of each label."""
TAG_IDS: dict[str, int] = {tag: index for index, tag in enumerate(TAGS)}
