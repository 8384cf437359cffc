"""Whole stays, from the PMS to Seam: what staff do at the desk, and what the doors do."""

import contextlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import CommonArea, MaxRevocations, Policy
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from store.links import Links
from store.runs import Runs
from store.work import Work
from tests.every_day import each_value
from tests.world import START, Killed, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_booking_becomes_a_space_an_identity_and_a_grant_with_the_pms_ids_as_keys(world: World) -> None:
    booking = world.book(guest=world.guest("Jana", "Novak", email="jana@example.com", phone="0660 1234567"))
    report = world.sync(full=True)
    assert report.exit == 0
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    assert (space["name"], space["customer_key"]) == ("101", world.property)
    assert space["customer_data"] == {
        "time_zone": "Europe/Vienna",
        "default_checkin_time": "15:00",
        "default_checkout_time": "11:00",
    }
    identity = world.seam.identity_by_key(world.owner(booking))
    assert identity is not None
    assert (identity["full_name"], identity["email_address"], identity["phone_number"]) == (
        "Jana Novak",
        "jana@example.com",
        "+436601234567",
    )
    grant = world.seam.grant_by_key(booking)
    assert grant is not None
    assert (grant["starts_at"], grant["ends_at"]) == ("2026-09-20T13:00:00.000Z", "2026-09-23T09:00:00.000Z")
    assert world.doors(booking) == ["101"]
    assert "reservation_key" not in grant


def test_the_second_run_writes_nothing(world: World) -> None:
    world.book()
    world.book(1)
    world.sync(full=True)
    with world.no_writes():
        full, incremental = world.sync(full=True), world.tick()
    assert full.totals["access_grant"] == {"unchanged": 2}
    assert incremental.total("created") == 0


def test_an_incremental_run_with_no_news_asks_seam_nothing(world: World) -> None:
    world.book()
    world.sync()
    world.clock.pass_(minutes=10)
    world.sync()
    world.clock.pass_(minutes=10)
    before = world.workspace.calls
    assert world.sync().exit == 0
    assert world.workspace.calls == before


def test_an_extension_keeps_the_pin(world: World) -> None:
    booking = world.book()
    world.sync()
    pin = world.seam.code_of(booking)
    world.hotel.move_dates(booking, departure=START + timedelta(days=7))
    report = world.tick()
    grant = world.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"] == "2026-09-25T10:00:00.000Z"
    assert world.seam.code_of(booking) == pin
    assert "guest extended" in report.items[-1].reason


def test_a_room_move_keeps_the_pin_and_closes_the_old_door(world: World) -> None:
    booking = world.book()
    world.sync()
    pin = world.seam.code_of(booking)
    world.hotel.assign(booking, world.rooms[1])
    report = world.tick()
    assert world.doors(booking) == ["102"]
    assert world.seam.code_of(booking) == pin
    assert report.totals["access_grant"] == {"replaced": 1}
    assert len(world.seam.live_grants()) == 1


def test_a_room_move_does_not_wait_for_an_hour_and_leaves_nobody_outside(world: World) -> None:
    booking = world.book()
    world.sync()
    pin = world.seam.code_of(booking)
    world.seam.delete_delay = timedelta(hours=1)
    world.hotel.assign(booking, world.rooms[1])
    began = world.clock.now()
    world.tick()
    assert world.clock.now() - began < timedelta(seconds=120)
    assert world.doors(f"{booking}.2") == ["102"]
    assert world.seam.code_of(f"{booking}.2") == pin
    report = world.tick(full=True)
    assert any("still being deleted" in item.reason for item in report.items)
    world.clock.pass_(hours=2)
    world.lose_the_database()
    with world.no_writes():
        assert world.sync().exit == 0
    assert world.tick(full=True).totals["access_grant"] == {"unchanged": 1}


def test_a_move_that_was_cut_off_in_the_middle_is_finished_by_the_next_run_with_the_same_pin(world: World) -> None:
    booking = world.book()
    world.sync()
    pin = world.seam.code_of(booking)
    world.seam.delete_delay = timedelta(minutes=5)
    world.hotel.assign(booking, world.rooms[1])
    calls = 0
    while world.seam.grant_by_key(booking) in world.seam.live_grants():
        calls += 1
        world.kill_after = calls
        with pytest.raises(Killed):
            world.tick()
    world.kill_after = None
    report = world.tick()
    (living,) = world.seam.live_grants()
    assert world.doors(living["access_grant_key"]) == ["102"]
    assert world.seam.code_of(living["access_grant_key"]) == pin
    assert any("cut off" in item.reason for item in report.items)
    assert Work(world.store).cut_off("alpen") == {}


