"""What of ours is which resource in Seam: links from keys to Seam's ids."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, and_, bindparam, case, func, or_, select, update

from mappers.links import Link as Link
from mappers.outcomes import Kind
from store.engine import INSERT, Database, Repository, among, chunks, row_of
from store.tables import links


class Links(Repository):
    """Queries and writes of links."""

    def of_connection(self, connection: str, kinds: Collection[str] = ()) -> dict[tuple[str, str], Link]:
        """Every link of a connection (of these kinds), by kind and key."""
        statement, asked = (_OF_KINDS, {"of": connection, "kinds": list(kinds)}) if kinds else (_OF, {"of": connection})
        found = [Link(*row) for row in self._store.rows(statement, asked)]
        return {(link.kind, link.key): link for link in found}

    def of_bookings(self, connection: str, booking_ids: Collection[str]) -> list[Link]:
        return self._where(connection, links.c.booking_id, booking_ids)

    def has_grants(self, connection: str, property_id: str) -> bool:
        """Whether any grant of a property is remembered."""
        mine = (links.c.connection == connection, links.c.property_id == property_id)
        with self._store.reading() as db:
            found = select(links.c.key).where(*mine, links.c.kind == Kind.ACCESS_GRANT).limit(1)
            return db.execute(found).first() is not None

    def grants_at(self, connection: str, property_id: str, at: datetime) -> list[Link]:
        """The grants of a property that give access at that moment (UTC), as we last wrote them."""
        wanted = (
            links.c.connection == connection,
            links.c.property_id == property_id,
            links.c.kind == Kind.ACCESS_GRANT,
            links.c.starts_at <= at,
            or_(links.c.ends_at.is_(None), links.c.ends_at > at),
        )
        return [Link(*row) for row in self._store.rows(_links.where(*wanted))]

    def grants_at_places(
        self, places: Collection[tuple[str, str]], now: datetime, until: datetime
    ) -> list[tuple[str, Link]]:
        """The grants of these properties (connection, id) that are not over and begin before `until`, each with its
        connection."""
        place = (links.c.connection, links.c.property_id)
        lasts = and_(or_(links.c.ends_at.is_(None), links.c.ends_at > now), links.c.starts_at < until)
        return self._grants(and_(among(self._store.dialect, place, chunk), lasts) for chunk in chunks(sorted(places)))

    def _grants(self, wanted: Iterable[ColumnElement[bool]]) -> list[tuple[str, Link]]:
        grants = _links.add_columns(links.c.connection).where(links.c.kind == Kind.ACCESS_GRANT)
        with self._store.reading() as db:
            return [(row.connection, Link(*row[:-1])) for one in wanted for row in db.execute(grants.where(one)).all()]

    def of_keys(self, connection: str, keys: Collection[str]) -> list[Link]:
        return self._where(connection, links.c.key, keys)

    def bookings_of_users(self, connection: str, user_identity_keys: Collection[str]) -> set[tuple[str, str]]:
        """(property id, booking id) of every grant that one of these identities holds."""
        found = self._where(connection, links.c.user_identity_key, user_identity_keys)
        return {(link.property_id, link.booking_id) for link in found if link.property_id and link.booking_id}

    def _where(self, connection: str, column: Any, values: Collection[str]) -> list[Link]:
        if not values:
            return []
        asked = _WHERE[column.name]
        return [
            Link(*row) for row in self._store.rows_of(values, lambda some: (asked, {"of": connection, "values": some}))
        ]

    def of_seam(self, seam_ids: Collection[str]) -> dict[str, tuple[str, str, str, str | None, str | None]]:
        """Seam id -> (connection, kind, key, property id, booking id), of what is ours."""
        if not seam_ids:
            return {}
        rows = self._store.rows_of(seam_ids, lambda some: select(links).where(links.c.seam_id.in_(some)))
        return {row.seam_id: (row.connection, row.kind, row.key, row.property_id, row.booking_id) for row in rows}

    def written_at(self, seam_ids: Collection[str]) -> dict[str, datetime]:
        """Seam id -> when we last wrote that resource, or took it up (UTC); of what is ours."""
        asked = select(links.c.seam_id, links.c.changed_at)
        rows = self._store.rows_of(seam_ids, lambda some: asked.where(links.c.seam_id.in_(some)))
        return {row.seam_id: row.changed_at for row in rows}

    def are_more_than(self, number: int) -> bool:
        """Whether there are more than so many, without counting them all."""
        return self._store.row(select(links.c.kind).offset(number).limit(1)) is not None

    def count(self) -> dict[str, int]:
        """How many resources are linked, by kind."""
        rows = self._store.rows(select(links.c.kind, func.count()).group_by(links.c.kind))
        return {kind: int(number) for kind, number in rows}


def put_links(store: Database, db: Connection, connection: str, made: Sequence[Link], now: datetime) -> None:
    """Writes links within a transaction that is open."""
    db.execute(_putting(store.dialect), [row_of(link) | {"connection": connection, "changed_at": now} for link in made])
    # An identity is needed until the last of its stays has ended.
    stays = [
        {"user": link.user_identity_key, "ends": link.ends_at, "of": connection}
        for link in made
        if link.user_identity_key is not None and link.ends_at is not None
    ]
    if stays:
        db.execute(_NEEDED_UNTIL, stays)


_NEEDED_UNTIL = (
    update(links)
    .where(
        links.c.connection == bindparam("of"),
        links.c.kind == Kind.USER_IDENTITY,
        links.c.key == bindparam("user"),
        or_(links.c.ends_at.is_(None), links.c.ends_at < bindparam("ends")),
    )
    .values(ends_at=bindparam("ends"))
)


@cache
def _putting(dialect: str) -> Executable:
    statement = INSERT[dialect](links)
    new, key = statement.excluded, ("connection", "kind", "key")
    values: dict[str, Any] = {column.name: new[column.name] for column in links.c if column.name not in key}
    # An identity keeps the end of its last stay whatever is written of it; a grant may have no end any more.
    kept = func.coalesce(new.ends_at, links.c.ends_at)
    values["ends_at"] = case((new.kind == Kind.ACCESS_GRANT, new.ends_at), else_=kept)
    for column in (links.c.starts_at, links.c.space_ids):
        values[column.name] = func.coalesce(new[column.name], column)
    put: Executable = statement.on_conflict_do_update(index_elements=key, set_=values)
    return put


_links = select(
    links.c.kind,
    links.c.key,
    links.c.seam_id,
    links.c.generation,
    links.c.wanted_hash,
    links.c.made_hash,
    links.c.property_id,
    links.c.booking_id,
    links.c.user_identity_key,
    links.c.ends_at,
    links.c.label,
    links.c.starts_at,
    links.c.space_ids,
)
_OF = _links.where(links.c.connection == bindparam("of"))
_OF_KINDS = _OF.where(links.c.kind.in_(bindparam("kinds")))
_WHERE = {
    column.name: _OF.where(column.in_(bindparam("values")))
    for column in (links.c.booking_id, links.c.key, links.c.user_identity_key)
}
