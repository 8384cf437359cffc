"""Costs and trends, for programs."""

from typing import Any

from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields, validate

from store.people import Role
from web import answers
from web.api import LONGEST_PAGE, a_page, blueprint
from web.bodies import text
from web.costs import cost_places_of, costs_of
from web.trends import trends_of

A_PAGE_OF_COSTS = 100
"""Properties."""


class CostArguments(Schema):
    month = text(7, "as 2026-11; default: this one")
    connection = text(64)
    property = text(128, "the PMS's id, or the name")


class TrendArguments(Schema):
    days = fields.Integer(load_default=90, validate=validate.Range(1, 400), metadata={"description": "up to today"})
    month = text(7, "as 2026-11, instead of `days`")
    connection = text(64)
    property = text(128, "the PMS's id, or a part of the name")
    pms = text(64, "the connector")
    organisation = text(64)


@blueprint.get("/costs", role=Role.ADMIN)
@blueprint.arguments(CostArguments, location="query")
@blueprint.response(200, answers.CostsSchema(many=True))
@blueprint.refuses(404)
@blueprint.paginate(page_size=A_PAGE_OF_COSTS, max_page_size=10 * LONGEST_PAGE)
def costs(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """What a month costs, by property: calls, PINs made, days of PINs, webhooks; with a forecast of this month."""
    places = cost_places_of(arguments["month"], arguments["connection"], arguments["property"])
    return costs_of(arguments["month"], a_page(places, pagination_parameters))


@blueprint.get("/trends", role=Role.VIEWER)
@blueprint.arguments(TrendArguments, location="query")
@blueprint.response(200, answers.TrendsSchema)
@blueprint.refuses(404)
def trends(arguments: dict[str, Any]) -> Any:
    """How it went: arrivals ready when due, time from a change to the door, why it was not ready, hours offline."""
    return trends_of(arguments, arguments["days"], arguments["month"])
