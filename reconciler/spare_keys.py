"""Spare keys: for each room so many PINs without a guest lie ready on its lock, made before anybody needs one.

One that was shown is valid for some hours, one that nobody was shown for a week; then it goes and another one is made,
and also as soon as one was used. Seam ends each by itself after eight days, should nobody be there to take it away. The
PIN itself is nowhere but in Seam and in the locks.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant, DesiredUserIdentity
from reconciler.judge import House
from seam_workspace.existing import ExistingSpace
from seam_workspace.workspace import Workspace
from store.costs import Cost, count
from store.engine import Database
from store.spare_keys import SpareKey, SpareKeys

ROTATED_AFTER = timedelta(days=7)
ENDS_AFTER = timedelta(days=8)
AT_ONCE = 20
"""So many are made by one look: a whole house has its own within an hour."""
HOLDER = "Spare key"
"""The name of whoever holds them, in Seam and at the lock maker's."""


class SpareKeyKeeper:
    """Keeps the spare keys of one connection's properties."""

    def __init__(self, connection: str, keys: Keys, policy: Policy, workspace: Workspace, store: Database):
        """`workspace` and `store` are written to: whoever calls has the connection's turn."""
        self._connection = connection
        self._keys = keys
        self._wanted = policy.spare_codes.rooms if "code" in policy.access_methods else 0
        self._workspace = workspace
        self._book = SpareKeys(store, connection)

    def keep(self, property_id: str, house: House, now: datetime) -> None:
        """Takes away what has had its time, and makes what is missing. `house`: what Seam has of the property now.
        Raises `SeamError` and `StoreFailed`."""
        mine = self._book.of(property_id)
        if not mine and not self._wanted:
            return
        if not self._book.of(property_id, with_gone=True):
            self._take_away_unknown(property_id)
        rooms = {space.id: space for space in house.spaces.values() if self._may_have(space, house)}
        mine = [one for one in mine if not self._end_in_time(one, one.space_id in rooms, now)]
        self._look([one for one in mine if one.ready_at is None], now)
        ready: dict[str, int] = {}
        for one in mine:
            if one.shown_at is None and one.used_at is None:
                ready[one.space_id] = ready.get(one.space_id, 0) + 1
        missing = [space for space in rooms.values() for _ in range(self._wanted - ready.get(space.id, 0))]
        if missing:
            self._make(property_id, sorted(missing, key=lambda one: one.name)[:AT_ONCE], now)

    def _may_have(self, space: ExistingSpace, house: House) -> bool:
        """Whether a room can have one: a PIN more at an override lock would throw its guest out."""
        if not self._wanted or space.being_deleted or space.id in house.common:
            return False
        if space.key is None or self._keys.id_of(space.key) is None:
            return False
        doors = [door for door in house.doors if space.id in door.space_ids]
        return bool(doors) and not any(door.can_belong_to_reservation or "code" in door.cannot for door in doors)

    def _end_in_time(self, one: SpareKey, is_wanted: bool, now: datetime) -> bool:
        """Takes one away whose time is over; whether it was."""
        if one.shown_at is not None:
            is_over = one.valid_until is None or one.valid_until <= now
        else:
            is_over = not is_wanted or one.used_at is not None or one.made_at + ROTATED_AFTER <= now
        if is_over:
            self._workspace.delete_access_grant(one.seam_id)
            self._book.gone(one.seam_id, now)
        return is_over

    def _take_away_unknown(self, property_id: str) -> None:
        """With a new database: nobody knows who was shown those that a former one knew of."""
        for grant in self._workspace.list_access_grants(self._keys.customer(property_id)):
            if grant.key is not None and self._keys.is_spare(grant.key) and not grant.being_deleted:
                self._workspace.delete_access_grant(grant.id)

    def _look(self, unknown: Iterable[SpareKey], now: datetime) -> None:
        """Which of them do the locks have by now?"""
        waiting = {one.seam_id: one for one in unknown}
        if not waiting:
            return
        grants = {one.id: one for one in self._workspace.access_grants_by_id(waiting)}
        methods, _ = self._workspace.ways_and_people_of(grants)
        for seam_id in waiting:
            grant = grants.get(seam_id)
            if grant is None or grant.being_deleted:
                self._book.gone(seam_id, now)
            elif any(methods[one].issued for one in grant.method_ids & methods.keys()):
                self._book.ready(seam_id, self._workspace.code_ids_of(seam_id), now)

    def _make(self, property_id: str, spaces: Iterable[ExistingSpace], now: datetime) -> None:
        holder = self._workspace.create_user_identity(DesiredUserIdentity(self._keys.spare_holder, HOLDER))
        for space in spaces:
            assert space.key is not None
            key = self._keys.spare(space.key, secrets.token_hex(4))
            wanted = DesiredAccessGrant(
                key=key,
                booking_id="",
                user_identity_key=self._keys.spare_holder,
                space_keys=(space.key,),
                starts_at=now,
                ends_at=now + ENDS_AFTER,
                name=f"{HOLDER} {space.name}",
                access_methods=("code",),
                reservation_key="",
            )
            grant = self._workspace.create_access_grant(
                wanted, key=key, user_identity_id=holder.id, space_ids=[space.id], reservation_key=None
            )
            count(Cost.CODES, property_id=property_id)
            self._book.made(SpareKey(self._connection, grant.id, property_id, space.name, space.id, now))
