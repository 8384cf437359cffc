"""Changes of policies that are looked at before they count, in SQLite and in PostgreSQL alike."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.engine import Database
from store.policy_changes import PolicyChange, PolicyChangeBook, Seen, Stage

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)


@pytest.fixture
def book(store: Database) -> PolicyChangeBook:
    return PolicyChangeBook(store)


def asked(policy: str = "house", state: Stage = Stage.PREVIEW, at: datetime = NOW) -> PolicyChange:
    return PolicyChange(policy, {"late": "1h"}, state, "jana", at, {"share": 20})


def test_a_change_is_read_as_it_was_written(book: PolicyChangeBook) -> None:
    change = replace(
        asked(state=Stage.ROLLING),
        wave=["alpen"],
        wave_at=NOW + timedelta(minutes=1),
        seen=[Seen(["isar"], "Hotel 1", {"updated": 2}, "it was away")],
        note="on its way",
    )
    book.ask(change)
    assert book.get("house") == change
    assert book.get("motel") is None


def test_those_that_are_worked_on_come_in_the_order_in_which_they_were_asked_for(book: PolicyChangeBook) -> None:
    book.ask(asked("late", at=NOW + timedelta(minutes=2)))
    book.ask(asked("early", Stage.ROLLING, NOW))
    for state in (Stage.PREVIEWED, Stage.STOPPED, Stage.FINISHED, Stage.TAKEN_BACK):
        book.ask(asked(state.replace(" ", "-"), state, NOW + timedelta(minutes=1)))
    assert [one.policy for one in book.open()] == ["early", "late"]


def test_a_step_is_noted_only_while_nobody_has_asked_for_something_else_or_ended_it(book: PolicyChangeBook) -> None:
    first = asked(state=Stage.ROLLING)
    book.ask(first)
    assert book.go_on(replace(first, wave=["alpen"]))
    again = asked(at=NOW + timedelta(seconds=1))
    book.ask(again)
    assert not book.go_on(replace(first, wave=["isar"]))
    assert book.get("house") == replace(again, wave=[], seen=[])
    assert book.go_on(replace(again, state=Stage.STOPPED, note="failures"))
    assert not book.go_on(replace(again, state=Stage.FINISHED)), "it has stopped"
    assert book.go_on(replace(again, state=Stage.TAKEN_BACK), (Stage.STOPPED,))
    found = book.get("house")
    assert found is not None
    assert found.state is Stage.TAKEN_BACK
