"""Harbour, a PMS that has little: no list of properties, no record by its id, changes since an instant but not until
one, times in UTC and local ones in the same list, and no webhooks.

Written after connectors/README.md, and nothing else, to see that this suffices.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.connector import Connector, Setting
from connectors.errors import PmsUnreachable
from connectors.paging import Page, each_row
from connectors.ports import BookingsRead, NoWebhooks, Reader, Window
from connectors.reading import complaint, id_of, in_utc, load_each, rows, text_id
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access, Fixed, PmsSession

REQUESTS, SECONDS = 5, 1.0
STATES = {
    "EXPECTED": BookingStatus.CONFIRMED,
    "INHOUSE": BookingStatus.IN_HOUSE,
    "LEFT": BookingStatus.CHECKED_OUT,
    "VOID": BookingStatus.CANCELLED,
    "NOSHOW": BookingStatus.NO_SHOW,
}
KINDS = {"room": "Room", "parking": "ParkingSpot"}
text, perhaps = fields.String(required=True), fields.String(load_default=None, allow_none=True)
ROOM = Schema.from_dict({"ref": text, "label": text, "kind": text, "retired": fields.Boolean(required=True)})
STAY = Schema.from_dict(
    {"ref": text, "state": text, "room": perhaps, "arrives": text, "leaves": text}
    | {"people": fields.List(fields.Raw(), required=True)}
)
PERSON = Schema.from_dict({"first": text, "last": text, "mail": perhaps, "mobile": perhaps})
_ROOM, _STAY, _PERSON = (schema(unknown=EXCLUDE) for schema in (ROOM, STAY, PERSON))


class HarbourConnector(Connector):
    """One house at Harbour. The key opens it, and nothing says what it is called: the settings do."""

    SETTINGS = (
        Setting("base_url", "url"),
        Setting("api_key", "secret"),
        Setting("property_id"),
        Setting("name"),
        Setting("time_zone", "time_zone"),
    )
    webhooks = NoWebhooks("Harbour sends no webhooks", "the schedule reads what changed (`schedules.incremental`)")

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        sign_in = Fixed({"X-Api-Key": settings["api_key"]})
        self._session = access.session(settings["api_key"], REQUESTS, SECONDS, sign_in=sign_in)
        self._base = settings["base_url"].rstrip("/")
        self._property = Property(settings["property_id"], settings["name"], settings["time_zone"])
        self.shown_clock = self._session.shown_clock

    def reader(self) -> "HarbourReader":
        return HarbourReader(self._name, self._base, self._session, self._property)

    def check(self) -> str:
        found, _ = self.reader().read_rooms(self._property)
        return f"{self._property.name} ({self._property.time_zone}): {len(found)} rooms"


class HarbourReader(Reader):
    def __init__(self, name: str, base: str, session: PmsSession, of: Property):
        self._name, self._base, self._session, self._property = name, base, session, of

    def close(self) -> None:
        self._session.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        text, _, place = text.partition("/") if kind == "guest" else (text, "/", "1")
        return text[:1] == ("r" if kind == "room" else "s") and text[1:].isdecimal() and place.isdecimal()

    def read_properties(self) -> list[Property]:
        """Harbour lists none. One request tells whether the key opens anything."""
        return [self._property] if self._rooms else []

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        loaded, broken = load_each(_ROOM, self._rooms, "room", "The room at Harbour", _ref)
        rooms = [
            Room(one["ref"], of.id, one["label"], KINDS.get(one["kind"]), is_active=not one["retired"])
            for one in loaded
        ]
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        return {_ref(item) for item in self._rooms} & set(ids)

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        read = self._bookings(of, self._stays)
        read.bookings[:] = [one for one in read.bookings if one.departure > window[0] and one.arrival < window[1]]
        return read

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        """What changed later than the window comes as well: it is news all the same."""
        since = window[0].astimezone(UTC).isoformat(timespec="seconds")
        return self._bookings(of, self._list("stays", modified_after=since))

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """There is no record by its id, and the list has every stay there ever was: who is not in it is gone. A stay
        without an id may be any of them."""
        if not ids:
            return BookingsRead()
        read = self._bookings(of, [item for item in self._stays if _ref(item) in {*ids, "?"}])
        if any(_ref(item) == "?" for item in self._stays):
            lost = set(ids) - {_ref(item) for item in self._stays}
            reason = "Harbour lists a stay without its ref, and it may be this one."
            read.broken.extend(BrokenRecord("booking", one, reason) for one in sorted(lost))
        return read

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Guests are parts of their stays."""
        read = self.bookings_by_id(of, sorted({one.partition("/")[0] for one in ids}))
        return [read.guests[one] for one in ids if one in read.guests], [one for one in read.broken if one.id in ids]

    @cached_property
    def _rooms(self) -> list[dict[str, Any]]:
        """Read once a run, and so is the list below."""
        return self._list("rooms")

    @cached_property
    def _stays(self) -> list[dict[str, Any]]:
        return self._list("stays")

    def _bookings(self, of: Property, items: Iterable[dict[str, Any]]) -> BookingsRead:
        read = BookingsRead()
        loaded, broken = load_each(_STAY, items, "booking", "The stay at Harbour", _ref, _status)
        read.broken.extend(broken)
        for one in loaded:
            people = [f"{one['ref']}/{place}" for place in range(1, len(one["people"]) + 1)]
            try:
                arrival, departure = (_instant(one[side], of.time_zone) for side in ("arrives", "leaves"))
            except ValueError:
                reason = "The stay at Harbour has times that cannot be read."
                read.broken.append(BrokenRecord("booking", one["ref"], reason, _status(one)))
                continue
            for guest_id, person in zip(people, one["people"], strict=True):
                self._take(read, guest_id, person)
            read.bookings.append(
                Booking(
                    id=one["ref"],
                    property_id=of.id,
                    number=one["ref"],
                    status=STATES.get(one["state"], BookingStatus.UNKNOWN),
                    status_word=one["state"],
                    arrival=arrival,
                    departure=departure,
                    room_id=one["room"],
                    guest_ids=tuple(people),
                )
            )
        return read

    def _take(self, read: BookingsRead, guest_id: str, person: Any) -> None:
        try:
            one = _PERSON.load(person)
        except ValidationError as problem:
            read.broken.append(BrokenRecord("guest", guest_id, f"The guest at Harbour {complaint(problem)}."))
            return
        read.guests[guest_id] = Guest(guest_id, one["first"], one["last"], one["mail"], one["mobile"], has_id=False)

    def _list(self, name: str, **filters: str) -> list[dict[str, Any]]:
        """Every row, in the order of their making."""

        def page(cursor: str | None) -> Page:
            params = {**filters, **({"cursor": cursor} if cursor else {})}
            answer = self._session.get(f"{self._base}/{name}", params, who=self._name, operation=name)
            items, onward = rows(answer.document, "items", self._name, name), answer.document.get("next")
            if onward is not None and not isinstance(onward, str):
                raise PmsUnreachable(f"{self._name}: the PMS answered {name} with a next that is none", operation=name)
            return Page(items, answer, onward)

        return list(each_row(page, self._name, name, _ref))


def _ref(item: Mapping[str, Any]) -> str:
    return id_of(item, "ref")


def _status(item: Mapping[str, Any]) -> BookingStatus | None:
    return STATES.get(text_id(item.get("state")) or "")


def _instant(value: str, time_zone: str) -> datetime:
    """What was booked online has an offset; what the desk has typed is local. Raises `ValueError`."""
    try:
        return in_utc(value)
    except ValueError:
        local = datetime.fromisoformat(value)
        if local.tzinfo is not None:
            raise
    try:
        return in_utc(local.replace(tzinfo=ZoneInfo(time_zone)).isoformat())
    except (ZoneInfoNotFoundError, OverflowError) as problem:
        raise ValueError("no clocks for it") from problem
