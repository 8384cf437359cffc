"""Lets urgent news of single bookings overtake a long run over everything, in the same process.

A guest who extends at the desk should not wait for the hourly run to end. The urgent run takes its bookings out of the
long run's hands: what the long run has begun with is waited for, what it has not begun it leaves alone, for it read the
PMS earlier.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager


class Claims:
    """Who works on which booking of a connection: the long run, or an urgent one.

    The bookings of one reservation are one: news of one of its rooms, or of the whole, may change them all.
    """

    def __init__(self, reservation_of: Callable[[str], str] = lambda booking_id: booking_id) -> None:
        self._reservation_of = reservation_of
        self._changed = threading.Condition()
        self._long = False
        self._under_way: Counter[str] = Counter()
        """Reservations that the long run has begun with."""
        self._overtaken: set[str] = set()
        self._urgent: list[frozenset[str]] = []

    @contextmanager
    def long_run(self) -> Iterator[None]:
        """A long run: begins when the urgent runs of this moment have ended, so that it reads what came of them.

        It must read the PMS after this has begun: then urgent runs that begin later know at least as much.
        """
        with self._changed:
            self._long = True
            before = list(self._urgent)
            self._changed.wait_for(lambda: not any(one is other for one in before for other in self._urgent))
        try:
            yield
        finally:
            with self._changed:
                self._long = False
                self._under_way.clear()
                self._overtaken.clear()
                self._changed.notify_all()

    @contextmanager
    def urgent_run(self, booking_ids: Collection[str]) -> Iterator[None]:
        """An urgent run over these bookings: begins when the long run has done what it had begun with them."""
        mine = frozenset(map(self._reservation_of, booking_ids))
        with self._changed:
            self._urgent.append(mine)
            if self._long:
                self._overtaken |= mine
            self._changed.wait_for(lambda: not any(self._under_way[one] for one in mine))
        try:
            yield
        finally:
            with self._changed:
                self._urgent = [one for one in self._urgent if one is not mine]
                self._changed.notify_all()

    def enter(self, booking_id: str) -> bool:
        """The long run is about to work on a booking; False where it was overtaken."""
        reservation_id = self._reservation_of(booking_id)
        with self._changed:
            if reservation_id in self._overtaken and not self._under_way[reservation_id]:
                return False
            self._under_way[reservation_id] += 1
            return True

    def leave(self, booking_id: str) -> None:
        """The long run has ended a piece of work on a booking."""
        with self._changed:
            self._under_way[self._reservation_of(booking_id)] -= 1
            self._changed.notify_all()
