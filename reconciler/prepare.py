"""The second pass over a property: its people and their access. Look up what Seam has, map, plan.

Bookings are looked up before they are mapped, for two answers depend on what Seam has: who of a company's guests holds
the key already, and which bookings a full read should have brought.
"""

from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from connectors.ports import Pms, Reader
from connectors.records import Property
from mappers.access import BookingAccess, Existing, Withheld
from mappers.keys import Keys
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from mappers.sentences import say
from mappers.stay_window import in_its_zone
from mappers.user_identities import desired_user_identity
from reconciler.changes import Plan
from reconciler.chosen_pins import PIN_OF_ANOTHER
from reconciler.dealt_with import DealtWith, DealtWithRecords
from reconciler.draft import Audit, Desired
from reconciler.forgotten import forget_guests
from reconciler.holders import settle
from reconciler.lookup import LinksByKey, Survey
from reconciler.map_property import PropertyMap
from reconciler.missing import Missing
from reconciler.neighbours import read_neighbours
from reconciler.other_ids import OtherIds
from reconciler.override_locks import in_turn
from reconciler.planner import plan
from reconciler.pull import Pulled
from reconciler.reasons import NEW_PIN
from reconciler.rooms import Rooms
from reconciler.seam_look_up import Grants, SeamLookUp
from seam_workspace.existing import ExistingResources
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.links import Links
from store.pin_marks import PinMarks
from store.runs import OutcomeRow
from store.stays import Stays
from store.work import Work

UNREADABLE = say(
    "Seam describes an access grant of this booking in a way that cannot be read: what exists stays as it is, and is "
    "looked at by the next run: if it lasts, see the booking's Access Grant in the Seam Console"
)


@dataclass(frozen=True, slots=True)
class RunConnection:
    """What a run needs to know of a connection."""

    name: str
    connector: Pms
    policy: Policy
    keys: Keys
    dealt_with: DealtWith = field(default_factory=DealtWithRecords, repr=False, compare=False)
    """What was brought in step of late."""

    def read_properties(self, reader: Reader | None = None) -> list[Property]:
        """The connection's properties, in their time zones. Raises `PmsError`."""
        reader = reader or self.connector.reader()
        return [in_its_zone(one, self.policy) for one in reader.read_properties()]


@dataclass(slots=True)
class Prepared:
    """One property, read and planned."""

    pulled: Pulled
    existing: ExistingResources
    plan: Plan
    accesses: list[BookingAccess]
    notes: list[OutcomeRow] = field(default_factory=list)
    spaces_made: int = 0
    """Spaces that this run has put right already, and which therefore look unchanged by now."""
    missing_identities: list[str] = field(default_factory=list)
    """Keys of identities that somebody deleted in Seam, and that nobody needs at the moment."""


