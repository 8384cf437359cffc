"""Whole leases, from the PMS to Seam: what the office does, what the days bring, and what the doors do."""

from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest

from mappers.policy import LEASE, MaxRevocations
from reconciler.report import RunReport
from store.tables import links
from tests.residence import ZONE, Residence, days


@pytest.fixture
def house(tmp_path: Path) -> Residence:
    return Residence(tmp_path)


def said(report: RunReport) -> str:
    return " | ".join(item.reason for item in report.items)


# --- a lease is made --------------------------------------------------------------------------------------------------


def test_a_lease_becomes_a_space_identities_and_a_grant_for_each_tenant(house: Residence) -> None:
    ana = house.tenant(
        "Ana", "Ruiz", email="ana@example.com", phones=[("Home", "(617) 555-0111"), ("Cell", "(617) 555-0101")]
    )
    ben = house.tenant("Ben", "Cole", email="", phones=[("Fax", "(617) 555-0133")])
    lease = house.lease(ana, ben)
    house.office.add_cosigner(lease)
    report = house.sync(full=True)
    assert report.exit == 0
    space = house.seam.space_by_key(str(house.units[0]))
    assert space is not None
    assert (space["name"], space["customer_key"]) == ("Maple Court 1A", str(house.rental))
    identity = house.seam.identity_by_key(str(ana))
    assert identity is not None
    assert (identity["full_name"], identity["email_address"], identity["phone_number"]) == (
        "Ana Ruiz",
        "ana@example.com",
        "+16175550101",
    )
    other = house.seam.identity_by_key(str(ben))
    assert other is not None
    assert (other["full_name"], other.get("email_address"), other.get("phone_number")) == ("Ben Cole", None, None)
    assert house.keys_of(lease) == {f"{lease}:{ana}": ["Maple Court 1A"], f"{lease}:{ben}": ["Maple Court 1A"]}
    assert house.window(lease, ana) == ("2026-03-02T05:00:00.000Z", None)
    grant = house.seam.grant_by_key(f"{lease}:{ana}")
    assert grant is not None
    assert grant["name"] == f"Lease {lease}"
    assert len(house.seam.live_grants()) == 2


def test_at_an_override_lock_the_tenants_share_the_lease_as_their_reservation(house: Residence) -> None:
    house.seam.add_entrance("Door 1A", str(house.units[0]), True, customer_key=str(house.rental))
    lease = house.lease(house.tenant(), house.tenant("Ben", "Cole"))
    assert house.sync(full=True).exit == 0
    assert [grant["reservation_key"] for grant in house.seam.live_grants()] == [str(lease)] * 2


def test_the_second_run_writes_nothing(house: Residence) -> None:
    house.lease(house.tenant(), house.tenant("Ben", "Cole"))
    house.lease(unit=1)
    house.sync(full=True)
    with house.no_writes():
        full, incremental = house.tick(full=True), house.tick()
    assert full.totals["access_grant"] == {"unchanged": 3}
    assert incremental.total("created") == 0


def test_access_that_has_no_end_any_more_is_linked_once(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana)
    house.office.give_notice(lease, ana, days(12))
    house.sync(full=True)
    house.office.undo_move_out(lease, ana)
    house.tick(full=True)
    with house.store.reading() as db:
        before = db.execute(links.select()).all()
    assert {row.ends_at for row in before if row.kind == "access_grant"} == {None}
    house.tick(full=True)
    with house.store.reading() as db:
        assert db.execute(links.select()).all() == before


def test_a_lost_database_is_found_again_by_key(house: Residence) -> None:
    house.lease(house.tenant(), house.tenant("Ben", "Cole"))
    house.sync(full=True)
    house.lose_the_database()
    with house.no_writes():
        report = house.sync()
    assert report.exit == 0
    assert house.tick(full=True).totals["access_grant"] == {"unchanged": 2}


