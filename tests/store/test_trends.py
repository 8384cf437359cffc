"""What came of each day is added up by property, in its own days, and forgotten after thirteen months."""

from datetime import UTC, date, datetime, timedelta

from store.engine import Database
from store.properties import KnownProperty, Properties
from store.trends import BOUNDS, Counted, Figure, TrendLine, Trends, bound_of, by_days

NOW = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
ALL = [("alpen", None), ("isar", None)]
EVER = date(2020, 1, 1), date(2030, 1, 1)


def test_numbers_are_added_in_the_days_of_the_property(store: Database) -> None:
    known = [KnownProperty("alpen", "p1", "Hotel", "Asia/Tokyo"), KnownProperty("alpen", "p2", "Inn", "Nowhere")]
    Properties(store).note("alpen", known, NOW)
    trends = Trends(store)
    assert trends.counted_since() is None
    for _ in range(2):
        trends.add("alpen", [Counted("p1", NOW, Figure.READY, 3), Counted("p2", NOW, Figure.READY)])
    trends.add("alpen", [])
    assert trends.by_property(*EVER, ALL) == [
        TrendLine("alpen", "p1", None, Figure.READY, "", 6),
        TrendLine("alpen", "p2", None, Figure.READY, "", 2),
    ]
    by_day = {one.day: one.number for one in trends.by_day(*EVER, ALL)}
    assert by_day == {date(2026, 11, 21): 6, date(2026, 11, 20): 2}
    assert trends.by_day(*EVER, [("isar", None), ("alpen", "p2")])[0].number == 2
    assert trends.by_day(*EVER, []) == []
    assert trends.counted_since() == date(2026, 11, 20)


def test_a_time_counts_under_the_first_bound_that_it_does_not_exceed() -> None:
    assert [bound_of(one) for one in (0, 5, 5.1, 90, 91, BOUNDS[-1])] == ["5", "5", "10", "90", "120", "86400"]
    assert bound_of(BOUNDS[-1] + 1) == ""


def test_a_span_is_parted_at_the_midnights_of_the_property_even_where_the_clock_is_changed() -> None:
    def parted(start: datetime, end: datetime, place: str) -> list[int]:
        return [one.number for one in by_days("p1", Figure.OFFLINE, start, end, place)]

    assert parted(NOW, NOW + timedelta(hours=2), "UTC") == [1800, 5400]
    assert parted(NOW, NOW, "UTC") == []
    # The day in which the clocks go back has 25 hours.
    start = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
    assert parted(start, start + timedelta(hours=26), "Europe/Vienna") == [25 * 3600, 3600]


def test_what_is_older_than_400_days_is_forgotten_of_that_connection(store: Database) -> None:
    trends = Trends(store)
    for connection in ("alpen", "isar"):
        for days in (402, 399, 0):
            trends.add(connection, [Counted("p1", NOW - timedelta(days=days), Figure.READY)])
    trends.forget_old("alpen", NOW)
    found = {(one.connection, one.number) for one in trends.by_property(*EVER, ALL)}
    assert found == {("alpen", 2), ("isar", 3)}
