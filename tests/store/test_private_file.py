"""The database's file: nobody else reads it."""

import os
import stat
from pathlib import Path

import pytest

from store.database import DatabaseUnusable, open_database


def test_a_new_database_and_its_journals_are_the_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        engine = open_database(f"sqlite:///{tmp_path}/night.db")
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in tmp_path.iterdir()}
        engine.dispose()
    finally:
        os.umask(before)
    assert set(modes.values()) == {0o600}, modes


def test_a_database_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / "night.db"
    open_database(f"sqlite:///{path}").dispose()
    path.chmod(0o644)
    open_database(f"sqlite:///{path}").dispose()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_in_place_of_the_database_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    (tmp_path / "night.db").symlink_to(other)
    with pytest.raises(DatabaseUnusable, match="is a link to another file"):
        open_database(f"sqlite:///{tmp_path}/night.db")
    assert not other.exists()
