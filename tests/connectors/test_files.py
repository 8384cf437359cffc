"""What files mean, and what they do not mean."""

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.phones import phone_in
from connectors.ports import BookingsRead, NotOffered, NotUnderstood
from connectors.records import Booking, BookingStatus, Guest, Room, Span, Term
from connectors.session import Access
from connectors.snapshots.files.connector import FilesConnector
from tests.connectors.fixture import read_bookings

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=1), NOW + timedelta(days=60))
ROOMS = "room_id,room_name\nR101,101\nR102,102\n"
HEADER = "booking_id,room_id,arrival,departure,status,guest_id,first_name,last_name"
ANNA = "B1,R101,2026-09-20,2026-09-23,Confirmed,G1,Anna,Novak"
BEN = "B2,R102,2026-09-21,2026-09-24,Confirmed,G2,Ben,Maier"


class Folder:
    """A folder in which files appear, and the connector that reads it."""

    def __init__(self, path: Path):
        self.path = path / "export"
        self.path.mkdir()
        self.now = NOW
        self.rooms(ROOMS)

    def write(self, name: str, content: str | bytes, age: float = 3600) -> None:
        """A file whose last byte came so many seconds ago."""
        path = self.path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        moment = self.now.timestamp() - age
        os.utime(path, (moment, moment))

    def rooms(self, content: str) -> None:
        self.write("rooms.csv", content)

    def bookings(self, *lines: str, header: str = HEADER) -> None:
        self.write("bookings.csv", "\n".join([header, *lines, ""]))

    def open(self, **settings: Any) -> FilesConnector:
        given = {setting.name: setting.default for setting in FilesConnector.SETTINGS}
        given |= {"folder": str(self.path), "time_zone": "Europe/Vienna"}
        return FilesConnector.open("elm", given | settings, Access(clock=lambda: self.now), None)

    def read(self, connector: FilesConnector | None = None, **question: Any) -> BookingsRead:
        """A run, ten minutes after the last one."""
        self.now += timedelta(minutes=10)
        connector = connector or self.open()
        (of,) = connector.reader().read_properties()
        return read_bookings(connector.reader(), of, **(question or {"colliding": WINDOW}))

    def booking(self, *lines: str, header: str = HEADER, **settings: Any) -> Booking:
        self.bookings(*lines, header=header)
        read = self.read(self.open(**settings))
        assert read.broken == []
        (booking,) = read.bookings
        return booking

    def reason(self, *lines: str, header: str = HEADER, **settings: Any) -> str:
        """Why the one booking of the file cannot be read."""
        self.bookings(*lines, header=header)
        read = self.read(self.open(**settings))
        assert read.bookings == []
        (broken,) = read.broken
        return broken.reason


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


# --- rows become records ----------------------------------------------------------------------------------------------


def test_a_row_is_a_booking_and_its_guest(folder: Folder) -> None:
    folder.bookings(ANNA)
    read = folder.read()
    assert read.bookings == [
        Booking(
            id="B1",
            property_id="elm",
            number="B1",
            status=BookingStatus.CONFIRMED,
            status_word="Confirmed",
            arrival=date(2026, 9, 20),
            departure=date(2026, 9, 23),
            room_id="R101",
            guest_ids=("G1",),
        )
    ]
    assert read.guests == {"G1": Guest("G1", "Anna", "Novak")}


def test_a_row_without_a_guest_id_is_the_bookings_only_guest(folder: Folder) -> None:
    folder.bookings("B1,R101,2026-09-20,2026-09-23,Anna Novak", header="booking_id,room_id,arrival,departure,name")
    read = folder.read()
    assert read.bookings[0].guest_ids == ("B1:primary",)
    assert read.guests["B1:primary"].last_name == "Novak"


def test_people_without_ids_are_told_apart_by_their_names(folder: Folder) -> None:
    header = "booking_id,room_id,arrival,departure,name"
    folder.bookings(
        "B1,R101,2026-09-20,2026-09-23,Anna Novak",
        "B1,R101,2026-09-20,2026-09-23,Ben Novak",
        '"B1","R101",2026-09-20,2026-09-23,"Novak, Anna"',
        header=header,
    )
    read = folder.read()
    first, second = read.bookings[0].guest_ids
    assert (first, second.partition(":")[0]) == ("B1:primary", "B1")
    assert [(read.guests[one].first_name, read.guests[one].has_id) for one in (first, second)] == [
        ("Anna", False),
        ("Ben", False),
    ]
    assert folder.open().could_be_id("guest", second)
    folder.bookings(
        "B1,R101,2026-09-20,2026-09-23,Eva Horn",
        "B1,R101,2026-09-20,2026-09-23,Ben Novak",
        header=header,
    )
    assert folder.read().bookings[0].guest_ids == ("B1:primary", second)


def test_names_come_from_a_file_of_guests_where_there_is_one(folder: Folder) -> None:
    folder.write("guests.csv", 'guest_id,name,phone\nG1,"Novak, Anna",+43 660 5550101\n')
    folder.bookings("B1,R101,2026-09-20,2026-09-23,G1", header="booking_id,room_id,arrival,departure,guest_id")
    assert folder.read().guests == {"G1": Guest("G1", "Anna", "Novak", None, "+43 660 5550101")}
    (folder.path / "guests.csv").unlink()
    with pytest.raises(PmsUnreachable, match=rf"elm: the PMS's file guests\.csv is not in the folder {folder.path}"):
        folder.read()


