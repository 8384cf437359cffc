"""The report as JSON, for programs: the same data as the pages, documented by OpenAPI.

With an API token (`Authorization: Bearer np_...`) or a session. All times are UTC, ISO 8601. What can be read
stands in one file, as it stands in one document; what changes connections, doors and receivers has files of its own.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from flask import Flask, abort, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api
from flask_smorest.pagination import PaginationParameters
from marshmallow import Schema, fields, validate

from reconciler.booking_look import look_at_booking, pins_of
from reconciler.lock_health import LockState
from reconciler.locks_report import LockReport
from reconciler.readiness import arrival
from reconciler.two_truths import at_door, planned
from seam_workspace.errors import SeamError
from store.accounts import LockAccounts
from store.alerts import AlertBook, AlertState
from store.entries import Entries
from store.health import GrantHealth
from store.history import History
from store.holds import Holds
from store.inbox import Inbox
from store.links import Links
from store.pending_revocations import PendingRevocations
from store.people import People, Role
from store.properties import Properties
from store.runs import Runs
from store.stays import Stays
from web import alert_list, answers, closed_doors_api, connections_api, embedded, locks, overview, receivers_api
from web.access import caller, connection_named, needs, note, web_context
from web.bodies import ApiBlueprint, is_in_our_time
from web.closed_doors import closed_door
from web.costs import costs_of
from web.inbox_list import ask_for_replay, delivery_of
from web.lists import properties_asked
from web.overview import LOOKED_AT_ENTRIES
from web.picture import guests_of
from web.reports import ask_for_approval, ask_for_sync
from web.search import search
from web.trends import trends_of

blueprint = ApiBlueprint("api", "api", url_prefix="/api", description="The reconciliation report.")
IDENTIFIER = "the PMS's id"
T = TypeVar("T")
A_PAGE, LONGEST_PAGE = 100, 500
"""Properties."""


class SearchArguments(Schema):
    q = fields.String(
        required=True,
        validate=validate.Length(1, 120),
        metadata={"description": "room, initials, surname, reservation number, lock, id or key"},
    )


class PlaceArguments(Schema):
    rooms = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.List(fields.String(validate=validate.Length(max=255)), validate=validate.Length(max=50)),
        required=True,
        validate=validate.Length(1, 1000),
    )


class RunArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    before = fields.AwareDateTime(
        load_default=None,
        validate=is_in_our_time,
        metadata={"description": "only runs that began earlier"},
    )
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class ItemArguments(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=100))
    outcome = fields.String(load_default=None, validate=validate.OneOf(sorted(overview.OUTCOMES)))
    kind = fields.String(load_default=None, validate=validate.OneOf(sorted(overview.KINDS)))
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 10_000))


class InboxArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property_id = fields.String(
        load_default=None, data_key="property", validate=validate.Length(1, 128), metadata={"description": IDENTIFIER}
    )
    source = fields.String(load_default=None, validate=validate.OneOf(["pms", "seam", "staff"]))
    state = fields.String(
        load_default=None, validate=validate.OneOf(["waiting", "handled", "done", "ignored", "failed"])
    )
    kind = fields.String(
        load_default=None, validate=validate.Length(1, 80), metadata={"description": "or a part of it"}
    )
    since = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "received then, or later"}
    )
    until = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "received before"}
    )
    before = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class EntryArguments(Schema):
    connection = fields.String(required=True, validate=validate.Length(1, 64))
    booking = fields.String(load_default=None, validate=validate.Length(1, 255), metadata={"description": IDENTIFIER})
    lock = fields.String(
        load_default=None, validate=validate.Length(1, 64), metadata={"description": "Seam's id of a lock"}
    )
    days = fields.Integer(load_default=7, validate=validate.Range(1, 366), metadata={"description": "of a lock"})


class CostArguments(Schema):
    month = fields.String(
        load_default=None, validate=validate.Length(1, 7), metadata={"description": "as 2026-11; default: this one"}
    )
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property = fields.String(
        load_default=None, validate=validate.Length(1, 128), metadata={"description": "the PMS's id, or the name"}
    )


class TrendArguments(Schema):
    days = fields.Integer(load_default=90, validate=validate.Range(1, 400), metadata={"description": "up to today"})
    month = fields.String(
        load_default=None, validate=validate.Length(1, 7), metadata={"description": "as 2026-11, instead of `days`"}
    )
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property = fields.String(
        load_default=None,
        validate=validate.Length(1, 128),
        metadata={"description": "the PMS's id, or a part of the name"},
    )
    pms = fields.String(load_default=None, validate=validate.Length(1, 64), metadata={"description": "the connector"})
    organisation = fields.String(load_default=None, validate=validate.Length(1, 64))


class PropertyArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property = fields.String(
        load_default=None, validate=validate.Length(1, 128), metadata={"description": "the PMS's id, or the name"}
    )


class LockHealthArguments(PropertyArguments):
    state = fields.String(load_default=None, validate=validate.OneOf([one.value for one in LockState]))


class AlertArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property_id = fields.String(
        load_default=None, data_key="property", validate=validate.Length(1, 128), metadata={"description": IDENTIFIER}
    )
    kind = fields.String(load_default=None, validate=validate.Length(1, 20))
    state = fields.String(load_default=None, validate=validate.OneOf([one.value for one in AlertState]))
    assigned_to = fields.String(load_default=None, validate=validate.Length(1, 64))
    since = fields.AwareDateTime(
        load_default=None, validate=is_in_our_time, metadata={"description": "open then, or later"}
    )
    until = fields.AwareDateTime(load_default=None, validate=is_in_our_time, metadata={"description": "begun before"})
    before = fields.Integer(
        load_default=None,
        validate=validate.Range(1, 2**31 - 1),
        metadata={"description": "only those after this one (its id), in the order of the answer"},
    )
    limit = fields.Integer(load_default=100, validate=validate.Range(1, 500))


class AssignArguments(Schema):
    to = fields.String(
        required=True, validate=validate.Length(max=64), metadata={"description": "a user; empty: nobody any more"}
    )


class SilenceArguments(Schema):
    until = fields.AwareDateTime(
        required=True,
        validate=is_in_our_time,
        metadata={"description": "at most 31 days from now; now or before: it is silenced no longer"},
    )
    why = fields.String(load_default="", validate=validate.Length(max=alert_list.LONGEST_WHY))


class AuditArguments(Schema):
    connection = fields.String(load_default=None, validate=validate.Length(1, 64))
    property_id = fields.String(
        load_default=None, data_key="property", validate=validate.Length(1, 128), metadata={"description": IDENTIFIER}
    )
    who = fields.String(load_default=None, validate=validate.Length(1, 80))
    action = fields.String(
        load_default=None, validate=validate.Length(1, 40), metadata={"description": "or a part of it"}
    )
    target = fields.String(load_default=None, validate=validate.Length(1, 255))
    since = fields.AwareDateTime(load_default=None, validate=is_in_our_time)
    until = fields.AwareDateTime(load_default=None, validate=is_in_our_time)
    before = fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1))
    limit = fields.Integer(load_default=200, validate=validate.Range(1, 500))


class DriftArguments(Schema):
    days = fields.Integer(load_default=14, validate=validate.Range(1, 90))


@blueprint.route("/now")
@needs(Role.VIEWER)
@blueprint.arguments(PropertyArguments, location="query")
@blueprint.response(200, answers.NowSchema)
@blueprint.paginate(page_size=A_PAGE, max_page_size=LONGEST_PAGE)
def now(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """Is everything in step; who arrives; what needs a person. Of so many properties as a page has: what concerns a
    connection as a whole is told beside its first property."""
    of, known = web_context(), properties_asked(arguments["connection"], arguments["property"])
    page = _page(known, pagination_parameters)
    first = {one.connection: one for one in reversed(known)}
    told = {one.connection for one in page if first[one.connection] is one}
    if pagination_parameters.page == 1 and arguments["property"] is None:
        # A connection that has no property yet may be what is wrong.
        asked = of.connections.keys() if arguments["connection"] is None else {arguments["connection"]}
        told |= asked - first.keys()
    return overview.now_view(of, page, told)


def _page(several: Sequence[T], parameters: PaginationParameters) -> Sequence[T]:
    """How many there are is told in the answer's `X-Pagination`."""
    parameters.item_count = len(several)
    return several[parameters.first_item : parameters.last_item + 1]


