"""What a service remembers: its inbox, its board, its alerts, its jobs, its people."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event, select

from mappers.outcomes import Action, Kind, Outcome
from store.accounts import Account, LockAccounts
from store.alerts import AlertBook, Cause
from store.engine import Database
from store.health import GrantHealth, Health
from store.history import History
from store.holds import Hold, Holds
from store.inbox import Inbox
from store.jobs import JobBook
from store.keep import Keep
from store.links import Link, Links
from store.people import AlreadyThere, People, Role
from store.properties import KnownProperty, Properties
from store.queue import Queue, TaskKind
from store.run_days import RunDays
from store.runs import OutcomeRow, Runs
from store.search import connections_that_know, search
from store.status import StatusBook
from store.stays import Stay, Stays
from store.tables import health

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def put(inbox: Inbox, event: str = "e1", **rest: object) -> None:
    inbox.put("pms", event, "ServiceOrderUpdated", {"bookings": ["b1"]}, NOW, connection="alpen", **rest)  # type: ignore[arg-type]


def test_a_delivery_waits_once_and_is_news_again_when_it_was_begun(store: Database) -> None:
    inbox = Inbox(store)
    put(inbox)
    put(inbox)
    (one,) = inbox.take("alpen", NOW, "me")
    assert (one.times, one.subjects["bookings"], inbox.backlog()) == (2, ["b1"], (1, NOW))
    put(inbox)
    assert len(inbox.waiting("alpen", NOW)) == 2
    assert Queue(store).due([TaskKind.BOOKING_NEWS], NOW) == [("alpen", TaskKind.BOOKING_NEWS)]


def test_what_its_sender_numbers_is_never_news_again(store: Database) -> None:
    inbox = Inbox(store)
    put(inbox, unique_for_ever=True)
    inbox.done(inbox.take("alpen", NOW, "me"), NOW, "done", "seen", "r1")
    put(inbox, unique_for_ever=True)
    assert inbox.waiting("alpen", NOW) == []
    assert (inbox.page()[0].times, inbox.page()[0].note) == (2, "seen")


def test_what_could_not_be_done_comes_back_and_what_was_can_be_played_again(store: Database) -> None:
    inbox = Inbox(store)
    put(inbox)
    taken = inbox.take("alpen", NOW, "me")
    inbox.put_off(taken, NOW, NOW + HOUR, "the PMS is down", failed=False)
    assert inbox.waiting("alpen", NOW) == []
    (one,) = inbox.waiting("alpen", NOW + HOUR)
    assert (one.attempts, one.note) == (1, "the PMS is down")
    inbox.done([one], NOW, "done", "seen")
    assert inbox.page(state="waiting") == []
    inbox.replay([one], "nina", NOW + HOUR)
    assert len(inbox.waiting("alpen", NOW + HOUR)) == 1
    inbox.done([one], NOW, "done", "seen")
    inbox.forget_old(NOW + timedelta(days=31), "harbor")
    assert len(inbox.page()) == 1
    inbox.forget_old(NOW + timedelta(days=31), "alpen")
    assert inbox.page() == []


def test_every_attempt_at_a_delivery_is_kept_with_its_reason_and_goes_with_it(store: Database) -> None:
    inbox = Inbox(store)
    inbox.put("pms", "e1", "Changed", {"bookings": ["b1"]}, NOW, connection="alpen", payload={"Id": "b1", "Name": None})
    minutes = [NOW + timedelta(minutes=number) for number in range(5)]
    for now, note in zip(
        minutes, ("the PMS is down", "the PMS is down", "the PMS is down", "Seam is down"), strict=False
    ):
        inbox.put_off(inbox.take("alpen", now, "me"), now, now, note, failed=False)
    (one,) = inbox.take("alpen", minutes[4], "me")
    inbox.done([one], minutes[4], "done", "1 outcome", "r1")
    inbox.replay([one], "nina", minutes[4])
    said = [(each.outcome, each.note, each.times, each.run_id, each.who) for each in inbox.attempts(one.id)]
    assert said == [
        ("replayed", None, 1, None, "nina"),
        ("done", "1 outcome", 1, "r1", None),
        ("put_off", "Seam is down", 1, None, None),
        ("put_off", "the PMS is down", 3, None, None),
    ]
    outage = inbox.attempts(one.id)[-1]
    assert (outage.at, outage.last_at) == (minutes[0], minutes[2])
    assert inbox.payload(one.id) == {"Id": "b1", "Name": None}
    inbox.done(inbox.take("alpen", minutes[4], "me"), minutes[4], "done", None)
    inbox.forget_old(NOW + timedelta(days=31), "alpen")
    assert (inbox.get(one.id), inbox.attempts(one.id)) == (None, [])


def test_deliveries_are_found_by_property_word_state_and_time(store: Database) -> None:
    inbox = Inbox(store)
    for number, (place, kind) in enumerate((("p", "Stay_Changed"), ("q", "Stay_Changed"), ("p", "StayXChanged"))):
        inbox.put("pms", f"e{number}", kind, {}, NOW + number * HOUR, connection="alpen", property_id=place)
    inbox.done(inbox.take("alpen", NOW, "me"), NOW, "done", None)

    def found(**wanted: object) -> list[str]:
        return [one.event_id for one in inbox.page(**wanted)]  # type: ignore[arg-type]

    assert found(property_id="p") == ["e2", "e0"]
    assert found(kind="stay_") == ["e1", "e0"]
    assert (found(state="handled"), found(state="waiting")) == (["e0"], ["e2", "e1"])
    assert found(since=NOW + HOUR, until=NOW + 2 * HOUR) == ["e1"]


def test_what_waits_for_a_connection_that_is_in_nobodys_settings_is_not_kept_for_ever(store: Database) -> None:
    inbox, day = Inbox(store), timedelta(days=1)
    inbox.put("seam", "e1", "lock.unlocked", {}, NOW)
    inbox.put("pms", "e2", "changed", {"bookings": ["b1"]}, NOW, connection="closed")
    inbox.put("seam", "e3", "lock.unlocked", {}, NOW + 40 * day)
    inbox.put("pms", "e4", "changed", {"bookings": ["b1"]}, NOW + 40 * day, connection="closed")

    def waiting(at: datetime) -> set[str]:
        inbox.forget_old(at, "alpen")
        by_task = [*inbox.without_connection(), *inbox.waiting("closed", at)]
        rows = {one.event_id for one in inbox.page()}
        assert rows == {one.event_id for one in by_task}, "a row and its task go together"
        return rows

    assert waiting(NOW + 41 * day) == {"e2", "e3", "e4"}
    assert waiting(NOW + 59 * day) == {"e2", "e3", "e4"}
    assert waiting(NOW + 61 * day) == {"e3", "e4"}
    assert waiting(NOW + 101 * day) == set()


def test_an_event_of_seam_is_assigned_when_its_connection_is_known(store: Database) -> None:
    inbox = Inbox(store)
    inbox.put("seam", "e1", "access_grant.deleted", {"seam_ids": ["g1"]}, NOW, unique_for_ever=True)
    (one,) = inbox.without_connection()
    inbox.assign([(one.id, "alpen", "p", {"bookings": ["b1"], "for_ever": True})], NOW)
    assert inbox.without_connection() == []
    assert inbox.waiting("alpen", NOW)[0].subjects["bookings"] == ["b1"]


def stay(booking: str = "b1", **rest: object) -> Stay:
    fields: dict[str, object] = {
        "connection": "alpen",
        "property_id": "p",
        "number": "52",
        "label": "J.N. 101",
        "room": "101",
        "status": "confirmed",
        "starts_at": NOW + HOUR,
        "ends_at": NOW + 48 * HOUR,
        "access": "granted",
        "reason": "",
        "grants": 1,
    }
    return Stay(booking_id=booking, **(fields | rest))  # type: ignore[arg-type]


def test_stays_are_found_by_time_and_by_whatever_is_known(store: Database) -> None:
    Stays(store).note("alpen", NOW, [stay(), stay("b2", number="9_9%", label="K.O. 102", room="102", access="none")])
    Stays(store).note("alpen", NOW, [stay(reason="again")])
    assert [one.reason for one in Stays(store).arriving(NOW, NOW + 2 * HOUR)] == ["again"]
    assert Stays(store).staying(NOW + 2 * HOUR, "alpen") == [stay(reason="again")]
    Runs(store).begin("r", "alpen", "full", NOW)
    Runs(store).record("r", "alpen", [], NOW, made=[Link("access_grant", "key-of-b1", "seam-1", booking_id="b1")])
    for words in ("101", "j.n", "52", "b1", "key-of-b1", "seam-1"):
        assert [one.booking_id for one in search(store, words, NOW)] == ["b1"], words
    assert [one.booking_id for one in search(store, "9_9%", NOW)] == ["b2"]
    assert [one.booking_id for one in search(store, "9_", NOW)] == ["b2"]
    assert search(store, "%", NOW) == search(store, "_", NOW) == [], "only characters, no wildcards"
    assert search(store, "nothing", NOW) == []
    assert Links(store).of_seam(["seam-1"])["seam-1"][4] == "b1"
    Stays(store).forget_old(NOW + timedelta(days=40), "alpen")
    assert search(store, "101", NOW) == []


def test_of_many_connections_those_that_know_a_key_are_found_without_asking_for_each(store: Database) -> None:
    names = [f"hotel{n}" for n in range(40)]
    for n, name in enumerate(names[:4]):
        Runs(store).begin(f"r{n}", name, "full", NOW)
    Properties(store).note("hotel0", [KnownProperty("hotel0", "b1", "Hotel", "UTC")], NOW)
    Stays(store).note("hotel1", NOW, [replace(stay(), connection="hotel1")])
    Runs(store).record("r2", "hotel2", [], NOW, made=[Link("space", "hotel2/b1", "space-1")])
    refused = OutcomeRow(Kind.ACCESS_GRANT, "hotel3/b1", Action.CREATE, Outcome.FAILED, "refused", booking_id="b1")
    Runs(store).record("r3", "hotel3", [refused], NOW)
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    found = connections_that_know(store, {"b1"}, {f"{name}/b1" for name in names})
    assert found == {"hotel0", "hotel1", "hotel2", "hotel3"}
    assert len(asked) == 4
    assert connections_that_know(store, {"52"}, set()) == {"hotel1"}, "by a booking's number"
    assert connections_that_know(store, set(), {"hotel3/b1"}) == {"hotel3"}, "what only failed is known as well"
    assert connections_that_know(store, {"b2"}, {f"{name}/b2" for name in names}) == set()


def test_the_stays_and_the_health_of_other_connections_are_theirs_to_forget(store: Database) -> None:
    for name in ("alpen", "harbor"):
        Stays(store).note(name, NOW, [replace(stay(), connection=name)])
        GrantHealth(store).note([Health(name, "nobody's", "b1", "seam-1", "issued", "", None, NOW)])
    Stays(store).forget_old(NOW + timedelta(days=40), "harbor")
    assert Stays(store).get("harbor", "b1") is None
    assert Stays(store).get("alpen", "b1") == stay()
    with store.reading() as db:
        assert db.execute(select(health.c.connection)).scalars().all() == ["alpen"]


def test_stays_are_kept_as_long_as_the_settings_say(store: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    Stays(store).note("alpen", NOW, [stay()])
    monkeypatch.setattr(store, "keep", Keep(stays=timedelta(days=60)))
    Stays(store).forget_old(NOW + timedelta(days=40), "alpen")
    assert Stays(store).get("alpen", "b1") is not None
    Stays(store).forget_old(NOW + timedelta(days=70), "alpen")
    assert Stays(store).get("alpen", "b1") is None


def test_of_the_stays_of_a_room_whoever_is_there_is_found_first_and_then_whoever_comes_next(store: Database) -> None:
    def of(name: str, since: int, until: int, **rest: object) -> Stay:
        return stay(name, number=name, starts_at=NOW + since * DAY, ends_at=NOW + until * DAY, **rest)

    stays = [
        of("far", 20, 22),
        of("next", 1, 3),
        of("here", -2, 1),
        of("left", -4, -2),
        of("left long ago", -9, -6),
        of("cancelled", -1, 2, access="none"),
        stay("without a time", number="7", starts_at=None, ends_at=None),
        of("1014", -1, 1, room="309", label="O.L. 309"),
    ]
    Stays(store).note("alpen", NOW, stays)
    found = [one.booking_id for one in search(store, "101", NOW)]
    assert found == ["here", "next", "far", "without a time", "left", "left long ago", "cancelled", "1014"]
    assert [one.booking_id for one in search(store, "101", NOW, limit=1)] == ["here"]


def link_grant(store: Database, key: str) -> None:
    Runs(store).record("r", "alpen", [], NOW, made=[Link("access_grant", key, "g1", booking_id=key)])


def test_health_never_goes_back_in_time_and_keeps_the_doors_it_knew(store: Database) -> None:
    link_grant(store, "b1")
    GrantHealth(store).note([Health("alpen", "b1", "b1", "g1", "issuing", "", [["Door", True]], NOW)])
    GrantHealth(store).note([Health("alpen", "b1", "b1", "g1", "issued", "", None, NOW + HOUR)])
    GrantHealth(store).note([Health("alpen", "b1", "b1", "g1", "failed", "old news", None, NOW)])
    (one,) = GrantHealth(store).of("alpen", ["b1"])
    assert (one.state, one.doors) == ("issued", [["Door", True]])
    GrantHealth(store).note([Health("alpen", "b1", "b1", "g2", "issuing", "another grant", None, NOW)])
    assert GrantHealth(store).of()[0].seam_id == "g2"


def test_the_health_of_a_grant_that_is_linked_no_more_says_nothing(store: Database) -> None:
    link_grant(store, "b1")
    link_grant(store, "b1:companion")
    for key in ("b1", "b1:companion"):
        GrantHealth(store).note([Health("alpen", key, "b1", "g1", "failed", "", None, NOW)])
    Runs(store).record("r", "alpen", [], NOW, gone=[("access_grant", "b1:companion")])
    assert [one.key for one in GrantHealth(store).of("alpen", ["b1"])] == ["b1"]


def test_health_knows_since_when_it_is_so_however_often_it_is_asked_for(store: Database) -> None:
    link_grant(store, "b1")
    for hours, state, seam_id, since in (
        (0, "issuing", "g1", 0),
        (1, "issuing", "g1", 0),
        (2, "issued", "g1", 2),
        (3, "issuing", "g1", 3),
        (4, "issuing", "g2", 4),
    ):
        GrantHealth(store).note([Health("alpen", "b1", "b1", seam_id, state, "", None, NOW + hours * HOUR)])
        (one,) = GrantHealth(store).of("alpen", ["b1"])
        assert (one.at, one.since) == (NOW + hours * HOUR, NOW + since * HOUR)


def test_a_property_that_its_pms_lists_no_more_is_forgotten_and_the_others_are_not(store: Database) -> None:
    one, two, other = (KnownProperty(name, name + "-p", name, "UTC") for name in ("a", "b", "c"))
    Properties(store).note("a", [one, two], NOW)
    Properties(store).note("c", [other], NOW)
    two = KnownProperty("a", two.property_id, two.name, "UTC")
    Properties(store).note("a", [one, two], NOW + 2 * HOUR)
    Properties(store).note("a", [one], NOW + 20 * HOUR)
    assert [each.property_id for each in Properties(store).known() if each.connection == "a"] == ["a-p", "b-p"]
    Properties(store).note("a", [one], NOW + 27 * HOUR)
    assert [each.property_id for each in Properties(store).known() if each.connection == "a"] == ["a-p"]
    assert other in Properties(store).known(), "its own PMS was not asked since"


def test_runs_show_what_they_do_and_how_they_ended(store: Database) -> None:
    Properties(store).note("alpen", [KnownProperty("alpen", "p", "Hotel", "Europe/Vienna")], NOW)
    Properties(store).note("alpen", [KnownProperty("alpen", "p", "Hotel Alpenblick", "Europe/Vienna")], NOW)
    assert [one.name for one in Properties(store).known()] == ["Hotel Alpenblick"]
    Runs(store).begin("r1", "alpen", "full", NOW)
    Runs(store).note_progress("r1", "reading", 3, 10)
    assert [(run.phase, run.done, run.total) for run in History(store).running()] == [("reading", 3, 10)]
    row = OutcomeRow(
        "access_grant", "b1", "update", "done", "put back", label="J.N. 101", booking_id="b1", cause="drift"
    )
    Runs(store).record("r1", "alpen", [row], NOW)
    Holds(store).add("r1", "alpen", [Hold("b1", "p", "b1", "cancelled")], NOW)
    Runs(store).finish("r1", "full", NOW + HOUR, 0, {"access_grant": {"updated": 1}})
    Runs(store).begin("r2", "alpen", "incremental", NOW + HOUR)
    Runs(store).finish("r2", "incremental", NOW + HOUR, 1, {}, "the PMS is down")
    assert History(store).running() == []
    status = StatusBook(store).all()["alpen"]
    assert (status.good_started_at, status.good_ended_at, status.full_run) == (NOW, NOW + HOUR, "r1")
    assert (status.last_run, status.trouble, status.failures) == ("r2", "the PMS is down", 1)
    assert [run.run_id for run in History(store).runs(news_only=True, before=NOW + HOUR)] == ["r1"]
    assert History(store).outcomes_page("r1", words="j.n.") == ([row], 1)
    assert History(store).outcomes_page("r1", outcome="failed") == ([], 0)
    assert [one.row for one in History(store).drift(NOW - HOUR)] == [row]
    assert [one.run_id for one in History(store).of_booking("alpen", "b1", [])] == ["r1"]
    assert [one.hold.key for one in Holds(store).waiting()] == ["b1"]
    assert [(one.runs, one.changes, one.failures, one.broken_off) for one in RunDays(store).since(NOW.date())] == [
        (2, 1, 0, 1)
    ]
    LockAccounts(store).note("alpen", "p", [Account("alpen", "a1", "p", "Salto", None, NOW)])
    LockAccounts(store).note("alpen", "p", [Account("alpen", "a2", "p", "Salto", "account_disconnected", NOW)])
    assert [one.account_id for one in LockAccounts(store).all()] == ["a2"]


def test_a_run_is_of_the_day_on_which_it_began_at_its_property_and_of_several_zones_in_utc(store: Database) -> None:
    there = [KnownProperty("alpen", "p", "Hotel", "Europe/Vienna"), KnownProperty("alpen", "q", "Inn", "Asia/Tokyo")]
    Properties(store).note("alpen", there[:1], NOW)
    late = NOW.replace(hour=23, minute=30)
    for number, property_id in enumerate((None, "p", None)):
        if number == 2:
            Properties(store).note("alpen", there, NOW)
        Runs(store).begin(f"r{number}", "alpen", "full", late, property_id)
        Runs(store).finish(f"r{number}", "full", late, 0, {})
    days = {one.day: one.runs for one in RunDays(store).since(NOW.date())}
    assert days == {NOW.date() + timedelta(days=1): 2, NOW.date(): 1}


def test_an_alert_begins_once_and_ends_once(store: Database) -> None:
    book, cause = AlertBook(store), Cause("alpen", "booking", "b1", "it does not work")
    assert book.compare([cause], ["email", "webhook"], NOW) == (1, 0)
    assert book.compare([cause], ["email", "webhook"], NOW) == (0, 0)
    assert [one.phase for one in book.to_tell(NOW)] == ["begin", "begin"]
    first, second = book.to_tell(NOW)
    book.told(first, NOW)
    book.not_told(second, NOW + HOUR, "no answer")
    assert book.to_tell(NOW) == []
    assert book.compare([], ["email"], NOW) == (0, 1)
    assert (len(book.open()), len(book.recent(NOW))) == (0, 1)
    assert [one.phase for one in book.to_tell(NOW)] == ["end"], "by the channel that has told of the beginning"
    assert [one.task.attempts for one in book.to_tell(NOW + HOUR)] == [1, 0]
    assert book.compare([cause], ["email"], NOW) == (1, 0), "it may come again"
    book.forget_old(NOW + HOUR)
    assert len(book.recent(NOW)) == 1


def test_what_is_acknowledged_is_told_to_nobody_else_and_comes_back_when_it_begins_anew(store: Database) -> None:
    book, cause = AlertBook(store), Cause("alpen", "booking", "b1", "it does not work", "p")
    book.compare([cause], ["email", "webhook"], NOW)
    email, _ = book.to_tell(NOW)
    book.told(email, NOW)
    assert book.acknowledge(email.alert.id, "nina", NOW)
    assert not book.acknowledge(email.alert.id, "otto", NOW), "it is once"
    assert book.to_tell(NOW + DAY) == []
    (one,) = book.recent(NOW, state="acknowledged", property_id="p")
    assert (one.acknowledged_by, one.ended_at) == ("nina", None)
    book.compare([], ["email", "webhook"], NOW + HOUR)
    assert [(each.channel, each.phase) for each in book.to_tell(NOW + HOUR)] == [("email", "end")]
    assert not book.acknowledge(one.id, "nina", NOW), "it has ended"
    lines = [(each.what, each.who, each.note) for each in book.history(one.id)]
    assert lines == [
        ("began", None, None),
        ("told", None, "email"),
        ("acknowledged", "nina", None),
        ("not told", None, "webhook"),
        ("ended", None, None),
    ]
    book.compare([cause], ["email"], NOW + HOUR)
    assert [each.acknowledged_by for each in book.open()] == [None]
    assert [each.phase for each in book.to_tell(NOW + HOUR)] == ["end", "begin"]
    book.forget_old(NOW + DAY)
    assert (book.get(one.id), book.history(one.id)) == (None, [])


def test_a_silence_keeps_channels_quiet_until_it_ends_by_itself(store: Database) -> None:
    book, cause = AlertBook(store), Cause("alpen", "locks", "p", "1 lock does not work", "p")
    book.compare([cause], ["email"], NOW)
    (first,) = book.open()
    assert book.silence(first.id, NOW + 3 * HOUR, "the electrician is here", "nina", NOW)
    assert book.to_tell(NOW + HOUR) == []
    assert [one.id for one in book.recent(NOW + HOUR, state="silenced")] == [first.id], "it stays on the page"
    book.compare([], ["email"], NOW + HOUR)
    assert book.to_tell(NOW + DAY) == [], "of what began and ended meanwhile nobody hears"
    book.compare([cause], ["email"], NOW + 2 * HOUR)
    (again,) = book.open()
    assert again.silenced_why == "the electrician is here", "one that comes and goes stays silent"
    assert book.to_tell(NOW + 2 * HOUR) == []
    assert [one.phase for one in book.to_tell(NOW + 3 * HOUR)] == ["begin"]
    assert book.recent(NOW + 3 * HOUR, state="silenced") == []
    book.told(book.to_tell(NOW + 3 * HOUR)[0], NOW + 3 * HOUR)
    book.silence(again.id, NOW + 5 * HOUR, "", "nina", NOW + 3 * HOUR)
    book.compare([], ["email"], NOW + 4 * HOUR)
    assert book.to_tell(NOW + 4 * HOUR) == []
    assert [one.phase for one in book.to_tell(NOW + 5 * HOUR)] == ["end"], "whoever was told hears that it is over"


def test_a_silence_may_be_ended_and_an_alert_belongs_to_somebody(store: Database) -> None:
    book = AlertBook(store)
    book.compare([Cause("alpen", "locks", "p", "1 lock does not work")], ["email"], NOW)
    (one,) = book.open()
    book.silence(one.id, NOW + DAY, "later", "nina", NOW)
    book.silence(one.id, NOW, "", "otto", NOW)
    assert [each.phase for each in book.to_tell(NOW)] == ["begin"]
    assert book.assign(one.id, "nina", "otto", NOW)
    assert [each.id for each in book.recent(NOW, assigned_to="nina")] == [one.id]
    assert book.assign(one.id, None, "nina", NOW)
    assert book.recent(NOW, assigned_to="nina") == []
    assert not book.assign(99_999, "nina", "otto", NOW)


def test_alerts_are_listed_with_what_nobody_sees_to_first_and_page_by_page(store: Database) -> None:
    book = AlertBook(store)
    causes = [Cause("alpen", "booking", f"b{number}", "it does not work") for number in range(5)]
    book.compare(causes, [], NOW)
    ids = {one.subject: one.id for one in book.open()}
    book.compare(causes[1:4], [], NOW + HOUR)
    book.acknowledge(ids["b3"], "nina", NOW + HOUR)
    whole = [one.subject for one in book.recent(NOW + HOUR)]
    assert whole == ["b2", "b1", "b3", "b4", "b0"]
    pages, before = [], None
    while page := book.recent(NOW + HOUR, 1, before=before):
        pages.append(page[0].subject)
        before = page[0].id
    assert pages == whole
    assert {one.subject for one in book.recent(NOW, state="ended", since=NOW, until=NOW + DAY)} == {"b0", "b4"}
    assert book.recent(NOW, state="ended", since=NOW + 2 * HOUR) == []


def test_a_job_knows_when_it_last_ended_well(store: Database) -> None:
    book = JobBook(store)
    book.began("alpen", "", "full", NOW)
    book.ended(None, "alpen", "", "full", NOW, None)
    before = book.all()[("alpen", "", "full")]
    book.began("alpen", "", "full", NOW + HOUR)
    book.ended(before, "alpen", "", "full", NOW + HOUR, "the PMS is down")
    after = book.all()[("alpen", "", "full")]
    assert (after.good_at, after.started_at, after.failures, after.trouble) == (NOW, NOW + HOUR, 1, "the PMS is down")


def test_people_sign_in_by_what_is_kept_of_them(store: Database) -> None:
    people = People(store)
    people.add_user("nina", Role.OPERATOR, "hash", NOW)
    with pytest.raises(AlreadyThere):
        people.add_user("nina", Role.ADMIN, "hash", NOW)
    assert people.change_user("nina", password_hash="another", role=Role.ADMIN)
    user = people.user("nina")
    assert user is not None
    assert (user.role, user.generation, user.password_hash) == (Role.ADMIN, 2, "another")
    assert not people.change_user("nobody", disabled=True)
    token = people.make_token("ci", Role.VIEWER, NOW)
    found = people.token(token, NOW)
    assert found is not None
    assert found.role is Role.VIEWER
    with pytest.raises(AlreadyThere):
        people.make_token("ci", Role.VIEWER, NOW)
    assert people.token(token + "x", NOW) is None
    assert people.revoke_token("ci", NOW)
    assert people.token(token, NOW) is None
    link = people.make_link("nina", NOW)
    assert people.use_link(link, NOW) == "nina"
    assert people.use_link(link, NOW) is None
    assert people.use_link(people.make_link("nina", NOW), NOW + HOUR) is None
    people.note("nina", "approved", NOW, target="r1")
    assert [entry.action for entry in people.audit_entries(target="r1")] == ["approved"]
    assert people.secret("sessions") == people.secret("sessions")


def test_two_groups_of_processes_on_one_database_leave_each_others_alerts_alone(store: Database) -> None:
    book = AlertBook(store)
    mine, theirs = Cause("alpen", "connection", "alpen", "failed"), Cause("harbor", "connection", "harbor", "failed")
    assert book.compare([mine], ["email"], NOW, ["alpen"]) == (1, 0)
    assert book.compare([theirs], ["email"], NOW, ["harbor"]) == (1, 0)
    assert book.compare([mine], ["email"], NOW, ["alpen"]) == (0, 0)
    (told,) = book.to_tell(NOW, connections=["harbor"])
    assert told.alert.connection == "harbor"
    assert book.compare([], ["email"], NOW, ["harbor"]) == (0, 1)
    assert [one.connection for one in book.open()] == ["alpen"]
    book.forget_old(NOW + HOUR, ["alpen"])
    assert [one.connection for one in book.recent(NOW)] == ["alpen", "harbor"], "what is open comes first"
    book.forget_old(NOW + HOUR, ["harbor"])
    assert [one.connection for one in book.recent(NOW)] == ["alpen"]
