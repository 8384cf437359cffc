"""Guests whose last stay is long over are forgotten: the policy says when (`retain_guests`)."""

from datetime import datetime
from typing import TYPE_CHECKING

from mappers.outcomes import Action, Kind
from mappers.policy import Policy
from reconciler.changes import Change
from reconciler.lookup import LinksByKey
from seam_workspace.workspace import Workspace

if TYPE_CHECKING:
    from reconciler.prepare import Prepared


def forget_guests(prepared: "Prepared", links: LinksByKey, workspace: Workspace, policy: Policy, now: datetime) -> None:
    """Plans to delete identities whose last stay is long over, and whom no grant needs any more. Raises `SeamError`."""
    limit = now - policy.retain_guests
    needed = {link.user_identity_key for (kind, _), link in links.items() if kind == Kind.ACCESS_GRANT}
    busy = {grant.user_identity_id for found in prepared.existing.access_grants.values() for grant in found}
    planned = {change.key for change in prepared.plan.identities}
    for (kind, key), link in links.items():
        if (
            kind == Kind.USER_IDENTITY
            and link.property_id == prepared.pulled.of.id
            and link.ends_at is not None
            and link.ends_at < limit
            and key not in needed
            and key not in planned
            and link.seam_id not in busy
        ):
            identity = prepared.existing.user_identities.get(key) or workspace.user_identity_by_key(key)
            if identity is None or key in identity.merged_keys:
                continue
            if not workspace.has_grants(identity.id):
                prepared.plan.identities.append(
                    Change(
                        Kind.USER_IDENTITY,
                        Action.REVOKE,
                        key,
                        f"last stay ended on {link.ends_at:%d %b %Y}, and the policy keeps {policy.person}s no longer",
                        existing_identity=identity,
                        forgets=key,
                    )
                )