class Preparation:
    """Prepares the properties of one run. Nothing is written here."""

    def __init__(
        self,
        connection: RunConnection,
        workspace: Workspace,
        store: Database,
        now: datetime,
        every_identity: bool = False,
        new_pins: frozenset[str] = frozenset(),
    ):
        """`every_identity`: also those of guests who need none at the moment are looked up, as the night audit does.
        `new_pins`: Seam's ids of grants that are to be made anew with another PIN."""
        self._new_pins = new_pins
        self.every_identity = every_identity
        self.connection = connection
        self.policy = connection.policy
        self.keys = connection.keys
        self.workspace = workspace
        self.store = store
        self.now = now
        with store.asking():
            self.links: LinksByKey = Links(store).of_connection(connection.name)
            """What is linked: as it was when the run began, and after Spaces were made."""
            self.cut_off: Mapping[str, str] = Work(store).cut_off(connection.name)
            """The property of each booking in the middle of which an earlier run was cut off."""
        self._pulls: Collection[Pulled] = ()
        self._unread: Collection[Property] = ()
        self.surveyed = Survey(workspace, self.links)
        """What was read of Seam for all of the run's properties together."""

    @cached_property
    def reader(self) -> Reader:
        """What reads the PMS for this run."""
        return self.connection.connector.reader()

    @cached_property
    def in_trouble(self) -> Set[str]:
        """Bookings in the middle of which an earlier run was cut off, and those that failed."""
        return self.cut_off.keys() | Work(self.store).failures(self.connection.name).keys()

    def read_links_again(self) -> None:
        """After Spaces were made."""
        self.links = Links(self.store).of_connection(self.connection.name)

    def survey(self, pulls: Collection[Pulled], changes_only: bool, unread: Collection[Property] = ()) -> None:
        """Reads of Seam what these properties are about to need together. `changes_only`: a run over what changed,
        which relies on what is linked, unless the last run was cut off or failed. `unread`: the connection's properties
        of which this run reads nothing. Raises `SeamError`."""
        self._pulls, self._unread = pulls, unread
        by_id: set[str] = set()
        if changes_only:
            changed = [pulled for pulled in pulls if not pulled.full]
            by_id = {one for pulled in changed for one in (*pulled.bookings, *pulled.missing)}
            by_id -= self.in_trouble
        people = {
            self.keys.guest(guest_id)
            for pulled in pulls
            for one in pulled.bookings.values()
            if one.id in by_id
            for guest_id in one.guest_ids
        }
        people |= {
            link.user_identity_key
            for link in self.links.values()
            if link.booking_id in by_id and link.user_identity_key is not None
        }
        self.surveyed.begin(len(pulls), by_id, people)

    def prepare(self, pulled: Pulled, rooms: Rooms) -> Prepared:
        """Looks up, maps and plans one property, whose rooms are in step by now. Raises `SeamError` and `PmsError`."""
        seam, missing = self._seam(), Missing(self.reader, self.keys, self.links)
        # What another property of this run has was moved there, and is not asked for here.
        elsewhere = {one for other in self._pulls if other is not pulled for one in other.known_ids()}
        grants = seam.grants_of(pulled, elsewhere, self._unread)
        missing.recheck_guests(pulled, grants)
        everybody = seam.linked_identities(pulled.of) if self.every_identity else {}
        found = seam.people_of(pulled, grants, everybody)
        existing = seam.existing(pulled, rooms, grants, found)
        wanted = self._mapped().accesses(pulled, existing, found.keys_by_id)
        others = OtherIds(wanted, pulled, self.keys, self.links, existing, lambda ids: self._has(pulled, ids), self.now)
        existing = others.goes_on()
        wanted = others.settled(wanted, self.now)
        accesses = self._in_turn(pulled, rooms, existing, self._settled(pulled, existing, wanted))
        desired = self._desired(pulled, rooms, accesses, grants, missing)
        audit = self._audit(pulled) if pulled.full else None
        result = plan(desired, existing, self.links, self.now, audit, self.cut_off)
        # What failed to be made a moment ago is not tried again in the same run.
        result.spaces = [change for change in result.spaces if change.key not in rooms.attempted]
        made = sum(key in rooms.spaces for key in rooms.attempted)
        prepared = Prepared(pulled, existing, result, accesses, self._notes(pulled, rooms), spaces_made=made)
        self._look_behind_new_doors(prepared, rooms)
        planned = {change.key for change in result.identities}
        prepared.missing_identities = [key for key in everybody if key not in found.by_key and key not in planned]
        if pulled.full:
            forget_guests(prepared, self.links, self.workspace, self.policy, self.now)
        return prepared

    def accesses(self, pulled: Pulled) -> dict[str, BookingAccess]:
        """What the bookings that were read should have, by their ids, for whoever has it in Seam now: people whom the
        PMS only numbers are recognised, in `pulled` as well. Nothing is planned. Raises `SeamError`."""
        seam = self._seam()
        grants = seam.grants_of_these(pulled)
        found = seam.people_of(pulled, grants, {}, as_made=False)
        existing = ExistingResources({}, found.by_key, {one: tuple(several) for one, several in grants.items()})
        return {access.booking_id: access for access in self._mapped().accesses(pulled, existing, found.keys_by_id)}

    def _seam(self) -> SeamLookUp:
        return SeamLookUp(self)

    def _mapped(self) -> PropertyMap:
        return PropertyMap(self.policy, self.keys, self.links, self.now)

    def _has(self, pulled: Pulled, booking_ids: Collection[str]) -> set[str]:
        """Which of these the PMS has, asked once."""
        if not booking_ids:
            return set()
        return {one.id for one in self.reader.bookings_by_id(pulled.of, sorted(booking_ids)).bookings}

    # --- map and plan -------------------------------------------------------------------------------------------------

    def _settled(
        self, pulled: Pulled, existing: ExistingResources, wanted: Collection[BookingAccess]
    ) -> list[BookingAccess]:
        """What every booking should have, under the keys by which Seam has it or will have it."""
        mapped = self._mapped()
        space_ids = {key: space.id for key, space in existing.spaces.items()}
        accesses = []
        for access in wanted:
            if access.booking_id in self.surveyed.unclear:
                unclear = Withheld(UNREADABLE, Existing.KEEP, Outcome.FAILED)
                accesses.append(mapped.unread(pulled.of, access.booking_id, unclear))
                continue
            here = existing.access_grants.get(access.booking_id, ())
            accesses.append(settle(access, here, existing.user_identities, space_ids, self.keys, self.now))
        return accesses

    def _in_turn(
        self, pulled: Pulled, rooms: Rooms, existing: ExistingResources, accesses: list[BookingAccess]
    ) -> list[BookingAccess]:
        """The same, with one booking at a time behind locks that know no more than one."""
        exclusive = {
            one.key: existing.spaces[one.key].id
            for one in rooms.wanted
            if not one.is_shared
            and one.key in existing.spaces
            and existing.spaces[one.key].id in existing.reservation_space_ids
        }
        properties = [*self._unread, *(one.of for one in self._pulls if one is not pulled)]
        others = read_neighbours(self.connection, self.reader, self.store, pulled, exclusive, self.now, properties)
        near = self.policy.unassigned_alert
        return in_turn(accesses, others, existing.access_grants, exclusive, self.now, near)

    def _desired(
        self, pulled: Pulled, rooms: Rooms, accesses: list[BookingAccess], grants: Grants, missing: Missing
    ) -> Desired:
        of, may_need = pulled.of, self._seam().may_need
        lost_rooms, denied_rooms = missing.rooms(pulled, rooms.spaces)
        broken = {self.keys.room(one.id) for one in pulled.broken if one.kind == "room"}
        people = {
            self.keys.guest(guest_id): pulled.guests[guest_id]
            for booking in pulled.bookings.values()
            for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids)
            if guest_id in pulled.guests and may_need(booking, grants)
        }
        return Desired(
            accesses=accesses,
            property_id=of.id,
            person=self.policy.person,
            user_identities={key: desired_user_identity(guest, of.country, self.keys) for key, guest in people.items()},
            spaces=rooms.wanted,
            spaces_to_leave=frozenset({one.key for one in rooms.without if one.needs_a_person} | broken | lost_rooms),
            retired_spaces=frozenset(one.key for one in rooms.without if not one.needs_a_person) | denied_rooms,
            may_be_elsewhere=pulled.may_be_elsewhere,
            new_pins=self._wanted_anew(pulled),
        )

    def _wanted_anew(self, pulled: Pulled) -> dict[str, str]:
        marks = PinMarks(self.store, self.connection.name).to_be_made_anew() if pulled.bookings else ()
        return {one.grant_id: PIN_OF_ANOTHER for one in marks} | dict.fromkeys(self._new_pins, NEW_PIN)

    def _audit(self, pulled: Pulled) -> Audit:
        all_read = not any(broken.kind == "room" for broken in pulled.broken)
        return Audit(
            retain_grants=self.policy.retain_grants,
            delete_orphan_spaces=self.policy.orphan_spaces == "delete" and all_read,
            is_our_space=self._is_our_space,
        )

    def _is_our_space(self, key: str) -> bool:
        plain = self.keys.id_of(key)
        return plain is not None and self.reader.could_be_id("room", plain)

    def _notes(self, pulled: Pulled, rooms: Rooms) -> list[OutcomeRow]:
        """What the report says of rooms: of their locks, and of those without a type."""
        notes = list(rooms.locks.notes) if rooms.locks is not None else []
        for one in rooms.without if pulled.full else ():
            if one.needs_a_person:
                # A room that had a type as long as we know it has lost it, on the way to us or by mistake.
                had_one = (Kind.SPACE, one.key) in self.links
                outcome, error = (Outcome.FAILED, one.reason) if had_one else (Outcome.ALERT, None)
                notes.append(OutcomeRow(Kind.SPACE, one.key, Action.WAIT, outcome, one.reason, error, label=one.name))
        return notes

    def _look_behind_new_doors(self, prepared: Prepared, rooms: Rooms) -> None:
        """Has the bookings of rooms whose locks are others now looked at, though they have not changed themselves."""
        if not rooms.changed:
            return
        name, of = self.connection.name, prepared.pulled.of
        for booking_id in Stays(self.store).bookings_in_rooms(name, of.id, rooms.changed, self.now):
            if booking_id not in prepared.pulled.bookings:
                prepared.plan.look_again.setdefault(booking_id, self.now)