@blueprint.route("/runs")
@blueprint.arguments(RunArguments, location="query")
@blueprint.response(200, answers.RunSchema(many=True))
@needs(Role.VIEWER)
def runs(arguments: dict[str, Any]) -> Any:
    """Runs, newest first."""
    return History(web_context().store).runs(
        connection=arguments["connection"], before=arguments["before"], limit=arguments["limit"]
    )


@blueprint.route("/runs/<run_id>")
@blueprint.response(200, answers.RunSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def run(run_id: str) -> Any:
    """One run."""
    return Runs(web_context().store).get(run_id) or abort(404, "No such run is stored.")


@blueprint.route("/runs/<run_id>/items")
@blueprint.arguments(ItemArguments, location="query")
@blueprint.response(200, answers.ItemSchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def run_items(arguments: dict[str, Any], run_id: str) -> Any:
    """The lines of a run: every change with its reason and outcome."""
    if Runs(web_context().store).get(run_id) is None:
        abort(404, "No such run is stored.")
    lines, _ = History(web_context().store).outcomes_page(
        run_id,
        words=arguments["q"],
        outcome=arguments["outcome"],
        kind=arguments["kind"],
        limit=arguments["limit"],
    )
    return lines


@blueprint.route("/bookings")
@blueprint.arguments(SearchArguments, location="query")
@blueprint.response(200, answers.ArrivalSchema(many=True))
@needs(Role.VIEWER)
def bookings(arguments: dict[str, Any]) -> Any:
    """Search bookings."""
    of = web_context()
    found = search(of, arguments["q"].strip())
    return guests_of(of, found, Properties(of.store).zones())


@blueprint.route("/bookings/<connection>/<booking_id>")
@blueprint.response(200, answers.BookingSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def booking(connection: str, booking_id: str) -> Any:
    """One booking: what the PMS says and what Seam has, both asked now, and its history."""
    of, context = connection_named(connection), web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    links = Links(context.store).of_bookings(of.name, [booking_id])
    moments = overview.history(context, of.name, booking_id, [link.key for link in links], caller().may(Role.ADMIN))
    if stay is None and not links and not moments:
        abort(404, "Nothing is known of this booking.")
    look = look_at_booking(of.for_a_page(), context.workspace_of(of.name), context.store, booking_id, context.clock())
    healths = GrantHealth(context.store).of(of.name, [booking_id])
    pending = PendingRevocations(context.store).of(context.clock(), of.name, [booking_id])
    state = arrival(stay, healths, context.clock(), look.time_zone, pending) if stay else None
    answer = look.answer(stay, healths, context.clock(), pending)
    return {
        "stay": stay,
        "state": state.state if state else None,
        "why": state.why if state else None,
        "verdict": answer.verdict,
        "cause": answer.cause,
        "sentence": answer.sentence,
        "planned": planned(stay, look.grants),
        "at_door": at_door(look.grants, pending, context.clock(), look.time_zone, look.seam_trouble),
        "still_closed": closed_door(of, booking_id, answer.verdict, answer.cause),
        "first_entry": Entries(context.store).first_of(of.name, [booking_id]).get(booking_id),
        "time_zone": look.time_zone,
        "pms": [
            {"heading": heading, "lines": [{"name": name, "value": value} for name, value in lines]}
            for heading, lines in look.pms
        ],
        "grants": [
            {
                "key": grant.key,
                "starts_at": grant.starts_at,
                "ends_at": grant.ends_at,
                "rooms": grant.rooms,
                "state": grant.state,
                "why": grant.why,
                "verdict": grant.verdict,
                "cause": grant.cause,
                "sentence": grant.sentence,
                "being_deleted": grant.being_deleted,
                "methods": [{"mode": one[0], "issued": one[1], "trouble": one[2]} for one in grant.methods],
                "doors": [{"name": one[0], "online": one[1]} for one in grant.doors],
            }
            for grant in look.grants
        ],
        "seam_trouble": look.seam_trouble,
        "history": moments,
    }


@blueprint.route("/bookings/<connection>/<booking_id>/sync", methods=["POST"])
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def sync_now(connection: str, booking_id: str) -> Any:
    """Has a booking looked at now."""
    ask_for_sync(connection_named(connection), booking_id)
    return {"accepted": True}


@blueprint.route("/bookings/<connection>/<booking_id>/pin", methods=["POST"])
@blueprint.response(200, answers.PinSchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@blueprint.alt_response(502, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def pin(connection: str, booking_id: str) -> Any:
    """The PINs of a booking, asked from Seam; who looked is noted before."""
    of, context = connection_named(connection), web_context()
    note("looked at the PIN", of.name, booking_id)
    try:
        return [
            {"label": label, "pin": pin}
            for label, pin in pins_of(of.for_a_page(), context.workspace_of(of.name), context.store, booking_id)
        ]
    except SeamError:
        abort(502, "Seam cannot be asked at the moment.")


@blueprint.route("/held")
@blueprint.response(200, answers.HeldSchema(many=True))
@needs(Role.VIEWER)
def held() -> Any:
    """Revocations that wait for approval."""
    return Holds(web_context().store).waiting()


@blueprint.route("/held/<run_id>/approve", methods=["POST"])
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def approve(run_id: str) -> Any:
    """Has what a run holds carried out; `accepted` is false where it holds nothing (any more)."""
    return {"accepted": ask_for_approval(run_id)}


@blueprint.route("/inbox")
@blueprint.arguments(InboxArguments, location="query")
@blueprint.response(200, answers.DeliverySchema(many=True))
@needs(Role.VIEWER)
def inbox(arguments: dict[str, Any]) -> Any:
    """Webhook deliveries and staff's wishes, newest first."""
    return Inbox(web_context().store).page(**arguments)


@blueprint.route("/inbox/<int(max=2147483647):delivery_id>")
@blueprint.response(200, answers.DeliveryLookSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def delivery(delivery_id: int) -> Any:
    """One delivery: what was sent, without people and secrets, and every attempt at it, the newest first."""
    box = Inbox(web_context().store)
    return {
        "delivery": delivery_of(delivery_id),
        "payload": box.payload(delivery_id),
        "attempts": box.attempts(delivery_id),
    }


@blueprint.route("/inbox/<int(max=2147483647):delivery_id>/replay", methods=["POST"])
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def replay(delivery_id: int) -> Any:
    """Looks once more at what a delivery named."""
    ask_for_replay([delivery_of(delivery_id)])
    return {"accepted": True}


@blueprint.route("/drift")
@blueprint.arguments(DriftArguments, location="query")
@blueprint.response(200, answers.HappenedSchema(many=True))
@needs(Role.VIEWER)
def drift(arguments: dict[str, Any]) -> Any:
    """What was found different in Seam, and what is ours there and gone in the PMS."""
    of = web_context()
    return History(of.store).drift(of.clock() - timedelta(days=arguments["days"]), limit=1000)


@blueprint.route("/alerts")
@blueprint.arguments(AlertArguments, location="query")
@blueprint.response(200, answers.AlertSchema(many=True))
@needs(Role.VIEWER)
def alerts(arguments: dict[str, Any]) -> Any:
    """Alerts: what nobody sees to yet, then what is acknowledged, then what has ended; the newest of each first."""
    of = web_context()
    return AlertBook(of.store).recent(of.clock(), **arguments)


@blueprint.route("/alerts/<int(max=2147483647):alert_id>")
@blueprint.response(200, answers.AlertSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def alert(alert_id: int) -> Any:
    """One alert."""
    return alert_list.alert_of(alert_id)


@blueprint.route("/alerts/<int(max=2147483647):alert_id>/history")
@blueprint.response(200, answers.AlertLineSchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def alert_history(alert_id: int) -> Any:
    """What happened to an alert, the oldest first: who was told, who acknowledged, assigned or silenced it."""
    alert_list.alert_of(alert_id)
    return AlertBook(web_context().store).history(alert_id)


@blueprint.route("/alerts/<int(max=2147483647):alert_id>/acknowledge", methods=["POST"])
@blueprint.response(200, answers.AlertSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@blueprint.alt_response(409, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def acknowledge_alert(alert_id: int) -> Any:
    """Says that somebody sees to it: whoever has not been told yet is not told any more."""
    return _acted(alert_id, lambda: alert_list.acknowledge_alert(alert_id))


@blueprint.route("/alerts/<int(max=2147483647):alert_id>/assign", methods=["POST"])
@needs(Role.OPERATOR)
@blueprint.arguments(AssignArguments)
@blueprint.response(200, answers.AlertSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@blueprint.alt_response(409, schema=answers.SentenceSchema)
def assign_alert(arguments: dict[str, Any], alert_id: int) -> Any:
    """Says who sees to it."""
    return _acted(alert_id, lambda: alert_list.assign_alert(alert_id, arguments["to"]))


@blueprint.route("/alerts/<int(max=2147483647):alert_id>/silence", methods=["POST"])
@needs(Role.OPERATOR)
@blueprint.arguments(SilenceArguments)
@blueprint.response(200, answers.AlertSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@blueprint.alt_response(409, schema=answers.SentenceSchema)
def silence_alert(arguments: dict[str, Any], alert_id: int) -> Any:
    """Keeps all channels quiet about it until then; a reason is needed. It stays in lists."""
    return _acted(alert_id, lambda: alert_list.silence_alert(alert_id, arguments["until"], arguments["why"]))


def _acted(alert_id: int, act: Callable[[], str]) -> Any:
    try:
        act()
    except alert_list.CannotBeDone as problem:
        abort(409, str(problem))
    return alert_list.alert_of(alert_id)


@blueprint.route("/audit-log")
@blueprint.arguments(AuditArguments, location="query")
@blueprint.response(200, answers.AuditEntrySchema(many=True))
@needs(Role.ADMIN)
def audit_log(arguments: dict[str, Any]) -> Any:
    """Who approved, synced, or looked at a PIN; the newest first."""
    return People(web_context().store).audit_entries(**arguments)


@blueprint.route("/locks")
@needs(Role.VIEWER)
@blueprint.arguments(PropertyArguments, location="query")
@blueprint.response(200, answers.PropertyLocksSchema(many=True))
@blueprint.paginate(page_size=A_PAGE, max_page_size=LONGEST_PAGE)
def locks_of_all(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """Every property's lock systems, and how many of its locks have found their room."""
    of, page = (
        web_context(),
        _page(properties_asked(arguments["connection"], arguments["property"]), pagination_parameters),
    )
    places = [(one.connection, one.property_id) for one in page]
    accounts, found = LockAccounts(of.store).of(places), overview.locks_summaries_of(of, page)
    return [
        {"property": one, "accounts": accounts.get(place, []), "locks": found[place]}
        for one, place in zip(page, places, strict=True)
    ]


@blueprint.route("/locks/health")
@needs(Role.VIEWER)
@blueprint.arguments(LockHealthArguments, location="query")
@blueprint.response(200, answers.LockHealthSchema(many=True))
@blueprint.paginate(page_size=LONGEST_PAGE, max_page_size=2 * LONGEST_PAGE)
def locks_health(arguments: dict[str, Any], pagination_parameters: PaginationParameters) -> Any:
    """How the locks are, the worst of each property first: battery, connection, what is wrong, whose access it is."""
    state, numbers, found = arguments["state"], locks.states(), list[LockReport]()
    first, last, before = pagination_parameters.first_item, pagination_parameters.last_item, 0
    for one in properties_asked(arguments["connection"], arguments["property"]):
        mine = numbers.get((one.connection, one.property_id), {})
        number = sum(mine.values()) if state is None else mine.get(state, 0)
        if number and before <= last and before + number > first:
            listed = [lock for lock in locks.health_of_one(one) if state in (None, lock.state)]
            found += listed[max(0, first - before) : last + 1 - before]
        before += number
    pagination_parameters.item_count = before
    return found


@blueprint.route("/costs")
@needs(Role.ADMIN)
@blueprint.arguments(CostArguments, location="query")
@blueprint.response(200, answers.CostsSchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
def costs(arguments: dict[str, Any]) -> Any:
    """What a month costs, by property: calls, PINs made, days of PINs, webhooks; with a forecast of this month."""
    return costs_of(arguments["month"], arguments["connection"], arguments["property"])


@blueprint.route("/trends")
@needs(Role.VIEWER)
@blueprint.arguments(TrendArguments, location="query")
@blueprint.response(200, answers.TrendsSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
def trends(arguments: dict[str, Any]) -> Any:
    """How it went: arrivals ready when due, time from a change to the door, why it was not ready, hours offline."""
    return trends_of(arguments, arguments["days"], arguments["month"])


@blueprint.route("/entries")
@needs(Role.OPERATOR)
@blueprint.arguments(EntryArguments, location="query")
@blueprint.response(200, answers.EntrySchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@blueprint.alt_response(422, schema=answers.SentenceSchema)
def entries(arguments: dict[str, Any]) -> Any:
    """Who opened a lock, or was refused by it: by a booking, or at a lock; the newest first. That you looked is in the
    audit log."""
    of, context = connection_named(arguments["connection"]), web_context()
    if (arguments["booking"] is None) == (arguments["lock"] is None):
        abort(422, "Give the booking, or the lock: one of the two.")
    note(LOOKED_AT_ENTRIES, of.name, arguments["booking"] or arguments["lock"])
    if arguments["booking"] is not None:
        return Entries(context.store).of_booking(of.name, arguments["booking"])
    since = context.clock() - timedelta(days=arguments["days"])
    return Entries(context.store).at_doors(of.name, [arguments["lock"]], since)


@blueprint.route("/locks/<connection>/<property_id>")
@blueprint.response(200, answers.LockSchema(many=True))
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.VIEWER)
def locks_of_one(connection: str, property_id: str) -> Any:
    """The locks of a property: the rooms that they belong to, or what their names propose."""
    return [
        {
            "door_id": line.door.door_id,
            "name": line.door.name,
            "system": line.door.system,
            "online": line.door.online,
            "state": line.state,
            "room_keys": [one.room_key for one in line.placements if one.room_key],
            "proposed_room_key": line.proposal.room_key if line.proposal is not None else None,
            "confidence": line.proposal.confidence if line.proposal is not None else None,
            "reason": line.proposal.reason if line.proposal is not None else None,
        }
        for line in locks.lock_placement(connection, property_id).view().lines
    ]


@blueprint.route("/locks/<connection>/<property_id>/place", methods=["POST"])
@needs(Role.OPERATOR)
@blueprint.arguments(PlaceArguments)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
def place(arguments: dict[str, Any], connection: str, property_id: str) -> Any:
    """Says where locks belong: room keys by lock id. An empty text means no room, an empty list undecided."""
    locks.place(connection, property_id, arguments["rooms"])
    return {"accepted": True}


@blueprint.route("/locks/<connection>/<property_id>/apply", methods=["POST"])
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.alt_response(404, schema=answers.SentenceSchema)
@needs(Role.OPERATOR)
def apply(connection: str, property_id: str) -> Any:
    """Places the locks whose names leave no doubt; `accepted` is false where there are none."""
    return {"accepted": locks.place_sure(connection, property_id) > 0}


class _Api(Api):
    """Errors are ours: one sentence."""

    ERROR_SCHEMA = answers.SentenceSchema


def register_api(app: Flask) -> None:
    """The blueprint, its OpenAPI document at /api/openapi.json, and a page for people at /api/docs."""
    app.config.update(
        API_TITLE="Night Porter",
        API_VERSION=app.extensions["nightporter"].version,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _Api(
        app,
        spec_kwargs={
            "info": {"description": "The reconciliation report, for programs. Send an API token, or sign in."},
            "security": [{"token": []}],
        },
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for one in (
        blueprint,
        connections_api.blueprint,
        closed_doors_api.blueprint,
        receivers_api.blueprint,
        embedded.api,
    ):
        api.register_blueprint(one)

    @app.get("/api/docs")
    @needs(Role.VIEWER)
    def api_docs() -> ResponseReturnValue:
        """The OpenAPI document as a page."""
        return render_template("api_docs.html", spec=api.spec.to_dict(), page="api")
