"""What one run leaves to the next: who is looked at again and when, and of whom nothing is waited for any more."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.records import BrokenRecord
from mappers.outcomes import Action, Kind
from reconciler.changes import Change
from reconciler.pull import Pulled
from reconciler.remember import Memory
from reconciler.scopes import Everything, Scope, TheseBookings
from store.back_off import BackOff
from store.database import open_database
from store.engine import Database
from store.queue import Queue, Task, TaskKind
from store.stays import Stay, Stays
from tests.builders import HOTEL, NOW
from tests.databases import SQLITE, new_database

MINUTE = timedelta(minutes=1)
RETRY, WATCH = TaskKind.RETRY_BOOKING, TaskKind.WATCH_STAY


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = Database(open_database(new_database(SQLITE, tmp_path)))
    yield store
    store.close()


def memory(store: Database, scope: Scope | None = None) -> Memory:
    context: Any = SimpleNamespace(
        name="alpen",
        store=store,
        report=None,
        now=NOW,
        clock=lambda: NOW,
        options=SimpleNamespace(scope=scope or Everything()),
    )
    limit: Any = None
    return Memory(context, limit, {}, BackOff(MINUTE, 30 * MINUTE))


def prepared(*booking_ids: str, broken: tuple[str, ...] = (), **plan: Any) -> Any:
    return SimpleNamespace(
        pulled=Pulled(HOTEL, full=True, broken=[BrokenRecord("booking", one, "no text") for one in broken]),
        plan=SimpleNamespace(**({"look_again": {}, "held": []} | plan)),
        accesses=[SimpleNamespace(booking_id=one) for one in booking_ids],
    )


def executed(**rest: Any) -> Any:
    return SimpleNamespace(
        **({"failed_bookings": {}, "undone_bookings": set(), "waiting_for_seam": set(), "postponed": {}} | rest)
    )


def due(tasks: list[Task]) -> dict[str, tuple[str, timedelta, int]]:
    """By booking: what is done, in which time, after how many attempts in vain."""
    assert {(one.connection, one.property_id) for one in tasks} <= {("alpen", HOTEL.id)}
    return {one.subject: (one.kind, one.not_before - NOW, one.attempts) for one in tasks}


def test_whoever_is_not_done_with_is_looked_at_again_each_at_her_time(store: Database) -> None:
    before = [Task("alpen", RETRY, one, NOW, HOTEL.id, 2) for one in ("failed again", "away again")]
    Queue(store).enqueue(before, NOW)
    held = Change(Kind.ACCESS_GRANT, Action.REVOKE, "held", "cancelled", "held")
    everybody = ("fine", "failed", "failed again", "away", "away again", "held", "left", "postponed", "later", "newer")
    one = prepared(
        *everybody,
        broken=("broken",),
        look_again={"later": NOW + MINUTE, "failed": NOW + 9 * MINUTE, "?": NOW, "newer": NOW},
        held=[held, Change(Kind.ACCESS_GRANT, Action.REVOKE, "spare", "gone")],
    )
    executor = executed(
        failed_bookings=dict.fromkeys(("failed", "failed again", "away", "away again"), "refused"),
        waiting_for_seam={"away", "away again"},
        undone_bookings={"left"},
        postponed={"postponed": NOW + 2 * MINUTE},
    )
    code = Task("alpen", TaskKind.WRITE_DOOR_CODE, "fine", NOW, HOTEL.id)
    again = memory(store)._again(one, executor, [code], {"newer"})
    assert due(again.tasks[:-1]) == {
        "later": (WATCH, MINUTE, 0),
        "failed": (RETRY, MINUTE, 1),
        "failed again": (RETRY, 4 * MINUTE, 3),
        "away": (RETRY, 0 * MINUTE, 1),
        "away again": (RETRY, 0 * MINUTE, 2),
        "held": (WATCH, 0 * MINUTE, 0),
        "left": (WATCH, 0 * MINUTE, 0),
        "postponed": (WATCH, 2 * MINUTE, 0),
        "broken": (WATCH, 0 * MINUTE, 0),
    }
    assert again.tasks[-1] == code
    assert again.left == {"left", "newer"}
    assert again.dealt_with == {*everybody, "broken"} - {"newer"}


@pytest.mark.parametrize(
    ("scope", "again"),
    [
        (Everything(), {"known", "a slip"}),
        (TheseBookings(("known", "a slip"), are_news=True), {"known", "a slip"}),
        (TheseBookings(("known", "a slip"), are_news=False), {"known"}),
    ],
    ids=["everything", "news", "asked for by a person"],
)
def test_a_booking_that_cannot_be_read_is_asked_for_again_unless_only_a_person_has_ever_named_it(
    store: Database, scope: Scope, again: set[str]
) -> None:
    stay = Stay("alpen", "known", HOTEL.id, "1", "J.N.", "101", "confirmed", None, None, "granted", "", 1)
    Stays(store).note("alpen", NOW, [stay])
    one = prepared(broken=("known", "a slip"))
    found = memory(store, scope)._again(one, executed(), (), ())
    assert due(found.tasks).keys() == again


def test_a_change_is_known_since_its_news_came_and_never_since_later_than_the_run_began(store: Database) -> None:
    for heard, since in ((NOW - MINUTE, NOW - MINUTE), (NOW + MINUTE, NOW)):
        scope = TheseBookings(("b1", "b2"), are_news=True, heard={"b1": heard})
        assert memory(store, scope)._heard("b1") == since
        assert memory(store, scope)._heard("b2") == NOW
    assert memory(store)._heard("b1") == NOW
