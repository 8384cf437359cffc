"""The sandbox hotel's front desk: one plain page with which somebody plays the staff, and the locksmith.

Each button does in the simulated hotel what staff would do in Mews, or breaks something behind Night Porter's back.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.desk import Desk, Refused, button, hidden
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace

Json = dict[str, Any]
_DAYS_AHEAD = 7
_OPEN = ("Confirmed", "Optional", "Inquired", "Started")
_WORDS = {
    "Confirmed": "Expected",
    "Started": "In house",
    "Processed": "Checked out",
    "Canceled": "Cancelled",
    "Inquired": "Inquiry",
}
_NO_ROOM = "none"
_BOOKING_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class _Booking:
    """A reservation as the page needs it, in the time of its hotel."""

    id: str
    number: str
    state: str
    word: str
    guest: str
    companions: int
    service_id: str
    room_id: str | None
    room: str
    arrival: datetime
    departure: datetime

    @property
    def is_open(self) -> bool:
        return self.state in _OPEN


class FrontDesk(Desk):
    """The staff of a hotel."""

    TITLE = "The sandbox hotel"
    LIST = "Bookings"
    SEARCH = "Guest, room or number"

    def __init__(
        self,
        hotel: MewsHotel,
        workspace: SeamWorkspace,
        now: Callable[[], datetime],
        signed_in: Callable[[], None] = lambda: None,
    ):
        super().__init__(workspace, now, signed_in)
        self._hotel = hotel
        self._actions |= {
            "extend": lambda form: self._shift(form, 1),
            "shorten": lambda form: self._shift(form, -1),
            "move": self._move,
            "check_in": lambda form: self._turn(form, ("Confirmed",), self._hotel.check_in),
            "check_out": lambda form: self._turn(form, ("Started",), self._hotel.check_out),
            "cancel": lambda form: self._turn(form, ("Confirmed", "Optional", "Inquired"), self._hotel.cancel),
            "reinstate": lambda form: self._turn(form, ("Canceled",), self._hotel.reinstate),
        }

    # --- buttons ----------------------------------------------------------------------------------------------------

    def _asked(self, form: dict[str, str], states: Iterable[str]) -> _Booking:
        item = self._hotel.reservations.get(form.get("id", ""))
        booking = self._read(item) if item is not None else None
        if booking is None:
            raise Refused("There is no such booking.")
        if booking.state not in states:
            raise Refused(f"Booking {booking.number} is {booking.word.lower()}: that does not go.")
        return booking

    def _turn(self, form: dict[str, str], states: Iterable[str], act: Callable[[str], None]) -> None:
        act(self._asked(form, states).id)

    def _shift(self, form: dict[str, str], nights: int) -> None:
        booking = self._asked(form, _OPEN)
        # A night by the clock on the wall: the hour of departure stays, also when summer time ends.
        departure = booking.departure + timedelta(days=nights)
        if departure.date() <= booking.arrival.date():
            raise Refused(f"Booking {booking.number} has only one night.")
        self._hotel.move_dates(booking.id, departure=departure)

    def _move(self, form: dict[str, str]) -> None:
        booking = self._asked(form, _OPEN)
        room_id = form.get("room", "")
        if room_id == _NO_ROOM:
            self._hotel.assign(booking.id, None)
            return
        if room_id not in self._hotel.resources:
            raise Refused("There is no such room.")
        if room_id not in dict(self._free_rooms(booking, self._occupied())):
            raise Refused(f"Room {self._hotel.resources[room_id].get('Name')} is not free for this booking.")
        self._hotel.assign(booking.id, room_id)

    # --- what the hotel knows ---------------------------------------------------------------------------------------

    def _read(self, item: Json) -> _Booking | None:
        """None for a record without times, or of no property: a hotel has broken ones."""
        service_id = str(item.get("ServiceId"))
        property_id = self._hotel.services.get(service_id, {}).get("EnterpriseId", "")
        enterprise = self._hotel.enterprises.get(property_id)
        try:
            arrival, departure = (
                datetime.fromisoformat(item[name]) for name in ("ScheduledStartUtc", "ScheduledEndUtc")
            )
        except (KeyError, TypeError, ValueError):
            return None
        if enterprise is None:
            return None
        zone = ZoneInfo(enterprise["TimeZoneIdentifier"])
        room_id = item.get("AssignedResourceId")
        state = str(item.get("State"))
        word = "No-show" if item.get("CancellationReason") == "NoShow" else _WORDS.get(state, state)
        companions = [one for one in list(self._hotel.companionships.values()) if one["ReservationId"] == item["Id"]]
        return _Booking(
            id=str(item["Id"]),
            number=str(item.get("Number") or "without number"),
            state=state,
            word=word,
            guest=self._guest(str(item.get("AccountId"))),
            companions=len(companions),
            service_id=service_id,
            room_id=room_id,
            room=str(self._hotel.resources.get(room_id or "", {}).get("Name") or ""),
            arrival=arrival.astimezone(zone),
            departure=departure.astimezone(zone),
        )

    def _guest(self, account_id: str) -> str:
        if account_id in self._hotel.companies:
            return str(self._hotel.companies[account_id].get("Name"))
        customer = self._hotel.customers.get(account_id, {})
        names = (customer.get("FirstName"), customer.get("LastName"))
        return " ".join(str(name) for name in names if name) or "Without a name"

    def _bookings(self, search: str) -> list[_Booking]:
        """Those that touch today or the coming days, by arrival."""
        first = self._now() - timedelta(days=2)
        last = f"{first + timedelta(days=_DAYS_AHEAD + 4):%Y-%m-%dT%H:%M}"
        begin = f"{first:%Y-%m-%dT%H:%M}"
        found = []
        for item in list(self._hotel.reservations.values()):
            # A glance at the text first: most of a year's bookings need no reading.
            if str(item.get("ScheduledStartUtc")) > last or str(item.get("ScheduledEndUtc")) < begin:
                continue
            booking = self._read(item)
            if booking is None:
                continue
            today = self._now().astimezone(booking.arrival.tzinfo).date()
            if booking.departure.date() < today or booking.arrival.date() > today + timedelta(days=_DAYS_AHEAD):
                continue
            words = (booking.guest, booking.room, booking.number)
            if any(search.casefold() in word.casefold() for word in words):
                found.append(booking)
        return sorted(found, key=lambda one: (one.arrival.date(), one.room, one.number))

    def _occupied(self) -> dict[str, list[tuple[str, str, str]]]:
        """Room -> start, end and id of the stays that keep it."""
        stays: dict[str, list[tuple[str, str, str]]] = {}
        for item in list(self._hotel.reservations.values()):
            room = item.get("AssignedResourceId")
            if room and item.get("State") in _OPEN and item.get("ScheduledStartUtc") and item.get("ScheduledEndUtc"):
                stays.setdefault(room, []).append((item["ScheduledStartUtc"], item["ScheduledEndUtc"], item["Id"]))
        return stays

    def _free_rooms(
        self, booking: _Booking, occupied: Mapping[str, list[tuple[str, str, str]]]
    ) -> list[tuple[str, str]]:
        """Id and name of what the booking's service has for its nights."""
        start, end = (f"{one.astimezone(UTC):%Y-%m-%dT%H:%M:%S}" for one in (booking.arrival, booking.departure))
        rooms: dict[str, str] = {}
        for item in list(self._hotel.assignments.values()):
            category = self._hotel.categories.get(item.get("CategoryId", ""), {})
            room_id = item.get("ResourceId", "")
            room = self._hotel.resources.get(room_id, {})
            if category.get("ServiceId") != booking.service_id or not room.get("IsActive"):
                continue
            taken = any(since < end and until > start for since, until, whose in occupied.get(room_id, ()))
            if room_id != booking.room_id and not taken:
                rooms[room_id] = str(room.get("Name"))
        return sorted(rooms.items(), key=lambda one: one[1])

    # --- the page ---------------------------------------------------------------------------------------------------

    def _greeting(self) -> str:
        names = ", ".join(str(one.get("Name")) for one in list(self._hotel.enterprises.values()))
        said = "Nothing here is real: be the front desk, and watch Night Porter keep up."
        return f"{escape(names)}. {self._clocks()} {said}"

    def _which(self) -> str:
        return f"today and the next {_DAYS_AHEAD} days"

    def _list(self, search: str, page: int) -> str:
        return self._turned(search, page, self._bookings(search), "booking", self._list_of_bookings)

    def _house(self, customer_key: str) -> str | None:
        houses = list(self._hotel.enterprises.items())
        return next((str(one["Name"]) for key, one in houses if customer_key.endswith(key)), None)

    def _holder(self, grant_key: str) -> str | None:
        ids = (one.group() for one in _BOOKING_ID.finditer(grant_key))
        item = next((self._hotel.reservations[one] for one in ids if one in self._hotel.reservations), None)
        booking = self._read(item) if item else None
        return f"{booking.guest}, no. {booking.number}" if booking else None

    def _clocks(self) -> str:
        zones = {str(one["TimeZoneIdentifier"]) for one in list(self._hotel.enterprises.values())}
        said = (
            f"{self._now().astimezone(ZoneInfo(zone)):%A %-d %B, %H:%M} ({escape(zone)})." for zone in sorted(zones)
        )
        return " ".join(said)

    def _list_of_bookings(self, bookings: list[_Booking], kept: dict[str, str]) -> str:
        occupied = self._occupied()
        parts: list[str] = []
        day: date | None = None
        for booking in bookings:
            today = self._now().astimezone(booking.arrival.tzinfo).date()
            if booking.arrival.date() != day:
                day = booking.arrival.date()
                parts.append(f"<h3>{_day(day, today)}</h3>")
            parts.append(self._card(booking, occupied, kept))
        return "\n".join(parts) or '<p class="empty">No bookings.</p>'

    def _card(self, booking: _Booking, occupied: Mapping[str, list[tuple[str, str, str]]], kept: dict[str, str]) -> str:
        fields = {"id": booking.id, "at": f"b-{booking.id}", **kept}
        what = f"booking {booking.number}"
        buttons = []
        if booking.state == "Confirmed":
            buttons.append(button("check_in", "Check in", what, fields, "strong"))
        if booking.state == "Started":
            buttons.append(button("check_out", "Check out", what, fields, "strong"))
        if booking.is_open:
            buttons.append(button("extend", "Extend one night", what, fields))
            if booking.departure.date() - booking.arrival.date() > timedelta(days=1):
                buttons.append(button("shorten", "Shorten one night", what, fields))
            buttons.append(self._mover(booking, occupied, fields))
        if booking.is_open and booking.state != "Started":
            buttons.append(button("cancel", "Cancel", what, fields, "danger"))
        if booking.state == "Canceled":
            buttons.append(button("reinstate", "Reinstate", what, fields))
        nights = (booking.departure.date() - booking.arrival.date()).days
        friends = f" + {booking.companions}" if booking.companions else ""
        return f"""<article id="b-{escape(booking.id)}" class="{escape(booking.state.lower())}">
<div class="room">{escape(booking.room) or "<i>no room</i>"}</div>
<div class="what"><b>{escape(booking.guest)}</b>{friends} <span class="state">{escape(booking.word)}</span><br>
<span class="quiet">{booking.arrival:%a %-d %b %H:%M} to {booking.departure:%a %-d %b %H:%M}, \
{nights} night{"" if nights == 1 else "s"}, no. {escape(booking.number)}</span>{self._codes(booking)}</div>
<div class="buttons">{"".join(buttons)}</div>
</article>"""

    def _codes(self, booking: _Booking) -> str:
        """What the hotel's software knows of the door, and tells the guest."""
        tokens = self._hotel.tokens_of(booking.id)
        if not tokens:
            return ""
        codes = ", ".join(f"<code>{escape(str(one['Value']))}</code>" for one in tokens)
        return f'<br><span class="quiet">Door code for the guest: {codes}</span>'

    def _mover(
        self, booking: _Booking, occupied: Mapping[str, list[tuple[str, str, str]]], fields: dict[str, str]
    ) -> str:
        rooms = self._free_rooms(booking, occupied)
        if booking.room_id is not None:
            rooms.append((_NO_ROOM, "no room"))
        if not rooms:
            return '<span class="quiet">No room is free.</span>'
        options = "".join(f'<option value="{escape(one)}">{escape(name)}</option>' for one, name in rooms)
        label = escape(f"Free rooms for booking {booking.number}")
        return (
            f'<form method="post" action="/">{hidden({"do": "move", **fields})}'
            f'<button>Move to</button><select name="room" aria-label="{label}">{options}</select></form>'
        )


def _day(day: date, today: date) -> str:
    named = {0: "Arriving today", 1: "Arriving tomorrow"}.get((day - today).days)
    if named is None:
        named = "Arriving" if day > today else "Arrived"
    return f"{named}, {day:%A %-d %B}" if (day - today).days in (0, 1) else f"{named} {day:%A %-d %B}"
