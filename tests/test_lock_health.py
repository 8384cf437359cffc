"""How the locks are: batteries, connection, removal; known within one interval, for a handful of calls."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cli.terminal import show_lock_health
from reconciler.batteries import days_left, status_of, with_reading
from reconciler.locks_report import lock_json, locks_report
from sandbox.locks import Ways
from seam_workspace.existing import Battery
from store.lock_health import LockHealth, LockHealthBook
from store.pending_revocations import PendingRevocations
from tests.night import Night
from tests.world import START

TODAY = date(2025, 10, 20)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    for place, name in enumerate(("Lock 101", "Lock 102")):
        night.seam.add_device(name, night.rooms[place], customer_key=night.property)
    return night


@pytest.fixture
def lock(night: Night) -> str:
    """Room 101's, by its id in Seam."""
    return next(one for one, device in night.seam.devices.items() if device["display_name"] == "Lock 101")


def looked(night: Night) -> dict[str, LockHealth]:
    """By name, after one more interval."""
    night.clock.pass_(minutes=5)
    night.fire()
    night.settle()
    return {one.name: one for one in LockHealthBook(night.store, "alpen").of(night.property)}


def arrives(night: Night) -> str:
    """She comes to room 101 in three hours, and its lock knows her PIN."""
    booking = night.book(0, arrival=START + timedelta(hours=3))
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    return booking


def asked(night: Night, path: str) -> Any:
    token = night.people.make_token(f"t{len(night.people.tokens())}", "viewer", night.clock.now())  # type: ignore[arg-type]
    answer = night.site.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.json


def codes(lock: LockHealth) -> list[str]:
    return [cause.code for cause in lock.causes]


# --- batteries --------------------------------------------------------------------------------------------------------


def of_levels(*levels: float) -> list[tuple[date, float]]:
    """One a day, the last of them today's."""
    return [(TODAY - timedelta(days=len(levels) - 1 - place), level) for place, level in enumerate(levels)]


@pytest.mark.parametrize(
    ("levels", "left"),
    [
        ((0.9, 0.9, 0.9, 0.9, 0.9, 0.9), None),
        ((0.9, 0.88), None),
        ((0.5, 0.45, 0.40, 0.35, 0.30, 0.25), 4),
        ((0.3, 0.2, 0.1, 0.95, 0.94, 0.93), None),
        ((0.10, 0.08, 0.06, 0.04, 0.02), 0),
        ((0.02,), 0),
        ((), None),
        ((0.5, 0.5, 0.5, 0.5, 0.6), None),
    ],
)
def test_a_battery_lasts_as_long_as_its_trend_says_since_it_was_changed(
    levels: tuple[float, ...], left: int | None
) -> None:
    assert days_left(of_levels(*levels), TODAY) == left


def test_one_reading_a_day_is_kept_and_old_ones_are_not() -> None:
    readings = [(TODAY - timedelta(days=100), 0.9), (TODAY - timedelta(days=1), 0.5), (TODAY, 0.4)]
    assert with_reading(readings, TODAY, 0.3) == [(TODAY - timedelta(days=1), 0.5), (TODAY, 0.3)]


@pytest.mark.parametrize(
    ("level", "status", "judged"),
    [
        (0.9, None, "good"),
        (1.0, "full", "full"),
        (0.15, None, "low"),
        (0.05, "good", "critical"),
        (0.6, "critical", "critical"),
        (None, "low", "low"),
        (None, None, None),
    ],
)
def test_a_battery_is_never_judged_better_than_its_level(
    level: float | None, status: str | None, judged: str | None
) -> None:
    assert status_of(Battery(level, status)) == judged


# --- the locks --------------------------------------------------------------------------------------------------------


