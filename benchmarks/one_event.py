"""What one thing costs of the processor, by process: `python -m benchmarks.one_event [--trace] [--help]`.

A small fleet with everything beside it (`benchmarks.fleet_world`) in which the timetable asks for nothing. Then each
kind of thing is done so many times: an event (a new booking, from the webhook to Seam), a run over changes that finds
nothing, a look at the locks, a full run of a house of so many bookings. What the processes take at rest is subtracted.
All of it is time of the processor, never of the clock; its unit is a hundredth of a second, so let there be hundreds.

`--trace` does the same under cProfile and with all statements counted (`benchmarks.traced`), which takes longer: its
counts and shares are right, its times are not.
"""

import argparse
import json
import pstats
import random
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.fleet import say
from benchmarks.fleet_world import Fleet

SCHEDULES = (
    "{incremental: 6h, incremental_at_most: 6h, full: 12h, lock_health: 12h, retry: 6h, "
    "night_audit: 'NIGHT', arrival_check: 'NIGHT'}"
)
REST = 20.0
"""Seconds over which it is seen what the processes take at rest."""
GIVES_UP = 1200.0
"""Seconds."""
AT_ONCE = 4
"""Events that are under way together."""


class Measured:
    """A fleet in which nothing happens but what is asked for."""

    def __init__(self, fleet: Fleet, folder: Path | None):
        """`folder`: where traces go."""
        self._fleet = fleet
        self._folder = folder
        self._rest: dict[str, float] = {}

    def rest(self) -> dict[str, float]:
        """Sees what the processes take at rest: seconds of the processor a second."""
        before, begun = self._fleet.processor(), time.monotonic()
        time.sleep(REST)
        span = time.monotonic() - begun
        self._rest = {name: (used - before[name]) / span for name, used in self._fleet.processor().items()}
        return self._rest

    def cost(self, number: int, do: Callable[[], None]) -> dict[str, float]:
        """Milliseconds of each process for one of so many."""
        if self._folder is not None:
            (self._folder / "go").touch()
            time.sleep(1.0)
        before, begun = self._fleet.processor(), time.monotonic()
        do()
        self._wait()
        after, span = self._fleet.processor(), time.monotonic() - begun
        if self._folder is not None:
            (self._folder / "go").unlink()
        return {name: 1000 * (after[name] - before[name] - span * self._rest[name]) / number for name in after}

    def _wait(self) -> None:
        """Until nothing is due or being done."""
        until = time.monotonic() + GIVES_UP
        due = "SELECT count(*) FROM queue WHERE not_before <= timezone('utc', clock_timestamp())"
        while self._fleet.query(due)[0][0] or self._fleet.query("SELECT count(*) FROM procrastinate_jobs")[0][0]:
            if time.monotonic() > until:
                raise SystemExit("something is still due")
            time.sleep(1.0)

    def calls(self) -> tuple[int, int]:
        """To the hotels and to Seam so far."""
        return self._fleet.hotels.ask("calls")["calls"], self._fleet.seam.ask("counts")["calls"]

    def trace(self, number: int, what: str, lines: int) -> None:
        """Prints what was counted of the last thing."""
        if self._folder is None:
            return
        names = {str(process.pid): name for name, process in self._fleet.processes.items()}
        wanted = {self._folder / f"{pid}.json" for pid in names}
        while not all(one.exists() for one in wanted):
            time.sleep(0.2)
        total: Counter[str] = Counter()
        for path in sorted(wanted):
            total.update(json.loads(path.read_text(encoding="utf-8")))
            path.unlink()
        print(f"\n### Statements of {what}, each a number of times for one ({sum(total.values()) / number:.1f} in all)")
        for text, count in total.most_common():
            if count >= number / 20:
                print(f"{count / number:6.2f}  {text[: lines * 8]}")
        profiles = [str(one) for one in self._folder.glob("*.profile")]
        for title, those in (
            ("workers", [one for one in profiles if names[Path(one).stem] != "serve"]),
            ("serve", [one for one in profiles if names[Path(one).stem] == "serve"]),
        ):
            if those:
                print(f"\n### {what}: {title}")
                found = pstats.Stats(*those)
                found.sort_stats("cumulative").print_stats(lines)
                found.sort_stats("tottime").print_stats(lines)
        for one in profiles:
            Path(one).rename(Path(one).with_suffix(f".{what.replace(' ', '_')}"))


