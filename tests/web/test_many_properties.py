"""No page and no list of the API asks the database more often because there are more properties, whoever reads it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store.memberships import Membership, Memberships
from store.people import People, Role
from tests.night import _HASH
from tests.web.chain import NOW, Chain

FEW, MANY = 20, 60
LISTS = (
    "/",
    "/properties/hotel7/p7",
    "/bookings?q=A.B.&list=1",
    "/bookings?q=101&list=1",
    "/held",
    "/alerts",
    "/inbox",
    "/runs?all=1",
    "/drift",
    "/audit-log",
    "/locks",
    "/locks/health",
    "/locks/forecast",
    "/locks/hotel7/p7",
    "/trends",
    "/costs",
    "/api/now",
    "/api/alerts",
    "/api/held",
    "/api/runs",
    "/api/inbox",
    "/api/drift",
    "/api/audit-log",
    "/api/locks",
    "/api/locks/health",
    "/api/locks/forecasts",
    "/api/costs",
    "/api/trends",
    "/api/spare-keys",
    "/api/bookings?q=101",
)
OF_ALL = ("/metrics", "/readyz")
"""Which nobody asks for who may see some properties only."""


@pytest.fixture(scope="module")
def chains(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[tuple[Chain, Any]]]]:
    """A small and a large one, by whoever has signed in there: who may see everything, or every second property."""
    made = [Chain(tmp_path_factory.mktemp("many"), number, arrivals=1) for number in (FEW, MANY)]
    for chain in made:
        People(chain.store).add_user("half", Role.ADMIN, _HASH, NOW)
        for one in chain.known[1::2]:
            of_half = Membership(Role.ADMIN, connection=one.connection, property_id=one.property_id)
            Memberships(chain.store).give("half", of_half, NOW)
    yield {who: [(chain, chain.client(who)) for chain in made] for who in ("admin", "half")}
    for chain in made:
        chain.store.close()


def questions(chain: Chain, client: Any, path: str) -> int:
    """How often the database is asked, once what is kept is known."""
    found: list[str] = []

    def note(*told: Any) -> None:
        found.append(told[2])

    client.get(path)
    event.listen(chain.store._engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(chain.store._engine, "before_cursor_execute", note)
    assert answer.status_code in (200, 503), (path, answer.status_code)
    return len(found)


@pytest.mark.parametrize("path", [*LISTS, *OF_ALL])
def test_a_list_asks_as_often_of_many_properties_as_of_few(
    chains: dict[str, list[tuple[Chain, Any]]], path: str
) -> None:
    few, many = (questions(chain, client, path) for chain, client in chains["admin"])
    assert many <= few + 1, "one more where an answer is longer than a page of ids"
    assert many < 30


@pytest.mark.parametrize("path", LISTS)
def test_nor_for_whoever_may_see_a_part_of_them(chains: dict[str, list[tuple[Chain, Any]]], path: str) -> None:
    few, many = (questions(chain, client, path) for chain, client in chains["half"])
    assert many <= few + 1
    assert many < 30


def test_what_is_coming_at_the_locks_is_told_in_pages(chains: dict[str, list[tuple[Chain, Any]]]) -> None:
    _, client = chains["admin"][1]
    answer = client.get("/api/locks/forecasts?page=2")
    assert json.loads(answer.headers["X-Pagination"])["total"] == MANY
    page = client.get("/locks/forecast?page=2").text
    assert "11 to 20 of 60" in page


def test_who_may_see_more_single_properties_than_a_condition_holds_is_shown_them(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 40, arrivals=1)
    People(chain.store).add_user("some", Role.VIEWER, _HASH, NOW)
    for one in chain.known[:30]:
        of_one = Membership(Role.VIEWER, connection=one.connection, property_id=one.property_id)
        Memberships(chain.store).give("some", of_one, NOW)
    client = chain.client("some")
    assert "30 properties" in client.get("/").text
    assert client.get("/properties/hotel29/p29").status_code == 200
    assert client.get("/properties/hotel30/p30").status_code == 404
    chain.store.close()
