"""How long each page of thousands of hotels takes at the server.
`python -m benchmarks.large_portfolio [HOTELS] [--postgresql] [--as ROLE]`: so many hotels (3,000).

Of 3,000 hotels of 60 rooms the database has 2 million links, 900,000 stays, 100,000 runs, 50,000 open needs, 180,000
locks and what was counted of 90 days. Each is a connection of its own; with `--together` all are properties of one.
Every page and every list of the API is asked for once, and then some times more; shown are the milliseconds of the
processor of the first request, and of half and the most of those that follow: of the thread that answers, and of the
database's own processes where there are any (those again by themselves). On the clock it is as much where nothing else
works on the machine. What takes the processor longer than 300 ms is named.

SQLite; with `--postgresql` a PostgreSQL. `--keep`: an address of a database that is written where it is empty and
measured as it is where it is not. `--only`: addresses with this in them. `--as`: `property`, `organisation` or `group`
measures what whoever has a role over one property, one organisation of ten, or a tenth of the properties one by one is
shown. `--questions` and `--profile` show where the time goes.
"""

import argparse
import base64
import cProfile
import gc
import pstats
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Integer,
    MetaData,
    String,
    Table,
    cast,
    create_engine,
    event,
    func,
    insert,
    literal,
    select,
)

from cli.garbage import Garbage
from connectors.errors import PmsUnreachable
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import PRESETS
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.pace import Pace
from seam_workspace.workspace import Workspace
from settings.declared import SeamSettings, Settings
from settings.policy_changes import PolicyChanges
from settings.register import Register
from store.connections import ConnectionBook, Standing
from store.database import open_database
from store.engine import Database, chunks
from store.memberships import Membership, Memberships
from store.outgoing import KINDS
from store.people import People, Role
from store.receivers import Receivers, Wants
from store.secrets import SecretKeys
from store.tables import (
    Ids,
    Instant,
    alerts,
    audit_log,
    costs,
    doors,
    health,
    inbox,
    lasting,
    links,
    lock_health,
    outcomes,
    outgoing_events,
    placements,
    properties,
    receivers,
    run_days,
    runs,
    send_attempts,
    sendings,
    stays,
    trends,
)
from tests import databases
from tests.night import _HASH
from tests.web.chain import NOW, ROOMS, Chain
from web.board import Boards
from web.site import make_pages_ready

ALL_ROOMS, GRANTS, RUNS, NEEDS, DAYS = 60, 300, 33, 17, 90
"""Of each hotel; of each grant there is a guest."""
TOLD = 100_000
"""Events that other programs were told of, of all hotels together."""
KEY = base64.urlsafe_b64encode(b"large_portfolio_of_the_benchmark").decode()

