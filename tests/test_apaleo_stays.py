"""Whole stays, from Apaleo to Seam: guests who move as planned, units that connect others, and what staff take back."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.apaleo.connector import ApaleoConnector
from mappers.policy import MaxRevocations, Policy
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from store.stays import Stays
from tests.every_day import first_of
from tests.simulated.apaleo_hotel import ApaleoHotel
from tests.world import START, AnyWorld

ZONE = ZoneInfo("Europe/Berlin")
SUNDAY = date(2026, 9, 20)


class ApaleoWorld(AnyWorld):
    """A hotel with Apaleo: three bedrooms."""

    def __init__(self, path: Path, policy: Policy | None = None):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)))
        self.hotel = ApaleoHotel(now=self.clock.now, clock=self.clock.monotonic, record=True)
        self.property = self.hotel.add_property()
        self.double = self.hotel.add_group(self.property)
        self.units = [self.hotel.add_unit(self.double, name) for name in ("101", "102", "103")]
        settings = {setting.name: setting.default for setting in ApaleoConnector.SETTINGS}
        client = {"client_id": self.hotel.client_id, "client_secret": self.hotel.client_secret}
        self.connector: ApaleoConnector = ApaleoConnector.open(
            self.name, settings | client, self.access(self.hotel), None
        )

    def book(self, unit: int | None = 0, nights: int = 3, **rest: Any) -> str:
        """A confirmed reservation from Sunday at 15:00, until 11:00."""
        rest.setdefault("guest", {"firstName": "Jana", "lastName": "Novak", "email": "jana@example.com"})
        return self.hotel.book(
            rest.pop("group", self.double),
            rest.pop("arrival", at(SUNDAY, 15)),
            rest.pop("departure", at(SUNDAY + timedelta(days=nights), 11)),
            None if unit is None else self.units[unit],
            **rest,
        )

    def window(self, key: str) -> tuple[str, str] | None:
        """From when until when a living grant opens, in local time."""
        grant = self.seam.grant_by_key(key)
        if grant is None or self.is_dying(grant):
            return None
        starts, ends = (datetime.fromisoformat(grant[name]).astimezone(ZONE) for name in ("starts_at", "ends_at"))
        return f"{starts:%d %H:%M}", f"{ends:%d %H:%M}"


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


def night(number: int) -> date:
    """The day on which a night begins; the first is that of the arrival."""
    return SUNDAY + timedelta(days=number - 1)


@pytest.fixture
def world(tmp_path: Path) -> ApaleoWorld:
    return ApaleoWorld(tmp_path)


def test_a_reservation_becomes_a_space_an_identity_and_a_grant_with_apaleos_ids_as_keys(world: ApaleoWorld) -> None:
    booking = world.book()
    assert world.sync(full=True).exit == 0
    space = world.seam.space_by_key(world.units[0])
    assert space is not None
    assert (space["name"], space["customer_key"]) == ("101", world.property)
    identity = world.seam.identity_by_key(f"{booking}:primary")
    assert identity is not None
    assert (identity["full_name"], identity["email_address"]) == ("Jana Novak", "jana@example.com")
    assert world.doors(booking) == ["101"]
    assert world.window(booking) == ("20 15:00", "23 11:00")


def test_the_second_run_writes_nothing_and_a_lost_database_adopts(world: ApaleoWorld) -> None:
    world.book()
    split = world.book(1)
    world.hotel.assign(split, world.units[2], first=night(2))
    world.sync(full=True)
    with world.no_writes():
        assert world.sync(full=True).totals["access_grant"] == {"unchanged": 3}
        world.tick()
    world.lose_the_database()
    with world.no_writes():
        assert world.sync().exit == 0
    assert world.doors(f"{split}/2") == ["103"]


@pytest.mark.parametrize("ranges_meet", [False, True])
def test_a_guest_who_moves_has_each_room_in_its_own_time(world: ApaleoWorld, ranges_meet: bool) -> None:
    world.hotel.ranges_meet = ranges_meet
    booking = world.book(nights=4)
    world.hotel.assign(booking, world.units[1], first=night(3))
    world.sync(full=True)
    assert (world.doors(booking), world.window(booking)) == (["101"], ("20 15:00", "22 11:00"))
    second = f"{booking}/2"
    assert world.doors(second) == ["102"]
    assert world.window(second) == ("22 11:00" if ranges_meet else "22 15:00", "24 11:00")
    assert world.seam.grant_by_key(f"{booking}/3") is None


def test_nights_in_the_same_room_are_one_grant_without_a_gap(world: ApaleoWorld) -> None:
    booking = world.book(nights=5)
    world.sync()
    assert world.window(booking) == ("20 15:00", "25 11:00")
    assert len(world.seam.live_grants()) == 1


def test_a_move_is_planned_changed_and_given_up_again(world: ApaleoWorld) -> None:
    booking = world.book(nights=4)
    world.sync()
    pin = world.seam.code_of(booking)
    world.hotel.assign(booking, world.units[1], first=night(2))
    assert world.tick().exit == 0
    assert (world.doors(booking), world.window(booking)) == (["101"], ("20 15:00", "21 11:00"))
    assert (world.doors(f"{booking}/2"), world.window(f"{booking}/2")) == (["102"], ("21 15:00", "24 11:00"))
    assert world.seam.code_of(booking) == pin
    world.hotel.assign(booking, world.units[2], first=night(4))
    world.tick()
    assert world.window(f"{booking}/2") == ("21 15:00", "23 11:00")
    assert (world.doors(f"{booking}/3"), world.window(f"{booking}/3")) == (["103"], ("23 15:00", "24 11:00"))
    world.hotel.assign(booking, world.units[0])
    world.tick()
    assert (world.doors(booking), world.window(booking)) == (["101"], ("20 15:00", "24 11:00"))
    assert len(world.seam.live_grants()) == 1
    with world.no_writes():
        world.tick(full=True)


def test_while_the_guest_stays_the_second_room_opens_when_the_first_has_closed(world: ApaleoWorld) -> None:
    booking = world.book()
    world.hotel.assign(booking, world.units[1], first=night(2))
    world.clock.time = at(SUNDAY, 16)
    world.hotel.check_in(booking)
    world.sync()
    world.clock.time = at(night(2), 16)
    assert world.sync(full=True).exit == 0
    assert world.window(booking) in (None, ("20 15:00", "21 11:00"))
    assert (world.doors(f"{booking}/2"), world.window(f"{booking}/2")) == (["102"], ("21 15:00", "23 11:00"))
    world.hotel.check_out(booking)
    world.tick()
    assert world.doors(f"{booking}/2") == []
    assert world.seam.live_grants() == [] or all(
        datetime.fromisoformat(one["ends_at"]) < world.clock.now() for one in world.seam.live_grants()
    )


def test_a_night_without_a_unit_opens_nothing_and_is_reported(world: ApaleoWorld) -> None:
    booking = world.book(nights=3)
    world.hotel.unassign(booking, night(2))
    report = world.sync()
    assert (world.doors(booking), world.window(booking)) == (["101"], ("20 15:00", "21 11:00"))
    assert world.doors(f"{booking}/2") == []
    assert (world.doors(f"{booking}/3"), world.window(f"{booking}/3")) == (["101"], ("22 15:00", "23 11:00"))
    assert any("waiting for a room" in item.reason for item in report.items)
    world.hotel.assign(booking, world.units[0])
    world.tick()
    assert world.window(booking) == ("20 15:00", "23 11:00")
    assert len(world.seam.live_grants()) == 1


def test_a_reservation_without_a_unit_waits_for_one(world: ApaleoWorld) -> None:
    booking = world.book(None)
    report = world.sync()
    assert world.seam.live_grants() == []
    assert any("waiting for a room" in item.reason for item in report.items)
    world.hotel.assign(booking, world.units[2])
    world.tick()
    assert world.doors(booking) == ["103"]
    world.hotel.unassign(booking)
    world.tick()
    assert world.doors(booking) == []


def test_a_unit_that_connects_others_opens_their_doors(world: ApaleoWorld) -> None:
    suites = world.hotel.add_group(world.property, "SUITE")
    suite = world.hotel.add_unit(suites, "101+102", of=world.units[:2])
    booking = world.hotel.book(suites, at(SUNDAY, 15), at(night(3), 11), suite, {"lastName": "Novak"})
    world.sync()
    assert world.doors(booking) == ["101", "101+102", "102"]


def test_a_room_of_a_suite_that_is_out_of_use_stays_open_to_whoever_has_it_and_opens_to_nobody_new(
    world: ApaleoWorld,
) -> None:
    suites = world.hotel.add_group(world.property, "SUITE")
    suite = world.hotel.add_unit(suites, "Suite", of=world.units[:2])
    stay = at(SUNDAY, 15), at(night(3), 11), suite
    world.sync()
    for room in (suite, *world.units[:2]):
        world.seam.add_device(room, room)
    sleeper = world.hotel.book(suites, *stay, {"firstName": "Jana", "lastName": "Novak"})
    world.sync()
    grant = world.seam.grant_by_key(sleeper)
    world.hotel.archive_unit(world.units[1])
    newcomer = world.hotel.book(suites, *stay, {"firstName": "Petr", "lastName": "Svoboda"})
    told = "room 102, of which Suite consists, is out of use in the PMS (inactive)"
    for full in (False, True, True):
        world.clock.pass_(minutes=10)
        report = world.sync(full=full)
        assert report.exit == 0
        said = {item.booking_id for item in report.items if told in item.reason and item.outcome == "alert"}
        assert said == {sleeper, newcomer}
        assert world.doors(sleeper) == ["101", "102", "Suite"]
        assert world.seam.grant_by_key(sleeper) == grant, "nothing was written"
        assert world.doors(newcomer) == ["101", "Suite"]
    for booking in (sleeper, newcomer):
        stays = Stays(world.store).get(world.name, booking)
        assert stays is not None
        assert (stays.access, told in stays.reason) == ("kept", True)
    # Who comes instead of her gets what anybody new gets.
    world.hotel.change(sleeper, primaryGuest={"firstName": "Eva", "lastName": "Horak"})
    world.tick()
    assert world.doors(sleeper) == ["101", "Suite"]
    world.hotel.units[world.units[1]]["isArchived"] = False
    world.tick(full=True)
    assert world.doors(sleeper) == world.doors(newcomer) == ["101", "102", "Suite"]


def test_a_parking_space_is_no_room_whether_or_not_the_reservation_says_so(world: ApaleoWorld) -> None:
    garage = world.hotel.add_group(world.property, "PARK", "ParkingLot")
    place = world.hotel.add_unit(garage, "P1")
    for types_in_parts in (True, False):
        world.hotel.types_in_parts = types_in_parts
        parked = world.book(None, group=garage)
        world.hotel.assign(parked, place)
        world.book(None, group=garage)
        report = world.sync(full=True)
        assert report.exit == 0
        assert world.seam.space_by_key(place) is None
        assert world.seam.live_grants() == []
        assert not any("waiting for a room" in item.reason for item in report.items)


def test_a_check_in_that_was_a_mistake_is_taken_back(world: ApaleoWorld) -> None:
    booking = world.book()
    world.sync()
    world.clock.time = at(SUNDAY, 12)
    world.hotel.check_in(booking)
    world.tick()
    assert world.window(booking) == ("20 12:00", "23 11:00")
    world.hotel.revert_check_in(booking)
    world.tick()
    assert world.doors(booking) == ["101"]
    assert world.window(booking) == ("20 15:00", "23 11:00")


def test_a_check_in_on_the_phone_changes_nothing(world: ApaleoWorld) -> None:
    booking = world.book()
    world.sync()
    world.hotel.change(booking, isPreCheckedIn=True)
    with world.no_writes():
        world.tick()


@pytest.mark.parametrize("ends", ["cancel", "no_show", "check_out", "delete"])
def test_a_stay_that_ends_early_closes_the_door(world: ApaleoWorld, ends: str) -> None:
    booking = world.book()
    other = world.book(1)
    world.sync()
    getattr(world.hotel, ends)(booking)
    # Of what was deleted no list of changes tells: a full run misses it, and asks for it by its id.
    world.tick(full=ends == "delete")
    assert world.doors(booking) == []
    assert world.doors(other) == ["102"]


def test_one_room_of_a_booking_is_deleted_and_news_of_the_booking_is_enough(world: ApaleoWorld) -> None:
    first = world.book()
    second = world.book(1, booking=first.partition("-")[0])
    third = world.book(2)
    world.sync()
    world.hotel.delete(second)
    world.clock.pass_(minutes=1)
    world.sync(booking_ids=(first.partition("-")[0],), news=True)
    assert [world.doors(one) for one in (first, second, third)] == [["101"], [], ["103"]]


def test_a_booking_is_deleted_with_all_its_rooms_and_news_of_the_booking_is_enough(world: ApaleoWorld) -> None:
    first = world.book()
    booking = first.partition("-")[0]
    second = world.book(1, booking=booking)
    third = world.book(2)
    world.sync()
    for one in (first, second):
        world.hotel.delete(one)
    world.clock.pass_(minutes=1)
    assert world.sync(booking_ids=(booking,), news=True).exit == 0
    assert [world.doors(one) for one in (first, second, third)] == [[], [], ["103"]]


def test_a_new_booking_is_read_whole_by_its_own_id(world: ApaleoWorld) -> None:
    world.sync()
    first = world.book()
    booking = first.partition("-")[0]
    second = world.book(1, booking=booking)
    report = world.sync(booking_ids=(booking,))
    assert report.exit == 0
    assert [world.doors(one) for one in (first, second)] == [["101"], ["102"]]
    assert world.sync(booking_ids=("NOSUCHID",)).exit == 1


def test_a_booking_is_looked_up_by_its_own_id_and_shows_each_of_its_rooms(world: ApaleoWorld) -> None:
    first = world.book()
    second = world.book(1, booking=first.partition("-")[0])
    connection = RunConnection(world.name, world.connector, world.policy, world.keys)
    findings = inquire(connection, world.workspace, world.store, first.partition("-")[0], world.clock.now())
    shown = [dict(lines) for heading, lines in findings.sections if heading == "In the PMS: a booking"]
    assert [(lines["number"], lines["room"]) for lines in shown] == [(first, "101"), (second, "102")]
    findings = inquire(connection, world.workspace, world.store, f"{second}:primary", world.clock.now())
    assert next(heading for heading, _ in findings.sections) == "In the PMS: a booking"


def test_whoever_booked_does_not_stay(world: ApaleoWorld) -> None:
    booking = world.book(guest=None)
    report = world.sync()
    assert world.seam.live_grants() == []
    assert any("waiting for a guest" in item.reason for item in report.items)
    world.hotel.change(booking, primaryGuest={"lastName": "Novak"})
    world.tick()
    assert world.doors(booking) == ["101"]


def test_everyone_has_a_key_where_the_policy_says_so(world: ApaleoWorld) -> None:
    policy = Policy(guests="everyone")
    booking = world.book(others=[{"firstName": "Petr", "lastName": "Novak"}, {"firstName": "Eva", "lastName": "Novak"}])
    world.sync(policy)
    assert world.doors(f"{booking}:{booking}:additional:1") == ["101"]
    assert world.doors(f"{booking}:{booking}:additional:2") == ["101"]
    world.hotel.change(booking, additionalGuests=[{"firstName": "Petr", "lastName": "Novak"}])
    world.clock.pass_(minutes=1)
    world.sync(policy)
    assert world.doors(f"{booking}:{booking}:additional:1") == ["101"]
    assert world.doors(f"{booking}:{booking}:additional:2") == []


def test_a_guest_who_is_renamed_keeps_the_key(world: ApaleoWorld) -> None:
    booking = world.book()
    world.sync()
    pin = world.seam.code_of(booking)
    world.hotel.change(booking, primaryGuest={"firstName": "J.", "lastName": "Novakova"})
    world.tick()
    identity = world.seam.identity_by_key(f"{booking}:primary")
    assert identity is not None
    assert identity["full_name"] == "J. Novakova"
    assert world.seam.code_of(booking) == pin


def test_maintenance_takes_no_key_away_and_an_archived_unit_gives_none(world: ApaleoWorld) -> None:
    booking = world.book()
    world.sync(full=True)
    world.hotel.set_maintenance(world.units[0], "OutOfOrder")
    with world.no_writes():
        world.tick(full=True)
    world.hotel.archive_unit(world.units[0])
    report = world.tick(full=True)
    assert world.doors(booking) == ["101"]
    assert any("out of use" in item.reason for item in report.items)
    later = world.book(0, arrival=at(night(5), 15), departure=at(night(6), 11))
    world.tick()
    assert world.doors(later) == []


def test_a_token_that_dies_in_the_middle_of_a_run_is_renewed(world: ApaleoWorld) -> None:
    world.book()
    world.sync(full=True)
    world.book(1)
    world.hotel.expire_tokens()
    assert world.tick().exit == 0
    assert len(world.seam.live_grants()) == 2
    assert world.hotel.calls["POST /connect/token"] == 2


def test_a_token_is_renewed_before_it_is_old(world: ApaleoWorld) -> None:
    for _ in range(5):
        world.sync(full=True)
        world.clock.pass_(minutes=59, seconds=30)
    assert world.hotel.calls["POST /connect/token"] == 5
    assert world.connector.check() == "Hotel Isar (Europe/Berlin): 1 property"


def test_eight_threads_make_one_token_request(world: ApaleoWorld) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: world.connector.reader().read_properties(), range(8)))
    assert [[of.id for of in properties] for properties in answers] == [["MUC"]] * 8
    assert world.hotel.calls["POST /connect/token"] == 1


def test_a_client_that_was_removed_stops_the_run_and_no_door(world: ApaleoWorld) -> None:
    booking = world.book()
    world.sync(full=True)
    world.hotel.faults.refuse_client = True
    world.hotel.expire_tokens()
    report = world.tick(full=True)
    assert report.exit == 1
    assert any("refuses the client id or its secret" in (item.error or "") for item in report.items)
    assert world.doors(booking) == ["101"]


def test_a_list_that_loses_rows_closes_no_door(world: ApaleoWorld) -> None:
    bookings = [world.book(unit) for unit in range(3)]
    world.sync(full=True)
    world.hotel.faults.lose_rows = 0.7
    for _ in range(5):
        world.tick(full=True)
    assert [world.doors(one) for one in bookings] == [["101"], ["102"], ["103"]]


def test_trouble_on_the_way_is_overcome(world: ApaleoWorld) -> None:
    bookings = [world.book(unit) for unit in range(3)]
    faults = world.hotel.faults
    faults.unavailable = faults.too_many = faults.drop = faults.no_json = 0.1
    assert world.sync(full=True).exit == 0
    assert [world.doors(one) for one in bookings] == [["101"], ["102"], ["103"]]


def test_a_stay_keeps_its_hours_across_the_change_of_the_clocks(world: ApaleoWorld) -> None:
    world.clock.time = at(date(2026, 10, 20), 9)
    booking = world.hotel.book(
        world.double, at(date(2026, 10, 23), 15), at(date(2026, 10, 27), 11), world.units[0], {"lastName": "Novak"}
    )
    world.hotel.assign(booking, world.units[1], first=date(2026, 10, 25))
    world.sync()
    assert world.window(booking) == ("23 15:00", "25 11:00")
    assert world.window(f"{booking}/2") == ("25 15:00", "27 11:00")


def test_a_run_without_news_asks_three_questions(world: ApaleoWorld) -> None:
    for unit in range(3):
        world.book(unit)
    world.sync(full=True)
    world.clock.pass_(minutes=30)
    world.sync()
    world.clock.pass_(minutes=30)
    world.hotel.requests.clear()
    world.sync()
    assert [path for path, _ in world.hotel.requests] == ["/inventory/v1/properties", "/booking/v1/reservations"]
    question = world.hotel.requests[1][1]
    assert (question["dateFilter"], question["pageSize"], question["pageNumber"]) == ("Modification", "200", "1")
    assert question["from"] == (START + timedelta(minutes=25)).strftime("%Y-%m-%dT%H:%M:%SZ")


# --- anything may happen ----------------------------------------------------------------------------------------------


# Every day one with types in parts and with faults.
@first_of(1, ("seed", "steps"), [(8, 40), *((one, 80) for one in range(12))])
def test_whatever_happens_at_the_desk_each_night_opens_its_own_door(tmp_path: Path, seed: int, steps: int) -> None:
    luck = random.Random(seed)
    everybody = MaxRevocations(count=1000, percent=100)
    world = ApaleoWorld(tmp_path, Policy(replace_wait=timedelta(seconds=20), max_revocations=everybody))
    world.hotel.ranges_meet, world.hotel.types_in_parts = bool(seed % 2), bool(seed % 3)
    if seed > 6:
        faults = world.hotel.faults
        faults.unavailable = faults.too_many = faults.drop = faults.no_json = 0.03
    world.clock.time = at(SUNDAY, 8)
    world.sync()
    for step in range(steps):
        _something_happens(world, luck)
        if step % 4 == 3:
            world.clock.pass_(hours=luck.choice([0, 2, 9]), minutes=1)
            world.sync()
    world.tick(full=True)
    report = world.tick(full=True)
    assert report.total("created") == 0
    _assert_each_night_opens_its_own_door(world)
    world.lose_the_database()
    with world.no_writes():
        world.sync()


def _something_happens(world: ApaleoWorld, luck: random.Random) -> None:
    hotel = world.hotel
    alive = [one for one, stay in hotel.reservations.items() if stay["status"] in ("Confirmed", "InHouse")]
    if len(alive) < 3 or luck.random() < 0.2:
        first = SUNDAY + timedelta(days=luck.randrange(6))
        last = first + timedelta(days=luck.randrange(1, 6))
        guest = {"firstName": "Jana", "lastName": f"Novak {len(hotel.reservations)}"}
        booking = luck.choice(alive).partition("-")[0] if alive and luck.random() < 0.3 else None
        hotel.book(
            world.double,
            at(first, luck.choice([9, 15, 22])),
            at(last, luck.choice([9, 11])),
            luck.choice([*world.units, None]),
            luck.choice([guest, guest, guest, None]),
            booking=booking,
        )
        return
    one = luck.choice(alive)
    stay = hotel.reservations[one]
    arrives, leaves = (stay[name].astimezone(ZONE).date() for name in ("_arrival", "_departure"))
    day = arrives + timedelta(days=luck.randrange(max(1, (leaves - arrives).days)))
    is_confirmed = stay["status"] == "Confirmed"
    match luck.randrange(10):
        case 0 | 1 | 2:
            hotel.assign(one, luck.choice(world.units), first=day)
        case 3:
            hotel.assign(one, luck.choice(world.units))
        case 4 if is_confirmed:
            hotel.unassign(one, day)
        case 5:
            hotel.amend(one, departure=at(day + timedelta(days=luck.randrange(1, 4)), 11))
        case 6 | 7 if is_confirmed and arrives <= world.clock.now().date():
            with suppress(ValueError):
                hotel.check_in(one)
        case 7 if not is_confirmed:
            luck.choice([hotel.revert_check_in, hotel.check_out])(one)
        case 8 if is_confirmed and luck.random() < 0.5:
            luck.choice([hotel.cancel, hotel.no_show, hotel.delete])(one)
        case 9:
            hotel.expire_tokens()
            hotel.change(one, primaryGuest=luck.choice([stay["primaryGuest"], {"lastName": "Svoboda"}]))


def _assert_each_night_opens_its_own_door(world: ApaleoWorld) -> None:
    """Of every reservation, in every hour to come: the room of the hotel's own plan, or none."""
    now = world.clock.now()
    grants: dict[str, list[tuple[datetime, datetime, list[str]]]] = {}
    for grant in world.seam.live_grants():
        reservation = grant["access_grant_key"].partition("/")[0].partition(".")[0]
        times = (datetime.fromisoformat(grant[name]) for name in ("starts_at", "ends_at"))
        keys = [world.seam.spaces[space]["space_key"] for space in grant["space_ids"]]
        grants.setdefault(reservation, []).append((*times, keys))
    assert any(stay["status"] in ("Confirmed", "InHouse") for stay in world.hotel.reservations.values())
    for reservation in {*grants, *world.hotel.reservations}:
        stay = world.hotel.reservations.get(reservation)
        is_alive = stay is not None and stay["status"] in ("Confirmed", "InHouse") and stay["primaryGuest"] is not None
        for hours in range(1, 24 * 20):
            hour = now.replace(minute=30) + timedelta(hours=hours)
            if is_alive and stay is not None and stay["status"] == "InHouse" and hour < stay["_arrival"]:
                continue  # Somebody came before the plan.
            opened = [keys for starts, ends, keys in grants.get(reservation, ()) if starts <= hour < ends]
            planned = None
            local = hour.astimezone(ZONE)
            if is_alive and stay is not None and stay["_arrival"] <= hour < stay["_departure"]:
                if 11 <= local.hour < 15 and local.date() > stay["_arrival"].astimezone(ZONE).date():
                    continue  # Between two nights: see the tests above.
                first = stay["_arrival"].astimezone(ZONE).date()
                planned = stay["_nights"].get(max(first, (local - timedelta(hours=11)).date()))
            assert opened == ([[planned]] if planned else []), f"{reservation} at {local}"


@pytest.mark.parametrize("is_trial", [True, False], ids=["told", "not told"])
def test_the_limits_of_a_trial_account_delay_a_run_and_spoil_nothing(tmp_path: Path, is_trial: bool) -> None:
    world = ApaleoWorld(tmp_path)
    settings = {setting.name: setting.default for setting in ApaleoConnector.SETTINGS}
    client = {"client_id": world.hotel.client_id, "client_secret": world.hotel.client_secret, "trial": is_trial}
    world.connector = ApaleoConnector.open(world.name, settings | client, world.access(world.hotel), None)
    world.hotel.rate_limit, world.hotel.burst = 200, 5
    bookings = [world.book(0, arrival=at(SUNDAY, 15) + timedelta(days=3 * n), nights=3 * n + 2) for n in range(4)]
    (of,) = world.connector.reader().read_properties()
    read = world.connector.reader().bookings_by_id(of, bookings * 3)
    assert {one.id for one in read.bookings} == set(bookings)
    for _ in range(30):
        assert world.connector.reader().known_rooms(of, world.units) == set(world.units)
    assert world.sync().exit == 0
