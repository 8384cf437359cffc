"""`user` and `token`: who may sign in, and which programs may read."""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.command import with_config
from cli.ending import give_up
from cli.parser import Group
from cli.parts import file_settings, opened_store
from mappers.sentences import say
from store.memberships import Membership, Memberships
from store.people import NAME, AlreadyThere, People, Role
from store.provider_users import ProviderUsers
from web.access import SHORTEST_PASSWORD, hash_password

_role = click.Choice(["viewer", "operator", "admin"])
_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")


@click.group(cls=Group)
def user() -> None:
    """Who may sign in."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=_role, required=True)
@_from_stdin
@with_config
def user_add(config: Path | None, name: str, role: str, password_stdin: bool) -> None:
    """Adds a user. viewer: reads; operator: also syncs, sees PINs, approves; admin: also reads the audit log."""
    _check_name(name)
    with _opened_people(config) as (people, now):
        if people.user(name) is not None:
            give_up(f"There is a user {name} already: `nightporter user password {name}` changes the password.")
        try:
            people.add_user(name, Role(role), _asked_password(password_stdin), now)
        except AlreadyThere:
            give_up(f"There is a user {name} already.")
        people.note("command line", "added user", now, target=name, note=say(role))
    click.echo(f"{name} may sign in, as {role}.")


@user.command("password")
@click.argument("name")
@_from_stdin
@with_config
def user_password(config: Path | None, name: str, password_stdin: bool) -> None:
    """Sets a new password; whoever is signed in by the old one is signed out."""
    with _opened_people(config) as (people, now):
        _local_user(people, name)
        people.change_user(name, password_hash=_asked_password(password_stdin))
        people.note("command line", "set password", now, target=name)
    click.echo(f"{name} has a new password.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=_role)
@with_config
def user_role(config: Path | None, name: str, role: str) -> None:
    """Changes what a user may do, at once."""
    with _opened_people(config) as (people, now):
        _local_user(people, name)
        people.change_user(name, role=Role(role))
        people.note("command line", "changed role", now, target=name, note=say(role))
    click.echo(f"{name} is {role} now.")


@user.command("disable")
@click.argument("name")
@with_config
def user_disable(config: Path | None, name: str) -> None:
    """Lets a user in no more, at once."""
    with _opened_people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, disabled=True)
        people.note("command line", "disabled user", now, target=name)
    click.echo(f"{name} may not sign in any more.")


@user.command("enable")
@click.argument("name")
@with_config
def user_enable(config: Path | None, name: str) -> None:
    """Lets a user in again."""
    with _opened_people(config) as (people, now):
        _known_user(people, name)
        people.change_user(name, disabled=False)
        people.note("command line", "enabled user", now, target=name)
    click.echo(f"{name} may sign in again.")


@user.command("hand-over")
@click.argument("name")
@with_config
def user_hand_over(config: Path | None, name: str) -> None:
    """Lets a user sign in at the provider (serve.sign_in) from now on: the next account of that name there is hers.
    Password, second factor and sessions end."""
    with _opened_people(config) as (people, _):
        _known_user(people, name)
    with opened_store(file_settings(config)) as store:
        ProviderUsers(store).hand_over(name)
        People(store).note("command line", "handed a user over to the provider", datetime.now(UTC), target=name)
    click.echo(f"{name} signs in at the provider from now on.")


@user.command("list")
@with_config
def user_list(config: Path | None) -> None:
    """Who may sign in, and as what."""
    with _opened_people(config) as (people, _):
        users = people.users()
        if not users:
            click.echo("There are no users: `nightporter user add NAME --role admin` makes one.")
        for one in users:
            click.echo(f"{one.name}  {one.role}{'  (disabled)' if one.disabled else ''}")


@user.command("link")
@click.argument("name")
@with_config
def user_link(config: Path | None, name: str) -> None:
    """Prints a link that signs a user in, once, within ten minutes."""
    serves = file_settings(config).serve
    with _opened_people(config) as (people, now):
        _local_user(people, name)
        click.echo(
            f"{serves.public_url or f'http://{serves.host}:{serves.port}'}/sign-in/{people.make_link(name, now)}"
        )
        people.note("command line", "made a sign-in link", now, target=name)


def _over(command: Callable[..., None]) -> Callable[..., None]:
    """Over what somebody has a role."""
    for option in (
        click.option("--property", "property_id", default="", metavar="ID", help="Over this property of it only."),
        click.option("--connection", default="", metavar="NAME", help="Over this connection."),
        click.option("--organisation", default="", metavar="NAME", help="Over all connections of it."),
    ):
        command = option(command)
    return command


@user.command("allow")
@click.argument("name")
@_over
@click.option("--role", type=_role, required=True)
@with_config
def user_allow(config: Path | None, name: str, role: str, **over: str) -> None:
    """Gives a user a role over an organisation, a connection or a property. From the first one on she has only such
    roles, and sees nothing else."""
    with _opened_people(config) as (people, _):
        _local_user(people, name)
    _allow(config, name, Membership(Role(role), **over))


@user.command("disallow")
@click.argument("name")
@_over
@with_config
def user_disallow(config: Path | None, name: str, **over: str) -> None:
    """Takes such a role away. The last one cannot be: `user disable` lets her in no more."""
    _disallow(config, name, Membership(Role.VIEWER, **over))


def _allow(config: Path | None, who: str, one: Membership) -> None:
    _check_place(one)
    with opened_store(file_settings(config)) as store:
        now = datetime.now(UTC)
        Memberships(store).give(who, one, now)
        People(store).note(
            "command line", "gave a role", now, connection=one.connection or None, target=who, note=f"{one.role}: {one}"
        )
    click.echo(f"{who} is {one.role} of {one}, and sees nothing that she has no role over.")


def _disallow(config: Path | None, who: str, one: Membership) -> None:
    _check_place(one)
    with opened_store(file_settings(config)) as store:
        book, now = Memberships(store), datetime.now(UTC)
        mine = [str(each) for each in book.of(who)]
        if str(one) not in mine:
            give_up(f"{who} has no role over {one}; there is {', '.join(mine) or 'none'}.")
        if len(mine) == 1:
            give_up(f"This is the only one of {who}: without any she would have her role over everything.")
        book.take(who, one)
        People(store).note(
            "command line", "took a role away", now, connection=one.connection or None, target=who, note=str(one)
        )
    click.echo(f"{who} has no role over {one} any more.")


def _check_place(one: Membership) -> None:
    if bool(one.organisation) == bool(one.connection) or (one.property_id and not one.connection):
        raise click.UsageError("Give --organisation, or --connection, or --connection and --property.")


@click.group(cls=Group)
def token() -> None:
    """API tokens, for programs."""


@token.command("add")
@click.argument("name")
@click.option("--role", type=_role, required=True)
@with_config
def token_add(config: Path | None, name: str, role: str) -> None:
    """Makes a token and prints it, this once: only its hash is kept."""
    _check_name(name)
    with _opened_people(config) as (people, now):
        try:
            made = people.make_token(name, Role(role), now)
        except AlreadyThere:
            give_up(f"There was a token {name} before: choose another name.")
        people.note("command line", "made token", now, target=name, note=say(role))
    click.echo(made)


@token.command("allow")
@click.argument("name")
@_over
@click.option("--role", type=_role, required=True)
@with_config
def token_allow(config: Path | None, name: str, role: str, **over: str) -> None:
    """Gives a token a role over an organisation, a connection or a property, as `user allow` does."""
    with _opened_people(config) as (people, _):
        if name not in {one.name for one in people.tokens()}:
            give_up(f"There is no token {name}; `nightporter token list` shows them.")
    _allow(config, f"token {name}", Membership(Role(role), **over))


@token.command("disallow")
@click.argument("name")
@_over
@with_config
def token_disallow(config: Path | None, name: str, **over: str) -> None:
    """Takes such a role away from a token."""
    _disallow(config, f"token {name}", Membership(Role.VIEWER, **over))


@token.command("list")
@with_config
def token_list(config: Path | None) -> None:
    """The tokens, without their secrets."""
    with _opened_people(config) as (people, _):
        tokens = people.tokens()
        if not tokens:
            click.echo("There are no tokens: `nightporter token add NAME --role viewer` makes one.")
        for one in tokens:
            used = f"last used {one.used_at:%d %b %Y %H:%M} UTC" if one.used_at else "never used"
            click.echo(f"{one.name}  {one.role}  {'revoked' if one.revoked_at else used}")


@token.command("revoke")
@click.argument("name")
@with_config
def token_revoke(config: Path | None, name: str) -> None:
    """Ends a token, at once."""
    with _opened_people(config) as (people, now):
        if not people.revoke_token(name, now):
            give_up(f"There is no valid token {name}; `nightporter token list` shows them.")
        people.note("command line", "revoked token", now, target=name)
    click.echo(f"The token {name} is revoked.")


@contextmanager
def _opened_people(config: Path | None) -> Iterator[tuple[People, datetime]]:
    with opened_store(file_settings(config)) as store:
        yield People(store), datetime.now(UTC)


def _check_name(name: str) -> None:
    if not re.fullmatch(NAME, name):
        give_up("A name has letters, digits, and . _ @ + - only, at most 64.")


def _known_user(people: People, name: str) -> None:
    if people.user(name) is None:
        give_up(f"There is no user {name}; `nightporter user list` shows them.")


def _local_user(people: People, name: str) -> None:
    _known_user(people, name)
    user = people.user(name)
    if user is not None and user.by_provider:
        give_up(f"{name} signs in at the provider, which says what she may do: change it there.")


def _asked_password(from_stdin: bool) -> str:
    """Asks for a password, or reads it where nobody sits at a terminal; returns its hash."""
    from_stdin = from_stdin or not sys.stdin.isatty()
    password = sys.stdin.readline().rstrip("\n") if from_stdin else click.prompt("Password", hide_input=True)
    if not password:
        give_up("There is no password: type it at a terminal, or send it as the first line of standard input.")
    if len(password) < SHORTEST_PASSWORD:
        give_up(f"A password has at least {SHORTEST_PASSWORD} characters.")
    if not from_stdin and click.prompt("Once more", hide_input=True) != password:
        give_up("The two passwords are not the same.")
    return hash_password(password)
