"""Connections of the database: made, shown, changed and taken over by commands; their secrets are shown by nothing."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from assembly import utc_now
from settings import load_settings
from settings.register import Register
from store.database import open_database
from store.engine import Database
from store.queue import Queue, TaskKind
from store.secrets import SecretKeys
from tests.office import KEY, WEBHOOK_TOKEN, Office, Service, opened_office, serving


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with opened_office(tmp_path, monkeypatch) as found:
        yield found


def test_a_connection_of_the_database_is_worked_with_as_one_of_the_file(office: Office) -> None:
    assert office.run("sync").exit_code == 2
    office.good("connections", "list")
    assert office.add("alpen").exit_code == 0
    assert "alpen  mews  hotel  in the database  active" in office.good("connections", "list")
    assert "Hotel 0" in office.good("check")
    office.good("sync")
    assert [grant["access_grant_key"].startswith("alpen/") for grant in office.seam.access_grants.values()] == [True]
    assert office.add("isar", 1).exit_code == 0
    office.good("sync", "--connection", "isar")
    assert len(office.seam.access_grants) == 2


def test_a_connection_of_the_database_leads_into_the_own_network_only_where_the_settings_file_says_so(
    office: Office,
) -> None:
    office.add("alpen")
    feed = {"feeds": {"Lake": office.servers[0].url}, "time_zone": "Europe/Vienna", "private_addresses": True}
    lake = yaml.safe_dump({"connector": "ical", "key_prefix": "lake/", "policy": "hotel", "ical": feed})
    office.good("connections", "add", "lake", "--from-file", "-", text=lake)
    assert "Hotel 0" in office.run("check").output
    office.allow_no_private_addresses()
    asked = len(office.hotels[0].requests)
    said = office.run("check")
    assert said.exit_code == 1
    assert said.output.count("leads into a private network") == 2
    assert office.run("sync", "--connection", "alpen").exit_code == 1
    assert len(office.hotels[0].requests) == asked


def test_a_connection_of_the_database_reads_and_writes_files_only_where_the_settings_file_says_so(
    office: Office, tmp_path: Path
) -> None:
    def added(folder: Path | str, memory: str | None = None) -> str:
        files = {"folder": str(folder), "time_zone": "Europe/Vienna"} | ({"memory": memory} if memory else {})
        block = {"connector": "files", "key_prefix": "lake/", "policy": "hotel", "files": files}
        text = yaml.safe_dump(block)
        return office.run("connections", "add", "lake", "--from-file", "-", text=text).output

    exports = tmp_path / "exports"
    (exports / "lake").mkdir(parents=True)
    (exports / "link").symlink_to(tmp_path)
    assert "files.folder: a connection in the database may name no path" in added(exports / "lake")
    office.set_in_file("folder_of_connections", "exports")
    for outside in ("/etc", "..", "lake/../../exports2", "link", tmp_path):
        assert "files.folder: it leads out of the folder" in added(outside), outside
    assert "files.memory: it leads out of the folder" in added("lake", "../config.yaml")
    assert "lake" in added("lake", "lake/seen.json")
    assert office.run("check").output.count("leads out") == 0


def test_what_is_wrong_is_said_in_the_words_of_the_settings_file(office: Office) -> None:
    block = yaml.safe_dump({"connector": "mews", "mews": {"base_url": "mews"}, "policy": "motel", "schedule": {}})
    said = office.run("connections", "add", "alpen", "--from-file", "-", text=block)
    assert said.exit_code == 2
    for sentence in (
        "connections.alpen.mews.base_url: should be an address",
        "connections.alpen.mews.client_token: is missing",
        "connections.alpen.policy: there is no policy motel",
        "connections.alpen.schedule: there is no such setting",
    ):
        assert sentence in said.output
    assert "a connection's name begins with a letter" in office.add("Alpen 1").output
    assert office.add("alpen", key_prefix="").exit_code == 0
    assert "connections.isar.key_prefix: 'isar/' and '' of connection alpen overlap" in office.add("isar", 1).output
    assert "There is a connection alpen already" in office.add("alpen").output


def test_settings_are_changed_one_by_one_and_taken_back(office: Office) -> None:
    office.add("alpen")
    office.good("connections", "set", "alpen", "schedules.full=2h", "policy=lease")
    shown = office.shown("alpen")
    assert (shown["settings"]["schedules"], shown["policy"], shown["version"]) == ({"full": "2h"}, "lease", 2)
    office.good("connections", "set", "alpen", "schedules.full=", "policy=")
    assert (office.shown("alpen")["policy"], office.shown("alpen")["settings"]["schedules"]) == ("hotel", {})
    wrong = office.run("connections", "set", "alpen", "schedules.full=2")
    assert wrong.exit_code == 2
    assert "connections.alpen.schedules.full: should be a duration" in wrong.output
    assert "carries it" in office.run("connections", "set", "alpen", "key_prefix=other/").output
    assert office.shown("alpen")["version"] == 3


def test_secrets_are_taken_from_nowhere_where_others_can_read_them(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.add("alpen")
    said = office.run("connections", "set", "alpen", "mews.access_token=access-9-0123456789")
    assert said.exit_code == 2
    assert "can be read by others" in said.output
    monkeypatch.setenv("NEW_TOKEN", "access-9-0123456789")
    office.good("connections", "set", "alpen", "mews.access_token=env:NEW_TOKEN")
    assert office.run("check").exit_code == 1
    office.good("connections", "rotate", "alpen", text=f"\n{office.hotels[0].access_token}\n\n")
    assert "Hotel 0" in office.good("check")


def test_no_credential_is_readable_in_the_database_its_dump_the_logs_or_what_is_shown(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    printed = office.add("alpen", webhook_token=WEBHOOK_TOKEN).output
    printed += office.add("isar", 1).output
    printed += office.good("sync")
    for command in (("list",), ("list", "--json"), ("show", "alpen"), ("show", "isar", "--json")):
        printed += office.good("connections", *command)
    printed += office.good("connections", "rotate", "alpen", text=f"{office.hotels[0].client_token}\n\n\n")
    assert "mews.access_token: set (not shown)" in printed
    kept = office.bytes_of_database()
    register = repr(vars(opened_register(office)))
    for secret in office.secrets:
        assert secret.encode() not in kept
        assert secret not in printed
        assert secret not in caplog.text
        assert secret not in register


def opened_register(office: Office) -> Register:
    settings = load_settings(office.config, {})
    register = Register(settings, Database(open_database(settings.database)), SecretKeys(KEY))
    register.refresh()
    return register


def test_a_key_that_is_missing_wrong_or_none_is_one_sentence(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTPORTER_SECRET_KEYS")
    said = office.add("alpen")
    assert (said.exit_code, said.output.count("\n")) == (2, 1)
    assert "NIGHTPORTER_SECRET_KEYS is not set" in said.output
    monkeypatch.setenv("NIGHTPORTER_SECRET_KEYS", KEY)
    assert office.add("alpen").exit_code == 0
    for wrong, sentence in (
        (Fernet.generate_key().decode(), "None of the keys in NIGHTPORTER_SECRET_KEYS fits"),
        ("", "NIGHTPORTER_SECRET_KEYS is not set"),
        ("no-key", "holds something that is no key"),
    ):
        monkeypatch.setenv("NIGHTPORTER_SECRET_KEYS", wrong)
        for command in (("sync",), ("connections", "list"), ("serve",)):
            said = office.run(*command)
            assert (said.exit_code, said.output.count("\n")) == (2, 1), command
            assert sentence in said.output


def test_keys_are_changed_without_a_gap(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.add("alpen")
    new = office.good("secrets", "key").strip()
    monkeypatch.setenv("NIGHTPORTER_SECRET_KEYS", f"{new},{KEY}")
    office.good("check")
    assert "1 row" in office.good("secrets", "rotate")
    monkeypatch.setenv("NIGHTPORTER_SECRET_KEYS", new)
    office.good("check")


def test_keys_cannot_be_changed_where_there_are_none(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NIGHTPORTER_SECRET_KEYS")
    said = office.run("secrets", "rotate")
    assert (said.exit_code, said.output.count("\n")) == (2, 1)
    assert "NIGHTPORTER_SECRET_KEYS is not set" in said.output


def test_connections_of_the_file_are_read_only_until_they_are_taken_over(office: Office) -> None:
    head = office.config.read_text()
    block = office.block(webhook_token=WEBHOOK_TOKEN, policy="house")
    document = {"connections": {"alpen": block}, "policies": {"house": {"check_in": "16:00", "horizon": "40d"}}}
    office.config.write_text(head + yaml.safe_dump(document))
    office.good("sync")
    assert "from the settings file" in office.good("connections", "list")
    before = office.shown("alpen")
    for command in (("set", "alpen", "policy=hotel"), ("rotate", "alpen")):
        said = office.run("connections", *command)
        assert said.exit_code == 2
        assert "stands in the settings file" in said.output
    said = office.good("connections", "import")
    assert "connections.alpen\n  policies.house" in said
    office.config.write_text(head)
    after = office.shown("alpen")
    assert (after["source"], after["settings"]["mews"], after["secrets"]) == (
        "database",
        before["settings"]["mews"],
        before["secrets"],
    )
    assert "check_in: '16:00'" in office.good("policies", "show", "house")
    office.good("sync", "--full")
    assert len(office.seam.access_grants) == 1


def test_a_policy_of_the_database_counts_for_those_that_name_it(office: Office) -> None:
    office.good("policies", "set", "house", "provision_ahead=12h", "max_revocations.count=3")
    office.add("alpen", policy="house")
    office.good("sync")
    assert not office.seam.access_grants
    assert "alpen" in office.good("policies", "list")
    office.good("policies", "set", "house", "provision_ahead=")
    office.good("sync", "--full")
    assert len(office.seam.access_grants) == 1
    said = office.run("policies", "set", "house", "horizon=3d")
    assert "policies.house.horizon: should be at least provision_ahead" in said.output


# --- while everything runs --------------------------------------------------------------------------------------------


@pytest.fixture
def service(office: Office) -> Iterator[Service]:
    with serving(office) as found:
        yield found


def test_a_connection_that_is_made_is_kept_in_step_without_a_restart(office: Office, service: Service) -> None:
    assert service.scheduler._led == frozenset()
    office.add("alpen")
    service.go_on()
    assert len(office.seam.access_grants) == 1
    office.add("isar", 1)
    before = service.scheduler._workers["alpen"]
    service.go_on()
    assert len(office.seam.access_grants) == 2
    assert service.scheduler._workers["alpen"] is before, "whoever was not changed goes on as before"
    office.good("connections", "set", "alpen", "schedules.full=3h")
    service.go_on()
    assert service.scheduler._workers["alpen"].jobs.connection.timetable.full == timedelta(hours=3)
    office.good("policies", "set", "house", "late=1h")
    office.good("connections", "set", "alpen", "policy=house")
    office.good("policies", "set", "house", "late=2h")
    service.go_on()
    assert service.scheduler._connections["alpen"].policy.late == timedelta(hours=2)
    assert service.parts.site.test_client().get("/healthz").status_code == 200


def test_of_two_processes_one_works_for_the_connections_of_the_database(office: Office, service: Service) -> None:
    office.add("alpen")
    service.go_on()
    other = Service(office)
    assert (service.scheduler._led, other.scheduler._led) == (frozenset({"alpen"}), frozenset())
    office.add("isar", 1)
    other.go_on()
    assert other.scheduler._led == frozenset()
    service.scheduler.stop(5)
    other.go_on()
    assert other.scheduler._led == {"alpen", "isar"}
    other.scheduler.stop(5)
    other.parts.close()


def test_a_paused_connection_rests_and_goes_on_when_it_is_resumed(office: Office, service: Service) -> None:
    office.add("alpen")
    office.good("connections", "pause", "alpen", "--reason", "pipes burst", "--until", "2d")
    service.go_on()
    assert not office.seam.access_grants
    assert service.runs("alpen") == []
    assert "paused, by command line, until" in office.good("connections", "list")
    office.good("connections", "resume", "alpen")
    service.go_on()
    assert len(office.seam.access_grants) == 1
    office.good("connections", "pause", "alpen")
    service.due("alpen")
    number = len(service.runs("alpen"))
    service.go_on()
    assert len(service.runs("alpen")) == number
    assert service.alerts() == []
    assert "this time is over" in office.run("connections", "pause", "alpen", "--until", "2020-01-01T00:00Z").output


def test_a_connection_that_watches_writes_nothing_and_shows_what_it_would_do(office: Office, service: Service) -> None:
    office.add("alpen", 0, "--watch")
    service.go_on()
    assert not office.seam.access_grants
    assert not office.seam.spaces
    assert service.runs("alpen") == ["plan"]
    assert "create" in office.good("report")
    office.good("connections", "resume", "alpen")
    service.due("alpen")
    service.go_on()
    assert len(office.seam.access_grants) == 1


def test_credentials_that_are_refused_are_told_once_tried_rarely_and_good_again_when_they_are_new(
    office: Office, service: Service
) -> None:
    office.add("alpen")
    service.go_on()
    good, office.hotels[0].access_token = office.hotels[0].access_token, "another-0123456789"
    service.due("alpen")
    service.go_on(steps=1)
    service.go_on()
    assert "credentials refused" in office.good("connections", "list")
    (alert,) = service.alerts()
    assert "put new ones in with `nightporter connections rotate alpen`" in alert
    number = len(service.runs("alpen"))
    for _ in range(3):
        service.go_on()
    assert len(service.runs("alpen")) <= number + 1
    (waits,) = Queue(service.parts.store).waiting("alpen", [TaskKind.INCREMENTAL])
    assert waits.not_before > utc_now() + timedelta(hours=5)
    office.good("connections", "rotate", "alpen", text="\nanother-0123456789\n\n")
    service.go_on()
    assert "active" in office.good("connections", "list")
    assert service.alerts() == []
    assert good != office.hotels[0].access_token
    assert len(office.seam.access_grants) == 1


def test_a_connection_that_is_removed_is_left_alone_and_may_come_back(office: Office, service: Service) -> None:
    office.add("alpen")
    service.go_on()
    office.good("connections", "remove", "alpen", "--yes")
    service.due("alpen")
    number = len(service.runs("alpen"))
    service.go_on()
    assert (service.scheduler._led, len(service.runs("alpen"))) == (frozenset(), number)
    assert len(office.seam.access_grants) == 1
    assert office.run("connections", "set", "alpen", "policy=hotel").exit_code == 1
    office.add("alpen")
    service.go_on()
    assert len(office.seam.access_grants) == 1


def test_a_connection_is_removed_with_all_its_access_where_somebody_asks_for_that(
    office: Office, service: Service
) -> None:
    office.add("alpen")
    office.add("isar", 1)
    service.go_on()
    assert len(office.seam.access_grants) == 2
    office.seam.faults.fail_before = 1.0
    said = office.good("connections", "remove", "alpen", "--take-access", "--yes")
    assert "takes its access in Seam away first" in said
    service.go_on()
    assert "leaving" in office.good("connections", "list")
    assert len(office.seam.access_grants) == 2
    assert "being taken away" in office.run("connections", "resume", "alpen").output
    office.seam.faults.fail_before = 0.0
    office.seam.tick()
    service.due("alpen")
    service.go_on()
    office.seam.tick()
    assert [grant["access_grant_key"][:5] for grant in office.seam.access_grants.values()] == ["isar/"]
    assert "alpen  mews  hotel  in the database  removed" in office.good("connections", "list")
    assert service.runs("alpen")[0] == "take_away"
    assert "the connection is removed by command line" in office.good("report")
    service.go_on()
    assert service.scheduler._led == {"isar"}
    assert service.alerts() == []


# --- policies: how a change would come out, and in waves --------------------------------------------------------------


def test_a_policy_change_is_previewed_by_property_and_changes_nothing(office: Office, service: Service) -> None:
    office.good("policies", "set", "house", "late=0s")
    for number, name in enumerate(("alpen", "isar")):
        office.add(name, number, policy="house")
    service.go_on()
    before = ends(office)
    said = office.good("policies", "preview", "house", "late=1h")
    assert "alpen, Hotel 0: 1 updated" in said
    assert "isar, Hotel 1: 1 updated" in said
    assert "Together, over 2 connections: 2 updated" in said
    assert ends(office) == before
    assert "no access would change" in office.good("policies", "preview", "house", "late=0s")
    assert "No connection uses hotel" in office.good("policies", "preview", "hotel", "late=1h")
    assert "policies.house.late: should be a duration" in office.run("policies", "preview", "house", "late=soon").output


def ends(office: Office) -> list[str]:
    """When the access of each hotel ends."""
    found = {one["access_grant_key"][:4]: one["ends_at"] for one in office.seam.access_grants.values()}
    return [found["alpe"], found["isar"]]


@pytest.fixture
def waves(office: Office, service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two connections of one policy; the service goes on while a command waits for it."""
    monkeypatch.setattr("settings.rollout.TAKEN_UP", timedelta(0))
    monkeypatch.setattr("cli.policies.time.sleep", lambda seconds: service.go_on())
    office.good("policies", "set", "house", "late=0s")
    for number, name in enumerate(("alpen", "isar")):
        office.add(name, number, policy="house")
    service.go_on()


