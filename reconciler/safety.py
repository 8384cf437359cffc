"""The brake: a run that would take access from many people at once holds those changes for a person's word."""

from mappers.policy import MaxRevocations
from reconciler.changes import Change, Plan


def too_many(revocations: int, live_grants: int, limit: MaxRevocations) -> bool:
    """Whether so many revocations, of so many live grants, need approval: above the count and above the share."""
    return revocations > limit.count and revocations * 100 > limit.percent * max(live_grants, 1)


def hold_mass_revocations(
    plans: list[Plan], live_grants: int, limit: MaxRevocations, approved: frozenset[str] = frozenset()
) -> str | None:
    """Moves the revocations of a run into `held` when they are too many; returns why, or None.

    Counted over all properties of the connection. Replacements, ended grants and keys in `approved` do not count.
    """

    def counts(change: Change) -> bool:
        return change.counts_as_revocation and change.key not in approved

    revocations = sum(counts(change) for plan in plans for change in plan.grants)
    if not too_many(revocations, live_grants, limit):
        return None
    for plan in plans:
        plan.held = [change for change in plan.grants if counts(change)]
        plan.grants = [change for change in plan.grants if not counts(change)]
    return (
        f"{revocations} of {live_grants} live grants would be revoked, more than {limit.count} and more than "
        f"{limit.percent} %: held until somebody approves"
    )
