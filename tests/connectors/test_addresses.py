"""An address that somebody gave us does not lead into our own network."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from connectors.addresses import PublicOnly, is_loopback
from connectors.errors import PmsRefused


class Server(HTTPServer):
    asked = 0


class Answers(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def http(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[requests.Session]:
    """In which every name leads to the server on this machine."""
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", server.server_address)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address])
    with requests.Session() as http:
        http.trust_env = False
        http.mount("http://", PublicOnly())
        http.mount("https://", PublicOnly())
        yield http


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_public_name_that_leads_to_a_private_address_is_asked_nothing(
    http: requests.Session, server: Server, scheme: str
) -> None:
    with pytest.raises(PmsRefused, match="private network"):
        http.get(f"{scheme}://calendars.example:{server.server_port}/a.ics", timeout=5)
    assert server.asked == 0


def test_this_machine_is_asked_where_the_address_says_so(http: requests.Session, server: Server) -> None:
    for host in ("127.0.0.1", "localhost"):
        assert http.get(f"http://{host}:{server.server_port}/a.ics", timeout=5).status_code == 204
    assert server.asked == 2


@pytest.mark.parametrize(
    ("url", "is_here"),
    [
        ("http://127.0.0.1:8080/a", True),
        ("http://[::1]/a", True),
        ("http://localhost/a", True),
        ("http://localhost.example/a", False),
        ("http://10.0.0.1/a", False),
        ("https://calendars.example/a", False),
    ],
)
def test_only_a_literal_host_is_this_machine(url: str, is_here: bool) -> None:
    assert is_loopback(url) is is_here
