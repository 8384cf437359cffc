"""The receivers of events, for programs: the same as `nightporter receivers`. For admins of everything, and for those
of an organisation, who see its own."""

from collections.abc import Mapping
from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate

from schedules.outgoing import Post
from store.outgoing import KINDS, OutgoingEvents
from store.people import Role
from store.receivers import NAME, Receiver, Receivers, Wants
from store.secrets import SecretsUnreadable
from web import answers
from web.access import note, web_context
from web.addresses import ApiBlueprint
from web.bodies import identifier, instant, is_text_throughout
from web.receivers import organisation_of_new

blueprint = ApiBlueprint(
    "receivers_api",
    "receivers",
    url_prefix="/api/receivers",
    description="Other programs that are told of what happens.",
)
_NAME = validate.Regexp(NAME, error="A letter, then a-z, 0-9, - and _, at most 64.")


class WishesSchema(Schema):
    url = fields.String(
        validate=[validate.Length(1, 2000), is_text_throughout],
        load_only=True,
        metadata={"description": "https:// only, and never shown again: it may hold a token"},
    )
    events = fields.List(
        fields.String(validate=validate.OneOf(KINDS)), metadata={"description": "which events; an empty list: all"}
    )
    connections = fields.List(
        fields.String(validate=[validate.Length(1, 64), is_text_throughout]), validate=validate.Length(max=500)
    )
    properties = fields.List(
        fields.String(validate=[validate.Length(1, 128), is_text_throughout]),
        validate=validate.Length(max=500),
        metadata={"description": "the PMS's ids"},
    )


class NewReceiverSchema(WishesSchema):
    name = fields.String(required=True, validate=_NAME)
    url = fields.String(required=True, validate=[validate.Length(1, 2000), is_text_throughout], load_only=True)

    organisation = fields.String(
        load_default=None,
        validate=[validate.Length(1, 64), is_text_throughout],
        metadata={"description": "it hears of connections of this one only; an admin of one need not say it"},
    )


class PauseReceiverSchema(Schema):
    reason = fields.String(load_default="", validate=[validate.Length(max=200), is_text_throughout])


class ReplaySchema(Schema):
    since = instant("from when on", required=True)
    until = instant()


class LogArguments(Schema):
    before = identifier("only of earlier events")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class ReceiverSchema(Schema):
    name = fields.String()
    host = fields.String(metadata={"description": "of its address"})
    organisation = fields.String(metadata={"description": "whose it is; empty: of the whole service"})
    events = fields.List(fields.String())
    connections = fields.List(fields.String())
    properties = fields.List(fields.String())
    state = fields.String(metadata={"description": "active or paused"})
    state_reason = fields.String()
    failing_since = fields.AwareDateTime(allow_none=True)
    waiting = fields.Integer()
    sent = fields.Integer()
    given_up = fields.Integer()
    secret = fields.String(metadata={"description": "only in the answer that made it: it is not shown again"})


class SendAttemptSchema(Schema):
    event_id = fields.Integer()
    message_id = fields.String(metadata={"description": "the header webhook-id"})
    kind = fields.String()
    at = fields.AwareDateTime()
    status = fields.Integer(allow_none=True)
    milliseconds = fields.Integer()
    trouble = fields.String(allow_none=True)


class ReplayedSchema(Schema):
    events = fields.Integer(metadata={"description": "how many are sent again"})


def _book() -> Receivers:
    return Receivers(web_context().store, web_context().secret_keys)


def _named(name: str) -> Receiver:
    return _book().get(name, web_context().clock()) or abort(404, "There is no such receiver.")


def _shown(one: Receiver, secret: str | None = None) -> dict[str, Any]:
    shown = _said(one, OutgoingEvents(web_context().store).counts(one.id))
    return shown if secret is None else shown | {"secret": secret}


