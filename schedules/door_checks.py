"""Asks Seam, by the clock, whether the doors of those who are here or come next will open."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from reconciler.accounts import check_accounts
from reconciler.health import check_health
from reconciler.readiness import DoorState, arrivals
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from store.engine import Database
from store.health import GrantHealth
from store.stays import Stay, Stays
from store.turns import Turn

log = structlog.get_logger("jobs")
CHECK_AHEAD = timedelta(hours=24)
RECHECK_AFTER = timedelta(minutes=2)
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
        self._name = connection.name
        self._keys = connection.keys
        self._policy = connection.policy
        self._workspace = connection.workspace
        self._store = store
        self._clock = clock
        self._stop = stop

    def coming(self, now: datetime) -> list[Stay]:
        coming = Stays(self._store).arriving(now, now + CHECK_AHEAD, self._name)
        return [*Stays(self._store).staying(now, self._name), *coming]

    def arrival_check(self, turn: Turn, property_id: str) -> str | None:
        """Asks Seam for everybody who arrives in the next 24 hours or is here: is it issued, is the door online?"""
        now = self._clock()
        by_property: dict[str, list[str]] = {property_id: []} if property_id else {}
        for stay in self.coming(now):
            if not property_id or stay.property_id == property_id:
                by_property.setdefault(stay.property_id, []).append(stay.booking_id)
        try:
            for of, booking_ids in by_property.items():
                self.check(turn, of, booking_ids)
                mine = self._store.fenced(turn)
                check_accounts(self._name, self._keys, self._workspace, mine, of, now)
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

    def check(self, turn: Turn, property_id: str, booking_ids: list[str]) -> None:
        """Asks Seam how the grants of these bookings are, for the pages. Raises `SeamError`."""
        check_health(
            self._name,
            self._keys,
            self._workspace,
            self._store.fenced(turn),
            property_id,
            booking_ids,
            self._clock,
            self._stop,
            {
                self._keys.common_area(area.key, property_id, shares)
                for area in self._policy.common_areas
                for shares in (False, True)
            },
        )

    def recheck(self, turn: Turn) -> str | None:
        """Asks again for unconfirmed grants with a guest to come; returns why Seam could not be asked, or None."""
        now = self._clock()
        stays = {stay.booking_id: stay for stay in self.coming(now)}
        unsure = [
            health.booking_id
            for health in GrantHealth(self._store).of(self._name, list(stays))
            if health.state != "issued" and health.at < now - RECHECK_AFTER
        ]
        by_property: dict[str, list[str]] = {}
        for booking_id in unsure[:RECHECKS]:
            by_property.setdefault(stays[booking_id].property_id, []).append(booking_id)
        try:
            for property_id, booking_ids in by_property.items():
                self.check(turn, property_id, booking_ids)
        except SeamError as problem:
            return str(problem)
        return None
