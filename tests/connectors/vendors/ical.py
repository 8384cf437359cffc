"""iCal feeds for the conformance kit: a calendar for every room, as short-let platforms publish them."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, ClassVar

import requests

from connectors.records import BookingStatus
from connectors.snapshots.ical.connector import IcalConnector
from tests.connectors.fixture import HttpFixture, Json, Part, Person, Stay

NO_CHANGES = "An event does not say when it changed: what is not as it was in the last read has changed."
ONLY_DAYS = "A calendar knows when somebody comes and goes, and not whether she came."
ONE_LISTING = "A feed is one listing: who has an event in it has that room."


class Fixture(HttpFixture):
    CONNECTOR = IcalConnector
    HOSTS = ("https://calendars.example/",)
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.PORTFOLIO: "A connection has one list of feeds: one property.",
        Part.ALL_OR_NOTHING: "A feed that fails is a broken room, and the feeds of the other rooms are read.",
        Part.SIGN_IN: "The address of a feed is all the credential there is.",
        Part.RENEWAL: "The address of a feed does not grow old.",
        Part.PAGING: "A feed is one calendar, never a page of it.",
        Part.LONG_WINDOWS: "A feed is read whole, whatever the window.",
        Part.PORTFOLIO: "The feeds of a connection are those of one property.",
        Part.PROFILES: "A feed has events, and no profiles of guests.",
        Part.NAMES: "A feed tells at most a first name, and no contact.",
        Part.COMPANIONS: "A feed tells of nobody but the one who booked.",
        Part.ANONYMISED: "A feed has nothing to be made anonymous.",
        Part.ROOM_LIST: "The rooms are those that have a feed in the settings.",
        Part.INACTIVE_ROOMS: "The rooms are those that have a feed in the settings.",
        Part.OTHER_KINDS: "Nobody has a feed for anything but a place to stay.",
        Part.BEDS: ONE_LISTING,
        Part.CONNECTED_ROOMS: ONE_LISTING,
        Part.CHANGES: NO_CHANGES,
        Part.EXACT_CHANGES: NO_CHANGES,
        Part.ROOM_CHANGES: NO_CHANGES,
        Part.GUEST_CHANGES: NO_CHANGES,
        Part.IN_HOUSE: ONLY_DAYS,
        Part.CHECKED_OUT: ONLY_DAYS,
        Part.NO_SHOW: ONLY_DAYS,
        Part.UNKNOWN: "An event's status is one of three words, or none at all.",
        Part.UNASSIGNED: ONE_LISTING,
        Part.SPLIT: ONE_LISTING,
        Part.MULTI_ROOM: ONE_LISTING,
        Part.OPEN_END: "An event without an end lasts a day (RFC 5545).",
        Part.GONE: "An event that is missing counts only when it has been missing for a time.",
        Part.WEBHOOK: "Calendars send nothing, they are fetched.",
        Part.SIGNED_BODY: "There are no webhooks, so none is signed.",
        Part.WEBHOOK_AGE: "There are no webhooks, so none is old.",
        Part.EVENT_IDS: "There are no webhooks, so none has a number.",
        Part.HEALTH_CHECK: "Nobody asks whether we are there.",
    }

    def __init__(self, folder: Path):
        super().__init__(folder)
        self.house.id, self.house.name = "elm", "Alpenblick"

    def __enter__(self) -> "Fixture":
        super().__enter__()
        now = self.now
        for hour in (3, 2, 1):  # The connection has been running for a while.
            self.now = now - timedelta(hours=hour)
            connector = self.open()
            connector.reader().bookings_within(connector.reader().read_properties()[0], (now, now))
        self.now = now
        self.observed.clear()
        self.requests.clear()
        return self

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return f"HM{number:08d}" if kind in ("booking", "reservation") else f"{kind}-{number}"

    def guest_id(self, stay: Stay, person: Person) -> str:
        return f"{stay.id}:primary"

    def settings(self) -> Json:
        feeds = {room.id: f"{self.HOSTS[0]}{room.id}.ics?s=FEED-SECRET-{self.account}" for room in self.rooms}
        return {"feeds": feeds, "property_name": "Alpenblick", "memory": str(self.folder / "memory.json")}

    def wrong_shapes(self) -> Sequence[str]:
        whole = self._calendar(self.rooms[0].id)
        return [*super().wrong_shapes(), "", whole.replace("BEGIN:", "<p>")]

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        address, _, secret = str(request.url).partition("?s=")
        assert secret == f"FEED-SECRET-{self.account}"
        room_id = address.removeprefix(self.HOSTS[0]).removesuffix(".ics")
        assert room_id in {room.id for room in self.rooms}
        return 200, {"Content-Type": "text/calendar"}, self._calendar(room_id)

    def _calendar(self, room_id: str) -> str:
        stays = [stay for stay in self.stays if stay.exists and stay.room is not None and stay.room.id == room_id]
        lines = ["BEGIN:VCALENDAR", "PRODID:-//Airbnb Inc//Hosting Calendar 1.0//EN", "VERSION:2.0"]
        for stay in stays:
            lines += self._event(stay)
        return "\r\n".join([*lines, "END:VCALENDAR", ""])

    def _event(self, stay: Stay) -> list[str]:
        assert stay.departure is not None
        words: dict[Any, str] = {BookingStatus.CANCELLED: "CANCELLED", BookingStatus.TENTATIVE: "TENTATIVE"}
        return [
            "BEGIN:VEVENT",
            *([] if stay.is_broken else [f"DTSTART;VALUE=DATE:{_day(stay.arrival)}"]),
            f"DTEND;VALUE=DATE:{_day(stay.departure)}",
            "SUMMARY:Reserved",
            f"UID:{stay.id.lower()}-0123456789abcdef@airbnb.com",
            *([f"STATUS:{words[stay.status]}"] if stay.status in words else []),
            "DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de",
            f" tails/{stay.id}\\nPhone Number (Last 4 Digits): {stay.people[0].phone[-4:]}",
            "END:VEVENT",
        ]


def _day(day: date) -> str:
    return day.strftime("%Y%m%d")
