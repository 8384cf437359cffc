"""What calls, PINs and webhooks cost: a setting."""

from dataclasses import dataclass, fields
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """The price of one of each; 0: it costs nothing, or nobody has said what. All 0: no amounts are shown."""

    currency: str = "EUR"
    seam_calls: Decimal = Decimal(0)
    pms_calls: Decimal = Decimal(0)
    codes: Decimal = Decimal(0)
    """A grant with a PIN that is made, a spare key too."""
    code_days: Decimal = Decimal(0)
    """A day (UTC) of one of them."""
    seam_webhooks: Decimal = Decimal(0)
    pms_webhooks: Decimal = Decimal(0)

    def of(self, kind: str) -> Decimal:
        """Of one of this kind (`store.costs.Cost`)."""
        found: Decimal = getattr(self, kind)
        return found

    @property
    def are_set(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self) if one.name != "currency")
