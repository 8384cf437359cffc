"""Roles over organisations, connections and properties: what is somebody else's is not there, on any route."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from assembly import utc_now
from store.alerts import AlertBook, Cause
from store.history import History
from store.inbox import Inbox
from store.memberships import Membership, Memberships
from store.people import People, Role
from store.properties import Properties
from tests.every_day import first_of
from tests.office import Office, Service, opened_office, serving
from tests.web.test_access import ROLE_NEEDED, STATIC
from web.limits import is_for_all_only


@dataclass
class Town:
    """Two organisations with a connection each, and all routes with what belongs to either."""

    office: Office
    service: Service

    def token(self, *roles: Membership, base: Role = Role.VIEWER) -> str:
        store, name = self.service.parts.store, f"t{len(People(self.service.parts.store).tokens())}"
        made = People(store).make_token(name, base, utc_now())
        for one in roles:
            Memberships(store).give(f"token {name}", one, utc_now())
        return made

    def ask(self, token: str, method: str, path: str) -> Any:
        client = self.service.parts.site.test_client()
        return client.open(path, method=method, headers={"Authorization": f"Bearer {token}"})

    def requests(self, connection: str, number: int) -> list[tuple[str, str, str]]:
        """(endpoint, method, path) of every route, with ids of that connection."""
        store = self.service.parts.store
        values = {
            "connection": connection,
            "booking_id": next(iter(self.office.hotels[number].reservations)),
            "run_id": History(store).runs(connection=connection, limit=1)[0].run_id,
            "delivery_id": next(one.id for one in Inbox(store).page() if one.connection == connection),
            "alert_id": next(one.id for one in AlertBook(store).recent(utc_now()) if one.connection == connection),
            "order_id": 1,
            "property_id": next(one.property_id for one in Properties(store).known() if one.connection == connection),
            "policy": "hotel",
            "month": "2026-11",
        }
        site = self.service.parts.site
        urls = site.url_map.bind("localhost")
        return [
            (
                rule.endpoint,
                method,
                urls.build(rule.endpoint, {name: values.get(name, "no-such-thing") for name in rule.arguments}),
            )
            for rule in site.url_map.iter_rules()
            for method in sorted((rule.methods or set()) & {"GET", "POST", "PATCH", "DELETE"})
            if not rule.rule.startswith(("/webhooks/", *STATIC)) and ROLE_NEEDED.get((rule.endpoint, method))
        ]

    def names_of(self, connection: str, number: int) -> list[str]:
        """What must not be shown to others."""
        store = self.service.parts.store
        return [
            connection,
            f"Hotel {number}",
            *self.office.hotels[number].reservations,
            *(run.run_id for run in History(store).runs(connection=connection)),
        ]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with pytest.MonkeyPatch.context() as patch, opened_office(tmp_path_factory.mktemp("town"), patch) as office:
        office.add("alpen", 0, organisation="north")
        office.add("isar", 1, organisation="south")
        with serving(office) as service:
            store, now = service.parts.store, utc_now()
            for number, name in enumerate(("alpen", "isar")):
                booking = next(iter(office.hotels[number].reservations))
                for causes in ([Cause(name, "locks", "p", "1 lock does not work")], []):
                    AlertBook(store).compare(causes, [], now, [name])
                Inbox(store).put("staff", f"sync {booking}", "sync now", {"bookings": [booking]}, now, connection=name)
            yield Town(office, service)


@first_of(1, "role", [Role.ADMIN, Role.VIEWER, Role.OPERATOR], ids=str)
def test_nothing_of_another_organisation_is_there_on_any_route(town: Town, role: Role) -> None:
    token = town.token(Membership(role, organisation="south"))
    secret = town.names_of("alpen", 0)
    for endpoint, method, path in town.requests("alpen", 0):
        answer = town.ask(token, method, path)
        names_it = any(one in path for one in secret)
        assert answer.status_code in ((403, 404) if names_it else (200, 201, 202, 302, 403, 404, 405, 422)), (
            endpoint,
            method,
            answer.status_code,
            answer.text[-300:],
        )
        shown = [one for one in secret if one in answer.text and one not in path]
        assert shown == [], (endpoint, shown)
    assert town.office.shown("alpen")["state"] == "active"
    assert town.office.shown("alpen")["version"] == 1


@first_of(1, "role", [Role.VIEWER, Role.ADMIN, Role.OPERATOR], ids=str)
def test_everything_of_ones_own_is_there_as_for_somebody_with_that_role_over_all(town: Town, role: Role) -> None:
    mine, everybody = town.token(Membership(role, organisation="south")), town.token(base=role)
    for endpoint, method, path in town.requests("isar", 1):
        needed = Role(str(ROLE_NEEDED[endpoint, method]))
        if is_for_all_only(endpoint, needed):
            assert town.ask(mine, method, path).status_code == 403, endpoint
            continue
        if method == "DELETE" or (method != "GET" and endpoint.startswith("connections")):
            continue
        one, other = town.ask(mine, method, path), town.ask(everybody, method, path)
        assert one.status_code == other.status_code, (endpoint, method, path, one.text[-300:])
    assert "Hotel 1" in town.ask(mine, "GET", "/").text


def test_a_role_counts_where_it_was_given_and_nowhere_else(town: Town) -> None:
    token = town.token(Membership(Role.OPERATOR, connection="isar"), Membership(Role.VIEWER, organisation="north"))
    for name, number, status in (("isar", 1, 202), ("alpen", 0, 404)):
        booking = next(iter(town.office.hotels[number].reservations))
        assert town.ask(token, "GET", f"/bookings/{name}/{booking}").status_code == 200
        assert town.ask(token, "POST", f"/api/bookings/{name}/{booking}/sync").status_code == status
    assert {one["connection"] for one in town.ask(token, "GET", "/api/runs").json} == {"alpen", "isar"}


def test_a_role_over_one_property_shows_that_one(town: Town) -> None:
    (of,) = [one for one in Properties(town.service.parts.store).known() if one.connection == "isar"]
    booking = next(iter(town.office.hotels[1].reservations))
    mine = town.token(Membership(Role.OPERATOR, connection="isar", property_id=of.property_id))
    other = town.token(Membership(Role.OPERATOR, connection="isar", property_id="another"))
    path = f"/api/bookings/isar/{booking}"
    assert [town.ask(one, "GET", path).status_code for one in (mine, other)] == [200, 404]
    assert [town.ask(one, "POST", f"{path}/pin").status_code for one in (mine, other)] == [200, 404]
    assert [town.ask(one, "GET", f"/locks/isar/{of.property_id}").status_code for one in (mine, other)] == [200, 404]
    assert "Hotel 1" not in town.ask(other, "GET", "/").text


def test_an_admin_of_an_organisation_adds_connections_to_it_alone(town: Town) -> None:
    token = town.token(Membership(Role.ADMIN, organisation="south"))
    client = town.service.parts.site.test_client()
    headers = {"Authorization": f"Bearer {token}"}
    block = town.office.block(1, key_prefix="inn/")
    wrong = {"name": "inn", "settings": {**block, "organisation": "north"}}
    assert client.post("/api/connections", json=wrong, headers=headers).status_code == 422
    made = client.post("/api/connections", json={"name": "inn", "settings": block}, headers=headers)
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["settings"]["organisation"] == "south"
    moved = client.patch("/api/connections/inn", json={"settings": {"organisation": "north"}}, headers=headers)
    assert moved.status_code == 422
    assert client.delete("/api/connections/inn", headers=headers).status_code == 200


def test_an_admin_of_an_organisation_chooses_a_workspace_and_is_not_told_who_else_works_there(town: Town) -> None:
    key = "seam_lake0000_0123456789abcdef"
    town.office.good("workspaces", "add", "lake", "endpoint=http://127.0.0.1:9", text=f"{key}\n\n")
    town.office.add("chiem", 0, organisation="north", workspace="lake")
    town.service.go_on()
    token = town.token(Membership(Role.ADMIN, organisation="south"))
    page = town.ask(token, "GET", "/new-connection?connector=mews").text
    assert "<option>lake</option>" in page
    assert "chiem" not in page
    assert town.ask(token, "GET", "/workspaces").status_code == 403
    town.office.good("connections", "remove", "chiem", "--yes")
    town.office.good("workspaces", "remove", "lake", "--yes")


def test_roles_are_given_and_taken_by_commands(town: Town) -> None:
    office = town.office
    office.good("token", "add", "desk", "--role", "admin")
    assert "desk is viewer of organisation south" in office.good(
        "token", "allow", "desk", "--organisation", "south", "--role", "viewer"
    )
    office.good("token", "allow", "desk", "--connection", "alpen", "--property", "p1", "--role", "operator")
    assert "property p1 of alpen" in office.run("token", "disallow", "desk", "--connection", "alpen").output
    office.good("token", "disallow", "desk", "--connection", "alpen", "--property", "p1")
    assert "the only one" in office.run("token", "disallow", "desk", "--organisation", "south").output
    assert "Give --organisation" in office.run("token", "allow", "desk", "--role", "viewer").output
    assert (
        "no token nobody" in office.run("token", "allow", "nobody", "--connection", "isar", "--role", "viewer").output
    )
    assert "There is no user jana" in office.run("user", "allow", "jana", "--connection", "x", "--role", "admin").output
