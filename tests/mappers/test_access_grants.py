"""Who gets in where, and when."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import pytest

from connectors.records import Booking, BookingStatus, Guest, Room, Span
from mappers.access import BookingAccess, Existing
from mappers.access_grants import booking_access
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.policy import CommonArea, Policy
from mappers.resources import DesiredAccessGrant
from tests.builders import HOTEL, NOW, make_booking, make_guest, make_room


def access(
    booking: Booking,
    rooms: list[Room] | None = None,
    guests: list[Guest] | None = None,
    policy: Policy | None = None,
    keys: Keys | None = None,
    now: datetime = NOW,
    holder_id: str | None = None,
    unlisted: dict[str, str] | None = None,
) -> BookingAccess:
    return booking_access(
        booking,
        HOTEL,
        {room.id: room for room in (rooms if rooms is not None else [make_room()])},
        {guest.id: guest for guest in (guests if guests is not None else [make_guest()])},
        policy or Policy(),
        keys or Keys(),
        now,
        holder_id,
        unlisted,
    )


def test_a_confirmed_booking_gets_its_room_from_arrival_to_departure() -> None:
    (grant,) = access(make_booking()).grants
    assert grant.key == "b1"
    assert grant.user_identity_key == "g1"
    assert grant.space_keys == ("r101",)
    assert grant.starts_at == datetime(2026, 9, 20, 13, tzinfo=UTC)
    assert grant.ends_at == datetime(2026, 9, 23, 9, tzinfo=UTC)
    assert grant.access_methods == ("code",)
    assert grant.reservation_key == "b1"
    assert grant.label == "J.N. 101"


def test_a_room_with_a_name_of_a_whole_page_is_cut_short_where_people_read_it() -> None:
    result = access(make_booking(), rooms=[make_room(name=f"{'1' * 115} {'2' * 40}")])
    assert result.grants[0].label == result.label == f"J.N. {'1' * 115}", "and no blank is left at its end"
    result = access(make_booking(guest_ids=("g9",)), rooms=[make_room(name="2" * 140)])
    assert result.label == "2" * 120


@pytest.mark.parametrize(
    "status",
    [BookingStatus.TENTATIVE, BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.CHECKED_OUT],
)
def test_a_booking_that_is_not_or_no_longer_valid_has_no_access(status: BookingStatus) -> None:
    result = access(make_booking(status=status))
    assert result.grants == ()
    assert result.withheld is not None
    assert result.withheld.existing is Existing.REVOKE


_UNTIL_ITS_END = "no new access, what exists stays until its end"


@pytest.mark.parametrize(
    ("booking", "said", "existing", "outcome"),
    [
        ({"status": BookingStatus.CANCELLED}, "booking cancelled", Existing.REVOKE, None),
        ({"status": BookingStatus.NO_SHOW}, "tenant did not come (no-show)", Existing.REVOKE, None),
        ({"status": BookingStatus.CHECKED_OUT}, "tenant checked out", Existing.REVOKE, None),
        (
            {"status": BookingStatus.CHECKED_OUT, "review": "left early"},
            "tenant checked out (left early)",
            Existing.REVOKE,
            None,
        ),
        (
            {"status": BookingStatus.TENTATIVE, "status_word": "Optional"},
            "booking is not confirmed (Optional)",
            Existing.REVOKE,
            None,
        ),
        ({"room_id": "p1"}, "booked is no room but a ParkingSpot", Existing.REVOKE, None),
        (
            {"status": BookingStatus.UNKNOWN, "status_word": "Teleported"},
            f"the PMS says 'Teleported', a status we do not know: {_UNTIL_ITS_END}",
            Existing.KEEP,
            Outcome.ALERT,
        ),
        (
            {"status": BookingStatus.UNKNOWN, "review": "odd"},
            f"odd: {_UNTIL_ITS_END}",
            Existing.KEEP,
            Outcome.ALERT,
        ),
        (
            {"guest_ids": (), "names_people": False},
            f"the PMS leaves out who stays: {_UNTIL_ITS_END}",
            Existing.KEEP,
            Outcome.ALERT,
        ),
        ({"guest_ids": (), "has_primary": False}, "nobody lives there (any more)", Existing.REVOKE, None),
        ({"guest_ids": (), "has_primary": False, "review": "empty"}, "empty", Existing.REVOKE, None),
        (
            {"guest_ids": (), "arrival": NOW + timedelta(hours=4)},
            "waiting for a tenant: the booking names nobody who stays",
            Existing.REVOKE,
            Outcome.ALERT,
        ),
    ],
)
def test_why_a_booking_gets_nothing_is_told_and_what_becomes_of_what_it_has(
    booking: dict[str, Any], said: str, existing: Existing, outcome: Outcome | None
) -> None:
    rooms = [make_room(), make_room("p1", "P1", "ParkingSpot")]
    found = access(make_booking(**booking), rooms=rooms, policy=Policy(person="tenant"))
    assert found.withheld is not None
    assert (found.withheld.reason, found.withheld.existing) == (said, existing)
    assert (found.withheld.outcome, found.withheld.look_again_at) == (outcome, None)
    assert (found.booking_id, found.key, found.time_zone, found.grants) == ("b1", "b1", "Europe/Vienna", ())
    assert found.room_key == booking.get("room_id", "r101")


def test_a_booking_that_names_nobody_yet_is_looked_at_again_when_the_arrival_is_near() -> None:
    arrival = NOW + timedelta(hours=4, seconds=1)
    found = access(make_booking(guest_ids=(), arrival=arrival)).withheld
    assert found is not None
    assert (found.outcome, found.look_again_at) == (Outcome.WAITING, NOW + timedelta(seconds=1))


def test_a_grant_says_whose_where_when_and_how() -> None:
    """All of it at once, so that no part can be lost on the way."""
    booking = make_booking(guest_ids=("g1", "g2"))
    policy = Policy(
        guests="everyone",
        access_methods=("code", "mobile_key"),
        instant_key_max_use_count=5,
        provision_ahead=timedelta(days=1),
        common_areas=(CommonArea("lobby", "Lobby"),),
    )
    guests = [make_guest("g1", merged_ids=("g7",)), make_guest("g2", first_name="Ben", last_name="Meyer")]
    found = access(booking, guests=guests, policy=policy, keys=Keys("a/"))
    starts_at = datetime(2026, 9, 20, 13, tzinfo=UTC)
    first = DesiredAccessGrant(
        key="a/b1",
        booking_id="b1",
        user_identity_key="a/g1",
        space_keys=("a/lobby", "a/r101"),
        starts_at=starts_at,
        ends_at=datetime(2026, 9, 23, 9, tzinfo=UTC),
        name="Booking 52",
        access_methods=("code", "mobile_key"),
        reservation_key="a/b1",
        instant_key_max_use_count=5,
        label="J.N. 101",
        room_id="r101",
        room_key="a/r101",
        due_at=starts_at - timedelta(days=1),
        merged_identity_keys=("a/g7",),
    )
    second = replace(first, key="a/b1:g2", user_identity_key="a/g2", label="B.M. 101", merged_identity_keys=())
    assert found.grants == (first, second)
    assert found == BookingAccess(
        "b1", "a/b1", "J.N. 101", "Europe/Vienna", grants=(first, second), room_key="a/r101", in_house=False
    )
    assert found.due_at == first.due_at


def test_a_status_nobody_knows_gives_no_new_access_takes_none_and_alerts() -> None:
    result = access(make_booking(status=BookingStatus.UNKNOWN, status_word="Teleported"))
    assert result.grants == ()
    assert result.withheld is not None
    assert result.withheld.existing is Existing.KEEP
    assert result.withheld.outcome is Outcome.ALERT
    assert "Teleported" in result.withheld.reason


def test_a_room_that_the_pms_does_not_list_is_told_by_the_name_that_seam_knows_or_else_by_its_id() -> None:
    for unlisted, named in (({"r101": "Suite 101"}, "Suite 101"), (None, "whose id is r101")):
        (remark,) = access(make_booking(), rooms=[], unlisted=unlisted).remarks
        assert f"does not list the assigned room {named}: " in remark.reason


def test_an_early_check_in_moves_the_start() -> None:
    early = NOW + timedelta(hours=1, microseconds=123)
    (grant,) = access(make_booking(status=BookingStatus.IN_HOUSE, actual_arrival=early)).grants
    assert grant.starts_at == NOW + timedelta(hours=1)


def test_a_late_check_in_does_not_move_the_start() -> None:
    booking = make_booking(status=BookingStatus.IN_HOUSE, actual_arrival=NOW + timedelta(days=3))
    (grant,) = access(booking).grants
    assert grant.starts_at == booking.arrival


def test_buffers_widen_the_window() -> None:
    (grant,) = access(make_booking(), policy=Policy(early=timedelta(hours=2), late=timedelta(minutes=30))).grants
    assert grant.starts_at == datetime(2026, 9, 20, 11, tzinfo=UTC)
    assert grant.ends_at == datetime(2026, 9, 23, 9, 30, tzinfo=UTC)


def test_a_room_is_what_the_pms_lists_it_as_whatever_was_booked() -> None:
    parked = access(make_booking(room_id="p1", requested_kind=None), rooms=[make_room("p1", "P1", "ParkingSpot")])
    assert parked.grants == ()
    upgraded = access(make_booking(requested_kind="ParkingSpot"))
    assert len(upgraded.grants) == 1


def test_what_is_not_understood_takes_nothing_from_a_former_profile_nor_from_a_room_to_be_told() -> None:
    guest = make_guest(merged_ids=("g0",))
    first, second = Span("r101", NOW, NOW + timedelta(days=1)), Span(None, NOW + timedelta(days=1), None)
    for spans, rooms in ((), frozenset({"r101"})), ((first, second), None):
        unclear = access(make_booking(status=BookingStatus.UNKNOWN, spans=spans), guests=[guest]).withheld
        assert unclear is not None
        assert (unclear.people, unclear.room_keys) == (frozenset({"g1", "g0"}), rooms)


def test_plain_dates_take_the_rooms_times_in_the_propertys_zone_across_a_clock_change() -> None:
    booking = make_booking(arrival=date(2026, 10, 24), departure=date(2026, 10, 26))
    (grant,) = access(booking).grants
    assert grant.starts_at == datetime(2026, 10, 24, 13, tzinfo=UTC)  # 15:00 in summer time
    assert grant.ends_at == datetime(2026, 10, 26, 10, tzinfo=UTC)  # 11:00 in winter time


def test_a_departure_before_the_arrival_is_a_failure_that_touches_nothing() -> None:
    result = access(make_booking(departure=NOW))
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.FAILED
    assert result.withheld.existing is Existing.KEEP


def test_access_is_due_fourteen_days_before_the_arrival() -> None:
    booking = make_booking(arrival=NOW + timedelta(days=20), departure=NOW + timedelta(days=22))
    assert access(booking).due_at == NOW + timedelta(days=6)


def test_a_stay_that_is_over_gets_nothing() -> None:
    result = access(make_booking(arrival=NOW - timedelta(days=3), departure=NOW - timedelta(hours=1)))
    assert result.grants == ()
    assert result.withheld is not None
    assert (result.withheld.outcome, result.withheld.access_until) == (None, NOW - timedelta(hours=1))


@pytest.mark.parametrize("seconds", [0, 1])
def test_at_the_very_instant_of_its_end_a_stay_is_over(seconds: int) -> None:
    ends = NOW + timedelta(seconds=seconds)
    result = access(make_booking(arrival=NOW - timedelta(days=3), departure=ends), policy=Policy(late=timedelta(0)))
    assert (result.withheld is None, len(result.grants)) == (bool(seconds), seconds)


def test_a_departure_at_the_very_instant_of_the_arrival_is_no_stay() -> None:
    arrival = NOW + timedelta(days=1)
    result = access(make_booking(arrival=arrival, departure=arrival))
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.FAILED
    assert "is not after the arrival" in result.withheld.reason
    assert access(make_booking(arrival=arrival, departure=arrival + timedelta(seconds=1))).grants


def test_a_guest_who_overstays_is_an_alert_and_never_an_extension() -> None:
    booking = make_booking(
        status=BookingStatus.IN_HOUSE, arrival=NOW - timedelta(days=3), departure=NOW - timedelta(hours=1)
    )
    result = access(booking)
    assert result.grants == ()
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.ALERT
    assert "overstaying" in result.withheld.reason


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (
            BookingStatus.IN_HOUSE,
            "overstaying, access has ended: the guest is checked in, but the planned departure was 18 Sep 09:00; "
            "extend or check out in the PMS",
            Outcome.ALERT,
        ),
        (BookingStatus.CONFIRMED, "the stay ended 18 Sep 09:00", None),
    ],
)
def test_of_a_stay_that_is_over_the_planned_hour_is_told_and_access_ends_with_the_grace(
    status: BookingStatus, said: str, outcome: Outcome | None
) -> None:
    booking = make_booking(status=status, arrival=NOW - timedelta(days=3), departure=NOW - timedelta(hours=3))
    found = access(booking, policy=Policy(late=timedelta(hours=3)))
    assert found.withheld is not None
    assert (found.withheld.reason, found.withheld.outcome) == (said, outcome)
    assert (found.withheld.existing, found.withheld.access_until) == (Existing.KEEP, NOW)
    assert found.withheld.look_again_at is None
    assert found.in_house is (status is BookingStatus.IN_HOUSE)
    assert access(booking, policy=Policy(late=timedelta(hours=3, seconds=1))).withheld is None


def test_without_a_room_a_booking_waits_and_no_fallback_door_opens() -> None:
    result = access(make_booking(room_id=None))
    assert result.grants == ()
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.WAITING
    assert result.withheld.existing is Existing.REVOKE
    assert result.withheld.look_again_at == datetime(2026, 9, 20, 9, tzinfo=UTC)


def test_without_a_room_four_hours_before_the_arrival_somebody_is_alerted() -> None:
    result = access(make_booking(room_id=None, arrival=NOW + timedelta(hours=4)))
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.ALERT


@pytest.mark.parametrize(
    ("ahead", "said", "outcome", "again"),
    [
        (timedelta(days=14, hours=1), "waiting for a room; access is made from 18 Sep 13:00", Outcome.WAITING, 14 * 24),
        (timedelta(days=14), "waiting for a room (arrival 2 Oct 12:00)", Outcome.WAITING, 4),
        (timedelta(hours=5), "waiting for a room (arrival 18 Sep 17:00)", Outcome.WAITING, 4),
        (
            timedelta(hours=4),
            "waiting for a room, and the arrival is 18 Sep 16:00: assign one in the PMS",
            Outcome.ALERT,
            None,
        ),
    ],
)
def test_who_waits_for_a_room_is_told_until_when_and_looked_at_again_then(
    ahead: timedelta, said: str, outcome: Outcome, again: int | None
) -> None:
    arrival = NOW + ahead
    booking = make_booking(room_id=None, arrival=arrival, departure=arrival + timedelta(days=1))
    found = access(booking).withheld
    assert found is not None
    assert (found.reason, found.outcome) == (said, outcome)
    assert found.look_again_at == (None if again is None else arrival - timedelta(hours=again))


@pytest.mark.parametrize("room_id", [None, "p1"])
def test_a_parking_space_is_no_room(room_id: str | None) -> None:
    booking = make_booking(room_id=room_id, requested_kind="ParkingSpot")
    result = access(booking, rooms=[make_room("p1", "P1", "ParkingSpot")])
    assert result.grants == ()
    assert result.withheld is not None
    assert result.withheld.outcome is None


@pytest.mark.parametrize("room", [make_room(kind=None), make_room(is_active=False)])
def test_a_room_that_is_out_of_use_or_untyped_gives_no_new_access(room: Room) -> None:
    result = access(make_booking(), rooms=[room])
    assert result.grants == ()
    assert [(kept.user_identity_key, kept.room_key) for kept in result.kept] == [("g1", "r101")]
    assert [remark.outcome for remark in result.remarks] == [Outcome.ALERT]


def test_a_room_that_the_pms_does_not_list_is_a_failure() -> None:
    result = access(make_booking(), rooms=[])
    assert result.grants == ()
    assert [remark.outcome for remark in result.remarks] == [Outcome.FAILED]


def test_a_bed_opens_its_room_too() -> None:
    rooms = [make_room("dorm", "12", "Dorm"), make_room("bed", "12A", "Bed", parent_id="dorm")]
    (grant,) = access(make_booking(room_id="bed"), rooms=rooms).grants
    assert grant.space_keys == ("bed", "dorm")


def test_a_bed_whose_room_is_not_listed_is_a_failure_and_keeps_what_it_has() -> None:
    result = access(make_booking(room_id="bed"), rooms=[make_room("bed", "12A", "Bed", parent_id="dorm")])
    assert result.grants == ()
    assert [kept.room_key for kept in result.kept] == ["bed"]
    assert [remark.outcome for remark in result.remarks] == [Outcome.FAILED]


def test_common_areas_are_opened_by_every_grant() -> None:
    (grant,) = access(make_booking(), policy=Policy(common_areas=(CommonArea("lobby", "Lobby"),))).grants
    assert grant.space_keys == ("lobby", "r101")


def test_everyone_gets_a_grant_of_her_own_that_joins_the_same_reservation() -> None:
    booking = make_booking(guest_ids=("g1", "g2"))
    first, second = access(
        booking, guests=[make_guest("g1"), make_guest("g2")], policy=Policy(guests="everyone")
    ).grants
    assert (first.key, second.key) == ("b1", "b1:g2")
    assert (first.user_identity_key, second.user_identity_key) == ("g1", "g2")
    assert first.reservation_key == second.reservation_key == "b1"


def test_a_child_gets_a_grant_of_its_own_only_where_the_policy_says_so() -> None:
    booking = make_booking(guest_ids=("g1", "g2", "g3"), child_ids=("g2",))
    guests = [make_guest("g1"), make_guest("g2"), make_guest("g3")]

    def people(policy: Policy) -> list[str]:
        return [grant.user_identity_key for grant in access(booking, guests=guests, policy=policy).grants]

    assert people(Policy(guests="everyone")) == ["g1", "g3"]
    assert people(Policy(guests="everyone", children=True)) == ["g1", "g2", "g3"]


def test_children_alone_are_not_left_without_a_key() -> None:
    booking = make_booking(guest_ids=("g1", "g2"), child_ids=("g1", "g2"), primary_is_any=True)
    (grant,) = access(booking, guests=[make_guest("g1"), make_guest("g2")]).grants
    assert grant.user_identity_key == "g1"


def test_a_pms_that_leaves_out_who_stays_takes_nobody_off() -> None:
    booking = make_booking(guest_ids=(), names_people=False, has_primary=False)
    found = access(booking, guests=[]).withheld
    assert found is not None
    assert (found.existing, found.outcome) == (Existing.KEEP, Outcome.ALERT)


@pytest.mark.parametrize(
    ("is_any", "holder", "people"),
    [
        (True, "g2", ["g2", "g1", "g3"]),
        (True, "g9", ["g1", "g2", "g3"]),
        (True, None, ["g1", "g2", "g3"]),
        (False, "g2", ["g1", "g2", "g3"]),
    ],
)
def test_whoever_of_a_companys_guests_holds_the_key_stays_the_first_and_everybody_has_one(
    is_any: bool, holder: str | None, people: list[str]
) -> None:
    booking = make_booking(guest_ids=("g1", "g2", "g3"), primary_is_any=is_any)
    guests = [make_guest(one) for one in booking.guest_ids]
    found = access(booking, guests=guests, policy=Policy(guests="everyone"), holder_id=holder).grants
    assert [one.user_identity_key for one in found] == people
    assert [one.key for one in found] == ["b1", *(f"b1:{one}" for one in people[1:])]
    (primary,) = access(booking, guests=guests, holder_id=holder).grants
    assert primary.user_identity_key == people[0]


def test_where_a_company_books_the_first_guest_is_the_primary_one() -> None:
    booking = make_booking(guest_ids=("g1", "g2"), primary_is_any=True)
    (grant,) = access(booking, guests=[make_guest("g1"), make_guest("g2")]).grants
    assert grant.user_identity_key == "g1"


def test_where_a_company_books_whoever_has_the_key_keeps_it() -> None:
    booking = make_booking(guest_ids=("g1", "g2"), primary_is_any=True)
    (grant,) = access(booking, guests=[make_guest("g1"), make_guest("g2")], holder_id="g2").grants
    assert grant.user_identity_key == "g2"


def test_an_owner_is_the_primary_guest_whoever_had_the_key_before() -> None:
    booking = make_booking(guest_ids=("g1", "g2"))
    (grant,) = access(booking, guests=[make_guest("g1"), make_guest("g2")], holder_id="g2").grants
    assert grant.user_identity_key == "g1"


def test_a_company_without_a_named_guest_waits() -> None:
    result = access(make_booking(guest_ids=(), primary_is_any=True))
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.WAITING


@pytest.mark.parametrize(("later", "outcome"), [(0, Outcome.ALERT), (1, Outcome.WAITING)])
def test_a_company_without_a_named_guest_is_an_alert_from_four_hours_before_the_arrival(
    later: int, outcome: Outcome
) -> None:
    policy = Policy(unassigned_alert=timedelta(hours=4), early=timedelta(0))
    arrival = NOW + timedelta(hours=4, seconds=later)
    result = access(make_booking(guest_ids=(), primary_is_any=True, arrival=arrival), policy=policy)
    assert result.withheld is not None
    assert result.withheld.outcome is outcome
    assert result.withheld.look_again_at == (NOW + timedelta(seconds=1) if later else None)


def test_a_guest_whose_profile_is_missing_is_a_failure_and_keeps_her_room() -> None:
    result = access(make_booking(), guests=[])
    assert result.grants == ()
    assert [(kept.user_identity_key, kept.room_key) for kept in result.kept] == [("g1", "r101")]
    assert [remark.outcome for remark in result.remarks] == [Outcome.FAILED]


def test_every_key_carries_the_connections_prefix() -> None:
    booking = make_booking(guest_ids=("g1", "g2"))
    first, second = access(
        booking,
        guests=[make_guest("g1"), make_guest("g2")],
        policy=Policy(guests="everyone", common_areas=(CommonArea("lobby", "Lobby"),)),
        keys=Keys("alpen/"),
    ).grants
    assert (first.key, second.key) == ("alpen/b1", "alpen/b1:g2")
    assert first.space_keys == ("alpen/lobby", "alpen/r101")
    assert second.user_identity_key == "alpen/g2"
    assert first.reservation_key == "alpen/b1"


def test_no_name_or_contact_shows_in_a_repr() -> None:
    booking = make_booking()
    shown = repr(booking) + repr(make_guest(phone="+436601234567")) + repr(access(booking))
    for secret in ("Jana", "Novak", "g1@example.com", "+43660"):
        assert secret not in shown


def test_the_zone_of_the_property_does_not_matter_where_the_pms_gives_instants() -> None:
    strange = replace(HOTEL, time_zone="Mars/Olympus")
    result = booking_access(make_booking(), strange, {"r101": make_room()}, {"g1": make_guest()}, Policy(), Keys(), NOW)
    assert len(result.grants) == 1


def test_plain_dates_in_a_zone_that_does_not_exist_are_a_failure() -> None:
    strange = replace(HOTEL, time_zone="Mars/Olympus")
    booking = make_booking(arrival=date(2026, 9, 20), departure=date(2026, 9, 22))
    result = booking_access(booking, strange, {"r101": make_room()}, {"g1": make_guest()}, Policy(), Keys(), NOW)
    assert result.withheld is not None
    assert result.withheld.outcome is Outcome.FAILED
    assert "Mars/Olympus" in result.withheld.reason


@pytest.mark.parametrize(
    ("policy", "phone", "pin", "keeps"),
    [
        ("keep", "+436601234567", None, True),
        ("random", "+436601234567", None, False),
        ("phone_last_4", "+436601234567", "4567", True),
        ("phone_last_4", None, None, True),
    ],
)
def test_a_pin_is_made_of_the_phone_only_where_the_policy_says_so(
    policy: Literal["keep", "random", "phone_last_4"], phone: str | None, pin: str | None, keeps: bool
) -> None:
    found = access(make_booking(), guests=[make_guest(phone=phone)], policy=Policy(pin=policy))
    assert [(one.pin, one.keeps_pin) for one in found.grants] == [(pin, keeps)]
    unknown = access(make_booking(), guests=[], policy=Policy(pin=policy))
    assert [(one.pin, one.no_new is not None) for one in unknown.kept] == [(None, True)]
