"""Apaleo, by its Inventory, Booking and Webhook APIs."""

from collections.abc import Mapping
from typing import Any

from connectors.apaleo.check_ins import ApaleoCheckIns
from connectors.apaleo.reader import ApaleoReader
from connectors.apaleo.webhooks import ApaleoWebhooks
from connectors.apaleo.wire import ApaleoWire
from connectors.connector import Connector, Setting
from connectors.oauth import ClientCredentials
from connectors.session import Access
from connectors.wording import counted

REQUESTS, SECONDS = 50, 1.0
"""Apaleo allows 3500 requests a minute and bursts of 200, per client and account."""
TRIAL_REQUESTS, TRIAL_SECONDS = 5, 1.5
"""To development and trial accounts 200 a minute, and 5 a second."""


class ApaleoConnector(Connector):
    """One Apaleo account, by a client of its own (client credentials)."""

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.apaleo.com"),
        Setting("identity_url", "url", required=False, default="https://identity.apaleo.com"),
        Setting("webhook_url", "url", required=False, default="https://webhook.apaleo.com"),
        Setting("client_id"),
        Setting("client_secret", "secret"),
        Setting("trial", "flag", required=False, default=False),
    )

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        client = settings["client_id"]
        allowed = (TRIAL_REQUESTS, TRIAL_SECONDS) if settings.get("trial") else (REQUESTS, SECONDS)
        sign_in = ClientCredentials(
            name,
            access.session(client, *allowed),
            f"{settings['identity_url'].rstrip('/')}/connect/token",
            client,
            settings["client_secret"],
            clock=access.clock,
            state=access.state,
            longest_wait=access.attempts * sum(access.timeout),
            operation="connect/token",
        )
        session = access.session(client, *allowed, sign_in=sign_in)
        self.shown_clock = session.shown_clock
        self._wire = ApaleoWire(name, settings["base_url"], session)
        self._assigned: dict[str, set[str]] = {}
        self.webhooks = ApaleoWebhooks(name, settings["webhook_url"], webhook_token, session)
        self.check_ins = ApaleoCheckIns(self._wire)

    def reader(self) -> ApaleoReader:
        return ApaleoReader(self._wire, self._assigned)

    def check(self) -> str:
        found = self.reader().read_properties()
        names = ", ".join(f"{of.name} ({of.time_zone})" for of in found)
        return f"{names or 'no property'}: {counted(len(found), 'property', 'properties')}"
