"""Tables as people and programs write them."""

import json
import os
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.formats.tables import Row, Tables

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
COLUMNS = {
    "bookings": ("booking_id", "room_id", "arrival", "departure", "nights", "name"),
    "rooms": ("room_id", "room_name"),
}
REQUIRED = {"bookings": ("booking_id", "room_id", "arrival", ("departure", "nights")), "rooms": ("room_id",)}
HEADER = "booking_id,room_id,arrival,departure,name"
ROW = "1,R1,2026-03-02,2026-03-04,Anna"
GOOD = {"booking_id": "1", "room_id": "R1", "arrival": "2026-03-02", "departure": "2026-03-04", "name": "Anna"}


class Folder:
    def __init__(self, path: Path):
        self.path = path
        self.tables: Tables

    def read(self, content: str | bytes, what: str = "bookings", **settings: Any) -> list[Row]:
        kind = settings.get("kind", "csv")
        path = self.path / f"{what}.{kind}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        os.utime(path, (NOW.timestamp() - 600, NOW.timestamp() - 600))
        given = {"kind": "csv", "headers": {}, "files": {}, "counted": False, "quiet": timedelta(seconds=60)}
        self.tables = Tables(self.path, "elm", lambda: NOW, COLUMNS, REQUIRED, **(given | settings))
        return self.tables.read(what)[0]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.mark.parametrize(
    "lines",
    [
        [HEADER, ROW],
        ["sep=,", HEADER, ROW],
        ["sep=;", HEADER.replace(",", ";"), ROW.replace(",", ";")],
        ["\ufeffsep=;", HEADER.replace(",", ";"), ROW.replace(",", ";")],
        ["SEP=|", HEADER.replace(",", "|"), ROW.replace(",", "|")],
        ["Report: bookings", "From 1 to 2", "", HEADER, ROW],
        ["Report: bookings,,,,", "Hotel Elm,,,,", HEADER, ROW],
        ['The "Elm', "it's a list, of 1; 2 | 3", HEADER, ROW],
        ["", "", HEADER, "", ROW, ""],
        [HEADER, ROW, "Total,1,,,"],
        [HEADER, ROW, ",,,Total: 1,"],
        [HEADER, ROW, "Total"],
        [HEADER, ROW, "Gesamt;1"],
        [HEADER, ROW, "Summe,,,,1"],
        [HEADER, ROW, "", "Generated on 1 March 2026 by the desk"],
        [HEADER, ROW, "Page 1 of 1"],
        [HEADER, HEADER, ROW],
        ['"booking\nid",room_id,arrival,departure,name', ROW],
        [HEADER, "'1,R1,2026-03-02,2026-03-04,Anna"],
        [HEADER, '"=""1""",R1,2026-03-02,2026-03-04,Anna'],
        [HEADER, "\u00a01\u00a0, R1 ,2026-03-02,2026-03-04,Anna"],
        ["Booking-ID,ROOM ID,Arrival ,departure,Name,Notes", ROW + ","],
    ],
)
def test_the_header_is_found_where_it_is_and_rows_are_what_has_bookings(folder: Folder, lines: list[str]) -> None:
    for end in ("\n", "\r\n", "\r"):
        rows = folder.read(end.join(lines) + end)
        assert [(dict(row.cells), row.trouble) for row in rows] == [(GOOD, "")]


def test_a_line_has_the_number_that_an_editor_shows(folder: Folder) -> None:
    (row,) = folder.read("\r\n".join(["sep=,", "Report", "", HEADER, "", ROW]))
    assert row.place == "bookings.csv line 6"


def test_a_booking_whose_guest_is_called_total_is_a_booking(folder: Folder) -> None:
    rows = folder.read(f"{HEADER}\n1,R1,2026-03-02,2026-03-04,Total\nTotal,R2,2026-03-02,2026-03-04,Ben\n")
    assert [row["booking_id"] for row in rows] == ["1", "Total"]


def test_a_guest_whose_name_begins_like_a_remark_is_no_remark(folder: Folder) -> None:
    header = "name,booking_id,room_id,arrival,departure"
    rows = folder.read(f"{header}\nPage Anna,1,R1,2026-03-02,\nCount Ben,,R2,2026-03-02,2026-03-04\nTotal 2,,,,\n")
    assert [row["name"] for row in rows] == ["Page Anna", "Count Ben"]


def test_a_row_that_lost_its_end_is_no_remark(folder: Folder) -> None:
    (row,) = folder.read(f"{HEADER}\n{ROW.split(',')[0]}\n")
    assert row.trouble == "has 1 column where the header has 5"


