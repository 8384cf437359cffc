"""From an export or a feed to the doors: nobody loses access because a row or an event was lost on the way."""

import os
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.snapshots.files.connector import FilesConnector
from connectors.snapshots.ical.connector import IcalConnector
from connectors.stays.who import who
from mappers.policy import LEASE, MaxRevocations, Policy
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from sandbox.http import Answer
from tests.at_the_doors import ways
from tests.world import AnyWorld

HEADER = "booking_id,room_id,arrival,departure,status,guest_id,name"


class Export(AnyWorld):
    """A house whose PMS writes files into a folder."""

    def __init__(self, path: Path, policy: Policy | None = None, **settings: Any):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)))
        self.folder = path / "export"
        self.folder.mkdir()
        self.rows: dict[str, str] = {}
        self._settings = settings
        self.restart()
        self.write("rooms.csv", "room_id,room_name", *(f"R{room},{room}" for room in range(101, 111)))

    def restart(self) -> None:
        given = {setting.name: setting.default for setting in FilesConnector.SETTINGS}
        given |= {"folder": str(self.folder), "time_zone": "Europe/Vienna", **self._settings}
        self.connector = FilesConnector.open(self.name, given, self.access(Calendars()), None)

    def write(self, name: str, *lines: str, age: int = 300) -> None:
        path = self.folder / name
        path.write_text("\n".join([*lines, ""]))
        moment = self.clock.now().timestamp() - age
        os.utime(path, (moment, moment))

    def book(self, number: int, room: int | None = None, **rest: Any) -> str:
        """Into the next export: arrives in two days and stays for three."""
        booking = f"B{number}"
        fields = {"arrival": "2026-09-20", "departure": "2026-09-23", "status": "Confirmed"} | rest
        place = f"R{room or 100 + number}"
        self.rows[booking] = ",".join([booking, place, *fields.values(), f"G{number}", f"Guest {number}"])
        return booking

    def export(self, **rest: Any) -> None:
        """What the PMS does at night, and five minutes later."""
        self.clock.pass_(hours=1)
        self.write("bookings.csv", HEADER, *self.rows.values(), **rest)


class Calendars:
    """The servers of all the platforms, by the path of each feed."""

    def __init__(self) -> None:
        self.feeds: dict[str, str | None] = {}

    def handle(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        found = self.feeds[path]
        return Answer(503) if found is None else Answer(200, found.encode())


class Feeds(AnyWorld):
    """Two apartments, each with the feed of a platform."""

    def __init__(self, path: Path, policy: Policy | None = None):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)))
        self.calendars = Calendars()
        self.events: dict[str, dict[str, str]] = {"lake": {}, "hill": {}}
        self.publish()
        self.restart()

    def restart(self) -> None:
        given = {setting.name: setting.default for setting in IcalConnector.SETTINGS}
        feeds = {room: f"https://calendars.example/{room}" for room in self.events}
        given |= {"feeds": feeds, "time_zone": "Europe/Vienna", "private_addresses": True}
        given["memory"] = str(self.path / "memory.json")
        self.connector = IcalConnector.open(self.name, given, self.access(self.calendars), None)  # type: ignore[arg-type]

    def book(self, room: str, code: str, start: date, end: date, uid: str | None = None) -> str:
        self.events[room][code] = "\r\n".join(
            [
                "BEGIN:VEVENT",
                f"UID:{uid or code.lower()}@airbnb.com",
                f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
                f"DTEND;VALUE=DATE:{end:%Y%m%d}",
                "SUMMARY:Reserved",
                f"DESCRIPTION:https://www.airbnb.com/hosting/reservations/details/{code}",
                "END:VEVENT",
            ]
        )
        self.publish()
        return code

    def cancel(self, room: str, code: str) -> None:
        """The platform leaves it out, as platforms do."""
        del self.events[room][code]
        self.publish()

    def publish(self) -> None:
        for room, events in self.events.items():
            self.calendars.feeds[f"/{room}"] = "\r\n".join(
                ["BEGIN:VCALENDAR", "VERSION:2.0", *events.values(), "END:VCALENDAR", ""]
            )


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return Export(tmp_path)


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    return Feeds(tmp_path)


