"""What is under way for a connection, where its two lanes work in processes of their own: which reservations a long run
has begun with, and which urgent runs there are.

A row counts for as long as the turn in which it was written: what a process that died has left says nothing.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select, text

from store.engine import Database, chunks, put
from store.tables import turns, under_way
from store.turns import NOW, Turn, database_time


def _now(db: Connection) -> Any:
    """The database's time, as a part of a question to PostgreSQL."""
    return text(NOW) if db.dialect.name == "postgresql" else database_time(db)


class UnderWay:
    """Of one connection, in all processes. Raises `StoreFailed`, and `TurnLost` where a turn is over."""

    def __init__(self, store: Database, connection: str):
        self._store = store
        self._connection = connection

    def begin(self, turn: Turn, keys: Collection[str]) -> None:
        """These are under way in this turn, for everybody to see when this returns."""
        values = {"connection": self._connection, "turn": turn.name, "number": turn.number}
        rows = [values | {"key": key} for key in sorted(keys)]
        if not rows:
            return
        with self._store.fenced(turn).writing() as db:
            for chunk in chunks(rows):
                db.execute(put(self._store.dialect, under_way, "number"), chunk)

    def end(self, turn: Turn, keys: Collection[str]) -> None:
        """They are not under way any more."""
        if not keys:
            return
        with self._store.fenced(turn).writing() as db:
            for chunk in chunks(sorted(keys)):
                db.execute(delete(under_way).where(self._of(turn.name), under_way.c.key.in_(chunk)))

    def end_all(self, turn: Turn) -> None:
        """Nothing is under way in this turn, nor in those that its holder's predecessors had."""
        with self._store.reading() as db:
            left = db.execute(select(under_way.c.key).where(self._of(turn.name)).limit(1)).first()
        if left is not None:
            with self._store.fenced(turn).writing() as db:
                db.execute(delete(under_way).where(self._of(turn.name)))

    def of(self, turn: str, keys: Collection[str] | None = None) -> set[str]:
        """What is under way in a turn that is not over. `keys`: of these only."""
        with self._store.reading() as db:
            if keys is None:
                return self._found(db, turn, None)
            return {key for chunk in chunks(sorted(keys)) for key in self._found(db, turn, chunk)}

    def _found(self, db: Connection, turn: str, keys: Collection[str] | None) -> set[str]:
        is_held = and_(
            turns.c.name == under_way.c.turn,
            turns.c.number == under_way.c.number,
            turns.c.holder != "",
            turns.c.expires_at > _now(db),
        )
        found = select(under_way.c.key).join(turns, is_held).where(self._of(turn))
        if keys is not None:
            found = found.where(under_way.c.key.in_(keys))
        return set(db.execute(found).scalars())

    def _of(self, turn: str) -> ColumnElement[bool]:
        return and_(under_way.c.connection == self._connection, under_way.c.turn == turn)
