"""The page Events: the programs that are told of what happens, what each was told, and what came of it. For admins of
everything, and for those of an organisation, who see its own; programs do the same by `web.receivers_api`."""

import json
from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import say
from schedules.outgoing import Post, body_of
from store.outgoing import KINDS, EventKind, OutgoingEvents, SendAttempt, Sending
from store.people import Role
from store.receivers import NAME, Receiver, Receivers, ReceiverState, Wants
from web.access import back_to, caller, note, web_context
from web.addresses import Pages
from web.languages import gettext as _
from web.languages import ngettext
from web.lists import A_PAGE, filtered, subjects_of

blueprint = Pages("receivers", __name__)
LONGEST_ADDRESS = 2000
REPLAYED = {"1": timedelta(hours=1), "6": timedelta(hours=6), "24": timedelta(days=1), "72": timedelta(days=3)}
"""What a replay goes back by, in hours."""
WORDS: dict[str, str] = {
    EventKind.ACCESS_PLANNED: say("a booking is to have access, or to have it otherwise"),
    EventKind.CODE_READY: say("the locks have confirmed how a guest gets in"),
    EventKind.ACCESS_FAILED: say("access cannot be made, or a door will not open"),
    EventKind.ACCESS_REVOKED: say("access was taken away before its time"),
    EventKind.GUEST_ENTERED: say("a stay opens a door for the first time"),
    EventKind.BATTERY_LOW: say("a lock's battery is to be changed"),
    EventKind.PROPERTY_BROKEN: say("nothing is kept in step any more"),
    EventKind.PROPERTY_RECOVERED: say("everything is kept in step again"),
}
"""When each event is told."""
STATES = ("waiting", "sent", "given_up")


def _book() -> Receivers:
    return Receivers(web_context().store, web_context().secret_keys)


def _events() -> OutgoingEvents:
    return OutgoingEvents(web_context().store)


def _named(name: str) -> Receiver:
    return _book().get(name, web_context().clock()) or abort(404, _("There is no such receiver (any more)."))


@blueprint.get("/events", role=Role.ADMIN)
def receivers() -> ResponseReturnValue:
    """Who is told of what, and how it goes."""
    return _page()


def _page(wrong: str = "", made: Receiver | None = None) -> ResponseReturnValue:
    can_encrypt = bool(web_context().secret_keys)
    all_of_them = _book().all(web_context().clock()) if can_encrypt else []
    page = render_template(
        "receivers.html",
        receivers=sorted(all_of_them, key=lambda one: (one.failing_since is None, one.name)),
        counts=_events().counts(),
        can_encrypt=can_encrypt,
        wrong=wrong,
        made=made,
        kinds_of_events=WORDS,
        typed={} if made else request.form,
        chosen=[] if made else request.form.getlist("event"),
        known=sorted(web_context().connections),
        organisations=offered_organisations(),
        look_of=look_of,
        page="events",
    )
    return page, 422 if wrong else 200


def offered_organisations() -> list[str]:
    """Whose a new receiver may be: of those that she is an admin of; of everything's admin the service's (empty) or any
    that has connections."""
    mine = list(caller().administers)
    return mine or sorted({"", *(one.organisation for one in web_context().connections.values())})


def organisation_of_new(asked: str | None) -> str | None:
    """Whose a new receiver is, as the caller says or leaves open; None where she may not, or has to say it."""
    mine = caller().administers
    if not mine:
        return asked or ""
    if not asked and len(mine) == 1:
        return mine[0]
    return asked if asked in mine else None


def look_of(one: Receiver) -> tuple[str, str]:
    """Its state of the report (`docs/design.md`), and the word for it."""
    if one.state is ReceiverState.PAUSED:
        return "none", _("Paused")
    if one.failing_since is not None:
        return "broken", _("Takes nothing")
    return "ready", _("Takes what it is told")