def test_a_couple_with_one_e_mail_between_them_both_get_in(house: Residence) -> None:
    ana, ben = (house.tenant(name, "Ruiz", email="ruiz@example.com") for name in ("Ana", "Ben"))
    lease = house.lease(ana, ben)
    report = house.sync(full=True)
    assert set(house.keys_of(lease)) == {f"{lease}:{ana}", f"{lease}:{ben}"}
    identities = [house.seam.identity_by_key(str(one)) for one in (ana, ben)]
    assert sorted(one.get("email_address") or "" for one in identities if one) == ["", "ruiz@example.com"]
    assert "another person has the same" in said(report)


def test_a_lease_to_come_gets_its_keys_when_it_is_near(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana, begins=days(20))
    assert "access is made from" in said(house.sync(full=True))
    assert house.keys_of(lease) == {}
    house.move_on(days(7))
    house.tick()
    assert house.keys_of(lease) == {f"{lease}:{ana}": ["Maple Court 1A"]}
    assert house.window(lease, ana) == ("2026-10-08T04:00:00.000Z", None)


def test_parking_and_storage_get_no_space_and_no_key(house: Residence) -> None:
    for kind in ("ParkingSpace", "Storage"):
        rental = house.office.add_rental("Annex", kind=kind)
        unit = house.office.add_unit(rental, "P1")
        house.office.lease(unit, [house.tenant()], days(-10), days(300))
    assert house.sync(full=True).exit == 0
    assert house.seam.live_grants() == []
    assert len(house.seam.spaces) == 3


# --- its end ----------------------------------------------------------------------------------------------------------


def test_the_mere_end_of_a_lease_locks_nobody_out_and_asks_for_a_review(house: Residence) -> None:
    lease = house.lease(ends=days(3))
    house.sync(full=True)
    house.move_on(days(5))
    with house.no_writes():
        report = house.sync(full=True)
    assert len(house.keys_of(lease)) == 1
    assert "holding over: the lease ended on 21 Sep 2026 and 1 tenant is still current" in said(report)
    assert report.exit == 0


@pytest.mark.parametrize("hour", [3, 4])
def test_whether_a_lease_is_past_its_end_is_told_by_the_clocks_of_the_house(house: Residence, hour: int) -> None:
    house.lease(ends=days(3))
    house.move_on(days(4), hour)
    assert ("holding over" in said(house.sync(full=True))) == (hour == 4)


def test_a_lease_that_rolls_over_by_contract_is_nothing_to_look_at(house: Residence) -> None:
    lease = house.lease(ends=days(-30), kind="FixedWithRollover")
    at_will = house.lease(ends=None, kind="AtWill", unit=1)
    report = house.sync(full=True)
    assert len(house.keys_of(lease)) == len(house.keys_of(at_will)) == 1
    assert report.totals["access_grant"] == {"created": 2}


def test_a_renewal_keeps_the_lease_and_touches_no_key(house: Residence) -> None:
    lease = house.lease(ends=days(3))
    house.sync(full=True)
    house.office.renew(lease, days(368))
    with house.no_writes():
        assert house.tick().exit == 0
    house.move_on(days(5))
    with house.no_writes():
        report = house.sync(full=True)
    assert "holding over" not in said(report)
    assert len(house.keys_of(lease)) == 1


def test_a_move_out_ends_access_at_the_end_of_its_day_and_an_undone_one_opens_the_end_again(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana)
    house.sync(full=True)
    pin = house.seam.code_of(f"{lease}:{ana}")
    house.office.give_notice(lease, ana, days(12))
    house.tick()
    assert house.window(lease, ana)[1] == "2026-10-01T04:00:00.000Z"
    house.office.undo_move_out(lease, ana)
    house.tick()
    assert house.window(lease, ana)[1] is None
    assert house.seam.code_of(f"{lease}:{ana}") == pin


