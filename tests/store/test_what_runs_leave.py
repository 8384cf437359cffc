"""What runs leave in the database of jobs, PINs and access that is going: of each connection by itself."""

from datetime import UTC, datetime, timedelta

from mappers.links import Link
from mappers.outcomes import Kind
from store.engine import Database
from store.jobs import JobBook
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.pin_marks import PinMark, PinMarks
from store.runs import Runs
from store.turns import Turn, take
from store.under_way import UnderWay

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
HOUR, MONTH = timedelta(hours=1), timedelta(days=30)


# --- jobs -------------------------------------------------------------------------------------------------------------


def test_a_job_that_goes_wrong_counts_its_failures_until_it_goes_well(store: Database) -> None:
    book, of = JobBook(store), ("alpen", "p", "full")
    for hour, trouble in enumerate(("the PMS is down", "t" * 600)):
        before = book.get(*of)
        book.began(*of, NOW + hour * HOUR)
        book.ended(before, *of, NOW + hour * HOUR + HOUR / 2, trouble)
    record = book.get(*of)
    assert record is not None
    assert (record.failures, record.good_at, record.trouble) == (2, None, "t" * 500)
    assert (record.started_at, record.ended_at) == (NOW + HOUR, NOW + 1.5 * HOUR)
    book.ended(record, *of, NOW + 2 * HOUR, None)
    good = book.get(*of)
    assert good is not None
    assert (good.failures, good.good_at, good.ended_at, good.trouble) == (0, NOW + 2 * HOUR, NOW + 2 * HOUR, None)
    book.began(*of, NOW + 3 * HOUR)
    again = book.get(*of)
    assert again is not None
    assert (again.started_at, again.ended_at, again.good_at) == (NOW + 3 * HOUR, None, NOW + 2 * HOUR)


def test_a_job_that_has_ended_without_having_begun_began_then(store: Database) -> None:
    JobBook(store).ended(None, "alpen", "", "full", NOW, None)
    record = JobBook(store).get("alpen", "", "full")
    assert record is not None
    assert (record.started_at, record.good_at) == (NOW, NOW)


def test_each_job_of_each_property_and_connection_has_its_own_record(store: Database) -> None:
    book = JobBook(store)
    known = [("alpen", "p", "full"), ("alpen", "q", "full"), ("alpen", "p", "retry"), ("isar", "p", "full")]
    for hour, of in enumerate(known):
        book.began(*of, NOW + hour * HOUR)
    assert {of: record.started_at for of, record in book.all().items()} == {
        of: NOW + hour * HOUR for hour, of in enumerate(known)
    }
    assert book.all("isar").keys() == {known[3]}
    assert [(one.started_at - NOW) / HOUR for of in known if (one := book.get(*of))] == [0, 1, 2, 3]
    assert book.get("isar", "q", "full") is None


# --- access that is going -----------------------------------------------------------------------------------------


def going(seam_id: str, ends_at: datetime | None = None, connection: str = "alpen", hour: int = 0) -> PendingRevocation:
    return PendingRevocation(
        connection, seam_id, "b1", f"b of {seam_id}", "p", ["101"], ["s1"], ends_at, NOW + hour * HOUR
    )


def test_access_is_going_until_its_own_end_the_oldest_first(store: Database) -> None:
    book = PendingRevocations(store)
    noted = [going("2", hour=1), going("1", NOW + HOUR), going("over", NOW), going("3", connection="isar")]
    book.note(noted)
    book.note([])
    book.note([going("1", hour=9)])
    assert book.of(NOW) == [noted[1], noted[3], noted[0]]
    assert book.of(NOW, "alpen") == [noted[1], noted[0]], "what was noted first stays"
    assert book.of(NOW + HOUR, "alpen") == [noted[0]]
    assert book.of(NOW, "alpen", ["b of 2", "b of 3"]) == [noted[0]]


def test_what_seam_has_still_is_marked_and_what_is_gone_or_over_is_forgotten(store: Database) -> None:
    book = PendingRevocations(store)
    for connection in ("alpen", "isar"):
        book.note([going("1", connection=connection), going("2", connection=connection)])
        book.note([going("over", NOW, connection)])
    book.still_there("alpen", ["1"], NOW + HOUR)
    looked_at = {(one.connection, one.seam_id): one.looked_at for one in book.of(NOW - HOUR)}
    assert {key for key, at in looked_at.items() if at is not None} == {("alpen", "1")}
    book.forget("alpen", ["2"], NOW)
    there = sorted((one.connection, one.seam_id) for one in book.of(NOW - HOUR))
    assert there == [("alpen", "1"), ("isar", "1"), ("isar", "2"), ("isar", "over")]
    book.forget("isar", [], NOW)
    assert len(book.of(NOW - HOUR, "isar")) == 2
    book.forget("isar", [], NOW)
    assert len(book.of(NOW - HOUR, "isar")) == 2


