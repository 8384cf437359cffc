"""What Seam has now: as much of each resource as the planner compares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ExistingSpace:
    id: str
    key: str | None
    name: str
    customer_key: str | None
    time_zone: str | None = None
    check_in: str | None = None
    """As Seam has it: "15:00" or "15:00:00"."""
    check_out: str | None = None
    doors: int | None = None
    """How many locks are in it; a Space with none makes every grant *ok*, and opens nothing."""
    door_ids: frozenset[str] | None = None
    """Ids of those locks; None where nobody has listed them."""
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()

    @property
    def being_deleted(self) -> bool:
        """It takes no new access, and what it gives goes with it."""
        return "being_deleted" in self.warnings


@dataclass(frozen=True, slots=True)
class ExistingUserIdentity:
    id: str
    key: str | None
    full_name: str | None = field(default=None, repr=False)
    email_address: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    being_deleted: bool = False
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()
    merged_keys: tuple[str, ...] = ()
    """Keys of identities that somebody merged into this one in Seam: they find it as well."""
    merged_ids: tuple[str, ...] = ()
    system_user_ids: tuple[str, ...] = ()
    """Of her as a user of access systems."""


@dataclass(frozen=True, slots=True)
class ExistingSystemUser:
    """A guest as a user of an access system: Seam makes her one where she gets entrances of it."""

    id: str
    system_id: str
    suspended: bool = False
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    """Codes of what Seam is still changing about her there."""


@dataclass(frozen=True, slots=True)
class ExistingCredential:
    """A way in, as an access system has it. Never with the PIN or the card's number."""

    id: str
    system_id: str
    mode: str
    person_id: str | None = None
    """Of the user identity whose it is, where Seam says so; otherwise `user_id` may."""
    user_id: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()

    @property
    def being_deleted(self) -> bool:
        return "being_deleted" in self.warnings


@dataclass(frozen=True, slots=True)
class ExistingAccessGrant:
    id: str
    key: str | None
    user_identity_id: str
    space_ids: frozenset[str]
    starts_at: datetime
    ends_at: datetime | None
    name: str | None
    access_methods: frozenset[str]
    """The requested modes."""
    reservation_key: str | None = None
    being_deleted: bool = False
    """On its way out, but it still has its key, and may still open the door."""
    troubles: tuple[str, ...] = ()
    """Codes of Seam's errors and warnings: a grant that exists may still open no door."""
    pending: tuple[str, ...] = ()
    """Codes of what Seam is still changing about it."""
    errors: tuple[str, ...] = ()
    """Those of `troubles` that are errors; with them, why a code could not be taken off a lock."""
    warnings: tuple[str, ...] = ()
    """Those that are warnings, `being_deleted` too."""
    about: Mapping[str, frozenset[str]] = field(default_factory=dict, hash=False)
    """By code, the ids of the devices of which it speaks, where it names them."""
    method_ids: frozenset[str] = frozenset()
    """The access methods that it gives."""
    unreadable: bool = False
    """Seam describes it in a way that nobody can read: nothing but its id and key is known of it."""


@dataclass(frozen=True, slots=True)
class ExistingResources:
    """What was found in Seam for one run."""

    spaces: Mapping[str, ExistingSpace]
    """By key."""
    user_identities: Mapping[str, ExistingUserIdentity]
    """By key."""
    access_grants: Mapping[str, tuple[ExistingAccessGrant, ...]]
    """By booking id: every grant of every person and generation."""
    reservation_space_ids: frozenset[str] = frozenset()
    """Spaces with at least one entrance that can belong to a reservation (override locks)."""
    own_code_space_ids: frozenset[str] = frozenset()
    """Spaces with at least one lock that may choose its PINs itself, whatever is asked for."""
    doors: Mapping[str, "ExistingDoor"] = field(default_factory=dict)
    """The property's locks by id, where they were listed."""
    doors_listed: bool = False
    """Whether they were: then a property without any has none."""
    contact_holders: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Which identity (its key, or its Seam id when it is none of ours) holds an e-mail or phone."""


UNREADABLE = "unreadable"
"""Our warning of a lock of which no more can be read than which it is, and whose."""


@dataclass(frozen=True, slots=True)
class ExistingDoor:
    """A lock that Seam knows: an entrance of an access system, or a device."""

    id: str
    name: str
    space_ids: frozenset[str]
    online: bool | None
    """None where the lock system does not say (offline locks never do)."""
    is_entrance: bool = False
    """Of an access system; otherwise a device that stands alone."""
    account_id: str = ""
    """Of the Connected Account that it came with."""
    can_belong_to_reservation: bool = False
    may_choose_codes: bool = False
    """Whether its PINs may be its system's choice, whatever is asked for."""
    system_id: str = ""
    """Of an entrance's access system."""
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()
    cannot: frozenset[str] = frozenset()
    """Modes of access methods of which Seam says that they do not open it."""
    can_unlock: bool = False
    """Whether Seam can open it from afar."""
    slots: int | None = None
    """How many PINs it holds at once; None where Seam does not say."""
    battery: "Battery | None" = None
    """The weakest of its own and its keypad's; None where Seam does not tell."""


