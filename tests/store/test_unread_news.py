"""Which bookings wait for what the PMS has told, on both databases."""

from datetime import timedelta
from typing import Any

import pytest

from mappers.keys import Keys
from reconciler.unread_news import UnreadNews
from store.engine import Database
from store.inbox import Inbox
from tests.world import START


@pytest.mark.parametrize(("told", "waits"), [("XPGMSXGF-1", True), ("XPGMSXGF", True), ("XPGMSXGF-2", False)])
def test_a_room_of_a_reservation_waits_for_news_of_the_reservation_too(store: Database, told: str, waits: bool) -> None:
    unread = UnreadNews("apaleo", Keys(), store, lambda one: one.partition("-")[0])
    subjects = {"bookings": [told]}
    put: dict[str, Any] = {"event_id": told, "kind": "reservation/changed", "subjects": subjects, "now": START}
    Inbox(store).put("pms", connection="apaleo", **put)
    Inbox(store).put("staff", connection="apaleo", **{**put, "kind": "sync now"})
    Inbox(store).put("pms", connection="another", **put)
    assert unread.since("XPGMSXGF-1") == (START if waits else None)
    (taken,) = (one for one in Inbox(store).take("apaleo", START, "worker") if one.source == "pms")
    assert unread.since("XPGMSXGF-1") == (START if waits else None), "being read is not read"
    Inbox(store).done([taken], START, "done", None)
    assert unread.since("XPGMSXGF-1") is None


def test_of_several_news_that_wait_the_oldest_says_since_when(store: Database) -> None:
    for minutes in (3, 1, 2):
        now, subjects = START + timedelta(minutes=minutes), {"bookings": ["b1"]}
        Inbox(store).put("pms", connection="alpen", event_id=f"{minutes}", kind="changed", subjects=subjects, now=now)
    assert UnreadNews("alpen", Keys(), store, lambda one: one).since("b1") == START + timedelta(minutes=1)
