"""How it went: the last days, and the report of a month to be printed."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, timedelta
from typing import Any

import structlog
from flask import Blueprint, Flask, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from reconciler.months import month_of, whole_month
from reconciler.report import defect
from reconciler.trends_report import (
    COLUMNS,
    TrendsReport,
    last_days,
    places_of,
    sentences,
    trends_lines,
    trends_report,
)
from store.engine import StoreFailed
from store.people import Role
from web.access import known_properties, needs, web_context
from web.costs import cost_places_of
from web.languages import gettext as _
from web.lists import csv_as_it_comes, filtered

blueprint = Blueprint("trends", __name__)
DAYS = (7, 30, 90)
PROPERTIES_SHOWN = 200
LONGEST_WORDS = 128
FEW = 50
"""Connections, or properties, of which a report is made for each reader."""
KEPT, KEPT_WHILE_MADE = 300.0, 3600.0
"""Seconds: so old a report over more may be; and so old it is shown while it is made anew."""
MADE_FOR_NOBODY = KEPT_WHILE_MADE / 2
"""Seconds from one time to the next at which the reports over everything are made, whoever reads them or not."""
MOST_KEPT = 16
"""Reports, of readers who may see or have asked for different things."""
log = structlog.get_logger("web")
FILTERS = ("property", "connection", "pms", "organisation")


@blueprint.get("/trends")
@needs(Role.VIEWER)
def trends() -> ResponseReturnValue:
    """The last 7, 30 or 90 days of everything, or of what is asked for."""
    asked = _asked()
    days = _days()
    return _page("trends.html", trends_of(asked, days=days), asked, days=days)


@blueprint.get("/trends/<month>")
@needs(Role.VIEWER)
def month(month: str) -> ResponseReturnValue:
    """The report of a month (`2026-11`), to be read or printed."""
    asked = _asked()
    first = _month(month)
    before, after = first - timedelta(days=1), whole_month(first)[1] + timedelta(days=1)
    is_next = after <= web_context().clock().astimezone(UTC).date()
    months = {"earlier": f"{before:%Y-%m}", "later": f"{after:%Y-%m}" if is_next else None}
    return _page("trends_month.html", trends_of(asked, month=month), asked, month=month, month_first=first, **months)


@blueprint.get("/trends.csv")
@needs(Role.VIEWER)
def csv() -> ResponseReturnValue:
    """The same as a file, by property: of `days`, or of a `month`."""
    chosen = request.args.get("month", "")[:7] or None
    found = trends_of(_asked(), days=_days(), month=chosen)
    return csv_as_it_comes(f"trends-{chosen or found.last}", COLUMNS, trends_lines(found))


def trends_of(asked: Mapping[str, str | None], days: int = DAYS[-1], month: str | None = None) -> TrendsReport:
    """The report over whatever the caller may see and has asked for; 404 where the month is none. Shared with the
    API."""
    of = web_context()
    first, last = last_days(days, of.clock()) if month is None else whole_month(_month(month))
    connectors = _connectors()
    names = [
        name
        for name, one in of.connections.items()
        if asked.get("connection") in (None, "", name)
        and asked.get("pms") in (None, "", connectors.get(name))
        and asked.get("organisation") in (None, "", one.organisation)
    ]
    places = places_of(of.store, names, asked.get("property") or None)

    def made() -> TrendsReport:
        return trends_report(of.store, places, first, last, of.clock())

    if len(places) <= FEW:
        return made()
    kept: KeptReports = current_app.extensions["trends"]
    return kept.report((of.store.visible, tuple(places), first, last), made)


class KeptReports:
    """Reports over many properties, which take seconds to be summed up: each is made anew once it is `KEPT` old, by a
    thread, and what there is already is shown meanwhile. Safe to use from many threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic):
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._made: dict[object, tuple[float, TrendsReport]] = {}
        self._making: dict[object, threading.Lock] = {}
        self._ended = threading.Event()

    def keep(self, site: Flask) -> None:
        """From now on, a thread has what most ask for ready before anybody does, until `end`."""
        threading.Thread(target=self._keep, args=(site,), name="trends", daemon=True).start()

    def end(self) -> None:
        """The thread ends with the report that it is at."""
        self._ended.set()

    def _keep(self, site: Flask) -> None:
        wait = 0.0
        while not self._ended.wait(wait):
            wait = MADE_FOR_NOBODY
            try:
                self.make_ready(site)
            except StoreFailed as problem:
                log.warning("reports are not made before they are asked for", trouble=str(problem))
            except Exception as problem:
                log.error("reports are not made before they are asked for", trouble=defect(problem))

    def make_ready(self, site: Flask) -> None:
        """Makes the reports over everything, where there are many properties. Raises `StoreFailed`."""
        with site.app_context():
            of = web_context()
            if len(of.connections) <= FEW:
                return
            this_month = f"{of.clock().astimezone(UTC):%Y-%m}"
            for days, chosen in ((90, None), (30, None), (7, None), (7, this_month)):
                if not self._ended.is_set():
                    trends_of({}, days=days, month=chosen)
            # What there are costs of is kept as well, once it was read.
            cost_places_of(this_month)

    def report(self, of: object, make: Callable[[], TrendsReport]) -> TrendsReport:
        """What is kept under `of`, or made by `make`. Raises what that raises, where there is none yet."""
        with self._lock:
            found = self._made.get(of)
            making = self._making.setdefault(of, threading.Lock())
        age = None if found is None else self._monotonic() - found[0]
        if found is None or age is None or age > KEPT_WHILE_MADE:
            with making:
                # Somebody else may have made it while this reader waited.
                now = self._made.get(of)
                return now[1] if now is not None and now is not found else self._make(of, make)
        if age > KEPT and making.acquire(blocking=False):
            threading.Thread(target=self._make_anew, args=(of, make, making), name="trends", daemon=True).start()
        return found[1]

    def _make_anew(self, of: object, make: Callable[[], TrendsReport], making: threading.Lock) -> None:
        try:
            self._make(of, make)
        except StoreFailed as problem:
            log.warning("a report was not made anew", trouble=str(problem))
        finally:
            making.release()

    def _make(self, of: object, make: Callable[[], TrendsReport]) -> TrendsReport:
        made = make()
        with self._lock:
            self._made.pop(of, None)
            self._made[of] = self._monotonic(), made
            while len(self._made) > MOST_KEPT:
                oldest = next(iter(self._made))
                del self._made[oldest]
                self._making.pop(oldest, None)
        return made


def _page(template: str, found: TrendsReport, asked: Mapping[str, str], **rest: Any) -> ResponseReturnValue:
    of = web_context()
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
    first = month_of(text)
    if first is None:
        abort(404, _("There is no such month: write it as %(example)s.", example="2026-11"))
    return first
