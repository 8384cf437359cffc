"""Seam's answers, as the SDK reads them, become what we compare and judge. Pure.

Codes that come from outside are cut and cleaned here: they end up in the database and on pages. What each kind of
record becomes stands in one file, for all share how ids, codes and texts are read, and how the unreadable is named.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple, TypeVar

from seam.resources.access_code import AccessCode
from seam.resources.access_grant import AccessGrant
from seam.resources.access_method import AccessMethod
from seam.resources.acs_credential import AcsCredential
from seam.resources.acs_encoder import AcsEncoder
from seam.resources.acs_entrance import AcsEntrance
from seam.resources.acs_system import AcsSystem
from seam.resources.acs_user import AcsUser
from seam.resources.connect_webview import ConnectWebview
from seam.resources.connected_account import ConnectedAccount
from seam.resources.device import Device
from seam.resources.space import Space
from seam.resources.unmanaged_access_code import UnmanagedAccessCode
from seam.resources.user_identity import UserIdentity

from mappers.sentences import say
from seam_workspace.errors import without_contacts
from seam_workspace.existing import (
    UNREADABLE,
    AccessSystem,
    Battery,
    CardWriting,
    Encoder,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingCredential,
    ExistingDoor,
    ExistingSpace,
    ExistingSystemUser,
    ExistingUserIdentity,
    ExistingWebview,
    LockAccount,
    Unlocking,
)
from seam_workspace.failures import NOT_AS_DESCRIBED

T = TypeVar("T")
LONGEST_CODE = 80
UNNAMED = "something_without_a_code"
LONGEST_ID, LONGEST_KEY = 200, 1_000
_NO_TEXT = re.compile("[\\0\\ud800-\\udfff]")
YEARS = range(1900, 9001)
"""Arithmetic ends near the others."""
_IDS = (
    "access_grant_id",
    "access_method_id",
    "acs_user_id",
    "acs_entrance_id",
    "acs_encoder_id",
    "device_id",
    "space_id",
    "user_identity_id",
    "connect_webview_id",
    "connected_account_id",
)


def instant(text: str) -> datetime:
    """Aware. Raises `ValueError` where it is no time."""
    read = datetime.fromisoformat(text)
    if read.year not in YEARS:
        raise ValueError("no year in which anybody has access")
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def identifier(value: Any) -> str:
    """An id. Raises `ValueError` where it is none."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_ID or not value.isprintable():
        raise ValueError("no id")
    return value


def identifiers(values: Any) -> list[str]:
    """Raises `ValueError` where one of them is none, or they are no list."""
    if not isinstance(values, list | tuple | None):
        raise ValueError("no list")
    return [identifier(value) for value in values or ()]


def text(value: Any) -> str | None:
    """Text; None where it is none, or would be none for the database and for whoever it is sent to."""
    return value if isinstance(value, str) and _NO_TEXT.search(value) is None else None


def key(value: Any) -> str | None:
    """Likewise, of whatever length keys may have. What cannot be read is nobody's."""
    found = text(value)
    return found if found is not None and len(found) <= LONGEST_KEY else None


def _whole_key(value: Any) -> str:
    found = key(value)
    if found is None:
        raise ValueError("no key")
    return found


def number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def several(values: Any) -> Iterable[Any]:
    """What is a list, and nothing where it is not."""
    return values if isinstance(values, list | tuple) else ()


def space(space: Space) -> ExistingSpace:
    data = space.customer_data
    return ExistingSpace(
        id=identifier(space.space_id),
        key=key(space.space_key),
        name=text(space.name) or "",
        customer_key=key(space.customer_key),
        time_zone=text(getattr(data, "time_zone", None)),
        check_in=text(getattr(data, "default_checkin_time", None)),
        check_out=text(getattr(data, "default_checkout_time", None)),
        doors=number(space.acs_entrance_count) + number(space.device_count),
        errors=codes(getattr(space, "errors", None), "error_code"),
        warnings=codes(space.warnings, "warning_code"),
    )


