"""What a clerk can do from here for somebody before a closed door, and what nobody can."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from tests.night import Night, csrf_of
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path, Policy(call="Anna, 1234"))
    for place, name in enumerate(("Lock 101", "Lock 102")):
        night.seam.add_device(name, night.rooms[place], customer_key=night.property)
    night.listen()
    return night


def lock_of(night: Night, name: str = "Lock 101") -> str:
    return next(one for one, device in night.seam.devices.items() if device["display_name"] == name)


def in_house(night: Night) -> str:
    booking = night.book(0, arrival=START + timedelta(hours=1))
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(hours=2)
    night.settle()
    return booking


def sent(night: Night, booking: str, what: str, role: str = "operator", **form: str) -> str:
    """The page after a form of the booking's page was sent."""
    client = night.client(role)
    token = csrf_of(client.get(f"/bookings/alpen/{booking}"))
    path = f"/bookings/alpen/{booking}/{what}"
    return str(client.post(path, data={"csrf_token": token, **form}, follow_redirects=True).text)


def asked(night: Night, path: str, role: str = "operator", body: Any = None) -> Any:
    token = night.people.make_token(f"t{len(night.people.tokens())}", role, night.clock.now())  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"}
    client = night.site.test_client()
    return client.get(path, headers=headers) if body is None else client.post(path, json=body, headers=headers)


def steps(night: Night, booking: str) -> list[str]:
    return [one["kind"] for one in asked(night, f"/api/bookings/alpen/{booking}").json["still_closed"]["steps"]]


def audited(night: Night) -> list[str]:
    return [one.action for one in reversed(night.people.audit_entries()) if not one.action.startswith("signed")]


def test_a_lock_is_opened_from_here_once_it_was_confirmed_and_the_page_says_what_came_of_it(night: Night) -> None:
    booking, lock = in_house(night), lock_of(night)
    assert "has to be confirmed" in sent(night, booking, "unlock", lock=lock)
    assert night.seam.unlocked_from_afar == []
    page = sent(night, booking, "unlock", lock=lock, confirmed="yes")
    assert "Lock 101 is open." in page
    assert [one for one, _ in night.seam.unlocked_from_afar] == [lock]
    assert audited(night) == ["unlocks a door", "a door was unlocked"]


def test_only_a_door_of_this_booking_is_opened_and_only_by_an_operator(night: Night) -> None:
    booking = in_house(night)
    assert "cannot be done" in sent(night, booking, "unlock", lock=lock_of(night, "Lock 102"), confirmed="yes")
    assert "role does not allow" in sent(night, booking, "unlock", "viewer", lock=lock_of(night), confirmed="yes")
    path = f"/api/bookings/alpen/{booking}/unlock"
    body = {"lock": lock_of(night), "confirmed": True}
    assert asked(night, path, "viewer", body).status_code == 403
    assert asked(night, path, body=body | {"confirmed": False}).status_code == 422
    assert asked(night, path, body=body | {"lock": lock_of(night, "Lock 102")}).status_code == 409
    assert night.seam.unlocked_from_afar == []
    assert asked(night, path, body=body).json == {"opened": True, "confirmed": True, "sentence": "Lock 101 is open."}


def test_whose_stay_is_cancelled_or_over_has_no_door_opened(night: Night) -> None:
    booking, lock = in_house(night), lock_of(night)
    night.hotel.cancel(booking)
    night.settle()
    assert "cannot be done" in sent(night, booking, "unlock", lock=lock, confirmed="yes")
    assert night.seam.unlocked_from_afar == []


def test_a_lock_that_does_not_hear_it_is_not_said_to_be_open(night: Night) -> None:
    booking, lock = in_house(night), lock_of(night)
    night.deliver = False  # Nothing has said yet that it is offline.
    night.seam.unplug(lock)
    page = sent(night, booking, "unlock", lock=lock, confirmed="yes")
    assert "did not open: the device does not answer" in page
    assert audited(night)[-1] == "a door was not unlocked"


def test_a_lock_that_takes_its_time_is_neither_open_nor_shut(night: Night) -> None:
    booking = in_house(night)
    night.seam.unlock_delay = timedelta(minutes=5)
    assert "Nobody knows yet whether Lock 101 has opened" in sent(
        night, booking, "unlock", lock=lock_of(night), confirmed="yes"
    )


def test_an_order_whose_answer_was_lost_is_not_sent_twice(night: Night) -> None:
    booking = in_house(night)
    night.seam.faults.lose_answer = 1.0
    page = sent(night, booking, "unlock", lock=lock_of(night), confirmed="yes")
    night.seam.faults.lose_answer = 0.0
    night.clock.pass_(seconds=5)
    night.settle()
    assert "Nobody knows yet" in page
    assert len(night.seam.unlocked_from_afar) == 1


