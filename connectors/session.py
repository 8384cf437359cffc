"""HTTP with everything that every vendor needs: sign-in, timeout, retries, rate limit, sizes."""

import http.client
import random
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import BaseAdapter

from connectors import bounds
from connectors.account_state import LONGEST_WAIT, AccountState, HeldBack, Limit, StateOfProcess
from connectors.addresses import LeadsInside, PublicOnly, is_same_host, next_address
from connectors.bounds import Http
from connectors.budget import BUDGET, BudgetSpent, Share
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.formats.foreign_json import read_json
from connectors.last_read import Seal
from connectors.no_answer import ANSWERED, COME_BACK, NO_MEMORY, NOT_THAT, TOO_LARGE, refusal
from connectors.shown_clock import ShownClock
from connectors.wording import identifier
from mappers.sentences import say, sentence_of

LARGEST = 12_000_000
"""Bytes of an answer in JSON, unpacked."""
MOST_PARTS, MOST_VALUES = 300_000, 600_000
"""Objects and lists, and values, in one answer: more of them than any page has, and they cost more than their bytes."""
LARGEST_WIDE = 8_000_000
"""Bytes of an answer with signs beyond the first 65,536 (emoji), of which each sign takes four bytes of memory."""
_WIDE = re.compile(rb"[\xf0-\xf4]|\\u[dD][89abAB]")
_LARGE = 1_000_000
_one_large_answer = threading.Lock()
"""While it is read, a large answer takes many times its bytes: one at a time, of all connections."""
LARGEST_REFUSAL = 65_536
"""Bytes that are read of an answer that is no success."""
USER_AGENT = "NightPorter"
_ALWAYS = {"Accept": "application/json", "User-Agent": USER_AGENT, "Cache-Control": "no-cache"}
"""What every request says: no cache on the way answers for the PMS (RFC 9111, section 5.2.1.4)."""
TRY_AGAIN = frozenset({408, 429, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524})
REQUEST_IDS = ("request-id", "requestid", "tracking-id")
"""How the names of headers end in which a vendor numbers a request, for its support."""


class SignIn(Protocol):
    """How requests show who we are; shared by all threads."""

    def headers(self) -> Mapping[str, str]:
        """To be sent with the next request. May raise `PmsError`."""

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Told that a request with these headers was answered 401: whether another try, with new ones, makes sense."""


class Fixed:
    """Headers that never change."""

    def __init__(self, headers: Mapping[str, str]):
        self._headers = dict(headers)

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def refused(self, headers: Mapping[str, str]) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from a request that went well."""

    status: int
    document: Any = field(repr=False)
    """The JSON, whatever it is; None where there is no content."""
    headers: Mapping[str, str]
    """Looked up whatever the case of their names."""
    weight: int = 0
    """Bytes of memory that the document takes, roughly."""
    share: Share | None = field(default=None, repr=False, compare=False)
    """What that takes of the memory of all connections, for as long as somebody has the answer."""


@dataclass(frozen=True, slots=True)
class Body:
    """An answer that is no JSON: how it is read, and how much of it at most."""

    name: str
    """What it should be, as a part of a sentence: "a calendar"."""
    read: Callable[[bytes], Any]
    """Makes a document of it; a `ValueError` says that it is something else."""
    at_most: int
    """Bytes."""
    within: float
    """Seconds for all of it, however steadily it drips."""
    redirects: int = 5
    """So often at most it may be passed on to another address. Credentials do not go along to another host."""


