"""What a property sells at Mews: its bookable services, the categories of its resources, and its rooms."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import time
from typing import Self

import isodate

from connectors.mews.wire import Json, MewsWire, ResourceSchema, mews_id
from connectors.reading import load_each, part_of
from connectors.records import BrokenRecord, Property, Room

ROOM_LIKE = ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")
"""Category types in which people sleep, the likeliest first; decides where a resource has several categories."""


_RESOURCE = ResourceSchema()


def places_of(of: Property) -> Json:
    """Resources in use or not."""
    return {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}


class Catalogue:
    """The bookable services of a property, and the categories of what they sell."""

    def __init__(
        self,
        offsets: Mapping[str, tuple[time | None, time | None]],
        kinds: Mapping[str, str],
        services: Mapping[str, str],
    ):
        self.kinds = kinds
        self._offsets = offsets
        self._services = services
        usual = Counter(services[one] for one, kind in kinds.items() if kind in ROOM_LIKE)
        self._usual = min(usual, key=lambda one: (-usual[one], one)) if usual else None
        self._nameless: frozenset[str] | None = None
        """Rooms in use that are in no category, as they were when this was read."""

    @classmethod
    def read(cls, wire: MewsWire, of: Property) -> Self:
        """Sources: Get all services, Get all resource categories."""
        offsets: dict[str, tuple[time | None, time | None]] = {}
        for item in wire.read("services/getAll", "Services", {"EnterpriseIds": [of.id]}):
            data = part_of(item, "Data")
            if data.get("Discriminator") == "Bookable" and item.get("IsActive") is not False and mews_id(item) != "?":
                value = part_of(data, "Value")
                offsets[mews_id(item)] = (_time_of_day(value.get("StartOffset")), _time_of_day(value.get("EndOffset")))
        kinds: dict[str, str] = {}
        services: dict[str, str] = {}
        items, _ = wire.read_by_id(
            "resourceCategories/getAll", "ResourceCategories", {"EnterpriseIds": [of.id]}, "ServiceIds", sorted(offsets)
        )
        for item in items:
            kind = item.get("Type")
            if item.get("IsActive") is not False and mews_id(item) != "?" and isinstance(kind, str) and kind:
                kinds[mews_id(item)] = kind
                services[mews_id(item)] = mews_id(item, "ServiceId")
        return cls(offsets, kinds, services)

    def rooms(self, wire: MewsWire, of: Property) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: Get all resources, Get all resource category assignments."""
        rooms: dict[str, Room] = {}
        categories = self._of_resources(wire, of)
        items = [
            item
            for item in wire.read("resources/getAll", "Resources", places_of(of))
            # What a resource is, its category says. `Data` is an optional part, and speaks where there is none.
            if mews_id(item) in categories or part_of(item, "Data").get("Discriminator") not in ("Object", "Person")
        ]
        resources, broken = load_each(_RESOURCE, items, "room", "The resource in Mews", mews_id)
        for resource in resources:
            category = categories.get(resource["Id"])
            rooms[resource["Id"]] = Room(
                id=resource["Id"],
                property_id=of.id,
                name=resource["Name"],
                kind=self.kinds.get(category) if category else None,
                parent_id=resource["ParentResourceId"],
                is_active=resource["IsActive"] is not False,
                check_in=self.check_in(category),
                check_out=self.check_out(category),
            )
        return list(rooms.values()), broken

    def explains(self, rooms: Collection[Room]) -> bool:
        """Whether no more of these rooms are in no category than when this was read: a dorm's are in none."""
        return self._nameless is None or self._nameless >= _nameless(rooms)

    def note(self, rooms: Collection[Room]) -> None:
        """The rooms, as they are right after this was read."""
        if self._nameless is None:
            self._nameless = _nameless(rooms)

    def _of_resources(self, wire: MewsWire, of: Property) -> dict[str, str]:
        """The category of each resource. Source: Get all resource category assignments."""
        found: dict[str, list[str]] = {}
        items, _ = wire.read_by_id(
            "resourceCategoryAssignments/getAll",
            "ResourceCategoryAssignments",
            {"EnterpriseIds": [of.id]},
            "ResourceCategoryIds",
            sorted(self.kinds),
        )
        for item in items:
            category, resource = mews_id(item, "CategoryId"), mews_id(item, "ResourceId")
            if item.get("IsActive") is not False and category in self.kinds and resource != "?":
                found.setdefault(resource, []).append(category)
        # A room may be sold by several services: by the hour and by the night, or as a whole and by the bed.
        return {resource: min(ids, key=self.preference) for resource, ids in found.items()}

    def preference(self, category_id: str) -> tuple[int, bool, str]:
        """The category by which a resource is known that has several: the smallest."""
        kind = self.kinds[category_id]
        likely = ROOM_LIKE.index(kind) if kind in ROOM_LIKE else len(ROOM_LIKE)
        return likely, self._services[category_id] != self._usual, category_id

    def check_in(self, category_id: str | None) -> time | None:
        return self._times(category_id)[0]

    def check_out(self, category_id: str | None) -> time | None:
        return self._times(category_id)[1]

    def _times(self, category_id: str | None) -> tuple[time | None, time | None]:
        # A dorm's room is often in no category of its own: it has the times of the beds, the usual ones.
        service = self._services.get(category_id, self._usual) if category_id else self._usual
        return self._offsets.get(service or "", (None, None))


def _nameless(rooms: Collection[Room]) -> frozenset[str]:
    return frozenset(room.id for room in rooms if room.kind is None and room.is_active)


def _time_of_day(offset: object) -> time | None:
    """A service's StartOffset (from the start of the day) or EndOffset (from its end) as a local time of day.

    P0M0DT15H0M0S is 15:00; as EndOffset, P0M0DT12H is noon of the next day and a negative six hours are 18:00.
    """
    # Both count from a midnight, so what is left after whole days is the time of day, for negative offsets too.
    if not isinstance(offset, str):
        return None
    try:
        duration = isodate.parse_duration(offset)
        days = duration.tdelta if isinstance(duration, isodate.Duration) else duration
        minutes = int(days.total_seconds() // 60) % (24 * 60)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return None
    return time(minutes // 60, minutes % 60)
