"""Every connector that there is, by the name that settings use."""

from connectors.apaleo import ApaleoConnector
from connectors.base import Connector
from connectors.buildium import BuildiumConnector
from connectors.cloudbeds import CloudbedsConnector
from connectors.files import FilesConnector
from connectors.ical import IcalConnector
from connectors.mews import MewsConnector

CONNECTORS: dict[str, type[Connector]] = {
    "apaleo": ApaleoConnector,
    "buildium": BuildiumConnector,
    "cloudbeds": CloudbedsConnector,
    "files": FilesConnector,
    "ical": IcalConnector,
    "mews": MewsConnector,
}
