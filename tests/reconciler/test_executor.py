"""How a plan is carried out: what belongs together stays together, and what was begun is not forgotten."""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.outcomes import Kind
from mappers.policy import MaxRevocations, Policy
from reconciler import carry_out, door_codes, executor, lookup
from reconciler.attempts import FAILURES_IN_A_ROW
from reconciler.executor import Executor
from reconciler.precedence import Overtaken, Precedence
from reconciler.prepare import RunConnection
from reconciler.progress import Silent
from reconciler.report import RunReport
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions
from seam_workspace.errors import SeamRefused, SeamUnreachable
from store.links import Links
from store.pin_marks import PinMark, PinMarks
from store.queue import BOOKINGS, Queue, Task, TaskKind
from store.runs import Runs
from store.work import Work
from tests.world import Killed, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.store.close()


def run(world: World, **rest: Any) -> RunReport:
    """A full run a minute later, with what `World.sync` has no words for."""
    world.clock.pass_(minutes=1)
    return Run(
        RunConnection(world.name, world.connector, world.policy, world.keys),
        world.workspace,
        world.store,
        RunOptions(Everything()),
        clock=world.clock.now,
        monotonic=world.clock.monotonic,
        sleep=world.clock.sleep,
        workers=1,
        **rest,
    ).execute()


