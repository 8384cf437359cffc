"""From a feed's bytes to its events: a fault costs one event at most, and a day is a day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connectors.formats.calendars.calendar import read_calendar
from connectors.formats.calendars.events import CalendarEvent
from connectors.formats.calendars.lines import NoCalendar

HOUSE = ZoneInfo("Europe/Vienna")
DAYS = "DTSTART;VALUE=DATE:20260303\nDTEND;VALUE=DATE:20260306"
GOOD = (date(2026, 3, 3), date(2026, 3, 6))


def event(days: str = DAYS, *lines: str, uid: str = "u1") -> str:
    return "\n".join(["BEGIN:VEVENT", f"UID:{uid}", days, "SUMMARY:Reserved", *lines, "END:VEVENT"])


def calendar(*parts: str) -> str:
    return "\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *parts, "END:VCALENDAR", ""])


def read(text: str | bytes, content_type: str | None = None) -> list[CalendarEvent]:
    body = text if isinstance(text, bytes) else text.replace("\n", "\r\n").encode()
    return read_calendar(body, content_type, HOUSE).events


def days(start: str, end: str = "") -> tuple[object, object]:
    (one,) = read(calendar(event(f"DTSTART{start}" + (f"\n{end}" if end else ""))))
    assert one.problem is None
    return one.starts, one.ends


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


# --- days and hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (";VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306"),
        (":20260303", "DTEND:20260306"),
        (":20260303T000000", "DTEND:20260306T000000"),
        (":20260303T000000Z", "DTEND:20260306T000000Z"),
        (";VALUE=DATE:20260303T000000", "DTEND;VALUE=DATE:20260306T000000"),
        (";VALUE=DATE:20260303T150000", "DTEND;VALUE=DATE:20260306T110000"),
        (";TZID=Europe/Vienna:20260303T000000", "DTEND;TZID=Europe/Vienna:20260306T000000"),
        (";TZID=Europe/Vienna;VALUE=DATE:20260303", "DTEND;TZID=Europe/Vienna;VALUE=DATE:20260306"),
        (";TZID=America/New_York:20260303T000000", "DTEND;TZID=America/New_York:20260306T000000"),
        (";TZID=Mars/Phobos:20260303T000000", "DTEND;TZID=Mars/Phobos:20260306T000000"),
        (":20260302T230000Z", "DTEND:20260305T230000Z"),
        (":20260303T000000+0100", "DTEND:20260306T000000+01:00"),
        (":20260302T180000-0500", "DTEND:20260305T180000-0500"),
        (":20260303T000000", "DTEND:20260305T235959"),
        (":20260303T000000", "DTEND:20260305T235900"),
        (":20260303T000000Z", "DTEND:20260305T235959Z"),
        (":20260303T000000", "DTEND:20260305T240000"),
        (";VALUE=DATE:20260303", "DURATION:P3D"),
        (":20260303T000000", "DURATION:PT72H"),
        (":20260303T000000Z", "DURATION:P0W3DT0S"),
        (":2026-03-03", "DTEND:2026-03-06"),
        (":2026-3-3", "DTEND:2026/3/6"),
        (";VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306\nRRULE:\nEXDATE:20260401"),
        (";VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306\nRRULE:FREQ=DAILY;COUNT=1"),
        (";VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306\nDESCRIPTION:a\nDTEND is open"),
        (":2026-03-03T00:00:00.000Z", "DTEND:2026-03-06T00:00:00.000Z"),
    ],
)
def test_midnight_is_a_day_however_it_is_written(start: str, end: str) -> None:
    assert days(start, end) == GOOD


@pytest.mark.parametrize(
    ("line", "summary"),
    [
        ("SUMMARY;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen", "Jürgen"),
        ("SUMMARY;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:Ji=F8=ED =AE=\n=E1k", "Jiří Žák"),
        ("SUMMARY;ENCODING=BASE64:SsO8cmdlbiBOb3Zhaw==", "Jürgen Novak"),
        ("SUMMARY;ENCODING=BASE64:Anna Novak", "Anna Novak"),
    ],
)
def test_a_text_in_seven_bits_is_read_as_it_is_meant(line: str, summary: str) -> None:
    (one,) = read(calendar(event(DAYS).replace("SUMMARY:Reserved", line)))
    assert one.summary == summary


def test_an_event_whose_lines_are_indented_is_read() -> None:
    indented = "\n".join(f"  {line}" for line in ("UID:1", "DTSTART;VALUE=DATE:20260303", "DTEND;VALUE=DATE:20260306"))
    (one,) = read(calendar(f"BEGIN:VEVENT\n{indented}\n  SUMMARY:Anna\nEND:VEVENT"))
    assert (one.uid, one.summary, one.starts, one.ends) == ("1", "Anna", *GOOD)


@pytest.mark.parametrize("end", ["", "DTEND;VALUE=DATE:20260303", "DURATION:P1D", "DTEND;VALUE=DATE:20260304"])
def test_a_day_without_an_end_of_its_own_is_one_night(end: str) -> None:
    assert days(";VALUE=DATE:20260303", end) == (date(2026, 3, 3), date(2026, 3, 4))


def test_midnight_across_a_change_of_clocks_is_a_day_on_both_sides() -> None:
    assert days(":20260327T230000Z", "DTEND:20260329T220000Z") == (date(2026, 3, 28), date(2026, 3, 30))


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        ("Europe/Vienna", "20261023T220000Z", "20261025T220000Z", (date(2026, 10, 24), date(2026, 10, 26))),
        ("Europe/Vienna", "20261023T230000Z", "20261025T230000Z", (date(2026, 10, 24), date(2026, 10, 26))),
        ("Europe/Vienna", "20260326T230000Z", "20260328T230000Z", (date(2026, 3, 27), date(2026, 3, 29))),
        ("Europe/Vienna", "20260919T230000Z", "20260922T230000Z", (date(2026, 9, 20), date(2026, 9, 23))),
        ("Europe/Vienna", "20261219T220000Z", "20261222T220000Z", (date(2026, 12, 20), date(2026, 12, 23))),
        ("Australia/Lord_Howe", "20261002T133000Z", "20261004T133000Z", (date(2026, 10, 3), date(2026, 10, 5))),
        ("Pacific/Auckland", "20260925T120000Z", "20260927T120000Z", (date(2026, 9, 26), date(2026, 9, 28))),
        ("America/Santiago", "20270904T040000Z", "20270906T040000Z", (date(2027, 9, 4), date(2027, 9, 6))),
        ("America/New_York", "20261031T040000Z", "20261102T040000Z", (date(2026, 10, 31), date(2026, 11, 2))),
    ],
)
def test_midnights_by_an_offset_of_another_season_are_days(
    zone: str, start: str, end: str, expected: tuple[date, date]
) -> None:
    text = calendar(event(f"DTSTART:{start}\nDTEND:{end}"))
    (one,) = read_calendar(text.encode(), None, ZoneInfo(zone)).events
    assert (one.starts, one.ends) == expected


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (":20260303T150000", "DTEND:20260306T110000", (at(3, 14), at(6, 10))),
        (":20260303T140000Z", "DTEND:20260306T100000Z", (at(3, 14), at(6, 10))),
        (":2026-03-03T15:00:00+01:00", "DTEND:2026-03-06T11:00:00+01:00", (at(3, 14), at(6, 10))),
        (":20260303T150000", "DURATION:P2DT20H", (at(3, 14), at(6, 10))),
        (":20260303T150000", "DTEND;VALUE=DATE:20260306", (at(3, 14), date(2026, 3, 6))),
        (":20260303T150000", "DTEND:20260306T235959", (at(3, 14), date(2026, 3, 6))),
        (":20260303T000000Z", "DTEND:20260306T100000Z", (date(2026, 3, 3), at(6, 10))),
    ],
)
def test_a_real_hour_is_kept(start: str, end: str, expected: tuple[object, object]) -> None:
    assert days(start, end) == expected


def test_midnight_in_utc_may_be_the_hour_of_departure_far_from_greenwich() -> None:
    text = calendar(event("DTSTART:20260303T060000Z\nDTEND:20260306T000000Z"))
    (one,) = read_calendar(text.encode(), None, ZoneInfo("Asia/Tokyo")).events
    assert (one.starts, one.ends) == (at(3, 6), at(6, 0))


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        ("America/New_York", 15),
        ("America/New York", 15),
        ("america/new_york", 15),
        ('"America/New_York"', 15),
        ("/freeassociation.sourceforge.net/America/New_York", 15),
        ("/citadel.org/20190914_1/America/New_York", 15),
        ("/freeassociation.sourceforge.net/Tzfile/America/New_York", 15),
        ("Eastern Standard Time", 15),
        ('"Eastern Time (US & Canada)"', 15),
        ("Eastern Time (US & Canada)", 15),
        ("Eastern", 15),
        ('"(UTC-05:00) Eastern Time (US & Canada)"', 15),
        ("(UTC-05:00) Eastern Time (US & Canada)", 15),
        ("UTC-5", 15),
        ("GMT-05:00", 15),
        ("Etc/GMT+5", 15),
        ("-0500", 15),
        ("Z", 10),
        ("UTC", 10),
        ("Etc/UTC", 10),
        ("Coordinated Universal Time", 10),
        ("W. Europe Standard Time", 9),
        ("GMT+2", 8),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 9),
        ('"(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna"', 9),
        ("Tokyo", 1),
        ("tzone://Microsoft/Utc", 10),
        ("(GMT+01.00) Amsterdam / Berlin / Bern / Rome / Stockholm / Vienna", 9),
        ("(GMT-05:00) Eastern Time (US &amp; Canada)", 15),
        ("GMT+0100 (Central European Standard Time)", 9),
        ("GMT+0900 (JST)", 1),
        ("UTC +1", 9),
        ("UTC+05:30", 4.5),
        ("US/Eastern", 15),
        ("EST5EDT", 15),
        ("CET", 9),
        ("Vienna", 9),
        ("Europe\\/Vienna", 9),
        ("Tokyo Standard Time", 1),
    ],
)
def test_a_zone_is_known_by_its_many_names(zone: str, hour: float) -> None:
    starts = days(f";TZID={zone}:20260304T100000", f"DTEND;TZID={zone}:20260308T090000")[0]
    assert starts == at(4, 0) + timedelta(hours=hour)


@pytest.mark.parametrize("zone", ["Mars/Phobos", "CST", "Customized Time Zone", "Somewhere Standard Time", "UTC+99"])
def test_a_zone_that_nobody_knows_is_said_and_never_the_houses(zone: str) -> None:
    (one,) = read(calendar(event(f"DTSTART;TZID={zone}:20260303T100000\nDTEND;TZID={zone}:20260306T090000")))
    assert one.problem is not None
    assert "time zone" in one.problem
    # What may be a name is repeated nowhere.
    assert (zone in one.problem) == (zone != "CST")


OWN_ZONE = """BEGIN:VTIMEZONE
TZID:House time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE"""


def test_a_zone_that_the_calendar_defines_is_known_in_winter_and_in_summer() -> None:
    zone = "TZID=House time"
    text = calendar(OWN_ZONE, event(f"DTSTART;{zone}:20260303T150000\nDTEND;{zone}:20260703T110000"))
    (one,) = read(text)
    assert (one.starts, one.ends) == (at(3, 14), datetime(2026, 7, 3, 9, tzinfo=UTC))


def test_a_zone_whose_rules_cannot_be_read_may_say_where_it_is() -> None:
    zone = "BEGIN:VTIMEZONE\nTZID:Own\nX-LIC-LOCATION:Europe/Vienna\nBEGIN:STANDARD\nEND:STANDARD\nEND:VTIMEZONE"
    text = calendar(zone, event("DTSTART;TZID=Own:20260303T150000\nDTEND;TZID=Own:20260306T110000"))
    assert [(one.starts, one.ends) for one in read(text)] == [(at(3, 14), at(6, 10))]
    (one,) = read(text.replace("X-LIC-LOCATION:Europe/Vienna\n", ""))
    assert "a time zone, which nobody knows" in (one.problem or "")


@pytest.mark.parametrize(
    ("days", "reason"),
    [
        ("DTSTART:2026-03-32\nDTEND:20260306", "DTSTART that is no day"),
        ("DTSTART:03/04/2026\nDTEND:20260306", "DTSTART that cannot be read"),
        ("DTSTART;VALUE=DATE 20260303\nDTEND:20260306", "DTSTART that cannot be read"),
        ("DTSTART:20260303\nDTEND;VALUE=DATE 20260306", "DTEND that cannot be read"),
        ("DTSTART:20260303T150000", "no end"),
        ("DTSTART:20260303\nDTENF:20260306", "has a date in a line that cannot be read"),
        ("DTSTART:20260303\nDTEND:2026O306", "DTEND that cannot be read"),
        ("DTSTART:20260303\nDTEND:", "DTEND that cannot be read"),
        ("DTSTARF:20260303\nDTEND:20260306", "no start"),
        ("DTEND:20260303", "no start"),
        ("DTSTART:20260306\nDTEND:20260303", "ends before it begins"),
        ("DTSTART:20260303T150000\nDTEND:20260303T150000", "ends before it begins"),
        ("DTSTART:20260303\nDTEND:99991231", "year 9999"),
        ("DTSTART:00010101\nDTEND:20260306", "year 1"),
        ("DTSTART:20260303\nDURATION:P999999D", "ten years"),
        ("DTSTART:20260303\nDURATION:P99999999999999999999D", "DURATION that cannot be read"),
        ("DTSTART:20260303\nDURATION:-P3D", "ends before it begins"),
        ("DTSTART:20260303\nDTSTART:20260304\nDTEND:20260306", "2 different values of DTSTART"),
        (f"{DAYS}\nRRULE:FREQ=WEEKLY", "repeats itself"),
        (f"{DAYS}\nRDATE:20260401", "repeats itself"),
    ],
)
def test_an_event_that_cannot_be_used_says_why(days: str, reason: str) -> None:
    bad, good = read(calendar(event(days, uid="bad"), event(uid="good")))
    assert bad.problem is not None
    assert reason in bad.problem
    assert (bad.uid, good.problem, good.starts) == ("bad", None, GOOD[0])


# --- whatever stands around an event ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        calendar(event()),
        calendar("X-WR-CALDESC:Lake house\nby the sea", event()),
        calendar(event(DAYS, "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:-15M\nEND:VALARM")),
        calendar(event(DAYS, "BEGIN:VALARM\nnonsense\nDTSTART:20200101")),
        calendar("BEGIN:VTODO\nDUE\nDTSTART;;;:x\nEND:VTODO", event()),
        calendar("BEGIN:VTIMEZONE\nTZID:A\nTZID:B\nBEGIN:STANDARD\nTZOFFSETTO\nEND:VTIMEZONE", event()),
        calendar("BEGIN:VTIMEZONE", event()),
        calendar(event(), "BEGIN:X-ROOM\nfoo\nEND:X-ROOM"),
        calendar(event()) + "X-COMMENT:cached\n<!-- made in 0.1 s -->",
        "cached copy\n\n" + calendar(event()),
        f"<html><body><pre>{calendar(event())}</pre></body></html>",
        calendar(event()).replace("\n", "<br>\n").replace("BEGIN", "<p>BEGIN", 1),
        calendar(event().removesuffix("\nEND:VEVENT")),
        calendar(event(), event()).replace("END:VEVENT\nBEGIN:VEVENT", "BEGIN:VEVENT"),
        calendar(event().replace("\n", "\n\n")),
        calendar(event()).replace("\n", "\n  "),
        calendar(event().replace("BEGIN:", "begin:").replace("DTSTART", "dtstart")),
        calendar(event(DAYS, 'X-FOO;BAR="x:y";BAZ:1', "no property at all", 'ATTENDEE;CN="A: B":mailto:a@x.example')),
        calendar(event(DAYS, DAYS)),
        calendar(event().replace("BEGIN:VEVENT", "BEGIN:VEVNT")),
        calendar(event().replace("BEGIN:VEVENT", "BEGIN VEVENT")),
        calendar(event().replace("END:VEVENT", "END:VEVNT")),
        calendar(event(), event().replace("BEGIN:VEVENT\n", "")),
    ],
)
def test_what_is_wrong_around_an_event_costs_no_event(text: str) -> None:
    read_ = read_calendar(text.replace("\n", "\r\n").encode(), None, HOUSE)
    assert {(one.uid, one.starts, one.ends, one.problem) for one in read_.events} == {("u1", *GOOD, None)}
    assert read_.is_whole


@pytest.mark.parametrize("ends", ["\n", "\r", "\r\n", "\r\r\n"])
def test_any_line_end_is_one(ends: str) -> None:
    (one,) = read(calendar(event()).replace("\n", ends).encode())
    assert (one.starts, one.ends, one.summary) == (*GOOD, "Reserved")


def test_several_calendars_in_one_feed_are_all_read() -> None:
    assert [one.uid for one in read(calendar(event(uid="a")) + calendar(event(uid="b")))] == ["a", "b"]


def test_a_feed_that_breaks_off_is_not_whole_and_its_last_event_is_no_stay() -> None:
    text = calendar(event(uid="a"), event(uid="b"))
    read_ = read_calendar(text[: text.rindex("SUMMARY")].encode(), None, HOUSE)
    assert not read_.is_whole
    assert [(one.uid, bool(one.problem)) for one in read_.events] == [("a", False), ("b", True)]


def test_a_cancellation_sent_as_a_calendar_cancels_its_events() -> None:
    assert [one.status for one in read(calendar("METHOD:CANCEL", event()))] == ["CANCELLED"]


@pytest.mark.parametrize("head", ["METHOD:CANCEL\n{}", "{}\nMETHOD:CANCEL"])
def test_a_calendar_that_cancels_cancels_its_own_events_only(head: str) -> None:
    anna, ben = event(DAYS, uid="a"), event(DAYS, uid="b")
    body = calendar("METHOD:PUBLISH", ben) + calendar(head.format(anna)) + calendar(event(DAYS, uid="c"))
    assert [(one.uid, one.status) for one in read(body)] == [("b", ""), ("a", "CANCELLED"), ("c", "")]


def test_floating_hours_are_those_of_the_zone_that_the_calendar_names() -> None:
    hours = event("DTSTART:20260303T100000\nDTEND:20260306T060000")
    abroad = calendar("X-WR-TIMEZONE;X-A=b:America/New_York", hours)
    assert [(one.starts, one.ends) for one in read(abroad)] == [(at(3, 15), at(6, 11))]
    for name in ("", "UTC", "Etc/UTC", "Mars/Phobos", "Europe/Vienna"):
        here = calendar(f"X-WR-TIMEZONE:{name}", hours)
        assert [(one.starts, one.ends) for one in read(here)] == [(at(3, 9), at(6, 5))]
    days = calendar("X-WR-TIMEZONE:America/New_York", event("DTSTART:20260303T000000\nDTEND:20260306T000000"))
    assert [(one.starts, one.ends) for one in read(days)] == [GOOD]


def test_an_event_without_a_summary_is_there() -> None:
    (one,) = read(calendar(event(DAYS, "DESCRIPTION:Guest: Anna").replace("SUMMARY:Reserved\n", "")))
    assert (one.summary, one.description, one.problem) == ("", "Guest: Anna", None)


def test_a_line_break_that_nobody_folded_belongs_to_the_text_before_it() -> None:
    lines = "DESCRIPTION:Guest: Anna Novak\nPhone: +43 660 5550101\nlate arrival"
    (one,) = read(calendar(event(DAYS, lines)))
    assert one.description == "Guest: Anna Novak\nPhone: +43 660 5550101\nlate arrival"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"", "empty"),
        (b" \r\n", "empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b'{"error": "expired"}', "JSON"),
        (b"Not found", "no calendar"),
        (b"\x00\xff\xfe\x00", "no calendar"),
        (b"<p>A feed begins with BEGIN:VCALENDAR, and this is none.</p>", "no calendar"),
        (b'"BEGIN:VCALENDAR\\r\\nEND:VCALENDAR"', "no calendar"),
    ],
)
def test_what_is_no_calendar_at_all_says_what_it_is(body: bytes, what: str) -> None:
    with pytest.raises(NoCalendar, match=what):
        read_calendar(body, None, HOUSE)


def test_an_empty_calendar_is_a_calendar() -> None:
    assert read_calendar(calendar().encode(), None, HOUSE).events == []


# --- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", None),
        ("utf-8-sig", "text/calendar"),
        ("utf-8", "text/calendar; charset=iso-8859-1"),
        ("latin-1", None),
        ("cp1252", "text/calendar; charset=windows-1252"),
        ("cp1250", 'text/calendar; charset="windows-1250"'),
        ("utf-16", None),
        ("utf-16-le", None),
        ("utf-16-be", "text/calendar"),
    ],
)
def test_any_code_page_is_read(encoding: str, content_type: str | None) -> None:
    name = "Jürgen Müller"
    text = calendar(event().replace("Reserved", name)).replace("\n", "\r\n")
    (one,) = read(text.encode(encoding), content_type)
    assert (one.summary, one.starts) == (name, GOOD[0])


def test_a_fold_within_a_letter_is_no_fault() -> None:
    body = calendar(event().replace("Reserved", "Jürgen")).encode()
    at_ = body.index("ü".encode()) + 1
    (one,) = read(body[:at_] + b"\r\n " + body[at_:])
    assert one.summary == "Jürgen"


def test_a_broken_letter_costs_one_letter() -> None:
    body = calendar(event(DAYS, "DESCRIPTION:Łódź, żółć", uid="a"), event(DAYS, "LOCATION:caf?")).encode()
    one, other = read(body.replace(b"caf?", b"caf\xe9"))
    assert (one.description, other.starts) == ("Łódź, żółć", GOOD[0])


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("20260920T150000", "20260923T235959", ("20T13", "23")),
        ("20260920T235959", "20260923T235959", ("20", "23")),
        ("20260920T235900", "20260923T110000", ("20", "23T09")),
        ("20260920T000001", "20260923T000001", ("20", "23")),
        ("20260920T000100", "20260922T235900", ("20", "23")),
        ("20260920T000100", "20260923T000100", ("20", "23")),
        ("20260920T2400", "20260923T2400", ("21", "24")),
        ("20260920T150030", "20260923T110059", ("20T13", "23T09")),
        ("20260920T000000", "20260920T235959", ("20", "21")),
        ("20260920", "20260920", ("20", "21")),
    ],
)
def test_the_edges_of_days_are_days(start: str, end: str, days: tuple[str, str]) -> None:
    event = f"BEGIN:VEVENT\r\nUID:1\r\nDTSTART:{start}\r\nDTEND:{end}\r\nSUMMARY:Anna\r\nEND:VEVENT"
    body = f"BEGIN:VCALENDAR\r\n{event}\r\nEND:VCALENDAR\r\n".encode()
    (read,) = read_calendar(body, None, ZoneInfo("Europe/Vienna")).events
    assert read.problem is None
    told = tuple(f"{one:%dT%H}" if isinstance(one, datetime) else f"{one:%d}" for one in (read.starts, read.ends))
    assert told == days
