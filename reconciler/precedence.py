"""Lets urgent news of single bookings overtake a long full run, in the same turn.

A guest who extends at the desk should not wait for the hourly run to end. The urgent run takes its bookings out of the
long run's hands: what the long run has begun with is waited for, what it has not begun it leaves alone, for it read the
PMS earlier. Who has read what later stands in the database (`store.readings`); what is kept here is only who waits for
whom. Other processes are kept out by the turn, whatever they would do; where they are not, there is
`reconciler.precedence_over_processes`.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from store.turns import Turn

Overtaken = Callable[[Collection[str]], Collection[str]]
"""Those of these reservations of which something newer is known than the one who asks has read."""


class Precedence:
    """Who works on which booking of a connection: the long run, or an urgent one.

    The bookings of one reservation are one: news of one of its rooms, or of the whole, may change them all.
    """

    def __init__(self, reservation_of: Callable[[str], str] = lambda booking_id: booking_id) -> None:
        self._reservation_of = reservation_of
        self._changed = threading.Condition()
        self._under_way: Counter[str] = Counter()
        """Reservations that the long run has begun with."""
        self._urgent: list[frozenset[str]] = []

    @contextmanager
    def long_run(self, turn: Turn | None = None) -> Iterator[None]:
        """A long run, or several one after another; each calls `let_urgent_runs_end` before it begins. `turn`: in which
        it works."""
        try:
            yield
        finally:
            with self._changed:
                self._under_way.clear()
                self._changed.notify_all()

    def give_way(self) -> None:
        """Called by a long run before it goes on: where something urgent waits for the processor, it waits a little.
        Never with a transaction open, nor with anything under way that somebody waits for."""

    def let_urgent_runs_end(self) -> None:
        """Waits until the urgent runs of this moment have ended, so that the long run reads what came of them.

        Called when it has been fixed how new the long run's reading is, and before it reads anything: whoever begins
        later reads later, and is known to.
        """
        with self._changed:
            # Whatever a long run before this one left in the middle is not under way any more.
            self._under_way.clear()
            self._changed.notify_all()
            before = list(self._urgent)
            self._changed.wait_for(lambda: not any(one is other for one in before for other in self._urgent))

    @contextmanager
    def announced(self, turn: Turn) -> Iterator[None]:
        """Urgent runs are about to come, in this turn, one after another."""
        yield

    @contextmanager
    def urgent_run(
        self, booking_ids: Collection[str], note: Callable[[Collection[str]], None], turn: Turn | None = None
    ) -> Iterator[None]:
        """An urgent run over these bookings: begins when the long run has done what it had begun with them.

        `note` writes down that these reservations are read anew from now on: how new that is must be fixed within it,
        for a long run that has begun meanwhile has to be older.
        """
        mine = frozenset(map(self._reservation_of, booking_ids))
        with self._changed:
            self._urgent.append(mine)
        try:
            # Written down first, and only then looked who has begun: the long run does it in the other order, so that
            # one of the two sees the other, whatever comes in between.
            note(mine)
            with self._changed:
                self._changed.wait_for(lambda: not any(self._under_way[one] for one in mine))
            yield
        finally:
            with self._changed:
                self._urgent = [one for one in self._urgent if one is not mine]
                self._changed.notify_all()

    def begin(self, booking_ids: Sequence[str], overtaken: Overtaken) -> list[str]:
        """The long run is about to work on these bookings; returns those that it may work on: not those that were
        overtaken, unless it has begun with them."""
        reservations = {one: self._reservation_of(one) for one in booking_ids}
        with self._changed:
            begun = {one for one in reservations.values() if self._under_way[one]}
            self._under_way.update(reservations.values())
        taken: list[str] = []
        try:
            newer = overtaken(set(reservations.values()) - begun)
            taken = [one for one in booking_ids if reservations[one] not in newer]
        finally:
            self.end([one for one in booking_ids if one not in set(taken)])
        return taken

    def end(self, booking_ids: Collection[str]) -> None:
        """The long run has ended a piece of work on these bookings."""
        with self._changed:
            self._under_way.subtract(map(self._reservation_of, booking_ids))
            self._changed.notify_all()


class LongRun:
    """A long run's side of it, with what it has read."""

    def __init__(self, precedence: Precedence, overtaken: Overtaken):
        self._precedence = precedence
        self._overtaken = overtaken
        self._is_in_between = False

    def begin_plan(self, takes_access: bool) -> None:
        """A plan is about to be carried out. `takes_access`: whether it takes any; then the run gives way before it,
        and to nobody from then on: whoever is to get another one instead stands outside."""
        if not self._is_in_between:
            self._precedence.give_way()
        self._is_in_between = self._is_in_between or takes_access

    def begin(self, booking_ids: Sequence[str]) -> list[str]:
        """See `Precedence.begin`."""
        if not self._is_in_between:
            self._precedence.give_way()
        return self._precedence.begin(booking_ids, self._overtaken)

    def end(self, booking_ids: Collection[str]) -> None:
        self._precedence.end(booking_ids)
