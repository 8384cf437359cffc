"""A simulated Seam workspace that the official SDK talks to: spaces, user identities, access grants and methods.

It refuses what Seam refuses. Shapes follow Seam's OpenAPI description; the rules of reservations follow its guide to
Reservation Access Grants; deletions of grants take time, and keep the key until they are done. Faults can be switched
on while it runs. What happens is told by webhooks, once there is somebody to tell. State is in memory, behind one lock.
"""

import base64
import json
import random
import re
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.http import Answer, dated
from sandbox.webhooks import WebhookSender, sign_svix

Json = dict[str, Any]
_EMAIL = re.compile(r"^[A-Za-z0-9_'+.-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$")
_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")
_PIN = re.compile(r"^\d{4,9}$")
_UNTIL_ISSUED = frozenset({"failed_to_issue", "delay_in_issuing", "updating_access_times"})
"""What stands in the way of a key, and no longer does once the lock knows it."""
MODES = ("code", "card", "mobile_key", "cloud_key")
_EVENTS_KEPT = 10_000
RELATED = (
    "spaces",
    "devices",
    "acs_entrances",
    "connected_accounts",
    "acs_systems",
    "user_identities",
    "acs_access_groups",
    "access_methods",
)
"""What can be asked for together with grants."""
_PROVIDERS: dict[str, tuple[str, str | None, str, str]] = {
    "salto_ks": ("Salto KS", "salto_ks_site", "salto_lock", "salto"),
    "visionline": ("Visionline", "visionline_system", "salto_lock", "unknown"),
    "brivo": ("Brivo", "brivo_account", "brivo_access_point", "brivo"),
    "yale": ("Yale", None, "yale_lock", "yale"),
    "ttlock": ("TTLock", None, "ttlock_lock", "ttlock"),
}
"""Provider -> its name, the type of its access system (if it has entrances), and its devices' type and maker."""


class Refusal(Exception):
    """An answer that is no success, in Seam's shape."""

    def __init__(self, status: int, kind: str, message: str, **fields: str):
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.fields = fields


@dataclass(slots=True)
class Faults:
    """What goes wrong: probabilities per call, and seconds. May be changed at any time."""

    fail_before: float = 0.0
    """503, and nothing was done."""
    lose_answer: float = 0.0
    """The work is done, and the answer never arrives."""
    too_many: float = 0.0
    """429 from a gateway, without Seam's JSON."""
    retry_after: str | None = "0"
    latency: float = 0.0


@dataclass(frozen=True, slots=True)
class _Field:
    """What a parameter must look like."""

    kind: str
    required: bool = False
    nullable: bool = False


_S, _ID, _IDS, _N = _Field("string"), _Field("uuid"), _Field("uuids"), _Field("number")
_CURSOR = _Field("string", nullable=True)
_NULLABLE = _Field("string", nullable=True)
_METHODS = _Field("methods", required=True)
_PAGED = {"limit": _N, "page_cursor": _CURSOR}

ENDPOINTS: dict[str, tuple[str, dict[str, _Field]]] = {
    "/workspaces/get": ("GET", {}),
    "/spaces/create": (
        "POST",
        {
            "name": _Field("string", required=True),
            "space_key": _S,
            "customer_key": _S,
            "customer_data": _Field("customer_data"),
            "device_ids": _IDS,
            "acs_entrance_ids": _IDS,
            "connected_account_ids": _IDS,
        },
    ),
    "/spaces/get": ("GET", {"space_id": _ID, "space_key": _S}),
    "/spaces/list": ("GET", {"customer_key": _S, "search": _S, "space_key": _S, **_PAGED}),
    "/spaces/update": (
        "PATCH",
        {
            "space_id": _ID,
            "space_key": _S,
            "name": _S,
            "customer_data": _Field("customer_data"),
            "device_ids": _IDS,
            "acs_entrance_ids": _IDS,
        },
    ),
    "/spaces/delete": ("DELETE", {"space_id": _Field("uuid", required=True)}),
    "/user_identities/create": (
        "POST",
        {
            "user_identity_key": _NULLABLE,
            "full_name": _NULLABLE,
            "email_address": _NULLABLE,
            "phone_number": _NULLABLE,
            "acs_system_ids": _IDS,
        },
    ),
    "/user_identities/get": ("GET", {"user_identity_id": _ID, "user_identity_key": _S}),
    "/user_identities/list": (
        "GET",
        {
            "user_identity_ids": _IDS,
            "search": _S,
            "created_before": _Field("instant"),
            "credential_manager_acs_system_id": _ID,
            **_PAGED,
        },
    ),
    "/user_identities/update": (
        "PATCH",
        {
            "user_identity_id": _Field("uuid", required=True),
            "user_identity_key": _NULLABLE,
            "full_name": _NULLABLE,
            "email_address": _NULLABLE,
            "phone_number": _NULLABLE,
        },
    ),
    "/user_identities/delete": ("DELETE", {"user_identity_id": _Field("uuid", required=True)}),
    "/access_grants/create": (
        "POST",
        {
            "user_identity_id": _ID,
            "user_identity": _Field("object"),
            "access_grant_key": _S,
            "acs_entrance_ids": _IDS,
            "customization_profile_id": _ID,
            "device_ids": _IDS,
            "ends_at": _Field("instant", nullable=True),
            "starts_at": _Field("instant"),
            "name": _NULLABLE,
            "requested_access_methods": _METHODS,
            "reservation_key": _S,
            "space_ids": _IDS,
            "space_keys": _Field("strings"),
        },
    ),
    "/access_grants/get": ("GET", {"access_grant_id": _ID, "access_grant_key": _S}),
    "/access_grants/list": (
        "GET",
        {
            "access_grant_ids": _IDS,
            "customer_key": _S,
            "user_identity_id": _ID,
            "acs_system_id": _ID,
            "acs_entrance_id": _ID,
            "device_id": _ID,
            "space_id": _ID,
            "access_code_id": _ID,
            "access_grant_key": _NULLABLE,
            "reservation_key": _S,
            **_PAGED,
        },
    ),
    "/access_grants/update": (
        "PATCH",
        {
            "access_grant_id": _ID,
            "access_grant_key": _S,
            "starts_at": _Field("instant"),
            "ends_at": _Field("instant", nullable=True),
            "name": _NULLABLE,
        },
    ),
    "/access_grants/delete": ("DELETE", {"access_grant_id": _Field("uuid", required=True)}),
    "/access_grants/get_related": (
        "GET",
        {
            "access_grant_ids": _IDS,
            "access_grant_keys": _Field("strings"),
            "include": _Field("strings"),
            "exclude": _Field("strings"),
        },
    ),
    "/access_grants/request_access_methods": (
        "POST",
        {"access_grant_id": _Field("uuid", required=True), "requested_access_methods": _METHODS},
    ),
    "/access_methods/get": ("GET", {"access_method_id": _Field("uuid", required=True)}),
    "/access_methods/list": (
        "GET",
        {
            "access_grant_id": _ID,
            "access_grant_key": _S,
            "device_id": _ID,
            "acs_entrance_id": _ID,
            "space_id": _ID,
            "access_code_id": _ID,
            **_PAGED,
        },
    ),
    "/acs/entrances/list": (
        "GET",
        {
            "customer_key": _S,
            "acs_system_id": _ID,
            "acs_credential_id": _ID,
            "access_method_id": _ID,
            "space_id": _ID,
            "connected_account_id": _ID,
            "acs_entrance_ids": _IDS,
            "search": _S,
            **_PAGED,
        },
    ),
    "/acs/entrances/get": ("GET", {"acs_entrance_id": _Field("uuid", required=True)}),
    "/acs/systems/get": ("GET", {"acs_system_id": _Field("uuid", required=True)}),
    "/acs/systems/list": ("GET", {"connected_account_id": _ID, "customer_key": _S, "search": _S}),
    "/connected_accounts/list": (
        "GET",
        {
            "custom_metadata_has": _Field("object"),
            "customer_key": _S,
            "search": _S,
            "space_id": _ID,
            "user_identifier_key": _S,
            **_PAGED,
        },
    ),
    "/connected_accounts/get": ("GET", {"connected_account_id": _ID, "email": _S}),
    "/connected_accounts/update": (
        "PATCH",
        {
            "connected_account_id": _Field("uuid", required=True),
            "accepted_capabilities": _Field("strings"),
            "automatically_manage_new_devices": _Field("boolean"),
            "custom_metadata": _Field("object"),
            "customer_key": _S,
            "display_name": _S,
        },
    ),
    "/devices/list": (
        "GET",
        {
            "connect_webview_id": _ID,
            "connected_account_id": _ID,
            "connected_account_ids": _IDS,
            "created_before": _Field("instant"),
            "custom_metadata_has": _Field("object"),
            "customer_key": _S,
            "device_ids": _IDS,
            "device_type": _S,
            "device_types": _Field("strings"),
            "manufacturer": _S,
            "search": _S,
            "space_id": _ID,
            "user_identifier_key": _S,
            **_PAGED,
        },
    ),
    "/connect_webviews/create": (
        "POST",
        {
            "customer_key": _S,
            "accepted_providers": _Field("strings"),
            "excluded_providers": _Field("strings"),
            "provider_category": _S,
            "accepted_capabilities": _Field("strings"),
            "custom_redirect_url": _S,
            "custom_redirect_failure_url": _S,
            "custom_metadata": _Field("object"),
            "automatically_manage_new_devices": _Field("boolean"),
            "wait_for_device_creation": _Field("boolean"),
        },
    ),
    "/connect_webviews/get": ("GET", {"connect_webview_id": _Field("uuid", required=True)}),
    "/connect_webviews/list": (
        "GET",
        {
            "customer_key": _S,
            "search": _S,
            "custom_metadata_has": _Field("object"),
            "user_identifier_key": _S,
            **_PAGED,
        },
    ),
    "/devices/get": ("GET", {"device_id": _ID, "name": _S}),
}
"""Path -> the verb that the SDK uses (Seam takes POST everywhere too), and the parameters with their types."""


