"""Webhooks of Buildium, signed with a secret of their own.

Facts: Buildium's Open API guide (Webhooks).
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields, validate

from connectors.buildium.wire import number_of
from connectors.ports import NotOffered, NotUnderstood, Subscription, WebhookNews, Webhooks
from connectors.reading import VendorSchema, complaint
from connectors.webhooks import an_object, is_signed

MAX_AGE = timedelta(minutes=5)
_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|[ \t\r\n]+', re.DOTALL)
"""A string that never ends goes to the end: hostile input costs linear time."""
WEBHOOK_SUBJECTS = {
    "Lease": ("bookings", "LeaseId"),
    "Lease.MoveOut": ("bookings", "LeaseId"),
    "LeaseTenant": ("guests", "TenantId"),
    "Tenant": ("guests", "TenantId"),
    "RentalUnit": ("rooms", "UnitId"),
    "Rental": ("rooms", "PropertyId"),
}
"""What the events are about, by their names without the last word (Created, Updated, Deleted), and the field that names
it. Others of the same beginning (Rental.MeterReading.Created) tell of something else. The guide's table says
LeaseTenant, its prose Tenant."""


class EventSchema(VendorSchema):
    EventName = fields.String(required=True, validate=validate.Length(min=1, max=80))


_EVENT = EventSchema()


class BuildiumWebhooks(Webhooks):
    def __init__(self, secret: str | None):
        self._secret = secret

    def subscribe(self, url: str, /) -> list[Subscription]:
        raise NotOffered(
            "Buildium takes no subscriptions from outside: under Settings > Developer Tools > Webhooks add a webhook "
            f"to {url} with all events of Lease, LeaseTenant, Rental and RentalUnit, and put its secret into "
            "webhook_secret"
        )

    def verify(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /) -> bool:
        """The signature over the moment of sending and the body without insignificant white space; refused when that
        moment is more than 5 minutes from now. Source: the guide, Signature Checks. UNVERIFIED: that the moment is in
        seconds."""
        sent, given = headers.get("buildium-webhook-timestamp", ""), headers.get("buildium-webhook-signature", "")
        if re.fullmatch(r"[0-9]{1,12}", sent) is None:
            return False
        message = sent.encode() + b"." + _STRING_OR_SPACE.sub(lambda match: match[1] or b"", body)
        is_genuine = is_signed(message, self._secret, given, as_base64=True)
        return is_genuine and abs(now.timestamp() - int(sent)) <= MAX_AGE.total_seconds()

    def read(self, document: Any, /) -> WebhookNews | None:
        """Source: the guide, Webhooks: Events. One event a message, with ids and no number of its own."""
        try:
            event = _EVENT.load(an_object(document))
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Buildium: it {complaint(problem)}") from None
        known = WEBHOOK_SUBJECTS.get(event["EventName"].rpartition(".")[0])
        if known is None:
            return None
        kind, name = known
        # What else an event names may be null, and is no business of the one that it is about.
        told = number_of(document.get(name))
        if told is None:
            raise NotUnderstood(f"this is no webhook of Buildium: it has no {name}")
        if name == "PropertyId":
            # Ids are unique in their kind only. The units of a changed rental are not named: all may be meant.
            return WebhookNews(str(told), {kind: ["*"]}, event["EventName"])
        return WebhookNews(None, {kind: [str(told)]}, event["EventName"])
