"""What a run over 2,000 leases costs in calls, by what has changed: `python -m benchmarks.leases` prints a table.

A simulated Buildium account (half of its homes in one house, the others in twelve; one lease in four of two people)
and a simulated Seam, over real HTTP. Both allow what the real ones allow, so the seconds are mostly waiting for
Buildium's rate limit. It takes a minute, most of it for the first sync.
"""

import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from connectors.buildium.connector import BuildiumConnector
from connectors.session import Access
from mappers.keys import Keys
from mappers.policy import LEASE
from reconciler.prepare import RunConnection
from reconciler.run import Run
from reconciler.scopes import Changes, Everything, RunOptions
from sandbox.buildium_office import BuildiumOffice
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.workspace import Workspace
from store.database import open_database
from store.engine import Database

LEASES, HOUSES, CHANGED = 2000, 12, 10
ZONE = "America/New_York"


def residence(office: BuildiumOffice, workspace: SeamWorkspace) -> list[int]:
    """Furnishes both; returns the leases."""
    today = office.today()
    office.stamp = lambda: datetime.now(UTC) - timedelta(days=30)
    large, *others = [office.add_rental(f"House {number}") for number in range(HOUSES + 1)]
    leases = []
    for number in range(LEASES):
        rental = large if number % 2 else others[number // 2 % HOUSES]
        home = office.add_unit(rental, str(number))
        workspace.add_entrance(f"Door {home}", str(home), number % 3 == 0, customer_key=str(rental))
        people = [
            office.add_tenant("Ana", "Ruiz", f"tenant{number}-{one}@example.com")
            for one in range(2 if number % 4 == 0 else 1)
        ]
        leases.append(office.lease(home, people, today - timedelta(days=100), today + timedelta(days=264)))
    office.stamp = office.now
    return leases


def changes(office: BuildiumOffice) -> dict[str, Callable[[int], None]]:
    """By name, what befalls one lease."""
    soon = office.today() + timedelta(days=20)

    def people(lease: int) -> list[int]:
        return [one["Id"] for one in office.leases[lease]["Tenants"]]

    def join(lease: int) -> None:
        office.add_roommate(lease, office.add_tenant("Ben", "Cole", f"roommate{lease}@example.com"))

    def give_notice(lease: int) -> None:
        for one in people(lease):
            office.give_notice(lease, one, soon)

    return {
        "renewed": lambda lease: office.renew(lease, soon + timedelta(days=600)),
        "notices": give_notice,
        "new e-mails": lambda lease: office.edit_tenant(people(lease)[0], Email=f"new{lease}@example.com"),
        "new roommates": join,
        "ended": office.end_lease,
    }


def main() -> None:
    office, workspace = BuildiumOffice(zone=ZONE), SeamWorkspace()
    leases = residence(office, workspace)
    with tempfile.TemporaryDirectory() as home, serve(office) as buildium, serve(workspace) as seam:
        settings = {
            "base_url": buildium.url,
            "client_id": office.client_id,
            "client_secret": office.client_secret,
            "webhook_secret": None,
        }
        connector = BuildiumConnector.open("bench", settings, Access(), None)
        connection = RunConnection("bench", connector, replace(LEASE, time_zone=ZONE), Keys())
        store = Database(open_database(f"sqlite:///{home}/bench.db"))
        client = Workspace(workspace.api_key, seam.url)
        # A run reads again what changed in the five minutes before the last one: each stands for a run an hour later.
        hours = iter(range(100))

        def measure(what: str, full: bool = False) -> None:
            ahead = timedelta(hours=next(hours))
            pms, calls, began = sum(office.calls.values()), client.calls, time.perf_counter()
            report = Run(
                connection,
                client,
                store,
                RunOptions(Everything() if full else Changes()),
                clock=lambda: datetime.now(UTC) + ahead,
                monotonic=time.monotonic,
                sleep=time.sleep,
            ).execute()
            assert report.exit == 0, report.items[-1]
            seconds = time.perf_counter() - began
            pms, calls = sum(office.calls.values()) - pms, client.calls - calls
            print(f"| {what} | {pms} | {calls:,} | {seconds:.1f} s |", flush=True)
            office.now = office.stamp = lambda: datetime.now(UTC) + ahead + timedelta(minutes=30)

        print(f"| {LEASES:,} leases in {HOUSES + 1} houses | PMS calls | Seam calls | time |")
        print("|---|---|---|---|")
        measure("first sync", full=True)
        measure("full run, nothing changed", full=True)
        measure("incremental run, nothing changed")
        for place, (name, change) in enumerate(changes(office).items()):
            for lease in leases[place :: LEASES // CHANGED]:
                change(lease)
            measure(f"incremental run, {CHANGED} {name}")
        client.close()
        store.close()


if __name__ == "__main__":
    main()
