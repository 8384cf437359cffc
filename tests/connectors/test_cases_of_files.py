"""What PMSs export and people drop by SFTP, and who can open which door then."""

import itertools
from pathlib import Path

import pytest

from mappers.policy import LEASE, Policy
from tests.at_the_doors import ways
from tests.connectors.cases import Case
from tests.world import START

HEAD = "booking_id,guest_id,name,arrival,departure,room_id\n"
BEN = "B2,G2,Ben Maier,{I+1},{I+9},R2\n"


@pytest.fixture
def house(tmp_path: Path) -> Case:
    case = Case(tmp_path, "files")
    case.write("rooms.csv", "room_id,room_name\nR1,16\nR2,17\nR3,18\n")
    return case


def rows(house: Case, *lines: str, head: str = HEAD) -> None:
    house.clock.pass_(minutes=1)
    house.write("bookings.csv", head + "".join(lines))


def test_an_extension_as_a_row_of_its_own_leaves_no_gap(house: Case) -> None:
    first, second = "B1,G1,Anna Novak,{I-2},{I+1},R1\n", "B1,G1,Anna Novak,{I+1},{I+4},R1\n"
    rows(house, first, BEN)
    house.run(full=True)
    code = house.seam.code_of("B1")
    for told in ((first, second), (second, first), (second,)):
        rows(house, *told, BEN)
        house.run()
        opened = house.open_now()["B1"]
        assert (opened[0], opened[2]) == ("16", "09-22T09:00")
    assert house.seam.code_of("B1") == code


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3)))[::2])
def test_a_row_a_night_is_one_stay(house: Case, order: tuple[int, ...]) -> None:
    rows(house, *(f"B1,G1,Anna Novak,{{I+{day}}},{{I+{day + 1}}},R1\n" for day in order))
    house.run(full=True)
    assert house.open_now() == {"B1": ["16", "09-19T13:00", "09-22T09:00"]}


def test_rows_that_overlap_or_stand_twice_are_one_stay(house: Case) -> None:
    night = "B1,G1,Anna Novak,{I+1},{I+2},R1\n"
    rows(house, night, night, "B1,G1,Anna Novak,{I+1},{I+3},R1\n", "B1,G1,Anna Novak,{I+2},{I+5},R1\n")
    house.run(full=True)
    assert house.open_now() == {"B1": ["16", "09-19T13:00", "09-23T09:00"]}


def test_nights_without_ids_of_guests_are_one_stay(house: Case) -> None:
    head = "booking_id,name,arrival,departure,room_id\n"
    rows(house, *(f"B1,Anna Novak,{{I+{day}}},{{I+{day + 1}}},R1\n" for day in (2, 1, 3)), head=head)
    assert house.run(full=True).exit == 0
    assert house.open_now() == {"B1": ["16", "09-19T13:00", "09-22T09:00"]}


def test_one_number_in_two_rooms_is_a_grant_for_each_whatever_the_order(house: Case) -> None:
    one, two = "B1,G1,Anna Novak,{I+1},{I+4},R1\n", "B1,G1,Anna Novak,{I+1},{I+4},R2\n"
    rows(house, one, two)
    house.run(full=True)
    before = house.open_now()
    assert before == {"B1@R1": ["16", "09-19T13:00", "09-22T09:00"], "B1@R2": ["17", "09-19T13:00", "09-22T09:00"]}
    codes = {key: house.seam.code_of(key) for key in before}
    rows(house, two, one)
    with house.no_writes():
        house.run()
    rows(house, two.replace("I+4", "I+6"), one)
    house.run()
    assert house.open_now()["B1@R2"] == ["17", "09-19T13:00", "09-24T09:00"]
    assert {key: house.seam.code_of(key) for key in before} == codes


def test_a_third_room_joins_and_the_first_goes(house: Case) -> None:
    one, two, three = (f"B1,G1,Anna Novak,{{I+1}},{{I+4}},R{room}\n" for room in (1, 2, 3))
    rows(house, one, two)
    house.run(full=True)
    codes = {key: house.seam.code_of(key) for key in house.open_now()}
    rows(house, three, two, one)
    house.run()
    assert sorted(room for room, _, _ in house.open_now().values()) == ["16", "17", "18"]
    rows(house, three, two)
    house.run()
    house.clock.pass_(hours=1)
    rows(house, two, three)
    house.run()
    assert sorted(room for room, _, _ in house.open_now().values()) == ["17", "18"]
    assert house.seam.code_of("B1@R2") == codes["B1@R2"]