def test_rooms_have_types_beds_and_times_where_the_file_tells_them(folder: Folder) -> None:
    folder.rooms(
        "room_id,room_name,kind,parent_id,connected_ids,active,check_in,check_out\n"
        "1,Suite 1,suite,,2;3,yes,16:00,9:30\n2,Room 2,Room,,,,,\n3,Bed A,BED,2,,no,,\n"
        "P,Lot,Parking,,,,,\n4,None,,,,,,\n"
    )
    folder.bookings(ANNA)
    connector = folder.open(check_in=time(15))
    rooms, broken = connector.reader().read_rooms(connector.reader().read_properties()[0])
    assert broken == []
    assert rooms == [
        Room("1", "elm", "Suite 1", "Suite", None, True, time(16), time(9, 30), ("2", "3")),
        Room("2", "elm", "Room 2", "Room", check_in=time(15)),
        Room("3", "elm", "Bed A", "Bed", "2", False, time(15)),
        Room("P", "elm", "Lot", "Parking", check_in=time(15)),
        Room("4", "elm", "None", None, check_in=time(15)),
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("R101,101", "has a room_id that stands in an earlier line as well"),
        (",103", "has no room_id"),
        ("1.5E+07,103", "has a room_id that a spreadsheet has shortened"),
        ("R103", "has 1 column where the header has 2"),
    ],
)
def test_a_room_that_cannot_be_read_is_one_broken_record(folder: Folder, line: str, reason: str) -> None:
    folder.rooms(ROOMS + line + "\n")
    folder.bookings(ANNA)
    connector = folder.open()
    rooms, broken = connector.reader().read_rooms(connector.reader().read_properties()[0])
    assert [room.id for room in rooms] == ["R101", "R102"]
    assert [(one.kind, one.reason) for one in broken] == [("room", f"rooms.csv line 4 {reason}.")]


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Definite", "confirmed"),
        ("IN-HOUSE", "in_house"),
        ("Checked_Out", "checked_out"),
        ("No Show", "no_show"),
        ("canceled", "cancelled"),
        ("Optional", "tentative"),
        ("Teleported", "unknown"),
        ("", "unknown"),
        ("Reserviert", "confirmed"),
    ],
)
def test_words_for_a_status_are_known_or_unknown_and_never_guessed(folder: Folder, word: str, status: str) -> None:
    line = f"B1,R101,2026-09-20,2026-09-23,{word},G1,Anna,Novak"
    assert folder.booking(line, statuses={"reserviert": "confirmed"}).status == status


@pytest.mark.parametrize(
    ("given", "room_id"),
    [("R101", "R101"), ("101", "R101"), ("0101", "R101"), ("101.0", "R101"), ("r101", "R101"), ("9", "9"), ("", None)],
)
def test_a_room_is_found_in_spite_of_what_spreadsheets_do_to_numbers(
    folder: Folder, given: str, room_id: str | None
) -> None:
    assert folder.booking(f"B1,{given},2026-09-20,2026-09-23,Confirmed,G1,Anna,Novak").room_id == room_id


@pytest.mark.parametrize(
    ("text", "wanted", "arrival"),
    [
        ("2026-09-20", None, date(2026, 9, 20)),
        ("2026-09-20 00:00:00", None, date(2026, 9, 20)),
        ("2026-09-20T16:30", None, NOW.replace(day=20, hour=14, minute=30)),
        ("2026-09-20T16:30Z", None, NOW.replace(day=20, hour=16, minute=30)),
        ("2026-09-20T16:30:00-04:00", None, NOW.replace(day=20, hour=20, minute=30)),
        ("03.10.2026", "%d.%m.%Y", date(2026, 10, 3)),
        ("10/3/2026", "%m/%d/%Y", date(2026, 10, 3)),
        ("03.10.2026 00:00:00", "%d.%m.%Y", date(2026, 10, 3)),
        ("03.10.26 0:00", "%d.%m.%y", date(2026, 10, 3)),
        ("46298", "excel", date(2026, 10, 3)),
        ("46298.6875", "excel", datetime(2026, 10, 3, 14, 30, tzinfo=UTC)),
        ('"46298,6875"', "excel", datetime(2026, 10, 3, 14, 30, tzinfo=UTC)),
        ("03.10.2026 16:30", "%d.%m.%Y %H:%M", datetime(2026, 10, 3, 14, 30, tzinfo=UTC)),
    ],
)
def test_days_and_hours_are_read_as_they_are_written(
    folder: Folder, text: str, wanted: str | None, arrival: datetime | date
) -> None:
    end = {None: "2026-10-20", "excel": "46315"}.get(wanted) or datetime(2026, 10, 20).strftime(str(wanted))
    booking = folder.booking(f"B1,R101,{text},{end},Confirmed,G1,Anna,Novak", date_format=wanted)
    assert booking.arrival == arrival


@pytest.mark.parametrize(
    "text", ["03/04/2026", "03-04-2026", "03/04/26", "3 lis 2026", "46285", "soon", "2026-02-30", "2026-W38-7"]
)
def test_a_day_that_may_be_another_one_is_not_guessed(folder: Folder, text: str) -> None:
    reason = folder.reason(f"B1,R101,{text},2026-12-01,Confirmed,G1,Anna,Novak")
    told = "bookings.csv line 2 has a value for arrival that is not written YYYY-MM-DD (set date_format for any other)."
    assert reason == told
    assert "a value for departure" in folder.reason(f"B1,R101,2026-01-01,{text},Confirmed,G1,Anna,Novak")
    assert "date_format says" in folder.reason(ANNA, date_format="%d.%m.%Y")
    for never in ("2026-10-03", "9999999", "1e5", "-1"):
        line = ANNA.replace("2026-09-20", never).replace("2026-09-23", "46300")
        assert "date_format says" in folder.reason(line, date_format="excel")


