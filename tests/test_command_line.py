"""The commands, over real HTTP: what they print, what they write, and with which code they end."""

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
import pytest
from click import Context
from click.testing import CliRunner, Result

from app import cli, create_app
from cli.demo import environment_of
from connectors.session import Access
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from store.database import open_database
from store.engine import Database
from store.secrets import VARIABLE, SecretKeys
from store.turns import take
from tests.databases import database_at
from tests.every_day import first_of

ROOT = Path(__file__).parent.parent


@dataclass
class Desk:
    """A configured Night Porter between two servers."""

    hotel: MewsHotel
    seam: SeamWorkspace
    config: Path
    category: str
    rooms: list[str]

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(self.config), *arguments], catch_exceptions=False)

    def book(self, room: int = 0, days: int = 1) -> str:
        """Of one night, in so many days."""
        now = datetime.now(UTC)
        guest = self.hotel.add_customer("Jana", "Novak", f"g{len(self.hotel.customers)}@example.com", None)
        return self.hotel.book(
            guest,
            self.category,
            now + timedelta(days=days),
            now + timedelta(days=days + 1),
            self.rooms[room % len(self.rooms)],
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hotel = MewsHotel()
    seam = SeamWorkspace(delete_delay=timedelta(0))
    of = hotel.add_property()
    category = hotel.add_category(hotel.add_service(of))
    rooms = [hotel.add_room(of, name, category) for name in ("101", "102")]
    with serve(hotel) as mews_server, serve(seam) as seam_server:
        config = tmp_path / "config.yaml"
        config.write_text(
            f"""
database: {database_at(tmp_path / "night.db")}
seam: {{api_key: {seam.api_key}, endpoint: "{seam_server.url}"}}
connections:
  alpen:
    connector: mews
    mews: {{base_url: "{mews_server.url}", client_token: {hotel.client_token}, access_token: {hotel.access_token}}}
policies: {{hotel: {{replace_wait: 1s}}}}
"""
        )
        yield Desk(hotel, seam, config, category, rooms)


def test_sync_ends_with_a_table_and_code_0(desk: Desk) -> None:
    desk.book()
    result = desk.run("sync")
    assert result.exit_code == 0
    assert "Access grants" in result.stdout
    assert "All right." in result.stdout


def test_the_json_report_has_the_documented_shape(desk: Desk, tmp_path: Path) -> None:
    booking = desk.book()
    target = tmp_path / "report.json"
    assert desk.run("sync", "--full", "--json", str(target)).exit_code == 0
    document = json.loads(target.read_text())
    assert set(document) == {"run_id", "connection", "mode", "started_at", "finished_at", "exit", "totals", "items"}
    assert (document["connection"], document["mode"], document["exit"]) == ("alpen", "full", 0)
    assert document["totals"]["access_grant"] == {"created": 1}
    (item,) = [one for one in document["items"] if one["kind"] == "access_grant"]
    assert set(item) == {"kind", "key", "action", "outcome", "reason", "error"}
    assert (item["key"], item["action"], item["outcome"], item["error"]) == (booking, "create", "done", None)
    stored = json.loads(desk.run("report", "--format", "json").stdout)
    assert stored == document
    assert json.loads(desk.run("sync", "--json", "-").stdout)["exit"] == 0


def test_a_report_that_cannot_be_written_is_told_before_anything_is_done(desk: Desk, tmp_path: Path) -> None:
    desk.book()
    refused = desk.run("sync", "--full", "--json", str(tmp_path / "missing/report.json"))
    assert refused.exit_code == 2
    assert "nothing was done" in refused.stderr
    assert desk.seam.calls.total() == 0


def test_report_shows_the_latest_run_or_a_named_one_as_text_and_csv(desk: Desk) -> None:
    assert "No run is stored yet" in desk.run("report").stderr
    booking = desk.book()
    desk.run("sync")
    rows = list(csv.DictReader(io.StringIO(desk.run("report", "--format", "csv").stdout)))
    assert booking in {row["key"] for row in rows}
    assert "new access from" in desk.run("report").stdout
    assert desk.run("report", "nonsense").exit_code == 1


def test_plan_says_why_and_changes_nothing(desk: Desk) -> None:
    booking = desk.book()
    desk.run("sync")
    desk.hotel.assign(booking, desk.rooms[1])
    before = desk.seam.writes
    result = desk.run("plan")
    assert "room changed: 101 -> 102" in result.stdout
    assert "nothing was changed" in result.stdout
    assert desk.seam.writes == before
    assert result.exit_code == 0


def test_lookup_finds_a_booking_everywhere(desk: Desk) -> None:
    booking = desk.book()
    desk.run("sync")
    found = desk.run("lookup", booking)
    assert found.exit_code == 0
    for words in (
        "In the PMS: a booking",
        "In Seam: a booking",
        "Access grant",
        "Last outcomes: a booking",
        "create access_grant: done",
    ):
        assert words in found.stdout, words
    assert "Novak" not in found.stdout
    assert desk.run("lookup", desk.rooms[0]).exit_code == 0
    assert desk.run("lookup", desk.hotel.reservations[booking]["AccountId"]).exit_code == 0
    assert desk.run("lookup", "00000000-0000-4000-8000-000000000001").exit_code == 1
    assert desk.run("lookup", "nonsense").exit_code == 1


def test_a_mass_cancellation_ends_with_code_3_and_approve_carries_it_out(desk: Desk) -> None:
    bookings = [desk.book(room) for room in range(12)]
    desk.run("sync")
    for booking in bookings:
        desk.hotel.cancel(booking)
    held = desk.run("sync", "--full")
    assert held.exit_code == 3
    assert "nightporter approve" in held.stdout
    run_id = json.loads(desk.run("report", "--format", "json").stdout)["run_id"]
    assert desk.run("approve", run_id).exit_code == 0
    assert desk.seam.live_grants() == []
    again = desk.run("approve", run_id)
    assert (again.exit_code, "holds nothing" in again.stderr) == (0, True)
    assert desk.run("approve", "nonsense").exit_code == 1


def test_check_tries_everything_for_real(desk: Desk) -> None:
    good = desk.run("check")
    assert good.exit_code == 0
    assert good.stdout.count("ok") >= 4
    desk.hotel.faults.refuse_tokens = True
    desk.seam.api_key = "seam_other"
    bad = desk.run("check")
    assert bad.exit_code == 1
    assert "refuses the tokens" in bad.stdout
    assert "refuses the API key" in bad.stdout


def test_refused_tokens_end_with_code_1_and_a_sentence(desk: Desk) -> None:
    desk.hotel.faults.refuse_tokens = True
    result = desk.run("sync")
    assert result.exit_code == 1
    assert "refuses the tokens" in result.stdout
    assert "Traceback" not in result.output
    assert desk.hotel.access_token not in result.output


def test_a_refused_seam_key_ends_with_code_1_and_a_sentence(desk: Desk) -> None:
    desk.book()
    desk.seam.api_key = "seam_other"
    result = desk.run("sync")
    assert result.exit_code == 1
    assert "refuses the API key" in result.stdout


def test_wrong_settings_end_with_code_2_and_the_path_of_the_setting(tmp_path: Path) -> None:
    config = tmp_path / "bad.yaml"
    config.write_text(
        "seam: {api_key: env:NOT_SET}\nconnections: {alpen: {connector: mews, mews: {base_url: nonsense}}}\n"
    )
    result = CliRunner().invoke(cli, ["--config", str(config), "sync"])
    assert result.exit_code == 2
    assert "connections.alpen.mews.base_url: " in result.stderr
    assert "seam.api_key: the environment variable NOT_SET is not set" in result.stderr
    assert CliRunner().invoke(cli, ["sync"]).exit_code == 2
    assert "base_url" in CliRunner().invoke(cli, ["sync", "--config", str(config)]).stderr
    assert "base_url" in CliRunner(env={"NIGHTPORTER_CONFIG": str(config)}).invoke(cli, ["check"]).stderr
    assert CliRunner().invoke(cli, ["--config", str(tmp_path / "none.yaml"), "sync"]).exit_code == 2


def test_an_unknown_connection_or_property_is_a_sentence(desk: Desk) -> None:
    assert desk.run("sync", "--connection", "nonsense").exit_code == 2
    result = desk.run("sync", "--property", "nonsense")
    assert result.exit_code == 1
    assert "no such property" in result.stdout


def test_an_unusable_database_is_a_sentence_without_its_password(desk: Desk) -> None:
    text = desk.config.read_text()
    first = text.splitlines()[1]
    desk.config.write_text(text.replace(first, "database: postgresql://porter:s3cret@127.0.0.1:1/night"))
    result = desk.run("sync")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr
    assert "s3cret" not in result.output


def wait_for_writes(desk: Desk, number: int) -> None:
    """Until a run in a process of its own has written so often; the server that it writes to needs this process too."""
    deadline = time.monotonic() + 20
    while desk.seam.writes < number and time.monotonic() < deadline:
        time.sleep(0.002)


# Every day a run is killed within this process (tests/test_stays.py), and a service as a process (tests/test_serve.py).
@pytest.mark.slow
def test_a_run_that_is_killed_is_finished_by_the_next_one(desk: Desk) -> None:
    bookings = [desk.book(room) for room in range(30)]
    desk.seam.faults.latency = 0.02
    command = [sys.executable, "app.py", "--config", str(desk.config), "sync"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for_writes(desk, 20)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert 0 < len(desk.seam.live_grants()) < 30 or desk.seam.writes < 62
    desk.seam.faults.latency = 0
    assert desk.run("sync").exit_code == 0
    assert sorted(grant["access_grant_key"] for grant in desk.seam.live_grants()) == sorted(bookings)
    before = desk.seam.writes
    assert desk.run("sync", "--full").exit_code == 0
    assert desk.seam.writes == before


# Every day turns are taken by two within this process: tests/store/test_turns.py.
@pytest.mark.slow
def test_two_at_once_do_everything_once(desk: Desk) -> None:
    bookings = [desk.book(room) for room in range(8)]
    command = [sys.executable, "app.py", "--config", str(desk.config), "sync", "--full"]
    processes = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert sorted(grant["access_grant_key"] for grant in desk.seam.live_grants()) == sorted(bookings)


def test_a_database_that_vanishes_under_a_run_is_a_sentence(desk: Desk, tmp_path: Path) -> None:
    desk.run("sync")
    (tmp_path / "night.db").write_bytes(b"this is no database" * 100)
    result = desk.run("report")
    assert result.exit_code == 1
    assert "cannot be used" in result.stderr


def test_ctrl_c_ends_a_run_with_a_sentence_and_the_next_one_goes_on(desk: Desk) -> None:
    bookings = [desk.book(room) for room in range(40)]
    desk.seam.faults.latency = 0.1
    command = [sys.executable, "app.py", "--config", str(desk.config), "sync"]
    # Whoever starts the tests in the background of a shell has them ignore Ctrl-C, and with them what they start.
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    wait_for_writes(desk, 20)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "The next run goes on" in said
    assert "Traceback" not in said
    assert desk.seam.writes < 82
    desk.seam.faults.latency = 0
    assert desk.run("sync").exit_code == 0
    assert len(desk.seam.live_grants()) == len(bookings)


def test_healthz_answers() -> None:
    answer = create_app().test_client().get("/healthz")
    assert (answer.status_code, answer.get_json()) == (200, {"status": "ok"})


def property_of(desk: Desk) -> str:
    return next(iter(desk.hotel.enterprises))


def test_connect_prints_the_page_and_says_what_came_of_it(desk: Desk) -> None:
    of = property_of(desk)
    waiting = desk.run("connect", of, "--provider", "ttlock", "--wait", "0")
    (webview,) = desk.seam.webviews.values()
    assert (webview["customer_key"], webview["accepted_providers"]) == (of, ["ttlock"])
    assert webview["url"] in waiting.stdout
    assert "The page stays good" in waiting.stderr
    assert desk.run("accounts", of).exit_code == 1

    handle = desk.seam.handle

    def signing_in(method: str, path: str, *rest: object) -> object:
        if path == "/connect_webviews/get":
            for one, page in desk.seam.webviews.items():
                if page["status"] == "pending":
                    desk.seam.authorize_webview(one, "ttlock")
                    desk.seam.add_device("Room 101", customer_key=of)
        return handle(method, path, *rest)  # type: ignore[arg-type]

    desk.seam.handle = signing_in  # type: ignore[method-assign,assignment]
    connected = desk.run("connect", of, "--wait", "30")
    assert connected.exit_code == 0
    assert "TTLock" in connected.stdout
    assert f"nightporter doors {of}" in connected.stdout
    well = desk.run("accounts")
    assert (well.exit_code, "connected" in well.stdout) == (0, True)
    desk.seam.disconnect_account(of)
    ill = desk.run("accounts", of)
    assert ill.exit_code == 1
    assert "does not work (account disconnected): connect it again" in ill.stdout
    known = desk.run("lookup", of).stdout
    for words in ("webview", "does not work (account_disconnected)", "2 devices, 0 entrances"):
        assert words in known


def test_encoders_are_listed_by_property_and_one_that_was_removed_is_told(desk: Desk) -> None:
    of = property_of(desk)
    desk.seam.add_account(of, "visionline")
    front, back = desk.seam.add_encoder("Front desk", of), desk.seam.add_encoder("Back office", of)
    listed = desk.run("encoders", "--json", "-")
    assert listed.exit_code == 0
    named = [(one["name"], one["encoder_id"], one["property_id"]) for one in json.loads(listed.stdout)]
    assert named == [("Back office", back, of), ("Front desk", front, of)]
    desk.seam.remove_encoder(back)
    told = desk.run("encoders", of)
    assert (told.exit_code, "2 encoders" in told.stdout, "was removed from the lock system" in told.stdout) == (
        3,
        True,
        True,
    )


def test_commands_about_locks_wait_for_nobody_and_say_who_is_at_it(desk: Desk) -> None:
    desk.run("sync")
    of, account = property_of(desk), desk.seam.add_account(None, "ttlock")
    store = Database(open_database(f"sqlite:///{desk.config.parent}/night.db"))
    turn = take(store, "desk alpen")
    before = desk.seam.writes
    for command in (
        ("connect", of, "--wait", "0"),
        ("accounts", of),
        ("accounts", "adopt", account, of),
        ("doors", of, "--apply"),
    ):
        result = desk.run(*command)
        assert result.exit_code == 1, command
        assert "alpen: somebody else is working on its locks" in result.stderr, command
    assert desk.seam.writes == before
    turn.release()
    store.close()
    assert desk.run("accounts", "adopt", account, of).exit_code == 0


def test_an_account_of_nobody_is_adopted_by_name_and_one_of_somebody_is_not(desk: Desk) -> None:
    of = property_of(desk)
    nobodys, others = desk.seam.add_account(None, "ttlock"), desk.seam.add_account("elsewhere", "brivo")
    shown = desk.run("accounts")
    assert f"nightporter accounts adopt {nobodys} PROPERTY" in shown.stdout
    assert "customer_key elsewhere" in shown.stdout
    taken = desk.run("accounts", "adopt", nobodys, of)
    assert taken.exit_code == 0
    assert desk.seam.accounts[nobodys]["customer_key"] == of
    refused = desk.run("accounts", "adopt", others, of)
    assert (refused.exit_code, "belongs to another customer already" in refused.stderr) == (1, True)
    assert desk.seam.accounts[others]["customer_key"] == "elsewhere"
    assert desk.run("accounts", "--help").exit_code == 0


def test_lookup_does_not_say_that_seam_has_nothing_where_seam_could_not_be_asked(desk: Desk) -> None:
    assert "no resource has the key 404" in desk.run("lookup", "404").stdout
    desk.seam.api_key = "seam_other"
    told = desk.run("lookup", "404").stdout
    assert "could not be asked" in told
    assert "no resource has the key" not in told


def test_lookup_as_json_says_whether_the_door_opens(desk: Desk) -> None:
    booking = desk.book()
    desk.run("sync")
    found = json.loads(desk.run("lookup", booking, "--json").stdout)
    assert (found["verdict"], found["cause"]) == ("shut", "no_door")
    assert "Does not open" in found["sentence"]
    assert "no lock in Seam" in found["sentence"]
    assert found["connections"][0]["sections"]
    nothing = desk.run("lookup", "no-such-key", "--json")
    assert (nothing.exit_code, json.loads(nothing.stdout)["verdict"]) == (1, None)


def test_doors_proposes_and_applies_what_is_sure(desk: Desk) -> None:
    of = property_of(desk)
    for name in ("Room 101", "102 - Main door", "Staff"):
        desk.seam.add_device(name, customer_key=of)
    desk.run("sync", "--full")
    before = desk.seam.writes
    proposed = desk.run("doors", of)
    assert (proposed.exit_code, desk.seam.writes) == (3, before)
    assert "2 sure" in proposed.stdout
    assert "2 rooms have no lock" in proposed.stdout
    applied = desk.run("doors", of, "--apply")
    assert applied.exit_code == 0, applied.stdout
    assert "2 locks were placed by their names" in applied.stdout
    assert [len(door["space_ids"]) for door in desk.seam.devices.values()] == [1, 1, 0]
    before = desk.seam.writes
    again = desk.run("doors", of, "--apply")
    assert (again.exit_code, desk.seam.writes) == (0, before)
    placed = desk.run("doors", of, "--place", "Staff=101", "--place", "Staff=102")
    assert placed.exit_code == 0
    assert len(next(door for door in desk.seam.devices.values() if door["display_name"] == "Staff")["space_ids"]) == 2
    wrong = desk.run("doors", of, "--place", "Staff=999")
    assert (wrong.exit_code, "--place Staff=999: there is no room '999'." in wrong.stderr) == (1, True)


def test_doors_go_out_and_in_as_a_file(desk: Desk, tmp_path: Path) -> None:
    of = property_of(desk)
    for name in ("Room 101", "Kitchen"):
        desk.seam.add_device(name, customer_key=of)
    desk.run("sync", "--full")
    file = tmp_path / "doors.csv"
    assert desk.run("doors", of, "--csv", str(file)).exit_code == 3
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [(row["room"], row["door"], row["state"]) for row in rows] == [
        ("", "Kitchen", "nothing fits"),
        ("101", "Room 101", "sure"),
        ("102", "", "no door"),
    ]
    file.write_text("room,door\n102,Kitchen\n101,Room 101\n")
    assert desk.run("doors", of, "--from-csv", str(file)).exit_code == 0
    assert all(door["space_ids"] for door in desk.seam.devices.values())
    assert "there is no property nowhere" in desk.run("doors", "nowhere").stderr.lower()


def test_where_nobody_and_no_token_is_there_yet_the_lists_say_how_one_is_made(desk: Desk) -> None:
    users, tokens = desk.run("user", "list"), desk.run("token", "list")
    assert "There are no users: `nightporter user add" in users.stdout
    assert "There are no tokens: `nightporter token add" in tokens.stdout
    assert (users.exit_code, tokens.exit_code) == (0, 0)
    desk.run("token", "add", "panel", "--role", "viewer")
    assert desk.run("token", "list").stdout.splitlines() == ["panel  viewer  never used"]


def test_what_is_told_of_an_unknown_property_shows_where_its_id_stands(desk: Desk) -> None:
    refused = desk.run("plan", "--full", "--property", "nope", "--json", "-")
    assert "`nightporter accounts` shows the properties and their ids" in refused.stdout
    (of,) = desk.hotel.enterprises
    assert of in desk.run("accounts").stdout


def test_an_empty_key_is_looked_up_nowhere(desk: Desk) -> None:
    asked = desk.seam.calls.total()
    refused = desk.run("lookup", " ")
    assert (refused.exit_code, desk.seam.calls.total()) == (2, asked)
    assert "The key is empty" in refused.stderr


def test_a_booking_is_looked_up_by_its_number_too(desk: Desk) -> None:
    booking = desk.book()
    assert desk.run("sync").exit_code == 0
    number = desk.hotel.reservations[booking]["Number"]
    found = desk.run("lookup", number)
    assert found.exit_code == 0
    assert f"{number} is the number of this booking:" in found.output
    assert f"{booking} in connection alpen" in found.output
    assert "the PMS knows no" not in found.output
    assert json.loads(desk.run("lookup", number, "--json").output)["found"] is True
    assert desk.run("lookup", "no-such-number").exit_code == 1


def test_a_booking_is_looked_up_by_its_room_and_by_initials_as_on_the_pages(desk: Desk) -> None:
    booking, other = desk.book(), desk.book(days=40)
    assert desk.run("sync").exit_code == 0
    for words in ("101", "J.N."):
        found = desk.run("lookup", words)
        assert found.exit_code == 0, found.output
        assert f"{words} fits this booking:" in found.output
        assert f"{booking} in connection alpen" in found.output
        assert "It fits these bookings as well" in found.output
        assert f"  {other}  " in found.output
    told = json.loads(desk.run("lookup", "101", "--json").stdout)
    assert (told["found"], [one["booking"] for one in told["others"]]) == (True, [other])
    assert told["verdict"] is not None


def test_of_the_connections_that_do_not_know_a_key_a_line_is_enough(desk: Desk) -> None:
    text = desk.config.read_text().replace("connector: mews", "connector: mews\n    key_prefix: a_", 1)
    other = re.search(r"alpen:\n((?:    .*\n)+)", text)
    assert other is not None
    desk.config.write_text(text.replace(other[0], other[0] + "  baltic:\n" + other[1].replace("a_", "b_", 1)))
    booking = desk.book()
    assert desk.run("sync", "--connection", "alpen").exit_code == 0
    number = desk.hotel.reservations[booking]["Number"]
    found = desk.run("lookup", number)
    assert found.exit_code == 0
    assert found.output.rstrip().endswith("Nothing is known of it in connection baltic.")
    assert "no link is stored" not in found.output


def test_of_many_connections_only_those_are_asked_that_know_the_key(desk: Desk) -> None:
    text = desk.config.read_text()
    one = re.search(r"  alpen:\n((?:    .*\n)+)", text)
    assert one is not None
    many = "".join(f"  h{n:02}:\n    key_prefix: h{n:02}/\n{one[1]}" for n in range(15))
    desk.config.write_text(text.replace(one[0], many))
    booking = desk.book()
    assert desk.run("sync", "--connection", "h07").exit_code == 0
    number = desk.hotel.reservations[booking]["Number"]
    for key in (number, f"h07/{desk.rooms[0]}"):
        _, calls = _told(desk, "lookup", key, "--connection", "h07")
        found, calls_of_all = _told(desk, "lookup", key)
        assert calls_of_all == calls, "no other PMS, and no more of Seam"
        assert "in connection h07" in found
        assert found.endswith("14 other connections were not asked: to ask one, name it by --connection.\n")
    nothing, calls = _told(desk, "lookup", "no-such-key", "--json")
    assert calls.total() == 0
    assert (json.loads(nothing)["found"], json.loads(nothing)["not_asked"]) == (False, 15)


def _told(desk: Desk, *arguments: str) -> tuple[str, Counter[str]]:
    """What a command says, and what it asks the PMS and Seam."""
    before = desk.hotel.calls + desk.seam.calls
    return desk.run(*arguments).stdout, desk.hotel.calls + desk.seam.calls - before


@first_of(1, "key", ["not-a-key", "seam_other"])
def test_check_says_of_a_wrong_seam_key_what_to_do(desk: Desk, key: str) -> None:
    desk.config.write_text(desk.config.read_text().replace(desk.seam.api_key, key))
    tried = desk.run("check")
    assert tried.exit_code == 1
    assert "failed seam: " in tried.stdout
    assert "from the Seam Console" in tried.stdout
    assert key not in tried.output


@pytest.fixture
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the attempts to reach a PMS nobody waits."""
    monkeypatch.setattr("assembly.Access", lambda **rest: Access(**{**rest, "sleep": lambda seconds: None}))


@pytest.mark.usefixtures("no_pauses")
def test_a_check_says_each_name_once_and_names_the_host_that_cannot_be_reached(desk: Desk) -> None:
    text = desk.config.read_text()
    desk.config.write_text(re.sub(r'base_url: "[^"]*"', 'base_url: "http://127.0.0.1:9"', text))
    tried = desk.run("check")
    assert tried.exit_code == 1
    assert "failed alpen: the PMS cannot be reached at 127.0.0.1:9" in tried.output
    assert "alpen: alpen" not in tried.output


@pytest.mark.usefixtures("no_pauses")
def test_a_sync_that_cannot_read_the_pms_does_not_speak_of_changes(desk: Desk) -> None:
    desk.hotel.faults.down = True
    failed = desk.run("sync", "--full")
    assert failed.exit_code == 1
    assert "0 changes" not in failed.output


@first_of(1, "placed", ["Lock 101", "=101", "Lock 101="])
def test_a_lock_is_placed_only_where_lock_and_room_are_both_named(desk: Desk, placed: str) -> None:
    refused = desk.run("doors", "any", "--place", placed)
    assert refused.exit_code == 2
    assert "write LOCK=ROOM" in refused.output


def test_a_password_is_read_from_standard_input_where_there_is_no_terminal(desk: Desk) -> None:
    def add(name: str, typed: str) -> Result:
        return CliRunner().invoke(
            cli, ["--config", str(desk.config), "user", "add", name, "--role", "admin"], input=typed
        )

    assert add("ana", "correct horse battery\n").exit_code == 0
    nothing = add("ben", "")
    assert nothing.exit_code == 1
    assert nothing.output == (
        "There is no password: type it at a terminal, or send it as the first line of standard input.\n"
    )


def test_a_relative_database_lies_beside_the_settings_file(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.config.write_text(re.sub(r"sqlite:///\S*", "sqlite:///kept.db", desk.config.read_text()))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    desk.run("token", "list")
    assert (tmp_path / "kept.db").exists()
    assert not (elsewhere / "kept.db").exists()


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize(
    "command",
    [(), ("sync",), ("doors",), ("lookup",), ("accounts",), ("accounts", "adopt"), ("user",), ("user", "add")],
)
def test_help_is_as_wide_as_the_terminal_and_not_cut(command: tuple[str, ...], width: int) -> None:
    told = CliRunner().invoke(cli, [*command, "--help"], terminal_width=width).output
    assert max(map(len, told.splitlines())) <= width
    assert "..." not in told.replace("[ARGS]...", "")


def test_no_help_of_any_command_is_wider_than_eighty_letters() -> None:
    def helps(command: click.Command, context: click.Context) -> Iterator[str]:
        yield command.get_help(context)
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                assert below is not None
                yield from helps(below, click.Context(below, context, name, terminal_width=80, max_content_width=80))

    of_all = list(helps(cli, click.Context(cli, info_name="nightporter", terminal_width=80, max_content_width=80)))
    assert len(of_all) > 50
    assert [line for told in of_all for line in told.splitlines() if len(line) > 80] == []


def test_the_demo_has_a_key_for_what_is_encrypted_in_its_database_and_keeps_one_that_is_set() -> None:
    drawn = environment_of({"PATH": "/bin"}, Path("config.yaml"))
    assert (drawn["PATH"], drawn["NIGHTPORTER_CONFIG"]) == ("/bin", "config.yaml")
    assert SecretKeys.of(drawn).decrypt(SecretKeys.of(drawn).encrypt({"a": 1})) == {"a": 1}
    kept = environment_of({VARIABLE: drawn[VARIABLE]}, Path("config.yaml"))
    assert kept[VARIABLE] == drawn[VARIABLE]


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="only Linux tells the processor time of a process here"
)
def test_ctrl_c_ends_the_demo_says_what_it_waits_for_and_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "app.py", "demo", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stdout is not None
    for line in process.stdout:
        if "Ctrl-C ends it" in line:
            break
    before = _ticks(process.pid)
    process.send_signal(signal.SIGINT)
    said = process.stdout.read()
    # It has ended, and nobody has asked yet how: what it took can still be read.
    took = (_ticks(process.pid) - before) / os.sysconf("SC_CLK_TCK")
    process.stdout.close()
    assert process.wait(20) == 0
    assert "Waiting for the service to end" in said
    assert "The night is over" in said
    assert list(tmp_path.iterdir()) == []
    assert took < 0.5


def _ticks(pid: int) -> int:
    """User and system time of a process."""
    return sum(map(int, Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]))


def test_a_connection_is_not_asked_for_the_bookings_and_the_property_of_another(desk: Desk) -> None:
    exports = desk.config.parent / "exports"
    exports.mkdir()
    (exports / "rooms.csv").write_text("room_id\nGarden\n#count,1\n")
    (exports / "bookings.csv").write_text("booking_id,room_id,arrival,departure,name\n#count,0\n")
    text = desk.config.read_text()
    linden = (
        "  linden:\n    connector: files\n    key_prefix: linden/\n    files: {folder: EXPORTS, property_id: linden,"
        " property_name: Linden House, time_zone: Europe/Vienna, country: AT, check_in: '15:00', check_out: '11:00'}\n"
    )
    desk.config.write_text(
        text.replace("    connector: mews\n", "    connector: mews\n    key_prefix: alpen/\n").replace(
            "policies:", linden.replace("EXPORTS", str(exports)) + "policies:"
        )
    )
    booking, new = desk.book(), "nobody-has-this"
    assert desk.run("sync", "--full").exit_code == 0
    assert desk.run("sync", "--property", "linden").exit_code == 0
    of_one = json.loads(desk.run("sync", "--booking", booking, "--json", "-").stdout)
    assert (of_one["connection"], of_one["exit"]) == ("alpen", 0)
    both = json.loads(desk.run("plan", "--booking", booking, "--booking", new, "--json", "-").stdout)
    assert [one["connection"] for one in both] == ["alpen", "linden"]
    assert not any(booking in item["key"] for item in both[1]["items"])


def test_who_is_looked_up_by_name_is_told_that_names_are_not_kept(desk: Desk) -> None:
    desk.book()
    desk.run("sync", "--full")
    told = desk.run("lookup", "Novak")
    assert told.exit_code == 1
    assert "by initials" in told.stdout
    assert "by initials" not in desk.run("lookup", "J.N.").stdout


def test_the_readme_has_every_command_in_its_table() -> None:
    readme = (Path(__file__).parent.parent / "README.md").read_text()
    commands = cli.list_commands(Context(cli))
    assert commands
    assert [one for one in commands if f"\n| `nightporter {one}" not in readme] == []
