"""One value that a parser refuses costs no other one; what is not all there is refused."""

import time
from typing import Any

import pytest

from connectors.formats.foreign_json import read_json


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (b"1" * 6000, "1" * 6000),
        (b"-" + b"9" * 6000, "-" + "9" * 6000),
        (b'"a\nb"', "a\nb"),
        (b'"M\xfcller"', "M\ufffdller"),
    ],
)
def test_a_value_that_parsers_refuse_is_text(value: bytes, read: Any) -> None:
    assert read_json(b'[{"id": ' + value + b'}, {"id": 2, "[": "]"}]') == [{"id": read}, {"id": 2, "[": "]"}]


@pytest.mark.parametrize("value", [b"[" * 10_000 + b'"]"' + b"]" * 10_000, b'{"a":' * 10_000 + b"1" + b"}" * 10_000])
def test_what_is_nested_too_deep_is_cut_off_where_it_is_too_deep(value: bytes) -> None:
    hostile, honest = read_json(b"[" + value + b', {"id": "\\"["}]')
    assert hostile
    assert honest == {"id": '"['}


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[" * 100_000,
        b'[{"id": ' + b"1" * 6000,
        b'[{"id": ' + b"1" * 6000 + b"}",
        b"[" * 10_000 + b"]" * 9_999,
        b'["M\xfcller", "' + b'\\"' * 1_000_000,
        b"[" * 10_000 + b"]" * 10_001,
    ],
)
def test_what_is_not_all_there_is_refused_at_once(text: bytes) -> None:
    began = time.process_time()
    with pytest.raises((ValueError, RecursionError)):
        read_json(text)
    assert time.process_time() - began < 2
