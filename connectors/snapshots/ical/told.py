"""What is told of a feed and its events."""

from connectors.snapshots.entries import Entry
from connectors.stays.stay import Stay
from mappers.sentences import also_in_english, message, messages, say

BLOCKED_DAYS = messages(
    "{feed}: {number} event is nobody's stay (blocked days)", "{feed}: {number} events are nobody's stay (blocked days)"
)
NOT_CONFIRMED = messages(
    "{feed}: {number} event is not confirmed: no access yet", "{feed}: {number} events are not confirmed: no access yet"
)
ONLY_ARRIVAL = message("is only the arrival of a stay, and the other half is not there")
ONLY_DEPARTURE = message("is only the departure of a stay, and the other half is not there")


def unclear(entry: Entry) -> str:
    """Why an event may be a guest's stay, or not: a person has to say."""
    if entry.word:
        told = message(
            'the event from {day} in {feed} is called "{word}", and may be a guest\'s stay: look there, and say what '
            "it is (is_a_stay or not_a_stay in the settings)"
        )
    elif entry.where == "the title":
        told = message(
            "the event from {day} in {feed} has a title that is no guest's name for sure, and may be a guest's stay: "
            "look there, and say what it is (is_a_stay or not_a_stay in the settings)"
        )
    else:
        told = message(
            "the event from {day} in {feed} has a status that nobody knows, and may be a guest's stay: look there, "
            "and say what it is (is_a_stay or not_a_stay in the settings)"
        )
    return say(told, day=f"{entry.arrival:%d %b %Y}", feed=entry.feed.name, word=entry.word)


def place_of(stay: Stay) -> str:
    """Where a stay was seen."""
    return say("the feed of room {room}", room=str(stay.parts[0].room))


def not_read_whole(feed: str) -> str:
    """Why nothing is concluded from a feed; so of `breaks_off`."""
    return also_in_english(
        f"{_upper(feed)} could not be read whole.", "This could not be read whole: {feed}.", feed=feed
    )


def breaks_off(feed: str) -> str:
    told = message("This breaks off before its end, so nothing ends by it: {feed}.")
    return also_in_english(f"{_upper(feed)} breaks off before its end: nothing ends by it.", told, feed=feed)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]
