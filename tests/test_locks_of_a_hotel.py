"""A hotel of 300 rooms whose locks go flat, go offline, are removed, are shared, lose their account: each is known
within one interval, with its guests, for a dozen calls to Seam."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.lock_health import ASK_AGAIN
from schedules.door_checks import PINS_AT_MOST
from store.lock_health import LockHealth, LockHealthBook
from tests.every_day import first_of
from tests.night import Night
from tests.test_lock_health import asked, codes, looked

AT_MOST = 12


@dataclass
class Hotel:
    """By maker the ids of the locks, in the order of the rooms."""

    night: Night
    locks: dict[str, list[str]]
    accounts: dict[str, str]
    bookings: list[str]

    @property
    def all(self) -> list[str]:
        return [one for locks in self.locks.values() for one in locks]

    def guest_of(self, lock: str) -> str:
        return self.bookings[self.all.index(lock)]


def hotel_of(path: Path, rooms: int, guests: bool = True) -> Hotel:
    """A third of its rooms have Salto locks (entrances, of which Seam sends no events), two thirds locks of Yale and of
    TTLock; in every room somebody arrives in an hour."""
    night = Night(path)
    night.rooms += [
        night.hotel.add_room(night.property, str(number), night.double) for number in range(104, 101 + rooms)
    ]
    hotel = Hotel(night, {}, {}, [])
    for place, maker in enumerate(("salto_ks", "yale", "ttlock")):
        hotel.accounts[maker] = night.seam.add_account(night.property, maker)
        add = night.seam.add_entrance if maker == "salto_ks" else night.seam.add_device
        mine = night.rooms[place * rooms // 3 : (place + 1) * rooms // 3]
        hotel.locks[maker] = [
            add(f"{maker} {number}", room, customer_key=night.property) for number, room in enumerate(mine)
        ]
    if guests:
        arrive(hotel)
    return hotel


def arrive(hotel: Hotel) -> None:
    night = hotel.night
    arrival, departure = night.clock.now() + timedelta(hours=1), night.clock.now() + timedelta(days=2)
    hotel.bookings = [night.book(room, arrival=arrival, departure=departure) for room in range(len(night.rooms))]
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    night.do("arrival_check")


def looks(night: Night, since: int) -> list[list[str]]:
    """What was asked of Seam, look by look: each begins with the list of the Spaces."""
    found: list[list[str]] = []
    for _, path, *_ in night.seam.requests[since:]:
        if path == "/spaces/list" or not found:
            found.append([])
        found[-1].append(path)
    return found


def look_once(hotel: Hotel) -> dict[str, LockHealth]:
    """One interval later, by the lock's id; nothing costs more than it may."""
    night = hotel.night
    before = len(night.seam.requests)
    looked(night)
    mine = looks(night, before)
    assert mine
    assert max(map(len, mine)) <= AT_MOST, mine
    return {one.door_id: one for one in LockHealthBook(night.store, "alpen").of(night.property)}


def told(hotel: Hotel, state: str) -> dict[str, dict[str, Any]]:
    """Of all pages, by the lock's id."""
    found: dict[str, dict[str, Any]] = {}
    page = 0
    while page == 0 or len(found) == page * 100:
        page += 1
        of_page = asked(hotel.night, f"/api/locks/health?state={state}&page_size=100&page={page}")
        found |= {one["door_id"]: one for one in of_page}
    return found


