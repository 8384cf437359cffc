"""What a vendor brings to the conformance kit: a fake of its PMS at the wire, steered in words of no vendor.

The base holds a small house (properties, rooms, people, stays). A vendor's fixture is a class `Fixture` in
`tests/connectors/vendors/<name>.py`: it renders the house in the shapes that the vendor documents, and refuses what the
vendor documents to refuse: a window that is too long, too many ids, a missing credential. What a vendor cannot have
stands in `LACKS`, each with a reason in words.
"""

import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self
from unittest.mock import patch
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import requests
import responses
import yaml
from marshmallow import Schema

from connectors.account_state import StateOfProcess
from connectors.connector import Connector
from connectors.ports import BookingsRead, Reader, Window
from connectors.records import BookingStatus, Property
from connectors.session import Access
from connectors.table import CONNECTORS
from sandbox.webhooks import Delivery, WebhookSender
from settings import Settings, load_settings
from settings.schema import settings_schema

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
"""When every test of the kit plays, unless it moves the fixture's `now`."""
Json = dict[str, Any]


def read_bookings(
    reader: Reader,
    of: Property,
    *,
    colliding: Window | None = None,
    updated: Window | None = None,
    ids: Sequence[str] | None = None,
) -> BookingsRead:
    """Whatever a test asks for by name."""
    if ids is not None:
        return reader.bookings_by_id(of, ids)
    if updated is not None:
        return reader.bookings_changed(of, updated)
    assert colliding is not None
    return reader.bookings_within(of, colliding)


class Part(StrEnum):
    """Parts of the contract that a vendor may lack; all others have no way out."""

    # The wire
    HTTP = "statuses, timeouts and broken connections"
    ALL_OR_NOTHING = "one source, so that a part of it that cannot be read spoils the whole read"
    SIGN_IN = "credentials that the PMS can refuse"
    RENEWAL = "credentials that grow old and are renewed"
    PAGING = "lists that come in pages"
    LONG_WINDOWS = "a limit of the window of changes"
    # What the PMS tells
    PORTFOLIO = "several properties behind one connection"
    PROFILES = "guests that are read by their ids"
    NAMES = "guests' names and contacts"
    COMPANIONS = "several people on one booking"
    ANONYMISED = "guests who are made anonymous"
    ROOM_LIST = "rooms that the PMS lists: new ones, renamed ones"
    INACTIVE_ROOMS = "rooms that are out of use for good"
    OTHER_KINDS = "things that are booked and are no rooms"
    BEDS = "beds that stand in a room"
    CONNECTED_ROOMS = "rooms that consist of others"
    # Changes
    CHANGES = "bookings read by when they changed"
    EXACT_CHANGES = "the moment of a change, to the second"
    ROOM_CHANGES = "rooms read by when they changed"
    GUEST_CHANGES = "guests read by when they changed"
    # What becomes of a booking
    TENTATIVE = BookingStatus.TENTATIVE
    IN_HOUSE = BookingStatus.IN_HOUSE
    CHECKED_OUT = BookingStatus.CHECKED_OUT
    CANCELLED = BookingStatus.CANCELLED
    NO_SHOW = BookingStatus.NO_SHOW
    UNKNOWN = BookingStatus.UNKNOWN
    REINSTATED = "a cancelled booking that comes back"
    UNASSIGNED = "bookings without a room"
    MOVED = "a booking that gets another room"
    SPLIT = "a stay in several rooms, one after the other"
    MULTI_ROOM = "several rooms under one reservation"
    OPEN_END = "a stay without an end"
    GONE = "bookings that can be deleted"
    # Webhooks
    WEBHOOK = "webhooks"
    SIGNED_BODY = "a signature over the webhook's body"
    WEBHOOK_AGE = "webhooks that grow too old"
    EVENT_IDS = "a number on every event"
    HEALTH_CHECK = "a question whether we are there"


@dataclass(slots=True, eq=False)
class House:
    """A property."""

    id: str
    name: str


@dataclass(slots=True, eq=False)
class RoomState:
    id: str
    house: House
    name: str
    kind: str = "room"
    """`room`, `bed`, or `parking` (something that is no room)."""
    is_active: bool = True
    parent: "RoomState | None" = None
    """For a bed."""
    connected: "tuple[RoomState, ...]" = ()
    is_broken: bool = False
    """Rendered without something that the documents promise: it cannot be read."""
    changed_at: datetime = NOW - timedelta(days=30)