def test_where_the_policy_says_at_which_hours_people_move_two_leases_that_meet_are_never_both_in(
    tmp_path: Path,
) -> None:
    policy = replace(LEASE, time_zone=ZONE, move_out=time(12), check_in=time(15))
    house = Residence(tmp_path, policy)
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    former = house.lease(ana, ends=days(5), moves_out_automatically=True)
    later = house.lease(ben, begins=days(5))
    house.sync(full=True)
    assert house.window(former, ana)[1] == "2026-09-23T16:00:00.000Z"
    assert house.window(later, ben) == ("2026-09-23T19:00:00.000Z", None)
    with house.no_writes():
        house.tick(full=True)
    # Whoever moves in and out on one day has the rest of it.
    house.office.give_notice(later, ben, days(5))
    house.tick(full=True)
    assert house.window(later, ben) == ("2026-09-23T19:00:00.000Z", "2026-09-24T04:00:00.000Z")
    house.store.close()


def test_a_day_of_moving_out_across_the_change_of_the_clocks_ends_at_midnight_all_the_same(house: Residence) -> None:
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    lease = house.lease(ana, ben)
    house.office.give_notice(lease, ana, date(2026, 10, 31))
    house.office.give_notice(lease, ben, date(2026, 11, 1))
    house.sync(full=True)
    assert house.window(lease, ana)[1] == "2026-11-01T04:00:00.000Z"
    assert house.window(lease, ben)[1] == "2026-11-02T05:00:00.000Z"


def test_where_everybody_is_moved_out_by_itself_the_end_of_the_lease_is_the_end_of_access(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana, ends=days(12), moves_out_automatically=True)
    house.sync(full=True)
    assert house.window(lease, ana)[1] == "2026-10-01T04:00:00.000Z"
    house.move_on(days(14))
    report = house.sync(full=True)
    assert (report.exit, house.office.leases[lease]["LeaseStatus"]) == (0, "Past")
    house.move_on(days(20))
    house.sync(full=True)
    assert house.seam.live_grants() == []


def test_a_lease_that_is_past_takes_its_keys_away_by_the_change_alone(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana)
    house.sync(full=True)
    house.office.end_lease(lease)
    report = house.tick()
    assert house.keys_of(lease) == {}
    assert report.totals["access_grant"] == {"revoked": 1}


