"""What Seam and the PMS are asked for is counted: every call, every code, every webhook, for its property."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from store.costs import Cost, Costs
from tests.night import Night


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.listen()
    for room in range(3):
        night.book(room)
    return night


def counted(night: Night) -> dict[tuple[Cost, str], int]:
    lines = Costs(night.store).of_days(date(2026, 1, 1), date(2027, 1, 1))
    assert {one.connection for one in lines} <= {"alpen"}
    return {(one.kind, "" if one.property_id == "" else "hotel"): one.number for one in lines}


def total(night: Night, kind: Cost) -> int:
    return sum(number for (one, _), number in counted(night).items() if one is kind)


def test_every_call_of_runs_and_jobs_is_counted_once(night: Night) -> None:
    night.do("full")
    night.settle()
    night.do("lock_health")
    night.do("arrival_check")
    night.book(1, arrival=night.clock.now() + timedelta(days=6), departure=night.clock.now() + timedelta(days=8))
    night.settle()
    night.do("incremental")
    night.do("night_audit")
    assert total(night, Cost.SEAM_CALLS) == sum(night.seam.calls.values())
    assert total(night, Cost.PMS_CALLS) == sum(night.hotel.calls.values())


def test_codes_webhooks_and_code_days_are_of_their_property(night: Night) -> None:
    night.do("full")
    night.settle()
    night.clock.pass_(days=2)
    night.do("full")
    found = counted(night)
    assert found[Cost.CODES, "hotel"] == len(night.seam.access_grants) == 3
    assert found[Cost.CODE_DAYS, "hotel"] == 3
    assert total(night, Cost.SEAM_WEBHOOKS) >= 3
    assert total(night, Cost.PMS_WEBHOOKS) >= 3
    assert found[Cost.SEAM_CALLS, "hotel"] > found.get((Cost.SEAM_CALLS, ""), 0)
