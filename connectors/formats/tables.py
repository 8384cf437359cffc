"""A folder of tables, CSV or JSON, that somebody else writes: a file is read whole, or not at all.

Whether it is whole, its own count says (a last line `#count,123`, or `"count": 123` beside the list), or that nothing
was added to it for a while.
"""

import codecs
import contextlib
import csv
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.formats.code_pages import decoded, exactly, is_known
from connectors.formats.foreign_json import read_json
from mappers.sentences import Said, say, say_number

LARGEST = 50_000_000
"""Bytes of one file."""
LONGEST_LINE = 1_000_000
"""Characters of one line of JSON or CSV that begins a file."""
MOST_ROWS, MOST_COLUMNS, MOST_VALUES = 200_000, 500, 5_000_000
TITLES = 40
"""So many rows at most stand before the header: a report's name, when and for whom it was made."""
DELIMITERS = ",;\t|"
UNKNOWN = "\ufffd"
"""What stands for bytes that are no letter."""
FAULTS = 20
"""On one line of so many, bytes may be no letters in the code page of the settings: then another one is meant."""
GAP = "\0" * 4
TORN = 100
"""So many lines at most that are no CSV: a file with more of them is something else."""
_COUNT = re.compile(r"#count\W*+(\d*+)\W*+", re.IGNORECASE)
_SEP = re.compile(r"\ufeff?\"?sep=(.)\"?[,;\t|]*", re.IGNORECASE)
"""Excel's own first line, which says what parts the columns."""
_FORMULA = re.compile(r"=\"([^\"]{0,300})\"|'(?=[\d=+@-])(.{0,300})")
"""How spreadsheets are kept from making numbers of what is text."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_TOTALS = frozenset(
    "total totals subtotal grand sum summe gesamt gesamtsumme insgesamt zwischensumme anzahl count records rows totale "
    "totali somma suma totaal totalen razem lacznie celkem soucet ukupno soma итого всего generated created exported "
    "printed page seite erstellt gedruckt exportiert pagina strona strana stranka imprime genere impreso generado "
    "stampato end ende fin fine of von de di z".split()
)
"""How a last row begins that is no booking."""


@dataclass(frozen=True, slots=True)
class Row:
    place: str
    """ "bookings.csv line 4"."""
    cells: Mapping[str, str] = field(repr=False)
    """By our names; trimmed."""
    trouble: str = ""

    def __getitem__(self, name: str) -> str:
        return self.cells.get(name, "")

    def wrong(self, why: str) -> str:
        """The sentence that says what is wrong with it."""
        return say("{place} {why}.", place=self.place, why=why)


class Tables:
    """The tables of one folder."""

    def __init__(
        self,
        folder: Path,
        who: str,
        clock: Callable[[], datetime],
        columns: Mapping[str, Sequence[str]],
        required: Mapping[str, Sequence[str | tuple[str, ...]]],
        *,
        kind: str,
        headers: Mapping[str, str | Mapping[str, str]],
        files: Mapping[str, str],
        counted: bool,
        quiet: timedelta,
        encoding: str | None = None,
        country: str | None = None,
    ):
        """`columns` and those `required` (a name, or several of which one is enough), by table; `headers` has other
        names for them, for all tables or by table;
        `files` other names of tables' files, which may be patterns. `kind`: `csv` or `json`. `counted`: a file without
        its count is not whole. `quiet`: so long nothing came into a file without a count that is whole. `encoding`: the
        code page of all files, where it is not UTF-8; else it is guessed, with the help of the `country`."""
        self._folder = folder
        self._who = who
        self._clock = clock
        self._columns = columns
        self._required = required
        self._kind = kind
        self._headers = headers
        self._wanted: dict[str, dict[str, str]] = {}
        """By table: our names of its columns, by what they are called there."""
        self._files = files
        self._counted = counted
        self._quiet = quiet
        self._encoding = encoding
        self._country = country
        self.remarks: dict[str, str] = {}
        self.known: dict[str, set[str]] = {}
        self.unknown: dict[str, list[str]] = {}
        """By file, what a person should know of how it was read, as a sentence."""

    def read(self, what: str, required: bool = True) -> tuple[list[Row], str]:
        """The rows of a file, and a mark that no other version of it has. Raises `PmsUnreachable`."""
        path = self._path(what)
        if path is None:
            if required:
                raise self.unreadable(self.file_name(what), "is not in the folder {folder}", folder=str(self._folder))
            return [], ""
        try:
            before = path.stat()
            if before.st_size > LARGEST:
                raise self.unreadable(path.name, "is larger than 50 MB")
            content = path.read_bytes()
            after = path.stat()
        except OSError as problem:
            raise self.unreadable(path.name, "cannot be opened ({strerror})", strerror=str(problem.strerror)) from None
        if not content.strip():
            raise self.unreadable(path.name, "is empty")
        reader = self._csv_rows if self._kind == "csv" else self._json_rows
        rows, count = reader(what, path.name, self._decoded(path.name, content))
        if count is None:
            if self._counted:
                raise self.unreadable(path.name, "does not end with its count: it is not complete")
            age, quiet = abs(self._clock().timestamp() - after.st_mtime), self._quiet.total_seconds()
            if age < quiet:
                why = say(
                    "was written {age} s ago: it is read when nothing came for {quiet} s",
                    age=f"{age:.0f}",
                    quiet=f"{quiet:.0f}",
                )
                raise self.unreadable(path.name, why)
            if not rows:
                raise self.unreadable(path.name, "has no rows")
        elif count != len(rows):
            raise self.unreadable(
                path.name,
                say_number(
                    count,
                    "should have {number} row and has {found}: it is not complete",
                    "should have {number} rows and has {found}: it is not complete",
                    found=len(rows),
                ),
            )
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
            raise self.unreadable(
                self.file_name(what), "cannot be looked for ({name})", name=type(problem).__name__
            ) from None

    def unreadable(self, file: str, message: str, /, **values: str | int) -> PmsUnreachable:
        """`message`: why, as the end of a sentence, or a message for that."""
        why = message if isinstance(message, Said) else say(message, **values)
        return PmsUnreachable.saying(
            "{who}: the PMS's file {file} {why}", who=self._who, file=file, why=why, operation=file
        )

    def _decoded(self, file: str, content: bytes) -> str:
        """UTF-8 with or without its mark, UTF-16, what the settings say, else what it looks like (told)."""
        self.remarks.pop(file, None)
        if content[:4] == b"PK\x03\x04":
            raise self.unreadable(file, "is a workbook or an archive: save it as CSV")
        if self._encoding is not None:
            if not is_known(self._encoding):
                raise PmsRefused.saying(
                    "{who}: the setting encoding names no code page: write utf-8, cp1250, shift_jis or the like",
                    who=self._who,
                )
            text = exactly(content, self._encoding)
            if text is None:
                text = content.decode(self._encoding, "replace")
                lines = text.splitlines()
                faults = sum(UNKNOWN in one for one in lines)
                if faults > max(1, len(lines) // FAULTS):
                    raise self.unreadable(
                        file, "is not written in {encoding}, as the setting encoding says", encoding=self._encoding
                    )
                self.remarks[file] = say(
                    "The file {file} has letters on {faults} of its lines that are none in {encoding}.",
                    file=file,
                    faults=faults,
                    encoding=self._encoding,
                )
            return self._without_gaps(file, text.removeprefix("\ufeff"))
        if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) and len(content) % 2:
            raise self.unreadable(file, "is no text in UTF-8 or UTF-16: it may not be complete")
        text, guessed = decoded(content, country=self._country)
        text = self._without_gaps(file, text)
        if guessed:
            self.remarks[file] = say(
                "The file {file} is not written in UTF-8: it was read as {guessed}. If names are wrong, set encoding.",
                file=file,
                guessed=guessed,
            )
        return text

    def _without_gaps(self, file: str, text: str) -> str:
        """A zero within a cell is that row's own matter; many, or zeros at the end, are room that nobody has filled."""
        if GAP in text or text.rstrip().endswith("\0"):
            raise self.unreadable(file, "has zeros where text should be: it may not be complete")
        return text

    def _csv_rows(self, what: str, file: str, text: str) -> tuple[list[Row], int | None]:
        first, _, rest = text.partition("\n")
        said = _SEP.fullmatch(first.strip("\r")) if len(first) < 100 else None
        skipped = 1 if said else 0
        if said:
            text = rest
        delimiter, before = self._layout(what, file, text, said[1] if said else None)
        skipped += before
        rows: list[Row] = []
        places: dict[int, str] | None = None
        header: list[str] = []
        width, count = 0, None
        for line, cells in self._records(file, text, delimiter, before, skipped - before):
            if cells is None:
                if places is None or count is not None:
                    raise self.unreadable(file, "is no CSV at line {line}: it may not be complete", line=f"{line}")
                rows.append(
                    Row(
                        say("{file} line {line}", file=file, line=f"{line}"),
                        {},
                        say("is no CSV: a quotation mark is too many, or missing"),
                    )
                )
                continue
            if not any(one.strip() for one in cells):
                continue
            if places is None:
                places, width, header = self._places(what, file, cells), len(cells), cells
                continue
            if count is not None:
                raise self.unreadable(file, "goes on after its count (line {line})", line=f"{line}")
            told = [one.strip() for one in cells if one.strip()]
            if told[0].startswith("#") and (last := _COUNT.fullmatch(delimiter.join(cells).strip()[:2_000])):
                count = self._count(file, last[1])
                continue
            if cells == header:
                # Printed anew at the top of every page.
                continue
            found = {name: _cell(cells[place]) for place, name in places.items() if place < len(cells)}
            if self._is_no_row(what, told, found):
                continue
            wrong = len(cells) < width or any(one.strip() for one in cells[width:])
            trouble = (
                say_number(
                    len(cells),
                    "has {number} column where the header has {width}",
                    "has {number} columns where the header has {width}",
                    width=width,
                )
                if wrong
                else ""
            )
            if len(rows) >= MOST_ROWS:
                raise self.unreadable(file, "has more than {number} rows", number=MOST_ROWS)
            rows.append(Row(say("{file} line {line}", file=file, line=f"{line}"), found, trouble))
        if places is None:
            raise self.unreadable(file, "is empty")
        return rows, count

    def _records(
        self, file: str, text: str, delimiter: str, before: int, above: int
    ) -> Iterator[tuple[int, list[str] | None]]:
        """The records behind the first lines, each with the number of its line in the file, `above` lines more than in
        the text. Of a line that is no CSV, its cells where it has as many as the record before it, else None; the
        next line begins anew. Raises `PmsUnreachable` where the file breaks off within quotes."""
        lines = list(_lines(text))
        at, torn, width = before, 0, 0
        while at < len(lines):
            reader, start = csv.reader(islice(lines, at, None), delimiter=delimiter, strict=True), at
            try:
                for cells in reader:
                    yield at + above + 1, cells
                    width, at = len(cells), start + reader.line_num
                return
            except csv.Error:
                torn += 1
                if torn > TORN or at == len(lines) - 1:
                    line = at + above + 1
                    raise self.unreadable(
                        file, "is no CSV at line {line}: it may not be complete", line=f"{line}"
                    ) from None
                alone: list[str] = []
                with contextlib.suppress(csv.Error):
                    alone = next(csv.reader([lines[at].rstrip("\r\n")], delimiter=delimiter), [])
                yield at + above + 1, alone if width and len(alone) == width else None
                at += 1

    def _layout(self, what: str, file: str, text: str, said: str | None) -> tuple[str, int]:
        """What parts the columns, and how many lines stand before the header: where most of the columns are found."""
        best: tuple[int, int] = (0, 0)
        layout = said or DELIMITERS[0], 0
        for rank, delimiter in enumerate((said,) if said else DELIMITERS):
            for before, cells in _beginnings(text[:LONGEST_LINE], delimiter):
                if len(cells) > MOST_COLUMNS:
                    raise self.unreadable(file, "has more than {number} columns", number=MOST_COLUMNS)
                known = set(self._known(what, cells).values())
                is_header = not self._missing(what, known)
                found = (len(known) + 1_000 * is_header, -rank)
                if known and found > best:
                    best, layout = found, (delimiter, before)
                if is_header:
                    break
        return layout

    def _is_no_row(self, what: str, told: Sequence[str], found: Mapping[str, str]) -> bool:
        """A row of totals, or a remark below the table: it does not have what every row has, and says what it is."""
        required = self._required[what]
        missing = self._missing(what, {name for name, text in found.items() if text})
        if len(required) == 1 or len(missing) < len(required) - 2:
            return False
        start = _plain_words(told[0])
        if start and start[0] in _TOTALS:
            # "Total", "Total: 12", "Page 1 of 2"; somebody may be called Page.
            return len(missing) >= len(required) - 1 or all(one in _TOTALS or one.isdigit() for one in start)
        return len(told) == 1 and len(start) > 2

    def _json_rows(self, what: str, file: str, text: str) -> tuple[list[Row], int | None]:
        if text.count("{") + text.count("[") > MOST_ROWS + 10 or text.count(",") > MOST_VALUES:
            raise self.unreadable(
                file, "has more than {number} rows or {values} values", number=MOST_ROWS, values=MOST_VALUES
            )
        try:
            document = read_json(text)
        except (ValueError, RecursionError):
            raise self.unreadable(file, "is no JSON: it may not be complete") from None
        count = None
        if isinstance(document, dict):
            if "count" in document:
                count = self._count(file, str(document["count"]))
            document = document.get(what)
        if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
            raise self.unreadable(file, "has no list of {what}", what=what)
        header: list[str] = []
        seen: set[str] = set()
        for key in chain.from_iterable(document):
            if key not in seen:
                seen.add(key)
                header.append(key)
                if len(header) > MOST_COLUMNS:
                    raise self.unreadable(file, "has more than {number} columns", number=MOST_COLUMNS)
        places = self._places(what, file, header) if document else {}
        rows = []
        for number, item in enumerate(document, start=1):
            if not item:
                continue
            values = {name: item.get(header[place]) for place, name in places.items()}
            nested = any(isinstance(one, dict | list) for one in values.values())
            trouble = say("has a list or a group where a value should be") if nested else ""
            found = {name: _text(one) for name, one in values.items()}
            rows.append(Row(say("{file} row {number}", file=file, number=f"{number}"), found, trouble))
        return rows, count

    def _count(self, file: str, text: str) -> int:
        if not text.isascii() or not text.strip().isdecimal() or len(text.strip()) > 12:
            raise self.unreadable(file, "has a count that is no number: it is not complete")
        return int(text)

    def _known(self, what: str, header: Sequence[str]) -> dict[int, str]:
        """Our names of the columns, by their places."""
        if (wanted := self._wanted.get(what)) is None:
            # What somebody has named is that column, and no other that is usually called so.
            names = sorted(self._columns[what], key=lambda name: self.header(what, name) != name)
            wanted = self._wanted[what] = {_folded(self.header(what, name)): name for name in names}
        return {place: wanted[folded] for place, one in enumerate(header) if (folded := _folded(one[:300])) in wanted}

    def _missing(self, what: str, names: set[str]) -> list[tuple[str, ...]]:
        """What is required and not among these names of ours; of each the names that would do."""
        required = [(one,) if isinstance(one, str) else one for one in self._required[what]]
        return [several for several in required if names.isdisjoint(several)]

    def header(self, what: str, name: str) -> str:
        """What a column is called in the files of a table."""
        own = self._headers.get(what)
        if isinstance(own, Mapping) and name in own:
            return own[name]
        usual = self._headers.get(name)
        return usual if isinstance(usual, str) else name

    def _places(self, what: str, file: str, header: Sequence[str]) -> dict[int, str]:
        places = self._known(what, header)
        names = list(places.values())
        for name in names:
            if names.count(name) > 1:
                raise self.unreadable(file, "has two columns {name}", name=self.header(what, name))
        missing = [
            " or ".join(self.header(what, name) for name in several) for several in self._missing(what, set(names))
        ]
        if missing:
            raise self.unreadable(
                file, "has no column {names}: set columns, if it has another name", names=" and no ".join(missing)
            )
        self.known[what] = set(names)
        self.unknown[what] = [
            " ".join(one.split())[:40] for place, one in enumerate(header) if place not in places and one.strip()
        ]
        return places


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends, of any kind; never the whole text a second time."""
    return (one[0] for one in _LINE.finditer(text))


def _beginnings(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The first rows, each with the number of lines before it: line by line, for a title may have a single quote, and
    then as rows, for the name of a column may have a line break."""
    for number, line in enumerate(islice(_lines(text), TITLES)):
        with contextlib.suppress(csv.Error):
            yield number, next(csv.reader([line], delimiter=delimiter), [])
    reader, before = csv.reader(_lines(text), delimiter=delimiter), 0
    with contextlib.suppress(csv.Error):
        for cells in islice(reader, TITLES):
            yield before, cells
            before = reader.line_num


def _folded(header: str) -> str:
    """What makes two names of columns the same: letter case, white space and signs do not."""
    return re.sub(r"[\W_]+", "", header.casefold())


def _plain_words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:100].casefold().replace("ł", "l"))
    return re.findall(r"[^\W_]+", "".join(one for one in plain if not unicodedata.combining(one)))


def _cell(text: str) -> str:
    """A cell's text, without what keeps spreadsheets from making a number of it."""
    text = text.strip()
    quoted = _FORMULA.fullmatch(text) if text[:1] in ("=", "'") else None
    return text if quoted is None else (quoted[1] or quoted[2] or "").strip()


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).strip() if not isinstance(value, bool) else str(value).lower()
