"""Who gets in where, and when: a booking becomes the access it should have, or the reason why it has none.

The rules stand in the order in which a night clerk would ask: may this booking have access at all, when, which door,
for whom.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.records import Booking, BookingStatus, Guest, Property, Room
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant
from mappers.spaces import doors_of, parent_is_listed
from mappers.stay_window import NoWindow, StayWindow, local, stay_window
from mappers.user_identities import initials


class Existing(StrEnum):
    """What becomes of access that the booking has already, when it should get no new access."""

    REVOKE = "revoke"
    KEEP = "keep"
    """Until its end: what we do not understand locks nobody out."""
    KEEP_IN_THIS_ROOM = "keep in this room"
    """As KEEP, but only where it opens the room assigned now: never a door that may be another guest's."""


class Severity(StrEnum):
    """How the report lists a booking that gets no (new) access."""

    QUIET = "quiet"
    """Nothing to report unless access is taken away."""
    WAITING = "waiting"
    ALERT = "alert"
    """A person should look at it."""
    FAILED = "failed"
    """The PMS's data cannot be used."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a booking gets no new access."""

    reason: str
    existing: Existing
    severity: Severity = Severity.QUIET
    look_again_at: datetime | None = None
    """When time alone changes the answer (UTC): the booking is read again then, without any news from the PMS."""
    access_until: datetime | None = None
    """The stay is over since this instant (UTC): access that goes on beyond it is taken away, KEEP or not."""
    is_orphan: bool = False
    """The PMS does not know the booking (any more)."""


@dataclass(frozen=True, slots=True)
class BookingAccess:
    """The access that one booking should have now: grants, or a reason for none."""

    booking_id: str
    key: str
    """The primary guest's grant key, for the report."""
    label: str
    time_zone: str
    grants: tuple[DesiredAccessGrant, ...] = ()
    due_at: datetime | None = None
    """A grant that does not exist yet is made from this instant on (UTC)."""
    withheld: Withheld | None = None
    room_key: str | None = None
    missing_guests: tuple[str, ...] = ()
    """Grant keys of guests whose profile the PMS did not hand out: no new access, what exists stays."""
    in_house: bool = False


_NO_ACCESS = {
    BookingStatus.CANCELLED: "booking cancelled",
    BookingStatus.NO_SHOW: "guest did not come (no-show)",
    BookingStatus.CHECKED_OUT: "guest checked out",
}


