"""The recipe of a connector, and the HTTP session that all of them use: timeout, retries, rate limit."""

import random
import threading
import time
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.records import Booking, BrokenRecord, Guest, Property, Room

LONGEST_WAIT = 60.0
"""Seconds; a longer Retry-After is cut, so that a run ends rather than sleeps."""
TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})


@dataclass(frozen=True, slots=True)
class BookingsRead:
    """What one reading of bookings brought."""

    bookings: list[Booking] = field(default_factory=list)
    broken: list[BrokenRecord] = field(default_factory=list)
    guests: dict[str, Guest] = field(default_factory=dict)
    """The guests of those bookings that may have access, by id (merged profiles under their target's id)."""


@dataclass(frozen=True, slots=True)
class WebhookNews:
    """What a webhook says should be looked at again: ids, and nothing else of it."""

    property_id: str | None
    subjects: dict[str, list[str]]
    """Ids under `bookings`, `guests` and `rooms`."""
    words: str
    """The vendor's word for what happened, for the inbox's page."""
    event_id: str | None = None
    """Where the vendor numbers its events."""


class NotUnderstood(Exception):
    """A webhook's body that is not what the vendor documents; the message names the fields, not their values."""


class Connector(ABC):
    """Reads one vendor's API and hands on records.

    Times are aware UTC. Every method may raise `PmsError`; a single record that cannot be read is a `BrokenRecord`.
    A new vendor is one file: URLs, sign-in, paging, schemas, and that vendor's words.
    """

    @abstractmethod
    def refresh(self) -> None:
        """A run begins: forget what was read for the last one."""

    @abstractmethod
    def check(self) -> str:
        """Tries the tokens for real; returns a line that says what they open."""

    @abstractmethod
    def read_properties(self) -> list[Property]:
        """The properties that the connection serves."""

    @abstractmethod
    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Every room of a property, inactive ones as well."""

    @abstractmethod
    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Which of these rooms the PMS has, in use or not, when asked for them by id."""

    @abstractmethod
    def read_bookings(
        self,
        of: Property,
        /,
        *,
        colliding: tuple[datetime, datetime] | None = None,
        updated: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
    ) -> BookingsRead:
        """Bookings of every status, by one of: the stay touches a window, the record changed in a window, the ids.

        Windows are half-open, [start, end), and may be of any length. An id that the PMS does not know is missing.
        """

    @abstractmethod
    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Profiles by id; a merged one is followed to its target."""

    @abstractmethod
    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Ids of the rooms that changed in a window."""

    @abstractmethod
    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Ids of the profiles that changed in a window; those merged into others as well."""

    @abstractmethod
    def verify_webhook(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, /) -> bool:
        """Whether a webhook comes from the PMS, by the connection's token or secret; compared in constant time."""

    @abstractmethod
    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """What a verified webhook is about; None where it says nothing of access. Raises `NotUnderstood`."""

    @abstractmethod
    def could_be_booking_id(self, text: str, /) -> bool:
        """Whether a text has the shape of this vendor's ids: keeps other systems' keys in Seam apart from ours."""


class RateLimit:
    """At most so many requests in any such window of seconds; shared by all threads of the process.

    `clock` is monotonic seconds, `sleep` waits: arguments, so that tests wait for nothing.
    """

    def __init__(
        self,
        requests: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._requests = requests
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._lock = threading.Lock()

    def wait_for_turn(self) -> None:
        """Returns when a request may go out, and counts it."""
        while True:
            with self._lock:
                now = self._clock()
                while self._sent and self._sent[0] <= now - self._seconds:
                    self._sent.popleft()
                if len(self._sent) < self._requests:
                    self._sent.append(now)
                    return
                wait = self._sent[0] + self._seconds - now
            self._sleep(max(wait, 0.01))


class PmsSession:
    """JSON over HTTP with everything that every vendor needs.

    408, 429, 5xx, timeouts and broken connections are tried again with jitter (Retry-After is obeyed); 400, 401, 403
    and 404 are not: the same request would get the same answer.
    """

    def __init__(
        self,
        limit: RateLimit,
        *,
        attempts: int = 6,
        timeout: tuple[float, float] = (10.0, 60.0),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
        observe: Callable[[str, str, float], None] = lambda operation, status, seconds: None,
    ):
        """`observe` is told of every call: its operation, its status (a number, or `no answer`), its seconds."""
        self._observe = observe
        self._limit = limit
        self._attempts = attempts
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._http = requests.Session()

    def post(self, url: str, body: Mapping[str, Any], *, who: str, operation: str) -> dict[str, Any]:
        """Posts JSON and returns the JSON object that comes back.

        `who` and `operation` name the connection and the call in errors. Raises `PmsUnreachable` (with status 408
        where the PMS found the question too large) and `PmsRefused`.
        """
        for attempt in range(1, self._attempts + 1):
            self._limit.wait_for_turn()
            status: int | None = None
            request_id = None
            retry_after = None
            begun = time.monotonic()
            try:
                response = self._http.post(url, json=body, timeout=self._timeout, allow_redirects=False)
            except requests.Timeout:
                trouble = "did not answer in time"
            except requests.RequestException as problem:
                trouble = f"cannot be reached ({type(problem).__name__})"
            else:
                status = response.status_code
            self._observe(operation, str(status or "no answer"), time.monotonic() - begun)
            if status is not None:
                request_id = response.headers.get("Request-Id")
                if status == 200:
                    try:
                        answer = response.json()
                    except ValueError:
                        answer = None
                    if isinstance(answer, dict):
                        return answer
                    trouble = "answered with something that is not a JSON object"
                elif status in TRY_AGAIN or status >= 500:
                    trouble = f"answered {status}"
                    retry_after = self._seconds(response.headers.get("Retry-After"))
                else:
                    raise PmsRefused(
                        _refusal(who, operation, status, request_id),
                        operation=operation,
                        status=status,
                        request_id=request_id,
                    )
            if attempt == self._attempts or (status == 408 and attempt > 1):
                break
            pause = retry_after if retry_after is not None else self._jitter(0, min(30.0, 0.5 * 2**attempt))
            self._sleep(min(pause, LONGEST_WAIT))
        told = f", request id {request_id}" if request_id else ""
        raise PmsUnreachable(
            f"{who}: the PMS {trouble} at {operation}{told}", operation=operation, status=status, request_id=request_id
        )

    def _seconds(self, retry_after: str | None) -> float | None:
        if retry_after is None:
            return None
        try:
            return max(0.0, float(retry_after))
        except ValueError:
            pass
        try:
            until = parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        return max(0.0, (until - self._clock()).total_seconds())


def _refusal(who: str, operation: str, status: int, request_id: str | None) -> str:
    told = f"{status} at {operation}" + (f", request id {request_id}" if request_id else "")
    if status == 401:
        return (
            f"{who}: the PMS refuses the tokens ({told}): check client_token and access_token, that the integration "
            "is enabled, and that this operation is granted to it"
        )
    if status == 403:
        return f"{who}: the PMS forbids this ({told}): a rule of the property stands against it"
    if status == 404 or 300 <= status < 400:
        return f"{who}: there is no PMS at this address ({told}): check base_url"
    return f"{who}: the PMS does not accept the request ({told})"
