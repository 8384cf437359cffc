"""What the properties of one run sell: read anew, or as it was read lately, where that is good enough."""

from collections.abc import Mapping

from connectors.mews.catalogue import Catalogue
from connectors.mews.lately import Lately
from connectors.mews.wire import MewsWire
from connectors.records import BrokenRecord, Property, Room


class Selling:
    """Each property's is read once a run."""

    def __init__(self, wire: MewsWire, lately: Lately):
        self._wire = wire
        self._lately = lately
        self._catalogues: dict[str, Catalogue] = {}
        self.is_content = False
        """Whether it is good enough as it was read lately."""

    def rooms(self, of: Property) -> tuple[list[Room], list[BrokenRecord]]:
        """Every room of a property."""
        found = self._catalogue(of).rooms(self._wire, of)
        if not self._catalogue(of).explains(found[0]):
            # Of a category that there was not yet when they were read lately.
            self.is_content = False
            del self._catalogues[of.id]
            found = self._catalogue(of).rooms(self._wire, of)
        self._catalogue(of).note(found[0])
        return found

    def kinds(self, of: Property, wanted: set[str], *, over_changes: bool) -> Mapping[str, str]:
        """The kinds of these categories; for a run over changes as they were read lately."""
        lately = self._lately.catalogue(of.id) if self.is_content or over_changes else None
        return lately.kinds if lately and wanted - {""} <= lately.kinds.keys() else self._catalogue(of).kinds

    def _catalogue(self, of: Property) -> Catalogue:
        if of.id not in self._catalogues:
            known = self._lately.catalogue(of.id) if self.is_content else None
            if known is None:
                known = Catalogue.read(self._wire, of)
                self._lately.note_catalogue(of.id, known)
            self._catalogues[of.id] = known
        return self._catalogues[of.id]
