"""Every connector that there is, by the name that settings use."""

from connectors.base import Connector
from connectors.mews import MewsConnector

CONNECTORS: dict[str, type[Connector]] = {
    "mews": MewsConnector,
}
