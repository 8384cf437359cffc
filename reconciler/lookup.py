"""Looks up what Seam has, at the least cost: a handful by key, those that are linked by id, many in pages of 500.

Whatever a link says exists and a list left out is asked for by its key before anything is concluded.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from connectors.records import Booking
from mappers.grant_builder import possible_keys
from mappers.keys import Keys, split_generation, with_generation
from mappers.outcomes import Kind
from mappers.user_identities import contact_name
from seam_workspace.calls import IDS_IN_A_QUERY, PAGE
from seam_workspace.existing import ExistingAccessGrant, ExistingSpace, ExistingUserIdentity
from seam_workspace.workspace import Workspace
from store.links import Link

LinksByKey = Mapping[tuple[str, str], Link]


TOGETHER = 4
"""From so many properties on the whole workspace is listed once, unless it proves larger than they are."""


class Survey:
    """What one run reads of Seam for several of its properties, asked once.

    Valid until the run begins to write (its Spaces apart, which are read again after they were made).
    """

    def __init__(self, workspace: Workspace, links: LinksByKey):
        self.workspace = workspace
        self._links = links
        self._pages_at_most = 0
        """Of lists of the whole workspace instead of each property's own; 0: each property's own."""
        self._grants: dict[str, list[ExistingAccessGrant]] = {}
        self.people: list[ExistingUserIdentity] = []
        """Those that were asked for by id."""
        self._identities: list[ExistingUserIdentity] = []
        self._pages = 0
        self._has_all_identities = False
        self._spaces: dict[str | None, list[ExistingSpace]] | None = None
        self._reservation_space_ids: frozenset[str] | None = None
        self.unclear: set[str] = set()
        """Bookings of whose access Seam says something that cannot be read: theirs stays as it is."""

    def begin(self, properties: int, by_id: Collection[str], people: Collection[str]) -> None:
        """`properties`: so many will ask. `by_id`: bookings that ended well in the last run that looked at them: of
        these Seam has what is linked, and somebody else's doings are left to a full run. `people`: the keys
        of those who are on them."""
        if properties >= TOGETHER:
            self._pages_at_most = properties - 1
            # Where our own alone fill as many pages, the first of them would be asked for in vain.
            fits = sum(kind == Kind.SPACE for kind, _ in self._links) // PAGE < self._pages_at_most
            spaces, complete = self.workspace.list_every_space(self._pages_at_most) if fits else ([], False)
            if complete:
                self._spaces = {}
                for space in spaces:
                    self._spaces.setdefault(space.customer_key, []).append(space)
        mine = [link for (kind, _), link in self._links.items() if kind == Kind.ACCESS_GRANT]
        wanted = {link.seam_id: link for link in mine if link.booking_id in by_id}
        if not mine or len(wanted) / IDS_IN_A_QUERY > len(mine) / PAGE + 1:
            return  # So many that lists cost less.
        there = {grant.id: grant for grant in self.workspace.access_grants_by_id(wanted)}
        found: dict[str, list[ExistingAccessGrant]] = {booking_id: [] for booking_id in by_id}
        for seam_id, link in wanted.items():
            grant = there.get(seam_id) or self.workspace.access_grant_named(with_generation(link.key, link.generation))
            if grant is not None:
                found[link.booking_id or ""].append(grant)
        self.people = self.workspace.user_identities_by_id(
            [self._links[Kind.USER_IDENTITY, key].seam_id for key in people if (Kind.USER_IDENTITY, key) in self._links]
        )
        self._grants = found

    def spaces(self, customer_key: str) -> list[ExistingSpace]:
        if self._spaces is None:
            return self.workspace.list_spaces(customer_key)
        return self._spaces.get(customer_key, [])

    def grants(self, booking_id: str) -> list[ExistingAccessGrant] | None:
        """None where they were not asked for by id."""
        return self._grants.get(booking_id)

    def has_grants_of(self, booking_ids: Iterable[str]) -> bool:
        """Whether those of all of these bookings were asked for by id."""
        return bool(self._grants) and all(one in self._grants for one in booking_ids)

    def identities(self, at_most_pages: int) -> tuple[list[ExistingUserIdentity], bool]:
        """Of the whole workspace, and whether that was all."""
        if not self._has_all_identities and at_most_pages > self._pages:
            self._identities, self._has_all_identities = self.workspace.list_user_identities(at_most_pages)
            self._pages = at_most_pages
        return self._identities, self._has_all_identities

    def reservation_space_ids(self, customer_key: str) -> frozenset[str]:
        """Of this property at least."""
        if self._pages_at_most:
            found, complete = self.workspace.reservation_space_ids(None, self._pages_at_most)
            self._reservation_space_ids = found if complete else None
            self._pages_at_most = 0
        if self._reservation_space_ids is None:
            return self.workspace.reservation_space_ids(customer_key)[0]
        return self._reservation_space_ids


def look_up_grants(
    survey: Survey,
    keys: Keys,
    links: LinksByKey,
    customer_key: str,
    bookings: Collection[Booking] | None,
    everyone: bool,
    could_be_booking_id: Callable[[str], bool],
    read: Collection[str] = (),
) -> dict[str, list[ExistingAccessGrant]]:
    """Our grants by booking id, of the bookings given, or (None) of the whole property; nobody else's. `read`: ids of
    the bookings that the whole property has: those that came from another one have grants there. Whoever has one that
    cannot be read is in `survey.unclear` afterwards."""
    known = {one.id: grants for one in bookings or () if (grants := survey.grants(one.id)) is not None}
    others = None if bookings is None else [one for one in bookings if one.id not in known]
    found = {booking_id: grants for booking_id, grants in known.items() if grants}
    if others is None or others:
        found |= _look_up_grants(
            survey.workspace, keys, links, customer_key, others, everyone, could_be_booking_id, read
        )
    readable: dict[str, list[ExistingAccessGrant]] = {}
    for booking_id, grants in found.items():
        readable[booking_id] = [grant for grant in grants if not grant.unreadable]
        if len(readable[booking_id]) < len(grants):
            survey.unclear.add(booking_id)
    return {booking_id: grants for booking_id, grants in readable.items() if grants}


def _look_up_grants(
    workspace: Workspace,
    keys: Keys,
    links: LinksByKey,
    customer_key: str,
    bookings: Collection[Booking] | None,
    everyone: bool,
    could_be_booking_id: Callable[[str], bool],
    read: Collection[str],
) -> dict[str, list[ExistingAccessGrant]]:
    mine = [link for (kind, _), link in links.items() if kind == Kind.ACCESS_GRANT]
    by_id = {link.seam_id: link for link in mine}
    found: dict[str, list[ExistingAccessGrant]] = {}
    if bookings is not None:
        by_booking: dict[str, list[Link]] = {}
        for link in mine:
            by_booking.setdefault(link.booking_id or "", []).append(link)
        # Without any links (a new or a lost database) nobody knows which generations or companions to ask for.
        if mine and 2 * len(bookings) < len(mine) / PAGE + 1:
            for booking in bookings:
                grants = [
                    grant
                    for grant in _grants_by_key(workspace, keys, booking, by_booking.get(booking.id, []), everyone)
                    if grant.id not in by_id or by_id[grant.id].booking_id in (None, booking.id)
                ]
                if grants:
                    found[booking.id] = grants
            return found
    wanted = None if bookings is None else {booking.id for booking in bookings}
    seen: set[str] = set()
    for grant in workspace.list_access_grants(customer_key):
        if grant.id in seen:
            continue
        seen.add(grant.id)
        if grant.unreadable and grant.id in by_id:
            whose = by_id[grant.id].booking_id or ""
            if wanted is None or whose in wanted:
                found.setdefault(whose, []).append(grant)
            continue
        booking_id = keys.booking_of(grant.key) if grant.key else None
        if booking_id is not None and grant.id in by_id:
            # What went on under another id keeps the key of the former one.
            booking_id = by_id[grant.id].booking_id or booking_id
        base = split_generation(grant.key)[0] if grant.key else ""
        ours = booking_id is not None and ((Kind.ACCESS_GRANT, base) in links or could_be_booking_id(booking_id))
        if booking_id is not None and ours and (wanted is None or booking_id in wanted):
            found.setdefault(booking_id, []).append(grant)
    for link in mine:
        if link.seam_id in seen or (wanted is not None and link.booking_id not in wanted):
            continue
        is_anothers = link.property_id is not None and keys.customer(link.property_id) != customer_key
        if bookings is None and is_anothers and link.booking_id not in read:
            continue
        missing = workspace.access_grant_named(with_generation(link.key, link.generation))
        if missing is not None and missing.id not in seen:
            seen.add(missing.id)
            found.setdefault(link.booking_id or "", []).append(missing)
    return found


def _grants_by_key(
    workspace: Workspace, keys: Keys, booking: Booking, links: Iterable[Link], everyone: bool
) -> list[ExistingAccessGrant]:
    generations = dict.fromkeys(possible_keys(booking, everyone, keys), 1)
    generations.update((link.key, link.generation) for link in links)
    found = []
    for base, known in generations.items():
        generation = 1
        while True:
            grant = workspace.access_grant_named(with_generation(base, generation))
            if grant is not None:
                found.append(grant)
            elif generation > known:
                break
            generation += 1
    return found


def look_up_spaces(
    workspace: Workspace, links: LinksByKey, listed: Iterable[ExistingSpace], wanted: Iterable[str]
) -> dict[str, ExistingSpace]:
    """The property's Spaces by key; `listed`: those that Seam lists."""
    found = {space.key: space for space in listed if space.key}
    for key in wanted:
        if key not in found and (Kind.SPACE, key) in links and (space := workspace.space_by_key(key)) is not None:
            found[key] = space
    return found


