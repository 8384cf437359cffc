"""A week of a house, minute by minute: a desk at which things happen, sides that fail, and a process that dies.

The vendor's own simulated server, the real connector, the real jobs on their timetable, the simulated workspace: only
sockets and threads are left out. What a vendor adds is a `House`: its books, and what staff do in it.
"""

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from connectors.connector import Connector
from mappers.policy import MaxRevocations, Policy
from sandbox.http import Answer
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender
from schedules.timetable import Timetable
from seam_workspace.pace import Pace
from seam_workspace.workspace import Workspace
from tests.doors.watch import People, Right, Watch
from tests.night import HOOK, SEAM_SECRET, Night, Told
from tests.world import AnyWorld, Clock, Killed

MINUTE = timedelta(minutes=1)
INCREMENTAL, FULL = timedelta(minutes=10), timedelta(minutes=60)
PATIENCE = INCREMENTAL + 2 * MINUTE
"""An interval; a minute in which a run waits for locks, and the minute in which we look."""
BEGINS = datetime(2026, 9, 18, 10, tzinfo=UTC)
ALL = MaxRevocations(count=10_000, percent=100)
"""A desk that does all of this in a small house would be held by any sensible limit; that is not what is asked here."""


SYLLABLES = ("an", "bel", "cor", "dim", "fen", "gus", "hol", "jar", "kul", "lem", "nir", "pet", "qui", "ras", "sol")
"""In every other house names are made of these; in the rest all are called nearly the same."""


class NoPinTwice(random.Random):
    """Numbers that were not given before: two people have the same PIN only where somebody asked for it."""

    def __init__(self, seed: int):
        super().__init__(seed)
        self._given: set[int] = set()

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        if stop is not None or start < 1000:
            return super().randrange(start, stop, step)
        while (number := super().randrange(start)) in self._given:
            pass
        self._given.add(number)
        return number


