"""`trends`: how it went, by property."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.command import can_write, connection_option, with_config, write_json, write_text
from cli.ending import give_up
from cli.parts import opened_store, settings_of
from cli.terminal import show_trends
from reconciler.months import month_of, whole_month
from reconciler.trends_report import last_days, places_of, trends_csv, trends_report


@click.command()
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@connection_option
@click.option("--days", type=click.IntRange(1, 400), default=90, show_default=True, help="So many, up to today.")
@click.option("--month", metavar="YYYY-MM", help="Such as 2026-11, instead of days.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as CSV (`-`).")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as JSON (`-`).")
@with_config
def trends(
    config: Path | None,
    property_name: str | None,
    connection_name: str | None,
    days: int,
    month: str | None,
    csv_file: str | None,
    json_file: str | None,
) -> None:
    """How it went: arrivals ready when due, time from a change to the door, why it was not ready, hours offline.

    By property, the worst first. Asks nobody anything.
    """
    now = datetime.now(UTC)
    first = None if month is None else month_of(month)
    if month is not None and first is None:
        raise click.UsageError(f"--month {month}: write it as 2026-11.")
    settings = settings_of(config)
    can_write(csv_file, "--csv")
    can_write(json_file, "--json")
    with opened_store(settings) as store:
        places = places_of(store, None if connection_name is None else [connection_name], property_name)
        if not places:
            give_up(f"There is no property {property_name}: it is known from its first run on.")
        found = trends_report(store, places, *(last_days(days, now) if first is None else whole_month(first)), now)
    if csv_file is not None:
        write_text(csv_file, trends_csv(found), "--csv")
    if json_file is not None:
        write_json(json_file, json.loads(json.dumps(asdict(found), default=str)))
    if "-" not in (csv_file, json_file):
        show_trends(found)
