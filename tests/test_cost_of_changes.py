"""What an incremental run costs: so many calls for so many changes, however large the residence is."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from mappers.policy import CommonArea
from tests.every_day import each_value
from tests.residence import Residence, days

LEASES = [200, pytest.param(2000, marks=pytest.mark.slow)]
PMS_CALLS, SEAM_CALLS = 10, 30


@pytest.fixture(scope="module", params=LEASES)
def house(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Residence:
    """Leases of 1 or 2 people, each home with its lock: half of them in one house, the others in twelve."""
    house = Residence(tmp_path_factory.mktemp("residence"))
    house.policy = replace(house.policy, common_areas=(CommonArea("lobby", "Lobby"),))
    office, luck = house.office, random.Random(1)
    office.stamp = lambda: house.clock.now().replace(year=2025)
    house.units = []
    rentals = [office.add_rental(f"House {number}") for number in range(12)]
    for number in range(request.param):
        rental = house.rental if number % 2 else rentals[number // 2 % len(rentals)]
        home = office.add_unit(rental, f"{number}")
        house.units.append(home)
        house.seam.add_entrance(f"Door {home}", str(home), number % 3 == 0, customer_key=str(rental))
        people = [house.tenant(phones=[("Cell", f"(617) 555-{number:04d}")]) for _ in range(luck.choice((1, 1, 1, 2)))]
        office.lease(home, people, days(-100), days(400))
    office.stamp = house.clock.now
    assert house.sync(full=True).exit == 0
    return house


def cost(house: Residence, **options: bool) -> tuple[int, int]:
    """Calls of the PMS and of Seam in one run."""
    pms, seam = sum(house.office.calls.values()), house.workspace.calls
    assert house.sync(**options).exit == 0
    return sum(house.office.calls.values()) - pms, house.workspace.calls - seam


def give_notice(house: Residence, lease: int) -> None:
    for tenant in house.tenants(lease):
        house.office.give_notice(lease, tenant, days(20))


def change_contact(house: Residence, lease: int) -> None:
    house.office.edit_tenant(house.tenants(lease)[0], Email=f"new{lease}@example.com")


def add_roommate(house: Residence, lease: int) -> None:
    house.office.add_roommate(lease, house.tenant())


def end(house: Residence, lease: int) -> None:
    house.office.end_lease(lease)


def renew(house: Residence, lease: int) -> None:
    house.office.renew(lease, days(800))


CHANGES: list[Callable[[Residence, int], None]] = [renew, give_notice, change_contact, add_roommate, end]


@each_value(change=CHANGES, where=["in one house", "in many houses"])
def test_ten_changes_among_many_leases_cost_little(
    house: Residence, change: Callable[[Residence, int], None], where: str
) -> None:
    house.clock.pass_(hours=1)
    leases = house.office.leases.values()
    there = [one["Id"] for one in leases if (one["PropertyId"] == house.rental) == (where == "in one house")]
    # Others for each kind of change, far from each other.
    for lease in there[CHANGES.index(change) :: len(there) // 10][:10]:
        change(house, lease)
    pms, seam = cost(house)
    assert pms <= PMS_CALLS
    assert seam <= SEAM_CALLS


def test_a_run_without_a_change_asks_seam_nothing(house: Residence) -> None:
    for _ in range(2):
        # What was changed a moment before the last run is read once more.
        house.clock.pass_(hours=1)
        pms, seam = cost(house)
    assert (pms, seam) == (4, 0)


def test_a_run_over_everything_costs_pages_and_not_records(house: Residence) -> None:
    house.clock.pass_(hours=1)
    pms, seam = cost(house, full=True)
    assert pms <= 12
    assert seam <= 80
