"""The PMS's word for a status, as it may be told."""

import re
from collections.abc import Mapping

from connectors.records import Booking, BookingStatus, Guest
from mappers.sentences import say

_CONTACT = re.compile(r"@|\d[\d\s().-]{5,20}\d")
LONGEST_STATUS, MOST_WORDS = 40, 4
"""Letters and words; what is longer is no status, but a note that stands in its place."""


_STATUSES = {
    BookingStatus.TENTATIVE: say("tentative"),
    BookingStatus.CONFIRMED: say("confirmed"),
    BookingStatus.IN_HOUSE: say("in house"),
    BookingStatus.CHECKED_OUT: say("checked out"),
    BookingStatus.CANCELLED: say("cancelled"),
    BookingStatus.NO_SHOW: say("no show"),
    BookingStatus.UNKNOWN: say("unknown"),
}


def status_said(status: str) -> str:
    """Where a booking stands, as part of a sentence."""
    return next((words for one, words in _STATUSES.items() if one == status), status)


def told_status(booking: Booking, guests: Mapping[str, Guest]) -> str | None:
    """The word; None where it is none: where columns have slipped, a guest's name or contact stands there, and is told
    to nobody."""
    word = booking.status_word
    names = [
        name for one in booking.guest_ids if one in guests for name in (guests[one].first_name, guests[one].last_name)
    ]
    parts = {part.casefold() for name in names for part in name.split() if len(part) > 2}
    words = word.split()
    is_long = len(word) > LONGEST_STATUS or len(words) > MOST_WORDS
    is_named = bool(parts & {one.casefold().strip(",.;") for one in words})
    if not words or is_long or is_named or _CONTACT.search(word[:LONGEST_STATUS]):
        return None
    return word
