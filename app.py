"""The front door: the command line (click), and `create_app()` for a WSGI server.

Imports are inside the commands, so that `nightporter --help` answers at once.
"""

import csv
import functools
import io
import ipaddress
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote, urlsplit

import click

if TYPE_CHECKING:
    from flask import Flask

    from connectors.base import Connector
    from reconciler.prepare import RunConnection
    from reconciler.report import RunReport
    from reconciler.scopes import RunOptions
    from seam_workspace.workspace import Workspace
    from settings import ConnectionSettings, Settings
    from store.board import KnownProperty
    from store.people import People
    from store.store import Store
    from store.turns import Turn

VERSION = "0.4.0"
SETTINGS_WRONG = 2
_USER_NAME = re.compile(r"^[A-Za-z0-9._@+-]{1,64}$")


def create_app(config: "str | Path | None" = None) -> "Flask":
    """The web application, for any WSGI server: pages, JSON, webhooks, health. Settings: `config`, or the file that
    NIGHTPORTER_CONFIG names; raises `SettingsError` and `DatabaseUnusable`.

    It serves; the runs happen in `nightporter serve` (or `serve --no-web`), on the same database. Without any settings
    there is only `/healthz`.
    """
    from settings import ENVIRONMENT, load_settings

    if config is None and not os.environ.get(ENVIRONMENT):
        from flask import Flask

        app = Flask("nightporter")
        app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
        return app
    from assembly import assemble

    return assemble(load_settings(config, os.environ), VERSION, with_scheduler=False).site


def main() -> None:
    """The entry point of `nightporter`."""
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, io.TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not the end of the run.
            out.reconfigure(errors="replace")
    cli(prog_name="nightporter")


def _keep(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """`--config` is taken before the command and after it; the one after it wins."""
    if value is not None:
        context.find_root().obj = value


def _with_config(command: Callable[..., None]) -> Callable[..., None]:
    """Hands a command the settings file that was named, before or after it."""

    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        from store.store import StoreFailed

        try:
            command(click.get_current_context().find_root().obj, **arguments)
        except StoreFailed as problem:
            _give_up(str(problem))
        except KeyboardInterrupt:
            # Every answer from Seam is committed when it comes, so stopping at any moment is safe.
            _give_up("\nStopped. The next run goes on where this one was.", 130)

    return run


_config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    expose_value=False,
    callback=_keep,
    help="The settings file; else NIGHTPORTER_CONFIG.",
)


def _what_to_run(command: Callable[..., None]) -> Callable[..., None]:
    """The options that `sync` and `plan` share."""
    for option in (
        click.option("--full", is_flag=True, help="Everything, not only what changed since the last run."),
        click.option("--booking", "booking_ids", metavar="ID", multiple=True, help="Only this booking; repeatable."),
        click.option("--property", "property_id", metavar="ID", help="Only this property (the PMS's id)."),
        click.option("--connection", "connection_name", metavar="NAME", help="Only this connection."),
    ):
        command = option(command)
    return command


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@_config_option
@click.version_option(VERSION, message="nightporter %(version)s")
def cli() -> None:
    """Night Porter keeps the keys: bookings in a PMS become access in Seam, and end with the stay."""


@cli.command()
@_what_to_run
@click.option("--dry-run", is_flag=True, help="Show what would be done; change nothing.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write the report as JSON.")
@_config_option
@_with_config
def sync(
    config: Path | None,
    connection_name: str | None,
    property_id: str | None,
    booking_ids: tuple[str, ...],
    full: bool,
    dry_run: bool,
    json_file: str | None,
) -> None:
    """Brings Seam in step with the PMS.

    Reads what changed in the PMS since the last run (everything, the first time), looks up what Seam has by key,
    and puts right what differs. Exit codes: 0 all right; 1 something failed; 2 the settings are wrong; 3 revocations
    are held until somebody approves them.
    """
    _sync(config, connection_name, property_id, booking_ids, full, dry_run, json_file)


@cli.command()
@_what_to_run
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write the plan as JSON.")
@_config_option
@_with_config
def plan(
    config: Path | None,
    connection_name: str | None,
    property_id: str | None,
    booking_ids: tuple[str, ...],
    full: bool,
    json_file: str | None,
) -> None:
    """Shows what `sync` would do and why, and changes nothing (the same as `sync --dry-run`)."""
    _sync(config, connection_name, property_id, booking_ids, full, True, json_file)


