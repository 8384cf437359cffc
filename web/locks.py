"""The locks: connecting a property's lock system, and deciding which lock belongs to which room."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from datetime import timedelta
from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import messages, say, say_number, together
from reconciler.accounts import (
    CannotAdopt,
    adopt_account,
    check_accounts,
    look_at_accounts,
    note_accounts,
    unplaced_accounts,
)
from reconciler.by_hand import DeskTaken, by_hand
from reconciler.lock_forecasts import lock_forecasts
from reconciler.lock_health import LockState
from reconciler.lock_placement import DECIDED_WORDS, FileWrong, LockPlacement
from reconciler.locks_report import LockReport, locks_reports, states_of_locks
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from store.accounts import Account, LockAccounts
from store.engine import Database, chunks
from store.inbox import Inbox
from store.locks import NO_ROOM, DecidedBy, LocksSummary
from store.people import Role
from store.properties import KnownProperty, Properties
from web.access import back_to, caller, known_properties, note, web_context
from web.addresses import Pages
from web.languages import gettext as _
from web.languages import in_words, ngettext, sentence
from web.lists import A_PAGE, as_file, asked_for, filtered, is_called, page_of, properties_asked
from web.overview import locks_summaries_of

blueprint = Pages("locks", __name__)
LARGEST_FILE = 256 * 1024
PROBLEMS_SHOWN = 8
PROPERTIES_SHOWN = 100
PROPERTIES_WITH_LOCKS = 5
"""Of one page on which their locks stand."""
FORECASTS_SHOWN = 10
"""Properties whose locks one page looks ahead for."""
LOCKS = messages("{number} lock", "{number} locks")
FEW_CALM = 4
"""So many locks or properties in order are shown as any other; more of them fold."""
LOCKS_SHOWN = 200


@blueprint.get("/locks", role=Role.VIEWER)
def locks() -> ResponseReturnValue:
    """Every property with its lock systems, and how many locks have found their room; those whose lock system does not
    work first, then whatever else of a page needs somebody. `q`: a part of the name; `format`: `csv` or `json` for a
    program."""
    of = web_context()
    asked, _, form = asked_for("q")
    accounts = LockAccounts(of.store)
    ill = accounts.in_trouble()
    found = [one for one in known_properties() if is_called(one, asked["q"])]
    found.sort(key=lambda one: ((one.connection, one.property_id) not in ill, one.name, one.connection))
    number, page = page_of(found, A_PAGE)

    def of_properties(shown: Sequence[KnownProperty]) -> list[Any]:
        places = [(one.connection, one.property_id) for one in shown]
        theirs, summaries, numbers = accounts.of(places), locks_summaries_of(of, shown), states(places)
        return [
            (one, theirs.get(place, []), summaries[place], numbers.get(place, {}))
            for one, place in zip(shown, places, strict=True)
        ]

    if form:
        columns = ["connection", "property", "property id", "lock systems", "trouble", "locks", "in their rooms"]
        columns += ["undecided", "rooms", "rooms without a lock", "broken", "with a warning", "not known", "good"]
        rows = (
            (
                *(one.connection, one.name, one.property_id, ", ".join(each.name for each in mine)),
                together(each.why for each in mine if each.trouble and each.why),
                *(summary.locks, summary.placed, summary.undecided, summary.rooms, summary.without_door),
                *(state_numbers.get(state, 0) for state in LockState),
            )
            for shown in chunks(found, A_PAGE)
            for one, mine, summary, state_numbers in of_properties(shown)
        )
        return as_file(form, "locks", columns, rows)
    shown = of_properties(page)
    calm = [one for one in shown if _is_calm(*one[1:])]
    return render_template(
        "locks.html",
        # Of few all are shown alike.
        properties=[one for one in shown if one not in calm] if len(calm) > FEW_CALM else shown,
        calm=calm if len(calm) > FEW_CALM else [],
        asked=asked,
        number=len(found),
        known=len(known_properties()),
        page_number=number,
        a_page=A_PAGE,
        url=filtered("locks.locks", asked),
        page="locks",
    )


def _is_calm(accounts: Sequence[Account], summary: LocksSummary, states: Mapping[str, int]) -> bool:
    """Nothing of a property's locks needs somebody."""
    is_connected = bool(accounts) and not any(one.trouble for one in accounts)
    is_placed = bool(summary.locks) and not summary.without_door and not summary.undecided
    return is_connected and is_placed and not any(states.get(one, 0) for one in LockState if one is not LockState.GOOD)


