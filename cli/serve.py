"""`serve`: everything in one process, from the start to a clean end."""

import os
import signal
import sys
import threading
from functools import partial
from pathlib import Path

import click
import structlog

from assembly import Parts, assemble
from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up
from cli.garbage import Garbage
from cli.logs import configure_logs
from cli.parser import VERSION
from cli.parts import file_settings, secret_keys
from schedules.watchdog import Watchdog, end_within
from settings import Settings
from store.connections import ConnectionBook
from store.database import DatabaseUnusable, open_database
from store.engine import Database
from store.secrets import SecretsUnreadable
from web.server import ANSWERS_WITHIN, GRACE, Server, port_is_free
from web.site import make_pages_ready
from web.trends import make_reports_ready

log = structlog.get_logger("service")
SWITCHES_AFTER = 0.001
"""Seconds for which one thread computes while another has something to do: the one that moves all clients' bytes waits
that long at every one of its calls, behind each that reads a large answer."""

MANY = 50
"""Connections: of more, there is much to be put together after a start, and a thread does it before anybody asks."""


@click.command()
@click.option("--host", help="Where to listen; else serve.host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; else serve.port.")
@click.option("--no-web", is_flag=True, help="Only what runs by itself: the pages are served by another WSGI server.")
@with_config
def serve(config: Path | None, host: str | None, port: int | None, no_web: bool) -> None:
    """Runs by itself: schedules, webhooks and the report, until it is asked to end (SIGTERM, Ctrl-C).

    What is under way is finished then, and nothing new is begun.
    """
    settings = file_settings(config)
    sys.exit(
        _serve_until_stopped(
            settings, VERSION, host or settings.serve.host, port or settings.serve.port, web=not no_web
        )
    )


def _serve_until_stopped(settings: Settings, version: str, host: str, port: int, web: bool = True) -> int:
    """Serves until SIGTERM or Ctrl-C; returns the exit code. `web`: pages and webhooks as well as the runs."""
    configure_logs()
    sys.setswitchinterval(SWITCHES_AFTER)
    try:
        # Here as well as in the serving process, so that what is wrong is said at once, and once.
        store = Database(open_database(settings.database))
        ConnectionBook(store, secret_keys()).try_keys()
        store.close()
    except DatabaseUnusable as problem:
        click.echo(str(problem), err=True)
        return 1
    except SecretsUnreadable as problem:
        give_up(str(problem), SETTINGS_WRONG)
    if not web:
        return _without_web(settings, version)
    if not port_is_free(host, port):
        click.echo(f"Nothing can listen at {host}:{port}: choose another with serve.port or --port.", err=True)
        return 1
    parts = assemble(settings, version, with_scheduler=True)
    scheduler = parts.scheduler
    assert scheduler is not None
    try:
        server = Server(host, port, parts.site, parts.may_send)
    except OSError as problem:
        click.echo(f"Nothing can listen at {host}:{port} ({problem.strerror}).", err=True)
        parts.close()
        return 1
    address = f"http://{host}:{port}"
    log.info("serves", version=version, at=address, public_url=settings.serve.public_url or address)
    scheduler.start()
    watchdog = Watchdog(scheduler.since_tick, scheduler.wake)
    watchdog.start()
    boards = parts.site.extensions["boards"]
    boards.keep(parts.site.extensions["nightporter"])
    reports = parts.site.extensions["trends"]
    reports.keep(partial(make_reports_ready, parts.site))
    if len(parts.site.extensions["nightporter"].connections) > MANY:
        threading.Thread(target=make_pages_ready, args=(parts.site,), name="pages", daemon=True).start()
    garbage = Garbage()
    garbage.keep()

    def asked_to_stop() -> None:
        end_within(GRACE)
        boards.end()
        reports.end()
        garbage.end()
        watchdog.stop()
        scheduler.ask_to_stop()

    server.serve(asked_to_stop)
    return _end(parts, GRACE - ANSWERS_WITHIN - 2)


def _without_web(settings: Settings, version: str) -> int:
    parts = assemble(settings, version, with_scheduler=True)
    Garbage().keep()
    assert parts.scheduler is not None
    done = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda number, frame: done.set())
    parts.scheduler.start()
    watchdog = Watchdog(parts.scheduler.since_tick, parts.scheduler.wake)
    watchdog.start()
    log.info(f"works, process {os.getpid()}; no pages are served", version=version)
    # In steps: a signal that another thread gets does not wake one that waits for ever.
    while not done.wait(1.0):
        pass
    end_within(GRACE)
    watchdog.stop()
    return _end(parts, GRACE - 2)


def _end(parts: Parts, seconds: float) -> int:
    """Lets what is under way come to its end; the exit code."""
    assert parts.scheduler is not None
    if not parts.scheduler.stop(seconds):
        # Threads that hang would keep the process alive, for ever.
        log.error("not everything came to its end in time, and is cut off: the next start heals it first of all")
        os._exit(1)
    parts.close()
    return 0
