"""One works on a name at a time; whoever was held up writes nothing any more."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store.database import open_database
from store.engine import Database, StoreRemoved, TurnLost
from store.readings import Reading, ReadingBook
from store.renewals import Renewals
from store.run_days import RunDay, RunDays
from store.runs import OutcomeRow, Runs
from store.status import StatusBook
from store.tables import turns
from store.turns import (
    LASTS,
    MARGIN,
    Turn,
    TurnTaken,
    _LockFile,
    close_open_runs,
    seconds_awake_or_not,
    take,
    turn_of,
    urgent_turn_of,
)
from store.work import Work

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
NAME = "run alpen"


class Seconds:
    """A clock that counts while the machine sleeps."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Seconds:
    return Seconds()


@pytest.fixture
def other(store: Database) -> Database:
    """The same database, as another process has it open."""
    return Database(store._engine)


def _take(store: Database, clock: Seconds) -> Turn:
    return take(store, NAME, clock=clock)


def _dies(turn: Turn, store: Database) -> None:
    """kill -9: nobody renews any more, and the kernel gives its locks back; on PostgreSQL the turn runs out."""
    turn._over.set()
    store.renewals.end(turn)
    if turn._file is not None:
        path = turn._file._path
        turn._file.remove()
        path.touch()
    if not store.is_sqlite:
        _let_time_pass_in_the_database(store)


