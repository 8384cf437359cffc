"""Alerts for programs, and what is done about them; and the log of what people did."""

from collections.abc import Callable
from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate

from store.alerts import AlertBook, AlertState
from store.people import People, Role
from web import alert_list, answers
from web.access import web_context
from web.api import PartArguments, blueprint
from web.bodies import identifier, instant, text


class AlertArguments(PartArguments):
    kind = text(20)
    state = fields.String(load_default=None, validate=validate.OneOf([one.value for one in AlertState]))
    assigned_to = text(64)
    since = instant("open then, or later")
    until = instant("begun before")
    before = identifier("only those after this one (its id), in the order of the answer")
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class AssignArguments(Schema):
    to = fields.String(
        required=True, validate=validate.Length(max=64), metadata={"description": "a user; empty: nobody any more"}
    )


class SilenceArguments(Schema):
    until = instant("at most 31 days from now; now or before: it is silenced no longer", required=True)
    why = fields.String(load_default="", validate=validate.Length(max=alert_list.LONGEST_WHY))


class AuditArguments(PartArguments):
    who = text(80)
    action = text(40, "or a part of it")
    target = text(255)
    since = instant()
    until = instant()
    before = identifier()
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 500))


@blueprint.get("/alerts", role=Role.VIEWER)
@blueprint.arguments(AlertArguments, location="query")
@blueprint.response(200, answers.AlertSchema(many=True))
def alerts(arguments: dict[str, Any]) -> Any:
    """Alerts: what nobody sees to yet, then what is acknowledged, then what has ended; the newest of each first."""
    of = web_context()
    return AlertBook(of.store).recent(of.clock(), **arguments)


@blueprint.get("/alerts/<int(max=2147483647):alert_id>", role=Role.VIEWER)
@blueprint.response(200, answers.AlertSchema)
@blueprint.refuses(404)
def alert(alert_id: int) -> Any:
    """One alert."""
    return alert_list.alert_of(alert_id)


@blueprint.get("/alerts/<int(max=2147483647):alert_id>/history", role=Role.VIEWER)
@blueprint.response(200, answers.AlertLineSchema(many=True))
@blueprint.refuses(404)
def alert_history(alert_id: int) -> Any:
    """What happened to an alert, the oldest first: who was told, who acknowledged, assigned or silenced it."""
    alert_list.alert_of(alert_id)
    return AlertBook(web_context().store).history(alert_id)


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/acknowledge", role=Role.OPERATOR)
@blueprint.response(200, answers.AlertSchema)
@blueprint.refuses(404, 409)
def acknowledge_alert(alert_id: int) -> Any:
    """Says that somebody sees to it: whoever has not been told yet is not told any more."""
    return _acted(alert_id, lambda: alert_list.acknowledge_alert(alert_id))


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/assign", role=Role.OPERATOR)
@blueprint.arguments(AssignArguments)
@blueprint.response(200, answers.AlertSchema)
@blueprint.refuses(404, 409)
def assign_alert(arguments: dict[str, Any], alert_id: int) -> Any:
    """Says who sees to it."""
    return _acted(alert_id, lambda: alert_list.assign_alert(alert_id, arguments["to"]))


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/silence", role=Role.OPERATOR)
@blueprint.arguments(SilenceArguments)
@blueprint.response(200, answers.AlertSchema)
@blueprint.refuses(404, 409)
def silence_alert(arguments: dict[str, Any], alert_id: int) -> Any:
    """Keeps all channels quiet about it until then; a reason is needed. It stays in lists."""
    return _acted(alert_id, lambda: alert_list.silence_alert(alert_id, arguments["until"], arguments["why"]))


def _acted(alert_id: int, act: Callable[[], str]) -> Any:
    try:
        act()
    except alert_list.CannotBeDone as problem:
        abort(409, str(problem))
    return alert_list.alert_of(alert_id)


@blueprint.get("/audit-log", role=Role.ADMIN)
@blueprint.arguments(AuditArguments, location="query")
@blueprint.response(200, answers.AuditEntrySchema(many=True))
def audit_log(arguments: dict[str, Any]) -> Any:
    """Who approved, synced, or looked at a PIN; the newest first."""
    return People(web_context().store).audit_entries(**arguments)
