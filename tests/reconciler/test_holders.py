"""Whose grant is whose: by person, then room, then time; a key is only a label."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from mappers.access import BookingAccess
from mappers.access_grants import booking_access
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant
from reconciler.holders import settle
from seam_workspace.existing import ExistingAccessGrant, ExistingUserIdentity
from tests.builders import HOTEL, NOW, make_booking, make_guest, make_room

KEYS = Keys()
ROOMS = {room_id: make_room(room_id, room_id[1:]) for room_id in ("r101", "r102", "r103")}
GUESTS = {guest_id: make_guest(guest_id) for guest_id in ("g1", "g2", "g3")}
IDENTITIES = {key: ExistingUserIdentity(f"seam-{key}", key) for key in GUESTS}
SPACE_IDS = {key: f"seam-{key}" for key in ROOMS}
HOUR = timedelta(hours=1)


def wanted(*guest_ids: str) -> BookingAccess:
    booking = make_booking(guest_ids=guest_ids or ("g1",))
    return booking_access(booking, HOTEL, ROOMS, GUESTS, Policy(guests="everyone"), KEYS, NOW)


def has(like: DesiredAccessGrant, key: str, guest: str = "g1", room: str = "r101", **rest: Any) -> ExistingAccessGrant:
    fields: dict[str, Any] = {
        "starts_at": like.starts_at,
        "ends_at": like.ends_at,
        "name": like.name,
        "access_methods": frozenset(like.access_methods),
    }
    return ExistingAccessGrant(f"grant-{key}", key, f"seam-{guest}", frozenset({f"seam-{room}"}), **(fields | rest))


def keys_of(access: BookingAccess, *here: ExistingAccessGrant) -> list[str]:
    settled = settle(access, here, IDENTITIES, SPACE_IDS, KEYS, NOW)
    return [one.key for one in (*settled.grants, *settled.kept)]


def in_rooms(access: BookingAccess, *rooms: str) -> BookingAccess:
    """One person in several rooms in turn."""
    (one,) = access.grants
    return replace(
        access,
        grants=tuple(
            replace(one, key=KEYS.grant("b1", span=span), span=span, space_keys=(room,), room_key=room)
            for span, room in enumerate(rooms, start=1)
        ),
    )


def test_whoever_moves_to_another_place_on_the_booking_keeps_her_key() -> None:
    access = wanted("g2", "g1")
    first, second = access.grants
    assert keys_of(access, has(first, "b1", "g1"), has(second, "b1:g2", "g2")) == ["b1:g2", "b1"]


def test_a_newcomer_takes_over_the_key_of_whoever_left() -> None:
    access = wanted("g3")
    assert keys_of(access, has(access.grants[0], "b1", "g1")) == ["b1"]


def test_a_newcomer_takes_over_the_key_of_whoever_left_beside_others_who_stay() -> None:
    access = wanted("g3", "g2")
    first, second = access.grants
    assert keys_of(access, has(first, "b1", "g1"), has(second, "b1:g2", "g2")) == ["b1", "b1:g2"]
    (alone,) = wanted("g3").grants
    assert keys_of(wanted("g3"), has(alone, "b1/2", "g1")) == ["b1/2"], "whatever key that is"
    two = has(alone, "b1/2", "g1"), has(alone, "b1", "g2", "r102")
    assert keys_of(wanted("g3"), *two) == ["b1"], "of two who left, of the one who had the same key"


def test_only_the_first_on_a_booking_who_may_have_something_new_takes_a_key_over() -> None:
    access = wanted("g2", "g3")
    first, second = access.grants
    assert keys_of(access, has(first, "b1", "g2"), has(second, "b1:g1", "g1")) == ["b1", "b1:g3"]
    (one,) = wanted("g3").grants
    over = replace(wanted("g3"), grants=(replace(one, ends_at=NOW),))
    assert keys_of(over, has(one, "b1/2", "g1")) == ["b1"]
    assert keys_of(_closed(wanted("g3")), has(one, "b1/2", "g1")) == ["b1"]


def test_a_newcomer_takes_nothing_from_somebody_who_stays() -> None:
    access = wanted("g3", "g1")
    _, staying = access.grants
    here = (has(staying, "b1", "g1"), has(staying, "b1/2", "g1", "r102"))
    assert keys_of(access, *here) == ["b1:g3", "b1"]


def test_two_rooms_of_one_person_never_have_one_key() -> None:
    access = in_rooms(wanted(), "r101", "r102")
    one, two = access.grants
    here = (has(one, "b1"), has(two, "b1.2", room="r102"))
    assert keys_of(access, *here) == ["b1", "b1/2"]


def test_the_grant_of_her_room_is_hers_however_it_is_called() -> None:
    access = in_rooms(wanted(), "r101", "r102")
    one, two = access.grants
    assert keys_of(access, has(one, "b1/2"), has(two, "b1", room="r102")) == ["b1/2", "b1"]


def test_of_two_grants_of_her_room_the_one_of_her_time_is_hers() -> None:
    access = wanted()
    (one,) = access.grants
    assert one.ends_at is not None
    before = has(one, "b1", starts_at=one.starts_at - HOUR, ends_at=one.starts_at)
    during = has(one, "b1/2", starts_at=one.ends_at - HOUR, ends_at=one.ends_at + timedelta(days=30))
    assert keys_of(access, before, during) == ["b1/2"]


def _closed(access: BookingAccess) -> BookingAccess:
    """Nothing new is made of it."""
    return replace(access, grants=(), kept=tuple(replace(one, no_new="out of use") for one in access.grants))


def test_where_nothing_new_is_made_a_grant_of_another_room_is_not_taken_for_hers() -> None:
    access = _closed(wanted())
    (one,) = access.kept
    assert keys_of(access, has(one, "b1/2", room="r102")) == ["b1"]
    assert keys_of(access, has(one, "b1", room="r102")) == ["b1/2"], "her own key is another room's: the next one"
    assert keys_of(access, has(one, "b1", "g2", "r102")) == ["b1:g1"], "somebody else's: by her own id"


def test_everybody_joins_the_reservation_that_exists_already() -> None:
    access = wanted("g1", "g2")
    first, second = access.grants
    here = (has(first, "b1", "g1", reservation_key="b1/2.3"), has(second, "b1:g2", "g2"))
    settled = settle(access, here, IDENTITIES, SPACE_IDS, KEYS, NOW)
    assert [one.reservation_key for one in settled.grants] == ["b1/2", "b1/2"]


def test_whoever_is_alone_stays_in_the_reservation_that_her_grant_is_in() -> None:
    access = wanted()
    there = has(access.grants[0], "b1", reservation_key="b1/2")
    assert [one.reservation_key for one in settle(access, [there], IDENTITIES, SPACE_IDS, KEYS, NOW).grants] == ["b1/2"]


def test_a_reservation_of_another_booking_is_nobodys_here_though_it_begins_alike() -> None:
    access = wanted()
    there = has(access.grants[0], "b1", reservation_key="b10")
    assert [one.reservation_key for one in settle(access, [there], IDENTITIES, SPACE_IDS, KEYS, NOW).grants] == ["b1"]


def test_two_rooms_of_one_person_never_have_one_reservation() -> None:
    access = in_rooms(wanted(), "r101", "r102")
    first, _ = access.grants
    there = has(first, "b1", reservation_key="b1/2")
    settled = settle(access, [there], IDENTITIES, SPACE_IDS, KEYS, NOW)
    assert [one.reservation_key for one in settled.grants] == ["b1/2", "b1/3"]
