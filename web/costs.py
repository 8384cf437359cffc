"""What a month costs, by property: a page and a file."""

from collections.abc import Sequence
from datetime import UTC, date

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from reconciler.costs_report import COLUMNS, CostPlace, PropertyCosts, cost_places, costs_lines, costs_of_places
from reconciler.months import month_of
from store.engine import chunks
from store.people import Role
from web.access import web_context
from web.addresses import Pages
from web.languages import gettext as _
from web.lists import A_PAGE, csv_as_it_comes, filtered, page_of

blueprint = Pages("costs", __name__)
MONTHS_SHOWN = 24


@blueprint.get("/costs", role=Role.ADMIN)
def costs() -> ResponseReturnValue:
    """The costs of a month (`month=2026-11`), this one by default; of all properties, or of one."""
    month = _this_month()
    months = {f"{month:%Y-%m}": month}
    while len(months) < MONTHS_SHOWN:
        month = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
        months[f"{month:%Y-%m}"] = month
    chosen = request.args.get("month", "")[:7] or f"{_this_month():%Y-%m}"
    asked = {"month": chosen, "property": _asked_property()}
    places = cost_places_of(chosen, None, _asked_property())
    number, page = page_of(places, A_PAGE)
    return render_template(
        "costs.html",
        found=costs_of(chosen, page),
        number=len(places),
        page_number=number,
        a_page=A_PAGE,
        url=filtered("costs.costs", asked),
        months=months,
        chosen=chosen,
        chosen_month=month_of(chosen),
        property_name=_asked_property(),
        page="costs",
    )


@blueprint.get("/costs.csv", role=Role.ADMIN)
def csv() -> ResponseReturnValue:
    """The same as a file."""
    chosen = request.args.get("month", "")[:7] or f"{_this_month():%Y-%m}"
    places = cost_places_of(chosen, None, _asked_property())
    found = (one for part in chunks(places, A_PAGE) for one in costs_of(chosen, part))
    return csv_as_it_comes(f"costs-{chosen}", COLUMNS, costs_lines(found))


def cost_places_of(
    month: str | None, connection: str | None = None, property_name: str | None = None
) -> Sequence[CostPlace]:
    """Of what there are costs in a month as 2026-11, or in this one; 404 where it is none. Shared with the API."""
    of = web_context()
    found = cost_places(of.store, _month(month), connection, property_name)
    return [one for one in found if one.connection in of.connections]


def costs_of(month: str | None, places: Sequence[CostPlace]) -> Sequence[PropertyCosts]:
    """The costs of these in that month. Shared with the API."""
    of = web_context()
    return costs_of_places(of.store, _month(month), of.clock(), of.prices, places)


def _month(month: str | None) -> date:
    first = _this_month() if month is None else month_of(month)
    if first is None:
        abort(404, _("There is no such month: write it as %(example)s.", example="2026-11"))
    return first


def _this_month() -> date:
    return web_context().clock().astimezone(UTC).date().replace(day=1)


def _asked_property() -> str | None:
    return request.args.get("property", "")[:128] or None
