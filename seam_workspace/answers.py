"""Seam's answers, as the SDK reads them, become what we compare and judge. Pure.

Codes that come from outside are cut and cleaned here: they end up in the database and on pages.
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any

from seam.resources.access_grant import AccessGrant
from seam.resources.access_method import AccessMethod
from seam.resources.space import Space
from seam.resources.user_identity import UserIdentity

from seam_workspace.existing import (
    AccessSystem,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingDoor,
    ExistingSpace,
    ExistingUserIdentity,
    ExistingWebview,
    LockAccount,
)

LONGEST_CODE = 80
_IDS = (
    "access_grant_id",
    "access_method_id",
    "acs_entrance_id",
    "device_id",
    "space_id",
    "user_identity_id",
    "connect_webview_id",
    "connected_account_id",
)


def instant(text: str) -> datetime:
    """Aware. Raises `ValueError` where it is no time."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def space(space: Space) -> ExistingSpace:
    data = space.customer_data
    return ExistingSpace(
        id=space.space_id,
        key=space.space_key,
        name=space.name,
        customer_key=space.customer_key,
        time_zone=data.time_zone if data else None,
        check_in=data.default_checkin_time if data else None,
        check_out=data.default_checkout_time if data else None,
        doors=int(space.acs_entrance_count or 0) + int(space.device_count or 0),
        errors=codes(getattr(space, "errors", None), "error_code"),
        warnings=codes(space.warnings, "warning_code"),
    )


def user_identity(identity: UserIdentity) -> ExistingUserIdentity:
    return ExistingUserIdentity(
        id=identity.user_identity_id,
        key=identity.user_identity_key,
        full_name=identity.full_name,
        email_address=identity.email_address,
        phone_number=identity.phone_number,
        being_deleted=is_being_deleted(identity.warnings),
        errors=codes(identity.errors, "error_code"),
        warnings=codes(identity.warnings, "warning_code"),
        merged_keys=tuple(getattr(identity, "merged_user_identity_keys", None) or ()),
        merged_ids=tuple(getattr(identity, "merged_user_identity_ids", None) or ()),
    )


def access_grant(grant: AccessGrant) -> ExistingAccessGrant:
    warnings = grant.warnings or []
    being_deleted = is_being_deleted(warnings)
    troubles = tuple(
        [str(error["error_code"]) for error in grant.errors or [] if error.get("error_code")]
        + [
            str(warning["warning_code"])
            for warning in warnings
            if warning.get("warning_code") and warning["warning_code"] != "being_deleted"
        ]
    )
    return ExistingAccessGrant(
        id=grant.access_grant_id,
        key=grant.access_grant_key,
        user_identity_id=grant.user_identity_id,
        space_ids=frozenset(grant.space_ids or ()),
        starts_at=instant(grant.starts_at),
        ends_at=instant(grant.ends_at) if grant.ends_at else None,
        name=grant.name,
        access_methods=frozenset(method.mode for method in grant.requested_access_methods or ()),
        reservation_key=grant.reservation_key,
        being_deleted=being_deleted,
        troubles=troubles,
        pending=codes(grant.pending_mutations, "mutation_code"),
        errors=(*codes(grant.errors, "error_code"), *not_revoked(warnings)),
        warnings=codes(warnings, "warning_code"),
        method_ids=frozenset(grant.access_method_ids or ()),
    )


def not_revoked(warnings: Iterable[Any]) -> tuple[str, ...]:
    """Why a code could not be taken off locks: the warning names them, each with an error of its own."""
    return tuple(code for warning in warnings for code in codes(warning.get("failed_devices") or (), "error_code"))


def method(method: AccessMethod) -> ExistingAccessMethod:
    return ExistingAccessMethod(
        method.access_method_id,
        method.mode,
        bool(method.is_issued),
        codes(method.errors, "error_code"),
        codes(method.warnings, "warning_code"),
        codes(method.pending_mutations, "mutation_code"),
        bool(getattr(method, "is_encoding_required", False)),
    )