@pytest.mark.parametrize(
    ("dates", "days", "form"),
    [
        ("13/01/2027 15/01/2027 03/02/2027 04/02/2027", "13.1 15.1 3.2 4.2", "%d/%m/%Y"),
        ("01/13/2027 01/15/2027 02/03/2027 02/04/2027", "13.1 15.1 3.2 4.2", "%m/%d/%Y"),
        ("3.2.2027 4.2.2027 05.02.2027 06.02.2027", "3.2 4.2 5.2 6.2", "%d.%m.%Y"),
        ("13-01-2027 15-01-2027 03-02-2027 04-02-2027", "13.1 15.1 3.2 4.2", "%d-%m-%Y"),
        ("2027/02/03 2027/02/04 2027/2/5 2027/2/6", "3.2 4.2 5.2 6.2", "%Y/%m/%d"),
        ("3-Feb-2027 4-Feb-2027 13-May-2027 15-May-2027", "3.2 4.2 13.5 15.5", "%d-%b-%Y"),
    ],
)
def test_dates_that_can_all_be_read_in_one_way_only_are_read_so_and_that_is_told(
    folder: Folder, dates: str, days: str, form: str
) -> None:
    one, two, three, four = dates.split()
    lines = f"B1,R101,{one},{two},Confirmed,G1,Anna,Novak", f"B2,R102,{three},{four},Confirmed,G2,Ben,Maier"
    folder.bookings(*lines)
    read = folder.read(colliding=(NOW, NOW + timedelta(days=300)))
    assert read.broken == []
    told = [day for one in read.bookings for day in (one.arrival, one.departure)]
    assert told == [date(2027, int(month), int(day)) for day, month in (one.split(".") for one in days.split())]
    assert any(f'set date_format: "{form}"' in remark for remark in read.remarks)
    assert f'set date_format: "{form}"' in folder.open().check()
    folder.bookings(*lines)
    same = folder.read(folder.open(date_format=form), colliding=(NOW, NOW + timedelta(days=300)))
    assert ([one.arrival for one in same.bookings], same.remarks) == ([one.arrival for one in read.bookings], ())


def test_times_of_day_behind_such_dates_are_read_as_well(folder: Folder) -> None:
    booking = folder.booking("B1,R101,13/10/2026 3:30 PM,15/10/2026 09:00,Confirmed,G1,Anna,Novak")
    assert booking.arrival == datetime(2026, 10, 13, 13, 30, tzinfo=UTC)
    assert booking.departure == datetime(2026, 10, 15, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("arrival", "departure"),
    [
        ("03/04/2027", "05/04/2027"),
        ("13/01/2027", "01/15/2027"),
        ("13/01/2027", "2027-01-15"),
        ("03/04/27", "05/04/27"),
        ("12.31.2026", "01.02.2027"),
        ("03-04-2027", "05-04-2027"),
    ],
)
def test_dates_that_may_be_others_or_are_written_in_two_ways_stay_told(
    folder: Folder, arrival: str, departure: str
) -> None:
    reason = folder.reason(f"B1,R101,{arrival},{departure},Confirmed,G1,Anna,Novak")
    assert "not written YYYY-MM-DD (set date_format for any other)" in reason


@pytest.mark.parametrize(
    ("arrival", "departure"),
    [
        ("20-SEP-26", "23-SEP-26"),
        ("20 Sep, 2026", "Sep 23, 2026"),
        ("Sun, 20 Sep 2026", "Wed, 23rd September 2026"),
        ("So 20. September 2026", "Mi 23. Sept. 2026"),
        ("2026.09.20.", "2026. 09. 23."),
        ("20 septembre 2026", "2026-09-23"),
        ("20 de septiembre de 2026", "23 set 2026"),
        ("20 września 2026", "23. září 2026"),
        ("20 сентября 2026 г.", "23 вересня 2026 р."),
        ("20 Eylül 2026", "23. syyskuuta 2026"),
        ("2026. szeptember 20.", "23 Σεπτεμβρίου 2026"),
        ("20 septembrie 2026", "23. rujna 2026."),
        ("2026年9月20日", "2026/9/23"),
        ("2026년 9월 20일", "2026.09.23"),
        ("20.09.26", "23.09.26"),
        ("20/09/26", "23/09/26"),
        ("9/20/26", "9/23/26"),
        ("26/09/20", "26/09/23"),
        ("20.9.2026", "2026-09-23"),
    ],
)
def test_dates_that_say_themselves_how_they_are_to_be_read_need_no_setting(
    folder: Folder, arrival: str, departure: str
) -> None:
    head = "booking_id;room_id;arrival;departure;name"
    booking = folder.booking(f"B1;R101;{arrival};{departure};Anna Novak", header=head)
    assert (str(booking.arrival), str(booking.departure)) == ("2026-09-20", "2026-09-23")


