"""The page Alerts: what is open and what has ended, each with its property; as a page, CSV or JSON."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from reconciler.spreadsheet import as_csv
from store.accounts import LockAccounts
from store.alerts import KINDS, Alert, AlertBook
from store.people import Role
from store.properties import KnownProperty
from store.stays import Stays
from web.access import known_properties, needs, web_context
from web.overview import WORDS_OF_ALERTS

blueprint = Blueprint("alerts", __name__)
A_PAGE = 50
AT_MOST = 2000
"""Lines of a file."""
NAMES = {kind: WORDS_OF_ALERTS.get(kind, "Booking") for kind in KINDS}
"""What the kinds are called."""
STATES = {"open": True, "ended": False}


@blueprint.get("/alerts")
@needs(Role.VIEWER)
def alerts() -> ResponseReturnValue:
    """Open alerts, then those that have ended. `format`: `csv` or `json` for a program."""
    of = web_context()
    asked = {name: request.args.get(name, "")[:128] for name in ("state", "kind", "connection")}
    form = request.args.get("format")
    before = request.args.get("before", type=int)
    found = AlertBook(of.store).recent(
        AT_MOST if form in ("csv", "json") else A_PAGE + 1,
        connection=asked["connection"] or None,
        kind=asked["kind"] if asked["kind"] in KINDS else None,
        is_open=STATES.get(asked["state"]),
        before=before if before is not None and 0 < before < 2**31 else None,
    )
    places = places_of(found)
    if form == "csv":
        columns = ["began (UTC)", "ended (UTC)", "property", "kind", "what"]
        cells = [
            (
                one.began_at.isoformat(),
                one.ended_at.isoformat() if one.ended_at else None,
                _name(one, places),
                NAMES.get(one.kind, one.kind),
                one.text,
            )
            for one in found
        ]
        text = as_csv(columns, cells)
        return Response(text, mimetype="text/csv", headers={"Content-Disposition": 'attachment; filename="alerts.csv"'})
    if form == "json":
        return jsonify(
            [
                {
                    "id": one.id,
                    "began_at": one.began_at.isoformat(),
                    "ended_at": one.ended_at.isoformat() if one.ended_at else None,
                    "property": _name(one, places),
                    "connection": one.connection,
                    "kind": one.kind,
                    "text": one.text,
                }
                for one in found
            ]
        )

    def url(**changed: Any) -> str:
        return url_for("alerts.alerts", **{name: value for name, value in (asked | changed).items() if value})

    return render_template(
        "alerts.html",
        alerts=[(one, places.get(one.id)) for one in found[:A_PAGE]],
        more=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        asked=asked,
        url=url,
        names=NAMES,
        connections=sorted(of.connections),
        is_filtered=any(asked.values()) or before is not None,
        page="alerts",
    )


def _name(one: Alert, places: dict[int, KnownProperty]) -> str:
    return places[one.id].name if one.id in places else one.connection


def places_of(found: Sequence[Alert]) -> dict[int, KnownProperty]:
    """The property of each alert (by its id) that is one property's: the only one of its connection, or the one that it
    is about."""
    of, known = web_context(), {(one.connection, one.property_id): one for one in known_properties()}
    by_connection: dict[str, list[KnownProperty]] = {}
    for one in known.values():
        by_connection.setdefault(one.connection, []).append(one)
    bookings: dict[str, set[str]] = {}
    for alert in found:
        if alert.kind == "booking":
            bookings.setdefault(alert.connection, set()).add(alert.subject)
    stays = {
        (stay.connection, stay.booking_id): stay.property_id
        for connection, ids in bookings.items()
        for stay in Stays(of.store).by_id(connection, ids)
    }
    accounts = {(one.connection, one.account_id): one.property_id for one in LockAccounts(of.store).all()}
    places = {}
    for alert in found:
        alone = by_connection.get(alert.connection, [])
        about = (alert.connection, alert.subject)
        property_id = {"booking": stays, "account": accounts}.get(alert.kind, {}).get(about, alert.subject)
        place = known.get((alert.connection, property_id)) or (alone[0] if len(alone) == 1 else None)
        if place is not None:
            places[alert.id] = place
    return places
