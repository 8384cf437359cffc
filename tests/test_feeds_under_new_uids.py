"""A platform that makes its calendars anew: four thousand events come back, each under another UID."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import Policy
from tests.test_files_and_feeds import Feeds
from tests.world import START

EVENTS = 4000


def _published(feeds: Feeds, uids: str, rooms: int) -> None:
    """A guest for every night and room; half of them by the platform's code, the others by name."""
    today, nights = START.date(), EVENTS // rooms
    feeds.events = {}
    for room in range(rooms):
        events = {}
        for night in range(nights):
            start, number = today + timedelta(days=night), room * nights + night
            named = f"SUMMARY:Jana Novak{_letters(number)}"
            coded = f"DESCRIPTION:https://www.airbnb.com/hosting/reservations/details/HM{number:08d}"
            events[str(number)] = "\r\n".join(
                [
                    "BEGIN:VEVENT",
                    f"UID:{uids}-{number}@platform.example",
                    f"DTSTART;VALUE=DATE:{start:%Y%m%d}",
                    f"DTEND;VALUE=DATE:{start + timedelta(days=1):%Y%m%d}",
                    *([named] if number % 2 else ["SUMMARY:Reserved", coded]),
                    "END:VEVENT",
                ]
            )
        feeds.events[f"flat-{room}"] = events
    feeds.publish()


def _letters(number: int) -> str:
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


@pytest.mark.slow
@pytest.mark.parametrize("rooms", [1, 40])
def test_four_thousand_events_under_new_uids_cost_nobody_her_pin_and_little_time(tmp_path: Path, rooms: int) -> None:
    feeds = Feeds(tmp_path, Policy(replace_wait=timedelta(seconds=20), provision_ahead=timedelta(days=4)))
    _published(feeds, "before", rooms)
    feeds.restart()
    begun = time.process_time()
    assert feeds.sync(full=True).exit == 0
    first = time.process_time() - begun
    grants = feeds.seam.live_grants()
    assert len(grants) >= 3 * rooms
    before = {grant["access_grant_key"]: feeds.seam.code_of(grant["access_grant_key"]) for grant in grants}

    feeds.clock.pass_(minutes=30)
    _published(feeds, "after", rooms)
    for restarted in (False, True):
        if restarted:
            feeds.restart()
        feeds.seam.calls.clear()
        begun = time.process_time()
        report = feeds.sync(full=True)
        took = time.process_time() - begun
        assert report.exit == 0
        after = {
            grant["access_grant_key"]: feeds.seam.code_of(grant["access_grant_key"])
            for grant in feeds.seam.live_grants()
        }
        assert after == before
        assert feeds.seam.calls.total() <= 40, feeds.seam.calls
        assert took < first + 20, (took, first)
