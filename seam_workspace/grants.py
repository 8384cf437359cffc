"""Access Grants: who may open which doors from when until when, and by what: PIN, card or phone."""

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from seam.null import NULL
from seam.resources.access_method import AccessMethod
from seam.resources.user_identity import UserIdentity

from mappers.resources import DesiredAccessGrant
from seam_workspace import answers
from seam_workspace.calls import IDS_IN_A_QUERY, Calls
from seam_workspace.errors import SeamNotFound, SeamUnreadable
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingUserIdentity

GRANTS_TOGETHER = 100
"""So many grants are asked for at once with what belongs to them: an address of less than 6,000 characters."""


class Grants(Calls):
    """Looked up, listed, made, changed and deleted; with them the ways in that they give."""

    def access_grant_by_key(self, key: str) -> ExistingAccessGrant | None:
        """The one with this very key: no document says whether "A1" finds "a1" in Seam, and that is somebody else's."""
        found = self._get(
            "access_grants/get", lambda: self._seam.access_grants.get(access_grant_key=key), answers.access_grant
        )
        return found if found is None or found.key in (key, None) else None

    def access_grant_named(self, key: str) -> ExistingAccessGrant | None:
        """Likewise, but one that cannot be read is no error: it is there, and nothing else is known of it."""
        try:
            return self.access_grant_by_key(key)
        except SeamUnreadable:
            return answers.unreadable_grant(f"? {key}", key)

    def list_access_grants(self, customer_key: str) -> list[ExistingAccessGrant]:
        """All grants of one property, those being deleted as well."""
        return self._pages(
            "access_grants/list", self._seam.access_grants.list, {"customer_key": customer_key}, answers.access_grant
        )

    def grants_in(self, space_id: str) -> list[ExistingAccessGrant]:
        """Every grant that gives access to a Space, ours or not, those being deleted as well."""
        return self._pages(
            "access_grants/list", self._seam.access_grants.list, {"space_id": space_id}, answers.access_grant
        )

    def grants_of_reservation(self, reservation_key: str) -> list[ExistingAccessGrant]:
        """Every grant that belongs to a reservation, those being deleted as well."""
        return self._pages(
            "access_grants/list",
            self._seam.access_grants.list,
            {"reservation_key": reservation_key},
            answers.access_grant,
        )

    def access_grants_by_id(self, ids: Collection[str], together: int = IDS_IN_A_QUERY) -> list[ExistingAccessGrant]:
        """Those of these grants that Seam still has, those being deleted as well; a call for every 50."""
        return self._by_id(
            "access_grants/list", self._seam.access_grants.list, "access_grant_ids", ids, answers.access_grant, together
        )

    def create_access_grant(
        self,
        wanted: DesiredAccessGrant,
        *,
        key: str,
        user_identity_id: str,
        space_ids: Sequence[str],
        reservation_key: str | None,
        pin: str | None = None,
    ) -> ExistingAccessGrant:
        """Makes the grant under `key`, or finds it by that key (then it may differ, or be on its way out)."""
        methods = [
            _requested(mode, wanted.instant_key_max_use_count, pin if mode == "code" else None)
            for mode in wanted.access_methods
        ]
        return self._create(
            "access_grants/create",
            lambda: answers.access_grant(
                self._seam.access_grants.create(
                    access_grant_key=key,
                    name=wanted.name,
                    user_identity_id=user_identity_id,
                    space_ids=list(space_ids),
                    starts_at=timestamp(wanted.starts_at),
                    ends_at=timestamp(wanted.ends_at) if wanted.ends_at else None,
                    requested_access_methods=methods,
                    reservation_key=reservation_key,
                )
            ),
            lambda: self.access_grant_by_key(key),
        )

    def update_access_grant(self, access_grant_id: str, wanted: DesiredAccessGrant) -> None:
        """Sets times and name: all that Seam's contract can change of a grant. (Its newer guide shows `space_ids`
        here too: once the contract has them, a room move needs no replacement, and this is the place.)"""
        self._call(
            "access_grants/update",
            lambda: self._seam.access_grants.update(
                access_grant_id=access_grant_id,
                name=wanted.name,
                starts_at=timestamp(wanted.starts_at),
                ends_at=timestamp(wanted.ends_at) if wanted.ends_at else NULL,
            ),
        )

    def add_access_methods(self, access_grant_id: str, modes: Iterable[str], key_uses: int = 1) -> None:
        """Asks for further ways to open the same doors. Not repeated after a lost answer: it would ask twice."""
        self._call(
            "access_grants/request_access_methods",
            lambda: self._seam.access_grants.request_access_methods(
                access_grant_id=access_grant_id, requested_access_methods=[_requested(mode, key_uses) for mode in modes]
            ),
            repeatable=False,
        )

    def delete_access_grant(self, access_grant_id: str) -> None:
        """Starts the deletion. Seam finishes it later: until then the grant exists, with its key."""
        self._delete("access_grants/delete", lambda: self._seam.access_grants.delete(access_grant_id=access_grant_id))

    def code_ids_of(self, access_grant_id: str) -> list[str]:
        """Seam's ids of a grant's codes in devices, by which its events name them; empty where it has none, or is gone.
        Entrances of access systems have none."""
        try:
            codes = self._pages(
                "access_codes/list",
                self._seam.access_codes.list,
                {"access_grant_id": access_grant_id},
                answers.code_id,
            )
        except SeamNotFound:
            return []
        return sorted(set(codes))

    def ways_and_people_of(
        self, access_grant_ids: Collection[str]
    ) -> tuple[dict[str, ExistingAccessMethod], dict[str, ExistingUserIdentity]]:
        """The access methods and the user identities of many grants, by id: a call for every 100. Which method is whose
        stands in the grant (`method_ids`)."""

        def marked(method: AccessMethod) -> ExistingAccessMethod:
            return answers.method(method, self.mark)

        wanted = sorted(set(access_grant_ids))
        methods: dict[str, ExistingAccessMethod] = {}
        people: dict[str, ExistingUserIdentity] = {}
        for start in range(0, len(wanted), GRANTS_TOGETHER):
            batch = wanted[start : start + GRANTS_TOGETHER]

            def fetch(batch: list[str] = batch) -> tuple[list[ExistingAccessMethod], list[ExistingUserIdentity]]:
                related = self._seam.access_grants.get_related(
                    access_grant_ids=batch, include=["access_methods", "user_identities"]
                )
                ways = answers.each_of(related.access_methods or (), AccessMethod, marked, answers.named_method)
                holders = answers.each_of(related.user_identities or (), UserIdentity, answers.user_identity)
                return [one for _, one in ways], [one for _, one in holders]

            found, holders = self._call("access_grants/get_related", fetch)
            methods.update((one.id, one) for one in found)
            people.update((one.id, one) for one in holders)
        return methods, people


def timestamp(instant: datetime) -> str:
    """An aware instant as Seam wants it: ISO 8601 in UTC with milliseconds."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"


def _requested(mode: str, key_uses: int, pin: str | None = None) -> dict[str, Any]:
    """A way to open doors, as it is asked for. Seam takes the number of uses of a mobile key only."""
    asked: dict[str, Any] = {"mode": mode}
    if pin is not None:
        asked["code"] = pin
    if mode == "mobile_key":
        asked["instant_key_max_use_count"] = key_uses
    return asked
