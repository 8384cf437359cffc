"""The simulated workspace tells what happens, and shows what broke."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from seam import SeamWebhook

from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender

START = datetime(2026, 9, 18, 10, tzinfo=UTC)


class Desk:
    """A workspace on a clock that tests move, and somebody who asks it."""

    def __init__(self) -> None:
        self.now = START
        self.seam = SeamWorkspace(now=lambda: self.now)

    def ask(self, path: str, status: int = 200, **parameters: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.seam.api_key}"}
        answer = self.seam.handle("POST", path, {}, headers, json.dumps(parameters).encode())
        assert answer.status == status, answer.body
        return json.loads(answer.body)

    def grant(self, key: str = "stay") -> dict[str, Any]:
        if self.seam.space_by_key("r101") is None:
            self.ask("/spaces/create", name="101", space_key="r101")
        made: dict[str, Any] = self.ask(
            "/access_grants/create",
            user_identity={"full_name": "Jana Novak"},
            access_grant_key=key,
            space_keys=["r101"],
            ends_at="2026-09-20T11:00:00Z",
            requested_access_methods=[{"mode": "code"}],
        )["access_grant"]
        return made

    def method(self) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("/access_methods/list", access_grant_key="stay")["access_methods"][0]
        return found

    def told(self) -> list[str]:
        """The types of what was told since the last time."""
        types = [event["event_type"] for event in self.seam.events]
        self.seam.events.clear()
        return types


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_life_of_a_grant_is_told(desk: Desk) -> None:
    desk.grant()
    assert desk.told() == ["space.created", "access_grant.created", "access_method.created"]
    desk.now += timedelta(seconds=2)
    desk.seam.tick()
    assert desk.seam.events[0]["code"] == desk.seam.code_of("stay")
    assert desk.seam.events[0]["access_grant_keys"] == ["stay"]
    assert desk.told() == ["access_method.issued", "access_grant.access_granted_to_all_doors"]
    desk.ask("/access_grants/update", access_grant_key="stay", ends_at="2026-09-21T11:00:00Z")
    desk.now += timedelta(seconds=2)
    desk.seam.tick()
    assert desk.told() == [
        "access_grant.access_times_changed",
        "access_method.revoked",
        "access_method.issued",
        "access_grant.access_granted_to_all_doors",
    ]
    desk.ask("/access_grants/update", access_grant_key="stay", name="Novak")
    assert desk.told() == []
    desk.ask("/access_grants/delete", access_grant_id=desk.seam.live_grants()[0]["access_grant_id"])
    assert desk.told() == []
    desk.now += timedelta(seconds=1)
    desk.seam.tick()
    assert desk.told() == ["access_method.revoked", "access_grant.deleted"]


def test_a_key_that_is_late_and_then_fails_and_then_works(desk: Desk) -> None:
    desk.grant()
    desk.seam.delay_issue("stay", timedelta(minutes=5))
    desk.now += timedelta(minutes=4)
    assert not desk.method()["is_issued"]
    assert desk.method()["warnings"][0]["warning_code"] == "delay_in_issuing"
    desk.seam.fail_to_issue("stay", "the lock is full")
    desk.now += timedelta(minutes=4)
    assert not desk.method()["is_issued"]
    assert desk.method()["errors"][0]["message"] == "the lock is full"
    grant = desk.seam.grant_by_key("stay")
    assert grant is not None
    assert grant["errors"] == []
    desk.seam.could_not_create("stay", "no codes here")
    answer = desk.ask("/access_grants/get", access_grant_key="stay")["access_grant"]
    assert answer["errors"][0]["error_code"] == "cannot_create_requested_access_methods"
    desk.seam.reissue("stay", "424242")
    method = desk.method()
    assert (method["code"], method["is_issued"], method["errors"], method["warnings"]) == ("424242", True, [], [])
    assert "access_method.reissued" in desk.told()


def test_anything_can_be_wrong_with_anything(desk: Desk) -> None:
    entrance = desk.seam.add_entrance("Door 101", "r101", customer_key="hotel")
    device = desk.seam.add_device("Lock 101", "r101", customer_key="hotel")
    grant = desk.grant()
    method = desk.method()["access_method_id"]
    system = desk.ask("/acs/systems/list")["acs_systems"][0]
    for one in (
        grant["access_grant_id"],
        method,
        grant["user_identity_id"],
        desk.seam.id_of("space", "r101"),
        entrance,
        device,
        system["acs_system_id"],
        system["connected_account_id"],
    ):
        desk.seam.add_trouble(one, error="not_seen_before", warning="nor_this", mutation="nor_that", why="a storm")
    desk.now += timedelta(seconds=5)
    related = desk.ask("/access_grants/get_related", access_grant_keys=["stay"])["batch"]
    found = [desk.ask("/access_grants/get", access_grant_key="stay")["access_grant"]]
    found += [one for resources in related.values() for one in resources]
    assert len(found) == 8
    for one in found:
        assert one["errors"][0]["error_code"] == "not_seen_before"
        assert one["warnings"][0]["warning_code"] == "nor_this"
        assert one["pending_mutations"][0] | {"created_at": ""} == {
            "mutation_code": "nor_that",
            "message": "nor that",
            "created_at": "",
            "why": "a storm",
        }
    desk.seam.clear_troubles(method, "nor_this")
    assert (len(desk.method()["errors"]), desk.method()["warnings"]) == (1, [])
    desk.seam.clear_troubles(method)
    assert (desk.method()["errors"], desk.method()["pending_mutations"]) == ([], [])


def test_access_methods_are_listed_of_a_grant_or_an_entrance_only_and_in_pages(desk: Desk) -> None:
    entrance = desk.seam.add_entrance("Door 101", "r101", customer_key="hotel")
    desk.grant()
    desk.grant("other")
    desk.ask("/access_methods/list", status=400)
    desk.ask("/access_methods/list", status=400, space_id=desk.seam.id_of("space", "r101"))
    page = desk.ask("/access_methods/list", acs_entrance_id=entrance, limit=1)
    assert (len(page["access_methods"]), page["pagination"]["has_next_page"]) == (1, True)
    rest = desk.ask(
        "/access_methods/list", acs_entrance_id=entrance, limit=1, page_cursor=page["pagination"]["next_page_cursor"]
    )
    assert page["access_methods"] != rest["access_methods"]


def test_an_account_gets_a_customer_key_once(desk: Desk) -> None:
    account = desk.seam.add_account(None, "yale")
    given = desk.ask("/connected_accounts/update", connected_account_id=account, customer_key="hotel")
    assert given["connected_account"]["customer_key"] == "hotel"
    desk.ask("/connected_accounts/update", connected_account_id=account, customer_key="hotel")
    desk.ask("/connected_accounts/update", status=400, connected_account_id=account, customer_key="inn")


def test_doors_join_a_space_that_comes_later(desk: Desk) -> None:
    entrance = desk.seam.add_entrance("Door 101", "r101", customer_key="hotel")
    device = desk.seam.add_device("Lock 101", "r101", customer_key="hotel")
    space = desk.ask("/spaces/create", name="101", space_key="r101", customer_key="hotel")["space"]
    assert (space["acs_entrance_count"], space["device_count"]) == (1, 1)
    second = desk.seam.add_device("Lock 101b", "r101")
    here = desk.ask("/devices/list", space_id=space["space_id"])["devices"]
    assert [one["device_id"] for one in here] == [device, second]
    assert desk.ask("/spaces/get", space_key="r101")["space"]["device_count"] == 2
    desk.ask("/spaces/update", space_key="r101", device_ids=[second], acs_entrance_ids=[])
    space = desk.ask("/spaces/get", space_key="r101")["space"]
    assert (space["acs_entrance_count"], space["device_count"]) == (0, 1)
    desk.ask("/spaces/update", space_key="r101", status=404, device_ids=[entrance])
    desk.seam.remove("space", "r101")
    assert desk.seam.devices[second]["space_ids"] == []


def test_doors_belong_to_the_account_of_their_property(desk: Desk) -> None:
    first = desk.seam.add_entrance("Door 1", customer_key="one")
    desk.seam.add_entrance("Door 2", customer_key="one")
    other = desk.seam.add_device("Lock", customer_key="two")
    accounts = desk.ask("/connected_accounts/list")["connected_accounts"]
    assert [one["customer_key"] for one in accounts] == ["one", "two"]
    assert desk.seam.entrances[first]["connected_account_id"] == accounts[0]["connected_account_id"]
    found = desk.ask("/devices/list", connected_account_id=accounts[1]["connected_account_id"])["devices"]
    assert [one["device_id"] for one in found] == [other]
    assert len(desk.ask("/acs/systems/list", customer_key="one")["acs_systems"]) == 1
    page = desk.ask("/connected_accounts/list", limit=1)
    rest = desk.ask("/connected_accounts/list", limit=1, page_cursor=page["pagination"]["next_page_cursor"])
    assert [*page["connected_accounts"], *rest["connected_accounts"]] == accounts
    desk.ask("/connected_accounts/get", status=404, connected_account_id=first)
    desk.ask("/connected_accounts/get", status=400)
    desk.ask("/devices/get", status=400)
    desk.ask("/devices/get", status=404, device_id=first)
    desk.ask("/devices/list", status=400, colour="red")
    desk.ask("/acs/entrances/get", status=400)


def test_locks_and_accounts_that_are_out_of_reach(desk: Desk) -> None:
    entrance = desk.seam.add_entrance("Door 1", customer_key="hotel")
    device = desk.seam.add_device("Lock", customer_key="hotel")
    desk.told()
    for door in (entrance, device):
        desk.seam.unplug(door)
        desk.seam.unplug(door)
    assert desk.told() == ["device.disconnected"]
    assert not desk.ask("/acs/entrances/get", acs_entrance_id=entrance)["acs_entrance"]["salto_ks_metadata"]["online"]
    assert not desk.ask("/devices/get", device_id=device)["device"]["properties"]["online"]
    desk.seam.disconnect_account("hotel")
    assert [one["error_code"] for one in desk.seam.devices[device]["errors"]] == [
        "device_disconnected",
        "account_disconnected",
    ]
    for door in (entrance, device):
        desk.seam.plug_in(door)
    desk.seam.reconnect_account("hotel")
    assert desk.told() == [
        *("connected_account.disconnected", "acs_system.disconnected", "device.connected"),
        *("connected_account.connected", "acs_system.connected"),
    ]
    assert desk.seam.devices[device]["errors"] == []
    with pytest.raises(KeyError):
        desk.seam.disconnect_account("nobody")


def test_events_are_posted_signed_once_there_is_somebody_to_tell(desk: Desk) -> None:
    posts: list[tuple[str, bytes, dict[str, str]]] = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        posts.append((url, body, headers))
        return 200

    desk.grant()
    desk.seam.sender = WebhookSender(post, background=False)
    desk.seam.webhook_url = "http://porter/seam"
    desk.now += timedelta(seconds=5)
    desk.seam.tick()
    desk.seam.remove("access_grant", "stay")
    assert desk.seam.sender.deliver_all() == 4
    types = []
    for url, body, headers in posts:
        assert url == "http://porter/seam"
        types.append(SeamWebhook(desk.seam.webhook_secret).verify(body.decode(), headers).event_type)
    assert types == [
        *("access_method.issued", "access_grant.access_granted_to_all_doors"),
        *("access_method.revoked", "access_grant.deleted"),
    ]


def test_only_the_latest_events_are_kept(desk: Desk) -> None:
    for number in range(10_050):
        desk.seam.tell("space.created", space_id=str(number))
    assert len(desk.seam.events) == 10_000
    assert desk.seam.events[-1]["space_id"] == "10049"