def lock_placement(connection: str, property_id: str, store: Database | None = None) -> LockPlacement:
    """The desk of a property that is known; 404 otherwise. `store`: to write by, else the service's. Shared with the
    API."""
    of, known = web_context(), _known(connection, property_id)
    here = of.connections[connection]
    return LockPlacement(connection, here.keys, here.policy, store or of.store, known)


def _known(connection: str, property_id: str) -> KnownProperty:
    found = Properties(web_context().store).of(connection, property_id)
    if found is None or connection not in web_context().connections:
        abort(404, _("There is no such property: it is known from its first run on."))
    return found


# --- how they are -----------------------------------------------------------------------------------------------------


@blueprint.get("/locks/health", role=Role.VIEWER)
def health() -> ResponseReturnValue:
    """How the locks are, the worst first: of all properties, or of one; in all states, or in one. `connection` may be
    `connection/property id`; `format`: `csv` or `json` for a program."""
    asked, _, form = asked_for("connection", "property", "state")
    connection, _, property_id = asked["connection"].partition("/")
    order = [one.value for one in LockState]
    chosen = asked["state"] if asked["state"] in order else None
    several = properties_asked(connection, asked["property"] or property_id)
    places = [(one.connection, one.property_id) for one in several]
    numbers = states(places if len(places) <= A_PAGE else None)
    of_all = [
        (one, numbers[one.connection, one.property_id])
        for one in several
        if (one.connection, one.property_id) in numbers
    ]
    totals = {state: sum(mine.get(state, 0) for _, mine in of_all) for state in order}
    matching = [one for one in of_all if chosen is None or chosen in one[1]]
    # Where the most locks are worst.
    matching.sort(key=lambda pair: tuple(-pair[1].get(state, 0) for state in order))
    number, page = page_of([one for one, _ in matching], PROPERTIES_WITH_LOCKS)

    def in_state(shown: Sequence[KnownProperty]) -> list[tuple[KnownProperty, list[LockReport]]]:
        reports = health_of(shown, chosen)
        return [(one, reports.get((one.connection, one.property_id), [])) for one in shown]

    if form:
        columns = ["connection", "property", "lock", "lock id", "rooms", "state", "what is wrong", "battery (0 to 1)"]
        rows = (
            (
                *(one.connection, one.name, lock.name, lock.door_id, ", ".join(lock.rooms), lock.state),
                together(cause.sentence for cause in lock.causes),
                lock.battery.level if lock.battery else None,
                *(lock.battery.days_left if lock.battery else None, lock.online),
                lock.last_seen,
            )
            for shown in chunks([one for one, _ in matching], PROPERTIES_WITH_LOCKS)
            for one, mine in in_state(shown)
            for lock in mine
        )
        return as_file(form, "locks-health", [*columns, "days left", "online", "last seen (UTC)"], rows)
    return render_template(
        "locks_health.html",
        found=in_state(page),
        totals={state: number for state, number in totals.items() if number},
        asked=asked,
        chosen=chosen,
        shown=LOCKS_SHOWN,
        few=FEW_CALM,
        url=filtered("locks.health", asked),
        number=len(matching),
        page_number=number,
        a_page=PROPERTIES_WITH_LOCKS,
        page="locks",
    )


def states(places: Collection[tuple[str, str]] | None = None) -> dict[tuple[str, str], dict[str, int]]:
    """How many locks are in each state, by connection and property: of all, or of these places. Shared with the API."""
    of = web_context()
    stale_after = {name: _stale_after(one) for name, one in of.connections.items()}
    return states_of_locks(of.store, of.clock(), stale_after, places)


def health_of(several: Collection[KnownProperty], state: str | None = None) -> dict[tuple[str, str], list[LockReport]]:
    """The locks of these properties, the worst of each first; `state`: those in it only. Shared with the API."""
    of = web_context()
    stale_after = {one.connection: _stale_after(of.connections[one.connection]) for one in several}
    places = {(one.connection, one.property_id) for one in several}
    return locks_reports(of.store, places, of.clock(), stale_after, state)


def _stale_after(of: Connection) -> timedelta:
    return 3 * of.timetable.lock_health