def _sync(
    config: Path | None,
    connection_name: str | None,
    property_id: str | None,
    booking_ids: tuple[str, ...],
    full: bool,
    dry_run: bool,
    json_file: str | None,
) -> NoReturn:
    from reconciler.scopes import Changes, Everything, RunOptions, Scope, TheseBookings
    from terminal import show_run

    settings = _settings(config)
    scope: Scope = TheseBookings(booking_ids) if booking_ids else Everything() if full else Changes()
    options = RunOptions(scope, property_id, dry_run)
    reports = []
    with _store(settings) as store, _workspace(settings) as workspace:
        for connection in _chosen(settings, connection_name):
            report = _run(connection, workspace, store, options, to_stderr=json_file == "-")
            reports.append(report)
            if json_file != "-":
                show_run(report)
    if json_file is not None:
        documents = [report.as_json() for report in reports]
        _write_json(json_file, documents[0] if len(documents) == 1 else documents)
    codes = {report.exit for report in reports}
    # A failure is tried again by itself; what is held needs a person, but not before the failure is known.
    sys.exit(next((code for code in (1, 3) if code in codes), 0))


@cli.command()
@click.argument("run", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@_config_option
@_with_config
def report(config: Path | None, run: str | None, form: str) -> None:
    """Shows a stored run, the latest by default: every change with its reason and outcome."""
    from reconciler.report import report_json
    from terminal import show_stored_run, write_csv

    settings = _settings(config)
    with _store(settings) as store:
        run_id = run or store.latest_run_id()
        if run_id is None:
            _give_up("No run is stored yet: `nightporter sync` makes the first one.")
        stored = store.run(run_id)
        if stored is None:
            _give_up(f"No run {run_id} is stored; `nightporter report` shows the latest.")
        items = store.outcomes_of(run_id)
    if form == "csv":
        write_csv(items, sys.stdout)
    elif form == "json":
        _write_json(
            "-",
            report_json(
                stored.run_id,
                stored.connection,
                stored.mode,
                stored.started_at,
                stored.finished_at,
                stored.exit,
                stored.totals,
                items,
            ),
        )
    else:
        show_stored_run(stored, items)


@cli.command()
@click.argument("key")
@click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@_config_option
@_with_config
def lookup(config: Path | None, key: str, connection_name: str | None, as_json: bool) -> None:
    """Everything that is known of a PMS id or key: in the PMS, in Seam, and in past runs; of a booking, whether its
    doors open."""
    from assembly import run_connection
    from reconciler.inquiry import findings_json, inquire
    from terminal import show_findings

    if not key.strip():
        raise click.UsageError("The key is empty: give an id of the PMS, or a key as Seam has it.")
    settings = _settings(config)
    found = []
    with _store(settings) as store, _workspace(settings) as workspace:
        for connection in _chosen(settings, connection_name):
            found.append(inquire(run_connection(connection), workspace, store, key, datetime.now(UTC)))
            if not as_json:
                show_findings(found[-1])
    if as_json:
        _write_json("-", findings_json(key, found))
    sys.exit(0 if any(findings.anything for findings in found) else 1)


@cli.command()
@click.argument("run")
@_config_option
@_with_config
def approve(config: Path | None, run: str) -> None:
    """Carries out the revocations that a run holds; each is checked with the PMS once more before."""
    from reconciler.scopes import Approval, RunOptions
    from terminal import show_run

    settings = _settings(config)
    with _store(settings) as store, _workspace(settings) as workspace:
        stored = store.run(run)
        if stored is None:
            _give_up(f"No run {run} is stored.")
        if not any(waits for _, waits in store.holds_of(run)):
            _give_up(f"Run {run} holds nothing (any more).", 0)
        connection = settings.connections.get(stored.connection)
        if connection is None:
            _give_up(f"Run {run} belongs to connection {stored.connection}, which is not in the settings.")
        outcome = _run(connection, workspace, store, RunOptions(Approval(run)))
        show_run(outcome)
    sys.exit(outcome.exit)


@cli.command()
@_config_option
@_with_config
def check(config: Path | None) -> None:
    """Tries everything that a run needs: the settings, the database, the PMS's tokens and the Seam key."""
    from assembly import connector_of
    from connectors.errors import PmsError
    from seam_workspace.errors import SeamError
    from store.database import DatabaseUnusable, open_database
    from terminal import show_check

    settings = _settings(config)
    show_check("settings", True, f"{len(settings.connections)} connection(s)")
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
            show_check(connection.name, False, str(problem))
    try:
        with _workspace(settings) as workspace:
            show_check("seam", True, workspace.check())
    except SeamError as problem:
        right = False
        show_check("seam", False, str(problem))
    sys.exit(0 if right else 1)


@cli.command()
@click.argument("property_name", metavar="PROPERTY")
@click.option("--provider", "providers", metavar="NAME", multiple=True, help="Offer only this lock maker; repeatable.")
@click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")
@click.option("--open/--no-open", "open_it", default=True, help="Open the page in a browser (on a terminal).")
@click.option("--wait", type=click.IntRange(0, 86400), default=900, show_default=True, help="Seconds to follow it.")
@_config_option
@_with_config
def connect(
    config: Path | None,
    property_name: str,
    providers: tuple[str, ...],
    connection_name: str | None,
    open_it: bool,
    wait: int,
) -> None:
    """Connects a property's lock system: makes a page of Seam to sign in on, and follows it.

    PROPERTY is the PMS's id or the name. What is signed in to carries the property's key in Seam.
    """
    from reconciler.accounts import look_at_accounts, note_accounts
    from seam_workspace.errors import SeamError
    from terminal import show_connected

    settings = _settings(config)
    with _store(settings) as store, _workspace(settings) as workspace:
        connection, of = _property(settings, store, property_name, connection_name)
        run_of = _run_connection(connection)
        customer_key = run_of.keys.customer(of.property_id)
        try:
            webview = workspace.create_webview(customer_key, providers)
            click.echo(f"Sign in to the lock system of {of.name} on this page:\n\n  {webview.url}\n")
            if open_it and sys.stdout.isatty():
                click.launch(webview.url)
            until = time.monotonic() + wait
            while webview.status == "pending":
                if time.monotonic() >= until:
                    _give_up(
                        f"Nobody has signed in yet. The page stays good; `nightporter accounts {of.property_id}` "
                        "shows what came of it.",
                        1 if wait else 0,
                    )
                time.sleep(min(2.0, max(0.1, until - time.monotonic())))
                webview = workspace.webview(webview.id) or webview
            if webview.status != "authorized":
                _give_up(
                    "Signing in did not work. Such a page can be used once: `nightporter connect` makes a new one."
                )
            now = datetime.now(UTC)
            look = look_at_accounts(workspace, customer_key)
            note_accounts(connection.name, store, of.property_id, look, now)
            show_connected(of.name, look)
        except SeamError as problem:
            _give_up(str(problem))
        click.echo(f"Next: nightporter doors {of.property_id}")


class _Accounts(click.Group):
    """`accounts [PROPERTY]` shows; `accounts adopt ACCOUNT PROPERTY` changes."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        asks_for_help = any(word in ("-h", "--help") for word in args) and not words
        if not asks_for_help and (not words or words[0] not in self.commands):
            args = ["show", *args]
        return super().parse_args(context, args)


@cli.group(cls=_Accounts)
def accounts() -> None:
    """The lock systems that properties are connected to: `accounts [PROPERTY]` shows them with their locks and what is
    wrong with each; `accounts adopt ACCOUNT PROPERTY` takes one up that belongs to nobody."""


@accounts.command("show")
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")
@_config_option
@_with_config
def accounts_show(config: Path | None, property_name: str | None, connection_name: str | None) -> None:
    """Shows the lock systems that properties are connected to, and how they are (exit code 1: one is not well)."""
    from reconciler.accounts import look_at_accounts, note_accounts, unplaced_accounts
    from seam_workspace.errors import SeamError
    from store.board import Board
    from terminal import show_accounts, show_unplaced

    settings = _settings(config)
    well = True
    with _store(settings) as store, _workspace(settings) as workspace:
        chosen = _properties(settings, store, property_name, connection_name)
        keys = {name: _run_connection(connection).keys for name, connection in settings.connections.items()}
        try:
            for connection, of in chosen:
                look = look_at_accounts(workspace, keys[connection.name].customer(of.property_id))
                note_accounts(connection.name, store, of.property_id, look, datetime.now(UTC))
                show_accounts(of.name, of.property_id, look)
                well = well and bool(look.accounts) and all(one.well for one in look.accounts)
            known = [(connection.name, of) for connection, of in chosen]
            known += [(of.connection, of) for of in Board(store).properties() if of.connection in keys]
            show_unplaced(
                unplaced_accounts(workspace, {keys[name].customer(of.property_id) for name, of in known}),
                whole=property_name is None and connection_name is None,
            )
        except SeamError as problem:
            _give_up(str(problem))
    sys.exit(0 if well else 1)


@accounts.command("adopt")
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("property_name", metavar="PROPERTY")
@click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")
@_config_option
@_with_config
def accounts_adopt(config: Path | None, account_id: str, property_name: str, connection_name: str | None) -> None:
    """Gives a lock account that belongs to nobody to a property; one that belongs to somebody is never taken."""
    from reconciler.accounts import CannotAdopt, adopt_account, check_accounts
    from seam_workspace.errors import SeamError

    settings = _settings(config)
    with _store(settings) as store, _workspace(settings) as workspace:
        connection, of = _property(settings, store, property_name, connection_name)
        keys = _run_connection(connection).keys
        try:
            account = adopt_account(workspace, account_id, keys.customer(of.property_id))
            check_accounts(connection.name, keys, workspace, store, of.property_id, datetime.now(UTC))
        except (CannotAdopt, SeamError) as problem:
            _give_up(str(problem))
    click.echo(f"The account {account.name} belongs to {of.name} now. Next: nightporter doors {of.property_id}")


@cli.command()
@click.argument("property_name", metavar="PROPERTY")
@click.option("--apply", "apply_sure", is_flag=True, help="Put locks into rooms where the name leaves no doubt.")
@click.option(
    "--place",
    "placed",
    metavar="LOCK=ROOM",
    multiple=True,
    help="This lock belongs to this room (`-`: to none); repeatable.",
)
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as CSV (room, door)."
)
@click.option("--from-csv", type=click.File("r", encoding="utf-8-sig"), help="Take decisions from such a file.")
@click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")
@_config_option
@_with_config
def doors(
    config: Path | None,
    property_name: str,
    apply_sure: bool,
    placed: tuple[str, ...],
    csv_file: str | None,
    from_csv: Any,
    connection_name: str | None,
) -> None:
    """Which lock belongs to which room: proposes by their names, and applies what was decided.

    Without options it only proposes. Exit code 3: rooms without a lock are left, or locks that could be applied.
    """
    from reconciler.door_desk import DoorDesk, FileWrong
    from reconciler.scopes import RoomsOnly, RunOptions
    from seam_workspace.errors import SeamError
    from store.doors import DecidedBy
    from terminal import show_doors, show_run

    settings = _settings(config)
    with _store(settings) as store, _workspace(settings) as workspace:
        connection, of = _property(settings, store, property_name, connection_name)
        run_of = _run_connection(connection)
        desk = DoorDesk(connection.name, run_of.keys, run_of.policy, store, of)
        now = datetime.now(UTC)
        who = "command line"
        try:
            desk.refresh(workspace, now)
            if from_csv is not None:
                desk.decide(desk.read_csv(from_csv.read()), DecidedBy.FILE, who, now)
            if placed:
                desk.decide(desk.read_csv(_as_rows(placed)), DecidedBy.PERSON, who, now)
            if apply_sure:
                click.echo(f"{desk.accept_sure(who, now)} locks were placed by their names.")
        except FileWrong as wrong:
            _give_up("Nothing was changed.\n" + "\n".join(wrong.problems))
        except UnicodeDecodeError:
            _give_up("Nothing was changed: the file is not UTF-8 text, save it as CSV UTF-8.")
        except SeamError as problem:
            _give_up(str(problem))
        code = 0
        if apply_sure or placed or from_csv is not None:
            outcome = _run(connection, workspace, store, RunOptions(RoomsOnly(), of.property_id))
            show_run(outcome)
            code = outcome.exit
        view = desk.view()
        if csv_file is not None:
            _write_text(csv_file, desk.as_csv(), "--csv")
        if csv_file != "-":
            show_doors(of.name, view)
    left = view.without_door or view.count("sure")
    sys.exit(code or (3 if left else 0))


def _as_rows(placed: Iterable[str]) -> str:
    """LOCK=ROOM, by names or ids, as a file of decisions has it."""
    out = io.StringIO()
    pairs = [one.rpartition("=") for one in placed]
    csv.writer(out).writerows(
        [["door", "room", "door_id", "room_key"], *([lock, room, lock, room] for lock, _, room in pairs)]
    )
    return out.getvalue()


@cli.command()
@click.option("--host", help="Where to listen; else serve.host.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to listen; else serve.port.")
@click.option("--no-web", is_flag=True, help="Only what runs by itself: the pages are served by another WSGI server.")
@_config_option
@_with_config
def serve(config: Path | None, host: str | None, port: int | None, no_web: bool) -> None:
    """Runs by itself: schedules, webhooks and the report, until it is asked to end (SIGTERM, Ctrl-C).

    What is under way is finished then, and nothing new is begun.
    """
    from service import serve_for_ever

    settings = _settings(config)
    sys.exit(
        serve_for_ever(settings, VERSION, host or settings.serve.host, port or settings.serve.port, web=not no_web)
    )


@cli.group()
def user() -> None:
    """Who may sign in."""


_role = click.Choice(["viewer", "operator", "admin"])
_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@user.command("add")
@click.argument("name")
@click.option("--role", type=_role, required=True)
@_from_stdin
@_config_option
@_with_config
def user_add(config: Path | None, name: str, role: str, password_stdin: bool) -> None:
    """Adds a user. viewer: reads; operator: also syncs, sees PINs, approves; admin: also reads the audit log."""
    from store.people import AlreadyThere, Role

    _check_name(name)
    with _people(config) as (people, now):
        if people.user(name) is not None:
            _give_up(f"There is a user {name} already: `nightporter user password {name}` changes the password.")
        try:
            people.add_user(name, Role(role), _asked_password(password_stdin), now)
        except AlreadyThere:
            _give_up(f"There is a user {name} already.")
        people.note("command line", "added user", now, target=name, note=role)
    click.echo(f"{name} may sign in, as {role}.")


@user.command("password")
@click.argument("name")
@_from_stdin
@_config_option
@_with_config
def user_password(config: Path | None, name: str, password_stdin: bool) -> None:
    """Sets a new password; whoever is signed in by the old one is signed out."""
    with _people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, password_hash=_asked_password(password_stdin))
        people.note("command line", "set password", now, target=name)
    click.echo(f"{name} has a new password.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=_role)
@_config_option
@_with_config
def user_role(config: Path | None, name: str, role: str) -> None:
    """Changes what a user may do, at once."""
    from store.people import Role

    with _people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, role=Role(role))
        people.note("command line", "changed role", now, target=name, note=role)
    click.echo(f"{name} is {role} now.")


@user.command("disable")
@click.argument("name")
@_config_option
@_with_config
def user_disable(config: Path | None, name: str) -> None:
    """Lets a user in no more, at once."""
    with _people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, disabled=True)
        people.note("command line", "disabled user", now, target=name)
    click.echo(f"{name} may not sign in any more.")


@user.command("enable")
@click.argument("name")
@_config_option
@_with_config
def user_enable(config: Path | None, name: str) -> None:
    """Lets a user in again."""
    with _people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, disabled=False)
        people.note("command line", "enabled user", now, target=name)
    click.echo(f"{name} may sign in again.")


@user.command("list")
@_config_option
@_with_config
def user_list(config: Path | None) -> None:
    """Who may sign in, and as what."""
    with _people(config) as (people, _):
        users = people.users()
        if not users:
            click.echo("There are no users: `nightporter user add NAME --role admin` makes one.")
        for one in users:
            click.echo(f"{one.name}  {one.role}{'  (disabled)' if one.disabled else ''}")


@user.command("link")
@click.argument("name")
@_config_option
@_with_config
def user_link(config: Path | None, name: str) -> None:
    """Prints a link that signs a user in, once, within ten minutes."""
    serves = _settings(config).serve
    with _people(config) as (people, now):
        _known_user(people, name)
        click.echo(
            f"{serves.public_url or f'http://{serves.host}:{serves.port}'}/sign-in/{people.make_link(name, now)}"
        )
        people.note("command line", "made a sign-in link", now, target=name)


@cli.group()
def token() -> None:
    """API tokens, for programs."""


@token.command("add")
@click.argument("name")
@click.option("--role", type=_role, required=True)
@_config_option
@_with_config
def token_add(config: Path | None, name: str, role: str) -> None:
    """Makes a token and prints it, this once: only its hash is kept."""
    from store.people import AlreadyThere, Role

    _check_name(name)
    with _people(config) as (people, now):
        try:
            made = people.make_token(name, Role(role), now)
        except AlreadyThere:
            _give_up(f"There has been a token {name} already: choose another name.")
        people.note("command line", "made token", now, target=name, note=role)
    click.echo(made)


@token.command("list")
@_config_option
@_with_config
def token_list(config: Path | None) -> None:
    """The tokens, without their secrets."""
    with _people(config) as (people, _):
        tokens = people.tokens()
        if not tokens:
            click.echo("There are no tokens: `nightporter token add NAME --role viewer` makes one.")
        for one in tokens:
            used = f"last used {one.used_at:%d %b %Y %H:%M} UTC" if one.used_at else "never used"
            click.echo(f"{one.name}  {one.role}  {'revoked' if one.revoked_at else used}")


@token.command("revoke")
@click.argument("name")
@_config_option
@_with_config
def token_revoke(config: Path | None, name: str) -> None:
    """Ends a token, at once."""
    with _people(config) as (people, now):
        if not people.revoke_token(name, now):
            _give_up(f"There is no living token {name}; `nightporter token list` shows them.")
        people.note("command line", "revoked token", now, target=name)
    click.echo(f"{name} opens nothing any more.")


@cli.command("new-connector")
@click.argument("name")
def new_connector(name: str) -> None:
    """Begin a connector for another PMS: its file, its fixture for the tests, its line in the table."""
    from connectors.skeleton import SOURCE, NotBegun, begin_connector

    try:
        written = begin_connector(name)
    except NotBegun as problem:
        _give_up(f"{problem}.", SETTINGS_WRONG)
    for path in written:
        click.echo(f"wrote {path.relative_to(SOURCE)}")
    click.echo(
        f"\nNow read connectors/README.md, and fill them in until this passes:\n"
        f"  python -m pytest tests/connectors/test_conformance.py -k {name}"
    )


@cli.group()
def webhooks() -> None:
    """The webhooks that a PMS sends here."""


@webhooks.command("subscribe")
@click.argument("connection")
@_config_option
@_with_config
def webhooks_subscribe(config: Path | None, connection: str) -> None:
    """Has the PMS send its webhooks here; again and again makes no difference."""
    settings = _settings(config)
    (chosen,) = _chosen(settings, connection)
    url, here = _webhook_url(settings, chosen), _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        for one in connector.subscribe_webhooks(url):
            click.echo(f"{connection}: the PMS sends {one.events} to {here}.")


@webhooks.command("list")
@click.argument("connection")
@_config_option
@_with_config
def webhooks_list(config: Path | None, connection: str) -> None:
    """What the PMS sends, and where to."""
    settings = _settings(config)
    (chosen,) = _chosen(settings, connection)
    here = _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        found = connector.list_webhooks()
        for one in found:
            # Of somebody else's address even the path may be a secret.
            is_here = one.url.partition("?")[0] == here
            where = (
                f"{here} (this connection)" if is_here else urlsplit(one.url).hostname or "an address without a host"
            )
            click.echo(f"{connection}: the PMS sends {one.events} to {where}.")
        if not found:
            click.echo(f"{connection}: the PMS sends no webhooks.")


@webhooks.command("unsubscribe")
@click.argument("connection")
@_config_option
@_with_config
def webhooks_unsubscribe(config: Path | None, connection: str) -> None:
    """Has the PMS send its webhooks here no more."""
    settings = _settings(config)
    (chosen,) = _chosen(settings, connection)
    url, here = _webhook_url(settings, chosen), _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        if connector.unsubscribe_webhooks(url):
            click.echo(f"{connection}: the PMS sends nothing to {here} any more.")
        else:
            click.echo(f"{connection}: there was nothing to end, the PMS sends nothing to {here}.")


def _webhook_url(settings: "Settings", connection: "ConnectionSettings") -> str:
    """Where the PMS is to send a connection's webhooks, with the token that proves it; ends the command where that
    cannot be."""
    public_url, token = settings.serve.public_url, connection.webhook_token
    if not public_url:
        _give_up("serve.public_url is missing: the PMS has to know under which address it reaches this service.")
    if not token:
        _give_up(
            f"connections.{connection.name}.webhook_token is missing: choose a long random one, so that nobody else "
            "can send webhooks."
        )
    if not public_url.startswith("https://"):
        _give_up("serve.public_url should start with https://: the token in the address is readable on the way.")
    if _is_local(urlsplit(public_url).hostname or ""):
        _give_up(f"serve.public_url is {public_url}: the PMS cannot reach an address of this machine or this network.")
    return f"{_webhook_address(settings, connection)}?token={quote(token, safe='')}"


def _webhook_address(settings: "Settings", connection: "ConnectionSettings") -> str:
    return f"{settings.serve.public_url}/webhooks/{quote(connection.name, safe='')}"


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))


@contextmanager
def _asking_the_pms(connection: "ConnectionSettings") -> "Iterator[Connector]":
    """The connection's connector; what the PMS cannot or will not do ends the command."""
    from assembly import connector_of
    from connectors.errors import PmsError

    try:
        yield connector_of(connection)
    except PmsError as problem:
        said = str(problem)
        for token in (connection.webhook_token, quote(connection.webhook_token or "", safe="")):
            said = said.replace(token, "<webhook_token>") if token else said
        _give_up(said)


@cli.command()
@click.option("--once", is_flag=True, help="End after the first sync.")
@click.option("--port", default=8080, show_default=True, help="Where /healthz answers; 0 takes a free one.")
@click.option("--pms", metavar="NAME", help="Which PMS to simulate, by its connector's name; a hotel's where none is.")
def demo(once: bool, port: int, pms: str | None) -> None:
    """A simulated PMS and a simulated Seam workspace: see a full sync, then live events, without any account."""
    from demo import run_demo

    sys.exit(run_demo(once=once, port=port, pms=pms))


# --- from settings to parts -------------------------------------------------------------------------------------------


def _settings(config: Path | None) -> "Settings":
    from settings import SettingsError, load_settings

    try:
        return load_settings(config, os.environ)
    except SettingsError as problem:
        click.echo(str(problem), err=True)
        sys.exit(SETTINGS_WRONG)


def _run_connection(connection: "ConnectionSettings") -> "RunConnection":
    from assembly import run_connection

    return run_connection(connection)


def _properties(
    settings: "Settings", store: "Store", name: str | None, connection_name: str | None
) -> "list[tuple[ConnectionSettings, KnownProperty]]":
    """The properties of the settings' connections, by the PMS's id or by name; those that runs have met, or else as the
    PMS lists them now."""
    from connectors.errors import PmsError
    from store.board import Board, KnownProperty

    found: list[tuple[ConnectionSettings, KnownProperty]] = []
    known = Board(store).properties()
    for connection in _chosen(settings, connection_name):
        mine = [one for one in known if one.connection == connection.name]
        if not mine:
            try:
                listed = _run_connection(connection).read_properties()
            except PmsError as problem:
                _give_up(str(problem))
            mine = [KnownProperty(connection.name, one.id, one.name, one.time_zone) for one in listed]
        found.extend((connection, one) for one in mine)
    if name is None:
        return found
    wanted = " ".join(name.split()).casefold()
    by_id = [one for one in found if one[1].property_id == name]
    chosen = by_id or [one for one in found if " ".join(one[1].name.split()).casefold() == wanted]
    if not chosen:
        there = ", ".join(f"{one.property_id} ({one.name})" for _, one in found) or "none"
        _give_up(f"There is no property {name}; there is {there}.")
    return chosen


def _property(
    settings: "Settings", store: "Store", name: str, connection_name: str | None
) -> "tuple[ConnectionSettings, KnownProperty]":
    found = _properties(settings, store, name, connection_name)
    if len(found) > 1:
        _give_up(
            f"{len(found)} properties are called {name}: give the PMS's id ("
            + ", ".join(f"{of.property_id} of {connection.name}" for connection, of in found)
            + "), or --connection."
        )
    return found[0]


def _chosen(settings: "Settings", name: str | None) -> "list[ConnectionSettings]":
    if name is None:
        return list(settings.connections.values())
    if name not in settings.connections:
        click.echo(f"No connection {name} in the settings; there is {', '.join(settings.connections)}.", err=True)
        sys.exit(SETTINGS_WRONG)
    return [settings.connections[name]]


@contextmanager
def _store(settings: "Settings") -> "Iterator[Store]":
    from store.database import DatabaseUnusable, open_database
    from store.store import Store

    try:
        store = Store(open_database(settings.database), settings.keep)
    except DatabaseUnusable as problem:
        _give_up(str(problem))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def _workspace(settings: "Settings") -> "Iterator[Workspace]":
    from seam_workspace.errors import SeamUnauthorized
    from seam_workspace.workspace import Workspace

    try:
        workspace = Workspace(settings.seam.api_key, settings.seam.endpoint)
    except SeamUnauthorized as problem:
        click.echo(f"seam.api_key: {problem}", err=True)
        sys.exit(SETTINGS_WRONG)
    try:
        yield workspace
    finally:
        workspace.close()


@contextmanager
def _people(config: Path | None) -> "Iterator[tuple[People, datetime]]":
    from store.people import People

    with _store(_settings(config)) as store:
        yield People(store), datetime.now(UTC)


def _check_name(name: str) -> None:
    if not _USER_NAME.match(name):
        _give_up("A name has letters, digits, and . _ @ + - only, at most 64.")


def _known_user(people: "People", name: str) -> None:
    if people.user(name) is None:
        _give_up(f"There is no user {name}; `nightporter user list` shows them.")


def _asked_password(from_stdin: bool) -> str:
    """Asks for a password, or reads it; returns its hash."""
    from web.access import SHORTEST_PASSWORD, hash_password

    password = sys.stdin.readline().rstrip("\n") if from_stdin else click.prompt("Password", hide_input=True)
    if len(password) < SHORTEST_PASSWORD:
        _give_up(f"A password has at least {SHORTEST_PASSWORD} characters.")
    if not from_stdin and click.prompt("Once more", hide_input=True) != password:
        _give_up("The two are not the same.")
    return hash_password(password)


def _run(
    connection: "ConnectionSettings",
    workspace: "Workspace",
    store: "Store",
    options: "RunOptions",
    to_stderr: bool = False,
) -> "RunReport":
    from assembly import run_connection
    from reconciler.run import Run
    from terminal import run_progress

    with run_progress(to_stderr) as progress, _only_one(connection.name, store, options) as turn:
        return Run(
            run_connection(connection),
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
def _only_one(name: str, store: "Store", options: "RunOptions") -> "Iterator[Turn | None]":
    """Two runs over one connection would undo each other's half-done moves: the second waits for the first."""
    from store.turns import TurnTaken, close_open_runs, take

    if options.dry_run:
        yield None
        return
    told = False
    give_up_at = time.monotonic() + 15 * 60
    while True:
        try:
            turn = take(store, f"run {name}")
            break
        except TurnTaken:
            if not told:
                told = True
                click.echo(f"{name}: another run is under way; waiting for it to end.", err=True)
            if time.monotonic() > give_up_at:
                _give_up(f"{name}: the other run has not ended in 15 minutes; nothing was done.")
            time.sleep(0.5)
    try:
        close_open_runs(store, name, datetime.now(UTC))
        yield turn
    finally:
        turn.release()


def _write_json(path: str, document: Any) -> None:
    _write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n", "--json")


def _write_text(path: str, text: str, option: str) -> None:
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as problem:
        _give_up(f"{option} {path}: cannot be written ({problem.strerror}).")


def _give_up(sentence: str, code: int = 1) -> NoReturn:
    from terminal import printable

    click.echo(printable(sentence), err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
