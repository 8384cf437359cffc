"""Users and credentials of the access systems of a simulated Seam workspace.

Seam makes a guest a user of each access system through whose entrances a grant leads, and a credential there for each
way in. Both go with the grant. Shapes follow Seam's OpenAPI description.
"""

import random
import uuid
from collections import Counter
from collections.abc import Callable, Iterable

from sandbox.server import Json

_KINDS = {
    "salto_ks_site": ("salto_site_user", "salto_ks_credential"),
    "visionline_system": (None, "visionline_card"),
    "brivo_account": ("brivo_user", "brivo_credential"),
}
"""What each system calls its users and credentials, where the contract has a word for that."""


class SystemUsers:
    """Who is a user of which system, and by which credentials. Whoever asks holds the workspace's lock."""

    def __init__(self, workspace_id: str, seed: int, now: Callable[[], str]):
        """`now`: the time in Seam's own words."""
        self.users: dict[str, Json] = {}
        self.credentials: dict[str, Json] = {}
        self._workspace_id = workspace_id
        self._now = now
        self._ids = random.Random(seed)
        self._user_in: dict[tuple[str, str], str] = {}
        """By the identity's id and the system's."""
        self._credentials_of: Counter[str] = Counter()
        """How many, by user."""
        self._of_method: dict[str, dict[str, str]] = {}
        """Credentials by the access method's id and the system's."""

    def enrol(self, identity: Json, method: Json, systems: Iterable[Json]) -> bool:
        """Makes a person a user of these systems and this way in a credential there; whether any user is new."""
        there = self._of_method.setdefault(method["access_method_id"], {})
        before = len(identity["acs_user_ids"])
        for system in systems:
            system_id = system["acs_system_id"]
            if system_id in there:
                continue
            user_id = self._user(identity, system)
            credential_id = there[system_id] = self._id()
            kind = _KINDS.get(system["system_type"], (None, None))[1]
            self.credentials[credential_id] = {
                "acs_credential_id": credential_id,
                "acs_user_id": user_id,
                "user_identity_id": identity["user_identity_id"],
                **self._of(system),
                "display_name": method["mode"].replace("_", " "),
                "access_method": method["mode"],
                "is_one_time_use": False,
                **({"external_type": kind} if kind else {}),
                "errors": [],
                "warnings": [],
            }
            self._credentials_of[user_id] += 1
        return len(identity["acs_user_ids"]) > before

    def of_methods(self, method_ids: Iterable[str]) -> list[Json]:
        """Their credentials."""
        found = (self._of_method.get(one, {}).values() for one in method_ids)
        return [self.credentials[one] for those in found for one in those if one in self.credentials]

    def leave(self, method_id: str) -> list[Json]:
        """A way in is gone; whoever has no other is no user of its systems any more: those users come back."""
        gone = []
        for credential_id in self._of_method.pop(method_id, {}).values():
            credential = self.credentials.pop(credential_id, None)
            if credential is None:
                continue
            user_id = credential["acs_user_id"]
            self._credentials_of[user_id] -= 1
            user = self.users.get(user_id)
            if user is not None and not self._credentials_of[user_id]:
                self.remove(user_id)
                gone.append(user)
        return gone

    def remove(self, user_id: str) -> None:
        """A user is no more."""
        user = self.users.pop(user_id)
        key = user["user_identity_id"], user["acs_system_id"]
        if self._user_in.get(key) == user_id:
            del self._user_in[key]

    def merge(self, survivor: Json, other: Json) -> None:
        """Whatever was the other's is the survivor's."""
        survivor_id, other_id = survivor["user_identity_id"], other["user_identity_id"]
        for one in (*self.users.values(), *self.credentials.values()):
            if one["user_identity_id"] == other_id:
                one["user_identity_id"] = survivor_id
        for user_id in other["acs_user_ids"]:
            system_id = self.users[user_id]["acs_system_id"]
            self._user_in.pop((other_id, system_id), None)
            self._user_in.setdefault((survivor_id, system_id), user_id)
        survivor["acs_user_ids"] += other["acs_user_ids"]

    def _user(self, identity: Json, system: Json) -> str:
        key = identity["user_identity_id"], system["acs_system_id"]
        if key in self._user_in:
            return self._user_in[key]
        user_id = self._user_in[key] = self._id()
        identity["acs_user_ids"].append(user_id)
        kind = _KINDS.get(system["system_type"], (None, None))[0]
        self.users[user_id] = {
            "acs_user_id": user_id,
            "user_identity_id": key[0],
            **self._of(system),
            "display_name": identity["display_name"],
            "is_suspended": False,
            "last_successful_sync_at": self._now(),
            **({"external_type": kind} if kind else {}),
            "errors": [],
            "warnings": [],
            "pending_mutations": [],
        }
        return user_id

    def _of(self, system: Json) -> Json:
        return {
            "acs_system_id": system["acs_system_id"],
            "connected_account_id": system["connected_account_id"],
            "workspace_id": self._workspace_id,
            "created_at": self._now(),
            "is_managed": True,
        }

    def _id(self) -> str:
        return str(uuid.UUID(int=self._ids.getrandbits(128), version=4))
