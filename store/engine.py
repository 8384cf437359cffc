"""One database: its engine, one writer at a time where it is SQLite, and the turn that a writer must still have.

Every repository of this package reads and writes through it.
"""

import copy
import json
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from functools import cache
from typing import Any, Protocol, Self

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    String,
    Table,
    and_,
    any_,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from store.complaints import complaint
from store.direct import Asking, Direct
from store.direct_sqlite import BEGIN, OnSqlite
from store.keep import Keep
from store.renewals import Renewals
from store.timeouts import connect_args

CHUNK = 500
"""Rows or ids a statement: SQLite allows a limited number of parameters."""
MOST_KEPT = 64
"""Listings, of readers who may see different properties."""
_keeping = threading.Lock()
WAITS_FOR_TURN = 30.0
"""Seconds."""
INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By dialect: the insert that can say what becomes of a row that is there already."""


@cache
def put(dialect: str, table: Table, *names: str) -> Executable:
    """A statement that writes rows, put together once: of one that is there already, by its primary key, these columns,
    or where none are named all others."""
    statement = INSERT[dialect](table)
    key = [column.name for column in table.primary_key]
    written = names or [column.name for column in table.c if column.name not in key]
    found: Executable = statement.on_conflict_do_update(
        index_elements=key, set_={name: statement.excluded[name] for name in written}
    )
    return found


@cache
def adding(dialect: str, table: Table, *names: str) -> Executable:
    """A statement that writes rows, put together once: of one that is there already, by its primary key, these numbers
    are added to the numbers there."""
    statement = INSERT[dialect](table)
    key = [column.name for column in table.primary_key]
    found: Executable = statement.on_conflict_do_update(
        index_elements=key, set_={name: table.c[name] + statement.excluded[name] for name in names}
    )
    return found


class StoreFailed(Exception):
    """The database could not be read or written: full, locked, gone, or not ours."""


@contextmanager
def _sentences(fence: "Fence | None" = None) -> Iterator[None]:
    """A sentence for whatever the database has to complain of; never the statement, which may be long. Where the turn
    is over as well, that is the cause: whoever is stopped in a transaction finds it ended by the server."""
    try:
        yield
    except SQLAlchemyError as problem:
        if fence is not None:
            fence.check()
        wrong, what_to_do = complaint(problem)
        raise StoreFailed(
            f"the database cannot be used ({wrong}): {what_to_do}; what was done in Seam so far is found again by the "
            "next run"
        ) from problem


class StoreRemoved(StoreFailed):
    """The file of the database is not there any more, or another one is in its place."""


class TurnLost(StoreFailed):
    """Somebody else may be at work by now (see `store.turns`): nothing may be written any more."""


class Fence(Protocol):
    """What decides whether somebody may still write: a turn."""

    def check(self) -> object: ...
    def check_in(self, db: Connection) -> None: ...


class Narrowing(Protocol):
    """What decides what somebody may see (`store.visibility`)."""

    def keep_to(self, db: Connection) -> None: ...


class _Joint(threading.local):
    """Of each thread: the transaction that its parts share."""

    connection: Connection | None = None
    questions: Connection | None = None
    """Over which its questions go, where they are not of a transaction."""
    failed: BaseException | None = None
    """Why a part of it failed."""
    checked: Sequence[Fence] = ()
    """Whose turns still hold: until its end, nobody takes them over."""


class Database:
    """For one database. Safe to use from many threads."""

    def __init__(self, engine: Engine, keep: Keep | None = None):
        """`keep`: for how long runs, lines and the audit log are kept."""
        self.keep = keep or Keep()
        self._engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"
        # A question is one statement, and what each sees is the newest there is: a transaction around it would cost two
        # more ways to the server and back.
        self._questions = engine if self.is_sqlite else engine.execution_options(isolation_level="AUTOCOMMIT")
        self._direct = Direct(engine, self._questions, _way_to(engine))
        self.dialect = engine.dialect.name
        self.upsert = INSERT[self.dialect]
        # SQLite has one writer at a time: queue for it here, rather than run into its lock and wait there.
        self._writer = threading.Lock()
        self.path = _path_of(engine)
        """Of a SQLite file; None otherwise."""
        self._file = _file_at(self.path)
        self._fence: Fence | None = None
        self._visible: Narrowing | None = None
        self._joint = _Joint()
        self.seen_turns: dict[str, tuple[object, float]] = {}
        """What was seen of others' turns, and since when (see `store.turns`)."""
        self.seen_prefixes: dict[tuple[str, str, str], datetime] = {}
        """When connections were last seen to make their keys with a prefix in a workspace (see `store.prefixes`)."""
        self.lasting: dict[str, str] = {}
        """What was read of the database and never changes there, by its name."""
        self.kept_listings: dict[object, tuple[Any, Any]] = {}
        """What many ask for and is long: by what it is and who may see it, with what shows whether it is still so."""
        self.renewals = Renewals()
        """Of the turns that this process has."""

    def fenced(self, fence: Fence) -> Self:
        """The same database, written only as long as the turn holds; otherwise `TurnLost` is raised."""
        fenced = copy.copy(self)
        fenced._fence = fence
        return fenced

    def seen_by(self, visible: "Narrowing") -> Self:
        """The same database, of which every question sees only what that lets through."""
        narrowed = copy.copy(self)
        narrowed._visible = visible
        return narrowed

    @property
    def visible(self) -> "Narrowing | None":
        """What it sees only; None: everything."""
        return self._visible

    def close(self) -> None:
        # First, or they would open it again.
        self.renewals.close()
        self._engine.dispose()

    def connect_args(self) -> dict[str, Any]:
        """What psycopg is given to connect to the same PostgreSQL, the password among it."""
        _, wanted = self._engine.dialect.create_connect_args(self._engine.url)
        return {**connect_args(self._engine.url), **wanted}

    @contextmanager
    def writing_with_driver(self) -> Iterator[Any]:
        """One transaction on psycopg's own connection, for a library that brings statements of its own. Raises
        `StoreFailed`, and whatever that library makes of psycopg's errors."""
        with self.writing() as db:
            yield db.connection.driver_connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at its end. Raises `StoreFailed`, and `TurnLost` where a fence is in the way."""
        if self._fence is not None:
            self._fence.check()
        if self._joint.connection is not None:
            with self._part_of(self._joint.connection) as connection:
                yield connection
            return
        waits = self._turn() if self.is_sqlite else nullcontext()
        with _sentences(self._fence), waits, self._transaction() as connection:
            self.check_file()
            if self._fence is not None:
                if self.is_sqlite:
                    # From here on nobody else writes, so nobody takes over either before this is committed.
                    connection.exec_driver_sql(BEGIN)
                self._fence.check_in(connection)
            yield connection

    @contextmanager
    def together(self) -> Iterator[None]:
        """What this thread reads and writes within is one transaction, by whichever part of the program: either all of
        it is kept, or nothing. Short, and with nothing in it that waits. Raises `StoreFailed`, also where a part of it
        failed and nobody minded."""
        if self._joint.connection is not None:
            yield
            return
        joint, waits = self._joint, self._turn() if self.is_sqlite else nullcontext()
        with _sentences(self._fence), waits, self._transaction() as connection:
            self.check_file()
            if self.is_sqlite:
                connection.exec_driver_sql(BEGIN)
            joint.connection, joint.failed, joint.checked = connection, None, ()
            try:
                yield
                if joint.failed is not None:
                    raise StoreFailed(str(joint.failed)) from joint.failed
            finally:
                joint.connection = None

    def note_taken(self, fence: Fence) -> None:
        """Whoever has taken a turn within a transaction of several has it until that ends."""
        if self._joint.connection is not None:
            self._joint.checked = (*self._joint.checked, fence)

    @contextmanager
    def asking(self) -> Iterator[None]:
        """What this thread asks within goes over one connection, which others wait for: nothing in it waits. Each
        question sees the newest there is. Raises `StoreFailed`."""
        if self._joint.connection is not None or self._joint.questions is not None:
            yield
            return
        with _sentences(self._fence), self._question() as self._joint.questions:
            try:
                yield
            finally:
                self._joint.questions = None

    def _transaction(self) -> AbstractContextManager[Connection]:
        return self._engine.begin() if self._direct.is_heard else self._direct.writing()

    def _question(self) -> AbstractContextManager[Connection]:
        # What somebody may see is put into a statement where SQLAlchemy asks it.
        if self._direct.is_heard or self._visible is not None:
            return self._questions.connect()
        return self._direct.reading()

    @contextmanager
    def _part_of(self, connection: Connection) -> Iterator[Connection]:
        """What is written within a transaction of several."""
        try:
            with _sentences(self._fence):
                if self._fence is not None and self._fence not in self._joint.checked:
                    self._fence.check_in(connection)
                    self._joint.checked = (*self._joint.checked, self._fence)
                yield connection
        except BaseException as problem:
            self._joint.failed = problem
            raise

    def check_file(self) -> None:
        """Raises `StoreFailed` where the database's file was removed, or is another one by now: what is written to the
        old one is seen by nobody."""
        if self._file is not None and _file_at(self.path) != self._file:
            raise StoreRemoved(
                f"the database file {self.path} was removed or replaced while it was in use: end Night Porter before "
                "you do so, and start it again now"
            )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        # Each would wait half a minute for a locked file, one after another: whoever has waited as long gives up.
        if not self._writer.acquire(timeout=WAITS_FOR_TURN):
            raise StoreFailed("the database cannot be used (it is locked): try again in a minute")
        try:
            yield
        finally:
            self._writer.release()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """For queries. Raises `StoreFailed`."""
        if self._joint.connection is not None:
            if self._visible is not None:
                raise StoreFailed("a question of somebody who may not see everything was about to see all of it")
            try:
                with _sentences(self._fence):
                    yield self._joint.connection
            except StoreFailed as problem:
                # PostgreSQL keeps nothing of a transaction in which it refused a question, and does not say so.
                self._joint.failed = problem
                raise
            return
        if self._joint.questions is not None and self._visible is None:
            with _sentences(self._fence):
                yield self._joint.questions
            return
        with _sentences(self._fence), self._question() as connection:
            if self._visible is not None:
                self._visible.keep_to(connection)
            yield connection

    # --- one statement, by itself -----------------------------------------------------------------------------------

    def rows(self, statement: Executable, asked: Any = None) -> Sequence[Any]:
        """All that one question finds."""
        with self.reading() as db:
            return db.execute(statement, asked).all()

    def rows_of(self, ids: Iterable[Any], asked: Callable[[Any], Any]) -> list[Any]:
        """All that is found of these, however many. `asked`: the question about some of them, or a pair of the question
        and what is asked with it."""
        found: list[Any] = []
        with self.reading() as db:
            for some in chunks(list(ids)):
                question = asked(some)
                found += db.execute(*question if isinstance(question, tuple) else (question,)).all()
        return found

    def row(self, statement: Executable, asked: Any = None) -> Any:
        """The first that it finds."""
        with self.reading() as db:
            return db.execute(statement, asked).first()

    def values(self, statement: Executable, asked: Any = None) -> list[Any]:
        """The first column of all."""
        return [row[0] for row in self.rows(statement, asked)]

    def value(self, statement: Executable, asked: Any = None) -> Any:
        """The first column of the first; None where there is none."""
        row = self.row(statement, asked)
        return None if row is None else row[0]

    def write(self, statement: Executable, values: Any = None) -> int:
        """How many rows it has changed."""
        with self.writing() as db:
            written: Any = db.execute(statement, values)
            return int(written.rowcount)

    def write_rows(self, statement: Executable, rows: Sequence[Any]) -> None:
        """However many, in one transaction; in none where there is nothing to write."""
        if rows:
            with self.writing() as db:
                for some in chunks(rows):
                    db.execute(statement, some)


def _way_to(engine: Engine) -> type[Asking]:
    if engine.dialect.name == "sqlite":
        return OnSqlite
    # Not before: SQLite needs no driver of PostgreSQL.
    from store.direct_postgresql import OnPostgresql

    return OnPostgresql


class Repository:
    """What reads and writes one kind of row."""

    def __init__(self, store: Database):
        self._store = store


class ConnectionRepository(Repository):
    """The rows of one connection."""

    def __init__(self, store: Database, connection: str):
        super().__init__(store)
        self._connection = connection


def keep_listing(store: Database, of: object, listing: tuple[Any, Any]) -> None:
    """Puts it into `kept_listings`; the oldest goes."""
    with _keeping:
        store.kept_listings.pop(of, None)
        store.kept_listings[of] = listing
        while len(store.kept_listings) > MOST_KEPT:
            del store.kept_listings[next(iter(store.kept_listings))]


def row_of(one: Any) -> dict[str, Any]:
    """What a dataclass holds, by the name of each field. `asdict` would copy all of it, deep down, for each row."""
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def chunks(rows: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """So many rows or ids at once as one statement may have, or as `size` says."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


