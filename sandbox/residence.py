"""A believable residence for the demo, and what happens in it. The same seed and clock make the same residence."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sandbox.buildium_office import BuildiumOffice
from sandbox.house import FIRST_NAMES, LAST_NAMES
from sandbox.seam_workspace import SeamWorkspace

A_YEAR = timedelta(days=364)
ENTRANCE = "entrance"
"""The key of the common area that every house has, by the demo's policy."""


@dataclass(slots=True)
class Residence:
    """An office with handles on its parts."""

    office: BuildiumOffice
    homes: list[int] = field(default_factory=list)
    """Ids of units in which people live."""
    houses: list[int] = field(default_factory=list)
    """Ids of rentals with homes."""


def believable_residence(now: Callable[[], datetime] = lambda: datetime.now(UTC), seed: int = 7) -> Residence:
    """Maple Court and Elm Row: 44 homes, a garage, a mill that is out of use, and the leases of some years.

    With everything that an office's data has: couples with one e-mail, leases that ran out years ago or roll over,
    people on their way out or in, a guarantor, an eviction, ghosts, and a lease that cannot be read.
    """
    luck = random.Random(seed)
    office = BuildiumOffice(now=now, seed=seed)
    # All of it was entered weeks ago, so that the first incremental run finds only what happens from now on.
    office.stamp = lambda: now() - timedelta(days=30)
    residence = Residence(office)
    court, row = office.add_rental("Maple Court"), office.add_rental("Elm Row", kind="CondoTownhome")
    residence.houses = [court, row]
    residence.homes = [office.add_unit(court, f"{floor}{door}") for floor in range(1, 5) for door in "ABCDEFGH"]
    residence.homes += [office.add_unit(row, str(number)) for number in range(1, 13)]
    garage = office.add_rental("Maple Garage", kind="ParkingSpace")
    spots = [office.add_unit(garage, f"P{number}") for number in range(1, 9)]
    today = office.today()
    for home in residence.homes:
        _history(residence, luck, home, today)
    for spot in spots[:5]:
        office.lease(spot, [person(office, luck)], today - timedelta(days=90), None, "AtWill")
    mill = office.add_rental("Old Mill", active=False)
    office.lease(office.add_unit(mill, "1"), [person(office, luck)], today - timedelta(days=400), None, "AtWill")
    active = [one for one, item in office.leases.items() if item["LeaseStatus"] == "Active"]
    office.set_eviction(active[4])
    office.add_cosigner(active[5])
    office.transfer(active[6], _vacant(residence)[0], today + timedelta(days=2), today + timedelta(days=5))
    office.corrupt("Lease", active[9], "Tenants", None)
    office.stamp = None
    return residence


def equip_with_locks(residence: Residence, workspace: SeamWorkspace) -> None:
    """A door for every home, and one for each house; override locks on the third floor."""
    office = residence.office
    for house in residence.houses:
        key = str(house)
        workspace.add_entrance(f"{office.rentals[house]['Name']}, front door", f"{ENTRANCE}:{key}", customer_key=key)
    for home in residence.homes:
        unit = office.units[home]
        workspace.add_entrance(
            f"Door {unit['BuildingName']} {unit['UnitNumber']}",
            str(home),
            can_belong_to_reservation=unit["UnitNumber"].startswith("3") and len(unit["UnitNumber"]) == 2,
            customer_key=str(unit["PropertyId"]),
        )


def person(office: BuildiumOffice, luck: random.Random, last: str | None = None, email: str | None = None) -> int:
    """A new tenant, with contacts as good or bad as they are."""
    first, last = luck.choice(FIRST_NAMES), last or luck.choice(LAST_NAMES)
    address = f"{first}.{last}{luck.randrange(1000, 9999)}@example.com".lower()
    email = email or luck.choices((address, "", f" {address} ", "none given", None), (80, 8, 5, 2, 5))[0]
    number = f"(617) 555-{luck.randrange(100, 200):04d}"
    kinds = luck.choice((("Cell",), ("Home", "Cell"), ("Home",), ("Fax", "Cell"), ()))
    return office.add_tenant(first, last, email, [(kind, number) for kind in kinds])


def _history(residence: Residence, luck: random.Random, home: int, today: date) -> None:
    """The leases of one home: one that is over, and the one that people live on now, or will."""
    office = residence.office
    begins = (today - timedelta(days=luck.randrange(20, 700))).replace(day=1)
    former = begins - timedelta(days=400)
    gone = office.lease(home, [person(office, luck)], former, former + A_YEAR)
    office.end_lease(gone, former + A_YEAR)
    if luck.random() < 0.1:
        if luck.random() < 0.7:
            office.lease(home, _people(office, luck), today + timedelta(days=luck.choice((3, 12, 40))), today + A_YEAR)
        return
    ends = begins + A_YEAR
    kind = luck.choices(("Fixed", "FixedWithRollover", "AtWill"), (60, 30, 10))[0]
    if ends < today and kind == "Fixed" and luck.random() < 0.7:
        ends += timedelta(days=365)
    automatic = ends > today and luck.random() < 0.1
    lease = office.lease(
        home, _people(office, luck), begins, None if kind == "AtWill" else ends, kind, moves_out_automatically=automatic
    )
    first = office.leases[lease]["Tenants"][0]
    if luck.random() < 0.12:
        office.give_notice(lease, first["Id"], today + timedelta(days=luck.choice((1, 5, 20))))
    elif ends < today and kind == "Fixed" and luck.random() < 0.5:
        # Forgotten: everybody is long gone, and nobody has ended the lease.
        for tenant in office.leases[lease]["Tenants"]:
            tenant["Status"] = "MovedOut"


