"""What a person should know of now, and how she is told: by e-mail and by a signed webhook, once when it begins and
once when it ends.
"""

import json
import smtplib
import ssl
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Protocol

import requests
import structlog
from standardwebhooks import Webhook

from mappers.policy import Policy
from mappers.stay_window import local
from reconciler.arrivals import Arrival, DoorState, arrivals
from store.alerts import Alert, AlertBook, Cause, Message
from store.board import SWEEPS, Board
from store.handed import HandedBook
from store.store import Store

log = structlog.get_logger("alerts")
FAILED_RUNS = 3
ATTEMPTS = 12
LONGEST_PAUSE = timedelta(hours=1)
KEEP = timedelta(days=30)


class CannotTell(Exception):
    """A message did not get through; the sentence says why."""


class Channel(Protocol):
    """A way to tell somebody. Raises `CannotTell`."""

    name: str

    def tell(self, message: Message, subject: str, text: str, now: datetime) -> None: ...


class Email:
    """By SMTP. `security`: `starttls`, `tls`, or `none` (a relay on the same machine)."""

    name = "email"

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        to: Sequence[str],
        user: str | None,
        password: str | None,
        security: str,
        timeout: float = 20.0,
    ):
        self._host, self._port = host, port
        self._sender, self._to = sender, to
        self._user, self._password = user, password
        self._security = security
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Email({self._host})"

    def tell(self, message: Message, subject: str, text: str, now: datetime) -> None:
        mail = EmailMessage()
        mail["Subject"] = " ".join(subject.split())
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = now
        mail["Message-ID"] = make_msgid(f"alert-{message.alert.id}-{message.phase}", domain="nightporter.invalid")
        mail.set_content(text)
        try:
            with self._server() as server:
                if self._security == "starttls":
                    server.starttls(context=ssl.create_default_context())
                if self._user is not None and self._password is not None:
                    server.login(self._user, self._password)
                server.send_message(mail)
        except smtplib.SMTPAuthenticationError:
            raise CannotTell(f"the mail server {self._host} refuses alerts.email.user and .password") from None
        except (OSError, smtplib.SMTPException) as problem:
            raise CannotTell(f"the mail server {self._host} did not take it ({type(problem).__name__})") from None

    def _server(self) -> smtplib.SMTP:
        if self._security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self._host, self._port, timeout=self._timeout, context=context)
        return smtplib.SMTP(self._host, self._port, timeout=self._timeout)


class SignedWebhook:
    """By a POST that is signed as Standard Webhooks has it: webhook-id, webhook-timestamp, webhook-signature."""

    name = "webhook"

    def __init__(self, url: str, secret: str, session: requests.Session | None = None):
        self._url = url
        self._signer = Webhook(secret)
        self._http = session or requests.Session()

    def __repr__(self) -> str:
        return "SignedWebhook(...)"

    def tell(self, message: Message, subject: str, text: str, now: datetime) -> None:
        alert = message.alert
        body = json.dumps(
            {
                "type": f"alert.{'began' if message.phase == 'begin' else 'ended'}",
                "timestamp": now.isoformat(),
                "data": {
                    "id": alert.id,
                    "connection": alert.connection,
                    "kind": alert.kind,
                    "subject": alert.subject,
                    "text": alert.text,
                    "began_at": alert.began_at.isoformat(),
                    "ended_at": alert.ended_at.isoformat() if alert.ended_at else None,
                },
            },
            ensure_ascii=False,
        )
        # The same id for every attempt: whoever receives it twice can tell.
        message_id = f"alert_{alert.id}_{message.phase}"
        headers = {
            "Content-Type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(message_id, now, body),
        }
        try:
            answer = self._http.post(
                self._url, data=body.encode(), headers=headers, timeout=(5, 15), allow_redirects=False
            )
        except requests.RequestException as problem:
            raise CannotTell(f"the alert webhook cannot be reached ({type(problem).__name__})") from None
        if not 200 <= answer.status_code < 300:
            raise CannotTell(f"the alert webhook answered {answer.status_code}")


