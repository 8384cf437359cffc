"""For how long the database keeps what is no longer needed: a setting."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Keep:
    """For how long. What is still needed (links, waiting deliveries, open alerts, unsettled holds) is kept anyway."""

    outcomes: timedelta = timedelta(days=90)
    """Report lines, and holds that are settled."""
    runs: timedelta = timedelta(days=366)
    """Runs with their totals."""
    quiet_runs: timedelta = timedelta(days=7)
    """Those that brought no news: nothing had to be done, or what failed had failed before."""
    stays: timedelta = timedelta(days=30)
    """What the pages show of a stay, after its end."""
    audit_log: timedelta = timedelta(days=730)
    """Who approved, synced, or looked at a PIN."""
    entries: timedelta = timedelta(days=30)
    """Who opened which lock when. 0 days: nothing of it is kept."""
