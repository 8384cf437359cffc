"""Two versions beside each other on one PostgreSQL: the code from before the newest migration goes on working while
the newest version migrates and works too, and nothing is lost or written twice."""

import io
import random
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store import database
from tests import databases
from tests.services import ROOT
from tests.test_fleet import Fleet, Member


def _git(*arguments: str) -> bytes:
    try:
        return subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the history of the code is not here")


@pytest.fixture
def code_before(tmp_path: Path) -> Path:
    """The code as it was before the newest migration."""
    (newest,) = (ROOT / "store" / "migrations" / "versions").glob(f"{database.HEAD}_*.py")
    made = _git("log", "--diff-filter=A", "--format=%H", "-1", "--", str(newest)).decode().strip()
    if not made:
        pytest.skip("the newest migration is in no commit yet")
    folder = tmp_path / "before"
    with tarfile.open(fileobj=io.BytesIO(_git("archive", f"{made}^"))) as files:
        files.extractall(folder, filter="data")
    return folder


@pytest.fixture
def fleet(tmp_path: Path, code_before: Path) -> Iterator[Fleet]:
    made = Fleet(tmp_path, random.Random("two versions"))
    made.address = databases.empty_database()
    made.serves[1].root = made.workers[1].root = code_before
    yield made
    for member in made.members:
        member.close()


def _is_well(member: Member) -> bool:
    """Whether it goes on, and has met no defect."""
    assert member.works, member.log[-3000:]
    assert "Traceback" not in member.log
    return True


@pytest.mark.slow
def test_the_version_before_works_beside_the_newest_and_nothing_is_lost_or_written_twice(fleet: Fleet) -> None:
    (serve, serve_before), (worker, worker_before) = fleet.serves, fleet.workers
    fleet.start(serve_before, worker_before)
    fleet.wait_until_in_step()
    assert worker_before.writes > 0

    # It migrates, and those that run go on.
    fleet.start(serve, worker)
    for _ in range(20):
        before = [one.writes for one in fleet.workers]
        fleet.webhook(fleet.season.happens(4))
        fleet.wait_until_in_step()
        if all(now > then for now, then in zip([one.writes for one in fleet.workers], before, strict=True)):
            break
    else:
        pytest.fail(f"both should have written: {[one.writes for one in fleet.workers]}")
    assert all(_is_well(one) for one in fleet.members)

    fleet.webhook(fleet.season.happens(4))
    worker_before.kill()
    fleet.webhook(fleet.season.happens(2))
    fleet.wait_until_in_step()
    serve_before.kill()
    fleet.webhook(fleet.season.happens(4))
    fleet.wait_until_in_step()
    assert _is_well(serve)
    assert _is_well(worker)
    assert not fleet.doubled