PAGES = (
    "/sign-in",
    "/",
    "/properties?page=60",
    "/properties?state=broken",
    "/properties?q=Kestrel",
    "/properties/{connection}/{property}",
    "/bookings?q=A.B.",
    "/bookings?q=A.B. 131",
    "/bookings?q=131",
    "/bookings?q=Room 13",
    "/bookings?q=20042",
    "/bookings?q=9000",
    "/bookings?q=Lock 131",
    "/bookings?q=Novak",
    "/bookings?q=no such words",
    "/bookings/{connection}/{property}-b0",
    "/bookings/{connection}/{property}-b0/live",
    "/bookings/{connection}/{property}-b0/cards",
    "/bookings/{connection}/{property}-b0/cards/1/status",
    "/held",
    "/held?connection={connection}",
    "/held?format=csv",
    "/held?format=json",
    "/alerts",
    "/alerts?state=ended&kind=booking",
    "/alerts?connection={connection}/{property}&from=2026-11-20",
    "/alerts?before={alert}",
    "/alerts?state=ended&format=csv",
    "/alerts?state=ended&format=json",
    "/alerts/{alert}",
    "/inbox",
    "/inbox?state=waiting",
    "/inbox?connection={connection}/{property}&from=2026-11-20",
    "/inbox?kind=nothing",
    "/inbox?before=60",
    "/inbox?format=csv",
    "/inbox?format=json",
    "/inbox/60",
    "/runs",
    "/runs?all=1",
    "/runs?connection={connection}/{property}&from=2026-11-20",
    "/runs?result=failed",
    "/runs?before=2026-11-01T00:00:00%2B00:00",
    "/runs?all=1&format=csv",
    "/runs?all=1&format=json",
    "/runs/full-{connection}",
    "/runs/last-{number}",
    "/runs/last-{number}.csv",
    "/drift",
    "/drift?connection={connection}/{property}",
    "/drift?cause=orphan",
    "/drift?format=csv",
    "/drift?format=json",
    "/audit-log",
    "/audit-log?connection={connection}/{property}",
    "/audit-log?who=nobody",
    "/audit-log?before=60",
    "/audit-log?format=csv",
    "/audit-log?format=json",
    "/locks",
    "/locks?page=60",
    "/locks?q=Kestrel",
    "/locks?format=csv",
    "/locks?format=json",
    "/locks/health",
    "/locks/health?page=150",
    "/locks/health?state=broken",
    "/locks/health?connection={connection}/{property}",
    "/locks/health?format=csv",
    "/locks/health?format=json",
    "/locks/forecast",
    "/locks/forecast?page=150",
    "/locks/encoders",
    "/locks/encoders?connection={connection}",
    "/locks/accounts",
    "/locks/{connection}/{property}",
    "/locks/{connection}/{property}/rooms",
    "/locks/{connection}/{property}/doors.csv",
    "/locks/{connection}/{property}/connect/w",
    "/locks/{connection}/{property}/connect/w/status",
    "/trends",
    "/trends?days=7",
    "/trends?property=Kestrel",
    "/trends/2026-11",
    "/trends.csv",
    "/costs",
    "/costs?month=2026-10",
    "/costs?property=Kestrel House",
    "/costs.csv",
    "/connections",
    "/connections/{connection}",
    "/new-connection",
    "/new-connection?connector=mews",
    "/credentials/nothing",
    "/policies",
    "/policies/hotel",
    "/workspaces",
    "/people",
    "/account",
    "/progress",
    "/metrics",
    "/healthz",
    "/readyz",
    "/sign-in/nothing",
    "/sign-in/code",
    "/embed/booking/{connection}/{property}-b0",
    "/api/docs",
    "/api/openapi.json",
    "/api/now",
    "/api/now?page=30",
    "/api/now?property={property}",
    "/api/alerts",
    "/api/alerts/{alert}",
    "/api/alerts/{alert}/history",
    "/api/held",
    "/api/runs",
    "/api/runs?limit=500",
    "/api/runs/last-{number}",
    "/api/runs/last-{number}/items",
    "/api/inbox",
    "/api/inbox/60",
    "/api/locks",
    "/api/locks?page=30",
    "/api/locks/{connection}/{property}",
    "/api/locks/health",
    "/api/locks/health?page=300",
    "/api/locks/health?state=broken",
    "/api/locks/forecasts",
    "/api/locks/forecasts?page=100",
    "/api/locks/forecasts?connection={connection}&property={property}",
    "/api/drift",
    "/api/audit-log",
    "/api/costs",
    "/api/costs?page=20",
    "/api/trends",
    "/api/trends?days=7",
    "/api/trends?property={property}",
    "/api/encoders",
    "/api/entries?connection={connection}&booking={property}-b0",
    "/api/spare-keys",
    "/api/bookings?q=A.B.",
    "/api/bookings?q=Novak",
    "/api/bookings/{connection}/{property}-b0",
    "/api/bookings/{connection}/{property}-b0/cards",
    "/api/bookings/{connection}/{property}-b0/cards/1",
    "/api/connections",
    "/api/connections/{connection}",
    "/api/policies",
    "/api/policies/hotel",
    "/api/policies/hotel/change",
    "/api/workspaces",
    "/events",
    "/events/channel",
    "/api/receivers",
    "/api/receivers/channel",
    "/api/receivers/channel/attempts",
    "/events/channel?kind=guest.entered",
    "/events/channel?state=given_up",
    "/events/channel?before=60000",
    "/events/group-seven",
    "/api/receivers/group-seven",
    "/api/receivers/group-seven/attempts?before=60000",
)
NOT_MEASURED = {
    "openid.begin": "asks the provider at which people sign in",
    "openid.come_back": "asks the provider at which people sign in",
    "receivers.event": "two rows, by their ids",
    "static": "a file",
    "bootstrap.static": "a file",
}
"""Endpoints that are asked for by GET and are in none of the pages, and why."""
LIMIT = 300
"""Milliseconds that a page may take."""
LONG = 2000
"""Milliseconds that only a file takes, which begins long before."""


def unmeasured(site: Flask) -> set[str]:
    """The endpoints of which no page is measured, and nobody has said why."""
    urls = site.url_map.bind("localhost")
    named = {"connection": "c", "property": "p", "number": 1, "alert": 1}
    asked = {urls.match(page.format(**named).partition("?")[0], method="GET")[0] for page in PAGES}
    return {
        rule.endpoint
        for rule in site.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in asked | NOT_MEASURED.keys()
    }


