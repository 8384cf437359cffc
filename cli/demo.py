"""`demo`: a simulated PMS and a simulated Seam workspace, and the real Night Porter between them.

Nothing is faked on our side: `nightporter serve` runs as it would anywhere, its connector speaks HTTP to the PMS, the
official SDK speaks HTTP to the workspace, webhooks come from both, and the database is a real one in a temporary
directory.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click
import requests
from rich.console import Console
from rich.markup import escape

from assembly import run_connection
from cli.terminal import console, run_progress, show_run
from mappers.outcomes import Action, Kind, Outcome
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions
from sandbox.http import RunningServer, serve
from sandbox.plays import PLAYS, Play
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender
from seam_workspace.workspace import Workspace
from settings import Settings, load_settings
from store.database import open_database
from store.engine import Database
from store.history import History
from store.people import People, Role
from store.runs import Runs
from store.secrets import VARIABLE, new_key

EVERY = 20.0
"""Seconds between two events in the house that happen by themselves."""
STOPS_WITHIN = 0.5
"""Seconds that the service has to end: who presses Ctrl-C is not kept waiting."""
STARTS_WITHIN = 180.0
"""Seconds. A service that still lives by then has begun, on a machine that has much else to do."""
API_KEY = "seam_sandbox_key"
USER = "demo"
_APP = Path(__file__).parent.parent / "app.py"


def _command() -> str:
    """How whoever started this starts another command."""
    program = Path(sys.argv[0])
    if program.suffix != ".py":
        return str(program) if os.sep in sys.argv[0] and shutil.which(program.name) is None else program.name
    python = Path(sys.executable)
    return f"{python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python} {program}"


@dataclass(slots=True)
class _Stage:
    """The two simulated servers, and where everything is."""

    home: Path
    play: Play
    locks: SeamWorkspace
    pms: RunningServer
    seam: RunningServer
    port: int
    hook_token: str
    config: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@click.command()
@click.option("--once", is_flag=True, help="End after the first sync.")
@click.option("--port", default=8080, show_default=True, help="Where the report is; 0 takes a free one.")
@click.option("--pms", metavar="NAME", help="Which PMS to simulate, by its connector's name; a hotel's where none is.")
def demo(once: bool, port: int, pms: str | None) -> None:
    """A simulated PMS and a simulated Seam workspace: see a full sync, then live events, without any account."""
    code = _play(once, port, pms)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    # All is closed by now. Taking the interpreter and two simulated systems down piece by piece would cost another
    # second of the processor, which on a busy machine are five of whoever has pressed Ctrl-C.
    os._exit(code)


def _play(once: bool, port: int, pms: str | None) -> int:
    """Runs until Ctrl-C (`once`: until the first sync has ended); returns the exit code."""
    out = console()
    if pms is not None and pms not in PLAYS:
        out.print(f"There is no demo of {escape(pms)}; there is {', '.join(PLAYS)}.")
        return 2
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    chosen = _free_port(port)
    if chosen is None:
        free = "--port 0 for a free one (with make: DEMO_ARGS='--port 0')"
        out.print(f"Port {port} is in use: choose another with --port N, or {free}.")
        return 1
    home = Path(tempfile.mkdtemp(prefix="nightporter-demo-"))
    play = PLAYS[pms or next(iter(PLAYS))]()
    locks = SeamWorkspace(api_key=API_KEY)
    try:
        with serve(play.app) as served, serve(locks) as seam:
            stage = _Stage(home, play, locks, served, seam, chosen, secrets.token_urlsafe(16), home / "config.yaml")
            stage.config.write_text(_settings(stage), encoding="utf-8")
            play.equip(locks, once)
            settings = load_settings(stage.config, os.environ)
            return _once(out, settings) if once else _live(out, stage, settings)
    except KeyboardInterrupt:
        out.print("\nThe night is over. Nothing of the demo is left behind, so `nightporter report` has nothing of it.")
        return 0
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _once(out: Console, settings: Settings) -> int:
    """The first sync alone, as `nightporter sync` shows it."""
    (connection,) = settings.connections.values()
    store = Database(open_database(settings.database))
    (seam,) = settings.seam.all().values()
    workspace = Workspace(seam.api_key, seam.endpoint)
    try:
        with run_progress() as progress:
            report = Run(
                run_connection(connection),
                workspace,
                store,
                RunOptions(Everything()),
                clock=lambda: datetime.now(UTC),
                monotonic=time.monotonic,
                sleep=time.sleep,
                progress=progress,
            ).execute()
        show_run(report, is_kept=False)
        out.print("The demo's database ends with it: `make demo` without --once shows every change on the page Runs.")
        # The house of the demo has broken records on purpose, and they are reported as failed.
        return 0 if report.exit in (0, 1) else report.exit
    finally:
        workspace.close()
        store.close()


def _live(out: Console, stage: _Stage, settings: Settings) -> int:
    """The service, the desk, and a house that lives."""
    store = Database(open_database(settings.database))
    link, password = _user(store, stage)
    play = stage.play
    stage.locks.webhook_url = f"{stage.url}/webhooks/seam"
    try:
        with serve(play.desk(stage.locks)) as desk, _service(stage) as service, _ticking(stage.locks.tick):
            out.print("Night Porter is starting ...")
            if not _answers(stage.url, service):
                out.print("Night Porter did not start. The last of its log:")
                out.print(escape((stage.home / "log.jsonl").read_text()[-2000:]))
                return 1
            stage.locks.webview_page = f"{desk.url}/?webview="
            play.listen(f"{stage.url}/webhooks/{play.connection}", stage.hook_token)
            stage.locks.sender = WebhookSender()
            # No box, and an address alone on its line: what is cut or wrapped cannot be clicked or copied.
            for line in (
                "[bold]The report, signed in (once, within ten minutes):[/]",
                link,
                f"  and later {stage.url}, as {USER}, password {password}",
                f"[bold]{play.desk_is}:[/]",
                desk.url,
                *play.try_this.split("\n"),
                f"{play.pms}, simulated: {stage.pms.url}",
                f"Seam, simulated: {stage.seam.url}",
                f"While it runs: {_command()} --config {stage.config} report",
                f"Log: {stage.home / 'log.jsonl'}",
                "",
                "The first sync has begun; then the house lives. Ctrl-C ends it, and removes all of this.",
            ):
                out.print(line, soft_wrap=True)
            _watch(out, stage, store, service)
    finally:
        store.close()
    return 0


def _watch(out: Console, stage: _Stage, store: Database, service: "subprocess.Popen[bytes]") -> None:
    """Prints what happens in the house, and what Night Porter does about it."""
    play = stage.play
    seen: set[str] = set()
    next_event: float | None = None
    while service.poll() is None:
        time.sleep(0.5)
        for run in reversed(History(store).runs(limit=20)):
            if run.finished_at is None or run.run_id in seen:
                continue
            seen.add(run.run_id)
            if next_event is None:
                if run.mode != "full":
                    continue
                made = run.totals.get(Kind.ACCESS_GRANT, {}).get("created", 0)
                out.print(f"[green]The first sync is done: {made} {play.made} have access.[/]\n")
                next_event = time.monotonic() + 5
                continue
            for row in Runs(store).outcomes_of(run.run_id):
                if (
                    row.kind == Kind.ACCESS_GRANT
                    and row.outcome in (Outcome.DONE, Outcome.FAILED)
                    and row.action != Action.ADOPT
                ):
                    when = f"{datetime.now():%H:%M:%S}"
                    out.print(
                        f"[dim]{when}[/]  [bold green]in Seam:[/]      {escape(row.label or '')}: "
                        f"{escape(row.reason)}{' [red]failed[/]' if row.outcome == 'failed' else ''}"
                    )
        if next_event is not None and time.monotonic() >= next_event:
            next_event = time.monotonic() + EVERY
            for event in play.step(datetime.now(UTC)):
                out.print(f"[dim]{datetime.now():%H:%M:%S}[/]  [bold]{play.where}:[/] {escape(event)}")
    out.print(f"Night Porter has ended by itself, with code {service.returncode}.")


def environment_of(environ: Mapping[str, str], config: Path) -> dict[str, str]:
    """Of the demo's service. With a key of its own for the database's secrets, so that a second factor, receivers of
    events and connections in the database can be tried."""
    return {VARIABLE: new_key(), **environ, "NIGHTPORTER_CONFIG": str(config)}


@contextmanager
def _service(stage: _Stage) -> "Iterator[subprocess.Popen[bytes]]":
    """`nightporter serve`, as a process of its own."""
    with (stage.home / "log.jsonl").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, str(_APP), "serve"],
            env=environment_of(os.environ, stage.config),
            stdout=log,
            stderr=log,
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                click.echo("\nWaiting for the service to end ...", err=True)
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOPS_WITHIN)
            except (subprocess.TimeoutExpired, KeyboardInterrupt):
                # Its database goes with the demo: nothing has to be finished.
                process.kill()
                process.wait()


@contextmanager
def _ticking(tick: Callable[[], object]) -> Iterator[None]:
    """Lets time pass in the simulated workspace: locks learn PINs, deletions end."""
    done = threading.Event()

    def run() -> None:
        while not done.wait(0.5):
            tick()

    thread = threading.Thread(target=run, name="time", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _answers(url: str, service: "subprocess.Popen[bytes]") -> bool:
    until = time.monotonic() + STARTS_WITHIN
    while service.poll() is None and time.monotonic() < until:
        try:
            if requests.get(f"{url}/healthz", timeout=2).ok:
                return True
        except requests.RequestException:
            time.sleep(0.2)
    return False


def _user(store: Database, stage: _Stage) -> tuple[str, str]:
    """Somebody who may see and do everything in the demo: a link that signs in, and a password."""
    from web.access import hash_password

    people, password = People(store), secrets.token_urlsafe(9)
    people.add_user(USER, Role.ADMIN, hash_password(password), datetime.now(UTC))
    return f"{stage.url}/sign-in/{people.make_link(USER, datetime.now(UTC))}", password


def _free_port(port: int) -> int | None:
    """The port, or a free one for 0; None where it is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return None
        return int(probe.getsockname()[1])


def _settings(stage: _Stage) -> str:
    return f"""\
database: sqlite:///{stage.home / "nightporter.db"}
seam: {{api_key: {API_KEY}, endpoint: "{stage.seam.url}", webhook_secret: "{stage.locks.webhook_secret}"}}
serve: {{port: {stage.port}, public_url: "{stage.url}"}}
private_addresses: true  # a receiver of events on this machine can be tried
{stage.play.settings(stage.pms.url, stage.hook_token)}"""
