"""Every parser of foreign input, with a few inputs each; `make fuzz` tries them for as long as you like."""

import pytest

from connectors.shown_clock import shown_time
from seam_workspace.failures import retry_after
from tests.fuzz import PARSERS, fuzz


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_returns_or_refuses_whatever_comes(name: str) -> None:
    fuzz(name, 3 if name.startswith("answers") else 30, 1)


def test_a_date_at_the_end_of_all_years_is_none() -> None:
    assert shown_time({"Date": "Fri, 31 Dec 9999 23:59:59 -1400"}) is None
    assert retry_after({"retry-after": "Fri, 31 Dec 99999999999 23:59:59 GMT"}) is None
