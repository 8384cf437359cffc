"""The page Alerts: what is open and what has ended, each with its property; as a page, CSV or JSON."""

from collections.abc import Sequence

from flask import Blueprint, jsonify, render_template
from flask.typing import ResponseReturnValue

from store.accounts import LockAccounts
from store.alerts import KINDS, Alert, AlertBook
from store.people import Role
from store.properties import KnownProperty
from web.access import needs, web_context
from web.lists import A_PAGE, AT_MOST, as_file, asked_for, filtered, subjects_of
from web.overview import WORDS_OF_ALERTS

blueprint = Blueprint("alerts", __name__)
NAMES = {kind: WORDS_OF_ALERTS.get(kind, "Booking") for kind in KINDS}
"""What the kinds are called."""
STATES = {"open": True, "ended": False}


@blueprint.get("/alerts")
@needs(Role.VIEWER)
def alerts() -> ResponseReturnValue:
    """Open alerts, then those that have ended. `format`: `csv` or `json` for a program."""
    of = web_context()
    asked, before, form = asked_for("state", "kind", "connection")
    found = AlertBook(of.store).recent(
        AT_MOST if form else A_PAGE + 1,
        connection=asked["connection"] or None,
        kind=asked["kind"] if asked["kind"] in KINDS else None,
        is_open=STATES.get(asked["state"]),
        before=before,
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
        return as_file(form, "alerts", columns, cells)
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

    url = filtered("alerts.alerts", asked)
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
    about = subjects_of((one.connection, one.subject) for one in found if one.kind == "booking")
    accounts = {(one.connection, one.account_id): one.property_id for one in LockAccounts(web_context().store).all()}
    places = {}
    for alert in found:
        if alert.kind == "booking":
            place = about.place(alert.connection, alert.subject)
        else:
            of_account = accounts.get((alert.connection, alert.subject)) if alert.kind == "account" else None
            place = about.place(alert.connection, property_id=of_account or alert.subject)
        if place is not None:
            places[alert.id] = place
    return places
