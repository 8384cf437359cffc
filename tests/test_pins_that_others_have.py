"""A PIN is nobody else's at the same door, neither at that time, nor before or after: one that goes along to another
door, and one that Seam chose."""

import random
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import CommonArea, Policy
from reconciler.chosen_pins import PIN_OF_ANOTHER
from reconciler.health import check_health
from seam_workspace.seal import Seal
from store.pin_marks import PinMarks
from tests.at_the_doors import openers
from tests.world import START, Killed, World

SAME = 471_100
"""The PIN that several guests happen to have, each at a door of her own."""
LATER = {"arrival": START.replace(hour=13) + timedelta(days=7), "departure": START.replace(hour=9) + timedelta(days=9)}


class SamePins(random.Random):
    """The first `several` PINs are one and the same."""

    def __init__(self, several: int):
        super().__init__(1)
        self.left = several

    def randrange(self, start: int, *rest: int) -> int:  # type: ignore[override]
        if start == 10**6 and self.left:
            self.left -= 1
            return SAME
        return super().randrange(start, *rest)


def hotel_of(path: Path, several: int, **policy: Any) -> World:
    world = World(path, Policy(replace_wait=timedelta(seconds=20), **policy))
    for room in range(3):
        world.equip(room)
    world.seam._random = SamePins(several)
    return world


def pins(world: World) -> dict[str, str]:
    """By room and first name."""
    world.clock.pass_(minutes=5)
    return {" ".join(one): pin for one, pin in openers(world.seam, world.clock.now()).items()}


def told(world: World, report: Any) -> list[str]:
    return [str(item.reason) for item in report.items if item.kind == "access_grant"]


@pytest.mark.parametrize("when", [LATER, {}], ids=["in turn", "at one time"])
def test_who_moves_to_a_door_where_another_guest_has_her_pin_gets_a_new_one_and_is_told(
    tmp_path: Path, when: dict[str, Any]
) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"), **when)
    world.sync(full=True)
    assert pins(world) == {"101 Anna": "471100", "102 Ben": "471100"}
    world.hotel.assign(booking, world.rooms[1])
    report = world.tick()
    after = pins(world)
    assert after.keys() == {"102 Anna", "102 Ben"}
    assert after["102 Ben"] == "471100" != after["102 Anna"]
    assert any("new PIN: another guest has the former PIN at this door" in line for line in told(world, report))
    # And it stays what it is now.
    with world.no_writes():
        world.sync(full=True)
    assert pins(world) == after


