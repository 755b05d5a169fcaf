"""Requests to a Label Studio server through its SDK: foreign errors become ours here, and only reads are repeated.

The SDK would repeat a failed import by itself, and so double its tasks; its own retries are off.
"""

import ipaddress
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx
from label_studio_sdk import LabelStudio
from label_studio_sdk.core.api_error import ApiError
from pydantic import JsonValue, ValidationError

from annotation.label_studio.server import Address
from annotation.label_studio.tasks import Task
from corpus.documents import JsonObject
from corpus.errors import DeskError

T = TypeVar("T")

ATTEMPTS = 4
FIRST_WAIT_SECONDS = 0.5
PAGE_SIZE = 100
"""Tasks in one answer, and note ids in one question (2.5 kB of URL)."""
_MAY_PASS = (408, 409, 429)

Advance = Callable[[int], None]
"""Told how many more tasks or notes are done."""


class NoAnswerError(DeskError):
    """No usable answer came: the server may have done what was asked, or not."""


class Client:
    """One server. Raises DeskError when it refuses, `NoAnswerError` when it fails, is down or takes too long."""

    def __init__(self, address: Address, timeout_seconds: float) -> None:
        self.address = address
        self._http = httpx.Client(
            timeout=timeout_seconds,
            # A redirect or a proxy would take notes to a host that nobody allowed.
            follow_redirects=False,
            trust_env=not self.is_on_this_machine,
        )
        self.sdk: LabelStudio = self._once(
            lambda: LabelStudio(
                base_url=address.url.rstrip("/"), api_key=address.token, httpx_client=self._http, max_retries=0
            )
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @property
    def is_on_this_machine(self) -> bool:
        """Whether the server's host is the loopback interface."""
        host = urlsplit(self.address.url).hostname or ""
        try:
            return host == "localhost" or ipaddress.ip_address(host).is_loopback
        except ValueError:
            return False

    def read(self, call: Callable[[], T]) -> T:
        """What a call gives that changes nothing on the server, or the same when repeated; tried four times."""
        return retried(lambda: self._once(call))

    def write(self, call: Callable[[], T]) -> T:
        """What a call gives that must not be repeated unseen; tried once."""
        return self._once(call)

    def tasks(self, project_id: int, *, changed_after: datetime | None = None) -> Iterator[list[Task]]:
        """The project's tasks by id, a page at a time; only those changed after a moment of the server's, if given."""
        filters = []
        if changed_after is not None:
            moment = changed_after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
            filters.append(_filter("updated_at", "greater", "Datetime", moment))
        page = 1
        while tasks := self._page(project_id, filters, page):
            yield tasks
            if len(tasks) < PAGE_SIZE:
                return
            page += 1

    def tasks_of(self, project_id: int, note_ids: Iterable[str]) -> dict[str, list[Task]]:
        """The project's tasks of these notes by note id; a note without one is not there."""
        found: dict[str, list[Task]] = {}
        for some in in_batches(list(note_ids), PAGE_SIZE):
            filters = [_filter("data.doc_id", "in_list", "List", list(some))]
            page = 1
            while tasks := self._page(project_id, filters, page):
                for task in tasks:
                    found.setdefault(task.note_id, []).append(task)
                if len(tasks) < PAGE_SIZE:
                    break
                page += 1
        return found

    def task(self, project_id: int, task_id: int) -> Task | None:
        """One task as it is now; None where it is gone."""
        found = self._page(project_id, [_filter("id", "equal", "Number", task_id)], 1)
        return found[0] if found else None

    def delete_task(self, task_id: int) -> None:
        """Delete a task with whatever people said in it; one that is gone already stays gone."""

        def delete() -> None:
            try:
                self.sdk.tasks.delete(id=str(task_id))
            except ApiError as error:
                if error.status_code != httpx.codes.NOT_FOUND:
                    raise

        self.read(delete)

    def _page(self, project_id: int, filters: list[JsonObject], page: int) -> list[Task]:
        # Ordered by id, a task that changes meanwhile cannot slip from a later page to one that was read.
        query = json.dumps({"filters": {"conjunction": "and", "items": filters}, "ordering": ["tasks:id"]})

        def ask() -> list[Task]:
            try:
                pager: Any = self.sdk.tasks.list(project=project_id, query=query, page=page, page_size=PAGE_SIZE)
            except ApiError as error:
                if error.status_code == httpx.codes.NOT_FOUND and page > 1:
                    return []
                raise
            return [Task.model_validate(item.model_dump(mode="json")) for item in pager.items or ()]

        return self.read(ask)

    def _once(self, call: Callable[[], T]) -> T:
        url = self.address.url
        try:
            return call()
        except ApiError as error:
            raise self._refusal(error.status_code or 0) from None
        except httpx.TimeoutException:
            raise NoAnswerError(
                f"Label Studio at {url} took too long; try again, or raise its timeout_seconds"
            ) from None
        except httpx.TransportError:
            raise NoAnswerError(f"Label Studio at {url} does not answer; start it, or correct its url") from None
        except (ValidationError, httpx.HTTPError, httpx.InvalidURL):
            raise DeskError(f"what answers at {url} is no Label Studio server that we know; check its url") from None
        except UnicodeError:
            raise DeskError(f"the token for Label Studio at {url} holds odd characters; copy it again") from None

    def _refusal(self, status: int) -> DeskError:
        url = self.address.url
        if status in (401, 403):
            return DeskError(
                f"Label Studio at {url} refuses the token ({status}); copy a valid one from its account page"
            )
        if status >= 500 or status in _MAY_PASS:
            return NoAnswerError(f"Label Studio at {url} failed ({status}); try again, or look into its log")
        return DeskError(f"Label Studio at {url} refused a request ({status}); check its url, project and version")


def retried(call: Callable[[], T], after_failure: Callable[[], object] = lambda: None) -> T:
    """What the call gives, tried up to four times while it is `NoAnswerError`; waits twice as long each time."""
    for attempt in range(ATTEMPTS - 1):
        try:
            return call()
        except NoAnswerError:
            time.sleep(FIRST_WAIT_SECONDS * 2**attempt)
            after_failure()
    return call()


def in_batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The items in order, `size` at a time."""
    for begin in range(0, len(items), size):
        yield items[begin : begin + size]


def _filter(column: str, operator: str, kind: str, value: JsonValue) -> JsonObject:
    return {"filter": f"filter:tasks:{column}", "operator": operator, "type": kind, "value": value}