class PmsSession:
    """JSON over HTTP.

    408, 429, 5xx, timeouts and broken connections are tried again with jitter (Retry-After is obeyed, after a 429 by
    all who share the limit); 400, 401, 403 and 404 are not: the same request would get the same answer. A 401 is tried
    once more where the sign-in can be renewed.
    """

    def __init__(
        self,
        limit: Limit,
        *,
        sign_in: SignIn | None = None,
        at_once: int | None = None,
        attempts: int = 6,
        timeout: tuple[float, float] = (10.0, 60.0),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[float, float], float] = random.uniform,
        observe: Callable[[str, str, float], None] = lambda operation, status, seconds: None,
        monotonic: Callable[[], float] = time.monotonic,
        longest_wait: float = LONGEST_WAIT,
    ):
        """`observe` is told of every call: its operation, its status (a number, or `no answer`), its seconds.
        `at_once`: so many requests at the same time at most. `longest_wait`: seconds for which it waits where the PMS
        wants no requests."""
        self._longest_wait = longest_wait
        self._observe = observe
        self._monotonic = monotonic
        self._limit = limit
        self._sign_in: SignIn = sign_in or Fixed({})
        self._places: AbstractContextManager[Any] = threading.BoundedSemaphore(at_once) if at_once else nullcontext()
        self._attempts = attempts
        self._timeout = timeout
        self._clock = clock
        self._sleep = sleep
        self._jitter = jitter
        self._http = Http()
        self.shown_clock = ShownClock()
        """What the answers say that time it is."""

    def post(self, url: str, body: Mapping[str, Any], *, who: str, operation: str) -> dict[str, Any]:
        """Posts JSON and returns the JSON object that comes back; for questions that are posted.

        `who` and `operation` name the connection and the call in errors. Raises `PmsUnreachable` (with status 408
        where the PMS found the question too large) and `PmsRefused`.
        """
        answer = self.request("POST", url, json=body, who=who, operation=operation, wants=dict)
        found: dict[str, Any] = answer.document
        return found

    def get(
        self, url: str, params: Mapping[str, Any] | Sequence[tuple[str, Any]] = (), *, who: str, operation: str
    ) -> Answer:
        """Asks for JSON; a list in `params` becomes repeated names. Raises `PmsUnreachable` and `PmsRefused`."""
        return self.request("GET", url, params=params, who=who, operation=operation)

    def request(
        self,
        method: str,
        url: str,
        *,
        who: str,
        operation: str,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] = (),
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool = True,
        wants: type | None = None,
        as_text: bool = False,
        body: Body | None = None,
    ) -> Answer:
        """One request, tried again while that makes sense and is safe.

        `repeatable`: whether it may be sent again when nobody knows what became of it; otherwise only a 429 is tried
        again, for the PMS did nothing then, and `PmsUnreachable` says that the answer is lost. `wants`: the JSON has
        to be of this type. `as_text`: the answer is no JSON, and `document` its text. `body`: nor is it, and `document`
        what is read of it. Raises `PmsUnreachable` and `PmsRefused`.
        """
        attempt, renewed = 0, False
        while True:
            attempt += 1
            try:
                self._limit.wait_for_turn(self._longest_wait)
            except HeldBack as problem:
                raise PmsUnreachable.saying(
                    "{who}: the PMS takes no requests for another {seconds} s (429), so it is not asked for "
                    "{operation}",
                    who=who,
                    seconds=f"{problem.seconds:.0f}",
                    operation=operation,
                    status=429,
                ) from None
            signed = self._sign_in.headers()
            status: int | None = None
            request_id = None
            retry_after = None
            begun = time.monotonic()
            hopeless = False
            share = BUDGET.share()
            sent = {**_ALWAYS, **signed, **(headers or {})}
            try:
                with self._places:
                    response, content = self._exchange(method, url, sent, params, json, form, body, share)
            except _TooLarge as problem:
                # It would be as large again.
                trouble, hopeless = say(TOO_LARGE, who=who, operation=operation, size=str(problem)), True
            except BudgetSpent:
                trouble = say(NO_MEMORY, who=who, operation=operation)
            except LeadsInside as problem:
                if body is not None:
                    raise
                raise PmsRefused.saying(
                    "{who}: {operation} is asked for nothing, for {why}: only the owner of this server may allow "
                    "that, by private_addresses in the settings file",
                    who=who,
                    why=sentence_of(problem),
                    operation=operation,
                ) from None
            except UnicodeError:
                raise PmsRefused.saying(
                    "{who}: what would have to be sent at {operation} holds characters that no text has",
                    who=who,
                    operation=operation,
                ) from None
            except requests.Timeout:
                trouble = say("{who}: the PMS did not answer in time at {operation}", who=who, operation=operation)
                hopeless = bounds.exceeded() == "time" and attempt > 1
            except requests.RequestException as problem:
                trouble = say(
                    "{who}: the PMS cannot be reached at {address} ({problem}) at {operation}",
                    who=who,
                    address=urlsplit(url).netloc.rpartition("@")[2],
                    problem=type(problem).__name__,
                    operation=operation,
                )
            else:
                status = response.status_code
            self._observe(operation, str(status or "no answer"), time.monotonic() - begun)
            if status is not None:
                self.shown_clock.saw(response.headers, self._clock(), urlsplit(url).netloc)
                request_id = next((identifier(one) for name, one in response.headers.items() if _numbers(name)), None)
                if body is None and (status in (204, 205) or (200 <= status < 300 and not content and wants is None)):
                    return Answer(status, None, response.headers)
                if 200 <= status < 300:
                    try:
                        weight = _weight(content)
                        share.add(weight)
                        document = body.read(bytes(content)) if body else self._text_or_json(response, content, as_text)
                    except BudgetSpent:
                        raise PmsUnreachable.saying(NO_MEMORY, who=who, operation=operation) from None
                    except (ValueError, RecursionError):
                        pass
                    else:
                        if wants is None or isinstance(document, wants):
                            return Answer(status, document, response.headers, weight, share)
                    wanted = say("a JSON object") if wants is dict else say("a JSON list") if wants is list else "JSON"
                    trouble = say(NOT_THAT, who=who, operation=operation, wanted=body.name if body else wanted)
                elif status in TRY_AGAIN or status >= 500:
                    trouble = say(ANSWERED, who=who, operation=operation, status=f"{status}")
                    retry_after = self._seconds(response.headers.get("Retry-After"))
                    if retry_after is not None and retry_after > self._longest_wait:
                        seconds = f"{min(retry_after, 10**9):.0f}"
                        trouble = say(COME_BACK, who=who, operation=operation, status=f"{status}", seconds=seconds)
                        hopeless = True
                elif status == 401 and not renewed and self._sign_in.refused(signed):
                    renewed = True
                    attempt -= 1
                    continue
                else:
                    raise PmsRefused(
                        refusal(who, operation, status, request_id),
                        operation=operation,
                        status=status,
                        request_id=request_id,
                    )
            lost = not repeatable and status != 429
            pause = retry_after if retry_after is not None else self._jitter(0, min(30.0, 0.5 * 2**attempt))
            if status == 429:
                self._limit.hold_back(pause)
            if lost or hopeless or attempt >= self._attempts or (status == 408 and attempt > 1):
                break
            self._sleep(pause)
        if request_id:
            trouble = say("{why}, request id {id}", why=trouble, id=request_id)
        raise PmsUnreachable(trouble, operation=operation, status=status, request_id=request_id)

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        params: Mapping[str, Any] | Sequence[tuple[str, Any]],
        json: Any,
        form: Mapping[str, Any] | None,
        body: Body | None,
        share: Share,
    ) -> tuple[requests.Response, bytearray]:
        """One request and its whole answer, where a feed is passed on as well, within the bounds.

        Raises `_TooLarge`, `BudgetSpent`, `requests.RequestException` and, for an address that is asked for nothing,
        `PmsRefused`.
        """
        size, seconds = (body.at_most, body.within) if body else (LARGEST, sum(self._timeout))
        end = self._monotonic() + seconds
        with bounds.at_most(size, seconds):
            for _ in range((body.redirects if body else 0) + 1):
                response = self._http.ask(
                    method, url, headers, params=params, form=form, json=json, timeout=self._timeout
                )
                with response:
                    target = response.headers.get("Location") if response.status_code in _PASSES_ON else None
                    if body is None or target is None:
                        return response, self._content(response, size, end, share)
                onward = next_address(url, target)
                if not is_same_host(url, onward):
                    headers = {name: text for name, text in headers.items() if name in _ALWAYS}
                url, params = onward, ()
        raise PmsRefused.saying("it is passed on again and again")

    def _content(self, response: requests.Response, size: int, end: float, share: Share) -> bytearray:
        """The whole body; the beginning of it where it is no success."""
        if not 200 <= response.status_code < 300:
            size = min(size, LARGEST_REFUSAL)
        content = bytearray()
        try:
            for chunk in response.iter_content(16_384):
                content += chunk
                share.add(len(chunk))
                if len(content) > size:
                    if size == LARGEST_REFUSAL:
                        return content[:size]
                    raise _TooLarge(f"{size / 1_000_000:g} MB")
                if self._monotonic() > end:
                    raise requests.Timeout
        except requests.Timeout:
            raise
        except requests.RequestException as problem:
            if bounds.exceeded() == "size":
                raise _TooLarge(f"{size / 1_000_000:g} MB") from None
            if bounds.exceeded() == "time" or "timed out" in str(problem)[:500]:
                raise requests.Timeout from None
            raise
        except (http.client.HTTPException, ArithmeticError, ValueError) as problem:
            # What the parsers below do not expect, such as a chunk of a negative length.
            raise requests.exceptions.ContentDecodingError from problem
        return content

    def _text_or_json(self, response: requests.Response, content: bytearray, as_text: bool) -> Any:
        """Raises `ValueError` and `RecursionError` where it is no JSON, or more of it than anybody sends."""
        if as_text:
            return content.decode(response.encoding or "utf-8", "replace")
        parts = content.count(b"{") + content.count(b"[")
        if parts > MOST_PARTS or content.count(b",") > MOST_VALUES:
            raise ValueError("more than any page has")
        if len(content) > LARGEST_WIDE and _WIDE.search(content):
            raise ValueError("more text than any page has")
        with _one_large_answer if len(content) > _LARGE else nullcontext():
            return read_json(content)

    def close(self) -> None:
        """Closes the connections that are open; the next request opens one again."""
        self._http.close()

    def through(self, adapter: BaseAdapter) -> None:
        """All connections are made by this adapter of `requests`, for whoever has to look at them first."""
        for scheme in ("http://", "https://"):
            self._http.mount(scheme, adapter)

    def _seconds(self, retry_after: str | None) -> float | None:
        if retry_after is None:
            return None
        try:
            return max(0.0, float(retry_after))
        except ValueError:
            pass
        try:
            until = parsedate_to_datetime(retry_after[:40])
        except (ValueError, TypeError, OverflowError):
            return None
        if until.tzinfo is None:
            until = until.replace(tzinfo=UTC)
        return max(0.0, (until - self._clock()).total_seconds())


