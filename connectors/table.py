"""Every connector that there is, by the name that settings use."""

from connectors.base import Connector
from connectors.files import FilesConnector
from connectors.ical import IcalConnector
from connectors.mews import MewsConnector

CONNECTORS: dict[str, type[Connector]] = {
    "files": FilesConnector,
    "ical": IcalConnector,
    "mews": MewsConnector,
}
