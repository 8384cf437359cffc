"""What users of one vendor account share over processes: here two states of one database stand for two processes."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.account_state import HeldBack, Limit, Token
from seam_workspace.errors import SeamBusy
from seam_workspace.pace import LISTENS_EVERY, Pace
from store.account_state import SharedAccountState, SharedComplaints
from store.database import open_database
from store.engine import Database

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.account_state.LOOKS_EVERY", 0.01)


class Clock:
    time = NOW

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def two(store: Database, clock: Clock) -> Iterator[tuple[SharedAccountState, SharedAccountState]]:
    other = Database(open_database(store._engine.url.render_as_string(hide_password=False)))
    yield SharedAccountState(store, clock), SharedAccountState(other, clock)
    other.close()


def test_a_token_that_one_was_given_is_everybodys(two: tuple[SharedAccountState, SharedAccountState]) -> None:
    one, other = (state.token("account") for state in two)
    assert one.hold(1)
    assert one.get() == Token()
    one.put(Token("first", NOW + HOUR, "next"))
    one.let_go()
    assert other.hold(1)
    assert other.get() == Token("first", NOW + HOUR, "next")
    other.let_go()


def test_while_one_asks_for_a_token_the_others_wait_and_then_have_it(
    two: tuple[SharedAccountState, SharedAccountState],
) -> None:
    one, other = (state.token("account") for state in two)
    assert one.hold(1)
    assert not other.hold(0.05)
    found: list[Token] = []

    def wait() -> None:
        assert other.hold(20)
        found.append(other.get())
        other.let_go()

    thread = threading.Thread(target=wait)
    thread.start()
    one.put(Token("first", None, None))
    one.let_go()
    thread.join()
    assert found == [Token("first", None, None)]


def test_a_token_that_is_refused_is_dropped_unless_there_is_a_new_one(
    two: tuple[SharedAccountState, SharedAccountState], clock: Clock
) -> None:
    one, other = (state.token("account") for state in two)
    for token in (one, other):
        assert token.hold(1)
        if token.get() == Token():
            token.put(Token("first", NOW + HOUR))
        token.let_go()
    # The first one is refused and asks for another; the second one is refused with the old one afterwards.
    assert one.hold(1)
    one.put(Token(None, NOW + HOUR))
    one.let_go()
    assert one.hold(1)
    assert one.get().value is None
    one.put(Token("second", NOW + HOUR))
    one.let_go()
    assert other.hold(1)
    assert other.get().value == "first"
    other.put(Token(None, NOW + HOUR))
    other.let_go()
    assert other.hold(1)
    assert other.get().value == "second"
    other.let_go()


def test_a_token_at_its_end_is_looked_for_in_the_database_first(
    two: tuple[SharedAccountState, SharedAccountState], clock: Clock
) -> None:
    one, other = (state.token("account") for state in two)
    assert one.hold(1)
    one.put(Token("first", NOW + HOUR, "a"))
    one.let_go()
    assert other.hold(1)
    other.let_go()
    clock.time = NOW + 2 * HOUR
    assert one.hold(1)
    one.put(Token("second", NOW + 3 * HOUR, "b"))
    one.let_go()
    assert other.hold(1)
    assert other.get() == Token("second", NOW + 3 * HOUR, "b")
    other.let_go()


def test_a_token_is_nowhere_to_be_read_and_only_its_account_opens_it(
    store: Database, two: tuple[SharedAccountState, SharedAccountState]
) -> None:
    token = two[0].token("account")
    assert token.hold(1)
    token.put(Token("the-token-itself", None, "the-refresh-token"))
    token.let_go()
    with store.reading() as db:
        stands = str(db.exec_driver_sql("select * from account_state").all())
    assert "the-" not in stands
    assert "account'" not in stands
    assert "the-token" not in repr(token)
    another = two[1].token("another account")
    assert another.hold(1)
    assert another.get() == Token()
    another.let_go()


def test_what_was_seen_of_a_feed_is_the_same_on_every_machine_and_a_file_from_before_is_taken_over(
    two: tuple[SharedAccountState, SharedAccountState], tmp_path: Path
) -> None:
    path = tmp_path / "memory.json"
    path.write_text("from before")
    one, other = (state.memory(path) for state in two)
    assert one.read() == other.read() == "from before"
    other.write("from now on")
    assert one.read() == "from now on"
    assert two[0].memory(tmp_path / "another.json").read() is None


def test_a_database_that_is_away_is_told_as_of_a_file_that_cannot_be_read(
    store: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    memory = SharedAccountState(store).memory(tmp_path / "memory.json")
    with store.writing() as db:
        db.exec_driver_sql("ALTER TABLE account_state RENAME TO elsewhere")
    try:
        with pytest.raises(OSError, match="database"):
            memory.read()
        with pytest.raises(OSError, match="database"):
            memory.write("x")
    finally:
        with store.writing() as db:
            db.exec_driver_sql("ALTER TABLE elsewhere RENAME TO account_state")


class Seconds:
    """A clock that goes on while somebody waits, and as the database has it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch):
        self.now = 1000.0
        self.waited = 0.0
        monkeypatch.setattr("store.account_state.database_time", lambda db: NOW + timedelta(seconds=self.now))

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.waited += seconds


