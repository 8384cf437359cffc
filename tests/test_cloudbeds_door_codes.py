"""Door codes on their way back to a Cloudbeds house: each living room-stay has one, the right one; no other has."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from tests.every_day import each_value, first_of
from tests.test_cloudbeds_stays import Harbor, HarborNight, on


def equip(harbor: Harbor) -> None:
    for number, room in enumerate(harbor.rooms):
        harbor.seam.add_entrance(f"Door {number}", room, False, customer_key=harbor.house.property_id)


EITHER_WAY = pytest.mark.parametrize("harbor", ["token", "note"], indirect=True)
"""Both ways every day; the other tests try the second one in the long ones only."""


@pytest.fixture(params=["token", pytest.param("note", marks=pytest.mark.slow)])
def harbor(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Harbor]:
    made = Harbor(tmp_path, Policy(write_back=request.param, replace_wait=timedelta(seconds=20)))
    equip(made)
    yield made
    made.store.close()


def said(harbor: Harbor, booking: str) -> list[str]:
    """What stands on a reservation, of either kind."""
    text = harbor.house.custom_field_of(booking)
    return [*(text.split("; ") if text else []), *harbor.house.notes_of(booking)]


def check(harbor: Harbor, booking: str, **doors: str) -> None:
    """That these are the codes, and all of them: `first="201"` is the reservation's first room, and so on."""
    places = {"first": "", "second": "-1", "third": "-2"}
    told = said(harbor, booking)
    assert len(told) == len(doors)
    for place, room in doors.items():
        stay = f"{booking}{places[place]}"
        pin = next(pin for pin in map(harbor.seam.code_of, (f"{stay}.3", f"{stay}.2", stay)) if pin is not None)
        marks = (f"[NP{places[place]}]", f"[Night Porter {stay}]")
        (text,) = [one for one in told if one.endswith(marks)]
        assert pin in text
        assert f"{room}: " in text


def settle(harbor: Harbor) -> None:
    """The locks hear of it, and the next runs hand over."""
    for minutes in (1, 5):
        harbor.clock.pass_(minutes=minutes)
        harbor.tick()


def writes(harbor: Harbor) -> int:
    return sum(harbor.house.calls[one] for one in harbor.house.calls if one.startswith(("post", "put", "delete")))


@EITHER_WAY
def test_codes_are_handed_over_once_the_locks_know_them_and_never_again(harbor: Harbor) -> None:
    booking, other = harbor.book(0, 1), harbor.book(2)
    harbor.sync(full=True)
    settle(harbor)
    check(harbor, booking, first="201", second="202")
    check(harbor, other, first="203")
    before = writes(harbor)
    settle(harbor)
    harbor.full()
    harbor.sync(night_audit=True)
    assert writes(harbor) == before


@EITHER_WAY
def test_a_move_an_extension_a_cancellation_and_a_reinstatement_follow(harbor: Harbor) -> None:
    booking = harbor.book(0, 1)
    harbor.sync(full=True)
    settle(harbor)
    harbor.house.assign(f"{booking}-1", harbor.rooms[3])
    settle(harbor)
    settle(harbor)
    check(harbor, booking, first="201", second="204")
    harbor.house.change_dates(booking, departure=on(7))
    settle(harbor)
    check(harbor, booking, first="201", second="204")
    if harbor.policy.write_back == "note":
        assert any("to 2026-09-25 11:00" in text for text in said(harbor, booking))
    harbor.house.cancel(booking)
    settle(harbor)
    assert said(harbor, booking) == []
    harbor.house.reinstate(booking)
    settle(harbor)
    settle(harbor)
    check(harbor, booking, first="201", second="204")


@first_of(1, "what", ["remove_room", "cancel_room", "check_out"])
def test_a_room_that_leaves_the_reservation_takes_only_its_own_code_along(harbor: Harbor, what: str) -> None:
    booking = harbor.book(0, 1, 2)
    harbor.house.write_note(booking, "Likes quiet rooms")
    harbor.house.add_custom_field("car")
    harbor.house.fill_in(booking, "car", "blue")
    harbor.sync(full=True)
    settle(harbor)
    getattr(harbor.house, what)(f"{booking}-1")
    settle(harbor)
    assert "Likes quiet rooms" in said(harbor, booking)
    (note_id,) = [one for one, text in harbor.house.reservations[booking].notes.items() if text.startswith("Likes")]
    del harbor.house.reservations[booking].notes[note_id]
    check(harbor, booking, first="201", third="203")
    assert harbor.house.custom_field_of(booking, "car") == "blue"


def test_a_room_that_comes_later_joins_the_others(harbor: Harbor) -> None:
    booking = harbor.book(0, None)
    harbor.sync(full=True)
    settle(harbor)
    check(harbor, booking, first="201")
    harbor.house.assign(f"{booking}-1", harbor.rooms[1])
    settle(harbor)
    settle(harbor)
    check(harbor, booking, first="201", second="202")


def test_a_pin_that_was_reissued_is_corrected_by_the_night_audit(harbor: Harbor) -> None:
    booking = harbor.book(0, 1)
    harbor.sync(full=True)
    settle(harbor)
    harbor.seam.reissue(f"{booking}-1", "918273")
    harbor.sync(night_audit=True)
    check(harbor, booking, first="201", second="202")
    assert sum("918273" in text for text in said(harbor, booking)) == 1


