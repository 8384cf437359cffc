"""Check-ins in Cloudbeds.

Facts: OpenAPI, putReservation (`status`: checked_in; `sendStatusChangeEmail` is false by default); the guide for door
locks asks for it of whoever lets guests check in. It checks in every room of a reservation at once.
"""

from collections.abc import Callable

from connectors.cloudbeds.wire import CloudbedsWire, values
from connectors.ports import CheckIns, NotOffered
from connectors.records import Property


class CloudbedsCheckIns(CheckIns):
    """Reservations of one room are set to checked_in."""

    def __init__(self, wire: CloudbedsWire, reservation_of: Callable[[str], str]):
        """`reservation_of`: the reservation that a room's booking is a part of."""
        self._wire = wire
        self._reservation_of = reservation_of

    def check_in(self, of: Property, booking_id: str, /) -> None:
        """Sources: getReservation, putReservation."""
        reservation_id = self._reservation_of(booking_id)
        asked = {"propertyID": of.id, "reservationID": reservation_id}
        item = self._wire.data("getReservation", asked)
        rooms = [one for name in ("assigned", "unassigned") for one in values(item.get(name))]
        if len(rooms) != 1:
            raise NotOffered(
                "Cloudbeds checks in all rooms of a reservation at once, and this one has several: check each in there"
            )
        self._wire.ask("PUT", "putReservation", form={**asked, "status": "checked_in"}, repeatable=False)