_numbers = MetaData()
_hotels = Table(
    "large_hotels", _numbers, Column("n", Integer), Column("connection", String), Column("property_id", String)
)
_rooms = Table(
    "large_rooms",
    _numbers,
    Column("n", Integer),
    Column("name", String),
    Column("readings", JSON),
    Column("rooms", JSON),
    Column("space_ids", JSON),
)
_grants = Table(
    "large_grants",
    _numbers,
    Column("n", Integer),
    Column("label", String),
    Column("room", String),
    Column("status", String),
    Column("access", String),
    Column("space_ids", Ids),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
)
_needs = Table(
    "large_needs",
    _numbers,
    Column("n", Integer),
    Column("label", String),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
)
_runs = Table("large_runs", _numbers, Column("n", Integer), Column("started_at", Instant), Column("cause", String))
_days = Table("large_days", _numbers, Column("n", Integer), Column("day", Date))
_figures = Table(
    "large_figures", _numbers, Column("figure", String), Column("detail", String), Column("number", Integer)
)
_kinds = Table("large_kinds", _numbers, Column("kind", String))
_few = Table("large_few", _numbers, Column("n", Integer))
WAITS = "waiting for a room, and the arrival is near: assign one in the PMS"


def _patterns() -> dict[Table, list[dict[str, Any]]]:
    """What each hotel has."""
    readings = [[f"{date(2026, 11, 1) + timedelta(days=one):%Y-%m-%d}", 0.9 - one / 100] for one in range(14)]
    midnight = NOW.replace(hour=23, minute=0) - timedelta(days=1)
    grants = []
    for n in range(GRANTS):
        room = str(101 + n % ALL_ROOMS)
        starts = midnight + timedelta(days=n % 60 - 33, hours=15 + n % 7)
        ends = starts + timedelta(days=3)
        state = "checked_out" if ends <= NOW else "in_house" if starts <= NOW else "confirmed"
        label = f"{chr(65 + n * 7 % 26)}.{chr(65 + n * 11 % 23)}. {room}"
        grants.append(
            {"n": n, "label": label, "room": room, "status": state, "starts_at": starts, "ends_at": ends}
            | {"access": "none" if ends <= NOW else "granted", "space_ids": frozenset({f"s{n % ALL_ROOMS}"})}
        )
    needs = [NOW + timedelta(hours=n % 48) for n in range(NEEDS)]
    figures = [("ready", "", 6), ("not_ready", "device_offline", 1), ("offline", "", 900)]
    figures += [("to_door", one, 2) for one in ("10", "20", "45", "120")]
    return {
        _rooms: [
            {"n": n, "name": str(101 + n), "readings": readings, "rooms": [str(101 + n)], "space_ids": [f"s{n}"]}
            for n in range(ROOMS, ALL_ROOMS)
        ],
        _grants: grants,
        _needs: [
            {"n": n, "label": f"{chr(65 + n)}.B.", "starts_at": at, "ends_at": at + timedelta(days=2)}
            for n, at in enumerate(needs)
        ],
        _runs: [
            {"n": n, "started_at": NOW - timedelta(hours=10 * n, minutes=1), "cause": None if n % 20 else "drift"}
            for n in range(RUNS)
        ],
        _days: [{"n": n, "day": NOW.date() - timedelta(days=n)} for n in range(DAYS)],
        _figures: [{"figure": one, "detail": detail, "number": number} for one, detail, number in figures],
        _kinds: [{"kind": one} for one in ("seam_calls", "pms_calls", "codes", "code_days", "seam_webhooks")],
        _few: [{"n": n} for n in range(30)],
    }


def fill(store: Database, chain: Chain) -> None:
    """What stands beside the arrivals of these days, written by the database itself."""
    with store.writing() as db:
        if store.is_sqlite:
            db.exec_driver_sql("PRAGMA cache_size = -400000")
        _numbers.create_all(db)
        rows = _patterns() | {
            _hotels: [
                {"n": n, "connection": one.connection, "property_id": one.property_id}
                for n, one in enumerate(chain.known)
            ]
        }
        for table, several in rows.items():
            for chunk in chunks(several):
                db.execute(insert(table), list(chunk))
    steps = (_drop_indexes, _fill_rooms, _fill_grants, _fill_needs, _fill_runs, _fill_counts, _fill_others)
    for step in (*steps, _make_indexes):
        begun, cpu = time.monotonic(), time.process_time()
        with store.writing() as db:
            step(db)
        print(f"  {step.__name__[1:]}: {time.process_time() - cpu:.0f} of {time.monotonic() - begun:.0f} s", flush=True)
    with store.writing() as db:
        _numbers.drop_all(db)
        if not store.is_sqlite:
            # As it does by itself; nobody does it for SQLite.
            db.exec_driver_sql("ANALYZE")


