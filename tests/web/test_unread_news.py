"""What the PMS has told of a booking and nobody has read yet: until then, nothing that opens a door is done for it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy, SpareCodes
from tests.night import Night
from tests.test_cards import House
from tests.web.test_closed_doors import asked, audited, lock_of, sent

BEING_READ = "Her booking has changed in the PMS, and that is being read: try again in some seconds."


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path, Policy(spare_codes=SpareCodes(rooms=1)))
    for place, name in enumerate(("Lock 101", "Lock 102")):
        night.seam.add_device(name, night.rooms[place], customer_key=night.property)
    night.listen()
    night.do("full")
    for _ in range(2):
        night.clock.pass_(minutes=5)
        night.settle()
        night.do("lock_health")
    return night


def in_house(night: Night) -> str:
    booking = night.book(0, arrival=night.clock.now() + timedelta(hours=1))
    night.settle()
    night.clock.pass_(hours=2)
    night.settle()
    night.do("arrival_check")
    return booking


def unlock(night: Night, booking: str) -> Any:
    body = {"lock": lock_of(night), "confirmed": True}
    return asked(night, f"/api/bookings/alpen/{booking}/unlock", body=body)


def show_spare_key(night: Night, booking: str) -> Any:
    body = {"room": "101", "reason": "her PIN fails"}
    return asked(night, f"/api/bookings/alpen/{booking}/spare-key", body=body)


def make_new_pin(night: Night, booking: str) -> Any:
    return asked(night, f"/api/bookings/alpen/{booking}/new-pin", body={"confirmed": True})


def told_by_a_webhook(night: Night) -> None:
    """It comes in, and nobody has looked at it yet."""
    night.sender.deliver_all()


ACTS: tuple[Callable[[Night, str], Any], ...] = (unlock, show_spare_key, make_new_pin)


def test_nothing_is_done_at_the_old_door_before_a_move_that_was_told_is_read(night: Night) -> None:
    booking = in_house(night)
    before = audited(night)
    night.hotel.assign(booking, night.rooms[1])
    told_by_a_webhook(night)
    for act in ACTS:
        refused = act(night, booking)
        assert (refused.status_code, refused.json["error"]) == (409, BEING_READ)
    assert (audited(night), night.seam.unlocked_from_afar) == (before, [])
    steps = asked(night, f"/api/bookings/alpen/{booking}").json["still_closed"]
    assert steps["facts"][0] == BEING_READ


def test_once_it_is_read_all_is_offered_again(night: Night) -> None:
    booking = in_house(night)
    night.hotel.move_dates(booking, departure=night.clock.now() + timedelta(days=3))
    told_by_a_webhook(night)
    assert [act(night, booking).status_code for act in ACTS] == [409, 409, 409]
    night.settle()
    assert [act(night, booking).status_code for act in ACTS] == [200, 200, 202]


def test_the_page_says_why_and_keeps_the_button(night: Night) -> None:
    booking = in_house(night)
    night.hotel.assign(booking, night.rooms[1])
    told_by_a_webhook(night)
    page = sent(night, booking, "unlock", lock=lock_of(night), confirmed="yes")
    assert BEING_READ in page
    assert "Unlock Lock 101" in page
    assert night.seam.unlocked_from_afar == []


def test_news_of_somebody_elses_booking_or_of_a_room_holds_nobody_up(night: Night) -> None:
    booking = in_house(night)
    other = night.book(1, arrival=night.clock.now() + timedelta(hours=1))
    night.settle()
    night.mews_webhook(("ServiceOrderUpdated", other), ("ResourceUpdated", night.rooms[0]))
    assert unlock(night, booking).status_code == 200


def test_news_of_its_guest_is_news_of_the_booking(night: Night) -> None:
    booking = in_house(night)
    guest = night.hotel.reservations[booking]["AccountId"]
    night.mews_webhook(("CustomerUpdated", guest))
    assert unlock(night, booking).status_code == 409
    night.settle()
    assert unlock(night, booking).status_code == 200


def test_where_the_pms_cannot_be_read_it_says_since_when_and_what_to_do(night: Night) -> None:
    booking = in_house(night)
    night.hotel.faults.down = True
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.settle()
    night.clock.pass_(minutes=7)
    night.settle()
    refused = unlock(night, booking)
    assert refused.status_code == 409
    assert "could not be read yet" in refused.json["error"]
    assert "the house's own key" in refused.json["error"]


def test_a_webhook_that_comes_twice_or_after_it_was_read_holds_it_up_until_it_is_read_again(night: Night) -> None:
    booking = in_house(night)
    for _ in range(2):
        night.mews_webhook(("ServiceOrderUpdated", booking))
    assert unlock(night, booking).status_code == 409
    night.settle()
    assert unlock(night, booking).status_code == 200
    night.mews_webhook(("ServiceOrderUpdated", booking))
    assert unlock(night, booking).status_code == 409
    night.settle()
    assert unlock(night, booking).status_code == 200


# --- cards ------------------------------------------------------------------------------------------------------------


def test_no_card_is_ordered_for_the_old_room_before_a_move_that_was_told_is_read(tmp_path: Path) -> None:
    house = House(tmp_path)
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    key = house.cards(booking)[0]["key"]
    house.hotel.assign(booking, house.rooms[1])
    told_by_a_webhook(house)
    refused = house.encode(booking, key=key)
    assert (refused.status_code, refused.json["error"]) == (409, BEING_READ)
    assert house.audited() == []
    page = house.page(booking)
    assert 'name="encoder"' in page
    house.settle()
    house.ready()
    house.card_in_hand(booking)
    house.clock.pass_(hours=2)
    assert (house.opens(booking, 0), house.opens(booking, 1)) == (False, True)


def test_a_card_that_was_written_while_a_move_came_in_is_not_given_away(tmp_path: Path) -> None:
    house = House(tmp_path)
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    order = house.encode(booking)
    house.clock.pass_(seconds=3)
    house.seam.tick()
    house.hotel.assign(booking, house.rooms[1])
    told_by_a_webhook(house)
    path = f"/api/bookings/alpen/{booking}/cards/{order.json['id']}"
    assert house.ask(path).json["outcome"] is None, "what came in is read first"
    house.settle()
    told = house.ask(path).json
    assert (told["outcome"], "do not give it away" in told["sentence"]) == ("written", True)


def test_a_card_is_not_waited_for_without_end_where_the_pms_cannot_be_read(tmp_path: Path) -> None:
    house = House(tmp_path)
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    order = house.encode(booking)
    house.hotel.faults.down = True
    house.mews_webhook(("ServiceOrderUpdated", booking))
    house.clock.pass_(minutes=3)
    house.settle()
    told = house.ask(f"/api/bookings/alpen/{booking}/cards/{order.json['id']}").json
    assert (told["outcome"], "do not give it away" in told["sentence"]) == ("written", True)