def test_a_limit_holds_over_all_processes_in_every_window(
    two: tuple[SharedAccountState, SharedAccountState], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    one, other = (state.limit("account", 40, 30.0, clock=clock, sleep=clock.sleep) for state in two)
    sent: list[float] = []
    for number in range(130):
        (one if number % 3 else other).wait_for_turn()
        sent.append(clock.now)
        clock.now += 0.1
    for at in sent:
        assert sum(at <= other_at < at + 30.0 for other_at in sent) <= 40
    assert clock.waited > 60
    assert sent[-1] - sent[0] < 150, "and it is nearly as fast as it may be"


def test_what_one_account_sends_is_nothing_to_another(
    two: tuple[SharedAccountState, SharedAccountState], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    for account in ("one", "other"):
        limit = two[0].limit(account, 5, 30.0, clock=clock, sleep=clock.sleep)
        for _ in range(5):
            limit.wait_for_turn()
    assert clock.waited == 0


Two = tuple[SharedAccountState, SharedAccountState]


def _limits(two: Two, clock: Seconds, requests: int = 40) -> list[Limit]:
    return [state.limit("account", requests, 30.0, clock=clock, sleep=clock.sleep) for state in two]


def test_a_429_to_one_process_holds_back_all_who_share_the_limit(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Seconds(monkeypatch)
    one, other = _limits(two, clock)
    other.wait_for_turn()
    one.hold_back(20.0)
    one.hold_back(3.0)
    other.wait_for_turn()
    assert clock.waited == 0, "it has taken two at once, and the second one goes out"
    other.wait_for_turn()
    assert clock.waited == pytest.approx(20.0, abs=0.1)
    one.wait_for_turn()
    assert clock.waited == pytest.approx(20.0, abs=0.1), "and then as fast as before"


def test_nobody_waits_for_a_vendor_that_wants_to_be_left_alone_for_long(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    one, other = _limits(two, clock)
    one.hold_back(300.0)
    with pytest.raises(HeldBack) as raised:
        other.wait_for_turn()
    assert raised.value.seconds == pytest.approx(300.0)
    clock.now += 290.0
    with pytest.raises(HeldBack):
        other.wait_for_turn(8.0)
    assert clock.waited == 0
    other.wait_for_turn()
    assert clock.waited == pytest.approx(10.0, abs=0.1)


def test_a_vendor_that_asks_for_years_by_mistake_is_asked_once_more_in_an_hour(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    one, other = _limits(two, clock)
    one.hold_back(1e9)
    clock.now += 3601.0
    other.wait_for_turn()
    assert clock.waited == 0


def test_what_earlier_versions_read_of_a_limit_holds_them_back_as_well(
    two: Two, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    _limits(two, clock)[0].hold_back(20.0)
    with store.reading() as db:
        value = json.loads(db.exec_driver_sql("select value from account_state where kind = 'limit'").scalar_one())
    now = NOW.timestamp() + clock.now
    # As they reckon: what was taken within the window, of all that may be.
    assert sum(number for at, number in value if at > now - 30.0) >= 40
    assert min(at for at, _ in value) + 30.0 - now == pytest.approx(20.0)


def _paces(two: Two, clock: Seconds) -> list[Pace]:
    return [Pace(clock, clock.sleep, complaints=SharedComplaints(state._store, "workspace")) for state in two]


def test_what_seam_says_to_one_process_holds_back_all_who_share_the_workspace(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    one, other = _paces(two, clock)
    for _ in range(20):
        other.wait_for_turn()
        clock.now += 0.01
    one.slow_down(7.0, 1)
    clock.now += LISTENS_EVERY
    for _ in range(20):
        other.wait_for_turn()
    assert clock.waited > 6.0
    assert clock.waited == pytest.approx(6.0 + 19 * 0.015, abs=0.1), "at two thirds of the speed that it had"
    other.wait_for_turn()
    waited = clock.waited
    clock.now += 5.0
    other.wait_for_turn()
    one.wait_for_turn()
    assert clock.waited == pytest.approx(waited, abs=0.1), "once, and not again and again"


def test_an_hour_that_seam_asks_of_one_process_is_waited_for_by_nobody(
    store: Database, two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Seconds(monkeypatch)
    one, other = _paces(two, clock)
    one.slow_down(3600.0, 1)
    with pytest.raises(SeamBusy, match="another 60 minutes"):
        other.wait_for_turn()
    third = Pace(clock, clock.sleep, complaints=SharedComplaints(store, "another workspace"))
    third.wait_for_turn()
    assert clock.waited == 0


def test_a_database_that_is_away_slows_nobody_down(store: Database, two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Seconds(monkeypatch)
    one, _ = _paces(two, clock)
    with store.writing() as db:
        db.exec_driver_sql("ALTER TABLE account_state RENAME TO elsewhere")
    try:
        one.wait_for_turn()
        one.slow_down(3.0, 1)
        one.wait_for_turn()
    finally:
        with store.writing() as db:
            db.exec_driver_sql("ALTER TABLE elsewhere RENAME TO account_state")
    assert clock.waited == pytest.approx(3.0)
