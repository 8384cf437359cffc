"""Statements that come again and again go to PostgreSQL's driver without a detour.

Of what a statement costs this process, SQLAlchemy takes three quarters: for each it looks up how it is written, makes a
context and a cursor, and describes the columns anew. Here that is done once for a statement that is asked often as the
same object; then its values go to the server, and what comes back is the same rows. Whatever is asked once, or in a way
that is not known here, is asked by SQLAlchemy, over the same connection and in the same transaction.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, NoReturn, cast

import psycopg
from psycopg._preparing import Prepare
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import SQLAlchemyError

OFTEN = 4
"""So many times a statement is asked by SQLAlchemy first: most that are asked twice are never asked again."""
MOST_KNOWN = 1000
"""Statements of which it is known that they were asked."""
MOST_LISTED = 8
"""Values in a list: for each number of them the statement is another one."""
_NAME = re.compile(r"%\((\w+)\)s|%%")


class Cursor(psycopg.Cursor[Any]):
    """Has a question with a list planned for that very list, each time. Of one that comes again PostgreSQL makes a plan
    for whatever may be asked, as if every list had ten values: with three hundred, a page took half a minute."""

    def execute(
        self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> Any:
        if prepare is None and params:
            values = params.values() if isinstance(params, Mapping) else params
            # SQLAlchemy writes some lists as a parameter for each value.
            is_long = len(values) > MOST_LISTED and isinstance(query, str) and query.startswith("SELECT")
            prepare = False if is_long or has_list(values) else None
        return super().execute(query, params, prepare=prepare, binary=binary)


def has_list(values: Iterable[Any]) -> bool:
    """Whether one of a statement's values is a list."""
    return any(type(value) is list for value in values)


class Direct:
    """Connections of one database. Safe to use from many threads."""

    def __init__(self, engine: Engine, questions: Engine):
        """`questions`: the same in AUTOCOMMIT."""
        self._engine, self._questions = engine, questions
        self._known = _Known()

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens to the engine's statements, who would not be told of these."""
        return bool(self._engine._has_events)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at its end. What is yielded does all that repositories ask of a connection of
        SQLAlchemy, and raises the same."""
        asking = _Asking(self._engine, self._engine, self._known, commits=True)
        try:
            yield cast(Connection, asking)
            asking.commit()
        except BaseException:
            asking.roll_back()
            raise
        finally:
            asking.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The same, each statement by itself."""
        asking = _Asking(self._engine, self._questions, self._known, commits=False)
        try:
            yield cast(Connection, asking)
        finally:
            asking.close()


class _Form:
    """How a statement is put to the server with parameters of these names, and what becomes of its rows."""

    def __init__(self, compiled: Any, dialect: Any, asked: Mapping[str, Any]):
        """Raises `_NotKnown`."""
        if not hasattr(compiled, "construct_expanded_state"):
            raise _NotKnown
        if compiled.literal_execute_params or compiled.escaped_bind_names:
            raise _NotKnown
        # What a column is where nobody says so.
        unsaid = {one.key: one.default for one in compiled.insert_prefetch}
        if compiled.update_prefetch or not all(one is not None and one.is_scalar for one in unsaid.values()):
            raise _NotKnown
        expanded = compiled.construct_expanded_state(dict(asked))
        known = {name: bound for bound, name in compiled.bind_names.items()}
        given = {name: (bound.key if bound.key in asked else None, bound) for name, bound in known.items()}
        of_list = {
            part: (name, place)
            for name, parts in expanded.parameter_expansion.items()
            for place, part in enumerate(parts)
        }
        names: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            name = found[1]
            if name is None:
                return "%"
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"

        self.text = _NAME.sub(numbered, expanded.statement).encode()
        self._sources: list[tuple[str | None, int | None, Any, Any]] = []
        """Of each parameter: the name under which it is given, its place in a list, or else what it is always; and what
        SQLAlchemy makes of it."""
        for name in names:
            of, place = of_list.get(name, (name, None))
            key, bound = given[of]
            if bound.callable is not None or (key is None and bound.required):
                raise _NotKnown
            always = None if key is not None else bound.value if place is None else bound.value[place]
            if key is None and name in unsaid:
                always = unsaid[name].arg
            if isinstance(always, list | tuple) and place is not None:
                raise _NotKnown
            self._sources.append(
                (key, place, always, expanded.processors.get(name) or compiled._bind_processors.get(name))
            )
        self._compiled, self._dialect = compiled, dialect
        self.has_rows = not (compiled.isinsert or compiled.isupdate or compiled.isdelete) or bool(
            compiled.effective_returning
        )
        self._automatic: list[Any] | None = None
        self._rows: tuple[Any, list[tuple[int, Callable[[Any], Any]]]] | None = None
        self._types: dict[tuple[int, ...], _Typed] = {}

    def values(self, asked: Mapping[str, Any]) -> list[Any]:
        found = []
        for key, place, always, processor in self._sources:
            value = always if key is None else asked[key] if place is None else asked[key][place]
            found.append(value if processor is None else processor(value))
        return found

    def formats(self, automatic: Any) -> list[Any]:
        if self._automatic is None:
            self._automatic = [automatic] * len(self._sources)
        return self._automatic

    def typed(self, types: tuple[int, ...]) -> "_Typed":
        """As it is prepared for parameters of these types."""
        if types not in self._types:
            self._types[types] = _Typed(self.text, types)
        return self._types[types]

    def rows(self, transformer: Any, result: Any) -> "Answered":
        if self._rows is None:
            self._rows = self._columns(result)
        columns, processors = self._rows
        transformer.set_pgresult(result)
        rows: Sequence[Any] = transformer.load_rows(0, result.ntuples, tuple)
        if processors and rows:
            rows = [_processed(row, processors) for row in rows]
        return Answered(columns, iter(rows), result.ntuples)

    def _columns(self, result: Any) -> tuple[Any, list[tuple[int, Callable[[Any], Any]]]]:
        names = [result.fname(place).decode() for place in range(result.nfields)]
        described = list(self._compiled._result_columns)
        if len(described) != len(names):
            # Words of its own may bring several, or some of which nothing is described.
            of_name = {one.keyname: one for one in described}
            described = [of_name.get(name) for name in names]
        processors = [
            one and one.type._cached_result_processor(self._dialect, result.ftype(place))
            for place, one in enumerate(described)
        ]
        columns = SimpleResultMetaData(
            [one.keyname if one else name for name, one in zip(names, described, strict=True)],
            extra=[one.objects if one else () for one in described],
        )
        return columns, [(place, one) for place, one in enumerate(processors) if one is not None]