def test_an_hour_behind_such_a_day_is_the_hour_of_arrival(folder: Folder) -> None:
    head = "booking_id;room_id;arrival;departure;name"
    booking = folder.booking("B1;R101;20 Sep, 2026 03:30 PM;23-SEP-26 10:00;Anna Novak", header=head)
    assert (booking.arrival, booking.departure) == (
        datetime(2026, 9, 20, 13, 30, tzinfo=UTC),
        datetime(2026, 9, 23, 8, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("nights", ["3", "3 Nächte", "3 nights", "3 N", "3.0"])
def test_nights_may_have_their_word_behind_them(folder: Folder, nights: str) -> None:
    booking = folder.booking(f"B1,R101,2026-09-20,{nights},Anna", header="booking_id,room_id,arrival,nights,name")
    assert str(booking.departure) == "2026-09-23"


def test_a_header_that_somebody_has_named_is_that_column_and_no_other(folder: Folder) -> None:
    booking = folder.booking(
        "B1,R101,2026-09-20,2026-09-23,Anna",
        header="Number,room_id,arrival,departure,name",
        columns={"bookings": {"booking_id": "Number"}},
    )
    assert booking.id == "B1"


@pytest.mark.parametrize("never", ["", "9999-12-31", "2099-01-01", "1900-01-01", "0000-00-00"])
def test_a_day_that_means_never_is_no_day(folder: Folder, never: str) -> None:
    lease = folder.booking(f"B1,R101,2026-09-20,{never},Current,G1,Anna,Novak", holds="leases")
    assert lease.departure is None
    assert "in column departure" in folder.reason(f"B1,R101,2026-09-20,{never},Current,G1,Anna,Novak")
    assert "has no arrival" in folder.reason(f"B1,R101,{never},2026-09-23,Current,G1,Anna,Novak")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("B1,R101,2026-09-20", "has 3 columns where the header has 8"),
        ("B1,R101,2026-09-20,2026-09-23,Confirmed,G1,Novak, Anna,x", "has 9 columns where the header has 8"),
        ("B1,R101,2026-09-20,2026-09-23,Confirmed,6.1E+12,Anna,Novak", "guest_id that a spreadsheet has shortened"),
        (f"B1,R101,2026-09-20,2026-09-23,Confirmed,{'x' * 101},Anna,Novak", "longer than 100 characters"),
    ],
)
def test_a_line_that_cannot_be_read_is_one_broken_record_without_guests_data(
    folder: Folder, line: str, reason: str
) -> None:
    folder.bookings(BEN, line)
    read = folder.read()
    assert [booking.id for booking in read.bookings] == ["B2"]
    (broken,) = read.broken
    assert (broken.kind, broken.id) == ("booking", "B1")
    assert broken.reason.startswith("bookings.csv line 3 ")
    assert reason in broken.reason
    assert "Novak" not in broken.reason
    assert folder.read(ids=["B1"]).broken == [broken]


def test_a_cell_may_hold_two_phones_and_marks_that_nobody_sees(folder: Folder) -> None:
    for cell in ("\u202d+43 660 5550101\u202c", "+43 660 5550101\n+43 660 5559999", "0660 5550101\r\n0660 5559999"):
        folder.bookings(f'{ANNA},"{cell}"', header=HEADER + ",phone")
        (guest,) = folder.read().guests.values()
        assert phone_in(guest.phone).last_4 == "0101"


def test_a_phone_that_a_spreadsheet_has_shortened_is_nobodys_number(folder: Folder) -> None:
    header = HEADER + ",phone"
    folder.bookings(ANNA + ",6.60555E+11", header=header)
    (guest,) = folder.read().guests.values()
    assert not any(one.isdigit() for one in guest.phone or "")


def test_ids_that_look_like_parts_of_our_keys_are_made_safe_and_found_again(folder: Folder) -> None:
    from mappers.keys import Keys

    ids = ["2026:17", "17/2", "17.2", "50%", "17.0", "A.B", "2026/09/18-1"]
    folder.bookings(*(f"{one},R101,2026-09-20,2026-09-23,Confirmed,{one},Anna,Novak" for one in ids))
    connector = folder.open()
    read = folder.read(connector)
    found = [booking.id for booking in read.bookings]
    assert found == ["2026%3A17", "17%2F2", "17%2E2", "50%25", "17", "A.B", "2026/09/18-1"]
    for booking in read.bookings:
        key = Keys().grant(booking.id, booking.guest_ids[0])
        assert Keys().booking_of(key) == Keys().booking_of(f"{key}.2") == booking.id
        assert connector.could_be_id("booking", booking.id)
        assert connector.could_be_id("guest", booking.guest_ids[0])
    assert [one.id for one in folder.read(connector, ids=found).bookings] == found
    assert not connector.could_be_id("booking", "17.2")
    assert not connector.could_be_id("booking", "2026:17")


# --- several rows of one booking --------------------------------------------------------------------------------------


def test_rows_of_one_booking_are_its_people_the_main_one_first(folder: Folder) -> None:
    header = HEADER + ",role"
    companion = "B1,R101,2026-09-20,2026-09-23,Confirmed,G2,Ben,Novak,companion"
    booking = folder.booking(companion, ANNA + ",primary", header=header)
    assert (booking.guest_ids, booking.primary_is_any) == (("G1", "G2"), False)
    booking = folder.booking(companion, ANNA + ",", header=header)
    assert (booking.guest_ids, booking.primary_is_any) == (("G2", "G1"), True)


def test_a_guarantor_stays_away_and_an_unknown_role_gets_nothing_new(folder: Folder) -> None:
    header = HEADER + ",role"
    others = [
        f"B1,R101,2026-09-20,2026-09-23,Confirmed,{one},x,y,{role}"
        for one, role in (("G2", "Guarantor"), ("G3", "Wizard"))
    ]
    booking = folder.booking(ANNA + ",", *others, header=header)
    assert (booking.guest_ids, booking.unclear_guest_ids) == (("G1",), ("G3",))