def booking_access(
    booking: Booking,
    of: Property,
    rooms: Mapping[str, Room],
    guests: Mapping[str, Guest],
    policy: Policy,
    keys: Keys,
    now: datetime,
    holder_id: str | None = None,
) -> BookingAccess:
    """Maps one booking.

    `rooms` and `guests` are the property's, by id. `holder_id` is the guest whose identity holds the booking's grant
    in Seam now: where the owner is a company, any of the guests may be the primary one, and she stays it.
    """
    room = rooms.get(booking.room_id) if booking.room_id else None
    label = _label(booking, room, guests)

    def withheld(
        reason: str,
        existing: Existing,
        severity: Severity = Severity.QUIET,
        look_again_at: datetime | None = None,
        in_house: bool = False,
        access_until: datetime | None = None,
    ) -> BookingAccess:
        return BookingAccess(
            booking.id,
            keys.grant(booking.id),
            label,
            of.time_zone,
            withheld=Withheld(reason, existing, severity, look_again_at, access_until),
            room_key=keys.room(booking.room_id) if booking.room_id else None,
            in_house=in_house,
        )

    # May it have access at all?
    if booking.status is BookingStatus.TENTATIVE:
        return withheld(f"booking is not confirmed ({booking.status_word})", Existing.REVOKE)
    if booking.status in _NO_ACCESS:
        return withheld(_NO_ACCESS[booking.status], Existing.REVOKE)
    kind = room.kind if room else booking.requested_kind
    if kind is not None and kind not in policy.room_types:
        return withheld(f"booked is no room but a {kind}", Existing.REVOKE)
    if booking.status is BookingStatus.UNKNOWN:
        return withheld(
            f"the PMS says {booking.status_word!r}, a status we do not know: no new access, what exists stays "
            "until its end",
            Existing.KEEP,
            Severity.ALERT,
        )

    # When?
    try:
        window = stay_window(booking, of, room, policy)
    except NoWindow as problem:
        return withheld(str(problem), Existing.KEEP, Severity.FAILED)
    if window.ends_at <= now:
        if booking.status is BookingStatus.IN_HOUSE:
            return withheld(
                f"overstaying, access has ended: the guest is checked in, but the planned departure was "
                f"{local(window.planned_end, of.time_zone)}; extend or check out in the PMS",
                Existing.KEEP,
                Severity.ALERT,
                in_house=True,
                access_until=window.ends_at,
            )
        return withheld(
            f"the stay ended {local(window.planned_end, of.time_zone)}", Existing.KEEP, access_until=window.ends_at
        )
    due_at = window.starts_at - policy.provision_ahead

    # Which door?
    if booking.room_id is None:
        return _waiting_for_a_room(withheld, window, due_at, policy, of, now)
    if room is None or not room.is_active or room.kind is None or not parent_is_listed(room, rooms):
        severity = Severity.ALERT
        if room is None:
            # Hotels retire rooms, they do not delete them: a room that is not listed was lost on the way to us.
            trouble = "the PMS does not list the assigned room"
            severity = Severity.FAILED
        elif not room.is_active:
            trouble = f"room {room.name} is out of use in the PMS (inactive)"
        elif room.kind is None:
            trouble = f"room {room.name} has no type in the PMS"
        else:
            trouble = f"the PMS does not list the room in which bed {room.name} stands"
            severity = Severity.FAILED
        return withheld(f"no new access: {trouble}", Existing.KEEP_IN_THIS_ROOM, severity, look_again_at=now)

    # For whom?
    if not booking.guest_ids:
        near = window.starts_at - now <= policy.unassigned_alert
        return withheld(
            "waiting for a guest: the booking names nobody who stays",
            Existing.REVOKE,
            Severity.ALERT if near else Severity.WAITING,
            look_again_at=None if near else window.starts_at - policy.unassigned_alert,
        )
    present = _present_guests(booking, policy, holder_id)
    if policy.guests == "primary" and present[0] not in guests:
        return withheld(
            "no new access: the PMS does not hand out the guest's profile",
            Existing.KEEP_IN_THIS_ROOM,
            Severity.FAILED,
            look_again_at=now,
        )
    doors = doors_of(room, rooms, of, policy, keys)
    grants = []
    missing = []
    for position, guest_id in enumerate(present):
        key = keys.grant(booking.id, None if position == 0 else guest_id)
        guest = guests.get(guest_id)
        if guest is None:
            missing.append(key)
            continue
        grants.append(
            DesiredAccessGrant(
                key=key,
                booking_id=booking.id,
                user_identity_key=keys.guest(guest_id),
                space_keys=doors,
                starts_at=window.starts_at,
                ends_at=window.ends_at,
                name=f"Booking {booking.number}" if booking.number else "Booking",
                access_methods=policy.access_methods,
                reservation_key=keys.reservation(booking.id),
                label=f"{initials(guest)} {room.name}".strip(),
            )
        )
    return BookingAccess(
        booking.id,
        keys.grant(booking.id),
        label,
        of.time_zone,
        grants=tuple(grants),
        due_at=due_at,
        room_key=keys.room(room.id),
        missing_guests=tuple(missing),
        in_house=booking.status is BookingStatus.IN_HOUSE,
    )


def _present_guests(booking: Booking, policy: Policy, holder_id: str | None) -> Sequence[str]:
    present = list(booking.guest_ids)
    if booking.primary_is_any and holder_id in present:
        present.remove(holder_id)
        present.insert(0, holder_id)
    return present[:1] if policy.guests == "primary" else present


def _waiting_for_a_room(
    withheld: Callable[..., BookingAccess],
    window: StayWindow,
    due_at: datetime,
    policy: Policy,
    of: Property,
    now: datetime,
) -> BookingAccess:
    if now < due_at:
        return withheld(
            f"waiting for a room; access is made from {local(due_at, of.time_zone)}",
            Existing.REVOKE,
            Severity.WAITING,
            look_again_at=due_at,
        )
    alert_at = window.starts_at - policy.unassigned_alert
    if now < alert_at:
        return withheld(
            f"waiting for a room (arrival {local(window.starts_at, of.time_zone)})",
            Existing.REVOKE,
            Severity.WAITING,
            look_again_at=alert_at,
        )
    return withheld(
        f"waiting for a room, and the arrival is {local(window.starts_at, of.time_zone)}: assign one in the PMS",
        Existing.REVOKE,
        Severity.ALERT,
    )


def _label(booking: Booking, room: Room | None, guests: Mapping[str, Guest]) -> str:
    guest = guests.get(booking.guest_ids[0]) if booking.guest_ids else None
    who = initials(guest) if guest else ""
    return f"{who} {room.name if room else ''}".strip() or (f"#{booking.number}" if booking.number else booking.id)
