"""The encoders of properties: what writes cards there, of which lock system."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mappers.sentences import say
from seam_workspace.existing import Encoder
from seam_workspace.workspace import Workspace

_TROUBLES = {"acs_encoder_removed": say("it was removed from the lock system, and writes no cards any more")}
Place = tuple[str, str]
"""A connection and the id of a property of it."""


@dataclass(frozen=True, slots=True)
class PropertyEncoder:
    """What writes cards at a desk of a property."""

    connection: str
    property_id: str
    encoder_id: str
    name: str
    system: str
    """The name of its lock account."""
    trouble: str | None
    """Why it writes no cards; None where nothing is known against it."""


def encoders_of(workspace: Workspace, customers: Mapping[str, Place]) -> list[PropertyEncoder]:
    """The encoders of the properties with these customer keys, by property and name: three calls for one property, two
    for all of a workspace. Raises `SeamError`."""
    if len(customers) == 1:
        (customer,) = customers
        accounts = workspace.lock_accounts(customer)
        systems = [one.id for one in workspace.access_systems(customer)]
        encoders: Sequence[Encoder] = workspace.encoders(systems)
    else:
        accounts, encoders = workspace.every_lock_account(), workspace.encoders()
    of = {one.id: one for one in accounts}
    found = []
    for one in encoders:
        account = of.get(one.account_id)
        place = customers.get(account.customer_key or "") if account is not None else None
        if account is not None and place is not None:
            troubles = [_TROUBLES.get(code, code.replace("_", " ")) for code in one.errors]
            found.append(
                PropertyEncoder(*place, one.id, one.name or one.id, account.name, troubles[0] if troubles else None)
            )
    return sorted(found, key=lambda one: (one.connection, one.property_id, one.name.casefold(), one.encoder_id))
