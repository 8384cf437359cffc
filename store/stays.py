"""Bookings as pages show them: no name, no contact; initials and room, and what came of their access."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    null,
    or_,
    select,
    true,
    update,
)

from mappers.outcomes import Kind
from mappers.sentences import keep_together, kept, message, say
from store.engine import INSERT, Repository, among, chunks, has_one_of, row_of
from store.happened import of_stay
from store.outgoing import emit_in
from store.tables import health, links, stay_rooms, stays, surnames

LONGEST_NAME = 120
TIME_FOR_THE_LOCK = timedelta(minutes=15)
"""So long a lock may take to confirm the access of a guest who comes before her time."""
COUNTED_UNTIL = timedelta(days=2)
"""An arrival that is longer ago, for nobody was there to count it, is not counted any more."""
KEEP_BROKEN = timedelta(hours=12)
"""A stay that ended this recently may still have somebody at the desk."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A booking as a page shows it: no name, no contact; initials and room, and what came of its access."""

    connection: str
    booking_id: str
    property_id: str
    number: str
    label: str
    room: str | None
    status: str
    starts_at: datetime | None
    """From when until when it opens its doors (UTC); None where the times cannot be used."""
    ends_at: datetime | None
    access: str
    """`granted`, `due` (made later), `waiting` (for a room or a guest), `broken`, `none` (and rightly so), `live` (it
    should be none, and is not), `kept` (nobody can say whether it should be: what exists goes on)."""
    reason: str
    grants: int
    """How many people have a grant of their own."""
    surnames: str = field(default="", repr=False)
    """Keyed hashes of its guests' surnames (`store.surnames`), parted by spaces."""
    said: Any = field(default=None, repr=False)
    """What the reason was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "reason")


class Stays(Repository):
    """Queries and writes of stays."""

    def note(self, connection: str, now: datetime, current: Sequence[Stay]) -> None:
        """Takes up what a run found of bookings; only what is new is written."""
        before = {one.booking_id: one for one in self.by_id(connection, [one.booking_id for one in current])}
        news = [one for one in current if before.get(one.booking_id) != one]
        if not news:
            return
        with self._store.writing() as db:
            for chunk in chunks(news):
                rows = [
                    row_of(one) | {"changed_at": now, "due_at": _due_at(one, one.booking_id in before, now)}
                    for one in chunk
                ]
                db.execute(_noting(self._store.dialect), rows)
            hashes = {booking_id: one.surnames for booking_id, one in before.items()}
            renamed = [one for one in news if one.surnames != hashes.get(one.booking_id, "")]
            for chunk in chunks([one for one in renamed if one.booking_id in before]):
                ids = [one.booking_id for one in chunk]
                db.execute(delete(surnames).where(surnames.c.connection == connection, surnames.c.booking_id.in_(ids)))
            hashed = [
                {"hash": each, "connection": connection, "booking_id": one.booking_id}
                for one in renamed
                for each in one.surnames.split()
            ]
            for chunk in chunks(hashed):
                db.execute(_NAMED, chunk)
            for chunk in chunks(_new_rooms(before, news)):
                db.execute(_noting_rooms(self._store.dialect), chunk)
            happened = (of_stay(before.get(one.booking_id), one, now) for one in news)
            emit_in(db, [one for one in happened if one is not None], now)

    def note_live(self, connection: str, held: Mapping[str, str], now: datetime) -> None:
        """Stays whose access should end and waits for somebody's approval, by booking id with the reason why it should;
        also those of bookings that the PMS has no more, and no run brings again."""
        told = message("{why}, and taking the access away waits for somebody's approval: see Held")
        self._note(connection, "live", told, held, now)

    def note_kept(self, connection: str, held: Mapping[str, str], now: datetime) -> None:
        """Stays that the PMS denies and that keep their access, for it is not believed, by booking id with the reason;
        somebody may end it."""
        told = message("{why}, and the access stays until somebody approves that it ends: see Held")
        self._note(connection, "kept", told, held, now)

    def note_gone(self, connection: str, gone: Mapping[str, str], now: datetime) -> None:
        """Stays whose access was taken away, and that no run brings again, by booking id with the reason."""
        self._note(connection, "none", "{why}", gone, now)

    def _note(self, connection: str, access: str, told: str, reasons: Mapping[str, str], now: datetime) -> None:
        """`told`: a message, with the reason as {why}."""
        known = self.by_id(connection, list(reasons))
        news = [(stay.booking_id, reasons[stay.booking_id]) for stay in known if stay.access not in (access, "none")]
        if not news:
            return
        with self._store.writing() as db:
            for booking_id, reason in news:
                words = say(told, why=reason)
                db.execute(
                    update(stays)
                    .where(stays.c.connection == connection, stays.c.booking_id == booking_id)
                    .values(
                        access=access,
                        reason=words,
                        said=kept(words),
                        changed_at=now,
                        on_its_way_since=null() if access == "none" else stays.c.on_its_way_since,
                    )
                )
            before = {stay.booking_id: stay for stay in known}
            after = (replace(before[booking_id], access=access, reason=reason) for booking_id, reason in news)
            happened = (of_stay(before[one.booking_id], one, now) for one in after)
            emit_in(db, [one for one in happened if one is not None], now)

    def take_due(self, connection: str, now: datetime) -> list[tuple[Stay, datetime]]:
        """The stays whose arrival is to be counted by now, each once, with when it was due (UTC); not those who should
        have no access, nor of what is so long ago that nobody knows any more how it was."""
        of = {"of": connection, "now": now}
        with self._store.writing() as db:
            due = [(Stay(*row[:-1]), row.due_at) for row in db.execute(_DUE, of)]
            taken: set[str] = set()
            for chunk in chunks([stay.booking_id for stay, _ in due]):
                mine = (stays.c.connection == connection, stays.c.booking_id.in_(chunk), stays.c.due_at <= now)
                taking = update(stays).where(*mine).values(due_at=None).returning(stays.c.booking_id)
                taken.update(db.execute(taking).scalars())
        return [
            (stay, at)
            for stay, at in due
            if stay.booking_id in taken and stay.access not in ("none", "live") and at > now - COUNTED_UNTIL
        ]

    def get(self, connection: str, booking_id: str) -> Stay | None:
        return next(iter(self.by_id(connection, [booking_id])), None)

    def by_id(self, connection: str, booking_ids: Collection[str]) -> list[Stay]:
        """Those of these bookings that runs have read."""
        if not booking_ids:
            return []
        rows = self._store.rows_of(booking_ids, lambda some: (_BY_ID, {"of": connection, "bookings": some}))
        return [Stay(*row) for row in rows]

    def of_bookings(self, bookings: Collection[tuple[str, str]]) -> dict[tuple[str, str], Stay]:
        """Those of these bookings (connection, id) that runs have read, of whatever connections."""
        booking = (stays.c.connection, stays.c.booking_id)
        rows = self._store.rows_of(bookings, lambda some: STAYS.where(among(self._store.dialect, booking, some)))
        return {(row.connection, row.booking_id): Stay(*row) for row in rows}

    def arriving(self, start: datetime, end: datetime, connection: str | None = None) -> list[Stay]:
        """Who should have access and arrives in [start, end), in order of arrival."""
        asked, of = (_ARRIVING, {}) if connection is None else (_ARRIVING_OF, {"of": connection})
        return [Stay(*row) for row in self._store.rows(asked, {"start": start, "end": end, **of})]

    def access_here_or_coming(
        self,
        places: Collection[tuple[str, str]],
        now: datetime,
        until: datetime,
        space_ids: Collection[str] | None = None,
    ) -> list[tuple[str, str, str, str, datetime | None, datetime | None, list[str] | None]]:
        """Who has a grant at these properties (connection, id), should have access, and is here or comes before
        `until`: connection, property, booking, label, start and end (UTC), and Seam's ids of the Spaces that a grant
        opens; a line a grant. `space_ids`: of grants only that open one of these."""
        place = (stays.c.connection, stays.c.property_id)
        granted = select(
            *(stays.c[name] for name in ("connection", "property_id", "booking_id", "label", "starts_at", "ends_at")),
            links.c.space_ids,
        ).where(
            links.c.connection == stays.c.connection,
            links.c.booking_id == stays.c.booking_id,
            links.c.kind == Kind.ACCESS_GRANT,
            *here_or_coming(now, until),
        )
        if space_ids is not None:
            granted = granted.where(has_one_of(self._store.dialect, links.c.space_ids, space_ids))
        with self._store.reading() as db:
            parts = [granted.where(among(self._store.dialect, place, chunk)) for chunk in chunks(sorted(places))]
            return [tuple(row) for part in parts for row in db.execute(part).all()]

    def next_arrival(self, connection: str, now: datetime) -> datetime | None:
        """When the access of somebody begins next (UTC)."""
        found: datetime | None = self._store.value(_NEXT_ARRIVAL, {"of": connection, "now": now})
        return found

    def leaves_within(self, connection: str, now: datetime, until: datetime) -> bool:
        """Whether somebody's access ends between these (UTC)."""
        return self._store.row(_LEAVES, {"of": connection, "now": now, "until": until}) is not None

    def staying(self, now: datetime, connection: str | None = None) -> list[Stay]:
        """Who should have access now: has arrived or might have, and has not left."""
        asked, of = (_STAYING, {}) if connection is None else (_STAYING_OF, {"of": connection})
        return [Stay(*row) for row in self._store.rows(asked, {"now": now, **of})]

    def to_show(
        self, since: datetime, until: datetime, now: datetime, of: Collection[tuple[str, str]] | None = None
    ) -> list[Stay]:
        """Who arrives in [since, until); and of those who came before, whose access is not as it should be, while their
        stay is not over for long. In order of arrival. `of`: of these properties (connection, id) only."""
        place = (stays.c.connection, stays.c.property_id)
        whose: list[ColumnElement[bool]] = [true()]
        if of is not None:
            whose = [among(self._store.dialect, place, chunk) for chunk in chunks(sorted(of))]
        arrives = (stays.c.starts_at >= since, stays.c.starts_at < until)
        is_here = (
            stays.c.starts_at < since,
            or_(stays.c.ends_at.is_(None), stays.c.ends_at > now - KEEP_BROKEN),
            _NOT_WELL,
        )
        found: list[Stay] = []
        with self._store.reading() as db:
            for mine in whose:
                # By itself each goes by the property's index; those who are here come before those who arrive.
                for wanted in (is_here, arrives):
                    there = STAYS.where(mine, stays.c.access != "none", *wanted)
                    found.extend(Stay(*row) for row in db.execute(there.order_by(stays.c.starts_at, stays.c.label)))
        return found

    def not_well(self, now: datetime, until: datetime) -> list[Stay]:
        """Who is here, or arrives before `until`, and whose access is not as it should be, in order of arrival."""
        return [Stay(*row) for row in self._store.rows(_HERE_OR_COMING_NOT_WELL, {"now": now, "until": until})]

    def numbers(self, now: datetime, until: datetime) -> dict[str, int]:
        """How many there are who should have access, and are here or arrive before `until`, by connection."""
        return {row[0]: int(row[1]) for row in self._store.rows(_NUMBERS, {"now": now, "until": until})}

    def bookings_with_status(self, connection: str, booking_ids: Collection[str], status: str) -> set[str]:
        """Those of these bookings that had this status when the PMS was last read."""
        return {one.booking_id for one in self.by_id(connection, list(booking_ids)) if one.status == status}

    def bookings_in_rooms(self, connection: str, property_id: str, rooms: Collection[str], now: datetime) -> list[str]:
        """Bookings with access to these rooms (by name) that are not over."""
        return [one.booking_id for one in self.in_rooms(connection, property_id, rooms, now)]

    def in_rooms(self, connection: str, property_id: str, rooms: Collection[str], now: datetime) -> list[Stay]:
        """Stays with access to these rooms (by name) that are not over."""
        names = [room[:LONGEST_NAME] for room in rooms]
        there = STAYS.where(
            stays.c.connection == connection,
            stays.c.property_id == property_id,
            stays.c.access != "none",
            or_(stays.c.ends_at.is_(None), stays.c.ends_at > now),
        )
        return [Stay(*row) for row in self._store.rows_of(names, lambda some: there.where(stays.c.room.in_(some)))]

    def broken(self, now: datetime) -> list[Stay]:
        """Stays whose access is broken and which are not over, in order of arrival."""
        wanted = and_(stays.c.access == "broken", or_(stays.c.ends_at.is_(None), stays.c.ends_at > now - KEEP_BROKEN))
        return [Stay(*row) for row in self._store.rows(STAYS.where(wanted).order_by(stays.c.starts_at, stays.c.label))]

    def bookings_of_number(self, connection: str, number: str) -> list[str]:
        """The ids of the bookings that a PMS shows under this number; several, where it uses one twice."""
        statement = select(stays.c.booking_id).where(stays.c.connection == connection, stays.c.number == number)
        return self._store.values(statement.order_by(stays.c.booking_id).limit(20))

    def forget_old(self, now: datetime, connection: str) -> None:
        """Drops a connection's stays that ended longer ago than is kept, and the health of grants that are linked no
        more."""
        linked = select(links.c.key).where(
            links.c.connection == health.c.connection,
            links.c.kind == Kind.ACCESS_GRANT,
            links.c.key == health.c.key,
        )
        with self._store.writing() as db:
            db.execute(
                delete(stays).where(stays.c.connection == connection, stays.c.ends_at < now - self._store.keep.stays)
            )
            known = select(stays.c.booking_id).where(
                stays.c.connection == surnames.c.connection, stays.c.booking_id == surnames.c.booking_id
            )
            db.execute(delete(surnames).where(surnames.c.connection == connection, ~known.exists()))
            there = select(stays.c.booking_id).where(
                stays.c.room == stay_rooms.c.room,
                stays.c.connection == stay_rooms.c.connection,
                stays.c.property_id == stay_rooms.c.property_id,
            )
            db.execute(delete(stay_rooms).where(stay_rooms.c.connection == connection, ~there.exists()))
            old = health.c.at < now - timedelta(days=1)
            db.execute(delete(health).where(health.c.connection == connection, ~linked.exists(), old))


