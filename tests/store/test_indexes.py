"""What is asked of some properties, bookings or grants among millions is answered by an index, and no table is read
whole for it."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store.accounts import LockAccounts
from store.alerts import AlertBook
from store.costs import Costs
from store.database import open_database
from store.engine import Database
from store.health import GrantHealth
from store.inbox import Inbox
from store.links import Links
from store.lock_health import locks_at, numbers_by_state
from store.locks import rooms_without_lock, summaries_of_locks
from store.people import People
from store.run_days import RunDays
from store.search import connections_that_know, search
from store.stays import Stays
from store.trends import Trends
from store.visibility import Visible
from tests.databases import database_at

NOW = datetime(2026, 11, 28, 21, tzinfo=UTC)
DAY = timedelta(days=1)
PLACES = [("hotel1", "p1"), ("hotel2", "p2")]
LARGE = (
    *("stays", "links", "health", "outcomes", "runs", "surnames", "lock_health", "placements", "costs", "run_days"),
    *("doors", "alerts", "inbox", "audit_log", "trends"),
)
"""Tables that grow with what happens."""
ASKED: dict[str, Callable[[Database], Any]] = {
    "the guests of properties": lambda store: Stays(store).to_show(NOW - DAY, NOW + DAY, NOW, PLACES),
    "who is here or comes": lambda store: Stays(store).access_here_or_coming(PLACES, NOW, NOW + DAY),
    "stays by booking": lambda store: Stays(store).of_bookings(PLACES),
    "the health of bookings": lambda store: GrantHealth(store).of(booking_ids={"b1", "b2"}),
    "grants that no lock has confirmed": lambda store: GrantHealth(store).unconfirmed(
        ["no_code"], NOW, NOW + DAY, "hotel1", but=["no_door"]
    ),
    "the health of grants": lambda store: GrantHealth(store).in_state(PLACES, "issued"),
    "grants of properties": lambda store: Links(store).grants_at_places(PLACES, NOW, NOW + timedelta(days=17)),
    "rooms without a lock": lambda store: rooms_without_lock(store, PLACES, {}),
    "locks and rooms": lambda store: summaries_of_locks(store, PLACES, {}),
    "locks": lambda store: locks_at(store, PLACES),
    "how the locks are": lambda store: numbers_by_state(store, [NOW], PLACES),
    "lock systems": lambda store: LockAccounts(store).of(PLACES),
    "costs": lambda store: Costs(store).of_days(date(2026, 11, 1), date(2026, 11, 30), PLACES),
    "days of runs": lambda store: RunDays(store).since(date(2026, 11, 14)),
    "a search by initials": lambda store: search(store, "A.B.", NOW),
    "a search by initials and room": lambda store: search(store, "a b 101", NOW),
    "a search by room": lambda store: search(store, "Room 101", NOW, by_surname=["hash"]),
    "a search by number": lambda store: search(store, "20042", NOW),
    "a search by lock": lambda store: search(store, "Lock 101", NOW),
    "a search by surname": lambda store: search(store, "Novak", NOW, by_surname=[f"{n}" for n in range(3000)]),
    "which connections know a key": lambda store: connections_that_know(store, {"b1"}, {f"h{n}/b1" for n in range(9)}),
    "the health of bookings, of whoever may see properties": lambda store: GrantHealth(
        store.seen_by(Visible(dict.fromkeys(("hotel1", "hotel2"), frozenset({"p1"}))))
    ).of(booking_ids={"b1"}),
    "alerts of a connection": lambda store: AlertBook(store).recent(NOW, connection="hotel1"),
    "alerts of a kind that have ended": lambda store: AlertBook(store).recent(NOW, state="ended", kind="booking"),
    "how many alerts are open": lambda store: AlertBook(store).numbers_open(),
    "deliveries of a connection": lambda store: Inbox(store).page(connection="hotel1", since=NOW - DAY),
    "what somebody did": lambda store: People(store).audit_entries(who="ada"),
    "what was done of a connection": lambda store: People(store).audit_entries(connection="hotel1"),
    "trends": lambda store: Trends(store).by_property(date(2026, 9, 1), date(2026, 11, 28), PLACES),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder: Path = tmp_path_factory.mktemp("indexes")
    return Database(open_database(database_at(folder / "indexes.db")))


@pytest.mark.parametrize("what", ASKED)
def test_no_large_table_is_read_whole(store: Database, what: str) -> None:
    plans = plan_of(store, ASKED[what])
    assert plans
    assert not [step for step in plans if step.startswith("SCAN") and step.split()[1] in LARGE]


def plan_of(store: Database, ask: Callable[[Database], Any]) -> list[str]:
    """How SQLite answers what is asked, step by step."""
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, *rest: Any) -> None:
        asked.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    ask(store)
    event.remove(store._engine, "before_cursor_execute", note)
    with store.reading() as db:
        return [
            str(step[3])
            for statement, parameters in asked
            for step in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        ]


def test_a_list_of_alerts_sorts_nothing(store: Database) -> None:
    """Of hundreds of thousands that have ended, the newest fifty are read in the order of an index."""
    steps = plan_of(store, lambda store: AlertBook(store).recent(NOW, 51))
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_sums_of_many_properties_are_read_from_an_index_alone(store: Database) -> None:
    of = [(f"hotel{n}", None) for n in range(300)]
    steps = plan_of(store, lambda store: Trends(store).by_property(date(2026, 9, 1), date(2026, 11, 28), of))
    assert [step for step in steps if "COVERING INDEX trends_by_property" in step]


@pytest.mark.parametrize("words", ["A.B.", "a b 101", "20042"])
def test_a_search_of_whoever_may_see_hundreds_of_properties_goes_by_what_is_searched(
    store: Database, words: str
) -> None:
    some = store.seen_by(Visible({f"hotel{n}": frozenset({f"p{n}"}) for n in range(300)}))
    steps = plan_of(store, lambda store: search(some, words, NOW))
    assert [step for step in steps if "stays_by_number" in step]
    assert not [step for step in steps if "_by_property" in step], "all of theirs would be read"


def test_a_part_of_a_kinds_name_is_looked_for_among_the_kinds(store: Database) -> None:
    steps = plan_of(store, lambda store: Inbox(store).page(kind="Order"))
    assert [step for step in steps if step.startswith("SCAN inbox")] == [
        "SCAN inbox USING COVERING INDEX inbox_by_kind"
    ]
