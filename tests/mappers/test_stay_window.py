"""From when until when a booking opens its doors."""

from dataclasses import replace
from datetime import UTC, date, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.records import Span, Term
from mappers.policy import Policy
from mappers.stay_window import NoWindow, room_at, stay_window
from tests.builders import HOTEL, NOW, make_booking, make_room, utc

POLICY = Policy()
HOUR = timedelta(hours=1)


def test_a_stay_without_length_cannot_be_used() -> None:
    arrival = make_booking().arrival
    with pytest.raises(NoWindow, match="is not after the arrival"):
        stay_window(make_booking(departure=arrival), HOTEL, None, POLICY)
    assert stay_window(make_booking(departure=arrival + HOUR), HOTEL, None, POLICY).ends_at == arrival + HOUR


def test_of_a_stay_in_spans_only_the_first_begins_early_and_only_the_last_ends_late() -> None:
    arrival = make_booking().arrival
    first = Span("r101", arrival, arrival + timedelta(days=1))
    second = Span("r102", arrival + timedelta(days=1), arrival + timedelta(days=2))
    booking = make_booking(spans=(first, second))
    policy = Policy(early=HOUR, late=2 * HOUR)
    one, two = (stay_window(booking, HOTEL, None, policy, span) for span in (first, second))
    assert (one.starts_at, one.ends_at) == (arrival - HOUR, first.departure)
    assert (two.starts_at, two.ends_at) == (second.arrival, second.departure + 2 * HOUR)
    assert two.planned_end == second.departure


def test_whoever_checked_in_before_the_plan_gets_in_from_then_on_to_the_second() -> None:
    arrival = make_booking().arrival
    came = arrival - 3 * HOUR + timedelta(microseconds=123)
    booking = make_booking(actual_arrival=came)
    assert stay_window(booking, HOTEL, None, POLICY).starts_at == arrival - 3 * HOUR
    later = make_booking(actual_arrival=arrival + HOUR)
    assert stay_window(later, HOTEL, None, POLICY).starts_at == arrival
    early = Policy(early=4 * HOUR)
    assert stay_window(booking, HOTEL, None, early).starts_at == arrival - 4 * HOUR


def test_a_check_in_moves_neither_a_later_span_nor_the_term_of_one_tenant() -> None:
    arrival = make_booking().arrival
    spans = (
        Span("r101", arrival, arrival + timedelta(days=1)),
        Span("r102", arrival + timedelta(days=1), arrival + timedelta(days=2)),
    )
    booking = make_booking(spans=spans, actual_arrival=arrival - HOUR)
    assert stay_window(booking, HOTEL, None, POLICY, spans[1]).starts_at == spans[1].arrival
    term = Term(arrival + timedelta(days=1), None)
    moved_in = stay_window(replace(booking, spans=()), HOTEL, None, POLICY, term)
    assert (moved_in.starts_at, moved_in.ends_at) == (term.arrival, None)


def test_days_are_read_in_the_houses_time_the_policys_hours_before_the_rooms_before_the_usual_ones() -> None:
    booking = make_booking(arrival=date(2026, 9, 20), departure=date(2026, 9, 23))
    room = make_room(check_in=time(16), check_out=time(10))
    usual = stay_window(booking, HOTEL, None, POLICY)
    assert (usual.starts_at, usual.ends_at) == (utc("2026-09-20T13:00"), utc("2026-09-23T09:00"))
    of_room = stay_window(booking, HOTEL, room, POLICY)
    assert (of_room.starts_at, of_room.ends_at) == (utc("2026-09-20T14:00"), utc("2026-09-23T08:00"))
    of_policy = stay_window(booking, HOTEL, room, Policy(check_in=time(12), check_out=time(12)))
    assert (of_policy.starts_at, of_policy.ends_at) == (utc("2026-09-20T10:00"), utc("2026-09-23T10:00"))


def test_a_guest_is_in_the_room_of_the_span_that_has_not_ended_and_at_last_in_the_last() -> None:
    spans = (Span("r101", NOW - 3 * HOUR, NOW), Span("r102", NOW, NOW + HOUR))
    booking = make_booking(spans=spans)
    assert room_at(booking, HOTEL, {}, POLICY, NOW - HOUR) == "r101"
    assert room_at(booking, HOTEL, {}, POLICY, NOW) == "r102"
    assert room_at(booking, HOTEL, {}, POLICY, NOW + timedelta(days=9)) == "r102"


def test_between_check_out_and_check_in_a_guest_who_changes_rooms_is_on_the_way_to_the_next_one() -> None:
    changes = date(2026, 9, 21)
    booking = make_booking(spans=(Span("r101", date(2026, 9, 20), changes), Span("r102", changes, date(2026, 9, 23))))
    assert room_at(booking, HOTEL, {}, POLICY, utc("2026-09-21T08:59")) == "r101"
    assert room_at(booking, HOTEL, {}, POLICY, utc("2026-09-21T09:00")) == "r102"


def test_an_hour_that_there_is_twice_or_never_is_read_as_the_earlier_one() -> None:
    policy = Policy(check_in=time(2, 30), check_out=time(2, 30))
    twice = make_booking(arrival=date(2026, 10, 25), departure=date(2026, 10, 26))
    assert stay_window(twice, HOTEL, None, policy).starts_at == utc("2026-10-25T00:30")
    never = make_booking(arrival=date(2026, 3, 29), departure=date(2026, 3, 30))
    assert stay_window(never, HOTEL, None, policy).starts_at == utc("2026-03-29T01:30")


def test_only_a_lease_ends_at_the_hour_of_moving_out() -> None:
    policy = Policy(move_out=time(12))
    days = make_booking(arrival=date(2026, 9, 20), departure=date(2026, 9, 23))
    assert stay_window(days, HOTEL, None, policy).ends_at == utc("2026-09-23T09:00")
    assert stay_window(replace(days, word="Lease"), HOTEL, None, policy).ends_at == utc("2026-09-22T10:00")


def test_a_room_with_a_check_out_hour_of_its_own_is_the_guests_until_then() -> None:
    changes = date(2026, 9, 21)
    booking = make_booking(spans=(Span("r101", date(2026, 9, 20), changes), Span("r102", changes, date(2026, 9, 23))))
    rooms = {"r101": make_room("r101", check_out=time(13)), "r102": make_room("r102")}
    window = stay_window(booking, HOTEL, rooms["r101"], POLICY, booking.spans[0])
    assert window.ends_at == utc("2026-09-21T11:00")
    assert room_at(booking, HOTEL, rooms, POLICY, utc("2026-09-21T10:59")) == "r101"
    assert room_at(booking, HOTEL, rooms, POLICY, utc("2026-09-21T11:00")) == "r102"


def test_times_are_whole_seconds_as_seam_keeps_them() -> None:
    arrival = make_booking().arrival
    odd = timedelta(microseconds=123_456)
    window = stay_window(make_booking(arrival=arrival + odd, departure=arrival + HOUR + odd), HOTEL, None, POLICY)
    assert (window.starts_at, window.ends_at) == (arrival, arrival + HOUR)
    there = stay_window(make_booking(arrival=arrival.astimezone(ZoneInfo("Europe/Vienna"))), HOTEL, None, POLICY)
    assert (there.starts_at, there.starts_at.tzinfo) == (arrival, UTC)
