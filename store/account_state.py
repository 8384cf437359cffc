"""What users of one vendor account share over all processes of a database: tokens, what was seen, the limit of calls.

The `AccountState` of a fleet (`connectors.account_state` has that of one process). Accounts stand there as digests.
A token is encrypted with a key that is made of the account's own credentials, which the database does not have.
"""

import base64
import errno
import hashlib
import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Connection, bindparam, select

from connectors.account_state import LONGEST_PAUSE, LONGEST_WAIT, HeldBack, Limit, Memory, SharedToken, Token
from store.engine import Database, StoreFailed, TurnLost, put
from store.tables import account_state
from store.turns import LASTS_IN_A_FLEET, Turn, TurnTaken, database_time, take

LOOKS_EVERY = 0.2
"""Seconds from one look whether somebody else is done with a token to the next."""
SHARES = 20
"""A process takes such a part of a limit at a time, and gives none of it back: what it has not used is lost to it."""
KEPT = 10
"""It has such a part of the limit's window to use what it took."""


def digest_of(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class SharedAccountState:
    """Of one database. Safe to use from many threads and processes."""

    def __init__(self, store: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)):
        """`clock` gives aware UTC: by it tokens come to their end."""
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._limits: dict[str, SharedLimit] = {}
        self._tokens: dict[str, TokenInDatabase] = {}

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
            found = self._limits.get(account)
            if found is None:
                found = self._limits[account] = SharedLimit(self._store, account, requests, seconds, clock, sleep)
            return found

    def token(self, account: str) -> SharedToken:
        with self._lock:
            found = self._tokens.get(account)
            if found is None:
                found = self._tokens[account] = TokenInDatabase(self._store, account, self._clock)
            return found

    def memory(self, path: Path) -> Memory:
        return MemoryInDatabase(self._store, path)


class Row:
    """One row: a text under a digest. What raises, raises `StoreFailed`."""

    def __init__(self, kind: str, account: str):
        self._kind = kind
        self._digest = digest_of(kind, account)

    def read_in(self, db: Connection, *, to_write: bool = False) -> str | None:
        found: str | None = db.execute(_TO_WRITE if to_write else _VALUE, {"of": self._digest}).scalar()
        return found

    def make_in(self, store: Database, db: Connection, value: str) -> None:
        """Where it is not there yet."""
        statement = store.upsert(account_state).values(
            digest=self._digest, kind=self._kind, value=value, noted_at=database_time(db)
        )
        db.execute(statement.on_conflict_do_nothing(index_elements=["digest"]))

    def write_in(self, store: Database, db: Connection, value: str, now: datetime | None = None) -> None:
        row = {"digest": self._digest, "kind": self._kind, "value": value, "noted_at": now or database_time(db)}
        db.execute(put(store.dialect, account_state, "value", "noted_at"), row)


# Asked for every few calls to a PMS: put together once.
_VALUE = select(account_state.c.value).where(account_state.c.digest == bindparam("of"))
_TO_WRITE = _VALUE.with_for_update()


class TokenInDatabase:
    """One account's token. One that is good is used without a look at the database; where a new one is needed, one
    process asks for it, in a turn of its own, and the others take what it was given."""

    def __init__(self, store: Database, account: str, clock: Callable[[], datetime]):
        self._store = store
        self._row = Row("token", account)
        self._name = f"token {digest_of('turn', account)}"
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"key\0{account}".encode()).digest()))
        self._clock = clock
        self._lock = threading.Lock()
        self._token = Token()
        self._turn: Turn | None = None
        self._unwritten = False
        """The database does not have it yet: it could not be reached when there was a new one."""

    def hold(self, seconds: float) -> bool:
        until = time.monotonic() + seconds
        if not self._lock.acquire(timeout=seconds):
            return False
        try:
            if self._unwritten or not self._is_good():
                while not self._take():
                    if time.monotonic() >= until:
                        self._lock.release()
                        return False
                    time.sleep(LOOKS_EVERY)
        except BaseException:
            self.let_go()
            raise
        return True

    def let_go(self) -> None:
        turn, self._turn = self._turn, None
        try:
            if turn is not None:
                turn.release()
        finally:
            self._lock.release()

    def get(self) -> Token:
        return self._token

    def put(self, token: Token) -> None:
        if self._turn is None:
            known = self._token
            if not self._take():
                # Somebody asks for a new one at this moment: it is looked for before the next request.
                self._token = replace(known, value=None)
                return
            if self._token != known:
                return  # There is a new one already.
        assert self._turn is not None
        self._token, self._unwritten = token, True
        self._write(self._turn)

    def _is_good(self) -> bool:
        token = self._token
        return token.value is not None and (token.renew_at is None or token.renew_at > self._clock())

    def _take(self) -> bool:
        """Whether this process may ask for a new one now; then it knows the newest one."""
        try:
            self._turn = take(self._store, self._name, lasts=LASTS_IN_A_FLEET)
        except TurnTaken:
            return False
        if self._unwritten:
            self._write(self._turn)
        else:
            self._token = self._read() or self._token
        return True

    def _write(self, turn: Turn) -> None:
        token = self._token
        document = {
            "value": token.value,
            "renew_at": token.renew_at.isoformat() if token.renew_at else None,
            "refresh": token.refresh,
        }
        store = self._store.fenced(turn)
        try:
            with store.writing() as db:
                self._row.write_in(store, db, self._fernet.encrypt(json.dumps(document).encode()).decode())
        except TurnLost:
            # Others have asked meanwhile, and theirs counts.
            self._token, self._unwritten = Token(), False
            raise
        self._unwritten = False

    def _read(self) -> Token | None:
        with self._store.reading() as db:
            text = self._row.read_in(db)
        if text is None:
            return None
        try:
            found: dict[str, Any] = json.loads(self._fernet.decrypt(text))
        except (InvalidToken, ValueError):
            return None
        renew_at = datetime.fromisoformat(found["renew_at"]) if found["renew_at"] else None
        return Token(found["value"], renew_at, found["refresh"])