INDEXED = (links, stays, health, outcomes, runs, alerts, inbox, audit_log, lasting, trends)


def _drop_indexes(db: Connection) -> None:
    """Made at the end, they take a fraction of the time."""
    for table in INDEXED:
        for index in table.indexes:
            index.drop(db)


def _make_indexes(db: Connection) -> None:
    for table in INDEXED:
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            index.create(db)


def _put(db: Connection, table: Table, of: Any, /, **values: Any) -> None:
    """A row of the table for each of `of` (joined with every hotel)."""
    columns = [one if hasattr(one, "type") else literal(one, table.c[name].type) for name, one in values.items()]
    db.execute(insert(table).from_select(list(values), select(*columns).select_from(of)))


def _id(letter: str, pattern: Table) -> Any:
    return literal(letter) + cast(_hotels.c.n, String) + "-" + cast(pattern.c.n, String)


def _each(pattern: Table) -> Any:
    return _hotels.join(pattern, literal(True))


_PLACE: dict[str, Any] = {"connection": _hotels.c.connection, "property_id": _hotels.c.property_id}


def _fill_rooms(db: Connection) -> None:
    room, lock, of = _id("r", _rooms), _id("l", _rooms), _each(_rooms)
    name = literal("Lock ") + _rooms.c.name
    _put(
        db,
        links,
        of,
        **_PLACE,
        kind=Kind.SPACE,
        key=room,
        seam_id=room,
        generation=1,
        label=_rooms.c.name,
        changed_at=NOW,
    )
    _put(db, doors, of, **_PLACE, door_id=lock, name=name, system="Keyfold", room_keys=[], seen_at=NOW)
    _put(db, placements, of, **_PLACE, door_id=lock, room_key=room, decided_by="match", at=NOW)
    _put(
        db,
        lock_health,
        of,
        **_PLACE,
        door_id=lock,
        name=name,
        rooms=_rooms.c.rooms,
        space_ids=_rooms.c.space_ids,
        state="good",
        causes=[],
        readings=_rooms.c.readings,
        battery_level=0.8,
        battery_status="good",
        online=True,
        online_changed_at=NOW,
        told={},
        looked_at=NOW,
        can_unlock=False,
        slots=100,
    )


def _fill_grants(db: Connection) -> None:
    grant, guest, of = _id("g", _grants), _id("u", _grants), _each(_grants)
    same = {**_PLACE, "generation": 1, "changed_at": NOW}
    times = {"starts_at": _grants.c.starts_at, "ends_at": _grants.c.ends_at}
    _put(
        db,
        links,
        of,
        **same,
        **times,
        kind=Kind.ACCESS_GRANT,
        key=grant,
        seam_id=grant,
        booking_id=grant,
        user_identity_key=guest,
        label=_grants.c.label,
        space_ids=_grants.c.space_ids,
        wanted_hash="0" * 32,
        made_hash="0" * 32,
    )
    _put(
        db,
        links,
        of,
        **same,
        kind=Kind.USER_IDENTITY,
        key=guest,
        seam_id=guest,
        ends_at=_grants.c.ends_at,
        wanted_hash="0" * 32,
        made_hash="0" * 32,
    )
    _put(
        db,
        stays,
        of,
        **_PLACE,
        **times,
        booking_id=grant,
        number=cast(1_000_000 + _hotels.c.n * GRANTS + _grants.c.n, String),
        label=_grants.c.label,
        room=_grants.c.room,
        status=_grants.c.status,
        access=_grants.c.access,
        reason="",
        grants=1,
        changed_at=NOW,
        surnames="",
    )
    _put(
        db,
        health,
        of,
        connection=_hotels.c.connection,
        key=grant,
        booking_id=grant,
        seam_id=grant,
        state="issued",
        why="",
        at=NOW,
        since=NOW,
        verdict="opens",
        cause="",
    )


