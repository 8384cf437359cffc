"""Plans the User Identities of those who need one: new, changed, merged. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind
from mappers.resources import DesiredUserIdentity
from mappers.sentences import say, together
from mappers.user_identities import contact_name
from reconciler.changes import HELD_BY_ANOTHER, Change, fingerprint
from reconciler.draft import DELETED_BY_OTHERS, Draft
from seam_workspace.existing import ExistingUserIdentity

NEW = {"guest": say("new guest"), "tenant": say("new tenant")}
OTHER_ID = {
    "guest": say("the PMS has this guest under another id now"),
    "tenant": say("the PMS has this tenant under another id now"),
}


def plan_people(
    draft: Draft, wanted: Iterable[DesiredUserIdentity], labels: Mapping[str, str], asks_again: bool
) -> None:
    """Adds to the plan what these people need. `labels`: by key, for the report. `asks_again`: also for contacts that
    another identity had when they were asked for."""
    for identity in wanted:
        found = draft.existing.user_identities.get(identity.key)
        if found is None:
            lost = (Kind.USER_IDENTITY, identity.key) in draft.links
            why = DELETED_BY_OTHERS if lost else NEW[draft.person]
            _add(draft, Action.CREATE, identity, [why], labels, None, lost)
            continue
        if identity.key in found.merged_keys:
            # Merged in Seam into another: that one says who she is, or the two would overwrite each other for ever.
            _in_step(draft, identity, found)
            continue
        if found.merged_keys:
            # What she lacks in the PMS is perhaps the other's.
            identity = replace(
                identity,
                email_address=identity.email_address or found.email_address,
                phone_number=identity.phone_number or found.phone_number,
            )
        differences = _differences(identity, found)
        has_other_key = found.key != identity.key and not found.merged_keys
        if has_other_key:
            differences.insert(0, OTHER_ID[draft.person])
        if not differences or _refused_before(draft, identity, found, asks_again):
            _in_step(draft, identity, found)
        else:
            drifted = draft.made_so(Kind.USER_IDENTITY, identity)
            forgets = found.key if has_other_key else None
            _add(draft, Action.UPDATE, identity, differences, labels, found, drifted, forgets)


def _add(
    draft: Draft,
    action: Action,
    identity: DesiredUserIdentity,
    reasons: Iterable[str],
    labels: Mapping[str, str],
    found: ExistingUserIdentity | None,
    drifted: bool,
    forgets: str | None = None,
) -> None:
    mark = fingerprint(identity)
    draft.plan.identities.append(
        Change(
            Kind.USER_IDENTITY,
            action,
            identity.key,
            together((*reasons, *identity.remarks)),
            label=labels.get(identity.key),
            identity=identity,
            existing_identity=found,
            cause=Cause.DRIFT if drifted else None,
            forgets=forgets,
            link=Link(Kind.USER_IDENTITY, identity.key, "", 1, mark, mark, draft.desired.property_id),
        )
    )


def _in_step(draft: Draft, identity: DesiredUserIdentity, found: ExistingUserIdentity) -> None:
    link = draft.links.get((Kind.USER_IDENTITY, identity.key))
    if link is not None:
        draft.count_unchanged(Kind.USER_IDENTITY)
    if link is None or link.seam_id != found.id:
        mark = fingerprint(identity)
        draft.in_step(Link(Kind.USER_IDENTITY, identity.key, found.id, wanted_hash=mark, made_hash=mark))


def _differences(wanted: DesiredUserIdentity, found: ExistingUserIdentity) -> list[str]:
    differences: list[str] = []
    if (wanted.full_name or "") != (found.full_name or ""):
        differences.append(say("name changed"))
    if contact_name(wanted.email_address or "") != contact_name(found.email_address or ""):
        differences.append(say("e-mail changed") if wanted.email_address else say("e-mail removed"))
    if (wanted.phone_number or "") != (found.phone_number or ""):
        differences.append(say("phone changed") if wanted.phone_number else say("phone removed"))
    return differences


def _refused_before(draft: Draft, wanted: DesiredUserIdentity, found: ExistingUserIdentity, asks_again: bool) -> bool:
    """Seam took no more than this when it was asked for exactly the same: asking again would change nothing."""
    link = draft.links.get((Kind.USER_IDENTITY, wanted.key))
    if link is None or link.wanted_hash is None:
        return False
    if link.wanted_hash.removeprefix(HELD_BY_ANOTHER) != fingerprint(wanted):
        return False
    if asks_again and link.wanted_hash.startswith(HELD_BY_ANOTHER):
        return False
    has = DesiredUserIdentity(wanted.key, found.full_name, found.email_address, found.phone_number)
    return link.made_hash == fingerprint(has)
