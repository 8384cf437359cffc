"""Every call to Seam: one pace for all threads, lists by their pages, and every failure as one of our errors.

What may be repeated is repeated. A creation whose answer was lost is looked up by its key first, so nothing is made
twice.

Facts about the API are from Seam's OpenAPI description and from its guide to Access Grants.
"""

import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import httpx
from seam.exceptions import SeamError as SdkError
from seam.seam import Seam

from mappers.sentences import say
from seam_workspace import answers
from seam_workspace.errors import (
    AnswerLost,
    SeamNotFound,
    SeamRefused,
    SeamUnauthorized,
    SeamUnreachable,
    SeamUnreadable,
)
from seam_workspace.existing import ExistingAccessGrant, ExistingUserIdentity
from seam_workspace.failures import NOT_AS_DESCRIBED, retry_after, translated
from seam_workspace.pace import Pace
from seam_workspace.seal import Seal
from seam_workspace.transport import MAY_SEND, Bounded, to

PAGE = 500
"""Spaces, user identities and access grants come in pages of at most 500."""
IDS_IN_A_QUERY = 50
"""Lists by id are asked for by an address, and a longer one may be refused on the way."""
MOST_REFUSALS = 60
"""Of one list by ids, of which some are none."""
ATTEMPTS = 6
MOST_PAGES = 400
"""Of one list: 200,000 records, ten times the largest house."""
LIST_WITHIN = 600.0
"""Seconds for all pages of one list."""
CONNECTIONS = 32
LONGEST_WAIT = 90.0
"""Seconds after which a request that did not get through is not repeated any more."""
LONGEST_WAIT_WHEN_BUSY = 300.0
"""Likewise, where Seam says that there are too many."""
T = TypeVar("T")
ById = TypeVar("ById", ExistingAccessGrant, ExistingUserIdentity)


