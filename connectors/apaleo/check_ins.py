"""Check-ins in Apaleo.

Facts: Booking API, reservation-actions: a check-in needs a unit for the whole stay, the status Confirmed, and is not
possible before the day of arrival. Scope: reservations.manage.
"""

from connectors.apaleo.wire import ApaleoWire
from connectors.errors import PmsRefused
from connectors.ports import CheckIns
from connectors.records import Property


class ApaleoCheckIns(CheckIns):
    """Reservations are checked in."""

    def __init__(self, wire: ApaleoWire):
        self._wire = wire

    def check_in(self, of: Property, booking_id: str, /) -> None:
        """Source: PUT /booking/v1/reservation-actions/{id}/checkin."""
        try:
            self._wire.act("booking/v1/reservation-actions", booking_id, "checkin")
        except PmsRefused as problem:
            if problem.status != 403:
                raise
            raise problem.refusing(
                "{why}. Check-ins need the scope reservations.manage: give it to this client in Apaleo, or set "
                "write_status: off in the policy"
            ) from None
