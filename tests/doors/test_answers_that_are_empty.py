"""A PMS that answers 200 and says nothing, or less than it knows, or in other writing: nobody loses access.

Whoever has a key keeps it and its PIN, somebody is told once, and when the PMS is well again all is in step without
anybody's doing.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sandbox.http import Answer
from tests.doors.apaleo import ApaleoHouse
from tests.doors.buildium import CourtHouse
from tests.doors.cloudbeds import HarborHouse
from tests.doors.lies import (
    HOUSES,
    PEOPLE,
    ROOMS,
    STAYS,
    VENDOR,
    house_of,
    lists_changed,
    nobody_loses_access,
    told_in_turns,
)
from tests.doors.mews import MewsHouse
from tests.doors.week import INCREMENTAL, MINUTE, House
from tests.every_day import first_of

Lie = Callable[[str, Any], Any]
"""Operation and document -> what is told instead."""


def _of(names: tuple[str, ...], lie: Lie) -> Lie:
    return lambda operation, document: lie(operation, document) if any(n in operation for n in names) else document


def _nothing(_: str, document: Any) -> Any:
    return lists_changed(document, lambda _: [])


def _few(_: str, document: Any) -> Any:
    return lists_changed(document, lambda rows: rows[: len(rows) // 10])


def _newest(_: str, document: Any) -> Any:
    return lists_changed(document, lambda rows: rows[-3:])


def _without_each_third(_: str, document: Any) -> Any:
    """Asked for one alone, it has none."""
    return lists_changed(document, lambda rows: [row for place, row in enumerate(rows) if place % 3])


def _null(_: str, document: Any) -> Any:
    return lists_changed(document, lambda _: None)


def _without_lists(_: str, document: Any) -> Any:
    if isinstance(document, dict):
        return {name: value for name, value in document.items() if not isinstance(value, list)}
    return {}


def _maps_for_lists(_: str, document: Any) -> Any:
    return lists_changed(document, lambda _: {})


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

        return lists_changed(document, lambda rows: [row(one) for one in rows])

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
    "the newest three stays": _of(STAYS, _newest),
    "each third stay is lost": _of(STAYS, _without_each_third),
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


OF_A_DAY: dict[type[House], list[str]] = {
    MewsHouse: ["every list is empty"],
    ApaleoHouse: ["ids as numbers"],
    HarborHouse: ["a tenth of the stays"],
    CourtHouse: ["no people"],
}
"""Every day each vendor tells one lie; in the long tests all of them tell all, one after another."""


# For Mews tests/test_witnesses.py tells such lies every day.
@first_of(3, "vendor", [ApaleoHouse, HarborHouse, CourtHouse, MewsHouse])
def test_answers_that_say_less_take_nothing_away(tmp_path: Path, vendor: type[House]) -> None:
    _look(house_of(vendor, tmp_path), 4, OF_A_DAY[vendor])


# All of them by all vendors, in the house below.
@pytest.mark.slow
@told_in_turns(LIES, by=1)
def test_an_answer_that_says_less_takes_nothing_away(tmp_path: Path, vendor: type[House], lie: str) -> None:
    _look(house_of(vendor, tmp_path), 4, [lie])


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
    _look(house_of(vendor, tmp_path), stays, lies)


def _look(house: House, stays: int, lies: list[str]) -> None:
    house.fill(stays)
    liar = Liar(house)
    house.begin()
    house.listen()
    house.pass_(minutes=INCREMENTAL / MINUTE)
    assert len(house.opens()) == stays

    def tell(lie: str | None) -> None:
        liar.lie = None if lie is None else LIES[lie]

    nobody_loses_access(house, lies, tell, lambda lie: 1)
