"""A trained recogniser from its folder, whatever its kind; torch is imported only where the folder needs it."""

from pathlib import Path

from corpus.errors import ModelError
from corpus.recognition import Recogniser
from inference.crf.recogniser import CrfRecogniser
from inference.manifest import MANIFEST_NAME, read_manifest
from inference.transformer.decode import Method


def load_recogniser(folder: Path, version: str | None = None, decode: Method | None = None) -> Recogniser:
    """The recogniser in a folder, named `version` (the folder's own name by default).

    A folder without a manifest but with a transformers `config.json` is a token classifier from elsewhere. `decode` is
    how a transformer's tags are chosen (Viterbi by default). Raises ModelError where the folder holds no model that can
    be loaded, and where a method is named for a crf.
    """
    name = version or folder.resolve().name
    if not folder.is_dir():
        raise ModelError(f"{folder} is no model folder")
    foreign = not (folder / MANIFEST_NAME).exists() and (folder / "config.json").exists()
    if not foreign and read_manifest(folder).kind == "crf":
        if decode is not None:
            raise ModelError(f"{name} is a crf, which has one way of its own to choose tags: leave --decode out")
        return CrfRecogniser.load(folder, name)
    from inference.transformer.recogniser import TransformerRecogniser

    return TransformerRecogniser.load(folder, name, decode or Method.VITERBI)
