"""What was brought in step of late, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from reconciler.dealt_with import DealtWith, DealtWithRecords
from reconciler.dealt_with_over_processes import DealtWithOverProcesses
from reconciler.pull import Pulled
from store.dealt_with import DealtWithDigests
from store.engine import Database
from tests.builders import HOTEL, make_booking
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


def test_a_booking_that_comes_to_another_property_just_as_it_was_is_news_there(store: Database) -> None:
    dealt_with = DealtWithOverProcesses(store, "alpen", "as the policy says")
    here = Pulled(HOTEL, full=False, bookings={"b1": make_booking("b1")})
    dealt_with.note(here, {"b1"}, START, store)
    assert dealt_with.no_news(here, START) == {"b1"}
    assert dealt_with.no_news(replace(here, of=replace(HOTEL, id="annexe")), START) == set()


@pytest.mark.parametrize("over_processes", [False, True])
def test_a_booking_that_was_missing_for_a_while_is_news_when_it_is_back(store: Database, over_processes: bool) -> None:
    dealt_with: DealtWith = DealtWithOverProcesses(store, "alpen", "") if over_processes else DealtWithRecords()
    here = Pulled(HOTEL, full=False, bookings={"b1": make_booking("b1")})
    dealt_with.note(here, {"b1"}, START, store)
    dealt_with.note(Pulled(HOTEL, full=False, gone={"b1"}), set(), START, store)
    assert dealt_with.no_news(here, START) == set()
