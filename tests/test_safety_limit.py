"""How many people may lose their access before somebody is asked, whatever kind of run takes it."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import Policy
from reconciler.report import RunReport
from seam_workspace.errors import SeamRefused
from store.holds import Holds
from tests.night import Night
from tests.world import START, World


def _house(path: Path, number: int) -> tuple[World, list[str]]:
    world = World(path, Policy(replace_wait=timedelta(seconds=20)))
    world.rooms += [
        world.hotel.add_room(world.property, str(200 + room), world.double) for room in range(number - len(world.rooms))
    ]
    bookings = [world.book(room) for room in range(number)]
    assert world.sync().exit == 0
    return world, bookings


def _shut(world: World, bookings: list[str]) -> int:
    return sum(not world.doors(one) for one in bookings)


def test_four_webhooks_of_three_cancellations_take_at_most_six_of_fifteen(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 15)
    exits = []
    for start in range(0, 12, 3):
        for booking in bookings[start : start + 3]:
            world.hotel.cancel(booking)
        world.clock.pass_(seconds=20)
        exits.append(world.sync(booking_ids=tuple(bookings[start : start + 3]), news=True).exit)
    assert _shut(world, bookings) == 6
    assert exits == [0, 0, 3, 3]
    assert world.tick().exit == 3, "what is held waits on"
    assert world.tick(full=True).exit == 3
    assert _shut(world, bookings) == 6


def test_one_of_four_goes_and_all_four_within_minutes_do_not(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 4)
    world.hotel.cancel(bookings[0])
    assert world.tick().exit == 0
    for booking in bookings[1:]:
        world.hotel.cancel(booking)
        world.clock.pass_(seconds=30)
        world.sync(booking_ids=(booking,), news=True)
    assert 1 <= _shut(world, bookings) <= 2


def test_all_that_a_small_house_has_is_held_at_once(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 4)
    for booking in bookings:
        world.hotel.cancel(booking)
    assert world.tick().exit == 3
    assert _shut(world, bookings) == 0


def test_an_only_booking_may_be_cancelled(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 3)
    for booking in bookings[1:]:
        world.hotel.cancel(booking)
        world.clock.pass_(hours=30)
        assert world.sync().exit == 0
    world.clock.pass_(hours=30)
    world.hotel.cancel(bookings[0])
    assert world.tick().exit == 0
    assert _shut(world, bookings) == 3


def test_an_ordinary_morning_of_departures_is_never_held(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.rooms += [world.hotel.add_room(world.property, str(200 + room), world.double) for room in range(57)]
    leaving = [
        world.book(room, arrival=START - timedelta(hours=20), departure=START + timedelta(hours=3))
        for room in range(40)
    ]
    staying = [
        world.book(room, arrival=START - timedelta(hours=20), departure=START + timedelta(days=2))
        for room in range(40, 60)
    ]
    for booking in (*leaving, *staying):
        world.hotel.set_state(booking, "Started")
    world.sync()
    for booking in leaving:
        world.hotel.set_state(booking, "Processed")
    assert world.tick().exit == 0
    assert _shut(world, leaving) == 40
    for booking in staying:
        world.hotel.set_state(booking, "Processed")
    assert world.tick().exit == 3, "these were not due out today"


def test_a_departure_that_the_pms_moves_to_today_is_not_an_ordinary_one(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 15)
    for booking in bookings:
        world.hotel.move_dates(booking, arrival=START - timedelta(hours=5), departure=START + timedelta(hours=1))
        world.hotel.set_state(booking, "Processed")
    assert world.tick().exit == 3
    assert _shut(world, bookings) == 0


def test_what_a_person_has_approved_counts_no_more(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 20)
    for booking in bookings[:12]:
        world.hotel.cancel(booking)
    held = world.tick()
    assert held.exit == 3
    assert world.sync(approve_run=held.run_id).exit == 0
    assert _shut(world, bookings) == 12
    world.hotel.cancel(bookings[12])
    assert world.tick().exit == 0, "an ordinary cancellation after what somebody has looked at"
    for booking in bookings[13:]:
        world.hotel.cancel(booking)
    assert world.tick().exit == 3


def test_what_had_gone_before_somebody_looked_counts_no_more_either(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 15)

    def cancel(start: int, end: int) -> RunReport:
        for booking in bookings[start:end]:
            world.hotel.cancel(booking)
        return world.tick()

    assert cancel(0, 4).exit == 0
    held = cancel(4, 10)
    assert held.exit == 3
    assert world.sync(approve_run=held.run_id).exit == 0
    assert cancel(10, 12).exit == 0
    assert _shut(world, bookings) == 12


def test_what_was_approved_and_failed_waits_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world, bookings = _house(tmp_path, 4)
    for booking in bookings:
        world.hotel.cancel(booking)
    held = world.tick().run_id
    with monkeypatch.context() as patch:
        patch.setattr(world.workspace, "delete_access_grant", _refuse)
        assert world.sync(approve_run=held).exit == 1
    assert [waits for _, waits in Holds(world.store).of_run(held)] == [True] * 4
    assert world.sync(approve_run=held).exit == 0
    assert [waits for _, waits in Holds(world.store).of_run(held)] == [False] * 4


def test_whoever_is_put_right_before_somebody_approves_keeps_her_access_and_that_is_told(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 4)
    for booking in bookings:
        world.hotel.cancel(booking)
    held = world.tick().run_id
    world.hotel.reinstate(bookings[0])
    report = world.sync(approve_run=held)
    assert report.exit == 0
    (kept,) = [item for item in report.items if item.action == "keep"]
    assert (kept.kind, kept.key, kept.booking_id, kept.outcome) == ("access_grant", bookings[0], bookings[0], "done")
    assert "not revoked: by now the PMS says" in kept.reason
    assert [bool(world.doors(one)) for one in bookings] == [True, False, False, False]
    assert Holds(world.store).waiting() == []


def test_what_was_approved_and_not_begun_any_more_waits_on_and_is_not_told_as_kept(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 4)
    for booking in bookings:
        world.hotel.cancel(booking)
    held = world.tick().run_id
    stopped = world.sync(approve_run=held, stop=lambda: bool(_shut(world, bookings)))
    assert _shut(world, bookings) == 1
    assert [item.key for item in stopped.items if item.action == "keep"] == []
    assert sum(waits for _, waits in Holds(world.store).of_run(held)) == 3
    assert world.sync(approve_run=held).exit == 0
    assert _shut(world, bookings) == 4
    assert Holds(world.store).waiting() == []


def test_what_is_put_right_in_the_pms_waits_for_nobody_any_more(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 12)
    for booking in bookings:
        world.hotel.cancel(booking)
    assert world.tick().exit == 3
    for booking in bookings:
        world.hotel.reinstate(booking)
    assert world.tick().exit == 0
    world.hotel.cancel(bookings[0])
    assert world.tick().exit == 0
    assert _shut(world, bookings) == 1


def test_moves_and_extensions_of_everybody_are_no_revocations(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 12)
    for number, booking in enumerate(bookings):
        world.hotel.assign(booking, world.rooms[(number + 1) % 12])
    assert world.tick().exit == 0
    assert _shut(world, bookings) == 0


def test_a_revocation_that_was_only_looked_at_or_failed_counts_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, bookings = _house(tmp_path, 15)

    def cancelled(start: int) -> None:
        """These six, and none of the others."""
        for number, booking in enumerate(bookings):
            change = world.hotel.cancel if start <= number < start + 6 else world.hotel.reinstate
            change(booking)
        world.clock.pass_(minutes=1)

    cancelled(0)
    assert world.sync(dry_run=True).exit == 0
    cancelled(3)
    with monkeypatch.context() as patch:
        patch.setattr(world.workspace, "delete_access_grant", _refuse)
        assert world.tick().exit == 1
    world.clock.pass_(minutes=40)
    cancelled(6)
    assert world.sync().exit == 0
    assert _shut(world, bookings) == 6


def _refuse(grant_id: str) -> None:
    raise SeamRefused("not now", status=400)


@pytest.mark.parametrize("by", ["word", "absence"])
def test_by_absence_fewer_may_go_than_by_the_pms_own_word(tmp_path: Path, by: str) -> None:
    world, bookings = _house(tmp_path, 15)
    for booking in bookings[:4]:
        world.hotel.cancel(booking) if by == "word" else world.hotel.delete_reservation(booking)
    assert world.tick(full=True).exit == (0 if by == "word" else 3)


def test_webhooks_and_long_runs_count_together(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy())
    night.rooms += [night.hotel.add_room(night.property, str(200 + room), night.double) for room in range(12)]
    bookings = [night.book(room) for room in range(15)]
    night.do("full")
    night.listen()
    for booking in bookings[:4]:
        night.hotel.cancel(booking)
        night.settle()
        night.clock.pass_(seconds=5)
    for booking in bookings[4:9]:
        night.hotel.cancel(booking)
    night.do("incremental")
    assert _shut(night, bookings) <= 6
    (told,) = night.look_at_alerts()
    assert "wait for somebody's approval" in told


def test_a_house_whose_rooms_are_all_called_otherwise_keeps_its_access(tmp_path: Path) -> None:
    world, bookings = _house(tmp_path, 15)
    for start in range(0, 12, 3):
        for booking in bookings[start : start + 3]:
            world.hotel.reservations[booking]["AssignedResourceId"] = f"11111111-2222-4333-8444-{start:012}"
            world.hotel._change(world.hotel.reservations, booking)
        world.clock.pass_(seconds=20)
        world.sync(booking_ids=tuple(bookings[start : start + 3]), news=True)
    report = world.tick(full=True)
    assert _shut(world, bookings) == 6
    assert sum(item.outcome == "held" for item in report.items) == 6


def _two_houses(path: Path, number: int) -> tuple[World, list[str], list[str]]:
    """One connection with two properties, and so many bookings in each."""
    world, here = _house(path, number)
    lake = world.hotel.add_property("Hotel Seeblick")
    double = world.hotel.add_category(world.hotel.add_service(lake))
    arrival, departure = START.replace(hour=13) + timedelta(days=2), START.replace(hour=9) + timedelta(days=5)
    there = []
    for room in range(number):
        at = world.hotel.add_room(lake, str(500 + room), double)
        there.append(world.hotel.book(world.guest(), double, arrival, departure, at))
    assert world.sync(full=True).exit == 0
    assert _shut(world, [*here, *there]) == 0
    return world, here, there


def test_two_properties_at_the_limit_at_once_are_each_held_told_and_approved_by_themselves(tmp_path: Path) -> None:
    world, here, there = _two_houses(tmp_path, 20)
    for booking in [*here[:12], *there[:9]]:
        world.hotel.cancel(booking)
    held = world.tick()
    assert held.exit == 3
    assert _shut(world, [*here, *there]) == 0
    reasons = Counter(one.reason.partition("; ")[2] for one in held.items if one.outcome == "held")
    assert reasons == {
        "12 of 20 grants of Hotel Alpenblick would have been revoked within a day, and at most 8 may be at once: held "
        "until somebody approves": 12,
        "9 of 20 grants of Hotel Seeblick would have been revoked within a day, and at most 8 may be at once: held "
        "until somebody approves": 9,
    }
    # Somebody looks at the one property, and approves what it holds.
    keys = frozenset(here[:12])
    assert world.sync(approve_run=held.run_id, approve_keys=keys).exit == 0
    assert (_shut(world, here), _shut(world, there)) == (12, 0)
    assert world.tick().exit == 3, "the other one waits on"
    assert world.tick(full=True).exit == 3
    assert _shut(world, there) == 0
    world.hotel.cancel(here[12])
    assert world.tick().exit == 3
    assert _shut(world, here) == 13, "what was looked at counts no more"
    world.hotel.cancel(there[9])
    assert world.tick().exit == 3
    assert _shut(world, there) == 0, "what nobody looked at counts on"


def test_a_property_at_the_limit_holds_up_no_other(tmp_path: Path) -> None:
    world, here, there = _two_houses(tmp_path, 20)
    for booking in [*here[:12], there[0]]:
        world.hotel.cancel(booking)
    assert world.tick().exit == 3
    assert (_shut(world, here), _shut(world, there)) == (0, 1)


def test_two_properties_below_the_limit_one_after_the_other_may_be_above_that_of_their_connection(
    tmp_path: Path,
) -> None:
    world, here, there = _two_houses(tmp_path, 15)
    for booking in here[:6]:
        world.hotel.cancel(booking)
    assert world.tick().exit == 0
    for booking in there[:5]:
        world.hotel.cancel(booking)
    assert world.tick().exit == 3
    assert (_shut(world, here), _shut(world, there)) == (6, 0)
