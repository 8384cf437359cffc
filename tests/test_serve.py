"""`nightporter serve` as a process of its own: it starts, works, takes blows, and comes to a clean end."""

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from click.testing import CliRunner, Result

from cli.parser import cli
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from store.database import open_database
from store.engine import Database
from store.history import History
from store.inbox import Inbox
from store.work import Work
from tests.databases import database_at
from tests.oracle import assert_in_step
from tests.services import free_port, start_service

HOOK = "the-hook-token-of-this-test"


def wait_for(what: Callable[[], Any], seconds: float = 30) -> Any:
    """Polls until something is so; these are real processes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := what():
            return found
        time.sleep(0.05)
    raise AssertionError(f"it did not come true in {seconds} s")


class House:
    """Two simulated servers, and Night Porter as a process that can be killed."""

    def __init__(self, home: Path, rooms: int = 30):
        self.home = home
        self.hotel, self.seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(seconds=0.2))
        of = self.hotel.add_property()
        self.property = of
        self.category = self.hotel.add_category(self.hotel.add_service(of))
        self.rooms = [self.hotel.add_room(of, f"{number:03d}", self.category) for number in range(1, rooms + 1)]
        self.mews_server, self.seam_server = serve(self.hotel), serve(self.seam)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.config = home / "config.yaml"
        self.config.write_text(
            f"""
database: {database_at(home / "night.db")}
seam: {{api_key: {self.seam.api_key}, endpoint: "{self.seam_server.url}"}}
serve: {{port: {self.port}}}
connections:
  alpen:
    connector: mews
    webhook_token: {HOOK}
    mews:
      base_url: "{self.mews_server.url}"
      client_token: {self.hotel.client_token}
      access_token: {self.hotel.access_token}