def test_a_booking_in_several_rooms_one_after_the_other_has_spans(folder: Folder) -> None:
    booking = folder.booking(
        "B1,R102,2026-09-22,2026-09-25,Confirmed,G1,Anna,Novak", "B1,R101,2026-09-20,2026-09-22,Confirmed,G1,Anna,Novak"
    )
    assert booking.spans == (
        Span("R101", date(2026, 9, 20), date(2026, 9, 22)),
        Span("R102", date(2026, 9, 22), date(2026, 9, 25)),
    )
    assert (booking.guest_ids, booking.terms) == (("G1",), {})


def test_two_rooms_at_the_same_time_are_two_stays(folder: Folder) -> None:
    folder.bookings(ANNA, ANNA.replace("R101", "R102"))
    stays = [(one.id, one.room_id, one.number, one.guest_ids) for one in folder.read().bookings]
    assert stays == [("B1@R101", "R101", "B1", ("G1",)), ("B1@R102", "R102", "B1", ("G1",))]


# --- leases -----------------------------------------------------------------------------------------------------------

LEASE = "booking_id,room_id,arrival,departure,status,guest_id,name,lease_end"


def test_a_lease_has_equals_each_with_his_own_time_and_a_last_day(folder: Folder) -> None:
    booking = folder.booking(
        "L1,R101,2025-10-01,,Current,T1,Anna Novak,2027-09-30",
        "L1,R101,2026-05-01,2026-09-30,Notice,T2,Ben Maier,2027-09-30",
        "L1,R101,2025-10-01,2026-08-31,Past,T3,Eva Horn,2027-09-30",
        "L1,R101,2025-10-01,,Applicant,T4,Max Rot,2027-09-30",
        header=LEASE,
        holds="leases",
    )
    assert (booking.status, booking.arrival, booking.departure) == (BookingStatus.IN_HOUSE, date(2025, 10, 1), None)
    assert booking.guest_ids == ("T1", "T2")
    assert booking.terms == {"T2": Term(date(2026, 5, 1), date(2026, 10, 1))}
    assert (booking.has_primary, booking.word, booking.review) == (False, "Lease", None)


def test_a_lease_whose_term_is_over_goes_on_and_is_shown(folder: Folder) -> None:
    line = "L1,R101,2025-10-01,,Month-to-month,T1,Anna Novak,2026-08-31"
    booking = folder.booking(line, header=LEASE, holds="leases")
    assert booking.departure is None
    assert booking.review == "the lease has ended, and nobody has moved out: access stays"


def test_an_eviction_changes_nothing_and_is_shown(folder: Folder) -> None:
    line = "L1,R101,2025-10-01,,Under eviction,T1,Anna Novak,"
    booking = folder.booking(line, header=LEASE, holds="leases")
    assert booking.status is BookingStatus.IN_HOUSE
    assert "eviction" in str(booking.review)


def test_two_people_in_one_row_are_shown(folder: Folder) -> None:
    line = "L1,R101,2025-10-01,,Current,T1,Anna & Ben Novak,"
    assert "several people" in str(folder.booking(line, header=LEASE, holds="leases").review)


# --- several properties -----------------------------------------------------------------------------------------------


def test_one_folder_may_hold_several_properties(folder: Folder) -> None:
    folder.rooms(
        "property_id,property_name,time_zone,country,room_id\n"
        "N,North,Europe/Vienna,at,1\nN,,,,2\nS,South,Europe/Lisbon,pt,4\nS,,,,3\n"
    )
    folder.bookings(
        "N,B1,1,2026-09-20T16:00,2026-09-23",
        "S,B2,4,2026-09-20T16:00,2026-09-23",
        ",B3,3,2026-09-20T16:00,2026-09-23",
        ",B4,9,2026-09-20T16:00,2026-09-23",
        header="property_id,booking_id,room_id,arrival,departure",
    )
    connector = folder.open(time_zone=None)
    north, south = connector.reader().read_properties()
    assert (north.name, north.time_zone, north.country, north.shares_connection) == (
        "North",
        "Europe/Vienna",
        "AT",
        True,
    )
    assert south.name == "South"
    first, second = (connector.reader().bookings_within(one, WINDOW) for one in (north, south))
    assert [(one.id, one.arrival.astimezone(UTC).hour) for one in first.bookings] == [("B1", 14)]  # type: ignore[union-attr]
    assert [(one.id, one.arrival.astimezone(UTC).hour) for one in second.bookings] == [("B2", 15), ("B3", 15)]  # type: ignore[union-attr]
    assert [one.id for one in first.broken + second.broken] == ["B4"]
    assert [one.id for one in connector.reader().bookings_by_id(south, ["B1", "B2"]).bookings] == ["B2"]


def test_a_room_id_that_two_properties_have_is_one_propertys_and_the_others_is_told(folder: Folder) -> None:
    for rows in ("N,1\nS,1\nS,2\n", "S,2\nS,1\nN,1\n"):
        folder.rooms("property_id,room_id\n" + rows)
        folder.bookings(ANNA)
        connector = folder.open()
        read = {of.id: connector.reader().read_rooms(of) for of in connector.reader().read_properties()}
        assert [room.id for room in read["N"][0]] == ["1"]
        assert [room.id for room in read["S"][0]] == ["2"]
        (broken,) = read["S"][1]
        assert broken.id == "1"
        assert "Property N has a room with this room_id as well" in broken.reason


def test_a_room_in_a_row_of_another_length_makes_no_property(folder: Folder) -> None:
    folder.rooms("property_id,room_id\nN,1\nN,2\noops\n")
    folder.bookings(ANNA)
    connector = folder.open()
    (of,) = connector.reader().read_properties()
    assert (of.id, of.shares_connection) == ("N", False)
    assert [one.reason for one in connector.reader().read_rooms(of)[1]] == [
        "rooms.csv line 4 has 1 column where the header has 2."
    ]


