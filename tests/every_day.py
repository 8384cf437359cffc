"""Which variations of a test are tried every day, where all of them would take long."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

import pytest


def each_value(
    *, every_day: int | None = None, indirect: Sequence[str] = (), **values: Sequence[Any]
) -> pytest.MarkDecorator:
    """Every day each value of each argument is tried, in turns; all of them with all others in the long tests.
    `every_day`: that only so many turns are made every day, where each takes long and says what the first one says."""
    longest = max(len(some) for some in values.values())
    turns = longest if every_day is None else every_day
    of_a_day = {tuple(turn % len(some) for some in values.values()) for turn in range(turns)}
    return pytest.mark.parametrize(
        tuple(values),
        [
            pytest.param(
                *(some[place] for some, place in zip(values.values(), places, strict=True)),
                marks=() if places in of_a_day else pytest.mark.slow,
            )
            for places in product(*(range(len(some)) for some in values.values()))
        ],
        indirect=list(indirect),
    )


def first_of(every_day: int, names: str | Sequence[str], values: Iterable[Any], **rest: Any) -> pytest.MarkDecorator:
    """As `pytest.mark.parametrize`; every day the first of these are tried, so many, and the others in the long tests:
    for values that are variations of one kind."""
    several = not isinstance(names, str) or "," in names
    all_of_them = [
        pytest.param(*one.values, id=one.id, marks=one.marks)
        if isinstance(one, type(pytest.param()))
        else pytest.param(*one)
        if several
        else pytest.param(one)
        for one in values
    ]
    rarely = [pytest.param(*one.values, id=one.id, marks=[*one.marks, pytest.mark.slow]) for one in all_of_them]
    return pytest.mark.parametrize(names, [*all_of_them[:every_day], *rarely[every_day:]], **rest)
