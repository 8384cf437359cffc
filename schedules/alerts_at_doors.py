"""What a person should know of what happened at the doors: spare keys that were used, arrivals that the PMS does not
take."""

from datetime import datetime, timedelta

from connectors.wording import counted
from mappers.stay_window import local
from reconciler.lock_forecast import LateArrival
from reconciler.lock_forecasts import lock_forecasts
from schedules.connections import Connections
from store.alerts import Cause
from store.check_ins import CheckInBook
from store.engine import Database
from store.properties import Properties
from store.spare_keys import used_since

FORECAST_EVERY = timedelta(minutes=10)
"""What is coming changes slowly, and costs a look at every grant."""
FULL_SOON = timedelta(days=3)
LATE_NAMED = 20
TOLD_OF_CHECK_INS = timedelta(hours=6)
TOLD_OF_SPARE_KEYS = timedelta(hours=12)
"""For so long it is worth knowing that one was used."""


class AtDoors:
    """Looked at again and again by one process."""

    def __init__(self, store: Database, connections: Connections):
        self._store = store
        self._connections = connections
        self._forecasts: tuple[datetime | None, list[Cause]] = (None, [])

    def causes(self, now: datetime) -> list[Cause]:
        """What a person should know of now. Raises `StoreFailed`."""
        at, coming = self._forecasts
        if at is None or not timedelta(0) <= now - at < FORECAST_EVERY:
            coming = of_forecasts(self._store, self._connections, now)
            self._forecasts = now, coming
        return [*of_spare_keys(self._store, now), *of_check_ins(self._store, self._connections, now), *coming]


def of_spare_keys(store: Database, now: datetime) -> list[Cause]:
    """Spare keys that were used of late, whoever was shown them."""
    zones = Properties(store).zones()
    found = []
    for one in used_since(store, now - TOLD_OF_SPARE_KEYS):
        assert one.used_at is not None
        time_zone = zones.get((one.connection, one.property_id), "UTC")
        text = f"The spare key of {one.room} was used at {local(one.used_at, time_zone, now)}"
        if one.shown_at is not None:
            text += f"; {one.shown_by} was shown it at {local(one.shown_at, time_zone, now)}"
        else:
            text += ", though nobody was shown it: have a look at the room"
        found.append(Cause(one.connection, "spare_key", one.seam_id, text, one.property_id))
    return found


def _named(one: LateArrival, time_zone: str, now: datetime) -> str:
    return f"{one.label} ({local(one.start, time_zone, now)}, perhaps {local(one.expected, time_zone, now)})"


def of_forecasts(store: Database, connections: Connections, now: datetime) -> list[Cause]:
    """Locks that are to hold more PINs than they can within days, or get too many at once: told by name, before anybody
    stands there."""
    zones = Properties(store).zones()
    found = []
    for connection in connections:
        for one in lock_forecasts(store, connection, now):
            time_zone = zones.get((connection, one.property_id), "UTC")
            if one.overflows_at is not None and one.overflows_at <= now + FULL_SOON:
                when = local(one.overflows_at, time_zone, now)
                text = (
                    f"{one.name} holds {counted(one.slots or 0, 'PIN')} and is to hold {one.peak} from {when} on: "
                    "delete old ones at the lock"
                )
                found.append(Cause(connection, "slots", one.door_id, text, one.property_id))
            if one.late:
                named = ", ".join(_named(each, time_zone, now) for each in one.late[:LATE_NAMED])
                more = f" and {len(one.late) - LATE_NAMED} more" if len(one.late) > LATE_NAMED else ""
                who = counted(len(one.late), "PIN")
                text = f"{one.name} takes 10 PINs a minute, and {who} may not be there in time: {named}{more}"
                found.append(Cause(connection, "minutes", one.door_id, text, one.property_id))
    return found


def of_check_ins(store: Database, connections: Connections, now: datetime) -> list[Cause]:
    """Guests who are here and whom the PMS does not take as checked in: one alert a connection."""
    found = []
    for connection, of in connections.items():
        if of.policy.write_status == "off":
            continue
        troubled = CheckInBook(store, connection).troubled(now - TOLD_OF_CHECK_INS)
        if troubled:
            who = counted(len(troubled), of.policy.person)
            text = f"The PMS does not take {who} as checked in, so staff has to do it: {troubled[0].trouble}"
            found.append(Cause(connection, "check_ins", connection, text))
    return found
