"""Bookings that were moved from one property to another: whose word on them counts."""

from collections.abc import Collection
from typing import Any

from connectors.errors import PmsUnreachable
from connectors.ports import BookingsRead
from connectors.records import BrokenRecord, Property
from mappers.links import Link
from mappers.outcomes import Kind
from reconciler.moved import asked_of, follow_moves, in_several_properties
from reconciler.pull import Pulled
from tests.builders import HOTEL, make_booking

ISAR = Property("isar", "Hotel Isar", "Europe/Vienna", "AT")
SEE = Property("see", "Hotel See", "Europe/Vienna", "AT")


class Reader:
    """Has bookings by property; one that cannot be read has None."""

    def __init__(self, **there: Collection[str] | None) -> None:
        self.there = there
        self.broken: set[str] = set()
        self.asked: list[tuple[str, list[str]]] = []

    def bookings_by_id(self, of: Property, ids: list[str]) -> BookingsRead:
        self.asked.append((of.id, ids))
        there = self.there.get(of.id, ())
        if there is None:
            raise PmsUnreachable("no answer")
        broken = [BrokenRecord("booking", one, "no text") for one in self.broken]
        return BookingsRead(bookings=[make_booking(one) for one in there], broken=broken)


def test_a_booking_is_asked_for_until_a_property_has_it_and_unsure_where_one_that_may_cannot_be_read() -> None:
    reader: Any = Reader(isar=["b1", "b9"], see=None)
    assert asked_of(reader, [ISAR, SEE, HOTEL], ["b1", "b2"]) == ({"b1"}, {"b2"})
    assert reader.asked == [("isar", ["b1", "b2"]), ("see", ["b2"]), ("hotel", ["b2"])]
    reader = Reader(isar=["b1"], see=None)
    assert asked_of(reader, [ISAR, SEE], ["b1"]) == ({"b1"}, set())
    assert len(reader.asked) == 1
    reader = Reader(see=None, isar=["b1"])
    assert asked_of(reader, [SEE, ISAR], ["b1"]) == ({"b1"}, set()), "found after all"
    reader = Reader()
    reader.broken = {"b1"}
    assert asked_of(reader, [ISAR], ["b1", "b2"]) == ({"b1"}, set()), "it is there, though it cannot be read"


def test_what_another_property_of_the_run_has_was_moved_there_and_is_asked_for_nowhere() -> None:
    left = Pulled(HOTEL, full=True, gone={"moved", "unchanged", "elsewhere", "gone"}, doubtful={"unsure"})
    there = Pulled(ISAR, full=True, bookings={"moved": make_booking("moved")}, unchanged={"unchanged"})
    reader: Any = Reader(see=["elsewhere"])
    follow_moves(reader, [left, there], [SEE])
    assert (left.gone, left.doubtful) == ({"gone"}, {"unsure"})
    assert reader.asked == [("see", ["elsewhere", "gone", "unsure"])]
    left = Pulled(HOTEL, full=True, gone={"gone"})
    follow_moves(Reader(see=None), [left], [SEE])  # type: ignore[arg-type]
    assert (left.gone, left.doubtful) == (set(), {"gone"})


def test_a_pms_looked_ill_only_for_what_was_moved() -> None:
    def doubt_of(**pulled: Any) -> str | None:
        left = Pulled(HOTEL, full=True, doubt="most are missing", **pulled)
        follow_moves(Reader(see=["moved"]), [left], [SEE])  # type: ignore[arg-type]
        return left.doubt

    assert doubt_of(doubtful={"moved"}) is None
    assert doubt_of(contradicted={"moved"}) is None
    assert doubt_of(doubtful={"moved", "b1"}) == "most are missing"
    assert doubt_of(doubtful={"moved"}, left_out=1) == "most are missing"
    assert doubt_of() == "most are missing", "of nothing that is missing"


def test_a_booking_with_grants_in_two_properties_is_known() -> None:
    def link(booking_id: str | None, of: str, kind: Kind = Kind.ACCESS_GRANT) -> Link:
        return Link(kind, "", "", booking_id=booking_id, property_id=of)

    several = [
        link("b1", "p1"),
        link("b1", "p2"),
        link("b2", "p1"),
        link("b2", "p1"),
        link("b3", "p1"),
        link("b3", "p2", Kind.USER_IDENTITY),
        link(None, "p1"),
        link(None, "p2"),
    ]
    links: Any = {(one.kind, str(number)): one for number, one in enumerate(several)}
    assert in_several_properties(links) == {"b1"}
