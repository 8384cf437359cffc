"""`workspaces`: the Seam workspaces in which connections work. Their keys are shown by nothing."""

import json
from pathlib import Path

import click

from cli.command import with_config
from cli.ending import give_up, printable
from cli.given import asked, from_file_option, given
from cli.parser import Group
from cli.parts import WHO, opened_register

SECRETS = ("api_key", "webhook_secret")
_assignments = click.argument("assignments", metavar="NAME=VALUE...", nargs=-1)


@click.group(cls=Group)
def workspaces() -> None:
    """The Seam workspaces: those of the settings file, and those of the database, which change without a restart."""


@workspaces.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@with_config
def workspaces_list(config: Path | None, as_json: bool) -> None:
    """Shows all Seam workspaces, and which connections work in each."""
    with opened_register(config) as (register, _):
        found = register.workspaces()
    if as_json:
        lines = [
            {
                "name": one.name,
                "source": one.source,
                "endpoint": one.endpoint,
                "secrets": list(one.secrets),
                "used_by": list(one.used_by),
                "version": one.version,
            }
            for one in found
        ]
        click.echo(json.dumps(lines, indent=2))
        return
    for one in found:
        where = "from the settings file" if one.source == "file" else "in the database"
        used = ", ".join(one.used_by) or "used by none"
        click.echo(printable(f"{one.name or 'without a name'}  {one.endpoint}  {where}  {used}"))


@workspaces.command("add")
@click.argument("name")
@_assignments
@from_file_option
@with_config
def workspaces_add(config: Path | None, name: str, assignments: tuple[str, ...], from_file: str | None) -> None:
    """Adds a Seam workspace to the database. Its key and the secret of its webhooks are asked for where they are not
    given (api_key=env:VARIABLE), or are the next lines of standard input."""
    document = given("", assignments, from_file, SECRETS)
    if from_file is None and "api_key" not in document:
        for setting, remark in zip(SECRETS, ("", "leave it empty where there is none"), strict=True):
            if setting not in document and (value := asked(setting, remark)):
                document[setting] = value
    with opened_register(config) as (register, now):
        register.set_workspace(name, document, WHO, now, version=0)
    click.echo(f"Seam workspace {name} is there: a connection works in it that says workspace: {name}.")


@workspaces.command("set")
@click.argument("name")
@_assignments
@from_file_option
@with_config
def workspaces_set(config: Path | None, name: str, assignments: tuple[str, ...], from_file: str | None) -> None:
    """Changes a Seam workspace of the database: what is named, or else its secrets, which are asked for (an empty
    answer keeps the old one). `NAME=` takes a setting back to its default."""
    with opened_register(config) as (register, now):
        one = register.workspace(name)
        if one.source == "file":
            register.set_workspace(name, {}, WHO, now)  # Says why not, before anybody is asked for a secret.
        changes = given("", assignments, from_file, SECRETS)
        if not assignments and from_file is None:
            for setting in SECRETS:
                if value := asked(setting, "leave it empty to keep the old one"):
                    changes[setting] = value
        if not changes:
            give_up("Nothing was given, so nothing was changed.")
        register.set_workspace(name, changes, WHO, now, one.version)
    click.echo(f"Seam workspace {name} is changed; every process takes it up within a few seconds.")


@workspaces.command("remove")
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_config
def workspaces_remove(config: Path | None, name: str, yes: bool) -> None:
    """Forgets a Seam workspace of the database, with its key; no connection may work in it any more. Nothing is changed
    in Seam."""
    with opened_register(config) as (register, now):
        register.workspace(name)
        if not yes:
            click.confirm(f"Forget the Seam workspace {name} and its key?", abort=True)
        register.remove_workspace(name, WHO, now)
    click.echo(f"Seam workspace {name} is forgotten; in Seam nothing was changed.")
