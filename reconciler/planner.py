"""Compares what should be with what is: the changes of one property, each with its reason. Pure: now is an argument.

rooms     reconciler.plan_rooms     Spaces, their locks, and those whose room is gone
access    reconciler.plan_access    each booking's grants: made, changed, moved
endings   reconciler.plan_endings   access that ends, waits or is being deleted
people    reconciler.plan_people    the identities of whoever needs one
"""

from collections.abc import Collection
from datetime import datetime

from mappers.user_identities import without_duplicate_contacts
from reconciler.changes import Plan
from reconciler.draft import Audit, Desired, Draft, LinksByKey
from reconciler.plan_access import AccessPlan
from reconciler.plan_endings import plan_expired
from reconciler.plan_people import plan_people
from reconciler.plan_rooms import plan_orphans, plan_rooms
from seam_workspace.existing import ExistingResources


def plan(
    desired: Desired,
    existing: ExistingResources,
    links: LinksByKey,
    now: datetime,
    audit: Audit | None = None,
    cut_off: Collection[str] = (),
) -> Plan:
    """The changes that make Seam hold what is desired, for one property.

    `existing` is what was looked up for these resources; `audit` is given in a run over the whole property.
    `cut_off` are the bookings in the middle of which an earlier run ended.
    """
    draft = Draft(desired, existing, links, now)
    plan_rooms(draft)
    if audit is not None:
        plan_orphans(draft, audit)
    needed = AccessPlan(draft, cut_off).plan(desired.accesses)
    if audit is not None:
        plan_expired(draft, audit.retain_grants)
    wanted = [desired.user_identities[key] for key in needed if key in desired.user_identities]
    settled = without_duplicate_contacts(wanted, existing.contact_holders)
    plan_people(draft, settled, needed, asks_again=audit is not None)
    return draft.plan


def plan_only_rooms(desired: Desired, existing: ExistingResources, links: LinksByKey, now: datetime) -> Plan:
    """The part of a plan that concerns Spaces. A run carries it out first: what doors a Space has shows only then."""
    draft = Draft(desired, existing, links, now)
    plan_rooms(draft)
    return draft.plan