def _let_time_pass_in_the_database(store: Database) -> None:
    with store.writing() as db:
        db.execute(turns.update().values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_the_clock_of_turns_counts_the_sleep_of_the_machine_where_there_is_such_a_clock(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "CLOCK_BOOTTIME", 7, raising=False)
    monkeypatch.setattr(time, "clock_gettime", lambda clock: 1000.0 + clock)
    assert seconds_awake_or_not() == 1007.0
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    monkeypatch.setattr(time, "monotonic", lambda: 5.0)
    assert seconds_awake_or_not() == 5.0


def test_a_turn_is_had_by_one_and_given_back(store: Database, other: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    with pytest.raises(TurnTaken):
        _take(other, clock)
    take(other, "run other", clock=clock).release()
    turn.release()
    assert turn.lost
    again = _take(other, clock)
    assert again.number == turn.number + 1
    again.release()


def test_the_turn_of_a_dead_process_is_taken_over_at_once_or_when_it_runs_out(
    store: Database, other: Database, clock: Seconds
) -> None:
    turn = _take(store, clock)
    _dies(turn, store)
    taken = _take(other, clock)
    assert taken.number == turn.number + 1
    taken.release()
    if store.path is not None:
        assert list(Path(store.path).parent.glob("*-turn-*")) == [], "nothing is left of either"


def test_whoever_comes_second_to_a_number_leaves_the_files_of_the_first_alone(tmp_path: Path, clock: Seconds) -> None:
    address = f"sqlite:///{tmp_path}/night.db"
    store, other = Database(open_database(address)), Database(open_database(address))
    turn = _take(store, clock)
    assert turn._file is not None
    with store.writing() as db:
        # As the second one has read it, before the first one's number was in the database.
        db.execute(turns.update().values(number=turn.number - 1, holder=""))
    with pytest.raises(TurnTaken):
        _take(other, clock)
    assert turn._file._path.exists()
    assert not turn._file.holder_is_dead()
    turn.release()
    other.close()
    store.close()


def test_where_no_file_can_be_locked_a_turn_goes_by_renewals_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = _LockFile(str(tmp_path / "nowhere" / "night.db"), NAME, 1)
    assert nowhere.hold() is True
    assert not nowhere.holder_is_dead(), "of what is not there nothing is certain"

    def refuse(*_: object) -> None:
        raise OSError("no locks on this disk")

    unlocked = _LockFile(str(tmp_path / "night.db"), NAME, 1)
    with monkeypatch.context() as patch:
        patch.setattr("store.turns.fcntl.flock", refuse)
        assert unlocked.hold() is True
        assert list(tmp_path.iterdir()) == [], "it would say that its holder is dead"
        unlocked._path.touch()
        assert not unlocked.holder_is_dead()
    assert unlocked.holder_is_dead()
    unlocked.remove()


def test_a_holder_that_sleeps_has_stopped_before_anybody_may_take_over(
    store: Database, other: Database, clock: Seconds
) -> None:
    turn = _take(store, clock)
    with pytest.raises(TurnTaken):
        _take(other, clock)
    clock.now += LASTS - MARGIN
    assert turn.lost
    with pytest.raises(TurnTaken):
        _take(other, clock)
    clock.now += MARGIN
    if not store.is_sqlite:
        _let_time_pass_in_the_database(store)
    taken = _take(other, clock)
    with pytest.raises(TurnLost):
        turn.check()
    turn.renew()
    assert turn.lost, "a turn that was taken over cannot be renewed"
    turn.release()
    assert not taken.lost
    with pytest.raises(TurnTaken):
        _take(store, clock)
    taken.release()


def test_what_is_on_its_way_ends_before_anybody_may_take_over(store: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    assert 0 < turn.check() < LASTS
    turn.release()


def test_a_turn_that_is_renewed_lasts_on(store: Database, other: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    for _ in range(8):
        with pytest.raises(TurnTaken):
            _take(other, clock)
        clock.now += LASTS / 4
        turn.renew()
    assert not turn.lost
    turn.release()


def test_a_renewed_turn_ends_by_its_margin_counted_from_when_the_renewal_began(
    store: Database, clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = _take(store, clock)
    writing = store.writing

    @contextmanager
    def slow() -> Iterator[Any]:
        with writing() as db:
            yield db
        clock.now += 3

    monkeypatch.setattr(store, "writing", slow)
    turn.renew()
    clock.now += LASTS - MARGIN - 3.5
    assert not turn.lost
    clock.now += 0.5
    assert turn.lost
    monkeypatch.undo()
    turn.release()


def test_a_turn_may_be_taken_over_at_the_moment_at_which_it_runs_out_by_the_servers_clock(
    store: Database, clock: Seconds
) -> None:
    turn = _take(store, clock)
    with store.reading() as db:
        row = db.execute(turns.select()).one()
    store.path = None  # As on a server: the clock is the database's.
    assert not turn._may_take_over(row, row.expires_at - timedelta(microseconds=1))
    assert turn._may_take_over(row, row.expires_at)
    turn.release()


def test_a_turn_that_cannot_be_renewed_is_over_in_time(store: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    with store.writing() as db:
        db.execute(turns.update().values(holder="somebody else"))
    assert not turn.lost
    turn.renew()
    assert turn.lost
    turn.release()


def _renewing() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "turns"]


def _has_ended(thread: threading.Thread) -> bool:
    thread.join(10)
    return not thread.is_alive()


def test_one_thread_renews_all_turns_of_a_process_and_ends_with_the_last(store: Database, clock: Seconds) -> None:
    before = set(_renewing())
    first = _take(store, clock)
    others = [take(store, f"run {number}", clock=clock) for number in range(5)]
    (thread,) = set(_renewing()) - before
    for turn in others:
        turn.release()
    first_again = [take(store, f"run {number}", clock=clock) for number in range(5)]
    assert set(_renewing()) - before == {thread}
    for turn in (first, *first_again):
        turn.release()
    assert _has_ended(thread)


def test_turns_are_renewed_together_by_one_statement_and_each_is_told_how_it_went(
    store: Database, clock: Seconds
) -> None:
    first, *others = turns_of = [take(store, f"run {number}", clock=clock) for number in range(4)]
    with store.writing() as db:
        db.execute(turns.update().where(turns.c.name == "run 2").values(holder="somebody else"))
    statements: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *told: statements.append(told[2]))
    clock.now += LASTS / 4
    assert first.renew_with(others) == []
    assert sum("UPDATE" in one.split("(")[0] for one in statements) == 1
    clock.now += LASTS - MARGIN - 1
    assert [turn.lost for turn in turns_of] == [False, False, True, False]
    for turn in turns_of:
        turn.release()


def test_a_turn_in_the_middle_of_a_long_transaction_keeps_no_other_from_being_renewed(
    store: Database, other: Database, clock: Seconds
) -> None:
    first, second = (take(store, f"run {number}", clock=clock) for number in range(2))
    if not store.is_sqlite:
        with other.fenced(second).writing():
            assert first.renew_with([second]) == [second], "it is tried again soon"
        assert not second._lost
    clock.now += LASTS / 4
    assert first.renew_with([second]) == []
    clock.now += LASTS - MARGIN - 1
    assert not first.lost
    assert not second.lost
    for turn in (first, second):
        turn.release()


def test_a_turn_is_renewed_by_itself_while_another_one_lasts_longer(store: Database) -> None:
    renewed, before = threading.Event(), set(_renewing())
    long, short = take(store, NAME, lasts=1000.0), take(store, "run other", lasts=MARGIN + 60)
    short.renew_every = 0.01
    with_others = short.renew_with

    def renew_with(others: Any) -> Any:
        found = with_others(others)
        renewed.set()
        return found

    short.renew_with = renew_with  # type: ignore[method-assign]
    store.renewals.end(short)
    store.renewals.begin(short)
    assert renewed.wait(10)
    assert not short.lost
    (thread,) = set(_renewing()) - before
    for turn in (long, short):
        turn.release()
    assert _has_ended(thread), "or it has a connection of a database that is closed"


def test_renewals_go_on_when_one_of_them_fails_in_a_way_that_nobody_foresaw() -> None:
    class Turns:
        renew_every = 0.01

        def __init__(self) -> None:
            self.renewed = 0
            self.enough = threading.Event()

        def renew_with(self, others: Any) -> Any:
            self.renewed += 1
            if self.renewed == 1:
                raise RuntimeError
            self.enough.set()
            return [self, *others]

    renewals, one = Renewals(), Turns()
    renewals.begin(one)
    assert one.enough.wait(10)
    renewals.end(one)


def test_what_comes_late_is_refused_by_the_database_itself(store: Database, other: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    fenced = store.fenced(turn)
    Runs(fenced).begin("r1", "alpen", "full", NOW)
    with store.writing() as db:
        db.execute(turns.update().values(number=turns.c.number + 1, holder="somebody else"))
    assert not turn.lost, "it does not know yet"
    with pytest.raises(TurnLost):
        Runs(fenced).record("r1", "alpen", [OutcomeRow("access_grant", "b1", "create", "done")], NOW)
    with pytest.raises(TurnLost):
        Work(fenced).advance_cursor("alpen", "p", NOW)
    assert turn.lost
    turn.release()
    assert Runs(other).outcomes_of("r1") == []
    assert Work(other).cursor("alpen", "p") is None


def test_whoever_closes_the_database_renews_nothing_any_more(store: Database) -> None:
    turn = take(store, NAME, lasts=200.0)
    with store.renewals._changed:
        thread = store.renewals._thread
    assert thread is not None
    store.close()
    assert not thread.is_alive()
    assert store._engine.pool.checkedin() == store._engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    store.renewals.end(turn)


def test_whoever_finds_the_holder_in_the_middle_of_a_transaction_does_not_wait_for_it(
    store: Database, other: Database, clock: Seconds
) -> None:
    turn = _take(store, clock)
    if store.is_sqlite:
        turn.release()
        pytest.skip("a file has one writer at a time: there is nobody in the middle of anything")
    _let_time_pass_in_the_database(store)
    with store.fenced(turn).writing():
        began = time.monotonic()
        with pytest.raises(TurnTaken):
            _take(other, clock)
        assert time.monotonic() - began < 2
    taken = _take(other, clock)
    assert taken.number == turn.number + 1
    taken.release()
    turn.release()


def test_a_turn_counts_from_when_it_was_had_and_not_from_when_the_wait_for_the_database_began(
    store: Database, clock: Seconds, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = store.writing

    @contextmanager
    def slow() -> Iterator[Any]:
        clock.now += LASTS
        with writing() as db:
            yield db

    monkeypatch.setattr(store, "writing", slow)
    turn = _take(store, clock)
    assert not turn.lost
    turn.renew()
    assert not turn.lost
    monkeypatch.undo()
    turn.release()


def test_where_the_turn_is_over_a_database_that_ends_the_transaction_is_not_the_cause(
    store: Database, clock: Seconds
) -> None:
    turn = _take(store, clock)

    def late() -> None:
        with store.fenced(turn).writing() as db:
            clock.now += LASTS
            db.exec_driver_sql("no statement at all")

    with pytest.raises(TurnLost):
        late()
    turn.release()


def test_runs_that_were_cut_off_are_closed_by_whoever_comes_next(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    Runs(store).begin("r2", "other", "full", NOW)
    Runs(store).begin("ended", "alpen", "full", NOW - timedelta(days=2))
    Runs(store).finish("ended", "full", NOW - timedelta(days=1), 0, {}, None)
    later = NOW + timedelta(minutes=1)
    close_open_runs(store, "alpen", later)
    closed, left, ended = (Runs(store).get(one) for one in ("r1", "r2", "ended"))
    assert closed is not None
    assert (closed.exit, closed.finished_at) == (1, later)
    assert "cut off" in (closed.broken_off or "")
    assert ended is not None
    assert (ended.exit, ended.broken_off) == (0, None)
    status = StatusBook(store).all()["alpen"]
    assert (status.last_run, status.failures, status.trouble) == ("r1", 1, closed.broken_off), "the pages know it"
    assert RunDays(store).since(NOW.date()) == [RunDay(NOW.date(), 1, 0, 0, 1)]
    assert left is not None
    assert left.finished_at is None, "of another connection, whose runs are others' business"


def test_runs_of_the_other_lane_are_left_open_where_it_has_a_turn_of_its_own(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW, turn=turn_of("alpen"))
    Runs(store).begin("r2", "alpen", "news", NOW, turn=urgent_turn_of("alpen"))
    close_open_runs(store, "alpen", NOW + timedelta(minutes=1), turn_of("alpen"))
    closed, left = Runs(store).get("r1"), Runs(store).get("r2")
    assert closed is not None
    assert closed.finished_at is not None
    assert left is not None
    assert left.finished_at is None


def test_an_older_reading_is_told_from_a_newer_one_whatever_the_machines_clocks_say(store: Database) -> None:
    book = ReadingBook(store, "alpen")
    book.note("booking", ["b1"], Reading(1, NOW))
    assert book.newer("booking", ["b1", "b2"], Reading(1, NOW - timedelta(minutes=1))) == {"b1"}
    assert book.newer("booking", ["b1"], Reading(1, NOW)) == set()
    behind = Reading(2, NOW - timedelta(minutes=5))
    assert book.newer("booking", ["b1"], behind) == set(), "a later turn, on a machine whose clock is behind"
    book.note("booking", ["b1"], behind)
    book.note("booking", ["b1"], Reading(1, NOW + timedelta(minutes=1)))
    assert book.newer("booking", ["b1"], Reading(1, NOW + timedelta(days=1))) == {"b1"}
    assert ReadingBook(store, "other").newer("booking", ["b1"], Reading(0, NOW)) == set()


@pytest.mark.parametrize("again", [False, True])
def test_a_database_file_that_was_removed_is_noticed(tmp_path: Path, again: bool) -> None:
    path = tmp_path / "night.db"
    store = Database(open_database(f"sqlite:///{path}"))
    Runs(store).begin("r1", "alpen", "full", NOW)
    for file in tmp_path.iterdir():
        file.unlink()
    if again:
        sqlite3.connect(path).close()
        open_database(f"sqlite:///{path}").dispose()
    with pytest.raises(StoreRemoved, match="was removed or replaced"):
        Runs(store).begin("r2", "alpen", "full", NOW)
    with pytest.raises(StoreRemoved):
        store.check_file()
    store.close()


def test_a_reading_is_newer_than_the_one_before_though_the_clock_was_set_back(store: Database, clock: Seconds) -> None:
    turn = _take(store, clock)
    first, second = turn.reading(NOW), turn.reading(NOW - timedelta(hours=1))
    assert first == Reading(turn._order, NOW)
    assert second.read_at > first.read_at
    assert turn.reading(NOW + timedelta(hours=1)).read_at == NOW + timedelta(hours=1)
    turn.release()


def test_a_turn_that_was_taken_in_the_same_transaction_lets_everything_of_it_be_written_and_nothing_later(
    store: Database, other: Database, clock: Seconds
) -> None:
    with store.together():
        turn = _take(store, clock)
        Work(store.fenced(turn)).advance_cursor("alpen", "p", NOW)
    assert Work(store).cursor("alpen", "p") == NOW
    clock.now += LASTS
    with pytest.raises(TurnLost), store.together():
        Work(store.fenced(turn)).advance_cursor("alpen", "p", NOW + timedelta(days=1))
    with store.writing() as db:
        db.execute(turns.update().values(number=turns.c.number + 1))
    clock.now -= LASTS
    with pytest.raises(TurnLost), store.together():
        Work(store.fenced(turn)).advance_cursor("alpen", "p", NOW + timedelta(days=1))
    assert Work(store).cursor("alpen", "p") == NOW


@pytest.mark.parametrize("at_once", [True, False])
def test_only_the_first_reading_of_a_turn_that_reads_at_once_is_as_old_as_the_turn(
    store: Database, at_once: bool
) -> None:
    turn = take(store, NAME, beside_others=True, reads_at_once=at_once)
    first, second = turn.reading(NOW), turn.reading(NOW)
    turn.release()
    assert (first.turn == turn._order) is (at_once or store.is_sqlite)
    assert (second.turn == turn._order) is store.is_sqlite
    assert (first.turn, first.read_at) < (second.turn, second.read_at)
