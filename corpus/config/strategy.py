"""The strategies of selection by name, apart from the other settings so that `--help` need not load these."""

from enum import StrEnum


class Strategy(StrEnum):
    """By what the notes to correct next are chosen."""

    RANDOM = "random"
    LEAST_CONFIDENCE = "least-confidence"
    """How improbable the tags are that the recogniser decided on, per token."""
    TOTAL_ENTROPY = "total-entropy"
    """The entropy of all tokens added up; it prefers long notes dense in mentions."""
    TOP_ENTROPY = "top-entropy"
    """The mean of the highest token entropies."""
    DISAGREEMENT = "disagreement"
    """How much several recognisers differ."""
    DIVERSE = "diverse"
    """The entropy of all tokens, less where a note resembles one that is annotated or chosen already."""
    K_CENTRE = "k-centre"
    """How little a note resembles those that are annotated or chosen already, whatever is doubted in it."""
