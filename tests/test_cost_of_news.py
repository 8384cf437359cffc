"""The news of one booking costs as much in a house with many bookings as in one with few: statements and rows are
counted where they come out of the database.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.engine.cursor import CursorFetchStrategy

from mappers.policy import Policy
from reconciler.changes import Kind
from store.door_codes import DoorCodeRecord, DoorCodeRecords
from store.health import GrantHealth, Health
from store.links import Link
from store.queue import BOOKINGS, Queue, Task, TaskKind
from store.runs import Runs
from store.stays import Stay, Stays
from tests.night import Night

MONTH = timedelta(days=30)


def fill(night: Night, number: int) -> None:
    """So many bookings that somebody dealt with before; they come in a month."""
    now = night.clock.now()
    ids = [f"{one:08d}-0000-4000-8000-00000000b00k" for one in range(number)]
    Runs(night.store).begin("before", "alpen", "bookings", now)
    links = [
        Link(
            Kind.ACCESS_GRANT,
            one,
            f"seam-{one}",
            property_id=night.property,
            booking_id=one,
            user_identity_key=f"u{one}",
        )
        for one in ids
    ]
    links += [Link(Kind.USER_IDENTITY, f"u{one}", f"seam-u{one}", property_id=night.property) for one in ids]
    Runs(night.store).record("before", "alpen", [], now, made=links)
    Runs(night.store).finish("before", "bookings", now, 0, {})
    stays = [
        Stay(
            "alpen",
            one,
            night.property,
            one[:8],
            "A.B. 103",
            "103",
            "confirmed",
            now + MONTH,
            now + 2 * MONTH,
            "live",
            "",
            1,
        )
        for one in ids
    ]
    Stays(night.store).note("alpen", now, stays)
    GrantHealth(night.store).note(Health("alpen", one, one, f"seam-{one}", "issued", "", None, now) for one in ids)
    tasks = [Task("alpen", TaskKind.WATCH_STAY, one, now + MONTH, night.property) for one in ids]
    Queue(night.store).replace("alpen", BOOKINGS, [], tasks, now)
    told = [DoorCodeRecord(one, night.property, one, "mark", None, now, now + 2 * MONTH) for one in ids]
    DoorCodeRecords(night.store, "alpen").note(told)


@contextmanager
def counted(night: Night, monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """Statements and rows; by each statement too, to be looked at where it fails."""
    found: Counter[str] = Counter()
    last = [""]

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        last[0] = " ".join(statement.split())
        found["statements"] += 1

    def fetching(fetch: Any, many: bool) -> Any:
        def fetched(self: Any, *rest: Any, **named: Any) -> Any:
            rows = fetch(self, *rest, **named)
            number = len(rows) if many else int(rows is not None)
            found["rows"] += number
            found[f"rows of {last[0]}"] += number
            return rows

        return fetched

    event.listen(night.store._engine, "before_cursor_execute", note)
    with monkeypatch.context() as patch:
        for name, many in (("fetchone", False), ("fetchmany", True), ("fetchall", True)):
            patch.setattr(CursorFetchStrategy, name, fetching(getattr(CursorFetchStrategy, name), many))
        yield found
    event.remove(night.store._engine, "before_cursor_execute", note)


def test_the_news_of_one_booking_costs_no_more_where_there_are_a_hundred_times_as_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    costs = []
    for number in (10, 1000):
        (folder := tmp_path / str(number)).mkdir()
        night = Night(folder, Policy(replace_wait=timedelta(seconds=20), write_back="note"))
        booking = night.book()
        night.do("full")
        fill(night, number)
        night.hotel.assign(booking, night.rooms[1])
        night.clock.pass_(minutes=1)
        night.mews_webhook(("ServiceOrderUpdated", booking))
        with counted(night, monkeypatch) as cost:
            night.settle()
        assert night.doors(booking) == ["102"]
        costs.append(cost)
    few, many = costs
    assert many["statements"] == few["statements"]
    more = [what for what, seen in many.items() if what.startswith("rows of") and seen > few[what]]
    # A run compares with all that is linked, and reads that at once: still one statement.
    assert all(" FROM links WHERE links.connection = ?" in what for what in more), more
