"""Two groups of processes on one database, each with connections of its own."""

from dataclasses import replace
from pathlib import Path

from mappers.keys import Keys
from schedules.jobs import Job
from schedules.seam_events import ARRIVALS, SeamRouter
from store.health import GrantHealth
from store.links import Link
from store.properties import KnownProperty, Properties
from store.queue import TaskKind
from store.runs import Runs
from tests.night import Night


def _of_others(night: Night, looked_at: list[str], checked: list[str]) -> SeamRouter:
    """What finds out whose events are in the processes of the other group, which look after `berg`."""
    Properties(night.store).note("berg", [KnownProperty("berg", "hut", "Hut", "Europe/Vienna")], night.clock.now())
    return SeamRouter(
        night.store,
        {"berg": replace(night.connections["alpen"], name="berg", keys=Keys("berg-"))},
        clock=night.clock.now,
        check_arrivals=lambda connection, of: checked.append(f"{connection} {of}"),
        looked_at=looked_at.append,
    )


def test_news_of_a_lock_reaches_the_connections_of_both_groups_whoever_finds_it(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book(arrival=night.clock.now())
    night.do("full")
    looked_at: list[str] = []
    checked: list[str] = []
    others = _of_others(night, looked_at, checked)
    for number in range(3):
        night.inbox.put("seam", f"e{number}", "device.disconnected", {}, night.clock.now(), unique_for_ever=True)
        others.route()
    assert set(checked) == {"berg hut"}
    (waiting,) = night.inbox.waiting("alpen", night.clock.now())
    assert (waiting.subjects["check"], waiting.property_id, waiting.times) == ([ARRIVALS], night.property, 3)
    night.clock.pass_(minutes=1)
    night.settle()
    (health,) = GrantHealth(night.store).of("alpen", [booking])
    assert health.at == night.clock.now()
    night.inbox.put("seam", "e9", "device.connected", {}, night.clock.now(), unique_for_ever=True)
    night.router.route()
    assert Job(TaskKind.ARRIVAL_CHECK, night.property) in night.worker.pending()
    assert [one.property_id for one in night.inbox.waiting("berg", night.clock.now())] == ["hut"]


def test_an_event_of_the_other_groups_grant_is_left_to_it_whether_it_names_an_id_or_a_key(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book()
    night.do("full")
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    others = _of_others(night, [], [])
    now = night.clock.now()
    Runs(night.store).begin("r1", "berg", "full", now)
    Runs(night.store).record("r1", "berg", [], now, made=[Link("access_grant", "berg-b1", "g1", booking_id="berg-b1")])
    for number, subjects in enumerate(({"seam_ids": [grant["access_grant_id"]]}, {"keys": [booking]})):
        night.inbox.put("seam", f"e{number}", "access_grant.access_methods_changed", subjects, now)
    others.route()
    assert {one.connection for one in night.inbox.page(state="waiting")} == {"alpen"}
    night.inbox.put("seam", "e5", "access_grant.deleted", {"seam_ids": ["g1"]}, now)
    night.router.route()
    (theirs,) = night.inbox.waiting("berg", now)
    assert (theirs.event_id, theirs.handled_at) == ("e5", None)
    night.settle()
    assert [one.event_id for one in night.inbox.waiting("berg", now)] == ["e5"]


def test_a_key_that_was_issued_again_settles_nothing_in_the_other_groups_inbox(tmp_path: Path) -> None:
    night = Night(tmp_path)
    others = _of_others(night, [], [])
    now = night.clock.now()
    moment = [now.isoformat()]
    night.inbox.put(
        "seam", "e1", "access_method.revoked", {"methods": ["m1"], "occurred_at": moment}, now, connection="alpen"
    )
    night.inbox.put("seam", "e2", "access_method.issued", {"methods": ["m1"], "occurred_at": moment}, now)
    others.route()
    assert [one.event_id for one in night.inbox.waiting("alpen", now)] == ["e1"]
