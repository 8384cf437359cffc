"""What a prepared property says in a report before anything is done: who waits, what is held, what cannot be read."""

from collections.abc import Collection, Mapping

from connectors.wording import counted
from mappers.keys import Keys
from mappers.outcomes import Action, Kind, Outcome
from reconciler.changes import Plan
from reconciler.prepare import Prepared
from store.runs import OutcomeRow

NAMED = 10
"""So many people are named in one sentence."""


def lines_of(one: Prepared, keys: Keys, held: Mapping[str, str]) -> list[OutcomeRow]:
    """The lines of everything that is no change. `held` says by key why revocations are held."""
    rows = [*one.notes, *one.plan.notes]
    rows.extend(change.row(Outcome.HELD, f"{change.reason}; {held[change.key]}") for change in one.plan.held)
    kinds = {"room": (Kind.SPACE, keys.room), "guest": (Kind.USER_IDENTITY, keys.guest)}
    for broken in one.pulled.broken:
        kind, key = kinds.get(broken.kind, (Kind.ACCESS_GRANT, keys.grant))
        rows.append(
            OutcomeRow(
                kind,
                key(broken.id),
                Action.READ,
                Outcome.FAILED,
                "the PMS's record cannot be read; what exists for it stays as it is",
                broken.reason,
                booking_id=broken.id if broken.kind == "booking" else None,
            )
        )
    if one.pulled.left_out:
        rows.append(
            OutcomeRow(
                Kind.PROPERTY,
                one.pulled.of.id,
                Action.READ,
                Outcome.FAILED,
                f"{one.pulled.of.name}: nothing was revoked for being absent from a list",
                f"the PMS's lists left out {counted(one.pulled.left_out, 'record')} that it has when asked by id",
            )
        )
    return rows


def named(labels: Collection[str]) -> str:
    """Who keeps access that the PMS would not give any more, and how that is ended; empty where there is nobody."""
    people = list(dict.fromkeys(labels))
    if not people:
        return ""
    first, rest = people[:NAMED], len(people) - NAMED
    who = ", ".join(first) + (f" and {rest} more" if rest > 0 else "")
    return f"Until then these keep their access: {who}. If they are really gone, end it under Held (or by approve)"


def planned_lines(planned: Plan) -> list[OutcomeRow]:
    """The lines of a dry run: every change that would be made, and what would be adopted."""
    return [*planned.adopted, *(change.row(Outcome.PLANNED) for change in planned.changes())]
