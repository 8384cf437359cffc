"""Every simulated system shows its clock, right or wrong: `Date` in each answer, and in the stamps of what changes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
import requests

from sandbox.buildium_office import BuildiumOffice
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from tests.simulated.apaleo_hotel import ApaleoHotel
from tests.simulated.cloudbeds_house import CloudbedsHouse

NOW = datetime(2026, 3, 1, 12, 0, 0, 400_000, tzinfo=UTC)
SYSTEMS: list[Callable[..., Any]] = [ApaleoHotel, BuildiumOffice, CloudbedsHouse, MewsHotel, SeamWorkspace]


def _shown(system: Any) -> datetime | None:
    shown = system.handle("GET", "/", {}, {}, b"").headers.get("Date")
    return None if shown is None else parsedate_to_datetime(shown)


@pytest.mark.parametrize("make", SYSTEMS)
def test_answers_show_the_simulated_time_and_how_wrong_the_clock_is(make: Callable[..., Any]) -> None:
    system = make(now=lambda: NOW)
    assert _shown(system) == NOW.replace(microsecond=0)
    system.clock_skew = timedelta(minutes=-10)
    assert _shown(system) == NOW.replace(microsecond=0) - timedelta(minutes=10)
    system.shows_clock = False
    assert _shown(system) is None


def test_a_refusal_shows_the_time_over_the_wire_too() -> None:
    with serve(MewsHotel(now=lambda: NOW)) as server:
        answer = requests.get(server.url, timeout=5)
    assert parsedate_to_datetime(answer.headers["Date"]) == NOW.replace(microsecond=0)


def test_a_clock_that_is_wrong_stamps_changes_wrong() -> None:
    hotel = MewsHotel(now=lambda: NOW)
    hotel.clock_skew = timedelta(minutes=-10)
    guest = hotel.add_customer()
    assert datetime.fromisoformat(hotel.customers[guest]["UpdatedUtc"]) == NOW - timedelta(minutes=10)