def user_identity(identity: UserIdentity) -> ExistingUserIdentity:
    """Her own key is never among those of people merged into her, whatever Seam says: she would be somebody else."""
    own = key(identity.user_identity_key)
    merged = identifiers(getattr(identity, "merged_user_identity_keys", None))
    return ExistingUserIdentity(
        id=identifier(identity.user_identity_id),
        key=own,
        full_name=text(identity.full_name),
        email_address=text(identity.email_address),
        phone_number=text(identity.phone_number),
        being_deleted=is_being_deleted(identity.warnings),
        errors=codes(identity.errors, "error_code"),
        warnings=codes(identity.warnings, "warning_code"),
        merged_keys=tuple(one for one in merged if one != own),
        merged_ids=tuple(identifiers(getattr(identity, "merged_user_identity_ids", None))),
        system_user_ids=tuple(one for one in several(identity.acs_user_ids) if isinstance(one, str)),
    )


def named_identity(record: Any) -> ExistingUserIdentity:
    """One of which as much is read as can be, from the answer itself. Raises like `named_grant`."""
    return ExistingUserIdentity(
        id=identifier(record["user_identity_id"]),
        key=key(record.get("user_identity_key")),
        full_name=text(record.get("full_name")),
        email_address=text(record.get("email_address")),
        phone_number=text(record.get("phone_number")),
        warnings=(UNREADABLE,),
        system_user_ids=tuple(one for one in several(record.get("acs_user_ids")) if isinstance(one, str)),
    )


def named_space(record: Any) -> ExistingSpace:
    """Likewise."""
    return ExistingSpace(
        id=identifier(record["space_id"]),
        key=key(record.get("space_key")),
        name=text(record.get("name")) or "",
        customer_key=key(record.get("customer_key")),
        doors=number(record.get("acs_entrance_count")) + number(record.get("device_count")),
        warnings=(UNREADABLE,),
    )


def named_device(record: Any) -> ExistingDoor:
    """Likewise; raises for what is no lock, too."""
    able = {one for one in several(record.get("capabilities_supported")) if isinstance(one, str)}
    if able and not able & {"lock", "access_code"}:
        raise ValueError("no lock")
    return _named_door(record, "device_id", is_entrance=False)


def named_entrance(record: Any) -> ExistingDoor:
    """Likewise."""
    return _named_door(record, "acs_entrance_id", is_entrance=True)


def _named_door(record: Any, id_: str, *, is_entrance: bool) -> ExistingDoor:
    return ExistingDoor(
        identifier(record[id_]),
        text(record.get("display_name")) or "",
        frozenset(identifiers(record.get("space_ids"))),
        None,
        is_entrance=is_entrance,
        account_id=text(record.get("connected_account_id")) or "",
        can_belong_to_reservation=record.get("can_belong_to_reservation") is True,
        system_id=text(record.get("acs_system_id")) or "",
        warnings=(UNREADABLE,),
    )


def access_grant(grant: AccessGrant) -> ExistingAccessGrant:
    """Raises what `NOT_AS_DESCRIBED` names where it cannot be relied on: whose it is, when, and which doors."""
    warnings = [one for one in several(grant.warnings) if hasattr(one, "get")]
    methods = grant.requested_access_methods or ()
    return ExistingAccessGrant(
        id=identifier(grant.access_grant_id),
        key=None if grant.access_grant_key is None else _whole_key(grant.access_grant_key),
        user_identity_id=identifier(grant.user_identity_id),
        space_ids=frozenset(identifiers(grant.space_ids)),
        starts_at=instant(grant.starts_at),
        ends_at=instant(grant.ends_at) if grant.ends_at is not None else None,
        name=text(grant.name),
        access_methods=frozenset(identifier(method.mode) for method in methods),
        reservation_key=key(grant.reservation_key),
        being_deleted=is_being_deleted(warnings),
        troubles=(
            *codes(grant.errors, "error_code"),
            *(code for code in codes(grant.warnings, "warning_code") if code != "being_deleted"),
        ),
        pending=codes(grant.pending_mutations, "mutation_code"),
        errors=(*codes(grant.errors, "error_code"), *not_revoked(warnings)),
        warnings=codes(grant.warnings, "warning_code"),
        about=_named_devices([*several(grant.errors), *warnings]),
        method_ids=frozenset(identifiers(grant.access_method_ids)),
    )


