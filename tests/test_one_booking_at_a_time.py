"""An override lock opens for one booking at a time: the former guest keeps it until her end, or until she is out."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.sentences import Said
from store.stays import Stays
from tests.night import Night
from tests.test_will_it_open import verdict
from tests.world import START

HOUR = timedelta(hours=1)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.equip(0, override=True)
    return night


def opens(night: Night) -> set[str | None]:
    (door,) = night.seam.entrances
    return {held.access_grant_key for held in night.seam.opens().get(door, [])}


def overlapping(night: Night, hears: bool) -> tuple[str, str]:
    """Somebody who leaves in an hour, and somebody who comes at that hour and is checked in before."""
    former = night.book(0, arrival=START - timedelta(days=1), departure=START + HOUR)
    later = night.book(0, arrival=START + HOUR, departure=START + timedelta(days=2))
    if hears:
        night.listen()
    night.do("full")
    night.clock.pass_(minutes=5)
    night.hotel.check_in(former)
    night.do("incremental")
    night.clock.pass_(minutes=1)
    assert opens(night) == {former}
    night.hotel.check_in(later)
    night.do("incremental")
    night.clock.pass_(minutes=2)
    night.settle()
    return former, later


@pytest.mark.parametrize("hears", [False, True])
def test_whoever_is_checked_in_before_the_former_guest_is_out_waits_and_a_person_is_told(
    night: Night, hears: bool
) -> None:
    former, later = overlapping(night, hears)
    assert opens(night) == {former}
    assert verdict(night, later) == ("shut", "waiting")
    stay = Stays(night.store).get("alpen", later)
    assert stay is not None
    assert "opens for one booking at a time, and J.N. 101" in stay.reason
    assert isinstance(stay.reason, Said)  # Pages say it in the reader's language.
    assert any("101" in told for told in night.look_at_alerts())
    night.clock.pass_(hours=1)
    night.do("incremental")
    assert opens(night) == {later}
    assert verdict(night, later)[0] == "opens"


@pytest.mark.parametrize("hears", [False, True])
def test_the_pmss_word_that_the_former_guest_is_out_lets_the_later_one_in(night: Night, hears: bool) -> None:
    former, later = overlapping(night, hears)
    night.hotel.check_out(former)
    night.do("incremental")
    night.clock.pass_(minutes=2)
    night.settle()
    assert opens(night) == {later}
    assert verdict(night, later)[0] == "opens"


def test_a_later_guest_whose_news_come_alone_waits_as_well(night: Night) -> None:
    """In the run of a webhook, which reads nothing but her booking."""
    former = night.book(0, arrival=START - timedelta(days=1), departure=START + HOUR)
    night.listen()
    night.do("full")
    later = night.book(0, arrival=START + 2 * HOUR, departure=START + timedelta(days=2))
    night.settle()
    night.clock.pass_(minutes=1)
    night.hotel.check_in(later)
    night.settle()
    night.clock.pass_(minutes=2)
    assert opens(night) == {former}
    assert verdict(night, later) == ("shut", "waiting")


def test_a_stay_that_lies_within_anothers_gets_nothing_and_is_told(night: Night) -> None:
    former = night.book(0, arrival=START - timedelta(days=1), departure=START + timedelta(days=3))
    night.do("full")
    within = night.book(0, arrival=START + HOUR, departure=START + timedelta(days=1))
    night.do("incremental")
    night.clock.pass_(hours=2)
    night.do("full")
    assert opens(night) == {former}
    assert verdict(night, within)[0] == "shut"
    stay = Stays(night.store).get("alpen", within)
    assert stay is not None
    assert "give one of the two another room" in stay.reason


def test_guests_who_follow_one_another_wait_for_nobody(night: Night) -> None:
    night.book(0, arrival=START - timedelta(days=1), departure=START + HOUR)
    later = night.book(0, arrival=START + HOUR, departure=START + timedelta(days=2))
    night.do("full")
    night.clock.pass_(minutes=1)
    grant = night.seam.grant_by_key(later)
    assert grant is not None
    assert "one booking at a time" not in str(night.look_at_alerts())


def test_at_locks_that_know_many_keys_both_may_be_in_the_room(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    former, later = overlapping(night, hears=False)
    assert opens(night) == {former, later}
