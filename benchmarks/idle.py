"""What many hotels cost that have no news: `python -m benchmarks.idle [CONNECTIONS [SECONDS [LOCKS]]]` (50, 600, 0).

So many simulated Mews hotels of 20 rooms and one Seam, over real HTTP, in a process of their own; the service on
SQLite with the default timetable. Nothing has changed in the hotels for a day. In each, the first LOCKS rooms have an
entrance of a lock system; of rooms without one Seam is asked for less. Prints how long it takes until all are
in step, and then, over so many seconds with nothing to do, the share of a core, threads and memory of the service's
process and of its children.

Ten minutes have in them what the timetable asks for in ten: of shorter ones it depends on where they begin how many
looks at locks there are.

Machines differ, and one that others share is now and then half as fast: so it also prints how long this one took for
the same small sum meanwhile, in milliseconds (median).
"""

import json
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS, BOOKINGS = 20, 40
SUM = 20_000
SERVERS = """
import json, sys
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from sandbox.house import big_house
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace

with ExitStack() as stack:
    houses = [big_house({rooms}, {bookings}) for _ in range({number})]
    hotels = [house.hotel for house in houses]
    workspace = SeamWorkspace()
    for place, house in enumerate(houses):
        for room_id in house.rooms[:{locks}]:
            name, prefix = house.hotel.resources[room_id]["Name"], f"h{{place:04d}}-"
            workspace.add_entrance(name, prefix + room_id, customer_key=prefix + house.property_id)
    for place, hotel in enumerate(hotels):
        hotel.access_token = f"TOKEN-{{place}}"
        for kind in (hotel.reservations, hotel.customers, hotel.resources):
            for record in kind.values():
                record["UpdatedUtc"] = (datetime.now(UTC) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    places = [stack.enter_context(serve(hotel)).url for hotel in hotels]
    seam = stack.enter_context(serve(workspace)).url
    tokens = [(hotel.client_token, hotel.access_token) for hotel in hotels]
    print(json.dumps({{"hotels": places, "tokens": tokens, "seam": seam, "key": workspace.api_key}}), flush=True)
    sys.stdin.read()
"""


def measure(number: int, seconds: int, locks: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = SERVERS.format(rooms=ROOMS, bookings=BOOKINGS, number=number, locks=locks)
        servers = subprocess.Popen(
            [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert servers.stdin is not None
        assert servers.stdout is not None
        try:
            _serve(Path(folder), json.loads(servers.stdout.readline()), seconds)
        finally:
            servers.stdin.close()
            servers.wait(30)


def _serve(folder: Path, at: dict[str, list[str]], seconds: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    lines = ["database: sqlite:///idle.db", f"seam: {{api_key: {at['key']}, endpoint: {at['seam']}}}", "connections:"]
    for place, (url, (client, access)) in enumerate(zip(at["hotels"], at["tokens"], strict=True)):
        settings = f"{{base_url: {url}, client_token: {client}, access_token: {access}}}"
        lines.append(f"  hotel{place:04d}: {{connector: mews, key_prefix: 'h{place:04d}-', mews: {settings}}}")
    (folder / "config.yaml").write_text("\n".join(lines) + "\n")
    command = [
        sys.executable,
        str(ROOT / "app.py"),
        "serve",
        "--config",
        str(folder / "config.yaml"),
        "--port",
        str(port),
    ]
    with (folder / "log").open("wb") as log:
        service = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder)
    begun = time.monotonic()
    try:
        while (good := _in_step(folder / "idle.db")) < len(at["hotels"]):
            if service.poll() is not None:
                raise SystemExit((folder / "log").read_text()[-2000:])
            time.sleep(1)
            if time.monotonic() - begun > 3600:
                raise SystemExit(f"only {good} are in step after an hour")
        print(f"{len(at['hotels'])} connections are in step after {time.monotonic() - begun:.0f} s", flush=True)
        print(f"at work: {_threads(service.pid)} threads, {_megabytes(service.pid):.0f} MB", flush=True)
        # The first runs after a start look at more than the others, and five minutes after it all locks are looked at.
        time.sleep(360)
        before, most, sums = _processor(service.pid), 0, []
        for _ in range(seconds):
            time.sleep(1)
            most = max(most, _threads(service.pid))
            sums.append(_small_sum())
        share = (_processor(service.pid) - before) / seconds
        print(f"idle: {100 * share:.1f} % of a core, at most {most} threads, {_megabytes(service.pid):.0f} MB")
        print(f"this machine: {1000 * statistics.median(sums):.2f} ms for {SUM:,} numbers")
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(60)


def _small_sum() -> float:
    """Seconds of processor that this machine takes for it now."""
    begun = time.thread_time()
    sum(number * number for number in range(SUM))
    return time.thread_time() - begun


def _in_step(database: Path) -> int:
    """How many connections have ended a good run."""
    try:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as db:
            return int(
                db.execute("SELECT count(*) FROM jobs WHERE name = 'full' AND good_at IS NOT NULL").fetchone()[0]
            )
    except sqlite3.OperationalError:
        return 0


def _processes(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(each for child in children for each in _processes(int(child)))]


def _processor(pid: int) -> float:
    """Seconds of processor that the process and its children have taken."""
    ticks = 0
    for one in _processes(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _said(pid: int, name: str) -> int:
    status = (Path(f"/proc/{one}/status").read_text() for one in _processes(pid))
    return sum(int(line.split()[1]) for text in status for line in text.splitlines() if line.startswith(name + ":"))


def _threads(pid: int) -> int:
    return _said(pid, "Threads")


def _megabytes(pid: int) -> float:
    return _said(pid, "VmRSS") / 1024


if __name__ == "__main__":
    given = [int(one) for one in sys.argv[1:]]
    measure(*given, *(50, 600, 0)[len(given) :])
