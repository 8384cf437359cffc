"""What is known not to open is not asked for again until something about its locks changes; and then at once."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.lock_placement import LockPlacement
from schedules.door_checks import connections_to_recheck
from schedules.jobs import Job
from store.health import GrantHealth
from store.locks import DecidedBy
from store.properties import KnownProperty
from store.queue import TaskKind
from store.stays import Stays
from tests.night import Night
from tests.world import START, Killed
from web.locks import carry_out

OF_GRANTS = ("/access_grants/list", "/access_grants/get", "/access_methods/list", "/access_methods/get")


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """She comes to room 101 in three hours; it has no lock, as everybody knows by now."""
    night = Night(tmp_path)
    night.seam.add_device("Lock 102", night.rooms[1], customer_key=night.property)
    night.book(0, arrival=START + timedelta(hours=3))
    night.do("full")
    for _ in range(10):
        night.minute()
    assert found(night) == ("failed", "no_door")
    return night


def found(night: Night) -> tuple[str, str]:
    (one,) = GrantHealth(night.store).of("alpen")
    return one.state, one.cause


def add_lock(night: Night) -> str:
    """The lock of 101, in no room yet."""
    return night.seam.add_device("Lock 101", customer_key=night.property)


def put_into_its_room(night: Night, lock: str) -> None:
    """As somebody does it in Seam's own console."""
    space = night.seam.id_of("space", night.rooms[0])
    night.workspace._seam.spaces.update(space_id=space, device_ids=[lock])


def asked_of_grants(night: Night) -> int:
    return sum(number for path, number in night.seam.calls.items() if path in OF_GRANTS)


def test_nobody_asks_for_it_by_the_clock(night: Night) -> None:
    before = Counter(night.seam.calls)
    assert sum(before[one] for one in OF_GRANTS), "these are the paths of whoever asks"
    for _ in range(40):
        night.clock.pass_(minutes=1)
        assert connections_to_recheck(night.store, night.clock.now()) == set()
        night.do("retry")
        night.do("lock_health")
    assert asked_of_grants(night) == sum(before[one] for one in OF_GRANTS)


def test_a_lock_that_is_put_into_its_room_is_seen_at_the_next_look_at_the_locks(night: Night) -> None:
    put_into_its_room(night, add_lock(night))
    night.clock.pass_(minutes=3)
    night.do("lock_health")
    assert found(night) == ("issued", "")


def test_seams_event_that_a_room_has_a_lock_now_has_it_asked_for_at_once(night: Night) -> None:
    lock = add_lock(night)
    night.listen()
    put_into_its_room(night, lock)
    night.clock.pass_(minutes=3)
    night.settle()
    assert found(night) == ("issued", "")


def test_whoever_places_a_lock_has_it_asked_for_at_once(night: Night) -> None:
    lock = add_lock(night)
    night.do("full")
    of = KnownProperty("alpen", night.property, "Hotel", "Europe/Vienna")
    placement = LockPlacement("alpen", night.keys, night.policy, night.store, of)
    placement.decide({lock: [night.rooms[0]]}, DecidedBy.PERSON, "Ada", night.clock.now())
    with night.site.test_request_context():
        carry_out("alpen", night.property)
    night.settle()
    assert found(night)[1] != "no_door"
    for _ in range(4):
        night.minute()
    assert found(night) == ("issued", "")


def test_a_room_that_is_changed_for_one_with_a_lock_is_asked_for_until_that_knows_her(night: Night) -> None:
    (stay,) = Stays(night.store).arriving(START, START + timedelta(days=1), "alpen")
    night.hotel.assign(stay.booking_id, night.rooms[1])
    night.do("incremental")
    for _ in range(5):
        night.minute()
    assert found(night) == ("issued", "")


def test_once_a_day_it_is_asked_for_whatever_anybody_noticed(night: Night) -> None:
    before = asked_of_grants(night)
    night.do("arrival_check", night.property)
    assert asked_of_grants(night) > before


def test_a_look_that_is_cut_off_while_it_asks_notes_nothing_so_that_the_next_one_asks_again(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_into_its_room(night, add_lock(night))
    night.clock.pass_(minutes=3)

    def kill(*_: object) -> None:
        raise Killed

    night.worker.enqueue(Job(TaskKind.LOCK_HEALTH))
    with monkeypatch.context() as patched:
        patched.setattr("reconciler.health.GrantHealth.note", kill)
        with pytest.raises(Killed):
            night.worker.step_job()
    night._assemble()
    night.do("lock_health")
    assert found(night) == ("issued", "")
