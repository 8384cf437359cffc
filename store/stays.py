"""Bookings as pages show them: no name, no contact; initials and room, and what came of their access."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, delete, or_, select, true, tuple_, update

from store.engine import Database, chunks
from store.happened import of_stay
from store.outgoing import emit_in
from store.tables import health, links, stays

LONGEST_NAME = 120
ROOM_WORDS = frozenset(
    {
        *("room", "rm", "apartment", "apt", "flat", "unit", "suite", "no", "nr"),
        *("zimmer", "zi", "wohnung", "chambre", "ch", "appartement", "camera", "cam", "appartamento"),
        *("habitación", "habitacion", "hab", "piso", "quarto", "kamer", "rum", "værelse", "rom", "huone"),
        *("pokój", "pokoj", "szoba"),
    }
)
"""What people say before a room's number, in the languages of desks."""
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


class Stays:
    """Queries and writes of stays."""

    def __init__(self, store: Database):
        self._store = store

    def note(self, connection: str, now: datetime, current: Sequence[Stay]) -> None:
        """Takes up what a run found of bookings; only what is new is written."""
        before = {one.booking_id: one for one in self.by_id(connection, [one.booking_id for one in current])}
        news = [one for one in current if before.get(one.booking_id) != one]
        if not news:
            return
        statement = self._store.upsert(stays)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "booking_id"],
            set_={
                column.name: statement.excluded[column.name]
                for column in stays.c
                if column.name not in ("connection", "booking_id")
            },
        )
        with self._store.writing() as db:
            for chunk in chunks(news):
                db.execute(statement, [asdict(one) | {"changed_at": now} for one in chunk])
            happened = (of_stay(before.get(one.booking_id), one, now) for one in news)
            emit_in(db, [one for one in happened if one is not None], now)

    def note_live(self, connection: str, held: Mapping[str, str], now: datetime) -> None:
        """Stays whose access should end and waits for somebody's approval, by booking id with the reason why it should;
        also those of bookings that the PMS has no more, and no run brings again."""
        self._note(connection, "live", "taking the access away waits for somebody's approval: see Held", held, now)

    def note_kept(self, connection: str, held: Mapping[str, str], now: datetime) -> None:
        """Stays that the PMS denies and that keep their access, for it is not believed, by booking id with the reason;
        somebody may end it."""
        self._note(connection, "kept", "the access stays until somebody approves that it ends: see Held", held, now)

    def note_gone(self, connection: str, gone: Mapping[str, str], now: datetime) -> None:
        """Stays whose access was taken away, and that no run brings again, by booking id with the reason."""
        self._note(connection, "none", "", gone, now)

    def _note(self, connection: str, access: str, what: str, reasons: Mapping[str, str], now: datetime) -> None:
        known = self.by_id(connection, list(reasons))
        news = [(stay.booking_id, reasons[stay.booking_id]) for stay in known if stay.access not in (access, "none")]
        if not news:
            return
        with self._store.writing() as db:
            for booking_id, reason in news:
                db.execute(
                    update(stays)
                    .where(stays.c.connection == connection, stays.c.booking_id == booking_id)
                    .values(access=access, reason=f"{reason}, and {what}" if what else reason, changed_at=now)
                )
            before = {stay.booking_id: stay for stay in known}
            after = (replace(before[booking_id], access=access, reason=reason) for booking_id, reason in news)
            happened = (of_stay(before[one.booking_id], one, now) for one in after)
            emit_in(db, [one for one in happened if one is not None], now)

    def get(self, connection: str, booking_id: str) -> Stay | None:
        return next(iter(self.by_id(connection, [booking_id])), None)

    def by_id(self, connection: str, booking_ids: Collection[str]) -> list[Stay]:
        """Those of these bookings that runs have read."""
        found: list[Stay] = []
        if not booking_ids:
            return found
        with self._store.reading() as db:
            for chunk in chunks(list(booking_ids)):
                rows = db.execute(_stays.where(stays.c.connection == connection, stays.c.booking_id.in_(chunk)))
                found.extend(Stay(*row) for row in rows)
        return found

    def arriving(self, start: datetime, end: datetime, connection: str | None = None) -> list[Stay]:
        """Who should have access and arrives in [start, end), in order of arrival."""
        wanted: list[ColumnElement[bool]] = [
            stays.c.starts_at >= start,
            stays.c.starts_at < end,
            stays.c.access != "none",
        ]
        if connection is not None:
            wanted.append(stays.c.connection == connection)
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(_stays.where(*wanted).order_by(stays.c.starts_at, stays.c.label))]

    def staying(self, now: datetime, connection: str | None = None) -> list[Stay]:
        """Who should have access now: has arrived or might have, and has not left."""
        wanted: list[ColumnElement[bool]] = [
            stays.c.starts_at <= now,
            or_(stays.c.ends_at.is_(None), stays.c.ends_at > now),
            stays.c.access != "none",
        ]
        if connection is not None:
            wanted.append(stays.c.connection == connection)
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(_stays.where(*wanted).order_by(stays.c.starts_at, stays.c.label))]

    def to_show(
        self, since: datetime, until: datetime, now: datetime, of: Collection[tuple[str, str]] | None = None
    ) -> list[Stay]:
        """Who arrives in [since, until); and of those who came before, whose access is not as it should be, while their
        stay is not over for long. In order of arrival. `of`: of these properties (connection, id) only."""
        place = tuple_(stays.c.connection, stays.c.property_id)
        whose = [true()] if of is None else [place.in_(chunk) for chunk in chunks(sorted(of))]
        arrives = and_(stays.c.starts_at >= since, stays.c.starts_at < until)
        not_well = select(health.c.booking_id).where(
            health.c.connection == stays.c.connection,
            health.c.booking_id == stays.c.booking_id,
            or_(health.c.state != "issued", health.c.verdict != "opens"),
        )
        is_here = and_(
            stays.c.starts_at < since,
            or_(stays.c.ends_at.is_(None), stays.c.ends_at > now - KEEP_BROKEN),
            or_(stays.c.access.in_(["broken", "waiting", "live", "kept"]), not_well.exists()),
        )
        found: list[Stay] = []
        with self._store.reading() as db:
            for mine in whose:
                wanted = _stays.where(mine, stays.c.access != "none", or_(arrives, is_here))
                found.extend(Stay(*row) for row in db.execute(wanted.order_by(stays.c.starts_at, stays.c.label)))
        return found

    def bookings_with_status(self, connection: str, booking_ids: Collection[str], status: str) -> set[str]:
        """Those of these bookings that had this status when the PMS was last read."""
        return {one.booking_id for one in self.by_id(connection, list(booking_ids)) if one.status == status}

    def bookings_in_rooms(self, connection: str, property_id: str, rooms: Collection[str], now: datetime) -> list[str]:
        """Bookings with access to these rooms (by name) that are not over."""
        return [one.booking_id for one in self.in_rooms(connection, property_id, rooms, now)]

    def in_rooms(self, connection: str, property_id: str, rooms: Collection[str], now: datetime) -> list[Stay]:
        """Stays with access to these rooms (by name) that are not over."""
        names = [room[:LONGEST_NAME] for room in rooms]
        found: list[Stay] = []
        with self._store.reading() as db:
            for chunk in chunks(names):
                rows = db.execute(
                    _stays.where(
                        stays.c.connection == connection,
                        stays.c.property_id == property_id,
                        stays.c.room.in_(chunk),
                        stays.c.access != "none",
                        or_(stays.c.ends_at.is_(None), stays.c.ends_at > now),
                    )
                )
                found.extend(Stay(*row) for row in rows)
        return found

    def broken(self, now: datetime) -> list[Stay]:
        """Stays whose access is broken and which are not over, in order of arrival."""
        wanted = and_(stays.c.access == "broken", or_(stays.c.ends_at.is_(None), stays.c.ends_at > now - KEEP_BROKEN))
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(_stays.where(wanted).order_by(stays.c.starts_at, stays.c.label))]

    def bookings_of_number(self, connection: str, number: str) -> list[str]:
        """The ids of the bookings that a PMS shows under this number; several, where it uses one twice."""
        statement = select(stays.c.booking_id).where(stays.c.connection == connection, stays.c.number == number)
        with self._store.reading() as db:
            return list(db.scalars(statement.order_by(stays.c.booking_id).limit(20)))

    def search(self, words: str, now: datetime, limit: int = 50) -> list[Stay]:
        """Stays by initials, room, reservation number, booking id or a grant's key, as whoever has somebody at the desk
        wants them.

        A room, a number or a key that is just this comes before what only resembles it; who may have access before who
        may not; then who is here, who comes (the next one first), and who has left (the last one first).
        """
        text = words.strip()
        if not text:
            return []
        like = f"%{_escaped(text)}%"
        first, _, rest = text.removeprefix("#").partition(" ")
        room = rest.strip() if rest and first.casefold().rstrip(".:") in ROOM_WORDS else text.removeprefix("#")
        keyed = select(links.c.booking_id).where(
            links.c.booking_id == stays.c.booking_id,
            links.c.connection == stays.c.connection,
            or_(links.c.key == text, links.c.seam_id == text, links.c.user_identity_key == text),
        )
        exactly = or_(stays.c.number == text, stays.c.booking_id == text, stays.c.room == room, keyed.exists())
        wanted = or_(
            exactly,
            stays.c.label.ilike(like, escape="\\"),
            stays.c.room.ilike(like, escape="\\"),
            stays.c.number.like(f"{_escaped(text)}%", escape="\\"),
        )
        is_over = stays.c.ends_at <= now
        statement = _stays.where(wanted).order_by(
            case((exactly, 0), else_=1),
            stays.c.access == "none",
            case((is_over, 2), (stays.c.starts_at <= now, 0), else_=1),
            case((is_over, stays.c.ends_at)).desc(),
            stays.c.starts_at.nulls_last(),
            stays.c.label,
        )
        statement = statement.limit(limit)
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(statement)]

    def forget_old(self, now: datetime, connection: str) -> None:
        """Drops a connection's stays that ended longer ago than is kept, and the health of grants that are linked no
        more."""
        linked = select(links.c.key).where(links.c.connection == health.c.connection, links.c.key == health.c.key)
        with self._store.writing() as db:
            db.execute(
                delete(stays).where(stays.c.connection == connection, stays.c.ends_at < now - self._store.keep.stays)
            )
            old = health.c.at < now - timedelta(days=1)
            db.execute(delete(health).where(health.c.connection == connection, ~linked.exists(), old))


def stays_in(db: Connection, connection: str, booking_ids: Collection[str]) -> dict[str, Stay]:
    """By booking id, within a transaction that is open."""
    found: dict[str, Stay] = {}
    for chunk in chunks(sorted(booking_ids)):
        rows = db.execute(_stays.where(stays.c.connection == connection, stays.c.booking_id.in_(chunk)))
        found.update((row.booking_id, Stay(*row)) for row in rows)
    return found


_stays = select(*(stays.c[name] for name in Stay.__dataclass_fields__))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
