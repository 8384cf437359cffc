"""Seam's events: their signature, and the ids that they carry. What they mean `schedules.seam_events` finds out."""

import json
from datetime import datetime

from flask import request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from schedules.seam_events import KNOWN
from seam_workspace.webhook import NoEvent, SignatureWrong, verify
from store.inbox import Inbox
from web.bodies import JSON, Refused, body_of, is_text
from web.context import WebContext
from web.payloads import harmless


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
    acs_entrance_id = fields.String(load_default=None, allow_none=True)
    user_identity_id = fields.String(load_default=None, allow_none=True)
    access_code_id = fields.String(load_default=None, allow_none=True)
    method = fields.String(load_default=None, allow_none=True)
    access_code_is_managed = fields.Boolean(load_default=None, allow_none=True)
    starts_at = fields.String(load_default=None, allow_none=True)
    ends_at = fields.String(load_default=None, allow_none=True)
    code = fields.Raw(load_default=None, allow_none=True)
    """A PIN: only whether it is there is looked at."""


_SEAM_EVENT = SeamEvent()


def take_seam_event(context: WebContext, now: datetime) -> str | bool | None:
    if not context.seam_webhook_secrets:
        raise Refused(401, "this service takes no webhooks from Seam: seam.webhook_secret is not set", "no secret")
    body = body_of(request, JSON)
    try:
        workspace = _sender(context, body)
        document = json.loads(body)
        event = _SEAM_EVENT.load(document)
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
        "locks": _present(event["device_id"], event["acs_entrance_id"]),
        "occurred_at": _present(event["occurred_at"]),
        "starts_at": _present(event["starts_at"]),
        "ends_at": _present(event["ends_at"]),
        "told": ["code"] if event["code"] else [],
        "users": _present(event["user_identity_id"]),
        "codes": _present(event["access_code_id"]),
        "way": _present(event["method"]),
        "workspace": _present(workspace),
        "foreign": ["code"] if event["access_code_is_managed"] is False else [],
    }
    if not is_text(event["event_id"], *(one for ids in subjects.values() for one in ids)):
        raise Refused(422, "an id in the body is no text", "not understood")
    Inbox(context.store).put(
        "seam",
        event["event_id"],
        event["event_type"],
        {name: ids for name, ids in subjects.items() if ids},
        now,
        unique_for_ever=True,
        payload=harmless(document, [event["event_id"], *(one for ids in subjects.values() for one in ids)]),
    )
    return None


def _sender(context: WebContext, body: bytes) -> str:
    """The name of the workspace that has signed it. Raises `SignatureWrong` where none has."""
    wrong: SignatureWrong | None = None
    for name, secret in context.seam_webhook_secrets.items():
        try:
            verify(secret, body, dict(request.headers))
        except SignatureWrong as problem:
            wrong = problem
        else:
            return name
    raise wrong or SignatureWrong


def _present(*values: str | None) -> list[str]:
    return [value[:255] for value in values if value]
