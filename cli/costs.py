"""`costs`: what a month costs, by property."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.command import can_write, connection_option, with_config, write_json, write_text
from cli.ending import give_up
from cli.parts import opened_store, settings_of
from cli.terminal import show_costs
from reconciler.costs_report import costs_csv, costs_report
from reconciler.months import month_of


@click.command()
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@connection_option
@click.option("--month", metavar="YYYY-MM", help="Such as 2026-11; this month by default.")
@click.option("--csv", "csv_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as CSV (`-`).")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as JSON (`-`).")
@with_config
def costs(
    config: Path | None,
    property_name: str | None,
    connection_name: str | None,
    month: str | None,
    csv_file: str | None,
    json_file: str | None,
) -> None:
    """What Seam and the PMSs were asked for in a month, by property: calls, PINs and their days, webhooks.

    With a forecast of this month, and amounts where the settings have prices (`costs`). Asks nobody anything.
    """
    now = datetime.now(UTC)
    first = now.date().replace(day=1) if month is None else month_of(month)
    if first is None:
        raise click.UsageError(f"--month {month}: write it as 2026-11.")
    settings = settings_of(config)
    can_write(csv_file, "--csv")
    can_write(json_file, "--json")
    with opened_store(settings) as store:
        found = costs_report(store, first, now, settings.costs, connection_name, property_name)
        if not found and property_name is not None:
            give_up(f"Nothing was counted of a property {property_name} in {first:%Y-%m}.")
    if csv_file is not None:
        write_text(csv_file, costs_csv(found), "--csv")
    if json_file is not None:
        write_json(json_file, [asdict(one) | {"counted_since": one.counted_since.isoformat()} for one in found])
    if "-" not in (csv_file, json_file):
        show_costs(f"{first:%Y-%m}", found)