SOON, LATER, MUCH_LATER = date(2026, 9, 20), date(2026, 9, 23), date(2026, 9, 25)
TODAY = date(2026, 9, 18)


def test_of_two_who_are_only_named_it_is_told_which_of_them_should_have_access(export: Export) -> None:
    ida, otto = (f"B1,R101,2026-09-20,2026-09-23,Confirmed,{name}" for name in ("Ida Berg", "Otto Weiss"))
    connection = RunConnection(export.name, export.connector, export.policy, export.keys)
    for rows in ((ida, otto), (otto, ida)):
        export.write("bookings.csv", "booking_id,room_id,arrival,departure,status,name", *rows)
        assert export.sync(full=True).exit == 0
        assert [way.who for way in ways(export.seam, export.clock.now())] == ["Ida Berg"]
        findings = inquire(connection, export.workspace, export.store, "B1", export.clock.now())
        should_have = [value for _, lines in findings.sections for name, value in lines if name == "should have"]
        assert [value.partition(",")[0] for value in should_have] == ["I.B. 101"]
        export.clock.pass_(hours=1)


# --- files ------------------------------------------------------------------------------------------------------------


def test_rows_become_access_with_the_files_own_ids_as_keys(export: Export) -> None:
    booking = export.book(1)
    export.export()
    assert export.sync().exit == 0
    grant = export.seam.grant_by_key(booking)
    assert grant is not None
    assert (grant["starts_at"], grant["ends_at"]) == ("2026-09-20T13:00:00.000Z", "2026-09-23T09:00:00.000Z")
    assert export.doors(booking) == ["101"]
    identity = export.seam.identity_by_key("G1")
    assert identity is not None
    assert identity["full_name"] == "Guest 1"


def test_the_second_run_over_the_same_files_writes_nothing_nor_does_a_copy_of_them(export: Export) -> None:
    for number in range(1, 6):
        export.book(number)
    export.export()
    export.sync()
    with export.no_writes():
        assert export.sync(full=True).totals["access_grant"] == {"unchanged": 5}
        assert export.tick().exit == 0
        export.export()
        assert export.tick().exit == 0


def test_a_changed_row_changes_its_grant_and_no_other(export: Export) -> None:
    first, second = export.book(1), export.book(2)
    export.export()
    export.sync()
    before = export.seam.grant_by_key(second)
    same = export.seam.grant_by_key(first)
    assert before is not None
    assert same is not None
    export.book(1, departure="2026-09-25")
    export.export()
    assert export.tick().total("updated") == 1
    extended = export.seam.grant_by_key(first)
    assert extended is not None
    assert (extended["access_grant_id"], extended["ends_at"]) == (same["access_grant_id"], "2026-09-25T09:00:00.000Z")
    assert export.seam.grant_by_key(second) == before


def test_a_file_that_shrank_once_revokes_nothing_however_often_it_is_read(export: Export) -> None:
    keys = [export.book(number) for number in range(1, 11)]
    export.export()
    export.sync()
    for booking in keys[:3]:
        del export.rows[booking]
    export.export()
    with export.no_writes():
        for _ in range(3):
            assert export.tick().exit == 0
            export.restart()
            report = export.sync(full=True)
            assert report.exit == 0
            assert [item.outcome for item in report.items].count("alert") == 3
    assert all(export.doors(booking) for booking in keys)


def test_rows_that_a_second_file_lacks_as_well_are_revoked_by_an_incremental_run(export: Export) -> None:
    keys = [export.book(number) for number in range(1, 6)]
    export.export()
    export.sync()
    del export.rows[keys[0]]
    export.export()
    export.tick()
    export.export()
    (revoked,) = [item for item in export.tick().items if item.action == "revoke"]
    assert revoked.reason == "booking cancelled (the file of bookings does not list it any more, 2 readings in a row)"
    assert [export.doors(booking) for booking in keys] == [[], ["102"], ["103"], ["104"], ["105"]]


