"""Asks Seam for events of locks that its webhooks may not have brought: they are lost, or nobody listens to them, or
the database is a new one.

Only those are asked for of which nothing that Seam has of a lock tells afterwards: who opened it, what somebody else
did to it. Whatever has come in already changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from reconciler.entry_log import ENTRIES
from reconciler.lock_health import TOLD_FOR
from seam_workspace.events import SeamEvent
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.inbox import Inbox
from store.jobs import JobBook
from store.links import Links
from store.lock_health import LockHealthBook

OVERLAP = timedelta(minutes=10)
"""Seam may list an event a little later than others of its time."""
CALLS, CALLS_AT_FIRST = 1, 3
"""With one look, of 500 events each; with the first one, by which a new database learns who has arrived already."""
FIRST = "events"
"""The name of the job that is done once that was asked."""


def take_missed_events(
    connection: str,
    workspace: Workspace,
    workspace_name: str,
    customer_key: str,
    store: Database,
    property_id: str,
    now: datetime,
) -> int:
    """Takes up what happened at a property's locks since they were looked at last; returns how many calls that took.
    Raises `SeamError` and `StoreFailed`."""
    book = LockHealthBook(store, connection)
    looked_at = book.looked_at(property_id)
    if looked_at is None or not Links(store).has_grants(connection, property_id):
        return 0  # Nobody could be named.
    jobs = JobBook(store)
    is_first = jobs.get(connection, property_id, FIRST) is None
    begun, at_most = looked_at - OVERLAP, CALLS
    if is_first:
        begun, at_most = min(begun, now - store.keep.entries), CALLS_AT_FIRST
    found, calls = workspace.events(customer_key, {*ENTRIES, *TOLD_FOR}, begun, at_most)
    for one in found:
        if one.kind in TOLD_FOR and (at := _moment(one)) is not None:
            book.tell(property_id, one.subjects.get("locks", ()), one.kind, at)
    _put([one for one in found if one.kind in ENTRIES], workspace_name, store, now)
    if is_first:
        jobs.ended(None, connection, property_id, FIRST, now, None)
    return calls


def _put(entries: Sequence[SeamEvent], workspace_name: str, store: Database, now: datetime) -> None:
    """Into the inbox, as a webhook would have come in."""
    inbox = Inbox(store)
    known = inbox.known("seam", [one.id for one in entries])
    for one in sorted(entries, key=lambda one: one.subjects.get("occurred_at", [""])[0]):
        if one.id not in known:
            of = {"workspace": [workspace_name]} if workspace_name else {}
            inbox.put("seam", one.id, one.kind, {**one.subjects, **of, "asked": ["for"]}, now, unique_for_ever=True)


def _moment(one: SeamEvent) -> datetime | None:
    try:
        at = datetime.fromisoformat("".join(one.subjects.get("occurred_at", ())))
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
