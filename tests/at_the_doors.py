"""The doors' own view: who can open which of them with which PIN, and from when until when. Never a key."""

from dataclasses import dataclass
from datetime import datetime

from sandbox.seam_workspace import SeamWorkspace


@dataclass(frozen=True, order=True)
class Way:
    """One PIN at one door."""

    room: str
    pin: str
    who: str
    """The name of whoever was told the PIN."""
    starts_at: datetime
    ends_at: datetime | None


def ways(seam: SeamWorkspace, now: datetime) -> list[Way]:
    """Every PIN that opens now, or will: of grants that are still being deleted as well, for their locks may not know
    that yet."""
    seam.tick()
    found = []
    for grant in seam.access_grants.values():
        ends_at = datetime.fromisoformat(grant["ends_at"]) if grant["ends_at"] else None
        if ends_at is not None and ends_at <= now:
            continue
        pins = [seam.access_methods[one].get("code") for one in grant["access_method_ids"]]
        who = seam.user_identities[grant["user_identity_id"]]["full_name"] or ""
        starts_at = datetime.fromisoformat(grant["starts_at"])
        found += [
            Way(str(seam.spaces[space]["name"]), str(pin), who, starts_at, ends_at)
            for space in grant["space_ids"]
            if space in seam.spaces
            for pin in pins
            if pin is not None
        ]
    return sorted(found, key=lambda way: (way.room, way.starts_at, way.who))


def openers(seam: SeamWorkspace, now: datetime) -> dict[tuple[str, str], str]:
    """The PIN by (room, first name) of whoever can open it now or later."""
    return {(way.room, way.who.split()[0] if way.who else ""): way.pin for way in ways(seam, now)}