def test_a_new_pin_takes_the_place_of_the_former_one_and_is_not_made_twice(night: Night) -> None:
    booking = in_house(night)
    former = night.seam.code_of(booking)
    assert "is being made" in sent(night, booking, "new-pin", confirmed="yes")
    for _ in range(4):
        night.clock.pass_(seconds=15)
        night.settle()
    live = [one["access_grant_key"] for one in night.seam.live_grants()]
    (key,) = live
    pin = night.seam.code_of(key)
    assert pin is not None
    assert pin != former
    assert not night.seam.use_code(lock_of(night), str(former))
    assert night.seam.use_code(lock_of(night), pin)
    for _ in range(2):
        night.do("full")
    assert night.seam.code_of(key) == pin, "it is made once"
    assert audited(night) == ["new PIN"]
    found = asked(night, f"/api/bookings/alpen/{booking}").json
    assert (found["verdict"], found["at_door"]["state"]) == ("opens", "holds")


def test_a_new_pin_whose_making_was_cut_short_is_made_later_and_is_new(night: Night) -> None:
    booking = in_house(night)
    former = night.seam.code_of(booking)
    night.seam.faults.fail_before = 0.0
    sent(night, booking, "new-pin", confirmed="yes")
    refuse = night.seam.access_grants_create
    night.seam.access_grants_create = lambda given: night.seam.access_grants_get({"access_grant_key": "none"})  # type: ignore[method-assign]
    night.settle()
    night.seam.access_grants_create = refuse  # type: ignore[method-assign]
    for _ in range(6):
        night.minute()
    (grant,) = night.seam.live_grants()
    assert night.seam.code_of(grant["access_grant_key"]) not in (None, former)


def test_the_steps_follow_what_the_lock_has_just_said(night: Night) -> None:
    booking = in_house(night)
    assert steps(night, booking)[0] == "show_pin"
    assert not night.seam.use_code(lock_of(night), "0000")
    night.settle()
    found = asked(night, f"/api/bookings/alpen/{booking}").json["still_closed"]
    assert found["reason"] == "wrong_pin"
    assert "at Lock 101" in found["facts"][0]
    assert found["steps"][-1]["words"] == "Call Anna, 1234."
    night.seam.unplug(lock_of(night))
    night.settle()
    night.do("lock_health")
    assert "unlock" not in steps(night, booking)


def test_a_viewer_reads_the_steps_and_has_no_buttons(night: Night) -> None:
    booking = in_house(night)
    page = night.client("viewer").get(f"/bookings/alpen/{booking}").text
    assert "Still closed?" in page
    assert "Unlock Lock 101" not in page
    assert "Unlock Lock 101" in night.client("operator").get(f"/bookings/alpen/{booking}").text


def test_a_stay_of_next_month_has_no_closed_door(night: Night) -> None:
    booking = night.book(0, arrival=START + timedelta(days=10), departure=START + timedelta(days=12))
    night.do("full")
    assert asked(night, f"/api/bookings/alpen/{booking}").json["still_closed"] is None
    assert "Still closed?" not in night.client("operator").get(f"/bookings/alpen/{booking}").text


def test_a_booking_with_a_room_that_names_nobody_is_told_so_once_and_offers_nothing_that_opens(night: Night) -> None:
    booking = night.book(0, guest=night.hotel.add_company("Lake Tours"), arrival=START + timedelta(hours=1))
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(hours=2)
    assert steps(night, booking) == ["put_right", "sync", "call"]
    client = night.client("operator")
    page = client.get(f"/bookings/alpen/{booking}?live=1").text
    assert "the booking names nobody who stays. Put it right there first." in page
    assert "Give the booking a room" not in page
    assert (page.count(">Sync now<"), page.count(">Show PIN<")) == (1, 0)
    assert '<td role="cell" class="np-mark">=</td><td role="cell" data-is="Seam">nothing</td>' in page
    assert page.count('data-is="Seam"') == 1, "of the room Seam has no word where nobody is to have access"
    assert "nobody named" in client.get("/", follow_redirects=True).text


def test_a_booking_whose_dates_contradict_each_other_offers_nothing_that_opens(night: Night) -> None:
    booking = night.book(0, arrival=START + timedelta(hours=1), departure=START)
    night.do("full")
    night.do("lock_health")
    assert steps(night, booking) == ["put_right", "sync", "call"]