class SeamWorkspace:
    """One workspace. `now` gives aware UTC: the life of grants and PINs runs on it, so tests can move it."""

    def __init__(
        self,
        api_key: str = "seam_sandbox_key",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 1,
        delete_delay: timedelta = timedelta(seconds=1),
        issue_delay: timedelta = timedelta(seconds=2),
        record: bool = False,
    ):
        self.api_key = api_key
        self.now = now
        self.clock_skew = timedelta()
        """How far its clock, which its answers show (`Date`), is ahead of `now`, by which doors open."""
        self.shows_clock = True
        self.delete_delay = delete_delay
        self.issue_delay = issue_delay
        self.faults = Faults()
        self.record = record
        self.requests: list[tuple[str, str, Json]] = []
        self.answers: list[tuple[str, str, int, bytes]] = []
        self.calls: Counter[str] = Counter()
        self.writes = 0
        """Mutating calls that were carried out."""
        self.spaces: dict[str, Json] = {}
        self.user_identities: dict[str, Json] = {}
        self.access_grants: dict[str, Json] = {}
        self.access_methods: dict[str, Json] = {}
        self.entrances: dict[str, Json] = {}
        self.devices: dict[str, Json] = {}
        self.accounts: dict[str, Json] = {}
        self.webviews: dict[str, Json] = {}
        self.webview_page = "https://connect.getseam.com/connect_webviews/view?connect_webview_id="
        """Where a Connect Webview is opened; the id follows. The demo has a page of its own."""
        self.systems: dict[str, Json] = {}
        """Access systems, by the id of their connected account."""
        self.webhook_url: str | None = None
        self.webhook_secret = "whsec_" + base64.b64encode(b"the sandbox's own secret").decode()
        self.sender: WebhookSender | None = None
        self.events: list[Json] = []
        """The latest, oldest first, in Seam's shape; made whether somebody is told or not."""
        self._by_key: dict[tuple[str, str], str] = {}
        self._contacts: dict[str, str] = {}
        self._dying: dict[str, datetime] = {}
        self._issuing: dict[str, datetime] = {}
        self._grants_of_space: dict[str, set[str]] = {}
        self._grants_of_user: dict[str, set[str]] = {}
        self._text: dict[str, str] = {}
        self._random = random.Random(seed)
        self._luck = random.Random(seed + 1)
        # Apart from the others, so that a seed gives the same ids and PINs with and without events.
        self._event_ids = random.Random(seed + 2)
        self._grant_of_method: dict[str, str] = {}
        self._workspace_id = self._id()
        self._lock = threading.RLock()
        self._count = 0
        self._customer_of_door: dict[str, str] = {}
        self._doors_to_be: dict[str, list[str]] = {}

    # --- for tests and the demo ---------------------------------------------------------------------------------------

    def add_account(self, customer_key: str | None, provider: str = "salto_ks") -> str:
        """A lock system that the customer has connected; returns its id. The customer's next doors belong to it."""
        with self._lock:
            title, system_type, _, _ = _PROVIDERS[provider]
            account_id = self._other_id()
            now = _text(self.now())
            self.accounts[account_id] = {
                "connected_account_id": account_id,
                "account_type": provider,
                "account_type_display_name": title,
                "display_name": f"{title} of {customer_key or 'the workspace'}",
                "created_at": now,
                "accepted_capabilities": ["lock", "access_control"],
                "automatically_manage_new_devices": True,
                "custom_metadata": {},
                "errors": [],
                "warnings": [],
            }
            if customer_key is not None:
                self.accounts[account_id]["customer_key"] = customer_key
            if system_type is not None:
                self.systems[account_id] = {
                    "acs_system_id": self._other_id(),
                    "workspace_id": self._workspace_id,
                    "connected_account_id": account_id,
                    "connected_account_ids": [account_id],
                    "name": f"{title} site",
                    "external_type": system_type,
                    "external_type_display_name": f"{title} site",
                    "system_type": system_type,
                    "system_type_display_name": f"{title} site",
                    "created_at": now,
                    "image_url": f"https://connect.getseam.com/assets/images/acs_systems/{system_type}.png",
                    "image_alt_text": f"{title} site",
                    "is_credential_manager": False,
                    "location": {"time_zone": None},
                    "acs_user_count": 0,
                    "acs_access_group_count": 0,
                    "errors": [],
                    "warnings": [],
                }
            self._tell_of_account("connected", self.accounts[account_id])
            return account_id

    def add_entrance(
        self,
        name: str,
        space_key: str | None = None,
        can_belong_to_reservation: bool = False,
        customer_key: str | None = None,
    ) -> str:
        """A door of an access system, in the Space that is named (as soon as that exists); returns its id."""
        with self._lock:
            entrance_id = self._id()
            account_id = self._account_for(space_key, customer_key, entrances=True)
            self.entrances[entrance_id] = {
                "acs_entrance_id": entrance_id,
                "acs_system_id": self.systems[account_id]["acs_system_id"],
                "connected_account_id": account_id,
                "display_name": name,
                "created_at": _text(self.now()),
                "can_belong_to_reservation": can_belong_to_reservation,
                "can_unlock_with_code": True,
                "space_ids": [],
                "errors": [],
                "warnings": [],
            }
            if self.accounts[account_id]["account_type"] == "salto_ks":
                self.entrances[entrance_id]["salto_ks_metadata"] = {
                    "door_name": name,
                    "online": True,
                    "locked_state": "locked",
                    "battery_level": "fresh",
                }
            self._place(entrance_id, space_key, customer_key)
            return entrance_id

    def add_device(
        self,
        name: str,
        space_key: str | None = None,
        customer_key: str | None = None,
        able: Sequence[str] = ("access_code", "lock", "battery"),
    ) -> str:
        """A lock that stands alone, in the Space that is named (as soon as that exists); returns its id. `able`: what
        it can do; a thermostat can only `thermostat`."""
        with self._lock:
            device_id = self._other_id()
            account_id = self._account_for(space_key, customer_key, entrances=False)
            provider = self.accounts[account_id]["account_type"]
            title, _, device_type, maker = _PROVIDERS[provider]
            self.devices[device_id] = {
                "device_id": device_id,
                "workspace_id": self._workspace_id,
                "connected_account_id": account_id,
                "device_type": device_type,
                "device_manufacturer": {"manufacturer": maker, "display_name": title},
                "device_provider": {
                    "device_provider_name": provider,
                    "display_name": title,
                    "provider_category": "stable",
                },
                "display_name": name,
                "nickname": name,
                "created_at": _text(self.now()),
                "capabilities_supported": list(able),
                "can_program_online_access_codes": "access_code" in able,
                "can_unlock_with_code": "access_code" in able,
                "custom_metadata": {},
                "is_managed": True,
                "properties": {
                    "online": True,
                    "name": name,
                    "appearance": {"name": name},
                    "model": {"display_name": f"{title} lock", "manufacturer_display_name": title},
                    "manufacturer": maker,
                    "battery_level": 0.9,
                    "locked": True,
                },
                "space_ids": [],
                "errors": [],
                "warnings": [],
            }
            self._place(device_id, space_key, customer_key)
            return device_id

    def authorize_webview(self, webview_id: str, provider: str = "salto_ks") -> str:
        """Somebody signs in to a lock system on the page; returns the Connected Account that comes of it. Raises
        `KeyError` where there is no such page, and `ValueError` where it was used or does not offer that provider."""
        with self._lock:
            webview = self.webviews[webview_id]
            if webview["status"] != "pending":
                raise ValueError("this page was used already")
            if provider not in webview["accepted_providers"]:
                raise ValueError(f"this page does not offer {provider}")
            customer = webview.get("customer_key")
            again = next(
                (
                    account
                    for account in self.accounts.values()
                    if account["account_type"] == provider and account.get("customer_key") == customer
                ),
                None,
            )
            if again is not None:
                account_id = str(again["connected_account_id"])
                for healed in self._belongings(again):
                    healed["errors"] = [one for one in healed["errors"] if one["error_code"] != "account_disconnected"]
            else:
                account_id = self.add_account(customer, provider)
            webview.update(
                status="authorized",
                login_successful=True,
                connected_account_id=account_id,
                selected_provider=provider,
                authorized_at=_text(self.now()),
            )
            self._tell(
                "connect_webview.login_succeeded",
                connect_webview_id=webview_id,
                connected_account_id=account_id,
                **_present(webview, "customer_key"),
            )
            return account_id

    def fail_webview(self, webview_id: str) -> None:
        """Signing in does not work."""
        with self._lock:
            self.webviews[webview_id]["status"] = "failed"
            self._tell("connect_webview.login_failed", connect_webview_id=webview_id)

    def _account_for(self, space_key: str | None, customer_key: str | None, entrances: bool) -> str:
        """The customer's latest account (for entrances: with an access system), made where there is none."""
        space = self.space_by_key(space_key) if space_key else None
        customer = customer_key or (space or {}).get("customer_key")
        for account_id, account in reversed(self.accounts.items()):
            if account.get("customer_key") == customer and (not entrances or account_id in self.systems):
                return account_id
        return self.add_account(customer)

    def _place(self, door_id: str, space_key: str | None, customer_key: str | None) -> None:
        space = self.space_by_key(space_key) if space_key else None
        if customer_key:
            self._customer_of_door[door_id] = customer_key
        if space:
            self._put_into(space, door_id)
        elif space_key:
            self._doors_to_be.setdefault(space_key, []).append(door_id)

    def _put_into(self, space: Json, door_id: str) -> None:
        self._door(door_id)["space_ids"].append(space["space_id"])
        space["acs_entrance_count" if door_id in self.entrances else "device_count"] += 1
        if (customer := space.get("customer_key")) is not None:
            self._customer_of_door.setdefault(door_id, customer)
        self._text.pop(space["space_id"], None)

    def _door(self, door_id: str) -> Json:
        return self.entrances[door_id] if door_id in self.entrances else self.devices[door_id]

    def space_by_key(self, key: str) -> Json | None:
        return self.spaces.get(self._by_key.get(("space", key), ""))

    def identity_by_key(self, key: str) -> Json | None:
        return self.user_identities.get(self._by_key.get(("user_identity", key), ""))

    def grant_by_key(self, key: str) -> Json | None:
        with self._lock:
            self._pass_time()
            return self.access_grants.get(self._by_key.get(("access_grant", key), ""))

    def live_grants(self) -> list[Json]:
        """Grants that are not being deleted."""
        with self._lock:
            self._pass_time()
            return [grant for key, grant in self.access_grants.items() if key not in self._dying]

    def code_of(self, access_grant_key: str) -> str | None:
        """The PIN of a grant."""
        grant = self.grant_by_key(access_grant_key)
        for method_id in (grant or {}).get("access_method_ids", []):
            method = self.access_methods[method_id]
            if method["mode"] == "code":
                return str(method["code"])
        return None

    def remove(self, kind: str, key: str) -> None:
        """Deletes a resource behind everybody's back, at once."""
        with self._lock:
            resource_id = self._by_key.pop((kind, key))
            if kind == "access_grant":
                self._bury(resource_id)
            elif kind == "space":
                self._drop_space(resource_id)
            else:
                self._forget_contacts(self.user_identities.pop(resource_id))

    def edit_grant(self, key: str, **fields: Any) -> None:
        """Changes a grant behind everybody's back."""
        with self._lock:
            grant = self.grant_by_key(key)
            assert grant is not None
            grant.update(fields)
            self._text.pop(grant["access_grant_id"], None)
            if "starts_at" in fields or "ends_at" in fields:
                self._tell_of_times(grant)

    def tick(self) -> None:
        """Lets what is due happen, without a call that would."""
        with self._lock:
            self._pass_time()

    def fail_to_issue(self, key: str, why: str) -> None:
        """The grant's keys do not reach the lock, until its times change or somebody issues them again."""
        with self._lock:
            for method in self._methods_of(key):
                self._issuing.pop(method["access_method_id"], None)
                method["is_issued"] = False
                method["errors"] = [self._trouble("error_code", "failed_to_issue", why)]
                self._tell_of_method("failed_to_issue", method)

    def could_not_create(self, key: str, why: str) -> None:
        """The grant's keys cannot be made at all, say because the lock takes no codes."""
        with self._lock:
            grant = self._grant(key)
            for method in self._methods_of(key):
                if not method["is_issued"]:
                    self._issuing.pop(method["access_method_id"], None)
            grant["errors"] = [self._trouble("error_code", "cannot_create_requested_access_methods", why)]
            self._text.pop(grant["access_grant_id"], None)
            self._tell(
                "access_grant.could_not_create_requested_access_methods",
                access_grant_id=grant["access_grant_id"],
                error_message=why,
            )

    def delay_issue(self, key: str, by: timedelta = timedelta(minutes=10)) -> None:
        """The grant's keys reach the lock that much later than they should."""
        with self._lock:
            for method in self._methods_of(key):
                method["is_issued"] = False
                self._issuing[method["access_method_id"]] = self.now() + by
                method["warnings"] = [self._trouble("warning_code", "delay_in_issuing", "the lock does not answer yet")]
                self._tell_of_method("delay_in_issuing", method)

    def reissue(self, key: str, pin: str) -> None:
        """The grant's door codes become this one, at once: say, because the lock's maker drew a new one."""
        with self._lock:
            for method in self._methods_of(key):
                if method["mode"] == "code":
                    method["code"] = pin
                    self._issuing.pop(method["access_method_id"], None)
                    method["issued_at"] = method["issued_at"] or _text(self.now())
                    self._issue(method)

    def id_of(self, kind: str, key: str) -> str:
        """Seam's id of the `space`, `user_identity` or `access_grant` with that key. Raises `KeyError`."""
        with self._lock:
            return self._by_key[kind, key]

    def add_trouble(
        self,
        seam_id: str,
        *,
        error: str | None = None,
        warning: str | None = None,
        mutation: str | None = None,
        message: str | None = None,
        **fields: Any,
    ) -> None:
        """Puts codes, those of the contract or any other, on a resource of any kind, by its Seam id: a Space, a user
        identity, a grant, an access method, an entrance, a device, an access system, a Connected Account. They stay
        until `clear_troubles`. `fields`: what the contract has beside the code (`failed_devices`, `new_code`, ...)."""
        with self._lock:
            resource = self._resource(seam_id)
            for kind, name, code in (
                ("error_code", "errors", error),
                ("warning_code", "warnings", warning),
                ("mutation_code", "pending_mutations", mutation),
            ):
                if code is None:
                    continue
                told = self._trouble(kind, code, message or code.replace("_", " "))
                if name == "errors" and seam_id in self.devices:
                    told["is_device_error"] = True
                resource.setdefault(name, []).append({**told, **fields})
            self._text.pop(seam_id, None)

    def clear_troubles(self, seam_id: str, *codes: str) -> None:
        """Takes these codes, or (none given) all of them, from a resource."""
        with self._lock:
            resource = self._resource(seam_id)
            for name in ("errors", "warnings", "pending_mutations"):
                if name in resource:
                    resource[name] = [one for one in resource[name] if codes and not set(codes) & set(one.values())]
            self._text.pop(seam_id, None)

    def _resource(self, seam_id: str) -> Json:
        for resources in (
            self.access_grants,
            self.access_methods,
            self.user_identities,
            self.spaces,
            self.entrances,
            self.devices,
            self.accounts,
        ):
            if seam_id in resources:
                return resources[seam_id]
        for system in self.systems.values():
            if system["acs_system_id"] == seam_id:
                return system
        raise KeyError(seam_id)

    def unplug(self, door_id: str) -> None:
        """The lock is out of reach. Seam has an event of this for devices, and none for entrances."""
        with self._lock:
            if not self.is_online(door_id):
                return
            if door_id in self.entrances:
                self.entrances[door_id].get("salto_ks_metadata", {})["online"] = False
                return
            device = self.devices[door_id]
            device["properties"]["online"] = False
            trouble = self._trouble("error_code", "device_disconnected", "the device does not answer")
            device["errors"].append({**trouble, "is_device_error": True})
            account = self.accounts[device["connected_account_id"]]
            self._tell(
                "device.disconnected",
                device_id=door_id,
                connected_account_id=account["connected_account_id"],
                error_code="device_disconnected",
                device_errors=[trouble],
                device_warnings=[],
                connected_account_errors=list(account["errors"]),
                connected_account_warnings=list(account["warnings"]),
                **_present(account, "customer_key"),
            )

    def plug_in(self, door_id: str) -> None:
        with self._lock:
            if self.is_online(door_id):
                return
            if door_id in self.entrances:
                self.entrances[door_id].get("salto_ks_metadata", {})["online"] = True
                return
            device = self.devices[door_id]
            device["properties"]["online"] = True
            device["errors"] = [one for one in device["errors"] if one["error_code"] != "device_disconnected"]
            account = self.accounts[device["connected_account_id"]]
            self._tell(
                "device.connected",
                device_id=door_id,
                connected_account_id=account["connected_account_id"],
                **_present(account, "customer_key"),
            )

    def is_online(self, door_id: str) -> bool:
        """Whether the lock answers; entrances of most systems do not tell, and count as online."""
        door = self._door(door_id)
        told = door["properties"] if door_id in self.devices else door.get("salto_ks_metadata", {})
        return bool(told.get("online", True))

    def disconnect_account(self, customer_key: str | None) -> None:
        """The customer's lock systems no longer let Seam in. Raises `KeyError` where there are none."""
        with self._lock:
            for account in self._accounts_of(customer_key):
                if account["errors"]:
                    continue
                trouble = self._trouble("error_code", "account_disconnected", "the account must be connected again")
                for broken in self._belongings(account):
                    device = broken.get("device_id") in self.devices
                    more = {"is_device_error": False, "is_connected_account_error": True} if device else {}
                    broken["errors"].append({**trouble, **more})
                self._tell_of_account("disconnected", account)

    def reconnect_account(self, customer_key: str | None) -> None:
        with self._lock:
            for account in self._accounts_of(customer_key):
                if not account["errors"]:
                    continue
                for healed in self._belongings(account):
                    healed["errors"] = [one for one in healed["errors"] if one["error_code"] != "account_disconnected"]
                self._tell_of_account("connected", account)

    def _accounts_of(self, customer_key: str | None) -> list[Json]:
        accounts = [one for one in self.accounts.values() if one.get("customer_key") == customer_key]
        if not accounts:
            raise KeyError(customer_key)
        return accounts

    def _belongings(self, account: Json) -> Iterable[Json]:
        """The account itself, its access system and its doors: all of them show its errors."""
        account_id = account["connected_account_id"]
        yield account
        for one in (*self.systems.values(), *self.entrances.values(), *self.devices.values()):
            if one["connected_account_id"] == account_id:
                yield one

    def _grant(self, key: str) -> Json:
        grant = self.grant_by_key(key)
        if grant is None:
            raise KeyError(key)
        return grant

    def _methods_of(self, key: str) -> list[Json]:
        return [self.access_methods[one] for one in self._grant(key)["access_method_ids"]]

    def _trouble(self, kind: str, code: str, message: str) -> Json:
        return {kind: code, "message": message, "created_at": _text(self.now())}

    # --- events -----------------------------------------------------------------------------------------------------

    def _tell(self, event_type: str, **fields: Any) -> None:
        now = _text(self.now())
        event: Json = {
            "event_id": self._other_id(),
            "event_type": event_type,
            "workspace_id": self._workspace_id,
            "created_at": now,
            "occurred_at": now,
            **fields,
        }
        self.events.append(event)
        if len(self.events) > _EVENTS_KEPT:
            del self.events[:-_EVENTS_KEPT]
        if self.webhook_url is not None and self.sender is not None:
            body = json.dumps(event).encode()
            # The signature is about the post, which travels in real time whatever the workspace's clock says.
            headers = sign_svix(self.webhook_secret, f"msg_{event['event_id']}", datetime.now(UTC), body)
            self.sender.send(self.webhook_url, body, {"Content-Type": "application/json", **headers})

    def _tell_of_times(self, grant: Json) -> None:
        fields = _present(grant, "access_grant_key", "starts_at", "ends_at")
        self._tell("access_grant.access_times_changed", access_grant_id=grant["access_grant_id"], **fields)

    def _tell_of_method(self, what: str, method: Json) -> None:
        grant = self.access_grants[self._grant_of_method[method["access_method_id"]]]
        fields: Json = {"access_grant_ids": [grant["access_grant_id"]]}
        if "access_grant_key" in grant:
            fields["access_grant_keys"] = [grant["access_grant_key"]]
        if what in ("issued", "reissued") and method.get("code"):
            fields["code"] = method["code"]
        self._tell(f"access_method.{what}", access_method_id=method["access_method_id"], **fields)

    def _tell_of_space(self, what: str, space: Json) -> None:
        space_id = space["space_id"]
        self._tell(
            f"space.{what}",
            space_id=space_id,
            acs_entrance_ids=[one for one, door in self.entrances.items() if space_id in door["space_ids"]],
            device_ids=[one for one, door in self.devices.items() if space_id in door["space_ids"]],
            **_present(space, "space_key"),
        )

    def _tell_of_account(self, what: str, account: Json) -> None:
        if what == "connected":
            fields = _present(account, "customer_key")
        else:
            fields = {
                "connected_account_errors": list(account["errors"]),
                "connected_account_warnings": list(account["warnings"]),
            }
        self._tell(f"connected_account.{what}", connected_account_id=account["connected_account_id"], **fields)

    # --- the API ---

    @dated
    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        faults = self.faults
        if faults.latency:
            time.sleep(faults.latency)
        with self._lock:
            self.calls[path] += 1
            self._count += 1
            request_id = f"req-{self._count}"
            luck = self._luck.random()
            if luck < faults.too_many:
                extra = {"Retry-After": faults.retry_after} if faults.retry_after is not None else {}
                return Answer(429, b"Too Many Requests", {"Content-Type": "text/plain", **extra})
            if luck < faults.too_many + faults.fail_before:
                return Answer(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})
            try:
                answer = Answer(200, self._answer(method, path, query, headers, body).encode())
            except Refusal as refusal:
                error: Json = {"type": refusal.kind, "message": str(refusal)}
                if refusal.kind == "invalid_input":
                    error["validation_errors"] = {
                        "_errors": [],
                        **{name: {"_errors": [words]} for name, words in refusal.fields.items()},
                    }
                answer = Answer(refusal.status, json.dumps({"error": error, "ok": False}).encode())
            answer.headers["seam-request-id"] = request_id
            if self.record:
                self.answers.append((method, path, answer.status, answer.body))
            if luck > 1 - faults.lose_answer:
                answer.drop = True
            return answer

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> str:
        if path not in ENDPOINTS:
            raise Refusal(404, "not_found", f"no route {path}")
        verb, fields = ENDPOINTS[path]
        if method not in (verb, "POST"):
            raise Refusal(404, "not_found", f"no route {method} {path}")
        if headers.get("Authorization", headers.get("authorization", "")) != f"Bearer {self.api_key}":
            raise Refusal(401, "unauthorized", "invalid api key")
        # The SDK asks for strict reading of its own query strings.
        query = {name: values for name, values in query.items() if name != "_strict"}
        if method in ("GET", "DELETE") and query:
            parameters = _from_query(query, fields)
        elif body:
            try:
                parameters = json.loads(body)
            except ValueError:
                raise Refusal(400, "invalid_input", "the body is not JSON") from None
            if not isinstance(parameters, dict):
                raise Refusal(400, "invalid_input", "the body is not an object")
        else:
            parameters = {}
        if self.record:
            self.requests.append((method, path, parameters))
        _check(parameters, fields)
        self._pass_time()
        act: Callable[[Json], str] = getattr(self, path.strip("/").replace("/", "_"))
        return act(parameters)

    def workspaces_get(self, _: Json) -> str:
        workspace: Json = {
            "workspace_id": self._workspace_id,
            "name": "Sandbox workspace",
            "company_name": "Sandbox",
            "connect_partner_name": None,
            "organization_id": None,
            "is_sandbox": True,
            "is_suspended": False,
            "is_publishable_key_auth_enabled": False,
            "publishable_key": "seam_pk_sandbox",
            "connect_webview_customization": {},
        }
        return _ok(workspace=json.dumps(workspace))

    # --- spaces -----------------------------------------------------------------------------------------------------

    def spaces_create(self, given: Json) -> str:
        key = given.get("space_key")
        if key is not None and ("space", key) in self._by_key:
            raise Refusal(409, "space_key_conflict", "a space with this space_key exists already")
        self._check_doors(given)
        space_id = self._id()
        space: Json = {
            "space_id": space_id,
            "workspace_id": self._workspace_id,
            "name": given["name"],
            "display_name": given["name"],
            "created_at": _text(self.now()),
            "device_count": 0,
            "acs_entrance_count": 0,
            "customer_data": dict(given.get("customer_data", {})),
            "warnings": [],
        }
        for name in ("space_key", "customer_key"):
            if given.get(name) is not None:
                space[name] = given[name]
        self.spaces[space_id] = space
        if key is not None:
            self._by_key["space", key] = space_id
            for door_id in self._doors_to_be.pop(key, ()):
                self._put_into(space, door_id)
        self._set_doors(space, given)
        self.writes += 1
        self._tell_of_space("created", space)
        return _ok(space=self._json(space_id, space))

    def spaces_get(self, given: Json) -> str:
        space = self._one("space", self.spaces, given)
        return _ok(space=self._json(space["space_id"], space))

    def spaces_list(self, given: Json) -> str:
        search = given.get("search", "").casefold()
        found = [
            space
            for space in self.spaces.values()
            if given.get("customer_key") in (None, space.get("customer_key"))
            and given.get("space_key") in (None, space.get("space_key"))
            and (
                not search
                or any(search in str(space.get(name, "")).casefold() for name in ("name", "space_key", "customer_key"))
            )
        ]
        return self._page("spaces", "space_id", found, given, 500)

    def spaces_update(self, given: Json) -> str:
        space = self._one("space", self.spaces, given)
        self._check_doors(given)
        if "name" in given:
            space["name"] = space["display_name"] = given["name"]
        for name, value in given.get("customer_data", {}).items():
            space["customer_data"][name] = value
        self._set_doors(space, given)
        self._text.pop(space["space_id"], None)
        self.writes += 1
        return _ok(space=self._json(space["space_id"], space))

    def spaces_delete(self, given: Json) -> str:
        space = self._one("space", self.spaces, given)
        self._by_key.pop(("space", space.get("space_key", "")), None)
        self._drop_space(space["space_id"])
        self.writes += 1
        return _ok()

    def _drop_space(self, space_id: str) -> None:
        space = self.spaces.pop(space_id)
        self._text.pop(space_id, None)
        self._tell_of_space("deleted", space)
        for door in (*self.entrances.values(), *self.devices.values()):
            if space_id in door["space_ids"]:
                door["space_ids"].remove(space_id)

    def _check_doors(self, given: Json) -> None:
        for unknown in set(given.get("acs_entrance_ids", ())) - self.entrances.keys():
            raise Refusal(404, "acs_entrance_not_found", f"no entrance {unknown}")
        for unknown in set(given.get("device_ids", ())) - self.devices.keys():
            raise Refusal(404, "device_not_found", f"no device {unknown}")

    def _set_doors(self, space: Json, given: Json) -> None:
        """Makes those named the Space's doors, each kind for itself, and takes the others out."""
        space_id = space["space_id"]
        for name, count, doors in (
            ("acs_entrance_ids", "acs_entrance_count", self.entrances),
            ("device_ids", "device_count", self.devices),
        ):
            if name not in given:
                continue
            wanted = set(given[name])
            for door_id, door in doors.items():
                inside = space_id in door["space_ids"]
                if door_id in wanted and not inside:
                    self._put_into(space, door_id)
                elif inside and door_id not in wanted:
                    door["space_ids"].remove(space_id)
            space[count] = len(wanted)

    # --- user identities --------------------------------------------------------------------------------------------

    def user_identities_create(self, given: Json) -> str:
        key = given.get("user_identity_key")
        if key is not None and ("user_identity", key) in self._by_key:
            raise Refusal(409, "user_identity_key_conflict", "a user identity with this key exists already")
        self._check_contacts(given, None)
        return _ok(user_identity=self._json(*self._make_identity(given)))

    def _make_identity(self, given: Json) -> tuple[str, Json]:
        identity_id = self._id()
        name = given.get("full_name")
        identity: Json = {
            "user_identity_id": identity_id,
            "user_identity_key": given.get("user_identity_key"),
            "workspace_id": self._workspace_id,
            "full_name": name,
            "display_name": name or given.get("email_address") or given.get("phone_number") or "User",
            "email_address": given.get("email_address"),
            "phone_number": given.get("phone_number"),
            "created_at": _text(self.now()),
            "acs_user_ids": [],
            "merged_user_identity_ids": [],
            "merged_user_identity_keys": [],
            "errors": [],
            "warnings": [],
        }
        self.user_identities[identity_id] = identity
        if identity["user_identity_key"] is not None:
            self._by_key["user_identity", identity["user_identity_key"]] = identity_id
        self._note_contacts(identity)
        self.writes += 1
        return identity_id, identity

    def user_identities_get(self, given: Json) -> str:
        identity = self._one("user_identity", self.user_identities, given)
        return _ok(user_identity=self._json(identity["user_identity_id"], identity))

    def user_identities_list(self, given: Json) -> str:
        ids = given.get("user_identity_ids")
        search = given.get("search", "").casefold()
        before = given.get("created_before")
        found = [
            identity
            for identity in self.user_identities.values()
            if (ids is None or identity["user_identity_id"] in ids)
            and (before is None or _instant(identity["created_at"]) < _instant(before))
            and (
                not search
                or any(
                    search in str(identity.get(name) or "").casefold()
                    for name in ("full_name", "phone_number", "email_address", "user_identity_id")
                )
            )
        ]
        return self._page("user_identities", "user_identity_id", found, given, 500)

    def user_identities_update(self, given: Json) -> str:
        identity = self._one("user_identity", self.user_identities, given)
        self._check_contacts(given, identity["user_identity_id"])
        self._forget_contacts(identity)
        for name in ("full_name", "email_address", "phone_number"):
            if name in given:
                identity[name] = given[name]
        identity["display_name"] = (
            identity["full_name"] or identity["email_address"] or identity["phone_number"] or "User"
        )
        self._note_contacts(identity)
        self._text.pop(identity["user_identity_id"], None)
        self.writes += 1
        return _ok()

    def user_identities_delete(self, given: Json) -> str:
        identity = self._one("user_identity", self.user_identities, given)
        if self._grants_of_user.get(identity["user_identity_id"]):
            raise Refusal(409, "user_identity_in_use", "the user identity still has access grants")
        del self.user_identities[identity["user_identity_id"]]
        self._by_key.pop(("user_identity", identity["user_identity_key"] or ""), None)
        self._forget_contacts(identity)
        self.writes += 1
        return _ok()

    def _check_contacts(self, given: Json, own_id: str | None) -> None:
        name, email, phone = given.get("full_name"), given.get("email_address"), given.get("phone_number")
        if name == "" or given.get("user_identity_key") == "":
            raise Refusal(400, "invalid_input", "too short", full_name="must have at least 1 character")
        if email is not None and not _EMAIL.match(email):
            raise Refusal(400, "invalid_input", f"{email} is not a valid email", email_address="invalid email")
        if phone is not None and not _E164.match(phone):
            raise Refusal(400, "invalid_input", f"{phone} is not E.164", phone_number="must be in E.164 format")
        for contact in (email, phone):
            if contact is not None and self._contacts.get(contact.casefold(), own_id) != own_id:
                word = "email address" if contact is email else "phone number"
                raise Refusal(
                    409, "user_identity_email_or_phone_conflict", f"a user identity with {word} {contact} exists"
                )

    def _note_contacts(self, identity: Json) -> None:
        for name in ("email_address", "phone_number"):
            if identity[name] is not None:
                self._contacts[identity[name].casefold()] = identity["user_identity_id"]

    def _forget_contacts(self, identity: Json) -> None:
        for name in ("email_address", "phone_number"):
            if identity[name] is not None:
                self._contacts.pop(identity[name].casefold(), None)

    # --- access grants ---

    def access_grants_create(self, given: Json) -> str:
        if ("user_identity_id" in given) == ("user_identity" in given):
            raise Refusal(400, "invalid_input", "give one of user_identity_id and user_identity")
        spaces = self._spaces_of(given)
        entrances = set(given.get("acs_entrance_ids", ()))
        if not spaces and not entrances and not given.get("device_ids"):
            raise Refusal(400, "invalid_input", "no spaces, entrances or devices", space_ids="required")
        key = given.get("access_grant_key")
        if key == "":
            raise Refusal(400, "invalid_input", "too short", access_grant_key="must have at least 1 character")
        if key is not None and ("access_grant", key) in self._by_key:
            raise Refusal(409, "access_grant_key_conflict", "an access grant with this access_grant_key exists")
        now = self.now()
        starts_at = given.get("starts_at") or _text(now)
        ends_at = given.get("ends_at")
        self._check_times(_instant(starts_at), _instant(ends_at) if ends_at else None)
        doors = self._doors(spaces, given.get("acs_entrance_ids", ()))
        reservation_key = given.get("reservation_key")
        if reservation_key is not None:
            self._check_reservation(reservation_key, doors, _instant(starts_at), _instant(ends_at) if ends_at else None)
        if "user_identity_id" in given:
            identity_id = self._one("user_identity", self.user_identities, given)["user_identity_id"]
        else:
            self._check_contacts(given["user_identity"], None)
            identity_id = self._make_identity(given["user_identity"])[0]
        grant_id = self._id()
        grant: Json = {
            "access_grant_id": grant_id,
            "workspace_id": self._workspace_id,
            "user_identity_id": identity_id,
            "space_ids": [space["space_id"] for space in spaces],
            "location_ids": [space["space_id"] for space in spaces],
            "requested_access_methods": [],
            "access_method_ids": [],
            "name": given.get("name"),
            "display_name": given.get("name") or "Access grant",
            "display_status": "Upcoming" if _instant(starts_at) > now else "Active",
            "created_at": _text(now),
            "starts_at": _text(_instant(starts_at)),
            "ends_at": _text(_instant(ends_at)) if ends_at else None,
            "warnings": [],
            "errors": [],
            "pending_mutations": [],
        }
        if key is not None:
            grant["access_grant_key"] = key
            self._by_key["access_grant", key] = grant_id
        if reservation_key is not None:
            grant["reservation_key"] = reservation_key
        self.access_grants[grant_id] = grant
        self._grants_of_user.setdefault(identity_id, set()).add(grant_id)
        for space in spaces:
            self._grants_of_space.setdefault(space["space_id"], set()).add(grant_id)
        self._tell("access_grant.created", access_grant_id=grant_id)
        self._add_methods(grant, given["requested_access_methods"])
        self.writes += 1
        return _ok(access_grant=self._json(grant_id, grant))

    def _spaces_of(self, given: Json) -> list[Json]:
        spaces = []
        for space_id in given.get("space_ids", ()):
            if space_id not in self.spaces:
                raise Refusal(404, "space_not_found", f"no space {space_id}")
            spaces.append(self.spaces[space_id])
        for space_key in given.get("space_keys", ()):
            space = self.space_by_key(space_key)
            if space is None:
                raise Refusal(404, "space_not_found", f"no space with key {space_key}")
            spaces.append(space)
        return spaces

    def _doors(self, spaces: Iterable[Json], entrance_ids: Iterable[str]) -> frozenset[str]:
        """The entrances that can belong to a reservation, among those targeted."""
        ids = {space["space_id"] for space in spaces}
        named = set(entrance_ids)
        return frozenset(
            entrance_id
            for entrance_id, entrance in self.entrances.items()
            if entrance["can_belong_to_reservation"]
            and (entrance_id in named or not ids.isdisjoint(entrance["space_ids"]))
        )

    def _check_times(self, starts_at: datetime, ends_at: datetime | None) -> None:
        if ends_at is not None and ends_at <= starts_at:
            raise Refusal(400, "invalid_input", "ends_at must be after starts_at", ends_at="must be after starts_at")
        if ends_at is not None and ends_at <= self.now():
            raise Refusal(400, "invalid_input", "ends_at must be in the future", ends_at="must be in the future")

    def _check_reservation(
        self, key: str, doors: frozenset[str], starts_at: datetime, ends_at: datetime | None
    ) -> None:
        if not doors:
            raise Refusal(
                400, "reservation_key_not_supported", "reservation_key not supported: no capable entrance is targeted"
            )
        members = [grant for grant in self.access_grants.values() if grant.get("reservation_key") == key]
        if not members:
            return
        established: set[str] = set()
        for grant in members:
            established |= self._doors((self.spaces[one] for one in grant["space_ids"] if one in self.spaces), ())
        if not doors <= established:
            raise Refusal(
                409, "reservation_conflict", "Reservation entrance change requires cleanup: delete its grants first"
            )
        for grant in members:
            theirs = _instant(grant["ends_at"]) if grant["ends_at"] else None
            if (theirs is not None and theirs <= starts_at) or (
                ends_at is not None and ends_at <= _instant(grant["starts_at"])
            ):
                raise Refusal(409, "reservation_conflict", "Reservation time frames must overlap")

    def _add_methods(self, grant: Json, requested: Iterable[Json]) -> None:
        for wish in requested:
            method_id = self._id()
            method: Json = {
                "access_method_id": method_id,
                "workspace_id": self._workspace_id,
                "display_name": wish["mode"],
                "display_status": "Being issued",
                "mode": wish["mode"],
                "created_at": _text(self.now()),
                "issued_at": None,
                "is_issued": False,
                "warnings": [],
                "errors": [],
                "pending_mutations": [],
            }
            if wish["mode"] == "code":
                method["code"] = self._code(grant, wish.get("code"))
            self.access_methods[method_id] = method
            self._grant_of_method[method_id] = grant["access_grant_id"]
            self._issuing[method_id] = self.now() + self.issue_delay
            grant["access_method_ids"].append(method_id)
            grant["requested_access_methods"].append(
                {
                    "mode": wish["mode"],
                    "display_name": wish["mode"],
                    "created_at": _text(self.now()),
                    "created_access_method_ids": [method_id],
                    **({"code": wish["code"]} if "code" in wish else {}),
                }
            )
            self._tell_of_method("created", method)
        self._text.pop(grant["access_grant_id"], None)

    def _code(self, grant: Json, requested: str | None) -> str:
        taken: set[str | None] = set()
        for space_id in grant["space_ids"]:
            for other_id in self._grants_of_space.get(space_id, ()):
                if other_id in self._dying or other_id == grant["access_grant_id"]:
                    continue
                taken.update(
                    self.access_methods[one].get("code") for one in self.access_grants[other_id]["access_method_ids"]
                )
        if requested is not None and requested not in taken:
            return requested
        while (code := f"{self._random.randrange(10**6):06d}") in taken:
            pass
        if requested is not None:
            grant["warnings"].append(
                {
                    "warning_code": "requested_code_unavailable",
                    "message": "the requested code is in use on a device",
                    "created_at": _text(self.now()),
                    "device_id": self._workspace_id,
                    "original_code": requested,
                    "new_code": code,
                }
            )
        return code

    def access_grants_get(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        return _ok(access_grant=self._json(grant["access_grant_id"], grant))

    def access_grants_get_related(self, given: Json) -> str:
        if not given.get("access_grant_ids") and not given.get("access_grant_keys"):
            words = "give access_grant_ids or access_grant_keys"
            raise Refusal(400, "invalid_input", words, access_grant_ids="required")
        for name in ("include", "exclude"):
            if set(given.get(name, ())) - set(RELATED):
                raise Refusal(400, "invalid_input", f"bad {name}", **{name: "unknown"})
        ids = [*given.get("access_grant_ids", ())]
        ids += [self._by_key.get(("access_grant", key), "") for key in given.get("access_grant_keys", ())]
        grants = [self.access_grants[one] for one in ids if one in self.access_grants]
        spaces = {one: None for grant in grants for one in grant["space_ids"] if one in self.spaces}
        entrances = [one for one in self.entrances.values() if spaces.keys() & one["space_ids"]]
        devices = [one for one in self.devices.values() if spaces.keys() & one["space_ids"]]
        accounts = {one["connected_account_id"]: None for one in (*entrances, *devices)}
        users = {grant["user_identity_id"]: None for grant in grants}
        batch: Json = {
            "spaces": [self.spaces[one] for one in spaces],
            "devices": devices,
            "acs_entrances": entrances,
            "connected_accounts": [self.accounts[one] for one in accounts],
            "acs_systems": [self.systems[one] for one in accounts if one in self.systems],
            "user_identities": [self.user_identities[one] for one in users if one in self.user_identities],
            "acs_access_groups": [],
            "access_methods": [self.access_methods[one] for grant in grants for one in grant["access_method_ids"]],
        }
        wanted = set(given.get("include") or RELATED) - set(given.get("exclude", ()))
        return _ok(batch=json.dumps({name: value for name, value in batch.items() if name in wanted}))

    def access_grants_list(self, given: Json) -> str:
        ids: set[str] | None = None
        if (customer := given.get("customer_key")) is not None:
            ids = set()
            for space in self.spaces.values():
                if space.get("customer_key") == customer:
                    ids |= self._grants_of_space.get(space["space_id"], set())
        if "space_id" in given:
            found_here = self._grants_of_space.get(given["space_id"], set())
            ids = found_here if ids is None else ids & found_here
        if "user_identity_id" in given:
            hers = self._grants_of_user.get(given["user_identity_id"], set())
            ids = hers if ids is None else ids & hers
        wanted = given.get("access_grant_ids")
        found = [
            grant
            for grant_id, grant in self.access_grants.items()
            if (ids is None or grant_id in ids)
            and (wanted is None or grant_id in wanted)
            and ("access_grant_key" not in given or grant.get("access_grant_key") == given["access_grant_key"])
            and ("reservation_key" not in given or grant.get("reservation_key") == given["reservation_key"])
        ]
        return self._page("access_grants", "access_grant_id", found, given, 500)

    def access_grants_update(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        if grant["access_grant_id"] in self._dying:
            raise Refusal(400, "access_grant_being_deleted", "the access grant is being deleted")
        starts_at = _instant(given.get("starts_at") or grant["starts_at"])
        ends_at = given.get("ends_at", grant["ends_at"])
        if "starts_at" in given or "ends_at" in given:
            self._check_times(starts_at, _instant(ends_at) if ends_at else None)
            for method_id in grant["access_method_ids"]:
                self.access_methods[method_id].update(is_issued=False)
                self._issuing[method_id] = self.now() + self.issue_delay
        grant["starts_at"] = _text(starts_at)
        grant["ends_at"] = _text(_instant(ends_at)) if ends_at else None
        if "starts_at" in given or "ends_at" in given:
            self._tell_of_times(grant)
        if "name" in given:
            grant["name"] = given["name"]
            grant["display_name"] = given["name"] or "Access grant"
        self._text.pop(grant["access_grant_id"], None)
        self.writes += 1
        return _ok()

    def access_grants_delete(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        grant_id = grant["access_grant_id"]
        if grant_id not in self._dying:
            self._dying[grant_id] = self.now() + self.delete_delay
            grant["warnings"].append(
                {
                    "warning_code": "being_deleted",
                    "message": "the access grant is being deleted",
                    "created_at": _text(self.now()),
                }
            )
            self._text.pop(grant_id, None)
            self.writes += 1
        return _ok()

    def access_grants_request_access_methods(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        self._add_methods(grant, given["requested_access_methods"])
        self.writes += 1
        return _ok(access_grant=self._json(grant["access_grant_id"], grant))

    def access_methods_get(self, given: Json) -> str:
        method = self.access_methods.get(given["access_method_id"])
        if method is None:
            raise Refusal(404, "access_method_not_found", "no such access method")
        return _ok(access_method=json.dumps(method))

    def access_methods_list(self, given: Json) -> str:
        if not given.keys() & {"access_grant_id", "access_grant_key", "acs_entrance_id"}:
            words = "give access_grant_id, access_grant_key or acs_entrance_id"
            raise Refusal(400, "invalid_input", words, access_grant_id="required")
        if "access_grant_id" in given or "access_grant_key" in given:
            grants = [self._one("access_grant", self.access_grants, given)]
        else:
            grants = list(self.access_grants.values())
        for name, doors in (("acs_entrance_id", self.entrances), ("device_id", self.devices)):
            if name in given:
                door = doors.get(given[name])
                inside = set(door["space_ids"]) if door else set()
                grants = [grant for grant in grants if inside & set(grant["space_ids"])]
        if "space_id" in given:
            grants = [grant for grant in grants if given["space_id"] in grant["space_ids"]]
        methods = [
            self.access_methods[one]
            for grant in grants
            if "access_code_id" not in given
            for one in grant["access_method_ids"]
        ]
        return self._page("access_methods", "", methods, given, 500)

    def acs_entrances_list(self, given: Json) -> str:
        ids = given.get("acs_entrance_ids")
        if "access_method_id" in given:
            grant = self.access_grants.get(self._grant_of_method.get(given["access_method_id"], ""))
            hers = set(grant["space_ids"]) if grant else set()
            through = {one for one, door in self.entrances.items() if hers & set(door["space_ids"])}
            ids = through if ids is None else through & set(ids)
        found = [
            entrance
            for entrance_id, entrance in self.entrances.items()
            if given.get("customer_key") in (None, self._customer_of_door.get(entrance_id))
            and given.get("connected_account_id") in (None, entrance["connected_account_id"])
            and given.get("acs_system_id") in (None, entrance["acs_system_id"])
            and ("space_id" not in given or given["space_id"] in entrance["space_ids"])
            and (ids is None or entrance_id in ids)
            and given.get("search", "").casefold() in entrance["display_name"].casefold()
        ]
        return self._page("acs_entrances", "", found, given, 900)

    def acs_entrances_get(self, given: Json) -> str:
        return _ok(acs_entrance=json.dumps(self._one("acs_entrance", self.entrances, given)))

    def acs_systems_get(self, given: Json) -> str:
        for system in self.systems.values():
            if system["acs_system_id"] == given["acs_system_id"]:
                return _ok(acs_system=json.dumps(system))
        raise Refusal(404, "acs_system_not_found", "no such access system")

    def acs_systems_list(self, given: Json) -> str:
        search = given.get("search", "").casefold()
        found = [
            system
            for account_id, system in self.systems.items()
            if given.get("connected_account_id") in (None, account_id)
            and given.get("customer_key") in (None, self.accounts[account_id].get("customer_key"))
            and (search in system["name"].casefold() or search == system["acs_system_id"])
        ]
        return _ok(acs_systems=json.dumps(found))

    # --- accounts and devices ---------------------------------------------------------------------------------------

    def connected_accounts_list(self, given: Json) -> str:
        search = given.get("search", "").casefold()
        here = None
        if "space_id" in given:
            doors = (*self.entrances.values(), *self.devices.values())
            here = {one["connected_account_id"] for one in doors if given["space_id"] in one["space_ids"]}
        found = [
            account
            for account_id, account in self.accounts.items()
            if given.get("customer_key") in (None, account.get("customer_key"))
            and (here is None or account_id in here)
            and _has(account, given.get("custom_metadata_has"))
            and "user_identifier_key" not in given
            and any(search in str(account.get(name, "")).casefold() for name in ("display_name", "account_type"))
        ]
        return self._page("connected_accounts", "", found, given, 11000)

    def connected_accounts_get(self, given: Json) -> str:
        if ("connected_account_id" in given) == ("email" in given):
            raise Refusal(400, "invalid_input", "give one of connected_account_id and email")
        account = self.accounts.get(given.get("connected_account_id", ""))
        if account is None:
            raise Refusal(404, "connected_account_not_found", "no such connected account")
        return _ok(connected_account=json.dumps(account))

    def connected_accounts_update(self, given: Json) -> str:
        account = self.accounts.get(given["connected_account_id"])
        if account is None:
            raise Refusal(404, "connected_account_not_found", "no such connected account")
        if given.get("customer_key") not in (None, account.get("customer_key")):
            if account.get("customer_key") is not None:
                words = "the connected account is associated with a customer already"
                raise Refusal(400, "invalid_input", words, customer_key="cannot be changed")
            account["customer_key"] = given["customer_key"]
            for door_id, door in (*self.entrances.items(), *self.devices.items()):
                if door["connected_account_id"] == account["connected_account_id"]:
                    self._customer_of_door[door_id] = given["customer_key"]
        for name in ("accepted_capabilities", "automatically_manage_new_devices", "display_name"):
            if name in given:
                account[name] = given[name]
        if "custom_metadata" in given:
            account["custom_metadata"] = {key: one for key, one in given["custom_metadata"].items() if one}
        self.writes += 1
        return _ok(connected_account=json.dumps(account))

    def connect_webviews_create(self, given: Json) -> str:
        for provider in given.get("accepted_providers", ()):
            if provider not in _PROVIDERS:
                raise Refusal(400, "invalid_input", f"unknown provider {provider}", accepted_providers="invalid")
        webview_id = self._other_id()
        providers = list(given.get("accepted_providers") or _PROVIDERS)
        self.webviews[webview_id] = webview = {
            "connect_webview_id": webview_id,
            "workspace_id": self._workspace_id,
            "created_at": _text(self.now()),
            "url": f"{self.webview_page}{webview_id}",
            "status": "pending",
            "login_successful": False,
            "connected_account_id": None,
            "selected_provider": None,
            "authorized_at": None,
            "device_selection_mode": "none",
            "accepted_providers": providers,
            "accepted_capabilities": given.get("accepted_capabilities", []),
            "accepted_devices": providers,
            "any_device_allowed": True,
            "any_provider_allowed": "accepted_providers" not in given,
            "custom_redirect_url": given.get("custom_redirect_url"),
            "custom_redirect_failure_url": given.get("custom_redirect_failure_url"),
            "custom_metadata": given.get("custom_metadata", {}),
            "automatically_manage_new_devices": given.get("automatically_manage_new_devices", True),
            "wait_for_device_creation": given.get("wait_for_device_creation", False),
            **_present(given, "customer_key"),
        }
        self.writes += 1
        return _ok(connect_webview=json.dumps(webview))

    def connect_webviews_get(self, given: Json) -> str:
        webview = self.webviews.get(given["connect_webview_id"])
        if webview is None:
            raise Refusal(404, "connect_webview_not_found", "no such connect webview")
        return _ok(connect_webview=json.dumps(webview))

    def connect_webviews_list(self, given: Json) -> str:
        search = given.get("search", "").casefold()
        found = [
            webview
            for webview in reversed(self.webviews.values())
            if given.get("customer_key") in (None, webview.get("customer_key"))
            and _has(webview, given.get("custom_metadata_has"))
            and "user_identifier_key" not in given
            and search in webview["url"].casefold()
        ]
        return self._page("connect_webviews", "", found, given, 500)

    def devices_list(self, given: Json) -> str:
        search = given.get("search", "").casefold()
        accounts = given.get("connected_account_ids")
        types = given.get("device_types")
        before = given.get("created_before")
        found = [
            device
            for device_id, device in self.devices.items()
            if given.get("customer_key") in (None, self._customer_of_door.get(device_id))
            and given.get("connected_account_id") in (None, device["connected_account_id"])
            and (accounts is None or device["connected_account_id"] in accounts)
            and ("device_ids" not in given or device_id in given["device_ids"])
            and given.get("device_type") in (None, device["device_type"])
            and (types is None or device["device_type"] in types)
            and given.get("manufacturer") in (None, device["device_manufacturer"]["manufacturer"])
            and (before is None or _instant(device["created_at"]) < _instant(before))
            and ("space_id" not in given or given["space_id"] in device["space_ids"])
            and _has(device, given.get("custom_metadata_has"))
            and not given.keys() & {"connect_webview_id", "user_identifier_key"}
            and (search in device["display_name"].casefold() or search == device_id)
        ]
        return self._page("devices", "", found, given, 500)

    def devices_get(self, given: Json) -> str:
        if "device_id" not in given and "name" not in given:
            raise Refusal(400, "invalid_input", "give device_id or name", device_id="required")
        for device_id, device in self.devices.items():
            if given.get("device_id") in (None, device_id) and given.get("name") in (None, device["display_name"]):
                return _ok(device=json.dumps(device))
        raise Refusal(404, "device_not_found", "no such device")

    # --- inside -------------------------------------------------------------------------------------------------------

    def _pass_time(self) -> None:
        """Ends deletions and issues PINs whose time has come."""
        if self._dying:
            now = self.now()
            for grant_id in [one for one, until in self._dying.items() if until <= now]:
                grant = self.access_grants[grant_id]
                self._by_key.pop(("access_grant", grant.get("access_grant_key", "")), None)
                self._bury(grant_id)
        if self._issuing:
            now = self.now()
            for method_id in [one for one, when in self._issuing.items() if when <= now]:
                del self._issuing[method_id]
                if (method := self.access_methods.get(method_id)) is not None:
                    self._issue(method)

    def _issue(self, method: Json) -> None:
        """The key works. What stood in its way no longer does."""
        what = "issued" if method["issued_at"] is None else "reissued"
        method.update(is_issued=True, issued_at=_text(self.now()), display_status="Issued")
        for name, code in (("errors", "error_code"), ("warnings", "warning_code")):
            method[name] = [one for one in method[name] if one[code] not in _UNTIL_ISSUED]
        self._tell_of_method(what, method)

    def _bury(self, grant_id: str) -> None:
        for method_id in self.access_grants[grant_id]["access_method_ids"]:
            if method_id in self.access_methods:
                self._tell_of_method("revoked", self.access_methods[method_id])
        self._tell("access_grant.deleted", access_grant_id=grant_id)
        grant = self.access_grants.pop(grant_id)
        self._dying.pop(grant_id, None)
        self._text.pop(grant_id, None)
        self._grants_of_user[grant["user_identity_id"]].discard(grant_id)
        for space_id in grant["space_ids"]:
            self._grants_of_space.get(space_id, set()).discard(grant_id)
        for method_id in grant["access_method_ids"]:
            self.access_methods.pop(method_id, None)
            self._grant_of_method.pop(method_id, None)
            self._issuing.pop(method_id, None)

    def _one(self, kind: str, resources: dict[str, Json], given: Json) -> Json:
        resource_id, key = given.get(f"{kind}_id"), given.get(f"{kind}_key")
        if resource_id is None and key is None:
            raise Refusal(400, "invalid_input", f"give {kind}_id or {kind}_key", **{f"{kind}_id": "required"})
        if resource_id is None:
            resource_id = self._by_key.get((kind, key or ""), "")
        resource = resources.get(resource_id)
        if resource is None:
            raise Refusal(404, f"{kind}_not_found", f"{kind} not found")
        return resource

    def _page(self, name: str, id_name: str, found: list[Json], given: Json, most: int) -> str:
        limit = int(given.get("limit", most))
        if not 0 < limit <= most:
            raise Refusal(400, "invalid_input", "bad limit", limit=f"must be between 1 and {most}")
        cursor = given.get("page_cursor")
        if cursor and not cursor.isdigit():
            raise Refusal(400, "invalid_input", "bad page_cursor", page_cursor="unknown cursor")
        start = int(cursor) if cursor else 0
        page = found[start : start + limit]
        more = start + limit < len(found)
        pagination = {
            "has_next_page": more,
            "next_page_cursor": str(start + limit) if more else None,
            "next_page_url": f"https://connect.getseam.com/{name}/list?page_cursor={start + limit}" if more else None,
        }
        texts = [self._json(one[id_name], one) if id_name else json.dumps(one) for one in page]
        return _ok(**{name: f"[{','.join(texts)}]"}, pagination=json.dumps(pagination))

    def _json(self, resource_id: str, resource: Json) -> str:
        text = self._text.get(resource_id)
        if text is None:
            text = self._text[resource_id] = json.dumps(resource)
        return text

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))

    def _other_id(self) -> str:
        return str(uuid.UUID(int=self._event_ids.getrandbits(128), version=4))


def _ok(**parts: str) -> str:
    return "{" + "".join(f'"{name}":{text},' for name, text in parts.items()) + '"ok":true}'


def _present(resource: Json, *names: str) -> Json:
    return {name: resource[name] for name in names if resource.get(name) is not None}


def _has(resource: Json, metadata: Json | None) -> bool:
    return all(resource["custom_metadata"].get(name) == value for name, value in (metadata or {}).items())


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _from_query(query: dict[str, list[str]], fields: Mapping[str, _Field]) -> Json:
    parameters: Json = {}
    for name, values in query.items():
        field = fields.get(name)
        if field is not None and field.kind in ("uuids", "strings"):
            parameters[name] = values
        elif field is not None and field.kind == "number":
            try:
                number = float(values[-1])
                parameters[name] = int(number) if number.is_integer() else number
            except ValueError:
                raise Refusal(400, "invalid_input", "not a number", **{name: "must be a number"}) from None
        else:
            parameters[name] = values[-1]
    return parameters


def _check(parameters: Json, fields: Mapping[str, _Field]) -> None:
    wrong: dict[str, str] = {}
    for name, value in parameters.items():
        field = fields.get(name)
        if field is None:
            wrong[name] = "unrecognized"
        elif value is None:
            if not field.nullable:
                wrong[name] = "must not be null"
        elif (complaint := _complaint(field.kind, value)) is not None:
            wrong[name] = complaint
    wrong.update((name, "required") for name, field in fields.items() if field.required and name not in parameters)
    if wrong:
        words = ", ".join(f"{name}: {complaint}" for name, complaint in wrong.items())
        raise Refusal(400, "invalid_input", words, **wrong)


def _complaint(kind: str, value: Any) -> str | None:
    if kind == "string":
        return None if isinstance(value, str) else "must be a string"
    if kind == "uuid":
        return None if isinstance(value, str) and _UUID.match(value) else "must be a uuid"
    if kind == "uuids":
        good = isinstance(value, list) and all(isinstance(one, str) and _UUID.match(one) for one in value)
        return None if good else "must be uuids"
    if kind == "strings":
        good = isinstance(value, list) and all(isinstance(one, str) and one for one in value)
        return None if good else "must be strings"
    if kind == "number":
        return None if isinstance(value, int | float) and not isinstance(value, bool) else "must be a number"
    if kind == "boolean":
        return None if isinstance(value, bool) else "must be a boolean"
    if kind == "object":
        return None if isinstance(value, dict) else "must be an object"
    if kind == "instant":
        try:
            return None if isinstance(value, str) and _instant(value).tzinfo is not None else "must be a date-time"
        except ValueError:
            return "must be a date-time"
    if kind == "customer_data":
        return _customer_data_complaint(value)
    assert kind == "methods", kind
    return _methods_complaint(value)


def _customer_data_complaint(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    for name, text in value.items():
        if name not in ("address", "default_checkin_time", "default_checkout_time", "time_zone"):
            return f"unrecognized {name}"
        if text is not None and (not isinstance(text, str) or (name.startswith("default_") and not _CLOCK.match(text))):
            return f"bad {name}"
    return None


def _methods_complaint(value: Any) -> str | None:
    if not isinstance(value, list) or not value:
        return "must be a list of at least one"
    for wish in value:
        if not isinstance(wish, dict) or wish.get("mode") not in MODES:
            return "bad mode"
        if not wish.keys() <= {"mode", "code", "instant_key_max_use_count"}:
            return "unrecognized field"
        if "code" in wish and (not isinstance(wish["code"], str) or not _PIN.match(wish["code"])):
            return "bad code"
    return None