def _fill_needs(db: Connection) -> None:
    need, of = _id("n", _needs), _each(_needs)
    _put(
        db,
        stays,
        of,
        **_PLACE,
        booking_id=need,
        number=cast(9_000_000 + _hotels.c.n * NEEDS + _needs.c.n, String),
        label=_needs.c.label,
        status="confirmed",
        starts_at=_needs.c.starts_at,
        ends_at=_needs.c.ends_at,
        access="waiting",
        reason=WAITS,
        grants=0,
        changed_at=NOW,
        surnames="",
    )
    last = literal("last-") + cast(_hotels.c.n, String)
    _put(
        db,
        lasting,
        of,
        connection=_hotels.c.connection,
        digest=need,
        kind=Kind.ACCESS_GRANT,
        key=need,
        action=Action.WAIT,
        outcome=Outcome.ALERT,
        reason=WAITS,
        booking_id=need,
        since=NOW,
        began_run=last,
        seen_run=last,
        full_run=literal("full-") + _hotels.c.connection,
    )


def _fill_runs(db: Connection) -> None:
    run, of = _id("run-", _runs), _each(_runs)
    _put(
        db,
        runs,
        of,
        run_id=run,
        connection=_hotels.c.connection,
        mode="incremental",
        started_at=_runs.c.started_at,
        finished_at=_runs.c.started_at,
        exit=0,
        totals={"access_grant": {"created": 1}, "user_identity": {"created": 1}},
    )
    for kind in (Kind.USER_IDENTITY, Kind.ACCESS_GRANT):
        _put(
            db,
            outcomes,
            of,
            run_id=run,
            kind=kind,
            key=_id("g", _runs),
            action=Action.CREATE,
            outcome=Outcome.DONE,
            reason="new access",
            booking_id=_id("g", _runs),
            cause=_runs.c.cause,
            at=_runs.c.started_at,
        )
    counted = {"runs": 2, "changes": 4, "failures": 0, "broken_off": 0}
    _put(db, run_days, _each(_days), **_PLACE, day=_days.c.day, **counted)
    last = literal("last-") + cast(_hotels.c.n, String)
    ended = {"mode": "incremental", "started_at": NOW - timedelta(seconds=20), "finished_at": NOW, "exit": 0}
    _put(db, runs, _hotels, run_id=last, connection=_hotels.c.connection, totals={}, **ended)
    needs = {"kind": Kind.ACCESS_GRANT, "action": Action.WAIT, "outcome": Outcome.ALERT, "reason": WAITS}
    _put(
        db,
        outcomes,
        _each(_needs),
        run_id=last,
        key=_id("n", _needs),
        booking_id=_id("n", _needs),
        at=NOW,
        **needs,
    )


def _fill_counts(db: Connection) -> None:
    of = _each(_days).join(_figures, literal(True))
    same = {**_PLACE, "day": _days.c.day}
    _put(db, trends, of, **same, figure=_figures.c.figure, detail=_figures.c.detail, number=_figures.c.number)
    _put(db, costs, _each(_days).join(_kinds, literal(True)), **same, kind=_kinds.c.kind, number=_days.c.n + 20)


def _fill_others(db: Connection) -> None:
    of = _each(_few)
    _put(
        db,
        inbox,
        of,
        connection=_hotels.c.connection,
        source="pms",
        event_id=_id("e", _few),
        kind="ServiceOrderUpdated",
        subjects={"bookings": ["g1-1"]},
        received_at=NOW,
        times=1,
        attempts=1,
        handled_at=NOW,
        outcome="done",
        payload={"Events": [{"Type": "ServiceOrderUpdated", "Id": "0" * 32}] * 8},
    )
    about = {"connection": _hotels.c.connection, "target": _id("g", _few)}
    _put(db, audit_log, of, at=NOW, who="admin", action="sync now", **about)
    told = {
        **_PLACE,
        "kind": "booking",
        "subject": _id("g", _few),
        "text": "L.M. 101 has no access: the lock is offline",
    }
    _put(db, alerts, of, **told, began_at=NOW - timedelta(days=3), ended_at=NOW - timedelta(days=2))
    said = "17 bookings wait for a room: assign one in the PMS"
    opened = {"open_as": literal("bookings:") + cast(_hotels.c.n, String), "began_at": NOW, "text": said}
    _put(db, alerts, _hotels, **_PLACE, kind="bookings", subject=_hotels.c.property_id, **opened)


