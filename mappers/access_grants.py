"""Who gets in where, and when: a booking becomes the access it should have, or the reason why it has none.

The rules stand in the order in which a night clerk would ask: may this booking have access at all, when, which door,
for whom.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.phones import phone_in
from connectors.plain_text import LONGEST_LABEL
from connectors.records import Booking, BookingStatus, Guest, Property, Room
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant
from mappers.spaces import BED, ClosedRoom, closed_rooms, doors_of, parent_is_listed
from mappers.stay_window import NoWindow, StayWindow, local, room_at, stay_window
from mappers.user_identities import initials


class Existing(StrEnum):
    """What becomes of access that the booking has already, when it should get no new access."""

    REVOKE = "revoke"
    KEEP = "keep"
    """Until its end: what we do not understand locks nobody out. Of those who are on the booking, where they are now,
    as far as the PMS tells either."""


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
    people: frozenset[str] | None = None
    """With `KEEP`, the identity keys of those who are on the booking: nobody else keeps anything. None: not known."""
    room_keys: frozenset[str] | None = None
    """With `KEEP`, the Space keys of the rooms that it has: nobody keeps another. None: not known."""

    @property
    def takes_access_away(self) -> bool:
        """Whether it is certain that nobody should have access by this booking now."""
        return self.existing is Existing.REVOKE or self.access_until is not None


@dataclass(frozen=True, slots=True)
class Remark:
    """What the report says of one grant of a booking, or of the booking itself, beside what is done."""

    key: str
    reason: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class BookingAccess:
    """The access that one booking should have now: grants, or a reason for none."""

    booking_id: str
    key: str
    """The primary guest's grant key, for the report."""
    label: str
    time_zone: str
    grants: tuple[DesiredAccessGrant, ...] = ()
    """Those whose time is over as well, where it is not over for the whole booking."""
    kept: tuple[DesiredAccessGrant, ...] = ()
    """Of whom nothing new is made, for the PMS is not clear about the person or the room (`no_new`): what this very
    person has in this very room stays, in these times."""
    withheld: Withheld | None = None
    room_key: str | None = None
    remarks: tuple[Remark, ...] = ()
    look_again_at: datetime | None = None
    """When time alone changes the answer (UTC), beside the grants' own due times."""
    in_house: bool = False

    @property
    def due_at(self) -> datetime | None:
        """From when on the first grant that does not exist yet is made (UTC)."""
        return min((grant.due_at for grant in self.grants if grant.due_at is not None), default=None)


