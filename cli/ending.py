"""How a command ends that cannot go on: a sentence on standard error, and an exit code."""

import sys
from typing import NoReturn

import click

SETTINGS_WRONG = 2
"""The exit code where the settings, or what was typed, are wrong."""


def give_up(sentence: str, code: int = 1) -> NoReturn:
    """Ends the command with a sentence and an exit code."""
    click.echo(printable(sentence), err=True)
    sys.exit(code)


def printable(text: str) -> str:
    """Text without signs that a terminal obeys; line breaks stay."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text)
