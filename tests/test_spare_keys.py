"""Spare keys: they lie ready, are shown to whoever may see one, and never unnoticed; no PIN is kept anywhere."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from mappers.keys import Keys
from mappers.policy import Policy, SpareCodes
from mappers.sentences import Said
from reconciler.take_away import take_all_away
from store.inbox import Inbox
from store.spare_keys import SpareKeys, used_since
from store.turns import take, turn_of
from tests.night import Night, csrf_of
from tests.world import START

POLICY = Policy(spare_codes=SpareCodes(rooms=1))


def a_night(path: Path, policy: Policy = POLICY, **rest: Any) -> Night:
    night = Night(path, policy, **rest)
    for place, name in enumerate(("Lock 101", "Lock 102")):
        night.seam.add_device(name, night.rooms[place], customer_key=night.property)
    night.listen()
    return night


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return a_night(tmp_path)


def lock_of(night: Night, name: str = "Lock 101") -> str:
    return next(one for one, device in night.seam.devices.items() if device["display_name"] == name)


def look(night: Night, **passes: float) -> None:
    """Time passes, and the locks are looked at."""
    night.clock.pass_(**(passes or {"minutes": 5}))
    night.settle()
    night.do("lock_health")


def in_house(night: Night) -> str:
    """A guest of 101 who cannot get in: her lock was cut off before it heard of her."""
    night.do("full")
    look(night)
    look(night)
    night.seam.unplug(lock_of(night))
    booking = night.book(0, arrival=night.clock.now() + timedelta(hours=1))
    night.do("incremental")
    look(night, hours=2)
    night.do("arrival_check")
    return booking


def states(night: Night) -> list[tuple[str, str]]:
    return sorted((one.room, one.state) for one in SpareKeys(night.store, "alpen").of())


def spare_pins(night: Night) -> list[str]:
    """All that Seam has, those that nobody was shown among them."""
    grants = [one for one in night.seam.access_grants.values() if "~spare" in (one.get("access_grant_key") or "")]
    return [night.seam.access_methods[method]["code"] for one in grants for method in one["access_method_ids"]]


def asked(night: Night, path: str, role: str = "operator", body: Any = None) -> Any:
    token = night.people.make_token(f"t{len(night.people.tokens())}", role, night.clock.now())  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}"}
    client = night.site.test_client()
    return client.get(path, headers=headers) if body is None else client.post(path, json=body, headers=headers)


def shown(night: Night, booking: str, room: str = "101", role: str = "operator", reason: str = "her PIN fails") -> Any:
    return asked(night, f"/api/bookings/alpen/{booking}/spare-key", role, {"room": room, "reason": reason})


def test_each_room_has_one_that_lies_ready_and_the_bookings_run_on_as_if_there_were_none(night: Night) -> None:
    booking = night.book(0, arrival=START + timedelta(hours=1))
    night.do("full")
    look(night)
    look(night)
    assert states(night) == [("101", "ready"), ("102", "ready")]
    night.do("night_audit")
    night.do("full")
    assert len(spare_pins(night)) == 2, "no run takes them for a booking's, or makes more"
    assert night.seam.grant_by_key(booking) is not None


def test_without_the_setting_there_is_none_and_nothing_is_asked(tmp_path: Path) -> None:
    night = a_night(tmp_path, Policy())
    night.do("full")
    look(night)
    before = sum(night.seam.calls.values())
    night.do("lock_health")
    assert sum(night.seam.calls.values()) - before == 5
    assert spare_pins(night) == []


def test_once_all_lie_ready_a_look_costs_no_further_call(night: Night) -> None:
    night.do("full")
    look(night)
    look(night)
    before = sum(night.seam.calls.values())
    night.do("lock_health")
    assert sum(night.seam.calls.values()) - before == 5


def test_a_lock_that_knows_one_guest_at_a_time_gets_none(tmp_path: Path) -> None:
    night = Night(tmp_path, POLICY)
    night.seam.add_entrance("Door 101", night.rooms[0], True, customer_key=night.property)
    night.do("full")
    look(night)
    assert spare_pins(night) == []


def test_one_that_lies_on_a_lock_that_is_offline_opens_for_whoever_is_shown_it(night: Night) -> None:
    booking = in_house(night)
    found = asked(night, f"/api/bookings/alpen/{booking}").json["still_closed"]
    assert (found["reason"], found["steps"][0]["kind"]) == ("out_of_reach", "spare_key")
    answer = shown(night, booking)
    assert answer.status_code == 200, answer.text
    assert night.seam.use_code(lock_of(night), answer.json["pin"])
    assert states(night)[0] == ("101", "shown")
    (entry,) = (one for one in night.people.audit_entries() if one.action == "shown a spare key")
    assert (entry.target, entry.note) == (booking, "101: her PIN fails")


def test_nobody_without_the_role_sees_one_nor_anybody_without_a_reason_or_at_another_room(night: Night) -> None:
    booking = in_house(night)
    pins = spare_pins(night)
    assert shown(night, booking, role="viewer").status_code == 403
    assert shown(night, booking, reason="").status_code == 422
    assert shown(night, booking, reason="  ").status_code == 422
    assert shown(night, booking, room="102").status_code == 409
    assert asked(night, "/api/spare-keys", "viewer").status_code == 403
    pages = [asked(night, path).text for path in ("/api/spare-keys", f"/api/bookings/alpen/{booking}")]
    pages += [night.client(role).get(f"/bookings/alpen/{booking}").text for role in ("viewer", "operator")]
    assert not [pin for pin in pins for page in pages if pin in page]


def test_a_page_shows_one_once_and_to_an_operator_who_says_why(night: Night) -> None:
    booking = in_house(night)
    (pin,) = (one for one in spare_pins(night) if night.seam.use_code(lock_of(night), one))
    client = night.client("operator")
    page = client.get(f"/bookings/alpen/{booking}")
    assert "Spare key of 101" in page.text
    form = {"csrf_token": csrf_of(page), "confirmed": "yes", "room": "101"}
    assert pin not in client.post(f"/bookings/alpen/{booking}/spare-key", data=form).text
    answer = client.post(f"/bookings/alpen/{booking}/spare-key", data=form | {"reason": "flat phone"})
    assert pin in answer.text
    assert pin not in client.get(f"/bookings/alpen/{booking}").text


def test_one_that_was_used_is_told_within_a_minute_and_another_lies_ready_within_five(night: Night) -> None:
    booking = in_house(night)
    night.seam.plug_in(lock_of(night))
    night.settle()
    (one,) = (each for each in SpareKeys(night.store, "alpen").of() if each.room == "101")
    pin = night.workspace.pin_of(one.seam_id)
    assert pin is not None
    night.look_at_alerts()
    assert night.seam.use_code(lock_of(night), pin)
    night.settle()
    told = night.look_at_alerts()
    assert any("The spare key of 101 was used" in text and "nobody was shown it" in text for text in told)
    (alert,) = (each for each in night.alert_book.open() if each.kind == "spare_key")
    assert [isinstance(part, Said) for part in alert.parts] == [True, True], "each part is read in any language"
    for _ in range(5):
        night.minute()
    assert states(night)[0] == ("101", "ready")
    assert not night.seam.use_code(lock_of(night), pin), "one that nobody was shown opens no more"
    assert booking not in {each.booking_id for each in used_since(night.store, START)}


def test_one_that_was_used_is_told_with_the_next_look_where_no_webhook_comes_and_another_lies_ready_within_five_minutes(
    night: Night,
) -> None:
    night.book(0, arrival=START + timedelta(hours=1))
    night.do("full")
    for _ in range(3):
        look(night)
    (one,) = (each for each in SpareKeys(night.store, "alpen").of() if each.room == "101")
    pin = night.workspace.pin_of(one.seam_id)
    assert pin is not None
    assert night.seam.use_code(lock_of(night), pin)
    used_at = night.clock.now()
    night.sender.waiting.clear()
    minutes: list[int] = []
    for minute in range(1, 11):
        night.minute()
        if any("The spare key of 101 was used" in text for text in night.look_at_alerts()):
            minutes.append(minute)
        if ("101", "ready") in states(night) and minutes:
            break
    assert minutes[0] <= 5
    assert minute <= minutes[0] + 5
    (used,) = used_since(night.store, START)
    assert used.used_at == used_at
    assert not night.seam.use_code(lock_of(night), pin)


def test_one_that_was_shown_opens_for_some_hours_and_then_no_more(tmp_path: Path) -> None:
    night = a_night(tmp_path, replace(POLICY, spare_codes=SpareCodes(1, timedelta(hours=2))))
    booking = in_house(night)
    pin = shown(night, booking).json["pin"]
    night.seam.plug_in(lock_of(night))
    look(night, hours=1)
    assert night.seam.use_code(lock_of(night), pin)
    look(night, hours=1)
    look(night)
    assert not night.seam.use_code(lock_of(night), pin)


def test_one_that_nobody_needed_is_another_one_after_a_week(night: Night) -> None:
    night.do("full")
    look(night)
    look(night)
    before = set(spare_pins(night))
    look(night, days=7, minutes=1)
    look(night)
    look(night)
    assert states(night) == [("101", "ready"), ("102", "ready")]
    assert before.isdisjoint(spare_pins(night))


def test_with_a_lost_database_those_of_before_go_and_others_are_made(night: Night) -> None:
    night.do("full")
    look(night)
    look(night)
    before = set(spare_pins(night))
    night.lose_the_database()
    night._assemble()
    night.do("full")
    for _ in range(3):
        look(night)
    assert states(night) == [("101", "ready"), ("102", "ready")]
    assert before.isdisjoint(spare_pins(night))


def test_they_go_with_a_connection_that_is_removed_with_its_access(night: Night) -> None:
    night.do("full")
    look(night)
    turn = take(night.store, turn_of("alpen"))
    take_all_away("alpen", night.keys, night.workspace, night.store, turn, "removed", night.clock.now, lambda: False)
    turn.release()
    night.clock.pass_(seconds=30)
    night.seam.tick()
    assert spare_pins(night) == []


def test_no_spare_pin_is_in_the_database_nor_in_a_log(tmp_path: Path) -> None:
    night = a_night(tmp_path)
    with capture_logs() as logs:
        booking = in_house(night)
        pin = shown(night, booking).json["pin"]
        night.seam.plug_in(lock_of(night))
        night.seam.use_code(lock_of(night), pin)
        night.settle()
        told = night.look_at_alerts()
    assert pin not in str(logs)
    assert pin not in str(told)
    assert pin not in str(SpareKeys(night.store, "alpen").of(with_gone=True))
    assert all(pin not in str(one) for one in Inbox(night.store).page(limit=100))


def test_a_spare_key_is_no_bookings_whatever_it_looks_like() -> None:
    keys = Keys("isar/", others=(("alpen", "alpen/"),))
    key = keys.spare("isar/101", "ab12")
    assert keys.is_spare(key)
    assert keys.booking_of(key) is None
    assert keys.booking_of("isar/101:guest") == "101"
    assert not keys.is_spare("alpen/~spare:101:ab12")
