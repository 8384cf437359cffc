"""What is asked of many rows at once: as few parameters as of one, and as little read, in both databases."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import event, insert, select

from store.engine import Database, among
from store.health import GrantHealth
from store.locks import rooms_without_lock
from store.search import search
from store.tables import doors, health, links, placements, properties, stays
from store.visibility import FEW, Visible

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
ODD = ("p", "", "it's", "a,b", '{"x"}', "back\\slash", "NULL", "Zürich 東京", "%(x)s :y")


def asked_of(store: Database, ask: Callable[[], object]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        found.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    ask()
    event.remove(store._engine, "before_cursor_execute", note)
    return found


def plan_of(store: Database, statement: str, parameters: Any) -> list[str]:
    explain = "EXPLAIN QUERY PLAN" if store.is_sqlite else "EXPLAIN"
    with store.reading() as db:
        return [str(row[-1]) for row in db.exec_driver_sql(f"{explain} {statement}", parameters)]


def test_rows_are_found_whatever_stands_in_them(store: Database) -> None:
    known = [{"connection": one, "property_id": other} for one in ODD for other in ODD]
    with store.writing() as db:
        db.execute(insert(properties), [each | {"name": "", "time_zone": "", "seen_at": NOW} for each in known])
    wanted = {(one, other) for one, other in zip(ODD, reversed(ODD), strict=True)} | {("p", "nobody has it")}
    place = (properties.c.connection, properties.c.property_id)
    with store.reading() as db:
        found = {tuple(row) for row in db.execute(select(*place).where(among(store.dialect, place, wanted)))}
        none = db.execute(select(*place).where(among(store.dialect, place, ()))).all()
    assert found == wanted - {("p", "nobody has it")}
    assert none == []


def test_a_question_of_many_rows_is_the_same_as_of_one(store: Database) -> None:
    """Put together anew for each number of rows, and read by the server, it takes longer than its answer."""
    place = (doors.c.connection, doors.c.property_id)

    def ask(number: int) -> list[tuple[str, Any]]:
        places = [(f"hotel{one}", f"p{one}") for one in range(number)]
        with store.reading() as db:
            return asked_of(store, lambda: db.execute(select(*place).where(among(store.dialect, place, places))))

    [(one, its)], [(many, theirs)] = ask(1), ask(300)
    assert one == many
    assert len(its) == len(theirs)


def test_which_rooms_have_a_lock_is_read_once_for_all_of_them(store: Database) -> None:
    """And not once for each room."""
    place = {"connection": "hotel", "property_id": "p"}
    with store.writing() as db:
        for table, rows in {
            links: [{"kind": "space", "key": f"r{n}", "seam_id": f"s{n}", "changed_at": NOW} for n in range(3)],
            doors: [{"door_id": f"d{n}", "name": "", "system": "", "room_keys": [], "seen_at": NOW} for n in range(2)],
            placements: [{"door_id": "d0", "room_key": "r0", "decided_by": "person", "at": NOW}],
        }.items():
            db.execute(insert(table), [place | row for row in rows])
    places = [("hotel", "p"), ("hotel", "q"), ("lodge", "p")]
    assert rooms_without_lock(store, places, {("hotel", "p"): {"r2": "Lobby"}}) == {("hotel", "p"): (1, 1, ["Lobby"])}
    questions = asked_of(store, lambda: rooms_without_lock(store, places, {}))
    [plan] = [plan_of(store, *one) for one in questions if "FROM links" in one[0]]
    if store.is_sqlite:
        correlated = plan[plan.index(next(step for step in plan if step.startswith("CORRELATED"))) :]
        assert not [step for step in correlated if "placements" in step]
        assert [step for step in plan if "placements" in step]
    else:
        assert [step for step in plan if "hashed SubPlan" in step]


def test_what_is_said_of_bookings_to_whoever_has_many_properties_is_looked_up_by_booking(store: Database) -> None:
    """And all of their stays are not read for it."""
    with store.writing() as db:
        for number in range(2 * FEW):
            of_booking = {"connection": f"hotel{number}", "booking_id": "b1"}
            stay: dict[str, Any] = dict.fromkeys(("number", "label", "room", "status", "reason"), "") | {
                "access": "granted"
            }
            stay |= {"property_id": f"p{number}", "grants": 1, "changed_at": NOW}
            told = {"key": f"g{number}", "seam_id": "", "state": "issued", "why": "", "doors": [], "at": NOW}
            link = {"kind": "access_grant", "key": f"g{number}", "seam_id": f"s{number}", "property_id": f"p{number}"}
            db.execute(insert(stays), [of_booking | stay])
            db.execute(insert(health), [of_booking | told])
            db.execute(insert(links), [of_booking | link | {"changed_at": NOW}])
    mine = {f"hotel{number}": frozenset({f"p{number}"}) for number in range(2, 2 * FEW)}
    seen = store.seen_by(Visible({**mine, "hotel1": frozenset({"another"})}))
    found = GrantHealth(seen).of(booking_ids={"b1"})
    assert {one.connection for one in found} == mine.keys()
    questions = asked_of(store, lambda: GrantHealth(seen).of(booking_ids={"b1"}))
    [plan] = [plan_of(store, *one) for one in questions if "FROM health" in one[0]]
    assert [step for step in plan if ("CORRELATED" if store.is_sqlite else "SubPlan") in step], "it is no join"


def test_the_stays_of_a_room_of_many_properties_are_looked_for_by_the_room(store: Database) -> None:
    """And not by property, in PostgreSQL: it thinks that a property has one stay."""
    with store.writing() as db:
        for number in range(3):
            place = {"connection": f"hotel{number}", "property_id": "p"}
            link = {"kind": "space", "key": "r", "label": "131", "seam_id": f"s{number}", "changed_at": NOW}
            door = {"door_id": "d", "name": "Lock 131", "system": "", "room_keys": [], "seen_at": NOW}
            stay: dict[str, Any] = dict.fromkeys(("number", "label", "status", "reason"), "") | {"access": "granted"}
            db.execute(insert(links), [place | link])
            db.execute(insert(doors), [place | door])
            db.execute(
                insert(placements), [place | {"door_id": "d", "room_key": "r", "decided_by": "person", "at": NOW}]
            )
            for room in ("131", "132"):
                its = {"booking_id": f"b{room}", "room": room, "grants": 1, "changed_at": NOW}
                db.execute(insert(stays), [place | stay | its])
    found = search(store, "lock 131", NOW)
    assert [(one.connection, one.room) for one in found] == [(f"hotel{number}", "131") for number in range(3)]
    if not store.is_sqlite:
        questions = asked_of(store, lambda: search(store, "lock 131", NOW))
        assert [one for one, _ in questions if "FROM stays" in one and "stays.room = ANY" in one]
