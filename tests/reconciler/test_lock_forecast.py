"""What is coming at each lock: slots, and whose PIN will not be there in time."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mappers.links import Link
from mappers.outcomes import Kind
from reconciler.lock_forecast import LICENCES, forecast, late_at
from store.lock_health import Cause, LockHealth

NOW = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)
CHECK_IN = NOW.replace(hour=15)


def lobby(slots: int | None = None) -> LockHealth:
    return LockHealth(
        "alpen", "p1", "d1", "Lobby", ["Lobby"], ["s1"], "good", [], None, None, None, [], True, NOW, NOW, set(), NOW,
        slots=slots,
    )  # fmt: skip


def stay(number: int, start: datetime = CHECK_IN, nights: int = 2) -> Link:
    key = f"b{number:04}"
    return Link(
        Kind.ACCESS_GRANT, key, f"g{number}", booking_id=key, label=f"J.N. {number}", starts_at=start,
        ends_at=start + timedelta(days=nights), space_ids=frozenset({"s1"}),
    )  # fmt: skip


def test_five_hundred_arrivals_at_one_hour_are_written_in_time_and_seven_hundred_are_not() -> None:
    assert late_at([stay(one) for one in range(500)], set(), NOW) == []
    late = late_at([stay(one) for one in range(700)], set(), NOW)
    assert len(late) == 100
    assert late[0].booking == "b0600", "in the order of arrival"
    assert late[-1].expected == CHECK_IN + timedelta(minutes=10)


def test_whoever_arrives_first_is_written_first() -> None:
    early = [stay(900 + one, CHECK_IN - timedelta(minutes=30)) for one in range(10)]
    late = late_at([*(stay(one) for one in range(650)), *early], set(), NOW)
    assert {one.booking for one in late}.isdisjoint(one.key for one in early)


def test_what_the_lock_has_already_waits_for_nothing() -> None:
    grants = [stay(one) for one in range(700)]
    there = {one.key for one in grants[:200]}
    assert late_at(grants, there, NOW) == []


def test_a_lock_that_is_to_hold_more_than_it_can_says_from_when() -> None:
    grants = [stay(one) for one in range(3)] + [stay(10, CHECK_IN + timedelta(days=5))]
    (one,) = forecast([lobby(slots=3)], grants, set(), NOW)
    assert (one.used, one.peak, one.overflows_at, one.arrivals) == (3, 3, None, 3)
    grants.append(stay(11, CHECK_IN + timedelta(days=1), nights=6))
    (one,) = forecast([lobby(slots=3)], grants, set(), NOW)
    assert (one.peak, one.overflows_at) == (4, NOW)
    grants[-1] = stay(11, CHECK_IN + timedelta(days=4), nights=6)
    (one,) = forecast([lobby(slots=3)], grants, set(), NOW)
    assert one.overflows_at == CHECK_IN + timedelta(days=1), "three days before the stay it may lie on the lock"
    (one,) = forecast([lobby(slots=None)], grants, set(), NOW)
    assert one.overflows_at is None


def test_pins_of_others_take_slots_as_well() -> None:
    grants = [stay(one) for one in range(3)]
    (one,) = forecast([replace(lobby(slots=4), other_pins=2)], grants, set(), NOW)
    assert (one.used, one.of_others, one.overflows_at) == (3, 2, NOW)


def test_those_who_leave_make_room_for_those_who_come_at_the_same_moment() -> None:
    first = stay(1, NOW - timedelta(days=1), nights=1)
    second = stay(2, NOW + timedelta(days=3), nights=1)
    (one,) = forecast([lobby(slots=1)], [first, second], set(), NOW - timedelta(hours=1))
    assert (one.used, one.peak, one.overflows_at) == (1, 1, None)


def test_a_lock_system_without_licences_left_says_whose_access_may_not_be_made() -> None:
    grants = [stay(one, CHECK_IN + timedelta(days=one)) for one in (3, 0, 1, 20)]
    there = {"b0000"}
    assert forecast([lobby()], grants, there, NOW)[0].licence is None
    for code in LICENCES:
        full = replace(lobby(), causes=[Cause("device_offline", "offline", NOW), Cause(code, "ask for more", NOW)])
        (one,) = forecast([full], grants, there, NOW)
        assert one.licence == "ask for more"
        assert [each.booking for each in one.unlicensed] == ["b0001", "b0003"], "who comes first on top"
