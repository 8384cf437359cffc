"""What comes again and again goes to the database's driver without a detour, and is answered as SQLAlchemy answers
it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy import ARRAY, Connection, String, any_, bindparam, delete, event, insert, select, text, update
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError, StatementError

from store.direct import OFTEN
from store.engine import Database, StoreFailed, one_of, put
from store.tables import account_state, cursors, jobs
from store.timeouts import RESTED

AT = datetime(2026, 9, 19, 14, 0, tzinfo=UTC)
CURSOR = select(cursors).where(cursors.c.connection == bindparam("of"))
OF_SOME = select(cursors.c.property_id).where(cursors.c.property_id.in_(bindparam("places", expanding=True)))
MOVE = update(cursors).where(cursors.c.connection == bindparam("of")).values(read_until=bindparam("at"))
DROP = delete(cursors).where(cursors.c.property_id == bindparam("place")).returning(cursors.c.connection)
BEGAN = insert(jobs)
SHARE = text("SELECT 10 % 4 AS rest, CAST(:what AS text) AS what")


@pytest.fixture
def three(store: Database) -> Database:
    """A database, of one kind and then of the other, with three rows."""
    with store.writing() as db:
        rows = [{"connection": "alpen", "property_id": place, "read_until": AT} for place in ("a", "b", "c")]
        db.execute(insert(cursors), rows)
    return store


@pytest.fixture
def on_postgresql(three: Database) -> Database:
    if three.is_sqlite:
        pytest.skip("what PostgreSQL's driver does")
    return three


def asked(store: Database, statement: Any, values: dict[str, Any], count: int = OFTEN + 3) -> list[Any]:
    """Each answer of so many."""
    answers = []
    for _ in range(count):
        with store.reading() as db:
            answers.append(db.execute(statement, values).all())
    return answers


def put_by_sqlalchemy(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Statements that SQLAlchemy puts to a driver."""
    found: list[str] = []
    execute = DefaultDialect.do_execute

    def noted(self: Any, cursor: Any, statement: str, *given: Any, **named: Any) -> Any:
        found.append(statement)
        return execute(self, cursor, statement, *given, **named)

    monkeypatch.setattr(DefaultDialect, "do_execute", noted)
    return found


