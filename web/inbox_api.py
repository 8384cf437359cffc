"""What came in, for programs: deliveries and how they were acted upon; and what was found different in Seam."""

from datetime import timedelta
from typing import Any

from marshmallow import fields, validate

from store.history import History
from store.inbox import Inbox
from store.people import Role
from web import answers
from web.access import web_context
from web.api import PartArguments, blueprint
from web.bodies import identifier, instant, text
from web.inbox_list import ask_for_replay, delivery_of


class InboxArguments(PartArguments):
    source = fields.String(load_default=None, validate=validate.OneOf(["pms", "seam", "staff"]))
    state = fields.String(
        load_default=None, validate=validate.OneOf(["waiting", "handled", "done", "ignored", "failed"])
    )
    kind = text(80, "or a part of it")
    since = instant("received then, or later")
    until = instant("received before")
    before = identifier()
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class DriftArguments(PartArguments):
    days = fields.Integer(load_default=14, validate=validate.Range(1, 90))
    cause = fields.String(load_default=None, validate=validate.OneOf(["drift", "orphan"]))
    since = instant("found then, or later; else by `days`")
    until = instant("found before")
    before = identifier("noted before this line")
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
