"""The command `nightporter`: its options, and the table of all commands.

A command's module is imported when the command is called, so that `nightporter --help` answers at once.
"""

import importlib
from pathlib import Path
from typing import NamedTuple

import click

VERSION = "0.4.0"


class _Place(NamedTuple):
    module: str
    sentence: str
    """What `nightporter --help` says of it; the command's own help begins with the same words."""


COMMANDS = {
    "accounts": _Place("cli.accounts", "The lock systems that properties are connected to"),
    "approve": _Place("cli.sync", "Carries out the revocations that a run holds"),
    "check": _Place(
        "cli.sync", "Tries everything that a run needs: the settings, the database, the PMS's tokens and the Seam key"
    ),
    "connect": _Place(
        "cli.accounts", "Connects a property's lock system: makes a page of Seam to sign in on, and follows it"
    ),
    "connections": _Place(
        "cli.connections",
        "The connections: those of the settings file, and those of the database, which change without a restart",
    ),
    "costs": _Place(
        "cli.costs",
        "What Seam and the PMSs were asked for in a month, by property: calls, PINs and their days, webhooks",
    ),
    "demo": _Place(
        "cli.demo",
        "A simulated PMS and a simulated Seam workspace: see a full sync, then live events, without any account",
    ),
    "doors": _Place(
        "cli.locks", "Which lock belongs to which room: proposes by their names, and applies what was decided"
    ),
    "encoders": _Place("cli.encoders", "What writes cards at the desks, by property, as Seam lists it now"),
    "locks": _Place(
        "cli.locks", "How the locks are: batteries, connections, what is wrong, and whose access it concerns"
    ),
    "lookup": _Place(
        "cli.report", "Everything that is known of a PMS id or key: in the PMS, in Seam, and in past runs"
    ),
    "new-connector": _Place(
        "cli.new_connector",
        "Begins a connector for another PMS: its package, its fixture for the tests, its line in the table",
    ),
    "plan": _Place("cli.sync", "Shows what `sync` would do and why, and changes nothing"),
    "policies": _Place(
        "cli.policies",
        "The rules of access that connections use: those of the settings file, and those of the database",
    ),
    "receivers": _Place(
        "cli.receivers",
        "Other programs that are told of what happens: access planned, code ready, guest entered, battery low",
    ),
    "report": _Place(
        "cli.report", "Shows a stored run, the latest by default: every change with its reason and outcome"
    ),
    "secrets": _Place("cli.secrets", "The keys with which the database's secrets are encrypted"),
    "serve": _Place("cli.serve", "Runs by itself: schedules, webhooks and the report, until it is asked to end"),
    "store": _Place("cli.store", "The database as a whole: `copy` moves everything into another one"),
    "sync": _Place("cli.sync", "Brings Seam in step with the PMS"),
    "token": _Place("cli.people", "API tokens, for programs"),
    "trends": _Place(
        "cli.trends",
        "How it went: arrivals ready when due, time from a change to the door, why it was not ready, hours offline",
    ),
    "user": _Place("cli.people", "Who may sign in"),
    "webhooks": _Place("cli.webhooks", "The webhooks that a PMS sends here"),
    "work": _Place(
        "cli.work", "A worker of a fleet: does what `serve` finds to do, on any machine, until it is asked to end"
    ),
    "workspaces": _Place(
        "cli.workspaces",
        "The Seam workspaces: those of the settings file, and those of the database, which change without a restart",
    ),
}


class Group(click.Group):
    """Commands whose sentences are wrapped in `--help`, where click would cut them."""

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(
                [
                    (name, " ".join((one.help or "").partition("\n\n")[0].split()))
                    for name, one in sorted(self.commands.items())
                ]
            )


class _Commands(click.Group):
    """The commands of the table, each in its module under its own name."""

    def list_commands(self, context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[name].module), name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, place.sentence) for name, place in sorted(COMMANDS.items())])


def _keep(context: click.Context, parameter: click.Parameter, value: Path | None) -> None:
    """`--config` is taken before the command and after it; the one after it wins."""
    if value is not None:
        context.find_root().obj = value


config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    metavar="FILE",
    expose_value=False,
    callback=_keep,
    help="The settings file; else NIGHTPORTER_CONFIG.",
)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 200})
@config_option
@click.version_option(VERSION, message="nightporter %(version)s")
def cli() -> None:
    """Night Porter keeps the keys: bookings in a PMS become access in Seam, and end with the stay."""
