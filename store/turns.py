"""Whose turn it is: of several processes on one database, one works on a name at a time, and nobody else writes for it.

A turn has a number that rises with each taker. Whoever has it renews it every few seconds; whoever wants it takes it
over when it was given back, when its holder is surely dead, or when it was not renewed for as long as it lasts: by
PostgreSQL's own clock, or as seen by whoever waits. No clocks of two machines are ever compared, and no guess is made
from names.

The holder stops before anybody may take over: it counts from before its last renewal, by a clock that goes on while the
machine sleeps. And what it writes to the database is refused there when the number has risen, however late it comes.
"""

import fcntl
import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError

from mappers.sentences import kept, say
from store.engine import Database, StoreFailed, TurnLost
from store.readings import Reading
from store.run_days import count_in
from store.status import note_end
from store.tables import runs, turns

NOW = "timezone('utc', clock_timestamp())"
"""The time of PostgreSQL, in its words."""
LASTS = 40.0
"""Seconds without a renewal after which somebody else may take over."""
LASTS_IN_A_FLEET = 20.0
"""The same for turns of which there is another process for each that dies: soon enough that nobody notices."""
MARGIN = 5.0
"""Seconds by which a holder stops earlier than that: its last request is on its way for a moment."""

LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL's code for a row that somebody else has locked."""


def seconds_awake_or_not() -> float:
    """A clock that nobody sets, and that counts while the machine sleeps (`time.monotonic` does not on Linux)."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    return time.clock_gettime(clock) if clock is not None else time.monotonic()


def turn_of(connection: str) -> str:
    """The name of a connection's turn."""
    return f"run {connection}"


def urgent_turn_of(connection: str) -> str:
    """The name of the turn in which what has come in for a connection is acted upon, where that is one of its own."""
    return f"urgent {connection}"


class TurnTaken(Exception):
    """Another process is at work under this name."""