@first_of(1, "events", [True, False], ids=["with events", "without events"])
@pytest.mark.parametrize("rooms", [30, pytest.param(300, marks=pytest.mark.slow)])
def test_whatever_happens_to_the_locks_of_a_hotel_is_known_within_one_interval_with_its_guests(
    tmp_path: Path, rooms: int, events: bool
) -> None:
    hotel = hotel_of(tmp_path, rooms, guests=False)
    night, seam = hotel.night, hotel.night.seam
    salto, yale, ttlock = hotel.locks["salto_ks"], hotel.locks["yale"], hotel.locks["ttlock"]
    few = max(1, rooms // 60)
    flat, offline, removed = yale[: 4 * few], yale[4 * few : 5 * few] + salto[: 2 * few], yale[-3:]
    night.do("full")
    level = 0.62
    for _ in range(7):
        for lock in flat:
            seam.drain(lock, level)
        night.do("lock_health")
        night.clock.pass_(days=1)
        level -= 0.05
    arrive(hotel)
    look_once(hotel)
    assert {codes(one)[0] for one in look_once(hotel).values() if one.state == "warning"} == {"battery_flat_soon"}
    if events:
        night.listen()

    for lock in offline:
        seam.unplug(lock)
    for lock in removed[1:]:
        seam.remove_door(lock)
    # And one that Seam lists no more.
    seam.alter(seam.devices.pop(removed[0])["space_ids"][0], device_count=0)
    seam.add_trouble(ttlock[0], warning="third_party_integration_detected")
    shared = ttlock[:1]
    if events:
        seam.set_by_others(ttlock[1], "90909")
        shared.append(ttlock[1])
    now = look_once(hotel)

    assert {one for one, lock in now.items() if "battery_flat_soon" in codes(lock)} == set(flat)
    assert {one for one, lock in now.items() if lock.online is False and lock.state == "broken"} == set(offline)
    assert {one for one, lock in now.items() if codes(lock) in (["removed"], ["device_removed"])} == set(removed)
    others = {"third_party_integration_detected", "pins_of_others"}
    assert {one for one, lock in now.items() if others & set(codes(lock))} == set(shared)
    on_the_page = told(hotel, "broken") | told(hotel, "warning")
    assert set(on_the_page) == {*flat, *offline, *removed, *shared}
    for lock, one in on_the_page.items():
        assert [guest["booking"] for guest in one["guests"]] == [hotel.guest_of(lock)]
    assert set(told(hotel, "good")) == set(hotel.all) - set(on_the_page)
    for lock in (*offline, *removed, ttlock[0]):
        found = asked(night, f"/api/bookings/alpen/{hotel.guest_of(lock)}")
        assert (found["verdict"] == "opens") is False, (lock, found["sentence"])
    listed = {one["stay"]["booking_id"]: one for one in asked(night, "/api/now")["properties"][0]["today"]}
    assert {one for one, stay in listed.items() if stay["verdict"] != "opens"} == {
        hotel.guest_of(lock) for lock in (*offline, *removed, ttlock[0])
    }

    seam.disconnect_account(night.property, hotel.accounts["ttlock"])
    broken = {one for one, lock in look_once(hotel).items() if "account_disconnected" in codes(lock)}
    assert broken == set(ttlock)
    assert set(told(hotel, "broken")) == {*offline, *removed, *ttlock}
    seam.reconnect_account(night.property)
    assert {one for one, lock in look_once(hotel).items() if "account_disconnected" in codes(lock)} == set()
    listed = {one["stay"]["booking_id"]: one for one in asked(night, "/api/now")["properties"][0]["today"]}
    assert {one for one, stay in listed.items() if stay["verdict"] != "opens"} == {
        hotel.guest_of(lock) for lock in (*offline, *removed, ttlock[0])
    }


def test_guests_at_locks_without_events_are_asked_for_with_every_look_before_they_arrive(tmp_path: Path) -> None:
    hotel = hotel_of(tmp_path, 6)
    night = hotel.night
    night.hotel.move_dates(hotel.bookings[1], arrival=night.clock.now() + timedelta(hours=5))
    night.do("full")
    look_once(hotel)
    before = len(night.seam.requests)
    look_once(hotel)
    (asked_for,) = [call for call in night.seam.requests[before:] if call[1] == "/access_grants/list"]
    ids = {night.seam.grant_by_key(one)["access_grant_id"]: one for one in hotel.bookings}  # type: ignore[index]
    assert [ids[one] for one in asked_for[2]["access_grant_ids"]] == [hotel.bookings[0]]
    # What Seam has no event of is told before she stands at the door.
    night.seam.alter(night.seam.grant_by_key(hotel.bookings[0])["access_method_ids"][0], is_issued=False)  # type: ignore[index]
    look_once(hotel)
    listed = {one["stay"]["booking_id"]: one for one in asked(night, "/api/now")["properties"][0]["today"]}
    assert listed[hotel.bookings[0]]["verdict"] == "unsure"


def test_more_guests_than_one_look_can_ask_for_are_asked_for_with_the_next_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules.door_checks.MANY_GRANTS", 3)
    hotel = hotel_of(tmp_path, 9)
    night = hotel.night
    for _ in range(3):
        look_once(hotel)
    night.seam.disconnect_account(night.property)

    def unsure() -> int:
        look_once(hotel)
        return sum(one["verdict"] != "opens" for one in asked(night, "/api/now")["properties"][0]["today"])

    assert [unsure() for _ in range(4)] == [3, 6, 9, 9]


# --- PINs of others ---------------------------------------------------------------------------------------------------


def questions(night: Night) -> list[str]:
    return [str(call[2]["device_id"]) for call in night.seam.requests if call[1] == "/access_codes/unmanaged/list"]


def test_pins_of_others_are_found_on_every_lock_by_a_few_questions_with_each_look(tmp_path: Path) -> None:
    hotel = hotel_of(tmp_path, 15)
    night = hotel.night
    able = hotel.locks["yale"] + hotel.locks["ttlock"]
    night.seam.set_by_others(able[-1], "818181", "Cleaner Maria")
    for _ in range(4):
        found = look_once(hotel)[able[-1]]
    assert (found.other_pins, found.state, codes(found)) == (1, "warning", ["pins_of_others"])
    assert "1 PIN on it is not set by Seam" in found.causes[0].sentence
    assert sorted(questions(night)) == sorted(able), "each once, and no entrance"
    look_once(hotel)
    assert len(questions(night)) == len(able)
    night.clock.pass_(seconds=ASK_AGAIN.total_seconds())
    night.do("full")
    look_once(hotel)
    assert len(able) < len(questions(night)) <= len(able) + PINS_AT_MOST
    page = night.client("viewer").get("/locks/health").get_data(as_text=True)
    assert "1 PIN on it is not set by Seam" in page
    assert "818181" not in page
    assert "Maria" not in page
    night.clock.pass_(days=8)
    night.do("full")
    found = look_once(hotel)[able[-1]]
    assert (found.state, codes(found)) == ("good", ["pins_of_others"]), "what has been there for a week is a remark"


def test_a_pin_that_somebody_sets_at_a_lock_is_known_with_the_next_look_and_so_is_its_end(
    tmp_path: Path,
) -> None:
    hotel = hotel_of(tmp_path, 9)
    night, lock = hotel.night, hotel.locks["yale"][0]
    for _ in range(3):
        look_once(hotel)
    night.listen()
    code = night.seam.set_by_others(lock, "818181")
    assert look_once(hotel)[lock].other_pins == 1
    night.seam.remove_by_others(code)
    assert (look_once(hotel)[lock].other_pins, codes(look_once(hotel)[lock])) == (0, [])
    verdicts = {one["verdict"] for one in asked(night, "/api/now")["properties"][0]["today"]}
    assert verdicts == {"opens"}, "whoever else gets in, her PIN works"


def test_locks_of_the_nights_arrivals_are_asked_for_pins_of_others_before_all_others(tmp_path: Path) -> None:
    hotel = hotel_of(tmp_path, 30, guests=False)
    night = hotel.night
    night.do("full")
    last = hotel.locks["ttlock"][-1]
    night.book(len(night.rooms) - 1, arrival=night.clock.now() + timedelta(hours=5))
    night.book(11, arrival=night.clock.now() + timedelta(days=3))
    night.do("incremental")
    look_once(hotel)
    assert questions(night)[0] == last
    assert 1 < len(questions(night)) <= PINS_AT_MOST


def test_a_pin_of_others_that_a_new_database_hears_of_is_asked_for_before_all_others(tmp_path: Path) -> None:
    """Of a PIN that was there before, Seam's events tell: one call for the whole house."""
    hotel = hotel_of(tmp_path, 30)
    night, locks = hotel.night, hotel.locks["ttlock"][-6:]
    for number, lock in enumerate(locks):
        night.seam.set_by_others(lock, f"81818{number}")
    night.clock.pass_(hours=30)
    night.do("full")
    look_once(hotel)
    assert set(questions(night)) < set(locks)
    night.clock.pass_(hours=1)
    look_once(hotel)
    night.clock.pass_(minutes=10)
    found = look_once(hotel)
    assert [found[one].other_pins for one in locks] == [1] * 6


def test_pins_of_others_that_seam_deletes_or_changes_are_a_warning_for_a_day(tmp_path: Path) -> None:
    hotel = hotel_of(tmp_path, 6)
    night, lock = hotel.night, hotel.locks["yale"][0]
    look_once(hotel)
    night.listen()
    account = night.seam.devices[lock]["connected_account_id"]
    night.seam.tell("access_code.deleted_external_to_seam", device_id=lock, connected_account_id=account)
    found = look_once(hotel)[lock]
    assert (found.state, codes(found)) == ("warning", ["access_code.deleted_external_to_seam"])
    night.clock.pass_(hours=25)
    night.do("full")
    assert codes(look_once(hotel)[lock]) == []
