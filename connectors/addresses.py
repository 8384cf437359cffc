"""Addresses that somebody else gave us: they lead to the internet, never into our own network by way of us."""

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.bounds import Bounded, BoundedConnection, BoundedSecureConnection
from connectors.errors import PmsRefused


def is_loopback(url: str) -> bool:
    """Whether an address names this very machine, by its literal host."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _looked_at(sock: socket.socket, host: str) -> socket.socket:
    address = ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_global and not address.is_multicast:
        return sock
    if address.is_loopback and is_loopback(f"//[{host}]" if ":" in host else f"//{host}"):
        return sock
    sock.close()
    raise PmsRefused("its address leads into a private network")


class _Connection(BoundedConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self.host)


class _SecureConnection(BoundedSecureConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self.host)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class PublicOnly(Bounded):
    """Connects to public addresses only, and to this machine where the host says so itself.

    The address is looked at when the connection stands and nothing is sent yet: a name that leads elsewhere from one
    moment to the next gains nothing. Raises `PmsRefused`. (Behind a proxy it is the proxy that connects.)
    """

    POOLS: dict[str, type[HTTPConnectionPool]] = {"http": _Pool, "https": _SecurePool}  # noqa: RUF012


def next_address(url: str, location: str) -> str:
    """Where an answer from `url` passes a request on to. Raises `PmsRefused`: never without TLS, and into this machine
    only from it."""
    try:
        with suppress(UnicodeError):
            # A header is read as Latin-1; an address in letters beyond ASCII is sent as UTF-8.
            location = location.encode("latin-1").decode("utf-8")
        target = urljoin(url, location.strip())
        host, scheme = urlsplit(target).hostname, urlsplit(target).scheme
    except ValueError:
        host, scheme = None, ""
    if not host or scheme not in ("http", "https"):
        raise PmsRefused("it is passed on to something that is no address")
    if is_loopback(target):
        if not is_loopback(url):
            raise PmsRefused("it is passed on into a private network")
    elif scheme != "https":
        raise PmsRefused("it is passed on to an address without https://")
    return target


def is_same_host(url: str, other: str) -> bool:
    """Whether what one address may be told, the other may be told too: the same host, port and scheme."""
    one, two = urlsplit(url), urlsplit(other)
    return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