def _named_devices(said: Iterable[Any]) -> dict[str, frozenset[str]]:
    """By the code of an error or a warning, the devices that it names; none of a code that once names none."""
    found: dict[str, set[str]] = {}
    nameless: set[str] = set()
    for one in said:
        code = (one.get("error_code") or one.get("warning_code")) if hasattr(one, "get") else None
        if isinstance(code, str):
            named = {*several(one.get("missing_device_ids")), one.get("device_id")}
            ids = {device_id for device_id in named if isinstance(device_id, str)}
            found.setdefault(code, set()).update(ids)
            nameless |= set() if ids else {code}
    return {code: frozenset(ids) for code, ids in found.items() if code not in nameless}


def named_grant(record: Any) -> ExistingAccessGrant:
    """One of which only id and key can be read. Raises `ValueError`, `TypeError` and the like where not even that."""
    return unreadable_grant(identifier(record["access_grant_id"]), key(record.get("access_grant_key")))


def unreadable_grant(grant_id: str, grant_key: str | None) -> ExistingAccessGrant:
    """Its times and doors are none: nobody may conclude anything from them."""
    return ExistingAccessGrant(
        grant_id, grant_key, "", frozenset(), datetime.min.replace(tzinfo=UTC), None, None, frozenset(), unreadable=True
    )


def not_revoked(warnings: Iterable[Any]) -> tuple[str, ...]:
    """Why a code could not be taken off locks: the warning names them, each with an error of its own."""
    failed = [one for warning in warnings for one in several(warning.get("failed_devices")) if hasattr(one, "get")]
    return codes([one for one in failed if one.get("error_code")], "error_code")


def method(method: AccessMethod, mark: Callable[[str], str] | None = None) -> ExistingAccessMethod:
    """`mark`: what is kept of a PIN, to tell whether two are the same."""
    told = pin(method.code) if method.mode == "code" else None
    return ExistingAccessMethod(
        identifier(method.access_method_id),
        identifier(method.mode),
        method.is_issued is True,
        codes(method.errors, "error_code"),
        codes(method.warnings, "warning_code"),
        codes(method.pending_mutations, "mutation_code"),
        needs_encoding=bool(getattr(method, "is_encoding_required", False)),
        ready_for_encoding=_said(getattr(method, "is_ready_for_encoding", None)),
        needs_assignment=bool(getattr(method, "is_assignment_required", False)),
        untold=method.mode == "code" and told is None,
        mark=mark(told) if mark is not None and told is not None else None,
    )


def named_method(record: Any) -> ExistingAccessMethod:
    """One of which as much is read as can be, from the answer itself. Raises like `named_grant`."""
    issued = record.get("is_issued") is True
    return ExistingAccessMethod(
        identifier(record["access_method_id"]), text(record.get("mode")) or "", issued, warnings=(UNREADABLE,)
    )


def opens_by(record: Any, wanted: str) -> bool:
    """Whether what an answer has of an access method says that it is that PIN, however much else cannot be read."""
    return isinstance(record, Mapping) and record.get("mode") == "code" and pin(record.get("code")) == wanted


