"""`work`: one more process that does what is due, on any machine (`engine: procrastinate`)."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import structlog

from assembly import FleetPlace, Parts, assemble
from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up
from cli.garbage import Garbage
from cli.logs import configure_logs
from cli.parser import VERSION
from cli.parts import file_settings
from schedules.watchdog import STANDS_STILL, Watchdog, end_within
from store.database import DatabaseUnusable
from store.secrets import SecretsUnreadable
from web.server import GRACE

if TYPE_CHECKING:
    from schedules.fleet_worker import FleetWorker

log = structlog.get_logger("service")
QUEUES = ("urgent", "sweep")


def _queues(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    named = tuple(one for one in QUEUES if one in value.replace(" ", "").split(","))
    if not named or len(named) != len(value.split(",")):
        raise click.BadParameter("give urgent, sweep, or urgent,sweep.")
    return named


@click.command()
@click.option("--concurrency", type=click.IntRange(1, 256), help="So many steps at once; else serve.workers.")
@click.option(
    "--queues",
    default=",".join(QUEUES),
    show_default=True,
    metavar="NAMES",
    callback=_queues,
    help="What it works on. Of both, a quarter of the places is kept for each; the others do what is urgent first.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where /healthz and /metrics are.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where /healthz and /metrics are; else nowhere.")
@with_config
def work(config: Path | None, concurrency: int | None, queues: tuple[str, ...], host: str, port: int | None) -> None:
    """A worker of a fleet: does what `serve` finds to do, on any machine, until it is asked to end (SIGTERM, Ctrl-C).

    It takes the same settings as `serve`. What is under way when it is asked to end is finished, within 20 seconds.
    """
    settings = file_settings(config)
    if settings.engine != "procrastinate":
        give_up(
            "This installation does its work in `nightporter serve`: set engine: procrastinate (and a PostgreSQL "
            "database) for workers of their own.",
            SETTINGS_WRONG,
        )
    configure_logs()
    try:
        parts = assemble(settings, VERSION, False, FleetPlace(concurrency or settings.serve.workers, queues))
    except DatabaseUnusable as problem:
        give_up(str(problem))
    except SecretsUnreadable as problem:
        give_up(str(problem), SETTINGS_WRONG)
    worker = parts.fleet_worker
    assert worker is not None
    if port is not None:
        _serve_health(host, port, worker, parts)
    watchdog = Watchdog(worker.since_sign_of_life, lambda: None)
    watchdog.start()
    Garbage().keep()
    log.info(f"works, process {os.getpid()}", version=VERSION, queues=list(queues))
    worker.run(asked_to_stop=lambda: end_within(GRACE - 2))
    watchdog.stop()
    parts.close()


def _serve_health(host: str, port: int, worker: "FleetWorker", parts: Parts) -> None:
    class Health(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                self._answer(200, parts.metrics.text(), "text/plain; version=0.0.4; charset=utf-8")
            elif self.path == "/healthz":
                alive = worker.since_sign_of_life() < STANDS_STILL
                self._answer(200 if alive else 503, b'{"status": "ok"}' if alive else b'{"status": "stands still"}')
            else:
                self._answer(404, b"{}")

        def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    class HealthServer(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            # Whoever asked has not waited for the answer.
            if not isinstance(sys.exception(), ConnectionError):
                super().handle_error(request, client_address)

    try:
        server = HealthServer((host, port), Health)
    except OSError as problem:
        give_up(f"Nothing can listen at {host}:{port} ({problem.strerror}): choose another with --port.")
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
