"""Something that a person should know of is told once when it begins and once when it ends."""

import itertools
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook

from mappers.policy import MaxRevocations, Policy
from schedules.alerts import Alerts
from schedules.channels import CannotTell, Email, SignedWebhook, one_line
from schedules.scheduler import Scheduler
from store.alerts import Alert, Message
from store.holds import Holds
from store.jobs import JobBook
from store.queue import Task, TaskKind
from store.runs import OutcomeRow, Runs
from tests.night import Night, Told
from tests.world import START

SECRET = "whsec_c2FuZGJveC1zYW5kYm94LXNhbmRib3g="
NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
ALERT = Alert(7, "alpen", "booking", "b1", "Booking 52 (J.N. 101): the lock\r\nBcc: x@evil.example", NOW, None)
MESSAGE = Message(Task("alpen", TaskKind.SEND_ALERT, "1/begin/email", ALERT.began_at), ALERT, "begin", "email")


def test_a_guest_about_to_arrive_without_a_room_is_an_alert_until_she_has_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    booking = night.book(None, arrival=START + timedelta(hours=6))
    night.do("full")
    assert night.look_at_alerts() == []
    night.clock.pass_(hours=3)
    night.do("incremental")
    (told,) = night.look_at_alerts()
    assert told.startswith("begin: Night Porter: Booking")
    assert "waiting for a room" in told
    night.clock.pass_(minutes=2)
    assert night.look_at_alerts() == [], "told once"
    night.hotel.assign(booking, night.rooms[0])
    night.do("incremental")
    (told,) = night.look_at_alerts()
    assert told.startswith("end: Over: Booking")
    assert night.look_at_alerts() == []


