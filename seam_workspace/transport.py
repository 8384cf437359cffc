"""The way to Seam, with a bound on everything that comes back: how long an answer takes, and how large it is.

httpx bounds the wait between two bytes, not the wait for all of them: a peer that sends a byte a second never ends. And
a body that is small on the wire may be without end once it is unpacked. So answers are read here, unpacked within
limits, and handed on whole.

What is asked is sent in one go, headers and body together, and whoever asks is heard right before: a process that is
stopped in between, and goes on an hour later, has sent nothing or all, and no half that a server might take for whole;
and nothing, where others may be at work by then (`seam_workspace.last_moment`).
"""

import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

from connectors.formats.foreign_json import read_json
from seam_workspace.last_moment import LAST_MOMENT

AT_MOST = 10 * 1024 * 1024
"""Bytes of an answer, unpacked. The largest page, of 500 grants, has less than a third; read, it may take many times
as much."""
WITHIN = 60.0
"""Seconds for one request and its whole answer."""
TAKEN = "gzip, deflate"
"""The ways of packing that can be unpacked within limits."""
_CHUNK = 65_536
_TOGETHER = 65_536
"""Bytes of a request that are held back for the rest of it; ours have a few thousand."""
MAY_SEND = "may_send"
"""The extension of a request by which it is asked for the last time whether it may be sent: for how many seconds (None:
without end); raises where not."""


class TooLarge(httpx.TransportError):
    """The answer is larger than any of Seam's."""


class _Answer(httpx.Response):
    """Of which one value that parsers refuse costs that value alone."""

    def json(self, **how: Any) -> Any:
        return read_json(self.content)


class _UnderWay(threading.local):
    """This thread's request."""

    deadline: float | None = None
    """Until when it has to be over (seconds of the clock); None: it has none."""
    may_send: Callable[[], float | None] | None = None


class Bounded(httpx.BaseTransport):
    """Another transport, with limits: `at_most` bytes unpacked, `within` seconds in all (of `clock`, monotonic).

    Raises `httpx.ReadTimeout` and `TooLarge` beside what the other one raises.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        at_most: int = AT_MOST,
        within: float = WITHIN,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._inner = inner
        self._at_most = at_most
        self._within = within
        self._clock = clock
        self._request = _UnderWay()
        pool = getattr(inner, "_pool", None)
        if pool is not None:
            # httpx has no other place for it; a test over a socket shows that it is taken.
            pool._network_backend = _OnTime(pool._network_backend, self._remaining, self._ask)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["Accept-Encoding"] = TAKEN
        self._request.deadline = self._clock() + self._within
        self._request.may_send = request.extensions.get(MAY_SEND)
        try:
            response = self._inner.handle_request(request)
            try:
                assert isinstance(response.stream, httpx.SyncByteStream)
                content = self._read(response.headers.get("content-encoding", ""), response.stream)
            finally:
                response.close()
        finally:
            self._request.deadline, self._request.may_send = None, None
        kept = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name.lower() not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        return _Answer(response.status_code, headers=kept, content=content, extensions=response.extensions)

    def close(self) -> None:
        self._inner.close()

    def _ask(self) -> float | None:
        return self._request.may_send() if self._request.may_send is not None else None

    def _remaining(self) -> float | None:
        """Seconds that are left. Raises `httpcore.ReadTimeout` where none are."""
        if self._request.deadline is None:
            return None
        left = self._request.deadline - self._clock()
        if left <= 0:
            raise httpcore.ReadTimeout("the whole answer took too long")
        return left

    def _read(self, encoding: str, stream: Iterable[bytes]) -> bytes:
        packing = encoding.strip().lower()
        if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise httpx.DecodingError("the answer is compressed in a way that was not asked for")
        # With 32 zlib finds out itself whether it is gzip.
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32) if packing in ("gzip", "x-gzip", "deflate") else None
        content = bytearray()
        for chunk in stream:
            while chunk:
                try:
                    part = chunk if unpacker is None else unpacker.decompress(chunk, _CHUNK)
                except zlib.error:
                    raise httpx.DecodingError("the answer cannot be decompressed") from None
                chunk = b"" if unpacker is None else unpacker.unconsumed_tail
                content += part
                if len(content) > self._at_most:
                    raise TooLarge(f"the answer is larger than {self._at_most} bytes")
            if self._request.deadline is not None and self._clock() > self._request.deadline:
                raise httpx.ReadTimeout("the whole answer took too long")
        return bytes(content)


def to(endpoint: str, connections: int) -> Bounded:
    """The transport to that address, through the proxy that the environment names for it, if any."""
    address = urlsplit(endpoint)
    proxies = {} if proxy_bypass(address.hostname or "") else getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all")
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return Bounded(httpx.HTTPTransport(verify=_trusted(), limits=limits, proxy=proxy))


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count: the same for all transports, and read once, as that takes longer than a request."""
    return httpx.create_ssl_context()


Ask = Callable[[], float | None]


class _OnTime(httpcore.NetworkBackend):
    """Connections whose every wait is over when the request has to be, and that send a request in one go."""

    def __init__(self, inner: httpcore.NetworkBackend, remaining: Callable[[], float | None], ask: Ask):
        self._inner = inner
        self._remaining = remaining
        self._ask = ask

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        timeout = _sooner(timeout, self._remaining())
        stream = self._inner.connect_tcp(host, port, timeout, local_address, socket_options)
        return _OnTimeStream(stream, self._remaining, self._ask)

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None
    ) -> httpcore.NetworkStream:
        stream = self._inner.connect_unix_socket(path, _sooner(timeout, self._remaining()), socket_options)
        return _OnTimeStream(stream, self._remaining, self._ask)

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


class _OnTimeStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, remaining: Callable[[], float | None], ask: Ask):
        self._inner = inner
        self._remaining = remaining
        self._ask = ask
        self._held = b""
        self._timeout: float | None = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        # As httpcore does: the server may have answered, and closed, before it had read all.
        with suppress(httpcore.WriteError):
            self._send()
        return self._inner.read(max_bytes, _sooner(timeout, self._remaining()))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._held += buffer
        self._timeout = timeout
        if len(self._held) > _TOGETHER:
            self._send()

    def _send(self) -> None:
        if self._held:
            with LAST_MOMENT.within(self._ask()):
                # Once more: it may have been stopped since.
                self._ask()
                held, self._held = self._held, b""
                self._inner.write(held, _sooner(self._timeout, self._remaining()))

    def close(self) -> None:
        # What is held by now is of a request that was given up: it is never sent.
        self._held = b""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self._send()
        stream = self._inner.start_tls(ssl_context, server_hostname, _sooner(timeout, self._remaining()))
        return _OnTimeStream(stream, self._remaining, self._ask)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


def _sooner(timeout: float | None, remaining: float | None) -> float | None:
    return timeout if remaining is None else remaining if timeout is None else min(timeout, remaining)
