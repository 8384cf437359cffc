"""The baseline: the script that Seam's guide to resource keys suggests.

For every record of the PMS: get the resource by its key; where there is none, create it; where it differs, update
it. One call after the other. Correct for a quiet hotel, and what most integrations begin with.
"""

from collections.abc import Iterable

from seam import Seam, SeamHttpApiError

from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from seam_workspace.grants import timestamp


def look_up_per_record(
    seam: Seam,
    spaces: Iterable[DesiredSpace],
    identities: Iterable[DesiredUserIdentity],
    grants: Iterable[DesiredAccessGrant],
) -> int:
    """Brings Seam in step record by record; returns how many calls it took."""
    calls = 0
    space_ids = {}
    for space in spaces:
        calls += 1
        try:
            found_space = seam.spaces.get(space_key=space.key)
        except SeamHttpApiError:
            calls += 1
            found_space = seam.spaces.create(space_key=space.key, name=space.name, customer_key=space.customer_key)
        space_ids[space.key] = found_space.space_id
    identity_ids = {}
    for identity in identities:
        calls += 1
        try:
            found = seam.user_identities.get(user_identity_key=identity.key)
        except SeamHttpApiError:
            calls += 1
            found = seam.user_identities.create(
                user_identity_key=identity.key,
                full_name=identity.full_name,
                email_address=identity.email_address,
                phone_number=identity.phone_number,
            )
        identity_ids[identity.key] = found.user_identity_id
    for grant in grants:
        calls += 1
        starts_at = timestamp(grant.starts_at)
        ends_at = timestamp(grant.ends_at) if grant.ends_at else None
        try:
            existing = seam.access_grants.get(access_grant_key=grant.key)
        except SeamHttpApiError:
            calls += 1
            seam.access_grants.create(
                access_grant_key=grant.key,
                name=grant.name,
                user_identity_id=identity_ids[grant.user_identity_key],
                space_ids=[space_ids[key] for key in grant.space_keys],
                starts_at=starts_at,
                ends_at=ends_at,
                requested_access_methods=[{"mode": mode} for mode in grant.access_methods],
            )
        else:
            if (existing.starts_at, existing.ends_at) != (starts_at, ends_at):
                calls += 1
                seam.access_grants.update(
                    access_grant_id=existing.access_grant_id, starts_at=starts_at, ends_at=ends_at
                )
    return calls