def test_who_moves_to_a_door_where_nobody_has_her_pin_keeps_it(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"))
    world.book(2, world.guest("Cleo", "Park"), **LATER)
    world.sync(full=True)
    world.hotel.assign(booking, world.rooms[2])
    report = world.tick()
    assert pins(world)["103 Anna"] == "471100"
    assert not any("new PIN:" in line for line in told(world, report))


def test_who_has_been_at_the_door_with_that_pin_is_not_let_in_by_the_next_guest(tmp_path: Path) -> None:
    """Ben has left; he still knows his PIN."""
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"), departure=START.replace(hour=9) + timedelta(days=9))
    ben = world.book(1, world.guest("Ben", "Meyer"), arrival=START, departure=START + timedelta(days=1))
    world.sync(full=True)
    assert set(pins(world).values()) == {"471100"}
    world.clock.pass_(days=2)
    world.sync(full=True)
    world.hotel.assign(booking, world.rooms[1])
    world.tick()
    assert world.hotel.reservations[ben]["State"] == "Confirmed"
    after = pins(world)
    assert after.keys() == {"102 Anna"}
    assert after["102 Anna"] != "471100"


def test_two_guests_who_move_to_one_door_in_one_run_do_not_bring_the_same_pin(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    first = world.book(0, world.guest("Anna", "Novak"))
    second = world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    for booking in (first, second):
        world.hotel.assign(booking, world.rooms[2])
    world.tick()
    after = pins(world)
    assert after.keys() == {"103 Anna", "103 Ben"}
    assert len(set(after.values())) == 2


def test_a_guest_who_goes_back_to_her_room_has_her_pin_again(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"))
    world.sync(full=True)
    for room in (2, 0, 2):
        world.hotel.assign(booking, world.rooms[room])
        world.tick()
        assert set(pins(world).values()) == {"471100"}


def test_the_lobby_that_she_opens_already_is_no_reason_for_another_pin(tmp_path: Path) -> None:
    """Hers opened there before as well."""
    world = hotel_of(tmp_path, 0, common_areas=(CommonArea("lobby", "Lobby"),))
    world.seam.add_entrance("Lobby", "lobby", customer_key=world.property)
    booking = world.book(0, world.guest("Anna", "Novak"))
    other = world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    # By hand, so that nobody has compared them.
    for one in (booking, other):
        world.seam.reissue(one, "471100")
    world.hotel.assign(booking, world.rooms[2])
    world.tick()
    assert pins(world)["103 Anna"] == "471100"


# --- PINs that Seam chose -------------------------------------------------------------------------------------------


LOBBY = {"common_areas": (CommonArea("lobby", "Lobby"),)}


def with_lobby(path: Path, several: int, **policy: Any) -> World:
    world = hotel_of(path, several, **LOBBY, **policy)
    world.seam.add_entrance("Lobby", "lobby", customer_key=world.property)
    return world


def test_whoever_comes_later_gets_another_pin_where_the_one_that_seam_chose_is_of_the_guest_before(
    tmp_path: Path,
) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    report = world.tick()
    after = pins(world)
    assert after["101 Anna"] == "471100" != after["101 Ben"]
    assert any(PIN_OF_ANOTHER in line for line in told(world, report))
    with world.no_writes():
        world.sync(full=True)
    assert pins(world) == after


def test_of_two_guests_of_one_run_who_were_given_the_same_pin_one_gets_another(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    after = pins(world)
    assert len(set(after.values())) == 2
    assert "471100" in after.values()


def test_who_has_left_lets_nobody_in_by_the_next_guests_pin_though_seam_has_forgotten_her(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"), arrival=START, departure=START + timedelta(days=1))
    world.sync(full=True)
    world.clock.pass_(days=5)
    world.sync(night_audit=True)
    world.clock.pass_(minutes=5)
    assert not world.seam.live_grants()
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.tick()
    assert pins(world)["101 Ben"] != "471100"


def test_the_same_pin_at_doors_that_nobody_shares_is_nobodys_business(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    assert pins(world) == {"101 Anna": "471100", "102 Ben": "471100"}


def test_a_lobby_is_a_door_that_both_open(tmp_path: Path) -> None:
    world = with_lobby(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    after = pins(world)
    assert after["Lobby Anna"] != after["Lobby Ben"]
    assert after["Lobby Anna"] == after["101 Anna"]


def test_a_guest_who_has_two_bookings_may_have_one_pin_for_both(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    anna = world.guest("Anna", "Novak")
    world.book(0, anna)
    world.book(0, anna, **LATER)
    world.sync(full=True)
    assert set(pins(world).values()) == {"471100"}


def test_a_pin_that_seam_tells_later_is_compared_then_and_before_the_pms_is_told(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2, write_back="token")
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    asked = world.workspace.ways_and_people_of
    world.workspace.ways_and_people_of = lambda ids: ({}, {})  # type: ignore[method-assign,assignment]
    ben = world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.tick()
    assert pins(world)["101 Ben"] == "471100"
    for _ in range(4):
        assert "471100" not in {one["Value"] for one in world.hotel.tokens_of(ben)}
        world.clock.pass_(minutes=5)
        world.workspace.ways_and_people_of = asked  # type: ignore[method-assign]
        world.tick()
    world.clock.pass_(hours=7)
    world.tick()
    after = pins(world)
    assert after["101 Anna"] == "471100" != after["101 Ben"]
    assert [one["Value"] for one in world.hotel.tokens_of(ben)] == [after["101 Ben"]]


def test_a_run_that_is_killed_before_it_gives_the_other_pin_leaves_that_to_the_next(tmp_path: Path) -> None:
    for after in range(40):
        folder = tmp_path / str(after)
        folder.mkdir()
        world = hotel_of(folder, 2)
        world.book(0, world.guest("Anna", "Novak"))
        world.sync(full=True)
        world.book(0, world.guest("Ben", "Meyer"), **LATER)
        world.kill_after = after
        finished = True
        try:
            world.tick()
        except Killed:
            finished = False
        world.kill_after = None
        world.restart()
        for _ in range(2):
            world.tick()
        found = pins(world)
        assert found.keys() == {"101 Anna", "101 Ben"}
        assert found["101 Anna"] == "471100" != found["101 Ben"], after
        world.store.close()
        if finished:
            return
    raise AssertionError("it needs fewer calls")


def test_after_an_update_and_in_a_new_database_pins_of_before_are_known_after_one_full_run(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    world.lose_the_database()
    with world.no_writes():
        world.sync(full=True)
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.tick()
    after = pins(world)
    assert after["101 Anna"] == "471100" != after["101 Ben"]


def test_a_lock_that_draws_a_new_pin_for_a_guest_in_the_house_leaves_it_to_whoever_comes_later(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 0)
    anna = world.book(0, world.guest("Anna", "Novak"), arrival=START - timedelta(days=1))
    world.sync(full=True)
    ben = world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.tick()
    his = world.seam.code_of(ben)
    assert his is not None
    world.seam.reissue(anna, his)
    look(world, anna)
    world.tick()
    after = pins(world)
    assert after["101 Anna"] == his != after["101 Ben"]


def test_of_two_who_are_in_the_house_nobody_loses_the_pin_that_she_was_told(tmp_path: Path) -> None:
    world = with_lobby(tmp_path, 0)
    here = {"arrival": START - timedelta(days=1)}
    anna = world.book(0, world.guest("Anna", "Novak"), **here)
    ben = world.book(1, world.guest("Ben", "Meyer"), **here)
    world.sync(full=True)
    his = world.seam.code_of(ben)
    assert his is not None
    world.seam.reissue(anna, his)
    look(world, anna)
    world.tick()
    assert pins(world)["102 Ben"] == his


def look(world: World, booking: str) -> None:
    world.clock.pass_(minutes=5)
    seam = world.workspace
    assert check_health(world.name, world.keys, seam, world.store, world.property, [booking], world.clock.now)


def test_a_lock_that_has_one_pin_only_is_asked_for_another_a_few_times(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 10**6)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    writes = world.seam.writes
    world.tick()
    assert world.seam.writes - writes < 12
    with world.no_writes():
        for _ in range(3):
            world.tick(full=True)


def test_a_pin_that_is_another_guests_once_more_is_compared_again(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 3)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.tick()
    after = pins(world)
    assert after["101 Anna"] == "471100" != after["101 Ben"]


def test_after_the_api_key_was_changed_a_new_guest_has_nobody_elses_pin_either(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    world.workspace._seal = Seal("seam_another_key")
    world.book(0, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    world.tick()
    after = pins(world)
    assert after["101 Anna"] == "471100" != after["101 Ben"]
    with world.no_writes():
        world.sync(full=True)


def test_ten_new_guests_cost_one_call_more(tmp_path: Path) -> None:
    world = with_lobby(tmp_path, 0)
    world.book(1)
    world.sync(full=True)
    for number in range(10):
        day = timedelta(days=number)
        world.book(0, arrival=START.replace(hour=13) + day, departure=START.replace(hour=9) + day + timedelta(days=1))
    asked: list[int] = []
    ask = world.workspace.ways_and_people_of

    def counted(ids: Collection[str]) -> Any:
        asked.append(len(ids))
        return ask(ids)

    world.workspace.ways_and_people_of = counted  # type: ignore[method-assign,assignment]
    world.tick()
    assert asked == [10]


def test_no_pin_is_in_the_database(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 1)
    world.book(0, world.guest("Anna", "Novak"))
    world.sync(full=True)
    assert set(pins(world).values()) == {"471100"}
    (kept,) = PinMarks(world.store, world.name).alike([world.workspace.mark("471100")])
    assert "4711" not in str(kept).replace(kept.grant_id, "")
    assert world.workspace.mark("471100") != world.workspace.mark("471101")
