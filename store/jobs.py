"""When each job last ran, and how it ended: what makes a late job run late rather than never, also after a restart."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from mappers.sentences import keep_together, kept
from store.engine import Repository, put
from store.tables import jobs


@dataclass(frozen=True, slots=True)
class JobRecord:
    connection: str
    property_id: str
    """Empty: the whole connection."""
    name: str
    started_at: datetime
    ended_at: datetime | None
    good_at: datetime | None
    failures: int
    trouble: str | None
    said: Any = field(default=None, repr=False)
    """What the trouble was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "trouble")


class JobBook(Repository):
    """The jobs' last times. Safe to use from many threads."""

    def began(self, connection: str, property_id: str, name: str, now: datetime) -> None:
        self._put(connection, property_id, name, started_at=now, ended_at=None)

    def ended(
        self, before: JobRecord | None, connection: str, property_id: str, name: str, now: datetime, trouble: str | None
    ) -> None:
        """`before` is the record as it was before the job began; `trouble` says why it did not end well."""
        if trouble is None:
            self._put(connection, property_id, name, ended_at=now, good_at=now, failures=0, trouble=None, said=None)
        else:
            failures = (before.failures if before else 0) + 1
            said = {"trouble": trouble[:500], "said": kept(trouble)}
            self._put(connection, property_id, name, ended_at=now, failures=failures, **said)

    def _put(self, connection: str, property_id: str, name: str, **values: object) -> None:
        row = {"connection": connection, "property_id": property_id, "name": name}
        self._store.write(
            put(self._store.dialect, jobs, *values),
            row | {"started_at": values.get("ended_at")} | values,
        )

    def get(self, connection: str, property_id: str, name: str) -> JobRecord | None:
        row = self._store.row(_RECORD, {"of": connection, "place": property_id, "job": name})
        return JobRecord(*row) if row else None

    def all(self, connection: str | None = None) -> dict[tuple[str, str, str], JobRecord]:
        """By connection, property id and name. `connection`: of that one only."""
        rows = self._store.rows(_records if connection is None else _records.where(jobs.c.connection == connection))
        return {(row.connection, row.property_id, row.name): JobRecord(*row) for row in rows}


_records = select(*(jobs.c[name] for name in JobRecord.__dataclass_fields__))
_RECORD = _records.where(
    jobs.c.connection == bindparam("of"), jobs.c.property_id == bindparam("place"), jobs.c.name == bindparam("job")
)
