"""Measures what the README says of speed, and prints its table: `make bench`, or `python -m benchmarks`.

A simulated Mews with 5,000 confirmed bookings in 300 rooms and a simulated Seam that takes 20 ms a call, over real
HTTP, in a process of their own. The baseline is the script that Seam's guide suggests (`look_up_per_record`), with
the same records, against the same server. It takes a quarter of an hour, nearly all of it for the baseline;
`--quick` measures the baseline on a tenth of the records and multiplies.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from seam import Seam

from benchmarks.look_up_per_record import look_up_per_record
from connectors.mews.connector import MewsConnector
from connectors.session import Access
from mappers.access_grants import booking_access
from mappers.keys import Keys
from mappers.policy import MaxRevocations, Policy
from mappers.spaces import desired_spaces
from mappers.user_identities import desired_user_identity
from reconciler.health import check_health
from reconciler.prepare import RunConnection
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions
from seam_workspace.workspace import Workspace
from store.database import open_database
from store.engine import Database
from store.links import Links

POLICY = Policy(max_revocations=MaxRevocations())


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Fresh servers: a full hotel and an empty workspace."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.servers"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.stdin.close()
        process.wait(10)


def connector(at: dict[str, str]) -> MewsConnector:
    settings = {"base_url": at["mews"], "client_token": at["client_token"], "access_token": at["access_token"]}
    return MewsConnector("bench", settings, Access(), None)


def ours(at: dict[str, str], home: Path) -> list[tuple[str, float, int]]:
    """A first sync, a full run over what did not change, and a look at whether 500 stays will find their doors open:
    name, seconds, Seam calls."""
    store = Database(open_database(f"sqlite:///{home}/bench.db"))
    measured = []
    for name in ("first", "unchanged"):
        workspace = Workspace(at["api_key"], at["seam"])
        began = time.perf_counter()
        report = Run(
            RunConnection("bench", connector(at), POLICY, Keys()),
            workspace,
            store,
            RunOptions(Everything()),
            clock=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
            sleep=time.sleep,
        ).execute()
        measured.append((name, time.perf_counter() - began, workspace.calls))
        assert report.exit == 0, report.items[-1]
        workspace.close()
    links = list(Links(store).of_connection("bench", ["access_grant"]).values())[:500]
    workspace = Workspace(at["api_key"], at["seam"])
    began = time.perf_counter()
    check_health(
        "bench",
        Keys(),
        workspace,
        store,
        links[0].property_id or "",
        [link.booking_id or "" for link in links],
        lambda: datetime.now(UTC),
    )
    measured.append(("health", time.perf_counter() - began, workspace.calls))
    workspace.close()
    store.close()
    return measured


def baseline(at: dict[str, str], share: int) -> list[tuple[str, float, int]]:
    """The same twice, record by record, over one record in `share`; seconds and calls are multiplied back."""
    pms = connector(at).reader()
    (of,) = pms.read_properties()
    now = datetime.now(UTC)
    rooms = {room.id: room for room in pms.read_rooms(of)[0]}
    read = pms.bookings_within(of, (now - timedelta(days=1), now + POLICY.horizon))
    bookings = read.bookings[::share]
    used = {booking.room_id for booking in bookings}
    spaces, _ = desired_spaces(of, [room for room in rooms.values() if room.id in used], POLICY, Keys())
    grants = [
        grant
        for booking in bookings
        for grant in booking_access(booking, of, rooms, read.guests, POLICY, Keys(), now).grants
    ]
    guests = {guest_id for booking in bookings for guest_id in booking.guest_ids}
    identities = [desired_user_identity(read.guests[one], of.country, Keys()) for one in sorted(guests)]
    seam = Seam(api_key=at["api_key"], endpoint=at["seam"])
    measured = []
    for name in ("first", "unchanged"):
        began = time.perf_counter()
        calls = look_up_per_record(seam, spaces, identities, grants)
        measured.append((name, (time.perf_counter() - began) * share, calls * share))
    return measured


def alone(*arguments: str) -> dict[str, Any]:
    """Runs a measurement in a process of its own."""
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def start_up() -> float:
    best = 9.0
    for _ in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "app.py", "--help"], capture_output=True, check=True)
        best = min(best, time.perf_counter() - began)
    return best


def main() -> None:
    share = 10 if "--quick" in sys.argv else 1
    with tempfile.TemporaryDirectory() as home, servers() as at:
        first, unchanged, looked = ours(at, Path(home))
    with servers() as at:
        slow_first, slow_unchanged = baseline(at, share)
    planner, other = alone("-m", "benchmarks.planning", "ours"), alone("-m", "benchmarks.planning", "diffsync")
    about = " (of a tenth, times ten)" if share > 1 else ""
    print("| what | Night Porter | compared with | times faster |")
    print("|---|---|---|---|")
    for what, mine, theirs in (
        ("5,000 unchanged bookings, full run", unchanged, slow_unchanged),
        ("5,000 bookings, first sync", first, slow_first),
    ):
        print(
            f"| {what} | {mine[1]:.1f} s, {mine[2]:,} Seam calls | look-up per record{about}: {theirs[1]:.0f} s, "
            f"{theirs[2]:,} calls | {theirs[1] / mine[1]:.0f} |"
        )
    print(
        f"| planning 100,000 grants, 1 % changed | {planner['seconds']:.2f} s, {planner['megabytes']:.0f} MB | "
        f"diffsync 2.2: {other['seconds']:.2f} s, {other['megabytes']:.0f} MB | "
        f"{other['seconds'] / planner['seconds']:.1f} |"
    )
    print(f"| whether 500 stays will find their doors open | {looked[1]:.1f} s, {looked[2]} Seam calls | | |")
    print(f"| `nightporter --help` | {start_up():.2f} s | | |")


if __name__ == "__main__":
    main()
