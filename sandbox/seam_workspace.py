"""A simulated Seam workspace that the official SDK talks to: spaces, user identities, access grants and methods.

It refuses what Seam refuses. Shapes follow Seam's OpenAPI description; the rules of reservations follow its guide to
Reservation Access Grants; deletions take time, and keep the key until they are done. A PIN opens a door from when it
was written to the lock until it was erased there (`opens`, `door_log`), which takes time as well, and waits for a lock
that is out of reach. Faults can be switched on while it runs. What happens is told by webhooks, once there is somebody
to tell. State is in memory, behind one lock.

It stands in one file, for one lock guards one state: what a call changes, doors, events and other calls show.
"""

import base64
import heapq
import itertools
import json
import random
import re
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sandbox.http import Answer
from sandbox.locks import Held, Locks, Ways
from sandbox.seam_contract import ENDPOINTS, Refusal, check, from_query, invalid
from sandbox.seam_users import SystemUsers
from sandbox.server import Json, Request, SimulatedServer
from sandbox.webhooks import sign_svix

_EMAIL = re.compile(r"^[A-Za-z0-9_'+.-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$")
_E164 = re.compile(r"^\+[1-9]\d{6,14}$")
_UNTIL_ISSUED = (
    "failed_to_issue",
    "delay_in_issuing",
    "updating_access_times",
    "provisioning_access",
    "revoking_access",
    "underprovisioned_access",
    "overprovisioned_access",
)
"""What stands in the way of a key, and no longer does once the lock knows it."""
_EVENTS_KEPT = 10_000
_AHEAD, _AHEAD_UNSCHEDULED = timedelta(hours=72), timedelta(hours=1)
"""How long before its start a code is written, to locks that keep its times by themselves and to others."""
_LATE = timedelta(minutes=30)
"""So long before its start a key that is not issued is said to be late."""
_DEVICES_ASKED_FOR = ("device_id", "connected_account_id", "device_type")
"""By which devices are asked for, one or (with an s) several of each."""
_PROVIDERS: dict[str, tuple[str, str | None, str, str]] = {
    "salto_ks": ("Salto KS", "salto_ks_site", "salto_lock", "salto"),
    "visionline": ("Visionline", "visionline_system", "salto_lock", "unknown"),
    "brivo": ("Brivo", "brivo_account", "brivo_access_point", "brivo"),
    "yale": ("Yale", None, "yale_lock", "yale"),
    "ttlock": ("TTLock", None, "ttlock_lock", "ttlock"),
}
"""Provider -> its name, the type of its access system (if it has entrances), and its devices' type and maker."""


@dataclass(slots=True)
class Faults:
    """What goes wrong: probabilities per call, and seconds. May be changed at any time."""

    fail_before: float = 0.0
    """503, and nothing was done."""
    lose_answer: float = 0.0
    """The work is done, and the answer never arrives."""
    too_many: float = 0.0
    """429, as Seam says it: JSON, and the header Retry-After."""
    plain_too_many: bool = False
    """429 comes from a gateway instead, without Seam's JSON."""
    retry_after: str | None = "0"
    latency: float = 0.0


