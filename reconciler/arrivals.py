"""What a guest will find at her door: one state per stay, in words for the clerk who has her in front of him."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reconciler.health import FAILED, ISSUED
from store.board import Health, Stay

TOLD_BY = timedelta(minutes=15)
"""A lock that has not confirmed a guest's access for this long, with the guest about to come, is no good sign."""


class DoorState(StrEnum):
    """In order of how badly a person is needed."""

    BROKEN = "broken"
    WAITING = "waiting"
    WILL_WORK = "will work"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stay, and what its guest will find at the door."""

    stay: Stay
    state: DoorState
    why: str
    checked_at: datetime | None = None
    """When Seam last said so."""


def arrival(stay: Stay, healths: Sequence[Health], now: datetime) -> Arrival:
    """The state of one stay that should have access. `healths` are those of its grants."""
    checked_at = min((health.at for health in healths), default=None)
    if stay.access == "broken":
        return Arrival(stay, DoorState.BROKEN, stay.reason, checked_at)
    if stay.access == "waiting":
        return Arrival(stay, DoorState.WAITING, stay.reason, checked_at)
    if stay.access == "due":
        return Arrival(stay, DoorState.WILL_WORK, stay.reason, checked_at)
    failed = [health for health in healths if health.state == FAILED]
    if failed:
        return Arrival(stay, DoorState.BROKEN, _together(failed), checked_at)
    late = [health for health in healths if health.state != ISSUED]
    if late or len(healths) < stay.grants:
        soon = stay.starts_at is not None and stay.starts_at <= now + timedelta(hours=1)
        if soon and late and min(health.since or health.at for health in late) < now - TOLD_BY:
            why = f"the lock has not confirmed it: {_together(late)}; check that it is online, then sync now"
            return Arrival(stay, DoorState.BROKEN, why, checked_at)
        return Arrival(stay, DoorState.WILL_WORK, _together(late) or "not yet heard of from the lock", checked_at)
    return Arrival(stay, DoorState.WORKS, _together(healths), checked_at)


def arrivals(stays: Iterable[Stay], healths: Iterable[Health], now: datetime) -> list[Arrival]:
    """The states of many stays, in their order."""
    by_booking: dict[tuple[str, str], list[Health]] = {}
    for health in healths:
        by_booking.setdefault((health.connection, health.booking_id), []).append(health)
    return [arrival(stay, by_booking.get((stay.connection, stay.booking_id), ()), now) for stay in stays]


def _together(healths: Iterable[Health]) -> str:
    return "; ".join(dict.fromkeys(health.why for health in healths if health.why))