def test_a_key_that_a_list_by_id_leaves_out_is_asked_for_before_it_counts_as_gone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = world.book()
    world.sync(full=True)
    monkeypatch.setattr(world.workspace, "access_grants_by_id", lambda _: [])
    world.hotel.cancel(booking)
    world.tick()
    assert world.seam.live_grants() == []


@each_value(every_day=1, every=[2, 1], happens=["moved", "cancelled"])
def test_what_a_run_made_before_it_was_killed_is_found_by_the_next_one(
    tmp_path: Path, every: int, happens: str
) -> None:
    """However little the database knows of it."""
    found_unnoted, calls, died = 0, 0, True
    while died:
        world = World(tmp_path, Policy(replace_wait=timedelta(seconds=1)))
        world.book(1)
        world.sync(full=True)
        world.seam.delete_delay = timedelta(hours=1)
        booking = world.book()
        world.sync()
        world.hotel.assign(booking, world.rooms[2])
        world.kill_after, world.kill_with_the_answer = calls, True
        with contextlib.suppress(Killed):
            world.tick()
        died = world.kill_after < 0
        world.kill_after = None
        noted = {link.seam_id for link in Links(world.store).of_connection("alpen").values()}
        found_unnoted += any(one["access_grant_id"] not in noted for one in world.seam.live_grants())
        if happens == "cancelled":
            world.hotel.cancel(booking)
        else:
            world.hotel.assign(booking, world.rooms[0])
        assert world.tick().exit == 0
        mine = [one for one in world.seam.live_grants() if one["access_grant_key"].startswith(booking)]
        assert [world.doors(one["access_grant_key"]) for one in mine] == ([] if happens == "cancelled" else [["101"]])
        world.store.close()
        calls += every
    assert found_unnoted


def test_after_a_second_generation_the_next_move_goes_back_to_the_first_key(world: World) -> None:
    booking = world.book()
    world.sync()
    world.seam.delete_delay = timedelta(hours=1)
    world.hotel.assign(booking, world.rooms[1])
    world.tick()
    world.clock.pass_(hours=2)
    world.seam.delete_delay = timedelta(seconds=1)
    world.hotel.assign(booking, world.rooms[2])
    world.tick()
    assert world.doors(booking) == ["103"]
    assert len(world.seam.live_grants()) == 1


def test_two_guests_who_swap_rooms_end_up_in_each_others(world: World) -> None:
    one, other = world.book(0), world.book(1)
    world.sync()
    world.hotel.assign(one, world.rooms[1])
    world.hotel.assign(other, world.rooms[0])
    world.tick()
    assert (world.doors(one), world.doors(other)) == (["102"], ["101"])


@pytest.mark.parametrize("end", ["cancel", "no_show", "check_out", "unassign", "optional"])
def test_access_ends_with_the_booking(world: World, end: str) -> None:
    booking = world.book()
    world.sync()
    {
        "cancel": lambda: world.hotel.cancel(booking),
        "no_show": lambda: world.hotel.cancel(booking, "NoShow"),
        "check_out": lambda: world.hotel.check_out(booking),
        "unassign": lambda: world.hotel.assign(booking, None),
        "optional": lambda: world.hotel.set_state(booking, "Optional"),
    }[end]()
    report = world.tick()
    assert world.doors(booking) == []
    assert report.totals["access_grant"]["revoked"] == 1
    assert report.exit == 0


def test_a_stay_that_was_shortened_into_the_past_has_no_access_left(world: World) -> None:
    booking = world.book(arrival=START - timedelta(days=1))
    world.sync()
    world.hotel.move_dates(booking, departure=START - timedelta(hours=1))
    world.tick()
    assert world.doors(booking) == []


def test_access_that_somebody_prolonged_in_seam_does_not_outlive_the_stay(world: World) -> None:
    booking = world.book()
    world.sync()
    world.seam.edit_grant(booking, ends_at="2030-01-01T00:00:00.000Z")
    world.clock.pass_(days=6)
    world.sync(full=True)
    assert world.doors(booking) == []


def test_a_reinstated_booking_gets_access_again(world: World) -> None:
    booking = world.book()
    world.sync()
    world.hotel.cancel(booking)
    world.tick()
    world.hotel.reinstate(booking)
    world.tick()
    assert world.doors(booking) == ["101"]


