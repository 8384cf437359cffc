"""Timelines in which a PIN is easily left with, or given to, the wrong person; asked of the doors, never of keys.

P is who was there first, Q, A and B are others. "Opens" means: with any PIN that she was ever told.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import LEASE, Policy
from store.history import History
from store.stays import Stays
from tests.doors.apaleo import ApaleoHouse
from tests.doors.buildium import ZONE, CourtHouse
from tests.doors.cloudbeds import HarborHouse
from tests.doors.mews import MewsHouse
from tests.doors.week import FULL, INCREMENTAL, MINUTE, PATIENCE, House
from tests.every_day import each_value, first_of

INTERVAL = int(PATIENCE / MINUTE)
"""Minutes within which a change reaches the doors."""


class Stay:
    """One stay of one person, in any of the houses of nights: what a timeline needs to say about it."""

    def __init__(self, house: House, room: int | None = 0, first: int = 0, nights: int = 3, others: int = 0):
        """`first`: the day of the arrival, counted from today; at 15:00, or now where that is over."""
        self.house = house
        day = house.today() + timedelta(days=first)
        self.room = None if room is None else house.rooms[room]
        arrival, departure = house.at(day, 15), house.at(day + timedelta(days=nights), 11)
        if first == 0:
            arrival = min(arrival, house.clock.now())
        if isinstance(house, MewsHouse):
            profile = house.profile()
            self.person = house.of_profile(profile)
            self.id = house.hotel.book(profile, house.double, arrival, departure, self.room)
        elif isinstance(house, ApaleoHouse):
            guest, rest = house.guest(), [house.guest() for _ in range(others)]
            self.id = house.hotel.book(house.double, arrival, departure, self.room, guest=guest, others=rest)
            self.person = house.on(house.hotel.reservations[self.id])[0]
        else:
            assert isinstance(house, HarborHouse)
            profile = house.profile()
            self.person = house.of_profile(profile)
            self.id = house.inn.book(profile, day, day + timedelta(days=nights), [self.room])
        house.changed()

    def swap(self) -> str:
        """Somebody else comes instead; returns who."""
        house = self.house
        if isinstance(house, MewsHouse):
            profile = house.profile()
            house.hotel.change_owner(self.id, profile)
            person = house.of_profile(profile)
        elif isinstance(house, ApaleoHouse):
            house.hotel.change(self.id, primaryGuest=house.guest())
            person = house.on(house.hotel.reservations[self.id])[0]
        else:
            assert isinstance(house, HarborHouse)
            profile = house.profile()
            found, line = house.inn._of(self.id)
            line.guests[0] = profile
            house.inn._changed(found, "guest/assigned", guestId=int(profile))
            person = house.of_profile(profile)
        house.changed()
        return person

    def leave(self) -> None:
        house = self.house
        if isinstance(house, MewsHouse):
            house.hotel.check_in(self.id)
            house.hotel.check_out(self.id)
        elif isinstance(house, ApaleoHouse):
            house.hotel.check_out(self.id)
        else:
            assert isinstance(house, HarborHouse)
            house.inn.check_in(self.id)
            house.inn.check_out(self.id)
        house.changed()


HOTELS: list[Callable[[Path], House]] = [MewsHouse, ApaleoHouse, HarborHouse]


def afternoon(house: House) -> House:
    """The guests of today are in: it is four o'clock."""
    house.clock.time = house.at(house.today(), 16)
    return house


@pytest.fixture(params=HOTELS, ids=["mews", "apaleo", "cloudbeds"])
def hotel(request: pytest.FixtureRequest, tmp_path: Path) -> House:
    return afternoon(request.param(tmp_path))


@pytest.fixture
def mews(tmp_path: Path) -> MewsHouse:
    return MewsHouse(tmp_path)


@pytest.fixture
def apaleo(tmp_path: Path) -> ApaleoHouse:
    house = ApaleoHouse(tmp_path)
    afternoon(house)
    return house


def all_is_right(house: House) -> None:
    assert house.watch.verdict.is_good(), str(house.watch.verdict)


# --- another person ---------------------------------------------------------------------------------------------------


