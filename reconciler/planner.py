"""Compares what should be with what is. Pure: records in, a plan out; no I/O, and now is an argument.

The result says of every change why it is made, in words that a night clerk understands.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from mappers.access_grants import BookingAccess, Existing, Severity
from mappers.keys import split_generation, with_generation
from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from mappers.stay_window import end_in_words, local
from mappers.user_identities import contact_name, without_duplicate_contacts
from reconciler.changes import HELD_BY_ANOTHER, Action, Cause, Change, Kind, Note, Plan, Relink, Result, fingerprint
from reconciler.holders import identity_ids
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingDoor,
    ExistingResources,
    ExistingSpace,
    ExistingUserIdentity,
)

DELETED_BY_OTHERS = "deleted in Seam by somebody else; made again"
CHANGED_BY_OTHERS = "changed in Seam by somebody else; put back"
NO_LONGER_ON_IT = "{person} is no longer on the booking"
NO_LONGER_HERS = "this room, at this time, is no part of the {person}'s stay any more"
RESULTS = {
    Severity.QUIET: Result.DONE,
    Severity.WAITING: Result.WAITING,
    Severity.ALERT: Result.ALERT,
    Severity.FAILED: Result.FAILED,
}


class KnownLink(Protocol):
    """What the planner reads of a stored link."""

    @property
    def seam_id(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def wanted_hash(self) -> str | None: ...
    @property
    def made_hash(self) -> str | None: ...
    @property
    def ends_at(self) -> datetime | None: ...


LinksByKey = Mapping[tuple[str, str], KnownLink]
"""By kind and key (a grant's without its generation)."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What the PMS asks for, mapped."""

    accesses: list[BookingAccess]
    user_identities: Mapping[str, DesiredUserIdentity]
    """Of every guest who might get access, by key."""
    spaces: list[DesiredSpace] = field(default_factory=list)
    spaces_to_leave: frozenset[str] = frozenset()
    """Keys of Spaces whose rooms could not be understood: neither made, nor orphans."""
    retired_spaces: frozenset[str] = frozenset()
    """Keys of Spaces whose rooms the PMS lists, and says that nobody sleeps there (any more)."""
    person: str = "guest"
    """What whoever stays there is called (see `Policy`)."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What only a run over everything may conclude: orphans, and what has had its time."""

    retain_grants: timedelta
    delete_orphan_spaces: bool
    is_our_space: Callable[[str], bool]


def plan(
    desired: Desired,
    existing: ExistingResources,
    links: LinksByKey,
    now: datetime,
    audit: Audit | None = None,
    cut_off: Collection[str] = (),
) -> Plan:
    """The changes that make Seam hold what is desired, for one property.

    `existing` is what was looked up for these resources; `audit` is given in a run over the whole property.
    `cut_off` are the bookings in the middle of which an earlier run ended.
    """
    result = plan_spaces(desired, existing, links, audit)
    needed = _Grants(result, existing, links, now, cut_off, desired.person).plan(desired.accesses)
    if audit is not None:
        _plan_expired(result, desired.accesses, existing, now, audit.retain_grants)
    wanted = [desired.user_identities[key] for key in needed if key in desired.user_identities]
    settled = without_duplicate_contacts(wanted, existing.contact_holders)
    _plan_user_identities(result, settled, existing, links, needed, desired.person, asks_again=audit is not None)
    return result


# --- spaces ---------------------------------------------------------------------------------------------------------


def plan_spaces(desired: Desired, existing: ExistingResources, links: LinksByKey, audit: Audit | None = None) -> Plan:
    """The part of a plan that concerns Spaces. A run carries it out first: what doors a Space has shows only then."""
    result = Plan()
    for wanted in desired.spaces:
        found = existing.spaces.get(wanted.key)
        if found is None:
            lost = (Kind.SPACE, wanted.key) in links
            reason = DELETED_BY_OTHERS if lost else f"new room {wanted.name}"
            result.spaces.append(
                Change(
                    Kind.SPACE,
                    Action.CREATE,
                    wanted.key,
                    reason,
                    label=wanted.name,
                    space=wanted,
                    cause=Cause.DRIFT if lost else None,
                )
            )
            continue
        if found.being_deleted:
            result.notes.append(
                Note(
                    Kind.SPACE,
                    Action.WAIT,
                    wanted.key,
                    Result.ALERT,
                    f"Seam is deleting the Space of {wanted.name}, and with it the access of whoever is in there: "
                    "nobody is given new access to it; it is made again as soon as it is gone",
                    label=wanted.name,
                )
            )
            continue
        differences = _space_differences(wanted, found, existing.doors)
        if differences:
            drifted = _made_so(links, Kind.SPACE, wanted)
            result.spaces.append(
                Change(
                    Kind.SPACE,
                    Action.UPDATE,
                    wanted.key,
                    "; ".join((CHANGED_BY_OTHERS, *differences) if drifted else differences),
                    label=wanted.name,
                    space=wanted,
                    existing_space=found,
                    cause=Cause.DRIFT if drifted else None,
                )
            )
            continue
        if found.customer_key != wanted.customer_key:
            result.notes.append(
                Note(
                    Kind.SPACE,
                    Action.KEEP,
                    wanted.key,
                    Result.ALERT,
                    f"Space {wanted.name} belongs to another customer_key in Seam, and Seam cannot change that: "
                    "delete the Space in Seam, the next run makes it anew",
                    label=wanted.name,
                )
            )
        _in_step(result, Kind.SPACE, wanted.key, found.id, links, label=wanted.name)
    if audit is not None:
        _plan_orphan_spaces(result, desired, existing, links, audit)
    return result


def _space_differences(wanted: DesiredSpace, found: ExistingSpace, doors: Mapping[str, ExistingDoor]) -> list[str]:
    differences = []
    if wanted.name != found.name:
        differences.append(f"name {found.name} -> {wanted.name}")
    if wanted.time_zone is not None and wanted.time_zone != found.time_zone:
        differences.append(f"time zone {found.time_zone or 'none'} -> {wanted.time_zone}")
    for word, time, text in (
        ("check-in", wanted.check_in, found.check_in),
        ("check-out", wanted.check_out, found.check_out),
    ):
        if time is not None and (text or "")[:5] != f"{time:%H:%M}":
            differences.append(f"{word} {text or 'none'} -> {time:%H:%M}")
    if wanted.door_ids is not None and found.door_ids is not None:
        # A lock that Seam does not list (any more) cannot be put anywhere.
        there = {door_id for door_id in wanted.door_ids if door_id in doors}
        for verb, ids in (("gets", there - found.door_ids), ("loses", found.door_ids - there)):
            names = sorted(doors[door_id].name if door_id in doors else door_id for door_id in ids)
            if names:
                differences.append(f"{verb} {'the lock' if len(names) == 1 else 'the locks'} {', '.join(names)}")
    return differences


def _plan_orphan_spaces(
    result: Plan, desired: Desired, existing: ExistingResources, links: LinksByKey, audit: Audit
) -> None:
    wanted = {space.key for space in desired.spaces}
    opened = {
        space_id
        for grants in existing.access_grants.values()
        for grant in grants
        if not grant.being_deleted
        for space_id in grant.space_ids
    }
    for key, found in existing.spaces.items():
        if key in wanted or key in desired.spaces_to_leave or found.being_deleted:
            continue
        known = (Kind.SPACE, key) in links
        if not known and not audit.is_our_space(key):
            continue
        # A room that is merely missing from the list may have been lost on the way; one that is listed as retired not.
        is_retired = audit.delete_orphan_spaces and known and key in desired.retired_spaces
        if is_retired and found.id in opened:
            # Whoever keeps access to a room that is out of use would lose it with the Space.
            result.notes.append(
                Note(
                    Kind.SPACE,
                    Action.KEEP,
                    key,
                    Result.ALERT,
                    f"the PMS has room {found.name} no longer in use; its Space is deleted when nobody has a key any "
                    "more",
                    label=found.name,
                    cause=Cause.ORPHAN,
                )
            )
        elif is_retired:
            result.spaces.append(
                Change(
                    Kind.SPACE,
                    Action.REVOKE,
                    key,
                    f"the PMS has room {found.name} no longer in use, and the policy says to delete its Space",
                    label=found.name,
                    existing_space=found,
                    cause=Cause.ORPHAN,
                )
            )
        else:
            result.notes.append(
                Note(
                    Kind.SPACE,
                    Action.KEEP,
                    key,
                    Result.ALERT,
                    f"orphan: Seam has Space {found.name}, the PMS has no such room any more",
                    label=found.name,
                    cause=Cause.ORPHAN,
                )
            )


# --- access grants --------------------------------------------------------------------------------------------------


class _Grants:
    """Plans the grants of every booking, and collects whose identities they need."""

    def __init__(
        self,
        result: Plan,
        existing: ExistingResources,
        links: LinksByKey,
        now: datetime,
        cut_off: Collection[str],
        person: str,
    ):
        self._person = person
        self._no_longer_on_it = NO_LONGER_ON_IT.format(person=person)
        self._no_longer_hers = NO_LONGER_HERS.format(person=person)
        self._cut_off = cut_off
        self._result = result
        self._existing = existing
        self._links = links
        self._now = now
        self._needed: dict[str, str] = {}
        self._known_people = existing.user_identities.keys()
        # What is granted into a Space that is being deleted goes with it.
        self._space_ids = {key: space.id for key, space in existing.spaces.items() if not space.being_deleted}
        self._space_names = {space.id: space.name for space in existing.spaces.values()}
        self._doors: dict[tuple[str, ...], tuple[frozenset[str] | None, bool]] = {}
        self._in_step = 0

    def plan(self, accesses: Iterable[BookingAccess]) -> dict[str, str]:
        """Keys of the identities that must be in step, in the order of need, each with a label for the report."""
        found = self._existing.access_grants
        for access in accesses:
            here = found.get(access.booking_id, ())
            if access.withheld is not None:
                self._withheld(access, here)
            elif len(here) <= 1 and len(access.grants) == 1 and not access.kept:
                # Nearly always so; worth not sorting anything.
                self._one_person(access, access.grants[0], here)
            else:
                self._several(access, here)
            for remark in access.remarks:
                self._note(access, remark.key, Action.WAIT, RESULTS[remark.severity], remark.reason)
            if access.look_again_at is not None:
                self._look_again(access, access.look_again_at)
        if self._in_step:
            self._result.unchanged[Kind.ACCESS_GRANT] = self._in_step
        return self._needed

    def _several(self, access: BookingAccess, here: tuple[ExistingAccessGrant, ...]) -> None:
        by_key: dict[str, list[ExistingAccessGrant]] = {}
        for grant in here:
            by_key.setdefault(split_generation(grant.key or "")[0], []).append(grant)
        wanted_or_kept = (*access.grants, *access.kept)
        for wanted in wanted_or_kept:
            self._one_person(access, wanted, tuple(by_key.pop(wanted.key, ())))
        people = [identity_ids(one, self._existing.user_identities) for one in wanted_or_kept]
        staying: frozenset[str] = frozenset().union(*people)
        # Whoever is given nothing else for it loses what she has.
        given = frozenset[str]().union(*people[: len(access.grants)])
        for others in by_key.values():
            for grant in others:
                if grant.user_identity_id not in staying:
                    self._revoke(access, [grant], self._no_longer_on_it)
                elif grant.being_deleted or grant.ends_at is None or grant.ends_at > self._now:
                    is_loss = grant.user_identity_id not in given
                    self._revoke(access, [grant], self._no_longer_hers, counts=is_loss)

    def _one_person(
        self, access: BookingAccess, wanted: DesiredAccessGrant, here: tuple[ExistingAccessGrant, ...]
    ) -> None:
        living = [grant for grant in here if not grant.being_deleted] if here else []
        if wanted.no_new is not None:
            self._keep_only(access, wanted, here)
            return
        if wanted.ends_at is not None and wanted.ends_at <= self._now:
            self._over(access, wanted, here)
            return
        if not living:
            self._none_alive(access, wanted, here)
            return
        if split_generation(living[0].key or "")[0] != wanted.key:
            self._revoke(access, living, self._no_longer_on_it)
            self._none_alive(access, wanted, tuple(grant for grant in here if grant not in living))
            return
        self._needed.setdefault(wanted.user_identity_key, wanted.label)
        if wanted.closed_keys:
            wanted = self._with_what_is_closed(wanted, living)
        space_ids, reservation = self._doors_of(wanted)
        current = living[0]
        if len(living) > 1:
            hers = identity_ids(wanted, self._existing.user_identities)
            current = min(
                living,
                key=lambda one: (
                    one.user_identity_id not in hers,
                    one.space_ids != space_ids,
                    split_generation(one.key or "")[1],
                ),
            )
            for one in living:
                if one is not current:
                    second = one.user_identity_id in hers
                    reason = (
                        f"a second grant for the same {self._person} and booking" if second else self._no_longer_on_it
                    )
                    self._revoke(access, [one], reason, counts=False)
        if len(here) > len(living):
            self._dying(access, [grant for grant in here if grant.being_deleted])
        identity = self._existing.user_identities.get(wanted.user_identity_key)
        same_guest = identity is not None and identity.id == current.user_identity_id
        same_doors = current.space_ids == space_ids
        needs_reservation = reservation and not _is_generation_of(current.reservation_key, wanted.reservation_key)
        if not same_guest or not same_doors or needs_reservation:
            self._change(
                access,
                wanted,
                Action.REPLACE,
                (current, *(one for one in here if one is not current)),
                self._why_replaced(access, wanted, current, same_guest, same_doors, space_ids),
                self._reservation_key(access, wanted, space_ids, current) if reservation else None,
                drift=self._by_somebody_else(wanted) and not (same_guest and same_doors),
            )
            return
        missing_methods = tuple(one for one in wanted.access_methods if one not in current.access_methods)
        if (
            current.starts_at != wanted.starts_at
            or current.ends_at != wanted.ends_at
            or current.name != wanted.name
            or missing_methods
        ):
            self._change(
                access,
                wanted,
                Action.UPDATE,
                (current, *(one for one in here if one is not current)),
                self._why_updated(access, wanted, current, missing_methods),
                self._reservation_key(access, wanted, space_ids, current) if reservation else None,
                missing_methods,
                drift=self._by_somebody_else(wanted),
            )
            return
        self._relink(wanted, current)

    def _keep_only(
        self, access: BookingAccess, wanted: DesiredAccessGrant, here: tuple[ExistingAccessGrant, ...]
    ) -> None:
        """Nothing new is made; what this very person has in this very room stays, in the times that the PMS has now."""
        hers = identity_ids(wanted, self._existing.user_identities)
        room = self._space_ids.get(wanted.room_key)
        for grant in here:
            if grant.being_deleted:
                self._dying(access, [grant])
            elif grant.user_identity_id not in hers:
                self._revoke(access, [grant], self._no_longer_on_it)
            elif room not in grant.space_ids:
                self._revoke(access, [grant], f"{self._no_longer_hers}; no new access: {wanted.no_new}")
            elif wanted.keeps_times or (grant.starts_at, grant.ends_at) == (wanted.starts_at, wanted.ends_at):
                self._needed.setdefault(wanted.user_identity_key, wanted.label)
                self._keep_linked(access, grant)
            elif wanted.ends_at is not None and wanted.ends_at <= self._now:
                self._over(access, wanted, (grant,))
            else:
                self._needed.setdefault(wanted.user_identity_key, wanted.label)
                self._change(
                    access, wanted, Action.UPDATE, (grant,), self._why_updated(access, wanted, grant, ()), None
                )

    def _over(self, access: BookingAccess, wanted: DesiredAccessGrant, here: tuple[ExistingAccessGrant, ...]) -> None:
        """One person's time, or one span, is over: nothing is made for it, and nothing outlives it."""
        until = wanted.ends_at
        assert until is not None
        going = [one for one in here if not one.being_deleted and (one.ends_at is None or one.ends_at > until)]
        self._revoke(access, going, f"access ended {local(until, access.time_zone, self._now)}")
        self._dying(access, [one for one in here if one.being_deleted])

    def _none_alive(
        self, access: BookingAccess, wanted: DesiredAccessGrant, dying: tuple[ExistingAccessGrant, ...]
    ) -> None:
        if wanted.due_at is not None and self._now < wanted.due_at:
            self._note(
                access,
                wanted.key,
                Action.WAIT,
                Result.WAITING,
                f"access is made from {local(wanted.due_at, access.time_zone, self._now)} "
                f"(arrival {local(wanted.starts_at, access.time_zone, self._now)})",
            )
            self._look_again(access, wanted.due_at)
            return
        self._needed.setdefault(wanted.user_identity_key, wanted.label)
        space_ids, reservation = self._doors_of(wanted)
        if access.booking_id in self._cut_off:
            reason = "an earlier run was cut off while it worked on this booking; made now"
        elif (Kind.ACCESS_GRANT, wanted.key) in self._links:
            reason = DELETED_BY_OTHERS
        elif dying:
            reason = "the former grant is being deleted; made again"
        else:
            reason = f"new access from {local(wanted.starts_at, access.time_zone, self._now)}" + (
                f" to {local(wanted.ends_at, access.time_zone, self._now)}" if wanted.ends_at else ""
            )
        reservation_key = self._reservation_key(access, wanted, space_ids) if reservation else None
        self._change(access, wanted, Action.CREATE, dying, reason, reservation_key, drift=reason is DELETED_BY_OTHERS)

    def _withheld(self, access: BookingAccess, here: tuple[ExistingAccessGrant, ...]) -> None:
        withheld = access.withheld
        assert withheld is not None
        living = [grant for grant in here if not grant.being_deleted]
        going: list[ExistingAccessGrant] = []
        if withheld.people is not None:
            people = {self._existing.user_identities[key].id for key in withheld.people & self._known_people}
            left = [grant for grant in living if grant.user_identity_id not in people]
            self._revoke(access, left, self._no_longer_on_it)
            living = [grant for grant in living if grant not in left]
        if withheld.room_keys is not None:
            rooms = {self._space_ids.get(key) for key in withheld.room_keys}
            left = [grant for grant in living if rooms.isdisjoint(grant.space_ids)]
            self._revoke(access, left, self._no_longer_hers)
            living = [grant for grant in living if grant not in left]
        if withheld.existing is Existing.REVOKE:
            going = living
        elif withheld.access_until is not None:
            # Shortened into the past, or prolonged in Seam by somebody: nobody gets a minute more than the stay.
            until = withheld.access_until
            going = [grant for grant in living if grant.ends_at is None or grant.ends_at > until]
        if going:
            self._revoke(access, going, withheld.reason)
        if not withheld.is_orphan:
            for grant in living:
                if grant not in going:
                    self._keep_linked(access, grant)
        self._dying(access, [grant for grant in here if grant.being_deleted])
        if withheld.severity is not Severity.QUIET:
            key = (here[0].key if here else None) or access.key
            self._note(access, key, Action.WAIT, RESULTS[withheld.severity], withheld.reason)
        if withheld.look_again_at is not None:
            self._look_again(access, withheld.look_again_at)

    def _doors_of(self, wanted: DesiredAccessGrant) -> tuple[frozenset[str] | None, bool]:
        """The Seam ids of the doors (None while one of them is yet to be made), and whether any is an override lock."""
        known = self._doors.get(wanted.space_keys)
        if known is None:
            ids = [self._space_ids.get(key) for key in wanted.space_keys]
            complete = frozenset(one for one in ids if one is not None)
            known = (
                complete if len(complete) == len(wanted.space_keys) else None,
                not complete.isdisjoint(self._existing.reservation_space_ids),
            )
            self._doors[wanted.space_keys] = known
        return known

    def _with_what_is_closed(
        self, wanted: DesiredAccessGrant, living: Sequence[ExistingAccessGrant]
    ) -> DesiredAccessGrant:
        """The same, with the doors of rooms out of use that this very person has."""
        hers = identity_ids(wanted, self._existing.user_identities)
        had = {space_id for grant in living if grant.user_identity_id in hers for space_id in grant.space_ids}
        kept = {key for key in wanted.closed_keys if self._space_ids.get(key) in had}
        return replace(wanted, space_keys=tuple(sorted({*wanted.space_keys, *kept})))

    def _reservation_key(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        space_ids: frozenset[str] | None,
        leaving: ExistingAccessGrant | None = None,
    ) -> str:
        """The reservation that the grant starts or joins: whoever stays in the same room must share it, for another
        one would throw them out."""
        for grant in self._existing.access_grants.get(access.booking_id, ()):
            if (
                grant is not leaving
                and not grant.being_deleted
                and grant.space_ids == space_ids
                and grant.reservation_key is not None
                and _is_generation_of(grant.reservation_key, wanted.reservation_key)
            ):
                return grant.reservation_key
        return wanted.reservation_key

    def _why_replaced(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        current: ExistingAccessGrant,
        same_guest: bool,
        same_doors: bool,
        space_ids: frozenset[str] | None,
    ) -> str:
        reasons = []
        if not same_guest:
            merged = current.user_identity_id in identity_ids(wanted, self._existing.user_identities)
            reasons.append(
                f"the {self._person}'s profiles were merged" if merged else f"another {self._person} took the place"
            )
        if not same_doors:
            before = self._names(current.space_ids - (space_ids or frozenset()))
            after = ", ".join(
                sorted(
                    self._space_names.get(self._space_ids.get(key, ""), key)
                    for key in wanted.space_keys
                    if self._space_ids.get(key) not in current.space_ids
                )
            )
            if before and after:
                reasons.append(f"room changed: {before} -> {after}")
            else:
                reasons.append(f"doors changed: {'no longer ' + before if before else 'also ' + after}")
        if not reasons:
            return "the door has an override lock, and the grant no reservation key"
        if self._by_somebody_else(wanted):
            reasons.insert(0, CHANGED_BY_OTHERS)
        return "; ".join(reasons)

    def _why_updated(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        current: ExistingAccessGrant,
        missing_methods: tuple[str, ...],
    ) -> str:
        zone = access.time_zone
        reasons = []
        if current.ends_at != wanted.ends_at:
            before = end_in_words(current.ends_at, zone, self._now)
            after = end_in_words(wanted.ends_at, zone, self._now)
            longer = current.ends_at is not None and (wanted.ends_at is None or wanted.ends_at > current.ends_at)
            reasons.append(f"{f'{self._person} extended' if longer else 'stay shortened'}: ends {before} -> {after}")
        if current.starts_at != wanted.starts_at:
            word = "earlier arrival" if wanted.starts_at < current.starts_at else "later arrival"
            before = local(current.starts_at, zone, self._now)
            reasons.append(f"{word}: starts {before} -> {local(wanted.starts_at, zone, self._now)}")
        if current.name != wanted.name:
            reasons.append(f"name {current.name or 'none'} -> {wanted.name}")
        if missing_methods:
            reasons.append(f"also by {', '.join(missing_methods)}")
        if self._by_somebody_else(wanted):
            reasons.insert(0, CHANGED_BY_OTHERS)
        return "; ".join(reasons)

    def _by_somebody_else(self, wanted: DesiredAccessGrant) -> bool:
        """Drift: what should be is what we last made, yet Seam has something else."""
        link = self._links.get((Kind.ACCESS_GRANT, wanted.key))
        return link is not None and link.made_hash == fingerprint(wanted)

    def _names(self, space_ids: Iterable[str]) -> str:
        return ", ".join(sorted(self._space_names.get(one, "an unknown door") for one in space_ids))

    def _revoke(
        self, access: BookingAccess, grants: Iterable[ExistingAccessGrant], reason: str, counts: bool = True
    ) -> None:
        for grant in grants:
            if grant.being_deleted:
                self._dying(access, [grant])
                continue
            ended = grant.ends_at is not None and grant.ends_at <= self._now
            self._result.grants.append(
                Change(
                    Kind.ACCESS_GRANT,
                    Action.REVOKE,
                    grant.key or "",
                    reason,
                    access.booking_id,
                    access.label,
                    existing_grants=(grant,),
                    counts_as_revocation=counts and not ended,
                    cause=self._why_it_is_there(access, grant),
                )
            )

    def _why_it_is_there(self, access: BookingAccess, grant: ExistingAccessGrant) -> Cause | None:
        """A grant that should go: prolonged by somebody else, of a booking that the PMS does not know, or by news."""
        if access.withheld is not None and access.withheld.is_orphan:
            return Cause.ORPHAN
        link = self._links.get((Kind.ACCESS_GRANT, split_generation(grant.key or "")[0]))
        if link is not None and link.seam_id == grant.id and link.ends_at != grant.ends_at:
            return Cause.DRIFT
        return None

    def _dying(self, access: BookingAccess, grants: Iterable[ExistingAccessGrant]) -> None:
        for grant in grants:
            if grant.ends_at is None or grant.ends_at > self._now:
                self._note(
                    access,
                    grant.key or "",
                    Action.REVOKE,
                    Result.WAITING,
                    f"old access ({self._names(grant.space_ids)}) is still being deleted, and may open until then",
                )

    def _change(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        action: Action,
        here: tuple[ExistingAccessGrant, ...],
        reason: str,
        reservation_key: str | None,
        add_methods: tuple[str, ...] = (),
        *,
        drift: bool = False,
    ) -> None:
        moves_from: frozenset[str] = frozenset()
        moves_to = None
        hers = identity_ids(wanted, self._existing.user_identities)
        of_booking = self._existing.access_grants.get(access.booking_id, ()) if hers else ()
        # Of what is on its way out last, and of the one to be replaced first: its PIN is in the locks' memory.
        pin_from = sorted(
            (grant for grant in of_booking if grant.user_identity_id in hers),
            key=lambda grant: (grant.being_deleted, not here or grant is not here[0]),
        )
        if action is Action.REPLACE:
            moves_from = here[0].space_ids - (self._doors_of(wanted)[0] or frozenset())
            moves_to = self._space_ids.get(access.room_key or "")
            if pin_from and "code" in wanted.access_methods and wanted.keeps_pin:
                reason += self._new_pin(wanted, here)
        self._result.grants.append(
            Change(
                Kind.ACCESS_GRANT,
                action,
                wanted.key,
                reason,
                access.booking_id,
                wanted.label or access.label,
                grant=wanted,
                existing_grants=here,
                pin_from=tuple(pin_from),
                add_methods=add_methods,
                moves_from=moves_from,
                moves_to=moves_to,
                reservation_key=reservation_key,
                cause=Cause.DRIFT if drift else None,
            )
        )

    def _new_pin(self, wanted: DesiredAccessGrant, here: Sequence[ExistingAccessGrant]) -> str:
        """What the guest has to be told beforehand, where the new lock may not take the PIN that she has."""
        doors = self._doors_of(wanted)[0] or frozenset()
        if any("requested_code_unavailable" in grant.troubles and grant.space_ids & doors for grant in here):
            return "; new PIN: her locks choose their own"
        return "" if doors.isdisjoint(self._existing.own_code_space_ids) else "; new PIN if the lock chooses its own"

    def _keep_linked(self, access: BookingAccess, grant: ExistingAccessGrant) -> None:
        """What stays though nothing new would be made has its link as well: by it the next run finds it."""
        base, generation = split_generation(grant.key or "")
        link = self._links.get((Kind.ACCESS_GRANT, base))
        if link is not None and link.seam_id == grant.id and link.ends_at == grant.ends_at:
            return
        holder = next(
            (key for key, one in self._existing.user_identities.items() if one.id == grant.user_identity_id), None
        )
        self._result.relinks.append(
            Relink(
                Kind.ACCESS_GRANT,
                base,
                grant.id,
                adopted=link is None,
                generation=generation,
                booking_id=access.booking_id,
                user_identity_key=holder,
                ends_at=grant.ends_at,
                label=access.label,
            )
        )

    def _look_again(self, access: BookingAccess, when: datetime) -> None:
        known = self._result.look_again.get(access.booking_id)
        self._result.look_again[access.booking_id] = when if known is None else min(known, when)

    def _note(self, access: BookingAccess, key: str, action: Action, result: Result, reason: str) -> None:
        cause = Cause.ORPHAN if access.withheld is not None and access.withheld.is_orphan else None
        self._result.notes.append(
            Note(Kind.ACCESS_GRANT, action, key, result, reason, access.booking_id, access.label, cause)
        )

    def _relink(self, wanted: DesiredAccessGrant, current: ExistingAccessGrant) -> None:
        link = self._links.get((Kind.ACCESS_GRANT, wanted.key))
        if link is not None and link.seam_id == current.id and link.ends_at == current.ends_at:
            self._in_step += 1
            return
        mark = fingerprint(wanted)
        if link is not None:
            self._in_step += 1
        self._result.relinks.append(
            Relink(
                Kind.ACCESS_GRANT,
                wanted.key,
                current.id,
                adopted=link is None,
                generation=split_generation(current.key or "")[1] if current.key != wanted.key else 1,
                wanted_hash=mark,
                made_hash=mark,
                booking_id=wanted.booking_id,
                user_identity_key=wanted.user_identity_key,
                ends_at=current.ends_at,
                label=wanted.label,
            )
        )


def _is_generation_of(key: str | None, base: str) -> bool:
    return key == base or (key is not None and split_generation(key)[0] == base)


def _plan_expired(
    result: Plan,
    accesses: Iterable[BookingAccess],
    existing: ExistingResources,
    now: datetime,
    retain_grants: timedelta,
) -> None:
    """Grants whose time has been over for long enough; not those of guests who are still in the house."""
    planned = {id(grant) for change in result.grants for grant in change.existing_grants}
    in_house = {access.booking_id for access in accesses if access.in_house}
    for booking_id, grants in existing.access_grants.items():
        if booking_id in in_house:
            continue
        for grant in grants:
            if (
                grant.ends_at is not None
                and grant.ends_at <= now - retain_grants
                and not grant.being_deleted
                and id(grant) not in planned
            ):
                result.grants.append(
                    Change(
                        Kind.ACCESS_GRANT,
                        Action.REVOKE,
                        grant.key or "",
                        f"ended on {grant.ends_at:%d %b %Y}, and the policy keeps ended grants no longer",
                        booking_id,
                        existing_grants=(grant,),
                    )
                )


# --- user identities ------------------------------------------------------------------------------------------------


def _plan_user_identities(
    result: Plan,
    wanted: Iterable[DesiredUserIdentity],
    existing: ExistingResources,
    links: LinksByKey,
    labels: Mapping[str, str],
    person: str,
    asks_again: bool,
) -> None:
    """`asks_again`: also for contacts that another identity had when they were asked for."""
    changed: list[Change] = []
    for identity in wanted:
        found = existing.user_identities.get(identity.key)
        if found is None:
            lost = (Kind.USER_IDENTITY, identity.key) in links
            why = DELETED_BY_OTHERS if lost else f"new {person}"
            changed.append(
                Change(
                    Kind.USER_IDENTITY,
                    Action.CREATE,
                    identity.key,
                    "; ".join((why, *identity.remarks)),
                    label=labels.get(identity.key),
                    identity=identity,
                    cause=Cause.DRIFT if lost else None,
                )
            )
            continue
        if found.key != identity.key and identity.key in found.merged_keys:
            # Merged in Seam into another: that one says who she is, or the two would overwrite each other for ever.
            _in_step(result, Kind.USER_IDENTITY, identity.key, found.id, links, identity)
            continue
        if found.merged_keys:
            # What she lacks in the PMS is perhaps the other's.
            identity = replace(
                identity,
                email_address=identity.email_address or found.email_address,
                phone_number=identity.phone_number or found.phone_number,
            )
        differences = _identity_differences(identity, found)
        if not differences or _refused_before(identity, found, links, asks_again):
            _in_step(result, Kind.USER_IDENTITY, identity.key, found.id, links, identity)
            continue
        changed.append(
            Change(
                Kind.USER_IDENTITY,
                Action.UPDATE,
                identity.key,
                "; ".join((*differences, *identity.remarks)),
                label=labels.get(identity.key),
                identity=identity,
                existing_identity=found,
                cause=Cause.DRIFT if _made_so(links, Kind.USER_IDENTITY, identity) else None,
            )
        )
    result.identities.extend(changed)


def _identity_differences(wanted: DesiredUserIdentity, found: ExistingUserIdentity) -> list[str]:
    differences = []
    if (wanted.full_name or "") != (found.full_name or ""):
        differences.append("name changed")
    if contact_name(wanted.email_address or "") != contact_name(found.email_address or ""):
        differences.append("e-mail changed" if wanted.email_address else "e-mail removed")
    if (wanted.phone_number or "") != (found.phone_number or ""):
        differences.append("phone changed" if wanted.phone_number else "phone removed")
    return differences


def _refused_before(
    wanted: DesiredUserIdentity, found: ExistingUserIdentity, links: LinksByKey, asks_again: bool
) -> bool:
    """Seam took no more than this when it was asked for exactly the same: asking again would change nothing."""
    link = links.get((Kind.USER_IDENTITY, wanted.key))
    if link is None or link.wanted_hash is None or link.wanted_hash == link.made_hash:
        return False
    if link.wanted_hash.removeprefix(HELD_BY_ANOTHER) != fingerprint(wanted):
        return False
    if asks_again and link.wanted_hash.startswith(HELD_BY_ANOTHER):
        return False
    has = DesiredUserIdentity(wanted.key, found.full_name, found.email_address, found.phone_number)
    return link.made_hash == fingerprint(has)


def _made_so(links: LinksByKey, kind: Kind, wanted: DesiredUserIdentity | DesiredSpace) -> bool:
    """Whether what should be is what we last made: then somebody else has changed it in Seam."""
    link = links.get((kind, wanted.key))
    return link is not None and link.made_hash is not None and link.made_hash == fingerprint(wanted)


def _in_step(
    result: Plan,
    kind: Kind,
    key: str,
    seam_id: str,
    links: LinksByKey,
    identity: DesiredUserIdentity | None = None,
    label: str | None = None,
) -> None:
    link = links.get((kind, key))
    if link is not None:
        result.unchanged[kind] = result.unchanged.get(kind, 0) + 1
        if link.seam_id == seam_id:
            return
    mark = fingerprint(identity) if identity is not None else None
    result.relinks.append(
        Relink(kind, key, seam_id, adopted=link is None, wanted_hash=mark, made_hash=mark, label=label)
    )


def next_generation_key(base_key: str, occupied: Iterable[str]) -> str:
    """The first key of a grant, of whatever generation, that nothing occupies."""
    taken = set(occupied)
    generation = 1
    while with_generation(base_key, generation) in taken:
        generation += 1
    return with_generation(base_key, generation)
