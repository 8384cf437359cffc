"""What one answer may cost: so many bytes, so many seconds, however it comes.

A time-out between two bytes is none for a peer that sends one byte a second, in the body or in the headers. So every
read from the socket looks at the time that is left for the whole answer, and counts what came.
"""

import errno
import http.client
import io
import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from types import FunctionType
from typing import Any, cast
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, HTTPError, LocationValueError, NewConnectionError, SSLError

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


def _headers(file: Any, *how: Any) -> http.client.HTTPMessage:
    """The headers of an answer. For those that are not written as they should be, the standard library's parser of mail
    is begun, which takes as long as all the rest of an answer."""
    lines: list[bytes] = []
    while not lines or (lines[-1] not in (b"\r\n", b"\n", b"") and len(lines) <= MOST_LINES):
        lines.append(file.readline(LONGEST_LINE + 1))
        if len(lines[-1]) > LONGEST_LINE:
            break
    head = b"".join(lines)
    if len(lines) > MOST_LINES or not _AS_THEY_SHOULD_BE.fullmatch(head):
        parsed: http.client.HTTPMessage = http.client.parse_headers(io.BytesIO(head), *how)
        return parsed
    found = http.client.HTTPMessage()
    for line in head.decode("latin-1").split("\r\n")[:-2]:
        name, _, value = line.partition(":")
        found.set_raw(name, value.lstrip(" \t"))
    return found


MOST_LINES, LONGEST_LINE = 100, 65_536
"""As many headers, and bytes of one, as the standard library takes."""
_AS_THEY_SHOULD_BE = re.compile(rb"(?:[!-9;-~]+:[^\r\n]*\r\n)*\r\n")
_begin = FunctionType(
    http.client.HTTPResponse.begin.__code__, {**vars(http.client), "parse_headers": _headers}, "begin"
)
"""How the standard library begins to read an answer, with headers as above."""


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any):
        super().__init__(cast(socket.socket, _Source(sock)), *args, **kwargs)

    def begin(self) -> None:
        _begin(self)


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

    def send_whole(self, whole: bytes) -> None:
        """A request that was put together by somebody else, on a connection that is open."""
        asked_first.ask()
        super().send(whole)


class BoundedConnection(_OneSend):
    response_class = _Response


class BoundedSecureConnection(_OneSend, HTTPSConnection):
    response_class = _Response


class _Pool(HTTPConnectionPool):
    ConnectionCls = BoundedConnection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = BoundedSecureConnection


_NO_TARGET = re.compile(r"[^!-~]")
"""What an address in a request does not have."""


class Bounded(HTTPAdapter):
    """An adapter of `requests` whose answers keep to the bounds of `at_most`.

    What goes to the other side without a proxy, with a body that is there already, is put together and sent here: on
    the same connections, and with the same errors, but without what `requests`, urllib3 and the standard library find
    out anew for each request, which takes the processor as long as all the rest of a run that finds nothing.
    """

    POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SecurePool}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pools: dict[tuple[str, str, Any, Any], Any] = {}

    def send(
        self,
        request: Any,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        target = request.path_url
        body = request.body
        is_plain = body is None or (isinstance(body, str | bytes) and "Content-Length" in request.headers)
        if proxies or not is_plain or not isinstance(timeout, tuple) or _NO_TARGET.search(target):
            return super().send(request, stream, timeout, verify, cert, proxies)
        pool = self._pool_of(request, verify, cert)
        try:
            return self.build_response(request, _exchange(pool, request, target, *timeout))
        except ConnectTimeoutError as problem:
            is_late = not isinstance(problem, NewConnectionError)
            kind = requests.exceptions.ConnectTimeout if is_late else requests.exceptions.ConnectionError
            raise kind(problem, request=request) from None
        except (SSLError, ssl.SSLError, ssl.CertificateError) as problem:
            raise requests.exceptions.SSLError(problem, request=request) from None
        except TimeoutError as problem:
            raise requests.exceptions.ReadTimeout(problem, request=request) from None
        except (OSError, http.client.HTTPException, HTTPError) as problem:
            raise requests.exceptions.ConnectionError(problem, request=request) from None

    def _pool_of(self, request: Any, verify: Any, cert: Any) -> Any:
        """Where its connections are; found out once for each host."""
        parts = urlsplit(request.url)
        key = (parts.scheme, parts.netloc, verify, cert)
        pool = self._pools.get(key)
        if pool is None:
            if len(self._pools) >= HOSTS:
                self._pools.clear()
            try:
                pool = cast(Any, self.get_connection_with_tls_context(request, verify, proxies=None, cert=cert))
            except LocationValueError as problem:
                raise requests.exceptions.InvalidURL(problem, request=request) from None
            self.cert_verify(pool, request.url, verify, cert)  # type: ignore[no-untyped-call]
            self._pools[key] = pool
        return pool

    def close(self) -> None:
        self._pools.clear()
        super().close()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = dict(self.POOLS)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = dict(Bounded.POOLS)
        return manager


def _exchange(pool: Any, request: Any, target: str, connect: float, read: float) -> HTTPResponse:
    """Sends a request on one of the pool's connections, and reads the head of what is answered."""
    connection = pool._get_conn()
    is_well = False
    try:
        if connection.is_closed:
            connection.timeout = connect
            pool._validate_conn(connection)
            if connection.is_closed:
                connection.connect()
        sock = connection.sock
        sock.settimeout(connect)
        try:
            connection.send_whole(_whole(connection, request, target))
        except OSError as problem:
            # The server may have answered, and closed, before it had read all.
            if problem.errno not in (errno.EPIPE, errno.EPROTOTYPE, errno.ECONNRESET):
                raise
        sock.settimeout(read)
        answer = _Response(sock, method=request.method)
        try:
            answer.begin()
        except BaseException:
            answer.close()
            raise
        if answer.will_close:
            # Its socket lives as long as the answer.
            connection.close()
        response = HTTPResponse(
            body=answer,
            headers=HTTPHeaderDict(answer.msg.items()),
            status=answer.status,
            version=answer.version,
            reason=answer.reason,
            preload_content=False,
            decode_content=False,
            original_response=answer,
            pool=pool,
            connection=connection,
            request_method=request.method,
            request_url=target,
        )
        is_well = True
        return response
    finally:
        if not is_well:
            connection.close()
            pool._put_conn(None)


def _whole(connection: Any, request: Any, target: str) -> bytes:
    """A request as it is sent. Raises `UnicodeError` where a header has what no header may."""
    headers = request.headers
    host = connection.host if ":" not in connection.host else f"[{connection.host.strip('[]')}]"
    lines = [f"{request.method} {target} HTTP/1.1"]
    if "Host" not in headers:
        port = "" if connection.port == connection.default_port else f":{connection.port}"
        lines.append(f"Host: {host}{port}")
    if "Accept-Encoding" not in headers:
        lines.append("Accept-Encoding: identity")
    lines += [f"{name}: {value}" for name, value in headers.items()]
    body = request.body or b""
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body.encode() if isinstance(body, str) else body)


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
