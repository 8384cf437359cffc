"""The sandbox hotel's front desk: one plain page with which somebody plays the staff, and the locksmith.

Each button does in the simulated hotel what staff would do in Mews, or breaks something behind Night Porter's back.
Without scripts, so that there is nothing between the visitor and the two simulated servers.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from html import escape
from typing import Any
from urllib.parse import parse_qs, urlencode
from zoneinfo import ZoneInfo

from sandbox.http import Answer
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace

Json = dict[str, Any]
_DAYS_AHEAD = 7
_PER_PAGE = 40
_OPEN = ("Confirmed", "Optional", "Inquired", "Started")
_WORDS = {
    "Confirmed": "Expected",
    "Started": "In house",
    "Processed": "Checked out",
    "Canceled": "Cancelled",
    "Inquired": "Inquiry",
}
_NO_ROOM = "none"
_PLACE = re.compile(r"^[a-z0-9-]+$")
_BOOKING_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
}


class _Refused(Exception):
    """What was asked for does not go; the words are for the visitor."""


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


class FrontDesk:
    """An app for `sandbox.http.serve`. GET / is the page (`?q=` searches, `?page=` turns); POST / is a button."""

    def __init__(
        self,
        hotel: MewsHotel,
        workspace: SeamWorkspace,
        now: Callable[[], datetime],
        signed_in: Callable[[], None] = lambda: None,
    ):
        """`signed_in` is told when somebody has signed in to a lock system: its locks appear then."""
        self._signed_in = signed_in
        self._hotel = hotel
        self._workspace = workspace
        self._now = now
        self._actions: dict[str, Callable[[dict[str, str]], None]] = {
            "extend": lambda form: self._shift(form, 1),
            "shorten": lambda form: self._shift(form, -1),
            "move": self._move,
            "check_in": lambda form: self._turn(form, ("Confirmed",), self._hotel.check_in),
            "check_out": lambda form: self._turn(form, ("Started",), self._hotel.check_out),
            "cancel": lambda form: self._turn(form, ("Confirmed", "Optional", "Inquired"), self._hotel.cancel),
            "reinstate": lambda form: self._turn(form, ("Canceled",), self._hotel.reinstate),
            "unplug": lambda form: self._plug(form, self._workspace.unplug),
            "plug_in": lambda form: self._plug(form, self._workspace.plug_in),
            "disconnect": lambda form: self._connect(form, self._workspace.disconnect_account),
            "reconnect": lambda form: self._connect(form, self._workspace.reconnect_account),
            "delete_grant": self._delete_grant,
            "sign_in": self._sign_in,
        }

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if path != "/":
            return _sentence(404, "There is only the front desk, at /.")
        if method == "GET":
            search = query.get("q", [""])[-1].strip()
            page = query.get("page", ["1"])[-1]
            webview = query.get("webview", [""])[-1]
            text = self._page(search, int(page[:6]) if page.isdecimal() else 1, webview)
            return Answer(200, text.encode(), dict(_HEADERS))
        if method != "POST":
            return _sentence(405, "The front desk takes GET and POST.")
        try:
            form = {name: values[-1] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
            action = self._actions.get(form.get("do", ""))
            if action is None:
                raise _Refused("There is no such button.")
            action(form)
        except UnicodeDecodeError:
            return _sentence(400, "The form is not text.")
        except _Refused as refused:
            return _sentence(400, str(refused))
        kept = {name: form[name] for name in ("q", "page", "webview") if form.get(name)}
        # Back to where the button was: the page is long.
        place = f"#{form['at']}" if _PLACE.match(form.get("at", "")) else ""
        return Answer(303, b"", {"Location": f"/{'?' + urlencode(kept) if kept else ''}{place}"})

    # --- buttons ----------------------------------------------------------------------------------------------------

    def _asked(self, form: dict[str, str], states: Iterable[str]) -> _Booking:
        item = self._hotel.reservations.get(form.get("id", ""))
        booking = self._read(item) if item is not None else None
        if booking is None:
            raise _Refused("There is no such booking.")
        if booking.state not in states:
            raise _Refused(f"Booking {booking.number} is {booking.word.lower()}: that does not go.")
        return booking

    def _turn(self, form: dict[str, str], states: Iterable[str], act: Callable[[str], None]) -> None:
        act(self._asked(form, states).id)

    def _shift(self, form: dict[str, str], nights: int) -> None:
        booking = self._asked(form, _OPEN)
        # A night by the clock on the wall: the hour of departure stays, also when summer time ends.
        departure = booking.departure + timedelta(days=nights)
        if departure.date() <= booking.arrival.date():
            raise _Refused(f"Booking {booking.number} has only one night.")
        self._hotel.move_dates(booking.id, departure=departure)

    def _move(self, form: dict[str, str]) -> None:
        booking = self._asked(form, _OPEN)
        room_id = form.get("room", "")
        if room_id == _NO_ROOM:
            self._hotel.assign(booking.id, None)
            return
        if room_id not in self._hotel.resources:
            raise _Refused("There is no such room.")
        if room_id not in dict(self._free_rooms(booking, self._occupied())):
            raise _Refused(f"Room {self._hotel.resources[room_id].get('Name')} is not free for this booking.")
        self._hotel.assign(booking.id, room_id)

    def _plug(self, form: dict[str, str], act: Callable[[str], None]) -> None:
        door_id = form.get("id", "")
        if door_id not in self._workspace.entrances and door_id not in self._workspace.devices:
            raise _Refused("There is no such door.")
        act(door_id)

    def _connect(self, form: dict[str, str], act: Callable[[str | None], None]) -> None:
        try:
            act(form.get("customer") or None)
        except KeyError:
            raise _Refused("There is no such lock system.") from None

    def _sign_in(self, form: dict[str, str]) -> None:
        """What Seam's own page does when somebody signs in to a lock system."""
        webview_id, provider = form.get("webview", ""), form.get("provider", "")
        try:
            known = {account["account_type"] for account in self._workspace.accounts.values()}
            self._workspace.authorize_webview(webview_id, provider)
        except KeyError:
            raise _Refused("There is no such sign-in page.") from None
        except ValueError as problem:
            raise _Refused(f"That does not go: {problem}.") from None
        if provider not in known:
            self._signed_in()

    def _delete_grant(self, form: dict[str, str]) -> None:
        key = form.get("key", "")
        try:
            self._workspace.remove("access_grant", key)
        except KeyError:
            raise _Refused("There is no such key any more.") from None

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

    def _page(self, search: str, page: int, webview_id: str = "") -> str:
        bookings = self._bookings(search)
        pages = max(1, -(-len(bookings) // _PER_PAGE))
        page = min(max(page, 1), pages)
        shown = bookings[(page - 1) * _PER_PAGE : page * _PER_PAGE]
        kept = {"q": search, "page": str(page) if page > 1 else ""}
        names = ", ".join(str(one.get("Name")) for one in list(self._hotel.enterprises.values()))
        count = f"{len(bookings)} booking{'' if len(bookings) == 1 else 's'}"
        turn = _turner(search, page, pages)
        return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>The sandbox hotel</title>
<style>{_STYLE}</style>
</head>
<body>
<header>
<h1>The sandbox hotel</h1>
<p>{escape(names)}. {self._clocks()} Nothing here is real: be the front desk, and watch Night Porter keep up.</p>
<nav><a href="#bookings">Bookings</a> <a href="#doors">Doors</a> <a href="#keys">Live keys</a></nav>
</header>
<main>
{self._sign_in_page(webview_id)}
<section id="bookings">
<h2>Bookings <small>today and the next {_DAYS_AHEAD} days</small></h2>
<form class="search" method="get" action="/" role="search">
<label for="q">Guest, room or number</label>
<input id="q" name="q" type="search" value="{escape(search)}" autocomplete="off">
<button>Search</button>{' <a href="/">Show all</a>' if search else ""}
</form>
<p class="count">{count}{f" for “{escape(search)}”" if search else ""}</p>
{self._list_of_bookings(shown, kept)}
{turn}
</section>
{self._doors(search, kept)}
{self._keys(search, kept)}
</main>
</body>
</html>
"""

    def _sign_in_page(self, webview_id: str) -> str:
        """In the sandbox, this desk is also the page of Seam on which a lock system is signed in to."""
        webview = self._workspace.webviews.get(webview_id)
        if webview is None:
            return ""
        if webview["status"] != "pending":
            return '<section id="sign-in" class="system"><b>You are signed in.</b> Go back to Night Porter.</section>'
        options = "".join(
            f'<option value="{escape(one)}"{" selected" if one == "ttlock" else ""}>{escape(one)}</option>'
            for one in webview["accepted_providers"]
        )
        hidden = _hidden({"do": "sign_in", "webview": webview_id, "at": "sign-in"})
        return (
            '<section id="sign-in" class="system"><span><b>Sign in to the lock system</b><br><span class="quiet">'
            "Seam’s own page would be here, and ask for the password of the lock maker.</span></span>"
            f'<form method="post" action="/">{hidden}<select name="provider" aria-label="Lock maker">{options}</select>'
            ' <button class="strong">Sign in</button></form></section>'
        )

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
            buttons.append(_button("check_in", "Check in", what, fields, "strong"))
        if booking.state == "Started":
            buttons.append(_button("check_out", "Check out", what, fields, "strong"))
        if booking.is_open:
            buttons.append(_button("extend", "Extend one night", what, fields))
            if booking.departure.date() - booking.arrival.date() > timedelta(days=1):
                buttons.append(_button("shorten", "Shorten one night", what, fields))
            buttons.append(self._mover(booking, occupied, fields))
        if booking.is_open and booking.state != "Started":
            buttons.append(_button("cancel", "Cancel", what, fields, "danger"))
        if booking.state == "Canceled":
            buttons.append(_button("reinstate", "Reinstate", what, fields))
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
            f'<form method="post" action="/">{_hidden({"do": "move", **fields})}'
            f'<button>Move to</button><select name="room" aria-label="{label}">{options}</select></form>'
        )

    def _doors(self, search: str, kept: dict[str, str]) -> str:
        workspace = self._workspace
        rows: list[tuple[str, str]] = []
        for door_id, door in (*list(workspace.entrances.items()), *list(workspace.devices.items())):
            spaces = [workspace.spaces[one]["name"] for one in list(door["space_ids"]) if one in workspace.spaces]
            name, where = str(door["display_name"]), ", ".join(spaces)
            if search.casefold() not in f"{name} {where}".casefold():
                continue
            online = workspace.is_online(door_id)
            act, label = ("unplug", "Unplug") if online else ("plug_in", "Plug in")
            fields = {"id": door_id, "at": f"d-{door_id}", **kept}
            state = "Online" if online else "Offline"
            rows.append(
                (
                    name,
                    f'<li id="d-{door_id}" class="{state.lower()}"><span><b>{escape(name)}</b> '
                    f'<span class="state">{state}</span><br>'
                    f'<span class="quiet">{f"Room {escape(where)}" if where else "In no Space yet"}</span></span>'
                    f"{_button(act, label, name, fields)}</li>",
                )
            )
        doors = "".join(text for _, text in sorted(rows)) or '<li class="empty">No doors.</li>'
        return f"""<section id="doors">
<h2>Doors <small>{len(rows)}</small></h2>
{self._systems(kept)}
<ul class="tiles">{doors}</ul>
</section>"""

    def _systems(self, kept: dict[str, str]) -> str:
        by_customer: dict[str, list[Json]] = {}
        for account in list(self._workspace.accounts.values()):
            by_customer.setdefault(account.get("customer_key") or "", []).append(account)
        parts = []
        for customer, accounts in by_customer.items():
            broken = any(account["errors"] for account in accounts)
            act, label = ("reconnect", "Reconnect") if broken else ("disconnect", "Disconnect the lock system")
            titles = ", ".join(str(account["account_type_display_name"]) for account in accounts)
            whose = next(
                (str(one["Name"]) for key, one in list(self._hotel.enterprises.items()) if customer.endswith(key)),
                customer or "the workspace",
            )
            state = "Disconnected" if broken else "Connected"
            fields = {"customer": customer, "at": "doors", **kept}
            parts.append(
                f'<div class="system {"offline" if broken else ""}"><span><b>{escape(titles)}</b> of {escape(whose)} '
                f'<span class="state">{state}</span></span>{_button(act, label, whose, fields, "danger")}</div>'
            )
        return "".join(parts)

    def _keys(self, search: str, kept: dict[str, str]) -> str:
        rows: list[tuple[str, str]] = []
        for grant in self._workspace.live_grants():
            key = grant.get("access_grant_key")
            if not key:
                continue
            name = str(grant["display_name"])
            spaces = [
                self._workspace.spaces[one]["name"] for one in grant["space_ids"] if one in self._workspace.spaces
            ]
            where = ", ".join(spaces)
            ids = (one.group() for one in _BOOKING_ID.finditer(key))
            item = next((self._hotel.reservations[one] for one in ids if one in self._hotel.reservations), None)
            booking = self._read(item) if item else None
            of = f"{booking.guest}, no. {booking.number}" if booking else name
            if search.casefold() not in f"{of} {where}".casefold():
                continue
            methods = [self._workspace.access_methods.get(one, {}) for one in list(grant["access_method_ids"])]
            pins = ", ".join(str(one["code"]) for one in methods if one.get("code")) or "no PIN"
            issued = "Works" if methods and all(one.get("is_issued") for one in methods) else "On its way"
            if any(one.get("errors") for one in methods) or grant["errors"]:
                issued = "Failed"
            fields = {"key": key, "at": "keys", **kept}
            rows.append(
                (
                    where,
                    f'<li><span><b>{escape(of)}</b> <span class="state">{issued}</span><br><span class="quiet">'
                    f"{escape(where) or 'no Space'}, PIN <code>{escape(pins)}</code></span></span>"
                    f"{_button('delete_grant', DELETE_GRANT, of, fields, 'danger')}</li>",
                )
            )
        shown = sorted(rows)[:_MOST_KEYS]
        more = (
            f'<p class="quiet">Search to see the other {len(rows) - len(shown)}.</p>' if len(rows) > len(shown) else ""
        )
        keys = "".join(text for _, text in shown) or '<li class="empty">No keys yet.</li>'
        return f"""<section id="keys">
<h2>Live keys <small>{len(rows)}</small></h2>
<ul class="tiles">{keys}</ul>{more}
</section>"""


DELETE_GRANT = "Delete behind Night Porter’s back"
_MOST_KEYS = 60


def _button(do: str, label: str, of: str, fields: Mapping[str, str], look: str = "") -> str:
    """A form that is one button. Its name says of what, for those who do not see where it stands."""
    kind = f' class="{look}"' if look else ""
    return (
        f'<form method="post" action="/">{_hidden({"do": do, **fields})}'
        f'<button{kind} aria-label="{escape(f"{label}: {of}")}">{escape(label)}</button></form>'
    )


def _hidden(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
        if value or name == "customer"
    )


def _turner(search: str, page: int, pages: int) -> str:
    if pages == 1:
        return ""

    def link(to: int, word: str) -> str:
        query = urlencode({**({"q": search} if search else {}), "page": to})
        return f'<a href="/?{escape(query)}">{word}</a>' if 1 <= to <= pages else f"<span>{word}</span>"

    return f'<p class="turn">{link(page - 1, "Earlier")} <b>Page {page} of {pages}</b> {link(page + 1, "Later")}</p>'


def _day(day: date, today: date) -> str:
    named = {0: "Arriving today", 1: "Arriving tomorrow"}.get((day - today).days)
    if named is None:
        named = "Arriving" if day > today else "Arrived"
    return f"{named}, {day:%A %-d %B}" if (day - today).days in (0, 1) else f"{named} {day:%A %-d %B}"


def _sentence(status: int, words: str) -> Answer:
    page = (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The sandbox hotel</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}</style></head><body><main><h1>That does not go</h1><p>{escape(words)}</p>"
        '<p><a href="/">Back to the front desk</a></p></main></body></html>'
    )
    return Answer(status, page.encode(), dict(_HEADERS))


_STYLE = """
:root { color-scheme: light dark; --paper: #f6f4ef; --card: #fff; --ink: #1f2421; --quiet: #5d665f; --line: #dcd8cd;
  --accent: #1d5c4d; --on-accent: #fff; --danger: #9c2b1f; --good: #1d6b3f; --warn: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --paper: #141816; --card: #1d2320; --ink: #e9ece8; --quiet: #a3ada6;
  --line: #343d38; --accent: #7fd1b6; --on-accent: #0e1d18; --danger: #ff9d8f; --good: #7fd69c; --warn: #f0c06a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 64rem; margin: 0 auto; padding: 1rem; }
header { padding-top: 2rem; }
h1 { margin: 0; font: 600 2rem/1.2 Georgia, serif; }
h2 { margin: 2rem 0 .75rem; font: 600 1.4rem/1.2 Georgia, serif; }
h2 small, .quiet, .count, .empty { color: var(--quiet); font: 400 .875rem/1.5 system-ui, sans-serif; }
h3 { margin: 1.5rem 0 .5rem; font-size: .95rem; color: var(--quiet); }
a { color: var(--accent); }
nav a { margin-right: 1rem; }
article, .tiles li, .system { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
article { display: grid; grid-template-columns: 5rem 1fr; gap: .25rem 1rem; padding: .9rem 1rem; margin: .5rem 0; }
article:target, li:target { border-color: var(--accent); box-shadow: 0 0 0 2px var(--accent); }
article.canceled .what b, article.processed .what b { font-weight: 400; color: var(--quiet); }
.room { font: 600 1.4rem/1.3 Georgia, serif; overflow-wrap: anywhere; }
.room i { font-size: .95rem; color: var(--warn); }
.what { min-width: 0; overflow-wrap: anywhere; }
.buttons { grid-column: 2; display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.buttons form, .search { display: flex; flex-wrap: wrap; gap: .4rem; align-items: center; }
.search label { width: 100%; font-size: .875rem; color: var(--quiet); }
.search input { flex: 1 1 12rem; }
.state { white-space: nowrap; font-size: .8rem; border: 1px solid var(--line); border-radius: 1rem;
  padding: .05rem .6rem; color: var(--quiet); }
.started .state, .online .state { color: var(--good); border-color: var(--good); }
.canceled .state, .offline .state { color: var(--danger); border-color: var(--danger); }
button, select, input { font: inherit; font-size: .9rem; color: var(--ink); background: var(--card); min-height: 2.4rem;
  border: 1px solid var(--line); border-radius: .45rem; padding: .3rem .7rem; max-width: 100%; }
button { cursor: pointer; }
button:hover { border-color: var(--accent); }
button.strong { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.danger { color: var(--danger); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.tiles { list-style: none; margin: 0; padding: 0; display: grid; gap: .5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
.tiles li, .system { display: flex; flex-wrap: wrap; gap: .5rem; justify-content: space-between; align-items: center;
  padding: .6rem .9rem; overflow-wrap: anywhere; }
.system { margin-bottom: .75rem; }
.turn { display: flex; gap: 1rem; justify-content: center; }
.turn span { color: var(--quiet); }
@media (max-width: 40rem) { article { grid-template-columns: 3.6rem 1fr; padding: .8rem; }
  .buttons { grid-column: 1 / -1; } h1 { font-size: 1.6rem; } }
"""
