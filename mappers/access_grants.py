"""Who gets in where, and when: a booking becomes the access it should have, or the reason why it has none.

The rules stand in the order in which a night clerk would ask: may this booking have access at all, when, which door,
for whom.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime

from connectors.records import Booking, BookingStatus, Guest, Property, Room
from mappers.access import NO_ACCESS, BookingAccess, Existing, Remark, Withheld
from mappers.grant_builder import UNCLEAR, GrantBuilder, label_of
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.planned_moves import take_spans
from mappers.policy import Policy
from mappers.sentences import say, with_word
from mappers.stay_window import NoWindow, local, room_at, stay_window
from mappers.told_status import told_status
from mappers.waiting import NOBODY_NAMED, waiting_for_a_room


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
    `holder_id` is the guest whose identity holds the booking's grant in Seam now: where the owner is a company, any of
    the guests may be the primary one, and she stays it.
    """
    room_id = _room_at(booking, of, rooms, policy, now)
    room = rooms.get(room_id) if room_id else None
    label = label_of(booking, room, guests)

    def withheld(
        reason: str,
        existing: Existing,
        outcome: Outcome | None = None,
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
            withheld=Withheld(reason, existing, outcome, look_again_at, access_until, False, people, room_keys),
            room_key=keys.room(room_id) if room_id else None,
            in_house=in_house,
        )

    # May it have access at all? The PMS's own word that a stay is over comes before everything that may be odd in it.
    if booking.status is BookingStatus.TENTATIVE:
        word = told_status(booking, guests)
        return withheld(with_word(say("booking is not confirmed"), word), Existing.REVOKE)
    if booking.status in NO_ACCESS:
        why = say(NO_ACCESS[booking.status], person=policy.person_said)
        return withheld(with_word(why, booking.review), Existing.REVOKE)
    kind = room.kind if room else booking.requested_kind
    if kind is not None and kind not in policy.room_types:
        return withheld(say("booked is no room but a {kind}", kind=kind), Existing.REVOKE)
    if booking.status is BookingStatus.UNKNOWN:
        word = told_status(booking, guests)
        said = say("something else in its place") if word is None else repr(word)
        unclear = booking.review or say("the PMS says {word}, a status we do not know", word=said)
        return withheld(
            say("{why}: no new access, what exists stays until its end", why=unclear),
            Existing.KEEP,
            Outcome.ALERT,
        )

    # When?
    try:
        window = stay_window(booking, of, room, policy)
    except NoWindow as problem:
        return withheld(problem.why, Existing.KEEP, Outcome.FAILED)
    if window.ends_at is not None and window.ends_at <= now:
        ended = local(window.planned_end or window.ends_at, of.time_zone, now)
        if booking.status is BookingStatus.IN_HOUSE:
            return withheld(
                say(
                    "overstaying, access has ended: the {person} is checked in, but the planned departure was {at}; "
                    "extend or check out in the PMS",
                    person=policy.person_said,
                    at=ended,
                ),
                Existing.KEEP,
                Outcome.ALERT,
                in_house=True,
                access_until=window.ends_at,
            )
        return withheld(say("the stay ended {at}", at=ended), Existing.KEEP, access_until=window.ends_at)

    # Which door?
    builder = GrantBuilder(booking, of, rooms, guests, policy, keys, unlisted)
    present = _present_guests(booking, policy, holder_id)
    if booking.spans:
        look_again_at = take_spans(builder, booking, of, rooms, policy, now, present, window)
        return builder.built(room_id, look_again_at)
    if booking.room_id is None:
        waiting = waiting_for_a_room(window, policy, of, now)
        return withheld(waiting.reason, Existing.REVOKE, waiting.outcome, waiting.look_again_at)

    # For whom?
    if not booking.guest_ids and not booking.unclear_guest_ids:
        if not booking.names_people:
            return withheld(
                say("the PMS leaves out who stays: no new access, what exists stays until its end"),
                Existing.KEEP,
                Outcome.ALERT,
            )
        if not booking.has_primary:
            return withheld(booking.review or say("nobody lives there (any more)"), Existing.REVOKE)
        near = window.starts_at - now <= policy.unassigned_alert
        return withheld(
            say(NOBODY_NAMED, person=policy.person_said),
            Existing.REVOKE,
            Outcome.ALERT if near else Outcome.WAITING,
            look_again_at=None if near else window.starts_at - policy.unassigned_alert,
        )
    place = builder.place(booking.room_id)
    if place.trouble is None and booking.review is not None:
        builder.remark(booking.review, Outcome.ALERT)
    no_new = place.trouble[0] if place.trouble is not None else None
    builder.tell_closed(place)
    for position, guest_id in enumerate(present):
        own = window
        keeps_times = False
        own_no_new = no_new
        if guest_id in booking.terms:
            try:
                own = stay_window(booking, of, room, policy, booking.terms[guest_id])
            except NoWindow as problem:
                own_no_new, keeps_times = no_new or problem.why, True
                builder.remarks.append(Remark(builder.key(position, guest_id), problem.why, Outcome.FAILED))
        builder.take(position, guest_id, place, own, no_new=own_no_new, keeps_times=keeps_times)
    for guest_id in booking.unclear_guest_ids:
        own = window
        with suppress(NoWindow):
            own = stay_window(booking, of, room, policy, booking.terms.get(guest_id))
        builder.take(1, guest_id, place, own, no_new=UNCLEAR, keeps_times=True)
        builder.remarks.append(
            Remark(
                builder.key(1, guest_id),
                say(
                    "the PMS gives a person on it a status that we do not know: no new access for that person, what "
                    "exists stays"
                ),
                Outcome.ALERT,
            )
        )
    return builder.built(booking.room_id, now if builder.kept else None)


def _room_at(booking: Booking, of: Property, rooms: Mapping[str, Room], policy: Policy, now: datetime) -> str | None:
    """Like `room_at`, and it answers even where no clock can show the times of the stay."""
    try:
        return room_at(booking, of, rooms, policy, now)
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


def _present_guests(booking: Booking, policy: Policy, holder_id: str | None) -> Sequence[str]:
    present = [one for one in booking.guest_ids if policy.children or one not in booking.child_ids]
    # Where they are all children, they have the key all the same.
    present = present or list(booking.guest_ids)
    if booking.primary_is_any and holder_id in present:
        present.remove(holder_id)
        present.insert(0, holder_id)
    return present[:1] if policy.guests == "primary" else present