@first_of(1, "hotel", [ApaleoHouse, MewsHouse, HarborHouse], indirect=True)
def test_who_is_put_on_a_booking_gets_a_pin_of_her_own_and_the_former_guests_opens_nothing(hotel: House) -> None:
    stay = Stay(hotel, first=5)
    hotel.begin()
    assert len(pin := hotel.pins(stay.person)) == 1
    successor = stay.swap()
    hotel.pass_(minutes=INTERVAL)
    assert not hotel.pins(successor) & pin
    hotel.leap(hotel.at(hotel.today() + timedelta(days=5), 16))
    assert hotel.opens() == {(successor, stay.room)}
    all_is_right(hotel)


@first_of(1, "hotel", [HarborHouse, MewsHouse, ApaleoHouse], indirect=True)
def test_who_is_put_on_a_booking_while_the_guest_is_in_the_house_takes_the_room_over(hotel: House) -> None:
    stay = Stay(hotel)
    hotel.begin()
    hotel.minute()
    assert hotel.opens() == {(stay.person, stay.room)}
    successor = stay.swap()
    hotel.pass_(minutes=INTERVAL)
    assert hotel.opens() == {(successor, stay.room)}
    all_is_right(hotel)


@first_of(1, "guests", ["primary", "everyone"])
def test_who_follows_a_companion_with_the_key_gets_a_new_pin(tmp_path: Path, guests: str) -> None:
    house = MewsHouse(tmp_path, Policy(guests=guests))
    afternoon(house)
    one, other = house.profile(), house.profile()
    times = house.clock.now(), house.at(house.today() + timedelta(days=3), 11)
    booking = house.hotel.book(house.hotel.add_company(), house.double, *times, house.rooms[0], companions=[one, other])
    a, b = house.of_profile(one), house.of_profile(other)
    house.begin()
    house.minute()
    pins = house.pins(b)
    assert house.opens() == {(a, house.rooms[0])} | ({(b, house.rooms[0])} if guests == "everyone" else set())
    house.hotel.remove_companion(booking, one)
    house.changed()
    for person in (a, b):
        house.watch.excuse(person, house.clock.now() + FULL + INTERVAL * MINUTE)
    house.pass_(minutes=FULL / MINUTE + INTERVAL)
    assert house.opens() == {(b, house.rooms[0])}
    assert not pins or house.pins(b) == pins, "who was there keeps her own"
    all_is_right(house)


@first_of(1, "gone", [0, 1])
def test_who_is_taken_off_loses_her_pin_and_those_behind_her_keep_theirs(tmp_path: Path, gone: int) -> None:
    house = ApaleoHouse(tmp_path, Policy(guests="everyone"))
    afternoon(house)
    stay = Stay(house, others=3)
    reservation = house.hotel.reservations[stay.id]
    people = house.on(reservation)
    house.begin()
    house.minute()
    pins = {person: house.pins(person) for person in people}
    others = list(reservation["additionalGuests"])
    del others[gone]
    house.hotel.change(stay.id, additionalGuests=others)
    house.changed()
    house.pass_(minutes=INTERVAL)
    left = [person for person in people if person != people[1 + gone]]
    assert house.opens() == {(person, stay.room) for person in left}
    assert {person: house.pins(person) for person in left} == {person: pins[person] for person in left}
    all_is_right(house)


def test_people_without_ids_who_are_told_in_another_order_keep_their_pins(tmp_path: Path) -> None:
    house = ApaleoHouse(tmp_path, Policy(guests="everyone"))
    afternoon(house)
    stay = Stay(house, others=2)
    reservation = house.hotel.reservations[stay.id]
    house.begin()
    pins = {person: house.pins(person) for person in house.on(reservation)}
    one, *rest = [reservation["primaryGuest"], *reservation["additionalGuests"]][::-1]
    house.hotel.change(stay.id, primaryGuest=one, additionalGuests=rest)
    house.changed()
    house.pass_(minutes=INTERVAL)
    assert {person: house.pins(person) for person in pins} == pins
    house.lose_the_database()
    house.restart()
    house.pass_(minutes=INTERVAL)
    assert {person: house.pins(person) for person in pins} == pins
    all_is_right(house)


# --- another room -----------------------------------------------------------------------------------------------------


