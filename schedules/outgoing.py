"""Tells other programs what has happened: each event goes to each of its receivers, in the order of its booking, until
the receiver has taken it or three days are over. No receiver waits for another one.
"""

import json
import threading
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
import structlog
from standardwebhooks import Webhook

from connectors import bounds
from connectors.addresses import PublicOnly, is_loopback
from connectors.errors import PmsRefused
from mappers.sentences import say
from schedules.pool import Pool
from store.back_off import BackOff
from store.engine import Database
from store.outgoing import OutgoingEvents, Sending
from store.receivers import Receiver, Receivers, ReceiverState
from store.secrets import SecretKeys, SecretsUnreadable
from store.turns import Turn, TurnTaken, take

log = structlog.get_logger("outgoing")
TURN = "outgoing events"
"""One process of a database sends."""
LOOK_FOR_RECEIVERS = 15.0
"""Seconds between two looks whether there is any receiver at all."""
FORGET_EVERY = 3600.0
"""Seconds."""
AT_ONCE = 50
"""So many events of a receiver in one step."""
STEP = 15.0
"""Seconds after which a step ends, so that a receiver that takes its time keeps no other slow one waiting."""
FAILURES = 3
"""After so many in a row it is the receiver that is away, and not an event that it does not like."""
WITHIN = 15.0
"""Seconds that one attempt may take in all: Standard Webhooks asks for 15 to 30."""
_NO_ADDRESS = say("it should begin with https://, and have no blank in it")
LARGEST_ANSWER = 65_536
EVENTS = BackOff(timedelta(seconds=5), timedelta(hours=1))
"""An event that was not taken."""
RECEIVER = BackOff(timedelta(seconds=10), timedelta(minutes=5))
"""A receiver that takes nothing."""
LONGEST_ASKED = timedelta(hours=1)
"""A receiver that asks for a longer pause is tried again after this one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one attempt."""

    status: int | None
    milliseconds: int
    trouble: str | None
    """None: it was taken."""
    pause: timedelta | None = None
    """For which the receiver asks."""

    @property
    def is_of_this_one(self) -> bool:
        """It is there, and may take what is not like this: many receivers refuse each event of a kind that they do not
        know."""
        return self.status is not None and self.status not in (410, 429, 503)

    @property
    def is_gone(self) -> bool:
        """It says that there is nobody any more (Standard Webhooks: 410 ends the subscription)."""
        return self.status == 410


def body_of(one: Sending) -> dict[str, Any]:
    """What is sent of an event, as Standard Webhooks has it."""
    data = {"connection": one.connection, "property_id": one.property_id or None, **one.data}
    return {"type": one.kind, "timestamp": one.at.isoformat(), "data": data}


class Post:
    """Sends one event, signed as Standard Webhooks has it: webhook-id, webhook-timestamp, webhook-signature."""

    def __init__(self, *, private_addresses: bool = False, monotonic: Callable[[], float] = time.monotonic):
        """`private_addresses`: a receiver may stand in our own network, or on this machine."""
        self._private = private_addresses
        self._monotonic = monotonic

    def refused(self, url: str) -> str | None:
        """Why nothing is ever sent to an address; None where something may be."""
        try:
            parts = urlsplit(url)
            is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:
            return _NO_ADDRESS
        if not is_address or not url.isprintable() or " " in url:
            return _NO_ADDRESS
        if self._private:
            return None
        if is_loopback(url):
            return say("it is of this machine itself, which only private_addresses in the settings file allows")
        return None if parts.scheme == "https" else say("it should begin with https://")

    def send(self, receiver: Receiver, one: Sending, now: datetime) -> Answer:
        """Raises nothing: whatever goes wrong is an answer."""
        began = self._monotonic()
        if (why := self.refused(receiver.url)) is not None:
            return Answer(None, 0, why)
        body = json.dumps(body_of(one), ensure_ascii=False).encode("utf-8", "replace")
        signatures = " ".join(Webhook(each).sign(one.message_id, now, body.decode()) for each in receiver.secrets)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "NightPorter",
            "webhook-id": one.message_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signatures,
        }
        status, trouble, pause = None, None, None
        try:
            with (
                self._session() as http,
                bounds.at_most(LARGEST_ANSWER, WITHIN),
                # What it says is of no interest, and may be endless; where it passes on to is nobody we know.
                http.post(
                    receiver.url, data=body, headers=headers, timeout=(5, 10), allow_redirects=False, stream=True
                ) as answer,
            ):
                status = answer.status_code
                pause = _asked_for(answer.headers.get("Retry-After"))
        except PmsRefused as problem:
            trouble = str(problem)
        except (requests.RequestException, OSError, ValueError) as problem:
            trouble = f"it cannot be reached ({type(problem).__name__})"
        if status is not None and not 200 <= status < 300:
            passes_on = " (it passes on to another address, which is not followed)" if 300 <= status < 400 else ""
            trouble = f"it answered {status}{passes_on}"
        return Answer(status, int((self._monotonic() - began) * 1000), trouble, pause)

    def _session(self) -> requests.Session:
        http = bounds.Http()
        if not self._private:
            for scheme in ("http://", "https://"):
                http.mount(scheme, PublicOnly())
        return http


