"""A folder of tables, CSV or JSON, that somebody else writes: a file is read whole, or not at all.

Whether it is whole, its own count says (a last line `#count,123`, or `"count": 123` beside the list), or that nothing
was added to it for a while.
"""

import csv
import hashlib
import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.errors import PmsUnreachable

LARGEST = 50_000_000
"""Bytes of one file."""
_COUNT = re.compile(r"#count\W*(\d*)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    place: str
    """ "bookings.csv line 4"."""
    cells: Mapping[str, str] = field(repr=False)
    """By our names; trimmed."""
    trouble: str = ""

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")


class Tables:
    """The tables of one folder."""

    def __init__(
        self,
        folder: Path,
        who: str,
        clock: Callable[[], datetime],
        columns: Mapping[str, Sequence[str]],
        required: Mapping[str, Sequence[str]],
        *,
        kind: str,
        headers: Mapping[str, str],
        files: Mapping[str, str],
        counted: bool,
        quiet: timedelta,
    ):
        """`columns` and those `required`, by table; `headers` has other names for them, `files` other names of tables'
        files, which may be patterns. `kind`: `csv` or `json`. `counted`: a file without its count is not whole.
        `quiet`: so long nothing came into a file without a count that is whole."""
        self._folder = folder
        self._who = who
        self._clock = clock
        self._columns = columns
        self._required = required
        self._kind = kind
        self._headers = headers
        self._files = files
        self._counted = counted
        self._quiet = quiet

    def read(self, what: str, required: bool = True) -> tuple[list[Row], str]:
        """The rows of a file, and a mark that no other version of it has. Raises `PmsUnreachable`."""
        path = self._path(what)
        if path is None:
            if required:
                raise self.unreadable(self.file_name(what), "is not there")
            return [], ""
        try:
            before = path.stat()
            if before.st_size > LARGEST:
                raise self.unreadable(path.name, "is larger than 50 MB")
            content = path.read_bytes()
            after = path.stat()
        except OSError as problem:
            raise self.unreadable(path.name, f"cannot be opened ({problem.strerror})") from None
        if not content.strip():
            raise self.unreadable(path.name, "is empty")
        reader = self._csv_rows if self._kind == "csv" else self._json_rows
        rows, count = reader(what, path.name, self._decoded(path.name, content))
        if count is None:
            if self._counted:
                raise self.unreadable(path.name, "does not end with its count: it is not complete")
            age, quiet = abs(self._clock().timestamp() - after.st_mtime), self._quiet.total_seconds()
            if age < quiet:
                why = f"was written {age:.0f} s ago: it is read when nothing came for {quiet:.0f} s"
                raise self.unreadable(path.name, why)
            if not rows:
                raise self.unreadable(path.name, "has no rows")
        elif count != len(rows):
            raise self.unreadable(path.name, f"should have {count} rows and has {len(rows)}: it is not complete")
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise self.unreadable(path.name, "is being written")
        return rows, hashlib.sha256(content).hexdigest()[:20] + f" {after.st_mtime_ns}"

    def file_name(self, what: str) -> str:
        return self._files.get(what, f"{what}.{self._kind}")

    def _path(self, what: str) -> Path | None:
        """The file; the newest of those that a pattern finds."""
        try:
            found = [one for one in self._folder.glob(self.file_name(what)) if one.is_file()]
            return max(found, key=lambda one: (one.stat().st_mtime_ns, one.name), default=None)
        except (OSError, ValueError, NotImplementedError) as problem:
            raise self.unreadable(self.file_name(what), f"cannot be looked for ({type(problem).__name__})") from None

    def unreadable(self, file: str, why: str) -> PmsUnreachable:
        return PmsUnreachable(f"{self._who}: the PMS's file {file} {why}", operation=file)

    def _decoded(self, file: str, content: bytes) -> str:
        """UTF-8 with or without its mark, UTF-16 with it, else what Windows writes."""
        encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
        for encoding in encodings:
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
        raise self.unreadable(file, "is no text in UTF-8")

    def _csv_rows(self, what: str, file: str, text: str) -> tuple[list[Row], int | None]:
        header = next((line for line in text.splitlines() if line.strip()), "")
        delimiter = max(",;\t|", key=lambda one: len(self._known(what, next(csv.reader([header], delimiter=one), []))))
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows: list[Row] = []
        places: dict[int, str] | None = None
        width, count, begin = 0, None, 1
        try:
            for cells in reader:
                line, begin = begin, reader.line_num + 1
                if not any(one.strip() for one in cells):
                    continue
                if places is None:
                    places, width = self._places(what, file, cells), len(cells)
                    continue
                if count is not None:
                    raise self.unreadable(file, f"goes on after its count (line {line})")
                if (last := _COUNT.fullmatch(delimiter.join(cells).strip())) is not None:
                    count = self._count(file, last[1])
                    continue
                found = {name: cells[place].strip() for place, name in places.items() if place < len(cells)}
                wrong = len(cells) < width or any(one.strip() for one in cells[width:])
                trouble = f"has {len(cells)} columns where the header has {width}" if wrong else ""
                rows.append(Row(f"{file} line {line}", found, trouble))
        except csv.Error:
            raise self.unreadable(file, f"is no CSV at line {reader.line_num}: it may not be complete") from None
        if places is None:
            raise self.unreadable(file, "is empty")
        return rows, count

    def _json_rows(self, what: str, file: str, text: str) -> tuple[list[Row], int | None]:
        try:
            document = json.loads(text)
        except ValueError:
            raise self.unreadable(file, "is no JSON: it may not be complete") from None
        count = None
        if isinstance(document, dict):
            if "count" in document:
                count = self._count(file, str(document["count"]))
            document = document.get(what)
        if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
            raise self.unreadable(file, f"has no list of {what}")
        header = list(dict.fromkeys(key for item in document for key in item))
        places = self._places(what, file, header) if document else {}
        rows = []
        for number, item in enumerate(document, start=1):
            values = {name: item.get(header[place]) for place, name in places.items()}
            nested = any(isinstance(one, dict | list) for one in values.values())
            trouble = "has a list or a group where a value should be" if nested else ""
            found = {name: _text(one) for name, one in values.items()}
            rows.append(Row(f"{file} row {number}", found, trouble))
        return rows, count

    def _count(self, file: str, text: str) -> int:
        if not text.strip().isdecimal():
            raise self.unreadable(file, "has a count that is no number: it is not complete")
        return int(text)

    def _known(self, what: str, header: Sequence[str]) -> dict[int, str]:
        """Our names of the columns, by their places."""
        wanted = {_folded(self._headers.get(name, name)): name for name in self._columns[what]}
        return {place: wanted[_folded(one)] for place, one in enumerate(header) if _folded(one) in wanted}

    def _places(self, what: str, file: str, header: Sequence[str]) -> dict[int, str]:
        places = self._known(what, header)
        names = list(places.values())
        for name in names:
            if names.count(name) > 1:
                raise self.unreadable(file, f"has two columns {self._headers.get(name, name)}")
        missing = [self._headers.get(name, name) for name in self._required[what] if name not in names]
        if missing:
            raise self.unreadable(
                file, f"has no column {' and no '.join(missing)}: set columns, if it has another name"
            )
        return places


def _folded(header: str) -> str:
    """What makes two names of columns the same: letter case, white space and signs do not."""
    return re.sub(r"[\W_]+", "", header.casefold())


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).strip() if not isinstance(value, bool) else str(value).lower()
