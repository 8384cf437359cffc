"""`doors`: which lock belongs to which room; `locks`: how the locks are."""

import csv
import io
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from assembly import run_connection
from cli.command import can_write, connection_option, with_config, write_json, write_text
from cli.ending import give_up
from cli.parts import named_properties, named_property, opened_store, opened_workspaces, settings_of
from cli.sync import run_now
from cli.terminal import show_doors, show_lock_health, show_run
from connectors.wording import counted
from reconciler.by_hand import by_hand
from reconciler.lock_health import LockState, look_at_locks_of
from reconciler.lock_placement import FileWrong, LockPlacement
from reconciler.locks_report import LockReport, lock_json, locks_report
from reconciler.scopes import RoomsOnly, RunOptions
from seam_workspace.errors import SeamError
from store.locks import DecidedBy
from store.properties import KnownProperty


@click.command()
@click.argument("property_name", metavar="PROPERTY")
@click.option("--apply", "apply_sure", is_flag=True, help="Put locks into rooms where the name leaves no doubt.")
@click.option(
    "--place",
    "placed",
    metavar="LOCK=ROOM",
    multiple=True,
    help="This lock belongs to this room (`-`: to none); repeatable.",
)
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as CSV (room, door)."
)
@click.option("--from-csv", type=click.File("r", encoding="utf-8-sig"), help="Take decisions from such a file.")
@connection_option
@with_config
def doors(
    config: Path | None,
    property_name: str,
    apply_sure: bool,
    placed: tuple[str, ...],
    csv_file: str | None,
    from_csv: Any,
    connection_name: str | None,
) -> None:
    """Which lock belongs to which room: proposes by their names, and applies what was decided.

    Without options it only proposes. Exit code 3: rooms without a lock are left, or locks that could be applied.
    """
    for one in placed:
        lock, sign, room = one.rpartition("=")
        if not (sign and lock.strip() and room.strip()):
            raise click.UsageError(f"--place {one}: write LOCK=ROOM, or LOCK=- for a lock that belongs to no room.")
    settings = settings_of(config)
    can_write(csv_file, "--csv")
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        connection, of = named_property(settings, store, property_name, connection_name)
        workspace = workspace_of(connection)
        run_of = run_connection(connection)
        now = datetime.now(UTC)
        who = "command line"
        try:
            with by_hand(store, workspace, connection.name) as mine:
                placement = LockPlacement(connection.name, run_of.keys, run_of.policy, mine, of)
                placement.refresh(workspace, now)
                if from_csv is not None:
                    placement.decide(placement.read_csv(from_csv.read()), DecidedBy.FILE, who, now)
                if placed:
                    placement.decide(
                        placement.read_csv(_as_rows(placed), lambda number: f"--place {placed[number - 2]}"),
                        DecidedBy.PERSON,
                        who,
                        now,
                    )
                if apply_sure:
                    number = placement.accept_sure(who, now)
                    click.echo(counted(number, "lock was placed by its name.", "locks were placed by their names."))
        except FileWrong as wrong:
            give_up("Nothing was changed.\n" + "\n".join(wrong.problems))
        except UnicodeDecodeError:
            give_up("Nothing was changed: the file is not UTF-8 text, save it as CSV UTF-8.")
        except SeamError as problem:
            give_up(str(problem))
        code = 0
        if apply_sure or placed or from_csv is not None:
            outcome = run_now(connection, workspace, store, RunOptions(RoomsOnly(), of.property_id))
            show_run(outcome)
            code = outcome.exit
        view = placement.view()
        if csv_file is not None:
            write_text(csv_file, placement.as_csv(), "--csv")
        if csv_file != "-":
            show_doors(of.name, view)
    left = view.without_door or view.count("sure")
    sys.exit(code or (3 if left else 0))


def _as_rows(placed: Iterable[str]) -> str:
    """LOCK=ROOM, by names or ids, as a file of decisions has it."""
    out = io.StringIO()
    pairs = [one.rpartition("=") for one in placed]
    csv.writer(out).writerows(
        [["door", "room", "door_id", "room_key"], *([lock, room, lock, room] for lock, _, room in pairs)]
    )
    return out.getvalue()


@click.command()
@click.argument("property_name", metavar="[PROPERTY]", required=False)
@connection_option
@click.option("--json", "json_file", type=click.Path(dir_okay=False, allow_dash=True), help="Write all as JSON (`-`).")
@with_config
def locks(config: Path | None, property_name: str | None, connection_name: str | None, json_file: str | None) -> None:
    """How the locks are: batteries, connections, what is wrong, and whose access it concerns.

    Asks Seam, in five calls a property. Exit code 3: a lock is broken, or warns.
    """
    settings = settings_of(config)
    can_write(json_file, "--json")
    now = datetime.now(UTC)
    found: list[tuple[KnownProperty, list[LockReport]]] = []
    with opened_store(settings) as store, opened_workspaces(settings, store) as workspace_of:
        for connection, of in named_properties(settings, store, property_name, connection_name):
            keys = run_connection(connection).keys
            try:
                workspace = workspace_of(connection)
                with by_hand(store, workspace, connection.name) as mine:
                    look_at_locks_of(connection.name, keys, workspace, mine, of.property_id, now)
            except SeamError as problem:
                give_up(str(problem))
            stale_after = 3 * connection.schedules.lock_health
            found.append((of, locks_report(store, connection.name, of.property_id, now, stale_after)))
    if json_file is not None:
        write_json(json_file, [lock_json(lock) for _, listed in found for lock in listed])
    if json_file != "-":
        for of, listed in found:
            show_lock_health(of.name, of.time_zone, listed)
    sys.exit(0 if all(lock.state == LockState.GOOD for _, listed in found for lock in listed) else 3)
