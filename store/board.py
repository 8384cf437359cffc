"""What the pages show: properties, stays with the state of their access, runs over time, drift, lock accounts.

Kept by the runs, read by the pages: a page asks the database only, so it is quick whatever the PMS and Seam do.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
    update,
)

from store.engine import chunks
from store.lasting import of_run
from store.store import Hold, OutcomeRow, Store, StoredRun
from store.tables import accounts, health, holds, links, outcomes, properties, runs, stays

KEEP_STAYS = timedelta(days=30)
SWEEPS = ("incremental", "full", "night_audit")
"""Runs that keep a connection in step; those over single bookings say nothing of the others."""


@dataclass(frozen=True, slots=True)
class KnownProperty:
    connection: str
    property_id: str
    name: str
    time_zone: str


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


@dataclass(frozen=True, slots=True)
class Account:
    """A property's connection to its lock system, as Seam last said."""

    connection: str
    account_id: str
    property_id: str
    name: str
    trouble: str | None
    """Codes of why nothing new reaches its locks; None when it does."""
    at: datetime
    remark: str | None = None
    """What is worth knowing while it works."""
    holds: dict[str, Any] | None = None
    """`why` (of the trouble), `devices` and `entrances` (how many), `systems` (names), `troubles` and `causes` (words
    and codes, those of single locks as well)."""

    @property
    def why(self) -> str:
        """The trouble in words; empty where there is none."""
        return (self.holds or {}).get("why") or (self.trouble or "").replace("_", " ")


@dataclass(frozen=True, slots=True)
class Happened:
    """An outcome with its place and time."""

    at: datetime
    run_id: str
    connection: str
    row: OutcomeRow


@dataclass(frozen=True, slots=True)
class HeldRevocation:
    run_id: str
    connection: str
    hold: Hold
    held_at: datetime


