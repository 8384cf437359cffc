"""Programs, and the command line, say who is told of what happens; no answer shows an address or an old secret."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from standardwebhooks import Webhook

from assembly import assemble
from cli.parts import settings_of
from settings import load_settings
from store.outgoing import EventKind, Happened, OutgoingEvents, emit_in
from store.people import Role
from store.receivers import Receivers, Wants
from store.secrets import SecretKeys
from tests.night import KEY, Night, csrf_of
from tests.office import Office, opened_office
from tests.world import START

URL = "https://hooks.example/in?token=s3cret"


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


class Program:
    """With an admin's token."""

    def __init__(self, night: Night):
        token = night.people.make_token("vendor", Role.ADMIN, night.clock.now())
        self._headers = {"Authorization": f"Bearer {token}"}
        self._client = night.client(None)

    def __getattr__(self, method: str) -> Any:
        return lambda path, **rest: self._client.open(path, method=method.upper(), headers=self._headers, **rest)


class Browser:
    """Of an admin who has signed in."""

    def __init__(self, client: Any):
        self._client = client

    def get(self, path: str) -> str:
        return text_of(self._client.get(path).text)

    def send(self, path: str, **fields: Any) -> Any:
        token = csrf_of(self._client.get("/events"))
        return self._client.post(path, data={"csrf_token": token, **fields}, follow_redirects=True)


def text_of(html: str) -> str:
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)))


def test_a_receiver_is_made_changed_paused_rotated_and_removed_by_programs(night: Night) -> None:
    admin = Program(night)
    made = admin.post("/api/receivers", json={"name": "channel", "url": URL, "events": ["code.ready"]})
    assert made.status_code == 201
    first = made.json["secret"]
    Webhook(first)
    assert (made.json["host"], made.json["events"], made.json["state"]) == ("hooks.example", ["code.ready"], "active")
    assert admin.post("/api/receivers", json={"name": "channel", "url": URL}).status_code == 409
    changed = admin.patch("/api/receivers/channel", json={"connections": ["alpen"]})
    assert (changed.json["events"], changed.json["connections"]) == (["code.ready"], ["alpen"])
    assert admin.post("/api/receivers/channel/pause", json={"reason": "moving"}).json["state_reason"] == "moving"
    assert admin.post("/api/receivers/channel/resume").json["state"] == "active"
    second = admin.post("/api/receivers/channel/rotate").json["secret"]
    assert second != first
    shown = admin.get("/api/receivers").text + admin.get("/api/receivers/channel").text
    assert not any(secret in shown for secret in (first, second, "s3cret", "/in"))
    assert admin.delete("/api/receivers/channel").status_code == 200
    assert admin.get("/api/receivers/channel").status_code == 404
    actions = [one["action"] for one in admin.get("/api/audit-log").json]
    assert actions[:3] == ["removed receiver", "rotated receiver's secret", "resumed receiver"]


