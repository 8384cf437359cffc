"""A PMS that numbers its bookings anew, for a while or for good: nobody gets a second PIN, and nobody loses hers."""

import uuid
from collections.abc import Collection
from pathlib import Path

import pytest

from store.stays import Stays
from tests.doors.mews import MewsHouse
from tests.doors.test_limits_and_clocks import house_of
from tests.doors.week import INCREMENTAL
from tests.every_day import each_value


def renumber(house: MewsHouse, booking: str, keeps: bool = False) -> str:
    """The booking has another id from now on; with `keeps` the former one is in the books as well."""
    book = house.hotel.reservations
    new = str(uuid.uuid5(uuid.NAMESPACE_OID, booking))
    row = book[booking] if keeps else book.pop(booking)
    book[new] = {**row, "Id": new}
    house.hotel._change(book, new)
    house.changed()
    return new


def number_people_anew(house: MewsHouse, stays: Collection[str]) -> None:
    """The profiles of these stays have other ids from now on, and the stays name them."""
    people = house.hotel.customers
    for one in {house.hotel.reservations[stay]["AccountId"] for stay in stays}:
        new = str(uuid.uuid5(uuid.NAMESPACE_OID, one))
        people[new] = {**people.pop(one), "Id": new}
        house.hotel._change(people, new)
        for booking_id, booking in house.hotel.reservations.items():
            if booking["AccountId"] == one:
                booking["AccountId"] = new
                house.hotel._change(house.hotel.reservations, booking_id)
    house.changed()


def runs(house: MewsHouse, number: int) -> None:
    for _ in range(number):
        house.clock.time += INCREMENTAL
        house._written = house.clock.time
        house.fire()
        house.settle()
        house.look_at_alerts()


@each_value(every_day=1, of=[(4, 4), (12, 5), (4, 1)], job=["incremental", "full"])
def test_a_stay_that_goes_on_under_another_id_keeps_its_pin(tmp_path: Path, of: tuple[int, int], job: str) -> None:
    """`of`: so many stays, and so many of them under other ids."""
    stays, renumbered = of
    house = house_of(tmp_path, stays)
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    ids = {one: renumber(house, one) for one in list(house.hotel.reservations)[:renumbered]}
    house.do(job)
    for _ in range(9):
        runs(house, 1)
        assert house.opens() == opens
        assert {person: house.pins(person) for person in pins} == pins
    assert not house.alert_book.open()
    writes = house.seam.writes
    house.do("full")
    assert house.seam.writes == writes
    first, new = next(iter(ids.items()))
    assert (found := Stays(house.store).get("alpen", new)) is not None
    assert found.access == "granted"
    assert (former := Stays(house.store).get("alpen", first)) is not None
    assert former.access == "none"
    # What becomes of it from now on is told under the new id.
    house.hotel.cancel(new)
    house.changed()
    runs(house, 1)
    house.pass_(minutes=2)
    assert len(house.opens()) == stays - 1


@pytest.mark.slow
@each_value(every_day=1, of=[(4, 4), (5, 2)], job=["incremental", "full"])
def test_a_stay_whose_people_have_other_ids_as_well_keeps_its_pin(
    tmp_path: Path, of: tuple[int, int], job: str
) -> None:
    stays, renumbered = of
    house = house_of(tmp_path, stays)
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    ids = {one: renumber(house, one) for one in list(house.hotel.reservations)[:renumbered]}
    number_people_anew(house, ids.values())
    house.do(job)
    for _ in range(9):
        runs(house, 1)
        assert house.opens() == opens
        assert {person: house.pins(person) for person in pins} == pins
    assert not house.alert_book.open()
    writes = house.seam.writes
    house.do("full")
    house.do("night_audit")
    assert house.seam.writes == writes
    # From now on she is known by the other id.
    house.hotel.cancel(next(iter(ids.values())))
    house.changed()
    runs(house, 1)
    house.pass_(minutes=2)
    assert len(house.opens()) == stays - 1


def test_a_stay_under_another_id_of_somebody_with_another_name_takes_nothing_away(tmp_path: Path) -> None:
    house = house_of(tmp_path, 4)
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    number_people_anew(house, [renumber(house, one) for one in list(house.hotel.reservations)])
    for one in house.hotel.customers.values():
        # The same initials, and somebody else.
        one["FirstName"], one["LastName"] = (f"{one[name][0]}elisanda" for name in ("FirstName", "LastName"))
        one["Email"] = f"{one['Id']}@example.com"
    house.do("full")
    runs(house, 8)
    assert house.opens() >= opens
    assert {person: house.pins(person) for person in pins} == pins
    assert house.alert_book.open()


def test_a_person_who_has_another_booking_under_the_former_id_keeps_both(tmp_path: Path) -> None:
    house = house_of(tmp_path, 5)
    first, second, *_ = house.hotel.reservations
    # The desk has made one profile for both.
    house.hotel.reservations[second]["AccountId"] = house.hotel.reservations[first]["AccountId"]
    house.hotel._change(house.hotel.reservations, second)
    house.changed()
    runs(house, 7)
    opens = house.opens()
    (mine,) = {right.person for right in house.rights() if right.stay == second}
    pins = house.pins(mine)
    person = house.hotel.customers[house.hotel.reservations[first]["AccountId"]]
    new = renumber(house, first)
    other = house.hotel.add_customer(person["FirstName"], person["LastName"], person["Email"])
    house.hotel.reservations[new]["AccountId"] = other
    runs(house, 8)
    assert house.opens() == opens
    assert house.pins(mine) & pins, "the one of the stay that is what it was"


@pytest.mark.slow
def test_a_stay_that_is_there_twice_has_one_pin_and_is_told_until_one_is_cancelled(tmp_path: Path) -> None:
    house = house_of(tmp_path, 4)
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    first = next(iter(house.hotel.reservations))
    new = renumber(house, first, keeps=True)
    for _ in range(8):
        runs(house, 1)
        assert house.opens() == opens
        assert {person: house.pins(person) for person in pins} == pins
    (alert,) = house.alert_book.open()
    assert "under another id" in alert.text
    house.hotel.cancel(first)
    house.changed()
    runs(house, 2)
    assert house.opens() == opens
    assert not house.alert_book.open()
    assert (found := Stays(house.store).get("alpen", new)) is not None
    assert found.access == "granted"
