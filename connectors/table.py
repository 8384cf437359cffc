"""Every connector that there is, by the name that settings use."""

from connectors.base import Connector
from connectors.cloudbeds import CloudbedsConnector
from connectors.mews import MewsConnector

CONNECTORS: dict[str, type[Connector]] = {
    "cloudbeds": CloudbedsConnector,
    "mews": MewsConnector,
}
