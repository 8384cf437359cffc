"""The search, by whatever the clerk knows of whoever stands before her; names stay out of the database."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import Policy
from store.search import initials_in
from tests.night import Night
from tests.web.browser import ids_twice
from tests.web.chain import Chain, name_of
from tests.web.test_pages import text_of
from tests.world import START


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    return Night(tmp_path_factory.mktemp("search"), Policy(guests="everyone"))


@pytest.fixture(scope="module")
def bookings(night: Night) -> dict[str, str]:
    for room in (0, 1):
        night.equip(room)
    luisa, companion = night.guest("Luisa", "Müller-Ødegård"), night.guest("Piotr", "Zieliński")
    found = {
        "here": night.book(0, guest=luisa, arrival=START - timedelta(hours=20), companions=[companion]),
        "later": night.book(1, guest=luisa, arrival=START + timedelta(days=5), departure=START + timedelta(days=7)),
    }
    night.do("full")
    return found


@pytest.mark.parametrize(
    "words",
    [
        *("LM", "l m", "L.M.", "l.m. 101", "müller", "MULLER", "ødegård", "Zielinski", "pz", "room 101", "Door 0"),
        *("LM101", "l.m.101", "101 LM", "room 101, l m", "LM rm. 101", "rm101", "Zi.101", "# 101", "101."),
        *("booking 1001", "#1001", "Buchung Nr. 1001", "res:1001"),
    ],
)
def test_a_guest_is_found_by_whatever_is_known_of_her(night: Night, bookings: dict[str, str], words: str) -> None:
    answer = night.client("viewer").get("/bookings", query_string={"q": words, "list": "1"})
    assert f"/bookings/alpen/{bookings['here']}" in answer.text


def test_whoever_is_in_the_house_comes_first_and_each_names_her_hotel(night: Night, bookings: dict[str, str]) -> None:
    page = text_of(night.client("viewer").get("/bookings?q=LM").text)
    assert page.index("In the house") < page.index("Later")
    assert page.count("Hotel Alpenblick, booking") == 2, bookings


def test_no_surname_is_in_the_database(night: Night, bookings: dict[str, str]) -> None:
    assert bookings
    files = b"".join(path.read_bytes() for path in night.path.glob("*.db*")).lower()
    for name in ("muller", "müller", "zielinski", "zieliński"):
        assert name.encode() not in files


def test_who_is_not_found_is_told_what_can_be_searched(night: Night) -> None:
    page = text_of(night.client("viewer").get("/bookings?q=nobody-at-all").text)
    assert "Nobody is found by" in page
    assert "surname, booking number" in page


def test_who_is_not_found_where_a_house_is_not_kept_in_step_is_told_its_name_and_its_own_time(night: Night) -> None:
    night.do("full")
    night.clock.pass_(minutes=11)
    page = text_of(night.client("viewer").get("/bookings?q=nobody-at-all").text)
    assert "Hotel Alpenblick is not kept in step: the last good run was 18 Sep 12:00 (Europe/Vienna)" in page


def test_who_is_not_found_while_many_houses_are_behind_is_told_of_a_few_and_the_others_are_folded(
    tmp_path: Path,
) -> None:
    chain = Chain(tmp_path, 20)
    chain.clock.time += timedelta(hours=3)
    page = chain.client("viewer").get("/bookings?q=nobody-at-all").text
    assert ids_twice(page) == []
    open_part, folded = page[page.index('id="not-kept"') :].split("<details>")
    houses = sorted(name_of(number) for number in range(20))
    assert [f"{one} is not kept in step" in open_part for one in houses] == [True] * 3 + [False] * 17
    assert "and 17 more" in folded
    assert all(f"{one} is not kept in step" in folded for one in houses[3:])
    assert page.count("look the booking up in the PMS") == 1
    chain.store.close()


@pytest.mark.parametrize(
    ("words", "initials"),
    [
        *(
            ("L M", "L.M."),
            ("lm", "L.M."),
            ("L.M. 618", "L.M. 618"),
            ("l m 4b", "L.M. 4b"),
            ("LMN", None),
            ("618", None),
        ),
        *(
            ("LM618", "L.M. 618"),
            ("618 lm", "L.M. 618"),
            ("Zi. 4b, L. M.", "L.M. 4b"),
            ("room 618", None),
            ("4b c", None),
        ),
    ],
)
def test_initials_are_read_in_any_form(words: str, initials: str | None) -> None:
    assert initials_in(words) == initials


def test_a_search_that_finds_more_than_it_shows_says_so(
    night: Night, bookings: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = night.client("viewer")
    assert "<h1>2 bookings for" in client.get("/bookings?q=L.M.").text
    monkeypatch.setattr("web.reports.MOST_FOUND", 2)
    page = client.get("/bookings?q=L.M.").text
    assert "<h1>2 bookings or more for" in page
    assert "The first 2 are shown" in page
