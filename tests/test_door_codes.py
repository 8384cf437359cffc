"""Door codes on their way back to the PMS: each living booking has one, with the right PIN and window; no other has."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import asked_first
from connectors.records import AccessWritten
from mappers.policy import CommonArea, Policy
from mappers.sentences import Said
from reconciler.run_context import RunContext
from store.engine import TurnLost
from tests.night import Night
from tests.world import START, Killed, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path, Policy(write_back="token", replace_wait=timedelta(seconds=20)))
    for room in range(3):
        made.equip(room)
    return made


def tokens(world: World, booking: str) -> list[tuple[str, str, str, str]]:
    """(room, PIN, from, until) of what the PMS holds."""
    names = {room: str(world.hotel.resources[room]["Name"]) for room in world.rooms}
    return [
        (names[one["ResourceId"]], one["Value"], one["ValidityStartUtc"][:16], one["ValidityEndUtc"][:16])
        for one in world.hotel.tokens_of(booking)
    ]


def the_right_one(world: World, booking: str, room: str, days: int = 3) -> list[tuple[str, str, str, str]]:
    pin = world.seam.code_of(booking)
    assert pin is not None
    return [(room, pin, "2026-09-20T13:00", f"2026-09-{20 + days}T09:00")]


def settle(world: World) -> None:
    """The lock hears of it, and the next runs hand over."""
    world.clock.pass_(minutes=1)
    world.tick()
    world.clock.pass_(minutes=5)
    world.tick()


def test_a_code_is_handed_over_once_the_lock_knows_it_and_never_again(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "101")
    before = world.hotel.calls["resourceAccessTokens/add"]
    settle(world)
    world.sync(full=True)
    world.sync(night_audit=True)
    assert world.hotel.calls["resourceAccessTokens/add"] == before
    assert tokens(world, booking) == the_right_one(world, booking, "101")


def test_a_code_that_does_not_open_the_room_is_not_handed_over_and_that_is_said(tmp_path: Path) -> None:
    lobby = CommonArea("lobby", "Lobby")
    world = World(tmp_path, Policy(write_back="token", common_areas=(lobby,)))
    booking = world.book(0)
    world.sync(full=True)
    world.seam.add_entrance(
        "Lobby", world.keys.common_area("lobby", world.property, False), customer_key=world.property
    )
    world.clock.pass_(minutes=1)
    report = world.sync(full=True)
    assert tokens(world, booking) == []
    (said,) = {item.reason for item in report.items if item.kind == "door_code"}
    assert "no door code for the PMS: it opens no lock of room 101, which has none in Seam" in said
    assert "Connect another lock system" in said
    world.equip(0)
    world.sync(full=True)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "101")


def test_a_move_an_extension_and_a_cancellation_follow(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    world.hotel.assign(booking, world.rooms[1])
    settle(world)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "102")
    world.hotel.move_dates(booking, departure=START.replace(hour=9) + timedelta(days=7))
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "102", days=5)
    world.hotel.cancel(booking)
    world.tick()
    assert tokens(world, booking) == []
    world.hotel.reinstate(booking)
    settle(world)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "102", days=5)


def test_a_pin_that_was_reissued_is_corrected_by_the_night_audit(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    world.seam.reissue(booking, "918273")
    world.sync(night_audit=True)
    assert tokens(world, booking)[0][1] == "918273"


def test_a_full_run_corrects_a_pin_that_was_reissued_and_a_token_that_staff_deleted(world: World) -> None:
    booking, other = world.book(0), world.book(1)
    world.sync(full=True)
    settle(world)
    world.seam.reissue(booking, "918273")
    world.hotel.access_tokens.clear()
    world.sync(full=True)
    assert tokens(world, booking) == the_right_one(world, booking, "101")
    assert tokens(world, booking)[0][1] == "918273"
    assert tokens(world, other) == the_right_one(world, other, "102")


def test_a_booking_that_ended_while_the_database_was_lost_has_nothing_left(world: World) -> None:
    booking, other = world.book(0), world.book(1)
    world.sync(full=True)
    settle(world)
    world.lose_the_database()
    world.hotel.cancel(booking)
    world.sync(full=True)
    assert tokens(world, booking) == []
    assert tokens(world, other) == the_right_one(world, other, "102")


def test_killed_between_the_pms_and_the_database_the_code_is_still_taken_back(world: World) -> None:
    booking = world.book(0)
    world.sync(replace(world.policy, write_back="off"), full=True)
    world.clock.pass_(minutes=1)
    write = world.connector.door_codes.write

    def die_afterwards(*arguments: Any) -> Any:
        write(*arguments)
        raise Killed

    world.connector.door_codes.write = die_afterwards  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.sync(full=True)
    world.connector.door_codes.write = write  # type: ignore[method-assign]
    assert len(tokens(world, booking)) == 1
    world.hotel.cancel(booking)
    world.tick()
    assert tokens(world, booking) == []


def test_when_the_stay_is_over_nothing_is_left(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    world.hotel.check_in(booking)
    world.clock.pass_(days=6)
    world.sync(full=True)
    world.tick()
    assert tokens(world, booking) == []


def test_everyone_on_a_booking_has_a_code_of_their_own(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(write_back="token", guests="everyone"))
    world.equip(0)
    friend = world.guest("Otto", "Weiss")
    booking = world.book(0, companions=[friend])
    world.sync(full=True)
    settle(world)
    assert len({pin for _, pin, _, _ in tokens(world, booking)}) == 2


def test_who_is_kept_for_want_of_a_profile_holds_up_nobodys_code_and_keeps_her_own(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(guests="everyone", write_back="token", replace_wait=timedelta(seconds=20)))
    world.equip(0)
    friend = world.hotel.add_customer("Karel", "Dvorak", "karel@example.com")
    booking = world.book(0, companions=[friend])
    world.sync(full=True)
    settle(world)
    both = tokens(world, booking)
    assert len(both) == 2
    # The PMS does not hand out the friend's profile any more, and the stay grows.
    world.hotel.corrupt("customers", friend, "LastName", {"not": "a name"})
    world.hotel.move_dates(booking, departure=START.replace(hour=9) + timedelta(days=7))
    settle(world)
    settle(world)
    told = {(room, pin): until for room, pin, _, until in tokens(world, booking)}
    assert told == {(room, pin): "2026-09-25T09:00" for room, pin, _, _ in both}


def test_a_pms_that_refuses_is_one_alert_and_no_storm(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(write_back="token"))
    night.equip(0)
    booking = night.book(0)
    night.hotel.faults.not_granted = frozenset({"resourceAccessTokens/getAll", "resourceAccessTokens/add"})
    night.listen()
    night.do("full")
    for _ in range(30):
        night.minute()
    asked = night.hotel.calls["resourceAccessTokens/getAll"]
    assert 1 <= asked <= 10
    (told,) = night.look_at_alerts()
    assert "The door codes of 1 booking are not in the PMS" in told
    (alert,) = night.alert_book.open()
    assert [isinstance(part, Said) for part in alert.parts] == [True, True], "each part is read in any language"
    night.hotel.faults.not_granted = frozenset()
    for _ in range(35):
        night.minute()
    assert len(night.hotel.tokens_of(booking)) == 1
    assert [one[:9] for one in night.look_at_alerts()] == ["end: Over"]


def test_the_pin_of_a_moment_ago_is_in_the_pms_as_soon_as_seam_says_that_it_is_issued(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(write_back="token"))
    night.equip(0)
    booking = night.book(0)
    night.listen()
    night.do("full")
    night.settle()
    night.clock.pass_(seconds=10)
    night.seam.tick()
    night.settle()
    (token,) = night.hotel.tokens_of(booking)
    assert token["Value"] == night.seam.code_of(booking)
    night.seam.reissue(booking, "918273")
    night.settle()
    (token,) = night.hotel.tokens_of(booking)
    assert token["Value"] == "918273"


@pytest.mark.parametrize("operation", ["add", "update", "delete"])
def test_lost_answers_leave_exactly_one(world: World, operation: str) -> None:
    booking = world.book(0)
    world.sync(full=True)
    lose(world, f"resourceAccessTokens/{operation}")
    settle(world)
    world.hotel.move_dates(booking, departure=START.replace(hour=9) + timedelta(days=7))
    settle(world)
    world.hotel.assign(booking, world.rooms[1])
    settle(world)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "102", days=5)


def lose(world: World, operation: str) -> None:
    """Every second answer to this operation is lost on its way."""
    handle, count = world.hotel.handle, [0]

    def lossy(method: str, path: str, *rest: Any) -> Any:
        answer = handle(method, path, *rest)
        if path.endswith(operation):
            count[0] += 1
            answer.drop = count[0] % 2 == 1
        return answer

    world.hotel.handle = lossy  # type: ignore[method-assign]


def test_a_lost_database_hands_nothing_over_twice(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    world.lose_the_database()
    world.sync(full=True)
    settle(world)
    assert tokens(world, booking) == the_right_one(world, booking, "101")


def test_no_pin_is_in_the_database_or_a_report(world: World) -> None:
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    pin = world.seam.code_of(booking)
    assert pin is not None
    for file in world.path.glob("*.db*"):
        assert pin.encode() not in file.read_bytes()
    assert pin not in str(world.sync(booking_ids=(booking,)).as_json())


def test_a_hotel_that_prefers_notes_gets_a_note(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(write_back="note"))
    world.equip(0)
    booking = world.book(0)
    world.sync(full=True)
    settle(world)
    pin = world.seam.code_of(booking)
    (note,) = world.hotel.notes_of(booking)
    assert pin is not None
    assert pin in note
    assert "101" in note
    world.hotel.cancel(booking)
    world.tick()
    assert world.hotel.notes_of(booking) == []


def test_the_last_four_digits_of_the_phone_are_the_pin_where_seam_takes_them(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(pin="phone_last_4"))
    world.equip(0)
    world.equip(1)
    anna, ben = world.guest(phone="+43 660 1234567"), world.guest(phone="+43 660 7654567")
    first, second = world.book(0, anna), world.book(1, ben)
    world.sync(full=True)
    assert world.seam.code_of(first) == "4567"
    world.hotel.assign(first, world.rooms[2])
    world.clock.pass_(minutes=1)
    world.tick()
    assert world.seam.code_of(first) == "4567", "a move keeps it"
    assert world.seam.code_of(second) is not None


@pytest.mark.parametrize("is_known", [True, False], ids=["one run", "one after the other"])
def test_two_guests_of_the_same_last_four_digits_never_open_one_room_in_turn(tmp_path: Path, is_known: bool) -> None:
    world = World(tmp_path, Policy(pin="phone_last_4"))
    world.equip(0)
    anna, ben = world.guest(phone="+43 660 1234567"), world.guest(phone="+43 660 7654567")
    first = world.book(0, anna)
    if not is_known:
        world.sync(full=True)
    second, again = (
        world.book(0, guest, arrival=START + timedelta(days=days, hours=4), departure=START + timedelta(days=days + 2))
        for guest, days in ((ben, 6), (anna, 9))
    )
    report = world.sync(full=True)
    annas, bens = {world.seam.code_of(first), world.seam.code_of(again)}, world.seam.code_of(second)
    assert bens not in annas | {None}
    if not is_known:
        assert annas == {"4567"}, "hers, whenever she comes"
    assert any(
        "another guest has the PIN from her phone number at this door" in str(item.reason) for item in report.items
    )


def test_a_random_pin_is_another_one_after_a_move(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(pin="random"))
    booking = world.book(0)
    world.sync(full=True)
    before = world.seam.code_of(booking)
    world.hotel.assign(booking, world.rooms[1])
    report = world.tick()
    assert world.seam.code_of(booking) != before
    assert not any("former PIN" in item.reason for item in report.items)


def test_whoever_loses_the_turn_between_two_codes_hands_no_other_over(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = world.book(0), world.book(1)
    written: list[str] = []

    def write(of: Any, codes: Any, how: str) -> Any:
        for booking in codes:
            asked_first.ask()
            written.append(booking)
            over.append(1)
        return AccessWritten(changed=frozenset(codes))

    over: list[int] = []

    def may_write(context: RunContext) -> None:
        if over:
            raise TurnLost("another process may be at work on this by now")

    monkeypatch.setattr(world.connector.door_codes, "write", write)
    monkeypatch.setattr(RunContext, "may_write", may_write)
    settle(world)
    assert len(written) == 1
    assert written[0] in (first, second)
    assert not any("defect" in (row.error or "") for row in world.sync().items)
