"""What is under way for a connection, where its two lanes work in processes of their own: which reservations a long run
has begun with, and which urgent runs there are.

A row counts for as long as the turn in which it was written: what a process that died has left says nothing.
"""

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, delete, select, text

from store.engine import ConnectionRepository, chunks, put
from store.tables import turns, under_way
from store.turns import NOW, Turn, database_time


class UnderWay(ConnectionRepository):
    """Of one connection, in all processes. Raises `StoreFailed`, and `TurnLost` where a turn is over."""

    def begin(self, turn: Turn, keys: Collection[str]) -> None:
        """These are under way in this turn, for everybody to see when this returns."""
        values = {"connection": self._connection, "turn": turn.name, "number": turn.number}
        rows = [values | {"key": key} for key in sorted(keys)]
        self._store.fenced(turn).write_rows(put(self._store.dialect, under_way, "number"), rows)

    def end(self, turn: Turn, keys: Collection[str]) -> None:
        """They are not under way any more."""
        if not keys:
            return
        with self._store.fenced(turn).writing() as db:
            for chunk in chunks(sorted(keys)):
                db.execute(_END, {"of": self._connection, "its_turn": turn.name, "keys": list(chunk)})

    def end_all(self, turn: Turn) -> None:
        """Nothing is under way in this turn, nor in those that its holder's predecessors had."""
        left = self._store.row(_ANY, {"of": self._connection, "its_turn": turn.name})
        if left is not None:
            self._store.fenced(turn).write(_END_ALL, {"of": self._connection, "its_turn": turn.name})

    def of(self, turn: str, keys: Collection[str] | None = None) -> set[str]:
        """What is under way in a turn that is not over. `keys`: of these only."""
        with self._store.reading() as db:
            if keys is None:
                return self._found(db, turn, None)
            return {key for chunk in chunks(sorted(keys)) for key in self._found(db, turn, chunk)}

    def _found(self, db: Connection, turn: str, keys: Collection[str] | None) -> set[str]:
        asked: dict[str, Any] = {"of": self._connection, "its_turn": turn}
        if db.dialect.name != "postgresql":
            asked["now"] = database_time(db)
        if keys is not None:
            asked["keys"] = list(keys)
        return set(db.execute(_found(db.dialect.name, keys is not None), asked).scalars())


# Asked several times by every run: put together once.
_THEIRS = and_(under_way.c.connection == bindparam("of"), under_way.c.turn == bindparam("its_turn"))
_KEYS = under_way.c.key.in_(bindparam("keys"))
_ANY = select(under_way.c.key).where(_THEIRS).limit(1)
_END_ALL = delete(under_way).where(_THEIRS)
_END = _END_ALL.where(_KEYS)


@cache
def _found(dialect: str, of_keys: bool) -> Select[str]:
    """What is under way; by the clock of PostgreSQL, or of the machine where the database is a file (`now`)."""
    now: Any = text(NOW) if dialect == "postgresql" else bindparam("now", type_=turns.c.expires_at.type)
    is_held = and_(
        turns.c.name == under_way.c.turn,
        turns.c.number == under_way.c.number,
        turns.c.holder != "",
        turns.c.expires_at > now,
    )
    found = select(under_way.c.key).join(turns, is_held).where(_THEIRS)
    return found.where(_KEYS) if of_keys else found
