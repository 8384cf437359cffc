"""Seam's events: their signature, and the ids that they carry. What they mean `schedules.seam_events` finds out."""

import json
from datetime import datetime

from flask import request

from schedules.seam_events import KNOWN
from seam_workspace.events import read_event
from seam_workspace.webhook import NoEvent, SignatureWrong, verify
from store.inbox import Inbox
from web.bodies import JSON, Refused, body_of, is_text
from web.context import WebContext
from web.payloads import harmless


def take_seam_event(context: WebContext, now: datetime) -> str | bool | None:
    if not context.seam_webhook_secrets:
        raise Refused(401, "this service takes no webhooks from Seam: seam.webhook_secret is not set", "no secret")
    body = body_of(request, JSON)
    try:
        workspace = _sender(context, body)
        document = json.loads(body)
        event = read_event(document)
    except SignatureWrong:
        raise Refused(401, "the signature is wrong", "forged") from None
    except (NoEvent, ValueError, RecursionError):
        event = None
    if event is None:
        raise Refused(422, "the body is no event of Seam", "not understood")
    if event.kind not in KNOWN:
        return False
    if not is_text(workspace, *event.texts()):
        raise Refused(422, "an id in the body is no text", "not understood")
    Inbox(context.store).put(
        "seam",
        event.id,
        event.kind,
        event.subjects | ({"workspace": [workspace]} if workspace else {}),
        now,
        unique_for_ever=True,
        payload=harmless(document, event.texts()),
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
