"""Cloudbeds for the conformance kit, after its OpenAPI description of v1.3."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import requests

from connectors.cloudbeds.connector import CloudbedsConnector
from connectors.records import BookingStatus
from tests.connectors.fixture import HttpFixture, Json, Part, Person, RoomState, Stay, Webhook, as_json

STATES = {
    BookingStatus.TENTATIVE: "not_confirmed",
    BookingStatus.CONFIRMED: "confirmed",
    BookingStatus.IN_HOUSE: "checked_in",
    BookingStatus.CHECKED_OUT: "checked_out",
    BookingStatus.CANCELLED: "canceled",
    BookingStatus.NO_SHOW: "no_show",
    BookingStatus.UNKNOWN: "teleported",
}
ROOM_STATES = {
    BookingStatus.IN_HOUSE: "in_house",
    BookingStatus.CHECKED_OUT: "checked_out",
    BookingStatus.CANCELLED: "cancelled",
}
ROOM_TYPES = {"room": "405001", "bed": "405002"}


class Fixture(HttpFixture):
    """Signs in by OAuth, the way in which more can go wrong."""

    CONNECTOR = CloudbedsConnector
    HOSTS = ("https://cloudbeds.example/api/v1.3/",)
    PAGE = 100
    MOST_IDS = 50
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.PORTFOLIO: "A connection is for the one property that its settings name.",
        Part.LONG_WINDOWS: "Cloudbeds documents no limit of the window of changes.",
        Part.EXACT_CHANGES: "In which zone the moment of a change is told is not documented, so the windows overlap.",
        Part.ROOM_CHANGES: "Cloudbeds does not tell when a room changed.",
        Part.INACTIVE_ROOMS: "Cloudbeds only lists the rooms that are in use.",
        Part.OTHER_KINDS: "What Cloudbeds calls a room is one, as far as it tells.",
        Part.BEDS: "The room of a bed is nothing but a name in Cloudbeds, and a name is no key.",
        Part.OPEN_END: "A room of a reservation always has a last day.",
        Part.SIGNED_BODY: "Cloudbeds signs nothing: the token in the address is all there is.",
        Part.WEBHOOK_AGE: "Nobody could tell by the time in an unsigned body whether it is old.",
        Part.EVENT_IDS: "Cloudbeds's events have no numbers.",
        Part.HEALTH_CHECK: "Cloudbeds does not ask whether we are there.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        match kind:
            case "property":
                return str(210000 + number)
            case "room":
                return f"{ROOM_TYPES['room']}-{number}"
            case "guest":
                return str(163000000 + number)
            case "booking" if part > 1:
                return f"{8176000000000 + number}-{part - 1}"
        return str(8176000000000 + number)

    def settings(self) -> Json:
        return {
            "base_url": self.HOSTS[0],
            "property_id": self.house.id,
            "client_id": f"CLIENT-ID-{self.account}",
            "client_secret": "CLIENT-SECRET",
            "refresh_token": f"REFRESH-SECRET-{self.account}",
        }

    def wrong_shapes(self) -> list[str]:
        told = (
            {"success": True},
            {"success": True, "data": None},
            {"success": True, "data": {}},
            {"success": False, "message": "Internal error"},
            {"success": "no", "data": [], "total": 0},
        )
        return [*super().wrong_shapes(), "[]", *map(json.dumps, told)]

    # --- the wire -----------------------------------------------------------------------------------------------------

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).endswith("/access_token")

    def refusal(self) -> Any:
        fault = super().refusal()
        return type(fault)(401, '{"error": "access_denied", "message": "The resource owner denied the request."}')

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        address = urlsplit(str(request.url))
        operation = address.path.removeprefix("/api/v1.3/")
        if operation == "access_token":
            form = dict(parse_qsl(str(request.body)))
            wanted = {name: self.settings()[name] for name in ("client_id", "client_secret", "refresh_token")}
            assert form == {"grant_type": "refresh_token", **wanted}
            return as_json({"access_token": "ACCESS-1", "token_type": "Bearer", "expires_in": 28800})
        assert request.method == "GET"
        assert request.headers["Authorization"] == "Bearer ACCESS-1"
        assert request.headers["X-PROPERTY-ID"] == self.house.id
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        assert self.house.id in (asked.get("propertyID"), asked.get("propertyIDs"))
        match operation:
            case "getHotels":
                return self._list(asked, [self._hotel()])
            case "getHotelDetails":
                policy = {"propertyCheckInTime": "15:00:00", "propertyCheckOutTime": "11:00:00"}
                address_of = {"propertyCountry": "AT"}
                return _done({**self._hotel(), "propertyPolicy": policy, "propertyAddress": address_of})
            case "getRooms":
                assert not {"startDate", "endDate"} & asked.keys(), "only free rooms come of that"
                page = self._page(asked, [self._room(one) for one in self.rooms])
                return as_json({"success": True, "count": 1, "total": 1, "data": [self._of_house(rooms=page)]})
            case "getGuest":
                for person in self.people:
                    if person.id == asked["guestID"]:
                        return _done(self._profile(person))
                return _failed("Guest not found")
            case "getGuestsModified":
                stays = [(stay, person) for stay in self.stays if stay.exists for person in stay.people]
                rows = [self._modified(*one) for one in stays]
                return self._list(asked, self._within(asked, "results", rows))
            case "getReservation":
                found = self._reservations()
                if asked["reservationID"] not in found:
                    return _failed("Reservation not found")
                raise AssertionError("what is there is found by the list")
            case "getReservations":
                assert asked["includeAllRooms"] == asked["includeGuestsDetails"] == "true"
                rows = list(self._reservations().values())
                if "modifiedFrom" in asked:
                    rows = self._within(asked, "modified", rows)
                else:
                    last, first = asked["checkInTo"], asked["checkOutFrom"]
                    rows = [one for one in rows if one["startDate"] <= last and one["endDate"] >= first]
                return self._list(asked, rows, pages=True)
            case "getReservationsWithRateDetails" if "modifiedFrom" in asked:
                assert asked["includeDeleted"] == "true"
                rows = self._within(asked, "modified", self._reservations().values())
                return self._list(asked, [{**row, "isDeleted": False} for row in rows])
            case "getReservationsWithRateDetails":
                ids = asked["reservationID"].split(",")
                assert len(ids) <= self.MOST_IDS
                found = self._reservations()
                return self._list(asked, [found[one] for one in ids if one in found])
        raise AssertionError(f"Cloudbeds has no {operation}")

    def _list(self, asked: Json, rows: list[Json], pages: bool = False) -> tuple[int, Mapping[str, str], str]:
        page = self._page(asked, rows, pages)
        return as_json({"success": True, "data": page, "count": len(page), "total": len(rows)})

    def _page(self, asked: Json, rows: list[Json], pages: bool = False) -> list[Json]:
        number, size = int(asked["pageNumber"]), int(asked["pageSize"])
        assert size <= 100
        offset = (number - 1) * size
        return self.page_of(rows, offset, size) if pages else rows[offset : offset + size]

    def _within(self, asked: Json, name: str, rows: Iterable[Json]) -> list[Json]:
        start, end = asked[f"{name}From"], asked[f"{name}To"]
        return [row for row in rows if start <= row["dateModified"] <= end]

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(self.TIME_ZONE)):%Y-%m-%d %H:%M:%S}"

    def _of_house(self, **rest: Any) -> Json:
        return {"propertyID": self.house.id, **rest}

    def _hotel(self) -> Json:
        return self._of_house(propertyName=self.house.name, propertyTimezone=self.TIME_ZONE)

    def _room(self, room: RoomState) -> Json:
        return {
            "roomID": room.id,
            "roomName": None if room.is_broken else room.name,
            "dormRoomName": "",
            "isPrivate": room.kind != "bed",
            "isVirtual": bool(room.connected),
            "roomTypeID": ROOM_TYPES["room"],
            "linkedRoomIDs": [one.id for one in self.rooms if one in room.connected or room in one.connected],
        }

    def _profile(self, person: Person) -> Json:
        if person.is_anonymous:
            return {"firstName": "Anonymized", "lastName": "", "isAnonymized": True, "isMerged": False}
        contacts = {"email": person.email, "phone": "", "cellPhone": person.phone}
        return {"firstName": person.first_name, "lastName": person.last_name, **contacts, "isAnonymized": False}

    def _modified(self, stay: Stay, person: Person) -> Json:
        moment = self._local(person.changed_at)
        return {"guestID": person.id, "reservationID": stay.reservation_id, "dateModified": moment}

    def _reservations(self) -> dict[str, Json]:
        """By id, the last that changed first."""
        parts: dict[str, list[Stay]] = {}
        for stay in sorted(self.stays, key=lambda one: one.changed_at, reverse=True):
            if stay.exists:
                parts.setdefault(stay.reservation_id, []).append(stay)
        return {one: self._reservation(one, stays) for one, stays in parts.items()}

    def _reservation(self, reservation_id: str, stays: list[Stay]) -> Json:
        lines = [line for stay in stays for line in self._lines(stay)]
        first = min(stays, key=lambda one: one.part)
        days = [line[name] for line in lines for name in ("roomCheckIn", "roomCheckOut") if name in line]
        # One room that is cancelled does not cancel the others.
        status = next((one.status for one in stays if one.status is not BookingStatus.CANCELLED), first.status)
        return self._of_house(
            reservationID=reservation_id,
            dateModified=self._local(max(stay.changed_at for stay in stays)),
            status=STATES[status],
            guestID=first.people[0].id if first.people else "",
            startDate=min(days),
            endDate=max(days),
            rooms=lines,
            guestList=self._guest_list(stays) or [],
        )

    def _lines(self, stay: Stay) -> list[Json]:
        parts: list[tuple[RoomState | None, date, date | None]]
        parts = [(one.room, one.arrival, one.departure) for one in stay.spans]
        return [
            {
                "subReservationID": stay.id,
                "reservationRoomID": f"213{number}",
                "roomID": room.id if room else None,
                "guestID": stay.people[0].id if stay.people else "",
                **({} if stay.is_broken else {"roomCheckIn": str(arrival)}),
                "roomCheckOut": str(departure),
                "roomStatus": ROOM_STATES.get(stay.status, "not_checked_in"),
            }
            for number, (room, arrival, departure) in enumerate(parts or [(stay.room, stay.arrival, stay.departure)])
        ]

    def _guest_list(self, stays: list[Stay]) -> Json:
        found: Json = {}
        for stay in stays:
            for place, person in enumerate(stay.people):
                item = found.setdefault(person.id, self._listed(person, place == 0))
                item["rooms" if stay.room else "unassignedRooms"].append({"subReservationID": stay.id})
        return found

    def _listed(self, person: Person, is_main: bool) -> Json:
        name: Any = {"en": person.first_name} if person.is_broken else person.first_name
        contacts = {"guestEmail": person.email, "guestPhone": "", "guestCellPhone": person.phone}
        return {
            "guestID": person.id,
            "guestFirstName": "Anonymized" if person.is_anonymous else name,
            "guestLastName": "" if person.is_anonymous else person.last_name,
            **({} if person.is_anonymous else contacts),
            "isAnonymized": person.is_anonymous,
            "isMainGuest": is_main,
            "rooms": [],
            "unassignedRooms": [],
        }

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        document = {
            "version": "1.0",
            "event": "reservation/dates_changed",
            "timestamp": (at or self.now).timestamp() + event,
            "propertyID": int(self.house.id),
            "propertyID_str": self.house.id,
            "reservationID": stay.reservation_id,
        }
        return Webhook({"token": self.WEBHOOK_TOKEN}, {}, json.dumps(document).encode(), document)

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        tokens = ("", self.WEBHOOK_TOKEN[:-1], self.WEBHOOK_TOKEN + "x", "TOKEN")
        queries: list[dict[str, str]] = [{}, *({"token": token} for token in tokens)]
        return [Webhook(query, genuine.headers, genuine.body, genuine.document) for query in queries]


def _done(data: Json) -> tuple[int, Mapping[str, str], str]:
    return as_json({"success": True, "data": data})


def _failed(message: str) -> tuple[int, Mapping[str, str], str]:
    return as_json({"success": False, "message": message})
