"""What runs and people did, in words: the history of a booking, and the lines of a run."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say
from store.history import History
from store.people import AuditEntry, People
from store.runs import OutcomeRow
from web.audit_words import actor_words
from web.context import WebContext

LOOKED_AT_PIN = "looked at the PIN"
LOOKED_AT_ENTRIES = "looked at entries"
DONE_BY_HAND = {
    "sync now": say("sync now"),
    LOOKED_AT_PIN: say("looked at the PIN"),
    LOOKED_AT_ENTRIES: say("looked at entries"),
}
OF_BOOKINGS = frozenset(DONE_BY_HAND)
"""Entries of the audit log whose target is a booking; a property or a lock may have the same id."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a booking's history."""

    at: datetime
    what: str
    detail: str
    tone: str
    run_id: str | None = None


def history(context: WebContext, connection: str, booking_id: str, keys: Iterable[str], whole: bool) -> list[Moment]:
    """What runs and people did about a booking, newest first. `whole`: also who looked at its PIN, which is for those
    who may read the audit log."""
    moments = [
        Moment(one.at, words_of_row(one.row), _detail(one.row), tone_of(one.row.outcome), one.run_id)
        for one in History(context.store).of_booking(connection, booking_id, list(keys))
    ]
    moments += [
        _entry(one)
        for one in People(context.store).audit_entries(100, booking_id)
        if one.connection == connection and one.action in OF_BOOKINGS and (whole or one.action == "sync now")
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _entry(entry: AuditEntry) -> Moment:
    return Moment(
        entry.at,
        say("{who}: {what}", who=actor_words(entry.who), what=DONE_BY_HAND.get(entry.action, entry.action)),
        entry.note or "",
        "person",
    )


ACTIONS: dict[str, str] = {
    Action.CREATE: say("made"),
    Action.UPDATE: say("changed"),
    Action.REPLACE: say("replaced"),
    Action.REVOKE: say("revoked"),
    Action.ADOPT: say("found"),
    Action.KEEP: say("kept"),
    Action.WAIT: say("waits"),
    Action.READ: say("could not be read"),
}
KINDS: dict[str, str] = {
    Kind.PROPERTY: say("Property"),
    Kind.SPACE: say("Space"),
    Kind.USER_IDENTITY: say("Identity"),
    Kind.ACCESS_GRANT: say("Access"),
    Kind.DOOR_CODE: say("Door code"),
}
OUTCOMES: dict[str, str] = {
    Outcome.DONE: say("done"),
    Outcome.FAILED: say("failed"),
    Outcome.ALERT: say("needs a person"),
    Outcome.HELD: say("held"),
    Outcome.WAITING: say("waiting"),
    Outcome.PLANNED: say("planned"),
}


TONES: dict[str, str] = {
    Outcome.DONE: "good",
    Outcome.FAILED: "bad",
    Outcome.ALERT: "warn",
    Outcome.HELD: "held",
    Outcome.WAITING: "quiet",
}


_DONE = frozenset((Action.CREATE, Action.UPDATE, Action.REPLACE, Action.REVOKE))
_NOT_DONE_YET = frozenset((Outcome.HELD, Outcome.WAITING, Outcome.ALERT, Outcome.PLANNED))


def words_of_row(row: OutcomeRow) -> str:
    """ "Access replaced", "Access not made", "Access not revoked yet"."""
    kind = KINDS.get(row.kind, row.kind)
    action = ACTIONS.get(row.action, row.action)
    if row.outcome == Outcome.FAILED and row.action not in (Action.READ, Action.WAIT):
        return say("{kind} not {action}", kind=kind, action=action)
    if row.outcome in _NOT_DONE_YET and row.action in _DONE:
        return say("{kind} not {action} yet", kind=kind, action=action)
    return say("{kind} {action}", kind=kind, action=action)


def _detail(row: OutcomeRow) -> str:
    if row.error and row.error not in row.reason:
        return say("{why} ({word})", why=row.reason, word=row.error)
    return row.reason


def tone_of(outcome: str) -> str:
    """`good`, `bad`, `warn`, `held` or `quiet`: how a page colours it."""
    return TONES.get(outcome, "quiet")
