"""One note written by rule from a brief. It is no LLM's work, and whatever shows it says "offline"."""

import hashlib
import re
from random import Random

from generation.briefs import Brief
from generation.offline.layouts import write_layout
from generation.offline.scribe import draw_scribe

_GAPS = re.compile(r"[ \t]{2,}(?=\S)|[ \t]+(?=\n|$)|(?<=\w) (?=[,.;])")


def write_note(brief: Brief, seed: int) -> str:
    """The note for a brief: the same for the same seed; lines end in a line feed."""
    digest = hashlib.sha256(f"{seed}\n{brief.block()}".encode()).digest()
    return write_layout(draw_scribe(brief, Random(int.from_bytes(digest[:8]))))
