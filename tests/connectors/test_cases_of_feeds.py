"""What hosts publish, and who can open which door then. The rule of what is one stay is in docs/identity.md."""

from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.http import Answer
from tests.connectors.cases import Case, event
from tests.every_day import first_of

DAY = ["09-20T13:00", "09-23T09:00"]
"""From the day after tomorrow at 15:00 in Vienna for three nights."""


@pytest.fixture
def flat(tmp_path: Path) -> Case:
    return Case(tmp_path)


@pytest.fixture
def flats(tmp_path: Path) -> Case:
    case = Case(tmp_path, rooms=("A", "B"))
    case.publish(A="", B="")
    return case


def airbnb(start: str, end: str, code: str, uid: str = "", last_4: str = "1234") -> str:
    link = f"https://www.airbnb.com/hosting/reservations/details/{code}"
    return event(
        start, end, uid or f"{code.lower()}@airbnb.com", "Reserved", f"{link}\\nPhone Number (Last 4 Digits): {last_4}"
    )


def pins(case: Case) -> set[str]:
    return {str(case.seam.code_of(key)) for key in case.open_now()}


# --- a UID means something in its feed only ---------------------------------------------------------------------------


def test_a_uid_of_another_room_is_another_booking(flats: Case) -> None:
    flats.publish(A=event("-1", "+5", "1", "Anna Novak"))
    flats.run(full=True)
    before = pins(flats)
    flats.publish(A="", B=event("+0", "+6", "1", "Bob Jones"))
    flats.run()
    assert flats.open_now() == {
        "1@A": ["A", "09-17T13:00", "09-23T09:00"],
        "1@B": ["B", "09-18T13:00", "09-24T09:00"],
    }
    assert pins(flats) > before


def test_uids_that_count_from_nought_follow_the_guests(flat: Case) -> None:
    guests = [("+2", "+5", "Anna Novak"), ("+5", "+8", "Bob Jones"), ("+9", "+12", "Cleo Marsh")]
    flat.publish(A="\r\n".join(event(one, two, str(n), name) for n, (one, two, name) in enumerate(guests)))
    flat.run(full=True)
    before = flat.open_now()
    codes = {key: flat.seam.code_of(key) for key in before}
    for shift in range(4):
        flat.publish(
            A="\r\n".join(event(one, two, str(n), name) for n, (one, two, name) in enumerate(guests[1:], shift))
        )
        flat.run()
    assert flat.open_now() == before, "Anna is waited for, and the others are who they were"
    flat.run(20)
    assert {key: flat.seam.code_of(key) for key in flat.open_now()} == {
        key: codes[key] for key, (_, start, _) in before.items() if start != "09-20T13:00"
    }


@first_of(1, "named", [True, False])
def test_uids_that_change_with_every_read_change_nothing(flat: Case, named: bool) -> None:
    names = ("Anna Novak", "Bob Jones") if named else ("Reserved", "Reserved")
    for number in range(8):
        flat.publish(A=event("+2", "+5", f"x{number}", names[0]) + "\r\n" + event("+5", "+9", f"y{number}", names[1]))
        flat.run(full=number == 0)
        if number == 0:
            before, codes = flat.open_now(), pins(flat)
    assert flat.open_now() == before
    assert pins(flat) == codes
    assert len(codes) == 2


def test_a_uid_that_is_used_again_is_for_another_guest(flat: Case) -> None:
    flat.publish(A=event("-2", "+1", "5", "Anna Novak"))
    flat.run(full=True)
    before = pins(flat)
    flat.publish(A=event("+1", "+4", "5", "Bob Jones"))
    flat.run()
    assert len(pins(flat)) == 2, "back to back, each with a PIN of her own"
    flat.clock.pass_(days=1)
    flat.run(3, full=True)
    assert not pins(flat) & before


def test_a_uid_of_days_without_a_name_is_not_the_next_guests(flat: Case) -> None:
    flat.publish(A=event("-2", "+1", "0"))
    flat.run(full=True)
    before = pins(flat)
    flat.publish(A=event("+1", "+4", "0"))
    flat.run()
    assert len(pins(flat) - before) == 1


