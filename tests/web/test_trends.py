"""*Trends*: how it went, on pages, as CSV and JSON and on the command line; each sees what she may see."""

import json
from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from cli.parser import cli
from reconciler.months import whole_month
from reconciler.trends_report import (
    MORE,
    last_days,
    quantile,
    seconds_in_words,
    sentences,
    trends_report,
    words_of_cause,
)
from store.memberships import Membership, Memberships
from store.people import Role
from store.trends import Counted, Figure, Trends
from tests.web.chain import NOW, Chain, name_of

TODAY = NOW.date()


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    """Two hotels; the first kept six guests waiting."""
    chain = Chain(tmp_path_factory.mktemp("chain"), 2)
    trends = Trends(chain.store)
    for days in range(3):
        at = NOW - timedelta(days=10 * days)
        told = [("20", 60), ("30", 38), ("600", 2)]
        trends.add(
            "hotel0",
            [
                Counted("p0", at, Figure.READY, 100),
                Counted("p0", at, Figure.NOT_READY, 2, ("no_room", "no_room", "access_not_provisioned")[days]),
                Counted("p0", at, Figure.OFFLINE, 5400),
                *(Counted("p0", at, Figure.TO_DOOR, number, bound) for bound, number in told),
            ],
        )
        trends.add("hotel1", [Counted("p1", at, Figure.READY, 7), Counted("p1", at, Figure.TO_DOOR, 1, "")])
    yield chain
    chain.store.close()


def test_a_cause_reads_the_same_whichever_code_it_was_counted_under() -> None:
    assert {words_of_cause(one) for one in ("offline", "device_offline", "hub_disconnected")} == {
        "the lock was offline"
    }
    assert words_of_cause("access_not_provisioned") == "Seam said access not provisioned"


def test_a_quantile_is_the_bound_that_so_many_did_not_exceed_however_many_histograms_are_put_together() -> None:
    half, nearly_all = Fraction(1, 2), Fraction(99, 100)
    assert quantile({}, half) is None
    assert quantile({5: 1}, nearly_all) == 5
    assert (quantile({5: 50, 60: 50}, half), quantile({5: 49, 60: 51}, half)) == (5, 60)
    assert (quantile({5: 99, 60: 1}, nearly_all), quantile({5: 98, 60: 1, MORE: 1}, nearly_all)) == (5, 60)
    words = [seconds_in_words(one) for one in (5, 60, 90, 120, 3600, 86400, MORE)]
    assert words == ["5 seconds", "1 minute", "90 seconds", "2 minutes", "1 hour", "1 day", "more than a day"]


def test_the_report_says_it_in_sentences_the_worst_property_first(chain: Chain) -> None:
    of = [("hotel0", None), ("hotel1", None)]
    found = trends_report(chain.store, of, *last_days(90, NOW), NOW)
    assert [one.property_id for one in found.properties] == ["p0", "p1"]
    assert sentences(found.properties[0].figures, "guest") == [
        "300 of 306 guests could open their door when they arrived.",
        "For 6 it was not ready: no room had been given (4), Seam said access not provisioned (2).",
        "Of 300 changes of access, half were at the door within 20 seconds, and 99 of 100 within 10 minutes.",
        "Locks were offline for 4 hours, all of them together.",
    ]
    assert (found.total.arrivals, found.total.ready, found.total.changes, found.total.p99) == (327, 321, 303, 600)
    assert {one.day: one.figures.ready for one in found.days if one.figures.arrivals} == {
        TODAY - timedelta(days=10 * days): 107 for days in range(3)
    }
    (week,) = trends_report(chain.store, [("hotel1", "p1")], *last_days(7, NOW), NOW).properties
    assert sentences(week.figures, "tenant") == [
        "7 of 7 tenants could open their door when they arrived.",
        "Of 1 change of access, half were at the door after more than a day, and 99 of 100 after more than a day.",
    ]


def test_pages_file_and_api_say_the_same_and_the_address_holds_the_filter(chain: Chain) -> None:
    viewer = chain.client("viewer")
    page = viewer.get("/trends").text
    assert "<h1>321 of 327 guests could open their door when they arrived</h1>" in page
    assert "no room had been given" in page
    assert page.index("property=p0") < page.index("property=p1")
    week = viewer.get("/trends?days=7&property=p0&connection=hotel0").text
    assert "100 of 102 guests" in week
    assert "hotel1" not in week.split("<h2", 1)[1]
    assert "Nothing was counted in these days" in viewer.get("/trends?property=nobody").text
    found = viewer.get("/api/trends?days=30").json
    assert found["properties"][0]["figures"] | {"causes": [], "bounds": []} == {
        "arrivals": 306,
        "ready": 300,
        "not_ready": 6,
        "changes": 300,
        "p50": 20,
        "p99": 600,
        "offline_hours": 4.5,
        "causes": [],
        "bounds": [],
    }
    _, first, second = viewer.get("/trends.csv?days=30").text.splitlines()
    assert '"306","300","6","no_room 4; access_not_provisioned 2","300","20","600","4.5"' in first
    assert second.endswith('"21","21","0","","3","86401","86401","0.0"')


def test_a_month_is_reported_in_sentences_and_another_month_is_none(chain: Chain) -> None:
    viewer = chain.client("viewer")
    page = viewer.get(f"/trends/{TODAY:%Y-%m}").text
    assert "guests could open their door when they arrived." in page
    assert "Nothing was counted in this month" in viewer.get("/trends/2020-02").text
    assert viewer.get("/trends/2026-13").status_code == 404
    assert viewer.get("/api/trends?month=2026-1").status_code == 404


def test_who_has_a_role_over_one_property_sees_that_one_only(chain: Chain) -> None:
    Memberships(chain.store).give("operator", Membership(Role.VIEWER, connection="hotel1", property_id="p1"), NOW)
    operator = chain.client("operator")
    assert "<h1>21 of 21 guests" in operator.get("/trends").text
    for path in ("/trends", f"/trends/{TODAY:%Y-%m}", "/trends.csv", "/api/trends", "/trends?connection=hotel0"):
        assert name_of(0) not in operator.get(path).text
    assert [one["property_id"] for one in operator.get("/api/trends").json["properties"]] == ["p1"]


def test_before_anything_is_counted_the_page_says_from_when_numbers_are_kept(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 1)
    client = chain.client("viewer")
    for path in ("/trends", f"/trends/{TODAY:%Y-%m}"):
        assert "Numbers are kept from the first arrival on" in client.get(path).text
    assert client.get("/api/trends").json["counted_since"] is None
    chain.store.close()


def test_the_command_says_it_too(chain: Chain, tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"database: {chain.store._engine.url}\nseam: {{api_key: seam_key}}\nconnections: {{}}\n")

    def run(*arguments: str) -> Any:
        return CliRunner().invoke(cli, ["--config", str(config), "trends", *arguments], catch_exceptions=False)

    month = f"{TODAY:%Y-%m}"
    assert "guests could open their door when they arrived." in run("--month", month).output
    found = json.loads(run("p1", "--month", month, "--json", "-").output)
    assert [one["property_id"] for one in found["properties"]] == ["p1"]
    assert found["last"] == whole_month(TODAY.replace(day=1))[1].isoformat()
    assert run("--month", month, "--csv", "-").output.startswith("first_day,last_day,connection")
    assert "There is no property nobody" in run("nobody").output
    assert run("--month", "2026").exit_code == 2
