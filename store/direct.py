"""Statements that come again and again go to the database's driver without a detour.

Of what a statement costs this process, SQLAlchemy takes three quarters: for each it looks up how it is written, makes a
context and a cursor, and describes the columns anew. Here that is done once for a statement that is asked often as the
same object; then its values go to the driver (`store.direct_postgresql`, `store.direct_sqlite`), and what comes back is
the same rows. Whatever is asked once, or in a way that is not known here, is asked by SQLAlchemy, over the same
connection and in the same transaction.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, NoReturn, cast

from sqlalchemy import Connection, Engine, Executable
from sqlalchemy.engine.result import IteratorResult, SimpleResultMetaData
from sqlalchemy.exc import SQLAlchemyError

OFTEN = 4
"""So many times a statement is asked by SQLAlchemy first: most that are asked twice are never asked again."""
MOST_KNOWN = 1000
"""Statements of which it is known that they were asked."""


class Direct:
    """Connections of one database. Safe to use from many threads."""

    def __init__(self, engine: Engine, questions: Engine, way: "type[Asking]"):
        """`questions`: the engine as SQLAlchemy is to use it for questions. `way`: how its driver is asked."""
        self._engine, self._questions, self._way = engine, questions, way
        self._known = _Known(way.form)

    @property
    def is_heard(self) -> bool:
        """Whether somebody listens to the engine's statements, who would not be told of these."""
        return bool(self._engine._has_events)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, committed at its end. What is yielded does all that repositories ask of a connection of
        SQLAlchemy, and raises the same."""
        asking = self._way(self._engine, self._engine, self._known, commits=True)
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
        asking = self._way(self._engine, self._questions, self._known, commits=False)
        try:
            yield cast(Connection, asking)
        finally:
            asking.close()


class Form:
    """How a statement is put to the driver with parameters of these names, and what becomes of its rows."""

    most_listed: ClassVar[int]
    """Values in a list: for each number of them the statement is another one."""

    def __init__(self, compiled: Any, dialect: Any, asked: Mapping[str, Any]):
        """Raises `NotKnown`."""
        if not hasattr(compiled, "construct_expanded_state"):
            raise NotKnown
        if compiled.literal_execute_params or compiled.escaped_bind_names:
            raise NotKnown
        # What a column is where nobody says so.
        unsaid = {one.key: one.default for one in compiled.insert_prefetch}
        if compiled.update_prefetch or not all(one is not None and one.is_scalar for one in unsaid.values()):
            raise NotKnown
        expanded = compiled.construct_expanded_state(dict(asked))
        known = {name: bound for bound, name in compiled.bind_names.items()}
        given = {name: (bound.key if bound.key in asked else None, bound) for name, bound in known.items()}
        of_list = {
            part: (name, place)
            for name, parts in expanded.parameter_expansion.items()
            for place, part in enumerate(parts)
        }
        self.text, names = self.written(expanded)
        self._sources: list[tuple[str | None, int | None, Any, Any]] = []
        """Of each parameter: the name under which it is given, its place in a list, or else what it is always; and what
        SQLAlchemy makes of it."""
        for name in names:
            of, place = of_list.get(name, (name, None))
            key, bound = given[of]
            if bound.callable is not None or (key is None and bound.required):
                raise NotKnown
            always = None if key is not None else bound.value if place is None else bound.value[place]
            if key is None and name in unsaid:
                always = unsaid[name].arg
            if isinstance(always, list | tuple) and place is not None:
                raise NotKnown
            self._sources.append(
                (key, place, always, expanded.processors.get(name) or compiled._bind_processors.get(name))
            )
        # Not the whole of it: there are hundreds of statements, and each keeps much that is of no use any more.
        self._described, self._dialect = list(compiled._result_columns or ()), dialect
        self.has_rows = not (compiled.isinsert or compiled.isupdate or compiled.isdelete) or bool(
            compiled.effective_returning
        )
        self._columns: tuple[Any, list[tuple[int, Callable[[Any], Any]]]] | None = None

    def written(self, expanded: Any) -> tuple[str, Sequence[str]]:
        """As the driver takes it, and the names of its parameters in their order."""
        raise NotImplementedError

    def values(self, asked: Mapping[str, Any]) -> list[Any]:
        found = []
        for key, place, always, processor in self._sources:
            value = always if key is None else asked[key] if place is None else asked[key][place]
            found.append(value if processor is None else processor(value))
        return found

    def answered(
        self, rows: Sequence[tuple[Any, ...]], described: Callable[[], Sequence[tuple[str, Any]]]
    ) -> "Answered":
        """What the driver found. `described`: the columns' names and types, as it has them."""
        if self._columns is None:
            self._columns = self._read(described())
        columns, processors = self._columns
        if processors and rows:
            rows = [_processed(row, processors) for row in rows]
        return Answered(columns, iter(rows), len(rows))

    def _read(self, found: Sequence[tuple[str, Any]]) -> tuple[Any, list[tuple[int, Callable[[Any], Any]]]]:
        names = [name for name, _ in found]
        described = list(self._described)
        if len(described) != len(names):
            # Words of its own may bring several, or some of which nothing is described.
            of_name = {one.keyname: one for one in described}
            described = [of_name.get(name) for name in names]
        processors = [
            one and one.type._cached_result_processor(self._dialect, kind)
            for (_, kind), one in zip(found, described, strict=True)
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


class NotKnown(Exception):
    """SQLAlchemy has to ask it."""


class Answered(IteratorResult[Any]):
    """Rows, or none, and how many there were or were changed."""

    def __init__(self, columns: Any, rows: Iterator[Any], rowcount: int):
        super().__init__(columns, rows)
        self.rowcount = rowcount


_NO_COLUMNS = SimpleResultMetaData([])


def changed(rows: int) -> Answered:
    """The answer to a statement that brings none: how many it has changed."""
    return Answered(_NO_COLUMNS, iter(()), rows)


class _Known:
    """Statements that were asked of one database, by the object."""

    def __init__(self, form: type[Form]) -> None:
        self._form = form
        self._lock = threading.Lock()
        self._asked: dict[int, tuple[Any, int]] = {}
        """Each is held, so that its number is no other's, and how often it was asked."""
        self._lists: dict[int, tuple[str, ...]] = {}
        """The names of its lists."""
        self._forms: dict[tuple[Any, ...], Form | None] = {}

    def form(self, statement: Any, dialect: Any, asked: Mapping[str, Any]) -> Form | None:
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

    def _new_form(self, statement: Any, dialect: Any, asked: Mapping[str, Any]) -> Form | None:
        number, form, lists = id(statement), None, tuple[str, ...]()
        with suppress(NotKnown, SQLAlchemyError, AttributeError, TypeError):
            compiled = statement.compile(dialect=dialect, column_keys=sorted(asked))
            lists = tuple(sorted(bound.key for bound in compiled.bind_names if bound.expanding))
            if all(0 < len(asked[name]) <= self._form.most_listed for name in lists if name in asked):
                form = self._form(compiled, dialect, asked)
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


class Asking:
    """One connection, out of the pool until `close`."""

    form: ClassVar[type[Form]]
    most_rows: ClassVar[int | None]
    """So many rows of one statement go to the driver; more are SQLAlchemy's. None: however many."""

    def __init__(self, engine: Engine, options: Engine, known: _Known, commits: bool):
        """`options`: the engine as SQLAlchemy is to use it."""
        self._engine = engine
        self._options = options
        self._known = known
        self._commits = commits
        try:
            self.connection = engine.raw_connection()
        except engine.dialect.loaded_dbapi.Error as problem:
            Connection._handle_dbapi_exception_noconnection(problem, engine.dialect, engine)
            raise
        self._driver: Any = self.connection.driver_connection
        self._behind: Connection | None = None

    @property
    def dialect(self) -> Any:
        return self._engine.dialect

    def execute(self, statement: Executable, parameters: Any = None, **options: Any) -> Any:
        asked = {} if parameters is None else parameters
        if type(asked) is list and len(asked) == 1:
            asked = asked[0]
        form = None if options else self._form_for(statement, asked)
        if form is None:
            return self._sqlalchemy().execute(statement, parameters, **options)
        try:
            if type(asked) is list:
                return self._ask_rows(form, [form.values(one) for one in asked])
            return self._ask(form, form.values(asked))
        except Exception as problem:
            self._told(problem, form.text)

    def _form_for(self, statement: Executable, asked: Any) -> Form | None:
        """`asked`: what is asked with it, or rows to be written."""
        if type(asked) is dict:
            return self._known.form(statement, self._engine.dialect, asked)
        if type(asked) is not list or not 1 < len(asked) <= (self.most_rows or len(asked)):
            return None
        form = self._known.form(statement, self._engine.dialect, asked[0])
        is_alike = form is not None and not form.has_rows and all(one.keys() == asked[0].keys() for one in asked)
        return form if is_alike else None

    def scalars(self, statement: Executable, parameters: Any = None, **options: Any) -> Any:
        return self.execute(statement, parameters, **options).scalars()

    def __getattr__(self, name: str) -> Any:
        """Whatever else somebody may ask of a connection."""
        return getattr(self._sqlalchemy(), name)

    def _ask(self, form: Any, values: list[Any]) -> Answered:
        raise NotImplementedError

    def _ask_rows(self, form: Any, rows: list[list[Any]]) -> Answered:
        """Of a statement that brings no rows."""
        raise NotImplementedError

    @property
    def _has_begun(self) -> bool:
        """Whether the driver is in a transaction."""
        raise NotImplementedError

    def _told(self, problem: Exception, statement: str | None) -> NoReturn:
        """What it is called, and whether the connection is of use still, SQLAlchemy knows."""
        if self._behind is None:
            self._behind = Connection(self._engine, self.connection)
            self._behind.begin()
        self._behind._handle_dbapi_exception(problem, statement, None, None, None)

    def _sqlalchemy(self) -> Connection:
        if self._behind is None:
            self._behind = Connection(self._options, self.connection)
            if self._commits:
                self._behind.begin()
        return self._behind

    def commit(self) -> None:
        if self._behind is not None:
            self._behind.commit()
        elif self._has_begun:
            try:
                self._driver.commit()
            except self._engine.dialect.loaded_dbapi.Error as problem:
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
