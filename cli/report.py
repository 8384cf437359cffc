"""`report` and `lookup`: what runs did, and everything that is known of one key."""

import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from assembly import run_connection
from cli.command import connection_option, with_config, write_json
from cli.ending import give_up, printable
from cli.parts import chosen_connections, file_settings, opened_store, opened_workspaces, settings_of
from cli.terminal import show_findings, show_stored_run, write_csv
from connectors.wording import counted
from mappers.keys import split_generation
from mappers.stay_window import end_in_words, local
from reconciler.in_the_pms import NOT_ASKED
from reconciler.inquiry import Findings, findings_json, inquire
from reconciler.report import report_json
from settings import ConnectionSettings
from store.engine import Database
from store.properties import Properties
from store.runs import Runs
from store.search import connections_that_know, search
from store.stays import Stay, Stays

OTHERS_SHOWN = 12
ASKED_AT_MOST = 10
"""Connections whose PMS and Seam are asked for one key: of more, those that the database knows it of."""


@click.command()
@click.argument("run", required=False)
@click.option("--format", "form", type=click.Choice(["text", "json", "csv"]), default="text", show_default=True)
@with_config
def report(config: Path | None, run: str | None, form: str) -> None:
    """Shows a stored run, the latest by default: every change with its reason and outcome."""
    with opened_store(file_settings(config)) as store:
        run_id = run or Runs(store).latest_id()
        if run_id is None:
            give_up("No run is stored yet: `nightporter sync` makes the first one.")
        stored = Runs(store).get(run_id)
        if stored is None:
            give_up(f"No run {run_id} is stored; `nightporter report` shows the latest.")
        items = Runs(store).outcomes_of(run_id)
    if form == "csv":
        write_csv(items, sys.stdout)
    elif form == "json":
        write_json("-", report_json(stored, items))
    else:
        show_stored_run(stored, items)


@click.command()
@click.argument("key")
@connection_option
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@with_config
def lookup(config: Path | None, key: str, connection_name: str | None, as_json: bool) -> None:
    """Everything that is known of a PMS id or key: in the PMS, in Seam, and in past runs; of a booking, whether its
    doors open.

    A booking may be named by its number, its room or its guest's initials as well, once a run has read it, as in the
    search of the pages: whoever is there now comes first.
    """
    if not key.strip():
        raise click.UsageError("The key is empty: give an id of the PMS, or a key as Seam has it.")
    settings = settings_of(config)
    found = []
    others: list[Stay] = []
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        now = datetime.now(UTC)
        searched = search(store, key, now, exact_alone=True)
        chosen = chosen_connections(settings, connection_name)
        asked = chosen if len(chosen) <= ASKED_AT_MOST else _that_know(store, key, chosen, searched)[:ASKED_AT_MOST]
        for connection in asked:
            numbered = Stays(store).bookings_of_number(connection.name, key.strip())
            of = run_connection(connection, store)
            by_key = inquire(of, workspace_of(connection), store, key, now)
            mine = [stay for stay in searched if stay.connection == connection.name and stay.booking_id != key]
            if not numbered and by_key.answer is None and mine:
                numbered, others = [mine[0].booking_id], [*others, *mine[1:]]
            named = [inquire(of, workspace_of(connection), store, one, now) for one in numbered if one != key]
            # What has no such id is shown only where it has no such number either.
            if by_key.anything or not named:
                named.insert(0, by_key)
            found += named
        unasked = {one.name for one in chosen} - {one.name for one in asked}
        others += [stay for stay in searched if stay.connection in unasked]
        zones = Properties(store).zones()
    if as_json:
        write_json("-", findings_json(key, found, others, len(unasked)))
    else:
        _show(key, found)
        _show_others(others, now, zones)
        if unasked:
            click.echo(
                f"{counted(len(unasked), 'other connection was', 'other connections were')} not asked: to ask one, "
                "name it by --connection."
            )
    sys.exit(0 if any(findings.anything for findings in found) else 1)


def _that_know(
    store: Database, key: str, connections: Sequence[ConnectionSettings], searched: Sequence[Stay]
) -> list[ConnectionSettings]:
    """Those of many connections that are worth asking: whose prefix the key has, then those of the bookings that it
    fits, in their order, then those of which anything else is known by it."""
    text = key.strip()
    bases = {text, split_generation(text)[0]}
    prefixes = {one.name: one.key_prefix for one in connections}
    its = [name for name, prefix in prefixes.items() if prefix and text.startswith(prefix)]
    ids = bases | {one.removeprefix(prefixes[name]) for name in its for one in bases}
    keys = {prefix + one for prefix in prefixes.values() for one in bases} | bases
    known = connections_that_know(store, ids, keys)
    by_name = {one.name: one for one in connections}
    order = [*its, *(stay.connection for stay in searched), *sorted(known)]
    return [by_name[name] for name in dict.fromkeys(order) if name in by_name]


def _show_others(others: Sequence[Stay], now: datetime, zones: Mapping[tuple[str, str], str]) -> None:
    """Bookings that the words fit as well, a line each."""
    if others:
        click.echo("It fits these bookings as well; look one up by its id:")
    for stay in others[:OTHERS_SHOWN]:
        of = zones.get((stay.connection, stay.property_id), "UTC")
        begins = local(stay.starts_at, of, now) if stay.starts_at is not None else "?"
        what = f"{stay.label}, {begins} to {end_in_words(stay.ends_at, of, now)}"
        click.echo(f"  {printable(stay.booking_id)}  {printable(what)}")
    if len(others) > OTHERS_SHOWN:
        click.echo(f"  and {len(others) - OTHERS_SHOWN} more")


def _show(key: str, found: Sequence[Findings]) -> None:
    """Everything of the connections that know the key; of the others a line is enough."""
    known = [one for one in found if one.anything]
    told = known or found
    for one in told:
        if one.key != key:
            is_number = one.number == key.strip()
            click.echo(f"{printable(key)} {'is the number of' if is_number else 'fits'} this booking:")
        show_findings(one)
    if not known:
        click.echo(
            "Names are not kept here: look for a person by initials (Anna Berg: A.B.), or by room or number alone."
        )
    for one in found:
        if one not in told:
            trouble = next((why for _, lines in one.sections for name, why in lines if name == NOT_ASKED), None)
            click.echo(
                f"Nothing is known of it in connection {one.connection}"
                + (f", which {NOT_ASKED}: {printable(trouble)}" if trouble else ".")
            )