# --- PINs -------------------------------------------------------------------------------------------------------------


def marked(grant_id: str, mark: str | None = "m1", is_of_another: bool = False) -> PinMark:
    return PinMark(grant_id, f"key of {grant_id}", "b1", "g1", frozenset({"s1"}), mark, is_of_another)


def link(store: Database, *grant_ids: str, connection: str = "alpen", kind: Kind = Kind.ACCESS_GRANT) -> None:
    if Runs(store).get(connection) is None:
        Runs(store).begin(connection, connection, "full", NOW)
    Runs(store).record(connection, connection, [], NOW, made=[Link(kind, f"key of {one}", one) for one in grant_ids])


def test_who_has_the_same_pin_is_known_of_grants_that_are_gone_as_well(store: Database) -> None:
    alpen, isar = PinMarks(store, "alpen"), PinMarks(store, "isar")
    alpen.note([marked("1"), marked("2"), marked("3", "m2"), marked("4", None)])
    isar.note([marked("5")])
    alpen.note([])
    assert sorted(one.grant_id for one in alpen.alike(["m1"])) == ["1", "2"]
    assert alpen.of(["1", "4", "5"]) == {"1": marked("1"), "4": marked("4", None)}
    assert (alpen.of([]), alpen.alike([])) == ({}, [])


def test_only_what_is_there_and_has_the_pin_of_another_is_made_anew(store: Database) -> None:
    alpen = PinMarks(store, "alpen")
    alpen.note([marked("1", is_of_another=True), marked("gone", is_of_another=True), marked("2")])
    PinMarks(store, "isar").note([marked("3", is_of_another=True)])
    link(store, "1", "2", "3")
    link(store, "gone", connection="isar")
    assert [one.grant_id for one in alpen.to_be_made_anew()] == ["1"]
    assert sorted(one.grant_id for one in alpen.of_others()) == ["1", "gone"]


def test_a_pin_is_remembered_for_a_month_after_its_grant_is_gone(store: Database) -> None:
    alpen, isar = PinMarks(store, "alpen"), PinMarks(store, "isar")
    for book in (alpen, isar):
        book.note([marked("there"), marked("gone"), marked("a person")])
    link(store, "there")
    link(store, "a person", kind=Kind.USER_IDENTITY)
    ids = ["there", "gone", "a person"]
    for at in (NOW, NOW + MONTH - HOUR):
        alpen.forget_old(at)
        assert alpen.of(ids).keys() == set(ids)
    alpen.forget_old(NOW + MONTH)
    assert alpen.of(ids).keys() == {"there"}
    assert isar.of(ids).keys() == set(ids)


# --- what is under way ----------------------------------------------------------------------------------------------


def test_what_is_under_way_counts_as_long_as_the_turn_in_which_it_began(store: Database) -> None:
    turns: dict[str, Turn] = {name: take(store, name) for name in ("long", "urgent", "of isar")}
    alpen, isar = UnderWay(store, "alpen"), UnderWay(store, "isar")
    alpen.begin(turns["long"], ["b1", "b2", "b3"])
    alpen.begin(turns["long"], [])
    alpen.begin(turns["urgent"], ["b1"])
    isar.begin(turns["of isar"], ["b1"])
    assert alpen.of("long") == {"b1", "b2", "b3"}
    assert alpen.of("long", ["b2", "b9"]) == {"b2"}
    assert (alpen.of("urgent"), alpen.of("of isar"), isar.of("long")) == ({"b1"}, set(), set())
    alpen.end(turns["long"], ["b1"])
    alpen.end(turns["long"], [])
    assert (alpen.of("long"), alpen.of("urgent"), isar.of("of isar")) == ({"b2", "b3"}, {"b1"}, {"b1"})
    alpen.end_all(turns["long"])
    assert (alpen.of("long"), alpen.of("urgent")) == (set(), {"b1"})
    turns["urgent"].release()
    assert alpen.of("urgent") == set(), "its turn is over"
    again = take(store, "urgent")
    assert alpen.of("urgent") == set(), "it was begun under another number"
    for turn in (turns["long"], turns["of isar"], again):
        turn.release()