def test_a_guest_who_moves_keeps_her_pin(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I-1},{I+4},R1\n")
    house.run(full=True)
    code = house.seam.code_of("B1")
    rows(house, "B1,G1,Anna Novak,{I-1},{I+4},R3\n")
    house.run()
    assert house.open_now() == {"B1": ["18", "09-17T13:00", "09-22T09:00"]}
    assert house.seam.code_of("B1") == code


def test_two_people_of_a_stay_have_days_of_their_own(tmp_path: Path) -> None:
    house = Case(tmp_path, "files", policy=Policy(guests="everyone"))
    house.write("rooms.csv", "room_id\nR1\n")
    rows(
        house,
        "B1,G1,Anna Novak,{I+1},{I+6},R1\n",
        "B1,G2,Ben Novak,{I+1},{I+2},R1\n",
        "B1,G2,Ben Novak,{I+2},{I+3},R1\n",
    )
    house.run(full=True)
    assert sorted(end for _, _, end in house.open_now().values()) == ["09-21T09:00", "09-24T09:00"]


def test_another_guest_after_the_first_under_one_number_has_a_pin_of_her_own(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I-1},{I+2},R1\n", "B1,G2,Ben Maier,{I+2},{I+5},R1\n")
    house.run(full=True)
    assert sorted(house.open_now().values()) == [
        ["16", "09-17T13:00", "09-20T09:00"],
        ["16", "09-20T13:00", "09-23T09:00"],
    ]
    assert len({house.seam.code_of(key) for key in house.open_now()}) == 2


def test_nights_instead_of_a_departure(house: Case) -> None:
    rows(house, "B1,Anna Novak,{I+1},3,R1\n", head="booking_id,name,arrival,nights,room_id\n")
    house.run(full=True)
    assert house.open_now() == {"B1": ["16", "09-19T13:00", "09-22T09:00"]}


def test_columns_may_be_named_for_each_file(tmp_path: Path) -> None:
    columns = {"rooms": {"room_id": "No", "room_name": "Name"}, "bookings": {"booking_id": "No", "room_id": "Room"}}
    house = Case(tmp_path, "files", columns=columns)
    house.write("rooms.csv", "No,Name\nR1,16\n")
    rows(house, "B1,R1,{I+1},{I+4},Anna Novak\n", head="No,Room,arrival,departure,name\n")
    house.run(full=True)
    assert house.open_now() == {"B1": ["16", "09-19T13:00", "09-22T09:00"]}


def test_words_with_a_number_are_told_by_how_they_begin(tmp_path: Path) -> None:
    house = Case(tmp_path, "files", statuses={"Kommt*": "confirmed", "Kommt nicht*": "no_show"})
    house.write("rooms.csv", "room_id\nR1\nR2\nR3\n")
    head = "booking_id,guest_id,name,arrival,departure,room_id,status\n"
    rows(
        house,
        "B1,G1,Anna Novak,{I+1},{I+4},R1,Kommt in 2 Tagen\n",
        "B2,G2,Ben Maier,{I+1},{I+4},R2,Kommt nicht mehr\n",
        "B3,G3,Eva Horn,{I+1},{I+4},R3,Arriving in 1 day\n",
        head=head,
    )
    house.run(full=True)
    assert sorted(house.open_now()) == ["B1", "B3"]


def test_a_row_that_was_cancelled_and_made_again_elsewhere_is_the_stay_moved(house: Case) -> None:
    head = "booking_id,guest_id,name,arrival,departure,room_id,status\n"
    first = "B1,G1,Anna Novak,{I+1},{I+4},R1,Confirmed\n"
    rows(house, first, head=head)
    house.run(full=True)
    code = house.seam.code_of("B1")
    rows(house, first.replace("Confirmed", "Cancelled"), first.replace("R1", "R2"), head=head)
    house.run()
    assert house.open_now() == {"B1": ["17", "09-19T13:00", "09-22T09:00"]}
    assert house.seam.code_of("B1") == code


