"""All properties at a glance, and what needs a person at one: what is on the screen, and in which order."""

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from store.memberships import Membership, Memberships
from store.people import People, Role
from store.trends import Counted, Figure, Trends
from tests.night import _HASH
from tests.web.chain import NOW, Chain, name_of
from tests.web.test_pages import text_of
from web.board import Boards
from web.context import WebContext


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("chain"), 30)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def front(chain: Chain) -> str:
    return str(chain.client("viewer").get("/").text)


def rows_of(page: str) -> list[str]:
    return [text_of(row) for row in re.findall(r'<tr role="row"[^>]*>.*?</tr>', page, re.S) if 'scope="row"' in row]


def test_from_two_properties_on_the_first_page_says_how_many_need_a_person(front: str) -> None:
    assert "18 of 30 properties need a person" in text_of(front)
    assert "<title>(18) Properties" in front


def test_every_row_names_its_property(front: str) -> None:
    rows = rows_of(front)
    assert len(rows) == 30
    assert all(any(name_of(number) in row for number in range(30)) for row in rows)


def test_who_is_outside_first_comes_first_and_what_is_in_order_last(front: str) -> None:
    states = [re.match(r" *(Broken|Not sure|Held|Not yet|Ready)", row) for row in rows_of(front)]
    words = [one[1] for one in states if one]
    assert words == sorted(words, key=["Broken", "Not sure", "Held", "Not yet", "Ready"].index)
    first = [re.search(r"\b(\d\d:\d\d)\b", row) for row in rows_of(front)[:9]]
    times = [one[1] for one in first if one]
    assert len(times) == 9
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "Room 101 has no lock: 1 guest"),
        (1, "2 guests have no room today"),
        (2, "The locks of 2 rooms are offline: 2 guests today"),
        (3, "3 guests keep access that the PMS has ended"),
        (4, "Not kept in step"),
        (9, "1 booking asks for a review"),
    ],
)
def test_a_property_has_one_card_for_each_cause(chain: Chain, front: str, number: int, said: str) -> None:
    page = chain.client("viewer").get(f"/properties/hotel{number}/p{number}").text
    assert len([one for one in re.findall(r"<h2 id=\"c\w+\">(.*?)</h2>", page) if said in one]) == 1
    assert said in next(row for row in rows_of(front) if name_of(number) in row)


def test_what_to_do_is_a_button_and_who_is_concerned_are_links_the_first_arrival_first(chain: Chain) -> None:
    page = chain.client("viewer").get("/properties/hotel2/p2").text
    assert "/locks/health?connection=hotel2" in page
    first = page.index("/bookings/hotel2/p2-b0")
    assert first < page.index("/bookings/hotel2/p2-b1")
    waiting = text_of(chain.client("viewer").get("/properties/hotel1/p1").text)
    assert "In the PMS: give bookings 20020, 20021 a room. The access follows by itself." in waiting


def test_a_row_shows_how_many_arrivals_of_late_could_not_open_their_door(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 3)
    client, book = chain.client("viewer"), Trends(chain.store)
    assert "np-missed" not in client.get("/").text, "nothing is counted yet"
    # 00:52 of the next day in Vienna, and the day that is just not shown any more.
    for hours, missed in ((-2, 2), (24 * 14, 5)):
        at = NOW - timedelta(hours=hours)
        book.add("hotel1", [Counted("p1", at, Figure.READY, 7), Counted("p1", at, Figure.NOT_READY, missed, "no_room")])
    chain.clock.time = NOW + timedelta(hours=2)
    page = client.get("/").text
    (row,) = [one for one in rows_of(page) if name_of(1) in one]
    assert "2 of 9 arrivals of the last 14 days not ready" in row
    assert page.count('class="np-missed"') == 1
    assert page.count('class="np-bar-failures"') == 1


def test_properties_whose_locks_are_in_order_are_rows_below_those_that_need_somebody(chain: Chain) -> None:
    client = chain.client("operator")
    page = client.get("/locks").text
    cards, rows = page.partition('id="calm"')[::2]
    assert len(re.findall('class="np-property"', cards)) == 6, "rooms without a lock, or locks that do not work"
    assert len(rows_of(rows)) == 24
    assert all("Every room has a lock" in row for row in rows_of(rows))
    assert 'action="/locks/hotel1/p1/connect"' in client.get("/locks/hotel1/p1").text