def fill_told(store: Database) -> None:
    """What receivers of events were told of 30 days, where that is not in the database yet: of the whole service, and
    of one organisation of ten."""
    with store.writing() as db:
        if db.execute(select(func.count()).select_from(outgoing_events)).scalar_one() >= TOLD:
            return
        of_all = db.execute(select(receivers.c.id, receivers.c.organisation)).all()
        known = db.execute(select(properties.c.connection, properties.c.property_id)).all()
        first = (db.execute(select(func.max(outgoing_events.c.id))).scalar() or 0) + 1
        for start in range(first, first + TOLD, 1000):
            events, sent, tried = [], [], []
            for number in range(start, start + 1000):
                place, booking, at = known[number % len(known)], f"p-b{number}", NOW - timedelta(seconds=25 * number)
                told = {"id": number, "message_id": f"evt_{number:032d}", "kind": KINDS[number % 4], "at": at}
                told |= {"connection": place.connection, "property_id": place.property_id, "subject": booking}
                events.append(told | {"data": {"booking_id": booking, "room": "101", "reason": "new access"}})
                for one in of_all:
                    if one.organisation in ("", _organisation(place.connection)):
                        state = "waiting" if number % 500 == 0 else "given_up" if number % 500 == 1 else "sent"
                        mine = {"receiver_id": one.id, "event_id": number}
                        subject = f"{place.connection}/{booking}"
                        sent.append(mine | {"subject": subject, "state": state, "attempts": 1, "not_before": at})
                        tried.append(mine | {"at": at, "status": 200, "milliseconds": 80})
            for table, rows in ((outgoing_events, events), (sendings, sent), (send_attempts, tried)):
                db.execute(insert(table), rows)
        if not store.is_sqlite:
            # Which did not see that these ids were given.
            taken = select(func.max(outgoing_events.c.id)).scalar_subquery()
            db.execute(select(func.setval(func.pg_get_serial_sequence(outgoing_events.name, "id"), taken)))


class _SilentPms:
    """A PMS that cannot be reached, so that its time is in no page's."""

    def reader(self) -> "_SilentPms":
        return self

    def close(self) -> None:
        return

    def reservation_of(self, booking_id: str) -> str:
        return booking_id

    def properties_lately(self) -> None:
        return

    def read_properties(self) -> None:
        raise PmsUnreachable("the PMS of the benchmark does not answer")


def _silent_pms(for_a_page: bool) -> Any:
    return _SilentPms()


def _silent_seam() -> Workspace:
    """A workspace of Seam in which there is nothing, and which answers at once."""
    sandbox = SeamWorkspace(api_key="seam_key", now=lambda: NOW)

    def answer(request: httpx.Request) -> httpx.Response:
        query = {name: request.url.params.get_list(name) for name in request.url.params}
        found = sandbox.handle(request.method, request.url.path, query, request.headers, request.content)
        headers = {"content-type": "application/json", **found.headers}
        return httpx.Response(found.status, headers=headers, content=found.body)

    pace = Pace(time.monotonic, lambda seconds: None)
    return Workspace("seam_key", "https://seam.example", pace=pace, transport=httpx.MockTransport(answer))


def serve_whole(chain: Chain) -> None:
    """The site as `nightporter serve` has it: a register with these connections, which are of ten organisations, what
    Prometheus reads, a PMS, Seam; and nothing that a former page has left."""
    keys = SecretKeys(KEY)
    book = ConnectionBook(chain.store, keys)
    missing = chain.connections.keys() - book.names()
    with chain.store.together():
        for name in sorted(missing):
            secrets = {"mews.client_token": f"client-{name}", "mews.access_token": f"access-{name}"}
            settings = {"connector": "mews", "mews": {}, "key_prefix": f"{name}/", "organisation": _organisation(name)}
            book.add(name, "mews", settings, secrets, Standing(), NOW)
    book_of_receivers = Receivers(chain.store, keys)
    for name, organisation in (("channel", ""), ("group-seven", _organisation("hotel7"))):
        if book_of_receivers.get(name, NOW) is None:
            book_of_receivers.add(name, f"https://{name}.example/hooks", Wants(), NOW, organisation)
    for name, one in chain.connections.items():
        silent: dict[str, Any] = {"connector": _SilentPms(), "open_connector": _silent_pms}
        chain.connections[name] = replace(one, **silent, organisation=_organisation(name))
    context = chain.site.extensions["nightporter"]
    register = Register(Settings(SeamSettings("seam_key"), {}, PRESETS), chain.store, keys)
    register.refresh()
    desk = PolicyChanges(register, chain.store, chain.connections, lambda: NOW)
    chain.site.extensions["nightporter"] = replace(
        context, register=register, policy_changes=desk, workspaces={"": _silent_seam()}, secret_keys=keys
    )
    chain.site.jinja_env.bytecode_cache = None
    make_pages_ready(chain.site)


