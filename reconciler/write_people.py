"""Makes, changes and deletes User Identities in Seam, without the contacts that it does not take."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from mappers.outcomes import Action
from mappers.resources import DesiredUserIdentity
from mappers.sentences import message, say
from mappers.user_identities import contact_name
from reconciler.attempts import Attempts, NotTried, Written
from reconciler.changes import HELD_BY_ANOTHER, Change, fingerprint
from seam_workspace.errors import SeamNotFound, SeamRefused
from seam_workspace.existing import ExistingResources, ExistingUserIdentity
from seam_workspace.workspace import Workspace

TAKEN = message("another identity in Seam has it")
TAKEN_WORDS = ("exist", "taken", "in use", "conflict", "unique", "duplicate")
T = TypeVar("T")


class PeopleWriter:
    """The identities of one property's guests, and Seam's ids of all that there are."""

    def __init__(self, workspace: Workspace, attempts: Attempts, existing: ExistingResources):
        self._workspace = workspace
        self._attempts = attempts
        self._ids = {key: identity.id for key, identity in existing.user_identities.items()}

    def id_of(self, key: str) -> str:
        """Seam's id of an identity. Raises `NotTried` where it is not there, or could not be brought in step."""
        failed = self._attempts.failed_identities
        identity_id = self._ids.get(key)
        if key in failed or identity_id is None:
            raise NotTried(say("not tried, for the guest's identity failed: {why}", why=failed.get(key, key)))
        return identity_id

    def is_there(self, key: str) -> bool:
        return key in self._ids and key not in self._attempts.failed_identities

    def ids_of(self, keys: Iterable[str]) -> set[str]:
        """Seam's ids of those of these people whom it has."""
        return {found for key in keys if (found := self._ids.get(key)) is not None}

    def write(self, change: Change) -> Written:
        """Carries one change out. Raises `SeamError`."""
        if change.action is Action.REVOKE:
            assert change.existing_identity is not None
            self._workspace.delete_user_identity(change.existing_identity.id)
            return Written()
        wanted, existing = change.identity, change.existing_identity
        assert wanted is not None
        assert change.link is not None
        if existing is None:
            found, made, remark = self._with_what_seam_takes(wanted, self._create)
        else:
            found, made, remark = self._with_what_seam_takes(wanted, lambda one: self._update(existing, one))
        self._ids[change.key] = found.id
        # A contact that somebody else has may become free: a full run asks for it again. One that
        # Seam does not take at all is not asked for any more.
        mark = HELD_BY_ANOTHER if remark.endswith(TAKEN) else ""
        link = replace(
            change.link, seam_id=found.id, wanted_hash=f"{mark}{change.link.wanted_hash}", made_hash=fingerprint(made)
        )
        return Written(link, remark)

    def _create(self, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        # It may have been made by an earlier attempt, or by somebody else, and not say what the PMS says now.
        return self._update(self._workspace.create_user_identity(wanted), wanted)

    def _update(self, found: ExistingUserIdentity, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        if not _says(found, wanted) or found.key != wanted.key:
            self._workspace.update_user_identity(found.id, wanted, renames=found.key != wanted.key)
        return found

    def _with_what_seam_takes(
        self, wanted: DesiredUserIdentity, write: Callable[[DesiredUserIdentity], T]
    ) -> tuple[T, DesiredUserIdentity, str]:
        """Writes an identity; where Seam refuses a contact (somebody else has it), without that contact."""
        refused: SeamRefused
        try:
            return write(wanted), wanted, ""
        except SeamNotFound:
            raise
        except SeamRefused as refusal:
            refused = refusal
        without_email = replace(wanted, email_address=None)
        without_phone = replace(wanted, phone_number=None)
        without_both = replace(wanted, email_address=None, phone_number=None)
        blames_email, blames_phone = "email" in refused.words, "phone" in refused.words
        if blames_phone and not blames_email:
            order = [without_phone, without_both]
        elif blames_email and not blames_phone:
            order = [without_email, without_both]
        else:
            order = [without_email, without_phone, without_both]
        tried = {(wanted.email_address, wanted.phone_number)}
        for variant in order:
            contacts = (variant.email_address, variant.phone_number)
            if contacts in tried:
                continue
            tried.add(contacts)
            try:
                written = write(variant)
            except SeamNotFound:
                raise
            except SeamRefused:
                continue
            taken = refused.status == 409 or any(word in refused.words for word in TAKEN_WORDS)
            lost = say("phone") if variant.email_address == wanted.email_address else say("e-mail")
            if variant.email_address != wanted.email_address and variant.phone_number != wanted.phone_number:
                lost = say("e-mail and phone")
            why = say(TAKEN) if taken else say("Seam does not accept it")
            return written, variant, say("without {contacts}: {why}", contacts=lost, why=why)
        raise refused


def gives_up_a_contact(change: Change) -> bool:
    """Whether somebody else, who waits for an e-mail or phone of hers, can have it after this."""
    found, wanted = change.existing_identity, change.identity
    if found is None or wanted is None:
        return False
    return any(
        before and contact_name(before) != contact_name(after or "")
        for before, after in (
            (found.email_address, wanted.email_address),
            (found.phone_number, wanted.phone_number),
        )
    )


def _says(identity: ExistingUserIdentity, wanted: DesiredUserIdentity) -> bool:
    """Whether an identity says all that is wanted of it already."""
    return (
        (identity.full_name or None, identity.phone_number or None) == (wanted.full_name, wanted.phone_number)
    ) and contact_name(identity.email_address or "") == contact_name(wanted.email_address or "")
