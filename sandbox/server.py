"""What all simulated systems have in common: a clock that may be wrong, faults, a limit of calls, a record, webhooks.

A vendor says what it answers, and in which words it refuses; one lock is held meanwhile. Whoever builds another begins
with `SimulatedServer`.
"""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from sandbox.http import Answer
from sandbox.sparse import Sparse
from sandbox.webhooks import WebhookSender

Json = dict[str, Any]
MISSING = object()
"""For `corrupt`: takes the field away."""


class Refusal(Exception):
    """An answer that is no success. `retry_after`: seconds, or None without the header."""

    def __init__(self, status: int, *messages: str, retry_after: int | None = None):
        super().__init__(*messages)
        self.status = status
        self.messages = messages
        self.retry_after = retry_after


@dataclass(slots=True)
class Faults:
    """What goes wrong. Probabilities per call; may be changed at any time."""

    unavailable: float = 0.0
    """503."""
    too_many: float = 0.0
    """429."""
    drop: float = 0.0
    """The connection breaks, and nothing was done."""
    no_json: float = 0.0
    """200, with a page of HTML."""
    down: bool = False
    """503, always."""
    lose_rows: float = 0.0
    """This share of the rows is silently missing from lists of bookings, except from those asked for by id."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request. The names of headers are in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


class SimulatedServer:
    """Somebody else's system: `answered` says what comes. `now` gives aware UTC and stamps every change."""

    request_id = "Request-Id"
    """The header by which an answer can be found again."""
    down_page: tuple[bytes, str] = (b"<html>Service Unavailable</html>", "text/html")
    """With a 503: the body and its type."""
    requests: list[Any]
    """What was asked, where `record` is set, in the vendor's form."""

    def __init__(self, now: Callable[[], datetime], luck: random.Random, record: bool = False):
        self.now = now
        self.clock_skew = timedelta()
        """How far its clock, which its answers show (`Date`) and which stamps every change, is ahead of `now`."""
        self.shows_clock = True
        self.stamp: Callable[[], datetime] | None = None
        """When a change counts as made, where that is not now: a house that is being furnished sets it back."""
        self.record = record
        self.requests = []
        self.calls: Counter[str] = Counter()
        """By operation or path, ids left out."""
        self.sender: WebhookSender | None = None
        self._luck = luck
        self._count = 0
        self._lock = threading.RLock()

    def changed_at(self) -> datetime:
        """The moment that a change is stamped with: aware UTC, by the server's own clock."""
        return (self.stamp or self.now)() + self.clock_skew

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        """What the simulated network hands in; see `sandbox.http.App`."""
        request = Request(method, path, query, {name.lower(): value for name, value in headers.items()}, body)
        with self._lock:
            self._count += 1
            answer = self.answered(request)
            answer.headers.setdefault(self.request_id, f"sandbox-{self._count}")
        if self.shows_clock:
            # As those of every web server do (RFC 9110, section 6.6.1).
            shown = self.now() + self.clock_skew
            answer.headers.setdefault("Date", format_datetime(shown.astimezone(UTC), usegmt=True))
        return answer

    def answered(self, request: Request) -> Answer:
        """The answer to one request, faults included; one at a time."""
        raise NotImplementedError

    def unavailable(self) -> Answer:
        return Answer(503, self.down_page[0], {"Content-Type": self.down_page[1]})


class SimulatedPms(SimulatedServer):
    """One vendor's PMS. `clock` (seconds) is what the limit of `rate_limit` calls in `window` seconds runs on; None:
    there is no limit."""

    faults: Faults
    sparse: Sparse
    tells_when_to_retry = True
    """Whether a 429 has the header Retry-After."""

    def __init__(
        self,
        now: Callable[[], datetime],
        luck: random.Random,
        rate_limit: int | None,
        window: float,
        clock: Callable[[], float] = time.monotonic,
        record: bool = False,
    ):
        super().__init__(now, luck, record)
        self.rate_limit = rate_limit
        self._window = window
        self._clock = clock
        self._sent: deque[float] = deque()

    def answer(self, request: Request) -> Answer:
        """What the vendor answers. Raises `Refusal`."""
        raise NotImplementedError

    def refused(self, refusal: Refusal) -> Answer:
        """A refusal in the vendor's form."""
        raise NotImplementedError

    def more_faults(self) -> Iterator[tuple[float, Refusal]]:
        """Refusals that only this vendor has, each with its chance."""
        yield from ()

    def loses_answer(self, request: Request, luck: float) -> bool:
        """Whether the connection breaks now that the work is done."""
        return False

    def count_against_limit(self) -> None:
        """Raises `Refusal` where it is one call too many."""
        if self.rate_limit is None:
            return
        now = self._clock()
        while self._sent and self._sent[0] <= now - self._window:
            self._sent.popleft()
        if len(self._sent) >= self.rate_limit:
            raise self.too_many(max(1, int(self._sent[0] + self._window - now) + 1))
        self._sent.append(now)

    def too_many(self, seconds: int = 1) -> Refusal:
        return Refusal(429, "Too many requests", retry_after=seconds if self.tells_when_to_retry else None)

    def answered(self, request: Request) -> Answer:
        luck = drawn = self._luck.random()
        if self.faults.down or luck < self.faults.unavailable:
            return self.unavailable()
        luck -= self.faults.unavailable
        if luck < self.faults.drop:
            return Answer(200, drop=True)
        luck -= self.faults.drop
        if luck < self.faults.no_json:
            return Answer(200, b"<html>Maintenance</html>", {"Content-Type": "text/html"})
        luck -= self.faults.no_json
        try:
            for share, refusal in ((self.faults.too_many, self.too_many()), *self.more_faults()):
                if luck < share:
                    raise refusal
                luck -= share
            answer = self.answer(request)
        except Refusal as refusal:
            answer = self.refused(refusal)
            if refusal.retry_after is not None:
                answer.headers["Retry-After"] = str(refusal.retry_after)
            return answer
        if self.loses_answer(request, drawn):
            answer.drop = True
        return answer