def test_a_name_that_two_rooms_share_is_neither(folder: Folder) -> None:
    folder.rooms("room_id,room_name\nR1,Suite\nR2,Suite\n")
    assert folder.booking(ANNA.replace("R101", "Suite")).room_id == "Suite"


def test_hours_without_a_time_zone_are_not_guessed(folder: Folder) -> None:
    folder.bookings(ANNA.replace("2026-09-20", "2026-09-20T16:00"))
    with pytest.raises(PmsRefused, match="set time_zone"):
        folder.read(folder.open(time_zone=None))
    folder.rooms("room_id,time_zone\nR101,Europe/Wien\n")
    with pytest.raises(PmsRefused, match="no IANA time zone"):
        folder.read()


# --- files as they come -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_any_spreadsheets_way_of_writing_is_read(folder: Folder, delimiter: str, encoding: str) -> None:
    lines = ["Res No,Room Id,ARRIVAL,Departure,first-name", "B1,R101,2026-09-20,2026-09-23,Zoë"]
    text = "\r\n".join(lines).replace(",", delimiter)
    folder.write("bookings.csv", text.encode(encoding))
    read = folder.read(folder.open(columns={"booking_id": "Res No"}))
    assert [booking.id for booking in read.bookings] == ["B1"]
    assert [guest.first_name for guest in read.guests.values()] == ["Zoë"]


def test_a_line_break_within_quotes_is_one_row_and_lines_are_counted_as_an_editor_does(folder: Folder) -> None:
    folder.bookings(
        'B1,R101,2026-09-20,2026-09-23,Confirmed,G1,"An\nna",Novak', "", "B2,R102,x,x,Confirmed,G2,Ben,Maier"
    )
    read = folder.read()
    assert [booking.id for booking in read.bookings] == ["B1"]
    assert read.broken[0].reason.startswith("bookings.csv line 5 ")


def test_a_file_in_another_code_page_is_read_and_the_check_says_as_which(folder: Folder) -> None:
    folder.write("bookings.csv", f"{HEADER}\n{ANNA.replace('Novak', 'Nováková')}\n".encode("cp1250"))
    guest = next(iter(folder.read().guests.values()))
    assert guest.last_name == "Nováková"
    assert "bookings.csv is not written in UTF-8" in folder.open().check()
    assert "UTF-8" not in folder.open(encoding="cp1250").check()


def test_nights_may_stand_for_a_departure(folder: Folder) -> None:
    booking = folder.booking("B1,R101,2026-09-20,3,Anna", header="booking_id,room_id,arrival,nights,name")
    assert booking.departure == date(2026, 9, 23)


@pytest.mark.parametrize("zone", ["", "Z", "+02:00"])
def test_midnight_at_both_ends_is_a_day_at_both(folder: Folder, zone: str) -> None:
    line = ANNA.replace("2026-09-20", f"2026-09-20T00:00:00{zone}").replace("2026-09-23", f"2026-09-23T00:00{zone}")
    booking = folder.booking(line)
    assert (booking.arrival, booking.departure) == (date(2026, 9, 20), date(2026, 9, 23))


@pytest.mark.parametrize(
    ("came", "left", "days"),
    [
        ("2026-09-19T22:00:00Z", "2026-09-22T22:00:00Z", (date(2026, 9, 20), date(2026, 9, 23))),
        ("2026-09-20T00:00+02:00", "2026-09-23T09:00:00Z", (date(2026, 9, 20), datetime(2026, 9, 23, 9, tzinfo=UTC))),
        ("2026-09-20T13:00Z", "2026-09-22T22:00Z", (datetime(2026, 9, 20, 13, tzinfo=UTC), date(2026, 9, 23))),
        ("2026-10-23T22:00:00Z", "2026-10-25T22:00:00Z", (date(2026, 10, 24), date(2026, 10, 26))),
        ("2026-09-19T23:00:00Z", "2026-09-22T23:00:00Z", (date(2026, 9, 20), date(2026, 9, 23))),
        ("2026-09-19T22:00Z", "2026-09-23T21:59:59Z", (date(2026, 9, 20), date(2026, 9, 24))),
    ],
)
def test_an_instant_that_is_midnight_at_the_house_is_a_day(
    folder: Folder, came: str, left: str, days: tuple[date, date]
) -> None:
    booking = folder.booking(ANNA.replace("2026-09-20", came).replace("2026-09-23", left))
    assert (booking.arrival, booking.departure) == days


@pytest.mark.parametrize(
    ("came", "left"),
    [
        ("domingo, 20 de setembro de 2026 15:00", "quarta-feira, 23 de setembro de 2026 11:00"),
        ("20.09.2026 15:00 Uhr", "23.09.2026, 11 Uhr"),
        ("20 september 2026 om 15:00 uur", "23 september 2026 om 11 uur"),
        ("2026-09-20T15:00:00+02:00[Europe/Vienna]", "2026-09-23T11:00+02:00[Europe/Vienna]"),
    ],
)
def test_an_hour_is_read_with_what_stands_around_it(folder: Folder, came: str, left: str) -> None:
    booking = folder.booking(ANNA.replace("2026-09-20", f'"{came}"').replace("2026-09-23", f'"{left}"'))
    assert isinstance(booking.arrival, datetime)
    assert isinstance(booking.departure, datetime)
    assert (booking.arrival.hour, booking.departure.hour) == (15, 11)


