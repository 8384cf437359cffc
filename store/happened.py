"""What a change of a row means to other programs: one event for each thing that became so, none for what stays."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from store.outgoing import EventKind, Happened

if TYPE_CHECKING:
    from store.entries import Entry
    from store.health import Health
    from store.stays import Stay

PLANNED = frozenset({"granted", "due"})
HAD_ACCESS = PLANNED | {"live", "kept", "broken"}


def of_stay(before: "Stay | None", after: "Stay", now: datetime) -> Happened | None:
    """A booking's access as a run has just left it."""
    kind = _kind_of_stay(before, after, now)
    if kind is None:
        return None
    return Happened(kind, after.connection, after.property_id, after.booking_id, stay_data(after, after.reason))


def _kind_of_stay(before: "Stay | None", after: "Stay", now: datetime) -> EventKind | None:
    is_over = after.ends_at is not None and after.ends_at <= now
    if after.access in PLANNED and not is_over:
        was_planned = before is not None and before.access in PLANNED
        if was_planned and before is not None and _what_is_planned(before) == _what_is_planned(after):
            return None
        return EventKind.ACCESS_PLANNED
    if after.access == "broken" and not is_over:
        return None if before is not None and before.access == "broken" else EventKind.ACCESS_FAILED
    if after.access == "none" and before is not None and before.access in HAD_ACCESS:
        was_over = before.ends_at is not None and before.ends_at <= now
        return None if was_over else EventKind.ACCESS_REVOKED
    return None


def _what_is_planned(stay: "Stay") -> tuple[object, ...]:
    return stay.room, stay.starts_at, stay.ends_at, stay.grants


def stay_data(stay: "Stay", reason: str) -> dict[str, Any]:
    """A booking as other programs know it."""
    return {
        "booking_id": stay.booking_id,
        "number": stay.number,
        "room": stay.room,
        "starts_at": _text(stay.starts_at),
        "ends_at": _text(stay.ends_at),
        "reason": reason,
    }


def of_health(before: "Health | None", after: "Health", stays: "Mapping[str, Stay]") -> Happened | None:
    """Whether a grant opens its doors, as Seam has just said. `stays`: by booking id."""
    stay = stays.get(after.booking_id)
    if stay is None:
        return None
    is_same = before is not None and before.seam_id == after.seam_id
    if _is_ready(after) and not (is_same and before is not None and _is_ready(before)):
        kind = EventKind.CODE_READY
    elif _is_shut(after) and not (is_same and before is not None and _is_shut(before)):
        kind = EventKind.ACCESS_FAILED
    else:
        return None
    data = stay_data(stay, after.why) | {"access_grant_key": after.key, "cause": after.cause}
    return Happened(kind, after.connection, stay.property_id, after.booking_id, data)


def _is_ready(health: "Health") -> bool:
    return health.state == "issued" and health.verdict in (None, "opens")


def _is_shut(health: "Health") -> bool:
    return health.state == "failed" or health.verdict == "shut"


def entered(entry: "Entry", stay: "Stay | None") -> Happened:
    """The first door that a stay has opened."""
    data = stay_data(stay, "") if stay is not None else {"booking_id": entry.booking_id}
    data |= {"reason": f"opened {entry.door}", "lock": entry.door, "lock_id": entry.door_id, "at": _text(entry.at)}
    return Happened(EventKind.GUEST_ENTERED, entry.connection, entry.property_id, entry.booking_id or "", data)


def _text(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
