"""Could they open their doors when they arrived? Each arrival is judged once, by the first run that ends afterwards."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mappers.sentences import say
from reconciler.judge import Verdict
from reconciler.readiness import arrival
from store.engine import Database
from store.health import GrantHealth, Health
from store.stays import Stay, Stays
from store.trends import Counted, Figure, Trends

CAUSE_WORDS: Mapping[str, str] = {
    "late": say("the lock confirmed it too late"),
    "no_room": say("no room had been given"),
    "no_door": say("the room had no lock"),
    "not_issued": say("the lock had not confirmed it"),
    "offline": say("the lock was offline"),
    "not_made": say("the access could not be made"),
    "not_made_yet": say("the access was not made yet"),
    "waiting": say("it waited for somebody else's access"),
    "no_grant": say("the access had been deleted in Seam"),
    "changed_in_seam": say("somebody had changed it in Seam"),
    "no_code": say("nobody could be told the PIN"),
    "not_asked_lately": say("Seam had not been asked for a day"),
    "card_encoding_required": say("the card had not been encoded"),
    "other": say("for another reason"),
}
"""Why an arrival was not ready; of other codes, which are Seam's, the code says it."""
_ALIKE: Mapping[str, str] = {
    "device_offline": "offline",
    "device_disconnected": "offline",
    "hub_disconnected": "offline",
    "delay_in_issuing": "not_issued",
    "being_deleted": "no_grant",
    "other_room": "changed_in_seam",
    "other_times": "changed_in_seam",
}
"""Codes that mean one thing to whoever reads a report."""


def words_of(cause: str) -> str:
    """Why an arrival was not ready, also of a code that is counted under another word by now; empty where only the
    code says it."""
    return CAUSE_WORDS.get(_ALIKE.get(cause, cause), "")


def count_arrivals(store: Database, connection: str, now: datetime) -> None:
    """Counts who was due by now, in one transaction with taking up that they were. Raises `StoreFailed`."""
    with store.together():
        due = Stays(store).take_due(connection, now)
        if not due:
            return
        healths: dict[str, list[Health]] = {}
        for one in GrantHealth(store).of(connection, [stay.booking_id for stay, _ in due]):
            healths.setdefault(one.booking_id, []).append(one)
        counted = []
        for stay, at in due:
            cause = why_not_ready(stay, healths.get(stay.booking_id, ()), at)
            counted.append(Counted(stay.property_id, at, Figure.NOT_READY if cause else Figure.READY, detail=cause))
        Trends(store).add(connection, counted)


def why_not_ready(stay: Stay, healths: Sequence[Health], due_at: datetime) -> str:
    """Why it was not known at `due_at` (UTC) that the guest's door opens: a word of ours (`CAUSE_WORDS`) or a code;
    empty where it was known. By what is known now, which is soon afterwards."""
    found = arrival(stay, healths, due_at)
    if found.verdict is Verdict.OPENS:
        return "late" if any((one.since or one.at) > due_at for one in healths) else ""
    if stay.access == "waiting" and stay.room is None:
        return "no_room"
    return _ALIKE.get(found.cause, found.cause) or "other"