def test_a_double_booking_is_an_alert_with_both_numbers(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I+1},{I+4},R1\n", "B7,G2,Ben Maier,{I+3},{I+5},R1\n")
    told = " ".join(item.reason for item in house.run(full=True).items if item.outcome == "alert")
    assert "B1 has the same room" in told
    assert "B7 has the same room" in told


def test_the_newer_booking_of_a_room_ends_the_older_one_with_the_second_file(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I+0},{I+4},R1\n", BEN)
    house.run(full=True)
    for _ in range(2):
        rows(house, "B9,G9,Eva Horn,{I+0},{I+4},R1\n", BEN)
        house.run()
    assert sorted(house.open_now()) == ["B2", "B9"]


def test_a_file_that_is_much_shorter_takes_nothing_for_hours(house: Case) -> None:
    many = [f"B{n},G{n},Guest Number{n},{{I+{n}}},{{I+{n + 1}}},R{n % 3 + 1}\n" for n in range(1, 9)]
    rows(house, *many)
    house.run(full=True)
    before = house.open_now()
    codes = {key: house.seam.code_of(key) for key in before}
    for _ in range(10):
        house.clock.pass_(hours=1)
        rows(house, *many[:3])
        house.run()
    assert house.open_now() == before
    rows(house, *many)
    house.run()
    assert {key: house.seam.code_of(key) for key in house.open_now()} == codes


def test_a_lost_memory_changes_nothing_and_ends_nothing(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I+1},{I+4},R1\n", "B1,G1,Anna Novak,{I+1},{I+4},R3\n", BEN)
    house.run(full=True)
    (memory,) = house.path.glob("*.json")
    memory.unlink()
    house.restart()
    rows(house, "B1,G1,Anna Novak,{I+1},{I+4},R3\n", "B1,G1,Anna Novak,{I+1},{I+4},R1\n", BEN)
    with house.no_writes():
        house.run(2, full=True)


def test_a_renewed_lease_is_one_lease_without_a_gap(tmp_path: Path) -> None:
    house = Case(tmp_path, "files", policy=LEASE, holds="leases")
    house.write("rooms.csv", "room_id\nR1\nR2\n")
    head = "booking_id,guest_id,name,arrival,departure,room_id,status\n"
    other = "L2,T2,Ben Maier,{I-90},,R2,Current\n"
    rows(house, "L1,T1,Anna Novak,{I-300},{I+0},R1,Current\n", other, head=head)
    house.run(full=True)
    code = house.seam.code_of("L1:T1")
    for first, second in (("Current", "Future"), ("Past", "Current")):
        rows(
            house,
            f"L1,T1,Anna Novak,{{I-300}},{{I+0}},R1,{first}\n",
            f"L1,T1,Anna Novak,{{I+1}},{{I+365}},R1,{second}\n",
            other,
            head=head,
        )
        house.run()
        assert house.open_now()["L1:T1"] == ["R1", "11-21T23:00", "09-18T22:00"]
        house.clock.time = START.replace(day=19)
    assert house.seam.code_of("L1:T1") == code


def test_a_guest_whose_first_nights_are_checked_out_is_still_in_the_house(house: Case) -> None:
    head = "booking_id,guest_id,name,arrival,departure,room_id,status\n"
    rows(house, "B1,G1,Anna Novak,{I-2},{I+0},R1,In house\n", head=head)
    house.run(full=True)
    rows(
        house,
        "B1,G1,Anna Novak,{I-2},{I+0},R1,Checked out\n",
        "B1,G1,Anna Novak,{I+0},{I+2},R1,In house\n",
        head=head,
    )
    house.run()
    assert house.open_now() == {"B1": ["16", "09-16T13:00", "09-20T09:00"]}


def test_a_file_that_is_gone_or_half_written_ends_nothing(house: Case) -> None:
    rows(house, "B1,G1,Anna Novak,{I+1},{I+4},R1\n", BEN)
    house.run(full=True)
    before = house.open_now()
    for content in (None, "", HEAD, HEAD[:20]):
        if content is None:
            (house.folder / "bookings.csv").unlink()
        else:
            house.write("bookings.csv", content)
        for _ in range(3):
            house.clock.pass_(hours=5)
            assert house.run(full=True).exit == 1
        assert house.open_now() == before


