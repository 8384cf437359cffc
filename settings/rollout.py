"""A policy change in waves: one connection first, then a share of the rest at a time. Each wave is looked at before the
next one goes, and what goes wrong too often stops it.

The new rules stand under a name of their own meanwhile (`<policy>-next`), and a connection is in a wave by naming that.
So whatever ends in the middle (a killed command, a lost machine) leaves every connection with rules that are whole, and
whoever repeats the command goes on with those that are left.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mappers.sentences import of_setting, say
from settings.load import LONGEST_NAME
from settings.register import Register
from store.connections import NotAccepted, State
from store.engine import Database
from store.history import History
from store.policy_changes import Limits
from store.queue import Queue, Task, TaskKind
from store.runs import StoredRun

NEXT = "-next"
RUNS_LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Wave:
    """What came of one wave."""

    connections: Sequence[str]
    failures: int
    revocations: int
    changes: int
    stopped: str = ""
    """Why nothing goes on; empty where it does."""


class Rollout:
    """One change of one policy. `wait` lets time pass until there may be news; `clock` gives aware UTC."""

    def __init__(
        self,
        register: Register,
        store: Database,
        name: str,
        changes: Mapping[str, Any],
        who: str,
        clock: Callable[[], datetime],
        wait: Callable[[], None] = lambda: None,
    ):
        """Raises `NotAccepted` and `NotThere` where the change cannot be made in waves."""
        self._register = register
        self._store = store
        self._name = name
        self._next = f"{name}{NEXT}"
        self._changes = changes
        self._who = who
        self._clock = clock
        self._wait = wait
        if len(self._next) > LONGEST_NAME:
            words = say("its name is too long for {next} beside it.", next=self._next)
            raise NotAccepted(of_setting(f"policies.{name}", words))
        self._policy = register.policy_with(name, changes)
        entries = [one for one in register.entries() if one.policy in (name, self._next) and not one.is_removed]
        fixed = sorted(one.name for one in entries if one.source == "file")
        if fixed:
            words = say(
                "it stands in the settings file, so it takes every change of {policy} at once: "
                "`nightporter connections import` moves it into the database.",
                policy=name,
            )
            raise NotAccepted(of_setting(f"connections.{fixed[0]}", words))
        self.left = [one.name for one in entries if one.policy == name and one.standing.state is State.ACTIVE]
        """Those that have the former rules."""
        self._all = [one.name for one in entries]

    def waves(self, first: str | None, share: int, *, has_begun: bool = False) -> list[list[str]]:
        """The connections that are left, in waves: `first` alone (or else the first by name), then `share` percent of
        all of them at a time. Only active ones are in waves: of the others nothing would be seen. `has_begun`: the
        first wave has been."""
        left = list(self.left)
        if first is not None and first not in left:
            words = say("it is not active, or has not policy {policy}.", policy=self._name)
            raise NotAccepted(of_setting(f"connections.{first[:LONGEST_NAME]}", words))
        if not left:
            return []
        alone = [] if has_begun else [first or left[0]]
        left = [one for one in left if one not in alone]
        size = max(1, math.ceil(len(self._all) * share / 100))
        return [*([alone] if alone else []), *(left[at : at + size] for at in range(0, len(left), size))]

    def begin(self) -> None:
        """Puts the new rules beside the old ones. Nobody has them yet."""
        now = self._clock()
        wanted = dict(self._register.policy_document(self._name, self._changes))
        former = self._register.policy_document(self._next, {})
        gone = {setting: None for setting in former if setting not in wanted}
        self._register.set_policy(self._next, gone | wanted, self._who, now)

    def go(self, wave: Sequence[str], limits: Limits) -> Wave:
        """Gives a wave the new rules, and waits for what comes of it."""
        since = self.give(wave)
        while (came := self.look(wave, since, limits)) is None:
            self._wait()
        return came

    def give(self, wave: Sequence[str]) -> datetime:
        """Gives a wave the new rules; returns since when it has them."""
        since = self._clock()
        for name in wave:
            self._register.change(name, {"policy": self._next}, self._who, self._clock())
        at = since + TAKEN_UP
        Queue(self._store).enqueue([Task(name, TaskKind.FULL, "", at) for name in wave], since)
        return since

    def look(self, wave: Sequence[str], since: datetime, limits: Limits) -> Wave | None:
        """What came of a wave that has the new rules since then; None as long as that is not known."""
        runs = {name: found for name in wave if (found := self._first_full_run(name, since)) is not None}
        if len(runs) < len(wave) and self._clock() < since + limits.longest:
            return None
        failures = sum(_failures(run) for run in runs.values())
        grants = [run.totals.get("access_grant", {}) for run in runs.values()]
        revocations = sum(one.get("revoked", 0) + one.get("held", 0) for one in grants)
        changes = sum(one.get(word, 0) for one in grants for word in ("created", "updated", "replaced"))
        late = [name for name in wave if name not in runs]
        stopped = ""
        if late:
            stopped = say("{name} has had no full run within the time: is it being served?", name=late[0])
        elif failures > limits.failures:
            stopped = say(
                "failures in this wave: {failures}, and at most {most} are allowed",
                failures=failures,
                most=limits.failures,
            )
        elif revocations > limits.revocations:
            stopped = say(
                "revocations in this wave: {revocations}, and at most {most} are allowed",
                revocations=revocations,
                most=limits.revocations,
            )
        return Wave(wave, failures, revocations, changes, stopped)

    def _first_full_run(self, name: str, since: datetime) -> StoredRun | None:
        """That began with the new rules, and has ended."""
        found = [
            run
            for run in History(self._store).runs(connection=name, limit=RUNS_LOOKED_AT)
            if run.mode in ("full", "night_audit")
            and run.started_at >= since + TAKEN_UP
            and run.finished_at is not None
        ]
        return min(found, key=lambda run: run.started_at, default=None)

    def finish(self) -> None:
        """All have had it: the policy itself becomes what they have, and they name it again."""
        self._register.set_policy(self._name, self._changes, self._who, self._clock())
        for one in self._register.entries():
            if one.policy == self._next and not one.is_removed:
                self._register.change(one.name, {"policy": self._name}, self._who, self._clock())

    def take_back(self) -> list[str]:
        """Those that have the new rules get the old ones again; returns their names."""
        names = [one.name for one in self._register.entries() if one.policy == self._next and not one.is_removed]
        for name in names:
            self._register.change(name, {"policy": self._name}, self._who, self._clock())
        now = self._clock()
        Queue(self._store).enqueue([Task(name, TaskKind.FULL, "", now + TAKEN_UP) for name in names], now)
        return names


TAKEN_UP = timedelta(seconds=5)
"""Within so long every process has taken a change up: a run that began earlier may have had the old rules."""


def _failures(run: StoredRun) -> int:
    """Bookings that failed, or the run itself."""
    failed = sum(counts.get("failed", 0) for counts in run.totals.values())
    return failed or int(run.broken_off is not None)
