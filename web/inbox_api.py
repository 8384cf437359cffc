"""What came in, for programs: deliveries and how they were acted upon; and what was found different in Seam."""

from datetime import timedelta
from typing import Any

from marshmallow import Schema, fields, validate

from store.history import History
from store.inbox import Inbox
from store.people import Role
from web import answers
from web.access import web_context
from web.api import IDENTIFIER, blueprint
from web.bodies import is_in_our_time
from web.inbox_list import ask_for_replay, delivery_of


class InboxArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property_id = fields.String(
        load_default=None, data_key="property", validate=validate.Length(1, 128), metadata={"description": IDENTIFIER}
    )
    source = fields.String(load_default=None, validate=validate.OneOf(["pms", "seam", "staff"]))
    state = fields.String(
        load_default=None, validate=validate.OneOf(["waiting", "handled", "done", "ignored", "failed"])
    )
    kind = fields.String(
        load_default=None, validate=validate.Length(1, 80), metadata={"description": "or a part of it"}
    )
    since = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "received then, or later"}
    )
    until = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "received before"}
    )
    before = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class DriftArguments(Schema):
    days = fields.Integer(load_default=14, validate=validate.Range(1, 90))
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property_id = fields.String(
        load_default=None, data_key="property", validate=validate.Length(1, 128), metadata={"description": IDENTIFIER}
    )
    cause = fields.String(load_default=None, validate=validate.OneOf(["drift", "orphan"]))
    since = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "found then, or later; else by `days`"}
    )
    until = fields.AwareDateTime(load_default=None, validate=is_in_our_time, metadata={"description": "found before"})
    before = fields.Integer(
        load_default=None, validate=validate.Range(1, 2**31 - 1), metadata={"description": "noted before this line"}
    )
    limit = fields.Integer(load_default=1000, validate=validate.Range(1, 1000))


@blueprint.get("/inbox", role=Role.VIEWER)
@blueprint.arguments(InboxArguments, location="query")
@blueprint.response(200, answers.DeliverySchema(many=True))
def inbox(arguments: dict[str, Any]) -> Any:
    """Webhook deliveries and staff's wishes, newest first."""
    return Inbox(web_context().store).page(**arguments)


@blueprint.get("/inbox/<int(max=2147483647):delivery_id>", role=Role.VIEWER)
@blueprint.response(200, answers.DeliveryLookSchema)
@blueprint.refuses(404)
def delivery(delivery_id: int) -> Any:
    """One delivery: what was sent, without people and secrets, and every attempt at it, the newest first."""
    box = Inbox(web_context().store)
    return {
        "delivery": delivery_of(delivery_id),
        "payload": box.payload(delivery_id),
        "attempts": box.attempts(delivery_id),
    }


@blueprint.post("/inbox/<int(max=2147483647):delivery_id>/replay", role=Role.OPERATOR)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404)
def replay(delivery_id: int) -> Any:
    """Looks once more at what a delivery named."""
    ask_for_replay([delivery_of(delivery_id)])
    return {"accepted": True}


@blueprint.get("/drift", role=Role.VIEWER)
@blueprint.arguments(DriftArguments, location="query")
@blueprint.response(200, answers.HappenedSchema(many=True))
def drift(arguments: dict[str, Any]) -> Any:
    """What was found different in Seam, and what is ours there and gone in the PMS."""
    of = web_context()
    days = timedelta(days=arguments.pop("days"))
    return History(of.store).drift(arguments.pop("since") or of.clock() - days, **arguments)
