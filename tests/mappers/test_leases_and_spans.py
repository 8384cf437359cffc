"""Leases, whose people come and go each in their own time, and stays during which the guest moves as planned."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from connectors.records import BookingStatus, Span, Term
from mappers.access import BookingAccess, Existing
from mappers.access_grants import booking_access
from mappers.grant_builder import possible_keys
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.policy import LEASE, Policy
from tests.builders import HOTEL, NOW, make_booking, make_guest, make_room, utc

ROOMS = {room.id: room for room in (make_room(), make_room("r102", "102"))}
GUESTS = {one: make_guest(one) for one in ("g1", "g2")}
HOUSE = replace(HOTEL, time_zone="America/New_York")


def lease(**rest: object) -> BookingAccess:
    fields: dict[str, object] = {
        "arrival": date(2026, 2, 1),
        "departure": None,
        "status": BookingStatus.IN_HOUSE,
        "guest_ids": ("g1", "g2"),
        "has_primary": False,
        "word": "Lease",
    }
    booking = make_booking("36005", **(fields | rest))
    return booking_access(booking, HOUSE, ROOMS, GUESTS, LEASE, Keys(), NOW)


def test_every_tenant_of_a_lease_has_a_grant_by_the_own_id_and_no_end() -> None:
    access = lease()
    assert [grant.key for grant in access.grants] == ["36005:g1", "36005:g2"]
    assert {grant.ends_at for grant in access.grants} == {None}
    assert {grant.starts_at for grant in access.grants} == {datetime(2026, 2, 1, 5, tzinfo=UTC)}
    assert {(grant.reservation_key, grant.name) for grant in access.grants} == {("36005", "Lease 52")}


def test_whoever_moves_in_or_out_does_so_alone_and_at_midnight_local() -> None:
    access = lease(terms={"g2": Term(date(2026, 3, 1), date(2026, 11, 1))})
    first, second = access.grants
    assert first.ends_at is None
    # The night of the autumn change: 1 November begins in daylight saving time.
    assert (second.starts_at, second.ends_at) == (
        datetime(2026, 3, 1, 5, tzinfo=UTC),
        datetime(2026, 11, 1, 4, tzinfo=UTC),
    )


def test_a_lease_with_nobody_on_it_gives_no_access_and_says_why() -> None:
    access = lease(guest_ids=(), review="nobody lives there by the PMS, though the lease is active")
    assert access.withheld is not None
    assert access.withheld.existing is Existing.REVOKE
    assert access.withheld.reason.startswith("nobody lives there by the PMS")


def test_what_a_person_should_look_at_changes_nobodys_access() -> None:
    access = lease(review="the lease has ended, and people still live there")
    assert len(access.grants) == 2
    assert [(remark.outcome, remark.reason) for remark in access.remarks] == [
        (Outcome.ALERT, "the lease has ended, and people still live there")
    ]


def test_a_person_of_unknown_status_gets_nothing_new_and_keeps_what_there_is() -> None:
    access = lease(guest_ids=("g1",), unclear_guest_ids=("g9",))
    assert [grant.key for grant in access.grants] == ["36005:g1"]
    assert [kept.key for kept in access.kept] == ["36005:g9"]
    assert access.remarks[0].outcome is Outcome.ALERT


def test_a_planned_move_is_a_grant_for_each_span_valid_in_its_own_time() -> None:
    day = NOW.replace(hour=9)
    spans = (
        Span("r101", day + timedelta(days=2, hours=4), day + timedelta(days=4)),
        Span("r102", day + timedelta(days=4), day + timedelta(days=6)),
    )
    booking = make_booking("b1", arrival=spans[0].arrival, departure=spans[1].departure, spans=spans)
    policy = Policy(early=timedelta(hours=1), late=timedelta(hours=2))
    access = booking_access(booking, HOTEL, ROOMS, GUESTS, policy, Keys(), NOW)
    first, second = access.grants
    assert (first.key, first.space_keys, second.key, second.space_keys) == ("b1", ("r101",), "b1/2", ("r102",))
    assert (first.starts_at, first.ends_at) == (day + timedelta(days=2, hours=3), day + timedelta(days=4))
    assert (second.starts_at, second.ends_at) == (day + timedelta(days=4), day + timedelta(days=6, hours=2))
    assert (first.reservation_key, second.reservation_key) == ("b1", "b1/2")
    assert possible_keys(booking, False, Keys("x/")) == ["x/b1", "x/b1/2", "x/b1/3"]
    assert Keys("x/").booking_of("x/b1/2.3") == "b1"


def test_a_span_without_a_room_waits_and_the_others_do_not() -> None:
    day = NOW.replace(hour=9)
    spans = (
        Span("r101", day + timedelta(days=1), day + timedelta(days=2)),
        Span(None, day + timedelta(days=2), day + timedelta(days=3)),
    )
    booking = make_booking("b1", arrival=spans[0].arrival, departure=spans[1].departure, spans=spans)
    access = booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(), Keys(), NOW)
    assert [grant.key for grant in access.grants] == ["b1"]
    assert [(remark.key, remark.outcome) for remark in access.remarks] == [("b1/2", Outcome.WAITING)]
    assert access.look_again_at is not None


def test_a_room_that_consists_of_others_opens_them_too() -> None:
    rooms = ROOMS | {"suite": make_room("suite", "Suite", connected_ids=("r101", "r102", "gone"))}
    access = booking_access(make_booking(room_id="suite"), HOTEL, rooms, GUESTS, Policy(), Keys(), NOW)
    assert access.grants[0].space_keys == ("r101", "r102", "suite")
    assert access.grants[0].closed_keys == ("gone",)
    assert [(remark.key, remark.outcome) for remark in access.remarks] == [("b1", Outcome.ALERT)]


def test_who_moved_in_early_lets_in_nobody_whose_own_time_has_not_come() -> None:
    access = lease(
        actual_arrival=datetime(2026, 1, 20, 15, tzinfo=UTC), terms={"g2": Term(date(2026, 3, 1), date(2026, 11, 1))}
    )
    first, second = sorted(access.grants, key=lambda grant: grant.user_identity_key)
    assert first.starts_at == datetime(2026, 1, 20, 15, tzinfo=UTC)
    assert second.starts_at > datetime(2026, 2, 28, tzinfo=UTC)


def test_a_stay_is_looked_at_again_when_the_first_of_its_rooms_without_a_number_is_due() -> None:
    day, ahead = NOW.replace(hour=9), Policy().provision_ahead
    spans = tuple(Span(None, day + timedelta(days=one), day + timedelta(days=one + 5)) for one in (20, 25))
    booking = make_booking("b1", arrival=spans[0].arrival, departure=spans[1].departure, spans=spans, room_id=None)
    access = booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(), Keys(), NOW)
    assert [remark.key for remark in access.remarks] == ["b1", "b1/2"]
    assert access.look_again_at == spans[0].arrival - ahead


def test_a_span_whose_times_cannot_be_used_keeps_what_there_is_and_the_others_are_as_planned() -> None:
    day = NOW.replace(hour=9)
    spans = (
        Span("r101", day + timedelta(days=1), day + timedelta(days=2)),
        Span("r102", day + timedelta(days=4), day + timedelta(days=3)),
    )
    booking = make_booking("b1", arrival=spans[0].arrival, departure=day + timedelta(days=4), spans=spans)
    access = booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(), Keys(), NOW)
    assert [grant.key for grant in access.grants] == ["b1"]
    (kept,) = access.kept
    assert (kept.key, kept.keeps_times, kept.no_new is not None) == ("b1/2", True, True)
    assert (kept.starts_at, kept.ends_at) == (booking.arrival, booking.departure)
    assert [(remark.key, remark.outcome) for remark in access.remarks] == [("b1/2", Outcome.FAILED)]
    assert access.look_again_at == NOW


def test_of_a_span_that_is_over_nothing_is_said_and_nobody_waits_for_its_room() -> None:
    day = NOW.replace(hour=9)
    for over, told in ((day, []), (day + timedelta(days=1), ["b1"])):
        spans = (
            Span(None, day - timedelta(days=2), over),
            Span("r102", day + timedelta(days=1), day + timedelta(days=3)),
        )
        booking = make_booking("b1", arrival=spans[0].arrival, departure=spans[1].departure, spans=spans)
        access = booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(), Keys(), NOW)
        assert [remark.key for remark in access.remarks] == told
        assert [grant.key for grant in access.grants] == ["b1/2"]


def test_of_a_person_who_is_unclear_every_span_keeps_what_there_is() -> None:
    day = NOW.replace(hour=9)
    spans = tuple(Span(f"r10{one}", day + timedelta(days=one), day + timedelta(days=one + 1)) for one in (1, 2))
    booking = make_booking(
        "b1", arrival=spans[0].arrival, departure=spans[1].departure, spans=spans, unclear_guest_ids=("g2",)
    )
    access = booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(), Keys(), NOW)
    assert [grant.key for grant in access.grants] == ["b1", "b1/2"]
    assert [(kept.key, kept.keeps_times, kept.span) for kept in access.kept] == [
        ("b1:g2", True, 1),
        ("b1/2:g2", True, 2),
    ]


def test_every_span_of_days_begins_and_ends_by_the_hours_of_its_own_room() -> None:
    rooms = {
        "r101": make_room("r101", "101", check_in=time(16), check_out=time(13)),
        "r102": make_room("r102", "102", check_in=time(14), check_out=time(10)),
    }
    days = [date(2026, 9, day) for day in (20, 21, 23)]
    spans = (Span("r101", days[0], days[1]), Span("r102", days[1], days[2]))
    booking = make_booking("b1", arrival=days[0], departure=days[2], spans=spans)
    first, second = booking_access(booking, HOTEL, rooms, GUESTS, Policy(), Keys(), NOW).grants
    assert (first.starts_at, first.ends_at) == (utc("2026-09-20T14:00"), utc("2026-09-21T11:00"))
    assert (second.starts_at, second.ends_at) == (utc("2026-09-21T12:00"), utc("2026-09-23T08:00"))