@each_value(every_day=2, seconds=[0, 1, 15], ranges_meet=[False, True])
def test_a_guest_who_is_moved_while_she_is_in_the_house_keeps_her_pin(
    tmp_path: Path, seconds: int, ranges_meet: bool
) -> None:
    apaleo = ApaleoHouse(tmp_path, ranges_meet=ranges_meet)
    apaleo.seam.delete_delay = timedelta(seconds=seconds)
    afternoon(apaleo)
    stay = Stay(apaleo, nights=4)
    apaleo.begin()
    pins = apaleo.pins(stay.person)
    apaleo.hotel.check_in(stay.id)
    apaleo.leap(apaleo.at(apaleo.today() + timedelta(days=1), 16))
    apaleo.hotel.assign(stay.id, apaleo.rooms[1], first=apaleo.today())
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.opens() == {(stay.person, apaleo.rooms[1])}
    assert apaleo.pins(stay.person) == pins
    all_is_right(apaleo)


@first_of(1, "lost", [True, False], ids=["database lost", ""])
def test_a_stay_in_two_rooms_has_one_pin(tmp_path: Path, lost: bool) -> None:
    houses: list[House] = [HarborHouse(_place(tmp_path, "a")), ApaleoHouse(_place(tmp_path, "b"))]
    for house in houses:
        stay = Stay(house, first=1, nights=4)
        day = house.today() + timedelta(days=3)
        if isinstance(house, HarborHouse):
            house.inn.split(stay.id, day, house.rooms[1])
        elif isinstance(house, ApaleoHouse):
            house.hotel.assign(stay.id, house.rooms[1], first=day)
        house.changed()
        house.begin()
        assert len(house.pins(stay.person)) == 1
        if lost:
            house.lose_the_database()
        house.leap(house.at(day - timedelta(days=1), 16))
        assert house.opens() == {(stay.person, house.rooms[0])}
        house.leap(house.at(day, 16))
        assert house.opens() == {(stay.person, house.rooms[1])}
        all_is_right(house)


def test_who_takes_over_a_stay_in_two_rooms_has_one_pin(tmp_path: Path) -> None:
    house = ApaleoHouse(tmp_path)
    stay = Stay(house, first=1, nights=4)
    house.hotel.assign(stay.id, house.rooms[1], first=house.today() + timedelta(days=3))
    house.begin()
    successor = stay.swap()
    house.pass_(minutes=INTERVAL)
    assert len(house.pins(successor)) == 1
    all_is_right(house)


@first_of(1, "nights", [0, 1])
def test_the_room_that_was_left_is_closed_although_it_is_out_of_use(apaleo: ApaleoHouse, nights: int) -> None:
    stay = Stay(apaleo, nights=4)
    apaleo.begin()
    apaleo.hotel.check_in(stay.id)
    apaleo.minute()
    apaleo.leap(apaleo.at(apaleo.today() + timedelta(days=nights), 18))
    apaleo.hotel.archive_unit(apaleo.rooms[0])
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    apaleo.hotel.assign(stay.id, apaleo.rooms[1], first=apaleo.today())
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.opens() == {(stay.person, apaleo.rooms[1])}
    all_is_right(apaleo)


def test_ranges_of_a_stay_are_told_apart_by_unit_and_times(apaleo: ApaleoHouse) -> None:
    stay = Stay(apaleo, room=None, first=0, nights=3)
    today = apaleo.today()
    a, b, c = apaleo.rooms[:3]
    apaleo.hotel.assign(stay.id, b, first=today + timedelta(days=1), last=today + timedelta(days=1))
    apaleo.hotel.assign(stay.id, c, first=today + timedelta(days=2))
    apaleo.changed()
    apaleo.begin()
    apaleo.hotel.archive_unit(b)
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    apaleo.hotel.assign(stay.id, a, first=today, last=today)
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.opens() == {(stay.person, a)}
    apaleo.leap(apaleo.at(today + timedelta(days=1), 16))
    assert apaleo.opens() <= {(stay.person, b)}
    apaleo.leap(apaleo.at(today + timedelta(days=2), 16))
    assert apaleo.opens() == {(stay.person, c)}
    all_is_right(apaleo)