def _organisation(connection: str) -> str:
    return f"group {(connection.removeprefix('hotel') or '0')[-1]}"


class _Questions:
    """What the database was asked."""

    def __init__(self, store: Database):
        self.number = 0
        self.longest: list[tuple[float, str]] = []
        self._began = 0.0
        event.listen(store._engine, "before_cursor_execute", self._before)
        event.listen(store._engine, "after_cursor_execute", self._after)

    def begin(self) -> None:
        self.number = 0
        self.longest.clear()

    def _before(self, *told: Any) -> None:
        self.number += 1
        self._began = time.perf_counter()

    def _after(self, *told: Any) -> None:
        self.longest.append(((time.perf_counter() - self._began) * 1000, told[2]))


class _Pauses:
    """How long everybody waits while a thread goes through what is new for garbage."""

    def __init__(self) -> None:
        self._found: list[float] = []
        self._began = 0.0
        gc.callbacks.append(self._note)

    def _note(self, phase: str, told: dict[str, int]) -> None:
        if phase == "start":
            self._began = time.thread_time()
        elif told["generation"] == 2:
            self._found.append((time.thread_time() - self._began) * 1000)

    def __str__(self) -> str:
        return f"{len(self._found)} times, {statistics.median(self._found):.0f} ms, at most {max(self._found):.0f} ms"


class _Processors:
    """What the processor has done for this thread and for the database, in milliseconds. SQLite works in the thread;
    a PostgreSQL on this machine in processes of its own, of which Linux tells."""

    def __init__(self, store: Database):
        self._engine = None if store.is_sqlite else create_engine(store._engine.url)

    def spent(self) -> tuple[float, float]:
        """Of this thread, and of the database's processes."""
        mine = time.thread_time() * 1000
        if self._engine is None:
            return mine, 0.0
        with self._engine.connect() as db:
            pids = db.exec_driver_sql("SELECT pid FROM pg_stat_activity WHERE datname = current_database()").scalars()
            times = [_nanoseconds(pid) for pid in pids]
        return mine, sum(times) / 1e6


