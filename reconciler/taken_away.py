"""Notes what is being taken away: a lock that cannot be told may open by it until Seam has it no more."""

from collections.abc import Callable
from datetime import datetime

from reconciler.changes import Change
from reconciler.judge import CHANGING_TIMES
from seam_workspace.existing import ExistingAccessGrant
from store.engine import Database
from store.pending_revocations import PendingRevocation, PendingRevocations

NoteTakenAway = Callable[[Change, ExistingAccessGrant, list[str]], None]
"""Told of a grant whose deletion has begun, or that is about to end earlier, as it was before; by which change, and the
names of its rooms."""


def noted_in(store: Database, connection: str, property_id: str, clock: Callable[[], datetime]) -> NoteTakenAway:
    """Notes it in the database; not what is over anyway."""
    book = PendingRevocations(store)

    def note(change: Change, grant: ExistingAccessGrant, rooms: list[str]) -> None:
        now = clock()
        if change.booking_id is None or (grant.ends_at is not None and grant.ends_at <= now):
            return
        key, spaces = grant.key or change.key, sorted(grant.space_ids)
        gone = PendingRevocation(
            connection, grant.id, key, change.booking_id, property_id, rooms, spaces, grant.ends_at, now
        )
        book.note([gone])

    return note


def is_not_told(one: ExistingAccessGrant, is_linked: bool, now: datetime) -> bool:
    """Whether the locks of a grant that was deleted, or made shorter, may not know that yet."""
    if one.being_deleted or one.unreadable or CHANGING_TIMES in (*one.pending, *one.warnings):
        return True
    # Of one that was deleted a list may not say so yet.
    return not is_linked and (one.ends_at is None or one.ends_at > now)
