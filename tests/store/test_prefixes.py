"""One workspace, one connection for each prefix, whoever asks first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from store.engine import Database, StoreFailed
from store.prefixes import KeyPrefixes, PrefixTaken, _meeting
from store.tables import key_prefixes

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)


def test_a_prefix_belongs_to_one_connection_whatever_the_letter_case(store: Database) -> None:
    prefixes = KeyPrefixes(store)
    prefixes.claim("elm", "elm/", NOW)
    prefixes.claim("oak", "oak/", NOW)
    for taken in ("elm/", "ELM/", "el", "elm/b/"):
        with pytest.raises(PrefixTaken, match="connection elm makes its keys with 'elm/'"):
            prefixes.claim("ash", taken, NOW + timedelta(minutes=59))
    assert prefixes.others("ash", "") == (("elm", "elm/"), ("oak", "oak/"))
    prefixes.claim("elm", "elm-2/", NOW + timedelta(minutes=20))
    prefixes.claim("ash", "ELM/", NOW + timedelta(minutes=30))
    assert prefixes.others("oak", "") == (("ash", "ELM/"), ("elm", "elm-2/"))


def test_one_connection_may_go_without_a_prefix_and_no_second_one(store: Database) -> None:
    prefixes = KeyPrefixes(store)
    prefixes.claim("elm", "elm/", NOW)
    prefixes.claim("oak", "", NOW)
    with pytest.raises(PrefixTaken):
        prefixes.claim("ash", "", NOW)
    prefixes.claim("ash", "", NOW + timedelta(hours=2))
    assert prefixes.others("elm", "") == (("ash", ""),)


def test_the_database_itself_refuses_a_second_owner(store: Database) -> None:
    KeyPrefixes(store).claim("elm", "elm/", NOW)
    again = insert(key_prefixes).values(connection="oak", prefix="Elm/", folded="elm/", seen_at=NOW)
    with pytest.raises((IntegrityError, StoreFailed)), store.writing() as db:
        db.execute(again)


def test_only_those_matter_whose_keys_may_begin_as_ones_own(store: Database) -> None:
    prefixes = KeyPrefixes(store)
    for name, prefix in (("elm", "e_%/"), ("ash", "e_%/a/"), ("oak", "exy/a/"), ("fir", "E_%/b/")):
        with store.writing() as db:
            row = {"connection": name, "prefix": prefix, "folded": prefix.casefold(), "seen_at": NOW}
            db.execute(insert(key_prefixes).values(row))
    assert prefixes.others("elm", "E_%/") == (("ash", "e_%/a/"), ("fir", "E_%/b/"))


def test_whoever_has_its_prefix_still_asks_about_nobody_elses(store: Database) -> None:
    prefixes = KeyPrefixes(store)
    for number in range(5):
        prefixes.claim(f"h{number}", f"h{number}/", NOW)
    later = NOW + timedelta(minutes=30)
    with _asked(store) as asked:
        prefixes.claim("h3", "h3/", later)
    assert [one.split()[0] for one in asked] == ["SELECT", "UPDATE"]
    with pytest.raises(PrefixTaken, match="connection h3"):
        prefixes.claim("oak", "h3/", later + timedelta(minutes=59))


@pytest.mark.parametrize(("seconds", "asks"), [(0, False), (599, False), (600, True), (-1, True)])
def test_whoever_has_just_been_told_that_it_is_hers_does_not_ask_again(
    store: Database, seconds: int, asks: bool
) -> None:
    prefixes = KeyPrefixes(store)
    prefixes.claim("elm", "elm/", NOW)
    prefixes.claim("elm", "elm/", NOW)
    with _asked(store) as asked:
        prefixes.claim("elm", "elm/", NOW + timedelta(seconds=seconds))
    assert bool(asked) is asks


def test_of_thousands_only_those_are_read_with_which_it_could_make_the_same_key(store: Database) -> None:
    known = ("", "elm/", "elm/a/", "el", "oak/", "_%/", "_%/a", "straße/", "İ/", "É/", "'\\")
    with store.writing() as db:
        rows = [
            {"connection": f"c{number}", "prefix": one, "folded": one.casefold(), "seen_at": NOW}
            for number, one in enumerate(known)
        ]
        db.execute(insert(key_prefixes), rows)
    for prefix in (*known, "ELM/", "e", "STRASSE/1/", "x", "é/", "_%", "__"):
        with store.reading() as db:
            found = {row.prefix for row in db.execute(*_meeting("new", prefix))}
        # One without any goes on beside others.
        assert found == {one for one in known if _begin_alike(prefix, one) and bool(prefix) == bool(one)}, prefix


def _begin_alike(*prefixes: str) -> bool:
    shorter, longer = sorted((one.casefold() for one in prefixes), key=len)
    return longer.startswith(shorter)


def test_a_prefix_that_another_has_taken_over_is_not_its_own_any_more(store: Database) -> None:
    prefixes = KeyPrefixes(store)
    prefixes.claim("elm", "elm/", NOW)
    later = NOW + timedelta(hours=2)
    prefixes.claim("oak", "ELM/rooms/", later)
    with pytest.raises(PrefixTaken, match="connection oak"):
        KeyPrefixes(Database(store._engine)).claim("elm", "elm/", later + timedelta(minutes=20))


@contextmanager
def _asked(store: Database) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        statements.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def test_of_two_who_claim_at_once_one_waits_until_the_other_has_been_heard(store: Database) -> None:
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *told: asked.append(told[2]))
    KeyPrefixes(store).claim("alpen", "a/", NOW)
    locks = [number for number, one in enumerate(asked) if one.startswith("LOCK TABLE key_prefixes")]
    looks = [number for number, one in enumerate(asked) if "folded" in one and one.startswith("SELECT")]
    assert bool(locks) is not store.is_sqlite, "a file has one writer at a time anyhow"
    assert store.is_sqlite or locks[0] < looks[0]


def test_a_prefix_of_one_letter_meets_whatever_begins_with_it(store: Database) -> None:
    KeyPrefixes(store).claim("elm", "e", NOW)
    for taken in ("e", "el", "elm/"):
        with pytest.raises(PrefixTaken):
            KeyPrefixes(store).claim("ash", taken, NOW)
    KeyPrefixes(store).claim("ash", "a", NOW)
