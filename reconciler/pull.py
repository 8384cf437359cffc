"""Reads the PMS for one property: what changed, or everything; and asks by id before it believes that anything is gone.

A booking that a list leaves out is not cancelled. Only the PMS's own word counts: a status, or, for a booking that we
know, *not found* when asked for that very id, by a PMS whose lists have proved complete.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from connectors.errors import PmsError
from connectors.ports import BookingsRead, Reader
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.wording import counted
from mappers.sentences import messages, say, say_number

OVERLAP = timedelta(minutes=5)
"""Changes are read from a little before the last time until a little after now: the PMS's clock and ours are not the
same, and what was entered a second ago should not wait for the next run."""
STALE = timedelta(minutes=30)
"""What a PMS answers may be as old as this without a word: from a copy that lags behind, or a cache on the way."""
LOOK_BACK = timedelta(days=1)
"""A full read starts this long before now: late check-outs, and guests who overstay."""
WITNESSES = 25
"""So many other bookings are asked for before it is believed that one is gone; as many as are denied, if those are
more."""
WITNESSES_ELSEWHERE = 3
"""So many bookings of a connection's other properties are asked for, where a property's only one is denied."""
ASK_ONE_BY_ONE = 25
"""So many missing bookings are asked for one by one; where it is more, all of them together, as often."""

LIVING = (BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE, BookingStatus.UNKNOWN)
LISTS = 3
"""So many lists are read at most to find out whether what is denied stands in them."""

NOT_BELIEVED = say("the PMS does not find this booking, nor most of the others that were asked for: it is not believed")
CONTRADICTED = say(
    "the PMS lists this booking, but says that there is none when it is asked for it by its id: what exists stays as "
    "it is; ask the PMS's support which is true"
)
MOST_ARE_MISSING = messages(
    "the PMS does not have {missing} of {number} reservation that it had: as long as so many are missing, nobody loses "
    "access for it; check the PMS, and what the integration may read",
    "the PMS does not have {missing} of {number} reservations that it had: as long as so many are missing, nobody "
    "loses access for it; check the PMS, and what the integration may read",
)
DENIED_ALONE = f"the PMS does not have 1 of {counted(1, 'reservation')}"
"""How the doubt begins of a house's only reservation."""


class DealtWith(Protocol):
    """What was done already (see `reconciler.dealt_with`)."""

    def remembers(self, property_id: str) -> bool: ...
    def no_news(self, pulled: "Pulled", now: datetime) -> set[str]: ...


@dataclass(slots=True)
class Pulled:
    """What was read of one property."""

    of: Property
    full: bool
    denied_for_long: bool = False
    """Whether the PMS has been doubted for so long, in so many runs, that a house's only booking is believed gone."""
    doors_only: bool = False
    """Rooms and their locks, and no bookings at all."""
    expected: frozenset[str] = frozenset()
    """Bookings that were asked for though the PMS had no news of them: their time had come."""
    witnesses: Sequence[tuple[Property, str]] = ()
    """Bookings that other properties of the connection have, for seeing whether the PMS is well."""
    rooms: dict[str, Room] = field(default_factory=dict)
    rooms_read: bool = False
    bookings: dict[str, Booking] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    """What a person should know of how it was read."""
    broken: list[BrokenRecord] = field(default_factory=list)
    unchanged: set[str] = field(default_factory=set)
    """Booking ids that were read just as they were dealt with: they are left out of `bookings`."""
    gone: set[str] = field(default_factory=set)
    """Booking ids that the PMS, asked for them, does not know (any more)."""
    may_be_elsewhere: bool = False
    """Whether what is gone may be in a property that the PMS does not list at the moment."""
    doubtful: set[str] = field(default_factory=set)
    """Booking ids that could not be found, by lists that cannot be relied upon."""
    contradicted: set[str] = field(default_factory=set)
    """Booking ids that the PMS lists, and denies when it is asked for them."""
    left_out: int = 0
    """How many bookings the PMS's lists left out although it has them: proof that its lists lose rows."""
    doubt: str | None = None
    """Why the PMS is not believed at the moment, as a sentence: it denies too much of what it had."""

    @property
    def may_be_gone(self) -> set[str]:
        """Those of the doubtful that only a person can tell: asked by their ids, the PMS denies them, and too much else
        to be believed."""
        return self.doubtful if self.doubt is not None and not self.left_out else set()

    @property
    def missing(self) -> set[str]:
        """Those that were asked for and not found, whatever that means."""
        return self.gone | self.doubtful | self.contradicted

    def take(self, read: BookingsRead) -> None:
        self.bookings.update((booking.id, booking) for booking in read.bookings)
        self.guests.update(read.guests)
        self.remarks += [one for one in read.remarks if one not in self.remarks]
        known = {broken.id for broken in self.broken}
        self.broken.extend(broken for broken in read.broken if broken.id == "?" or broken.id not in known)

    def known_ids(self) -> set[str]:
        return {*self.bookings, *(broken.id for broken in self.broken if broken.kind == "booking")}


