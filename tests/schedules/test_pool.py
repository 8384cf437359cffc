"""A few threads for all connections: fair, never two for one, and a silent peer holds up nobody else."""

import threading
from collections.abc import Callable, Iterator

import pytest

from schedules.pool import AT_MOST, IS_LONG, PAUSE, Pool
from store.engine import StoreFailed

WAIT = 10.0


class Steps:
    """Steps that a test lets go on one by one, and a clock that it moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.left: dict[str, int] = {}
        self.begun: list[str] = []
        self.held: dict[str, threading.Event] = {}
        self.fails: dict[str, Exception] = {}
        self.now_at_work: set[str] = set()
        self.twice = False
        self.changed = threading.Condition()

    def clock(self) -> float:
        return self.seconds

    def step(self, name: str) -> bool:
        with self.changed:
            self.twice |= name in self.now_at_work
            self.now_at_work.add(name)
            self.begun.append(name)
            self.changed.notify_all()
        if name in self.held:
            assert self.held[name].wait(WAIT)
        with self.changed:
            self.now_at_work.discard(name)
            self.left[name] = self.left.get(name, 1) - 1
            self.changed.notify_all()
        if name in self.fails:
            raise self.fails.pop(name)
        return self.left[name] > 0

    def until(self, what: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(what, WAIT), self.begun


def until_it_rests(pool: Pool) -> None:
    """Waits until it has taken note of the end of every step: a step has ended a moment before."""
    for _ in range(int(WAIT * 100)):
        if not pool._at_work:
            return
        threading.Event().wait(0.01)
    raise AssertionError("a step does not end")


@pytest.fixture
def steps() -> Steps:
    return Steps()


@pytest.fixture
def pool(steps: Steps) -> Iterator[Pool]:
    pool = Pool("test", steps.step, 2, clock=steps.clock)
    pool.start()
    yield pool
    for held in steps.held.values():
        held.set()
    pool.stop()
    assert pool.join(WAIT)


def test_whoever_has_much_to_do_goes_to_the_end_of_the_line_after_every_step(steps: Steps, pool: Pool) -> None:
    steps.held = {"loud": threading.Event(), "other": threading.Event()}
    steps.left = {"loud": 50}
    pool.wake("loud")
    pool.wake("other")
    steps.until(lambda: steps.now_at_work == {"loud", "other"})
    for name in ("a", "b", "c"):
        pool.wake(name)
    steps.held["loud"].set()
    steps.until(lambda: steps.begun.count("loud") >= 2)
    assert set(steps.begun[: steps.begun.index("loud", 1)]) == {"loud", "other", "a", "b", "c"}
    steps.until(lambda: steps.begun.count("loud") == 50)
    assert not steps.twice


def test_a_name_that_is_woken_during_its_step_has_one_more(steps: Steps, pool: Pool) -> None:
    steps.held = {"a": threading.Event()}
    pool.wake("a")
    steps.until(lambda: "a" in steps.now_at_work)
    for _ in range(5):
        pool.wake("a")
    steps.held["a"].set()
    steps.until(lambda: len(steps.begun) == 2)
    pool.wake("b")
    steps.until(lambda: "b" in steps.begun)
    assert steps.begun == ["a", "a", "b"]


def test_at_most_so_many_are_at_work_and_no_more_threads_than_that(steps: Steps, pool: Pool) -> None:
    for name in "abcdefgh":
        steps.held[name] = threading.Event()
        pool.wake(name)
    steps.until(lambda: len(steps.now_at_work) == 2)
    assert pool.threads == 2
    for held in steps.held.values():
        held.set()
    steps.until(lambda: len(steps.begun) == 8)
    assert steps.begun == list("abcdefgh")
    assert pool.threads == 2


def test_steps_that_wait_for_a_silent_peer_hold_nobody_up(steps: Steps, pool: Pool) -> None:
    silent = [f"silent {number}" for number in range(5)]
    for name in silent:
        steps.held[name] = threading.Event()
        pool.wake(name)
    pool.wake("honest")
    steps.until(lambda: len(steps.now_at_work) == 2)
    for number in (4, 5):
        steps.seconds += IS_LONG
        pool.turn()
        steps.until(lambda number=number: len(steps.now_at_work) >= number)  # type: ignore[misc]
    steps.until(lambda: "honest" in steps.begun)
    assert pool.threads <= 2 * AT_MOST


def test_those_that_were_slow_before_take_no_more_than_half_of_all_threads(steps: Steps, pool: Pool) -> None:
    silent = [f"silent {number}" for number in range(2 * AT_MOST)]

    def wake_all(at_work: int) -> None:
        for name in silent:
            steps.held[name] = threading.Event()
            pool.wake(name)
        for expected in range(2, at_work + 1, 2):
            steps.until(lambda expected=expected: len(steps.now_at_work) == expected)  # type: ignore[misc]
            steps.seconds += IS_LONG
            pool.turn()

    wake_all(2 * AT_MOST)
    for name in silent:
        steps.held[name].set()
    until_it_rests(pool)
    wake_all(AT_MOST)
    pool.wake("honest")
    steps.until(lambda: "honest" in steps.begun)
    # Whoever had been let in beside these would have been let in before.
    assert len(steps.now_at_work - {"honest"}) == AT_MOST


def test_steps_that_take_long_for_the_first_time_keep_the_other_half_free_as_well(steps: Steps, pool: Pool) -> None:
    steps.held = {name: threading.Event() for name in ("slow", "a", "b", "c", "d")}
    pool.wake("slow")
    steps.until(lambda: "slow" in steps.begun)
    steps.seconds += IS_LONG
    steps.held.pop("slow").set()
    until_it_rests(pool)
    for pair in (("a", "b"), ("c", "d")):
        for name in pair:
            pool.wake(name)
        steps.until(lambda pair=pair: {*pair} <= steps.now_at_work)  # type: ignore[misc]
        steps.seconds += IS_LONG
    pool.wake("slow")
    pool.wake("quick")
    steps.until(lambda: "quick" in steps.begun)
    assert steps.begun.count("slow") == 1


def test_a_step_that_fails_ends_nothing_and_its_name_is_left_alone_for_a_moment(steps: Steps, pool: Pool) -> None:
    steps.fails = {"a": RuntimeError("unforeseen"), "b": StoreFailed("gone")}
    steps.left = {"a": 2, "b": 2}
    pool.wake("a")
    pool.wake("b")
    steps.until(lambda: sorted(steps.begun) == ["a", "b"])
    until_it_rests(pool)
    pool.wake("c")
    steps.until(lambda: "c" in steps.begun)
    pool.wake("a")
    pool.turn()
    # Whoever was woken after her has had her step by then.
    pool.wake("d")
    steps.until(lambda: "d" in steps.begun)
    assert steps.begun.count("a") == 1
    steps.seconds += PAUSE
    pool.turn()
    steps.until(lambda: sorted(steps.begun) == ["a", "a", "b", "b", "c", "d"])


def test_a_process_that_stands_by_does_nothing(steps: Steps) -> None:
    works = False
    pool = Pool("test", steps.step, 2, may_work=lambda: works, clock=steps.clock)
    pool.start()
    pool.wake("a")
    assert not pool.threads
    works = True
    pool.turn()
    steps.until(lambda: steps.begun == ["a"])
    pool.stop()
    assert pool.join(WAIT)


def test_what_is_under_way_at_the_end_is_finished_and_nothing_new_is_begun(steps: Steps, pool: Pool) -> None:
    steps.held = {"a": threading.Event(), "b": threading.Event()}
    for name in "abc":
        pool.wake(name)
    steps.until(lambda: steps.now_at_work == {"a", "b"})
    pool.stop()
    pool.wake("d")
    assert not pool.join(0)
    for held in steps.held.values():
        held.set()
    assert pool.join(WAIT)
    assert steps.begun == ["a", "b"]
