"""What was asked for is added up by day, connection, property and kind, and forgotten after 24 months."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mappers.outcomes import Kind
from store.costs import Bill, Cost, CostLine, Costs, count, for_property, on_bill
from store.engine import Database
from store.links import Link, put_links
from store.spare_keys import SpareKey, SpareKeys
from store.tables import links
from store.visibility import Visible

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
DAY = NOW.date()


def test_numbers_of_a_day_are_added_and_those_of_other_days_stand_beside_them(store: Database) -> None:
    costs = Costs(store)
    costs.add("alpen", {("p1", Cost.SEAM_CALLS): 3, ("", Cost.PMS_CALLS): 2, ("p1", Cost.CODES): 0}, NOW)
    costs.add("alpen", {("p1", Cost.SEAM_CALLS): 4}, NOW)
    costs.add("alpen", {("p1", Cost.SEAM_CALLS): 5}, NOW + timedelta(hours=1))
    costs.add("isar", {}, NOW)
    assert costs.of_days(DAY, DAY) == [
        CostLine("alpen", "", Cost.PMS_CALLS, 2, DAY),
        CostLine("alpen", "p1", Cost.SEAM_CALLS, 7, DAY),
    ]
    (line,) = [one for one in costs.of_days(DAY, DAY + timedelta(days=1)) if one.property_id]
    assert (line.number, line.first_day) == (12, DAY)


def test_of_what_there_are_costs_in_a_month_is_told_whatever_part_of_it_is_over(store: Database) -> None:
    costs, month = Costs(store), (date(2026, 11, 1), date(2026, 11, 30))
    costs.add("alpen", {("p1", Cost.CODES): 1, ("", Cost.PMS_CALLS): 1}, NOW - timedelta(days=15))
    costs.add("alpen", {("p2", Cost.CODES): 1}, NOW - timedelta(days=40))
    costs.add("isar", {("p1", Cost.CODES): 1}, NOW - timedelta(days=40))
    costs.add("isar", {("p3", Cost.CODES): 1}, NOW)
    costs.add("zell", {("p9", Cost.CODES): 1}, NOW - timedelta(days=4))
    found = {("alpen", "p1"), ("alpen", ""), ("isar", "p3"), ("zell", "p9")}
    assert set(costs.places(*month)) == found
    costs.add("isar", {("p1", Cost.CODES): 1}, NOW)
    assert set(costs.places(*month)) == found | {("isar", "p1")}, "what is new beside what was read before"
    assert set(costs.places(date(2026, 10, 1), date(2026, 10, 31))) == {("alpen", "p2"), ("isar", "p1")}
    part = Costs(store.seen_by(Visible({"alpen": frozenset({"p1"}), "zell": None})))
    assert set(part.places(*month)) == {("alpen", "p1"), ("zell", "p9")}


def test_code_days_are_the_most_grants_that_a_day_has_seen(store: Database) -> None:
    def link(key: str, starts: timedelta, ends: timedelta | None, property_id: str = "p1") -> Link:
        return Link(
            Kind.ACCESS_GRANT,
            key,
            f"seam-{key}",
            property_id=property_id,
            starts_at=NOW + starts,
            ends_at=None if ends is None else NOW + ends,
        )

    hour, day = timedelta(hours=1), timedelta(days=1)
    here = [link("a", -day, day), link("b", -5 * hour, -4 * hour), link("lease", -30 * day, None, "p2")]
    here += [link("over", -3 * day, -2 * day), link("tomorrow", day, 2 * day)]
    with store.writing() as db:
        put_links(store, db, "alpen", here, NOW)
    SpareKeys(store, "alpen").made(SpareKey("alpen", "s1", "p1", "101", "space", NOW - day))
    costs = Costs(store)
    for one in ("p1", "p2", "p3"):
        costs.note_code_days("alpen", one, NOW)
    found = {one.property_id: one.number for one in costs.of_days(DAY, DAY)}
    assert found == {"p1": 3, "p2": 1}
    with store.writing() as db:
        db.execute(links.delete().where(links.c.key == "b"))
    costs.note_code_days("alpen", "p1", NOW)
    assert {one.property_id: one.number for one in costs.of_days(DAY, DAY)} == found, "it was there today"


def test_what_is_older_than_24_months_is_forgotten_of_that_connection(store: Database) -> None:
    costs, long_ago = Costs(store), NOW - timedelta(days=733)
    for connection in ("alpen", "isar"):
        for at in (long_ago, NOW - timedelta(days=729), NOW):
            costs.add(connection, {("p1", Cost.CODES): 1}, at)
    costs.forget_old("alpen", NOW)
    found = {(one.connection, one.number) for one in costs.of_days(date(2020, 1, 1), DAY)}
    assert found == {("alpen", 2), ("isar", 3)}


def test_what_could_not_be_written_stays_on_the_bill() -> None:
    with on_bill(Bill(), "p1") as bill:
        count(Cost.CODES)
        with for_property(""):
            count(Cost.CODES, 2)

    def fail() -> None:
        with bill.taken():
            bill.add("p1", Cost.CODES)
            raise ValueError

    with pytest.raises(ValueError):
        fail()
    with bill.taken() as counts:
        assert counts == {("p1", Cost.CODES): 2, ("", Cost.CODES): 2}
    with bill.taken() as counts:
        assert counts == {}
    count(Cost.CODES)  # Nobody keeps a bill.