def full_window(now: datetime, horizon: timedelta) -> tuple[datetime, datetime]:
    return now - LOOK_BACK, now + horizon


def pull_everything(
    reader: Reader,
    of: Property,
    now: datetime,
    horizon: timedelta,
    denied_for_long: bool,
    witnesses: Sequence[tuple[Property, str]],
) -> Pulled:
    """Every room, and every booking that touches the time from yesterday to the horizon. `denied_for_long`,
    `witnesses`: see `Pulled`."""
    pulled = Pulled(of, full=True, denied_for_long=denied_for_long, witnesses=witnesses)
    _read_rooms(reader, pulled)
    pulled.take(reader.bookings_within(of, full_window(now, horizon)))
    return pulled


def pull_rooms(reader: Reader, of: Property) -> Pulled:
    """Every room, and no booking: for putting locks where they belong."""
    pulled = Pulled(of, full=False, doors_only=True)
    _read_rooms(reader, pulled)
    return pulled


def pull_bookings(
    reader: Reader,
    of: Property,
    booking_ids: Collection[str],
    missed: Collection[str],
    known: Mapping[str, datetime | None],
    witnesses: Sequence[tuple[Property, str]],
) -> Pulled:
    """These bookings, and the rooms; an id may be that of a whole reservation. `missed`: those that are asked for again
    when the PMS does not find them, and are gone if it still does not; of the others nothing is concluded. `known`: the
    bookings that have access, as far as we remember, with an instant that their stays have yet to pass. `witnesses`:
    see `Pulled`."""
    pulled = Pulled(of, full=False, witnesses=witnesses)
    _read_rooms(reader, pulled)
    others = set(booking_ids) - set(missed)
    if others:
        pulled.take(reader.bookings_by_id(of, sorted(others)))
    ask_for(reader, pulled, missed)
    ask_for_the_rest(reader, pulled, known, booking_ids)
    ask_the_lists(reader, pulled, known)
    weigh(reader, pulled, known)
    return pulled


def pull_changes(
    reader: Reader,
    of: Property,
    since: datetime,
    now: datetime,
    *,
    also: Collection[str],
    bookings_of_guests: Callable[[Iterable[str]], set[str]],
    bookings_in_rooms: Callable[[Collection[str]], Collection[str]],
    known: Mapping[str, datetime | None],
    ahead: timedelta,
    dealt_with: DealtWith,
    witnesses: Sequence[tuple[Property, str]],
) -> Pulled:
    """What changed since the last run: bookings, rooms, guests; and the bookings in `also`. `known`: see
    `pull_bookings`; `witnesses`: see `Pulled`. `bookings_in_rooms`: those with access to rooms, by name. `ahead`: how
    far the PMS's clock, which stamps the changes, is ahead of ours. `dealt_with`: what was done already, as far as
    it is remembered: with it, changes are read again that an old answer may have left out, and those that are no news
    are left alone."""
    window = (min(since, now + ahead) - OVERLAP, now + max(ahead, timedelta(0)) + OVERLAP)
    remembers = dealt_with.remembers(of.id)
    longer = (window[0] - STALE, window[1]) if remembers else window
    pulled = Pulled(of, full=False, witnesses=witnesses, expected=frozenset(also))
    pulled.take(reader.bookings_changed(of, longer))
    changed_guests = reader.changed_guests(of, longer)
    changed_rooms = reader.changed_rooms(of, window)
    wanted = set(also) | (bookings_of_guests(changed_guests) if changed_guests else set())
    if changed_rooms:
        _read_rooms(reader, pulled)
        # Who has a bed opens its dorm as well, and who has a suite the rooms that it consists of: news of one is news
        # of the bookings of the other.
        if others := {
            room.name
            for room in pulled.rooms.values()
            if room.parent_id in changed_rooms or not changed_rooms.isdisjoint(room.connected_ids)
        }:
            wanted |= set(bookings_in_rooms(others))
    ask_for(reader, pulled, wanted)
    ask_for_the_rest(reader, pulled, known)
    ask_the_lists(reader, pulled, known)
    weigh(reader, pulled, known)
    if remembers and not changed_rooms:
        pulled.unchanged = dealt_with.no_news(pulled, now) - set(also)
        for booking_id in pulled.unchanged:
            del pulled.bookings[booking_id]
    if not pulled.rooms_read and (pulled.bookings or pulled.broken or pulled.missing):
        _read_rooms(reader, pulled)
    return pulled


