"""What a fleet can do: `python -m benchmarks.fleet [CONNECTIONS] [--help]` (50). Prints a row of the README's table.

So many simulated Mews hotels and one Seam, over real HTTP, in processes of their own; PostgreSQL from PyPI; one
`serve` and two `work`, with the default timetable. Everything is on this machine, the simulated sides as well.
"""

import argparse
import os
import random
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

from benchmarks.fleet_world import Fleet

RATE = 10.0
"""Events a second."""
GIVES_UP = 3600.0
"""Seconds."""


@dataclass
class Watch:
    """The most that each process had while it was watched."""

    fleet: Fleet
    threads: dict[str, int] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    ages: list[float] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    def look(self) -> None:
        while not self.over.wait(5.0):
            for name, (_, threads, megabytes) in self.fleet.used().items():
                self.threads[name] = max(threads, self.threads.get(name, 0))
                self.megabytes[name] = max(megabytes, self.megabytes.get(name, 0.0))

    def look_at_ages(self) -> None:
        while not self.over.wait(5.0):
            self.ages += self.fleet.ages()


@contextmanager
def processor(fleet: Fleet, shares: dict[str, float]) -> Iterator[None]:
    """The share of a core that each process took meanwhile, in percent."""
    before, begun = fleet.used(), time.monotonic()
    yield
    span = time.monotonic() - begun
    shares.update({name: 100 * (used[0] - before[name][0]) / span for name, used in fleet.used().items()})


