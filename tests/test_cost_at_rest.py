"""What a connection costs that has no news: counted in transactions and calls, never in time."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from schedules.due import interval
from schedules.jobs import Job
from schedules.timetable import Timetable
from schedules.worker import Worker
from store.engine import StoreFailed
from store.history import History
from store.jobs import JobBook
from store.properties import Properties
from store.queue import TaskKind
from store.runs import Runs
from store.status import StatusBook
from store.turns import _LockFile, take
from store.work import Work
from tests.night import Night
from tests.world import Killed

EVERY_TWO_MINUTES = Timetable(incremental_at_most=timedelta(minutes=2))


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path, timetable=EVERY_TWO_MINUTES)
    for room in range(3):
        night.book(room)
    night.do("full")
    night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
    night.worker.enqueue(Job(TaskKind.INCREMENTAL))
    # Longer than changes are read again.
    for _ in range(7):
        _look(night, minutes=10)
    return night


def _look(night: Night, minutes: int = 2) -> None:
    night.clock.pass_(minutes=minutes)
    assert night.worker.step_job()


@contextmanager
def _commits(night: Night) -> Iterator[list[str]]:
    """Every transaction that writes: its statements, in one text."""
    made: list[str] = []
    open_now: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        open_now.append(statement)

    def commit(connection: Any) -> None:
        made.append("\n".join(open_now))
        open_now.clear()

    def rollback(connection: Any) -> None:
        open_now.clear()

    engine = night.store._engine
    told = {"before_cursor_execute": note, "commit": commit, "rollback": rollback}
    for name, listener in told.items():
        event.listen(engine, name, listener)
    try:
        yield made
    finally:
        for name, listener in told.items():
            event.remove(engine, name, listener)


def test_an_idle_run_over_changes_makes_three_calls_to_the_pms_and_two_transactions_and_asks_seam_nothing(
    night: Night,
) -> None:
    night.do("full")
    seam, pms = Counter(night.seam.calls), Counter(night.hotel.calls)
    before = History(night.store).runs()[0].run_id
    with _commits(night) as commits:
        _look(night)
    assert len(commits) == 2, commits
    assert Counter(night.seam.calls) == seam
    assert sum((Counter(night.hotel.calls) - pms).values()) == 3
    (run,) = History(night.store).runs()[:1]
    assert run.run_id != before
    assert (run.mode, run.exit, run.finished_at) == ("incremental", 0, night.clock.now())
    assert StatusBook(night.store).all()["alpen"].good_started_at == night.clock.now()
    record = JobBook(night.store).get("alpen", "", TaskKind.INCREMENTAL)
    assert record is not None
    assert (record.started_at, record.good_at) == (night.clock.now(), night.clock.now())
    assert Work(night.store).cursor("alpen", night.property) == night.clock.now()
    take(night.store, "run alpen").release()


def test_a_change_that_is_read_again_for_half_an_hour_costs_the_question_who_is_with_her_and_no_other(
    night: Night,
) -> None:
    booking = night.book(1, arrival=night.clock.now() + timedelta(days=2))
    _look(night)
    seam, pms = Counter(night.seam.calls), Counter(night.hotel.calls)
    for _ in range(14):
        _look(night)
    made = Counter(night.hotel.calls) - pms
    assert made.pop("companionships/getAll") <= 28
    for once_in_a_quarter_of_an_hour in ("enterprises/getAll", "services/getAll", "resourceCategories/getAll"):
        assert made.pop(once_in_a_quarter_of_an_hour, 0) <= 2
    assert made == {"reservations/getAll/2023-06-06": 14, "customers/getAll": 14, "resources/getAll": 14}
    assert Counter(night.seam.calls) == seam
    mother = night.hotel.add_customer("Ada", "Lovelace")
    night.hotel.add_companion(booking, mother)
    _look(night)
    assert Counter(night.seam.calls) != seam, "though nothing of the reservation itself was changed by that"
    owner = night.hotel.reservations[booking]["AccountId"]
    night.hotel.customers[owner]["LastName"] = "Byron"
    night.hotel._change(night.hotel.customers, owner)
    _look(night)
    names = {one["full_name"] for one in night.seam.user_identities.values()}
    assert any(name.endswith("Byron") for name in names), names


def test_a_run_asks_once_in_the_middle_of_what_an_earlier_one_was_cut_off(night: Night) -> None:
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if "FROM steps" in statement and "doing !=" in statement:
            asked.append(statement)

    event.listen(night.store._engine, "before_cursor_execute", note)
    night.book(1, arrival=night.clock.now() + timedelta(days=2))
    _look(night)
    assert len(asked) == 1, "of changes"
    night.do("full")
    assert len(asked) == 2


def _let_go(file: _LockFile) -> None:
    if file._file is not None:
        os.close(file._file)
        file._file = None


def test_a_run_that_is_killed_at_any_of_its_commits_is_told_as_cut_off_or_has_left_nothing(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = night.store._engine
    for number in range(2):
        before = History(night.store).runs()[0]
        night.clock.pass_(minutes=2)
        with _commits(night) as commits:

            def kill(connection: Any, commits: list[str] = commits, number: int = number) -> None:
                if sum("INSERT INTO key_prefixes" not in one for one in commits) == number + 1:
                    raise Killed

            event.listen(engine, "commit", kill)
            with monkeypatch.context() as patch:
                # Of a process that is killed the kernel ends the lock, and its file stays.
                patch.setattr(_LockFile, "remove", _let_go)
                with pytest.raises(Killed):
                    night.worker.step_job()
            event.remove(engine, "commit", kill)
        night._assemble()
        night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
        _look(night)
        (last, killed) = History(night.store).runs()[:2]
        assert last.exit == 0
        if number == 0:
            assert killed.run_id == before.run_id, "nothing of it was there"
        else:
            assert "cut off" in (killed.broken_off or "")


def test_a_job_whose_turn_another_process_has_is_not_even_taken(night: Night) -> None:
    turn = take(night.store, "run alpen")
    night.clock.pass_(minutes=2)
    with _commits(night) as commits:
        assert not night.worker.step_job()
    assert commits == []
    turn.release()
    assert night.worker.step_job()


def test_what_is_written_together_is_kept_or_lost_together(night: Night) -> None:
    now = night.clock.now()

    def part() -> None:
        Runs(night.store).begin("r1", "alpen", "full", now)
        Runs(night.store).begin("r1", "alpen", "full", now)

    def both() -> None:
        with night.store.together():
            Runs(night.store).begin("r0", "alpen", "full", now)
            # Though nobody minds: on PostgreSQL nothing of such a transaction is kept.
            with suppress(StoreFailed):
                part()

    with pytest.raises(StoreFailed):
        both()
    assert Runs(night.store).get("r0") is None
    with night.store.together(), night.store.together():
        Runs(night.store).begin("r0", "alpen", "full", now)
        assert Runs(night.store).get("r0") is not None, "what was written is seen by whoever wrote it"
    assert Runs(night.store).get("r0") is not None


def test_a_time_zone_that_was_set_right_and_a_new_property_are_seen_within_a_quarter_of_an_hour(night: Night) -> None:
    night.hotel.corrupt("enterprises", night.property, "TimeZoneIdentifier", "America/New_York")
    added = night.hotel.add_property()
    for _ in range(8):
        _look(night)
    known = {one.property_id: one.time_zone for one in Properties(night.store).known("alpen")}
    assert known.keys() == {night.property, added}
    assert known[night.property] == "America/New_York"


def test_credentials_that_are_refused_are_told_by_the_very_next_run(night: Night) -> None:
    told: list[str | None] = []
    night.jobs._credentials = lambda connection, refused: told.append(refused)
    night.do("full")
    night.hotel.access_token = "another"
    _look(night)
    assert len(told) == 1
    assert "refuses the tokens" in (told[0] or "")


def test_a_booking_that_a_webhook_names_costs_six_calls_to_the_pms_and_not_what_the_property_sells(
    night: Night,
) -> None:
    night.do("full")

    def news(room: str | int = 1) -> tuple[str, Counter[str]]:
        booking = night.book(1, arrival=night.clock.now() + timedelta(days=3))
        if isinstance(room, str):
            night.hotel.assign(booking, room)
        night.mews_webhook(("ServiceOrderUpdated", booking))
        before = Counter(night.hotel.calls)
        night.settle()
        return booking, Counter(night.hotel.calls) - before

    _, asked = news()
    assert asked == {
        "reservations/getAll/2023-06-06": 1,
        "companionships/getAll": 2,
        "customers/getAll": 1,
        "resources/getAll": 1,
        "resourceCategoryAssignments/getAll": 1,
    }
    suite = night.hotel.add_room(night.property, "900", night.hotel.add_category(night.service, "Suite", "Imperial"))
    booking, asked = news(suite)
    assert asked["resourceCategories/getAll"] == 1, "of a category that there was not when they were read"
    assert night.doors(booking) == ["900"]