def test_a_file_that_shrank_for_good_revokes_nothing_beyond_the_safety_limit(tmp_path: Path) -> None:
    export = Export(tmp_path, Policy(max_revocations=MaxRevocations(count=2, percent=20)))
    keys = [export.book(number) for number in range(1, 11)]
    export.export()
    export.sync()
    for booking in keys[:4]:
        del export.rows[booking]
    for _ in range(3):
        export.export()
        report = export.tick()
    assert report.exit == 3
    assert report.totals["access_grant"]["held"] == 4
    assert all(export.doors(booking) for booking in keys)


@pytest.mark.parametrize("cut", [0, 10, 80, 200])
def test_a_half_written_upload_changes_nothing_and_says_which_file(export: Export, cut: int) -> None:
    keys = [export.book(number) for number in range(1, 6)]
    export.export()
    export.sync()
    whole = (export.folder / "bookings.csv").read_text()
    (export.folder / "bookings.csv").write_text(whole[:cut])
    moment = export.clock.now().timestamp()
    os.utime(export.folder / "bookings.csv", (moment, moment))
    with export.no_writes():
        for report in (export.sync(), export.sync(full=True), export.sync(night_audit=True)):
            assert report.exit == 1
            assert "bookings.csv" in str(report.broken_off)
    assert all(export.doors(booking) for booking in keys)
    export.export()
    with export.no_writes():
        assert export.tick().exit == 0


def test_a_line_that_cannot_be_read_is_one_failed_outcome_and_its_access_stays(export: Export) -> None:
    keys = [export.book(number) for number in range(1, 4)]
    export.export()
    export.sync()
    export.rows[keys[0]] = export.rows[keys[0]].replace("2026-09-23", "23/09/26")
    for _ in range(3):
        export.export()
        report = export.tick()
        failed = [item for item in report.items if item.outcome == "failed"]
        assert [item.key for item in failed] == [keys[0]]
        assert "bookings.csv line 2" in str(failed[0].error)
        assert "Guest" not in str(failed[0].error)
    assert all(export.doors(booking) for booking in keys)


def test_a_lost_database_finds_everything_again(export: Export) -> None:
    for number in range(1, 6):
        export.book(number)
    export.export()
    export.sync()
    export.lose_the_database()
    with export.no_writes():
        report = export.sync()
    assert report.totals["access_grant"] == {"adopted": 5}


def test_a_lost_memory_revokes_nothing_that_one_file_lacks(export: Export) -> None:
    keys = [export.book(number) for number in range(1, 6)]
    export.export()
    export.sync()
    (export.path / "export.alpen.json").unlink()
    del export.rows[keys[0]]
    export.export()
    export.restart()
    with export.no_writes():
        report = export.sync(full=True)
    assert report.exit == 1
    assert all(export.doors(booking) for booking in keys)
    for _ in range(2):
        export.export()
        export.tick()
    assert export.doors(keys[0]) == []


def test_ids_that_look_like_parts_of_our_keys_keep_bookings_apart(export: Export) -> None:
    for number, booking in enumerate(("17", "17.2", "17/2", "17:G2"), start=1):
        export.rows[booking] = f"{booking},R{100 + number},2026-09-20,2026-09-23,Confirmed,G{number},Guest"
    export.export()
    export.sync()
    keys = ("17", "17%2E2", "17%2F2", "17%3AG2")
    assert [export.doors(key) for key in keys] == [["101"], ["102"], ["103"], ["104"]]
    export.lose_the_database()
    with export.no_writes():
        assert export.sync().totals["access_grant"] == {"adopted": 4}
    export.rows.pop("17.2")
    export.export()
    export.tick()
    export.export()
    export.tick()
    assert [export.doors(key) for key in keys] == [["101"], [], ["103"], ["104"]]


