"""Peers that never end, dribble, fall silent, explode or go in circles: others are served on time, somebody is told.

One real process, one honest hotel, and a connection to each kind of bad peer, over real sockets and in real time.
"""

import gzip
import itertools
import json
import os
import signal
import socket
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests

from sandbox.http import Answer, serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from store.alerts import AlertBook
from store.database import open_database
from store.engine import Database
from tests.services import free_port, start_service

INTERVAL = 10
Behaviour = Callable[[socket.socket], None]


def endless(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        to.sendall(b"10000\r\n" + b'"a", ' * 13107 + b" \r\n")


def endless_without_a_word_of_its_length(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n[")
    while True:
        to.sendall(b"1, " * 20000)


def dribble(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000\r\n\r\n")
    while True:
        to.sendall(b" ")
        time.sleep(1)


def dribble_in_the_head(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nX-Long: ")
    while True:
        to.sendall(b"x")
        time.sleep(1)


def many_heads(to: socket.socket) -> None:
    while True:
        to.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        time.sleep(0.01)


def silent(_: socket.socket) -> None:
    time.sleep(600)


def hang_up(_: socket.socket) -> None:
    pass


@cache
def _bomb() -> bytes:
    """A gibibyte of blanks."""
    part = gzip.compress(b" " * 2**26)
    return part * 16


def bomb(to: socket.socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n"
    to.sendall(head % len(_bomb()) + _bomb())


def deep(to: socket.socket) -> None:
    body = b'{"Reservations": ' + b"[" * 3_000_000
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


def fat(to: socket.socket) -> None:
    """Within its bytes, and many times that in memory."""
    everything(to, b"{" + b",".join(b'"%d":1' % number for number in range(590_000)) + b"}")


def wide(to: socket.socket) -> None:
    everything(to, ('{"Enterprises":["\U0001f600' + "a" * 11_000_000 + '"]}').encode())


def many_values(to: socket.socket) -> None:
    everything(to, b"[" + b",".join([b"{}"] * 900_000) + b"]")


def everything(to: socket.socket, body: bytes) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


_places = itertools.count()


def send_elsewhere(to: socket.socket) -> None:
    to.sendall(b"HTTP/1.1 307 Go on\r\nLocation: /%d\r\nContent-Length: 0\r\n\r\n" % next(_places))


BEHAVIOURS: list[Behaviour] = [
    endless,
    endless_without_a_word_of_its_length,
    dribble,
    dribble_in_the_head,
    many_heads,
    silent,
    hang_up,
    bomb,
    deep,
    fat,
    wide,
    many_values,
    send_elsewhere,
]


class Peer:
    """A server that reads a request and then behaves as it does, for each connection anew."""

    def __init__(self, behaviour: Behaviour):
        self._behaviour = behaviour
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=self._serve, args=self._listener.accept()[:1], daemon=True).start()

    def _serve(self, to: socket.socket) -> None:
        with suppress(OSError), to:
            to.recv(65536)
            self._behaviour(to)

    def close(self) -> None:
        self._listener.close()


class Circle:
    """A hotel whose lists never end: each page names a next one, which is the same."""

    def __init__(self) -> None:
        self._hotel = MewsHotel(rate_limit=None)
        of = self._hotel.add_property()
        category = self._hotel.add_category(self._hotel.add_service(of))
        self._hotel.add_room(of, "101", category)
        self._pages = itertools.count()

    def handle(self, *request: object) -> Answer:
        answer = self._hotel.handle(*request)  # type: ignore[arg-type]
        document = json.loads(answer.body)
        if isinstance(document, dict) and "Cursor" in document:
            answer.body = json.dumps(document | {"Cursor": f"page {next(self._pages)}"}).encode()
        return answer


class Flood:
    """A hotel whose every page brings a thousand reservations that nobody has seen before."""

    def __init__(self) -> None:
        self._hotel = MewsHotel(rate_limit=None)
        of = self._hotel.add_property()
        category = self._hotel.add_category(self._hotel.add_service(of))
        room = self._hotel.add_room(of, "101", category)
        now = datetime.now(UTC).replace(microsecond=0)
        guest = self._hotel.add_customer("Jana", "Novak", "jana@example.com")
        self._hotel.book(guest, category, now, now + timedelta(days=1), room)

    def handle(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        asked = json.loads(body or b"{}")
        if isinstance(limitation := asked.get("Limitation"), dict):
            limitation.pop("Cursor", None)
        answer = self._hotel.handle(method, path, query, headers, json.dumps(asked).encode())
        if path.endswith("reservations/getAll/2023-06-06") and answer.status == 200:
            found = json.loads(answer.body)["Reservations"][:1]
            new = [one | {"Id": str(uuid.uuid4()), "Number": f"{place}"} for one in found for place in range(1000)]
            answer.body = json.dumps({"Reservations": new, "Cursor": f"{uuid.uuid4()}"}).encode()
        return answer


class Porter:
    """`nightporter serve` between an honest hotel and the others."""

    def __init__(
        self, home: Path, peers: dict[str, str], seam_url: str | None = None, more: str = "", alerts: str = ""
    ):
        """`peers`: addresses of hotels, by connection. `more`: other connections; `alerts`: who is told (YAML)."""
        self.hotel, self.seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(0))
        of = self.hotel.add_property()
        self.category = self.hotel.add_category(self.hotel.add_service(of))
        self.rooms = [self.hotel.add_room(of, f"{number}", self.category) for number in range(101, 131)]
        for room in self.rooms:
            self.seam.add_entrance(room, f"honest/{room}")
        self._servers = [serve(self.hotel), serve(self.seam)]
        self.port = free_port()
        self.home = home
        tokens = f"client_token: {self.hotel.client_token}, access_token: {self.hotel.access_token}"
        connections = "".join(
            f"""
  {name}:
    connector: mews
    key_prefix: "{name}/"
    schedules: {{incremental: {INTERVAL}s}}
    mews: {{base_url: "{url}", {tokens}}}"""
            for name, url in {"honest": self._servers[0].url, **peers}.items()
        )
        config = home / "config.yaml"
        config.write_text(f"""
database: sqlite:///{home}/night.db
seam: {{api_key: {self.seam.api_key}, endpoint: "{seam_url or self._servers[1].url}"}}
serve: {{port: {self.port}}}
alerts: {{{alerts}}}
connections:{connections}{more}
""")
        self.process = start_service(config, home / "log.jsonl", own_session=True)

    def book(self) -> str:
        now = datetime.now(UTC).replace(microsecond=0)
        number = len(self.hotel.reservations)
        guest = self.hotel.add_customer("Jana", f"Novak{number}", f"g{number}@example.com")
        room = self.rooms[number % len(self.rooms)]
        return self.hotel.book(guest, self.category, now, now + timedelta(days=1), room)

    def healthz(self) -> float:
        """Seconds until it answered; a hundred where it did not."""
        began = time.monotonic()
        try:
            answered = requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=10).ok
        except requests.RequestException:
            answered = False
        return time.monotonic() - began if answered else 100.0

    def crowd(self) -> list[socket.socket]:
        """A thousand clients that say nothing, and two hundred that are slow to say something."""
        found = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(1200)]
        for one in found[1000:]:
            one.sendall(b"POST /webhooks/honest?token=x HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na")
        return found

    def most_memory(self) -> int:
        """Mebibytes that the process has had at most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) // 1024

    def told_of(self) -> set[str]:
        """Connections of which somebody is told now."""
        store = Database(open_database(f"sqlite:///{self.home}/night.db"))
        try:
            return {one.connection for one in AlertBook(store).open() if one.connection}
        finally:
            store.close()

    def close(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
        for server in self._servers:
            server.close()


@pytest.fixture
def porter_among_bad_peers(tmp_path: Path) -> Iterator[Porter]:
    peers = {behaviour.__name__.replace("_", "-"): Peer(behaviour) for behaviour in BEHAVIOURS}
    with serve(Circle()) as circle, serve(Flood()) as flood:
        urls = {name: peer.url for name, peer in peers.items()}
        porter = Porter(tmp_path, {**urls, "circle": circle.url, "flood": flood.url})
        try:
            yield porter
        finally:
            porter.close()
            for peer in peers.values():
                peer.close()


@pytest.mark.slow
def test_bad_peers_hold_up_nobody_else_and_are_told(porter_among_bad_peers: Porter) -> None:
    porter = porter_among_bad_peers
    names = {"flood", *(behaviour.__name__.replace("_", "-") for behaviour in BEHAVIOURS)}
    until = time.monotonic() + 30
    while porter.healthz() > 10:
        assert time.monotonic() < until, (porter.home / "log.jsonl").read_text()[-3000:]
    began, slowest, latest = time.monotonic(), 0.0, 0.0
    told: dict[str, float] = {}
    while time.monotonic() - began < 110 and not names <= told.keys():
        booking = porter.book()
        booked = time.monotonic()
        while porter.seam.grant_by_key(f"honest/{booking}") is None and time.monotonic() - booked < 60:
            slowest = max(slowest, porter.healthz())
            time.sleep(0.5)
        latest = max(latest, time.monotonic() - booked)
        told |= {name: time.monotonic() - began for name in porter.told_of() if name not in told}
    memory = porter.most_memory()
    crowd = porter.crowd()
    among = max(porter.healthz() for _ in range(5))
    for one in crowd:
        one.close()
    porter.process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        porter.process.wait(60)
    ended = time.monotonic() - asked
    said = f"{memory} MiB, healthz {slowest:.1f} s, news {latest:.1f} s, end {ended:.1f} s, told after {told}"
    assert memory <= 400, said
    assert slowest <= 3, said
    assert among <= 3, f"healthz in the crowd {among:.1f} s"
    assert latest <= 3 * INTERVAL, said
    assert ended <= 20, said
    assert names <= told.keys(), f"not told: {names - told.keys()}; {said}"
    assert not told.keys() & {"honest", "circle"}, said
