"""Weeks of four vendors' houses: nobody opens another's door or stands outside, and a PIN is one's own."""

import os
import random
from pathlib import Path

import pytest

from mappers.policy import Policy
from tests.doors.apaleo import ApaleoDesk, ApaleoHouse
from tests.doors.buildium import CourtDesk, CourtHouse
from tests.doors.cloudbeds import HarborDesk, HarborHouse
from tests.doors.mews import MewsDesk, MewsHouse
from tests.doors.week import Week


def mews(path: Path, luck: random.Random) -> Week:
    policy = Policy(guests=luck.choice(("primary", "everyone")))
    seed, override = luck.randrange(1000), luck.random() < 0.3
    house = MewsHouse(path, policy, seed=seed, override=override, beds=luck.choice((2, 2, 5)))
    return Week(house, luck, MewsDesk(house, luck))


def apaleo(path: Path, luck: random.Random) -> Week:
    policy = Policy(guests=luck.choice(("primary", "everyone")))
    meet, override = luck.random() < 0.3, luck.random() < 0.3
    house = ApaleoHouse(path, policy, seed=luck.randrange(1000), ranges_meet=meet, override=override)
    return Week(house, luck, ApaleoDesk(house, luck))


def cloudbeds(path: Path, luck: random.Random) -> Week:
    policy = Policy(guests=luck.choice(("primary", "everyone")))
    house = HarborHouse(path, policy, seed=luck.randrange(1000), lists_by_id=luck.random() < 0.5)
    return Week(house, luck, HarborDesk(house, luck))


def buildium(path: Path, luck: random.Random) -> Week:
    house = CourtHouse(path, seed=luck.randrange(1000))
    house.office.days_count_as_updates = luck.random() < 0.5
    house.office.moves_out_by_itself = luck.random() < 0.5
    return Week(house, luck, CourtDesk(house, luck))


VENDORS = {"mews": mews, "apaleo": apaleo, "cloudbeds": cloudbeds, "buildium": buildium}
SEEDS = [int(one) for one in os.environ.get("SEEDS", "").split()] or [1]
"""Others by hand, as many as there is time for (a minute each): `SEEDS="$(seq 2 20)" make slow`."""


def week_of(vendor: str, path: Path, seed: int) -> Week:
    luck = random.Random(f"{vendor} {seed}")
    week = VENDORS[vendor](path, luck)
    if luck.random() < 0.4:
        week.house.listen()
    return week


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("vendor", VENDORS)
def test_a_week_without_a_wrong_minute(tmp_path: Path, vendor: str, seed: int) -> None:
    week = week_of(vendor, tmp_path, seed)
    week.run(days=7)
    assert week.house.watch.verdict.is_good(), str(week.house.watch.verdict)


@pytest.mark.parametrize("vendor", VENDORS)
def test_some_hours_without_a_wrong_minute(tmp_path: Path, vendor: str) -> None:
    week = week_of(vendor, tmp_path, 0)
    week.run(days=0.04)
    assert week.house.watch.verdict.openings > 100
    assert week.house.watch.verdict.is_good(), str(week.house.watch.verdict)