def stays_in(db: Connection, connection: str, booking_ids: Collection[str]) -> dict[str, Stay]:
    """By booking id, within a transaction that is open."""
    found: dict[str, Stay] = {}
    for chunk in chunks(sorted(booking_ids)):
        rows = db.execute(STAYS.where(stays.c.connection == connection, stays.c.booking_id.in_(chunk)))
        found.update((row.booking_id, Stay(*row)) for row in rows)
    return found


def _due_at(one: Stay, is_known: bool, now: datetime) -> datetime | None:
    """When the arrival of a stay that is new, or has another start now, is to be counted. Who comes before her time is
    due as soon as a lock can know it. What was booked when it had begun already is no arrival that was awaited."""
    if one.starts_at is None or one.starts_at > now:
        return one.starts_at
    return now + TIME_FOR_THE_LOCK if is_known else None


def folded(room: str) -> str:
    """A room's name as words are looked for in it."""
    return room.casefold()


def _new_rooms(before: Mapping[str, Stay], news: Sequence[Stay]) -> list[dict[str, str]]:
    """The rooms that some of these stays are in now and were not before."""
    rooms = {
        (one.connection, one.property_id, one.room)
        for one in news
        if one.room and ((was := before.get(one.booking_id)) is None or was.room != one.room)
    }
    names = ("connection", "property_id", "room")
    return [dict(zip(names, key, strict=True)) | {"folded": folded(key[2])} for key in sorted(rooms)]


