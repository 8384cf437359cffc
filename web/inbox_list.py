"""The page Inbox: what PMSs, Seam and staff have asked to be looked at, what was sent, and what came of it."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from mappers.sentences import also_in_english, say, say_number
from store.inbox import PUT_OFF, REPLAYED, Delivery, Inbox
from store.people import Role
from web.access import back_to, caller, note, web_context
from web.addresses import Pages
from web.held import TYPED_ABOVE
from web.languages import gettext as _
from web.languages import ngettext
from web.lists import (
    A_PAGE,
    AT_MOST,
    AT_ONCE,
    Subjects,
    all_of_it,
    as_file,
    asked_for,
    filtered,
    part_asked,
    subjects_of,
)
from web.overview import DELIVERIES, delivery_state

blueprint = Pages("inbox", __name__)
FILTER = ("source", "state", "kind", "connection", "from", "to")
SOURCES = {"pms": "PMS", "seam": "Seam", "staff": say("staff")}
ASKED_BY_STAFF: dict[str, str] = {
    "sync now": also_in_english("sync now", "Sync now"),
    "approve": also_in_english("approve", "Approve"),
    "new PIN": also_in_english("new PIN", "New PIN"),
    "place locks": also_in_english("place locks", "Place locks"),
}
"""What staff's deliveries are called."""
ATTEMPTS = {
    PUT_OFF: say("put off, to be tried again"),
    REPLAYED: say("asked for once more"),
    **DELIVERIES,
}
"""What came of an attempt, where that is not in the words of a delivery."""


@blueprint.get("/inbox", role=Role.VIEWER)
def inbox() -> ResponseReturnValue:
    """Deliveries, the newest first. `format`: `csv` or `json` for a program."""
    asked, before, form = asked_for(*FILTER)
    part, box = part_asked(asked), Inbox(web_context().store)
    wanted: dict[str, Any] = {name: asked[name] for name in ("source", "state", "kind")} | part.wanted
    if form:
        columns = ["id", "received (UTC)", "from", "connection", "property", "kind", "bookings", "state", "note", "run"]

        def behind(last: Delivery | None) -> list[Delivery]:
            return box.page(before=last.id if last else before, limit=AT_ONCE, **wanted)

        def rows() -> Iterator[Sequence[Any]]:
            for several in all_of_it(behind):
                about = _about(several)
                for one in several:
                    bookings = list(one.subjects.get("bookings", []))
                    place = about.place(one.connection, bookings[0] if bookings else None, one.property_id)
                    what = (place.name if place else None, one.kind, " ".join(bookings), delivery_state(one))
                    came = (str(one.id), one.received_at, one.source, one.connection)
                    yield (*came, *what, one.note, one.run_id)

        return as_file(form, "inbox", columns, rows())

    listed = box.page(before=before, limit=A_PAGE + 1, **wanted)
    return render_template(
        "inbox.html",
        # What failed stands before the others.
        deliveries=sorted(listed[:A_PAGE], key=lambda one: one.outcome != "failed"),
        more=listed[A_PAGE - 1].id if len(listed) > A_PAGE else None,
        number=_number_handled(asked) if caller().may(Role.OPERATOR) else 0,
        above=TYPED_ABOVE,
        about=_about(listed),
        asked=asked,
        part=part,
        url=filtered("inbox.inbox", asked),
        sources=SOURCES,
        by_staff=ASKED_BY_STAFF,
        is_filtered=any(asked.values()) or before is not None,
        backlog=box.backlog(),
        page="inbox",
    )


def _about(several: Sequence[Delivery]) -> Subjects:
    return subjects_of((one.connection, id_) for one in several for id_ in one.subjects.get("bookings", []))


def _handled(asked: dict[str, str]) -> list[Delivery]:
    """What a filter shows and has been dealt with: only that can be replayed. At most `AT_MOST`."""
    if asked["state"] == "waiting":
        return []
    return Inbox(web_context().store).page(limit=AT_MOST, **_filter_of_handled(asked))


