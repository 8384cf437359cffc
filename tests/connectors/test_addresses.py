"""An address that somebody gave us does not lead into our own network."""

import io
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from connectors.addresses import LeadsInside, PublicOnly, PublicOrHere, is_loopback, is_public
from connectors.errors import PmsRefused
from connectors.session import Access, Body


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
        http.mount("http://", PublicOrHere())
        http.mount("https://", PublicOrHere())
        yield http


@pytest.fixture
def entered() -> Iterator[requests.Session]:
    """For what a user enters; names lead where they really lead."""
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


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
    ],
)
def test_what_a_user_enters_leads_to_this_machine_in_no_spelling(
    entered: requests.Session, server: Server, host: str, scheme: str
) -> None:
    with pytest.raises(LeadsInside):
        entered.get(f"{scheme}://{host}:{server.server_port}/a", timeout=5)
    assert server.asked == 0


@pytest.mark.parametrize(
    "host",
    [
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "2852039166",
        "0xa9fea9fe",
        "0251.0376.0251.0376",
        "100.64.0.1",
        "192.0.0.192",
        "168.63.129.16",
        "224.0.0.1",
        "255.255.255.255",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "[ff02::1]",
        "[::]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::10.0.0.1]",
        "[2002:a00:1::]",
    ],
)
def test_what_a_user_enters_opens_no_connection_into_the_own_network(entered: requests.Session, host: str) -> None:
    # No test may connect to any other machine: that nothing is tried is what keeps this one from failing otherwise.
    with pytest.raises(LeadsInside):
        entered.get(f"http://{host}/a", timeout=5)


@pytest.mark.parametrize("text", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::93.184.216.34"])
def test_an_address_of_the_internet_is_public(text: str) -> None:
    assert is_public(text)


def test_a_name_that_leads_elsewhere_between_the_look_and_the_connection_is_asked_nothing(
    entered: requests.Session, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to = iter([("93.184.216.34", 80), server.server_address])
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, socket.SOCK_STREAM, 0, "", next(leads_to))]
    )
    with pytest.raises(LeadsInside):
        entered.get(f"http://calendars.example:{server.server_port}/a", timeout=5)
    assert server.asked == 0


class PassesOn(requests.adapters.BaseAdapter):
    """A server of the internet that passes on."""

    def __init__(self, to: str):
        super().__init__()
        self._to = to

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        answer = requests.Response()
        answer.status_code, answer.headers["Location"], answer.raw = 302, self._to, io.BytesIO()
        return answer

    def close(self) -> None:
        pass


@pytest.mark.parametrize("to", ["https://127.0.0.1:{}/a", "https://localhost:{}/a", "https://inside.example:{}/a"])
def test_what_a_user_enters_is_not_passed_on_into_the_own_network(
    server: Server, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    address = (socket.AF_INET, socket.SOCK_STREAM, 0, "", server.server_address)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [address])
    session = Access(private_addresses=False, attempts=1).session("account", 10, 1.0)
    session._http.trust_env = False
    session._http.mount("https://calendars.example", PassesOn(to.format(server.server_port)))
    body = Body("a calendar", bytes, 1000, 5.0)
    with pytest.raises(PmsRefused, match="private network"):
        session.request("GET", "https://calendars.example/a", who="alpen", operation="a feed", body=body)
    assert server.asked == 0


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_asks_for_json_is_told_who_may_allow_an_address_inside(server: Server, method: str) -> None:
    session = Access(private_addresses=False).session("account", 10, 1.0)
    url = f"http://127.0.0.1:{server.server_port}/a"
    with pytest.raises(PmsRefused, match=r"alpen: rooms is asked for nothing.*private_addresses"):
        session.request(method, url, who="alpen", operation="rooms")
    assert server.asked == 0
    Access().session("account", 10, 1.0).request("GET", url, who="alpen", operation="rooms")
    assert server.asked == 1, "what the owner wrote"