@pytest.mark.usefixtures("waves")
def test_a_policy_is_changed_in_waves(office: Office, service: Service) -> None:
    before = ends(office)
    said = office.good("policies", "roll-out", "house", "late=1h", "--first", "isar")
    assert said.index("Wave 1 of 2: isar") < said.index("Wave 2 of 2: alpen")
    assert "1 grant made or changed, 0 revocations, 0 failures" in said
    assert all(now != then for now, then in zip(ends(office), before, strict=True))
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house", "house"]
    assert "late: 1h" in office.good("policies", "show", "house")


@pytest.mark.usefixtures("waves")
def test_what_goes_wrong_in_a_wave_stops_it_and_may_be_taken_back(office: Office, service: Service) -> None:
    hotel = office.hotels[0]
    hotel.cancel(next(iter(hotel.reservations)))
    said = office.run("policies", "roll-out", "house", "late=1h", "--max-revocations", "0")
    assert said.exit_code == 1
    assert "Stopped: revocations in this wave: 1, and at most 0 are allowed" in said.output
    assert "Wave 2" not in said.output
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house-next", "house"]
    assert "alpen has the former rules again" in office.good("policies", "take-back", "house")
    assert [office.shown(name)["policy"] for name in ("alpen", "isar")] == ["house", "house"]


@pytest.mark.usefixtures("waves")
def test_a_rollout_that_was_cut_off_goes_on_with_those_that_are_left(office: Office, service: Service) -> None:
    office.hotels[0].access_token, good = "another-0123456789", office.hotels[0].access_token
    said = office.run("policies", "roll-out", "house", "late=1h")
    assert "Stopped: failures in this wave: 1, and at most 0 are allowed" in said.output
    office.hotels[0].access_token = good
    said = office.good("policies", "roll-out", "house", "late=1h")
    assert "Wave 1 of 1: isar" in said
    assert office.shown("alpen")["policy"] == "house"
