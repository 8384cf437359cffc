"""The clock that a PMS shows: the `Date` of its answers (RFC 9110, section 6.6.1), compared with ours."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

AT_MOST = 200
"""Answers that are remembered."""
ADDRESSES = 2000
"""Addresses whose last answer's time is remembered."""
KEPT = timedelta(minutes=1)
"""Who asks there again so much later, and is told the same time, is answered by a cache: that is nobody's clock."""


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


class ShownClock:
    """How far the PMS's clock was ahead of ours, by its answers since `begin`. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ahead: list[float] = []
        self._still: list[float] = []
        self._told: OrderedDict[str, tuple[datetime, datetime]] = OrderedDict()
        """By address: the time that its answer showed, and when that was shown first."""

    def begin(self) -> None:
        """A run begins: what was shown before counts no more."""
        with self._lock:
            self._ahead, self._still = [], []

    def saw(self, headers: Mapping[str, str], now: datetime, address: str = "") -> None:
        """An answer with these headers came at `now` by our clock. `address`: where, if that is known."""
        shown = shown_time(headers)
        if shown is None:
            return
        with self._lock:
            seen = self._still if address and self._stands_still(address, shown, now) else self._ahead
            if len(seen) < AT_MOST:
                seen.append((shown - now).total_seconds())

    def _stands_still(self, address: str, shown: datetime, now: datetime) -> bool:
        told, first = self._told.get(address, (shown, now))
        # One that went back shows whether it is a clock the next time: a clock that was set right goes on.
        went_back = shown < told - KEPT
        self._told[address] = shown, first if went_back or told == shown else now
        self._told.move_to_end(address)
        if len(self._told) > ADDRESSES:
            self._told.popitem(last=False)
        return went_back or (told == shown and now - first > KEPT)

    def ahead(self) -> timedelta | None:
        """By how much, of most answers; None where none showed it."""
        with self._lock:
            return _of_most(self._ahead)

    def ahead_if_still(self) -> timedelta | None:
        """The same of answers whose time stands still: a cache's, unless it is ours that was set ahead meanwhile. That
        shows where another clock says the same."""
        with self._lock:
            return _of_most(self._still)


def _of_most(seconds: list[float]) -> timedelta | None:
    return timedelta(seconds=median(seconds)) if seconds else None
