"""What a program can do from here for somebody before a closed door: as the pages do."""

from typing import Any

from marshmallow import Schema, fields, validate

from store.people import Role
from store.spare_keys import spare_keys_of_all
from web import answers
from web.access import connection_named, web_context
from web.addresses import ApiBlueprint
from web.bodies import text
from web.closed_doors import ask_for_new_pin, refused_by_status, spare_key, unlock_door

blueprint = ApiBlueprint("closed_doors_api", "closed_doors_api", url_prefix="/api", description="Before a closed door.")
_CONFIRMED = fields.Boolean(
    required=True,
    validate=validate.Equal(True),
    metadata={"description": "true: whoever asks has read what it will do (`confirm` of the step)"},
)


class UnlockArguments(Schema):
    lock = text(64, "`door_id` of the step", required=True)
    confirmed = _CONFIRMED


class NewPinArguments(Schema):
    confirmed = _CONFIRMED


class SpareKeyArguments(Schema):
    room = text(200, "`room` of the step", required=True)
    reason = text(200, "kept with who was shown it", required=True)


@blueprint.post("/bookings/<connection>/<booking_id>/unlock", role=Role.OPERATOR)
@blueprint.arguments(UnlockArguments)
@blueprint.response(200, answers.UnlockingSchema)
@blueprint.refuses(404, 409, 502)
def unlock(arguments: dict[str, Any], connection: str, booking_id: str) -> Any:
    """Has a lock of a booking open now, where its `still_closed` offers that. It opens for whoever stands there."""
    with refused_by_status():
        came, sentence = unlock_door(connection_named(connection), booking_id, arguments["lock"])
    return {"opened": came.opened, "confirmed": came.confirmed, "sentence": sentence}


@blueprint.post("/bookings/<connection>/<booking_id>/new-pin", role=Role.OPERATOR)
@blueprint.arguments(NewPinArguments)
@blueprint.response(202, answers.AcceptedSchema)
@blueprint.refuses(404, 409)
def new_pin(arguments: dict[str, Any], connection: str, booking_id: str) -> Any:
    """Has a booking's access made anew with another PIN, where its `still_closed` offers that."""
    with refused_by_status():
        ask_for_new_pin(connection_named(connection), booking_id)
    return {"accepted": True}


@blueprint.post("/bookings/<connection>/<booking_id>/spare-key", role=Role.OPERATOR)
@blueprint.arguments(SpareKeyArguments)
@blueprint.response(200, answers.ShownSpareKeySchema)
@blueprint.refuses(404, 409, 502)
def show_spare_key(arguments: dict[str, Any], connection: str, booking_id: str) -> Any:
    """The PIN of a spare key, where `still_closed` offers one; that you were shown it, and why, is in the audit log."""
    with refused_by_status():
        pin, until = spare_key(connection_named(connection), booking_id, arguments["room"], arguments["reason"])
    return {"room": arguments["room"], "pin": pin, "valid_until": until}


@blueprint.get("/spare-keys", role=Role.OPERATOR)
@blueprint.response(200, answers.SpareKeySchema(many=True))
def spare_keys() -> Any:
    """Spare keys: which lie ready, who was shown one and why, which were used. Never a PIN."""
    of = web_context()
    return [one for one in spare_keys_of_all(of.store) if one.connection in of.connections]
