"""What the pages say, and what they never say."""

import csv
import io
import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from mappers.policy import MaxRevocations, Policy
from store.alerts import Cause
from store.holds import Holds
from store.memberships import Membership, Memberships
from store.people import Role
from store.properties import KnownProperty, Properties
from store.runs import Runs
from store.stays import Stays
from tests.night import HOOK, PASSWORD, Night, csrf_of
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(tmp_path, Policy(max_revocations=MaxRevocations(1, 1)))
    made.equip(0)
    made.equip(1)
    return made


def text_of(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def test_now_says_who_arrives_and_what_they_will_find(night: Night) -> None:
    works = night.book(0, arrival=START + timedelta(hours=3))
    night.book(1, arrival=START + timedelta(hours=4))
    night.book(2, arrival=START + timedelta(hours=5))
    night.book(None, arrival=START + timedelta(hours=2))
    night.book(0, arrival=START + timedelta(days=1, hours=3), departure=START + timedelta(days=3))
    night.listen()
    night.do("full")
    night.clock.pass_(seconds=10)
    night.settle()
    second = night.hotel.reservations[works]["Number"]
    page = text_of(night.client("viewer").get("/").text)
    assert f"15:00 J.N. 101 {second} Opens from 15:00" in page
    assert "no lock in Seam" in page
    assert "waiting for a room" in page
    assert "4 arrive today" in page
    assert "Arriving tomorrow 1" in page
    # In order of arrival: the guest without a room comes first.
    assert page.index("waiting for a room") < page.index("no lock in Seam")
    assert "Europe/Vienna" in page


def test_when_everything_is_in_step_it_says_so(night: Night) -> None:
    night.book(0, arrival=START + timedelta(hours=3))
    night.listen()
    night.do("full")
    night.clock.pass_(seconds=10)
    night.settle()
    assert "Everything is in step" in night.client("viewer").get("/").text


def test_before_the_first_run_has_ended_nothing_is_said_to_be_in_step(night: Night) -> None:
    client = night.client("viewer")
    Runs(night.store).begin("first", "alpen", "full", night.clock.now())
    page = text_of(client.get("/").text)
    assert "The first run has not ended" in page
    assert "Everything is in step" not in page
    assert client.get("/api/now").json["in_step"] is False


def test_while_the_first_run_goes_on_nobody_is_said_to_arrive_or_not(night: Night) -> None:
    night.book(0, arrival=START + timedelta(hours=3))
    night.sync(doors=True)
    Runs(night.store).begin("first", "alpen", "full", night.clock.now())
    page = text_of(night.client("viewer").get("/").text)
    assert "1 room has no lock" in page
    assert "Nobody" not in page
    assert page.count("Not known before the first run has ended") == 2
    night.do("full")
    page = text_of(night.client("viewer").get("/").text)
    assert "Not known" not in page
    assert "Arriving tomorrow 0 Nobody" in page


def test_a_connection_whose_only_run_broke_off_is_not_in_step(night: Night) -> None:
    night.hotel.faults.down = True
    night.do("full")
    page = text_of(night.client("viewer").get("/").text)
    assert "1 thing needs a person" in page
    assert "503" in page


def test_what_has_not_been_looked_at_for_long_is_not_said_to_be_in_step(night: Night) -> None:
    night.do("full")
    client = night.client("viewer")
    assert "Everything is in step" in client.get("/").text
    night.clock.pass_(minutes=11)
    page = text_of(client.get("/").text)
    assert "Not kept in step" in page
    assert "18 Sep 12:00 (Europe/Vienna)" in page
    Runs(night.store).begin("long", "alpen", "full", night.clock.now())
    assert "Not kept in step" not in client.get("/").text, "it is being looked at"
    night.clock.pass_(hours=2)
    assert "Not kept in step" in client.get("/").text, "that run was cut off"


def test_news_of_single_bookings_does_not_hide_that_nothing_else_is_read(night: Night) -> None:
    night.do("full")
    booking = night.book(0, arrival=START + timedelta(hours=3))
    for _ in range(4):
        night.clock.pass_(minutes=3)
        night.hotel.faults.down = True
        night.do("incremental")
        night.hotel.faults.down = False
        night.mews_webhook(("ServiceOrderUpdated", booking))
        night.settle()
    client = night.client("viewer")
    assert client.get("/readyz").status_code == 503
    assert "has failed 3 times in a row" in night.look_at_alerts()[0]


def test_records_that_cannot_be_used_are_not_passed_over(night: Night) -> None:
    booking = night.book(0)
    night.hotel.corrupt("reservations", booking, "ScheduledEndUtc", "rubbish")
    night.do("full")
    assert "1 record cannot be used" in night.client("viewer").get("/").text


@pytest.mark.parametrize("words", ["101", "J.N.", "{number}", "{id}"])
def test_a_booking_is_found_by_whatever_the_clerk_knows(night: Night, words: str) -> None:
    booking = night.book(0)
    night.do("full")
    words = words.format(number=night.hotel.reservations[booking]["Number"], id=booking)
    answer = night.client("viewer").get("/bookings", query_string={"q": words})
    assert answer.headers["Location"].endswith(f"/bookings/alpen/{booking}")


def test_one_booking_shows_what_the_pms_says_and_what_seam_has(night: Night) -> None:
    night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    booking = night.book(0)
    night.do("full")
    night.clock.pass_(seconds=10)
    page = text_of(night.client("viewer").get(f"/bookings/alpen/{booking}/live").text)
    for words in ("confirmed (Confirmed)", "20 Sep 15:00 to 23 Sep 11:00", "PIN: issued", "Door Lock 101: online"):
        assert words in page


def test_a_pms_or_seam_that_is_down_is_a_sentence(night: Night) -> None:
    booking = night.book(0)
    night.do("full")
    night.hotel.faults.down = True
    night.seam.faults.fail_before = 1.0
    answer = night.client("viewer").get(f"/bookings/alpen/{booking}/live")
    assert answer.status_code == 200
    assert "could not be asked" in text_of(answer.text)
    assert "Seam could not be asked" in text_of(answer.text)


def test_held_revocations_are_carried_out_when_somebody_approves(night: Night) -> None:
    bookings = [night.book(room) for room in range(3)]
    night.do("full")
    for booking in bookings:
        night.hotel.cancel(booking)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    client = night.client("operator")
    assert "3 guests keep access that the PMS has ended" in text_of(client.get("/held").text)
    decide(night, bookings)
    assert "Approved, and being carried out" in client.get("/held").text
    night.settle()
    assert "Nothing is held" in client.get("/held").text
    assert [night.doors(booking) for booking in bookings] == [[], [], []]


def held_night(night: Night, number: int = 3) -> list[str]:
    at = [START + timedelta(hours=3, days=2 * (place // 3)) for place in range(number)]
    bookings = [
        night.book(place % 3, arrival=one, departure=one + timedelta(days=1, hours=20)) for place, one in enumerate(at)
    ]
    night.do("full")
    for booking in bookings:
        night.hotel.cancel(booking)
    night.clock.pass_(minutes=2)
    night.do("incremental")
    return bookings


def test_a_held_revocation_is_called_not_done_yet_wherever_it_is_told(night: Night) -> None:
    booking, *_ = held_night(night)
    client = night.client("viewer")
    told = text_of(client.get(f"/bookings/alpen/{booking}").text)
    run = Runs(night.store).latest_id()
    for page in (told, text_of(client.get(f"/runs/{run}").text)):
        assert "Access not revoked yet" in page
        assert "Access revoked" not in page


def test_a_booking_without_a_room_is_offered_neither_a_card_nor_a_pin(night: Night) -> None:
    booking = night.book(None, arrival=START + timedelta(hours=3))
    night.do("full")
    page = night.client("operator").get(f"/bookings/alpen/{booking}").text
    assert "Sync now" in page
    assert "Show PIN" not in page
    assert "Encode card" not in page


def decide(night: Night, taken: list[str], client: Any = None, page: Any = None, **rest: str) -> Any:
    """By an operator, or whoever this browser is of; on that page, which may have been read before."""
    client = client or night.client("operator")
    page = page or client.get("/held")
    keys = re.findall(r'name="key" value="([^"]+)"', page.text)
    numbers = [str(number) for number, _ in enumerate(keys, start=1)]
    form: dict[str, Any] = {"csrf_token": csrf_of(page), "connection": "alpen", "property": night.property}
    form["kept_by_key"] = re.findall(r'name="kept_by_key" value="([^"]*)"', page.text)
    form |= {"key": keys, "number_of_key": numbers, "why": "the group has really cancelled"}
    form |= {f"choice-{n}": "take" if key in taken else "keep" for n, key in zip(numbers, keys, strict=True)}
    return client.post("/held/decide", data=form | rest)


def test_access_is_taken_from_some_and_kept_for_others_until_somebody_says_otherwise(night: Night) -> None:
    first, second, kept = held_night(night)
    assert decide(night, [first, second]).status_code == 302
    night.settle()
    for _ in range(3):
        night.clock.pass_(hours=1)
        night.do("full")
        night.do("incremental")
    assert [bool(night.doors(one)) for one in (first, second, kept)] == [False, False, True]
    page = text_of(night.client("operator").get("/held").text)
    assert "operator has decided that it stays: the group has really cancelled" in page
    log = text_of(night.client("admin").get("/audit-log").text)
    assert "2 grants: the group has really cancelled" in log
    assert "1 grant: the group has really cancelled" in log
    decide(night, [kept])
    night.settle()
    assert not night.doors(kept)


def test_of_two_who_decide_at_the_same_time_the_second_is_told_what_the_first_has_decided(night: Night) -> None:
    first, second, kept = held_night(night)
    night.client("admin")
    one, other = night.client("operator"), night.client("admin")
    page = other.get("/held")
    decide(night, [first], one)
    answer = decide(night, [], other, page)
    assert "is being carried out already" in text_of(answer.text)
    assert not [one for one in Holds(night.store).waiting() if one.kept_by == "admin"]
    night.settle()
    answer = decide(night, [second, kept], other, page)
    assert "operator has decided meanwhile" in text_of(answer.text)
    night.settle()
    assert [bool(night.doors(one)) for one in (first, second, kept)] == [False, True, True]
    decide(night, [kept], other)
    night.settle()
    assert [bool(night.doors(one)) for one in (first, second, kept)] == [False, True, False]
    (still,) = Holds(night.store).waiting()
    assert (still.kept_by, still.kept_why) == ("operator", "the group has really cancelled"), "nobody decided anew"


def test_whoever_sees_to_one_property_decides_on_what_a_run_over_all_of_them_holds_there(night: Night) -> None:
    first, second, kept = held_night(night)
    client = night.client("operator")
    role = Membership(Role.OPERATOR, connection="alpen", property_id=night.property)
    Memberships(night.store).give("operator", role, night.clock.now())
    assert decide(night, [first, second], client).status_code == 302
    night.settle()
    assert [bool(night.doors(one)) for one in (first, second, kept)] == [False, False, True]


@pytest.mark.parametrize("by_form", [False, True])
def test_what_somebody_has_decided_to_keep_is_not_approved_with_all_else_of_its_run(
    night: Night, by_form: bool
) -> None:
    first, second, kept = held_night(night)
    (run,) = {one.run_id for one in Holds(night.store).waiting()}
    Holds(night.store).keep("alpen", [kept], "operator", "she is in the lobby", night.clock.now())
    token = {"Authorization": f"Bearer {night.people.make_token('desk', Role.OPERATOR, night.clock.now())}"}
    client = night.client(None)
    if by_form:
        desk = night.client("operator")
        desk.post(f"/held/{run}/approve", data={"csrf_token": csrf_of(desk.get("/held"))})
    else:
        assert client.post(f"/api/held/{run}/approve", headers=token).json == {"accepted": True}
    night.settle()
    assert [bool(night.doors(one)) for one in (first, second, kept)] == [False, False, True]
    assert client.post(f"/api/held/{run}/approve", headers=token).json == {"accepted": False}


@pytest.mark.parametrize("by_form", [False, True])
def test_a_run_that_takes_access_from_many_is_approved_only_by_whoever_says_from_how_many(
    night: Night, by_form: bool
) -> None:
    bookings = held_night(night, 11)
    (run,) = {one.run_id for one in Holds(night.store).waiting()}
    token = {"Authorization": f"Bearer {night.people.make_token('desk', Role.OPERATOR, night.clock.now())}"}
    desk = night.client("operator" if by_form else None)
    csrf = csrf_of(desk.get("/held")) if by_form else ""

    def approve(count: int | None) -> Any:
        if by_form:
            said = {} if count is None else {"number": str(count)}
            return desk.post(f"/held/{run}/approve", data={"csrf_token": csrf} | said)
        return desk.post(f"/api/held/{run}/approve", headers=token, json=None if count is None else {"count": count})

    for count in (None, 10):
        answer = approve(count)
        assert answer.status_code == 422
        assert "11 guests would lose the access" in text_of(answer.text)
        assert "Nothing was done" in answer.text
        night.settle()
    assert all(night.doors(one) for one in bookings)
    assert approve(11).status_code == (302 if by_form else 202)
    night.settle()
    assert not any(night.doors(one) for one in bookings)


def test_the_inbox_and_the_audit_log_name_the_booking_and_are_filtered_and_taken_along(night: Night) -> None:
    booking = night.book(0)
    night.do("full")
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.settle()
    client = night.client("admin")
    client.post(f"/bookings/alpen/{booking}/sync", data={"csrf_token": csrf_of(client.get("/inbox"))})
    stay = Stays(night.store).get("alpen", booking)
    assert stay is not None
    for path, others in (
        ("/inbox?source=pms", "/inbox?source=seam"),
        ("/audit-log?action=sync+now", "/audit-log?who=x"),
    ):
        page = text_of(client.get(path).text)
        assert stay.label in page
        assert booking in page
        assert "Europe/Vienna" in page
        assert stay.label not in client.get(others).text
        assert "is like that" in client.get(others).text
        assert booking in client.get(f"{path}&format=csv").text
        assert len(client.get(f"{path}&format=json").json) == 1
    assert client.get("/inbox?source=pms&format=json").json[0]["bookings"] == booking
    assert client.get("/audit-log?action=sync+now&format=json").json[0]["booking"] == stay.label


def test_above_ten_the_number_has_to_be_typed(night: Night) -> None:
    bookings = held_night(night, 12)
    answer = decide(night, bookings)
    assert answer.status_code == 200
    assert "type 12 to confirm. Nothing was done." in text_of(answer.text)
    assert answer.text.count('value="take" checked') == 12, "what was chosen is kept"
    night.settle()
    assert all(night.doors(one) for one in bookings)
    assert decide(night, bookings, number="12").status_code == 302
    night.settle()
    assert not any(night.doors(one) for one in bookings)


def test_a_delivery_can_be_played_again(night: Night) -> None:
    booking = night.book(0)
    night.do("full")
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.settle()
    client = night.client("operator")
    page = client.get("/inbox")
    assert "ServiceOrderUpdated" in page.text
    client.post("/inbox/1/replay", data={"csrf_token": csrf_of(page)})
    assert len(night.inbox.waiting("alpen", night.clock.now())) == 1


def test_a_run_can_be_searched_filtered_and_taken_as_csv(night: Night) -> None:
    night.hotel.rename_room(night.rooms[0], "=cmd|'/c calc'!A0")
    night.book(0)
    night.do("full")
    client, run = night.client("viewer"), Runs(night.store).latest_id()
    assert "2 lines" in text_of(client.get(f"/runs/{run}?q=J.N.").text)
    assert "0 lines" in text_of(client.get(f"/runs/{run}?outcome=failed").text)
    rows = list(csv.reader(io.StringIO(client.get(f"/runs/{run}.csv").text)))
    assert rows[0][:4] == ["kind", "key", "action", "outcome"]
    assert not [cell for row in rows for cell in row if cell.startswith("=")]


@pytest.mark.parametrize("path", ["/runs/none", "/runs/none.csv", "/bookings/alpen/none", "/bookings/none/x", "/x"])
def test_what_is_not_there_is_a_sentence(night: Night, path: str) -> None:
    answer = night.client("viewer").get(path)
    assert answer.status_code == 404
    assert "Traceback" not in answer.text
    assert "<h1>" in answer.text


def test_readyz_says_whether_the_service_is_fit_to_work(night: Night) -> None:
    client = night.client("viewer")
    assert client.get("/readyz").status_code == 503
    night.do("full")
    assert client.get("/readyz").json == {"status": "ok", "wrong": []}
    night.clock.pass_(minutes=11)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert "the last good run was" in answer.json["wrong"][0]


def test_monitoring_gets_its_numbers(night: Night) -> None:
    night.book(0)
    night.do("full")
    numbers = night.client("viewer").get("/metrics").text
    for line in (
        'nightporter_runs_total{connection="alpen",mode="full",result="ok"} 1.0',
        'nightporter_changes_total{action="create",connection="alpen",kind="access_grant",outcome="done"} 1.0',
        "nightporter_inbox_age_seconds 0.0",
        'nightporter_links{kind="access_grant"} 1.0',
    ):
        assert line in numbers


def test_open_alerts_of_every_kind_are_counted(night: Night) -> None:
    causes = [
        Cause("alpen", kind, str(number), "trouble") for number, kind in enumerate(("bookings", "full", "a_new_one"))
    ]
    night.alert_book.compare(causes, [], night.clock.now())
    numbers = night.client("viewer").get("/metrics").text
    for kind, count in (("bookings", 1), ("full", 1), ("a_new_one", 1), ("held", 0), ("write_back", 0)):
        assert f'nightporter_open_alerts{{kind="{kind}"}} {count}.0' in numbers


SECRETS = ("Wilhelmina", "Quackenbush", "wq@guests.example", "5123456", HOOK, PASSWORD)


def test_no_name_no_contact_no_pin_and_no_token_is_in_any_log_page_or_table(night: Night) -> None:
    guest = night.guest("Wilhelmina", "Quackenbush", email="wq@guests.example", phone="+43 512 3456 789")
    with capture_logs() as logs:
        night.listen()
        booking = night.book(0, guest=guest)
        night.do("full")
        night.clock.pass_(minutes=3)
        night.settle()
        pin = night.seam.code_of(booking)
        assert pin is not None
        client = night.client("admin")
        client.post("/sign-in", data={"name": "admin", "password": "wrong " + PASSWORD})
        night.mews_webhook(("ServiceOrderUpdated", booking))
        night.mews_webhook(("CustomerUpdated", guest), token="a-wrong-token")
        night.hotel.assign(booking, night.rooms[1])
        night.seam.faults.fail_before = 0.3
        night.settle()
        night.seam.faults.fail_before = 0
        night.do("night_audit", night.property)
        pages = [
            client.get(path).text
            for path in (
                *("/", "/runs", "/held", "/inbox", "/drift", "/alerts", "/audit-log", "/api/now", "/metrics"),
                f"/bookings/alpen/{booking}?live=1",
                f"/api/bookings/alpen/{booking}",
                f"/runs/{Runs(night.store).latest_id()}",
                "/api/bookings?q=101",
                "/nowhere",
            )
        ]
        shown = client.post(
            f"/bookings/alpen/{booking}/pin", data={"csrf_token": csrf_of(client.get(f"/bookings/alpen/{booking}"))}
        ).text
    pin = night.seam.code_of(next(one["access_grant_key"] for one in night.seam.live_grants()))
    assert pin is not None
    assert f"<strong>{pin}</strong>" in shown
    night.store.close()
    tables = b"".join(path.read_bytes() for path in night.path.glob("*.db*")).decode("latin-1")
    for secret in (*SECRETS, pin, "a-wrong-token"):
        assert secret not in "".join(pages), f"{secret} is on a page"
        assert secret not in repr(logs), f"{secret} is in the log"
        assert secret not in tables or (secret == pin and not _pin_column(night)), f"{secret} is in the database"


def test_a_page_hears_of_the_end_of_a_long_run_that_urgent_ones_have_overtaken(night: Night) -> None:
    client, now = night.client("viewer"), night.clock.now()
    Runs(night.store).begin("long", "alpen", "full", now)
    Runs(night.store).begin("urgent", "alpen", "bookings", now + timedelta(seconds=5))
    Runs(night.store).finish("urgent", "bookings", now + timedelta(seconds=6), 0, {})
    assert client.get("/progress").json["latest"] == "urgent"
    Runs(night.store).finish("long", "full", now + timedelta(seconds=60), 0, {})
    assert client.get("/progress").json["latest"] == "long"


def test_a_run_that_is_under_way_names_its_connection_once_and_says_nothing_of_its_result_yet(night: Night) -> None:
    client, now = night.client("viewer"), night.clock.now()
    Runs(night.store).begin("long", "alpen", "full", now)
    assert "alpen: begins" in text_of(client.get("/progress").json["html"])
    Runs(night.store).note_progress("long", "alpen: reading the PMS", 0, None)
    assert "alpen: reading the PMS" in text_of(client.get("/progress").json["html"])
    assert "alpen: alpen" not in text_of(client.get("/progress").json["html"])
    assert "nothing to do" not in client.get("/runs?all=1").text


def test_the_chart_of_runs_has_the_days_of_the_property_and_is_left_out_where_nothing_changed(night: Night) -> None:
    Properties(night.store).note("alpen", [KnownProperty("alpen", "p", "Alpenblick", "Europe/Vienna")], START)
    night.clock.time = late = START.replace(hour=23, minute=30)
    client = night.client("viewer")
    Runs(night.store).begin("quiet", "alpen", "full", late)
    Runs(night.store).finish("quiet", "full", late, 0, {})
    quiet = client.get("/runs?all=1").text
    assert "/runs/quiet" in quiet
    assert "Changes and failures of" not in quiet
    Runs(night.store).begin("busy", "alpen", "full", late)
    Runs(night.store).finish("busy", "full", late, 0, {"access_grant": {"created": 3}})
    shown = text_of(client.get("/runs").text)
    assert "Changes and failures of the last 14 days" in shown
    assert "days of Europe/Vienna" in shown
    assert f"{START.day + 1} {START:%b} 2 3 0 0" in shown


def test_a_page_names_the_run_that_it_was_read_after_so_that_one_that_ends_meanwhile_is_noticed(night: Night) -> None:
    client, now = night.client("viewer"), night.clock.now()
    Runs(night.store).begin("before", "alpen", "full", now)
    Runs(night.store).finish("before", "full", now + timedelta(seconds=5), 0, {})
    for path in ("/", "/runs", "/locks", "/bookings"):
        assert 'data-latest="before"' in client.get(path).text, path


@pytest.mark.parametrize(
    "path",
    [
        "/inbox?before=99999999999999999999",
        "/inbox?before=-99999999999999999999",
        "/runs?before=9999-12-31T23:59:59-14:00",
        "/runs?before=0001-01-01T00:00:00%2B14:00",
        "/api/runs?before=9999-12-31T23:59:59-14:00",
        "/api/runs?before=0001-01-01T00:00:00%2B14:00",
        "/bookings?q=%00",
        "/bookings/alpen/%00",
        "/api/bookings/alpen/%00",
        "/runs/%00",
    ],
)
def test_a_question_that_makes_no_sense_is_no_failure_of_ours(night: Night, path: str) -> None:
    night.do("full")
    assert night.client("viewer").get(path, follow_redirects=True).status_code < 500


@pytest.mark.parametrize("booking", ["%00", "a" * 121])
def test_what_can_be_no_booking_is_not_looked_for(night: Night, booking: str) -> None:
    client = night.client("operator")
    token = csrf_of(client.get("/"))
    for path in (f"/bookings/alpen/{booking}/sync", f"/api/bookings/alpen/{booking}/sync"):
        answer = client.post(path, data={"csrf_token": token}, headers={"X-CSRFToken": token})
        assert answer.status_code in (400, 404)
    assert night.inbox.page() == []


def _pin_column(night: Night) -> bool:
    """Whether any text column holds exactly the PIN (its digits may stand in an id by chance)."""
    pin = night.seam.code_of(next(one["access_grant_key"] for one in night.seam.live_grants()))
    for path in night.path.glob("*.db"):
        database = sqlite3.connect(path)
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f"SELECT * FROM {table}"):
                if any(re.search(rf"\b{pin}\b", str(cell)) for cell in row):
                    return True
        database.close()
    return False


def test_what_asks_for_a_review_is_on_the_first_page(night: Night) -> None:
    booking = night.book(0)
    night.do("full")
    night.hotel.corrupt("reservations", booking, "State", "Daydreaming")
    night.do("full")
    page = text_of(night.client("viewer").get("/").text)
    assert "1 booking asks for a review" in page
    assert "a status we do not know" in page


def test_a_run_that_only_handed_over_a_door_code_is_not_said_to_have_had_nothing_to_do(tmp_path: Path) -> None:
    night = Night(tmp_path, Policy(write_back="token"))
    night.equip(0)
    night.book(0, arrival=START + timedelta(hours=3))
    night.listen()
    night.do("full")
    for _ in range(5):
        night.clock.pass_(minutes=1)
        night.settle()
    page = text_of(night.client("viewer").get("/runs").text)
    assert "1 door code changed" in page
    assert "nothing to do" not in page


def test_runs_are_chosen_by_what_they_were_and_how_they_ended_and_come_as_files(night: Night) -> None:
    client, now = night.client("viewer"), night.clock.now()
    night.do("full")
    for name, mode, exit_code in (("bad", "incremental", 1), ("kept", "incremental", 3)):
        Runs(night.store).begin(name, "alpen", mode, now, night.property)
        Runs(night.store).finish(name, mode, now + timedelta(seconds=5), exit_code, {"access_grant": {"created": 2}})

    def chosen(query: str) -> set[str]:
        return {one["run"] for one in client.get(f"/runs?format=json&{query}").json}

    assert len(chosen("all=1")) == 3
    assert chosen("result=failed") == {"bad"}
    assert chosen("result=held&mode=incremental") == {"kept"}
    assert len(chosen("all=1&mode=full")) == 1
    assert "No run is like that" in client.get("/runs?mode=doors").text
    page = text_of(client.get("/runs?result=failed").text)
    assert "18 Sep 12:00 Europe/Vienna" in page
    assert "Hotel Alpenblick" in page
    lines = client.get("/runs?format=csv&result=failed").text.splitlines()
    assert len(lines) == 2
    assert "bad" in lines[1]


def test_a_day_of_another_year_is_shown_with_its_year_and_every_time_with_its_zone(night: Night) -> None:
    booking = night.book(0, arrival=START + timedelta(hours=3), departure=START + timedelta(days=120))
    night.do("full")
    page = text_of(night.client("viewer").get(f"/bookings/alpen/{booking}").text)
    assert "18 Sep 15:00 to 16 Jan 2027 11:00 (Europe/Vienna)" in page
    listed = text_of(night.client("viewer").get("/bookings?q=J.N.&list=1").text)
    assert "18 Sep 15:00 to 16 Jan 2027 11:00 (Europe/Vienna)" in listed


def test_what_needs_a_person_names_the_zone_of_its_time(night: Night) -> None:
    night.book(None, arrival=START + timedelta(hours=2))
    night.do("full")
    page = text_of(night.client("viewer").get("/").text)
    assert re.search(r"18 Sep \d\d:\d\d \(Europe/Vienna\)", page)
    assert "1 guest has no room today" in page


def test_bookings_that_name_nobody_are_one_card_that_says_what_to_do_where(night: Night) -> None:
    for room in (0, 1):
        night.book(room, guest=night.hotel.add_company("Lake Tours"), arrival=START + timedelta(hours=2))
    night.do("full")
    page = text_of(night.client("viewer").get("/").text)
    assert "2 bookings of today name nobody who stays" in page
    assert re.search(r"In the PMS: add who stays to \d+, \d+\. The access follows by itself\.", page)


def test_where_no_connection_is_kept_in_step_no_first_run_is_promised(night: Night) -> None:
    client = night.client("viewer")
    night.connections.clear()
    page = text_of(client.get("/").text)
    assert "No connection is kept in step" in page
    assert "until then nothing is known" not in page


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/drift", "None was found Seam has what Night Porter made"),
        ("/alerts", "There is none, and none has ended"),
        ("/inbox", "Nothing has come yet"),
        ("/runs", "No run has changed anything"),
        ("/runs?all=1", "No run is stored yet"),
        ("/locks", "No property is known yet"),
    ],
)
def test_what_is_empty_is_a_sentence_and_no_head_of_a_table(night: Night, path: str, said: str) -> None:
    page = night.client("admin").get(path).text
    assert said in text_of(page)
    if path != "/runs":
        assert "<thead>" not in page.partition('id="fresh"')[2].partition("<figure")[0]


def test_why_a_door_does_not_open_is_said_by_the_verdict_and_at_the_door_and_no_third_time(night: Night) -> None:
    lock = night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    night.seam.unplug(lock)
    booking = night.book(0, arrival=START + timedelta(hours=1))
    night.do("full")
    night.do("lock_health")
    page = text_of(night.client("viewer").get(f"/bookings/alpen/{booking}?live=1").text)
    assert page.count("check its power and network") == 2, page


def test_a_look_that_could_not_be_had_offers_to_ask_again(night: Night) -> None:
    booking = night.book(0)
    night.do("full")
    night.hotel.faults.down = True
    page = night.client("viewer").get(f"/bookings/alpen/{booking}/live").text
    assert 'href="?live=1">Ask again</a>' in page
    night.hotel.faults.down = False
    assert "Ask again" not in night.client("viewer").get(f"/bookings/alpen/{booking}/live").text


def test_the_title_of_a_page_says_what_the_page_says(night: Night) -> None:
    booking = night.book(None, arrival=START + timedelta(hours=2))
    night.do("full")
    client = night.client("viewer")
    assert "<title>(1) Hotel Alpenblick · Night Porter</title>" in client.get("/").text
    assert re.search(
        r"<title>[^<]*: Does not open · Night Porter</title>", client.get(f"/bookings/alpen/{booking}").text
    )


def test_what_is_said_to_somebody_is_not_lost_to_a_page_that_reads_itself_anew(night: Night) -> None:
    night.equip(0)
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    client = night.client("operator")
    path = f"/bookings/alpen/{booking}"
    sent = client.post(f"{path}/sync", data={"csrf_token": csrf_of(client.get(path))})
    assert sent.status_code == 302
    behind = client.get(path, headers={"X-Requested-With": "fetch"})
    assert "looks at it now" not in behind.text
    assert "Set-Cookie" not in behind.headers, "an answer that comes late would put the former session back"
    assert "looks at it now" in client.get(path).text
