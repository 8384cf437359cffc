"""`Precedence` where a connection's long run and its urgent one are in processes of their own, each in its own turn.

What the long run has begun with stands in the database before it looks whether it was overtaken, and an urgent run
notes first and then looks who has begun: so one of the two sees the other, whatever comes in between. Rows of a turn
that is over do not count: its process cannot write any more.
"""

import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress

from reconciler.precedence import Overtaken, Precedence
from store.engine import StoreFailed
from store.turns import Turn
from store.under_way import UnderWay

LOOKS_EVERY = 0.2
"""Seconds."""


class PrecedenceOverProcesses(Precedence):
    """Of one connection, in one of its processes. Raises `StoreFailed`, and `TurnLost` where its own turn is over."""

    def __init__(
        self,
        reservation_of: Callable[[str], str],
        under_way: UnderWay,
        long_turn: str,
        urgent_turn: str,
        sleep: Callable[[float], None] = time.sleep,
        give_way: Callable[[Callable[[], bool]], None] = lambda is_over: None,
    ) -> None:
        """`long_turn`, `urgent_turn`: the names of the two lanes' turns. `sleep` is for waiting on the other lane.
        `give_way` waits while something urgent of any connection waits, unless the run that it is given is over."""
        super().__init__(reservation_of)
        self._book = under_way
        self._long_turn = long_turn
        self._urgent_turn = urgent_turn
        self._sleep = sleep
        self._give_way = give_way
        self._turn: Turn | None = None
        self._has_begun = False
        """Whether this long run has begun with anything."""
        self._announced: str | None = None
        """The mark of urgent runs that are about to come."""
        self._one_by_one = threading.Lock()
        """Nobody goes on because somebody else has begun, before that one has heard whether it may."""

    @contextmanager
    def long_run(self, turn: Turn | None = None) -> Iterator[None]:
        self._turn = turn
        try:
            yield
        finally:
            with suppress(StoreFailed):  # Where they stay, they count no longer than this turn.
                self._end_all()
            self._turn, self._has_begun = None, False

    def give_way(self) -> None:
        turn = self._turn
        if turn is not None:
            self._give_way(lambda: turn.lost)

    def let_urgent_runs_end(self) -> None:
        self._end_all()
        before = self._book.of(self._urgent_turn)
        while before and before & self._book.of(self._urgent_turn, before):
            self._pause(self._turn)

    @contextmanager
    def announced(self, turn: Turn) -> Iterator[None]:
        mark = self._announced = secrets.token_hex(8)
        self._book.begin(turn, [mark])
        try:
            yield
        finally:
            self._announced = None
            with suppress(StoreFailed):  # Where it stays, it counts no longer than this turn.
                self._book.end(turn, [mark])

    @contextmanager
    def urgent_run(
        self, booking_ids: Collection[str], note: Callable[[Collection[str]], None], turn: Turn | None = None
    ) -> Iterator[None]:
        assert turn is not None
        if self._announced is None:
            with self.announced(turn), self.urgent_run(booking_ids, note, turn):
                yield
            return
        mine = frozenset(map(self._reservation_of, booking_ids))
        # Not before its mark is there for everybody to see: a long run that begins later looks for that, and waits.
        note(mine)
        while self._book.of(self._long_turn, mine):
            self._pause(turn)
        yield

    def begin(self, booking_ids: Sequence[str], overtaken: Overtaken) -> list[str]:
        assert self._turn is not None
        reservations = {one: self._reservation_of(one) for one in booking_ids}
        with self._one_by_one:
            new = {one for one in reservations.values() if not self._under_way[one]}
            taken: list[str] = []
            try:
                self._has_begun = True
                self._book.begin(self._turn, new)
                newer = overtaken(new)
                taken = [one for one in booking_ids if reservations[one] not in newer]
            finally:
                left = new - {reservations[one] for one in taken}
                self._under_way.update(reservations[one] for one in taken)
                with suppress(StoreFailed):  # As above.
                    self._book.end(self._turn, left)
        return taken

    def end(self, booking_ids: Collection[str]) -> None:
        mine = set(map(self._reservation_of, booking_ids))
        with self._one_by_one:
            self._under_way.subtract(map(self._reservation_of, booking_ids))
            over = {one for one in mine if self._under_way[one] <= 0}
            for one in over:
                del self._under_way[one]
            if self._turn is not None:
                with suppress(StoreFailed):  # As above: an urgent run waits for the end of the long one then.
                    self._book.end(self._turn, over)

    def _end_all(self) -> None:
        with self._one_by_one:
            self._under_way.clear()
            if self._turn is not None and self._has_begun:
                self._book.end_all(self._turn)

    def _pause(self, turn: Turn | None) -> None:
        if turn is not None:
            turn.check()
        self._sleep(LOOKS_EVERY)
