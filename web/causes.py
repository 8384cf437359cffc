"""What is wrong, one card a cause: whoever is concerned stands in it, the first arrival first. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.wording import counted
from reconciler.readiness import NO_ROOM_YET, Arrival
from schedules.alert_words import without_room
from store.accounts import Account
from store.alerts import Alert
from store.holds import HeldRevocation
from store.properties import KnownProperty
from web.overview import Need
from web.picture import GuestsNow

ORDER = ("broken", "unknown", "held", "notyet", "ready", "none")
"""States, the gravest first."""
NUMBERS_NAMED = 8
OFFLINE = ("device_offline", "device_disconnected", "hub_disconnected")


@dataclass(frozen=True, slots=True)
class CauseCard:
    """One thing that needs a person."""

    kind: str
    """A code of ours or of Seam."""
    look: str
    """A state of the report, as `docs/design.md` has them."""
    title: str
    why: str = ""
    """What it means, and what to do."""
    action: str = ""
    """What the button says; empty: there is none."""
    target: tuple[str, dict[str, str]] | None = None
    """The page that the button leads to: endpoint and arguments."""
    is_post: bool = False
    """The button does something."""
    guests: list[Arrival] = field(default_factory=list)
    """Who is concerned, the first arrival first."""
    since: datetime | None = None
    says_all: bool = True
    """Nothing differs between the guests but their names."""
    of: KnownProperty | None = None
    """None: of a whole connection with several properties."""

    @property
    def first_at(self) -> datetime | None:
        """When the first of those concerned arrives (UTC)."""
        return min((one.stay.starts_at for one in self.guests if one.stay.starts_at is not None), default=None)

    @property
    def is_remark(self) -> bool:
        """It is worth knowing, and nobody has to do anything today."""
        return self.kind == "rooms"

    @property
    def slug(self) -> str:
        """Short and stable, for a page's ids."""
        place = (self.of.connection, self.of.property_id) if self.of else ()
        return hashlib.sha256(repr((self.kind, self.title, place)).encode()).hexdigest()[:10]


def in_order(cards: Iterable[CauseCard], now: datetime) -> list[CauseCard]:
    """Sorted by the first guest who stands outside, or will; then what concerns no guest, the gravest first. Who is
    outside already comes first, whenever she came."""

    def place(card: CauseCard) -> tuple[bool, bool, datetime, int, str]:
        outside = card.first_at is not None and card.look in ("broken", "unknown")
        at = card.first_at or now
        return (not outside, card.first_at is None, at, ORDER.index(card.look), card.title)

    return sorted(cards, key=place)


# --- guests -----------------------------------------------------------------------------------------------------------


def of_guests(of: KnownProperty, guests: GuestsNow, person: str, held: Collection[str] = ()) -> list[CauseCard]:
    """The guests of a property who need a person, by cause. `person`: `guest` or `tenant`; `held`: bookings whose
    revocation waits for somebody, of which another card tells."""
    alike: dict[tuple[str, str], list[Arrival]] = {}
    for one in guests.in_trouble:
        if one.stay.booking_id in held and one.stay.access in ("live", "kept"):
            continue
        alike.setdefault(_likeness(one), []).append(one)
    today = {id(one) for one in guests.today}
    tomorrow = {id(one) for one in guests.tomorrow}
    cards = []
    for (kind, _), several in alike.items():
        when = _when(several, today, tomorrow)
        cards.append(replace(_card(kind, several, person, when, of), of=of, guests=several))
    return cards


def _likeness(one: Arrival) -> tuple[str, str]:
    if one.stay.access == "live":
        return "live", ""
    if one.stay.access == "waiting" and one.stay.room is None:
        return "no_room", ""
    if one.cause == "no_door":
        return "no_door", ""
    # Of one trouble with locks, what differs is the lock's name.
    if one.cause in OFFLINE:
        return "offline", ""
    return one.cause or "other", without_room(one)


def _when(several: Sequence[Arrival], today: Collection[int], tomorrow: Collection[int]) -> str:
    if all(id(one) in today for one in several):
        return " today"
    return " tomorrow" if all(id(one) in tomorrow for one in several) else ""


def _worst(several: Iterable[Arrival]) -> str:
    return min((one.look for one in several), key=ORDER.index)


