"""The JSON side: it answers what its document promises, and no request whatever makes it fall over."""

from collections import Counter
from datetime import timedelta
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from store.people import Role
from store.runs import Runs
from tests.night import Night
from tests.world import START

schemathesis = pytest.importorskip("schemathesis")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    made = Night(tmp_path_factory.mktemp("api"))
    made.equip(0)
    booking = made.book(0, arrival=START + timedelta(hours=3))
    made.listen()
    made.do("full")
    made.clock.pass_(minutes=1)
    made.seam.remove("access_grant", booking)
    made.settle()
    made.look_at_alerts()
    return made


@pytest.fixture(scope="module")
def token(night: Night) -> str:
    return night.people.make_token("fuzz", Role.ADMIN, night.clock.now())


def test_every_answer_is_what_the_document_says(night: Night, token: str) -> None:
    client = night.site.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    document = client.get("/api/openapi.json", headers=headers).json
    assert document is not None
    values = {
        "connection": "alpen",
        "booking_id": next(iter(night.hotel.reservations)),
        "run_id": Runs(night.store).latest_id(),
        "delivery_id": "1",
        "alert_id": "1",
        "order_id": "1",
        "property_id": night.property,
        "policy": "hotel",
        "receiver": "channel",
        "workspace": "south",
    }
    bodies: dict[str, Any] = {
        "/api/locks/{connection}/{property_id}/place": {"rooms": {"no-such-lock": []}},
        "/api/bookings/{connection}/{booking_id}/unlock": {"lock": "no-such-lock", "confirmed": True},
        "/api/bookings/{connection}/{booking_id}/spare-key": {"room": "101", "reason": "her PIN does not open"},
        "/api/bookings/{connection}/{booking_id}/new-pin": {"confirmed": True},
        "/api/bookings/{connection}/{booking_id}/cards": {"key": "no-such-key", "encoder": "no-such-encoder"},
        "/api/alerts/{alert_id}/assign": {"to": ""},
        "/api/alerts/{alert_id}/silence": {"until": "2026-03-01T00:00:00Z"},
        "/api/connections": {"name": "isar", "settings": {"connector": "none"}},
        "/api/connections/{connection}": {"settings": {"policy": "lease"}},
        "/api/connections/{connection}/rotate": {"secrets": {"webhook_token": "0123456789abcdef"}},
        "/api/receivers": {"name": "channel", "url": "https://hooks.example/"},
        "/api/receivers/{receiver}/replay": {"since": "2026-03-01T00:00:00Z"},
        "/api/policies/{policy}": {"settings": {"late": "1h"}},
        "/api/workspaces/{workspace}": {"api_key": "seam_south_0123456789"},
        "/api/policies/{policy}/preview": {"settings": {"late": "1h"}},
        "/api/policies/{policy}/roll-out": {"settings": {"late": "1h"}},
    }
    seen = 0
    for path, operations in document["paths"].items():
        for verb in ("get", "post", "patch", "delete"):
            if verb not in operations:
                continue
            url = path.format(**values)
            wanted = bodies.get(path, {}) if "requestBody" in operations[verb] else None
            query = {"q": "101"} if "q" in str(operations.get("get", "")) else None
            answer = client.open(url, method=verb, headers=headers, query_string=query, json=wanted)
            responses = operations[verb]["responses"]
            assert str(answer.status_code) in responses, f"{verb} {url}: {answer.status_code} {answer.text}"
            schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
            jsonschema.validate(answer.json, _nullable(schema | {"components": document["components"]}))
            seen += 1
    assert seen >= 30


def _nullable(schema: object) -> object:
    """OpenAPI 3.0's `nullable` in JSON Schema's words."""
    if isinstance(schema, list):
        return [_nullable(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _nullable(value) for name, value in schema.items() if name != "nullable"}
    if schema.get("nullable"):
        return {"anyOf": [made, {"type": "null"}]}
    return made


@pytest.mark.parametrize(("examples", "each"), [(2, 3), pytest.param(50, 1, marks=pytest.mark.slow)])
def test_no_request_makes_it_fall_over(night: Night, token: str, examples: int, each: int) -> None:
    """Every day of each third operation; in the long tests of all."""
    headers = {"Authorization": f"Bearer {token}"}
    api = schemathesis.openapi.from_wsgi("/api/openapi.json", night.site, headers=headers)
    answers: Counter[int] = Counter()
    wrong: list[str] = []
    for result in list(api.get_all_operations())[::each]:
        operation = result.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def attempt(case: Any) -> None:
            answer = case.call(headers=headers)
            answers[answer.status_code] += 1
            if answer.status_code >= 500:
                wrong.append(f"{case.method} {case.formatted_path}: {answer.status_code}")

        attempt()
    assert wrong == []
    assert answers[200] > 20 / each
    assert answers.total() > 100 / each, answers


@pytest.mark.parametrize("path", ["/api/now", "/api/runs", "/api/openapi.json", "/api/docs", "/readyz", "/metrics"])
def test_nothing_is_open_without_a_token(night: Night, path: str) -> None:
    assert night.site.test_client().get(path).status_code == 401
    wrong = night.site.test_client().get(path, headers={"Authorization": "Bearer np_wrong"})
    assert wrong.status_code == 401
