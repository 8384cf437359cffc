"""`nightporter serve` ends within 20 seconds of SIGTERM, whatever does not answer."""

import signal
import socket
import time
from pathlib import Path

import pytest

from tests.test_serve import House, wait_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("silent", ["the PMS", "Seam"])
def test_a_peer_that_says_nothing_does_not_keep_the_process_from_ending(tmp_path: Path, silent: str) -> None:
    house = House(tmp_path, rooms=3)
    with socket.create_server(("127.0.0.1", 0), backlog=50) as nobody:
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        known = house.mews_server.url if silent == "the PMS" else house.seam_server.url
        house.config.write_text(house.config.read_text(encoding="utf-8").replace(known, address), encoding="utf-8")
        process = house.start()
        try:
            wait_for(lambda: b"run begins" in (tmp_path / "log.jsonl").read_bytes(), 60)
            time.sleep(2)
            began = time.monotonic()
            process.send_signal(signal.SIGTERM)
            process.wait(40)
            assert time.monotonic() - began < 21
            assert process.returncode in (0, 1)
        finally:
            house.kill(process) if process.poll() is None else None
            house.mews_server.close()
            house.seam_server.close()
