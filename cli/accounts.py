"""`connect` and `accounts`: the lock systems of properties."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import click

from assembly import run_connection
from cli.command import connection_option, with_config
from cli.ending import give_up
from cli.parser import Group
from cli.parts import named_properties, named_property, opened_store, opened_workspaces, settings_of
from cli.terminal import show_accounts, show_connected, show_unplaced
from reconciler.accounts import (
    CannotAdopt,
    adopt_account,
    check_accounts,
    look_at_accounts,
    note_accounts,
    unplaced_accounts,
)
from reconciler.by_hand import by_hand
from seam_workspace.errors import SeamError
from store.properties import Properties


@click.command()
@click.argument("property_name", metavar="PROPERTY")
@click.option("--provider", "providers", metavar="NAME", multiple=True, help="Offer only this lock maker; repeatable.")
@connection_option
@click.option("--open/--no-open", "open_it", default=True, help="Open the page in a browser (on a terminal).")
@click.option("--wait", type=click.IntRange(0, 86400), default=900, show_default=True, help="Seconds to follow it.")
@with_config
def connect(
    config: Path | None,
    property_name: str,
    providers: tuple[str, ...],
    connection_name: str | None,
    open_it: bool,
    wait: int,
) -> None:
    """Connects a property's lock system: makes a page of Seam to sign in on, and follows it.

    PROPERTY is the PMS's id or the name. What is signed in to carries the property's key in Seam.
    """
    settings = settings_of(config)
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        connection, of = named_property(settings, store, property_name, connection_name)
        workspace = workspace_of(connection)
        run_of = run_connection(connection)
        customer_key = run_of.keys.customer(of.property_id)
        try:
            with by_hand(store, workspace, connection.name):
                webview = workspace.create_webview(customer_key, providers)
            click.echo(f"Sign in to the lock system of {of.name} on this page:\n\n  {webview.url}\n")
            if open_it and sys.stdout.isatty():
                click.launch(webview.url)
            until = time.monotonic() + wait
            while webview.status == "pending":
                if time.monotonic() >= until:
                    give_up(
                        f"Nobody has signed in yet. The page stays good; `nightporter accounts {of.property_id}` "
                        "shows what came of it.",
                        1 if wait else 0,
                    )
                time.sleep(min(2.0, max(0.1, until - time.monotonic())))
                webview = workspace.webview(webview.id) or webview
            if webview.status != "authorized":
                give_up("Signing in did not work. Such a page can be used once: `nightporter connect` makes a new one.")
            with by_hand(store, workspace, connection.name) as mine:
                look = look_at_accounts(workspace, customer_key)
                note_accounts(connection.name, mine, of.property_id, look, datetime.now(UTC))
            show_connected(of.name, of.property_id, look)
        except SeamError as problem:
            give_up(str(problem))
        click.echo(f"Next: nightporter doors {of.property_id}")


class _Accounts(Group):
    """`accounts [PROPERTY]` shows; `accounts adopt ACCOUNT PROPERTY` changes."""

    def parse_args(self, context: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        asks_for_help = any(word in ("-h", "--help") for word in args) and not words
        if not asks_for_help and (not words or words[0] not in self.commands):
            args = ["show", *args]
        return super().parse_args(context, args)


@click.group(cls=_Accounts)
def accounts() -> None:
    """The lock systems that properties are connected to: `accounts [PROPERTY]` shows them with their locks and what is
    wrong with each; `accounts adopt ACCOUNT PROPERTY` takes one up that belongs to nobody."""


@accounts.command("show")
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@connection_option
@with_config
def accounts_show(config: Path | None, property_name: str | None, connection_name: str | None) -> None:
    """Shows the lock systems that properties are connected to, and how they are (exit code 1: one is not well)."""
    settings = settings_of(config)
    well = True
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        chosen = named_properties(settings, store, property_name, connection_name)
        keys = {name: run_connection(connection).keys for name, connection in settings.connections.items()}
        try:
            for connection, of in chosen:
                workspace = workspace_of(connection)
                with by_hand(store, workspace, connection.name) as mine:
                    look = look_at_accounts(workspace, keys[connection.name].customer(of.property_id))
                    note_accounts(connection.name, mine, of.property_id, look, datetime.now(UTC))
                show_accounts(of.name, of.property_id, look)
                well = well and bool(look.accounts) and all(one.well for one in look.accounts)
            known = [(connection.name, of) for connection, of in chosen]
            known += [(of.connection, of) for of in Properties(store).known() if of.connection in keys]
            for name in sorted({keys[connection.name].workspace for connection, _ in chosen}):
                customers = {keys[one].customer(of.property_id) for one, of in known if keys[one].workspace == name}
                here = next(connection for connection, _ in chosen if keys[connection.name].workspace == name)
                show_unplaced(
                    unplaced_accounts(workspace_of(here), customers),
                    whole=property_name is None and connection_name is None,
                )
        except SeamError as problem:
            give_up(str(problem))
    sys.exit(0 if well else 1)


@accounts.command("adopt")
@click.argument("account_id", metavar="ACCOUNT")
@click.argument("property_name", metavar="PROPERTY")
@connection_option
@with_config
def accounts_adopt(config: Path | None, account_id: str, property_name: str, connection_name: str | None) -> None:
    """Gives a lock account that belongs to nobody to a property; one that belongs to somebody is never taken."""
    settings = settings_of(config)
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        connection, of = named_property(settings, store, property_name, connection_name)
        workspace = workspace_of(connection)
        keys = run_connection(connection).keys
        try:
            with by_hand(store, workspace, connection.name) as mine:
                account = adopt_account(workspace, account_id, keys.customer(of.property_id))
                check_accounts(connection.name, keys, workspace, mine, of.property_id, datetime.now(UTC))
        except (CannotAdopt, SeamError) as problem:
            give_up(str(problem))
    click.echo(f"The account {account.name} belongs to {of.name} now. Next: nightporter doors {of.property_id}")