class Watched(Precedence):
    """Notes for how long each booking is in the long run's hands."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, int] = {}

    def begin(self, booking_ids: Sequence[str], overtaken: Overtaken) -> list[str]:
        for booking_id in booking_ids:
            self.held[booking_id] = self.held.get(booking_id, 0) + 1
        return super().begin(booking_ids, overtaken)

    def end(self, booking_ids: Collection[str]) -> None:
        for booking_id in booking_ids:
            self.held[booking_id] -= 1
        super().end(booking_ids)


def test_nobody_comes_between_the_two_halves_of_a_move(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = world.book(0), world.book(1)
    world.sync()
    world.hotel.assign(one, world.rooms[1])
    world.hotel.assign(other, world.rooms[0])
    precedence = Watched()
    loose: list[str] = []
    outside: set[str] = set()
    delete, make = world.workspace.delete_access_grant, world.workspace.create_access_grant

    def look() -> None:
        loose.extend(booking for booking in outside if not precedence.held[booking])

    def deleting(grant_id: str) -> None:
        look()
        outside.add(world.seam.access_grants[grant_id]["access_grant_key"])
        delete(grant_id)

    def making(wanted: Any, **rest: Any) -> Any:
        look()
        outside.discard(wanted.booking_id)
        return make(wanted, **rest)

    world.workspace.delete_access_grant = deleting  # type: ignore[method-assign]
    world.workspace.create_access_grant = making  # type: ignore[method-assign]
    done: list[int] = []
    monkeypatch.setattr(Silent, "advance", lambda self, number: done.append(number))
    run(world, precedence=precedence)
    assert (world.doors(one), world.doors(other)) == (["102"], ["101"])
    assert loose == []
    assert sum(done) == 2, "a move is one thing to do"
    assert set(precedence.held.values()) == {0}


def test_what_was_noted_of_a_booking_that_was_overtaken_is_not_overwritten(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = world.book()
    world.sync()
    world.hotel.retire_room(world.rooms[0])
    departure = world.clock.now() + timedelta(days=4)
    world.hotel.move_dates(booking, departure=departure)

    class Left(Precedence):
        def begin(self, booking_ids: Sequence[str], overtaken: Overtaken) -> list[str]:
            return []

    class Sync:
        def __init__(self, *given: Any, **rest: Any):
            pass

        def run(self, one: Any, skip: Collection[str], everything: bool) -> Collection[Task]:
            return [Task(world.name, TaskKind.WRITE_DOOR_CODE, booking, world.clock.now(), world.property)]

    monkeypatch.setattr(carry_out, "DoorCodeSync", Sync)
    later = world.clock.now() + timedelta(hours=1)
    kinds = (TaskKind.RETRY_BOOKING, TaskKind.WRITE_DOOR_CODE)
    tasks = [Task(world.name, kind, booking, later, world.property, 2) for kind in kinds]
    Queue(world.store).replace(world.name, BOOKINGS, [booking], tasks, later)
    run(world, precedence=Left())
    left = Queue(world.store).waiting(world.name, BOOKINGS)
    assert {(one.kind, one.not_before, one.attempts) for one in left} == {(kind, later, 2) for kind in kinds}


def test_a_note_of_what_was_cut_off_stays_where_the_next_run_leaves_the_booking_undone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = world.book()
    world.sync()
    world.seam.delete_delay = timedelta(0)
    world.hotel.assign(booking, world.rooms[1])
    delete = world.workspace.delete_access_grant

    def dying(grant_id: str) -> None:
        delete(grant_id)
        raise Killed

    world.workspace.delete_access_grant = dying  # type: ignore[method-assign]
    with suppress(Killed):
        world.tick()
    world.restart()
    stopped: list[bool] = []
    monkeypatch.setattr(Executor, "execute", _asked_to_stop_when_it_begins(stopped))
    monkeypatch.setattr(carry_out, "DoorCodeSync", lambda *_, **__: pytest.fail("a stopped run hands no codes over"))
    run(world, stop=lambda: bool(stopped))
    assert set(Work(world.store).cut_off(world.name)) == {booking}
    assert set(Work(world.store).sealed_steps(world.name)) == {booking}


def test_a_link_whose_grant_was_made_anew_by_somebody_goes_with_the_grant(world: World) -> None:
    booking = world.book()
    world.sync()
    (link,) = [one for one in Links(world.store).of_bookings(world.name, [booking]) if one.kind == Kind.ACCESS_GRANT]
    world.hotel.cancel(booking)
    Runs(world.store).begin("r", world.name, "full", world.clock.now(), None)
    Runs(world.store).record("r", world.name, [], world.clock.now(), made=[replace(link, seam_id="another")])
    world.tick(full=True)
    assert [one.key for one in Links(world.store).of_bookings(world.name, [booking])] == []


def test_no_code_is_handed_over_of_a_booking_whose_access_failed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = world.book()
    skipped: list[Collection[str]] = []

    class Sync:
        def __init__(self, *given: Any, **rest: Any):
            pass

        def run(self, one: Any, skip: Collection[str], everything: bool) -> Collection[Task]:
            skipped.append(skip)
            return ()

    def refuse(wanted: Any, **rest: Any) -> Any:
        raise SeamRefused("not now", status=400)

    monkeypatch.setattr(carry_out, "DoorCodeSync", Sync)
    monkeypatch.setattr(world.workspace, "create_access_grant", refuse)
    run(world)
    assert skipped == [{booking}]


@pytest.mark.parametrize("in_a_row", [False, True])
def test_a_seam_that_is_down_is_not_tried_on_and_on(tmp_path: Path, in_a_row: bool) -> None:
    world = World(tmp_path, Policy(max_revocations=MaxRevocations(count=1000, percent=100)))
    number = FAILURES_IN_A_ROW + 6
    for one in range(number if in_a_row else 2 * number):
        world.book(one % 3)
    make = world.workspace.create_access_grant
    tried: list[str] = []

    def down(wanted: Any, **rest: Any) -> Any:
        tried.append(wanted.key)
        if in_a_row or len(tried) % 2:
            raise SeamUnreachable("no answer")
        return make(wanted, **rest)

    world.workspace.create_access_grant = down  # type: ignore[method-assign]
    report = run(world)
    assert len(tried) == (FAILURES_IN_A_ROW if in_a_row else 2 * number)
    assert any("not tried: no answer" in (item.error or "") for item in report.items) is in_a_row
    world.store.close()


def test_a_grant_of_a_later_generation_is_found_by_its_key_though_nothing_was_noted_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in a house so large that single bookings are looked up by key, after a crash."""
    monkeypatch.setattr(lookup, "PAGE", 1)
    booking = world.book()
    world.book(2)
    world.sync()
    world.seam.delete_delay = timedelta(hours=1)
    world.hotel.assign(booking, world.rooms[1])
    make = world.workspace.create_access_grant

    def dying(wanted: Any, **rest: Any) -> Any:
        make(wanted, **rest)
        raise Killed

    world.workspace.create_access_grant = dying  # type: ignore[method-assign]
    with suppress(Killed):
        world.tick()
    world.restart()
    world.clock.pass_(hours=2)
    with world.no_writes():
        world.tick(booking_ids=(booking,))
    assert world.doors(f"{booking}.2") == ["102"]


def test_nobody_leaves_early_for_a_room_that_is_not_to_be_had(world: World) -> None:
    one, other = world.book(0), world.book(2)
    world.sync()
    world.hotel.assign(one, world.rooms[1])
    world.hotel.assign(other, world.rooms[0])
    world.seam.remove("space", world.rooms[1])
    world.seam.spaces_create = lambda given: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    world.tick()
    assert world.doors(one) == ["101"]