def test_a_lease_from_a_file_is_open_until_somebody_moves_out(tmp_path: Path) -> None:
    export = Export(tmp_path, LEASE, holds="leases")
    export.rows = {
        "T1": "L1,R101,2025-10-01,,Current,T1,Anna Novak",
        "T2": "L1,R101,2025-10-01,,Current,T2,Ben Novak",
    }
    export.export()
    export.sync()
    first, second = (export.seam.grant_by_key(f"L1:{one}") for one in ("T1", "T2"))
    assert first is not None
    assert second is not None
    assert (first["ends_at"], second["ends_at"]) == (None, None)
    export.rows["T2"] = "L1,R101,2025-10-01,2026-09-30,Notice,T2,Ben Novak"
    export.export()
    export.tick()
    second = export.seam.grant_by_key("L1:T2")
    assert second is not None
    assert second["ends_at"] == "2026-09-30T22:00:00.000Z"
    assert export.seam.grant_by_key("L1:T1") == first
    export.rows["T2"] = "L1,R101,2025-10-01,2026-09-17,Past,T2,Ben Novak"
    export.export()
    export.tick()
    assert (export.doors("L1:T1"), export.doors("L1:T2")) == (["101"], [])


def test_a_row_that_is_left_out_after_its_stay_is_no_news(export: Export) -> None:
    booking, other = export.book(1), export.book(2, departure="2026-10-20")
    export.export()
    export.sync()
    export.clock.pass_(days=5, hours=20)
    del export.rows[booking]
    with export.no_writes():
        for _ in range(3):
            export.export()
            report = export.tick(full=True)
            assert [item.reason for item in report.items] == []
    assert export.doors(other) == ["102"]


def test_a_guest_in_the_house_whom_the_files_leave_out_keeps_access_and_is_told(export: Export) -> None:
    booking = export.book(1, arrival="2026-09-17")
    export.book(2)
    export.export()
    export.sync()
    row = export.rows.pop(booking)
    for _ in range(4):
        export.export()
        export.tick()
    report = export.sync(full=True)
    assert export.doors(booking) == ["101"]
    assert any("ask whether the guest has left" in item.reason for item in report.items if item.outcome == "alert")
    export.rows[booking] = row.replace("Confirmed", "Checked out")
    export.export()
    export.tick()
    assert export.doors(booking) == []


# --- feeds ------------------------------------------------------------------------------------------------------------


