"""Receivers that are slow, away for a day, pass on, or answer nonsense: nothing is lost, and nobody waits for them."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from schedules import outgoing as module
from schedules.outgoing import Outgoing, Post
from store.database import open_database
from store.engine import Database
from store.outgoing import EventKind, Happened, OutgoingEvents, emit_in
from store.receivers import Receiver, Receivers, ReceiverState, Wants
from store.secrets import SecretKeys, new_key
from tests.databases import database_at
from tests.every_day import first_of

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
KEYS = SecretKeys(new_key())


class Answering:
    """A receiver's server: `answer` says what it answers to a path, by the number of the request."""

    def __init__(self) -> None:
        self.got: list[tuple[str, dict[str, str], bytes]] = []
        self.status: dict[str, int] = {}
        self.headers: dict[str, dict[str, str]] = {}
        self.holds: dict[str, threading.Event] = {}

    def bookings(self, path: str = "/") -> list[str]:
        return [json.loads(body)["data"]["booking_id"] for at, _, body in self.got if at == path]


@contextmanager
def _served() -> Iterator[tuple[Answering, str]]:
    of = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            of.got.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            if self.path in of.holds:
                of.holds[self.path].wait(10)
            self.send_response(of.status.get(self.path, 200))
            for name, value in of.headers.get(self.path, {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"\xff\x00")

        def log_message(self, *rest: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield of, f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class Sending:
    """One process that sends, on a clock of its own; without its threads, but where a test starts them."""

    def __init__(self, store: Database, post: Post):
        self.now = NOW
        self.store = store
        self.outgoing = Outgoing(store, KEYS, post, clock=lambda: self.now)
        self.receivers = Receivers(store, KEYS)
        self.events = OutgoingEvents(store)

    def receiver(self, name: str, url: str) -> Receiver:
        made = self.receivers.add(name, url, Wants(), NOW)
        assert made is not None
        self.outgoing._look_at = 0.0
        return made

    def happen(self, *booking_ids: str, kind: EventKind = EventKind.ACCESS_PLANNED) -> None:
        with self.store.writing() as db:
            emit_in(db, [Happened(kind, "alpen", "p1", one, {"booking_id": one}) for one in booking_ids], self.now)

    def go_on(self, **passed: float) -> None:
        self.now += timedelta(**passed)
        self.outgoing.turn()
        for receiver_id in self.events.receivers_due(self.now):
            while self.outgoing.step(receiver_id):
                pass

    def shown(self, name: str) -> Receiver:
        found = self.receivers.get(name, self.now)
        assert found is not None
        return found


@pytest.fixture
def sending(tmp_path: Path) -> Iterator[Sending]:
    store = Database(open_database(database_at(tmp_path / "night.db")))
    sends = Sending(store, Post(private_addresses=True))
    yield sends
    sends.outgoing.stop(1.0)
    store.close()


@pytest.fixture
def served() -> Iterator[tuple[Answering, str]]:
    with _served() as found:
        yield found


def test_an_event_is_signed_as_standard_webhooks_has_it(sending: Sending, served: tuple[Answering, str]) -> None:
    of, url = served
    receiver = sending.receiver("channel", f"{url}/hook?token=1")
    # The library's check goes by the clock of the machine.
    sending.now = datetime.now(UTC)
    sending.happen("b1")
    sending.go_on()
    ((path, headers, body),) = of.got
    assert path == "/hook?token=1"
    told = Webhook(receiver.secrets[0]).verify(body, headers)
    assert told["type"] == "access.planned"
    assert told["data"] == {"connection": "alpen", "property_id": "p1", "booking_id": "b1"}
    new = sending.receivers.rotate(receiver, sending.now)
    sending.happen("b2")
    sending.go_on()
    _, headers, body = of.got[-1]
    assert Webhook(new).verify(body, headers) == Webhook(receiver.secrets[0]).verify(body, headers)


@first_of(1, ("status", "headers"), [(500, {}), (404, {}), (302, {"Location": "http://127.0.0.1:9/"}), (429, {})])
def test_a_receiver_that_is_down_for_a_day_gets_everything_in_the_order_of_each_booking(
    sending: Sending, served: tuple[Answering, str], status: int, headers: dict[str, str]
) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    of.status["/"], of.headers["/"] = status, headers
    for hour in range(24):
        sending.happen("b1", f"b{hour + 2}")
        sending.go_on(hours=1)
    tried = len(of.got)
    assert tried <= 24 * 4, "a receiver that takes nothing is not asked for each event"
    of.got.clear()
    del of.status["/"]
    sending.go_on(minutes=10)
    sending.go_on(seconds=1)
    assert sorted(of.bookings()) == sorted(["b1"] * 24 + [f"b{hour + 2}" for hour in range(24)])
    ids = [headers["webhook-id"] for _, headers, body in of.got if json.loads(body)["data"]["booking_id"] == "b1"]
    assert len(set(ids)) == 24
    times = [json.loads(body)["timestamp"] for _, _, body in of.got if json.loads(body)["data"]["booking_id"] == "b1"]
    assert times == sorted(times)
    assert sending.shown("channel").failures == 0


def test_an_event_that_a_receiver_never_takes_holds_up_its_own_booking_alone(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    sent = Post.send

    def picky(self: Post, receiver: Receiver, one: Any, now: datetime) -> module.Answer:
        if one.subject == "b1":
            return module.Answer(422, 1, "it answered 422")
        return sent(self, receiver, one, now)

    monkeypatch.setattr(Post, "send", picky)
    sending.happen("b1", "b2")
    sending.happen("b1", kind=EventKind.CODE_READY)
    sending.go_on()
    assert of.bookings() == ["b2"]
    for hour in range(80):
        sending.happen(f"c{hour}")
        sending.go_on(hours=1)
    assert of.bookings() == ["b2", *(f"c{hour}" for hour in range(80))]
    (counts,) = sending.events.counts().values()
    assert counts == {"sent": 81, "given_up": 2}


def refusing(monkeypatch: pytest.MonkeyPatch, *subjects: str) -> list[datetime]:
    """The receiver's program falls over whatever is told of these; returns when it was asked to take one of them."""
    sent, asked = Post.send, []

    def picky(self: Post, receiver: Receiver, one: Any, now: datetime) -> module.Answer:
        if one.subject in subjects:
            asked.append(now)
            return module.Answer(500, 1, "it answered 500")
        return sent(self, receiver, one, now)

    monkeypatch.setattr(Post, "send", picky)
    return asked


def test_several_events_that_a_receiver_never_takes_hold_up_nobody_elses(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    never = [f"never{number}" for number in range(3)]
    asked = refusing(monkeypatch, *never)
    sending.happen(*never)
    sending.go_on()
    for minute in range(40):
        sending.happen(f"b{minute}")
        sending.go_on(seconds=30)
        sending.go_on(seconds=30)
        assert of.bookings()[-1] == f"b{minute}", "within a minute"
    assert len(asked) < 60, "what others are told does not have these tried ever again"


def test_a_receiver_that_fails_for_a_moment_is_told_of_every_kind_soon_after(
    sending: Sending, served: tuple[Answering, str]
) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    of.status["/"] = 502
    for kind in EventKind:
        sending.happen(*(f"{kind}{number}" for number in range(4)), kind=kind)
    sending.go_on()
    assert len(of.got) < 3 + len(EventKind)
    of.got.clear()
    del of.status["/"]
    sending.go_on(seconds=10)
    sending.go_on(seconds=1)
    assert len(of.got) == 4 * len(EventKind)


def test_a_receiver_that_takes_nothing_of_a_kind_is_told_all_else_at_once(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of, url = served
    receiver = sending.receiver("channel", f"{url}/")
    asked = refusing(monkeypatch, *(f"never{number}" for number in range(150)))
    sending.happen(*(f"never{number}" for number in range(150)))
    for minute in range(10):
        sending.happen(f"b{minute}", kind=EventKind.CODE_READY)
        sending.go_on(minutes=1)
        assert of.bookings()[-1] == f"b{minute}"
    assert len(asked) < 150 * 5
    assert sending.shown("channel").failures < module.FAILURES + 3
    assert sending.events.counts(receiver.id)[receiver.id] == {"sent": 10, "waiting": 150}


def test_what_is_replayed_while_something_newer_is_sent_comes_before_the_newest_of_its_booking(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of, url = served
    receiver = sending.receiver("channel", f"{url}/")
    for kind in (EventKind.ACCESS_PLANNED, EventKind.CODE_READY):
        sending.happen("b1", kind=kind)
        sending.go_on(seconds=1)
    sent = Post.send

    def replayed_meanwhile(self: Post, receiver: Receiver, one: Any, now: datetime) -> module.Answer:
        if one.kind == EventKind.ACCESS_REVOKED and not sending.events.replay(receiver.id, NOW, now):
            pytest.fail("nothing was replayed")
        monkeypatch.setattr(Post, "send", sent)
        return sent(self, receiver, one, now)

    monkeypatch.setattr(Post, "send", replayed_meanwhile)
    sending.happen("b1", kind=EventKind.ACCESS_REVOKED)
    for _ in range(4):
        sending.go_on(seconds=1)
    told = [json.loads(body)["type"] for _, _, body in of.got]
    assert told[-3:] == ["access.planned", "code.ready", "access.revoked"]
    assert sending.events.counts(receiver.id) == {receiver.id: {"sent": 3}}


def test_a_receiver_that_is_paused_or_moved_while_it_is_told_something_is_told_no_more_there(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    of, url = served
    receiver = sending.receiver("channel", f"{url}/old")
    sent = Post.send

    def moved_meanwhile(self: Post, receiver: Receiver, one: Any, now: datetime) -> module.Answer:
        if one.subject == "b1":
            sending.receivers.set(receiver, url=f"{url}/new")
        if one.subject == "b2":
            sending.receivers.pause(receiver, "")
        return sent(self, receiver, one, now)

    monkeypatch.setattr(Post, "send", moved_meanwhile)
    sending.happen("b1", "b2", "b3")
    sending.go_on()
    assert (of.bookings("/old"), of.bookings("/new")) == (["b1"], ["b2"])
    sending.receivers.resume(receiver, sending.now)
    sending.go_on(seconds=1)
    assert of.bookings("/new") == ["b2", "b3"]


def test_what_waited_while_nothing_was_sent_is_tried_for_three_days_from_then_on(
    sending: Sending, served: tuple[Answering, str]
) -> None:
    of, url = served
    receiver = sending.receiver("channel", f"{url}/")
    of.status["/"] = 410
    sending.happen("b1", "b2")
    sending.go_on()
    sending.now += timedelta(days=5)
    sending.receivers.resume(receiver, sending.now)
    of.status["/"] = 500
    for _ in range(70):
        sending.go_on(hours=1)
    assert sending.events.counts(receiver.id) == {receiver.id: {"waiting": 2}}
    del of.status["/"]
    sending.go_on(hours=1)
    sending.go_on(seconds=1)
    assert of.bookings()[-2:] == ["b1", "b2"]


def test_a_receiver_that_takes_its_time_goes_to_the_end_of_the_line(
    sending: Sending, served: tuple[Answering, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, url = served
    receiver = sending.receiver("channel", f"{url}/")
    passed = [0.0]
    sending.outgoing._monotonic = lambda: passed[0]

    def slow(self: Post, receiver: Receiver, one: Any, now: datetime) -> module.Answer:
        passed[0] += 14.0
        return module.Answer(200, 14_000, None)

    monkeypatch.setattr(Post, "send", slow)
    sending.happen(*(f"b{number}" for number in range(10)))
    sending.outgoing.turn()
    assert sending.outgoing.step(receiver.id) is True
    assert sending.events.counts(receiver.id)[receiver.id]["sent"] < 3


GARBAGE = (
    b"\x00\xff garbage \r\n\r\n",
    b"",
    b"HTTP/1.1 abc x\r\n\r\n",
    b"HTTP/1.1 999 x\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 2_000 + b"\r\n",
)


def test_what_is_answered_by_garbage_is_not_taken_and_comes_once_it_is_understood(
    sending: Sending, served: tuple[Answering, str]
) -> None:
    of, url = served
    with socket.create_server(("127.0.0.1", 0)) as raw:

        def answer() -> None:
            for garbage in GARBAGE:
                told, _ = raw.accept()
                with told, suppress(OSError):
                    told.recv(65_536)
                    told.sendall(garbage)

        threading.Thread(target=answer, daemon=True).start()
        receiver = sending.receiver("channel", f"http://127.0.0.1:{raw.getsockname()[1]}/")
        sending.happen("b1")
        for _ in GARBAGE:
            sending.go_on(hours=1)
    tried = sending.events.attempts(receiver.id)
    assert len(tried) == len(GARBAGE)
    assert all(one.trouble for one in tried)
    sending.receivers.set(receiver, url=url)
    sending.go_on(hours=1)
    assert of.bookings() == ["b1"]


def test_it_waits_for_as_long_as_a_receiver_asks(sending: Sending, served: tuple[Answering, str]) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    of.status["/"], of.headers["/"] = 429, {"Retry-After": "120"}
    sending.happen("b1", "b2")
    sending.go_on()
    assert of.bookings() == ["b1"]
    sending.go_on(seconds=119)
    assert len(of.got) == 1
    del of.status["/"]
    sending.go_on(seconds=2)
    assert sorted(of.bookings()) == ["b1", "b1", "b2"]


def test_one_that_says_it_is_gone_is_paused(sending: Sending, served: tuple[Answering, str]) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    of.status["/"] = 410
    sending.happen("b1", "b2")
    sending.go_on()
    sending.go_on(hours=1)
    assert len(of.got) == 1
    shown = sending.shown("channel")
    assert (shown.state, shown.state_reason) == (ReceiverState.PAUSED, "it answered 410: there is nobody any more")


def test_a_receiver_that_never_answers_delays_nobody_else(sending: Sending, served: tuple[Answering, str]) -> None:
    of, url = served
    for number in range(6):
        of.holds[f"/slow{number}"] = threading.Event()
        sending.receiver(f"slow{number}", f"{url}/slow{number}")
    sending.receiver("quick", f"{url}/quick")
    sending.outgoing.start()
    try:
        for number in range(5):
            sending.happen(f"b{number}")
        until = time.monotonic() + 20
        while len(of.bookings("/quick")) < 5 and time.monotonic() < until:
            sending.outgoing.turn()
            threading.Event().wait(0.05)
        assert of.bookings("/quick") == [f"b{number}" for number in range(5)]
    finally:
        for held in of.holds.values():
            held.set()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example/", "it should begin with https://"),
        ("https://localhost/", "it is of this machine itself"),
        ("https://127.0.0.1/", "it is of this machine itself"),
        ("ftp://hooks.example/", "it should begin with https://, and have no blank in it"),
        ("https://hooks.example/a b", "it should begin with https://, and have no blank in it"),
        ("https://[::1/", "it should begin with https://, and have no blank in it"),
        ("hooks", "it should begin with https://, and have no blank in it"),
    ],
)
def test_an_address_to_which_nothing_may_be_sent_is_refused(url: str, why: str) -> None:
    refused = Post().refused(url)
    assert refused is not None
    assert refused.startswith(why)
    assert Post().refused("https://hooks.example:8443/path?x=1") is None


def test_of_two_processes_one_sends(sending: Sending, served: tuple[Answering, str]) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    other = Sending(sending.store, Post(private_addresses=True))
    sending.happen("b1")
    sending.outgoing.turn()
    other.outgoing.turn()
    (receiver_id,) = sending.events.receivers_due(NOW)
    assert other.outgoing.step(receiver_id) is False
    sending.go_on()
    assert of.bookings() == ["b1"]


def test_without_the_key_nothing_is_sent_and_nothing_falls_over(
    sending: Sending, served: tuple[Answering, str]
) -> None:
    of, url = served
    sending.receiver("channel", f"{url}/")
    sending.happen("b1")
    blind = Outgoing(sending.store, SecretKeys(), Post(private_addresses=True), clock=lambda: NOW)
    blind.turn()
    assert of.got == []
    sending.go_on()
    assert of.bookings() == ["b1"]
