"""What a command is given of settings: NAME=VALUE, a file or standard input, the environment, and answers at the
terminal. No secret is ever taken from the command line, where every user of the machine can read it.
"""

import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import click
import yaml

from cli.ending import SETTINGS_WRONG, give_up, printable
from settings.documents import secret_paths
from settings.reading import with_environment

from_file_option = click.option(
    "--from-file", metavar="FILE", help="Its block, as in the settings file; - is standard input."
)


def given(
    connector: str, assignments: Sequence[str], from_file: str | None, secrets: Collection[str] = ()
) -> dict[str, Any]:
    """What `--from-file` and NAME=VALUE say, as the settings file would have it. `secrets`: paths of those that there
    are beside the connector's."""
    document: dict[str, Any] = {}
    problems: list[str] = []
    if from_file is not None:
        document = _read(from_file)
    for assignment in assignments:
        path, has_value, text = assignment.partition("=")
        if not has_value or not path:
            raise click.UsageError(f"{printable(path[:80])}: give NAME=VALUE, such as schedules.full=2h")
        chosen = connector or str(document.get("connector", ""))
        if path in (*secret_paths(chosen), *secrets) and text and not text.startswith("env:"):
            give_up(
                f"{path} is a secret, and what stands in a command can be read by others on this machine: give "
                f"{path}=env:VARIABLE, or --from-file, or let it be asked for.",
                SETTINGS_WRONG,
            )
        put(document, path, _value(path, text) if text else None)
    resolved: dict[str, Any] = with_environment(document, os.environ, problems)
    if problems:
        give_up("\n".join(problems), SETTINGS_WRONG)
    return {name: _plain_text(value) for name, value in resolved.items()}


def _read(file: str) -> dict[str, Any]:
    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
        found = yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError):
        # What YAML complains of may quote a secret.
        give_up(f"--from-file {file}: it cannot be read as YAML.", SETTINGS_WRONG)
    if not isinstance(found, dict):
        give_up(f"--from-file {file}: it should hold settings (name, colon, value), and does not.", SETTINGS_WRONG)
    return found


def _value(path: str, text: str) -> Any:
    """Text, or a list or group as YAML has them."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        give_up(f"{path}: this is no list or group that can be read.", SETTINGS_WRONG)


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Puts a value where the path says: `schedules.full` into the group `schedules`."""
    *groups, name = path.split(".")
    for group in groups:
        document = document.setdefault(group, {})
        if not isinstance(document, dict):
            raise click.UsageError(f"{group} is given twice, once with a value and once as a group.")
    document[name] = value


def _plain_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain_text(one) for one in value]
    return str(value) if isinstance(value, str) else value


def asked(path: str, remark: str = "") -> str:
    """A secret: from the terminal without an echo, or a line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    text: str = click.prompt(
        f"{path}{f' ({remark})' if remark else ''}", hide_input=True, default="", show_default=False
    )
    return text.strip()
