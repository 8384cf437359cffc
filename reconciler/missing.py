"""Rooms and companions that a PMS's lists do not show any more: gone, or lost on the way to us?

What is missing is asked for by itself before anything is concluded; where much is missing at once, the lists are not
believed, and everybody keeps what she has.
"""

from collections.abc import Mapping
from dataclasses import replace

from connectors.ports import Reader
from connectors.records import Booking, BookingStatus
from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.sentences import messages, say_number
from reconciler.lookup import LinksByKey
from reconciler.pull import Pulled
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingSpace,
)

COMPANIONS_MISSING = messages(
    "the PMS does not show the companions of {missing} of {number} booking any more: while so many are missing, nobody "
    "is believed to be gone; check what the integration may read",
    "the PMS does not show the companions of {missing} of {number} bookings any more: while so many are missing, "
    "nobody is believed to be gone; check what the integration may read",
)


class Missing:
    """Finds out what became of a property's missing rooms and people. `links`: what is linked, by kind and key."""

    def __init__(self, reader: Reader, keys: Keys, links: LinksByKey):
        self._reader = reader
        self._keys = keys
        self._links = links

    def rooms(self, pulled: Pulled, spaces: dict[str, ExistingSpace]) -> tuple[frozenset[str], frozenset[str]]:
        """Space keys of rooms that have a Space of ours and were not listed: those that the PMS has all the same when
        asked for them (its list lost them), and those that it denies, asked twice."""
        if not pulled.full:
            return frozenset(), frozenset()
        seen = pulled.rooms.keys() | {broken.id for broken in pulled.broken if broken.kind == "room"}
        missing = {
            room_id
            for key in spaces
            if (Kind.SPACE, key) in self._links
            and (room_id := self._keys.id_of(key)) is not None
            and room_id not in seen
            and self._reader.could_be_id("room", room_id)
        }
        denied = set(missing)
        for _ in range(2):
            if denied:
                denied -= self._reader.known_rooms(pulled.of, sorted(denied))
        pulled.left_out += len(missing - denied)
        if len(denied) > len(seen):
            # A list of rooms that brings nothing, or much less than is known, says nothing.
            denied = set()
        return (
            frozenset(self._keys.room(room_id) for room_id in missing - denied),
            frozenset(self._keys.room(room_id) for room_id in denied),
        )

    def recheck_guests(self, pulled: Pulled, grants: dict[str, list[ExistingAccessGrant]]) -> None:
        """A guest who has access and is on the booking no more may only have been lost from a list of companions."""
        by_booking: dict[str, set[str]] = {}
        for link in self._links.values():
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
        again = self._reader.bookings_by_id(pulled.of, sorted(suspects))
        for booking in again.bookings:
            before = pulled.bookings.get(booking.id)
            if before is None:
                # Asked for one, a PMS may answer with all that is of the same reservation.
                continue
            lost = [guest_id for guest_id in booking.guest_ids if guest_id not in before.guest_ids]
            if lost:
                pulled.left_out += len(lost)
                everybody = (*before.guest_ids, *lost) if not booking.primary_is_any else booking.guest_ids
                pulled.bookings[booking.id] = replace(booking, guest_ids=everybody)
        pulled.guests.update(again.guests)
        self._doubt_lists_of_companions(pulled, by_booking)

    def _present(self, booking: Booking, pulled: Pulled) -> set[str] | None:
        """The identity keys of everybody on a booking, those of merged profiles and of who has left as well; None where
        the ids name places only: who is missing there is told by name and contact."""
        everybody = (*booking.guest_ids, *booking.unclear_guest_ids)
        guests = [pulled.guests[one] for one in everybody if one in pulled.guests]
        if not all(guest.has_id for guest in guests):
            return None
        return {self._keys.guest(one) for one in (*everybody, *booking.left_guest_ids)}.union(
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
        pulled.doubt = pulled.doubt or say_number(len(lost) + complete, *COMPANIONS_MISSING, missing=len(lost))
        for booking_id, missing in lost.items():
            booking = pulled.bookings[booking_id]
            pulled.bookings[booking_id] = replace(booking, unclear_guest_ids=(*booking.unclear_guest_ids, *missing))
