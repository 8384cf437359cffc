"""The safety limit of one run: who counts, what is held and noted, and what is taken off again."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.records import BookingStatus, Property
from mappers.links import Link
from mappers.outcomes import Action, Kind
from mappers.policy import MaxRevocations
from reconciler.changes import Change
from reconciler.holding import KEPT, SafetyLimit
from reconciler.pull import Pulled
from seam_workspace.existing import ExistingAccessGrant
from store.database import open_database
from store.engine import Database
from store.holds import Hold, Holds
from store.revocations import Revocation, RevocationBook
from store.runs import Runs
from store.stays import Stay, Stays
from tests.builders import HOTEL, NOW, make_booking
from tests.databases import SQLITE, new_database

OTHER = Property("other", "Hotel Isar", "Europe/Vienna", "AT")
HOUR = timedelta(hours=1)
CONNECTION: Any = SimpleNamespace(name="alpen", connector=SimpleNamespace(reservation_of=lambda one: one.split("-")[0]))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    store = Database(open_database(new_database(SQLITE, tmp_path)))
    yield store
    store.close()


def limit_of(store: Database, **approved: Hold) -> SafetyLimit:
    """Two of a house of ten may go at once."""
    return SafetyLimit(CONNECTION, store, MaxRevocations(count=2), NOW, approved)


def grant(key: str, ends_at: datetime | None = NOW + 2 * HOUR) -> ExistingAccessGrant:
    return ExistingAccessGrant(f"grant-{key}", key, "u", frozenset(), NOW - HOUR, ends_at, None, frozenset({"code"}))


def going(booking_id: str, counts: bool = True) -> Change:
    here = grant(booking_id, NOW + 2 * HOUR if counts else NOW)
    rest: Any = {"existing_grants": (here,), "counts_as_revocation": counts}
    return Change(Kind.ACCESS_GRANT, Action.REVOKE, booking_id, "because", booking_id, **rest)


def house(
    *changes: Change, of: Property = HOTEL, live: int = 10, looked_at: tuple[str, ...] = (), **pulled: Any
) -> Any:
    """A property with so many grants; of those, the ones that go."""
    mine = {change.booking_id: make_booking(change.booking_id, status=BookingStatus.CANCELLED) for change in changes}
    there = {f"{of.id}{number}": (grant(f"{of.id}{number}"),) for number in range(live)}
    return SimpleNamespace(
        plan=SimpleNamespace(grants=list(changes), held=[], notes=[], look_again={}),
        pulled=Pulled(of, full=True, **({"bookings": mine} | pulled)),
        accesses=[SimpleNamespace(booking_id=one) for one in looked_at],
        existing=SimpleNamespace(access_grants=there),
    )


def noted(store: Database, connection: str = "alpen") -> set[str]:
    return {one.key for one in RevocationBook(store, connection).since(NOW - HOUR)}


def test_what_is_too_much_is_held_and_not_noted_and_what_is_not_is_noted_before_it_is_done(store: Database) -> None:
    many = house(*(going(f"b{number}") for number in range(3)))
    assert limit_of(store).apply([many], {}, dry_run=False).keys() == {"b0", "b1", "b2"}
    assert ([one.key for one in many.plan.held], many.plan.grants) == (["b0", "b1", "b2"], [])
    assert noted(store) == set()
    few = house(going("b0"), going("b1"))
    assert limit_of(store).apply([few], {}, dry_run=False) == {}
    assert ([one.key for one in few.plan.grants], few.plan.held) == (["b0", "b1"], [])
    (first, _) = RevocationBook(store, "alpen").since(NOW - HOUR)
    assert first == Revocation("b0", HOTEL.id, "b0", False, NOW - HOUR, NOW)


def test_a_dry_run_notes_nothing_and_forgets_nothing(store: Database) -> None:
    RevocationBook(store, "alpen").note([Revocation("elsewhere", OTHER.id, "r", False, NOW, NOW)], NOW)
    approved = Hold("b9", OTHER.id, "b9", "")
    assert limit_of(store, b9=approved).apply([house(going("b0"))], {}, dry_run=True) == {}
    assert noted(store) == {"elsewhere"}


def test_what_was_noted_and_did_not_happen_is_taken_off_once(store: Database) -> None:
    limit = limit_of(store)
    limit.apply([house(going("b0"), going("b1"))], {}, dry_run=False)
    limit.settle({"b1"})
    assert noted(store) == {"b1"}
    limit.settle(set())
    assert noted(store) == {"b1"}


def test_what_somebody_has_approved_counts_for_nothing_and_what_went_before_it_no_more_either(store: Database) -> None:
    for key, of in (("before", HOTEL.id), ("elsewhere", OTHER.id)):
        RevocationBook(store, "alpen").note([Revocation(key, of, key, False, NOW, NOW)], NOW)
    approved = {f"b{number}": Hold(f"b{number}", HOTEL.id, f"b{number}", "") for number in range(5)}
    one = house(*(going(f"b{number}") for number in range(6)))
    assert limit_of(store, **approved).apply([one], {}, dry_run=False) == {}
    assert len(one.plan.grants) == 6
    assert noted(store) == {"b5", "elsewhere"}


def test_what_went_within_the_day_counts_and_what_waits_of_other_bookings_too(store: Database) -> None:
    RevocationBook(store, "alpen").note([Revocation("before", HOTEL.id, "before", False, NOW, NOW)], NOW)
    Runs(store).begin("r1", "alpen", "full", NOW)
    Holds(store).add("r1", "alpen", [Hold("waits", HOTEL.id, "waits", "")], NOW)
    new = house(going("b0"))
    assert limit_of(store).apply([new], {}, dry_run=False).keys() == {"b0"}
    seen = house(going("b0"), looked_at=("waits",))
    assert limit_of(store).apply([seen], {}, dry_run=False) == {}, "it waits no more, or is planned anew"
    again = house(going("before"), going("b1"))
    RevocationBook(store, "alpen").take_off(["b0"])
    Holds(store).settle("alpen", ["waits"], NOW)
    assert limit_of(store).apply([again], {}, dry_run=False) == {}, "what is planned again counts once"


def test_how_many_may_go_depends_on_all_who_have_access_as_far_as_anybody_knows(store: Database) -> None:
    changes = [going(f"b{number}") for number in range(3)]

    def is_held(*links: tuple[str, str, datetime | None], live: int = 4) -> bool:
        known: Any = {
            (kind, f"linked{number}"): Link(kind, "", "", property_id=place, ends_at=ends)
            for number, (kind, place, ends) in enumerate(links)
        }
        one = house(*changes, live=live)
        return bool(
            SafetyLimit(CONNECTION, store, MaxRevocations(10, 20, 40), NOW, {}).apply([one], known, dry_run=True)
        )

    here, later = Kind.ACCESS_GRANT, NOW + HOUR
    assert is_held()
    assert not is_held(*[(here, HOTEL.id, later)] * 4), "of eight three may go"
    assert not is_held(*[(here, HOTEL.id, None)] * 4)
    assert is_held(*[(here, HOTEL.id, NOW)] * 4), "whose time is over has none"
    assert is_held(*[(here, OTHER.id, later)] * 4), "of another house"
    assert is_held(*[(Kind.USER_IDENTITY, HOTEL.id, later)] * 4)
    assert not is_held(live=8)


def test_of_generations_of_one_grant_and_of_what_seam_shows_and_is_linked_each_counts_once(store: Database) -> None:
    one = house(*(going(f"b{number}") for number in range(3)), live=0)
    shown = [grant(key, ends) for key, ends in (("a", None), ("a.2", NOW + HOUR), ("c", NOW), ("d", NOW + HOUR))]
    one.existing.access_grants["x"] = tuple(shown)
    link: Any = {(Kind.ACCESS_GRANT, "d"): Link(Kind.ACCESS_GRANT, "d", "", property_id=HOTEL.id, ends_at=None)}
    held = SafetyLimit(CONNECTION, store, MaxRevocations(), NOW, {}).apply([one], link, dry_run=True)
    assert {str(why).split(" grants")[0] for why in held.values()} == {"3 of 2"}


def test_two_houses_below_the_limit_may_be_above_that_of_their_connection(store: Database) -> None:
    one, other = house(going("b0"), going("b1"), live=5), house(going("b2"), going("b3"), of=OTHER, live=5)
    for each in (one, other):
        assert limit_of(store).apply([each], {}, dry_run=True) == {}
    held = limit_of(store).apply([one, other], {}, dry_run=False)
    assert held.keys() == {"b0", "b1", "b2", "b3"}
    assert "connection alpen" in str(held["b0"])
    assert noted(store) == set()


def test_a_house_above_the_limit_holds_up_no_other(store: Database) -> None:
    loud, quiet = house(*(going(f"b{number}") for number in range(3))), house(going("b9"), of=OTHER)
    assert limit_of(store).apply([loud, quiet], {}, dry_run=False).keys() == {"b0", "b1", "b2"}
    assert [one.key for one in quiet.plan.grants] == ["b9"]
    assert noted(store) == {"b9"}


def test_several_rooms_of_one_reservation_go_together(store: Database) -> None:
    assert limit_of(store).apply([house(*(going(f"r-{number}") for number in range(5)))], {}, dry_run=True) == {}
    held = limit_of(store).apply([house(going("r-1"), going("r-2"), going("s-1"))], {}, dry_run=True)
    assert len(held) == 3


def test_whoever_overstays_counts_though_her_access_has_ended(store: Database) -> None:
    changes = [going(f"b{number}", counts=False) for number in range(3)]
    assert limit_of(store).apply([house(*changes)], {}, dry_run=True) == {}
    stays = [
        Stay("alpen", f"b{number}", HOTEL.id, "1", "J.N.", "101", BookingStatus.IN_HOUSE, None, NOW, "granted", "", 1)
        for number in range(3)
    ]
    Stays(store).note("alpen", NOW, stays)
    assert limit_of(store).apply([house(*changes)], {}, dry_run=True).keys() == {"b0", "b1", "b2"}


def test_what_is_gone_counts_by_absence_unless_its_reservation_was_read(store: Database) -> None:
    gone = {"bookings": {}, "gone": {"r-1", "s-1"}}
    held = limit_of(store).apply([house(going("r-1"), going("s-1"), **gone)], {}, dry_run=True)
    assert held.keys() == {"r-1", "s-1"}, "one of them, and not two, may go by absence"
    beside = {"bookings": {"r-2": make_booking("r-2")}, "gone": {"r-1", "s-1"}}
    assert limit_of(store).apply([house(going("r-1"), going("s-1"), **beside)], {}, dry_run=True) == {}


def test_what_somebody_keeps_stays_unless_somebody_approves_that_it_goes(store: Database) -> None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    Holds(store).add("r1", "alpen", [Hold("b0", HOTEL.id, "b0", "")], NOW)
    Holds(store).keep("alpen", ["b0"], "Ada", "she is here", NOW)
    one = house(going("b0"), going("b1"))
    assert limit_of(store).apply([one], {}, dry_run=True) == {"b0": KEPT}
    assert ([each.key for each in one.plan.held], [each.key for each in one.plan.grants]) == (["b0"], ["b1"])
    one = house(going("b0"))
    assert limit_of(store, b0=Hold("b0", HOTEL.id, "b0", "")).apply([one], {}, dry_run=True) == {}
    over = house(going("b0", counts=False))
    assert limit_of(store).apply([over], {}, dry_run=True) == {}
    assert [each.key for each in over.plan.grants] == ["b0"], "it has ended by itself"


def test_what_a_pms_denies_that_is_not_believed_is_held_whatever_the_limit_unless_somebody_approves(
    store: Database,
) -> None:
    denied: Any = {"bookings": {}, "doubt": "most are missing", "doubtful": {"b0", "b1"}}
    one = house(going("b0"), going("b1", counts=False), going("b2"), **denied)
    assert limit_of(store).apply([one], {}, dry_run=True).keys() == {"b0"}
    assert [each.key for each in one.plan.grants] == ["b2"], "what has ended opens nothing, and is left"
    assert [each.key for each in one.plan.held] == ["b0"]
    one = house(going("b0"), **denied)
    held = limit_of(store, b0=Hold("b0", HOTEL.id, "b0", "", True)).apply([one], {}, dry_run=True)
    assert (held, one.plan.held) == ({}, []), "nobody is asked for the same word twice"
