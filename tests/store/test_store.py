"""What is remembered, in SQLite and in PostgreSQL alike."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, event, func, inspect, select, text

from store import database
from store.database import DatabaseUnusable, _from_json, open_database
from store.engine import Database, StoreFailed
from store.history import History
from store.holds import Hold, Holds
from store.links import Link, Links
from store.people import People
from store.queue import BOOKINGS, Queue, Task, TaskKind
from store.revocations import RevocationBook
from store.runs import OutcomeRow, Runs
from store.tables import metadata, outcomes
from store.work import Work

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)


def link(key: str = "b1", **rest: object) -> Link:
    fields = {"booking_id": key, "property_id": "p", "ends_at": NOW + timedelta(days=1), "user_identity_key": "g1"}
    return Link("access_grant", key, f"seam-{key}", **(fields | rest))  # type: ignore[arg-type]


def test_a_link_and_its_outcome_are_committed_together_and_found_again(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    Work(store).begin_step("r1", "alpen", "p", "b1", "create b1", NOW)
    assert Work(store).watched("alpen", "p", NOW) == {"b1"}
    Runs(store).record(
        "r1",
        "alpen",
        [OutcomeRow("access_grant", "b1", "create", "done", "new", label="J.N. 101", booking_id="b1")],
        NOW,
        made=[Link("user_identity", "g1", "seam-g1"), link()],
        finished_booking="b1",
    )
    links = Links(store).of_connection("alpen")
    assert links["access_grant", "b1"].ends_at == NOW + timedelta(days=1)
    assert links["user_identity", "g1"].ends_at == NOW + timedelta(days=1)
    assert Work(store).cut_off("alpen") == {}
    assert Links(store).of_connection("other") == {}
    assert Links(store).bookings_of_users("alpen", ["g1"]) == {("p", "b1")}
    (happened,) = History(store).of_booking("alpen", "b1", [])
    assert (happened.at, happened.row.reason) == (NOW, "new")
    Runs(store).record("r1", "alpen", [], NOW, made=[link(generation=2)])
    assert Links(store).of_connection("alpen")["access_grant", "b1"].generation == 2
    Runs(store).record("r1", "alpen", [], NOW, gone=[("access_grant", "b1")])
    assert ("access_grant", "b1") not in Links(store).of_connection("alpen")


def test_a_grant_that_has_no_end_any_more_is_stored_so_and_an_identity_keeps_the_end_of_its_last_stay(
    store: Database,
) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW, None)
    person = Link("user_identity", "g1", "seam-g1")
    Runs(store).record("r1", "alpen", [], NOW, made=[person, link(ends_at=NOW)])
    Runs(store).record("r1", "alpen", [], NOW, made=[person, link(ends_at=None)])
    found = Links(store).of_connection("alpen")
    assert found["access_grant", "b1"].ends_at is None
    assert found["user_identity", "g1"].ends_at == NOW


def test_a_run_is_stored_from_its_beginning(store: Database) -> None:
    assert Runs(store).latest_id() is None
    Runs(store).begin("r1", "alpen", "incremental", NOW)
    run = Runs(store).get("r1")
    assert run is not None
    assert run.finished_at is None
    Runs(store).finish("r1", "full", NOW + timedelta(seconds=2), 3, {"space": {"created": 2}})
    run = Runs(store).get("r1")
    assert run is not None
    assert (run.mode, run.exit, run.totals) == ("full", 3, {"space": {"created": 2}})
    Runs(store).begin("r2", "alpen", "full", NOW + timedelta(minutes=1))
    assert Runs(store).latest_id() == "r2"


def test_what_is_old_is_forgotten_and_what_is_needed_is_kept(store: Database) -> None:
    people = People(store)
    for number in range(4):
        Runs(store).begin(f"r{number}", "alpen", "full", NOW + timedelta(minutes=number))
        Runs(store).finish(f"r{number}", "full", NOW, number % 2, {})
    Runs(store).record("r1", "alpen", [OutcomeRow("space", "r", "create", "done")], NOW)
    Holds(store).add("r2", "alpen", [Hold("b1", "p", "b1", "booking cancelled")], NOW)
    people.note("jana", "approved", NOW)
    Runs(store).forget_old(NOW + timedelta(days=8), "alpen")
    assert [run.run_id for run in History(store).runs()] == ["r3", "r2", "r1"]
    Runs(store).forget_old(NOW + timedelta(days=91), "alpen")
    assert Runs(store).outcomes_of("r1") == []
    Runs(store).forget_old(NOW + timedelta(days=3000), "alpen")
    assert [run.run_id for run in History(store).runs()] == ["r2"]
    assert people.audit_entries() == []
    Holds(store).settle("alpen", ["b1"], NOW)
    Runs(store).forget_old(NOW + timedelta(days=3000), "alpen")
    assert History(store).runs() == []


def test_what_another_connection_keeps_is_left_to_its_own_processes(store: Database) -> None:
    later = NOW + timedelta(days=3000)
    Runs(store).begin("r1", "berg", "full", NOW)
    Runs(store).record("r1", "berg", [OutcomeRow("space", "r", "create", "done")], NOW)
    Runs(store).begin("r2", "berg", "full", NOW)
    Holds(store).add("r2", "berg", [Hold("b1", "p", "b1", "booking cancelled")], NOW)
    Holds(store).settle("berg", ["b1"], NOW)
    People(store).note("jana", "approved", NOW, connection="berg")
    Runs(store).forget_old(later, "alpen")
    assert [run.run_id for run in History(store).runs()] == ["r2", "r1"]
    assert len(Runs(store).outcomes_of("r1")) == 1
    assert len(People(store).audit_entries()) == 1
    Runs(store).forget_old(later, "berg")
    assert History(store).runs() == []
    assert People(store).audit_entries() == []


def test_much_that_is_old_is_forgotten_in_small_steps(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    rows = [OutcomeRow("space", f"r{number}", "create", "done") for number in range(2500)]
    Runs(store).record("r1", "alpen", rows, NOW)
    Runs(store).forget_old(NOW + timedelta(days=91), "alpen")
    assert Runs(store).outcomes_of("r1") == []


def waits(number: int, reason: str = "waiting for a room") -> OutcomeRow:
    return OutcomeRow("access_grant", f"b{number}", "wait", "waiting", reason, booking_id=f"b{number}")


def run_of(store: Database, run_id: str, rows: list[OutcomeRow], mode: str = "full", minute: int = 0) -> None:
    at = NOW + timedelta(minutes=minute)
    Runs(store).begin(run_id, "alpen", mode, at)
    Runs(store).record(run_id, "alpen", rows, at)
    Runs(store).finish(run_id, mode, at, 0, {}, whole=mode == "full")


def test_whoever_waits_is_written_down_once_and_shown_by_every_run(store: Database) -> None:
    everybody = [waits(number) for number in range(1200)]
    for number in range(4):
        run_of(store, f"r{number}", everybody, minute=number)
    with store.reading() as db:
        assert db.execute(select(func.count()).select_from(outcomes)).scalar_one() == 1200
    assert len(Runs(store).outcomes_of("r3")) == 1200
    assert History(store).outcomes_page("r3", outcome="waiting", limit=10)[1] == 1200
    assert History(store).outcomes_page("r3", words="b1199")[1] == 1
    # Who waits no more is gone from the next run, and comes back as news.
    run_of(store, "r4", everybody[1:], minute=4)
    assert len(Runs(store).outcomes_of("r4")) == 1199
    run_of(store, "r5", everybody, minute=5)
    assert next(row.key for row in Runs(store).outcomes_of("r5")) == "b0"
    assert len(History(store).of_booking("alpen", "b0", [])) == 2


def test_a_run_over_single_bookings_ends_what_lasted_for_them_alone(store: Database) -> None:
    run_of(store, "r1", [waits(1), waits(2)])
    run_of(store, "r2", [], "bookings", 1)
    Runs(store).settle_lasting("alpen", "r2", ["b1"])
    run_of(store, "r3", [waits(2)], "incremental", 2)
    assert [row.key for row in Runs(store).outcomes_of("r3")] == ["b2"]
    # A list of everything stays together, whatever finds its lines later.
    assert [row.key for row in Runs(store).outcomes_of("r1")] == ["b1", "b2"]
    run_of(store, "r4", [waits(1)], minute=3)
    assert [row.key for row in Runs(store).outcomes_of("r4")] == ["b1"]


def test_a_long_run_ends_nothing_that_a_later_one_found(store: Database) -> None:
    Runs(store).begin("long", "alpen", "full", NOW)
    run_of(store, "urgent", [waits(1)], "bookings", 1)
    Runs(store).finish("long", "full", NOW + timedelta(minutes=2), 0, {}, whole=True)
    run_of(store, "next", [waits(1)], "incremental", 3)
    with store.reading() as db:
        assert db.execute(select(func.count()).select_from(outcomes)).scalar_one() == 1


@pytest.mark.parametrize(
    ("asked", "believed"),
    [
        ({}, True),
        ({"since": NOW - timedelta(seconds=1)}, False),
        ({"runs_at_least": 4}, False),
        ({"line": "the PMS does not list"}, False),
        ({"line": "the only_booking"}, False),
        ({"property_id": "q"}, False),
        ({"connection": "harbor"}, False),
    ],
)
def test_trouble_of_a_property_lasts_as_long_as_every_run_finds_it_in_those_words(
    store: Database, asked: dict[str, object], believed: bool
) -> None:
    words = "the only booking is denied: 100 % of what was there"
    row = OutcomeRow("property", "p", "read", "failed", "nobody lost access", words)
    for minute in range(3):
        at = NOW + timedelta(minutes=minute)
        Runs(store).begin(f"r{minute}", "alpen", "full", at)
        Runs(store).record(f"r{minute}", "alpen", [row], at)
        Runs(store).finish(f"r{minute}", "full", at, 1, {}, "the PMS is in doubt")
    question = {"connection": "alpen", "property_id": "p", "line": "the only booking", "since": NOW, "runs_at_least": 3}
    assert Runs(store).lasts_for(**(question | asked)) is believed  # type: ignore[arg-type]


def test_trouble_that_a_run_did_not_find_begins_anew(store: Database) -> None:
    row = OutcomeRow("property", "p", "read", "failed", "nobody lost access", "the only booking is denied")
    for minute, rows in enumerate([[row], [], [row]]):
        at = NOW + timedelta(minutes=minute)
        Runs(store).begin(f"r{minute}", "alpen", "full", at)
        Runs(store).record(f"r{minute}", "alpen", rows, at)
        Runs(store).finish(f"r{minute}", "full", at, 0, {}, None, whole=True)
    assert not Runs(store).lasts_for("alpen", "p", "the only booking", NOW, 0)
    assert Runs(store).lasts_for("alpen", "p", "the only booking", NOW + timedelta(minutes=2), 0)


def test_cursors_and_watches(store: Database) -> None:
    assert Work(store).cursor("alpen", "p") is None
    for minute in (1, 2):
        Work(store).advance_cursor("alpen", "p", NOW + timedelta(minutes=minute))
    assert Work(store).cursor("alpen", "p") == NOW + timedelta(minutes=2)
    queue, hour = Queue(store), timedelta(hours=1)
    first = [
        Task("alpen", TaskKind.WATCH_STAY, one, NOW + number * hour, "p") for number, one in enumerate(("b1", "b2"))
    ]
    queue.replace("alpen", BOOKINGS, [], first, NOW)
    assert Work(store).watched("alpen", "p", NOW) == {"b1"}
    queue.replace("alpen", BOOKINGS, ["b1"], [Task("alpen", TaskKind.RETRY_BOOKING, "b2", NOW, "p", 1)], NOW)
    assert Work(store).watched("alpen", "p", NOW) == {"b2"}
    assert Work(store).retries_due("alpen", NOW) == [("p", "b2")]
    assert Work(store).failures("alpen") == {"b2": 1}


def test_sealed_pins_that_rest_are_forgotten_unless_their_booking_is_under_way_or_tried_again(store: Database) -> None:
    work = Work(store)
    for number, booking in enumerate(("resting", "failing", "under way", "later")):
        work.begin_step("r1", "alpen", "p", booking, "revoke", NOW + timedelta(minutes=number))
        work.seal_step("alpen", booking, "sealed")
    work.rest_steps("alpen", ["resting", "failing", "later"])
    Queue(store).enqueue([Task("alpen", TaskKind.RETRY_BOOKING, "failing", NOW, "p", 1)], NOW)
    work.forget_rested("alpen", NOW + timedelta(minutes=2))
    assert set(work.sealed_steps("alpen")) == {"failing", "under way", "later"}


def test_whichever_run_is_approved_settles_the_holds_of_all(store: Database) -> None:
    for run_id in ("r1", "r2"):
        Runs(store).begin(run_id, "alpen", "full", NOW)
        Holds(store).add(run_id, "alpen", [Hold("b1", "p", "b1", "cancelled")], NOW)
    for run_id in ("r1", "r2"):
        assert [waits for _, waits in Holds(store).of_run(run_id)] == [True]
    Holds(store).settle("alpen", ["b1"], NOW)
    for run_id in ("r1", "r2"):
        assert [waits for _, waits in Holds(store).of_run(run_id)] == [False]


def test_what_is_in_doubt_waits_for_somebody_and_does_not_count_for_the_safety_limit(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    Holds(store).add(
        "r1", "alpen", [Hold("b1", "p", "b1", "cancelled"), Hold("b2", "p", "b2", "denied", True)], NOW, {"b2"}
    )
    assert [(hold.key, hold.in_doubt) for hold, _ in Holds(store).of_run("r1")] == [("b1", False), ("b2", True)]
    assert [one.hold.in_doubt for one in Holds(store).waiting()] == [False, True]
    assert [one.key for one in RevocationBook(store, "alpen").waiting()] == ["b1"]
    for number, later in ((2, timedelta(hours=1)), (3, timedelta(days=1, minutes=1))):
        Runs(store).begin(f"r{number}", "alpen", "full", NOW + later)
        Holds(store).add(f"r{number}", "alpen", [Hold("b2", "p", "b2", "denied", True)], NOW + later)
    kept = [len(Holds(store).of_run(f"r{number}")) for number in (1, 2, 3)]
    assert kept == [1, 1, 1], "what has been in doubt for more than a day is kept once"


def test_many_threads_write_at_once(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)

    def write(number: int) -> None:
        for step in range(10):
            key = f"b{number}-{step}"
            Work(store).begin_step("r1", "alpen", "p", key, "create", NOW)
            Runs(store).record(
                "r1",
                "alpen",
                [OutcomeRow("access_grant", key, "create", "done")],
                NOW,
                made=[link(key)],
                finished_booking=key,
            )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(Links(store).of_connection("alpen")) == 80
    assert len(Runs(store).outcomes_of("r1")) == 80


LEFT_FOR_OLDER_VERSIONS = {name: ["organisation"] for name in ("connections", "policies", "workspaces")}
"""Columns that no statement of this version names, for migrations only add: whose a connection is, its settings say."""


def test_the_migrations_make_exactly_the_tables(tmp_path: Path) -> None:
    open_database(f"sqlite:///{tmp_path}/a.db").dispose()
    open_database(f"sqlite:///{tmp_path}/a.db").dispose()
    migrated = inspect(create_engine(f"sqlite:///{tmp_path}/a.db"))
    plain_engine = create_engine(f"sqlite:///{tmp_path}/b.db")
    metadata.create_all(plain_engine)
    plain = inspect(plain_engine)
    for name in metadata.tables:
        left = LEFT_FOR_OLDER_VERSIONS.get(name, ())
        there = [one for one in migrated.get_columns(name) if one["name"] not in left]
        assert len(there) == len(migrated.get_columns(name)) - len(left)
        assert str(there) == str(plain.get_columns(name)), name
        for look in ("get_indexes", "get_pk_constraint", "get_foreign_keys"):
            assert str(getattr(migrated, look)(name)) == str(getattr(plain, look)(name)), name
    config = Config()
    config.set_main_option("script_location", str(database._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == database.HEAD


@pytest.mark.parametrize("many", [2, pytest.param(4, marks=pytest.mark.slow)])
def test_many_processes_may_open_a_new_database_at_once(tmp_path: Path, many: int) -> None:
    code = f"from store.database import open_database; open_database('sqlite:///{tmp_path}/new.db').dispose()"
    root = Path(__file__).parents[2]
    processes = [subprocess.Popen([sys.executable, "-c", code], cwd=root) for _ in range(many)]
    assert [process.wait() for process in processes] == [0] * many


@pytest.mark.parametrize("url", ["nonsense", "oracle://a/b", "sqlite:////proc/no/such/folder/x.db", "mysql://a@b/c"])
def test_an_unusable_database_is_a_sentence(url: str) -> None:
    with pytest.raises(DatabaseUnusable, match="database"):
        open_database(url)


def test_a_database_of_another_maker_is_none_and_lacks_no_driver() -> None:
    for url in ("oracle://a/b", "mysql://a@b/c"):
        with pytest.raises(DatabaseUnusable, match="none that Night Porter works with; use SQLite"):
            open_database(url)


def test_whoever_waits_for_a_locked_database_does_not_wait_for_all_before_her_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.engine.WAITS_FOR_TURN", 0.01)
    opened = Database(open_database(f"sqlite:///{tmp_path}/night.db"))
    with opened.writing(), pytest.raises(StoreFailed, match="locked"), opened.writing():
        pass
    with opened.writing():
        pass
    opened.close()


@pytest.mark.parametrize("text", ["[]", "{}", "null", '["a", {"b": 1}]', ' [1, "é"] ', "12"])
def test_lists_of_the_database_are_read_as_json(text: str) -> None:
    assert _from_json(text) == _from_json(text.encode()) == json.loads(text)


@pytest.mark.parametrize("text", ["", "[", "{} {}", "nothing"])
def test_what_is_no_json_is_no_list(text: str) -> None:
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        _from_json(text)


# --- several questions in a row ---------------------------------------------------------------------------------------


def test_questions_in_a_row_go_over_one_connection_and_each_sees_the_newest(store: Database) -> None:
    other = Database(open_database(store._engine.url.render_as_string(hide_password=False)))
    taken: list[object] = []
    event.listen(store._engine, "checkout", lambda *which: taken.append(which))
    with store.asking():
        assert Work(store).cursor("alpen", "p") is None
        Work(other).advance_cursor("alpen", "p", NOW)
        with store.asking():
            assert Work(store).cursor("alpen", "p") == NOW
    assert len(taken) == 1
    assert Work(store).cursor("alpen", "p") == NOW
    assert len(taken) == 2
    other.close()


def test_after_a_question_that_failed_the_next_ones_have_a_connection_of_their_own(store: Database) -> None:
    with suppress(StoreFailed), store.asking(), store.reading() as db:
        db.execute(text("SELECT nothing FROM nowhere"))
    assert Work(store).cursor("alpen", "p") is None


def test_what_is_written_between_questions_is_a_transaction_of_its_own(store: Database) -> None:
    with suppress(ValueError), store.asking():
        Work(store).cursor("alpen", "p")
        Work(store).advance_cursor("alpen", "p", NOW)
        raise ValueError
    assert Work(store).cursor("alpen", "p") == NOW
