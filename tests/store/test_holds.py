"""Whose access was taken away, and whose waits for a word: of each connection by itself, and each once."""

from datetime import UTC, datetime, timedelta

import pytest

from store.engine import Database
from store.holds import Hold, Holds
from store.revocations import Revocation, RevocationBook, Waiting
from store.runs import Runs

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def hold(store: Database, run_id: str, *keys: str, connection: str = "alpen", at: datetime = NOW) -> None:
    Runs(store).begin(run_id, connection, "full", at)
    held = [Hold(key, "p", f"booking of {key}", f"{key} in {run_id}", key.startswith("doubted")) for key in keys]
    Holds(store).add(run_id, connection, held, at, {"gone"})


def revoked(key: str, property_id: str = "p", at: datetime = NOW) -> Revocation:
    return Revocation(key, property_id, f"r of {key}", key == "gone", NOW + HOUR, at)


def keys_of(store: Database, connection: str = "alpen") -> list[str]:
    return sorted(one.key for one in RevocationBook(store, connection).since(NOW - timedelta(days=9)))


# --- what was taken away ----------------------------------------------------------------------------------------------


def test_what_was_revoked_is_told_as_it_was_noted_and_only_of_its_connection(store: Database) -> None:
    noted = [revoked("b1"), revoked("gone")]
    RevocationBook(store, "alpen").note(noted, NOW)
    found = RevocationBook(store, "alpen").since(NOW - HOUR)
    assert sorted(found, key=lambda one: one.key) == noted
    assert RevocationBook(store, "isar").since(NOW - HOUR) == []
    assert RevocationBook(store, "alpen").since(NOW) == []


def test_what_is_revoked_again_counts_once_and_what_is_two_days_old_no_more(store: Database) -> None:
    alpen, isar = RevocationBook(store, "alpen"), RevocationBook(store, "isar")
    for book in (alpen, isar):
        book.note([revoked("old", at=NOW - 2 * DAY), revoked("young", at=NOW - 2 * DAY + HOUR)], NOW - HOUR)
    alpen.note([revoked("young"), revoked("new")], NOW)
    assert keys_of(store) == ["new", "young"]
    assert keys_of(store, "isar") == ["old", "young"]


def test_to_note_nothing_forgets_nothing(store: Database) -> None:
    book = RevocationBook(store, "alpen")
    book.note([revoked("b1")], NOW)
    book.note([], NOW + 9 * DAY)
    assert keys_of(store) == ["b1"]


def test_what_did_not_happen_is_taken_off_and_nothing_else(store: Database) -> None:
    for connection in ("alpen", "isar"):
        RevocationBook(store, connection).note([revoked("b1"), revoked("b2")], NOW)
    RevocationBook(store, "alpen").take_off(["b1"])
    assert (keys_of(store), keys_of(store, "isar")) == (["b2"], ["b1", "b2"])


def test_what_a_person_has_seen_of_a_property_counts_no_more_there_and_elsewhere_as_before(store: Database) -> None:
    for connection in ("alpen", "isar"):
        RevocationBook(store, connection).note([revoked("b1"), revoked("b2", "another")], NOW)
    RevocationBook(store, "alpen").seen_by_a_person({"p"})
    assert (keys_of(store), keys_of(store, "isar")) == (["b2"], ["b1", "b2"])


# --- what waits -------------------------------------------------------------------------------------------------------


def test_what_waits_counts_once_however_many_runs_have_held_it(store: Database) -> None:
    hold(store, "r1", "b1", "gone", "doubted")
    hold(store, "r2", "b1", at=NOW + HOUR)
    hold(store, "r3", "b9", connection="isar")
    counted = RevocationBook(store, "alpen").waiting()
    assert sorted(counted, key=lambda one: one.key) == [
        Waiting("b1", "p", "booking of b1", False),
        Waiting("gone", "p", "booking of gone", True),
    ]
    shown = Holds(store).waiting("alpen")
    assert [(one.run_id, one.hold.key, one.hold.reason) for one in shown] == [
        ("r2", "b1", "b1 in r2"),
        ("r1", "doubted", "doubted in r1"),
        ("r1", "gone", "gone in r1"),
    ]
    assert {one.connection for one in Holds(store).waiting()} == {"alpen", "isar"}
    assert Holds(store).numbers_waiting() == {"alpen": 3, "isar": 1}
    assert Holds(store).number_undecided() == 4


