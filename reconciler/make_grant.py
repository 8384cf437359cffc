"""Makes one grant in Seam: under the first key that is free, with the PIN and the reservation that it should have.

A grant that is being deleted keeps its key, and an offline lock may keep it there for hours. Nobody stands outside for
that: the new one waits a little for the key, and then takes the next generation's (`<key>.2`, `<key>.3`, ...).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from mappers.keys import next_generation_key, split_generation
from mappers.outcomes import Action
from mappers.resources import DesiredAccessGrant
from mappers.sentences import say, together
from reconciler.carried_pins import CarriedPins
from reconciler.changes import Change
from reconciler.reservations import Reservation, Reservations
from reconciler.taken_away import NoteTakenAway
from reconciler.write_people import PeopleWriter
from reconciler.write_rooms import RoomWriter
from seam_workspace.errors import SeamNotFound, SeamRefused, SeamUnreachable
from seam_workspace.existing import ExistingAccessGrant
from seam_workspace.workspace import Workspace
from store.costs import Cost, count

GENERATIONS = 5


@dataclass(frozen=True, slots=True)
class Leaving:
    """A grant on its way out."""

    since: float
    """Monotonic seconds."""
    pin: str | None = field(default=None, repr=False)
    """That its successor should have."""


class GrantMaker:
    """Makes the grants of one property. `monotonic` and `sleep` are for waiting on Seam."""

    def __init__(
        self,
        workspace: Workspace,
        rooms: RoomWriter,
        people: PeopleWriter,
        pins: CarriedPins,
        reservations: Reservations,
        replace_wait: timedelta,
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        note_taken_away: NoteTakenAway,
    ):
        """`replace_wait`: how long a key, or a former guest's end, is waited for."""
        self._workspace = workspace
        self._rooms = rooms
        self._people = people
        self._pins = pins
        self._reservations = reservations
        self._replace_wait = replace_wait.total_seconds()
        self._monotonic = monotonic
        self._sleep = sleep
        self._note_taken_away = note_taken_away

    def delete(self, change: Change, grant: ExistingAccessGrant) -> None:
        """Begins the deletion of a grant. Raises `SeamError`."""
        self._workspace.delete_access_grant(grant.id)
        self.note_shorter(change, grant)

    def note_shorter(self, change: Change, grant: ExistingAccessGrant) -> None:
        """Of a grant (as it was before) that goes or is to end earlier: a lock that is not told may open by it."""
        self._note_taken_away(change, grant, self._rooms.names_of(grant.space_ids))

    def may_leave(self, change: Change) -> bool:
        """Whether the former grant may go before the new one is made: it is another person's, or the new one has all
        that it needs."""
        if change.takes_over or change.grant is None:
            return change.takes_over
        return self._people.is_there(change.grant.user_identity_key) and self._rooms.are_there(change.grant.space_keys)

    def leave(self, change: Change) -> Leaving:
        """Starts the deletion of the grant that is to be replaced; the PIN of whoever has the new one is carried over.
        Raises `SeamError`."""
        pin = self._pins.pin_for(change)
        current = change.existing_grants[0]
        if not current.being_deleted:
            if pin is not None:
                self._pins.keep(change, pin)
            self.delete(change, current)
        return Leaving(self._monotonic(), pin)

    def left_by_itself(self, change: Change) -> Leaving:
        """For a grant that is not there any more, whoever deleted it."""
        return Leaving(self._monotonic(), self._pins.pin_for(change))

    def make(
        self, change: Change, wanted: DesiredAccessGrant, left: Leaving | None = None
    ) -> tuple[ExistingAccessGrant, str]:
        """The grant, and what the report should say of it beside the reason. `left`: the one that it replaces, where
        its deletion has begun. Raises `SeamError`, and then only a stranger's former grant is gone."""
        identity_id = self._people.id_of(wanted.user_identity_key)
        space_ids = self._rooms.ids_of(wanted.space_keys)
        if left is None and change.existing_grants and change.action is not Action.CREATE:
            left = self.leave(change)
        elif left is None:
            left = self.left_by_itself(change)
        pin, until = left.pin, left.since + self._replace_wait
        if pin is None and change.takes_over and change.pin_from:
            pin = self._pins.pin_for(change)
        occupied = {grant.key: grant.id for grant in change.existing_grants if grant.key}
        remarks: list[str] = []
        if change.takes_over and not self._is_dead(change.existing_grants[0], until):
            remarks.append(say("the former guest's access is still being deleted, and may open until then"))
        key = self._free_key(wanted.key, occupied, until)
        keeps = change.pin_from and "code" in wanted.access_methods and wanted.keeps_pin
        if keeps and pin is None:
            remarks.append(say("new PIN: the former one could not be carried over"))
        for _ in range(GENERATIONS):
            grant, remark = self._create(change, wanted, key, identity_id, space_ids, pin)
            if grant.being_deleted:
                occupied[key] = grant.id
                key = next_generation_key(wanted.key, occupied)
                continue
            if remark:
                remarks.append(remark)
            if grant.user_identity_id == identity_id and grant.space_ids == frozenset(space_ids):
                if (grant.starts_at, grant.ends_at) != (wanted.starts_at, wanted.ends_at):
                    self._workspace.update_access_grant(grant.id, wanted)
                if key != wanted.key:
                    remarks.append(say("made as {key}, for Seam still deletes the former grant", key=key))
                return grant, together(remarks)
            # Seam had one by this key that was not listed: for another guest, or other doors.
            if pin is None and grant.user_identity_id in self._ids_of(wanted) and wanted.keeps_pin:
                pin = self._workspace.pin_of(grant.id)
            if pin is not None:
                self._pins.keep(change, pin)
            self.delete(change, grant)
            occupied[key] = grant.id
            key = self._free_key(wanted.key, occupied, self._monotonic() + self._replace_wait)
        raise SeamUnreachable(say("no key is free for this grant, although {number} were tried", number=GENERATIONS))

    def _ids_of(self, wanted: DesiredAccessGrant) -> set[str]:
        """Seam's ids of all identities that are this person's."""
        return self._people.ids_of((wanted.user_identity_key, *wanted.merged_identity_keys))

    def _is_dead(self, grant: ExistingAccessGrant, until: float) -> bool:
        """Waits for the end of another person's grant; whether it came in time."""
        if grant.key is None:
            return True
        return self._gone(grant.key, grant.id, until)

    def _free_key(self, base_key: str, occupied: dict[str, str], until: float) -> str:
        """The first key of the grant; the next generation's where it does not become free in time. A living grant that
        has got it meanwhile is found when it is asked for."""
        former = occupied.get(base_key)
        if former and self._gone(base_key, former, until):
            del occupied[base_key]
        return next_generation_key(base_key, occupied)

    def _gone(self, key: str, grant_id: str, until: float) -> bool:
        """Whether this grant has its key no more, before `until` (monotonic seconds)."""
        pause = 0.25
        while (found := self._workspace.access_grant_by_key(key)) is not None and found.id == grant_id:
            remaining = until - self._monotonic()
            if remaining <= 0:
                return False
            self._sleep(min(pause, remaining))
            pause = min(2.0, pause * 2)
        return True

    def _create(
        self,
        change: Change,
        wanted: DesiredAccessGrant,
        key: str,
        identity_id: str,
        space_ids: Sequence[str],
        pin: str | None,
    ) -> tuple[ExistingAccessGrant, str]:
        """Creates the grant; gives way where Seam refuses the PIN or the reservation, and says so."""
        first = change.reservation_key
        reservation = Reservation(first, wanted.reservation_key, split_generation(first)[1] if first else 1)
        remark = ""
        is_former = pin is not None
        which = say("former PIN") if is_former else say("PIN from her phone number")
        if pin is None and "code" in wanted.access_methods:
            pin = wanted.pin
        if pin is not None:
            spaces = dict(zip(wanted.space_keys, space_ids, strict=False))
            if self._pins.is_of_another(pin, change, self._ids_of(wanted), spaces, is_former=is_former):
                pin, remark = None, say("new PIN: another guest has the {which} at this door", which=which)
        for _ in range(GENERATIONS):
            try:
                grant = self._workspace.create_access_grant(
                    wanted,
                    key=key,
                    user_identity_id=identity_id,
                    space_ids=space_ids,
                    reservation_key=reservation.key,
                    pin=pin,
                )
            except SeamNotFound:
                raise
            except SeamRefused as refused:
                if reservation.key is not None and "reservation" in refused.words:
                    reservation = self._reservations.next(reservation, wanted, space_ids, refused)
                    continue
                if pin is None:
                    raise
                pin = None
                remark = (
                    say("new PIN: the former one could not be carried over, for Seam refused it")
                    if is_former
                    else say("another PIN than the {which}: Seam refused that one", which=which)
                )
                continue
            if pin is not None and "requested_code_unavailable" in grant.troubles:
                remark = say("new PIN: the lock did not take the {which}", which=which)
            count(Cost.CODES, "code" in wanted.access_methods and not grant.being_deleted)
            return grant, remark
        raise SeamUnreachable(say("Seam refuses every reservation key of this booking"))