def part(values: list[float], share: float) -> float:
    """The quantile; not a number where there is nothing."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text} (load {os.getloadavg()[0]:.1f})", flush=True)


def wait_for_all(fleet: Fleet, booked: dict[str, float], limit: float = 600.0) -> dict[str, float]:
    """Waits until Seam knows of all of them; seconds from each event to the first write, by booking. What is not there
    in time counts as the limit."""
    until = time.monotonic() + limit
    while True:
        written = fleet.written(list(booked))
        if len(written) == len(booked) or time.monotonic() > until:
            late = len(booked) - len(written)
            if late:
                say(f"{late} of {len(booked)} are not in Seam after {limit:.0f} s")
            return {one: written[one] - at if one in written else limit for one, at in booked.items()}
        time.sleep(0.5)


def happen(fleet: Fleet, seconds: float, rate: float, hotels: range, luck: random.Random) -> dict[str, float]:
    """So many events a second in these hotels; when each was, by booking."""
    booked: dict[str, float] = {}

    def one() -> None:
        booking, at = fleet.book(luck.choice(hotels))
        booked[booking] = at

    with ThreadPoolExecutor(16) as threads:
        begun = time.monotonic()
        for place in range(int(seconds * rate)):
            time.sleep(max(0.0, begun + place / rate - time.monotonic()))
            threads.submit(one)
    return booked


def measure(fleet: Fleet, seconds: float, outage: float, settle: float) -> list[tuple[str, str]]:
    luck = random.Random("a fleet's events")
    rows = [("connections", f"{fleet.number:,}")]
    watch = Watch(fleet)
    begun = time.monotonic()
    fleet.start()
    Thread(target=watch.look, daemon=True).start()
    say("started")
    wanted = fleet.number * fleet.bookings
    told = begun
    while (stands := fleet.in_step_after_start()) < (fleet.number, wanted) or stands[1] < wanted:
        if time.monotonic() - told > 30:
            told = time.monotonic()
            say(f"{told - begun:.0f} s: {stands[0]} connections have read everything, {stands[1]} of {wanted} grants")
        if time.monotonic() - begun > GIVES_UP:
            raise SystemExit("not in step after an hour")
        time.sleep(1)
    rows.append(("in step after a cold start", f"{time.monotonic() - begun:.0f} s, {len(fleet.errors())} errors"))
    say(str(rows[-1]))

    time.sleep(settle)
    shares: dict[str, float] = {}
    calls = fleet.hotels.ask("calls")["calls"]
    with processor(fleet, shares):
        time.sleep(seconds)
    calls = fleet.hotels.ask("calls")["calls"] - calls
    rows.append(("idle, share of a core", ", ".join(f"{name} {share:.1f} %" for name, share in shares.items())))
    rows.append(("idle, calls to the PMSs", f"{calls / seconds:.1f} a second"))
    say(str(rows[-2:]))

    ages = Thread(target=watch.look_at_ages, daemon=True)
    ages.start()
    everything = (
        "UPDATE queue SET not_before = timezone('utc', now()) WHERE kind = 'full' AND taken_by IS NULL AND "
        "mod(abs(hashtext(connection)), 10) = 0 RETURNING 1"
    )
    sweeps = len(fleet.query(everything))
    before = sum(used[0] for used in fleet.used().values())
    took = list(wait_for_all(fleet, happen(fleet, seconds, RATE, range(fleet.number), luck)).values())
    spent = sum(used[0] for used in fleet.used().values()) - before
    rows.append((f"webhook to Seam, {RATE:.0f} a second, {sweeps} full runs beside them", _two(took)))
    rows.append(("processor for that, of Night Porter", f"{1000 * spent / len(took):.0f} ms an event"))
    rows.append(("freshness", _two(watch.ages)))
    say(str(rows[-3:]))

    # A hundred times as many events as another hotel has, and as many as all the others together.
    for loud in sorted({100 * RATE / fleet.number, RATE}):
        loud_one = Thread(target=happen, args=(fleet, seconds / 2, loud, range(1), luck))
        loud_one.start()
        others = wait_for_all(fleet, happen(fleet, seconds / 2, RATE, range(1, fleet.number), luck))
        loud_one.join()
        rows.append((f"the same beside a hotel with {loud:g} events a second", _two(list(others.values()))))
        say(str(rows[-1]))

    killer = Thread(target=lambda: (time.sleep(5), fleet.kill("worker 1")))
    killer.start()
    before = time.monotonic() + 5
    booked = happen(fleet, 15, RATE, range(fleet.number), luck)
    killed = wait_for_all(fleet, booked)
    rows.append(
        ("in step after kill -9 of a worker", f"{max(booked[one] + killed[one] for one in booked) - before:.0f} s")
    )
    say(str(rows[-1]))
    fleet.start("worker 1")

    fleet.hotels.ask("down", on="yes")
    begun = time.monotonic()
    places = luck.sample(range(fleet.number), min(fleet.number, 200))
    missed = {fleet.book(place, tell=False)[0]: 0.0 for place in places}
    time.sleep(max(0.0, outage - (time.monotonic() - begun)))
    fleet.hotels.ask("down", on="no")
    back = time.monotonic()
    found = wait_for_all(fleet, dict.fromkeys(missed, back), 1800)
    rows.append(
        (
            f"in step after all PMSs were away for {outage:.0f} s",
            _two(list(found.values())) + f", all {max(found.values()):.0f} s",
        )
    )
    watch.over.set()
    rows.append(("threads at most", ", ".join(f"{name} {number}" for name, number in watch.threads.items())))
    rows.append(("memory at most", ", ".join(f"{name} {number:.0f} MB" for name, number in watch.megabytes.items())))
    return rows


def _two(seconds: list[float]) -> str:
    if not seconds:
        return "nothing"
    return f"p50 {statistics.median(seconds):.1f} s, p99 {part(seconds, 0.99):.1f} s"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measures a fleet.")
    parser.add_argument("connections", type=int, nargs="?", default=50)
    parser.add_argument("--rooms", type=int, default=20, help="of each hotel")
    parser.add_argument("--bookings", type=int, default=40, help="of each hotel, at the start")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--concurrency", type=int, default=8, help="of each worker")
    parser.add_argument("--seconds", type=float, default=60.0, help="that each part lasts")
    parser.add_argument("--settle", type=float, default=60.0, help="seconds from the cold start to the first part")
    parser.add_argument("--outage", type=float, default=120.0, help="seconds")
    at = parser.parse_args()
    with Fleet(
        at.connections,
        rooms=at.rooms,
        bookings=at.bookings,
        workers=at.workers,
        concurrency=at.concurrency,
    ) as fleet:
        say(f"{at.connections} hotels are there, {fleet.home}")
        for what, found in measure(fleet, at.seconds, at.outage, at.settle):
            print(f"| {what} | {found} |")
        kinds: dict[str, int] = {}
        for line in fleet.errors():
            kinds[line[-160:]] = kinds.get(line[-160:], 0) + 1
        for line, number in sorted(kinds.items(), key=lambda one: -one[1])[:5]:
            print(f"error, {number} times: {line}")


if __name__ == "__main__":
    main()
