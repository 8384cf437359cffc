"""The search: stays by whatever somebody at a desk knows of a guest. Each way in which one is found has an index of its
own, so that it takes as long among a million stays as among some hundred."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, String, and_, case, func, literal, literal_column, or_, select, tuple_

from mappers.outcomes import Kind
from store.engine import CHUNK, Database, among, chunks, one_of
from store.stays import STAYS, Stay, folded
from store.tables import doors, links, outcomes, placements, properties, runs, stay_rooms, stays, surnames

MOST_FOUND = 50
"""A search shows no more bookings than this."""
MOST_PLACES = CHUNK
"""Rooms, or grants, whose bookings are looked for where words only resemble their names."""
FEW_ROOMS = 8
"""Names of rooms, of however many properties, by which their stays are looked for."""
ROOM_WORDS = frozenset(
    {
        *("room", "rm", "apartment", "apt", "flat", "unit", "suite", "no", "nr"),
        *("zimmer", "zi", "wohnung", "chambre", "ch", "appartement", "camera", "cam", "appartamento"),
        *("habitación", "habitacion", "hab", "piso", "quarto", "kamer", "rum", "værelse", "rom", "huone"),
        *("pokój", "pokoj", "szoba"),
    }
)
"""What people say before a room's number, in the languages of desks."""
BOOKING_WORDS = frozenset(
    {
        *("booking", "reservation", "confirmation", "bkg", "res", "conf", "number", "nummer"),
        *("buchung", "reservierung", "réservation", "reserva", "prenotazione", "reservering", "rezerwacja"),
    }
)
"""And before a booking's."""


def _said(words: frozenset[str]) -> str:
    """A pattern of these words, the longest first, as they stand before a number, also without a space between."""
    return rf"(?:{'|'.join(sorted(words, key=lambda one: (-len(one), one)))})(?:[.:]\s*|\s+|(?=[#\d]))"


_BEFORE = re.compile(rf"\A(?:{_said(ROOM_WORDS | BOOKING_WORDS)}|#\s*)+", re.IGNORECASE)
_AMONG = re.compile(rf"(?<!\w)(?:{_said(ROOM_WORDS)})?#?\s*(?=\d)", re.IGNORECASE)
_INITIALS = r"([^\W\d_])[.\s]*([^\W\d_])[.]?"


def search(
    store: Database,
    words: str,
    now: datetime,
    limit: int = MOST_FOUND,
    by_surname: Collection[str] = (),
    exact_alone: bool = False,
) -> list[Stay]:
    """Stays by initials in any form, room, reservation number, booking id, a grant's key, a companion's initials, a
    lock's name, or surname, as whoever has somebody at the desk wants them. `by_surname`: the hashes of the words at
    each property (`store.surnames`); `exact_alone`: where something is just this, nothing that only resembles it.

    A room, a number, a key or a name that is just this comes before what only resembles it; who may have access before
    who may not; then who is here, who comes (the next one first), and who has left (the last one first). Raises
    `StoreFailed`.
    """
    text = words.strip()
    if not text:
        return []
    found: dict[tuple[str, str], tuple[Any, Stay]] = {}
    for is_exact, ways in ((True, _exactly), (False, _nearly)):
        if len(found) >= limit or (exact_alone and found):
            break  # Whatever comes now stands behind them.
        for way in ways(store, text, by_surname):
            for row in store.rows(STAYS.where(way).order_by(*_in_order(now)).limit(limit)):
                stay = Stay(*row)
                place = (not is_exact, *_place(stay, now))
                found.setdefault((stay.connection, stay.booking_id), (place, stay))
    return [stay for _, stay in sorted(found.values(), key=lambda one: one[0])][:limit]


def number_in(text: str) -> str:
    """What somebody calls a room or a booking, without the words that are said before it: "618" of "Room 618", "rm618",
    "#618" and "618.", "1001" of "booking no. 1001"; the text itself where there are none."""
    return _BEFORE.sub("", text.strip(), count=1).rstrip(" .,;:") or text.strip()


def connections_that_know(store: Database, ids: Collection[str], keys: Collection[str]) -> set[str]:
    """The names of the connections of which a property, a booking, anything that was made or a line of a run has one of
    these ids or keys. Asks as often for thousands of connections as for one. Raises `StoreFailed`."""
    one_of_keys, one_of_ids = (partial(one_of, store.dialect, values=each) for each in (keys, ids))
    of_lines = or_(one_of_keys(outcomes.c.key), one_of_ids(outcomes.c.booking_id))
    questions = (
        select(properties.c.connection).where(one_of_ids(properties.c.property_id)),
        select(stays.c.connection).where(or_(one_of_ids(stays.c.booking_id), one_of_ids(stays.c.number))),
        select(links.c.connection).where(one_of_keys(links.c.key)),
        select(runs.c.connection).join(outcomes, outcomes.c.run_id == runs.c.run_id).where(of_lines),
    )
    found: set[str] = set()
    with store.reading() as db:
        for question in questions:
            found.update(db.execute(question.distinct()).scalars())
    return found