@blueprint.get("/locks/forecast", role=Role.VIEWER)
def forecast() -> ResponseReturnValue:
    """What is coming at the locks: how full each is and will be, tonight's arrivals, whose PIN will not be in time."""
    of = web_context()
    name, property_id = (request.args.get(one, "")[:128] for one in ("connection", "property"))
    known = properties_asked(name, property_id)
    number, page = page_of(known, FORECASTS_SHOWN)
    forecasts = lock_forecasts(of.store, [(one.connection, one.property_id) for one in page], of.clock())
    found = [(one, forecasts.get((one.connection, one.property_id), [])) for one in page]
    return render_template(
        "locks_forecast.html",
        found=[(one, mine) for one, mine in found if mine],
        shown=LOCKS_SHOWN,
        number=len(known),
        page_number=number,
        a_page=FORECASTS_SHOWN,
        url=filtered("locks.forecast", {"connection": name, "property": property_id}),
        page="locks",
    )


# --- connecting -------------------------------------------------------------------------------------------------------


@blueprint.post("/locks/<connection>/<property_id>/connect", role=Role.OPERATOR)
def connect(connection: str, property_id: str) -> ResponseReturnValue:
    """Makes a page of Seam on which the property's lock system is signed in to."""
    of, known = web_context(), _known(connection, property_id)
    keys = of.connections[connection].keys
    back = None
    if (of.public_url or "").startswith("https://"):
        back = f"{of.public_url}{url_for('locks.doors', connection=connection, property_id=property_id)}"
    try:
        made = of.workspace_of(connection).create_webview(keys.customer(known.property_id), (), back)
    except SeamError as problem:
        flash(_("Seam could not make a sign-in page: %(trouble)s", trouble=problem.sentence), "danger")
        return redirect(url_for("locks.locks"))
    note("connects a lock system", connection, property_id)
    return redirect(url_for("locks.connecting", connection=connection, property_id=property_id, webview_id=made.id))


@blueprint.get("/locks/<connection>/<property_id>/connect/<webview_id>", role=Role.OPERATOR)
def connecting(connection: str, property_id: str, webview_id: str) -> ResponseReturnValue:
    """Follows a sign-in page until somebody has signed in; then shows what came of it."""
    of, known = web_context(), _known(connection, property_id)
    here = of.connections[connection]
    customer_key = here.keys.customer(property_id)
    came = None
    try:
        webview = of.workspace_of(connection).webview(webview_id)
        if webview is None or webview.customer_key != customer_key:
            abort(404, _("Seam has no such sign-in page for this property: connect once more."))
        if webview.status == "authorized":
            came = look_at_accounts(of.workspace_of(connection), customer_key)
            note_accounts(connection, of.store, property_id, came, of.clock())
            lock_placement(connection, property_id).refresh(of.workspace_of(connection), of.clock())
    except SeamError as problem:
        return back_to(_("Seam could not be asked: %(trouble)s", trouble=problem.sentence), "danger", "locks.locks")
    # What came of other pages of this property is told under Locks and by `accounts`.
    strays = [(one, came.whose(one)) for one in came.strays if one.id == webview.account_id] if came else []
    return render_template("connecting.html", property=known, webview=webview, came=came, strays=strays, page="locks")


@blueprint.get("/locks/<connection>/<property_id>/connect/<webview_id>/status", role=Role.OPERATOR)
def connecting_status(connection: str, property_id: str, webview_id: str) -> ResponseReturnValue:
    """For the page that follows: `pending`, `authorized` or `failed`."""
    of = web_context()
    _known(connection, property_id)
    try:
        webview = of.workspace_of(connection).webview(webview_id)
    except SeamError:
        return {"status": "pending"}
    is_theirs = webview is not None and webview.customer_key == of.connections[connection].keys.customer(property_id)
    return {"status": webview.status if webview is not None and is_theirs else "failed"}


