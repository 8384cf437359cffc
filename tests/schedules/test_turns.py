"""Whoever has lost the turn in the middle of a run writes no more, says so, and leaves the rest to the next one."""

import threading
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.accounts import adopt_account, check_accounts
from reconciler.by_hand import DeskTaken, by_hand
from reconciler.precedence import Precedence
from reconciler.run import Run
from schedules.jobs import Job
from store.connections import Standing, State
from store.engine import TurnLost
from store.inbox import Inbox
from store.jobs import JobBook
from store.queue import TaskKind
from store.runs import Runs
from store.stays import Stays
from store.turns import Turn, take
from store.work import Work
from tests.every_day import first_of
from tests.night import Night
from tests.schedules.test_precedence import Gate
from tests.world import START, World, run_options

WRITES = ("/create", "/update", "/delete", "/request_access_methods")


class Seconds:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def _run(world: World, turn: Turn, **options: Any) -> Run:
    from reconciler.prepare import RunConnection

    return Run(
        RunConnection(world.name, world.connector, world.policy, world.keys),
        world.workspace,
        world.store,
        run_options(**options),
        clock=world.clock.now,
        monotonic=world.clock.monotonic,
        sleep=world.clock.sleep,
        workers=1,
        turn=turn,
    )


def _at_write(world: World, number: int, then: Callable[[], None]) -> list[str]:
    """Does something in the middle of the so manieth write; returns the list of later writes."""
    handle, seen, later = world.seam.handle, [0], []

    def counting(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path.endswith(WRITES):
            seen[0] += 1
            if seen[0] > number:
                later.append(path)
        answer = handle(method, path, query, headers, body)
        if path.endswith(WRITES) and seen[0] == number:
            then()
        return answer

    world.seam.handle = counting  # type: ignore[method-assign]
    return later


@first_of(2, "number", [3, 6, 1, 2, 4, 5])
def test_a_process_that_sleeps_at_any_write_makes_no_other_after_its_turn(tmp_path: Path, number: int) -> None:
    world = World(tmp_path)
    bookings = [world.book(room) for room in range(3)]
    world.sync(booking_ids=(bookings[0],))
    world.hotel.assign(bookings[0], world.rooms[1])
    seconds = Seconds()
    turn = take(world.store, "run alpen", clock=seconds)

    def sleeps() -> None:
        seconds.now += 600

    later = _at_write(world, number, sleeps)
    report = _run(world, turn, full=True).execute()
    assert turn.lost
    assert later == []
    assert report.exit == 1
    assert "another process may be at work" in (report.broken_off or "")
    stored = Runs(world.store).get(report.run_id)
    assert stored is not None
    assert (stored.exit, stored.finished_at is not None) == (1, True)
    assert Work(world.store).cursor("alpen", world.property) is None
    touched = {item.booking_id for item in report.items if item.booking_id}
    assert touched <= Work(world.store).watched("alpen", world.property, world.clock.now())
    turn.release()
    world.clock.pass_(minutes=2)
    assert world.sync().exit == 0
    assert [world.doors(one) for one in bookings] == [["102"], ["102"], ["103"]]


def test_nothing_that_others_did_meanwhile_is_undone(tmp_path: Path) -> None:
    world = World(tmp_path)
    kept, cancelled, moved = (world.book(room) for room in range(3))
    seconds = Seconds()
    turn = take(world.store, "run alpen", clock=seconds)

    def others_work() -> None:
        seconds.now += 600
        turn.release()
        world.hotel.cancel(cancelled)
        world.hotel.assign(moved, world.rooms[0])
        world.clock.pass_(minutes=3)
        with world.workspace.guarded(lambda: None):
            assert world.sync().exit == 0

    later = _at_write(world, 5, others_work)
    report = _run(world, turn, full=True).execute()
    assert report.exit == 1
    assert world.doors(cancelled) == []
    assert world.doors(moved) == ["101"]
    assert world.doors(kept) == ["101"]
    assert later, "the others have written"


def test_a_job_whose_turn_is_lost_ends_with_that_reason_and_does_not_move_the_cursor(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    before = Work(night.store).cursor("alpen", night.property)
    booking = night.book()
    with night.jobs._only_one() as turn:
        turn._lost = True
        night.clock.pass_(minutes=2)
        with night.no_writes():
            assert "another process" in (night.jobs._run(turn, run_options()) or "")
    assert Work(night.store).cursor("alpen", night.property) == before
    night.do("incremental")
    assert night.doors(booking)


def test_whoever_lost_the_turn_takes_no_delivery_up(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.mews_webhook(("ServiceOrderUpdated", night.book()))
    with night.jobs._only_one() as turn:
        turn._lost = True
        with pytest.raises(TurnLost):
            Inbox(night.store.fenced(turn)).take("alpen", night.clock.now(), "taker")
    (one,) = night.inbox.waiting("alpen", night.clock.now())
    assert (one.attempts, one.begun_at, one.handled_at) == (0, None, None)


@pytest.mark.parametrize("job", [TaskKind.BOOKING_NEWS, TaskKind.INCREMENTAL])
def test_a_delivery_and_a_job_that_are_under_way_when_the_turn_is_lost_are_left_to_the_next(
    tmp_path: Path, job: TaskKind
) -> None:
    night = Night(tmp_path)
    night.do("full")
    booking = night.book()
    night.clock.pass_(minutes=2)
    night.mews_webhook(("ServiceOrderUpdated", booking))
    lost: list[Turn] = []

    def loses() -> None:
        turn = night.jobs._turn
        assert turn is not None
        if not lost:
            turn._lost = True
        lost.append(turn)

    later = _at_write(night, 1, loses)
    with pytest.raises(TurnLost):
        night.jobs.do(Job(job))
    assert later == []
    (one,) = night.inbox.waiting("alpen", night.clock.now())
    assert (one.handled_at, one.outcome, one.note) == (None, None, None)
    record = JobBook(night.store).all().get(("alpen", "", TaskKind.INCREMENTAL))
    assert record is None or (record.ended_at, record.good_at, record.failures) == (None, None, 0)
    night.settle()
    assert night.doors(booking)
    assert night.inbox.page(state="done")


def test_whoever_was_held_up_ends_no_job_that_another_one_has_begun(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    before = JobBook(night.store).all()["alpen", "", TaskKind.FULL]
    with night.jobs._only_one() as turn:
        other = night.store.fenced(turn)
        turn._lost = True
        with pytest.raises(TurnLost):
            JobBook(other).ended(None, "alpen", "", TaskKind.FULL, night.clock.now() + timedelta(hours=1), None)
        with pytest.raises(TurnLost):
            night.jobs._night_audit(turn, "")
    assert JobBook(night.store).all()["alpen", "", TaskKind.FULL] == before


def test_two_people_do_not_work_on_the_locks_of_a_connection_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    with by_hand(world.store, world.workspace, "alpen") as mine:
        assert mine is not world.store
        with (
            pytest.raises(DeskTaken, match="somebody else is working on its locks"),
            by_hand(world.store, world.workspace, "alpen"),
        ):
            raise AssertionError
        with by_hand(world.store, world.workspace, "harbor"):
            pass
    with by_hand(world.store, world.workspace, "alpen"):
        pass


def test_a_person_who_was_held_up_gives_no_account_away_any_more(tmp_path: Path) -> None:
    world = World(tmp_path)
    account_id = world.seam.add_account(None, "ttlock")
    with by_hand(world.store, world.workspace, "alpen") as mine:
        turn = mine._fence
        assert isinstance(turn, Turn)
        turn._lost = True
        with pytest.raises(TurnLost), world.no_writes():
            adopt_account(world.workspace, account_id, world.keys.customer(world.property))
        with pytest.raises(TurnLost):
            check_accounts("alpen", world.keys, world.workspace, mine, world.property, world.clock.now())


def test_the_turn_is_given_back_by_the_last_of_those_who_share_it(tmp_path: Path) -> None:
    night = Night(tmp_path)
    with night.jobs._only_one() as turn:
        with night.jobs._only_one() as same:
            assert same is turn
        assert not turn.lost
    assert turn.lost


# --- an urgent run beside a long one ----------------------------------------------------------------------------------


def _beside(night: Night, gate: Gate, job: TaskKind, urgent: Callable[[], None]) -> None:
    """An urgent run while the long one waits at the gate; they end in the other order."""
    long_run = threading.Thread(target=night.jobs.do, args=(Job(job),))
    long_run.start()
    assert gate.reached.wait(20)
    night.clock.pass_(seconds=30)
    urgent()
    night.jobs.do(Job(TaskKind.BOOKING_NEWS))
    gate.open.set()
    long_run.join(20)


def test_what_an_urgent_run_noted_of_a_booking_is_not_overwritten_by_the_long_run_that_began_before(
    tmp_path: Path,
) -> None:
    night = Night(tmp_path)
    booking = night.book(0)
    night.do("full")
    other = night.book(1)

    def extended_and_refused() -> None:
        handle = night.seam.handle

        def refusing(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            from sandbox.http import Answer

            if path == "/access_grants/update":
                return Answer(400, b"{}")
            return handle(method, path, query, headers, body)

        night.seam.handle = refusing  # type: ignore[method-assign]
        night.hotel.move_dates(booking, departure=START + timedelta(days=8))
        night.mews_webhook(("ServiceOrderUpdated", booking))

    _beside(night, Gate(night, other), TaskKind.FULL, extended_and_refused)
    stay = Stays(night.store).get("alpen", booking)
    assert stay is not None
    assert stay.ends_at == START.replace(hour=10) + timedelta(days=8)
    assert Work(night.store).failures("alpen").get(booking) == 1, "its retry is still there"


def test_an_older_email_is_not_written_over_a_newer_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    guests = [night.guest("Ana", f"Silva{number}", email=f"first{number}@example.com") for number in range(2)]
    bookings = [night.book(room, guest=guest) for room, guest in enumerate(guests)]
    night.do("full")
    for guest in guests:
        night.hotel.edit_customer(guest, Email=f"second-{guest}@example.com")
    keys = {night.seam.identity_by_key(guest)["user_identity_id"]: guest for guest in guests}  # type: ignore[index]
    handle, first = night.seam.handle, []
    reached, go_on = threading.Event(), threading.Event()

    def slow(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path == "/user_identities/update" and not first:
            first.extend(guest for seam_id, guest in keys.items() if seam_id.encode() in body)
            reached.set()
            assert go_on.wait(20)
        return handle(method, path, query, headers, body)

    night.seam.handle = slow  # type: ignore[method-assign]
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert reached.wait(20)
    # The long run has read the second addresses and written none; an urgent one reads and writes a third.
    (other,) = set(guests) - set(first)
    night.clock.pass_(seconds=30)
    night.hotel.edit_customer(other, Email="third@example.com")
    night.mews_webhook(("ServiceOrderUpdated", bookings[guests.index(other)]))
    night.jobs.do(Job(TaskKind.BOOKING_NEWS))
    go_on.set()
    long_run.join(20)
    found = night.seam.identity_by_key(other)
    assert found is not None
    assert found["email_address"] == "third@example.com"


def test_the_second_half_of_a_begun_move_is_done_although_an_urgent_run_has_come() -> None:
    precedence, newer, done = Precedence(), set[str](), []
    noted = threading.Event()

    def note(mine: Collection[str]) -> None:
        newer.update(mine)
        noted.set()

    def urgent() -> None:
        with precedence.urgent_run(["b1"], note):
            done.append("urgent")

    with precedence.long_run():
        assert precedence.begin(["b1"], newer.intersection), "the first half"
        thread = threading.Thread(target=urgent)
        thread.start()
        assert noted.wait(10)
        assert precedence.begin(["b1"], newer.intersection), "the second half: the guest stands outside"
        done.append("moved")
        precedence.end(["b1", "b1"])
        thread.join(10)
    assert done == ["moved", "urgent"]


def test_an_urgent_run_waits_while_the_guest_stands_between_two_rooms(tmp_path: Path) -> None:
    night = Night(tmp_path)
    first, second = night.book(0), night.book(1)
    night.do("full")
    grants = {one["access_grant_id"]: one["access_grant_key"] for one in night.seam.live_grants()}
    night.hotel.assign(first, night.rooms[1])
    night.hotel.assign(second, night.rooms[0])
    handle, deleted = night.seam.handle, []
    reached, go_on = threading.Event(), threading.Event()

    def slow(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path == "/access_grants/delete":
            deleted.append(body + str(query).encode())
            if len(deleted) == 2:
                reached.set()
                assert go_on.wait(20)
        return handle(method, path, query, headers, body)

    night.seam.handle = slow  # type: ignore[method-assign]
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert reached.wait(20), "both have left, nobody has come in yet"
    (outside,) = [booking for seam_id, booking in grants.items() if seam_id.encode() in deleted[0]]
    night.mews_webhook(("ServiceOrderUpdated", outside))
    urgent = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.BOOKING_NEWS),))
    urgent.start()
    urgent.join(0.5)
    assert urgent.is_alive()
    go_on.set()
    long_run.join(20)
    urgent.join(20)
    assert (night.doors(first), night.doors(second)) == (["102"], ["101"])
    assert len(night.seam.live_grants()) == 2


def test_access_of_a_connection_that_is_removed_is_taken_away_by_nobody_who_has_lost_the_turn(tmp_path: Path) -> None:
    night = Night(tmp_path)
    for room in range(3):
        night.book(room)
    night.do("full")
    seconds = Seconds()
    turn = take(night.store, "run alpen", clock=seconds)

    def sleeps() -> None:
        seconds.now += 600

    later = _at_write(night, 1, sleeps)
    night.jobs.connection = replace(night.jobs.connection, standing=Standing(State.LEAVING))
    with pytest.raises(TurnLost):
        night.jobs._leave(turn)
    assert later == []
    assert len(night.seam.access_grants) == 3, "one of them is on its way out"
