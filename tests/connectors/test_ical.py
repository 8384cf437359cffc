"""What a feed means, and what it does not mean."""

import hashlib
import itertools
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.ports import BookingsRead, NotOffered, NotUnderstood
from connectors.records import Booking, BookingStatus
from connectors.session import Access
from connectors.snapshots.ical.connector import IcalConnector
from tests.connectors.fixture import read_bookings

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
ANNA = "u1@vrbo@101"
WINDOW = (NOW - timedelta(days=1), NOW + timedelta(days=60))
AIRBNB = "https://www.airbnb.example/calendar/ical/42.ics?s=TOP-SECRET"
OTHER = "https://vrbo.example/icalendar/TOP-SECRET.ics"
REAL_AIRBNB = """BEGIN:VEVENT
DTSTAMP:20260531T010029Z
DTSTART;VALUE=DATE:20260923
DTEND;VALUE=DATE:20260927
SUMMARY:Reserved
UID:1418fb94e984-0123456789abcdef@airbnb.com
DESCRIPTION:Reservation URL: https://www.airbnb.com/hosting/reservations/de
 tails/HMABCD1234\\nPhone Number (Last 4 Digits): 1234
END:VEVENT"""


def calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Test//EN", *events, "END:VCALENDAR", ""])


def event(
    start: str = "20260923", end: str = "20260927", uid: str = "u1@vrbo", summary: str = "Reserved - Anna", **more: str
) -> str:
    lines = [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        f"DTSTART;VALUE=DATE:{start}" if len(start) == 8 else f"DTSTART{start}",
        *([] if not end else [f"DTEND;VALUE=DATE:{end}" if len(end) == 8 else f"DTEND{end}"]),
        f"SUMMARY:{summary}",
        *(f"{name}:{value}" for name, value in more.items()),
        "END:VEVENT",
    ]
    return "\r\n".join(lines)


class Host:
    """A connection with two rooms, and the feeds behind them."""

    def __init__(self, folder: Path, wire: responses.RequestsMock):
        self.wire = wire
        self.now = NOW
        self.folder = folder
        self.feeds: dict[str, Any] = {AIRBNB: calendar(), OTHER: calendar()}
        self.fetched: list[str] = []
        for url in self.feeds:
            wire.add_callback("GET", url, self._answer)

    def _answer(self, request: requests.PreparedRequest) -> Any:
        self.fetched.append(str(request.url))
        found = self.feeds[str(request.url)]
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, tuple) else (200, {"Content-Type": "text/calendar"}, found)

    def open(self, **settings: Any) -> IcalConnector:
        given = {setting.name: setting.default for setting in IcalConnector.SETTINGS} | {
            "feeds": {"101": AIRBNB, "102": OTHER},
            "time_zone": "Europe/Vienna",
            "memory": str(self.folder / "memory.json"),
        }
        ticks = itertools.count()
        access = Access(sleep=lambda _: None, monotonic=lambda: float(next(ticks)), clock=lambda: self.now)
        return IcalConnector.open("elm", given | settings, access, None)

    def read(self, connector: IcalConnector | None = None, **question: Any) -> BookingsRead:
        """A run, ten minutes after the last one."""
        self.now += timedelta(minutes=10)
        connector = connector or self.open()
        (of,) = connector.reader().read_properties()
        return read_bookings(connector.reader(), of, **(question or {"colliding": WINDOW}))

    def booking(self, connector: IcalConnector | None = None, **question: Any) -> Booking:
        (booking,) = self.read(connector, **question).bookings
        return booking


@pytest.fixture
def host(tmp_path: Path) -> Iterator[Host]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Host(tmp_path, wire)


# --- what an event is -------------------------------------------------------------------------------------------------


