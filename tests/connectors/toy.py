"""Pocket, the smallest PMS that keeps the contract: days only, everything by GET, lists by the id of their last item.

Written after connectors/README.md, and nothing else, to see that this suffices.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.connector import Connector, Setting
from connectors.paging import Page, each_row
from connectors.ports import BookingsRead, NotUnderstood, Reader, WebhookNews, Webhooks, Window
from connectors.reading import batches, complaint, id_of, load_each, rows, windows
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access, Fixed, PmsSession
from connectors.webhooks import is_signed

REQUESTS, SECONDS = 20, 1.0
PAGE = 50
LONGEST_WINDOW = timedelta(days=31)
STATES = {
    "option": BookingStatus.TENTATIVE,
    "booked": BookingStatus.CONFIRMED,
    "here": BookingStatus.IN_HOUSE,
    "left": BookingStatus.CHECKED_OUT,
    "cancelled": BookingStatus.CANCELLED,
    "noshow": BookingStatus.NO_SHOW,
}


text, maybe = fields.String(required=True), fields.String(required=True, allow_none=True)
day, flag = fields.Date(required=True), fields.Boolean(required=True)
HOUSE = Schema.from_dict({"id": text, "name": text, "zone": text})(unknown=EXCLUDE)
ROOM = Schema.from_dict({"id": text, "name": text, "type": text, "closed": flag})(unknown=EXCLUDE)
GUEST = Schema.from_dict({"id": text, "first": text, "last": text, "email": maybe, "phone": maybe})(unknown=EXCLUDE)
STAY: dict[str, fields.Field[Any]] = {
    "arrival": day,
    "departure": day,
    "room": maybe,
    "guests": fields.List(text, required=True),
}
BOOKING = Schema.from_dict({"id": text, "number": text, "state": text, **STAY})(unknown=EXCLUDE)
EVENT = Schema.from_dict({"id": text, "house": text, "booking": text})(unknown=EXCLUDE)


class PocketConnector(Connector):
    """One house at Pocket."""

    SETTINGS = (Setting("base_url", "url"), Setting("api_key", "secret"))

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        sign_in = Fixed({"Authorization": f"Bearer {settings['api_key']}"})
        self._session = access.session(settings["api_key"], REQUESTS, SECONDS, sign_in=sign_in)
        self._base = settings["base_url"].rstrip("/")
        self.shown_clock = self._session.shown_clock
        self.webhooks = PocketWebhooks(webhook_token)

    def reader(self) -> "PocketReader":
        return PocketReader(self._name, self._base, self._session)

    def check(self) -> str:
        (of,) = self.reader().read_properties()
        return f"{of.name} ({of.time_zone})"


class PocketWebhooks(Webhooks):
    def __init__(self, secret: str | None):
        self._secret = secret

    def verify(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /) -> bool:
        return is_signed(body, self._secret, headers.get("x-pocket-signature", ""))

    def read(self, document: Any, /) -> WebhookNews | None:
        if isinstance(document, dict) and document.get("ping") is True:
            return None
        try:
            event = EVENT.load(document)
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Pocket: it {complaint(problem)}") from None
        return WebhookNews(event["house"], {"bookings": [event["booking"]]}, "booking", event["id"])


class PocketReader(Reader):
    def __init__(self, name: str, base: str, session: PmsSession):
        self._name, self._base, self._session = name, base, session

    def close(self) -> None:
        self._session.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return text[:1] == {"booking": "B", "room": "R", "guest": "G"}[kind]

    def reservation_of(self, booking_id: str, /) -> str:
        return booking_id.partition("-")[0]

    def read_properties(self) -> list[Property]:
        return [Property(one["id"], one["name"], one["zone"]) for one in map(HOUSE.load, self._list("houses"))]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        loaded, broken = load_each(ROOM, self._list("rooms"), "room", "The room at Pocket")
        return [Room(one["id"], of.id, one["name"], one["type"], is_active=not one["closed"]) for one in loaded], broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        return {id_of(item) for item in self._by_ids("rooms", ids)}

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        return {id_of(item) for item in self._changed("rooms", window)}

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        loaded, broken = load_each(GUEST, self._by_ids("guests", ids), "guest", "The guest at Pocket")
        return [Guest(one["id"], one["first"], one["last"], one["email"], one["phone"]) for one in loaded], broken

    def changed_guests(self, of: Property, window: Window, /) -> set[str]:
        return {id_of(item) for item in self._changed("guests", window)}

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        days = {"from": f"{window[0]:%Y-%m-%d}", "to": f"{window[1]:%Y-%m-%d}"}
        return self._bookings(of, self._list("bookings", days))

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        return self._bookings(of, self._changed("bookings", window))

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        return self._bookings(of, self._by_ids("bookings", ids))

    def _bookings(self, of: Property, items: list[dict[str, Any]]) -> BookingsRead:
        loaded, broken = load_each(BOOKING, items, "booking", "The booking at Pocket")
        bookings = [
            Booking(
                id=one["id"],
                property_id=of.id,
                number=one["number"],
                status=STATES.get(one["state"], BookingStatus.UNKNOWN),
                status_word=one["state"],
                arrival=one["arrival"],
                departure=one["departure"],
                room_id=one["room"],
                guest_ids=tuple(one["guests"]),
            )
            for one in loaded
        ]
        guests, broken_guests = self.read_guests(of, sorted({one for booking in bookings for one in booking.guest_ids}))
        return BookingsRead(bookings, [*broken, *broken_guests], {guest.id: guest for guest in guests})

    def _by_ids(self, name: str, ids: Sequence[str]) -> list[dict[str, Any]]:
        return [item for batch in batches(ids, PAGE) for item in self._list(name, {"ids": ",".join(batch)})]

    def _changed(self, name: str, window: Window) -> list[dict[str, Any]]:
        found = []
        for start, end in windows(*window, LONGEST_WINDOW):
            since, until = (one.astimezone(UTC).isoformat(timespec="seconds") for one in (start, end))
            found += self._list(name, {"changed_from": since, "changed_to": until})
        return found

    def _list(self, name: str, filters: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
        """Every item of a list, in the order of their making; the next page begins after the id of the last one."""

        def page(after: str | None) -> Page:
            params = {**(filters or {}), "limit": PAGE, **({"after": after} if after else {})}
            answer = self._session.get(f"{self._base}/{name}", params, who=self._name, operation=name)
            items = rows(answer.document, name, self._name, name)
            return Page(items, answer, id_of(items[-1]) if len(items) == PAGE else None)

        return list(each_row(page, self._name, name, id_of))
