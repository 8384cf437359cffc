"""Fjordbok, a PMS that there is not: lists by links, sessions by user and password, local times with dots.

Written after `fjordbok.md` and connectors/README.md, and nothing else, to see that this suffices.
"""

import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.by_id import broken_records, each_by_id, one_record
from connectors.connector import Connector, Setting
from connectors.errors import PmsUnreachable
from connectors.paging import Page, each_row, next_link
from connectors.ports import BookingsRead, NotUnderstood, Reader, WebhookNews, Webhooks, Window
from connectors.reading import complaint, id_of, load_each, rows, windows
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access, PmsSession
from connectors.webhooks import an_object, is_signed

REQUESTS, SECONDS = 3, 1.0
LONGEST_WINDOW = timedelta(days=7)
MAX_AGE = timedelta(minutes=5)
KINDS = {"rom": "Room", "seng": "Bed", "parkering": "ParkingSpot"}
STATES = {
    10: BookingStatus.TENTATIVE,
    20: BookingStatus.CONFIRMED,
    30: BookingStatus.IN_HOUSE,
    40: BookingStatus.CHECKED_OUT,
    90: BookingStatus.CANCELLED,
    95: BookingStatus.NO_SHOW,
}
_LEG = re.compile(r"(?P<order>[1-9]\d{0,9})-[1-9]\d{0,3}")
_NUMBER = re.compile(r"[1-9]\d{0,9}")

number, text, flag = fields.Integer(required=True), fields.String(required=True), fields.Boolean(required=True)
maybe, perhaps = fields.Integer(load_default=None, allow_none=True), fields.String(load_default=None, allow_none=True)
HOTEL = Schema.from_dict({"nr": number, "navn": text, "tidssone": text, "land": perhaps})(unknown=EXCLUDE)
ROOM = Schema.from_dict({"nr": number, "navn": text, "slag": text, "i_bruk": flag, "del_av": maybe})(unknown=EXCLUDE)
ORDER = Schema.from_dict({"nr": number, "strekninger": fields.List(fields.Dict(), required=True)})(unknown=EXCLUDE)
STAY: dict[str, fields.Field[Any]] = {"fra": text, "til": text, "rom": maybe, "kom": maybe}
GUESTS = fields.List(fields.Raw(), load_default=list)
LEG = Schema.from_dict({"nr": number, "tilstand": number, "gjester": GUESTS, **STAY})(unknown=EXCLUDE)
GUEST = Schema.from_dict(dict.fromkeys(("fornavn", "etternavn", "epost", "mobil"), perhaps))(unknown=EXCLUDE)
EVENT = Schema.from_dict({"id": text, "hotell": number, "ordre": number})(unknown=EXCLUDE)


class Session:
    """A key for all threads, asked for again when it is refused."""

    def __init__(self, name: str, url: str, credentials: Mapping[str, str], session: PmsSession):
        self._name, self._url, self._credentials, self._session = name, url, credentials, session
        self._key: str | None = None
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._key is None:
                self._key = self._session.post(self._url, self._credentials, who=self._name, operation="login").get(
                    "nokkel"
                )
                self._session.close()
            if not isinstance(self._key, str):
                raise PmsUnreachable(f"{self._name}: the PMS answered login without a key", operation="login")
            return {"X-Fjord-Key": self._key}

    def refused(self, headers: Mapping[str, str]) -> bool:
        with self._lock:
            if headers.get("X-Fjord-Key") == self._key:
                self._key = None
            return True


class FjordbokConnector(Connector):
    """All hotels of one user."""

    SETTINGS = (Setting("base_url", "url"), Setting("user"), Setting("password", "secret"))

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        self._base = settings["base_url"].rstrip("/")
        user = settings["user"]
        sign_in = Session(
            name,
            f"{self._base}/login",
            {"bruker": user, "passord": settings["password"]},
            access.session(user, REQUESTS, SECONDS),
        )
        self._session = access.session(user, REQUESTS, SECONDS, sign_in=sign_in)
        self.shown_clock = self._session.shown_clock
        self.webhooks = FjordbokWebhooks(webhook_token)

    def reader(self) -> "FjordbokReader":
        return FjordbokReader(self._name, self._base, self._session)

    def check(self) -> str:
        return ", ".join(of.name for of in self.reader().read_properties()) or "no hotel"


