"""Why a grant is made, changed or made anew: sentences for whoever has the guest in front of her. Pure."""

from collections.abc import Sequence

from mappers.access import BookingAccess
from mappers.outcomes import Kind
from mappers.resources import DesiredAccessGrant
from mappers.stay_window import end_in_words, local
from reconciler.draft import CHANGED_BY_OTHERS, DELETED_BY_OTHERS, Draft
from reconciler.holders import identity_ids
from seam_workspace.existing import ExistingAccessGrant

NEW_PIN = "the desk has asked for a new PIN: the former one opens no more"


def why_made(draft: Draft, access: BookingAccess, wanted: DesiredAccessGrant, again: bool, cut_off: bool) -> str:
    """`again`: a former one is being deleted. `cut_off`: an earlier run ended in the middle of this booking."""
    if cut_off:
        return "an earlier run was cut off while it worked on this booking; made now"
    if (Kind.ACCESS_GRANT, wanted.key) in draft.links:
        return DELETED_BY_OTHERS
    if again:
        return "the former grant is being deleted; made again"
    start = f"new access from {local(wanted.starts_at, access.time_zone, draft.now)}"
    return f"{start} to {local(wanted.ends_at, access.time_zone, draft.now)}" if wanted.ends_at else start


def why_updated(
    draft: Draft,
    time_zone: str,
    wanted: DesiredAccessGrant,
    current: ExistingAccessGrant,
    missing_methods: Sequence[str],
    drift: bool,
) -> str:
    """What is changed in place: times, name, ways in. `drift`: somebody else has changed it in Seam."""
    reasons = [CHANGED_BY_OTHERS] if drift else []
    if current.ends_at != wanted.ends_at:
        before, after = (end_in_words(one.ends_at, time_zone, draft.now) for one in (current, wanted))
        longer = current.ends_at is not None and (wanted.ends_at is None or wanted.ends_at > current.ends_at)
        reasons.append(f"{f'{draft.person} extended' if longer else 'stay shortened'}: ends {before} -> {after}")
    if current.starts_at != wanted.starts_at:
        word = "earlier arrival" if wanted.starts_at < current.starts_at else "later arrival"
        before, after = (local(one.starts_at, time_zone, draft.now) for one in (current, wanted))
        reasons.append(f"{word}: starts {before} -> {after}")
    if current.name != wanted.name:
        reasons.append(f"name {current.name or 'none'} -> {wanted.name}")
    if missing_methods:
        reasons.append(f"also by {', '.join(missing_methods)}")
    return "; ".join(reasons)


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
    reasons = []
    if not same_guest:
        merged = current.user_identity_id in identity_ids(wanted, draft.existing.user_identities)
        reasons.append(
            f"the {draft.person}'s profiles were merged" if merged else f"another {draft.person} took the place"
        )
    if not same_doors:
        before = draft.names(current.space_ids - space_ids)
        new = [key for key in wanted.space_keys if draft.space_ids.get(key) not in current.space_ids]
        after = ", ".join(sorted(draft.space_name(key) for key in new))
        if before and after:
            reasons.append(f"room changed: {before} -> {after}")
        else:
            reasons.append(f"doors changed: {'no longer ' + before if before else 'also ' + after}")
    if not reasons:
        return "the door has an override lock, and the grant no reservation key"
    return "; ".join([CHANGED_BY_OTHERS, *reasons] if drift else reasons)


def why_new_pin(here: Sequence[ExistingAccessGrant], doors: frozenset[str], own_code_space_ids: frozenset[str]) -> str:
    """What the guest has to be told beforehand, where the new lock may not take the PIN that she has."""
    if any("requested_code_unavailable" in grant.troubles and grant.space_ids & doors for grant in here):
        return "; new PIN: her locks choose their own"
    return "" if doors.isdisjoint(own_code_space_ids) else "; new PIN if the lock chooses its own"