class Calls:
    """The calls to one workspace; what they are about say the classes made of it. Safe to use from many threads."""

    def __init__(
        self,
        api_key: str,
        endpoint: str,
        *,
        pace: Pace | None = None,
        transport: httpx.BaseTransport | None = None,
        timeout: float = 30.0,
        attempts: int = ATTEMPTS,
        observe: Callable[[str, str, float], None] = lambda endpoint, status, seconds: None,
    ):
        """`api_key` and `endpoint` are Seam's; `timeout` is seconds for one answer, `attempts` how often a call is made
        at most. `observe` is told of every call: its endpoint, its status (`ok`, a number, `no answer`), its seconds.
        Raises `SeamUnauthorized` where the key cannot be one."""
        self._observe = observe
        self._seal = Seal(api_key)
        self._attempts = attempts
        self._pace = pace or Pace()
        self._endpoint = endpoint
        self._heard = threading.local()
        options: dict[str, Any] = {
            # The SDK puts its own retries around its own transport only.
            "transport": to(endpoint, CONNECTIONS) if transport is None else Bounded(transport),
            # The SDK's errors carry no headers.
            "event_hooks": {"request": [self._ask_before_a_write], "response": [self._hear]},
        }
        try:
            self._seam = Seam(api_key=api_key, endpoint=endpoint, timeout=timeout, httpx_options=options)
        except (SdkError, ValueError) as problem:
            # The SDK speaks of tokens and options that nobody here has typed.
            is_like_one = api_key.startswith("seam_")
            begins = say("every key begins with seam_; copy it whole from the Seam Console")
            why = str(problem) if is_like_one else begins
            raise SeamUnauthorized(say("the Seam API key cannot be used: {why}", why=why)) from None
        self.calls = 0
        self._shown: tuple[datetime, float] | None = None
        """What time it was by the last answer, and when it came (monotonic seconds)."""
        self._reservation_spaces: dict[str, tuple[float, frozenset[str]]] = {}
        """By customer key: when it was found out (monotonic seconds), and which they are."""
        self._own_code_spaces: frozenset[str] = frozenset()

    def close(self) -> None:
        self._seam.client.close()

    def seal(self, pins: Mapping[str, str]) -> str:
        """PINs by whatever name them, sealed for the database: see `seam_workspace.seal`."""
        return self._seal.close(pins)

    def open_sealed(self, sealed: str) -> dict[str, str]:
        """The PINs of `seal`; none where another API key sealed them."""
        return self._seal.open(sealed)

    def mark(self, pin: str) -> str:
        """Tells whether two PINs are the same: see `seam_workspace.seal`."""
        return self._seal.mark(pin)

    def check(self) -> str:
        """The workspace's name, asked from Seam: shows that endpoint and key work."""
        workspace = self._call("workspaces/get", lambda: self._seam.workspaces.get())
        return str(workspace.name)

    @contextmanager
    def guarded(self, may_write: Callable[[], float | None]) -> Iterator[None]:
        """What this thread would change in Seam meanwhile is preceded by a call of `may_write`, which raises what is
        to stop it, or returns for how many seconds it may be (None: for ever)."""
        before = getattr(self._heard, "may_write", None)
        self._heard.may_write = may_write
        try:
            yield
        finally:
            self._heard.may_write = before

    def time_shown(self) -> datetime | None:
        """What time it is now by the last answer's `Date` (aware UTC); None where none showed it."""
        if self._shown is None:
            return None
        shown, at = self._shown
        return shown.astimezone(UTC) + timedelta(seconds=self._pace.clock() - at)

    def _get(self, what: str, request: Callable[[], Any], read: Callable[[Any], T]) -> T | None:
        try:
            return self._call(what, lambda: read(request()))
        except SeamNotFound:
            return None

    def _get_named(
        self, what: str, parameters: Mapping[str, Any], request: Callable[[], Any], read: Callable[[Any], T]
    ) -> T | None:
        """Likewise, and where it cannot be read, what can be read of it; None where that is not even its id."""
        try:
            return self._get(what, request, read)
        except SeamUnreadable:
            name = what.split("/")[0].removesuffix("s").replace("identitie", "identity")
            return self._get(
                what,
                lambda: self._seam.client.get(f"/{what}", params=dict(parameters)),
                lambda answer: answers.named_or_none(answer, name, read),
            )

    def _one_by_one(
        self, what: str, parameters: Mapping[str, Any], read: Callable[[Any], T]
    ) -> tuple[Any, list[T], list[Any]] | None:
        """The page once more, where the SDK or `read` has failed: each record for itself. One that cannot be read is
        left out, or only named; None where nothing is left."""
        kind = answers.KINDS.get(what.removesuffix("/list"))
        answer = self._seam.client.get(f"/{what}", params=dict(parameters))
        records = answer.get(kind.name) if kind is not None and isinstance(answer, dict) else None
        if kind is None or not isinstance(records, list):
            return None
        found = answers.each_of(records, kind.resource, read)
        if records and not found:
            return None
        return answer.get("pagination"), [one for _, one in found], [one for one, _ in found if one is not None]

    def _delete(self, what: str, request: Callable[[], None]) -> None:
        # Gone already: by an earlier attempt whose answer was lost, or by somebody else.
        with suppress(SeamNotFound):
            self._call(what, request)

    def _create(self, what: str, create: Callable[[], T], look_up: Callable[[], T | None]) -> T:
        """Creates by key. A lost answer, or "taken", is looked up before anything is tried again."""
        for attempt in range(self._attempts):
            try:
                return self._call(what, create, repeatable=False)
            except AnswerLost as lost:
                found = look_up()
                if found is not None:
                    return found
                if attempt == self._attempts - 1:
                    raise SeamUnreachable(lost.sentence) from lost
                self._pace.back_off(attempt)
            except SeamNotFound:
                raise
            except SeamRefused as refused:
                found = look_up()
                if found is not None:
                    return found
                raise refused
        raise AssertionError("unreachable")

    def _by_id(
        self,
        what: str,
        request: Callable[..., Any],
        name: str,
        ids: Collection[str],
        read: Callable[[Any], ById],
        together: int = IDS_IN_A_QUERY,
    ) -> list[ById]:
        """Seam refuses a question with anything but ids among its ids: it is asked in halves then, so that what is no
        id, or has a record that cannot be read, keeps nobody else's record back."""
        wanted = sorted(set(ids))
        found: list[ById] = []
        parts = [wanted[start : start + together] for start in range(0, len(wanted), together)]
        refused = 0
        while parts:
            batch = parts.pop(0)
            try:
                page = self._pages(what, request, {name: batch}, read)
            except (SeamRefused, SeamUnreadable) as problem:
                refused += 1
                is_about_ids = isinstance(problem, SeamUnreadable) or problem.status in (400, 422)
                if not is_about_ids or refused > MOST_REFUSALS:
                    raise
                if len(batch) > 1:
                    parts += [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
                continue
            # A person that was merged into another is answered for by that one.
            found += [one for one in page if answers.is_among(one, batch)]
        return found

    def _at_once(
        self, what: str, request: Callable[..., Any], filters: Mapping[str, Any], read: Callable[[Any], T]
    ) -> list[T]:
        """Of a list without pages."""

        def fetch() -> list[T]:
            try:
                return [read(one) for one in request(**filters)]
            except NOT_AS_DESCRIBED:
                each = self._one_by_one(what, filters, read)
                if each is None:
                    raise
                return each[1]

        return self._call(what, fetch)

    def _pages(
        self, what: str, request: Callable[..., Any], filters: Mapping[str, Any], read: Callable[[Any], T]
    ) -> list[T]:
        found: list[T] = []
        self._each_page(what, request, filters, read, found)
        return found

    def _each_page(
        self,
        what: str,
        request: Callable[..., Any],
        filters: Mapping[str, Any],
        read: Callable[[Any], T],
        found: list[T],
        at_most: int | None = None,
        limit: int | None = PAGE,
        is_enough: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Walks the pages of a list into `found`; False when `at_most` pages were not all, or those after which it
        `is_enough`. `limit`: records in a page; None: as many as Seam likes."""
        cursor: str | None = None
        seen: set[str] = set()
        pages = 0
        before: list[Any] | None = None
        begun = self._pace.clock()
        while True:
            parameters = dict(filters)
            if limit is not None:
                parameters["limit"] = limit
            if cursor is not None:
                parameters["page_cursor"] = cursor

            def fetch(parameters: dict[str, Any] = parameters) -> tuple[Any, list[T], list[Any]]:
                try:
                    page = request(**parameters)
                    return (
                        getattr(page, "pagination", None),
                        [read(one) for one in page],
                        [answers.id_of(one) for one in page],
                    )
                except NOT_AS_DESCRIBED:
                    each = self._one_by_one(what, parameters, read)
                    if each is None:
                        raise
                    return each

            pagination, page, ids = self._call(what, fetch)
            again = ids == before
            before = ids
            found.extend(page)
            pages += 1
            if not isinstance(pagination, dict):
                raise SeamUnreachable(
                    say("Seam's answer to {what} has no pagination: nothing was concluded from it", what=what)
                )
            if not pagination.get("has_next_page"):
                return True
            cursor = pagination.get("next_page_cursor")
            no_end = again or pages >= MOST_PAGES or self._pace.clock() - begun > LIST_WITHIN
            if not isinstance(cursor, str) or cursor in seen or no_end:
                raise SeamUnreachable(
                    say("Seam's pages of {what} do not end: nothing was concluded from them", what=what)
                )
            seen.add(cursor)
            if is_enough() or (at_most is not None and pages >= at_most):
                return False

    def _call(self, what: str, request: Callable[[], T], repeatable: bool = True) -> T:
        """One request, repeated when that is safe.

        A 429 is always safe to repeat: Seam did nothing. After any other failure without a clear answer, a request
        that is not `repeatable` raises `AnswerLost`.
        """
        attempt = 0
        first = self._pace.clock()
        while True:
            self._pace.wait_for_turn()
            self._heard.headers, self._heard.sent = None, b""
            self.calls += 1
            begun = time.monotonic()
            try:
                answer = request()
            except Exception as problem:
                error = translated(what, self._endpoint, problem, self._heard.sent)
                self._observe(what, str(error.status or "no answer"), time.monotonic() - begun)
                if not isinstance(error, SeamUnreachable):
                    raise error from None
                attempt += 1
                if error.status == 429:
                    if attempt >= self._attempts * 2 or self._pace.clock() - first > LONGEST_WAIT_WHEN_BUSY:
                        raise error from None
                    self._pace.slow_down(retry_after(self._heard.headers or {}), attempt)
                    continue
                if not repeatable:
                    raise AnswerLost(error.sentence, status=error.status) from None
                if attempt >= self._attempts or self._pace.clock() - first > LONGEST_WAIT:
                    raise error from None
                self._pace.back_off(attempt)
            else:
                self._observe(what, "ok", time.monotonic() - begun)
                self._pace.went_well()
                return answer

    def _ask_before_a_write(self, request: httpx.Request) -> None:
        self._heard.sent = request.content
        may_write = getattr(self._heard, "may_write", None)
        if may_write is None or request.method == "GET" or request.url.path.endswith(("/get", "/list")):
            return
        may_write()
        # Once more with the connection open: getting it may have taken long.
        request.extensions[MAY_SEND] = may_write

    def _hear(self, response: httpx.Response) -> None:
        """Keeps what the answer to this thread's request says beside its body."""
        self._heard.headers = response.headers
        with suppress(ValueError, TypeError, OverflowError):
            shown = parsedate_to_datetime(response.headers.get("date", "")[:40])
            self._shown = (shown.replace(tzinfo=shown.tzinfo or UTC), self._pace.clock())
