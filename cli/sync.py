"""`sync`, `plan`, `approve` and `check`: runs that a person asks for."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import click

from assembly import connector_of, run_connection
from cli.command import can_write, connection_option, with_config, write_json
from cli.ending import give_up
from cli.parts import chosen_connections, opened_store, opened_workspaces, settings_of
from cli.terminal import run_progress, show_check, show_run
from connectors.errors import PmsError
from connectors.wording import counted
from reconciler.dealt_with_over_processes import for_all_processes
from reconciler.report import RunReport
from reconciler.run import Run
from reconciler.scopes import Approval, Changes, Everything, RunOptions, Scope, TheseBookings
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace
from settings import ConnectionSettings
from store.costs import Bill, on_bill
from store.database import DatabaseUnusable, open_database
from store.engine import Database
from store.holds import Holds
from store.links import Links
from store.properties import Properties
from store.runs import Runs
from store.stays import Stays
from store.turns import Turn, TurnTaken, close_open_runs, take, turn_of, urgent_turn_of


def _what_to_run(command: Callable[..., None]) -> Callable[..., None]:
    """The options that `sync` and `plan` share."""
    for option in (
        click.option("--full", is_flag=True, help="Everything, not only what changed since the last run."),
        click.option("--booking", "booking_ids", metavar="ID", multiple=True, help="Only this booking; repeatable."),
        click.option("--property", "property_id", metavar="ID", help="Only this property (the PMS's id)."),
        connection_option,
    ):
        command = option(command)
    return command


@click.command()
@_what_to_run
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write the report as JSON.")
@with_config
def sync(config: Path | None, **asked: Any) -> None:
    """Brings Seam in step with the PMS.

    Reads what changed in the PMS since the last run (everything, the first time), looks up what Seam has by key,
    and puts right what differs. Exit codes: 0 all right; 1 something failed; 2 the settings are wrong; 3 revocations
    are held until somebody approves them.
    """
    _sync(config, **asked)


@click.command()
@_what_to_run
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write the plan as JSON.")
@with_config
def plan(config: Path | None, **asked: Any) -> None:
    """Shows what `sync` would do and why, and changes nothing (the same as `sync --dry-run`)."""
    _sync(config, dry_run=True, **asked)


def _sync(
    config: Path | None,
    *,
    connection_name: str | None,
    property_id: str | None,
    booking_ids: tuple[str, ...],
    full: bool,
    dry_run: bool,
    json_file: str | None,
) -> NoReturn:
    settings = settings_of(config)
    can_write(json_file, "--json")
    reports = []
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        for connection, ids in _asked(chosen_connections(settings, connection_name), store, property_id, booking_ids):
            scope: Scope = TheseBookings(ids) if ids else Everything() if full else Changes()
            options = RunOptions(scope, property_id, dry_run)
            report = run_now(connection, workspace_of(connection), store, options, to_stderr=json_file == "-")
            reports.append(report)
            if json_file != "-":
                show_run(report)
    if json_file is not None:
        documents = [report.as_json() for report in reports]
        write_json(json_file, documents[0] if len(documents) == 1 else documents)
    codes = {report.exit for report in reports}
    # A failure is tried again by itself; what is held needs a person, but not before the failure is known.
    sys.exit(next((code for code in (1, 3) if code in codes), 0))


def _asked(
    connections: Sequence[ConnectionSettings], store: Database, property_id: str | None, booking_ids: tuple[str, ...]
) -> list[tuple[ConnectionSettings, tuple[str, ...]]]:
    """The connections that are asked, each with the bookings that it is asked for.

    What one of them has had is none of the others' business: they would call it a failure that they do not have it.
    What nobody has had is asked of all.
    """
    listing = {one.connection for one in Properties(store).known() if one.property_id == property_id}
    listing &= {one.name for one in connections}
    knowing = {
        one.name: {link.booking_id for link in Links(store).of_bookings(one.name, booking_ids)}
        | {stay.booking_id for stay in Stays(store).by_id(one.name, booking_ids)}
        for one in connections
    }
    known = set().union(*knowing.values())
    asked = []
    for one in connections:
        ids = tuple(each for each in booking_ids if each in knowing[one.name] or each not in known)
        if (ids or not booking_ids) and (not listing or one.name in listing):
            asked.append((one, ids))
    return asked


@click.command()
@click.argument("run")
@with_config
def approve(config: Path | None, run: str) -> None:
    """Carries out the revocations that a run holds; each is checked with the PMS once more before."""
    settings = settings_of(config)
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        stored = Runs(store).get(run)
        if stored is None:
            give_up(f"No run {run} is stored.")
        if not Holds(store).approved(run):
            give_up(f"Run {run} holds nothing (any more) that nobody has decided to keep.", 0)
        connection = settings.connections.get(stored.connection)
        if connection is None:
            give_up(f"Run {run} belongs to connection {stored.connection}, which is not in the settings.")
        outcome = run_now(connection, workspace_of(connection), store, RunOptions(Approval(run)))
        show_run(outcome)
    sys.exit(outcome.exit)


@click.command()
@with_config
def check(config: Path | None) -> None:
    """Tries everything that a run needs: the settings, the database, the PMS's tokens and the Seam key."""
    settings = settings_of(config)
    show_check("settings", True, counted(len(settings.connections), "connection"))
    right = True
    try:
        engine = open_database(settings.database)
        show_check("database", True, engine.url.render_as_string(hide_password=True))
        engine.dispose()
    except DatabaseUnusable as problem:
        right = False
        show_check("database", False, str(problem))
    for connection in settings.connections.values():
        try:
            show_check(connection.name, True, connector_of(connection).check())
        except PmsError as problem:
            right = False
            show_check(connection.name, False, str(problem).removeprefix(f"{connection.name}: "))
    for name, one in settings.seam.all().items():
        title = f"seam {name}".strip()
        try:
            workspace = Workspace(one.api_key, one.endpoint)
            try:
                show_check(title, True, workspace.check())
            finally:
                workspace.close()
        except SeamError as problem:
            right = False
            show_check(title, False, str(problem))
    sys.exit(0 if right else 1)