SEVERAL = 4
"""Rows of one connection, on average, from which on the database is told which connections they are of."""


def among(dialect: str, columns: Sequence[ColumnElement[Any]], rows: Collection[Sequence[str]]) -> ColumnElement[bool]:
    """That these columns together are those of one of the rows, however many: a parameter for all or for each column,
    a statement that stays the same, and words in which an index answers it."""
    listed = sorted(list(row) for row in rows)
    if dialect != "sqlite":
        lists = [literal([row[place] for row in listed], ARRAY(String)) for place in range(len(columns))]
        names = [f"of_{place}" for place in range(len(columns))]
        found = func.unnest(*lists).table_valued(*names).render_derived()
        mine = tuple_(*columns).in_(select(*(found.c[name] for name in names)))
        firsts = {row[0] for row in listed}
        # Of few connections it reads those, and goes for no row by itself, nor through all that somebody may see.
        return and_(one_of(dialect, columns[0], firsts), mine) if len(firsts) * SEVERAL <= len(listed) else mine
    each = func.json_each(json.dumps(listed)).table_valued("value")
    parts = [func.json_extract(each.c.value, f"$[{place}]") for place in range(len(columns))]
    return tuple_(*columns).in_(select(*parts).select_from(each))


def one_of(dialect: str, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """That the column is one of these, however many: one parameter, and a statement that stays the same."""
    if dialect != "sqlite":
        return column == any_(literal(sorted(values), ARRAY(String)))
    each = func.json_each(json.dumps(sorted(values))).table_valued("value")
    return column.in_(select(each.c.value))


def has_one_of(dialect: str, column: ColumnElement[Any], values: Collection[str]) -> ColumnElement[bool]:
    """That one of these is in the column's list (of JSON)."""
    listed = func.json_each(column) if dialect == "sqlite" else func.json_array_elements_text(column)
    each = listed.table_valued("value")
    return select(literal(1)).select_from(each).where(one_of(dialect, each.c.value, values)).exists()


def _path_of(engine: Engine) -> str | None:
    if engine.dialect.name != "sqlite":
        return None
    path = engine.url.database
    return path if path and path != ":memory:" and not path.startswith("file:") else None


def _file_at(path: str | None) -> tuple[int, int] | None:
    """Which file it is that stands at this path."""
    if path is None:
        return None
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