def test_what_is_asked_often_takes_no_detour_and_has_the_same_answer(
    three: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = put_by_sqlalchemy(monkeypatch)
    answers = asked(three, CURSOR.order_by(cursors.c.property_id), {"of": "alpen"})
    assert [row.property_id for row in answers[0]] == ["a", "b", "c"]
    assert answers[0][0].read_until == AT
    assert all(answer == answers[0] for answer in answers)
    assert answers[-1][0].read_until == AT
    assert answers[-1][0]._mapping[cursors.c.property_id] == "a"
    assert len(found) == OFTEN, "only so often it was asked by SQLAlchemy"


def test_lists_of_any_length_are_answered(three: Database) -> None:
    for places in (["a"], ["b", "a"], [], [f"{place}" for place in range(50)] + ["c"], ["c", "a", "b"]):
        for answer in asked(three, OF_SOME, {"places": places}):
            assert {row.property_id for row in answer} == set(places) & {"a", "b", "c"}


def test_a_text_with_a_percent_sign_is_asked_as_it_is(three: Database) -> None:
    for answer in asked(three, SHARE, {"what": "100 %"}):
        assert [tuple(row) for row in answer] == [(2, "100 %")]


def test_columns_beside_words_of_its_own_are_what_they_are(three: Database) -> None:
    mixed = select(cursors).add_columns(text("property_id AS first, 7 AS second")).limit(bindparam("most"))
    for answer in asked(three, mixed, {"most": 1}):
        assert answer[0].read_until == AT
        assert answer[0]._mapping[cursors.c.read_until] == AT
        assert (answer[0].first, answer[0].second) == (answer[0].property_id, 7)


def test_changes_say_how_many_they_were_and_are_kept_or_undone_together(three: Database) -> None:
    for minute in range(OFTEN + 3):
        with three.writing() as db:
            assert db.execute(MOVE, {"of": "alpen", "at": AT + timedelta(minutes=minute)}).rowcount == 3
    with pytest.raises(RuntimeError), three.writing() as db:  # noqa: PT012
        db.execute(MOVE, {"of": "alpen", "at": AT})
        raise RuntimeError
    for _ in range(OFTEN + 3):
        with pytest.raises(RuntimeError), three.writing() as db:  # noqa: PT012
            assert db.execute(DROP, {"place": "b"}).scalar() == "alpen"
            raise RuntimeError
    with three.writing() as db:
        assert db.execute(DROP, {"place": "b"}).scalar() == "alpen"
    assert [(row.property_id, row.read_until) for row in sorted(asked(three, CURSOR, {"of": "alpen"}, 1)[0])] == [
        (place, AT + timedelta(minutes=OFTEN + 2)) for place in ("a", "c")
    ]


def test_one_transaction_holds_what_goes_either_way(three: Database) -> None:
    asked(three, CURSOR, {"of": "alpen"})
    with pytest.raises(RuntimeError), three.writing() as db:  # noqa: PT012
        db.execute(put(three.dialect, cursors, "read_until"), {"connection": "x", "property_id": "y", "read_until": AT})
        assert len(db.execute(CURSOR, {"of": "x"}).all()) == 1
        db.execute(delete(cursors).where(cursors.c.connection == "alpen"))
        assert db.execute(CURSOR, {"of": "alpen"}).all() == []
        raise RuntimeError
    assert len(asked(three, CURSOR, {"of": "alpen"}, 1)[0]) == 3


def test_json_and_empty_values_arrive_as_they_are(three: Database) -> None:
    statement = put(three.dialect, account_state)
    for number in range(OFTEN + 3):
        with three.writing() as db:
            row = {"digest": "d", "kind": "limit", "value": f'[["ü", {number}]]', "noted_at": AT}
            db.execute(statement, row)
            db.execute(statement, [row])
    with three.reading() as db:
        assert db.execute(select(account_state.c.value)).scalar() == f'[["ü", {OFTEN + 2}]]'


def test_what_the_database_refuses_is_told_as_sqlalchemy_tells_it(three: Database) -> None:
    statement = insert(cursors)
    row = {"connection": "alpen", "property_id": "a", "read_until": AT}
    for _ in range(OFTEN + 3):
        with pytest.raises(StoreFailed) as refused, three.writing() as db:
            db.execute(statement, row)
        assert isinstance(refused.value.__cause__, IntegrityError)
        assert refused.value.__cause__.orig is not None
    # A time without a zone is none of the database's.
    for _ in range(OFTEN + 3):
        with pytest.raises(StoreFailed) as refused, three.writing() as db:
            db.execute(MOVE, {"of": "alpen", "at": datetime(2026, 9, 19)})
        assert isinstance(refused.value.__cause__, StatementError)
    assert len(asked(three, CURSOR, {"of": "alpen"})[-1]) == 3


def test_nothing_is_kept_of_a_transaction_that_goes_on_after_a_refusal(on_postgresql: Database) -> None:
    taken = insert(cursors)
    for turn in range(OFTEN + 3):
        with pytest.raises(StoreFailed), on_postgresql.writing() as db:  # noqa: PT012
            with pytest.raises(IntegrityError):
                db.execute(taken, {"connection": "alpen", "property_id": "a", "read_until": AT})
            db.execute(taken, {"connection": "alpen", "property_id": f"new {turn}", "read_until": AT})
    assert len(asked(on_postgresql, CURSOR, {"of": "alpen"})[-1]) == 3


def test_a_connection_that_the_server_has_ended_is_a_failure_once(on_postgresql: Database) -> None:
    asked(on_postgresql, CURSOR, {"of": "alpen"})
    with pytest.raises(StoreFailed), on_postgresql.reading() as db:  # noqa: PT012
        ended = db.connection.driver_connection.info.backend_pid  # type: ignore[union-attr]
        with psycopg.connect(**on_postgresql.connect_args(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", (ended,))
        db.execute(CURSOR, {"of": "alpen"})
    assert len(asked(on_postgresql, CURSOR, {"of": "alpen"}, 1)[0]) == 3


def test_whoever_listens_to_statements_is_told_of_all(three: Database) -> None:
    asked(three, CURSOR, {"of": "alpen"})
    told: list[str] = []
    event.listen(three._engine, "before_cursor_execute", lambda *given: told.append(given[2]))
    asked(three, CURSOR, {"of": "alpen"}, 3)
    assert len(told) == 3


def test_whoever_may_see_only_some_sees_only_those(three: Database) -> None:
    class Nothing:
        def keep_to(self, db: Connection) -> None:
            @event.listens_for(db, "before_execute", retval=True)
            def narrow(conn: Any, statement: Any, many: Any, one: Any, options: Any) -> Any:
                return statement.where(cursors.c.property_id == "b"), many, one

    asked(three, CURSOR, {"of": "alpen"})
    for answer in asked(three.seen_by(Nothing()), CURSOR, {"of": "alpen"}):
        assert [row.property_id for row in answer] == ["b"]


def test_a_connection_that_has_rested_knows_its_statements_still(
    on_postgresql: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(on_postgresql, CURSOR, {"of": "alpen"}, OFTEN + 10)
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM cursors%'")
    with on_postgresql.reading() as db:
        assert db.execute(prepared).scalar() == 1
    monkeypatch.setattr("store.timeouts.RESTED", -1.0)
    assert RESTED > 0
    with on_postgresql.reading() as db:
        assert db.execute(prepared).scalar() == 1


def test_a_few_rows_at_once_are_all_written_and_what_a_column_is_by_itself_as_well(three: Database) -> None:
    for number in range(OFTEN + 3):
        with three.writing() as db:
            began = [{"connection": f"{number}", "property_id": place, "name": "full"} for place in ("a", "b", "c")]
            db.execute(BEGAN, [one | {"started_at": AT, "said": None} for one in began])
            with_words = {"connection": f"{number}", "property_id": "d", "name": "full", "said": ["ü", None]}
            db.execute(BEGAN, with_words | {"started_at": AT})
    with three.reading() as db:
        found = db.execute(select(jobs)).all()
        assert len(found) == 4 * (OFTEN + 3)
        assert {(row.failures, row.trouble) for row in found} == {(0, None)}
        assert {row.property_id: row.said for row in found} == dict.fromkeys("abc") | {"d": ["ü", None]}
        assert len(db.execute(select(jobs).where(jobs.c.said.is_(None))).all()) == 3 * (OFTEN + 3)


def test_a_statement_with_a_list_is_planned_for_that_list_each_time(on_postgresql: Database) -> None:
    """Of one that comes again the server would make a plan for any list, as if all of them were short."""
    with_list = select(cursors.c.property_id).where(one_of("postgresql", cursors.c.property_id, ["a", "c"]))
    given = bindparam("places", type_=ARRAY(String))
    by_name = select(cursors.c.property_id).where(cursors.c.property_id == any_(given))
    for _ in range(12):
        with on_postgresql.reading() as db:
            assert sorted(db.execute(with_list).scalars()) == ["a", "c"]
            assert sorted(db.execute(OF_SOME, {"places": [*"abdefghijklm"]}).scalars()) == ["a", "b"]
            assert sorted(db.execute(by_name, {"places": ["b", "c", "d"]}).scalars()) == ["b", "c"]
            assert len(db.execute(CURSOR, {"of": "alpen"}).all()) == 3
    with on_postgresql.reading() as db:
        ready = db.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()
    assert [one for one in ready if "cursors.connection = " in one], "others are made ready"
    assert not [one for one in ready if "ANY (" in one or " IN (" in one]


def test_many_rows_at_once_are_all_written(three: Database) -> None:
    statement = put(three.dialect, cursors, "read_until")
    rows = [{"connection": "many", "property_id": f"{number:03d}", "read_until": AT} for number in range(100)]
    for minute in range(OFTEN + 3):
        at = AT + timedelta(minutes=minute)
        with three.writing() as db:
            db.execute(statement, [row | {"read_until": at} for row in rows])
        assert [row.read_until for row in asked(three, CURSOR, {"of": "many"}, 1)[0]] == [at] * 100


def test_what_is_written_at_once_waits_for_nobody_who_only_reads(three: Database) -> None:
    asked(three, CURSOR, {"of": "alpen"})
    for minute in range(OFTEN + 3):
        with three.reading() as db:
            assert len(db.execute(CURSOR, {"of": "alpen"}).all()) == 3
            three.write(MOVE, {"of": "alpen", "at": AT + timedelta(minutes=minute)})
            assert {row.read_until for row in db.execute(CURSOR, {"of": "alpen"})} == {AT + timedelta(minutes=minute)}
