"""Plans the grants of every booking: who has none yet, whose times, doors or ways in are others now. Pure.

Each booking has been matched with what Seam has for it before (`reconciler.holders`): a grant's key here is that of
the grant which its person holds.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from mappers.access import BookingAccess
from mappers.keys import split_generation
from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome
from mappers.resources import DesiredAccessGrant
from mappers.sentences import PEOPLE, say, together
from mappers.stay_window import local
from reconciler.changes import Change, fingerprint
from reconciler.draft import DELETED_BY_OTHERS, Draft
from reconciler.holders import identity_ids
from reconciler.plan_doors import PlannedDoors, is_generation_of
from reconciler.plan_endings import Endings
from reconciler.reasons import why_made, why_new_pin, why_replaced, why_updated
from seam_workspace.existing import ExistingAccessGrant


class AccessPlan:
    """Adds to a plan what every booking's access needs, and collects whose identities that needs."""

    def __init__(self, draft: Draft, cut_off: Collection[str]):
        """`cut_off`: the bookings in the middle of which an earlier run ended."""
        self._draft = draft
        self._endings = Endings(draft)
        self._cut_off = cut_off
        self._needed: dict[str, str] = {}
        self._doors = PlannedDoors(draft)
        self._in_step = 0

    def plan(self, accesses: Iterable[BookingAccess]) -> dict[str, str]:
        """Keys of the identities that must be in step, in the order of need, each with a label for the report."""
        found = self._draft.existing.access_grants
        for access in accesses:
            here = found.get(access.booking_id, ())
            if access.withheld is not None:
                self._endings.withheld(access, here)
            elif len(here) <= 1 and len(access.grants) == 1 and not access.kept:
                # Nearly always so; worth not sorting anything.
                self._one_person(access, access.grants[0], here)
            else:
                self._several(access, here)
            for remark in access.remarks:
                self._draft.note(access, remark.key, Action.WAIT, remark.outcome, remark.reason)
            if access.look_again_at is not None:
                self._draft.look_again(access.booking_id, access.look_again_at)
        if self._in_step:
            self._draft.count_unchanged(Kind.ACCESS_GRANT, self._in_step)
        return self._needed

    def _several(self, access: BookingAccess, here: Sequence[ExistingAccessGrant]) -> None:
        by_key: dict[str, list[ExistingAccessGrant]] = {}
        for grant in here:
            by_key.setdefault(split_generation(grant.key or "")[0], []).append(grant)
        wanted_or_kept = (*access.grants, *access.kept)
        for wanted in wanted_or_kept:
            self._one_person(access, wanted, tuple(by_key.pop(wanted.key, ())))
        people = [identity_ids(one, self._draft.existing.user_identities) for one in wanted_or_kept]
        staying: frozenset[str] = frozenset().union(*people)
        # Whoever is given nothing else for it loses what she has.
        given = frozenset[str]().union(*people[: len(access.grants)])
        for others in by_key.values():
            for grant in others:
                if grant.user_identity_id not in staying:
                    self._endings.revoke(access, [grant], self._endings.no_longer_on_it)
                elif grant.ends_at is None or grant.ends_at > self._draft.now:
                    is_loss = grant.user_identity_id not in given
                    self._endings.revoke(access, [grant], self._endings.no_longer_hers, counts=is_loss)

    def _one_person(
        self, access: BookingAccess, wanted: DesiredAccessGrant, here: tuple[ExistingAccessGrant, ...]
    ) -> None:
        """One person's grant for one room and time, and all grants that Seam has under its key."""
        living = [grant for grant in here if not grant.being_deleted] if here else []
        if any(grant.id in self._draft.desired.new_pins for grant in here):
            wanted = replace(wanted, keeps_pin=False, pin=None)
        if wanted.no_new is not None:
            self._keep_only(access, wanted, here)
        elif wanted.ends_at is not None and wanted.ends_at <= self._draft.now:
            self._endings.over(access, wanted, here)
        elif not living:
            self._make(access, wanted, here)
        elif split_generation(living[0].key or "")[0] != wanted.key:
            self._endings.revoke(access, living, self._endings.no_longer_on_it)
            self._make(access, wanted, tuple(grant for grant in here if grant not in living))
        else:
            self._needed.setdefault(wanted.user_identity_key, wanted.label)
            if wanted.closed_keys:
                wanted = self._doors.with_what_is_closed(wanted, living)
            current = living[0] if len(living) == 1 else self._only_one_of(access, wanted, living)
            self._endings.dying(access, [grant for grant in here if grant.being_deleted])
            self._bring_in_step(access, wanted, current, here)

    def _only_one_of(
        self, access: BookingAccess, wanted: DesiredAccessGrant, living: Sequence[ExistingAccessGrant]
    ) -> ExistingAccessGrant:
        """The grant that stays where there are several, which the others are revoked for."""
        hers = identity_ids(wanted, self._draft.existing.user_identities)
        doors = self._doors.of(wanted)[0]
        current = min(
            living,
            key=lambda one: (
                one.user_identity_id not in hers,
                one.space_ids != doors,
                split_generation(one.key or "")[1],
            ),
        )
        second = say("a second grant for the same {person} and booking", person=PEOPLE[self._draft.person])
        for one in living:
            if one is not current:
                reason = second if one.user_identity_id in hers else self._endings.no_longer_on_it
                self._endings.revoke(access, [one], reason, counts=False)
        return current

    def _bring_in_step(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        current: ExistingAccessGrant,
        here: Sequence[ExistingAccessGrant],
    ) -> None:
        """A grant that lives: moved by a new one, changed in place, or as it should be."""
        draft = self._draft
        space_ids, reservation = self._doors.of(wanted)
        identity = draft.existing.user_identities.get(wanted.user_identity_key)
        same_guest = identity is not None and identity.id == current.user_identity_id
        same_doors = current.space_ids == space_ids
        needs_reservation = reservation and not is_generation_of(current.reservation_key, wanted.reservation_key)
        needs_new_pin = current.id in draft.desired.new_pins
        if not same_guest or not same_doors or needs_reservation or needs_new_pin:
            in_order = (current, *(one for one in here if one is not current))
            drift = draft.made_so(Kind.ACCESS_GRANT, wanted)
            if needs_new_pin and same_guest and same_doors:
                reason, drift = draft.desired.new_pins[current.id], False
            else:
                reason = why_replaced(draft, wanted, current, same_guest, same_doors, space_ids or frozenset(), drift)
                drift = drift and not (same_guest and same_doors)
            self._change(access, wanted, Action.REPLACE, in_order, reason, drift=drift)
            return
        missing_methods = tuple(one for one in wanted.access_methods if one not in current.access_methods)
        if (
            current.starts_at != wanted.starts_at
            or current.ends_at != wanted.ends_at
            or current.name != wanted.name
            or missing_methods
        ):
            in_order = (current, *(one for one in here if one is not current))
            drift = draft.made_so(Kind.ACCESS_GRANT, wanted)
            reason = why_updated(draft, access.time_zone, wanted, current, missing_methods, drift)
            self._change(access, wanted, Action.UPDATE, in_order, reason, missing_methods, drift=drift)
            return
        link = draft.links.get((Kind.ACCESS_GRANT, wanted.key))
        if link is not None:
            self._in_step += 1
        if (
            link is None
            or link.seam_id != current.id
            or link.ends_at != current.ends_at
            or link.space_ids != current.space_ids
            or link.booking_id != wanted.booking_id
        ):
            generation = split_generation(current.key or "")[1] if current.key != wanted.key else 1
            found = replace(
                self._link(wanted),
                seam_id=current.id,
                generation=generation,
                ends_at=current.ends_at,
                space_ids=current.space_ids,
            )
            draft.in_step(found, current.key)

    def _keep_only(
        self, access: BookingAccess, wanted: DesiredAccessGrant, here: tuple[ExistingAccessGrant, ...]
    ) -> None:
        """Nothing new is made; what this very person has in this very room stays, in the times that the PMS has now."""
        draft, endings = self._draft, self._endings
        hers = identity_ids(wanted, draft.existing.user_identities)
        room = draft.space_ids.get(wanted.room_key)
        for grant in here:
            if grant.being_deleted:
                endings.dying(access, [grant])
            elif grant.user_identity_id not in hers:
                endings.revoke(access, [grant], endings.no_longer_on_it)
            elif room not in grant.space_ids:
                nothing_new = say("no new access: {why}", why=wanted.no_new or "")
                endings.revoke(access, [grant], together((endings.no_longer_hers, nothing_new)))
            elif wanted.keeps_times or (grant.starts_at, grant.ends_at) == (wanted.starts_at, wanted.ends_at):
                self._needed.setdefault(wanted.user_identity_key, wanted.label)
                endings.keep_linked(access, grant)
            elif wanted.ends_at is not None and wanted.ends_at <= draft.now:
                endings.over(access, wanted, (grant,))
            else:
                self._needed.setdefault(wanted.user_identity_key, wanted.label)
                drift = draft.made_so(Kind.ACCESS_GRANT, wanted)
                reason = why_updated(draft, access.time_zone, wanted, grant, (), drift)
                self._change(access, wanted, Action.UPDATE, (grant,), reason, joins=False)

    def _make(self, access: BookingAccess, wanted: DesiredAccessGrant, dying: tuple[ExistingAccessGrant, ...]) -> None:
        """Nobody's grant lives under its key: one is made, unless it is too early."""
        draft = self._draft
        if wanted.due_at is not None and draft.now < wanted.due_at:
            when, arrival = (local(one, access.time_zone, draft.now) for one in (wanted.due_at, wanted.starts_at))
            waits = say("access is made from {at} (arrival {arrival})", at=when, arrival=arrival)
            draft.note(access, wanted.key, Action.WAIT, Outcome.WAITING, waits)
            draft.look_again(access.booking_id, wanted.due_at)
            return
        self._needed.setdefault(wanted.user_identity_key, wanted.label)
        reason = why_made(draft, access, wanted, bool(dying), access.booking_id in self._cut_off)
        self._change(access, wanted, Action.CREATE, dying, reason, drift=reason is DELETED_BY_OTHERS)

    def _change(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        action: Action,
        here: tuple[ExistingAccessGrant, ...],
        reason: str,
        add_methods: tuple[str, ...] = (),
        *,
        drift: bool = False,
        joins: bool = True,
    ) -> None:
        """`here`: the grant to act upon first. `joins`: whether it may join a reservation."""
        draft = self._draft
        doors, reservation = self._doors.of(wanted)
        moves_from: frozenset[str] = frozenset()
        moves_to = None
        hers = identity_ids(wanted, draft.existing.user_identities)
        of_booking = draft.existing.access_grants.get(access.booking_id, ()) if hers else ()
        # Of what is on its way out last, and of the one to be replaced first: its PIN is in the locks' memory.
        pin_from = sorted(
            (grant for grant in of_booking if grant.user_identity_id in hers),
            key=lambda grant: (grant.being_deleted, not here or grant is not here[0]),
        )
        if action is Action.REPLACE:
            moves_from = here[0].space_ids - (doors or frozenset())
            moves_to = draft.space_ids.get(access.room_key or "")
            if pin_from and "code" in wanted.access_methods and wanted.keeps_pin:
                new_pin = why_new_pin(here, doors or frozenset(), draft.existing.own_code_space_ids)
                reason = together(filter(None, (reason, new_pin)))
        reservation_key = None
        if reservation and joins:
            leaving = here[0] if action is not Action.CREATE else None
            reservation_key = self._doors.reservation_key(access, wanted, doors, leaving)
        draft.plan.grants.append(
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
                link=replace(self._link(wanted), property_id=draft.desired.property_id),
            )
        )

    def _link(self, wanted: DesiredAccessGrant) -> Link:
        """What is remembered of a grant that is as wanted, its Seam id apart."""
        mark = fingerprint(wanted)
        return Link(
            Kind.ACCESS_GRANT,
            wanted.key,
            "",
            wanted_hash=mark,
            made_hash=mark,
            booking_id=wanted.booking_id,
            user_identity_key=wanted.user_identity_key,
            ends_at=wanted.ends_at,
            label=wanted.label,
            starts_at=wanted.starts_at,
        )