class Turn:
    """Taken by `take`; over after `release`, or when it could not be renewed in time."""

    def __init__(
        self,
        store: Database,
        name: str,
        clock: Callable[[], float],
        lasts: float,
        beside_others: bool,
        reads_at_once: bool,
    ):
        self._store = store
        self._reads_at_once = reads_at_once
        self._beside_others = beside_others
        self._order = 0
        self._name = name
        self._clock = clock
        self._lasts = lasts
        self._holder = secrets.token_hex(8)
        self.number = 0
        self._good_until = 0.0
        self._lost = False
        self._over = threading.Event()
        self._lock = threading.Lock()
        self._read_at: datetime | None = None
        self._file: _LockFile | None = None
        self.renew_every = lasts / 4
        """Seconds."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def lost(self) -> bool:
        """Whether somebody else may be at work by now. Then nothing may be written any more."""
        return self._lost or self._over.is_set() or self._clock() >= self._good_until

    def check(self) -> float:
        """Asked before everything that changes something; returns in how many seconds somebody else may be at work,
        if this process does nothing until then. Raises `TurnLost`."""
        until = self._good_until + MARGIN / 2
        if self.lost:
            raise TurnLost(
                say(
                    "another process may be at work on this by now, for this one was held up: it has stopped, and what "
                    "it touched is read again"
                )
            )
        return until - self._clock()

    def check_in(self, db: Connection) -> None:
        """The same within a transaction, which then ends before anybody takes over. Raises `TurnLost`."""
        self.check()
        if db.execute(_STILL, self._mine()).scalar() is None:
            self._lost = True
            self.check()

    def reading(self, now: datetime) -> Reading:
        """A reading that begins now, in this turn: newer than every one before, though the clock were set back. Raises
        `StoreFailed`."""
        with self._lock:
            is_first = self._read_at is None
            if self._read_at is not None:
                now = max(now, self._read_at + timedelta(microseconds=1))
            self._read_at = now
        if self._beside_others and not (is_first and self._reads_at_once):
            with self._store.reading() as db:
                return Reading(_time_and_order_in(db)[1] or self.number, now)
        return Reading(self._order, now)

    def release(self) -> None:
        """Gives it back: the next one need not wait."""
        self._over.set()
        self._store.renewals.end(self)
        # A database that cannot be reached now frees the name by itself, when the turn is over.
        with suppress(StoreFailed), self._store.writing() as db:
            db.execute(_GIVE_BACK, self._mine())
        if self._file is not None:
            self._file.remove()

    def _mine(self) -> dict[str, Any]:
        return {"of": self._name, "its_number": self.number, "its_holder": self._holder}

    def _take(self) -> None:
        with self._store.writing() as db:
            row = self._row(db)
            # Not before: by now whoever waited for the database waits no longer.
            begun = self._clock()
            now, order = _time_and_order_in(db) if row is None or self._store.is_sqlite else _told_with(row)
            if row is not None and row.holder and not self._may_take_over(row, now):
                raise TurnTaken(self._name)
            self.number = (row.number if row is not None else 0) + 1
            self._order = order or self.number
            values = {
                "number": self.number,
                "holder": self._holder,
                "renewals": 0,
                "expires_at": now + timedelta(seconds=self._lasts),
            }
            if self._store.path is not None:
                file = _LockFile(self._store.path, self._name, self.number)
                if not file.hold():
                    raise TurnTaken(self._name)
                self._file = file
            if row is not None:
                was = {"its_number": row.number, "its_holder": row.holder, "its_renewals": row.renewals}
                if not db.execute(_TAKE_OVER, {"of": self._name, **was, **values}).rowcount:
                    raise TurnTaken(self._name)
            else:
                try:
                    db.execute(insert(turns).values(name=self._name, **values))
                except IntegrityError:
                    raise TurnTaken(self._name) from None
            self._store.note_taken(self)
        if row is not None and self._store.path is not None:
            _LockFile(self._store.path, self._name, row.number).remove()
        self._good_until = begun + self._lasts - MARGIN
        self._store.renewals.begin(self)

    def _row(self, db: Connection) -> Any:
        """As it is now; nobody else changes it meanwhile. Raises `TurnTaken` where somebody is about to write under it:
        it may be a process that was stopped, whose transactions PostgreSQL ends in its own time."""
        try:
            return db.execute(_ROW if self._store.is_sqlite else _ROW_NOW, {"of": self._name}).one_or_none()
        except OperationalError as problem:
            if getattr(problem.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
                raise TurnTaken(self._name) from None
            raise

    def _may_take_over(self, row: Any, now: datetime) -> bool:
        if self._store.path is None:
            # One clock for all: the server's.
            return bool(row.expires_at <= now)
        if _LockFile(self._store.path, self._name, row.number).holder_is_dead():
            return True
        seen = (row.number, row.renewals, row.holder)
        before = self._store.seen_turns.get(self._name)
        if before is None or before[0] != seen:
            self._store.seen_turns[self._name] = (seen, self._clock())
            return False
        return self._clock() - before[1] >= self._lasts

    def renew(self) -> None:
        """Makes it last on; notices when somebody else has taken over."""
        self.renew_with(())

    def renew_with(self, others: "Sequence[Turn]") -> "Collection[Turn]":
        """The same for this turn and others of this process, in one transaction. Returns those whose rows somebody had
        locked just now: none of them waits for another one's."""
        turns_of = {turn._holder: turn for turn in (self, *others)}
        begun: dict[str, float] = {}
        try:
            with self._store.writing() as db:
                begun = {holder: turn._clock() for holder, turn in turns_of.items()}
                renewed = _renew(db, {holder: turn._lasts for holder, turn in turns_of.items()})
                missing = turns_of.keys() - renewed
                locked = set(db.scalars(_HELD, {"holders": list(missing)})) if missing else set()
        except StoreFailed:
            return ()  # Tried again at the next renewal; whoever works under a turn asks `lost`.
        for holder in renewed:
            turns_of[holder]._good_until = begun[holder] + turns_of[holder]._lasts - MARGIN
        for holder in missing - locked:
            turns_of[holder]._lost = True
            self._store.renewals.end(turns_of[holder])
        return [turns_of[holder] for holder in locked]


# Made several times by every job, however little it has to do: put together once.
_ITS = and_(
    turns.c.name == bindparam("of"),
    turns.c.number == bindparam("its_number"),
    turns.c.holder == bindparam("its_holder"),
)
_STILL = select(turns.c.number).where(_ITS).with_for_update(read=True)
_GIVE_BACK = update(turns).where(_ITS).values(holder="")
_ROW = select(turns).where(turns.c.name == bindparam("of")).with_for_update(nowait=True)
# Nobody waits for the row's lock, so it is the time at which that was got.
_ROW_NOW = _ROW.add_columns(text(f"{NOW} AS now, nextval('readings_order') AS reading"))
_TAKE_OVER = update(turns).where(_ITS, turns.c.renewals == bindparam("its_renewals"))
_HOLDERS = turns.c.holder.in_(bindparam("holders"))
"""Whoever takes a turn makes up a name for that: it stands in no other row, nor ever again."""
_HELD = select(turns.c.holder).where(_HOLDERS)
_MINE = _HELD.with_for_update(skip_locked=True).scalar_subquery()
_RENEW = (
    update(turns)
    .where(turns.c.holder.in_(_MINE))
    .values(renewals=turns.c.renewals + 1, expires_at=bindparam("until"))
    .returning(turns.c.holder)
)


