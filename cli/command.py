"""What commands share: the settings file as an option, and what becomes of a failed database or Ctrl-C."""

import functools
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from cli.ending import SETTINGS_WRONG, give_up
from cli.parser import config_option
from store.engine import StoreFailed

connection_option = click.option("--connection", "connection_name", metavar="NAME", help="Only this connection.")


def with_config(command: Callable[..., None]) -> Callable[..., None]:
    """Hands a command the settings file that `--config` names, before the command or after it (None: neither)."""

    @config_option
    @functools.wraps(command)
    def run(**arguments: Any) -> None:
        try:
            command(click.get_current_context().find_root().obj, **arguments)
        except StoreFailed as problem:
            give_up(str(problem))
        except KeyboardInterrupt:
            # Every answer from Seam is committed when it comes, so stopping at any moment is safe.
            give_up("\nStopped. The next run goes on where this one was.", 130)

    return run


def can_write(path: str | None, option: str) -> None:
    """Ends the command before it has done anything, where the file that an option names could not be written."""
    if path is None or path == "-":
        return
    file, folder = Path(path), Path(path).absolute().parent
    if not folder.is_dir():
        give_up(f"{option} {path}: there is no folder {folder}; nothing was done.", SETTINGS_WRONG)
    if not os.access(file if file.exists() else folder, os.W_OK):
        give_up(f"{option} {path}: it may not be written; nothing was done.", SETTINGS_WRONG)


def write_json(path: str, document: Any) -> None:
    """Writes what `--json` asks for to a file, or to standard output (`-`)."""
    write_text(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n", "--json")


def write_text(path: str, text: str, option: str) -> None:
    """Writes text to the file that an option names, or to standard output (`-`); one that cannot be written ends the
    command."""
    if path == "-":
        click.echo(text, nl=False)
        return
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as problem:
        give_up(f"{option} {path}: cannot be written ({problem.strerror}).")