def test_json_is_read_as_csv_is(folder: Folder) -> None:
    rooms = [{"room_id": 101, "active": True}, {"room_id": 102.0, "active": None}]
    bookings = {
        "count": 2,
        "bookings": [
            {"booking_id": 1, "room_id": 101, "arrival": "2026-09-20", "departure": "2026-09-22", "name": "Anna"},
            {"booking_id": 2, "room_id": [102], "arrival": "2026-09-20", "name": "Ben", "status": "Confirmed"},
        ],
    }
    folder.write("rooms.json", json.dumps(rooms))
    folder.write("bookings.json", json.dumps(bookings), age=1)
    connector = folder.open(format="json")
    assert [room.id for room in connector.reader().read_rooms(connector.reader().read_properties()[0])[0]] == [
        "101",
        "102",
    ]
    read = folder.read(connector)
    assert [(booking.id, booking.room_id, booking.departure) for booking in read.bookings] == [
        ("1", "101", date(2026, 9, 22))
    ]
    assert read.bookings[0].status is BookingStatus.UNKNOWN
    assert [one.reason for one in read.broken] == ["bookings.json row 2 has a list or a group where a value should be."]


def test_the_newest_of_many_exports_is_the_one(folder: Folder) -> None:
    folder.write("res_0917.csv", f"{HEADER}\n{ANNA}\n", age=90_000)
    folder.write("res_0918.csv", f"{HEADER}\n{BEN}\n", age=3600)
    read = folder.read(folder.open(names={"bookings": "res_*.csv"}))
    assert [booking.id for booking in read.bookings] == ["B2"]


@pytest.mark.parametrize(
    ("content", "age", "settings", "complaint"),
    [
        (None, 0, {}, "is not in the folder"),
        ("", 3600, {}, "is empty"),
        (" \n\n", 3600, {}, "is empty"),
        (HEADER, 3600, {}, "has no rows"),
        (f"{HEADER}\n{ANNA}", 5, {}, "was written 5 s ago: it is read when nothing came for 60 s"),
        (f"{HEADER}\n{ANNA}\n#count,2\n", 3600, {}, "should have 2 rows and has 1: it is not complete"),
        (f"{HEADER}\n{ANNA}\n#count,1\n{BEN}\n", 3600, {}, r"goes on after its count \(line 4\)"),
        (f"{HEADER}\n{ANNA}\n#count,\n", 3600, {}, "has a count that is no number"),
        (f"{HEADER}\n{ANNA}\n", 3600, {"count_line": True}, "does not end with its count"),
        (f'{HEADER}\nB1,R101,2026-09-20,2026-09-23,Confirmed,G1,"Anna', 3600, {}, "is no CSV at line 2"),
        ("<html><body>Please log in</body></html>", 3600, {}, "has no column booking_id"),
        (HEADER + ",Arrival\n" + ANNA + ",x\n", 3600, {}, "has two columns arrival"),
        (b"\xff\xfeB\x00\x00", 3600, {}, "is no text in UTF-8"),
    ],
)
def test_a_file_that_is_not_whole_is_unreadable_and_never_an_empty_house(
    folder: Folder, content: Any, age: float, settings: dict[str, Any], complaint: str
) -> None:
    folder.rooms(ROOMS + "#count,2\n")
    folder.bookings(ANNA)
    connector = folder.open(**settings)
    of = folder.open().reader().read_properties()[0]
    if content is None:
        (folder.path / "bookings.csv").unlink()
    else:
        folder.write("bookings.csv", content, age)
    for ask in (
        lambda: connector.reader().bookings_within(of, WINDOW),
        lambda: connector.reader().bookings_by_id(of, ["B1"]),
        lambda: connector.reader().read_rooms(of),
        connector.read_properties,
        connector.check,
    ):
        with pytest.raises(PmsUnreachable, match=rf"elm: the PMS's file bookings\.csv {complaint}"):
            ask()


def test_a_count_makes_a_file_whole_at_once(folder: Folder) -> None:
    for footer in ("#COUNT, 1", "#count,1,,,,,,", "#count;1", "#count 1"):
        folder.write("bookings.csv", f"{HEADER}\n{ANNA}\n{footer}", age=0)
        folder.now -= timedelta(minutes=10)
        assert [booking.id for booking in folder.read().bookings] == ["B1"]


def test_an_empty_house_has_to_say_so(folder: Folder) -> None:
    folder.write("bookings.csv", f"{HEADER}\n#count,0\n")
    assert folder.read() == BookingsRead()


def test_a_property_that_the_files_do_not_have_is_no_empty_one(folder: Folder) -> None:
    folder.bookings(ANNA)
    connector = folder.open(property_id="other")
    with pytest.raises(PmsError, match="does not have the property"):
        connector.reader().bookings_within(folder.open().reader().read_properties()[0], WINDOW)


def test_a_setting_that_renames_nothing_is_said(folder: Folder) -> None:
    folder.bookings(ANNA)
    with pytest.raises(PmsRefused, match="the setting columns has no use for bookingid"):
        folder.read(folder.open(columns={"bookingid": "Res No"}))
    with pytest.raises(PmsRefused, match="the setting names has no use for reservations"):
        folder.read(folder.open(names={"reservations": "*.csv"}))


# --- what changed, and what is missing --------------------------------------------------------------------------------


