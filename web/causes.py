"""What is wrong, one card a cause: whoever is concerned stands in it, the first arrival first. Pure."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappers.sentences import all_of, message, messages, named, people, say, say_number, together
from mappers.waiting import NOBODY_NAMED
from reconciler.readiness import NO_ROOM_YET, STILL_THERE, Arrival
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
AREAS_NAMED = 3
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
    """What it means, and what to do; perhaps without a capital and a full stop."""
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
    if one.cause == STILL_THERE:
        return STILL_THERE, ""
    if one.stay.access == "waiting" and one.stay.room is None:
        return "no_room", ""
    if getattr(one.why, "message", None) == NOBODY_NAMED:
        return "nobody", ""
    if one.cause == "no_door":
        return "no_door", ""
    # Of one trouble with locks, what differs is the lock's name.
    if one.cause in OFFLINE:
        return "offline", ""
    return one.cause or "other", without_room(one)


def _when(several: Sequence[Arrival], today: Collection[int], tomorrow: Collection[int]) -> str:
    if all(id(one) in today for one in several):
        return "today"
    return "tomorrow" if all(id(one) in tomorrow for one in several) else ""


HAS_NO_ROOM = {
    "": messages("{who} has no room", "{who} have no room"),
    "today": messages("{who} has no room today", "{who} have no room today"),
    "tomorrow": messages("{who} has no room tomorrow", "{who} have no room tomorrow"),
}
NAMES_NOBODY = {
    "": messages("{number} booking names nobody who stays", "{number} bookings name nobody who stays"),
    "today": messages(
        "{number} booking of today names nobody who stays", "{number} bookings of today name nobody who stays"
    ),
    "tomorrow": messages(
        "{number} booking of tomorrow names nobody who stays", "{number} bookings of tomorrow name nobody who stays"
    ),
}
CANNOT_GET_IN = {
    "": messages("{who} cannot get in", "{who} cannot get in"),
    "today": messages("{who} cannot get in today", "{who} cannot get in today"),
    "tomorrow": messages("{who} cannot get in tomorrow", "{who} cannot get in tomorrow"),
}
MAY_NOT_GET_IN = {
    "": messages("{who} may not get in", "{who} may not get in"),
    "today": messages("{who} may not get in today", "{who} may not get in today"),
    "tomorrow": messages("{who} may not get in tomorrow", "{who} may not get in tomorrow"),
}
"""By when they come; of one and of several."""


def _card(kind: str, several: Sequence[Arrival], person: str, when: str, of: KnownProperty) -> CauseCard:
    number = len(several)
    who = people(number, person)
    dated = {"today": say("{who} today", who=who), "tomorrow": say("{who} tomorrow", who=who)}.get(when, who)
    place = {"connection": of.connection, "property_id": of.property_id}
    rooms = sorted({one.stay.room for one in several if one.stay.room})
    whys = {one.why for one in several}
    said = several[0].why if len(whys) == 1 else without_room(several[0])
    look = min((one.look for one in several), key=ORDER.index)
    if kind == "no_door":
        if len(rooms) == 1:
            title = say("Room {room} has no lock: {who}", room=rooms[0], who=dated)
        else:
            one, many = messages("{number} room has no lock: {who}", "{number} rooms have no lock: {who}")
            title = say_number(max(len(rooms), 1), one, many, who=dated)
        why: str = say("Nothing opens until each has its lock. The access follows by itself.")
        return CauseCard(kind, look, title, why, say("Place locks"), ("locks.doors", place))
    if kind == "no_room":
        numbers = [one.stay.number or one.stay.booking_id for one in several]
        one, many = messages(
            "In the PMS: give booking {named} a room. The access follows by itself.",
            "In the PMS: give bookings {named} a room. The access follows by itself.",
        )
        why = say_number(number, one, many, named=named(numbers, NUMBERS_NAMED))
        soon = any(one.cause != NO_ROOM_YET for one in several)
        return CauseCard(kind, "broken" if soon else "notyet", say_number(number, *HAS_NO_ROOM[when], who=who), why)
    if kind == "nobody":
        numbers = [one.stay.number or one.stay.booking_id for one in several]
        add = message("In the PMS: add who stays to {named}. The access follows by itself.")
        title = say_number(number, *NAMES_NOBODY[when])
        return CauseCard(kind, look, title, say(add, named=named(numbers, NUMBERS_NAMED)))
    if kind == "live":
        why = say("Taking it away has not worked yet: it is tried again by itself.") if len(whys) > 1 else said
        one, many = messages(
            "{who} still has access that should have ended", "{who} still have access that should have ended"
        )
        return CauseCard(kind, "held", say_number(number, one, many, who=who), why)
    if kind == STILL_THERE:
        one, many = messages("{who} without access may still open a door", "{who} without access may still open a door")
        why = say("Access was taken away, and their locks have not forgotten it yet.") if len(whys) > 1 else said
        return CauseCard(kind, "held", say_number(number, one, many, who=who), why)
    if kind == "offline":
        if len(rooms) == 1:
            title = say("The lock of {room} is offline: {who}", room=rooms[0], who=dated)
        else:
            one, many = messages(
                "The lock of {number} room is offline: {who}", "The locks of {number} rooms are offline: {who}"
            )
            title = say_number(len(rooms), one, many, who=dated)
        health = {"connection": of.connection, "property": of.property_id}
        return CauseCard(kind, look, title, "", say("See the locks"), ("locks.health", health), says_all=False)
    if several[0].stay.access == "kept":
        one, many = messages(
            "{who} has access as before: the PMS is not clear", "{who} have access as before: the PMS is not clear"
        )
        return CauseCard(kind, look, say_number(number, one, many, who=who), said)
    title = say_number(number, *(CANNOT_GET_IN if look == "broken" else MAY_NOT_GET_IN)[when], who=who)
    return CauseCard(kind, look, title, said, says_all=len(whys) == 1)


# --- whatever else is wrong -------------------------------------------------------------------------------------------


def of_holds(of: KnownProperty, held: Sequence[HeldRevocation], guests: Sequence[Arrival], person: str) -> CauseCard:
    """Revocations of one property that wait for somebody. `guests`: those of them who matter today and tomorrow."""
    bookings = {one.hold.booking_id for one in held}
    return CauseCard(
        "held",
        "held",
        keeps_access(len(bookings), person),
        say("So many at once look like a mistake in the PMS, so nothing was taken away. Decide on each."),
        say("Decide"),
        ("held.held", {"connection": of.connection, "property": of.property_id}),
        guests=list(guests),
        since=min(one.held_at for one in held),
        of=of,
    )


def keeps_access(number: int, person: str) -> str:
    """How many have access that waits to be taken away."""
    one, many = messages("{who} keeps access that the PMS has ended", "{who} keep access that the PMS has ended")
    return say_number(number, one, many, who=people(number, person))


def of_accounts(of: KnownProperty, accounts: Iterable[Account]) -> list[CauseCard]:
    """Lock systems through which nothing new reaches the locks."""
    return [
        CauseCard(
            f"account {one.account_id}",
            "broken",
            say("The lock system {name} does not work", name=one.name),
            say("Nothing new reaches its locks: {why}", why=one.why),
            say("Connect it again"),
            ("locks.locks", {"property": of.property_id, "connection": of.connection}),
            of=of,
        )
        for one in accounts
        if one.trouble
    ]


def of_rooms(
    of: KnownProperty, without: int, undecided: int, areas: Sequence[str], is_told: bool, is_read: bool
) -> list[CauseCard]:
    """Rooms and common areas that no lock belongs to. `is_told`: a card tells of guests of such rooms already.
    `is_read`: it is known who arrives."""
    target = ("locks.doors", {"connection": of.connection, "property_id": of.property_id})
    cards = []
    if areas:
        why: str = say("Every guest may enter there, and nothing opens it.")
        named_areas = named(areas, AREAS_NAMED) if len(areas) > AREAS_NAMED else all_of(areas)
        title = say_number(len(areas), "{areas} has no lock", "{areas} have no lock", areas=named_areas)
        cards.append(CauseCard("areas", "unknown", title, why, say("Place locks"), target, of=of))
    if without and not is_told:
        nobody = say("Nobody arrives there today or tomorrow.")
        parts = [nobody if is_read else say("Who arrives there is known when the first run has ended.")]
        if undecided:
            one, many = messages("{number} lock belongs to no room yet.", "{number} locks belong to no room yet.")
            parts.append(say_number(undecided, one, many))
        title = say_number(without, "{number} room has no lock", "{number} rooms have no lock")
        cards.append(CauseCard("rooms", "notyet", title, together(parts, " "), say("Place locks"), target, of=of))
    return cards


def of_alert(alert: Alert, of: KnownProperty | None) -> CauseCard:
    """An alert that is no guest's: its first words are the title."""
    title, why = alert.parts
    look, action, target = "unknown", "", None
    if alert.kind in ("locks", "batteries"):
        look = "broken" if alert.kind == "locks" else "notyet"
        health = {"connection": alert.connection, "property": alert.subject}
        action, target = say("See the locks"), ("locks.health", health)
    elif alert.kind in ("connection", "full", "night_audit"):
        return _not_read(alert.connection, alert.text, alert.began_at, of)
    return CauseCard(f"{alert.kind} {alert.subject}", look, title, why, action, target, since=alert.began_at, of=of)


def of_need(need: Need, of: KnownProperty | None) -> CauseCard:
    """What is said of a connection as a whole: by its last full run, or that none has been good for long."""
    if need.kind == "connection":
        return _not_read(need.connection, need.why, need.at, of)
    target = ("reports.run", {"run_id": need.run_id or "", "outcome": need.outcome})
    kind, action = f"run {need.outcome}", say("Look at them")
    return CauseCard(kind, "notyet", need.what, need.why, action, target, since=need.at, of=of)


def _not_read(connection: str, why: str, since: datetime, of: KnownProperty | None) -> CauseCard:
    title = say("Not kept in step: what is said here may be out of date")
    if of is None:
        told = message("{connection} is not kept in step: what is said of its properties may be out of date")
        title = say(told, connection=connection)
    target = ("properties.try_now", {"connection": connection})
    return CauseCard("connection", "unknown", title, why, say("Try now"), target, True, since=since, of=of)