@first_of(1, ("room", "retired"), [(0, "room"), (-1, "room"), (-1, "dorm")], ids=["room", "bed", "dorm"])
def test_whoever_is_replaced_in_a_room_out_of_use_keeps_nothing(mews: MewsHouse, room: int, retired: str) -> None:
    afternoon(mews)
    stay, sleeper = Stay(mews, room=room), Stay(mews, room=-2)
    mews.begin()
    mews.minute()
    mews.hotel.retire_room(mews.dorm if retired == "dorm" else mews.rooms[room])
    mews.changed()
    mews.pass_(minutes=INTERVAL)
    stay.swap()
    mews.pass_(minutes=INTERVAL)
    opens = mews.opens()
    assert stay.person not in {person for person, _ in opens}
    assert {(sleeper.person, mews.rooms[-2]), (sleeper.person, mews.dorm)} <= opens
    all_is_right(mews)


def test_a_dorm_out_of_use_stays_open_to_those_in_its_beds_and_opens_to_nobody_new_before_it_is_in_use_again(
    mews: MewsHouse,
) -> None:
    afternoon(mews)
    sleeper = Stay(mews, room=-1)
    mews.begin()
    mews.minute()
    mews.hotel.retire_room(mews.dorm)
    coming = Stay(mews, room=-2)
    mews.pass_(minutes=INTERVAL)
    hers = {(sleeper.person, sleeper.room), (sleeper.person, mews.dorm)}
    assert mews.opens() == hers
    mews.hotel._change(mews.hotel.resources, mews.dorm, IsActive=True)
    mews.changed()
    mews.pass_(minutes=INTERVAL)
    assert mews.opens() == hers | {(coming.person, coming.room), (coming.person, mews.dorm)}
    all_is_right(mews)


def test_who_sleeps_in_a_dorm_out_of_use_is_told_with_the_reason(mews: MewsHouse) -> None:
    Stay(mews, room=-1)
    mews.hotel.retire_room(mews.dorm)
    mews.begin()
    (told,) = [one.reason for one in Stays(mews.store).broken(mews.clock.now())]
    assert told == "no new access: room D1, in which bed D1-B stands, is out of use in the PMS (inactive)"


def test_whoever_comes_to_a_bed_of_an_override_lock_shuts_nobody_out_of_the_dorm(tmp_path: Path) -> None:
    house = MewsHouse(tmp_path, override=True)
    afternoon(house)
    there, coming = Stay(house, room=-1), Stay(house, room=-2)
    house.begin()
    house.hotel.check_in(there.id)
    house.changed()
    house.pass_(minutes=INTERVAL)
    house.hotel.check_in(coming.id)
    house.changed()
    house.pass_(minutes=INTERVAL)
    both = {(one.person, door) for one in (there, coming) for door in (one.room, house.dorm)}
    assert house.opens() == both
    all_is_right(house)


@pytest.mark.slow
def test_a_stay_in_a_room_out_of_use_still_follows_its_times(mews: MewsHouse) -> None:
    afternoon(mews)
    stay = Stay(mews, nights=4)
    mews.begin()
    mews.minute()
    mews.hotel.retire_room(mews.rooms[0])
    mews.hotel.move_dates(stay.id, departure=mews.clock.now() + timedelta(hours=2))
    mews.changed()
    mews.pass_(hours=2, minutes=INTERVAL)
    assert mews.opens() == set()
    all_is_right(mews)


# --- whatever else is wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hotel", [HOTELS[0], *(pytest.param(one, marks=pytest.mark.slow) for one in HOTELS[1:])], indirect=True
)
def test_after_seam_refused_to_write_everybody_is_where_she_should_be_within_an_interval(hotel: House) -> None:
    leaving, late = Stay(hotel, room=0), Stay(hotel, room=2)
    hotel.begin()
    hotel.minute()
    hotel.refuses_writes = True
    leaving.leave()
    arriving = Stay(hotel, room=1)
    hotel.pass_(minutes=40)
    hotel.refuses_writes = False
    hotel.pass_(minutes=INTERVAL)
    assert hotel.opens() == {(arriving.person, arriving.room), (late.person, late.room)}
    all_is_right(hotel)


@pytest.mark.slow
def test_after_seam_refused_to_write_leases_are_in_step_within_an_interval(tmp_path: Path) -> None:
    house = CourtHouse(tmp_path)
    leaving, coming = house.tenant(), house.tenant()
    lease = house.office.lease(house.units[0], [leaving], house.today() - timedelta(days=30))
    house.begin()
    house.minute()
    house.refuses_writes = True
    house.office.move_out(lease, leaving)
    house.office.lease(house.units[1], [coming], house.today())
    house.changed()
    house.pass_(minutes=40)
    house.refuses_writes = False
    house.pass_(minutes=INTERVAL)
    assert house.opens() == {(house.of_tenant(coming), house.rooms[1])}
    all_is_right(house)


