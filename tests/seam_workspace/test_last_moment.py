"""Whoever is stopped right before a change is sent, and goes on when others are at work, is ended."""

import signal
import threading

import pytest

from seam_workspace.last_moment import LastMoment, _kernel


def test_the_end_is_wanted_while_something_is_on_its_way_and_no_longer() -> None:
    wanted: list[float] = []
    moment = LastMoment(wanted.append, lambda: 100.0)
    with moment.within(7.0):
        assert wanted == [7.0]
    assert wanted == [7.0, 0.0]
    with moment.within(None):
        pass
    with pytest.raises(OSError), moment.within(5.0):
        raise OSError
    assert wanted == [7.0, 0.0, 5.0, 0.0]


def test_of_several_at_once_the_first_to_be_over_counts_until_all_are_through() -> None:
    wanted: list[float] = []
    moment = LastMoment(wanted.append, lambda: 100.0)
    with moment.within(7.0):
        with moment.within(9.0), moment.within(3.0):
            pass
        assert wanted == [7.0, 3.0]
    assert wanted == [7.0, 3.0, 0.0]


def test_a_turn_that_is_over_already_does_not_take_the_alarm_away() -> None:
    wanted: list[float] = []
    with LastMoment(wanted.append, lambda: 100.0).within(-1.0):
        assert wanted[0] > 0


def test_the_kernel_is_asked_from_any_thread_and_only_where_nobody_else_has_the_alarm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_to: list[float] = []
    monkeypatch.setattr(signal, "setitimer", lambda which, seconds: set_to.append(seconds))
    thread = threading.Thread(target=_kernel, args=(5.0,))
    thread.start()
    thread.join()
    monkeypatch.setattr(signal, "getsignal", lambda which: print)
    _kernel(6.0)
    assert set_to == [5.0]
