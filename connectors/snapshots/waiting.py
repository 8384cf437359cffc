"""What sources that only tell what is there now say of a booking that is not there: it waits, goes on, or is gone.

Feeds and files share it. While a booking is waited for it is handed on as it was last read, so that an arrival that
comes due meanwhile has its access, and a person is told. The memory's file keeps it sealed for the next process;
without the key, that one knows only that it was.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta, tzinfo

from connectors.account_state import Memory
from connectors.last_read import Last, Seal, opened, sealed
from connectors.records import Booking
from connectors.snapshots.history import SnapshotHistory
from connectors.snapshots.seen import AbsenceRule, Reading, SeenBooking, is_over, placeholder_booking, touches
from connectors.stays.stay import Stay
from mappers.sentences import message, say, say_number

LONGEST_STAY = timedelta(days=366)
"""What is longer is no stay in a hotel, unless somebody says so: a slip would open a door for years."""
DEPARTURES = time(11)
"""Where nobody says until when guests stay on their last day."""


class Snapshots:
    """What one connection's sources say now, beside what they said before."""

    def __init__(
        self,
        memory: Memory,
        who: str,
        rule: AbsenceRule,
        check_out: time | None,
        clock: Callable[[], datetime],
        realm: str = "",
        seal: Seal | None = None,
    ):
        """`who` is the connection, for errors; `realm` the property, where there is one only; `seal` closes what was
        last read of bookings, which nobody else may read."""
        self._seal = seal
        self.memory = SnapshotHistory(memory, who, rule, realm)
        self._rule = rule
        self._check_out = check_out or DEPARTURES
        self._clock = clock
        self._last: dict[str, Last] = {}

    def look(
        self,
        sources: Mapping[str, Reading],
        used: Collection[str],
        seen: Mapping[str, SeenBooking],
        read: Mapping[str, Last],
        untold: Collection[str],
        zone: tzinfo,
    ) -> None:
        """Counts one reading; `seen` and `read` are the bookings that are there. Else as `SnapshotHistory.look`."""
        now = self._clock()
        local = now.astimezone(zone)
        self.memory.look(
            sources,
            used,
            seen,
            untold,
            now,
            lambda instant: instant.astimezone(zone).date(),
            lambda seen, day: _has_begun(seen, day, now),
            lambda seen: local.time() >= _leaves_at(seen, zone, self._check_out),
        )
        self.note(read)
        self.memory.keep()

    def note(self, read: Mapping[str, Last]) -> None:
        """Keeps what was read, for as long as the process lives and the booking is remembered."""
        self._last.update(read)
        known = self.memory.all()
        for booking_id in [one for one in self._last if one not in known]:
            del self._last[booking_id]
        if self._seal is not None:
            for booking_id, last in read.items():
                if booking_id in known and self.memory.sealed_of(booking_id) is None:
                    self.memory.keep_sealed(booking_id, sealed(last, self._seal))

    def waited_for(self, booking_id: str, where: str) -> Last | None:
        """A booking that is missing and not yet believed to be gone, as it was last read; None where it is not waited
        for, or was sealed with another key. `where` begins its review: "the feed of room 12"."""
        known, last = self.memory.of(booking_id), self._last.get(booking_id)
        if last is None and self._seal is not None and (text := self.memory.sealed_of(booking_id)) is not None:
            last = opened(text, self._seal)
        if known is None or last is None or known.is_gone or known.is_kept or known.rival:
            return None
        return replace(last, booking=replace(last.booking, review=self._review(known, where)))

    def placeholder_booking(self, booking_id: str, of: str, known: SeenBooking, where: str) -> Booking:
        """A booking that is not there any more, by what is remembered of it."""
        return placeholder_booking(booking_id, of, known, self._review(known, where))

    def is_over(self, known: SeenBooking, zone: tzinfo) -> bool:
        """Whether a booking that is missing has ended anyway: sources leave out what is over."""
        return is_over(known, self._clock().astimezone(zone).date())

    def _review(self, known: SeenBooking, where: str) -> str:
        missing = say("{where} does not list it any more", where=where)
        rival = self.memory.of(known.rival) if known.rival else None
        if rival is not None:
            if rival.stay.rooms & known.stay.rooms:
                told = message("{missing}, and booking {booking} has its room from {day}")
            else:
                told = message("{missing}, and booking {booking} is of the same guest in another room, from {day}")
            day = f"{rival.stay.first:%d %b %Y}"
            other = say(told, missing=missing, booking=rival.number or known.rival, day=day)
            return other if known.is_gone else say("{why}: ask which of them is right", why=other)
        if known.is_gone:
            return say_number(
                known.missing,
                "{missing}, {number} reading in a row",
                "{missing}, {number} readings in a row",
                missing=missing,
            )
        if known.number:
            missing = say("{where} does not list booking {booking} any more", where=where, booking=known.number)
        if known.is_kept:
            return say(
                "{missing}, though the stay had begun: ask whether the guest has left, for access goes on",
                missing=missing,
            )
        rule = self._rule
        if known.is_among_many:
            wait, readings = rule.empty_for, rule.empty_readings
            if known.number:
                told = message("{where} has lost much at once, and booking {booking} as well")
            else:
                told = message("{where} has lost much at once, and this as well")
            missing = say(told, where=where, booking=known.number)
        else:
            wait, readings = rule.gone_for, rule.gone_readings
        return say_number(
            readings,
            "{missing}: it counts after {span} and {number} reading",
            "{missing}: it counts after {span} and {number} readings",
            missing=missing,
            span=_long(wait),
        )


def _has_begun(seen: SeenBooking, day: date, now: datetime) -> bool:
    """By the day, where hours are not told: when the door opens, the policy says. Without an end nobody knows when to
    ask again, so that what has no end is believed to be gone."""
    if seen.departure is None:
        return False
    arrival = seen.arrival
    if isinstance(arrival, datetime) and arrival.tzinfo is not None:
        return arrival <= now
    return seen.stay.first <= day


def _leaves_at(seen: SeenBooking, zone: tzinfo, usual: time) -> time:
    end = seen.departure
    if isinstance(end, datetime):
        return (end.astimezone(zone) if end.tzinfo is not None else end).time()
    return usual


def _long(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes >= 120 and not minutes % 60:
        return say_number(minutes // 60, "{number} hour", "{number} hours")
    return say_number(minutes, "{number} minute", "{number} minutes")


def collides(stay: Stay, window: tuple[datetime, datetime]) -> bool:
    """Whether a stay touches a window."""
    return touches(stay.parts[0].arrival, stay.parts[-1].departure, window)
