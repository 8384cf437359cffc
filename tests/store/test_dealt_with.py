"""What was brought in step of late, on both databases."""

from datetime import timedelta

from store.dealt_with import DealtWithDigests
from store.engine import Database
from tests.world import START


def test_the_last_digest_of_a_booking_counts_and_only_of_late(store: Database) -> None:
    alpen, other = DealtWithDigests(store, "alpen"), DealtWithDigests(store, "other")
    alpen.note("house", {"1": "a", "2": "b", "3": "c"}, START)
    alpen.note("annexe", {"2": "d", "3": ""}, START + timedelta(minutes=10))
    other.note("house", {"1": "z"}, START)
    assert alpen.of(["1", "2", "3", "4"], START) == {"1": ("house", "a"), "2": ("annexe", "d"), "3": ("annexe", "")}
    assert alpen.of(["1", "2"], START + timedelta(minutes=5)) == {"2": ("annexe", "d")}
    alpen.forget_old(START + timedelta(minutes=5))
    assert alpen.of(["1", "2"], START) == {"2": ("annexe", "d")}
    assert other.of(["1"], START) == {"1": ("house", "z")}