def test_a_lock_without_trouble_is_good_and_says_when_it_was_last_seen(night: Night) -> None:
    arrives(night)
    lock = looked(night)["Lock 101"]
    assert (lock.state, lock.causes, lock.online, lock.battery_level) == ("good", [], True, 0.9)
    assert lock.last_seen_at == lock.looked_at == night.clock.now()
    assert lock.rooms == ["101"]


def test_a_lock_that_goes_offline_is_broken_within_one_interval_and_since_when_is_kept(night: Night, lock: str) -> None:
    arrives(night)
    looked(night)
    seen = night.clock.now()
    night.seam.unplug(lock)
    first = looked(night)["Lock 101"]
    again = looked(night)["Lock 101"]
    assert (first.state, codes(first)) == ("broken", ["device_disconnected"])
    assert again.last_seen_at == seen
    assert again.online_changed_at == first.online_changed_at == first.causes[0].since == again.causes[0].since
    night.seam.plug_in(lock)
    assert looked(night)["Lock 101"].state == "good"


def test_tonights_arrival_hears_of_her_lock_within_one_interval_without_any_event(night: Night, lock: str) -> None:
    booking = arrives(night)
    looked(night)
    night.seam.unplug(lock)
    looked(night)
    stay = next(
        one for one in asked(night, "/api/now")["properties"][0]["today"] if one["stay"]["booking_id"] == booking
    )
    assert (stay["verdict"], stay["cause"]) == ("unsure", "device_disconnected")


@pytest.mark.parametrize(
    ("level", "state", "cause", "verdict"),
    [(0.15, "warning", "battery_low", "opens"), (0.04, "warning", "battery_critical", "unsure")],
)
def test_a_battery_that_runs_out_is_a_warning_of_the_lock_and_a_word_to_her_arrival(
    night: Night, lock: str, level: float, state: str, cause: str, verdict: str
) -> None:
    booking = arrives(night)
    night.seam.drain(lock, level)
    found = looked(night)["Lock 101"]
    assert (found.state, codes(found)) == (state, [cause])
    found = asked(night, f"/api/bookings/alpen/{booking}")
    assert (found["verdict"], found["cause"]) == (verdict, cause)
    assert f"{level:.0%}" in found["sentence"]


def test_a_battery_is_alarmed_a_week_before_it_is_flat(night: Night, lock: str) -> None:
    arrives(night)
    level = 0.65
    for _ in range(8):
        night.seam.drain(lock, level)
        found = looked(night)["Lock 101"]
        night.clock.pass_(hours=24)
        level -= 0.05
    assert (found.state, codes(found)) == ("warning", ["battery_flat_soon"])
    assert found.days_left in range(3, 8)
    assert "change it before" in found.causes[0].sentence


def test_a_lock_that_was_removed_is_told_though_seam_lists_it_no_more(night: Night, lock: str) -> None:
    arrives(night)
    looked(night)
    device = night.seam.devices.pop(lock)
    found = looked(night)["Lock 101"]
    assert (found.state, codes(found)) == ("broken", ["removed"])
    night.seam.devices[lock] = device
    assert looked(night)["Lock 101"].state == "good"


def test_what_only_an_event_says_is_shown_for_a_day(night: Night, lock: str) -> None:
    arrives(night)
    looked(night)
    night.listen()
    night.seam.tamper(lock)
    night.settle()
    assert codes(looked(night)["Lock 101"]) == ["device.tampered"]
    assert codes(looked(night)["Lock 102"]) == []
    night.clock.pass_(hours=25)
    assert codes(looked(night)["Lock 101"]) == []


def test_an_account_that_lets_seam_in_no_more_breaks_all_its_locks_with_one_sentence_each(night: Night) -> None:
    arrives(night)
    night.seam.disconnect_account(night.property)
    assert {(one.state, *codes(one)) for one in looked(night).values()} == {("broken", "account_disconnected")}


