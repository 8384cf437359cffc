"""Two truths of a booking's access, never mixed: what Seam was asked for, and what its locks are known to hold.

Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from mappers.sentences import message, say, together
from mappers.stay_window import local
from reconciler.booking_look import GrantLook
from reconciler.judge import Verdict
from store.pending_revocations import PendingRevocation
from store.stays import Stay


@dataclass(frozen=True, slots=True)
class Planned:
    """What Seam was asked for."""

    access: str
    """Of the stay: `granted`, `due`, `waiting`, `broken`, `none`, `live` or `kept`; `none` where no run has read it."""
    starts_at: datetime | None
    """UTC."""
    ends_at: datetime | None
    rooms: list[str]
    reason: str


class DoorTruth(StrEnum):
    """What the locks are known to hold of it."""

    HOLDS = "holds"
    """All of it."""
    NOT_YET = "not_yet"
    """Not all of it, or its last change has not reached them."""
    STILL_HOLDS = "still_holds"
    """Access that should be gone."""
    SHUT = "shut"
    """It does not open, whatever they hold."""
    NOTHING = "nothing"
    UNKNOWN = "unknown"
    """Seam could not be asked."""


@dataclass(frozen=True, slots=True)
class AtDoor:
    """What the locks are known to hold."""

    state: DoorTruth
    sentence: str
    until: datetime | None = None
    """UTC: until when access that should be gone may open at the latest; None where nothing ends it, or there is
    none."""


def planned(stay: Stay | None, grants: Sequence[GrantLook]) -> Planned:
    """What Seam was asked for, by what the last run left and Seam has by its keys now."""
    living = [one for one in grants if not one.being_deleted and not one.over]
    rooms = sorted({room for one in living for room in one.rooms})
    if stay is None:
        return Planned("none", None, None, rooms, "no run has read this booking")
    if not rooms and stay.room and stay.access in ("granted", "due"):
        rooms = [stay.room]
    return Planned(stay.access, stay.starts_at, stay.ends_at, rooms, stay.reason)


def at_door(
    grants: Sequence[GrantLook],
    pending: Sequence[PendingRevocation],
    now: datetime,
    time_zone: str,
    seam_trouble: str | None = None,
) -> AtDoor:
    """What the locks hold, by what Seam has just said of the booking's grants. `pending`: what was taken away from it,
    and has not left its locks as far as is known. `time_zone` is the property's."""
    if seam_trouble is not None:
        return AtDoor(
            DoorTruth.UNKNOWN, say("Not known, for Seam could not be asked: {trouble}.", trouble=seam_trouble)
        )
    living = [one for one in grants if not one.being_deleted and not one.over]
    going = [(one.rooms, one.ends_at) for one in grants if one.being_deleted and not one.over]
    keys = {one.key for one in grants if not one.over}
    going += [(one.rooms, one.ends_at) for one in pending if one.looked_at is not None and one.key not in keys]
    if going:
        rooms = ", ".join(sorted({room for names, _ in going for room in names})) or say("a room")
        ends = [ends_at for _, ends_at in going]
        until = None if None in ends else max(ends_at for ends_at in ends if ends_at is not None)
        words = say("The lock of {rooms} has not forgotten access that was taken away: it may open.", rooms=rooms)
        if until is not None:
            told = message(
                "The lock of {rooms} has not forgotten access that was taken away: it may open until {at} at the "
                "latest."
            )
            words = say(told, rooms=rooms, at=local(until, time_zone, now))
        return AtDoor(DoorTruth.STILL_HOLDS, words, until)
    if not living:
        return AtDoor(DoorTruth.NOTHING, say("No lock holds anything for this booking, as far as Seam says."))
    shut = [one for one in living if one.verdict is Verdict.SHUT]
    if shut:
        return AtDoor(DoorTruth.SHUT, say("Does not open: {why}.", why=_why(shut)))
    unsure = [one for one in living if one.verdict is Verdict.UNSURE]
    if unsure:
        return AtDoor(DoorTruth.NOT_YET, say("Not yet at the door, or not surely: {why}.", why=_why(unsure)))
    return AtDoor(DoorTruth.HOLDS, say("The locks hold it, as Seam has confirmed."))


def _why(grants: Sequence[GrantLook]) -> str:
    whys = together(dict.fromkeys(one.why for one in grants if one.why))
    return whys or say("the lock has not confirmed it")
