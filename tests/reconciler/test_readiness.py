"""Will her door open? In words for the clerk, and never more hopefully than Seam."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from seam.resources.connected_account import ConnectedAccount

from mappers.stay_window import local
from reconciler.judge import FAILED, ISSUED, ISSUING, Due, House, Verdict, findings_of_lock, judge, troubles_of
from reconciler.readiness import DoorState, arrival
from seam_workspace.answers import account
from seam_workspace.existing import (
    AccessSystem,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingDoor,
    ExistingSpace,
    ExistingUserIdentity,
    LockAccount,
)
from store.health import Health
from store.stays import Stay
from tests.builders import NOW

GRANT = ExistingAccessGrant(
    "g", "b1", "u", frozenset({"s"}), NOW, None, None, frozenset({"code"}), method_ids=frozenset({"m"})
)
PIN = ExistingAccessMethod("m", "code", issued=True)
CARD = ExistingAccessMethod("m", "card", issued=False, needs_encoding=True)
DOOR = ExistingDoor("d", "101", frozenset({"s"}), online=True, account_id="a", system_id="y")
ROOM = ExistingSpace("s", "r101", "101", "hotel", doors=1)
SYSTEM = AccessSystem("y", "Site", "a")
ACCOUNT = LockAccount("a", "Salto KS", None)
HOUSE = House({"s": ROOM}, [DOOR], {"y": SYSTEM}, {"a": ACCOUNT})
STAY = Stay("alpen", "b1", "p", "N1", "JN 101", "101", "confirmed", NOW, NOW + timedelta(days=2), "granted", "", 1)
HEALTH = Health("alpen", "b1", "b1", "g", ISSUED, "", None, NOW, verdict="opens")


def test_a_pin_that_the_lock_knows_opens() -> None:
    assert judge(GRANT, [PIN], HOUSE).verdict is Verdict.OPENS
    assert judge(GRANT, [PIN], HOUSE).why == ""


def test_what_to_do_about_a_room_without_a_lock_depends_on_whether_one_is_left() -> None:
    bare = {"s": replace(ROOM, doors=0)}
    elsewhere = replace(DOOR, space_ids=frozenset({"t"}))
    for doors, advice in (
        ([replace(DOOR, space_ids=frozenset()), elsewhere], "say under Locks which lock is its own"),
        ([elsewhere], 'choose "Connect another lock system" under Locks'),
        ([], 'choose "Connect a lock system" under Locks'),
    ):
        assert judge(GRANT, [PIN], House(bare, doors)).why.endswith(advice)


def test_a_pin_that_seam_does_not_tell_is_not_sure() -> None:
    untold = replace(PIN, untold=True)
    judgement = judge(GRANT, [untold], HOUSE)
    assert (judgement.verdict, judgement.cause) == (Verdict.UNSURE, "no_code")
    assert "nobody can tell her: sync now asks again" in judgement.why
    assert judge(GRANT, [replace(untold, issued=False)], HOUSE).cause == "not_issued"
    # Whoever has another way in was told of that one.
    phone = ExistingAccessMethod("p", "mobile_key", issued=True)
    both = replace(GRANT, method_ids=frozenset({"m", "p"}))
    assert judge(both, [untold, phone], HOUSE).verdict is Verdict.OPENS
    assert judge(both, [untold, replace(phone, issued=False)], HOUSE).verdict is Verdict.UNSURE


def test_a_grant_for_other_rooms_than_we_gave_it_does_not_open_hers() -> None:
    rooms = {"s": ROOM, "t": replace(ROOM, id="t", name="102"), "l": replace(ROOM, id="l", name="Lobby")}
    doors = [replace(DOOR, id=one, name=room.name, space_ids=frozenset({one})) for one, room in rooms.items()]
    house = replace(HOUSE, spaces=rooms, doors=doors, common=frozenset({"l"}))
    given = Due(None, None, NOW, frozenset({"s", "l"}))

    def told(*spaces: str, given: Due = given) -> tuple[Verdict, str, str]:
        found = judge(replace(GRANT, space_ids=frozenset(spaces)), [PIN], house, due=given)
        return found.verdict, found.cause, found.why

    assert told("s", "l") == (Verdict.OPENS, "", "")
    for spaces in (("t", "l"), ("t",)):
        assert told(*spaces)[:2] == (Verdict.SHUT, "other_room")
    assert "in Seam her access is for 102, not for 101: sync now puts it right" in told("t", "l")[2]
    assert told("elsewhere")[:2] == (Verdict.SHUT, "other_room")
    assert told("l")[0] is Verdict.SHUT
    assert told("s")[:2] == (Verdict.UNSURE, "other_room")
    assert told("s", "t", "l")[:2] == (Verdict.OPENS, "other_room")
    assert "102 as well, which is not hers" in told("s", "t", "l")[2]
    assert told("t", given=Due(None, None, NOW)) == (Verdict.OPENS, "", "")


@pytest.mark.parametrize(
    ("grant", "method", "said"),
    [
        (replace(GRANT, pending=("updating_access_times",)), PIN, "the lock is being told of the new times"),
        (replace(GRANT, pending=("updating_spaces",)), PIN, "its doors are being changed"),
        (GRANT, replace(PIN, pending=("provisioning_access",)), "not every door has it yet"),
        (GRANT, replace(PIN, issued=False), "the lock is being told"),
        (GRANT, CARD, "a card has to be encoded at the desk"),
        (GRANT, replace(CARD, pending=("waiting_for_access_on_acs_system",)), "wait a few minutes, then encode"),
    ],
)
def test_what_is_under_way_is_not_sure(grant: ExistingAccessGrant, method: ExistingAccessMethod, said: str) -> None:
    judgement = judge(grant, [method], HOUSE)
    assert (judgement.verdict, judgement.state) == (Verdict.UNSURE, ISSUING)
    assert said in judgement.why


def test_a_door_that_still_has_to_forget_somebody_keeps_nobody_out() -> None:
    assert judge(GRANT, [replace(PIN, pending=("revoking_access",))], HOUSE).verdict is Verdict.OPENS


def test_what_does_not_open_says_what_to_do() -> None:
    offline = House(HOUSE.spaces, [replace(DOOR, online=False)])
    assert judge(GRANT, [replace(PIN, issued=False)], offline).verdict is Verdict.SHUT
    assert "no lock in Seam" in judge(GRANT, [PIN], House({"s": replace(ROOM, doors=0)})).why
    assert "sync now" in judge(None, [], HOUSE).why
    judgement = judge(replace(GRANT, errors=("access_not_provisioned",)), [PIN], HOUSE)
    assert (judgement.verdict, judgement.cause) == (Verdict.SHUT, "access_not_provisioned")
    missing = judge(GRANT, [replace(PIN, warnings=("user_identity_missing_email_address",))], HOUSE)
    assert missing.verdict is Verdict.SHUT
    assert "missing in the PMS" in missing.why


def test_a_lock_that_is_offline_may_open_by_what_it_was_told_before() -> None:
    judgement = judge(GRANT, [PIN], House(HOUSE.spaces, [replace(DOOR, online=False)]))
    assert (judgement.verdict, judgement.cause, judgement.state) == (Verdict.UNSURE, "device_offline", ISSUED)
    assert "101 is offline" in judgement.why


def test_what_is_wrong_with_a_system_or_an_account_concerns_every_guest_of_it() -> None:
    for house in (
        replace(HOUSE, systems={"y": replace(SYSTEM, errors=("user_license_limit_reached",))}),
        replace(HOUSE, accounts={"a": replace(ACCOUNT, errors=("account_disconnected",))}),
    ):
        assert judge(GRANT, [PIN], house).verdict is Verdict.UNSURE
        new = judge(GRANT, [replace(PIN, issued=False)], house)
        assert (new.verdict, new.state) == (Verdict.SHUT, FAILED)
        assert new.cause in ("user_license_limit_reached", "account_disconnected")


def test_what_nobody_knows_is_judged_by_its_kind() -> None:
    """An error does not open, a warning may not, a mutation does not yet: on whatever it stands."""
    error, warning = ("on_strike",), ("in_a_mood",)
    for method, grant, house, person in (
        (PIN, replace(GRANT, errors=error), HOUSE, None),
        (replace(PIN, errors=error), GRANT, HOUSE, None),
        (PIN, GRANT, replace(HOUSE, spaces={"s": replace(ROOM, errors=error)}), None),
        (PIN, GRANT, replace(HOUSE, doors=[replace(DOOR, errors=error)]), None),
        (PIN, GRANT, replace(HOUSE, systems={"y": replace(SYSTEM, errors=error)}), None),
        (PIN, GRANT, replace(HOUSE, accounts={"a": replace(ACCOUNT, errors=error)}), None),
        (PIN, GRANT, HOUSE, ExistingUserIdentity("u", "g1", errors=error)),
    ):
        judgement = judge(grant, [method], house, person)
        assert (judgement.verdict, judgement.cause) == (Verdict.SHUT, "on_strike")
        assert "on strike" in judgement.why
    for method, grant, house, person in (
        (PIN, replace(GRANT, warnings=warning), HOUSE, None),
        (replace(PIN, warnings=warning), GRANT, HOUSE, None),
        (PIN, GRANT, replace(HOUSE, spaces={"s": replace(ROOM, warnings=warning)}), None),
        (PIN, GRANT, replace(HOUSE, doors=[replace(DOOR, warnings=warning)]), None),
        (PIN, GRANT, replace(HOUSE, systems={"y": replace(SYSTEM, warnings=warning)}), None),
        (PIN, GRANT, replace(HOUSE, accounts={"a": replace(ACCOUNT, warnings=warning)}), None),
        (PIN, GRANT, HOUSE, ExistingUserIdentity("u", "g1", warnings=warning)),
    ):
        assert judge(grant, [method], house, person).verdict is Verdict.UNSURE
    for grant, method in (
        (replace(GRANT, pending=("turning_around",)), PIN),
        (GRANT, replace(PIN, pending=("turning_around",))),
    ):
        assert judge(grant, [method], HOUSE).verdict is Verdict.UNSURE


def test_of_two_ways_in_one_that_is_shut_leaves_it_unsure() -> None:
    key = ExistingAccessMethod("k", "mobile_key", issued=False, warnings=("user_identity_missing_email_address",))
    judgement = judge(replace(GRANT, method_ids=frozenset({"m", "k"})), [PIN, key], HOUSE)
    assert (judgement.verdict, judgement.cause) == (Verdict.UNSURE, "user_identity_missing_email_address")
    assert "key for her phone" in judgement.why


def test_a_way_in_of_which_seam_says_nothing_is_not_confirmed() -> None:
    assert judge(replace(GRANT, method_ids=frozenset({"m", "other"})), [PIN], HOUSE).verdict is Verdict.UNSURE
    assert judge(GRANT, [], HOUSE).verdict is Verdict.UNSURE


def test_a_new_pin_is_told_and_opens() -> None:
    for grant, method in (
        (GRANT, replace(PIN, warnings=("pulled_backup_access_code",))),
        (replace(GRANT, warnings=("requested_code_unavailable",)), PIN),
    ):
        judgement = judge(grant, [method], HOUSE)
        assert judgement.verdict is Verdict.OPENS
        assert "the PIN is a new one" in judgement.why


def test_a_code_that_could_not_be_taken_off_a_lock_is_told() -> None:
    judgement = judge(replace(GRANT, errors=("offline_access_code_not_revocable",)), [PIN], HOUSE)
    assert (judgement.verdict, "still opens it" in judgement.why) == (Verdict.UNSURE, True)


def test_a_room_that_is_being_deleted_takes_its_access_with_it() -> None:
    house = replace(HOUSE, spaces={"s": replace(ROOM, warnings=("being_deleted",))})
    assert (judge(GRANT, [PIN], house).verdict, judge(GRANT, [PIN], house).cause) == (Verdict.SHUT, "being_deleted")


@pytest.mark.parametrize("issued", [True, False])
@pytest.mark.parametrize("code", ["account_disconnected", "insufficient_permissions", "not_yet_invented"])
@pytest.mark.parametrize("what", ["space", "system", "account", "door"])
def test_what_serves_the_lobby_alone_never_shuts_her_own_door(what: str, code: str, issued: bool) -> None:
    gate = replace(DOOR, id="e", name="Gate", space_ids=frozenset({"l"}), system_id="z", account_id="b")
    trouble = {"errors": (code,)}
    house = House(
        {"s": ROOM, "l": replace(ROOM, id="l", name="Lobby", **(trouble if what == "space" else {}))},
        [DOOR, replace(gate, **(trouble if what == "door" else {}))],
        {"y": SYSTEM, "z": replace(SYSTEM, id="z", **(trouble if what == "system" else {}))},
        {"a": ACCOUNT, "b": replace(ACCOUNT, id="b", **(trouble if what == "account" else {}))},
        frozenset({"l"}),
    )
    both = replace(GRANT, space_ids=frozenset({"s", "l"}))
    assert judge(both, [replace(PIN, issued=issued)], house).verdict is Verdict.UNSURE
    shared = replace(house, doors=[DOOR, replace(gate, system_id="y", account_id="a")], accounts={"a": ACCOUNT})
    broken = replace(shared, accounts={"a": replace(ACCOUNT, errors=("not_yet_invented",))})
    assert judge(both, [PIN], broken).verdict is Verdict.SHUT, "her own lock hangs on that account as well"


@pytest.mark.parametrize("code", ["device_does_not_support_access_codes", "device_time_constraints_violated"])
def test_what_a_grant_says_of_another_device_than_the_rooms_only_lock_never_shuts_her_door(code: str) -> None:
    gate = replace(DOOR, id="e", name="Gate", space_ids=frozenset({"l"}))
    second = replace(DOOR, id="f", name="101 terrace")
    house = House({"s": ROOM, "l": replace(ROOM, id="l", name="Lobby")}, [DOOR, gate], common=frozenset({"l"}))
    both = replace(GRANT, space_ids=frozenset({"s", "l"}), warnings=(code,))

    def told(house: House, *devices: str) -> Verdict:
        return judge(replace(both, about={code: frozenset(devices)} if devices else {}), [PIN], house).verdict

    assert told(house) is Verdict.SHUT, "Seam names no device"
    assert told(house, "d") is told(house, "d", "e") is Verdict.SHUT
    assert told(house, "e") is Verdict.UNSURE
    assert told(house, "thermostat") is Verdict.UNSURE
    assert told(replace(house, doors=[DOOR, gate, second]), "d") is Verdict.UNSURE
    assert told(replace(house, doors=[DOOR, gate, second]), "d", "f") is Verdict.SHUT
    assert told(replace(house, doors=[gate]), "e") is Verdict.SHUT, "nobody knows what opens her room"


@pytest.mark.parametrize(
    "code",
    [
        "insufficient_permissions",
        "salto_ks_subscription_limit_exceeded",
        "august_lock_not_authorized",
        "missing_device_credentials",
        "subscription_required",
    ],
)
def test_a_lock_that_seam_may_not_manage_any_more_keeps_the_pin_that_it_was_told(code: str) -> None:
    house = replace(HOUSE, doors=[replace(DOOR, errors=(code,))])
    assert judge(GRANT, [PIN], house).verdict is Verdict.UNSURE
    assert judge(GRANT, [replace(PIN, issued=False)], house).verdict is Verdict.SHUT


def test_a_card_that_was_issued_and_has_to_be_encoded_again_is_not_sure() -> None:
    judgement = judge(replace(GRANT, access_methods=frozenset({"card"})), [replace(CARD, issued=True)], HOUSE)
    assert (judgement.verdict, judgement.cause) == (Verdict.UNSURE, "card_encoding_required")
    unassigned = judge(GRANT, [replace(CARD, needs_assignment=True)], HOUSE)
    assert (unassigned.verdict, unassigned.cause) == (Verdict.UNSURE, "card_assignment_required")


def test_what_is_the_same_of_all_ways_in_is_said_once() -> None:
    both = replace(GRANT, method_ids=frozenset({"m", "c"}))
    refused = [
        replace(PIN, errors=("failed_to_issue",)),
        replace(PIN, id="c", mode="card", errors=("failed_to_issue",)),
    ]
    together = judge(both, refused, HOUSE)
    assert together.verdict is Verdict.SHUT
    assert together.why == judge(GRANT, refused[:1], HOUSE).why
    apart = judge(both, [refused[0], replace(refused[1], errors=("delay_in_issuing",))], HOUSE)
    assert "PIN: the lock did not take it" in apart.why


def test_trouble_at_a_common_door_leaves_the_room_unsure() -> None:
    gym = ExistingDoor("x", "Gym", frozenset({"c"}), online=True, errors=("device_removed",))
    house = House(
        {"s": ROOM, "c": ExistingSpace("c", "gym", "Gym", "hotel", doors=1)}, [DOOR, gym], common=frozenset("c")
    )
    both = replace(GRANT, space_ids=frozenset({"s", "c"}))
    assert judge(both, [PIN], house).verdict is Verdict.UNSURE
    shut = House(house.spaces, [replace(DOOR, errors=("device_removed",)), gym], common=frozenset("c"))
    assert judge(both, [PIN], shut).verdict is Verdict.SHUT
    no_door = House({**house.spaces, "s": replace(ROOM, doors=0)}, [gym], common=frozenset("c"))
    assert judge(both, [PIN], no_door).cause == "no_door"


def test_what_is_said_of_an_account_its_locks_say_no_second_time() -> None:
    door = replace(DOOR, errors=("account_disconnected",))
    account = replace(ACCOUNT, errors=("account_disconnected",))
    assert [one.cause for one in troubles_of(account, [SYSTEM], [door, door])] == ["account_disconnected"]
    judgement = judge(GRANT, [PIN], replace(HOUSE, doors=[door], accounts={"a": account}))
    assert judgement.why.count("does not let Seam in") == 1


# --- a stay -----------------------------------------------------------------------------------------------------------


def test_a_stay_opens_from_its_start_in_the_propertys_time() -> None:
    later = replace(STAY, starts_at=NOW + timedelta(days=3))
    found = arrival(later, [replace(HEALTH, at=NOW)], NOW, "Europe/Vienna")
    assert found.verdict is Verdict.OPENS
    assert found.sentence == f"Opens from {local(NOW + timedelta(days=3), 'Europe/Vienna', NOW)}."
    assert arrival(STAY, [HEALTH], NOW).sentence == "Opens."


def test_what_was_not_confirmed_does_not_work() -> None:
    assert arrival(STAY, [], NOW).verdict is Verdict.UNSURE
    assert arrival(replace(STAY, grants=2), [HEALTH], NOW).verdict is Verdict.UNSURE
    old = replace(HEALTH, at=NOW - timedelta(hours=30))
    assert (arrival(STAY, [old], NOW).verdict, arrival(STAY, [old], NOW).cause) == (Verdict.UNSURE, "not_asked_lately")
    late = replace(HEALTH, state=ISSUING, verdict="unsure", why="the lock is being told", at=NOW - timedelta(hours=1))
    found = arrival(STAY, [late], NOW)
    assert (found.verdict, found.state) == (Verdict.UNSURE, DoorState.BROKEN)
    assert arrival(STAY, [replace(HEALTH, verdict=None)], NOW).verdict is Verdict.OPENS


def test_a_stay_without_access_says_so_and_is_never_green() -> None:
    found = arrival(replace(STAY, access="none", reason="booking cancelled"), [HEALTH], NOW)
    assert (found.verdict, found.cause, found.look) == (Verdict.SHUT, "no_access", "none")
    assert "booking cancelled" in found.sentence
    over = arrival(replace(STAY, ends_at=NOW - timedelta(hours=1)), [HEALTH], NOW)
    assert (over.verdict, over.cause, over.look) == (Verdict.SHUT, "stay_over", "none")


def test_access_that_should_have_ended_still_opens_and_needs_a_person() -> None:
    found = arrival(replace(STAY, access="live", reason="booking cancelled"), [HEALTH], NOW)
    assert (found.verdict, found.cause, found.look, found.state) == (
        Verdict.OPENS,
        "not_revoked",
        "held",
        DoorState.BROKEN,
    )
    assert found.words == "Still has access"


def test_access_that_is_kept_in_doubt_opens_and_needs_a_person() -> None:
    found = arrival(replace(STAY, access="kept", reason="its status is not known"), [HEALTH], NOW)
    assert (found.verdict, found.state) == (Verdict.OPENS, DoorState.BROKEN)
    assert "its status is not known" in found.sentence


def test_a_stay_weeks_ahead_that_waits_for_its_room_is_not_red() -> None:
    waits = replace(STAY, access="waiting", room=None, reason="waiting for a room (arrival 9 Oct)")
    far = arrival(replace(waits, starts_at=NOW + timedelta(days=21)), [], NOW)
    assert (far.look, far.words, far.verdict, far.state) == ("notyet", "Not yet", Verdict.UNSURE, DoorState.WAITING)
    soon = arrival(replace(waits, starts_at=NOW + timedelta(hours=3)), [], NOW)
    assert (soon.look, soon.verdict) == ("broken", Verdict.SHUT)


HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts", "ends", "verdict"),
    [
        (-1, 40, Verdict.OPENS),
        (-1, 50, Verdict.OPENS),
        (-3, 40, Verdict.OPENS),
        (-1, 5, Verdict.UNSURE),
        (-1, -0.5, Verdict.SHUT),
        (2, 40, Verdict.SHUT),
    ],
)
def test_times_that_somebody_changed_in_seam_are_told(starts: float, ends: float, verdict: Verdict) -> None:
    grant = replace(GRANT, starts_at=NOW + starts * HOUR, ends_at=NOW + ends * HOUR)
    due = Due(NOW - HOUR, NOW + 40 * HOUR, NOW)
    judgement = judge(grant, [PIN], HOUSE, due=due)
    assert (judgement.verdict, bool(judgement.cause)) == (verdict, verdict is not Verdict.OPENS)
    under_way = judge(replace(grant, pending=("updating_access_times",)), [PIN], HOUSE, due=due)
    assert (under_way.verdict, under_way.cause) == (Verdict.UNSURE, "updating_access_times")


def test_access_that_begins_later_than_it_should_is_not_sure_before_and_shut_then() -> None:
    grant = replace(GRANT, starts_at=NOW + 5 * HOUR)
    before, then = (judge(grant, [PIN], HOUSE, due=Due(NOW + HOUR, None, NOW + late * HOUR)) for late in (0, 2))
    assert (before.verdict, then.verdict) == (Verdict.UNSURE, Verdict.SHUT)
    assert judge(replace(grant, ends_at=NOW + 9 * HOUR), [PIN], HOUSE, due=Due(NOW, None, NOW)).cause == "other_times"


def test_a_lock_that_takes_no_pin_is_not_sure_of_one() -> None:
    deaf = replace(HOUSE, doors=[replace(DOOR, cannot=frozenset({"code"}))])
    judgement = judge(GRANT, [PIN], deaf)
    assert (judgement.verdict, judgement.cause) == (Verdict.UNSURE, "no_way_in")
    assert "101 takes no PIN" in judgement.why
    both = replace(GRANT, method_ids=frozenset({"m", "k"}))
    key = ExistingAccessMethod("k", "mobile_key", issued=True)
    assert judge(both, [PIN, key], deaf).verdict is Verdict.OPENS


def test_what_seam_has_and_nobody_can_read_is_not_said_to_be_gone() -> None:
    judgement = judge(replace(GRANT, unreadable=True), [], HOUSE)
    assert (judgement.verdict, judgement.cause) == (Verdict.UNSURE, "unreadable")


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (100, "Seam tells the lock between 24 Sep 16:00 and 27 Sep 15:00"),
        (30, "Seam tells the lock at 24 Sep 17:00 at the latest"),
        (0.9, "the lock is being told"),
    ],
)
def test_before_a_lock_is_told_the_page_says_when_that_will_be(hours: float, said: str) -> None:
    now = datetime(2025, 9, 23, 10, 0, tzinfo=UTC)
    stay = replace(STAY, starts_at=now + timedelta(hours=hours), ends_at=now + timedelta(hours=200))
    told = Health("c", "k", "b", "g", ISSUING, "the lock is being told", None, now, now, "unsure", "not_issued")
    found = arrival(stay, [told], now, "Europe/Vienna")
    assert (found.state, found.cause) == (DoorState.WILL_WORK, "not_issued")
    assert said in found.sentence


@pytest.mark.parametrize(("minutes", "state"), [(59, "will work"), (46, "will work"), (44, "broken"), (5, "broken")])
def test_a_lock_that_is_told_an_hour_ahead_is_not_called_late_before_it_is(minutes: int, state: str) -> None:
    now = datetime(2025, 9, 23, 10, 0, tzinfo=UTC)
    stay = replace(STAY, starts_at=now + timedelta(minutes=minutes), ends_at=now + timedelta(hours=200))
    days_ago = now - timedelta(days=3)
    told = Health("c", "k", "b", "g", ISSUING, "the lock is being told", None, now, days_ago, "unsure", "not_issued")
    assert arrival(stay, [told], now).state == state


def test_a_site_that_takes_no_more_users_says_how_many_it_has_where_seam_tells() -> None:
    code = "salto_ks_subscription_limit_exceeded"
    sites = [
        {"site_id": "s1", "subscribed_site_user_count": 5, "site_user_subscription_limit": 100},
        {"site_id": "s2", "subscribed_site_user_count": 100, "site_user_subscription_limit": 100},
    ]
    said = {"error_code": code, "salto_ks_metadata": {"sites": sites}}
    told = account(ConnectedAccount.from_dict({"connected_account_id": "a", "errors": [said], "customer_key": "p"}))
    assert told.users == (100, 100)
    house = replace(HOUSE, systems={"y": replace(SYSTEM, errors=(code,))}, accounts={"a": told})
    (found,) = findings_of_lock(DOOR, house)
    assert found.cause == code
    assert "Seam says 100 of 100" in found.words
    unsaid = replace(house, accounts={"a": replace(told, users=None)})
    assert "Seam says" not in findings_of_lock(DOOR, unsaid)[0].words