def _renew(db: Connection, lasts: Mapping[str, float]) -> set[str]:
    """`lasts`: seconds, by holder. Returns those whose turns were renewed: not those that are over, or locked."""
    now, renewed = database_time(db), set[str]()
    for span in set(lasts.values()):
        mine = [holder for holder, its_span in lasts.items() if its_span == span]
        renewed.update(db.scalars(_RENEW, {"holders": mine, "until": now + timedelta(seconds=span)}))
    return renewed


def take(
    store: Database,
    name: str,
    *,
    clock: Callable[[], float] = seconds_awake_or_not,
    lasts: float | None = None,
    beside_others: bool = False,
    reads_at_once: bool = False,
) -> Turn:
    """Takes the turn of that name. Raises `TurnTaken` while somebody else has it, and `StoreFailed`.

    `beside_others`: the same connection is read in another turn at the same time, so that each reading is given a
    number of its own (on PostgreSQL). `reads_at_once`: the first one has that of the turn, as if it had begun then."""
    turn = Turn(store, name, clock, LASTS if lasts is None else lasts, beside_others, reads_at_once)
    try:
        turn._take()
    except BaseException:
        if turn._file is not None:
            turn._file.remove()
        raise
    return turn


def close_open_runs(store: Database, connection: str, now: datetime, turn: str | None = None) -> None:
    """Whoever has just taken a connection's turn knows that no other run is under way: those without an end were cut
    off. `turn`: there is one more at the same time, so that this is known of the runs made under that name only."""
    asked = {"of": connection, "now": now}
    with store.writing() as db:
        closed = db.execute(_CLOSE, asked) if turn is None else db.execute(_CLOSE_OF_TURN, {**asked, "its_turn": turn})
        ended = closed.all()
        for row in ended:
            note_end(db, row)
        count_in(db, ended)


_CUT_OFF = say("the run was cut off: its process was ended, or lost its turn")
_CLOSE = (
    update(runs)
    .where(runs.c.connection == bindparam("of"), runs.c.finished_at.is_(None))
    .values(
        finished_at=bindparam("now"),
        exit=1,
        broken_off=_CUT_OFF,
        said={"broken_off": kept(_CUT_OFF)},
    )
    .returning(*runs.c)
)
_CLOSE_OF_TURN = _CLOSE.where(runs.c.turn == bindparam("its_turn"))


class _LockFile:
    """Beside a SQLite file: locked by the kernel for as long as the holder's process lives, in whatever container."""

    def __init__(self, database: str, name: str, number: int):
        mark = hashlib.blake2b(name.encode(), digest_size=6).hexdigest()
        self._path = Path(f"{database}-turn-{mark}-{number}")
        self._file: int | None = None

    def hold(self) -> bool:
        """False where somebody else has just taken this number. Then the file is hers, and stays as it is."""
        try:
            file = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            return True  # Without a file it goes by renewals alone.
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        except OSError:
            os.close(file)
            # A file that nobody holds would say that its holder is dead.
            self.remove()
            return True
        self._file = file
        return True

    def holder_is_dead(self) -> bool:
        """Only where that is certain: the file is there, and nobody holds it."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        finally:
            os.close(file)
        return True

    def remove(self) -> None:
        with suppress(OSError):
            self._path.unlink()
        if self._file is not None:
            os.close(self._file)
            self._file = None


def database_time(db: Connection) -> datetime:
    """The database's time (UTC): PostgreSQL's own; a file has only that of its machine."""
    if db.dialect.name != "postgresql":
        return datetime.now(UTC)
    found: datetime = db.execute(_TIME).scalar_one()
    return found.replace(tzinfo=UTC)


def _told_with(row: Any) -> tuple[datetime, int | None]:
    """What `_time_and_order_in` says, where it came with the row."""
    return row.now.replace(tzinfo=UTC), row.reading


def _time_and_order_in(db: Connection) -> tuple[datetime, int | None]:
    """The same, and a number that is larger than every one that anybody was given before; None in a file, where a turn
    has nobody beside it, and its own number says as much."""
    if db.dialect.name != "postgresql":
        return datetime.now(UTC), None
    found = db.execute(_TIME_AND_ORDER).one()
    return found[0].replace(tzinfo=UTC), found[1]


_TIME = text(f"SELECT {NOW}")
_TIME_AND_ORDER = text(f"SELECT {NOW}, nextval('readings_order')")