def test_early_and_undone_check_in_move_the_start_and_back(world: World) -> None:
    booking = world.book()
    world.sync()
    world.clock.pass_(days=1)
    world.hotel.check_in(booking)
    world.tick()
    grant = world.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["starts_at"] == "2026-09-19T10:00:00.000Z"
    world.hotel.undo_check_in(booking)
    world.tick()
    assert grant["starts_at"] == "2026-09-20T13:00:00.000Z"


def test_access_is_made_when_it_is_due_without_news_from_the_pms(world: World) -> None:
    booking = world.book(arrival=START + timedelta(days=20), departure=START + timedelta(days=22))
    report = world.sync()
    assert report.totals["access_grant"] == {"waiting": 1}
    assert world.doors(booking) == []
    assert world.seam.user_identities == {}
    world.clock.pass_(days=6)
    world.sync()
    assert world.doors(booking) == ["101"]


def test_a_guest_who_checks_in_weeks_before_the_plan_gets_in(world: World) -> None:
    booking = world.book(arrival=START + timedelta(days=18), departure=START + timedelta(days=19))
    world.hotel.check_in(booking)
    assert world.sync().exit == 0
    assert world.doors(booking) == ["101"]


def test_a_guests_new_email_arrives_without_a_change_of_the_booking(world: World) -> None:
    booking = world.book()
    world.sync()
    world.clock.pass_(minutes=10)
    world.hotel.edit_customer(world.owner(booking), Email="new@example.com", FirstName="Johanna")
    world.tick()
    identity = world.seam.identity_by_key(world.owner(booking))
    assert identity is not None
    assert (identity["email_address"], identity["full_name"]) == ("new@example.com", "Johanna Novak")


def test_an_emptied_profile_empties_the_identity(world: World) -> None:
    booking = world.book(guest=world.guest(phone="0660 1234567"))
    world.sync()
    world.clock.pass_(minutes=10)
    world.hotel.edit_customer(world.owner(booking), Email=None, Phone=None, FirstName=None, LastName="")
    assert world.tick().exit == 0
    identity = world.seam.identity_by_key(world.owner(booking))
    assert identity is not None
    assert (identity["email_address"], identity["phone_number"], identity["full_name"]) == (None, None, None)


def test_a_renamed_room_arrives_without_a_change_of_a_booking(world: World) -> None:
    world.book()
    world.sync()
    world.clock.pass_(minutes=10)
    world.hotel.rename_room(world.rooms[2], "103 Seaview")
    world.tick()
    space = world.seam.space_by_key(world.rooms[2])
    assert space is not None
    assert space["name"] == "103 Seaview"


def test_a_merged_guest_passes_her_access_on_with_the_same_pin(world: World) -> None:
    booking = world.book()
    target = world.guest("Jana", "Nowak", email="nowak@example.com")
    world.sync()
    pin = world.seam.code_of(booking)
    world.clock.pass_(minutes=10)
    world.hotel.merge_customers(world.owner(booking), target)
    world.tick()
    grant = world.seam.grant_by_key(booking)
    identity = world.seam.identity_by_key(target)
    assert grant is not None
    assert identity is not None
    assert grant["user_identity_id"] == identity["user_identity_id"]
    assert world.seam.code_of(booking) == pin


def test_a_changed_owner_gets_the_access_and_the_former_one_loses_it(world: World) -> None:
    booking = world.book()
    world.sync()
    other = world.guest("Otto", "Weiss")
    world.hotel.change_owner(booking, other)
    world.tick()
    grant = world.seam.grant_by_key(booking)
    identity = world.seam.identity_by_key(other)
    assert grant is not None
    assert identity is not None
    assert grant["user_identity_id"] == identity["user_identity_id"]


def test_companions_get_grants_of_their_own_and_lose_them_alone(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(guests="everyone"))
    friend = world.guest("Otto", "Weiss")
    booking = world.book(companions=[friend])
    world.sync()
    assert world.doors(booking) == world.doors(f"{booking}:{friend}") == ["101"]
    world.hotel.remove_companion(booking, friend)
    report = world.tick(full=True)
    assert world.doors(f"{booking}:{friend}") == []
    assert world.doors(booking) == ["101"]
    assert report.exit == 0


