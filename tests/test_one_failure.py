"""One record, one failure: whatever cannot be done for one person, booking or property is done for all the others."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.session import PmsSession
from mappers.policy import Policy
from reconciler.executor import Executor
from reconciler.prepare import Preparation
from sandbox.seam_workspace import Refusal
from store.history import History
from store.queue import BOOKINGS, Queue
from tests.at_the_doors import openers
from tests.world import START, World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path, Policy(guests="everyone", replace_wait=timedelta(seconds=20)))
    yield world
    world.store.close()


def now(world: World) -> set[tuple[str, str]]:
    world.clock.pass_(minutes=5)
    return set(openers(world.seam, world.clock.now()))


def test_what_a_run_opened_at_the_pms_is_closed_when_it_ends_however_it_ends(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(PmsSession, "close", lambda self: closed.append(True))
    world.book()
    world.sync()
    assert closed == [True]
    monkeypatch.setattr(Preparation, "prepare", lambda *_: 1 / 0)
    assert world.sync().exit == 1
    assert closed == [True, True]


def refuse(world: World, what: str, whom: str) -> Any:
    """Seam refuses everything of that kind for the person with that first name; returns how it was before."""
    before = getattr(world.seam, what)

    def refusing(given: dict[str, Any]) -> str:
        name = given.get("full_name") or ""
        if "user_identity_id" in given:
            name = world.seam.user_identities[given["user_identity_id"]]["full_name"]
        if name.startswith(whom):
            raise Refusal(400, "invalid_input", "this person cannot be taken")
        return str(before(given))

    setattr(world.seam, what, refusing)
    return before


@pytest.mark.parametrize("what", ["user_identities_create", "access_grants_create"])
@pytest.mark.parametrize("whom", ["Ada", "Otto"])
def test_a_person_whom_seam_refuses_holds_up_nobody_else_on_the_booking(world: World, what: str, whom: str) -> None:
    world.book(guest=world.guest("Ada", "Alt"), companions=[world.guest("Otto", "Weiss"), world.guest("Eva", "Egger")])
    before = refuse(world, what, whom)
    report = world.sync()
    assert now(world) == {("101", one) for one in ("Ada", "Otto", "Eva") if one != whom}
    assert report.exit == 1
    setattr(world.seam, what, before)
    world.tick(full=True)
    assert len(now(world)) == 3


@pytest.mark.parametrize("override", [False, True])
def test_in_a_move_everybody_is_tried_though_one_is_refused(world: World, override: bool) -> None:
    for room in range(2):
        world.equip(room, override)
    booking = world.book(guest=world.guest("Ada", "Alt"), companions=[world.guest("Otto", "Weiss")])
    world.sync()
    pins = openers(world.seam, world.clock.now())
    world.hotel.assign(booking, world.rooms[1])
    before = refuse(world, "access_grants_create", "Ada")
    world.tick()
    assert now(world) == {("102", "Otto")}
    world.seam.access_grants_create = before  # type: ignore[method-assign]
    world.clock.pass_(minutes=30)
    world.tick(full=True)
    world.clock.pass_(minutes=5)
    assert openers(world.seam, world.clock.now()) == {("102", who): pin for (_, who), pin in pins.items()}


def test_a_move_takes_nothing_from_whom_nothing_new_can_be_made(world: World) -> None:
    booking = world.book(guest=world.guest("Ada", "Alt"))
    world.sync()
    world.hotel.assign(booking, world.rooms[1])
    world.seam.remove("space", world.rooms[1])
    world.seam.spaces_create = lambda given: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    world.tick()
    assert now(world) == {("101", "Ada")}


def test_a_revocation_that_fails_holds_up_nobody_who_comes(world: World) -> None:
    friend = world.guest("Otto", "Weiss")
    booking = world.book(guest=world.guest("Ada", "Alt"), companions=[friend])
    world.sync()
    world.hotel.remove_companion(booking, friend)
    world.hotel.add_companion(booking, world.guest("Eva", "Egger"))
    delete = world.seam.access_grants_delete
    world.seam.access_grants_delete = lambda given: 1 / 0  # type: ignore[method-assign,assignment,return-value]
    world.tick()
    assert ("101", "Eva") in now(world)
    world.seam.access_grants_delete = delete  # type: ignore[method-assign]
    world.clock.pass_(minutes=30)
    world.tick(full=True)
    assert now(world) == {("101", "Ada"), ("101", "Eva")}


@pytest.mark.parametrize("where", [(Preparation, "prepare"), (Executor, "execute")])
def test_a_defect_in_one_property_ends_with_that_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: tuple[type, str]
) -> None:
    world = World(tmp_path, portfolio=True)
    second = world.hotel.add_property("Hotel Seeblick")
    service = world.hotel.add_service(second)
    room = world.hotel.add_room(second, "201", world.hotel.add_category(service))
    world.book()
    world.hotel.book(
        world.guest("Otto", "Weiss"),
        next(one for one, kind in world.hotel.categories.items() if kind["ServiceId"] == service),
        START + timedelta(days=2),
        START + timedelta(days=4),
        room,
    )
    owner, name = where
    real = getattr(owner, name)
    met: list[int] = []

    def broken(self: Any, *rest: Any) -> Any:
        met.append(1)
        if len(met) == 1:
            raise KeyError("Jana Novak")
        return real(self, *rest)

    monkeypatch.setattr(owner, name, broken)
    report = world.sync()
    assert report.exit == 1
    assert len(now(world)) == 1
    assert any("a defect in Night Porter (KeyError" in (item.error or "") for item in report.items)
    assert not any("Novak" in (item.error or "") for item in report.items)
    monkeypatch.undo()
    world.tick()
    assert now(world) == {("101", "Jana"), ("201", "Otto")}


def test_a_run_that_meets_a_defect_outside_every_property_has_an_end_and_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.connector, "reader", lambda: 1 / 0)
    report = world.sync()
    assert report.exit == 1
    assert "the run ended before its time" in (report.broken_off or "")
    (row,) = History(world.store).runs()[:1]
    assert row.finished_at is not None
    monkeypatch.undo()
    assert world.tick(full=True).exit == 0


def test_a_defect_in_handing_codes_over_costs_one_bookings_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(tmp_path, Policy(write_back="token"))
    for room in range(2):
        world.equip(room)
    broken, good = world.book(0), world.book(1)
    real = world.connector.door_codes.write

    def write(of: Any, codes: Any, how: str) -> Any:
        if broken in codes:
            raise ValueError("nobody foresaw this")
        return real(of, codes, how)

    monkeypatch.setattr(world.connector.door_codes, "write", write)
    world.sync()
    world.clock.pass_(days=2)
    report = world.tick(full=True)
    assert len(world.hotel.tokens_of(good)) == 1
    assert world.hotel.tokens_of(broken) == []
    assert report.exit == 1
    monkeypatch.undo()
    world.clock.pass_(minutes=40)
    world.tick(full=True)
    assert len(world.hotel.tokens_of(broken)) == 1


def test_a_booking_without_an_id_is_told_and_nobody_looks_for_it_by_a_name_that_it_has_not(world: World) -> None:
    world.hotel.corrupt("reservations", world.book(), "Id", None)
    report = world.sync(full=True)
    assert "?" in {item.key for item in report.items}
    assert [task.subject for task in Queue(world.store).waiting(world.name, BOOKINGS)] == []