_UNCLEAR = "the PMS says something of this person that we do not know"
NO_ACCESS = {
    BookingStatus.CANCELLED: "booking cancelled",
    BookingStatus.NO_SHOW: "{person} did not come (no-show)",
    BookingStatus.CHECKED_OUT: "{person} checked out",
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
    unlisted: Mapping[str, str] | None = None,
) -> BookingAccess:
    """Maps one booking.

    `rooms` and `guests` are the property's, by id; `unlisted` are names of rooms that the PMS does not list, by id.
    `holder_id` is the guest whose identity holds the booking's grant
    in Seam now: where the owner is a company, any of the guests may be the primary one, and she stays it.
    """
    room_id = _room_at(booking, of, policy, now)
    room = rooms.get(room_id) if room_id else None
    label = _label(booking, room, guests)

    def withheld(
        reason: str,
        existing: Existing,
        severity: Severity = Severity.QUIET,
        look_again_at: datetime | None = None,
        in_house: bool = False,
        access_until: datetime | None = None,
    ) -> BookingAccess:
        people, room_keys = (None, None) if existing is Existing.REVOKE else _who_and_where(booking, guests, keys)
        return BookingAccess(
            booking.id,
            keys.grant(booking.id),
            label,
            of.time_zone,
            withheld=Withheld(reason, existing, severity, look_again_at, access_until, False, people, room_keys),
            room_key=keys.room(room_id) if room_id else None,
            in_house=in_house,
        )

    # May it have access at all? The PMS's own word that a stay is over comes before everything that may be odd in it.
    if booking.status is BookingStatus.TENTATIVE:
        return withheld(f"booking is not confirmed ({booking.status_word})", Existing.REVOKE)
    if booking.status in NO_ACCESS:
        why = f" ({booking.review})" if booking.review else ""
        return withheld(f"{NO_ACCESS[booking.status].format(person=policy.person)}{why}", Existing.REVOKE)
    kind = room.kind if room else booking.requested_kind
    if kind is not None and kind not in policy.room_types:
        return withheld(f"booked is no room but a {kind}", Existing.REVOKE)
    if booking.status is BookingStatus.UNKNOWN:
        unclear = booking.review or f"the PMS says {booking.status_word!r}, a status we do not know"
        return withheld(
            f"{unclear}: no new access, what exists stays until its end",
            Existing.KEEP,
            Severity.ALERT,
        )

    # When?
    try:
        window = stay_window(booking, of, room, policy)
    except NoWindow as problem:
        return withheld(str(problem), Existing.KEEP, Severity.FAILED)
    if window.ends_at is not None and window.ends_at <= now:
        ended = local(window.planned_end or window.ends_at, of.time_zone, now)
        if booking.status is BookingStatus.IN_HOUSE:
            return withheld(
                f"overstaying, access has ended: the {policy.person} is checked in, but the planned departure was "
                f"{ended}; extend or check out in the PMS",
                Existing.KEEP,
                Severity.ALERT,
                in_house=True,
                access_until=window.ends_at,
            )
        return withheld(f"the stay ended {ended}", Existing.KEEP, access_until=window.ends_at)

    # Which door?
    if booking.spans:
        return _in_spans(booking, of, rooms, guests, policy, keys, now, holder_id, label, window, unlisted or {})
    if booking.room_id is None:
        waiting = _waiting_for_a_room(window, policy, of, now)
        return withheld(waiting.reason, Existing.REVOKE, waiting.severity, waiting.look_again_at)
    trouble = _door_trouble(booking.room_id, room, rooms, unlisted or {})

    # For whom?
    if not booking.guest_ids and not booking.unclear_guest_ids:
        if not booking.names_people:
            return withheld(
                "the PMS leaves out who stays: no new access, what exists stays until its end",
                Existing.KEEP,
                Severity.ALERT,
            )
        if not booking.has_primary:
            return withheld(booking.review or "nobody lives there (any more)", Existing.REVOKE)
        near = window.starts_at - now <= policy.unassigned_alert
        return withheld(
            f"waiting for a {policy.person}: the booking names nobody who stays",
            Existing.REVOKE,
            Severity.ALERT if near else Severity.WAITING,
            look_again_at=None if near else window.starts_at - policy.unassigned_alert,
        )
    builder = _GrantBuilder(booking, of, guests, policy, keys)
    if trouble is not None:
        builder.remarks.append(Remark(keys.grant(booking.id), f"no new access: {trouble[0]}", trouble[1]))
    elif booking.review is not None:
        builder.remarks.append(Remark(keys.grant(booking.id), booking.review, Severity.ALERT))
    no_new = trouble[0] if trouble is not None else None
    place = _place(booking.room_id, room, rooms, of, policy, keys)
    builder.tell_closed(place)
    for position, guest_id in enumerate(_present_guests(booking, policy, holder_id)):
        own = window
        keeps_times = False
        own_no_new = no_new
        if guest_id in booking.terms:
            try:
                own = stay_window(booking, of, room, policy, booking.terms[guest_id])
            except NoWindow as problem:
                own_no_new, keeps_times = no_new or str(problem), True
                builder.remarks.append(Remark(builder.key(position, guest_id), str(problem), Severity.FAILED))
        builder.take(position, guest_id, place, own, no_new=own_no_new, keeps_times=keeps_times)
    for guest_id in booking.unclear_guest_ids:
        own = window
        with suppress(NoWindow):
            own = stay_window(booking, of, room, policy, booking.terms.get(guest_id))
        builder.take(1, guest_id, place, own, no_new=_UNCLEAR, keeps_times=True)
        builder.remarks.append(
            Remark(
                builder.key(1, guest_id),
                "the PMS gives a person on it a status that we do not know: no new access for that person, what exists "
                "stays",
                Severity.ALERT,
            )
        )
    return BookingAccess(
        booking.id,
        keys.grant(booking.id),
        label,
        of.time_zone,
        grants=tuple(builder.grants),
        kept=tuple(builder.kept),
        room_key=keys.room(booking.room_id),
        remarks=tuple(builder.remarks),
        look_again_at=now if builder.kept else None,
        in_house=booking.status is BookingStatus.IN_HOUSE,
    )


def _room_at(booking: Booking, of: Property, policy: Policy, now: datetime) -> str | None:
    """As `room_at`, where no clock can show the times of the stay as well."""
    try:
        return room_at(booking, of, policy, now)
    except (ArithmeticError, ValueError, TypeError):
        return booking.spans[0].room_id if booking.spans else booking.room_id


