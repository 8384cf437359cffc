"""The memory that all connections of a process share while they read: one budget for large answers and long lists.

A bound for each connection is none where there are many: thirteen of them may each be within theirs, and the process
is over its own. So what is large counts against one budget, and when that is spent the largest is given up.
"""

import threading

MEMORY = 120_000_000
"""Bytes for everything large that is being read at a time: some 30,000 reservations."""
FREE = 2_000_000
"""Bytes that an answer or a list may have whatever the others do: some 500 reservations."""
WAITS = 60.0
"""Seconds for which somebody waits for what is larger to be given up."""


class BudgetSpent(Exception):
    """There is no memory left for this one."""


class Budget:
    """So many bytes, for all shares together. Safe to use from many threads."""

    def __init__(self, size: int = MEMORY, free: int = FREE, waits: float = WAITS):
        self._size, self._free, self._waits = size, free, waits
        self._weights: dict[int, int] = {}
        self._given_up: set[int] = set()
        # A share may be collected, and so returned, anywhere: also by whoever holds this.
        self._changed = threading.Condition(threading.RLock())

    def share(self) -> "Share":
        """For one answer or list; given back with `close`, or when nobody has it any more."""
        return Share(self)

    def spent(self) -> int:
        """Bytes."""
        with self._changed:
            return sum([*self._weights.values()])

    def take(self, whose: int, weight: int) -> None:
        """Raises `BudgetSpent` for the largest where there is too much; others wait until it has gone."""
        with self._changed:
            self._weights[whose] = self._weights.get(whose, 0) + weight
            if self._fits(whose):
                return
            largest = max([*self._weights], key=lambda one: self._weights[one])
            self._given_up.add(largest)
            if largest == whose or not self._changed.wait_for(lambda: self._fits(whose), self._waits):
                raise BudgetSpent

    def give_back(self, whose: int) -> None:
        with self._changed:
            self._weights.pop(whose, None)
            self._given_up.discard(whose)
            self._changed.notify_all()

    def _fits(self, whose: int) -> bool:
        if whose in self._given_up:
            raise BudgetSpent
        return self._weights[whose] <= self._free or sum([*self._weights.values()]) <= self._size


class Share:
    """What one answer or list takes of a budget."""

    def __init__(self, budget: Budget):
        self._budget = budget

    def add(self, weight: int) -> None:
        """So many bytes more. Raises `BudgetSpent`; then whoever reads has to let go of what there is."""
        self._budget.take(id(self), weight)

    def close(self) -> None:
        self._budget.give_back(id(self))

    def __del__(self) -> None:
        self.close()


BUDGET = Budget()
"""Of this process."""