class Alerts:
    """Finds what is wrong now, and tells it."""

    def __init__(
        self,
        store: Store,
        policies: Mapping[str, Policy],
        channels: Sequence[Channel],
        *,
        clock: Callable[[], datetime],
        public_url: str | None,
    ):
        """`policies` by connection; `public_url` is where the report can be read."""
        self._store = store
        self._policies = policies
        self._channels = channels
        self._clock = clock
        self._public_url = (public_url or "").rstrip("/")
        self._board = Board(store)
        self._book = AlertBook(store)

    def look(self) -> None:
        """Begins and ends alerts by what is so now."""
        now = self._clock()
        begun, ended = self._book.compare(self.causes(now), [one.name for one in self._channels], now)
        if begun or ended:
            log.info("alerts", begun=begun, ended=ended)

    def causes(self, now: datetime) -> list[Cause]:
        """All that a person should know of now."""
        found = [*self._bookings(now), *self._connections(), *self._held(), *self._accounts(), *self._codes()]
        return [one for one in found if one.connection in self._policies]

    def _bookings(self, now: datetime) -> list[Cause]:
        longest = max((policy.unassigned_alert for policy in self._policies.values()), default=timedelta(0))
        stays = [*self._board.staying(now), *self._board.arriving(now, now + longest)]
        health = self._board.health_of(booking_ids={stay.booking_id for stay in stays})
        zones = {(one.connection, one.property_id): one.time_zone for one in self._board.properties()}
        found = []
        for one in arrivals(stays, health, now):
            policy = self._policies.get(one.stay.connection)
            if policy is None or one.stay.starts_at is None or one.stay.starts_at > now + policy.unassigned_alert:
                continue
            if one.state in (DoorState.BROKEN, DoorState.WAITING):
                zone = zones.get((one.stay.connection, one.stay.property_id), "UTC")
                found.append(Cause(one.stay.connection, "booking", one.stay.booking_id, _sentence(one, zone)))
        return found

    def _connections(self) -> list[Cause]:
        return [
            Cause(
                connection,
                "connection",
                connection,
                f"Connection {connection} has failed {FAILED_RUNS} times in a row, so nothing is kept in step: "
                f"{runs[0].broken_off}",
            )
            for connection, runs in self._board.last_runs(SWEEPS).items()
            if len(runs) >= FAILED_RUNS and all(run.broken_off for run in runs)
        ]

    def _held(self) -> list[Cause]:
        numbers: dict[str, int] = {}
        for one in self._board.held():
            numbers[one.connection] = numbers.get(one.connection, 0) + 1
        return [
            Cause(
                connection,
                "held",
                connection,
                f"{number} revocations wait for somebody's approval: those guests keep their access until then"
                if number > 1
                else "A revocation waits for somebody's approval: that guest keeps the access until then",
            )
            for connection, number in numbers.items()
        ]

    def _accounts(self) -> list[Cause]:
        return [
            Cause(
                one.connection,
                "account",
                one.account_id,
                f"The lock system {one.name} is disconnected ({one.trouble}): nothing reaches its locks until it is "
                "connected again in Seam",
            )
            for one in self._board.accounts()
            if one.trouble
        ]

    def _codes(self) -> list[Cause]:
        """Door codes that the PMS could not be told, by connection: one alert, however many there are."""
        found = []
        for connection in self._policies:
            troubled = HandedBook(self._store, connection).troubled()
            if troubled:
                newest = troubled[0]
                number = len({one.booking_id for one in troubled})
                codes = "The door code of 1 booking is" if number == 1 else f"The door codes of {number} bookings are"
                found.append(
                    Cause(
                        connection,
                        "write_back",
                        connection,
                        f"{codes} not in the PMS, so it cannot tell the guests: {newest.trouble}",
                    )
                )
        return found

    def tell(self) -> None:
        """Sends what has yet to be told; what does not get through is tried again, ever more rarely."""
        by_name = {one.name: one for one in self._channels}
        for message in self._book.to_tell(self._clock()):
            channel = by_name.get(message.channel)
            now = self._clock()
            if channel is None:
                self._book.given_up(message.id, now, "this channel is not in the settings any more")
                continue
            subject, text = self._words(message)
            try:
                channel.tell(message, subject, text, now)
            except CannotTell as problem:
                attempts = message.attempts + 1
                log.warning("an alert was not told", alert=message.alert.id, channel=channel.name, trouble=str(problem))
                if attempts >= ATTEMPTS:
                    self._book.given_up(message.id, now, str(problem))
                else:
                    pause = min(timedelta(seconds=15 * 2**attempts), LONGEST_PAUSE)
                    self._book.not_told(message.id, attempts, now + pause, str(problem))
            else:
                self._book.told(message.id, now)
        self._book.forget_old(self._clock() - KEEP)

    def _words(self, message: Message) -> tuple[str, str]:
        alert = message.alert
        over = message.phase == "end"
        subject = f"{'Over' if over else 'Night Porter'}: {alert.text}"
        lines = [alert.text, "", f"Since {alert.began_at:%d %b %Y %H:%M} UTC, connection {alert.connection}."]
        if over and alert.ended_at is not None:
            lines.append(f"Over since {alert.ended_at:%d %b %Y %H:%M} UTC: nothing has to be done any more.")
        if self._public_url:
            lines += ["", f"{self._public_url}{_page(alert)}"]
        return subject[:200], "\n".join(lines)


def _page(alert: Alert) -> str:
    if alert.kind == "booking":
        return f"/bookings/{alert.connection}/{alert.subject}"
    return "/held" if alert.kind == "held" else "/"


def _sentence(one: Arrival, zone: str) -> str:
    stay = one.stay
    when = f", arrival {local(stay.starts_at, zone)}" if stay.starts_at else ""
    return f"Booking {stay.number or stay.booking_id} ({stay.label}{when}): {one.why}"
