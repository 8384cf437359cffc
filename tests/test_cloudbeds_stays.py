"""Stays in a Cloudbeds house, from the desk to the doors."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.cloudbeds.connector import CloudbedsConnector
from mappers.policy import Policy
from sandbox.webhooks import WebhookSender
from schedules.timetable import Timetable
from store.stays import Stays
from tests.every_day import each_value, first_of
from tests.night import HOOK, Night, Told
from tests.simulated.cloudbeds_house import CloudbedsHouse
from tests.world import START, AnyWorld

TODAY = START.date()


def on(days: int) -> date:
    return TODAY + timedelta(days=days)


class Harbor(AnyWorld):
    """A house in New York (its day is 4 hours behind), with four rooms."""

    name = "harbor"
    connector: CloudbedsConnector

    def __init__(self, path: Path, policy: Policy | None = None, **house: Any):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)))
        self.house = CloudbedsHouse(now=self.clock.now, clock=self.clock.monotonic, record=True, **house)
        self.rooms = [self.house.add_room(name) for name in ("201", "202", "203", "204")]
        settings = {setting.name: setting.default for setting in CloudbedsConnector.SETTINGS}
        settings |= {"property_id": self.house.property_id, "api_key": self.house.api_key}
        self.connector = CloudbedsConnector.open(self.name, settings, self.access(self.house), HOOK)

    def book(self, *rooms: int | None, arrival: int = 2, departure: int = 5, **rest: Any) -> str:
        number = len(self.house.guests)
        guest = self.house.add_guest(email=f"guest{number}@example.com")
        chosen = [None if room is None else self.rooms[room] for room in rooms]
        return self.house.book(guest, on(arrival), on(departure), chosen, **rest)

    def times(self, key: str) -> tuple[str, str]:
        grant = self.seam.grant_by_key(key)
        assert grant is not None
        return grant["starts_at"], grant["ends_at"]

    def full(self) -> Any:
        self.clock.pass_(minutes=15)
        return self.sync(full=True)


EITHER_WAY = pytest.mark.parametrize("harbor", [True, False], ids=["many by id", "one by one"], indirect=True)
"""Both ways every day: where it matters how reservations are asked for. The others try the second one in the long
tests only."""


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.slow)], ids=["many by id", "one by one"])
def harbor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Harbor]:
    """With the list of reservations by their ids, and without it."""
    harbor = Harbor(tmp_path)
    harbor.house.offers_lists_by_id = request.param
    yield harbor
    harbor.store.close()


def test_a_reservation_of_several_rooms_gives_each_room_its_own_access(harbor: Harbor) -> None:
    ben = harbor.house.add_guest("Ben", "Second", email="ben@example.com")
    booking = harbor.book(0, guests=())
    second = harbor.house.add_line(booking, harbor.rooms[1], on(3), on(6), guest=ben)
    assert harbor.sync().exit == 0
    assert (harbor.doors(booking), harbor.doors(second)) == (["201"], ["202"])
    assert harbor.times(booking) == ("2026-09-20T19:00:00.000Z", "2026-09-23T15:00:00.000Z")
    assert harbor.times(second) == ("2026-09-21T19:00:00.000Z", "2026-09-24T15:00:00.000Z")
    identity = harbor.seam.identity_by_key(ben)
    assert identity is not None
    assert harbor.seam.grant_by_key(second)["user_identity_id"] == identity["user_identity_id"]  # type: ignore[index]


def test_a_second_run_writes_nothing(harbor: Harbor) -> None:
    harbor.book(0, 1)
    harbor.book(2)
    harbor.sync()
    with harbor.no_writes():
        harbor.tick()
        harbor.full()


def test_one_room_taken_out_of_a_reservation_loses_only_its_own_access(harbor: Harbor) -> None:
    booking = harbor.book(0, 1, 2)
    harbor.sync()
    harbor.house.remove_room(f"{booking}-1")
    harbor.tick()
    assert [harbor.doors(one) for one in (booking, f"{booking}-1", f"{booking}-2")] == [["201"], [], ["203"]]


def test_one_room_cancelled_is_the_same(harbor: Harbor) -> None:
    booking = harbor.book(0, 1)
    harbor.sync()
    harbor.house.cancel_room(booking)
    harbor.tick()
    assert (harbor.doors(booking), harbor.doors(f"{booking}-1")) == ([], ["202"])


def test_one_room_checked_out_early_is_closed_and_the_other_stays_open(harbor: Harbor) -> None:
    booking = harbor.book(0, 1, arrival=0)
    harbor.sync()
    harbor.clock.pass_(hours=10)
    for part in (booking, f"{booking}-1"):
        harbor.house.check_in(part)
    harbor.tick()
    harbor.house.check_out(booking)
    harbor.tick()
    assert (harbor.doors(booking), harbor.doors(f"{booking}-1")) == ([], ["202"])


def test_a_room_whose_guest_has_not_come_yet_keeps_its_access_beside_one_checked_in(harbor: Harbor) -> None:
    booking = harbor.book(0, 1, arrival=0)
    harbor.house.check_in(booking)
    harbor.sync()
    assert (harbor.doors(booking), harbor.doors(f"{booking}-1")) == (["201"], ["202"])


def test_a_stay_split_under_one_id_opens_each_room_in_its_own_time(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.house.split(booking, on(4), harbor.rooms[1])
    harbor.sync()
    assert (harbor.doors(booking), harbor.doors(f"{booking}/2")) == (["201"], ["202"])
    assert harbor.times(booking) == ("2026-09-20T19:00:00.000Z", "2026-09-22T15:00:00.000Z")
    assert harbor.times(f"{booking}/2") == ("2026-09-22T19:00:00.000Z", "2026-09-23T15:00:00.000Z")


def test_a_split_stay_that_failed_is_made_by_the_next_try(harbor: Harbor) -> None:
    booking = harbor.book(0, arrival=0)
    harbor.house.split(booking, on(2), harbor.rooms[1])
    harbor.seam.faults.fail_before = 1.0
    assert harbor.sync(full=True).exit == 1
    harbor.seam.faults.fail_before = 0.0
    assert harbor.sync(booking_ids=(booking,)).exit == 0
    assert (harbor.doors(booking), harbor.doors(f"{booking}/2")) == (["201"], ["202"])


def test_who_left_the_first_room_of_a_split_stay_early_keeps_the_second(harbor: Harbor) -> None:
    booking = harbor.book(0, arrival=0)
    harbor.house.split(booking, on(2), harbor.rooms[1])
    harbor.house.check_in(booking)
    harbor.sync()
    harbor.house.check_out(booking)
    harbor.tick()
    assert (harbor.doors(booking), harbor.doors(f"{booking}/2")) == ([], ["202"])


def test_a_guest_who_has_one_room_after_the_other_has_one_stay(harbor: Harbor) -> None:
    booking = harbor.book(0, arrival=2, departure=4)
    second = harbor.house.add_line(booking, harbor.rooms[1], on(4), on(6))
    harbor.sync()
    assert harbor.times(booking)[1] == "2026-09-22T15:00:00.000Z"
    assert harbor.times(f"{booking}/2")[0] == "2026-09-22T19:00:00.000Z"
    assert (harbor.doors(f"{booking}/2"), harbor.doors(second)) == (["202"], [])
    # Somebody else in the second room has a stay of her own.
    other = harbor.house.add_guest("Ben", "Other", "ben@example.com")
    harbor.house.put_guest(second, other)
    harbor.house.take_guest(second, harbor.house.reservations[booking].guest)
    harbor.tick()
    harbor.seam.tick()
    assert (harbor.doors(booking), harbor.doors(f"{booking}/2"), harbor.doors(second)) == (["201"], [], ["202"])


def test_a_guest_who_moves_has_the_new_room_and_not_the_old_one(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.sync()
    harbor.house.assign(booking, harbor.rooms[3])
    harbor.tick()
    harbor.seam.tick()
    harbor.tick()
    grants = [key for key in (booking, f"{booking}.2") if harbor.doors(key)]
    assert [harbor.doors(key) for key in grants] == [["204"]]


def test_a_room_without_a_door_waits_until_one_is_assigned(harbor: Harbor) -> None:
    booking = harbor.book(None)
    assert any("waiting for a room" in item.reason for item in harbor.sync().items)
    harbor.house.assign(booking, harbor.rooms[2])
    harbor.tick()
    assert harbor.doors(booking) == ["203"]


@first_of(1, "page", [2, 1])
def test_an_answer_without_success_revokes_nobody(harbor: Harbor, page: int) -> None:
    bookings = [harbor.book(0, arrival=2 + n % 30, departure=3 + n % 30) for n in range(120)]
    harbor.sync(full=True)
    there = {one for one in bookings if harbor.doors(one)}
    assert len(there) > 40
    harbor.house.faults.unsuccessful_pages = frozenset({page})
    with harbor.no_writes():
        assert harbor.full().exit != 0
        harbor.tick()
    harbor.house.faults.unsuccessful_pages = frozenset()
    with harbor.no_writes():
        harbor.full()


@each_value(
    # Each with the operation by which it asks.
    harbor=[False, True],
    operation=["getReservation", "getReservationsWithRateDetails", "getReservations", "getRooms", "getHotelDetails"],
    indirect=["harbor"],
)
def test_whatever_operation_fails_revokes_nobody(harbor: Harbor, operation: str) -> None:
    booking, other = harbor.book(0, 1), harbor.book(2)
    harbor.sync()
    # It is not in the list any more, so it is asked for.
    harbor.house.faults.lose_rows = 1.0
    harbor.house.faults.unsuccessful_operations = frozenset({operation})
    harbor.tick()
    harbor.full()
    assert [harbor.doors(one) for one in (booking, f"{booking}-1", other)] == [["201"], ["202"], ["203"]]


def test_a_no_show_loses_access_and_has_it_again_when_reinstated(harbor: Harbor) -> None:
    booking = harbor.book(0, 1, arrival=0)
    harbor.sync()
    harbor.house.mark_no_show(booking)
    harbor.tick()
    assert (harbor.doors(booking), harbor.doors(f"{booking}-1")) == ([], [])
    harbor.house.reinstate(booking)
    harbor.tick()
    harbor.clock.pass_(minutes=5)
    harbor.seam.tick()
    harbor.tick()
    for part in (booking, f"{booking}-1"):
        assert [harbor.doors(key) for key in (part, f"{part}.2") if harbor.doors(key)] != []


@EITHER_WAY
@pytest.mark.parametrize("what", ["cancel", "delete", "purge"])
def test_a_reservation_that_is_no_more_opens_nothing(harbor: Harbor, what: str) -> None:
    booking, other = harbor.book(0, 1), harbor.book(2)
    harbor.sync()
    getattr(harbor.house, what)(booking)
    harbor.tick()
    harbor.full()
    assert [harbor.doors(one) for one in (booking, f"{booking}-1", other)] == [[], [], ["203"]]


def test_a_change_that_does_not_move_the_modified_time_is_found_by_the_full_read(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.sync()
    harbor.clock.pass_(days=1)
    harbor.tick()
    with harbor.house.unnoticed():
        harbor.house.change_dates(booking, departure=on(7))
    with harbor.no_writes():
        harbor.tick()
    harbor.full()
    assert harbor.times(booking)[1] == "2026-09-25T15:00:00.000Z"


def test_what_changed_is_found_though_the_house_is_hours_behind(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.sync()
    harbor.clock.pass_(hours=1)
    harbor.house.change_dates(booking, departure=on(6))
    harbor.tick()
    assert harbor.times(booking)[1] == "2026-09-24T15:00:00.000Z"


def test_a_lost_database_is_made_up_for_without_a_write(harbor: Harbor) -> None:
    harbor.book(0, 1)
    booking = harbor.book(2)
    harbor.house.split(booking, on(4), harbor.rooms[3])
    harbor.sync()
    harbor.lose_the_database()
    with harbor.no_writes():
        harbor.sync()
        harbor.tick()


def test_a_stay_across_the_change_of_the_clocks_keeps_the_houses_hours(tmp_path: Path) -> None:
    harbor = Harbor(tmp_path)
    harbor.clock.time = datetime(2026, 10, 30, 12, tzinfo=UTC)
    guest = harbor.house.add_guest()
    booking = harbor.house.book(guest, date(2026, 10, 31), date(2026, 11, 2), [harbor.rooms[0]])
    harbor.sync()
    assert harbor.times(booking) == ("2026-10-31T19:00:00.000Z", "2026-11-02T16:00:00.000Z")
    harbor.store.close()


def test_a_virtual_room_opens_those_it_consists_of_and_a_bed_only_itself(harbor: Harbor) -> None:
    suite = harbor.house.add_room("Suite", "Suite", consists_of=harbor.rooms[:2])
    beds = [harbor.house.add_room(f"Bed {n}", "Dorm", dorm="Cabin") for n in (1, 2)]
    guest = harbor.house.add_guest()
    whole, bed, part = (harbor.house.book(guest, on(2), on(3), [room]) for room in (suite, beds[0], harbor.rooms[0]))
    harbor.sync()
    assert harbor.doors(whole) == ["201", "202", "Suite"]
    assert harbor.doors(bed) == ["Cabin Bed 1"]
    assert harbor.doors(part) == ["201"]


def test_a_virtual_room_without_a_lock_opens_as_long_as_one_of_its_rooms_has_one(harbor: Harbor) -> None:
    suite = harbor.house.add_room("Suite", "Suite", consists_of=harbor.rooms[:2])
    whole = harbor.house.book(harbor.house.add_guest(), on(2), on(3), [suite])
    harbor.sync()
    stays = Stays(harbor.store)
    found = stays.get(harbor.name, whole)
    assert found is not None
    assert found.access == "broken"
    assert "has no lock in Seam" in found.reason
    harbor.seam.add_device("201", harbor.rooms[0])
    harbor.sync(full=True)
    found = stays.get(harbor.name, whole)
    assert found is not None
    assert (found.access, found.reason) == ("granted", "")


def test_a_room_of_a_virtual_one_that_is_not_listed_any_more_stays_open_to_whoever_has_it(harbor: Harbor) -> None:
    suite = harbor.house.add_room("Suite", "Suite", consists_of=harbor.rooms[:2])
    whole = harbor.house.book(harbor.house.add_guest(), on(2), on(3), [suite])
    harbor.sync()
    assert harbor.doors(whole) == ["201", "202", "Suite"]
    lost = harbor.house.rooms.pop(harbor.rooms[1])
    for _ in range(2):
        harbor.clock.pass_(minutes=10)
        report = harbor.sync(full=True)
        assert harbor.doors(whole) == ["201", "202", "Suite"]
        assert any("does not list room" in item.reason and item.outcome == "alert" for item in report.items)
    harbor.house.rooms[harbor.rooms[1]] = lost
    harbor.sync(full=True)
    assert harbor.doors(whole) == ["201", "202", "Suite"]


def test_everyone_in_a_room_has_access_where_the_policy_says_so_and_to_no_other_room(tmp_path: Path) -> None:
    harbor = Harbor(tmp_path, Policy(guests="everyone"))
    booking = harbor.book(0, 1)
    ben = harbor.house.add_guest("Ben", "Second")
    harbor.house.put_guest(f"{booking}-1", ben)
    harbor.sync()
    assert harbor.doors(f"{booking}-1:{ben}") == ["202"]
    assert harbor.doors(f"{booking}:{ben}") == []
    harbor.house.take_guest(f"{booking}-1", ben)
    harbor.tick()
    assert harbor.doors(f"{booking}-1:{ben}") == []
    harbor.store.close()


def test_a_guest_who_is_made_anonymous_keeps_access_and_loses_contacts(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.sync()
    (guest,) = harbor.house.guests
    harbor.house.anonymise(guest)
    harbor.tick()
    identity = harbor.seam.identity_by_key(guest)
    assert identity is not None
    assert identity["email_address"] is None
    assert harbor.doors(booking) == ["201"]


def test_a_record_that_cannot_be_read_takes_nothing_away(harbor: Harbor) -> None:
    booking, other = harbor.book(0, 1), harbor.book(2)
    harbor.sync()
    for names in (("roomCheckIn",), ("subReservationID",), ("status",), ("rooms",), ("guestList", "roomStatus")):
        harbor.house.reservations[booking].lacks.clear()
        harbor.house.leave_out(booking, *names)
        harbor.tick()
        harbor.full()
        assert [harbor.doors(one) for one in (booking, f"{booking}-1", other)] == [["201"], ["202"], ["203"]], names


def test_ten_changes_of_many_cost_few_calls(harbor: Harbor) -> None:
    bookings = [harbor.book(n % 4, arrival=2 + n // 4, departure=3 + n // 4) for n in range(40)]
    harbor.sync()
    harbor.clock.pass_(days=2)
    for booking in bookings[:10]:
        harbor.house.change_dates(booking, departure=on(30))
    before = harbor.house.calls.total()
    harbor.tick()
    assert harbor.house.calls.total() - before <= 10


def test_it_never_asks_more_than_the_house_allows(harbor: Harbor) -> None:
    for n in range(30):
        harbor.house.book(harbor.house.add_guest(), on(n), on(n + 1), [harbor.rooms[n % 4]])
    harbor.house.edit_guest("163000001", into="163000002")
    answers = []
    handle = harbor.house.handle
    harbor.house.handle = lambda *request: answers.append(handle(*request)) or answers[-1]  # type: ignore
    harbor.sync()
    harbor.connector.reader().read_guests(harbor.connector.reader().read_properties()[0], list(harbor.house.guests))
    assert len(answers) > 30
    assert {answer.status for answer in answers} == {200}


# --- webhooks ---------------------------------------------------------------------------------------------------------


class HarborNight(Harbor):
    """A house of which Night Porter hears by webhooks alone."""

    name = "alpen"
    _assemble, site, _post, settle, do = Night._assemble, Night.site, Night._post, Night.settle, Night.do
    _step, _fleet = Night._step, Night._fleet
    own_turns = Night.own_turns
    due_jobs, fire, minute, look_at_alerts = Night.due_jobs, Night.fire, Night.minute, Night.look_at_alerts
    _has_to_retry = Night._has_to_retry

    def __init__(self, path: Path, policy: Policy | None = None):
        super().__init__(path, policy)
        self.timetable = Timetable()
        self.told = Told()
        self.deliver = True
        self.sender = self.house.sender = WebhookSender(self._post, background=False)
        self._assemble()
        self.url = f"http://night.example/webhooks/alpen?token={HOOK}"


@pytest.mark.parametrize("sends_forms", [False, True], ids=["JSON", "forms"])
def test_what_happens_at_the_desk_reaches_the_doors_by_webhooks_alone(tmp_path: Path, sends_forms: bool) -> None:
    harbor = HarborNight(tmp_path)
    harbor.house.sends_forms = sends_forms
    harbor.house.offers_lists_by_id = not sends_forms
    booking, other = harbor.book(0, 1), harbor.book(None, 3)
    harbor.do("full")
    harbor.connector.webhooks.subscribe(harbor.url)
    harbor.house.change_dates(booking, departure=on(6))
    harbor.house.remove_room(f"{booking}-1")
    harbor.house.delete(other)
    new = harbor.book(2, 3)
    (guest, *_) = harbor.house.guests
    harbor.house.edit_guest(guest, last="Renamed")
    harbor.settle()
    assert harbor.times(booking)[1] == "2026-09-24T15:00:00.000Z"
    doors = [harbor.doors(one) for one in (booking, f"{booking}-1", f"{other}-1", new, f"{new}-1")]
    assert doors == [["201"], [], [], ["203"], ["204"]]
    identity = harbor.seam.identity_by_key(guest)
    assert identity is not None
    assert identity["full_name"] == "Ana Renamed"
    assert {one.outcome for one in harbor.inbox.page(source="pms")} == {"done"}
    harbor.connector.webhooks.unsubscribe(harbor.url)
    harbor.house.cancel(booking)
    harbor.settle()
    assert harbor.doors(booking) == ["201"]
    harbor.store.close()


def test_seam_sends_no_forms_and_a_form_without_the_token_is_refused(tmp_path: Path) -> None:
    harbor = HarborNight(tmp_path)
    client = harbor.site.test_client()
    assert client.post("/webhooks/seam", data={"event_type": "x"}).status_code == 415
    form = {"event": "reservation/created", "reservationID": "8176"}
    assert client.post("/webhooks/alpen?token=wrong", data=form).status_code == 401
    assert client.post(f"/webhooks/alpen?token={HOOK}", data=form).status_code == 204
    harbor.store.close()
