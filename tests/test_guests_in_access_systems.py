"""What the access systems have of a guest: she may be suspended there, or unknown, while her grant is well."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.health import check_health
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from reconciler.system_users import Held, RecentlyHeld
from sandbox.http import Answer
from seam_workspace.existing import ExistingSystemUser
from tests.night import Night
from tests.test_will_it_open import listed, settled, verdict
from tests.world import START

IN_SYSTEMS = ("/acs/users/list", "/access_methods/get_related")


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.equip(0)
    return night


def user_of(night: Night, booking: str) -> str:
    """Seam's id of the guest as a user of her room's access system."""
    identity = night.seam.user_identities[night.seam.id_of("user_identity", night.owner(booking))]
    (user_id,) = identity["acs_user_ids"]
    return str(user_id)


def credential_of(night: Night, booking: str) -> str:
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    (credential,) = night.seam.in_systems.of_methods(grant["access_method_ids"])
    return str(credential["acs_credential_id"])


def test_whoever_is_suspended_in_the_lock_system_is_told_so_on_her_page_in_lists_and_by_lookup(night: Night) -> None:
    booking = settled(night)
    user = user_of(night, booking)
    night.seam.alter(user, is_suspended=True)
    assert verdict(night, booking) == ("shut", "user_suspended")
    connection = RunConnection("alpen", night.connector, night.policy, night.keys)
    answer = inquire(connection, night.workspace, night.store, booking, night.clock.now()).answer
    assert answer is not None
    assert "the guest is suspended in the lock system, and opens no door: lift that there" in answer.sentence
    night.seam.alter(user, is_suspended=False)
    assert verdict(night, booking) == ("opens", "")
    night.seam.alter(user, is_suspended=True)
    night.do("arrival_check")
    assert [(one["verdict"], one["cause"]) for one in listed(night, booking)] == [("shut", "user_suspended")]


def test_whom_a_system_lets_in_with_her_hour_only_is_well_before_it_and_shut_out_after_it(night: Night) -> None:
    booking = settled(night)
    night.seam.add_trouble(user_of(night, booking), warning="salto_ks_user_not_subscribed")
    assert verdict(night, booking) == ("opens", "")
    night.clock.pass_(hours=4)
    assert verdict(night, booking) == ("shut", "salto_ks_user_not_subscribed")


def test_the_system_says_better_than_seam_what_is_wrong_with_its_user(night: Night) -> None:
    booking = settled(night)
    night.seam.add_trouble(night.seam.id_of("user_identity", night.owner(booking)), error="issue_with_acs_user")
    assert verdict(night, booking) == ("shut", "issue_with_acs_user")
    night.seam.add_trouble(user_of(night, booking), error="deleted_externally")
    assert verdict(night, booking) == ("shut", "deleted_externally")


def test_a_door_that_is_taken_from_her_at_the_end_of_her_stay_says_nothing_of_today(night: Night) -> None:
    booking = settled(night)
    user = user_of(night, booking)
    for variant, said in (("removing", ("opens", "")), ("adding", ("unsure", "deferring_group_membership_update"))):
        night.seam.add_trouble(user, mutation="deferring_group_membership_update", variant=variant)
        assert verdict(night, booking) == said
        night.seam.clear_troubles(user)


def test_a_credential_that_goes_is_no_trouble_where_another_has_come_for_it(night: Night) -> None:
    booking = settled(night)
    credential = credential_of(night, booking)
    night.seam.add_trouble(credential, warning="being_deleted")
    assert verdict(night, booking) == ("shut", "being_deleted")
    held = night.seam.in_systems
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    held.credentials["successor"] = {
        **held.credentials[credential],
        "acs_credential_id": "5d5b2a35-6a4c-4f4e-9d0f-1d8c60f3a9b1",
        "warnings": [],
    }
    held._of_method[grant["access_method_ids"][0]]["another"] = "successor"
    assert verdict(night, booking) == ("opens", "")


def test_of_two_rooms_of_one_person_the_one_whose_credential_failed_does_not_open(night: Night) -> None:
    night.equip(1)
    first = settled(night)
    second = night.book(1, guest=night.owner(first), arrival=START + timedelta(hours=3))
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    night.seam.add_trouble(credential_of(night, second), error="could_not_be_issued")
    night.do("arrival_check")
    said = {one: [(each["verdict"], each["cause"]) for each in listed(night, one)] for one in (first, second)}
    assert said == {first: [("opens", "")], second: [("shut", "could_not_be_issued")]}


def test_what_a_system_of_other_doors_says_of_her_does_not_matter(night: Night) -> None:
    booking = settled(night)
    user = user_of(night, booking)
    system = night.seam.in_systems.users[user]["acs_system_id"]
    night.seam.alter(user, is_suspended=True, acs_system_id="5d5b2a35-6a4c-4f4e-9d0f-1d8c60f3a9b1")
    assert verdict(night, booking) == ("opens", "")
    night.seam.alter(user, acs_system_id=system)
    assert verdict(night, booking) == ("shut", "user_suspended")


FORBIDDEN = Answer(403, b'{"error": {"type": "forbidden", "message": "not for this key"}}', {})
NOT_THERE = Answer(404, b"<h1>Not Found</h1>", {"Content-Type": "text/html"})
ALL = b'{"has_next_page": false, "next_page_cursor": null, "next_page_url": null}'
NOTHING = Answer(200, b'{"ok": true, "batch": {}, "acs_users": [], "pagination": ' + ALL + b"}", {})
NO_LISTS = Answer(200, b'{"ok": true}', {})


@pytest.mark.parametrize("instead", [FORBIDDEN, NOT_THERE, NOTHING, NO_LISTS])
def test_where_seam_does_not_tell_of_systems_everything_else_is_said_as_before(night: Night, instead: Answer) -> None:
    booking = settled(night)
    handle = night.seam.handle

    def refusing(method: str, path: str, *rest: Any) -> Answer:
        return instead if path.startswith(IN_SYSTEMS) else handle(method, path, *rest)

    night.seam.handle = refusing  # type: ignore[method-assign]
    assert verdict(night, booking) == ("opens", "")
    night.seam.add_trouble(night.seam.id_of("access_grant", booking), error="access_not_provisioned")
    assert verdict(night, booking) == ("shut", "access_not_provisioned")


def test_a_house_of_devices_is_asked_nothing_more(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    booking = settled(night)
    assert verdict(night, booking) == ("opens", "")
    night.do("arrival_check")
    assert not any(night.seam.calls[one] for one in IN_SYSTEMS)


def test_many_guests_of_a_system_cost_a_page_of_its_users_and_one_list_of_their_credentials(night: Night) -> None:
    night.equip(1)
    bookings = [settled(night)]
    for day in range(1, 5):
        bookings.append(
            night.book(0, arrival=START + timedelta(days=day, hours=3), departure=START + timedelta(days=day, hours=20))
        )
    night.do("full")
    night.clock.pass_(minutes=2)
    night.settle()
    before = Counter(night.seam.calls)
    night.seam.alter(user_of(night, bookings[0]), is_suspended=True)
    found = check_health("alpen", night.keys, night.workspace, night.store, night.property, bookings, night.clock.now)
    calls = Counter(night.seam.calls) - before
    assert [calls[one] for one in IN_SYSTEMS] == [1, 1]
    assert sorted(one.verdict for one in found) == ["opens"] * 4 + ["shut"]


def test_who_was_well_in_a_system_is_asked_for_there_each_half_hour_and_who_was_not_each_time(night: Night) -> None:
    booking = settled(night)
    night.do("arrival_check")
    asked = sum(night.seam.calls[one] for one in IN_SYSTEMS)
    night.clock.pass_(minutes=5)
    night.do("arrival_check")
    assert sum(night.seam.calls[one] for one in IN_SYSTEMS) == asked
    user = user_of(night, booking)
    night.seam.alter(user, is_suspended=True)
    night.clock.pass_(minutes=30)
    night.do("arrival_check")
    assert [(one["verdict"], one["cause"]) for one in listed(night, booking)] == [("shut", "user_suspended")]
    night.seam.alter(user, is_suspended=False)
    night.clock.pass_(minutes=5)
    night.do("arrival_check")
    assert [one["verdict"] for one in listed(night, booking)] == ["opens"]


def test_what_was_wrong_in_a_system_is_known_for_a_day_and_what_was_well_for_its_time() -> None:
    recently = RecentlyHeld(timedelta(minutes=30))
    suspended = Held((ExistingSystemUser("user", "system", suspended=True),))
    recently.note({"well": Held(), "unwell": suspended}, START)
    asked = ("well", "unwell", "new")
    assert set(recently.of(asked, START + timedelta(minutes=29))) == {"well"}
    assert not recently.of(asked, START + timedelta(minutes=31))
    assert [recently.is_unwell(one) for one in asked] == [False, True, False]
    assert not recently.of(asked, START + timedelta(days=1, minutes=1))
    assert not recently.is_unwell("unwell")
