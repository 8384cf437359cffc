"""Every connector that there is, by the name that settings use; a line each."""

from pkgutil import resolve_name

from connectors.base import Connector

PLACES = {
    "apaleo": "connectors.apaleo.reader:ApaleoConnector",
    "buildium": "connectors.buildium.reader:BuildiumConnector",
    "cloudbeds": "connectors.cloudbeds.reader:CloudbedsConnector",
    "files": "connectors.files:FilesConnector",
    "ical": "connectors.ical:IcalConnector",
    "mews": "connectors.mews.reader:MewsConnector",
}
CONNECTORS: dict[str, type[Connector]] = {name: resolve_name(place) for name, place in PLACES.items()}
