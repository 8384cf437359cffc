"""A season in a Cloudbeds house: whatever happens at the desk and on the wire, the doors end up as the books say.

What the doors should be is worked out from the house's own books, apart from the product.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from mappers.policy import MaxRevocations, Policy
from tests.oracle import Door, actual
from tests.simulated.cloudbeds_house import CloudbedsHouse
from tests.test_cloudbeds_stays import Harbor
from tests.world import START

NEW_YORK = ZoneInfo("America/New_York")


def expected(house: CloudbedsHouse, now: datetime, had: set[str]) -> dict[str, Door]:
    """Every way in that should exist, by key; `had`: those that exist are kept in step from afar."""
    doors = {}
    for one in house.reservations.values():
        if one.is_deleted or one.status in ("canceled", "no_show", "checked_out", "not_confirmed"):
            continue
        for part in {line.part for line in one.lines}:
            lines = [line for line in one.lines if line.part == part and line.status != "cancelled"]
            lines.sort(key=lambda line: line.arrival)
            stretches: list[tuple[date, date, str | None]] = []
            for line in lines:
                room = None if line.status == "checked_out" else line.room
                if room is not None and stretches and stretches[-1][1:] == (line.arrival, room):
                    stretches[-1] = (stretches[-1][0], line.departure, room)
                else:
                    stretches.append((line.arrival, line.departure, room))
            people = [line.guests[0] for line in lines if line.guests]
            for number, (arrival, departure, room) in enumerate(stretches, start=1):
                starts_at, ends_at = _at(arrival, time(15)), _at(departure, time(11))
                if room is None or not people or min(ends_at, _at(stretches[-1][1], time(11))) <= now:
                    continue
                guest = people[0]
                while "into" in house.guests[guest]:
                    guest = house.guests[guest]["into"]
                key = part if number == 1 else f"{part}/{number}"
                if starts_at - timedelta(days=14) <= now or key in had:
                    doors[key] = Door(guest, (room,), starts_at, ends_at)
    return doors


def _at(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, NEW_YORK).astimezone(UTC)


@dataclass
class Season:
    harbor: Harbor
    luck: random.Random

    def part(self) -> str:
        lines = [line.part for one in self.harbor.house.reservations.values() for line in one.lines]
        return self.luck.choice(lines[-12:])

    def at_the_desk(self) -> None:
        house, luck = self.harbor.house, self.luck
        part = self.part()
        reservation = part.partition("-")[0]
        room = luck.choice([*self.harbor.rooms, None])
        today = self.harbor.clock.now().date()
        found, line = house._of(part)
        is_whole = sum(one.part == part for one in found.lines) == 1
        match luck.randrange(15):
            case 0 | 1 | 2:
                arrival = today + timedelta(days=luck.randrange(18))
                guest = luck.choice([house.add_guest(email=f"g{len(house.guests)}@example.com"), *house.guests])
                rooms = [luck.choice([*self.harbor.rooms, None]) for _ in range(luck.randint(1, 3))]
                house.book(guest, arrival, arrival + timedelta(days=luck.randint(2, 5)), rooms)
            case 3 | 4:
                house.assign(part, room)
            case 5 | 6 if is_whole:
                house.change_dates(part, departure=line.arrival + timedelta(days=luck.randint(1, 6)))
            case 7 if is_whole and line.arrival + timedelta(days=1) < line.departure:
                house.split(part, line.arrival + timedelta(days=1), room)
            case 8:
                house.check_in(part)
            case 9:
                house.check_out(part)
            case 10:
                luck.choice([house.cancel, house.mark_no_show, house.delete])(reservation)
            case 11:
                house.reinstate(reservation)
            case 12 if len(found.lines) > 1:
                luck.choice([house.cancel_room, house.remove_room])(part)
            case 13:
                house.add_line(reservation, room, today, today + timedelta(days=3))
            case 14:
                one, other = luck.sample(list(house.guests), 2)
                if "into" not in house.guests[one] and "into" not in house.guests[other]:
                    house.merge_guests(one, other)

    def everything_fails_now_and_then(self) -> None:
        """And what fails takes nothing away."""
        faults = self.harbor.house.faults
        now = self.harbor.clock.now()
        should = expected(self.harbor.house, now, set(actual(self.harbor.seam, now)))
        had = {key for key, doors in actual(self.harbor.seam, now).items() if doors == [should.get(key)]}
        faults.unavailable = faults.too_many = faults.no_json = faults.drop = faults.unsuccessful = 0.05
        faults.lose_rows = 0.1
        self.harbor.tick(full=self.luck.random() < 0.5)
        faults.unavailable = faults.too_many = faults.no_json = faults.drop = faults.unsuccessful = 0.0
        faults.lose_rows = 0.0
        now = self.harbor.clock.now()
        gone = had - actual(self.harbor.seam, now).keys()
        assert not {key for key in gone if should[key].ends_at > now}

    def assert_in_step(self) -> None:
        seam, now = self.harbor.seam, self.harbor.clock.now()
        is_ = actual(seam, now)
        should = expected(self.harbor.house, now, set(is_))
        assert set(is_) == set(should), f"missing {set(should) - set(is_)}, too many {set(is_) - set(should)}"
        for key, door in should.items():
            assert is_[key] == [door], key


# Every day hours of the same house are judged by its books in tests/doors/test_weeks.py.
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_season_ends_with_every_door_as_the_books_say(tmp_path: Path, seed: int) -> None:
    everybody = MaxRevocations(count=1000, percent=100)
    patience = {"replace_wait": timedelta(seconds=5), "retain_grants": timedelta(days=90)}
    harbor = Harbor(tmp_path, Policy(max_revocations=everybody, **patience))
    harbor.house.offers_lists_by_id = seed % 2 == 0
    harbor.clock.time = START.replace(month=10, day=24)
    season = Season(harbor, random.Random(seed))
    for room in range(4):
        harbor.book(room, room - 1)
    for _ in range(12):
        for _ in range(season.luck.randint(1, 4)):
            if season.luck.random() < 0.2:
                with harbor.house.unnoticed():
                    season.at_the_desk()
            else:
                season.at_the_desk()
        season.everything_fails_now_and_then()
        harbor.clock.pass_(hours=season.luck.randint(1, 16))
        for _ in range(3):
            harbor.full()
            harbor.clock.pass_(minutes=5)
            harbor.seam.tick()
        season.assert_in_step()
        with harbor.no_writes():
            harbor.sync(full=True)
            harbor.tick()
        if season.luck.random() < 0.1:
            harbor.lose_the_database()
            harbor.full()
    assert len(harbor.house.reservations) > 4
    harbor.store.close()