class House(AnyWorld, ABC):
    """A house of one vendor, with Night Porter at work. `rights` are those of the vendor's raw books."""

    name = "alpen"
    zone = ZoneInfo("Europe/Vienna")
    everyone = False
    """Whether everybody on a booking gets access."""
    rooms: list[str]
    _assemble, _post, settle, do = Night._assemble, Night._post, Night.settle, Night.do
    _step, _fleet = Night._step, Night._fleet
    own_turns = Night.own_turns
    due_jobs = Night.due_jobs
    fire, look_at_alerts, client = Night.fire, Night.look_at_alerts, Night.client
    _has_to_retry = Night._has_to_retry
    site = cached_property(Night.site.func)

    def __init__(self, path: Path, policy: Policy | None = None, begins: datetime = BEGINS, seed: int = 1):
        usual = replace(policy or Policy(), max_revocations=ALL)
        super().__init__(path, usual)
        self.everyone = self.policy.guests == "everyone"
        self.clock = Clock(begins)
        self.seam = SeamWorkspace(
            now=self.clock.now,
            seed=seed,
            delete_delay=timedelta(seconds=seed % 20),
            issue_delay=timedelta(seconds=seed % 7),
            just_in_time=seed % 3 == 0,
            creates_a_minute=10,
        )
        self.seam._random = NoPinTwice(seed)
        self.who = People()
        self.names_are_alike = seed % 2 == 0
        self.numbers = self._doors = 0
        # A look at the locks has tests of its own, and would be a fifth of the time here.
        self.timetable = Timetable(incremental=INCREMENTAL, full=FULL, lock_health=FULL, retry=2 * MINUTE)
        self.told = Told()
        self.deliver = True
        self.refuses_writes = False
        self.is_down = False
        self.hears = False
        """Whether it is told by webhooks."""
        self._reconnect()
        self.build()
        self.connector = self.connect()
        self.sender = WebhookSender(self._post, background=False)
        self._assemble()
        self.watch = Watch(self.seam, self.who, PATIENCE)
        self._rights: list[Right] = []
        self._written = self._well_since = begins
        self._is_written = False

    # --- what a vendor adds -----------------------------------------------------------------------------------------

    @abstractmethod
    def build(self) -> None:
        """The simulated server with its rooms; each with a door, by `self.door(...)`."""

    @abstractmethod
    def connect(self) -> Connector:
        """A connector as a new process has it."""

    @abstractmethod
    def rights(self) -> list[Right]:
        """From the raw books, now."""

    @abstractmethod
    def fill(self, stays: int, nights: int = 6) -> None:
        """So many more rooms, with a guest in each since yesterday, for so many nights."""

    @abstractmethod
    def say_that_all_changed(self) -> None:
        """Every stay is written anew as it was, and the PMS says so."""

    @property
    @abstractmethod
    def pms(self) -> Any:
        """The simulated server, with `faults`."""

    @abstractmethod
    def hear(self) -> None:
        """From now on the PMS sends its webhooks."""

    def listen(self) -> None:
        """From now on PMS and Seam send their webhooks."""
        self.hear()
        self.seam.sender, self.seam.webhook_url = self.sender, "http://night.example/webhooks/seam"
        self.seam.webhook_secret = SEAM_SECRET

    # --- what all have ----------------------------------------------------------------------------------------------

    def door(self, room: str, override: bool = False) -> None:
        """A lock for the room, called as the room's id: of an access system, or one that stands alone."""
        self._doors += 1
        if override or self._doors % 2:
            self.seam.add_entrance(room, room, override)
        else:
            self.seam.add_device(room, room)

    def person(self) -> tuple[str, str]:
        """Somebody new: first and last name."""
        self.numbers += 1
        spell = random.Random(self.numbers)
        if self.names_are_alike:
            first, last = "Guest", f"Number{self.numbers}"
        else:
            first, last = ("".join(spell.choices(SYLLABLES, k=3)).title() for _ in range(2))
        self.who.call(f"{first} {last}", f"{first} {last}")
        return first, last

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def today(self) -> date:
        return self.local(self.clock.now()).date()

    def _reconnect(self) -> None:
        """Seam's API refuses writes when it is told to; what it did before it broke is done."""
        handle = self.seam.handle

        def refusing(method: str, path: str, *rest: Any) -> Answer:
            if self.refuses_writes and path.rpartition("/")[2] not in ("list", "get"):
                return Answer(503, b"<html>Service Unavailable</html>", {"Content-Type": "text/html"})
            return handle(method, path, *rest)

        self.seam.handle = refusing  # type: ignore[method-assign]
        self.workspace = Workspace(
            self.seam.api_key,
            "http://seam.example",
            pace=Pace(self.clock.monotonic, self.clock.sleep),
            transport=httpx.MockTransport(self._answer),
        )

    def restart(self) -> None:
        """Another process, with nothing in its memory."""
        self.connector = self.connect()
        self._assemble()
        self.fire(at_start=True)

    def begin(self) -> None:
        """The first process; everything is in step."""
        self.restart()
        self.settle()
        self.changed()

    def changed(self) -> None:
        """Something was written in the books."""
        self._is_written = False

    def minute(self) -> None:
        """A minute passes; what is due in it is done; then somebody looks at every door."""
        until = max(self.clock.now(), self._written) + MINUTE
        self._written = until
        self.clock.time = until
        if not self.is_down:
            try:
                self.fire()
                # Nothing is due, and nobody hears anything: there is nothing to settle.
                if self.worker.pending() or self.hears:
                    self.settle()
                self.seam.tick()
            except Killed:
                self.kill_after = None
                self.unwell()
                self.restart()
        self.look()

    def unwell(self) -> None:
        """Until now something was wrong for which the house cannot be blamed."""
        self._well_since = self.clock.now() + MINUTE

    def look(self) -> None:
        now = self.clock.now()
        faults, theirs = self.pms.faults, self.seam.faults
        is_failing = (
            self.is_down or self.refuses_writes or faults.down or faults.unavailable or theirs.fail_before > 0.05
        )
        if is_failing or theirs.lose_answer or theirs.too_many:
            self.unwell()
        # What is written changes by hand only, but for what a new day brings.
        if not self._is_written or now.minute == 0:
            self._rights = self.rights()
            self._is_written = True
        self.watch.look(now, self._rights, now >= self._well_since)

    def leap(self, to: datetime) -> None:
        """To an instant, as after a long sleep: what is due by then is done, and somebody looks."""
        self.clock.time = to - MINUTE
        self.restart()
        self._written = self.clock.now()
        self.minute()

    def opens(self) -> set[tuple[str, str]]:
        """Who opens which door now."""
        return self.watch.opens(self.clock.now())

    def pins(self, person: str) -> set[str]:
        return self.watch.pins(self.clock.now(), person)

    def pass_(self, **span: float) -> None:
        """Minutes, one by one."""
        for _ in range(int(timedelta(**span) / MINUTE)):
            self.minute()


