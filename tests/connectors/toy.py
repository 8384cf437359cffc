"""Pocket, the smallest PMS that keeps the contract: days only, everything by GET, lists by the id of their last item.

Written after connectors/README.md, and nothing else, to see that this suffices.
"""

import hashlib
import hmac
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.base import BookingsRead, Connector, NotUnderstood, Setting, WebhookNews
from connectors.errors import PmsUnreachable
from connectors.reading import batches, complaint, id_of, load_each, rows, windows
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access, Fixed, PmsSession
from connectors.shown_clock import ShownClock

REQUESTS, SECONDS = 20, 1.0
PAGE = 50
LONGEST_WINDOW = timedelta(days=31)
Maybe = tuple[datetime, datetime] | None
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

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        sign_in = Fixed({"Authorization": f"Bearer {settings['api_key']}"})
        session = access.session(settings["api_key"], REQUESTS, SECONDS, sign_in=sign_in)
        return cls(name, settings["base_url"], session, webhook_token)

    def __init__(self, name: str, base_url: str, session: PmsSession, webhook_token: str | None):
        self._name = name
        self._base = base_url.rstrip("/")
        self._session = session
        self._webhook_token = webhook_token

    def __repr__(self) -> str:
        return f"PocketConnector({self._name!r})"

    @property
    def shown_clock(self) -> ShownClock:
        return self._session.shown_clock

    def check(self) -> str:
        return ", ".join(f"{one.name} ({one.time_zone})" for one in self.read_properties())

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return text.startswith(kind[0].upper()) and text[1:].replace("-", "").isdigit()

    def reservation_of(self, booking_id: str, /) -> str:
        return booking_id.partition("-")[0]

    def read_properties(self) -> list[Property]:
        try:
            return [Property(one["id"], one["name"], one["zone"]) for one in map(HOUSE.load, self._list("houses"))]
        except ValidationError as problem:
            raise PmsUnreachable(f"{self._name}: a house at the PMS {complaint(problem)}", operation="houses") from None

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        loaded, broken = load_each(ROOM, self._list("rooms"), "room", "The room at Pocket")
        return [Room(one["id"], of.id, one["name"], one["type"], is_active=not one["closed"]) for one in loaded], broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        return {id_of(item) for item in self._by_ids("rooms", ids)}

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        return {id_of(item) for item in self._changed("rooms", updated)}

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        loaded, broken = load_each(GUEST, self._by_ids("guests", ids), "guest", "The guest at Pocket")
        return [Guest(one["id"], one["first"], one["last"], one["email"], one["phone"]) for one in loaded], broken

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        return {id_of(item) for item in self._changed("guests", updated)}

    def read_bookings(
        self, of: Property, /, *, colliding: Maybe = None, updated: Maybe = None, ids: Sequence[str] | None = None
    ) -> BookingsRead:
        if ids is not None:
            items = list(self._by_ids("bookings", ids))
        elif updated is not None:
            items = list(self._changed("bookings", updated))
        elif colliding is not None:
            days = {"from": f"{colliding[0]:%Y-%m-%d}", "to": f"{colliding[1]:%Y-%m-%d}"}
            items = list(self._list("bookings", days))
        else:
            raise ValueError("say which bookings: colliding, updated or ids")
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

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        secret = (self._webhook_token or "").encode()
        expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
        return bool(secret) and hmac.compare_digest(expected.encode(), headers.get("x-pocket-signature", "").encode())

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        if isinstance(document, dict) and document.get("ping") is True:
            return None
        try:
            event = EVENT.load(document)
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Pocket: it {complaint(problem)}") from None
        return WebhookNews(event["house"], {"bookings": [event["booking"]]}, "booking", event["id"])

    def _by_ids(self, name: str, ids: Sequence[str]) -> Iterator[dict[str, Any]]:
        for batch in batches(ids, PAGE):
            yield from self._list(name, {"ids": ",".join(batch)})

    def _changed(self, name: str, window: tuple[datetime, datetime]) -> Iterator[dict[str, Any]]:
        for start, end in windows(*window, LONGEST_WINDOW):
            since, until = (one.astimezone(UTC).isoformat(timespec="seconds") for one in (start, end))
            yield from self._list(name, {"changed_from": since, "changed_to": until})

    def _list(self, name: str, filters: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Every item of a list, in the order of their making; the next page begins after the id of the last one."""
        seen: set[str] = set()
        after: dict[str, str] = {}
        while True:
            answer = self._session.get(
                f"{self._base}/{name}", {**(filters or {}), **after, "limit": PAGE}, who=self._name, operation=name
            )
            items = rows(answer.document, name, self._name, name)
            yield from items
            if len(items) < PAGE:
                return
            after = {"after": id_of(items[-1])}
            if after["after"] in seen:
                raise PmsUnreachable(f"{self._name}: the pages of {name} at the PMS do not end", operation=name)
            seen.add(after["after"])
