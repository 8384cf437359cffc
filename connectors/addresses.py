"""Addresses that somebody else gave us: they lead to the internet, never into our own network by way of us."""

import ipaddress
import socket
from typing import Any
from urllib.parse import urlsplit

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.errors import PmsRefused


def is_loopback(url: str) -> bool:
    """Whether an address names this very machine, by its literal host."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class PublicOnly(HTTPAdapter):
    """Connects to public addresses only, and to this machine where the host says so itself.

    The address is looked at when the connection stands and nothing is sent yet: a name that leads elsewhere from one
    moment to the next gains nothing. Raises `PmsRefused`. (Behind a proxy it is the proxy that connects.)
    """

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}


def _looked_at(sock: socket.socket, host: str) -> socket.socket:
    address = ipaddress.ip_address(str(sock.getpeername()[0]).partition("%")[0])
    address = getattr(address, "ipv4_mapped", None) or address
    if address.is_global and not address.is_multicast:
        return sock
    if address.is_loopback and is_loopback(f"//[{host}]" if ":" in host else f"//{host}"):
        return sock
    sock.close()
    raise PmsRefused("its address leads into a private network")


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self.host)


class _SecureConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _looked_at(super()._new_conn(), self.host)


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection
