"""Mews, by its Connector API."""

from collections.abc import Mapping
from typing import Any

from connectors.connector import Connector, Setting
from connectors.mergers import Mergers
from connectors.mews.check_ins import MewsCheckIns
from connectors.mews.door_codes import MewsDoorCodes
from connectors.mews.enterprises import Enterprises
from connectors.mews.lately import Lately
from connectors.mews.reader import MewsReader
from connectors.mews.webhooks import MewsWebhooks
from connectors.mews.wire import MewsWire
from connectors.reading import part_of
from connectors.session import Access
from connectors.wording import counted

REQUESTS, SECONDS = 200, 30.0
"""Mews allows 200 requests in 30 seconds per access token."""


class MewsConnector(Connector):
    """One Mews integration: a single property's access token, or a portfolio's."""

    SETTINGS = (
        Setting("base_url", "url"),
        Setting("client_token", "secret"),
        Setting("access_token", "secret"),
    )

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        session = access.session(settings["access_token"], REQUESTS, SECONDS)
        self.shown_clock = session.shown_clock
        self._wire = MewsWire(name, settings, session)
        self._mergers = Mergers()
        self._enterprises = Enterprises(access.monotonic)
        self._lately = Lately(access.monotonic)
        self.webhooks = MewsWebhooks(webhook_token)
        self.door_codes = MewsDoorCodes(self._wire)
        self.check_ins = MewsCheckIns(self._wire)

    def reader(self) -> MewsReader:
        return MewsReader(self._wire, self._mergers, self._enterprises, self._lately)

    def check(self) -> str:
        """Source: Get configuration."""
        enterprise = part_of(self._wire.post("configuration/get", {}), "Enterprise")
        number = len(self.reader().read_properties())
        named = f"{enterprise.get('Name', 'Mews')} ({enterprise.get('TimeZoneIdentifier', 'time zone unknown')})"
        return f"{named}, {counted(number, 'property', 'properties')}"
