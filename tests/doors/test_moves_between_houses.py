"""Bookings that go from one property of a connection to another, also to one that is not listed for a while."""

import os
import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import LEASE
from reconciler.forgotten import PIN_KEPT
from store.work import Work
from tests.doors.buildium import ZONE, CourtHouse
from tests.doors.chains import ApaleoChain, MewsChain, apaleo_chain, mews_chain
from tests.doors.week import FULL, MINUTE, PATIENCE
from tests.every_day import each_value

INTERVAL = int(PATIENCE / MINUTE)
CHAINS = {"mews": mews_chain, "apaleo": apaleo_chain}
SEEDS = [int(one) for one in os.environ.get("SEEDS", "").split()] or [3]
"""Others by hand, a minute each: `SEEDS="$(seq 4 20)" make slow`."""


def court_of(path: Path, hears: bool = True) -> CourtHouse:
    """Two houses with two neighbours in each."""
    house = CourtHouse(path, replace(LEASE, time_zone=ZONE))
    if hears:
        house.listen()
    begins = house.today() - timedelta(days=30)
    for unit in (2, 3, 6, 7):
        house.office.lease(house.units[unit], [house.tenant()], begins)
    return house


def doors_of(house: CourtHouse, person: str) -> set[str]:
    return {door for who, door in house.opens() if who == person}


@each_value(every_day=1, units=[(0, 5), (5, 0)], whole=[True, False], hears=[True, False])
def test_who_goes_to_another_house_and_back_into_one_that_is_not_listed_keeps_her_pin(
    tmp_path: Path, units: tuple[int, int], whole: bool, hears: bool
) -> None:
    """`whole`: the key sees nothing of the house any more, not its name alone."""
    there, away = units
    court = court_of(tmp_path, hears)
    tenant = court.tenant()
    person, home = court.of_tenant(tenant), court.houses[there // 4]
    lease = court.office.lease(court.units[there], [tenant], court.today() - timedelta(days=30))
    court.begin()
    court.pass_(minutes=INTERVAL)
    pins = court.pins(person)
    assert doors_of(court, person) == {court.rooms[there]}
    court.office.hide(home, whole)
    court.pass_(minutes=INTERVAL)
    assert doors_of(court, person) == {court.rooms[there]}
    court.office.change_unit(lease, court.units[away])
    court.pass_(minutes=INTERVAL)
    assert doors_of(court, person) == {court.rooms[away]}
    assert court.pins(person) == pins
    court.office.change_unit(lease, court.units[there])
    court.pass_(minutes=FULL / MINUTE + 3)
    assert doors_of(court, person) <= {court.rooms[there]}
    assert set(Work(court.store).sealed_steps(court.name)) == {str(lease)}
    court.office.show(home)
    court.pass_(minutes=INTERVAL)
    assert doors_of(court, person) == {court.rooms[there]}
    assert court.pins(person) == pins
    court.pass_(minutes=FULL / MINUTE)
    assert court.pins(person) == pins
    assert not Work(court.store).sealed_steps(court.name)


@pytest.mark.slow
def test_the_pin_of_who_is_not_in_the_house_that_is_listed_again_is_forgotten_with_the_next_full_run(
    tmp_path: Path,
) -> None:
    court = court_of(tmp_path)
    tenant = court.tenant()
    lease = court.office.lease(court.units[0], [tenant], court.today() - timedelta(days=30))
    court.begin()
    court.office.hide(court.houses[1])
    court.office.delete_lease(lease)
    court.pass_(minutes=FULL / MINUTE + 3)
    assert not doors_of(court, court.of_tenant(tenant))
    assert set(Work(court.store).sealed_steps(court.name)) == {str(lease)}
    court.office.show(court.houses[1])
    court.pass_(minutes=2 * FULL / MINUTE + 3)
    assert not Work(court.store).sealed_steps(court.name)


def test_a_pin_is_not_kept_for_ever_for_a_house_that_is_never_listed_again(tmp_path: Path) -> None:
    court = court_of(tmp_path)
    tenant = court.tenant()
    lease = court.office.lease(court.units[0], [tenant], court.today() - timedelta(days=30))
    court.begin()
    court.office.hide(court.houses[1])
    court.office.delete_lease(lease)
    court.do("full")
    court.clock.time += PIN_KEPT
    court.do("full")
    assert not Work(court.store).sealed_steps(court.name)


@each_value(every_day=1, chain=[MewsChain, ApaleoChain], hears=[True, False])
def test_who_change_places_between_two_properties_wait_for_nobody(
    tmp_path: Path, chain: type[MewsChain] | type[ApaleoChain], hears: bool
) -> None:
    """Behind locks that know one booking at a time; each has the room that the other has just left."""
    house = chain(tmp_path, override=True)
    house.fill_rooms(0, 4)
    if hears:
        house.listen()
    house.begin()
    house.pass_(minutes=INTERVAL)
    before = {door: house.pins(person) for person, door in house.opens()}
    assert before.keys() == {house.rooms[0], house.rooms[4]}
    one, other = house.hotel.reservations
    house.hotel.assign(one, house.rooms[4])
    house.hotel.assign(other, house.rooms[0])
    house.changed()
    house.pass_(minutes=INTERVAL)
    after = {door: house.pins(person) for person, door in house.opens()}
    assert after == {house.rooms[0]: before[house.rooms[4]], house.rooms[4]: before[house.rooms[0]]}
    assert house.watch.verdict.is_good(), str(house.watch.verdict)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("vendor", CHAINS)
def test_days_of_a_chain_without_a_wrong_minute(tmp_path: Path, vendor: str, seed: int) -> None:
    """Bookings go to and fro; a property is not listed or cannot be read; news are lost; runs are over one alone."""
    luck = random.Random(f"{vendor} {seed}")
    week = CHAINS[vendor](tmp_path, luck)
    if luck.random() < 0.4:
        week.house.listen()
    week.per_hour = 3
    week.run(days=1.5)
    assert week.house.watch.verdict.is_good(), str(week.house.watch.verdict)