@pytest.mark.parametrize("path", ["/events", "/api/receivers"])
def test_the_database_is_not_asked_once_for_each_receiver(night: Night, path: str) -> None:
    admin, asked = Program(night), list[str]()

    def questions() -> int:
        asked.clear()
        assert admin.get(path).status_code == 200
        return len(asked)

    book = Receivers(night.store, SecretKeys(KEY))
    book.add("first", URL, Wants(), night.clock.now())
    admin.get(path)
    event.listen(night.store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    of_one = questions()
    for number in range(5):
        book.add(f"other-{number}", URL, Wants(), night.clock.now())
    assert questions() == of_one


def test_the_page_shows_what_a_receiver_was_told_and_sends_it_again_and_its_secret_once(night: Night) -> None:
    browser = Browser(night.client("admin"))
    made = browser.send("/events", name="channel", url=URL, event=["code.ready", "access.planned"])
    secret = re.search(r"whsec_[\w+/=]+", made.text)
    assert secret is not None
    book, events, now = Receivers(night.store, SecretKeys(KEY)), OutgoingEvents(night.store), night.clock.now()
    receiver = book.get("channel", now)
    assert receiver is not None
    assert receiver.wants.kinds == ("access.planned", "code.ready")
    with night.store.writing() as db:
        told = [Happened(EventKind.CODE_READY, "alpen", "p", "b1", {"booking_id": "b1", "room": "101"})]
        emit_in(db, told, now)
    (one,) = events.due(receiver.id, now, 9)
    events.not_sent(one, now, 302, 12, "it answered 302", now)
    events.sent(one, 200, 31, now + timedelta(seconds=9))
    page = browser.get("/events/channel")
    assert "0 waiting, 1 taken, 0 given up" in page
    assert "code.ready" in page
    assert "No event is like that" in browser.get("/events/channel?state=given_up")
    event = browser.get(f"/events/channel/{one.event_id}")
    assert "It answered 302: passed on to another address, which is not followed" in event
    assert '"room": "101"' in event
    browser.send(f"/events/channel/{one.event_id}/send")
    assert [each.message_id for each in events.due(receiver.id, night.clock.now(), 9)] == [one.message_id]
    browser.send("/events/channel/pause")
    assert "Paused" in browser.get("/events")
    browser.send("/events/channel/resume")
    assert "whsec_" in browser.send("/events/channel/rotate").text
    assert "Nothing was done" in text_of(browser.send("/events/channel/remove", name="other").text)
    everything = browser.get("/events") + browser.get("/events/channel")
    assert secret[0] not in everything
    assert "s3cret" not in everything
    browser.send("/events/channel/remove", name="channel")
    assert "Nobody is told of anything yet" in browser.get("/events")


def test_a_choice_of_connections_never_becomes_all_of_them(night: Night) -> None:
    browser, book = Browser(night.client("admin")), Receivers(night.store, SecretKeys(KEY))
    refused = browser.send("/events", name="channel", url=URL, of=["gone"])
    assert (refused.status_code, book.all(night.clock.now())) == (422, [])
    book.add("channel", URL, Wants(connections=["gone"]), night.clock.now())
    browser.send("/events/channel", event=["code.ready"])
    (changed,) = book.all(night.clock.now())
    assert (changed.wants.kinds, changed.wants.connections) == (("code.ready",), ("gone",))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "channel", "url": "http://hooks.example/"}, "it should begin with https://"),
        ({"name": "A channel", "url": URL}, "A name begins with a letter"),
    ],
)
def test_the_page_says_why_nobody_is_added(night: Night, typed: dict[str, str], said: str) -> None:
    answer = Browser(night.client("admin")).send("/events", **typed)
    assert answer.status_code == 422
    assert said in text_of(answer.text)


@pytest.mark.parametrize(
    "body",
    [
        {"name": "channel", "url": "http://hooks.example/"},
        {"name": "channel", "url": "https://127.0.0.1:8080/"},
        {"name": "channel", "url": "hooks"},
        {"name": "Channel!", "url": URL},
        {"name": "channel", "url": URL, "events": ["everything"]},
        {"name": "channel", "url": URL, "connections": ["\x00"]},
    ],
)
def test_what_cannot_be_a_receiver_is_refused_by_a_sentence(night: Night, body: dict[str, object]) -> None:
    answer = Program(night).post("/api/receivers", json=body)
    assert answer.status_code == 422
    assert answer.json["error"]


