"""What all users of one vendor account share: tokens, the budget of calls, and what was last seen of a feed or file.

The wiring gives it to every connector (`Access.state`). Here it is of this process, and of files; processes on many
machines need one that they all reach.
"""

import math
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

LONGEST_WAIT = 60.0
"""Seconds. Who asks us to come back later than that is not asked again in this run."""
LONGEST_PAUSE = 3600.0
"""Seconds after which an account that wants to be left alone for longer is asked once more: it may have said so by
mistake, and to everybody."""


class HeldBack(Exception):
    """The vendor wants no requests for longer than anybody waits here."""

    def __init__(self, seconds: float):
        """For so many from now."""
        super().__init__(f"no requests for {seconds:.0f} s")
        self.seconds = seconds


class Limit(Protocol):
    """How many requests an account may send."""

    def wait_for_turn(self, at_most: float = LONGEST_WAIT) -> None:
        """Returns when a request may go out, and counts it. Raises `HeldBack` where the vendor has asked for a pause
        that has more than so many seconds to go."""

    def hold_back(self, seconds: float) -> None:
        """The vendor has said that there are too many (429): nobody who shares the account sends anything for so
        long."""


@dataclass(frozen=True, slots=True)
class Token:
    """What a vendor has given to show who we are."""

    value: str | None = field(default=None, repr=False)
    """None: there is none, or it is refused."""
    renew_at: datetime | None = None
    """None: when it is refused."""
    refresh: str | None = field(default=None, repr=False)
    """What the next one is asked for with, where that changes with each."""


class SharedToken(Protocol):
    """One account's token. It is read and written by whoever holds it."""

    def hold(self, seconds: float) -> bool:
        """Waits for others to let go; False where they have not in so many seconds."""

    def let_go(self) -> None: ...
    def get(self) -> Token: ...
    def put(self, token: Token) -> None: ...


class Memory(Protocol):
    """A text that is remembered from one reading to the next. Its `str` says where it is."""

    def read(self) -> str | None:
        """None where nothing is remembered. Raises `OSError` and `UnicodeDecodeError`."""

    def write(self, text: str) -> None:
        """Whole or not at all. Raises `OSError`."""


class AccountState(Protocol):
    """Accounts are told apart by any text (a token will do: it is kept in memory). Safe to use from many threads."""

    def limit(
        self,
        account: str,
        requests: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Limit:
        """The one limit of an account: at most so many requests in any such window of seconds."""

    def token(self, account: str) -> SharedToken: ...
    def memory(self, path: Path) -> Memory: ...


class RateLimit:
    """At most so many requests in any such window of seconds; shared by all threads of the process.

    `clock` is monotonic seconds, `sleep` waits: arguments, so that tests wait for nothing.
    """

    def __init__(
        self,
        requests: int,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._requests = requests
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._sent: deque[float] = deque()
        self._held_until = -math.inf
        self._lock = threading.Lock()

    def wait_for_turn(self, at_most: float = LONGEST_WAIT) -> None:
        while True:
            with self._lock:
                now = self._clock()
                while self._sent and self._sent[0] <= now - self._seconds:
                    self._sent.popleft()
                held = self._held_until - now
                full = self._sent[0] + self._seconds - now if len(self._sent) >= self._requests else 0.0
                if max(held, full) <= 0:
                    self._sent.append(now)
                    return
            if held > at_most:
                raise HeldBack(held)
            self._sleep(max(held, full, 0.01))

    def hold_back(self, seconds: float) -> None:
        with self._lock:
            self._held_until = max(self._held_until, self._clock() + min(seconds, LONGEST_PAUSE))


class TokenInMemory:
    """A token of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token = Token()

    def hold(self, seconds: float) -> bool:
        return self._lock.acquire(timeout=seconds)

    def let_go(self) -> None:
        self._lock.release()

    def get(self) -> Token:
        return self._token

    def put(self, token: Token) -> None:
        self._token = token


class MemoryFile:
    """A text in a file that nobody but its owner reads."""

    def __init__(self, path: Path):
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def read(self) -> str | None:
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, text: str) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        beside.unlink(missing_ok=True)
        # Whatever somebody has put there meanwhile, a link above all, is not written through.
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        with open(os.open(beside, flags, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(beside, self._path)


class StateOfProcess:
    """Tokens and limits of this process, and memories in files."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[str, RateLimit] = {}
        self._tokens: dict[str, TokenInMemory] = {}

    def limit(
        self,
        account: str,
        requests: int,
        seconds: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Limit:
        with self._lock:
            return self._limits.setdefault(account, RateLimit(requests, seconds, clock, sleep))

    def token(self, account: str) -> SharedToken:
        with self._lock:
            return self._tokens.setdefault(account, TokenInMemory())

    def memory(self, path: Path) -> Memory:
        return MemoryFile(path)
