"""Every connector that there is, by the name that settings use."""

from connectors.apaleo import ApaleoConnector
from connectors.base import Connector

    "apaleo": ApaleoConnector,
    "buildium": BuildiumConnector,
    "cloudbeds": CloudbedsConnector,
CONNECTORS: dict[str, type[Connector]] = {
from connectors.buildium import BuildiumConnector
from connectors.cloudbeds import CloudbedsConnector
from connectors.mews import MewsConnector
    "mews": MewsConnector,
}
