"""A real process that is stopped in the middle of a run, while others work, and goes on afterwards."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from store.database import open_database
from store.store import Store
from tests.test_command_line import ROOT, Desk, desk  # noqa: F401

WRITES = ("/create", "/update", "/delete", "/request_access_methods")
COMMAND = "import store.turns as t; t.LASTS, t.MARGIN = 3.0, 0.5; import app; app.main()"


def _sync(desk: Desk, *more: str) -> "subprocess.Popen[str]":  # noqa: F811
    command = [sys.executable, "-c", COMMAND, "--config", str(desk.config), "sync", *more]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
@pytest.mark.parametrize("at", [1, 9, 20])
def test_a_process_that_was_stopped_writes_nothing_after_others_have_worked(desk: Desk, at: int) -> None:  # noqa: F811
    bookings = [desk.book(room) for room in range(12)]
    handle, writes, by_others = desk.seam.handle, [0], []
    first: list[subprocess.Popen[str]] = []

    def stopping(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
        if path.endswith(WRITES):
            writes[0] += 1
            if writes[0] == at:
                os.kill(first[0].pid, signal.SIGSTOP)
            if writes[0] > at:
                by_others.append(path)
        return handle(method, path, query, headers, body)

    desk.seam.handle = stopping  # type: ignore[method-assign]
    first.append(_sync(desk, "--full"))
    os.waitpid(first[0].pid, os.WUNTRACED)
    cancelled = bookings[::3]
    for booking in cancelled[:2]:
        desk.hotel.cancel(booking)
    second = _sync(desk, "--full")
    said = second.communicate(timeout=90)
    if second.returncode != 0:
        # Stopped in the middle of a transaction, it keeps SQLite's file locked: then nobody else can work either.
        assert "locked" in said[0] + said[1]
        os.kill(first[0].pid, signal.SIGCONT)
        first[0].communicate(timeout=60)
        assert first[0].returncode == 1
        return
    there = {grant["access_grant_key"] for grant in desk.seam.live_grants()}
    written = len(by_others)
    os.kill(first[0].pid, signal.SIGCONT)
    said = first[0].communicate(timeout=60)
    assert len(by_others) == written, "it has written after its turn was over"
    assert first[0].returncode == 1, said
    assert "another process" in said[0] + said[1]
    assert {grant["access_grant_key"] for grant in desk.seam.live_grants()} == there
    assert there == set(bookings) - set(cancelled[:2])
    store = Store(open_database(f"sqlite:///{desk.config.parent}/night.db"))
    with store.reading() as db:
        assert db.exec_driver_sql("select count(*) from runs where finished_at is null").scalar() == 0
    store.close()
