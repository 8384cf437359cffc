"""When a connection's jobs are due. The defaults are those of `config.example.yaml`."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Annotated

_AT_LEAST = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Timetable:
    """Spans between two runs, and clock times in the property's own time zone."""

    incremental: Annotated[timedelta, _AT_LEAST] = timedelta(minutes=2)
    incremental_at_most: Annotated[timedelta, _AT_LEAST] = timedelta(minutes=15)
    """The same where the PMS's webhooks demonstrably arrive (see `schedules.pace`)."""
    full: Annotated[timedelta, _AT_LEAST] = timedelta(hours=1)
    lock_health: Annotated[timedelta, _AT_LEAST] = timedelta(minutes=5)
    """From one look at the locks themselves to the next."""
    night_audit: time = time(3, 30)
    arrival_check: time = time(8, 0)
    retry: Annotated[timedelta, _AT_LEAST] = timedelta(minutes=1)
    """How long after its first failure a booking is tried again; twice as long after every further one."""
