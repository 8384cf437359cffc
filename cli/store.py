"""`store`: the database as a whole."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up
from cli.parser import Group
from cli.parts import file_settings
from connectors.wording import counted
from store.copying import CannotCopy, copy_all
from store.database import DatabaseUnusable, is_new, open_database


@click.group(cls=Group)
def store() -> None:
    """The database as a whole: `copy` moves everything into another one."""


@store.command("copy")
@click.option(
    "--to",
    "url",
    required=True,
    metavar="URL",
    help="The other, empty database; env:NAME: as the environment has it.",
)
@with_config
def store_copy(config: Path | None, url: str) -> None:
    """Copies everything into another database that is empty, such as from SQLite to PostgreSQL, and counts it there.

    End everything that uses the database before. The old one is left as it is.
    """
    settings = file_settings(config)
    if url.startswith("env:"):
        name = url.removeprefix("env:")
        url = os.environ.get(name, "")
        if not url:
            give_up(f"--to: the environment variable {name or '(none named)'} is not set.", SETTINGS_WRONG)
    if is_new(settings.database):
        give_up("There is nothing to copy: this database has not been made yet.")
    try:
        source = open_database(settings.database)
    except DatabaseUnusable as problem:
        give_up(str(problem))
    try:
        counts = copy_all(source, url, datetime.now(UTC))
    except CannotCopy as problem:
        give_up(str(problem))
    finally:
        source.dispose()
    for table, number in counts.items():
        if number:
            click.echo(f"{table}: {counted(number, 'row')}")
    click.echo(
        f"All {counted(sum(counts.values()), 'row is', 'rows are')} there, counted on both sides. Next: set `database` "
        "to the new one in the settings, and begin again."
    )
