"""A booking that failed is tried again after a while, and after twice as long each time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox.http import Answer
from store.work import Work
from tests.world import World


def test_a_booking_that_failed_is_tried_again_after_one_two_and_four_minutes_and_never_later_than_half_an_hour(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    booking = world.book()
    handle = world.seam.handle

    def refusing(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path == "/access_grants/create":
            return Answer(400, b"{}")
        return handle(method, path, query, headers, body)

    world.seam.handle = refusing  # type: ignore[method-assign]
    for minutes in (1, 2, 4, 8, 16, 30, 30):
        began = world.clock.now()
        assert world.sync(full=True).exit == 1
        due = began + timedelta(minutes=minutes)
        assert Work(world.store).retries_due("alpen", due - timedelta(seconds=1)) == []
        assert Work(world.store).retries_due("alpen", due) == [(world.property, booking)]
        world.clock.pass_(minutes=1)
    world.store.close()
