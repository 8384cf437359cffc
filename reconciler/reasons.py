"""Why a grant is made, changed or made anew: sentences for whoever has the guest in front of her. Pure."""

from collections.abc import Sequence

from mappers.access import BookingAccess
from mappers.outcomes import Kind
from mappers.resources import DesiredAccessGrant
from mappers.sentences import PEOPLE, message, say, together
from mappers.stay_window import end_in_words, local
from reconciler.draft import CHANGED_BY_OTHERS, DELETED_BY_OTHERS, Draft
from reconciler.holders import identity_ids
from seam_workspace.existing import ExistingAccessGrant

NEW_PIN: str = say("the desk has asked for a new PIN: the former one opens no more")


def why_made(draft: Draft, access: BookingAccess, wanted: DesiredAccessGrant, again: bool, cut_off: bool) -> str:
    """`again`: a former one is being deleted. `cut_off`: an earlier run ended in the middle of this booking."""
    if cut_off:
        return say("an earlier run was cut off while it worked on this booking; made now")
    if (Kind.ACCESS_GRANT, wanted.key) in draft.links:
        return DELETED_BY_OTHERS
    if again:
        return say("the former grant is being deleted; made again")
    begins = local(wanted.starts_at, access.time_zone, draft.now)
    if wanted.ends_at is None:
        return say("new access from {begins}", begins=begins)
    return say(
        "new access from {begins} to {ends}", begins=begins, ends=local(wanted.ends_at, access.time_zone, draft.now)
    )


def why_updated(
    draft: Draft,
    time_zone: str,
    wanted: DesiredAccessGrant,
    current: ExistingAccessGrant,
    missing_methods: Sequence[str],
    drift: bool,
) -> str:
    """What is changed in place: times, name, ways in. `drift`: somebody else has changed it in Seam."""
    reasons: list[str] = [CHANGED_BY_OTHERS] if drift else []
    if current.ends_at != wanted.ends_at:
        before, after = (end_in_words(one.ends_at, time_zone, draft.now) for one in (current, wanted))
        longer = current.ends_at is not None and (wanted.ends_at is None or wanted.ends_at > current.ends_at)
        if longer:
            told = message("{person} extended: ends {before} -> {after}")
            reasons.append(say(told, person=PEOPLE[draft.person], before=before, after=after))
        else:
            reasons.append(say("stay shortened: ends {before} -> {after}", before=before, after=after))
    if current.starts_at != wanted.starts_at:
        came, comes = (local(one.starts_at, time_zone, draft.now) for one in (current, wanted))
        if wanted.starts_at < current.starts_at:
            reasons.append(say("earlier arrival: starts {before} -> {after}", before=came, after=comes))
        else:
            reasons.append(say("later arrival: starts {before} -> {after}", before=came, after=comes))
    if current.name != wanted.name:
        reasons.append(say("name {before} -> {after}", before=current.name or say("none"), after=wanted.name))
    if missing_methods:
        reasons.append(say("also by {ways}", ways=", ".join(missing_methods)))
    return together(reasons)


def why_replaced(
    draft: Draft,
    wanted: DesiredAccessGrant,
    current: ExistingAccessGrant,
    same_guest: bool,
    same_doors: bool,
    space_ids: frozenset[str],
    drift: bool,
) -> str:
    """What cannot be changed in place: the person, the doors, the reservation. `space_ids`: of the doors wanted."""
    reasons: list[str] = []
    if not same_guest:
        merged = current.user_identity_id in identity_ids(wanted, draft.existing.user_identities)
        if merged:
            reasons.append(say("the {person}'s profiles were merged", person=PEOPLE[draft.person]))
        else:
            reasons.append(say("another {person} took the place", person=PEOPLE[draft.person]))
    if not same_doors:
        before = draft.names(current.space_ids - space_ids)
        new = [key for key in wanted.space_keys if draft.space_ids.get(key) not in current.space_ids]
        after = ", ".join(sorted(draft.space_name(key) for key in new))
        if before and after:
            reasons.append(say("room changed: {before} -> {after}", before=before, after=after))
        elif before:
            reasons.append(say("doors changed: no longer {rooms}", rooms=before))
        else:
            reasons.append(say("doors changed: also {rooms}", rooms=after))
    if not reasons:
        return say("the door has an override lock, and the grant no reservation key")
    return together([CHANGED_BY_OTHERS, *reasons] if drift else reasons)


def why_new_pin(here: Sequence[ExistingAccessGrant], doors: frozenset[str], own_code_space_ids: frozenset[str]) -> str:
    """What the guest has to be told beforehand, where the new lock may not take the PIN that she has."""
    if any("requested_code_unavailable" in grant.troubles and grant.space_ids & doors for grant in here):
        return say("new PIN: her locks choose their own")
    return "" if doors.isdisjoint(own_code_space_ids) else say("new PIN if the lock chooses its own")
