"""What begins or ends a job, and what one look notes, is one transaction: where that is not kept, nothing of it counts,
neither in the database nor in the memory of the process that made it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from reconciler.remember import Memory
from schedules.jobs import Job
from store.engine import Database, StoreFailed
from store.queue import TaskKind
from store.stays import Stays
from store.turns import take, turn_of
from tests.night import Night


@contextmanager
def not_kept(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """The so manieth transaction of several parts comes to its end, and its commit fails."""
    real, passed = Database.together, [0]

    @contextmanager
    def together(store: Database) -> Iterator[None]:
        is_whole = store._joint.connection is None
        with real(store):
            yield
            if is_whole:
                passed[0] += 1
                if passed[0] == number:
                    raise StoreFailed("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr(Database, "together", together)
        with pytest.raises(StoreFailed):
            yield


def test_a_booking_whose_look_was_not_kept_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night = Night(tmp_path)
    night.clock.pass_(hours=2)
    night.do("full")
    booking = night.book(None)
    night.clock.pass_(minutes=2)
    night.worker.enqueue(Job(TaskKind.INCREMENTAL))
    real: Callable[..., None] = Memory._note

    def cut(*given: Any) -> None:
        real(*given)
        raise StoreFailed("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr(Memory, "_note", cut)
        with pytest.raises(StoreFailed):
            night.worker.step()
    assert Stays(night.store).get("alpen", booking) is None
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert Stays(night.store).get("alpen", booking) is not None


def test_a_turn_that_was_never_had_says_nothing_of_what_others_did_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(tmp_path)
    booking = night.book(0)
    night.clock.pass_(hours=2)
    night.do("full")
    night.worker.enqueue(Job(TaskKind.INCREMENTAL))
    with not_kept(monkeypatch, 1):
        night.worker.step()
    night.drop_jobs()

    # Another process works on the connection meanwhile: the guest is moved, and moved back afterwards.
    mine = night.worker
    night._assemble()
    night.hotel.assign(booking, night.rooms[1])
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.doors(booking) == ["102"]
    night.worker = mine
    night.hotel.assign(booking, night.rooms[0])
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.doors(booking) == ["101"]


@pytest.mark.parametrize("at_end", [False, True])
def test_whoever_could_not_end_a_job_is_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_end: bool
) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.worker.enqueue(Job(TaskKind.LOCK_HEALTH))
    with not_kept(monkeypatch, 1 + at_end):
        night.worker.step()
    take(night.store, "run alpen").release()
    assert night.worker.step()
    assert not night.worker.pending()


@pytest.mark.parametrize("at_end", [False, True])
def test_news_that_could_not_be_ended_is_in_nobodys_way_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_end: bool
) -> None:
    night = Night(tmp_path)
    booking = night.book(0)
    night.do("full")
    night.hotel.assign(booking, night.rooms[1])
    night.clock.pass_(minutes=1)
    night.mews_webhook(("ServiceOrderUpdated", booking))
    number = [0]
    real = night.jobs.at_once

    @contextmanager
    def at_once() -> Iterator[None]:
        with real():
            yield
            number[0] += 1
            if number[0] == 1 + at_end:
                raise StoreFailed("the connection was cut")

    with monkeypatch.context() as patch:
        patch.setattr(night.jobs, "at_once", at_once)
        with pytest.raises(StoreFailed):
            night.worker.step()
    take(night.store, "run alpen").release()
    night.settle()
    assert night.doors(booking) == ["102"]
    assert night.inbox.backlog()[0] == 0


def test_a_question_that_failed_though_nobody_minds_fails_the_whole(store: Database) -> None:
    def ask() -> None:
        with store.together():
            with store.writing() as db:
                db.execute(text("UPDATE turns SET holder = ''"))
            with suppress(StoreFailed), store.reading() as db:
                db.execute(text("SELECT 1 FROM nowhere"))

    with pytest.raises(StoreFailed):
        ask()


def test_what_a_process_remembers_is_past_where_another_one_had_the_turn_since(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    remembered, place = night.jobs._long.dealt_with, night.property
    with night.jobs._only_one():
        assert remembered.remembers(place)
    take(night.store, turn_of("alpen")).release()
    with night.jobs._only_one():
        assert not remembered.remembers(place)
