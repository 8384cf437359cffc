"""How soon what changed in a PMS is read again: by the timetable, and more rarely where its webhooks tell of it before.

That they do is seen and never assumed: a run over changes that finds nothing of which they have not told makes the next
one later, where they have told of something since the run before it; one that finds something by itself puts the next
one back to its usual time, and so do webhooks that have been silent for a day. Where somebody's access begins within a
day, the next run is not put off for as long: what changes for her matters sooner than what changes in three weeks.

Where nobody's access begins or ends within a day, changes are read half as often, whether webhooks arrive or not; and
the locks of one among many connections are looked at half as often where nobody is there, nor comes within a day. A
house for which there is no lock in Seam is asked for half as often as well, alone or among many.

Among many connections no pause is longer than twice the usual one: so that what has been read last is nowhere older
than five minutes with the default timetable. Of few, whoever looks sees each.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mappers.outcomes import Action, Outcome, OutcomeRow
from mappers.sentences import message
from schedules.timetable import Timetable
from store.engine import Database
from store.inbox import Inbox
from store.stays import Stays

HEARD_WITHIN = timedelta(days=1)
"""Webhooks that have not told of anything for longer are not relied upon."""
NEAR = timedelta(days=1)
"""Whose access begins within that is looked after more closely."""
RARER = 2
"""So many times the usual pause is that of a property at which nobody arrives or leaves within that."""
NEARER = 3
"""By such a part the longest pause is shorter then."""
QUIET = message("nobody's access begins or ends within a day: so it is done half as often")
MANY = 200
"""Of up to so many connections each is read as if it were alone, and empty houses' locks are looked at as often as the
others': it costs little."""
NO_LOCK = message("there is no lock in Seam: so it is done half as often")
EMPTY = message("nobody is there, or comes within a day: so it is done half as often")
TOLD = message("its webhooks arrive, and this finds nothing of which they have not told: so it is done more rarely")
_WRITES = frozenset({Action.CREATE, Action.UPDATE, Action.REPLACE, Action.REVOKE})


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a connection when a run over its changes has ended well."""

    now: datetime
    last_began: datetime | None
    """When the run before this one began (UTC)."""
    was_due: datetime
    """When this one was due (UTC)."""
    webhook_at: datetime | None
    """When its PMS last sent a webhook (UTC)."""
    found_by_itself: bool
    """Whether the run changed something of which no webhook had told."""
    next_arrival: datetime | None
    """When somebody's access begins next (UTC)."""
    is_quiet: bool = False
    """Whether nobody's access begins or ends within a day."""
    is_one_of_many: bool = False
    """Whether there are more than `MANY` connections."""


def heard_of(
    store: Database,
    connection: str,
    last_began: datetime | None,
    was_due: datetime,
    found: bool,
    is_one_of_many: bool,
    now: datetime,
) -> Heard:
    """What is known of a connection; `found`: whether its run has found something by itself. Raises `StoreFailed`."""
    webhook_at = Inbox(store).last_of_pms(connection, now - HEARD_WITHIN)
    stays = Stays(store)
    arrival = stays.next_arrival(connection, now)
    is_quiet = (arrival is None or arrival - now > NEAR) and not stays.leaves_within(connection, now, now + NEAR)
    return Heard(now, last_began, was_due, webhook_at, found, arrival, is_quiet, is_one_of_many)


def next_run(timetable: Timetable, heard: Heard) -> tuple[timedelta, str | None]:
    """How long after its beginning a run over changes is due again, and why, where that is later than usual."""
    now, usual, longest = heard.now, timetable.incremental, timetable.incremental_at_most
    told_at = heard.webhook_at
    if heard.is_quiet and not heard.found_by_itself and longest > usual:
        pause, why = next_run(timetable, replace(heard, is_quiet=False))
        at_least = min(RARER * usual, longest)
        return (pause, why) if pause >= at_least else (at_least, QUIET)
    if heard.found_by_itself or told_at is None or now - told_at > HEARD_WITHIN or longest <= usual:
        return usual, None
    if heard.next_arrival is not None and heard.next_arrival - now <= NEAR:
        longest = max(usual, longest / NEARER)
    if heard.is_one_of_many:
        longest = min(longest, RARER * usual)
    last = heard.was_due - heard.last_began if heard.last_began is not None else usual
    if heard.last_began is not None and told_at >= heard.last_began:
        last += usual
    pause = min(max(last, usual), longest)
    if pause <= usual:
        return usual, None
    return pause, TOLD


def found_by_itself(items: Iterable[OutcomeRow], expected: Iterable[str]) -> bool:
    """Whether a run over changes wrote something for a booking that the PMS alone could have told of. `expected`:
    bookings whose time had come."""
    known = set(expected)
    return any(one.outcome == Outcome.DONE and one.action in _WRITES and one.booking_id not in known for one in items)


def is_late(now: datetime, good_at: datetime, allowed: timedelta, usual: timedelta, due_at: datetime | None) -> bool:
    """Whether nothing good has been read for too long. `allowed`: since `good_at`, where runs follow one another as
    usual. `due_at`: when the next run is due, where that was put off."""
    late_at = good_at + allowed
    return now > (late_at if due_at is None else max(late_at, due_at + allowed - usual))