def test_an_event_becomes_access_with_the_booking_code_as_key(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", SOON, LATER)
    assert feeds.sync().exit == 0
    grant = feeds.seam.grant_by_key(code)
    assert grant is not None
    assert (grant["starts_at"], grant["ends_at"]) == ("2026-09-20T13:00:00.000Z", "2026-09-23T09:00:00.000Z")
    assert feeds.doors(code) == ["lake"]
    with feeds.no_writes():
        assert feeds.tick().exit == 0
        assert feeds.sync(full=True).totals["access_grant"] == {"unchanged": 1}


def test_an_event_that_disappears_is_revoked_after_half_an_hour_and_not_before(feeds: Feeds) -> None:
    code, other = feeds.book("lake", "HMABCD1234", SOON, LATER), feeds.book("lake", "HMABCD5678", LATER, MUCH_LATER)
    feeds.sync()
    feeds.cancel("lake", code)
    with feeds.no_writes():
        feeds.tick()
        for minutes in (10, 9, 7):
            feeds.clock.pass_(minutes=minutes)
            feeds.restart()
            feeds.tick(full=True)
        feeds.sync(booking_ids=(code,))
    assert feeds.doors(code) == ["lake"]
    feeds.restart()
    assert feeds.tick().total("revoked") == 1
    assert (feeds.doors(code), feeds.doors(other)) == ([], ["lake"])


def test_a_guessed_code_page_is_told_by_the_run_as_well(tmp_path: Path) -> None:
    house = Export(tmp_path)
    house.book(1)
    text = "\n".join([HEADER, *house.rows.values(), "B2,R102,2026-09-20,2026-09-23,Confirmed,G2,Zoë Müller", ""])
    (house.folder / "bookings.csv").write_bytes(text.encode("cp1252"))
    moment = house.clock.now().timestamp() - 300
    os.utime(house.folder / "bookings.csv", (moment, moment))
    report = house.sync(full=True)
    (told,) = [item for item in report.items if "bookings.csv is not written in UTF-8" in item.reason]
    assert (told.outcome, report.exit) == ("alert", 0)
    assert "set encoding" in told.reason


def test_an_empty_feed_revokes_nothing_for_twelve_hours(feeds: Feeds) -> None:
    codes = [feeds.book("lake", "HMABCD1234", SOON, LATER), feeds.book("lake", "HMABCD5678", LATER, MUCH_LATER)]
    feeds.sync()
    before = [feeds.seam.code_of(code) for code in codes]
    events, feeds.events["lake"] = feeds.events["lake"], {}
    with feeds.no_writes():
        for hours in (1, 11):
            feeds.events["lake"] = {}
            feeds.publish()
            feeds.tick()
            for _ in range(10):
                feeds.clock.pass_(hours=hours / 10)
                feeds.sync(full=True)
            feeds.events["lake"] = events
            feeds.publish()
            feeds.tick()
    assert [feeds.seam.code_of(code) for code in codes] == before
    feeds.events["lake"] = {}
    feeds.publish()
    for _ in range(14):
        feeds.clock.pass_(hours=1)
        report = feeds.sync()
    assert report.exit == 3, "all that a small house has: a person decides"
    assert all(feeds.doors(code) for code in codes)
    feeds.sync(approve_run=report.run_id)
    assert [feeds.doors(code) for code in codes] == [[], []]


def test_a_guest_in_the_house_whose_event_vanishes_stays_until_the_end(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", TODAY - timedelta(days=1), SOON)
    feeds.book("lake", "HMABCD5678", LATER, MUCH_LATER)
    feeds.sync()
    feeds.cancel("lake", code)
    reports = []
    with feeds.no_writes():
        for full in (False, True, False, True, False, True):
            feeds.clock.pass_(minutes=30)
            reports.append(feeds.tick(full=full))
        feeds.tick(night_audit=True)
    assert feeds.doors(code) == ["lake"]
    told = [item.reason for item in reports[-1].items if item.outcome == "alert"]
    assert any("though the stay had begun" in reason for reason in told)
    grant = feeds.seam.grant_by_key(code)
    assert grant is not None
    assert grant["ends_at"] == "2026-09-20T09:00:00.000Z"


def test_an_event_that_is_left_out_after_its_stay_is_no_news(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", SOON, LATER)
    feeds.sync()
    feeds.clock.pass_(days=6)
    feeds.cancel("lake", code)
    with feeds.no_writes():
        for _ in range(4):
            report = feeds.tick(full=True)
            assert [item.reason for item in report.items] == []


def test_a_new_uid_for_the_same_code_changes_nothing_at_the_door(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", SOON, LATER, uid="one")
    feeds.sync()
    feeds.book("lake", "HMABCD1234", SOON, LATER, uid="two")
    with feeds.no_writes():
        for _ in range(4):
            feeds.tick()
        feeds.sync(full=True)
    assert feeds.doors(code) == ["lake"]


def test_an_extension_keeps_the_grant_and_its_code(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", TODAY - timedelta(days=1), SOON)
    feeds.sync()
    before = feeds.seam.grant_by_key(code)
    feeds.book("lake", code, TODAY - timedelta(days=1), MUCH_LATER, uid="two")
    assert feeds.tick().totals["access_grant"] == {"updated": 1}
    after = feeds.seam.grant_by_key(code)
    assert before is not None
    assert after is not None
    assert after["access_grant_id"] == before["access_grant_id"]
    assert after["ends_at"] == "2026-09-25T09:00:00.000Z"


def test_a_feed_that_fails_stops_no_other_and_ends_nothing(feeds: Feeds) -> None:
    here = feeds.book("lake", "HMABCD1234", SOON, LATER)
    feeds.sync()
    there = feeds.book("hill", "HMABCD5678", SOON, LATER)
    feeds.calendars.feeds["/lake"] = None
    for full in (False, True, False, True, True):
        report = feeds.tick(full=full)
        assert report.exit == 1
        assert any("the feed of room lake" in str(item.error) for item in report.items)
        assert not any("calendars.example" in str(item.error) for item in report.items)
    assert (feeds.doors(here), feeds.doors(there)) == (["lake"], ["hill"])
    feeds.publish()
    with feeds.no_writes():
        assert feeds.tick().exit == 0


def test_a_lost_database_finds_the_feeds_access_again(feeds: Feeds) -> None:
    feeds.book("lake", "HMABCD1234", SOON, LATER)
    feeds.book("hill", "HMABCD5678", SOON, LATER)
    feeds.sync()
    feeds.lose_the_database()
    with feeds.no_writes():
        assert feeds.sync().totals["access_grant"] == {"adopted": 2}


def test_with_a_lost_memory_nobody_loses_access_at_once(feeds: Feeds) -> None:
    code = feeds.book("lake", "HMABCD1234", TODAY - timedelta(days=1), LATER)
    feeds.sync()
    (feeds.path / "memory.json").unlink()
    feeds.cancel("lake", code)
    feeds.restart()
    with feeds.no_writes():
        assert feeds.tick(full=True).exit == 1
    assert feeds.doors(code) == ["lake"]


def test_a_block_opens_nothing(feeds: Feeds) -> None:
    feeds.book("lake", "HMABCD1234", SOON, LATER)
    blocks = [
        f"BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART;VALUE=DATE:202610{number}\r\nSUMMARY:{summary}\r\nEND:VEVENT"
        for number, summary in enumerate(("Airbnb (Not available)", "CLOSED - Not available", "Blocked"), start=10)
    ]
    feeds.events["hill"] = dict(enumerate(blocks))  # type: ignore[arg-type]
    feeds.publish()
    feeds.clock.pass_(days=1)
    assert feeds.sync(full=True).totals["access_grant"] == {"created": 1}


def test_an_id_that_somebody_mistypes_fails_once_and_no_later_run(tmp_path: Path) -> None:
    house = Export(tmp_path)
    for number in range(1, 4):
        house.book(number)
    house.export()
    assert house.sync(full=True).exit == 0
    slip = house.sync(booking_ids=("B11",))
    assert (slip.exit, "B11" in str(slip.items)) == (1, True)
    house.clock.pass_(minutes=30)
    assert house.sync().exit == 0
    assert house.sync(full=True).exit == 0


def test_guests_who_share_an_agencys_address_are_two_people(tmp_path: Path) -> None:
    anna, bob = who("Anna Novak", "desk@agency.example"), who("Bob Jones", "desk@agency.example")
    assert anna.is_another(bob)
    assert not anna.is_same(bob)
    married = who("Anna Huber", "anna@example.com")
    assert who("Anna Novak", "anna@example.com").is_same(married)
    assert who("Anna", "desk@agency.example").is_same(bob), "a name of one word may be a part of hers"
    feeds = Feeds(tmp_path)
    for uid, name, first, last in (("1", "Anna Novak", 20, 22), ("2", "Bob Jones", 22, 24)):
        feeds.events["lake"][uid] = "\r\n".join(
            [
                "BEGIN:VEVENT",
                f"UID:{uid}",
                f"DTSTART;VALUE=DATE:202609{first}",
                f"DTEND;VALUE=DATE:202609{last}",
                f"SUMMARY:{name}",
                "DESCRIPTION:Email: desk@agency.example",
                "END:VEVENT",
            ]
        )
    feeds.publish()
    feeds.sync(full=True)
    assert len(feeds.seam.live_grants()) == 2
