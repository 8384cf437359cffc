"""The page Alerts: what is open and what has ended, each with its property; and what people do about them."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import message, say
from mappers.stay_window import local, zone
from store.alerts import KINDS, Alert, AlertBook, AlertState, Did, Line
from store.memberships import Memberships
from store.people import People, Role
from store.properties import KnownProperty
from store.visibility import Visible
from web.access import caller, note, web_context
from web.addresses import Pages
from web.languages import gettext as _
from web.limits import visible
from web.lists import A_PAGE, AT_ONCE, all_of_it, as_file, asked_for, filtered, part_asked, subjects_of
from web.overview import WORDS_OF_ALERTS

blueprint = Pages("alerts", __name__)
NAMES: dict[str, str] = {str(kind): WORDS_OF_ALERTS.get(kind, say("Booking")) for kind in KINDS}
"""What the kinds are called."""
STATES = {
    AlertState.OPEN: say("Open"),
    AlertState.UNSEEN: say("Not acknowledged"),
    AlertState.ACKNOWLEDGED: say("Acknowledged"),
    AlertState.SILENCED: say("Silenced"),
    AlertState.ENDED: say("Ended"),
}
LONGEST_WHY = 300
LONGEST_SILENCE = timedelta(days=31)
MORNING = time(8)


class CannotBeDone(Exception):
    """What somebody asked for of an alert; the sentence says why."""


# --- pages ------------------------------------------------------------------------------------------------------------


@blueprint.get("/alerts", role=Role.VIEWER)
def alerts() -> ResponseReturnValue:
    """What nobody sees to yet, what somebody does, what has ended. `format`: `csv` or `json` for a program."""
    of = web_context()
    asked, before, form = asked_for("state", "kind", "connection", "assigned", "from", "to")
    part = part_asked(asked)
    book, now = AlertBook(of.store), of.clock()

    def listed(limit: int, behind: int | None) -> list[Alert]:
        return book.recent(
            now,
            limit,
            kind=asked["kind"] or None,
            state=asked["state"] or None,
            assigned_to=caller().name if asked["assigned"] == "me" else asked["assigned"] or None,
            before=behind,
            **part.wanted,
        )

    if form:
        columns = ["id", "state", "began (UTC)", "ended (UTC)", "connection", "property", "kind", "what"]
        columns += ["acknowledged (UTC)", "acknowledged by", "assigned to"]
        columns += ["silenced until (UTC)", "silenced by", "why"]

        def rows() -> Iterator[Sequence[Any]]:
            for several in all_of_it(lambda last: listed(AT_ONCE, last.id if last else before)):
                places = places_of(several)
                yield from (_cells(one, places.get(one.id), now) for one in several)

        return as_file(form, "alerts", columns, rows())

    found = listed(A_PAGE + 1, before)
    places = places_of(found)
    return render_template(
        "alerts.html",
        alerts=[(one, places.get(one.id)) for one in found[:A_PAGE]],
        more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        asked=asked,
        part=part,
        url=filtered("alerts.alerts", asked),
        is_theirs=_is_theirs,
        names=NAMES,
        states=STATES,
        is_filtered=any(asked.values()) or before is not None,
        page="alerts",
    )


def _cells(one: Alert, place: KnownProperty | None, now: datetime) -> list[Any]:
    state = "ended" if one.ended_at else "silenced" if one.is_silent(now) else "open"
    if one.acknowledged_at and not one.ended_at:
        state = "acknowledged"
    what = (one.connection, place.name if place else None, NAMES.get(one.kind, one.kind), one.text)
    done = (one.acknowledged_at, one.acknowledged_by, one.assigned_to)
    silence = (one.silenced_until, one.silenced_by, one.silenced_why)
    return [str(one.id), state, one.began_at, one.ended_at, *what, *done, *silence]


def places_of(found: Sequence[Alert]) -> dict[int, KnownProperty]:
    """The property of each alert (by its id) that is one property's: the only one of its connection, or the one that it
    is about."""
    about = subjects_of(())
    places = {one.id: about.place(one.connection, property_id=one.property_id) for one in found}
    return {number: place for number, place in places.items() if place is not None}


@blueprint.get("/alerts/<int(max=2147483647):alert_id>", role=Role.VIEWER)
def alert(alert_id: int) -> ResponseReturnValue:
    """One alert: what is wrong, who sees to it, and what happened so far."""
    of = web_context()
    found = alert_of(alert_id)
    place = places_of([found]).get(alert_id)
    return render_template(
        "alert.html",
        alert=found,
        history=AlertBook(of.store).history(alert_id),
        words_of=words_of_line,
        place_of_alert=place,
        time_zone=place.time_zone if place else "UTC",
        name=NAMES.get(found.kind, found.kind),
        users=users_of(found),
        is_theirs=_is_theirs,
        longest=LONGEST_WHY,
        page="alerts",
    )


def words_of_line(line: Line, time_zone: str) -> str:
    """A line of an alert's history, times in that time zone."""
    match line.what:
        case Did.BEGAN:
            return say("Began")
        case Did.ENDED:
            return say("Ended")
        case Did.ACKNOWLEDGED:
            return say("Acknowledged")
        case Did.TOLD:
            return say("Told by {channel}", channel=line.note or "")
        case Did.TOLD_OVER:
            return say("Told by {channel} that it is over", channel=line.note or "")
        case Did.NOT_TOLD:
            return say("Not told by {channel}", channel=line.note or "")
        case Did.ASSIGNED:
            return say("Assigned to {who}", who=line.note) if line.note else say("Assigned to nobody")
        case Did.SILENCED:
            said = say("Silenced no longer")
            if line.until:
                said = say("Silenced until {at}", at=local(line.until, time_zone, web_context().clock()))
            return say("{of}: {words}", of=said, words=line.note) if line.note else said
        case _:
            return line.what.capitalize()


