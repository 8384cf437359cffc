"""Asks Seam how the access of bookings is, in a handful of calls, and notes it for the pages."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.policy import Policy
from reconciler.chosen_pins import learn_pins, mark_of
from reconciler.judge import Due, House, Judgement, judge
from reconciler.system_users import Held, RecentlyHeld
from seam_workspace.errors import SeamRefused, SeamUnreachable, SeamUnreadable
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingCredential,
    ExistingDoor,
    ExistingUserIdentity,
)
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


def health_as_judged(
    connection: str, link: Link, judgement: Judgement, doors: Iterable[ExistingDoor] | None, at: datetime
) -> Health:
    """What is noted of a grant that was just judged. `doors`: those that it opens; None: nobody has looked."""
    return Health(
        connection,
        link.key,
        link.booking_id or "",
        link.seam_id,
        judgement.state,
        judgement.why,
        None if doors is None else [[door.name, door.online] for door in doors],
        at,
        verdict=judgement.verdict,
        cause=judgement.cause,
    )


SEPARATELY = 10
"""At most so many grants are asked for one by one, where one person has several at a time and something is wrong with
one of them: whose a credential is Seam says, and not of which grant."""
NOT_FOUND = 404


def held_in_systems(
    workspace: Workspace,
    house: House,
    grants: Collection[ExistingAccessGrant],
    methods: Collection[ExistingAccessMethod],
    people: Mapping[str, ExistingUserIdentity],
) -> dict[str, Held]:
    """What the access systems have of grants, by their ids. No call is made where none of them leads through an
    entrance; nothing is known where Seam does not tell. `methods`, `people`: what was just read of them. Raises
    `SeamError`."""
    there = {method.id for method in methods}
    through = {grant.id: grant for grant in grants if any(house.systems_of(grant)) and grant.method_ids & there}
    systems = {one for grant in through.values() for those in house.systems_of(grant) for one in those}
    if not systems:
        return {}
    concerned = {grant.user_identity_id for grant in through.values()} & people.keys()
    try:
        credentials = workspace.credentials_of({one for grant in through.values() for one in grant.method_ids & there})
        users = workspace.users_in_systems([people[one] for one in sorted(concerned)], systems)
        of_grants = _of_grants(workspace, through, credentials, people)
    except (SeamRefused, SeamUnreadable):
        return {}
    except SeamUnreachable as problem:
        if problem.status != NOT_FOUND:
            raise
        return {}  # A Seam, or what stands before it, that has no such lists.
    return {
        grant.id: Held(
            tuple(
                users[one]
                for person in [people.get(grant.user_identity_id)]
                if person is not None
                for one in person.system_user_ids
                if one in users
            ),
            tuple(of_grants.get(grant.id, ())),
        )
        for grant in through.values()
    }


def _of_grants(
    workspace: Workspace,
    grants: Mapping[str, ExistingAccessGrant],
    credentials: Collection[ExistingCredential],
    people: Mapping[str, ExistingUserIdentity],
) -> dict[str, list[ExistingCredential]]:
    """Which credential is of which grant: by whose it is, and when it holds."""
    whose = {one: person.id for person in people.values() for one in (*person.merged_ids, *person.system_user_ids)}
    by_person: dict[str, list[ExistingAccessGrant]] = {}
    for grant in grants.values():
        by_person.setdefault(grant.user_identity_id, []).append(grant)
    found: dict[str, list[ExistingCredential]] = {}
    unclear: set[str] = set()
    for one in credentials:
        person_id = whose.get(one.person_id or one.user_id or "", one.person_id)
        hers = list(grants.values()) if len(grants) == 1 else by_person.get(person_id or "", [])
        at_the_time = [grant for grant in hers if _is_of_the_time(one, grant)] or hers
        for grant in at_the_time:
            found.setdefault(grant.id, []).append(one)
        if len(at_the_time) > 1 and (one.errors or one.warnings):
            unclear |= {grant.id for grant in at_the_time}
    for grant_id in sorted(unclear)[:SEPARATELY]:
        found[grant_id] = workspace.credentials_of(grants[grant_id].method_ids)
    return found


def _is_of_the_time(one: ExistingCredential, grant: ExistingAccessGrant) -> bool:
    begins_in_time = one.starts_at is None or grant.ends_at is None or one.starts_at < grant.ends_at
    return begins_in_time and (one.ends_at is None or one.ends_at > grant.starts_at)


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
    recently: RecentlyHeld | None = None,
    may_ask_systems: bool = True,
) -> list[Health]:
    """Asks Seam for every grant of these bookings, notes what it says for the pages, and returns it.

    Five lists of the property, unless `house` has them, and two calls for every 100 grants; for every 100 that lead
    through entrances, one more for their credentials, and one for their users (two at least). `common`: keys of Spaces
    of common areas. `recently`: of whom the access systems need not be asked; `may_ask_systems`: whether a call is left
    for it; else they are asked of those alone with whom something was wrong there. Raises `SeamError`; then
    nothing is noted.
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
    if stop():
        return []
    held = recently.of(grants, at) if recently is not None else {}
    to_ask = [grant for one, grant in grants.items() if one not in held]
    if recently is not None and not may_ask_systems:
        to_ask = [grant for grant in to_ask if recently.is_unwell(grant.id)]
    told = held_in_systems(workspace, house, to_ask, methods.values(), people)
    if recently is not None:
        recently.note(told, at)
    held |= told

    def health_of(link: Link) -> Health:
        grant = grants.get(link.seam_id)
        hers = [methods[one] for one in sorted(grant.method_ids & methods.keys())] if grant is not None else []
        person = people.get(grant.user_identity_id) if grant is not None else None
        judgement = judge(grant, hers, house, person, due_of(link, at), held.get(link.seam_id))
        doors = house.doors_of(grant) if grant is not None else []
        return health_as_judged(connection, link, judgement, sorted(doors, key=lambda one: one.name), at)

    learn_pins(store, connection, {one: mark_of(grant, methods) for one, grant in grants.items()}, links, at)
    found = [health_of(link) for link in links]
    GrantHealth(store).note(found)
    return found
