"""Gives everybody whom a PMS only numbers the id under which Seam knows her, or one that nobody has had.

Whoever holds access by a booking, and whoever once had a place on it, is compared with those who are on it now.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from connectors.records import Booking, Guest, Property
from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.people import next_key, recognise, tells_less
from mappers.resources import DesiredUserIdentity
from mappers.user_identities import desired_user_identity
from reconciler.changes import HELD_BY_ANOTHER, fingerprint
from reconciler.lookup import LinksByKey, PeopleFound
from reconciler.pull import Pulled
from seam_workspace.existing import ExistingAccessGrant, ExistingUserIdentity
from seam_workspace.workspace import Workspace


def recognise_people(
    pulled: Pulled,
    grants: Mapping[str, Sequence[ExistingAccessGrant]],
    found: PeopleFound,
    links: LinksByKey,
    keys: Keys,
    workspace: Workspace,
    concerns: Callable[[Booking], bool],
) -> None:
    """Changes the ids of people without ids in `pulled`, of the bookings that it `concerns`.

    `found` is whom Seam is known to know; who had a place before somebody else is asked for, and added. Raises
    `SeamError`.
    """
    for booking in list(pulled.bookings.values()):
        everybody = (*booking.guest_ids, *booking.unclear_guest_ids)
        places = [one for one in everybody if one not in pulled.guests or not pulled.guests[one].has_id]
        guests = [pulled.guests[one] for one in places if one in pulled.guests]
        if not guests or not concerns(booking):
            continue
        holders = {grant.user_identity_id for grant in grants.get(booking.id, ())}
        ids = _Recognition(pulled.of, guests, holders, found, links, keys, workspace).ids()
        ids |= _of_the_unreadable([one for one in places if one not in pulled.guests], ids, holders, found, keys)
        guests = [_as_known(guest, found.by_key.get(keys.guest(ids[guest.id]))) for guest in guests]
        pulled.guests.update((guest.id, guest) for guest in guests)
        if all(before == after for before, after in ids.items()):
            continue
        pulled.bookings[booking.id] = replace(
            booking,
            guest_ids=tuple(ids.get(one, one) for one in booking.guest_ids),
            unclear_guest_ids=tuple(ids.get(one, one) for one in booking.unclear_guest_ids),
            child_ids=tuple(ids.get(one, one) for one in booking.child_ids),
            terms={ids.get(one, one): term for one, term in booking.terms.items()},
        )
        pulled.guests.update((ids[guest.id], replace(guest, id=ids[guest.id])) for guest in guests)


def _as_known(guest: Guest, known: ExistingUserIdentity | None) -> Guest:
    """The guest, with the name that Seam knows where the PMS tells less of it now. Otherwise a booking whose name is
    hidden for a while would lose it, and be whoever's is told next."""
    if known is None or not tells_less(f"{guest.first_name} {guest.last_name}", known.full_name):
        return guest
    first, _, last = (known.full_name or "").partition(" ")
    return replace(guest, first_name=first, last_name=last)


class _Recognition:
    """Recognises the people on one booking."""

    def __init__(
        self,
        of: Property,
        guests: Sequence[Guest],
        holders: Collection[str],
        found: PeopleFound,
        links: LinksByKey,
        keys: Keys,
        workspace: Workspace,
    ):
        self._people = [desired_user_identity(guest, of.country, keys) for guest in guests]
        self._found = found
        self._links = links
        self._keys = keys
        self._workspace = workspace
        self._known: dict[str, DesiredUserIdentity] = {}
        for holder in holders:
            if (key := found.keys_by_id.get(holder)) is not None and keys.id_of(key) is not None:
                self._meet(key)
        for person in self._people:
            self._meet(person.key)

    def ids(self) -> dict[str, str]:
        """Guest ids as they should be, by those that name a place."""
        while True:
            who = recognise(self._people, list(self._known.values()), self._as_told())
            strangers = [person.key for person in self._people if person.key not in who]
            new = {place: self._unknown_key(place) for place in strangers}
            if not any(self._meet_in_seam(key) for key in new.values()):
                break
        who |= new
        return {self._keys.id_of(place) or place: self._keys.id_of(key) or key for place, key in who.items()}

    def _meet(self, key: str) -> bool:
        identity = self._found.by_key.get(key)
        if identity is None:
            return False
        self._known[key] = DesiredUserIdentity(key, identity.full_name, identity.email_address, identity.phone_number)
        return True

    def _meet_in_seam(self, key: str) -> bool:
        if not self._found.is_known(key):
            identity = self._workspace.user_identity_by_key(key)
            if identity is not None:
                self._found.take(identity)
            else:
                self._found.absent.add(key)
        return self._meet(key)

    def _unknown_key(self, place: str) -> str:
        number = 1
        while (key := next_key(place, number)) in self._known:
            number += 1
        return key

    def _as_told(self) -> set[tuple[str, str]]:
        """Who is, by all that the PMS says of her, just what Seam was told last of whom."""
        told = {
            key: ((link.wanted_hash or "").removeprefix(HELD_BY_ANOTHER), link.made_hash)
            for key in self._known
            if (link := self._links.get((Kind.USER_IDENTITY, key))) is not None
        }
        return {
            (person.key, key)
            for key, marks in told.items()
            for person in self._people
            if fingerprint(replace(person, key=key)) in marks
        }


def _of_the_unreadable(
    places: Sequence[str], ids: Mapping[str, str], holders: Collection[str], found: PeopleFound, keys: Keys
) -> dict[str, str]:
    """Of whom nothing can be read only the place is known: she is whoever has access from that place."""
    taken = {keys.guest(one) for one in ids.values()}
    answer = {}
    for place in places:
        mine = [
            key
            for holder in holders
            if (key := found.keys_by_id.get(holder)) is not None
            and key not in taken
            and (key == keys.guest(place) or key.startswith(f"{keys.guest(place)}:"))
        ]
        if mine:
            key = max(mine, key=lambda one: (len(one), one))
            answer[place] = keys.id_of(key) or place
    return answer
