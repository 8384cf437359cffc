"""A guest's card, encoded at the desk; and the encoders that there are. The same for pages and for programs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.outcomes import Kind
from mappers.sentences import say, sentence_of
from reconciler.cards import CannotEncode, CardDesk, Desk, Heard, told_of
from reconciler.encoders import PropertyEncoder, encoders_of
from reconciler.health import check_health, common_keys
from schedules.connections import Connection
from seam_workspace.errors import SeamError
from store.cards import CardEncoding
from store.links import Links
from store.people import Role
from store.properties import KnownProperty
from store.stays import Stays
from web.access import caller, connection_named, note, web_context, zone_of
from web.addresses import Pages
from web.closed_doors import CannotBeDone, unread_news
from web.languages import in_words
from web.lists import (
    A_PAGE,
    as_file,
    asked_for,
    filtered,
    is_called,
    page_of,
    places_to_choose,
    properties_asked,
)

blueprint = Pages("cards", __name__)
TOLD_FOR = timedelta(minutes=15)
"""So long a page says what came of the last card."""


def card_desk(of: Connection) -> CardDesk:
    context = web_context()
    return CardDesk(of.name, of.keys, context.workspace_of(of.name), context.store, unread_news(of))


def _time_zone(of: Connection, booking_id: str) -> str:
    context = web_context()
    stay = Stays(context.store).get(of.name, booking_id)
    return zone_of(of.name, stay.property_id if stay else None)


@contextmanager
def _asked_of_seam() -> Iterator[None]:
    """Where Seam cannot be asked, that is the answer: 502."""
    try:
        yield
    except SeamError as problem:
        raise CannotBeDone(502, say("Seam could not be asked: {problem}", problem=sentence_of(problem))) from None


def cards_of(of: Connection, booking_id: str) -> Desk:
    """The cards of a booking, and what can write them, as Seam says now. Shared with the API. Raises `CannotBeDone`:
    404 where nothing is known of the booking, 502 where Seam cannot be asked."""
    context = web_context()
    if not any(one.kind == Kind.ACCESS_GRANT for one in Links(context.store).of_bookings(of.name, [booking_id])):
        raise CannotBeDone(404, say("This booking has no access of which a card could be encoded."))
    with _asked_of_seam():
        return card_desk(of).look(booking_id, context.clock(), _time_zone(of, booking_id))


def encode_card(of: Connection, booking_id: str, key: str, encoder_id: str) -> CardEncoding:
    """Has an encoder write a card of this booking; what came of it says `follow_card`. Who asked is noted before.
    Shared with the API. Raises `CannotBeDone`: 409 where that may not be now, 502 where Seam refuses or cannot be
    asked."""
    context, desk = web_context(), card_desk(of)
    try:
        with _asked_of_seam():
            order = desk.order(booking_id, key, encoder_id, caller().name, context.clock(), _time_zone(of, booking_id))
    except CannotEncode as problem:
        raise CannotBeDone(409, problem.why) from None
    note("encodes a card", of.name, booking_id, order.encoder)
    try:
        heard = desk.send(order, context.clock())
    except SeamError as problem:
        note(
            "a card was not encoded",
            of.name,
            booking_id,
            say("{of}: {words}", of=order.encoder, words=sentence_of(problem)),
        )
        words = say("The card was not written at {encoder}: {why}.", encoder=order.encoder, why=sentence_of(problem))
        raise CannotBeDone(502, words) from None
    return _noted(of, heard)


def follow_card(of: Connection, booking_id: str, id: int) -> CardEncoding:
    """How an order stands, asked from Seam; 404 where the booking has no such one. Shared with the API. Raises
    `CannotBeDone`: 502 where Seam cannot be asked."""
    with _asked_of_seam():
        heard = card_desk(of).follow(id, booking_id, web_context().clock())
    if heard is None:
        raise CannotBeDone(404, say("This booking has no such card."))
    return _noted(of, heard)


def _noted(of: Connection, heard: Heard) -> CardEncoding:
    """What came of an order is in the audit log; where a card was written, the verdict is looked up anew."""
    order = heard.order
    if heard.is_news:
        done = {"written": "a card was encoded", "failed": "a card was not encoded"}
        note(done.get(order.outcome or "", "a card, perhaps encoded"), of.name, order.booking_id, told_of(order))
    if heard.is_news and order.is_written:
        context = web_context()
        # Where Seam cannot be asked now, the booking's page asks again.
        with suppress(SeamError):
            check_health(
                of.name,
                of.keys,
                context.workspace_of(of.name),
                context.store,
                order.property_id,
                [order.booking_id],
                context.clock,
                common=common_keys(of.keys, of.policy, order.property_id),
            )
    return order


@blueprint.get("/bookings/<connection>/<booking_id>/cards", role=Role.OPERATOR)
def cards(connection: str, booking_id: str) -> ResponseReturnValue:
    """The cards of a booking: how each is, and the encoder to write it at."""
    of, context = connection_named(connection), web_context()
    desk = Desk([], [])
    latest = _latest(of, booking_id)
    try:
        desk = cards_of(of, booking_id)
    except CannotBeDone as problem:
        if problem.status == 404:
            abort(404, in_words(problem.why))
        flash(in_words(problem.why), "danger")
    stay = Stays(context.store).get(of.name, booking_id)
    remembered = card_desk(of).book.last_encoder_of(stay.property_id if stay else "", caller().name)
    return render_template(
        "cards.html",
        connection=of.name,
        booking_id=booking_id,
        stay=stay,
        time_zone=_time_zone(of, booking_id),
        # Which she has used last stands before the others.
        cards=[(one, sorted(desk.encoders_for(one), key=lambda each: each.id != remembered)) for one in desk.cards],
        latest=latest,
        came=told_of(latest) if latest is not None else "",
        page="bookings",
    )


def _latest(of: Connection, booking_id: str) -> CardEncoding | None:
    """The last order for this booking, where it is under way or has just ended, as far as Seam can be asked now."""
    found = next(iter(card_desk(of).book.of_booking(booking_id)), None)
    if found is None or web_context().clock() - (found.ended_at or found.asked_at) > TOLD_FOR:
        return None
    if found.outcome is None:
        with suppress(CannotBeDone):
            return follow_card(of, booking_id, found.id)
    return found


@blueprint.post("/bookings/<connection>/<booking_id>/cards", role=Role.OPERATOR)
def encode(connection: str, booking_id: str) -> ResponseReturnValue:
    """Has a card written; the page says what came of it."""
    of = connection_named(connection)
    try:
        encode_card(of, booking_id, request.form.get("key", "")[:255], request.form.get("encoder", "")[:64])
    except CannotBeDone as problem:
        flash(in_words(problem.why), "danger")
    return redirect(url_for("cards.cards", connection=of.name, booking_id=booking_id))


@blueprint.get("/bookings/<connection>/<booking_id>/cards/<int(max=2147483647):order_id>/status", role=Role.OPERATOR)
def status(connection: str, booking_id: str, order_id: int) -> ResponseReturnValue:
    """For the page that waits: `pending`, or what came of it."""
    try:
        order = follow_card(connection_named(connection), booking_id, order_id)
    except CannotBeDone as problem:
        return {"status": "pending" if problem.status == 502 else "unknown"}
    return {"status": order.outcome or "pending"}


# --- encoders ---------------------------------------------------------------------------------------------------------


def encoders_asked(connection: str | None, name_or_id: str | None) -> list[PropertyEncoder]:
    """The encoders of these properties, asked from Seam. Shared with the API. Raises `SeamError`."""
    return _encoders(properties_asked(connection, name_or_id))


def _encoders(of: Sequence[KnownProperty]) -> list[PropertyEncoder]:
    context = web_context()
    customers: dict[str, dict[str, tuple[str, str]]] = {}
    for one in of:
        keys = context.connections[one.connection].keys
        customers.setdefault(keys.workspace, {})[keys.customer(one.property_id)] = (one.connection, one.property_id)
    found: list[PropertyEncoder] = []
    for workspace, mine in sorted(customers.items()):
        found += encoders_of(context.workspaces[workspace], mine)
    return found


@blueprint.get("/locks/encoders", role=Role.VIEWER)
def encoders() -> ResponseReturnValue:
    """What writes cards, by property. `q`: a part of the property's name; `format`: `csv` or `json` for a program."""
    asked, _before, form = asked_for("q", "connection")
    connection, _sign, property_id = asked["connection"].partition("/")
    places = {
        (one.connection, one.property_id): one
        for one in properties_asked(connection, property_id)
        if is_called(one, asked["q"])
    }
    found: list[PropertyEncoder] = []
    try:
        found = _encoders(list(places.values()))
    except SeamError as problem:
        flash(in_words(say("Seam could not be asked: {problem}", problem=sentence_of(problem))), "danger")
    if form:
        columns = ["connection", "property", "property id", "encoder", "encoder id", "lock system", "trouble"]
        rows = [
            (
                *(one.connection, places[one.connection, one.property_id].name, one.property_id),
                *(one.name, one.encoder_id, one.system, one.trouble),
            )
            for one in found
        ]
        return as_file(form, "encoders", columns, rows)
    number, shown = page_of(found, A_PAGE)
    return render_template(
        "encoders.html",
        encoders=[(one, places[one.connection, one.property_id]) for one in shown],
        asked=asked,
        number=len(found),
        page_number=number,
        a_page=A_PAGE,
        url=filtered("cards.encoders", asked),
        places=places_to_choose(),
        page="locks",
    )
