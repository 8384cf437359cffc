"""One record of Seam that nobody can read costs itself: whoever needs it is not sure, and all others are served."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

from store.health import GrantHealth
from tests.test_lock_health import asked
from tests.test_verdicts_of_every_code import House, a_house

KINDS = {
    "access_grant": "access_grants",
    "access_method": "access_methods",
    "user_identity": "user_identities",
    "space": "spaces",
    "acs_entrance": "acs_entrances",
    "device": "devices",
    "acs_system": "acs_systems",
    "connected_account": "connected_accounts",
    "acs_user": "acs_users",
    "acs_credential": "acs_credentials",
}
"""How answers call one, and several."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return a_house(tmp_path_factory.mktemp("house"))


@contextmanager
def spoiled(house: House, kind: str, on: str, field: str) -> Iterator[None]:
    """Wherever Seam tells of that record, this field of it is a number."""
    seam = house.night.seam
    handle = seam.handle

    def between(*request: Any) -> Any:
        answer = handle(*request)
        document = json.loads(answer.body)
        inside = document.get("batch", document)
        for one in [inside.get(kind), *inside.get(KINDS[kind], ())]:
            if one is not None and one[f"{kind}_id"] == on:
                one[field] = 17
        return replace(answer, body=json.dumps(document).encode())

    seam.handle = between  # type: ignore[method-assign,assignment]
    try:
        yield
    finally:
        seam.handle = handle  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        # Every day one of the two of each kind, in turns.
        pytest.param(kind, field, marks=[pytest.mark.slow] if (at + turn) % 2 and kind != "space" else [])
        for at, kind in enumerate(KINDS)
        for turn, field in enumerate(("errors", "warnings"))
        if (kind, field) != ("space", "errors")
    ]
    + [("acs_system", "acs_system_id"), ("connected_account", "connected_account_id")],
)
def test_a_record_that_cannot_be_read_is_not_sure_and_keeps_no_other_back(house: House, kind: str, field: str) -> None:
    on, whom = next(house.places()[kind])
    night = house.night
    with spoiled(house, kind, on, field):
        for room, booking in house.guests.items():
            said = asked(night, f"/api/bookings/alpen/{booking}")
            assert said["verdict"] == ("unsure" if room in whom else "opens"), said["sentence"]
        # Whoever was well in an access system is asked for there each half hour.
        night.clock.pass_(minutes=31 if kind in ("acs_user", "acs_credential") else 1)
        night.do("arrival_check")
        noted = {one.booking_id: one for one in GrantHealth(night.store).of("alpen")}
        for room, booking in house.guests.items():
            assert noted[booking].at == night.clock.now(), "everybody was looked at"
            assert noted[booking].verdict == ("unsure" if room in whom else "opens"), noted[booking].why
