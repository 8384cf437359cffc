"""What happens is written for whoever wants to hear of it, in the order of its booking, and for nobody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from mappers.links import Link
from store.alerts import AlertBook, Cause
from store.connections import ConnectionBook, Standing
from store.engine import Database
from store.entries import Entries, Entry
from store.health import GrantHealth, Health
from store.links import put_links
from store.organisations import note_of_file
from store.outgoing import TRIED_AT_LEAST, TRIED_FOR, EventKind, Happened, OutgoingEvents, Sending, emit_in
from store.receivers import OLD_SECRET_FOR, Receiver, Receivers, Wants
from store.secrets import SecretKeys, new_key
from store.stays import Stay, Stays
from store.tables import outgoing_events, receivers, send_attempts
from store.visibility import Visible

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
KEYS = SecretKeys(new_key())
STAY = Stay(
    "alpen",
    "b1",
    "p1",
    "52",
    "J.N. 101",
    "101",
    "confirmed",
    NOW + timedelta(hours=5),
    NOW + timedelta(days=2),
    "granted",
    "",
    1,
)
HEALTH = Health("alpen", "b1", "b1", "grant-1", "issuing", "the lock is being told", None, NOW, cause="not_issued")
READY = replace(HEALTH, state="issued", why="", verdict="opens", cause="", at=NOW + timedelta(minutes=1))


@pytest.fixture
def receiver(store: Database) -> Receiver:
    return _receiver(store, "channel")


def _receiver(store: Database, name: str, **wants: tuple[str, ...]) -> Receiver:
    made = Receivers(store, KEYS).add(name, f"https://{name}.example/hook?token=s3cret", Wants(**wants), NOW)
    assert made is not None
    return made


def _due(store: Database, of: Receiver, at: datetime = NOW + timedelta(hours=12)) -> list[Sending]:
    return OutgoingEvents(store).due(of.id, at, 100)


def _kinds(store: Database, of: Receiver) -> list[str]:
    """Of all that waits; each is taken as sent."""
    found = []
    while due := _due(store, of):
        for one in due:
            found.append(one.kind)
            OutgoingEvents(store).sent(one, 200, 5, NOW)
    return found


def _note(store: Database, *changes: Stay, now: datetime = NOW) -> None:
    for one in changes:
        Stays(store).note("alpen", now, [one])


def test_where_nobody_receives_anything_nothing_is_written(store: Database) -> None:
    _note(store, STAY)
    with store.reading() as db:
        assert db.execute(select(outgoing_events)).all() == []


def test_a_booking_is_told_when_it_is_planned_changed_and_revoked_and_not_when_nothing_is_new(
    store: Database, receiver: Receiver
) -> None:
    _note(store, STAY, STAY, replace(STAY, reason="seen again"), replace(STAY, room="102", label="J.N. 102"))
    assert _kinds(store, receiver) == ["access.planned", "access.planned"]
    _note(store, replace(STAY, access="none", reason="cancelled in the PMS"))
    (one,) = _due(store, receiver)
    assert (one.kind, one.subject, one.data["reason"], one.data["room"]) == (
        "access.revoked",
        "b1",
        "cancelled in the PMS",
        "101",
    )


def test_a_booking_that_is_gone_from_the_pms_is_told_as_revoked(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    Stays(store).note_gone("alpen", {"b1": "the PMS has it no more"}, NOW)
    assert _kinds(store, receiver) == ["access.planned", "access.revoked"]


def test_the_end_of_a_stay_and_a_stay_of_the_past_are_no_events(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    after = NOW + timedelta(days=3)
    _note(store, replace(STAY, access="none", reason="the stay ended"), now=after)
    _note(store, replace(STAY, booking_id="b2", access="granted"), now=after)
    assert _kinds(store, receiver) == ["access.planned"]


def test_access_that_fails_is_told_once(store: Database, receiver: Receiver) -> None:
    broken = replace(STAY, access="broken", reason="the room has no lock in Seam")
    _note(store, broken, replace(broken, reason="the room still has no door"), STAY)
    assert _kinds(store, receiver) == ["access.failed", "access.planned"]


def test_a_code_is_ready_once_the_locks_know_it_and_again_for_a_new_grant(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    grants = GrantHealth(store)
    grants.note([HEALTH])
    grants.note([READY])
    grants.note([replace(READY, at=READY.at + timedelta(hours=1))])
    grants.note([replace(READY, seam_id="grant-2", at=READY.at + timedelta(hours=2))])
    assert _kinds(store, receiver) == ["access.planned", "code.ready", "code.ready"]
    newest = replace(READY, seam_id="grant-2")
    grants.note([replace(newest, verdict="unsure", at=NOW - timedelta(hours=1))])
    grants.note([replace(newest, at=READY.at + timedelta(hours=3))])
    assert _kinds(store, receiver) == [], "an older answer says nothing"


def test_a_door_that_will_not_open_is_told_with_its_cause(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    shut = replace(READY, verdict="shut", cause="device_removed", why="Seam has the lock no more")
    GrantHealth(store).note([READY])
    GrantHealth(store).note([replace(shut, at=READY.at + timedelta(minutes=1))])
    _, _, one = [one for _ in range(3) for one in [_next(store, receiver)]]
    assert (one.kind, one.data["cause"], one.data["access_grant_key"]) == ("access.failed", "device_removed", "b1")


def _next(store: Database, of: Receiver) -> Sending:
    one = _due(store, of)[0]
    OutgoingEvents(store).sent(one, 200, 5, NOW)
    return one


def test_a_guest_enters_once_however_often_and_late_the_events_come(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    opened = Entry("e1", "alpen", "p1", "d1", "Door 101", "opened", "keycode", "b1", NOW + timedelta(hours=6))
    refused = replace(opened, event_id="e0", kind="refused", booking_id=None, at=NOW + timedelta(hours=5))
    book = Entries(store)
    book.note([refused])
    book.note([opened, replace(opened, event_id="e2", at=opened.at + timedelta(minutes=1))])
    book.note([opened])
    book.note([replace(opened, event_id="e3", at=opened.at - timedelta(minutes=1))])
    assert _kinds(store, receiver) == ["access.planned", "guest.entered"]


def test_a_connection_that_is_not_kept_in_step_is_told_and_that_it_is_well_again(
    store: Database, receiver: Receiver
) -> None:
    book = AlertBook(store)
    broken = Cause("alpen", "connection", "alpen", "Connection alpen has failed 3 times")
    book.compare([broken, Cause("alpen", "booking", "b1", "Booking 52: no room")], [], NOW)
    book.compare([broken], [], NOW)
    book.compare([], [], NOW)
    assert _kinds(store, receiver) == ["property.broken", "property.recovered"]


def test_each_receiver_hears_of_what_it_asked_for(store: Database) -> None:
    ready = _receiver(store, "ready", kinds=("code.ready",))
    here = _receiver(store, "here", connections=("alpen",), properties=("p1",))
    elsewhere = _receiver(store, "elsewhere", properties=("p2",))
    _note(store, STAY)
    GrantHealth(store).note([READY])
    assert _kinds(store, ready) == ["code.ready"]
    assert _kinds(store, here) == ["access.planned", "code.ready"]
    assert _kinds(store, elsewhere) == []


def test_what_is_told_of_one_booking_waits_for_what_was_told_before_and_no_other_does(
    store: Database, receiver: Receiver
) -> None:
    other = replace(STAY, booking_id="b2")
    _note(store, STAY, other, replace(STAY, access="none", reason="cancelled"))
    first, second = _due(store, receiver)
    assert (first.subject, second.subject) == ("b1", "b2")
    OutgoingEvents(store).not_sent(first, NOW + timedelta(hours=2), 500, 5, "it answered 500", NOW)
    OutgoingEvents(store).sent(second, 200, 5, NOW)
    assert _due(store, receiver, NOW + timedelta(hours=1)) == [], "b1's cancellation waits behind its beginning"
    later = NOW + timedelta(hours=2)
    (again,) = _due(store, receiver, later)
    assert (again.message_id, again.attempts) == (first.message_id, 1)
    OutgoingEvents(store).sent(again, 200, 5, later)
    assert [one.kind for one in _due(store, receiver, later)] == ["access.revoked"]


def test_an_event_is_given_up_after_three_days_and_may_be_replayed(store: Database, receiver: Receiver) -> None:
    events = OutgoingEvents(store)
    _note(store, STAY)
    late = NOW + TRIED_FOR
    for _ in range(TRIED_AT_LEAST):
        assert events.counts()[receiver.id] == {"waiting": 1}, "it may have waited behind others for as long"
        (one,) = _due(store, receiver, late + timedelta(minutes=1))
        events.not_sent(one, late + timedelta(minutes=1), 503, 5, "it answered 503", late)
    assert events.counts()[receiver.id] == {"given_up": 1}
    later = NOW + timedelta(days=5)
    assert events.replay(receiver.id, NOW + timedelta(hours=1), later) == 0
    assert events.replay(receiver.id, NOW, later) == 1
    (again,) = _due(store, receiver, later)
    assert again.message_id == one.message_id, "whoever has it already can tell"
    events.not_sent(again, later + timedelta(hours=1), 503, 5, "it answered 503", later)
    assert events.counts()[receiver.id] == {"waiting": 1}, "three days count from the replay"
    assert [each.trouble for each in events.attempts(receiver.id)] == ["it answered 503"] * (TRIED_AT_LEAST + 1)


def test_what_happened_long_ago_is_forgotten(store: Database, receiver: Receiver) -> None:
    _note(store, STAY)
    _kinds(store, receiver)
    OutgoingEvents(store).forget_old(NOW + timedelta(days=29))
    assert OutgoingEvents(store).counts() != {}
    OutgoingEvents(store).forget_old(NOW + timedelta(days=31))
    with store.reading() as db:
        assert [db.execute(select(table)).all() for table in (outgoing_events, send_attempts)] == [[], []]


def test_an_old_secret_signs_for_another_day(store: Database, receiver: Receiver) -> None:
    book = Receivers(store, KEYS)
    new = book.rotate(receiver, NOW)
    assert book.all(NOW)[0].secrets == [new, receiver.secrets[0]]
    assert book.all(NOW + OLD_SECRET_FOR)[0].secrets == [new]
    newest = book.rotate(book.all(NOW)[0], NOW + timedelta(hours=1))
    assert book.all(NOW + timedelta(hours=2))[0].secrets == [newest, new, receiver.secrets[0]]


def test_neither_an_address_nor_a_secret_is_readable_in_the_database(store: Database, receiver: Receiver) -> None:
    with store.reading() as db:
        kept = str([tuple(row) for row in db.execute(select(receivers))])
    assert "s3cret" not in kept
    assert receiver.secrets[0] not in kept
    assert "s3cret" not in repr(receiver)
    assert Receivers(store, KEYS).encrypt_anew() == 1
    changed = Receivers(store, KEYS)
    changed.set(receiver, url="https://other.example/", wants=Wants(kinds=("code.ready",)))
    found = changed.get("channel", NOW)
    assert found is not None
    assert (found.host, found.wants.kinds, found.secrets) == ("other.example", ("code.ready",), receiver.secrets)


def test_one_that_is_paused_is_sent_nothing_and_one_that_is_removed_leaves_nothing(
    store: Database, receiver: Receiver
) -> None:
    book, events = Receivers(store, KEYS), OutgoingEvents(store)
    _note(store, STAY)
    assert events.receivers_due(NOW) == [receiver.id]
    book.pause(receiver, "moving")
    assert events.receivers_due(NOW) == []
    book.remove(receiver)
    assert book.all(NOW) == []
    with store.reading() as db:
        assert db.execute(select(outgoing_events)).all() == []


def test_of_a_booking_that_no_run_has_read_no_health_is_told(store: Database, receiver: Receiver) -> None:
    with store.writing() as db:
        put_links(store, db, "alpen", [Link("access_grant", "b9", "grant-9", 0, "", "", "p1", "b9")], NOW)
    GrantHealth(store).note([replace(READY, key="b9", booking_id="b9")])
    assert _kinds(store, receiver) == []


# --- organisations ----------------------------------------------------------------------------------------------------


def _of_organisation(store: Database, organisation: str) -> Receiver:
    made = Receivers(store, KEYS).add(f"of-{organisation}", "https://hooks.example/", Wants(), NOW, organisation)
    assert made is not None
    return made


def _put(store: Database, name: str, organisation: str, version: int = 0) -> None:
    book, settings = ConnectionBook(store, KEYS), {"organisation": organisation} if organisation else {}
    if version:
        book.put(name, version, settings, {}, Standing(), NOW)
    else:
        book.add(name, "mews", settings, {}, Standing(), NOW)


def _low_battery(store: Database, *connections: str) -> None:
    with store.writing() as db:
        emit_in(db, [Happened(EventKind.BATTERY_LOW, one, "p1", f"lock of {one}") for one in connections], NOW)


def _subjects(found: list[Sending]) -> list[str]:
    return [one.subject for one in found]


def test_a_receiver_of_an_organisation_hears_of_its_connections_alone_and_the_services_of_all(
    store: Database, receiver: Receiver
) -> None:
    north, south = _of_organisation(store, "north"), _of_organisation(store, "south")
    _put(store, "alpen", "north")
    _put(store, "isar", "")
    note_of_file(store, {"chiem": "south", "wien": ""})
    _low_battery(store, "alpen", "isar", "chiem", "wien", "nobody-knows-it")
    assert _subjects(_due(store, north)) == ["lock of alpen"]
    assert _subjects(_due(store, south)) == ["lock of chiem"]
    assert len(_due(store, receiver)) == 5


def test_from_its_change_on_what_happens_at_a_connection_is_for_the_new_organisation_and_nothing_is_for_the_old_one(
    store: Database,
) -> None:
    north, south = _of_organisation(store, "north"), _of_organisation(store, "south")
    _put(store, "alpen", "north")
    _low_battery(store, "alpen")
    events = OutgoingEvents(store)
    (waiting,) = _due(store, north)
    events.not_sent(waiting, NOW, 503, 5, "it answered 503", NOW)
    _low_battery(store, "alpen")
    _put(store, "alpen", "south", version=1)
    assert events.receivers_due(NOW) == []
    assert (_due(store, north), events.told(north.id), events.attempts(north.id)) == ([], [], [])
    assert events.one(north.id, waiting.event_id) is None
    assert events.counts() == {}
    events.sent(waiting, 200, 5, NOW)
    assert not events.send_again(north.id, waiting.event_id, NOW)
    assert events.replay(north.id, NOW - timedelta(hours=1), NOW) == 0
    assert events.told(south.id) == [], "what happened before was none of its business"
    _low_battery(store, "alpen")
    assert events.receivers_due(NOW) == [south.id]
    assert _subjects(_due(store, south)) == ["lock of alpen"]
    assert events.counts() == {south.id: {"waiting": 1}}


def test_whose_a_connection_is_the_file_says_as_long_as_it_has_it(store: Database) -> None:
    north, south = _of_organisation(store, "north"), _of_organisation(store, "south")
    note_of_file(store, {"alpen": "north", "isar": "north"})
    _put(store, "alpen", "south")
    _low_battery(store, "alpen")
    assert (len(_due(store, north)), len(_due(store, south))) == (1, 0)
    note_of_file(store, {"chiem": "south"})
    assert _due(store, north) == [], "it is the database's from now on"
    _low_battery(store, "alpen", "isar", "chiem")
    assert _subjects(_due(store, north)) == ["lock of isar"], "in the file of another process"
    assert _subjects(_due(store, south)) == ["lock of alpen", "lock of chiem"]


def test_what_receivers_were_told_is_counted_for_all_of_them_together_or_for_one(
    store: Database, receiver: Receiver
) -> None:
    north, south = _of_organisation(store, "north"), _of_organisation(store, "south")
    note_of_file(store, dict.fromkeys(("a", "b", "c"), "north"))
    _put(store, "d", "north")
    _low_battery(store, *"abcde")
    events, asked = OutgoingEvents(store), list[str]()
    (first, *_) = _due(store, north)
    events.sent(first, 200, 5, NOW)
    event.listen(store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    assert events.counts() == {receiver.id: {"waiting": 5}, north.id: {"waiting": 3, "sent": 1}}
    assert len(asked) == 5
    assert events.counts(north.id) == {north.id: {"waiting": 3, "sent": 1}}
    assert events.counts(south.id) == {}


def test_whoever_may_see_an_organisation_sees_what_its_receivers_were_told_and_no_others(
    store: Database, receiver: Receiver
) -> None:
    north, south = _of_organisation(store, "north"), _of_organisation(store, "south")
    _put(store, "alpen", "north")
    _put(store, "isar", "south")
    _low_battery(store, "alpen", "isar")
    for one in (north, south, receiver):
        for sending in _due(store, one):
            OutgoingEvents(store).sent(sending, 200, 5, NOW)
    seen = store.seen_by(Visible({"isar": None}, frozenset({"south"})))
    book, events = Receivers(seen, KEYS), OutgoingEvents(seen)
    assert [one.id for one in book.all(NOW)] == [south.id]
    assert (book.get(north.name, NOW), book.get(receiver.name, NOW), book.of_id(north.id, NOW)) == (None, None, None)
    assert events.counts() == {south.id: {"sent": 1}}
    assert _subjects(events.told(south.id)) == ["lock of isar"]
    assert len(events.attempts(south.id)) == 1
    for other in (north, receiver):
        assert (events.told(other.id), events.attempts(other.id)) == ([], [])
    of_nobody = store.seen_by(Visible({"isar": None}, frozenset({""})))
    assert Receivers(of_nobody, KEYS).all(NOW) == [], "the service's are no organisation's"


def test_a_receiver_that_is_named_as_anothers_id_is_not_taken_for_it(store: Database, receiver: Receiver) -> None:
    other = Receivers(store, KEYS).add(receiver.id, "https://other.example/", Wants(), NOW, "south")
    assert other is not None
    found = [Receivers(store, KEYS).of_id(one.id, NOW) for one in (receiver, other)]
    assert [one.name for one in found if one is not None] == [receiver.name, other.name]
