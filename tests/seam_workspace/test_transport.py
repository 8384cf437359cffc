"""Whatever comes back from Seam's address has an end: in seconds and in bytes."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from seam_workspace.errors import SeamBusy, SeamUnreachable
from seam_workspace.pace import Pace
from seam_workspace.transport import Bounded, TooLarge, to
from seam_workspace.workspace import Workspace
from tests.world import Clock

WORKSPACE = {"ok": True, "workspace": {"workspace_id": "w", "name": "Inn"}}


def workspace_that(*answers: httpx.Response, clock: Clock | None = None) -> tuple[Workspace, list[httpx.Request]]:
    clock = clock or Clock()
    asked: list[httpx.Request] = []
    left = list(answers)

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return left.pop(0) if len(left) > 1 else left[0]

    pace = Pace(clock.monotonic, clock.sleep)
    return Workspace("seam_key", "http://seam.example", pace=pace, transport=httpx.MockTransport(answer)), asked


def too_many(retry_after: str, **more: str) -> httpx.Response:
    error = {"error": {"type": "too_many_requests", "message": "Slow down"}, "ok": False}
    return httpx.Response(429, json=error, headers={"Retry-After": retry_after, **more})


@pytest.mark.parametrize(
    "refusal",
    [
        too_many("40"),
        too_many("Sat, 28 Nov 2026 10:00:40 GMT", Date="Sat, 28 Nov 2026 10:00:00 GMT"),
        httpx.Response(429, text="Too Many Requests", headers={"Retry-After": "40"}),
    ],
)
def test_a_429_is_waited_for_as_long_as_it_says_whatever_its_body(refusal: httpx.Response) -> None:
    clock = Clock()
    workspace, _ = workspace_that(refusal, httpx.Response(200, json=WORKSPACE), clock=clock)
    assert workspace.check() == "Inn"
    assert 40 <= clock.monotonic() < 42


def test_an_hour_is_told_and_nobody_else_asks_until_it_is_over() -> None:
    clock = Clock()
    workspace, asked = workspace_that(too_many("3600"), httpx.Response(200, json=WORKSPACE), clock=clock)
    for _ in range(3):
        with pytest.raises(SeamBusy, match="no more requests for another 60 minutes"):
            workspace.check()
    assert (len(asked), clock.monotonic()) == (1, 0)
    clock.pass_(hours=1)
    assert workspace.check() == "Inn"


@pytest.mark.parametrize(
    "word", ["soon", "nan", "-5", "inf", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "9" * 5_000]
)
def test_a_retry_after_that_says_nothing_is_a_short_pause(word: str) -> None:
    clock = Clock()
    workspace, _ = workspace_that(too_many(word), httpx.Response(200, json=WORKSPACE), clock=clock)
    assert workspace.check() == "Inn"
    assert clock.monotonic() < 5


def bounded(response: httpx.Response, **limits: float) -> Bounded:
    return Bounded(httpx.MockTransport(lambda _: response), **limits)  # type: ignore[arg-type]


def get(transport: httpx.BaseTransport, url: str = "http://seam.example/") -> httpx.Response:
    with httpx.Client(transport=transport) as client:
        return client.get(url)


@pytest.mark.parametrize(
    ("packing", "packed"),
    [("gzip", gzip.compress(b"hello")), ("deflate", zlib.compress(b"hello")), ("", b"hello"), ("identity", b"hello")],
    ids=["gzip", "deflate", "none", "identity"],
)
def test_what_is_small_is_unpacked_and_handed_on(packing: str, packed: bytes) -> None:
    response = get(bounded(httpx.Response(200, content=packed, headers={"Content-Encoding": packing})))
    assert (response.content, "content-encoding" in response.headers) == (b"hello", False)


def test_a_small_body_that_unpacks_without_end_is_cut_off() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    assert len(bomb) < 60_000
    with pytest.raises(TooLarge):
        get(bounded(httpx.Response(200, content=bomb, headers={"Content-Encoding": "gzip"}), at_most=1_000_000))


def test_a_body_packed_otherwise_or_not_at_all_is_refused() -> None:
    for packing in ("br", "zstd", "gzip"):
        with pytest.raises(httpx.DecodingError):
            get(bounded(httpx.Response(200, content=b"hello", headers={"Content-Encoding": packing})))


def test_what_does_not_answer_is_not_asked_for_longer_than_anybody_waits() -> None:
    clock = Clock()

    def silent(_: httpx.Request) -> httpx.Response:
        clock.sleep(60)
        raise httpx.ReadTimeout("")

    pace = Pace(clock.monotonic, clock.sleep)
    workspace = Workspace("seam_key", "http://seam.example", pace=pace, transport=httpx.MockTransport(silent))
    with pytest.raises(SeamUnreachable, match="in time"):
        workspace.check()
    assert clock.monotonic() < 150


@pytest.mark.parametrize("kind", ["the same page", "no page", "new pages", "slow pages"])
def test_a_list_that_never_ends_is_told_and_nothing_is_concluded_from_it(kind: str) -> None:
    clock = Clock()
    number = 0

    def page(_: httpx.Request) -> httpx.Response:
        nonlocal number
        number += 1
        clock.sleep(30 if kind == "slow pages" else 0)
        name = "101" if kind == "the same page" else str(number)
        space = {"space_id": name, "name": name, "acs_entrance_count": 0, "device_count": 0}
        more = {"has_next_page": True, "next_page_cursor": f"cursor {number}", "next_page_url": None}
        spaces = [] if kind == "no page" else [space]
        return httpx.Response(200, json={"ok": True, "spaces": spaces, "pagination": more})

    pace = Pace(clock.monotonic, clock.sleep)
    workspace = Workspace("seam_key", "http://seam.example", pace=pace, transport=httpx.MockTransport(page))
    with pytest.raises(SeamUnreachable, match="do not end"):
        workspace.list_spaces("inn")
    assert number <= {"the same page": 2, "no page": 2, "new pages": 400, "slow pages": 22}[kind]


class Drip(httpx.SyncByteStream):
    def __init__(self, clock: Clock, pieces: int, size: int):
        self.clock, self.pieces, self.size = clock, pieces, size

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self.pieces):
            self.clock.sleep(1)
            yield b"x" * self.size


def test_a_byte_a_second_is_no_answer_and_neither_is_a_body_without_end() -> None:
    clock = Clock()
    slow = httpx.Response(200, stream=Drip(clock, 1_000_000, 1))
    with pytest.raises(httpx.ReadTimeout):
        get(Bounded(httpx.MockTransport(lambda _: slow), clock=clock.monotonic, within=60))
    assert clock.monotonic() < 62
    endless = httpx.Response(200, stream=Drip(clock, 1_000_000, 65_536))
    with pytest.raises(TooLarge):
        get(Bounded(httpx.MockTransport(lambda _: endless), clock=clock.monotonic, at_most=1_000_000))


def test_what_is_too_large_or_too_slow_is_one_of_our_errors() -> None:
    bomb = httpx.Response(200, content=gzip.compress(bytes(50_000_000)), headers={"Content-Encoding": "gzip"})
    workspace, _ = workspace_that(bomb)
    with pytest.raises(SeamUnreachable, match="has no end"):
        workspace.check()


@contextmanager
def a_peer_that_sends(piece: bytes, every: float) -> Iterator[str]:
    """Takes one request and answers it byte by byte, without an end."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while not over.wait(every):
                try:
                    connection.sendall(piece)
                except OSError:
                    return

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        over.set()
        thread.join(5)
        listener.close()


