"""Anything may happen, in any order, with anything failing: a few runs later everything is right, and nothing twice."""

import contextlib
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mappers.policy import MaxRevocations, Policy
from tests.oracle import assert_in_step
from tests.world import START, Killed, World

ANY = st.integers(0, 7)
NOBODY_IS_HELD = MaxRevocations(count=1000, percent=100)


class HotelAndWorkspace(RuleBasedStateMachine):
    """A hotel where everything happens, and a workspace where everything fails."""

    @initialize(everyone=st.booleans(), override=st.booleans(), slow=st.booleans())
    def open_the_house(self, everyone: bool, override: bool, slow: bool) -> None:
        self.everyone = everyone
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(
            Path(self.folder.name),
            Policy(
                guests="everyone" if everyone else "primary",
                max_revocations=NOBODY_IS_HELD,
                replace_wait=timedelta(seconds=5),
            ),
        )
        beds = self.world.hotel.add_category(self.world.service, "Bed")
        self.world.rooms.append(
            self.world.hotel.add_room(self.world.property, "101A", beds, parent=self.world.rooms[0])
        )
        for room in range(4):
            self.world.equip(room, override and room < 3)
        self.one_at_a_time = self.world.rooms[:3] if override else []
        if slow:
            self.world.seam.delete_delay = timedelta(hours=1)
        for number in range(4):
            self.world.guest(email=f"{'ab'[number % 2]}@example.com", phone=None)
            self.book(guest=number, room=number, days=number * 3, nights=2, company=number == 3)
        self.world.sync()

    def teardown(self) -> None:
        if hasattr(self, "world"):
            self.world.store.close()
            self.folder.cleanup()

    def _booking(self, number: int) -> str:
        return list(self.world.hotel.reservations)[number % len(self.world.hotel.reservations)]

    def _guest(self, number: int) -> str:
        return list(self.world.hotel.customers)[number % len(self.world.hotel.customers)]

    # --- at the desk ---

    @rule(
        email=st.sampled_from(["a@example.com", "A@example.com", "b@example.com", "broken", None]),
        phone=st.sampled_from(["0660 1234567", "+43 660 1234567", "nonsense", None]),
    )
    def meet(self, email: str | None, phone: str | None) -> None:
        self.world.guest(email=email, phone=phone)

    @rule(
        guest=ANY,
        room=st.sampled_from([0, 1, 2, 3, None]),
        days=st.integers(0, 16),
        nights=st.integers(1, 4),
        company=st.booleans(),
    )
    def book(self, guest: int, room: int | None, days: int, nights: int, company: bool) -> None:
        person = self._guest(guest)
        arrival = self.world.clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days, hours=1)
        owner = self.world.hotel.add_company() if company else person
        self.world.book(
            room,
            owner,
            arrival=arrival,
            departure=arrival + timedelta(days=nights),
            companions=[person] if company else [],
        )

    @rule(number=ANY, room=st.sampled_from([0, 1, 2, 3, None]))
    def assign(self, number: int, room: int | None) -> None:
        booking = self._booking(number)
        self.world.hotel.assign(booking, None if room is None else self.world.rooms[room])

    @rule(number=ANY, days=st.integers(-2, 3))
    def move_departure(self, number: int, days: int) -> None:
        booking = self._booking(number)
        record = self.world.hotel.reservations[booking]
        arrival = START.fromisoformat(record["ScheduledStartUtc"])
        departure = START.fromisoformat(record["ScheduledEndUtc"]) + timedelta(days=days)
        if departure > arrival:
            self.world.hotel.move_dates(booking, departure=departure)

    @rule(number=ANY, what=st.sampled_from(["check_in", "check_out", "cancel", "reinstate"]))
    def at_the_desk(self, number: int, what: str) -> None:
        getattr(self.world.hotel, what)(self._booking(number))

    @rule(number=ANY, guest=ANY)
    def change_owner(self, number: int, guest: int) -> None:
        booking = self._booking(number)
        if self.world.hotel.reservations[booking]["AccountType"] == "Customer":
            self.world.hotel.change_owner(booking, self._guest(guest))

    @rule(guest=ANY, email=st.sampled_from(["a@example.com", "c@example.com", None]))
    def edit(self, guest: int, email: str | None) -> None:
        self.world.hotel.edit_customer(self._guest(guest), Email=email)

    @rule(guest=ANY, into=ANY)
    def merge(self, guest: int, into: int) -> None:
        customers = self.world.hotel.customers
        one, other = self._guest(guest), self._guest(into)
        if one != other and not customers[other]["MergeTargetId"] and not customers[one]["MergeTargetId"]:
            self.world.hotel.merge_customers(one, other)

    @rule(hours=st.integers(1, 12))
    def time_passes(self, hours: int) -> None:
        self.world.clock.pass_(hours=hours)

    # --- in Seam, and on the way there ---

    @rule(seconds=st.sampled_from([1, 3600]))
    def deletions_take(self, seconds: int) -> None:
        self.world.seam.delete_delay = timedelta(seconds=seconds)

    @rule()
    def somebody_deletes_a_grant(self) -> None:
        for grant in self.world.seam.live_grants()[:1]:
            self.world.seam.remove("access_grant", grant["access_grant_key"])

    @rule()
    def somebody_edits_a_grant(self) -> None:
        for grant in self.world.seam.live_grants()[-1:]:
            self.world.seam.edit_grant(grant["access_grant_key"], ends_at="2030-01-01T00:00:00.000Z")

    @rule()
    def the_database_is_lost(self) -> None:
        self.world.lose_the_database()

    @rule(full=st.booleans())
    def a_run_with_everything_failing_now_and_then(self, full: bool) -> None:
        faults = self.world.seam.faults
        faults.fail_before, faults.lose_answer, faults.too_many = 0.1, 0.1, 0.05
        self.world.hotel.faults.unavailable = 0.05
        self.world.tick(full=full)
        self._mend()

    @rule(after=st.integers(0, 25), full=st.booleans())
    def a_run_that_is_killed(self, after: int, full: bool) -> None:
        self.world.kill_after = after
        with contextlib.suppress(Killed):
            self.world.tick(full=full)
        self.world.kill_after = None

    @rule()
    def a_run_with_the_pms_down(self) -> None:
        self.world.hotel.faults.down = True
        before = self.world.seam.writes
        assert self.world.tick().exit == 1
        assert self.world.seam.writes == before
        self._mend()

    def _mend(self) -> None:
        faults = self.world.seam.faults
        faults.fail_before = faults.lose_answer = faults.too_many = 0.0
        self.world.hotel.faults.unavailable = 0.0
        self.world.hotel.faults.down = False

    # --- what must hold ---

    @rule()
    def a_few_runs_later_everything_is_right(self) -> None:
        for _ in range(3):
            self.world.tick(full=True)
        self._assert_right()
        before = self.world.seam.writes
        report = self.world.sync(full=True)
        assert self.world.seam.writes == before, [item for item in report.items if item.outcome == "done"]

    @rule()
    def incremental_runs_are_enough_for_what_happens_at_the_desk(self) -> None:
        self.world.tick(full=True)
        self.world.tick(full=True)
        for booking in list(self.world.hotel.reservations)[-2:]:
            self.world.hotel.assign(booking, self.world.rooms[1])
        self.world.tick()
        self.world.tick()
        self._assert_right()

    def _assert_right(self) -> None:
        assert_in_step(self.world.hotel, self.world.seam, self.world.clock.now(), self.everyone, self.one_at_a_time)


class TestAnythingGoes(HotelAndWorkspace.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=2, stateful_step_count=18)


@pytest.mark.slow
class TestAnythingGoesForLonger(HotelAndWorkspace.TestCase):  # type: ignore[name-defined,misc]
    settings = settings(max_examples=100, stateful_step_count=30)
