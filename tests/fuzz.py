"""Every parser of foreign input, fuzzed for so many minutes: `python -m tests.fuzz [MINUTES]` (`make fuzz MINUTES=60`).

Each parser has its share of the time. What a parser may do with anything at all: return, or refuse in its own words.
The first input that it does anything else with is printed, made as short as it can be, and the exit code is 1. The
last line says how many inputs each parser has seen.
"""

import csv
import io
import json
import os
import random
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from connectors.door_codes import MARKED_NOTE
from connectors.errors import PmsError
from connectors.formats.calendars.calendar import read_calendar
from connectors.formats.calendars.lines import NoCalendar
from connectors.formats.code_pages import decoded
from connectors.formats.time_zones import UnknownZone, zone_named
from connectors.phones import phone_in
from connectors.plain_text import plain
from connectors.ports import NotUnderstood
from connectors.shown_clock import shown_time
from connectors.snapshots.files.connector import FilesConnector
from connectors.words.not_a_stay import standing
from connectors.words.statuses import Statuses
from connectors.words.text_fields import fields_of, time_in
from lock_names.tokens import plain_name, tokens_of
from mappers.access_grants import booking_access
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.user_identities import e164
from seam_workspace.errors import without_contacts
from seam_workspace.failures import retry_after
from seam_workspace.webhook import NoEvent, SignatureWrong, verify
from tests.connectors.test_hostile_answers import WEBHOOKS, liar_of, spoiled, tell_lies
from tests.connectors.test_hostile_texts import ANY_LINE, HOUSE
from tests.connectors.test_sparse_answers import VENDORS
from tests.night import SEAM_SECRET
from tests.test_files_and_feeds import Calendars, Export
from tests.world import START

SIGNS = "0123456789+-()/. xX*#,;:@<>&=%\\\"'\n\r\t\0aAzZäßŁ名\u00a0\u200b\u202e\u0301\ud83d\U0001f600"
TEXT = st.one_of(st.text(max_size=300), st.text(st.sampled_from(SIGNS), max_size=300))
LINES = st.tuples(st.lists(ANY_LINE, max_size=40), st.sampled_from(["\n", "\r\n", "\r"])).map(
    lambda one: one[1].join(one[0])
)


DATES = st.one_of(
    TEXT,
    st.from_regex(r"\A(Mon, )?[0-3][0-9] (Jan|Dec) [0-9]{1,12} [0-9]{2}:[0-9]{2}:[0-9]{2} (GMT|[+-][0-9]{4,6})\Z"),
    st.floats().map(str),
)


def calendar(text: str) -> None:
    for zone in (HOUSE, ZoneInfo("Pacific/Kiritimati")):
        with suppress(NoCalendar):
            for event in read_calendar(f"BEGIN:VCALENDAR\n{text}".encode("utf-8", "surrogatepass"), None, zone).events:
                standing(event.summary, event.description, event.status, categories=event.categories, busy=event.busy)


_CELLS = st.one_of(
    TEXT.map(lambda text: text[:40]),
    st.sampled_from(
        [
            *(
                "booking_id",
                "room_id",
                "arrival",
                "departure",
                "status",
                "name",
                "guest_id",
                "nights",
                "R1",
                "1",
                "#count",
            ),
            *(
                "2026-09-20",
                "20.09.2026",
                "09/20/26",
                "2026-09-20T15:00:00Z",
                "46285",
                "Confirmed",
                "storniert",
                "Ann Lee",
            ),
        ]
    ),
)
_ROW = ["1", "R1", "2026-09-20", "2026-09-22", "Confirmed", "Ann Lee"]
_NEARLY = st.dictionaries(st.integers(0, len(_ROW)), _CELLS, max_size=2).map(
    lambda other: [other.get(place, cell) for place, cell in enumerate([*_ROW, ""])]
)
ROWS = st.lists(st.one_of(_NEARLY, st.lists(_CELLS, max_size=9)), max_size=12)
_HEADS = [
    ["booking_id", "room_id", "arrival", "departure", "status", "name"],
    ["Reservation", "Room", "Check-in", "Check-out", "Status", "Guest name", "E-mail"],
]
FILES = st.tuples(st.sampled_from([*_HEADS, []]), ROWS, st.sampled_from([",", ";", "\t"]), st.booleans())


@lru_cache(maxsize=1)
def _export() -> Export:
    return Export(Path(tempfile.mkdtemp()))


