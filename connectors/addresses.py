"""Addresses that somebody else gave us: they lead to the internet, never into our own network by way of us."""

import ipaddress
import socket
from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from urllib3.connection import HTTPConnection

from connectors.bounds import Bounded, pools
from connectors.errors import PmsRefused


def is_loopback(url: str) -> bool:
    """Whether an address names this very machine, by its literal host."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class LeadsInside(PmsRefused):
    """An address that somebody entered leads into our own network."""

    def __init__(self) -> None:
        super().__init__("its address leads into a private network")


_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""In which a network's own gateway (NAT64, RFC 6052) shows all of IPv4, what is inside as well."""

_INSIDE = (ipaddress.IPv4Network("192.0.0.0/24"), ipaddress.IPv4Network("168.63.129.16/32"))
"""Where Oracle's and Azure's clouds answer their own machines, which Python calls public."""


def is_public(text: str) -> bool:
    """Whether an address of a socket is one of the internet; one of IPv6 that stands for one of IPv4 is that one."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _TRANSLATED:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast and not any(address in one for one in _INSIDE)


class _Looks(HTTPConnection):
    """Looks at where a name leads before it connects, and once more at where it is when the connection stands and
    nothing is sent yet: a name that leads elsewhere from one moment to the next gains nothing."""

    def _new_conn(self) -> socket.socket:
        with suppress(OSError, UnicodeError):
            for found in socket.getaddrinfo(self.host.strip("[]"), self.port, type=socket.SOCK_STREAM):
                self._look_at(str(found[4][0]))
        sock = super()._new_conn()
        try:
            self._look_at(str(sock.getpeername()[0]))
        except BaseException:
            sock.close()
            raise
        return sock

    def _look_at(self, address: str) -> None:
        if not is_public(address):
            raise LeadsInside


class _LooksBesideThisMachine(_Looks):
    def _look_at(self, address: str) -> None:
        host = self.host.strip("[]")
        is_here = is_loopback(f"//[{host}]" if ":" in host else f"//{host}")
        if not (is_here and ipaddress.ip_address(address.partition("%")[0]).is_loopback):
            super()._look_at(address)


class PublicOnly(Bounded):
    """Connects to public addresses only, whatever a name, another way to write a number or a redirect leads to.

    Raises `LeadsInside`. (Behind a proxy it is the proxy that connects.)
    """

    POOLS = pools(_Looks)


class PublicOrHere(Bounded):
    """The same for what the server's owner wrote: to this machine as well, where the host says so itself."""

    POOLS = pools(_LooksBesideThisMachine)


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
        raise PmsRefused.saying("it is passed on to something that is no address")
    if is_loopback(target):
        if not is_loopback(url):
            raise PmsRefused.saying("it is passed on into a private network")
    elif scheme != "https":
        raise PmsRefused.saying("it is passed on to an address without https://")
    return target


def is_same_host(url: str, other: str) -> bool:
    """Whether what one address may be told, the other may be told too: the same host, port and scheme."""
    one, two = urlsplit(url), urlsplit(other)
    return (one.scheme, one.hostname, one.port) == (two.scheme, two.hostname, two.port)
