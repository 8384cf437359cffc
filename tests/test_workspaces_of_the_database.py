"""Seam workspaces that are no part of the settings file: made, given another key and removed by programs and commands,
while runs go on; their keys are readable nowhere."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from assembly import utc_now
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace
from store.database import open_database
from store.engine import Database
from store.people import People, Role
from tests.office import Office, Service, opened_office, serving
from tests.web.test_connections_api import Program, new

SECRET = "whsec_c2VjcmV0LW9mLXRoZS1zb3V0aC0wMTIzNDU2Nzg5"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with opened_office(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def program(office: Office) -> Iterator[Program]:
    with serving(office) as service:
        yield Program(service, People(service.parts.store).make_token("vendor", Role.ADMIN, utc_now()))


def full_run(service: Service, name: str) -> None:
    service.due(name)
    service.go_on()


def test_a_workspace_is_made_given_another_key_and_removed_while_runs_go_on(office: Office, program: Program) -> None:
    south = SeamWorkspace(delete_delay=timedelta(0))
    with serve(south) as server:
        wish = {"api_key": south.api_key, "endpoint": server.url, "webhook_secret": SECRET}
        made = program.good("PATCH", "/workspaces/south", wish)
        assert (made["source"], made["secrets"], made["used_by"]) == ("database", ["api_key", "webhook_secret"], [])
        program.good("POST", "/connections", new(office, "isar", 1, workspace="south"))
        program.service.go_on()
        assert len(south.live_grants()) == 1
        assert not office.seam.live_grants()
        assert program.good("GET", "/workspaces")[1]["used_by"] == ["isar"]
        secrets = program.service.parts.site.extensions["nightporter"].seam_webhook_secrets
        assert dict(secrets) == {"south": SECRET}, "its webhooks are known"

        before, south.api_key = south.api_key, "seam_another0_0123456789abcdef"
        hotel = office.hotels[1]
        hotel.cancel(next(iter(hotel.reservations)))
        program.good("PATCH", "/workspaces/south", {"api_key": south.api_key, "version": 1})
        program.service.go_on()
        full_run(program.service, "isar")
        assert not south.live_grants(), "with the new key"
        assert program.error("PATCH", "/workspaces/south", {"endpoint": server.url, "version": 1})[0] == 409

        status, why = program.error("DELETE", "/workspaces/south")
        assert (status, why) == (422, "seam.workspaces.south: isar works in it: remove that before.")
        program.good("DELETE", "/connections/isar")
        assert [one["name"] for one in program.good("DELETE", "/workspaces/south")] == [""]
        everything = office.bytes_of_database()
        for secret in (before, south.api_key, SECRET):
            assert secret.encode() not in everything
            assert secret not in program.said


def test_what_is_no_workspace_is_answered_with_sentences(office: Office, program: Program) -> None:
    assert "seam.workspaces.South" in program.error("PATCH", "/workspaces/South", {"api_key": "seam_x_0123456789"})[1]
    assert "api_key: is missing" in program.error("PATCH", "/workspaces/south", {"endpoint": "https://seam.example"})[1]
    assert program.error("PATCH", "/workspaces/south", {"api_key": "env:KEY"})[0] == 422
    assert program.error("DELETE", "/workspaces/south") == (404, "There is no Seam workspace south.")


def test_a_workspace_is_made_changed_and_removed_by_commands_and_its_key_is_taken_from_no_command_line(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, other = "seam_south00_0123456789abcdef", "seam_other000_0123456789abcdef"
    said = office.run("workspaces", "add", "south", f"api_key={key}")
    assert said.exit_code == 2
    assert "can be read by others" in said.output
    assert "endpoint: " in office.run("workspaces", "add", "south", "endpoint=nowhere", text=f"{key}\n").output
    office.good("workspaces", "add", "south", "endpoint=https://seam.example", text=f"{key}\n{SECRET}\n")
    (first, south) = json.loads(office.good("workspaces", "list", "--json"))
    assert (first["name"], first["source"]) == ("", "file")
    assert (south["secrets"], south["version"]) == (["api_key", "webhook_secret"], 1)
    assert "There is a Seam workspace south already" in office.run("workspaces", "add", "south", text=key).output

    monkeypatch.setenv("SOUTH_KEY", other)
    office.good("workspaces", "set", "south", "api_key=env:SOUTH_KEY", "webhook_secret=")
    office.good("workspaces", "set", "south", text=f"{key}\n\n")
    assert "nothing was changed" in office.run("workspaces", "set", "south", text="\n\n").output
    assert "There is no Seam workspace north" in office.run("workspaces", "set", "north", "endpoint=x").output
    (_, south) = json.loads(office.good("workspaces", "list", "--json"))
    assert (south["secrets"], south["endpoint"], south["version"]) == (["api_key"], "https://seam.example", 3)

    office.add("isar", 1, workspace="south")
    assert "south  https://seam.example  in the database  isar" in office.good("workspaces", "list")
    assert "isar works in it" in office.run("workspaces", "remove", "south", "--yes").output
    office.good("connections", "remove", "isar", "--yes")
    office.run("workspaces", "remove", "south", text="n\n")
    assert len(json.loads(office.good("workspaces", "list", "--json"))) == 2
    office.good("workspaces", "remove", "south", text="y\n")
    assert len(json.loads(office.good("workspaces", "list", "--json"))) == 1
    everything = office.bytes_of_database()
    assert key.encode() not in everything
    assert other.encode() not in everything
    store = Database(open_database(f"sqlite:///{office.database}"))
    noted = [(one.who, one.action, one.note) for one in People(store).audit_entries(target="south")]
    store.close()
    assert noted == [
        ("command line", "removed workspace", None),
        ("command line", "changed workspace", "api_key"),
        ("command line", "changed workspace", "api_key, webhook_secret"),
        ("command line", "changed workspace", "api_key, endpoint, webhook_secret"),
    ]