def test_an_entrance_tells_its_battery_in_words(tmp_path: Path) -> None:
    night = Night(tmp_path)
    door = night.seam.add_entrance("Door 101", night.rooms[0], customer_key=night.property, ways=Ways())
    arrives(night)
    night.seam.drain(door, 0.05)
    found = looked(night)["Door 101"]
    assert (found.state, found.battery_status, codes(found)) == ("warning", "critical", ["battery_critical"])


def test_a_look_costs_six_calls_and_asks_for_guests_only_where_something_is_new(night: Night, lock: str) -> None:
    arrives(night)
    looked(night)
    night.clock.pass_(minutes=5)
    before = len(night.seam.requests)
    night.do("lock_health")
    quiet = [path for path, *_ in night.seam.requests[before:]]
    assert len(quiet) == 6
    assert not any("grant" in one or "method" in one for one in quiet)
    night.seam.unplug(lock)
    night.clock.pass_(minutes=5)
    before = len(night.seam.requests)
    night.do("lock_health")
    assert len(night.seam.requests) - before <= 8


# --- what people and programs see -------------------------------------------------------------------------------------


def test_programs_read_every_lock_with_its_guests_and_ask_for_a_state(night: Night, lock: str) -> None:
    booking = arrives(night)
    night.seam.unplug(lock)
    looked(night)
    found = asked(night, "/api/locks/health?state=broken")
    assert [one["name"] for one in found] == ["Lock 101"]
    assert found[0]["rooms"] == ["101"]
    assert [cause["code"] for cause in found[0]["causes"]] == ["device_disconnected"]
    assert found[0]["battery"] == {"level": 0.9, "status": "good", "days_left": None}
    assert [guest["booking"] for guest in found[0]["guests"]] == [booking]
    assert found[0]["online"] is False
    assert found[0]["offline_since"] is not None
    assert [one["name"] for one in asked(night, "/api/locks/health?state=good")] == ["Lock 102"]
    assert asked(night, "/api/locks/health?property=no-such-house") == []


def test_what_seam_said_long_ago_is_not_known(night: Night) -> None:
    arrives(night)
    looked(night)
    night.clock.pass_(minutes=16)
    found = asked(night, "/api/locks/health")
    assert {(one["state"], one["causes"][0]["code"]) for one in found} == {("unknown", "not_asked_lately")}


def test_the_page_names_the_broken_lock_first_with_whom_it_concerns(night: Night, lock: str) -> None:
    arrives(night)
    night.seam.unplug(lock)
    looked(night)
    page = night.client("viewer").get("/locks/health").get_data(as_text=True)
    assert page.index("Lock 101") < page.index("Lock 102")
    assert "It is offline: check its power and network" in page
    assert "battery 90%" in page
    assert "1 broken" in night.client("viewer").get("/locks").get_data(as_text=True)
    assert "Lock 102" not in night.client("viewer").get("/locks/health?state=broken").get_data(as_text=True)


def test_the_terminal_shows_what_is_wrong_and_counts_the_rest(night: Night, lock: str, capsys: Any) -> None:
    arrives(night)
    night.seam.unplug(lock)
    looked(night)
    now = night.clock.now()
    show_lock_health("Alpenhof", "Europe/Vienna", locks_report(night.store, "alpen", night.property, now, timedelta(1)))
    told = capsys.readouterr().out
    assert "2 locks, 1 good" in told
    assert "broken   Lock 101" in told
    assert "concerns" in told
    assert "Lock 102" not in told


def test_locks_are_json_with_times_in_utc(night: Night) -> None:
    arrives(night)
    looked(night)
    found = [
        lock_json(one) for one in locks_report(night.store, "alpen", night.property, night.clock.now(), timedelta(1))
    ]
    assert json.loads(json.dumps(found)) == found
    assert found[0]["last_seen"] == night.clock.now().isoformat()


# --- access that was taken away, and locks that cannot be told --------------------------------------------------------


def stay_of(night: Night, booking: str) -> Any:
    found = [one for one in asked(night, f"/api/bookings?q={booking}") if one["stay"]["booking_id"] == booking]
    return found[0]


