"""Webhooks: verified, their ids taken out, stored, answered; acted upon afterwards by the connection's worker.

Nothing in a body is trusted beyond ids. Bodies are neither kept nor logged: they may hold guests' data.
"""

import hashlib
import json
import re
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Request, current_app, request
from flask.typing import ResponseReturnValue
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connectors.ports import NotUnderstood, WebhookNews, Webhooks
from schedules.seam_events import KNOWN
from seam_workspace.webhook import NoEvent, SignatureWrong, verify
from store.inbox import Inbox
from web.context import WebContext

LARGEST_BODY = 1024 * 1024
MOST_FIELDS = 1000
"""Of a form."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
READ_WITHIN = 10.0
"""Seconds for a whole body, however slowly it trickles in."""
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")
blueprint = Blueprint("webhooks", __name__)


class Refused(Exception):
    """A request that is not taken; the sentence tells the sender why, and nothing else."""

    def __init__(self, status: int, why: str, result: str):
        super().__init__(why)
        self.status = status
        self.result = result


@blueprint.post("/webhooks/seam")
def seam() -> ResponseReturnValue:
    """Seam's events, signed by svix over the raw bytes."""
    context: WebContext = current_app.extensions["nightporter"]
    return _taken("seam", context, _seam)


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


# --- the PMS ----------------------------------------------------------------------------------------------------------


def may_send(context: WebContext, path: str, query: Mapping[str, str]) -> bool:
    """Whether the body of a request may be read: not where it is a webhook whose address has no right token.

    `path` as WSGI has it, `query` by name.
    """
    name = path.encode("latin-1", "replace").decode("utf-8", "replace").removeprefix("/webhooks/")
    return not path.startswith("/webhooks/") or name == "seam" or _webhooks(context, name).may_be_called(query)


def _webhooks(context: WebContext, name: str) -> Webhooks:
    """The connection's webhooks; any where there is none of that name: whoever has no token learns nothing, not even
    which connections there are."""
    return (context.connections.get(name) or next(iter(context.connections.values()))).connector.webhooks


def _pms(context: WebContext, name: str, now: datetime) -> str | bool | None:
    connection = context.connections.get(name)
    if not _webhooks(context, name).may_be_called(request.args):
        raise Refused(401, "the token or signature is wrong", "forged")
    body = _body(request, JSON, FORM)
    verified = _webhooks(context, name).verify(
        request.args, {name.lower(): value for name, value in request.headers.items()}, body, now
    )
    if connection is None or not verified:
        raise Refused(401, "the token or signature is wrong", "forged")
    try:
        news = connection.connector.webhooks.read(_form(body) if request.mimetype == FORM else _json(body))
    except NotUnderstood as problem:
        raise Refused(422, str(problem), "not understood") from None
    if news is None:
        return False
    if not _is_text(
        news.property_id, news.event_id, news.words, *(one for ids in news.subjects.values() for one in ids)
    ):
        raise Refused(422, "an id in the body is no text", "not understood")
    Inbox(context.store).put(
        "pms",
        news.event_id or _digest(news),
        news.words,
        news.subjects,
        now,
        connection=name,
        property_id=news.property_id,
        unique_for_ever=news.event_id is not None,
    )
    return name


# --- Seam -------------------------------------------------------------------------------------------------------------


class SeamEvent(Schema):
    """The ids that Seam's events carry. Source: Seam's OpenAPI description, `event`."""

    class Meta:
        unknown = EXCLUDE

    event_id = fields.String(required=True, validate=validate.Length(min=1, max=128))
    event_type = fields.String(required=True, validate=validate.Length(min=1, max=80))
    occurred_at = fields.String(load_default=None, allow_none=True)
    access_grant_id = fields.String(load_default=None, allow_none=True)
    access_grant_key = fields.String(load_default=None, allow_none=True)
    access_grant_ids = fields.List(fields.String(), load_default=None, allow_none=True)
    access_method_id = fields.String(load_default=None, allow_none=True)
    access_grant_keys = fields.List(fields.String(), load_default=None, allow_none=True)
    space_id = fields.String(load_default=None, allow_none=True)
    space_key = fields.String(load_default=None, allow_none=True)
    connected_account_id = fields.String(load_default=None, allow_none=True)
    customer_key = fields.String(load_default=None, allow_none=True)
    device_id = fields.String(load_default=None, allow_none=True)
    starts_at = fields.String(load_default=None, allow_none=True)
    ends_at = fields.String(load_default=None, allow_none=True)