def _acts(alert_id: int, act: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(act(), "info")
    except CannotBeDone as problem:
        flash(str(problem), "danger")
    if request.form.get("back") == "list":
        return redirect(url_for("alerts.alerts"))
    return redirect(url_for("alerts.alert", alert_id=alert_id))


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/acknowledge", role=Role.OPERATOR)
def acknowledge(alert_id: int) -> ResponseReturnValue:
    """Somebody sees to it."""
    return _acts(alert_id, lambda: acknowledge_alert(alert_id))


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/assign", role=Role.OPERATOR)
def assign(alert_id: int) -> ResponseReturnValue:
    """Says who sees to it: a user, `me`, or nobody."""
    return _acts(alert_id, lambda: assign_alert(alert_id, request.form.get("to", "")[:64]))


@blueprint.post("/alerts/<int(max=2147483647):alert_id>/silence", role=Role.OPERATOR)
def silence(alert_id: int) -> ResponseReturnValue:
    """Keeps the channels quiet about it: for an hour, until tomorrow morning, until a day, or no longer."""

    def act() -> str:
        until = _until(alert_of(alert_id), request.form.get("until", ""), request.form.get("day", ""))
        return silence_alert(alert_id, until, request.form.get("why", ""))

    return _acts(alert_id, act)


def _until(of: Alert, choice: str, day: str) -> datetime:
    """In the property's time, where the alert is one's; else in UTC."""
    now = web_context().clock()
    place = places_of([of]).get(of.id)
    there = (zone(place.time_zone) if place else None) or UTC
    match choice:
        case "hour":
            return now + timedelta(hours=1)
        case "tomorrow":
            return datetime.combine(now.astimezone(there).date() + timedelta(days=1), MORNING, there).astimezone(UTC)
        case "date":
            try:
                return datetime.combine(date.fromisoformat(day), MORNING, there).astimezone(UTC)
            except (ValueError, OverflowError):
                raise CannotBeDone(_("Choose the day until which it is silenced. Nothing was done.")) from None
        case "now":
            return now
    raise CannotBeDone(_("Choose how long it is silenced. Nothing was done."))


# --- what pages and the API do ----------------------------------------------------------------------------------------


def alert_of(alert_id: int) -> Alert:
    """As far as the caller may see it in the role that this asks for; 404 otherwise."""
    found = AlertBook(web_context().store).get(alert_id)
    return found or abort(404, _("There is no such alert (any more)."))


def _to_act_upon(alert_id: int) -> Alert:
    """What is said of all of a connection is everybody's to read, and theirs to act upon who see to all of it. Raises
    `CannotBeDone`."""
    found = alert_of(alert_id)
    if not _is_theirs(found):
        told = _("It is about all properties of %(of)s, and you see to some. Nothing was done.", of=found.connection)
        raise CannotBeDone(told)
    return found


def _is_theirs(of: Alert) -> bool:
    """Whether the caller sees to all that an alert is about."""
    seen = web_context().store.visible
    return not isinstance(seen, Visible) or seen.includes(of.connection, of.property_id or None)


def users_of(of: Alert) -> list[str]:
    """Users to whom it may be assigned: those who may see it; to whoever has roles over parts only, those with roles
    over the same part."""
    context = web_context()
    organisations = {name: one.organisation for name, one in context.connections.items()}
    everybodys = Memberships(context.store).all()
    found = []
    for user in People(context.store).users():
        mine = everybodys.get(user.name, ())
        if mine:
            may = visible(mine, organisations, Role.VIEWER).includes(of.connection, of.property_id or None)
        else:
            may = not caller().memberships or user.name == caller().name
        if may and not user.disabled:
            found.append(user.name)
    return sorted(found)


def acknowledge_alert(alert_id: int) -> str:
    """Returns what was done. Raises `CannotBeDone`."""
    of, found = web_context(), _to_act_upon(alert_id)
    if not AlertBook(of.store).acknowledge(alert_id, caller().name, of.clock()):
        found = alert_of(alert_id)
        if found.acknowledged_by:
            raise CannotBeDone(_("%(who)s has acknowledged it already.", who=found.acknowledged_by))
        raise CannotBeDone(_("It has ended: there is nothing to acknowledge any more."))
    note("acknowledged an alert", found.connection, str(alert_id), found.text)
    return _("Acknowledged: it stays here, and whoever has not been told yet is not told any more.")


GIVEN_TO, GIVEN_TO_NOBODY = message("to {who}: {text}"), message("to nobody: {text}")
SILENT_UNTIL, NO_LONGER = message("until {at} ({zone}): {why}"), message("no longer: {why}")
"""For the audit log."""


def assign_alert(alert_id: int, to: str) -> str:
    """`to`: a user, `me`, or nobody (empty). Returns what was done. Raises `CannotBeDone`."""
    of, found = web_context(), _to_act_upon(alert_id)
    to = caller().name if to == "me" and not caller().by_token else to
    if to and to not in users_of(found):
        raise CannotBeDone(_("There is no user %(who)s who may see this alert. Nothing was done.", who=to))
    if not AlertBook(of.store).assign(alert_id, to or None, caller().name, of.clock()):
        raise CannotBeDone(_("It has ended: nobody has to see to it any more."))
    note(
        "assigned an alert",
        found.connection,
        str(alert_id),
        say(GIVEN_TO if to else GIVEN_TO_NOBODY, who=to, text=found.text),
    )
    return _("Assigned to %(who)s.", who=to) if to else _("Assigned to nobody.")


def silence_alert(alert_id: int, until: datetime, why: str) -> str:
    """`until`: by now or before, it is silenced no longer. Returns what was done. Raises `CannotBeDone`."""
    of, found = web_context(), _to_act_upon(alert_id)
    now, why = of.clock(), why[:LONGEST_WHY].strip()
    if until > now and not why:
        raise CannotBeDone(_("Say why it is silenced: whoever looks at it next wants to know. Nothing was done."))
    if until > now + LONGEST_SILENCE:
        days = LONGEST_SILENCE.days
        raise CannotBeDone(_("Silence it for at most %(days)s days. Nothing was done.", days=days))
    if not AlertBook(of.store).silence(alert_id, until, why, caller().name, now):
        raise CannotBeDone(_("It has ended: nobody is told of it any more."))
    place = places_of([found]).get(alert_id)
    time_zone = place.time_zone if place else "UTC"
    at = local(until, time_zone, now)
    silenced = say(SILENT_UNTIL if until > now else NO_LONGER, at=at, zone=time_zone, why=why or found.text)
    note("silenced an alert", found.connection, str(alert_id), silenced)
    if until <= now:
        return _("Silenced no longer.")
    return _(
        "Silenced until %(at)s (%(zone)s): it stays on this page, and nobody is told of it.", at=at, zone=time_zone
    )
