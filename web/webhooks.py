"""Webhooks: verified, their ids taken out, stored, answered; acted upon afterwards by the connection's worker.

Nothing in a body is trusted beyond ids. Bodies are not logged: they may hold guests' data; what is kept of them, to be
looked at, has none (`web.payloads`).
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from connectors.ports import NotUnderstood, WebhookNews
from store.inbox import Inbox
from web.bodies import FORM, JSON, Refused, body_of, form_of, is_text, json_of
from web.context import WebContext
from web.payloads import harmless
from web.seam_webhook import take_seam_event

blueprint = Blueprint("webhooks", __name__)


@blueprint.post("/webhooks/seam")
def seam() -> ResponseReturnValue:
    """Seam's events, signed by svix over the raw bytes."""
    context: WebContext = current_app.extensions["nightporter"]
    return _taken("seam", context, take_seam_event)


@blueprint.post("/webhooks/<connection>")
def pms(connection: str) -> ResponseReturnValue:
    """A PMS's events, with the connection's token in the query."""
    context: WebContext = current_app.extensions["nightporter"]
    return _taken("pms", context, lambda of, now: _pms(of, connection, now))


def _taken(source: str, context: WebContext, take: Any) -> ResponseReturnValue:
    try:
        connection = take(context, context.clock())
    except Refused as refusal:
        context.metrics.webhooks.labels(source, refusal.result).inc()
        return {"error": str(refusal)}, refusal.status
    if connection is False:
        context.metrics.webhooks.labels(source, "ignored").inc()
    else:
        context.metrics.webhooks.labels(source, "stored").inc()
        context.enqueue(connection)
    return "", 204


def may_send(context: WebContext, path: str, query: Mapping[str, str]) -> bool:
    """Whether the body of a request may be read: not where it is a webhook whose address has no right token.

    `path` as WSGI has it, `query` by name.
    """
    name = path.encode("latin-1", "replace").decode("utf-8", "replace").removeprefix("/webhooks/")
    return not path.startswith("/webhooks/") or name == "seam" or _may_be_called(context, name, query)


def _may_be_called(context: WebContext, name: str, query: Mapping[str, str]) -> bool:
    """Whether the token is right; where there is no connection of that name, another's is looked at: whoever has none
    learns nothing, not even which connections there are."""
    connection = context.connections.get(name) or next(iter(context.connections.values()), None)
    return connection is not None and connection.connector.webhooks.may_be_called(query)


def _pms(context: WebContext, name: str, now: datetime) -> str | bool | None:
    connection = context.connections.get(name)
    if not _may_be_called(context, name, request.args):
        raise Refused(401, "the token or signature is wrong", "forged")
    body = body_of(request, JSON, FORM)
    headers = {name.lower(): value for name, value in request.headers.items()}
    if connection is None or not connection.connector.webhooks.verify(request.args, headers, body, now):
        raise Refused(401, "the token or signature is wrong", "forged")
    try:
        document = form_of(body) if request.mimetype == FORM else json_of(body)
        news = connection.connector.webhooks.read(document)
    except NotUnderstood as problem:
        raise Refused(422, str(problem), "not understood") from None
    if news is None:
        return False
    if not is_text(
        news.property_id, news.event_id, news.words, *(one for ids in news.subjects.values() for one in ids)
    ):
        raise Refused(422, "an id in the body is no text", "not understood")
    taken = [news.property_id, news.event_id, *(one for ids in news.subjects.values() for one in ids)]
    Inbox(context.store).put(
        "pms",
        news.event_id or _digest(news),
        news.words,
        news.subjects,
        now,
        connection=name,
        property_id=news.property_id,
        unique_for_ever=news.event_id is not None,
        payload=harmless(document, taken),
    )
    return name


def _digest(news: WebhookNews) -> str:
    """Tells two deliveries of the same apart from two that differ, where the PMS does not number them."""
    parts = [news.property_id, news.words, {kind: sorted(ids) for kind, ids in news.subjects.items()}]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
