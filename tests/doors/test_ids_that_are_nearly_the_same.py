"""Two bookings whose ids differ by large and small letters only, or are the ids of rooms and guests: nobody meets."""

from pathlib import Path

import pytest

from reconciler.report import RunReport
from tests.doors.apaleo import ApaleoHouse
from tests.doors.lies import house_of, wait
from tests.doors.week import INCREMENTAL


def rename(house: ApaleoHouse, names: list[str]) -> None:
    book = house.hotel.reservations
    for one, name in zip(list(book), names, strict=True):
        row = book.pop(one)
        book[name] = {**row, "id": name}
    house.changed()


@pytest.mark.parametrize(
    "names",
    [["a.2", "a", "a:b"], ["X-1", "X-1/2", "x-1.2"]],
    ids=["dots", "spans"],
)
def test_bookings_with_ids_that_are_nearly_the_same_never_meet(tmp_path: Path, names: list[str]) -> None:
    house = house_of(ApaleoHouse, tmp_path)
    assert isinstance(house, ApaleoHouse)
    house.fill(3)
    rename(house, names)
    house.begin()
    house.listen()
    wait(house, INCREMENTAL)
    served = house.opens()
    people = {right.person: right.stay for right in house.rights()}
    assert len({tuple(house.pins(one)) for one in people}) == len(people)
    # Whoever is not served is told by name.
    told = len(house.alert_book.open())
    assert len(served) + told >= 3
    for name in names[:1]:
        house.hotel.cancel(name)
        house.changed()
        wait(house, INCREMENTAL)
        house.pass_(minutes=2)
        gone = {person for person, _ in served - house.opens()}
        assert gone == {person for person, stay in people.items() if stay == name}


def test_bookings_that_are_called_as_rooms_open_their_own_doors_only(tmp_path: Path) -> None:
    house = house_of(ApaleoHouse, tmp_path)
    assert isinstance(house, ApaleoHouse)
    house.fill(3)
    rename(house, house.rooms[-3:][::-1])
    house.begin()
    wait(house, INCREMENTAL)
    assert house.opens() == {(right.person, right.door) for right in house.rights()}
    assert house.watch.verdict.is_good(), str(house.watch.verdict)


def test_two_records_under_one_id_are_told_and_everybody_else_is_served(tmp_path: Path) -> None:
    """To apaleo large and small letters of an id are the same."""
    house = house_of(ApaleoHouse, tmp_path)
    assert isinstance(house, ApaleoHouse)
    house.fill(4)
    rename(house, ["abcd-1", "ABCD-1", "EFGH-1", "IJKL-1"])
    house.begin()
    wait(house, INCREMENTAL)
    reports: list[RunReport] = []
    house.metrics.run_ended = reports.append  # type: ignore[method-assign]
    house.do("full")
    served = {person for person, _ in house.opens()}
    assert served == {right.person for right in house.rights() if right.stay in ("EFGH-1", "IJKL-1")}
    assert "failed" in {row.outcome for row in reports[0].items if row.kind == "access_grant"}