def test_good_locks_fold_and_are_there_for_whoever_asks_for_them(chain: Chain) -> None:
    client = chain.client("viewer")
    page = client.get("/locks/health?connection=hotel2").text
    open_, folded = page.partition('class="np-fold"')[::2]
    assert "offline" in text_of(open_)
    assert text_of(folded).count("Lock 10") == 7
    assert 'class="np-fold"' not in client.get("/locks/health?connection=hotel2&state=good").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=hochsteg", 3),
        ("state=held", 3),
        ("locks=Keyfold", 15),
        ("connection=hotel7", 1),
        ("q=kestrel&state=broken", 3),
        ("q=nowhere", 0),
        ("state=%00&page=-4", 0),
    ],
)
def test_the_address_holds_the_whole_filter(chain: Chain, query: str, found: int) -> None:
    answer = chain.client("viewer").get(f"/?{query}")
    if "%00" in query:
        assert answer.status_code == 400
        return
    assert len(rows_of(answer.text)) == found


def test_many_properties_come_in_pages_and_keep_their_filter(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 120, together=True, arrivals=1)
    client = chain.client("viewer")
    first, second = client.get("/?q=house"), client.get("/?q=house&page=2")
    assert len(rows_of(first.text)) == 30, "of five kinds one is a house, twice in fifty"
    assert len(rows_of(client.get("/").text)) == 50
    assert len(rows_of(client.get("/?page=3").text)) == 20
    assert "101 to 120 of 120" in client.get("/?page=3").text
    assert len(rows_of(client.get("/?page=99").text)) == 20
    assert rows_of(second.text) == rows_of(first.text)
    chain.store.close()


def questions_for(chain: Chain, client: Any, page: str) -> tuple[str, list[str]]:
    """The page, and what the database was asked for it."""
    found: list[str] = []

    def note(*told: Any) -> None:
        found.append(told[2])

    event.listen(chain.store._engine, "before_cursor_execute", note)
    answer = client.get(page)
    event.remove(chain.store._engine, "before_cursor_execute", note)
    assert answer.status_code == 200
    return answer.text, found


def test_the_locks_of_many_properties_come_in_pages_and_cost_no_question_a_property(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 120, arrivals=1)
    client = chain.client("viewer")
    for page, size in (("/locks", 50), ("/locks/health", 5)):
        name = r'<h2 id="\w\d+">([^<]*)|np-c-name"><a href="[^"]*">([^<]*)'
        pages = [client.get(f"{page}?page={number}").text for number in (1, 2)]
        shown = [["".join(found) for found in re.findall(name, text)] for text in pages]
        assert [len(one) for one in shown] == [size, size]
        assert not set(shown[0]) & set(shown[1])
    assert len(re.findall("Old Mint House[^<]*</(?:h2|a)>", client.get("/locks?q=old mint house").text)) == 3, (
        "one in fifty is called so"
    )
    first = client.get("/locks/health").text
    assert first.count("It is offline") == 5, "the worst come first"
    broken = [client.get(f"/locks/health?state=broken&page={page}").text.count("<h2") for page in (1, 2, 3)]
    assert broken == [5, 5, 2], "of ten properties one has a lock that is offline"
    for page in ("/locks", "/api/now?page_size=50", "/api/locks?page_size=50"):
        assert len(questions_for(chain, client, page)[1]) < 30, page
    chain.store.close()


def test_no_page_in_english_has_words_of_another_language_between(chain: Chain) -> None:
    client = chain.client("viewer")
    for page in ("/locks", "/alerts", "/trends"):
        text = client.get(page, headers={"Accept-Language": "fr"}).text.split("<h1")[1].split("<footer")[0]
        assert "client" not in text.casefold(), page