def _people(office: BuildiumOffice, luck: random.Random) -> list[int]:
    """One, two or three; some couples have one name, one address, and one e-mail."""
    number = luck.choices((1, 2, 3), (50, 40, 10))[0]
    if number == 2 and luck.random() < 0.3:
        last = luck.choice(LAST_NAMES)
        email = f"{last.lower()}{luck.randrange(1000, 9999)}@example.com"
        return [person(office, luck, last, email) for _ in range(2)]
    return [person(office, luck) for _ in range(number)]


def _vacant(residence: Residence) -> list[int]:
    live = {item["UnitId"] for item in residence.office.leases.values() if item["LeaseStatus"] != "Past"}
    return [home for home in residence.homes if home not in live] or residence.homes[-1:]


class ResidenceLife:
    """A clock of events for a residence; the same seed lives the same life."""

    def __init__(self, residence: Residence, seed: int = 7):
        self._residence = residence
        self._office = residence.office
        self._luck = random.Random(seed)

    def step(self, now: datetime) -> list[str]:
        """Lets one or two things happen; a sentence each, without tenants' names."""
        events = (
            self._of_one(self._join),
            self._of_one(self._give_notice),
            self._stay_after_all,
            self._of_one(self._move_out),
            self._of_one(self._renew),
            self._sign,
            self._of_one(self._edit_tenant),
        )
        said = (self._luck.choice(events)() for _ in range(self._luck.randint(1, 2)))
        return [sentence for sentence in said if sentence]

    def _join(self, lease: int) -> str:
        self._office.add_roommate(lease, person(self._office, self._luck))
        return f"Somebody joins lease {lease} in {self._home(lease)}."

    def _give_notice(self, lease: int) -> str:
        self._office.give_notice(lease, self._tenant(lease), self._office.today() + timedelta(days=10))
        return f"A tenant of lease {lease} gives notice in {self._home(lease)}."

    def _stay_after_all(self) -> str | None:
        leaving = [one for one in self._live() if self._office.leases[one]["MoveOutData"]]
        if not leaving:
            return None
        lease = self._luck.choice(leaving)
        self._office.undo_move_out(lease, self._office.leases[lease]["MoveOutData"][0]["TenantId"])
        return f"A tenant of lease {lease} stays in {self._home(lease)} after all."

    def _move_out(self, lease: int) -> str:
        self._office.move_out(lease, self._tenant(lease))
        return f"A tenant of lease {lease} moves out of {self._home(lease)}."

    def _renew(self, lease: int) -> str | None:
        if self._office.leases[lease]["LeaseToDate"] is None:
            return None
        ends = date.fromisoformat(self._office.leases[lease]["LeaseToDate"])
        self._office.renew(lease, ends + timedelta(days=365))
        return f"Lease {lease} of {self._home(lease)} is renewed."

    def _sign(self) -> str:
        today = self._office.today()
        home = self._luck.choice(_vacant(self._residence))
        lease = self._office.lease(home, [person(self._office, self._luck)], today, today + A_YEAR)
        return f"Lease {lease} of {self._home(lease)} begins."

    def _edit_tenant(self, lease: int) -> str:
        number = f"(617) 555-{self._luck.randrange(100, 200):04d}"
        self._office.edit_tenant(self._tenant(lease), PhoneNumbers=[{"Number": number, "Type": "Cell"}])
        return f"A tenant of lease {lease} has a new phone number."

    def _live(self) -> list[int]:
        """Leases of homes on which somebody lives."""
        return [
            lease_id
            for lease_id, item in self._office.leases.items()
            if item["LeaseStatus"] == "Active"
            and item["UnitId"] in self._residence.homes
            and any(one["Status"] == "Current" for one in item["Tenants"] or ())
        ]

    def _of_one(self, act: Callable[[int], str | None]) -> Callable[[], str | None]:
        """What happens to one of the leases on which somebody lives, where there is one."""
        return lambda: act(self._luck.choice(live)) if (live := self._live()) else None

    def _tenant(self, lease: int) -> int:
        current = [one["Id"] for one in self._office.leases[lease]["Tenants"] if one["Status"] == "Current"]
        return int(self._luck.choice(current))

    def _home(self, lease: int) -> str:
        unit = self._office.units[self._office.leases[lease]["UnitId"]]
        return f"{unit['BuildingName']} {unit['UnitNumber']}"
