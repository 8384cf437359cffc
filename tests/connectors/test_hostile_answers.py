"""Vendors that answer with nonsense: whatever comes, a connector reads records, tells what is broken, or says that it
could not read. It never stops at a defect of its own, and what it hands on can be used.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.connector import Connector
from connectors.errors import PmsError, PmsUnreachable
from connectors.ports import BookingsRead, NotUnderstood, WebhookNews
from connectors.records import BrokenRecord, DoorCode, Property
from tests.connectors.test_sparse_answers import VENDORS, WINDOW
from tests.every_day import each_value
from tests.world import START

DEEP: Any = {}
for _ in range(200):
    DEEP = [{"Id": DEEP}]
HOSTILE: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    1.5,
    10**30,
    10**4000,
    1e308,
    float("inf"),
    float("nan"),
    "",
    " ",
    "0",
    "?",
    "\ud83d",
    "a\0b",
    "\u202eabc",
    "null",
    "x" * 5000,
    "Teleported",
    "2026-09-31",
    "0000-00-00",
    "0001-01-01",
    "9999-12-31",
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-12:00",
    "9999-12-31T23:59:59Z",
    "P99999999999Y",
    "P0M0DT1e999S",
    [],
    {},
    [None],
    [[]],
    [{}],
    {"": None},
    {"Id": {"Id": []}},
    {"en": ["x"]},
    DEEP,
)


def nodes(document: Any, inside: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every value of a document."""
    yield inside
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield from nodes(value, (*inside, key))


def spoiled(document: Any, luck: random.Random) -> Any:
    """The document with something in it that nobody expects."""
    document = copy.deepcopy(document)
    for _ in range(luck.choice((1, 1, 2, 5))):
        path = luck.choice(list(nodes(document)))
        if not path:
            if luck.random() < 0.1:
                return luck.choice(HOSTILE)
            continue
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        key, value = path[-1], holder[path[-1]]
        match luck.randrange(6):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(value, str):
                holder[key] = luck.choice((value.upper(), value.lower(), f" {value} ", value[:-1], value + "\ud83d"))
            case 2 if isinstance(value, str) and value.isdigit():
                holder[key] = int(value)
            case 3 if isinstance(value, int):
                holder[key] = str(value)
            case 4 if isinstance(value, list):
                holder[key] = [*value, *value] if luck.random() < 0.5 else dict(enumerate(value))
            case _:
                holder[key] = copy.deepcopy(luck.choice(HOSTILE))
    return document


