"""waitress, in one process with the scheduler and the runs: one thread moves all bytes, others answer whole requests.

A client that is slow, idle or silent costs a socket and no thread. What waitress does not bound itself is bounded here:
the time in which a request must have come, and whether a stranger's body is read at all.
"""

import resource
import signal
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import TcpWSGIServer
from waitress.task import ThreadedTaskDispatcher
from waitress.utilities import (
    BadRequest,
    Error,
    RequestEntityTooLarge,
    RequestHeaderFieldsTooLarge,
    ServerNotImplemented,
)

THREADS = 24
LARGEST_HEAD = 16 * 1024
"""Bytes of the first line and all headers."""
LARGEST_BODY = 1024 * 1024
EXPRESS = "/healthz"
"""It has a thread of its own: it asks nobody, and has to be answered when all others wait for a silent database."""
REQUEST_WITHIN = 10
"""Seconds in which a request must have come, head and body, however the bytes trickle in."""
IDLE_FOR = 15
"""Seconds after which a connection on which nothing happens is closed; so is one that does not take its answer."""
CONNECTIONS = 4000
"""So many at once, where the system allows as many open files; more wait until one is closed."""
FILES_OF_OTHERS = 300
"""Open files that are left for the database, the PMSs and Seam."""
AT_ONCE = 256
"""So many new clients are let in before the others are looked after: one at a time, a crowd would cost its square."""
GRACE = 20
"""Seconds for what is under way when the service is asked to end; then it ends, whatever hangs."""
ANSWERS_WITHIN = 5.0
"""Seconds for answers that are under way when the service is asked to end."""

Doorman = Callable[[str, str, Mapping[str, str]], bool]
"""Whether the body of a request may be read: by method, path and the fields of its query."""


class NotAllowed(Error):  # type: ignore[misc]
    code = "401"
    reason = "Unauthorized"


_WORDS: dict[type[Error], str] = {
    RequestHeaderFieldsTooLarge: "The address or the headers are too long.",
    RequestEntityTooLarge: "The body is larger than 1 MB.",
    ServerNotImplemented: "This way of sending a body is not supported.",
    BadRequest: "This request is not understood.",
    NotAllowed: "The token or signature is wrong.",
}
"""In our own words: waitress's would quote what the client sent, and it may hold a token."""


class _Request(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way in."""

    doorman: Doorman = staticmethod(lambda method, path, query: True)
    error: Error | None

    def received(self, data: bytes) -> int:
        knew_head = self.headers_finished
        consumed: int = super().received(data)
        if not knew_head and self.headers_finished and self.error is None and not self.empty and not self._may_come():
            self.error, self.completed = NotAllowed(""), True
        if self.error is not None:
            kind = next((one for one in _WORDS if isinstance(self.error, one)), BadRequest)
            self.error = kind(_WORDS[kind])
        return consumed

    def _may_come(self) -> bool:
        query = {name: values[-1] for name, values in parse_qs(self.query, max_num_fields=100).items()}
        return self.doorman(self.command, self.path, query)

    def parse_header(self, header_plus: bytes) -> None:
        try:
            super().parse_header(header_plus)
        except ValueError:
            # Such as an address that is none; waitress expects errors of its own only.
            self.error, self.completed = BadRequest(""), True


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A client's connection, which knows since when it waits for the rest of a request."""

    waits_since: float | None
    """On a monotonic clock; None while it has sent whole requests only."""

    def __init__(self, server: "Server", *args: Any, **named: Any):
        self.parser_class = server.request_class
        self.waits_since = time.monotonic()
        super().__init__(server, *args, **named)

    def received(self, data: bytes) -> bool:
        was_waiting = self.request is not None
        taken: bool = super().received(data)
        if self.request is None:
            self.waits_since = None
        elif not was_waiting or self.waits_since is None:
            self.waits_since = time.monotonic()
        return taken


class Server(TcpWSGIServer):  # type: ignore[misc]
    """Serves one WSGI application until it is asked to stop."""

    channel_class = _Channel

    def __init__(self, host: str, port: int, app: Any, doorman: Doorman | None = None, threads: int = THREADS):
        """Listens from now on. Raises `OSError` where that is impossible. `doorman`: see `Doorman`."""
        self.request_class = type("_Request", (_Request,), {"doorman": staticmethod(doorman)} if doorman else {})
        self.is_stopping = False
        self.express = ThreadedTaskDispatcher()
        self.express.set_thread_count(1)
        super().__init__(
            app,
            adj=Adjustments(
                listen=f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
                threads=threads,
                ident=None,
                connection_limit=_connections(),
                backlog=1024,
                channel_timeout=IDLE_FOR,
                cleanup_interval=1,
                asyncore_use_poll=True,
                max_request_header_size=LARGEST_HEAD,
                max_request_body_size=LARGEST_BODY,
                log_socket_errors=False,
                expose_tracebacks=False,
                # `X-Forwarded-*` is judged by the application, which knows how many proxies are its own.
                clear_untrusted_proxy_headers=False,
            ),
        )

    def add_task(self, task: HTTPChannel) -> None:
        asked = task.requests[0] if task.requests else None
        is_express = asked is not None and asked.error is None and asked.path == EXPRESS
        (self.express if is_express else self.task_dispatcher).add_task(task)

    def handle_accept(self) -> None:
        for _ in range(AT_ONCE):
            before = len(self._map)
            super().handle_accept()
            if len(self._map) == before or before + 1 >= self.adj.connection_limit:
                return

    def maintenance(self, now: float) -> None:
        """Once a second: closes what has been idle, or on its way, for too long."""
        super().maintenance(now)
        late = time.monotonic() - REQUEST_WITHIN
        for channel in list(self.active_channels.values()):
            if channel.waits_since is not None and channel.waits_since < late and not channel.requests:
                channel.will_close = True

    def serve(self, asked_to_stop: Callable[[], None]) -> None:
        """Serves until SIGTERM or SIGINT; must be called in the main thread. Answers that are under way are finished.

        `asked_to_stop` is called at once, in the main thread; what takes long must be started elsewhere.
        """

        def stop(number: int, frame: Any) -> None:
            self.is_stopping = True
            self.pull_trigger()

        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, stop)
        while not self.is_stopping:
            self._turn(1.0)
        asked_to_stop()
        self.accepting = False
        until = time.monotonic() + ANSWERS_WITHIN
        while time.monotonic() < until and any(
            one.requests or one.total_outbufs_len for one in list(self.active_channels.values())
        ):
            self._turn(0.1)
        self.task_dispatcher.shutdown(timeout=1)
        self.express.shutdown(timeout=1)
        for channel in list(self.active_channels.values()):
            with suppress(OSError):
                channel.handle_close()
        self.close()

    def _turn(self, seconds: float) -> None:
        self.asyncore.loop(timeout=seconds, map=self._map, use_poll=True, count=1)


def _connections() -> int:
    """How many clients may be connected at once; asks the system for as many open files as it allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + FILES_OF_OTHERS
    if soft < wanted:
        with suppress(ValueError, OSError):
            most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
            soft = max(soft, most)
    return max(100, min(CONNECTIONS, soft - FILES_OF_OTHERS))


def port_is_free(host: str, port: int) -> bool:
    """Whether nobody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