def test_a_lease_that_is_past_and_in_no_list_is_asked_for_by_its_id_and_loses_its_keys(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.clock.pass_(hours=1)
    house.sync()
    house.office.stamp = lambda: house.clock.now() - timedelta(days=2)
    house.office.end_lease(lease)
    house.tick()
    assert len(house.keys_of(lease)) == 1
    house.tick(full=True)
    assert house.keys_of(lease) == {}


def test_a_lease_that_was_deleted_takes_its_keys_away(house: Residence) -> None:
    lease, other = house.lease(), house.lease(unit=1)
    house.sync(full=True)
    house.office.delete_lease(lease)
    house.tick(full=True)
    assert house.keys_of(lease) == {}
    assert len(house.keys_of(other)) == 1


def test_a_forgotten_lease_gives_no_access(house: Residence) -> None:
    """Active for years past its end, and nobody lives there."""
    ana = house.tenant()
    forgotten = house.lease(ana, begins=days(-900), ends=days(-500))
    house.sync(full=True)
    assert len(house.keys_of(forgotten)) == 1
    house.office.leases[forgotten]["Tenants"][0]["Status"] = "MovedOut"
    house.office.edit_lease(forgotten, LeaseStatus="Active")
    report = house.tick()
    assert house.keys_of(forgotten) == {}
    assert "a forgotten" in said(report)
    with house.no_writes():
        assert house.tick(full=True).exit == 0


def test_an_eviction_that_is_pending_changes_nothing_and_is_shown(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.office.set_eviction(lease)
    with house.no_writes():
        report = house.tick()
    assert "an eviction is pending" in said(report)
    assert len(house.keys_of(lease)) == 1


def test_whose_day_of_moving_out_is_over_has_no_access_and_who_is_still_current_is_shown(house: Residence) -> None:
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    lease = house.lease(ana, ben)
    house.office.moves_out_by_itself = False
    house.sync(full=True)
    house.office.give_notice(lease, ana, days(1))
    house.tick()
    assert house.window(lease, ana)[1] == "2026-09-20T04:00:00.000Z"
    house.move_on(days(3))
    report = house.sync(full=True)
    assert "the day of moving out is over, access has ended, and 1 tenant is still current" in said(report)
    assert house.window(lease, ana)[1] == "2026-09-20T04:00:00.000Z"
    house.office.give_notice(lease, ben, days(3))
    house.tick()
    house.move_on(days(5))
    assert "access has ended" in said(house.sync(full=True))
    assert house.window(lease, ben)[1] == "2026-09-22T04:00:00.000Z"


# --- people and homes -------------------------------------------------------------------------------------------------


def test_roommates_who_join_and_leave_touch_only_their_own_key(house: Residence) -> None:
    ana, ben, eva = house.tenant(), house.tenant("Ben", "Cole"), house.tenant("Eva", "Kim")
    lease = house.lease(ana, ben)
    house.sync(full=True)
    before = house.seam.grant_by_key(f"{lease}:{ana}")
    house.office.add_roommate(lease, eva)
    assert house.tick().totals["access_grant"] == {"created": 1, "unchanged": 2}
    house.office.move_out(lease, ben)
    assert house.tick().totals["access_grant"] == {"revoked": 1, "unchanged": 2}
    assert set(house.keys_of(lease)) == {f"{lease}:{ana}", f"{lease}:{eva}"}
    assert house.seam.grant_by_key(f"{lease}:{ana}") == before
    assert house.window(lease, eva) == ("2026-09-18T04:00:00.000Z", None)


def test_a_roommate_of_whom_the_lease_says_nothing_new_is_found_by_her_own_record(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.clock.pass_(hours=1)
    house.sync()
    eva = house.tenant("Eva", "Kim")
    house.office.add_roommate(lease, eva, counts=False)
    house.tick()
    assert f"{lease}:{eva}" in house.keys_of(lease)


def test_a_roommate_who_comes_later_gets_in_from_then_on(house: Residence) -> None:
    lease, eva = house.lease(), house.tenant("Eva", "Kim")
    house.sync(full=True)
    house.office.add_roommate(lease, eva, moves_in=days(30))
    house.tick()
    assert len(house.keys_of(lease)) == 1
    house.move_on(days(20))
    house.sync()
    assert house.window(lease, eva) == ("2026-10-18T04:00:00.000Z", None)


def test_who_comes_later_than_the_others_and_then_earlier_than_planned_gets_in_when_she_comes(house: Residence) -> None:
    ana, eva = house.tenant(), house.tenant("Eva", "Kim")
    lease = house.lease(ana, eva, moves_in={eva: days(10)})
    house.sync(full=True)
    assert house.window(lease, eva)[0] == "2026-09-28T04:00:00.000Z"
    house.office.move_in(lease, eva)
    house.tick()
    assert house.window(lease, eva)[0] == "2026-09-18T04:00:00.000Z"
    assert house.window(lease, ana)[0] == "2026-03-02T05:00:00.000Z"


def test_a_status_of_a_tenant_that_nobody_knows_takes_nothing_away_and_gives_nothing(house: Residence) -> None:
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    lease = house.lease(ana)
    house.sync(full=True)
    house.office.add_roommate(lease, ben)
    for tenant in house.office.leases[lease]["Tenants"]:
        tenant["Status"] = "OnLeave"
    house.office.edit_lease(lease)
    with house.no_writes():
        report = house.tick()
    assert set(house.keys_of(lease)) == {f"{lease}:{ana}"}
    assert "a status that we do not know" in said(report)


def test_a_status_of_a_lease_that_nobody_knows_takes_nothing_away(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.office.edit_lease(lease, LeaseStatus="Suspended")
    with house.no_writes():
        assert "'Suspended'" in said(house.tick())
        house.tick(full=True)
    assert len(house.keys_of(lease)) == 1


def test_a_unit_that_is_corrected_in_place_is_a_move_with_the_same_pin(house: Residence) -> None:
    ana = house.tenant()
    lease = house.lease(ana)
    house.sync(full=True)
    pin = house.seam.code_of(f"{lease}:{ana}")
    house.office.change_unit(lease, house.units[1])
    assert house.tick().totals["access_grant"] == {"replaced": 1}
    assert house.keys_of(lease) == {f"{lease}:{ana}": ["Maple Court 1B"]}
    assert house.seam.code_of(f"{lease}:{ana}") == pin


def test_whoever_moves_to_another_home_has_both_as_long_as_both_leases_live(house: Residence) -> None:
    ana = house.tenant()
    old = house.lease(ana)
    house.sync(full=True)
    new = house.office.transfer(old, house.units[1], moves=days(5), leaves=days(8))
    house.tick()
    assert house.keys_of(old) == {f"{old}:{ana}": ["Maple Court 1A"]}
    assert house.keys_of(new) == {f"{new}:{ana}": ["Maple Court 1B"]}
    assert house.window(new, ana)[0] == "2026-09-23T04:00:00.000Z"
    assert house.window(old, ana)[1] == "2026-09-27T04:00:00.000Z"
    house.move_on(days(12))
    house.sync(full=True)
    assert house.keys_of(old) == {}
    assert house.keys_of(new) == {f"{new}:{ana}": ["Maple Court 1B"]}


def test_a_new_phone_reaches_the_identity_though_no_lease_changed(house: Residence) -> None:
    ana = house.tenant()
    house.lease(ana)
    house.sync(full=True)
    house.clock.pass_(hours=1)
    house.office.edit_tenant(ana, PhoneNumbers=[{"Number": "(617) 555-0199", "Type": "Cell"}])
    house.sync()
    identity = house.seam.identity_by_key(str(ana))
    assert identity is not None
    assert identity["phone_number"] == "+16175550199"


# --- what must never revoke -------------------------------------------------------------------------------------------


def test_a_rental_that_is_made_inactive_keeps_its_keys_and_gets_no_new_ones(house: Residence) -> None:
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    lease, other = house.lease(ana), house.lease(ben, unit=1)
    house.sync(full=True)
    house.office.set_active(house.rental, False)
    new = house.lease(unit=2)
    report = house.tick(full=True)
    assert len(house.keys_of(lease)) == 1
    assert house.keys_of(new) == {}
    assert "out of use in the PMS (inactive)" in said(report)
    house.office.end_lease(other)
    house.tick()
    assert house.keys_of(other) == {}
    assert len(house.keys_of(lease)) == 1


def test_who_moves_out_of_a_rental_that_is_inactive_loses_the_key_and_who_stays_does_not(house: Residence) -> None:
    ana, ben = house.tenant(), house.tenant("Ben", "Cole")
    lease = house.lease(ana, ben)
    house.sync(full=True)
    house.office.set_active(house.rental, False)
    house.office.move_out(lease, ben)
    house.tick(full=True)
    assert set(house.keys_of(lease)) == {f"{lease}:{ana}"}
    house.office.move_out(lease, ana)
    house.tick(full=True)
    assert house.keys_of(lease) == {}


def test_an_inactive_rentals_homes_are_not_deleted_as_long_as_somebody_has_a_key(house: Residence) -> None:
    lease = house.lease()
    policy = replace(house.policy, orphan_spaces="delete")
    house.sync(full=True, policy=policy)
    house.office.set_active(house.rental, False)
    house.tick(full=True, policy=policy)
    assert len(house.keys_of(lease)) == 1
    house.clock.pass_(seconds=2)
    house.seam.tick()
    assert [one["name"] for one in house.seam.spaces.values()] == ["Maple Court 1A"]


def test_a_rental_that_vanishes_from_the_list_revokes_nothing(house: Residence) -> None:
    second = house.office.add_rental("Oak House")
    unit = house.office.add_unit(second, "1")
    lost = house.office.lease(unit, [house.tenant()], days(-10), days(300))
    lease = house.lease()
    house.sync(full=True)
    house.office.delete_rental(second)
    for full in (False, True):
        report = house.tick(full=full)
        assert report.exit == 1
        assert "nothing was changed for this property" in said(report)
    assert len(house.keys_of(lost)) == len(house.keys_of(lease)) == 1


def test_a_key_that_may_not_see_tenants_any_more_changes_nothing(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.office.faults.forbid_tenants = True
    with house.no_writes():
        assert house.tick(full=True).exit == 1
        house.office.edit_lease(lease)
        assert house.tick().exit == 1
    assert len(house.keys_of(lease)) == 1


def test_a_key_that_is_not_valid_any_more_changes_nothing_and_says_so(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.office.faults.refuse_keys = True
    with house.no_writes():
        report = house.tick(full=True)
    assert report.exit == 1
    assert "elm: the PMS refuses the tokens (401 at rentals" in str([item.error for item in report.items])
    assert len(house.keys_of(lease)) == 1


def test_a_list_that_loses_rows_revokes_nothing(house: Residence) -> None:
    leases = [house.lease(unit=unit) for unit in (0, 1, 2, 0, 1, 2)]
    house.sync(full=True)
    house.office.faults.lose_rows = 0.5
    with house.no_writes():
        house.tick(full=True)
    assert all(house.keys_of(lease) for lease in leases)


def test_one_lease_that_cannot_be_read_costs_nobody_else_anything_and_keeps_its_keys(house: Residence) -> None:
    bad, good = house.lease(), house.lease(unit=1)
    house.sync(full=True)
    house.office.corrupt("Lease", bad, "UnitId", None)
    house.office.give_notice(good, house.tenants(good)[0], days(30))
    report = house.tick()
    assert "The lease in Buildium has no UnitId" in said(report) + str([item.error for item in report.items])
    assert len(house.keys_of(bad)) == 1
    assert house.window(good, house.tenants(good)[0])[1] == "2026-10-19T04:00:00.000Z"


def test_a_lease_whose_tenants_buildium_leaves_out_keeps_its_keys(house: Residence) -> None:
    lease = house.lease()
    house.sync(full=True)
    house.office.corrupt("Lease", lease, "Tenants", None)
    report = house.tick()
    assert "the PMS leaves out who stays" in said(report)
    assert len(house.keys_of(lease)) == 1


def test_too_many_move_outs_at_once_wait_for_somebody(house: Residence) -> None:
    policy = replace(house.policy, max_revocations=MaxRevocations(count=1, percent=20))
    leases = [house.lease(unit=unit) for unit in (0, 1, 2)]
    house.sync(full=True, policy=policy)
    for lease in leases:
        house.office.end_lease(lease)
    report = house.tick(policy=policy)
    assert report.exit == 3
    assert all(house.keys_of(lease) for lease in leases)


# --- many houses, many leases -----------------------------------------------------------------------------------------


def test_a_house_full_of_troubles_ends_where_it_should(house: Residence) -> None:
    leases = [house.lease(unit=unit) for unit in (0, 1, 2)]
    faults = house.office.faults
    faults.unavailable, faults.too_many, faults.drop, faults.no_json = 0.1, 0.1, 0.1, 0.1
    for _ in range(10):
        house.tick(full=True)
    assert all(len(house.keys_of(lease)) == 1 for lease in leases)
