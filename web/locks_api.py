"""The locks of all properties, for programs: how many have found their rooms, and how each is."""

from typing import Any

from flask_smorest.pagination import PaginationParameters
from marshmallow import fields, validate

from reconciler.lock_forecasts import lock_forecasts
from reconciler.lock_health import LockState
from reconciler.locks_report import LockReport
from store.accounts import LockAccounts
from store.people import Role
from store.properties import KnownProperty
from web import answers, locks, overview
from web.access import web_context
from web.api import A_PAGE, LONGEST_PAGE, PropertyArguments, a_page, blueprint
from web.lists import properties_asked

LOCKS = 200
"""Of one page."""


class LockHealthArguments(PropertyArguments):
    state = fields.String(load_default=None, validate=validate.OneOf([one.value for one in LockState]))


@blueprint.get("/locks", role=Role.VIEWER)
@blueprint.arguments(PropertyArguments, location="query")
@blueprint.response(200, answers.PropertyLocksSchema(many=True))
@blueprint.paginate(page_size=A_PAGE, max_page_size=LONGEST_PAGE)
def locks_of_all(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """Every property's lock systems, and how many of its locks have found their room."""
    asked = properties_asked(arguments["connection"], arguments["property"])
    of, page = web_context(), a_page(asked, pagination_parameters)
    places = [(one.connection, one.property_id) for one in page]
    accounts, found = LockAccounts(of.store).of(places), overview.locks_summaries_of(of, page)
    return [
        {"property": one, "accounts": accounts.get(place, []), "locks": found[place]}
        for one, place in zip(page, places, strict=True)
    ]


@blueprint.get("/locks/health", role=Role.VIEWER)
@blueprint.arguments(LockHealthArguments, location="query")
@blueprint.response(200, answers.LockHealthSchema(many=True))
@blueprint.paginate(page_size=LOCKS, max_page_size=2 * LONGEST_PAGE)
def locks_health(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """How the locks are, the worst of each property first: battery, connection, what is wrong, whose access it is."""
    state, numbers = arguments["state"], locks.states()
    first, last, before = pagination_parameters.first_item, pagination_parameters.last_item, 0
    shown: list[tuple[KnownProperty, slice]] = []
    for one in properties_asked(arguments["connection"], arguments["property"]):
        mine = numbers.get((one.connection, one.property_id), {})
        number = sum(mine.values()) if state is None else mine.get(state, 0)
        if number and before <= last and before + number > first:
            shown.append((one, slice(max(0, first - before), last + 1 - before)))
        before += number
    pagination_parameters.item_count = before
    reports = locks.health_of([one for one, _ in shown], state)
    found: list[LockReport] = []
    for one, part in shown:
        found += reports.get((one.connection, one.property_id), [])[part]
    return found


@blueprint.get("/locks/forecasts", role=Role.VIEWER)
@blueprint.arguments(PropertyArguments, location="query")
@blueprint.response(200, answers.LockForecastSchema(many=True))
@blueprint.paginate(page_size=A_PAGE, max_page_size=LONGEST_PAGE)
def locks_forecasts(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """What is coming at each lock: PINs of how many it holds, when that is too many, and whose will not be there in
    time. Of so many properties as a page has."""
    of = web_context()
    page = a_page(properties_asked(arguments["connection"], arguments["property"]), pagination_parameters)
    places = [(one.connection, one.property_id) for one in page]
    found = lock_forecasts(of.store, places, of.clock())
    return [one for place in places for one in found.get(place, ())]
