"""Several Seam workspaces: each connection works in its own, and keys are unique within one."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from assembly import utc_now
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender
from settings import SettingsError, load_settings
from store.inbox import Inbox
from store.people import People, Role
from store.prefixes import KeyPrefixes, PrefixTaken
from tests.office import Office, opened_office, serving

SECRETS = {"": "whsec_c2FuZGJveC1zYW5kYm94LXNhbmRib3g=", "south": "whsec_c291dGgtc291dGgtc291dGgtc291dGg="}


@dataclass
class Houses:
    """Two hotels whose ids need no prefix, each in a workspace of its own."""

    office: Office
    south: SeamWorkspace
    document: dict[str, Any]

    def write(self) -> None:
        self.office.config.write_text(yaml.safe_dump(self.document))


@pytest.fixture
def houses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Houses]:
    south = SeamWorkspace(delete_delay=timedelta(0))
    with opened_office(tmp_path, monkeypatch) as office, serve(south) as server:
        document = yaml.safe_load(office.config.read_text())
        document["seam"] |= {
            "webhook_secret": SECRETS[""],
            "workspaces": {
                "south": {"api_key": south.api_key, "endpoint": server.url, "webhook_secret": SECRETS["south"]}
            },
        }
        document["connections"] = {"alpen": office.block(0), "isar": office.block(1, workspace="south")}
        found = Houses(office, south, document)
        found.write()
        yield found


def problems(houses: Houses) -> list[str]:
    houses.write()
    with pytest.raises(SettingsError) as caught:
        load_settings(houses.office.config, {})
    return caught.value.problems


def test_each_connection_works_in_its_own_workspace_and_needs_no_prefix_there(houses: Houses) -> None:
    office = houses.office
    office.good("sync")
    office.good("sync", "--full")
    (north,), (south,) = office.seam.access_grants.values(), houses.south.access_grants.values()
    assert "/" not in north["access_grant_key"] + south["access_grant_key"]
    assert north["access_grant_key"] in office.hotels[0].reservations
    assert south["access_grant_key"] in office.hotels[1].reservations
    assert "seam south" in office.good("check")
    assert "isar" in office.good("lookup", south["access_grant_key"])


def test_a_service_works_in_all_of_them_and_takes_the_webhooks_of_each(houses: Houses) -> None:
    office = houses.office
    with serving(office) as service:
        assert (len(office.seam.access_grants), len(houses.south.access_grants)) == (1, 1)
        client = service.parts.site.test_client()
        statuses = []

        def post(url: str, body: bytes, headers: dict[str, str]) -> int:
            statuses.append(client.post("/webhooks/seam", data=body, headers=headers).status_code)
            return statuses[-1]

        (grant,) = houses.south.access_grants.values()
        houses.south.sender, houses.south.webhook_url = WebhookSender(post, background=False), "http://x/"
        houses.south.webhook_secret = SECRETS["south"]
        houses.south.remove("access_grant", grant["access_grant_key"])
        houses.south.tick()
        houses.south.sender.deliver_all()
        assert set(statuses) == {204}
        assert {"south"} in [set(one.subjects.get("workspace", ())) for one in Inbox(service.parts.store).page()]
        token = People(service.parts.store).make_token("desk", Role.VIEWER, utc_now())
        booking = next(iter(office.hotels[1].reservations))
        answer = client.get(f"/api/bookings/isar/{booking}", headers={"Authorization": f"Bearer {token}"})
        assert answer.json is not None
        assert (answer.status_code, answer.json["seam_trouble"]) == (200, None)
        service.go_on()
        assert len(houses.south.access_grants) == 1


def test_which_workspace_a_connection_means_is_never_guessed(houses: Houses) -> None:
    connections = houses.document["connections"]
    connections["isar"]["workspace"] = "west"
    assert problems(houses) == ["connections.isar.workspace: there is no Seam workspace west; there is south."]
    connections["isar"]["workspace"] = "south"
    del houses.document["seam"]["api_key"]
    assert problems(houses) == ["connections.alpen.workspace: is missing: name the Seam workspace; there is south."]
    connections["alpen"]["workspace"] = "south"
    assert "connections.isar.key_prefix: '' and '' of connection alpen overlap" in problems(houses)[0]
    houses.document["seam"] = {"workspaces": {}}
    connections["alpen"]["workspace"] = connections["isar"]["workspace"] = ""
    assert "seam.api_key: is missing." in problems(houses)
    houses.document["seam"] = {"workspaces": {"South 1": {"api_key": "x"}, "west": {"endpoint": "https://x.eu"}}}
    found = problems(houses)
    assert any("seam.workspaces.South 1: a workspace's name" in one for one in found)
    assert "seam.workspaces.west.api_key: is missing." in found


def test_a_connection_of_the_database_names_its_workspace_and_keeps_it(houses: Houses) -> None:
    office = houses.office
    del houses.document["connections"]
    houses.write()
    assert office.add("alpen", key_prefix="").exit_code == 0
    assert office.add("isar", 1, key_prefix="", workspace="south").exit_code == 0
    office.good("sync")
    assert (len(office.seam.access_grants), len(houses.south.access_grants)) == (1, 1)
    said = office.run("connections", "set", "alpen", "workspace=south").output
    assert "everything that this connection made is in its workspace" in said
    assert "overlap" in office.add("inn", 1, key_prefix="", workspace="south").output
    del houses.document["seam"]["workspaces"]
    houses.write()
    assert "there is no Seam workspace south" in office.good("connections", "list")


def test_a_prefix_is_taken_in_one_workspace_only(houses: Houses) -> None:
    with serving(houses.office) as service:
        prefixes, now = KeyPrefixes(service.parts.store), utc_now()
        assert prefixes.others("new", "", "") == (("alpen", ""),)
        assert prefixes.others("new", "", "south") == (("isar", ""),)
        prefixes.claim("new", "", now, "west")
        with pytest.raises(PrefixTaken):
            prefixes.claim("newer", "", now, "south")