def test_what_is_settled_waits_no_more_and_nothing_else_is(store: Database) -> None:
    for connection in ("alpen", "isar"):
        hold(store, f"of {connection}", "b1", "b2", "b3", connection=connection)
    Holds(store).settle("alpen", ["b1"], NOW)
    Holds(store).settle_bookings("alpen", ["booking of b2", "of nobody"], NOW)
    assert [one.hold.key for one in Holds(store).waiting("alpen")] == ["b3"]
    assert [one.hold.key for one in Holds(store).waiting("isar")] == ["b1", "b2", "b3"]
    assert [one.key for one in RevocationBook(store, "alpen").waiting()] == ["b3"]
    assert [waits for _, waits in Holds(store).of_run("of alpen")] == [False, False, True]
    for nothing in (Holds(store).settle, Holds(store).settle_bookings):
        nothing("alpen", [], NOW)
    assert Holds(store).numbers_waiting() == {"alpen": 1, "isar": 3}


def test_what_somebody_keeps_stays_kept_in_every_run_that_holds_it_again(store: Database) -> None:
    hold(store, "r1", "b1", "b2")
    hold(store, "of isar", "b1", connection="isar")
    Holds(store).keep("alpen", ["b1"], "Ada", "she is in the lobby", NOW)
    hold(store, "r2", "b1", "b2", at=NOW + HOUR)
    assert (Holds(store).kept("alpen"), Holds(store).kept("isar")) == ({"b1"}, set())
    shown = {one.hold.key: (one.kept_by, one.kept_why) for one in Holds(store).waiting("alpen")}
    assert shown == {"b1": ("Ada", "she is in the lobby"), "b2": (None, None)}
    assert [one.hold.key for one in Holds(store).undecided("alpen")] == ["b2"]
    assert Holds(store).number_undecided() == 2, "that one, and the one of the other connection"
    Holds(store).settle("alpen", ["b1"], NOW)
    assert Holds(store).kept("alpen") == set(), "it has ended by itself"
    Holds(store).keep("alpen", ["b1"], "Ada", "too late", NOW)
    assert Holds(store).kept("alpen") == set()


def test_who_approves_a_run_approves_what_waits_of_it_and_what_somebody_keeps_only_by_its_name(
    store: Database,
) -> None:
    hold(store, "r1", "b1", "b2", "b3")
    hold(store, "of isar", "b1", "b3", connection="isar")
    hold(store, "r2", "b4")
    Holds(store).settle("alpen", ["b2"], NOW)
    Holds(store).keep("alpen", ["b3"], "Ada", "she stays", NOW)
    assert Holds(store).approved("r1").keys() == {"b1"}
    assert Holds(store).approved("r1", {"b2", "b3"}).keys() == {"b3"}
    assert Holds(store).approved("of isar").keys() == {"b1", "b3"}


@pytest.mark.parametrize(("later", "left"), [(DAY, 2), (DAY + timedelta(seconds=1), 1)])
def test_of_what_is_in_doubt_every_day_the_hold_of_a_day_is_kept(store: Database, later: timedelta, left: int) -> None:
    hold(store, "r1", "doubted", "b1")
    hold(store, "of isar", "doubted", connection="isar")
    hold(store, "r2", "doubted", at=NOW + later)
    number = sum(len(Holds(store).of_run(run)) for run in ("r1", "r2"))
    assert number == left + 1, "with the one that is not in doubt"
    assert len(Holds(store).of_run("of isar")) == 1


def test_what_was_in_doubt_is_not_forgotten_once_it_is_kept_or_settled(store: Database) -> None:
    hold(store, "r1", "doubted", "doubted too")
    Holds(store).keep("alpen", ["doubted"], "Ada", "she stays", NOW)
    Holds(store).settle("alpen", ["doubted too"], NOW)
    hold(store, "r2", "doubted", "doubted too", at=NOW + 2 * DAY)
    assert len(Holds(store).of_run("r1")) == 2
    assert Holds(store).kept("alpen") == {"doubted"}
