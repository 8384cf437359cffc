"""A PMS that answers from a copy which lags behind, or that contradicts itself."""

import copy
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from sandbox.http import Answer
from store.stays import Stays
from store.turns import take
from tests import fleet_of_one
from tests.night import Night
from tests.world import START

RECORDS = ("reservations", "customers", "resources", "companionships")


@pytest.fixture(params=[False, True], ids=["one process", "any process"])
def night(tmp_path: Path, request: pytest.FixtureRequest) -> Night:
    night = Night(tmp_path, own_turns=request.param)
    for room in (0, 1):
        night.equip(room)
    for number in range(4):
        arrival = START + timedelta(days=4 * number)
        night.book(number % 2, arrival=arrival, departure=arrival + timedelta(days=2))
    night.do("full")
    night.clock.pass_(minutes=20)
    night.do("incremental")
    return night


def as_of_now(night: Night) -> dict[str, Any]:
    return {name: copy.deepcopy(getattr(night.hotel, name)) for name in RECORDS}


def answering(night: Night, records: dict[str, Any]) -> None:
    """The PMS answers with these for one run, by a clock that is right."""
    there = {name: getattr(night.hotel, name) for name in RECORDS}
    vars(night.hotel).update(records)
    night.hotel._texts = {}
    night.do("incremental")
    vars(night.hotel).update(there)
    night.hotel._texts = {}


def test_what_an_old_answer_left_out_is_found_by_the_next_run(night: Night) -> None:
    before = as_of_now(night)
    night.clock.pass_(minutes=8)
    booking = night.book(0, arrival=START + timedelta(days=30))
    extended = next(iter(night.hotel.reservations))
    night.hotel.move_dates(extended, departure=START + timedelta(days=3))
    night.clock.pass_(minutes=12)
    answering(night, before)
    assert Stays(night.store).get("alpen", booking) is None
    night.clock.pass_(minutes=10)
    night.do("incremental")
    assert Stays(night.store).get("alpen", booking) is not None
    grant = night.seam.grant_by_key(extended)
    assert grant is not None
    assert grant["ends_at"].startswith(f"{START + timedelta(days=3):%Y-%m-%d}")


def test_what_was_dealt_with_is_read_again_and_costs_no_look(night: Night) -> None:
    booking = next(iter(night.hotel.reservations))
    night.hotel.move_dates(booking, departure=START + timedelta(days=3))
    night.do("incremental")
    night.clock.pass_(minutes=10)
    calls = night.seam.calls.total()
    night.do("incremental")
    assert night.seam.calls.total() == calls


def test_what_another_process_has_dealt_with_costs_no_look_either(tmp_path: Path) -> None:
    night = Night(tmp_path, own_turns=True)
    night.equip(0)
    night.do("full")
    booking = night.book(0, arrival=START + timedelta(days=4))
    for process, looks in (("first", True), ("second", False), ("third", False)):
        night._assemble()
        night.clock.pass_(minutes=10)
        before = night.seam.calls.total()
        night.do("incremental")
        assert (night.seam.calls.total() > before) is looks, process
    night.hotel.move_dates(booking, departure=START + timedelta(days=7))
    night._assemble()
    night.clock.pass_(minutes=2)
    night.do("incremental")
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"].startswith(f"{START + timedelta(days=7):%Y-%m-%d}")


def test_what_was_dealt_with_by_another_policy_is_looked_at_again(tmp_path: Path) -> None:
    night = Night(tmp_path, own_turns=True)
    night.equip(0)
    night.do("full")
    night.book(0, arrival=START + timedelta(days=4))
    night.do("incremental")
    night.policy = replace(night.policy, access_methods=("mobile_key",))
    night._assemble()
    night.clock.pass_(minutes=10)
    before = night.seam.calls.total()
    night.do("incremental")
    assert night.seam.calls.total() > before


def test_what_could_not_be_done_is_not_dealt_with(tmp_path: Path) -> None:
    night = Night(tmp_path, own_turns=True)
    night.equip(0)
    night.do("full")
    booking = night.book(0, arrival=START + timedelta(days=4))
    night.do("incremental")
    night.hotel.move_dates(booking, departure=START + timedelta(days=7))
    night.clock.pass_(minutes=2)
    night.seam.faults.fail_before = 1.0
    night.do("incremental")
    night.seam.faults.fail_before = 0.0
    night._assemble()
    night.clock.pass_(minutes=45)
    night.do("incremental")
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"].startswith(f"{START + timedelta(days=7):%Y-%m-%d}")


def test_a_change_that_is_taken_back_is_news_both_times(night: Night) -> None:
    booking = next(iter(night.hotel.reservations))
    for days in (3, 2, 3):
        night.clock.pass_(minutes=2)
        night.hotel.move_dates(booking, departure=START + timedelta(days=days))
        night.do("incremental")
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        assert grant["ends_at"].startswith(f"{START + timedelta(days=days):%Y-%m-%d}")


def _denied_by_id(night: Night, booking: str) -> None:
    """The PMS's lists go on showing a booking that it denies when it is asked for it."""
    handle = night.hotel.handle

    def denies(method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        if b"ReservationIds" not in body or booking.encode() not in body:
            return handle(method, path, query, headers, body)
        there = night.hotel.reservations
        night.hotel.reservations = {one: record for one, record in there.items() if one != booking}
        try:
            return handle(method, path, query, headers, body)
        finally:
            night.hotel.reservations = there

    night.hotel.handle = denies  # type: ignore[method-assign]


def test_what_a_list_shows_and_a_question_denies_stays_as_it_is_and_is_told(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(guests="everyone"))
    for room in (0, 1):
        night.equip(room)
    bookings = [night.book(number % 2, arrival=START + timedelta(days=4 * (number // 2))) for number in range(6)]
    night.do("full")
    night.clock.pass_(minutes=5)
    before = {grant["access_grant_key"]: grant["access_grant_id"] for grant in night.seam.live_grants()}
    _denied_by_id(night, bookings[0])
    for _ in range(3):
        night.clock.pass_(minutes=20)
        night.hotel._change(night.hotel.reservations, bookings[0])
        night.mews_webhook(("ServiceOrderUpdated", bookings[0]))
        night.settle()
        assert bookings[0] in {grant["access_grant_key"] for grant in night.seam.live_grants()}
        night.do("full")
    assert {grant["access_grant_key"]: grant["access_grant_id"] for grant in night.seam.live_grants()} == before
    report = night.sync(booking_ids=(bookings[0],))
    assert any(item.outcome == "alert" and "says that there is none when" in item.reason for item in report.items)


@pytest.mark.skipif(fleet_of_one.is_wanted(), reason="there each run notes for all what it has done")
@pytest.mark.parametrize("night", [False], indirect=True, ids=["one process"])
def test_what_another_process_may_have_changed_meanwhile_is_looked_at_again(night: Night) -> None:
    night.clock.pass_(minutes=10)
    take(night.store, "run alpen").release()
    calls = night.seam.calls.total()
    booking = next(iter(night.hotel.reservations))
    night.hotel._change(night.hotel.reservations, booking)
    night.do("incremental")
    assert night.seam.calls.total() > calls
    night.do("incremental")
    calls = night.seam.calls.total()
    night.hotel._change(night.hotel.reservations, booking)
    night.do("incremental")
    assert night.seam.calls.total() == calls
