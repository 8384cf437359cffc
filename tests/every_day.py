"""Which variations of a test are tried every day, where all of them would take long."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import pytest


def each_value(*, indirect: Sequence[str] = (), **values: Sequence[Any]) -> pytest.MarkDecorator:
    """Every day each value of each argument is tried, in turns; all of them with all others in the long tests."""
    longest = max(len(some) for some in values.values())
    of_a_day = {tuple(turn % len(some) for some in values.values()) for turn in range(longest)}
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
