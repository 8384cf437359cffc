"""Files for the conformance kit: a folder with an export, written anew after every change."""

import csv
import io
import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

from connectors.records import BookingStatus
from connectors.snapshots.files.connector import FILES, FilesConnector
from tests.connectors.fixture import Fault, Json, Part, Stay, VendorFixture

WORDS = {
    BookingStatus.TENTATIVE: "Option",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.IN_HOUSE: "In-house",
    BookingStatus.CHECKED_OUT: "Checked out",
    BookingStatus.CANCELLED: "Canceled",
    BookingStatus.NO_SHOW: "No-Show",
    BookingStatus.UNKNOWN: "Teleported",
}
NO_CHANGES = "A row does not say when it changed: what is not as it was in the last file has changed."


class Fixture(VendorFixture):
    CONNECTOR = FilesConnector
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.HTTP: "Files are read from a folder, by whatever means they came there.",
        Part.ALL_OR_NOTHING: "There is no HTTP, so no read of it fails half-way.",
        Part.SIGN_IN: "Whoever may read the folder may read the files.",
        Part.RENEWAL: "Nothing is signed in to, so nothing grows old.",
        Part.PAGING: "A file is a whole table, and has its count at its end.",
        Part.LONG_WINDOWS: "A file is read whole, whatever the window.",
        Part.CHANGES: NO_CHANGES,
        Part.EXACT_CHANGES: NO_CHANGES,
        Part.ROOM_CHANGES: NO_CHANGES,
        Part.GUEST_CHANGES: NO_CHANGES,
        Part.MULTI_ROOM: "Several rooms under one booking_id are told apart by ids of our own.",
        Part.OPEN_END: "A booking of a file has to end; leases, which need no end, are another kind of export.",
        Part.GONE: "A row that is missing once may have been lost: only a second file without it counts.",
        Part.WEBHOOK: "Files send nothing, they are looked at.",
        Part.SIGNED_BODY: "There are no webhooks, so none is signed.",
        Part.WEBHOOK_AGE: "There are no webhooks, so none is old.",
        Part.EVENT_IDS: "There are no webhooks, so none has a number.",
        Part.HEALTH_CHECK: "Nobody asks whether we are there.",
    }

    def __init__(self, folder: Path):
        self._fault: Fault | None = None
        self._version = 0
        super().__init__(folder)

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return f"{kind[0].upper()}{number:04d}" if kind != "reservation" else self.make_id("booking", number, part)

    def settings(self) -> Json:
        columns = {"booking_id": "Res No", "arrival": "Arrival"}
        return {"folder": str(self.folder / "export"), "columns": columns, "count_line": True}

    def __enter__(self) -> "Fixture":
        super().__enter__()
        now = self.now
        for hour in range(FILES + 1, 0, -1):  # The connection has been running for a while.
            self.now = now - timedelta(hours=hour)
            self.publish()
            connector = self.open()
            connector.reader().bookings_within(connector.reader().read_properties()[0], (now, now))
        self.now = now
        return self

    def publish(self) -> None:
        folder = self.folder / "export"
        folder.mkdir(exist_ok=True)
        self._version += 1
        for name, rows in (("rooms", self._rooms()), ("guests", self._guests()), ("bookings", self._bookings())):
            path = folder / f"{name}.csv"
            path.write_text(_table(rows) if self._fault is None else self._fault.body, encoding="utf-8")
            moment = (self.now - timedelta(days=1)).timestamp() + self._version
            os.utime(path, (moment, moment))

    def inject(self, fault: Fault, times: int | None = 1, after: int = 0) -> None:
        self._fault = fault
        self.publish()

    def heal(self) -> None:
        self._fault = None
        self.publish()

    def wrong_shapes(self) -> Sequence[str]:
        whole = _table(self._bookings())
        return [*super().wrong_shapes(), "", "\n", whole[: len(whole) // 2], _table([["a", "b"], ["1", "2"]])]

    def _rooms(self) -> list[list[Any]]:
        header = ["property_id", "property_name", "room_id", "room_name", "kind", "active", "parent_id"]
        kinds = {"parking": "Parking"}
        rows = [
            [
                *(room.house.id, room.house.name, room.id, room.name, kinds.get(room.kind, room.kind)),
                "maybe" if room.is_broken else "yes" if room.is_active else "no",
                room.parent.id if room.parent else "",
                " ".join(one.id for one in room.connected),
            ]
            for room in self.rooms
        ]
        return [[*header, "connected_ids"], *rows]

    def _guests(self) -> list[list[Any]]:
        rows = []
        for one in self.people:
            told = [""] * 4 if one.is_anonymous else [one.first_name, one.last_name, one.email, one.phone]
            rows.append([one.id, *told][: 2 if one.is_broken else 5])
        return [["guest_id", "First Name", "Last Name", "email", "Phone"], *rows]

    def _bookings(self) -> list[list[Any]]:
        header = ["property_id", "Res No", "number", "room_id", "status", "Arrival", "Departure", "role", "guest_id"]
        return [header, *(row for stay in self.stays if stay.exists for row in self._rows_of(stay))]

    def _rows_of(self, stay: Stay) -> list[list[Any]]:
        parts = [(one.room, one.arrival, one.departure) for one in stay.spans]
        parts = parts or [(stay.room, stay.arrival, stay.departure)]
        return [
            [
                *(stay.house.id, stay.id, stay.number, room.id if room else "", WORDS[stay.status]),
                *("soon" if stay.is_broken else arrival, departure or "", "primary" if place == 0 else "", person.id),
            ]
            for place, person in enumerate(stay.people)
            for room, arrival, departure in parts
        ]


def _table(rows: list[list[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([*rows, ["#count", len(rows) - 1]])
    return text.getvalue()