def _processed(row: tuple[Any, ...], processors: list[tuple[int, Callable[[Any], Any]]]) -> tuple[Any, ...]:
    found = list(row)
    for place, process in processors:
        found[place] = process(found[place])
    return tuple(found)


class _Typed:
    """A statement as psycopg's record of prepared ones knows it."""

    __slots__ = ("query", "types")

    def __init__(self, query: bytes, types: tuple[int, ...]):
        self.query, self.types = query, types


class _NotKnown(Exception):
    """SQLAlchemy has to ask it."""


class Answered(IteratorResult[Any]):
    """Rows, or none, and how many there were or were changed."""

    def __init__(self, columns: Any, rows: Iterator[Any], rowcount: int):
        super().__init__(columns, rows)
        self.rowcount = rowcount


_NO_COLUMNS = SimpleResultMetaData([])


class _Known:
    """Statements that were asked of one database, by the object."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[int, tuple[Any, int]] = {}
        """Each is held, so that its number is no other's, and how often it was asked."""
        self._lists: dict[int, tuple[str, ...]] = {}
        """The names of its lists."""
        self._forms: dict[tuple[Any, ...], _Form | None] = {}

    def form(self, statement: Any, dialect: Any, asked: Mapping[str, Any]) -> _Form | None:
        """None where SQLAlchemy has to ask it."""
        number = id(statement)
        _, times = self._asked.get(number, (None, 0))
        if times < OFTEN:
            with self._lock:
                if number not in self._asked and len(self._asked) >= MOST_KNOWN:
                    self._forget()
                self._asked[number] = (statement, times + 1)
            return None
        lists = self._lists.get(number, ())
        key = (number, *asked, *[len(asked[name]) for name in lists if name in asked])
        try:
            return self._forms[key]
        except KeyError:
            return self._new_form(statement, dialect, asked)

    def _new_form(self, statement: Any, dialect: Any, asked: Mapping[str, Any]) -> _Form | None:
        number, form, lists = id(statement), None, tuple[str, ...]()
        with suppress(_NotKnown, SQLAlchemyError, AttributeError, TypeError):
            compiled = statement.compile(dialect=dialect, column_keys=sorted(asked))
            lists = tuple(sorted(bound.key for bound in compiled.bind_names if bound.expanding))
            if all(0 < len(asked[name]) <= MOST_LISTED for name in lists if name in asked):
                form = _Form(compiled, dialect, asked)
        with self._lock:
            if number in self._asked:
                self._lists[number] = lists
                self._forms[number, *asked, *[len(asked[name]) for name in lists if name in asked]] = form
        return form

    def _forget(self) -> None:
        """Most are made anew each time, and never come again."""
        self._asked = {number: one for number, one in self._asked.items() if one[1] >= OFTEN}
        if len(self._asked) > MOST_KNOWN / 2 or len(self._forms) > MOST_KNOWN:
            self._asked, self._lists, self._forms = {}, {}, {}


