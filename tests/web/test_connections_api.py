"""Connections and policies by programs, while runs go on: what is done, refused, and never told."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from assembly import utc_now
from store.people import People, Role
from tests.office import KEY, WEBHOOK_TOKEN, Office, Service, opened_office, serving


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with opened_office(tmp_path, monkeypatch) as found:
        yield found


@dataclass
class Program:
    """Speaks to a service that runs; `said` is all that it was ever answered."""

    service: Service
    token: str
    said: str = ""

    def ask(self, method: str, path: str, json: Any = None, **rest: Any) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {self.token}"}
        client = self.service.parts.site.test_client()
        answer = client.open(f"/api{path}", method=method, json=json, headers=headers, **rest)
        self.said += answer.text
        return answer.status_code, answer.json

    def good(self, method: str, path: str, json: Any = None, **rest: Any) -> Any:
        status, answer = self.ask(method, path, json, **rest)
        assert status in (200, 201), answer
        return answer

    def error(self, method: str, path: str, json: Any = None, **rest: Any) -> tuple[int, str]:
        status, answer = self.ask(method, path, json, **rest)
        return status, answer["error"]


@pytest.fixture
def program(office: Office) -> Iterator[Program]:
    with serving(office) as service:
        yield Program(service, People(service.parts.store).make_token("vendor", Role.ADMIN, utc_now()))


def new(office: Office, name: str, number: int = 0, **rest: Any) -> dict[str, Any]:
    return {"name": name, "settings": office.block(number, key_prefix=f"{name}/", **rest)}


def test_a_connection_lives_its_life_by_programs_while_runs_go_on(office: Office, program: Program) -> None:
    made = program.good("POST", "/connections", new(office, "alpen", webhook_token=WEBHOOK_TOKEN))
    assert (made["state"], made["source"], made["version"], made["state_by"]) == (
        "active",
        "database",
        1,
        "token vendor",
    )
    assert made["secrets"] == ["mews.access_token", "mews.client_token", "webhook_token"]
    program.service.go_on()
    assert len(office.seam.access_grants) == 1

    changed = program.good("PATCH", "/connections/alpen", {"settings": {"schedules": {"full": "3h"}}, "version": 1})
    assert (changed["settings"]["schedules"], changed["version"]) == ({"full": "3h"}, 2)
    assert program.error("PATCH", "/connections/alpen", {"settings": {"policy": "lease"}, "version": 1})[0] == 409
    program.service.go_on()
    assert program.service.scheduler._workers["alpen"].jobs.connection.timetable.full == timedelta(hours=3)

    until = (utc_now() + timedelta(days=2)).isoformat()
    paused = program.good("POST", "/connections/alpen/pause", {"reason": "pipes burst", "until": until})
    assert (paused["state"], paused["state_reason"]) == ("paused", "pipes burst")
    program.service.due("alpen")
    number = len(program.service.runs("alpen"))
    program.service.go_on()
    assert len(program.service.runs("alpen")) == number
    assert program.good("POST", "/connections/alpen/watch", {})["state"] == "watch"
    assert program.good("POST", "/connections/alpen/resume", {})["state"] == "active"

    office.hotels[0].access_token = "another-0123456789"
    program.service.due("alpen")
    program.service.go_on(steps=1)
    assert program.good("GET", "/connections/alpen")["state"] == "refused"
    secrets = {"mews.access_token": "another-0123456789"}
    assert program.good("POST", "/connections/alpen/rotate", {"secrets": secrets})["state"] == "active"
    program.service.go_on()
    assert program.service.alerts() == []

    assert program.good("DELETE", "/connections/alpen", query_string={"reason": "sold"})["state"] == "removed"
    program.service.go_on()
    assert program.service.scheduler._led == frozenset()
    assert len(office.seam.access_grants) == 1
    assert program.error("PATCH", "/connections/alpen", {"settings": {}}) == (404, "There is no connection alpen.")
    assert [one["state"] for one in program.good("GET", "/connections")] == ["removed"]
    actions = [one.action for one in People(program.service.parts.store).audit_entries()]
    assert actions[:2] == ["connection removed", "changed connection"]


def test_a_connection_is_removed_with_its_access_where_a_program_asks_for_that(
    office: Office, program: Program
) -> None:
    program.good("POST", "/connections", new(office, "alpen"))
    program.service.go_on()
    assert program.good("DELETE", "/connections/alpen", query_string={"access": "take_away"})["state"] == "leaving"
    program.service.go_on()
    assert program.good("GET", "/connections/alpen")["state"] == "removed"
    office.seam.tick()
    assert not office.seam.access_grants


def test_what_is_not_accepted_is_said_in_sentences(office: Office, program: Program) -> None:
    wrong = {"name": "alpen", "settings": {"connector": "mews", "mews": {"base_url": "mews"}, "policy": "motel"}}
    status, error = program.error("POST", "/connections", wrong)
    assert status == 422
    for sentence in (
        "connections.alpen.mews.base_url: should be an address",
        "connections.alpen.mews.client_token: is missing",
        "connections.alpen.policy: there is no policy motel",
    ):
        assert sentence in error
    program.good("POST", "/connections", new(office, "alpen"))
    assert program.error("POST", "/connections", new(office, "alpen")) == (409, "There is a connection alpen already.")
    assert "overlap" in program.error("POST", "/connections", new(office, "isar", 1) | {"settings": office.block(1)})[1]
    assert "carries it" in program.error("PATCH", "/connections/alpen", {"settings": {"key_prefix": "x/"}})[1]
    for path, body, sentence in (
        ("/connections/alpen/rotate", {"secrets": {"mews.base_url": "https://evil.example"}}, "there is no secret"),
        ("/connections/alpen/rotate", {"secrets": {}}, "no secret was given"),
        ("/connections/alpen/rotate", {"secrets": {"mews.access_token": ""}}, "mews.access_token: is empty"),
        ("/connections/alpen/pause", {"until": "2020-01-01T00:00:00Z"}, "this time is over"),
        ("/connections/alpen/pause", {"until": "tomorrow"}, "until: Not a valid datetime"),
        ("/connections/alpen/pause", {"reason": "\ud800"}, "has a character that no text has"),
        ("/connections/alpen/pause", {"why": "pipes"}, "why: Unknown field"),
    ):
        status, error = program.error("POST", path, body)
        assert (status, sentence in error) == (422, True), error
    assert program.error("POST", "/connections/isar/pause", {})[0] == 404
    assert program.error("GET", "/policies/motel") == (404, "There is no policy motel.")
    nested: dict[str, Any] = {"env": {"name": "env:NIGHTPORTER_SECRET_KEYS"}}
    status, error = program.error("PATCH", "/connections/alpen", {"settings": {"mews": nested}})
    assert (status, KEY in error, "env:NAME is for the settings file" in error) == (422, False, True)


def test_a_policy_is_made_and_changed_for_the_connections_that_use_it(office: Office, program: Program) -> None:
    made = program.good("PATCH", "/policies/house", {"settings": {"provision_ahead": "12h"}})
    assert (made["source"], made["version"], made["settings"]["provision_ahead"]) == ("database", 1, "12h")
    program.good("POST", "/connections", new(office, "alpen", policy="house"))
    program.service.go_on()
    assert not office.seam.access_grants
    changed = program.good("PATCH", "/policies/house", {"settings": {"provision_ahead": None}, "version": 1})
    assert changed["used_by"] == ["alpen"]
    assert program.error("PATCH", "/policies/house", {"settings": {"late": "1h"}, "version": 1})[0] == 409
    status, error = program.error("PATCH", "/policies/house", {"settings": {"horizon": "3d"}})
    assert (status, "policies.house.horizon: should be at least provision_ahead" in error) == (422, True)
    program.service.due("alpen")
    program.service.go_on()
    assert len(office.seam.access_grants) == 1


def test_connections_of_the_file_are_shown_and_not_changed(office: Office) -> None:
    with office.config.open("a") as file:
        file.write(f"connections: {{alpen: {office.block(webhook_token=WEBHOOK_TOKEN)}}}\n")
    with serving(office) as service:
        program = Program(service, People(service.parts.store).make_token("vendor", Role.ADMIN, utc_now()))
        (one,) = program.good("GET", "/connections")
        assert (one["source"], one["version"], one["settings"]["mews"]) == (
            "file",
            0,
            {"base_url": office.servers[0].url},
        )
        for method, path, body in (
            ("PATCH", "/connections/alpen", {"settings": {"policy": "lease"}}),
            ("POST", "/connections/alpen/pause", {}),
            ("DELETE", "/connections/alpen", None),
        ):
            status, error = program.error(method, path, body)
            assert (status, "stands in the settings file" in error) == (422, True)
        assert WEBHOOK_TOKEN not in program.said


def test_without_a_key_for_secrets_it_is_said_what_to_set(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTPORTER_SECRET_KEYS")
    with serving(office) as service:
        program = Program(service, People(service.parts.store).make_token("vendor", Role.ADMIN, utc_now()))
        status, error = program.error("POST", "/connections", new(office, "alpen"))
        assert (status, "NIGHTPORTER_SECRET_KEYS is not set" in error) == (503, True)


def test_no_credential_is_in_an_answer_a_log_or_the_database(
    office: Office, program: Program, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    program.good("POST", "/connections", new(office, "alpen", webhook_token=WEBHOOK_TOKEN))
    program.service.go_on()
    tokens = {"mews.access_token": office.hotels[0].access_token, "mews.client_token": office.hotels[0].client_token}
    program.good("POST", "/connections/alpen/rotate", {"secrets": tokens})
    program.ask("POST", "/connections", new(office, "alpen"))
    program.ask("PATCH", "/connections/alpen", {"settings": {"connector": "apaleo", "mews": tokens}})
    program.ask("PATCH", "/connections/alpen", {"settings": {"mews": office.hotels[0].access_token}})
    program.ask("PATCH", "/connections/alpen", {"settings": {"webhook_token": [WEBHOOK_TOKEN]}})
    program.ask("POST", "/connections/alpen/rotate", {"secrets": {"mews.access_token": [tokens]}})
    program.service.go_on()
    for path in ("/connections", "/connections/alpen", "/audit-log", "/alerts", "/runs"):
        program.good("GET", path)
    kept = office.bytes_of_database()
    for secret in office.secrets:
        assert secret not in program.said
        assert secret.encode() not in kept
        assert secret not in caplog.text
        assert secret not in repr(program.service.parts.site.extensions["nightporter"])
