"""One note written by rule from a brief. It is no LLM's work, and whatever shows it says "offline"."""

import hashlib
from random import Random

from generation.briefs.brief import AllergyState, Brief
from generation.offline.layouts import write_layout
from generation.offline.scribe import draw_scribe


def write_note(brief: Brief, seed: int) -> str:
    """The note for a brief: the same for the same seed; lines end in a line feed."""
    return _write(brief, seed, brief.allergy)


def write_twin(brief: Brief, seed: int) -> str:
    """The note that `write_note` gives for a brief with an allergy and this seed, but with allergies denied."""
    return _write(brief, seed, AllergyState.DENIED)


def _write(brief: Brief, seed: int, allergy: AllergyState) -> str:
    digest = hashlib.sha256(f"{seed}\n{brief.block()}".encode()).digest()
    return write_layout(draw_scribe(brief, Random(int.from_bytes(digest[:8])), allergy))
