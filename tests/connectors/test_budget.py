"""What all connections read at a time has one bound: the largest gives way, and whoever is small never does."""

import gc
import threading

import pytest

from connectors.budget import Budget, BudgetSpent


def test_the_largest_is_given_up_where_there_is_too_much() -> None:
    budget = Budget(100, free=10)
    large, other = budget.share(), budget.share()
    large.add(60)
    other.add(40)
    with pytest.raises(BudgetSpent):
        large.add(1)


def test_one_that_is_smaller_waits_until_the_largest_has_let_go() -> None:
    budget = Budget(100, free=10, waits=30)
    large, other = budget.share(), budget.share()
    large.add(70)
    came = threading.Event()

    def read() -> None:
        other.add(40)
        came.set()

    reader = threading.Thread(target=read)
    reader.start()
    while budget.spent() < 110:
        pass
    assert not came.is_set()
    with pytest.raises(BudgetSpent):
        large.add(1)
    assert not came.is_set()
    large.close()
    reader.join(10)
    assert came.is_set()
    assert budget.spent() == 40


def test_one_that_has_waited_for_too_long_is_told() -> None:
    budget = Budget(100, free=10, waits=0.0)
    large, other = budget.share(), budget.share()
    large.add(70)
    with pytest.raises(BudgetSpent):
        other.add(40)


def test_what_is_small_is_read_whatever_the_others_do() -> None:
    budget = Budget(100, free=10, waits=0.0)
    large, small = budget.share(), budget.share()
    large.add(100)
    small.add(10)
    with pytest.raises(BudgetSpent):
        small.add(1)


def test_what_nobody_has_any_more_takes_nothing() -> None:
    budget = Budget(100)
    budget.share().add(50)
    gc.collect()
    assert budget.spent() == 0
