"""How long anybody waits for PostgreSQL: to connect, for a statement, and for a peer that has fallen silent.

A network that drops everything without a word, or a server that is stopped, leaves a client waiting for ever: neither
libpq nor SQLAlchemy bounds the wait for an answer. So whoever takes a connection out of the pool has it for so many
seconds; then its socket is shut, and the wait ends as a failure that everybody knows how to handle.
"""

import os
import select
import socket
import threading
import time
import weakref
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import InvalidatePoolError

CONNECT = 5
"""Seconds."""
STATEMENT = 30
"""Seconds, by the server's own watch."""
IDLE = 20
"""Seconds, by the server's watch as well, for which a transaction may stand still. Whoever is stopped in the middle of
one holds locks for which others wait; a turn is over after twice that time, and can be taken then."""
TAKEN = 60.0
"""Seconds for which a connection may be out of the pool; every use of ours is one short transaction."""
RESTED = 5.0
"""Seconds in the pool after which the server is asked whether it is still there, before a connection is used again.
Before that it is enough that it has not hung up: it has answered a moment ago, and to ask each time costs as much as
what is asked then."""
PREPARED = 500
"""Statements that a connection keeps ready: there are some hundreds, and of fewer (psycopg has 100) each would drive
out another before it comes again."""
SILENCE = 20
"""Seconds without a sign of the peer's system after which the connection is dead."""


def connect_args(address: URL) -> dict[str, Any]:
    """What libpq is told beside the address; what the address says itself is left as it is."""
    wanted: dict[str, Any] = {
        "connect_timeout": CONNECT,
        "keepalives": 1,
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
        "tcp_user_timeout": SILENCE * 1000,
    }
    return {name: value for name, value in wanted.items() if name not in address.query}


class Timeouts:
    """Ends the use of connections that takes too long. One thread for an engine, gone with it."""

    def __init__(self, engine: Engine, taken: float = TAKEN):
        self._taken = taken
        self._out: dict[int, tuple[float, Any]] = {}
        self._lock = threading.Lock()
        self._over = threading.Event()
        event.listen(engine, "connect", self._settle)
        event.listen(engine, "checkout", self._take)
        event.listen(engine, "checkin", self._rest)
        for name in ("close", "close_detached", "invalidate"):
            event.listen(engine, name, self._give_back)
        # Whoever listens to the engine itself is asked at each statement, and so is everybody then: that is a twentieth
        # of what a statement costs here.
        weakref.finalize(engine, self._over.set)
        threading.Thread(target=self._watch, name="database timeouts", daemon=True).start()

    def _settle(self, connection: Any, record: Any) -> None:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = '{STATEMENT}s'")
            cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE}s'")
        connection.autocommit = False
        connection.prepared_max = PREPARED
        # Not before: SQLite needs no driver of PostgreSQL.
        from store.direct_postgresql import Cursor

        connection.cursor_factory = Cursor

    def _take(self, connection: Any, record: Any, proxy: Any) -> None:
        now = time.monotonic()
        with self._lock:
            self._out[id(connection)] = (now + self._taken, connection)
        try:
            # Whether it is still alive; the wait for that is bounded as well.
            if is_hung_up(connection):
                raise InvalidatePoolError
            if now - record.info.get("given_back", 0.0) > RESTED:
                # In no transaction: at its end psycopg has the server forget all statements that were prepared.
                connection.autocommit = True
                with connection.cursor() as cursor:
                    cursor.execute("SELECT 1")
                connection.autocommit = False
        except Exception:
            self._give_back(connection)
            raise InvalidatePoolError() from None

    def _rest(self, connection: Any, record: Any) -> None:
        self._give_back(connection)
        record.info["given_back"] = time.monotonic()

    def _give_back(self, connection: Any, *_: Any) -> None:
        with self._lock:
            self._out.pop(id(connection), None)

    def _watch(self) -> None:
        while not self._over.wait(min(1.0, self._taken / 4)):
            now = time.monotonic()
            with self._lock:
                late = [key for key, (until, _) in self._out.items() if until < now]
                for key in late:
                    _shut(self._out.pop(key)[1])


def is_hung_up(connection: Any) -> bool:
    """Whether the server has ended the connection: nothing else comes unasked over one that is not in use."""
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    return bool(waiting.poll(0))


def _shut(connection: Any) -> None:
    """Wakes whoever waits for an answer: to them it is as if the server had gone."""
    try:
        copy = socket.socket(fileno=os.dup(connection.fileno()))
    except Exception:
        return  # Closed meanwhile.
    try:
        copy.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    finally:
        copy.close()
