"""An answer of a PMS or a feed costs so many bytes and so much time, whatever the other side does."""

import gzip
import http.client
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from connectors.addresses import PublicOrHere
from connectors.asked_first import asked_first
from connectors.bounds import Http
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.session import LARGEST, Access, Body, Fixed, PmsSession

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
Reply = Callable[[socket.socket], None]


class Peer:
    """A server that says what it is told to say, byte by byte."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.asked: list[bytes] = []
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._sock.getsockname()[1]}"
        self.other = f"http://localhost:{self._sock.getsockname()[1]}"
        """The same, under another name."""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(sock,), daemon=True).start()

    def _answer(self, sock: socket.socket) -> None:
        with sock, suppress(OSError):
            asked = b""
            while b"\r\n\r\n" not in asked:
                if not (more := sock.recv(65_536)):
                    return
                asked += more
            self.asked.append(asked)
            self.replies[min(len(self.asked), len(self.replies)) - 1](sock)

    def close(self) -> None:
        self._sock.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    # Before anybody measures time or memory.
    _blanks()
    peer = Peer()
    yield peer
    peer.close()


def says(*parts: bytes) -> Reply:
    """The peer hangs up afterwards, and says so: who asks again does not ask on a line that is being closed."""

    def reply(sock: socket.socket) -> None:
        first, *rest = parts
        for part in (first.replace(b"\r\n", b"\r\nConnection: close\r\n", 1), *rest):
            sock.sendall(part)

    return reply


@cache
def _blanks() -> bytes:
    """Many, in few bytes: made once, as that takes a second."""
    return gzip.compress(b" " * 60_000_000)


def says_blanks(head: bytes, twice: bool = False) -> Reply:
    """What is small as it comes and large once it is unpacked."""
    return lambda sock: says(head, gzip.compress(_blanks()) if twice else _blanks())(sock)


def says_for_ever(start: bytes, part: bytes, pause: float = 0.0) -> Reply:
    def reply(sock: socket.socket) -> None:
        sock.sendall(start)
        while True:
            sock.sendall(part)
            time.sleep(pause)

    return reply


def test_a_request_goes_out_in_one_piece_and_is_asked_about_right_before(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer.replies = [feed(b"{}")]
    sent: list[bytes] = []
    send = http.client.HTTPConnection.send
    monkeypatch.setattr(
        http.client.HTTPConnection, "send", lambda self, data: (sent.append(bytes(data)), send(self, data))[1]
    )

    def may_send() -> None:
        assert sent == []
        raise LookupError("the turn is over")

    of = session()
    with asked_first(may_send), pytest.raises(LookupError):
        of.request("POST", peer.url + "/a", json={"code": "1"}, who="elm", operation="write")
    assert sent == peer.asked == []
    assert of.request("POST", peer.url + "/a", json={"code": "1"}, who="elm", operation="write").document == {}
    (whole,) = sent
    assert whole.startswith(b"POST /a HTTP/1.1\r\n")
    assert whole.endswith(b'\r\n\r\n{"code": "1"}')


def test_what_is_no_text_is_not_sent_and_told(peer: Peer) -> None:
    for rest in ({"params": {"id": "\ud83d"}}, {"form": {"id": "\ud83d"}}):
        with pytest.raises(PmsRefused, match="characters that no text has"):
            ask(peer, **rest)
    assert peer.asked == []


def passes_on(to: str, *more: bytes) -> Reply:
    return says(b"HTTP/1.1 302 Found\r\nLocation: " + to.encode() + b"\r\nContent-Length: 0\r\n\r\n", *more)


def feed(text: bytes = b"BEGIN") -> Reply:
    return says(OK + b"Content-Length: %d\r\n\r\n" % len(text) + text)


def session(seconds: float = 4.0, **rest: Any) -> PmsSession:
    access = Access(attempts=2, timeout=(0.4, seconds), sleep=lambda _: None)
    return access.session(f"{time.monotonic_ns()}", 1000, 1.0, **rest)


def body(size: int = 1_000_000, seconds: float = 4.0) -> Body:
    return Body("a calendar", bytes, size, seconds)


def ask(peer: Peer, of: PmsSession | None = None, **rest: Any) -> Any:
    return (of or session()).request("GET", peer.url + "/a", who="elm", operation="list", **rest).document


@pytest.mark.parametrize(
    "reply",
    [
        says_for_ever(OK + b"\r\n", b"x" * 65_536),
        says_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65_536 + b"\r\n"),
        says_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1" * 65_536),
        says_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n5;" + b"x" * 9, b"x" * 65_536),
        says_for_ever(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n" * 1_000),
        says_blanks(OK + b"Content-Encoding: gzip\r\n\r\n"),
        says_blanks(OK + b"Content-Encoding: gzip, gzip\r\n\r\n", twice=True),
        says(OK + b"Content-Encoding: deflate, gzip, gzip, gzip, gzip, gzip, gzip\r\n\r\n", b"x"),
        says_for_ever(b"HTTP/1.1 500 No\r\n\r\n", b"x" * 65_536),
        says_blanks(b"HTTP/1.1 500 No\r\nContent-Encoding: gzip\r\n\r\n"),
        says_blanks(b"HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Encoding: gzip\r\n\r\n"),
        says_for_ever(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"x" * 65_536),
    ],
)
def test_an_answer_without_end_is_given_up_and_costs_little(peer: Peer, reply: Reply) -> None:
    peer.replies = [reply]
    tracemalloc.start()
    begun = time.monotonic()
    with pytest.raises(PmsError):
        ask(peer, session(1.5))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 * LARGEST
    assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "reply",
    [
        says_for_ever(OK + b"\r\n", b" ", 0.05),
        says_for_ever(OK + b"Content-Length: 100000\r\n\r\n", b" ", 0.05),
        says_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", 0.05),
        says_for_ever(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0", 0.05),
        says_for_ever(OK + b"X-Slow: ", b"x", 0.05),
        says_for_ever(b"", b"H", 0.05),
        says_for_ever(b"HTTP/1.1 302 Found\r\nLocation: /b\r\n\r\n", b"x", 0.05),
        says_for_ever(b"HTTP/1.1 500 No\r\n\r\n", b"x", 0.05),
    ],
)
def test_a_byte_at_a_time_gets_no_more_time_than_all_at_once(peer: Peer, reply: Reply) -> None:
    peer.replies = [reply]
    begun = time.monotonic()
    with pytest.raises(PmsUnreachable, match="did not answer in time"):
        ask(peer, session(0.1))
    assert time.monotonic() - begun < 6


def test_what_is_too_large_is_said_and_not_asked_for_again(peer: Peer) -> None:
    peer.replies = [says(OK + b"\r\n", b" " * 1_000_001)]
    with pytest.raises(PmsUnreachable, match="elm: the PMS answered with more than 1 MB at list"):
        ask(peer, body=body(seconds=5))
    assert len(peer.asked) == 1


def test_an_answer_of_the_largest_size_is_read(peer: Peer) -> None:
    peer.replies = [feed(b"x" * 1_000_000)]
    assert len(ask(peer, body=body(seconds=5))) == 1_000_000


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"[" + b"{}," * 600_000 + b"{}]",
        b"[" + b"1," * 2_000_000 + b"1]",
        b'{"a": ' + b"9" * 5_000,
        '{"a": "\U0001f600'.encode() + b"x" * 9_000_000 + b'"}',
        b'{"a": "\\ud83d\\ude00' + b"x" * 9_000_000 + b'"}',
    ],
)
def test_json_that_costs_more_than_its_bytes_is_no_json(peer: Peer, text: bytes) -> None:
    peer.replies = [feed(text)]
    with pytest.raises(PmsUnreachable, match="something that is not JSON"):
        ask(peer)


def test_who_asks_for_patience_beyond_ours_is_left_alone_at_once(peer: Peer) -> None:
    peer.replies = [says(b"HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n")]
    with pytest.raises(PmsUnreachable, match="answered 429 and asks us to come back in 3600 s"):
        ask(peer)
    assert len(peer.asked) == 1


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 429 Slow\r\nRetry-After: Mon, 01 Jan 99999999999999999999 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 429 Slow\r\nRetry-After: 01 Jan 2026 99999999999999999999:00:00 GMT\r\nContent-Length: 0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n" + b"f" * 40 + b"\r\n{}\r\n0\r\n\r\n",
        OK + b"".join(b"X-%d: y\r\n" % number for number in range(10_000)) + b"Content-Length: 2\r\n\r\n{}",
        OK + b"Content-Length: 2, 3\r\n\r\n{}",
        OK + b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nno",
        b"HTTP/1.1 99999 OK\r\n\r\n{}",
        b"ICY 200 OK\r\n\r\n{}",
    ],
)
@pytest.mark.parametrize("with_body", [True, False])
def test_what_is_no_http_is_no_answer(peer: Peer, head: bytes, with_body: bool) -> None:
    def no_calendar(_: bytes) -> None:
        raise ValueError

    peer.replies = [says(head)]
    with pytest.raises(PmsUnreachable, match="elm: the PMS"):
        ask(peer, body=Body("a calendar", no_calendar, 1_000, 4.0) if with_body else None)


# --- passed on --------------------------------------------------------------------------------------------------------


def test_a_feed_is_followed_to_where_it_has_moved(peer: Peer) -> None:
    peer.replies = [passes_on("/b"), passes_on("c?d=/"), feed(b"BEGIN")]
    assert ask(peer, body=body()) == b"BEGIN"
    assert [one.split(b" ")[1] for one in peer.asked] == [b"/a", b"/b", b"/c?d=/"]


def test_a_feed_may_move_to_an_address_in_other_letters(peer: Peer) -> None:
    peer.replies = [passes_on("/müller/"), feed(b"BEGIN")]
    ask(peer, body=body())
    assert [one.split(b" ")[1] for one in peer.asked] == [b"/a", b"/m%C3%BCller/"]


def test_a_feed_that_is_passed_on_again_and_again_is_told(peer: Peer) -> None:
    peer.replies = [passes_on("/a")]
    with pytest.raises(PmsRefused, match="passed on again and again"):
        ask(peer, body=body())
    assert len(peer.asked) == 6


def test_credentials_go_to_no_other_host(peer: Peer) -> None:
    peer.replies = [passes_on("/b"), passes_on(peer.other + "/c"), feed()]
    signed = session(sign_in=Fixed({"Authorization": "Bearer SECRET", "X-Key": "SECRET"}))
    ask(peer, signed, body=body(), params={"token": "SECRET"})
    assert [b"SECRET" in one for one in peer.asked] == [True, True, False]
    assert all(b"User-Agent: NightPorter" in one for one in peer.asked)


def test_the_name_and_password_in_an_address_go_to_no_other_host(peer: Peer) -> None:
    peer.replies = [passes_on("/b"), passes_on(peer.other + "/c"), feed()]
    url = peer.url.replace("//", "//anna:SECRET@") + "/a"
    session().request("GET", url, who="elm", operation="list", body=body())
    assert [b"Authorization: Basic" in one for one in peer.asked][::2] == [True, False]
    assert not any(b"SECRET" in one for one in peer.asked)


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("http://feeds.example/a", "without https://"),
        ("ftp://feeds.example/a", "no address"),
        ("file:///etc/passwd", "no address"),
        ("http://[", "no address"),
    ],
)
def test_a_feed_is_never_followed_to_what_is_no_safe_address(peer: Peer, to: str, reason: str) -> None:
    peer.replies = [passes_on(to)]
    with pytest.raises(PmsRefused, match=reason) as told:
        ask(peer, body=body())
    assert "example" not in str(told.value)


def test_a_feed_on_the_internet_is_not_followed_into_this_machine() -> None:
    from connectors.addresses import next_address

    for to in ("http://127.0.0.1:8080/", "https://localhost/", "http://[::1]/"):
        with pytest.raises(PmsRefused, match="private network"):
            next_address("https://feeds.example/a", to)


def test_an_api_is_followed_nowhere(peer: Peer) -> None:
    peer.replies = [passes_on("/b")]
    with pytest.raises(PmsRefused, match="check base_url"):
        ask(peer)
    assert len(peer.asked) == 1


def test_a_peer_leaves_nothing_behind_in_a_session(peer: Peer) -> None:
    peer.replies = [says(OK + b"Set-Cookie: a=b\r\nContent-Length: 2\r\n\r\n{}")]
    of = session()
    of.through(PublicOrHere())
    for _ in range(2):
        ask(peer, of)
    assert b"a=b" not in peer.asked[-1]


def test_an_address_with_its_token_is_in_no_log(peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    peer.replies = [
        says(OK + b"no header at all\r\nX: y\r\nContent-Length: 2\r\n\r\n{}"),
        says(OK + b": nothing\r\n continued\r\nContent-Length: 2\r\n\r\n{}"),
        passes_on("/b?token=SECRET"),
        says(b"HTTP/1.1 503 No\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"),
    ]
    for _ in range(4):
        with suppress(PmsError):
            session().request(
                "GET", peer.url + "/a?token=SECRET", who="elm", operation="list", body=Body("a feed", bytes, 100, 4.0)
            )
    assert "SECRET" not in caplog.text


def test_the_proxies_of_the_surroundings_are_looked_for_once_a_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", "near.example")
    http, looked = Http(), 0
    look = requests.sessions.get_environ_proxies

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal looked
        looked += 1
        return look(*given, **named)

    monkeypatch.setattr(requests.sessions, "get_environ_proxies", counted)
    for _ in range(3):
        far = http.merge_environment_settings("http://far.example/a", {}, True, None, None)
        near = http.merge_environment_settings("http://near.example/a", {}, None, None, None)
        assert far["proxies"]["http"] == "http://proxy.example:3128"
        assert far["stream"] is True
        assert "http" not in near["proxies"]
        assert near["stream"] is False
    assert looked == 2
    http.trust_env = False
    assert not http.merge_environment_settings("http://far.example/a", {}, True, None, None)["proxies"]


class Kept(BaseAdapter):
    """Keeps what it is given to send."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[Any, dict[str, Any]]] = []

    def send(self, request: Any, **how: Any) -> Any:
        self.sent.append((request, how))
        answer = requests.Response()
        answer.status_code, answer.raw, answer.request = 200, BytesIO(b"{}"), request
        return answer


