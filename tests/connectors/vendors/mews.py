"""Mews for the conformance kit, after the Connector API's documentation."""

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

import requests

from connectors.mews.connector import MewsConnector
from connectors.records import BookingStatus
from tests.connectors.fixture import House, HttpFixture, Json, Part, Person, RoomState, Stay, Webhook, as_json

STATES = {
    BookingStatus.TENTATIVE: "Optional",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.IN_HOUSE: "Started",
    BookingStatus.CHECKED_OUT: "Processed",
    BookingStatus.CANCELLED: "Canceled",
    BookingStatus.NO_SHOW: "Canceled",
    BookingStatus.UNKNOWN: "Teleported",
}
KINDS = {"room": "Room", "bed": "Bed", "parking": "Parking"}
TIMED = ("UpdatedUtc", "CollidingUtc")


class Fixture(HttpFixture):
    CONNECTOR = MewsConnector
    HOSTS = ("https://mews.example/api/connector/v1/",)
    PAGE = 1000
    LONGEST_WINDOW = timedelta(days=89)
    MOST_IDS = 1000
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.RENEWAL: "Mews's tokens are in every request and do not grow old.",
        Part.SPLIT: "A guest who moves during the stay has two reservations in Mews.",
        Part.OPEN_END: "A reservation in Mews always has an end.",
        Part.CONNECTED_ROOMS: "Mews's resources have a parent, but consist of nothing.",
        Part.SIGNED_BODY: "Mews signs nothing: the token in the address is all there is.",
        Part.WEBHOOK_AGE: "Mews's webhooks carry no time.",
        Part.EVENT_IDS: "Mews's events have no numbers.",
        Part.HEALTH_CHECK: "Mews does not ask whether we are there.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return _uuid("booking" if kind == "reservation" else kind, number, part)

    def settings(self) -> Json:
        return {
            "base_url": "https://mews.example",
            "client_token": "CLIENT-SECRET",
            "access_token": f"ACCESS-SECRET-{self.account}",
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]"]

    # --- the wire -----------------------------------------------------------------------------------------------------

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        operation = str(request.url).removeprefix(self.HOSTS[0])
        assert request.method == "POST"
        question: Json = json.loads(request.body or b"")
        settings = self.settings()
        if (question["ClientToken"], question["AccessToken"]) != (settings["client_token"], settings["access_token"]):
            return as_json({"Message": "Invalid AccessToken."}, 401)
        for name in TIMED:
            if name in question:
                start, end = self._window(question, name)
                if end - start > self.LONGEST_WINDOW:
                    return as_json({"Message": f"{name} is too long."}, 400)
        if any(len(value) > self.MOST_IDS for value in question.values() if isinstance(value, list)):
            return as_json({"Message": "Too many ids."}, 400)
        match operation:
            case "configuration/get":
                return as_json({"Enterprise": self._enterprise(self.house)})
            case "enterprises/getAll":
                return self._list(question, "Enterprises", [self._enterprise(house) for house in self.houses])
            case "services/getAll":
                return self._list(question, "Services", [self._service()])
            case "resourceCategories/getAll":
                return self._list(question, "ResourceCategories", [self._category(one) for one in KINDS])
            case "resourceCategoryAssignments/getAll":
                return self._list(question, "ResourceCategoryAssignments", [self._assignment(r) for r in self.rooms])
            case "resources/getAll":
                assert question["Extent"] == {"Resources": True, "Inactive": True}
                rooms = self._wanted(question, self._here(question, self.rooms), "ResourceIds")
                return self._list(question, "Resources", [self._resource(room) for room in rooms])
            case "customers/getAll":
                people = self._wanted(question, self.people, "CustomerIds")
                people = [one for one in people if not one.is_anonymous or "Deleted" in question["ActivityStates"]]
                return self._list(question, "Customers", [self._customer(person) for person in people])
            case "companionships/getAll":
                return self._list(question, "Companionships", self._companionships(question))
            case "reservations/getAll/2023-06-06":
                stays = [stay for stay in self._here(question, self.stays) if stay.exists]
                stays = self._wanted(question, stays, "ReservationIds")
                if "CollidingUtc" in question:
                    start, end = self._window(question, "CollidingUtc")
                    stays = [one for one in stays if self.begins(one) < end and (self.ends(one) or end) > start]
                return self._list(question, "Reservations", [self._reservation(stay) for stay in stays], pages=True)
        raise AssertionError(f"Mews has no {operation}")

    def _list(
        self, question: Json, name: str, items: list[Json], pages: bool = False
    ) -> tuple[int, Mapping[str, str], str]:
        """Newest first; the cursor is the id of the last one of the page."""
        items = items[::-1]
        count, cursor = question["Limitation"]["Count"], question["Limitation"].get("Cursor")
        if not 1 <= count <= self.PAGE:
            return as_json({"Message": "Invalid Limitation."}, 400)
        start = 0 if cursor is None else next(n for n, item in enumerate(items, 1) if item["Id"] == cursor)
        page = self.page_of(items, start, count) if pages else items[start : start + count]
        return as_json({name: page, "Cursor": page[-1]["Id"] if page else None})

    def _here(self, question: Json, records: Iterable[Any]) -> list[Any]:
        return [one for one in records if one.house.id in question.get("EnterpriseIds", (one.house.id,))]

    def _wanted(self, question: Json, records: Iterable[Any], by_id: str) -> list[Any]:
        wanted = set(question.get(by_id, ()))
        found = [one for one in records if by_id not in question or one.id in wanted]
        if "UpdatedUtc" in question:
            start, end = self._window(question, "UpdatedUtc")
            found = [one for one in found if start <= one.changed_at < end]
        return found

    def _window(self, question: Json, name: str) -> tuple[datetime, datetime]:
        return datetime.fromisoformat(question[name]["StartUtc"]), datetime.fromisoformat(question[name]["EndUtc"])

    def _enterprise(self, house: House) -> Json:
        return {
            "Id": house.id,
            "Name": house.name,
            "ChainId": self.make_id("chain", 1),
            "TimeZoneIdentifier": self.TIME_ZONE,
            "Address": {"CountryCode": "AT"},
        }

    def _service(self) -> Json:
        value = {"StartOffset": "P0M0DT15H0M0S", "EndOffset": "P0M0DT11H0M0S", "TimeUnitPeriod": "Day"}
        service_id = self.make_id("service", 1)
        return {"Id": service_id, "IsActive": True, "Data": {"Discriminator": "Bookable", "Value": value}}

    def _category(self, kind: str) -> Json:
        category_id = self.make_id("category " + kind, 1)
        return {"Id": category_id, "IsActive": True, "Type": KINDS[kind], "ServiceId": self.make_id("service", 1)}

    def _assignment(self, room: RoomState) -> Json:
        category_id = self.make_id("category " + room.kind, 1)
        return {"Id": "a-" + room.id, "ResourceId": room.id, "CategoryId": category_id, "IsActive": True}

    def _resource(self, room: RoomState) -> Json:
        return {
            "Id": room.id,
            "Name": None if room.is_broken else room.name,
            "IsActive": room.is_active,
            "ParentResourceId": room.parent.id if room.parent else None,
            "Data": {"Discriminator": "Space", "Value": {"FloorNumber": "1"}},
            "UpdatedUtc": _utc(room.changed_at),
        }

    def _customer(self, person: Person) -> Json:
        """Source of what is left of a deleted profile: Get all customers, `ActivityStates`."""
        if person.is_broken:
            return {"Id": person.id, "FirstName": {"en": person.first_name}, "LastName": person.last_name}
        if person.is_anonymous:
            return {"Id": person.id, "FirstName": None, "LastName": "Deleted", "Email": None, "Phone": None}
        return {
            "Id": person.id,
            "FirstName": person.first_name,
            "LastName": person.last_name,
            "Email": person.email,
            "Phone": person.phone,
            "MergeTargetId": None,
            "UpdatedUtc": _utc(person.changed_at),
        }

    def _companionships(self, question: Json) -> list[Json]:
        stays, groups = set(question.get("ReservationIds", ())), set(question.get("ReservationGroupIds", ()))
        return [
            {
                "Id": f"c-{stay.id}-{person.id}",
                "CustomerId": person.id,
                "ReservationId": stay.id,
                "ReservationGroupId": self._group(stay),
            }
            for stay in self.stays
            if stay.exists and (stay.id in stays or self._group(stay) in groups)
            for person in stay.people[1:]
        ]

    def _group(self, stay: Stay) -> str:
        return "group-" + stay.number

    def _reservation(self, stay: Stay) -> Json:
        ends = self.ends(stay)
        assert ends is not None
        return {
            "Id": stay.id,
            "ServiceId": self.make_id("service", 1),
            "AccountId": stay.people[0].id if stay.people else None,
            "AccountType": "Customer",
            "Number": stay.number,
            "State": STATES[stay.status],
            "CancellationReason": "NoShow" if stay.status is BookingStatus.NO_SHOW else None,
            "GroupId": self._group(stay),
            "RequestedResourceCategoryId": self.make_id("category room", 1),
            "AssignedResourceId": stay.room.id if stay.room else None,
            "ScheduledStartUtc": None if stay.is_broken else _utc(self.begins(stay)),
            "ScheduledEndUtc": _utc(ends),
            "ActualStartUtc": _utc(stay.came_at) if stay.came_at else None,
            "UpdatedUtc": _utc(stay.changed_at),
        }

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        document = {
            "EnterpriseId": self.house.id,
            "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": stay.id}}],
        }
        return Webhook({"token": self.WEBHOOK_TOKEN}, {}, json.dumps(document).encode(), document)

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        tokens = ("", self.WEBHOOK_TOKEN[:-1], self.WEBHOOK_TOKEN + "x", "TOKEN")
        queries: list[dict[str, str]] = [{}, *({"token": token} for token in tokens)]
        return [Webhook(query, genuine.headers, genuine.body, genuine.document) for query in queries]


@cache
def _uuid(kind: str, number: int, part: int) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number} {part}"))


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