class Desk(ABC):
    """The staff of a house: called, it does one thing, with its own luck."""

    def __init__(self, house: Any, luck: random.Random):
        self.house, self.luck = house, luck
        self.now: Callable[[], datetime] = house.clock.now

    def is_known_nowhere_else(self) -> bool:
        """Whether something was just deleted of which only our database knows: with it lost, a person is asked."""
        return False

    @abstractmethod
    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        """What a clerk can do, and how often it happens. An act says what it did, or None where it could not."""

    def __call__(self) -> str | None:
        acts = self.acts()
        return self.luck.choices([act for _, act in acts], [weight for weight, _ in acts])[0]()


@dataclass
class Trouble:
    """Something that goes wrong for a while."""

    name: str
    begin: Callable[[], None]
    end: Callable[[], None]
    minutes: tuple[int, int]


@dataclass
class Week:
    """`days` of a house, with its luck. Every action of the desk is what a clerk can do in that PMS."""

    house: House
    luck: random.Random
    something: Callable[[], str | None]
    """One thing that happens at the desk; says what, or None where it could not."""
    per_hour: float = 1.2
    diary: list[str] = field(default_factory=list)
    """For whoever wants to know why: what happened when."""

    def run(self, days: float) -> None:
        self.house.begin()
        until_trouble, until_end, trouble = self._quiet(), 0, None
        for minute in range(int(days * 24 * 60)):
            hour = self.house.local(self.house.clock.now()).hour
            busy = 2.0 if 8 <= hour < 22 else 0.2
            if self.luck.random() < self.per_hour * busy / 60:
                for _ in range(self.luck.choice((1, 1, 1, 2, 4))):
                    said = self.something()
                    if said is not None:
                        self._note(said)
                self.house.changed()
            if trouble is None and minute >= until_trouble:
                trouble = self.luck.choice(self._troubles())
                until_end = minute + self.luck.randint(*trouble.minutes)
                self._note(f"{trouble.name} for {until_end - minute} minutes")
                trouble.begin()
            elif trouble is not None and minute >= until_end:
                trouble.end()
                trouble, until_trouble = None, minute + self._quiet()
            self.house.minute()
        if trouble is not None:
            trouble.end()
        # And what was late at some moment is in step at the end, with nothing left to do.
        self.house.pass_(minutes=FULL / MINUTE + 10)

    def _quiet(self) -> int:
        return self.luck.randint(90, 900)

    def _note(self, what: str) -> None:
        self.diary.append(f"{self.house.clock.now():%a %d %H:%M} {what}")

    def _troubles(self) -> list[Trouble]:
        house = self.house

        def set_(target: Any, name: str, value: Any, usual: Any) -> tuple[Callable[[], None], Callable[[], None]]:
            return lambda: setattr(target, name, value), lambda: setattr(target, name, usual)

        def nothing() -> None:
            pass

        def die() -> None:
            house.kill_after = self.luck.randint(1, 12)
            house.kill_with_the_answer = self.luck.random() < 0.5

        def live() -> None:
            house.kill_after = None

        def go_down() -> None:
            house.is_down = True

        def come_up() -> None:
            house.is_down = False
            house.restart()

        def lose() -> None:
            if isinstance(self.something, Desk) and self.something.is_known_nowhere_else():
                return
            house.lose_the_database()
            house.restart()
            house.unwell()

        pms, seam = house.pms.faults, house.seam.faults
        return [
            Trouble("the PMS is down", *set_(pms, "down", True, False), (5, 60)),
            Trouble("the PMS fails now and then", *set_(pms, "unavailable", 0.2, 0.0), (20, 120)),
            Trouble("Seam refuses to write", *set_(house, "refuses_writes", True, False), (40, 40)),
            Trouble("Seam is down", *set_(seam, "fail_before", 1.0, 0.0), (5, 60)),
            Trouble("Seam loses answers", *set_(seam, "lose_answer", 0.2, 0.0), (20, 120)),
            Trouble("Seam is in a hurry", *set_(seam, "too_many", 0.3, 0.0), (20, 120)),
            Trouble("killed in the middle", die, live, (60, 240)),
            Trouble("nobody is at work", go_down, come_up, (2, 45)),
            Trouble("a new process", house.restart, nothing, (1, 1)),
            Trouble("the database is lost", lose, nothing, (1, 1)),
        ]


def hook() -> str:
    return f"http://night.example/webhooks/alpen?token={HOOK}"
