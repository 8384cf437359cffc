"""`connections`: what there is of them in the database, beside the settings file.

No secret is ever taken from the command line, where every user of the machine can read it, or shown.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import yaml
from marshmallow import ValidationError

from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up, printable
from cli.given import asked, from_file_option, given, put
from cli.parser import Group
from cli.parts import WHO, file_settings, opened_register, opened_store
from connectors.table import CONNECTORS
from connectors.wording import counted
from settings.documents import secret_paths
from settings.entries import Entry
from settings.kinds import Duration
from settings.reading import read_document, with_environment
from store.connections import State
from store.credential_links import CredentialLinks
from store.people import People

_set = click.option(
    "--set",
    "assignments",
    metavar="NAME=VALUE",
    multiple=True,
    help="A setting, such as schedules.full=2h; repeatable. A secret only as NAME=env:VARIABLE.",
)


@click.group(cls=Group)
def connections() -> None:
    """The connections: those of the settings file, and those of the database, which change without a restart."""


@connections.command("add")
@click.argument("name")
@click.option("--connector", type=click.Choice(sorted(CONNECTORS)), help="Which PMS it is.")
@click.option("--watch", is_flag=True, help="It only shows what it would do, until `connections resume`.")
@_set
@from_file_option
@with_config
def connections_add(
    config: Path | None,
    name: str,
    connector: str | None,
    watch: bool,
    assignments: tuple[str, ...],
    from_file: str | None,
) -> None:
    """Adds a connection to the database. What its connector needs and nobody gave is asked for."""
    document = given(connector or "", assignments, from_file)
    if connector is not None:
        document = {"connector": connector, **document}
    chosen = str(document.get("connector", ""))
    if chosen in CONNECTORS:
        document.setdefault(chosen, {})
        _ask_for_the_rest(document, chosen)
    with opened_register(config) as (register, now):
        register.add(name, document, WHO, now, State.WATCH if watch else State.ACTIVE)
    click.echo(f"Connection {name} is there{', and only watches' if watch else ''}. Next: nightporter check")


@connections.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@with_config
def connections_list(config: Path | None, as_json: bool) -> None:
    """Shows all connections, where each stands, and how."""
    with opened_register(config) as (register, now):
        entries = register.entries()
    if as_json:
        click.echo(json.dumps([_as_json(one) for one in entries], indent=2))
        return
    if not entries:
        click.echo("There is no connection yet: `nightporter connections add` makes one.")
    for one in entries:
        where = "from the settings file" if one.source == "file" else "in the database"
        click.echo(printable(f"{one.name}  {one.connector}  {one.policy}  {where}  {_standing(one, now)}"))


@connections.command("show")
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@with_config
def connections_show(config: Path | None, name: str, as_json: bool) -> None:
    """Shows a connection: its settings, and which of its secrets are set."""
    with opened_register(config) as (register, now):
        one = register.entry(name)
    if as_json:
        click.echo(json.dumps(_as_json(one), indent=2))
        return
    where = "from the settings file (read-only)" if one.source == "file" else f"in the database, version {one.version}"
    click.echo(printable(f"{one.name}: {where}, {_standing(one, now)}"))
    click.echo(printable(yaml.safe_dump(dict(one.shown), sort_keys=False, allow_unicode=True).rstrip()))
    for path in one.secrets:
        click.echo(f"{path}: set (not shown)")


@connections.command("set")
@click.argument("name")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1)
@from_file_option
@with_config
def connections_set(config: Path | None, name: str, assignments: tuple[str, ...], from_file: str | None) -> None:
    """Changes settings of a connection of the database; `NAME=` takes one back to its default."""
    with opened_register(config) as (register, now):
        changes = given(register.entry(name).connector, assignments, from_file)
        if not changes:
            raise click.UsageError("Say what is to be changed: NAME=VALUE, or --from-file FILE.")
        register.change(name, changes, WHO, now)
    click.echo(f"Connection {name} is changed; every process takes it up within a few seconds.")


@connections.command("rotate")
@click.argument("name")
@from_file_option
@with_config
def connections_rotate(config: Path | None, name: str, from_file: str | None) -> None:
    """Puts new secrets in: asked for one by one (an empty answer keeps the old one), or read from a file. A connection
    whose credentials were refused goes on at once."""
    with opened_register(config) as (register, now):
        entry = register.entry(name)
        if entry.source == "file":
            register.change(name, {}, WHO, now)  # Says why not, before anybody is asked for a secret.
        paths = secret_paths(entry.connector)
        changes = given(entry.connector, (), from_file)
        if from_file is None:
            for path in paths:
                is_of_it = path in entry.secrets or _is_needed(path)
                if is_of_it and (value := asked(path, "leave it empty to keep the old one")):
                    put(changes, path, value)
        if not changes:
            give_up("No secret was given, so nothing was changed.")
        register.change(name, changes, WHO, now)
    click.echo(f"Connection {name} has new secrets; every process takes them up within a few seconds.")


@connections.command("link")
@click.argument("name")
@with_config
def connections_link(config: Path | None, name: str) -> None:
    """Prints a link by which whoever has it puts new credentials in: once, within seven days, without an account."""
    settings = file_settings(config)
    with opened_register(config) as (register, now):
        register.changeable(name)
        with opened_store(settings) as store:
            link = CredentialLinks(store).make(name, now)
            People(store).note(WHO, "made a link for credentials", now, connection=name, target=name)
    click.echo(f"{settings.serve.public_url or 'http://localhost:8080'}/credentials/{link}")
    if settings.serve.public_url is None:
        click.echo("serve.public_url is not set: put the address by which others reach this service.", err=True)


@connections.command("pause")
@click.argument("name")
@click.option("--reason", default="", metavar="TEXT", help="Why; everybody who looks at the connection reads it.")
@click.option("--until", metavar="WHEN", help="When it ends by itself: a span (2d), or a time (2026-12-24T12:00Z).")
@with_config
def connections_pause(config: Path | None, name: str, reason: str, until: str | None) -> None:
    """Has nothing be done for a connection; access that is there stays, and ends at its time."""
    with opened_register(config) as (register, now):
        register.stand(name, State.PAUSED, WHO, now, reason, _instant(until, now) if until is not None else None)
    click.echo(f"Connection {name} is paused: guests who book, move or leave are not followed meanwhile.")


@connections.command("resume")
@click.argument("name")
@with_config
def connections_resume(config: Path | None, name: str) -> None:
    """Has a connection kept in step again that was paused, or only watched."""
    with opened_register(config) as (register, now):
        register.stand(name, State.ACTIVE, WHO, now)
    click.echo(f"Connection {name} is active.")


@connections.command("watch")
@click.argument("name")
@with_config
def connections_watch(config: Path | None, name: str) -> None:
    """Has a connection only read and plan: its runs show what they would do, and change nothing."""
    with opened_register(config) as (register, now):
        register.stand(name, State.WATCH, WHO, now)
    click.echo(f"Connection {name} only watches: `nightporter report` shows what it would do.")


@connections.command("remove")
@click.argument("name")
@click.option("--take-access", is_flag=True, help="Take all its access in Seam away: its doors open for nobody.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_config
def connections_remove(config: Path | None, name: str, take_access: bool, yes: bool) -> None:
    """Removes a connection. Its access in Seam is left, and ends at its time; what is known of it is kept for 31 days,
    and is taken up again where it is added again by then."""
    question = (
        "All its guests lose their access, also those who are in the house"
        if take_access
        else "Guests keep their access until its end, and nothing follows them"
    )
    with opened_register(config) as (register, now):
        register.entry(name)
        if not yes:
            click.confirm(f"Remove {name}? {question}", abort=True)
        register.stand(name, State.LEAVING if take_access else State.REMOVED, WHO, now)
    if take_access:
        click.echo(f"Connection {name} is being removed: whoever serves it takes its access in Seam away first.")
    else:
        click.echo(f"Connection {name} is removed; its access in Seam is left as it is.")


@connections.command("import")
@with_config
def connections_import(config: Path | None) -> None:
    """Copies the connections of the settings file into the database, with the policies that they use."""
    with opened_register(config) as (register, now):
        problems: list[str] = []
        document = with_environment(read_document(config, os.environ), os.environ, problems)
        names, policies = register.take_over(document, WHO, now)
    if not names:
        give_up("There is no connection in the settings file.")
    click.echo(f"{counted(len(names), 'connection is', 'connections are')} in the database now: {', '.join(names)}.")
    lines = [f"connections.{name}" for name in names] + [f"policies.{name}" for name in policies]
    click.echo("Delete from the settings file, which counts until then, and restart once:")
    for line in lines:
        click.echo(f"  {line}")


# --- what is given ----------------------------------------------------------------------------------------------------


def _instant(text: str, now: datetime) -> datetime:
    """A span from now, or an instant."""
    try:
        span: timedelta = Duration().deserialize(text)
        return now + span
    except ValidationError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        give_up("--until: give a span, such as 2d, or a time with its zone, such as 2026-12-24T12:00Z.", SETTINGS_WRONG)
    return found.astimezone(UTC)


def _ask_for_the_rest(document: dict[str, Any], connector: str) -> None:
    """What the connector needs and nobody has given, where somebody sits at the terminal."""
    if not sys.stdin.isatty():
        return
    block = document[connector]
    for one in CONNECTORS[connector].SETTINGS:
        if one.required and isinstance(block, dict) and one.name not in block and one.kind not in ("urls_by_name",):
            path = f"{connector}.{one.name}"
            block[one.name] = asked(path) if path in secret_paths(connector) else click.prompt(path)


def _is_needed(path: str) -> bool:
    connector, _, name = path.rpartition(".")
    kind = CONNECTORS.get(connector)
    return kind is not None and any(one.name == name and one.required for one in kind.SETTINGS)


# --- what is shown ----------------------------------------------------------------------------------------------------


def _standing(one: Entry, now: datetime) -> str:
    if one.trouble:
        return f"cannot be used: {one.trouble}"
    state = one.standing.at(now)
    words = [str(state) if state is not State.REFUSED else "credentials refused"]
    if state is not State.ACTIVE:
        words += [f"by {one.standing.by}"] if one.standing.by and state is not State.REFUSED else []
        words += [f"until {one.standing.until:%d %b %Y %H:%M} UTC"] if one.standing.until else []
        words += [one.standing.reason] if one.standing.reason else []
    return ", ".join(words)


def _as_json(one: Entry) -> dict[str, Any]:
    return {
        "name": one.name,
        "source": one.source,
        "connector": one.connector,
        "policy": one.policy,
        "state": one.standing.state,
        "state_reason": one.standing.reason,
        "state_by": one.standing.by,
        "state_until": one.standing.until.isoformat() if one.standing.until else None,
        "version": one.version,
        "trouble": one.trouble or None,
        "settings": dict(one.shown),
        "secrets": list(one.secrets),
    }