def test_a_file_of_rooms_may_have_one_column(folder: Folder) -> None:
    assert [
        row["room_id"] for row in folder.read("Room\n101\nThe blue room\n", "rooms", headers={"room_id": "Room"})
    ] == [
        "101",
        "The blue room",
    ]


def test_columns_may_be_called_otherwise_in_each_file(folder: Folder) -> None:
    headers = {"room_id": "Room", "bookings": {"booking_id": "No", "room_id": "Where"}}
    text = "No,Where,arrival,departure,name\n" + ROW
    assert folder.read(text, headers=headers)[0]["room_id"] == "R1"
    assert folder.read("Room\nR1\n", "rooms", headers=headers)[0]["room_id"] == "R1"


def test_of_several_columns_one_may_be_enough(folder: Folder) -> None:
    (row,) = folder.read("booking_id,room_id,arrival,nights\n1,R1,2026-03-02,2\n")
    assert (row["nights"], row["departure"]) == ("2", "")
    with pytest.raises(PmsUnreachable, match="has no column departure or nights: set columns"):
        folder.read("booking_id,room_id,arrival\n1,R1,2026-03-02\n")


@pytest.mark.parametrize("encoding", ["cp1250", "iso8859_2", "utf-8", "utf-16", "utf-8-sig"])
def test_a_setting_says_which_code_page_it_is(folder: Folder, encoding: str) -> None:
    content = f"{HEADER}\n{ROW.replace('Anna', 'Jiří Novák')}\n".encode(encoding)
    assert folder.read(content, encoding=encoding)[0]["name"] == "Jiří Novák"
    assert folder.tables.remarks == {}


def test_a_code_page_that_is_guessed_is_told(folder: Folder) -> None:
    content = f"{HEADER}\n{ROW.replace('Anna', 'Jiří Novák')}\n".encode("cp1250")
    assert folder.read(content)[0]["name"] == "Jiří Novák"
    assert "bookings.csv is not written in UTF-8: it was read as cp1250" in folder.tables.remarks["bookings.csv"]


def test_a_setting_for_the_code_page_that_is_wrong_is_told(folder: Folder) -> None:
    with pytest.raises(PmsRefused, match="encoding names no code page"):
        folder.read(f"{HEADER}\n{ROW}\n", encoding="klingon")
    with pytest.raises(PmsUnreachable, match="is not written in utf-8"):
        folder.read(f"{HEADER}\n{ROW}é\n{ROW}à\n".encode("latin-1"), encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("x" * 200_000, "csv"),
        (",".join(["x" * 200_000, HEADER]), "csv"),
        ("," * 200_000, "csv"),
        (f"{HEADER}\n" + "x" * 200_000, "csv"),
        (f'{HEADER}\n"' + "x" * 200_000, "csv"),
        (f"{HEADER}\n{ROW}\n#count,{'9' * 5_000}\n", "csv"),
        (f"{HEADER}\n{ROW}\n#count,\u0663\n", "csv"),
        (b"\0" * 1_000, "csv"),
        ("[" * 100_000, "json"),
        ('{"a":' * 100_000, "json"),
        ('[{"booking_id": ' + "[" * 50_000 + "]" * 50_000 + "}]", "json"),
        ('{"count": ' + "9" * 5_000 + ', "bookings": []}', "json"),
        ('{"count": 1e999, "bookings": []}', "json"),
        ('{"bookings": {"a": 1}}', "json"),
        ("[1, 2]", "json"),
        ("[" + "{}," * 500_000 + "{}]", "json"),
        ("[" + "1," * 6_000_000 + "1]", "json"),
        (json.dumps([{str(number): 1 for number in range(1_000)}]), "json"),
    ],
)
def test_a_file_that_cannot_be_is_told_and_costs_little(folder: Folder, content: Any, kind: str) -> None:
    with pytest.raises(PmsError, match=rf"elm: the PMS's file bookings\.{kind} "):
        folder.read(content, kind=kind)


def test_a_long_number_in_json_is_text(folder: Folder) -> None:
    item = dict(GOOD, booking_id=1) | {"name": 7}
    content = json.dumps([item]).replace(" 7", " " + "7" * 5_000)
    (row,) = folder.read(content, kind="json")
    assert len(row["name"]) == 5_000


def test_empty_rows_cost_nothing(folder: Folder) -> None:
    content = "[" + json.dumps(GOOD) + ",{}" * 150_000 + "]"
    tracemalloc.start()
    rows = folder.read(content, kind="json")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(rows) == 1
    assert peak < 60_000_000