def test_cells_that_were_merged_are_of_the_stay_above(house: Case) -> None:
    night = ",,,{I+2},{I+3},R1\n"
    rows(house, "B1,G1,Anna Novak,{I+1},{I+2},R1\n", night, ",,,{I+3},{I+5},\n", BEN)
    assert house.run(full=True).exit == 0
    assert house.open_now()["B1"] == ["16", "09-19T13:00", "09-23T09:00"]


@pytest.mark.parametrize("below", [",,,{I+3},{I+5},R1\n", ",,,{I+2},{I+5},R3\n", ",G3,Eva Berg,{I+2},{I+5},R1\n"])
def test_a_row_without_a_number_that_does_not_go_on_is_nobodys(house: Case, below: str) -> None:
    rows(house, "B1,G1,Anna Novak,{I+1},{I+2},R1\n", below, BEN)
    report = house.run(full=True)
    assert house.open_now()["B1"] == ["16", "09-19T13:00", "09-20T09:00"]
    assert any("has no booking_id" in (item.error or "") for item in report.items)


@pytest.mark.parametrize(
    "cell", ['"R1,R3"', '"16, 18"', "R1;R3", "16 und 18", "R1 & R3", "16/18", "Zimmer 16 und 18", "Rooms 16 + #18"]
)
def test_a_cell_of_two_rooms_is_a_stay_in_each(house: Case, cell: str) -> None:
    rows(house, f"B1,G1,Anna Novak,{{I+1}},{{I+3}},{cell}\n", BEN)
    assert house.run(full=True).exit == 0
    assert sorted(opened[0] for one, opened in house.open_now().items() if one.startswith("B1")) == ["16", "18"]


@pytest.mark.parametrize(
    ("cell", "opened"), [("R1-R3", set()), ("16-18", set()), ("Villa 16", set()), ("Room 16", {"16"})]
)
def test_what_may_be_another_room_opens_none(house: Case, cell: str, opened: set[str]) -> None:
    """From 16 to 18 is another thing than 16 and 18."""
    rows(house, f"B1,G1,Anna Novak,{{I+1}},{{I+3}},{cell}\n", BEN)
    house.run(full=True)
    assert {told[0] for one, told in house.open_now().items() if one.startswith("B1")} == opened


def test_of_several_people_in_a_cell_the_first_has_access_and_that_is_told(house: Case) -> None:
    rows(house, 'B1,G1,"Novak, Anna; Novak, Jan",{I+1},{I+3},R1\n', BEN)
    report = house.run(full=True)
    assert any("names several people" in str(item.reason) for item in report.items)


def test_a_cell_with_a_room_that_nobody_knows_opens_none(house: Case) -> None:
    rows(house, 'B1,G1,Anna Novak,{I+1},{I+3},"R1,R9"\n', BEN)
    assert house.run(full=True).exit == 1
    assert set(house.open_now()) == {"B2"}


STATED = "booking_id,name,arrival,departure,room_id,status\n"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('"Novak, Anna (2)"', "Anna Novak"),
        ('"Novak,Anna,Mrs"', "Anna Novak"),
        ('"Novak, Anna; Novak, Jan"', "Anna Novak"),
        ('"Anna Novak\nJan Novak"', "Anna Novak"),
        ("Anna Novak (Booking.com)", "Anna Novak"),
        ("Anna Novak <anna@example.com>", "Anna Novak"),
        ('"Anna Novak\n+43 660 5550101\nanna@example.com"', "Anna Novak"),
        ("Guest: Anna Novak", "Anna Novak"),
        ("Anna Block", "Anna Block"),
        ("李 娜", "李 娜"),
    ],
)
def test_what_stands_beside_a_name_is_no_part_of_it(house: Case, cell: str, name: str) -> None:
    rows(house, f"B1,{cell},{{I+1}},{{I+3}},R1,Confirmed\n", head=STATED)
    assert house.run(full=True).exit == 0
    (person,) = house.seam.user_identities.values()
    assert person["full_name"] == name
    if "@" in cell:
        assert person["email_address"] == "anna@example.com"