def test_over_a_socket_the_head_of_an_answer_is_not_waited_for_for_ever_either() -> None:
    with a_peer_that_sends(b"H", 0.05) as address:
        transport = to(address, 2)
        transport._within = 0.4
        began = time.monotonic()
        with pytest.raises(httpx.TransportError):
            get(transport, address)
        assert time.monotonic() - began < 20, "the head has no end"


def test_a_peer_that_says_nothing_is_not_waited_for_for_longer_than_the_whole_request_may_take() -> None:
    with a_peer_that_sends(b"", 0.05) as address:
        transport = to(address, 2)
        transport._within = 0.3
        with pytest.raises(httpx.TimeoutException):
            get(transport, address)


def test_the_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert "Proxy" not in type(to("https://connect.getseam.com", 2)._inner._pool).__name__  # type: ignore[attr-defined]
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    assert "Proxy" in type(to("https://connect.getseam.com", 2)._inner._pool).__name__  # type: ignore[attr-defined]
    monkeypatch.setenv("no_proxy", "connect.getseam.com")
    assert "Proxy" not in type(to("https://connect.getseam.com", 2)._inner._pool).__name__  # type: ignore[attr-defined]


# --- in one go --------------------------------------------------------------------------------------------------------


@contextmanager
def listening(answer: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """A server that keeps what each `recv` brings of a connection, and answers once it has brought something."""
    came: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    connection.settimeout(5)
                    came.append(connection.recv(1_000_000))
                    if came[-1]:
                        connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}", came
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\nConnection: close\r\n\r\n"


