"""Buildium, by its Open API (version 1)."""

from collections.abc import Mapping
from typing import Any

from connectors.buildium.reader import BuildiumReader
from connectors.buildium.webhooks import BuildiumWebhooks
from connectors.buildium.wire import BuildiumWire
from connectors.connector import Connector, Setting
from connectors.session import Access, Fixed
from connectors.wording import counted

REQUESTS, SECONDS = 5, 1.0
"""Buildium allows 10 requests at once and in a second; a steady 10 has been seen refused, so half of it."""
AT_ONCE = 10


class BuildiumConnector(Connector):
    """One Buildium account: all of its rentals, inactive ones as well."""

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.buildium.com"),
        Setting("client_id", "secret"),
        Setting("client_secret", "secret"),
        Setting("webhook_secret", "secret", required=False),
    )
    TELLS_TIME_ZONE = False
    PRESET = "lease"

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        keys = {
            "x-buildium-client-id": settings["client_id"],
            "x-buildium-client-secret": settings["client_secret"],
        }
        session = access.session(settings["client_id"], REQUESTS, SECONDS, sign_in=Fixed(keys), at_once=AT_ONCE)
        self.shown_clock = session.shown_clock
        self._clock = access.clock
        self._wire = BuildiumWire(name, f"{settings['base_url'].rstrip('/')}/v1", session)
        self.webhooks = BuildiumWebhooks(settings["webhook_secret"])

    def reader(self) -> BuildiumReader:
        return BuildiumReader(self._wire, self._clock)

    def check(self) -> str:
        """Sources: Retrieve all rental properties, all leases, all tenants."""
        properties = self.reader().read_properties()
        counts = [self._wire.page(path, [("limit", 1)]).total for path in ("rentals/units", "leases", "leases/tenants")]
        nouns = ("unit", "lease", "tenant")
        found = [
            f"an unknown number of {noun}s" if number is None else counted(number, noun)
            for number, noun in zip(counts, nouns, strict=True)
        ]
        return f"Buildium: {counted(len(properties), 'rental property', 'rental properties')}, {', '.join(found)}"