def test_a_reservation_has_its_code_its_days_and_the_end_of_the_phone_number(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(REAL_AIRBNB.replace("\n", "\r\n"))
    read = host.read()
    (booking,) = read.bookings
    assert (booking.id, booking.number, booking.room_id) == ("HMABCD1234", "HMABCD1234", "101")
    assert (booking.arrival, booking.departure) == (date(2026, 9, 23), date(2026, 9, 27))
    assert booking.status is BookingStatus.CONFIRMED
    guest = read.guests["HMABCD1234:primary"]
    assert (guest.first_name, guest.last_name, guest.phone) == ("", "", "1234")
    assert "1234" not in repr(guest).replace("HMABCD1234", "")


@pytest.mark.parametrize(
    "summary",
    [
        "Airbnb (Not available)",
        "Blocked",
        "Blocked By Guesty",
        "CLOSED - Not available",
        "CLOSED - Novakova",
        "Not available",
        "Unavailable",
        "Busy",
    ],
)
def test_a_block_and_what_may_be_one_is_no_booking(host: Host, summary: str) -> None:
    host.feeds[AIRBNB] = calendar(event(summary=summary))
    assert host.read() == BookingsRead()


def test_of_three_events_for_a_stay_the_whole_one_counts(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(
        event("20260923", "20260924", "a", "Check-in Anna Novak"),
        event("20260926", "20260927", "b", "Check-out Anna Novak"),
        event("20260923", "20260927", "c", "Anna Novak"),
    )
    booking = host.booking()
    assert (booking.id, booking.arrival, booking.departure) == ("c@101", date(2026, 9, 23), date(2026, 9, 27))


def test_a_calendar_kept_by_hand_may_tell_who_comes(host: Host) -> None:
    description = "Booking ID: 2026-17\\nPhone: +43 660 5550101\\nEmail: anna@example.com\\nGuests: 2"
    host.feeds[OTHER] = calendar(event(summary="Anna Novak", DESCRIPTION=description))
    read = host.read()
    assert [booking.id for booking in read.bookings] == ["2026-17"]
    guest = read.guests["2026-17:primary"]
    assert (guest.first_name, guest.last_name) == ("Anna", "Novak")
    assert (guest.email, guest.phone) == ("anna@example.com", "+436605550101")


def test_a_first_name_behind_reserved_is_the_guests(host: Host) -> None:
    host.feeds[OTHER] = calendar(event(summary="Reserved - Ana"))
    assert [guest.first_name for guest in host.read().guests.values()] == ["Ana"]


@pytest.mark.parametrize(
    ("start", "end", "arrival", "departure"),
    [
        ("20260923", "", date(2026, 9, 23), date(2026, 9, 24)),
        (":20260923T130000Z", ":20260927T090000Z", NOW.replace(day=23, hour=13), NOW.replace(day=27, hour=9)),
        (":20260923T150000", ":20260927T110000", NOW.replace(day=23, hour=13), NOW.replace(day=27, hour=9)),
        (
            ";TZID=America/New_York:20260923T090000",
            ";TZID=America/New_York:20260927T050000",
            NOW.replace(day=23, hour=13),
            NOW.replace(day=27, hour=9),
        ),
    ],
    ids=["no end", "UTC", "the listing's time", "another zone"],
)
def test_days_are_days_and_hours_are_the_listings(
    host: Host, start: str, end: str, arrival: datetime | date, departure: datetime | date
) -> None:
    host.feeds[AIRBNB] = calendar(event(start, end))
    booking = host.booking()
    assert (booking.arrival, booking.departure) == (arrival, departure)


@pytest.mark.parametrize(("word", "status"), [("CANCELLED", "cancelled"), ("TENTATIVE", "tentative")])
def test_an_events_status_is_the_bookings(host: Host, word: str, status: str) -> None:
    host.feeds[AIRBNB] = calendar(event(STATUS=word))
    assert host.booking().status == status


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (event(RRULE="FREQ=WEEKLY"), r"repeats itself \(RRULE\)"),
        (event("20261399"), "DTSTART that is no day"),
        (event(";TZID=Nowhere/Town:20260923T150000", "20260927"), "Nowhere/Town"),
    ],
)
def test_an_event_that_cannot_be_read_is_one_broken_record(host: Host, bad: str, reason: str) -> None:
    good = event("20261001", "20261003", "u2@vrbo", "Reserved - Ben")
    host.feeds[AIRBNB] = calendar(bad, good)
    read = host.read()
    assert [booking.id for booking in read.bookings] == ["u2@vrbo@101"]
    (broken,) = read.broken
    assert (broken.kind, broken.id) == ("booking", ANNA)
    assert re.search(reason, broken.reason)
    assert "Anna" not in broken.reason


