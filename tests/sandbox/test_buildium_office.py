"""The simulated Buildium refuses what Buildium refuses, and keeps what its guide promises."""

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from jsonschema import Draft4Validator

from connectors.ports import WebhookNews
from sandbox.buildium_office import BuildiumOffice
from sandbox.http import Answer, serve
from sandbox.webhooks import WebhookSender
from tests.residence import Residence, days
from tests.sandbox.test_against_the_contract import _as_json_schema
from tests.world import Clock

CONTRACT = Path(__file__).parents[3] / "shared" / "specs" / "buildium-openapi.json"
UNITS = 5
Json = dict[str, Any]


class Desk:
    """An office, and somebody with its key."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.office = BuildiumOffice(now=self.clock.now, clock=self.clock.monotonic)
        self.rental = self.office.add_rental()
        self.units = [self.office.add_unit(self.rental, str(number)) for number in range(UNITS)]
        self.key = {"X-Buildium-Client-Id": "SANDBOX-CLIENT-ID", "X-Buildium-Client-Secret": "SANDBOX-CLIENT-SECRET"}

    def ask(self, path: str, query: str = "", headers: Mapping[str, str] | None = None, method: str = "GET") -> Answer:
        self.clock.pass_(seconds=1)
        return self.office.handle(method, path, parse_qs(query), self.key if headers is None else headers, b"")

    def read(self, path: str, query: str = "") -> Any:
        answer = self.ask(path, query)
        assert answer.status == 200, answer.body
        return json.loads(answer.body)

    def lease(self, tenants: int = 1, **rest: Any) -> int:
        people = [self.office.add_tenant() for _ in range(tenants)]
        return self.office.lease(
            self.units[0], people, rest.pop("begins", days(-100)), rest.pop("ends", days(265)), **rest
        )

    def state(self, lease: int) -> tuple[str, list[str]]:
        item = self.read(f"/v1/leases/{lease}")
        return item["LeaseStatus"], [one["Status"] for one in item["Tenants"]]


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("path", "query", "status"),
    [
        ("/v1/rentals/units", "", 200),
        ("/v1/rentals/units", "Limit=10", 404),
        ("/v1/rentals/units", "OFFSET=0", 404),
        ("/v1/rentals/units", "limit=0", 400),
        ("/v1/rentals/units", "limit=many", 400),
        ("/v1/rentals/units", "propertyids=1,2", 400),
        ("/v1/rentals/units", "propertyids=" + "&propertyids=".join(["2147483647"] * 170), 200),
        ("/v1/rentals/units", "propertyids=" + "&propertyids=".join(["2147483647"] * 180), 500),
        ("/v1/rentals/units", "orderby=Nonsense asc", 400),
        ("/v1/leases", "leasestatuses=Expired", 400),
        ("/v1/leases", "lastupdatedfrom=2026-09-18T10:00:00.000Z", 400),
        ("/v1/leases", "lease_status=Active", 200),
        ("/v1/Rentals", "", 404),
        ("/rentals", "", 404),
        ("/v1/rentals/101", "", 200),
        ("/v1/rentals/999", "", 404),
        ("/v1/tenants", "", 404),
    ],
)
def test_what_the_guide_refuses_is_refused(desk: Desk, path: str, query: str, status: int) -> None:
    answer = desk.ask(path, query)
    assert answer.status == status
    assert "x-amzn-RequestId" in answer.headers
    if status != 200:
        assert json.loads(answer.body).keys() == {"UserMessage", "ErrorCode", "Errors"}


@pytest.mark.parametrize("headers", [{}, {"x-buildium-client-id": "SANDBOX-CLIENT-ID"}])
def test_without_the_whole_key_nothing_is_told(desk: Desk, headers: Mapping[str, str]) -> None:
    assert desk.ask("/v1/rentals", headers=headers).status == 401


def test_a_key_that_may_only_view_changes_nothing(desk: Desk) -> None:
    assert desk.ask("/v1/leases/101", method="PUT").status == 403


def test_more_than_ten_requests_in_a_second_are_too_many(desk: Desk) -> None:
    statuses = [desk.office.handle("GET", "/v1/rentals", {}, desk.key, b"").status for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert desk.ask("/v1/rentals").status == 200


def test_a_list_has_its_length_in_a_header_and_at_most_a_thousand_in_a_page(desk: Desk) -> None:
    for number in range(1200):
        desk.office.add_unit(desk.rental, f"u{number}")
    assert desk.ask("/v1/rentals/units", "limit=1001").status == 400
    answer = desk.ask("/v1/rentals/units", "orderby=id asc&limit=1000")
    numbers = [item["Id"] for item in json.loads(answer.body)]
    assert (len(numbers), numbers == sorted(numbers), answer.headers["X-Total-Count"]) == (1000, True, "1205")
    assert len(desk.read("/v1/rentals/units")) == 50
    assert len(desk.read("/v1/rentals/units", "limit=1000&offset=1000")) == 205
    assert desk.read("/v1/rentals/units", "orderby=Id desc&limit=1")[0]["Id"] > numbers[-1]


def test_leases_are_found_by_what_they_are_and_by_when_they_changed(desk: Desk) -> None:
    lease = desk.lease()
    future = desk.lease(begins=days(30), ends=days(395))
    assert [one["Id"] for one in desk.read("/v1/leases", "leasestatuses=Future")] == [future]
    assert len(desk.read("/v1/leases", "leasestatuses=Active&leasestatuses=Future")) == 2
    desk.clock.pass_(hours=1)
    now = f"{desk.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert desk.read("/v1/leases", f"lastupdatedfrom={now}") == []
    desk.office.renew(lease, days(700))
    assert [one["Id"] for one in desk.read("/v1/leases", f"lastupdatedfrom={now}")] == [lease]
    assert desk.read("/v1/leases", f"lastupdatedfrom={now}&lastupdatedto=2026-01-01T00:00:00Z") == []


def test_who_lives_there_now_is_told_of_active_leases_only(desk: Desk) -> None:
    lease, future = desk.lease(2), desk.lease(begins=days(30))
    desk.office.move_out(lease, desk.office.leases[lease]["Tenants"][1]["Id"])
    item = desk.read(f"/v1/leases/{lease}")
    assert [one["Id"] for one in item["CurrentTenants"]] == [item["Tenants"][0]["Id"]]
    assert item["CurrentNumberOfOccupants"] == 1
    assert desk.read(f"/v1/leases/{future}")["CurrentTenants"] == []


def test_tenants_are_found_by_home_and_by_their_leases(desk: Desk) -> None:
    lease = desk.lease()
    other = desk.office.lease(desk.units[1], [desk.office.add_tenant()], days(30))
    desk.office.add_tenant("Nobody", "Yet")
    (tenant,) = desk.read("/v1/leases/tenants", f"unitids={desk.units[0]}")
    assert [one["Id"] for one in tenant["Leases"]] == [lease]
    (tenant,) = desk.read("/v1/leases/tenants", "leasetermstatuses=Future")
    assert [one["Id"] for one in tenant["Leases"]] == [other]
    assert len(desk.read("/v1/leases/tenants")) == 3


def test_days_bring_what_nobody_has_to_do(desk: Desk) -> None:
    future = desk.lease(begins=days(10))
    leaving = desk.lease(2)
    desk.office.give_notice(leaving, desk.office.leases[leaving]["Tenants"][0]["Id"], days(5))
    automatic = desk.lease(ends=days(5), moves_out_automatically=True)
    over = desk.lease(ends=days(5))
    assert desk.state(future) == ("Future", ["Future"])
    desk.clock.pass_(days=5)
    assert desk.state(leaving) == ("Active", ["Current", "Current"])
    assert desk.state(automatic) == ("Active", ["Current"])
    desk.clock.pass_(days=1)
    assert desk.state(leaving) == ("Active", ["MovedOut", "Current"])
    assert desk.state(automatic) == ("Past", ["MovedOut"])
    assert desk.state(over) == ("Active", ["Current"])
    desk.clock.pass_(days=5)
    assert desk.state(future) == ("Active", ["Current"])


def test_a_lease_with_nobody_on_it_stays_active_until_its_own_end(desk: Desk) -> None:
    lease = desk.lease(ends=days(5))
    desk.office.move_out(lease, desk.office.leases[lease]["Tenants"][0]["Id"])
    assert desk.state(lease) == ("Active", ["MovedOut"])
    desk.clock.pass_(days=6)
    assert desk.state(lease) == ("Past", ["MovedOut"])


def test_the_id_of_a_deleted_lease_is_never_given_again(tmp_path: Path) -> None:
    house = Residence(tmp_path)
    lease = house.lease()
    house.office.delete_lease(lease)
    assert house.lease() == lease + 1


def test_webhooks_are_signed_and_understood_by_the_connector(tmp_path: Path) -> None:
    house = Residence(tmp_path)
    news: list[WebhookNews | None] = []

    def take(url: str, body: bytes, headers: dict[str, str]) -> int:
        lower = {name.lower(): value for name, value in headers.items()}
        assert house.connector.webhooks.verify({}, lower, body, house.clock.now())
        assert not house.connector.webhooks.verify({}, lower, body, house.clock.now() + timedelta(hours=1))
        news.append(house.connector.webhooks.read(json.loads(body)))
        return 204

    office = house.office
    office.webhook_url, office.sender = "https://night.example/webhooks/elm", WebhookSender(take, background=False)
    lease = house.lease()
    office.give_notice(lease, house.tenants(lease)[0], days(30))
    office.undo_move_out(lease, house.tenants(lease)[0])
    office.renew(lease, days(700))
    office.delete_lease(lease)
    office.set_active(house.rental, False)
    office.rename_unit(house.units[0], "1C")
    office.sender.deliver_all()
    assert office.sender.lost == 0
    told = [(one.words, one.subjects) for one in news if one]
    assert told == [
        ("LeaseTenant.Created", {"guests": ["101"]}),
        ("Lease.Created", {"bookings": [str(lease)]}),
        ("Lease.MoveOut.Created", {"bookings": [str(lease)]}),
        ("Lease.Deleted", {"bookings": [str(lease)]}),
        ("Rental.Updated", {"rooms": ["*"]}),
        ("RentalUnit.Updated", {"rooms": [str(house.units[0])]}),
    ]


def test_ten_at_once_are_the_most(desk: Desk) -> None:
    desk.office._busy = 10
    assert desk.ask("/v1/rentals").status == 429
    desk.office._busy = 9
    assert desk.ask("/v1/rentals").status == 200


def test_it_answers_over_http(desk: Desk) -> None:
    import requests

    with serve(desk.office) as server:
        answer = requests.get(f"{server.url}/v1/leases", headers=desk.key, timeout=5)
        assert (answer.status_code, answer.json(), answer.headers["X-Total-Count"]) == (200, [], "0")


# --- the vendor's own description -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def contract() -> Json:
    if not CONTRACT.exists():
        pytest.skip("Buildium's OpenAPI description is not beside this checkout")
    loaded: Json = json.loads(CONTRACT.read_text())
    converted: Json = _as_json_schema(loaded)
    return converted


def a_busy_month(tmp_path: Path) -> Residence:
    """Every question that the connector can ask, and records in all their states."""
    house = Residence(tmp_path)
    office = house.office
    office.add_unit(office.add_rental("Garage", kind="ParkingSpace", active=False), "P1")
    ana, ben = house.tenant(phones=[("Cell", "(617) 555-0101")]), house.tenant("Ben", "Cole", email="")
    lease, other = house.lease(ana, ben), house.lease(unit=1, ends=None, kind="AtWill")
    house.lease(unit=2, begins=days(10))
    house.sync(full=True)
    office.add_cosigner(lease)
    office.set_eviction(other)
    office.transfer(lease, house.units[1], days(5), days(8))
    house.tick()
    office.edit_tenant(ana, FirstName="Anna")
    house.tick()
    office.end_lease(other)
    office.delete_lease(lease)
    house.tick(full=True)
    house.connector.check()
    (of, *_) = house.connector.reader().read_properties()
    house.connector.reader().known_rooms(of, ["101", "999"])
    house.connector.reader().read_guests(of, ["101", "999"])
    house.move_on(days(30))
    house.sync(night_audit=True)
    return house


def test_every_question_is_one_that_the_description_knows(contract: Json, tmp_path: Path) -> None:
    asked = a_busy_month(tmp_path).office.requests
    assert len({_described(contract, path) for path, _ in asked}) == 7
    for path, query in asked:
        operation = contract["paths"][_described(contract, path)]["get"]
        known = {one["name"]: one["schema"] for one in operation["parameters"] if one["in"] == "query"}
        for name, values in query.items():
            schema = known[name]
            is_list = schema["type"] == "array"
            assert is_list or len(values) == 1
            for value in values:
                _check(contract, schema["items"] if is_list else schema, int(value) if value.isdecimal() else value)


def test_every_answer_fits_the_description(contract: Json, tmp_path: Path) -> None:
    answers = a_busy_month(tmp_path).office.answers
    assert answers
    for path, body in answers:
        described = contract["paths"][_described(contract, path)]["get"]["responses"]["200"]
        _check(contract, described["content"]["application/json"]["schema"], json.loads(body))


def _described(contract: Json, path: str) -> str:
    folder, _, last = path.rpartition("/")
    if not last.isdecimal():
        return path
    (found,) = [one for one in contract["paths"] if one.startswith(f"{folder}/{{") and one.endswith("}")]
    return str(found)


def _check(contract: Json, schema: Json, value: Any) -> None:
    rooted = {"components": contract["components"], "allOf": [schema]}
    problems = [one.message[:200] for one in Draft4Validator(rooted).iter_errors(value)]
    assert not problems, problems
