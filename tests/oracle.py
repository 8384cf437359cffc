"""What Seam should hold, worked out from the hotel's own books: written apart from the product, on purpose.

It reads the simulated hotel's raw records and knows the rules of access; it shares no code with the mappers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace


@dataclass(frozen=True)
class Door:
    """One person's way in, as the guest feels it."""

    guest: str
    rooms: tuple[str, ...]
    starts_at: datetime
    ends_at: datetime


def expected(hotel: MewsHotel, now: datetime, everyone: bool, had: set[str]) -> dict[str, Door]:
    """Every way in that should exist, by key. `had`: keys that exist already, and are kept in step from afar."""
    doors = {}
    for booking in hotel.reservations.values():
        if booking["State"] not in ("Confirmed", "Started") or booking["AssignedResourceId"] is None:
            continue
        arrival = datetime.fromisoformat(booking["ScheduledStartUtc"]).replace(microsecond=0)
        departure = datetime.fromisoformat(booking["ScheduledEndUtc"])
        if booking["ActualStartUtc"] and datetime.fromisoformat(booking["ActualStartUtc"]) < arrival:
            arrival = datetime.fromisoformat(booking["ActualStartUtc"]).replace(microsecond=0)
        if departure <= now or departure <= arrival:
            continue
        room = hotel.resources[booking["AssignedResourceId"]]
        people = [] if booking["AccountType"] == "Company" else [booking["AccountId"]]
        people += [one["CustomerId"] for one in hotel.companionships.values() if one["ReservationId"] == booking["Id"]]
        people = list(dict.fromkeys(_target(hotel, one) for one in people))
        rooms = [room["Id"]] + ([room["ParentResourceId"]] if room["ParentResourceId"] else [])
        for place, person in enumerate(people if everyone else people[:1]):
            key = booking["Id"] if place == 0 else f"{booking['Id']}:{person}"
            if arrival - timedelta(days=14) <= now or key in had:
                doors[key] = Door(person, tuple(sorted(rooms)), arrival, departure)
    return doors


def actual(seam: SeamWorkspace, now: datetime) -> dict[str, list[Door]]:
    """Every way in that exists and has not ended, by key without generation."""
    found: dict[str, list[Door]] = {}
    for grant in seam.live_grants():
        ends_at = datetime.fromisoformat(grant["ends_at"])
        if ends_at <= now:
            continue
        base = grant["access_grant_key"].split(".")[0]
        rooms = tuple(sorted(_space_key(seam, one) for one in grant["space_ids"]))
        guest = seam.user_identities[grant["user_identity_id"]]["user_identity_key"]
        found.setdefault(base, []).append(Door(guest, rooms, datetime.fromisoformat(grant["starts_at"]), ends_at))
    return found


def assert_in_step(hotel: MewsHotel, seam: SeamWorkspace, now: datetime, everyone: bool) -> None:
    """Fails with the first difference: nobody outside who should be in, nobody in who should be out, nothing twice."""
    is_ = actual(seam, now)
    should = expected(hotel, now, everyone, set(is_))
    assert set(is_) == set(should), f"missing {set(should) - set(is_)}, too many {set(is_) - set(should)}"
    for key, door in should.items():
        assert is_[key] == [door], f"{key}: {is_[key]} should be {door}"
    contacts: list[Any] = []
    for identity in seam.user_identities.values():
        contacts += [one.casefold() for one in (identity["email_address"], identity["phone_number"]) if one]
    assert len(contacts) == len(set(contacts)), "a contact stands twice"
    keys = [space["space_key"] for space in seam.spaces.values()]
    assert sorted(keys) == sorted(set(keys))


def _target(hotel: MewsHotel, customer: str) -> str:
    while hotel.customers[customer]["MergeTargetId"]:
        customer = hotel.customers[customer]["MergeTargetId"]
    return customer


def _space_key(seam: SeamWorkspace, space_id: str) -> str:
    space = seam.spaces.get(space_id)
    return str(space["space_key"]) if space else f"deleted {space_id}"
