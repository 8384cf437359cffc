"""What differs, and why: two sets of records in, a plan out."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.records import Booking, BookingStatus, Guest, Room
from mappers.access_grants import booking_access
from mappers.keys import Keys, next_generation_key
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant, DesiredSpace
from mappers.spaces import desired_spaces
from mappers.user_identities import desired_user_identity
from reconciler.changes import Change, Plan, fingerprint
from reconciler.draft import Audit, Desired
from reconciler.planner import plan
from seam_workspace.existing import ExistingAccessGrant, ExistingResources, ExistingSpace, ExistingUserIdentity
from tests.builders import HOTEL, NOW, make_booking, make_guest, make_room

POLICY = Policy()
ROOMS = [make_room("r101", "101"), make_room("r102", "102")]
AUDIT = Audit(retain_grants=timedelta(days=2), delete_orphan_spaces=False, is_our_space=lambda key: key.startswith("r"))


def want(
    *bookings: Booking, guests: tuple[Guest, ...] = (make_guest(),), policy: Policy = POLICY, rooms: list[Room] = ROOMS
) -> Desired:
    keys = Keys()
    spaces, _ = desired_spaces(HOTEL, rooms, policy, keys)
    return Desired(
        accesses=[
            booking_access(
                booking,
                HOTEL,
                {room.id: room for room in rooms},
                {guest.id: guest for guest in guests},
                policy,
                keys,
                NOW,
            )
            for booking in bookings
        ],
        user_identities={guest.id: desired_user_identity(guest, "AT", keys) for guest in guests},
        spaces=spaces,
    )


def as_made(desired: Desired, **reservation: Any) -> ExistingResources:
    """Seam after everything desired was made."""
    grants: dict[str, tuple[ExistingAccessGrant, ...]] = {}
    for access in desired.accesses:
        made = tuple(made_grant(grant, **reservation) for grant in access.grants)
        if made:
            grants[access.booking_id] = made
    return ExistingResources(
        spaces={space.key: made_space(space) for space in desired.spaces},
        user_identities={
            key: ExistingUserIdentity(
                "seam-" + key, key, identity.full_name, identity.email_address, identity.phone_number
            )
            for key, identity in desired.user_identities.items()
        },
        access_grants=grants,
        contact_holders={
            contact: key
            for key, identity in desired.user_identities.items()
            for contact in (identity.email_address, identity.phone_number)
            if contact
        },
    )


def made_space(space: DesiredSpace) -> ExistingSpace:
    return ExistingSpace(
        "seam-" + space.key, space.key, space.name, space.customer_key, space.time_zone, "15:00", "11:00:00"
    )


def made_grant(grant: DesiredAccessGrant, **rest: Any) -> ExistingAccessGrant:
    fields: dict[str, Any] = {
        "key": grant.key,
        "user_identity_id": "seam-" + grant.user_identity_key,
        "space_ids": frozenset("seam-" + key for key in grant.space_keys),
        "starts_at": grant.starts_at,
        "ends_at": grant.ends_at,
        "name": grant.name,
        "access_methods": frozenset(grant.access_methods),
    }
    return ExistingAccessGrant("grant-" + (rest.get("key") or grant.key), **(fields | rest))


def linked(desired: Desired) -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {}
    for access in desired.accesses:
        for grant in access.grants:
            mark = fingerprint(grant)
            found[(Kind.ACCESS_GRANT, grant.key)] = link("grant-" + grant.key, mark, mark, grant.ends_at)
    for key, identity in desired.user_identities.items():
        found[(Kind.USER_IDENTITY, key)] = link("seam-" + key, fingerprint(identity), fingerprint(identity))
    for space in desired.spaces:
        found[(Kind.SPACE, space.key)] = link("seam-" + space.key)
    return found


def link(seam_id: str, wanted: str | None = None, made: str | None = None, ends_at: Any = None) -> Any:
    return SimpleNamespace(seam_id=seam_id, generation=1, wanted_hash=wanted, made_hash=made, ends_at=ends_at)


def only(result: Plan) -> Change:
    (change,) = result.changes()
    return change


def test_everything_new_is_created() -> None:
    desired = want(make_booking())
    result = plan(desired, ExistingResources({}, {}, {}), {}, NOW, AUDIT)
    assert [(one.kind, one.action, one.key) for one in result.changes()] == [
        (Kind.SPACE, Action.CREATE, "r101"),
        (Kind.SPACE, Action.CREATE, "r102"),
        (Kind.USER_IDENTITY, Action.CREATE, "g1"),
        (Kind.ACCESS_GRANT, Action.CREATE, "b1"),
    ]


def test_what_is_in_step_and_linked_is_left_alone() -> None:
    desired = want(make_booking())
    result = plan(desired, as_made(desired), linked(desired), NOW, AUDIT)
    assert result.changes() == []
    assert result.links == []
    assert result.unchanged == {Kind.SPACE: 2, Kind.USER_IDENTITY: 1, Kind.ACCESS_GRANT: 1}


def test_what_is_in_step_and_not_linked_is_adopted_without_a_write() -> None:
    desired = want(make_booking())
    result = plan(desired, as_made(desired), {}, NOW, AUDIT)
    assert result.changes() == []
    assert len(result.adopted) == 4


def test_an_extension_is_an_update_that_says_so_in_the_hotels_time() -> None:
    before = want(make_booking())
    longer = make_booking(departure=make_booking().departure + timedelta(days=1))
    change = only(plan(want(longer), as_made(before), linked(before), NOW))
    assert (change.action, change.key) == (Action.UPDATE, "b1")
    assert change.reason == "guest extended: ends 23 Sep 11:00 -> 24 Sep 11:00"


def test_a_room_move_is_a_replacement_that_names_both_rooms() -> None:
    before = want(make_booking())
    change = only(plan(want(make_booking(room_id="r102")), as_made(before), linked(before), NOW))
    assert change.action is Action.REPLACE
    assert change.reason == "room changed: 101 -> 102"
    assert not change.counts_as_revocation
    assert change.moves_from == {"seam-r101"}
    assert change.moves_to == "seam-r102"


def test_another_guest_is_a_replacement() -> None:
    before = want(make_booking(), guests=(make_guest(), make_guest("g2")))
    after = want(make_booking(guest_ids=("g2",)), guests=(make_guest(), make_guest("g2")))
    change = only(plan(after, as_made(before), linked(before), NOW))
    assert change.action is Action.REPLACE
    assert "another guest" in change.reason


def test_a_cancellation_is_a_revocation_that_counts() -> None:
    before = want(make_booking())
    cancelled = want(make_booking(status=BookingStatus.CANCELLED))
    change = only(plan(cancelled, as_made(before), linked(before), NOW))
    assert (change.action, change.reason, change.counts_as_revocation) == (Action.REVOKE, "booking cancelled", True)


def test_revoking_a_grant_that_has_ended_does_not_count() -> None:
    before = want(make_booking())
    existing = as_made(before)
    ended = replace(existing.access_grants["b1"][0], ends_at=NOW - timedelta(minutes=1))
    existing = replace(existing, access_grants={"b1": (ended,)})
    assert not only(plan(want(make_booking(status=BookingStatus.CHECKED_OUT)), existing, {}, NOW)).counts_as_revocation


def test_an_unknown_status_leaves_what_exists() -> None:
    before = want(make_booking())
    result = plan(want(make_booking(status=BookingStatus.UNKNOWN)), as_made(before), linked(before), NOW)
    assert result.changes() == []
    assert [note.outcome for note in result.notes] == [Outcome.ALERT]


def test_access_far_ahead_waits_and_is_looked_at_again_when_it_is_due() -> None:
    far = make_booking(arrival=NOW + timedelta(days=20), departure=NOW + timedelta(days=22))
    desired = want(far)
    existing = replace(as_made(desired), access_grants={})
    result = plan(desired, existing, {}, NOW)
    assert result.grants == []
    assert result.identities == []
    assert result.look_again == {"b1": NOW + timedelta(days=6)}
    assert plan(desired, existing, {}, NOW + timedelta(days=6)).grants[0].action is Action.CREATE


def test_access_that_exists_is_kept_in_step_when_the_arrival_moves_far_away() -> None:
    before = want(make_booking())
    far = make_booking(arrival=NOW + timedelta(days=20), departure=NOW + timedelta(days=22))
    assert only(plan(want(far), as_made(before), linked(before), NOW)).action is Action.UPDATE


def test_a_grant_changed_in_seam_is_put_back_and_called_drift() -> None:
    desired = want(make_booking())
    existing = as_made(desired)
    edited = replace(existing.access_grants["b1"][0], ends_at=NOW + timedelta(days=30))
    change = only(plan(desired, replace(existing, access_grants={"b1": (edited,)}), linked(desired), NOW))
    assert change.action is Action.UPDATE
    assert "by somebody else" in change.reason


def test_a_grant_deleted_in_seam_is_made_again() -> None:
    desired = want(make_booking())
    change = only(plan(desired, replace(as_made(desired), access_grants={}), linked(desired), NOW))
    assert change.action is Action.CREATE
    assert "deleted in Seam" in change.reason


def test_a_second_generation_is_as_good_as_the_first() -> None:
    desired = want(make_booking())
    existing = as_made(desired, key="b1.2")
    assert plan(desired, existing, {}, NOW).changes() == []


def test_of_two_living_generations_the_right_one_stays() -> None:
    desired = want(make_booking(room_id="r102"))
    (wanted,) = desired.accesses[0].grants
    old = made_grant(wanted, space_ids=frozenset({"seam-r101"}))
    new = made_grant(wanted, key="b1.2")
    result = plan(desired, replace(as_made(desired), access_grants={"b1": (old, new)}), {}, NOW)
    change = only(result)
    assert (change.action, change.key, change.counts_as_revocation) == (Action.REVOKE, "b1", False)


def test_a_grant_that_is_being_deleted_counts_as_none_and_is_shown() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    dying = made_grant(wanted, being_deleted=True)
    result = plan(desired, replace(as_made(desired), access_grants={"b1": (dying,)}), {}, NOW)
    change = only(result)
    assert change.action is Action.CREATE
    assert change.existing_grants == (dying,)


def test_a_companion_who_left_loses_only_her_own_grant() -> None:
    everyone = Policy(guests="everyone")
    guests = (make_guest("g1"), make_guest("g2"))
    before = want(make_booking(guest_ids=("g1", "g2")), guests=guests, policy=everyone)
    after = want(make_booking(guest_ids=("g1",)), guests=guests, policy=everyone)
    change = only(plan(after, as_made(before), linked(before), NOW))
    assert (change.action, change.key) == (Action.REVOKE, "b1:g2")


def test_a_companion_joins_the_reservation_that_the_first_guest_is_in() -> None:
    everyone = Policy(guests="everyone")
    guests = (make_guest("g1"), make_guest("g2"))
    before = want(make_booking(guest_ids=("g1",)), guests=guests, policy=everyone)
    existing = replace(
        as_made(before, key="b1.2", reservation_key="b1.2"), reservation_space_ids=frozenset({"seam-r101"})
    )
    after = want(make_booking(guest_ids=("g1", "g2")), guests=guests, policy=everyone)
    change = only(plan(after, existing, {}, NOW))
    assert (change.action, change.key, change.reservation_key) == (Action.CREATE, "b1:g2", "b1.2")


def test_a_reservation_key_is_used_only_where_a_door_is_an_override_lock() -> None:
    desired = want(make_booking())
    existing = replace(as_made(desired), access_grants={})
    assert plan(desired, existing, {}, NOW).grants[0].reservation_key is None
    capable = replace(existing, reservation_space_ids=frozenset({"seam-r101"}))
    assert plan(desired, capable, {}, NOW).grants[0].reservation_key == "b1"


def test_an_edited_guest_is_updated_without_her_data_in_the_reason() -> None:
    before = want(make_booking())
    after = want(make_booking(), guests=(make_guest(email="new@example.com"),))
    change = only(plan(after, as_made(before), linked(before), NOW))
    assert (change.kind, change.action, change.reason) == (Kind.USER_IDENTITY, Action.UPDATE, "e-mail changed")


def test_a_contact_that_seam_refused_is_not_asked_for_again() -> None:
    desired = want(make_booking())
    identity = desired.user_identities["g1"]
    existing = as_made(desired)
    bare = ExistingUserIdentity("seam-g1", "g1", identity.full_name, None, None)
    existing = replace(existing, user_identities={"g1": bare}, contact_holders={})
    links = linked(desired)
    links[(Kind.USER_IDENTITY, "g1")] = link(
        "seam-g1", fingerprint(identity), fingerprint(replace(identity, email_address=None))
    )
    assert plan(desired, existing, links, NOW).changes() == []


def test_an_orphan_space_is_reported_and_a_foreign_one_ignored() -> None:
    desired = want()
    existing = as_made(desired)
    more = {
        "r999": ExistingSpace("x", "r999", "999", HOTEL.id),
        "staff": ExistingSpace("y", "staff", "Staff", HOTEL.id),
    }
    result = plan(desired, replace(existing, spaces={**existing.spaces, **more}), linked(desired), NOW, AUDIT)
    assert result.changes() == []
    assert [(note.key, note.outcome) for note in result.notes] == [("r999", Outcome.ALERT)]


def test_a_grant_that_ended_long_ago_is_removed_by_an_audit_only() -> None:
    desired = want()
    (wanted,) = want(make_booking()).accesses[0].grants
    old = made_grant(wanted, ends_at=NOW - timedelta(days=3))
    existing = replace(as_made(desired), access_grants={"b1": (old,)})
    assert plan(desired, existing, {}, NOW).changes() == []
    result = plan(desired, existing, {}, NOW, AUDIT)
    assert [(one.action, one.counts_as_revocation) for one in result.grants] == [(Action.REVOKE, False)]


def test_after_a_plan_is_carried_out_the_next_one_is_empty() -> None:
    desired = want(
        make_booking(), make_booking("b2", room_id="r102", guest_ids=("g2",)), guests=(make_guest(), make_guest("g2"))
    )
    assert plan(desired, as_made(desired), linked(desired), NOW, AUDIT).changes() == []


def test_the_next_generation_is_the_first_that_is_free() -> None:
    assert next_generation_key("b1", []) == "b1"
    assert next_generation_key("b1", ["b1", "b1.2"]) == "b1.3"


def test_a_room_out_of_use_keeps_its_space_as_long_as_somebody_keeps_a_key_to_it() -> None:
    before = want(make_booking())
    existing = as_made(before)
    retired = [make_room("r101", "101", is_active=False), ROOMS[1]]
    desired = replace(want(make_booking(), rooms=retired), retired_spaces=frozenset({"r101"}))
    links: Any = {(Kind.SPACE, "r101"): SimpleNamespace(seam_id="seam-r101", generation=1, made_hash=None)}
    audit = replace(AUDIT, delete_orphan_spaces=True)
    result = plan(desired, existing, links, NOW, audit)
    assert result.changes() == []
    (said,) = [note.reason for note in result.notes if note.key == "r101"]
    assert "deleted when nobody has a key any more" in said
    free = plan(desired, replace(existing, access_grants={}), links, NOW, audit)
    assert [(one.kind, one.action, one.key) for one in free.changes()] == [(Kind.SPACE, Action.REVOKE, "r101")]


def test_who_left_a_booking_of_a_room_out_of_use_keeps_nothing_and_who_stays_does() -> None:
    policy = Policy(guests="everyone")
    both = (make_guest("g1"), make_guest("g2"))
    retired = [make_room("r101", "101", is_active=False), ROOMS[1]]
    for has_primary in (True, False):
        left = make_booking(guest_ids=("g1",), has_primary=has_primary)
        made = want(make_booking(guest_ids=("g1", "g2"), has_primary=has_primary), guests=both, policy=policy)
        existing = as_made(made)
        (change,) = plan(want(left, guests=both, policy=policy, rooms=retired), existing, {}, NOW).changes()
        assert (change.action, change.key) == (Action.REVOKE, "b1:g2")


def test_an_ended_grant_of_a_guest_who_is_still_in_the_house_is_not_tidied_away() -> None:
    stay = make_booking(
        status=BookingStatus.IN_HOUSE,
        arrival=NOW - timedelta(days=9),
        departure=NOW - timedelta(days=4),
    )
    made = as_made(want(replace(stay, departure=NOW + timedelta(days=1))))
    ended = replace(made.access_grants["b1"][0], ends_at=stay.departure)
    result = plan(want(stay), replace(made, access_grants={"b1": (ended,)}), {}, NOW, AUDIT)
    assert result.grants == []
    gone = plan(want(), replace(made, access_grants={"b1": (ended,)}), {}, NOW, AUDIT)
    assert [one.action for one in gone.grants] == [Action.REVOKE]


def test_at_the_very_instant_of_its_end_nothing_is_made_any_more() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    over = replace(
        access, grants=tuple(replace(one, starts_at=NOW - timedelta(days=1), ends_at=NOW) for one in access.grants)
    )
    result = plan(replace(desired, accesses=[over]), ExistingResources({}, {}, {}), {}, NOW)
    assert result.grants == []


def _with(desired: Desired, *grants: ExistingAccessGrant) -> ExistingResources:
    return replace(as_made(desired), access_grants={"b1": grants})


def test_a_grant_under_the_key_of_somebody_who_is_on_the_booking_no_more_goes_and_a_new_one_is_made() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    result = plan(desired, _with(desired, made_grant(wanted, key="b1:g9")), {}, NOW)
    assert sorted((one.action, one.key) for one in result.grants) == [(Action.CREATE, "b1"), (Action.REVOKE, "b1:g9")]


def test_of_two_living_generations_that_of_the_guest_herself_stays() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    theirs = made_grant(wanted, user_identity_id="seam-g9")
    change = only(plan(desired, _with(desired, theirs, made_grant(wanted, key="b1.2")), {}, NOW))
    assert (change.action, change.key) == (Action.REVOKE, "b1")
    assert [grant.user_identity_id for grant in change.existing_grants] == ["seam-g9"]


def test_a_former_generation_that_is_being_deleted_is_shown_beside_the_living_one() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    dying = made_grant(wanted, being_deleted=True)
    result = plan(desired, _with(desired, dying, made_grant(wanted, key="b1.2")), {}, NOW)
    assert result.changes() == []
    assert [note.key for note in result.notes] == ["b1"]


def test_a_grant_of_another_name_is_an_update_and_so_is_one_that_lacks_a_method() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    change = only(plan(desired, _with(desired, made_grant(wanted, name="somebody")), linked(desired), NOW))
    assert change.action is Action.UPDATE
    bare = made_grant(wanted, access_methods=frozenset())
    change = only(plan(desired, _with(desired, bare), linked(desired), NOW))
    assert (change.action, change.add_methods) == (Action.UPDATE, wanted.access_methods)


@pytest.mark.parametrize(
    ("there", "action"),
    [
        ({}, None),
        ({"space_ids": frozenset({"seam-r102"})}, Action.REVOKE),
        ({"user_identity_id": "seam-g9"}, Action.REVOKE),
        ({"ends_at": NOW + timedelta(days=90)}, Action.UPDATE),
    ],
)
def test_where_nothing_new_is_made_this_very_person_keeps_this_very_room(there: dict[str, Any], action: Any) -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (wanted,) = access.grants
    kept = replace(desired, accesses=[replace(access, grants=(replace(wanted, no_new="the room is out of use"),))])
    result = plan(kept, _with(desired, made_grant(wanted, **there)), linked(desired), NOW)
    assert [one.action for one in result.grants] == ([] if action is None else [action])


@pytest.mark.parametrize(("ends", "goes"), [(None, True), (NOW + timedelta(days=1), True), (NOW, False)])
def test_nothing_outlives_the_time_of_whoever_it_was_made_for(ends: Any, goes: bool) -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (wanted,) = access.grants
    over = replace(wanted, starts_at=NOW - timedelta(days=1), ends_at=NOW)
    shortened = replace(desired, accesses=[replace(access, grants=(over,))])
    result = plan(shortened, _with(desired, made_grant(over, ends_at=ends)), {}, NOW)
    assert [one.action for one in result.grants] == ([Action.REVOKE] if goes else [])
    stay = make_booking(arrival=NOW - timedelta(days=3), departure=NOW - timedelta(hours=1))
    result = plan(want(stay), _with(desired, made_grant(wanted, ends_at=ends)), {}, NOW)
    assert [one.action for one in result.grants] == [Action.REVOKE]


def test_why_a_grant_is_made_says_whether_the_former_one_is_being_deleted() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    change = only(plan(desired, _with(desired, made_grant(wanted, being_deleted=True)), {}, NOW))
    assert change.reason.startswith("the former grant is being deleted")
    change = only(plan(desired, replace(as_made(desired), access_grants={}), {}, NOW))
    assert change.reason.startswith("new access from")
