"""All access of a connection that is removed: what it has made, remembered or not, and nobody else's."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.keys import Keys
from mappers.links import Link
from mappers.outcomes import Action, Kind, Outcome
from reconciler.report import RunReport
from reconciler.take_away import take_all_away
from seam_workspace.errors import SeamError, SeamNotFound, SeamUnreachable
from seam_workspace.existing import ExistingAccessGrant
from store.database import open_database
from store.engine import Database
from store.links import Links
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.prefixes import KeyPrefixes
from store.properties import KnownProperty, Properties
from store.runs import Runs
from store.turns import take
from tests.builders import NOW
from tests.databases import SQLITE, new_database

HOUR = timedelta(hours=1)
KEYS = Keys("a/")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = Database(open_database(new_database(SQLITE, tmp_path)))
    for connection in ("alpen", "isar"):
        Properties(store).note(
            connection, [KnownProperty(connection, f"p {connection}", "Hotel", "Europe/Vienna")], NOW
        )
        Runs(store).begin(f"r {connection}", connection, "full", NOW - HOUR)
    yield store
    store.close()


class Seam:
    """Grants by id, and those by their property."""

    def __init__(self, *grants: ExistingAccessGrant) -> None:
        self.grants = {one.id: one for one in grants}
        self.refuses: dict[str, SeamError] = {}
        self.deleted: list[str] = []
        self.asked: list[str] = []

    @contextmanager
    def guarded(self, check: Callable[[], float]) -> Iterator[None]:
        assert check() > 0
        yield

    def access_grants_by_id(self, ids: Collection[str]) -> list[ExistingAccessGrant]:
        return [self.grants[one] for one in ids if one in self.grants]

    def list_access_grants(self, customer_key: str) -> list[ExistingAccessGrant]:
        self.asked.append(customer_key)
        return list(self.grants.values())

    def delete_access_grant(self, grant_id: str) -> None:
        if grant_id in self.refuses:
            raise self.refuses[grant_id]
        self.deleted.append(grant_id)


def grant(key: str | None, ends_at: datetime | None = NOW + HOUR, **rest: Any) -> ExistingAccessGrant:
    spaces = frozenset({"s2", "s1"})
    return ExistingAccessGrant(f"grant-{key}", key, "u", spaces, NOW - HOUR, ends_at, None, frozenset({"code"}), **rest)


def link(store: Database, key: str, seam_id: str | None = None, connection: str = "alpen") -> None:
    made = Link(
        Kind.ACCESS_GRANT, key, seam_id or f"grant-{key}", property_id="p", booking_id="b of it", label="J.N. 101"
    )
    Runs(store).record(f"r {connection}", connection, [], NOW - HOUR, made=[made])


def removed(store: Database, seam: Seam, stop: Callable[[], bool] = lambda: False) -> RunReport:
    turn = take(store, "run alpen")
    workspace: Any = seam
    try:
        return take_all_away("alpen", KEYS, workspace, store, turn, "removed by Ada", lambda: NOW, stop)
    finally:
        turn.release()


def test_what_is_remembered_and_what_carries_its_keys_goes_and_nobody_elses(store: Database) -> None:
    KeyPrefixes(store).claim("annex", "a/x/", NOW)
    seam = Seam(
        grant("a/b1"),
        grant("a/b2.3"),
        grant("a/~spare:101:x"),
        grant("a/dying", being_deleted=True),
        grant("b/b1"),
        grant("a/x/7"),
        grant(None),
    )
    link(store, "a/b1")
    link(store, "i/b1", connection="isar")
    report = removed(store, seam)
    assert sorted(seam.deleted) == ["grant-a/b1", "grant-a/b2.3", "grant-a/~spare:101:x"]
    assert seam.asked == ["a/p alpen"]
    assert (report.exit, report.broken_off, report.finished_at) == (0, None, NOW)
    rows = {one.key: (one.kind, one.action, one.outcome, one.reason, one.label, one.booking_id) for one in report.items}
    done = (Kind.ACCESS_GRANT, Action.REVOKE, Outcome.DONE, "removed by Ada")
    assert rows == {
        "a/b1": (*done, "J.N. 101", "b of it"),
        "a/b2.3": (*done, None, "b2"),
        "a/~spare:101:x": (*done, None, None),
    }
    assert Links(store).of_connection("alpen", [Kind.ACCESS_GRANT]) == {}
    assert len(Links(store).of_connection("isar", [Kind.ACCESS_GRANT])) == 1
    kept = Runs(store).get(report.run_id)
    assert kept is not None
    assert (kept.mode, kept.exit, kept.finished_at, kept.totals) == ("take_away", 0, NOW, report.totals)


def test_a_lock_that_is_not_told_may_open_by_it_and_that_is_noted_of_guests_whose_time_is_not_over(
    store: Database,
) -> None:
    link(store, "a/b1")
    seam = Seam(grant("a/b1"), grant("a/b2.3", None), grant("a/over", NOW), grant("a/~spare:101:x"))
    removed(store, seam)
    noted = PendingRevocations(store).of(NOW - 9 * HOUR)
    assert sorted(noted, key=lambda one: one.seam_id) == [
        PendingRevocation("alpen", "grant-a/b1", "a/b1", "b of it", "p", [], ["s1", "s2"], NOW + HOUR, NOW),
        PendingRevocation("alpen", "grant-a/b2.3", "a/b2.3", "b2", "", [], ["s1", "s2"], None, NOW),
    ]


def test_what_is_gone_already_is_done_and_what_fails_is_left_for_the_next_time(store: Database) -> None:
    for key in ("a/b1", "a/b2", "a/b3"):
        link(store, key)
    seam = Seam(grant("a/b1"), grant("a/b2"), grant("a/b3"))
    seam.refuses = {
        "grant-a/b1": SeamNotFound("there is none", status=404),
        "grant-a/b2": SeamUnreachable("no answer"),
    }
    report = removed(store, seam)
    assert {one.key: (one.outcome, one.error) for one in report.items} == {
        "a/b1": (Outcome.DONE, None),
        "a/b2": (Outcome.FAILED, "no answer"),
        "a/b3": (Outcome.DONE, None),
    }
    assert (report.exit, report.broken_off) == (1, None)
    assert Links(store).of_connection("alpen", [Kind.ACCESS_GRANT]).keys() == {(Kind.ACCESS_GRANT, "a/b2")}


def test_whoever_is_asked_to_stop_takes_no_more_and_says_so(store: Database) -> None:
    seam = Seam(grant("a/b1"), grant("a/b2"), grant("a/b3"))
    report = removed(store, seam, lambda: len(seam.deleted) == 2)
    assert len(seam.deleted) == 2
    assert report.exit == 1
    assert report.broken_off == "the run was asked to stop: the rest is taken away by the next one"


def test_where_seam_cannot_be_read_nothing_is_said_to_be_gone(store: Database) -> None:
    link(store, "a/b1")
    seam = Seam()
    seam.list_access_grants = _away  # type: ignore[method-assign]
    report = removed(store, seam)
    assert (report.exit, report.broken_off) == (1, "Seam could not be read: no answer")
    assert len(Links(store).of_connection("alpen", [Kind.ACCESS_GRANT])) == 1


def _away(customer_key: str) -> Any:
    raise SeamUnreachable("no answer")
