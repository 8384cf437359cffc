"""The report as JSON, for programs: the same data as the pages, documented by OpenAPI. Here: is everything in step, and
what came of runs; what else can be read or done stands in files of its own, which `web/openapi.py` puts together.

With an API token (`Authorization: Bearer np_...`) or a session. All times are UTC, ISO 8601.
"""

from collections.abc import Sequence
from typing import Any, TypeVar

from flask import abort
from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields, validate

from store.history import History
from store.people import Role
from store.runs import Runs
from web import answers, booking_history, overview
from web.access import web_context
from web.addresses import ApiBlueprint
from web.bodies import instant, text
from web.lists import properties_asked

blueprint = ApiBlueprint("api", "api", url_prefix="/api", description="The reconciliation report.")
IDENTIFIER = "the PMS's id"
T = TypeVar("T")
A_PAGE, LONGEST_PAGE = 20, 500
"""Properties."""


class PartArguments(Schema):
    connection = text(64)
    property_id = text(128, IDENTIFIER, data_key="property")


class RunArguments(Schema):
    connection = text(64)
    before = instant("only runs that began earlier")
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class ItemArguments(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    outcome = fields.String(load_default=None, validate=validate.OneOf(sorted(booking_history.OUTCOMES)))
    kind = fields.String(load_default=None, validate=validate.OneOf(sorted(booking_history.KINDS)))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 10_000))


class PropertyArguments(Schema):
    connection = text(64)
    property = text(128, "the PMS's id, or the name")


@blueprint.get("/now", role=Role.VIEWER)
@blueprint.arguments(PropertyArguments, location="query")
@blueprint.response(200, answers.NowSchema)
@blueprint.paginate(page_size=A_PAGE, max_page_size=LONGEST_PAGE)
def now(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """Is everything in step; who arrives; what needs a person. Of so many properties as a page has: what concerns a
    connection as a whole is told beside its first property."""
    of, known = web_context(), properties_asked(arguments["connection"], arguments["property"])
    page = a_page(known, pagination_parameters)
    first = {one.connection: one for one in reversed(known)}
    told = {one.connection for one in page if first[one.connection] is one}
    if pagination_parameters.page == 1 and arguments["property"] is None:
        # A connection that has no property yet may be what is wrong.
        asked = of.connections.keys() if arguments["connection"] is None else {arguments["connection"]}
        told |= asked - first.keys()
    return overview.now_view(of, page, told)


def a_page(several: Sequence[T], parameters: PaginationParameters) -> Sequence[T]:
    """How many there are is told in the answer's `X-Pagination`."""
    parameters.item_count = len(several)
    return several[parameters.first_item : parameters.last_item + 1]


@blueprint.get("/runs", role=Role.VIEWER)
@blueprint.arguments(RunArguments, location="query")
@blueprint.response(200, answers.RunSchema(many=True))
def runs(arguments: dict[str, Any]) -> Any:
    """Runs, newest first."""
    return History(web_context().store).runs(
        connection=arguments["connection"], before=arguments["before"], limit=arguments["limit"]
    )


@blueprint.get("/runs/<run_id>", role=Role.VIEWER)
@blueprint.response(200, answers.RunSchema)
@blueprint.refuses(404)
def run(run_id: str) -> Any:
    """One run."""
    return Runs(web_context().store).get(run_id) or abort(404, "No such run is stored.")


@blueprint.get("/runs/<run_id>/items", role=Role.VIEWER)
@blueprint.arguments(ItemArguments, location="query")
@blueprint.response(200, answers.ItemSchema(many=True))
@blueprint.refuses(404)
def run_items(arguments: dict[str, Any], run_id: str) -> Any:
    """The lines of a run: every change with its reason and outcome."""
    if Runs(web_context().store).get(run_id) is None:
        abort(404, "No such run is stored.")
    lines, _ = History(web_context().store).outcomes_page(
        run_id,
        words=arguments["q"],
        outcome=arguments["outcome"],
        kind=arguments["kind"],
        limit=arguments["limit"],
    )
    return lines
