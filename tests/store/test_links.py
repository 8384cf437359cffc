"""What of ours is which resource in Seam: what is kept of a link when it is written again, and what is asked of it."""

from datetime import timedelta

import pytest

from mappers.links import Link
from mappers.outcomes import Kind
from store.engine import Database
from store.links import Links, put_links
from tests.builders import NOW

DAY = timedelta(days=1)


def put(store: Database, *made: Link, connection: str = "alpen") -> None:
    with store.writing() as db:
        put_links(store, db, connection, made, NOW)


def one(store: Database, kind: Kind, key: str) -> Link:
    return Links(store).of_connection("alpen")[kind, key]


def grant(key: str = "b1", starts: int = -1, ends: int | None = 2, of: str = "hotel") -> Link:
    return Link(
        Kind.ACCESS_GRANT,
        key,
        f"grant-{key}",
        property_id=of,
        user_identity_key="g1",
        starts_at=NOW + starts * DAY,
        ends_at=None if ends is None else NOW + ends * DAY,
        space_ids=frozenset({"s1"}),
    )


def test_a_person_is_needed_until_the_last_of_her_stays_ends_whatever_is_written_of_her(store: Database) -> None:
    her = Link(Kind.USER_IDENTITY, "g1", "seam-g1")
    put(store, her)
    assert one(store, Kind.USER_IDENTITY, "g1").ends_at is None
    for key, ends, needed in (("b1", 5, 5), ("b2", 3, 5), ("b3", None, 5), ("b4", 9, 9)):
        put(store, grant(key, ends=ends))
        put(store, her)
        assert one(store, Kind.USER_IDENTITY, "g1").ends_at == NOW + needed * DAY


def test_of_people_and_connections_only_hers_is_needed_for_longer(store: Database) -> None:
    for connection in ("alpen", "other"):
        put(store, Link(Kind.USER_IDENTITY, "g1", "seam-g1"), connection=connection)
    put(store, Link(Kind.USER_IDENTITY, "g2", "seam-g2"), Link(Kind.SPACE, "g1", "seam-s1"))
    put(store, grant())
    assert one(store, Kind.USER_IDENTITY, "g2").ends_at is None
    assert one(store, Kind.SPACE, "g1").ends_at is None
    assert Links(store).of_connection("other")[Kind.USER_IDENTITY, "g1"].ends_at is None


def test_a_grant_without_an_end_has_none_though_it_had_one_and_keeps_its_beginning_and_its_doors(
    store: Database,
) -> None:
    put(store, grant(ends=2))
    put(store, Link(Kind.ACCESS_GRANT, "b1", "grant-b1", generation=2))
    found = one(store, Kind.ACCESS_GRANT, "b1")
    assert (found.ends_at, found.generation) == (None, 2)
    assert (found.starts_at, found.space_ids) == (NOW - DAY, frozenset({"s1"}))
    put(store, grant(starts=1))
    assert one(store, Kind.ACCESS_GRANT, "b1").starts_at == NOW + DAY


def test_a_property_has_grants_only_where_one_of_its_own_is_linked(store: Database) -> None:
    links = Links(store)
    put(store, Link(Kind.SPACE, "r101", "seam-r101", property_id="hotel"), grant(of="inn"))
    put(store, grant(), connection="other")
    assert not links.has_grants("alpen", "hotel")
    assert links.has_grants("alpen", "inn")
    put(store, grant("b2"))
    assert links.has_grants("alpen", "hotel")


@pytest.mark.parametrize(
    ("starts", "ends", "opens"), [(-1, 2, True), (0, 2, True), (1, 2, False), (-1, 0, False), (-1, None, True)]
)
def test_a_grant_gives_access_from_its_beginning_until_before_its_end(
    store: Database, starts: int, ends: int | None, opens: bool
) -> None:
    put(store, grant(starts=starts, ends=ends), Link(Kind.SPACE, "r1", "s1", property_id="hotel", starts_at=NOW - DAY))
    put(store, grant("b2", of="inn"))
    put(store, grant("b3"), connection="other")
    assert [link.key for link in Links(store).grants_at("alpen", "hotel", NOW)] == (["b1"] if opens else [])


def test_of_bookings_keys_and_people_those_are_found_that_were_asked_for(store: Database) -> None:
    links = Links(store)
    put(
        store,
        *(Link(Kind.ACCESS_GRANT, f"b{n}", f"grant-{n}", 1, None, None, "p", f"b{n}", f"g{n}") for n in (1, 2, 3)),
    )
    assert {link.key for link in links.of_bookings("alpen", ["b1", "b3"])} == {"b1", "b3"}
    assert {link.key for link in links.of_keys("alpen", ["b2"])} == {"b2"}
    assert links.bookings_of_users("alpen", ["g3", "g9"]) == {("p", "b3")}
    assert links.of_bookings("other", ["b1"]) == []
