"""`webhooks`: what a PMS sends here."""

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit

import click

from assembly import connector_of
from cli.command import with_config
from cli.ending import give_up
from cli.parser import Group
from cli.parts import chosen_connections, settings_of
from connectors.connector import Connector
from connectors.errors import PmsError
from settings import ConnectionSettings, Settings


@click.group(cls=Group)
def webhooks() -> None:
    """The webhooks that a PMS sends here."""


@webhooks.command("subscribe")
@click.argument("connection")
@with_config
def webhooks_subscribe(config: Path | None, connection: str) -> None:
    """Has the PMS send its webhooks here; again and again makes no difference."""
    settings = settings_of(config)
    (chosen,) = chosen_connections(settings, connection)
    url, here = _webhook_url(settings, chosen), _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        for one in connector.webhooks.subscribe(url):
            click.echo(f"{connection}: the PMS sends {one.events} to {here}.")


@webhooks.command("list")
@click.argument("connection")
@with_config
def webhooks_list(config: Path | None, connection: str) -> None:
    """What the PMS sends, and where to."""
    settings = settings_of(config)
    (chosen,) = chosen_connections(settings, connection)
    here = _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        found = connector.webhooks.subscriptions()
        for one in found:
            # Of somebody else's address even the path may be a secret.
            is_here = one.url.partition("?")[0] == here
            where = (
                f"{here} (this connection)" if is_here else urlsplit(one.url).hostname or "an address without a host"
            )
            click.echo(f"{connection}: the PMS sends {one.events} to {where}.")
        if not found:
            click.echo(f"{connection}: the PMS sends no webhooks.")


@webhooks.command("unsubscribe")
@click.argument("connection")
@with_config
def webhooks_unsubscribe(config: Path | None, connection: str) -> None:
    """Has the PMS send its webhooks here no more."""
    settings = settings_of(config)
    (chosen,) = chosen_connections(settings, connection)
    url, here = _webhook_url(settings, chosen), _webhook_address(settings, chosen)
    with _asking_the_pms(chosen) as connector:
        if connector.webhooks.unsubscribe(url):
            click.echo(f"{connection}: the PMS sends nothing to {here} any more.")
        else:
            click.echo(f"{connection}: there was nothing to end, the PMS sends nothing to {here}.")


def _webhook_url(settings: Settings, connection: ConnectionSettings) -> str:
    """Where the PMS is to send a connection's webhooks, with the token that proves it; ends the command where that
    cannot be."""
    public_url, token = settings.serve.public_url, connection.webhook_token
    if not public_url:
        give_up("serve.public_url is missing: the PMS has to know under which address it reaches this service.")
    if not token:
        give_up(
            f"connections.{connection.name}.webhook_token is missing: choose a long random one, so that nobody else "
            "can send webhooks."
        )
    if not public_url.startswith("https://"):
        give_up("serve.public_url should start with https://: the token in the address is readable on the way.")
    if _is_local(urlsplit(public_url).hostname or ""):
        give_up(f"serve.public_url is {public_url}: the PMS cannot reach an address of this machine or this network.")
    return f"{_webhook_address(settings, connection)}?token={quote(token, safe='')}"


def _webhook_address(settings: Settings, connection: ConnectionSettings) -> str:
    return f"{settings.serve.public_url}/webhooks/{quote(connection.name, safe='')}"


def _is_local(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return "." not in host or host.endswith((".localhost", ".local", ".internal", ".lan"))


@contextmanager
def _asking_the_pms(connection: ConnectionSettings) -> Iterator[Connector]:
    """The connection's connector; what the PMS cannot or will not do ends the command."""
    try:
        yield connector_of(connection)
    except PmsError as problem:
        said = str(problem)
        for token in (connection.webhook_token, quote(connection.webhook_token or "", safe="")):
            said = said.replace(token, "<webhook_token>") if token else said
        give_up(said)