class MemoryInDatabase:
    """A text in the database, under the path that the settings give it. What a machine has at that path from before is
    taken over."""

    def __init__(self, store: Database, path: Path):
        self._store = store
        self._path = path
        self._row = Row("memory", str(path))

    def __str__(self) -> str:
        return f"the database, as {self._path}"

    def read(self) -> str | None:
        try:
            with self._store.reading() as db:
                found = self._row.read_in(db)
        except StoreFailed as problem:
            raise OSError(errno.EIO, str(problem)) from problem
        if found is not None:
            return found
        try:
            return self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, text: str) -> None:
        try:
            with self._store.writing() as db:
                self._row.write_in(self._store, db, text)
        except StoreFailed as problem:
            raise OSError(errno.EIO, str(problem)) from problem


class SharedLimit:
    """At most so many requests in any such window of seconds, of all processes together.

    Each takes a few at a time, so that not every request is one to the database. They count for as long as they might
    be used last, so there are never more; there are less, where a process does not use what it took. What a process has
    taken it may send though the vendor has told another one meanwhile that there are too many.
    """

    def __init__(
        self,
        store: Database,
        account: str,
        requests: int,
        seconds: float,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
    ):
        """`clock` is monotonic seconds."""
        self._store = store
        self._row = Row("limit", account)
        self._requests = requests
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._share = max(1, requests // SHARES)
        self._kept = seconds / KEPT
        self._lock = threading.Lock()
        self._left = 0
        self._until = 0.0

    def wait_for_turn(self, at_most: float = LONGEST_WAIT) -> None:
        """Raises `StoreFailed` as well."""
        while True:
            with self._lock:
                if self._left and self._clock() < self._until:
                    self._left -= 1
                    return
                begun = self._clock()
                self._left, wait, held = self._take()
                self._until = begun + self._kept
                if self._left:
                    self._left -= 1
                    return
            if held > at_most:
                raise HeldBack(held)
            self._sleep(max(wait, 0.01))

    def hold_back(self, seconds: float) -> None:
        """Whoever has a share of the limit left uses it up. Raises `StoreFailed`."""
        with self._lock:
            self._left = 0
            with self._store.writing() as db:
                now, taken = self._taken_in(db)
                # As if all had been taken, for just as long: so those of an earlier version keep to it as well.
                at = now + min(seconds, LONGEST_PAUSE) - self._seconds
                if all(before < at or number < self._requests for before, number in taken):
                    value = json.dumps([*taken, (at, self._requests)])
                    self._row.write_in(self._store, db, value, datetime.fromtimestamp(now, UTC))

    def _take(self) -> tuple[int, float, float]:
        """How many this process may send soon; where none, in how many seconds there may be some, and for how many the
        vendor wants none."""
        with self._store.writing() as db:
            now, taken = self._taken_in(db)
            used = sum(number for _, number in taken)
            if (free := min(self._share, self._requests - used)) > 0:
                value = json.dumps([*taken, (now + self._kept, free)])
                self._row.write_in(self._store, db, value, datetime.fromtimestamp(now, UTC))
                return free, 0.0, 0.0
            wait = held = 0.0
            for at, number in sorted(taken):
                if used >= self._requests:
                    wait, used = at + self._seconds - now, used - number
                if number >= self._requests:
                    held = at + self._seconds - now
            return 0, wait, held

    def _taken_in(self, db: Connection) -> tuple[float, list[tuple[float, int]]]:
        """What time it is, and how many were taken when, as far as they still count. The row is locked from here on."""
        text = self._row.read_in(db, to_write=True)
        if text is None:
            # Its row first: what is not there cannot be locked.
            self._row.make_in(self._store, db, "[]")
            text = self._row.read_in(db, to_write=True) or "[]"
        now = database_time(db).timestamp()
        return now, [(at, number) for at, number in json.loads(text) if at > now - self._seconds]


class SharedComplaints:
    """What Seam has said to all who share a workspace (`seam_workspace.pace.Complaints`), in one row. Of one process,
    or of a part of it that keeps a pace of its own."""

    def __init__(self, store: Database, account: str):
        self._store = store
        self._row = Row("pace", account)
        self._number = -1
        """Of the last complaint that is known here."""

    def tell(self, seconds: float) -> None:
        with suppress(StoreFailed), self._store.writing() as db:
            now = database_time(db).timestamp()
            number, until = self._read_in(db, to_write=True)
            number, until = number + 1, max(until, now + min(seconds, LONGEST_PAUSE))
            self._row.write_in(self._store, db, json.dumps([number, until]))
            # What others have said before it is obeyed by this one as well.
            self._number = number

    def heard(self) -> float | None:
        with suppress(StoreFailed), self._store.reading() as db:
            number, until = self._read_in(db)
            if number > self._number:
                self._number = number
                pause = until - database_time(db).timestamp()
                return pause if pause > 0 else None
        return None

    def _read_in(self, db: Connection, *, to_write: bool = False) -> tuple[int, float]:
        text = self._row.read_in(db, to_write=to_write)
        number, until = json.loads(text) if text is not None else (0, 0.0)
        return number, until
