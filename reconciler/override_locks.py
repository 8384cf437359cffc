"""Locks that open for one booking at a time: whoever has such a door keeps it until her end, or until the PMS says that
she is out; whoever comes next has it from then on, and a person is told.

An override lock (Visionline, Vostio, dormakaba) forgets the keys of all other reservations in the moment in which the
time of a newer key begins. So where two bookings are in one room at once, as after an early check-in, the former guest
would stand outside, and nobody would know. Pure.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from mappers.access import BookingAccess, Existing, Remark, Withheld
from mappers.keys import split_generation
from mappers.outcomes import Outcome
from mappers.resources import DesiredAccessGrant
from mappers.sentences import say, together
from mappers.stay_window import local
from seam_workspace.existing import ExistingAccessGrant

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Holder:
    """A booking that has doors for a while."""

    booking_id: str
    label: str
    rooms: frozenset[str]
    """Space keys."""
    starts_at: datetime
    ends_at: datetime | None
    has_begun: bool
    """A lock has its key, and knows it by now."""

    def meets(self, starts_at: datetime, ends_at: datetime | None) -> bool:
        return self.starts_at < (ends_at or _NEVER) and starts_at < (self.ends_at or _NEVER)


@dataclass(frozen=True, slots=True)
class _Turn:
    """A grant, by the places of its booking and of itself, and what it would hold."""

    place: int
    number: int
    holder: Holder

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Whoever is in comes before whoever is to come; then whoever comes first."""
        return not self.holder.has_begun, self.holder.starts_at, self.holder.booking_id


def in_turn(
    accesses: Sequence[BookingAccess],
    others: Iterable[Holder],
    existing: Mapping[str, Sequence[ExistingAccessGrant]],
    exclusive: Mapping[str, str],
    now: datetime,
    near: timedelta,
) -> list[BookingAccess]:
    """The same accesses, none of which is about to begin at a door that opens for one booking at a time while another
    booking has it.

    What is further away than `near` is only told: the PMS may be put right before it comes to that.

    `exclusive`: Seam's ids of those Spaces, by key; `existing`: grants by booking id; `others`: bookings that are not
    among these.
    """
    if not exclusive:
        return list(accesses)
    keys = {space_id: key for key, space_id in exclusive.items()}
    accesses = [_as_begun(access, existing.get(access.booking_id, ()), exclusive, now) for access in accesses]
    holders: dict[str, list[Holder]] = defaultdict(list)
    for other in others:
        _take(holders, other)
    turns: list[_Turn] = []
    for place, access in enumerate(accesses):
        living = [one for one in existing.get(access.booking_id, ()) if not one.being_deleted]
        if access.kept or (access.withheld is not None and not access.withheld.takes_access_away):
            # What exists goes on, whatever the PMS says of it.
            for grant in living:
                rooms = frozenset(keys[one] for one in grant.space_ids if one in keys)
                _take(holders, Holder(access.booking_id, access.label, rooms, grant.starts_at, grant.ends_at, True))
        for number, wanted in enumerate(access.grants):
            rooms = frozenset(wanted.space_keys) & exclusive.keys()
            if rooms and (wanted.ends_at is None or wanted.ends_at > now):
                begun = any(
                    one.starts_at <= now and any(keys.get(space_id) in rooms for space_id in one.space_ids)
                    for one in living
                )
                label = f"{wanted.label or access.label} ({wanted.name})"
                holder = Holder(access.booking_id, label, rooms, wanted.starts_at, wanted.ends_at, begun)
                turns.append(_Turn(place, number, holder))
    changed: dict[int, dict[int, tuple[datetime | None, Holder]]] = defaultdict(dict)
    soon = now + near
    for turn in sorted(turns, key=lambda one: one.order):
        starts_at, before = _first_free(turn.holder, holders)
        if before is not None:
            changed[turn.place][turn.number] = starts_at, before
        if starts_at is not None or turn.holder.starts_at > soon:
            _take(holders, replace(turn.holder, starts_at=starts_at or turn.holder.starts_at))
    return [
        _waiting(access, changed[place], now, soon) if place in changed else access
        for place, access in enumerate(accesses)
    ]


def _as_begun(
    access: BookingAccess, here: Sequence[ExistingAccessGrant], exclusive: Mapping[str, str], now: datetime
) -> BookingAccess:
    """Whoever has waited and is in by now stays as she is: an earlier start gives her nothing, and the lock would have
    to learn her PIN again."""
    begun = {
        split_generation(one.key or "")[0]: one.starts_at
        for one in here
        if one.starts_at <= now and not one.being_deleted
    }
    if not begun:
        return access
    grants = tuple(
        replace(one, starts_at=max(one.starts_at, begun[one.key]))
        if one.key in begun and not exclusive.keys().isdisjoint(one.space_keys)
        else one
        for one in access.grants
    )
    return replace(access, grants=grants)


def _take(holders: Mapping[str, list[Holder]], holder: Holder) -> None:
    for room in holder.rooms:
        holders[room].append(holder)


def _first_free(wanted: Holder, holders: Mapping[str, Collection[Holder]]) -> tuple[datetime | None, Holder | None]:
    """From when on the doors are free for it (None: never), and who has them until then."""
    starts_at, last = wanted.starts_at, None
    others = [one for room in wanted.rooms for one in holders.get(room, ()) if one.booking_id != wanted.booking_id]
    for other in sorted(others, key=lambda one: one.starts_at):
        if other.meets(starts_at, wanted.ends_at):
            last = other
            if other.ends_at is None or (wanted.ends_at is not None and other.ends_at >= wanted.ends_at):
                return None, other
            starts_at = other.ends_at
    return starts_at, last


def _waiting(
    access: BookingAccess, changed: Mapping[int, tuple[datetime | None, Holder]], now: datetime, soon: datetime
) -> BookingAccess:
    """The booking with access that begins later, or not at all; once it is near it is looked at in every run, for the
    PMS may say at any moment that the other is out."""
    again = max(now, min(access.grants[number].starts_at for number in changed) - (soon - now))
    grants: list[DesiredAccessGrant] = []
    reasons: dict[str, str] = {}
    for number, wanted in enumerate(access.grants):
        if number not in changed:
            grants.append(wanted)
            continue
        starts_at, before = changed[number]
        reasons.setdefault(_reason(starts_at, before, access.time_zone, now), wanted.key)
        if wanted.starts_at > soon:
            grants.append(wanted)
        elif starts_at is not None:
            grants.append(replace(wanted, starts_at=starts_at))
    words = together(reasons)
    if not grants and not access.kept:
        return replace(access, grants=(), withheld=Withheld(words, Existing.REVOKE, Outcome.ALERT, look_again_at=again))
    remarks = tuple(Remark(key, reason, Outcome.ALERT) for reason, key in reasons.items())
    return replace(
        access, grants=tuple(grants), remarks=(*access.remarks, *remarks), look_again_at=again, waits_for_another=words
    )


def _reason(starts_at: datetime | None, before: Holder, time_zone: str, now: datetime) -> str:
    if starts_at is None:
        return say(
            "the lock opens for one booking at a time, and {who} has it for the whole of this stay: give one of the "
            "two another room in the PMS",
            who=before.label,
        )
    return say(
        "the lock opens for one booking at a time, and {who} has it until {at}: access begins then, or as soon as the "
        "PMS says that the other is out",
        who=before.label,
        at=local(starts_at, time_zone, now),
    )
