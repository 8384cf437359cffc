"""Whoever is not on a list of companions any more is asked for by the booking before anything is concluded."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.ports import BookingsRead
from connectors.records import Booking, BrokenRecord
from mappers.keys import Keys
from mappers.outcomes import Kind
from reconciler.missing import Missing
from reconciler.pull import Pulled
from tests.builders import HOTEL, make_booking, make_guest, make_room


def test_a_pms_that_answers_with_more_of_a_reservation_than_was_asked_for_ends_no_run() -> None:
    mine = make_booking()
    other = replace(mine, id="another-room")
    answer = BookingsRead(bookings=[mine, other], guests={})
    reader: Any = SimpleNamespace(bookings_by_id=lambda of, ids: answer)
    link: Any = SimpleNamespace(kind=Kind.ACCESS_GRANT, booking_id=mine.id, user_identity_key="gone")
    pulled = Pulled(HOTEL, full=True, bookings={mine.id: mine}, guests={one: make_guest(one) for one in mine.guest_ids})
    Missing(reader, Keys(""), {(Kind.ACCESS_GRANT, "k"): link}).recheck_guests(pulled, {mine.id: []})
    assert pulled.bookings == {mine.id: mine}


def test_whoever_has_left_by_the_pmss_own_word_is_not_missing_from_its_lists() -> None:
    """One was taken off, and of another the PMS says that she has left: nothing is in doubt about the lists."""
    taken_off = replace(make_booking(), id="1", guest_ids=("a",), has_primary=False)
    moved_out = replace(make_booking(), id="2", guest_ids=("c",), left_guest_ids=("d",), has_primary=False)
    bookings = {one.id: one for one in (taken_off, moved_out)}
    reader: Any = SimpleNamespace(bookings_by_id=lambda of, ids: BookingsRead([bookings[one] for one in ids], {}))
    links: Any = {
        (Kind.ACCESS_GRANT, f"{booking}:{guest}"): SimpleNamespace(
            kind=Kind.ACCESS_GRANT, booking_id=booking, user_identity_key=guest
        )
        for booking, guest in ("1a", "1b", "2c", "2d")
    }
    pulled = Pulled(HOTEL, full=False, bookings=dict(bookings), guests={one: make_guest(one) for one in "ac"})
    Missing(reader, Keys(""), links).recheck_guests(pulled, {"1": [], "2": []})
    assert pulled.doubt is None
    assert not [one.unclear_guest_ids for one in pulled.bookings.values() if one.unclear_guest_ids]


@pytest.mark.parametrize(
    ("answers", "lost", "denied"),
    [
        ([{"r2"}], {"r2"}, set()),
        ([set(), {"r2"}], {"r2"}, set()),
        ([set(), set()], set(), {"r2"}),
    ],
    ids=["the list has lost it", "denied once", "denied twice"],
)
def test_a_room_that_is_on_no_list_is_gone_only_when_the_pms_denies_it_twice(
    answers: list[set[str]], lost: set[str], denied: set[str]
) -> None:
    asked: list[list[str]] = []
    left = iter(answers)

    def known(of: object, ids: list[str]) -> set[str]:
        asked.append(ids)
        return next(left)

    pulled = Pulled(HOTEL, full=True, rooms={one: make_room(one) for one in ("r1", "r9")})
    found = _missing_rooms(known).rooms(pulled, _spaces("r1", "r2", "common", "not ours"))
    assert found == (lost, denied)
    assert asked == [["r2"]] * len(answers)
    assert pulled.left_out == len(lost)


def test_a_list_of_rooms_that_brings_less_than_is_missing_says_nothing() -> None:
    for listed, believed in (([], False), (["r1"], False), (["r1", "r4"], True)):
        pulled = Pulled(HOTEL, full=True, rooms={one: make_room(one) for one in listed})
        found = _missing_rooms(lambda of, ids: set()).rooms(pulled, _spaces("r2", "r3"))
        assert found == ((set(), {"r2", "r3"}) if believed else ({"r2", "r3"}, set()))


def test_of_a_few_bookings_or_a_room_that_cannot_be_read_no_room_is_missing() -> None:
    rooms = {"r1": make_room("r1")}
    missing = _missing_rooms(lambda of, ids: pytest.fail("nothing is to be asked"))
    assert missing.rooms(Pulled(HOTEL, full=False, rooms=rooms), _spaces("r2")) == (frozenset(), frozenset())
    broken = [BrokenRecord("room", "r2", "its name is no text")]
    assert missing.rooms(Pulled(HOTEL, full=True, rooms=rooms, broken=broken), _spaces("r2")) == (set(), set())


def _missing_rooms(known: Any) -> Missing:
    reader: Any = SimpleNamespace(known_rooms=known, could_be_id=lambda kind, one: kind == "room" and one != "common")
    links: Any = {(Kind.SPACE, key): None for key in ("r1", "r2", "r3", "common")}
    return Missing(reader, Keys(""), links)


def _spaces(*keys: str) -> Any:
    return dict.fromkeys(keys)


def _of_two(booking_id: str, *present: str) -> Booking:
    return replace(make_booking(), id=booking_id, guest_ids=present, has_primary=False)


def _recheck(*bookings: Booking, again: dict[str, Booking] | None = None, doubt: str | None = None) -> Pulled:
    """Each was made for two people, `a` and `b` of its own."""
    there = {one.id: one for one in bookings}
    people = {guest: make_guest(guest) for one in bookings for guest in (f"a{one.id}", f"b{one.id}", *one.guest_ids)}
    links: Any = {
        (Kind.ACCESS_GRANT, f"{one.id}:{who}"): SimpleNamespace(
            kind=Kind.ACCESS_GRANT, booking_id=one.id, user_identity_key=f"{who}{one.id}"
        )
        for one in bookings
        for who in "ab"
    }
    answers = there | (again or {})
    reader: Any = SimpleNamespace(
        bookings_by_id=lambda of, ids: BookingsRead(bookings=[answers[one] for one in ids], guests=people)
    )
    pulled = Pulled(HOTEL, full=True, bookings=dict(there), guests=people, doubt=doubt)
    Missing(reader, Keys(""), links).recheck_guests(pulled, {one.id: [] for one in bookings})
    return pulled


def test_a_companion_whom_the_booking_has_when_it_is_asked_for_was_only_lost_from_a_list() -> None:
    pulled = _recheck(_of_two("1", "a1"), again={"1": _of_two("1", "a1", "b1")})
    assert pulled.bookings["1"].guest_ids == ("a1", "b1")
    assert pulled.left_out == 1


@pytest.mark.parametrize(
    ("bookings", "unclear"),
    [
        ([("1", "a1")], {}),
        ([("1", "a1"), ("2", "a2", "b2")], {}),
        ([("1", "a1"), ("2", "a2"), ("3", "a3", "b3"), ("4", "a4", "b4")], {}),
        ([("1", "a1"), ("2", "a2"), ("3", "a3", "b3")], {"1": ("b1",), "2": ("b2",)}),
        ([("1", "a1", "new"), ("2", "a2", "new")], {}),
    ],
    ids=["one", "one of two", "half of them", "most of them", "others came instead"],
)
def test_when_most_bookings_lose_companions_at_once_the_list_of_companions_was_lost(
    bookings: list[tuple[str, ...]], unclear: dict[str, tuple[str, ...]]
) -> None:
    pulled = _recheck(*(_of_two(*one) for one in bookings))
    assert {key: one.unclear_guest_ids for key, one in pulled.bookings.items() if one.unclear_guest_ids} == unclear
    assert (pulled.doubt is not None) is bool(unclear)


def test_while_the_pms_is_not_believed_anyhow_nobody_is_believed_to_have_left_a_booking() -> None:
    pulled = _recheck(_of_two("1", "a1"), doubt="most bookings are denied")
    assert pulled.bookings["1"].unclear_guest_ids == ("b1",)
    assert pulled.doubt == "most bookings are denied"
