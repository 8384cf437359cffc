"""A PMS, a workspace and Night Porter between them, on one clock that tests move.

The real connector and the real SDK, down to HTTP requests and answers: only the socket is left out. `World` is a Mews
hotel; the worlds of other vendors build upon `AnyWorld` likewise.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import requests
from requests.adapters import BaseAdapter

from connectors.account_state import RateLimit, StateOfProcess
from connectors.connector import Connector
from connectors.mews.connector import MewsConnector
from connectors.session import Access, PmsSession, SignIn
from mappers.keys import Keys
from mappers.policy import Policy
from reconciler.prepare import RunConnection
from reconciler.report import RunReport
from reconciler.run import Run
from reconciler.scopes import Approval, Changes, Everything, RoomsOnly, RunOptions, Scope, TheseBookings
from sandbox.http import App
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.pace import Pace
from seam_workspace.seal import BOOKINGS, Seal
from seam_workspace.workspace import Workspace
from store.costs import Cost, counting
from store.database import open_database
from store.engine import Database
from tests import databases, fleet_of_one
from tests.databases import new_database

START = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)


class Clock:
    """Time that passes only when somebody waits, or a test says so."""

    def __init__(self, start: datetime = START):
        self.time = start

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return (self.time - START).total_seconds()

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def pass_(self, **span: float) -> None:
        self.time += timedelta(**span)


class PmsAdapter(BaseAdapter):
    """Lets `requests` speak to a simulated PMS without a socket."""

    def __init__(self, pms: App):
        super().__init__()
        self._pms = pms

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        address = urlsplit(request.url or "")
        query = parse_qs(address.query, keep_blank_values=True)
        answer = self._pms.handle(request.method or "", address.path, query, request.headers, body)
        if answer.drop:
            raise requests.ConnectionError("the connection broke")
        response = requests.Response()
        response.status_code = answer.status
        response.headers.update(answer.headers)
        response._content, response._content_consumed = answer.body, True
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class Indoors(Access):
    """Sessions that reach a simulated PMS, whatever the host, with a rate limit of their own."""

    pms: App | None = None

    def session(
        self,
        account: str,
        requests: int,
        seconds: float,
        *,
        sign_in: SignIn | None = None,
        at_once: int | None = None,
    ) -> PmsSession:
        assert self.pms is not None
        session = PmsSession(
            RateLimit(requests, seconds, self.monotonic, self.sleep),
            sign_in=sign_in,
            at_once=at_once,
            clock=self.clock,
            sleep=self.sleep,
            jitter=lambda low, high: high,
            observe=counting(Cost.PMS_CALLS),
        )
        for scheme in ("http://", "https://"):
            session._http.mount(scheme, PmsAdapter(self.pms))
        # Or it looks for proxies before every request.
        session._http.trust_env = False
        return session


class Killed(BaseException):
    """kill -9, as far as a process can do it to itself: nothing catches it, nothing is tidied up."""


class AnyWorld:
    """What a scenario needs whatever the PMS is; `sync()` is one run. A vendor's world sets `connector`."""

    connector: Connector
    name = "alpen"
    """The connection's."""

    def __init__(self, path: Path, policy: Policy, prefix: str = ""):
        self.clock = Clock()
        self.path = path
        self.seam = SeamWorkspace(now=self.clock.now, record=True)
        self.policy = policy
        self.keys = Keys(prefix)
        self.accounts = StateOfProcess()
        self.kill_after: int | None = None
        self.kill_with_the_answer = False
        """Whether Seam has done what was asked when the process dies."""
        self.database = databases.kind()
        self._open()
        self.workspace = self._connect()

    def _connect(self) -> Workspace:
        return Workspace(
            self.seam.api_key,
            "http://seam.example",
            pace=Pace(self.clock.monotonic, self.clock.sleep),
            transport=httpx.MockTransport(self._answer),
            observe=counting(Cost.SEAM_CALLS),
        )

    def access(self, pms: App) -> Access:
        """How a connector reaches a simulated PMS."""
        return Indoors(
            pms=pms,
            clock=self.clock.now,
            sleep=self.clock.sleep,
            monotonic=self.clock.monotonic,
            seal=Seal(self.seam.api_key, BOOKINGS),
            state=self.accounts,
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if self.kill_after is not None:
            self.kill_after -= 1
            if self.kill_after < 0 and not self.kill_with_the_answer:
                raise Killed
        answer = self.seam.handle(
            request.method,
            request.url.path,
            parse_qs(request.url.query.decode(), keep_blank_values=True),
            request.headers,
            request.content,
        )
        if self.kill_after is not None and self.kill_after < 0:
            raise Killed
        if answer.drop:
            raise httpx.ReadError("the connection broke", request=request)
        headers = {"content-type": "application/json", **answer.headers}
        return httpx.Response(answer.status, headers=headers, content=answer.body)

    def _open(self) -> None:
        self.address = new_database(self.database, self.path)
        self.store = Database(open_database(self.address))

    def restart(self) -> None:
        """A new process: what was only in memory is gone."""
        self.workspace = self._connect()

    def lose_the_database(self) -> None:
        self.store.close()
        self._open()

    def sync(self, policy: Policy | None = None, stop: Callable[[], bool] = lambda: False, **options: Any) -> RunReport:
        """One run, as the command line makes it; workers one by one, so that a test is the same every time."""
        if not fleet_of_one.is_wanted():
            return self._run(policy, options, stop=stop).execute()
        reservation_of = self.connector.reservation_of
        with fleet_of_one.in_the_long_lane(self.store, self.name, reservation_of, self.clock.sleep) as (turn, lane):
            return self._run(policy, options, turn=turn, precedence=lane, stop=stop).execute()

    def _run(self, policy: Policy | None, options: dict[str, Any], **rest: Any) -> Run:
        return Run(
            RunConnection(self.name, self.connector, policy or self.policy, self.keys),
            self.workspace,
            self.store,
            run_options(**options),
            clock=self.clock.now,
            monotonic=self.clock.monotonic,
            sleep=self.clock.sleep,
            workers=1,
            **rest,
        )

    def tick(self, **options: Any) -> RunReport:
        """A minute later, an incremental run."""
        self.clock.pass_(minutes=1)
        return self.sync(**options)

    def doors(self, key: str) -> list[str]:
        """Names of the Spaces that a grant opens; empty when there is no living grant by this key."""
        grant = self.seam.grant_by_key(key)
        if grant is None or self.is_dying(grant):
            return []
        return sorted(str(self.seam.spaces[one]["name"]) for one in grant["space_ids"] if one in self.seam.spaces)

    def is_dying(self, grant: dict[str, Any]) -> bool:
        return any(warning["warning_code"] == "being_deleted" for warning in grant["warnings"])

    @contextmanager
    def no_writes(self) -> Iterator[None]:
        before = self.seam.writes
        yield
        assert self.seam.writes == before, "something was written to Seam"


def run_options(
    *,
    full: bool = False,
    night_audit: bool = False,
    booking_ids: Iterable[str] = (),
    news: bool = False,
    doors: bool = False,
    approve_run: str | None = None,
    approve_keys: frozenset[str] | None = None,
    property_id: str | None = None,
    dry_run: bool = False,
) -> RunOptions:
    """What a run is about, in the words of the command line."""
    scope: Scope = Changes()
    if approve_run is not None:
        scope = Approval(approve_run, approve_keys)
    elif doors:
        scope = RoomsOnly()
    elif news or tuple(booking_ids):
        scope = TheseBookings(tuple(booking_ids), news)
    elif full or night_audit:
        scope = Everything(night_audit)
    return RunOptions(scope, property_id, dry_run)


class World(AnyWorld):
    """A hotel with Mews."""

    def __init__(self, path: Path, policy: Policy | None = None, prefix: str = "", portfolio: bool = False):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)), prefix)
        self.hotel = MewsHotel(now=self.clock.now, clock=self.clock.monotonic, record=True, portfolio=portfolio)
        self.property = self.hotel.add_property()
        self.service = self.hotel.add_service(self.property)
        self.double = self.hotel.add_category(self.service)
        self.rooms = [self.hotel.add_room(self.property, name, self.double) for name in ("101", "102", "103")]
        tokens = {"client_token": self.hotel.client_token, "access_token": self.hotel.access_token}
        self.connector = MewsConnector.open(
            self.name, {"base_url": "http://hotel.example", **tokens}, self.access(self.hotel), None
        )

    def book(self, room: int | None = 0, guest: str | None = None, **rest: Any) -> str:
        """A confirmed booking: arrives in two days at 15:00 in Vienna, leaves three days later at 11:00."""
        arrival = rest.pop("arrival", START.replace(hour=13) + timedelta(days=2))
        departure = rest.pop("departure", START.replace(hour=9) + timedelta(days=5))
        owner = guest or self.guest()
        return self.hotel.book(
            owner,
            rest.pop("category", self.double),
            arrival,
            departure,
            None if room is None else self.rooms[room],
            **rest,
        )

    def guest(self, first: str = "Jana", last: str = "Novak", **rest: Any) -> str:
        number = len(self.hotel.customers)
        rest.setdefault("email", f"guest{number}@example.com")
        return self.hotel.add_customer(first, last, **rest)

    def owner(self, booking: str) -> str:
        return str(self.hotel.reservations[booking]["AccountId"])

    def equip(self, room: int, override: bool = False) -> None:
        self.seam.add_entrance(f"Door {room}", self.rooms[room], override, customer_key=self.property)