@each_value(
    every_day=1,
    leaves=["today", "tomorrow", "tomorrow, and the office does the rest", "with the lease"],
    roommate=[True, False],
)
def test_who_has_moved_out_of_an_inactive_property_keeps_nothing(tmp_path: Path, leaves: str, roommate: bool) -> None:
    house = CourtHouse(tmp_path)
    house.office.moves_out_by_itself = leaves != "tomorrow, and the office does the rest"
    leaving, staying = house.tenant(), house.tenant()
    people = [leaving, staying] if roommate else [leaving]
    lease = house.office.lease(house.units[0], people, house.today() - timedelta(days=30))
    house.begin()
    house.minute()
    house.office.set_active(house.houses[0], False)
    house.changed()
    house.pass_(minutes=FULL / MINUTE)
    match leaves:
        case "today":
            house.office.move_out(lease, leaving)
        case "tomorrow" | "tomorrow, and the office does the rest":
            house.office.give_notice(lease, leaving, house.today() + timedelta(days=1))
        case _:
            house.office.end_lease(lease, house.today())
    house.changed()
    house.pass_(minutes=INTERVAL)
    if leaves.startswith("tomorrow"):
        house.leap(house.at(house.today() + timedelta(days=2), 0, 5))
        house.pass_(minutes=INTERVAL)
    stays = roommate and leaves != "with the lease"
    assert house.opens() <= ({(house.of_tenant(staying), house.rooms[0])} if stays else set())
    all_is_right(house)


@first_of(1, "word", ["cancel", "check_out", "no_show"])
def test_the_word_of_the_pms_ends_access_although_the_record_cannot_be_read(
    apaleo: ApaleoHouse, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = Stay(apaleo)
    apaleo.begin()
    apaleo.minute()
    real = apaleo.hotel._reservation

    def with_two_units(one: dict[str, Any], expand: set[str]) -> dict[str, Any]:
        found = real(one, expand)
        for assigned in found.get("assignedUnits", [])[:1]:
            other = apaleo.hotel._unit_part(apaleo.rooms[1])
            found["assignedUnits"].append({"unit": other, "timeRanges": assigned["timeRanges"]})
        return found

    monkeypatch.setattr(apaleo.hotel, "_reservation", with_two_units)
    apaleo.hotel.change(stay.id, isPreCheckedIn=True)
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.opens() == {(stay.person, stay.room)}, "what cannot be read takes nothing away"
    getattr(apaleo.hotel, word)(stay.id)
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.opens() == set()
    all_is_right(apaleo)


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.slow)])
@first_of(1, "with_the_answer", [False, True], ids=["before Seam acts", "after Seam has acted"])
def test_a_move_that_is_killed_at_any_call_keeps_the_pin(tmp_path: Path, with_the_answer: bool, every: int) -> None:
    """By locks that delete at once; the next process knows what the database and Seam know."""
    after, died = 0, True
    while died:
        house = MewsHouse(_place(tmp_path, f"{after}"))
        house.seam.delete_delay = timedelta(0)
        afternoon(house)
        stay = Stay(house)
        house.begin()
        house.pass_(minutes=INCREMENTAL / MINUTE)
        pins = house.pins(stay.person)
        house.hotel.assign(stay.id, house.rooms[1])
        house.changed()
        house.kill_after, house.kill_with_the_answer = after, with_the_answer
        house.pass_(minutes=INTERVAL)
        died, house.kill_after = house.kill_after is None, None
        house.pass_(minutes=INTERVAL)
        assert house.opens() == {(stay.person, house.rooms[1])}, after
        assert house.pins(stay.person) == pins, after
        all_is_right(house)
        house.store.close()
        after += every
    assert after > 5