def run_now(
    connection: ConnectionSettings,
    workspace: Workspace,
    store: Database,
    options: RunOptions,
    to_stderr: bool = False,
) -> RunReport:

    with run_progress(to_stderr) as progress, _only_one(connection.name, store, options) as turn, on_bill(Bill()):
        of = run_connection(connection, store)
        return Run(
            of if store.is_sqlite else for_all_processes(of, store),
            workspace,
            store,
            options,
            clock=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
            sleep=time.sleep,
            progress=progress,
            turn=turn,
        ).execute()


@contextmanager
def _only_one(name: str, store: Database, options: RunOptions) -> Iterator[Turn | None]:
    """Two runs over one connection would undo each other's half-done moves: the second waits for the first."""
    if options.dry_run:
        yield None
        return
    give_up_at = time.monotonic() + 15 * 60
    turns = [_wait_for_turn(name, turn_of(name), store, give_up_at)]
    try:
        if not store.is_sqlite:
            # In a fleet what has come in is acted upon in a turn of its own.
            turns.append(_wait_for_turn(name, urgent_turn_of(name), store, give_up_at))
        close_open_runs(store, name, datetime.now(UTC))
        yield turns[0]
    finally:
        for turn in turns:
            turn.release()


def _wait_for_turn(name: str, turn: str, store: Database, give_up_at: float) -> Turn:
    told = False
    while True:
        try:
            return take(store, turn)
        except TurnTaken:
            if not told:
                told = True
                click.echo(f"{name}: another run is under way; waiting for it to end.", err=True)
            if time.monotonic() > give_up_at:
                give_up(f"{name}: the other run has not ended in 15 minutes; nothing was done.")
            time.sleep(0.5)
