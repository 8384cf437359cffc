"""Months as people and programs name them, and their days."""

import re
from datetime import date, timedelta

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def month_of(text: str) -> date | None:
    """The first day of a month as 2026-11; None where it is none."""
    match = _MONTH.fullmatch(text)
    return date(int(match[1]), int(match[2]), 1) if match else None


def next_month(first: date) -> date:
    """The first day of the month after."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def whole_month(first: date) -> tuple[date, date]:
    """The first and the last day of a month."""
    return first, next_month(first) - timedelta(days=1)
