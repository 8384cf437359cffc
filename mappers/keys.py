"""Resource keys: the PMS's own ids, with the connection's prefix. The one place that builds or reads them.

A key is made only of ids that never change: no room number, no name, no date.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_SPAN = re.compile(r"^(?P<booking>.+)/(?P<span>[1-9]\d*)$", re.DOTALL)
_GENERATION = re.compile(r"^(?P<base>.+)\.(?P<generation>[1-9]\d*)$", re.DOTALL)

LONGEST_GRANT = 240
"""Characters of a grant's key, so that a generation has its place in 255 as well: of a longer one the person's part is
a digest."""


SPARE = "~spare"
"""Begins the keys of spare keys, behind the prefix: no PMS has a booking with such an id."""


def with_generation(base_key: str, generation: int) -> str:
    """The key of a grant's nth generation: the first has the plain key, later ones `<key>.2`, `<key>.3`, ..."""
    return base_key if generation == 1 else f"{base_key}.{generation}"


def split_generation(key: str) -> tuple[str, int]:
    """Base key and generation of a grant's key; the reverse of `with_generation`."""
    match = _GENERATION.match(key)
    if match is None or (generation := int(match["generation"])) < 2:
        return key, 1
    return match["base"], generation


def next_generation_key(base_key: str, occupied: Iterable[str]) -> str:
    """The first key of a grant, of whatever generation, that nothing occupies."""
    taken = set(occupied)
    generation = 1
    while with_generation(base_key, generation) in taken:
        generation += 1
    return with_generation(base_key, generation)


@dataclass(frozen=True, slots=True)
class Keys:
    """Builds the keys of one connection, and says which keys belong to it."""

    prefix: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Other connections of this workspace that we know of, each with its prefix."""
    workspace: str = ""
    """The Seam workspace in which its keys are unique, by the name that the settings give it."""

    def owner_of(self, key: str) -> str | None:
        """The other connection whose key this is; None where none of them can have made it.

        Between prefixes letter case makes no difference: whether it does to Seam, no document says.
        """
        plain = key.casefold()
        for name, prefix in self.others:
            if prefix and plain.startswith(prefix.casefold()) and len(prefix) > len(self.prefix):
                return name
        return None

    def customer(self, property_id: str) -> str:
        return self.prefix + property_id

    def room(self, room_id: str) -> str:
        return self.prefix + room_id

    def common_area(self, area_key: str, property_id: str, shares_connection: bool) -> str:
        """A common area's Space key: as the policy has it; with the property's id where one policy serves several."""
        return self.prefix + (f"{area_key}:{property_id}" if shares_connection else area_key)

    def guest(self, guest_id: str) -> str:
        return self.prefix + guest_id

    def grant(self, booking_id: str, companion_id: str | None = None, span: int = 1) -> str:
        """The key of a booking's grant; a companion's own grant carries the guest's id as well. Where a stay has
        several spans, the second one's is `<booking>/2`, and so on."""
        part = self.reservation(booking_id, span)
        if companion_id is None:
            return part
        if len(part) + len(companion_id) > LONGEST_GRANT:
            companion_id = hashlib.sha256(companion_id.encode()).hexdigest()[:32]
        return f"{part}:{companion_id}"

    def reservation(self, booking_id: str, span: int = 1) -> str:
        return self.prefix + (booking_id if span == 1 else f"{booking_id}/{span}")

    def spare(self, room_key: str, token: str) -> str:
        """The key of a spare key's grant: of no guest and no booking. `token` tells those of one room apart."""
        return f"{self.prefix}{SPARE}:{self.id_of(room_key)}:{token}"

    @property
    def spare_holder(self) -> str:
        """The key of the identity that holds the spare keys."""
        return self.prefix + SPARE

    def is_spare(self, grant_key: str) -> bool:
        return grant_key.startswith(f"{self.prefix}{SPARE}:") and self.owner_of(grant_key) is None

    def id_of(self, key: str) -> str | None:
        """The PMS id in a room's or guest's key; None when the key lacks our prefix, or has another's."""
        return key[len(self.prefix) :] if key.startswith(self.prefix) and self.owner_of(key) is None else None

    def booking_of(self, grant_key: str) -> str | None:
        """The booking id in a grant's key of any generation; None when the key lacks our prefix, or is a spare one."""
        if self.is_spare(grant_key):
            return None
        plain = self.id_of(split_generation(grant_key)[0])
        if not plain:
            return None
        part = plain.partition(":")[0]
        match = _SPAN.match(part)
        return match["booking"] if match is not None and int(match["span"]) > 1 else part