@blueprint.get("/locks/accounts", role=Role.OPERATOR)
def accounts() -> ResponseReturnValue:
    """Lock accounts that belong to no property, to be taken up; asked from Seam."""
    of = web_context()
    known = [one for one in Properties(of.store).known() if one.connection in of.connections]
    keys = {name: connection.keys for name, connection in of.connections.items()}
    customers: dict[str, set[str]] = {}
    for one in known:
        its = keys[one.connection]
        customers.setdefault(its.workspace, set()).add(its.customer(one.property_id))
    try:
        unplaced = [unplaced_accounts(of.workspaces[name], mine) for name, mine in sorted(customers.items())]
    except SeamError as problem:
        return back_to(_("Seam could not be asked: %(trouble)s", trouble=problem.sentence), "danger", "locks.locks")
    places = [[one for one in known if keys[one.connection].workspace == name] for name in sorted(customers)]
    return render_template(
        "accounts.html",
        offered=[
            (account, there[:PROPERTIES_SHOWN])
            for found, there in zip(unplaced, places, strict=True)
            for account in found.offered
        ],
        foreign=[account for found in unplaced for account in found.foreign],
        page="locks",
    )


@blueprint.post("/locks/<connection>/<property_id>/adopt", role=Role.OPERATOR)
def adopt(connection: str, property_id: str) -> ResponseReturnValue:
    """Gives a lock account that belongs to nobody to a property."""
    of, known = web_context(), _known(connection, property_id)
    keys = of.connections[connection].keys
    try:
        workspace = of.workspace_of(connection)
        with by_hand(of.store, workspace, connection) as mine:
            account = adopt_account(workspace, request.form.get("account_id", "")[:64], keys.customer(property_id))
            check_accounts(connection, keys, workspace, mine, property_id, of.clock())
            lock_placement(connection, property_id, mine).refresh(workspace, of.clock())
    except (CannotAdopt, DeskTaken, SeamError) as problem:
        flash(in_words(problem.why if isinstance(problem, CannotAdopt | DeskTaken) else problem.sentence), "danger")
        return redirect(url_for("locks.accounts"))
    note("took up a lock account", connection, property_id, account.id)
    flash(_("The account %(account)s belongs to %(property)s now.", account=account.name, property=known.name), "info")
    return _back(connection, property_id)


# --- doors ------------------------------------------------------------------------------------------------------------


@blueprint.get("/locks/<connection>/<property_id>", role=Role.VIEWER)
def doors(connection: str, property_id: str) -> ResponseReturnValue:
    """Every lock of a property: where it belongs, what its name proposes, what has no lock yet."""
    known = _known(connection, property_id)
    view = lock_placement(connection, property_id).view()
    order = {"doubtful": 0, "sure": 1, "nothing fits": 2, "no room": 4, "decided": 3}
    return render_template(
        "doors.html",
        property=known,
        view=view,
        open_locks=view.count("doubtful") + view.count("nothing fits"),
        lines=sorted(view.lines, key=lambda line: (not line.out_of_step, order[line.state])),
        decided_words=DECIDED_WORDS,
        page="locks",
    )


@blueprint.get("/locks/<connection>/<property_id>/rooms", role=Role.VIEWER)
def rooms(connection: str, property_id: str) -> ResponseReturnValue:
    """Names of all rooms by key, in order: sent once, for the many choices of a page."""
    return {"rooms": list(lock_placement(connection, property_id).view().rooms.items())}


@blueprint.post("/locks/<connection>/<property_id>/refresh", role=Role.OPERATOR)
def refresh(connection: str, property_id: str) -> ResponseReturnValue:
    """Asks Seam what locks and lock systems there are now."""
    of = web_context()
    _known(connection, property_id)
    try:
        with by_hand(of.store, of.workspace_of(connection), connection) as mine:
            lock_placement(connection, property_id, mine).refresh(of.workspace_of(connection), of.clock())
            keys = of.connections[connection].keys
            check_accounts(connection, keys, of.workspace_of(connection), mine, property_id, of.clock())
        flash(_("These are the locks that Seam knows now."), "info")
    except DeskTaken as taken:
        flash(in_words(taken.why), "danger")
    except SeamError as problem:
        flash(_("Seam could not be asked: %(trouble)s", trouble=problem.sentence), "danger")
    return _back(connection, property_id)


@blueprint.post("/locks/<connection>/<property_id>/apply", role=Role.OPERATOR)
def apply(connection: str, property_id: str) -> ResponseReturnValue:
    """Applies what the matcher is sure of."""
    number = place_sure(connection, property_id)
    if number:
        flash(
            ngettext("%(num)s lock is put into its room now.", "%(num)s locks are put into their rooms now.", number),
            "info",
        )
    else:
        flash(_("No lock's name is clear enough: decide on each of them below."), "warning")
    return _back(connection, property_id)


