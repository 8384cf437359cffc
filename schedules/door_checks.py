"""Asks Seam, by the clock, whether the doors of those who are here or come next will open."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from mappers.outcomes import Kind
from mappers.sentences import sentence_of
from reconciler.accounts import accounts_in, note_accounts
from reconciler.health import check_health, common_keys, house_of
from reconciler.judge import NO_CODE, House
from reconciler.lock_health import Look, note_locks, to_ask_for_pins
from reconciler.readiness import DoorState, arrivals
from reconciler.spare_keys import SpareKeyKeeper
from reconciler.system_users import RecentlyHeld
from reconciler.taken_away import is_not_told
from schedules.connections import Connection
from schedules.missed_events import CALLS, take_missed_events
from seam_workspace.errors import SeamError
from seam_workspace.grants import GRANTS_TOGETHER
from store.costs import for_property
from store.engine import Database
from store.health import GrantHealth, Health, Unconfirmed
from store.links import Link, Links
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.properties import Properties
from store.queue import Queue, Task, TaskKind
from store.stays import Stay, Stays
from store.turns import Turn

log = structlog.get_logger("jobs")
CHECK_AHEAD = timedelta(hours=24)
RECHECK_AFTER = timedelta(minutes=2)
RECHECK_AT_LEAST = timedelta(minutes=30)
LEFT_BY = timedelta(minutes=1)
"""A lock that can be reached has forgotten a PIN by then."""
CHANGED_BY_OTHERS = frozenset({"other_room", "other_times", "no_grant"})
"""Causes of verdicts that a look at the booking puts right."""
KNOWN_SHUT = frozenset({"no_door"})
"""Causes of verdicts that last until something about the locks changes; whatever notices that asks again: a look at the
locks, Seam's events, whoever places a lock, and once a day the arrival check."""
CALLS_A_LOOK = 12
"""At most so many calls to Seam cost a look at a property's locks, with what is asked for their guests (spare keys that
are to be made cost more): five lists, one for events that were missed, one for what was taken away, and the rest for
guests and for PINs of others."""
LISTS, OF_REVOCATIONS, OF_GRANTS, OF_SYSTEMS = 5, 1, 2, 3
"""Calls: for the locks; for up to 100 grants that were deleted; for up to 100 grants; for what access systems have of
these, where their doors are entrances."""
PINS_AT_MOST = CALLS_A_LOOK - LISTS - CALLS - OF_REVOCATIONS
"""Locks that are asked for PINs of others with one look, two or four fewer where guests are asked for as well: all 300
of a hotel in five hours, those of the night's arrivals first, and before them whichever an event came of."""
MANY_GRANTS = PINS_AT_MOST // OF_GRANTS * GRANTS_TOGETHER
ASKED_AT_LEAST = timedelta(minutes=30)
"""Whoever is here or comes next is asked for again after so long, by up to 100 grants with one look: of much that Seam
says of a guest, a grant or a way in it sends no event."""
BEFORE_ARRIVAL, AFTER_ARRIVAL = timedelta(hours=2), timedelta(minutes=30)
"""Around her arrival a guest whose lock sends no events is asked for with every look."""
NO_EVENTS = "unreliable_online_status"
RECHECKS = 40
"""At most so many grants that a lock has not confirmed are asked for again by one retry job."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a job has ended."""

    trouble: str | None = None
    """Why it did not end well."""
    found_nobody: bool = False
    """It looked at locks, and nobody was there nor came within a day, nor had anybody's access yet to be taken away."""
    found_no_lock: bool = False
    """It looked at locks, and there was none."""


