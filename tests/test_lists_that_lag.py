"""Seam's lists show what was so half a minute ago: nothing is made twice, and nobody loses anything by it."""

import copy
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from sandbox.http import Answer
from tests.every_day import each_value
from tests.world import START, World

BEHIND = timedelta(seconds=30)
KINDS = ("spaces", "user_identities", "access_grants", "access_methods")


class Lag:
    """Before a simulated Seam: every list is answered from a copy that is `BEHIND`; what is asked for by id is true."""

    def __init__(self, world: World):
        self._world = world
        self._handle = world.seam.handle
        self._copies: list[tuple[datetime, dict[str, Any]]] = []
        self.made: Counter[str] = Counter()
        self.told_of_before = 0
        """How many lists had another number of things than there are."""
        self._keep()
        world.seam.handle = self.handle  # type: ignore[method-assign]

    def _keep(self) -> None:
        seam = self._world.seam
        self._copies.append((self._world.clock.now(), {name: copy.deepcopy(getattr(seam, name)) for name in KINDS}))

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        seam, kind, what = self._world.seam, *path.strip("/").rpartition("/")[::2]
        if what != "list" or kind not in KINDS:
            answer = self._handle(method, path, query, headers, body)
            if what in ("create", "update", "delete"):
                self.made[f"{kind} {what} {answer.status}"] += 1
                self._keep()
            return answer
        then = self._world.clock.now() - BEHIND
        old = [held for at, held in self._copies if at <= then] or [self._copies[0][1]]
        now = {name: getattr(seam, name) for name in KINDS}
        self.told_of_before += len(old[-1][kind]) != len(now[kind])
        for name, held in old[-1].items():
            setattr(seam, name, held)
        try:
            return self._handle(method, path, query, headers, body)
        finally:
            for name, held in now.items():
                setattr(seam, name, held)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, Policy(replace_wait=timedelta(seconds=20)))
    assert made.sync(full=True).exit == 0
    return made


# Full runs, and runs over what changed.
@each_value(full=[True, False], seconds=[1, 10, 29])
def test_nothing_is_made_twice_and_nobody_loses_access_by_lists_that_are_behind(
    world: World, full: bool, seconds: int
) -> None:
    lag = Lag(world)
    arrival = START + timedelta(hours=2)
    stay, extended, cancelled, moved = (
        world.book(room, arrival=arrival + timedelta(days=2 * late), departure=arrival + timedelta(days=2 * late + 1))
        for room, late in ((0, 0), (1, 0), (2, 0), (0, 1))
    )

    def three_runs() -> None:
        for _ in range(3):
            assert world.sync(full=full).exit == 0
            world.clock.pass_(seconds=seconds)

    three_runs()
    assert all(world.doors(one) for one in (stay, extended, cancelled, moved))
    assert lag.made["access_grants create 200"] == 4
    pins = {one: world.seam.code_of(one) for one in (stay, extended)}

    world.hotel.move_dates(extended, departure=arrival + timedelta(days=3))
    world.hotel.cancel(cancelled)
    world.hotel.assign(moved, world.rooms[2])
    three_runs()
    assert world.doors(cancelled) == []
    assert world.doors(moved) == ["103"]
    assert world.doors(stay) == ["101"]
    assert {one: world.seam.code_of(one) for one in (stay, extended)} == pins
    assert lag.made["access_grants create 200"] == 5
    assert not [one for one in lag.made if " create 4" in one], lag.made

    assert lag.told_of_before or not full

    world.clock.pass_(seconds=60)
    assert world.sync(full=True).exit == 0
    with world.no_writes():
        world.clock.pass_(seconds=60)
        assert world.sync(full=True).exit == 0