@blueprint.post("/locks/<connection>/<property_id>/decide", role=Role.OPERATOR)
def decide(connection: str, property_id: str) -> ResponseReturnValue:
    """A person says where one lock belongs: rooms, no room, or (nothing chosen) undecided."""
    chosen = [key for key in request.form.getlist("room_key") if key]
    place(connection, property_id, {request.form.get("door_id", ""): [NO_ROOM] if "-" in chosen else chosen})
    flash(_("It is decided, and Seam is told now."), "info")
    return _back(connection, property_id)


@blueprint.get("/locks/<connection>/<property_id>/doors.csv", role=Role.VIEWER)
def doors_csv(connection: str, property_id: str) -> ResponseReturnValue:
    """Every lock and every room, to be checked on paper."""
    text = lock_placement(connection, property_id).as_csv()
    return Response(text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="doors.csv"'})


@blueprint.post("/locks/<connection>/<property_id>/doors.csv", role=Role.OPERATOR)
def upload(connection: str, property_id: str) -> ResponseReturnValue:
    """Takes decisions from a file with the columns room and door."""
    placement = lock_placement(connection, property_id)
    given = request.files.get("file")
    text = b""
    if given is not None:
        with closing(given):
            text = given.stream.read(LARGEST_FILE + 1)
    try:
        if not text or len(text) > LARGEST_FILE:
            raise FileWrong([say("Choose a CSV file of at most 256 KB.")])
        decisions = placement.read_csv(text.decode("utf-8-sig"))
    except UnicodeDecodeError:
        flash(_("The file is not UTF-8 text: save it as CSV UTF-8."), "danger")
    except FileWrong as wrong:
        more = len(wrong.problems) - PROBLEMS_SHOWN
        told = [_("Nothing was changed."), *(sentence(one) for one in wrong.problems[:PROBLEMS_SHOWN])]
        if more > 0:
            told.append(_("And %(number)s more.", number=more))
        flash(" ".join(told), "danger")
    else:
        placement.decide(decisions, DecidedBy.FILE, caller().name, web_context().clock())
        note("placed locks by a file", connection, property_id, say_number(len(decisions), *LOCKS))
        carry_out(connection, property_id)
        flash(
            ngettext(
                "%(num)s lock is placed as the file says.",
                "%(num)s locks are placed as the file says.",
                len(decisions),
            ),
            "info",
        )
    return _back(connection, property_id)


def place_sure(connection: str, property_id: str) -> int:
    """Decides what the matcher is sure of, and has it carried out; returns how many locks. Shared with the API."""
    number = lock_placement(connection, property_id).accept_sure(caller().name, web_context().clock())
    if number:
        note("placed locks by their names", connection, property_id, say_number(number, *LOCKS))
        carry_out(connection, property_id)
    return number


def place(connection: str, property_id: str, decisions: Mapping[str, Sequence[str]]) -> None:
    """Takes a person's decisions up, room keys by door id, and has them carried out; 404 where a lock or a room is not
    known. Shared with the API."""
    placement = lock_placement(connection, property_id)
    view = placement.view()
    names = {line.door.door_id: line.door.name for line in view.lines}
    for door_id, keys in decisions.items():
        if door_id not in names or not all(key == NO_ROOM or key in view.rooms for key in keys):
            abort(404, _("There is no such lock or room (any more)."))
    placement.decide(decisions, DecidedBy.PERSON, caller().name, web_context().clock())
    for door_id, keys in decisions.items():
        rooms = ", ".join(view.rooms[key] for key in keys if key != NO_ROOM)
        note(
            "placed a lock", connection, property_id, f"{names[door_id]}: {rooms or 'no room' if keys else 'undecided'}"
        )
    carry_out(connection, property_id)


def carry_out(connection: str, property_id: str) -> None:
    """Has Seam brought in step with the decisions, by a run of its own."""
    of = web_context()
    Inbox(of.store).put(
        "staff",
        f"doors {property_id}",
        "place locks",
        {"doors": ["*"]},
        of.clock(),
        connection=connection,
        property_id=property_id,
    )
    of.enqueue(connection)


def _back(connection: str, property_id: str) -> ResponseReturnValue:
    return redirect(url_for("locks.doors", connection=connection, property_id=property_id))
