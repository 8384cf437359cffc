"""Statements that come again and again, put to PostgreSQL's driver (`store.direct`)."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, cast

import psycopg
from psycopg._preparing import Prepare
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.generators import execute
from psycopg.pq import ExecStatus, TransactionStatus

from store.direct import Answered, Asking, Form, changed

MOST_LISTED = 8
"""Values in a list, and rows at once: with more of them a detour is no loss."""
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


class _Form(Form):
    most_listed = MOST_LISTED

    def __init__(self, compiled: Any, dialect: Any, asked: Mapping[str, Any]):
        super().__init__(compiled, dialect, asked)
        self._query = self.text.encode()
        self._automatic = [PyFormat.AUTO] * len(self._sources)
        self._types: dict[tuple[int, ...], _Typed] = {}

    def written(self, expanded: Any) -> tuple[str, Sequence[str]]:
        names: list[str] = []

        def numbered(found: re.Match[str]) -> str:
            name = found[1]
            if name is None:
                return "%"
            if name not in names:
                names.append(name)
            return f"${names.index(name) + 1}"

        return _NAME.sub(numbered, expanded.statement), names

    def given(self, transformer: Any, values: list[Any]) -> tuple["_Typed", Sequence[Any]]:
        """The statement as it is prepared for values of these types, and the values as the server takes them."""
        dumped = transformer.dump_sequence(values, self._automatic)
        types = tuple(transformer.types or ())
        if types not in self._types:
            self._types[types] = _Typed(self._query, types)
        return self._types[types], dumped


class _Typed:
    """A statement as psycopg's record of prepared ones knows it."""

    __slots__ = ("query", "types")

    def __init__(self, query: bytes, types: tuple[int, ...]):
        self.query, self.types = query, types


class OnPostgresql(Asking):
    """One connection to PostgreSQL."""

    form: ClassVar[type[Form]] = _Form
    most_rows = MOST_LISTED

    @property
    def _has_begun(self) -> bool:
        return bool(self._driver.pgconn.transaction_status != TransactionStatus.IDLE)

    def _ask(self, form: _Form, values: list[Any]) -> Answered:
        if self._commits and not self._has_begun:
            self._tell(b"BEGIN")
        transformer = Transformer(self._driver)
        result = self._put(form, values, transformer)
        if result.status != ExecStatus.TUPLES_OK:
            return changed(result.command_tuples or 0)
        transformer.set_pgresult(result)
        rows = transformer.load_rows(0, result.ntuples, tuple)
        return form.answered(
            rows, lambda: [(result.fname(place).decode(), result.ftype(place)) for place in range(result.nfields)]
        )

    def _ask_rows(self, form: _Form, rows: list[list[Any]]) -> Answered:
        return changed(sum(self._ask(form, values).rowcount for values in rows))

    def _put(self, form: _Form, values: list[Any], transformer: Any) -> Any:
        """As psycopg's own cursor does: a statement is prepared when it has been asked some times."""
        driver, server = self._driver, self._driver.pgconn
        typed, given = form.given(transformer, values)
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