policies: {{hotel: {{max_revocations: {{count: 1000}}, replace_wait: 2s}}}}
""",
            encoding="utf-8",
        )
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *options: str) -> "subprocess.Popen[bytes]":
        process = start_service(self.config, self.home / "log.jsonl", own_session=True, options=options)
        self.processes.append(process)
        return process

    def kill(self, process: "subprocess.Popen[bytes]") -> None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False

    def webhook(self, *bookings: str) -> int:
        body = {
            "EnterpriseId": self.property,
            "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": one}} for one in bookings],
        }
        try:
            return requests.post(f"{self.url}/webhooks/alpen?token={HOOK}", json=body, timeout=10).status_code
        except requests.RequestException:
            return 0

    def book(self, number: int) -> list[str]:
        now = datetime.now(UTC).replace(microsecond=0)
        return [
            self.hotel.book(
                self.hotel.add_customer("Jana", f"Novak{place}", f"g{place}@example.com"),
                self.category,
                now + timedelta(hours=1 + place % 3),
                now + timedelta(days=2),
                self.rooms[place % len(self.rooms)],
            )
            for place in range(number)
        ]

    def store(self) -> Database:
        return Database(open_database(f"sqlite:///{self.home}/night.db"))

    def log(self) -> str:
        return (self.home / "log.jsonl").read_text(encoding="utf-8")

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                self.kill(process)
        self.mews_server.close()
        self.seam_server.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


# Every day it is tried without processes, in tests/schedules/test_worker.py.
@pytest.mark.slow
def test_it_ends_in_the_middle_of_a_run_without_breaking_anything(house: House) -> None:
    house.book(40)
    house.seam.faults.latency = 0.1
    process = house.start()
    wait_for(lambda: len(house.seam.access_grants) > 5)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    made = len(house.seam.access_grants)
    assert made < 40
    house.seam.faults.latency = 0
    house.start()
    wait_for(lambda: len(house.seam.access_grants) == 40)
    store = house.store()
    runs = wait_for(lambda: [run for run in History(store).runs() if run.exit == 0])
    assert runs
    assert not Work(store).cut_off("alpen")
    store.close()


@pytest.mark.parametrize("webhooks", [60, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_webhooks_and_a_kill_in_the_middle_lose_nothing(house: House, webhooks: int) -> None:
    luck = random.Random(7)
    bookings = house.book(min(60, webhooks // 2))
    house.seam.faults.latency = 0.02
    process = house.start()
    wait_for(house.answers)
    changes: list[str] = []
    for one in bookings:
        match luck.randrange(3):
            case 0:
                house.hotel.move_dates(one, departure=datetime.now(UTC).replace(microsecond=0) + timedelta(days=4))
            case 1:
                house.hotel.assign(one, luck.choice(house.rooms))
            case 2:
                house.hotel.cancel(one)
        changes.append(one)
    burst = [luck.choice(changes) for _ in range(webhooks - len(changes))] + changes
    luck.shuffle(burst)
    taken = []

    def send(mine: list[str]) -> None:
        for one in mine:
            # Whoever gets no answer sends again, as PMSs do.
            while house.webhook(one) != 204:
                time.sleep(0.1)
            taken.append(one)

    threads = [threading.Thread(target=send, args=(burst[start::6],)) for start in range(6)]
    for thread in threads:
        thread.start()
    wait_for(lambda: len(taken) > webhooks // 4)
    house.kill(process)
    house.start()
    for thread in threads:
        thread.join(60)
    assert len(taken) == webhooks
    store = house.store()
    wait_for(lambda: Inbox(store).backlog()[0] == 0, 60)

    def in_step() -> bool:
        try:
            assert_in_step(house.hotel, house.seam, datetime.now(UTC), everyone=False)
        except AssertionError:
            return False
        return True

    wait_for(in_step, 60)
    store.close()
    log = house.log()
    assert "Traceback" not in log
    assert HOOK not in log
    assert "Novak" not in log


def test_it_starts_works_by_itself_and_ends_when_it_is_asked(house: House) -> None:
    (house.home / "night.db").unlink()
    bookings = house.book(5)
    process = house.start()
    wait_for(house.answers)
    wait_for(lambda: all(house.seam.grant_by_key(one) for one in bookings))
    assert_a_webhook_takes_moments(house, bookings)
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    assert "Traceback" not in house.log()
    assert [json.loads(line)["level"] for line in house.log().splitlines()], "every line is JSON"


# Every day it is tried without processes, in tests/schedules/test_precedence.py, and here without a long run.
@pytest.mark.slow
def test_from_the_webhook_to_the_change_in_seam_it_takes_moments_during_the_first_sync(house: House) -> None:
    bookings = house.book(400)
    house.seam.faults.latency = 0.1
    house.start()
    wait_for(house.answers)
    # The run works from the newest to the oldest: in the middle of it the oldest are yet to come.
    wait_for(lambda: len(house.seam.access_grants) >= 20)
    assert_a_webhook_takes_moments(house, bookings)
    assert len(house.seam.access_grants) < 400, "the long run had ended: nothing was shown"


def assert_a_webhook_takes_moments(house: House, bookings: list[str]) -> None:
    house.hotel.move_dates(bookings[0], departure=datetime.now(UTC).replace(microsecond=0) + timedelta(days=9))
    begun = time.monotonic()
    assert house.webhook(bookings[0]) == 204
    answered = time.monotonic() - begun
    end = house.hotel.reservations[bookings[0]]["ScheduledEndUtc"][:19]

    def changed() -> bool:
        grant = house.seam.grant_by_key(bookings[0])
        return grant is not None and grant["ends_at"][:19] == end

    wait_for(changed, 30)
    took = time.monotonic() - begun
    print(f"answered in {answered * 1000:.0f} ms, changed after {took:.2f} s")  # noqa: T201
    assert took < 8


# Every day it is tried without processes, in tests/store/test_turns.py.
@pytest.mark.slow
def test_a_second_process_stands_by_and_takes_over(house: House) -> None:
    first = house.start("--no-web")
    store = house.store()
    wait_for(lambda: [run for run in History(store).runs() if run.finished_at])
    second = house.start("--no-web")
    wait_for(lambda: f"works, process {second.pid}" in house.log())
    booking = house.book(1)[0]
    house.kill(first)
    wait_for(lambda: house.seam.grant_by_key(booking) is not None, 40)
    second.send_signal(signal.SIGTERM)
    assert second.wait(40) == 0
    store.close()


# What one process does with each of these is tried every day in tests/web/test_server.py.
@pytest.mark.slow
def test_slow_huge_and_broken_requests_harm_nobody_else(house: House) -> None:
    house.start()
    wait_for(house.answers)
    slow = []
    for _ in range(30):
        one = socket.create_connection(("127.0.0.1", house.port))
        one.sendall(b"POST /webhooks/alpen?token=x HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n")
        slow.append(one)
    for rubbish in (
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /webhooks/alpen HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /webhooks/alpen HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n",
        b"\x16\x03\x01\x00\xa5 no http at all\r\n\r\n",
        b"POST /webhooks/alpen?token=" + HOOK.encode() + b" HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nContent-Length: 99999999\r\n\r\n",
        b"POST /webhooks/alpen?token=" + HOOK.encode() + b" HTTP/1.1\r\nHost: x\r\n"
        b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nnonsense\r\n",
        b"POST /webhooks/alpen?token=" + HOOK.encode() + b"\r\n\r\n",
        b"POST /webhooks/alpen HTTP/1.1\r\nHost: x\r\nno header ?token=" + HOOK.encode() + b"\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", house.port), timeout=10) as one:
            one.sendall(rubbish)
            one.settimeout(15)
            answer = one.recv(4096)
            assert answer == b"" or answer.split(b" ")[1].startswith(b"4"), answer
            assert HOOK.encode() not in answer
    wait_for(house.answers, 25)
    for one in slow:
        one.close()
    assert HOOK not in house.log()
    assert "Traceback" not in house.log()


def started(house: House, monkeypatch: pytest.MonkeyPatch) -> Result:
    """What `serve` says that does not come so far as to serve: no process of its own is needed for that."""
    monkeypatch.setattr("cli.serve.configure_logs", lambda: None)
    monkeypatch.setattr("sys.setswitchinterval", lambda _: None)
    return CliRunner().invoke(cli, ["--config", str(house.config), "serve"], catch_exceptions=False)


@pytest.mark.parametrize(
    ("before", "after", "code", "words"),
    [
        ("sqlite:///", "sqlite:////nowhere/at/all", 1, "cannot be used"),
        ("connector: mews", "connector: opera", 2, "connector"),
    ],
)
def test_what_is_wrong_at_the_start_is_a_sentence(
    house: House, monkeypatch: pytest.MonkeyPatch, before: str, after: str, code: int, words: str
) -> None:
    house.config.write_text(house.config.read_text().replace(before, after))
    result = started(house, monkeypatch)
    assert result.exit_code == code
    assert words in result.output
    assert "Traceback" not in result.output


def test_a_port_that_is_in_use_is_a_sentence(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", house.port))
        taken.listen()
        result = started(house, monkeypatch)
    assert result.exit_code == 1
    assert "choose another" in result.output
