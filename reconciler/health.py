"""Does a grant that exists open its doors? Asked from Seam: errors, ways in, and the doors themselves.

`access_grants/create` answers *ok* for a room without a door, and for a lock that never hears of it. The words here
are for the clerk who has the guest in front of her: what is wrong, and what to do. Codes are those of Seam's contract.
"""

from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from mappers.keys import Keys, with_generation
from reconciler.changes import Kind
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingDoor
from seam_workspace.workspace import Workspace
from store.board import Account, Board, Health
from store.store import Link, Store

ISSUED, ISSUING, FAILED = "issued", "issuing", "failed"
WORDS = {
    "cannot_create_requested_access_methods": "Seam could not make the way in that was asked for: check in Seam that "
    "the room's lock can do it; let the guest in by hand until then",
    "failed_to_issue": "the lock did not take it: check that the lock is online, then sync now; until then let the "
    "guest in by hand",
    "device_does_not_support_access_codes": "a lock of this room takes no PINs: choose another way in for it",
    "device_time_constraints_violated": "a lock of this room cannot keep these times: check the stay's dates",
    "underprovisioned_access": "not every door has it yet",
    "overprovisioned_access": "a door that is no longer hers still has to forget it",
    "requested_code_unavailable": "the PIN is another one than asked for: the lock did not take that",
    "updating_access_times": "the lock is being told of the new times",
    "updating_spaces": "its doors are being changed",
    "provisioning_access": "not every door has it yet",
    "delay_in_issuing": "the lock takes longer than usual to hear of it: check that it is online",
    "pulled_backup_access_code": "the lock was given a spare PIN instead of her own: tell her the one shown here",
}
_FATAL = frozenset(
    {
        "cannot_create_requested_access_methods",
        "failed_to_issue",
        "device_does_not_support_access_codes",
        "device_time_constraints_violated",
    }
)
_UNDER_WAY = frozenset({"updating_access_times", "updating_spaces", "provisioning_access"})
"""What Seam is changing at this moment: a PIN may not work until it is done."""


def judge(
    grant: ExistingAccessGrant | None, methods: Sequence[ExistingAccessMethod], doors: Sequence[ExistingDoor] | None
) -> tuple[str, str]:
    """(state, why) of one grant. `doors` are those of its Spaces; None where nobody looked."""
    if grant is None or grant.being_deleted:
        return FAILED, "Seam has no such access (any more): sync now makes it again"
    codes = [*grant.troubles, *(code for method in methods for code in (*method.errors, *method.warnings))]
    fatal = [code for code in codes if code in _FATAL]
    if fatal:
        return FAILED, words_of(fatal)
    if doors is not None and not doors:
        return FAILED, "the room has no door in Seam, so nothing opens: say under Locks which lock is its own"
    offline = [door.name for door in doors or () if door.online is False]
    said = [words_of([code]) for code in dict.fromkeys(codes)]
    waiting = [method for method in methods if not method.issued]
    if not methods or waiting:
        if any(method.needs_encoding for method in waiting):
            return ISSUING, "a card has to be encoded at the desk"
        if offline:
            return FAILED, f"{_names(offline)} offline, and not told yet: check the lock's power and network"
        return ISSUING, "; ".join(said) or "the lock is being told"
    pending = {*grant.pending, *(code for method in methods for code in method.pending)} & _UNDER_WAY
    if pending and not offline:
        return ISSUING, words_of(sorted(pending))
    if offline:
        said.insert(0, f"{_names(offline)} offline: what it was told before works, changes do not reach it")
    return ISSUED, "; ".join(said)


def words_of(codes: Collection[str]) -> str:
    """Sentences for Seam's codes; a code that we do not know is shown as it is."""
    return "; ".join(WORDS.get(code, f"Seam says {code.replace('_', ' ')}") for code in dict.fromkeys(codes))


def _names(doors: Sequence[str]) -> str:
    return f"{', '.join(sorted(doors))} {'is' if len(doors) == 1 else 'are'}"


def check_health(
    connection: str,
    keys: Keys,
    workspace: Workspace,
    store: Store,
    property_id: str,
    booking_ids: Collection[str],
    clock: Callable[[], datetime],
    workers: int = 8,
    stop: Callable[[], bool] = lambda: False,
) -> list[Health]:
    """Asks Seam for every grant of these bookings, notes what it says for the pages, and returns it.

    Raises `SeamError` where the doors cannot be listed; a single grant that cannot be asked for is left as it was.
    """
    links = [link for link in store.links_of_bookings(connection, booking_ids) if link.kind == Kind.ACCESS_GRANT]
    if not links:
        return []
    doors = workspace.doors(keys.customer(property_id))

    def ask(link: Link) -> Health | None:
        if stop():
            return None
        at = clock()
        try:
            grant = workspace.access_grant_by_key(with_generation(link.key, link.generation))
            methods = workspace.access_methods(grant.id) if grant is not None else []
        except SeamError:
            return None
        here = [door for door in doors if grant is not None and door.space_ids & grant.space_ids]
        state, why = judge(grant, methods, here)
        return Health(
            connection,
            link.key,
            link.booking_id or "",
            link.seam_id,
            state,
            why,
            [[door.name, door.online] for door in sorted(here, key=lambda one: one.name)],
            at,
        )

    with ThreadPoolExecutor(workers, thread_name_prefix="health") as pool:
        found = [one for one in pool.map(ask, links) if one is not None]
    Board(store).note_health(found)
    return found


def check_accounts(
    connection: str, keys: Keys, workspace: Workspace, store: Store, property_id: str, now: datetime
) -> list[Account]:
    """Asks Seam for a property's lock accounts, and notes how they are. Raises `SeamError`."""
    found = [
        Account(connection, account.id, property_id, account.name, account.trouble, now)
        for account in workspace.lock_accounts(keys.customer(property_id))
    ]
    Board(store).note_accounts(connection, property_id, found)
    return found