def _who_and_where(
    booking: Booking, guests: Mapping[str, Guest], keys: Keys
) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Identity keys of everybody on a booking and Space keys of its rooms; None for what it does not name."""
    people: set[str] = set()
    for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids):
        people.add(keys.guest(guest_id))
        if (guest := guests.get(guest_id)) is not None:
            people.update(keys.guest(one) for one in guest.merged_ids)
    rooms = [span.room_id for span in booking.spans] if booking.spans else [booking.room_id]
    return (
        frozenset(people) or None,
        None if None in rooms else frozenset(keys.room(one) for one in rooms if one is not None),
    )


@dataclass(frozen=True, slots=True)
class _Place:
    """A room and what whoever has it opens."""

    room_id: str
    room_key: str
    name: str
    doors: tuple[str, ...]
    closed: tuple[ClosedRoom, ...] = ()


def _place(
    room_id: str, room: Room | None, rooms: Mapping[str, Room], of: Property, policy: Policy, keys: Keys
) -> _Place:
    room_key = keys.room(room_id)
    if room is None:
        return _Place(room_id, room_key, "", (room_key,))
    closed = closed_rooms(room, rooms, policy, keys)
    return _Place(room_id, room_key, room.name, doors_of(room, rooms, of, policy, keys), closed)


class _GrantBuilder:
    """Collects the grants of a booking's people."""

    def __init__(self, booking: Booking, of: Property, guests: Mapping[str, Guest], policy: Policy, keys: Keys):
        self._booking = booking
        self._guests = guests
        self._policy = policy
        self._keys = keys
        self.grants: list[DesiredAccessGrant] = []
        self.kept: list[DesiredAccessGrant] = []
        self.remarks: list[Remark] = []

    def key(self, position: int, guest_id: str, span: int = 1) -> str:
        is_first = position == 0 and self._booking.has_primary
        return self._keys.grant(self._booking.id, None if is_first else guest_id, span)

    def tell_closed(self, place: _Place, span: int = 1) -> None:
        """Says of a room what of it is not opened to anybody new."""
        key = self._keys.grant(self._booking.id, span=span)
        self.remarks.extend(Remark(key, one.reason, Severity.ALERT) for one in place.closed)

    def take(
        self,
        position: int,
        guest_id: str,
        place: _Place,
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
            no_new = f"the PMS does not hand out this {self._policy.person}'s profile"
            self.remarks.append(Remark(key, f"no new access: {no_new}", Severity.FAILED))
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
                label=f"{initials(guest) if guest else ''} {place.name}".strip()[:LONGEST_LABEL].rstrip(),
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


def _in_spans(
    booking: Booking,
    of: Property,
    rooms: Mapping[str, Room],
    guests: Mapping[str, Guest],
    policy: Policy,
    keys: Keys,
    now: datetime,
    holder_id: str | None,
    label: str,
    whole: StayWindow,
    unlisted: Mapping[str, str],
) -> BookingAccess:
    """A stay during which the guest moves: a grant for each span, valid in its own time."""
    builder = _GrantBuilder(booking, of, guests, policy, keys)
    again: list[datetime] = []
    present = _present_guests(booking, policy, holder_id)
    unclear = booking.unclear_guest_ids
    for number, span in enumerate(booking.spans, start=1):
        room = rooms.get(span.room_id) if span.room_id is not None else None
        no_new: str | None = None
        keeps_times = False
        try:
            window = stay_window(booking, of, room, policy, span)
        except NoWindow as problem:
            no_new, keeps_times = str(problem), True
            window = whole
            builder.remarks.append(Remark(keys.grant(booking.id, span=number), str(problem), Severity.FAILED))
        if span.room_id is None:
            if no_new is None and (window.ends_at is None or window.ends_at > now):
                waiting = _waiting_for_a_room(window, policy, of, now)
                builder.remarks.append(Remark(keys.grant(booking.id, span=number), waiting.reason, waiting.severity))
                if waiting.look_again_at is not None:
                    again.append(waiting.look_again_at)
            continue
        trouble = _door_trouble(span.room_id, room, rooms, unlisted)
        if trouble is not None:
            no_new = no_new or trouble[0]
            builder.remarks.append(
                Remark(keys.grant(booking.id, span=number), f"no new access: {trouble[0]}", trouble[1])
            )
        place = _place(span.room_id, room, rooms, of, policy, keys)
        if window.ends_at is None or window.ends_at > now:
            builder.tell_closed(place, number)
        for position, guest_id in enumerate(present):
            builder.take(position, guest_id, place, window, number, no_new=no_new, keeps_times=keeps_times)
        for guest_id in unclear:
            builder.take(1, guest_id, place, window, number, no_new=_UNCLEAR, keeps_times=True)
    here = _room_at(booking, of, policy, now)
    if builder.kept:
        again.append(now)
    return BookingAccess(
        booking.id,
        keys.grant(booking.id),
        label,
        of.time_zone,
        grants=tuple(builder.grants),
        kept=tuple(builder.kept),
        room_key=keys.room(here) if here is not None else None,
        remarks=tuple(builder.remarks),
        look_again_at=min(again, default=None),
        in_house=booking.status is BookingStatus.IN_HOUSE,
    )


def possible_keys(booking: Booking, everyone: bool, keys: Keys) -> list[str]:
    """The keys, without generations, under which Seam may have grants of a booking."""
    people: list[str | None] = [None] if booking.has_primary else []
    if everyone or not booking.has_primary:
        people.extend(booking.guest_ids[1:] if booking.has_primary else booking.guest_ids)
        people.extend(booking.unclear_guest_ids)
    # One more than it has: it may have had more before, or a key that another span or guest has left free.
    spans = range(1, max(1, len(booking.spans)) + 2)
    return [keys.grant(booking.id, guest_id, span) for span in spans for guest_id in people]


def _door_trouble(
    room_id: str, room: Room | None, rooms: Mapping[str, Room], unlisted: Mapping[str, str]
) -> tuple[str, Severity] | None:
    """Why an assigned room cannot be opened to anybody, if so."""
    if room is None:
        # Hotels retire rooms, they do not delete them: a room that is not listed was lost on the way to us.
        named = unlisted.get(room_id) or f"whose id is {room_id}"
        return f"the PMS does not list the assigned room {named}: check it there, or assign another", Severity.FAILED
    if not room.is_active:
        return f"room {room.name} is out of use in the PMS (inactive)", Severity.ALERT
    if room.kind is None:
        return f"room {room.name} has no type in the PMS", Severity.ALERT
    if not parent_is_listed(room, rooms):
        return f"the PMS does not list the room in which bed {room.name} stands", Severity.FAILED
    dorm = rooms.get(room.parent_id) if room.kind == BED and room.parent_id is not None else None
    if dorm is not None and not dorm.is_active:
        # A bed behind a closed door is no access; and whoever sleeps there goes on opening both.
        reason = f"room {dorm.name}, in which bed {room.name} stands, is out of use in the PMS (inactive)"
        return reason, Severity.ALERT
    return None


def _present_guests(booking: Booking, policy: Policy, holder_id: str | None) -> Sequence[str]:
    present = [one for one in booking.guest_ids if policy.children or one not in booking.child_ids]
    # Where they are all children, they have the key all the same.
    present = present or list(booking.guest_ids)
    if booking.primary_is_any and holder_id in present:
        present.remove(holder_id)
        present.insert(0, holder_id)
    return present[:1] if policy.guests == "primary" else present


@dataclass(frozen=True, slots=True)
class _Waiting:
    reason: str
    severity: Severity
    look_again_at: datetime | None = None


def _waiting_for_a_room(window: StayWindow, policy: Policy, of: Property, now: datetime) -> _Waiting:
    due_at = window.starts_at - policy.provision_ahead
    if now < due_at:
        reason = f"waiting for a room; access is made from {local(due_at, of.time_zone, now)}"
        return _Waiting(reason, Severity.WAITING, due_at)
    alert_at = window.starts_at - policy.unassigned_alert
    arrival = local(window.starts_at, of.time_zone, now)
    if now < alert_at:
        return _Waiting(f"waiting for a room (arrival {arrival})", Severity.WAITING, alert_at)
    return _Waiting(f"waiting for a room, and the arrival is {arrival}: assign one in the PMS", Severity.ALERT)


def _label(booking: Booking, room: Room | None, guests: Mapping[str, Guest]) -> str:
    guest = guests.get(booking.guest_ids[0]) if booking.guest_ids else None
    who = initials(guest) if guest else ""
    return f"{who} {room.name if room else ''}".strip()[:LONGEST_LABEL].rstrip() or (
        f"#{booking.number}" if booking.number else booking.id
    )
