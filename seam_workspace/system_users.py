"""Guests as the access systems have them: their users, and the credentials that these hold."""

from collections.abc import Collection

from seam.resources.acs_credential import AcsCredential

from seam_workspace import answers
from seam_workspace.calls import Calls
from seam_workspace.existing import ExistingCredential, ExistingSystemUser, ExistingUserIdentity
from seam_workspace.grants import GRANTS_TOGETHER

USERS_AT_LEAST = 2
"""Calls that may always be spent on users: whole pages, or a person each."""


class SystemUsers(Calls):
    """Read only: Seam makes and deletes them."""

    def credentials_of(self, access_method_ids: Collection[str]) -> list[ExistingCredential]:
        """What the access systems have of these ways in: a call for every 100. Which credential is of which way in
        Seam does not say.

        Contract: `/access_methods/get_related`.
        """
        wanted = sorted(set(access_method_ids))
        found: list[ExistingCredential] = []
        for start in range(0, len(wanted), GRANTS_TOGETHER):
            batch = wanted[start : start + GRANTS_TOGETHER]

            def fetch(batch: list[str] = batch) -> list[ExistingCredential]:
                related = self._seam.access_methods.get_related(access_method_ids=batch, include=["acs_credentials"])
                each = answers.each_of(related.acs_credentials or (), AcsCredential, answers.credential)
                return [one for _, one in each]

            found += self._call("access_methods/get_related", fetch)
        return found

    def users_in_systems(
        self, people: Collection[ExistingUserIdentity], system_ids: Collection[str]
    ) -> dict[str, ExistingSystemUser]:
        """These people as users of these systems, by the users' ids. One or two people are asked for by themselves; for
        more, the systems' users are read, the newest first, until all were seen: a page of 500 for every 100 people or
        for every system, and two at least. Whoever was not seen by then is left out.

        Contract: `/acs/users/list` takes one person or one system, and no list of users.
        """
        concerned = [one for one in people if one.system_user_ids]
        wanted = {user_id for one in concerned for user_id in one.system_user_ids}
        found: list[ExistingSystemUser] = []
        if len(concerned) <= USERS_AT_LEAST:
            for one in concerned:
                found += self._pages(
                    "acs/users/list", self._seam.acs.users.list, {"user_identity_id": one.id}, answers.system_user
                )
            return {one.id: one for one in found}
        left = max(USERS_AT_LEAST, len(system_ids), -(-len(concerned) // GRANTS_TOGETHER))

        def is_enough() -> bool:
            nonlocal left
            left -= 1
            return left <= 0 or wanted <= {one.id for one in found}

        for system_id in sorted(system_ids):
            if left <= 0 or wanted <= {one.id for one in found}:
                break
            of = {"acs_system_id": system_id}
            complete = self._each_page(
                "acs/users/list", self._seam.acs.users.list, of, answers.system_user, found, is_enough=is_enough
            )
            left -= complete
        return {one.id: one for one in found if one.id in wanted}
