"""Guests who change rooms in feeds without codes: one PIN, in the new room only, and nobody in anybody else's."""

from datetime import date
from pathlib import Path

import pytest

from tests.at_the_doors import ways
from tests.test_files_and_feeds import Feeds

STAY = date(2026, 9, 17), date(2026, 9, 22)
LONGER = date(2026, 9, 17), date(2026, 9, 23)
UNIQUE = "1418fb94e984-93b2aa17@airbnb.com"


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    return Feeds(tmp_path)


def event(uid: str, days: tuple[date, date], title: str, text: str = "") -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTART;VALUE=DATE:{days[0]:%Y%m%d}\r\nDTEND;VALUE=DATE:{days[1]:%Y%m%d}\r\n"
        f"SUMMARY:{title}\r\nDESCRIPTION:{text}\r\nEND:VEVENT"
    )


def publish(feeds: Feeds, lake: list[str], hill: list[str]) -> None:
    feeds.events = {"lake": dict(enumerate(lake)), "hill": dict(enumerate(hill))}  # type: ignore[arg-type]
    feeds.publish()


def pins(feeds: Feeds) -> dict[tuple[str, str], str]:
    """By room and name."""
    return {(way.room, way.who): way.pin for way in ways(feeds.seam, feeds.clock.now())}


ANNA, BEN = "Anna Novak", "Ben Meyer"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((event("u1", STAY, ANNA), event("u2", LONGER, BEN)), (event("u2", LONGER, BEN), event("u1", STAY, ANNA))),
        ((event("u1", STAY, ANNA), event("u2", STAY, BEN)), (event("u3", STAY, BEN), event("u4", STAY, ANNA))),
        ((event("u1", STAY, ANNA), event("u2", STAY, BEN)), (event("u1", STAY, BEN), event("u2", STAY, ANNA))),
        ((event("u1", STAY, "Anna"), event("u2", STAY, "Ben")), (event("u2", STAY, "Ben"), event("u1", STAY, "Anna"))),
    ],
)
def test_two_guests_who_swap_rooms_keep_their_pins_and_never_open_each_others_door(
    feeds: Feeds, before: tuple[str, str], after: tuple[str, str]
) -> None:
    publish(feeds, [before[0]], [before[1]])
    feeds.sync()
    ((_, anna), anna_pin), ((_, ben), ben_pin) = sorted(
        (((room, who), pin) for (room, who), pin in pins(feeds).items()), key=lambda one: one[0][1]
    )
    publish(feeds, [after[0]], [after[1]])
    feeds.tick()
    feeds.clock.pass_(minutes=1)
    assert pins(feeds) == {("hill", anna): anna_pin, ("lake", ben): ben_pin}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (event("u1", STAY, ANNA), event("u1", STAY, ANNA)),
        (event("u1", STAY, ANNA), event("u9", LONGER, "Novak, Anna")),
        (event("u1", STAY, ANNA), event("u9", STAY, "Anna")),
        (event("u1", STAY, "Reserved", "Phone: +43 660 5551234"), event("u9", LONGER, ANNA, "Tel: 0660 5551234")),
        (
            event("u1", STAY, "Reserved", "Phone Number (Last 4 Digits): 1234"),
            event("u9", STAY, "Reserved", "Phone Number (Last 4 Digits): 1234"),
        ),
        (event(UNIQUE, STAY, "Reserved"), event(UNIQUE, STAY, "Reserved")),
    ],
)
def test_a_guest_who_moves_to_another_room_has_one_pin_there_and_none_here(
    feeds: Feeds, before: str, after: str
) -> None:
    other = event("u5", (date(2026, 9, 25), date(2026, 9, 27)), "Carla Rossi")
    publish(feeds, [before, other], [])
    feeds.sync()
    pin = next(one.pin for one in ways(feeds.seam, feeds.clock.now()) if one.starts_at.day == 17)
    publish(feeds, [other], [after])
    feeds.tick()
    feeds.clock.pass_(minutes=1)
    found = {(way.room, way.pin) for way in ways(feeds.seam, feeds.clock.now()) if way.starts_at.day == 17}
    assert found == {("hill", pin)}


def test_a_move_that_one_feed_tells_later_than_the_other_ends_in_the_new_room_alone(feeds: Feeds) -> None:
    publish(feeds, [event("u1", STAY, ANNA)], [])
    feeds.sync()
    publish(feeds, [event("u1", STAY, ANNA)], [event("u1", STAY, ANNA)])
    for _ in range(3):
        feeds.tick()
    publish(feeds, [], [event("u1", STAY, ANNA)])
    for _ in range(3):
        feeds.tick()
    assert [room for room, _ in pins(feeds)] == ["hill"]


def test_of_two_flats_of_one_guest_none_is_closed_because_its_feed_is_empty_for_a_while(feeds: Feeds) -> None:
    publish(feeds, [event("u1", STAY, ANNA)], [event("u2", STAY, ANNA)])
    feeds.sync()
    publish(feeds, [], [event("u2", STAY, ANNA)])
    for _ in range(6):
        feeds.tick()
    assert sorted(room for room, _ in pins(feeds)) == ["hill", "lake"]


def test_a_second_booking_is_no_move_while_the_first_ones_feed_fails(feeds: Feeds) -> None:
    publish(feeds, [event("u1", STAY, ANNA)], [])
    feeds.sync()
    publish(feeds, [], [event("u2", LONGER, ANNA)])
    feeds.calendars.feeds["/lake"] = None
    feeds.tick()
    assert sorted(room for room, _ in pins(feeds)) == ["hill", "lake"]


def test_an_event_that_cannot_be_read_any_more_has_not_moved(feeds: Feeds) -> None:
    publish(feeds, [event("u1", STAY, ANNA)], [])
    feeds.sync()
    publish(feeds, [event("u1", STAY, ANNA).replace("DTEND", "DTENT")], [event("u2", STAY, ANNA)])
    feeds.tick()
    assert sorted(room for room, _ in pins(feeds)) == ["hill", "lake"]


def test_another_guest_of_the_same_days_elsewhere_gets_a_pin_of_her_own(feeds: Feeds) -> None:
    publish(feeds, [event("1", STAY, "Reserved")], [])
    feeds.sync()
    before = {way.pin for way in ways(feeds.seam, feeds.clock.now())}
    publish(feeds, [], [event("1", STAY, "Reserved")])
    feeds.tick()
    (way,) = [one for one in ways(feeds.seam, feeds.clock.now()) if one.room == "hill"]
    assert way.pin not in before