def test_a_company_booking_is_for_its_first_companion_and_stays_hers(world: World) -> None:
    company = world.hotel.add_company()
    first, second = world.guest("Ida", "Berg"), world.guest("Otto", "Weiss")
    booking = world.book(guest=company, companions=[first, second])
    world.sync()
    grant = world.seam.grant_by_key(booking)
    identity = world.seam.identity_by_key(first)
    assert grant is not None
    assert identity is not None
    assert grant["user_identity_id"] == identity["user_identity_id"]
    with world.no_writes():
        # Mews lists companions in whatever order; nobody is locked out for that.
        world.hotel.companionships = dict(reversed(world.hotel.companionships.items()))
        world.tick(full=True)


def test_a_companys_booking_should_have_access_for_whoever_has_it_now(world: World) -> None:
    first, second = world.guest("Ida", "Berg"), world.guest("Otto", "Weiss")
    booking = world.book(guest=world.hotel.add_company(), companions=[first, second])
    world.sync()
    world.hotel.companionships = dict(reversed(world.hotel.companionships.items()))
    connection = RunConnection(world.name, world.connector, world.policy, world.keys)

    def should_have() -> list[str]:
        findings = inquire(connection, world.workspace, world.store, booking, world.clock.now())
        return [value for _, lines in findings.sections for name, value in lines if name == "should have"]

    (told,) = should_have()
    assert told.startswith("I.B. 101, ")
    world.seam.faults.fail_before = 1.0
    (told,) = should_have()
    assert told.startswith("Seam, which knows who has it now, could not be asked: ")


