"""A chain of hotels, written straight into a database: what pages show of thirty hotels, or of thousands.

Of each ten hotels one has rooms without locks, one guests without rooms, one locks that are offline, one held
revocations, one a PMS that cannot be read; the others are well.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import insert

from mappers.keys import Keys
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from schedules.connections import Connection
from schedules.timetable import Timetable
from store.accounts import Account, LockAccounts
from store.alerts import AlertBook, Cause
from store.database import open_database
from store.engine import Database
from store.holds import Hold, Holds
from store.people import People, Role
from store.properties import KnownProperty, Properties
from store.runs import OutcomeRow, Runs
from store.tables import doors, health, links, lock_health, placements, stays
from tests.databases import database_at
from tests.night import _HASH, PASSWORD, csrf_of
from web.access import limiter
from web.context import WebContext
from web.metrics import Metrics
from web.site import create_site

NOW = datetime(2026, 11, 28, 21, 52, 4, tzinfo=UTC)
"""22:52 in Vienna."""
NAMES = (
    "Kestrel",
    "Foundry",
    "Hochsteg",
    "Runway",
    "Marram",
    "Old Mint",
    "Gate Nine",
    "Larch",
    "Reedwater",
    "Tramline",
)
KINDS = ("House", "Lofts", "Inn", "Rooms", "Court")
ROOMS = 8
"""Of each hotel."""
NO_DOOR_WHY = "room {} has no lock in Seam, so nothing opens: say under Locks which lock is its own"
LOCK_ALERT = "1 lock does not work: Lock 101 (it is offline: check its power and network; since 28 Nov 19:02)"
OFFLINE_WHY = "Lock {} is offline: check its power and network"


def name_of(number: int) -> str:
    """The name of the hotel of this number, never the same twice."""
    series = number // 50
    return f"{NAMES[number % 10]} {KINDS[number // 10 % 5]}" + (f" {series + 1}" if series else "")


@dataclass
class Clock:
    time: datetime = NOW

    def __call__(self) -> datetime:
        return self.time


class Chain:
    """The hotels, and the site that shows them. `together`: all are properties of one connection. `address`: of the
    empty database that they are written into, if it is no file of their own; `written`: they are in it already."""

    def __init__(
        self,
        folder: Path,
        hotels: int,
        *,
        together: bool = False,
        arrivals: int = 3,
        address: str | None = None,
        written: bool = False,
    ):
        self.clock = Clock()
        # Thousands are written at once, which takes minutes.
        self.store = Database(open_database(address or database_at(folder / "chain.db"), taken=3600))
        self.known = [
            KnownProperty("chain" if together else f"hotel{n}", f"p{n}", name_of(n), "Europe/Vienna")
            for n in range(hotels)
        ]
        self.connections = {
            one.connection: Connection(
                one.connection,
                Policy(),
                Keys(),
                Timetable(),
                None,
                None,
                lambda for_a_page: None,  # type: ignore[arg-type, return-value]
            )
            for one in self.known
        }
        self.metrics = Metrics()
        self.metrics.watch_store(self.store, self.connections, self.clock)
        self.alerts: list[Cause] = []
        if not written:
            with self.store.together():
                self._write(arrivals)
                AlertBook(self.store).compare(self.alerts, [], NOW)
                for role in Role:
                    People(self.store).add_user(role, role, _HASH, NOW)
        self.site: Flask = create_site(
            WebContext(
                store=self.store,
                workspaces={},
                connections=self.connections,
                clock=self.clock,
                metrics=self.metrics,
                version="0",
                scheduler_alive=lambda: True,
            )
        )
        limiter.reset()

    def client(self, role: str = "admin") -> Any:
        """A browser of somebody who has signed in."""
        client = self.site.test_client()
        page = client.get("/sign-in")
        client.post("/sign-in", data={"name": role, "password": PASSWORD, "csrf_token": csrf_of(page)})
        return client

    def _write(self, arrivals: int) -> None:
        rows: dict[Any, list[dict[str, Any]]] = {
            table: [] for table in (stays, health, links, doors, placements, lock_health)
        }
        book = Runs(self.store)
        for connection in self.connections:
            mine = [one for one in self.known if one.connection == connection]
            Properties(self.store).note(connection, mine, NOW)
            number = int(mine[0].property_id[1:])
            late = len(mine) == 1 and number % 10 == 4
            good = NOW - (timedelta(minutes=70) if late else timedelta(seconds=40 + number % 50))
            book.begin(f"full-{connection}", connection, "full", good - timedelta(seconds=9))
            waits = OutcomeRow(
                Kind.ACCESS_GRANT, "x", Action.WAIT, Outcome.ALERT, "a status we do not know", booking_id="x"
            )
            book.record(f"full-{connection}", connection, [waits] if number % 10 == 9 else [], NOW)
            book.finish(f"full-{connection}", "full", good, 0, {}, whole=True)
            if late:
                book.begin(f"bad-{connection}", connection, "incremental", NOW - timedelta(minutes=1))
                book.finish(f"bad-{connection}", "incremental", NOW, 1, {}, "the PMS answers 503 Service Unavailable")
        for one in self.known:
            self._hotel(one, int(one.property_id[1:]), rows, arrivals)
        with self.store.writing() as db:
            for table, several in rows.items():
                for start in range(0, len(several), 500):
                    db.execute(insert(table), several[start : start + 500])

    def _hotel(self, of: KnownProperty, number: int, rows: dict[Any, list[dict[str, Any]]], arrivals: int) -> None:
        kind = number % 10
        at = {"connection": of.connection, "property_id": of.property_id}
        for room in range(ROOMS):
            key = f"{of.property_id}-r{room}"
            rows[links].append(_link(of, Kind.SPACE, key, label=str(101 + room)))
            if room or kind != 0:
                lock = f"{of.property_id}-l{room}"
                rows[doors].append(
                    at
                    | {
                        "door_id": lock,
                        "name": f"Lock {101 + room}",
                        "system": "Keyfold",
                        "room_keys": [key],
                        "seen_at": NOW,
                    }
                )
                rows[placements].append(at | {"door_id": lock, "room_key": key, "decided_by": "person", "at": NOW})
                rows[lock_health].append(at | _health(lock, room, is_offline=kind == 2 and room == 0))
        midnight = NOW.replace(hour=23, minute=0) - timedelta(days=1)
        for place in range(arrivals * 2 + 2):
            here = place >= arrivals * 2
            starts = midnight + timedelta(hours=15 + place % 9, minutes=10 * (number % 6))
            if here:
                starts -= timedelta(days=1)
            elif place >= arrivals:
                starts += timedelta(days=1)
            self._stay(of, number, kind, place, starts, here, rows)
        trouble = "account_disconnected" if number % 20 == 2 else None
        system = ("Keyfold", "Doorwell")[number % 2]
        account = Account(of.connection, f"{of.property_id}-a", of.property_id, system, trouble, NOW)
        LockAccounts(self.store).note(of.connection, of.property_id, [account])
        if kind == 3:
            held = [
                Hold(f"{of.property_id}-b{n}", of.property_id, f"{of.property_id}-b{n}", "booking cancelled")
                for n in (0, 1, 6)
            ]
            Holds(self.store).add(f"full-{of.connection}", of.connection, held, NOW - timedelta(minutes=20))
        if kind == 2:
            self.alerts.append(Cause(of.connection, "locks", of.property_id, LOCK_ALERT, of.property_id))

    def _stay(
        self,
        of: KnownProperty,
        number: int,
        kind: int,
        place: int,
        starts: datetime,
        here: bool,
        rows: dict[Any, list[dict[str, Any]]],
    ) -> None:
        booking = f"{of.property_id}-b{place}"
        room: str | None = str(101 + place % ROOMS)
        access, reason, verdict, why, cause = "granted", "", "opens", "", ""
        first = place in (0, 1)
        if kind == 0 and room == "101":
            access, reason = "broken", NO_DOOR_WHY.format(room)
        elif kind == 1 and first:
            access, reason, room = "waiting", "waiting for a room, and the arrival is near: assign one in the PMS", None
        elif kind == 2 and first:
            verdict, why, cause = "shut", OFFLINE_WHY.format(room), "device_offline"
        elif kind == 3 and place in (0, 1, 6):
            access, reason = (
                "live",
                "booking cancelled, and taking the access away waits for somebody's approval: see Held",
            )
        letters = f"{chr(65 + (number + place) % 26)}.{chr(65 + (number * 7 + place * 3) % 26)}."
        rows[stays].append(
            {
                "connection": of.connection,
                "booking_id": booking,
                "property_id": of.property_id,
                "number": str(20000 + number * 20 + place),
                "label": f"{letters} {room}" if room else letters,
                "room": room,
                "status": "in_house" if here else "confirmed",
                "starts_at": starts,
                "ends_at": starts + timedelta(days=3),
                "access": access,
                "reason": reason,
                "grants": int(access in ("granted", "live")),
                "changed_at": NOW,
            }
        )
        if access in ("granted", "live"):
            rows[links].append(_link(of, Kind.ACCESS_GRANT, booking, booking_id=booking))
            rows[health].append(
                {
                    "connection": of.connection,
                    "key": booking,
                    "booking_id": booking,
                    "seam_id": f"g-{booking}",
                    "state": "issued" if verdict == "opens" else "failed",
                    "why": why,
                    "at": NOW - timedelta(minutes=1),
                    "since": NOW - timedelta(hours=3),
                    "verdict": verdict,
                    "cause": cause,
                }
            )


def _link(of: KnownProperty, kind: str, key: str, **more: Any) -> dict[str, Any]:
    values = {"label": None, "booking_id": None} | more
    return {
        "connection": of.connection,
        "kind": kind,
        "key": key,
        "seam_id": f"g-{key}",
        "generation": 1,
        "property_id": of.property_id,
        "changed_at": NOW,
    } | values


def _health(lock: str, room: int, is_offline: bool) -> dict[str, Any]:
    since = NOW - timedelta(hours=3)
    causes = [["device_offline", "it is offline: check its power and network", since.isoformat()]]
    return {
        "door_id": lock,
        "name": f"Lock {101 + room}",
        "rooms": [str(101 + room)],
        "space_ids": [],
        "state": "broken" if is_offline else "good",
        "causes": causes if is_offline else [],
        "readings": [],
        "online": not is_offline,
        "online_changed_at": since,
        "told": {},
        "looked_at": NOW - timedelta(minutes=1),
        "can_unlock": False,
    }
