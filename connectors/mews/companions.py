"""Who stays on a reservation at Mews beside its owner.

Mews lists companions by reservation, and those of a whole group once for all of its rooms.
"""

from collections.abc import Iterable, Sequence

from connectors.errors import PmsUnreachable
from connectors.mews.wire import Json, MewsWire, mews_id
from connectors.records import Property
from mappers.sentences import say


def companions_of(
    wire: MewsWire, of: Property, reservations: Sequence[Json]
) -> tuple[dict[str, list[str]], dict[str, str]]:
    """Customer ids by reservation, in the order in which Mews lists them; those of a whole group in each. And the
    reservations of which one cannot be read, each with why: whoever that is, she stays somewhere.

    Source: Get all companionships. Raises `PmsError`.
    """
    found: dict[str, list[str]] = {}
    unclear: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for reservation in reservations:
        if reservation["GroupId"]:
            members.setdefault(reservation["GroupId"], []).append(reservation["Id"])
    filters = {
        "EnterpriseIds": [of.id],
        "Extent": {"Customers": False, "Reservations": False, "ReservationGroups": False},
    }
    question = ("companionships/getAll", "Companionships", filters)
    items, refused = wire.read_by_id(*question, "ReservationIds", [one["Id"] for one in reservations])
    unclear.update(dict.fromkeys(refused, say("Mews takes the reservation's Id for none.")))
    # A companionship without a reservation belongs to every room of its group.
    of_groups, refused = wire.read_by_id(*question, "ReservationGroupIds", sorted(members))
    for group in refused:
        unclear.update(
            dict.fromkeys(members[group], say("The reservation in Mews has a GroupId that is none to Mews."))
        )
    seen: set[str] = set()
    for item in [*items, *of_groups]:
        customer_id, companionship_id = mews_id(item, "CustomerId"), mews_id(item)
        if companionship_id in seen:
            continue
        if companionship_id != "?":
            seen.add(companionship_id)
        reservation_id = mews_id(item, "ReservationId")
        together = members.get(mews_id(item, "ReservationGroupId"), ())
        meant = (reservation_id,) if reservation_id != "?" else together
        if customer_id == "?":
            reason = say("A companion on the reservation in Mews has no CustomerId.")
            unclear.update(dict.fromkeys(meant, reason))
            if not meant:
                raise PmsUnreachable.saying(
                    "{who}: Mews describes a companion in a way that cannot be read",
                    who=wire.name,
                    operation="companionships/getAll",
                )
            continue
        for one in meant:
            found.setdefault(one, []).append(customer_id)
    return found, unclear


def people_of(reservation: Json, companions: Iterable[str]) -> tuple[str, ...]:
    """Who stays: the owner where she is a person, then the companions."""
    owner = reservation["AccountId"]
    first = (owner,) if owner and reservation["AccountType"] != "Company" else ()
    return tuple(dict.fromkeys((*first, *companions)))
