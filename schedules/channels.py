"""The ways to tell somebody of an alert: by e-mail, and by a signed webhook. Each is given up in time."""

import io
import json
import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from typing import Any, Protocol

import requests
from standardwebhooks import Webhook

from connectors import bounds
from store.alerts import Message

WITHIN = 60.0
"""Seconds that telling one thing by one channel may take in all."""

AT_MOST = 100_000
"""Bytes that a mail server may say in all; none has more to say than a few lines."""


class CannotTell(Exception):
    """A message did not get through; the sentence says why."""


class Channel(Protocol):
    """A way to tell somebody. Raises `CannotTell`."""

    name: str

    def tell(self, message: Message, subject: str, text: str, now: datetime) -> None: ...


def one_line(subject: str) -> str:
    """A subject that is what it looks like: a reservation's number may be an encoded word (RFC 2047) with a line break
    inside, and what follows that would be headers of its own."""
    printable = "".join(sign if sign.isprintable() else " " for sign in subject.replace("=?", "= ?"))
    return " ".join(printable.split())[:200]


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
        within: float = WITHIN,
    ):
        """`timeout` is for one step, `within` for all, in seconds."""
        self._within = within
        self._host, self._port = host, port
        self._sender, self._to = sender, to
        self._user, self._password = user, password
        self._security = security
        self._timeout = timeout

    def __repr__(self) -> str:
        return f"Email({self._host})"

    def tell(self, message: Message, subject: str, text: str, now: datetime) -> None:
        mail = EmailMessage()
        mail["Subject"] = one_line(subject)
        mail["From"] = self._sender
        mail["To"] = ", ".join(self._to)
        mail["Date"] = now
        mail["Message-ID"] = make_msgid(f"alert-{message.alert.id}-{message.phase}", domain="nightporter.invalid")
        mail.set_content(text)
        try:
            with self._server() as server:
                server.connect(self._host, self._port)
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
        until = time.monotonic() + self._within
        if self._security == "tls":
            server: smtplib.SMTP = _SecureServer(timeout=self._timeout, context=ssl.create_default_context())
        else:
            server = _Server(timeout=self._timeout)
        # With the host that was asked for, a certificate is checked; `connect` does not keep it.
        server._host = self._host  # type: ignore[attr-defined]
        server.until = until  # type: ignore[attr-defined]
        return server


class _Lines(io.RawIOBase):
    """What a mail server says, until its time is over, or it has said too much: a time-out between two bytes is none
    for one that drips, and `smtplib` keeps every line of an answer."""

    def __init__(self, sock: socket.socket, until: float):
        self._sock = sock
        self._until = until
        self._left = AT_MOST

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("the mail server takes too long")
        longest = self._sock.gettimeout()
        self._sock.settimeout(left if longest is None else min(left, longest))
        read = self._sock.recv_into(buffer)
        self._left -= read
        if self._left < 0:
            raise ConnectionError("the mail server's answer has no end")
        return read


class _Bounded(smtplib.SMTP):
    until: float
    """By `time.monotonic`."""

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(_Lines(self.sock, self.until))
        return super().getreply()


class _Server(_Bounded):
    pass


class _SecureServer(_Bounded, smtplib.SMTP_SSL):
    pass


class SignedWebhook:
    """By a POST that is signed as Standard Webhooks has it: webhook-id, webhook-timestamp, webhook-signature."""

    name = "webhook"

    def __init__(self, url: str, secret: str, within: float = WITHIN):
        self._url = url
        self._signer = Webhook(secret)
        self._http = bounds.Http()
        self._within = within

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
            with (
                bounds.at_most(100_000, self._within),
                # What it says is of no interest, and may be endless.
                self._http.post(
                    self._url,
                    data=body.encode(),
                    headers=headers,
                    timeout=(5, 15),
                    allow_redirects=False,
                    stream=True,
                ) as answer,
            ):
                status = answer.status_code
        except requests.RequestException as problem:
            raise CannotTell(f"the alert webhook cannot be reached ({type(problem).__name__})") from None
        if not 200 <= status < 300:
            raise CannotTell(f"the alert webhook answered {status}")