def initials_in(text: str) -> str | None:
    """ "L.M." of "L M", "lm", "L.M." and "l. m."; with a room before or behind them "L.M. 618", also of "LM618" and of
    "room 618, LM"; None where it can be none."""
    plain = _AMONG.sub(" ", text.strip()).strip()
    if found := re.fullmatch(rf"{_INITIALS}(?:[\s,]+(\S*\d\S*)|(\d\S*))?", plain):
        first, last, room = found[1], found[2], found[3] or found[4]
    elif found := re.fullmatch(rf"(\S*\d[^\s,]*)[\s,]+{_INITIALS}", plain):
        room, first, last = found.groups()
    else:
        return None
    letters = f"{first.upper()}.{last.upper()}."
    return f"{letters} {room}" if room else letters


_booking = (stays.c.connection, stays.c.booking_id)
_room = (stays.c.connection, stays.c.property_id, stays.c.room)


def _exactly(store: Database, text: str, by_surname: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """What is just this."""
    names = sorted({text, number_in(text)})
    yield or_(stays.c.number.in_(names), stays.c.booking_id == text, stays.c.room.in_(names))
    its = or_(links.c.key == text, links.c.seam_id == text, links.c.user_identity_key == text)
    yield from _in(_booking, store, select(links.c.connection, links.c.booking_id).where(its))
    if by_surname:
        named = select(surnames.c.connection, surnames.c.booking_id)
        yield tuple_(*_booking).in_(named.where(one_of(store.dialect, surnames.c.hash, by_surname)))


def _nearly(store: Database, text: str, by_surname: Collection[str]) -> Iterator[ColumnElement[bool]]:
    """What resembles it."""
    initials = initials_in(text)
    yield or_(
        _begins(store, stays.c.number, text),
        *(_begins(store, stays.c.label, one) for one in sorted({text, text.upper()})),
    )
    if initials is not None:
        # The room behind them in whatever letters.
        letters, _, room = initials.partition(" ")
        labelled = [
            and_(_begins(store, of.c.label, letters), of.c.label.istartswith(initials, autoescape=True))
            if room
            else _begins(store, of.c.label, letters)
            for of in (stays, links)
        ]
        if room or letters not in (text, text.upper()):
            yield labelled[0]
        companion = select(links.c.connection, links.c.booking_id).where(links.c.kind == Kind.ACCESS_GRANT, labelled[1])
        yield from _in(_booking, store, companion)
    columns = (stay_rooms.c.connection, stay_rooms.c.property_id, stay_rooms.c.room)
    yield from _in(_room, store, select(*columns).where(stay_rooms.c.folded.contains(folded(text), autoescape=True)))
    if len(text) > 2:
        of_room = and_(
            links.c.connection == placements.c.connection,
            links.c.kind == Kind.SPACE,
            links.c.key == placements.c.room_key,
        )
        rooms = select(links.c.connection, links.c.property_id, links.c.label)
        rooms = rooms.select_from(placements.join(links, of_room))
        named = select(doors.c.connection, doors.c.property_id, doors.c.door_id)
        lock = (placements.c.connection, placements.c.property_id, placements.c.door_id)
        # By themselves: joined, SQLite would read all placements for a name.
        for locks in _in(lock, store, named.where(func.lower(doors.c.name) == text.lower())):
            yield from _in(_room, store, rooms.where(locks))


def _in(what: Sequence[Any], store: Database, of: Select[Any]) -> Iterator[ColumnElement[bool]]:
    """That it is among what this question finds. Asked for by itself, so that whoever may see a part only is found all
    that is there."""
    found = {tuple(row) for row in store.rows(of.limit(MOST_PLACES)) if None not in row}
    for chunk in chunks(sorted(found)):
        those = among(store.dialect, what, chunk)
        rooms = {row[2] for row in chunk} if what is _room else set()
        if not store.is_sqlite and 0 < len(rooms) <= FEW_ROOMS:
            # Or it would read all stays of each property that has one of them.
            those = and_(one_of(store.dialect, stays.c.room, rooms), those)
        yield those


def _begins(store: Database, column: Any, text: str) -> ColumnElement[bool]:
    """That it begins with these letters as they are, in the words in which an index answers it."""
    if not store.is_sqlite:
        # Its backslash is known without being told; told, the index would not be found.
        return column.like(re.sub(r"([%_\\])", r"\\\1", text) + "%")  # type: ignore[no-any-return]
    last = ord(text[-1]) + 1
    begins = _rare(column >= literal(text, String))
    if last > 0x10FFFF:
        return begins
    after = text[:-1] + chr(0xE000 if 0xD800 <= last < 0xE000 else last)
    return and_(begins, _rare(column < literal(after, String)))


def _rare(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The same, and SQLite knows that it is true of few: it would rather read all stays of whoever may see a part."""
    return func.likelihood(condition, literal_column("0.001"))


def _in_order(now: datetime) -> list[ColumnElement[Any]]:
    is_over = stays.c.ends_at <= now
    return [
        stays.c.access == "none",
        case((is_over, 2), (stays.c.starts_at <= now, 0), else_=1),
        case((is_over, stays.c.ends_at)).desc(),
        stays.c.starts_at.nulls_last(),
        stays.c.label,
    ]


def _place(stay: Stay, now: datetime) -> tuple[Any, ...]:
    """The same order."""
    begins, ends = (at.timestamp() if at else None for at in (stay.starts_at, stay.ends_at))
    is_over = ends is not None and ends <= now.timestamp()
    when = 2 if is_over else 0 if begins is not None and begins <= now.timestamp() else 1
    left = -(ends or 0) if is_over else 0
    return stay.access == "none", when, left, begins is None, begins or 0, stay.label