@pytest.mark.parametrize(
    ("name", "status", "told"),
    [
        ("Blocked", "Confirmed", False),
        ("Not available", "Confirmed", False),
        ("CLOSED", "Confirmed", False),
        ("Anna Novak - CANCELLED", "Confirmed", False),
        ("Option: Anna Novak", "Confirmed", False),
        ("Frei", "Confirmed", True),
        ("Maintenance", "Confirmed", True),
        ("-", "Confirmed", True),
        ("Vacant", "Confirmed", True),
        ("Blocked", "In house", True),
    ],
)
def test_a_row_whose_name_says_that_it_is_nobodys_opens_nothing(
    house: Case, name: str, status: str, told: bool
) -> None:
    rows(house, f"B1,{name},{{I+1}},{{I+3}},R1,{status}\n", "B2,Ben Maier,{I+1},{I+9},R2,Confirmed\n", head=STATED)
    report = house.run(full=True)
    assert set(house.open_now()) == {"B2"}
    assert any("the name" in item.reason for item in report.items) is told


def test_a_guest_with_a_contact_may_be_called_as_she_likes(house: Case) -> None:
    head = "booking_id,name,email,arrival,departure,room_id\n"
    frei = "B2,Frei,frei@example.com,{I+1},{I+3},R2\n"
    rows(house, "B1,Maler,maler@example.com,{I+1},{I+3},R1\n", frei, head=head)
    house.run(full=True)
    assert set(house.open_now()) == {"B1", "B2"}


@pytest.mark.parametrize(("setting", "opens"), [("is_a_stay", {"B1"}), ("not_a_stay", set[str]())])
def test_a_setting_says_what_a_name_is(tmp_path: Path, setting: str, opens: set[str]) -> None:
    house = Case(tmp_path, "files", **{setting: ["Frei"]})
    house.write("rooms.csv", "room_id,room_name\nR1,16\n")
    rows(house, "B1,Frei,{I+1},{I+3},R1,Confirmed\n", head=STATED)
    report = house.run(full=True)
    assert set(house.open_now()) == opens
    assert not any("is_a_stay" in item.reason for item in report.items)


def test_a_program_that_numbers_anew_costs_nobody_her_pin(house: Case) -> None:
    days = "{I-1},{I+3}"
    rows(house, f"B1,Anna Novak,{days},R1,Confirmed\n", f"B2,Ben Maier,{days},R2,Confirmed\n", head=STATED)
    house.run(full=True)
    before = house.seam.code_of("B1")
    rows(house, f"2026-1,Anna Novak,{days},R1,Confirmed\n", f"2026-2,Eva Berg,{days},R2,Confirmed\n", head=STATED)
    for _ in range(2):
        house.run()
    pins = {(way.room, way.who): way.pin for way in ways(house.seam, house.clock.now())}
    assert pins["16", "Anna Novak"] == before
    assert len({pin for (room, _), pin in pins.items() if room == "16"}) == 1
    assert len([way for way in ways(house.seam, house.clock.now()) if way.room == "16"]) == 1
    assert pins["17", "Eva Berg"] != pins.get(("17", "Ben Maier"))


def test_two_numbers_of_one_guest_that_are_both_there_are_two_stays(house: Case) -> None:
    first, second = "B1,Anna Novak,{I+1},{I+3},R1,Confirmed\n", "B9,Anna Novak,{I+1},{I+3},R1,Confirmed\n"
    rows(house, first, head=STATED)
    house.run(full=True)
    before = house.seam.code_of("B1")
    rows(house, first.replace("Confirmed", "Cancelled"), second, head=STATED)
    house.run()
    assert "B1" not in house.open_now()
    assert house.seam.code_of("B9") != before


@pytest.mark.parametrize("last", ["Cancelled", "No-show", "Confirmed"])
def test_a_booking_of_which_every_row_is_cancelled_is_over_though_one_cannot_be_read(house: Case, last: str) -> None:
    head = "booking_id,name,arrival,departure,room_id,status\n"
    nights = [f"B1,Anna Novak,{{I+{day}}},{{I+{day + 1}}},R1" for day in (0, 1)]
    rows(house, *(f"{night},Confirmed\n" for night in nights), head=head)
    house.run(full=True)
    assert house.open_now()
    rows(house, f"{nights[0]},Cancelled\n", f"B1,Anna Novak,2026-13-40,{{I+2}},R1,{last}\n", head=head)
    house.run()
    assert bool(house.open_now()) is (last == "Confirmed"), "of rows that differ nobody knows what the PMS says"