def table(told: tuple[list[str], list[list[str]], str, bool]) -> None:
    """A file of bookings, as CSV or as JSON."""
    head, rows, delimiter, is_json = told
    export = _export()
    given = {setting.name: setting.default for setting in FilesConnector.SETTINGS}
    given |= {"folder": str(export.folder), "time_zone": "Europe/Vienna", "format": "json" if is_json else "csv"}
    text = json.dumps([dict(zip(head, row, strict=False)) for row in rows]) if is_json else io.StringIO()
    if not isinstance(text, str):
        csv.writer(text, delimiter=delimiter).writerows([head, *rows] if head else rows)
        text = text.getvalue()
    name = "json" if is_json else "csv"
    (export.folder / f"bookings.{name}").write_bytes(text.encode("utf-8", "surrogatepass"))
    (export.folder / f"rooms.{name}").write_text('[{"room_id": "R1"}]' if is_json else "room_id\nR1\n")
    for path in export.folder.iterdir():
        os.utime(path, (export.clock.now().timestamp() - 600,) * 2)
    connector = FilesConnector.open("elm", given, export.access(Calendars()), None)
    with suppress(PmsError):
        reader = connector.reader()
        for of in reader.read_properties():
            reader.read_rooms(of)
            read = reader.bookings_within(of, (START, START + timedelta(days=60)))
            for booking in read.bookings:
                booking_access(booking, of, {}, read.guests, Policy(), Keys(""), START)


def seam_webhook(text: str) -> None:
    headers = {"svix-id": text, "svix-timestamp": text, "svix-signature": text}
    for one in (headers, headers | {"svix-timestamp": "1789725600", "svix-signature": f"v1,{text}"}):
        try:
            verify(SEAM_SECRET, text.encode("utf-8", "surrogatepass"), one)
        except (SignatureWrong, NoEvent):
            continue
        raise AssertionError("a signature that nobody made is believed")


def zone(name: str) -> None:
    with suppress(UnknownZone):
        zone_named(name, {})


def webhook(number: int) -> None:
    luck = random.Random(number)
    vendor = luck.choice(sorted(WEBHOOKS))
    with suppress(NotUnderstood):
        liar_of(vendor).connector.webhooks.read(json.loads(json.dumps(spoiled(WEBHOOKS[vendor], luck))))


def verified(text: str) -> None:
    body = text.encode("utf-8", "surrogatepass")
    for vendor in VENDORS:
        connector: Any = liar_of(vendor).connector
        headers = {"authorization": text, "x-buildium-signature": text, "buildium-webhook-timestamp": text}
        assert not connector.webhooks.verify({"token": text}, headers, body, START)


def date_header(text: str) -> None:
    shown_time({"Date": text})
    waits = liar_of("mews").connector._wire._session._seconds(text)  # type: ignore[attr-defined]
    assert waits is None or waits >= 0
    told = retry_after({"retry-after": text, "date": text})
    assert told is None or told >= 0


def answers(vendor: str) -> Callable[[int], None]:
    return lambda number: tell_lies(vendor, number)


PARSERS: dict[str, tuple[Any, Callable[[Any], object]]] = {
    "calendars": (LINES, calendar),
    "files": (FILES, table),
    "statuses": (TEXT, lambda text: (Statuses({}).status_of(text), Statuses({"Paid*": "confirmed"}).told(text))),
    "Seam's webhooks": (TEXT, seam_webhook),
    "bytes": (st.binary(max_size=400), decoded),
    "fields": (TEXT, lambda text: fields_of(text[:60], text, text, text, arrival_words=[text[:9]])),
    "not a stay": (TEXT, lambda text: standing(text, text, text, categories=text)),
    "phones": (TEXT, phone_in),
    "phones for Seam": (TEXT, lambda text: e164(text, "AT")),
    "times": (TEXT, time_in),
    "time zones": (TEXT, zone),
    "plain text": (TEXT, lambda text: plain(text, 100).encode()),
    "lock names": (TEXT, lambda text: tokens_of(plain_name(text))),
    "door codes": (TEXT, MARKED_NOTE.search),
    "Seam's words": (TEXT, without_contacts),
    "Date": (DATES, date_header),
    "webhooks": (st.integers(0, 2**40), webhook),
    "signatures": (TEXT, verified),
    **{f"answers of {vendor}": (st.integers(0, 2**40), answers(vendor)) for vendor in VENDORS},
}


def fuzz(name: str, examples: int, begin: int) -> None:
    """Raises what the parser raised, of the shortest input for which it does."""
    inputs, parser = PARSERS[name]

    @seed(begin)
    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=False,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
        print_blob=False,
    )
    @given(inputs)
    def once(value: Any) -> None:
        parser(value)

    once()


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    share = minutes * 60 / len(PARSERS)
    failed = 0
    seen: dict[str, int] = {}
    for name in PARSERS:
        until, tried = time.monotonic() + share, 0
        while time.monotonic() < until:
            examples = 20 if name.startswith("answers") else 500
            try:
                fuzz(name, examples, random.randrange(2**32))
            except Exception:
                traceback.print_exc()
                failed += 1
                break
            tried += examples
        seen[name] = tried
    sys.stdout.write(f"inputs seen: {', '.join(f'{name} {number:,}' for name, number in seen.items())}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
