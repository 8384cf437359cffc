"""What one answer may cost: so many bytes, so many seconds, however it comes.

A time-out between two bytes is none for a peer that sends one byte a second, in the body or in the headers. So every
read from the socket looks at the time that is left for the whole answer, and counts what came.
"""

import http.client
import io
import logging
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors import asked_first

HEADERS = 1_000_000
"""Bytes that an answer may have beside its body, with the marks of its chunks."""
ADDRESSES = 50
"""Of so many it is remembered how they are written in a request."""
HOSTS = 50
"""Of so many it is remembered by which proxy they are reached."""

for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.response"):
    # What they warn of names the whole address, which is a secret where it is a feed's, and what the peer sent.
    logging.getLogger(_name).setLevel(logging.ERROR)


class _Bound(threading.local):
    """What the request of this thread may cost."""

    until: float | None = None
    """By `time.monotonic`."""
    at_most: int | None = None
    is_exceeded: str = ""


_bound = _Bound()


@contextmanager
def at_most(size: int, seconds: float) -> Iterator[None]:
    """Requests of this thread, made by a `Bounded` adapter, may bring so many bytes and last so long, body and all."""
    before = _bound.until, _bound.at_most
    _bound.until, _bound.at_most, _bound.is_exceeded = time.monotonic() + seconds, size + HEADERS, ""
    try:
        yield
    finally:
        _bound.until, _bound.at_most = before


def exceeded() -> str:
    """Which bound the last request of this thread met: `size`, `time`, or none (empty)."""
    return _bound.is_exceeded


class _Raw(io.RawIOBase):
    """The bytes of one answer, as they come from the socket."""

    def __init__(self, sock: socket.socket):
        self._sock = sock
        self._raw = cast(io.RawIOBase, sock.makefile("rb", buffering=0))
        self._timeout_before = sock.gettimeout()
        self._until, self._left = _bound.until, _bound.at_most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._until is not None:
            left = self._until - time.monotonic()
            if left <= 0:
                _bound.is_exceeded = "time"
                raise TimeoutError("the answer takes too long")
            self._sock.settimeout(left if self._timeout_before is None else min(left, self._timeout_before))
        try:
            number = self._raw.readinto(buffer) or 0
        except TimeoutError:
            if self._until is not None and time.monotonic() >= self._until:
                _bound.is_exceeded = "time"
            raise
        if self._left is not None:
            self._left -= number
            if self._left < 0:
                _bound.is_exceeded = "size"
                raise OSError("the answer is too large")
        return number

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Source:
    """All that an answer wants of its socket."""

    def __init__(self, sock: socket.socket):
        self._sock = sock

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Raw(self._sock))


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any):
        super().__init__(cast(socket.socket, _Source(sock)), *args, **kwargs)


class _OneSend(HTTPConnection):
    """A request goes out in one piece, with its body: whoever is stopped has sent it, or nothing of it."""

    _held: bytearray | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._held = bytearray()
        try:
            super().request(*args, **kwargs)
            whole = bytes(self._held)
        finally:
            self._held = None
        if self.sock is None:
            self.connect()
        asked_first.ask()
        super().send(whole)

    def send(self, data: Any) -> None:
        if self._held is None:
            super().send(data)
        else:
            self._held += data


class BoundedConnection(_OneSend):
    response_class = _Response


class BoundedSecureConnection(_OneSend, HTTPSConnection):
    response_class = _Response


def pools(*before: type) -> dict[str, Any]:
    """By scheme, pools of connections that keep to the bounds; what these classes do, they do first."""
    kinds = {"http": (HTTPConnectionPool, BoundedConnection), "https": (HTTPSConnectionPool, BoundedSecureConnection)}
    return {
        scheme: type("_Pool", (pool,), {"ConnectionCls": type("_Connection", (*before, connection), {})})
        for scheme, (pool, connection) in kinds.items()
    }


class Bounded(HTTPAdapter):
    """An adapter of `requests` whose answers keep to the bounds of `at_most`."""

    POOLS = pools()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(self.POOLS)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = dict(Bounded.POOLS)
        return manager


class Http(requests.Session):
    """A session whose answers have bounds, that passes on nothing by itself and remembers nothing.

    Bodies are bounded as they come from the socket: what is packed has to be read piece by piece (`stream=True`).
    """

    def __init__(self) -> None:
        super().__init__()
        self._surroundings: dict[tuple[str, str, bool], Any] = {}
        self._whole: dict[str, str] = {}
        """Addresses as they are written in a request."""
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, Bounded())

    def merge_environment_settings(self, url: Any, proxies: Any, stream: Any, verify: Any, cert: Any) -> Any:
        """Proxies and certificates that the environment names are looked for once a host: to go through all of it costs
        as much as the request itself."""
        if proxies or verify is not None or cert is not None:
            return super().merge_environment_settings(url, proxies, stream, verify, cert)
        parts = urlsplit(url)
        key = (parts.scheme, parts.netloc, self.trust_env)
        if key not in self._surroundings:
            if len(self._surroundings) >= HOSTS:
                self._surroundings.clear()
            self._surroundings[key] = super().merge_environment_settings(url, {}, stream, None, None)
        return self._surroundings[key] | {"stream": self.stream if stream is None else stream}

    def ask(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        *,
        params: Any = (),
        form: Any = None,
        json: Any = None,
        timeout: tuple[float, float],
    ) -> requests.Response:
        """One request with these headers, of whose answer the body is yet to be read. `params`, `form` and `json`: as
        `requests` knows them.

        `request` merges for each what such a session never has (cookies, hooks, credentials of .netrc), which takes
        the processor a quarter of what a request takes altogether.
        """
        prepared = requests.PreparedRequest()
        prepared.prepare_method(method)
        prepared.url = None if params else self._whole.get(url)
        if prepared.url is None:
            prepared.prepare_url(url, params)
        whole = str(prepared.url)
        if not params:
            if len(self._whole) >= ADDRESSES:
                self._whole.clear()
            self._whole[url] = whole
        prepared.prepare_headers({**self.headers, **headers})
        prepared.prepare_body(form, None, json)
        if "@" in whole:
            prepared.prepare_auth(None, whole)
        surroundings = self.merge_environment_settings(whole, {}, True, None, None)
        return self.get_adapter(whole).send(prepared, timeout=timeout, **surroundings)

    def get_redirect_target(self, resp: Any) -> str | None:
        """None: `requests` would read the body of an answer that passes on, without any bound."""
        return None