def _card(kind: str, several: Sequence[Arrival], person: str, when: str, of: KnownProperty) -> CauseCard:
    who = counted(len(several), person)
    place = {"connection": of.connection, "property_id": of.property_id}
    rooms = sorted({one.stay.room for one in several if one.stay.room})
    whys = {one.why for one in several}
    said = several[0].why if len(whys) == 1 else without_room(several[0])
    look = _worst(several)
    if kind == "no_door":
        title = f"Room {rooms[0]} has" if len(rooms) == 1 else f"{counted(max(len(rooms), 1), 'room')} have"
        why = "Nothing opens until each has its lock. The access follows by itself."
        return CauseCard(kind, look, f"{title} no lock: {who}{when}", why, "Place locks", ("locks.doors", place))
    if kind == "no_room":
        numbers = [one.stay.number or one.stay.booking_id for one in several]
        more = f" and {len(numbers) - NUMBERS_NAMED} more" if len(numbers) > NUMBERS_NAMED else ""
        named = ", ".join(numbers[:NUMBERS_NAMED])
        bookings = "booking" if len(numbers) == 1 else "bookings"
        why = f"In the PMS: give {bookings} {named}{more} a room. The access follows by itself."
        soon = any(one.cause != NO_ROOM_YET for one in several)
        return CauseCard(kind, "broken" if soon else "notyet", f"{who} {_has(several)} no room{when}", why)
    if kind == "live":
        why = "Taking it away has not worked yet: it is tried again by itself." if len(whys) > 1 else _sentence(said)
        return CauseCard(kind, "held", f"{who} still {_has(several)} access that should have ended", why)
    if kind == "offline":
        title = f"The lock of {rooms[0]} is" if len(rooms) == 1 else f"The locks of {counted(len(rooms), 'room')} are"
        health = {"connection": of.connection, "property": of.property_id}
        return CauseCard(
            kind, look, f"{title} offline: {who}{when}", "", "See the locks", ("locks.health", health), says_all=False
        )
    if several[0].stay.access == "kept":
        return CauseCard(kind, look, f"{who} {_has(several)} access as before: the PMS is not clear", _sentence(said))
    title = f"{who} {'cannot' if look == 'broken' else 'may not'} get in{when}"
    return CauseCard(kind, look, title, _sentence(said), says_all=len(whys) == 1)


def _has(several: Sequence[Arrival]) -> str:
    return "has" if len(several) == 1 else "have"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}{'' if words.endswith(('.', '!', '?')) else '.'}" if words else ""


# --- whatever else is wrong -------------------------------------------------------------------------------------------


def of_holds(of: KnownProperty, held: Sequence[HeldRevocation], guests: Sequence[Arrival], person: str) -> CauseCard:
    """Revocations of one property that wait for somebody. `guests`: those of them who matter today and tomorrow."""
    bookings = {one.hold.booking_id for one in held}
    keeps = "keeps" if len(bookings) == 1 else "keep"
    why = "So many at once look like a mistake in the PMS, so nothing was taken away. Decide on each."
    return CauseCard(
        "held",
        "held",
        f"{counted(len(bookings), person)} {keeps} access that the PMS has ended",
        why,
        "Decide",
        ("held.held", {"connection": of.connection, "property": of.property_id}),
        guests=list(guests),
        since=min(one.held_at for one in held),
        of=of,
    )


def of_accounts(of: KnownProperty, accounts: Iterable[Account]) -> list[CauseCard]:
    """Lock systems through which nothing new reaches the locks."""
    return [
        CauseCard(
            f"account {one.account_id}",
            "broken",
            f"The lock system {one.name} does not work",
            f"Nothing new reaches its locks: {one.why}.",
            "Connect it again",
            ("locks.locks", {"property": of.property_id, "connection": of.connection}),
            of=of,
        )
        for one in accounts
        if one.trouble
    ]


def of_rooms(of: KnownProperty, without: int, undecided: int, areas: Sequence[str], is_told: bool) -> list[CauseCard]:
    """Rooms and common areas that no lock belongs to. `is_told`: a card tells of guests of such rooms already."""
    target = ("locks.doors", {"connection": of.connection, "property_id": of.property_id})
    cards = []
    if areas:
        verb = "has" if len(areas) == 1 else "have"
        why = "Every guest may enter there, and nothing opens it."
        named = " and ".join(areas[:3]) + (f" and {len(areas) - 3} more" if len(areas) > 3 else "")
        cards.append(CauseCard("areas", "unknown", f"{named} {verb} no lock", why, "Place locks", target, of=of))
    if without and not is_told:
        left = f" {counted(undecided, 'lock belongs', 'locks belong')} to no room yet." if undecided else ""
        why = f"Nobody arrives there today or tomorrow.{left}"
        title = f"{counted(without, 'room has', 'rooms have')} no lock"
        cards.append(CauseCard("rooms", "notyet", title, why, "Place locks", target, of=of))
    return cards


def of_alert(alert: Alert, of: KnownProperty | None) -> CauseCard:
    """An alert that is no guest's: its first words are the title."""
    title, _, why = alert.text.partition(": ")
    look, action, target = "unknown", "", None
    if alert.kind in ("locks", "batteries"):
        look = "broken" if alert.kind == "locks" else "notyet"
        action, target = "See the locks", ("locks.health", {"connection": alert.connection, "property": alert.subject})
    elif alert.kind in ("connection", "full", "night_audit"):
        return _not_read(alert.connection, alert.text, alert.began_at, of)
    return CauseCard(
        f"{alert.kind} {alert.subject}", look, title, _sentence(why), action, target, since=alert.began_at, of=of
    )


def of_need(need: Need, of: KnownProperty | None) -> CauseCard:
    """What is said of a connection as a whole: by its last full run, or that none has been good for long."""
    if need.kind == "connection":
        return _not_read(need.connection, need.why, need.at, of)
    target = ("reports.run", {"run_id": need.run_id or "", "outcome": need.outcome})
    return CauseCard(
        f"run {need.outcome}", "notyet", need.what, _sentence(need.why), "Look at them", target, since=need.at, of=of
    )


def _not_read(connection: str, why: str, since: datetime, of: KnownProperty | None) -> CauseCard:
    title = "Not kept in step: what is said here may be out of date"
    if of is None:
        title = f"{connection} is not kept in step: what is said of its properties may be out of date"
    target = ("properties.try_now", {"connection": connection})
    return CauseCard("connection", "unknown", title, _sentence(why), "Try now", target, True, since=since, of=of)
