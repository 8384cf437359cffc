"""From the settings file to what a command works with: store, workspace, connections, properties.

Whatever cannot be had ends the command with a sentence.
"""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from assembly import pace_of, run_connection
from cli.ending import SETTINGS_WRONG, give_up, printable
from connectors.errors import PmsError
from connectors.wording import counted
from seam_workspace.errors import SeamUnauthorized
from seam_workspace.workspace import Workspace
from settings import ConnectionSettings, Settings, SettingsError, load_settings
from settings.register import Register
from store.connections import NotAccepted, NotThere, Stale
from store.costs import Cost, counting
from store.database import DatabaseUnusable, is_new, open_database
from store.engine import Database
from store.properties import KnownProperty, Properties
from store.secrets import SecretKeys, SecretsUnreadable

WHO = "command line"
"""In the audit log."""


def file_settings(config: Path | None) -> Settings:
    """What the settings file says."""
    try:
        return load_settings(config, os.environ)
    except SettingsError as problem:
        give_up(str(problem), SETTINGS_WRONG)


def secret_keys() -> SecretKeys:
    """The keys of the database's secrets, from the environment."""
    try:
        return SecretKeys.of(os.environ)
    except SecretsUnreadable as problem:
        give_up(str(problem), SETTINGS_WRONG)


def settings_of(config: Path | None) -> Settings:
    """The settings file's, with the connections and policies of the database."""
    settings = file_settings(config)
    if is_new(settings.database):
        return settings
    with opened_store(settings) as store:
        return with_database(settings, store)


def with_database(settings: Settings, store: Database) -> Settings:
    """The settings, with the connections and policies of the database."""
    try:
        register = _register(settings, store)
        found = register.settings()
    except SecretsUnreadable as problem:
        give_up(str(problem), SETTINGS_WRONG)
    for entry in register.entries():
        if entry.trouble and not entry.is_removed:
            click.echo(f"Connection {entry.name} is left out ({printable(entry.trouble)}).", err=True)
    return found


def _register(settings: Settings, store: Database) -> Register:
    register = Register(settings, store, secret_keys())
    register.note_organisations()
    return register


def chosen_connections(settings: Settings, name: str | None) -> list[ConnectionSettings]:
    if not settings.connections:
        give_up(
            "There is no connection yet: put one into the settings file, or make one by `nightporter connections add`.",
            SETTINGS_WRONG,
        )
    if name is None:
        return list(settings.connections.values())
    if name not in settings.connections:
        click.echo(f"No connection {name} in the settings; there is {', '.join(settings.connections)}.", err=True)
        sys.exit(SETTINGS_WRONG)
    return [settings.connections[name]]


@contextmanager
def opened_store(settings: Settings) -> Iterator[Database]:
    try:
        store = Database(open_database(settings.database), settings.keep)
    except DatabaseUnusable as problem:
        give_up(str(problem))
    try:
        yield store
    finally:
        store.close()


@contextmanager
def opened_register(config: Path | None) -> Iterator[tuple[Register, datetime]]:
    """The register, and the time; whatever it does not accept ends the command with its sentences."""
    settings = file_settings(config)
    with opened_store(settings) as store:
        try:
            yield _register(settings, store), datetime.now(UTC)
        except (NotAccepted, SecretsUnreadable, SettingsError) as problem:
            give_up(str(problem), SETTINGS_WRONG)
        except (NotThere, Stale) as problem:
            give_up(str(problem))


@contextmanager
def opened_workspaces(settings: Settings, store: Database) -> Iterator[Callable[[ConnectionSettings], Workspace]]:
    """The Seam workspace of each connection; all are closed at the end. `store`: where others are heard of that ask the
    same one."""
    opened: dict[str, Workspace] = {}
    try:
        for name, one in settings.seam.all().items():
            try:
                opened[name] = Workspace(
                    one.api_key, one.endpoint, pace=pace_of(one, store), observe=counting(Cost.SEAM_CALLS)
                )
            except SeamUnauthorized as problem:
                path = f"seam.workspaces.{name}.api_key" if name else "seam.api_key"
                click.echo(f"{path}: {problem}", err=True)
                sys.exit(SETTINGS_WRONG)
        yield lambda connection: opened[connection.workspace]
    finally:
        for workspace in opened.values():
            workspace.close()


def named_properties(
    settings: Settings, store: Database, name: str | None, connection_name: str | None
) -> list[tuple[ConnectionSettings, KnownProperty]]:
    """The properties of the settings' connections, by the PMS's id or by name; those that runs have met, or else as the
    PMS lists them now."""
    found: list[tuple[ConnectionSettings, KnownProperty]] = []
    known = Properties(store).known()
    for connection in chosen_connections(settings, connection_name):
        mine = [one for one in known if one.connection == connection.name]
        if not mine:
            try:
                listed = run_connection(connection, store).read_properties()
            except PmsError as problem:
                give_up(str(problem))
            mine = [KnownProperty(connection.name, one.id, one.name, one.time_zone) for one in listed]
        found.extend((connection, one) for one in mine)
    if name is None:
        return found
    wanted = " ".join(name.split()).casefold()
    by_id = [one for one in found if one[1].property_id == name]
    chosen = by_id or [one for one in found if " ".join(one[1].name.split()).casefold() == wanted]
    if not chosen:
        there = ", ".join(f"{one.property_id} ({one.name})" for _, one in found) or "none"
        give_up(f"There is no property {name}; there is {there}.")
    return chosen


def named_property(
    settings: Settings, store: Database, name: str, connection_name: str | None
) -> tuple[ConnectionSettings, KnownProperty]:
    found = named_properties(settings, store, name, connection_name)
    if len(found) > 1:
        give_up(
            f"{counted(len(found), 'property is', 'properties are')} called {name}: give the PMS's id ("
            + ", ".join(f"{of.property_id} of {connection.name}" for connection, of in found)
            + "), or --connection."
        )
    return found[0]
