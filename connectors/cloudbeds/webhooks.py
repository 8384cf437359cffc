"""Webhooks of Cloudbeds: one subscription for each kind of event, with the token in the address.

Facts: Cloudbeds's OpenAPI description of v1.3 and developers.cloudbeds.com (Webhooks).
"""

from typing import Any

from connectors.cloudbeds.wire import CloudbedsWire, Json, Unsuccessful, id_in
from connectors.ports import NotUnderstood, Subscription, WebhookNews
from connectors.webhooks import TokenWebhooks, an_object
from mappers.sentences import say

EVENTS = (
    "reservation/created",
    "reservation/status_changed",
    "reservation/dates_changed",
    "reservation/accommodation_changed",
    "reservation/accommodation_status_changed",
    "reservation/accommodation_type_changed",
    "reservation/accommodation_removed",
    "reservation/deleted",
    "guest/assigned",
    "guest/removed",
    "guest/details_changed",
    "guest/accommodation_changed",
)
"""What is subscribed to. UNVERIFIED beyond `created` and `status_changed`: names that public receivers agree on."""
SAYS_NOTHING = frozenset({"reservation/notes_changed", "reservation/custom_fields_changed"})
"""News of reservations that change no access; the second is what our own writing causes."""


class CloudbedsWebhooks(TokenWebhooks):
    def __init__(self, wire: CloudbedsWire, token: str | None):
        super().__init__(token)
        self._wire = wire

    def subscribe(self, url: str, /) -> list[Subscription]:
        """Sources: getWebhooks, postWebhook: one subscription for each kind of event.

        A kind that this Cloudbeds does not know is not subscribed, and not in what comes back.
        """
        there = [one for one in self.subscriptions() if one.url == url]
        known = {one.events for one in there}
        for event in EVENTS:
            if event not in known:
                entity, action = event.split("/")
                form = {"propertyID": self._wire.property_id, "object": entity, "action": action, "endpointUrl": url}
                operation = "postWebhook"
                try:
                    made = self._wire.ask("POST", operation, form=form, repeatable=False).get("data")
                except Unsuccessful:
                    continue
                subscription_id = id_in(made, "subscriptionID") if isinstance(made, dict) else ""
                if not subscription_id:
                    raise self._wire.unusable(operation, say("answered without a subscriptionID"))
                there.append(Subscription(subscription_id, url, event))
        return there

    def subscriptions(self) -> list[Subscription]:
        """Source: getWebhooks; the address stands under `endpoint`, or (UNVERIFIED) under `url`."""
        found = []
        operation = "getWebhooks"
        for item in self._wire.rows(
            operation, self._wire.ask("GET", operation, params={"propertyID": self._wire.property_id})
        ):
            data, event = (item.get(name) for name in ("subscriptionData", "event"))
            if not isinstance(data, dict) or not isinstance(event, dict) or not id_in(item, "id"):
                continue
            url = data.get("endpoint") or data.get("url")
            if isinstance(url, str):
                found.append(Subscription(id_in(item, "id"), url, f"{event.get('entity')}/{event.get('action')}"))
        return found

    def unsubscribe(self, url: str, /) -> list[Subscription]:
        """Source: deleteWebhook."""
        ended = [one for one in self.subscriptions() if one.url == url]
        for one in ended:
            params = {"propertyIDs": self._wire.property_id, "subscriptionID": one.id}
            self._wire.ask("DELETE", "deleteWebhook", params=params)
        return ended

    def read(self, document: Any, /) -> WebhookNews | None:
        """Source: Webhooks. How names are written differs from event to event, and numbers come with a twin of text."""
        told = {str(name).lower(): value for name, value in an_object(document).items()}
        event = told.get("event")
        if not isinstance(event, str) or "/" not in event or len(event) > 80:
            raise NotUnderstood("this is no webhook of Cloudbeds: it has no event")
        kind = event.split("/", 1)[0]
        if kind == "integration":
            # The connection was made or ended: what that means shows as soon as the property is read.
            return WebhookNews(_told_id(told, "propertyid"), {"rooms": ["*"]}, event)
        if kind not in ("reservation", "guest") or event in SAYS_NOTHING:
            return None
        subjects = {}
        for name, about in (("reservationid", "bookings"), ("guestid", "guests")):
            found = _told_id(told, name)
            if found is not None:
                subjects[about] = [found]
        if not subjects:
            raise NotUnderstood("this is no webhook of Cloudbeds: it names neither a reservation nor a guest")
        return WebhookNews(_told_id(told, "propertyid"), subjects, event)


def _told_id(told: Json, name: str) -> str | None:
    """An id of a webhook, by its lower-case name."""
    return next((found[:128] for one in (f"{name}_str", name) if (found := id_in(told, one))), None)
