"""PINs, as they are told: in memory only, never stored, never logged."""

from collections.abc import Collection

from seam_workspace import answers
from seam_workspace.errors import SeamNotFound
from seam_workspace.existing import WayIn
from seam_workspace.grants import GRANTS_TOGETHER, Grants


class Pins(Grants):
    """Asked for, and compared with those of others."""

    def ways_in(self, access_grant_id: str) -> list[WayIn]:
        """What opens a grant's doors, secrets included; empty when the grant is gone. For memory only."""
        try:
            methods = self._call(
                "access_methods/list", lambda: self._seam.access_methods.list(access_grant_id=access_grant_id)
            )
        except SeamNotFound:
            return []
        return [
            WayIn(
                bool(method.is_issued),
                answers.pin(method.code) if method.mode == "code" else None,
                str(method.instant_key_url) if getattr(method, "instant_key_url", None) else None,
            )
            for method in methods
            if not answers.is_being_deleted(method.warnings)
        ]

    def pin_of(self, access_grant_id: str) -> str | None:
        """The PIN of a grant, to carry it over to its replacement; None when it has none (yet).

        Held in memory only, never stored, never logged.
        """
        ways = sorted(self.ways_in(access_grant_id), key=lambda way: not way.issued)
        pins = (way.pin for way in ways)
        return next((pin for pin in pins if pin is not None and pin.isdigit() and 4 <= len(pin) <= 9), None)

    def has_pin_of_another(self, pin: str, space_id: str, identity_ids: Collection[str]) -> bool:
        """Whether somebody else than these people has, had or will have this PIN in a Space, as far as Seam still has
        the grant: a call for the grants, and one for every 100."""
        others = [grant.id for grant in self.grants_in(space_id) if grant.user_identity_id not in identity_ids]
        for start in range(0, len(others), GRANTS_TOGETHER):
            batch = others[start : start + GRANTS_TOGETHER]

            def is_there(batch: list[str] = batch) -> bool:
                related = self._seam.access_grants.get_related(access_grant_ids=batch, include=["access_methods"])
                return any(answers.opens_by(one, pin) for one in related.access_methods or ())

            if self._call("access_grants/get_related", is_there):
                return True
        return False