@dataclass(frozen=True, slots=True)
class Battery:
    """What Seam says of a lock's battery."""

    level: float | None
    """From 0 (empty) to 1 (full); None where only words are told."""
    status: str | None
    """`critical`, `low`, `good` or `full`, as the lock or its maker judges; None where it does not."""


@dataclass(frozen=True, slots=True)
class ExistingWebview:
    """A Connect Webview: a page on which somebody signs in to a lock system, once."""

    id: str
    url: str = field(repr=False)
    """Whoever has it can sign in."""
    status: str
    """`pending`, `authorized` or `failed`."""
    customer_key: str | None
    account_id: str | None
    """The Connected Account that came of it."""
    provider: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ExistingAccessMethod:
    """One way in that a grant was asked to give: a PIN, a card, a key in a phone. Never with the PIN itself."""

    id: str
    mode: str
    issued: bool
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    """Codes of what Seam is still changing about it."""
    needs_encoding: bool = False
    """A card that somebody has to put on the encoder, for the first time or again."""
    ready_for_encoding: bool | None = None
    """Of a card: whether its access system has all that the encoder is to write; None where Seam does not say."""
    needs_assignment: bool = False
    """A card of which nobody has said yet which it is."""
    untold: bool = False
    """A PIN that Seam does not tell, so that nobody can tell it to the guest."""
    mark: str | None = field(default=None, repr=False)
    """Of the PIN, where it was asked for: two that are the same have the same (`seam_workspace.seal`)."""

    @property
    def being_deleted(self) -> bool:
        return "being_deleted" in self.warnings


@dataclass(frozen=True, slots=True)
class WayIn:
    """What a guest needs to open her doors: never stored, never logged."""

    issued: bool
    """Whether the locks know it."""
    pin: str | None = field(repr=False)
    link: str | None = field(repr=False)
    """Of an instant key, for a phone."""


@dataclass(frozen=True, slots=True)
class Unlocking:
    """What came of opening a lock from afar."""

    opened: bool | None
    """None: nobody knows, for neither the lock nor Seam has said so in time."""
    confirmed: bool = False
    """Whether the lock itself has said that it opened."""
    why: str = ""
    """Why it did not, in Seam's words, cut."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """What writes cards at a desk. It belongs to one access system, and writes cards of that one only."""

    id: str
    name: str
    system_id: str
    account_id: str
    """Of the Connected Account that it came with."""
    errors: tuple[str, ...] = ()
    """Codes."""


@dataclass(frozen=True, slots=True)
class CardWriting:
    """What has become of an order to write a card, so far. Never with the number of the card."""

    written: bool | None
    """None: it is under way, or nobody knows."""
    attempt_id: str | None
    """Seam's id of the order; None where its answer was lost."""
    error: str = ""
    """Seam's word for why it was not written."""
    why: str = ""
    """The same in Seam's words, cut, and without what could be a card's number."""


@dataclass(frozen=True, slots=True)
class LockAccount:
    """A property's account at a lock maker (Seam's Connected Account)."""

    id: str
    name: str
    trouble: str | None
    """Codes of what is wrong with it; None when all is well."""
    warnings: tuple[str, ...] = ()
    """Codes of what may become wrong."""
    errors: tuple[str, ...] = ()
    """Codes of what is wrong."""
    customer_key: str | None = None
    """The property that it belongs to; None where nobody has said so."""
    users: tuple[int, int] | None = None
    """How many users its fullest site has, of how many it has paid for; None where Seam does not say, as of all that
    are not nearly full."""


@dataclass(frozen=True, slots=True)
class AccessSystem:
    """An access control system that came with an account: it has entrances rather than devices."""

    id: str
    name: str
    account_id: str
    errors: tuple[str, ...] = ()
    """Codes."""
    warnings: tuple[str, ...] = ()
