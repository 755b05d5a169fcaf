"""The weights of a CRFsuite model file, read exactly.

`Tagger.info()` prints weights rounded to six decimals and takes seconds; the file holds doubles. The layout is that of
CRFsuite 0.12 (crf1d_model.c and cqdb.c, Okazaki 2007), little-endian throughout.
"""

import struct
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

_HEADER = struct.Struct("<4sI4s9I")
_FEATURE = np.dtype([("kind", "<u4"), ("source", "<u4"), ("target", "<u4"), ("weight", "<f8")])
_STATE, _TRANSITION = 0, 1


@dataclass(frozen=True, slots=True)
class Weights:
    """A linear-chain CRF over tags: `attributes` gives an attribute's row of `state`.

    `state` has shape (attributes, tags), `transition` (tags, tags): from, to. A pair without a weight has 0.
    """

    tags: tuple[str, ...]
    attributes: dict[str, int]
    state: NDArray[np.float64]
    transition: NDArray[np.float64]

    def at(self, temperature: float) -> "Weights":
        """These weights divided by `temperature`: the best tags stay, above 1 their probabilities sink."""
        return replace(self, state=self.state / temperature, transition=self.transition / temperature)


def read_weights(model: bytes) -> Weights:
    """The weights in the bytes of a CRFsuite model file; raises ModelError where they are no such file."""
    try:
        return _parse(model)
    except (struct.error, ValueError, IndexError, UnicodeDecodeError):
        raise ModelError("the CRFsuite model file is damaged; train the model again") from None


def _parse(model: bytes) -> Weights:
    magic, _size, kind, _version, _n_features, n_tags, n_attributes, features_at, tags_at, attributes_at, *_ = (
        _HEADER.unpack_from(model)
    )
    if (magic, kind) != (b"lCRF", b"FOMC"):
        raise ModelError("the CRFsuite model file is of another kind; train the model again")
    chunk, _size, count = struct.unpack_from("<4sII", model, features_at)
    if chunk != b"FEAT":
        raise ValueError
    features = np.frombuffer(model, _FEATURE, count, features_at + 12)
    state = np.zeros((n_attributes, n_tags))
    transition = np.zeros((n_tags, n_tags))
    for weights, wanted in ((state, _STATE), (transition, _TRANSITION)):
        chosen = features[features["kind"] == wanted]
        weights[chosen["source"], chosen["target"]] = chosen["weight"]
    names = _names(model, attributes_at)
    return Weights(tuple(_names(model, tags_at)), {name: row for row, name in enumerate(names)}, state, transition)


def _names(model: bytes, at: int) -> list[str]:
    """The strings of a constant quark database that begins at byte `at`, in the order of their ids."""
    chunk, _size, _flag, _order, count, backlinks_at = struct.unpack_from("<4s5I", model, at)
    if chunk != b"CQDB":
        raise ValueError
    names = []
    for offset in struct.unpack_from(f"<{count}I", model, at + backlinks_at):
        _id, length = struct.unpack_from("<II", model, at + offset)
        begin = at + offset + 8
        names.append(model[begin : begin + length - 1].decode())  # the last byte is NUL
    return names
