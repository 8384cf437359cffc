"""`new-connector`: the beginning of a connector for another PMS."""

import click

from cli.ending import SETTINGS_WRONG, give_up
from connectors.skeleton import SOURCE, NotBegun, begin_connector


@click.command("new-connector")
@click.argument("name")
def new_connector(name: str) -> None:
    """Begins a connector for another PMS: its package, its fixture for the tests, its line in the table."""
    try:
        written = begin_connector(name)
    except NotBegun as problem:
        give_up(f"{problem}.", SETTINGS_WRONG)
    for path in written:
        click.echo(f"wrote {path.relative_to(SOURCE)}")
    click.echo(
        f"\nNow read connectors/README.md, and fill them in until this passes:\n"
        f"  python -m pytest tests/connectors/test_conformance.py -k {name}"
    )
