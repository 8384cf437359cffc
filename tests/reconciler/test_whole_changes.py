"""What a change says, all of it at once, so that no part can be lost on the way; and moments at which something ends,
to the second."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.records import BookingStatus
from mappers.access import BookingAccess, Withheld
from mappers.access import Existing as What
from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome, OutcomeRow
from mappers.resources import DesiredSpace
from reconciler.changes import Change, fingerprint
from reconciler.draft import DELETED_BY_OTHERS, Audit, Desired
from reconciler.planner import plan
from seam_workspace.existing import ExistingAccessGrant, ExistingDoor, ExistingResources
from tests.builders import NOW, make_booking, make_guest
from tests.reconciler.test_planner import AUDIT, as_made, linked, made_grant, want

SECOND = timedelta(seconds=1)


def desired_of(**booking: Any) -> Desired:
    return replace(want(make_booking(**booking)), property_id="hotel")


def link_of(desired: Desired, **rest: Any) -> Link:
    (wanted,) = desired.accesses[0].grants
    mark = fingerprint(wanted)
    link = Link(
        Kind.ACCESS_GRANT,
        "b1",
        "",
        1,
        mark,
        mark,
        "hotel",
        "b1",
        "g1",
        wanted.ends_at,
        "J.N. 101",
        wanted.starts_at,
    )
    return replace(link, **rest)


def row(*fields: Any, **rest: Any) -> tuple[Any, ...]:
    return shown(OutcomeRow(Kind.ACCESS_GRANT, *fields, **rest))


def shown(one: OutcomeRow) -> tuple[Any, ...]:
    """A line of the report, without what its sentences were put together from."""
    return one.kind, one.key, one.action, one.outcome, one.reason, one.error, one.label, one.booking_id, one.cause


def grants_of(desired: Desired, existing: ExistingResources, links: Any, audit: Audit | None = None) -> list[Change]:
    return plan(desired, existing, links, NOW, audit).grants


def test_a_new_grant() -> None:
    desired = desired_of()
    existing = replace(as_made(desired), access_grants={})
    assert grants_of(desired, existing, {}) == [
        Change(
            Kind.ACCESS_GRANT,
            Action.CREATE,
            "b1",
            "new access from 20 Sep 15:00 to 23 Sep 11:00",
            "b1",
            "J.N. 101",
            grant=desired.accesses[0].grants[0],
            link=link_of(desired),
        )
    ]


def test_a_grant_whose_end_has_changed() -> None:
    before, desired = desired_of(), desired_of(departure=NOW + timedelta(days=9))
    existing = as_made(before)
    (grant,) = existing.access_grants["b1"]
    assert grants_of(desired, existing, linked(before)) == [
        Change(
            Kind.ACCESS_GRANT,
            Action.UPDATE,
            "b1",
            "guest extended: ends 23 Sep 11:00 -> 27 Sep 12:00",
            "b1",
            "J.N. 101",
            grant=desired.accesses[0].grants[0],
            existing_grants=(grant,),
            pin_from=(grant,),
            link=link_of(desired),
        )
    ]


def test_a_grant_of_another_room() -> None:
    before, desired = desired_of(), desired_of(room_id="r102")
    existing = as_made(before)
    (grant,) = existing.access_grants["b1"]
    (change,) = grants_of(desired, existing, linked(before))
    assert change == Change(
        Kind.ACCESS_GRANT,
        Action.REPLACE,
        "b1",
        change.reason,
        "b1",
        "J.N. 102",
        grant=desired.accesses[0].grants[0],
        existing_grants=(grant,),
        pin_from=(grant,),
        moves_from=frozenset({"seam-r101"}),
        moves_to="seam-r102",
        link=link_of(desired, label="J.N. 102"),
    )


def test_a_grant_of_a_booking_that_was_cancelled() -> None:
    before, desired = desired_of(), desired_of(status=BookingStatus.CANCELLED)
    existing = as_made(before)
    (grant,) = existing.access_grants["b1"]
    assert grants_of(desired, existing, linked(before)) == [
        Change(
            Kind.ACCESS_GRANT,
            Action.REVOKE,
            "b1",
            "booking cancelled",
            "b1",
            "J.N. 101",
            existing_grants=(grant,),
            counts_as_revocation=True,
            forgets="b1",
        )
    ]


def test_a_grant_that_ended_long_ago() -> None:
    over = NOW - AUDIT.retain_grants
    desired = desired_of(arrival=over - timedelta(days=1), departure=over)
    grant = made_grant(want(make_booking()).accesses[0].grants[0], ends_at=over)
    existing = replace(as_made(desired), access_grants={"b1": (grant,)})
    (change,) = grants_of(desired, existing, {}, AUDIT)
    assert change == Change(
        Kind.ACCESS_GRANT,
        Action.REVOKE,
        "b1",
        "ended on 16 Sep 2026 10:00, and the policy keeps ended grants no longer",
        "b1",
        existing_grants=(grant,),
        forgets="b1",
    )
    young = replace(grant, ends_at=over + SECOND)
    later = desired_of(arrival=over - timedelta(days=1), departure=over + SECOND)
    for here, audit in (((young,), AUDIT), ((grant,), None), ((replace(grant, being_deleted=True),), AUDIT)):
        assert grants_of(later, replace(existing, access_grants={"b1": here}), {}, audit) == []


def test_a_grant_that_is_in_step_and_was_not_known() -> None:
    desired = desired_of()
    existing = as_made(desired, key="b1.2")
    (grant,) = existing.access_grants["b1"]
    result = plan(desired, existing, {}, NOW)
    known = link_of(desired, seam_id=grant.id, generation=2, space_ids=frozenset({"seam-r101"}))
    assert [one for one in result.links if one.kind == Kind.ACCESS_GRANT] == [known]
    assert [shown(one) for one in result.adopted if one.kind == Kind.ACCESS_GRANT] == [
        row(
            "b1.2",
            Action.ADOPT,
            Outcome.PLANNED,
            "Seam has it already, as it should be",
            label="J.N. 101",
            booking_id="b1",
        )
    ]


@pytest.mark.parametrize(
    "other",
    [
        {"seam_id": "another"},
        {"ends_at": None},
        {"space_ids": frozenset({"seam-r102"})},
        {"booking_id": "b9"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_a_link_that_says_something_else_of_a_grant_in_step_is_put_right_and_the_grant_is_not_found_anew(
    other: dict[str, Any],
) -> None:
    desired = desired_of()
    existing, links = as_made(desired), linked(desired)
    (grant,) = existing.access_grants["b1"]
    for name, value in other.items():
        setattr(links[Kind.ACCESS_GRANT, "b1"], name, value)
    result = plan(desired, existing, links, NOW)
    known = link_of(desired, seam_id=grant.id, space_ids=frozenset({"seam-r101"}))
    assert (result.links, result.adopted, result.changes()) == ([known], [], [])
    assert result.unchanged[Kind.ACCESS_GRANT] == 1


@pytest.mark.parametrize(("ends_at", "goes"), [(NOW, False), (NOW + SECOND, True), (None, True), (NOW - SECOND, False)])
def test_what_somebody_who_stays_has_beside_goes_unless_it_is_over(ends_at: datetime | None, goes: bool) -> None:
    desired = desired_of()
    existing = as_made(desired)
    (grant,) = existing.access_grants["b1"]
    beside = replace(grant, id="beside", key="b1/2", space_ids=frozenset({"seam-r102"}), ends_at=ends_at)
    changes = grants_of(desired, replace(existing, access_grants={"b1": (grant, beside)}), linked(desired))
    assert [(one.existing_grants, one.counts_as_revocation) for one in changes] == (
        [((beside,), False)] if goes else []
    )


@pytest.mark.parametrize("ends_at", [NOW, NOW + SECOND])
def test_of_a_grant_that_is_going_it_is_told_until_it_is_over(ends_at: datetime) -> None:
    desired = desired_of(status=BookingStatus.CANCELLED)
    made = as_made(desired_of())
    dying = replace(made.access_grants["b1"][0], being_deleted=True, ends_at=ends_at)
    result = plan(desired, replace(made, access_grants={"b1": (dying,)}), {}, NOW)
    said = "old access (101) is still being deleted, and may open until then"
    told = [row("b1", Action.REVOKE, Outcome.WAITING, said, None, "J.N. 101", "b1")]
    change = Change(Kind.ACCESS_GRANT, Action.REVOKE, "b1", said, "b1", "J.N. 101", existing_grants=(dying,))
    assert ([shown(one) for one in result.notes], result.dying) == (
        (told, [(change, ["101"])]) if ends_at > NOW else ([], [])
    )


@pytest.mark.parametrize("ended", [NOW, NOW + SECOND])
def test_what_goes_after_its_end_is_taken_from_nobody(ended: datetime) -> None:
    existing = as_made(desired_of())
    grant = replace(existing.access_grants["b1"][0], ends_at=ended)
    (change,) = grants_of(
        desired_of(status=BookingStatus.CANCELLED), replace(existing, access_grants={"b1": (grant,)}), {}
    )
    assert change.counts_as_revocation is (ended > NOW)


def _withheld(**rest: Any) -> tuple[Desired, ExistingResources, ExistingAccessGrant]:
    """Nothing new is made for the booking."""
    desired = desired_of()
    existing = as_made(desired)
    access = replace(desired.accesses[0], grants=(), withheld=Withheld("why", **({"existing": What.KEEP} | rest)))
    return replace(desired, accesses=[access]), existing, existing.access_grants["b1"][0]


def test_what_is_kept_is_remembered_by_its_person_and_its_times_unless_that_is_known() -> None:
    desired, existing, grant = _withheld()
    existing = replace(existing, access_grants={"b1": (replace(grant, key="b1.3"),)})
    known = Link(
        Kind.ACCESS_GRANT,
        "b1",
        grant.id,
        3,
        property_id="hotel",
        booking_id="b1",
        user_identity_key="g1",
        ends_at=grant.ends_at,
        label="J.N. 101",
        starts_at=grant.starts_at,
        space_ids=frozenset({"seam-r101"}),
    )
    result = plan(desired, existing, {}, NOW)
    assert [one for one in result.links if one.kind == Kind.ACCESS_GRANT] == [known]
    links = linked(desired_of())
    for name, value in (("seam_id", "another"), ("ends_at", None)):
        setattr(links[Kind.ACCESS_GRANT, "b1"], name, value)
        assert [one.seam_id for one in plan(desired, existing, links, NOW).links] == [grant.id]
        links = linked(desired_of())
    assert plan(desired, existing, links, NOW).links == []


@pytest.mark.parametrize(("later", "goes"), [(timedelta(0), False), (SECOND, True)])
def test_nobody_keeps_access_a_second_longer_than_the_stay(later: timedelta, goes: bool) -> None:
    desired, existing, grant = _withheld(access_until=NOW)
    existing = replace(existing, access_grants={"b1": (replace(grant, ends_at=NOW + later),)})
    assert [one.reason for one in grants_of(desired, existing, {})] == (["why"] if goes else [])


def test_of_what_is_withheld_people_and_rooms_that_are_named_keep_what_they_have_and_others_do_not() -> None:
    people, rooms = frozenset({"g1", "g9"}), frozenset({"r101"})
    for names, reason in (
        ({"people": people, "room_keys": rooms}, None),
        ({"people": frozenset({"g9"}), "room_keys": rooms}, "is no longer on the booking"),
        ({"people": people, "room_keys": frozenset({"r102"})}, "is no part of the guest's stay any more"),
    ):
        desired, existing, _ = _withheld(**names)
        changes = grants_of(desired, existing, {})
        assert len(changes) == (0 if reason is None else 1)
        assert all(str(reason) in one.reason for one in changes)


def test_an_orphan_is_told_as_that_and_keeps_its_pin_only_where_it_may_be_elsewhere() -> None:
    for is_elsewhere in (False, True):
        desired, existing, _ = _withheld(existing=What.REVOKE, is_orphan=True, outcome=Outcome.ALERT)
        (change,) = grants_of(replace(desired, may_be_elsewhere=is_elsewhere), existing, {})
        assert (change.cause, change.keeps_pin_of) == (Cause.ORPHAN, "g1" if is_elsewhere else None)
    desired, existing, _ = _withheld(existing=What.REVOKE, outcome=Outcome.WAITING)
    (change,) = grants_of(desired, existing, {})
    assert (change.cause, change.keeps_pin_of) == (None, "g1"), "she waits for something, and may have it again"


def test_what_somebody_else_prolonged_and_goes_is_drift() -> None:
    desired, existing, grant = _withheld(existing=What.REVOKE)
    links = linked(desired_of())
    for ends_at, seam_id, cause in (
        (grant.ends_at, grant.id, None),
        (None, grant.id, Cause.DRIFT),
        (None, "another", None),
    ):
        links[Kind.ACCESS_GRANT, "b1"].ends_at, links[Kind.ACCESS_GRANT, "b1"].seam_id = ends_at, seam_id
        assert [one.cause for one in grants_of(desired, existing, links)] == [cause]


def test_a_grant_that_is_not_due_yet_waits_and_its_booking_is_read_again_then() -> None:
    far = desired_of(arrival=NOW + timedelta(days=15), departure=NOW + timedelta(days=16))
    due_at = NOW + timedelta(days=1)
    existing = replace(as_made(far), access_grants={})
    waits = plan(far, existing, {}, NOW)
    said = "access is made from 19 Sep 12:00 (arrival 3 Oct 12:00)"
    assert (waits.grants, waits.look_again) == ([], {"b1": due_at})
    assert [shown(one) for one in waits.notes] == [
        row("b1", Action.WAIT, Outcome.WAITING, said, None, "J.N. 101", "b1")
    ]
    assert [one.action for one in plan(far, existing, {}, due_at).grants] == [Action.CREATE]
    assert plan(far, existing, {}, due_at - SECOND).grants == []


def test_who_is_new_and_who_has_changed_is_told_whole() -> None:
    desired = replace(want(make_booking(), guests=(make_guest(phone="+436601234567"),)), property_id="hotel")
    identity = desired.user_identities["g1"]
    mark = fingerprint(identity)
    link = Link(Kind.USER_IDENTITY, "g1", "", 1, mark, mark, "hotel")
    new = plan(desired, replace(as_made(desired), user_identities={}, access_grants={}), {}, NOW).identities
    assert new == [
        Change(Kind.USER_IDENTITY, Action.CREATE, "g1", "new guest", label="J.N. 101", identity=identity, link=link)
    ]
    existing = as_made(desired)
    before = replace(existing.user_identities["g1"], full_name="Jana N", email_address="x@example.com")
    changed = plan(desired, replace(existing, user_identities={"g1": before}), {}, NOW).identities
    assert changed == [
        Change(
            Kind.USER_IDENTITY,
            Action.UPDATE,
            "g1",
            "name changed; e-mail changed",
            label="J.N. 101",
            identity=identity,
            existing_identity=before,
            link=link,
        )
    ]


def test_an_access_without_grants_asks_for_nobodys_identity() -> None:
    desired = desired_of()
    access: BookingAccess = replace(desired.accesses[0], grants=())
    result = plan(replace(desired, accesses=[access]), replace(as_made(desired), user_identities={}), {}, NOW)
    assert result.identities == []


def test_a_new_house_is_told_whole() -> None:
    desired = desired_of(status=BookingStatus.CANCELLED)
    result = plan(desired, ExistingResources({}, {}, {}), {}, NOW)
    assert [(one.key, one.space, one.label) for one in result.spaces] == [
        (space.key, space, space.name) for space in desired.spaces
    ]
    assert {one.link.property_id for one in result.spaces if one.link} == {"hotel"}
    assert result.grants == []


# --- rooms ------------------------------------------------------------------------------------------------------------


def room_link(wanted: DesiredSpace, seam_id: str = "", mark: str | None = None) -> Link:
    return Link(Kind.SPACE, wanted.key, seam_id, 1, mark, mark, "hotel", label=wanted.name)


def test_a_new_room() -> None:
    desired = desired_of()
    wanted = desired.spaces[0]
    there = as_made(desired)
    existing = replace(there, spaces={key: one for key, one in there.spaces.items() if key != wanted.key})
    link = room_link(wanted, mark=fingerprint(wanted))
    new = Change(Kind.SPACE, Action.CREATE, "r101", "new room 101", label="101", space=wanted, link=link)
    assert plan(desired, existing, {}, NOW).spaces == [new]
    lost = replace(new, reason=DELETED_BY_OTHERS, cause=Cause.DRIFT)
    assert plan(desired, existing, linked(desired), NOW).spaces == [lost]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"name": "Room"}, "name Room -> 101"),
        ({"time_zone": None}, "time zone unknown -> Europe/Vienna"),
        ({"check_in": "14:00:00"}, "check-in 14:00:00 -> 15:00"),
        ({"check_out": None}, "check-out unknown -> 11:00"),
        ({"name": "Room", "check_in": "14:00"}, "name Room -> 101; check-in 14:00 -> 15:00"),
        ({"check_in": "15:00:30"}, None),
    ],
)
def test_a_room_that_says_something_else(found: dict[str, Any], said: str | None) -> None:
    desired = desired_of()
    wanted, existing = desired.spaces[0], as_made(desired)
    there = replace(existing.spaces["r101"], **found)
    changes = plan(desired, replace(existing, spaces={**existing.spaces, "r101": there}), {}, NOW).spaces
    link = room_link(wanted, mark=fingerprint(wanted))
    if said is None:
        assert changes == []
    else:
        assert changes == [
            Change(
                Kind.SPACE,
                Action.UPDATE,
                "r101",
                said,
                label="101",
                space=wanted,
                existing_space=there,
                link=link,
            )
        ]


def test_a_room_gets_the_locks_that_there_are_and_loses_those_of_others() -> None:
    desired = desired_of()
    doors = {one: ExistingDoor(one, f"Lock {one}", frozenset(), False) for one in ("a", "b", "c")}
    wanted = replace(desired.spaces[0], door_ids=frozenset({"a", "b", "not listed"}))
    desired, existing = replace(desired, spaces=[wanted]), as_made(desired)

    def said(*there: str) -> list[str]:
        space = replace(existing.spaces["r101"], door_ids=frozenset(there))
        found = replace(existing, spaces={"r101": space}, doors=doors)
        return [str(one.reason) for one in plan(desired, found, {}, NOW).spaces]

    assert said("a", "b") == []
    (both,) = said("b", "c", "gone")
    assert "Lock a" in both
    assert "Lock c, gone" in both
    assert "Lock b" not in both


def test_a_room_that_is_in_step_and_was_not_known_or_belongs_to_another_customer() -> None:
    desired = desired_of()
    existing = as_made(desired)
    result = plan(desired, existing, {}, NOW)
    assert [one for one in result.links if one.kind == Kind.SPACE] == [
        room_link(one, f"seam-{one.key}") for one in desired.spaces
    ]
    assert Kind.SPACE not in result.unchanged
    elsewhere = replace(existing.spaces["r101"], customer_key="another")
    told = plan(desired, replace(existing, spaces={**existing.spaces, "r101": elsewhere}), linked(desired), NOW)
    (note,) = told.notes
    assert (note.kind, note.key, note.action, note.outcome, note.label) == (
        Kind.SPACE,
        "r101",
        Action.KEEP,
        Outcome.ALERT,
        "101",
    )
    assert told.spaces == []


def test_a_space_whose_room_is_gone_is_told_and_deleted_only_where_that_is_sure() -> None:
    desired = desired_of(status=BookingStatus.CANCELLED)
    existing = as_made(desired)
    space = replace(existing.spaces["r101"], id="seam-r9", key="r9", name="109")
    existing = replace(existing, spaces={**existing.spaces, "r9": space})
    links = linked(desired)
    links[Kind.SPACE, "r9"] = links[Kind.SPACE, "r101"]
    deletes = replace(AUDIT, delete_orphan_spaces=True)
    retired = replace(desired, retired_spaces=frozenset({"r9"}))
    said = "the PMS has room 109 no longer in use, and the policy says to delete its Space"
    assert plan(retired, existing, links, NOW, deletes).spaces == [
        Change(
            Kind.SPACE,
            Action.REVOKE,
            "r9",
            said,
            label="109",
            existing_space=space,
            cause=Cause.ORPHAN,
            forgets="r9",
        )
    ]
    grant = made_grant(desired_of().accesses[0].grants[0], space_ids=frozenset({"seam-r9"}))
    opened = replace(existing, access_grants={"b7": (grant,)})
    dying = replace(existing, access_grants={"b7": (replace(grant, being_deleted=True),)})
    unknown = {key: one for key, one in links.items() if key != (Kind.SPACE, "r9")}
    orphan = "orphan: Seam has Space 109, the PMS has no such room any more"
    later = "the PMS has room 109 no longer in use; its Space is deleted when nobody has a key any more"
    for of, there, known, audit, notes in (
        (retired, opened, links, deletes, [later]),
        (retired, existing, links, AUDIT, [orphan]),
        (desired, existing, links, deletes, [orphan]),
        (retired, existing, unknown, deletes, [orphan]),
        (retired, existing, unknown, replace(deletes, is_our_space=lambda key: False), []),
        (replace(retired, spaces_to_leave=frozenset({"r9"})), existing, links, deletes, []),
    ):
        result = plan(of, there, known, NOW, audit)
        assert ([one.reason for one in result.notes], result.spaces) == (notes, [])
        assert {(one.kind, one.key, one.action, one.outcome, one.label, one.cause) for one in result.notes} <= {
            (Kind.SPACE, "r9", Action.KEEP, Outcome.ALERT, "109", Cause.ORPHAN)
        }
    assert [one.action for one in plan(retired, dying, links, NOW, deletes).spaces] == [Action.REVOKE]
