"""A stay during which the guest moves: a grant for each span, valid in its own time."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from connectors.records import Booking, Property, Room
from mappers.grant_builder import UNCLEAR, GrantBuilder
from mappers.outcomes import Outcome
from mappers.policy import Policy
from mappers.stay_window import NoWindow, StayWindow, stay_window
from mappers.waiting import waiting_for_a_room


def take_spans(
    builder: GrantBuilder,
    booking: Booking,
    of: Property,
    rooms: Mapping[str, Room],
    policy: Policy,
    now: datetime,
    present: Sequence[str],
    whole: StayWindow,
) -> datetime | None:
    """Adds the grants of every span; returns when time alone changes the answer (UTC). `present`: ids of the guests;
    `whole`: the times of the stay, kept by a span whose own cannot be used."""
    again: list[datetime] = []
    for number, span in enumerate(booking.spans, start=1):
        room = rooms.get(span.room_id) if span.room_id is not None else None
        no_new: str | None = None
        keeps_times = False
        try:
            window = stay_window(booking, of, room, policy, span)
        except NoWindow as problem:
            no_new, keeps_times = str(problem), True
            window = whole
            builder.remark(problem.why, Outcome.FAILED, number)
        if span.room_id is None:
            if no_new is None and (window.ends_at is None or window.ends_at > now):
                waiting = waiting_for_a_room(window, policy, of, now)
                builder.remark(waiting.reason, waiting.outcome, number)
                if waiting.look_again_at is not None:
                    again.append(waiting.look_again_at)
            continue
        place = builder.place(span.room_id, number)
        if place.trouble is not None:
            no_new = no_new or place.trouble[0]
        if window.ends_at is None or window.ends_at > now:
            builder.tell_closed(place, number)
        for position, guest_id in enumerate(present):
            builder.take(position, guest_id, place, window, number, no_new=no_new, keeps_times=keeps_times)
        for guest_id in booking.unclear_guest_ids:
            builder.take(1, guest_id, place, window, number, no_new=UNCLEAR, keeps_times=True)
    if builder.kept:
        again.append(now)
    return min(again, default=None)
