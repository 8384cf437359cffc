"""One workspace, one connection for each prefix, whoever asks first."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
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


def test_among_thousands_only_those_are_read_that_it_can_meet(store: Database) -> None:
    with store.writing() as db:
        rows = [
            {"connection": f"c{one}", "prefix": f"h{one}/", "folded": f"h{one}/", "seen_at": NOW} for one in range(500)
        ]
        db.execute(insert(key_prefixes), rows)
    statement, values = _meeting("new", "H41/a/", "")
    with store.reading() as db:
        assert [row.prefix for row in db.execute(statement, values)] == ["h41/"]
    with pytest.raises(PrefixTaken, match="connection c41 "):
        KeyPrefixes(store).claim("new", "H41/a/", NOW)
    KeyPrefixes(store).claim("new", "H500/", NOW)
