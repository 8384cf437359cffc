"""One person's grant for one room and one time: the names, keys and rules that all grants of a booking share."""

from collections.abc import Mapping
from datetime import datetime

from connectors.phones import phone_in
from connectors.plain_text import LONGEST_LABEL
from connectors.records import Booking, BookingStatus, Guest, Property, Room
from mappers.access import BookingAccess, Remark
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.places import Place, place_of
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant
from mappers.sentences import say
from mappers.stay_window import StayWindow
from mappers.user_identities import initials

UNCLEAR = say("the PMS says something of this person that we do not know")
"""Why a person on a booking gets nothing new."""


class GrantBuilder:
    """Collects the grants of a booking's people."""

    def __init__(
        self,
        booking: Booking,
        of: Property,
        rooms: Mapping[str, Room],
        guests: Mapping[str, Guest],
        policy: Policy,
        keys: Keys,
        unlisted: Mapping[str, str] | None,
    ):
        """`rooms` and `guests` by id; `unlisted`: names of rooms that the PMS does not list, by id."""
        self._booking = booking
        self._of = of
        self._rooms = rooms
        self._guests = guests
        self._policy = policy
        self._keys = keys
        self._unlisted = unlisted
        self.grants: list[DesiredAccessGrant] = []
        self.kept: list[DesiredAccessGrant] = []
        self.remarks: list[Remark] = []

    def key(self, position: int, guest_id: str, span: int = 1) -> str:
        is_first = position == 0 and self._booking.has_primary
        return self._keys.grant(self._booking.id, None if is_first else guest_id, span)

    def place(self, room_id: str, span: int = 1) -> Place:
        """A room of the booking; why it is opened to nobody new is remarked."""
        place = place_of(room_id, self._rooms, self._of, self._policy, self._keys, self._unlisted)
        if place.trouble is not None:
            why, outcome = place.trouble
            self.remark(say("no new access: {why}", why=why), outcome, span)
        return place

    def remark(self, reason: str, outcome: Outcome, span: int = 1) -> None:
        """Says something in the report of the booking, or of one span of it."""
        self.remarks.append(Remark(self._keys.grant(self._booking.id, span=span), reason, outcome))

    def tell_closed(self, place: Place, span: int = 1) -> None:
        """Says of a room what of it is not opened to anybody new."""
        for one in place.closed:
            self.remark(one.reason, Outcome.ALERT, span)

    def take(
        self,
        position: int,
        guest_id: str,
        place: Place,
        window: StayWindow,
        span: int = 1,
        *,
        no_new: str | None = None,
        keeps_times: bool = False,
    ) -> None:
        """Adds one person's grant for one room; with `no_new`, or without a profile, only what exists stays."""
        key = self.key(position, guest_id, span)
        guest = self._guests.get(guest_id)
        if guest is None and no_new is None:
            no_new = say("the PMS does not hand out this {person}'s profile", person=self._policy.person_said)
            self.remarks.append(Remark(key, say("no new access: {why}", why=no_new), Outcome.FAILED))
        booking, keys = self._booking, self._keys
        (self.grants if no_new is None else self.kept).append(
            DesiredAccessGrant(
                key=key,
                booking_id=booking.id,
                user_identity_key=keys.guest(guest_id),
                space_keys=place.doors,
                closed_keys=tuple(one.key for one in place.closed),
                starts_at=window.starts_at,
                ends_at=window.ends_at,
                name=f"{booking.word} {booking.number}" if booking.number else booking.word,
                access_methods=self._policy.access_methods,
                instant_key_max_use_count=self._policy.instant_key_max_use_count,
                reservation_key=keys.reservation(booking.id, span),
                label=_who_and_where(guest, place.name),
                room_id=place.room_id,
                room_key=place.room_key,
                pin=phone_in(guest.phone).last_4 if guest and self._policy.pin == "phone_last_4" else None,
                keeps_pin=self._policy.pin != "random",
                due_at=window.starts_at - self._policy.provision_ahead,
                span=span,
                merged_identity_keys=tuple(keys.guest(one) for one in guest.merged_ids) if guest else (),
                no_new=no_new,
                keeps_times=keeps_times,
            )
        )

    def built(self, room_id: str | None, look_again_at: datetime | None) -> BookingAccess:
        """The access of the booking, whose room now is `room_id`."""
        booking, keys = self._booking, self._keys
        return BookingAccess(
            booking.id,
            keys.grant(booking.id),
            label_of(booking, self._rooms.get(room_id) if room_id is not None else None, self._guests),
            self._of.time_zone,
            grants=tuple(self.grants),
            kept=tuple(self.kept),
            room_key=keys.room(room_id) if room_id is not None else None,
            remarks=tuple(self.remarks),
            look_again_at=look_again_at,
            in_house=booking.status is BookingStatus.IN_HOUSE,
        )


def label_of(booking: Booking, room: Room | None, guests: Mapping[str, Guest]) -> str:
    """Whose booking it is, for people: initials and room; its number or id where there are none."""
    guest = guests.get(booking.guest_ids[0]) if booking.guest_ids else None
    told = _who_and_where(guest, room.name if room else "")
    return told or (f"#{booking.number}" if booking.number else booking.id)


def _who_and_where(guest: Guest | None, room: str) -> str:
    return f"{initials(guest) if guest else ''} {room}".strip()[:LONGEST_LABEL].rstrip()


def possible_keys(booking: Booking, everyone: bool, keys: Keys) -> list[str]:
    """The keys, without generations, under which Seam may have grants of a booking."""
    people: list[str | None] = [None] if booking.has_primary else []
    if everyone or not booking.has_primary:
        people.extend(booking.guest_ids[1:] if booking.has_primary else booking.guest_ids)
        people.extend(booking.unclear_guest_ids)
    # One more than it has: it may have had more before, or a key that another span or guest has left free.
    spans = range(1, max(1, len(booking.spans)) + 2)
    return [keys.grant(booking.id, guest_id, span) for span in spans for guest_id in people]