def test_whoever_has_left_her_room_gets_the_next_one_though_the_run_is_asked_to_stop(world: World) -> None:
    one, other = world.book(0), world.book(1)
    world.sync()
    world.hotel.assign(one, world.rooms[1])
    world.hotel.assign(other, world.rooms[0])
    done: list[str] = []
    delete, make = world.workspace.delete_access_grant, world.workspace.create_access_grant

    def leaving(grant_id: str) -> None:
        done.append("left")
        delete(grant_id)

    def coming(wanted: Any, **rest: Any) -> Any:
        done.append("came")
        return make(wanted, **rest)

    world.workspace.delete_access_grant = leaving  # type: ignore[method-assign]
    world.workspace.create_access_grant = coming  # type: ignore[method-assign]
    run(world, stop=lambda: len(done) > 1)
    assert done == ["left", "left", "came", "came"]
    assert (world.doors(one), world.doors(other)) == (["102"], ["101"])


def test_a_run_leaves_alone_what_is_due_of_bookings_that_it_has_not_looked_at(world: World) -> None:
    looked_at, other = world.book(0), world.book(1)
    world.sync()
    (link,) = [one for one in Links(world.store).of_bookings(world.name, [other]) if one.kind == Kind.ACCESS_GRANT]
    mark = PinMark(link.seam_id, link.key, other, "g", frozenset(), "mark", is_of_another=True)
    PinMarks(world.store, world.name).note([mark])
    later = world.clock.now() + timedelta(hours=1)
    task = Task(world.name, TaskKind.RETRY_BOOKING, other, later, world.property, 2)
    Queue(world.store).replace(world.name, BOOKINGS, [other], [task], world.clock.now())
    world.tick(booking_ids=(looked_at,))
    assert [
        (one.kind, one.not_before) for one in Queue(world.store).waiting(world.name, BOOKINGS, subjects=[other])
    ] == [(TaskKind.RETRY_BOOKING, later)]
    assert Work(world.store).failures(world.name) == {other: 2}


def test_whose_pin_another_process_has_found_to_be_another_guests_is_looked_at_again_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = world.book(0)
    world.sync()

    def found_meanwhile(workspace: Any, store: Any, name: str, grants: Any, *_: Any) -> None:
        (grant,) = grants
        mark = PinMark(grant.id, booking, booking, "g", frozenset(), "mark", is_of_another=True)
        PinMarks(store, name).note([mark])

    monkeypatch.setattr(carry_out, "learn_unknown", found_meanwhile)
    world.tick(booking_ids=(booking,))
    due = Queue(world.store).waiting(world.name, BOOKINGS, until=world.clock.now())
    assert [one.subject for one in due] == [booking]


def test_whoever_watches_a_run_is_told_how_much_there_is_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.book(0)
    told: list[tuple[str, int | None]] = []
    monkeypatch.setattr(Silent, "phase", lambda self, text, total=None: told.append((text, total)))
    run(world)
    assert told[-2:] == [("Hotel Alpenblick: 3 Spaces", 3), ("alpen: 2 changes", 2)]
    told.clear()
    world.policy = replace(world.policy, write_back="note")
    run(world)
    assert not [text for text, _ in told if "change" in text]
    assert told[-1] == ("Hotel Alpenblick: 1 door code for the PMS", 1)


def test_what_a_run_left_undone_because_it_was_asked_to_stop_is_due_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.sync()
    booking = world.book(0)
    stopped: list[bool] = []
    monkeypatch.setattr(Executor, "execute", _asked_to_stop_when_it_begins(stopped))
    run(world, stop=lambda: bool(stopped))
    assert world.doors(booking) == []
    due = Queue(world.store).waiting(world.name, BOOKINGS, until=world.clock.now())
    assert [(one.subject, one.kind, one.property_id) for one in due] == [(booking, TaskKind.WATCH_STAY, world.property)]


def _asked_to_stop_when_it_begins(stopped: list[bool]) -> Callable[[Executor, Any], None]:
    execute = Executor.execute

    def stopping(self: Executor, plan: Any) -> None:
        stopped.append(True)
        execute(self, plan)

    return stopping


def test_as_many_bookings_are_worked_on_at_once_as_the_run_may(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once: list[int] = []

    class Pool(ThreadPoolExecutor):
        def __init__(self, workers: int, **rest: Any):
            at_once.append(workers)
            super().__init__(workers, **rest)

    for module in (executor, door_codes):
        monkeypatch.setattr(module, "ThreadPoolExecutor", Pool)
    world.policy = replace(world.policy, write_back="note")
    for room in range(2):
        world.book(room)
    run(world)
    assert at_once == [1] * 4, "Spaces, identities, grants and their codes"
