"""What files and feeds remember of former readings: a file that may be cut, linked or read by others."""

import os
import stat
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.test_files_and_feeds import Feeds


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    feeds = Feeds(tmp_path)
    for day, code in enumerate(("HMAAAAAAA1", "HMAAAAAAA2", "HMAAAAAAA3")):
        feeds.book(
            "lake", code, date(2026, 9, 20) + timedelta(days=2 * day), date(2026, 9, 22) + timedelta(days=2 * day)
        )
    feeds.sync()
    return feeds


def memory(feeds: Feeds) -> Path:
    return feeds.path / "memory.json"


def test_the_memory_belongs_to_its_owner_alone_and_knows_no_names(feeds: Feeds) -> None:
    assert stat.S_IMODE(memory(feeds).stat().st_mode) == 0o600
    assert not memory(feeds).with_name("memory.json.new").exists()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_memory_that_is_cut_takes_nothing_from_anybody(feeds: Feeds, share: float) -> None:
    whole = memory(feeds).read_bytes()
    memory(feeds).write_bytes(whole[: int(len(whole) * share)])
    feeds.restart()
    with feeds.no_writes():
        assert feeds.tick(full=True).exit in (0, 1)
    assert len(feeds.seam.live_grants()) == 3


def test_a_link_in_the_place_of_the_new_file_is_not_written_through(feeds: Feeds, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("somebody else's")
    os.symlink(other, memory(feeds).with_name("memory.json.new"))
    feeds.book("hill", "HMBBBBBBB1", date(2026, 9, 20), date(2026, 9, 22))
    feeds.tick(full=True)
    assert other.read_text() == "somebody else's"


def test_the_memory_of_a_year_of_stays_does_not_grow(tmp_path: Path) -> None:
    feeds = Feeds(tmp_path)
    sizes = []
    for week in range(30):
        feeds.events["lake"].clear()
        for number in range(7):
            first = (feeds.clock.now() + timedelta(days=number)).date()
            feeds.book("lake", f"HM{week:04}{number:04}", first, first + timedelta(days=1))
        of = feeds.connector.reader().read_properties()[0]
        feeds.connector.reader().bookings_within(of, (feeds.clock.now(), feeds.clock.now() + timedelta(days=14)))
        sizes.append(memory(feeds).stat().st_size)
        feeds.clock.pass_(days=7)
    assert max(sizes[-10:]) <= 1.1 * max(sizes[5:15]), sizes
