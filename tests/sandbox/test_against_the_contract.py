"""The sandbox's requests and answers, held against Seam's official OpenAPI description where that is at hand."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
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


def test_every_request_fits_the_contract(contract: dict[str, Any], tmp_path: Path) -> None:
    world = a_busy_week(tmp_path)
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
