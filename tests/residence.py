"""A residence with Buildium: leases instead of stays, days instead of hours, and nobody's end but the one recorded."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.buildium.connector import BuildiumConnector
from mappers.policy import LEASE, Policy
from sandbox.buildium_office import BuildiumOffice
from tests.world import AnyWorld

ZONE = "America/New_York"
TODAY = date(2026, 9, 18)
"""At the residence, when the worlds' clock starts."""


def days(number: int) -> date:
    """So many days from the day on which everything begins."""
    return TODAY + timedelta(days=number)


LONG_AGO = days(-200)


class Residence(AnyWorld):
    """Maple Court, with three homes."""

    name = "elm"

    def __init__(self, path: Path, policy: Policy | None = None, prefix: str = ""):
        usual = replace(LEASE, time_zone=ZONE, replace_wait=timedelta(seconds=20))
        super().__init__(path, policy or usual, prefix)
        self.office = BuildiumOffice(now=self.clock.now, clock=self.clock.monotonic, zone=ZONE, record=True)
        self.rental = self.office.add_rental()
        self.units = [self.office.add_unit(self.rental, number) for number in ("1A", "1B", "2A")]
        self.connector = BuildiumConnector.open(
            self.name,
            {
                "base_url": "https://buildium.example",
                "client_id": self.office.client_id,
                "client_secret": self.office.client_secret,
                "webhook_secret": self.office.webhook_secret,
            },
            self.access(self.office),
            None,
        )

    def tenant(self, first: str = "Ana", last: str = "Ruiz", **rest: Any) -> int:
        rest.setdefault("email", f"tenant{len(self.office.tenants)}@example.com")
        return self.office.add_tenant(first, last, **rest)

    def lease(self, *tenants: int, unit: int = 0, begins: date = LONG_AGO, **rest: Any) -> int:
        """Of one home, since long ago and for a year, unless told otherwise; of somebody new where nobody is named."""
        rest.setdefault("ends", begins + timedelta(days=364))
        return self.office.lease(self.units[unit], tenants or (self.tenant(),), begins, **rest)

    def tenants(self, lease: int) -> list[int]:
        return [one["Id"] for one in self.office.leases[lease]["Tenants"]]

    def keys_of(self, lease: int) -> dict[str, list[str]]:
        """The doors that open by the living grants of a lease, by the grant's key."""
        found = {}
        for grant in self.seam.live_grants():
            key = grant["access_grant_key"]
            if key.startswith(f"{lease}:"):
                found[key] = self.doors(key)
        return found

    def window(self, lease: int, tenant: int) -> tuple[str, str | None]:
        """From when until when somebody's grant is valid, in UTC."""
        grant = self.seam.grant_by_key(f"{lease}:{tenant}")
        assert grant is not None
        return grant["starts_at"], grant["ends_at"]

    def move_on(self, to: date, hour: int = 12) -> None:
        """To an hour of a day, in UTC."""
        self.clock.time = datetime(to.year, to.month, to.day, hour, tzinfo=UTC)