def test_what_is_not_as_it_was_has_changed(folder: Folder) -> None:
    def changed() -> list[str]:
        since = folder.now + timedelta(seconds=1)
        return [one.id for one in folder.read(updated=(since, since + timedelta(hours=1))).bookings]

    folder.bookings(ANNA, BEN)
    assert changed() == ["B1", "B2"]
    assert changed() == []
    folder.bookings(ANNA, BEN)
    assert changed() == []
    folder.bookings(ANNA.replace("09-23", "09-25"), BEN)
    assert changed() == ["B1"]
    folder.bookings(ANNA.replace("09-23", "09-25"), BEN.replace("Maier", "Meier"))
    assert changed() == ["B2"]
    assert changed() == []


def test_rooms_that_are_not_as_they_were_have_changed(folder: Folder) -> None:
    folder.bookings(ANNA)
    connector = folder.open()
    (of,) = connector.reader().read_properties()

    def changed() -> set[str]:
        since = folder.now + timedelta(seconds=1)
        folder.now += timedelta(minutes=10)
        return connector.reader().changed_rooms(of, (since, since + timedelta(hours=1)))

    assert changed() == {"R101", "R102"}
    assert changed() == set()
    folder.rooms(ROOMS.replace("102\n", "Edelweiss\n"))
    assert changed() == {"R102"}


def test_a_row_that_is_missing_counts_in_the_second_new_file(folder: Folder) -> None:
    folder.bookings(ANNA, BEN)
    folder.read()
    folder.bookings(BEN)
    for _ in range(5):
        missing, there = folder.read().bookings
        assert (there.id, missing.status) == ("B2", BookingStatus.UNKNOWN)
        assert (
            missing.review
            == "the file of bookings does not list booking B1 any more: it counts after 30 minutes and 2 readings"
        )
        assert folder.read(ids=["B1"]).bookings == [missing]
    folder.bookings(BEN)
    since = folder.now
    (gone,) = folder.read(updated=(since, since + timedelta(hours=1))).bookings
    assert (gone.id, gone.status, gone.room_id) == ("B1", BookingStatus.CANCELLED, "R101")
    assert folder.read(ids=["B1"]).bookings == [gone]
    folder.bookings(ANNA, BEN)
    assert {one.status for one in folder.read().bookings} == {BookingStatus.CONFIRMED}


def test_a_file_with_a_row_of_another_length_takes_nothing_away(folder: Folder) -> None:
    folder.bookings(ANNA, BEN)
    folder.read()
    for _ in range(4):
        folder.now += timedelta(hours=1)
        folder.bookings(BEN, "Novak,B1,R101,2026-09-20,2026-09-23,Confirmed,G1,Anna,Novak")
        folder.read()
    assert folder.read(ids=["B1"]).bookings[0].status is BookingStatus.UNKNOWN


def test_a_booking_that_cannot_be_read_is_not_missing(folder: Folder) -> None:
    folder.bookings(ANNA, BEN)
    folder.read()
    for _ in range(4):
        folder.now += timedelta(hours=1)
        folder.bookings(ANNA.replace("2026-09-20", "soon"), BEN)
        read = folder.read()
        assert [one.id for one in read.bookings] == ["B2"]
        assert [one.id for one in read.broken] == ["B1"]
        assert [one.id for one in folder.read(ids=["B1"]).broken] == ["B1"]


def test_without_a_memory_nothing_is_gone_before_there_were_two_new_files(folder: Folder) -> None:
    for expected in (["B1"], ["B1"], []):
        folder.bookings(BEN)
        assert [one.id for one in folder.read(ids=["B1"]).broken] == expected
        folder.read()


def test_the_memory_is_beside_the_folder_and_knows_nobody(folder: Folder) -> None:
    folder.bookings(ANNA)
    folder.read()
    memory = folder.path.parent / "export.elm.json"
    assert "Novak" not in memory.read_text()
    assert folder.read(folder.open(memory=str(folder.path.parent / "other.json"))).bookings
    assert (folder.path.parent / "other.json").exists()


def test_a_stay_that_is_long_over_is_forgotten(folder: Folder) -> None:
    folder.bookings(ANNA, BEN)
    folder.read()
    folder.now = NOW + timedelta(days=20)
    folder.bookings(BEN.replace("09-24", "10-24"))
    folder.read()
    assert "B1" not in (folder.path.parent / "export.elm.json").read_text()


# --- what files do not do ---------------------------------------------------------------------------------------------


def test_files_send_no_webhooks(folder: Folder) -> None:
    connector = folder.open()
    assert not connector.webhooks.verify({"token": ""}, {}, b"", NOW)
    with pytest.raises(NotUnderstood):
        connector.webhooks.read({})
    with pytest.raises(NotOffered, match="incremental"):
        connector.webhooks.subscribe("https://door.example")


def test_the_check_counts_what_there_is(folder: Folder) -> None:
    folder.bookings(ANNA, BEN.replace("2026-09-21", "x"))
    assert folder.open().check() == "2 rooms, 1 booking, 1 line that cannot be read"


def test_the_check_names_the_columns_that_nobody_reads_and_what_is_missed_by_it(folder: Folder) -> None:
    folder.write(
        "bookings.csv",
        "booking_id,room_id,arrival,departure,state,Guest\nB1,R101,2026-09-20,2026-09-23,cancelled,Anna Novak\n",
    )
    told = folder.open().check()
    assert "Of bookings, nobody reads the columns state, Guest" in told
    assert "no column status: all of them count as confirmed" in told
    assert "no column of a guest: nobody gets access" in told
    assert "Novak" not in told
    told = folder.open(columns={"status": "state", "name": "Guest"}).check()
    assert told == "2 rooms, 1 booking, 0 lines that cannot be read"
