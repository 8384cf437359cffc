"""Who holds which grant: what a booking should have, matched with what Seam has for it by person, room and time.

A grant's key is a label, not a person. Whoever keeps her right to a room keeps her grant with its key, whatever place
on the booking she has now; only what nobody holds yet gets a key, the next that is free. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from mappers.access import BookingAccess
from mappers.keys import Keys, split_generation
from mappers.resources import DesiredAccessGrant
from seam_workspace.existing import ExistingAccessGrant, ExistingUserIdentity

_ALWAYS = datetime.max.replace(tzinfo=UTC)


def identity_ids(wanted: DesiredAccessGrant, identities: Mapping[str, ExistingUserIdentity]) -> frozenset[str]:
    """Seam's ids of the identities that are this person: her own, and those of profiles merged into hers."""
    keys = (wanted.user_identity_key, *wanted.merged_identity_keys)
    return frozenset(identities[key].id for key in keys if key in identities)


def settle(
    access: BookingAccess,
    here: Sequence[ExistingAccessGrant],
    identities: Mapping[str, ExistingUserIdentity],
    space_ids: Mapping[str, str],
    keys: Keys,
    now: datetime,
) -> BookingAccess:
    """The same access, with the keys under which Seam has it or will have it. `here`: all grants of the booking;
    `space_ids`: Seam's ids of Spaces, by key."""
    if access.withheld is not None or not here:
        return access
    if len(here) == 1 and len(access.grants) == 1 and not access.kept:
        # Nearly always so; worth not sorting anything.
        (wanted,), (grant,) = access.grants, here
        base = split_generation(grant.key or "")[0]
        reservation = split_generation(grant.reservation_key)[0] if grant.reservation_key else wanted.reservation_key
        if base == wanted.key and reservation == wanted.reservation_key:
            return access
    return _Settlement(access, here, identities, space_ids, keys, now).settled()


class _Settlement:
    """The matching of one booking."""

    def __init__(
        self,
        access: BookingAccess,
        here: Sequence[ExistingAccessGrant],
        identities: Mapping[str, ExistingUserIdentity],
        space_ids: Mapping[str, str],
        keys: Keys,
        now: datetime,
    ):
        self._access = access
        self._living = [grant for grant in here if not grant.being_deleted]
        self._wanted = (*access.grants, *access.kept)
        self._ids = [identity_ids(wanted, identities) for wanted in self._wanted]
        self._space_ids = space_ids
        self._keys = keys
        self._now = now
        self._matched: dict[int, ExistingAccessGrant] = {}
        """By the place of what is wanted."""
        self._bases: set[str] = set()

    def settled(self) -> BookingAccess:
        self._match(range(len(self._wanted)), only_there=True)
        self._match([place for place in self._unmatched() if self._may_be_new(place)], only_there=False)
        self._match_successors()
        settled = list(self._wanted)
        for place, grant in self._matched.items():
            settled[place] = replace(settled[place], key=_base(grant))
        occupied = self._bases | {_base(grant) for grant in self._living}
        for place in self._unmatched():
            key = self._free_key(place, occupied)
            occupied.add(key)
            settled[place] = replace(settled[place], key=key)
        reservations = self._reservations()
        settled = [replace(one, reservation_key=reservations[one.span]) for one in settled]
        number = len(self._access.grants)
        return replace(self._access, grants=tuple(settled[:number]), kept=tuple(settled[number:]))

    def _unmatched(self) -> list[int]:
        return [place for place in range(len(self._wanted)) if place not in self._matched]

    def _may_be_new(self, place: int) -> bool:
        wanted = self._wanted[place]
        return wanted.no_new is None and (wanted.ends_at is None or wanted.ends_at > self._now)

    def _match(self, places: Iterable[int], only_there: bool) -> None:
        """The same person's grants: in the same room first, of several there those of about the same time."""
        self._take(
            (*likeness, place, number)
            for place in places
            for number, grant in enumerate(self._living)
            if grant.user_identity_id in self._ids[place]
            and ((likeness := self._unlikeness(self._wanted[place], grant))[0] < 2 or not only_there)
        )

    def _match_successors(self) -> None:
        """Whoever takes another's place on the booking takes over that one's key, and nothing else."""
        staying = frozenset().union(*self._ids)
        primary = [
            place
            for place in self._unmatched()
            if self._may_be_new(place)
            and self._wanted[place].key == self._keys.grant(self._access.booking_id, span=self._wanted[place].span)
        ]
        self._take(
            (self._wanted[place].key != _base(grant), *likeness, place, number)
            for place in primary
            for number, grant in enumerate(self._living)
            if grant.user_identity_id not in staying and (likeness := self._unlikeness(self._wanted[place], grant))
        )

    def _take(self, candidates: Iterable[tuple[float, ...]]) -> None:
        taken = {grant.id for grant in self._matched.values()}
        for *_, place, number in sorted(candidates):
            grant = self._living[int(number)]
            if int(place) in self._matched or grant.id in taken or _base(grant) in self._bases:
                continue
            taken.add(grant.id)
            self._bases.add(_base(grant))
            self._matched[int(place)] = grant

    def _unlikeness(self, wanted: DesiredAccessGrant, grant: ExistingAccessGrant) -> tuple[float, ...]:
        """How far a grant is from what is wanted: 0 the room at that time, 1 the room, 2 that time, 3 neither; then by
        how many seconds they miss each other, and whether the key is another."""
        room = self._space_ids.get(wanted.room_key or next(iter(wanted.space_keys), ""))
        is_there = room is not None and room in grant.space_ids
        starts, ends = max(wanted.starts_at, grant.starts_at), min(wanted.ends_at or _ALWAYS, grant.ends_at or _ALWAYS)
        meets = starts < ends
        apart = abs((wanted.starts_at - grant.starts_at).total_seconds())
        apart += abs(((wanted.ends_at or _ALWAYS) - (grant.ends_at or _ALWAYS)).total_seconds())
        return (0 if meets else 1) if is_there else (2 if meets else 3), apart, float(wanted.key != _base(grant))

    def _free_key(self, place: int, occupied: set[str]) -> str:
        """The key that the person would have by her place on the booking; the next that is free where another person
        or another part of the stay has it."""
        wanted = self._wanted[place]
        booking_id = self._access.booking_id
        guest_id = self._keys.id_of(wanted.user_identity_key)
        is_primary = wanted.key == self._keys.grant(booking_id, span=wanted.span)
        hers = {_base(grant) for grant in self._living if grant.user_identity_id in self._ids[place]}
        span = wanted.span
        while True:
            own = self._keys.grant(booking_id, guest_id, span)
            key = self._keys.grant(booking_id, span=span) if is_primary else own
            if key not in occupied:
                return key
            if key not in hers and own not in occupied:
                return own
            span += 1

    def _reservations(self) -> dict[int, str]:
        """The reservation of each part of the stay: the one that its grants belong to already, else a free one."""
        booking_id = self._access.booking_id
        first = self._keys.reservation(booking_id)
        found: dict[int, str] = {}
        for place, grant in sorted(self._matched.items()):
            if grant.reservation_key is not None:
                base = split_generation(grant.reservation_key)[0]
                if base == first or base.startswith(f"{first}/"):
                    found.setdefault(self._wanted[place].span, base)
        used = set(found.values())
        for span in sorted({wanted.span for wanted in self._wanted} - found.keys()):
            number = span
            while (reservation := self._keys.reservation(booking_id, number)) in used:
                number += 1
            found[span] = reservation
            used.add(reservation)
        return found


def _base(grant: ExistingAccessGrant) -> str:
    return split_generation(grant.key or "")[0]