class SeamWorkspace(SimulatedServer):
    """One workspace. `now` gives aware UTC: the life of grants and PINs runs on it, so tests can move it."""

    request_id = "seam-request-id"

    def __init__(
        self,
        api_key: str = "seam_sandbox_key",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 1,
        delete_delay: timedelta = timedelta(seconds=1),
        issue_delay: timedelta = timedelta(seconds=2),
        record: bool = False,
        just_in_time: bool = False,
        creates_a_minute: int | None = None,
    ):
        """`delete_delay`: how long the deletion of a grant, an identity or a Space takes; `issue_delay`: how long a key
        takes to reach a lock. `just_in_time`: codes are written three days before their start (an hour before, to locks
        that keep no times), not at once; `creates_a_minute`: so many codes a lock takes in a minute."""
        super().__init__(now, random.Random(seed + 1), record)
        self.just_in_time = just_in_time
        self.creates_a_minute = creates_a_minute
        self.api_key = api_key
        self.delete_delay = delete_delay
        self.issue_delay = issue_delay
        self.faults = Faults()
        self.answers: list[tuple[str, str, int, bytes]] = []
        self.writes = 0
        """Mutating calls that were carried out."""
        self.spaces: dict[str, Json] = {}
        self.user_identities: dict[str, Json] = {}
        self.access_grants: dict[str, Json] = {}
        self.access_methods: dict[str, Json] = {}
        self.entrances: dict[str, Json] = {}
        self.devices: dict[str, Json] = {}
        self.unmanaged_codes: dict[str, Json] = {}
        """Codes in devices that others have set."""
        self.accounts: dict[str, Json] = {}
        self.webviews: dict[str, Json] = {}
        self.webview_page = "https://connect.getseam.com/connect_webviews/view?connect_webview_id="
        """Where a Connect Webview is opened; the id follows. The demo has a page of its own."""
        self.systems: dict[str, Json] = {}
        """Access systems, by the id of their connected account."""
        self.webhook_url: str | None = None
        self.webhook_secret = "whsec_" + base64.b64encode(b"the sandbox's own secret").decode()
        self.events: list[Json] = []
        """The latest, oldest first, in Seam's shape; made whether somebody is told or not."""
        self._by_key: dict[tuple[str, str], str] = {}
        self._contacts: dict[str, str] = {}
        self._dying: dict[str, datetime] = {}
        """Grants, identities and Spaces that are being deleted, and when that began."""
        self.action_attempts: dict[str, Json] = {}
        self.unlock_delay = timedelta(seconds=1)
        self.unlocked_from_afar: list[tuple[str, datetime]] = []
        """Which device, and when."""
        self.encoders: dict[str, Json] = {}
        self.encode_delay = timedelta(seconds=1)
        self.cards: dict[str, str | None] = {}
        """What lies on an encoder: the access method whose card it is; None: an empty card."""
        self._encoders_off: set[str] = set()
        self._next_encode: dict[str, str] = {}
        """What the next writing of a card fails with, by encoder."""
        self._locks = Locks()
        self._ways: dict[str, Ways] = {}
        self._agenda: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        """What is to happen, and when."""
        self._turns = itertools.count()
        self._planned: dict[tuple[str, str], int] = {}
        """The latest thing that is to happen to a method at a door; earlier plans are void."""
        self._outstanding: dict[str, set[str]] = {}
        """Doors that have yet to learn of a method; "" where it waits for something else."""
        self._out_of_reach: dict[str, list[Callable[[datetime], None]]] = {}
        """What waits for a lock that does not answer."""
        self._writes: dict[str, list[datetime]] = {}
        self._merged: dict[str, str] = {}
        """Ids of identities that were merged into others, and into which."""
        self._direct_doors: dict[str, tuple[str, ...]] = {}
        """Doors that a grant names beside its Spaces."""
        self._grants_of_space: dict[str, set[str]] = {}
        self._grants_of_user: dict[str, set[str]] = {}
        self._text: dict[str, str] = {}
        self._random = random.Random(seed)
        # Apart from the others, so that a seed gives the same ids and PINs with and without events.
        self._event_ids = random.Random(seed + 2)
        self._grant_of_method: dict[str, str] = {}
        self._workspace_id = self._id()
        self.in_systems = SystemUsers(self._workspace_id, seed + 3, lambda: _text(self.now()))
        """Guests as users of access systems, and their credentials there: they come and go with grants."""
        self._customer_of_door: dict[str, str] = {}
        self._doors_to_be: dict[str, list[str]] = {}

    # --- for tests and the demo ---------------------------------------------------------------------------------------

    def add_account(self, customer_key: str | None, provider: str = "salto_ks") -> str:
        """A lock system that the customer has connected; returns its id. The customer's next doors belong to it."""
        with self._lock:
            title, system_type, _, _ = _PROVIDERS[provider]
            account_id = self._other_id()
            self.accounts[account_id] = {
                "connected_account_id": account_id,
                "account_type": provider,
                "account_type_display_name": title,
                "display_name": f"{title} of {customer_key or 'the workspace'}",
                "created_at": _text(self.now()),
                "accepted_capabilities": ["lock", "access_control"],
                "automatically_manage_new_devices": True,
                "custom_metadata": {},
                "errors": [],
                "warnings": [],
                **({"customer_key": customer_key} if customer_key is not None else {}),
            }
            if system_type is not None:
                self.systems[account_id] = self._new(
                    acs_system_id=self._other_id(),
                    connected_account_id=account_id,
                    connected_account_ids=[account_id],
                    name=f"{title} site",
                    external_type=system_type,
                    external_type_display_name=f"{title} site",
                    system_type=system_type,
                    system_type_display_name=f"{title} site",
                    image_url=f"https://connect.getseam.com/assets/images/acs_systems/{system_type}.png",
                    image_alt_text=f"{title} site",
                    is_credential_manager=False,
                    location={"time_zone": None},
                    acs_user_count=0,
                    acs_access_group_count=0,
                )
            self._tell_of_account("connected", self.accounts[account_id])
            return account_id

    def add_entrance(
        self,
        name: str,
        space_key: str | None = None,
        can_belong_to_reservation: bool = False,
        customer_key: str | None = None,
        ways: Ways | None = None,
    ) -> str:
        """A door of an access system, in the Space that is named (as soon as that exists); returns its id. One that
        `can_belong_to_reservation` is an override lock: a newer key throws out those of other reservations."""
        with self._lock:
            entrance_id = self._id()
            self._ways[entrance_id] = ways or Ways()
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
        ways: Ways | None = None,
        slots: int | None = None,
    ) -> str:
        """A lock that stands alone, in the Space that is named (as soon as that exists); returns its id. `able`: what
        it can do; a thermostat can only `thermostat`."""
        with self._lock:
            device_id = self._other_id()
            self._ways[device_id] = ways or Ways()
            account_id = self._account_for(space_key, customer_key, entrances=False)
            provider = self.accounts[account_id]["account_type"]
            title, _, device_type, maker = _PROVIDERS[provider]
            brand = {"device_provider_name": provider, "display_name": title, "provider_category": "stable"}
            self.devices[device_id] = self._new(
                device_id=device_id,
                connected_account_id=account_id,
                device_type=device_type,
                device_manufacturer={"manufacturer": maker, "display_name": title},
                device_provider=brand,
                display_name=name,
                nickname=name,
                capabilities_supported=list(able),
                can_program_online_access_codes="access_code" in able,
                can_unlock_with_code="access_code" in able,
                can_remotely_unlock="lock" in able,
                custom_metadata={},
                is_managed=True,
                properties={
                    "online": True,
                    "name": name,
                    "appearance": {"name": name},
                    "model": {"display_name": f"{title} lock", "manufacturer_display_name": title},
                    "manufacturer": maker,
                    "battery_level": 0.9,
                    "locked": True,
                    "supported_code_lengths": list(self._ways[device_id].pin_lengths),
                },
                space_ids=[],
            )
            if slots is not None:
                self.devices[device_id]["properties"]["max_active_codes_supported"] = slots
            self._place(device_id, space_key, customer_key)
            return device_id

    def add_encoder(self, name: str, customer_key: str | None = None) -> str:
        """What writes cards at a desk of the customer's latest access system; returns its id."""
        with self._lock:
            encoder_id = self._other_id()
            account_id = self._account_for(None, customer_key, entrances=True)
            system_id = self.systems[account_id]["acs_system_id"]
            self.encoders[encoder_id] = {
                "acs_encoder_id": encoder_id,
                "acs_system_id": system_id,
                "connected_account_id": account_id,
                "workspace_id": self._workspace_id,
                "display_name": name,
                "created_at": _text(self.now()),
                "errors": [],
            }
            self._tell_of_encoder("added", encoder_id)
            return encoder_id

    def remove_encoder(self, encoder_id: str) -> None:
        """Somebody takes it out of the lock maker's system: Seam goes on listing it, with an error."""
        with self._as_of_now():
            words = "the encoder was removed"
            self.encoders[encoder_id]["errors"].append(self._trouble("error_code", "acs_encoder_removed", words))
            self._tell_of_encoder("removed", encoder_id)

    def _tell_of_encoder(self, what: str, encoder_id: str) -> None:
        ids = _present(self.encoders[encoder_id], "acs_encoder_id", "acs_system_id", "connected_account_id")
        self.tell(f"acs_encoder.{what}", **ids)

    def lay_card(self, encoder_id: str) -> None:
        """Somebody lays an empty card on an encoder; another one that lay there is taken away."""
        with self._as_of_now():
            self.cards[encoder_id] = None

    def take_card(self, encoder_id: str) -> str | None:
        """Somebody takes the card away; returns the access method that was written onto it, if one was."""
        with self._as_of_now():
            return self.cards.pop(encoder_id, None)

    def unplug_encoder(self, encoder_id: str) -> None:
        """Nothing reaches it. Seam has no event of this."""
        with self._as_of_now():
            self._encoders_off.add(encoder_id)

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
            hers = (one for one in self.accounts.values() if one.get("customer_key") == customer)
            again = next((one for one in hers if one["account_type"] == provider), None)
            if again is not None:
                account_id = str(again["connected_account_id"])
                self._heal(again)
            else:
                account_id = self.add_account(customer, provider)
            webview.update(
                status="authorized",
                login_successful=True,
                connected_account_id=account_id,
                selected_provider=provider,
                authorized_at=_text(self.now()),
            )
            self.tell(
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
            self.tell("connect_webview.login_failed", connect_webview_id=webview_id)

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

    def remove_door(self, door_id: str) -> None:
        """Somebody takes the lock off the door, or out of the lock maker's system: what it held opens nothing."""
        with self._as_of_now():
            door = self._door(door_id)
            kind = "entrance" if door_id in self.entrances else "device"
            door["errors"].append(self._trouble("error_code", f"{kind}_removed", f"the {kind} was removed"))
            if kind == "device":
                door["errors"][-1]["is_device_error"] = True
            for held in self._locks.in_door(door_id):
                self._locks.erase(door_id, held.access_method_id, self.now())
            if kind == "entrance":
                fields = _present(door, "acs_system_id", "connected_account_id")
                self.tell("acs_entrance.removed", acs_entrance_id=door_id, **fields)
            else:
                self._tell_of_device("removed", door_id)

    def drain(self, door_id: str, level: float) -> None:
        """The lock's battery is at this level (0 to 1) from now on. Seam has an event of this for devices only."""
        with self._as_of_now():
            status = "critical" if level < 0.1 else "low" if level < 0.25 else "good" if level < 0.9 else "full"
            if door_id in self.entrances:
                words = {"critical": "very_low", "low": "low", "good": "good", "full": "fresh"}
                self.entrances[door_id].get("salto_ks_metadata", {})["battery_level"] = words[status]
                return
            device = self.devices[door_id]
            before = device["properties"].get("battery", {}).get("status", "full")
            device["properties"]["battery_level"] = level
            device["properties"]["battery"] = {"level": level, "status": status}
            if status == before:
                return
            self._tell_of_device("battery_status_changed", door_id, battery_status=status, battery_level=level)
            if status in ("critical", "low"):
                self._tell_of_device("low_battery", door_id, battery_level=level)

    def use_code(self, door_id: str, code: str) -> bool:
        """Somebody types a PIN at a lock; whether it opens. Seam hears of it from every lock that is online."""
        with self._as_of_now():
            fits = [held for held in self.opens().get(door_id, ()) if held.pin == code]
            opens = bool(fits)
            if self.is_online(door_id):
                door = self._door(door_id)
                fields: Json = {"connected_account_id": door["connected_account_id"]}
                if door_id in self.entrances:
                    fields |= {"acs_entrance_id": door_id, "acs_system_id": door["acs_system_id"]}
                else:
                    fields["device_id"] = door_id
                if opens:
                    fields |= {"method": "keycode", "code": code, "access_code_is_managed": True}
                    if door_id in self.devices:
                        fields["access_code_id"] = _code_id(fits[0])
                self.tell("lock.unlocked" if opens else "lock.access_denied", **fields)
            return opens

    def set_by_others(self, device_id: str, code: str, name: str = "") -> str:
        """Another system, or somebody at the lock, sets a PIN on a device; returns Seam's id of it."""
        with self._as_of_now():
            code_id = self._other_id()
            self.unmanaged_codes[code_id] = self._new(
                access_code_id=code_id,
                device_id=device_id,
                name=name or None,
                code=code,
                type="ongoing",
                status="set",
                is_managed=False,
            )
            self._tell_of_unmanaged("created", code_id)
            return code_id

    def remove_by_others(self, code_id: str) -> None:
        """Whoever set a PIN on a device takes it away."""
        with self._as_of_now():
            self._tell_of_unmanaged("removed", code_id)
            del self.unmanaged_codes[code_id]

    def _tell_of_unmanaged(self, what: str, code_id: str) -> None:
        device_id = self.unmanaged_codes[code_id]["device_id"]
        account_id = self.devices[device_id]["connected_account_id"]
        fields: Json = {"access_code_id": code_id, "device_id": device_id, "connected_account_id": account_id}
        self.tell(f"access_code.unmanaged.{what}", **fields)

    def tamper(self, device_id: str) -> None:
        """The lock says that somebody tampers with it: an event is all that Seam has of this."""
        with self._as_of_now():
            self._tell_of_device("tampered", device_id)

    def _put_into(self, space: Json, door_id: str) -> None:
        self._door(door_id)["space_ids"].append(space["space_id"])
        space["acs_entrance_count" if door_id in self.entrances else "device_count"] += 1
        if (customer := space.get("customer_key")) is not None:
            self._customer_of_door.setdefault(door_id, customer)
        self._text.pop(space["space_id"], None)

    def _door(self, door_id: str) -> Json:
        return self.entrances[door_id] if door_id in self.entrances else self.devices[door_id]

    def space_by_key(self, key: str) -> Json | None:
        self._pass_time()
        return self.spaces.get(self._by_key.get(("space", key), ""))

    def identity_by_key(self, key: str) -> Json | None:
        return self.user_identities.get(self._by_key.get(("user_identity", key), ""))

    def grant_by_key(self, key: str) -> Json | None:
        with self._as_of_now():
            return self.access_grants.get(self._by_key.get(("access_grant", key), ""))

    def live_grants(self) -> list[Json]:
        """Grants that are not being deleted."""
        with self._as_of_now():
            return [grant for key, grant in self.access_grants.items() if key not in self._dying]

    def code_of(self, access_grant_key: str) -> str | None:
        """The PIN of a grant."""
        grant = self.grant_by_key(access_grant_key)
        for method_id in (grant or {}).get("access_method_ids", []):
            method = self.access_methods[method_id]
            if method["mode"] == "code":
                return str(method["code"])
        return None

    def opens(self, at: datetime | None = None) -> dict[str, list[Held]]:
        """What opens which door now, or did at that instant: by the door's id, every PIN or other key that its lock
        holds and takes then. From the locks' point of view: what they hold, whatever was asked for."""
        with self._as_of_now():
            now = self.now()
            found = self._locks.opened(at) if at is not None and at < now else self._locks.open_now(at or now)
            doors: dict[str, list[Held]] = {}
            for held in found:
                doors.setdefault(held.door_id, []).append(held)
            return doors

    @property
    def door_log(self) -> list[Held]:
        """Everything that any lock ever held, in the order of writing; what is in a lock still has no `until`."""
        with self._as_of_now():
            return list(self._locks.log)

    def remove(self, kind: str, key: str) -> None:
        """Deletes a resource behind everybody's back, at once, with what hangs on it."""
        with self._as_of_now():
            resource_id = self._by_key.pop((kind, key))
            if kind == "access_grant":
                self._bury(resource_id)
            elif kind == "space":
                self._drop_space(resource_id, self.now())
            else:
                for grant_id in list(self._grants_of_user.get(resource_id, ())):
                    self._bury(grant_id)
                if resource_id in self.user_identities:
                    self._drop_identity(resource_id)

    def edit_grant(self, key: str, **fields: Any) -> None:
        """Changes a grant behind everybody's back."""
        with self._lock:
            grant = self.grant_by_key(key)
            assert grant is not None
            grant.update(fields)
            self._text.pop(grant["access_grant_id"], None)
            if "starts_at" in fields or "ends_at" in fields:
                for method_id in grant["access_method_ids"]:
                    for held in self._locks.of_method(method_id):
                        self._put_in(method_id, held.door_id, self.now())
                self._tell_of_times(grant)

    def tick(self) -> None:
        """Lets what is due happen, without a call that would."""
        with self._as_of_now():
            pass

    def fail_to_issue(self, key: str, why: str) -> None:
        """The grant's keys do not reach the lock, until its times change or somebody issues them again."""
        with self._lock:
            for method in self._methods_of(key):
                self._call_off(method["access_method_id"])
                self._take_out(method["access_method_id"])
                method["is_issued"] = False
                method["errors"].append(self._trouble("error_code", "failed_to_issue", why))
                self._tell_of_method("failed_to_issue", method)

    def could_not_create(self, key: str, why: str) -> None:
        """The grant's keys cannot be made at all, say because the lock takes no codes."""
        with self._lock:
            grant = self._grant(key)
            for method in self._methods_of(key):
                if not method["is_issued"]:
                    self._call_off(method["access_method_id"])
            self._could_not_create(grant, why)

    def _could_not_create(self, grant: Json, why: str) -> None:
        grant["errors"].append(self._trouble("error_code", "cannot_create_requested_access_methods", why))
        self._text.pop(grant["access_grant_id"], None)
        self.tell(
            "access_grant.could_not_create_requested_access_methods",
            access_grant_id=grant["access_grant_id"],
            error_message=why,
        )

    def delay_issue(self, key: str, by: timedelta = timedelta(minutes=10)) -> None:
        """The grant's keys reach the lock that much later than they should."""
        with self._lock:
            for method in self._methods_of(key):
                method["is_issued"] = False
                self._take_out(method["access_method_id"])
                self._program(method["access_method_id"], by)
                words = self._trouble("warning_code", "delay_in_issuing", "the lock does not answer yet")
                method["warnings"].append(words)
                self._tell_of_method("delay_in_issuing", method)

    def reissue(self, key: str, pin: str) -> None:
        """The grant's door codes become this one, at once: say, because the lock's maker drew a new one."""
        with self._lock:
            for method in self._methods_of(key):
                if method["mode"] == "code":
                    method["code"] = pin
                    self._issue_at_once(method, "reissued")

    def encode_card(self, key: str) -> None:
        """Somebody puts the grant's cards on the encoder. Raises `ValueError` where Seam refuses that: no card waits
        for it, or the access system has not received all that the card needs."""
        with self._lock:
            cards = [method for method in self._methods_of(key) if method["mode"] == "card"]
            if not cards or not all(card["is_ready_for_encoding"] for card in cards):
                raise ValueError("the card is not ready to be encoded")
            for card in cards:
                self._encoded(card)

    def _issue_at_once(self, method: Json, what: str) -> None:
        method_id = method["access_method_id"]
        self._call_off(method_id)
        grant = self.access_grants[self._grant_of_method[method_id]]
        for door_id in self._targets(grant, method["mode"]):
            self._put_in(method_id, door_id, self.now())
        self._issue(method, what)

    def merge(self, survivor_key: str, *merged_keys: str) -> None:
        """Somebody merges people in Seam's console."""
        with self._lock:
            self.user_identities_merge({"user_identity_key": survivor_key, "merged_user_identity_keys": merged_keys})

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
        identity, a grant, an access method, an entrance, a device, an access system, one of its users or credentials,
        a Connected Account. They stay until `clear_troubles`. `fields`: what the contract has beside the code
        (`failed_devices`, `new_code`, ...)."""
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

    def alter(self, seam_id: str, **fields: Any) -> Json:
        """Sets fields of a resource as somebody else might, without an event; what they were before comes back."""
        with self._lock:
            resource = self._resource(seam_id)
            before = {name: resource[name] for name in fields}
            resource.update(fields)
            self._text.pop(seam_id, None)
            return before

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
            self.in_systems.users,
            self.in_systems.credentials,
        ):
            if seam_id in resources:
                return resources[seam_id]
        for system in self.systems.values():
            if system["acs_system_id"] == seam_id:
                return system
        raise KeyError(seam_id)

    def unplug(self, door_id: str) -> None:
        """The lock is out of reach. Seam has an event of this for devices, and none for entrances."""
        with self._as_of_now():
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
            self._tell_of_device(
                "disconnected",
                door_id,
                error_code="device_disconnected",
                device_errors=[trouble],
                device_warnings=[],
                **_troubles("connected_account", account),
            )

    def plug_in(self, door_id: str) -> None:
        with self._as_of_now():
            if self.is_online(door_id):
                return
            if door_id in self.entrances:
                self.entrances[door_id].get("salto_ks_metadata", {})["online"] = True
                self._within_reach(door_id)
                return
            device = self.devices[door_id]
            device["properties"]["online"] = True
            device["errors"] = [one for one in device["errors"] if one["error_code"] != "device_disconnected"]
            self._tell_of_device("connected", door_id)
            self._within_reach(door_id)

    def is_online(self, door_id: str) -> bool:
        """Whether the lock answers; entrances of most systems do not tell, and count as online."""
        door = self._door(door_id)
        told = door["properties"] if door_id in self.devices else door.get("salto_ks_metadata", {})
        return bool(told.get("online", True))

    def disconnect_account(self, customer_key: str | None, account_id: str | None = None) -> None:
        """The customer's lock systems (or the one of that account) no longer let Seam in. Raises `KeyError` where there
        are none."""
        with self._as_of_now():
            for account in self._accounts_of(customer_key):
                if account["errors"] or account_id not in (None, account["connected_account_id"]):
                    continue
                trouble = self._trouble("error_code", "account_disconnected", "the account must be connected again")
                for broken in self._belongings(account):
                    device = broken.get("device_id") in self.devices
                    more = {"is_device_error": False, "is_connected_account_error": True} if device else {}
                    broken["errors"].append({**trouble, **more})
                self._tell_of_account("disconnected", account)
                self._tell_of_system("disconnected", account)

    def reconnect_account(self, customer_key: str | None) -> None:
        with self._as_of_now():
            for account in self._accounts_of(customer_key):
                if not account["errors"]:
                    continue
                self._heal(account)
                self._tell_of_account("connected", account)
                self._tell_of_system("connected", account)
                for one in self._belongings(account):
                    self._within_reach(one.get("acs_entrance_id") or one.get("device_id") or "")

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

    def _heal(self, account: Json) -> None:
        for healed in self._belongings(account):
            healed["errors"] = [one for one in healed["errors"] if one["error_code"] != "account_disconnected"]

    def _grant(self, key: str) -> Json:
        grant = self.grant_by_key(key)
        if grant is None:
            raise KeyError(key)
        return grant

    def _methods_of(self, key: str) -> list[Json]:
        return [self.access_methods[one] for one in self._grant(key)["access_method_ids"]]

    def _trouble(self, kind: str, code: str, message: str) -> Json:
        return {kind: code, "message": message, "created_at": _text(self.now())}

    # --- what happens by itself -------------------------------------------------------------------------------------

    def _at(self, when: datetime, act: Callable[[datetime], None]) -> None:
        heapq.heappush(self._agenda, (when, next(self._turns), act))

    @contextmanager
    def _as_of_now(self) -> Iterator[None]:
        """One at a time, and after all that is due."""
        with self._lock:
            self._pass_time()
            yield

    def _pass_time(self) -> None:
        """Lets everything happen whose time has come, in its order, and as of its own time."""
        now = self.now()
        while self._agenda and self._agenda[0][0] <= now:
            when, _, act = heapq.heappop(self._agenda)
            act(when)

    def _plan(self, method_id: str, door_id: str, when: datetime, act: Callable[[datetime], None]) -> None:
        """Something is to happen to a method at a door, unless something else is planned for it there until then."""
        turn = next(self._turns)
        self._planned[method_id, door_id] = turn
        self._outstanding.setdefault(method_id, set()).add(door_id)

        def due(at: datetime) -> None:
            if self._planned.get((method_id, door_id)) != turn:
                return
            if not self._answers(door_id):
                self._out_of_reach.setdefault(door_id, []).append(due)
                return
            del self._planned[method_id, door_id]
            act(at)

        self._at(when, due)

    def _call_off(self, method_id: str) -> None:
        """Nothing that was planned for this method happens."""
        for door_id in self._outstanding.pop(method_id, ()):
            self._planned.pop((method_id, door_id), None)

    def _answers(self, door_id: str) -> bool:
        """Whether Seam can tell a lock anything."""
        if door_id not in self.entrances and door_id not in self.devices:
            return True
        out = {"account_disconnected", "device_removed", "entrance_removed"}
        return self.is_online(door_id) and not any(one["error_code"] in out for one in self._door(door_id)["errors"])

    def _within_reach(self, door_id: str) -> None:
        """The lock answers again, perhaps: what waited for it is tried."""
        for due in self._out_of_reach.pop(door_id, []):
            due(self.now())

    def _targets(self, grant: Json, mode: str) -> list[str]:
        """The doors that a grant opens in this way."""
        spaces = {*grant["space_ids"]} & self.spaces.keys()
        direct = self._direct_doors.get(grant["access_grant_id"], ())
        found = []
        for door_id, door in (*self.entrances.items(), *self.devices.items()):
            if door_id not in direct and spaces.isdisjoint(door["space_ids"]):
                continue
            if door_id in self.devices:
                able = door["capabilities_supported"]
                takes = "access_code" in able if mode == "code" else mode != "card" and "lock" in able
            else:
                takes = door["can_unlock_with_code"] if mode == "code" else True
            if takes:
                found.append(door_id)
        return found

    def _program(self, method_id: str, after: timedelta | None = None) -> None:
        """Has the locks learn of a method as its grant is now, when it is time to: they hold what they held until
        then, but for a code whose times change, which is out of the lock in between."""
        method = self.access_methods[method_id]
        grant = self.access_grants[self._grant_of_method[method_id]]
        self._call_off(method_id)
        now = self.now()
        targets = self._targets(grant, method["mode"])
        self._enrol(grant, method, targets)
        if method["mode"] == "card":
            self._prepare_card(method)
            return
        starts_at, ends_at = _times(grant)
        there = {held.door_id: held for held in self._locks.of_method(method_id)}
        for door_id in there.keys() - set(targets):
            self._plan(method_id, door_id, now, partial(self._leave_door, method_id, door_id))
        for door_id in targets or [""]:
            held = there.get(door_id)
            if held is not None and (held.pin, held.starts_at, held.ends_at) == (
                method.get("code"),
                starts_at,
                ends_at,
            ):
                continue
            if held is not None and self._answers(door_id):
                self._locks.erase(door_id, method_id, now)
            self._plan(
                method_id,
                door_id,
                self._when_written(door_id, starts_at, after),
                partial(self._arrive, method_id, door_id),
            )
        if not self._outstanding.get(method_id):
            if not method["is_issued"]:
                self._issue(method)
            return
        self._at(max(starts_at - _LATE, now + self.issue_delay), lambda at: self._complain(method_id, "late"))
        self._at(max(starts_at, now + self.issue_delay), lambda at: self._complain(method_id, "failed"))

    def _enrol(self, grant: Json, method: Json, targets: Iterable[str]) -> None:
        """The guest becomes a user of the access systems whose entrances she gets."""
        accounts = dict.fromkeys(
            self.entrances[one]["connected_account_id"] for one in targets if one in self.entrances
        )
        identity = self.user_identities[grant["user_identity_id"]]
        if self.in_systems.enrol(identity, method, [self.systems[one] for one in accounts]):
            self._text.pop(identity["user_identity_id"], None)

    def _when_written(self, door_id: str, starts_at: datetime, after: timedelta | None) -> datetime:
        when = self.now()
        if self.just_in_time and door_id in self._ways:
            ahead = _AHEAD if self._ways[door_id].schedules_itself else _AHEAD_UNSCHEDULED
            when = max(when, starts_at - ahead)
        when += self.issue_delay if after is None else after
        if self.creates_a_minute and door_id:
            # What is to be written in days keeps nothing from being written now.
            span, taken = timedelta(minutes=1) / self.creates_a_minute, self._writes.setdefault(door_id, [])
            taken[:] = [one for one in taken if one > self.now() - span]
            while any(abs(one - when) < span for one in taken):
                when += span
            taken.append(when)
        return when

    def _arrive(self, method_id: str, door_id: str, at: datetime) -> None:
        """A key has reached a lock."""
        self._put_in(method_id, door_id, at)
        self._one_less(method_id, door_id)
        if door_id in self.entrances:
            grant_id = self._grant_of_method[method_id]
            self.tell("access_grant.access_granted_to_door", access_grant_id=grant_id, acs_entrance_id=door_id)

    def _leave_door(self, method_id: str, door_id: str, at: datetime) -> None:
        """A key has left a lock that is no longer its own."""
        self._locks.erase(door_id, method_id, at)
        self._one_less(method_id, door_id)

    def _one_less(self, method_id: str, door_id: str) -> None:
        waiting = self._outstanding.get(method_id, set())
        waiting.discard(door_id)
        if not waiting:
            self._outstanding.pop(method_id, None)
            self._issue(self.access_methods[method_id])

    def _put_in(self, method_id: str, door_id: str, at: datetime) -> None:
        if door_id not in self.entrances and door_id not in self.devices:
            return
        method = self.access_methods[method_id]
        grant = self.access_grants[self._grant_of_method[method_id]]
        identity = self.user_identities.get(grant["user_identity_id"], {})
        starts_at, ends_at = _times(grant)
        self._locks.write(
            held := Held(
                door_id=door_id,
                mode=method["mode"],
                pin=method.get("code"),
                access_method_id=method_id,
                access_grant_id=grant["access_grant_id"],
                access_grant_key=grant.get("access_grant_key"),
                user_identity_id=grant["user_identity_id"],
                user_identity_key=identity.get("user_identity_key"),
                reservation_key=grant.get("reservation_key"),
                starts_at=starts_at,
                ends_at=ends_at,
                since=at,
            )
        )
        if self._door(door_id).get("can_belong_to_reservation"):
            self._at(max(at, starts_at), lambda when: self._override(held, when))

    def _override(self, newest: Held, at: datetime) -> None:
        """An override lock meets a newer key: the former ones are out, but for those of the same reservation."""
        if newest.until is not None and newest.until <= at:
            return
        for held in self._locks.in_door(newest.door_id):
            same = newest.reservation_key is not None and held.reservation_key == newest.reservation_key
            former = (held.starts_at, held.since) < (newest.starts_at, newest.since)
            if held is not newest and former and not same:
                self._locks.erase(held.door_id, held.access_method_id, at)

    def _take_out(self, method_id: str) -> None:
        for held in self._locks.of_method(method_id):
            self._locks.erase(held.door_id, method_id, self.now())

    def _prepare_card(self, card: Json) -> None:
        """A card waits for the access system, and then for somebody who encodes it."""
        card.update(is_issued=False, is_ready_for_encoding=False, is_encoding_required=True)
        words = "the access system has not received all that the card needs"
        card["pending_mutations"] = [
            one for one in card["pending_mutations"] if one["mutation_code"] != "waiting_for_access_on_acs_system"
        ]
        card["pending_mutations"].append(self._trouble("mutation_code", "waiting_for_access_on_acs_system", words))

        def ready(at: datetime) -> None:
            self._outstanding.pop(card["access_method_id"], None)
            if any(one["mutation_code"] == "waiting_for_access_on_acs_system" for one in card["pending_mutations"]):
                self._settle(card, "waiting_for_access_on_acs_system", *_UNTIL_ISSUED)
                card["is_ready_for_encoding"] = True
                self._tell_of_method("card_encoding_required", card)

        self._plan(card["access_method_id"], "", self.now() + self.issue_delay, ready)

    def _complain(self, method_id: str, how: str) -> None:
        """A key whose lock does not answer is late, and then it has failed; Seam goes on trying."""
        method = self.access_methods.get(method_id)
        doors = self._outstanding.get(method_id, set())
        if method is None or method["is_issued"] or all(self._answers(one) for one in doors):
            return
        kind, name, code = (
            ("warning_code", "warnings", "delay_in_issuing")
            if how == "late"
            else ("error_code", "errors", "failed_to_issue")
        )
        if all(one[kind] != code for one in method[name]):
            method[name].append(self._trouble(kind, code, "the lock does not answer"))
            self._tell_of_method(code, method)

    def _issue(self, method: Json, what: str = "issued") -> None:
        """The key works. What stood in its way no longer does."""
        grant = self.access_grants[self._grant_of_method[method["access_method_id"]]]
        already = method["is_issued"] and what == "issued"
        method.update(is_issued=True, issued_at=_text(self.now()), display_status="Issued")
        if method["mode"] == "mobile_key":
            method["instant_key_url"] = f"https://ik.seam.co/{method['access_method_id'][:8].upper()}"
        self._settle(method, *_UNTIL_ISSUED)
        if all(self.access_methods[one]["is_issued"] for one in grant["access_method_ids"]):
            self._settle(grant, *_UNTIL_ISSUED)
            grant["display_status"] = "Ready"
        if not already:
            self._tell_of_method(what, method)
            if all(self.access_methods[one]["is_issued"] for one in grant["access_method_ids"]):
                self.tell("access_grant.access_granted_to_all_doors", access_grant_id=grant["access_grant_id"])

    def _settle(self, resource: Json, *codes: str) -> None:
        """These are over."""
        for name in ("errors", "warnings", "pending_mutations"):
            resource[name] = [one for one in resource[name] if not set(codes) & set(map(str, one.values()))]
        self._text.pop(resource.get("access_grant_id", ""), None)

    def _start_deleting(self, kind: str, resource_id: str, resource: Json) -> bool:
        """Marks it as being deleted; False where it was already."""
        if resource_id in self._dying:
            return False
        self._dying[resource_id] = self.now()
        words = f"the {kind.replace('_', ' ')} is being deleted"
        resource["warnings"].append(self._trouble("warning_code", "being_deleted", words))
        self._text.pop(resource_id, None)
        return True

    def _delete_grant(self, grant_id: str, at: datetime | None = None) -> None:
        grant = self.access_grants[grant_id]
        if not self._start_deleting("access_grant", grant_id, grant):
            return
        grant["display_status"] = "Being deleted"
        for method_id in grant["access_method_ids"]:
            self._call_off(method_id)
            method = self.access_methods[method_id]
            words = "the access method is being deleted"
            method["warnings"].append(self._trouble("warning_code", "being_deleted", words))
        self._at((at or self.now()) + self.delete_delay, lambda at: self._end_grant(grant_id, at))

    def _end_grant(self, grant_id: str, at: datetime) -> None:
        """Takes a grant's keys out of their locks; the grant is gone once no lock holds one any more."""
        if grant_id not in self._dying:
            return
        waits_for: set[str] = set()
        for method_id in self.access_grants[grant_id]["access_method_ids"]:
            for held in self._locks.of_method(method_id):
                if not self._ways[held.door_id].forgets:
                    continue
                if self._answers(held.door_id):
                    self._locks.erase(held.door_id, method_id, at)
                else:
                    waits_for.add(held.door_id)
        for door_id in waits_for:
            self._out_of_reach.setdefault(door_id, []).append(lambda when: self._end_grant(grant_id, when))
        if not waits_for:
            self._bury(grant_id)

    # --- events -----------------------------------------------------------------------------------------------------

    def tell(self, event_type: str, **fields: Any) -> None:
        """Makes an event, and posts it where somebody is to be told."""
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

    def _tell_of_device(self, what: str, device_id: str, **more: Any) -> None:
        account = self.accounts[self.devices[device_id]["connected_account_id"]]
        ids = _present(account, "connected_account_id", "customer_key")
        self.tell(f"device.{what}", device_id=device_id, **ids, **more)

    def _tell_of_times(self, grant: Json) -> None:
        fields = _present(grant, "access_grant_key", "starts_at", "ends_at")
        self.tell("access_grant.access_times_changed", access_grant_id=grant["access_grant_id"], **fields)

    def _tell_of_method(self, what: str, method: Json) -> None:
        grant = self.access_grants[self._grant_of_method[method["access_method_id"]]]
        fields: Json = {"access_grant_ids": [grant["access_grant_id"]]}
        if "access_grant_key" in grant:
            fields["access_grant_keys"] = [grant["access_grant_key"]]
        if what in ("issued", "reissued") and method.get("code"):
            fields["code"] = method["code"]
        self.tell(f"access_method.{what}", access_method_id=method["access_method_id"], **fields)

    def _tell_of_space(self, what: str, space: Json) -> None:
        space_id = space["space_id"]
        self.tell(
            f"space.{what}",
            space_id=space_id,
            acs_entrance_ids=[one for one, door in self.entrances.items() if space_id in door["space_ids"]],
            device_ids=[one for one, door in self.devices.items() if space_id in door["space_ids"]],
            **_present(space, "space_key"),
        )

    def _tell_of_account(self, what: str, account: Json) -> None:
        fields = _present(account, "customer_key") if what == "connected" else _troubles("connected_account", account)
        self.tell(f"connected_account.{what}", connected_account_id=account["connected_account_id"], **fields)

    def _tell_of_system(self, what: str, account: Json) -> None:
        system = self.systems.get(account["connected_account_id"])
        if system is None:
            return
        fields: Json = {}
        if what == "disconnected":
            fields = {**_troubles("acs_system", system), **_troubles("connected_account", account)}
        self.tell(
            f"acs_system.{what}",
            acs_system_id=system["acs_system_id"],
            connected_account_id=account["connected_account_id"],
            **fields,
        )

    # --- the API ---

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if self.faults.latency:
            time.sleep(self.faults.latency)
        return super().handle(method, path, query, headers, body)

    def answered(self, request: Request) -> Answer:
        faults, luck = self.faults, self._luck.random()
        self.calls[request.path] += 1
        if luck < faults.too_many:
            extra = {"Retry-After": faults.retry_after} if faults.retry_after is not None else {}
            if faults.plain_too_many:
                return Answer(429, b"Too Many Requests", {"Content-Type": "text/plain", **extra})
            words = {"type": "too_many_requests", "message": "Too many requests: try again later"}
            return Answer(429, json.dumps({"error": words, "ok": False}).encode(), extra)
        if luck < faults.too_many + faults.fail_before:
            return self.unavailable()
        try:
            text = self._answer(request.method, request.path, request.query, request.headers, request.body)
            answer = Answer(200, text.encode())
        except Refusal as refusal:
            error: Json = {"type": refusal.kind, "message": str(refusal)}
            if refusal.kind == "invalid_input":
                error["validation_errors"] = {
                    "_errors": [],
                    **{name: {"_errors": [words]} for name, words in refusal.fields.items()},
                }
            answer = Answer(refusal.status, json.dumps({"error": error, "ok": False}).encode())
        if self.record:
            self.answers.append((request.method, request.path, answer.status, answer.body))
        answer.drop = luck > 1 - faults.lose_answer
        return answer

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> str:
        if path not in ENDPOINTS:
            raise Refusal(404, "not_found", f"no route {path}")
        verb, fields = ENDPOINTS[path]
        if method not in (verb, "POST"):
            raise Refusal(404, "not_found", f"no route {method} {path}")
        if headers.get("authorization", "") != f"Bearer {self.api_key}":
            raise Refusal(401, "unauthorized", "invalid api key")
        # The SDK asks for strict reading of its own query strings.
        query = {name: values for name, values in query.items() if name != "_strict"}
        if method in ("GET", "DELETE") and query:
            parameters = from_query(query, fields)
        elif body:
            try:
                parameters = json.loads(body)
            except ValueError:
                raise invalid("the body is not JSON") from None
            if not isinstance(parameters, dict):
                raise invalid("the body is not an object")
        else:
            parameters = {}
        if self.record:
            self.requests.append((method, path, parameters))
        check(parameters, fields)
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

    # --- events -------------------------------------------------------------------------------------------------------

    def events_list(self, given: Json) -> str:
        """The newest first; Seam's description says nothing of their order."""
        if "since" not in given and "between" not in given:
            raise invalid("since or between has to be there", since="required")
        since, until = given.get("between", (given.get("since", ""), "9999"))
        ids = {"device_id", "acs_entrance_id", "connected_account_id", "access_grant_id", "user_identity_id"}
        found = [
            one
            for one in reversed(self.events)
            if since < one["created_at"] < until
            and one["event_type"] in given.get("event_types", [one["event_type"]])
            and one["event_type"] == given.get("event_type", one["event_type"])
            and all(one.get(name) == given[name] for name in ids & given.keys())
            and ("customer_key" not in given or self._customer_of(one) == given["customer_key"])
        ]
        start = int(given.get("unstable_offset", 0))
        return _ok(events=json.dumps(found[start : start + int(given.get("limit", 500))]))

    def _customer_of(self, event: Json) -> str | None:
        """Whose an event of a lock or an account is."""
        account = self.accounts.get(event.get("connected_account_id", ""), {})
        told: str | None = event.get("customer_key") or account.get("customer_key")
        return told

    # --- doors that are opened from afar ------------------------------------------------------------------------------

    def locks_unlock_door(self, given: Json) -> str:
        device = self._one("device", self.devices, given)
        if not device.get("can_remotely_unlock"):
            raise invalid("the device cannot be unlocked from afar", device_id="not able")
        return self._attempt("UNLOCK_DOOR", self.unlock_delay, lambda attempt_id: self._unlock(attempt_id, device))

    def _attempt(self, kind: str, delay: timedelta, act: Callable[[str], None]) -> str:
        """Something is begun, and done after a while."""
        attempt_id = self._other_id()
        begun: Json = {"action_attempt_id": attempt_id, "action_type": kind, "status": "pending"}
        self.action_attempts[attempt_id] = {**begun, "result": None, "error": None}
        self._at(self.now() + delay, lambda at: act(attempt_id))
        self._pass_time()
        return _ok(action_attempt=json.dumps(self.action_attempts[attempt_id]))

    def _fail(self, attempt_id: str, kind: str, words: str) -> None:
        self.action_attempts[attempt_id] |= {"status": "error", "error": {"type": kind, "message": words}}

    def _unlock(self, attempt_id: str, device: Json) -> None:
        """The lock is told to open: one that is out of reach never hears of it."""
        device_id = device["device_id"]
        if not self._answers(device_id):
            self._fail(attempt_id, "device_disconnected", "the device does not answer")
            return
        self.unlocked_from_afar.append((device_id, self.now()))
        self.action_attempts[attempt_id] |= {"status": "success", "result": {"was_confirmed_by_device": True}}
        fields = {"connected_account_id": device["connected_account_id"], "device_id": device_id}
        self.tell("lock.unlocked", method="remote", action_attempt_id=attempt_id, **fields)

    # --- cards --------------------------------------------------------------------------------------------------------

    def acs_encoders_list(self, given: Json) -> str:
        found = [
            encoder
            for encoder_id, encoder in self.encoders.items()
            if _agrees(encoder, given, "acs_system_id")
            and ("acs_system_ids" not in given or encoder["acs_system_id"] in given["acs_system_ids"])
            and ("acs_encoder_ids" not in given or encoder_id in given["acs_encoder_ids"])
        ]
        return self._page("acs_encoders", "", found, given, 500)

    def acs_encoders_get(self, given: Json) -> str:
        return _ok(acs_encoder=json.dumps(self._encoder(given)))

    def _encoder(self, given: Json) -> Json:
        return self._one("acs_encoder", self.encoders, given)

    def acs_encoders_encode_credential(self, given: Json) -> str:
        if ("access_method_id" in given) == ("acs_credential_id" in given):
            raise invalid("give either access_method_id or acs_credential_id", acs_credential_id="required")
        if "acs_credential_id" in given:
            raise Refusal(404, "acs_credential_not_found", "there is no such credential")
        return self.access_methods_encode(given)

    def access_methods_encode(self, given: Json) -> str:
        encoder = self._encoder(given)
        method = self._one("access_method", self.access_methods, given)
        grant = self.access_grants[self._grant_of_method[method["access_method_id"]]]
        if method["mode"] != "card":
            raise invalid("only cards are encoded", access_method_id="is no card")
        if grant["access_grant_id"] in self._dying or not method["is_ready_for_encoding"]:
            raise invalid("the card is not ready", access_method_id="not ready for encoding")
        systems = {self._door(one).get("acs_system_id") for one in self._targets(grant, "card")}
        if encoder["acs_system_id"] not in systems:
            raise invalid("the encoder is of another access system", acs_encoder_id="of another access system")
        if encoder["errors"]:
            raise invalid("the encoder was removed", acs_encoder_id="removed")
        return self._attempt("ENCODE_CREDENTIAL", self.encode_delay, lambda one: self._encode(one, method, encoder))

    def _encode(self, attempt_id: str, method: Json, encoder: Json) -> None:
        """The encoder writes the card that lies on it, or says why not."""
        encoder_id, method_id = encoder["acs_encoder_id"], method["access_method_id"]
        why = self._next_encode.pop(encoder_id, None) or self._cannot_encode(encoder_id, method_id)
        if why:
            self._fail(attempt_id, why, why.replace("_", " "))
            return
        self._encoded(method)
        self.cards[encoder_id] = method_id
        credential = self._new(
            acs_credential_id=self._other_id(),
            acs_system_id=encoder["acs_system_id"],
            connected_account_id=encoder["connected_account_id"],
            access_method="card",
            card_number="164d29dc4a09b65f",
            display_name=method["display_name"],
            issued_at=_text(self.now()),
            is_issued=True,
            is_managed=True,
        )
        self.action_attempts[attempt_id] |= {"status": "success", "result": credential}

    def _cannot_encode(self, encoder_id: str, method_id: str) -> str:
        """Why an encoder writes nothing; empty where it does."""
        grant_id = self._grant_of_method.get(method_id)
        if method_id not in self.access_methods or grant_id in self._dying:
            return "credential_deleted"
        if encoder_id in self._encoders_off:
            return "encoder_not_online"
        if not self.access_methods[method_id]["is_ready_for_encoding"]:
            return "credential_cannot_be_reissued"
        return "no_credential_on_encoder" if encoder_id not in self.cards else ""

    def _encoded(self, card: Json) -> None:
        card.update(is_ready_for_encoding=False, is_encoding_required=False)
        self._issue_at_once(card, "issued" if card["issued_at"] is None else "reissued")

    def acs_encoders_simulate_next_credential_encode_will_fail(self, given: Json) -> str:
        code = given.get("error_code", "no_credential_on_encoder")
        if ("acs_credential_id" in given) and code not in ("uncategorized_error", "action_attempt_expired"):
            raise invalid("not of a credential", error_code="does not name a credential")
        self._next_encode[self._encoder(given)["acs_encoder_id"]] = code
        return _ok()

    def acs_encoders_simulate_next_credential_encode_will_succeed(self, given: Json) -> str:
        encoder_id = self._encoder(given)["acs_encoder_id"]
        self._next_encode.pop(encoder_id, None)
        self.cards.setdefault(encoder_id, None)
        return _ok()

    def action_attempts_get(self, given: Json) -> str:
        return _ok(action_attempt=json.dumps(self._one("action_attempt", self.action_attempts, given)))

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
            **_present(given, "space_key", "customer_key"),
        }
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
        found = [
            space
            for space in self.spaces.values()
            if _agrees(space, given, "customer_key", "space_key")
            and _is_found(space, given, "name", "space_key", "customer_key")
        ]
        return self._page("spaces", "space_id", found, given, 500)

    def spaces_update(self, given: Json) -> str:
        space = self._one("space", self.spaces, given)
        self._check_doors(given)
        if "name" in given:
            space["name"] = space["display_name"] = given["name"]
        space["customer_data"].update(given.get("customer_data", {}))
        self._set_doors(space, given)
        self._text.pop(space["space_id"], None)
        self.writes += 1
        return _ok(space=self._json(space["space_id"], space))

    def spaces_delete(self, given: Json) -> str:
        space = self._one("space", self.spaces, given)
        space_id = space["space_id"]
        if self._start_deleting("space", space_id, space):
            self._at(self.now() + self.delete_delay, lambda at: self._end_space(space_id, at))
            self.writes += 1
        return _ok()

    def _end_space(self, space_id: str, at: datetime) -> None:
        if space_id in self._dying:
            self._by_key.pop(("space", self.spaces[space_id].get("space_key", "")), None)
            self._drop_space(space_id, at)

    def _drop_space(self, space_id: str, at: datetime) -> None:
        """The Space is gone, and so is what was granted to it alone; its doors stand by themselves."""
        space = self.spaces.pop(space_id)
        self._dying.pop(space_id, None)
        self._text.pop(space_id, None)
        self._tell_of_space("deleted", space)
        for door in (*self.entrances.values(), *self.devices.values()):
            if space_id in door["space_ids"]:
                door["space_ids"].remove(space_id)
        for grant_id in list(self._grants_of_space.get(space_id, ())):
            if grant_id in self._dying:
                continue
            grant = self.access_grants[grant_id]
            if grant_id in self._direct_doors or any(one in self.spaces for one in grant["space_ids"]):
                self._doors_changed(grant)
            else:
                self._delete_grant(grant_id, at)

    def _doors_changed(self, grant: Json) -> None:
        """A grant opens other doors than before."""
        for method_id in grant["access_method_ids"]:
            method = self.access_methods[method_id]
            now = {held.door_id for held in self._locks.of_method(method_id)}
            then = set(self._targets(grant, method["mode"]))
            for more, code, warning in (
                (then - now, "provisioning_access", "underprovisioned_access"),
                (now - then, "revoking_access", "overprovisioned_access"),
            ):
                if not more or method["mode"] == "card":
                    continue
                mutation = self._trouble("mutation_code", code, "the locks are being told")
                change = {"from": {"device_ids": sorted(now)}, "to": {"device_ids": sorted(then)}}
                method["pending_mutations"].append({**mutation, **change})
                grant["warnings"].append(self._trouble("warning_code", warning, "not every door is as it should be"))
            self._program(method_id)
        self._text.pop(grant["access_grant_id"], None)

    def _check_doors(self, given: Json) -> None:
        for unknown in set(given.get("acs_entrance_ids", ())) - self.entrances.keys():
            raise Refusal(404, "acs_entrance_not_found", f"no entrance {unknown}")
        for unknown in set(given.get("device_ids", ())) - self.devices.keys():
            raise Refusal(404, "device_not_found", f"no device {unknown}")

    def _set_doors(self, space: Json, given: Json) -> None:
        """Makes those named the Space's doors, each kind for itself, and takes the others out."""
        space_id = space["space_id"]
        changed = False
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
                    changed = True
                elif inside and door_id not in wanted:
                    door["space_ids"].remove(space_id)
                    changed = True
            space[count] = len(wanted)
        if changed:
            self._tell_of_space("device_membership_changed", space)
            for grant_id in self._grants_of_space.get(space_id, ()):
                if grant_id not in self._dying:
                    self._doors_changed(self.access_grants[grant_id])

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
        identity = self.user_identities[identity_id] = self._new(
            user_identity_id=identity_id,
            user_identity_key=given.get("user_identity_key"),
            full_name=name,
            display_name=name or given.get("email_address") or given.get("phone_number") or "User",
            email_address=given.get("email_address"),
            phone_number=given.get("phone_number"),
            acs_user_ids=[],
            merged_user_identity_ids=[],
            merged_user_identity_keys=[],
        )
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
        if ids is not None:
            ids = {self._merged.get(one, one) for one in ids}
        searched = ("full_name", "phone_number", "email_address", "user_identity_id")
        found = [
            identity
            for identity in self.user_identities.values()
            if (ids is None or identity["user_identity_id"] in ids)
            and _is_before(identity, given)
            and _is_found(identity, given, *searched)
        ]
        return self._page("user_identities", "user_identity_id", found, given, 500)

    def user_identities_update(self, given: Json) -> str:
        identity = self._one("user_identity", self.user_identities, given)
        identity_id = identity["user_identity_id"]
        self._check_contacts(given, identity_id)
        key = given.get("user_identity_key")
        if key is not None and self._by_key.get(("user_identity", key), identity_id) != identity_id:
            raise Refusal(409, "user_identity_key_conflict", "a user identity with this key exists already")
        if "user_identity_key" in given:
            self._by_key.pop(("user_identity", identity["user_identity_key"] or ""), None)
            identity["user_identity_key"] = key
            if key is not None:
                self._by_key["user_identity", key] = identity_id
        self._forget_contacts(identity)
        for name in ("full_name", "email_address", "phone_number"):
            if name in given:
                identity[name] = given[name]
        self._show_identity(identity)
        self._note_contacts(identity)
        self.writes += 1
        return _ok()

    def _show_identity(self, identity: Json) -> None:
        identity["display_name"] = (
            identity["full_name"] or identity["email_address"] or identity["phone_number"] or "User"
        )
        self._text.pop(identity["user_identity_id"], None)

    def user_identities_merge(self, given: Json) -> str:
        """As the contract says: the survivor takes on the contacts that it lacks, the grants, and the ids and keys,
        which go on finding it. A merger that was done already changes nothing."""
        by_id, by_key = "user_identity_id" in given, "user_identity_key" in given
        if by_id == by_key or ("merged_user_identity_ids" in given) != by_id:
            words = "give user_identity_id and merged_user_identity_ids, or both keys"
            raise invalid(words, user_identity_id="required")
        survivor = self._one("user_identity", self.user_identities, given)
        others: list[Json] = []
        for one in given.get("merged_user_identity_ids") or given["merged_user_identity_keys"]:
            asked = {"user_identity_id" if by_id else "user_identity_key": one}
            other = self._one("user_identity", self.user_identities, asked)
            if other is not survivor and other not in others:
                others.append(other)
        survivor_id = survivor["user_identity_id"]
        for other in others:
            other_id = other["user_identity_id"]
            self._forget_contacts(other)
            for name in ("email_address", "phone_number"):
                survivor[name] = survivor[name] or other[name]
            survivor["merged_user_identity_ids"] += [other_id, *other["merged_user_identity_ids"]]
            keys = [one for one in (other["user_identity_key"], *other["merged_user_identity_keys"]) if one]
            survivor["merged_user_identity_keys"] += keys
            for key in keys:
                self._by_key["user_identity", key] = survivor_id
            for merged_id in (other_id, *other["merged_user_identity_ids"]):
                self._merged[merged_id] = survivor_id
            self.in_systems.merge(survivor, other)
            for grant_id in self._grants_of_user.pop(other_id, set()):
                self.access_grants[grant_id]["user_identity_id"] = survivor_id
                self._text.pop(grant_id, None)
                self._grants_of_user.setdefault(survivor_id, set()).add(grant_id)
            del self.user_identities[other_id]
            self._text.pop(other_id, None)
            self.writes += 1
        self._note_contacts(survivor)
        self._show_identity(survivor)
        return _ok()

    def user_identities_delete(self, given: Json) -> str:
        """What hangs on it goes with it."""
        identity = self._one("user_identity", self.user_identities, given)
        identity_id = identity["user_identity_id"]
        if not self._grants_of_user.get(identity_id):
            self._drop_identity(identity_id)
            self.writes += 1
        elif self._start_deleting("user_identity", identity_id, identity):
            for grant_id in self._grants_of_user[identity_id]:
                self._delete_grant(grant_id)
            self.writes += 1
        return _ok()

    def _drop_identity(self, identity_id: str) -> None:
        identity = self.user_identities.pop(identity_id)
        self._dying.pop(identity_id, None)
        self._text.pop(identity_id, None)
        for key in (identity["user_identity_key"], *identity["merged_user_identity_keys"]):
            self._by_key.pop(("user_identity", key or ""), None)
        self._forget_contacts(identity)

    def _check_contacts(self, given: Json, own_id: str | None) -> None:
        email, phone = given.get("email_address"), given.get("phone_number")
        for field in ("full_name", "user_identity_key"):
            if given.get(field) == "":
                raise invalid("too short", **{field: "must have at least 1 character"})
        if email is not None and not _EMAIL.match(email):
            raise invalid(f"{email} is not a valid email", email_address="invalid email")
        if phone is not None and not _E164.match(phone):
            raise invalid(f"{phone} is not E.164", phone_number="must be in E.164 format")
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
            raise invalid("give one of user_identity_id and user_identity")
        spaces = self._spaces_of(given)
        entrances = set(given.get("acs_entrance_ids", ()))
        if not spaces and not entrances and not given.get("device_ids"):
            raise invalid("no spaces, entrances or devices", space_ids="required")
        self._check_doors(given)
        key = given.get("access_grant_key")
        if key is not None and ("access_grant", key) in self._by_key:
            raise Refusal(409, "access_grant_key_conflict", "an access grant with this access_grant_key exists")
        now = self.now()
        starts_at = given.get("starts_at") or _text(now)
        ends_at = given.get("ends_at")
        times = _instant(starts_at), _instant(ends_at) if ends_at else None
        self._check_times(*times)
        doors = self._doors(spaces, given.get("acs_entrance_ids", ()))
        reservation_key = given.get("reservation_key")
        if reservation_key is not None:
            self._check_reservation(reservation_key, doors, *times)
        if "user_identity_id" in given:
            identity_id = self._one("user_identity", self.user_identities, given)["user_identity_id"]
        else:
            self._check_contacts(given["user_identity"], None)
            identity_id = self._make_identity(given["user_identity"])[0]
        grant_id = self._id()
        grant = self._new(
            access_grant_id=grant_id,
            user_identity_id=identity_id,
            space_ids=[space["space_id"] for space in spaces],
            location_ids=[space["space_id"] for space in spaces],
            requested_access_methods=[],
            access_method_ids=[],
            name=given.get("name"),
            display_name=given.get("name") or "Access grant",
            display_status="Upcoming" if _instant(starts_at) > now else "Active",
            starts_at=_text(_instant(starts_at)),
            ends_at=_text(_instant(ends_at)) if ends_at else None,
            pending_mutations=[],
            **_present(given, "access_grant_key", "reservation_key"),
        )
        if key is not None:
            self._by_key["access_grant", key] = grant_id
        self.access_grants[grant_id] = grant
        self._grants_of_user.setdefault(identity_id, set()).add(grant_id)
        for space in spaces:
            self._grants_of_space.setdefault(space["space_id"], set()).add(grant_id)
        if direct := (*given.get("acs_entrance_ids", ()), *given.get("device_ids", ())):
            self._direct_doors[grant_id] = direct
        self.tell("access_grant.created", access_grant_id=grant_id)
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
            raise invalid("ends_at must be after starts_at", ends_at="must be after starts_at")
        if ends_at is not None and ends_at <= self.now():
            raise invalid("ends_at must be in the future", ends_at="must be in the future")

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
            if not _overlap(starts_at, ends_at, *_times(grant)):
                raise Refusal(409, "reservation_conflict", "Reservation time frames must overlap")

    def _add_methods(self, grant: Json, requested: Iterable[Json]) -> None:
        for wish in requested:
            modes = {"display_name": wish["mode"], "mode": wish["mode"]}
            made: list[str] = []
            asked = {**modes, "created_at": _text(self.now()), "created_access_method_ids": made}
            asked |= _present(wish, "code", "instant_key_max_use_count")
            grant["requested_access_methods"].append(asked)
            if wish["mode"] == "code" and not self._can_take_codes(grant):
                self._could_not_create(grant, "none of the locks takes access codes")
                continue
            method_id = self._id()
            made.append(method_id)
            method = self.access_methods[method_id] = self._new(
                **modes,
                access_method_id=method_id,
                display_status="Being issued",
                issued_at=None,
                is_issued=False,
                pending_mutations=[],
            )
            self._grant_of_method[method_id] = grant["access_grant_id"]
            grant["access_method_ids"].append(method_id)
            if wish["mode"] == "code":
                self._choose_code(grant, method, wish.get("code"))
            self._tell_of_method("created", method)
            self._program(method_id)
        self._text.pop(grant["access_grant_id"], None)

    def _can_take_codes(self, grant: Json) -> bool:
        """Whether any of the grant's locks takes codes; those that do not are named. Spaces without a lock do."""
        able = self._targets(grant, "code")
        unable = [one for one in self._targets(grant, "mobile_key") if one in self.devices and one not in able]
        for device_id in unable:
            words = self._trouble("warning_code", "device_does_not_support_access_codes", "the lock takes no codes")
            grant["warnings"].append({**words, "device_id": device_id})
        return bool(able) or not unable

    def _choose_code(self, grant: Json, method: Json, requested: str | None) -> None:
        """The code that was asked for, where every lock takes it; otherwise another, and that is said."""
        doors = [one for one in self._targets(grant, "code") if one in self._ways]
        taken = self._taken(grant, method, doors)
        lengths = set(range(4, 10)).intersection(*(self._ways[one].pin_lengths for one in doors)) or {6}
        drawn = [one for one in doors if self._ways[one].draws_own_codes]
        if requested is not None and requested not in taken and not drawn and len(requested) in lengths:
            method["code"] = requested
            return
        length = 6 if 6 in lengths else min(lengths)
        while (code := f"{self._random.randrange(10**length):0{length}d}") in taken or code == requested:
            pass
        method["code"] = code
        if requested is not None:
            words = self._trouble("warning_code", "requested_code_unavailable", "the lock did not take the code")
            words |= {"original_code": requested, "new_code": code}
            method["warnings"].append(dict(words))
            grant["warnings"].append({**words, "device_id": (drawn or doors or [self._workspace_id])[0]})

    def _taken(self, grant: Json, method: Json, doors: Sequence[str]) -> set[str]:
        """Codes that open one of these doors, or a door of the grant's Spaces, at some time of the grant's: what is
        being deleted counts for as long as a lock holds it."""
        starts_at, ends_at = _times(grant)
        spaces = {*grant["space_ids"]}.union(*(self._door(one)["space_ids"] for one in doors))
        taken: set[str] = set()
        for other_id in set().union(*(self._grants_of_space.get(one, ()) for one in spaces)):
            if other_id in self._dying or not _overlap(starts_at, ends_at, *_times(self.access_grants[other_id])):
                continue
            taken.update(
                self.access_methods[one].get("code") or ""
                for one in self.access_grants[other_id]["access_method_ids"]
                if one != method["access_method_id"]
            )
        for door_id in doors:
            taken.update(
                held.pin or ""
                for held in self._locks.in_door(door_id)
                if held.access_method_id != method["access_method_id"]
                and _overlap(starts_at, ends_at, held.starts_at, held.ends_at)
            )
        return taken

    def access_grants_get(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        return _ok(access_grant=self._json(grant["access_grant_id"], grant))

    def access_grants_get_related(self, given: Json) -> str:
        if not given.get("access_grant_ids") and not given.get("access_grant_keys"):
            raise invalid("give access_grant_ids or access_grant_keys", access_grant_ids="required")
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
        return _batch(given, batch)

    def access_grants_list(self, given: Json) -> str:
        wanted: list[Collection[str]] = [given["access_grant_ids"]] if "access_grant_ids" in given else []
        if (customer := given.get("customer_key")) is not None:
            theirs = [one for one, space in self.spaces.items() if space.get("customer_key") == customer]
            wanted.append(set().union(*(self._grants_of_space.get(one, ()) for one in theirs)))
        if "space_id" in given:
            wanted.append(self._grants_of_space.get(given["space_id"], ()))
        if "user_identity_id" in given:
            person = given["user_identity_id"]
            wanted.append(self._grants_of_user.get(self._merged.get(person) or person, ()))
        if through := given.keys() & {"acs_system_id", "acs_entrance_id", "device_id", "access_code_id"}:
            doors = {
                door_id
                for door_id, door in (*self.entrances.items(), *self.devices.items())
                if all(door.get(name) == given[name] for name in through)
            }
            opened = {
                grant_id
                for grant_id, grant in self.access_grants.items()
                if any(doors.intersection(self._targets(grant, mode)) for mode in ("code", "card"))
            }
            wanted.append(opened)
        found = [
            grant
            for grant_id, grant in self.access_grants.items()
            if all(grant_id in one for one in wanted)
            and ("access_grant_key" not in given or grant.get("access_grant_key") == given["access_grant_key"])
            and ("reservation_key" not in given or grant.get("reservation_key") == given["reservation_key"])
        ]
        return self._page("access_grants", "access_grant_id", found, given, 500)

    def access_grants_update(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        if grant["access_grant_id"] in self._dying:
            raise Refusal(400, "access_grant_being_deleted", "the access grant is being deleted")
        starts_at = given.get("starts_at") or grant["starts_at"]
        ends_at = given.get("ends_at", grant["ends_at"])
        if "starts_at" in given or "ends_at" in given:
            self._check_times(_instant(starts_at), _instant(ends_at) if ends_at else None)
            before = {"starts_at": grant["starts_at"], "ends_at": grant["ends_at"]}
            grant["starts_at"] = _text(_instant(starts_at))
            grant["ends_at"] = _text(_instant(ends_at)) if ends_at else None
            self._change_times(grant, before)
        if "name" in given:
            grant["name"] = given["name"]
            grant["display_name"] = given["name"] or "Access grant"
        self._text.pop(grant["access_grant_id"], None)
        self.writes += 1
        return _ok()

    def _change_times(self, grant: Json, before: Json) -> None:
        """The locks have to learn of it: until then the keys are revoked, and they are issued again afterwards."""
        after = {"starts_at": grant["starts_at"], "ends_at": grant["ends_at"]}
        self._tell_of_times(grant)
        words = "the locks are being told of the new times"
        ids = {"access_method_ids": list(grant["access_method_ids"])}
        self._settle(grant, "updating_access_times")
        grant["warnings"].append({**self._trouble("warning_code", "updating_access_times", words), **ids})
        mutation = {**self._trouble("mutation_code", "updating_access_times", words), "from": before, "to": after}
        grant["pending_mutations"].append({**mutation, **ids})
        for method_id in grant["access_method_ids"]:
            method = self.access_methods[method_id]
            self._settle(method, "updating_access_times", "failed_to_issue")
            method["warnings"].append(self._trouble("warning_code", "updating_access_times", words))
            method["pending_mutations"].append(dict(mutation))
            if method["is_issued"]:
                self._tell_of_method("revoked", method)
            method.update(is_issued=False, display_status="Being updated")
            doors = self._targets(grant, "code")
            if method.get("code") in self._taken(grant, method, doors):
                self._choose_code(grant, method, method["code"])
            self._program(method_id)

    def access_grants_delete(self, given: Json) -> str:
        grant_id = self._one("access_grant", self.access_grants, given)["access_grant_id"]
        if grant_id not in self._dying:
            self._delete_grant(grant_id)
            self.writes += 1
        return _ok()

    def access_grants_request_access_methods(self, given: Json) -> str:
        grant = self._one("access_grant", self.access_grants, given)
        self._add_methods(grant, given["requested_access_methods"])
        self.writes += 1
        return _ok(access_grant=self._json(grant["access_grant_id"], grant))

    def access_methods_get(self, given: Json) -> str:
        return _ok(access_method=json.dumps(self._one("access_method", self.access_methods, given)))

    def access_methods_get_related(self, given: Json) -> str:
        ids = [one for one in given["access_method_ids"] if one in self.access_methods]
        if not ids:
            raise Refusal(404, "access_method_not_found", "no such access method")
        grants = list(dict.fromkeys(self._grant_of_method[one] for one in ids))
        spaces = {one: None for grant in grants for one in self.access_grants[grant]["space_ids"] if one in self.spaces}
        batch: Json = {
            "spaces": [self.spaces[one] for one in spaces],
            "devices": [one for one in self.devices.values() if spaces.keys() & one["space_ids"]],
            "acs_entrances": [one for one in self.entrances.values() if spaces.keys() & one["space_ids"]],
            "access_grants": [self.access_grants[one] for one in grants],
            "access_methods": [self.access_methods[one] for one in ids],
            "instant_keys": [],
            "client_sessions": [],
            "acs_credentials": self._credentials(ids),
        }
        return _batch(given, batch)

    def access_methods_list(self, given: Json) -> str:
        if not given.keys() & {"access_grant_id", "access_grant_key", "acs_entrance_id"}:
            raise invalid("give access_grant_id, access_grant_key or acs_entrance_id", access_grant_id="required")
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

    def access_codes_list(self, given: Json) -> str:
        named = ("device_id", "access_code_ids", "access_method_id", "access_grant_id", "access_grant_key")
        if not any(name in given for name in named):
            raise invalid(f"specify one of {', '.join(named)}", device_id="required")
        found = [self._access_code(held) for door_id in self.devices for held in self._locks.in_door(door_id)]
        methods: set[str] | None = None
        if "access_grant_id" in given or "access_grant_key" in given:
            methods = set(self._one("access_grant", self.access_grants, given)["access_method_ids"])
        if "access_method_id" in given:
            methods = {given["access_method_id"]}
        wanted = {
            one["access_code_id"]
            for one, method_id in found
            if (methods is None or method_id in methods)
            and given.get("device_id") in (None, one["device_id"])
            and ("access_code_ids" not in given or one["access_code_id"] in given["access_code_ids"])
        }
        codes = [one for one, _ in found if one["access_code_id"] in wanted]
        return self._page("access_codes", "", codes, given, 55_000)

    def access_codes_unmanaged_list(self, given: Json) -> str:
        self._one("device", self.devices, given)
        found = [
            one
            for one in self.unmanaged_codes.values()
            if one["device_id"] == given["device_id"] and _is_found(one, given, "name", "code", "access_code_id")
        ]
        return self._page("access_codes", "", found, given, 300_000)

    def _access_code(self, held: Held) -> tuple[Json, str]:
        """A code as it lies in a device, and the access method that it is of."""
        code: Json = {
            "access_code_id": _code_id(held),
            "workspace_id": self._workspace_id,
            "device_id": held.door_id,
            "common_code_key": None,
            "name": "Access code",
            "code": held.pin,
            "type": "time_bound" if held.ends_at is not None else "ongoing",
            "status": "set",
            "created_at": _text(held.since),
            "is_managed": True,
            "is_backup_access_code_available": False,
            "is_external_modification_allowed": False,
            "is_one_time_use": False,
            "is_offline_access_code": False,
            "is_scheduled_on_device": False,
            "errors": [],
            "warnings": [],
            "pending_mutations": [],
        }
        if held.ends_at is not None:
            code |= {"starts_at": _text(held.starts_at), "ends_at": _text(held.ends_at)}
        return code, held.access_method_id

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
            and _agrees(entrance, given, "connected_account_id", "acs_system_id")
            and ("space_id" not in given or given["space_id"] in entrance["space_ids"])
            and (ids is None or entrance_id in ids)
            and _is_found(entrance, given, "display_name")
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
        found = [
            system
            for account_id, system in self.systems.items()
            if _agrees(self.accounts[account_id], given, "connected_account_id", "customer_key")
            and _is_found(system, given, "name", "acs_system_id")
        ]
        return _ok(acs_systems=json.dumps(found))

    def acs_users_list(self, given: Json) -> str:
        """The newest first."""
        contacts = ("user_identity_phone_number", "user_identity_email_address")
        searched = ("full_name", "phone_number", "email_address", "acs_user_id", "user_identity_id")
        found = [
            user
            for user in map(self._user, reversed(self.in_systems.users.values()))
            if _agrees(user, given, "user_identity_id", "acs_system_id")
            and all(one not in given or given[one] == user[one] for one in contacts)
            and _is_before(user, given)
            and _is_found(user, given, *searched)
        ]
        return self._page("acs_users", "", found, given, 500)

    def acs_users_get(self, given: Json) -> str:
        ids = ("user_identity_id", "acs_system_id")
        if "acs_user_id" not in given and not all(one in given for one in ids):
            raise invalid("give acs_user_id, or user_identity_id and acs_system_id", acs_user_id="required")
        for user in self.in_systems.users.values():
            if _agrees(user, given, "acs_user_id", *ids):
                return _ok(acs_user=json.dumps(self._user(user)))
        raise Refusal(404, "acs_user_not_found", "no such user of an access system")

    def _user(self, user: Json) -> Json:
        """A user as she is shown: what is known of the person is the identity's."""
        identity = self.user_identities[user["user_identity_id"]]
        names = ("full_name", "email_address", "phone_number")
        known = {one: identity[one] for one in names if identity[one] is not None}
        return {**user, **known, **{f"user_identity_{one}": identity[one] for one in names}}

    def acs_credentials_list(self, given: Json) -> str:
        searched = ("display_name", "code", "card_number", "acs_user_id", "acs_credential_id")
        found = [
            credential
            for credential in self._credentials(reversed(self.access_methods))
            if _agrees(credential, given, "acs_user_id", "acs_system_id", "user_identity_id")
            and not given.get("is_multi_phone_sync_credential")
            and _is_before(credential, given)
            and _is_found(credential, given, *searched)
        ]
        return self._page("acs_credentials", "", found, given, 500)

    def acs_credentials_get(self, given: Json) -> str:
        for shown in self._credentials(self.access_methods):
            if shown["acs_credential_id"] == given["acs_credential_id"]:
                return _ok(acs_credential=json.dumps(shown))
        raise Refusal(404, "acs_credential_not_found", "no such credential")

    def _credentials(self, method_ids: Iterable[str]) -> list[Json]:
        """Credentials as they are shown: code, times and whether it is issued are those of the way in."""
        found = []
        for method_id in method_ids:
            method = self.access_methods[method_id]
            grant = self.access_grants[self._grant_of_method[method_id]]
            now = {"code": method.get("code"), "is_issued": method["is_issued"], "starts_at": grant["starts_at"]}
            now |= {"ends_at": grant["ends_at"]} if grant["ends_at"] is not None else {}
            found += [{**one, **now} for one in self.in_systems.of_methods([method_id])]
        return found

    # --- accounts and devices ---------------------------------------------------------------------------------------

    def connected_accounts_list(self, given: Json) -> str:
        here = None
        if "space_id" in given:
            doors = (*self.entrances.values(), *self.devices.values())
            here = {one["connected_account_id"] for one in doors if given["space_id"] in one["space_ids"]}
        found = [
            account
            for account_id, account in self.accounts.items()
            if _agrees(account, given, "customer_key")
            and (here is None or account_id in here)
            and _has(account, given.get("custom_metadata_has"))
            and "user_identifier_key" not in given
            and _is_found(account, given, "display_name", "account_type")
        ]
        return self._page("connected_accounts", "", found, given, 11000)

    def connected_accounts_get(self, given: Json) -> str:
        if ("connected_account_id" in given) == ("email" in given):
            raise invalid("give one of connected_account_id and email")
        # By an e-mail address, none is found.
        asked = {"connected_account_id": "", **given}
        return _ok(connected_account=json.dumps(self._one("connected_account", self.accounts, asked)))

    def connected_accounts_update(self, given: Json) -> str:
        account = self._one("connected_account", self.accounts, given)
        if given.get("customer_key") not in (None, account.get("customer_key")):
            if account.get("customer_key") is not None:
                words = "the connected account is associated with a customer already"
                raise invalid(words, customer_key="cannot be changed")
            account["customer_key"] = given["customer_key"]
            for door_id, door in (*self.entrances.items(), *self.devices.items()):
                if door["connected_account_id"] == account["connected_account_id"]:
                    self._customer_of_door[door_id] = given["customer_key"]
        account |= _present(given, "accepted_capabilities", "automatically_manage_new_devices", "display_name")
        if "custom_metadata" in given:
            account["custom_metadata"] = {key: one for key, one in given["custom_metadata"].items() if one}
        self.writes += 1
        return _ok(connected_account=json.dumps(account))

    def connect_webviews_create(self, given: Json) -> str:
        for provider in given.get("accepted_providers", ()):
            if provider not in _PROVIDERS:
                raise invalid(f"unknown provider {provider}", accepted_providers="invalid")
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
        return _ok(connect_webview=json.dumps(self._one("connect_webview", self.webviews, given)))

    def connect_webviews_list(self, given: Json) -> str:
        found = [
            webview
            for webview in reversed(self.webviews.values())
            if _agrees(webview, given, "customer_key")
            and _has(webview, given.get("custom_metadata_has"))
            and "user_identifier_key" not in given
            and _is_found(webview, given, "url")
        ]
        return self._page("connect_webviews", "", found, given, 500)

    def devices_list(self, given: Json) -> str:
        found = [
            device
            for device_id, device in self.devices.items()
            if given.get("customer_key") in (None, self._customer_of_door.get(device_id))
            and _agrees(device, given, "connected_account_id", "device_type")
            and all(device[one] in given.get(f"{one}s", (device[one],)) for one in _DEVICES_ASKED_FOR)
            and given.get("manufacturer") in (None, device["device_manufacturer"]["manufacturer"])
            and _is_before(device, given)
            and ("space_id" not in given or given["space_id"] in device["space_ids"])
            and _has(device, given.get("custom_metadata_has"))
            and not given.keys() & {"connect_webview_id", "user_identifier_key"}
            and _is_found(device, given, "display_name", "device_id")
        ]
        return self._page("devices", "", found, given, 500)

    def devices_get(self, given: Json) -> str:
        if "device_id" not in given and "name" not in given:
            raise invalid("give device_id or name", device_id="required")
        for device_id, device in self.devices.items():
            if given.get("device_id") in (None, device_id) and given.get("name") in (None, device["display_name"]):
                return _ok(device=json.dumps(device))
        raise Refusal(404, "device_not_found", "no such device")

    # --- inside -------------------------------------------------------------------------------------------------------

    def _new(self, **fields: Any) -> Json:
        """A resource of the workspace, made now, with which nothing is wrong."""
        made = {"workspace_id": self._workspace_id, "created_at": _text(self.now())}
        return {**made, **fields, "errors": [], "warnings": []}

    def _bury(self, grant_id: str) -> None:
        grant = self.access_grants[grant_id]
        for method_id in grant["access_method_ids"]:
            self._call_off(method_id)
            for held in self._locks.of_method(method_id):
                if self._ways[held.door_id].forgets:
                    self._locks.erase(held.door_id, method_id, self.now())
            self._tell_of_method("revoked", self.access_methods[method_id])
        self.tell("access_grant.deleted", access_grant_id=grant_id)
        del self.access_grants[grant_id]
        self._by_key.pop(("access_grant", grant.get("access_grant_key", "")), None)
        self._dying.pop(grant_id, None)
        self._text.pop(grant_id, None)
        self._direct_doors.pop(grant_id, None)
        for space_id in grant["space_ids"]:
            self._grants_of_space.get(space_id, set()).discard(grant_id)
        identity_id = grant["user_identity_id"]
        for method_id in grant["access_method_ids"]:
            self.access_methods.pop(method_id, None)
            self._grant_of_method.pop(method_id, None)
            for user in self.in_systems.leave(method_id):
                self.user_identities[identity_id]["acs_user_ids"].remove(user["acs_user_id"])
                self._text.pop(identity_id, None)
        hers = self._grants_of_user.get(identity_id, set())
        hers.discard(grant_id)
        if identity_id in self._dying:
            for other_id in list(hers):
                self._delete_grant(other_id)
            if not hers:
                self._drop_identity(identity_id)

    def _one(self, kind: str, resources: dict[str, Json], given: Json) -> Json:
        named, key = given.get(f"{kind}_id"), given.get(f"{kind}_key")
        if named is None and key is None:
            raise invalid(f"give {kind}_id or {kind}_key", **{f"{kind}_id": "required"})
        resource_id: str = named if named is not None else self._by_key.get((kind, key or ""), "")
        if kind == "user_identity":
            resource_id = self._merged.get(resource_id, resource_id)
        resource = resources.get(resource_id)
        if resource is None:
            raise Refusal(404, f"{kind}_not_found", f"{kind} not found")
        return resource

    def _page(self, name: str, id_name: str, found: list[Json], given: Json, most: int) -> str:
        limit = int(given.get("limit", most))
        if not 0 < limit <= most:
            raise invalid("bad limit", limit=f"must be between 1 and {most}")
        cursor = given.get("page_cursor")
        if cursor and not cursor.isdigit():
            raise invalid("bad page_cursor", page_cursor="unknown cursor")
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


def _code_id(held: Held) -> str:
    """Of the code of an access method in a device: always the same."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{held.door_id}/{held.access_method_id}"))


def _ok(**parts: str) -> str:
    return "{" + "".join(f'"{name}":{text},' for name, text in parts.items()) + '"ok":true}'


def _troubles(kind: str, resource: Json) -> Json:
    return {f"{kind}_errors": list(resource["errors"]), f"{kind}_warnings": list(resource["warnings"])}


def _batch(given: Json, related: Json) -> str:
    """What of all that is related is to be included."""
    wanted = set(given.get("include") or related) - set(given.get("exclude", ()))
    return _ok(batch=json.dumps({name: value for name, value in related.items() if name in wanted}))


def _present(resource: Json, *names: str) -> Json:
    return {name: resource[name] for name in names if resource.get(name) is not None}


def _has(resource: Json, metadata: Json | None) -> bool:
    return all(resource["custom_metadata"].get(name) == value for name, value in (metadata or {}).items())


def _agrees(resource: Json, given: Json, *names: str) -> bool:
    """Whether it has what is asked for under these names, where anything is."""
    return all(given.get(name) in (None, resource.get(name)) for name in names)


def _is_found(resource: Json, given: Json, *names: str) -> bool:
    """Whether one of these fields has what is searched for, where anything is."""
    search = given.get("search", "").casefold()
    return not search or any(search in str(resource.get(name) or "").casefold() for name in names)


def _is_before(resource: Json, given: Json) -> bool:
    before = given.get("created_before")
    return before is None or _instant(resource["created_at"]) < _instant(before)


def _text(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _times(grant: Json) -> tuple[datetime, datetime | None]:
    return _instant(grant["starts_at"]), _instant(grant["ends_at"]) if grant["ends_at"] else None


def _overlap(start: datetime, end: datetime | None, other_start: datetime, other_end: datetime | None) -> bool:
    return (end is None or other_start < end) and (other_end is None or start < other_end)