def book(fleet: Fleet, number: int, luck: random.Random) -> None:
    """So many events, a few at a time and each of another hotel: two of one hotel may be one run."""
    places = list(range(fleet.number))
    luck.shuffle(places)
    until = time.monotonic() + GIVES_UP
    for begin in range(0, number, AT_ONCE):
        booked = [fleet.book(places[place % len(places)])[0] for place in range(begin, min(number, begin + AT_ONCE))]
        while len(fleet.written(booked)) < len(booked) and time.monotonic() < until:
            time.sleep(0.1)


def due(fleet: Fleet, kind: str, rounds: int = 1) -> None:
    """Such a job is due of all connections, some at a time: otherwise they would be one wave."""
    for part in [*range(5)] * rounds:
        fleet.query(
            f"UPDATE queue SET not_before = timezone('utc', now()) WHERE kind = '{kind}' AND "
            f"mod(abs(hashtext(connection)), 5) = {part} RETURNING 1"
        )
        time.sleep(2.0)


def measure(fleet: Fleet, events: int, rounds: int, folder: Path | None, lines: int) -> None:
    fleet.start()
    wanted = fleet.number * fleet.bookings
    until = time.monotonic() + GIVES_UP
    while (stands := fleet.in_step_after_start()) < (fleet.number, wanted) or stands[1] < wanted:
        if time.monotonic() > until:
            raise SystemExit("not in step")
        time.sleep(1)
    measured = Measured(fleet, folder)
    measured._wait()
    luck = random.Random("one event after another")
    kinds: list[tuple[str, int, Callable[[], None]]] = [
        (what, rounds * fleet.number, partial(due, fleet, kind, rounds))
        for what, kind in (
            ("a quiet run over changes", "incremental"),
            ("a look at the locks", "lock_health"),
            ("a full run", "full"),
        )
    ]
    kinds.append(("an event", events, lambda: book(fleet, events, luck)))
    # Everything once before: what a process does the first time only is no part of it.
    book(fleet, min(events, 40), luck)
    measured._wait()
    fleet.hotels.ask("age")
    due(fleet, "incremental")
    measured._wait()
    say(f"in step; at rest: {', '.join(f'{name} {100 * one:.1f} %' for name, one in measured.rest().items())}")
    rows = []
    for what, number, do in kinds:
        calls = measured.calls()
        costs = measured.cost(number, do)
        made = [(after - before) / number for before, after in zip(calls, measured.calls(), strict=True)]
        measured.trace(number, what, lines)
        rows.append((what, number, costs, made))
        say(f"{what}: {sum(costs.values()):.1f} ms: {', '.join(f'{name} {one:.1f}' for name, one in costs.items())}")
    print("\n| ms of the processor | " + " | ".join(row[0] for row in rows) + " |")
    print("|---" * (len(rows) + 1) + "|")
    print("| how many | " + " | ".join(str(row[1]) for row in rows) + " |")
    groups = {
        "serve": ("serve",),
        "workers": tuple(name for name in fleet.processes if name != "serve"),
        "PostgreSQL": ("PostgreSQL",),
        "the hotels": ("the hotels",),
        "Seam": ("Seam",),
    }
    for name, those in groups.items():
        print(f"| {name} | " + " | ".join(f"{sum(row[2][one] for one in those):.1f}" for row in rows) + " |")
    print("| together | " + " | ".join(f"{sum(row[2].values()):.1f}" for row in rows) + " |")
    print("| calls to the PMS, to Seam | " + " | ".join(f"{row[3][0]:.1f}, {row[3][1]:.1f}" for row in rows) + " |")
    for line in fleet.errors()[:5]:
        print(line[-300:])


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures what one thing costs.")
    parser.add_argument("--connections", type=int, default=60)
    parser.add_argument("--rooms", type=int, default=4, help="of each hotel")
    parser.add_argument("--bookings", type=int, default=2, help="of each hotel, at the start")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=4, help="of everything else, each over all hotels")
    parser.add_argument("--trace", action="store_true", help="print statements and profiles, too")
    parser.add_argument("--lines", type=int, default=60, help="of each of those")
    at = parser.parse_args()
    night = time.strftime("%H:%M", time.gmtime(time.time() - 3600))
    fleet = Fleet(
        at.connections,
        rooms=at.rooms,
        bookings=at.bookings,
        workers=at.workers,
        schedules=SCHEDULES.replace("NIGHT", night),
    )
    folder = None
    if at.trace:
        folder = fleet.home / "traces"
        folder.mkdir()
        fleet.program = (str(Path(__file__).with_name("traced.py")), str(folder))
    with fleet:
        measure(fleet, at.events, at.rounds, folder, at.lines)


if __name__ == "__main__":
    main()
