"""Webhooks of Mews: General and Integration webhooks, whose senders know the token in the address.

Facts: Mews Connector API documentation (General webhooks, Integration webhooks).
"""

from collections import Counter
from typing import Any

from marshmallow import ValidationError, fields, validate

from connectors.mews.wire import Json, mews_id
from connectors.ports import NotOffered, NotUnderstood, Subscription, WebhookNews
from connectors.reading import VendorSchema, complaint
from connectors.webhooks import TokenWebhooks, an_object


class WebhookValueSchema(VendorSchema):
    Id = fields.String(required=True, validate=validate.Length(min=1, max=128))


class WebhookEventSchema(VendorSchema):
    Discriminator = fields.String(required=True, validate=validate.Length(min=1, max=80))
    Value = fields.Nested(WebhookValueSchema, required=True)


class GeneralWebhookSchema(VendorSchema):
    EnterpriseId = fields.String(required=True, validate=validate.Length(min=1, max=128))
    Events = fields.List(fields.Raw(), required=True)


class IntegrationDataSchema(VendorSchema):
    Enterprise = fields.Nested(WebhookValueSchema, load_default=None, allow_none=True)


class IntegrationWebhookSchema(VendorSchema):
    Action = fields.String(required=True, validate=validate.Length(min=1, max=80))
    Data = fields.Nested(IntegrationDataSchema, required=True)


WEBHOOK_SUBJECTS = {
    "ServiceOrderUpdated": "bookings",
    "CustomerUpdated": "guests",
    "CustomerAdded": "guests",
    "ResourceUpdated": "rooms",
}
"""What the events of a general webhook are about; the others (payments, messages, blocks) say nothing of access."""
_GENERAL_WEBHOOK, _WEBHOOK_EVENT, _INTEGRATION_WEBHOOK = (
    GeneralWebhookSchema(),
    WebhookEventSchema(),
    IntegrationWebhookSchema(),
)


class MewsWebhooks(TokenWebhooks):
    def subscribe(self, url: str, /) -> list[Subscription]:
        raise NotOffered(
            f"Mews takes no subscriptions: ask its support to send General and Integration webhooks to {url}"
        )

    def read(self, document: Any, /) -> WebhookNews | None:
        told = an_object(document)
        try:
            if "Action" in told and "Events" not in told:
                return _integration_news(_INTEGRATION_WEBHOOK.load(told))
            return _general_news(_GENERAL_WEBHOOK.load(told))
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Mews: it {complaint(problem)}") from None


def _general_news(general: Json) -> WebhookNews | None:
    subjects: dict[str, set[str]] = {}
    words: Counter[str] = Counter()
    for item in general["Events"]:
        try:
            event = _WEBHOOK_EVENT.load(item)
        except ValidationError:
            continue  # An event of a kind yet to come may have any shape: the others are no worse for it.
        kind = WEBHOOK_SUBJECTS.get(event["Discriminator"])
        if kind is not None:
            subjects.setdefault(kind, set()).add(_told_id(event["Value"], "Id"))
            words[event["Discriminator"]] += 1
    if not subjects:
        return None
    return WebhookNews(
        _told_id(general, "EnterpriseId"),
        {kind: sorted(ids) for kind, ids in sorted(subjects.items())},
        ", ".join(f"{word} x{number}" if number > 1 else word for word, number in sorted(words.items())),
    )


def _integration_news(integration: Json) -> WebhookNews:
    """The integration was switched on or off: what that means shows as soon as the property is read."""
    enterprise = integration["Data"]["Enterprise"]
    return WebhookNews(_told_id(enterprise, "Id") if enterprise else None, {"rooms": ["*"]}, integration["Action"])


def _told_id(item: Json, name: str) -> str:
    """An id of a webhook; what is none is handed on as it is, for the inbox to refuse."""
    found = mews_id(item, name)
    return str(item[name]) if found == "?" else found
