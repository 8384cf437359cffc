"""`serve` as a process of its own."""

import os
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
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
) -> "subprocess.Popen[bytes]":
    """Starts it with these settings; what it says is added to the log. `program`: what Python is given. `own_session`:
    signals of the tests' terminal do not reach it. `options`: of the command, which is `serve` or `work`."""
    with log.open("ab") as to:
        return subprocess.Popen(
            [sys.executable, *program, command, *options],
            cwd=ROOT,
            env=os.environ | {"NIGHTPORTER_CONFIG": str(config)} | dict(environment or {}),
            stdout=to,
            stderr=to,
            start_new_session=own_session,
        )