class FjordbokWebhooks(Webhooks):
    def __init__(self, secret: str | None):
        self._secret = secret

    def verify(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /) -> bool:
        sent = headers.get("x-fjord-time", "")
        if not re.fullmatch(r"[0-9]{1,12}", sent) or abs(now.timestamp() - int(sent)) > MAX_AGE.total_seconds():
            return False
        return is_signed(sent.encode() + b"." + body, self._secret, headers.get("x-fjord-sign", ""), as_base64=True)

    def read(self, document: Any, /) -> WebhookNews | None:
        if an_object(document).get("ping") is True:
            return None
        try:
            event = EVENT.load(document)
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Fjordbok: it {complaint(problem)}") from None
        return WebhookNews(str(event["hotell"]), {"bookings": [str(event["ordre"])]}, "order", event["id"])


class FjordbokReader(Reader):
    def __init__(self, name: str, base: str, session: PmsSession):
        self._name, self._base, self._session = name, base, session

    def close(self) -> None:
        self._session.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        if kind == "guest":
            text, _, place = text.partition(":")
            return _LEG.fullmatch(text) is not None and place.isdecimal()
        return (_NUMBER if kind == "room" or "-" not in text else _LEG).fullmatch(text) is not None

    def reservation_of(self, booking_id: str, /) -> str:
        match = _LEG.fullmatch(booking_id)
        return match["order"] if match else booking_id

    # --- hotels and rooms ---------------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        loaded, broken = load_each(HOTEL, self._list("hoteller"), "property", "The hotel at Fjordbok", _nr)
        if broken and not loaded:
            raise PmsUnreachable(f"{self._name}: {broken[0].reason}", operation="hoteller")
        shared = len(loaded) > 1
        return [Property(str(one["nr"]), one["navn"], one["tidssone"], one["land"], shared) for one in loaded]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        loaded, broken = load_each(ROOM, self._list(f"hoteller/{of.id}/rom"), "room", "The room at Fjordbok", _nr)
        rooms = [
            Room(
                id=str(one["nr"]),
                property_id=of.id,
                name=one["navn"],
                kind=KINDS.get(one["slag"]),
                parent_id=str(one["del_av"]) if one["del_av"] else None,
                is_active=one["i_bruk"],
            )
            for one in loaded
        ]
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        found, strange = each_by_id(ids, lambda one: self._one(f"hoteller/{of.id}/rom", one))
        return found.keys() | strange.keys()

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        start, end = (one.timestamp() for one in window)
        changed = (item for item in self._list(f"hoteller/{of.id}/rom") if start <= _seconds(item) < end)
        return {_nr(item) for item in changed} - {"?"}

    # --- orders -------------------------------------------------------------------------------------------------------

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        day = timedelta(days=1)
        first, last = window[0].astimezone(UTC) - day, window[1].astimezone(UTC) + day
        return self._bookings(of, self._list(f"hoteller/{of.id}/ordrer", dager=f"{first:%d.%m.%Y}-{last:%d.%m.%Y}"))

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        found: dict[str, dict[str, Any]] = {}
        for start, end in windows(*window, LONGEST_WINDOW):
            span = f"{start.timestamp():.0f}-{end.timestamp():.0f}"
            for place, item in enumerate(self._list(f"hoteller/{of.id}/ordrer", endret=span)):
                found[_nr(item) if _nr(item) != "?" else f"{span} {place}"] = item
        return self._bookings(of, found.values())

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """`ids` may be those of orders as well: all of their legs then."""
        read, wanted = self._orders(of, ids), set(ids)
        whole = {one for one in wanted if _NUMBER.fullmatch(one)}
        read.bookings[:] = [one for one in read.bookings if one.id in wanted or self.reservation_of(one.id) in whole]
        return read

    def _orders(self, of: Property, ids: Iterable[str]) -> BookingsRead:
        numbers = {self.reservation_of(one): one for one in ids}
        found, strange = each_by_id(numbers, lambda one: self._one(f"hoteller/{of.id}/ordrer", one))
        read = self._bookings(of, found.values())
        read.broken.extend(broken_records("booking", [numbers[one] for one in strange], "Fjordbok", "order"))
        return read

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Guests are parts of their orders: those are read."""
        read = self._orders(of, {one.partition(":")[0] for one in ids if self.could_be_id("guest", one)})
        return [read.guests[one] for one in ids if one in read.guests], [one for one in read.broken if one.id in ids]

    def _bookings(self, of: Property, items: Iterable[dict[str, Any]]) -> BookingsRead:
        read = BookingsRead()
        orders, broken = load_each(ORDER, items, "booking", "The order at Fjordbok", _nr)
        read.broken.extend(broken)
        for order in orders:
            for item in order["strekninger"]:
                leg_id = f"{order['nr']}-{_nr(item)}"
                try:
                    leg = LEG.load(item)
                    arrival, departure = _instant(leg["fra"], of), _instant(leg["til"], of)
                except ValidationError as problem:
                    reason = f"The leg at Fjordbok {complaint(problem)}."
                    read.broken.append(BrokenRecord("booking", leg_id, reason, STATES.get(item.get("tilstand", 0))))
                    continue
                people = [f"{leg_id}:{place}" for place in range(1, len(leg["gjester"]) + 1)]
                for guest_id, person in zip(people, leg["gjester"], strict=True):
                    self._take(read, guest_id, person)
                read.bookings.append(
                    Booking(
                        id=leg_id,
                        property_id=of.id,
                        number=str(order["nr"]),
                        status=STATES.get(leg["tilstand"], BookingStatus.UNKNOWN),
                        status_word=str(leg["tilstand"]),
                        arrival=arrival,
                        departure=departure,
                        room_id=str(leg["rom"]) if leg["rom"] else None,
                        guest_ids=tuple(people),
                        actual_arrival=datetime.fromtimestamp(leg["kom"], UTC) if leg["kom"] else None,
                    )
                )
        return read

    def _take(self, read: BookingsRead, guest_id: str, person: Any) -> None:
        try:
            one = GUEST.load(person)
        except ValidationError as problem:
            read.broken.append(BrokenRecord("guest", guest_id, f"The guest at Fjordbok {complaint(problem)}."))
            return
        names = (one["fornavn"] or "", one["etternavn"] or "", one["epost"], one["mobil"])
        read.guests[guest_id] = Guest(guest_id, *names, has_id=False)

    # --- the wire -----------------------------------------------------------------------------------------------------

    def _one(self, path: str, record: str) -> dict[str, Any] | None:
        url, operation = f"{self._base}/{path}/{record}", path.rpartition("/")[2] + "/{nr}"
        return one_record(
            lambda: self._session.get(url, who=self._name, operation=operation), record, _nr, self._name, operation
        )

    def _list(self, path: str, **filters: str) -> list[dict[str, Any]]:
        operation = path.rpartition("/")[2]

        def page(url: str) -> Page:
            params = filters if url == start else ()
            answer = self._session.get(url, params, who=self._name, operation=operation)
            found = rows(answer.document, "rader", self._name, operation)
            return Page(found, answer, next_link(answer, url, self._name, operation))

        start = f"{self._base}/{path}"
        return list(each_row(page, self._name, operation, _nr, start))


def _nr(item: Mapping[str, Any]) -> str:
    return id_of(item, "nr")


def _seconds(item: Mapping[str, Any]) -> float:
    """When a room changed; always where it does not say."""
    found = item.get("endret")
    return found if isinstance(found, int) else 0


def _instant(told: str, of: Property) -> datetime:
    """ "20.09.2026 15:00" by the hotel's clocks, as UTC. Raises `ValidationError`."""
    try:
        return datetime.strptime(told, "%d.%m.%Y %H:%M").replace(tzinfo=ZoneInfo(of.time_zone)).astimezone(UTC)
    except (ValueError, OSError, OverflowError):
        raise ValidationError({"time": ["is no time of the hotel"]}) from None
