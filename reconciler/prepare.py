"""The second pass over a property: its people and their access. Look up what Seam has, map, plan.

Bookings are looked up before they are mapped, for two answers depend on what Seam has: who of a company's guests holds
the key already, and which bookings a full read should have brought.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from connectors.ports import Pms, Reader
from connectors.records import Booking, BookingStatus, Property
from connectors.wording import counted
from mappers.access import NO_ACCESS, BookingAccess, Existing, Withheld
from mappers.access_grants import booking_access
from mappers.keys import Keys, split_generation
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from mappers.stay_window import in_its_zone
from mappers.user_identities import desired_user_identity
from reconciler.changes import Change, Plan, fingerprint
from reconciler.draft import Audit, Desired
from reconciler.holders import settle
from reconciler.lookup import LinksByKey, Survey, look_up_grants, look_up_user_identities
from reconciler.planner import plan
from reconciler.pull import NOT_BELIEVED, Pulled, ask_for_the_missing
from reconciler.recognition import recognise_people
from reconciler.rooms import Rooms
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingResources,
    ExistingSpace,
    ExistingUserIdentity,
)
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.links import Links
from store.runs import OutcomeRow
from store.stays import Stays
from store.work import Work

UNREADABLE = (
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
    ):
        """`every_identity`: also those of guests who need none at the moment are looked up, as the night audit does."""
        self._every_identity = every_identity
        self._connection = connection
        self._policy = connection.policy
        self._keys = connection.keys
        self._workspace = workspace
        self._store = store
        self._now = now
        self.links: LinksByKey = Links(store).of_connection(connection.name)
        """What is linked: as it was when the run began, and after Spaces were made."""
        self.surveyed = Survey(workspace, self.links)
        """What was read of Seam for all of the run's properties together."""

    @cached_property
    def reader(self) -> Reader:
        """Of the PMS, for this run."""
        return self._connection.connector.reader()

    def read_links_again(self) -> None:
        """After Spaces were made."""
        self.links = Links(self._store).of_connection(self._connection.name)

    def survey(self, pulls: Collection[Pulled], changes_only: bool) -> None:
        """Reads of Seam what these properties are about to need together. `changes_only`: a run over what changed,
        which relies on what is linked, unless the last run was cut off or failed. Raises `SeamError`."""
        by_id: set[str] = set()
        if changes_only:
            name = self._connection.name
            changed = [pulled for pulled in pulls if not pulled.full]
            by_id = {one for pulled in changed for one in (*pulled.bookings, *pulled.gone, *pulled.doubtful)}
            by_id -= Work(self._store).in_trouble(name)
        people = {
            self._keys.guest(guest_id)
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
        spaces, locks = rooms.spaces, rooms.locks
        of, keys, policy = pulled.of, self._keys, self._policy
        customer_key = keys.customer(of.id)
        grants = look_up_grants(
            self.surveyed,
            keys,
            self.links,
            customer_key,
            None if pulled.full else self._to_look_up(pulled),
            policy.guests == "everyone",
            lambda text: self.reader.could_be_id("booking", text),
        )
        if pulled.full:
            ask_for_the_missing(self.reader, pulled, self._expected(of, grants), self._now, policy.horizon)
            grants = self._only_ours(pulled, grants)
        self._recheck_missing_guests(pulled, grants)
        linked = self._linked_identities(of) if self._every_identity else {}
        found = look_up_user_identities(
            self.surveyed,
            self.links,
            list(dict.fromkeys([*self._people_wanted(pulled, grants), *linked])),
            {grant.user_identity_id for several in grants.values() for grant in several if not grant.being_deleted},
            whoever_is_linked=self.surveyed.has_grants_of(pulled.bookings),
            as_made=() if pulled.full or self._every_identity else self._as_made(pulled),
        )
        recognise_people(
            pulled, grants, found, self.links, keys, self._workspace, lambda booking: self._may_need(booking, grants)
        )
        guests_wanted = {
            keys.guest(guest_id): pulled.guests[guest_id]
            for booking in pulled.bookings.values()
            for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids)
            if guest_id in pulled.guests and self._may_need(booking, grants)
        }
        identities = found.by_key
        existing = ExistingResources(
            spaces=spaces,
            user_identities=identities,
            access_grants={booking_id: tuple(found) for booking_id, found in grants.items()},
            reservation_space_ids=self.surveyed.reservation_space_ids(customer_key)
            if locks is None
            else locks.space_ids(lambda door: door.can_belong_to_reservation),
            own_code_space_ids=self._workspace.own_code_space_ids
            if locks is None
            else locks.space_ids(lambda door: door.may_choose_codes),
            doors=rooms.existing.doors,
            contact_holders=found.contact_holders,
        )
        accesses = [
            settle(
                access,
                existing.access_grants.get(access.booking_id, ()),
                identities,
                {key: space.id for key, space in spaces.items()},
                keys,
                self._now,
            )
            for access in self._map(pulled, existing, found.keys_by_id)
        ]
        accesses = [
            self._unread(of, one.booking_id, Withheld(UNREADABLE, Existing.KEEP, Outcome.FAILED))
            if one.booking_id in self.surveyed.unclear
            else one
            for one in accesses
        ]
        lost_rooms, denied_rooms = self._missing_rooms(pulled, spaces)
        broken_rooms = [broken for broken in pulled.broken if broken.kind == "room"]
        result = plan(
            Desired(
                accesses=accesses,
                property_id=of.id,
                person=self._policy.person,
                user_identities={
                    key: desired_user_identity(guest, of.country, keys) for key, guest in guests_wanted.items()
                },
                spaces=rooms.wanted,
                spaces_to_leave=frozenset(
                    {one.key for one in rooms.without if one.needs_a_person}
                    | {keys.room(broken.id) for broken in broken_rooms}
                    | lost_rooms
                ),
                retired_spaces=frozenset(one.key for one in rooms.without if not one.needs_a_person) | denied_rooms,
            ),
            existing,
            self.links,
            self._now,
            Audit(
                retain_grants=policy.retain_grants,
                delete_orphan_spaces=policy.orphan_spaces == "delete" and not broken_rooms,
                is_our_space=self._is_our_space,
            )
            if pulled.full
            else None,
            Work(self._store).cut_off(self._connection.name).keys(),
        )
        # What failed to be made a moment ago is not tried again in the same run.
        result.spaces = [change for change in result.spaces if change.key not in rooms.attempted]
        made = sum(key in spaces for key in rooms.attempted)
        prepared = Prepared(pulled, existing, result, accesses, spaces_made=made)
        if locks is not None:
            prepared.notes.extend(locks.notes)
        if rooms.changed:
            # What their guests will find at the door has changed, though no booking has.
            there = Stays(self._store).bookings_in_rooms(self._connection.name, of.id, rooms.changed, self._now)
            for booking_id in there:
                if booking_id not in pulled.bookings:
                    result.look_again.setdefault(booking_id, self._now)
        for one in rooms.without:
            if one.needs_a_person and pulled.full:
                # A room that had a type as long as we know it has lost it, on the way to us or by mistake.
                had_one = (Kind.SPACE, one.key) in self.links
                severity = Outcome.FAILED if had_one else Outcome.ALERT
                error = one.reason if had_one else None
                prepared.notes.append(
                    OutcomeRow(Kind.SPACE, one.key, Action.WAIT, severity, one.reason, error, label=one.name)
                )
        prepared.missing_identities = [
            key for key in linked if key not in identities and key not in {one.key for one in result.identities}
        ]
        if pulled.full:
            self._plan_forgotten_guests(prepared)
        return prepared

    def accesses(self, pulled: Pulled) -> dict[str, BookingAccess]:
        """What the bookings that were read should have, by their ids, for whoever has it in Seam now: people whom the
        PMS only numbers are recognised, in `pulled` as well. Nothing is planned. Raises `SeamError`."""
        grants = look_up_grants(
            self.surveyed,
            self._keys,
            self.links,
            self._keys.customer(pulled.of.id),
            self._to_look_up(pulled),
            self._policy.guests == "everyone",
            lambda text: self.reader.could_be_id("booking", text),
        )
        found = look_up_user_identities(
            self.surveyed,
            self.links,
            self._people_wanted(pulled, grants),
            {grant.user_identity_id for several in grants.values() for grant in several if not grant.being_deleted},
        )
        recognise_people(
            pulled,
            grants,
            found,
            self.links,
            self._keys,
            self._workspace,
            lambda booking: self._may_need(booking, grants),
        )
        existing = ExistingResources({}, found.by_key, {one: tuple(several) for one, several in grants.items()})
        return {access.booking_id: access for access in self._map(pulled, existing, found.keys_by_id)}

    def _only_ours(
        self, pulled: Pulled, grants: Mapping[str, list[ExistingAccessGrant]]
    ) -> dict[str, list[ExistingAccessGrant]]:
        """Without a prefix a key tells by its shape only whose it is, and other tools make keys as well: what has ended
        is ours to remove where we made it, or know its stay."""
        if self._keys.prefix:
            return dict(grants)
        mine = {link.booking_id for (kind, _), link in self.links.items() if kind == Kind.ACCESS_GRANT}
        mine |= pulled.known_ids()
        found = {}
        for booking_id, several in grants.items():
            ours = (
                several
                if booking_id in mine
                else [one for one in several if one.ends_at is None or one.ends_at > self._now]
            )
            if ours:
                found[booking_id] = ours
        return found

    def _as_made(self, pulled: Pulled) -> Iterator[ExistingUserIdentity]:
        """People of whom the PMS says just what Seam was given of them. What somebody else has done to them since is
        left to a run over everything, as it is with bookings."""
        name = self._connection.name
        if not pulled.bookings.keys().isdisjoint(Work(self._store).in_trouble(name)):
            return
        for guest in pulled.guests.values():
            wanted = desired_user_identity(guest, pulled.of.country, self._keys)
            link = self.links.get((Kind.USER_IDENTITY, wanted.key))
            if guest.has_id and link is not None and link.wanted_hash == link.made_hash == fingerprint(wanted):
                yield ExistingUserIdentity(
                    link.seam_id, wanted.key, wanted.full_name, wanted.email_address, wanted.phone_number
                )

    def _linked_identities(self, of: Property) -> dict[str, str]:
        return {
            key: link.seam_id
            for (kind, key), link in self.links.items()
            if kind == Kind.USER_IDENTITY and link.property_id == of.id
        }

    def _missing_rooms(self, pulled: Pulled, spaces: dict[str, ExistingSpace]) -> tuple[frozenset[str], frozenset[str]]:
        """Space keys of rooms that have a Space of ours and were not listed: those that the PMS has all the same when
        asked for them (its list lost them), and those that it denies, asked twice."""
        if not pulled.full:
            return frozenset(), frozenset()
        seen = pulled.rooms.keys() | {broken.id for broken in pulled.broken if broken.kind == "room"}
        missing = {
            room_id
            for key in spaces
            if (Kind.SPACE, key) in self.links
            and (room_id := self._keys.id_of(key)) is not None
            and room_id not in seen
            and self.reader.could_be_id("room", room_id)
        }
        denied = set(missing)
        for _ in range(2):
            if denied:
                denied -= self.reader.known_rooms(pulled.of, sorted(denied))
        pulled.left_out += len(missing - denied)
        if len(denied) > len(seen):
            # A list of rooms that brings nothing, or much less than is known, says nothing.
            denied = set()
        return (
            frozenset(self._keys.room(room_id) for room_id in missing - denied),
            frozenset(self._keys.room(room_id) for room_id in denied),
        )

    def _map(
        self, pulled: Pulled, existing: ExistingResources, identity_keys: Mapping[str, str]
    ) -> list[BookingAccess]:
        keys = self._keys
        accesses = []
        unlisted = {
            room_id: space.name
            for key, space in existing.spaces.items()
            if (room_id := keys.id_of(key)) is not None and room_id not in pulled.rooms
        }
        for booking in pulled.bookings.values():
            holder = self._holder(booking, existing, identity_keys) if booking.primary_is_any else None
            try:
                access = booking_access(
                    booking, pulled.of, pulled.rooms, pulled.guests, self._policy, keys, self._now, holder, unlisted
                )
            except (ArithmeticError, ValueError, TypeError) as problem:
                # Whatever a PMS may hold, such as a year 9999: one booking, not the run.
                reason = f"the booking cannot be mapped ({type(problem).__name__}): check its dates in the PMS"
                access = self._unread(pulled.of, booking.id, Withheld(reason, Existing.KEEP, Outcome.FAILED))
            accesses.append(access)
        for broken in pulled.broken:
            if broken.kind == "booking" and broken.status in NO_ACCESS and broken.id not in pulled.bookings:
                reason = f"{NO_ACCESS[broken.status]}, though the rest of the record cannot be read"
                accesses.append(self._unread(pulled.of, broken.id, Withheld(reason, Existing.REVOKE)))
        linked = {link.booking_id for (kind, _), link in self.links.items() if kind == Kind.ACCESS_GRANT}
        for booking_id in sorted(pulled.gone):
            accesses.append(
                self._unread(
                    pulled.of,
                    booking_id,
                    Withheld(
                        "the PMS, asked for this booking, has no such booking (any more)",
                        Existing.REVOKE,
                        is_orphan=True,
                    )
                    if booking_id in linked
                    else Withheld(
                        "Seam has access by this key, and the PMS knows no such booking: left alone, for it may be "
                        "somebody else's",
                        Existing.KEEP,
                        Outcome.ALERT,
                        is_orphan=True,
                    ),
                )
            )
        may_be_gone = pulled.may_be_gone & linked
        for booking_id in sorted(pulled.doubtful):
            accesses.append(
                self._unread(
                    pulled.of,
                    booking_id,
                    Withheld(NOT_BELIEVED, Existing.REVOKE)
                    if booking_id in may_be_gone
                    else Withheld(
                        "the PMS does not find this booking, but its lists are not complete: access stays until its "
                        "end",
                        Existing.KEEP,
                        Outcome.ALERT,
                        look_again_at=self._now,
                    ),
                )
            )
        return accesses

    def _unread(self, of: Property, booking_id: str, withheld: Withheld) -> BookingAccess:
        label = next(
            (
                link.label
                for link in self.links.values()
                if link.kind == Kind.ACCESS_GRANT and link.booking_id == booking_id and link.label
            ),
            booking_id,
        )
        return BookingAccess(booking_id, self._keys.grant(booking_id), label, of.time_zone, withheld=withheld)

    def _holder(self, booking: Booking, existing: ExistingResources, keys_by_id: Mapping[str, str]) -> str | None:
        """The guest of the booking who has the main guest's grant in Seam now; else any who has one."""
        base = self._keys.grant(booking.id)
        living = [grant for grant in existing.access_grants.get(booking.id, ()) if not grant.being_deleted]
        living.sort(key=lambda grant: split_generation(grant.key or "")[0] != base)
        for grant in living:
            key = keys_by_id.get(grant.user_identity_id)
            guest_id = self._keys.id_of(key) if key else None
            if guest_id in booking.guest_ids:
                return guest_id
        return None

    def _people_wanted(self, pulled: Pulled, grants: dict[str, list[ExistingAccessGrant]]) -> list[str]:
        """The keys of everybody whose identity may be needed: those of profiles merged into another as well."""
        wanted: dict[str, None] = {}
        for booking in pulled.bookings.values():
            if not self._may_need(booking, grants):
                continue
            for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids):
                guest = pulled.guests.get(guest_id)
                wanted[self._keys.guest(guest_id)] = None
                if guest is not None and booking.id in grants:
                    wanted.update((self._keys.guest(one), None) for one in guest.merged_ids)
        return list(wanted)

    def _to_look_up(self, pulled: Pulled) -> list[Booking]:
        """The bookings read, and stand-ins for those that were asked for and not found, or have ended unread."""
        ended = [one.id for one in pulled.broken if one.kind == "booking" and one.status in NO_ACCESS]
        stand_ins = [
            Booking(
                id=booking_id,
                property_id=pulled.of.id,
                number="",
                status=BookingStatus.UNKNOWN,
                status_word="",
                arrival=self._now,
                departure=self._now,
            )
            for booking_id in (*pulled.gone, *pulled.doubtful, *ended)
        ]
        return [*pulled.bookings.values(), *stand_ins]

    def _expected(self, of: Property, grants: dict[str, list[ExistingAccessGrant]]) -> set[str]:
        """Booking ids that a full read should have brought: those with access that has not ended."""
        expected = {
            booking_id
            for booking_id, found in grants.items()
            if any(not grant.being_deleted and (grant.ends_at is None or grant.ends_at > self._now) for grant in found)
        }
        return expected | Work(self._store).watched(self._connection.name, of.id, self._now)

    def _may_need(self, booking: Booking, grants: dict[str, list[ExistingAccessGrant]]) -> bool:
        """Whether the booking's guests need identities looked up: it has access, or is about to get it."""
        if booking.id in grants:
            return True
        arrival = min(
            (one for one in (booking.arrival, booking.actual_arrival) if isinstance(one, datetime)), default=self._now
        )
        return arrival <= self._now + self._policy.provision_ahead + self._policy.early

    def _recheck_missing_guests(self, pulled: Pulled, grants: dict[str, list[ExistingAccessGrant]]) -> None:
        """A guest who has access and is on the booking no more may only have been lost from a list of companions."""
        by_booking: dict[str, set[str]] = {}
        for link in self.links.values():
            if link.kind == Kind.ACCESS_GRANT and link.booking_id and link.user_identity_key:
                by_booking.setdefault(link.booking_id, set()).add(link.user_identity_key)
        suspects = []
        for booking_id in grants:
            booking = pulled.bookings.get(booking_id)
            if booking is None or booking.status not in (BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE):
                continue
            present = self._present(booking, pulled)
            if present is not None and by_booking.get(booking_id, set()) - present:
                suspects.append(booking_id)
        if not suspects:
            return
        again = self.reader.bookings_by_id(pulled.of, sorted(suspects))
        for booking in again.bookings:
            before = pulled.bookings[booking.id]
            lost = [guest_id for guest_id in booking.guest_ids if guest_id not in before.guest_ids]
            if lost:
                pulled.left_out += len(lost)
                everybody = (*before.guest_ids, *lost) if not booking.primary_is_any else booking.guest_ids
                pulled.bookings[booking.id] = replace(booking, guest_ids=everybody)
        pulled.guests.update(again.guests)
        self._doubt_lists_of_companions(pulled, by_booking)

    def _present(self, booking: Booking, pulled: Pulled) -> set[str] | None:
        """The identity keys of everybody on a booking, those of merged profiles as well; None where the ids name places
        only: who is missing there is told by name and contact."""
        everybody = (*booking.guest_ids, *booking.unclear_guest_ids)
        guests = [pulled.guests[one] for one in everybody if one in pulled.guests]
        if not all(guest.has_id for guest in guests):
            return None
        return {self._keys.guest(one) for one in everybody}.union(
            self._keys.guest(one) for guest in guests for one in guest.merged_ids
        )

    def _doubt_lists_of_companions(self, pulled: Pulled, known: Mapping[str, set[str]]) -> None:
        """Where most bookings with several people have lost some at once, or the PMS is not believed anyhow, the list
        of companions was lost: those whom it does not show any more are left as they are."""
        lost: dict[str, list[str]] = {}
        complete = 0
        for booking_id, people in known.items():
            booking = pulled.bookings.get(booking_id)
            if booking is None or len(people) < 2:
                continue
            present = self._present(booking, pulled)
            if present is None or not {self._keys.guest(guest_id) for guest_id in booking.guest_ids} <= people:
                continue  # Somebody new is on it: it was changed, not lost.
            missing = [guest_id for key in sorted(people - present) if (guest_id := self._keys.id_of(key)) is not None]
            if missing:
                lost[booking_id] = missing
            else:
                complete += 1
        in_doubt = pulled.doubt is not None or bool(pulled.doubtful) or bool(pulled.left_out)
        if not lost or (not in_doubt and (len(lost) < 2 or len(lost) <= complete)):
            return
        pulled.doubt = pulled.doubt or (
            f"the PMS does not show the companions of {len(lost)} of {counted(len(lost) + complete, 'booking')} any "
            "more: while so many are missing, nobody is believed to be gone; check what the integration may read"
        )
        for booking_id, missing in lost.items():
            booking = pulled.bookings[booking_id]
            pulled.bookings[booking_id] = replace(booking, unclear_guest_ids=(*booking.unclear_guest_ids, *missing))

    def _is_our_space(self, key: str) -> bool:
        plain = self._keys.id_of(key)
        return plain is not None and self.reader.could_be_id("room", plain)

    def _plan_forgotten_guests(self, prepared: Prepared) -> None:
        """Identities whose last stay is long over, and whom no grant needs any more."""
        limit = self._now - self._policy.retain_guests
        needed = {link.user_identity_key for (kind, _), link in self.links.items() if kind == Kind.ACCESS_GRANT}
        busy = {grant.user_identity_id for found in prepared.existing.access_grants.values() for grant in found}
        planned = {change.key for change in prepared.plan.identities}
        for (kind, key), link in self.links.items():
            if (
                kind == Kind.USER_IDENTITY
                and link.property_id == prepared.pulled.of.id
                and link.ends_at is not None
                and link.ends_at < limit
                and key not in needed
                and key not in planned
                and link.seam_id not in busy
            ):
                identity = prepared.existing.user_identities.get(key) or self._workspace.user_identity_by_key(key)
                if identity is None or key in identity.merged_keys:
                    continue
                if not self._workspace.has_grants(identity.id):
                    prepared.plan.identities.append(
                        Change(
                            Kind.USER_IDENTITY,
                            Action.REVOKE,
                            key,
                            f"last stay ended on {link.ends_at:%d %b %Y}, and the policy keeps "
                            f"{self._policy.person}s no longer",
                            existing_identity=identity,
                            forgets=key,
                        )
                    )