class Wire:
    """What one connection asks of its vendor below `base`; its `name` is in errors, `session` signs in."""

    def __init__(self, name: str, base: str, session: PmsSession):
        self.name = name
        self._base = f"{base.rstrip('/')}/"
        self._session = session

    def close(self) -> None:
        """Its connections; the next request opens one again."""
        self._session.close()


@dataclass(frozen=True, slots=True)
class Access:
    """How a connector may reach its PMS: timeouts, pauses, and who watches. The same for every vendor."""

    attempts: int = 6
    timeout: tuple[float, float] = (10.0, 60.0)
    """Seconds to connect and to answer."""
    sleep: Callable[[float], None] = time.sleep
    """Between attempts."""
    wait_for_turn: Callable[[float], None] = time.sleep
    """For the rate limit, and where the PMS has said that there are too many."""
    longest_wait: float = LONGEST_WAIT
    """Seconds for which anybody waits where the PMS wants no requests."""
    monotonic: Callable[[], float] = time.monotonic
    """Seconds that the rate limit counts by."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    observe: Callable[[str, str, float], None] = lambda operation, status, seconds: None
    seal: Seal | None = None
    """For what a connector has to remember of guests in a file of its own."""
    private_addresses: bool = True
    """Whether its addresses may lie in our own network: they may where the server's owner wrote them, and not where a
    user did."""
    state: AccountState = field(default_factory=StateOfProcess, repr=False)
    """What is shared with whoever else uses the account; the wiring gives all connectors the same."""

    def session(
        self,
        account: str,
        requests: int,
        seconds: float,
        *,
        sign_in: SignIn | None = None,
        at_once: int | None = None,
    ) -> PmsSession:
        """A session whose requests count against the account's limit: so many in so many seconds."""
        session = PmsSession(
            self.state.limit(account, requests, seconds, clock=self.monotonic, sleep=self.wait_for_turn),
            sign_in=sign_in,
            at_once=at_once,
            attempts=self.attempts,
            timeout=self.timeout,
            clock=self.clock,
            sleep=self.sleep,
            observe=self.observe,
            monotonic=self.monotonic,
            longest_wait=self.longest_wait,
        )
        if not self.private_addresses:
            session.through(PublicOnly())
        return session


class _TooLarge(Exception):
    """The message says how much would have been enough."""


_PASSES_ON = frozenset({301, 302, 303, 307, 308})


def _weight(content: bytearray) -> int:
    """As measured with CPython 3.11: half as much as its text for a page of records, fifteen times for one of ids."""
    return len(content) + 150 * (content.count(b"{") + content.count(b"[")) + 35 * content.count(b",")


def _numbers(header: str) -> bool:
    return header.lower().endswith(REQUEST_IDS)