def test_two_people_under_one_uid_are_two_stays(flat: Case) -> None:
    flat.publish(A=event("+2", "+5", "same", "Anna Novak") + "\r\n" + event("+8", "+9", "same", "Bob Jones"))
    report = flat.run(full=True)
    assert report.exit == 0
    assert sorted(flat.open_now().values()) == [["A", *DAY], ["A", "09-26T13:00", "09-27T09:00"]]
    assert len(pins(flat)) == 2


def test_without_any_uid_a_stay_is_its_room_its_days_and_its_guest(flat: Case) -> None:
    flat.publish(A=event("+2", "+5", "", "Anna Novak"))
    flat.run(full=True)
    before = pins(flat)
    flat.publish(A=event("+2", "+7", "", "Anna Novak"))
    flat.run()
    assert list(flat.open_now().values()) == [["A", "09-20T13:00", "09-25T09:00"]]
    assert pins(flat) == before


# --- the number comes first -------------------------------------------------------------------------------------------


def test_one_number_in_two_rooms_is_a_grant_for_each(flats: Case) -> None:
    for room in ("A", "B"):
        flats.publish(**{room: event("+2", "+5", room, "Anna Novak", "Booking ID: 4711")})
    flats.run(full=True)
    assert flats.open_now() == {"4711@A": ["A", *DAY], "4711@B": ["B", *DAY]}
    codes = {key: flats.seam.code_of(key) for key in flats.open_now()}
    flats.publish(A="", B=event("+2", "+6", "B2", "Anna Novak", "Booking ID: 4711"))
    flats.run(20)
    flats.clock.pass_(hours=12)
    flats.run()
    assert flats.open_now() == {"4711@B": ["B", "09-20T13:00", "09-24T09:00"]}
    assert flats.seam.code_of("4711@B") == codes["4711@B"]


def test_a_second_room_under_a_known_number_leaves_the_first_as_it_is(flats: Case) -> None:
    flats.publish(A=airbnb("+2", "+5", "HMABCD1234"))
    flats.run(full=True)
    code = flats.seam.code_of("HMABCD1234")
    flats.publish(B=airbnb("+2", "+5", "HMABCD1234", "other"))
    flats.run()
    assert flats.open_now() == {"HMABCD1234": ["A", *DAY], "HMABCD1234@B": ["B", *DAY]}
    assert flats.seam.code_of("HMABCD1234") == code


def test_a_booking_that_moves_to_another_room_is_the_same(flats: Case) -> None:
    flats.publish(A=airbnb("+2", "+5", "HMABCD1234"))
    flats.run(full=True)
    code = pins(flats)
    flats.publish(A="", B=airbnb("+2", "+5", "HMABCD1234", "other"))
    flats.run(2)
    assert list(flats.open_now().values()) == [["B", *DAY]]
    assert pins(flats) == code


def test_a_planned_move_is_one_stay(flats: Case) -> None:
    flats.publish(A=airbnb("+2", "+5", "HMABCD1234"), B=airbnb("+5", "+7", "HMABCD1234", "other"))
    assert flats.run(full=True).exit == 0
    assert sorted(flats.open_now().values()) == [
        ["A", "09-20T13:00", "09-23T09:00"],
        ["B", "09-23T13:00", "09-25T09:00"],
    ]


MAIL = "Email: anna.novak@example.com"


def test_a_guest_without_a_number_who_changes_flats_on_a_day_keeps_her_pin(flats: Case) -> None:
    flats.publish(A=event("-1", "+5", "a1", "Anna Novak", MAIL))
    flats.run(full=True)
    (code,) = pins(flats)
    flats.publish(A=event("-1", "+0", "a1", "Anna Novak", MAIL), B=event("+0", "+5", "b1", "Anna Novak", MAIL))
    flats.run(2)
    flats.clock.pass_(hours=6)
    flats.run(full=True)
    assert [rooms[0] for rooms in flats.open_now().values()] == ["B"]
    assert pins(flats) == {code}


@first_of(1, ("name", "contact"), [("Bob Jones", MAIL), ("Anna Novak", ""), ("Anna Novak", "Email: other@example.com")])
def test_the_name_or_the_contact_alone_makes_no_guest_who_changes_flats(flats: Case, name: str, contact: str) -> None:
    flats.publish(A=event("+2", "+5", "a1", "Anna Novak", MAIL), B=event("+5", "+7", "b1", name, contact))
    flats.run(full=True)
    assert len(flats.open_now()) == 2
    assert len(pins(flats)) == 2