def test_a_room_without_a_door_is_an_alert_before_the_guest_stands_there(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    (told,) = night.look_at_alerts()
    assert "no lock in Seam" in told


def test_a_lock_that_never_confirms_is_an_alert_though_it_is_asked_every_few_minutes(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    night.seam.issue_delay = timedelta(hours=5)
    night.listen()
    booking = night.book(arrival=START + timedelta(minutes=40))
    night.do("full")
    told = {}
    for minute in range(1, 31):
        night.minute()
        if found := night.look_at_alerts():
            told[minute] = found
    ((after, (words,)),) = told.items()
    assert 15 <= after <= 20
    assert "the lock has not confirmed it" in words
    night.seam.reissue(booking, "4711")
    night.settle()
    (words,) = night.look_at_alerts()
    assert words.startswith("end:")


def test_a_connection_that_fails_three_times_is_an_alert(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.hotel.faults.down = True
    told = []
    for _ in range(3):
        night.clock.pass_(minutes=2)
        night.do("incremental")
        told.append(night.look_at_alerts())
    assert told[:2] == [[], []]
    assert "has failed 3 times in a row" in told[2][0]
    night.hotel.faults.down = False
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.look_at_alerts()[0].startswith("end:")


def test_held_revocations_are_an_alert_until_somebody_approves(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(max_revocations=MaxRevocations(1, 1)))
    bookings = [night.book(room) for room in range(3)]
    night.do("full")
    for booking in bookings:
        night.hotel.cancel(booking)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert "3 revocations wait" in night.look_at_alerts()[0]
    held = Holds(night.store).waiting()[0].run_id
    night.inbox.put("staff", f"approve {held}", "approve", {"runs": [held]}, night.clock.now(), connection="alpen")
    night.settle()
    assert night.look_at_alerts()[0].startswith("end:")
    assert [night.doors(booking) for booking in bookings] == [[], [], []]


def held_and_failing(path: Path, *, failing_before: bool) -> tuple[Night, list[str]]:
    """A night in which three stays seem to be over while nothing else can be read, and what was told of it."""
    night = Night(path, Policy(max_revocations=MaxRevocations(1, 1)))
    bookings = [night.book(room) for room in range(3)]
    night.do("full")
    night.listen()
    told: list[str] = []
    for minute in range(8):
        if minute == (4 if failing_before else 1):
            night.hotel.faults.unavailable = 0.0
            for booking in bookings:
                night.hotel.cancel(booking)
            night.settle()
        night.hotel.faults.unavailable = 1.0
        night.clock.pass_(minutes=2)
        night.do("incremental")
        told += night.look_at_alerts()
    night.hotel.faults.unavailable = 0.0
    return night, told


def test_revocations_that_are_held_while_the_pms_cannot_be_read_are_one_alert(tmp_path: Path) -> None:
    night, told = held_and_failing(tmp_path, failing_before=False)
    (begun,) = told
    assert begun.startswith("begin: Night Porter: 3 revocations wait for somebody's approval")
    assert "Approve nothing before connection alpen is well, for its runs fail: " in night.alert_book.open()[0].text
    # It can be read again, and says the same: the alert goes on, without the warning.
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.look_at_alerts() == []
    (alert,) = night.alert_book.open()
    assert alert.text.endswith("those guests keep the access")


def test_what_fails_anew_while_revocations_are_held_is_told(tmp_path: Path) -> None:
    night, _ = held_and_failing(tmp_path, failing_before=False)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.look_at_alerts() == []
    night.hotel.faults.unavailable = 1.0
    told = []
    for _ in range(4):
        night.clock.pass_(minutes=2)
        night.do("incremental")
        told += night.look_at_alerts()
    (begun,) = told
    assert begun.startswith("begin: Night Porter: Connection alpen has failed 3 times in a row")


def test_revocations_that_are_held_after_the_connection_failed_are_part_of_its_alert(tmp_path: Path) -> None:
    night, told = held_and_failing(tmp_path, failing_before=True)
    (begun,) = told
    assert begun.startswith("begin: Night Porter: Connection alpen has failed 3 times in a row")
    (alert,) = night.alert_book.open()
    assert "Meanwhile 3 revocations wait for somebody's approval" in alert.text
    # What still waits when the connection is well again is told by itself.
    night.clock.pass_(minutes=2)
    night.do("incremental")
    begun, ended = sorted(night.look_at_alerts())
    assert begun.startswith("begin: Night Porter: 3 revocations wait")
    assert ended.startswith("end: Over: Connection alpen has failed")


def test_a_lock_system_that_is_disconnected_is_an_alert(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    night.do("full")
    night.listen()
    night.seam.disconnect_account(night.property)
    night.settle()
    (told,) = night.look_at_alerts()
    assert "account_disconnected" in told
    night.seam.reconnect_account(night.property)
    night.settle()
    assert night.look_at_alerts()[0].startswith("end:")


def test_what_cannot_be_told_is_tried_again_ever_more_rarely_for_as_long_as_it_lasts(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=START + timedelta(hours=1))
    night.do("full")
    night.told.broken = True
    night.alerts.look()
    tries = []
    for _ in range(60 * 8):
        night.clock.pass_(minutes=1)
        if night.alert_book.to_tell(night.clock.now()):
            night.alerts.tell()
            tries.append(night.clock.now())
    pauses = [after - before for before, after in itertools.pairwise(tries)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == timedelta(minutes=15)
    night.told.broken = False
    night.clock.pass_(minutes=15)
    night.alerts.tell()
    assert len(night.told.messages) == 1


def test_a_mail_server_that_is_down_for_five_hours_is_told_afterwards_and_delays_no_other_channel(
    tmp_path: Path,
) -> None:
    night = Night(tmp_path)
    night.book(arrival=START + timedelta(hours=1))
    night.do("full")

    class Mail(Told):
        def tell(self, message: Message, subject: str, text: str, now: Any) -> None:
            super().tell(message, subject, text, now)
            begun.append(message.alert.id)

    class Chat(Told):
        name = "webhook"

    begun: list[int] = []
    mail, chat = Mail(), Chat()
    alerts = Alerts(night.store, night.connections, [mail, chat], clock=night.clock.now, public_url=None)
    mail.broken = True
    for minute in range(0, 60 * 5, 5):
        night.clock.pass_(minutes=5)
        if minute == 120:
            # A second trouble, in the middle of the outage.
            night.book(arrival=night.clock.now() + timedelta(hours=1))
            night.do("incremental")
        alerts.look()
        alerts.tell()
        waiting = {one.channel for one in night.alert_book.to_tell(night.clock.now())}
        assert "webhook" not in waiting, "the other channel hears of everything at once"
    assert len(chat.messages) >= 2
    assert mail.messages == []
    mail.broken = False
    for _ in range(0, 60 * 3, 5):
        night.clock.pass_(minutes=5)
        alerts.tell()
    assert sorted(begun) == sorted(one.id for one in night.alert_book.open()), "each that lasts, once"
    assert len(begun) >= 2
    assert {phase for phase, _ in mail.messages} == {"begin"}


def test_what_is_over_and_never_got_through_is_given_up_in_the_end(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    booking = night.book(None, arrival=START + timedelta(hours=1))
    night.do("full")
    night.told.broken = True
    night.alerts.look()
    night.hotel.assign(booking, night.rooms[0])
    night.do("incremental")
    night.alerts.look()
    for _ in range(60 * 6):
        night.clock.pass_(minutes=1)
        night.alerts.tell()
    assert night.alert_book.to_tell(night.clock.now() + timedelta(days=1)) == []
    night.told.broken = False
    night.clock.pass_(hours=1)
    night.alerts.tell()
    assert night.told.messages == []


def watched(night: Night, minutes: int) -> list[str]:
    """What is told in so many minutes, in which nobody does anything."""
    told = []
    for _ in range(minutes):
        night.clock.pass_(minutes=1)
        told += night.look_at_alerts()
    return told


def test_a_connection_that_hangs_is_an_alert_after_three_intervals(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    JobBook(night.store).began("alpen", "", "incremental", night.clock.now())
    assert watched(night, 6) == []
    (told,) = watched(night, 2)
    assert told.startswith("begin: Night Porter: Connection alpen has had no good run since 18 Sep 10:00 UTC")
    assert "has not ended" in told
    assert watched(night, 10) == []
    night.do("incremental")
    assert night.look_at_alerts()[0].startswith("end:")


def test_a_connection_that_has_never_ended_a_good_run_is_an_alert_too(tmp_path: Path) -> None:
    night = Night(tmp_path)
    (told,) = watched(night, 8)
    assert "has had no good run yet" in told


def test_where_nobody_was_there_to_end_a_run_it_counts_from_when_somebody_is(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    assert watched(night, 3) == []
    night.clock.pass_(hours=8)
    assert watched(night, 5) == []
    assert len(watched(night, 3)) == 1


def test_a_long_run_that_gets_on_is_no_alert(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    JobBook(night.store).began("alpen", "", "full", night.clock.now())
    Runs(night.store).begin("r1", "alpen", "full", night.clock.now())
    for _ in range(10):
        row = OutcomeRow("access_grant", "k", "update", "done")
        Runs(night.store).record("r1", "alpen", [row], now=night.clock.now())
        assert watched(night, 3) == []
    assert len(watched(night, 8)) == 1


@pytest.mark.parametrize(("job", "said"), [("full", "The full runs"), ("night_audit", "The night audits")])
def test_full_runs_or_audits_that_always_fail_are_told_though_the_others_are_good(
    tmp_path: Path, job: str, said: str
) -> None:
    night = Night(tmp_path)
    night.do("full")
    book = JobBook(night.store)
    of = night.property if job == "night_audit" else ""
    told = []
    for _ in range(4):
        night.clock.pass_(minutes=2)
        before = book.all().get(("alpen", of, job))
        book.began("alpen", of, job, night.clock.now())
        book.ended(before, "alpen", of, job, night.clock.now(), "Seam has no room for it")
        night.do("incremental")
        told += night.look_at_alerts()
    (one,) = told
    assert one.startswith(f"begin: Night Porter: {said}")
    assert "Seam has no room for it" in night.alert_book.open()[0].text


def test_nobody_hears_of_the_end_before_the_beginning(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    booking = night.book(None, arrival=START + timedelta(hours=1))
    night.do("full")
    night.told.broken = True
    assert night.look_at_alerts() == []
    night.told.broken = False
    night.hotel.assign(booking, night.rooms[0])
    night.do("incremental")
    told = []
    for _ in range(5):
        told += night.look_at_alerts()
        night.clock.pass_(minutes=1)
    assert [words.split(":")[0] for words in told] == ["begin", "end"]


def test_a_crash_between_finding_and_telling_loses_nothing(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=START + timedelta(hours=1))
    night.do("full")
    night.alerts.look()
    night._assemble()
    night.alerts.tell()
    night.alerts.tell()
    assert len(night.told.messages) == 1


# --- the channels -----------------------------------------------------------------------------------------------------


def test_an_email_arrives_and_nobody_can_smuggle_a_header_into_it() -> None:
    controller_of = pytest.importorskip("aiosmtpd.controller")
    received: list[Any] = []

    class Handler:
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            received.append(envelope)
            return "250 OK"

    controller = controller_of.Controller(Handler(), hostname="127.0.0.1", port=0)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        controller.port = probe.getsockname()[1]
    controller.start()
    try:
        email = Email("127.0.0.1", controller.port, "np@hotel.example", ["duty@hotel.example"], None, None, "none")
        email.tell(MESSAGE, f"Night Porter: {ALERT.text}", f"{ALERT.text}\n\nhttps://night.example/x", NOW)
    finally:
        controller.stop()
    (envelope,) = received
    text = envelope.content.decode()
    headers = text.split("\r\n\r\n")[0]
    assert envelope.rcpt_tos == ["duty@hotel.example"]
    assert "\r\nBcc:" not in headers
    assert "https://night.example/x" in text


def test_a_mail_server_that_is_down_is_a_sentence() -> None:
    email = Email("127.0.0.1", 1, "a@b.example", ["c@d.example"], "user", "hunter22", "none", timeout=2)
    with pytest.raises(CannotTell, match="did not take it") as problem:
        email.tell(MESSAGE, "s", "t", NOW)
    assert "hunter22" not in repr(email) + str(problem.value)


@contextmanager
def receiver(status: int) -> Iterator[tuple[str, list[tuple[bytes, dict[str, str]]]]]:
    received: list[tuple[bytes, dict[str, str]]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, {name.lower(): value for name, value in self.headers.items()}))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", received
    finally:
        server.shutdown()
        server.server_close()


def test_the_outgoing_webhook_is_signed_as_standard_webhooks_has_it() -> None:
    with receiver(204) as (url, received):
        channel = SignedWebhook(url, SECRET)
        channel.tell(MESSAGE, "s", "t", datetime.now(UTC))
        channel._http.close()
    ((body, headers),) = received
    verified = Webhook(SECRET).verify(body, headers)
    assert verified["type"] == "alert.began"
    assert verified["data"]["subject"] == "b1"
    assert headers["webhook-id"] == "alert_7_begin"
    assert SECRET not in repr(channel)


def test_a_receiver_that_refuses_is_a_sentence() -> None:
    with receiver(500) as (url, _):
        channel = SignedWebhook(url, SECRET)
        with pytest.raises(CannotTell, match="answered 500"):
            channel.tell(MESSAGE, "s", "t", datetime.now(UTC))
        channel._http.close()


@contextmanager
def a_peer_that_drips(every: float, words: bytes = b"2") -> Iterator[int]:
    """Takes connections and says one byte, or these words, after another, without an end."""
    listener = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        with connection:
            while not over.wait(every):
                try:
                    connection.sendall(words)
                except OSError:
                    return

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=drip, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        over.set()
        listener.close()


def test_a_peer_that_never_comes_to_an_end_is_not_waited_for() -> None:
    with a_peer_that_drips(0.05) as port:
        channels = [
            Email("127.0.0.1", port, "a@b.example", ["c@d.example"], None, None, "none", within=0.4),
            SignedWebhook(f"http://127.0.0.1:{port}/", SECRET, within=0.4),
        ]
        for channel in channels:
            began = time.monotonic()
            with pytest.raises(CannotTell):
                channel.tell(MESSAGE, "s", "t", datetime.now(UTC))
            assert time.monotonic() - began < 20, "what drips has no end"


def test_a_mail_server_whose_greeting_has_no_end_is_given_up_after_a_few_lines() -> None:
    with a_peer_that_drips(0, b"220-hello\r\n" * 1000) as port:
        channel = Email("127.0.0.1", port, "a@b.example", ["c@d.example"], None, None, "none", within=30)
        began = time.monotonic()
        with pytest.raises(CannotTell, match="did not take it"):
            channel.tell(MESSAGE, "s", "t", datetime.now(UTC))
        assert time.monotonic() - began < 10


def test_a_channel_that_hangs_keeps_no_other_from_being_told(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=START + timedelta(hours=1))
    night.do("full")
    told, hangs, over = threading.Event(), threading.Event(), threading.Event()

    class Hanging:
        name = "email"

        def tell(self, message: Message, subject: str, text: str, now: Any) -> None:
            hangs.set()
            over.wait(10)

    class Quick:
        name = "webhook"

        def tell(self, message: Message, subject: str, text: str, now: Any) -> None:
            told.set()

    alerts = Alerts(night.store, night.connections, [Hanging(), Quick()], clock=night.clock.now, public_url=None)
    scheduler = Scheduler(night.store, [night.worker], night.router, alerts, clock=night.clock.now)
    try:
        scheduler.tick()
        assert hangs.wait(5)
        assert told.wait(5)
    finally:
        over.set()
        scheduler.stop(5)


def test_a_reservation_number_cannot_put_headers_into_the_mail() -> None:
    hostile = "Booking =?utf-8?q?X=0D=0ABcc:_thief@evil.example?= \r\nBcc: other@evil.example\x1b[2J"
    mail = EmailMessage()
    mail["Subject"] = one_line(hostile)
    text = mail.as_string()
    assert [line for line in text.splitlines() if line.lower().startswith("bcc")] == []
    assert mail["Bcc"] is None
    assert "\x1b" not in text


def test_a_clock_that_is_wrong_is_an_alert_until_it_is_right_again(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    assert night.look_at_alerts() == []
    night.hotel.clock_skew = timedelta(minutes=5)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    (told,) = night.look_at_alerts()
    assert told.startswith("begin:")
    assert "the clock of the PMS is 5 minutes ahead of ours" in told
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert night.look_at_alerts() == [], "told once"
    night.hotel.clock_skew = timedelta(0)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    (told,) = night.look_at_alerts()
    assert told.startswith("end:")


def test_a_clock_at_which_nothing_is_written_is_told_at_once_and_ends_when_it_is_right(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    ahead = timedelta(days=3)
    night.hotel.now = night.seam.now = lambda: night.clock.now() - ahead
    night.clock.pass_(minutes=2)
    night.do("incremental")
    told = night.look_at_alerts()
    assert any("the clock of this machine is" in one for one in told), told
    night.hotel.now = night.seam.now = night.clock.now
    night.clock.pass_(minutes=2)
    night.do("incremental")
    assert any(one.startswith("end:") and "clock" in one for one in night.look_at_alerts())
