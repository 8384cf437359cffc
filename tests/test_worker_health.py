"""What a worker answers to those who watch it."""

import socket
import struct
import threading
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cli import work
from tests.services import free_port

RESET = struct.pack("ii", 1, 0)


def test_whoever_asks_for_numbers_and_does_not_wait_for_them_leaves_no_traceback(
    capfd: pytest.CaptureFixture[str],
) -> None:
    has_begun, is_gone = threading.Event(), threading.Event()
    answering: list[threading.Thread] = []

    def text() -> bytes:
        answering.append(threading.current_thread())
        has_begun.set()
        assert is_gone.wait(10)
        return b"x" * 5_000_000

    port = free_port()
    work._serve_health(
        "127.0.0.1",
        port,
        cast(Any, SimpleNamespace(since_sign_of_life=lambda: 0.0)),
        cast(Any, SimpleNamespace(metrics=SimpleNamespace(text=text))),
    )
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        client.send(b"GET /metrics HTTP/1.0\r\n\r\n")
        assert has_begun.wait(10)
    is_gone.set()
    answering[0].join(10)
    assert "Traceback" not in capfd.readouterr().err