@pytest.mark.parametrize(
    "head", ["booking_id,name,arrival,departure,room_id\n", "booking_id,who,arrival,departure,room_id\n"]
)
def test_a_cell_of_the_guest_that_is_empty_for_a_while_puts_nobody_out_and_nobody_else_in(
    house: Case, head: str
) -> None:
    night = "{I-1},{I+4},R1\n"
    rows(house, f"B1,Anna Novak,{night}", head="booking_id,name,arrival,departure,room_id\n")
    house.run(full=True)
    before, code = house.open_now(), house.seam.code_of("B1")
    for full in (False, True):
        rows(house, f"B1,,{night}", head=head)
        report = house.run(full=full)
        assert (house.open_now(), house.seam.code_of("B1")) == (before, code)
        assert any("names nobody any more" in item.reason for item in report.items)
    rows(house, f"B1,Bob Jones,{night}", head="booking_id,name,arrival,departure,room_id\n")
    house.run()
    assert len(house.open_now()) == 1
    assert {house.seam.code_of(key) for key in house.open_now()}.isdisjoint({code})


def test_a_booking_that_never_named_anybody_waits_for_a_guest(house: Case) -> None:
    rows(house, "B1,,{I-1},{I+4},R1\n", head="booking_id,name,arrival,departure,room_id\n")
    for _ in range(3):
        house.run(full=True)
    assert house.open_now() == {}


@pytest.mark.parametrize("placeholder", ["Reserved", "Airbnb Guest", "Gast", "N.N.", "Unknown", "Booking.com"])
def test_a_word_in_place_of_a_name_is_nobodys_and_whoever_is_named_later_keeps_the_pin(
    house: Case, placeholder: str
) -> None:
    head = "booking_id,name,arrival,departure,room_id\n"
    codes = []
    for name in (placeholder, "Anna Novak", placeholder, "Bob Jones"):
        rows(house, f"B1,{name},{{I+1}},{{I+4}},R1\n", head=head)
        house.run()
        (key,) = house.open_now()
        codes.append(house.seam.code_of(key))
    assert codes[0] == codes[1] == codes[2] != codes[3]
    assert {one["full_name"] for one in house.seam.user_identities.values()} == {"Anna Novak", "Bob Jones"}


@pytest.mark.parametrize(
    ("arrival", "departure", "opened"),
    [
        ("{I+2} 23:59", "{I+5} 23:59", ["09-20T13:00", "09-23T09:00"]),
        ("{I+2} 00:00", "{I+4} 23:59", ["09-20T13:00", "09-23T09:00"]),
        ("{I+2}", "{I+4} 23:59:59", ["09-20T13:00", "09-23T09:00"]),
        ("{I+2} 00:01", "{I+5} 00:01", ["09-20T13:00", "09-23T09:00"]),
        ("{I+2}T00:00:00Z", "{I+4}T23:59:59Z", ["09-20T13:00", "09-23T09:00"]),
        ("{I+2} 14:00", "{I+5} 23:59", ["09-20T12:00", "09-23T09:00"]),
        ("{I+2} 14:00", "{I+5} 00:00", ["09-20T12:00", "09-23T09:00"]),
        ("{I+2}T13:30:00Z", "{I+5}T08:30:00Z", ["09-20T13:30", "09-23T08:30"]),
        ("{I+2} 23:30", "{I+5} 10:00", ["09-20T21:30", "09-23T08:00"]),
        ("{D+2}", "{D+5}", ["09-20T13:00", "09-23T09:00"]),
        ("{D+2}T140000", "{D+5}T1000", ["09-20T12:00", "09-23T08:00"]),
    ],
)
def test_the_first_and_the_last_minute_of_a_day_are_no_hours(
    house: Case, arrival: str, departure: str, opened: list[str]
) -> None:
    rows(house, f"B1,Anna Novak,{arrival},{departure},R1\n", head="booking_id,name,arrival,departure,room_id\n")
    house.run(full=True)
    assert house.open_now() == {"B1": ["16", *opened]}
