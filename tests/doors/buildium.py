"""Two houses with Buildium, as the watch sees them: leases, days, and nobody's end but the one recorded."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.buildium.connector import BuildiumConnector
from mappers.policy import LEASE, Policy
from sandbox.buildium_office import BuildiumOffice
from tests.doors.watch import Right
from tests.doors.week import FULL, MINUTE, Desk, House, hook

Json = dict[str, Any]
ZONE = "America/New_York"


class CourtHouse(House):
    """Eight homes in two houses."""

    office: BuildiumOffice
    zone = ZoneInfo(ZONE)

    def __init__(self, path: Path, policy: Policy | None = None, seed: int = 1):
        self.ever: dict[int, set[str]] = {}
        """Lease -> everybody who was ever on it."""
        super().__init__(path, policy or replace(LEASE, time_zone=ZONE), seed=seed)

    def build(self) -> None:
        self.office = office = BuildiumOffice(now=self.clock.now, clock=self.clock.monotonic, zone=ZONE)
        self.houses = [office.add_rental("Maple Court"), office.add_rental("Elm Court")]
        self.units = [office.add_unit(house, f"{number}A") for house in self.houses for number in range(1, 5)]
        self.rooms = [str(unit) for unit in self.units]
        for room in self.rooms:
            self.door(room)

    def connect(self) -> BuildiumConnector:
        settings = {
            "base_url": "https://buildium.example",
            "client_id": self.office.client_id,
            "client_secret": self.office.client_secret,
            "webhook_secret": self.office.webhook_secret,
        }
        return BuildiumConnector.open(self.name, settings, self.access(self.office), None)

    @property
    def pms(self) -> Any:
        return self.office

    def hear(self) -> None:
        self.hears = True
        self.office.sender, self.office.webhook_url = self.sender, hook().partition("?")[0]

    # --- the books --------------------------------------------------------------------------------------------------

    def rights(self) -> list[Right]:
        self.office._days_pass()
        rights = []
        for lease in self.office.leases.values():
            if lease["LeaseStatus"] not in ("Active", "Future"):
                continue
            is_active = self.office.rentals[lease["PropertyId"]]["IsActive"]
            for tenant in lease["Tenants"]:
                if tenant["Status"] not in ("Current", "Future"):
                    continue
                moves_in = date.fromisoformat(tenant["MoveInDate"] or lease["LeaseFromDate"])
                said = [
                    date.fromisoformat(one["MoveOutDate"])
                    for one in lease["MoveOutData"]
                    if one["TenantId"] == tenant["Id"]
                ]
                leaves = [one for one in said if one >= moves_in]
                if said and not leaves and tenant["Status"] == "Future":
                    continue  # She leaves before she comes.
                if not leaves and lease["AutomaticallyMoveOutTenants"] and lease["LeaseToDate"]:
                    leaves = [date.fromisoformat(lease["LeaseToDate"])]
                starts_at = self._midnight(moves_in)
                self.ever.setdefault(lease["Id"], set()).add(self.of_tenant(tenant["Id"]))
                # Where somebody leaves before she comes, only her status says that she lives there, and when that
                # changes with the day nobody is told.
                contradicts = bool(said) and max(said) < moves_in
                rights.append(
                    Right(
                        self.of_tenant(tenant["Id"]),
                        str(lease["UnitId"]),
                        starts_at,
                        self._midnight(max(leaves) + timedelta(days=1)) if leaves else None,
                        str(lease["Id"]),
                        is_active,
                        due_from=starts_at + FULL if contradicts else None,
                    )
                )
        return rights

    def of_tenant(self, tenant: int) -> str:
        item = self.office.tenants[tenant]
        return self.who.named(f"{item['FirstName']} {item['LastName']}")

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(UTC)

    # --- for the desk -----------------------------------------------------------------------------------------------

    def tenant(self) -> int:
        first, last = self.person()
        return self.office.add_tenant(first, last, email=f"{first}.{last}@example.com".lower())

    def fill(self, stays: int, nights: int = 300) -> None:
        today = self.today()
        for number in range(stays):
            unit = self.office.add_unit(self.houses[number % 2], f"{1000 + number}")
            self.units.append(unit)
            self.rooms.append(str(unit))
            self.door(str(unit))
            self.office.lease(unit, [self.tenant()], today - timedelta(days=30), today + timedelta(days=nights))
        self.changed()

    def say_that_all_changed(self) -> None:
        for one in self.office.leases:
            self.office._change("Lease", one)


class CourtDesk(Desk):
    """One thing after another, as an office would do it."""

    def __init__(self, house: CourtHouse, luck: random.Random):
        super().__init__(house, luck)
        self.office = house.office
        self._deleted: list[tuple[datetime, int]] = []
        """When, and in which house."""
        for unit in house.units[:6]:
            begins = house.today() - timedelta(days=luck.randrange(10, 300))
            tenants = [house.tenant() for _ in range(luck.choice((1, 2, 3)))]
            self.office.lease(unit, tenants, begins, begins + timedelta(days=364), luck.choice(("Fixed", "AtWill")))

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        acts: list[tuple[int, Callable[[int, int], str | None]]] = [
            (3, self._notice),
            (2, self._move_out),
            (1, self._end),
            (1, self._renew),
            (2, self._transfer),
            (2, self._roommate),
            (2, self._correct_unit),
            (1, self._eviction),
            (1, self._same_mail),
            (1, self._correct_name),
            (2, self._swap),
            (1, self._take_off),
            (1, self._delete),
        ]
        return [
            (3, self._lease),
            (1, self._stays_after_all),
            (1, self._inactive),
            (2, self._active),
            *((weight, self._with_a_lease(act)) for weight, act in acts),
        ]

    # --- what the office sees -----------------------------------------------------------------------------------------

    def _with_a_lease(self, act: Callable[[int, int], str | None]) -> Callable[[], str | None]:
        def do() -> str | None:
            live = [
                (lease, tenant["Id"])
                for lease, item in self.office.leases.items()
                if item["LeaseStatus"] != "Past"
                for tenant in item["Tenants"]
                if tenant["Status"] != "MovedOut"
            ]
            return act(*self.luck.choice(live)) if live else None

        return do

    def _day(self, most: int) -> date:
        return self.office.today() + timedelta(days=self.luck.randrange(most))

    def _say(self, lease: int, what: str) -> str:
        item = self.office.leases[lease]
        people = ", ".join(self.house.of_tenant(one["Id"]) for one in item["Tenants"])
        return f"lease {lease} ({people}; unit {item['UnitId']}): {what}"

    def _vacant(self) -> int:
        return int(self.luck.choice(self.house.units))

    def is_known_nowhere_else(self) -> bool:
        return any(at > self.now() - FULL - 3 * MINUTE for at, _ in self._deleted)

    def _house_of(self, lease: int) -> int:
        return int(self.office.units[self.office.leases[lease]["UnitId"]]["PropertyId"])

    # --- what the office does -----------------------------------------------------------------------------------------

    def _lease(self) -> str | None:
        begins = self._day(4)
        tenants = [self.house.tenant() for _ in range(self.luck.choice((1, 2)))]
        lease = self.office.lease(self._vacant(), tenants, begins, begins + timedelta(days=self.luck.choice((3, 364))))
        return self._say(lease, f"from {begins}")

    def _notice(self, lease: int, tenant: int) -> str | None:
        day = self._day(4)
        self.office.give_notice(lease, tenant, day)
        return self._say(lease, f"{self.house.of_tenant(tenant)} leaves on {day}")

    def _move_out(self, lease: int, tenant: int) -> str | None:
        self.office.move_out(lease, tenant)
        return self._say(lease, f"{self.house.of_tenant(tenant)} is out")

    def _end(self, lease: int, _: int) -> str | None:
        day = self._day(3)
        self.office.end_lease(lease, day)
        return self._say(lease, f"ends on {day}")

    def _renew(self, lease: int, _: int) -> str | None:
        self.office.renew(lease, self.office.today() + timedelta(days=400))
        return self._say(lease, "renewed")

    def _transfer(self, lease: int, _: int) -> str | None:
        new = self.office.transfer(lease, self._vacant(), self._day(3), self._day(3) + timedelta(days=1))
        return self._say(new, f"transfer from {lease}")

    def _roommate(self, lease: int, _: int) -> str | None:
        self.office.add_roommate(lease, self.house.tenant(), self._day(3), counts=self.luck.random() < 0.5)
        return self._say(lease, "a roommate")

    def _correct_unit(self, lease: int, _: int) -> str | None:
        self.office.change_unit(lease, self._vacant())
        return self._say(lease, "corrected unit")

    def _eviction(self, lease: int, _: int) -> str | None:
        self.office.set_eviction(lease)
        return self._say(lease, "eviction pending")

    def _same_mail(self, lease: int, tenant: int) -> str | None:
        self.office.edit_tenant(tenant, Email="shared@example.com")
        return self._say(lease, "shared mail")

    def _correct_name(self, lease: int, tenant: int) -> str | None:
        person, item = self.house.of_tenant(tenant), self.office.tenants[tenant]
        self.house.who.call(person, f"{item['FirstName']} {item['LastName']}e")
        self.office.edit_tenant(tenant, LastName=f"{item['LastName']}e")
        return self._say(lease, f"{person} corrected")

    def _swap(self, lease: int, tenant: int) -> str | None:
        """Another tenant on the same row of the lease."""
        before, new = self.house.of_tenant(tenant), self.house.tenant()
        rows = [row | {"Id": new} if row["Id"] == tenant else row for row in self.office.leases[lease]["Tenants"]]
        data = [one for one in self.office.leases[lease]["MoveOutData"] if one["TenantId"] != tenant]
        self.office.edit_lease(lease, Tenants=rows, MoveOutData=data)
        return self._say(lease, f"instead of {before}")

    def _take_off(self, lease: int, tenant: int) -> str | None:
        rows = self.office.leases[lease]["Tenants"]
        if len(rows) < 2:
            return None
        self.office.edit_lease(lease, Tenants=[row for row in rows if row["Id"] != tenant])
        return self._say(lease, f"{self.house.of_tenant(tenant)} is taken off")

    def _delete(self, lease: int, _: int) -> str | None:
        house = self._house_of(lease)
        others = [
            one
            for one, item in self.office.leases.items()
            if one != lease and self._house_of(one) == house and item["LeaseStatus"] == "Active"
        ]
        if len(others) < 2 or any(at > self.now() - 2 * FULL for at, of in self._deleted if of == house):
            return None  # Where most of a house is deleted at once, access waits for a person's word (see Held).
        self._deleted.append((self.now(), house))
        said = self._say(lease, "deleted")
        # Nobody who asks for changes hears of it, nor of what was changed in it just before.
        on_it = {self.house.of_tenant(tenant["Id"]) for tenant in self.office.leases[lease]["Tenants"]}
        for person in on_it | self.house.ever.get(lease, set()):
            self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
        self.office.delete_lease(lease)
        return said

    def _stays_after_all(self) -> str | None:
        leaving = [
            (lease, row["TenantId"])
            for lease, item in self.office.leases.items()
            if item["LeaseStatus"] != "Past"
            for row in item["MoveOutData"]
            if any(one["Id"] == row["TenantId"] for one in item["Tenants"])
        ]
        if not leaving:
            return None
        lease, tenant = self.luck.choice(leaving)
        self.office.undo_move_out(lease, tenant)
        return self._say(lease, f"{self.house.of_tenant(tenant)} stays after all")

    def _inactive(self) -> str | None:
        house = self.luck.choice(self.house.houses)
        self.office.set_active(house, False)
        return f"house {house} is inactive"

    def _active(self) -> str | None:
        for house in self.house.houses:
            if not self.office.rentals[house]["IsActive"]:
                self.office.set_active(house, True)
                return f"house {house} is active again"
        return None
