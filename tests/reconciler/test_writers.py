"""How one change is written to Seam: what goes first, what is kept, what is said of it. Seam is a dictionary here."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from reconciler.attempts import EVERYBODY, FAILURES_IN_A_ROW, Attempts, NotTried, Written
from reconciler.carried_pins import PIN_IN_TIME, CarriedPins
from reconciler.changes import HELD_BY_ANOTHER, Change, Plan, fingerprint
from reconciler.executor import Executor
from reconciler.make_grant import GrantMaker
from reconciler.order import by_booking, into_each_others_rooms
from reconciler.progress import Silent
from reconciler.report import RunReport
from reconciler.reservations import Reservations
from reconciler.write_access import AccessWriter
from reconciler.write_people import PeopleWriter, gives_up_a_contact
from reconciler.write_rooms import RoomWriter
from seam_workspace.errors import SeamBusy, SeamNotFound, SeamRefused, SeamUnauthorized, SeamUnreachable
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingDoor,
    ExistingResources,
    ExistingSpace,
    ExistingUserIdentity,
)
from store.costs import Bill, Cost, on_bill
from store.engine import StoreFailed
from store.links import Link
from tests.builders import NOW

HOUR = timedelta(hours=1)
WANTED = DesiredAccessGrant(
    key="b1",
    booking_id="b1",
    user_identity_key="g1",
    space_keys=("r101",),
    starts_at=NOW + HOUR,
    ends_at=NOW + timedelta(days=3),
    name="Booking 52",
    access_methods=("code",),
    reservation_key="b1",
)


class Seam:
    """As much of a workspace as the writers ask of it."""

    def __init__(self) -> None:
        self.grants: dict[str, ExistingAccessGrant] = {}
        """By id."""
        self.pins: dict[str, str] = {}
        self.done: list[tuple[str, str]] = []
        self.refuses: dict[str, SeamRefused] = {}
        """What is refused, by the e-mail, reservation or PIN that is asked for."""
        self.spaces: dict[str, str] = {}
        """Names, by key."""
        self.updated: list[str] = []
        self.reservations: list[str | None] = []
        """By which grants were asked for."""
        self.beside_others: bool | None = None
        self.deletes_at_once = True

    def has(self, key: str, pin: str | None = None, **rest: Any) -> ExistingAccessGrant:
        """A grant that is there already."""
        fields: dict[str, Any] = {
            "user_identity_id": "seam-g1",
            "space_ids": frozenset({"seam-r101"}),
            "starts_at": WANTED.starts_at,
            "ends_at": WANTED.ends_at,
            "name": WANTED.name,
            "access_methods": frozenset(WANTED.access_methods),
        }
        grant = ExistingAccessGrant(f"grant-{key}", key, **(fields | rest))
        self.grants[grant.id] = grant
        if pin is not None:
            self.pins[grant.id] = pin
        return grant

    @contextmanager
    def guarded(self, may_write: Any) -> Iterator[None]:
        yield

    def pin_of(self, grant_id: str) -> str | None:
        return self.pins.get(grant_id)

    def has_pin_of_another(self, pin: str, space_id: str, identity_ids: Any) -> bool:
        return False

    def seal(self, pins: dict[str, str]) -> str:
        return ",".join(f"{key}={pin}" for key, pin in sorted(pins.items()))

    def open_sealed(self, sealed: str) -> dict[str, str]:
        return dict(one.split("=") for one in sealed.split(",") if one)

    def access_grant_by_key(self, key: str) -> ExistingAccessGrant | None:
        return next((one for one in self.grants.values() if one.key == key), None)

    def delete_access_grant(self, grant_id: str) -> None:
        self.done.append(("delete", grant_id))
        if self.deletes_at_once:
            self.grants.pop(grant_id, None)
        elif grant_id in self.grants:
            self.grants[grant_id] = replace(self.grants[grant_id], being_deleted=True)

    def create_access_grant(
        self,
        wanted: DesiredAccessGrant,
        *,
        key: str,
        user_identity_id: str,
        space_ids: Collection[str],
        reservation_key: str | None,
        pin: str | None = None,
    ) -> ExistingAccessGrant:
        self.reservations.append(reservation_key)
        for asked in (reservation_key, pin):
            if asked in self.refuses:
                raise self.refuses[asked]
        self.done.append(("create", key))
        found = self.access_grant_by_key(key)
        if found is not None:
            return found
        spaces = frozenset(space_ids)
        return self.has(
            key,
            pin or str(4711 + len(self.pins)),
            user_identity_id=user_identity_id,
            space_ids=spaces,
            reservation_key=reservation_key,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
        )

    def update_access_grant(self, grant_id: str, wanted: DesiredAccessGrant) -> None:
        if grant_id in self.refuses:
            raise self.refuses[grant_id]
        self.updated.append(grant_id)

    def grants_of_reservation(self, reservation_key: str) -> list[ExistingAccessGrant]:
        return [one for one in self.grants.values() if one.reservation_key == reservation_key]

    def grants_in(self, space_id: str) -> list[ExistingAccessGrant]:
        return [one for one in self.grants.values() if space_id in one.space_ids]

    def create_user_identity(self, wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        if wanted.email_address in self.refuses:
            raise self.refuses[wanted.email_address]
        return ExistingUserIdentity("seam-new", wanted.key, wanted.full_name, wanted.email_address, wanted.phone_number)

    def update_user_identity(self, identity_id: str, wanted: DesiredUserIdentity, *, renames: bool = False) -> None:
        self.updated.append(identity_id)

    def create_space(self, wanted: DesiredSpace) -> ExistingSpace:
        name = self.spaces.setdefault(wanted.key, wanted.name)
        return ExistingSpace(f"seam-{wanted.key}", wanted.key, name, wanted.customer_key)

    def update_space(self, space_id: str, wanted: DesiredSpace) -> None:
        self.updated.append(space_id)

    def set_doors(self, space_id: str, doors: Any, *, beside_others: bool) -> None:
        self.beside_others = beside_others


class Notes:
    """As much of `store.work.Work` as the writers ask of it."""

    def __init__(self, **sealed: str) -> None:
        self.steps: dict[str, str] = {}
        self.ended: list[str] = []
        self.rested: list[str] = []
        self.sealed = dict(sealed)

    def begin_step(self, run: str, connection: str, property_id: str, booking: str, doing: str, at: datetime) -> None:
        self.steps[booking] = doing

    def end_steps(self, connection: str, bookings: Collection[str]) -> None:
        self.ended += bookings
        for booking in bookings:
            self.steps.pop(booking, None)

    def rest_steps(self, connection: str, bookings: Collection[str]) -> None:
        self.rested += bookings

    def sealed_steps(self, connection: str) -> dict[str, str]:
        return self.sealed

    def seal_step(self, connection: str, booking: str, text: str) -> None:
        self.sealed[booking] = text


class Report(RunReport):
    """The note of a booking ends with its last outcome, in one transaction."""

    def __init__(self, notes: Notes) -> None:
        super().__init__("run", "house", "full", NOW, lambda: NOW, None)
        self._notes = notes

    def add(self, rows: Any, *, finished_booking: str | None = None, **rest: Any) -> None:
        super().add(rows, finished_booking=finished_booking, **rest)
        if finished_booking is not None:
            self._notes.end_steps(self.connection, [finished_booking])


@dataclass
class House:
    """The writers of one property, put together as the executor does it."""

    seam: Any = field(default_factory=Seam)
    notes: Any = field(default_factory=Notes)
    override_spaces: frozenset[str] = frozenset()
    waits: list[float] = field(default_factory=list)
    clock: Callable[[], datetime] = lambda: NOW
    taken_away: list[str] = field(default_factory=list)
    """Ids of grants whose locks may not have heard of their end."""

    def __post_init__(self) -> None:
        self.report = Report(self.notes)
        self.attempts = Attempts(self.report)
        people = {key: ExistingUserIdentity(f"seam-{key}", key) for key in ("g1", "g2")}
        spaces = {key: ExistingSpace(f"seam-{key}", key, key, "hotel") for key in ("r101", "r102")}
        existing = ExistingResources(spaces, people, {})
        self.pins = CarriedPins(self.seam, self.notes, "house", self.attempts)
        maker = GrantMaker(
            self.seam,
            RoomWriter(self.seam, existing),
            PeopleWriter(self.seam, self.attempts, existing),
            self.pins,
            Reservations(self.seam, self.override_spaces),
            timedelta(seconds=20),
            lambda: sum(self.waits),
            self.waits.append,
            lambda change, grant, rooms: self.taken_away.append(grant.id),
        )
        self.access = AccessWriter(
            self.seam, self.notes, self.report, self.attempts, maker, self.pins, "hotel", self.clock
        )

    def write(self, *changes: Change) -> None:
        self.access.begin(changes)
        going = [one for one in changes if one.action is Action.REVOKE]
        if going:
            self.access.revoke(going)
        staying = [one for one in changes if one.action is not Action.REVOKE]
        if staying:
            self.access.write(staying)

    @property
    def said(self) -> list[str]:
        return [item.error or item.reason for item in self.report.items]


def change(action: Action, *existing: ExistingAccessGrant, wanted: DesiredAccessGrant = WANTED, **rest: Any) -> Change:
    grant = None if action is Action.REVOKE else wanted
    fields: dict[str, Any] = {
        "booking_id": wanted.booking_id,
        "grant": grant,
        "existing_grants": existing,
        "link": None if grant is None else Link(Kind.ACCESS_GRANT, wanted.key, ""),
    }
    return Change(Kind.ACCESS_GRANT, action, wanted.key, "because", **(fields | rest))


# --- what comes first -------------------------------------------------------------------------------------------------


def test_the_oldest_harm_is_dealt_with_first() -> None:
    later = replace(WANTED, key="b2", booking_id="b2", starts_at=NOW + 5 * HOUR)
    bookings = by_booking(
        [
            change(Action.CREATE, wanted=later),
            change(Action.CREATE),
            change(Action.REVOKE, Seam().has("b1", starts_at=NOW + 9 * HOUR)),
        ]
    )
    assert [[one.booking_id for one in mine] for mine in bookings] == [["b1", "b1"], ["b2"]]


def test_what_begins_at_one_hour_is_in_the_order_of_the_bookings_ids_and_what_belongs_to_none_goes_first() -> None:
    of = [replace(change(Action.CREATE), booking_id=one) for one in ("b2", None, "b1", None)]
    assert [[one.booking_id for one in mine] for mine in by_booking(of)] == [[None, None], ["b1"], ["b2"]]


def test_only_whoever_leaves_a_room_for_somebody_else_of_the_same_run_leaves_early() -> None:
    def move(booking: str, out_of: str, into: str) -> Change:
        wanted = replace(WANTED, key=booking, booking_id=booking)
        return change(Action.REPLACE, wanted=wanted, moves_from=frozenset({out_of, "lobby"}), moves_to=into)

    alone = move("b3", "r103", "r104")
    swap = [move("b1", "r101", "r102"), move("b2", "r102", "r101")]
    assert into_each_others_rooms([[one] for one in (*swap, alone)]) == [[one] for one in swap]
    assert into_each_others_rooms([[swap[0]], [alone]]) == []
    assert into_each_others_rooms([[move("b1", "r101", "r102"), move("b1", "r102", "r101")]]) == []


@pytest.mark.parametrize(
    ("before", "after", "gives"), [("a@x", "b@x", True), ("a@x", "A@X", False), (None, "b@x", False)]
)
def test_whoever_gives_up_a_contact_is_known(before: str | None, after: str, gives: bool) -> None:
    wanted = DesiredUserIdentity("g1", "Jana", after)
    found = ExistingUserIdentity("seam-g1", "g1", "Jana", before)
    one = Change(Kind.USER_IDENTITY, Action.UPDATE, "g1", "", identity=wanted, existing_identity=found)
    assert gives_up_a_contact(one) is gives


def _executor(house: House) -> Executor:
    context: Any = SimpleNamespace(
        workspace=house.seam,
        store=Any,
        report=house.report,
        policy=Policy(replace_wait=timedelta(0)),
        progress=Silent(),
        stop=lambda: False,
        may_write=lambda: None,
        clock=lambda: NOW,
        monotonic=float,
        sleep=house.waits.append,
        workers=1,
    )
    return Executor(context, "hotel", ExistingResources({}, {}, {}))


def test_whoever_gives_up_a_contact_goes_before_whoever_may_wait_for_it() -> None:
    house = House()
    executor = _executor(house)
    changes = []
    for key, before, after in (("g1", None, "a@example.com"), ("g2", "a@example.com", "b@example.com")):
        wanted = DesiredUserIdentity(key, "Jana", after)
        found = ExistingUserIdentity(f"seam-{key}", key, "Jana", before)
        link = Link(Kind.USER_IDENTITY, key, "")
        changes.append(
            Change(Kind.USER_IDENTITY, Action.UPDATE, key, "", identity=wanted, existing_identity=found, link=link)
        )
    executor.execute(Plan(identities=changes))
    assert house.seam.updated == ["seam-g2", "seam-g1"]


def test_what_is_under_way_when_a_run_ends_in_the_middle_is_finished_and_nothing_more_is_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []
    ended = threading.Event()

    class Pool(ThreadPoolExecutor):
        def shutdown(self, *how: Any, **rest: Any) -> None:
            super().shutdown(*how, **rest)
            ended.set()

    def write(group: Sequence[Change]) -> None:
        begun.append(group[0].key)
        if len(begun) == 1:
            raise StoreFailed("the database is away")
        assert ended.wait(20)

    monkeypatch.setattr("reconciler.executor.ThreadPoolExecutor", Pool)
    people = [[Change(Kind.USER_IDENTITY, Action.CREATE, f"g{number}", "new")] for number in range(4)]
    with pytest.raises(StoreFailed):
        _executor(House())._all(people, write)
    assert begun in (["g0"], ["g0", "g1"])


# --- failures ---------------------------------------------------------------------------------------------------------


def _failing(problem: Exception) -> Any:
    def act() -> Written:
        raise problem

    return act


@pytest.mark.parametrize(
    ("problem", "is_away"),
    [
        (SeamUnreachable("no answer"), True),
        (SeamRefused("no", status=403), True),
        (SeamRefused("no", status=400), False),
    ],
)
def test_a_booking_is_not_blamed_for_a_seam_that_is_away_or_lets_nobody_in(problem: Exception, is_away: bool) -> None:
    house = House()
    house.attempts.attempt(change(Action.CREATE), _failing(problem))
    assert house.attempts.failed_bookings == {"b1": str(problem)}
    assert house.attempts.waiting_for_seam == ({"b1"} if is_away else set())


def test_of_what_went_wrong_with_a_booking_the_first_is_told() -> None:
    house = House()
    for why in ("the room has no lock", "not begun"):
        house.attempts.attempt(change(Action.CREATE), _failing(SeamRefused(why, status=400)))
    assert house.attempts.failed_bookings == {"b1": "the room has no lock"}


@pytest.mark.parametrize("problem", [SeamUnauthorized("the key is no good"), SeamBusy("too many calls")])
def test_when_seam_takes_nothing_from_anybody_nothing_more_is_tried(problem: Exception) -> None:
    house = House()
    house.attempts.attempt(change(Action.CREATE), _failing(problem))
    house.attempts.attempt(change(Action.CREATE, booking_id="b2"), Written)
    assert house.said == [str(problem), f"not tried: {problem}"]


def test_seam_is_down_after_so_many_failures_in_a_row_of_which_none_went_well() -> None:
    house, down = House(), _failing(SeamUnreachable("no answer"))
    for _ in range(2):
        for _ in range(FAILURES_IN_A_ROW - 1):
            house.attempts.attempt(change(Action.CREATE), down)
        assert house.attempts.stopped is None
        house.attempts.attempt(change(Action.CREATE, booking_id="well"), Written)
    for _ in range(FAILURES_IN_A_ROW):
        assert house.attempts.stopped is None
        house.attempts.attempt(change(Action.CREATE), down)
    assert house.attempts.stopped is not None


def test_a_booking_that_was_not_tried_because_seam_is_down_is_not_blamed_either() -> None:
    house = House()
    house.attempts.attempt(change(Action.CREATE, booking_id="well"), Written)
    house.attempts.stopped = SeamUnreachable("no answer")
    house.attempts.attempt(change(Action.CREATE), Written)
    assert house.attempts.waiting_for_seam == {"b1"}


@pytest.mark.parametrize(
    ("problem", "is_away"),
    [(SeamUnreachable("no answer"), True), (SeamRefused("no name", status=400), False)],
)
def test_a_booking_waits_for_seam_only_where_its_guest_does(problem: Exception, is_away: bool) -> None:
    house = House()
    person = Change(Kind.USER_IDENTITY, Action.CREATE, "g1", "because")
    house.attempts.attempt(person, _failing(problem))
    house.attempts.attempt(change(Action.CREATE), _failing(NotTried("her identity could not be made")))
    assert house.attempts.waiting_for_seam == ({"b1"} if is_away else set())


def test_when_every_booking_fails_it_is_not_the_bookings_unless_one_goes_well() -> None:
    house = House()
    for number in range(EVERYBODY):
        one = change(Action.CREATE, booking_id=f"b{number}")
        house.attempts.attempt(one, _failing(SeamRefused("no", status=400)))
    assert len(house.attempts.waiting_for_seam) == EVERYBODY
    house.attempts.attempt(change(Action.CREATE, booking_id="well"), Written)
    assert house.attempts.waiting_for_seam == set()


# --- steps and PINs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", [Action.CREATE, Action.UPDATE])
def test_the_note_of_a_booking_stays_as_long_as_more_is_to_be_done(action: Action) -> None:
    house = House()
    going, staying = change(Action.REVOKE, house.seam.has("b1:g2")), change(action, house.seam.has("b1"))
    house.access.begin([going, staying])
    house.access.revoke([going])
    assert set(house.notes.steps) == {"b1"}
    house.access.write([staying])
    assert house.notes.steps == {}
    alone = House()
    alone.write(change(Action.REVOKE, alone.seam.has("b1")))
    assert alone.notes.steps == {}


def test_the_pin_of_whoever_may_come_back_rests_in_the_note() -> None:
    house = House()
    house.write(change(Action.REVOKE, house.seam.has("b1", "1234"), keeps_pin_of="g1"))
    assert (house.notes.sealed, house.notes.rested, house.notes.ended) == ({"b1": "g1=1234"}, ["b1"], [])


def test_of_whoever_leaves_without_a_pin_none_is_noted() -> None:
    house = House()
    house.write(change(Action.REVOKE, house.seam.has("b1"), keeps_pin_of="g1"))
    assert house.notes.sealed == {}


def test_the_pins_of_all_who_leave_a_booking_are_noted_together() -> None:
    house = House()
    first, second = house.seam.has("b1", "1234"), house.seam.has("b1:g2", "5678")
    house.write(change(Action.REVOKE, first, keeps_pin_of="g1"), change(Action.REVOKE, second, keeps_pin_of="g2"))
    assert house.notes.sealed == {"b1": "g1=1234,g2=5678"}


def test_locks_have_yet_to_hear_of_a_grant_since_it_was_begun() -> None:
    seam = Seam()
    house = House(seam, clock=lambda: NOW + HOUR * len(seam.done))
    house.write(change(Action.CREATE))
    assert [begun for _, begun in house.access.told.values()] == [NOW]
    assert [link.space_ids for link, _ in house.access.told.values()] == [frozenset({"seam-r101"})]


@pytest.mark.parametrize(
    ("ended", "ends", "is_shorter"),
    [
        (None, WANTED.ends_at, True),
        (NOW + timedelta(days=9), WANTED.ends_at, True),
        (NOW + timedelta(days=1), WANTED.ends_at, False),
        (WANTED.ends_at, None, False),
    ],
)
def test_a_lock_that_does_not_hear_of_an_earlier_end_is_known(
    ended: datetime | None, ends: datetime | None, is_shorter: bool
) -> None:
    house = House()
    house.write(change(Action.UPDATE, house.seam.has("b1", ends_at=ended), wanted=replace(WANTED, ends_at=ends)))
    assert house.taken_away == (["grant-b1"] if is_shorter else [])


def test_a_lock_that_does_not_hear_of_a_deletion_is_known() -> None:
    house = House()
    house.write(change(Action.REVOKE, house.seam.has("b1")))
    assert house.taken_away == ["grant-b1"]


def test_a_move_is_done_from_its_first_half_on_when_another_plan_has_the_same_key() -> None:
    house = House()
    move = change(Action.REPLACE, house.seam.has("b1"), wanted=replace(WANTED, space_keys=("r102",)))
    house.access.begin([move])
    house.access.leave([move])
    house.access.write([move])
    back = change(Action.REPLACE, house.seam.grants["grant-b1"])
    house.write(back)
    assert house.seam.done == [("delete", "grant-b1"), ("create", "b1")] * 2


def test_a_note_goes_with_the_last_outcome_of_its_booking_and_not_once_more() -> None:
    house = House()
    house.write(change(Action.CREATE))
    assert house.notes.ended == ["b1"]


def test_what_is_not_tried_is_not_noted_as_begun() -> None:
    house = House()
    house.attempts.stopped = SeamUnreachable("no answer")
    house.write(change(Action.CREATE))
    assert house.said == ["not tried: no answer"]
    assert house.notes.steps == {}


def test_the_pin_of_a_grant_that_goes_is_kept_for_the_one_that_is_made_in_the_same_run() -> None:
    house = House()
    old = house.seam.has("b1/2", "1234")
    house.write(change(Action.REVOKE, old), change(Action.CREATE, pin_from=(old,)))
    assert house.notes.sealed["b1"] == "g1=1234"
    assert house.seam.pins["grant-b1"] == "1234"


def test_the_pin_of_another_booking_is_left_to_that_one() -> None:
    house = House()
    mine, other = house.seam.has("b1", "1234"), house.seam.has("b2/2", "5678")
    next_room = replace(WANTED, key="b2", booking_id="b2")
    house.access.begin(
        [
            change(Action.REVOKE, mine),
            change(Action.REVOKE, other, booking_id="b2"),
            change(Action.CREATE, wanted=next_room, pin_from=(other,)),
        ]
    )
    house.access.revoke([change(Action.REVOKE, mine)])
    assert house.notes.sealed == {}


def test_nobody_leaves_her_room_while_nothing_new_is_tried() -> None:
    house = House()
    house.attempts.stopped = SeamUnreachable("no answer")
    house.write(change(Action.REPLACE, house.seam.has("b1"), wanted=replace(WANTED, space_keys=("r102",))))
    assert (house.said, house.seam.done) == (["not tried: no answer"], [])


def test_a_pin_is_noted_before_the_grant_that_has_it_goes() -> None:
    house = House()
    old = house.seam.has("b1", "1234")
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=replace(WANTED, space_keys=("r102",))))
    assert house.notes.sealed["b1"] == "g1=1234"
    assert house.seam.done == [("delete", "grant-b1"), ("create", "b1")]
    assert house.seam.pins["grant-b1"] == "1234"


def test_the_pin_is_taken_from_whichever_of_her_grants_has_one() -> None:
    house = House()
    without, having = house.seam.has("b1"), house.seam.has("b1/2", "5678")
    house.write(
        change(Action.REPLACE, without, pin_from=(without, having), wanted=replace(WANTED, space_keys=("r102",)))
    )
    assert house.seam.pins["grant-b1"] == "5678"


def test_a_pin_that_was_noted_under_her_former_profile_is_hers() -> None:
    house = House(notes=Notes(b1="g2=1111"))
    old = house.seam.has("b1")
    merged = replace(WANTED, merged_identity_keys=("g2",), space_keys=("r102",))
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=merged))
    assert house.seam.pins["grant-b1"] == "1111"


def test_the_pin_that_is_noted_is_the_one_that_she_has_now() -> None:
    house = House(notes=Notes(b1="g1=1111"))
    old = house.seam.has("b1", "1234")
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=replace(WANTED, space_keys=("r102",))))
    assert house.notes.sealed["b1"] == "g1=1234"


def test_what_is_not_there_is_no_reason_for_another_pin() -> None:
    house = House()
    old = house.seam.has("b1", "1234")
    house.seam.refuses["1234"] = SeamNotFound("there is no such space", status=404)
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=replace(WANTED, space_keys=("r102",))))
    assert house.said == ["there is no such space"]
    assert ("create", "b1") not in house.seam.done


def test_whoever_has_two_rooms_gets_one_pin_for_both() -> None:
    house = House()
    second = replace(WANTED, key="b1/2", span=2, space_keys=("r102",))
    house.write(change(Action.CREATE), change(Action.CREATE, wanted=second))
    assert house.seam.pins == {"grant-b1": "4711", "grant-b1/2": "4711"}


def test_whoever_takes_over_anothers_room_has_there_the_pin_of_her_first_one() -> None:
    house = House()
    strangers = house.seam.has("b1/2", "9999", user_identity_id="seam-g2", space_ids=frozenset({"seam-r102"}))
    second = replace(WANTED, key="b1/2", span=2, space_keys=("r102",))
    house.write(change(Action.CREATE), change(Action.REPLACE, strangers, wanted=second))
    assert house.seam.pins["grant-b1/2"] == house.seam.pins["grant-b1"] != "9999"


def test_whose_pin_is_new_with_every_room_waits_for_that_of_none() -> None:
    house = House()
    second = replace(WANTED, key="b1/2", starts_at=NOW + PIN_IN_TIME + HOUR, keeps_pin=False)
    house.write(change(Action.CREATE, wanted=second, pin_from=(house.seam.has("b1"),)))
    assert house.access.postponed == {}


@pytest.mark.parametrize(("starts", "waits"), [(PIN_IN_TIME, False), (PIN_IN_TIME + HOUR, True)])
def test_a_later_room_waits_for_the_pin_of_the_first_unless_it_is_due(starts: timedelta, waits: bool) -> None:
    house = House()
    first = house.seam.has("b1")
    second = replace(WANTED, key="b1/2", starts_at=NOW + starts)
    house.write(change(Action.CREATE, wanted=second, pin_from=(first,)))
    assert house.access.postponed == ({"b1": NOW + timedelta(minutes=1)} if waits else {})
    assert [item.outcome for item in house.report.items] == [Outcome.WAITING if waits else Outcome.DONE]
    assert house.notes.steps == {}, "nothing of it is under way"


def test_nobody_waits_for_the_pin_of_a_grant_that_is_being_deleted() -> None:
    house = House()
    dying = house.seam.has("b1", being_deleted=True)
    second = replace(WANTED, key="b1/2", starts_at=NOW + 9 * HOUR)
    house.write(change(Action.CREATE, wanted=second, pin_from=(dying,)))
    assert house.access.postponed == {}


# --- making and changing ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "no_new", "made_anew"),
    [
        (NOW - HOUR, None, True),
        (NOW - HOUR, "the room is out of use", False),
        (NOW + HOUR, None, False),
        (None, None, False),
    ],
)
def test_what_seam_does_not_change_is_made_anew_only_when_nobody_can_lose_by_it(
    ends: datetime | None, no_new: str | None, made_anew: bool
) -> None:
    house = House()
    current = house.seam.has("b1", ends_at=ends)
    house.seam.refuses["grant-b1"] = SeamRefused("the grant has ended", status=400)
    house.write(change(Action.UPDATE, current, wanted=replace(WANTED, no_new=no_new)))
    assert (("create", "b1") in house.seam.done) is made_anew
    assert (house.report.items[0].outcome == Outcome.DONE) is made_anew


@pytest.mark.parametrize("no_new", [None, "the room is out of use"])
def test_a_grant_that_is_gone_when_its_times_change_is_made_anew_for_whoever_may_have_a_new_one(
    no_new: str | None,
) -> None:
    house = House()
    house.seam.refuses["grant-b1"] = SeamNotFound("there is no such grant", status=404)
    current = house.seam.has("b1", ends_at=NOW + HOUR)
    del house.seam.grants["grant-b1"]
    house.write(change(Action.UPDATE, current, wanted=replace(WANTED, no_new=no_new)))
    assert (("create", "b1") in house.seam.done) is (no_new is None)


def test_the_former_guests_access_is_waited_for_and_told_where_it_lasts() -> None:
    house = House()
    house.seam.deletes_at_once = False
    theirs = house.seam.has("b1", user_identity_id="seam-g2")
    house.write(change(Action.REPLACE, theirs))
    assert sum(house.waits) == pytest.approx(20)
    (said,) = house.said
    assert "the former guest's access is still being deleted, and may open until then" in said
    assert "made as b1.2" in said


def test_a_key_is_asked_for_ever_more_rarely_and_at_the_last_moment_once_more() -> None:
    house = House()
    house.seam.deletes_at_once = False
    house.write(change(Action.REPLACE, house.seam.has("b1"), wanted=replace(WANTED, space_keys=("r102",))))
    assert house.waits == [0.25, 0.5, 1, *[2] * 9, 0.25]


def test_when_every_key_turns_out_to_be_taken_five_are_tried() -> None:
    house = House()
    make = house.seam.create_access_grant
    house.seam.create_access_grant = lambda *given, **rest: replace(make(*given, **rest), being_deleted=True)
    house.write(change(Action.CREATE))
    assert [key for done, key in house.seam.done if done == "create"] == ["b1", "b1.2", "b1.3", "b1.4", "b1.5"]
    assert house.said == ["no key is free for this grant, although 5 were tried"]


def test_a_reservation_that_is_refused_by_whatever_name_is_tried_five_times() -> None:
    house = House()
    refused = SeamRefused("reservation", status=409, words="reservation in use")
    house.seam.refuses = {f"b1{rest}": refused for rest in ("", *(f".{number}" for number in range(2, 9)))}
    house.write(change(Action.CREATE, reservation_key="b1"))
    assert house.seam.reservations == ["b1", "b1.2", "b1.3", "b1.4", "b1.5"]
    assert [item.outcome for item in house.report.items] == [Outcome.FAILED]


def test_a_key_is_waited_for_since_its_grant_went_and_not_anew_when_the_next_one_is_made() -> None:
    house = House()
    house.seam.deletes_at_once = False
    move = change(Action.REPLACE, house.seam.has("b1"), wanted=replace(WANTED, space_keys=("r102",)))
    house.access.begin([move])
    house.access.leave([move])
    house.waits.append(30.0)
    house.access.write([move])
    assert house.waits == [30.0]
    assert house.seam.done == [("delete", "grant-b1"), ("create", "b1.2")]


def test_only_a_grant_that_was_made_has_its_pin_compared_and_not_one_that_was_changed() -> None:
    house = House()
    house.write(change(Action.UPDATE, house.seam.has("b1", ends_at=NOW + HOUR)))
    assert (house.seam.updated, house.seam.done) == (["grant-b1"], [])
    assert house.access.made == []
    house.write(change(Action.CREATE, wanted=replace(WANTED, key="b2", booking_id="b2")))
    assert [grant.key for _, _, grant in house.access.made] == ["b2"]


def test_a_grant_that_was_there_already_gets_the_times_that_are_wanted() -> None:
    house = House()
    house.seam.has("b1", ends_at=NOW + 2 * HOUR)
    house.write(change(Action.CREATE))
    assert house.seam.updated == ["grant-b1"]
    same = House()
    same.seam.has("b1")
    same.write(change(Action.CREATE))
    assert same.seam.updated == []


def test_what_a_lock_did_not_take_before_says_nothing_of_a_pin_that_nobody_asked_for() -> None:
    house = House()
    house.seam.has("b1", troubles=frozenset({"requested_code_unavailable"}))
    house.write(change(Action.CREATE))
    assert house.said == ["because"]


def test_a_code_is_paid_for_where_one_is_made() -> None:
    for going, codes in ((False, 1), (True, 1)):
        house = House()
        if going:
            house.seam.has("b1", being_deleted=True)
        with on_bill(Bill()) as bill:
            house.write(change(Action.CREATE))
        with bill.taken() as counts:
            assert sum(number for (_, cost), number in counts.items() if cost is Cost.CODES) == codes


def test_a_grant_by_the_same_key_for_other_doors_goes_and_leaves_its_pin() -> None:
    house = House()
    house.seam.has("b1", "1234", space_ids=frozenset({"seam-r102"}))
    house.write(change(Action.CREATE))
    assert ("delete", "grant-b1") in house.seam.done
    assert house.notes.sealed["b1"] == "g1=1234"


def test_a_key_that_a_grant_on_its_way_out_turns_out_to_have_is_not_tried_again() -> None:
    house = House()
    house.seam.has("b1", being_deleted=True)
    house.write(change(Action.CREATE))
    assert house.seam.done == [("create", "b1"), ("create", "b1.2")]
    (said,) = house.said
    assert "made as b1.2" in said


def test_a_strangers_grant_by_the_same_key_takes_her_pin_with_it() -> None:
    house = House()
    house.seam.has("b1", "1234", user_identity_id="seam-g2")
    house.write(change(Action.CREATE))
    assert ("delete", "grant-b1") in house.seam.done
    assert house.seam.pins["grant-b1"] != "1234"
    assert house.notes.sealed == {}


def test_everybody_of_a_booking_joins_the_reservation_that_the_first_one_got() -> None:
    house = House()
    house.seam.refuses["b1"] = SeamRefused("reservation", status=409, words="reservation in use")
    other_door = replace(WANTED, key="b1/2", space_keys=("r102",))
    second = replace(WANTED, key="b1:g2", user_identity_key="g2")
    house.write(
        change(Action.CREATE, reservation_key="b1"),
        change(Action.CREATE, wanted=other_door),
        change(Action.CREATE, wanted=second, reservation_key="b1"),
    )
    assert house.seam.reservations == ["b1", "b1.2", None, "b1.2"]


def test_only_those_behind_an_override_lock_are_joined() -> None:
    house = House(override_spaces=frozenset({"seam-r101"}))
    house.seam.refuses["b1"] = SeamRefused("reservation", status=409, words="reservation in use")
    house.seam.has("b1:g2", reservation_key="b1.7", space_ids=frozenset({"seam-r102"}), user_identity_id="seam-g2")
    both = replace(WANTED, space_keys=("r101", "r102"))
    house.write(change(Action.CREATE, wanted=both, reservation_key="b1"))
    assert house.seam.grants["grant-b1"].reservation_key == "b1.2"


@pytest.mark.parametrize(("apart", "joins"), [(timedelta(0), False), (-timedelta(seconds=1), True)])
def test_whoever_comes_when_she_leaves_is_not_joined(apart: timedelta, joins: bool) -> None:
    for rest in ({"starts_at": WANTED.ends_at, "ends_at": None}, {"starts_at": NOW, "ends_at": WANTED.starts_at}):
        is_after = rest["ends_at"] is None
        moment = "starts_at" if is_after else "ends_at"
        rest[moment] = (rest[moment] or NOW) + (apart if is_after else -apart)
        house = House()
        house.seam.refuses["b1"] = SeamRefused("reservation", status=409, words="reservation in use")
        house.seam.has("b1:g2", reservation_key="b1.7", user_identity_id="seam-g2", **rest)
        house.write(change(Action.CREATE, reservation_key="b1"))
        assert house.seam.reservations == ["b1", "b1.7" if joins else "b1.2"]


def test_two_guests_of_one_run_do_not_get_the_same_digits_at_one_door() -> None:
    house = House()
    mine = replace(WANTED, room_key="r101", pin="4242")
    house.write(change(Action.CREATE, wanted=mine))
    house.write(change(Action.CREATE, wanted=replace(mine, key="b2", booking_id="b2", user_identity_key="g2")))
    assert house.seam.pins["grant-b1"] == "4242"
    assert house.seam.pins["grant-b2"] != "4242"


# --- rooms and people -------------------------------------------------------------------------------------------------


def _space(house: House, found: ExistingSpace | None, **rest: Any) -> None:
    lock = ExistingDoor("lock", "101", frozenset(), True)
    wanted = DesiredSpace("r101", "101", "hotel", door_ids=frozenset({"lock"}))
    writer = RoomWriter(house.seam, ExistingResources({}, {}, {}, doors={"lock": lock}))
    link = Link(Kind.SPACE, "r101", "")
    action = Action.CREATE if found is None else Action.UPDATE
    writer.write(Change(Kind.SPACE, action, "r101", "", space=wanted, existing_space=found, link=link))


@pytest.mark.parametrize(("counted", "beside_others"), [(None, True), (0, False), (1, True)])
def test_what_else_is_in_a_room_is_looked_at_only_where_there_may_be_something(
    counted: int | None, beside_others: bool
) -> None:
    house = House()
    _space(house, ExistingSpace("seam-r101", "r101", "101", "hotel", doors=counted, door_ids=frozenset()))
    assert house.seam.beside_others is beside_others


def test_a_space_that_was_there_already_under_another_name_is_named_as_the_room() -> None:
    house = House()
    house.seam.spaces["r101"] = "Room 101"
    _space(house, None)
    assert house.seam.updated == ["seam-r101"]


@pytest.mark.parametrize(
    ("status", "words", "mark"),
    [(409, "email", HELD_BY_ANOTHER), (400, "email taken", HELD_BY_ANOTHER), (400, "email bad", "")],
)
def test_a_contact_that_another_has_is_asked_for_again_and_one_that_is_none_is_not(
    status: int, words: str, mark: str
) -> None:
    house = House()
    house.seam.refuses["a@example.com"] = SeamRefused(words, status=status, words=words)
    wanted = DesiredUserIdentity("g9", "Jana Novak", "a@example.com")
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    written = writer.write(Change(Kind.USER_IDENTITY, Action.CREATE, "g9", "new guest", identity=wanted, link=link))
    assert written.link is not None
    assert written.link.wanted_hash == mark + fingerprint(wanted)
    assert written.link.made_hash == fingerprint(replace(wanted, email_address=None))
    assert written.remark.startswith("without e-mail: ")


def test_where_seam_blames_both_contacts_no_more_is_left_out_than_need_be() -> None:
    house = House()
    house.seam.refuses["a@example.com"] = SeamRefused("email or phone", status=400, words="email or phone")
    wanted = DesiredUserIdentity("g9", "Jana Novak", "a@example.com", "+436601234567")
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    written = writer.write(Change(Kind.USER_IDENTITY, Action.CREATE, "g9", "new guest", identity=wanted, link=link))
    assert written.remark.startswith("without e-mail: ")


EMAIL, PHONE = "a@example.com", "+436601234567"


@pytest.mark.parametrize(
    ("bad", "words", "kept", "calls", "remark"),
    [
        ({EMAIL}, "email", (None, PHONE), 2, "without e-mail: "),
        ({PHONE}, "phone", (EMAIL, None), 2, "without phone: "),
        ({PHONE}, "email or phone", (EMAIL, None), 3, "without phone: "),
        ({PHONE}, "a contact", (EMAIL, None), 3, "without phone: "),
        ({EMAIL, PHONE}, "phone", (None, None), 3, "without e-mail and phone: "),
        ({EMAIL, PHONE}, "email", (None, None), 3, "without e-mail and phone: "),
        ({EMAIL, PHONE}, "a contact", (None, None), 4, "without e-mail and phone: "),
        (set(), "", (EMAIL, PHONE), 1, ""),
        ({EMAIL, PHONE, None}, "email", None, 3, ""),
    ],
)
def test_of_the_contacts_that_seam_does_not_take_no_more_is_left_out_than_need_be(
    bad: set[str | None], words: str, kept: tuple[str | None, str | None] | None, calls: int, remark: str
) -> None:
    house, asked = House(), []

    def create(wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        contacts = wanted.email_address, wanted.phone_number
        asked.append(contacts)
        if bad & set(contacts):
            raise SeamRefused(words, status=400, words=words)
        return ExistingUserIdentity("seam-g9", "g9", wanted.full_name, *contacts)

    house.seam.create_user_identity = create
    wanted = DesiredUserIdentity("g9", "Jana Novak", EMAIL, PHONE)
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    one = Change(Kind.USER_IDENTITY, Action.CREATE, "g9", "new guest", identity=wanted, link=link)
    if kept is None:
        with pytest.raises(SeamRefused):
            writer.write(one)
        assert not writer.is_there("g9")
    else:
        written = writer.write(one)
        assert written.link is not None
        assert (asked[-1], written.remark) == (kept, remark and f"{remark}Seam does not accept it")
        assert (written.link.seam_id, writer.id_of("g9")) == ("seam-g9", "seam-g9")
        assert written.link.made_hash == fingerprint(replace(wanted, email_address=kept[0], phone_number=kept[1]))
    assert len(asked) == calls == len(set(asked)), "nothing is tried twice"


def test_who_has_one_contact_only_is_tried_without_it_once() -> None:
    house, asked = House(), []

    def create(wanted: DesiredUserIdentity) -> ExistingUserIdentity:
        asked.append((wanted.email_address, wanted.phone_number))
        raise SeamRefused("a contact", status=400, words="a contact")

    house.seam.create_user_identity = create
    wanted = DesiredUserIdentity("g9", "Jana Novak", None, PHONE)
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    with pytest.raises(SeamRefused):
        writer.write(Change(Kind.USER_IDENTITY, Action.CREATE, "g9", "new guest", identity=wanted, link=link))
    assert asked == [(None, PHONE), (None, None)]


@pytest.mark.parametrize(
    ("found", "renames"),
    [
        ({}, None),
        ({"email_address": "A@Example.com"}, None),
        ({"full_name": "Jana"}, False),
        ({"phone_number": None}, False),
        ({"email_address": None}, False),
        ({"key": "g7"}, True),
    ],
)
def test_an_identity_is_written_to_only_where_it_says_something_else(
    found: dict[str, Any], renames: bool | None
) -> None:
    house, told = House(), []
    house.seam.update_user_identity = lambda identity_id, wanted, *, renames: told.append((identity_id, renames))
    wanted = DesiredUserIdentity("g9", "Jana Novak", EMAIL, PHONE)
    there = replace(ExistingUserIdentity("seam-g9", "g9", "Jana Novak", EMAIL, PHONE), **found)
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    one = Change(Kind.USER_IDENTITY, Action.UPDATE, "g9", "", identity=wanted, existing_identity=there, link=link)
    assert writer.write(one).link == replace(link, seam_id="seam-g9", made_hash=fingerprint(wanted))
    assert told == ([] if renames is None else [("seam-g9", renames)])


def test_an_identity_that_was_there_already_is_told_what_the_pms_says_now() -> None:
    house = House()
    house.seam.create_user_identity = lambda wanted: ExistingUserIdentity("seam-g9", "g9", "Jana Before")
    wanted = DesiredUserIdentity("g9", "Jana Novak")
    writer = PeopleWriter(house.seam, house.attempts, ExistingResources({}, {}, {}))
    link = Link(Kind.USER_IDENTITY, "g9", "", wanted_hash=fingerprint(wanted))
    writer.write(Change(Kind.USER_IDENTITY, Action.CREATE, "g9", "new guest", identity=wanted, link=link))
    assert house.seam.updated == ["seam-g9"]


def test_whoever_could_not_be_brought_in_step_gets_nothing_under_her_former_name() -> None:
    house = House()
    house.attempts.failed_identities["g1"] = "Seam refused the name"
    house.write(change(Action.CREATE))
    assert (house.said, house.seam.done) == (["not tried, for the guest's identity failed: Seam refused the name"], [])


def test_a_person_who_failed_is_noted_as_that_and_a_room_or_grant_is_not() -> None:
    def refuse() -> Written:
        raise SeamRefused("no such name", status=400, words="no such name")

    house = House()
    her = Change(Kind.USER_IDENTITY, Action.CREATE, "g1", "new guest", identity=DesiredUserIdentity("g1", "Jana"))
    room = Change(Kind.SPACE, Action.CREATE, "r101", "new room")
    for one in (her, room, change(Action.CREATE)):
        assert not house.attempts.attempt(one, refuse)
    assert house.attempts.failed_identities == {"g1": "no such name"}
    assert house.attempts.failed_bookings == {"b1": "no such name"}


def test_whose_identity_failed_does_not_leave_the_room_that_she_has() -> None:
    house = House()
    house.attempts.failed_identities["g1"] = "Seam refused the name"
    old = house.seam.has("b1", "1234")
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=replace(WANTED, space_keys=("r102",))))
    assert house.seam.done == []


def test_whoever_cannot_keep_her_pin_because_another_guest_has_it_is_told_so() -> None:
    house = House()
    house.seam.has_pin_of_another = lambda *_: True
    old = house.seam.has("b1", "1234")
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=replace(WANTED, space_keys=("r102",))))
    assert "new PIN: another guest has the former PIN at this door" in house.said[0]


def test_a_pin_that_is_refused_costs_nobody_her_reservation() -> None:
    house = House()
    old = house.seam.has("b1", "1234")
    house.seam.refuses["1234"] = SeamRefused("code is taken", status=409, words="code is taken")
    moved = replace(WANTED, space_keys=("r102",))
    house.write(change(Action.REPLACE, old, pin_from=(old,), wanted=moved, reservation_key="b1"))
    assert house.seam.reservations == ["b1", "b1"]


def test_where_no_door_can_belong_to_a_reservation_the_grant_has_none() -> None:
    house = House()
    house.seam.refuses["b1"] = SeamRefused("reservation_key", status=400, words="no reservation here")
    house.write(change(Action.CREATE, reservation_key="b1"))
    assert house.seam.reservations == ["b1", None]
    assert [item.outcome for item in house.report.items] == [Outcome.DONE]


def test_a_space_that_is_going_is_no_room_to_give_access_to() -> None:
    going = ExistingSpace("seam-r101", "r101", "101", "hotel", warnings=("being_deleted",))
    rooms = RoomWriter(Seam(), ExistingResources({"r101": going}, {}, {}))  # type: ignore[arg-type]
    assert not rooms.are_there(["r101"])
    with pytest.raises(NotTried):
        rooms.ids_of(["r101"])
    rooms._workspace.create_space = lambda wanted: going  # type: ignore[method-assign]
    wanted = DesiredSpace("r101", "101", "hotel", None, None, None)
    link = Link(Kind.SPACE, "r101", "")
    with pytest.raises(SeamUnreachable):
        rooms.write(Change(Kind.SPACE, Action.CREATE, "r101", "new room", space=wanted, link=link))