def _said(one: Receiver, counts: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    return {
        "name": one.name,
        "host": one.host,
        "organisation": one.organisation,
        "events": one.wants.kinds,
        "connections": one.wants.connections,
        "properties": one.wants.properties,
        "state": one.state,
        "state_reason": one.state_reason,
        "failing_since": one.failing_since,
        **{state: counts.get(one.id, {}).get(state, 0) for state in ("waiting", "sent", "given_up")},
    }


def _address(url: str) -> str:
    if (why := Post(private_addresses=web_context().private_receivers).refused(url.strip())) is not None:
        abort(422, f"Nothing can be sent to that address: {why}.")
    return url.strip()


@blueprint.errorhandler(SecretsUnreadable)
def unreadable(problem: SecretsUnreadable) -> Any:
    return {"message": str(problem)}, 409


@blueprint.get("", role=Role.ADMIN)
@blueprint.response(200, ReceiverSchema(many=True))
def receivers() -> Any:
    """Who is told of what, and how it goes."""
    counts = OutgoingEvents(web_context().store).counts()
    return [_said(one, counts) for one in _book().all(web_context().clock())]


@blueprint.post("", role=Role.ADMIN)
@blueprint.arguments(NewReceiverSchema)
@blueprint.response(201, ReceiverSchema)
@blueprint.refuses(409)
def add(arguments: dict[str, Any]) -> Any:
    """A new receiver; its secret is in this answer, and nowhere else."""
    url, organisation = _address(arguments["url"]), organisation_of_new(arguments["organisation"])
    if organisation is None:
        abort(422, "organisation: should be one that you are an admin of.")
    made = _book().add(arguments["name"], url, _wants(arguments, None), web_context().clock(), organisation)
    if made is None:
        abort(409, "There is a receiver of that name already.")
    note("added receiver", target=made.name)
    return _shown(made, made.secrets[0])


@blueprint.get("/<receiver>", role=Role.ADMIN)
@blueprint.response(200, ReceiverSchema)
@blueprint.refuses(404)
def one_receiver(receiver: str) -> Any:
    """One of them."""
    return _shown(_named(receiver))


@blueprint.patch("/<receiver>", role=Role.ADMIN)
@blueprint.arguments(WishesSchema)
@blueprint.response(200, ReceiverSchema)
@blueprint.refuses(404)
def change(arguments: dict[str, Any], receiver: str) -> Any:
    """Another address, or other events."""
    one = _named(receiver)
    url = _address(arguments["url"]) if "url" in arguments else None
    _book().set(one, url=url, wants=_wants(arguments, one.wants))
    note("changed receiver", target=one.name)
    return _shown(_named(receiver))


@blueprint.delete("/<receiver>", role=Role.ADMIN)
@blueprint.response(200, answers.AcceptedSchema)
@blueprint.refuses(404)
def remove(receiver: str) -> Any:
    """Tells it nothing any more, and forgets what waited for it."""
    one = _named(receiver)
    note("removed receiver", target=one.name)
    _book().remove(one)
    return {"accepted": True}


@blueprint.post("/<receiver>/pause", role=Role.ADMIN)
@blueprint.arguments(PauseReceiverSchema)
@blueprint.response(200, ReceiverSchema)
@blueprint.refuses(404)
def pause(arguments: dict[str, Any], receiver: str) -> Any:
    """Sends it nothing; what happens meanwhile waits, for 30 days at most."""
    one = _named(receiver)
    _book().pause(one, arguments["reason"])
    note("paused receiver", target=one.name, remark=arguments["reason"] or None)
    return _shown(_named(receiver))


@blueprint.post("/<receiver>/resume", role=Role.ADMIN)
@blueprint.response(200, ReceiverSchema)
@blueprint.refuses(404)
def resume(receiver: str) -> Any:
    """Sends it what waits, and goes on."""
    one = _named(receiver)
    _book().resume(one, web_context().clock())
    note("resumed receiver", target=one.name)
    return _shown(_named(receiver))


@blueprint.post("/<receiver>/rotate", role=Role.ADMIN)
@blueprint.response(200, ReceiverSchema)
@blueprint.refuses(404)
def rotate(receiver: str) -> Any:
    """A new secret; for a day messages are signed with the old one as well."""
    one = _named(receiver)
    secret = _book().rotate(one, web_context().clock())
    note("rotated receiver's secret", target=one.name)
    return _shown(one, secret)


@blueprint.get("/<receiver>/attempts", role=Role.ADMIN)
@blueprint.arguments(LogArguments, location="query")
@blueprint.response(200, SendAttemptSchema(many=True))
@blueprint.refuses(404)
def attempts(arguments: dict[str, Any], receiver: str) -> Any:
    """Every attempt to send it something, the newest first."""
    return OutgoingEvents(web_context().store).attempts(_named(receiver).id, **arguments)


@blueprint.post("/<receiver>/replay", role=Role.ADMIN)
@blueprint.arguments(ReplaySchema)
@blueprint.response(202, ReplayedSchema)
@blueprint.refuses(404)
def replay(arguments: dict[str, Any], receiver: str) -> Any:
    """Sends it once more what it was told, or should have been told, in that time."""
    one = _named(receiver)
    number = OutgoingEvents(web_context().store).replay(
        one.id, arguments["since"], web_context().clock(), arguments["until"]
    )
    note("replayed events", target=one.name, remark=f"since {arguments['since']:%Y-%m-%d %H:%M %Z}")
    return {"events": number}


def _wants(arguments: dict[str, Any], before: Wants | None) -> Wants:
    known = before or Wants()
    return Wants(
        arguments.get("events", known.kinds),
        arguments.get("connections", known.connections),
        arguments.get("properties", known.properties),
    )
