"""A booking as the PMS says it beside what Seam has, row by row: what differs is marked."""

from collections.abc import Iterator
from dataclasses import dataclass

from mappers.sentences import say, together
from mappers.stay_window import end_in_words, local
from reconciler.booking_look import BookingLook
from reconciler.in_the_pms import Lines, window_in

COMPARED = ("room", "should have", "arrival", "departure")
LABELS = {
    "number": say("Number"),
    "status": say("Status"),
    "property": say("Property"),
    "guests": say("Guests"),
    "tenants": say("Tenants"),
    "note": say("Note"),
    "could not be asked": say("Could not be asked"),
    "cannot be read": say("Cannot be read"),
    "nothing": say("Nothing"),
}
"""Of what the PMS says, by the names in `reconciler.in_the_pms`."""


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that both may say. `seam` is empty where Seam has no word for it."""

    name: str
    pms: str
    seam: str = ""
    differs: bool = False


def compared(lines: Lines, look: BookingLook) -> list[Row]:
    """The lines that the PMS says of a booking (`reconciler.in_the_pms`), beside Seam's grants; empty for anything else
    than a booking. Where Seam could not be asked, nothing is compared."""
    said = dict(lines)
    if "number" not in said or "room" not in said:
        return []
    return (
        [Row(say("Room"), said["room"]), *_plain(lines)]
        if look.seam_trouble
        else [*_beside(lines, look), *_plain(lines)]
    )


def _plain(lines: Lines) -> Iterator[Row]:
    for name, value in lines:
        if name not in COMPARED:
            yield Row(LABELS.get(name, f"{name[:1].upper()}{name[1:]}"), value)


def _beside(lines: Lines, look: BookingLook) -> Iterator[Row]:
    said = dict(lines)
    living = [one for one in look.grants if not one.being_deleted and not one.over]
    rooms = sorted({room for one in living for room in one.rooms})
    wanted = [window for name, value in lines if name == "should have" and (window := window_in(value)) is not None]
    # Where no access should be and none is, Seam has no word for the room: neither is it another one, nor the same.
    seam = (", ".join(rooms) or say("nothing")) if wanted or living else ""
    is_another = bool(rooms) and said["room"] not in rooms
    yield Row(say("Room"), said["room"], seam, bool(wanted and not living) or is_another)
    refused = next((value for name, value in lines if name == "should have" and window_in(value) is None), "")
    should = refused or (
        say("{number} with access", number=len(wanted))
        if len(wanted) > 1
        else say("access")
        if wanted
        else say("nothing")
    )
    has = (
        say("{number} with access", number=len(living))
        if len(living) > 1
        else say("access")
        if living
        else say("nothing")
    )
    yield Row(say("Should have"), should, has, len(wanted) != len(living))
    if wanted and living:
        zone = look.time_zone
        starts = sorted({local(one.starts_at, zone, look.at) for one in living})
        ends = sorted({end_in_words(one.ends_at, zone, look.at) for one in living})
        yield Row(say("From"), wanted[0][0], together(starts, ", "), {one for one, _ in wanted} != set(starts))
        yield Row(say("Until"), wanted[0][1], together(ends, ", "), {one for _, one in wanted} != set(ends))
    else:
        yield Row(say("Arrival"), said.get("arrival", ""))
        yield Row(say("Departure"), said.get("departure", ""))
