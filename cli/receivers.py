"""`receivers`: other programs that are told of what happens."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from marshmallow import ValidationError

from cli.command import with_config
from cli.ending import SETTINGS_WRONG, give_up, printable
from cli.parser import Group
from cli.parts import WHO, file_settings, opened_store, secret_keys
from connectors.wording import counted
from schedules.outgoing import Post
from settings.kinds import Duration
from store.engine import Database
from store.outgoing import KINDS, OutgoingEvents
from store.people import People
from store.receivers import NAME, Receiver, Receivers, ReceiverState, Wants
from store.secrets import SecretsUnreadable

_kinds = click.option(
    "--event",
    "kinds",
    metavar="EVENT",
    type=click.Choice(KINDS),
    multiple=True,
    help=f"Only these events; repeatable. Else all: {', '.join(KINDS)}.",
)
_connections = click.option("--connection", "connections", metavar="NAME", multiple=True, help="Only of these.")
_organisation = click.option("--organisation", metavar="NAME", help="Only receivers of this one; others are not there.")
_properties = click.option("--property", "properties", metavar="ID", multiple=True, help="Only of these, by PMS id.")


@click.group(cls=Group)
def receivers() -> None:
    """Other programs that are told of what happens: access planned, code ready, guest entered, battery low."""


@receivers.command("add")
@click.argument("name")
@click.argument("url")
@_kinds
@_connections
@_properties
@click.option("--organisation", default="", metavar="NAME", help="Whose it is: only of its connections.")
@with_config
def receivers_add(
    config: Path | None,
    organisation: str,
    name: str,
    url: str,
    kinds: Sequence[str],
    connections: Sequence[str],
    properties: Sequence[str],
) -> None:
    """Adds a receiver, and prints the secret with which it checks that a message is ours."""
    if not NAME.fullmatch(name):
        give_up("A receiver's name begins with a letter and has only a-z, 0-9, - and _, at most 64.", SETTINGS_WRONG)
    with _opened(config) as (book, store, post, now):
        url = _address(url, post)
        made = book.add(name, url, Wants(kinds, connections, properties), now, organisation)
        if made is None:
            give_up(f"There is a receiver {name} already.")
        People(store).note(WHO, "added receiver", now, target=name)
    click.echo(f"Receiver {name} is there: {made.host} is told of {_wishes(made)}.")
    click.echo("Its secret, shown this once; the receiver checks the signatures with it (standardwebhooks.com):")
    click.echo(made.secrets[0])


@receivers.command("list")
@_organisation
@with_config
def receivers_list(config: Path | None, organisation: str | None) -> None:
    """Who is told of what, and how it goes."""
    with _opened(config) as (book, store, _, now):
        found, counts = _of(book, now, organisation), OutgoingEvents(store).counts()
    if not found:
        click.echo("Nobody is told of anything: `nightporter receivers add NAME URL` makes a receiver.")
    for one in found:
        number = counts.get(one.id, {})
        lines = f"{number.get('sent', 0):,} sent, {number.get('waiting', 0):,} waiting"
        if number.get("given_up"):
            lines += f", {number['given_up']:,} given up"
        click.echo(printable(f"{one.name}  {one.host}  {_wishes(one)}  {_how_it_stands(one)}  {lines}"))


@receivers.command("set")
@click.argument("name")
@click.option("--url", help="Another address.")
@_kinds
@_connections
@_properties
@_organisation
@with_config
def receivers_set(
    config: Path | None,
    organisation: str | None,
    name: str,
    url: str | None,
    kinds: Sequence[str],
    connections: Sequence[str],
    properties: Sequence[str],
) -> None:
    """Another address, or other events; what is given replaces all that was said before of events, connections and
    properties."""
    if url is None and not (kinds or connections or properties):
        raise click.UsageError("Say what is to be changed: --url, --event, --connection or --property.")
    with _opened(config) as (book, store, post, now):
        one = _named(book, name, now, organisation)
        wants = Wants(kinds, connections, properties) if kinds or connections or properties else None
        book.set(one, url=None if url is None else _address(url, post), wants=wants)
        People(store).note(WHO, "changed receiver", now, target=name)
        changed = _named(book, name, now, organisation)
    click.echo(f"Receiver {name}: {changed.host} is told of {_wishes(changed)}.")


@receivers.command("pause")
@click.argument("name")
@click.option("--reason", default="", help="Why, for others.")
@_organisation
@with_config
def receivers_pause(config: Path | None, organisation: str | None, name: str, reason: str) -> None:
    """Sends it nothing; what happens meanwhile waits, for 30 days at most."""
    with _opened(config) as (book, store, _, now):
        book.pause(_named(book, name, now, organisation), reason)
        People(store).note(WHO, "paused receiver", now, target=name, note=reason or None)
    click.echo(f"Receiver {name} is sent nothing until `nightporter receivers resume {name}`.")


@receivers.command("resume")
@click.argument("name")
@_organisation
@with_config
def receivers_resume(config: Path | None, organisation: str | None, name: str) -> None:
    """Sends it what waits, and goes on."""
    with _opened(config) as (book, store, _, now):
        one = _named(book, name, now, organisation)
        book.resume(one, now)
        People(store).note(WHO, "resumed receiver", now, target=name)
    click.echo(f"Receiver {name} is sent what waits for it, and what comes.")


@receivers.command("rotate")
@click.argument("name")
@_organisation
@with_config
def receivers_rotate(config: Path | None, organisation: str | None, name: str) -> None:
    """A new secret; for a day messages are signed with the old one as well."""
    with _opened(config) as (book, store, _, now):
        secret = book.rotate(_named(book, name, now, organisation), now)
        People(store).note(WHO, "rotated receiver's secret", now, target=name)
    click.echo(f"The new secret of {name}, shown this once; the old one is good for another 24 hours:")
    click.echo(secret)


@receivers.command("remove")
@click.argument("name")
@_organisation
@with_config
def receivers_remove(config: Path | None, organisation: str | None, name: str) -> None:
    """Tells it nothing any more, and forgets what waited for it."""
    with _opened(config) as (book, store, _, now):
        book.remove(_named(book, name, now, organisation))
        People(store).note(WHO, "removed receiver", now, target=name)
    click.echo(f"Receiver {name} is gone.")


@receivers.command("log")
@click.argument("name")
@click.option("--limit", type=click.IntRange(1, 1000), default=30, show_default=True)
@_organisation
@with_config
def receivers_log(config: Path | None, organisation: str | None, name: str, limit: int) -> None:
    """Every attempt to send it something, the newest first."""
    with _opened(config) as (book, store, _, now):
        found = OutgoingEvents(store).attempts(_named(book, name, now, organisation).id, limit=limit)
    if not found:
        click.echo(f"Nothing has been sent to {name} yet.")
    for one in found:
        what_came = one.trouble or f"taken ({one.status})"
        click.echo(
            printable(f"{one.at:%d %b %H:%M:%S} UTC  {one.kind}  {one.message_id}  {what_came}, {one.milliseconds} ms")
        )


@receivers.command("replay")
@click.argument("name")
@click.option("--since", required=True, metavar="TIME", help="2026-03-01T18:00 (UTC), or how long ago: 6h, 2d.")
@_organisation
@with_config
def receivers_replay(config: Path | None, organisation: str | None, name: str, since: str) -> None:
    """Sends it once more what it was told, or should have been told, from then on."""
    with _opened(config) as (book, store, _, now):
        from_then = _time(since, now)
        number = OutgoingEvents(store).replay(_named(book, name, now, organisation).id, from_then, now)
        People(store).note(WHO, "replayed events", now, target=name, note=f"since {from_then:%Y-%m-%d %H:%M} UTC")
    click.echo(f"{counted(number, 'event')} since {from_then:%d %b %Y %H:%M} UTC will be sent to {name} again.")


# --- shared -----------------------------------------------------------------------------------------------------------


@contextmanager
def _opened(config: Path | None) -> Iterator[tuple[Receivers, Database, Post, datetime]]:
    settings = file_settings(config)
    keys = secret_keys()
    with opened_store(settings) as store:
        try:
            post = Post(private_addresses=settings.private_addresses)
            yield Receivers(store, keys), store, post, datetime.now(UTC)
        except SecretsUnreadable as problem:
            give_up(str(problem), SETTINGS_WRONG)


def _of(book: Receivers, now: datetime, organisation: str | None) -> list[Receiver]:
    return [one for one in book.all(now) if organisation in (None, one.organisation)]


def _named(book: Receivers, name: str, now: datetime, organisation: str | None) -> Receiver:
    found = book.get(name, now)
    if found is None or organisation not in (None, found.organisation):
        there = ", ".join(one.name for one in _of(book, now, organisation)) or "none"
        of = f" of organisation {organisation}" if organisation else ""
        give_up(printable(f"There is no receiver {name}{of}; there is {there}."))
    return found


def _address(url: str, post: Post) -> str:
    if (why := post.refused(url.strip())) is not None:
        give_up(f"Nothing can be sent to that address: {why}.", SETTINGS_WRONG)
    return url.strip()


def _time(text: str, now: datetime) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        pass
    else:
        return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    try:
        ago: timedelta = Duration().read(text)
        return now - ago
    except (ValidationError, OverflowError):
        give_up(f"--since {text}: give a time such as 2026-03-01T18:00, or how long ago: 6h, 2d.", SETTINGS_WRONG)


def _wishes(one: Receiver) -> str:
    wants = one.wants
    parts = [", ".join(wants.kinds) or "everything"]
    if one.organisation:
        parts.append(f"of organisation {one.organisation}")
    if wants.connections:
        parts.append(f"of {', '.join(wants.connections)}")
    if wants.properties:
        parts.append(f"at {', '.join(wants.properties)}")
    return " ".join(parts)


def _how_it_stands(one: Receiver) -> str:
    if one.state is ReceiverState.PAUSED:
        return f"paused ({one.state_reason})" if one.state_reason else "paused"
    if one.failing_since is not None:
        return f"has taken nothing since {one.failing_since:%d %b %H:%M} UTC"
    return "active"