def system(system: Any) -> AccessSystem:
    return AccessSystem(
        system.acs_system_id,
        str(system.name or ""),
        str(system.connected_account_id or ""),
        codes(system.errors, "error_code"),
        codes(system.warnings, "warning_code"),
    )


def codes(problems: Iterable[Any] | None, name: str) -> tuple[str, ...]:
    """Codes of what is wrong, cut and cleaned: whatever comes, they end up in the database and on pages."""
    told = (str(one[name])[:LONGEST_CODE] for one in problems or () if one.get(name))
    return tuple("".join(sign for sign in code if sign.isascii() and sign.isprintable()) or "?" for code in told)


def may_choose_codes(entrance: Any) -> bool:
    """Salto's systems give out PINs of their own; Seam says `requested_code_unavailable` then, and not before."""
    blocks = ("salto_ks_metadata", "salto_space_metadata")
    return any(getattr(entrance, block, None) is not None for block in blocks)


def entrance(entrance: Any) -> ExistingDoor:
    """Some lock makers say whether a lock is online (their own block of metadata), the others never do."""
    online: bool | None = None
    for block, name in (("salto_ks_metadata", "online"), ("latch_metadata", "is_connected")):
        told = getattr(getattr(entrance, block, None), name, None)
        if isinstance(told, bool):
            online = told
    return ExistingDoor(
        entrance.acs_entrance_id,
        entrance.display_name,
        frozenset(entrance.space_ids or ()),
        online,
        is_entrance=True,
        account_id=str(entrance.connected_account_id or ""),
        can_belong_to_reservation=bool(entrance.can_belong_to_reservation),
        system_id=str(entrance.acs_system_id or ""),
        errors=codes(entrance.errors, "error_code"),
        warnings=codes(entrance.warnings, "warning_code"),
        may_choose_codes=may_choose_codes(entrance),
    )


def device(device: Any) -> ExistingDoor | None:
    """None for what is no lock: thermostats, cameras, sensors."""
    able = set(device.capabilities_supported or ())
    if able and not able & {"lock", "access_code"}:
        return None
    online = getattr(device.properties, "online", None)
    return ExistingDoor(
        device.device_id,
        device.display_name,
        frozenset(device.space_ids or ()),
        online if isinstance(online, bool) else None,
        account_id=str(device.connected_account_id or ""),
        errors=codes(device.errors, "error_code"),
        warnings=codes(device.warnings, "warning_code"),
    )


def webview(webview: Any) -> ExistingWebview:
    return ExistingWebview(
        id=webview.connect_webview_id,
        url=str(webview.url),
        status=str(webview.status),
        customer_key=getattr(webview, "customer_key", None),
        account_id=webview.connected_account_id,
        provider=webview.selected_provider,
        created_at=instant(webview.created_at),
    )


def account(account: Any) -> LockAccount:
    name = account.account_type_display_name or account.account_type or "lock system"
    return LockAccount(
        account.connected_account_id,
        str(name),
        ", ".join(codes(account.errors, "error_code")) or None,
        codes(account.warnings, "warning_code"),
        codes(account.errors, "error_code"),
        getattr(account, "customer_key", None) or None,
    )


def id_of(listed: Any) -> Any:
    """Seam's id of what it lists: the first of these that it has is its own, the others are those of its relations."""
    return next((found for name in _IDS if (found := getattr(listed, name, None)) is not None), None)


def is_among(found: ExistingAccessGrant | ExistingUserIdentity, ids: Collection[str]) -> bool:
    """Whether it was asked for by its id. Whoever survives a merger answers for those who were merged into her."""
    merged = found.merged_ids if isinstance(found, ExistingUserIdentity) else ()
    return found.id in ids or any(one in ids for one in merged)


def is_being_deleted(warnings: Iterable[Any] | None) -> bool:
    return any(warning.get("warning_code") == "being_deleted" for warning in warnings or ())