def test_a_bed_opens_its_dorm_and_parking_opens_nothing(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    beds = world.hotel.add_category(world.service, "Bed")
    dorms = world.hotel.add_category(world.service, "Dorm")
    spots = world.hotel.add_category(world.service, "ParkingSpot")
    dorm = world.hotel.add_room(world.property, "Dorm", dorms)
    bed = world.hotel.add_room(world.property, "Bed A", beds, parent=dorm)
    spot = world.hotel.add_room(world.property, "P1", spots)
    times = (START + timedelta(days=1), START + timedelta(days=2))
    sleeper = world.hotel.book(world.guest(), beds, *times, bed)
    parker = world.hotel.book(world.guest(), spots, *times, spot)
    report = world.sync(full=True)
    assert world.doors(sleeper) == ["Bed A", "Dorm", "Lobby"]
    assert world.seam.grant_by_key(parker) is None
    assert world.seam.space_by_key(spot) is None
    assert report.exit == 0


def test_two_guests_with_one_email_both_get_in_and_the_report_says_who_goes_without(world: World) -> None:
    one = world.book(0, world.guest(email="family@example.com"))
    other = world.book(1, world.guest(email="Family@Example.com"))
    report = world.sync()
    assert world.doors(one)
    assert world.doors(other)
    emails = sorted(str(identity["email_address"]).lower() for identity in world.seam.user_identities.values())
    assert emails == ["family@example.com", "none"]
    assert any("another person has the same" in item.reason for item in report.items)
    with world.no_writes():
        world.sync(full=True)


def test_an_email_that_somebody_else_holds_in_seam_is_left_out_and_not_asked_for_again(world: World) -> None:
    world.workspace._seam.user_identities.create(email_address="taken@example.com", full_name="Somebody")
    booking = world.book(guest=world.guest(email="taken@example.com", phone="+43 660 1234567"))
    report = world.sync()
    identity = world.seam.identity_by_key(world.owner(booking))
    assert identity is not None
    assert (identity["email_address"], identity["phone_number"]) == (None, "+436601234567")
    assert any("without e-mail" in item.reason for item in report.items)
    with world.no_writes():
        world.tick(full=True)
        world.tick()


def test_an_email_that_somebody_else_holds_is_asked_for_once_however_often_the_booking_changes(world: World) -> None:
    world.book(0, world.guest("Jana", email="family@example.com"))
    world.sync()
    world.clock.pass_(minutes=20)
    world.tick()
    second = world.book(1, world.guest("Otto", email="family@example.com"))
    written = []
    for days in range(6, 10):
        world.clock.pass_(minutes=10)
        world.hotel.move_dates(second, departure=START.replace(hour=9) + timedelta(days=days))
        written.append([item.reason for item in world.tick().items if item.kind == "user_identity"])
    assert written == [["new guest; without e-mail: another identity in Seam has it"], [], [], []]


def test_an_email_that_becomes_free_is_given_to_whoever_lacked_it_by_the_next_full_run(world: World) -> None:
    first, second = world.guest("Jana", email="family@example.com"), world.guest("Otto", email="family@example.com")
    world.book(0, first)
    world.sync()
    world.clock.pass_(minutes=20)
    world.tick()
    world.book(1, second)
    world.tick()
    world.hotel.edit_customer(first, Email="jana@example.com")
    world.tick()
    world.sync(full=True)
    emails = {key: (world.seam.identity_by_key(key) or {})["email_address"] for key in (first, second)}
    assert emails == {first: "jana@example.com", second: "family@example.com"}


def test_override_locks_get_the_reservation_and_a_move_takes_everybody_along(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(guests="everyone"))
    world.sync()
    world.equip(0, override=True)
    world.equip(1, override=True)
    world.equip(2)
    friend = world.guest("Otto", "Weiss")
    booking = world.book(companions=[friend])
    plain = world.book(2)
    world.tick()
    grants = [world.seam.grant_by_key(key) for key in (booking, f"{booking}:{friend}")]
    assert [grant and grant.get("reservation_key") for grant in grants] == [booking, booking]
    assert "reservation_key" not in (world.seam.grant_by_key(plain) or {})
    world.hotel.assign(booking, world.rooms[1])
    assert world.tick().exit == 0
    assert world.doors(booking) == world.doors(f"{booking}:{friend}") == ["102"]


def test_a_move_between_override_locks_that_takes_an_hour_uses_the_next_reservation(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(guests="everyone"))
    world.sync()
    world.equip(0, override=True)
    world.equip(1, override=True)
    friend = world.guest("Otto", "Weiss")
    booking = world.book(companions=[friend])
    world.tick()
    world.seam.delete_delay = timedelta(hours=1)
    world.hotel.assign(booking, world.rooms[1])
    assert world.tick().exit == 0
    keys = (f"{booking}.2", f"{booking}:{friend}.2")
    assert [world.doors(key) for key in keys] == [["102"], ["102"]]
    reservations = {(world.seam.grant_by_key(key) or {}).get("reservation_key") for key in keys}
    assert reservations == {f"{booking}.2"}
    with world.no_writes():
        world.tick(full=True)


def test_two_guests_who_swap_their_emails_both_get_the_right_one_in_the_end(world: World) -> None:
    one, other = world.guest(email="x@example.com"), world.guest(email="y@example.com")
    world.book(0, one)
    world.book(1, other)
    world.sync()
    world.hotel.edit_customer(one, Email="y@example.com")
    world.hotel.edit_customer(other, Email="x@example.com")
    for _ in range(3):
        world.tick(full=True)
    emails = [(world.seam.identity_by_key(guest) or {})["email_address"] for guest in (one, other)]
    assert emails == ["y@example.com", "x@example.com"]


@pytest.mark.parametrize("retire", ["retired", "gone"])
@pytest.mark.parametrize("orphans", ["report", "delete"])
def test_the_space_of_a_room_that_is_no_more_is_deleted_only_where_the_policy_says_so(
    tmp_path: Path, orphans: str, retire: str
) -> None:
    world = World(tmp_path, Policy(orphan_spaces=orphans))
    world.sync()
    if retire == "retired":
        world.hotel.retire_room(world.rooms[2])
    else:
        del world.hotel.resources[world.rooms[2]]
    report = world.tick(full=True)
    world.clock.pass_(seconds=2)
    assert (world.seam.space_by_key(world.rooms[2]) is None) is (orphans == "delete")
    assert any(item.key == world.rooms[2] for item in report.items)


def test_a_defect_fails_one_booking_and_not_the_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = world.book(0, world.guest("Jana", "Secret")), world.book(1)
    make = world.workspace.create_access_grant

    def broken(wanted: Any, **rest: Any) -> Any:
        if wanted.booking_id == bad:
            raise KeyError("Secret")
        return make(wanted, **rest)

    monkeypatch.setattr(world.workspace, "create_access_grant", broken)
    report = world.sync()
    assert report.exit == 1
    assert world.doors(good) == ["102"]
    (failed,) = [item for item in report.items if item.outcome == "failed"]
    assert "defect in Night Porter (KeyError at test_stays.py" in (failed.error or "")
    assert "Secret" not in (failed.error or "")
    monkeypatch.undo()
    assert world.tick().exit == 0
    assert world.doors(bad) == ["101"]


def test_a_lost_database_is_no_loss(world: World) -> None:
    for room in range(3):
        world.book(room)
    world.sync()
    world.lose_the_database()
    with world.no_writes():
        report = world.sync()
    assert report.totals["access_grant"] == {"adopted": 3}
    assert report.totals["space"] == {"adopted": 3}
    assert report.totals["user_identity"] == {"adopted": 3}
    assert world.tick(full=True).totals["access_grant"] == {"unchanged": 3}


def test_what_was_deleted_or_edited_in_seam_is_put_back_by_a_full_run(world: World) -> None:
    deleted, edited = world.book(0), world.book(1)
    world.sync()
    world.seam.remove("access_grant", deleted)
    world.seam.edit_grant(edited, ends_at="2027-01-01T00:00:00.000Z")
    world.seam.remove("space", world.rooms[2])
    report = world.tick(full=True)
    assert world.doors(deleted) == ["101"]
    assert (world.seam.grant_by_key(edited) or {})["ends_at"] == "2026-09-23T09:00:00.000Z"
    assert world.seam.space_by_key(world.rooms[2]) is not None
    assert sum("by somebody else" in item.reason for item in report.items) == 3
    assert report.exit == 0


def test_what_is_not_ours_is_never_touched(world: World) -> None:
    world.sync()
    staff = world.workspace._seam.user_identities.create(full_name="Cleaner")
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    for key in (None, "staff-7", "00000000-0000-4000-8000-000000000001"):
        world.workspace._seam.access_grants.create(
            access_grant_key=key,
            user_identity_id=staff.user_identity_id,
            space_ids=[space["space_id"]],
            requested_access_methods=[{"mode": "code"}],
            starts_at="2026-09-18T00:00:00Z",
        )
    with world.no_writes():
        for _ in range(3):
            world.tick(full=True)
    assert len(world.seam.live_grants()) == 3


def test_lists_that_lose_rows_revoke_nobody_and_are_reported(world: World) -> None:
    bookings = [world.book(room % 3) for room in range(12)]
    world.sync()
    world.hotel.faults.lose_rows = 0.5
    report = world.tick(full=True)
    assert report.exit == 1
    assert report.total("revoked") == 0
    world.hotel.faults.lose_rows = 1.0
    assert world.tick(full=True).exit == 1
    world.hotel.faults.lose_rows_by_id_too = True
    world.hotel.faults.lose_rows = 0.4
    world.tick(full=True)
    assert all(world.doors(booking) for booking in bookings)


@pytest.mark.parametrize("lost", ["a room", "a type", "a companion", "a profile"])
def test_whatever_a_list_loses_nobody_is_revoked_and_the_run_ends_with_code_1(tmp_path: Path, lost: str) -> None:
    world = World(tmp_path, Policy(guests="everyone", orphan_spaces="delete"))
    friend = world.guest("Otto", "Weiss")
    booking = world.book(companions=[friend])
    world.sync()
    asked: dict[str, int] = {}
    answer = world.hotel._page

    def lossy(name: str, question: dict[str, Any], items: Any, tests: Any, **rest: Any) -> str:
        asked[name] = asked.get(name, 0) + 1
        kept = list(items)
        if lost == "a room" and name == "Resources" and "ResourceIds" not in question:
            kept = [one for one in kept if one["Id"] != world.rooms[2]]
        if lost == "a type" and name == "ResourceCategoryAssignments":
            kept = [one for one in kept if one["ResourceId"] != world.rooms[2]]
        if lost == "a companion" and name == "Companionships" and asked[name] < 3:
            kept = []
        if lost == "a profile" and name == "Customers":
            kept = [one for one in kept if one["Id"] != friend]
        return answer(name, question, kept, tests, **rest)

    world.hotel._page = lossy  # type: ignore[method-assign]
    with world.no_writes():
        report = world.tick(full=True)
    assert report.exit == 1, list(report.items)
    assert world.doors(booking) == world.doors(f"{booking}:{friend}") == ["101"]


def test_a_booking_that_the_pms_denies_when_asked_is_revoked(world: World) -> None:
    kept, gone = world.book(0), world.book(1)
    world.sync()
    world.hotel.delete_reservation(gone)
    report = world.tick(full=True)
    assert world.doors(gone) == []
    assert world.doors(kept)
    assert report.exit == 0


@pytest.mark.parametrize("fault", ["down", "refuse_tokens"])
def test_a_pms_that_is_down_or_refuses_the_tokens_changes_nothing(world: World, fault: str) -> None:
    booking = world.book()
    world.sync()
    setattr(world.hotel.faults, fault, True)
    with world.no_writes():
        report = world.tick(full=True)
    assert report.exit == 1
    assert "alpen" in (report.items[-1].error or "")
    assert world.hotel.access_token not in (report.items[-1].error or "")
    assert world.doors(booking)


def test_a_pms_that_answers_with_a_page_of_html_changes_nothing(world: World) -> None:
    world.book()
    world.sync()
    world.hotel.faults.no_json = 1.0
    with world.no_writes():
        report = world.tick()
    assert report.exit == 1
    assert "not a JSON object" in (report.items[-1].error or "")


def test_a_mass_cancellation_is_held_until_somebody_approves(world: World) -> None:
    bookings = [world.book(room % 3) for room in range(15)]
    world.sync()
    for booking in bookings[:12]:
        world.hotel.cancel(booking)
    extended = bookings[14]
    world.hotel.move_dates(extended, departure=START + timedelta(days=6))
    report = world.tick()
    assert report.exit == 3
    assert report.total("held") == 12
    assert report.total("updated") == 1
    assert all(world.doors(booking) for booking in bookings)
    assert world.tick().exit == 3
    world.hotel.reinstate(bookings[0])
    approved = world.sync(approve_run=report.run_id)
    assert approved.exit == 0
    assert approved.total("revoked") == 11
    assert world.doors(bookings[0])
    assert not any(world.doors(booking) for booking in bookings[1:12])
    assert world.tick().exit == 0


def test_a_few_cancellations_among_many_are_not_held(world: World) -> None:
    bookings = [world.book(room % 3) for room in range(15)]
    world.sync(policy=Policy(max_revocations=MaxRevocations(10, 20)))
    for booking in bookings[:6]:
        world.hotel.cancel(booking)
    assert world.tick().exit == 0


def test_a_plan_changes_nothing_and_says_why(world: World) -> None:
    booking = world.book()
    with world.no_writes():
        report = world.sync(dry_run=True)
    assert {item.outcome for item in report.items} == {"planned"}
    assert Runs(world.store).latest_id() is None
    assert world.sync().exit == 0
    world.hotel.assign(booking, world.rooms[1])
    (item,) = world.tick(dry_run=True).items
    assert (item.action, item.reason) == ("replace", "room changed: 101 -> 102")


def test_a_year_that_no_clock_can_show_harms_one_booking_only(world: World) -> None:
    good, strange, stranger = world.book(0), world.book(1), world.book(2)
    world.hotel.corrupt("reservations", strange, "ScheduledEndUtc", "9999-12-31T23:59:59Z")
    world.hotel.corrupt("reservations", stranger, "ScheduledStartUtc", "0001-01-01T00:00:00Z")
    world.sync(full=True, policy=Policy(late=timedelta(hours=1)))
    assert world.doors(good) == ["101"]
    assert world.tick(full=True).exit in (0, 1)


def test_a_property_that_is_no_longer_listed_is_a_failure_and_changes_nothing(world: World) -> None:
    booking = world.book()
    world.sync()
    world.hotel.enterprises.clear()
    with world.no_writes():
        report = world.tick(full=True)
    assert report.exit == 1
    assert world.doors(booking)


def test_broken_records_are_one_line_each_and_harm_nobody_else(world: World) -> None:
    good = world.book(0)
    startless, backwards, unknown, untyped = world.book(1), world.book(1), world.book(2), world.book(2)
    world.hotel.corrupt("reservations", startless, "ScheduledStartUtc")
    world.hotel.corrupt("reservations", startless, "StartUtc")
    world.hotel.move_dates(backwards, departure=START)
    world.hotel.set_state(unknown, "Teleported")
    closet = world.hotel.add_room(world.property, "Closet", None)
    world.hotel.assign(untyped, closet)
    nameless = world.hotel.add_room(world.property, "x", world.double)
    world.hotel.corrupt("resources", nameless, "Name")
    report = world.sync(full=True)
    assert world.doors(good) == ["101"]
    assert len(world.seam.live_grants()) == 1
    said = {item.key: f"{item.outcome}: {item.reason} {item.error or ''}" for item in report.items}
    assert "no ScheduledStartUtc" in said[startless]
    assert "departure" in said[backwards]
    assert "Teleported" in said[unknown]
    assert "has no type" in said[untyped]
    assert "has no type" in said[closet]
    assert "has no Name" in said[nameless]
    assert report.exit == 1


def test_a_booking_that_becomes_unreadable_keeps_its_access(world: World) -> None:
    booking = world.book()
    world.sync()
    world.hotel.corrupt("reservations", booking, "State")
    with world.no_writes():
        world.tick(full=True)
    assert world.doors(booking)


def test_a_single_booking_can_be_synced_by_id(world: World) -> None:
    one, other = world.book(0), world.book(1)
    report = world.sync(booking_ids=(one,))
    assert world.doors(one)
    assert world.seam.grant_by_key(other) is None
    assert report.exit == 0
    unknown = world.sync(booking_ids=("00000000-0000-4000-8000-000000000009", "52"))
    assert unknown.exit == 1
    assert all("no booking with this id" in (item.error or "") for item in unknown.items)


def test_an_ended_grant_and_a_forgotten_guest_are_removed_in_time(world: World) -> None:
    booking = world.book()
    world.sync()
    guest = world.owner(booking)
    world.clock.pass_(days=6)
    world.sync(full=True)
    assert world.seam.grant_by_key(booking) is not None
    world.clock.pass_(days=2)
    world.sync(full=True)
    world.clock.pass_(minutes=1)
    assert world.seam.grant_by_key(booking) is None
    assert world.seam.identity_by_key(guest) is not None
    world.clock.pass_(days=30)
    world.sync(full=True)
    assert world.seam.identity_by_key(guest) is None


def test_a_portfolio_token_serves_several_properties(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)), portfolio=True)
    other = world.hotel.add_property("Hotel Seeblick", "America/New_York", "US")
    service = world.hotel.add_service(other)
    category = world.hotel.add_category(service)
    room = world.hotel.add_room(other, "1", category)
    here = world.book()
    there = world.hotel.book(
        world.guest(phone="(415) 555-2671"), category, START + timedelta(days=1), START + timedelta(days=2), room
    )
    assert world.sync(full=True).exit == 0
    assert world.doors(here) == ["101", "Lobby"]
    assert world.doors(there) == ["1", "Lobby"]
    lobbies = [space for space in world.seam.spaces.values() if space["name"] == "Lobby"]
    assert {lobby["customer_key"] for lobby in lobbies} == {world.property, other}
    identity = world.seam.identity_by_key(world.owner(there))
    assert identity is not None
    assert identity["phone_number"] == "+14155552671"


