"""Whether the grants that exist can open their doors, as Seam last said."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Executable, and_, bindparam, case, func, or_, select, update

from mappers.outcomes import Kind
from mappers.sentences import keep_together
from store.engine import INSERT, Repository, among, chunks, one_of, row_of
from store.happened import of_health
from store.outgoing import Happened, anybody_receives, emit_in
from store.stays import Stay, here_or_coming, stays_in
from store.tables import health, links, stays
from store.trends import Counted, Figure, add_in, bound_of


@dataclass(frozen=True, slots=True)
class Health:
    """Whether a grant that exists can open its doors, as Seam last said."""

    connection: str
    key: str
    booking_id: str
    seam_id: str
    state: str
    """`issued`, `issuing` or `failed`."""
    why: str
    doors: list[list[Any]] | None
    """[name, online or not or unknown (None)]; None where nobody has looked yet."""
    at: datetime
    since: datetime | None = None
    """Since when Seam says so; `note_health` finds it out."""
    verdict: str | None = None
    """`opens`, `shut` or `unsure`; None: as `state` has it."""
    cause: str = ""
    """The code of Seam, or a word of ours, that decides it; empty where nothing is wrong."""
    said: Any = field(default=None, repr=False)
    """What `why` was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "why")


class Unconfirmed(NamedTuple):
    """A grant of somebody who is here or comes, and of which it is not certain that it opens."""

    connection: str
    property_id: str
    booking_id: str
    at: datetime
    """When Seam was asked for it last."""
    since: datetime | None
    """Since when Seam has said so."""


class GrantHealth(Repository):
    """Queries and writes of the grants' health."""

    def note(self, found: Iterable[Health]) -> None:
        """Takes up what Seam says of grants; never anything older than what is known."""
        news = list(found)
        rows = [row_of(one) | {"since": one.at} for one in news]
        if not rows:
            return
        with self._store.writing() as db:
            before = _known(db, news) if anybody_receives(db) else None
            for chunk in chunks(rows):
                db.execute(_noting(self._store.dialect), chunk)
            if before is not None:
                emit_in(db, _happened(db, before, news), max(one.at for one in news))
            issued = [one for one in news if one.state == "issued"]
            for connection in sorted({one.connection for one in issued}):
                _count_arrived(db, connection, {one.booking_id for one in issued if one.connection == connection})

    def on_its_way(self, connection: str, since: Mapping[str, datetime]) -> None:
        """Changes of access that have been sent, or could not be: by booking, since when they are known (UTC). Where
        the lock has to be told at once, the time until it has confirmed it is counted; of what is on its way already,
        from its begin."""
        if not since:
            return
        with self._store.writing() as db:
            rows = [
                {"of": connection, "booking": each, "at": at, "by": at + TOLD_AT_ONCE} for each, at in since.items()
            ]
            db.execute(_SENT, sorted(rows, key=lambda row: str(row["booking"])))
            # Some locks are quicker than we are.
            _count_arrived(db, connection, since)

    def unconfirmed(
        self,
        causes: Collection[str],
        now: datetime,
        until: datetime,
        connection: str | None = None,
        but: Collection[str] = (),
    ) -> list[Unconfirmed]:
        """Of grants that are linked and whose guest is here or comes before `until`, those that no lock has said it
        knows, or with one of these causes; `but` not those of these causes."""
        statement = _UNCONFIRMED if connection is None else _UNCONFIRMED_OF
        asked = {"causes": list(causes), "of": connection, "but": list(but), "now": now, "until": until}
        return [Unconfirmed(*row) for row in self._store.rows(statement, asked)]

    def of(
        self,
        connection: str | None = None,
        booking_ids: Collection[str] | None = None,
    ) -> list[Health]:
        """Of grants that are linked. What was found of one that was taken away, of a companion who was taken off the
        booking, say, tells nothing of the others."""
        if booking_ids is not None and not booking_ids:
            return []
        asked, of = (_LINKED, {}) if connection is None else (_LINKED_OF, {"of": connection})
        with self._store.reading() as db:
            if booking_ids is None:
                return [Health(*row) for row in db.execute(asked, of)]
            mine = one_of(self._store.dialect, health.c.booking_id, booking_ids)
            return [Health(*row) for row in db.execute(asked.where(mine), of)]

    def in_state(self, grants: Collection[tuple[str, str]], state: str) -> set[tuple[str, str]]:
        """Those of these grants (connection, key) that Seam last said to be in that state."""
        key = (health.c.connection, health.c.key)
        asked = select(*key).where(health.c.state == state)
        rows = self._store.rows_of(grants, lambda some: asked.where(among(self._store.dialect, key, some)))
        return {(row[0], row[1]) for row in rows}


