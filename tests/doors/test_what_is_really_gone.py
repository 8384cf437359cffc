"""What the PMS has deleted is not in doubt for ever: it is believed after a while; many at once wait for a person."""

from datetime import timedelta
from pathlib import Path

import pytest

from store.holds import Holds
from store.stays import Stays
from tests.doors.buildium import CourtHouse
from tests.doors.test_limits_and_clocks import house_of
from tests.doors.week import FULL, INCREMENTAL, MINUTE, PATIENCE
from tests.every_day import first_of


def test_a_houses_only_booking_that_is_deleted_loses_its_access_after_half_an_hour_of_denials(tmp_path: Path) -> None:
    house = house_of(tmp_path, 1)
    house.hotel.reservations.clear()
    begun = house.clock.now()
    house.do("full")
    assert house.opens(), "one answer is no proof"
    while house.opens() and house.clock.now() < begun + timedelta(hours=2):
        house.clock.time += INCREMENTAL
        house.fire()
        house.settle()
    assert not house.opens()
    assert timedelta(minutes=30) <= house.clock.now() - begun <= timedelta(hours=1)


def test_a_houses_only_booking_stays_as_long_as_the_rooms_are_missing_too(tmp_path: Path) -> None:
    house = house_of(tmp_path, 1)
    house.hotel.reservations.clear()
    house.hotel.resources.clear()
    for _ in range(12):
        house.clock.time += INCREMENTAL
        house.fire()
        house.settle()
    assert house.opens()


@first_of(1, "hears", [True, False])
def test_a_houses_only_booking_is_gone_at_once_where_the_pms_has_those_of_other_houses(
    tmp_path: Path, hears: bool
) -> None:
    house = CourtHouse(tmp_path)
    if hears:
        house.listen()
    begins = house.today() - timedelta(days=30)
    lease, other = (house.office.lease(house.units[at], [house.tenant()], begins) for at in (5, 0))
    house.begin()
    house.pass_(minutes=PATIENCE / MINUTE)
    assert len(house.opens()) == 2
    house.office.delete_lease(lease)
    house.pass_(minutes=(PATIENCE if hears else FULL + 3 * MINUTE) / MINUTE)
    assert {door for _, door in house.opens()} == {str(house.office.leases[other]["UnitId"])}
    assert not Holds(house.store).waiting()


@first_of(1, "deleted", [2, 3])
def test_a_houses_only_booking_stays_in_doubt_where_the_pms_denies_those_of_most_other_houses_too(
    tmp_path: Path, deleted: int
) -> None:
    house = CourtHouse(tmp_path)
    third = house.office.add_unit(house.office.add_rental("Oak Court"), "1A")
    house.door(str(third))
    begins = house.today() - timedelta(days=30)
    leases = [house.office.lease(unit, [house.tenant()], begins) for unit in (house.units[5], house.units[0], third)]
    house.begin()
    house.pass_(minutes=PATIENCE / MINUTE)
    house.listen()
    opens = house.opens()
    assert len(opens) == 3
    for lease in leases[:deleted]:
        house.office.delete_lease(lease)
    house.pass_(minutes=INCREMENTAL / MINUTE)
    assert house.opens() == opens


@pytest.mark.slow
def test_many_that_are_deleted_at_once_wait_for_a_person_who_can_approve(tmp_path: Path) -> None:
    house = house_of(tmp_path, 70)
    for one in list(house.hotel.reservations)[:30]:
        del house.hotel.reservations[one]
    house.do("full")
    assert len(house.opens()) == 70
    held = Holds(house.store).waiting()
    assert len(held) == 30
    house.sync(approve_run=held[0].run_id)
    house.pass_(minutes=2)
    assert len(house.opens()) == 40
    assert not Holds(house.store).waiting()


def test_of_a_whole_house_that_is_deleted_a_person_is_told_once_by_name_and_can_end_it(tmp_path: Path) -> None:
    house = house_of(tmp_path, 2)
    opens = house.opens()
    house.hotel.reservations.clear()
    for _ in range(12):
        house.clock.time += INCREMENTAL
        house.fire()
        house.settle()
        house.look_at_alerts()
    assert house.opens() == opens
    held = Holds(house.store).waiting()
    assert [one.hold.in_doubt for one in held] == [True, True]
    (alert,) = house.alert_book.open()
    assert [phase for phase, _ in house.told.messages] == ["begin"]
    stays = [Stays(house.store).get(one.connection, one.hold.booking_id) for one in held]
    for stay in stays:
        assert stay is not None
        assert stay.label in alert.text, "who keeps the access is told by name"
        assert "see Held" in stay.reason
    page = house.client("viewer").get("/held").text
    assert "Take access only if they are really gone" in house.client("operator").get("/held").text
    assert all(stay.label in page for stay in stays if stay is not None)
    now = house.client("viewer").get("/").text
    assert all(stay.label in now for stay in stays if stay is not None)
    house.sync(approve_run=held[0].run_id)
    house.pass_(minutes=2)
    assert not house.opens()
    house.do("full")
    house.look_at_alerts()
    assert not Holds(house.store).waiting()
    assert not house.alert_book.open()


@pytest.mark.slow
def test_what_most_of_a_house_is_may_be_ended_by_a_person_and_the_rest_stays(tmp_path: Path) -> None:
    house = house_of(tmp_path, 40)
    for one in list(house.hotel.reservations)[:30]:
        del house.hotel.reservations[one]
    house.do("full")
    assert len(house.opens()) == 40
    held = Holds(house.store).waiting()
    assert len(held) == 30
    # What the PMS says itself is done meanwhile.
    house.hotel.cancel(next(iter(house.hotel.reservations)))
    house.changed()
    house.pass_(minutes=2)
    assert len(house.opens()) == 39
    house.sync(approve_run=Holds(house.store).waiting()[0].run_id)
    house.pass_(minutes=2)
    assert len(house.opens()) == 9
    assert not Holds(house.store).waiting()


def test_what_was_in_doubt_and_is_found_again_waits_for_nobody(tmp_path: Path) -> None:
    house = house_of(tmp_path, 3)
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    before = dict(house.hotel.reservations)
    house.hotel.reservations.clear()
    house.do("full")
    assert len(Holds(house.store).waiting()) == 3
    house.hotel.reservations.update(before)
    house.do("full")
    assert not Holds(house.store).waiting()
    assert house.opens() == opens
    assert {person: house.pins(person) for person in pins} == pins
    stays = [Stays(house.store).get("alpen", one) for one in before]
    assert {stay.access for stay in stays if stay is not None} == {"granted"}


def test_tenants_who_are_taken_off_all_leases_that_changed_are_out_as_soon_as_the_others_were_read_too(
    tmp_path: Path,
) -> None:
    house = CourtHouse(tmp_path)
    begins = house.today() - timedelta(days=30)
    leases = [house.office.lease(unit, [house.tenant(), house.tenant()], begins) for unit in house.units[:4]]
    house.begin()
    house.pass_(minutes=PATIENCE / MINUTE)
    assert len(house.opens()) == 8
    for lease in leases[:2]:
        house.office.edit_lease(lease, Tenants=house.office.leases[lease]["Tenants"][:1])
    house.pass_(minutes=INCREMENTAL / MINUTE + 1)
    assert len(house.opens()) == 6
