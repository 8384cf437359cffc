"""Deliveries: signed so that Seam's own verifier takes them, tried again, and given up at last."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from seam import SeamWebhook

from sandbox.http import Answer, serve
from sandbox.webhooks import WebhookSender, sign_svix

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_a_signature_is_what_the_sdk_verifies() -> None:
    body = json.dumps({"event_id": "e", "event_type": "space.created", "name": "Zürich"}).encode()
    headers = sign_svix(SECRET, "msg_1", datetime.now(UTC), body)
    assert SeamWebhook(SECRET).verify(body.decode(), headers)
    with pytest.raises(Exception, match="signature"):
        SeamWebhook(SECRET).verify(body.decode() + " ", headers)


class Receiver:
    """Refuses the first deliveries, then takes them."""

    def __init__(self, refusals: int):
        self.refusals = refusals
        self.bodies: list[bytes] = []
        self.done = threading.Event()

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        if self.refusals:
            self.refusals -= 1
            return Answer(503)
        assert headers["X-Mark"] == "1"
        self.bodies.append(body)
        if len(self.bodies) == 2:
            self.done.set()
        return Answer(204)


def test_in_the_background_it_tries_again_and_keeps_the_order() -> None:
    receiver = Receiver(refusals=3)
    pauses: list[float] = []
    sender = WebhookSender(sleep=pauses.append)
    with serve(receiver) as server:
        sender.send(server.url + "/hook", b"1", {"X-Mark": "1"})
        sender.send(server.url + "/hook", b"2", {"X-Mark": "1"})
        assert receiver.done.wait(10)
    assert receiver.bodies == [b"1", b"2"]
    assert pauses == sorted(pauses)
    assert len(pauses) == 3


def test_by_hand_nothing_moves_until_it_is_asked_to() -> None:
    tries: list[str] = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        tries.append(url)
        if url == "broken":
            raise OSError("no route")
        return 204 if url == "good" else 500

    sender = WebhookSender(post, background=False)
    for url in ("good", "bad", "broken"):
        sender.send(url, b"", {})
    assert not tries
    assert len(sender.waiting) == 3
    assert sender.deliver_all() == 1
    assert (sender.delivered, sender.lost) == (1, 2)
    # Once, and five times more.
    assert tries == ["good"] + ["bad"] * 6 + ["broken"] * 6
