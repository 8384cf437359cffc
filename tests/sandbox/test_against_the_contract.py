"""The sandbox's requests and answers, held against Seam's official OpenAPI description where that is at hand."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, FormatChecker

from mappers.policy import CommonArea, Policy
from sandbox.seam_workspace import ENDPOINTS, SeamWorkspace
from tests.world import World

FORMATS = FormatChecker(("uuid", "email"))


@FORMATS.checks("date-time", ValueError)
def _is_an_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


CONTRACT = Path(__file__).parents[3] / "shared" / "specs" / "seam-openapi.json"


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    if not CONTRACT.exists():
        pytest.skip("Seam's OpenAPI description is not beside this checkout")
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text())
    return _as_json_schema(loaded)


def _as_json_schema(node: Any) -> Any:
    """OpenAPI 3.0's `nullable`, in the words of JSON Schema."""
    if isinstance(node, list):
        return [_as_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    node = {name: _as_json_schema(value) for name, value in node.items() if name != "discriminator"}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        node["type"] = [node["type"], "null"]
        if "enum" in node:
            node["enum"] = [*node["enum"], None]
    elif node.get("nullable") is True and "allOf" in node:
        node["anyOf"] = [{"allOf": node.pop("allOf")}, {"type": "null"}]
    return node


def a_busy_week(tmp_path: Path) -> World:
    """Every request that Night Porter can make."""
    world = World(tmp_path, Policy(guests="everyone", common_areas=(CommonArea("lobby", "Lobby"),)))
    world.equip(0, override=True)
    world.equip(1, override=True)
    friend = world.guest("Otto", "Weiss", phone="0660 1234567")
    booking, other = world.book(0, companions=[friend]), world.book(2)
    world.sync()
    world.hotel.assign(booking, world.rooms[1])
    world.hotel.move_dates(other, departure=world.clock.now() + timedelta(days=6))
    world.hotel.edit_customer(friend, Email=None, FirstName="Ottokar")
    world.hotel.rename_room(world.rooms[2], "103 Seaview")
    world.tick()
    world.tick(policy=replace(world.policy, access_methods=("code", "mobile_key")), full=True)
    world.hotel.cancel(other)
    world.tick()
    world.workspace.check()
    world.hotel.retire_room(world.rooms[2])
    world.tick(policy=replace(world.policy, orphan_spaces="delete"), full=True)
    for _ in range(5):
        world.clock.pass_(days=15)
        world.sync(full=True)
    return world


def encodes_a_card(world: World) -> None:
    """Two tries at an encoder; the first one without a card on it."""
    world.seam.add_account("hotel", "visionline")
    world.seam.add_entrance("Door 1", "r1", customer_key="hotel")
    desk = world.seam.add_encoder("Desk 1", "hotel")
    world.seam.spaces_create({"name": "1", "space_key": "r1", "customer_key": "hotel"})
    world.seam.access_grants_create(
        {
            "user_identity": {"full_name": "Jana Novak"},
            "space_keys": ["r1"],
            "starts_at": "2030-09-18T15:00:00Z",
            "ends_at": "2030-09-20T11:00:00Z",
            "requested_access_methods": [{"mode": "card"}],
        }
    )
    world.clock.pass_(minutes=1)
    (card,) = (one for one in world.seam.access_methods.values() if one["mode"] == "card")
    (encoder,) = world.workspace.encoders([world.seam.encoders[desk]["acs_system_id"]])
    assert world.workspace.encoders() == [encoder]
    for outcome in (False, True):
        if outcome:
            world.seam.lay_card(desk)
        order = world.workspace.encode_card(card["access_method_id"], encoder.id)
        assert (order.written, order.attempt_id is not None) == (None, True)
        world.clock.pass_(seconds=2)
        assert world.workspace.card_writing(str(order.attempt_id)).written is outcome


def test_every_request_fits_the_contract(contract: dict[str, Any], tmp_path: Path) -> None:
    world = a_busy_week(tmp_path)
    encodes_a_card(world)
    made = {(method, path) for method, path, _ in world.seam.requests}
    assert {path for _, path in made} >= {
        "/spaces/create",
        "/spaces/update",
        "/spaces/delete",
        "/spaces/list",
        "/user_identities/create",
        "/user_identities/update",
        "/user_identities/delete",
        "/access_grants/create",
        "/access_grants/update",
        "/access_grants/delete",
        "/access_grants/list",
        "/access_grants/get",
        "/access_grants/request_access_methods",
        "/access_methods/list",
        "/acs/entrances/list",
        "/acs/encoders/list",
        "/access_methods/encode",
        "/action_attempts/get",
    }
    for method, path, parameters in world.seam.requests:
        operation = contract["paths"][path][method.lower()]
        # Where the description of a GET names no parameters, those of its POST twin hold.
        body = operation.get("requestBody") or contract["paths"][path]["post"].get("requestBody")
        if method in ("GET", "DELETE") and operation.get("parameters"):
            known = {one["name"]: one["schema"] for one in operation["parameters"]}
            assert parameters.keys() <= known.keys(), (path, parameters)
            for name, value in parameters.items():
                _check(contract, known[name], value)
        elif body:
            schema = body["content"]["application/json"]["schema"]
            _check(contract, schema, parameters)
            assert parameters.keys() <= _properties(schema), (path, parameters)


def test_every_answer_fits_the_contract(contract: dict[str, Any], tmp_path: Path) -> None:
    world = a_busy_week(tmp_path)
    for method, path, status, body in world.seam.answers:
        if status == 200:
            described = contract["paths"][path][method.lower()]["responses"]["200"]
            _check(contract, described["content"]["application/json"]["schema"], json.loads(body))


def a_house_with_trouble() -> SeamWorkspace:
    """Every event that there is, and every thing that can be broken, asked for while it is."""
    now = [datetime(2026, 9, 18, 10, tzinfo=UTC)]
    seam = SeamWorkspace(now=lambda: now[0], record=True)
    headers = {"Authorization": f"Bearer {seam.api_key}"}

    def ask(path: str, **parameters: Any) -> dict[str, Any]:
        answer = seam.handle("POST", path, {}, headers, json.dumps(parameters).encode())
        assert answer.status == 200, answer.body
        loaded: dict[str, Any] = json.loads(answer.body)
        return loaded

    def ask_for_everything() -> None:
        for account in ask("/connected_accounts/list", customer_key="hotel")["connected_accounts"]:
            ask("/connected_accounts/get", connected_account_id=account["connected_account_id"])
        for device in ask("/devices/list", limit=10)["devices"]:
            ask("/devices/get", device_id=device["device_id"])
        for entrance in ask("/acs/entrances/list")["acs_entrances"]:
            ask("/acs/entrances/get", acs_entrance_id=entrance["acs_entrance_id"])
        ask("/acs/systems/list", customer_key="hotel")
        for encoder in ask("/acs/encoders/list")["acs_encoders"]:
            ask("/acs/encoders/get", acs_encoder_id=encoder["acs_encoder_id"])
        methods = ask("/access_methods/list", access_grant_key="stay")["access_methods"]
        assert ask("/access_methods/get_related", access_method_ids=[one["access_method_id"] for one in methods])
        for user in ask("/acs/users/list")["acs_users"]:
            ask("/acs/users/get", acs_user_id=user["acs_user_id"])
        for credential in ask("/acs/credentials/list")["acs_credentials"]:
            ask("/acs/credentials/get", acs_credential_id=credential["acs_credential_id"])
        ask("/access_grants/get", access_grant_key="stay")
        ask("/spaces/list")

    entrance = seam.add_entrance("Door 101", "r101", customer_key="hotel")
    device = seam.add_device("Cellar", "r101", customer_key="hotel")
    seam.add_account("hotel", "yale")
    other = seam.add_device("Attic", customer_key="hotel")
    ask("/spaces/create", name="101", space_key="r101", customer_key="hotel")
    ask(
        "/access_grants/create",
        user_identity={"full_name": "Jana Novak"},
        access_grant_key="stay",
        space_keys=["r101"],
        starts_at="2026-09-18T15:00:00Z",
        ends_at="2026-09-20T11:00:00Z",
        requested_access_methods=[{"mode": "code"}],
    )
    seam.delay_issue("stay")
    ask_for_everything()
    now[0] += timedelta(hours=1)
    seam.tick()
    ask("/access_grants/update", access_grant_key="stay", ends_at="2026-09-21T11:00:00Z")
    seam.fail_to_issue("stay", "the lock is full")
    seam.could_not_create("stay", "the lock takes no codes")
    for door in (entrance, device, other):
        seam.unplug(door)
    seam.disconnect_account("hotel")
    ask_for_everything()
    seam.reconnect_account("hotel")
    for door in (entrance, device, other):
        seam.plug_in(door)
    seam.reissue("stay", "424242")
    seam.edit_grant("stay", ends_at="2026-09-22T11:00:00.000Z")
    ask_for_everything()
    ask("/spaces/update", space_key="r101", acs_entrance_ids=[entrance], device_ids=[])
    ask(
        "/access_grants/request_access_methods",
        access_grant_id=seam.id_of("access_grant", "stay"),
        requested_access_methods=[{"mode": "card"}, {"mode": "mobile_key", "instant_key_max_use_count": 3}],
    )
    now[0] += timedelta(minutes=1)
    ask_for_everything()
    desk = seam.add_encoder("Desk 1", "hotel")
    methods = ask("/access_methods/list", access_grant_key="stay")["access_methods"]
    (card,) = (one["access_method_id"] for one in methods if one["mode"] == "card")
    for lays_one_there in (False, True):
        if lays_one_there:
            seam.lay_card(desk)
        attempt = ask("/access_methods/encode", access_method_id=card, acs_encoder_id=desk)["action_attempt"]
        now[0] += timedelta(seconds=2)
        ask("/action_attempts/get", action_attempt_id=attempt["action_attempt_id"])
    ask_for_everything()
    seam.remove_encoder(desk)
    ask_for_everything()
    ask("/user_identities/create", user_identity_key="nora", email_address="nora@example.com")
    ask("/user_identities/create", user_identity_key="nora again", phone_number="+436601234567")
    seam.merge("nora", "nora again")
    ask("/user_identities/list")
    ask("/user_identities/get", user_identity_key="nora again")
    seam.remove_door(other)
    seam.remove_door(entrance)
    seam.remove("access_grant", "stay")
    seam.remove("space", "r101")
    return seam


EVENT_TYPES = {
    *(f"access_grant.{what}" for what in ("created", "deleted", "access_times_changed")),
    "access_grant.could_not_create_requested_access_methods",
    *(f"access_method.{what}" for what in ("created", "issued", "reissued", "failed_to_issue", "delay_in_issuing")),
    *("access_method.revoked", "access_method.card_encoding_required"),
    *("acs_encoder.added", "acs_encoder.removed"),
    *("access_grant.access_granted_to_door", "access_grant.access_granted_to_all_doors"),
    *("acs_system.connected", "acs_system.disconnected", "acs_entrance.removed", "device.removed"),
    "space.device_membership_changed",
    *(f"{what}.{how}" for what in ("connected_account", "device") for how in ("connected", "disconnected")),
    *("space.created", "space.deleted"),
}


def test_every_event_fits_the_contract(contract: dict[str, Any]) -> None:
    seam = a_house_with_trouble()
    assert {event["event_type"] for event in seam.events} == EVENT_TYPES
    kinds = {
        one["properties"]["event_type"]["enum"][0]: one for one in contract["components"]["schemas"]["event"]["oneOf"]
    }
    for event in seam.events:
        kind = kinds[event["event_type"]]
        _check(contract, kind, event)
        assert event.keys() <= kind["properties"].keys(), event


def test_the_answers_of_a_house_with_trouble_fit_the_contract(contract: dict[str, Any]) -> None:
    seam = a_house_with_trouble()
    for method, path, status, body in seam.answers:
        assert status == 200
        described = contract["paths"][path][method.lower()]["responses"]["200"]
        _check(contract, described["content"]["application/json"]["schema"], json.loads(body))


def test_the_sandbox_knows_every_parameter_that_the_contract_has(contract: dict[str, Any]) -> None:
    for path, (_, fields) in ENDPOINTS.items():
        body = contract["paths"][path]["post"].get("requestBody")
        if not body:
            continue
        schema = body["content"]["application/json"]["schema"]
        known = {
            name
            for name, one in _all_properties(schema).items()
            if not one.get("deprecated") and "x-undocumented" not in one
        }
        assert known == set(fields), path


def _wrong(schema: dict[str, Any]) -> list[Any]:
    """Values of every kind that a parameter does not take."""
    kind = schema.get("type")
    if kind is None:
        return [17, ["a"]]
    kind = kind if isinstance(kind, str) else kind[0]
    nothing: list[Any] = [] if "null" in schema.get("type", ()) else [None]
    if kind == "string":
        wrong: list[Any] = [17, {"a": 1}, ["a"], True]
        if schema.get("format") in ("uuid", "date-time", "email"):
            wrong.append("nonsense")
        if schema.get("minLength"):
            wrong.append("")
        if "maxLength" in schema:
            wrong.append("x" * (schema["maxLength"] + 1))
    elif kind == "array":
        wrong = ["text", {"a": 1}, 5]
        if schema["items"].get("type") == "string":
            wrong += [[5], [None]]
        if schema["items"].get("format") == "uuid":
            wrong.append(["nonsense"])
        if len(schema["items"].get("enum", ())) in range(1, 10):
            wrong.append(["nonsense"])
        if schema.get("minItems"):
            wrong.append([])
    elif kind in ("number", "integer"):
        wrong = ["many", [1], True] + ([1.5] if kind == "integer" else [])
    elif kind == "boolean":
        wrong = ["yes", 1]
    else:
        wrong = ["text", 5, ["a"]]
    return nothing + wrong


def test_every_parameter_is_checked_as_the_contract_says(contract: dict[str, Any]) -> None:
    seam = SeamWorkspace()
    headers = {"Authorization": f"Bearer {seam.api_key}"}
    taken: list[Any] = []
    tried = 0
    for path, (_, fields) in ENDPOINTS.items():
        body = contract["paths"][path]["post"].get("requestBody")
        known = _all_properties(body["content"]["application/json"]["schema"]) if body else {}
        for name in fields:
            for value in _wrong(known[name]):
                answer = seam.handle("POST", path, {}, headers, json.dumps({name: value}).encode())
                said = json.loads(answer.body).get("error", {}).get("validation_errors", {})
                tried += 1
                if answer.status != 400 or said.get(name, {}).get("_errors") in (None, ["required"]):
                    taken.append((path, name, value))
    assert tried > 500
    assert not taken, "\n".join(map(str, taken))


def test_a_workspace_refuses_what_the_contract_does_not_allow() -> None:
    seam = SeamWorkspace()
    headers = {"Authorization": f"Bearer {seam.api_key}"}

    def ask(method: str, path: str, **parameters: Any) -> int:
        return seam.handle(method, path, {}, headers, json.dumps(parameters).encode()).status

    assert ask("POST", "/spaces/create", name="101", space_key="r1") == 200
    assert ask("POST", "/spaces/create", name="101", space_key="r1") == 409
    assert ask("POST", "/spaces/create") == 400
    assert ask("POST", "/spaces/create", name="1", colour="red") == 400
    assert ask("PATCH", "/access_grants/update", access_grant_key="x", space_ids=[]) == 400
    assert ask("POST", "/user_identities/create", email_address="nonsense") == 400
    assert ask("POST", "/user_identities/create", phone_number="0660 123") == 400
    assert ask("GET", "/spaces/nothing") == 404
    assert seam.handle("GET", "/spaces/list", {}, {}, b"").status == 401


def _check(contract: dict[str, Any], schema: dict[str, Any], value: Any) -> None:
    # References in the description start at its root.
    rooted = {"components": contract["components"], "allOf": [schema]}
    validator = Draft4Validator(rooted, format_checker=FORMATS)
    problems = [f"{'/'.join(map(str, one.absolute_path))}: {one.message[:200]}" for one in validator.iter_errors(value)]
    assert not problems, problems


def _all_properties(schema: dict[str, Any]) -> dict[str, Any]:
    found = dict(schema.get("properties", {}))
    for group in ("allOf", "oneOf", "anyOf"):
        for one in schema.get(group, ()):
            found |= _all_properties(one)
    return found


def _properties(schema: dict[str, Any]) -> set[str]:
    return set(_all_properties(schema))
