"""CSV files that no spreadsheet runs."""

import csv
import io
import itertools
import re

import pytest

from reconciler.spreadsheet import as_csv, harmless, plain

HOSTILE = [
    "=HYPERLINK(0)",
    "+1",
    "-1",
    "@SUM(A1)",
    " =1",
    "\t=1",
    "x;=HYPERLINK(0)",
    'x","=1',
    'x;"=1',
    "x\n=1",
    "x|@y",
    "＝1",
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("cell", HOSTILE)
def test_no_cell_begins_a_formula_whatever_separates_cells_there(cell: str, delimiter: str) -> None:
    text = as_csv(["a", "b"], [("101", cell), (cell, "101")])
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        for line in (one for found in row for one in found.splitlines()):
            assert line.strip(' "')[:1] not in tuple("=+-@＝＋－＠"), row


@pytest.mark.parametrize("cell", [*HOSTILE, "101", "Smith-Jones", "a, b; c", "-", ""])
def test_what_was_made_harmless_is_read_back_as_it_was(cell: str) -> None:
    assert plain(harmless(cell)) == cell.strip() or plain(harmless(cell)) == cell


def test_no_cell_of_a_few_letters_is_a_formula_whatever_separates_cells() -> None:
    for letters in itertools.product("a= \";\n'-", repeat=4):
        cell = "".join(letters)
        parts = [one.lstrip(" \"'\n") for one in re.split(r"[;,\t\r\n|]", cell)]
        said = harmless(cell)
        if not any(one.startswith(("=", "-")) for one in parts):
            assert said == cell
        for one in re.split(r"[;,\t\r\n|]", said):
            assert not one.lstrip(' "\n').startswith(("=", "-")), cell