@each_value(every_day=2, minutes=[-10, -9, -2, 2, 9], hotel=HOTELS, indirect=["hotel"])
def test_what_a_pms_with_another_clock_says_is_heard_by_the_next_incremental_run(hotel: House, minutes: int) -> None:
    hotel.pms.clock_skew = timedelta(minutes=minutes)
    staying, leaving = Stay(hotel, room=0), Stay(hotel, room=1)
    hotel.begin()
    # Not at an hour at which a full run would find it.
    hotel.pass_(minutes=2 * INCREMENTAL / MINUTE + 3)
    leaving.leave()
    hotel.pass_(minutes=INTERVAL)
    assert hotel.opens() == {(staying.person, staying.room)}
    all_is_right(hotel)


@each_value(
    every_day=1,
    names=[
        (("Guest", "12"), ("Guest", "13")),
        (("Jana", "Novak"), ("Hana", "Novak")),
        (("Mario", "Rossi"), ("Maria", "Rossi")),
    ],
    contact=[{"email": None}, {"email": "rooms@agency.example"}],
)
def test_who_is_called_nearly_like_the_guest_before_gets_a_pin_of_her_own(
    apaleo: ApaleoHouse, names: tuple[tuple[str, str], tuple[str, str]], contact: dict[str, str | None]
) -> None:
    before, after = names
    stay = Stay(apaleo)
    former, successor = " ".join(before), " ".join(after)
    for name in (former, successor):
        apaleo.who.call(name, name)
    apaleo.hotel.change(stay.id, primaryGuest={"firstName": before[0], "lastName": before[1]} | contact)
    apaleo.begin()
    apaleo.minute()
    assert len(pin := apaleo.pins(former)) == 1
    apaleo.hotel.change(stay.id, primaryGuest={"firstName": after[0], "lastName": after[1]} | contact)
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert not apaleo.pins(successor) & pin
    assert apaleo.opens() == {(successor, stay.room)}
    all_is_right(apaleo)


# --- what is right and stays right ------------------------------------------------------------------------------------


def test_a_corrected_spelling_keeps_the_pin(apaleo: ApaleoHouse) -> None:
    stay = Stay(apaleo)
    apaleo.begin()
    pins = apaleo.pins(stay.person)
    guest = dict(apaleo.hotel.reservations[stay.id]["primaryGuest"])
    guest["lastName"] += "e"
    apaleo.who.call(stay.person, f"{guest['firstName']} {guest['lastName']}")
    apaleo.hotel.change(stay.id, primaryGuest=guest)
    apaleo.changed()
    apaleo.pass_(minutes=INTERVAL)
    assert apaleo.pins(stay.person) == pins
    all_is_right(apaleo)


@first_of(1, "into_the_new", [True, False])
def test_a_merged_profile_keeps_the_pin(mews: MewsHouse, into_the_new: bool) -> None:
    afternoon(mews)
    stay = Stay(mews)
    mews.begin()
    mews.minute()
    pins = mews.pins(stay.person)
    own, new = mews.hotel.reservations[stay.id]["AccountId"], mews.profile()
    mews.who.merge(stay.person, mews.of_profile(new))
    mews.hotel.merge_customers(*((own, new) if into_the_new else (new, own)))
    mews.changed()
    mews.pass_(minutes=INTERVAL)
    assert mews.pins(stay.person) == pins
    all_is_right(mews)


def test_two_bookings_of_one_guest_back_to_back_keep_the_door_open(mews: MewsHouse) -> None:
    afternoon(mews)
    stay = Stay(mews, nights=1)
    booking = mews.hotel.reservations[stay.id]
    between = mews.at(mews.today() + timedelta(days=1), 11)
    mews.hotel.book(booking["AccountId"], mews.double, between, between + timedelta(days=1), stay.room)
    mews.begin()
    mews.leap(between - 2 * MINUTE)
    for _ in range(5):
        mews.minute()
        assert mews.opens() == {(stay.person, stay.room)}
    all_is_right(mews)


def test_a_lease_goes_on_with_the_same_pin_in_a_corrected_home(tmp_path: Path) -> None:
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    tenant = house.tenant()
    lease = house.office.lease(house.units[0], [tenant], house.today() - timedelta(days=30))
    house.begin()
    pins = house.pins(house.of_tenant(tenant))
    house.office.change_unit(lease, house.units[5])
    house.changed()
    house.pass_(minutes=INTERVAL)
    assert house.opens() == {(house.of_tenant(tenant), house.rooms[5])}
    assert house.pins(house.of_tenant(tenant)) == pins
    all_is_right(house)