def _said(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def pin(value: Any) -> str | None:
    """A code that somebody can be told; None where there is none (the contract lets it be null)."""
    return value if isinstance(value, str) and value.strip() else None


def system(system: Any) -> AccessSystem:
    return AccessSystem(
        identifier(system.acs_system_id),
        text(system.name) or "",
        text(system.connected_account_id) or "",
        codes(system.errors, "error_code"),
        codes(system.warnings, "warning_code"),
    )


def named_system(record: Any) -> AccessSystem:
    """Of one that cannot be read, which it is; without an id it may be any."""
    return AccessSystem(
        text(record.get("acs_system_id")) or "",
        text(record.get("name")) or "",
        text(record.get("connected_account_id")) or "",
        warnings=(UNREADABLE,),
    )


def system_user(user: AcsUser) -> ExistingSystemUser:
    return ExistingSystemUser(
        identifier(user.acs_user_id),
        text(user.acs_system_id) or "",
        user.is_suspended is True,
        codes(user.errors, "error_code"),
        codes(user.warnings, "warning_code"),
        # Who is to lose a door at the end of her stay has it until then.
        codes(_without_what_ends(user.pending_mutations), "mutation_code"),
    )


def _without_what_ends(pending: Any) -> Any:
    if not isinstance(pending, list | tuple):
        return pending
    return [one for one in pending if not (hasattr(one, "get") and one.get("variant") == "removing")]


def named_system_user(record: Any) -> ExistingSystemUser:
    """One of which as much is read as can be, from the answer itself. Raises like `named_grant`."""
    system_id, suspended = text(record.get("acs_system_id")) or "", record.get("is_suspended") is True
    return ExistingSystemUser(identifier(record["acs_user_id"]), system_id, suspended, warnings=(UNREADABLE,))


def credential(credential: AcsCredential) -> ExistingCredential:
    return ExistingCredential(
        identifier(credential.acs_credential_id),
        text(credential.acs_system_id) or "",
        text(credential.access_method) or "",
        text(credential.user_identity_id),
        text(credential.acs_user_id),
        instant(credential.starts_at) if credential.starts_at else None,
        instant(credential.ends_at) if credential.ends_at else None,
        codes(credential.errors, "error_code"),
        codes(credential.warnings, "warning_code"),
    )


def named_credential(record: Any) -> ExistingCredential:
    """Likewise."""
    return ExistingCredential(
        identifier(record["acs_credential_id"]),
        text(record.get("acs_system_id")) or "",
        text(record.get("access_method")) or "",
        text(record.get("user_identity_id")),
        text(record.get("acs_user_id")),
        warnings=(UNREADABLE,),
    )


def codes(problems: Iterable[Any] | None, name: str) -> tuple[str, ...]:
    """Codes of what is wrong, cut and cleaned: whatever comes, they end up in the database and on pages.

    What has no code is wrong all the same: `UNNAMED`; and so is what is there and is no list.
    """
    if problems and not isinstance(problems, list | tuple):
        return (UNNAMED,)
    told = (str((one.get(name) if hasattr(one, "get") else "") or "")[:LONGEST_CODE] for one in several(problems))
    return tuple("".join(sign for sign in code if sign.isascii() and sign.isprintable()) or UNNAMED for code in told)


_SALTO = ("salto_ks_metadata", "salto_space_metadata")


def may_choose_codes(entrance: Any) -> bool:
    """Salto's systems give out PINs of their own; Seam says `requested_code_unavailable` then, and not before."""
    return any(getattr(entrance, block, None) is not None for block in _SALTO)


class Sharing(NamedTuple):
    """What an entrance says of those who share it."""

    by_reservation: bool
    may_choose_codes: bool
    space_ids: tuple[str, ...]


def sharing(entrance: Any) -> Sharing:
    ids = tuple(identifiers(entrance.space_ids))
    return Sharing(bool(entrance.can_belong_to_reservation), may_choose_codes(entrance), ids)


def named_sharing(record: Any) -> Sharing:
    """From the answer itself, where it cannot be read otherwise."""
    door = named_entrance(record)
    own = any(record.get(block) for block in _SALTO)
    return Sharing(door.can_belong_to_reservation, own, tuple(sorted(door.space_ids)))


def entrance(entrance: Any) -> ExistingDoor:
    """Some lock makers say whether a lock is online (their own block of metadata), the others never do."""
    online: bool | None = None
    for block, name in (("salto_ks_metadata", "online"), ("latch_metadata", "is_connected")):
        told = getattr(getattr(entrance, block, None), name, None)
        if isinstance(told, bool):
            online = told
    warnings = codes(entrance.warnings, "warning_code")
    if getattr(getattr(entrance, "salto_ks_metadata", None), "privacy_mode", None) is True:
        # The switch is read from the lock; Seam's warning of it may come later.
        warnings = tuple(dict.fromkeys((*warnings, "salto_ks_privacy_mode")))
    return ExistingDoor(
        identifier(entrance.acs_entrance_id),
        text(entrance.display_name) or "",
        frozenset(identifiers(entrance.space_ids)),
        online,
        is_entrance=True,
        account_id=text(entrance.connected_account_id) or "",
        can_belong_to_reservation=bool(entrance.can_belong_to_reservation),
        system_id=text(entrance.acs_system_id) or "",
        errors=codes(entrance.errors, "error_code"),
        warnings=warnings,
        may_choose_codes=may_choose_codes(entrance),
        battery=_weakest(_battery(None, getattr(getattr(entrance, "salto_ks_metadata", None), "battery_level", None))),
        cannot=frozenset(
            mode
            for mode in ("code", "card", "mobile_key", "cloud_key")
            if getattr(entrance, f"can_unlock_with_{mode}", None) is False
        ),
    )


def device(device: Any) -> ExistingDoor | None:
    """None for what is no lock: thermostats, cameras, sensors."""
    able = {one for one in several(device.capabilities_supported) if isinstance(one, str)}
    if able and not able & {"lock", "access_code"}:
        return None
    said = device.properties
    online = getattr(said, "online", None)
    own = getattr(said, "battery", None)
    keypad = getattr(getattr(said, "accessory_keypad", None), "battery", None)
    battery = _weakest(
        _battery(getattr(own, "level", None), getattr(own, "status", None))
        or _battery(getattr(said, "battery_level", None), None),
        _battery(getattr(keypad, "level", None), None),
        _battery(getattr(getattr(said, "keypad_battery", None), "level", None), None),
    )
    return ExistingDoor(
        identifier(device.device_id),
        text(device.display_name) or "",
        frozenset(identifiers(device.space_ids)),
        online if isinstance(online, bool) else None,
        account_id=text(device.connected_account_id) or "",
        errors=codes(device.errors, "error_code"),
        warnings=codes(device.warnings, "warning_code"),
        cannot=frozenset({"code"} if getattr(device, "can_unlock_with_code", None) is False else ()),
        slots=_slots(getattr(said, "max_active_codes_supported", None)),
        can_unlock=getattr(device, "can_remotely_unlock", None) is True,
        battery=battery,
    )


def _slots(told: Any) -> int | None:
    return int(told) if isinstance(told, int | float) and not isinstance(told, bool) and told >= 1 else None


def unlocking(attempt: Any) -> Unlocking:
    """What an action attempt says."""
    if attempt.status == "success":
        return Unlocking(True, getattr(attempt.result, "was_confirmed_by_device", None) is True)
    if attempt.status == "error":
        said = text(getattr(attempt.error, "message", None)) or say("Seam does not say why")
        return Unlocking(False, why="".join(one if one.isprintable() else " " for one in said[:200]))
    return Unlocking(None, why=say("the lock has not answered yet"))


def encoder(encoder: Any) -> Encoder:
    return Encoder(
        identifier(encoder.acs_encoder_id),
        text(encoder.display_name) or "",
        text(encoder.acs_system_id) or "",
        text(encoder.connected_account_id) or "",
        codes(encoder.errors, "error_code"),
    )


_IN_PAIRS = re.compile(r"\b(?:[0-9A-Fa-f]{2}\s+){3,}[0-9A-Fa-f]{2}\b")
_WORD = re.compile(r"\S+")
_NUMBER = re.compile(r"(?:\d\D*){4}|(?<![0-9A-Fa-f])(?=[A-Fa-f]*\d)[0-9A-Fa-f]{6,}|[A-Fa-f]{8,}")


def without_numbers(text: str) -> str:
    """Without what could be a card's number or a PIN, however it is written: words with four decimal digits, or with
    six hexadecimal ones in a row (eight where all are letters, for "facade" is none)."""
    words = _IN_PAIRS.sub("(removed)", without_contacts(text))
    return _WORD.sub(lambda word: "(removed)" if _NUMBER.search(re.sub(r"[\W_]", "", word[0])) else word[0], words)


def card_writing(attempt: Any) -> CardWriting:
    """What an action attempt says of a card. Its result, which has the card's number, is not looked at."""
    attempt_id = identifier(attempt.action_attempt_id)
    if attempt.status == "success":
        return CardWriting(True, attempt_id)
    if attempt.status != "error":
        return CardWriting(None, attempt_id)
    kind = without_numbers(str(getattr(attempt.error, "type", None) or UNNAMED))[:LONGEST_CODE]
    said = without_numbers(text(getattr(attempt.error, "message", None)) or "")[:200]
    return CardWriting(
        False,
        attempt_id,
        "".join(sign for sign in kind if sign.isascii() and sign.isprintable()),
        "".join(one if one.isprintable() else " " for one in said),
    )


_BATTERY_WORDS = {
    "critical": "critical",
    "empty": "critical",
    "verylow": "critical",
    "low": "low",
    "medium": "good",
    "good": "good",
    "normal": "good",
    "ok": "good",
    "high": "full",
    "full": "full",
    "fresh": "full",
}
"""Seam's words of a device's battery, and those that Salto has for an entrance's."""


def _battery(level: Any, status: Any) -> Battery | None:
    """None where neither says anything that can be used."""
    told = level if isinstance(level, int | float) and not isinstance(level, bool) and 0 <= level <= 1 else None
    word = status.lower().replace("_", "").replace(" ", "") if isinstance(status, str) else ""
    known = _BATTERY_WORDS.get(word)
    return Battery(float(told) if told is not None else None, known) if told is not None or known is not None else None


def _weakest(*batteries: Battery | None) -> Battery | None:
    """Whichever runs out first shuts the door."""
    there = [one for one in batteries if one is not None]
    worst = {"critical": 0.05, "low": 0.15, "good": 0.6, "full": 1.0}

    def left(one: Battery) -> float:
        return min(one.level if one.level is not None else 1.0, worst.get(one.status or "", 1.0))

    return min(there, key=left, default=None)


def webview(webview: Any) -> ExistingWebview:
    return ExistingWebview(
        id=identifier(webview.connect_webview_id),
        url=str(webview.url),
        status=str(webview.status),
        customer_key=key(getattr(webview, "customer_key", None)),
        account_id=text(webview.connected_account_id),
        provider=text(webview.selected_provider),
        created_at=instant(webview.created_at),
    )


def account(account: Any) -> LockAccount:
    name = text(account.account_type_display_name) or text(account.account_type) or say("lock system")
    return LockAccount(
        identifier(account.connected_account_id),
        name,
        ", ".join(codes(account.errors, "error_code")) or None,
        codes(account.warnings, "warning_code"),
        codes(account.errors, "error_code"),
        key(getattr(account, "customer_key", None)) or None,
        _users([*several(account.errors), *several(account.warnings)]),
    )


def named_account(record: Any) -> LockAccount:
    """Of one that cannot be read, which it is; without an id it may be any."""
    name = text(record.get("account_type_display_name")) or text(record.get("account_type")) or say("lock system")
    return LockAccount(
        text(record.get("connected_account_id")) or "",
        name,
        None,
        warnings=(UNREADABLE,),
        customer_key=key(record.get("customer_key")) or None,
    )


def code_id(code: AccessCode) -> str:
    return identifier(code.access_code_id)


def counted(listed: Any) -> None:
    """Nothing: how many there are is all that is asked."""


def _users(said: Iterable[Any]) -> tuple[int, int] | None:
    """Of Salto's sites that an error or a warning names, the one with the fewest users left."""
    found = []
    for one in said:
        for site in several(getattr(getattr(one, "salto_ks_metadata", None), "sites", None)):
            has, most = site.get("subscribed_site_user_count"), site.get("site_user_subscription_limit")
            if isinstance(has, int) and isinstance(most, int):
                found.append((has, most))
    return min(found, key=lambda one: one[1] - one[0], default=None)


def id_of(listed: Any) -> Any:
    """Seam's id of what it lists: the first of these that it has is its own, the others are those of its relations."""
    return next((found for name in _IDS if (found := getattr(listed, name, None)) is not None), None)


def each_of(
    records: Iterable[Any], resource: Any, read: Callable[[Any], T], as_named: Callable[[Any], T] | None = None
) -> list[tuple[Any, T]]:
    """What `read` makes of each record by itself, with Seam's id of it; of one that cannot be read what `as_named` (or
    `NAMED_ONLY`) makes of it, without an id. What has not even a name is left out."""
    only_named = as_named or NAMED_ONLY.get(read)
    found: list[tuple[Any, T]] = []
    for record in records:
        try:
            one = resource.from_dict(record)
            found.append((id_of(one), read(one)))
        except NOT_AS_DESCRIBED:
            if only_named is not None:
                with suppress(*NOT_AS_DESCRIBED):
                    found.append((None, only_named(record)))
    return found


def is_among(found: ExistingAccessGrant | ExistingUserIdentity, ids: Collection[str]) -> bool:
    """Whether it was asked for by its id. Whoever survives a merger answers for those who were merged into her."""
    merged = found.merged_ids if isinstance(found, ExistingUserIdentity) else ()
    return found.id in ids or any(one in ids for one in merged)


def is_being_deleted(warnings: Iterable[Any] | None) -> bool:
    return "being_deleted" in codes(warnings, "warning_code")


class Kind(NamedTuple):
    """What a list is of."""

    name: str
    """In the answer."""
    resource: Any


def named_or_none(answer: Any, name: str, read: Callable[[Any], Any]) -> Any:
    """The record under `name`, as far as it can be read by itself (`NAMED_ONLY`); None where it has no id."""
    try:
        return NAMED_ONLY[read](answer[name])
    except (ValueError, TypeError, AttributeError, LookupError):
        return None


KINDS = {
    "access_codes": Kind("access_codes", AccessCode),
    "access_codes/unmanaged": Kind("access_codes", UnmanagedAccessCode),
    "access_grants": Kind("access_grants", AccessGrant),
    "acs/systems": Kind("acs_systems", AcsSystem),
    "acs/users": Kind("acs_users", AcsUser),
    "user_identities": Kind("user_identities", UserIdentity),
    "spaces": Kind("spaces", Space),
    "acs/entrances": Kind("acs_entrances", AcsEntrance),
    "acs/encoders": Kind("acs_encoders", AcsEncoder),
    "devices": Kind("devices", Device),
    "connected_accounts": Kind("connected_accounts", ConnectedAccount),
    "connect_webviews": Kind("connect_webviews", ConnectWebview),
}
"""By what stands before `/list`."""
NAMED_ONLY: dict[Any, Callable[[Any], Any]] = {
    access_grant: named_grant,
    user_identity: named_identity,
    space: named_space,
    device: named_device,
    entrance: named_entrance,
    sharing: named_sharing,
    method: named_method,
    system: named_system,
    system_user: named_system_user,
    credential: named_credential,
    account: named_account,
    counted: counted,
}
"""How a record that cannot be read is named at least, by how it is read otherwise: what is there may not be taken for
missing."""
