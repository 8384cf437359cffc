"""What differs, and why: two sets of records in, a plan out."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.records import Booking, BookingStatus, Guest, Room
from mappers.access import Existing, Withheld
from mappers.access_grants import booking_access
from mappers.keys import Keys, next_generation_key
from mappers.outcomes import Action, Cause, Kind, Outcome
from mappers.policy import CommonArea, Policy
from mappers.resources import DesiredAccessGrant, DesiredSpace
from mappers.spaces import desired_spaces
from mappers.user_identities import desired_user_identity
from reconciler.changes import HELD_BY_ANOTHER, Change, Plan, fingerprint
from reconciler.draft import DELETED_BY_OTHERS, Audit, Desired
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
            found[(Kind.ACCESS_GRANT, grant.key)] = link(
                "grant-" + grant.key, mark, mark, grant.ends_at, frozenset("seam-" + key for key in grant.space_keys)
            )
    for key, identity in desired.user_identities.items():
        found[(Kind.USER_IDENTITY, key)] = link("seam-" + key, fingerprint(identity), fingerprint(identity))
    for space in desired.spaces:
        found[(Kind.SPACE, space.key)] = link("seam-" + space.key)
    return found


def link(
    seam_id: str, wanted: str | None = None, made: str | None = None, ends_at: Any = None, space_ids: Any = None
) -> Any:
    return SimpleNamespace(
        seam_id=seam_id,
        generation=1,
        wanted_hash=wanted,
        made_hash=made,
        ends_at=ends_at,
        space_ids=space_ids,
        booking_id="b1",
    )


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


@pytest.mark.parametrize(
    "former",
    [{"space_ids": frozenset({"seam-r102"})}, {"ends_at": None}, {"seam_id": "grant-b0"}, {"booking_id": "b0"}],
)
def test_what_is_remembered_of_a_grant_that_is_as_it_should_be_is_set_right(former: dict[str, Any]) -> None:
    desired = want(make_booking())
    links = linked(desired)
    vars(links[Kind.ACCESS_GRANT, "b1"]).update(former)
    result = plan(desired, as_made(desired), links, NOW, AUDIT)
    assert result.changes() == []
    (found,) = result.links
    assert (found.key, found.seam_id, found.booking_id) == ("b1", "grant-b1", "b1")
    assert (found.space_ids, found.ends_at) == (frozenset({"seam-r101"}), desired.accesses[0].grants[0].ends_at)


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
    assert (change.action, change.cause) == (Action.CREATE, Cause.DRIFT)
    assert "deleted in Seam" in change.reason


def test_a_second_generation_is_as_good_as_the_first() -> None:
    desired = want(make_booking())
    existing = as_made(desired, key="b1.2")
    result = plan(desired, existing, {}, NOW)
    assert result.changes() == []
    assert [one.generation for one in result.links if one.kind is Kind.ACCESS_GRANT] == [2]


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


def test_one_override_lock_among_her_doors_is_enough_for_a_reservation() -> None:
    desired = want(make_booking(), policy=replace(POLICY, common_areas=(CommonArea("lobby", "Lobby"),)))
    there = replace(as_made(desired), access_grants={}, reservation_space_ids=frozenset({"seam-r101"}))
    assert plan(desired, there, {}, NOW).grants[0].reservation_key == "b1"


def test_nobody_joins_a_reservation_that_somebody_else_gave_a_companion() -> None:
    desired = _couple()
    first, second = desired.accesses[0].grants
    theirs = made_grant(second, reservation_key="by hand")
    there = replace(_with(desired, theirs), reservation_space_ids=frozenset({"seam-r101"}))
    made = {one.key: one.reservation_key for one in plan(desired, there, {}, NOW).grants}
    assert made[first.key] == "b1"


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
    renamed = replace(existing, user_identities={"g1": replace(bare, full_name="Somebody Else")})
    assert "name changed" in only(plan(desired, renamed, links, NOW)).reason


def test_an_orphan_space_is_reported_and_a_foreign_one_or_one_that_is_going_is_not() -> None:
    desired = want()
    existing = as_made(desired)
    more = {
        "r999": ExistingSpace("x", "r999", "999", HOTEL.id),
        "staff": ExistingSpace("y", "staff", "Staff", HOTEL.id),
        "r998": ExistingSpace("z", "r998", "998", HOTEL.id, warnings=("being_deleted",)),
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
    (grant,) = existing.access_grants["b1"]
    for there in ({}, {"b0": (replace(grant, being_deleted=True),)}):
        free = only(plan(desired, replace(existing, access_grants=there), links, NOW, audit))
        assert (free.kind, free.action, free.key, free.forgets) == (Kind.SPACE, Action.REVOKE, "r101", "r101")


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
    other = replace(ended, id="grant-b2", key="b2")
    both = replace(made, access_grants={"b1": (ended,), "b2": (other,)})
    assert [one.key for one in plan(want(stay), both, {}, NOW, AUDIT).grants] == ["b2"]
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
    (made,) = (one for one in result.grants if one.action is Action.CREATE)
    assert made.existing_grants == (), "what lives is not on its way out"
    assert made.reason.startswith("new access from")


def test_of_two_living_generations_that_of_the_guest_herself_stays() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    theirs = made_grant(wanted, user_identity_id="seam-g9")
    change = only(plan(desired, _with(desired, theirs, made_grant(wanted, key="b1.2")), {}, NOW))
    assert (change.action, change.key) == (Action.REVOKE, "b1")
    assert [grant.user_identity_id for grant in change.existing_grants] == ["seam-g9"]
    assert change.reason == "guest is no longer on the booking", "nobody's second grant"


def test_of_two_generations_that_are_alike_the_first_stays() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    for keys in (("b1", "b1.2"), ("b1.2", "b1")):
        there = _with(desired, *(made_grant(wanted, key=key) for key in keys))
        assert only(plan(desired, there, linked(desired), NOW)).key == "b1.2"


def test_a_booking_is_looked_at_again_when_its_own_time_comes() -> None:
    desired = want(make_booking())
    later = replace(desired, accesses=[replace(desired.accesses[0], look_again_at=NOW + timedelta(hours=3))])
    assert plan(later, as_made(desired), linked(desired), NOW).look_again == {"b1": NOW + timedelta(hours=3)}


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
    change = only(plan(desired, replace(as_made(desired), access_grants={}), {}, NOW, cut_off={"b1"}))
    assert change.reason.startswith("an earlier run was cut off")


def test_of_a_grant_it_is_remembered_whose_it_is_where_and_since_when() -> None:
    desired = replace(want(make_booking()), property_id=HOTEL.id)
    (wanted,) = desired.accesses[0].grants
    made = only(plan(desired, replace(as_made(desired), access_grants={}), {}, NOW)).link
    stays = replace(desired.accesses[0], grants=(), withheld=Withheld("why", Existing.KEEP))
    (kept,) = (
        one
        for one in plan(replace(desired, accesses=[stays]), as_made(desired), {}, NOW).links
        if one.kind is Kind.ACCESS_GRANT
    )
    for one in (made, kept):
        assert one is not None
        assert (one.property_id, one.user_identity_key, one.starts_at) == (HOTEL.id, "g1", wanted.starts_at)


def test_a_booking_without_access_is_looked_at_again_when_its_own_time_comes() -> None:
    desired = want(make_booking())
    again = NOW + timedelta(hours=1)
    waits = replace(desired.accesses[0], grants=(), withheld=Withheld("no room", Existing.REVOKE, look_again_at=again))
    assert plan(replace(desired, accesses=[waits]), ExistingResources({}, {}, {}), {}, NOW).look_again == {"b1": again}


# --- rooms ------------------------------------------------------------------------------------------------------------


def _rooms(desired: Desired, **changed: Any) -> Desired:
    """The same, with something else wanted of room 101."""
    first, *others = desired.spaces
    return replace(desired, spaces=[replace(first, **changed), *others])


def test_what_the_pms_does_not_say_of_a_room_stays_as_it_is_in_seam() -> None:
    made = want()
    silent = _rooms(made, time_zone=None, check_in=None, check_out=None)
    assert plan(silent, as_made(made), linked(made), NOW).changes() == []


def test_a_space_that_was_made_anew_by_somebody_is_remembered_by_its_new_id() -> None:
    desired = want()
    existing = as_made(desired)
    anew = {**existing.spaces, "r101": replace(existing.spaces["r101"], id="another")}
    result = plan(desired, replace(existing, spaces=anew), linked(desired), NOW)
    assert [(one.key, one.seam_id) for one in result.links] == [("r101", "another")]
    assert result.adopted == []


def test_a_lock_that_seam_does_not_list_any_more_is_put_nowhere() -> None:
    desired = _rooms(want(), door_ids=frozenset({"gone"}))
    existing = as_made(desired)
    empty = {**existing.spaces, "r101": replace(existing.spaces["r101"], door_ids=frozenset())}
    assert plan(desired, replace(existing, spaces=empty), linked(desired), NOW).spaces == []


def test_a_space_of_a_retired_room_that_we_did_not_make_is_not_deleted() -> None:
    desired = replace(want(), spaces=[], retired_spaces=frozenset({"r101"}))
    existing = ExistingResources({"r101": made_space(want().spaces[0])}, {}, {})
    result = plan(desired, existing, {}, NOW, replace(AUDIT, delete_orphan_spaces=True))
    assert result.changes() == []
    assert [note.reason.partition(":")[0] for note in result.notes] == ["orphan"]


# --- several people and rooms -----------------------------------------------------------------------------------------

EVERYONE = Policy(guests="everyone")
COUPLE = (make_guest("g1"), make_guest("g2"))


def _couple() -> Desired:
    return want(make_booking(guest_ids=("g1", "g2")), guests=COUPLE, policy=EVERYONE)


def test_a_grant_too_many_of_somebody_who_keeps_another_goes_and_is_no_loss() -> None:
    desired = _couple()
    _, second = desired.accesses[0].grants
    extra = made_grant(second, key="b1/2:g2", space_ids=frozenset({"seam-r102"}))
    result = plan(desired, _with(desired, *as_made(desired).access_grants["b1"], extra), linked(desired), NOW)
    change = only(result)
    assert (change.action, change.key, change.counts_as_revocation) == (Action.REVOKE, "b1/2:g2", False)
    assert "no part of the guest's stay any more" in change.reason


def test_a_grant_too_many_of_somebody_who_gets_nothing_else_is_a_loss() -> None:
    desired = _couple()
    (access,) = desired.accesses
    first, second = access.grants
    kept = replace(access, grants=(first,), kept=(replace(second, no_new="the room is out of use"),))
    extra = made_grant(second, key="b1/2:g2", space_ids=frozenset({"seam-r102"}))
    there = _with(desired, *as_made(desired).access_grants["b1"], extra)
    change = only(plan(replace(desired, accesses=[kept]), there, linked(desired), NOW))
    assert (change.key, change.counts_as_revocation) == ("b1/2:g2", True)
    assert "no part of the guest's stay any more" in change.reason, "she is on the booking"


def test_an_earlier_room_of_hers_whose_time_is_over_is_left_to_the_night_audit() -> None:
    desired = _couple()
    _, second = desired.accesses[0].grants
    ended = made_grant(second, key="b1/2:g2", ends_at=NOW - timedelta(hours=1))
    assert (
        plan(desired, _with(desired, *as_made(desired).access_grants["b1"], ended), linked(desired), NOW).grants == []
    )


def test_the_pin_is_taken_from_what_lives_before_what_is_being_deleted() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (first,) = access.grants
    later = replace(first, key="b1/2", span=2, space_keys=("r102",), room_key="r102")
    both = replace(desired, accesses=[replace(access, grants=(first, later))])
    there = _with(desired, made_grant(first, being_deleted=True), made_grant(later))
    change = only(plan(both, there, {}, NOW))
    assert [grant.key for grant in change.pin_from] == ["b1/2", "b1"]


def test_the_pin_of_whoever_has_two_rooms_is_taken_from_the_one_that_she_leaves() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (first,) = access.grants
    later = replace(first, key="b1/2", span=2, space_keys=("r102",), room_key="r102")
    both = replace(desired, accesses=[replace(access, grants=(first, later))])
    there = _with(desired, made_grant(first), made_grant(later, space_ids=frozenset({"seam-r103"})))
    change = only(plan(both, there, linked(both), NOW))
    assert (change.action, [grant.key for grant in change.pin_from]) == (Action.REPLACE, ["b1/2", "b1"])


@pytest.mark.parametrize(("left", "is_loss"), [(0, False), (1, True)])
def test_what_ends_at_this_very_moment_is_taken_from_nobody(left: int, is_loss: bool) -> None:
    cancelled = want(make_booking(status=BookingStatus.CANCELLED))
    desired = want(make_booking())
    ends = made_grant(desired.accesses[0].grants[0], ends_at=NOW + timedelta(seconds=left))
    assert only(plan(cancelled, _with(desired, ends), linked(desired), NOW)).counts_as_revocation is is_loss


def test_what_ended_long_ago_and_goes_anyhow_goes_once() -> None:
    desired = want(make_booking())
    ended = made_grant(desired.accesses[0].grants[0], ends_at=NOW - timedelta(days=9))
    there = _with(desired, ended)
    withheld = Withheld("why", Existing.REVOKE)
    going = replace(desired, accesses=[replace(desired.accesses[0], grants=(), withheld=withheld)])
    assert [one.reason for one in plan(going, there, linked(desired), NOW, AUDIT).grants] == ["why"]


def test_of_the_rooms_out_of_use_whoever_has_one_keeps_it_and_gets_no_other() -> None:
    rooms = [*ROOMS, make_room("r103", "103")]
    desired = want(make_booking(), rooms=rooms)
    (access,) = desired.accesses
    (wanted,) = access.grants
    closed = replace(wanted, closed_keys=("r102", "r103"))
    asked = replace(desired, accesses=[replace(access, grants=(closed,))])
    has_one = made_grant(wanted, space_ids=frozenset({"seam-r101", "seam-r102"}))
    assert plan(asked, _with(desired, has_one), linked(desired), NOW).grants == []


# --- reservations and moves -------------------------------------------------------------------------------------------


def test_a_grant_outside_the_reservation_that_its_override_lock_needs_is_made_anew() -> None:
    desired = want(make_booking())
    existing = replace(as_made(desired), reservation_space_ids=frozenset({"seam-r101"}))
    change = only(plan(desired, existing, linked(desired), NOW))
    assert (change.action, change.reservation_key) == (Action.REPLACE, "b1")
    assert "override lock" in change.reason


def test_whoever_takes_anothers_place_does_not_join_the_reservation_that_ends_with_it() -> None:
    both = (make_guest("g1"), make_guest("g2"))
    before, after = (want(make_booking(guest_ids=(one,)), guests=both) for one in ("g1", "g2"))
    existing = replace(as_made(before, reservation_key="b1.2"), reservation_space_ids=frozenset({"seam-r101"}))
    change = only(plan(after, existing, {}, NOW))
    assert (change.action, change.reservation_key) == (Action.REPLACE, "b1")


def test_nobody_joins_a_reservation_that_goes_with_a_grant_on_its_way_out() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    dying = _with(desired, made_grant(wanted, reservation_key="b1.2", being_deleted=True))
    change = only(plan(desired, replace(dying, reservation_space_ids=frozenset({"seam-r101"})), {}, NOW))
    assert (change.action, change.reservation_key) == (Action.CREATE, "b1")


def test_a_move_leaves_the_room_and_not_the_lobby() -> None:
    policy = Policy(common_areas=(CommonArea("lobby", "Lobby"),))
    before = want(make_booking(), policy=policy)
    change = only(plan(want(make_booking(room_id="r102"), policy=policy), as_made(before), linked(before), NOW))
    assert change.moves_from == {"seam-r101"}


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_a_grant_whose_end_is_remembered_wrongly_is_remembered_anew() -> None:
    desired = want(make_booking())
    links = linked(desired)
    links[(Kind.ACCESS_GRANT, "b1")].ends_at = NOW
    result = plan(desired, as_made(desired), links, NOW)
    assert [(one.key, one.ends_at) for one in result.links] == [("b1", desired.accesses[0].grants[0].ends_at)]
    assert result.unchanged[Kind.ACCESS_GRANT] == 1


@pytest.mark.parametrize(("seam_id", "cause"), [("grant-b1", Cause.DRIFT), ("another", None)])
def test_a_grant_that_somebody_prolonged_before_it_goes_is_drift_and_one_we_never_made_is_not(
    seam_id: str, cause: Cause | None
) -> None:
    desired = want(make_booking())
    links = linked(desired)
    links[(Kind.ACCESS_GRANT, "b1")].seam_id = seam_id
    links[(Kind.ACCESS_GRANT, "b1")].ends_at = NOW + timedelta(hours=1)
    cancelled = want(make_booking(status=BookingStatus.CANCELLED))
    assert only(plan(cancelled, as_made(desired), links, NOW)).cause is cause


def test_the_link_of_a_later_generation_stays_when_a_former_one_goes() -> None:
    desired = want(make_booking())
    (wanted,) = desired.accesses[0].grants
    links = linked(desired)
    links[(Kind.ACCESS_GRANT, "b1")].seam_id, links[(Kind.ACCESS_GRANT, "b1")].generation = "grant-b1.2", 2
    there = _with(desired, made_grant(wanted, user_identity_id="seam-g9"), made_grant(wanted, key="b1.2"))
    assert only(plan(desired, there, links, NOW)).forgets is None
    cancelled = want(make_booking(status=BookingStatus.CANCELLED))
    gone = plan(cancelled, _with(desired, made_grant(wanted, key="b1.2")), links, NOW)
    assert only(gone).forgets == "b1"


@pytest.mark.parametrize("is_orphan", [False, True])
def test_what_may_be_somebody_elses_is_never_remembered_as_ours(is_orphan: bool) -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    stays = replace(access, grants=(), withheld=Withheld("why", Existing.KEEP, Outcome.ALERT, is_orphan=is_orphan))
    result = plan(replace(desired, accesses=[stays]), as_made(desired), {}, NOW)
    assert result.grants == []
    assert [one.key for one in result.links if one.kind is Kind.ACCESS_GRANT] == ([] if is_orphan else ["b1"])


def test_the_end_of_what_stays_is_remembered_anew_where_it_was_wrong() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    stays = replace(desired, accesses=[replace(access, grants=(), withheld=Withheld("why", Existing.KEEP))])
    links = linked(desired)
    assert plan(stays, as_made(desired), links, NOW).links == []
    links[(Kind.ACCESS_GRANT, "b1")].ends_at = NOW
    assert [one.ends_at for one in plan(stays, as_made(desired), links, NOW).links] == [access.grants[0].ends_at]


# --- what stays although nothing new is made --------------------------------------------------------------------------


def test_whose_times_the_pms_does_not_know_keeps_those_that_seam_has() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (wanted,) = access.grants
    unclear = replace(wanted, no_new="the PMS says something that we do not know", keeps_times=True)
    there = _with(desired, made_grant(wanted, ends_at=NOW + timedelta(days=90)))
    result = plan(replace(desired, accesses=[replace(access, grants=(unclear,))]), there, linked(desired), NOW)
    assert result.changes() == []


def test_an_unknown_status_keeps_only_the_room_that_the_booking_has() -> None:
    made = want(make_booking())
    moved = want(make_booking(status=BookingStatus.UNKNOWN, room_id="r102"))
    assert only(plan(moved, as_made(made), linked(made), NOW)).action is Action.REVOKE


def test_only_whoever_had_a_door_that_is_closed_now_keeps_it() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    (wanted,) = access.grants
    closed = replace(desired, accesses=[replace(access, grants=(replace(wanted, closed_keys=("r102",)),))])
    both = frozenset({"seam-r101", "seam-r102"})
    assert plan(closed, _with(desired, made_grant(wanted, space_ids=both)), linked(desired), NOW).changes() == []
    strangers = made_grant(wanted, space_ids=both, user_identity_id="seam-g9")
    assert only(plan(closed, _with(desired, strangers), linked(desired), NOW)).grant == replace(
        wanted, closed_keys=("r102",)
    )


def test_a_booking_that_is_not_understood_is_told_by_the_key_that_its_access_has() -> None:
    made = want(make_booking())
    unclear = want(make_booking(status=BookingStatus.UNKNOWN))
    result = plan(unclear, as_made(made, key="b1.2"), linked(made), NOW)
    assert [note.key for note in result.notes if note.outcome is Outcome.ALERT] == ["b1.2"]
    assert [note.key for note in plan(unclear, _with(made), {}, NOW).notes if note.outcome is Outcome.ALERT] == ["b1"]


@pytest.mark.parametrize("elsewhere", [False, True])
def test_the_pin_of_a_booking_that_may_be_in_another_property_is_kept(elsewhere: bool) -> None:
    made = want(make_booking())
    (access,) = made.accesses
    orphan = replace(access, grants=(), withheld=Withheld("gone", Existing.REVOKE, is_orphan=True))
    desired = replace(made, accesses=[orphan], may_be_elsewhere=elsewhere)
    assert only(plan(desired, as_made(made), linked(made), NOW)).keeps_pin_of == ("g1" if elsewhere else None)


def test_an_unknown_status_takes_nobodys_room_because_the_lobby_is_open_to_her_as_well() -> None:
    lobby = replace(POLICY, common_areas=(CommonArea("lobby", "Lobby"),))
    made = want(make_booking(), policy=lobby)
    unclear = want(make_booking(status=BookingStatus.UNKNOWN), policy=lobby)
    assert plan(unclear, as_made(made), linked(made), NOW).changes() == []


def test_what_goes_is_not_remembered_as_being_in_step() -> None:
    made = want(make_booking())
    cancelled = plan(want(make_booking(status=BookingStatus.CANCELLED)), as_made(made), {}, NOW)
    assert only(replace(cancelled, spaces=[], identities=[])).action is Action.REVOKE
    assert [one for one in (*cancelled.links, *cancelled.adopted) if one.kind == Kind.ACCESS_GRANT] == []


# --- people -----------------------------------------------------------------------------------------------------------


def test_who_was_merged_with_another_in_seam_keeps_the_contact_that_the_pms_does_not_have() -> None:
    desired = want(make_booking(), guests=(make_guest(email=None, phone=None),))
    existing = as_made(desired)
    hers = {"email_address": "other@example.com", "phone_number": "+436601234567"}
    merged = replace(existing.user_identities["g1"], **hers, merged_keys=("g7",))
    existing = replace(existing, user_identities={"g1": merged})
    assert plan(desired, existing, linked(desired), NOW).identities == []


@pytest.mark.parametrize(("taken", "asked_again"), [(HELD_BY_ANOTHER, True), ("", False)])
def test_a_run_over_everything_asks_again_for_a_contact_that_another_had(taken: str, asked_again: bool) -> None:
    desired = want(make_booking())
    identity = desired.user_identities["g1"]
    existing = as_made(desired)
    bare = ExistingUserIdentity("seam-g1", "g1", identity.full_name, None, identity.phone_number)
    existing = replace(existing, user_identities={"g1": bare}, contact_holders={})
    links = linked(desired)
    without = fingerprint(replace(identity, email_address=None))
    links[(Kind.USER_IDENTITY, "g1")] = link("seam-g1", taken + fingerprint(identity), without)
    assert plan(desired, existing, links, NOW).identities == []
    assert bool(plan(desired, existing, links, NOW, AUDIT).identities) is asked_again


def test_a_phone_that_comes_changes_or_goes_is_told_as_that() -> None:
    for before, after, reason in (
        (None, "+436601234567", "phone changed"),
        ("+436601234567", "+436607654321", "phone changed"),
        ("+436601234567", None, "phone removed"),
    ):
        known = want(make_booking(), guests=(make_guest(phone=before),))
        told = want(make_booking(), guests=(make_guest(phone=after),))
        change = only(plan(told, as_made(known), linked(known), NOW))
        assert (change.kind, change.action, change.reason) == (Kind.USER_IDENTITY, Action.UPDATE, reason)


def test_a_person_whom_somebody_deleted_in_seam_is_drift_and_a_new_one_is_not() -> None:
    desired = want(make_booking())
    there = replace(as_made(desired), user_identities={}, access_grants={})
    links = linked(desired)
    lost = plan(desired, there, links, NOW).identities[0]
    assert (lost.action, lost.reason, lost.cause) == (Action.CREATE, DELETED_BY_OTHERS, Cause.DRIFT)
    del links[(Kind.USER_IDENTITY, "g1")]
    new = plan(desired, there, links, NOW).identities[0]
    assert (new.action, new.reason, new.cause) == (Action.CREATE, "new guest", None)


def test_other_doors_or_another_person_in_what_we_made_is_drift_and_a_missing_reservation_is_not() -> None:
    desired = want(make_booking())
    existing = as_made(desired)
    grant = existing.access_grants["b1"][0]
    for one in (replace(grant, space_ids=frozenset({"seam-r102"})), replace(grant, user_identity_id="seam-g9")):
        change = only(plan(desired, replace(existing, access_grants={"b1": (one,)}), linked(desired), NOW))
        assert (change.action, change.cause) == (Action.REPLACE, Cause.DRIFT)
    override = replace(existing, reservation_space_ids=frozenset({"seam-r101"}))
    change = only(plan(desired, override, linked(desired), NOW))
    assert (change.action, change.cause) == (Action.REPLACE, None)


def test_a_person_whom_the_pms_has_under_another_id_gets_the_key_of_that_one() -> None:
    desired = want(make_booking())
    existing = as_made(desired)
    before = replace(existing.user_identities["g1"], key="g7")
    change = plan(desired, replace(existing, user_identities={"g1": before}), {}, NOW).identities[0]
    assert (change.action, change.forgets) == (Action.UPDATE, "g7")
    assert "under another id now" in change.reason


def test_whoever_needs_a_new_pin_and_moves_is_told_to_move_and_gets_no_former_digits() -> None:
    policy = Policy(pin="phone_last_4")
    people = (make_guest(phone="+436601234567"),)
    made = want(make_booking(), guests=people, policy=policy)
    assert made.accesses[0].grants[0].pin == "4567"
    moved = want(make_booking(room_id="r102"), guests=people, policy=policy)
    moved = replace(moved, new_pins={"grant-b1": "new PIN: it was another guest's"})
    change = only(plan(moved, as_made(made), linked(made), NOW))
    assert change.grant is not None
    assert (change.grant.keeps_pin, change.grant.pin) == (False, None)
    assert "102" in change.reason


def test_who_was_merged_into_another_in_seam_is_not_told_over_her() -> None:
    desired = want(make_booking())
    existing = as_made(desired)
    into = ExistingUserIdentity("seam-g1", "g7", "Somebody Else", "other@example.com", merged_keys=("g1",))
    existing = replace(existing, user_identities={**existing.user_identities, "g1": into})
    changes = plan(desired, existing, linked(desired), NOW, AUDIT).changes()
    assert not [one for one in changes if one.kind is Kind.USER_IDENTITY and one.key == "g1"]


def test_whom_seam_knows_by_another_key_since_she_was_merged_keeps_that_key() -> None:
    desired = want(make_booking())
    existing = as_made(desired)
    merged = replace(existing.user_identities["g1"], key="g7", merged_keys=("g8",))
    existing = replace(existing, user_identities={"g1": merged})
    assert plan(desired, existing, linked(desired), NOW, AUDIT).identities == []


def test_a_change_is_told_by_who_and_where_else_by_the_booking() -> None:
    desired = want(make_booking())
    (access,) = desired.accesses
    assert access.grants[0].label
    access = replace(access, label="the booking")
    for label, told in ((access.grants[0].label, access.grants[0].label), ("", "the booking")):
        one = replace(access, grants=(replace(access.grants[0], label=label),))
        result = plan(replace(desired, accesses=[one]), ExistingResources({}, {}, {}), {}, NOW, AUDIT)
        assert [change.label for change in result.changes() if change.kind is Kind.ACCESS_GRANT] == [told]
