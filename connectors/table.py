"""Every connector that there is, by the name that settings use; a line each."""

from pkgutil import resolve_name

from connectors.connector import Connector

PLACES = {
    "apaleo": "connectors.apaleo.connector:ApaleoConnector",
    "buildium": "connectors.buildium.connector:BuildiumConnector",
    "cloudbeds": "connectors.cloudbeds.connector:CloudbedsConnector",
    "files": "connectors.snapshots.files.connector:FilesConnector",
    "ical": "connectors.snapshots.ical.connector:IcalConnector",
    "mews": "connectors.mews.connector:MewsConnector",
}
CONNECTORS: dict[str, type[Connector]] = {name: resolve_name(place) for name, place in PLACES.items()}
