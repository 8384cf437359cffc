"""The bodies of webhooks, read within bounds of time and size; whatever is wrong with one is answered by a sentence."""

import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from flask import Request
from marshmallow import ValidationError, fields, validate

LARGEST_BODY = 1024 * 1024
MOST_FIELDS = 1000
"""Of a form."""
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
READ_WITHIN = 10.0
"""Seconds for a whole body, however slowly it trickles in."""
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")


class Refused(Exception):
    """A request that is not taken; the sentence tells the sender why, and nothing else."""

    def __init__(self, status: int, why: str, result: str):
        super().__init__(why)
        self.status = status
        self.result = result


def is_text(*values: str | None) -> bool:
    """JSON's escapes can say NUL and half a character: no database keeps the one, and no page can show the other."""
    return not any(_NO_TEXT.search(value) for value in values if value)


def is_text_throughout(value: Any) -> None:
    """Of a field of a request, with all that is in it. Raises `ValidationError` where it has what no text has."""
    if isinstance(value, Mapping):
        for name, one in value.items():
            is_text_throughout(name)
            is_text_throughout(one)
    elif isinstance(value, list):
        for one in value:
            is_text_throughout(one)
    elif isinstance(value, str) and not is_text(value):
        raise ValidationError("has a character that no text has.")


def is_in_our_time(instant: datetime) -> None:
    """Of a field of a request. Raises `ValidationError` where UTC has no such time."""
    try:
        instant.astimezone(UTC)
    except OverflowError:
        raise ValidationError("There is no such time.") from None


def text(longest: int, said: str = "", **rest: Any) -> fields.String:
    """A field of a request: at least one character, or where it may be left out None. `said`: what the document says of
    it."""
    return fields.String(validate=validate.Length(1, longest), **_field(said, rest))


def instant(said: str = "", **rest: Any) -> fields.AwareDateTime:
    """A field of a request, likewise: a time."""
    return fields.AwareDateTime(validate=is_in_our_time, **_field(said, rest))


def identifier(said: str = "") -> fields.Integer:
    """A field of a request, likewise: the number of a row."""
    return fields.Integer(validate=validate.Range(1, 2**31 - 1), **_field(said, {}))


def _field(said: str, rest: dict[str, Any]) -> dict[str, Any]:
    found = rest if rest.get("required") else {"load_default": None} | rest
    return found | {"metadata": {"description": said}} if said else found


def body_of(of: Request, *kinds: str) -> bytes:
    """The raw bytes, at most 1 MB, of a request of one of these content types."""
    if of.mimetype not in kinds:
        raise Refused(415, f"send {' or '.join(kinds)}", "wrong content type")
    if of.content_length is not None and of.content_length > LARGEST_BODY:
        raise Refused(413, "the body is larger than 1 MB", "too large")
    until = time.monotonic() + READ_WITHIN
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := of.stream.read(64 * 1024):
            size += len(piece)
            if size > LARGEST_BODY:
                raise Refused(413, "the body is larger than 1 MB", "too large")
            if time.monotonic() > until:
                raise Refused(408, "the body came too slowly", "too slow")
            pieces.append(piece)
    except Refused:
        raise
    except OSError:
        raise Refused(408, "the body did not come to its end", "too slow") from None
    except Exception:
        # Pieces that are none: every server has exceptions of its own for them.
        raise Refused(400, "the body did not come to its end", "cut off") from None
    body = b"".join(pieces)
    if of.content_length is not None and len(body) < of.content_length:
        raise Refused(400, "the body did not come to its end", "cut off")
    return body


def json_of(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON", "bad JSON") from None


def form_of(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused(400, "the body is not a form", "bad form") from None
    return dict(fields)
