"""Looks up what Seam has, at the least cost: a handful by key, many in pages of 500.

Whatever a link says exists and a list left out is asked for by its key before anything is concluded.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from connectors.records import Booking
from mappers.access_grants import possible_keys
from mappers.keys import Keys, split_generation, with_generation
from mappers.user_identities import contact_name
from reconciler.changes import Kind
from seam_workspace.existing import ExistingAccessGrant, ExistingSpace, ExistingUserIdentity
from seam_workspace.workspace import PAGE, Workspace
from store.store import Link

Links = Mapping[tuple[str, str], Link]


def look_up_grants(
    workspace: Workspace,
    keys: Keys,
    links: Links,
    customer_key: str,
    bookings: Collection[Booking] | None,
    everyone: bool,
    could_be_booking_id: Callable[[str], bool],
) -> dict[str, list[ExistingAccessGrant]]:
    """Our grants by booking id, of the bookings given, or (None) of the whole property; nobody else's."""
    mine = [link for (kind, _), link in links.items() if kind == Kind.ACCESS_GRANT]
    found: dict[str, list[ExistingAccessGrant]] = {}
    if bookings is not None:
        by_booking: dict[str, list[Link]] = {}
        for link in mine:
            by_booking.setdefault(link.booking_id or "", []).append(link)
        # Without any links (a new or a lost database) nobody knows which generations or companions to ask for.
        if mine and 2 * len(bookings) < len(mine) / PAGE + 1:
            for booking in bookings:
                grants = _grants_by_key(workspace, keys, booking, by_booking.get(booking.id, []), everyone)
                if grants:
                    found[booking.id] = grants
            return found
    wanted = None if bookings is None else {booking.id for booking in bookings}
    seen: set[str] = set()
    for grant in workspace.list_access_grants(customer_key):
        if grant.id in seen:
            continue
        seen.add(grant.id)
        booking_id = keys.booking_of(grant.key) if grant.key else None
        base = split_generation(grant.key)[0] if grant.key else ""
        ours = booking_id is not None and ((Kind.ACCESS_GRANT, base) in links or could_be_booking_id(booking_id))
        if booking_id is not None and ours and (wanted is None or booking_id in wanted):
            found.setdefault(booking_id, []).append(grant)
    for link in mine:
        if link.seam_id in seen or (wanted is not None and link.booking_id not in wanted):
            continue
        if bookings is None and link.property_id is not None and keys.customer(link.property_id) != customer_key:
            continue
        missing = workspace.access_grant_by_key(with_generation(link.key, link.generation))
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
            grant = workspace.access_grant_by_key(with_generation(base, generation))
            if grant is not None:
                found.append(grant)
            elif generation > known:
                break
            generation += 1
    return found


def look_up_spaces(
    workspace: Workspace, links: Links, customer_key: str, wanted: Iterable[str]
) -> dict[str, ExistingSpace]:
    """The property's Spaces by key."""
    found = {space.key: space for space in workspace.list_spaces(customer_key) if space.key}
    for key in wanted:
        if key not in found and (Kind.SPACE, key) in links and (space := workspace.space_by_key(key)) is not None:
            found[key] = space
    return found


def look_up_user_identities(
    workspace: Workspace, links: Links, wanted: Collection[str]
) -> tuple[dict[str, ExistingUserIdentity], dict[str, str], dict[str, str]]:
    """Identities by key; who holds which contact; and our key by Seam id.

    A few are asked for one by one, many are read in pages of the whole workspace (Seam cannot list a property's),
    and when the workspace proves far larger than the hotel, the rest is asked for one by one after all.
    """
    found: dict[str, ExistingUserIdentity] = {}
    holders: dict[str, str] = {}
    keys_by_id: dict[str, str] = {}

    def take(identity: ExistingUserIdentity) -> None:
        if identity.key is not None:
            found[identity.key] = identity
            keys_by_id[identity.id] = identity.key
        for contact in (identity.email_address, identity.phone_number):
            if contact is not None:
                holders[contact_name(contact)] = identity.key or identity.id

    complete = False
    if len(wanted) > 5:
        identities, complete = workspace.list_user_identities(at_most_pages=max(2, len(wanted) // 2))
        for identity in identities:
            take(identity)
    for key in wanted:
        if key in found or (complete and (Kind.USER_IDENTITY, key) not in links):
            continue
        single = workspace.user_identity_by_key(key)
        if single is not None:
            take(single)
    return found, holders, keys_by_id