class TooLate(Exception):
    pass


def test_what_would_change_something_is_sent_in_one_go_and_asked_about_right_before() -> None:
    asked = []
    with listening(ANSWER + b'{"ok":true}') as (url, came):
        workspace = Workspace("seam_key", url)
        with workspace.guarded(lambda: asked.append(len(came))):
            workspace.give_account_to("account-1", "house-1")
        workspace.close()
    (whole,) = came
    headers, _, body = whole.partition(b"\r\n\r\n")
    assert b" /connected_accounts/update HTTP/1.1" in headers
    assert b"house-1" in body
    assert asked == [0, 0, 0]


def test_whoever_may_not_any_more_when_the_connection_is_open_has_sent_nothing_at_all() -> None:
    asked = []

    def may_write() -> None:
        asked.append(1)
        if len(asked) == 2:
            raise TooLate

    with listening(ANSWER + b'{"ok":true}') as (url, came):
        workspace = Workspace("seam_key", url)
        with workspace.guarded(may_write), pytest.raises(TooLate):
            workspace.delete_access_grant("g1")
        # Nor is it sent later, by the next request over the same pool.
        workspace.delete_access_grant("g2")
        workspace.close()
    assert came[0] == b""
    assert [b"g2" in one for one in came] == [False, True]
    assert not any(b"g1" in one for one in came)


def test_a_large_request_is_sent_whole() -> None:
    with listening(ANSWER + b'{"ok":true}') as (url, came), httpx.Client(transport=to(url, 2)) as client:
        assert client.post(url, content=b"x" * 300_000).status_code == 200
    assert came[0].startswith(b"POST / HTTP/1.1")


def test_a_server_that_refuses_before_it_has_read_all_is_heard() -> None:
    answer = b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with listening(answer) as (url, _), httpx.Client(transport=to(url, 2)) as client:
        assert client.post(url, content=b"x" * 60_000).status_code == 413


@pytest.mark.parametrize("value", [b"9" * 6_000, b"[" * 5_000 + b"]" * 5_000, b'"a\xe9b"', b'"a\nb"'])
def test_a_value_that_parsers_refuse_costs_no_other_one(value: bytes) -> None:
    body = b'{"devices": [{"device_id": "a", "properties": ' + value + b'}, {"device_id": "b"}]}'
    answer = get(Bounded(httpx.MockTransport(lambda _: httpx.Response(200, content=body))))
    assert [one["device_id"] for one in answer.json()["devices"]] == ["a", "b"]


def test_an_answer_that_is_cut_off_is_none() -> None:
    answer = get(Bounded(httpx.MockTransport(lambda _: httpx.Response(200, content=b'{"devices": [{"device_id"'))))
    with pytest.raises(ValueError, match="Expecting"):
        answer.json()
