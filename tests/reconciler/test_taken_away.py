"""What is noted of access that goes: a lock that cannot be told may open by it until Seam has it no more."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.outcomes import Action, Kind
from reconciler.changes import Change
from reconciler.judge import CHANGING_TIMES
from reconciler.taken_away import is_not_told, noted_in
from seam_workspace.existing import ExistingAccessGrant
from store.database import open_database
from store.engine import Database
from store.pending_revocations import PendingRevocation, PendingRevocations
from tests.builders import NOW
from tests.databases import SQLITE, new_database

HOUR = timedelta(hours=1)
GRANT = ExistingAccessGrant(
    "grant-b1", "b1.2", "seam-g1", frozenset({"s2", "s1"}), NOW - HOUR, NOW + HOUR, None, frozenset({"code"})
)
GOING = Change(Kind.ACCESS_GRANT, Action.REVOKE, "b1", "cancelled", "b1")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = Database(open_database(new_database(SQLITE, tmp_path)))
    yield store
    store.close()


def noted(store: Database, change: Change, grant: ExistingAccessGrant) -> list[PendingRevocation]:
    noted_in(store, "alpen", "hotel", lambda: NOW)(change, grant, ["101", "Lobby"])
    return PendingRevocations(store).of(NOW - 9 * HOUR)


def test_of_what_goes_all_is_noted_that_somebody_at_a_door_has_to_know(store: Database) -> None:
    assert noted(store, GOING, GRANT) == [
        PendingRevocation("alpen", "grant-b1", "b1.2", "b1", "hotel", ["101", "Lobby"], ["s1", "s2"], NOW + HOUR, NOW)
    ]


@pytest.mark.parametrize(
    ("change", "ends_at", "number"),
    [
        (GOING, None, 1),
        (GOING, NOW + timedelta(seconds=1), 1),
        (GOING, NOW, 0),
        (replace(GOING, booking_id=None), NOW + HOUR, 0),
    ],
    ids=["without end", "a second to come", "over", "of no booking"],
)
def test_of_what_is_over_and_of_what_no_guest_had_nothing_is_noted(
    store: Database, change: Change, ends_at: datetime | None, number: int
) -> None:
    assert len(noted(store, change, replace(GRANT, ends_at=ends_at))) == number


def test_a_grant_without_a_key_is_noted_by_that_of_its_change(store: Database) -> None:
    assert [one.key for one in noted(store, GOING, replace(GRANT, key=None))] == ["b1"]


@pytest.mark.parametrize(
    ("there", "is_linked", "waits"),
    [
        ({}, True, False),
        ({}, False, True),
        ({"ends_at": NOW}, False, False),
        ({"ends_at": None}, False, True),
        ({"ends_at": NOW, "being_deleted": True}, True, True),
        ({"ends_at": NOW, "unreadable": True}, True, True),
        ({"ends_at": NOW, "pending": (CHANGING_TIMES,)}, True, True),
        ({"ends_at": NOW, "warnings": (CHANGING_TIMES,)}, True, True),
        ({"ends_at": NOW, "warnings": ("another",)}, True, False),
    ],
)
def test_locks_may_not_know_of_an_end_as_long_as_seam_is_at_it_or_lists_what_was_deleted(
    there: dict[str, Any], is_linked: bool, waits: bool
) -> None:
    assert is_not_told(replace(GRANT, **there), is_linked, NOW) is waits
