"""Asks Seam how the access of bookings is, in a handful of calls, and notes it for the pages."""

from collections.abc import Callable, Collection
from datetime import datetime

from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.policy import Policy
from reconciler.chosen_pins import learn_pins, mark_of
from reconciler.judge import Due, House, judge
from seam_workspace.grants import GRANTS_TOGETHER
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.health import GrantHealth, Health
from store.links import Link, Links


def house_of(workspace: Workspace, customer_key: str, common: Collection[str] = ()) -> House:
    """What Seam has of a property around its guests' access: five lists. `common`: keys of Spaces of common areas.
    Raises `SeamError`."""
    spaces = workspace.list_spaces(customer_key)
    return House(
        {space.id: space for space in spaces},
        workspace.doors(customer_key),
        {system.id: system for system in workspace.access_systems(customer_key)},
        {account.id: account for account in workspace.lock_accounts(customer_key)},
        frozenset(space.id for space in spaces if space.key in common),
    )


def due_of(link: Link | None, now: datetime) -> Due | None:
    """What we gave a grant; None where nothing is remembered of it."""
    return Due(link.starts_at, link.ends_at, now, link.space_ids) if link is not None else None


def common_keys(keys: Keys, policy: Policy, property_id: str) -> set[str]:
    """The keys of the Spaces of a property's common areas."""
    return {keys.common_area(area.key, property_id, shares) for area in policy.common_areas for shares in (False, True)}


def check_health(
    connection: str,
    keys: Keys,
    workspace: Workspace,
    store: Database,
    property_id: str,
    booking_ids: Collection[str],
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
    common: Collection[str] = (),
    house: House | None = None,
) -> list[Health]:
    """Asks Seam for every grant of these bookings, notes what it says for the pages, and returns it.

    Five lists of the property, unless `house` has them, and two calls for every 100 grants. `common`: keys of Spaces
    of common areas. Raises `SeamError`; then nothing is noted.
    """
    links = [link for link in Links(store).of_bookings(connection, booking_ids) if link.kind == Kind.ACCESS_GRANT]
    if not links or stop():
        return []
    at = clock()
    house = house or house_of(workspace, keys.customer(property_id), common)
    ids = {link.seam_id for link in links}
    grants = {grant.id: grant for grant in workspace.access_grants_by_id(ids, GRANTS_TOGETHER)}
    if stop():
        return []
    methods, people = workspace.ways_and_people_of([one for one, grant in grants.items() if not grant.unreadable])

    def health_of(link: Link) -> Health:
        grant = grants.get(link.seam_id)
        hers = [methods[one] for one in sorted(grant.method_ids & methods.keys())] if grant is not None else []
        person = people.get(grant.user_identity_id) if grant is not None else None
        judgement = judge(grant, hers, house, person, due_of(link, at))
        doors = house.doors_of(grant) if grant is not None else []
        return Health(
            connection,
            link.key,
            link.booking_id or "",
            link.seam_id,
            judgement.state,
            judgement.why,
            [[door.name, door.online] for door in sorted(doors, key=lambda one: one.name)],
            at,
            verdict=judgement.verdict,
            cause=judgement.cause,
        )

    learn_pins(store, connection, {one: mark_of(grant, methods) for one, grant in grants.items()}, links, at)
    found = [health_of(link) for link in links]
    GrantHealth(store).note(found)
    return found