class _Asking:
    """One connection, out of the pool until `close`."""

    def __init__(self, engine: Engine, options: Engine, known: _Known, commits: bool):
        """`options`: the engine as SQLAlchemy is to use it."""
        self._engine = engine
        self._options = options
        self._known = known
        self._commits = commits
        try:
            self.connection = engine.raw_connection()
        except psycopg.Error as problem:
            Connection._handle_dbapi_exception_noconnection(problem, engine.dialect, engine)
            raise
        self._driver: psycopg.Connection[Any] = cast(Any, self.connection.driver_connection)
        self._behind: Connection | None = None

    @property
    def dialect(self) -> Any:
        return self._engine.dialect

    def execute(self, statement: Executable, parameters: Any = None, **options: Any) -> Any:
        asked = parameters
        if type(asked) is list and len(asked) == 1:
            asked = asked[0]
        if not options and (asked is None or type(asked) is dict):
            form = self._known.form(statement, self._engine.dialect, asked or {})
            if form is not None:
                return self._ask(form, asked or {})
        elif not options and type(asked) is list and 1 < len(asked) <= MOST_LISTED:
            form = self._known.form(statement, self._engine.dialect, asked[0])
            if form is not None and not form.has_rows and all(one.keys() == asked[0].keys() for one in asked):
                return Answered(_NO_COLUMNS, iter(()), sum(self._ask(form, one).rowcount for one in asked))
        return self._sqlalchemy().execute(statement, parameters, **options)

    def scalars(self, statement: Executable, parameters: Any = None, **options: Any) -> Any:
        return self.execute(statement, parameters, **options).scalars()

    def __getattr__(self, name: str) -> Any:
        """Whatever else somebody may ask of a connection."""
        return getattr(self._sqlalchemy(), name)

    def _ask(self, form: _Form, asked: Mapping[str, Any]) -> Answered:
        try:
            values = form.values(asked)
            if self._commits and self._driver.pgconn.transaction_status == TransactionStatus.IDLE:
                self._tell(b"BEGIN")
            result = self._put(form, values)
        except Exception as problem:
            self._told(problem, form.text.decode())
        if result.status == ExecStatus.TUPLES_OK:
            return form.rows(self._transformer, result)
        return Answered(_NO_COLUMNS, iter(()), result.command_tuples or 0)

    def _told(self, problem: Exception, statement: str | None) -> NoReturn:
        """What it is called, and whether the connection is of use still, SQLAlchemy knows."""
        if self._behind is None:
            self._behind = Connection(self._engine, self.connection)
            self._behind.begin()
        self._behind._handle_dbapi_exception(problem, statement, None, None, None)

    def _put(self, form: _Form, values: list[Any]) -> Any:
        """As psycopg's own cursor does: a statement is prepared when it has been asked some times."""
        driver, server = self._driver, self._driver.pgconn
        self._transformer = transformer = Transformer(driver)
        given = transformer.dump_sequence(values, form.formats(PyFormat.AUTO))
        typed = form.typed(tuple(transformer.types or ()))
        prepared = driver._prepared
        way, name = prepared.get(cast(Any, typed), False if has_list(values) else None)
        if way is Prepare.NO:
            server.send_query_params(typed.query, given, typed.types, transformer.formats)
        else:
            if way is Prepare.SHOULD:
                server.send_prepare(name, typed.query, typed.types)
                self._answer()
            server.send_query_prepared(name, given, transformer.formats)
        result = self._answer()
        key = prepared.maybe_add_to_cache(cast(Any, typed), way, name)
        if key is not None:
            prepared.validate(key, way, name, [result])
            driver.wait(prepared.maintain_gen(driver))
        return result

    def _tell(self, command: bytes) -> None:
        self._driver.pgconn.send_query_params(command, None)
        self._answer()

    def _answer(self) -> Any:
        result = self._driver.wait(execute(self._driver.pgconn))[-1]
        if result.status not in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            raise error_from_result(result, self._driver.info.encoding)
        return result

    def _sqlalchemy(self) -> Connection:
        if self._behind is None:
            self._behind = Connection(self._options, self.connection)
            if self._commits:
                self._behind.begin()
        return self._behind

    def commit(self) -> None:
        if self._behind is not None:
            self._behind.commit()
        elif self._driver.pgconn.transaction_status != TransactionStatus.IDLE:
            try:
                self._driver.commit()
            except psycopg.Error as problem:
                self._told(problem, None)

    def roll_back(self) -> None:
        """Nothing of it is kept. Raises nothing: what has happened is told already."""
        if self._behind is not None:
            with suppress(SQLAlchemyError):
                self._behind.rollback()

    def close(self) -> None:
        """What is under way still is undone by the pool."""
        if self._behind is not None:
            self._behind.close()
        else:
            self.connection.close()
