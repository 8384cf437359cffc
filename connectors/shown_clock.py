"""The clock that a PMS shows: the `Date` of its answers (RFC 9110, section 6.6.1), compared with ours."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

AT_MOST = 200
"""Answers that are remembered."""
HOSTS = 50
"""Hosts whose clock is remembered."""
APART = 60.0
"""Seconds: what shows a time so much earlier than its host's clock is an answer that a cache has kept, and nobody's
clock (RFC 9111, section 4: nothing that is kept is younger than what is asked for anew)."""
RUNS = 3
"""In so many runs, one after another and for longer than `APART`, a lower time is found before it is believed."""
SAME = 30.0
"""Seconds: two answers that are ahead of ours by so much the same show one clock."""


def shown_time(headers: Mapping[str, str]) -> datetime | None:
    """What an answer's headers say that time it is (aware UTC); None where they do not. An answer that a cache has kept
    says for how long (`Age`)."""
    date = headers.get("Date")
    if not date:
        return None
    try:
        shown = parsedate_to_datetime(date[:40])
        age = headers.get("Age") or "0"
        shown += timedelta(seconds=int(age) if age.isascii() and age.isdigit() and len(age) < 9 else 0)
        return shown.replace(tzinfo=UTC) if shown.tzinfo is None else shown.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


@dataclass(slots=True)
class _Host:
    """What the answers of one host have shown."""

    ahead: float | None = None
    """By how many seconds its clock is ahead of ours, once two answers said the same."""
    odd: float | None = None
    """By how many the last answers were that did not show that, one like the other."""
    since: datetime | None = None
    """When the first of them came, by our clock."""
    runs: set[int] = field(default_factory=set)
    """In which they came."""
    seen: list[float] = field(default_factory=list)
    """Of this run's answers: by how many each is ahead."""


class ShownClock:
    """How far the PMS's clock was ahead of ours, by its answers since `begin`. Safe to use from many threads.

    A clock goes on: by however much it is ahead, it stays so. What a cache has kept falls behind, however many answers
    it keeps, and however it takes turns. So the highest time that a host has shown is its clock's; a lower one is
    believed where the next runs find it going on, and nothing says otherwise: then the clock was set back.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()
        self._behind: list[float] = []
        self._run = 0

    def begin(self) -> None:
        """A run begins: what was shown before counts no more."""
        with self._lock:
            self._behind = []
            self._run += 1
            for host in self._hosts.values():
                host.seen = []

    def saw(self, headers: Mapping[str, str], now: datetime, host: str = "") -> None:
        """An answer of this host with these headers came at `now` by our clock."""
        shown = shown_time(headers)
        if shown is None:
            return
        ahead = (shown - now).total_seconds()
        with self._lock:
            known = self._hosts.setdefault(host, _Host())
            self._hosts.move_to_end(host)
            if len(self._hosts) > HOSTS:
                self._hosts.popitem(last=False)
            seen = known.seen if self._is_clock(known, ahead, now) else self._behind
            if len(seen) < AT_MOST:
                seen.append(ahead)

    def _is_clock(self, host: _Host, ahead: float, now: datetime) -> bool:
        if host.ahead is not None and abs(ahead - host.ahead) <= APART:
            host.ahead, host.odd = max(host.ahead, ahead), None
            return True
        again = host.odd is not None and abs(ahead - host.odd) <= SAME
        if not again:
            host.odd, host.since, host.runs = ahead, now, set()
        host.runs.add(self._run)
        if host.ahead is None or ahead > host.ahead:
            # One alone may be a slip; but no cache is ahead of the clock, so whoever is so twice shows it.
            if again:
                host.seen = [one for one in host.seen if abs(one - ahead) <= APART]
                host.ahead, host.odd = ahead, None
            return True
        if len(host.runs) < RUNS or (now - (host.since or now)).total_seconds() <= APART:
            return False
        host.ahead, host.odd = ahead, None
        return True

    def ahead(self) -> timedelta | None:
        """By how much, of most answers; None where none showed it."""
        with self._lock:
            return _of_most([one for host in self._hosts.values() for one in host.seen])

    def ahead_if_still(self) -> timedelta | None:
        """The same of answers that are behind what their host has shown: a cache's, unless its clock was set back, or
        ours ahead. That shows where another clock says the same."""
        with self._lock:
            return _of_most(self._behind)


def _of_most(seconds: list[float]) -> timedelta | None:
    return timedelta(seconds=median(seconds)) if seconds else None
