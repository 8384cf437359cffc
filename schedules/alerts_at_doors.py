"""What a person should know of what happened at the doors: spare keys that were used, arrivals that the PMS does not
take."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from mappers.sentences import message, messages, say, say_number, together
from mappers.stay_window import local
from reconciler.lock_forecast import LateArrival
from reconciler.lock_forecasts import lock_forecasts
from schedules.connections import Connections
from store.alerts import AlertKind, Cause
from store.check_ins import CheckIn, troubled_check_ins
from store.engine import Database
from store.properties import KnownProperty, Properties
from store.spare_keys import used_since
from store.stays import Stays

FORECAST_EVERY = timedelta(minutes=10)
"""What is coming changes slowly, and costs a look at every grant."""
PLACES_AT_ONCE = 100
FULL_SOON = timedelta(days=3)
LATE_NAMED = 20
NOT_CHECKED_IN = {
    "guest": messages(
        "The PMS does not take {number} guest as checked in, so staff has to do it",
        "The PMS does not take {number} guests as checked in, so staff has to do it",
    ),
    "tenant": messages(
        "The PMS does not take {number} tenant as checked in, so staff has to do it",
        "The PMS does not take {number} tenants as checked in, so staff has to do it",
    ),
}
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
        used = local(one.used_at, time_zone, now)
        if one.shown_at is not None:
            told = message("The spare key of {room} was used at {at}; {who} was shown it at {shown}")
            shown = local(one.shown_at, time_zone, now)
            text = say(told, room=one.room, at=used, who=str(one.shown_by), shown=shown)
        else:
            told = message("The spare key of {room} was used at {at}, though nobody was shown it")
            text = say("{of}: {words}", of=say(told, room=one.room, at=used), words=say("have a look at the room"))
        found.append(Cause(one.connection, AlertKind.SPARE_KEY, one.seam_id, text, one.property_id))
    return found


def _named(one: LateArrival, time_zone: str, now: datetime) -> str:
    times = {"at": local(one.start, time_zone, now), "expected": local(one.expected, time_zone, now)}
    return say("{who} ({at}, perhaps {expected})", who=one.label, **times)


def of_forecasts(store: Database, connections: Connections, now: datetime) -> list[Cause]:
    """Locks that are to hold more PINs than they can within days, or get too many at once: told by name, before anybody
    stands there."""
    zones = Properties(store).zones()
    places = [place for place in zones if place[0] in connections]
    found = []
    for start in range(0, len(places), PLACES_AT_ONCE):
        part = places[start : start + PLACES_AT_ONCE]
        for one in (each for mine in lock_forecasts(store, part, now).values() for each in mine):
            connection, time_zone = one.connection, zones[one.connection, one.property_id]
            if one.overflows_at is not None and one.overflows_at <= now + FULL_SOON:
                when = local(one.overflows_at, time_zone, now)
                what = say_number(
                    one.slots or 0,
                    "{lock} holds {number} PIN and is to hold {peak} from {at} on",
                    "{lock} holds {number} PINs and is to hold {peak} from {at} on",
                    lock=one.name,
                    peak=one.peak,
                    at=when,
                )
                text = say("{of}: {words}", of=what, words=say("delete old ones at the lock"))
                found.append(Cause(connection, AlertKind.SLOTS, one.door_id, text, one.property_id))
            if one.late:
                these = together([_named(each, time_zone, now) for each in one.late[:LATE_NAMED]], ", ")
                if len(one.late) > LATE_NAMED:
                    these = say("{these} and {more} more", these=these, more=len(one.late) - LATE_NAMED)
                what = say_number(
                    len(one.late),
                    "{lock} takes 10 PINs a minute, and {number} PIN may not be there in time",
                    "{lock} takes 10 PINs a minute, and {number} PINs may not be there in time",
                    lock=one.name,
                )
                text = say("{of}: {words}", of=what, words=these)
                found.append(Cause(connection, AlertKind.MINUTES, one.door_id, text, one.property_id))
    return found


def of_check_ins(store: Database, connections: Connections, now: datetime) -> list[Cause]:
    """Guests who are here and whom the PMS does not take as checked in: one alert a property."""
    found = []
    several = with_several(Properties(store).known())
    for connection, troubled in troubled_check_ins(store, now - TOLD_OF_CHECK_INS).items():
        of = connections.get(connection)
        if of is None or of.policy.write_status == "off":
            continue
        stays = Stays(store).by_id(connection, [one.booking_id for one in troubled])
        of_booking = {one.booking_id: one.property_id for one in stays}
        by_property: dict[str, list[CheckIn]] = {}
        for one in troubled:
            by_property.setdefault(of_booking.get(one.booking_id, ""), []).append(one)
        for property_id, mine in sorted(by_property.items()):
            what = say_number(len(mine), *NOT_CHECKED_IN[of.policy.person])
            text = say("{of}: {words}", of=what, words=mine[0].trouble or "")
            subject = property_id if property_id and connection in several else connection
            found.append(Cause(connection, AlertKind.CHECK_INS, subject, text, property_id))
    return found


def with_several(known: Iterable[KnownProperty]) -> set[str]:
    """The connections that have several properties."""
    number = Counter(one.connection for one in known)
    return {connection for connection, properties in number.items() if properties > 1}
