"""What Seam and the PMS are asked for is counted: every call, every code, every webhook, for its property."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.parser import cli
from reconciler.costs_report import costs_csv, costs_report
from store.costs import Cost, Costs
from store.database import open_database
from store.engine import Database
from store.prices import Prices
from store.properties import KnownProperty, Properties
from tests.databases import database_at
from tests.night import Night

NOVEMBER = date(2026, 11, 1)
NOW = datetime(2026, 11, 11, tzinfo=UTC)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.listen()
    for room in range(3):
        night.book(room)
    return night


def counted(night: Night) -> dict[tuple[Cost, str], int]:
    lines = Costs(night.store).of_days(date(2026, 1, 1), date(2027, 1, 1))
    assert {one.connection for one in lines} <= {"alpen"}
    return {(one.kind, "" if one.property_id == "" else "hotel"): one.number for one in lines}


def total(night: Night, kind: Cost) -> int:
    return sum(number for (one, _), number in counted(night).items() if one is kind)


def test_every_call_of_runs_and_jobs_is_counted_once(night: Night) -> None:
    night.do("full")
    night.settle()
    night.do("lock_health")
    night.do("arrival_check")
    night.book(1, arrival=night.clock.now() + timedelta(days=6), departure=night.clock.now() + timedelta(days=8))
    night.settle()
    night.do("incremental")
    night.do("night_audit")
    assert total(night, Cost.SEAM_CALLS) == sum(night.seam.calls.values())
    assert total(night, Cost.PMS_CALLS) == sum(night.hotel.calls.values())


def test_codes_webhooks_and_code_days_are_of_their_property(night: Night) -> None:
    night.do("full")
    night.settle()
    night.clock.pass_(days=2)
    night.do("full")
    found = counted(night)
    assert found[Cost.CODES, "hotel"] == len(night.seam.access_grants) == 3
    assert found[Cost.CODE_DAYS, "hotel"] == 3
    assert total(night, Cost.SEAM_WEBHOOKS) >= 3
    assert total(night, Cost.PMS_WEBHOOKS) >= 3
    assert found[Cost.SEAM_CALLS, "hotel"] > found.get((Cost.SEAM_CALLS, ""), 0)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Database]:
    """Ten days of November, of a connection with one property and of one with two."""
    store = Database(open_database(database_at(tmp_path / "books.db")))
    for connection, ids in (("alpen", ["p1"]), ("isar", ["q1", "q2"])):
        known = [KnownProperty(connection, one, f"Hotel {one}", "Europe/Vienna") for one in ids]
        Properties(store).note(connection, known, NOW)
    costs = Costs(store)
    for day in range(1, 11):
        at = datetime(2026, 11, day, 9, tzinfo=UTC)
        costs.add("alpen", {("p1", Cost.SEAM_CALLS): 90, ("", Cost.SEAM_CALLS): 10, ("p1", Cost.CODES): 3}, at)
    costs.add("alpen", {("p1", Cost.CODE_DAYS): 100}, NOW)
    costs.add("isar", {("", Cost.PMS_CALLS): 7, ("q2", Cost.PMS_CALLS): 5}, NOW)
    yield store
    store.close()


def test_a_month_is_forecast_as_it_has_gone_so_far(books: Database) -> None:
    (alpen, *isar) = costs_report(books, NOVEMBER, NOW, Prices())
    assert (alpen.name, alpen.counted_since) == ("Hotel p1", NOVEMBER)
    numbers = {one.kind: (one.number, one.forecast) for one in alpen.costs}
    assert numbers["seam_calls"] == (1000, 3000), "what is of none alone is of the only property"
    assert numbers["codes"] == (30, 90)
    assert numbers["code_days"] == (100, 273), "those of today are all known"
    assert (alpen.currency, alpen.amount, alpen.costs[0].amount) == (None, None, None)
    assert [(one.property_id, one.name) for one in isar] == [("q2", "Hotel q2"), ("", "all properties together")]


def test_amounts_are_at_the_prices_of_the_settings(books: Database) -> None:
    prices = Prices("CHF", seam_calls=Decimal("0.0005"), codes=Decimal("0.25"))
    (alpen,) = costs_report(books, NOVEMBER, NOW, prices, property_name="hotel  P1")
    assert (alpen.currency, alpen.amount, alpen.forecast_amount) == ("CHF", "8.00", "24.00")
    (over,) = costs_report(books, NOVEMBER, NOW + timedelta(days=30), prices, connection="alpen")
    assert (over.amount, over.forecast_amount) == ("8.00", None)
    assert {one.forecast for one in over.costs} == {None}
    assert costs_report(books, date(2026, 10, 1), NOW, prices) == []
    first, *_ = costs_csv([alpen]).splitlines()[1:]
    assert first == '"2026-11","alpen","Hotel p1","p1","seam_calls","1000","3000","0.50","1.50","CHF"'


def test_the_page_the_file_and_the_api_say_the_same_to_admins(night: Night) -> None:
    night.do("full")
    admin = night.client("admin")
    (of,) = admin.get("/api/costs").json
    calls = sum(night.seam.calls.values())
    assert of["costs"][0] | {"forecast": None} == {
        "kind": "seam_calls",
        "number": calls,
        "forecast": None,
        "amount": None,
        "forecast_amount": None,
    }
    assert f'<td class="np-num">{calls}</td>' in admin.get("/costs").text
    assert f'"seam_calls","{calls}"' in admin.get("/costs.csv").text
    assert admin.get("/api/costs?month=2026-08").json == []
    assert "Nothing was counted" in admin.get("/costs?month=2026-08").text
    for path in ("/costs?month=2026-13", "/costs.csv?month=x", "/api/costs?month=nov"):
        assert admin.get(path).status_code == 404, path
    assert night.client("operator").get("/costs").status_code == 403


def test_the_command_shows_a_month_and_asks_nobody(books: Database, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("database: sqlite:///books.db\nseam: {api_key: seam_key}\ncosts: {codes: 0.25}\n")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(config), "costs", *arguments], catch_exceptions=False)

    shown = run("--month", "2026-11").output
    assert "Hotel p1" in shown
    assert "1,000" in shown
    found = json.loads(run("Hotel p1", "--month", "2026-11", "--json", "-").output)
    told = [(one["property_id"], one["amount"], one["counted_since"]) for one in found]
    assert told == [("p1", "7.50", "2026-11-01")]
    assert run("p1", "--month", "2026-11", "--csv", "-").output.startswith("month,connection")
    assert "write it as 2026-11" in run("--month", "11/2026").output
    assert run("no-such-house", "--month", "2026-11").exit_code == 1
