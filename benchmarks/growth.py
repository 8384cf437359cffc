"""How large the database of a house grows in a year: 200 rooms, one reservation in twenty cannot be read.
`python -m benchmarks.growth [DAYS [MINUTES]]`: so many days (365), an incremental run every so many minutes (10).

What a run writes is written by the same calls, without a PMS and a workspace: an incremental run every ten minutes, a
full one every four hours, the night audit; everybody who waits and everything that cannot be read in every one of them;
webhooks, looks at the doors, alerts. Prints the megabytes of the file, and those that the process takes, after every
thirty days.
"""

import resource
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import event

from store.database import open_database
from store.engine import Database
from store.health import GrantHealth, Health
from store.inbox import Inbox
from store.links import Link
from store.people import People
from store.runs import OutcomeRow, Runs
from store.stays import Stay, Stays

ROOMS = 200
NIGHTS = 2
AHEAD = 14
"""Days before the arrival on which access is made."""
BROKEN = 20
"""One in so many cannot be read."""
INCREMENTAL = timedelta(minutes=10)
"""Every two minutes, as at the defaults, five times as long for the same figure within two megabytes."""
START = datetime(2026, 1, 1, tzinfo=UTC)


def simulate(home: Path, days: int, interval: timedelta = INCREMENTAL) -> Iterator[tuple[int, float, float]]:
    """(day, megabytes of the file, most megabytes of memory until then) as the year goes by."""
    path = home / "growth.db"
    engine = open_database(f"sqlite:///{path}")
    # Size is measured, not speed: nobody loses anything if the machine goes down.
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    engine.dispose()
    store = Database(engine)
    inbox, people = Inbox(store), People(store)
    for day in range(days):
        morning = START + timedelta(days=day)
        stays = [f"2026-{day:04d}-{number:03d}-5f3a-4e88" for number in range(ROOMS // NIGHTS)]
        _book(store, stays, morning)
        broken = [one for back in range(AHEAD) for one in _broken_of(day - back)]
        at = morning
        while at < morning + timedelta(days=1):
            full = at.hour % 4 == 0 and at.minute == 0
            run_id = f"{at:%Y%m%d-%H%M%S}"
            Runs(store).begin(run_id, "alpen", "full" if full else "incremental", at)
            rows = [_unreadable(one) for one in broken]
            if full:
                rows += [_waits(one) for one in stays for _ in range(2)]
            Runs(store).record(run_id, "alpen", rows, at)
            Runs(store).finish(run_id, "full" if full else "incremental", at, 1 if broken else 0, {}, whole=full)
            at += interval
        for one in stays:
            inbox.put("pms", f"{one}-made", "reservation", {"bookings": [one]}, morning, connection="alpen")
            inbox.put("seam", f"{one}-issued", "access_method.issued", {"seam_ids": [one]}, morning)
            people.note("desk", "sync now", morning, connection="alpen", target=one)
        waiting = [one.id for one in inbox.page(state="waiting", limit=500)]
        inbox.done(waiting, morning, "done", "")
        _forget(store, inbox, day, morning)
        if day % 30 == 29 or day == days - 1:
            memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
            yield day + 1, path.stat().st_size / 1e6, memory
    store.close()


def _book(store: Database, stays: list[str], at: datetime) -> None:
    """A day's new bookings: made, told to the locks, moved or extended once, checked out."""
    run_id = f"{at:%Y%m%d}-news"
    Runs(store).begin(run_id, "alpen", "bookings", at)
    made = []
    rows = []
    for one in stays:
        ends_at = at + timedelta(days=AHEAD + NIGHTS)
        fields = {"property_id": "p", "ends_at": ends_at, "label": "J.N. 101"}
        made.append(Link("user_identity", f"g-{one}", f"seam-u-{one}", **fields))  # type: ignore[arg-type]
        made.append(
            Link("access_grant", one, f"seam-{one}", booking_id=one, user_identity_key=f"g-{one}", **fields)  # type: ignore[arg-type]
        )
        reason = "new access from 20 Sep 15:00 to 23 Sep 11:00"
        rows.append(OutcomeRow("user_identity", f"g-{one}", "create", "done", "new guest", label="J.N. 101"))
        for action in ("create", "update", "revoke"):
            rows.append(OutcomeRow("access_grant", one, action, "done", reason, label="J.N. 101", booking_id=one))
    Runs(store).record(run_id, "alpen", rows, at, made=made)
    Runs(store).finish(run_id, "bookings", at, 0, {})
    start = at + timedelta(days=AHEAD)
    Stays(store).note(
        "alpen",
        at,
        [
            Stay("alpen", one, "p", one[-9:], "J.N. 101", "101", "confirmed", start, start, "granted", "", 1)
            for one in stays
        ],
    )
    GrantHealth(store).note(
        [
            Health("alpen", one, one, f"seam-{one}", "issued", "", [["Door 101", True]], at, verdict="opens")
            for one in stays
        ]
    )


def _broken_of(day: int) -> list[str]:
    return [f"broken-{day}-{number}" for number in range(ROOMS // NIGHTS // BROKEN)] if day >= 0 else []


def _unreadable(one: str) -> OutcomeRow:
    return OutcomeRow(
        "access_grant",
        one,
        "read",
        "failed",
        "the PMS's record cannot be read; what exists for it stays as it is",
        "its departure is before its arrival",
        booking_id=one,
    )


def _waits(one: str) -> OutcomeRow:
    return OutcomeRow("access_grant", one, "wait", "waiting", "waiting for a room", label="J.N.", booking_id=one)


def _forget(store: Database, inbox: Inbox, day: int, at: datetime) -> None:
    """What a full run and the night audit forget: old lines, and after the stay the grant, later the guest."""
    for back, kind, prefix in ((AHEAD + NIGHTS + 2, "access_grant", ""), (AHEAD + NIGHTS + 30, "user_identity", "g-")):
        if day >= back:
            gone = [f"{prefix}2026-{day - back:04d}-{number:03d}-5f3a-4e88" for number in range(ROOMS // NIGHTS)]
            Runs(store).record(f"{at:%Y%m%d}-news", "alpen", [], at, gone=[(kind, key) for key in gone])
    Runs(store).forget_old(at, "alpen")
    Stays(store).forget_old(at, "alpen")
    inbox.forget_old(at, "alpen")


def main() -> None:
    days, minutes = (*map(int, sys.argv[1:]), *(365, INCREMENTAL // timedelta(minutes=1))[len(sys.argv) - 1 :])
    with tempfile.TemporaryDirectory() as home:
        for day, megabytes, memory in simulate(Path(home), days, timedelta(minutes=minutes)):
            print(f"day {day}: {megabytes:.0f} MB, the process {memory:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
