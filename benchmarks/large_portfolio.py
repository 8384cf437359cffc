"""How long each page of thousands of hotels takes at the server.
`python -m benchmarks.large_portfolio [HOTELS]`: so many hotels (3,000).

Of 3,000 hotels the database has 2 million links, 100,000 runs and 50,000 open needs. The processor's time of one thread
is measured, and that on the clock, for the first request of each page and for those that follow. SQLite; with
`WORLD_DATABASE=postgresql` a PostgreSQL. Writing the database takes some minutes.
"""

import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from flask.testing import FlaskClient
from sqlalchemy import insert

from mappers.outcomes import Action, Kind, Outcome
from store.engine import Database
from store.runs import OutcomeRow, Runs
from store.tables import audit_log, inbox, links, outcomes, runs, stays
from tests import databases
from tests.web.chain import NOW, Chain

ROUNDS = 5
LINKS, RUNS, NEEDS = 660, 33, 17
"""Of each hotel."""
PAGES = (
    "/",
    "/properties",
    "/properties?state=broken",
    "/properties?q=Kestrel",
    "/properties?page=20",
    "/properties/hotel7/p7",
    "/bookings?q=A.B.",
    "/bookings?q=20042",
    "/bookings?q=Lock",
    "/bookings/hotel7/p7-b0",
    "/held",
    "/alerts",
    "/inbox",
    "/runs",
    "/runs?all=1",
    "/runs/full-hotel7",
    "/drift",
    "/audit-log",
    "/locks",
    "/locks/health",
    "/locks/hotel7/p7",
    "/costs",
    "/people",
    "/account",
    "/progress",
    "/metrics",
    "/healthz",
    "/readyz",
    "/api/now",
    "/api/alerts",
    "/api/held",
    "/api/runs",
    "/api/inbox",
    "/api/locks",
    "/api/locks/health",
    "/api/locks/forecasts",
    "/api/drift",
    "/api/costs",
    "/api/bookings?q=A.B.",
)


def fill(store: Database, hotels: int) -> None:
    """What stands beside the arrivals of these days."""
    book = Runs(store)
    for number in range(hotels):
        of, at = f"hotel{number}", {"connection": f"hotel{number}", "property_id": f"p{number}"}
        with store.writing() as db:
            db.execute(
                insert(links),
                [
                    at
                    | {
                        "kind": Kind.ACCESS_GRANT if place % 2 else Kind.USER_IDENTITY,
                        "key": f"old-{number}-{place}",
                        "seam_id": f"s-{number}-{place}",
                        "booking_id": f"old-{number}-{place}",
                        "ends_at": NOW + timedelta(days=place % 60),
                        "starts_at": NOW + timedelta(days=place % 60 - 3),
                        "changed_at": NOW,
                    }
                    for place in range(LINKS)
                ],
            )
            began = [NOW - timedelta(minutes=30 * place + number % 30) for place in range(RUNS)]
            db.execute(
                insert(runs),
                [
                    {
                        "run_id": f"run-{number}-{place}",
                        "connection": of,
                        "mode": "incremental",
                        "started_at": start,
                        "finished_at": start + timedelta(seconds=4),
                        "exit": 0,
                        "totals": {"access_grant": {"created": 1}},
                    }
                    for place, start in enumerate(began)
                ],
            )
            db.execute(
                insert(outcomes),
                [
                    {
                        "run_id": f"run-{number}-{place}",
                        "kind": Kind.ACCESS_GRANT,
                        "key": f"old-{number}-{place}",
                        "action": Action.CREATE,
                        "outcome": Outcome.DONE,
                        "reason": "new access",
                        "booking_id": f"old-{number}-{place}",
                        "property_id": f"p{number}",
                        "cause": "drift" if place % 20 == 0 else None,
                        "at": start,
                    }
                    for place, start in enumerate(began)
                ],
            )
            db.execute(insert(stays), [_waits(at, number, place) for place in range(NEEDS)])
            db.execute(insert(inbox), [_delivery(of, number, place) for place in range(3)])
            db.execute(
                insert(audit_log),
                [{"at": NOW, "who": "admin", "action": "sync", "connection": of} for _ in range(3)],
            )
        needs = [
            OutcomeRow(
                Kind.ACCESS_GRANT,
                f"need-{number}-{place}",
                Action.WAIT,
                Outcome.ALERT,
                "waiting for a room, and the arrival is near: assign one in the PMS",
                booking_id=f"need-{number}-{place}",
            )
            for place in range(NEEDS)
        ]
        book.begin(f"last-{number}", of, "incremental", NOW - timedelta(seconds=20))
        book.record(f"last-{number}", of, needs, NOW)
        book.finish(f"last-{number}", "incremental", NOW, 0, {})


def _waits(at: dict[str, Any], number: int, place: int) -> dict[str, Any]:
    starts = NOW + timedelta(hours=place % 48)
    return at | {
        "booking_id": f"need-{number}-{place}",
        "number": str(900_000 + number * 20 + place),
        "label": f"{chr(65 + place)}.B.",
        "status": "confirmed",
        "starts_at": starts,
        "ends_at": starts + timedelta(days=2),
        "access": "waiting",
        "reason": "waiting for a room, and the arrival is near: assign one in the PMS",
        "grants": 0,
        "changed_at": NOW,
    }


def _delivery(of: str, number: int, place: int) -> dict[str, Any]:
    return {
        "source": "pms",
        "connection": of,
        "event_id": f"{number}-{place}",
        "kind": "ServiceOrderUpdated",
        "subjects": {"bookings": [f"old-{number}-{place}"]},
        "received_at": NOW,
        "handled_at": NOW,
        "outcome": "done",
    }


def _spent(client: FlaskClient, page: str) -> tuple[float, float]:
    cpu, clock = time.thread_time(), time.perf_counter()
    answer = client.get(page, follow_redirects=True)
    answer.get_data()
    spent = (time.thread_time() - cpu) * 1000, (time.perf_counter() - clock) * 1000
    assert answer.status_code in (200, 503), (page, answer.status_code)
    return spent


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    hotels = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        chain = Chain(Path(folder), hotels, address=databases.new_database(databases.kind(), Path(folder)))
        fill(chain.store, hotels)
        print(f"{hotels} hotels written in {time.monotonic() - begun:.0f} s")
        client = chain.client("admin")
        _spent(client, "/sign-in")
        print(f"{'milliseconds':34} {'first: CPU':>12} {'clock':>8} {'then: CPU':>12} {'clock':>8}")
        for page in PAGES:
            first = _spent(client, page)
            then = [_spent(client, page) for _ in range(ROUNDS)]
            cpu, clock = (statistics.median(one) for one in zip(*then, strict=True))
            print(f"{page:34} {first[0]:12.0f} {first[1]:8.0f} {cpu:12.0f} {clock:8.0f}", flush=True)
        chain.store.close()


if __name__ == "__main__":
    main()