def test_whoever_was_cancelled_while_her_lock_is_offline_may_still_open_and_until_when_is_said(
    night: Night, lock: str
) -> None:
    booking = arrives(night)
    night.seam.unplug(lock)
    night.hotel.cancel(booking)
    night.do("incremental")
    night.clock.pass_(minutes=2)
    night.do("retry")
    found = stay_of(night, booking)
    assert (found["verdict"], found["cause"]) == ("unsure", "still_at_the_door")
    whole = asked(night, f"/api/bookings/alpen/{booking}")
    assert whole["planned"]["access"] == "none"
    assert whole["at_door"]["state"] == "still_holds"
    assert whole["at_door"]["until"] is not None
    assert found["sentence"].startswith("May still open: access was taken away, and the lock of 101")
    assert "at the latest" in found["sentence"]
    night.seam.plug_in(lock)
    looked(night)
    assert stay_of(night, booking)["cause"] == "no_access"


def test_access_that_goes_at_once_is_no_news(night: Night) -> None:
    booking = arrives(night)
    night.hotel.cancel(booking)
    night.do("incremental")
    said = stay_of(night, booking)
    assert (said["verdict"], said["cause"]) == ("unsure", "still_at_the_door"), "nobody has asked the lock yet"
    assert "the lock of 101 has not confirmed yet that it has forgotten it" in said["sentence"]
    night.clock.pass_(minutes=2)
    night.do("retry")
    assert stay_of(night, booking)["cause"] == "no_access"
    assert PendingRevocations(night.store).of(night.clock.now()) == []


def test_a_list_knows_what_whoever_opened_the_booking_was_told(night: Night) -> None:
    booking = arrives(night)
    night.hotel.cancel(booking)
    night.do("incremental")
    night.clock.pass_(seconds=30)
    assert asked(night, f"/api/bookings/alpen/{booking}")["cause"] == "no_access"
    assert stay_of(night, booking)["cause"] == "no_access"


def test_a_list_knows_of_access_that_somebody_deleted_in_seam_once_the_booking_was_opened(night: Night) -> None:
    booking = arrives(night)
    night.do("arrival_check")
    assert stay_of(night, booking)["verdict"] == "opens"
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    night.workspace.delete_access_grant(grant["access_grant_id"])
    night.clock.pass_(minutes=1)
    assert asked(night, f"/api/bookings/alpen/{booking}")["verdict"] == "shut"
    assert stay_of(night, booking)["verdict"] == "shut"


def test_whoever_moves_out_of_a_room_whose_lock_is_offline_hears_that_it_may_still_open_for_her(
    night: Night, lock: str
) -> None:
    booking = arrives(night)
    night.seam.unplug(lock)
    night.hotel.assign(booking, night.rooms[1])
    night.do("incremental")
    night.clock.pass_(minutes=2)
    night.settle()
    looked(night)
    found = stay_of(night, booking)
    assert found["verdict"] == "opens"
    assert "may still open, for the lock of 101 has not forgotten it yet" in found["sentence"]


def test_whose_stay_was_made_shorter_while_her_lock_is_offline_may_open_it_until_the_former_end(
    night: Night, lock: str
) -> None:
    night.listen()
    booking = night.book(0, arrival=START + timedelta(minutes=5), departure=START + timedelta(hours=8))
    night.do("full")
    for _ in range(6):
        night.minute()
    night.seam.unplug(lock)
    night.hotel.move_dates(booking, departure=night.clock.now() + timedelta(minutes=5))
    for _ in range(4):
        night.minute()
    found = stay_of(night, booking)
    assert (found["verdict"], found["cause"]) == ("unsure", "failed_to_issue"), "by the former times it may open"
    for _ in range(30):
        night.minute()
        if night.clock.now() >= START + timedelta(minutes=12):
            assert sum(map(len, night.seam.opens().values())) == 1
            assert stay_of(night, booking)["cause"] == "still_at_the_door", night.clock.now()
    whole = asked(night, f"/api/bookings/alpen/{booking}")
    assert (whole["verdict"], whole["at_door"]["state"]) == ("unsure", "still_holds")
    assert whole["at_door"]["until"].startswith((START + timedelta(hours=8)).isoformat()[:16])
    night.seam.plug_in(lock)
    for _ in range(6):
        night.minute()
    assert sum(map(len, night.seam.opens().values())) == 0
    assert stay_of(night, booking)["cause"] == "no_access"