@dataclass(slots=True, eq=False)
class Person:
    id: str
    first_name: str
    last_name: str
    email: str
    phone: str
    is_broken: bool = False
    is_anonymous: bool = False
    """Rendered as the vendor renders a person whose data it has deleted."""
    changed_at: datetime = NOW - timedelta(days=30)


@dataclass(slots=True, eq=False)
class SpanState:
    room: RoomState
    arrival: date
    departure: date


@dataclass(slots=True, eq=False)
class Stay:
    """One room-stay, or one lease."""

    id: str
    reservation_id: str
    """The same as `id` where the vendor knows no reservations with several rooms."""
    part: int
    """1, 2, ... within its reservation."""
    number: str
    house: House
    room: RoomState | None
    arrival: date
    departure: date | None
    """The first day on which nobody stays any more (a lease's last day is the one before); None: open-ended."""
    people: list[Person]
    """Who stays, the main guest first."""
    status: BookingStatus = BookingStatus.CONFIRMED
    """`UNKNOWN`: rendered with a word that no document has."""
    spans: list[SpanState] = field(default_factory=list)
    """Where the guest moves during the stay; `room` means nothing then."""
    came_at: datetime | None = None
    """The check-in itself, aware UTC."""
    exists: bool = True
    is_broken: bool = False
    """Rendered without its arrival, or whatever else makes it unreadable; its id is there."""
    changed_at: datetime = NOW - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Webhook:
    """As `web.webhooks` hands it to the connector: header names in lower case."""

    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    document: Any
    """The body's JSON, or the fields of a form."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What comes instead of an answer."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_timeout: bool = False
    is_broken: bool = False
    """The connection breaks."""


@cache
def _schema_with(connector: type[Connector]) -> Schema:
    """Of settings files, with this connector as `elm_pms`: made once, as that takes longer than most tests."""
    with patch.dict(CONNECTORS, {"elm_pms": connector}):
        return settings_schema.__wrapped__()


class VendorFixture(ABC):
    """A PMS of this vendor with one property and three rooms (101, 102, 103), and the connector that reads it."""

    CONNECTOR: ClassVar[type[Connector]]
    LACKS: ClassVar[Mapping[Part, str]] = {}
    """What the vendor cannot have, each with the reason: a sentence for whoever reads the test report."""
    GUESTS_HAVE_IDS: ClassVar[bool] = True
    """Otherwise they are parts of their bookings, and numbered there."""
    TIME_ZONE: ClassVar[str] = "Europe/Vienna"
    """Where the house stands; with a clock change on 25 October 2026, or on 1 November for America/New_York."""
    CLOCK_CHANGE: ClassVar[date] = date(2026, 10, 25)
    """The day in autumn on which the clocks of `TIME_ZONE` go back."""
    CHECK_IN: ClassVar[time] = time(15)
    CHECK_OUT: ClassVar[time] = time(11)
    """Local times from which and until which a stay goes on its first and last day, as the PMS tells them (or, where
    it tells none, as the connector's preset has them: `time(0)` for leases)."""
    PAGE: ClassVar[int] = 1
    """How many bookings the connector asks for in a page; matters where there is paging."""
    LONGEST_WINDOW: ClassVar[timedelta | None] = None
    """The longest window of changes that the vendor answers; the fake refuses a longer one."""
    MOST_IDS: ClassVar[int | None] = None
    """The most ids in one question; the fake refuses more. None: there is no such limit, or no such question."""
    WEBHOOK_TOKEN: ClassVar[str] = "HOOK-TOKEN-SECRET"

    def __init__(self, folder: Path):
        """`folder` is empty and the fixture's own; settings are written beside it."""
        self.folder = folder
        self._loaded: tuple[Json, Mapping[str, Any]] | None = None
        self.now = NOW
        self.waited: list[float] = []
        """Seconds between attempts, as the connector asked for them; nothing really waits."""
        self.observed: list[tuple[str, str]] = []
        self.accounts = StateOfProcess()
        """Operation and status of every call that the connector told of."""
        self._is_entered = False
        self._monotonic = 0.0
        self._counts: dict[str, Iterator[int]] = {}
        self.account = f"{type(self).__module__}-{next(_accounts)}"
        """Different for every fixture: a part of the credentials, so that no rate limit is shared between tests."""
        self.houses: list[House] = []
        self.rooms: list[RoomState] = []
        self.people: list[Person] = []
        self.stays: list[Stay] = []
        self.house = self.add_house("Alpenblick")
        for name in ("101", "102", "103"):
            self.add_room(name)

    # --- what a vendor says -----------------------------------------------------------------------------------------

    @abstractmethod
    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        """An id of the vendor's shape. `kind`: `property`, `room`, `guest`, `booking` (a room-stay: the `part`-th of
        the reservation `number`), `reservation` (what `reservation_of` makes of that booking's id)."""

    @abstractmethod
    def settings(self) -> Json:
        """The connection's own block as a person writes it, secrets in plain text; at least all that is required."""

    def guest_id(self, stay: Stay, person: Person) -> str:
        """The id under which the connector knows a person on a stay."""
        return person.id

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        """A genuine webhook that says that a stay has changed, sent `at` (default: now). The same `event` gives the
        same bytes: the PMS sends it twice."""
        raise NotImplementedError

    def forgeries(self, genuine: Webhook) -> Iterable[Webhook]:
        """Three webhooks or more, made from a genuine one, that must not pass: another token, none, a signature of
        another body."""
        raise NotImplementedError

    def health_check(self) -> Webhook:
        """The vendor's question whether we are there; genuine, about nothing."""
        raise NotImplementedError

    def wrong_shapes(self) -> Sequence[str]:
        """Bodies with status 200 that are no list of anything: a page of HTML, an error's JSON, a missing list."""
        return ["<html>Sorry</html>", "{}", '{"message": "something went wrong"}', "null", '"text"', "7"]

    def publish(self) -> None:  # noqa: B027
        """Called when the fixture is entered and after every change since, for a fake that is written (files)."""

    def inject(self, fault: Fault, times: int | None = 1, after: int = 0) -> None:
        """After so many good answers, `times` answers are this instead (None: all, from then on)."""
        raise NotImplementedError

    def heal(self) -> None:
        """No fault that was injected is left, and no refusal."""
        raise NotImplementedError

    # --- the connector ----------------------------------------------------------------------------------------------

    def access(self, attempts: int = 6) -> Access:
        """Patience, and clocks that are the fixture's own."""
        return Access(
            attempts=attempts,
            sleep=self.waited.append,
            wait_for_turn=self._pass,
            monotonic=lambda: self._monotonic,
            clock=lambda: self.now,
            observe=lambda operation, status, seconds: self.observed.append((operation, status)),
            state=self.accounts,
        )

    def open(self, access: Access | None = None) -> Any:
        """The connector, opened with `settings()` as the settings file would give them."""
        given = self.settings()
        declared = {setting.name: setting for setting in self.CONNECTOR.SETTINGS}
        assert given.keys() <= declared.keys(), f"SETTINGS do not declare {sorted(given.keys() - declared.keys())}"
        if all(setting.kind in SIMPLE for setting in declared.values()):
            checked: Mapping[str, Any] = {name: given.get(name, one.default) for name, one in declared.items()}
        else:
            if self._loaded is None or self._loaded[0] != given:
                self._loaded = given, self.load(given).connections["elm"].vendor
            checked = self._loaded[1]
        return self.CONNECTOR.open("elm", checked, access or self.access(), self.WEBHOOK_TOKEN)

    def load(self, block: Mapping[str, Any]) -> Settings:
        """What a settings file becomes in which the connection `elm` of the connector `elm_pms`, which is this one,
        has that block. Raises `SettingsError`."""
        policy: Json = {"preset": self.CONNECTOR.PRESET}
        if not self.CONNECTOR.TELLS_TIME_ZONE:
            policy["time_zone"] = self.TIME_ZONE
        document = {
            "database": "sqlite:///night.db",
            "seam": {"api_key": "seam_key"},
            "policies": {"house": policy},
            "connections": {"elm": {"connector": "elm_pms", "policy": "house", "elm_pms": dict(block)}},
        }
        path = self.folder.parent / f"{self.account}.yaml"
        path.write_text(yaml.safe_dump(document))
        with (
            patch.dict(CONNECTORS, {"elm_pms": self.CONNECTOR}),
            patch("settings.load.settings_schema", lambda: _schema_with(self.CONNECTOR)),
        ):
            return load_settings(path, {})

    def secrets(self) -> set[str]:
        """Texts that must be in no error and no `repr`."""
        secret = {"secret", "urls", "urls_by_name", "texts", "texts_by_name"}
        texts = {self.WEBHOOK_TOKEN}
        for setting in self.CONNECTOR.SETTINGS:
            if setting.kind in secret and setting.name in self.settings():
                value = self.settings()[setting.name]
                several = value.values() if isinstance(value, Mapping) else [value]
                texts.update(str(one) for each in several for one in (each if isinstance(each, list) else [each]))
        return texts

    def _pass(self, seconds: float) -> None:
        self._monotonic += seconds

    def _entered(self, record: Any) -> None:  # noqa: B027
        """A house, a room, a person or a stay is new."""

    def _altered(self, record: Any) -> None:  # noqa: B027
        """It is not as it was."""

    def _changed(self) -> None:
        if self._is_entered:
            self.publish()

    def __enter__(self) -> Self:
        self._is_entered = True
        self.publish()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_entered = False

    # --- the house --------------------------------------------------------------------------------------------------

    def _number(self, kind: str) -> int:
        return next(self._counts.setdefault(kind, itertools.count(1)))

    def add_house(self, name: str) -> House:
        house = House(self.make_id("property", self._number("property")), name)
        self.houses.append(house)
        self._entered(house)
        return house

    def add_room(self, name: str, **rest: Any) -> RoomState:
        """In the first house, unless `house` says another."""
        room = RoomState(self.make_id("room", self._number("room")), rest.pop("house", self.house), name, **rest)
        self.rooms.append(room)
        self._entered(room)
        self._changed()
        return room

    def add_person(self, first_name: str = "Jana", last_name: str = "Novakova", **rest: Any) -> Person:
        number = self._number("guest")
        fields = {"email": f"guest{number}@example.com", "phone": f"+43 660 55501{number:02d}"} | rest
        person = Person(self.make_id("guest", number), first_name, last_name, **fields)
        self.people.append(person)
        self._entered(person)
        return person

    def add_stay(self, room: RoomState | None = None, **rest: Any) -> Stay:
        """A confirmed stay of one person from 20 to 23 September; in room 101 unless told otherwise, and in the house
        of its room.

        `unassigned=True` for no room; every other name is a field of `Stay`.
        """
        reservation = self._number("reservation")
        return self._add_stay(reservation, 1, room, **rest)

    def add_reservation(self, rooms: Sequence[RoomState], **rest: Any) -> list[Stay]:
        """One reservation with several rooms, each with a guest of its own; `rest` as for `add_stay`."""
        reservation = self._number("reservation")
        return [self._add_stay(reservation, part, room, **rest) for part, room in enumerate(rooms, start=1)]

    def _add_stay(self, reservation: int, part: int, room: RoomState | None, **rest: Any) -> Stay:
        is_unassigned = rest.pop("unassigned", False)
        people = rest.pop("people", None)
        stay = Stay(
            id=self.make_id("booking", reservation, part),
            reservation_id=self.make_id("reservation", reservation, part),
            part=part,
            number=str(1000 + reservation),
            house=rest.pop("house", room.house if room else self.house),
            room=None if is_unassigned else room or self.rooms[0],
            arrival=rest.pop("arrival", date(2026, 9, 20)),
            departure=rest.pop("departure", date(2026, 9, 23)),
            people=[self.add_person()] if people is None else list(people),
            **rest,
        )
        self.stays.append(stay)
        self._entered(stay)
        self._changed()
        return stay

    def add_stays(self, count: int) -> list[Stay]:
        """Many stays of one person, published once."""
        someone = self.add_person()
        entered, self._is_entered = self._is_entered, False
        added = [self.add_stay(people=[someone]) for _ in range(count)]
        self._is_entered = entered
        self._changed()
        return added

    def change(self, record: Any, **fields: Any) -> None:
        """Changes a room, a person or a stay, now (or at `changed_at`): a cancellation is `status=CANCELLED`, a move
        `room=`, an unassignment `room=None`, an anonymised guest `is_anonymous=True`."""
        record.changed_at = self.now
        for name, value in fields.items():
            setattr(record, name, value)
        self._altered(record)
        self._changed()

    def remove(self, stay: Stay) -> None:
        """The PMS does not know it any more."""
        self.change(stay, exists=False)

    def moment(self, day: date, at: time) -> datetime:
        """A wall time of the house as an instant (aware, local)."""
        return datetime.combine(day, at, ZoneInfo(self.TIME_ZONE))

    def begins(self, stay: Stay | SpanState) -> datetime:
        return self.moment(stay.arrival, self.CHECK_IN)

    def ends(self, stay: Stay | SpanState) -> datetime | None:
        return None if stay.departure is None else self.moment(stay.departure, self.CHECK_OUT)


_accounts = itertools.count(1)
SIMPLE = frozenset({"text", "secret", "url", "number", "flag", "texts", "urls"})
"""Kinds of settings that a connector gets as they are written: no file has to be read for them in every test."""
MOST_REQUESTS = 400
"""More in one test means a connector that goes round in circles."""


class HttpFixture(VendorFixture):
    """A PMS behind HTTP: faked by `responses`, with faults on the way.

    A subclass that needs state before the house is furnished sets it before it calls `super().__init__(folder)`.
    """

    HOSTS: ClassVar[Sequence[str]]
    """Beginnings of the addresses that are the vendor's, such as `https://api.vendor.example/`."""

    def __init__(self, folder: Path):
        self._wire = responses.RequestsMock(assert_all_requests_are_fired=False)
        self._faults: list[tuple[Fault, int | None, int]] = []
        self.requests: list[requests.PreparedRequest] = []
        """All, faults and sign-ins as well."""
        self.pages: list[int] = []
        """How many bookings each page had."""
        self.repeats_pages = False
        """Every page of bookings is the first one, and says that there are more."""
        self.after_page: Callable[[], None] | None = None
        """Happens once, right after the next page of bookings was made."""
        self.refusals: int | None = 0
        """So many requests are still refused for their credentials (None: all)."""
        super().__init__(folder)

    @abstractmethod
    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        """Status, headers and body. Asserts, or refuses as the vendor would, what the vendor does not take."""

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        """Whether a request asks for a token: no fault and no refusal meets it, except for good."""
        return False

    def refusal(self) -> Fault:
        """How the vendor says that the credentials are wrong."""
        return Fault(401, '{"message": "Unauthorized"}', {"Content-Type": "application/json"})

    def refuse_credentials(self, times: int | None = None) -> None:
        """The next `times` requests are refused (None: all, and no new token is given either)."""
        self.refusals = times

    def inject(self, fault: Fault, times: int | None = 1, after: int = 0) -> None:
        self._faults.append((fault, times, after))

    def heal(self) -> None:
        self._faults.clear()
        self.refusals = 0
        self.requests.clear()

    def page_of(self, rows: Sequence[Any], offset: int, size: int) -> list[Any]:
        """A page of the list of bookings. To be used by `answer` for that list, once a request."""
        page = list(rows[:size] if self.repeats_pages else rows[offset : offset + size])
        self.pages.append(len(page))
        if self.after_page is not None:
            happens, self.after_page = self.after_page, None
            happens()
        return page

    @property
    def faults_left(self) -> bool:
        """Whether a fault that was injected a number of times has not been met so often."""
        return any(times is not None for _, times, _ in self._faults)

    def __enter__(self) -> Self:
        super().__enter__()
        self._wire.start()
        for host in self.HOSTS:
            for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
                self._wire.add_callback(method, re.compile(re.escape(host) + ".*"), self._answer)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        super().__exit__(kind, problem, trace)
        self._wire.stop(allow_assert=False)
        self._wire.reset()

    def _answer(self, request: requests.PreparedRequest) -> Any:
        self.requests.append(request)
        assert len(self.requests) <= MOST_REQUESTS, "the connector goes round in circles: it asks again and again"
        is_sign_in = self.is_sign_in(request)
        if self.refusals is None or (self.refusals and not is_sign_in):
            self.refusals = None if self.refusals is None else self.refusals - 1
            return _rendered(self.refusal())
        if self._faults and not is_sign_in:
            fault, times, after = self._faults[0]
            if after:
                self._faults[0] = (fault, times, after - 1)
            else:
                if times is not None:
                    self._faults[0] = (fault, times - 1, 0)
                    if times == 1:
                        del self._faults[0]
                return _rendered(fault)
        status, headers, body = self.answer(request)
        return status, dict(headers), body


class ServerFixture(HttpFixture):
    """A simulated system behind the wire: what the kit does to the house is done there, by what staff do."""

    URL: ClassVar[str] = "https://night.example/webhooks/elm"

    def __init__(self, folder: Path):
        self.server = self.make_server(lambda: self.now)
        self.server.rate_limit = None
        self._hooks: dict[Any, Delivery] = {}
        self._first: tuple[int, Mapping[str, str], str] | None = None
        super().__init__(folder)

    @abstractmethod
    def make_server(self, now: Callable[[], datetime]) -> Any:
        """The simulated system, empty."""

    @abstractmethod
    def admit(self) -> None:
        """The server takes the credentials of `settings()`."""

    @abstractmethod
    def enter(self, record: Any) -> str:
        """A house, a room, a person or a stay is entered; returns its id, and a stay has its `reservation_id`."""

    @abstractmethod
    def alter(self, record: Any) -> None:
        """What was entered becomes as the record is."""

    @abstractmethod
    def listed(self, request: requests.PreparedRequest, document: Any) -> Sequence[Any] | None:
        """The bookings of a page of the list of bookings; None where the answer is none."""

    def subscribe(self, url: str) -> None:
        """The server sends its webhooks to an address."""
        self.open().webhooks.subscribe(url)

    def _entered(self, record: Any) -> None:
        with self._stamped(record):
            record.id = self.enter(record)
            self.alter(record)

    def _altered(self, record: Any) -> None:
        with self._stamped(record):
            self.alter(record)

    @contextmanager
    def _stamped(self, record: Any) -> Iterator[None]:
        self.server.stamp = lambda: getattr(record, "changed_at", NOW - timedelta(days=90))
        yield
        self.server.stamp = None

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        address = urlsplit(str(request.url))
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        query = parse_qs(address.query, keep_blank_values=True)
        told = self.server.handle(str(request.method), address.path, query, dict(request.headers), body)
        reply = told.status, {"Content-Type": "application/json", **told.headers}, told.body.decode()
        bookings = self.listed(request, json.loads(reply[2]) if reply[2].startswith(("{", "[")) else {})
        if bookings is None:
            return reply
        self.pages.append(len(bookings))
        if self.repeats_pages:
            self._first = self._first or reply
            return self._first
        if self.after_page is not None:
            happens, self.after_page = self.after_page, None
            happens()
        return reply

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        key = (stay.id, event, at, self.WEBHOOK_TOKEN)
        if key not in self._hooks:
            self.server.sender = WebhookSender(post=lambda *_: 204, background=False)
            self.subscribe(f"{self.URL}?token={self.WEBHOOK_TOKEN}")
            now, self.now = self.now, at or self.now
            self.alter(stay)
            self.now = now
            self._hooks[key] = self.server.sender.waiting[-1]
        return self.hook(self._hooks[key].url, self._hooks[key].body, self._hooks[key].headers)

    def hook(self, url: str, body: bytes, headers: Mapping[str, str]) -> Webhook:
        query = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
        return Webhook(query, {name.lower(): text for name, text in headers.items()}, body, json.loads(body))

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        """Of a PMS whose token in the address is all there is."""
        tokens = ("", self.WEBHOOK_TOKEN[:-1], self.WEBHOOK_TOKEN + "x", "TOKEN")
        queries: list[dict[str, str]] = [{}, *({"token": token} for token in tokens)]
        return [Webhook(query, genuine.headers, genuine.body, genuine.document) for query in queries]

    def __enter__(self) -> Self:
        self.admit()
        return super().__enter__()


def _rendered(fault: Fault) -> Any:
    if fault.is_timeout:
        return requests.ReadTimeout("too slow")
    if fault.is_broken:
        return requests.ConnectionError("the connection broke")
    kind = "text/html" if fault.body.startswith("<") else "application/json"
    return fault.status, {"Content-Type": kind, **fault.headers}, fault.body


def as_json(document: Any, status: int = 200, **headers: str) -> tuple[int, Json, str]:
    """An answer for `HttpFixture.answer`; `X_Total_Count="3"` becomes the header X-Total-Count."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return status, {"Content-Type": "application/json", **named}, json.dumps(document)