def test_a_uid_that_looks_like_a_part_of_our_keys_does_not_stay_so(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(
        event("20260923", "20260924", "urn:uuid:1"),
        event("20260925", "20260926", "x/2"),
        event("20260927", "20260928", "x.2"),
    )
    ids = [booking.id for booking in host.read().bookings]
    assert ids == ["urn%3Auuid%3A1@101", "x/2@101", "x.2@101"]
    assert [host.read(ids=[one]).bookings[0].id for one in ids] == ids


# --- recognised again -------------------------------------------------------------------------------------------------


def test_a_new_uid_with_the_same_code_is_the_same_booking(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(uid="old", DESCRIPTION="Booking ID: HMABCD1234"))
    host.read()
    host.feeds[AIRBNB] = calendar(event("20260924", "20260929", "new", DESCRIPTION="Booking ID: HMABCD1234"))
    booking = host.booking(updated=(host.now, host.now + timedelta(hours=1)))
    assert (booking.id, booking.arrival, booking.departure) == ("HMABCD1234", date(2026, 9, 24), date(2026, 9, 29))


def test_other_days_under_the_same_uid_are_the_same_booking(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event())
    host.read()
    host.feeds[AIRBNB] = calendar(event("20260924", "20260930"))
    assert host.booking().id == ANNA


def test_a_new_uid_for_the_same_guest_and_overlapping_days_is_the_same_booking(host: Host) -> None:
    host.feeds[OTHER] = calendar(event(uid="old"))
    host.read()
    host.feeds[OTHER] = calendar(event("20260923", "20260930", "new"))
    assert host.booking().id == "old@102"
    host.feeds[OTHER] = calendar(event("20260923", "20261001", "newer"))
    assert host.booking().id == "old@102"


def test_a_new_uid_for_another_guest_is_another_booking(host: Host) -> None:
    host.feeds[OTHER] = calendar(event(uid="old"))
    host.read()
    host.feeds[OTHER] = calendar(event(uid="new", summary="Reserved - Bob"))
    assert [one.id for one in host.read().bookings if one.id != "old@102"] == ["new@102"]


def test_where_either_of_two_bookings_may_be_meant_nobody_guesses(host: Host) -> None:
    host.feeds[OTHER] = calendar(event("20260920", "20260923", "a"), event("20260923", "20260926", "b"))
    host.read()
    host.feeds[OTHER] = calendar(event("20260921", "20260925", "c"))
    for _ in range(4):
        read = host.read()
        assert read.bookings == []
        assert [(one.kind, one.id) for one in read.broken] == [("booking", "c@102")]


def test_a_code_in_two_rooms_is_two_stays(host: Host) -> None:
    same = event(DESCRIPTION="Booking ID: HMABCD1234")
    host.feeds |= {AIRBNB: calendar(same), OTHER: calendar(same)}
    for _ in range(3):
        read = host.read()
        assert [(one.id, one.room_id, one.number) for one in read.bookings] == [
            ("HMABCD1234@101", "101", "HMABCD1234"),
            ("HMABCD1234@102", "102", "HMABCD1234"),
        ]


def test_a_code_that_moves_to_another_listings_feed_has_that_room(host: Host) -> None:
    same = event(DESCRIPTION="Booking ID: HMABCD1234")
    host.feeds[AIRBNB] = calendar(same)
    host.read()
    host.feeds |= {AIRBNB: calendar(), OTHER: calendar(same)}
    for _ in range(4):
        booking = host.booking()
        assert (booking.id, booking.room_id) == ("HMABCD1234", "102")


# --- missing ----------------------------------------------------------------------------------------------------------


BESIDE = event("20261101", "20261104", "beside@vrbo", "Reserved - Ben")


def test_an_event_that_is_missing_counts_after_three_readings_and_half_an_hour(host: Host) -> None:
    connector = host.open()
    host.feeds[AIRBNB] = calendar(event(), BESIDE)
    host.read(connector)
    host.feeds[AIRBNB] = calendar(BESIDE)
    for _ in range(3):
        (waited_for, _) = host.read(connector).bookings
        assert waited_for.status is BookingStatus.CONFIRMED
        assert waited_for.review == (
            "the feed of room 101 does not list it any more: it counts after 30 minutes and 3 readings"
        )
        host.now -= timedelta(minutes=10)
        assert host.read(connector, ids=[ANNA]).bookings == [waited_for]
    gone = host.booking(connector, updated=(host.now, host.now + timedelta(hours=1)))
    assert (gone.id, gone.status) == (ANNA, BookingStatus.CANCELLED)
    assert host.read(connector).bookings[0].status is BookingStatus.CANCELLED
    assert host.booking(connector, ids=[ANNA]).status is BookingStatus.CANCELLED


def test_readings_within_seconds_are_one_reading(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar(BESIDE)
    host.read()
    host.now += timedelta(hours=2) - timedelta(minutes=80)
    for _ in range(8):
        host.now -= timedelta(minutes=9, seconds=50)
        assert host.booking(ids=[ANNA]).status is BookingStatus.UNKNOWN


def test_an_empty_feed_counts_after_six_readings_and_twelve_hours(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar()
    host.read()
    since = host.now
    while host.now < since + timedelta(hours=11, minutes=50):
        assert {one.status for one in host.read().bookings} == {BookingStatus.UNKNOWN}
    assert {one.status for one in host.read().bookings} == {BookingStatus.CANCELLED}


def test_half_of_many_at_once_are_waited_for_as_if_the_feed_were_empty(host: Host) -> None:
    several = [event(f"202610{day:02}", f"202610{day + 1:02}", f"u{day}", f"Guest Number{day}") for day in range(1, 8)]
    host.feeds[AIRBNB] = calendar(*several)
    host.read()
    host.feeds[AIRBNB] = calendar(*several[:3])
    for _ in range(12):
        assert BookingStatus.CANCELLED not in {one.status for one in host.read().bookings}
    host.feeds[AIRBNB] = calendar(*several[:5])
    statuses = [one.status for one in host.read().bookings]
    assert statuses.count(BookingStatus.CANCELLED) == 2, "what is missing beside a feed that is well again"


def test_what_was_missing_is_remembered_by_another_process(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar(BESIDE)
    for _ in range(4):
        read = host.read()
    assert read.bookings[0].status is BookingStatus.CANCELLED
    told = (host.folder / "memory.json").read_text()
    assert "TOP-SECRET" not in told
    assert "Anna" not in told
    assert (host.folder / "memory.json").stat().st_mode & 0o077 == 0


def test_an_event_that_comes_back_was_never_away(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event())
    host.read()
    for _ in range(3):
        host.feeds[AIRBNB] = calendar()
        host.read()
        host.read()
        host.feeds[AIRBNB] = calendar(event())
        assert host.booking().status is BookingStatus.CONFIRMED


def test_a_guest_in_the_house_is_never_dropped(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event("20260917", "20260921"), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar(BESIDE)
    for _ in range(5):
        read = host.read()
    booking = read.bookings[0]
    assert booking.status is BookingStatus.UNKNOWN
    assert "though the stay had begun" in str(booking.review)
    host.now = NOW + timedelta(days=10)
    assert [one.id for one in host.read().bookings] == ["beside@vrbo@101"]


def test_what_is_gone_does_not_come_back_on_its_day_of_arrival(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event("20260919", "20260923"), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar(BESIDE)
    for _ in range(4):
        host.read()
    host.now = NOW + timedelta(days=2)
    assert host.read().bookings[0].status is BookingStatus.CANCELLED


def test_without_a_memory_nothing_is_gone_before_there_were_three_reads(host: Host) -> None:
    asked = [host.read(ids=["HMABCD1234"])]
    for _ in range(3):
        host.read()
        asked.append(host.read(ids=["HMABCD1234"]))
    assert [[one.id for one in read.broken] for read in asked] == [["HMABCD1234"]] * 3 + [[]]
    assert all(read.bookings == [] for read in asked)


@pytest.mark.parametrize("text", ["", "no JSON", "[]", '{"version": 7}', '{"version": 1}'])
def test_a_memory_that_cannot_be_understood_is_none(host: Host, text: str) -> None:
    host.feeds[AIRBNB] = calendar(event())
    (host.folder / "memory.json").write_text(text)
    assert host.booking().id == ANNA
    assert json.loads((host.folder / "memory.json").read_text())["version"] == 2


def test_what_an_older_version_remembered_keeps_its_ids(host: Host) -> None:
    seen = {
        "source": "101",
        "digest": "0123456789",
        "arrival": "2026-09-23",
        "departure": "2026-09-27",
        "room_id": "101",
        "number": "",
        "traits": {"uid": "u1@vrbo", "code": "", "name": "0123456789"},
        "changed_at": "2026-09-17T10:00:00+00:00",
        "missing": 0,
        "is_kept": False,
    }
    address = hashlib.sha256(AIRBNB.encode()).hexdigest()[:16]
    sources = {"101": {"address": address, "mark": "x", "looks": 3}}
    memory = {"version": 1, "sources": sources, "bookings": {"u1@vrbo": seen}, "others": {}}
    (host.folder / "memory.json").write_text(json.dumps(memory))
    host.feeds[AIRBNB] = calendar(event("20260923", "20260928"))
    assert [one.id for one in host.read().bookings] == ["u1@vrbo"]


def test_a_memory_that_cannot_be_written_is_said(host: Host) -> None:
    with pytest.raises(PmsRefused, match=r"elm: .*nowhere.*cannot be written .*`memory`"):
        host.read(host.open(memory=str(host.folder / "nowhere" / "memory.json")))


def test_another_address_begins_a_memory_of_its_own(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event())
    host.read()
    again = host.open(feeds={"101": OTHER})
    for _ in range(9):
        assert {one.status for one in host.read(again).bookings} == {BookingStatus.UNKNOWN}
    assert host.read(again, ids=[ANNA]).bookings[0].status is BookingStatus.UNKNOWN


# --- feeds that fail --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        (503, {}, "Sorry"),
        (200, {"Content-Type": "text/html"}, "<html>Please log in</html>"),
        "",
        calendar(*["X-WR-CALDESC:" + "x" * 60_000] * 90, event()),
        (404, {}, ""),
        (302, {"Location": "https://www.airbnb.example/login"}, ""),
        requests.ConnectTimeout(),
        requests.ConnectionError(f"Max retries exceeded with url: {AIRBNB}"),
    ],
    ids=["503", "a page", "nothing", "too large", "404", "redirect", "timeout", "broken"],
)
def test_a_feed_that_fails_is_one_broken_room_and_takes_nothing_away(host: Host, answer: Any) -> None:
    host.feeds |= {AIRBNB: calendar(event()), OTHER: calendar(event(uid="u2"))}
    host.read()
    host.feeds[AIRBNB] = answer
    for _ in range(4):
        read = host.read()
        assert [booking.id for booking in read.bookings if booking.id != ANNA] == ["u2@102"]
        assert [(one.kind, one.id) for one in read.broken] == [("room", "101")]
        asked = host.read(ids=[ANNA, "u2@102", "never"])
        assert [booking.id for booking in asked.bookings] == ["u2@102"]
        assert [(one.kind, one.id) for one in asked.broken] == [("booking", ANNA), ("booking", "never")]
        for reason in (*map(repr, read.broken), *map(repr, asked.broken)):
            assert "SECRET" not in reason
            assert "ical" not in reason, "the host helps; the rest of the address may be a secret"
    host.feeds[AIRBNB] = calendar(event())
    assert {booking.status for booking in host.read().bookings} == {BookingStatus.CONFIRMED}


def test_a_feed_that_breaks_off_ends_nothing(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(), BESIDE)
    host.read()
    host.feeds[AIRBNB] = calendar(BESIDE).partition("END:VCALENDAR")[0]
    for _ in range(6):
        read = host.read()
        assert {one.id: one.status for one in read.bookings} == {ANNA: "unknown", "beside@vrbo@101": "confirmed"}
        assert [one.reason for one in read.broken] == [
            "The feed of room 101 breaks off before its end: nothing ends by it."
        ]


def test_where_every_feed_fails_the_read_does(host: Host) -> None:
    host.feeds |= {AIRBNB: (500, {}, ""), OTHER: (500, {}, "")}
    with pytest.raises(PmsUnreachable, match="elm: the PMS answered 500 at the feed of room 101"):
        host.read()


def test_a_silent_platform_is_not_waited_for_once_a_feed(host: Host) -> None:
    host.feeds |= {AIRBNB: requests.ReadTimeout(), OTHER: calendar(event())}
    silent = [AIRBNB.replace("42", str(number)) for number in range(43, 60)]
    for url in silent:
        host.wire.add("GET", url, body=requests.ReadTimeout())
    feeds = {"101": AIRBNB, "102": OTHER, **{str(number): url for number, url in enumerate(silent, 103)}}
    read = host.read(host.open(feeds=feeds))
    assert [booking.room_id for booking in read.bookings] == ["102"]
    assert len(read.broken) == 18
    assert len(host.wire.calls) == 5


def test_a_booking_that_was_cancelled_and_made_again_is_there(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event("20260901", "20260902", STATUS="CANCELLED"), event())
    assert host.booking().status is BookingStatus.CONFIRMED


def test_a_closed_day_with_a_booking_code_is_told_and_opens_nothing(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event(summary="CLOSED - Not available", DESCRIPTION="Booking ID: 12345"))
    assert host.booking().status is BookingStatus.UNKNOWN


def test_a_feed_that_drips_is_given_up(host: Host) -> None:
    # A second passes whenever somebody looks at the clock.
    connector = host.open()
    host.feeds |= {AIRBNB: (200, {}, "x" * 1_000_000), OTHER: (200, {}, "x" * 1_000_000)}
    with pytest.raises(PmsUnreachable, match="did not answer in time"):
        host.read(connector)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://calendars.example/a.ics", False),
        ("http://127.0.0.1:9/a.ics", True),
        ("http://localhost:9/a.ics", True),
        ("http://[::1]:9/a.ics", True),
    ],
)
def test_only_this_very_machine_is_asked_without_https(host: Host, url: str, allowed: bool) -> None:
    host.wire.add("GET", url, body=calendar(event()))
    connector = host.open(feeds={"101": url})
    if allowed:
        assert host.booking(connector).room_id == "101"
    else:
        with pytest.raises(PmsRefused, match="elm: the feed of room 101 is asked for by https:// only"):
            host.read(connector)


def test_the_addresses_of_feeds_are_in_no_repr(host: Host) -> None:
    assert repr(host.open()) == "IcalConnector('elm')"


def test_calendars_send_no_webhooks(host: Host) -> None:
    connector = host.open()
    assert not connector.webhooks.verify({"token": ""}, {}, b"", NOW)
    with pytest.raises(NotUnderstood):
        connector.webhooks.read({})
    with pytest.raises(NotOffered, match="incremental"):
        connector.webhooks.subscribe("https://door.example")


def test_the_check_counts_and_names_the_room_whose_feed_fails(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(event())
    assert host.open().check() == "2 feeds, 1 booking"
    host.feeds[AIRBNB] = (403, {}, "")
    with pytest.raises(PmsRefused, match=r"the feed of room 101 \(answered 403\): copy its address"):
        host.open().check()


def test_rooms_are_those_with_feeds_and_have_the_propertys_times(host: Host) -> None:
    connector = host.open(names={"101": "Lake house"}, check_in=time(16), check_out=time(10))
    rooms, broken = connector.reader().read_rooms(connector.reader().read_properties()[0])
    assert [(room.id, room.name, room.check_in, room.check_out) for room in rooms] == [
        ("101", "Lake house", time(16), time(10)),
        ("102", "102", time(16), time(10)),
    ]
    assert broken == []


def test_what_gets_no_access_is_counted_in_the_check_and_a_block_with_a_guest_says_what_to_do(host: Host) -> None:
    host.feeds[AIRBNB] = calendar(
        event("20260923", "20260924", "a", "Blocked"),
        event("20260925", "20260926", "b", "Pending - Anna"),
        event("20260927", "20260928", "c", "Blocked", DESCRIPTION="Guests: 2"),
    )
    told = host.open().check()
    assert "the feed of room 101: 1 event is nobody's stay (blocked days)" in told
    assert "1 event is not confirmed: no access yet" in told
    unclear = [one for one in host.read().bookings if one.status is BookingStatus.UNKNOWN]
    assert [one.review for one in unclear] == [
        'the event from 27 Sep 2026 in the feed of room 101 is called "blocked", and may be a guest\'s stay: look '
        "there, and say what it is (is_a_stay or not_a_stay in the settings)"
    ]
