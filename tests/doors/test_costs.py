"""What it costs to keep the doors in step: calls of Seam's API, with the echoes of what was written."""

from datetime import timedelta
from pathlib import Path

import pytest

from store.health import GrantHealth
from tests.doors.mews import MewsHouse
from tests.doors.week import FULL, INCREMENTAL, MINUTE

STAYS = [40, pytest.param(500, marks=pytest.mark.slow)]


def house_of(path: Path, stays: int) -> MewsHouse:
    """As many guests in as many rooms; some of the locks do not take part in reservations."""
    house = MewsHouse(path)
    for number in range(stays):
        room = house.hotel.add_room(house.property, str(1000 + number), house.double)
        house.door(room, override=number % 3 == 0)
        arrival = house.at(house.today() - timedelta(days=1), 15)
        house.hotel.book(house.profile(), house.double, arrival, arrival + timedelta(days=3), room)
    house.begin()
    house.listen()
    house.pass_(minutes=INCREMENTAL / MINUTE)
    return house


@pytest.fixture(scope="module", params=STAYS)
def stays(request: pytest.FixtureRequest) -> int:
    number: int = request.param
    return number


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory, stays: int) -> MewsHouse:
    return house_of(tmp_path_factory.mktemp("crowded"), stays)


def calls(house: MewsHouse) -> int:
    return house.workspace.calls


@pytest.mark.parametrize("by", ["webhooks", "the timetable"])
def test_ten_extensions_cost_at_most_45_calls_with_their_echoes(crowded: MewsHouse, by: str) -> None:
    crowded.hotel.sender = crowded.sender if by == "webhooks" else None
    ten = [*crowded.hotel.reservations.values()][10 if by == "webhooks" else 30 :][:10]
    before, writes = calls(crowded), crowded.seam.writes
    for one in ten:
        crowded.hotel.move_dates(one["Id"], departure=crowded.at(crowded.today() + timedelta(days=4), 11))
    crowded.pass_(minutes=INCREMENTAL / MINUTE + 2)
    assert crowded.seam.writes == writes + 10
    assert calls(crowded) - before <= 45


def test_the_health_of_all_stays_costs_at_most_30_calls(crowded: MewsHouse, stays: int) -> None:
    before = calls(crowded)
    crowded.do("arrival_check")
    assert calls(crowded) - before <= 30
    health = {one.booking_id: one.state for one in GrantHealth(crowded.store).of(crowded.name)}
    assert len(health) == stays
    assert set(health.values()) == {"issued"}


def test_nothing_to_do_costs_nothing(crowded: MewsHouse) -> None:
    crowded.pass_(minutes=INCREMENTAL / MINUTE)
    before, writes = calls(crowded), crowded.seam.writes
    for _ in range(3):
        crowded.do("incremental")
    assert calls(crowded) == before
    crowded.do("full")
    crowded.do("night_audit")
    assert crowded.seam.writes == writes
    assert calls(crowded) - before <= 30


@pytest.mark.parametrize("hours", [1, pytest.param(6, marks=pytest.mark.slow)])
def test_time_without_anything_new_writes_nothing(tmp_path: Path, hours: int) -> None:
    house = house_of(tmp_path, 5)
    house.pass_(minutes=FULL / MINUTE)
    writes = house.seam.writes
    house.pass_(hours=hours)
    assert house.seam.writes == writes
