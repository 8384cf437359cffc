"""What the PMS has deleted is not in doubt for ever: it is believed after a while; many at once wait for a person."""

from datetime import timedelta
from pathlib import Path

from tests.doors.test_limits_and_clocks import house_of
from tests.doors.week import INCREMENTAL


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


def test_many_that_are_deleted_at_once_wait_for_a_person_who_can_approve(tmp_path: Path) -> None:
    house = house_of(tmp_path, 70)
    for one in list(house.hotel.reservations)[:30]:
        del house.hotel.reservations[one]
    house.do("full")
    assert len(house.opens()) == 70
    held = house.board.held()
    assert len(held) == 30
    house.sync(approve_run=held[0].run_id)
    house.pass_(minutes=2)
    assert len(house.opens()) == 40
    assert not house.board.held()
