"""Changes of policies as pages and programs ask for them: previewed, rolled out in waves and taken back by the service.

What is asked for stands in the database (`store.policy_changes`), and one process at a time works on it, a step after
the other: whatever process ends, another one goes on. `nightporter policies` does the same from a terminal.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from mappers.policy import Policy
from mappers.sentences import say
from reconciler.prepare import RunConnection
from reconciler.report import defect
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions
from schedules.connections import Connections
from seam_workspace.workspace import Workspace
from settings.register import Register
from settings.rollout import Rollout
from store.connections import NotAccepted, NotThere, Stale
from store.engine import Database, StoreFailed
from store.policy_changes import Limits, PolicyChange, PolicyChangeBook, Seen, Stage
from store.properties import KnownProperty, Properties
from store.turns import TurnTaken, take

log = structlog.get_logger("policies")
LOOKS_EVERY = 2.0
"""Seconds."""
OUTCOMES = ("created", "updated", "replaced", "revoked", "held", "failed")
"""What may become of access."""
TURN = "policy changes"


def preview(
    policy: Policy,
    connections: Iterable[tuple[RunConnection, Workspace]],
    store: Database,
    clock: Callable[[], datetime],
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Seen]:
    """What a policy would do, by property: each PMS and Seam is read as by a full run, and nothing is changed. What is
    due anyway is counted too."""
    for connection, workspace in connections:
        known = [one for one in Properties(store).known() if one.connection == connection.name]
        places: list[KnownProperty | None] = [*known]
        for of in places or [None]:
            report = Run(
                replace(connection, policy=policy),
                workspace,
                store,
                RunOptions(Everything(), of.property_id if of is not None else None, dry_run=True),
                clock=clock,
                monotonic=time.monotonic,
                sleep=time.sleep,
                stop=stop,
            ).execute()
            grants = report.totals.get("access_grant", {})
            counts = {one: grants[one] for one in OUTCOMES if grants.get(one)}
            yield Seen([connection.name], of.name if of is not None else "", counts, report.broken_off or "")


class PolicyChanges:
    """What is asked for (by any process), and whoever works on it (`turn`). `clock` gives aware UTC."""

    def __init__(
        self,
        register: Register,
        store: Database,
        connections: Connections,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        stop: Callable[[], bool] = lambda: False,
    ):
        self._register = register
        self._store = store
        self._book = PolicyChangeBook(store)
        self._connections = connections
        self._clock = clock
        self._monotonic = monotonic
        self._stop = stop
        self._look_at = 0.0
        self._thread: threading.Thread | None = None

    # --- what is asked for ------------------------------------------------------------------------------------------

    def of(self, policy: str) -> PolicyChange | None:
        """The change of a policy that was asked for last."""
        return self._book.get(policy)

    def preview(self, policy: str, changes: Mapping[str, Any], who: str) -> PolicyChange:
        """Has it looked at what a change would do. Raises `NotThere` and `NotAccepted`."""
        self._register.policy_with(policy, changes)
        return self._begin(PolicyChange(policy, changes, Stage.PREVIEW, who, self._clock()))

    def roll_out(
        self, policy: str, changes: Mapping[str, Any], who: str, first: str | None, share: int, limits: Limits
    ) -> PolicyChange:
        """Has a change rolled out: one connection first (`first`, or that of the first name), then `share` percent of
        all at a time, until it exceeds its limits. Whoever asks again for one that has stopped has it go on. Raises
        `NotThere`, `NotAccepted` and `Stale`."""
        self._rollout(policy, changes, who).waves(first, share)
        said = {"first": first, "share": share, **asdict(limits), "longest": limits.longest.total_seconds()}
        return self._begin(PolicyChange(policy, changes, Stage.ROLLING, who, self._clock(), said))

    def take_back(self, policy: str, who: str) -> list[str]:
        """Gives the former rules back to those that have the new ones; returns their names. Raises as `roll_out`."""
        rollout, known = self._rollout(policy, {}, who), self._book.get(policy)
        if known is not None:
            # First, or the next wave would get the new rules meanwhile.
            ended = replace(known, state=Stage.TAKEN_BACK, wave=(), note=f"taken back by {who}")
            self._book.go_on(ended, (Stage.ROLLING, Stage.STOPPED))
        return rollout.take_back()

    def _begin(self, change: PolicyChange) -> PolicyChange:
        known = self._book.get(change.policy)
        if known is not None and known.state is Stage.ROLLING:
            raise Stale(
                say("Policy {policy} is being rolled out: wait for its end, or take it back.", policy=change.policy)
            )
        self._book.ask(change)
        return change

    def _rollout(self, policy: str, changes: Mapping[str, Any], who: str) -> Rollout:
        return Rollout(self._register, self._store, policy, changes, who, self._clock)

    # --- whoever works on it ----------------------------------------------------------------------------------------

    def turn(self) -> None:
        """To be called every second or so by a process that works. Raises `StoreFailed`."""
        if self._monotonic() < self._look_at or (self._thread is not None and self._thread.is_alive()):
            return
        self._look_at = self._monotonic() + LOOKS_EVERY
        if self._book.open():
            self._thread = threading.Thread(target=self._work, name="policy changes", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        try:
            self.work()
        except StoreFailed as problem:
            log.error("the database cannot be used", trouble=str(problem))
        except Exception as problem:
            log.error("a change of a policy could not go on", trouble=defect(problem))

    def work(self) -> None:
        """The next step of each change that is asked for, unless another process is at it. Raises `StoreFailed`."""
        try:
            turn = take(self._store, TURN)
        except TurnTaken:
            return
        try:
            for change in self._book.open():
                try:
                    if change.state is Stage.PREVIEW:
                        self._look_ahead(change, lambda: self._stop() or turn.lost)
                    else:
                        self._next_wave(change)
                except (NotAccepted, NotThere, Stale) as problem:
                    self._book.go_on(replace(change, state=Stage.STOPPED, wave=(), note=str(problem)))
        finally:
            turn.release()

    def _look_ahead(self, change: PolicyChange, stop: Callable[[], bool]) -> None:
        policy = self._register.policy_with(change.policy, change.settings)
        users = [self._connections.get(name) for name in self._register.policy(change.policy).used_by]
        used = [(one.for_a_run(), one.workspace) for one in users if one is not None]
        change = replace(change, seen=())
        for seen in preview(policy, used, self._store, self._clock, stop):
            change = replace(change, seen=[*change.seen, seen])
            if stop() or not self._book.go_on(change):
                return  # Another process begins it anew, or somebody has asked for something else.
        self._book.go_on(replace(change, state=Stage.PREVIEWED))

    def _next_wave(self, change: PolicyChange) -> None:
        """Looks at the wave that has the new rules, or gives them to the next one."""
        said, rollout = change.limits, self._rollout(change.policy, change.settings, change.who)
        if change.wave_at is None:
            rollout.begin()
        if change.wave and change.wave_at is not None:
            if behind := [one for one in change.wave if one in rollout.left]:
                # Whoever was to give it to them has ended before.
                if self._book.go_on(replace(change, wave_at=self._clock())):
                    rollout.give(behind)
                return
            limits = Limits(said["failures"], said["revocations"], timedelta(seconds=said["longest"]))
            came = rollout.look(change.wave, change.wave_at, limits)
            if came is None:
                return
            counts = {"changed": came.changes, "revoked": came.revocations, "failed": came.failures}
            seen = Seen(change.wave, counts={name: number for name, number in counts.items() if number})
            change = replace(change, seen=[*change.seen, seen], wave=())
            if came.stopped:
                self._book.go_on(replace(change, state=Stage.STOPPED, note=came.stopped))
                return
        has_begun = bool(change.seen)
        waves = rollout.waves(None if has_begun else said["first"], said["share"], has_begun=has_begun)
        if not waves:
            if self._book.go_on(change):
                rollout.finish()
                self._book.go_on(replace(change, state=Stage.FINISHED))
            return
        change = replace(change, wave=waves[0], wave_at=self._clock())
        if self._book.go_on(change):
            rollout.give(waves[0])


def in_words(counts: Mapping[str, int]) -> str:
    """`3 created, 1 revoked`."""
    found = [f"{number:,} {word}" for word, number in counts.items() if number]
    return ", ".join(found) or "no access would change"
