"""What Seam should hold, worked out from the hotel's own books: written apart from the product, on purpose.

It reads the simulated hotel's raw records and knows the rules of access; it shares no code with the mappers.
"""

from collections.abc import Collection
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


def contested(hotel: MewsHotel, rooms: Collection[str]) -> set[str]:
    """Bookings that are in one of these rooms while another one is."""
    found = set()
    times: dict[str, list[tuple[datetime, datetime, str]]] = {}
    for booking in hotel.reservations.values():
        if booking["State"] in ("Confirmed", "Started") and booking["AssignedResourceId"] in rooms:
            starts = [booking["ScheduledStartUtc"], booking["ActualStartUtc"]]
            starts_at = min(datetime.fromisoformat(one) for one in starts if one)
            span = starts_at, datetime.fromisoformat(booking["ScheduledEndUtc"])
            times.setdefault(booking["AssignedResourceId"], []).append((*span, booking["Id"]))
    for several in times.values():
        for starts_at, ends_at, booking in several:
            if any(one != booking and begins < ends_at and starts_at < ends for begins, ends, one in several):
                found.add(booking)
    return found


def assert_in_step(
    hotel: MewsHotel, seam: SeamWorkspace, now: datetime, everyone: bool, one_at_a_time: Collection[str] = ()
) -> None:
    """Fails with the first difference: nobody outside who should be in, nobody in who should be out, nothing twice.
    `one_at_a_time`: rooms whose locks know one booking; where two are there at once, one waits for the other."""
    waiting = contested(hotel, one_at_a_time)
    is_ = {key: one for key, one in actual(seam, now).items() if key.partition(":")[0] not in waiting}
    should = expected(hotel, now, everyone, set(is_))
    should = {key: one for key, one in should.items() if key.partition(":")[0] not in waiting}
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
