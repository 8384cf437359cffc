"""The port itself: clients that are slow, idle, wrong or many."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
import requests

from tests.services import free_port
from web import server as of
from web.server import Server


class Port:
    """A server with a small application, in a thread."""

    def __init__(self) -> None:
        self.number = free_port()
        self.bodies: list[bytes] = []
        self.goes_on = threading.Event()
        self.server = Server("127.0.0.1", self.number, self.answer, self.may_come, threads=4)
        self.thread = threading.Thread(target=self.turn, daemon=True)
        self.thread.start()

    def turn(self) -> None:
        while not self.server.is_stopping:
            self.server._turn(0.05)

    def answer(self, environ: Mapping[str, Any], start_response: Any) -> Iterable[bytes]:
        self.bodies.append(environ["wsgi.input"].read())
        if environ["PATH_INFO"] == "/waits":
            self.goes_on.wait(20)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"fine"]

    def may_come(self, method: str, path: str, query: Mapping[str, str]) -> bool:
        return not path.startswith("/webhooks/") or query.get("token") == "right"

    def client(self, *sent: bytes) -> socket.socket:
        one = socket.create_connection(("127.0.0.1", self.number), timeout=10)
        for piece in sent:
            one.sendall(piece)
        return one

    def seconds(self) -> float:
        begun = time.monotonic()
        assert requests.get(f"http://127.0.0.1:{self.number}/healthz", timeout=10).text == "fine"
        return time.monotonic() - begun

    def close(self) -> None:
        self.server.is_stopping = True
        self.thread.join(10)
        self.goes_on.set()
        self.server.task_dispatcher.shutdown(timeout=1)
        self.server.express.shutdown(timeout=1)
        for channel in list(self.server.active_channels.values()):
            channel.handle_close()
        self.server.close()


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[Port]:
    monkeypatch.setattr(of, "REQUEST_WITHIN", 1)
    made = Port()
    yield made
    made.close()


def test_a_thousand_idle_and_two_hundred_slow_clients_keep_nobody_waiting(port: Port) -> None:
    head = b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    crowd = [port.client() for _ in range(1000)] + [port.client(head, b"x" * at) for at in range(200)]
    assert port.seconds() < 3
    for one in crowd:
        one.close()


def test_a_crowd_keeps_nobody_waiting_while_the_process_is_busy(port: Port) -> None:
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            sum(number * number for number in range(1000))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    crowd = [port.client() for _ in range(1000)]
    try:
        assert port.seconds() < 3
    finally:
        over.set()
        for one in crowd:
            one.close()
        for worker in workers:
            worker.join()


def test_whether_the_process_is_alive_is_answered_while_every_other_answer_waits(port: Port) -> None:
    crowd = [port.client(b"GET /waits HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(12)]
    until = time.monotonic() + 10
    while len(port.bodies) < 4:
        assert time.monotonic() < until
    assert port.seconds() < 3
    for one in crowd:
        one.close()


def test_a_request_that_trickles_in_is_cut_off(port: Port) -> None:
    until = time.monotonic() + 8
    is_cut = False
    with port.client(b"GET /healthz HTTP/1.1\r\n") as one:
        one.settimeout(0.2)
        while not is_cut and time.monotonic() < until:
            try:
                one.sendall(b"X")
                is_cut = one.recv(10) == b""
            except TimeoutError:
                continue
            except OSError:
                is_cut = True
    assert is_cut


def test_the_body_of_a_stranger_is_not_even_read(port: Port) -> None:
    head = b" HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
    for path in (b"/webhooks/alpen?token=wrong", b"/webhooks/alpen", b"/webhooks/other?token=wrong"):
        with port.client(b"POST " + path + head) as one:
            answer = one.recv(4096)
            assert answer.startswith(b"HTTP/1.1 401 "), answer
            assert b"wrong" not in answer.replace(b"The token or signature is wrong.", b"")
    with port.client(b"POST /webhooks/alpen?token=right" + head, b"1" * 100_000) as one:
        assert one.recv(4096).startswith(b"HTTP/1.1 200 ")
    assert port.bodies == [b"1" * 100_000]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", b"413"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: secret\r\n\r\n", b"501"),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nsecret\r\n", b"400"),
        (b"GET http://[secret HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"secret\r\n\r\n", b"400"),
        (b"GET /?token=secret HTTP/1.1\r\nno header token=secret\r\n\r\n", b"400"),
    ],
)
def test_what_is_no_request_is_answered_without_its_own_words(port: Port, sent: bytes, status: bytes) -> None:
    with port.client(sent) as one:
        answer = one.recv(4096)
    assert answer.split(b" ")[1] == status, answer
    assert b"secret" not in answer
    assert port.bodies == []
