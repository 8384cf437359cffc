"""The PIN of whoever is moved, carried from her former grant to the new one.

While it is carried it stands in memory and, sealed, in the note of what is under way (`store.work`): a run that is
killed in between leaves it to the next one. So does a run from whose property somebody has gone while another property
is not listed: when that one is read again, she may be there.
"""

import threading
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from mappers.outcomes import Action
from reconciler.attempts import Attempts
from reconciler.changes import Change
from seam_workspace.workspace import Workspace
from store.engine import StoreFailed
from store.work import Work

PIN_IN_TIME = timedelta(hours=2)
"""So long before a room of a stay is due, its grant is made though the PIN of an earlier one is not known yet."""


class CarriedPins:
    """The PINs that one run over one property carries. Safe to use from many threads."""

    def __init__(self, workspace: Workspace, work: Work, connection: str, attempts: Attempts):
        self._workspace = workspace
        self._work = work
        self._connection = connection
        self._attempts = attempts
        self._kept: dict[str, dict[str, str]] | None = None
        """By booking and identity key: what an earlier run was cut off or failed with."""
        self._holders: dict[tuple[str, str], str] = {}
        """Who was given a PIN that we chose, by the door's Space and the PIN: for memory only."""
        self._lock = threading.Lock()

    def pin_for(self, change: Change) -> str | None:
        """The PIN that this very person has by this booking, or had when an earlier run was cut off; None where she is
        to have another. Raises `SeamError`."""
        assert change.grant is not None
        if "code" not in change.grant.access_methods or not change.grant.keeps_pin:
            return None
        for grant in change.pin_from:
            pin = self._workspace.pin_of(grant.id)
            if pin is not None:
                return pin
        kept = self.of_booking(change.booking_id)
        people = (change.grant.user_identity_key, *change.grant.merged_identity_keys)
        return next((kept[key] for key in people if key in kept), None)

    def of_booking(self, booking_id: str | None) -> dict[str, str]:
        """What is kept, by identity key; read from the database before anything is begun."""
        with self._lock:
            if self._kept is None:
                sealed = self._work.sealed_steps(self._connection)
                self._kept = {one: self._workspace.open_sealed(text) for one, text in sealed.items()}
            return self._kept.setdefault(booking_id or "", {})

    def keep(self, change: Change, pin: str) -> None:
        """Notes a PIN, sealed, before the grant that has it goes."""
        assert change.grant is not None
        self._keep(change, change.grant.user_identity_key, pin)

    def keep_of_leaving(self, change: Change) -> None:
        """Keeps the PIN of whoever is about to lose her access and may come back (`Change.keeps_pin_of`)."""
        if change.keeps_pin_of is None:
            return
        try:
            pins = [pin for one in change.existing_grants if (pin := self._workspace.pin_of(one.id)) is not None]
        except StoreFailed:
            raise
        except Exception as problem:
            # Her door is shut all the same.
            self._attempts.note_failure(problem)
            return
        if pins:
            self._keep(change, change.keeps_pin_of, pins[0])

    def _keep(self, change: Change, identity_key: str, pin: str) -> None:
        assert change.booking_id is not None
        kept = self.of_booking(change.booking_id)
        if kept.get(identity_key) != pin:
            kept[identity_key] = pin
            self._work.seal_step(self._connection, change.booking_id, self._workspace.seal(kept))

    def keep_for(self, change: Change) -> None:
        """Keeps the PIN of whoever is about to lose one room and to get another."""
        try:
            pin = self.pin_for(change)
        except StoreFailed:
            raise
        except Exception as problem:
            self._attempts.note_failure(problem)
            return
        if pin is not None:
            self.keep(change, pin)

    def is_of_another(
        self, pin: str, change: Change, hers: Collection[str], spaces: Mapping[str, str], *, is_former: bool
    ) -> bool:
        """Whether a PIN that we choose is somebody else's at one of her doors, at that time, before her or after her:
        each would open for the other. `hers`: Seam's ids of her identities; `spaces`: of the doors, by key.

        A former PIN may go on where it opened already; the digits of a phone are for the room. Raises `SeamError`.
        """
        wanted = change.grant
        assert wanted is not None
        had = frozenset[str]().union(*(grant.space_ids for grant in change.pin_from))
        doors = [key for key, one in spaces.items() if (one not in had if is_former else key == wanted.room_key)]
        if any(self._workspace.has_pin_of_another(pin, spaces[key], hers) for key in doors):
            return True
        # In this very run, perhaps at this moment.
        holders = [self._holders.setdefault((key, pin), wanted.user_identity_key) for key in doors]
        return any(one != wanted.user_identity_key for one in holders)

    def had_better_wait(self, change: Change, now: datetime) -> bool:
        """Whether a later room of a stay had better wait until the PIN of an earlier one is known."""
        wanted = change.grant
        assert wanted is not None
        if not (change.action is Action.CREATE or change.takes_over) or wanted.starts_at <= now + PIN_IN_TIME:
            return False
        alive = [grant for grant in change.pin_from if not grant.being_deleted]
        if not alive or "code" not in wanted.access_methods or not wanted.keeps_pin:
            return False
        try:
            return self.pin_for(change) is None
        except StoreFailed:
            raise
        except Exception:
            return False  # Asked again when it is made, where it becomes an outcome.
