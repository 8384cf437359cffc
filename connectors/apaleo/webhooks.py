"""Webhooks of Apaleo, and its Webhook API, which subscribes to them.

Facts: Apaleo's developer guides (Webhooks).
"""

from typing import Any
from urllib.parse import quote, urlsplit

from marshmallow import ValidationError, fields, validate

from connectors.apaleo.wire import ApaleoId, Json
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.ports import NotUnderstood, Subscription, WebhookNews
from connectors.reading import Optional, VendorSchema, complaint
from connectors.session import PmsSession
from connectors.webhooks import TokenWebhooks, an_object

EVENTS = ("booking/*", "property/*", "reservation/*", "unit/*", "unitgroup/*")
WEBHOOK_SUBJECTS = {
    "reservation": "bookings",
    "booking": "bookings",
    "unit": "rooms",
    "unitgroup": "rooms",
    "property": "rooms",
}
"""What events are about, by their topic; the others (folios, maintenance, blocks, audits) say nothing of access."""


class SubscriptionSchema(VendorSchema):
    id = fields.String(required=True, validate=validate.Length(min=1))
    endpointUrl = fields.String(required=True)
    events = fields.List(fields.String(), load_default=list, allow_none=True)
    propertyIds = fields.List(fields.String(), load_default=None, allow_none=True)


class EventDataSchema(VendorSchema):
    entityid = ApaleoId(required=True)


class EventSchema(VendorSchema):
    """With all names in lower case: some events come in PascalCase."""

    topic = fields.String(required=True, validate=validate.Length(min=1, max=40))
    type = fields.String(required=True, validate=validate.Length(min=1, max=40))
    id = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=128))
    propertyid = Optional(ApaleoId())
    data = fields.Nested(EventDataSchema, load_default=None, allow_none=True)


_SUBSCRIPTION, _EVENT = SubscriptionSchema(), EventSchema()


class ApaleoWebhooks(TokenWebhooks):
    def __init__(self, name: str, webhook_url: str, token: str | None, session: PmsSession):
        """`name` is the connection's, for errors."""
        super().__init__(token)
        self._name = name
        self._address = f"{webhook_url.rstrip('/')}/v1/subscriptions"
        self._session = session

    def subscribe(self, url: str, /) -> list[Subscription]:
        """Source: Webhook API, create a new subscription. Of all properties: events of bookings come to no other."""
        ours = [one for one in self._all() if _same_address(one["endpointUrl"], url)]
        wanted = {"endpointUrl": url, "events": list(EVENTS)}
        if not ours:
            self._write("POST", self._address, "v1/subscriptions", wanted)
        for number, one in enumerate(ours):
            address = f"{self._address}/{quote(one['id'], safe='')}"
            is_right = one["endpointUrl"] == url and set(one["events"] or ()) == set(EVENTS) and not one["propertyIds"]
            if number:
                self._write("DELETE", address, "v1/subscriptions/{id}", None)
            elif not is_right:
                self._write("PUT", address, "v1/subscriptions/{id}", wanted)
        return [one for one in self.subscriptions() if _same_address(one.url, url)]

    def subscriptions(self) -> list[Subscription]:
        """Source: Webhook API, get subscriptions."""
        return [_subscription(one) for one in self._all()]

    def unsubscribe(self, url: str, /) -> list[Subscription]:
        """Source: Webhook API, delete a subscription. The token in the address may be an older one."""
        ours = [one for one in self._all() if _same_address(one["endpointUrl"], url)]
        for one in ours:
            address = f"{self._address}/{quote(one['id'], safe='')}"
            self._write("DELETE", address, "v1/subscriptions/{id}", None)
        return [_subscription(one) for one in ours]

    def read(self, document: Any, /) -> WebhookNews | None:
        """Source: Webhooks payload."""
        told = an_object(document)
        try:
            event = _EVENT.load(_in_lower_case(told))
            topic, word = event["topic"].lower(), event["type"].lower()
            subject = WEBHOOK_SUBJECTS.get(topic)
            if subject is None:
                return None
            if event["data"] is None:
                raise ValidationError({"data": ["is required"]})
        except ValidationError as problem:
            raise NotUnderstood(f"this is no event of Apaleo: it {complaint(problem)}") from None
        # The units of a changed group or property are not named: all may be meant.
        ids = [event["data"]["entityid"]] if topic in ("reservation", "booking", "unit") else ["*"]
        return WebhookNews(event["propertyid"] or None, {subject: ids}, f"{topic}/{word}", event["id"])

    def _all(self) -> list[dict[str, Any]]:
        operation = "v1/subscriptions"
        try:
            answer = self._session.get(self._address, who=self._name, operation=operation)
            # No subscription: 204, and 404 has been seen as well.
            return [] if answer.status == 204 else _SUBSCRIPTION.load(answer.document, many=True)
        except PmsRefused as problem:
            if problem.status != 404:
                raise
            return []
        except ValidationError:
            raise PmsUnreachable.saying(
                "{who}: the PMS answered {operation} without a list of subscriptions",
                who=self._name,
                operation=operation,
            ) from None

    def _write(self, method: str, url: str, operation: str, body: Json | None) -> None:
        try:
            self._session.request(
                method, url, json=body, who=self._name, operation=operation, repeatable=method != "POST"
            )
        except PmsRefused as problem:
            if method == "DELETE" and problem.status == 404:
                return
            if method != "DELETE" and problem.status in (400, 422):
                raise problem.refusing(
                    "{who}: the PMS does not accept the subscription ({status} at {operation}): it calls the "
                    "address once before it does, so `nightporter serve` has to run and be reached there from "
                    "outside",
                    who=self._name,
                ) from None
            raise


def _subscription(found: Json) -> Subscription:
    return Subscription(found["id"], found["endpointUrl"], ", ".join(sorted(found["events"] or ())))


def _same_address(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but their query, where the token is."""
    return urlsplit(one)._replace(query="", fragment="") == urlsplit(other)._replace(query="", fragment="")


def _in_lower_case(document: Json) -> dict[str, Any]:
    """With the names of fields in lower case, those of `data` as well."""
    return {
        name.lower(): _in_lower_case(value) if isinstance(value, dict) else value for name, value in document.items()
    }
