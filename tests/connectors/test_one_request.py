"""A request to a PMS is put together and sent by ourselves: what goes out, and what comes back, is what `requests`
would have sent and read."""

import http.client
import io
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from requests.adapters import HTTPAdapter

from connectors.bounds import MOST_LINES, Bounded, Http, _headers
from connectors.errors import PmsUnreachable
from connectors.session import PmsSession
from tests.connectors.test_bounds import session

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"


class Wire:
    """A server that keeps what each connection has sent, and answers as often as it may."""

    def __init__(self, answers: int, answer: bytes = ANSWER, context: ssl.SSLContext | None = None):
        self._answers, self._answer, self._context = answers, answer, context
        self.came: list[list[bytes]] = []
        self._sock = socket.create_server(("127.0.0.1", 0))
        self.port = self._sock.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._sock.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(sock,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        mine: list[bytes] = []
        # A handshake that fails, and a client that hangs up.
        with suppress(OSError), self._context.wrap_socket(plain, server_side=True) if self._context else plain as sock:
            self.came.append(mine)
            for _ in range(self._answers):
                whole = sock.recv(1_000_000)
                if not whole:
                    return
                mine.append(whole)
                sock.sendall(self._answer)


@contextmanager
def wire(answers: int = 10, answer: bytes = ANSWER, context: ssl.SSLContext | None = None) -> Iterator[Wire]:
    one = Wire(answers, answer, context)
    yield one
    one._sock.close()


def ask(of: PmsSession, url: str, **rest: Any) -> Any:
    return of.request("POST", url, who="elm", operation="list", **rest).document


@pytest.mark.parametrize(
    ("method", "parts"),
    [
        ("GET", {}),
        ("GET", {"params": {"ids": ["1", "2"], "name": "é b"}}),
        ("POST", {"json": {"name": "é"}}),
        ("POST", {"form": {"name": "é b"}}),
        ("PUT", {}),
        ("DELETE", {}),
    ],
)
def test_what_is_sent_is_what_requests_would_have_sent(method: str, parts: dict[str, Any]) -> None:
    headers = {"Accept": "application/json", "Authorization": "Bearer of-ours", "X-Name": "Ä"}
    ours = Http()
    with wire() as one, ours, requests.Session() as theirs:
        theirs.trust_env = False
        with ours.ask(method, one.url + "/a b/é?c=%C3%A9", headers, timeout=(2.0, 2.0), **parts) as first:
            assert first.json() == {}
        named = {"data" if name == "form" else name: part for name, part in parts.items()}
        prepared = theirs.prepare_request(
            requests.Request(method, one.url + "/a b/é?c=%C3%A9", headers={**ours.headers, **headers}, **named)
        )
        HTTPAdapter.send(Bounded(), prepared, timeout=2.0).close()
    (mine,), (other,) = one.came
    head, _, body = mine.partition(b"\r\n\r\n")
    line, *lines = head.split(b"\r\n")
    other_head, _, other_body = other.partition(b"\r\n\r\n")
    other_line, *other_lines = other_head.split(b"\r\n")
    assert (line, sorted(lines), body) == (other_line, sorted(other_lines), other_body)


def test_one_connection_serves_all_requests_as_long_as_the_pms_keeps_it_open() -> None:
    of = session()
    with wire(answers=3) as one:
        for _ in range(3):
            assert ask(of, one.url, json={}) == {}
        assert [len(each) for each in one.came] == [3]
        of.close()


def test_a_connection_that_the_pms_has_closed_meanwhile_is_not_used_again() -> None:
    of = session()
    with wire(answers=1) as one:
        assert ask(of, one.url, json={}, repeatable=False) == {}
        first = one.came[0]
        while not _is_over(of):
            pass
        assert ask(of, one.url, json={}, repeatable=False) == {}
        assert (len(first), len(one.came)) == (1, 2)


def _is_over(of: PmsSession) -> bool:
    """Whether the word that the other side has hung up has come in."""
    (pool,) = of._http.get_adapter("http://")._pools.values()  # type: ignore[attr-defined]
    (idle,) = [one for one in pool.pool.queue if one is not None]
    return not idle.is_connected


def test_a_pms_that_answers_before_it_has_read_all_is_heard() -> None:
    with (
        wire(answers=1, answer=b"HTTP/1.1 413 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n") as one,
        Http() as http,
        http.ask("POST", one.url, {}, form="x" * 60_000, timeout=(2.0, 2.0)) as answer,
    ):
        assert answer.status_code == 413


@pytest.mark.parametrize("body", [b'{"a": 1', b""])
def test_a_body_that_breaks_off_is_no_answer(body: bytes) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 20\r\nConnection: close\r\n\r\n"
    with wire(answers=1, answer=head + body) as one, pytest.raises(PmsUnreachable, match="cannot be reached"):
        ask(session(), one.url, json={})


@pytest.mark.parametrize(
    "head",
    [
        b"\r\n",
        b"\n",
        b"",
        b"A: b\r\n\r\n",
        b"A: b",
        b"A: b\n\n",
        b"A:b\r\nA:  c \t\r\nSet-Cookie: x=y\r\n\r\n",
        b"A: b\r\n continued\r\nC: d\r\n\r\n",
        b"A : b\r\n\r\n",
        b": nothing\r\nC: d\r\n\r\n",
        b"no header at all\r\nC: d\r\n\r\n",
        b"From me\r\nC: d\r\n\r\n",
        b"A: \xe9\x00\x0b\x85\r\n\r\n",
        b"A: b\rC: d\r\n\r\n",
        b"A:\r\n\r\n",
        b"Content-Length: 2\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"A: b\r\n" * MOST_LINES + b"\r\n",
        b"A: b\r\n" * (MOST_LINES - 1) + b"\r\n",
        b"A: " + b"b" * 70_000 + b"\r\n\r\n",
        b"A: " + b"b" * 65_531 + b"\r\n\r\n",
    ],
)
def test_headers_are_read_as_the_standard_library_reads_them(head: bytes) -> None:
    def found(read: Any) -> Any:
        file = io.BytesIO(head + b"rest")
        try:
            return read(file).items(), file.read()
        except http.client.HTTPException as problem:
            return type(problem), str(problem)

    assert found(_headers) == found(http.client.parse_headers)


# --- with TLS ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, with its key."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "elm")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def test_a_certificate_that_nobody_trusts_is_refused_and_one_that_is_trusted_serves(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with wire(context=context) as one:
        monkeypatch.delenv("REQUESTS_CA_BUNDLE", raising=False)
        monkeypatch.delenv("CURL_CA_BUNDLE", raising=False)
        with pytest.raises(PmsUnreachable, match="SSLError"):
            ask(session(), one.url, json={})
        assert not any(one.came)
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        of = session()
        assert [ask(of, one.url, json={}) for _ in range(2)] == [{}, {}]
        # It is no certificate of that name.
        with pytest.raises(PmsUnreachable, match="SSLError"):
            ask(session(), f"https://localhost:{one.port}", json={})