@dataclass(slots=True)
class PeopleFound:
    """Whom Seam knows, as far as was asked."""

    by_key: dict[str, ExistingUserIdentity] = field(default_factory=dict)
    contact_holders: dict[str, str] = field(default_factory=dict, repr=False)
    """Which identity (its key, or its Seam id when it has none) holds an e-mail or phone."""
    keys_by_id: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    """Keys that Seam was asked for and does not have."""
    is_everybody: bool = False
    """Seam has nobody else."""

    def is_known(self, key: str) -> bool:
        """Whether it is certain if Seam has somebody by this key."""
        return self.is_everybody or key in self.by_key or key in self.absent

    def take(self, identity: ExistingUserIdentity) -> None:
        if identity.key is not None:
            self.by_key[identity.key] = identity
        for key in identity.merged_keys:
            # Somebody merged two people in Seam: whoever survives answers for both, whatever key she is asked for by.
            self.by_key.setdefault(key, identity)
        # Strangers have no key; nor has whoever survives of strangers.
        known_as = identity.key or next(iter(identity.merged_keys), None)
        if known_as is not None:
            self.keys_by_id[identity.id] = known_as
            for merged_id in identity.merged_ids:
                self.keys_by_id.setdefault(merged_id, known_as)
        for contact in (identity.email_address, identity.phone_number):
            if contact is not None:
                self.contact_holders[contact_name(contact)] = identity.key or identity.id


