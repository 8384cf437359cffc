"""Will her door open? One answer everywhere, from all that Seam says, in a handful of calls."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.terminal import show_accounts
from mappers.outcomes import Kind
from mappers.policy import CommonArea, Policy
from mappers.resources import DesiredAccessGrant, DesiredUserIdentity
from reconciler.accounts import CannotAdopt, adopt_account, look_at_accounts, unplaced_accounts
from reconciler.health import check_health
from reconciler.inquiry import Findings, inquire
from reconciler.prepare import RunConnection
from sandbox.http import Answer
from sandbox.locks import Ways
from store.health import GrantHealth
from store.history import History
from store.holds import Holds
from store.links import Link, Links, put_links
from tests.every_day import first_of
from tests.night import Night
from tests.residence import Residence
from tests.world import START, World


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    night.equip(0)
    return night


def settled(night: Night, **stay: Any) -> str:
    """A booking in room 101, whose lock knows its PIN; she arrives in three hours."""
    stay.setdefault("arrival", START + timedelta(hours=3))
    booking = night.book(0, **stay)
    night.listen()
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    return booking


def asked(night: Night, booking: str) -> dict[str, Any]:
    """What a program is told of a booking."""
    token = night.people.make_token(f"t{len(night.people.tokens())}", "viewer", night.clock.now())  # type: ignore[arg-type]
    answer = night.site.test_client().get(
        f"/api/bookings/alpen/{booking}", headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 200, answer.text
    found = answer.json
    assert isinstance(found, dict)
    return found


def listed(night: Night, words: str) -> list[dict[str, Any]]:
    """What a program is told of the bookings that it searches."""
    token = night.people.make_token(f"t{len(night.people.tokens())}", "viewer", night.clock.now())  # type: ignore[arg-type]
    found = night.site.test_client().get(f"/api/bookings?q={words}", headers={"Authorization": f"Bearer {token}"}).json
    assert isinstance(found, list)
    return found


def verdict(night: Night, booking: str) -> tuple[str, str]:
    found = asked(night, booking)
    return found["verdict"], found["cause"]


def method_of(night: Night, booking: str) -> str:
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    return str(grant["access_method_ids"][0])


def test_what_is_wrong_without_a_code_and_times_changed_in_seam_are_not_passed_over(night: Night) -> None:
    booking = settled(night)
    grant, method = night.seam.id_of("access_grant", booking), method_of(night, booking)
    (door,) = night.seam.entrances
    nameless = [{"message": "The lock is on fire.", "created_at": "2026-09-18T10:00:00.000Z"}]
    for resource, change, told in (
        (grant, {"errors": nameless}, ("shut", "something_without_a_code")),
        (grant, {"warnings": nameless}, ("unsure", "something_without_a_code")),
        (method, {"pending_mutations": nameless}, ("unsure", "something_without_a_code")),
        (door, {"errors": nameless}, ("shut", "something_without_a_code")),
        (door, {"can_unlock_with_code": False}, ("unsure", "no_way_in")),
        (
            grant,
            {"starts_at": "2026-09-17T13:00:00.000Z", "ends_at": "2026-09-18T09:00:00.000Z"},
            ("shut", "other_times"),
        ),
        (grant, {"starts_at": "2026-09-21T13:00:00.000Z"}, ("unsure", "other_times")),
    ):
        before = night.seam.alter(resource, **change)
        assert verdict(night, booking) == told
        night.seam.alter(resource, **before)
        assert verdict(night, booking) == ("opens", "")


def test_a_pin_that_nobody_can_be_told_is_not_sure(night: Night) -> None:
    booking = settled(night)
    before = night.seam.alter(method_of(night, booking), code=None)
    assert verdict(night, booking) == ("unsure", "no_code")
    night.do("arrival_check")
    assert [(one["verdict"], one["cause"]) for one in listed(night, booking)] == [("unsure", "no_code")]
    night.seam.alter(method_of(night, booking), **before)
    night.clock.pass_(minutes=3)
    night.do("retry")
    assert [one["verdict"] for one in listed(night, booking)] == ["opens"]


def test_a_pin_of_which_seam_tells_only_that_it_is_issued_is_asked_for(night: Night) -> None:
    booking = night.book(0, arrival=START + timedelta(hours=3))
    night.listen()
    told = night.seam._tell_of_method

    def without_its_code(what: str, method: dict[str, Any]) -> None:
        method["code"] = None
        told(what, method)

    night.seam._tell_of_method = without_its_code  # type: ignore[method-assign]
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    assert [(one["verdict"], one["cause"]) for one in listed(night, booking)] == [("unsure", "no_code")]


@first_of(2, "job", ["full", "incremental", "urgent", "arrival_check"])
def test_access_that_somebody_gives_to_another_room_does_not_open_hers_and_the_next_look_puts_it_right(
    night: Night, job: str
) -> None:
    booking = settled(night)
    hers, other = (night.seam.id_of("space", one) for one in night.rooms[:2])
    night.seam.alter(night.seam.id_of("access_grant", booking), space_ids=[other])
    found = asked(night, booking)
    assert (found["verdict"], found["cause"]) == ("shut", "other_room")
    assert "sync now puts it right" in found["sentence"]
    if job == "urgent":
        night.mews_webhook(("ServiceOrderUpdated", booking))
        night.settle()
    else:
        night.clock.pass_(minutes=3)
        night.do(job)
        if job == "arrival_check":
            night.do("incremental")
    night.clock.pass_(minutes=5)
    night.settle()
    night.do("arrival_check")
    (grant,) = night.seam.access_grants.values()
    assert grant["space_ids"] == [hers]
    # Her former PIN is still in the lock of the sandbox, which `alter` does not tell.
    assert verdict(night, booking) == ("unsure", "not_issued")


def test_before_the_stay_it_opens_from_its_hour(night: Night) -> None:
    booking = settled(night)
    found = asked(night, booking)
    assert (found["verdict"], found["cause"]) == ("opens", "")
    assert found["sentence"] == "Opens from 15:00."
    assert [one["sentence"] for one in found["grants"]] == ["Opens from 15:00."]


def test_whatever_is_wrong_with_what_a_stay_needs_is_its_verdict(night: Night) -> None:
    booking = settled(night)
    seam = night.seam
    (system,), (account,), (door,) = seam.systems.values(), seam.accounts.values(), seam.entrances.values()
    for seam_id, trouble, told in (
        (seam.id_of("access_grant", booking), {"error": "access_not_provisioned"}, "shut"),
        (method_of(night, booking), {"warning": "user_identity_missing_email_address"}, "shut"),
        (method_of(night, booking), {"mutation": "waiting_for_access_on_acs_system"}, "unsure"),
        (seam.id_of("user_identity", night.owner(booking)), {"error": "issue_with_acs_user"}, "shut"),
        (seam.id_of("space", night.rooms[0]), {"warning": "being_deleted"}, "shut"),
        (door["acs_entrance_id"], {"error": "entrance_removed"}, "shut"),
        (door["acs_entrance_id"], {"warning": "privacy_mode"}, "shut"),
        (system["acs_system_id"], {"error": "user_license_limit_reached"}, "unsure"),
        (system["acs_system_id"], {"error": "visionline_instance_unreachable"}, "unsure"),
        (account["connected_account_id"], {"error": "account_disconnected"}, "unsure"),
        (account["connected_account_id"], {"error": "bewitched"}, "shut"),
        (system["acs_system_id"], {"warning": "humming"}, "unsure"),
        (method_of(night, booking), {"mutation": "pondering"}, "unsure"),
    ):
        seam.add_trouble(seam_id, **trouble)
        (code,) = trouble.values()
        assert verdict(night, booking) == (told, code)
        seam.clear_troubles(seam_id)
    assert verdict(night, booking) == ("opens", "")


def test_without_a_database_a_booking_is_judged_by_its_locks_and_nothing_is_sure_where_nobody_knows_the_house(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    booking = world.book(0, arrival=START - timedelta(hours=1))
    other = world.book(1, arrival=START - timedelta(hours=1))
    world.equip(0)
    world.sync(full=True)
    world.clock.pass_(minutes=5)
    world.lose_the_database()
    connection = RunConnection(world.name, world.connector, world.policy, world.keys)

    def verdict_of(key: str) -> tuple[str, str] | None:
        answer = inquire(connection, world.workspace, world.store, key, world.clock.now()).answer
        return (answer.verdict, answer.cause) if answer else None

    assert verdict_of(booking) == ("opens", "")
    assert verdict_of(other) == ("shut", "no_door")
    world.hotel.faults.down = True
    assert verdict_of(booking) == verdict_of(other) == ("unsure", "not_looked_at")


def test_access_that_somebody_deletes_in_seam_opens_nothing_from_that_moment_and_sync_makes_it_again(
    night: Night,
) -> None:
    booking = settled(night)
    grant = night.seam.id_of("access_grant", booking)
    night.seam.add_trouble(grant, warning="being_deleted")
    assert verdict(night, booking) == ("shut", "being_deleted")
    night.seam.clear_troubles(grant)
    assert verdict(night, booking) == ("opens", "")
    night.workspace._seam.access_grants.delete(access_grant_id=grant)
    assert verdict(night, booking) == ("shut", "being_deleted")
    night.clock.pass_(minutes=10)
    night.seam.tick()
    assert verdict(night, booking) == ("shut", "no_grant")
    night.do("full")
    night.clock.pass_(minutes=1)
    night.settle()
    assert verdict(night, booking)[0] == "opens"


def test_whoever_is_taken_off_a_booking_says_nothing_of_the_doors_of_the_others(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(guests="everyone"))
    night.equip(0)
    friend = night.guest("Otto", "Weiss")
    booking = settled(night, companions=[friend])
    night.seam.add_trouble(night.seam.id_of("access_grant", f"{booking}:{friend}"), error="access_not_provisioned")
    assert verdict(night, booking) == ("shut", "access_not_provisioned")
    night.hotel.remove_companion(booking, friend)
    night.do("full")
    night.clock.pass_(minutes=2)
    night.settle()
    assert verdict(night, booking) == ("opens", "")
    # And no page that lists stays goes on telling of whoever was taken off.
    night.clock.pass_(minutes=70)
    night.do("full")
    night.do("arrival_check")
    assert [one["verdict"] for one in listed(night, "101")] == ["opens"]


def test_what_is_not_due_yet_is_not_called_unsure(night: Night) -> None:
    far = settled(night, arrival=START + timedelta(days=40), departure=START + timedelta(days=42))
    assert verdict(night, far) == ("unsure", "not_made_yet")
    page = night.client("viewer").get(f"/bookings/alpen/{far}").text
    assert "<h2>Not yet</h2>" in page


def test_a_pin_is_offered_only_while_there_may_be_one(night: Night) -> None:
    booking = settled(night)
    page = f"/bookings/alpen/{booking}"
    assert "Show PIN" in night.client("operator").get(page).text
    night.hotel.cancel(booking)
    night.do("incremental")
    assert "Show PIN" not in night.client("operator").get(page).text


def test_pages_and_the_terminal_give_the_same_answer(night: Night) -> None:
    booking = settled(night)
    night.seam.add_trouble(night.seam.id_of("access_grant", booking), error="access_not_provisioned")
    night.do("arrival_check")
    client = night.client("viewer")
    for path in ("/", f"/bookings/alpen/{booking}", "/bookings?q=101&list=1"):
        page = client.get(path).text
        assert "Does not open" in page, path
        assert "the lock system refused it" in page, path
    connection = RunConnection("alpen", night.connector, night.policy, night.keys)
    answer = inquire(connection, night.workspace, night.store, booking, night.clock.now()).answer
    assert answer is not None
    assert (answer.verdict, answer.cause) == ("shut", "access_not_provisioned")


def test_a_new_pin_is_shown_and_told(night: Night) -> None:
    booking = settled(night)
    method = method_of(night, booking)
    night.seam.add_trouble(method, warning="pulled_backup_access_code", new_code="4711")
    found = asked(night, booking)
    assert (found["verdict"], found["cause"]) == ("opens", "pulled_backup_access_code")
    assert "the PIN is a new one" in found["sentence"]


def test_a_cancelled_stay_says_no_access_without_green(night: Night) -> None:
    booking = settled(night)
    night.hotel.cancel(booking)
    night.do("incremental")
    night.clock.pass_(minutes=5)
    night.settle()
    assert verdict(night, booking) == ("shut", "no_access")
    page = night.client("viewer").get(f"/bookings/alpen/{booking}").text
    assert "np-on-none" in page
    assert "np-on-ready" not in page


def test_a_held_revocation_is_shown_as_access_that_still_opens(night: Night) -> None:
    others = [night.book(1 + n % 2, arrival=START + timedelta(hours=3, days=4 * n)) for n in range(5)]
    bookings = [settled(night), *others]
    for booking in bookings:
        night.hotel.cancel(booking)
    night.do("incremental")
    held = {one.hold.booking_id for one in Holds(night.store).waiting()}
    assert held
    for booking in held:
        found = asked(night, booking)
        assert (found["verdict"], found["cause"]) == ("opens", "not_revoked")
        assert "waits for somebody's approval" in found["sentence"]
    page = night.client("viewer").get(f"/bookings/alpen/{min(held)}").text
    assert "Still has access" in page
    assert "np-on-held" in page


def test_a_revocation_that_failed_is_shown_as_access_that_still_opens(night: Night) -> None:
    booking = settled(night)
    night.hotel.cancel(booking)
    handle = night.seam.handle

    def no_deletions(method: str, path: str, *rest: Any) -> Answer:
        if path == "/access_grants/delete":
            return Answer(400, b'{"error": {"type": "invalid_input", "message": "not today"}}', {})
        return handle(method, path, *rest)

    night.seam.handle = no_deletions  # type: ignore[method-assign]
    night.do("incremental")
    assert verdict(night, booking) == ("opens", "not_revoked")
    assert "could not be taken away" in asked(night, booking)["sentence"]


NEWS_OF_LOCKS = (
    "acs_system.disconnected",
    "acs_entrance.removed",
    "device.removed",
    "device.deleted",
    "device.added",
    "device.tampered",
    "device.low_battery",
    "device.third_party_integration_detected",
    "connected_account.reauthorization_requested",
    "connected_account.completed_first_sync",
)


def test_news_of_locks_and_systems_have_the_arrivals_looked_at(night: Night) -> None:
    booking = settled(night)
    (door,) = night.seam.entrances.values()
    for place, event in enumerate(NEWS_OF_LOCKS):
        # It breaks, and is mended, and breaks again: each time only this event tells of it.
        if broken := place % 2 == 0:
            night.seam.add_trouble(door["acs_entrance_id"], error="entrance_removed")
        else:
            night.seam.clear_troubles(door["acs_entrance_id"])
        night.seam.tell(event, connected_account_id=door["connected_account_id"])
        night.clock.pass_(minutes=1)
        night.settle()
        (health,) = GrantHealth(night.store).of("alpen", [booking])
        assert (health.cause == "entrance_removed") is broken, event


def test_news_of_a_door_lost_and_of_a_rooms_locks_are_looked_at(night: Night) -> None:
    booking = settled(night)
    grant = night.seam.id_of("access_grant", booking)
    night.seam.add_trouble(grant, warning="underprovisioned_access")
    night.seam.tell("access_grant.access_to_door_lost", access_grant_id=grant, access_grant_key=booking)
    night.settle()
    (health,) = GrantHealth(night.store).of("alpen", [booking])
    assert health.cause == "underprovisioned_access"
    runs = len(History(night.store).runs())
    space = night.seam.id_of("space", night.rooms[0])
    night.seam.tell("space.device_membership_changed", space_id=space, space_key=night.rooms[0])
    night.settle()
    assert len(History(night.store).runs()) > runs


@pytest.mark.parametrize("stays", [150, pytest.param(500, marks=pytest.mark.slow)])
def test_the_health_of_all_stays_costs_at_most_30_calls(tmp_path: Path, stays: int) -> None:
    world = World(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    world.equip(0)
    world.sync(full=True)
    space = world.workspace.space_by_key(world.rooms[0])
    assert space is not None
    links, bookings = [], []
    for number in range(stays):
        person = world.workspace.create_user_identity(DesiredUserIdentity(f"g{number}", "Jana Novak", None, None))
        wanted = DesiredAccessGrant(
            key=f"b{number}",
            booking_id=f"b{number}",
            user_identity_key=f"g{number}",
            space_keys=(world.rooms[0],),
            starts_at=START + timedelta(days=number),
            ends_at=START + timedelta(days=number, hours=20),
            name="101",
            access_methods=("code",),
            reservation_key=f"b{number}",
            label="JN 101",
        )
        made = world.workspace.create_access_grant(
            wanted, key=wanted.key, user_identity_id=person.id, space_ids=[space.id], reservation_key=None
        )
        links.append(
            Link(Kind.ACCESS_GRANT, wanted.key, made.id, 1, "", "", world.property, wanted.key, person.key, None, "JN")
        )
        bookings.append(wanted.key)
    with world.store.writing() as db:
        put_links(world.store, db, world.name, links, world.clock.now())
    world.clock.pass_(minutes=10)
    world.seam.tick()
    before = world.workspace.calls
    found = check_health(
        world.name, world.keys, world.workspace, world.store, world.property, bookings, world.clock.now
    )
    assert world.workspace.calls - before <= 30
    assert [one.verdict for one in found] == ["opens"] * stays


# --- accounts ---------------------------------------------------------------------------------------------------------


def test_accounts_are_shown_with_their_systems_and_locks_and_what_is_wrong(night: Night) -> None:
    settled(night)
    (system,) = night.seam.systems.values()
    night.seam.add_trouble(system["acs_system_id"], error="visionline_instance_unreachable")
    device = night.seam.add_device("Lock 102", night.rooms[1], customer_key=night.property)
    night.seam.add_trouble(device, warning="accessory_keypad_low_battery")
    look = look_at_accounts(night.workspace, night.property)
    assert sum(one.entrances for one in look.accounts) == 1
    assert sum(one.devices for one in look.accounts) == 1
    causes = {trouble.cause for one in look.accounts for trouble in one.troubles}
    assert causes == {"visionline_instance_unreachable", "accessory_keypad_low_battery"}
    night.do("arrival_check")
    page = night.client("viewer").get("/locks").text
    assert "The Visionline server" in page or "the Visionline server" in page
    assert "batteries are low" in page
    (told,) = [one for one in night.look_at_alerts() if "lock system" in one]
    assert "visionline_instance_unreachable" in told


def test_what_came_of_a_sign_in_page_and_is_not_the_propertys_is_told_with_what_to_do(
    night: Night, capsys: pytest.CaptureFixture[str]
) -> None:
    settled(night)
    client = night.client("operator")
    nobodys, others = night.seam.add_account(None, "brivo"), night.seam.add_account("elsewhere", "brivo")
    pages = {}
    for account in (nobodys, others, "5d5b2a35-6a4c-4f4e-9d0f-1d8c60f3a9b1"):
        webview = night.workspace.create_webview(night.property, [])
        night.seam.webviews[webview.id].update(status="authorized", connected_account_id=account)
        pages[account] = client.get(f"/locks/alpen/{night.property}/connect/{webview.id}").text
    look = look_at_accounts(night.workspace, night.property)
    assert ({one.id for one in look.strays}, look.gone) == ({nobodys, others}, ["5d5b2a35-6a4c-4f4e-9d0f-1d8c60f3a9b1"])
    assert "Take it up for" in pages[nobodys]
    assert "carries the customer_key elsewhere" in pages[others]
    assert all("Its locks are known now" not in pages[one] for one in (nobodys, others))
    show_accounts("Alpenblick", night.property, look)
    told = " ".join(capsys.readouterr().out.split())
    assert f"nightporter accounts adopt {nobodys} {night.property}" in told
    assert "an account is of one property" in told
    assert "is not in Seam any more" in told
    found = inquire(night.connections["alpen"].for_a_run(), night.workspace, night.store, night.property, START)
    assert "is not in Seam any more" in lines(found, "In Seam: the property")


def test_an_account_with_hundreds_of_locks_is_read_to_the_end_and_told_in_a_few_lines(night: Night) -> None:
    night.seam.add_account(night.property, "brivo")
    for number in range(700):
        device = night.seam.add_device(f"Lock {number:03}", customer_key=night.property)
        if number < 60:
            night.seam.add_trouble(device, error="device_offline")
    (one,) = [one for one in look_at_accounts(night.workspace, night.property).accounts if one.devices]
    assert (one.devices, len(one.troubles)) == (700, 60)
    found = inquire(night.connections["alpen"].for_a_run(), night.workspace, night.store, night.property, START)
    told = lines(found, "In Seam: the property")
    assert told.count("trouble") == 21
    assert "and 40 more" in told


def test_an_account_of_nobody_is_offered_and_one_of_somebody_never_taken(night: Night) -> None:
    settled(night)
    nobodys = night.seam.add_account(None, "brivo")
    others = night.seam.add_account("elsewhere", "brivo")
    unplaced = unplaced_accounts(night.workspace, {night.property})
    assert ([one.id for one in unplaced.offered], [one.id for one in unplaced.foreign]) == ([nobodys], [others])
    with pytest.raises(CannotAdopt, match="belongs to another customer already"):
        adopt_account(night.workspace, others, night.property)
    with pytest.raises(CannotAdopt, match="Seam has no account"):
        adopt_account(night.workspace, night.property, night.property)
    client = night.client("operator")
    page = client.get("/locks/accounts").text
    assert nobodys in page
    assert "elsewhere" in page
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answer = client.post(f"/locks/alpen/{night.property}/adopt", data={"csrf_token": token, "account_id": nobodys})
    assert answer.status_code == 302
    assert night.seam.accounts[nobodys]["customer_key"] == night.property
    assert "customer_key" in night.seam.accounts[others]
    assert night.seam.accounts[others]["customer_key"] == "elsewhere"
    assert "took up a lock account" in [entry.action for entry in night.people.audit_entries()]


# --- ids that kinds share ---------------------------------------------------------------------------------------------


def test_a_lease_a_unit_a_tenant_and_a_property_of_one_id_never_show_one_another(tmp_path: Path) -> None:
    house = Residence(tmp_path)
    tenant = house.tenant()
    lease = house.lease(tenant)
    assert lease == tenant == house.units[0] == house.rental
    house.sync(full=True)
    same = str(lease)
    links = Links(house.store).of_bookings(house.name, [same])
    kinds = {one.row.kind for one in History(house.store).of_booking(house.name, same, [link.key for link in links])}
    assert kinds == {"access_grant"}
    connection = RunConnection(house.name, house.connector, house.policy, house.keys)
    found = inquire(connection, house.workspace, house.store, same, house.clock.now())
    headings = [heading for heading, _ in found.sections]
    for what in ("a property", "a room", "a booking", "a tenant"):
        assert f"In the PMS: {what}" in headings
    for what, kind, others in (
        ("a booking", "access_grant", ("space", "user_identity")),
        ("a room", "space", ("access_grant", "user_identity")),
        ("a tenant", "user_identity", ("access_grant", "space")),
    ):
        assert kind in lines(found, f"Last outcomes: {what}")
        assert not any(f"create {other}" in lines(found, f"Last outcomes: {what}") for other in others)
    assert found.answer is not None


def lines(found: Findings, heading: str) -> str:
    return json.dumps([section for name, section in found.sections if name == heading])


# --- a new PIN --------------------------------------------------------------------------------------------------------


def test_a_move_over_locks_that_choose_their_own_pins_tells_of_the_new_pin_before_and_after(tmp_path: Path) -> None:
    world = World(tmp_path)
    for room in (0, 1):
        world.seam.add_entrance(
            f"Door {room}", world.rooms[room], customer_key=world.property, ways=Ways(draws_own_codes=True)
        )
    booking = world.book(0, arrival=START + timedelta(hours=3))
    world.sync(full=True)
    world.clock.pass_(minutes=5)
    world.hotel.assign(booking, world.rooms[1])
    told = [item.reason for item in world.sync(dry_run=True).items if item.action == "replace"]
    assert ["new PIN" in reason for reason in told] == [True]
    done = [item.reason for item in world.sync().items if item.action == "replace"]
    assert ["new PIN: the lock did not take the former PIN" in reason for reason in done] == [True]


def test_a_move_over_locks_that_take_her_pin_promises_no_new_one(tmp_path: Path) -> None:
    world = World(tmp_path)
    for room in (0, 1):
        world.seam.add_device(f"Lock {room}", world.rooms[room], customer_key=world.property)
    booking = world.book(0, arrival=START + timedelta(hours=3))
    world.sync(full=True)
    world.clock.pass_(minutes=5)
    world.hotel.assign(booking, world.rooms[1])
    assert not any("new PIN" in item.reason for item in world.sync().items)
