"""What the books of a house promise, lease by lease and stay by stay: written apart from the product, on purpose.

It reads the raw records of the simulated office and hotel and knows the rules of access; it shares no code with the
mappers or the reconciler.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.buildium_office import BuildiumOffice
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from tests.oracle import expected

AHEAD = timedelta(days=14)
LONG_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Promise:
    """One person may open these doors, from then until then (None: without an end)."""

    person: str
    rooms: frozenset[str]
    starts_at: datetime
    ends_at: datetime | None
    reservation: str
    """The key that a grant has as its reservation, where one of its doors can belong to one."""

    def holds(self, now: datetime) -> bool:
        return self.starts_at <= now and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


class _Everything(set[str]):
    def __contains__(self, _: object) -> bool:
        return True


def of_leases(office: BuildiumOffice, prefix: str) -> dict[str, Promise]:
    """By grant key, over or to come as well. Every home comes with the lobby of its own house."""
    promises = {}
    for lease in office.leases.values():
        if lease["LeaseStatus"] not in ("Active", "Future"):
            continue
        home = office.units[lease["UnitId"]]
        rooms = frozenset({f"{prefix}{home['Id']}", f"{prefix}lobby:{home['PropertyId']}"})
        for tenant in lease["Tenants"]:
            if tenant["Status"] not in ("Current", "Future"):
                continue
            moves_in = date.fromisoformat(tenant["MoveInDate"] or lease["LeaseFromDate"])
            all_leaves = [
                date.fromisoformat(one["MoveOutDate"])
                for one in lease["MoveOutData"]
                if one["TenantId"] == tenant["Id"]
            ]
            leaves = [one for one in all_leaves if one >= moves_in]
            if all_leaves and not leaves and tenant["Status"] == "Future":
                continue  # She leaves before she comes.
            if not leaves and lease["AutomaticallyMoveOutTenants"] and lease["LeaseToDate"]:
                leaves = [date.fromisoformat(lease["LeaseToDate"])]
            promises[f"{prefix}{lease['Id']}:{tenant['Id']}"] = Promise(
                person=f"{prefix}{tenant['Id']}",
                rooms=rooms,
                starts_at=midnight(moves_in, office.zone),
                ends_at=midnight(max(leaves) + timedelta(days=1), office.zone) if leaves else None,
                reservation=f"{prefix}{lease['Id']}",
            )
    return promises


def of_stays(hotel: MewsHotel, prefix: str) -> dict[str, Promise]:
    """By grant key, over or to come as well, for everybody on a booking. Every room comes with the lobby."""
    return {
        prefix + key: Promise(
            person=prefix + door.guest,
            rooms=frozenset({*(prefix + room for room in door.rooms), f"{prefix}lobby"}),
            starts_at=door.starts_at,
            ends_at=door.ends_at,
            reservation=prefix + key.partition(":")[0],
        )
        for key, door in expected(hotel, LONG_BEFORE, True, _Everything()).items()
    }


def midnight(day: date, zone: str) -> datetime:
    """The instant at which a day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def grants(seam: SeamWorkspace, prefix: str, now: datetime) -> dict[str, Promise]:
    """What Seam has of one connection and is not over, by key without its generation; fails where a key has two."""
    found: dict[str, Promise] = {}
    for grant in seam.live_grants():
        key = grant["access_grant_key"]
        if not key.startswith(prefix):
            continue
        promise = Promise(
            person=seam.user_identities[grant["user_identity_id"]]["user_identity_key"],
            rooms=frozenset(seam.spaces[one]["space_key"] for one in grant["space_ids"]),
            starts_at=datetime.fromisoformat(grant["starts_at"]),
            ends_at=datetime.fromisoformat(grant["ends_at"]) if grant["ends_at"] else None,
            reservation=_without_generation(grant.get("reservation_key", "")),
        )
        if not promise.is_over(now):
            assert _without_generation(key) not in found, f"two grants for {key}"
            found[_without_generation(key)] = promise
    return found


def _without_generation(key: str) -> str:
    base, dot, generation = key.rpartition(".")
    return base if dot and generation.isdecimal() else key
