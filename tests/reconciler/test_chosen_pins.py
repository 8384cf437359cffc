"""Two guests at one door never have one PIN: which of them gets another, and what stays as it was made."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind
from mappers.resources import DesiredAccessGrant
from reconciler.changes import Change
from reconciler.chosen_pins import PIN_OF_ANOTHER, Made, learn_pins, learn_unknown, made_anew
from seam_workspace.errors import SeamUnreachable
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod
from store.database import open_database
from store.engine import Database
from store.links import Links
from store.pin_marks import PinMarks
from store.queue import BOOKINGS, Queue
from store.runs import Runs
from tests.builders import NOW
from tests.databases import SQLITE, new_database

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = Database(open_database(new_database(SQLITE, tmp_path)))
    Runs(store).begin("run", "alpen", "full", NOW, None)
    yield store
    store.close()


class Seam:
    """As much of a workspace as tells PINs, by the grant's key."""

    def __init__(self, **pins: str) -> None:
        self.pins = pins
        self.asked: list[str] = []

    def mark(self, pin: str) -> str:
        return f"{'key':8}{pin}"

    def ways_and_people_of(self, grant_ids: Collection[str]) -> Any:
        self.asked += grant_ids
        keys = [one.removeprefix("grant-") for one in grant_ids]
        told = {f"way-{key}": self.mark(self.pins[key]) for key in keys if key in self.pins}
        return {way: ExistingAccessMethod(way, "code", True, mark=mark) for way, mark in told.items()}, {}


def make(store: Database, key: str, person: str, days: int = 2, room: str = "r101", **rest: Any) -> Made:
    """A grant that was just made, and is linked: it begins in so many days."""
    wanted = DesiredAccessGrant(
        key=key,
        booking_id=rest.pop("booking", key),
        user_identity_key=person,
        space_keys=(room,),
        starts_at=NOW + days * DAY,
        ends_at=NOW + (days + 2) * DAY,
        name="Booking",
        access_methods=("code",),
        reservation_key=key,
        **rest,
    )
    spaces = frozenset({room})
    link = Link(
        Kind.ACCESS_GRANT,
        key,
        f"grant-{key}",
        property_id="hotel",
        booking_id=wanted.booking_id,
        user_identity_key=person,
        starts_at=wanted.starts_at,
        space_ids=spaces,
    )
    Runs(store).record("run", "alpen", [], NOW, made=[link])
    grant = ExistingAccessGrant(
        link.seam_id,
        key,
        f"seam-{person}",
        spaces,
        wanted.starts_at,
        wanted.ends_at,
        wanted.name,
        frozenset({"code"}),
        method_ids=frozenset({f"way-{key}"}),
    )
    return Change(Kind.ACCESS_GRANT, Action.CREATE, key, "new", wanted.booking_id, grant=wanted, link=link), link, grant


def anew(store: Database, seam: Seam, *made: Made) -> list[str]:
    """Keys of what is made anew."""
    return [one.key for one in made_anew(seam, store, "alpen", made, NOW)]  # type: ignore[arg-type]


def test_whoever_was_given_the_pin_of_another_guest_of_that_door_gets_the_same_access_with_another(
    store: Database,
) -> None:
    seam = Seam(b1="1234", b2="1234")
    assert anew(store, seam, make(store, "b1", "g1")) == []
    change, link, grant = make(store, "b2", "g2", days=9)
    before = replace(grant, id="before")
    grant = replace(grant, reservation_key="b2.2")
    change = replace(
        change,
        action=Action.REPLACE,
        existing_grants=(before,),
        pin_from=(before,),
        add_methods=("card",),
        moves_from=frozenset({"r102"}),
        moves_to="r101",
        reservation_key="b2",
        cause=Cause.DRIFT,
    )
    assert change.grant is not None
    (other,) = made_anew(seam, store, "alpen", [(change, link, grant)], NOW)  # type: ignore[arg-type]
    assert other == replace(
        change,
        action=Action.REPLACE,
        reason=PIN_OF_ANOTHER,
        grant=replace(change.grant, keeps_pin=False, pin=None),
        existing_grants=(grant, before),
        pin_from=(grant,),
        add_methods=(),
        moves_from=frozenset(),
        moves_to=None,
        reservation_key="b2.2",
        cause=None,
    )
    assert not other.takes_over, "the grant that goes is her own"


@pytest.mark.parametrize(
    ("person", "room", "pin", "is_made_anew"),
    [
        ("g2", "r101", "1234", True),
        ("g2", "r102", "1234", False),
        ("g2", "r101", "5678", False),
        ("g1", "r101", "1234", False),
    ],
    ids=["another guest", "at another door", "with another PIN", "she herself, in another booking"],
)
def test_a_pin_is_anothers_only_where_another_has_it_at_the_same_door(
    store: Database, person: str, room: str, pin: str, is_made_anew: bool
) -> None:
    seam = Seam(b1="1234", b2=pin)
    assert anew(store, seam, make(store, "b1", "g1")) == []
    assert anew(store, seam, make(store, "b2", person, room=room)) == (["b2"] if is_made_anew else [])
    due = {one.subject for one in Queue(store).waiting("alpen", BOOKINGS)}
    assert due == ({"b2"} if is_made_anew else set())


def test_of_two_who_were_given_one_pin_at_once_the_one_who_comes_first_keeps_it(store: Database) -> None:
    later, sooner = make(store, "b1", "g1", days=5), make(store, "b2", "g2", days=3)
    assert anew(store, Seam(b1="1234", b2="1234"), later, sooner) == ["b1"]


