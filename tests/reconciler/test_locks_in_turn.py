"""Behind a lock that opens for one booking at a time: who has it, from when on the next one does, and what is told."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from mappers.access import BookingAccess, Existing, Withheld
from mappers.outcomes import Outcome
from mappers.resources import DesiredAccessGrant
from reconciler.override_locks import Holder, in_turn
from seam_workspace.existing import ExistingAccessGrant
from tests.builders import NOW

HOUR, NEAR = timedelta(hours=1), timedelta(hours=4)
EXCLUSIVE = {"r101": "s101", "r102": "s102"}


def access(
    booking_id: str, starts: float, ends: float | None, room: str = "r101", key: str | None = None, **rest: Any
) -> BookingAccess:
    """From so many hours from now to so many."""
    grant = DesiredAccessGrant(
        key=key or booking_id,
        booking_id=booking_id,
        user_identity_key="g",
        space_keys=("lobby", room),
        starts_at=NOW + starts * HOUR,
        ends_at=None if ends is None else NOW + ends * HOUR,
        name="Booking 1",
        access_methods=("code",),
        reservation_key=booking_id,
        label=f"{booking_id.upper()} 101",
    )
    return BookingAccess(booking_id, booking_id, "label", "Europe/Vienna", **({"grants": (grant,)} | rest))


def there(key: str, starts: float, ends: float | None = 50, space: str = "s101", **rest: Any) -> ExistingAccessGrant:
    until = None if ends is None else NOW + ends * HOUR
    spaces = frozenset({"s-lobby", space})
    return ExistingAccessGrant(f"grant-{key}", key, "u", spaces, NOW + starts * HOUR, until, None, frozenset(), **rest)


def settled(*accesses: BookingAccess, others: tuple[Holder, ...] = (), **here: Any) -> dict[str, BookingAccess]:
    existing = {booking_id: tuple(grants) for booking_id, grants in here.items()}
    found = in_turn(accesses, others, existing, EXCLUSIVE, NOW, NEAR)
    assert [one.booking_id for one in found] == [one.booking_id for one in accesses]
    return {one.booking_id: one for one in found}


def begins(one: BookingAccess) -> list[float]:
    """In how many hours."""
    return [(grant.starts_at - NOW) / HOUR for grant in one.grants]


def test_what_is_far_away_is_told_for_each_of_several_and_begins_as_the_pms_says() -> None:
    found = settled(access("a", 0, 9), access("b", 5, 8), access("c", 6, 20), access("d", 5, 12))
    assert {key: begins(one) for key, one in found.items()} == {"a": [0], "b": [5], "c": [6], "d": [5]}
    told = {key: one.waits_for_another or "" for key, one in found.items()}
    assert "A 101 (Booking 1) has it for the whole of this stay" in told["b"]
    assert "A 101 (Booking 1) has it until" in told["d"]
    assert "D 101 (Booking 1) has it until" in told["c"]


@pytest.mark.parametrize(
    ("first", "second", "starts"),
    [
        ((0, 2), (1, 9), [2]),
        ((0, 2), (2, 9), [2]),
        ((0, 1), (2, 9), [2]),
        ((0, 9), (1, 9), []),
        ((0, None), (1, 9), []),
        ((0, 8), (1, None), [8]),
        ((0, None), (1, None), []),
        ((3, 9), (1, 3), [1]),
    ],
)
def test_whoever_comes_next_has_the_lock_from_the_end_of_the_one_before(
    first: tuple[float, float | None], second: tuple[float, float | None], starts: list[float]
) -> None:
    found = settled(access("a", *first), access("b", *second))
    assert begins(found["a"]) == [first[0]]
    assert begins(found["b"]) == starts


def test_what_waits_for_another_is_told_with_its_name_and_hour_and_looked_at_again_at_once() -> None:
    waits = settled(access("a", 0, 2), access("b", 1, 9))["b"]
    said = (
        "the lock opens for one booking at a time, and A 101 (Booking 1) has it until 18 Sep 14:00: access begins "
        "then, or as soon as the PMS says that the other is out"
    )
    assert (waits.waits_for_another, waits.withheld, waits.look_again_at) == (said, None, NOW)
    assert [(one.key, one.reason, one.outcome) for one in waits.remarks] == [("b", said, Outcome.ALERT)]
    never = settled(access("a", 0, 9), access("b", 1, 9))["b"]
    said = (
        "the lock opens for one booking at a time, and A 101 (Booking 1) has it for the whole of this stay: give one "
        "of the two another room in the PMS"
    )
    assert never.withheld == Withheld(said, Existing.REVOKE, Outcome.ALERT, look_again_at=NOW)


@pytest.mark.parametrize(("starts", "changes"), [(4, True), (4.1, False)])
def test_what_is_further_away_is_told_only_and_looked_at_when_it_is_near(starts: float, changes: bool) -> None:
    far = settled(access("a", 0, 6), access("b", starts, 9))["b"]
    assert begins(far) == [6 if changes else starts]
    assert far.waits_for_another is not None
    assert far.look_again_at == NOW + (starts - 4) * HOUR


def test_whoever_is_in_keeps_the_lock_whatever_the_pms_says_of_who_came_first() -> None:
    found = settled(access("a", -3, 5), access("b", -1, 9), b=[there("b", -1)])
    assert (begins(found["a"]), begins(found["b"])) == ([], [-1])
    elsewhere = settled(access("a", -3, 5), access("b", -1, 9), b=[there("b", -1, space="s102")])
    assert (begins(elsewhere["a"]), begins(elsewhere["b"])) == ([-3], [5])
    for gone in (there("b", -1, being_deleted=True), there("b", 0.1)):
        found = settled(access("a", -3, 5), access("b", -1, 9), b=[gone])
        assert (begins(found["a"]), begins(found["b"])) == ([-3], [5])


def test_whoever_has_waited_and_is_in_by_now_stays_as_she_is() -> None:
    found = settled(access("b", -3, 9), b=[there("b.2", -1)])["b"]
    assert begins(found) == [-1]
    assert begins(settled(access("b", -3, 9), b=[there("b", -5)])["b"]) == [-3]
    for other in (there("b", 1), there("b", -1, being_deleted=True), there("c", -1)):
        assert begins(settled(access("b", -3, 9), b=[other])["b"]) == [-3]
    lobby_only = replace(access("b", -3, 9).grants[0], space_keys=("lobby",))
    found = settled(replace(access("b", -3, 9), grants=(lobby_only,)), b=[there("b", -1)])["b"]
    assert begins(found) == [-3]


def test_what_is_kept_or_not_certain_to_end_goes_on_at_the_lock() -> None:
    keeps = access("a", 0, 5, withheld=Withheld("unclear", Existing.KEEP), grants=())
    kept = replace(access("a", 0, 5), grants=(), kept=access("a", 0, 5).grants)
    for goes_on in (keeps, kept):
        assert begins(settled(goes_on, access("b", 1, 9), a=[there("a", -5, 5)])["b"]) == [5]
        assert begins(settled(goes_on, access("b", 1, 9), a=[there("a", -5, 5, being_deleted=True)])["b"]) == [1]
    over = access("a", 0, 5, withheld=Withheld("cancelled", Existing.REVOKE), grants=())
    assert begins(settled(over, access("b", 1, 9), a=[there("a", -5, 5)])["b"]) == [1]


def test_bookings_that_are_not_looked_at_now_have_the_lock_as_well() -> None:
    def other(booking_id: str, ends: float | None) -> Holder:
        until: datetime | None = None if ends is None else NOW + ends * HOUR
        return Holder(booking_id, "somebody", frozenset({"r101"}), NOW - HOUR, until, True)

    assert begins(settled(access("b", 1, 9), others=(other("a", 3),))["b"]) == [3]
    assert begins(settled(access("b", 1, 9), others=(other("a", 2), other("c", 4)))["b"]) == [4]
    assert begins(settled(access("b", 1, 9), others=(other("b", 3),))["b"]) == [1], "her own stay is no other"


def test_what_is_over_holds_nothing_and_other_rooms_and_common_areas_are_free() -> None:
    assert begins(settled(access("a", -5, 0), access("b", -1, 9))["b"]) == [-1]
    assert begins(settled(access("a", 0, 5), access("b", 1, 9, "r102"))["b"]) == [1]
    assert begins(settled(access("a", 0, 5, "r103"), access("b", 1, 9, "r103"))["b"]) == [1]
    assert in_turn([access("a", 0, 5)], (), {}, {}, NOW, NEAR) == [access("a", 0, 5)]


def test_of_several_grants_only_those_at_the_lock_wait() -> None:
    (first,), (second,) = access("b", 1, 9).grants, access("b", 1, 9, "r102", "b/2").grants
    found = settled(access("a", 0, 3), replace(access("b", 1, 9), grants=(first, second)))["b"]
    assert begins(found) == [3, 1]
    found = settled(access("a", 0, 9), replace(access("b", 1, 9), grants=(first, second)))["b"]
    assert [one.key for one in found.grants] == ["b/2"]
    assert found.withheld is None


def test_who_gets_nothing_at_all_is_in_nobodys_way_and_who_waits_is() -> None:
    found = settled(access("a", 0, 5), access("b", 1, 5), access("c", 2, 9))
    assert (begins(found["b"]), begins(found["c"])) == ([], [5])
    found = settled(access("a", 0, 2), access("b", 1, 4), access("c", 3, 9))
    assert (begins(found["b"]), begins(found["c"])) == ([2], [4])
    assert "B 101" in (found["c"].waits_for_another or "")
