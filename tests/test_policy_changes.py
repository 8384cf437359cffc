"""Changes of policies by programs and by page: what each would do, its roll-out in waves, and how it is taken back."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assembly import utc_now
from settings.policy_changes import PolicyChanges
from settings.rollout import Rollout
from store.people import People, Role
from store.policy_changes import Stage
from tests.office import Office, Service, opened_office, serving
from tests.web.test_connections_api import Program


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("settings.rollout.TAKEN_UP", timedelta(0))
    with opened_office(tmp_path, monkeypatch) as found:
        found.good("policies", "set", "house", "late=0s")
        for number, name in enumerate(("alpen", "isar")):
            found.add(name, number, policy="house")
        yield found


@pytest.fixture
def program(office: Office) -> Iterator[Program]:
    with serving(office) as service:
        service.go_on()
        yield Program(service, People(service.parts.store).make_token("vendor", Role.ADMIN, utc_now()))


def desk_of(service: Service) -> PolicyChanges:
    desk: PolicyChanges = service.parts.site.extensions["nightporter"].policy_changes
    desk._look_at = float("inf")  # The tests do what its thread would.
    return desk


def ends(office: Office) -> list[str]:
    return sorted(grant["ends_at"] for grant in office.seam.live_grants())


def go_on(program: Program) -> dict[str, Any]:
    """Until nothing more happens; how the change stands then."""
    desk = desk_of(program.service)
    for _ in range(12):
        desk.work()
        program.service.go_on()
        stands: dict[str, Any] = program.good("GET", "/policies/house/change")
        if stands["state"] not in (Stage.PREVIEW, Stage.ROLLING):
            break
    return stands


def test_a_program_sees_what_a_change_would_do_and_nothing_is_changed(office: Office, program: Program) -> None:
    desk_of(program.service)
    before = ends(office)
    status, asked = program.ask("POST", "/policies/house/preview", {"settings": {"late": "1h"}})
    assert (status, asked["state"]) == (202, "preview")
    stands = go_on(program)
    assert stands["state"] == "previewed"
    assert [(one["connections"], one["counts"]) for one in stands["seen"]] == [
        (["alpen"], {"updated": 1}),
        (["isar"], {"updated": 1}),
    ]
    assert [one["property"] for one in stands["seen"]] == ["Hotel 0", "Hotel 1"]
    assert ends(office) == before
    assert program.error("POST", "/policies/house/preview", {"settings": {"horizon": "3d"}})[0] == 422
    assert program.error("POST", "/policies/motel/preview", {"settings": {"late": "1h"}})[0] == 404
    assert program.error("GET", "/policies/hotel/change")[0] == 404


def test_a_program_rolls_a_change_out_and_it_goes_on_where_a_process_has_ended(
    office: Office, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, before = desk_of(program.service), ends(office)
    wish = {"settings": {"late": "1h"}, "first": "isar"}
    assert program.ask("POST", "/policies/house/roll-out", wish)[0] == 202
    assert program.error("POST", "/policies/house/roll-out", wish)[0] == 409, "one at a time"
    with monkeypatch.context() as ending:
        ending.setattr(Rollout, "give", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.work()
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house", "house"]
    stands = go_on(program)
    assert (stands["state"], [one["connections"] for one in stands["seen"]]) == ("finished", [["isar"], ["alpen"]])
    assert all(one["counts"] == {"changed": 1} for one in stands["seen"])
    assert all(now != then for now, then in zip(ends(office), before, strict=True))
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house", "house"]
    assert "late: 1h" in office.good("policies", "show", "house")


def test_a_roll_out_that_goes_wrong_stops_and_is_taken_back_on_the_page(office: Office, program: Program) -> None:
    desk_of(program.service)
    hotel = office.hotels[0]
    hotel.cancel(next(iter(hotel.reservations)))
    program.ask("POST", "/policies/house/roll-out", {"settings": {"late": "1h"}, "max_revocations": 0})
    stands = go_on(program)
    assert stands["state"] == "stopped"
    assert stands["note"] == "revocations in this wave: 1, and at most 0 are allowed"
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house-next", "house"]
    assert program.good("POST", "/policies/house/take-back") == {"connections": ["alpen"]}
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house", "house"]
    assert program.good("GET", "/policies/house/change")["state"] == "taken back"