def test_from_the_booking_to_the_first_entry_a_receiver_is_told_what_became_of_it(night: Night) -> None:
    receiver = Receivers(night.store, SecretKeys(KEY)).add("channel", URL, Wants(), START)
    assert receiver is not None
    night.equip(0)
    night.listen()
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    for _ in range(5):
        night.minute()
    night.hotel.cancel(booking)
    night.do("incremental")
    events = OutgoingEvents(night.store)
    told = []
    while due := events.due(receiver.id, night.clock.now(), 10):
        for one in due:
            told.append(one)
            events.sent(one, 200, 3, night.clock.now())
    assert [one.kind for one in told] == ["access.planned", "code.ready", "access.revoked"]
    assert {one.data["room"] for one in told} == {"101"}
    program = Program(night)
    assert program.get("/api/receivers/channel/attempts").json[0]["status"] == 200
    replayed = program.post("/api/receivers/channel/replay", json={"since": START.isoformat()})
    assert replayed.json == {"events": 3}
    everything = json.dumps([dict(one.data) for one in told])
    assert "Novak" not in everything
    assert "@" not in everything


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with opened_office(tmp_path, monkeypatch) as opened:
        yield opened


def test_the_command_line_says_what_it_did_and_what_is_wrong(office: Office) -> None:
    office.allow_no_private_addresses()
    assert "Nobody is told of anything" in office.good("receivers", "list")
    made = office.good("receivers", "add", "channel", URL, "--event", "code.ready", "--connection", "alpen")
    assert "hooks.example is told of code.ready of alpen." in made
    secret = made.strip().splitlines()[-1]
    Webhook(secret)
    assert office.run("receivers", "add", "channel", URL).exit_code == 1
    wrong = office.run("receivers", "add", "other", "http://hooks.example/")
    assert (wrong.exit_code, "it should begin with https://" in wrong.output) == (2, True)
    for address in ("nourl", "https://localhost/"):
        refused = office.run("receivers", "add", "other", address)
        assert (refused.exit_code, refused.output.count(": ")) == (2, 1), "one reason, and no reason of a reason"
    office.good("receivers", "pause", "channel", "--reason", "moving")
    assert "paused (moving)" in office.good("receivers", "list")
    office.good("receivers", "resume", "channel")
    assert "is told of everything at p1" in office.good("receivers", "set", "channel", "--property", "p1")
    new = office.good("receivers", "rotate", "channel").strip().splitlines()[-1]
    assert new != secret
    assert office.good("receivers", "replay", "channel", "--since", "6h").startswith("0 events since")
    assert office.run("receivers", "replay", "channel", "--since", "yesterday").exit_code == 2
    assert "Nothing has been sent" in office.good("receivers", "log", "channel")
    assert "The secrets of 1 row" in office.good("secrets", "rotate")
    assert office.run("receivers", "remove", "nobody").output.startswith("There is no receiver nobody")
    office.good("receivers", "remove", "channel")
    made = office.good("receivers", "add", "channel", URL, "--organisation", "south")
    assert "is told of everything of organisation south." in made
    assert "channel" in office.good("receivers", "list", "--organisation", "south")
    assert "channel" not in office.good("receivers", "list", "--organisation", "north").replace("NAME", "")
    for command in ("set", "pause", "resume", "rotate", "log", "replay", "remove"):
        more = {"set": ["--event", "code.ready"], "replay": ["--since", "6h"]}.get(command, [])
        other = office.run("receivers", command, "channel", *more, "--organisation", "north")
        assert (other.exit_code, "There is no receiver channel of organisation north" in other.output) == (1, True)
        office.good("receivers", command, "channel", *more, "--organisation", "south")
    assert b"s3cret" not in office.bytes_of_database()


def test_whatever_begins_with_a_settings_file_knows_whose_its_connections_are(office: Office) -> None:
    def begin_by_command() -> None:
        office.good("connections", "list")

    def begin_by_settings() -> None:
        settings_of(office.config)

    def begin_to_serve() -> None:
        assemble(load_settings(office.config, {}), "0", with_scheduler=False).close()

    alone = office.config.read_text()
    for organisation, begin in (("north", begin_by_command), ("south", begin_by_settings), ("west", begin_to_serve)):
        office.config.write_text(alone)
        office.set_in_file("connections", json.dumps({"alpen": office.block(0, organisation=organisation)}))
        begin()
        with closing(sqlite3.connect(office.database)) as db:
            assert db.execute("SELECT * FROM organisations_of_file").fetchall() == [("alpen", organisation)]