@each_value(
    every_day=1, found_by=["webhooks", "changes", "full", "audit of the one that was left"], units=[(0, 5), (5, 0)]
)
def test_a_lease_that_is_corrected_into_another_property_keeps_the_pin(
    tmp_path: Path, units: tuple[int, int], found_by: str
) -> None:
    before, after = units
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    if found_by == "webhooks":
        house.listen()
    tenant, neighbours = house.tenant(), [house.tenant(), house.tenant()]
    lease = house.office.lease(house.units[before], [tenant], house.today() - timedelta(days=30))
    for unit, neighbour in zip((2, 6), neighbours, strict=True):
        house.office.lease(house.units[unit], [neighbour], house.today() - timedelta(days=30))
    house.begin()
    house.pass_(minutes=2 * INCREMENTAL / MINUTE + 3)
    pins = house.pins(house.of_tenant(tenant))
    house.office.change_unit(lease, house.units[after])
    house.changed()
    if found_by == "full":
        house.do("full")
    elif found_by == "audit of the one that was left":
        house.do("night_audit", str(house.houses[before // 4]))
        assert (house.of_tenant(tenant), house.rooms[before]) in house.opens()
    house.pass_(minutes=INTERVAL)
    assert (house.of_tenant(tenant), house.rooms[after]) in house.opens()
    assert (house.of_tenant(tenant), house.rooms[before]) not in house.opens()
    assert house.pins(house.of_tenant(tenant)) == pins
    all_is_right(house)


@each_value(every_day=1, first=["full", "night_audit"], units=[(0, 5), (5, 0)])
def test_who_is_taken_off_a_lease_that_goes_into_another_property_loses_the_door_whoever_finds_it(
    tmp_path: Path, units: tuple[int, int], first: str
) -> None:
    before, after = units
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    gone, stays, begins = house.tenant(), house.tenant(), house.today() - timedelta(days=30)
    lease = house.office.lease(house.units[before], [gone, stays], begins)
    for unit in (2, 6):
        house.office.lease(house.units[unit], [house.tenant()], begins)
    house.begin()
    house.pass_(minutes=INTERVAL)
    pins = house.pins(house.of_tenant(stays))
    rows = [row for row in house.office.leases[lease]["Tenants"] if row["Id"] != gone]
    house.office.edit_lease(lease, Tenants=rows)
    house.office.change_unit(lease, house.units[after])
    house.changed()
    house.do(first, "" if first == "full" else str(house.houses[after // 4]))
    house.pass_(minutes=3)
    assert house.of_tenant(gone) not in {person for person, _ in house.opens()}
    assert (house.of_tenant(stays), house.rooms[after]) in house.opens()
    assert house.pins(house.of_tenant(stays)) == pins
    all_is_right(house)


@pytest.mark.slow
@each_value(every_day=1, hears=[True, False], units=[(0, 5), (5, 0)])
def test_a_lease_that_goes_into_another_property_and_back_is_followed_each_time(
    tmp_path: Path, units: tuple[int, int], hears: bool
) -> None:
    before, after = units
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    if hears:
        house.listen()
    tenant, begins = house.tenant(), house.today() - timedelta(days=30)
    lease = house.office.lease(house.units[before], [tenant], begins)
    for unit in (2, 6):
        house.office.lease(house.units[unit], [house.tenant()], begins)
    house.begin()
    for unit in (after, before, after, before):
        house.pass_(minutes=INTERVAL)
        pins = house.pins(house.of_tenant(tenant))
        house.office.change_unit(lease, house.units[unit])
        house.changed()
        house.pass_(minutes=INTERVAL)
        assert {door for person, door in house.opens() if person == house.of_tenant(tenant)} == {house.rooms[unit]}
        assert house.pins(house.of_tenant(tenant)) == pins
    all_is_right(house)


@first_of(1, "hears", [True, False])
def test_leases_that_are_corrected_into_another_property_do_not_make_the_pms_look_ill(
    tmp_path: Path, hears: bool
) -> None:
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    if hears:
        house.listen()
    begins = house.today() - timedelta(days=30)
    leases = [house.office.lease(unit, [house.tenant()], begins) for unit in house.units[:4]]
    house.begin()
    house.pass_(minutes=2 * INCREMENTAL / MINUTE + 3)
    for lease, unit in zip(leases[:3], house.units[5:8], strict=True):
        house.office.change_unit(lease, unit)
    house.changed()
    house.pass_(minutes=INTERVAL)
    assert {door for _, door in house.opens()} == {house.rooms[3], *house.rooms[5:8]}
    assert {run.exit for run in History(house.store).runs()} == {0}
    all_is_right(house)


def _place(path: Path, name: str) -> Path:
    (path / name).mkdir()
    return path / name


@pytest.mark.slow
def test_who_was_taken_off_a_lease_that_is_deleted_before_anybody_heard_of_it_loses_access_with_the_next_full_run(
    tmp_path: Path,
) -> None:
    house = CourtHouse(tmp_path)
    gone, other, neighbour = house.tenant(), house.tenant(), house.tenant()
    lease = house.office.lease(house.units[0], [gone, other], house.today() - timedelta(days=30))
    for unit in (1, 2, 5):
        house.office.lease(house.units[unit], [neighbour], house.today() - timedelta(days=30))
    house.begin()
    house.minute()
    rows = [row for row in house.office.leases[lease]["Tenants"] if row["Id"] != gone]
    house.office.edit_lease(lease, Tenants=rows)
    house.office.delete_lease(lease)
    house.changed()
    for tenant in (gone, other):
        house.watch.excuse(house.of_tenant(tenant), house.clock.now() + FULL + 3 * MINUTE)
    house.pass_(minutes=FULL / MINUTE + INTERVAL)
    assert {person for person, _ in house.opens()} == {house.of_tenant(neighbour)}
    all_is_right(house)


def test_who_is_taken_off_a_lease_of_an_inactive_property_loses_access_and_the_others_keep_theirs(
    tmp_path: Path,
) -> None:
    house = CourtHouse(tmp_path)
    gone, other = house.tenant(), house.tenant()
    lease = house.office.lease(house.units[0], [gone, other], house.today() - timedelta(days=30))
    house.begin()
    house.minute()
    house.office.set_active(house.houses[0], False)
    house.changed()
    house.pass_(minutes=INTERVAL)
    rows = [row for row in house.office.leases[lease]["Tenants"] if row["Id"] != gone]
    house.office.edit_lease(lease, Tenants=rows)
    house.changed()
    house.pass_(minutes=INTERVAL)
    assert house.opens() == {(house.of_tenant(other), house.rooms[0])}
    all_is_right(house)


@pytest.mark.slow
@pytest.mark.parametrize(("before", "after"), [(0, 5), pytest.param(5, 0, marks=pytest.mark.slow)])
def test_what_a_property_that_was_left_says_of_a_lease_ends_no_access_in_the_one_that_has_it_now(
    tmp_path: Path, before: int, after: int
) -> None:
    """Of who had left before, the old property's grant is remembered; then her record changes."""
    house = CourtHouse(tmp_path, replace(LEASE, time_zone=ZONE))
    house.office.moves_out_by_itself = False
    house.listen()
    left, stays, neighbours = house.tenant(), house.tenant(), [house.tenant(), house.tenant()]
    lease = house.office.lease(house.units[before], [left, stays], house.today() - timedelta(days=30))
    for unit, neighbour in zip((2, 6), neighbours, strict=True):
        house.office.lease(house.units[unit], [neighbour], house.today() - timedelta(days=30))
    house.begin()
    house.pass_(minutes=2 * INCREMENTAL / MINUTE + 3)
    house.office.give_notice(lease, left, house.today())
    house.changed()
    house.pass_(minutes=INTERVAL)
    house.leap(house.clock.now() + timedelta(days=1))
    house.pass_(minutes=INTERVAL)
    pins = house.pins(house.of_tenant(stays))
    house.office.change_unit(lease, house.units[after])
    house.changed()
    house.pass_(minutes=INTERVAL)
    house.leap(house.clock.now() + timedelta(hours=2))
    house.pass_(minutes=INTERVAL)
    house.office.edit_tenant(left, FirstName="Corrected")
    house.changed()
    for _ in range(2 * INTERVAL):
        house.minute()
        assert (house.of_tenant(stays), house.rooms[after]) in house.opens()
    assert house.pins(house.of_tenant(stays)) == pins
    all_is_right(house)
