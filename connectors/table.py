"""Every connector that there is, by the name that settings use."""

from connectors.apaleo import ApaleoConnector
from connectors.base import Connector
from connectors.buildium import BuildiumConnector
from connectors.mews import MewsConnector

CONNECTORS: dict[str, type[Connector]] = {
    "apaleo": ApaleoConnector,
    "buildium": BuildiumConnector,
    "mews": MewsConnector,
}
