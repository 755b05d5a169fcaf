"""When an endpoint fails too often to go on: by the share of its last requests that failed for good, and how."""

from collections import Counter, deque


class FailureWatch:
    """The outcomes of the last requests: '' for an answer, else the kind of failure."""

    def __init__(self, error_window: int, max_error_share: float) -> None:
        """Of `error_window` requests in a row, the share `max_error_share` may fail.

        A run of fewer requests may have that many failures too.
        """
        self._last: deque[str] = deque(maxlen=error_window)
        self._too_many = error_window * max_error_share

    def answered(self) -> None:
        """One request had its answer."""
        self._last.append("")

    def failed(self, kind: str) -> str:
        """What failed of the last requests, if it is now too much; '' if it can go on."""
        self._last.append(kind)
        kinds = Counter(filter(None, self._last))
        if kinds.total() < self._too_many:
            return ""
        listed = ", ".join(f"{count} × {name}" for name, count in kinds.most_common())
        return f"{kinds.total()} of the last {len(self._last)} requests failed for good: {listed}"