def look_up_user_identities(
    survey: Survey,
    links: LinksByKey,
    wanted: Collection[str],
    holders: Collection[str] = (),
    whoever_is_linked: bool = False,
    as_made: Iterable[ExistingUserIdentity] = (),
) -> PeopleFound:
    """Identities by key, those of `holders` (Seam's ids of who holds the grants that were found) always among them.

    A few are asked for one by one, many are read in pages of the whole workspace (Seam cannot list a property's),
    and when the workspace proves far larger than the hotel, the rest is asked for one by one after all.
    `whoever_is_linked`: only those that we made or met before are looked up; whoever is not among them is met when she
    is made. `as_made`: people as we last made them; those of them who hold a grant that was found are not asked for.
    """
    workspace = survey.workspace
    found = PeopleFound()
    for identity in as_made:
        if identity.id in holders:
            found.take(identity)
    complete = False
    if whoever_is_linked:
        complete = True
        for identity in survey.people:
            found.take(identity)
    elif len(wanted) > 5:
        identities, complete = survey.identities(at_most_pages=max(2, len(wanted) // 2))
        for identity in identities:
            found.take(identity)
        found.is_everybody = complete
    for key in wanted:
        if key in found.by_key or (complete and (Kind.USER_IDENTITY, key) not in links):
            continue
        single = workspace.user_identity_by_key(key)
        if single is not None:
            found.take(single)
        else:
            found.absent.add(key)
    # Whose a grant is decides whose its PIN is: nobody is taken for a stranger because nobody asked.
    unknown = sorted(set(holders) - found.keys_by_id.keys())
    if unknown:
        for identity in workspace.user_identities_by_id(unknown):
            found.take(identity)
    return found
