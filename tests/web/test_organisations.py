"""Roles over organisations, connections and properties: what is somebody else's is not there, on any route."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from typing import Any

import pytest

from assembly import utc_now
from store.alerts import AlertBook, Cause
from store.history import History
from store.inbox import Inbox
from store.memberships import Membership, Memberships
from store.outgoing import EventKind, Happened, OutgoingEvents, emit_in
from store.people import People, Role
from store.properties import Properties
from store.receivers import Receivers, Wants
from store.secrets import SecretKeys
from tests.every_day import first_of
from tests.office import KEY, Office, Service, opened_office, serving
from tests.web.test_access import ROLE_NEEDED, STATIC
from web.limits import is_out_of_reach

ADMIN = Role.ADMIN
SOUTH = Membership(ADMIN, organisation="south")
URL = "https://hooks.example/in?token=s3cret"


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
        # The one route that looks at its body before it looks for what the address names.
        body = {"since": "2026-03-01T00:00:00Z"} if fnmatch(path, "/api/receivers/*/replay") else None
        return client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {token}"})

    def send(self, token: str, method: str, path: str, **body: Any) -> Any:
        client = self.service.parts.site.test_client()
        return client.open(path, method=method, json=body, headers={"Authorization": f"Bearer {token}"})

    def book(self) -> Receivers:
        return Receivers(self.service.parts.store, SecretKeys(KEY))

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
            "receiver": f"of-{connection}",
            "event_id": number + 1,
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
            made = Town(office, service)
            for name, organisation in (("alpen", "north"), ("isar", "south")):
                receiver = made.book().add(f"of-{name}", f"https://{name}.example/in", Wants(), now, organisation)
                assert receiver is not None
                made.book().pause(receiver, "")
                with store.writing() as db:
                    emit_in(db, [Happened(EventKind.BATTERY_LOW, name, "", f"lock of {name}", {})], now)
            yield made


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
        if is_out_of_reach(endpoint, needed, [SOUTH]):
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


def test_whoever_sees_to_parts_takes_up_no_lock_account_that_belongs_to_nobody(town: Town) -> None:
    """Whose it is nobody knows, and the list of them is for those of everything: it may be another organisation's."""
    (place,) = [one for one in Properties(town.service.parts.store).known() if one.connection == "isar"]
    path = f"/locks/isar/{place.property_id}/adopt"
    assert town.ask(town.token(SOUTH), "POST", path).status_code == 403
    assert town.ask(town.token(base=ADMIN), "POST", path).status_code == 302


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


def test_an_admin_of_an_organisation_has_receivers_of_events_of_it_alone(town: Town) -> None:
    mine, north, everybody = town.token(SOUTH), town.token(replace(SOUTH, organisation="north")), town.token(base=ADMIN)
    assert [one["name"] for one in town.ask(mine, "GET", "/api/receivers").json] == ["of-isar"]
    assert [one["name"] for one in town.ask(everybody, "GET", "/api/receivers").json] == ["of-alpen", "of-isar"]
    page = town.ask(mine, "GET", "/events").text
    assert "of-isar" in page
    assert "alpen" not in page
    assert town.send(mine, "POST", "/api/receivers", name="desk", url=URL, organisation="north").status_code == 422
    made = town.send(mine, "POST", "/api/receivers", name="desk", url=URL)
    assert (made.status_code, made.json["organisation"]) == (201, "south")
    for method, path, body in (
        ("GET", "", {}),
        ("PATCH", "", {"events": ["code.ready"]}),
        ("POST", "/pause", {}),
        ("POST", "/resume", {}),
        ("POST", "/rotate", {}),
        ("POST", "/replay", {"since": "2026-03-01T00:00:00Z"}),
        ("GET", "/attempts", {}),
        ("DELETE", "", {}),
    ):
        answers = [town.send(who, method, f"/api/receivers/desk{path}", **body).status_code for who in (north, mine)]
        assert answers[0] == 404, (method, path)
        assert answers[1] in (200, 202), (method, path)
    assert town.book().get("desk", utc_now()) is None


