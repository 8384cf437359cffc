"""Planning 100,000 grants of which 1 % changed: our planner, and diffsync 2.2 over the same records.

Each runs in a process of its own, so that the memory of one is not counted to the other:
`python -m benchmarks.planning ours|diffsync` prints seconds and megabytes above the bare interpreter.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

GRANTS = 100_000
CHANGED_EVERY = 100
NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)


def megabytes() -> float:
    """The most memory that this process has had; not its parent's, which getrusage would count."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def record(number: int, changed: bool) -> dict[str, Any]:
    """The attributes of one grant, for both sides."""
    starts_at = NOW + timedelta(hours=number % 300)
    nights = 3 if changed and number % CHANGED_EVERY == 0 else 2
    return {
        "key": f"booking-{number:06d}",
        "guest": f"guest-{number:06d}",
        "room": f"room-{number % 300:03d}",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(days=nights),
    }


def ours() -> dict[str, float]:
    bare = megabytes()
    from mappers.access import BookingAccess
    from mappers.outcomes import Action
    from mappers.resources import DesiredAccessGrant, DesiredUserIdentity
    from reconciler.draft import Desired
    from reconciler.planner import plan
    from seam_workspace.existing import (
        ExistingAccessGrant,
        ExistingResources,
        ExistingSpace,
        ExistingUserIdentity,
    )

    class KnownLink:
        __slots__ = ("ends_at", "generation", "made_hash", "seam_id", "space_ids", "wanted_hash")

        def __init__(self, seam_id: str, ends_at: datetime | None = None, space_ids: frozenset[str] | None = None):
            self.seam_id = seam_id
            self.ends_at = ends_at
            self.space_ids = space_ids
            self.generation = 1
            self.made_hash = self.wanted_hash = None

    code = frozenset({"code"})
    spaces = {f"room-{n:03d}": ExistingSpace(f"s-{n:03d}", f"room-{n:03d}", str(n), "hotel") for n in range(300)}
    doors = {f"room-{n:03d}": frozenset({f"s-{n:03d}"}) for n in range(300)}
    accesses, grants, identities, wanted, links = [], {}, {}, {}, {}
    for number in range(GRANTS):
        new, old = record(number, True), record(number, False)
        key, guest, room = new["key"], new["guest"], new["room"]
        accesses.append(
            BookingAccess(
                key,
                key,
                "",
                "Europe/Vienna",
                grants=(
                    DesiredAccessGrant(
                        key, key, guest, (room,), new["starts_at"], new["ends_at"], "Booking", ("code",), key
                    ),
                ),
                room_key=room,
            )
        )
        grants[key] = (
            ExistingAccessGrant(
                "g" + key, key, "i" + guest, doors[room], old["starts_at"], old["ends_at"], "Booking", code
            ),
        )
        identities[guest] = ExistingUserIdentity("i" + guest, guest, "A Guest")
        wanted[guest] = DesiredUserIdentity(guest, "A Guest")
        links["access_grant", key] = KnownLink("g" + key, old["ends_at"], doors[room])
        links["user_identity", guest] = KnownLink("i" + guest)
    existing = ExistingResources(spaces, identities, grants)
    desired = Desired(accesses, wanted)
    began = time.perf_counter()
    result = plan(desired, existing, links, NOW)
    seconds = time.perf_counter() - began
    assert sum(change.action is Action.UPDATE for change in result.grants) == GRANTS / CHANGED_EVERY
    return {"seconds": seconds, "megabytes": megabytes() - bare}


def diffsync() -> dict[str, float]:
    bare = megabytes()
    from diffsync import Adapter, DiffSyncModel

    class Grant(DiffSyncModel):
        _modelname = "grant"
        _identifiers = ("key",)
        _attributes = ("guest", "room", "starts_at", "ends_at")
        key: str
        guest: str
        room: str
        starts_at: datetime
        ends_at: datetime

    class Side(Adapter):
        grant = Grant
        top_level = ["grant"]  # noqa: RUF012 - diffsync's own way to say it

    pms, seam = Side(), Side()
    for number in range(GRANTS):
        pms.add(Grant(**record(number, True)))
        seam.add(Grant(**record(number, False)))
    began = time.perf_counter()
    difference = seam.diff_from(pms)
    summary = difference.summary()
    seconds = time.perf_counter() - began
    assert summary["update"] == GRANTS / CHANGED_EVERY
    return {"seconds": seconds, "megabytes": megabytes() - bare}


if __name__ == "__main__":
    print(json.dumps({"ours": ours, "diffsync": diffsync}[sys.argv[1]]()))