def _nanoseconds(pid: int) -> int:
    """Of the processor, that a process has had; none of one that has ended meanwhile."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0])
    except OSError:
        return 0


@dataclass(frozen=True, slots=True)
class _Spent:
    """What one request took: milliseconds of the processor (the database's among them) and on the clock, and until its
    first byte was there."""

    cpu: float
    database: float
    clock: float
    first_byte: float
    size: int
    status: int


def _spent(client: FlaskClient, page: str, processors: _Processors) -> _Spent:
    before, clock = processors.spent(), time.perf_counter()
    begun = time.thread_time() * 1000
    answer = client.get(page, follow_redirects=True)
    size, first, first_byte, asking = 0, 0.0, 0.0, 0.0
    for part in answer.iter_encoded():
        if not first:
            first = time.thread_time() * 1000
            first_byte = first - begun + processors.spent()[1] - before[1]
            asking = time.thread_time() * 1000 - first
        size += len(part)
    ended, after = time.perf_counter(), time.thread_time() * 1000 - asking
    database = processors.spent()[1] - before[1]
    cpu = after - begun + database
    return _Spent(cpu, database, (ended - clock) * 1000, first_byte if first else cpu, size, answer.status_code)


def _limit(chain: Chain, part: str) -> str:
    """Somebody who may see one property, one organisation of ten, or a tenth of all properties one by one; returns her
    name. She is an operator of the first, an admin of the others."""
    people, roles = People(chain.store), Memberships(chain.store)
    name = f"{part} alone"
    if people.user(name) is None:
        people.add_user(name, Role.ADMIN, _HASH, NOW)
    known = chain.known[7:8] if part == "property" else chain.known[7::10]
    role = Role.OPERATOR if part == "property" else Role.ADMIN
    if part == "organisation":
        roles.give(name, Membership(role, organisation=_organisation(known[0].connection)), NOW)
    else:
        for one in known:
            roles.give(name, Membership(role, connection=one.connection, property_id=one.property_id), NOW)
    return name


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large_portfolio")
    parser.add_argument("hotels", nargs="?", type=int, default=3000)
    parser.add_argument("--together", action="store_true", help="properties of one connection")
    parser.add_argument("--postgresql", action="store_true", help="in a PostgreSQL that is started for it")
    parser.add_argument("--keep", metavar="URL", help="a database that is written where it is empty")
    parser.add_argument("--rounds", type=int, default=5, help="of each page, after the first time")
    parser.add_argument("--only", default="", help="addresses with this in them")
    roles = ("property", "organisation", "group")
    parser.add_argument("--as", dest="part", choices=roles, help="with a role over one of them only")
    parser.add_argument("--questions", type=float, metavar="MS", help="show those that took longer")
    parser.add_argument("--profile", action="store_true", help="show where the time of each page goes")
    return parser.parse_args()


def _is_written(address: str) -> bool:
    engine = open_database(address)
    with engine.connect() as db:
        found = db.execute(select(runs.c.run_id).limit(1)).first() is not None
    engine.dispose()
    return found


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    asked = _asked()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        kind = databases.POSTGRESQL if asked.postgresql else databases.kind()
        address = asked.keep or databases.new_database(kind, folder)
        begun = time.monotonic()
        written = _is_written(address)
        chain = Chain(folder, asked.hotels, together=asked.together, address=address, written=written)
        stack.callback(chain.store.close)
        if not written:
            print(f"{asked.hotels} hotels begun in {time.monotonic() - begun:.0f} s", flush=True)
            fill(chain.store, chain)
            print(f"written in {time.monotonic() - begun:.0f} s", flush=True)
        serve_whole(chain)
        fill_told(chain.store)
        pauses = _Pauses()
        garbage = Garbage()
        garbage.keep()
        stack.callback(garbage.end)
        _measure(chain, asked)
        print(f"the search for garbage, beside the requests: {pauses}")


def _measure(chain: Chain, asked: argparse.Namespace) -> None:
    questions = _Questions(chain.store)
    client = chain.client(_limit(chain, asked.part) if asked.part else "admin")
    boards = chain.site.extensions["boards"] = Boards(lambda: 0.0)
    # As if its thread were running, which would be measured with the pages.
    boards._is_kept = True
    begun = time.thread_time()
    boards.renew(chain.site.extensions["nightporter"])
    print(f"rows of the first page, by its thread: {(time.thread_time() - begun) * 1000:.0f} ms of the processor")
    if missing := unmeasured(chain.site):
        print(f"not measured: {', '.join(sorted(missing))}")
    one = chain.known[7]
    with chain.store.reading() as db:
        middle = db.execute(select(alerts.c.id).order_by(alerts.c.id).offset(len(chain.known) * 2).limit(1)).scalar()
    named = {"connection": one.connection, "property": one.property_id, "number": 7, "alert": middle or 1}
    heads = ("first", "half", "most", "database", "clock", "asked", "kB")
    print(f"{'milliseconds':62} {' '.join(f'{one:>8}' for one in heads)}")
    over, processors = [], _Processors(chain.store)
    for page in (each for each in PAGES if asked.only in each):
        path = page.format(**named)
        questions.begin()
        first = _spent(client, path, processors)
        _made_beside()
        number = questions.number
        slow = sorted((one for one in questions.longest if one[0] > (asked.questions or 1e9)), reverse=True)
        # A file of many thousand lines is read to its end once more.
        then = [_spent(client, path, processors) for _ in range(asked.rounds if first.cpu < LONG else 1)]
        most = max(each.cpu for each in then)
        half, database, clock, first_byte = (
            statistics.median(getattr(each, name) for each in then)
            for name in ("cpu", "database", "clock", "first_byte")
        )
        # A file may go on: what counts is how soon it begins.
        is_begun = first_byte < half / 2
        over += [page] if (first_byte if is_begun else half) > LIMIT else []
        remark = "" if first.status == 200 else f" {first.status}"
        remark += f" begins after {first_byte:.0f}" if is_begun and half > LIMIT else ""
        remark += f" above {LIMIT}" if page in over else ""
        figures = (first.cpu, half, most, database, clock, number, first.size / 1000)
        print(f"{page:62} {' '.join(f'{one:8.0f}' for one in figures)}{remark}", flush=True)
        for spent_, statement in slow[:4]:
            print(f"    {spent_:.0f} ms: {' '.join(statement.split())[:1500]}")
        if asked.profile:
            _profile(client, path, processors)
    print(f"{len(over)} take the processor longer than {LIMIT} ms{': ' if over else ''}{', '.join(over)}")


def _made_beside() -> None:
    """Until the report that a page does not wait for is there: what follows is measured with it."""
    for one in threading.enumerate():
        if one.name == "reports":
            one.join()


def _profile(client: FlaskClient, path: str, processors: _Processors) -> None:
    profile = cProfile.Profile()
    profile.enable()
    _spent(client, path, processors)
    profile.disable()
    pstats.Stats(profile).sort_stats("cumulative").print_stats(45)


if __name__ == "__main__":
    main()
