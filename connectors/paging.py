"""Lists that come in pages: by a cursor, a page's number, an offset or a link; with or without a count of all rows.

A list is not frozen while it is read: rows come, go and move from one page to another. What is lost that way would seem
to be gone, and somebody's access with it; and a list that never ends would fill the memory.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

from requests.utils import parse_header_links

from connectors import reading
from connectors.addresses import is_same_host
from connectors.errors import PmsUnreachable
from connectors.reading import ListWeight
from connectors.session import Answer

Row = dict[str, Any]
_NO_IDS = {"", "?"}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    rows: list[Row]
    answer: Answer
    onward: Any = None
    """Where the next page begins: a cursor, a number, an offset, an address; None: this is the last one."""
    total: int | None = None
    """How many rows all pages have, where the PMS tells."""


def each_row(
    read: Callable[[Any], Page],
    who: str,
    operation: str,
    id_of: Callable[[Row], str],
    start: Any = None,
) -> Iterator[Row]:
    """Every row of a list that says where its next page begins. `read` gives the page that begins at a place.

    For lists in an order in which a change moves no row. `who` and `operation` name the connection and the call.
    Raises `PmsUnreachable` where the pages repeat.
    """
    weight = ListWeight(who, operation)
    seen: set[Any] = {start}
    known: set[str] = set()
    place = start
    while True:
        page = read(place)
        weight.add(page.answer)
        yield from page.rows
        if page.onward is None:
            return
        new = {id_of(row) for row in page.rows} - _NO_IDS - known
        if page.onward in seen or not new or len(seen) >= reading.MOST_PAGES:
            raise endless(who, operation)
        place = page.onward
        seen.add(place)
        known |= new


def _each_its_own(rows: list[Row], id_of: Callable[[Row], str]) -> list[Row]:
    """The rows of one page, without the ids of those that are two under one id: by letter case or blanks only, say.
    Nobody can tell which is meant by it, and a row without an id is told by whoever reads it."""
    first: dict[str, Row] = {}
    twice = {one for row in rows if (one := id_of(row)) not in _NO_IDS and first.setdefault(one, row) != row}
    if not twice:
        return rows
    return [
        {name: None if _is(value, one) else value for name, value in row.items()}
        if (one := id_of(row)) in twice
        else row
        for row in rows
    ]


def _is(value: Any, one: str) -> bool:
    return isinstance(value, str | int) and str(value).strip().casefold() == one.casefold()


def whole_list(
    read: Callable[[int, int], Page | None],
    who: str,
    operation: str,
    id_of: Callable[[Row], str],
    *,
    size: int | None,
    passes: int = 3,
    trusts_total: bool = True,
    may_lack: bool = False,
) -> dict[str, Row]:
    """Every row of a list in pages of `size` by number or offset, by its id, or by its place where it has none. Without
    a size, and without a count, the last page is the first one that brings nothing new.

    `read` gives the page of a number (from 1) and an offset; None behind the last one. Where the count changes while
    the pages are read, or is not reached, a row has slipped between two of them: the list is read again, and what any
    reading brought counts. `trusts_total`: whether a page that is full, and makes the count full, is the last one.
    Raises `PmsUnreachable` where the pages do not end, and where rows are missing in the end, unless the list
    `may_lack` some: whoever knows of them asks for them by id.
    """
    union: dict[str, Row] = {}
    weight = ListWeight(who, operation)
    total: int | None = None
    repeats = False
    for _ in range(passes):
        found: dict[str, Row] = {}
        totals: set[int | None] = set()
        read_so_far = 0
        is_whole = repeats = False
        for number in range(1, reading.MOST_PAGES + 1):
            page = read(number, read_so_far)
            if page is None:
                is_whole = total is None or len(found) >= total
                break
            weight.add(page.answer)
            before = len(found)
            if size is None and found.keys() >= {id_of(row) for row in page.rows} - _NO_IDS:
                return union | found
            found.update(
                (one if (one := id_of(row)) not in _NO_IDS else f"? {number}.{place}", row)
                for place, row in enumerate(_each_its_own(page.rows, id_of))
            )
            read_so_far += len(page.rows)
            total = page.total
            totals.add(total)
            is_last = size is not None and len(page.rows) < size
            is_whole = is_last if total is None else len(found) >= total and (trusts_total or is_last)
            repeats = bool(page.rows) and len(found) == before
            if is_whole or len(found) == before:
                break
        else:
            raise endless(who, operation)
        union |= found
        if is_whole and len(totals) < 2:
            return union
    if total is not None and len(union) >= total and not repeats:
        return union
    if repeats or not may_lack:
        if total is None:
            raise endless(who, operation)
        raise PmsUnreachable.saying(
            "{who}: the PMS does not give all of {operation} that it counts", who=who, operation=operation
        )
    return union


def next_link(answer: Answer, url: str, who: str, operation: str) -> str | None:
    """The address of the next page that an answer's header `Link` names (RFC 8288); None where it names none. `url`:
    what was asked for. Raises `PmsUnreachable` where it is on another host: credentials do not go there."""
    for link in parse_header_links(answer.headers.get("Link", "")[:10_000]):
        if "next" in str(link.get("rel", "")).split():
            onward = urljoin(url, link["url"])
            if not is_same_host(url, onward):
                raise PmsUnreachable.saying(
                    "{who}: the next page of {operation} is on another host", who=who, operation=operation
                )
            return onward
    return None


def endless(who: str, operation: str) -> PmsUnreachable:
    return PmsUnreachable.saying("{who}: the pages of {operation} do not end", who=who, operation=operation)
