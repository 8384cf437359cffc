"""Handing door codes over to a PMS: what is the same for all of them.

A PMS tells what it holds, and takes writes of which an answer may be lost. So everything is read first, only what
differs is written, and what is in doubt is read again. One booking that the PMS refuses stops no other. Every text that
leaves here names bookings and operations, and no code.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.records import DoorCode, Property
from mappers.sentences import sentence_of

LOOKS = 4
"""How often at most it is read what the PMS holds of the door codes: an answer that is lost is looked up."""
REFUSALS_IN_A_ROW = 20
"""So many, and the PMS is not asked for the rest: it may block those who do not take a no."""
MARKED_NOTE = re.compile(r"\[Night Porter (?P<key>.{1,300})\]$")
"""How a note of ours ends; bounded, for notes are anybody's text."""


@dataclass(frozen=True, slots=True)
class Step:
    """Writes of one sort: what is sent, by booking."""

    operation: str
    items: Mapping[str, Sequence[Any]] = field(repr=False)
    name: str = ""
    """Of the list that the items are sent as, where several are sent at once."""
    also: Mapping[str, str] = field(default_factory=dict)
    adds: bool = False
    """Whether the booking has something afterwards that it had not."""
    repeatable: bool = False
    """Adding would double, and what is deleted already is refused: after a lost answer it is looked up what is so."""


class DoorCodeWriter(ABC):
    """Door codes on their way to a PMS: reads what it holds, plans, writes, and looks again where that is in doubt."""

    AT_ONCE: ClassVar[int]
    """So many things are read or written with one request."""

    def __init__(self, codes: Mapping[str, Sequence[DoorCode]]):
        """`codes` by booking, or by whatever the PMS keeps them at: a "booking" in all that follows."""
        self._codes = codes
        self.changed: set[str] = set()
        self._adding: set[str] = set()
        self.failed: dict[str, str] = {}
        self._given_up: set[str] = set()
        self._refusals = 0

    @abstractmethod
    def _plan(self, booking_ids: Sequence[str]) -> list[Step]:
        """What is to be written for these bookings, after reading what is there; the steps in their order."""

    @abstractmethod
    def _send(self, step: Step, items: Sequence[Any]) -> None:
        """Writes some of a step's items, once. Raises `PmsUnreachable` where nobody knows what became of them."""

    @abstractmethod
    def _is_hopeless(self, problem: PmsRefused, writing: bool) -> bool:
        """Whether it says no to the operation itself, whatever the booking."""

    @abstractmethod
    def _in_words(self, problem: PmsError) -> PmsError:
        """The same, with what to do about it."""

    @property
    def added(self) -> set[str]:
        """Bookings that have something new, and all that they should have."""
        return self._adding & self.changed - self.failed.keys()

    def run(self) -> None:
        """Raises `PmsError` where nothing was written."""
        doubtful: dict[str, str] = dict.fromkeys(self._codes, "")
        for look in range(LOOKS):
            steps: list[Step] = []
            try:
                steps = self._plan([one for one in self._codes if one in doubtful])
                if look:
                    # What is as it should be now was written, though no answer said so.
                    planned = {booking_id for step in steps for booking_id in step.items}
                    self.changed |= doubtful.keys() - planned - self._given_up
                doubtful = {}
                while steps:
                    self._write(steps[0], doubtful)
                    del steps[0]
            except PmsError as problem:
                told = self._in_words(problem)
                if not look and not self.changed:
                    raise told from None
                rest = {booking_id for step in steps for booking_id in step.items}
                self.failed.update(dict.fromkeys(rest | doubtful.keys(), str(told)))
                return
            for booking_id in self._given_up:
                doubtful.pop(booking_id, None)
            if not doubtful:
                return
        self.failed.update(doubtful)

    def run_instead_of(
        self, former: Callable[[Collection[str]], "DoorCodeWriter"], right: str, denied: set[str]
    ) -> None:
        """Runs, and where something was added, takes away what the booking has of another kind.

        So a change of kind costs one more question in runs that add, and none in those that find everything as it
        should be. `former` makes the writer that takes away; `denied` remembers the rights that the PMS does not
        grant, of which `right` is what it needs. Raises `PmsError` where nothing was written.
        """
        self.run()
        added = self.added
        if not added or right in denied:
            return
        other = former(added)
        try:
            other.run()
        except PmsRefused:
            # Whoever may not touch them has never written any.
            denied.add(right)
        except PmsUnreachable as problem:
            other.failed.update(dict.fromkeys(added, sentence_of(problem)))
        self.failed.update(other.failed)

    def _write(self, step: Step, doubtful: dict[str, str]) -> None:
        """Bookings of which nobody knows what became of it join `doubtful`: nothing more is written for them now."""

        def send(part: Sequence[tuple[str, Any]]) -> None:
            booking_ids = {one for one, _ in part}
            if step.adds:
                self._adding |= booking_ids
            try:
                self._send(step, [item for _, item in part])
            except PmsUnreachable as problem:
                doubtful.update(dict.fromkeys(booking_ids, sentence_of(problem)))
                return
            except PmsRefused as problem:
                # Whether a PMS does a part of what it refuses, it does not say.
                doubtful.update(dict.fromkeys(booking_ids, sentence_of(problem)))
                raise
            self.changed.update(booking_ids)

        skipped = self._given_up | doubtful.keys()
        items = [(one, item) for one, several in step.items.items() if one not in skipped for item in several]
        self._in_parts(items, send, writing=True)

    def _in_parts(
        self,
        items: Sequence[tuple[str, Any]],
        ask: Callable[[Sequence[tuple[str, Any]]], None],
        *,
        writing: bool = False,
    ) -> None:
        """One that the PMS refuses stops no other: what it refuses is tried in halves, down to the single one.

        Not for ever: where it refuses many in a row, all the rest is given up.
        """
        size = self.AT_ONCE
        parts = [list(items[start : start + size]) for start in range(0, len(items), size)]
        while parts:
            part = parts.pop(0)
            try:
                ask(part)
            except PmsRefused as problem:
                if self._is_hopeless(problem, writing):
                    raise
                self._refusals += 1
                if self._refusals >= REFUSALS_IN_A_ROW:
                    part, parts = [*part, *(one for each in parts for one in each)], []
                elif len(part) > 1:
                    parts[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
                    continue
                self._give_up((booking_id for booking_id, _ in part), sentence_of(self._in_words(problem)))
            else:
                self._refusals = 0

    def _give_up(self, booking_ids: Iterable[str], sentence: str) -> None:
        for booking_id in booking_ids:
            self._given_up.add(booking_id)
            self.failed[booking_id] = sentence


def note_of(code: DoorCode, room_name: str | None, of: Property) -> str:
    """What a note tells the desk, in the property's own time; it ends in a mark with the code's key."""
    try:
        there: tzinfo = ZoneInfo(of.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        there = UTC
    starts, ends = (
        one.astimezone(there).strftime("%Y-%m-%d %H:%M") if one else None for one in (code.starts_at, code.ends_at)
    )
    room = f"Room {room_name}" if room_name else "Room"
    what = f"door code {code.pin}" if code.pin is not None else f"mobile key {code.link}"
    until = f" to {ends}" if ends else ""
    return f"{room}: {what}, valid from {starts}{until} ({there}) [Night Porter {code.key}]"
