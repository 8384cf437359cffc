"""User Identities: the people whom Seam gives access."""

from collections.abc import Collection

from seam.null import NULL

from mappers.resources import DesiredUserIdentity
from seam_workspace import answers
from seam_workspace.calls import Calls
from seam_workspace.existing import ExistingUserIdentity


class Identities(Calls):
    """Looked up, listed, made, changed and deleted."""

    def user_identity_by_key(self, key: str) -> ExistingUserIdentity | None:
        """The one with this very key, or the one that it was merged into."""
        found = self._get_named(
            "user_identities/get",
            {"user_identity_key": key},
            lambda: self._seam.user_identities.get(user_identity_key=key),
            answers.user_identity,
        )
        if found is None or found.key in (key, None) or key in found.merged_keys:
            return found
        # Whether "A1" finds "a1" no document says: that is somebody else.
        return None if found.key.casefold().strip() == key.casefold().strip() else found

    def user_identities_by_id(self, ids: Collection[str]) -> list[ExistingUserIdentity]:
        """Likewise."""
        return self._by_id(
            "user_identities/list", self._seam.user_identities.list, "user_identity_ids", ids, answers.user_identity
        )

    def list_user_identities(self, at_most_pages: int) -> tuple[list[ExistingUserIdentity], bool]:
        """User identities of the whole workspace (Seam has no filter by customer), and whether that was all."""
        found: list[ExistingUserIdentity] = []
        complete = self._each_page(
            "user_identities/list",
            self._seam.user_identities.list,
            {},
            answers.user_identity,
            found,
            at_most_pages,
        )
        return found, complete

    def create_user_identity(self, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        """Makes the identity, or finds it by its key. Raises `SeamRefused` where Seam does not take a contact."""
        return self._create(
            "user_identities/create",
            lambda: answers.user_identity(
                self._seam.user_identities.create(
                    user_identity_key=wanted.key,
                    full_name=wanted.full_name,
                    email_address=wanted.email_address,
                    phone_number=wanted.phone_number,
                )
            ),
            lambda: self.user_identity_by_key(wanted.key),
        )

    def update_user_identity(
        self, user_identity_id: str, wanted: DesiredUserIdentity, *, renames: bool = False
    ) -> None:
        """Sets name and contacts; what the PMS no longer has is cleared. `renames`: the key as well."""
        key = {"user_identity_key": wanted.key} if renames else {}
        self._call(
            "user_identities/update",
            lambda: self._seam.user_identities.update(
                user_identity_id=user_identity_id,
                **key,
                full_name=wanted.full_name or NULL,
                email_address=wanted.email_address or NULL,
                phone_number=wanted.phone_number or NULL,
            ),
        )

    def delete_user_identity(self, user_identity_id: str) -> None:
        self._delete(
            "user_identities/delete", lambda: self._seam.user_identities.delete(user_identity_id=user_identity_id)
        )

    def has_grants(self, user_identity_id: str) -> bool:
        """Whether any grant at all, of ours or of others, gives this identity access."""
        grants = self._call(
            "access_grants/list",
            lambda: self._seam.access_grants.list(user_identity_id=user_identity_id, limit=1),
        )
        return bool(grants)
