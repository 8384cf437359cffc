"""Who opened which lock when: told by Seam's events, never on a guess, and kept no longer than the settings say."""

import random
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.links import Link
from mappers.outcomes import Kind
from mappers.policy import CommonArea, Policy
from reconciler.entry_log import AtLock, booking_of
from reconciler.forgotten import forget_old
from store.entries import Entries
from store.inbox import Inbox
from store.keep import Keep
from store.lock_health import LockHealthBook
from tests.night import Night
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    for place, name in enumerate(("Lock 101", "Lock 102")):
        night.seam.add_device(name, night.rooms[place], customer_key=night.property)
    night.listen()
    return night


def lock_of(night: Night, name: str = "Lock 101") -> str:
    return next(one for one, device in night.seam.devices.items() if device["display_name"] == name)


def in_house(night: Night, room: int = 0, **stay: Any) -> str:
    """A booking whose guest may open her room now."""
    booking = night.book(room, arrival=START + timedelta(hours=1), **stay)
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(hours=1, minutes=5)
    night.settle()
    return booking


def pin_of(night: Night, booking: str) -> str:
    pin = night.seam.code_of(booking)
    assert pin is not None
    return pin


def asked(night: Night, path: str, role: str = "operator") -> Any:
    token = night.people.make_token(f"t{len(night.people.tokens())}", role, night.clock.now())  # type: ignore[arg-type]
    return night.site.test_client().get(path, headers={"Authorization": f"Bearer {token}"})


def test_the_first_time_that_a_guest_opens_her_room_is_known(night: Night) -> None:
    booking = in_house(night)
    assert night.seam.use_code(lock_of(night), pin_of(night, booking))
    first = night.clock.now()
    night.settle()
    night.clock.pass_(hours=2)
    assert night.seam.use_code(lock_of(night), pin_of(night, booking))
    night.settle()
    found = asked(night, f"/api/bookings/alpen/{booking}").json
    assert found["first_entry"] == first.isoformat()
    entries = asked(night, f"/api/entries?connection=alpen&booking={booking}").json
    assert [(one["door"], one["kind"], one["method"]) for one in entries] == [("Lock 101", "opened", "keycode")] * 2


def test_a_wrong_pin_at_a_door_is_seen_at_the_lock_and_is_nobodys(night: Night) -> None:
    booking = in_house(night)
    assert not night.seam.use_code(lock_of(night), "000000")
    night.settle()
    (entry,) = asked(night, f"/api/entries?connection=alpen&lock={lock_of(night)}").json
    assert (entry["kind"], entry["booking_id"]) == ("refused", None)
    assert asked(night, f"/api/entries?connection=alpen&booking={booking}").json == []


def test_doubled_and_late_events_count_once_and_at_their_own_time(night: Night) -> None:
    booking = in_house(night)
    night.deliver = False
    night.seam.use_code(lock_of(night), pin_of(night, booking))
    opened = night.clock.now()
    waiting = list(night.sender.waiting)
    night.clock.pass_(hours=5)
    night.deliver = True
    night.settle()
    night.sender.waiting.extend(waiting)
    night.settle()
    (entry,) = Entries(night.store).of_booking("alpen", booking)
    assert entry.at == opened


