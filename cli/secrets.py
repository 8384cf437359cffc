"""`secrets`: the keys with which secrets are encrypted in the database."""

from pathlib import Path

import click

from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up
from cli.parser import Group
from cli.parts import file_settings, opened_store, secret_keys
from connectors.wording import counted
from store.connections import ConnectionBook
from store.receivers import Receivers
from store.secrets import VARIABLE, SecretsUnreadable, new_key


@click.group(cls=Group)
def secrets() -> None:
    """The keys with which the database's secrets are encrypted."""


@secrets.command("key")
def secrets_key() -> None:
    """Prints a new key, for NIGHTPORTER_SECRET_KEYS; keep it where the database's backups are not."""
    click.echo(new_key())


@secrets.command("rotate")
@with_config
def secrets_rotate(config: Path | None) -> None:
    """Encrypts all secrets with the first key of NIGHTPORTER_SECRET_KEYS; the others are not needed afterwards."""
    keys = secret_keys()
    if not keys:
        give_up(
            f"{VARIABLE} is not set: put the new key first and the one that was used so far behind it.", SETTINGS_WRONG
        )
    with opened_store(file_settings(config)) as store:
        try:
            number = ConnectionBook(store, keys).encrypt_anew() + Receivers(store, keys).encrypt_anew()
        except SecretsUnreadable as problem:
            give_up(str(problem), SETTINGS_WRONG)
    click.echo(
        f"The secrets of {counted(number, 'row')} are encrypted with the first key of {VARIABLE}: once every process "
        "has it, take the others away."
    )