class DoorChecks:
    """The looks at one connection's doors. Once `stop` says so, nothing more is asked."""

    def __init__(
        self,
        connection: Connection,
        store: Database,
        clock: Callable[[], datetime],
        stop: Callable[[], bool],
    ):
        self._connection = connection
        self._name = connection.name
        self._keys = connection.keys
        self._policy = connection.policy
        self._workspace = connection.workspace
        self._store = store
        self._clock = clock
        self._stop = stop
        self._recently = RecentlyHeld(ASKED_AT_LEAST)

    def coming(self, now: datetime) -> list[Stay]:
        """Who is here, and who arrives in the next 24 hours."""
        stays = Stays(self._store)
        return [*stays.staying(now, self._name), *stays.arriving(now, now + CHECK_AHEAD, self._name)]

    def arrival_check(self, turn: Turn, property_id: str) -> str | None:
        """Asks Seam for everybody who arrives in the next 24 hours or is here: is it issued, is the door online? By
        `CALLS_A_LOOK` calls a property; of a larger one, for the others with the next looks at the locks."""
        now = self._clock()
        by_property: dict[str, list[Stay]] = {property_id: []} if property_id else {}
        for stay in self.coming(now):
            if not property_id or stay.property_id == property_id:
                by_property.setdefault(stay.property_id, []).append(stay)
        try:
            for of, stays in by_property.items():
                if self._stop():
                    break
                with for_property(of):
                    events = self._take_missed_events(turn, of, now)
                    look = self._note(turn, of, self._house(of), now)
                    self._look_further(turn, of, look, stays, events, now, of_all=True)
        except SeamError as problem:
            return sentence_of(problem)
        found = arrivals(self.coming(now), GrantHealth(self._store).of(self._name), now)
        log.info(
            "arrivals checked",
            connection=self._name,
            bookings=len(found),
            broken=sum(one.state is DoorState.BROKEN for one in found),
        )
        return None

    def lock_health(self, turn: Turn) -> Ended:
        """Asks Seam how the locks of every property are, and how the access of those guests is whose locks have
        changed, or send no events and are opened next; by `CALLS_A_LOOK` calls a property."""
        now = self._clock()
        coming: dict[str, list[Stay]] = {}
        any_lock = False
        for stay in self.coming(now):
            coming.setdefault(stay.property_id, []).append(stay)
        try:
            for one in Properties(self._store).known(self._name):
                if self._stop():
                    return Ended()
                of = one.property_id
                with for_property(of):
                    events = self._take_missed_events(turn, of, now)
                    look = self._note(turn, of, self._house(of), now)
                    any_lock |= bool(look.house.doors)
                    self._look_further(turn, of, look, coming.get(of, []), events, now)
            any_to_take = self._look_at_pending_revocations(turn, now)
        except SeamError as problem:
            return Ended(sentence_of(problem))
        return Ended(found_nobody=not any_to_take and not coming, found_no_lock=not any_to_take and not any_lock)

    def _take_missed_events(self, turn: Turn, of: str, now: datetime) -> int:
        """How many calls that took. Raises `SeamError`."""
        at = (self._keys.workspace, self._keys.customer(of), self._store.fenced(turn))
        return take_missed_events(self._name, self._workspace, *at, of, now)

    def _look_further(
        self, turn: Turn, of: str, look: Look, coming: list[Stay], events: int, now: datetime, of_all: bool = False
    ) -> None:
        """Asks for the guests whom a look at the locks concerns (`of_all`: then for the others), and for PINs of others
        with what calls are left, after those for the locks and for `events`. Raises `SeamError`."""
        left = CALLS_A_LOOK - LISTS - events - OF_REVOCATIONS
        most = min(MANY_GRANTS, left // OF_GRANTS * GRANTS_TOGETHER)
        mine = Links(self._store).of_bookings(self._name, [stay.booking_id for stay in coming])
        links: dict[str, list[Link]] = {}
        for link in mine:
            if link.kind == Kind.ACCESS_GRANT and link.booking_id is not None:
                links.setdefault(link.booking_id, []).append(link)
        healths = {one.key: one for one in GrantHealth(self._store).of(self._name, list(links))}
        asked: list[str] = []
        grants = 0
        order = _concerned(coming, links, healths, look, now)
        if of_all:
            order = list(dict.fromkeys([*order, *_longest_ago(links, healths)]))
        for booking_id in order:
            grants += len(links[booking_id])
            if asked and grants > most:
                # Those are asked for with the next look.
                grants -= len(links[booking_id])
                break
            asked.append(booking_id)
        of_grants = OF_GRANTS * -(-grants // GRANTS_TOGETHER)
        before, left = self._workspace.calls, left - of_grants
        self._look_again(turn, of, self.check(turn, of, asked, look.house, left >= OF_SYSTEMS), now)
        left -= max(0, self._workspace.calls - before - of_grants)
        other_pins = {}
        awaited = {stay.booking_id for stay in coming if stay.starts_at is None or stay.starts_at > now - AFTER_ARRIVAL}
        spaces = {one for link in mine if link.booking_id in awaited for one in link.space_ids or ()}
        at_most = 0 if of_all else max(0, min(PINS_AT_MOST, left))
        for door_id in to_ask_for_pins(look.locks, look.house, at_most, now, spaces):
            if self._stop():
                break
            other_pins[door_id] = self._workspace.other_pins(door_id)
        if other_pins:
            note_locks(self._name, self._store.fenced(turn), of, look.house, now, other_pins)

    def _house(self, of: str) -> House:
        """What Seam has of a property now. Raises `SeamError`."""
        return house_of(self._workspace, self._keys.customer(of), common_keys(self._keys, self._policy, of))

    def _look_at_pending_revocations(self, turn: Turn, now: datetime) -> bool:
        """Which of the grants that were deleted, or made shorter, has Seam not told their locks yet? Whether there was
        any to ask for. Raises `SeamError`."""
        book = PendingRevocations(self._store.fenced(turn))
        going = sorted(book.of(now, self._name), key=lambda one: one.looked_at or one.since)
        at_most = GRANTS_TOGETHER * OF_REVOCATIONS * max(1, len(Properties(self._store).known(self._name)))
        waiting = {one.seam_id for one in going[:at_most]}
        linked = Links(self._store).of_seam(waiting)
        found = self._workspace.access_grants_by_id(waiting, GRANTS_TOGETHER) if waiting else []
        there = {one.id for one in found if is_not_told(one, one.id in linked, now)}
        if there:
            book.still_there(self._name, there, now)
        book.forget(self._name, waiting - there, now)
        return bool(going)

    def _note(self, turn: Turn, property_id: str, house: House, now: datetime) -> Look:
        """Notes how a property's locks and lock accounts are, and keeps its spare keys. Raises `SeamError`."""
        mine = self._store.fenced(turn)
        if self._connection.is_active(now):
            keeper = SpareKeyKeeper(self._name, self._keys, self._policy, self._workspace, mine)
            with self._workspace.guarded(turn.check):
                keeper.keep(property_id, house, now)
        look = note_locks(self._name, mine, property_id, house, now)
        note_accounts(self._name, mine, property_id, accounts_in(self._keys.customer(property_id), house), now)
        return look

    def _look_again(self, turn: Turn, property_id: str, found: Iterable[Health], now: datetime) -> None:
        """What somebody else changed in Seam is put right by the next run over changes, unless those try it already."""
        changed = {health.booking_id for health in found if health.cause in CHANGED_BY_OTHERS}
        if changed:
            queue = Queue(self._store.fenced(turn))
            changed -= {task.subject for task in queue.waiting(self._name, [TaskKind.RETRY_BOOKING])}
            tasks = [Task(self._name, TaskKind.WATCH_STAY, one, now, property_id) for one in sorted(changed)]
            queue.enqueue(tasks, now)

    def check(
        self,
        turn: Turn,
        property_id: str,
        booking_ids: list[str],
        house: House | None = None,
        may_ask_systems: bool = True,
    ) -> list[Health]:
        """Asks Seam how the grants of these bookings are, for the pages. `house`: what was just listed of the property.
        `may_ask_systems`: whether a call is left for it. Raises `SeamError`."""
        return check_health(
            self._name,
            self._keys,
            self._workspace,
            self._store.fenced(turn),
            property_id,
            booking_ids,
            self._clock,
            self._stop,
            common_keys(self._keys, self._policy, property_id),
            house,
            self._recently,
            may_ask_systems,
        )

    def recheck(self, turn: Turn) -> str | None:
        """Asks again for unconfirmed grants with a guest to come; returns why Seam could not be asked, or None."""
        now = self._clock()
        by_property: dict[str, list[str]] = {}
        for one in _unconfirmed(self._store, now, self._name)[:RECHECKS]:
            by_property.setdefault(one.property_id, []).append(one.booking_id)
        try:
            for property_id, booking_ids in by_property.items():
                self.check(turn, property_id, booking_ids)
            if _left_lately(self._store, now, self._name):
                self._look_at_pending_revocations(turn, now)
        except SeamError as problem:
            return sentence_of(problem)
        return None


def _concerned(
    coming: Iterable[Stay], links: Mapping[str, list[Link]], healths: Mapping[str, Health], look: Look, now: datetime
) -> list[str]:
    """The bookings for which Seam is to be asked after a look at the locks: those whose locks have changed since Seam
    was last asked for them; then those that are due at locks that send no events; then those that were not asked for
    long. Of each, whoever comes next is first."""
    changed_at: dict[str, datetime] = {}
    for lock in look.locks:
        for space_id in lock.space_ids if lock.changed_at is not None else ():
            changed_at[space_id] = max(lock.changed_at or now, changed_at.get(space_id, lock.changed_at or now))
    # Seam has no event of what happens to them: its contract has none of an entrance that goes offline.
    without_events = [door for door in look.house.doors if door.is_entrance or NO_EVENTS in door.warnings]
    silent = {space_id for door in without_events for space_id in door.space_ids}

    def has_changed(link: Link) -> bool:
        health = healths.get(link.key)
        if link.space_ids is None:
            return bool(look.changed)
        return bool(link.space_ids & look.changed_spaces) or any(
            one in changed_at and (health is None or health.at < changed_at[one]) for one in link.space_ids
        )

    first: list[str] = []
    then: list[str] = []
    old: list[tuple[datetime, str]] = []
    for stay in sorted(coming, key=lambda one: (one.starts_at or now, one.booking_id)):
        mine = links.get(stay.booking_id, [])
        arrives = stay.starts_at is not None and -AFTER_ARRIVAL <= stay.starts_at - now <= BEFORE_ARRIVAL
        if any(has_changed(link) for link in mine):
            first.append(stay.booking_id)
        elif arrives and any(silent & (link.space_ids or silent) for link in mine):
            then.append(stay.booking_id)
        elif all(one.key in healths and healths[one.key].cause in KNOWN_SHUT for one in mine):
            continue  # Nothing opens until something about it changes, and Seam has an event for that.
        elif (asked_at := _asked_at(mine, healths)) <= now - ASKED_AT_LEAST:
            old.append((asked_at, stay.booking_id))
    return [*first, *then, *(one for _, one in sorted(old)[:GRANTS_TOGETHER])]


def _longest_ago(links: Mapping[str, list[Link]], healths: Mapping[str, Health]) -> list[str]:
    """All of these bookings, by when Seam was last asked for them: first those for which no look at the locks asks."""

    def is_left_out(mine: Iterable[Link]) -> bool:
        return all(one.key in healths and healths[one.key].cause in KNOWN_SHUT for one in mine)

    return sorted(links, key=lambda one: (not is_left_out(links[one]), _asked_at(links[one], healths), one))


def _asked_at(links: Iterable[Link], healths: Mapping[str, Health]) -> datetime:
    """When Seam was last asked for these grants: the longest ago."""
    return min(healths[one.key].at if one.key in healths else datetime.min.replace(tzinfo=UTC) for one in links)


def connections_to_recheck(store: Database, now: datetime) -> set[str]:
    """Those with an unconfirmed grant that should be asked for again by now."""
    left = {one.connection for one in _left_lately(store, now)}
    return left | {one.connection for one in _unconfirmed(store, now)}


def _left_lately(store: Database, now: datetime, connection: str | None = None) -> list[PendingRevocation]:
    """Grants of whose deletion Seam should be asked for the first time: most are gone by then. What stays for longer is
    asked for with each look at the locks."""
    going = PendingRevocations(store).of(now, connection)
    return [one for one in going if one.looked_at is None and one.since <= now - LEFT_BY]


def _unconfirmed(store: Database, now: datetime, connection: str | None = None) -> list[Unconfirmed]:
    """Each grant that no lock has confirmed and that should be asked for again, where the guest is here or comes next:
    those not asked for longest first. What has been so for long is asked for ever more rarely: Seam sends an event when
    something about it changes. What is known not to open is not asked for at all until then."""
    found = GrantHealth(store).unconfirmed([NO_CODE], now, now + CHECK_AHEAD, connection, but=KNOWN_SHUT)
    unsure = [one for one in found if one.at <= now - _pause(one)]
    return sorted(unsure, key=lambda one: (one.at, one.booking_id))


def _pause(grant: Unconfirmed) -> timedelta:
    waited = grant.at - (grant.since or grant.at)
    return min(max(RECHECK_AFTER, waited), RECHECK_AT_LEAST)
