"""Cards and encoders for programs: as the pages have them."""

from typing import Any

from flask import abort
from marshmallow import Schema, fields

from reconciler.cards import told_of
from seam_workspace.errors import SeamError
from store.cards import CardEncoding
from store.engine import row_of
from store.people import Role
from web import answers
from web.access import connection_named
from web.addresses import ApiBlueprint
from web.bodies import text
from web.cards import cards_of, encode_card, encoders_asked, follow_card
from web.closed_doors import refused_by_status

blueprint = ApiBlueprint("cards_api", "cards_api", url_prefix="/api", description="Cards, and what writes them.")


class EncodersArguments(Schema):
    connection = fields.String(load_default=None)
    property = fields.String(load_default=None, metadata={"description": "the PMS's id, or its name"})


class EncodeArguments(Schema):
    key = text(255, "`key` of the card: whose it is", required=True)
    encoder = text(64, "`encoder_id` of one that it names", required=True)


@blueprint.get("/encoders", role=Role.VIEWER)
@blueprint.arguments(EncodersArguments, location="query")
@blueprint.response(200, answers.EncoderSchema(many=True))
@blueprint.refuses(502)
def encoders(arguments: dict[str, Any]) -> Any:
    """What writes cards, by property; asked from Seam: three calls for one property, two a workspace for all."""
    try:
        return encoders_asked(arguments["connection"], arguments["property"])
    except SeamError as problem:
        abort(502, f"Seam could not be asked: {problem}")


@blueprint.get("/bookings/<connection>/<booking_id>/cards", role=Role.OPERATOR)
@blueprint.response(200, answers.CardSchema(many=True))
@blueprint.refuses(404, 502)
def cards(connection: str, booking_id: str) -> Any:
    """The cards of a booking, one a person with access: how each is by what Seam says now, and what can write it."""
    with refused_by_status():
        desk = cards_of(connection_named(connection), booking_id)
    return [
        row_of(one)
        | {
            "may_be_encoded": one.may_be_encoded,
            "encoders": [{"encoder_id": each.id, "name": each.name} for each in desk.encoders_for(one)],
        }
        for one in desk.cards
    ]


@blueprint.post("/bookings/<connection>/<booking_id>/cards", role=Role.OPERATOR)
@blueprint.arguments(EncodeArguments)
@blueprint.response(202, answers.CardEncodingSchema)
@blueprint.refuses(404, 409, 502)
def encode(arguments: dict[str, Any], connection: str, booking_id: str) -> Any:
    """Has an encoder write a card, where it may be encoded now. The answer comes at once: ask for the order by its `id`
    until it has an `outcome`."""
    with refused_by_status():
        return _said(encode_card(connection_named(connection), booking_id, arguments["key"], arguments["encoder"]))


@blueprint.get("/bookings/<connection>/<booking_id>/cards/<int(max=2147483647):order_id>", role=Role.OPERATOR)
@blueprint.response(200, answers.CardEncodingSchema)
@blueprint.refuses(404, 502)
def card_order(connection: str, booking_id: str, order_id: int) -> Any:
    """What has become of an order to write a card."""
    with refused_by_status():
        return _said(follow_card(connection_named(connection), booking_id, order_id))


def _said(order: CardEncoding) -> dict[str, Any]:
    return row_of(order) | {"sentence": told_of(order)}
