"""Keys are built of the PMS's ids and read back; what another connection made is not ours."""

from dataclasses import replace

import pytest

from mappers.keys import LONGEST_GRANT, Keys, next_generation_key, split_generation, with_generation

SHORT, LONG = Keys("a/", (("annex", "a/b/"),)), Keys("a/b/", (("main", "a/"),))


@pytest.mark.parametrize(
    ("key", "base", "generation"),
    [
        ("b1", "b1", 1),
        ("b1.2", "b1", 2),
        ("b1.12", "b1", 12),
        ("b1.1", "b1.1", 1),
        ("b1.0", "b1.0", 1),
        (".2", ".2", 1),
    ],
)
def test_only_a_number_above_one_is_a_generation(key: str, base: str, generation: int) -> None:
    assert split_generation(key) == (base, generation)
    assert with_generation(base, generation) == key


@pytest.mark.parametrize(
    ("occupied", "free"), [((), "b1"), (("b1",), "b1.2"), (("b1", "b1.2", "b1.4"), "b1.3"), (("b1.2",), "b1")]
)
def test_the_first_generation_that_nothing_occupies_is_next(occupied: tuple[str, ...], free: str) -> None:
    assert next_generation_key("b1", occupied) == free


@pytest.mark.parametrize(("key", "booking"), [("b1", "b1"), ("b1/2", "b1"), ("b1/1", "b1/1"), ("b1/2:g9.3", "b1")])
def test_only_a_number_above_one_is_a_span(key: str, booking: str) -> None:
    assert Keys().booking_of(key) == booking


def test_an_id_of_a_guest_may_have_a_colon() -> None:
    assert Keys().booking_of(Keys().grant("b1", "g:9", 2)) == "b1"


def test_a_key_of_a_connection_whose_prefix_goes_on_from_ours_is_not_ours() -> None:
    assert SHORT.owner_of("a/b/7") == SHORT.owner_of("A/B/7") == "annex"
    assert SHORT.id_of("a/b/7") is None
    assert SHORT.booking_of("a/b/7") is None
    assert SHORT.id_of("a/7") == "7"


def test_a_key_that_begins_as_our_spare_ones_do_may_be_another_connections() -> None:
    assert Keys().is_spare("~spare:101:x")
    assert not Keys().is_spare("b1:~spare:101"), "a companion whose id reads alike"
    assert not Keys(others=(("elm", "~spare:elm/"),)).is_spare("~spare:elm/101")


def test_a_key_of_ours_is_not_a_connections_whose_prefix_is_shorter() -> None:
    assert LONG.owner_of("a/b/7") is None
    assert LONG.id_of("a/b/7") == "7"
    assert replace(LONG, others=(("same", "x/b/"),)).owner_of("x/b/7") is None, "prefixes of one length never meet"


def test_a_key_that_would_be_too_long_has_a_digest_for_its_person() -> None:
    booking = "b" * (LONGEST_GRANT - 3)
    assert Keys().grant(booking, "g12") == f"{booking}:g12"
    cut = Keys().grant(booking, "g123")
    assert cut.startswith(f"{booking}:")
    assert len(cut) == len(booking) + 1 + 32
    assert Keys().grant(booking, "g124") != cut
    assert Keys().grant("b1", "g" * LONGEST_GRANT).startswith("b1:") is True
    assert len(Keys().grant("b1", "g" * LONGEST_GRANT)) == 3 + 32


def test_every_part_of_a_stay_but_the_first_says_which_it_is() -> None:
    assert [Keys("a/").grant("b1", span=span) for span in (1, 2, 3)] == ["a/b1", "a/b1/2", "a/b1/3"]
    assert Keys("a/").grant("b1", "g1", 2) == "a/b1/2:g1"


def test_spare_keys_and_who_holds_them_have_the_prefix_and_no_booking() -> None:
    keys = Keys("a/")
    spare = keys.spare("a/101", "x1")
    assert (spare, keys.spare_holder) == ("a/~spare:101:x1", "a/~spare")
    assert keys.is_spare(spare)
    assert (keys.booking_of(spare), Keys().is_spare(spare)) == (None, False)
    assert not keys.is_spare("a/~spare")


def test_a_common_area_has_the_propertys_id_only_where_one_policy_serves_several() -> None:
    keys = Keys("a/")
    assert keys.common_area("lobby", "p1", False) == "a/lobby"
    assert keys.common_area("lobby", "p1", True) == "a/lobby:p1"
    assert (keys.customer("p1"), keys.room("r1"), keys.guest("g1")) == ("a/p1", "a/r1", "a/g1")


def test_a_key_without_our_prefix_or_with_nothing_behind_it_is_of_no_booking() -> None:
    keys = Keys("a/")
    assert (keys.id_of("b/7"), keys.booking_of("b/7"), keys.booking_of("a/")) == (None, None, None)
    assert (keys.id_of("a/7"), keys.booking_of("a/7.2"), keys.booking_of("a/7/2:g1.3")) == ("7", "7", "7")
    assert Keys("a/", others=(("all", ""),)).owner_of("a/7") is None, "one without a prefix is asked about elsewhere"


def test_the_reservation_of_a_whole_stay_is_the_booking_and_that_of_a_later_span_has_its_number() -> None:
    keys = Keys("a/")
    assert (keys.reservation("b1"), keys.reservation("b1", 1), keys.reservation("b1", 2)) == ("a/b1", "a/b1", "a/b1/2")
