"""Two weeks of a residence across the change of the clocks, lived at random and with everything failing at times: every
night, what Seam has is what the office's own books say, worked out apart from the product.
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mappers.policy import MaxRevocations
from sandbox.buildium_office import Faults
from tests.residence import ZONE, Residence

BEGINS = date(2026, 10, 25)
Key = tuple[str, str, datetime, datetime | None]
"""Tenant, unit, from, until."""


class Fortnight:
    """A residence with its own life."""

    def __init__(self, path: Path, seed: int):
        self.luck = random.Random(seed)
        self.house = Residence(path)
        self.house.policy = replace(self.house.policy, max_revocations=MaxRevocations(count=1000, percent=100))
        self.office = self.house.office
        self.office.days_count_as_updates = seed % 2 == 0
        self.house.move_on(BEGINS)
        self.units = [*self.house.units, *(self.office.add_unit(self.house.rental, f"3{one}") for one in range(40))]
        for unit in self.units[:35]:
            begins = self.today() - timedelta(days=self.luck.randrange(10, 500))
            ends = begins + timedelta(days=self.luck.choice((30, 364, 500)))
            kind = self.luck.choice(("Fixed", "FixedWithRollover", "AtWill"))
            self.office.lease(
                unit,
                [self.house.tenant() for _ in range(self.luck.choice((1, 2, 3)))],
                begins,
                None if kind == "AtWill" else ends,
                kind,
                moves_out_automatically=ends > self.today() and self.luck.random() < 0.3,
            )

    def today(self) -> date:
        return self.office.today()

    def some_day(self, most: int = 12) -> date:
        return self.today() + timedelta(days=self.luck.randrange(0, most))

    def live(self) -> list[int]:
        return [one for one, item in self.office.leases.items() if item["LeaseStatus"] != "Past" and self.people(one)]

    def people(self, lease: int) -> list[int]:
        return [one["Id"] for one in self.office.leases[lease]["Tenants"] if one["Status"] == "Current"]

    def something_happens(self) -> None:
        office, lease = self.office, self.luck.choice(self.live())
        tenant, unit = self.luck.choice(self.people(lease)), self.luck.choice(self.units)
        match self.luck.randrange(13):
            case 0 | 1:
                office.give_notice(lease, tenant, self.some_day())
            case 2:
                office.move_out(lease, tenant)
            case 3:
                office.end_lease(lease, self.some_day(3))
            case 4:
                office.renew(lease, self.today() + timedelta(days=400))
            case 5:
                office.transfer(lease, unit, self.some_day(5), self.some_day(8))
            case 6:
                office.add_roommate(lease, self.house.tenant(), self.some_day(20), counts=self.luck.random() < 0.5)
            case 7:
                office.change_unit(lease, unit)
            case 8:
                office.set_eviction(lease)
            case 9:
                office.lease(unit, [self.house.tenant()], self.some_day(25), self.today() + timedelta(days=400))
            case 10:
                office.edit_tenant(tenant, Email=self.luck.choice(("", "shared@example.com", f"{tenant}@example.org")))
            case 11:
                leaving = [
                    (one, row["TenantId"])
                    for one in self.live()
                    for row in office.leases[one]["MoveOutData"]
                    if row["TenantId"] in self.people(one)
                ]
                if leaving:
                    office.undo_move_out(*self.luck.choice(leaving))
            case 12:
                office.delete_lease(lease)

    def a_day(self) -> None:
        for _ in range(6):
            self.house.clock.pass_(hours=self.luck.randrange(1, 4))
            for _ in range(self.luck.randrange(0, 4)):
                self.something_happens()
            if self.luck.random() < 0.3:
                self.office.faults = Faults(unavailable=0.1, too_many=0.1, drop=0.1, no_json=0.05)
            self.house.sync()
            self.office.faults = Faults()
        self.house.sync(full=True)
        # What waited for a lock or a former key to be free is done by now.
        self.house.clock.pass_(minutes=40)
        self.house.sync(full=True)

    def expected(self, had: set[str]) -> Iterator[tuple[str, Key]]:
        """By the rules of access alone. `had`: keys that exist are kept in step from afar."""
        now = self.house.clock.now()
        for lease in self.office.leases.values():
            if lease["LeaseStatus"] not in ("Active", "Future"):
                continue
            leaves = {row["TenantId"]: row["MoveOutDate"] for row in lease["MoveOutData"]}
            for tenant in lease["Tenants"]:
                key = f"{lease['Id']}:{tenant['Id']}"
                starts_at = _midnight(tenant["MoveInDate"])
                last = leaves.get(tenant["Id"])
                if last and last < tenant["MoveInDate"] and tenant["Status"] == "Current":
                    last = None
                if last is None and lease["AutomaticallyMoveOutTenants"]:
                    last = lease["LeaseToDate"]
                ends_at = _midnight(last, after=1) if last else None
                # Whoever leaves before she comes gets nothing.
                is_over = ends_at is not None and ends_at <= max(now, starts_at)
                if tenant["Status"] == "MovedOut" or is_over:
                    continue
                if starts_at - timedelta(days=14) <= now or key in had:
                    yield key, (str(tenant["Id"]), str(lease["UnitId"]), starts_at, ends_at)

    def actual(self) -> Iterator[tuple[str, Key]]:
        seam = self.house.seam
        for grant in seam.live_grants():
            ends_at = grant["ends_at"] and datetime.fromisoformat(grant["ends_at"])
            if ends_at and ends_at <= self.house.clock.now():
                continue
            (space,) = (seam.spaces[one]["space_key"] for one in grant["space_ids"])
            tenant = seam.user_identities[grant["user_identity_id"]]["user_identity_key"]
            key = grant["access_grant_key"].split(".")[0]
            yield key, (tenant, space, datetime.fromisoformat(grant["starts_at"]), ends_at)

    def assert_in_step(self) -> None:
        self.office._days_pass()
        found = list(self.actual())
        is_ = dict(found)
        assert len(found) == len(is_), "somebody has two keys of one lease"
        should = dict(self.expected(set(is_)))
        assert is_.keys() == should.keys(), (
            f"missing {should.keys() - is_.keys()}, too many {is_.keys() - should.keys()}"
        )
        wrong: dict[str, Any] = {key: (is_[key], should[key]) for key in is_ if is_[key] != should[key]}
        assert not wrong, wrong


def _midnight(day: str, after: int = 0) -> datetime:
    there = date.fromisoformat(day) + timedelta(days=after)
    return datetime.combine(there, time(), ZoneInfo(ZONE)).astimezone(UTC)


# Every day hours of such an office are judged by its books in tests/doors/test_weeks.py.
@pytest.mark.slow
@pytest.mark.parametrize(("days", "seed"), [(3, 1), *((14, seed) for seed in (1, 17))])
def test_every_night_seam_has_what_the_offices_books_say(tmp_path: Path, days: int, seed: int) -> None:
    fortnight = Fortnight(tmp_path, seed)
    fortnight.house.sync(full=True)
    fortnight.assert_in_step()
    for _ in range(days):
        fortnight.a_day()
        fortnight.assert_in_step()
    report = fortnight.house.sync(night_audit=True)
    assert not report.total("created") + report.total("updated") + report.total("replaced")
