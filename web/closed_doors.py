"""What a clerk can do from here for somebody before a closed door: have the lock open, have a new PIN made. Each is
confirmed, noted with who did it, and answered with what came of it; the same for pages and for programs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from flask import abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from mappers.outcomes import Kind
from mappers.sentences import say, sentence_of
from reconciler.closed_door import what_next
from reconciler.judge import Verdict
from reconciler.still_closed import Step, StepKind, StillClosed
from reconciler.unread_news import UnreadNews
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from seam_workspace.existing import Unlocking
from store.inbox import Inbox
from store.links import Links
from store.people import Role
from store.spare_keys import SpareKeys
from store.stays import Stays
from web.access import caller, connection_named, known_zones, note, web_context, zone_of
from web.addresses import Pages
from web.languages import gettext as _
from web.languages import in_words
from web.picture import guests_of

blueprint = Pages("closed_doors", __name__)
NOT_OFFERED = say("This cannot be done for this booking now: its page says what can.")
NOT_CONFIRMED = say("Nothing was done: it has to be confirmed.")


class CannotBeDone(Exception):
    """A sentence that says why, and the status for programs."""

    def __init__(self, status: int, why: str):
        super().__init__(why)
        self.status, self.why = status, why


@contextmanager
def refused_by_status() -> Iterator[None]:
    """For programs: what cannot be done is an answer with that status and sentence."""
    try:
        yield
    except CannotBeDone as problem:
        abort(problem.status, str(problem))


def closed_door(of: Connection, booking_id: str, verdict: Verdict | None = None, cause: str = "") -> StillClosed | None:
    """What to do next for this booking's guest, by what is known of its access: what was just found, or else what was
    last found; None where it is not the time for that."""
    context = web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    time_zone = zone_of(of.name, stay.property_id if stay else None)
    if verdict is None:
        if stay is None:
            return None
        (found,) = guests_of(context, [stay], known_zones(), of.name)
        verdict, cause = found.verdict, found.cause
    now = context.clock()
    news = unread_news(of).why_not(booking_id, now, time_zone)
    return what_next(of.name, of.policy, context.store, booking_id, verdict, cause, now, time_zone, news)


def unread_news(of: Connection) -> UnreadNews:
    return UnreadNews(of.name, of.keys, web_context().store, of.connector.reservation_of)


def _step(of: Connection, booking_id: str, kind: StepKind, at: str | None = None) -> Step:
    """That step. `at`: the lock or the room that it is about. Raises `CannotBeDone`: 409 where it is not offered, or
    what the PMS has told of the booking has not been read yet."""
    found = closed_door(of, booking_id)
    steps = found.steps if found is not None else []
    step = next((one for one in steps if one.kind is kind and at in (None, one.door_id, one.room)), None)
    if found is None or step is None:
        raise CannotBeDone(409, NOT_OFFERED)
    if found.unread:
        raise CannotBeDone(409, found.unread)
    return step


def unlock_door(of: Connection, booking_id: str, door_id: str) -> tuple[Unlocking, str]:
    """Has a lock of this booking open now; what came of it, and the sentence that says so. Shared with the API.

    Raises `CannotBeDone`: 409 where it may not be now; 502 where Seam refuses or cannot be asked."""
    step = _step(of, booking_id, StepKind.UNLOCK, door_id)
    name = (step.button or "").removeprefix("Unlock ")
    # Noted before, so that nobody opens a door unseen; what came of it is a second line.
    note("unlocks a door", of.name, booking_id, name)
    try:
        came = web_context().workspace_of(of.name).unlock(door_id)
    except SeamError as problem:
        note("a door was not unlocked", of.name, booking_id, say("{of}: {words}", of=name, words=sentence_of(problem)))
        raise CannotBeDone(502, say("{lock} was not opened: {problem}.", lock=name, problem=problem.sentence)) from None
    sentence = _sentence(name, came)
    note("a door was unlocked" if came.opened else "a door was not unlocked", of.name, booking_id, sentence)
    return came, sentence


def _sentence(name: str, came: Unlocking) -> str:
    if came.opened:
        told = say("{lock} was told to open; it has not confirmed that it did.", lock=name)
        return say("{lock} is open.", lock=name) if came.confirmed else told
    if came.opened is None:
        return say(
            "Nobody knows yet whether {lock} has opened: {why}. Ask her to try the handle.", lock=name, why=came.why
        )
    return say("{lock} did not open: {why}.", lock=name, why=came.why)


def spare_key(of: Connection, booking_id: str, room: str, reason: str) -> tuple[str, datetime]:
    """The PIN of a spare key of that room, and until when it is valid; who was shown it and why is noted before. Shared
    with the API. Raises `CannotBeDone`."""
    context = web_context()
    reason = " ".join(reason.split())[:200]
    if not reason:
        raise CannotBeDone(422, say("Say why: it is kept with who was shown the spare key."))
    _step(of, booking_id, StepKind.SPARE_KEY, room)
    stay = Stays(context.store).get(of.name, booking_id)
    book = SpareKeys(context.store, of.name)
    now = context.clock()
    until = now + of.policy.spare_codes.valid_for
    for one in book.of(stay.property_id if stay else None):
        if one.room != room or not one.is_ready:
            continue
        note("shown a spare key", of.name, booking_id, f"{room}: {reason}")
        if not book.show(one.seam_id, caller().name, booking_id, reason, now, until):
            continue
        try:
            pin = context.workspace_of(of.name).pin_of(one.seam_id)
        except SeamError as problem:
            raise CannotBeDone(
                502, say("The spare key could not be asked for: {problem}", problem=problem.sentence)
            ) from None
        if pin is not None:
            return pin, until
    words = say("No spare key of {room} lies ready any more: another one is being made.", room=room)
    raise CannotBeDone(409, words)


def ask_for_new_pin(of: Connection, booking_id: str) -> None:
    """Puts the wish for a new PIN into the inbox, with the grants that are to be made anew: of those that are gone by
    then nothing is to do. Shared with the API. Raises `CannotBeDone`: 409 where it may not be now."""
    _step(of, booking_id, StepKind.NEW_PIN)
    context = web_context()
    links = [one for one in Links(context.store).of_bookings(of.name, [booking_id]) if one.kind == Kind.ACCESS_GRANT]
    stay = Stays(context.store).get(of.name, booking_id)
    Inbox(context.store).put(
        "staff",
        f"new PIN {booking_id}",
        "new PIN",
        {"bookings": [booking_id], "new_pins": [one.seam_id for one in links]},
        context.clock(),
        connection=of.name,
        property_id=stay.property_id if stay else None,
    )
    note("new PIN", of.name, booking_id)
    context.enqueue(of.name)


def _is_confirmed() -> bool:
    if request.form.get("confirmed") == "yes":
        return True
    flash(in_words(NOT_CONFIRMED), "warning")
    return False


def _back(of: Connection, booking_id: str) -> ResponseReturnValue:
    return redirect(url_for("reports.booking", connection=of.name, booking_id=booking_id))


@blueprint.post("/bookings/<connection>/<booking_id>/unlock", role=Role.OPERATOR)
def unlock(connection: str, booking_id: str) -> ResponseReturnValue:
    """Has a lock open now."""
    of = connection_named(connection)
    if _is_confirmed():
        try:
            came, sentence = unlock_door(of, booking_id, request.form.get("lock", "")[:64])
        except CannotBeDone as problem:
            flash(in_words(problem.why), "danger")
        else:
            flash(in_words(sentence), "success" if came.opened else "warning" if came.opened is None else "danger")
    return _back(of, booking_id)


@blueprint.post("/bookings/<connection>/<booking_id>/new-pin", role=Role.OPERATOR)
def new_pin(connection: str, booking_id: str) -> ResponseReturnValue:
    """Has the booking's access made anew with another PIN."""
    of = connection_named(connection)
    if _is_confirmed():
        try:
            ask_for_new_pin(of, booking_id)
        except CannotBeDone as problem:
            flash(in_words(problem.why), "danger")
            return _back(of, booking_id)
        flash(_('A new PIN is being made: the page shows what came of it. Then choose "Show PIN".'), "info")
    return _back(of, booking_id)
