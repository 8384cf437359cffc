"""Plans the Spaces of a property: rooms that have none, Spaces that say something else, and orphans. Pure."""

from collections.abc import Mapping

from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome, OutcomeRow
from mappers.resources import DesiredSpace
from mappers.sentences import message, messages, say, say_number, together
from reconciler.changes import Change, fingerprint
from reconciler.draft import CHANGED_BY_OTHERS, DELETED_BY_OTHERS, Audit, Draft
from seam_workspace.existing import ExistingDoor, ExistingSpace

GETS = messages("gets the lock {locks}", "gets the locks {locks}")
LOSES = messages("loses the lock {locks}", "loses the locks {locks}")


def plan_rooms(draft: Draft) -> None:
    """Adds to the plan what the rooms and common areas need."""
    for wanted in draft.desired.spaces:
        found = draft.existing.spaces.get(wanted.key)
        if found is None:
            lost = (Kind.SPACE, wanted.key) in draft.links
            reason: str = DELETED_BY_OTHERS if lost else say("new room {room}", room=wanted.name)
            draft.plan.spaces.append(_change(draft, Action.CREATE, wanted, reason, None, lost))
            continue
        if found.being_deleted:
            _tell(
                draft,
                Action.WAIT,
                wanted.key,
                wanted.name,
                say(
                    "Seam is deleting the Space of {room}, and with it the access of whoever is in there: nobody is "
                    "given new access to it; it is made again as soon as it is gone",
                    room=wanted.name,
                ),
            )
            continue
        differences = _differences(wanted, found, draft.existing.doors)
        if differences:
            drifted = draft.made_so(Kind.SPACE, wanted)
            reason = together((CHANGED_BY_OTHERS, *differences) if drifted else differences)
            draft.plan.spaces.append(_change(draft, Action.UPDATE, wanted, reason, found, drifted))
            continue
        if found.customer_key != wanted.customer_key:
            _tell(
                draft,
                Action.KEEP,
                wanted.key,
                wanted.name,
                say(
                    "Space {room} belongs to another customer_key in Seam, and Seam cannot change that: delete the "
                    "Space in Seam, the next run makes it anew",
                    room=wanted.name,
                ),
            )
        link = draft.links.get((Kind.SPACE, wanted.key))
        if link is not None:
            draft.count_unchanged(Kind.SPACE)
        if link is None or link.seam_id != found.id:
            draft.in_step(Link(Kind.SPACE, wanted.key, found.id, label=wanted.name))


def _change(
    draft: Draft, action: Action, wanted: DesiredSpace, reason: str, found: ExistingSpace | None, drifted: bool
) -> Change:
    mark = fingerprint(wanted)
    return Change(
        Kind.SPACE,
        action,
        wanted.key,
        reason,
        label=wanted.name,
        space=wanted,
        existing_space=found,
        cause=Cause.DRIFT if drifted else None,
        link=Link(Kind.SPACE, wanted.key, "", 1, mark, mark, draft.desired.property_id, label=wanted.name),
    )


def _tell(draft: Draft, action: Action, key: str, name: str, reason: str, cause: Cause | None = None) -> None:
    draft.plan.notes.append(OutcomeRow(Kind.SPACE, key, action, Outcome.ALERT, reason, label=name, cause=cause))


def _differences(wanted: DesiredSpace, found: ExistingSpace, doors: Mapping[str, ExistingDoor]) -> list[str]:
    differences: list[str] = []
    if wanted.name != found.name:
        differences.append(say("name {before} -> {after}", before=found.name, after=wanted.name))
    if wanted.time_zone is not None and wanted.time_zone != found.time_zone:
        differences.append(
            say("time zone {before} -> {after}", before=found.time_zone or say("unknown"), after=wanted.time_zone)
        )
    for told, time, text in (
        (message("check-in {before} -> {after}"), wanted.check_in, found.check_in),
        (message("check-out {before} -> {after}"), wanted.check_out, found.check_out),
    ):
        hour = "" if time is None else f"{time:%H:%M}"
        if hour and (text or "")[:5] != hour:
            differences.append(say(told, before=text or say("unknown"), after=hour))
    if wanted.door_ids is not None and found.door_ids is not None:
        # A lock that Seam does not list (any more) cannot be put anywhere.
        there = {door_id for door_id in wanted.door_ids if door_id in doors}
        for words, ids in ((GETS, there - found.door_ids), (LOSES, found.door_ids - there)):
            names = sorted(doors[door_id].name if door_id in doors else door_id for door_id in ids)
            if names:
                differences.append(say_number(len(names), *words, locks=", ".join(names)))
    return differences


def plan_orphans(draft: Draft, audit: Audit) -> None:
    """Spaces of ours whose rooms the PMS does not have any more: told, and deleted only where the policy says so."""
    desired, existing = draft.desired, draft.existing
    wanted = {space.key for space in desired.spaces}
    opened = {
        space_id
        for grants in existing.access_grants.values()
        for grant in grants
        if not grant.being_deleted
        for space_id in grant.space_ids
    }
    for key, found in existing.spaces.items():
        if key in wanted or key in desired.spaces_to_leave or found.being_deleted:
            continue
        known = (Kind.SPACE, key) in draft.links
        if not known and not audit.is_our_space(key):
            continue
        # A room that is merely missing from the list may have been lost on the way; one that is listed as retired not.
        is_retired = audit.delete_orphan_spaces and known and key in desired.retired_spaces
        if is_retired and found.id not in opened:
            draft.plan.spaces.append(
                Change(
                    Kind.SPACE,
                    Action.REVOKE,
                    key,
                    say(
                        "the PMS has room {room} no longer in use, and the policy says to delete its Space",
                        room=found.name,
                    ),
                    label=found.name,
                    existing_space=found,
                    cause=Cause.ORPHAN,
                    forgets=key,
                )
            )
            continue
        if is_retired:
            # Whoever keeps access to a room that is out of use would lose it with the Space.
            told = message(
                "the PMS has room {room} no longer in use; its Space is deleted when nobody has a key any more"
            )
        else:
            told = message("orphan: Seam has Space {room}, the PMS has no such room any more")
        _tell(draft, Action.KEEP, key, found.name, say(told, room=found.name), Cause.ORPHAN)