@blueprint.post("/events", role=Role.ADMIN)
def add() -> ResponseReturnValue:
    """A new receiver; its secret is in this answer, and nowhere else."""
    name, url = request.form.get("name", "").strip(), request.form.get("url", "").strip()
    if NAME.fullmatch(name) is None:
        return _page(_("A name begins with a letter, and has only a-z, 0-9, - and _, at most 64."))
    if (wrong := _wrong_address(url)) is not None:
        return _page(wrong)
    organisation = organisation_of_new(request.form.get("organisation"))
    if organisation is None or organisation not in offered_organisations():
        return _page(_("Choose one of the organisations."))
    if strange := sorted(set(request.form.getlist("of")) - set(_known(organisation))):
        # Were it left out, nothing chosen would stand for all.
        return _page(_("There is no connection %(name)s for it to be told of.", name=strange[0][:64]))
    made = _book().add(name, url, _wants(organisation), web_context().clock(), organisation)
    if made is None:
        return _page(_("There is a receiver of that name already."))
    note("added receiver", target=made.name)
    return _page(made=made)


def _wrong_address(url: str) -> str | None:
    if len(url) > LONGEST_ADDRESS:
        return _("This is too much at once.")
    why = Post(private_addresses=web_context().private_receivers).refused(url)
    return None if why is None else _("Nothing can be sent to that address: %(why)s.", why=why)


def _known(organisation: str) -> list[str]:
    """The connections that a receiver of this organisation can be told of, as far as the caller may see them."""
    of = web_context().connections
    return sorted(name for name, one in of.items() if organisation in ("", one.organisation))


def _wants(organisation: str) -> Wants:
    """What was ticked; all of the events is the same as none."""
    kinds = [one for one in KINDS if one in request.form.getlist("event")]
    known = _known(organisation)
    connections = [one for one in request.form.getlist("of") if one in known]
    return Wants([] if len(kinds) == len(KINDS) else kinds, connections)


@blueprint.get("/events/<receiver>", role=Role.ADMIN)
def receiver(receiver: str) -> ResponseReturnValue:
    """One receiver: how it goes, and what it was told."""
    return _one(_named(receiver))


def _one(one: Receiver, wrong: str = "", secret: str = "") -> ResponseReturnValue:
    asked = {name: request.args.get(name, "")[:40] for name in ("state", "kind")}
    before = request.args.get("before", "")
    listed = _events().told(
        one.id,
        state=asked["state"] if asked["state"] in STATES else "",
        kind=asked["kind"] if asked["kind"] in KINDS else "",
        before=int(before) if before.isdecimal() and len(before) < 10 else None,
        limit=A_PAGE + 1,
    )
    page = render_template(
        "receiver.html",
        receiver=one,
        look=look_of(one),
        counts=_events().counts(one.id).get(one.id, {}),
        sendings=listed[:A_PAGE],
        more=listed[A_PAGE - 1].event_id if len(listed) > A_PAGE else None,
        about=subjects_of((each.connection, booking) for each in listed if (booking := _booking(each)) is not None),
        booking_of=_booking,
        sending_state=sending_state,
        asked=asked,
        url=lambda **values: filtered("receivers.receiver", asked)(receiver=one.name, **values),
        kinds_of_events=WORDS,
        known=_known(one.organisation),
        hours=REPLAYED,
        wrong=wrong,
        secret=secret,
        page="events",
    )
    return page, 422 if wrong else 200


def _booking(one: Sending) -> str | None:
    found = one.data.get("booking_id")
    return found if isinstance(found, str) else None


def sending_state(one: Sending) -> tuple[str, str]:
    """The state of the report of one event on its way, and the word for it."""
    if one.state == "sent":
        return "ready", _("Taken")
    if one.state == "given_up":
        return "broken", _("Given up")
    return ("unknown", _("Tried again")) if one.attempts else ("notyet", _("Waiting"))


@blueprint.post("/events/<receiver>", role=Role.ADMIN)
def change(receiver: str) -> ResponseReturnValue:
    """Another address (empty: it stays), or other events."""
    one, url = _named(receiver), request.form.get("url", "").strip()
    if url and (wrong := _wrong_address(url)) is not None:
        return _one(one, wrong)
    wants, known = _wants(one.organisation), _known(one.organisation)
    # Those that were not there to be chosen: were they left out, nothing would be left of the choice, and that is all.
    connections = [*wants.connections, *(name for name in one.wants.connections if name not in known)]
    _book().set(one, url=url or None, wants=Wants(wants.kinds, connections, one.wants.properties))
    note("changed receiver", target=one.name)
    flash(_("%(name)s is told of what is chosen here, from now on.", name=one.name), "success")
    return redirect(url_for("receivers.receiver", receiver=one.name))


