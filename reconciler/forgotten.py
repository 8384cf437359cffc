"""What is forgotten: guests whose last stay is long over (`retain_guests` of the policy), and what runs have left."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mappers.outcomes import Action, Kind
from mappers.policy import Policy
from mappers.sentences import PEOPLE, say
from mappers.stay_window import local
from reconciler.changes import Change
from reconciler.dealt_with import KEEP
from reconciler.lookup import LinksByKey
from seam_workspace.workspace import Workspace
from store.cards import CardEncodings
from store.check_ins import CheckInBook
from store.costs import Costs
from store.dealt_with import DealtWithDigests
from store.engine import Database
from store.entries import Entries
from store.pin_marks import PinMarks
from store.runs import Runs
from store.spare_keys import SpareKeys
from store.stays import Stays
from store.trends import Trends
from store.work import Work

if TYPE_CHECKING:
    from reconciler.prepare import Prepared

PIN_KEPT = timedelta(days=30)
"""So long at most is the PIN kept of somebody who may be in a property that is not listed."""


def forget_old(store: Database, connection: str, now: datetime, read_whole: bool) -> None:
    """After a full run, of a connection's runs and stays what is kept no longer. `read_whole`: all of its properties
    were read, so that whoever might have been in one that was not listed is there, or nowhere."""
    Runs(store).forget_old(now, connection)
    Stays(store).forget_old(now, connection)
    Entries(store).forget_old(connection, now)
    SpareKeys(store, connection).forget_old(now)
    CardEncodings(store, connection).forget_old(now)
    CheckInBook(store, connection).forget_old(now)
    Costs(store).forget_old(connection, now)
    PinMarks(store, connection).forget_old(now)
    DealtWithDigests(store, connection).forget_old(now - KEEP)
    Trends(store).forget_old(connection, now)
    Work(store).forget_rested(connection, now if read_whole else now - PIN_KEPT)


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
                        say(
                            "last stay ended on {at}, and the policy keeps no {person} for longer",
                            at=local(link.ends_at, "UTC", None),
                            person=PEOPLE[policy.person],
                        ),
                        existing_identity=identity,
                        forgets=key,
                    )
                )