def test_whoever_is_an_admin_of_no_whole_organisation_has_no_receivers(town: Town) -> None:
    for role in (
        Membership(Role.ADMIN, connection="isar"),
        Membership(Role.ADMIN, connection="isar", property_id="p"),
        replace(SOUTH, role=Role.OPERATOR),
    ):
        who = town.token(role)
        assert town.ask(who, "GET", "/api/receivers").status_code == 403
        assert town.send(who, "POST", "/api/receivers", name="desk", url=URL).status_code == 403
        assert town.ask(who, "GET", "/events").status_code == 403
        assert 'href="/events"' not in town.ask(who, "GET", "/").text
    assert 'href="/events"' in town.ask(town.token(SOUTH), "GET", "/").text
    both = town.token(SOUTH, Membership(Role.VIEWER, organisation="north"))
    assert [one["name"] for one in town.ask(both, "GET", "/api/receivers").json] == ["of-isar"]


def test_every_tab_that_somebody_is_shown_is_one_that_she_may_open(town: Town) -> None:
    for role in (SOUTH, Membership(Role.ADMIN, connection="isar"), Membership(Role.VIEWER, organisation="south")):
        who = town.token(role)
        tabs = re.search(r'<nav class="np-tabs".*?</nav>', town.ask(who, "GET", "/").text, re.DOTALL)
        assert tabs is not None
        # A token has no account.
        paths = sorted(set(re.findall(r'href="(/[^"#]*)"', tabs[0])) - {"/account"})
        assert len(paths) > 8
        assert {path: town.ask(who, "GET", path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_an_admin_of_two_organisations_says_whose_a_receiver_is(town: Town) -> None:
    who = town.token(SOUTH, Membership(Role.ADMIN, organisation="north"))
    assert town.send(who, "POST", "/api/receivers", name="desk", url=URL).status_code == 422
    made = town.send(who, "POST", "/api/receivers", name="desk", url=URL, organisation="north")
    assert made.json["organisation"] == "north"
    assert town.ask(who, "DELETE", "/api/receivers/desk").status_code == 200
    page = town.ask(who, "GET", "/events").text
    assert '<option value="north"' in page
    assert '<option value=""' not in page, "the whole service's are for admins of everything"
    client = town.service.parts.site.test_client()
    form = {"name": "desk", "url": URL, "event": "code.ready"}
    for organisation, status in ((None, 422), ("", 422), ("east", 422), ("south", 200)):
        answer = client.post(
            "/events",
            data=form | ({} if organisation is None else {"organisation": organisation}),
            headers={"Authorization": f"Bearer {who}"},
        )
        assert answer.status_code == status, organisation
    made_by_form = town.book().get("desk", utc_now())
    assert made_by_form is not None
    assert made_by_form.organisation == "south"
    town.book().remove(made_by_form)


def test_when_a_connection_changes_its_organisation_its_events_go_to_the_new_one(town: Town) -> None:
    everybody, events = town.token(base=ADMIN), OutgoingEvents(town.service.parts.store)
    town.office.add("chiem", 0, organisation="north")
    receivers = {}
    for of in ("north", "south"):
        made = town.book().add(f"all-{of}", URL, Wants(), utc_now(), of)
        assert made is not None
        receivers[of] = made
    store = town.service.parts.store
    with store.writing() as db:
        emit_in(db, [Happened(EventKind.BATTERY_LOW, "chiem", "", "lock 1", {})], utc_now())
    assert [one.subject for one in events.told(receivers["north"].id)] == ["lock 1"]
    town.office.good("connections", "set", "chiem", "organisation=south")
    with store.writing() as db:
        emit_in(db, [Happened(EventKind.BATTERY_LOW, "chiem", "", "lock 2", {})], utc_now())
    told = {of: [one.subject for one in events.told(one.id)] for of, one in receivers.items()}
    assert told == {"north": [], "south": ["lock 2"]}
    assert town.ask(everybody, "GET", "/api/receivers/all-north").json["waiting"] == 0
    for made in receivers.values():
        town.book().remove(made)
    town.office.good("connections", "remove", "chiem", "--yes")


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