class Board:
    """Queries for pages, and what runs note for them."""

    def __init__(self, store: Store):
        self._store = store

    # --- properties -------------------------------------------------------------------------------------------------

    def note_properties(self, known: Collection[KnownProperty], now: datetime) -> None:
        with self._store.writing() as db:
            for one in known:
                values = {"name": one.name[:200], "time_zone": one.time_zone[:64], "seen_at": now}
                db.execute(
                    self._store.upsert(properties)
                    .values(connection=one.connection, property_id=one.property_id, **values)
                    .on_conflict_do_update(index_elements=["connection", "property_id"], set_=values)
                )

    def properties(self) -> list[KnownProperty]:
        """Those that their PMS still lists, or did a day before it was last asked."""
        last = select(func.max(_properties.c.seen_at)).where(_properties.c.connection == properties.c.connection)
        statement = select(properties, last.scalar_subquery().label("asked_at"))
        with self._store.reading() as db:
            return [
                KnownProperty(row.connection, row.property_id, row.name, row.time_zone)
                for row in db.execute(statement.order_by(properties.c.connection, properties.c.name))
                if row.seen_at >= row.asked_at - KEEP_PROPERTIES
            ]

    def zones(self) -> dict[tuple[str, str], str]:
        """Time zones by connection and property."""
        return {(one.connection, one.property_id): one.time_zone for one in self.properties()}

    # --- stays and their health -------------------------------------------------------------------------------------

    def note_stays(self, connection: str, now: datetime, current: Sequence[Stay]) -> None:
        """Takes up what a run found of bookings; only what is new is written."""
        before = {one.booking_id: one for one in self._stays_by_id(connection, [one.booking_id for one in current])}
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
        known = self._stays_by_id(connection, list(reasons))
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

    def _stays_by_id(self, connection: str, booking_ids: Sequence[str]) -> list[Stay]:
        found: list[Stay] = []
        with self._store.reading() as db:
            for chunk in chunks(booking_ids):
                rows = db.execute(_stays.where(stays.c.connection == connection, stays.c.booking_id.in_(chunk)))
                found.extend(Stay(*row) for row in rows)
        return found

    def stay(self, connection: str, booking_id: str) -> Stay | None:
        return next(iter(self._stays_by_id(connection, [booking_id])), None)

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

    def bookings_with_status(self, connection: str, booking_ids: Collection[str], status: str) -> set[str]:
        """Those of these bookings that had this status when the PMS was last read."""
        return {one.booking_id for one in self._stays_by_id(connection, list(booking_ids)) if one.status == status}

    def bookings_in_rooms(self, connection: str, property_id: str, rooms: Collection[str], now: datetime) -> list[str]:
        """Bookings with access to these rooms (by name) that are not over."""
        names = list(rooms)
        found: list[str] = []
        with self._store.reading() as db:
            for chunk in chunks(names):
                rows = db.execute(
                    select(stays.c.booking_id).where(
                        stays.c.connection == connection,
                        stays.c.property_id == property_id,
                        stays.c.room.in_(chunk),
                        stays.c.access != "none",
                        or_(stays.c.ends_at.is_(None), stays.c.ends_at > now),
                    )
                )
                found.extend(rows.scalars())
        return found

    def broken(self, now: datetime) -> list[Stay]:
        """Stays whose access is broken and which are not over, in order of arrival."""
        wanted = and_(stays.c.access == "broken", or_(stays.c.ends_at.is_(None), stays.c.ends_at > now - KEEP_BROKEN))
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(_stays.where(wanted).order_by(stays.c.starts_at, stays.c.label))]

    def search(self, words: str, limit: int = 50) -> list[Stay]:
        """Stays by initials, room, reservation number, booking id or a grant's key; those of now first."""
        text = words.strip()
        if not text:
            return []
        like = f"%{_escaped(text)}%"
        keyed = select(links.c.booking_id).where(
            links.c.booking_id == stays.c.booking_id,
            links.c.connection == stays.c.connection,
            or_(links.c.key == text, links.c.seam_id == text, links.c.user_identity_key == text),
        )
        wanted = or_(
            stays.c.number == text,
            stays.c.booking_id == text,
            stays.c.room == text,
            stays.c.label.ilike(like, escape="\\"),
            stays.c.room.ilike(like, escape="\\"),
            stays.c.number.like(f"{_escaped(text)}%", escape="\\"),
            keyed.exists(),
        )
        statement = _stays.where(wanted).order_by((stays.c.access == "none"), stays.c.starts_at.desc()).limit(limit)
        with self._store.reading() as db:
            return [Stay(*row) for row in db.execute(statement)]

    def note_health(self, found: Iterable[Health]) -> None:
        """Takes up what Seam says of grants; never anything older than what is known."""
        rows = [asdict(one) | {"since": one.at} for one in found]
        statement = self._store.upsert(health)
        same = and_(health.c.seam_id == statement.excluded.seam_id, health.c.state == statement.excluded.state)
        since = case((same, func.coalesce(health.c.since, health.c.at)), else_=statement.excluded.at)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "key"],
            set_={"since": since}
            | {
                name: (
                    func.coalesce(statement.excluded.doors, health.c.doors)
                    if name == "doors"
                    else statement.excluded[name]
                )
                for name in ("booking_id", "seam_id", "state", "why", "doors", "at", "verdict", "cause")
            },
            where=or_(health.c.at <= statement.excluded.at, health.c.seam_id != statement.excluded.seam_id),
        )
        with self._store.writing() as db:
            for chunk in chunks(rows):
                db.execute(statement, chunk)

    def health_of(self, connection: str | None = None, booking_ids: Collection[str] | None = None) -> list[Health]:
        statement = select(*(health.c[name] for name in Health.__dataclass_fields__))
        if connection is not None:
            statement = statement.where(health.c.connection == connection)
        with self._store.reading() as db:
            if booking_ids is None:
                return [Health(*row) for row in db.execute(statement)]
            ids = list(booking_ids)
            found: list[Health] = []
            for chunk in chunks(ids):
                rows = db.execute(statement.where(health.c.booking_id.in_(chunk)))
                found.extend(Health(*row) for row in rows)
            return found

    # --- lock accounts ----------------------------------------------------------------------------------------------

    def note_accounts(self, connection: str, property_id: str, found: Collection[Account]) -> None:
        """What lock systems a property is connected to now; others that it had are forgotten."""
        with self._store.writing() as db:
            db.execute(
                delete(accounts).where(accounts.c.connection == connection, accounts.c.property_id == property_id)
            )
            for one in found:
                values = asdict(one)
                db.execute(
                    self._store.upsert(accounts)
                    .values(**values)
                    .on_conflict_do_update(index_elements=["connection", "account_id"], set_=values)
                )

    def accounts(self) -> list[Account]:
        with self._store.reading() as db:
            rows = db.execute(select(*(accounts.c[name] for name in Account.__dataclass_fields__)))
            return [Account(*row) for row in rows]

    # --- runs -------------------------------------------------------------------------------------------------------

    def runs(
        self, *, connection: str | None = None, before: datetime | None = None, limit: int = 50, news_only: bool = False
    ) -> list[StoredRun]:
        """Runs, newest first. `news_only` leaves out those that ended well and changed nothing."""
        statement = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        if connection:
            statement = statement.where(runs.c.connection == connection)
        if before is not None:
            statement = statement.where(runs.c.started_at < before)
        if news_only:
            some = select(outcomes.c.id).where(outcomes.c.run_id == runs.c.run_id)
            statement = statement.where(or_(runs.c.exit.is_(None), runs.c.exit != 0, some.exists()))
        with self._store.reading() as db:
            return [StoredRun(**row._mapping) for row in db.execute(statement)]

    def running(self) -> list[StoredRun]:
        """Runs that have begun and not ended; one that was cut off stands here until the next of its connection."""
        newest = select(func.max(runs.c.started_at)).where(runs.c.connection == _runs.c.connection).scalar_subquery()
        statement = select(_runs).where(_runs.c.finished_at.is_(None), _runs.c.started_at == newest)
        with self._store.reading() as db:
            return [StoredRun(**row._mapping) for row in db.execute(statement)]

    def last_ended(self) -> str:
        """The run that ended last, "" before the first: an urgent run begins later than the long one that it
        overtakes, and ends before it."""
        statement = select(runs.c.run_id).where(runs.c.finished_at.is_not(None))
        newest = statement.order_by(runs.c.finished_at.desc(), runs.c.run_id.desc()).limit(1)
        with self._store.reading() as db:
            return str(db.execute(newest).scalar() or "")

    def last_runs(self, modes: Collection[str] = ()) -> dict[str, list[StoredRun]]:
        """The last three finished runs (of these modes) of every connection, newest first."""
        with self._store.reading() as db:
            found = {}
            for name in _each_connection(db):
                statement = (
                    select(runs)
                    .where(
                        runs.c.connection == name,
                        runs.c.finished_at.is_not(None),
                        runs.c.mode.in_(modes) if modes else true(),
                    )
                    .order_by(runs.c.started_at.desc())
                    .limit(3)
                )
                found[name] = [StoredRun(**row._mapping) for row in db.execute(statement)]
            return found

    def last_outcome_at(self, connection: str, after: datetime) -> datetime | None:
        """When a run of that connection that is not over last got anything done, if that was after an instant."""
        statement = (
            select(func.max(outcomes.c.at))
            .join(runs, runs.c.run_id == outcomes.c.run_id)
            .where(runs.c.connection == connection, runs.c.finished_at.is_(None), outcomes.c.at > after)
        )
        with self._store.reading() as db:
            return db.execute(statement).scalar()

    def last_good_run(self, connection: str) -> StoredRun | None:
        """The last run over all that changed, or over everything, that could read both sides, whatever became of single
        bookings."""
        statement = (
            select(runs)
            .where(
                runs.c.connection == connection,
                runs.c.finished_at.is_not(None),
                runs.c.broken_off.is_(None),
                runs.c.mode.in_(SWEEPS),
            )
            .order_by(runs.c.started_at.desc())
            .limit(1)
        )
        with self._store.reading() as db:
            row = db.execute(statement).one_or_none()
        return StoredRun(**row._mapping) if row else None

    def last_full_run(self, connection: str) -> StoredRun | None:
        """The last run over everything that came to its end."""
        statement = (
            select(runs)
            .where(
                runs.c.connection == connection,
                runs.c.finished_at.is_not(None),
                runs.c.broken_off.is_(None),
                runs.c.mode.in_(["full", "night_audit"]),
            )
            .order_by(runs.c.started_at.desc())
            .limit(1)
        )
        with self._store.reading() as db:
            row = db.execute(statement).one_or_none()
        return StoredRun(**row._mapping) if row else None

    def totals_since(self, since: datetime) -> list[tuple[datetime, dict[str, dict[str, int]], str | None]]:
        """(start, totals, why it broke off) of every finished run since an instant."""
        statement = select(runs.c.started_at, runs.c.totals, runs.c.broken_off).where(
            runs.c.started_at >= since, runs.c.finished_at.is_not(None)
        )
        with self._store.reading() as db:
            return [(row.started_at, row.totals or {}, row.broken_off) for row in db.execute(statement)]

    def outcomes_page(
        self, run_id: str, *, words: str = "", outcome: str | None = None, kind: str | None = None, limit: int = 500
    ) -> tuple[list[OutcomeRow], int]:
        """Report lines of a run that match, in order, and how many there are in all."""
        lines = union_all(
            _rows.add_columns(outcomes.c.id.label("place")).where(outcomes.c.run_id == run_id),
            of_run(run_id).add_columns(literal(2**62, BigInteger).label("place")),
        ).subquery()
        wanted: list[ColumnElement[bool]] = [true()]
        if outcome:
            wanted.append(lines.c.outcome == outcome)
        if kind:
            wanted.append(lines.c.kind == kind)
        if words.strip():
            like = f"%{_escaped(words.strip())}%"
            wanted.append(
                or_(
                    *(
                        column.ilike(like, escape="\\")
                        for column in (lines.c.label, lines.c.key, lines.c.reason, lines.c.error)
                    )
                )
            )
        with self._store.reading() as db:
            number = db.execute(select(func.count()).select_from(lines).where(*wanted)).scalar_one()
            columns = [lines.c[name] for name in OutcomeRow.__dataclass_fields__]
            in_order = (lines.c.place, lines.c.kind, lines.c.key)
            rows = db.execute(select(*columns).where(*wanted).order_by(*in_order).limit(limit))
            return [OutcomeRow(*row) for row in rows], int(number)

    def history(self, connection: str, booking_id: str, keys: Collection[str], limit: int = 200) -> list[Happened]:
        """All that runs did for a booking, newest first. `keys` are its grants': a room may have the same."""
        return self._happened(
            and_(
                runs.c.connection == connection,
                or_(
                    outcomes.c.booking_id == booking_id,
                    and_(outcomes.c.kind.in_(["access_grant", "door_code"]), outcomes.c.key.in_(list(keys))),
                ),
            ),
            limit,
        )

    def history_of(self, connection: str, kind: str, key: str, limit: int = 20) -> list[Happened]:
        """All that runs did for one resource of that kind, newest first."""
        return self._happened(
            and_(runs.c.connection == connection, outcomes.c.kind == kind, outcomes.c.key == key), limit
        )

    def drift(self, since: datetime, limit: int = 200) -> list[Happened]:
        """What was found different in Seam from what we last made, and what is ours there and gone in the PMS."""
        return self._happened(and_(outcomes.c.cause.is_not(None), outcomes.c.at >= since), limit)

    def _happened(self, wanted: ColumnElement[bool], limit: int) -> list[Happened]:
        statement = (
            _rows.add_columns(outcomes.c.at, outcomes.c.run_id, runs.c.connection)
            .join(runs, runs.c.run_id == outcomes.c.run_id)
            .where(wanted)
            .order_by(outcomes.c.id.desc())
            .limit(limit)
        )
        with self._store.reading() as db:
            return [Happened(row.at, row.run_id, row.connection, OutcomeRow(*row[:9])) for row in db.execute(statement)]

    def held(self) -> list[HeldRevocation]:
        """Revocations that wait for approval: of each grant the newest hold."""
        statement = select(holds).where(holds.c.settled_at.is_(None)).order_by(holds.c.held_at.desc(), holds.c.key)
        newest: dict[tuple[str, str], HeldRevocation] = {}
        with self._store.reading() as db:
            for row in db.execute(statement):
                hold = Hold(row.key, row.property_id, row.booking_id, row.reason, row.in_doubt)
                newest.setdefault(
                    (row.connection, row.key), HeldRevocation(row.run_id, row.connection, hold, row.held_at)
                )
        return list(newest.values())

    def count_links(self) -> dict[str, int]:
        """How many resources are linked, by kind."""
        with self._store.reading() as db:
            rows = db.execute(select(links.c.kind, func.count()).group_by(links.c.kind))
            return {kind: int(number) for kind, number in rows}

    def links_of_seam(self, seam_ids: Collection[str]) -> dict[str, tuple[str, str, str, str | None, str | None]]:
        """Seam id -> (connection, kind, key, property id, booking id), of what is ours."""
        ids, found = list(seam_ids), {}
        with self._store.reading() as db:
            for chunk in chunks(ids):
                rows = db.execute(select(links).where(links.c.seam_id.in_(chunk)))
                for row in rows:
                    found[row.seam_id] = (row.connection, row.kind, row.key, row.property_id, row.booking_id)
        return found

    def written_at(self, seam_ids: Collection[str]) -> dict[str, datetime]:
        """Seam id -> when we last wrote that resource, or took it up (UTC); of what is ours."""
        ids, found = list(seam_ids), {}
        with self._store.reading() as db:
            for chunk in chunks(ids):
                rows = db.execute(select(links.c.seam_id, links.c.changed_at).where(links.c.seam_id.in_(chunk)))
                found.update({row.seam_id: row.changed_at for row in rows})
        return found

    def forget_old(self, now: datetime) -> None:
        """Drops stays that ended more than 30 days ago, and the health of grants that are linked no more."""
        linked = select(links.c.key).where(links.c.connection == health.c.connection, links.c.key == health.c.key)
        with self._store.writing() as db:
            db.execute(delete(stays).where(stays.c.ends_at < now - KEEP_STAYS))
            db.execute(delete(health).where(~linked.exists(), health.c.at < now - timedelta(days=1)))


def _each_connection(db: Connection) -> Iterator[str]:
    """The connections that have runs, by one look into the index for each: there may be a million runs."""
    name: str | None = ""
    while (
        name := db.execute(select(func.min(runs.c.connection)).where(runs.c.connection > name)).scalar()
    ) is not None:
        yield name


KEEP_BROKEN = timedelta(hours=12)
"""A stay that ended this recently may still have somebody at the desk."""
KEEP_PROPERTIES = timedelta(days=1)
_properties = properties.alias()
_runs = runs.alias()
_stays = select(*(stays.c[name] for name in Stay.__dataclass_fields__))
_rows = select(*(outcomes.c[name] for name in OutcomeRow.__dataclass_fields__))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
