"""Check-ins in Mews.

Fact: Mews Connector API documentation, Start reservation: it succeeds only where the reservation is Confirmed, has a
space assigned, and does not start in the future.
"""

from connectors.errors import PmsRefused
from connectors.mews.wire import Json, MewsWire
from connectors.ports import CheckIns
from connectors.records import Property


class MewsCheckIns(CheckIns):
    """Reservations are started."""

    def __init__(self, wire: MewsWire):
        self._wire = wire

    def check_in(self, of: Property, booking_id: str, /) -> None:
        """Source: Start reservation. A portfolio's token has to name the enterprise."""
        body: Json = {"ReservationId": booking_id, **({"EnterpriseId": of.id} if of.shares_connection else {})}
        try:
            self._wire.write("reservations/start", body, repeatable=False)
        except PmsRefused as problem:
            if problem.status != 401:
                raise
            raise problem.refusing(
                "{why}. Check-ins need the right to start reservations: have Mews grant it to this integration, or "
                "set write_status: off in the policy"
            ) from None
