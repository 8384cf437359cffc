"""Webhooks of the simulated servers: posted in the background over real HTTP, or by hand where a test wants to see.

A delivery that fails is tried again, as Seam and Mews do; a receiver must therefore expect any of them twice and late.
"""

import base64
import hashlib
import hmac
import queue
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

_PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each further try."""
_TIMEOUT = 5.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message on its way."""

    url: str
    body: bytes
    headers: dict[str, str]


class WebhookSender:
    """Delivers in order, one at a time; `post` gives the receiver's status, or raises.

    With `background=False` nothing moves until `deliver_all()`, which tries each delivery without pauses between.
    """

    def __init__(
        self,
        post: Callable[[str, bytes, dict[str, str]], int] | None = None,
        background: bool = True,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._post = post or _post
        self._background = background
        self._sleep = sleep
        self._queue: queue.SimpleQueue[Delivery] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self.waiting: deque[Delivery] = deque()
        """What `deliver_all()` will send; empty where a thread does it."""
        self.delivered = 0
        self.lost = 0
        """Deliveries given up after the last try."""

    def send(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Takes a delivery and returns at once: whoever makes the event holds a lock that the receiver may need."""
        delivery = Delivery(url, body, headers)
        if not self._background:
            self.waiting.append(delivery)
            return
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="webhooks", daemon=True)
                self._thread.start()
        self._queue.put(delivery)

    def call(self, url: str, body: bytes) -> int:
        """Posts once, now, and returns the receiver's status; raises where there is none."""
        return self._post(url, body, {"Content-Type": "application/json"})

    def deliver_all(self) -> int:
        """Delivers what waits, and what comes meanwhile; returns how many arrived."""
        before = self.delivered
        while self.waiting:
            self._deliver(self.waiting.popleft(), pause=False)
        return self.delivered - before

    def _work(self) -> None:
        while True:
            self._deliver(self._queue.get(), pause=True)

    def _deliver(self, delivery: Delivery, pause: bool) -> None:
        for wait in (0.0, *_PAUSES):
            if wait and pause:
                self._sleep(wait)
            try:
                status = self._post(delivery.url, delivery.body, dict(delivery.headers))
            except Exception:  # noqa: S112 - whatever went wrong, the next try may work
                continue
            if status < 300:
                self.delivered += 1
                return
        self.lost += 1


def sign_svix(secret: str, message_id: str, timestamp: datetime, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that a message is Seam's; `secret` starts with `whsec_`."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    moment = str(int(timestamp.timestamp()))
    signed = f"{message_id}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {"svix-id": message_id, "svix-timestamp": moment, "svix-signature": f"v1,{signature}"}


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    if not url.startswith(("http://", "https://")):
        raise ValueError("a webhook goes to http or https")
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers}, method="POST")  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        # The error is the answer, with its connection: left open, it warns when it is collected.
        with refusal:
            return refusal.code
