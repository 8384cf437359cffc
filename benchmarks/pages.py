"""How long each page takes with 20,000 links and 500 runs in the database. `python -m benchmarks.pages`."""

import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import requests
import structlog
from sqlalchemy import insert
from werkzeug.serving import WSGIRequestHandler, make_server

from assembly import assemble
from settings import load_settings
from store.engine import Database
from store.people import People, Role
from store.tables import health, holds, inbox, links, outcomes, properties, runs, stays

NOW = datetime.now(UTC).replace(microsecond=0)
ROUNDS = 7


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


def fill(store: Database) -> None:
    """A portfolio of some size: 10,000 stays, 300 arrivals today and 300 tomorrow, 500 runs, one of them big."""
    with store.writing() as db:
        db.execute(
            insert(properties),
            [
                {
                    "connection": "alpen",
                    "property_id": "p",
                    "name": "Hotel",
                    "time_zone": "Europe/Vienna",
                    "seen_at": NOW,
                },
            ],
        )
        rows = []
        for number in range(10_000):
            booking = f"booking-{number:05d}"
            link = {"connection": "alpen", "property_id": "p", "changed_at": NOW, "generation": 1}
            rows.append(link | {"kind": "access_grant", "key": booking, "seam_id": f"g{number}", "booking_id": booking})
            rows.append(
                link | {"kind": "user_identity", "key": f"u{number}", "seam_id": f"u{number}", "booking_id": None}
            )
        for start in range(0, len(rows), 1000):
            db.execute(insert(links), rows[start : start + 1000])
        today = NOW.replace(hour=13, minute=0, second=0)
        listed = []
        for number in range(10_000):
            day = 0 if number < 300 else 1 if number < 600 else 2 + number % 40
            listed.append(
                {
                    "connection": "alpen",
                    "booking_id": f"booking-{number:05d}",
                    "property_id": "p",
                    "number": str(10_000 + number),
                    "label": f"J.N. {100 + number % 300}",
                    "room": str(100 + number % 300),
                    "status": "confirmed",
                    "starts_at": today + timedelta(days=day),
                    "ends_at": today + timedelta(days=day + 3),
                    "access": "waiting" if number % 50 == 0 else "granted",
                    "reason": "waiting for a room" if number % 50 == 0 else "",
                    "grants": 1,
                    "changed_at": NOW,
                }
            )
        db.execute(insert(stays), listed)
        db.execute(
            insert(health),
            [
                {
                    "connection": "alpen",
                    "key": f"booking-{number:05d}",
                    "booking_id": f"booking-{number:05d}",
                    "seam_id": f"g{number}",
                    "state": "issued",
                    "why": "",
                    "doors": [["Door", True]],
                    "at": NOW,
                }
                for number in range(5_000)
            ],
        )
        for number in range(500):
            run_id, at = f"run-{number:03d}", NOW - timedelta(minutes=40 * number)
            lines = 20_000 if number == 3 else 60
            run = {"run_id": run_id, "connection": "alpen", "mode": "full", "started_at": at, "exit": 0}
            totals = {"access_grant": {"created": lines, "failed": 1}}
            db.execute(insert(runs).values(**run, finished_at=at + timedelta(seconds=9), totals=totals))
            db.execute(
                insert(outcomes),
                [
                    {
                        "run_id": run_id,
                        "kind": "access_grant",
                        "key": f"booking-{line % 10_000:05d}",
                        "action": "create",
                        "outcome": "done" if line else "failed",
                        "reason": "new access from 20 Sep 15:00 to 23 Sep 11:00",
                        "label": "J.N. 101",
                        "booking_id": f"booking-{line % 10_000:05d}",
                        "cause": "drift" if line % 20 == 0 else None,
                        "at": at,
                    }
                    for line in range(lines)
                ],
            )
        db.execute(
            insert(holds),
            [
                {
                    "run_id": "run-000",
                    "key": f"booking-{number:05d}",
                    "connection": "alpen",
                    "property_id": "p",
                    "booking_id": f"booking-{number:05d}",
                    "reason": "booking cancelled",
                    "held_at": NOW,
                }
                for number in range(50)
            ],
        )
        db.execute(
            insert(inbox),
            [
                {
                    "source": "pms",
                    "connection": "alpen",
                    "event_id": str(number),
                    "kind": "ServiceOrderUpdated",
                    "subjects": {"bookings": [f"booking-{number:05d}"]},
                    "received_at": NOW,
                    "handled_at": NOW,
                    "outcome": "done",
                }
                for number in range(2_000)
            ],
        )


def measure() -> list[tuple[str, float, float]]:
    """(page, median, worst) in milliseconds, over HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        config.write_text(
            f"""
database: sqlite:///{folder}/bench.db
seam: {{api_key: seam_bench, endpoint: "http://127.0.0.1:1"}}
connections:
  alpen:
    connector: mews
    mews: {{base_url: "http://127.0.0.1:1", client_token: a, access_token: b}}
"""
        )
        parts = assemble(load_settings(config, {}), "bench", with_scheduler=False)
        fill(parts.store)
        token = People(parts.store).make_token("bench", Role.ADMIN, NOW)
        server = make_server("127.0.0.1", 0, parts.site, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {token}"
        found = []
        for page in (
            "/",
            "/runs",
            "/runs?all=1",
            "/runs/run-003",
            "/runs/run-003?q=101",
            "/bookings?q=J.N.",
            "/bookings?q=10042&list=1",
            "/bookings/alpen/booking-00042",
            "/held",
            "/inbox",
            "/drift",
            "/alerts",
            "/audit-log",
            "/api/docs",
            "/api/now",
            "/metrics",
            "/progress",
        ):
            times = []
            for _ in range(ROUNDS + 1):
                begun = time.perf_counter()
                answer = session.get(f"http://127.0.0.1:{server.server_port}{page}")
                times.append((time.perf_counter() - begun) * 1000)
                assert answer.status_code == 200, (page, answer.status_code)
            found.append((page, statistics.median(times[1:]), max(times[1:])))
        server.shutdown()
        parts.close()
        return found


if __name__ == "__main__":
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )
    print("20,000 links, 10,000 stays, 500 runs (one of 20,000 lines), SQLite; milliseconds over HTTP")
    for page, median, worst in measure():
        print(f"{page:34} median {median:6.0f}   worst {worst:6.0f}")