def test_at_a_door_that_several_bookings_open_nobody_is_named_on_a_guess(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    night.seam.add_device("Lobby", night.keys.common_area("lobby", night.property, False), customer_key=night.property)
    night.listen()
    first = night.book(0, arrival=START + timedelta(hours=1))
    night.book(1, arrival=START + timedelta(hours=1))
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(hours=2)
    night.settle()
    assert night.seam.use_code(lock_of(night, "Lobby"), pin_of(night, first))
    night.settle()
    (entry,) = Entries(night.store).at_doors("alpen", [lock_of(night, "Lobby")], START)
    assert entry.booking_id is None


def test_whoever_seam_names_has_opened_it_and_a_pin_that_is_not_ours_is_nobodys(night: Night) -> None:
    in_house(night)
    (lock,) = [one for one in LockHealthBook(night.store, "alpen").of() if one.name == "Lock 101"]
    spaces = frozenset(lock.space_ids)
    hers = Link(Kind.ACCESS_GRANT, "b1", "g1", booking_id="b1", user_identity_key="u1", space_ids=spaces)
    his = replace(hers, key="b2", seam_id="g2", booking_id="b2", user_identity_key="u2")
    event = AtLock(START, "keycode", None, is_foreign=False)
    assert booking_of(event, lock, [hers]) == "b1"
    assert booking_of(event, lock, [hers, his]) is None
    assert booking_of(replace(event, by_user="u2"), lock, [hers, his]) == "b2"
    assert booking_of(replace(event, is_foreign=True), lock, [hers]) is None
    assert booking_of(replace(event, method="manual"), lock, [hers]) is None
    assert booking_of(replace(event, method="remote"), lock, [hers]) is None
    assert booking_of(event, lock, [replace(hers, space_ids=frozenset({"elsewhere"}))]) is None


def test_entries_are_for_operators_and_who_looked_is_in_the_audit_log(night: Night) -> None:
    booking = in_house(night)
    night.seam.use_code(lock_of(night), pin_of(night, booking))
    night.settle()
    assert asked(night, f"/api/entries?connection=alpen&booking={booking}", "viewer").status_code == 403
    assert asked(night, f"/api/entries?connection=alpen&booking={booking}").status_code == 200
    assert [one.action for one in night.people.audit_entries()] == ["looked at entries"]
    assert asked(night, "/api/entries?connection=alpen").status_code == 422
    client = night.client("operator")
    page = client.get(f"/bookings/alpen/{booking}").get_data(as_text=True)
    assert "First entry" in page
    assert "Lock 101: opened (PIN)" not in page
    token = page.split('name="csrf_token"', 1)[1].split('value="', 1)[1].split('"', 1)[0]
    shown = client.post(f"/bookings/alpen/{booking}/entries", data={"csrf_token": token}).get_data(as_text=True)
    assert "Lock 101: opened (PIN)" in shown


def test_entries_are_kept_as_long_as_the_settings_say_and_no_pin_stands_in_the_database(night: Night) -> None:
    booking = in_house(night)
    pin = pin_of(night, booking)
    night.seam.use_code(lock_of(night), pin)
    night.settle()
    assert all(pin not in str(one) for one in Inbox(night.store).page(limit=50))
    night.clock.pass_(hours=24 * 29)
    forget_old(night.store, "alpen", night.clock.now(), read_whole=True)
    assert len(Entries(night.store).of_booking("alpen", booking)) == 1
    night.clock.pass_(hours=24 * 2)
    forget_old(night.store, "alpen", night.clock.now(), read_whole=True)
    assert Entries(night.store).of_booking("alpen", booking) == []


def test_a_house_that_keeps_no_entries_has_none(night: Night) -> None:
    night.store.keep = replace(Keep(), entries=timedelta(0))
    booking = in_house(night)
    night.seam.use_code(lock_of(night), pin_of(night, booking))
    night.settle()
    assert Entries(night.store).of_booking("alpen", booking) == []


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 5))])
def test_first_entries_survive_events_that_are_lost_doubled_or_late_and_a_lost_database(
    tmp_path: Path, seed: int
) -> None:
    night, luck = Night(tmp_path), random.Random(seed)
    night.rooms += [night.hotel.add_room(night.property, name, night.double) for name in ("103", "104")]
    locks = [
        night.seam.add_device(f"Lock {place}", room, customer_key=night.property)
        for place, room in enumerate(night.rooms)
    ]
    night.listen()
    bookings = [night.book(place, arrival=START + timedelta(minutes=30)) for place in range(4)]
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(minutes=40)
    night.settle()
    first: dict[str, Any] = {}
    for step in range(12):
        place = luck.randrange(4)
        assert night.seam.use_code(locks[place], pin_of(night, bookings[place]))
        first.setdefault(bookings[place], night.clock.now())
        match luck.choice(("lost", "doubled", "late", "comes")):
            case "lost":
                night.sender.waiting.clear()
            case "doubled":
                night.sender.waiting.extend(list(night.sender.waiting))
            case "late":
                night.deliver = False
        night.clock.pass_(minutes=luck.choice((1, 7, 90)))
        night.deliver = night.deliver or luck.random() < 0.5
        night.settle()
        if step == 7:
            night.lose_the_database()
            night._assemble()
            night.do("full")
        if luck.random() < 0.4:
            night.do("lock_health")
    night.deliver = True
    for _ in range(3):
        night.clock.pass_(minutes=5)
        night.settle()
        night.do("lock_health")
    assert Entries(night.store).first_of("alpen", bookings) == first
