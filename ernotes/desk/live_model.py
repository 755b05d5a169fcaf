"""The recogniser that serves live: another one is loaded beside it, and takes over when it is ready."""

from collections.abc import Callable, Sequence
from threading import Lock, Thread

from corpus.errors import ErNotesError
from corpus.recognition import Recogniser, Recognition

PATIENCE_SECONDS = 1.0
"""How long the request that notices another model waits for it: enough for a crf, and less than Label Studio waits."""


class LiveModel:
    """The recogniser of the version that `current` names; `load` gives it, `report` gets a line if that fails.

    Each request asks which version is current. Another one is loaded in the background, while the one before goes on
    serving; one that cannot be loaded is not tried again until yet another is current.
    """

    def __init__(
        self, current: Callable[[], str], load: Callable[[str], Recogniser], report: Callable[[str], None]
    ) -> None:
        self._current, self._load, self._report = current, load, report
        self._tried = current()
        self._recogniser = load(self._tried)
        self._loading: Thread | None = None
        self._noticing, self._reading = Lock(), Lock()

    def version(self) -> str:
        """The version that serves now."""
        self._notice()
        return self._recogniser.version

    def recognise(self, texts: Sequence[str]) -> tuple[str, list[Recognition]]:
        """The version that read the texts, and one Recognition a text."""
        self._notice()
        recogniser = self._recogniser
        with self._reading:  # a recogniser remembers words as it reads, so it is asked by one thread at a time
            return recogniser.version, list(recogniser.recognise(texts))

    def _notice(self) -> None:
        version = self._current()
        with self._noticing:
            if version == self._tried or (self._loading is not None and self._loading.is_alive()):
                return
            self._tried = version
            loading = self._loading = Thread(target=self._switch, args=(version,), name="load-model", daemon=True)
            loading.start()
        loading.join(PATIENCE_SECONDS)

    def _switch(self, version: str) -> None:
        try:
            self._recogniser = self._load(version)
        except ErNotesError as error:
            self._report(f"{error}; {self._recogniser.version} goes on serving")
