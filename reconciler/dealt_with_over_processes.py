"""`DealtWithRecords` where any process may do the next run of a connection: what was brought in step stands in the
database, and is noted with everything else that a run notes of its end.
"""

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from reconciler.dealt_with import KEEP, digest
from reconciler.prepare import RunConnection
from reconciler.pull import Pulled
from store.dealt_with import DealtWithDigests
from store.engine import Database


def for_all_processes(connection: RunConnection, store: Database) -> RunConnection:
    """The same connection; what its runs deal with is known to those of any process."""
    how = repr((connection.policy, connection.keys.workspace, connection.keys.prefix))
    return replace(connection, dealt_with=DealtWithOverProcesses(store, connection.name, how))


class DealtWithOverProcesses:
    """Of one connection. `how`: what decides how a record is brought in step (policy, workspace, keys): what was dealt
    with otherwise is news. Raises `StoreFailed`."""

    is_kept = True

    def __init__(self, store: Database, connection: str, how: str):
        self._store = store
        self._connection = connection
        self._how = hashlib.sha256(how.encode("utf-8", "surrogatepass")).hexdigest()

    def remembers(self, property_id: str) -> bool:
        """Changes are always read from further back: whatever is not known costs one look."""
        return True

    def begin(self, turn: int) -> None:
        """Whoever had the turn in between has noted what it did."""

    def forget(self) -> None:
        """What was not kept is not there."""

    def note(self, pulled: Pulled, in_step: Collection[str], now: datetime, store: Database) -> None:
        """A run ends: of what it has read, `in_step` needs nothing more before the PMS changes it. `store`: the run's,
        which whoever has lost the turn cannot write."""
        rows = DealtWithDigests(store, self._connection)
        digests = {one: self._digest(pulled, one) if one in in_step else "" for one in pulled.bookings}
        digests |= dict.fromkeys(pulled.missing, "")
        if pulled.full:
            # Hardly any of a whole property will be read again soon: what is known is corrected, and nothing added.
            known = rows.of(digests, now - KEEP)
            digests = {one: digests[one] for one, was in known.items() if was != (pulled.of.id, digests[one])}
        rows.note(pulled.of.id, digests, now)

    def no_news(self, pulled: Pulled, now: datetime) -> set[str]:
        """The bookings that were read just as they were dealt with."""
        known = (
            DealtWithDigests(self._store, self._connection).of(pulled.bookings, now - KEEP) if pulled.bookings else {}
        )
        return {one for one, was in known.items() if was == (pulled.of.id, self._digest(pulled, one))}

    def _digest(self, pulled: Pulled, booking_id: str) -> str:
        return digest(pulled, booking_id, self._how)
