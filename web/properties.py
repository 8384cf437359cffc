"""The first pages: all properties at a glance, and what needs a person at one of them now."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import abort, current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import messages, people, say, say_number
from mappers.stay_window import zone
from store.accounts import LockAccounts
from store.history import History
from store.inbox import Inbox
from store.people import Role
from store.properties import KnownProperty
from store.queue import Queue, Task, TaskKind
from store.runs import Runs
from store.status import StatusBook
from store.trends import Figure, Trends
from web import causes, overview
from web.access import back_to, connection_named, known_properties, note, web_context
from web.addresses import Pages
from web.board import Boards, PropertyRow, cards_of, look_beside, rooms_of
from web.languages import gettext as _
from web.lists import A_PAGE, LONGEST_WORDS, is_called, page_of
from web.picture import guests_now

blueprint = Pages("properties", __name__)
ARRIVALS_SHOWN = 200
FILTERS = ("q", "state", "organisation", "pms", "connection", "locks")
LOOKS = {
    "broken": say("Broken"),
    "unknown": say("Not sure"),
    "held": say("Held"),
    "notyet": say("Not yet"),
    "ready": say("Ready"),
}
"""What a property is called by its state."""
TREND_DAYS = 14
"""Of which a property's row shows how many arrivals were not ready."""
UNSURE = {
    "guest": messages(
        "Of {number} guest it is not sure whether the door opens",
        "Of {number} guests it is not sure whether the door opens",
    ),
    "tenant": messages(
        "Of {number} tenant it is not sure whether the door opens",
        "Of {number} tenants it is not sure whether the door opens",
    ),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """How a property's arrivals went of late."""

    missed: list[int]
    """By day, how many could not open their door when they arrived."""
    not_ready: int
    arrived: int


@blueprint.get("/", role=Role.VIEWER)
def home() -> ResponseReturnValue:
    """All properties; where one alone is known, what needs a person there."""
    known = known_properties()
    if len(known) > 1:
        return _properties()
    if known:
        return _now_page(known[0], known)
    return _nothing_yet()


@blueprint.get("/properties", role=Role.VIEWER)
def properties() -> ResponseReturnValue:
    """All properties, those that need a person first."""
    return _properties()


@blueprint.get("/properties/<connection>/<property_id>", role=Role.VIEWER)
def now(connection: str, property_id: str) -> ResponseReturnValue:
    """What needs a person at one property, and who arrives."""
    known = known_properties()
    of = next((one for one in known if (one.connection, one.property_id) == (connection, property_id)), None)
    if of is None:
        abort(404, _("There is no such property: it is known from its first run on."))
    return _now_page(of, known)


@blueprint.post("/connections/<connection>/try", role=Role.OPERATOR)
def try_now(connection: str) -> ResponseReturnValue:
    """Has what changed in the PMS read now."""
    of = web_context()
    connection_named(connection)
    Queue(of.store).enqueue([Task(connection, TaskKind.INCREMENTAL, "", of.clock())], of.clock())
    of.enqueue(connection)
    note("try now", connection)
    return back_to(_("Night Porter tries it now: the page shows what came of it."), "info", "properties.home")


# --- all properties ---------------------------------------------------------------------------------------------------


def _properties() -> ResponseReturnValue:
    of = web_context()
    boards: Boards = current_app.extensions["boards"]
    board = boards.board(of, known_properties())
    asked = {name: request.args.get(name, "")[:LONGEST_WORDS].strip() for name in FILTERS}
    organisations = {name: one.organisation for name, one in of.connections.items()}
    pms = {} if of.register is None else {one.name: one.connector for one in of.register.entries()}
    is_narrowed = any(asked[name] for name in FILTERS if name != "state")
    matching = board.rows
    if is_narrowed:
        matching = [
            one
            for one in board.rows
            if is_called(one.of, asked["q"])
            and asked["connection"] in ("", one.of.connection)
            and (not asked["locks"] or asked["locks"] in one.systems)
            and asked["organisation"] in ("", organisations.get(one.of.connection))
            and asked["pms"] in ("", pms.get(one.of.connection))
        ]
    rows = [one for one in matching if asked["state"] == one.look] if asked["state"] else matching
    page, shown = page_of(rows, A_PAGE)

    def url(number: int | None = None, **changed: str | None) -> str:
        kept: dict[str, Any] = {name: value for name, value in (asked | changed).items() if value}
        if number and number > 1:
            kept["page"] = number
        return url_for("properties.home", **kept)

    return render_template(
        "properties.html",
        now_at=of.clock(),
        said={"shut": board.outside["broken"], "unsure": board.outside["unknown"], "first": board.first_outside},
        rows=shown,
        trends=_trends(shown, of.clock()),
        trend_days=TREND_DAYS,
        number=len(rows),
        total=len(board.rows),
        needing=board.needing,
        being_read=board.being_read,
        looks=LOOKS,
        states=Counter(one.look for one in matching) if is_narrowed else board.states,
        matching=len(matching),
        asked=asked,
        url=url,
        page_number=page,
        a_page=A_PAGE,
        cards=board.of_connections if page == 1 else [],
        connections=board.connections,
        organisations=sorted({organisations.get(one, "") for one in board.connections} - {""}),
        pms=sorted({pms[one] for one in board.connections if one in pms}),
        systems=board.systems,
        page="now",
    )


def _trends(rows: Sequence[PropertyRow], now: datetime) -> dict[tuple[str, str], Trend]:
    """Of the properties that are shown, and of which anything was counted."""
    today = {one.place: now.astimezone(zone(one.of.time_zone) or UTC).date() for one in rows}
    first = min(today.values(), default=now.date()) - timedelta(days=TREND_DAYS - 1)
    found = {}
    for place, by_day in Trends(web_context().store).arrivals(first, today).items():
        days = [by_day.get(today[place] - timedelta(days=back), {}) for back in range(TREND_DAYS - 1, -1, -1)]
        missed = [one.get(Figure.NOT_READY, 0) for one in days]
        if arrived := sum(sum(one.values()) for one in days):
            found[place] = Trend(missed, sum(missed), arrived)
    return found


# --- one property -----------------------------------------------------------------------------------------------------


def _now_page(one: KnownProperty, known: list[KnownProperty]) -> ResponseReturnValue:
    of = web_context()
    at = of.clock()
    beside = look_beside(of, known, with_accounts=False, connection=one.connection)
    beside.accounts = LockAccounts(of.store).of([(one.connection, one.property_id)])
    guests = guests_now(of, [one], at)[one.connection, one.property_id]
    here = of.connections[one.connection]
    rooms = rooms_of(of.store, [one], of.connections).get((one.connection, one.property_id), (0, 0, []))
    cards = cards_of(one, guests, here, beside, rooms, at)
    status = beside.statuses.get(one.connection)
    if one.connection not in beside.several and status is not None:
        shown = {each.stay.booking_id for each in (*guests.in_house, *guests.today, *guests.tomorrow)}
        needing = {each.stay.booking_id for each in guests.in_trouble}
        found = overview.of_runs(of, {one.connection: status}, shown, needing)
        cards = causes.in_order([*cards, *(causes.of_need(need, one) for need in found)], at)
    looks = Counter(each.look for each in guests.today)
    people = {id(each): each for card in cards for each in card.guests}.values()
    return render_template(
        "now.html",
        place=one if len(known) > 1 else None,
        of=one,
        at=at,
        cards=cards,
        number=sum(not card.is_remark for card in cards),
        guests=guests,
        looks=looks,
        status=status,
        running=next((run for run in History(of.store).running() if run.connection == one.connection), None),
        last_run=Runs(of.store).get(status.last_run) if status else None,
        never_ran=status is None or status.full_run is None,
        is_dead=of.scheduler_alive is not None and not of.scheduler_alive(),
        waiting=Inbox(of.store).backlog()[0],
        person=here.policy.person,
        heading=heading(
            sum(each.look == "broken" for each in people),
            sum(each.look == "unknown" for each in people),
            sum(not card.is_remark for card in cards),
            here.policy.person,
        ),
        shown=ARRIVALS_SHOWN,
        page="now",
    )


def _nothing_yet() -> ResponseReturnValue:
    """Before the first run has read any property."""
    of = web_context()
    statuses = StatusBook(of.store).all()
    running = {run.connection: run for run in History(of.store).running()}
    cards = [causes.of_need(need, None) for need in overview.not_kept(of, statuses, running)]
    return render_template(
        "nothing_yet.html",
        cards=causes.in_order(cards, of.clock()),
        names=list(of.connections),
        is_dead=of.scheduler_alive is not None and not of.scheduler_alive(),
        page="now",
    )


def heading(shut: int, unsure: int, cards: int, person: str) -> str:
    """The answer of a property's page."""
    if shut:
        return say_number(shut, "{who} cannot get in", "{who} cannot get in", who=people(shut, person))
    if unsure:
        return say_number(unsure, *UNSURE[person])
    if cards:
        return say_number(cards, "{number} thing needs a person", "{number} things need a person")
    return say("Everything is in step")