def ask_for(reader: Reader, pulled: Pulled, booking_ids: Collection[str]) -> None:
    """Asks for bookings by id; what is not found is asked for again, twice and by itself, before that is believed."""
    missing = set(booking_ids) - pulled.known_ids()
    if not missing:
        return
    pulled.take(reader.bookings_by_id(pulled.of, sorted(missing)))
    missing -= pulled.known_ids()
    if len(missing) > ASK_ONE_BY_ONE:
        for _ in range(2):
            pulled.take(reader.bookings_by_id(pulled.of, sorted(missing)))
            found = missing & pulled.known_ids()
            pulled.left_out += len(found)
            missing -= found
            if not missing:
                return
        pulled.gone |= missing
        return
    for booking_id in sorted(missing):
        for _ in range(2):
            pulled.take(reader.bookings_by_id(pulled.of, [booking_id]))
            if booking_id in pulled.known_ids():
                # There after all: the list before left it out.
                pulled.left_out += 1
                break
    pulled.gone |= missing - pulled.known_ids()


def ask_for_the_rest(reader: Reader, pulled: Pulled, known: Collection[str], asked: Collection[str] = ()) -> None:
    """Of a reservation that was read or `asked` for, whatever the answer does not have any more: a room that was taken
    out of it, or all of them.

    `known` are the bookings that have access, as far as we remember.
    """
    if not known:
        return
    done = pulled.known_ids() | pulled.gone | pulled.doubtful
    reservations = {reader.reservation_of(booking_id) for booking_id in (*pulled.known_ids(), *asked)}
    rest = {one for one in known if one not in done and reader.reservation_of(one) in reservations}
    if rest:
        ask_for(reader, pulled, rest)


def ask_the_lists(reader: Reader, pulled: Pulled, known: Mapping[str, datetime | None]) -> None:
    """Whether the PMS lists what it has denied: then nobody can say which is true, and it is neither gone nor there.

    Otherwise such a booking would be taken in a run that asks for it, and made in one that reads the lists, again and
    again. A few are looked up each for an instant of its own stay, more together.
    """
    instants = sorted({at for one in pulled.gone if (at := known.get(one)) is not None})
    spans = [(one, one) for one in instants] if len(instants) <= LISTS else [(instants[0], instants[-1])]
    for start, end in spans:
        read = reader.bookings_within(pulled.of, (start, end + timedelta(minutes=1)))
        shown = {booking.id for booking in read.bookings if booking.status in LIVING}
        pulled.contradicted |= shown & pulled.gone
        pulled.gone -= shown


def ask_for_the_missing(
    reader: Reader, pulled: Pulled, expected: Collection[str], now: datetime, horizon: timedelta
) -> None:
    """After a full read: asks for every booking that we know of and the list left out.

    One that is found, and that the list should have had, shows that the list loses rows: then nothing at all is
    believed to be gone.
    """
    listed = pulled.known_ids()
    ask_for(reader, pulled, expected)
    start, end = full_window(now, horizon)
    for booking_id in pulled.bookings.keys() - listed:
        booking = pulled.bookings[booking_id]
        # Of a PMS that knows only days, a day more or less is no proof: wherever on earth the day is, it has begun.
        arrival, departure = _latest(booking.arrival), _earliest(booking.departure)
        if (
            arrival < end - timedelta(hours=1)
            and departure > start + timedelta(hours=1)
            and departure > arrival
            # Of the others a PMS may count the interval by what really happened, or leave them out on purpose.
            and booking.status in (BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE)
        ):
            pulled.left_out += 1
    weigh(reader, pulled, expected)


