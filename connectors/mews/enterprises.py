"""The enterprises of a Mews integration, as they were listed last."""

import time
from collections.abc import Callable

from connectors.mews.wire import EnterpriseSchema, MewsWire
from connectors.reading import part_of, properties_of
from connectors.records import Property

GOOD_FOR = 900.0
"""Seconds for which they are good enough for a run over changes: by then a new one is seen, or a time zone that was set
right. Whatever reads more than changes asks anew."""
_ENTERPRISE = EnterpriseSchema()

Listed = tuple[list[Property], dict[str, str]]
"""The properties, and the chains of those that have one, by their ids."""


class Enterprises:
    """Of one connector. Safe to use from many threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """`clock` is monotonic seconds."""
        self._clock = clock
        self._last: tuple[float, Listed] | None = None

    def read(self, wire: MewsWire) -> Listed:
        """Source: Get all enterprises. A portfolio token lists all of its enterprises."""
        operation, at = "enterprises/getAll", self._clock()
        enterprises = properties_of(_ENTERPRISE, list(wire.read(operation, "Enterprises", {})), wire.name, operation)
        properties, chains = [], {}
        for enterprise in enterprises:
            if enterprise["ChainId"]:
                chains[enterprise["Id"]] = enterprise["ChainId"]
            country = part_of(enterprise, "Address").get("CountryCode")
            properties.append(
                Property(
                    id=enterprise["Id"],
                    name=enterprise["Name"] or enterprise["Id"],
                    time_zone=enterprise["TimeZoneIdentifier"] or "",
                    country=country.upper() if isinstance(country, str) and country else None,
                    shares_connection=len(enterprises) > 1,
                )
            )
        self._last = at, (properties, chains)
        return properties, chains

    def lately(self) -> Listed | None:
        """As they were read not long ago, if they were."""
        return self._last[1] if self._last is not None and self._clock() - self._last[0] < GOOD_FOR else None
