"""Changes of policies that are looked at before they count for everybody: what each would do, and how its roll-out
stands. One row a policy; whoever asks for another change of it begins anew.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select, update

from store.engine import Repository, put
from store.tables import policy_changes


class Stage(StrEnum):
    """How far a change is."""

    PREVIEW = "preview"
    """It is being looked at what it would do."""
    PREVIEWED = "previewed"
    ROLLING = "rolling"
    """It is being rolled out, wave after wave."""
    STOPPED = "stopped"
    """Its roll-out has stopped; those that have the new rules keep them."""
    FINISHED = "finished"
    TAKEN_BACK = "taken back"


OPEN = (Stage.PREVIEW, Stage.ROLLING)


@dataclass(frozen=True, slots=True)
class Limits:
    """What stops a roll-out: more than so many failures or revocations in one wave."""

    failures: int = 0
    revocations: int = 10
    longest: timedelta = timedelta(hours=1)
    """For one wave, until each of its connections has had a full run."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a change would do to one property, or did to one wave."""

    connections: Sequence[str]
    property: str = ""
    """Its name, in a preview."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Grants by what becomes of them: created, updated, replaced, revoked, held, failed."""
    trouble: str = ""
    """Why it could not be looked at."""


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """A row of `policy_changes`."""

    policy: str
    settings: Mapping[str, Any]
    state: Stage
    who: str
    asked_at: datetime
    limits: Mapping[str, Any] = field(default_factory=dict)
    wave: Sequence[str] = ()
    wave_at: datetime | None = None
    seen: Sequence[Seen] = ()
    note: str | None = None


class PolicyChangeBook(Repository):
    """Queries and writes. Raises `StoreFailed`."""

    def get(self, policy: str) -> PolicyChange | None:
        row = self._store.row(select(policy_changes).where(policy_changes.c.policy == policy))
        return None if row is None else _change(row)

    def open(self) -> list[PolicyChange]:
        """Those that are being previewed, or rolled out."""
        statement = select(policy_changes).where(policy_changes.c.state.in_(OPEN)).order_by(policy_changes.c.asked_at)
        return [_change(row) for row in self._store.rows(statement)]

    def ask(self, change: PolicyChange) -> None:
        """Begins with a change, in place of the one before of that policy."""
        self._store.write(put(self._store.dialect, policy_changes), _row(change))

    def go_on(self, change: PolicyChange, states: Collection[Stage] = OPEN) -> bool:
        """Notes how a change stands by now; False where somebody has asked for another one meanwhile, or has ended
        it. `states`: in which it still has to be."""
        mine = (
            policy_changes.c.policy == change.policy,
            policy_changes.c.asked_at == change.asked_at,
            policy_changes.c.state.in_(states),
        )
        return bool(self._store.write(update(policy_changes).where(*mine).values(**_row(change))))


def _row(change: PolicyChange) -> dict[str, Any]:
    return asdict(change) | {
        "settings": dict(change.settings),
        "limits": dict(change.limits),
        "wave": list(change.wave),
        "seen": [asdict(one) for one in change.seen],
    }


def _change(row: Any) -> PolicyChange:
    found = dict(row._mapping)
    return PolicyChange(**found | {"state": Stage(row.state), "seen": [Seen(**one) for one in row.seen]})
