"""Plans what ends: access that is taken away, whose time is over, that waits, or that Seam is deleting. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from mappers.access import BookingAccess, Existing
from mappers.keys import split_generation
from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome
from mappers.resources import DesiredAccessGrant
from mappers.sentences import PEOPLE, say
from mappers.stay_window import local
from reconciler.changes import Change
from reconciler.draft import Draft
from seam_workspace.existing import ExistingAccessGrant


class Endings:
    """Adds to a plan what of a booking's access ends."""

    def __init__(self, draft: Draft):
        self._draft = draft
        self.no_longer_on_it = say("{person} is no longer on the booking", person=PEOPLE[draft.person])
        self.no_longer_hers = say(
            "this room, at this time, is no part of the {person}'s stay any more", person=PEOPLE[draft.person]
        )

    def revoke(
        self, access: BookingAccess, grants: Iterable[ExistingAccessGrant], reason: str, counts: bool = True
    ) -> None:
        """Takes grants away. `counts`: whether somebody loses access by it, so that the safety limit counts it."""
        for grant in grants:
            if grant.being_deleted:
                self.dying(access, [grant])
                continue
            ended = grant.ends_at is not None and grant.ends_at <= self._draft.now
            self._draft.plan.grants.append(
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
                    forgets=_forgotten(self._draft, grant),
                    keeps_pin_of=self._may_come_back(access, grant),
                )
            )

    def _may_come_back(self, access: BookingAccess, grant: ExistingAccessGrant) -> str | None:
        """The identity key of who has it, where her booking waits for something, or may be in a property that is not
        listed at the moment."""
        withheld = access.withheld
        if withheld is None or not (withheld.waits or (withheld.is_orphan and self._draft.desired.may_be_elsewhere)):
            return None
        return self._person_of(grant)

    def _person_of(self, grant: ExistingAccessGrant) -> str | None:
        known = self._draft.existing.user_identities
        return next((key for key, one in known.items() if one.id == grant.user_identity_id), None)

    def _why_it_is_there(self, access: BookingAccess, grant: ExistingAccessGrant) -> Cause | None:
        """A grant that should go: prolonged by somebody else, of a booking that the PMS does not know, or by news."""
        if access.withheld is not None and access.withheld.is_orphan:
            return Cause.ORPHAN
        link = self._draft.links.get((Kind.ACCESS_GRANT, split_generation(grant.key or "")[0]))
        if link is not None and link.seam_id == grant.id and link.ends_at != grant.ends_at:
            return Cause.DRIFT
        return None

    def dying(self, access: BookingAccess, grants: Iterable[ExistingAccessGrant]) -> None:
        """Says of grants that Seam is deleting that they may open until then."""
        for grant in grants:
            if grant.ends_at is None or grant.ends_at > self._draft.now:
                rooms = self._draft.names(grant.space_ids)
                reason = say("old access ({rooms}) is still being deleted, and may open until then", rooms=rooms)
                self._draft.note(access, grant.key or "", Action.REVOKE, Outcome.WAITING, reason)
                going = (Kind.ACCESS_GRANT, Action.REVOKE, grant.key or "", reason, access.booking_id, access.label)
                self._draft.plan.dying.append((Change(*going, existing_grants=(grant,)), [rooms]))

    def over(self, access: BookingAccess, wanted: DesiredAccessGrant, here: Sequence[ExistingAccessGrant]) -> None:
        """One person's time, or one span, is over: nothing is made for it, and nothing outlives it."""
        until = wanted.ends_at
        assert until is not None
        going = [one for one in here if _outlives(one, until)]
        self.revoke(access, going, say("access ended {at}", at=local(until, access.time_zone, self._draft.now)))

    def withheld(self, access: BookingAccess, here: Sequence[ExistingAccessGrant]) -> None:
        """A booking that gets no new access: what of its access goes, and what stays."""
        withheld, draft = access.withheld, self._draft
        assert withheld is not None
        living = [grant for grant in here if not grant.being_deleted]
        going: list[ExistingAccessGrant] = []
        if withheld.people is not None:
            known = draft.existing.user_identities
            people = {known[key].id for key in withheld.people & known.keys()}
            left = [grant for grant in living if grant.user_identity_id not in people]
            self.revoke(access, left, self.no_longer_on_it)
            living = [grant for grant in living if grant not in left]
        if withheld.room_keys is not None:
            rooms = {draft.space_ids.get(key) for key in withheld.room_keys}
            left = [grant for grant in living if rooms.isdisjoint(grant.space_ids)]
            self.revoke(access, left, self.no_longer_hers)
            living = [grant for grant in living if grant not in left]
        if withheld.existing is Existing.REVOKE:
            going = living
        elif withheld.access_until is not None:
            # Shortened into the past, or prolonged in Seam by somebody: nobody gets a minute more than the stay.
            going = [grant for grant in living if _outlives(grant, withheld.access_until)]
        self.revoke(access, going, withheld.reason)
        if not withheld.is_orphan:
            for grant in living:
                if grant not in going:
                    self.keep_linked(access, grant)
        self.dying(access, [grant for grant in here if grant.being_deleted])
        if withheld.outcome is not None:
            key = (here[0].key if here else None) or access.key
            draft.note(access, key, Action.WAIT, withheld.outcome, withheld.reason)
        if withheld.look_again_at is not None:
            draft.look_again(access.booking_id, withheld.look_again_at)

    def keep_linked(self, access: BookingAccess, grant: ExistingAccessGrant) -> None:
        """What stays though nothing new would be made has its link as well: by it the next run finds it."""
        draft = self._draft
        base, generation = split_generation(grant.key or "")
        link = draft.links.get((Kind.ACCESS_GRANT, base))
        if link is not None and link.seam_id == grant.id and link.ends_at == grant.ends_at:
            return
        draft.in_step(
            Link(
                Kind.ACCESS_GRANT,
                base,
                grant.id,
                generation,
                booking_id=access.booking_id,
                user_identity_key=self._person_of(grant),
                starts_at=grant.starts_at,
                ends_at=grant.ends_at,
                label=access.label,
                space_ids=grant.space_ids,
            ),
            grant.key,
        )


def plan_expired(draft: Draft, retain_grants: timedelta) -> None:
    """Grants whose time has been over for long enough; not those of guests who are still in the house."""
    planned = {id(grant) for change in draft.plan.grants for grant in change.existing_grants}
    in_house = {access.booking_id for access in draft.desired.accesses if access.in_house}
    for booking_id, grants in draft.existing.access_grants.items():
        if booking_id in in_house:
            continue
        for grant in grants:
            if (
                grant.ends_at is not None
                and grant.ends_at <= draft.now - retain_grants
                and not grant.being_deleted
                and id(grant) not in planned
            ):
                draft.plan.grants.append(
                    Change(
                        Kind.ACCESS_GRANT,
                        Action.REVOKE,
                        grant.key or "",
                        say(
                            "ended on {at}, and the policy keeps ended grants no longer",
                            at=local(grant.ends_at, "UTC", None),
                        ),
                        booking_id,
                        existing_grants=(grant,),
                        forgets=_forgotten(draft, grant),
                    )
                )


def _outlives(grant: ExistingAccessGrant, until: datetime) -> bool:
    return grant.ends_at is None or grant.ends_at > until


def _forgotten(draft: Draft, grant: ExistingAccessGrant) -> str | None:
    """The key of the link that ends with a grant; None where the link is another grant's by now."""
    base, generation = split_generation(grant.key or "")
    link = draft.links.get((Kind.ACCESS_GRANT, base))
    return base if link is None or link.seam_id == grant.id or link.generation == generation else None