def test_the_api_tells_of_many_properties_in_pages_and_how_many_there_are(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 120, arrivals=1)
    client = chain.client("viewer")

    def all_of(path: str, size: int) -> list[Any]:
        found: list[Any] = []
        while True:
            answer = client.get(f"{path}page_size={size}&page={len(found) // size + 1}")
            listed = answer.json if isinstance(answer.json, list) else answer.json["properties"]
            found += listed
            if len(listed) < size:
                assert json.loads(answer.headers["X-Pagination"])["total"] == len(found)
                return found

    assert len(client.get("/api/now").json["properties"]) == 20
    assert len({one["property"]["connection"] for one in all_of("/api/now?", 50)}) == 120
    assert len({one["property"]["connection"] for one in all_of("/api/locks?", 50)}) == 120
    locks = all_of("/api/locks/health?", 70)
    assert len({one["door_id"] for one in locks}) == len(locks) == 120 * 8 - 12
    broken = all_of("/api/locks/health?state=broken&", 5)
    assert {one["state"] for one in broken} == {"broken"}
    assert len(broken) == 12
    needs = [need for page in (1, 2, 3) for need in client.get(f"/api/now?page_size=50&page={page}").json["needs"]]
    late = {need["connection"] for need in needs if need["kind"] == "connection"}
    assert len(late) == 12, "each connection that is late is told once"
    assert len(client.get("/api/now?connection=hotel4").json["properties"]) == 1
    chain.store.close()


@pytest.mark.parametrize("houses", [13, 101])
def test_a_row_that_is_kept_is_looked_at_again_when_its_time_is_over(tmp_path: Path, houses: int) -> None:
    chain = Chain(tmp_path, houses, arrivals=1)
    chain.site.extensions["boards"] = Boards(lambda: 0.0)  # However slow the machine is, she waits for all of them.
    client = chain.client("viewer")
    assert "Opens" in client.get("/properties/hotel5/p5").text
    before = client.get("/?q=old mint house").text
    assert "need a person" in client.get("/").text
    chain.clock.time = NOW + timedelta(minutes=11)
    after = client.get("/?q=old mint house").text
    assert "Not sure" not in before
    assert "Not sure" in after, "its PMS was last read eleven minutes ago"
    chain.store.close()


def test_a_thread_has_looked_at_all_of_them_before_anybody_asks(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 101, arrivals=1)
    boards: Boards = chain.site.extensions["boards"]
    context: WebContext = chain.site.extensions["nightporter"]
    boards.renew(context)
    client = chain.client("viewer")
    page, questions = questions_for(chain, client, "/")
    assert "need a person" in page
    assert not [one for one in questions if "FROM stays" in one], "what the thread has looked at is shown"
    chain.clock.time = NOW + timedelta(minutes=11)
    boards.renew(context)
    assert "Not sure" in client.get("/?q=old mint house").text, "its PMS was last read eleven minutes ago"
    chain.store.close()


def test_the_thread_looks_rarely_until_somebody_reads_also_after_a_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chain = Chain(tmp_path, 13, arrivals=1)
    boards: Boards = chain.site.extensions["boards"]
    looked = threading.Semaphore(0)

    def look(of: WebContext) -> None:
        looked.release()

    monkeypatch.setattr(boards, "renew", look)
    monkeypatch.setattr("web.board.EVERY", 0.02)
    boards.keep(chain.site.extensions["nightporter"])
    assert looked.acquire(timeout=10)
    assert not looked.acquire(timeout=0.2), "nobody has read a page yet"
    chain.client("viewer").get("/")
    assert all(looked.acquire(timeout=10) for _ in range(3)), "and somebody does now"
    boards.end()
    chain.store.close()


def test_right_after_a_start_nobody_waits_for_thousands_of_rows_and_what_is_not_read_yet_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.board.AT_ONCE", 10)
    monkeypatch.setattr("web.board.FEW_AT_ONCE", 3)
    chain = Chain(tmp_path, 20, arrivals=1)
    seconds = iter(range(10_000))
    chain.site.extensions["boards"] = Boards(lambda: next(seconds))  # A second goes by whenever somebody looks.
    client = chain.client("viewer")
    page, questions = questions_for(chain, client, "/")
    assert sum("FROM stays" in one for one in questions) < 5, "she waits for a few of them"
    said = text_of(page)
    assert "17 properties are being read and come soon." in said
    assert "of 20 properties need a person" in said
    rows = rows_of(page)
    assert len(rows) == 20
    known = [row for row in rows if "Being read" not in row]
    assert len(known) == 3
    assert rows[:3] == known, "what is known of stands first"
    assert "asks for a review" not in page, "of what is not read nothing is said"
    for number in (2, 12):
        assert any(name_of(number) in row for row in known), "where an alert is open is looked at first"
    for _ in range(6):
        page = client.get("/").text
    assert "eing read" not in page
    assert len(rows_of(page)) == 20
    chain.store.close()


