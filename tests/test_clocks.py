"""The clocks of the PMS, of Seam and of this machine are not the same."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.every_day import first_of
from tests.world import START, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@first_of(2, "minutes", [-45, -10, -9, 9, 10, 45])
def test_news_of_a_pms_with_another_clock_is_seen_by_the_next_run_over_changes(world: World, minutes: int) -> None:
    world.hotel.clock_skew = timedelta(minutes=minutes)
    gone, moved = world.book(0), world.book(1)
    report = world.sync()
    assert world.doors(gone)
    said = " ".join(item.reason for item in report.items)
    assert f"the clock of the PMS is {abs(minutes)} minutes {'ahead of' if minutes > 0 else 'behind'} ours" in said
    for _ in range(3):
        world.clock.pass_(minutes=20)
        world.sync()
    world.hotel.cancel(gone)
    world.hotel.assign(moved, world.rooms[2])
    world.clock.pass_(minutes=2)
    report = world.sync()
    assert report.mode == "incremental"
    assert report.exit == 0
    assert (world.doors(gone), world.doors(moved)) == ([], ["103"])


def test_a_pms_that_sets_its_clock_back_loses_no_news(world: World) -> None:
    world.hotel.clock_skew = timedelta(minutes=9)
    booking = world.book()
    world.sync()
    world.hotel.clock_skew = timedelta(0)
    world.clock.pass_(minutes=1)
    world.hotel.cancel(booking)
    world.clock.pass_(minutes=1)
    world.sync()
    assert world.doors(booking) == []


@first_of(2, "off", [{"days": 3}, {"days": 30}, {"minutes": 11}, {"days": -3}])
def test_nothing_is_written_while_our_clock_is_wrong(world: World, off: dict[str, int]) -> None:
    staying = world.book(0, arrival=START - timedelta(days=1), departure=START + timedelta(days=1))
    world.hotel.set_state(staying, "Started")
    new = world.book(1)
    world.sync(booking_ids=(staying,))
    shift = timedelta(**off)
    # The machine's clock jumps; those of the others go on.
    world.hotel.now = world.seam.now = lambda: world.clock.now() - shift
    if shift > timedelta(0):
        world.clock.pass_(**off)
    for options in ({}, {"full": True}, {"night_audit": True}, {"booking_ids": (new,)}):
        with world.no_writes():
            report = world.sync(**options)
        assert report.exit == 1
        (item,) = report.items
        assert "the clock of this machine is" in str(item.error)
    world.clock.time -= max(shift, timedelta(0))
    world.hotel.now = world.seam.now = world.clock.now
    assert world.tick(full=True).exit == 0
    assert world.doors(new)
    assert world.doors(staying)


def test_a_guest_in_the_house_keeps_her_grant_by_a_clock_that_is_wrong_and_that_nobody_contradicts(
    world: World,
) -> None:
    staying = world.book(0, arrival=START - timedelta(days=1), departure=START + timedelta(days=1))
    world.hotel.set_state(staying, "Started")
    world.sync()
    before = world.seam.grant_by_key(staying)
    world.hotel.shows_clock = world.seam.shows_clock = False
    world.clock.pass_(days=5)
    world.sync(full=True)
    assert world.seam.grant_by_key(staying) == before