@cache
def _noting_rooms(dialect: str) -> Executable:
    noting: Executable = INSERT[dialect](stay_rooms).on_conflict_do_nothing()
    return noting


@cache
def _noting(dialect: str) -> Executable:
    """Writes stays. One whose arrival was counted is not counted again."""
    statement = INSERT[dialect](stays)
    new = statement.excluded
    values: dict[str, Any] = {name: new[name] for name in (*Stay.__dataclass_fields__, "changed_at")}
    values["due_at"] = case(
        (stays.c.starts_at.is_(None), new.due_at),
        (or_(stays.c.due_at.is_(None), stays.c.starts_at == new.starts_at), stays.c.due_at),
        else_=new.due_at,
    )
    values["on_its_way_since"] = case((new.access != "none", stays.c.on_its_way_since))
    noting: Executable = statement.on_conflict_do_update(index_elements=["connection", "booking_id"], set_=values)
    return noting


_NAMED = insert(surnames)
_NOT_WELL = or_(
    stays.c.access.in_(["broken", "waiting", "live", "kept"]),
    select(health.c.booking_id)
    .where(
        health.c.connection == stays.c.connection,
        health.c.booking_id == stays.c.booking_id,
        or_(health.c.state != "issued", health.c.verdict != "opens"),
    )
    .exists(),
)


