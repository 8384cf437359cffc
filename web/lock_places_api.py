"""The locks of one property, for programs: who opened them, and which room each belongs to."""

from datetime import timedelta
from typing import Any

from flask import abort
from marshmallow import Schema, fields, validate

from store.engine import row_of
from store.entries import Entries
from store.people import Role
from web import answers, locks
from web.access import connection_named, note, web_context
from web.api import IDENTIFIER, blueprint
from web.bodies import text
from web.booking_history import LOOKED_AT_ENTRIES


class EntryArguments(Schema):
    connection = text(64, required=True)
    booking = text(255, IDENTIFIER)
    lock = text(64, "Seam's id of a lock")
    days = fields.Integer(load_default=7, validate=validate.Range(1, 366), metadata={"description": "of a lock"})


class PlaceArguments(Schema):
    rooms = fields.Dict(
        keys=fields.String(validate=validate.Length(1, 64)),
        values=fields.List(fields.String(validate=validate.Length(max=255)), validate=validate.Length(max=50)),
        required=True,
        validate=validate.Length(1, 1000),
    )


@blueprint.get("/entries", role=Role.OPERATOR)
@blueprint.arguments(EntryArguments, location="query")
@blueprint.response(200, answers.EntrySchema(many=True))
@blueprint.refuses(404, 422)
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


@blueprint.get("/locks/<connection>/<property_id>", role=Role.VIEWER)
@blueprint.response(200, answers.LockSchema(many=True))
@blueprint.refuses(404)
def locks_of_one(connection: str, property_id: str) -> Any:
    """The locks of a property: the rooms that they belong to, or what their names propose."""
    return [
        row_of(line.door)
        | {
            "state": line.state,
            "room_keys": [one.room_key for one in line.placements if one.room_key],
            "proposed_room_key": line.proposal.room_key if line.proposal is not None else None,
            "confidence": line.proposal.confidence if line.proposal is not None else None,
            "reason": line.proposal.reason if line.proposal is not None else None,
        }
        for line in locks.lock_placement(connection, property_id).view().lines
    ]


@blueprint.post("/locks/<connection>/<property_id>/place", role=Role.OPERATOR)
@blueprint.arguments(PlaceArguments)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404)
def place(arguments: dict[str, Any], connection: str, property_id: str) -> Any:
    """Says where locks belong: room keys by lock id. An empty text means no room, an empty list undecided."""
    locks.place(connection, property_id, arguments["rooms"])
    return {"accepted": True}


@blueprint.post("/locks/<connection>/<property_id>/apply", role=Role.OPERATOR)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404)
def apply(connection: str, property_id: str) -> Any:
    """Places the locks whose names leave no doubt; `accepted` is false where there are none."""
    return {"accepted": locks.place_sure(connection, property_id) > 0}