def _asked_for(text: str | None) -> timedelta | None:
    """Retry-After in seconds; a date is not worth believing somebody else's clock."""
    if text is None or not text.strip().isdecimal() or len(text) > 9:
        return None
    return min(timedelta(seconds=int(text)), LONGEST_ASKED)


class Outgoing:
    """What one process sends. `turn` is called every two seconds or so; the threads do the rest."""

    def __init__(
        self,
        store: Database,
        keys: SecretKeys,
        post: Post,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ):
        self._store = store
        self._receivers = Receivers(store, keys)
        self._events = OutgoingEvents(store)
        self._post = post
        self._clock = clock
        self._monotonic = monotonic
        self._turn: Turn | None = None
        self._look_at = self._forget_at = 0.0
        self._there_are = False
        self._told_of_keys = False
        self._stopped = threading.Event()
        # So many receivers are told at once; slow ones hold back none of the others.
        self.pool = Pool("outgoing", self.step, 4, may_work=lambda: self._holds, clock=monotonic)

    def start(self) -> None:
        self.pool.start()

    def turn(self) -> None:
        """Wakes whoever has something to send. Raises `StoreFailed`."""
        now = self._monotonic()
        if now >= self._look_at:
            self._look_at = now + LOOK_FOR_RECEIVERS
            self._there_are = self._any_receivers()
        if not self._there_are or not self._has_turn():
            return
        if now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            self._events.forget_old(self._clock())
        for receiver_id in self._events.receivers_due(self._clock()):
            self.pool.wake(receiver_id)
        self.pool.turn()

    def step(self, receiver_id: str) -> bool:
        """Sends a receiver what is due; whether there may be more. Raises `StoreFailed`."""
        began, may_be_more, refused = self._monotonic(), False, set[str]()
        for one in self._due(receiver_id, refused):
            if self._stopped.is_set() or self._turn is None:
                return False
            self._turn.check()
            now = self._clock()
            # As it is at this moment: somebody may have paused it, given it another address, or rotated its secret.
            receiver = self._receivers.of_id(receiver_id, now)
            if receiver is None or receiver.state is not ReceiverState.ACTIVE:
                return False
            answer = self._post.send(receiver, one, now)
            if answer.trouble is None:
                self._events.sent(one, answer.status or 200, answer.milliseconds, self._clock())
                if receiver.failures:
                    self._receivers.answered(receiver)
                if receiver.failures >= FAILURES and receiver.failing_since is not None:
                    self._events.hasten(receiver_id, receiver.failing_since, self._clock())
                may_be_more = True
            elif self._failed(receiver, one, answer, is_known=bool(refused)):
                if not answer.is_of_this_one:
                    return False
                refused.add(one.kind)
                may_be_more = False
            if self._monotonic() - began >= STEP:
                break
        return may_be_more

    def _due(self, receiver_id: str, refused: Collection[str]) -> Iterator[Sending]:
        """What is to be sent to it, one after another; nothing of kinds that come to be among `refused` meanwhile."""
        without: frozenset[str] | None = None
        while without != frozenset(refused):
            without = frozenset(refused)
            for one in self._events.due(receiver_id, self._clock(), AT_ONCE, without):
                if one.kind not in refused:
                    yield one

    def ask_to_stop(self) -> None:
        """Begins nothing new from now on, and does not wait."""
        self._stopped.set()
        self.pool.stop()

    def stop(self, seconds: float) -> None:
        """What is under way ends, within so many seconds; what is not sent by then is sent after the next start."""
        self.ask_to_stop()
        self.pool.join(seconds)
        if self._turn is not None:
            self._turn.release()

    # --- what becomes of it -----------------------------------------------------------------------------------------

    def _failed(self, receiver: Receiver, one: Sending, answer: Answer, is_known: bool) -> bool:
        """Notes it; whether the receiver is left alone for now. `is_known`: it was decided in this step already that it
        is, and for how long."""
        now, trouble, failures = self._clock(), answer.trouble or "", receiver.failures + 1
        log.warning("an event was not taken", receiver=receiver.name, event_kind=one.kind, trouble=trouble)
        again = now + max(EVENTS.after(one.attempts + 1), answer.pause or timedelta(0))
        self._events.not_sent(one, again, answer.status, answer.milliseconds, trouble, now)
        if answer.is_gone:
            self._receivers.pause(receiver, "it answered 410: there is nobody any more")
            return True
        if is_known and answer.is_of_this_one:
            return True
        rests = now + answer.pause if answer.pause is not None and answer.status in (429, 503) else None
        if failures >= FAILURES:
            rests = max(rests or now, now + RECEIVER.after(failures - FAILURES + 1))
        self._receivers.failed(receiver, rests, now)
        return rests is not None

    def _any_receivers(self) -> bool:
        try:
            return bool(self._receivers.all(self._clock()))
        except SecretsUnreadable as problem:
            if not self._told_of_keys:
                log.error("events cannot be sent", trouble=str(problem))
            self._told_of_keys = True
            return False

    @property
    def _holds(self) -> bool:
        return self._turn is not None and not self._turn.lost

    def _has_turn(self) -> bool:
        if self._turn is not None and self._turn.lost:
            self._turn.release()
            self._turn = None
        if self._turn is None:
            try:
                self._turn = take(self._store, TURN)
            except TurnTaken:
                return False
        return True
