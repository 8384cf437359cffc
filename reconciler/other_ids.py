"""Stays that the PMS has under another id than before: it renumbers, or another system answers in its place.

A new booking of the same person, for the same room and times as one that has access, is that one under another id, as
long as the PMS does not say that the former one is over. Whoever has a PIN for it needs no second one: where the PMS
has the former id no more, what there is goes on under the new one; where both are known, the new one waits.
Where people are numbered anew as well, it is she by her name, unless a contact speaks against it: she gets the other
key in Seam, and keeps what she has. Pure.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import datetime

from mappers.access import BookingAccess, Existing, Withheld
from mappers.keys import Keys
from mappers.links import Link
from mappers.outcomes import Kind, Outcome
from mappers.people import have_one_name
from mappers.resources import DesiredUserIdentity
from mappers.sentences import say
from mappers.user_identities import desired_user_identity
from reconciler.lookup import LinksByKey
from reconciler.pull import Pulled
from seam_workspace.existing import ExistingResources, ExistingUserIdentity

WAITS = say(
    "no new access: the same stay has access under another id, and the PMS has not ended that one: if both are in the "
    "PMS, cancel one of them there"
)

RENUMBERED = say("the PMS has this stay under another id now")


class OtherIds:
    """The bookings of one property that were known under other ids. `accesses`: what each should have."""

    def __init__(
        self,
        accesses: Collection[BookingAccess],
        pulled: Pulled,
        keys: Keys,
        links: LinksByKey,
        existing: ExistingResources,
        has: Callable[[Collection[str]], Collection[str]],
        now: datetime,
    ):
        """`has`: asked for bookings by id, which of them the PMS has."""
        self._pulled = pulled
        self._keys = keys
        self._existing = existing
        mine = [link for (kind, _), link in links.items() if kind == Kind.ACCESS_GRANT and link.booking_id]
        self._by_times: dict[object, list[Link]] = {}
        for link in mine:
            if link.property_id == pulled.of.id and link.starts_at is not None:
                self._by_times.setdefault((link.starts_at, link.ends_at), []).append(link)
        known = {link.booking_id for link in mine}
        over = {one.booking_id for one in accesses if one.withheld is not None and one.withheld.takes_access_away}
        self._over = over - pulled.gone - pulled.doubtful
        self._given_up: set[str] = set()
        """Former ids whose grants go on under the new ones."""
        self._former: dict[str, str] = {}
        """By the new id: the former one."""
        alike: dict[str, str] = {}
        for access in accesses:
            is_new = access.booking_id not in known and not existing.access_grants.get(access.booking_id)
            if is_new and access.withheld is None and access.grants:
                if (former := self._former_of(access, by_label=False)) is not None:
                    self._former[access.booking_id] = former
                elif (former := self._former_of(access, by_label=True)) is not None:
                    alike[access.booking_id] = former
        if alike:
            there = {*has(set(alike.values()) - pulled.bookings.keys()), *pulled.bookings}
            self._former |= {new: former for new, former in alike.items() if former not in there}
        self._renumbered = set(self._former.values())
        self._bookings_by_person: dict[str, set[str | None]] = {}
        """Of each person, by her key, the bookings that have not ended."""
        for link in mine:
            if link.user_identity_key is not None and (link.ends_at is None or link.ends_at > now):
                self._bookings_by_person.setdefault(link.user_identity_key, set()).add(link.booking_id)

    def _former_of(self, access: BookingAccess, by_label: bool) -> str | None:
        """The booking by which everybody on this one has the same access. `by_label`: where people and rooms are
        numbered anew as well, by initials and the room's name."""
        found: set[str | None] | None = None
        for wanted in access.grants:
            room = self._existing.spaces.get(wanted.room_key or "")
            same = {
                link.booking_id
                for link in self._by_times.get((wanted.starts_at, wanted.ends_at), ())
                if link.booking_id not in self._over
                and (
                    link.label == wanted.label
                    if by_label
                    else link.user_identity_key == wanted.user_identity_key
                    and room is not None
                    and room.id in (link.space_ids or ())
                )
            }
            found = same if found is None else found & same
        return min((one for one in found or () if one), default=None)

    def goes_on(self) -> ExistingResources:
        """What Seam has, with the grants of former ids that the PMS denies under those that it has now, and the people
        who have other ids as well under theirs. Where nobody can say that it is she, it stays as it is."""
        grants, identities = dict(self._existing.access_grants), dict(self._existing.user_identities)
        for new, former in self._former.items():
            people = {
                identity.id
                for guest_id in self._pulled.bookings[new].guest_ids
                if (identity := identities.get(self._keys.guest(guest_id))) is not None
            }
            theirs = grants.get(former, ())
            denied = former in self._pulled.gone or former in self._pulled.doubtful
            if not denied or not theirs:
                continue
            renamed = self._renamed(new, {one.user_identity_id for one in theirs} - people)
            if renamed is not None:
                identities |= renamed
                grants[new] = grants.pop(former)
                self._given_up.add(former)
        self._pulled.doubtful -= self._given_up
        self._pulled.gone |= self._given_up
        other_keys = {one.key: key for key, one in identities.items() if one.key != key and not one.merged_keys}
        holders = {contact: other_keys.get(key, key) for contact, key in self._existing.contact_holders.items()}
        return replace(self._existing, access_grants=grants, user_identities=identities, contact_holders=holders)

    def _renamed(self, new: str, holders: Collection[str]) -> dict[str, ExistingUserIdentity] | None:
        """These holders of access, by the keys that they have on the new booking: each is whoever has her name there,
        unless a contact speaks against it. None where that cannot be said of each, or where one of them has another
        booking under the former id, which would have to give it up."""
        known = {one.id: (key, one) for key, one in self._existing.user_identities.items()}
        mine = (self._pulled.guests.get(one) for one in self._pulled.bookings[new].guest_ids)
        people = [desired_user_identity(one, self._pulled.of.country, self._keys) for one in mine if one is not None]
        people = [one for one in people if one.key not in self._existing.user_identities]
        renamed: dict[str, ExistingUserIdentity] = {}
        for holder in holders:
            if holder not in known or not self._bookings_by_person.get(known[holder][0], set()) <= self._renumbered:
                return None
            key, identity = known[holder]
            other = DesiredUserIdentity(key, identity.full_name, identity.email_address, identity.phone_number)
            same = [one.key for one in people if one.key not in renamed and have_one_name(one, other)]
            if len(same) != 1:
                return None
            renamed[same[0]] = identity
        return renamed

    def settled(self, accesses: Collection[BookingAccess], now: datetime) -> list[BookingAccess]:
        """The same, after `goes_on`: former ids have nothing any more, and new ones wait for what still has. What is
        believed to be gone loses its access now, and nobody waits for it."""
        settled = []
        nobody_waits_for = self._pulled.gone | self._given_up
        for access in accesses:
            if access.booking_id in self._given_up:
                access = replace(access, withheld=Withheld(RENUMBERED, Existing.KEEP))
            elif (former := self._former.get(access.booking_id)) is not None and former not in nobody_waits_for:
                waits = Withheld(WAITS, Existing.KEEP, Outcome.ALERT, look_again_at=now)
                access = replace(access, grants=(), kept=(), withheld=waits)
            settled.append(access)
        return settled
