"""CSV that every spreadsheet reads as text: names of rooms and locks come from other people's systems."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

LINES_AT_ONCE = 50
_FORMULA = "=+\\-@＝＋－＠"
_SEPARATOR = re.compile(r"[;,\t\r\n|]")
_AT_ITS_BEGINNING = re.compile(rf"[\s\"']*[{_FORMULA}]")
_BEGINS = re.compile(rf"(^|[;,\t\r\n|])([\s\"']*)([{_FORMULA}])")
_QUOTED = re.compile(rf"(^|[;,\t\r\n|])([\s\"']*)'([{_FORMULA}])")


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula, whichever of comma, semicolon and tab separates cells there: where
    the separator is another one than ours, the middle of a cell may become the beginning of the next."""
    # Most cells have nothing of it, and a file has a million: to see that takes a fifth of the time.
    if not _SEPARATOR.search(cell) and not _AT_ITS_BEGINNING.match(cell):
        return cell
    return _BEGINS.sub(r"\1\2'\3", cell)


def plain(cell: str) -> str:
    """What `harmless` was given."""
    return _QUOTED.sub(r"\1\2\3", cell.strip())


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> str:
    """A file with a header; every cell is quoted and harmless."""
    return "".join(csv_in_parts(columns, rows))


def csv_in_parts(columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[str]:
    """The same as its rows come, some at a time."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(columns)
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for number, row in enumerate(rows, 1):
        writer.writerow([harmless(cell or "") for cell in row])
        if number % LINES_AT_ONCE == 0:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()