TOLD_AT_ONCE = timedelta(minutes=60)
"""Before the start; what begins later, Seam may tell the lock later."""
_SENT = (
    update(stays)
    .where(
        stays.c.connection == bindparam("of"),
        stays.c.booking_id == bindparam("booking"),
        stays.c.access != "none",
        stays.c.starts_at <= bindparam("by", type_=stays.c.starts_at.type),
        or_(stays.c.ends_at.is_(None), stays.c.ends_at > bindparam("at", type_=stays.c.ends_at.type)),
        stays.c.on_its_way_since.is_(None),
    )
    .values(on_its_way_since=bindparam("at", type_=stays.c.ends_at.type))
)
_WAITING = (stays.c.booking_id, stays.c.property_id, stays.c.grants, stays.c.on_its_way_since)
_ON_THEIR_WAY = select(*_WAITING).where(
    stays.c.connection == bindparam("of"),
    stays.c.booking_id.in_(bindparam("bookings")),
    stays.c.on_its_way_since.is_not(None),
    stays.c.access == "granted",
)
_columns = [health.c[name] for name in Health.__dataclass_fields__]
_LINK = select(links.c.key).where(
    links.c.connection == health.c.connection, links.c.kind == Kind.ACCESS_GRANT, links.c.key == health.c.key
)
_LINKED = select(*_columns).where(_LINK.exists())
_LINKED_OF = _LINKED.where(health.c.connection == bindparam("of"))


@cache
def _noting(dialect: str) -> Executable:
    statement = INSERT[dialect](health)
    new = statement.excluded
    same = and_(health.c.seam_id == new.seam_id, health.c.state == new.state)
    values = {name: new[name] for name in ("booking_id", "seam_id", "state", "why", "at", "verdict", "cause", "said")}
    values["doors"] = func.coalesce(new.doors, health.c.doors)
    values["since"] = case((same, func.coalesce(health.c.since, health.c.at)), else_=new.at)
    put: Executable = statement.on_conflict_do_update(
        index_elements=["connection", "key"],
        set_=values,
        where=or_(health.c.at <= new.at, health.c.seam_id != new.seam_id),
    )
    return put


# Asked every few seconds, of all connections: put together once, and without a sentence.
_UNCONFIRMED = select(health.c.connection, stays.c.property_id, health.c.booking_id, health.c.at, health.c.since).where(
    _LINK.exists(),
    stays.c.connection == health.c.connection,
    stays.c.booking_id == health.c.booking_id,
    *here_or_coming(bindparam("now", type_=stays.c.starts_at.type), bindparam("until", type_=stays.c.starts_at.type)),
    or_(health.c.state != "issued", health.c.cause.in_(bindparam("causes"))),
    health.c.cause.not_in(bindparam("but")),
)
_UNCONFIRMED_OF = _UNCONFIRMED.where(health.c.connection == bindparam("of"))


def _count_arrived(db: Connection, connection: str, booking_ids: Collection[str]) -> None:
    """Of these bookings, counts the changes that were on their way and that all locks have confirmed by now; each
    once, for the mark of it is taken away."""
    for chunk in chunks(sorted(booking_ids)):
        mine = and_(stays.c.connection == connection, stays.c.booking_id.in_(chunk))
        waiting = {
            row.booking_id: row for row in db.execute(_ON_THEIR_WAY, {"of": connection, "bookings": list(chunk)})
        }
        if not waiting:
            continue
        known: dict[str, list[Health]] = {}
        linked = _LINKED.where(health.c.connection == connection, health.c.booking_id.in_(sorted(waiting)))
        for row in db.execute(linked):
            known.setdefault(row.booking_id, []).append(Health(*row))
        counted = []
        for booking_id, stay in waiting.items():
            hers, since = known.get(booking_id, []), stay.on_its_way_since
            opening = [one for one in hers if one.state == "issued" and one.verdict in (None, "opens")]
            if len(hers) < stay.grants or len(opening) < len(hers) or any(one.at < since for one in hers):
                continue
            arrived = max((one.since if one.since and one.since >= since else one.at for one in hers), default=since)
            taking = update(stays).where(mine, stays.c.booking_id == booking_id, stays.c.on_its_way_since == since)
            if db.execute(taking.values(on_its_way_since=None)).rowcount:
                detail = bound_of((arrived - since).total_seconds())
                counted.append(Counted(stay.property_id, arrived, Figure.TO_DOOR, detail=detail))
        add_in(db, connection, counted)


def _known(db: Connection, news: Sequence[Health]) -> dict[tuple[str, str], Health]:
    """What is known of the same grants, by connection and key."""
    found: dict[tuple[str, str], Health] = {}
    for chunk in chunks(sorted({one.key for one in news})):
        for row in db.execute(select(*_columns).where(health.c.key.in_(chunk))):
            found[row.connection, row.key] = Health(*row)
    return found


def _happened(db: Connection, before: Mapping[tuple[str, str], Health], news: Sequence[Health]) -> list[Happened]:
    found = []
    for connection in sorted({one.connection for one in news}):
        mine = [one for one in news if one.connection == connection]
        stays: dict[str, Stay] = stays_in(db, connection, {one.booking_id for one in mine})
        for one in mine:
            known = before.get((connection, one.key))
            if known is None or known.at <= one.at or known.seam_id != one.seam_id:
                found.append(of_health(known, one, stays))
    return [one for one in found if one is not None]
