"""A property's lock accounts, as Seam relates them: sign-in pages by customer key, the Connected Accounts that came of
them, and of each account its devices, entrances and access systems, with what is wrong with each.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappers.keys import Keys
from mappers.sentences import Said, kept, say, together
from reconciler.findings import Finding
from reconciler.judge import House, troubles_of
from reconciler.seam_codes import Weight
from seam_workspace.errors import SeamRefused
from seam_workspace.existing import AccessSystem, ExistingDoor, ExistingWebview, LockAccount
from seam_workspace.workspace import Workspace
from store.accounts import Account, LockAccounts
from store.engine import Database

DOORS_NAMED = 20


@dataclass(frozen=True, slots=True)
class AccountLook:
    """One Connected Account, and what came with it."""

    account: LockAccount
    systems: Sequence[AccessSystem]
    doors: Sequence[ExistingDoor]
    troubles: Sequence[Finding]
    """What is wrong with it, its systems and its locks, the gravest first."""

    @property
    def devices(self) -> int:
        return sum(not door.is_entrance for door in self.doors)

    @property
    def entrances(self) -> int:
        return sum(door.is_entrance for door in self.doors)

    @property
    def broken(self) -> list[Finding]:
        """Why nothing new reaches its locks; empty when it does, whatever single locks have."""
        return [one for one in self._of_all() if one.weight <= Weight.CUT_OFF]

    @property
    def well(self) -> bool:
        """Nothing is wrong, neither with it nor with one of its locks, beside what is merely worth knowing."""
        return all(one.weight is Weight.REMARK for one in self.troubles)

    @property
    def remark(self) -> str | None:
        """What is worth knowing of the whole account while it works."""
        return joined([one for one in self._of_all() if one.weight > Weight.CUT_OFF]) or None

    def _of_all(self) -> list[Finding]:
        return troubles_of(replace(self.account, name=""), self.systems)


@dataclass(slots=True)
class AccountsLook:
    """All that Seam has of a property's lock accounts."""

    customer_key: str
    webviews: list[ExistingWebview] = field(default_factory=list)
    accounts: list[AccountLook] = field(default_factory=list)
    strays: list[LockAccount] = field(default_factory=list)
    """Accounts that came of the property's sign-in pages and carry no customer key, or another one."""
    gone: list[str] = field(default_factory=list)
    """Ids of accounts that came of them and are not in Seam any more."""

    @property
    def pending(self) -> int:
        return sum(one.status == "pending" for one in self.webviews)

    def whose(self, stray: LockAccount) -> Said:
        """Whose a stray is, and what to do: the end of a sentence about it."""
        if stray.customer_key is None:
            return say("carries no customer_key, so that its locks are nobody's yet: take it up")
        return say(
            "carries the customer_key {key}, so that its locks are that customer's: an account is of one property, so "
            "sign in with one that is this property's own",
            key=stray.customer_key,
        )


def joined(found: Sequence[Finding]) -> str:
    """Findings in one line."""
    return together(dict.fromkeys(one.words for one in found))


def look_at_accounts(workspace: Workspace, customer_key: str, webviews: bool = True) -> AccountsLook:
    """Asks Seam: a property's sign-in pages, its accounts, and three lists for each of them. Raises `SeamError`."""
    look = AccountsLook(customer_key)
    for account in workspace.lock_accounts(customer_key):
        systems = workspace.systems_of_account(account.id) if account.id else []
        doors = workspace.doors_of_account(account.id) if account.id else []
        look.accounts.append(AccountLook(account, systems, doors, troubles_of(account, systems, doors)))
    if webviews:
        look.webviews = workspace.list_webviews(customer_key)
        here = {one.account.id for one in look.accounts}
        for account_id in sorted({one.account_id for one in look.webviews if one.account_id} - here):
            stray = workspace.lock_account(account_id)
            if stray is not None:
                look.strays.append(stray)
            else:
                look.gone.append(account_id)
    return look


def check_accounts(
    connection: str, keys: Keys, workspace: Workspace, store: Database, property_id: str, now: datetime
) -> list[Account]:
    """Asks Seam for a property's lock accounts, and notes how they are. Raises `SeamError`."""
    look = look_at_accounts(workspace, keys.customer(property_id), webviews=False)
    return note_accounts(connection, store, property_id, look, now)


def accounts_in(customer_key: str, house: House) -> AccountsLook:
    """The same from what was just listed of the whole property."""
    look = AccountsLook(customer_key)
    for account in house.accounts.values():
        systems = [one for one in house.systems.values() if one.account_id == account.id]
        doors = [one for one in house.doors if one.account_id == account.id]
        look.accounts.append(AccountLook(account, systems, doors, troubles_of(account, systems, doors)))
    return look


def note_accounts(
    connection: str, store: Database, property_id: str, look: AccountsLook, now: datetime
) -> list[Account]:
    """Notes what Seam said, for the pages and alerts."""
    found = [
        Account(
            connection,
            one.account.id,
            property_id,
            one.account.name,
            ", ".join(dict.fromkeys(trouble.cause for trouble in one.broken)) or None,
            now,
            one.remark,
            {
                "why": joined(one.broken),
                "said": kept(joined(one.broken)),
                "devices": one.devices,
                "entrances": one.entrances,
                "systems": [system.name for system in one.systems],
                "troubles": [trouble.words for trouble in one.troubles[:DOORS_NAMED]],
                "causes": [trouble.cause for trouble in one.troubles[:DOORS_NAMED]],
                "troubles_said": [kept(trouble.words) for trouble in one.troubles[:DOORS_NAMED]],
            },
        )
        for one in look.accounts
    ]
    LockAccounts(store).note(connection, property_id, found)
    return found


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Accounts of the workspace that belong to none of our properties."""

    offered: Sequence[LockAccount]
    """Without a customer key: `adopt` gives them one."""
    foreign: Sequence[LockAccount]
    """With the key of somebody whom we do not know."""


def unplaced_accounts(workspace: Workspace, ours: Collection[str]) -> Unplaced:
    """`ours`: the customer keys of all properties that are known. Raises `SeamError`."""
    others = [one for one in workspace.every_lock_account() if one.id and one.customer_key not in ours]
    return Unplaced(
        [one for one in others if one.customer_key is None], [one for one in others if one.customer_key is not None]
    )


class CannotAdopt(Exception):
    """An account that cannot become the property's. `why`: the reason, and what to do."""

    def __init__(self, why: Said):
        super().__init__(why)
        self.why = why


def adopt_account(workspace: Workspace, account_id: str, customer_key: str) -> LockAccount:
    """Gives a Connected Account that belongs to nobody to a property. One that is the property's already stays as it
    is. Raises `CannotAdopt` for one that is somebody else's, and `SeamError`."""
    account = workspace.lock_account(account_id)
    if account is None:
        raise CannotAdopt(
            say("Seam has no account {id}: `nightporter accounts` lists those that there are.", id=account_id[:64])
        )
    if account.customer_key == customer_key:
        return account
    if account.customer_key is not None:
        raise CannotAdopt(
            say(
                "The account {name} belongs to another customer already (customer_key {key}), and is left to it: "
                "connect the property's own with `nightporter connect`.",
                name=account.name,
                key=account.customer_key,
            )
        )
    try:
        workspace.give_account_to(account_id, customer_key)
    except SeamRefused as refused:
        raise CannotAdopt(
            say(
                "Seam does not give the account {name} to this property: {why}", name=account.name, why=refused.sentence
            )
        ) from None
    return account
