"""What alerts say of bookings, of one and of many alike."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from connectors.wording import counted
from mappers.sentences import with_others
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
    others = f"; of {rest} of them something else is wrong" if rest else ""
    return f"{counted(len(several), 'booking')} of connection {connection}: {said}{others}"


def sentence(one: Arrival, zone: str, now: datetime) -> str:
    stay = one.stay
    when = f", arrival {local(stay.starts_at, zone, now)}" if stay.starts_at else ""
    return f"Booking {stay.number or stay.booking_id} ({stay.label}{when}): {one.why}"
