"""What alerts say of bookings, of one and of many alike."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from mappers.sentences import messages, say, say_number, with_others
from mappers.stay_window import local
from reconciler.readiness import Arrival


def without_room(one: Arrival) -> str:
    """Why, without the room's name: what differs by the room only is alike."""
    if not one.stay.room:
        return one.why
    room = re.compile(rf"(?<!\w){re.escape(one.stay.room)}(?!\w)")
    return with_others(one.why, lambda name: room.sub("...", name))


def of_many(connection: str, several: Sequence[Arrival]) -> str:
    """What is said of all of them, or of most."""
    whys = Counter(without_room(one) for one in several)
    ((why, times),) = whys.most_common(1)
    said = several[0].why if len({one.why for one in several}) == 1 else why
    rest = len(several) - times
    if rest:
        said = say("{most}; of {rest} of them something else is wrong", most=said, rest=rest)
    one, many = messages("{number} booking of connection {connection}", "{number} bookings of connection {connection}")
    return say("{of}: {words}", of=say_number(len(several), one, many, connection=connection), words=said)


def sentence(one: Arrival, zone: str, now: datetime) -> str:
    stay = one.stay
    number = stay.number or stay.booking_id
    if stay.starts_at is None:
        what = say("Booking {booking} ({who})", booking=number, who=stay.label)
    else:
        at = local(stay.starts_at, zone, now)
        what = say("Booking {booking} ({who}, arrival {at})", booking=number, who=stay.label, at=at)
    return say("{of}: {words}", of=what, words=one.why)