def test_a_prefix_is_in_every_key(tmp_path: Path) -> None:
    world = World(tmp_path, prefix="alpen/")
    booking = world.book()
    assert world.sync().exit == 0
    assert world.doors(f"alpen/{booking}") == ["101"]
    assert world.seam.identity_by_key(f"alpen/{world.owner(booking)}") is not None
    with world.no_writes():
        world.tick(full=True)


def test_no_name_contact_or_pin_is_in_the_database_or_in_the_report(world: World) -> None:
    booking = world.book(guest=world.guest("Jana", "Novakova", email="jana@secret.example", phone="+43 660 7654321"))
    world.sync()
    pin = world.seam.code_of(booking)
    assert pin is not None
    world.hotel.assign(booking, world.rooms[1])
    report = world.tick()
    world.store.close()
    stored = b"".join(path.read_bytes() for path in world.path.glob("*.db*"))
    shown = str(report.as_json()).encode() + repr(report.items).encode()
    for secret in ("Novakova", "jana@secret", "6607654321", f"'{pin}'", world.hotel.access_token):
        assert secret.encode() not in stored + shown, secret


def test_a_mobile_key_can_be_set_up_on_as_many_phones_as_the_policy_says(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(access_methods=("code", "mobile_key"), instant_key_max_use_count=2))
    world.equip(0)
    booking = world.book(0)
    world.sync()
    grant = world.seam.grant_by_key(booking)
    assert grant is not None
    asked = {one["mode"]: one.get("instant_key_max_use_count") for one in grant["requested_access_methods"]}
    assert asked == {"code": None, "mobile_key": 2}
    later = world.book(1)
    world.equip(1)
    world.tick(policy=Policy())
    world.tick(policy=Policy(access_methods=("code", "mobile_key")), full=True)
    grant = world.seam.grant_by_key(later)
    assert grant is not None
    asked = {one["mode"]: one.get("instant_key_max_use_count") for one in grant["requested_access_methods"]}
    assert asked == {"code": None, "mobile_key": 3}
