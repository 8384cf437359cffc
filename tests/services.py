"""`serve` as a process of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).parent.parent
PROGRAM = (str(ROOT / "app.py"),)


def free_port() -> int:
    """A port at which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_service(
    config: Path,
    log: Path,
    program: Sequence[str] = PROGRAM,
    environment: Mapping[str, str] | None = None,
    own_session: bool = False,
    options: Sequence[str] = (),
    command: str = "serve",
    inside: Sequence[str] = (),
    root: Path = ROOT,
) -> "subprocess.Popen[bytes]":
    """Starts it with these settings; what it says is added to the log. `program`: what Python is given. `own_session`:
    signals of the tests' terminal do not reach it. `options`: of the command, which is `serve` or `work`.
    `inside`: a command that runs it, with its own options. `root`: where its code is."""
    with log.open("ab") as to:
        return subprocess.Popen(
            [*inside, sys.executable, *program, command, *options],
            cwd=root,
            env=os.environ | {"NIGHTPORTER_CONFIG": str(config)} | dict(environment or {}),
            stdout=to,
            stderr=to,
            start_new_session=own_session,
        )


class GivenTime:
    """Seconds as processes were given them: of a second in which they stood in line for a processor for as long as they
    had one, half. On a machine that nobody else uses it is the time on the wall."""

    def __init__(self, pids: Callable[[], Iterable[int]]):
        self._pids = pids
        self.seconds = 0.0
        self._at, self._before = time.monotonic(), self._threads()

    def look(self) -> float:
        """Returns how many it was by now. Called often: what a process had that has ended since is not counted."""
        now, threads = time.monotonic(), self._threads()
        had = waited = 0
        for thread, (its_had, its_waited) in threads.items():
            before = self._before.get(thread, (0, 0))
            had, waited = had + its_had - before[0], waited + its_waited - before[1]
        self.seconds += (now - self._at) * (had / (had + waited) if had + waited else 1.0)
        self._at, self._before = now, threads
        return self.seconds

    def _threads(self) -> dict[str, tuple[int, int]]:
        """How long each thread has had a processor and stood in line for one (nanoseconds, by the kernel)."""
        found = {}
        for pid in self._pids():
            for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
                with suppress(OSError):
                    had, waited, _ = thread.read_text().split()
                    found[str(thread)] = int(had), int(waited)
        return found
