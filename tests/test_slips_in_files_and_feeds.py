"""Slips in exports and feeds, up to the doors: each costs what it stands in, and opens nothing for longer."""

import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from mappers.policy import LEASE
from reconciler.report import RunReport
from tests.at_the_doors import ways
from tests.test_files_and_feeds import HEADER, Export, Feeds

NIGHTS = "booking_id,room_id,arrival,departure,nights,status,guest_id,name"


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    return Feeds(tmp_path)


def read(export: Export, *rows: str, header: str = HEADER) -> RunReport:
    export.clock.pass_(hours=1)
    export.write("bookings.csv", header, *rows)
    return export.sync()


def open_to(world: Export | Feeds) -> list[str]:
    """Who can open which door, now or later: "Anna 101"."""
    return [f"{way.who.split()[0]} {way.room}" for way in ways(world.seam, world.clock.now())]


def needs(report: RunReport) -> list[str]:
    return [str(item.error or item.reason) for item in report.items if item.outcome == "failed"]


# --- no end, or one that no stay has ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("departure", "told"),
    [
        ("", "line 2 has nothing in column departure"),
        ("-", 'line 2 has "-" in column departure'),
        ("0000-00-00", 'line 2 has "0000-00-00" in column departure'),
        ("2099-12-31", 'line 2 has "2099-12-31" in column departure'),
        ("2099-01-01T00:00", "line 2 has a word in column departure"),
        ("9999-12-31", 'line 2 has "9999-12-31" in column departure'),
        ("2026-09-19", "which is before the arrival"),
        ("1926-09-22", "which is before the arrival"),
        ("2031-09-20", "1,826 days after the arrival"),
        ("2098-09-20", "days after the arrival"),
        ("2027-09-22", "367 days after the arrival"),
    ],
)
def test_a_booking_without_an_end_that_a_stay_can_have_opens_nothing_and_says_where_it_stands(
    export: Export, departure: str, told: str
) -> None:
    report = read(
        export,
        f"B1,R101,2026-09-20,{departure},Confirmed,G1,Anna Novak",
        "B2,R102,2026-09-20,2026-09-22,Confirmed,G2,Ben Meyer",
    )
    assert open_to(export) == ["Ben 102"]
    (need,) = needs(report)
    assert told in need
    assert "bookings.csv" in need


@pytest.mark.parametrize("departure", ["", "2099-12-31", "9999-12-31", "2026-09-19", "2031-09-20"])
def test_where_the_row_tells_the_nights_they_end_it(export: Export, departure: str) -> None:
    report = read(export, f"B1,R101,2026-09-20,{departure},2,Confirmed,G1,Anna Novak", header=NIGHTS)
    assert needs(report) == []
    (way,) = ways(export.seam, export.clock.now())
    assert way.ends_at is not None
    assert f"{way.ends_at:%Y-%m-%d}" == "2026-09-22"


def test_a_departure_that_is_lost_ends_nothing_that_exists_and_prolongs_nothing(export: Export) -> None:
    read(export, "B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak")
    before = ways(export.seam, export.clock.now())
    for _ in range(3):
        read(export, "B1,R101,2026-09-20,,Confirmed,G1,Anna Novak")
    assert ways(export.seam, export.clock.now()) == before


@pytest.mark.parametrize("status", ["Cancelled", "No show", "Tentative", "Checked out"])
def test_of_what_opens_nothing_anyway_nobody_asks_for_an_end(export: Export, status: str) -> None:
    report = read(export, f"B1,R101,2026-09-20,,{status},G1,Anna Novak")
    assert (needs(report), open_to(export)) == ([], [])


def test_a_house_says_how_long_its_stays_may_be(tmp_path: Path) -> None:
    export = Export(tmp_path, longest_stay=timedelta(days=1000))
    read(export, "B1,R101,2026-09-20,2028-09-20,Confirmed,G1,Anna Novak")
    assert open_to(export) == ["Anna 101"]


def test_a_lease_needs_no_end(tmp_path: Path) -> None:
    export = Export(tmp_path, LEASE, holds="leases")
    read(
        export,
        "L1,R101,2025-10-01,,Current,T1,Anna Novak",
        "L2,R102,2025-10-01,9999-12-31,Current,T2,Ben Meyer",
        "L3,R103,2025-10-01,2031-09-30,Current,T3,Carla Rossi",
    )
    assert open_to(export) == ["Anna 101", "Ben 102", "Carla 103"]