def _number_handled(asked: dict[str, str]) -> int:
    if asked["state"] == "waiting":
        return 0
    return Inbox(web_context().store).number(AT_MOST, **_filter_of_handled(asked))


def _filter_of_handled(asked: dict[str, str]) -> dict[str, Any]:
    wanted: dict[str, Any] = {name: asked[name] for name in ("source", "kind")} | part_asked(asked).wanted
    return wanted | {"state": asked["state"] or "handled"}


@blueprint.get("/inbox/<int(max=2147483647):delivery_id>", role=Role.VIEWER)
def delivery(delivery_id: int) -> ResponseReturnValue:
    """One delivery: what was sent, and every attempt at it."""
    box = Inbox(web_context().store)
    found, payload = delivery_of(delivery_id), box.payload(delivery_id)
    bookings = list(found.subjects.get("bookings", []))
    about = subjects_of((found.connection, one) for one in bookings)
    place = about.place(found.connection, bookings[0] if bookings else None, found.property_id)
    return render_template(
        "delivery.html",
        delivery=found,
        payload=None if payload is None else json.dumps(payload, indent=2, ensure_ascii=False),
        attempts=box.attempts(delivery_id),
        words_of=ATTEMPTS,
        bookings=[(one, about.stay(found.connection, one)) for one in bookings],
        sources=SOURCES,
        by_staff=ASKED_BY_STAFF,
        place_of_delivery=place,
        time_zone=place.time_zone if place else "UTC",
        page="inbox",
    )


def delivery_of(delivery_id: int) -> Delivery:
    """As far as the caller may see it in the role that this asks for; 404 otherwise. Shared with the API."""
    return Inbox(web_context().store).get(delivery_id) or abort(404, _("There is no such delivery (any more)."))


@blueprint.post("/inbox/<int(max=2147483647):delivery_id>/replay", role=Role.OPERATOR)
def replay(delivery_id: int) -> ResponseReturnValue:
    """Looks once more at what a delivery named."""
    ask_for_replay([delivery_of(delivery_id)])
    return back_to(_("Night Porter looks at it once more."), "info", "inbox.delivery", delivery_id=delivery_id)


@blueprint.post("/inbox/replay", role=Role.OPERATOR)
def replay_all() -> ResponseReturnValue:
    """Looks once more at all that a filter shows and that has been dealt with."""
    asked = {name: request.form.get(name, "")[:128].strip() for name in FILTER}
    found = _handled(asked)
    back = redirect(filtered("inbox.inbox", asked)())
    number = len(found)
    if not found:
        flash(_("There is nothing to replay: what waits is looked at anyway."), "warning")
    elif number > TYPED_ABOVE and request.form.get("number", "").strip() != str(number):
        what = ngettext(
            "%(num)s delivery would be looked at once more",
            "%(num)s deliveries would be looked at once more",
            number,
        )
        flash(_("%(what)s: type %(number)s to confirm. Nothing was done.", what=what, number=str(number)), "danger")
    else:
        ask_for_replay(found, " ".join(f"{name}={value}" for name, value in asked.items() if value) or "all")
        flash(
            ngettext(
                "Night Porter looks at %(num)s delivery once more.",
                "Night Porter looks at %(num)s deliveries once more.",
                number,
            ),
            "info",
        )
    return back


def ask_for_replay(deliveries: Collection[Delivery], of: str | None = None) -> None:
    """`of`: what was asked for, where that is many. What a caller may not change, she has not been given. Shared with
    the API."""
    context = web_context()
    Inbox(context.store).replay(deliveries, caller().name, context.clock())
    by_connection: dict[str | None, list[Delivery]] = {}
    for one in deliveries:
        by_connection.setdefault(one.connection, []).append(one)
    for connection, mine in by_connection.items():
        if of is None:
            note("replayed a delivery", connection, str(mine[0].id), mine[0].kind)
        else:
            note(
                "replayed deliveries",
                connection,
                None,
                say_number(len(mine), "{number} delivery: {of}", "{number} deliveries: {of}", of=of),
            )
        context.enqueue(connection)