def test_one_number_with_a_gap_is_two_stays(flat: Case) -> None:
    flat.publish(A=airbnb("+2", "+5", "HMABCD1234", "a") + "\r\n" + airbnb("+9", "+12", "HMABCD1234", "b"))
    flat.run(full=True)
    assert sorted(flat.open_now().values()) == [["A", *DAY], ["A", "09-27T13:00", "09-30T09:00"]]


# --- one stay as several events ---------------------------------------------------------------------------------------


@first_of(1, "order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
def test_an_event_a_night_is_one_stay(flat: Case, order: tuple[int, ...]) -> None:
    nights = [airbnb(f"+{day}", f"+{day + 1}", "HMABCD1234", f"n{day}") for day in (2, 3, 4)]
    flat.publish(A="\r\n".join(nights[place] for place in order))
    assert flat.run(full=True).exit == 0
    assert flat.open_now() == {"HMABCD1234": ["A", *DAY]}


def test_nights_with_hours_are_one_stay(flat: Case) -> None:
    def night(day: int) -> str:
        return (
            event("+0", "+0", f"n{day}", "Anna Novak")
            .replace("DTSTART;VALUE=DATE:{D+0}", f"DTSTART;TZID=Europe/Vienna:{{D+{day}}}T150000")
            .replace("DTEND;VALUE=DATE:{D+0}", f"DTEND;TZID=Europe/Vienna:{{D+{day + 1}}}T110000")
        )

    flat.publish(A="\r\n".join(night(day) for day in (4, 2, 3)))
    flat.run(full=True)
    assert list(flat.open_now().values()) == [["A", *DAY]]


@pytest.mark.parametrize("named", [True, False])
def test_an_extension_as_an_event_of_its_own_leaves_no_gap(flat: Case, named: bool) -> None:
    stay = (event("-2", "+1", "u1", "Anna Novak"), event("+1", "+4", "u2", "Anna Novak"))
    coded = (airbnb("-2", "+1", "HMABCD1234", "u1"), airbnb("+1", "+4", "HMABCD1234", "u2"))
    first, second = stay if named else coded
    flat.publish(A=first)
    flat.run(full=True)
    code = pins(flat)
    for told in (first + "\r\n" + second, second + "\r\n" + first, second):
        flat.publish(A=told)
        flat.run()
        ((_, _, end),) = flat.open_now().values()
        assert end == "09-22T09:00"
    assert pins(flat) == code


@pytest.mark.parametrize(
    ("comes", "goes"),
    [
        ("Check-in: Anna Novak", "Check-out: Anna Novak"),
        ("CHECK IN - Anna Novak", "CHECK OUT - Anna Novak"),
        ("Anreise Anna Novak", "Abreise Anna Novak"),
        ("Άφιξη: Anna Novak", "Αναχώρηση: Anna Novak"),
        ("체크인 - Anna Novak", "체크아웃 - Anna Novak"),
        ("Anna Novak (وصول)", "Anna Novak (مغادرة)"),
        ("Nhận phòng Anna Novak", "Trả phòng Anna Novak"),
        ("Arrivée : Anna Novak", "Départ : Anna Novak"),
        ("Arrivee - Anna Novak", "Depart - Anna Novak"),
        ("Llegada: Anna Novak", "Salida: Anna Novak"),
        ("Check-in", "Check-out"),
    ],
)
def test_two_halves_are_one_stay(flat: Case, comes: str, goes: str) -> None:
    flat.publish(A=event("+5", "+6", "b", goes) + "\r\n" + event("+2", "+3", "a", comes))
    assert flat.run(full=True).exit == 0
    assert list(flat.open_now().values()) == [["A", *DAY]]
    flat.clock.pass_(days=3)
    flat.publish(A=event("+5", "+6", "b", goes))
    flat.run(2)
    assert list(flat.open_now().values()) == [["A", *DAY]]


def test_a_half_alone_is_told_and_opens_nothing(flat: Case) -> None:
    flat.publish(A=event("+2", "+3", "a", "Check-in: Anna Novak"))
    report = flat.run(full=True)
    assert report.exit == 1
    assert any("only the arrival of a stay" in str(item.error) for item in report.items)
    assert flat.open_now() == {}


# --- two strangers, one door ------------------------------------------------------------------------------------------


@first_of(1, "first", ["+0", "+2", "-1"])
def test_the_newer_booking_of_the_same_days_ends_the_older_one(flat: Case, first: str) -> None:
    flat.publish(A=airbnb(first, "+4", "HMABCD1234"))
    flat.run(full=True)
    flat.publish(A=airbnb("+0" if first == "-1" else first, "+4", "HMNEWGUEST"))
    report = flat.run()
    told = [item.reason for item in report.items if item.outcome == "alert"]
    assert any("booking HMNEWGUEST has its room" in reason for reason in told)
    flat.clock.pass_(hours=2)
    flat.run(2)
    assert list(flat.open_now()) == ["HMNEWGUEST"]


def test_a_shorter_stay_under_a_new_uid_does_not_leave_the_longer_one(flat: Case) -> None:
    flat.publish(A=event("+1", "+8", "long", "Anna Novak"))
    flat.run(full=True)
    flat.publish(A=event("+1", "+4", "short", "Bob Jones") + "\r\n" + event("+4", "+8", "rest", "Cleo Marsh"))
    flat.run(2)
    assert sorted(end for _, _, end in flat.open_now().values()) == ["09-22T09:00", "09-26T09:00"]
    assert not any(key.startswith("long") for key in flat.open_now())


def test_a_guest_in_the_house_keeps_her_access_until_the_next_one_comes(flat: Case) -> None:
    flat.publish(A=airbnb("-2", "+6", "HMABCD1234"))
    flat.run(full=True)
    flat.publish(A=airbnb("+2", "+5", "HMNEWGUEST"))
    flat.run(8, minutes=10, full=True)
    assert set(flat.open_now()) == {"HMABCD1234", "HMNEWGUEST"}
    flat.clock.time = flat.clock.time.replace(day=20, hour=8, minute=50)
    flat.run(2)
    assert "HMABCD1234" in flat.open_now(), "until the hour of departures on the day on which the other comes"
    flat.run(10)
    assert list(flat.open_now()) == ["HMNEWGUEST"]


def test_a_double_booking_is_an_alert_with_both_numbers(flat: Case) -> None:
    flat.publish(A=airbnb("+2", "+5", "HMABCD1234") + "\r\n" + airbnb("+4", "+6", "HMOTHER123"))
    report = flat.run(full=True)
    told = " ".join(item.reason for item in report.items if item.outcome == "alert")
    assert "HMABCD1234 has the same room at the same time" in told
    assert "HMOTHER123 has the same room at the same time" in told
    assert len(flat.open_now()) == 2


def test_one_who_leaves_when_the_other_comes_is_no_double_booking(flat: Case) -> None:
    flat.publish(A=airbnb("+2", "+5", "HMABCD1234") + "\r\n" + airbnb("+5", "+6", "HMOTHER123"))
    assert [item for item in flat.run(full=True).items if item.outcome == "alert"] == []


def test_one_of_a_double_booking_that_goes_leaves_the_other(flat: Case) -> None:
    flat.publish(A=airbnb("+2", "+5", "HMABCD1234") + "\r\n" + airbnb("+4", "+6", "HMOTHER123"))
    flat.run(full=True)
    flat.publish(A=airbnb("+2", "+5", "HMABCD1234"))
    flat.run(2)
    assert list(flat.open_now()) == ["HMABCD1234"]


# --- not there any more -----------------------------------------------------------------------------------------------


def test_a_feed_that_is_empty_for_hours_takes_nothing_and_the_pins_are_the_same(flat: Case) -> None:
    told = "\r\n".join(
        (airbnb("+0", "+2", "HMAAAA0001"), airbnb("+3", "+6", "HMAAAA0002"), airbnb("+8", "+10", "HMAAAA0003"))
    )
    flat.publish(A=told)
    flat.run(full=True)
    before, codes = flat.open_now(), pins(flat)
    flat.publish(A="")
    flat.run(11, minutes=60)
    assert flat.open_now() == before
    flat.publish(A=told)
    flat.run(3)
    assert (flat.open_now(), pins(flat)) == (before, codes)


@first_of(
    2,
    "answer",
    [Answer(404), Answer(200, b"BEGIN:VCALENDAR"), Answer(500), Answer(200, b"<html>Sign in</html>"), Answer(200, b"")],
    ids=["404", "cut off", "500", "a page", "nothing"],
)
def test_what_is_no_calendar_is_no_reading(flat: Case, answer: Answer) -> None:
    flat.publish(A=airbnb("+0", "+2", "HMAAAA0001") + "\r\n" + airbnb("+3", "+6", "HMAAAA0002"))
    flat.run(full=True)
    before = flat.open_now()
    flat.publish(A=answer)
    flat.run(10, minutes=180, full=True)
    assert flat.run(full=True).exit == 1
    assert set(flat.open_now()) <= set(before), "nothing new"
    assert "HMAAAA0002" in flat.open_now()


@first_of(1, "restarted", [False, True])
def test_an_arrival_that_comes_due_while_the_feed_is_empty_gets_its_access(tmp_path: Path, restarted: bool) -> None:
    from mappers.policy import Policy

    flat = Case(tmp_path, policy=Policy(provision_ahead=timedelta(hours=6), replace_wait=timedelta(seconds=20)))
    flat.publish(A=airbnb("+1", "+4", "HMAAAA0001"))
    flat.run(full=True)
    assert flat.open_now() == {}
    flat.clock.pass_(hours=20)
    flat.publish(A="")
    flat.run(3, full=True)
    if restarted:
        flat.restart()
    flat.clock.pass_(hours=2)
    report = flat.run(full=True)
    assert list(flat.open_now()) == ["HMAAAA0001"]
    assert any("lost much at once" in item.reason for item in report.items)


def test_a_lost_memory_ends_nothing(flat: Case) -> None:
    flat.publish(A=event("-1", "+4", "a", "Anna Novak") + "\r\n" + event("+5", "+6", "b", "Bob Jones"))
    flat.run(full=True)
    before = flat.open_now()
    (flat.path / "memory.json").unlink()
    flat.restart()
    flat.publish(A=event("-1", "+4", "a", "Anna Novak"))
    with flat.no_writes():
        flat.run(3, full=True)
    assert flat.open_now() == before


# --- several feeds a room ---------------------------------------------------------------------------------------------


@pytest.fixture
def channels(tmp_path: Path) -> Case:
    """A flat on two platforms."""
    both = ("https://calendars.example/A", "https://other.example/A/2")
    case = Case(tmp_path, feeds={"A": both}, is_a_stay=("CLOSED",))
    case.publish(A="", A__2="")
    return case


def test_both_channels_bookings_have_access(channels: Case) -> None:
    channels.publish(A=airbnb("+2", "+5", "HMABCD1234"), A__2=event("+6", "+8", "1", "Bob Jones"))
    assert channels.run(full=True).exit == 0
    assert sorted(channels.open_now()) == ["1@A", "HMABCD1234"]


def test_what_one_channel_has_sold_is_an_echo_in_the_other(channels: Case) -> None:
    channels.publish(
        A=airbnb("+2", "+5", "HMABCD1234") + "\r\n" + event("+6", "+8", "e", "Airbnb (Not available)"),
        A__2=event("+2", "+5", "2", "CLOSED - Not available") + "\r\n" + event("+6", "+8", "1", "Bob Jones"),
    )
    report = channels.run(full=True)
    assert (report.exit, [item.reason for item in report.items if item.outcome == "alert"]) == (0, [])
    assert sorted(channels.open_now()) == ["1@A", "HMABCD1234"]
    channels.publish(A=Answer(503))
    channels.run(3)
    assert sorted(channels.open_now()) == ["1@A", "HMABCD1234"], "no second booking while the first one's feed fails"


def test_one_stay_in_both_channels_is_one(channels: Case) -> None:
    channels.publish(
        A=event("+2", "+5", "1", "Anna Novak", "Booking ID: 4711"),
        A__2=event("+2", "+5", "x", "Anna Novak", "Booking ID: 4711"),
    )
    channels.run(full=True)
    before = pins(channels)
    channels.publish(A="")
    channels.run(5, minutes=60)
    assert channels.open_now() == {"4711": ["A", *DAY]}
    assert pins(channels) == before


def test_one_feed_that_fails_keeps_the_others_news_coming(channels: Case) -> None:
    channels.publish(A=airbnb("+2", "+5", "HMABCD1234"), A__2=event("+6", "+8", "1", "Bob Jones"))
    channels.run(full=True)
    channels.publish(A=Answer(500), A__2=event("+6", "+9", "1", "Bob Jones"))
    for _ in range(3):
        assert channels.run(full=True).exit == 1
    assert channels.open_now()["1@A"] == ["A", "09-24T13:00", "09-27T09:00"]
    assert "HMABCD1234" in channels.open_now()


def test_an_hour_that_the_text_tells_is_the_bookings(tmp_path: Path) -> None:
    flat = Case(tmp_path, arrival_time_words=("Arrival time",), departure_time_words=("Departure time",))
    flat.publish(A=event("+2", "+5", "u", "Anna Novak", "Arrival time: 18:30\\nDeparture time: 09:00"))
    flat.run(full=True)
    assert list(flat.open_now().values()) == [["A", "09-20T16:30", "09-23T07:00"]]


# --- what is told later, or by somebody else --------------------------------------------------------------------------


def test_without_names_a_new_uid_among_steady_ones_is_another_booking(flat: Case) -> None:
    other = event("+9", "+12", "steady@x")
    flat.publish(A=event("+2", "+5", "one@x") + "\r\n" + other)
    flat.run(3, full=True)
    before = flat.open_now()
    codes = {key: flat.seam.code_of(key) for key in before}
    flat.publish(A=event("+2", "+5", "two@x") + "\r\n" + other)
    flat.run(3)
    opened = flat.open_now()
    assert sorted(opened.values()) == sorted(before.values())
    (new,) = opened.keys() - before.keys()
    assert flat.seam.code_of(new) not in codes.values()


def test_a_name_or_a_number_that_comes_later_belongs_to_the_same_stay(flat: Case) -> None:
    tellings = [
        event("+2", "+5", "u1"),
        event("+2", "+5", "u2", "Anna Novak"),
        event("+2", "+5", "u3", "Anna Novak", "Booking ID: 4711"),
        event("+2", "+6", "u4", "Anna Novak", "Booking ID: 4711"),
    ]
    for number, told in enumerate(tellings):
        flat.publish(A=told)
        flat.run(full=number == 0)
        if number == 1:
            code = pins(flat)
    assert list(flat.open_now().values()) == [["A", "09-20T13:00", "09-24T09:00"]]
    assert pins(flat) == code


def test_the_platforms_own_word_ends_the_stay_of_a_guest_in_the_house(flat: Case) -> None:
    flat.publish(A=event("-1", "+4", "u1", "Anna Novak"))
    flat.run(full=True)
    flat.publish(A=event("-1", "+4", "u1", "Anna Novak", STATUS="CANCELLED"))
    flat.run()
    assert flat.open_now() == {}


def test_a_day_that_has_passed_and_is_cut_off_leaves_the_stay_what_it_is(flat: Case) -> None:
    flat.publish(A=event("-3", "+4", "u1", "Anna Novak"))
    flat.run(full=True)
    code = pins(flat)
    for day in ("-1", "+0"):
        flat.publish(A=event(day, "+4", f"u{day}", "Anna Novak"))
        flat.run()
        ((room, _, end),) = flat.open_now().values()
        assert (room, end) == ("A", "09-22T09:00")
    assert pins(flat) == code


def test_one_uid_in_both_channels_of_a_room_is_two_stays(channels: Case) -> None:
    channels.publish(A=event("+2", "+5", "1", "Anna Novak"), A__2=event("+6", "+8", "1", "Bob Jones"))
    assert channels.run(full=True).exit == 0
    assert sorted(channels.open_now().values()) == [["A", *DAY], ["A", "09-24T13:00", "09-26T09:00"]]
    before = channels.open_now()
    channels.restart()
    with channels.no_writes():
        channels.run(2, full=True)
    assert channels.open_now() == before


# --- what was cancelled, where the guest comes all the same -----------------------------------------------------------


def test_a_guest_whom_one_channel_cancels_and_another_has_keeps_her_pin(tmp_path: Path) -> None:
    flat = Case(tmp_path, feeds={"A": ["https://calendars.example/A", "https://calendars.example/A/2"]})
    flat.publish(A=event("+0", "+3", "u1", "Anna Novak"), A__2=event("+0", "+3", "v1", "Anna Novak"))
    flat.run(full=True)
    before, codes = flat.open_now(), pins(flat)
    flat.publish(A=event("+0", "+3", "u1", "Anna Novak", STATUS="CANCELLED"))
    flat.run()
    assert (flat.open_now(), pins(flat)) == (before, codes)


@pytest.mark.parametrize("title", ["Anna Novak", "CANCELLED - Anna Novak", "Anna Novak (storniert)"])
@pytest.mark.parametrize("start", ["+0", "+1"])
def test_a_guest_who_has_cancelled_and_booked_again_in_the_same_nights_keeps_her_pin(
    flat: Case, title: str, start: str
) -> None:
    flat.publish(A=event("+0", "+3", "u1", "Anna Novak"))
    flat.run(full=True)
    codes = pins(flat)
    flat.publish(A=event("+0", "+3", "u1", title, STATUS="CANCELLED") + "\r\n" + event(start, "+3", "u2", "Anna Novak"))
    flat.run()
    assert pins(flat) == codes
    assert [one[1] for one in flat.open_now().values()] == [f"09-{18 + int(start)}T13:00"]


def test_a_guest_who_books_what_another_has_cancelled_has_a_pin_of_her_own(flat: Case) -> None:
    flat.publish(A=event("+0", "+3", "u1", "Anna Novak"))
    flat.run(full=True)
    codes = pins(flat)
    flat.publish(
        A=event("+0", "+3", "u1", "Anna Novak", STATUS="CANCELLED") + "\r\n" + event("+0", "+3", "u2", "Bob Jones")
    )
    flat.run()
    assert len(flat.open_now()) == 1
    assert pins(flat).isdisjoint(codes)


@first_of(1, ("one", "other"), [("deposit", "paid"), ("offen", "bezahlt"), ("", "arriving 18h")])
def test_what_is_noted_behind_a_whole_name_changes_no_pin(flat: Case, one: str, other: str) -> None:
    flat.publish(A=event("+2", "+5", "u1", f"Anna Novak {one}".strip()))
    flat.run(full=True)
    codes = pins(flat)
    flat.publish(A=event("+2", "+5", "u1", f"Anna Novak {other}"))
    flat.run()
    assert pins(flat) == codes
    assert {user["full_name"] for user in flat.seam.user_identities.values()} == {"Anna Novak"}


@pytest.mark.parametrize("code", ["", "Booking code: X100200"])
@first_of(
    2,
    ("less", "next_one"),
    [("Reserved", "Bob Jones"), ("", "Bob Jones"), ("Anna", "Anna Berger"), ("Novak", "Petr Novak")],
)
def test_a_name_that_is_hidden_for_a_while_is_not_the_next_guests(
    flat: Case, less: str, next_one: str, code: str
) -> None:
    """Otherwise each reading is compared with one that told less, and in the end a stranger has her PIN."""
    flat.publish(A=event("+2", "+5", "u1", "Anna Novak", code))
    flat.run(full=True)
    codes = pins(flat)
    flat.publish(A=event("+2", "+5", "u1", less, code))
    flat.run()
    assert pins(flat) == codes
    assert {user["full_name"] for user in flat.seam.user_identities.values()} == {"Anna Novak"}
    flat.run(full=True)
    flat.publish(A=event("+2", "+5", "u1", next_one, code))
    flat.run()
    assert len(flat.open_now()) == 1
    assert pins(flat).isdisjoint(codes)


def test_a_name_that_is_told_later_keeps_the_pin_and_is_corrected(flat: Case) -> None:
    flat.publish(A=event("+2", "+5", "u1", "Reserved"))
    flat.run(full=True)
    codes = pins(flat)
    for title in ("Anna", "Anna Maria Novak", "Anna Novak"):
        flat.publish(A=event("+2", "+5", "u1", title))
        flat.run()
        assert pins(flat) == codes
    assert {user["full_name"] for user in flat.seam.user_identities.values()} == {"Anna Novak"}
