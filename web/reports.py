"""The report as pages. Everything that changes something is a POST, and is written into the audit log."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any

from flask import Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.outcomes import Kind, Outcome
from mappers.stay_window import local
from reconciler.booking_look import BookingLook, look_at_booking, pins_of
from reconciler.two_truths import AtDoor, at_door
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from store.entries import Entries, Entry
from store.history import Happened, History
from store.holds import Holds
from store.inbox import Inbox
from store.links import Links
from store.pending_revocations import PendingRevocations
from store.people import AuditEntry, People, Role
from store.properties import KnownProperty
from store.runs import OutcomeRow, Runs, StoredRun
from store.search import MOST_FOUND, number_in
from store.status import StatusBook
from store.stays import Stay, Stays
from web import booking_history, overview
from web.access import caller, known_properties, known_zones, note, web_context, zone_of
from web.addresses import Pages
from web.audit_words import action_words, actions_to_choose
from web.closed_doors import CannotBeDone, closed_door, spare_key
from web.languages import gettext as _
from web.languages import in_words
from web.lists import A_PAGE, AT_ONCE, Subjects, all_of_it, as_file, asked_for, filtered, part_asked, subjects_of
from web.picture import guests_of
from web.search import part_of, search

blueprint = Pages("reports", __name__)
LINES_A_PAGE = 300
DRIFT_DAYS = 14
LONGEST_ID = 120


@blueprint.get("/progress", role=Role.VIEWER)
def progress() -> ResponseReturnValue:
    """The strip that shows running runs; fetched again and again by a page that is being looked at."""
    html = render_template("_progress.html", running=History(web_context().store).running())
    return {"html": html, "latest": g.last_ended}


@blueprint.before_app_request
def _mark_the_moment() -> None:
    """A page is as old as what it read first: a run that ends after this makes the page stale, even one that ends
    before the page has asked for the first time how things go."""
    if g.get("caller") and _answers_with_a_page():
        g.last_ended = StatusBook(web_context().store).ended_last()


def _answers_with_a_page() -> bool:
    """Files are no pages, and forms lead to one; but a PIN is shown at once."""
    if request.blueprint not in ("properties", "held", "alerts", "inbox", "reports", "locks") or request.path.endswith(
        ".csv"
    ):
        return False
    return request.method == "GET" or request.endpoint == "reports.show_pin"


# --- runs -------------------------------------------------------------------------------------------------------------


@blueprint.get("/runs", role=Role.VIEWER)
def runs() -> ResponseReturnValue:
    """Every run, newest first, under a chart of the last 14 days. `format`: `csv` or `json` for a program."""
    asked, _, form = asked_for("connection", "mode", "result", "all", "from", "to")
    before = _instant(request.args.get("before"))
    of, part = web_context(), part_asked(asked)
    wanted: dict[str, Any] = {name: asked[name] for name in ("mode", "result")} | part.wanted
    wanted["news_only"] = not asked["all"]
    history, about = History(of.store), subjects_of(())
    if form:
        columns = ["run", "began (UTC)", "ended (UTC)", "connection", "property", "what", "exit", "broke off", "totals"]

        def behind(last: StoredRun | None) -> list[StoredRun]:
            place = (last.started_at, last.run_id) if last else (before, "")
            return history.runs(before=place[0], before_id=place[1], limit=AT_ONCE, **wanted)

        def rows() -> Iterator[Sequence[Any]]:
            for one in chain.from_iterable(all_of_it(behind)):
                place = about.place(one.connection, property_id=one.property_id)
                where = (one.connection, place.name if place else one.property_id)
                what = (one.mode, one.exit, one.broken_off, one.totals)
                yield (one.run_id, one.started_at, one.finished_at, *where, *what)

        return as_file(form, "runs", columns, rows())

    listed = history.runs(before=before, limit=A_PAGE + 1, **wanted)
    is_filtered = any(value for name, value in wanted.items() if name != "news_only")
    return render_template(
        "runs.html",
        runs=sorted(listed[:A_PAGE], key=lambda one: not has_failed(one)),
        has_failed=has_failed,
        more=listed[A_PAGE - 1].started_at.isoformat() if len(listed) > A_PAGE else None,
        about=about,
        asked=asked,
        url=filtered("reports.runs", asked),
        part=part,
        is_filtered=is_filtered,
        chart=overview.chart(of, set(known_zones().values())) if before is None and not is_filtered else [],
        zones=sorted(set(known_zones().values())),
        page="runs",
    )


def has_failed(one: StoredRun) -> bool:
    """Whether a run broke off, or something in it failed: those stand before the others."""
    return bool(one.broken_off) or one.exit == 1


@blueprint.get("/runs/<run_id>", role=Role.VIEWER)
def run(run_id: str) -> ResponseReturnValue:
    """One run: totals, and every line with its reason and outcome."""
    of = web_context()
    found = Runs(of.store).get(run_id)
    if found is None:
        told = _(
            "No run %(run)s is stored; lines are kept for some months only (`keep` in the settings).", run=run_id[:60]
        )
        abort(404, told)
    words, outcome, kind = (request.args.get(name, "")[:100] for name in ("q", "outcome", "kind"))
    lines, number = History(of.store).outcomes_page(
        run_id, words=words, outcome=outcome or None, kind=kind or None, limit=LINES_A_PAGE
    )
    held = sum(waits for _, waits in Holds(of.store).of_run(run_id))
    return render_template(
        "run.html",
        run=found,
        place=subjects_of(()).place(found.connection, property_id=found.property_id),
        lines=lines,
        number=number,
        words=words,
        outcome=outcome,
        kind=kind,
        held=held,
        page="runs",
    )


@blueprint.get("/runs/<run_id>.csv", role=Role.VIEWER)
def run_csv(run_id: str) -> ResponseReturnValue:
    """Every line of a run, for a spreadsheet."""
    of = web_context()
    if Runs(of.store).get(run_id) is None:
        abort(404, _("No run %(run)s is stored.", run=run_id[:60]))
    return _csv(Runs(of.store).outcomes_of(run_id), f"run-{run_id}")


def _csv(rows: Sequence[OutcomeRow], name: str) -> Response:
    columns = ["kind", "key", "action", "outcome", "reason", "error", "label", "booking"]
    cells = (
        (row.kind, row.key, row.action, row.outcome, row.reason, row.error, row.label, row.booking_id) for row in rows
    )
    return as_file("csv", name, columns, cells)


# --- bookings ---------------------------------------------------------------------------------------------------------


@blueprint.get("/bookings", role=Role.VIEWER)
def bookings() -> ResponseReturnValue:
    """Search by room, initials, number, surname, companion, key or lock. One hit is shown at once."""
    of = web_context()
    words = request.args.get("q", "")[:120].strip()
    found = search(of, words)
    # Room 101 is meant before booking 1010.
    names = {words.casefold(), number_in(words).casefold()}
    meant = [one for one in found if names & {(one.room or "").casefold(), one.number.casefold()}] or found
    if len(meant) == 1 and request.args.get("list") != "1":
        return redirect(url_for("reports.booking", connection=meant[0].connection, booking_id=meant[0].booking_id))
    known = {(one.connection, one.property_id): one for one in known_properties()}
    parts: dict[str, list[Any]] = {}
    for one in guests_of(web_context(), found, known_zones()):
        place = known.get((one.stay.connection, one.stay.property_id))
        parts.setdefault(part_of(one.stay, of.clock(), place.time_zone if place else "UTC"), []).append(one)
    return render_template(
        "bookings.html",
        words=words,
        parts=parts,
        known=known,
        number=len(found),
        most=MOST_FOUND,
        late=_not_kept() if words and not found else [],
        page="bookings",
    )


def _not_kept() -> list[tuple[str, str]]:
    """Whose bookings may not be known here, by name, with why: properties, or a connection that has many."""
    of = web_context()
    running = {run.connection: run for run in History(of.store).running()}
    names: dict[str, list[str]] = {}
    for place in known_properties():
        names.setdefault(place.connection, []).append(place.name)
    found = []
    for one in overview.not_kept(of, StatusBook(of.store).all(), running):
        mine = names.get(one.connection, [])
        found.append((", ".join(mine) if 0 < len(mine) < 4 else one.connection, one.why))
    return sorted(found, key=lambda named: named[0].casefold())


@blueprint.get("/bookings/<connection>/<booking_id>", role=Role.VIEWER)
def booking(connection: str, booking_id: str) -> ResponseReturnValue:
    """One booking: what is known at once; the PMS and Seam are asked while she waits."""
    return _booking_page(_connection(connection), booking_id)


def _booking_page(
    of: Connection,
    booking_id: str,
    pins: list[tuple[str, str]] | None = None,
    entries: Sequence[Entry] | None = None,
) -> ResponseReturnValue:
    context = web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    links = Links(context.store).of_bookings(of.name, [booking_id])
    moments = booking_history.history(
        context, of.name, booking_id, [link.key for link in links], caller().may(Role.ADMIN)
    )
    if stay is None and not links and not moments:
        abort(404, _("Nothing is known of this booking: search by its number or room, or check its id in the PMS."))
    time_zone = zone_of(of.name, stay.property_id if stay else None)
    look = None
    if request.args.get("live") == "1":
        look = look_at_booking(
            of.for_a_page(), context.workspace_of(of.name), context.store, booking_id, context.clock()
        )
    state = guests_of(context, [stay], known_zones(), of.name)[0] if stay else None
    has_access = stay is None or stay.room is not None or any(link.kind == Kind.ACCESS_GRANT for link in links)
    return render_template(
        "booking.html",
        connection=of.name,
        booking_id=booking_id,
        stay=stay,
        state=state,
        time_zone=time_zone,
        links=links,
        moments=moments,
        look=look,
        at_door=_at_door(of, booking_id, look) if look is not None else None,
        pins=pins,
        entries=entries,
        closed=closed_door(of, booking_id, state.verdict, state.cause) if state else None,
        may_have_card="card" in of.policy.access_methods and has_access,
        # One of a former policy is asked for all the same.
        may_have_pin=("code" in of.policy.access_methods and has_access) or pins is not None,
        place=_place_of(stay),
        first_entry=Entries(context.store).first_of(of.name, [booking_id]).get(booking_id),
        page="bookings",
    )


def _place_of(stay: Stay | None) -> KnownProperty | None:
    """The property of a stay, where several are known and a page has to name it."""
    known = known_properties()
    if stay is None or len(known) < 2:
        return None
    place = (stay.connection, stay.property_id)
    return next((one for one in known if (one.connection, one.property_id) == place), None)


@blueprint.get("/bookings/<connection>/<booking_id>/live", role=Role.VIEWER)
def booking_live(connection: str, booking_id: str) -> ResponseReturnValue:
    """The part that asks the PMS and Seam, by key, now."""
    of, context = _connection(connection), web_context()
    look = look_at_booking(of.for_a_page(), context.workspace_of(of.name), context.store, booking_id, context.clock())
    return render_template("_look.html", look=look, at_door=_at_door(of, booking_id, look))


def _at_door(of: Connection, booking_id: str, look: BookingLook) -> AtDoor:
    context = web_context()
    now = context.clock()
    pending = PendingRevocations(context.store).of(now, of.name, [booking_id])
    return at_door(look.grants, pending, now, look.time_zone, look.seam_trouble)


@blueprint.post("/bookings/<connection>/<booking_id>/sync", role=Role.OPERATOR)
def sync_now(connection: str, booking_id: str) -> ResponseReturnValue:
    """Has the booking looked at now."""
    of = _connection(connection)
    ask_for_sync(of, booking_id)
    flash(_("Night Porter looks at it now: the page shows what came of it."), "info")
    return redirect(url_for("reports.booking", connection=of.name, booking_id=booking_id))


def ask_for_sync(of: Connection, booking_id: str) -> None:
    """Puts a wish of staff into the inbox, where it is not lost; shared with the API."""
    if len(booking_id) > LONGEST_ID:
        abort(404, _("There is no such booking."))
    context = web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    Inbox(context.store).put(
        "staff",
        f"sync {booking_id}",
        "sync now",
        {"bookings": [booking_id]},
        context.clock(),
        connection=of.name,
        property_id=stay.property_id if stay else None,
    )
    note("sync now", of.name, booking_id)
    context.enqueue(of.name)


@blueprint.post("/bookings/<connection>/<booking_id>/entries", role=Role.OPERATOR)
def show_entries(connection: str, booking_id: str) -> ResponseReturnValue:
    """Shows when its guests opened which lock; who looked is noted before."""
    of = _connection(connection)
    note(booking_history.LOOKED_AT_ENTRIES, of.name, booking_id)
    return _booking_page(of, booking_id, entries=Entries(web_context().store).of_booking(of.name, booking_id))


@blueprint.post("/bookings/<connection>/<booking_id>/pin", role=Role.OPERATOR)
def show_pin(connection: str, booking_id: str) -> ResponseReturnValue:
    """Shows the PIN, asked from Seam; who looked is noted before."""
    of, context = _connection(connection), web_context()
    note("looked at the PIN", of.name, booking_id)
    workspace = context.workspace_of(of.name)
    try:
        pins = pins_of(of.for_a_page(), workspace, context.store, booking_id, context.clock())
    except SeamError as problem:
        flash(_("The PIN could not be asked for: %(problem)s", problem=problem.sentence), "danger")
        pins = []
    else:
        if not pins:
            flash(_("Seam has no PIN for this booking (yet)."), "warning")
    return _booking_page(of, booking_id, pins)


@blueprint.post("/bookings/<connection>/<booking_id>/spare-key", role=Role.OPERATOR)
def show_spare_key(connection: str, booking_id: str) -> ResponseReturnValue:
    """Shows the PIN of a spare key, once; who was shown it and why is noted before."""
    of = _connection(connection)
    room = request.form.get("room", "")[:200]
    try:
        pin, until = spare_key(of, booking_id, room, request.form.get("reason", ""))
    except CannotBeDone as problem:
        flash(in_words(problem.why), "danger")
        return _booking_page(of, booking_id)
    stay = Stays(web_context().store).get(of.name, booking_id)
    time_zone = zone_of(of.name, stay.property_id if stay else None)
    at = in_words(local(until, time_zone, web_context().clock()))
    label = _("Spare key of %(room)s, until %(at)s", room=room, at=at)
    return _booking_page(of, booking_id, [(label, pin)])


# --- held, drift, audit -----------------------------------------------------------------------------------------------


@blueprint.get("/drift", role=Role.VIEWER)
def drift() -> ResponseReturnValue:
    """What was found different in Seam, and what is ours there and gone in the PMS. `format`: `csv` or `json`."""
    of = web_context()
    asked, before, form = asked_for("cause", "connection", "from", "to")
    part = part_asked(asked)
    history, since = History(of.store), part.since or of.clock() - timedelta(days=DRIFT_DAYS)

    def listed(limit: int, behind: int | None) -> list[Happened]:
        return history.drift(
            since,
            limit,
            connection=part.connection,
            property_id=part.property_id,
            cause=asked["cause"] or None,
            until=part.until,
            before=behind,
        )

    def about(several: Sequence[Happened]) -> Subjects:
        return subjects_of((one.connection, one.row.booking_id) for one in several)

    if form:
        columns = ["at (UTC)", "connection", "property", "kind", "cause", "what", "who or where", "booking", "outcome"]

        def rows() -> Iterator[Sequence[Any]]:
            for several in all_of_it(lambda last: listed(AT_ONCE, last.id if last else before)):
                subjects = about(several)
                for one in several:
                    row, place = one.row, subjects.place(one.connection, one.row.booking_id)
                    where = (one.at, one.connection, place.name if place else None)
                    what = (row.kind, row.cause, booking_history.words_of_row(row), row.label or row.key)
                    yield (*where, *what, row.booking_id, row.outcome, row.reason)

        return as_file(form, "drift", [*columns, "why"], rows())

    found = listed(A_PAGE + 1, before)
    url = filtered("reports.drift", asked)
    return render_template(
        "drift.html",
        found=sorted(found[:A_PAGE], key=lambda one: one.row.outcome != Outcome.FAILED),
        more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        about=about(found),
        asked=asked,
        url=url,
        part=part,
        is_filtered=any(asked.values()) or before is not None,
        days=DRIFT_DAYS,
        page="drift",
    )


@blueprint.get("/audit-log", role=Role.ADMIN)
def audit_log() -> ResponseReturnValue:
    """Who approved, synced, or looked at a PIN. `format`: `csv` or `json` for a program."""
    asked, before, form = asked_for("who", "action", "connection", "target", "from", "to")
    part = part_asked(asked)
    wanted: dict[str, Any] = {name: asked[name] or None for name in ("who", "action", "target")} | part.wanted
    people = People(web_context().store)

    def about(several: Sequence[AuditEntry]) -> Subjects:
        return subjects_of((one.connection, one.target) for one in several)

    if form:
        columns = ["at (UTC)", "who", "did", "connection", "property", "booking", "target", "note"]

        def behind(last: AuditEntry | None) -> list[AuditEntry]:
            return people.audit_entries(AT_ONCE, before=last.id if last else before, **wanted)

        def rows() -> Iterator[Sequence[Any]]:
            for several in all_of_it(behind):
                subjects = about(several)
                for one in several:
                    place, stay = subjects.place(one.connection, one.target), subjects.stay(one.connection, one.target)
                    to = (one.connection, place.name if place else None, stay.label if stay else None)
                    yield (one.at, one.who, one.action, *to, one.target, one.note)

        return as_file(form, "audit-log", columns, rows())

    entries = people.audit_entries(A_PAGE + 1, before=before, **wanted)
    url = filtered("reports.audit_log", asked)
    return render_template(
        "audit_log.html",
        entries=entries[:A_PAGE],
        more=entries[A_PAGE - 1].id if len(entries) > A_PAGE else None,
        about=about(entries),
        asked=asked,
        url=url,
        part=part,
        is_filtered=any(asked.values()) or before is not None,
        action_words=action_words,
        actions_to_choose=actions_to_choose,
        page="audit",
    )


# --- small things -----------------------------------------------------------------------------------------------------


def _connection(name: str) -> Connection:
    return web_context().connections.get(name) or abort(404, _("There is no connection %(name)s.", name=name[:60]))


def _instant(text: str | None) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text) if text else None
        return instant.astimezone(UTC) if instant is not None and instant.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