def weigh(reader: Reader, pulled: Pulled, known: Collection[str]) -> None:
    """Decides whether the PMS is believed that what it denies is gone. `known`: the bookings that have access, as far
    as we remember.

    It is, where it confirms at least as many of the others as it denies (a reservation with several rooms is one): of
    those that were not read anyhow, some are asked for now. And nothing is believed while anything is in doubt.
    """
    there = {reader.reservation_of(one) for one in pulled.known_ids()}
    denied = {reader.reservation_of(one) for one in (*pulled.gone, *pulled.doubtful) if one in known} - there
    confirmed = {reader.reservation_of(one) for one in known if one in pulled.known_ids()} - denied
    others: dict[str, str] = {}
    for booking_id in sorted(known):
        reservation = reader.reservation_of(booking_id)
        if reservation not in denied and reservation not in there:
            others.setdefault(reservation, booking_id)
    asked = dict(list(others.items())[: max(WITNESSES, len(denied))])
    if len(confirmed) < len(denied) and asked:
        # Those of a run over a few bookings are no part of it: they are only asked whether they are there.
        read = reader.bookings_by_id(pulled.of, sorted(asked.values()))
        found = {booking.id for booking in read.bookings}
        found |= {broken.id for broken in read.broken if broken.kind == "booking"}
        answered = {reader.reservation_of(one) for one in found}
        confirmed |= asked.keys() & answered
        denied |= asked.keys() - answered
    if len(denied) == 1 and not confirmed and _is_really_gone(reader, pulled):
        # The house's only one, of a PMS that has its rooms, and the bookings of other houses or nothing else to say for
        # long enough.
        pass
    elif len(confirmed) < len(denied):
        number = len(confirmed) + len(denied)
        pulled.doubt = say_number(number, *MOST_ARE_MISSING, missing=len(denied))
    if pulled.doubt is not None or pulled.left_out or pulled.doubtful:
        pulled.doubtful |= pulled.gone
        pulled.gone = set()


def _is_really_gone(reader: Reader, pulled: Pulled) -> bool:
    """Whether the house's only booking is: the PMS has its rooms, and has not had the booking for long
    enough, or it has as many of those of other properties as it has not, this one included."""
    if not pulled.rooms_read:
        _read_rooms(reader, pulled)
    if not pulled.rooms or pulled.denied_for_long:
        return bool(pulled.rooms)
    there, missing = 0, 1
    for of, booking_id in pulled.witnesses:
        try:
            read = reader.bookings_by_id(of, [booking_id])
        except PmsError:
            continue  # Of a property that cannot be read nothing is learned, and this one is read all the same.
        broken = {one.id for one in read.broken if one.kind == "booking"}
        if booking_id in broken.union(one.id for one in read.bookings):
            there += 1
        else:
            missing += 1
    return there >= missing


def _latest(moment: datetime | date) -> datetime:
    if isinstance(moment, datetime):
        return moment
    return _moved(datetime.combine(moment, time(), UTC), timedelta(days=2))


def _earliest(moment: datetime | date | None) -> datetime:
    if moment is None:
        return datetime.max.replace(tzinfo=UTC)
    return moment if isinstance(moment, datetime) else _moved(datetime.combine(moment, time(), UTC), -timedelta(days=1))


def _moved(moment: datetime, by: timedelta) -> datetime:
    """A PMS's first and last days of all, its ways to say "never", stay what they are."""
    try:
        return moment + by
    except OverflowError:
        return moment


def _read_rooms(reader: Reader, pulled: Pulled) -> None:
    rooms, broken = reader.read_rooms(pulled.of)
    pulled.rooms = {room.id: room for room in rooms}
    pulled.broken.extend(broken)
    pulled.rooms_read = True
