"""What the locks of the simulated workspace hold, and so who can open which door with which PIN at which moment."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.locks import Ways
from sandbox.seam_workspace import SeamWorkspace

START = datetime(2026, 9, 18, 15, tzinfo=UTC)
LATER = timedelta(seconds=3)


class House:
    """Three rooms with a lock each, a workspace on a clock that tests move, and somebody who asks it."""

    def __init__(self, **ways: Any) -> None:
        self.now = START
        self.seam = SeamWorkspace(now=lambda: self.now, **ways)
        self.rooms = {name: self.room(name) for name in ("101", "102")}

    def room(self, name: str, **rest: Any) -> str:
        self.ask("/spaces/create", name=name, space_key=name, customer_key="hotel")
        return self.seam.add_device(f"Lock {name}", name, customer_key="hotel", **rest)

    def ask(self, path: str, status: int = 200, **parameters: Any) -> Any:
        headers = {"Authorization": f"Bearer {self.seam.api_key}"}
        answer = self.seam.handle("POST", path, {}, headers, json.dumps(parameters).encode())
        assert answer.status == status, answer.body
        return json.loads(answer.body)

    def grant(self, key: str, room: str = "101", pin: str | None = None, hours: int = 0, **rest: Any) -> dict[str, Any]:
        method = {"mode": "code"} if pin is None else {"mode": "code", "code": pin}
        fields = {
            "user_identity": {"full_name": "Jana Novak", "user_identity_key": f"guest of {key}"},
            "access_grant_key": key,
            "space_keys": [room],
            "starts_at": (START + timedelta(hours=hours)).isoformat(),
            "ends_at": (START + timedelta(hours=hours + 20)).isoformat(),
            "requested_access_methods": [method],
        }
        made: dict[str, Any] = self.ask("/access_grants/create", **{**fields, **rest})["access_grant"]
        return made

    def delete(self, key: str) -> None:
        self.ask("/access_grants/delete", access_grant_id=self.seam.id_of("access_grant", key))

    def pass_(self, **span: float) -> None:
        self.now += timedelta(**span)

    def pins(self, room: str = "101", at: datetime | None = None) -> list[str | None]:
        return [held.pin for held in self.seam.opens(at).get(self.rooms[room], [])]

    def method(self, key: str) -> dict[str, Any]:
        found: dict[str, Any] = self.ask("/access_methods/list", access_grant_key=key)["access_methods"][0]
        return found

    def codes(self, key: str) -> list[str]:
        """Errors, warnings and mutations of a grant and its only way in."""
        grant = self.ask("/access_grants/get", access_grant_key=key)["access_grant"]
        return sorted(
            str(value)
            for resource in (grant, self.method(key))
            for name in ("errors", "warnings", "pending_mutations")
            for one in resource[name]
            for field, value in one.items()
            if field.endswith("_code") and field not in ("new_code", "original_code")
        )


@pytest.fixture
def house() -> House:
    return House()


def test_a_pin_opens_from_its_start_once_the_lock_knows_it_until_its_end(house: House) -> None:
    house.grant("stay", pin="4711", hours=1)
    assert house.pins() == []
    house.pass_(hours=2)
    assert house.pins() == ["4711"]
    assert house.pins("102") == []
    assert house.pins(at=START + timedelta(minutes=30)) == []
    house.pass_(hours=19)
    assert house.pins() == []
    assert house.pins(at=START + timedelta(hours=2)) == ["4711"]
    (held,) = house.seam.door_log
    assert (held.access_grant_key, held.user_identity_key, held.since) == (
        "stay",
        "guest of stay",
        START + house.seam.issue_delay,
    )
    assert (held.opened_from, held.opened_until) == (START + timedelta(hours=1), START + timedelta(hours=21))


def test_a_deleted_grant_opens_until_its_lock_has_forgotten_it(house: House) -> None:
    house.seam.delete_delay = timedelta(minutes=3)
    house.grant("stay", pin="4711")
    house.pass_(minutes=1)
    house.delete("stay")
    assert house.codes("stay") == ["being_deleted", "being_deleted"]
    house.pass_(minutes=2)
    assert house.pins() == ["4711"]
    house.pass_(minutes=2)
    assert house.pins() == []
    assert house.seam.door_log[0].until == START + timedelta(minutes=4)
    house.ask("/access_grants/get", status=404, access_grant_key="stay")


def test_a_lock_out_of_reach_neither_learns_nor_forgets(house: House) -> None:
    house.grant("old", pin="4711", hours=-1)
    house.pass_(minutes=1)
    house.seam.unplug(house.rooms["101"])
    house.delete("old")
    house.grant("new", pin="5822", hours=2)
    house.pass_(minutes=5)
    assert house.pins() == ["4711"]
    assert house.codes("old") == ["being_deleted", "being_deleted"]
    assert house.codes("new") == []
    house.pass_(hours=1, minutes=40)
    assert house.codes("new") == ["delay_in_issuing"]
    house.pass_(minutes=20)
    assert house.codes("new") == ["delay_in_issuing", "failed_to_issue"]
    house.seam.plug_in(house.rooms["101"])
    assert house.pins() == ["5822"]
    assert (house.codes("new"), house.method("new")["is_issued"]) == ([], True)
    house.ask("/access_grants/get", status=404, access_grant_key="old")


def test_new_times_take_the_pin_out_of_the_lock_for_a_moment_and_keep_it(house: House) -> None:
    house.grant("stay", pin="4711")
    house.pass_(minutes=1)
    house.ask("/access_grants/update", access_grant_key="stay", ends_at=(START + timedelta(hours=30)).isoformat())
    assert house.pins() == []
    assert house.codes("stay") == ["updating_access_times"] * 4
    assert not house.method("stay")["is_issued"]
    house.now += LATER
    assert house.pins() == ["4711"]
    assert house.codes("stay") == []
    assert house.seam.opens(START + timedelta(hours=29))[house.rooms["101"]][0].pin == "4711"


def test_codes_are_written_just_in_time_where_that_is_set() -> None:
    house = House(just_in_time=True)
    slow = house.rooms["103"] = house.room("103", ways=Ways(schedules_itself=False))
    house.grant("one", "101", hours=100)
    house.grant("two", "103", hours=100)
    house.pass_(hours=27)
    assert house.seam.door_log == []
    house.pass_(hours=2)
    assert house.method("one")["is_issued"]
    assert not house.method("two")["is_issued"]
    house.pass_(hours=71)
    written = {held.door_id: held.since for held in house.seam.door_log}
    assert written[house.rooms["101"]] == START + timedelta(hours=28) + house.seam.issue_delay
    assert written[slow] == START + timedelta(hours=99) + house.seam.issue_delay


def test_a_lock_takes_so_many_codes_a_minute() -> None:
    house = House(creates_a_minute=10)
    for number in range(30):
        house.grant(f"stay{number}", pin=f"90{number:02d}")
    house.pass_(minutes=1)
    assert len(house.pins()) == 10
    house.pass_(minutes=2)
    assert len(house.pins()) == 30


def test_one_code_is_never_two_peoples_at_one_time(house: House) -> None:
    house.grant("first", pin="4711")
    house.pass_(minutes=1)
    house.grant("next", pin="4711", hours=20)
    assert house.seam.code_of("next") == "4711"
    house.grant("beside", pin="4711", hours=1)
    assert house.seam.code_of("beside") != "4711"
    assert house.codes("beside") == ["requested_code_unavailable"] * 2
    house.delete("next")
    house.pass_(seconds=3)
    house.grant("far", pin="4711", hours=30)
    house.ask("/access_grants/update", access_grant_key="first", ends_at=(START + timedelta(hours=40)).isoformat())
    assert house.seam.code_of("first") != "4711"
    assert "requested_code_unavailable" in house.codes("first")


def test_a_code_that_is_being_deleted_is_still_in_the_lock(house: House) -> None:
    house.seam.delete_delay = timedelta(minutes=3)
    house.grant("first", pin="4711")
    house.pass_(minutes=1)
    house.delete("first")
    house.grant("second", pin="4711")
    assert house.seam.code_of("second") != "4711"


@pytest.mark.parametrize(
    ("ways", "pin", "kept"),
    [
        (Ways(), "12345678", True),
        (Ways(), "123456789", False),
        (Ways(pin_lengths=(6,)), "1234", False),
        (Ways(draws_own_codes=True), "123456", False),
    ],
)
def test_locks_have_their_own_mind_about_codes(house: House, ways: Ways, pin: str, kept: bool) -> None:
    house.room("201", ways=ways)
    house.grant("stay", "201", pin=pin)
    assert (house.seam.code_of("stay") == pin) is kept
    assert ("requested_code_unavailable" in house.codes("stay")) is not kept


def test_a_lock_that_cannot_forget_opens_until_the_end_that_was_written(house: House) -> None:
    house.rooms["201"] = house.room("201", ways=Ways(forgets=False))
    house.grant("stay", "201", pin="4711")
    house.pass_(minutes=1)
    house.delete("stay")
    house.pass_(minutes=1)
    house.ask("/access_grants/get", status=404, access_grant_key="stay")
    assert house.pins("201") == ["4711"]
    house.pass_(hours=20)
    assert house.pins("201") == []


def test_a_room_without_a_lock_that_takes_codes_has_no_way_in(house: House) -> None:
    house.room("201", able=("lock",))
    grant = house.grant("stay", "201")
    assert grant["access_method_ids"] == []
    assert [one["error_code"] for one in grant["errors"]] == ["cannot_create_requested_access_methods"]
    assert [one["warning_code"] for one in grant["warnings"]] == ["device_does_not_support_access_codes"]


def test_a_room_that_changes_its_lock_opens_by_the_new_one(house: House) -> None:
    house.grant("stay", pin="4711")
    house.pass_(minutes=1)
    house.ask("/spaces/update", space_key="101", device_ids=[house.rooms["102"]])
    assert "underprovisioned_access" in house.codes("stay")
    house.now += LATER
    assert (house.pins("101"), house.pins("102")) == ([], ["4711"])
    assert house.codes("stay") == []


def test_a_space_goes_with_a_delay_and_what_was_granted_to_it_goes_with_it(house: House) -> None:
    house.grant("stay", pin="4711")
    house.pass_(minutes=1)
    house.ask("/spaces/delete", space_id=house.seam.id_of("space", "101"))
    space = house.ask("/spaces/get", space_key="101")["space"]
    assert [one["warning_code"] for one in space["warnings"]] == ["being_deleted"]
    house.grant("late")
    house.ask("/spaces/create", status=409, name="101", space_key="101")
    house.pass_(seconds=1)
    house.ask("/spaces/get", status=404, space_key="101")
    house.ask("/spaces/create", name="101", space_key="101")
    house.pass_(seconds=1)
    assert house.seam.live_grants() == []
    assert house.pins() == []


def test_an_identity_takes_its_grants_with_it(house: House) -> None:
    house.grant("stay", pin="4711")
    house.pass_(minutes=1)
    house.ask("/user_identities/delete", user_identity_id=house.seam.id_of("user_identity", "guest of stay"))
    person = house.ask("/user_identities/get", user_identity_key="guest of stay")["user_identity"]
    assert [one["warning_code"] for one in person["warnings"]] == ["being_deleted"]
    house.pass_(seconds=1)
    assert (house.pins(), house.seam.live_grants()) == ([], [])
    house.ask("/user_identities/get", status=404, user_identity_key="guest of stay")


def test_an_override_lock_throws_out_whoever_is_not_of_the_same_reservation(house: House) -> None:
    door = house.rooms["9"] = house.seam.add_entrance("Door 9", "9", True, customer_key="hotel")
    house.ask("/spaces/create", name="9", space_key="9", customer_key="hotel")
    house.grant("one", "9", reservation_key="stay")
    house.grant("companion", "9", reservation_key="stay")
    house.grant("next", "9", hours=10, reservation_key="other")
    house.pass_(hours=1)
    assert [held.access_grant_key for held in house.seam.opens()[door]] == ["one", "companion"]
    house.pass_(hours=9)
    assert [held.access_grant_key for held in house.seam.opens()[door]] == ["next"]


def test_a_card_waits_for_the_access_system_and_then_for_the_encoder(house: House) -> None:
    door = house.seam.add_entrance("Door 101", "101", customer_key="hotel")
    house.grant("stay", requested_access_methods=[{"mode": "card"}])
    assert house.codes("stay") == ["waiting_for_access_on_acs_system"]
    with pytest.raises(ValueError, match="not ready"):
        house.seam.encode_card("stay")
    house.now += LATER
    assert (house.codes("stay"), house.method("stay")["is_ready_for_encoding"]) == ([], True)
    assert not house.method("stay")["is_issued"]
    assert house.seam.opens().get(door) is None
    house.seam.encode_card("stay")
    assert house.method("stay")["is_issued"]
    assert [held.mode for held in house.seam.opens()[door]] == ["card"]
    house.ask("/access_grants/update", access_grant_key="stay", ends_at=(START + timedelta(hours=30)).isoformat())
    house.now += LATER
    assert house.method("stay")["is_encoding_required"]
    assert house.seam.events[-1]["event_type"] == "access_method.card_encoding_required"


def merged(house: House) -> dict[str, Any]:
    person: dict[str, Any] = house.ask("/user_identities/get", user_identity_key="second")["user_identity"]
    return person


def test_merged_identities_are_found_by_all_their_ids_and_keys(house: House) -> None:
    def make(key: str, **contacts: str) -> str:
        made = house.ask("/user_identities/create", user_identity_key=key, **contacts)
        return str(made["user_identity"]["user_identity_id"])

    first = make("first", email_address="jana@example.com")
    second = make("second", phone_number="+436601234567")
    house.ask(
        "/access_grants/create",
        user_identity_id=second,
        access_grant_key="stay",
        space_keys=["101"],
        requested_access_methods=[{"mode": "code"}],
    )
    for _ in range(2):
        house.ask("/user_identities/merge", user_identity_id=first, merged_user_identity_ids=[second])
        assert merged(house)["user_identity_id"] == first
        assert merged(house)["merged_user_identity_ids"] == [second]
        assert merged(house)["merged_user_identity_keys"] == ["second"]
        assert (merged(house)["email_address"], merged(house)["phone_number"]) == ("jana@example.com", "+436601234567")
    assert house.ask("/access_grants/get", access_grant_key="stay")["access_grant"]["user_identity_id"] == first
    assert len(house.ask("/access_grants/list", user_identity_id=second)["access_grants"]) == 1
    assert len(house.ask("/user_identities/list", user_identity_ids=[second])["user_identities"]) == 1
    house.ask("/user_identities/create", status=409, user_identity_key="second")
    house.ask("/user_identities/merge", status=400, user_identity_id=first, merged_user_identity_keys=["second"])
    house.ask("/user_identities/merge", status=404, user_identity_key="first", merged_user_identity_keys=["nobody"])


@pytest.mark.parametrize("plain", [True, False])
def test_too_many_requests_say_how_long_to_wait(house: House, plain: bool) -> None:
    house.seam.faults.too_many, house.seam.faults.retry_after = 1.0, "40"
    house.seam.faults.plain_too_many = plain
    answer = house.seam.handle("GET", "/spaces/list", {}, {}, b"")
    assert (answer.status, answer.headers["Retry-After"]) == (429, "40")
    assert answer.body.startswith(b"{") is not plain


def test_keys_that_are_empty_are_refused(house: House) -> None:
    ask: Callable[..., Any] = house.ask
    ask("/spaces/create", status=400, name="1", space_key="")
    ask("/spaces/list", status=400, customer_key="")
    ask("/user_identities/create", status=400, user_identity_key="")
    ask("/access_grants/get", status=400, access_grant_key="")
    ask("/access_grants/list", status=400, reservation_key="")
    ask("/connect_webviews/create", status=400, customer_key="")


def test_a_code_that_is_to_be_written_in_days_does_not_keep_one_waiting_that_is_due_now() -> None:
    house = House(just_in_time=True, creates_a_minute=10)
    house.grant("later", pin="4711", hours=200)
    house.grant("now", pin="5822")
    house.pass_(minutes=1)
    assert house.pins() == ["5822"]