@pytest.mark.parametrize("end", [date(2099, 9, 20), date(2031, 9, 20), date(2027, 9, 22)])
def test_an_event_of_years_opens_nothing_and_is_told(feeds: Feeds, end: date) -> None:
    feeds.book("lake", "HM4X8K2P9Q", date(2026, 9, 20), end)
    report = feeds.sync()
    assert ways(feeds.seam, feeds.clock.now()) == []
    (need,) = needs(report)
    assert "The event in the feed of room lake lasts" in need


# --- letters that are none, and quotes --------------------------------------------------------------------------------


BEN = b"B2,R102,2026-09-20,2026-09-22,Confirmed,G2,Ben Meyer"


def read_bytes(export: Export, *rows: bytes, header: str = HEADER) -> RunReport:
    export.clock.pass_(hours=1)
    export.write("bookings.csv")
    age = (export.folder / "bookings.csv").stat()
    (export.folder / "bookings.csv").write_bytes(b"\n".join([header.encode(), *rows, b""]))
    os.utime(export.folder / "bookings.csv", (age.st_atime, age.st_mtime))
    return export.sync()


@pytest.mark.parametrize(
    "name",
    [
        b"Anna\0 Novak",
        b"Anna \x00\x01\x02 Novak",
        b"Anna Nov\xe1k",
        b"Anna Nov\xc3",
        b"Anna \xed\xa0\x80 Novak",
        b"Anna \xf4\x90\x80\x80",
        b"Anna \x1a",
        b"Anna \x85 Novak",
        b'"Anna "Nick" Novak"',
        b'Anna "Nick" Novak',
        b'Anna 5" Novak',
        b'"Anna Novak',
        b"Anna \xe2\x80\xae Novak",
    ],
)
def test_a_letter_that_is_none_costs_nobody_the_door(export: Export, name: bytes) -> None:
    report = read_bytes(export, b"B1,R101,2026-09-20,2026-09-22,Confirmed,G1," + name, BEN)
    assert open_to(export) == ["Anna 101", "Ben 102"]
    assert report.broken_off is None


@pytest.mark.parametrize(
    "row",
    [
        b"B1\0,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak",
        b"B1,R101,2026-09-20,2026-09\0-22,Confirmed,G1,Anna Novak",
        b'B1,R101,2026-09-20,2026-09-22,Confirmed,G1,"Anna, "Nick", Novak"',
        b'B1,"R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak',
    ],
)
def test_what_makes_a_row_unreadable_costs_that_row(export: Export, row: bytes) -> None:
    last = b'B3,R103,2026-09-20,2026-09-22,Confirmed,G3,"Carla Rossi"'
    report = read_bytes(export, row, BEN, last)
    assert open_to(export) == ["Ben 102", "Carla 103"]
    assert len(needs(report)) == 1
    assert "bookings.csv line 2" in needs(report)[0]


def test_what_makes_a_row_unreadable_ends_nothing_of_those_that_it_may_be(export: Export) -> None:
    anna = b"B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak"
    read_bytes(export, anna, BEN)
    for _ in range(4):
        read_bytes(export, anna.replace(b"B1", b'B1 "'), BEN)
    assert "Anna 101" in open_to(export)


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "shift_jis"])
def test_a_broken_letter_costs_no_file_whose_code_page_the_settings_name(tmp_path: Path, encoding: str) -> None:
    export = Export(tmp_path, encoding=encoding)
    report = read_bytes(export, b"B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Nov\x81 ", BEN)
    assert report.broken_off is None
    assert open_to(export) == ["Anna 101", "Ben 102"]


def test_a_damaged_phone_is_nobodys(export: Export) -> None:
    header = f"{HEADER},phone"
    read_bytes(export, b"B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak,+43660123\x004567", header=header)
    assert open_to(export) == ["Anna 101"]
    assert export.seam.identity_by_key("G1")["phone_number"] is None  # type: ignore[index]


@pytest.mark.parametrize("rest", [b"\0" * 200, b"B3,R103,2026-09-20" + b"\0" * 3])
def test_a_file_whose_end_is_not_written_yet_is_not_read(export: Export, rest: bytes) -> None:
    report = read_bytes(export, BEN, rest)
    assert report.broken_off is not None
    assert open_to(export) == []


# --- extensions with a number of their own ----------------------------------------------------------------------------


def spans(export: Export) -> list[tuple[str, str, str, str]]:
    return [
        (way.room, way.pin, f"{way.starts_at:%d %H:%M}", f"{way.ends_at:%d %H:%M}")
        for way in ways(export.seam, export.clock.now())
    ]


FIRST = "B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna Novak,anna@example.com"