def test_a_request_is_what_requests_itself_would_send_but_for_what_a_file_of_passwords_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passwords = tmp_path / "netrc"
    passwords.write_text("machine elm.example login somebody password else\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(passwords))
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    http, kept = Http(), Kept()
    http.mount("https://", kept)
    headers = {"accept": "application/json", "Authorization": "Bearer of-ours"}
    for url, parts in [
        ("https://elm.example/a b?c=d#e", {}),
        ("https://elm.example/a b?c=d#e", {"params": {"ids": ["1", "2"], "name": "é"}}),
        ("https://bücher.example", {"params": [("a", "1"), ("a", "2")]}),
        ("https://elm.example/", {"json": {"name": "é"}}),
        ("https://elm.example/", {"form": {"name": "é b"}}),
    ]:
        for method in ("GET", "POST"):
            http.ask(method, url, headers, **parts, timeout=(1.0, 2.0))
            http.ask(method, url, headers, **parts, timeout=(1.0, 2.0))
            named: Any = {"data" if name == "form" else name: part for name, part in parts.items()}
            http.request(method, url, headers=headers, **named, auth=lambda one: one, timeout=(1.0, 2.0), stream=True)
            first, second, other = (
                ((one.method, one.url, sorted(one.headers.lower_items()), one.body), how) for one, how in kept.sent
            )
            assert first == second == other
            kept.sent.clear()
    http.ask("GET", "https://me:mine@elm.example/", {}, timeout=(1.0, 2.0))
    http.ask("GET", "https://elm.example/", {}, timeout=(1.0, 2.0))
    with_own, without = (one.headers.get("Authorization") for one, _ in kept.sent)
    assert with_own == "Basic bWU6bWluZQ=="
    assert without is None
