"""How much may end at once before a person is asked, and what a wrong clock may do: nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import MaxRevocations, Policy
from reconciler.report import RunReport
from tests.doors.mews import MewsHouse
from tests.doors.week import INCREMENTAL, MINUTE
from tests.every_day import each_value, first_of


def house_of(path: Path, stays: int, nights: int = 6, **rest: int) -> MewsHouse:
    house = MewsHouse(path, Policy())
    house.policy = replace(house.policy, max_revocations=MaxRevocations())
    house._assemble()
    house.fill(stays, nights, **rest)
    house.begin()
    house.listen()
    house.pass_(minutes=INCREMENTAL / MINUTE)
    assert len(house.opens()) == stays
    return house


def cancel(house: MewsHouse, count: int) -> None:
    alive = [one["Id"] for one in house.hotel.reservations.values() if one["State"] == "Confirmed"]
    for one in alive[:count]:
        house.hotel.cancel(one)
    house.changed()
    house.settle()


@first_of(
    1,
    ("stays", "at_once", "times", "most"),
    [(4, 1, 4, 2), (15, 3, 4, 6), (4, 4, 1, 2), (2, 1, 2, 1), (11, 3, 3, 4), (3, 1, 3, 2), (2, 2, 1, 1)],
)
def test_many_cancellations_within_moments_are_held_before_all_are_out(
    tmp_path: Path, stays: int, at_once: int, times: int, most: int
) -> None:
    house = house_of(tmp_path, stays)
    for _ in range(times):
        cancel(house, at_once)
        house.clock.pass_(seconds=20)
    for _ in range(6):
        house.clock.time += INCREMENTAL
        house.fire()
        house.settle()
        house.look_at_alerts()
    assert stays - len(house.opens()) <= most
    begun = [subject for phase, subject in house.told.messages if phase == "begin"]
    assert len(begun) == 1, begun
    assert "approval" in begun[0]


# To the second it is tried in tests/reconciler/test_safety.py.
@pytest.mark.slow
def test_cancellations_of_guests_who_are_due_are_counted_over_the_day(tmp_path: Path) -> None:
    """One every half hour, over six hours: no hour has seen more than two."""
    house = house_of(tmp_path, 15)
    for _ in range(12):
        cancel(house, 1)
        for _ in range(3):
            house.clock.time += INCREMENTAL
            house.fire()
            house.settle()
            house.look_at_alerts()
    assert 15 - len(house.opens()) == 6
    begun = [subject for phase, subject in house.told.messages if phase == "begin"]
    assert len(begun) == 1, begun


@pytest.mark.slow
@first_of(1, ("deleted", "out"), [(6, 0), (5, 5)])
def test_of_forty_five_may_be_gone_by_absence(tmp_path: Path, deleted: int, out: int) -> None:
    house = house_of(tmp_path, 40)
    for one in list(house.hotel.reservations)[:deleted]:
        del house.hotel.reservations[one]
    house.do("full")
    house.pass_(minutes=2)
    assert 40 - len(house.opens()) == out


def test_one_cancellation_of_four_goes_through(tmp_path: Path) -> None:
    house = house_of(tmp_path, 4)
    cancel(house, 1)
    house.pass_(minutes=2)
    assert len(house.opens()) == 3
    house.look_at_alerts()
    assert not house.told.messages


@first_of(
    1,
    ("stays", "leaving", "at_once", "hears"),
    [
        (4, 4, 4, True),
        *((60, 40, most, hears) for most in (2, 40) for hears in (True, False)),
        *((18, 12, 12, hears) for hears in (True, False)),
        (4, 4, 4, False),
    ],
)
def test_an_ordinary_morning_of_check_outs_holds_nobody(
    tmp_path: Path, stays: int, leaving: int, at_once: int, hears: bool
) -> None:
    house = house_of(tmp_path, stays, nights=2)
    for one in [*house.hotel.reservations][leaving:]:
        house.hotel.move_dates(one, departure=house.at(house.today() + timedelta(days=3), 11))
    for one in house.hotel.reservations:
        house.hotel.check_in(one)
    house.pass_(minutes=INCREMENTAL / MINUTE)
    house.leap(house.at(house.today() + timedelta(days=1), 8))
    if not hears:
        house.hotel.sender = None
    out = [*house.hotel.reservations][:leaving]
    for number in range(0, leaving, at_once):
        for one in out[number : number + at_once]:
            house.hotel.check_out(one)
        house.changed()
        house.pass_(minutes=4)
    house.pass_(minutes=INCREMENTAL / MINUTE + 2)
    assert len(house.opens()) == stays - leaving
    house.look_at_alerts()
    assert not house.told.messages
    assert house.watch.verdict.is_good(), str(house.watch.verdict)


@pytest.mark.slow
def test_cancellations_that_are_spread_over_weeks_hold_nobody(tmp_path: Path) -> None:
    """36 of 100 bookings are cancelled, a few on each day: what a hotel sees."""
    house = house_of(tmp_path, 100, nights=20)
    for _ in range(12):
        for _ in range(3):
            cancel(house, 1)
            house.pass_(minutes=INCREMENTAL / MINUTE)
        house.leap(house.clock.now() + timedelta(days=1))
    house.look_at_alerts()
    assert len(house.opens()) == 64
    assert not house.told.messages


@each_value(every_day=3, days=[-30, -3, -0.02, 0.02, 3, 30], job=["incremental", "full", "night_audit"])
def test_a_clock_that_is_wrong_writes_nothing_and_is_told_within_the_run(
    tmp_path: Path, days: float, job: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's own clock jumps; those of the PMS and of Seam show in their answers."""
    house = house_of(tmp_path, 12)
    ahead = timedelta()
    real = house.clock.now
    for other in (house.hotel, house.seam):
        other.now = lambda: real() - ahead
    house.hotel.stamp = house.hotel.now
    opens, pins = house.opens(), {right.person: house.pins(right.person) for right in house.rights()}
    writes = house.seam.writes
    cancel_later = next(iter(house.hotel.reservations))
    reports: list[RunReport] = []
    monkeypatch.setattr(house.metrics, "run_ended", reports.append)
    ahead = timedelta(days=days)
    house.clock.time += ahead
    house.hotel.sender = None
    house.hotel.cancel(cancel_later)
    house.do(job)
    assert house.seam.writes == writes
    assert [report.exit for report in reports] == [1]
    assert "clock" in (reports[0].broken_off or "")
    # The clock is set right again.
    house.clock.time -= ahead
    ahead = timedelta()
    house.clock.time += INCREMENTAL
    house.do("incremental")
    house.do("full")
    house.clock.time += MINUTE
    now = house.clock.now()
    gone = {one for one in opens if one not in house.watch.opens(now)}
    assert len(gone) == 1, "only the cancelled one"
    assert {person: house.pins(person) for person in pins if house.pins(person)}.items() <= pins.items()
