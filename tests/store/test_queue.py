"""The queue: what is due is rows, each there once, and none is lost between taking and ending."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, event, make_url

from store import back_off
from store.back_off import BackOff, of_news
from store.engine import Database
from store.queue import JOBS, Queue, Task, TaskKind

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NEWS = [TaskKind.BOOKING_NEWS]


def news(subject: str, at: datetime = NOW, connection: str = "alpen") -> Task:
    return Task(connection, TaskKind.BOOKING_NEWS, subject, at)


def subjects(tasks: list[Task]) -> list[str]:
    return [one.subject for one in tasks]


def test_what_is_enqueued_twice_is_one_row_and_due_when_it_was_first_asked_for(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1", NOW + MINUTE)], NOW)
    queue.enqueue([news("1", NOW)], NOW)
    queue.enqueue([news("1", NOW + 2 * MINUTE)], NOW)
    queue.enqueue([news("1", connection="berg")], NOW)
    assert [(one.subject, one.not_before) for one in queue.waiting("alpen", NEWS)] == [("1", NOW)]
    assert queue.due(NEWS, NOW) == [("alpen", "booking_news"), ("berg", "booking_news")]


def test_the_most_urgent_comes_first_and_then_what_has_waited_longest(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", kind, "", NOW) for kind in reversed(JOBS)], NOW)
    taken = [queue.take("alpen", JOBS, NOW, f"{number}", limit=1)[0].kind for number in range(len(JOBS))]
    assert taken == list(JOBS)
    queue.enqueue([news("1", NOW), news("2", NOW - MINUTE), news("3", NOW + MINUTE)], NOW)
    assert subjects(queue.take("alpen", NEWS, NOW, "me")) == ["2", "1"]


def test_what_is_taken_is_nobody_elses_and_gone_when_it_is_done(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1"), news("2")], NOW)
    mine = queue.take("alpen", NEWS, NOW, "me", limit=1)
    assert subjects(mine) == ["1"]
    theirs = queue.take("alpen", NEWS, NOW, "you")
    assert subjects(theirs) == ["2"]
    assert queue.due(NEWS, NOW) == []
    queue.done(mine)
    queue.release(theirs)
    assert sorted(subjects(queue.waiting("alpen", NEWS))) == ["2"]
    assert subjects(queue.take("alpen", NEWS, NOW, "me")) == ["2"]


def test_what_is_planned_for_another_time_is_moved_there_but_what_is_due_stays_due(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("due", NOW), news("later", NOW + MINUTE)], NOW)
    queue.plan([news("due", NOW + 9 * MINUTE), news("later", NOW + 9 * MINUTE), news("new", NOW + MINUTE)], NOW)
    times = {one.subject: one.not_before - NOW for one in queue.waiting("alpen", NEWS)}
    assert times == {"due": 0 * MINUTE, "later": 9 * MINUTE, "new": MINUTE}


def test_what_was_done_and_is_due_again_has_failed_never_before(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1")], NOW)
    queue.put_off(queue.take("alpen", NEWS, NOW, "me"), NOW, "the PMS is down", failed=True)
    queue.repeat(queue.take("alpen", NEWS, NOW, "me"), NOW + MINUTE)
    (again,) = queue.waiting("alpen", NEWS)
    assert (again.attempts, again.not_before, again.why, again.taken_by) == (0, NOW + MINUTE, None, None)


@pytest.mark.parametrize("end", ["done", "release", "put_off"])
def test_what_is_enqueued_again_while_it_is_done_is_done_once_more(store: Database, end: str) -> None:
    queue = Queue(store)
    queue.enqueue([news("1")], NOW)
    taken = queue.take("alpen", NEWS, NOW, "me")
    queue.enqueue([news("1")], NOW + MINUTE)
    if end == "put_off":
        queue.put_off(taken, NOW + 60 * MINUTE, "the PMS is down", failed=True)
    else:
        getattr(queue, end)(taken)
    assert subjects(queue.take("alpen", NEWS, NOW + MINUTE, "me")) == ["1"]


def test_only_what_is_wrong_with_a_record_counts_as_an_attempt(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("broken"), news("waits")], NOW)
    broken, waits = queue.take("alpen", NEWS, NOW, "me")
    queue.put_off([broken], NOW + 60 * MINUTE, "it cannot be read", failed=True)
    queue.put_off([waits], NOW + 60 * MINUTE, "the PMS is down", failed=False)
    found = {one.subject: (one.attempts, one.why) for one in queue.waiting("alpen", NEWS)}
    assert found == {"broken": (1, "it cannot be read"), "waits": (0, "the PMS is down")}
    queue.hasten("alpen", NEWS, NOW + MINUTE)
    assert subjects(queue.take("alpen", NEWS, NOW + MINUTE, "me")) == ["waits"], "the other side answers again"


def test_what_is_planned_anew_was_put_off_by_nothing(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", TaskKind.FULL, "", NOW)], NOW)
    queue.repeat(queue.take("alpen", JOBS, NOW, "me"), NOW + 30 * MINUTE, "its webhooks arrive")
    assert queue.put_back(TaskKind.FULL) == {"alpen": NOW + 30 * MINUTE}
    queue.plan([Task("alpen", TaskKind.FULL, "", NOW + 10 * MINUTE)], NOW)
    assert queue.put_back(TaskKind.FULL) == {}


def test_what_stands_instead_of_something_that_failed_has_its_own_number_of_failures(store: Database) -> None:
    queue = Queue(store)
    for attempts in (2, 5):
        task = Task("alpen", TaskKind.RETRY_BOOKING, "b1", NOW, "house", attempts, "refused")
        queue.replace("alpen", [TaskKind.WATCH_STAY], [], [task], NOW)
    assert [one.attempts for one in queue.waiting("alpen", [TaskKind.RETRY_BOOKING])] == [5]


def test_what_needs_nothing_more_is_there_no_more_in_any_of_these_kinds(store: Database) -> None:
    queue = Queue(store)
    kinds = [TaskKind.RETRY_BOOKING, TaskKind.WATCH_STAY]
    queue.enqueue([Task("alpen", kind, booking, NOW) for kind in kinds for booking in ("b1", "b2")], NOW)
    queue.replace("alpen", kinds, ["b1"], [Task("alpen", TaskKind.WATCH_STAY, "b1", NOW + MINUTE)], NOW)
    found = sorted((one.subject, one.kind, one.not_before) for one in queue.waiting("alpen", kinds))
    assert found == [
        ("b1", "watch_stay", NOW + MINUTE),
        ("b2", "retry_booking", NOW),
        ("b2", "watch_stay", NOW),
    ]


@pytest.mark.parametrize("end", ["done", "release", "repeat", "put_off", "rescue", "replace"])
def test_what_becomes_of_a_row_becomes_of_none_of_another_connection_kind_or_subject(store: Database, end: str) -> None:
    queue, kinds = Queue(store), [TaskKind.RETRY, TaskKind.FULL]
    others = [("berg", TaskKind.RETRY, "p"), ("alpen", TaskKind.FULL, "p"), ("alpen", TaskKind.RETRY, "q")]
    rows = [("alpen", TaskKind.RETRY, "p"), *others]
    queue.enqueue([Task(*row, NOW) for row in rows], NOW)
    taken = {(one.connection, one.kind, one.subject): one for of in ("alpen", "berg") for one in _all(queue, of, kinds)}
    mine = [taken[rows[0]]]
    if end == "rescue":
        queue.rescue(["alpen"], [TaskKind.RETRY])
    elif end == "replace":
        queue.replace("alpen", [TaskKind.RETRY], ["p"], [], NOW)
    elif end == "repeat":
        queue.repeat(mine, NOW + MINUTE, "later than usual")
    elif end == "put_off":
        queue.put_off(mine, NOW + MINUTE, "the PMS is down", failed=True)
    else:
        getattr(queue, end)(mine)
    free = set(rows) - {(of, kind, subject) for of, kind, subject in rows if _is_taken(queue, of, kind, subject)}
    assert free == ({rows[0], rows[3]} if end == "rescue" else {rows[0]}), "what is gone is nobody's either"
    left = {row: at for row, at in queue.times(kinds).items() if row in others}
    assert left == dict.fromkeys(others, NOW)
    due = {"done": None, "replace": None, "release": NOW, "rescue": NOW}.get(end, NOW + MINUTE)
    assert queue.times(kinds).get(rows[0]) == due
    assert queue.times([TaskKind.FULL]).keys() == {others[1]}


def _all(queue: Queue, connection: str, kinds: list[TaskKind]) -> list[Task]:
    return queue.take(connection, kinds, NOW, "me")


def _is_taken(queue: Queue, connection: str, kind: str, subject: str) -> bool:
    return any(one.taken_by == "me" for one in queue.waiting(connection, [kind], subjects=[subject]))


def test_who_has_taken_something_is_known_by_connection_and_kind(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1"), news("2", connection="berg"), Task("alpen", TaskKind.FULL, "", NOW)], NOW)
    queue.take("alpen", NEWS, NOW, "me")
    assert queue.taken([*NEWS, TaskKind.FULL]) == {("alpen", "booking_news")}
    assert queue.taken([TaskKind.FULL]) == set()
    assert not queue.is_due("alpen", NEWS, NOW, "you")
    assert queue.is_due("berg", NEWS, NOW, "you")
    assert not queue.is_due("berg", NEWS, NOW - MINUTE, "you")
    assert queue.due([*NEWS, TaskKind.FULL], NOW) == [("alpen", "full"), ("berg", "booking_news")]


def test_whoever_has_waited_longest_comes_first_of_all_connections(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1"), news("2", NOW - MINUTE, "berg"), news("3", NOW - 2 * MINUTE, "see")], NOW)
    queue.enqueue([news("4", NOW - 3 * MINUTE), news("5", NOW + MINUTE, "tal")], NOW)
    assert [connection for connection, _ in queue.due(NEWS, NOW)] == ["alpen", "see", "berg"]


def test_what_is_looked_for_is_what_is_there_of_these_by_then(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1"), news("2", NOW + MINUTE), news("3"), news("3", connection="berg")], NOW)
    assert sorted(subjects(queue.waiting("alpen", NEWS, until=NOW))) == ["1", "3"]
    assert sorted(subjects(queue.waiting("alpen", NEWS, subjects=["2", "3", "4"]))) == ["2", "3"]
    assert sorted(subjects(queue.waiting("alpen", NEWS, until=NOW, subjects=["2", "3"]))) == ["3"]
    assert queue.waiting("alpen", NEWS, subjects=[]) == []
    assert queue.waiting("alpen", [TaskKind.FULL]) == []


def test_what_waits_for_its_time_is_not_hastened(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1", NOW + 5 * MINUTE)], NOW)
    queue.hasten("alpen", NEWS, NOW + MINUTE)
    assert queue.due(NEWS, NOW + MINUTE) == []


def test_what_came_in_on_a_machine_that_is_days_ahead_is_due_at_once(store: Database) -> None:
    queue = Queue(store)
    far = NOW + timedelta(days=3)
    queue.enqueue([news("1", far)], far)
    queue.enqueue([news("2", far, connection="berg")], far)
    queue.enqueue([news("3", NOW + 9 * MINUTE)], NOW)
    queue.enqueue([news("4", far + MINUTE)], far)
    queue.heed(["alpen"], NOW)
    assert queue.due(NEWS, NOW) == [("alpen", "booking_news")]
    taken = queue.take("alpen", NEWS, NOW, "me")
    assert subjects(taken) == ["1"]
    queue.put_off(taken, NOW + MINUTE, "the PMS is down", failed=True)
    queue.heed(["alpen"], NOW)
    assert queue.due(NEWS, NOW) == []
    queue.enqueue([news("5", NOW)], far)
    queue.put_off(queue.take("alpen", NEWS, NOW, "me"), NOW + MINUTE, "the PMS is down", failed=True)
    queue.heed(["alpen"], NOW)
    assert queue.due(NEWS, NOW) == [], "what was put off since waits for its time"


def test_clocks_that_differ_by_seconds_move_nothing(store: Database) -> None:
    queue = Queue(store)
    soon = NOW + timedelta(seconds=5)
    queue.enqueue([news("1", soon)], soon)
    queue.heed(["alpen"], NOW)
    assert queue.due(NEWS, NOW) == []
    assert queue.due(NEWS, soon) == [("alpen", "booking_news")]


def test_nothing_is_lost_where_a_process_dies_between_taking_and_ending(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1"), news("2", connection="berg")], NOW)
    queue.take("alpen", NEWS, NOW, "dead")
    queue.take("berg", NEWS, NOW, "alive")
    assert queue.take("alpen", NEWS, NOW, "me") == []
    queue.rescue(["alpen"])
    assert subjects(queue.take("alpen", NEWS, NOW, "me")) == ["1"]
    assert queue.take("berg", NEWS, NOW, "me") == [], "others look after that one"


def test_whoever_could_not_end_what_it_took_takes_it_again(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1")], NOW)
    queue.take("alpen", NEWS, NOW, "me")
    assert queue.is_due("alpen", NEWS, NOW, "me")
    assert subjects(queue.take("alpen", NEWS, NOW, "me")) == ["1"]


def test_what_came_too_late_from_a_former_taker_changes_nothing(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news("1")], NOW)
    before = queue.take("alpen", NEWS, NOW, "paused")
    queue.rescue(["alpen"])
    queue.take("alpen", NEWS, NOW, "me")
    queue.done(before)
    queue.put_off(before, NOW + 60 * MINUTE, "late", failed=True)
    assert [(one.taken_by, one.attempts) for one in queue.waiting("alpen", NEWS)] == [("me", 0)]


def test_many_at_once_take_each_row_once(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([news(str(number)) for number in range(120)], NOW)
    taken: list[str] = []

    def take(taker: str) -> None:
        while batch := queue.take("alpen", NEWS, NOW, taker, limit=7):
            taken.extend(subjects(batch))
            queue.done(batch)

    threads = [threading.Thread(target=take, args=(f"t{number}",)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=int) == [str(number) for number in range(120)]


def test_taking_reads_no_more_where_much_waits_that_is_not_due(store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", TaskKind.WATCH_STAY, f"b{one}", NOW + MINUTE) for one in range(5000)], NOW)
    queue.enqueue([news("1")], NOW)
    plans = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if statement.lstrip().upper().startswith("SELECT") and "queue" in statement:
            plans.append((statement, rest[0]))

    event.listen(store._engine, "before_cursor_execute", note)
    queue.is_due("alpen", NEWS, NOW, "me")
    queue.due(NEWS, NOW)
    event.remove(store._engine, "before_cursor_execute", note)
    assert len(plans) == 2
    if store.is_sqlite:
        with store.reading() as db:
            for statement, values in plans:
                found = db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                assert any("SEARCH queue USING" in str(row) for row in found), found


def test_a_pause_doubles_up_to_the_longest_and_is_a_little_shorter_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses = BackOff(MINUTE, 30 * MINUTE)
    assert [pauses.after(attempts) // MINUTE for attempts in range(1, 8)] == [1, 2, 4, 8, 16, 30, 30]
    assert pauses.after(10_000) == 30 * MINUTE
    assert of_news(2 * MINUTE).while_away(timedelta(0)) == timedelta(seconds=5)
    assert of_news(2 * MINUTE).while_away(MINUTE) == MINUTE
    assert of_news(2 * MINUTE).while_away(60 * MINUTE) == 2 * MINUTE
    monkeypatch.setattr(back_off, "chance", lambda: 1.0)
    assert pauses.after(1) == 0.9 * MINUTE


@pytest.mark.parametrize("which", ["sqlite", "postgresql"])
def test_what_waited_before_the_queue_was_one_waits_on(
    request: pytest.FixtureRequest, tmp_path: Path, which: str
) -> None:
    address = make_url(f"sqlite:///{tmp_path}/old.db")
    if which == "postgresql":
        server = make_url(request.getfixturevalue("postgresql")).set(drivername="postgresql+psycopg")
        address = server.set(database="before_the_queue")
        maker = create_engine(server, isolation_level="AUTOCOMMIT")
        with maker.connect() as db:
            db.exec_driver_sql("CREATE DATABASE before_the_queue")
        maker.dispose()
    engine = create_engine(address)
    config = Config()
    config.set_main_option("script_location", "store/migrations")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0013")
        at = "'2026-09-18 10:00:00'"
        into_inbox = "INSERT INTO inbox (source, connection, event_id, kind, subjects, received_at, due_at, handled_at)"
        for statement in (
            f"{into_inbox} VALUES ('pms', 'alpen', 'e1', 'k', '[]', {at}, '2026-09-18 10:05:00', NULL)",
            f"{into_inbox} VALUES ('seam', NULL, 'e2', 'k', '[]', {at}, {at}, NULL)",
            f"{into_inbox} VALUES ('pms', 'alpen', 'e3', 'k', '[]', {at}, {at}, {at})",
            f"INSERT INTO watches VALUES ('alpen', 'b1', 'p', {at}, 3), ('alpen', 'b2', 'p', {at}, 0)",
            "INSERT INTO alerts (id, connection, kind, subject, text, began_at)"
            f" VALUES (7, 'alpen', 'booking', 'b1', 'shut', {at})",
            "INSERT INTO alert_messages (alert_id, phase, channel, due_at, attempts, sent_at) VALUES"
            f" (7, 'begin', 'email', {at}, 1, NULL), (7, 'begin', 'webhook', {at}, 0, {at})",
        ):
            connection.exec_driver_sql(statement)
        command.upgrade(config, "head")
        wanted = "connection, kind, subject, attempts, substr(CAST(not_before AS VARCHAR(30)), 12, 5)"
        rows = connection.exec_driver_sql(f"SELECT {wanted} FROM queue ORDER BY kind, subject")
        assert [tuple(row) for row in rows] == [
            ("alpen", "booking_news", "1", 0, "10:05"),
            ("alpen", "retry_booking", "b1", 3, "10:00"),
            ("", "seam_event", "2", 0, "10:00"),
            ("alpen", "send_alert", "7/begin/email", 1, "10:00"),
            ("alpen", "watch_stay", "b2", 0, "10:00"),
        ]
    engine.dispose()
