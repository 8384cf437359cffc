"""Bookings for programs: search, one with all that is known of it, its PINs, and what waits for an approval."""

from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate

from reconciler.booking_look import look_at_booking, pins_of
from reconciler.readiness import arrival
from reconciler.two_truths import at_door, planned
from seam_workspace.errors import SeamError
from store.engine import row_of
from store.entries import Entries
from store.health import GrantHealth
from store.holds import Holds
from store.links import Links
from store.pending_revocations import PendingRevocations
from store.people import Role
from store.stays import Stays
from web import answers, booking_history
from web.access import caller, connection_named, known_zones, note, web_context
from web.api import PartArguments, blueprint
from web.bodies import instant, text
from web.closed_doors import closed_door
from web.held import TYPED_ABOVE, NotCounted, ask_for_approval
from web.picture import guests_of
from web.reports import ask_for_sync
from web.search import search


class SearchArguments(Schema):
    q = text(120, "room, initials, surname, reservation number, lock, id or key", required=True)


@blueprint.get("/bookings", role=Role.VIEWER)
@blueprint.arguments(SearchArguments, location="query")
@blueprint.response(200, answers.ArrivalSchema(many=True))
def bookings(arguments: dict[str, Any]) -> Any:
    """Search bookings."""
    of = web_context()
    found = search(of, arguments["q"].strip())
    return guests_of(of, found, known_zones())


@blueprint.get("/bookings/<connection>/<booking_id>", role=Role.VIEWER)
@blueprint.response(200, answers.BookingSchema)
@blueprint.refuses(404)
def booking(connection: str, booking_id: str) -> Any:
    """One booking: what the PMS says and what Seam has, both asked now, and its history."""
    of, context = connection_named(connection), web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    links = Links(context.store).of_bookings(of.name, [booking_id])
    moments = booking_history.history(
        context, of.name, booking_id, [link.key for link in links], caller().may(Role.ADMIN)
    )
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
            row_of(grant)
            | {
                "methods": [{"mode": one[0], "issued": one[1], "trouble": one[2]} for one in grant.methods],
                "doors": [{"name": one[0], "online": one[1]} for one in grant.doors],
            }
            for grant in look.grants
        ],
        "seam_trouble": look.seam_trouble,
        "history": moments,
    }


@blueprint.post("/bookings/<connection>/<booking_id>/sync", role=Role.OPERATOR)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404)
def sync_now(connection: str, booking_id: str) -> Any:
    """Has a booking looked at now."""
    ask_for_sync(connection_named(connection), booking_id)
    return {"accepted": True}


@blueprint.post("/bookings/<connection>/<booking_id>/pin", role=Role.OPERATOR)
@blueprint.response(200, answers.PinSchema(many=True))
@blueprint.refuses(404, 502)
def pin(connection: str, booking_id: str) -> Any:
    """The PINs of a booking, asked from Seam; who looked is noted before."""
    of, context = connection_named(connection), web_context()
    note("looked at the PIN", of.name, booking_id)
    workspace, now = context.workspace_of(of.name), context.clock()
    try:
        pins = pins_of(of.for_a_page(), workspace, context.store, booking_id, now)
        return [{"label": label, "pin": pin} for label, pin in pins]
    except SeamError:
        abort(502, "Seam cannot be asked at the moment.")


class HeldArguments(PartArguments):
    since = instant("held then, or later")
    until = instant("held before")


@blueprint.get("/held", role=Role.VIEWER)
@blueprint.arguments(HeldArguments, location="query")
@blueprint.response(200, answers.HeldSchema(many=True))
def held(arguments: dict[str, Any]) -> Any:
    """Revocations that wait for approval."""
    of, since, until = arguments["property_id"], arguments["since"], arguments["until"]
    return [
        one
        for one in Holds(web_context().store).waiting(arguments["connection"])
        if of in (None, one.hold.property_id)
        and (since is None or one.held_at >= since)
        and (until is None or one.held_at < until)
    ]


class ApprovalArguments(Schema):
    count = fields.Integer(
        load_default=None,
        allow_none=True,
        validate=validate.Range(1),
        metadata={"description": f"how many guests lose their access; needed for more than {TYPED_ABOVE}"},
    )


@blueprint.post("/held/<run_id>/approve", role=Role.OPERATOR)
@blueprint.arguments(ApprovalArguments, required=False)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404, 422)
def approve(arguments: dict[str, Any], run_id: str) -> Any:
    """Has what a run holds carried out; `accepted` is false where it holds nothing (any more)."""
    try:
        return {"accepted": ask_for_approval(run_id, str(arguments["count"]))}
    except NotCounted as problem:
        abort(422, f'{problem}: send {{"count": {problem.guests}}} to confirm.')