def test_whoever_may_see_some_of_many_connections_is_told_of_no_other(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 230, arrivals=1)
    book = Memberships(chain.store)
    for number in range(102):
        book.give("viewer", Membership(Role.VIEWER, connection=f"hotel{number}"), NOW)
    everything, some = chain.client("admin").get("/").text, chain.client("viewer").get("/").text
    assert "of 230 properties" in text_of(everything)
    assert "of 102 properties" in text_of(some)
    assert not re.findall(r"hotel(?:10[2-9]|1[1-9]\d|2\d\d)", some)
    assert "of 230 properties" in text_of(chain.client("admin").get("/").text)
    chain.store.close()


def test_whoever_has_a_role_over_a_property_alone_is_told_the_same_of_its_guests_as_everybody(chain: Chain) -> None:
    People(chain.store).add_user("clerk", Role.VIEWER, _HASH, NOW)
    for number in range(5):
        mine = Membership(Role.VIEWER, connection=f"hotel{number}", property_id=f"p{number}")
        Memberships(chain.store).give("clerk", mine, NOW)
    of_all, of_some = chain.client("viewer"), chain.client("clerk")
    rows = rows_of(of_some.get("/").text)
    assert len(rows) == 5
    assert set(rows) <= set(rows_of(of_all.get("/").text))
    for number in range(5):
        said = [text_of(one.get(f"/properties/hotel{number}/p{number}").text) for one in (of_all, of_some)]
        told = [re.split("Last run|Night Porter", one)[0].strip().partition("(Europe/Vienna)")[2] for one in said]
        assert told[0] == told[1]
        assert "Not yet nothing heard" not in told[1]


def test_nobody_waits_for_rows_that_the_thread_has_of_the_only_property_of_a_connection(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 101, arrivals=1)
    People(chain.store).add_user("clerk", Role.VIEWER, _HASH, NOW)
    for one in chain.known[:20]:
        mine = Membership(Role.VIEWER, connection=one.connection, property_id=one.property_id)
        Memberships(chain.store).give("clerk", mine, NOW)
    boards: Boards = chain.site.extensions["boards"]
    boards._is_kept = True
    boards.renew(chain.site.extensions["nightporter"])
    page, questions = questions_for(chain, chain.client("clerk"), "/")
    assert "20 properties" in page
    assert not [one for one in questions if one.startswith("SELECT stays.")]
    chain.store.close()


def test_every_alert_names_its_property_and_can_be_filtered_and_taken_along(chain: Chain) -> None:
    client = chain.client("viewer")
    rows = rows_of(client.get("/alerts").text)
    assert len(rows) == 3
    assert all("Hochsteg" in row for row in rows)
    assert len(rows_of(client.get("/alerts?connection=hotel2").text)) == 1
    assert "No alert is like that" in client.get("/alerts?state=ended").text
    assert client.get("/alerts?format=csv&kind=locks").text.count("Hochsteg") == 3
    assert {one["property"] for one in client.get("/alerts?format=json").json} == {name_of(2), name_of(12), name_of(22)}


def test_every_held_revocation_and_every_result_of_a_search_names_its_property(chain: Chain) -> None:
    client = chain.client("viewer")
    assert re.findall(r"<h2[^>]*>(Runway \w+): 3 guests", client.get("/held").text)
    found = re.findall(r'<span class="np-found-when">(.*?)</span>', client.get("/bookings?q=101").text, re.S)
    assert len(found) > 20
    assert all(any(name_of(number) in one for number in range(30)) for one in found)


def test_properties_are_narrowed_to_an_organisation_and_to_a_pms_and_the_address_holds_it(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 3)
    chain.connections["hotel1"] = replace(chain.connections["hotel1"], organisation="north")
    client = chain.client("viewer")
    page = client.get("/").text
    assert 'name="organisation"' in page
    north = client.get("/?organisation=north").text
    assert re.findall(r"/properties/(hotel\d)", north) == ["hotel1"]
    assert "<option selected>north</option>" in north
    assert "organisation=north" in north, "the other filters keep it"
    chain.store.close()
