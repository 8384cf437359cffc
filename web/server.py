"""gunicorn, with one process: web server, scheduler and runs live together on one machine."""

import errno
import select
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.http.errors import (
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.util import write_error
from gunicorn.workers.gthread import ThreadWorker

THREADS = 24
REQUEST_WITHIN = 10.0
"""Seconds in which a request must have come, head and body."""
ANSWER_WITHIN = 15.0
"""Seconds of silence after which a client that does not take its answer has lost it."""
GRACE = 75
"""Seconds for what is under way when the service is asked to end."""


_REFUSALS: dict[type[BaseException], tuple[int, str]] = {
    LimitRequestLine: (414, "URI Too Long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large"),
    UnsupportedTransferCoding: (501, "Not Implemented"),
}


class _Impatient:
    """A client's socket that is read only until a moment, however the bytes trickle in."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self.until = 0.0

    def recv(self, size: int) -> bytes:
        poll = select.poll()
        poll.register(self._sock, select.POLLIN)
        if not poll.poll(max(0.0, self.until - time.monotonic()) * 1000):
            # Closed for good: gunicorn would linger for it in the one thread that serves all others.
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError(errno.ECONNRESET, "the client was too slow")
        return self._sock.recv(size)


class PatientNoMore(ThreadWorker):  # type: ignore[misc]
    """gthread waits for ever on a client that stops in the middle of a request; a few of them would be a standstill."""

    on_exit: Callable[[], None] = staticmethod(lambda: None)

    def handle(self, conn: Any) -> Any:
        if not conn.initialized:
            conn.init()
            # By the kernel: gunicorn sets the socket's own timeout anew whenever it likes.
            seconds = struct.pack("ll", int(ANSWER_WITHIN), 0)
            conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, seconds)
            conn.parser.unreader.sock = _Impatient(conn.sock)
        conn.parser.unreader.sock.until = time.monotonic() + REQUEST_WITHIN
        return super().handle(conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """gunicorn's words would quote what the client sent, to it and to the log; it may hold a token."""
        status, reason = _REFUSALS.get(type(exc), (400, "Bad Request"))
        if not isinstance(exc, (ParseException, OSError)):
            status, reason = 500, "Internal Server Error"
        self.log.warning("a request was refused: %s (%s)", reason, type(exc).__name__)
        with suppress(OSError):
            write_error(client, status, reason, "")

    def handle_exit(self, sig: Any, frame: Any) -> None:
        type(self).on_exit()
        super().handle_exit(sig, frame)


class PlainLogger(Logger):  # type: ignore[misc]
    """gunicorn's own words go where all others go."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers[:] = []
        self.error_log.propagate = True

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """A client that misbehaves is worth a line, not a traceback."""
        self.error_log.warning(msg, *args)


class Server(BaseApplication):  # type: ignore[misc]
    """Serves what `build` makes. `build` is called in the process that serves."""

    def __init__(
        self,
        host: str,
        port: int,
        build: Callable[[], Flask],
        asked_to_stop: Callable[[], None],
        stopped: Callable[[], None],
    ):
        self._bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._build = build
        self._stopped = stopped
        PatientNoMore.on_exit = staticmethod(asked_to_stop)
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": self._bind,
            "workers": 1,
            "worker_class": PatientNoMore,
            "threads": THREADS,
            "timeout": 120,
            "graceful_timeout": GRACE,
            "keepalive": 15,
            "limit_request_line": 4094,
            "accesslog": None,
            "loglevel": "warning",
            "errorlog": "-",
            "proc_name": "nightporter",
            "logger_class": PlainLogger,
            "worker_exit": lambda server, worker: self._stopped(),
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._build()


def port_is_free(host: str, port: int) -> bool:
    """Whether somebody else listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
