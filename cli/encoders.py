"""`encoders`: what writes cards at the desks."""

import sys
from dataclasses import asdict
from pathlib import Path

import click

from assembly import run_connection
from cli.command import can_write, connection_option, with_config, write_json
from cli.ending import give_up
from cli.parts import named_properties, opened_store, opened_workspaces, settings_of
from cli.terminal import show_encoders
from reconciler.encoders import PropertyEncoder, encoders_of
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace


@click.command()
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@connection_option
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as JSON (`-`).")
@with_config
def encoders(
    config: Path | None, property_name: str | None, connection_name: str | None, json_file: str | None
) -> None:
    """What writes cards at the desks, by property, as Seam lists it now.

    Three calls for one property, two a workspace for all. Exit code 3: one of them writes no cards any more.
    """
    settings = settings_of(config)
    can_write(json_file, "--json")
    found: list[PropertyEncoder] = []
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        places = named_properties(settings, store, property_name, connection_name)
        by_workspace: dict[str, tuple[Workspace, dict[str, tuple[str, str]]]] = {}
        for connection, of in places:
            customer = run_connection(connection).keys.customer(of.property_id)
            _, customers = by_workspace.setdefault(connection.workspace, (workspace_of(connection), {}))
            customers[customer] = (connection.name, of.property_id)
        try:
            for workspace, customers in by_workspace.values():
                found += encoders_of(workspace, customers)
        except SeamError as problem:
            give_up(str(problem))
    if json_file is not None:
        write_json(json_file, [asdict(one) for one in found])
    if json_file != "-":
        for of in (one for _, one in places):
            mine = [one for one in found if (one.connection, one.property_id) == (of.connection, of.property_id)]
            show_encoders(of.name, mine)
    sys.exit(3 if any(one.trouble for one in found) else 0)
