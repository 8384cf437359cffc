"""A PMS that answers 200 and says nothing, or less than it knows, or in other writing: nobody loses access.

Whoever has a key keeps it and its PIN, somebody is told once, and when the PMS is well again all is in step without
anybody's doing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import LEASE, MaxRevocations, Policy
from sandbox.http import Answer
from tests.doors.apaleo import ApaleoHouse
from tests.doors.buildium import ZONE, CourtHouse
from tests.doors.cloudbeds import HarborHouse
from tests.doors.mews import MewsHouse
from tests.doors.week import FULL, INCREMENTAL, MINUTE, House

Lie = Callable[[str, Any], Any]
"""Operation and document -> what is told instead."""
STAYS = ("reservation", "lease")
ROOMS = ("resources", "units", "Rooms", "rentals/units")
PEOPLE = ("customers", "guest", "tenants")
HOUSES = ("propert", "enterprises", "getHotel", "rentals", "configuration", "services")


def _lists(document: Any, change: Callable[[list[Any]], Any]) -> Any:
    """The document with each of its lists (one level deep) changed."""
    if isinstance(document, list):
        return change(document)
    if not isinstance(document, dict):
        return document
    told = {name: change(value) if isinstance(value, list) else value for name, value in document.items()}
    if not any(isinstance(one, list) and one for one in told.values()):
        # How many there are is what the lists say.
        told |= dict.fromkeys(told.keys() & {"count", "total"}, 0)
    return told


def _of(names: tuple[str, ...], lie: Lie) -> Lie:
    return lambda operation, document: lie(operation, document) if any(n in operation for n in names) else document


def _nothing(_: str, document: Any) -> Any:
    return _lists(document, lambda _: [])


def _few(_: str, document: Any) -> Any:
    return _lists(document, lambda rows: rows[: len(rows) // 10])


def _null(_: str, document: Any) -> Any:
    return _lists(document, lambda _: None)


def _without_lists(_: str, document: Any) -> Any:
    if isinstance(document, dict):
        return {name: value for name, value in document.items() if not isinstance(value, list)}
    return {}


def _maps_for_lists(_: str, document: Any) -> Any:
    return _lists(document, lambda _: {})


def _no_document(_: str, __: Any) -> Any:
    return {}


def _ids(change: Callable[[str], Any]) -> Lie:
    def lie(_: str, document: Any) -> Any:
        def row(item: Any) -> Any:
            names = ("Id", "id", "reservationID", "subReservationID")
            if isinstance(item, dict):
                return {
                    name: change(value) if name in names and isinstance(value, str) else value
                    for name, value in item.items()
                }
            return item

        return _lists(document, lambda rows: [row(one) for one in rows])

    return lie


def _number(text: str) -> Any:
    digits = "".join(one for one in text if one.isdigit())
    return int(digits or "0")


LIES: dict[str, Lie] = {
    "every list is empty": _nothing,
    "no stays": _of(STAYS, _nothing),
    "no rooms": _of(ROOMS, _nothing),
    "no people": _of(PEOPLE, _nothing),
    "no properties": _of(HOUSES, _nothing),
    "a tenth of the stays": _of(STAYS, _few),
    "a tenth of everything": _few,
    "null for every list": _null,
    "no lists at all": _without_lists,
    "maps for lists": _maps_for_lists,
    "an empty document": _no_document,
    "ids as numbers": _of(STAYS, _ids(_number)),
    "ids in capitals": _of(STAYS, _ids(str.upper)),
    "ids in small letters": _of(STAYS, _ids(str.lower)),
}


class Liar:
    """Between a simulated PMS and whoever asks it."""

    def __init__(self, house: House):
        self.lie: Lie | None = None
        handle = house.pms.handle

        def told(
            method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
        ) -> Answer:
            answer = handle(method, path, query, headers, body)
            is_told = self.lie is not None and answer.status in (200, 204) and not answer.drop and method != "PUT"
            if not is_told or "token" in path or not answer.body:
                return answer
            assert self.lie is not None
            document = self.lie(path.partition("/v1")[2], json.loads(answer.body))
            if "X-Total-Count" in answer.headers:
                answer.headers["X-Total-Count"] = str(len(document) if isinstance(document, list) else 0)
            return replace(answer, body=json.dumps(document).encode())

        house.pms.handle = told


def _house(vendor: type[House], path: Path) -> House:
    sensible = MaxRevocations()
    policy = replace(LEASE, time_zone=ZONE) if vendor is CourtHouse else Policy()
    house: House = vendor(path, policy)  # type: ignore[arg-type]
    house.policy = replace(house.policy, max_revocations=sensible)
    house._assemble()
    return house


VENDORS: list[type[House]] = [MewsHouse, ApaleoHouse, HarborHouse, CourtHouse]


VENDOR = pytest.mark.parametrize("vendor", VENDORS, ids=["mews", "apaleo", "cloudbeds", "buildium"])


@VENDOR
@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_says_less_takes_nothing_away(tmp_path: Path, vendor: type[House], lie: str) -> None:
    _look(_house(vendor, tmp_path), 4, [lie])


@pytest.mark.slow
@VENDOR
@pytest.mark.parametrize(
    ("stays", "lies"),
    [
        (40, list(LIES)),
        (200, ["every list is empty", "no stays", "a tenth of the stays", "ids in capitals"]),
        (1000, ["a tenth of the stays"]),
    ],
    ids=["40", "200", "1000"],
)
def test_one_bad_answer_after_another_takes_nothing_away(
    tmp_path: Path, vendor: type[House], stays: int, lies: list[str]
) -> None:
    _look(_house(vendor, tmp_path), stays, lies)


def _look(house: House, stays: int, lies: list[str]) -> None:
    house.fill(stays)
    liar = Liar(house)
    house.begin()
    house.listen()
    house.pass_(minutes=INCREMENTAL / MINUTE)
    people = {right.person for right in house.rights()}
    opens, pins = house.opens(), {person: house.pins(person) for person in people}
    assert len(opens) == stays
    for lie in lies:
        house.told.messages.clear()
        liar.lie = LIES[lie]
        # What runs only once a day, or when somebody asks, finds the same; and so does what webhooks ask for.
        house.do("full")
        house.do("night_audit")
        for number in range(int(FULL / INCREMENTAL)):
            if number == 2:
                house.say_that_all_changed()
            _wait(house, INCREMENTAL)
            assert house.opens() == opens, lie
        told = [subject for phase, subject in house.told.messages if phase == "begin"]
        assert len(told) <= 1, (lie, told)
        liar.lie = None
        house.do("night_audit")
        _wait(house, FULL + INCREMENTAL)
        assert house.opens() == opens, lie
        assert {person: house.pins(person) for person in people} == pins, lie
        # What was told is over.
        phases = [phase for phase, _ in house.told.messages]
        assert phases.count("begin") == phases.count("end"), (lie, house.told.messages)
        writes = house.seam.writes
        house.do("full")
        assert house.seam.writes == writes, lie


def _wait(house: House, span: timedelta) -> None:
    """The jobs of a span, and the look at alerts that goes with them."""
    for _ in range(int(span / INCREMENTAL)):
        house.clock.time += INCREMENTAL
        house._written = house.clock.time
        house.fire()
        house.settle()
        house.look_at_alerts()
