"""A PMS that answers with nothing, or with much less than it had, has said nothing at all."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from store.queue import Queue, TaskKind
from tests.every_day import first_of
from tests.night import Night
from tests.world import World

Answer = Callable[[World], None]


def _only(world: World, *lists: str, keep: int = 0) -> None:
    """These lists (all, where none is named) bring no more than `keep` records, whatever is asked for."""
    page = world.hotel._page

    def short(name: str, question: Any, items: Any, *rest: Any, **named: Any) -> Any:
        listed = list(items)
        return page(name, question, listed[:keep] if not lists or name in lists else listed, *rest, **named)

    world.hotel._page = short  # type: ignore[method-assign]


def _bookings_gone(world: World) -> None:
    world.hotel.reservations.clear()


def _rooms_gone(world: World) -> None:
    world.hotel.resources.clear()


def _guests_gone(world: World) -> None:
    world.hotel.customers.clear()


def _bookings_and_guests_gone(world: World) -> None:
    world.hotel.reservations.clear()
    world.hotel.customers.clear()


def _most_bookings_gone(world: World) -> None:
    for booking in list(world.hotel.reservations)[: len(world.hotel.reservations) * 3 // 4]:
        del world.hotel.reservations[booking]


def _half_the_bookings_gone(world: World) -> None:
    for booking in list(world.hotel.reservations)[::2]:
        del world.hotel.reservations[booking]


def _all_gone(world: World) -> None:
    for records in (world.hotel.reservations, world.hotel.resources, world.hotel.customers):
        records.clear()


LISTS = (
    "Enterprises",
    "Services",
    "Resources",
    "ResourceCategories",
    "ResourceCategoryAssignments",
    "Reservations",
    "Customers",
    "Companionships",
)
WAYS: dict[str, Answer] = {
    "everything is empty": lambda world: _only(world),
    "everything but the property is empty": lambda world: _only(world, *LISTS[2:]),
    **{f"no {name}": lambda world, name=name: _only(world, name) for name in LISTS},
    "one booking": lambda world: _only(world, "Reservations", keep=1),
    "one record of each": lambda world: _only(world, *LISTS[2:], keep=1),
    "bookings gone": _bookings_gone,
    "rooms gone": _rooms_gone,
    "guests gone": _guests_gone,
    "bookings and guests gone": _bookings_and_guests_gone,
    "most bookings gone": _most_bookings_gone,
    "half of the bookings gone": _half_the_bookings_gone,
    "all gone": _all_gone,
}
OF_A_DAY = (
    "everything is empty",
    "no Reservations",
    "one record of each",
    "rooms gone",
    "guests gone",
    "most bookings gone",
)
"""The first of its kind each: everything, one list, less of all, and each kind of record."""


def _night(path: Path, number: int) -> tuple[Night, list[str]]:
    night = Night(path, Policy(orphan_spaces="delete", guests="everyone"))
    night.rooms += [night.hotel.add_room(night.property, str(200 + room), night.double) for room in range(number)]
    bookings = [night.book(room) for room in range(number)]
    for booking in bookings[:2]:
        night.hotel.add_companion(booking, night.guest("Petr", "Novak"))
    night.do("full")
    assert all(night.doors(one) for one in bookings)
    return night, bookings


def _held_by(night: Night) -> dict[str, Any]:
    return {grant["access_grant_key"]: _pins(night, grant) for grant in night.seam.live_grants()}


def _pins(night: Night, grant: dict[str, Any]) -> Any:
    return night.workspace.pin_of(grant["access_grant_id"])


def _goes_wrong(night: Night, way: Answer) -> Callable[[], None]:
    """Makes the PMS answer so; returns what makes it well again."""
    hotel = night.hotel
    before = {name: dict(getattr(hotel, name)) for name in ("reservations", "resources", "customers")}
    page = hotel._page
    way(night)

    def well() -> None:
        hotel._page = page  # type: ignore[method-assign]
        for name, records in before.items():
            getattr(hotel, name).clear()
            getattr(hotel, name).update(records)

    return well


@pytest.mark.parametrize("number", [4, pytest.param(40, marks=pytest.mark.slow)])
@first_of(len(OF_A_DAY), "way", sorted(WAYS, key=lambda way: way not in OF_A_DAY))
def test_nobody_loses_access_because_a_pms_brings_too_little(tmp_path: Path, way: str, number: int) -> None:
    night, bookings = _night(tmp_path, number)
    before = _held_by(night)
    well = _goes_wrong(night, WAYS[way])
    told: list[str] = []
    for _ in range(4):
        night.clock.pass_(minutes=2)
        night.do("incremental")
        night.do("full")
        told += night.look_at_alerts()
    assert _held_by(night) == before
    assert len(night.seam.spaces) == len(night.rooms)
    assert len([one for one in told if one.startswith("begin")]) <= 1, told
    well()
    night.hotel.cancel(bookings[0])
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert not night.doors(bookings[0]), "in step within one interval"
    after = _held_by(night)
    assert after == {key: pin for key, pin in before.items() if not key.startswith(bookings[0])}
    told += night.look_at_alerts()
    night.do("full")
    told += night.look_at_alerts()
    assert [one.split(":")[0] for one in told] in ([], ["begin", "end"])


@first_of(1, "number", [4, 12])
def test_nobody_loses_access_by_webhooks_of_a_pms_that_denies_everything(tmp_path: Path, number: int) -> None:
    night, bookings = _night(tmp_path, number)
    before = _held_by(night)
    well = _goes_wrong(night, _bookings_gone)
    for booking in bookings:
        night.mews_webhook(("ServiceOrderUpdated", booking))
        night.settle()
        night.clock.pass_(seconds=10)
    assert _held_by(night) == before
    well()
    night.clock.pass_(minutes=6)
    night.do("incremental")
    assert _held_by(night) == before
    soon = night.clock.now() + timedelta(minutes=1)
    assert not Queue(night.store).is_due("alpen", [TaskKind.BOOKING_NEWS], soon, "anybody")


def test_one_booking_that_is_gone_among_others_that_are_there_is_believed(tmp_path: Path) -> None:
    night, bookings = _night(tmp_path, 4)
    night.hotel.delete_reservation(bookings[2])
    night.mews_webhook(("ServiceOrderUpdated", bookings[2]))
    night.settle()
    assert [bool(night.doors(one)) for one in bookings] == [True, True, False, True]


def test_while_one_property_is_in_doubt_nobody_loses_access_by_absence_in_another(tmp_path: Path) -> None:
    world = World(tmp_path, portfolio=True)
    other = world.hotel.add_property()
    service = world.hotel.add_service(other)
    category = world.hotel.add_category(service)
    rooms = [world.hotel.add_room(other, name, category) for name in ("1", "2", "3")]
    mine = [world.book(room) for room in range(3)]
    theirs = [
        world.hotel.book(
            world.guest(), category, world.clock.now() + timedelta(days=1), world.clock.now() + timedelta(days=3), room
        )
        for room in rooms
    ]
    world.sync()
    assert all(world.doors(one) for one in (*mine, *theirs))
    for booking in (*mine, theirs[0]):
        world.hotel.delete_reservation(booking)
    report = world.tick(full=True)
    assert report.exit == 1
    assert all(world.doors(one) for one in (*mine, *theirs))


def _dates_in_other_words(night: Night, of: list[str]) -> None:
    page = night.hotel._page

    def odd(name: str, *rest: Any, **named: Any) -> str:
        answer = json.loads(page(name, *rest, **named))
        for one in answer[name]:
            if one["Id"] in of:
                one |= {"ScheduledStartUtc": "soon", "StartUtc": "soon"}
        return json.dumps(answer)

    night.hotel._page = odd  # type: ignore[method-assign]


def _lists_lose_rows(night: Night) -> None:
    night.hotel.faults.lose_rows = 1.0


@first_of(
    1,
    ("spoil", "said"),
    [
        (lambda night, bookings: _dates_in_other_words(night, bookings), "8 of 8 bookings that it sent cannot be read"),
        (lambda night, bookings: _dates_in_other_words(night, bookings[:4]), None),
        (lambda night, bookings: _lists_lose_rows(night), "its lists left out 8 records of 8"),
    ],
    ids=["all are written otherwise", "half are", "lists are empty"],
)
def test_a_pms_whose_word_cannot_be_followed_is_told_once_and_takes_nothing_away(
    tmp_path: Path, spoil: Callable[[Night, list[str]], None], said: str | None
) -> None:
    night, bookings = _night(tmp_path, 8)
    before, page = _held_by(night), night.hotel._page
    spoil(night, bookings)
    told: list[str] = []
    for _ in range(4):
        night.clock.pass_(minutes=2)
        night.do("incremental")
        night.do("full")
        told += night.look_at_alerts()
    assert _held_by(night) == before
    begun = [one for one in told if one.startswith("begin")]
    assert len(begun) == (said is not None)
    assert all(str(said) in one.text for one in night.alert_book.open())
    night.hotel._page, night.hotel.faults.lose_rows = page, 0.0  # type: ignore[method-assign]
    night.clock.pass_(minutes=2)
    night.do("incremental")
    night.do("full")
    told += night.look_at_alerts()
    assert [one.split(":")[0] for one in told] == (["begin", "end"] if said else [])
    assert _held_by(night) == before
