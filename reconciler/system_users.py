"""What access systems say of a guest: of her as their user, and of her credentials there. Pure.

Seam makes a guest a user of each system whose entrances she gets, and a credential of each way in. A grant and its ways
in may be well in Seam, while the system itself does not know the guest, or has suspended her.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from reconciler.findings import Finding, at_most_a_doubt, codes_said
from reconciler.seam_codes import CREDENTIAL, USER, USER_SUSPENDED, Weight
from seam_workspace.existing import ExistingAccessMethod, ExistingCredential, ExistingSystemUser

UNWELL_FOR = timedelta(days=1)
AS_SOON_AS_IT_STARTS = frozenset({"salto_ks_user_not_subscribed", "acs_user_inactive"})
"""Warnings that are as they should be before a stay: systems let nobody in before her hour."""


@dataclass(frozen=True, slots=True)
class Held:
    """What the access systems have for one grant."""

    users: tuple[ExistingSystemUser, ...] = ()
    credentials: tuple[ExistingCredential, ...] = ()

    @property
    def is_well(self) -> bool:
        of_users = (one.suspended or one.errors or one.warnings or one.pending for one in self.users)
        return not any(of_users) and not any(one.errors or one.warnings for one in self.credentials)


class RecentlyHeld:
    """What the access systems had of grants, by their ids, as this process was told. Systems say something else seldom,
    and what we change ourselves changes it least; so they are not asked anew for each change of a grant. What was not
    well is asked for anew each time, and known for a day. Safe to use from the threads of both lanes."""

    def __init__(self, good_for: timedelta):
        self._good_for = good_for
        self._lock = threading.Lock()
        self._told: dict[str, tuple[datetime, Held]] = {}

    def of(self, grant_ids: Iterable[str], now: datetime) -> dict[str, Held]:
        """Of those that need not be asked for."""
        with self._lock:
            self._told = {
                one: (at, held)
                for one, (at, held) in self._told.items()
                if now - (self._good_for if held.is_well else UNWELL_FOR) < at <= now
            }
            return {one: self._told[one][1] for one in grant_ids if one in self._told and self._told[one][1].is_well}

    def is_unwell(self, grant_id: str) -> bool:
        with self._lock:
            return grant_id in self._told and not self._told[grant_id][1].is_well

    def note(self, held: Mapping[str, Held], now: datetime) -> None:
        with self._lock:
            self._told.update({one: (now, told) for one, told in held.items()})


def findings_in_systems(
    held: Held,
    own: Collection[str],
    others: Collection[str],
    methods: Collection[ExistingAccessMethod],
    has_started: bool | None,
) -> list[Finding]:
    """What is wrong there. `own`: ids of the systems of her room's entrances; `others`: of the other doors that she
    gets; what further systems say of her is about other doors. `has_started`: None where nobody knows."""
    found: list[Finding] = []
    for user in held.users:
        if user.system_id in (*own, ""):
            found += _of_user(user, has_started)
        elif user.system_id in others:
            found += at_most_a_doubt(_of_user(user, has_started))
    living = [method for method in methods if not method.being_deleted]
    for credential in _in_use(held.credentials):
        mine = _of_credential(credential, living)
        if credential.system_id in (*own, ""):
            found += mine
        elif credential.system_id in others:
            found += at_most_a_doubt(mine)
    return list(dict.fromkeys(found))


def _of_user(user: ExistingSystemUser, has_started: bool | None) -> list[Finding]:
    warnings = [one for one in user.warnings if has_started is not False or one not in AS_SOON_AS_IT_STARTS]
    found = codes_said(USER, "", errors=user.errors, warnings=warnings, pending=user.pending)
    if has_started is None:
        found = [
            replace(one, weight=max(one.weight, Weight.DOUBT)) if one.cause in AS_SOON_AS_IT_STARTS else one
            for one in found
        ]
    if user.suspended:
        found.insert(0, Finding(USER_SUSPENDED.weight, "user_suspended", USER_SUSPENDED.words))
    return found


def _in_use(credentials: Iterable[ExistingCredential]) -> list[ExistingCredential]:
    """Without those on their way out that have a successor."""
    credentials = list(credentials)
    living = {(one.system_id, one.mode) for one in credentials if not one.being_deleted}
    return [one for one in credentials if not one.being_deleted or (one.system_id, one.mode) not in living]


def _of_credential(credential: ExistingCredential, methods: Collection[ExistingAccessMethod]) -> list[Finding]:
    found = codes_said(CREDENTIAL, "", errors=credential.errors, warnings=credential.warnings)
    if any(one.mode == credential.mode and not one.issued for one in methods):
        # The way in says so itself, and better.
        found = [one for one in found if one.cause != "waiting_to_be_issued"]
    if any(one.mode != credential.mode and one.issued and not one.errors for one in methods):
        # Another way in is fine, but nobody knows which of them she has been told of.
        found = [replace(one, weight=max(one.weight, Weight.DOUBT)) for one in found]
    return found