class Liar:
    """A simulated PMS whose answers are spoiled on their way, as luck has it."""

    def __init__(self, vendor: str):
        self.world, self.pms = VENDORS[vendor](Path(mkdtemp()))
        self.pms.rate_limit = None
        self.connector: Connector = self.world.connector
        self.of: Property = self.connector.reader().read_properties()[0]
        self.honest = self.connector.reader().bookings_within(self.of, WINDOW)
        self.lie: Callable[[bytes], bytes] | None = None
        handle = self.pms.handle

        def told(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            answer = handle(method, path, query, headers, body)
            if self.lie is None or not answer.body or "token" in path:
                return answer
            return replace(answer, body=self.lie(answer.body))

        self.pms.handle = told

    def questions(self) -> list[Callable[[], Any]]:
        connector, of = self.connector, self.of
        ids = [one.id for one in self.honest.bookings]
        guests = sorted(self.honest.guests)
        room = next(one.room_id for one in self.honest.bookings if one.room_id is not None)
        code = DoorCode(ids[0], ids[0], room, START, START + timedelta(days=2), pin="4821")
        return [
            connector.reader().read_properties,
            connector.check,
            lambda: connector.reader().read_rooms(of),
            lambda: connector.reader().known_rooms(of, ["1", "x"]),
            lambda: connector.reader().bookings_within(of, WINDOW),
            lambda: connector.reader().bookings_changed(of, WINDOW),
            lambda: connector.reader().bookings_by_id(of, ids),
            lambda: connector.reader().read_guests(of, guests),
            lambda: connector.reader().changed_rooms(of, WINDOW),
            lambda: connector.reader().changed_guests(of, WINDOW),
            lambda: connector.door_codes.write(of, {ids[0]: [code]}, "token"),
            lambda: connector.door_codes.write(of, {ids[0]: [code]}, "note"),
            connector.webhooks.subscriptions,
        ]


_liars: dict[str, Liar] = {}


def liar_of(vendor: str) -> Liar:
    if vendor not in _liars:
        _liars[vendor] = Liar(vendor)
    return _liars[vendor]


def ask_everything(liar: Liar) -> None:
    for question in liar.questions():
        try:
            answer = question()
        except PmsError:
            continue
        if isinstance(answer, BookingsRead):
            check(answer)


def check(read: BookingsRead) -> None:
    for booking in read.bookings:
        for one in (booking.id, *booking.guest_ids, *([booking.room_id] if booking.room_id is not None else [])):
            assert isinstance(one, str), booking
            assert one.isprintable(), booking
            assert 0 < len(one) <= 200, booking
        for moment in (booking.arrival, booking.departure, booking.actual_arrival):
            if isinstance(moment, datetime):
                assert moment.utcoffset() == timedelta(0), booking
            assert moment is None or isinstance(moment, date), booking
        assert set(booking.child_ids) <= set(booking.guest_ids)
    for broken in read.broken:
        assert isinstance(broken, BrokenRecord)
        assert broken.id.isprintable(), broken
        assert broken.reason.isprintable(), broken
    for guest_id, guest in read.guests.items():
        assert guest.id == guest_id
        assert all(isinstance(one, str | None) for one in (guest.first_name, guest.last_name, guest.email, guest.phone))


def tell_lies(vendor: str, seed: int) -> None:
    liar, luck = liar_of(vendor), random.Random(seed)
    share = luck.choice((0.2, 0.6, 1.0))

    def lie(body: bytes) -> bytes:
        return json.dumps(spoiled(json.loads(body), luck)).encode() if luck.random() < share else body

    liar.lie = lie
    try:
        ask_everything(liar)
    finally:
        liar.lie = None


@pytest.mark.parametrize("vendor", VENDORS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=8)
def test_whatever_a_vendor_answers_is_read_told_or_refused(vendor: str, seed: int) -> None:
    tell_lies(vendor, seed)


@pytest.mark.slow
@pytest.mark.parametrize("vendor", VENDORS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=1500)
def test_whatever_a_vendor_answers_for_long_is_read_told_or_refused(vendor: str, seed: int) -> None:
    tell_lies(vendor, seed)


NO_ANSWERS: dict[str, bytes] = {
    "a page": b"<html>Maintenance</html>",
    "one brace": b"{",
    "cut off": b'{"Reservations": [{"Id": "',
    "lists in lists": b"[" * 20_000,
    "maps in maps": b'{"a":' * 10_000,
    "no text": b"\xff\xfe",
    "nothing": b"null",
    "no number": b"NaN",
    "a long number": b"1" * 10_000,
    "words": b'"text"',
    "a zero byte": b"\0",
}


@each_value(vendor=list(VENDORS), body=list(NO_ANSWERS))
def test_an_answer_that_is_no_answer_is_an_error_in_words(vendor: str, body: str) -> None:
    liar = liar_of(vendor)
    liar.lie = lambda _: NO_ANSWERS[body]
    try:
        with pytest.raises(PmsUnreachable):
            liar.connector.reader().bookings_within(liar.of, WINDOW)
        ask_everything(liar)
    finally:
        liar.lie = None


WEBHOOKS: dict[str, Any] = {
    "mews": {
        "EnterpriseId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": "0f515589-99b4-423d-b83a-b237009f0509"}}],
    },
    "apaleo": {
        "topic": "Reservation",
        "type": "changed",
        "id": "eb1c6b1e",
        "propertyId": "MUC",
        "data": {"entityId": "XPGMSXGF-1"},
    },
    "cloudbeds": {
        "event": "reservation/dates_changed",
        "propertyID": 210001,
        "propertyID_str": "210001",
        "reservationID": "8176000000001",
        "subReservations": [],
    },
    "buildium": {"EventName": "Lease.Updated", "EventDateTime": "2026-01-01T00:00:00Z", "AccountId": 1, "LeaseId": 9},
}


@pytest.mark.parametrize("vendor", VENDORS)
@given(seed=st.integers(0, 2**32))
@settings(max_examples=60)
def test_whatever_a_webhook_says_is_news_nothing_or_not_understood(vendor: str, seed: int) -> None:
    document = json.loads(json.dumps(spoiled(WEBHOOKS[vendor], random.Random(seed))))
    try:
        news = liar_of(vendor).connector.webhooks.read(document)
    except NotUnderstood:
        return
    assert news is None or isinstance(news, WebhookNews)
    assert news is None or all(isinstance(one, str) for ids in news.subjects.values() for one in ids)
