"""A recogniser loaded, called with texts, and trained on notes."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal, overload

from corpus.config.file import CONFIG_NAME
from corpus.note import Span
from corpus.recognition import Annotated, Recogniser, Recognition
from corpus.workspace import open_workspace
from ernotes.api.notes import Notes, listed


class LoadedRecogniser:
    """A trained recogniser, called with a text or with several.

    >>> import ernotes
    >>> recognise = ernotes.load("round")
    >>> spans = recognise("Medicado com ramipril 5 mg id.")  # one text: a list of spans
    >>> both = recognise(["Sem alergias.", "Nega alergias."])  # several: a list of such lists
    >>> lazily = recognise(text for text in ["Sem alergias."])  # an iterator: one, read as it is asked
    >>> len(both), len(next(lazily)) >= 0
    (2, True)
    """

    def __init__(self, recogniser: Recogniser) -> None:
        """Use `load`."""
        self._recogniser = recogniser

    @property
    def version(self) -> str:
        """The model's name."""
        return self._recogniser.version

    @overload
    def __call__(self, texts: str) -> list[Span]: ...
    @overload
    def __call__(self, texts: list[str] | tuple[str, ...]) -> list[list[Span]]: ...
    @overload
    def __call__(self, texts: Iterator[str]) -> Iterator[list[Span]]: ...
    def __call__(self, texts: str | Iterable[str]) -> list[Span] | list[list[Span]] | Iterator[list[Span]]:
        """The spans of a text in text order, each with its `confidence` in [0, 1] and its `text`.

        A list or tuple of texts gives a list of such lists, an iterator another one, which reads it lazily.
        """
        if isinstance(texts, str):
            return next(self._found([texts]))
        found = self._found(texts)
        return list(found) if isinstance(texts, list | tuple) else found

    def recognise(self, texts: Iterable[str]) -> Iterator[Recognition]:
        """Spans and uncertainty of each text, in the order given; what `ernotes preannotate` stores."""
        return self._recogniser.recognise([texts] if isinstance(texts, str) else texts)

    def _found(self, texts: Iterable[str]) -> Iterator[list[Span]]:
        ahead = deque[str]()  # what the recogniser has read and not answered yet

        def noted() -> Iterator[str]:
            for text in texts:
                ahead.append(text)
                yield text

        for recognition in self._recogniser.recognise(noted()):
            text = ahead.popleft()
            yield [span.within(text) for span in recognition.spans]


def load(where: str | Path, *, decode: Literal["viterbi", "argmax"] | None = None) -> LoadedRecogniser:
    r"""The recogniser in a model's folder, or the current one of a workspace.

    `decode` is how a transformer's tags are chosen: the best valid sequence (the default) or each word's best tag.
    Raises ModelError where there is no model that can be loaded.

        >>> import ernotes
        >>> recognise = ernotes.load("round")
        >>> for span in recognise("Medicação habitual:\n- Ramipril 5 mg id\n\nNega alergias medicamentosas."):
        ...     print(span.start, span.end, span.label, span.text)
        22 38 Medicação Habitual Ramipril 5 mg id
        45 68 Alergias medicamentosas__Negativa alergias medicamentosas
    """
    from inference.load import load_recogniser
    from inference.transformer.decode import Method

    folder = Path(where)
    if (folder / CONFIG_NAME).is_file():
        from ernotes.models.prediction import current_model_folder

        with open_workspace(folder) as workspace:
            folder = current_model_folder(workspace)
    return LoadedRecogniser(load_recogniser(folder, decode=Method(decode) if decode else None))


def train_on(
    notes: Notes,
    folder: str | Path,
    *,
    base: str = "crf",
    validation: Notes = (),
    seed: int = 1,
) -> LoadedRecogniser:
    """A recogniser trained on annotated notes, written to a new folder with its card.

    `base` is `crf` (nothing is downloaded), `compact`, or a Hugging Face name or folder, which need `validation` to
    choose their best epoch by. Notes that nobody annotated are passed over. Raises ModelError where there is nothing to
    train on, the base cannot be loaded, or the folder is there already.

        >>> import ernotes
        >>> recognise = ernotes.train_on(ernotes.read_notes("gold.json"), "models/ours")
        >>> recognise.version
        'ours'
    """
    from corpus.config.training import TrainingConfig
    from training.run import train_recogniser

    trained = train_recogniser(
        base, _annotated(notes), _annotated(validation), Path(folder), TrainingConfig(), seed, _keep_silent
    )
    return load(trained.folder)


def _annotated(notes: Notes) -> list[Annotated]:
    return [Annotated(str(note.doc_id), note.text, note.spans) for note in listed(notes) if note.annotated]


def _keep_silent(_line: str) -> None:
    pass