@EITHER_WAY
def test_when_the_stay_is_over_nothing_is_left(harbor: Harbor) -> None:
    booking = harbor.book(0, 1)
    harbor.sync(full=True)
    settle(harbor)
    harbor.clock.pass_(days=6)
    harbor.sync(full=True)
    harbor.tick()
    assert said(harbor, booking) == []


@first_of(1, "what", ["delete", "purge"])
def test_a_reservation_that_is_no_more_is_no_trouble(harbor: Harbor, what: str) -> None:
    booking, other = harbor.book(0, 1), harbor.book(2)
    harbor.sync(full=True)
    settle(harbor)
    getattr(harbor.house, what)(booking)
    harbor.full()
    report = harbor.full()
    assert not [item for item in report.items if item.error]
    check(harbor, other, first="203")


@EITHER_WAY
@first_of(1, "which", [0, 1], ids=["the first answer", "the second answer"])
def test_lost_answers_leave_exactly_one(harbor: Harbor, which: int) -> None:
    booking = harbor.book(0, 1)
    lose(harbor, which)
    harbor.sync(full=True)
    settle(harbor)
    check(harbor, booking, first="201", second="202")
    harbor.house.assign(booking, harbor.rooms[2])
    settle(harbor)
    settle(harbor)
    check(harbor, booking, first="203", second="202")
    harbor.house.cancel_room(f"{booking}-1")
    settle(harbor)
    check(harbor, booking, first="203")


def lose(harbor: Harbor, which: int) -> None:
    """Every second answer to a write is lost on its way."""
    handle, count = harbor.house.handle, [which]

    def lossy(method: str, path: str, *rest: Any) -> Any:
        answer = handle(method, path, *rest)
        if method != "GET":
            answer.drop = count[0] % 2 == 0
            count[0] += 1
        return answer

    harbor.house.handle = lossy  # type: ignore[method-assign]


@EITHER_WAY
def test_a_lost_database_hands_nothing_over_twice(harbor: Harbor) -> None:
    booking = harbor.book(0, 1)
    harbor.sync(full=True)
    settle(harbor)
    before = writes(harbor)
    harbor.lose_the_database()
    harbor.sync(full=True)
    settle(harbor)
    check(harbor, booking, first="201", second="202")
    assert writes(harbor) == before


def test_everyone_in_a_room_has_a_code_of_their_own(tmp_path: Path) -> None:
    harbor = Harbor(tmp_path, Policy(write_back="token", guests="everyone"))
    equip(harbor)
    booking = harbor.book(0, 1)
    ben = harbor.house.add_guest("Ben", "Second", email="ben@example.com")
    harbor.house.put_guest(booking, ben)
    harbor.sync(full=True)
    settle(harbor)
    assert sorted(text.partition(" [")[2] for text in said(harbor, booking)) == ["NP-1]", f"NP:{ben}]", "NP]"]
    harbor.house.take_guest(booking, ben)
    settle(harbor)
    check(harbor, booking, first="201", second="202")
    harbor.store.close()


@first_of(1, "how", ["token", "note"])
def test_our_own_writing_is_no_news_and_ends(tmp_path: Path, how: str) -> None:
    night = HarborNight(tmp_path, Policy(write_back=how))
    equip(night)
    booking = night.book(0, 1)
    night.connector.webhooks.subscribe(night.url)
    night.do("full")
    for _ in range(10):
        night.minute()
    check(night, booking, first="201", second="202")
    before = writes(night)
    for _ in range(30):
        night.minute()
    assert writes(night) == before
    night.store.close()


@each_value(every_day=1, how=["token", "note"], says=[200, 403])
def test_a_house_that_refuses_is_one_alert_and_no_storm(tmp_path: Path, how: str, says: int) -> None:
    operations = {"getCustomFields", "putReservation"} if how == "token" else {"postReservationNote"}
    night = HarborNight(tmp_path, Policy(write_back=how))
    equip(night)
    booking = night.book(0)
    faults = night.house.faults
    faults.not_granted, faults.says_not_granted = frozenset(operations), says
    night.do("full")
    for _ in range(30):
        night.minute()
    asked = sum(night.house.calls[one] for one in operations)
    assert 1 <= asked <= 10
    (told,) = night.look_at_alerts()
    assert "The door codes of 1 booking are not in the PMS" in told
    faults.not_granted = frozenset()
    for _ in range(35):
        night.minute()
    check(night, booking, first="201")
    assert [one[:9] for one in night.look_at_alerts()] == ["end: Over"]
    night.store.close()


@EITHER_WAY
def test_no_pin_is_in_the_database_or_a_report(harbor: Harbor) -> None:
    booking = harbor.book(0)
    harbor.sync(full=True)
    settle(harbor)
    pin = harbor.seam.code_of(booking)
    assert pin is not None
    for file in harbor.path.glob("*.db*"):
        assert pin.encode() not in file.read_bytes()
    assert pin not in str(harbor.sync(booking_ids=(booking,)).as_json())
