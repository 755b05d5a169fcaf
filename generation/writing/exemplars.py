"""Which exemplars a prompt shows."""

import random
from collections.abc import Sequence

from corpus.note import Note


def choose_exemplars(exemplars: Sequence[Note], specialty: str, exemplars_per_prompt: int, seed: str) -> list[Note]:
    """Up to `exemplars_per_prompt` of the same specialty where there is one; the same seed chooses the same."""
    fitting = [note for note in exemplars if note.provenance.get("specialty") == specialty] or exemplars
    return random.Random(seed).sample(fitting, min(exemplars_per_prompt, len(fitting)))
