"""The lists: narrowed by property and days, and taken along as they are narrowed."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from mappers.outcomes import Action, Kind, Outcome
from store.inbox import Inbox
from store.people import People
from store.runs import OutcomeRow, Runs
from store.tables import alerts
from tests.web.chain import NOW, Chain, name_of


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """One connection with four hotels; something was found different at the second, and held at the fourth."""
    made = Chain(tmp_path_factory.mktemp("chain"), 4, together=True, arrivals=1)
    drift = OutcomeRow(
        Kind.ACCESS_GRANT, "p1-b0", Action.UPDATE, Outcome.DONE, "changed in Seam", booking_id="p1-b0", cause="drift"
    )
    Runs(made.store).record("full-chain", "chain", [drift], NOW)
    for booking, days in (("p1-b0", 0), ("p2-b0", 1)):
        at = NOW - timedelta(days=days)
        People(made.store).note("operator", "looked at the PIN", at, connection="chain", target=booking)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def client(chain: Chain) -> Any:
    return chain.client("admin")


def rows(client: Any, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{path}{'&' if '?' in path else '?'}format=json").json
    csv = client.get(f"{path}{'&' if '?' in path else '?'}format=csv").text
    assert len(csv.strip().splitlines()) >= len(found) + 1
    return found


def test_drift_is_narrowed_to_a_property_and_to_days(client: Any) -> None:
    assert [one["property"] for one in rows(client, "/drift?connection=chain/p1")] == [name_of(1)]
    assert rows(client, "/drift?connection=chain/p0") == []
    assert rows(client, "/drift?to=2026-11-27") == []
    assert len(rows(client, "/drift?from=2026-11-28&to=2026-11-28")) == 1
    assert "Days of Europe/Vienna" in client.get("/drift").text


def test_the_audit_log_is_narrowed_to_a_property_to_days_and_by_a_part_of_what_was_done(client: Any) -> None:
    assert [one["target"] for one in rows(client, "/audit-log?action=pin")] == ["p2-b0", "p1-b0"]
    assert [one["target"] for one in rows(client, "/audit-log?connection=chain/p2")] == ["p2-b0"]
    assert [one["target"] for one in rows(client, "/audit-log?action=PIN&from=2026-11-28")] == ["p1-b0"]
    assert [one["target"] for one in rows(client, "/audit-log?action=PIN&to=2026-11-27")] == ["p2-b0"]
    asked = client.get("/api/audit-log?action=pin&until=2026-11-28T00:00:00Z").json
    assert [one["target"] for one in asked] == ["p2-b0"]


def test_runs_are_narrowed_to_days(client: Any) -> None:
    assert [one["run"] for one in rows(client, "/runs?all=1&from=2026-11-28")] == ["full-chain"]
    assert rows(client, "/runs?all=1&to=2026-11-27") == []
    assert len(rows(client, "/runs?all=1&connection=chain/p2")) == 1, "it was over all of the connection"


def test_held_revocations_are_narrowed_to_a_property_and_taken_along(client: Any) -> None:
    found = rows(client, "/held?connection=chain/p3")
    assert {one["property"] for one in found} == {name_of(3)}
    assert {one["booking id"] for one in found} == {"p3-b0", "p3-b1", "p3-b6"}
    assert all(one["held (UTC)"] for one in found)
    assert rows(client, "/held?connection=chain/p0") == []
    assert 'class="np-sub np-key">p3-b0' in client.get("/held").text, "the id stands beside the label, to be copied"


def test_locks_are_found_by_the_name_of_their_property_and_taken_along(client: Any) -> None:
    assert [one["property id"] for one in rows(client, "/locks?q=runway")] == ["p3"]
    whole = rows(client, "/locks")
    assert (whole[0]["property id"], bool(whole[0]["trouble"])) == ("p2", True), "what does not work comes first"
    assert {one["property id"]: one["rooms without a lock"] for one in whole}["p0"] == 1
    assert "No property has that in its name" in client.get("/locks?q=nowhere").text
    assert len(rows(client, "/locks/health?connection=chain/p3")) == 8
    assert rows(client, "/locks/health?connection=chain/nowhere") == []


def test_programs_narrow_what_is_held_and_what_drifted_as_the_pages_do(client: Any) -> None:
    at = f"{NOW - timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    assert {one["key"] for one in client.get("/api/held?connection=chain&property=p3").json} == {
        "p3-b0",
        "p3-b1",
        "p3-b6",
    }
    assert client.get("/api/held?property=p0").json == []
    assert len(client.get(f"/api/held?since={at}").json) > 0
    assert client.get(f"/api/held?until={at}").json == []
    assert client.get("/api/held?since=yesterday").status_code == 422
    assert client.get(f"/api/drift?connection=chain&property=p3&cause=orphan&since={at}").json == []
    (mine,) = client.get("/api/drift?connection=chain&property=p1&cause=drift").json
    assert mine["item"]["booking_id"] == "p1-b0"
    assert client.get("/api/drift?cause=weather").status_code == 422


def test_a_file_of_locks_has_every_property_and_every_lock_however_many_are_read_at_once(
    chain: Chain, client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.locks.A_PAGE", 2)
    monkeypatch.setattr("web.locks.PROPERTIES_WITH_LOCKS", 2)
    everywhere = {one.name for one in chain.known}
    assert len(everywhere) > 2
    assert {one["property"] for one in rows(client, "/locks")} == everywhere
    found = [(one["property"], one["lock id"]) for one in rows(client, "/locks/health")]
    assert {name for name, _ in found} == everywhere
    assert len(found) == len(set(found)) == sum(one["locks"] for one in rows(client, "/locks"))


def test_a_file_of_what_happened_goes_to_its_end_however_few_lines_are_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(tmp_path, 4, together=True, arrivals=1)
    inbox, store = Inbox(chain.store), Runs(chain.store)
    for number in range(5):
        # At one moment: none is left out for that.
        store.begin(f"run-{number}", "chain", "full", NOW)
        People(chain.store).note("operator", "sync now", NOW, connection="chain", target=f"b{number}")
        inbox.put("pms", f"e{number}", "ServiceOrderUpdated", {"bookings": []}, NOW, connection="chain", payload={})
        drift = OutcomeRow(Kind.ACCESS_GRANT, f"b{number}", Action.UPDATE, Outcome.DONE, "changed", cause="drift")
        store.record("full-chain", "chain", [drift], NOW)
        with chain.store.writing() as db:
            db.execute(
                insert(alerts).values(
                    connection="chain", kind="connection", subject="chain", text=f"{number}", began_at=NOW
                )
            )
    client = chain.client("admin")
    lists = ("/runs?all=1", "/inbox", "/alerts", "/drift", "/audit-log")
    whole = {path: rows(client, path) for path in lists}
    assert min(len(found) for found in whole.values()) >= 5
    for of in ("lists", "reports", "inbox_list", "alert_list"):
        monkeypatch.setattr(f"web.{of}.AT_ONCE", 2)
    assert {path: rows(client, path) for path in lists} == whole
    chain.store.close()
