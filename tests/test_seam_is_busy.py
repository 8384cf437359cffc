"""Seam says that there are too many requests: it is left alone for as long as it says, and nobody waits for an hour."""

from pathlib import Path

import pytest

from tests.world import World


@pytest.mark.parametrize("plain", [True, False])
def test_a_run_that_would_have_to_wait_for_an_hour_ends_and_says_so(tmp_path: Path, plain: bool) -> None:
    world = World(tmp_path)
    for room in range(3):
        world.book(room)
    world.seam.faults.too_many, world.seam.faults.retry_after = 1.0, "3600"
    world.seam.faults.plain_too_many = plain
    began, asked = world.clock.monotonic(), sum(world.seam.calls.values())
    report = world.sync(full=True)
    assert report.exit != 0
    assert "takes no more requests for another 60 minutes" in str(report.broken_off)
    assert (world.clock.monotonic() - began, sum(world.seam.calls.values()) - asked) == (0, 1)


def test_in_the_middle_of_a_run_the_rest_is_left_for_the_next_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.sync(full=True)
    bookings = [world.book(room) for room in range(3)]
    world.clock.pass_(minutes=1)
    create = world.seam.access_grants_create

    def once(given: dict[str, object]) -> str:
        world.seam.faults.too_many, world.seam.faults.retry_after = 1.0, "7200"
        return create(given)

    world.seam.access_grants_create = once  # type: ignore[method-assign]
    began = world.clock.monotonic()
    report = world.sync(full=True)
    assert report.exit != 0
    assert world.clock.monotonic() - began < 60
    assert any("no more requests for another 120 minutes" in (item.error or "") for item in report.items)
    world.seam.access_grants_create = create  # type: ignore[method-assign]
    world.seam.faults.too_many = 0
    world.clock.pass_(hours=2, minutes=1)
    world.sync(full=True)
    assert all(world.doors(one) for one in bookings)
    with world.no_writes():
        world.sync(full=True)
