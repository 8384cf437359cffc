"""A database that falls silent, without a word, is a failure after a while and not a wait without an end."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError

from store.database import DatabaseUnusable, open_database
from store.engine import Database, StoreFailed
from store.links import Links
from store.timeouts import IDLE, STATEMENT, connect_args
from store.turns import LASTS, MARGIN


class Wire:
    """A TCP port before the database that can fall silent: nothing passes any more, and nothing is closed."""

    def __init__(self, folder: str):
        self._path = f"{folder}/.s.PGSQL.5432"
        self.silent = threading.Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._path)
            self._sockets += [client, server]
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass, args=(source, target), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if self.silent.is_set():
                    continue
                target.sendall(data)
            target.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def wire_to(postgresql: str) -> Iterator[tuple[Wire, str]]:
    """A wire to the database at this address, and the address at its other end."""
    parts = urlsplit(postgresql)
    folder = parse_qs(parts.query).get("host", [""])[0]
    if not Path(f"{folder}/.s.PGSQL.5432").exists():
        pytest.skip("the database of the tests is not behind a file socket")
    wire = Wire(folder)
    yield wire, f"postgresql://{parts.username or 'postgres'}@127.0.0.1:{wire.port}{parts.path}?sslmode=disable"
    wire.silent.clear()
    wire.close()


@pytest.fixture
def wire(postgresql: str) -> Iterator[tuple[Wire, str]]:
    with wire_to(postgresql) as found:
        yield found


def test_a_network_that_falls_silent_is_a_failure_and_heals_by_itself(wire: tuple[Wire, str]) -> None:
    line, url = wire
    store = Database(open_database(url, taken=0.6))
    # The server is shared with other tests: no other writes of this connection.
    assert Links(store).of_connection("nobody") == {}
    line.silent.set()
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(StoreFailed):
            Links(store).of_connection("nobody")
        assert time.monotonic() - began < 20
    line.silent.clear()
    assert Links(store).of_connection("nobody") == {}
    store.close()


def test_silence_in_the_middle_of_a_transaction_is_a_failure_too(wire: tuple[Wire, str]) -> None:
    line, url = wire
    engine = open_database(url, taken=0.6)
    began = time.monotonic()
    connection = engine.connect()
    connection.execute(text("SELECT 1"))
    line.silent.set()
    with pytest.raises(SQLAlchemyError):
        connection.execute(text("SELECT 2"))
    connection.close()
    assert time.monotonic() - began < 5
    engine.dispose()


def test_a_database_that_is_silent_from_the_start_is_a_sentence(wire: tuple[Wire, str]) -> None:
    line, url = wire
    line.silent.set()
    began = time.monotonic()
    with pytest.raises(DatabaseUnusable, match="cannot be used"):
        open_database(url)
    assert time.monotonic() - began < 15


def test_statements_have_a_bound_of_their_own_and_the_address_has_the_last_word(postgresql: str) -> None:
    engine = open_database(postgresql)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW statement_timeout")).scalar() == f"{STATEMENT}s"
        idle = connection.execute(text("SHOW idle_in_transaction_session_timeout")).scalar()
    assert idle == f"{IDLE}s"
    assert LASTS - MARGIN > IDLE, "whoever is stopped in a transaction would keep a turn from being taken over"
    engine.dispose()
    told = connect_args(make_url("postgresql://u@h/d?connect_timeout=60"))
    assert "connect_timeout" not in told
    assert told["tcp_user_timeout"] == 20_000