def test_of_whom_nobody_knows_when_she_comes_is_taken_to_be_there(store: Database) -> None:
    change, link, grant = make(store, "b1", "g1", days=5)
    unknown = change, replace(link, starts_at=None), grant
    assert anew(store, Seam(b1="1234", b2="1234"), make(store, "b2", "g2", days=3), unknown) == ["b2"]


def test_whose_profiles_were_merged_is_one_person(store: Database) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    assert anew(store, seam, make(store, "b2", "g2", merged_identity_keys=("g1",))) == []


def test_the_second_person_of_a_booking_has_a_pin_of_her_own(store: Database) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    assert anew(store, seam, make(store, "b2", "g2", booking="b1")) == ["b2"]


def test_a_grant_that_gives_no_pin_is_asked_for_none(store: Database) -> None:
    change, link, grant = make(store, "b1", "g1")
    seam = Seam(b1="1234")
    assert anew(store, seam, (change, link, replace(grant, access_methods=frozenset({"card"})))) == []
    assert seam.asked == []


def test_digits_of_a_phone_stay_though_another_guest_has_them(store: Database) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    assert anew(store, seam, make(store, "b2", "g2", pin="1234")) == []
    assert anew(store, Seam(b3="1234"), make(store, "b3", "g3", pin="9999")) == ["b3"], "the lock took another one"


def test_where_seam_does_not_tell_the_pin_a_later_look_compares_it(store: Database) -> None:
    seam = Seam(b1="1234")
    anew(store, seam, make(store, "b1", "g1"))
    made = make(store, "b2", "g2")
    seam.ways_and_people_of = _away  # type: ignore[method-assign]
    assert anew(store, seam, made) == []
    later = Seam(b1="1234", b2="1234")
    _learn(store, later, made[2])
    assert later.asked == [], "it is known that it is not known: whoever looks at the locks asks"
    assert [one.mark for one in PinMarks(store, "alpen").of(["grant-b2"]).values()] == [None]


def _away(grant_ids: Collection[str]) -> Any:
    raise SeamUnreachable("no answer")


def _learn(store: Database, seam: Seam, *grants: ExistingAccessGrant, compare: bool = True) -> None:
    learn_unknown(seam, store, "alpen", grants, NOW, compare)  # type: ignore[arg-type]


@pytest.mark.parametrize("compare", [True, False])
def test_a_pin_of_which_nothing_was_noted_is_compared_where_nobody_chose_it(store: Database, compare: bool) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    _learn(store, seam, make(store, "b2", "g2")[2], compare=compare)
    assert seam.asked[1:] == ["grant-b2"]
    assert [one.key for one in PinMarks(store, "alpen").to_be_made_anew()] == (["b2"] if compare else [])


def test_whoever_may_have_been_told_her_pin_keeps_it_and_who_has_not_come_yet_gets_another(store: Database) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1", days=3))
    _learn(store, seam, make(store, "b2", "g2", days=-1)[2])
    assert [one.key for one in PinMarks(store, "alpen").to_be_made_anew()] == ["b1"]
    seam = Seam(b3="1234")
    _learn(store, seam, make(store, "b3", "g3", days=-1)[2])
    assert [one.key for one in PinMarks(store, "alpen").to_be_made_anew()] == ["b1"], "nobody in the house loses hers"


def test_a_grant_gets_another_pin_three_times_and_then_stays(store: Database) -> None:
    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    for number in range(5):
        change, link, grant = make(store, "b2", "g2")
        again = replace(grant, id=f"{grant.id}-{number}")
        seam.ways_and_people_of = lambda ids: (  # type: ignore[method-assign]
            {"way-b2": ExistingAccessMethod("way-b2", "code", True, mark=seam.mark("1234"))},
            {},
        )
        link = replace(link, seam_id=again.id)
        Runs(store).record("run", "alpen", [], NOW, made=[link])
        assert anew(store, seam, (change, link, again)) == (["b2"] if number < 3 else [])
    assert {one.key for one in Links(store).of_bookings("alpen", ["b2"])} == {"b2"}


def test_a_grant_that_is_to_be_made_anew_stays_so_until_it_has_another_pin(store: Database) -> None:
    def learn(mark: str | None) -> set[str]:
        return learn_pins(store, "alpen", {"grant-b2": mark}, [link], NOW)

    seam = Seam(b1="1234", b2="1234")
    anew(store, seam, make(store, "b1", "g1"))
    made = make(store, "b2", "g2")
    link = made[1]
    assert anew(store, seam, made) == ["b2"]
    same = seam.mark("1234")
    for told in (same, None, same):
        assert learn(told) == {"grant-b2"}
        assert PinMarks(store, "alpen").of(["grant-b2"])["grant-b2"].mark == same, "what was known stays known"
    assert learn(seam.mark("5678")) == set()
    assert PinMarks(store, "alpen").to_be_made_anew() == []


def test_a_pin_that_the_lock_has_drawn_anew_since_is_compared_with_those_of_others(store: Database) -> None:
    seam = Seam(b1="1234", b2="5678")
    anew(store, seam, make(store, "b1", "g1", days=3))
    made = make(store, "b2", "g2", days=5)
    assert anew(store, seam, made) == []
    assert learn_pins(store, "alpen", {"grant-b2": seam.mark("1234")}, [made[1]], NOW) == {"grant-b2"}
    assert learn_pins(store, "alpen", {"grant-b9": seam.mark("1234")}, [made[1]], NOW) == set(), "of others nothing"
