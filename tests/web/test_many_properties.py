"""No page and no list of the API asks the database more often because there are more properties, whoever reads it."""

import csv
import io
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema
from sqlalchemy import event

from benchmarks import large_portfolio
from store.costs import Cost, Costs
from store.engine import Database, StoreFailed
from store.memberships import Membership, Memberships
from store.people import People, Role
from store.properties import KnownProperty, Properties
from tests.night import _HASH
from tests.web.chain import NOW, Chain
from web import metrics, trends
from web.access import known_properties
from web.kept_reports import KEPT, KEPT_WHILE_MADE, MOST_WAITING, KeptReports
from web.schemas import Answer
from web.site import OPENED_FIRST, make_pages_ready

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


def _reports_are_made() -> None:
    for one in threading.enumerate():
        if one.name == "reports":
            one.join(10)


def questions(chain: Chain, client: Any, path: str) -> int:
    """How often the database is asked, once what is kept is known."""
    found: list[str] = []

    def note(*told: Any) -> None:
        found.append(told[2])

    client.get(path)
    _reports_are_made()
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


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=[pytest.mark.slow] if at % 3 else []) for at, path in enumerate(LISTS)]
)
def test_nor_for_whoever_may_see_a_part_of_them(chains: dict[str, list[tuple[Chain, Any]]], path: str) -> None:
    few, many = (questions(chain, client, path) for chain, client in chains["half"])
    assert many <= few + 1
    assert many < 30