def here_or_coming(
    now: datetime | ColumnElement[datetime], until: datetime | ColumnElement[datetime]
) -> tuple[ColumnElement[bool], ...]:
    """Who should have access, and is here or comes before `until`."""
    is_over = and_(stays.c.starts_at < now, stays.c.ends_at <= now)
    return stays.c.starts_at < until, or_(stays.c.ends_at.is_(None), ~is_over), stays.c.access != "none"


STAYS = select(*(stays.c[name] for name in Stay.__dataclass_fields__))
# Asked by every run, with every look at the locks and for the alerts: put together once.
_HERE_OR_COMING = here_or_coming(
    bindparam("now", type_=stays.c.starts_at.type), bindparam("until", type_=stays.c.starts_at.type)
)
_HERE_OR_COMING_NOT_WELL = STAYS.where(*_HERE_OR_COMING, _NOT_WELL).order_by(stays.c.starts_at, stays.c.label)
_NUMBERS = select(stays.c.connection, func.count()).where(*_HERE_OR_COMING).group_by(stays.c.connection)
_OF = stays.c.connection == bindparam("of")
_ARRIVING = STAYS.where(
    stays.c.starts_at >= bindparam("start"), stays.c.starts_at < bindparam("end"), stays.c.access != "none"
).order_by(stays.c.starts_at, stays.c.label)
_ARRIVING_OF = _ARRIVING.where(_OF)
_STAYING = STAYS.where(
    stays.c.starts_at <= bindparam("now"),
    or_(stays.c.ends_at.is_(None), stays.c.ends_at > bindparam("now")),
    stays.c.access != "none",
).order_by(stays.c.starts_at, stays.c.label)
_STAYING_OF = _STAYING.where(_OF)
_BY_ID = STAYS.where(stays.c.connection == bindparam("of"), stays.c.booking_id.in_(bindparam("bookings")))
_DUE = STAYS.add_columns(stays.c.due_at).where(
    stays.c.connection == bindparam("of"), stays.c.due_at <= bindparam("now")
)
_LEAVES = (
    select(stays.c.booking_id)
    .where(
        stays.c.connection == bindparam("of"),
        stays.c.ends_at >= bindparam("now"),
        stays.c.ends_at < bindparam("until"),
        stays.c.access != "none",
    )
    .limit(1)
)
_NEXT_ARRIVAL = (
    select(stays.c.starts_at)
    .where(stays.c.connection == bindparam("of"), stays.c.starts_at >= bindparam("now"), stays.c.access != "none")
    .order_by(stays.c.starts_at)
    .limit(1)
)