def test_what_was_planned_and_what_is_at_the_door_are_two_answers(night: Night, lock: str) -> None:
    booking = arrives(night)

    def both() -> tuple[str, str]:
        found = asked(night, f"/api/bookings/alpen/{booking}")
        return found["planned"]["access"], found["at_door"]["state"]

    assert both() == ("granted", "holds")
    night.seam.unplug(lock)
    night.hotel.move_dates(booking, departure=START + timedelta(days=6))
    night.do("incremental")
    found = asked(night, f"/api/bookings/alpen/{booking}")
    assert both() == ("granted", "not_yet")
    assert found["planned"]["ends_at"].startswith((START + timedelta(days=6)).date().isoformat())
    assert found["planned"]["rooms"] == ["101"]
    page = night.client("viewer").get(f"/bookings/alpen/{booking}?live=1").get_data(as_text=True)
    assert "At the door" in page
    night.seam.plug_in(lock)
    night.clock.pass_(minutes=1)
    assert both() == ("granted", "holds")


# --- alerts -----------------------------------------------------------------------------------------------------------


def test_a_rooms_lock_that_stays_offline_is_an_alert_and_ends_when_it_is_back(night: Night, lock: str) -> None:
    arrives(night)
    looked(night)
    night.seam.unplug(lock)
    looked(night)
    assert night.look_at_alerts() == [], "for a few minutes a lock may be out of reach"
    for _ in range(2):
        looked(night)
    assert next(one for one in night.look_at_alerts() if "lock" in one).startswith("begin: ")
    alert = next(one for one in night.alert_book.open() if one.kind == "locks")
    assert alert.text.startswith("1 lock does not work: Lock 101 (it is offline: check its power and network; since ")
    night.seam.plug_in(lock)
    looked(night)
    assert any(one.startswith("end: ") for one in night.look_at_alerts())


def test_flat_batteries_of_a_property_are_one_alert(night: Night) -> None:
    arrives(night)
    for one in list(night.seam.devices):
        night.seam.drain(one, 0.05)
    looked(night)
    night.look_at_alerts()
    (alert,) = [one for one in night.alert_book.open() if one.kind == "batteries"]
    assert alert.text.startswith(
        "2 locks need new batteries: Lock 101 (its battery is nearly empty (5%): change it now"
    )


def test_a_lock_system_that_lets_seam_in_no_more_is_not_told_again_of_each_lock(night: Night) -> None:
    arrives(night)
    night.seam.disconnect_account(night.property)
    for _ in range(4):
        looked(night)
    night.look_at_alerts()
    assert {one.kind for one in night.alert_book.open()} - {"booking", "bookings"} == {"account"}


def test_a_house_without_any_lock_system_is_told_to_connect_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book(0, arrival=START + timedelta(hours=3))
    night.do("full")
    assert 'choose "Connect a lock system" under Locks' in stay_of(night, booking)["why"]


@pytest.mark.parametrize("said", ["101", "room 101", "Room 101", "Zimmer 101", "#101", "ch. 101"])
def test_a_room_is_found_however_it_is_said(night: Night, said: str) -> None:
    booking = arrives(night)
    found = asked(night, f"/api/bookings?q={quote(said)}")
    assert [one["stay"]["booking_id"] for one in found] == [booking]