@pytest.mark.parametrize("path", [one for one in LISTS if one.startswith("/api/")])
def test_the_api_answers_as_its_schemas_say(
    chains: dict[str, list[tuple[Chain, Any]]], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of our own objects without marshmallow is what marshmallow says of them."""
    _, client = chains["admin"][0]
    said = client.get(path).json
    monkeypatch.setattr(Answer, "dump", Schema.dump)
    assert client.get(path).json == said


def test_whoever_opens_a_list_first_after_a_start_waits_for_no_statement_to_be_put_together(
    chains: dict[str, list[tuple[Chain, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which takes as long as to ask it; and nothing is written for that."""
    chain, client = chains["admin"][0]
    adapter = chain.site.url_map.bind("localhost")
    assert all(adapter.match(page.partition("?")[0], method="GET") for page in OPENED_FIRST)
    some = ("/alerts", "/locks", "/api/now")
    monkeypatch.setattr("web.site.OPENED_FIRST", some)
    known = chain.store._engine._compiled_cache
    assert known is not None
    known.clear()
    found: list[str] = []

    def note(*told: Any) -> None:
        found.append(told[2])

    event.listen(chain.store._engine, "before_cursor_execute", note)
    make_pages_ready(chain.site)
    event.remove(chain.store._engine, "before_cursor_execute", note)
    assert len(known) > 20
    assert not [one for one in found if not one.startswith(("SELECT", "WITH"))]
    client.get("/account")  # What every page asks of whoever is signed in.
    for path in some:
        before = set(known.keys())
        assert client.get(path).status_code == 200
        new = [str(known[key]) for key in known.keys() - before]
        assert not [one for one in new if "FROM status ORDER BY" not in " ".join(one.split())], path


def test_a_search_that_finds_nothing_goes_through_the_properties_once(
    chains: dict[str, list[tuple[Chain, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And not once for each connection that is not kept in step: with 300 of 3,000 that took five seconds."""
    chain, client = chains["admin"][1]
    looked: list[str] = []

    class Counted:
        def __init__(self, of: KnownProperty):
            self._of = of

        def __getattr__(self, name: str) -> Any:
            looked.append(name)
            return getattr(self._of, name)

    monkeypatch.setattr("web.reports.known_properties", lambda: [Counted(one) for one in known_properties()])
    page = client.get("/bookings?q=nobody at all").text
    late = page.count("is not kept in step")
    assert late >= MANY / 10
    assert len([one for one in chain.known if f"{one.name} is not kept in step" in page]) == late
    assert looked.count("connection") < 4 * MANY < late * MANY


def test_a_page_that_cannot_be_made_ready_is_left_for_whoever_opens_it(
    chains: dict[str, list[tuple[Chain, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    chain, client = chains["admin"][0]
    monkeypatch.setattr("web.site.OPENED_FIRST", ("/nothing", "/held"))
    monkeypatch.setattr("web.held.Holds", None)
    make_pages_ready(chain.site)
    assert client.get("/held").status_code == 500


def test_no_page_and_no_route_is_left_out_of_the_measurement(chains: dict[str, list[tuple[Chain, Any]]]) -> None:
    """Whoever adds one says in `benchmarks.large_portfolio` how it is asked for, or why it is not measured."""
    assert large_portfolio.unmeasured(chains["admin"][0][0].site) == set()


@pytest.mark.parametrize("path", ["/locks/health?format=csv", "/locks?format=csv", "/costs.csv"])
def test_a_long_file_begins_before_all_of_it_was_read(
    chains: dict[str, list[tuple[Chain, Any]]], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So that theirs are long.
    monkeypatch.setattr("reconciler.spreadsheet.LINES_AT_ONCE", 10)
    chain, client = chains["admin"][1]
    if path.startswith("/costs"):
        for one in chain.known:
            Costs(chain.store).add(one.connection, {(one.property_id, Cost.CODES): 1}, NOW)
    found: list[str] = []
    event.listen(chain.store._engine, "before_cursor_execute", lambda *told: found.append(told[2]))
    answer = client.get(path, buffered=False)
    parts = answer.iter_encoded()
    first = next(parts)
    number = len(found)
    rest = b"".join(parts)
    assert number < len(found), "nothing was asked after the first byte"
    named = [one for one in chain.known if one.name.encode() in first + rest]
    assert len(named) >= MANY - MANY // 10, "all that have a lock"


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_file_has_every_line_once_however_it_is_cut(tmp_path: Path, form: str) -> None:
    chain = Chain(tmp_path, 1, arrivals=1)
    people = People(chain.store)
    for number in range(250):
        people.note("admin", "sync now", NOW, target=f"b{number}")
    answer = chain.client().get(f"/audit-log?format={form}&action=sync now")
    if form == "json":
        told = [one["target"] for one in answer.json]
    else:
        told = [row["target"] for row in csv.DictReader(io.StringIO(answer.text))]
    assert told == [f"b{number}" for number in reversed(range(250))]
    empty = chain.client().get(f"/audit-log?format={form}&who=nobody")
    assert (empty.json if form == "json" else list(csv.DictReader(io.StringIO(empty.text)))) == []
    chain.store.close()


def test_connections_come_in_pages_and_are_found_by_their_names(chains: dict[str, list[tuple[Chain, Any]]]) -> None:
    chain, client = chains["admin"][1]
    large_portfolio.serve_whole(chain)
    page = client.get("/connections").text
    assert "1 to 50 of 60" in page
    assert page.count("/connections/hotel") == 50
    found = client.get("/connections?q=hotel5").text
    assert sorted(set(re.findall(r"/connections/(hotel\d+)", found))) == sorted(
        ["hotel5", *(f"hotel5{n}" for n in range(10))]
    )
    assert "Nothing is called so" in client.get("/connections?q=nowhere").text


def test_a_report_over_many_is_made_once_and_then_by_a_thread() -> None:
    """Of thousands of properties it takes seconds; nobody but the first reader waits for it."""
    clock, made = [0.0], []
    kept = KeptReports[int](lambda: clock[0])
    going_on, may_end = threading.Event(), threading.Event()

    def make() -> Any:
        if made:
            going_on.set()
            assert may_end.wait(10)
        made.append(len(made))
        return made[-1]

    assert [kept.report("all", make), kept.report("all", make)] == [0, 0]
    clock[0] = KEPT + 1
    assert kept.report("all", make) == 0, "what there is, while it is made anew"
    assert going_on.wait(10)
    assert kept.report("all", make) == 0
    (thread,) = (one for one in threading.enumerate() if one.name == "reports")
    may_end.set()
    thread.join(10)
    assert kept.report("all", make) == 1
    assert kept.report("another", make) == 2
    clock[0] += KEPT_WHILE_MADE + 1
    assert kept.report("all", make) == 3, "what is hours old is not shown"


def test_reports_over_everything_are_there_before_anybody_asks_for_them(
    chains: dict[str, list[tuple[Chain, Any]]], monkeypatch: Any
) -> None:
    chain, client = chains["admin"][1]
    trends.make_reports_ready(chain.site, lambda: False)
    made: list[object] = []
    monkeypatch.setattr(trends, "trends_report", lambda *of: made.append(of))
    month = f"{NOW:%Y-%m}"
    pages = ("/trends", "/trends?days=30", "/trends?days=7", f"/trends/{month}", "/trends.csv", "/api/trends")
    assert [client.get(page).status_code for page in pages] == [200] * len(pages)
    assert made == []


def test_nobody_waits_for_a_page_with_a_report_over_many(
    chains: dict[str, list[tuple[Chain, Any]]], monkeypatch: Any
) -> None:
    """The page says that it is made, and shows it once it is there; a script waits for its answer."""
    chain, client = chains["admin"][1]
    chain.site.extensions["trends"] = KeptReports()
    may_end, really = threading.Event(), trends.trends_report

    def slowly(*of: Any) -> Any:
        assert may_end.wait(10)
        return really(*of)

    monkeypatch.setattr(trends, "trends_report", slowly)
    month = f"/trends/{NOW:%Y-%m}"
    for page in ("/trends?days=30", month):
        told = client.get(page)
        assert told.status_code == 200
        assert "The report is being put together" in told.text
        assert 'id="soon"' in told.text
    may_end.set()
    _reports_are_made()
    for page in ("/trends?days=30", month):
        assert 'id="soon"' not in client.get(page).text
    assert client.get("/api/trends?days=7").json["total"]["arrivals"] == 0


def test_a_report_that_cannot_be_made_is_told_to_whoever_asks_again_and_then_tried_again() -> None:
    kept, tried = KeptReports[int](lambda: 0.0), []

    def make() -> int:
        tried.append(1)
        if len(tried) == 1:
            raise StoreFailed("the database cannot be used")
        return 7

    assert kept.if_made("all", make) is None
    _reports_are_made()
    with pytest.raises(StoreFailed, match="cannot be used"):
        kept.if_made("all", make)
    assert kept.if_made("all", make) is None
    _reports_are_made()
    assert kept.if_made("all", make) == 7


def test_however_many_reports_are_asked_for_a_few_threads_make_them_one_by_one() -> None:
    kept, may_end = KeptReports[int](lambda: 0.0), threading.Event()
    at_once, most = [0], [0]

    def make() -> int:
        at_once[0] += 1
        most[0] = max(most[0], at_once[0])
        assert may_end.wait(10)
        at_once[0] -= 1
        return 7

    before = {one.ident for one in threading.enumerate()}
    assert {kept.if_made(name, make) for name in range(3 * MOST_WAITING)} == {None}
    assert len({one.ident for one in threading.enumerate()} - before) == MOST_WAITING
    may_end.set()
    _reports_are_made()
    assert most == [1]
    assert [kept.if_made(name, make) for name in range(MOST_WAITING)] == [7] * MOST_WAITING


def test_what_prometheus_reads_counts_links_for_nobody_who_waits(tmp_path: Path, monkeypatch: Any) -> None:
    chain = Chain(tmp_path, 2, arrivals=1)
    assert b'nightporter_links{kind="space"} 16.0' in chain.metrics.text()
    monkeypatch.setattr(metrics, "COUNTED_AT_ONCE", 3)
    chain.clock.time += timedelta(hours=1)
    many = metrics.Metrics()
    many.watch_store(chain.store, chain.connections, chain.clock)
    before = {one.ident for one in threading.enumerate()}
    many.text()
    for one in [one for one in threading.enumerate() if one.name == "links" and one.ident not in before]:
        one.join(10)
    assert b'nightporter_links{kind="space"} 16.0' in many.text()
    chain.store.close()


def test_a_property_that_is_named_anew_by_another_process_is_so_at_once(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 3, arrivals=1)
    client = chain.client()
    assert "Kestrel House" in client.get("/").text
    other = Database(chain.store._engine)
    one = replace(chain.known[0], name="Sparrow House")
    Properties(other).note(one.connection, [one], NOW)
    page = client.get("/").text
    assert "Sparrow House" in page
    assert "Kestrel House" not in page
    Properties(other).note("hotel1", [replace(chain.known[1], property_id="p9")], NOW + timedelta(hours=23))
    assert len(Properties(chain.store).known()) == 4, "it was listed within the day before"
    Properties(other).note("hotel1", [replace(chain.known[1], property_id="p9")], NOW + timedelta(days=2))
    assert [one.property_id for one in Properties(chain.store).known()] == ["p0", "p9", "p2"]
    chain.store.close()


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
