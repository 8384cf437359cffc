"""What a PMS, or something before it, says instead of the truth; and that nobody loses access by it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import LEASE, MaxRevocations, Policy
from tests.doors.apaleo import ApaleoHouse
from tests.doors.buildium import ZONE, CourtHouse
from tests.doors.cloudbeds import HarborHouse
from tests.doors.mews import MewsHouse
from tests.doors.week import FULL, INCREMENTAL, House

STAYS = ("reservation", "lease")
ROOMS = ("resources", "units", "Rooms", "rentals/units")
PEOPLE = ("customers", "guest", "tenants")
HOUSES = ("propert", "enterprises", "getHotel", "rentals", "configuration", "services")
VENDORS: list[type[House]] = [MewsHouse, ApaleoHouse, HarborHouse, CourtHouse]
NAMES = ["mews", "apaleo", "cloudbeds", "buildium"]
VENDOR = pytest.mark.parametrize("vendor", VENDORS, ids=NAMES)


def told_in_turns(lies: Collection[str], by: int) -> pytest.MarkDecorator:
    """Each lie, told by so many of the vendors in turns."""
    return pytest.mark.parametrize(
        ("vendor", "lie"),
        [
            pytest.param(VENDORS[(at + step) % len(VENDORS)], lie, id=f"{lie}-{NAMES[(at + step) % len(VENDORS)]}")
            for at, lie in enumerate(lies)
            for step in range(by)
        ],
    )


def lists_changed(document: Any, change: Callable[[list[Any]], Any]) -> Any:
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


def house_of(vendor: type[House], path: Path) -> House:
    sensible = MaxRevocations()
    policy = replace(LEASE, time_zone=ZONE) if vendor is CourtHouse else Policy()
    house: House = vendor(path, policy)  # type: ignore[arg-type]
    house.policy = replace(house.policy, max_revocations=sensible)
    house._assemble()
    return house


def nobody_loses_access(
    house: House, lies: Sequence[str], tell: Callable[[str | None], None], told_at_most: Callable[[str], int | None]
) -> None:
    """Tells one lie after another for a while, and the truth (None) after each: everybody's doors and PINs stay, what
    was told is over in the end, and nothing is left to do. `told_at_most`: how many alerts a lie may make."""
    people = {right.person for right in house.rights()}
    opens, pins = house.opens(), {person: house.pins(person) for person in people}
    for lie in lies:
        house.told.messages.clear()
        tell(lie)
        # What runs only once a day, or when somebody asks, finds the same; and so does what webhooks ask for.
        house.do("full")
        house.do("night_audit")
        for number in range(int(FULL / INCREMENTAL) + 2):
            if number == 2:
                house.say_that_all_changed()
                house.settle()
            wait(house, INCREMENTAL)
            assert house.opens() == opens, lie
        told = [subject for phase, subject in house.told.messages if phase == "begin"]
        most = told_at_most(lie)
        assert most is None or len(told) <= most, (lie, told)
        tell(None)
        house.do("night_audit")
        wait(house, FULL + INCREMENTAL)
        assert house.opens() == opens, lie
        assert {person: house.pins(person) for person in people} == pins, lie
        # What was told is over.
        phases = [phase for phase, _ in house.told.messages]
        assert phases.count("begin") == phases.count("end"), (lie, house.told.messages)
        writes = house.seam.writes
        house.do("full")
        assert house.seam.writes == writes, lie


def wait(house: House, span: timedelta) -> None:
    """The jobs of a span, and the look at alerts that goes with them."""
    for _ in range(int(span / INCREMENTAL)):
        house.clock.time += INCREMENTAL
        house._written = house.clock.time
        house.fire()
        house.settle()
        house.look_at_alerts()
