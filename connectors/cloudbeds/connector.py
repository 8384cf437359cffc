"""Cloudbeds, by its PMS API v1.3."""

from collections.abc import Mapping
from typing import Any

from connectors.cloudbeds.check_ins import CloudbedsCheckIns
from connectors.cloudbeds.door_codes import CloudbedsDoorCodes
from connectors.cloudbeds.reader import CloudbedsReader
from connectors.cloudbeds.webhooks import CloudbedsWebhooks
from connectors.cloudbeds.wire import CloudbedsWire
from connectors.connector import Connector, Setting
from connectors.errors import PmsRefused
from connectors.mergers import Mergers
from connectors.oauth import RefreshToken
from connectors.session import Access, Fixed, SignIn

REQUESTS, SECONDS = 4, 1.0
"""Cloudbeds allows 5 requests a second per property key, and suspends keys that ask more. Source: API FAQ."""
OAUTH = ("client_id", "client_secret", "refresh_token")


class CloudbedsConnector(Connector):
    """One property in Cloudbeds, by a property's key or by OAuth (POST /access_token; a refresh token is good for 365
    days after its last use)."""

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.cloudbeds.com/api/v1.3"),
        Setting("property_id"),
        Setting("api_key", "secret", required=False),
        Setting("client_id", "secret", required=False),
        Setting("client_secret", "secret", required=False),
        Setting("refresh_token", "secret", required=False),
    )

    @classmethod
    def check_settings(cls, settings: Mapping[str, Any], /) -> str | None:
        oauth = [name for name in OAUTH if settings.get(name)]
        if settings.get("api_key"):
            return f"has an api_key and {' and '.join(oauth)}: one way to sign in is enough." if oauth else None
        if len(oauth) == 3:
            return None
        return "needs an api_key, or client_id, client_secret and refresh_token together."

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        problem = self.check_settings(settings)
        if problem is not None:
            raise PmsRefused.saying("{who}: the connection {why}", who=name, why=problem)
        base = str(settings["base_url"]).rstrip("/")
        account = settings["api_key"] or "\n".join((base, settings["client_id"], settings["refresh_token"]))
        sign_in: SignIn = Fixed({"x-api-key": account})
        if not settings["api_key"]:
            sign_in = RefreshToken(
                name,
                access.session(account, REQUESTS, SECONDS),
                f"{base}/access_token",
                {one: settings[one] for one in OAUTH},
                clock=access.clock,
                state=access.state,
                longest_wait=access.attempts * sum(access.timeout),
                operation="access_token",
            )
        session = access.session(account, REQUESTS, SECONDS, sign_in=sign_in)
        self.shown_clock = session.shown_clock
        self._wire = CloudbedsWire(name, base, settings["property_id"], session)
        self._mergers = Mergers()
        self.webhooks = CloudbedsWebhooks(self._wire, webhook_token)
        self.door_codes = CloudbedsDoorCodes(self._wire, self.reader)
        self.check_ins = CloudbedsCheckIns(self._wire, self.reservation_of)

    def reader(self) -> CloudbedsReader:
        return CloudbedsReader(self._wire, self._mergers)

    def check(self) -> str:
        (of,) = self.reader().read_properties()
        return f"{of.name} ({of.time_zone}), property {of.id}"
