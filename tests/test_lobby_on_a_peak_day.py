"""A shared door takes ten new PINs a minute: they come in the order of arrival, and whoever will not be in time is
named before."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import CommonArea, Policy
from reconciler.lock_forecasts import lock_forecasts
from sandbox.locks import Ways
from tests.night import Night
from tests.world import START


def a_night(path: Path) -> Night:
    night = Night(path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    night.seam.creates_a_minute, night.seam.just_in_time = 10, True
    lobby = night.keys.common_area("lobby", night.property, False)
    night.seam.add_device("Lobby", lobby, customer_key=night.property, ways=Ways(schedules_itself=False), slots=60)
    return night


def test_whoever_will_not_be_in_time_is_named_before_and_the_first_come_first(tmp_path: Path) -> None:
    night = a_night(tmp_path)
    night.listen()
    starts = [START + timedelta(minutes=3 if place % 5 else 6) for place in range(50)]
    bookings = [night.book(place % 3, arrival=start) for place, start in enumerate(starts)]
    night.do("full")
    night.do("lock_health")
    (lobby,) = lock_forecasts(night.store, [("alpen", night.property)], night.clock.now())["alpen", night.property]
    assert (lobby.slots, lobby.used, lobby.arrivals) == (60, 50, 50)
    named = {one.booking for one in lobby.late}
    assert named
    (told,) = (one for one in night.look_at_alerts() if "10 PINs a minute" in one)
    assert f"{len(named)} PINs may not be there in time" in told
    page = night.client("viewer").get("/locks/forecast").get_data(as_text=True)
    assert "50 PINs of ours now, 50 at most; it holds 60; 50 arrivals within 24 hours" in page
    assert page.index("too late") < page.index("Not in time: ")
    assert sum(f"/bookings/alpen/{one}" in page for one in bookings) == 10
    written: dict[str, float] = {}
    for minute in range(8):
        night.clock.pass_(minutes=1)
        night.seam.tick()
        for booking in bookings:
            grant = night.seam.grant_by_key(booking)
            assert grant is not None
            if booking not in written and night.seam.access_methods[grant["access_method_ids"][0]]["is_issued"]:
                written[booking] = minute + 1
    late = {one for one, start in zip(bookings, starts, strict=True) if START + timedelta(minutes=written[one]) > start}
    assert late <= named, "nobody is late who was not named"
    assert len(named) == 10
    first = [minute for one, minute in written.items() if bookings.index(one) % 5]
    assert max(first) <= min(written[one] for one in bookings[::5]), "whoever arrives first is written first"


@pytest.mark.slow
def test_five_hundred_arrivals_on_one_day_have_their_pin_before_their_own_start(tmp_path: Path) -> None:
    night = a_night(tmp_path)
    bookings = [night.book(place % 3, arrival=START + timedelta(hours=4, minutes=place % 120)) for place in range(500)]
    night.do("full")
    night.do("lock_health")
    (lobby,) = lock_forecasts(night.store, [("alpen", night.property)], night.clock.now())["alpen", night.property]
    named = {one.booking for one in lobby.late}
    for booking in sorted(bookings, key=lambda one: night.seam.grant_by_key(one)["starts_at"]):  # type: ignore[index]
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        start = START.fromisoformat(grant["starts_at"])
        night.clock.time = max(night.clock.time, start)
        night.seam.tick()
        is_there = night.seam.access_methods[grant["access_method_ids"][0]]["is_issued"]
        assert is_there or booking in named
    assert named == set()
