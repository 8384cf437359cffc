"""Statements that come again and again, put to SQLite's driver (`store.direct`)."""

from collections.abc import Sequence
from typing import Any, ClassVar

from store.direct import Answered, Asking, Form, changed

BEGIN = "BEGIN IMMEDIATE"
"""From here on nobody else writes."""


class _Form(Form):
    most_listed = 40

    def written(self, expanded: Any) -> tuple[str, Sequence[str]]:
        return expanded.statement, expanded.positiontup


class OnSqlite(Asking):
    """One connection to SQLite."""

    form: ClassVar[type[Form]] = _Form
    most_rows = None

    @property
    def _has_begun(self) -> bool:
        return bool(self._driver.in_transaction)

    def exec_driver_sql(self, statement: str, *given: Any, **options: Any) -> Any:
        if statement != BEGIN:
            return self._sqlalchemy().exec_driver_sql(statement, *given, **options)
        try:
            return self._driver.execute(statement)
        except Exception as problem:
            self._told(problem, statement)

    def _ask(self, form: _Form, values: list[Any]) -> Answered:
        cursor = self._driver.execute(form.text, values)
        if not form.has_rows:
            return changed(cursor.rowcount)
        return form.answered(cursor.fetchall(), lambda: [(column[0], None) for column in cursor.description])

    def _ask_rows(self, form: _Form, rows: list[list[Any]]) -> Answered:
        return changed(self._driver.executemany(form.text, rows).rowcount)