_SEAM_EVENT = SeamEvent()


def _seam(context: WebContext, now: datetime) -> str | bool | None:
    secret = context.seam_webhook_secret
    if not secret:
        raise Refused(401, "this service takes no webhooks from Seam: seam.webhook_secret is not set", "no secret")
    body = _body(request, JSON)
    try:
        verify(secret, body, dict(request.headers))
        event = _SEAM_EVENT.load(json.loads(body))
    except SignatureWrong:
        raise Refused(401, "the signature is wrong", "forged") from None
    except (NoEvent, ValidationError, ValueError, RecursionError):
        raise Refused(422, "the body is no event of Seam", "not understood") from None
    if event["event_type"] not in KNOWN:
        return False
    subjects = {
        "seam_ids": _present(event["access_grant_id"], *(event["access_grant_ids"] or ()), event["space_id"]),
        "keys": _present(event["access_grant_key"], *(event["access_grant_keys"] or ()), event["space_key"]),
        "methods": _present(event["access_method_id"]),
        "accounts": _present(event["connected_account_id"]),
        "customers": _present(event["customer_key"]),
        "occurred_at": _present(event["occurred_at"]),
        "starts_at": _present(event["starts_at"]),
        "ends_at": _present(event["ends_at"]),
    }
    if not _is_text(event["event_id"], *(one for ids in subjects.values() for one in ids)):
        raise Refused(422, "an id in the body is no text", "not understood")
    Inbox(context.store).put(
        "seam",
        event["event_id"],
        event["event_type"],
        {name: ids for name, ids in subjects.items() if ids},
        now,
        unique_for_ever=True,
    )
    return None


def _present(*values: str | None) -> list[str]:
    return [value[:255] for value in values if value]


def _is_text(*values: str | None) -> bool:
    """JSON's escapes can say NUL and half a character: no database keeps the one, and no page can show the other."""
    return not any(_NO_TEXT.search(value) for value in values if value)


# --- the wire ---------------------------------------------------------------------------------------------------------


def _body(of: Request, *kinds: str) -> bytes:
    """The raw bytes, at most 1 MB, of a request of one of these content types."""
    if of.mimetype not in kinds:
        raise Refused(415, f"send {' or '.join(kinds)}", "wrong content type")
    if of.content_length is not None and of.content_length > LARGEST_BODY:
        raise Refused(413, "the body is larger than 1 MB", "too large")
    until = time.monotonic() + READ_WITHIN
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := of.stream.read(64 * 1024):
            size += len(piece)
            if size > LARGEST_BODY:
                raise Refused(413, "the body is larger than 1 MB", "too large")
            if time.monotonic() > until:
                raise Refused(408, "the body came too slowly", "too slow")
            pieces.append(piece)
    except Refused:
        raise
    except OSError:
        raise Refused(408, "the body did not come to its end", "too slow") from None
    except Exception:
        # Pieces that are none: every server has exceptions of its own for them.
        raise Refused(400, "the body did not come to its end", "cut off") from None
    body = b"".join(pieces)
    if of.content_length is not None and len(body) < of.content_length:
        raise Refused(400, "the body did not come to its end", "cut off")
    return body


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "bad JSON") from None


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(400, "the body is not a form", "bad form") from None
    return dict(fields)


def _digest(news: WebhookNews) -> str:
    """Tells two deliveries of the same apart from two that differ, where the PMS does not number them."""
    parts = [news.property_id, news.words, {kind: sorted(ids) for kind, ids in news.subjects.items()}]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
