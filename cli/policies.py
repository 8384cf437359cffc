"""`policies`: the rules of access, how a change of them would come out, and changes in waves."""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import yaml

from assembly import run_connection
from cli.command import with_config
from cli.ending import give_up, printable
from cli.given import from_file_option, given
from cli.parser import Group
from cli.parts import WHO, file_settings, opened_register, opened_store, opened_workspaces
from connectors.wording import counted
from settings.policy_changes import in_words, preview
from settings.register import Register
from settings.rollout import Rollout
from store.engine import Database
from store.policy_changes import Limits

LOOKS_EVERY = 2.0
"""Seconds."""
_SOURCES = {"file": "from the settings file", "database": "in the database", "default": "as it comes"}


@click.group(cls=Group)
def policies() -> None:
    """The rules of access that connections use: those of the settings file, and those of the database."""


@policies.command("list")
@with_config
def policies_list(config: Path | None) -> None:
    """Shows all policies, and which connections use them."""
    with opened_register(config) as (register, _):
        for one in register.policies():
            used = ", ".join(one.used_by) or "used by none"
            click.echo(printable(f"{one.name}  {_SOURCES[one.source]}  {used}"))


@policies.command("show")
@click.argument("name")
@with_config
def policies_show(config: Path | None, name: str) -> None:
    """Shows a policy with every value that it has."""
    with opened_register(config) as (register, _):
        one = register.policy(name)
    click.echo(printable(f"{one.name}: {_SOURCES[one.source]}, used by {', '.join(one.used_by) or 'none'}"))
    click.echo(printable(yaml.safe_dump(dict(one.shown), sort_keys=False, allow_unicode=True).rstrip()))


@policies.command("set")
@click.argument("name")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1)
@from_file_option
@with_config
def policies_set(config: Path | None, name: str, assignments: tuple[str, ...], from_file: str | None) -> None:
    """Makes a policy, or changes it; `NAME=` takes a setting back to its default."""
    changes = given("", assignments, from_file)
    with opened_register(config) as (register, now):
        register.set_policy(name, changes, WHO, now)
        used = register.policy(name).used_by
    click.echo(f"Policy {name} is set; it counts within a few seconds for {', '.join(used) or 'no connection yet'}.")


@policies.command("preview")
@click.argument("name")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1)
@from_file_option
@with_config
def policies_preview(config: Path | None, name: str, assignments: tuple[str, ...], from_file: str | None) -> None:
    """Shows what a change would create, change and revoke, by property, over all connections that use the policy.

    Each PMS and Seam is read as by a full run, and nothing is changed. What is due anyway is counted too.
    """
    changes = given("", assignments, from_file)
    settings = file_settings(config)
    with opened_register(config) as (register, _), opened_store(settings) as store:
        policy = register.policy_with(name, changes)
        used = [one.settings for one in register.usable().values() if one.policy == name and one.settings is not None]
        sums: Counter[str] = Counter()
        with opened_workspaces(register.settings(), store) as workspace_of:
            those = ((run_connection(one, store), workspace_of(one)) for one in used)
            for seen in preview(policy, those, store, lambda: datetime.now(UTC)):
                sums.update(seen.counts)
                where = ", ".join([*seen.connections, *filter(None, [seen.property])])
                click.echo(printable(f"{where}: {seen.trouble or in_words(seen.counts)}"))
    if not used:
        click.echo(f"No connection uses {name}, so nothing would change.")
    elif len(used) > 1:
        click.echo(f"Together, over {counted(len(used), 'connection')}: {in_words(sums)}")


@policies.command("roll-out")
@click.argument("name")
@click.argument("assignments", metavar="NAME=VALUE...", nargs=-1)
@from_file_option
@click.option("--first", metavar="CONNECTION", help="Which one is the first wave.")
@click.option("--share", type=click.IntRange(1, 100), default=20, show_default=True, help="Percent of each later wave.")
@click.option(
    "--max-failures", type=click.IntRange(0), default=0, show_default=True, help="More of them in a wave stop it."
)
@click.option(
    "--max-revocations", type=click.IntRange(0), default=10, show_default=True, help="More of them in a wave stop it."
)
@click.option("--longest", type=click.IntRange(1), default=60, show_default=True, help="Minutes for one wave.")
@with_config
def policies_roll_out(
    config: Path | None,
    name: str,
    assignments: tuple[str, ...],
    from_file: str | None,
    first: str | None,
    share: int,
    max_failures: int,
    max_revocations: int,
    longest: int,
) -> None:
    """Changes a policy in waves: one connection first, then a share of the rest at a time.

    Each wave has a full run before the next one goes; failures or revocations beyond the limits stop it, and
    those that have the new rules keep them until `policies take-back`. Whoever repeats the command goes on.
    """
    changes = given("", assignments, from_file)
    limits = Limits(max_failures, max_revocations, timedelta(minutes=longest))
    settings = file_settings(config)
    with opened_register(config) as (register, _), opened_store(settings) as store:
        rollout = _rollout(register, store, name, changes)
        waves = rollout.waves(first, share)
        rollout.begin()
        for number, wave in enumerate(waves, start=1):
            click.echo(f"Wave {number} of {len(waves)}: {', '.join(wave)}")
            came = rollout.go(wave, limits)
            click.echo(
                f"  {counted(came.changes, 'grant')} made or changed, {counted(came.revocations, 'revocation')}, "
                f"{counted(came.failures, 'failure')}"
            )
            if came.stopped:
                give_up(
                    f"Stopped: {came.stopped}. Those that have the new rules keep them: put right what is wrong and "
                    f"repeat the command, or take them back: nightporter policies take-back {name}"
                )
        rollout.finish()
    click.echo(f"Policy {name} is changed for all that use it.")


@policies.command("take-back")
@click.argument("name")
@with_config
def policies_take_back(config: Path | None, name: str) -> None:
    """Gives the former rules back to those that a stopped `roll-out` has given the new ones."""
    settings = file_settings(config)
    with opened_register(config) as (register, _), opened_store(settings) as store:
        names = _rollout(register, store, name, {}).take_back()
    click.echo(f"{', '.join(names) or 'No connection'} {'has' if len(names) < 2 else 'have'} the former rules again.")


def _rollout(register: Register, store: Database, name: str, changes: Mapping[str, object]) -> Rollout:
    return Rollout(register, store, name, changes, WHO, lambda: datetime.now(UTC), lambda: time.sleep(LOOKS_EVERY))
