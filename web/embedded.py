"""The answer to "will her door open?" alone, for a tab in a PMS or an app of the house: no sign-in, but an address that
is signed, that is for one booking, and that expires.

Whoever may sync a booking may make such an address; what it shows is what a viewer sees of the verdict, and no PIN.
"""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Flask, Response, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import Schema, fields, validate

from mappers.sentences import say
from mappers.stay_window import local
from store.people import People, Role
from store.stays import Stays
from web.access import connection_named, known_zones, note, web_context, zone_of
from web.addresses import ApiBlueprint, Pages
from web.languages import gettext as _
from web.picture import guests_of

LONGEST = timedelta(days=1)
blueprint = Pages("embedded", __name__)
api = ApiBlueprint("embedded_api", "embedded", url_prefix="/api", description="The verdict for a tab in a PMS.")


class LastsSchema(Schema):
    minutes = fields.Integer(
        load_default=60,
        validate=validate.Range(1, int(LONGEST.total_seconds()) // 60),
        metadata={"description": "how long the address is good for"},
    )


class AddressSchema(Schema):
    url = fields.String(metadata={"description": "for an iframe, or a browser's tab"})
    expires_at = fields.AwareDateTime()


@api.post("/bookings/<connection>/<booking_id>/embed", role=Role.OPERATOR)
@api.arguments(LastsSchema)
@api.response(200, AddressSchema)
@api.refuses(404)
def make_address(arguments: dict[str, Any], connection: str, booking_id: str) -> Any:
    """An address that shows whether a booking's door opens, to whoever has it, until it expires."""
    of = web_context()
    connection_named(connection)
    expires_at = (of.clock() + timedelta(minutes=arguments["minutes"])).replace(microsecond=0)
    expires = int(expires_at.timestamp())
    signature = _signature(connection, booking_id, expires)
    path = url_for(
        "embedded.booking", connection=connection, booking_id=booking_id, expires=expires, signature=signature
    )
    stay = Stays(of.store).get(connection, booking_id)
    time_zone = zone_of(connection, stay.property_id if stay else None)
    until = say("until {at} ({zone})", at=local(expires_at, time_zone, of.clock()), zone=time_zone)
    note("made an address to embed", connection, booking_id, until)
    return {"url": f"{(of.public_url or request.host_url).rstrip('/')}{path}", "expires_at": expires_at}


@blueprint.get("/embed/booking/<connection>/<booking_id>")
def booking(connection: str, booking_id: str) -> ResponseReturnValue:
    """The verdict, as it is known now; the page asks again every half minute, until its address expires."""
    g.may_be_embedded = True
    of, now = web_context(), web_context().clock()
    expires = request.args.get("expires", "")
    signed = expires.isascii() and expires.isdecimal() and len(expires) < 12 and expires == str(int(expires))
    g.framed_by = of.embed_in
    right = signed and hmac.compare_digest(
        _signature(connection, booking_id, int(expires)).encode(),
        request.args.get("signature", "").encode("utf-8", "replace"),
    )
    if right and connection in of.connections:
        g.framed_by = of.embed_in_of.get(of.connections[connection].organisation, of.embed_in)
    if not right or datetime.fromtimestamp(int(expires), UTC) <= now or connection not in of.connections:
        return render_template("embedded.html", trouble=_("This view is over: open the booking anew.")), 403
    stay = Stays(of.store).get(connection, booking_id)
    if stay is None:
        trouble = _("No run has read this booking yet, or it ended long ago.")
        return render_template("embedded.html", trouble=trouble)
    zones = known_zones()
    (state,) = guests_of(of, [stay], zones, connection)
    zone = zones.get((connection, stay.property_id), "UTC")
    return render_template("embedded.html", stay=stay, state=state, time_zone=zone)


def _signature(connection: str, booking_id: str, expires: int) -> str:
    """Of one address: another booking, connection or time has another one."""
    secret = People(web_context().store).secret("embedding")
    of = "\n".join((str(len(connection)), connection, booking_id, str(expires)))
    return hmac.new(secret.encode(), of.encode("utf-8", "surrogatepass"), sha256).hexdigest()


def let_in(app: Flask) -> None:
    """Lets pages of the origins that the settings name for its organisation show the view in a frame; no other page of
    ours is ever shown in one. To be called before the other headers are set up, so that this comes after them."""

    @app.after_request
    def frame(response: Response) -> Response:
        origins = g.get("framed_by")
        if g.get("may_be_embedded") and origins:
            policy = response.headers.get("Content-Security-Policy", "")
            ancestors = f"frame-ancestors {' '.join(origins)}"
            response.headers["Content-Security-Policy"] = policy.replace("frame-ancestors 'none'", ancestors)
            response.headers.pop("X-Frame-Options", None)
        if g.get("may_be_embedded"):
            # The address is a secret: it goes to nobody.
            response.headers["Referrer-Policy"] = "no-referrer"
        return response