@pytest.mark.parametrize(
    "second",
    [
        "B1-EXT,R101,2026-09-22,2026-09-24,Confirmed,G1,Anna Novak,",
        "B77,R101,2026-09-22,2026-09-24,Confirmed,G1,Novak Anna,",
        "B77,R101,2026-09-22,2026-09-24,Confirmed,,Anna Novak,anna@example.com",
        "B1/2,R101,2026-09-22,2026-09-24,Confirmed,,Anna Novak,",
    ],
)
@pytest.mark.parametrize("is_later", [False, True])
def test_an_extension_with_a_number_of_its_own_is_one_stay_with_one_pin_and_no_gap(
    export: Export, second: str, is_later: bool
) -> None:
    header = f"{HEADER},email"
    read(export, *((FIRST,) if is_later else (FIRST, second)), header=header)
    pin = spans(export)[0][1]
    for _ in range(3):
        read(export, second, FIRST, header=header)
        assert spans(export) == [("101", pin, "20 13:00", "24 09:00")]


@pytest.mark.parametrize(
    "second",
    [
        "B77,R101,2026-09-22,2026-09-24,Confirmed,G2,Ben Meyer,anna@example.com",
        "B1-EXT,R101,2026-09-22,2026-09-24,Confirmed,G2,Ben Meyer,",
        "B77,R101,2026-09-22,2026-09-24,Confirmed,,Anna Novak,",
        "B77,R101,2026-09-23,2026-09-24,Confirmed,G1,Anna Novak,",
        "B77,R102,2026-09-22,2026-09-24,Confirmed,G1,Anna Novak,",
        "B77,R101,2026-09-22,2026-09-24,Confirmed,G1,Ben Meyer,",
    ],
)
def test_what_may_be_another_guest_another_room_or_another_time_has_a_pin_of_its_own(
    export: Export, second: str
) -> None:
    read(export, FIRST, second, header=f"{HEADER},email")
    assert len({pin for _, pin, _, _ in spans(export)}) == 2


def test_a_guest_in_the_house_whose_first_row_is_left_out_has_no_gap(export: Export) -> None:
    first = "B1,R101,2026-09-17,2026-09-18,In house,G1,Anna Novak"
    second = "B1-EXT,R101,2026-09-18,2026-09-21,Confirmed,G1,Anna Novak"
    read(export, first, second)
    before = spans(export)
    for _ in range(3):
        read(export, second)
        assert spans(export) == before


def test_an_extension_that_cannot_be_read_any_more_shortens_nothing(export: Export) -> None:
    header = f"{HEADER},email"
    second = "B1-EXT,R101,2026-09-22,2026-09-24,Confirmed,G1,Anna Novak,"
    read(export, FIRST, second, header=header)
    before = spans(export)
    for _ in range(3):
        read(export, FIRST, second.replace("2026-09-24", "soon"), header=header)
        assert spans(export) == before


def test_an_extension_that_is_cancelled_ends_the_stay_where_the_first_row_does(export: Export) -> None:
    header = f"{HEADER},email"
    second = "B1-EXT,R101,2026-09-22,2026-09-24,Confirmed,G1,Anna Novak,"
    read(export, FIRST, second, header=header)
    pin = spans(export)[0][1]
    read(export, FIRST, second.replace("Confirmed", "Cancelled"), header=header)
    assert spans(export) == [("101", pin, "20 13:00", "22 09:00")]


# --- versions of one event --------------------------------------------------------------------------------------------


def version(sequence: int, end: str, status: str = "CONFIRMED", title: str = "Anna Novak") -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:a1@example.com\r\nSEQUENCE:{sequence}\r\nDTSTART;VALUE=DATE:20260920\r\n"
        f"DTEND;VALUE=DATE:{end}\r\nSTATUS:{status}\r\nSUMMARY:{title}\r\nEND:VEVENT"
    )


@pytest.mark.parametrize("is_turned", [False, True])
@pytest.mark.parametrize(
    ("old", "new", "ends"),
    [
        (version(0, "20260922"), version(1, "20260922", "CANCELLED"), []),
        (version(0, "20260922"), version(2, "20260921"), ["21"]),
        (version(0, "20260922"), version(1, "20260924"), ["24"]),
        (version(3, "20260922", "CANCELLED"), version(4, "20260922"), ["22"]),
        (version(0, "20260922", title="Ben Meyer"), version(1, "20260923"), ["23"]),
    ],
)
def test_of_several_versions_of_an_event_the_newest_counts(
    feeds: Feeds, old: str, new: str, ends: list[str], is_turned: bool
) -> None:
    feeds.events["lake"] = dict(enumerate([new, old] if is_turned else [old, new]))  # type: ignore[arg-type]
    feeds.publish()
    feeds.sync()
    assert [f"{way.ends_at:%d}" for way in ways(feeds.seam, feeds.clock.now())] == ends