@blueprint.post("/events/<receiver>/pause", role=Role.ADMIN)
def pause(receiver: str) -> ResponseReturnValue:
    """Sends it nothing; what happens meanwhile waits, for 30 days at most."""
    one = _named(receiver)
    _book().pause(one, "")
    note("paused receiver", target=one.name)
    return redirect(url_for("receivers.receiver", receiver=one.name))


@blueprint.post("/events/<receiver>/resume", role=Role.ADMIN)
def resume(receiver: str) -> ResponseReturnValue:
    """Sends it what waits, and goes on."""
    one = _named(receiver)
    _book().resume(one, web_context().clock())
    note("resumed receiver", target=one.name)
    flash(_("What waits for %(name)s is sent now.", name=one.name), "success")
    return redirect(url_for("receivers.receiver", receiver=one.name))


@blueprint.post("/events/<receiver>/rotate", role=Role.ADMIN)
def rotate(receiver: str) -> ResponseReturnValue:
    """A new secret, in this answer alone; for a day the old one signs as well."""
    one = _named(receiver)
    secret = _book().rotate(one, web_context().clock())
    note("rotated receiver's secret", target=one.name)
    return _one(one, secret=secret)


@blueprint.post("/events/<receiver>/replay", role=Role.ADMIN)
def replay(receiver: str) -> ResponseReturnValue:
    """Sends it once more what it was told, or should have been told, of late."""
    one, now = _named(receiver), web_context().clock()
    since = now - (REPLAYED.get(request.form.get("hours", "")) or abort(422, _("Choose one of the times.")))
    number = _events().replay(one.id, since, now)
    note("replayed events", target=one.name, remark=f"since {since:%Y-%m-%d %H:%M %Z}")
    flash(ngettext("%(num)s event is sent once more.", "%(num)s events are sent once more.", number), "success")
    return redirect(url_for("receivers.receiver", receiver=one.name))


@blueprint.post("/events/<receiver>/remove", role=Role.ADMIN)
def remove(receiver: str) -> ResponseReturnValue:
    """Tells it nothing any more, and forgets what waited for it; its name has to be typed."""
    one = _named(receiver)
    if request.form.get("name", "").strip() != one.name:
        return _one(one, _("Type its name to remove it. Nothing was done."))
    note("removed receiver", target=one.name)
    _book().remove(one)
    return back_to(_("%(name)s is told of nothing any more.", name=one.name), "success", "receivers.receivers")


@blueprint.get("/events/<receiver>/<int(max=2147483647):event_id>", role=Role.ADMIN)
def event(receiver: str, event_id: int) -> ResponseReturnValue:
    """One event: what is sent, and every attempt."""
    one = _named(receiver)
    found = _events().one(one.id, event_id) or abort(404, _("There is no such event (any more)."))
    booking = _booking(found)
    about = subjects_of([(found.connection, booking)] if booking else ())
    place = about.place(found.connection, booking, found.property_id)
    return render_template(
        "event.html",
        receiver=one,
        event=found,
        booking=booking,
        stay=about.stay(found.connection, booking) if booking else None,
        place_of_event=place,
        time_zone=place.time_zone if place else "UTC",
        sent=json.dumps(body_of(found), indent=2, ensure_ascii=False),
        attempts=_events().attempts(one.id, event_id=event_id),
        answer_of=answer_of,
        sending_state=sending_state,
        page="events",
    )


def answer_of(one: SendAttempt) -> str:
    """What the receiver answered to an attempt."""
    if one.status is None:
        return _("No answer")
    if 300 <= one.status < 400:
        return _("It answered %(status)s: passed on to another address, which is not followed", status=str(one.status))
    return _("It answered %(status)s", status=str(one.status))


@blueprint.post("/events/<receiver>/<int(max=2147483647):event_id>/send", role=Role.ADMIN)
def send_again(receiver: str, event_id: int) -> ResponseReturnValue:
    """Sends one event once more."""
    one = _named(receiver)
    if _events().send_again(one.id, event_id, web_context().clock()):
        note("replayed events", target=one.name, remark=str(event_id))
        flash(_("The event is sent once more."), "success")
    else:
        flash(_("There is nothing to send again: what waits is sent anyway."), "warning")
    return redirect(url_for("receivers.event", receiver=one.name, event_id=event_id))
