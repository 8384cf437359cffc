"""Asks Seam, by the clock, whether the doors of those who are here or come next will open."""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

import structlog

from reconciler.accounts import accounts_in, note_accounts
from reconciler.health import check_health, common_keys, house_of
from reconciler.judge import NO_CODE, House
from reconciler.lock_health import note_locks
from reconciler.readiness import DoorState, arrivals
from reconciler.spare_keys import SpareKeyKeeper
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from store.costs import for_property
from store.engine import Database
from store.health import GrantHealth, Health
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
RECHECKS = 40
"""At most so many grants that a lock has not confirmed are asked for again by one retry job."""


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

    def coming(self, now: datetime) -> list[Stay]:
        return _coming(self._store, now, self._name)

    def arrival_check(self, turn: Turn, property_id: str) -> str | None:
        """Asks Seam for everybody who arrives in the next 24 hours or is here: is it issued, is the door online?"""
        now = self._clock()
        by_property: dict[str, list[str]] = {property_id: []} if property_id else {}
        for stay in self.coming(now):
            if not property_id or stay.property_id == property_id:
                by_property.setdefault(stay.property_id, []).append(stay.booking_id)
        try:
            for of, booking_ids in by_property.items():
                with for_property(of):
                    house = self._house(of)
                    self._look_again(turn, of, self.check(turn, of, booking_ids, house), now)
                    self._note(turn, of, house, now, lambda: not self._stop())
        except SeamError as problem:
            return str(problem)
        found = arrivals(self.coming(now), GrantHealth(self._store).of(self._name), now)
        log.info(
            "arrivals checked",
            connection=self._name,
            bookings=len(found),
            broken=sum(one.state is DoorState.BROKEN for one in found),
        )
        return None

    def lock_health(self, turn: Turn) -> str | None:
        """Asks Seam how the locks of every property are; where anything has changed that matters to whoever is here or
        comes next, how their access is as well. Returns why Seam could not be asked, or None."""
        now = self._clock()
        coming: dict[str, list[str]] = {}
        for stay in self.coming(now):
            coming.setdefault(stay.property_id, []).append(stay.booking_id)
        try:
            for one in Properties(self._store).known(self._name):
                if self._stop():
                    return None
                of = one.property_id
                with for_property(of):
                    house = self._house(of)

                    def check(of: str = of, house: House = house) -> bool:
                        self._look_again(turn, of, self.check(turn, of, coming.get(of, []), house), now)
                        return not self._stop()

                    self._note(turn, of, house, now, check)
            self._look_at_pending_revocations(turn, now)
        except SeamError as problem:
            return str(problem)
        return None

    def _house(self, of: str) -> House:
        """What Seam has of a property now. Raises `SeamError`."""
        return house_of(self._workspace, self._keys.customer(of), common_keys(self._keys, self._policy, of))

    def _look_at_pending_revocations(self, turn: Turn, now: datetime) -> None:
        """Which of the grants that were deleted has Seam not taken out of its locks yet? Raises `SeamError`."""
        book = PendingRevocations(self._store.fenced(turn))
        waiting = {one.seam_id for one in book.of(now, self._name)}
        there = {one.id for one in self._workspace.access_grants_by_id(waiting)} if waiting else set()
        if there:
            book.still_there(self._name, there, now)
        book.forget(self._name, waiting - there, now)

    def _note(
        self, turn: Turn, property_id: str, house: House, now: datetime, where_changed: Callable[[], bool]
    ) -> None:
        """Notes how a property's locks and lock accounts are, and keeps its spare keys. `where_changed`: see
        `note_locks`. Raises `SeamError`."""
        mine = self._store.fenced(turn)
        if self._connection.is_active(now):
            keeper = SpareKeyKeeper(self._name, self._keys, self._policy, self._workspace, mine)
            with self._workspace.guarded(turn.check):
                keeper.keep(property_id, house, now)
        note_locks(self._name, mine, property_id, house, now, where_changed)
        note_accounts(self._name, mine, property_id, accounts_in(self._keys.customer(property_id), house), now)

    def _look_again(self, turn: Turn, property_id: str, found: Iterable[Health], now: datetime) -> None:
        """What somebody else changed in Seam is put right by the next run over changes, unless those try it already."""
        changed = {health.booking_id for health in found if health.cause in CHANGED_BY_OTHERS}
        if changed:
            queue = Queue(self._store.fenced(turn))
            changed -= {task.subject for task in queue.waiting(self._name, [TaskKind.RETRY_BOOKING])}
            tasks = [Task(self._name, TaskKind.WATCH_STAY, one, now, property_id) for one in sorted(changed)]
            queue.enqueue(tasks, now)

    def check(self, turn: Turn, property_id: str, booking_ids: list[str], house: House | None = None) -> list[Health]:
        """Asks Seam how the grants of these bookings are, for the pages. `house`: what was just listed of the property.
        Raises `SeamError`."""
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
        )

    def recheck(self, turn: Turn) -> str | None:
        """Asks again for unconfirmed grants with a guest to come; returns why Seam could not be asked, or None."""
        now = self._clock()
        by_property: dict[str, list[str]] = {}
        for stay in _unconfirmed(self._store, now, self._name)[:RECHECKS]:
            by_property.setdefault(stay.property_id, []).append(stay.booking_id)
        try:
            for property_id, booking_ids in by_property.items():
                self.check(turn, property_id, booking_ids)
            if _left_lately(self._store, now, self._name):
                self._look_at_pending_revocations(turn, now)
        except SeamError as problem:
            return str(problem)
        return None


def connections_to_recheck(store: Database, now: datetime) -> set[str]:
    """Those with an unconfirmed grant that should be asked for again by now."""
    left = {one.connection for one in _left_lately(store, now)}
    return left | {stay.connection for stay in _unconfirmed(store, now)}


def _left_lately(store: Database, now: datetime, connection: str | None = None) -> list[PendingRevocation]:
    """Grants of whose deletion Seam should be asked for the first time: most are gone by then. What stays for longer is
    asked for with each look at the locks."""
    going = PendingRevocations(store).of(now, connection)
    return [one for one in going if one.looked_at is None and one.since <= now - LEFT_BY]


def _coming(store: Database, now: datetime, connection: str | None = None) -> list[Stay]:
    """Who is here, and who arrives in the next 24 hours."""
    stays = Stays(store)
    return [*stays.staying(now, connection), *stays.arriving(now, now + CHECK_AHEAD, connection)]


def _unconfirmed(store: Database, now: datetime, connection: str | None = None) -> list[Stay]:
    """Of each grant that no lock has confirmed and that should be asked for again, the stay, where the guest is here or
    comes next: those not asked for longest first. What has been so for long is asked for ever more rarely: Seam sends
    an event when something about it changes. What is known not to open is not asked for at all until then."""
    found = GrantHealth(store).unconfirmed([NO_CODE], connection, but=KNOWN_SHUT)
    unsure = [one for one in found if one.at <= now - _pause(one)]
    if not unsure:
        return []
    unsure.sort(key=lambda one: (one.at, one.booking_id))
    stays = {(stay.connection, stay.booking_id): stay for stay in _coming(store, now, connection)}
    return [stays[key] for one in unsure if (key := (one.connection, one.booking_id)) in stays]


def _pause(health: Health) -> timedelta:
    waited = health.at - (health.since or health.at)
    return min(max(RECHECK_AFTER, waited), RECHECK_AT_LEAST)
