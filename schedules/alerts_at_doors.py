"""What a person should know of what happened at the doors: spare keys that were used, arrivals that the PMS does not
take."""

from datetime import datetime, timedelta

from connectors.wording import counted
from mappers.stay_window import local
from schedules.connections import Connections
from store.alerts import Cause
from store.check_ins import CheckInBook
from store.engine import Database
from store.properties import Properties
from store.spare_keys import SpareKeys

TOLD_OF_CHECK_INS = timedelta(hours=6)
TOLD_OF_SPARE_KEYS = timedelta(hours=12)
"""For so long it is worth knowing that one was used."""


def of_spare_keys(store: Database, connections: Connections, now: datetime) -> list[Cause]:
    """Spare keys that were used of late, whoever was shown them."""
    zones = Properties(store).zones()
    found = []
    for connection in connections:
        for one in SpareKeys(store, connection).used_since(now - TOLD_OF_SPARE_KEYS):
            assert one.used_at is not None
            time_zone = zones.get((connection, one.property_id), "UTC")
            text = f"The spare key of {one.room} was used at {local(one.used_at, time_zone, now)}"
            if one.shown_at is not None:
                text += f"; {one.shown_by} was shown it at {local(one.shown_at, time_zone, now)}"
            else:
                text += ", though nobody was shown it: have a look at the room"
            found.append(Cause(connection, "spare_key", one.seam_id, text))
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
