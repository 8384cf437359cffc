"""What is called in every run and has nothing to write takes no lock: in a file, nobody else could write meanwhile."""

from collections.abc import Callable
from typing import Any

import pytest

from store.engine import Database
from store.holds import Holds
from store.pending_revocations import PendingRevocations
from store.queue import BOOKINGS, Queue
from store.readings import Reading, ReadingBook
from store.revocations import RevocationBook
from store.work import Work
from tests.builders import NOW


@pytest.mark.parametrize(
    "call",
    [
        lambda store: PendingRevocations(store).note([]),
        lambda store: PendingRevocations(store).forget("alpen", [], NOW),
        lambda store: Holds(store).add("run", "alpen", [], NOW),
        lambda store: Holds(store).settle("alpen", [], NOW),
        lambda store: Holds(store).settle_bookings("alpen", [], NOW),
        lambda store: Holds(store).settle_bookings("alpen", ["b1"], NOW),
        lambda store: Queue(store).plan([], NOW),
        lambda store: Queue(store).replace("alpen", BOOKINGS, [], [], NOW),
        lambda store: RevocationBook(store, "alpen").note([], NOW),
        lambda store: ReadingBook(store, "alpen").note("booking", [], Reading(1, NOW)),
        lambda store: Work(store).rest_steps("alpen", []),
        lambda store: Work(store).end_steps("alpen", []),
    ],
    ids=[
        "access that was taken away",
        "nothing that is over",
        "nothing held",
        "no keys settled",
        "no bookings settled",
        "of these bookings nothing waits",
        "nothing planned",
        "nothing replaced",
        "no revocations",
        "nothing read",
        "no steps that rest",
        "no steps that end",
    ],
)
def test_nothing_is_written_where_there_is_nothing(
    store: Database, call: Callable[[Database], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        pytest.fail("a transaction that writes was begun")

    monkeypatch.setattr(Database, "writing", refuse)
    call(store)


@pytest.mark.parametrize(
    "call",
    [
        lambda store: Holds(store).settle("alpen", [], NOW),
        lambda store: Holds(store).settle_bookings("alpen", [], NOW),
        lambda store: Queue(store).plan([], NOW),
        lambda store: ReadingBook(store, "alpen").newer("booking", [], Reading(1, NOW)),
    ],
    ids=["no keys settled", "no bookings settled", "nothing planned", "nothing that may have been read later"],
)
def test_nor_is_anything_read(
    store: Database, call: Callable[[Database], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        pytest.fail("the database was asked")

    for name in ("writing", "reading"):
        monkeypatch.setattr(Database, name, refuse)
    call(store)
