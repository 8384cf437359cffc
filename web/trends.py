"""How it went: the last days, and the report of a month to be printed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from flask import Flask, abort, current_app, g, render_template, request
from flask.typing import ResponseReturnValue

from reconciler.months import month_of, whole_month
from reconciler.trends_report import (
    COLUMNS,
    TrendsReport,
    last_days,
    places_of,
    sentences,
    trends_lines,
    trends_report,
)
from store.people import Role
from store.status import StatusBook
from web.access import known_properties, web_context
from web.addresses import Pages
from web.kept_reports import KeptReports
from web.languages import gettext as _
from web.lists import csv_as_it_comes, filtered

blueprint = Pages("trends", __name__)
DAYS = (7, 30, 90)
PROPERTIES_SHOWN = 200
LONGEST_WORDS = 128
FEW = 50
"""Connections, or properties, of which a report is made for each reader."""
FILTERS = ("property", "connection", "pms", "organisation")


@blueprint.get("/trends", role=Role.VIEWER)
def trends() -> ResponseReturnValue:
    """The last 7, 30 or 90 days of everything, or of what is asked for."""
    asked, days = _asked(), _days()
    return _page("trends.html", _wanted(asked, days=days), asked, days=days)


@blueprint.get("/trends/<month>", role=Role.VIEWER)
def month(month: str) -> ResponseReturnValue:
    """The report of a month (`2026-11`), to be read or printed."""
    asked = _asked()
    first = _month(month)
    before, after = first - timedelta(days=1), whole_month(first)[1] + timedelta(days=1)
    is_next = after <= web_context().clock().astimezone(UTC).date()
    months = {"earlier": f"{before:%Y-%m}", "later": f"{after:%Y-%m}" if is_next else None}
    return _page("trends_month.html", _wanted(asked, month=month), asked, month=month, month_first=first, **months)


@blueprint.get("/trends.csv", role=Role.VIEWER)
def csv() -> ResponseReturnValue:
    """The same as a file, by property: of `days`, or of a `month`."""
    chosen = request.args.get("month", "")[:7] or None
    found = trends_of(_asked(), days=_days(), month=chosen)
    return csv_as_it_comes(f"trends-{chosen or found.last}", COLUMNS, trends_lines(found))


def trends_of(asked: Mapping[str, str | None], days: int = DAYS[-1], month: str | None = None) -> TrendsReport:
    """The report over whatever the caller may see and has asked for, for which she waits where there is none yet; 404
    where the month is none. Shared with the API."""
    wanted = _wanted(asked, days, month)
    return _kept().report(wanted.of, wanted.make) if wanted.is_long else wanted.make()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A report that somebody asks for."""

    of: object
    """Under which it is kept."""
    make: Callable[[], TrendsReport]
    is_long: bool
    """It takes seconds."""

    def if_soon(self) -> TrendsReport | None:
        """None where it takes seconds and nobody has asked for it yet: a thread makes it now."""
        return _kept().if_made(self.of, self.make) if self.is_long else self.make()


def _wanted(asked: Mapping[str, str | None], days: int = DAYS[-1], month: str | None = None) -> _Wanted:
    """404 where the month is none."""
    of = web_context()
    now = of.clock()
    first, last = last_days(days, now) if month is None else whole_month(_month(month))
    connectors = _connectors()
    names = [
        name
        for name, one in of.connections.items()
        if asked.get("connection") in (None, "", name)
        and asked.get("pms") in (None, "", connectors.get(name))
        and asked.get("organisation") in (None, "", one.organisation)
    ]
    places = places_of(of.store, names, asked.get("property") or None)
    return _Wanted(
        (of.store.visible, tuple(places), first, last),
        lambda: trends_report(of.store, places, first, last, now),
        len(places) > FEW,
    )


def make_reports_ready(site: Flask, is_over: Callable[[], bool]) -> None:
    """Makes the reports over everything, where there are many properties, until `is_over`. Raises `StoreFailed`."""
    with site.app_context():
        of = web_context()
        if len(of.connections) <= FEW:
            return
        this_month = f"{of.clock().astimezone(UTC):%Y-%m}"
        for days, chosen in ((90, None), (30, None), (7, None), (7, this_month)):
            if not is_over():
                trends_of({}, days=days, month=chosen)


def _kept() -> KeptReports[TrendsReport]:
    kept: KeptReports[TrendsReport] = current_app.extensions["trends"]
    return kept


def _page(template: str, wanted: _Wanted, asked: Mapping[str, str], **rest: Any) -> ResponseReturnValue:
    of = web_context()
    found = wanted.if_soon()
    if found is None:
        # So that the page asks how things go, and sees when it is there.
        g.last_ended = StatusBook(of.store).ended_last()
        return render_template("trends_soon.html", page="trends")
    connectors = _connectors()
    persons = {name: one.policy.person for name, one in of.connections.items()}

    def url(endpoint: str = "trends.trends", **changed: Any) -> str:
        return filtered(endpoint, asked)(**changed)

    return render_template(
        template,
        found=found,
        shown=found.properties[:PROPERTIES_SHOWN],
        more=len(found.properties) - PROPERTIES_SHOWN,
        asked=asked,
        url=url,
        sentences=sentences,
        person=persons,
        everybody=persons.get(next(iter(persons), ""), "guest") if len(set(persons.values())) == 1 else "guest",
        choices={
            "connection": sorted(of.connections),
            "pms": sorted(set(connectors.values())),
            "organisation": sorted({one.organisation for one in of.connections.values() if one.organisation}),
        },
        known=len(known_properties()),
        this_month=f"{of.clock().astimezone(UTC):%Y-%m}",
        page="trends",
        **rest,
    )


def _connectors() -> dict[str, str]:
    """Of each connection, where that is known."""
    register = web_context().register
    return {} if register is None else {one.name: one.connector for one in register.entries()}


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "")[:LONGEST_WORDS].strip() for name in FILTERS}


def _days() -> int:
    wanted = request.args.get("days", type=int)
    return wanted if wanted in DAYS else DAYS[-1]


def _month(text: str) -> date:
    return month_of(text) or abort(404, _("There is no such month: write it as %(example)s.", example="2026-11"))
