"""Sweeps give way to what is urgent, and not for ever."""

from collections.abc import Collection, Sequence
from typing import Any

from reconciler.precedence import LongRun, Precedence
from schedules.giving_way import ASKS_EVERY, FORGOTTEN, GOES_ON, LONGEST, GivingWay
from store.engine import StoreFailed


class Machine:
    """A clock that goes on while somebody waits, and a queue in which something urgent waits, or not."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits = True
        self.asked = 0
        self.ends_at = float("inf")
        self.giving_way = GivingWay(self.something_waits, self.pause, lambda: self.now)

    def something_waits(self) -> bool:
        self.asked += 1
        return self.waits

    def pause(self, seconds: float) -> None:
        self.now += seconds
        self.waits = self.waits and self.now < self.ends_at

    def waited(self) -> float:
        begun = self.now
        self.giving_way.give_way(lambda: False)
        return self.now - begun


def test_a_sweep_goes_on_at_once_where_nothing_urgent_waits_and_otherwise_as_soon_as_that_is_taken() -> None:
    machine = Machine()
    machine.ends_at = machine.now + 3
    assert 3 <= machine.waited() <= 3 + ASKS_EVERY
    assert machine.waited() == 0


def test_however_much_comes_in_sweeps_go_on_for_a_part_of_the_time() -> None:
    machine = Machine()
    assert machine.waited() == LONGEST
    assert machine.waited() == 0, "and so do all the others"
    machine.now += GOES_ON
    assert machine.waited() == LONGEST


def test_that_time_is_one_of_all_sweeps_together_and_begins_anew_when_the_line_was_empty() -> None:
    machine = Machine()
    assert machine.giving_way.wanted()
    machine.now += LONGEST - 2
    assert machine.giving_way.wanted() is True, "nobody asked meanwhile: what waits now has not waited so long"
    machine.now += FORGOTTEN - 1
    assert machine.giving_way.wanted()
    machine.waits = False
    machine.now += ASKS_EVERY
    assert machine.giving_way.wanted() is False
    machine.waits = True
    machine.now += ASKS_EVERY
    assert machine.waited() == LONGEST


def test_however_many_sweeps_wait_the_database_is_asked_twice_a_second() -> None:
    machine = Machine()
    for _ in range(100):
        machine.giving_way.wanted()
        machine.now += ASKS_EVERY / 100
    assert machine.asked == 1


def test_nobody_waits_for_a_sweep_that_is_to_end_nor_in_a_database_that_is_away() -> None:
    machine = Machine()
    machine.giving_way.give_way(lambda: True)
    assert machine.now == 1000.0

    def away() -> bool:
        raise StoreFailed("the database cannot be used")

    giving_way = GivingWay(away, machine.pause, lambda: machine.now)
    giving_way.give_way(lambda: False)
    assert machine.now == 1000.0


class Watched(Precedence):
    def __init__(self) -> None:
        super().__init__()
        self.did: list[str] = []

    def give_way(self) -> None:
        assert not any(self._under_way.values()), "somebody may wait for what is under way"
        self.did.append("gives way")

    def begin(self, booking_ids: Sequence[str], overtaken: Any) -> list[str]:
        self.did += booking_ids
        return super().begin(booking_ids, overtaken)


def nothing(asked: Collection[str]) -> Collection[str]:
    return ()


def test_a_long_run_gives_way_before_each_booking() -> None:
    watched = Watched()
    long = LongRun(watched, nothing)
    long.begin_plan(takes_access=False)
    for booking in ("b1", "b2"):
        long.begin([booking])
        long.end([booking])
    assert watched.did == ["gives way", "gives way", "b1", "gives way", "b2"]


def test_whoever_has_lost_a_key_and_is_to_get_another_one_waits_for_nobody_else() -> None:
    watched = Watched()
    long = LongRun(watched, nothing)
    long.begin_plan(takes_access=True)
    for booking in ("b1", "b2"):
        long.begin([booking])
        long.end([booking])
    long.begin_plan(takes_access=False)
    long.begin(["her room in the other house"])
    assert watched.did == ["gives way", "b1", "b2", "her room in the other house"]
