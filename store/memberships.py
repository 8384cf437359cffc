"""Who may do what of which organisation, connection or property. Whoever has none of these has the one role that she
was given, over everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from store.engine import Repository
from store.people import Role
from store.tables import memberships


@dataclass(frozen=True, slots=True)
class Membership:
    """A role over all connections of an organisation, over one connection, or over one property of it."""

    role: Role
    organisation: str = ""
    connection: str = ""
    property_id: str = ""

    def __str__(self) -> str:
        if self.organisation:
            return f"organisation {self.organisation}"
        return f"property {self.property_id} of {self.connection}" if self.property_id else self.connection


class Memberships(Repository):
    """Raises `StoreFailed`. `who`: a user's name, or `token ` and a token's name."""

    def of(self, who: str) -> Sequence[Membership]:
        statement = select(memberships).where(memberships.c.who == who).order_by("organisation", "place")
        return [
            Membership(Role(row.role), row.organisation, row.place, row.property_of_place)
            for row in self._store.rows(statement)
        ]

    def all(self) -> Mapping[str, Sequence[Membership]]:
        """Of everybody who has any."""
        found: dict[str, list[Membership]] = {}
        for row in self._store.rows(select(memberships).order_by("who", "organisation", "place")):
            one = Membership(Role(row.role), row.organisation, row.place, row.property_of_place)
            found.setdefault(row.who, []).append(one)
        return found

    def give(self, who: str, one: Membership, now: datetime) -> None:
        """Gives a role there, or changes it."""
        values = {"role": one.role, "created_at": now}
        statement = self._store.upsert(memberships).values(**_place(who, one), **values)
        self._store.write(statement.on_conflict_do_update(index_elements=list(_place(who, one)), set_=values))

    def take(self, who: str, one: Membership) -> bool:
        """Takes it away; False where there was none."""
        here = [memberships.c[name] == value for name, value in _place(who, one).items()]
        return bool(self._store.write(delete(memberships).where(*here)))


def _place(who: str, one: Membership) -> dict[str, str]:
    return {
        "who": who,
        "organisation": one.organisation,
        "place": one.connection,
        "property_of_place": one.property_id,
    }
