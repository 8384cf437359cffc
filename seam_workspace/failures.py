"""Whatever the SDK, httpx or the JSON decoder may raise, as one of our errors."""

import math
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import loads

import httpcore
import httpx
from seam.exceptions import SeamError as SdkError
from seam.exceptions import SeamHttpApiError, SeamHttpInvalidResponseError, SeamHttpUnauthorizedError

from connectors.wording import identifier
from mappers.sentences import Said, message, say
from seam_workspace.errors import (
    SeamError,
    SeamNotFound,
    SeamRefused,
    SeamUnauthorized,
    SeamUnreachable,
    SeamUnreadable,
    without_contacts,
)
from seam_workspace.transport import TooLarge

NOT_AS_DESCRIBED = (ValueError, TypeError, AttributeError, LookupError, ArithmeticError, RecursionError)
"""What the SDK and we raise where an answer holds other things than it should. JSON that is none is a ValueError, and
so is a time that cannot be read."""

NOT_SO = message("Seam's answer to {what} is not what its API describes")
OF_PEOPLE = ("access_grants", "access_methods", "user_identities")
"""Calls that say something of a person."""
PERSONAL = ("full_name", "name", "email_address", "phone_number", "code")
SHORTEST = 3
"""Letters; what is shorter tells nobody who she is."""


def translated(what: str, endpoint: str, problem: Exception, sent: bytes = b"") -> SeamError:
    """One of our errors for anything the SDK, httpx or the JSON decoder may raise. `sent`: the body of the request;
    what it says of a person is taken out where Seam repeats it."""
    if isinstance(problem, SeamHttpUnauthorizedError):
        return SeamUnauthorized(
            say(
                "Seam refuses the API key (401): it is mistyped, or somebody deleted it; copy it once more from the "
                "Seam Console (seam.api_key)"
            ),
            status=401,
            request_id=identifier(problem.request_id),
        )
    if isinstance(problem, SeamHttpApiError):
        return _api_error(what, problem, sent)
    if isinstance(problem, httpx.HTTPStatusError):
        status = problem.response.status_code
        if status == 404:
            # Seam itself says what it did not find, in JSON; this 404 comes from something else on the way.
            return SeamUnreachable(
                say("{what}: no Seam API at {address} (404): check seam.endpoint", what=what, address=endpoint),
                status=status,
            )
        if status in (408, 425, 429) or status >= 500:
            return SeamUnreachable(_answered(status, what), status=status)
        said = say("Seam refused {what} ({code})", what=what, code=f"{status}")
        return SeamRefused(said, status=status, words=problem.response.text.lower())
    if isinstance(problem, TooLarge):
        return SeamUnreachable(say("Seam's answer to {what} has no end: nothing was concluded from it", what=what))
    if isinstance(problem, httpx.TimeoutException | httpcore.TimeoutException):
        return SeamUnreachable(say("Seam did not answer {what} in time", what=what))
    if isinstance(problem, httpx.DecodingError):
        return SeamUnreachable(say(NOT_SO, what=what))
    if isinstance(problem, httpx.HTTPError | OSError):
        return SeamUnreachable(
            say("no connection to Seam at {address} ({problem})", address=endpoint, problem=type(problem).__name__)
        )
    if isinstance(problem, (SeamHttpInvalidResponseError, *NOT_AS_DESCRIBED)):
        return SeamUnreadable(say(NOT_SO, what=what))
    if isinstance(problem, SdkError):
        return SeamUnreachable(
            say("the Seam SDK failed at {what} ({problem})", what=what, problem=type(problem).__name__)
        )
    raise problem


def _answered(status: int, what: str) -> Said:
    return say("Seam answered {status} to {what}", status=f"{status}", what=what)


def _api_error(what: str, problem: SeamHttpApiError, sent: bytes) -> SeamError:
    status = problem.status_code
    code, request_id = identifier(problem.code), identifier(problem.request_id)
    words = str(problem)
    details = getattr(problem, "validation_errors", None)
    said = without_contacts(words, _personal(sent) if what.startswith(OF_PEOPLE) else ())
    if details:
        words += " " + " ".join(f"{one.parameter_name} {' '.join(map(str, one.error_messages))}" for one in details)
        said += " [" + ", ".join(filter(None, (identifier(one.parameter_name) for one in details))) + "]"
    if status in (408, 425, 429) or status >= 500:
        return SeamUnreachable(_answered(status, what), status=status, request_id=request_id)
    kind = SeamNotFound if status == 404 else SeamRefused
    return kind(
        say("Seam refused {what} ({code}): {words}", what=what, code=f"{status}{code and f' {code}'}", words=said),
        status=status,
        request_id=request_id,
        code=code,
        words=f"{code} {words}".lower(),
    )


def _personal(sent: bytes) -> set[str]:
    """What a request says of a person: her name and its parts, contacts, PINs."""
    found: set[str] = set()
    try:
        parts = [loads(sent)] if sent else []
    except (ValueError, RecursionError):
        return found
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            for name, value in part.items():
                if name in PERSONAL and isinstance(value, str):
                    found |= {value, *value.split()}
                else:
                    parts.append(value)
        elif isinstance(part, list):
            parts += part
    return {one for one in found if len(one) >= SHORTEST}


def retry_after(headers: Mapping[str, str]) -> float | None:
    """For how many seconds Seam wants to be left alone (RFC 9110: seconds, or a date by its own clock)."""
    told = headers.get("retry-after")
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        try:
            now = headers.get("date")
            since = parsedate_to_datetime(now[:40]) if now else datetime.now(UTC)
            seconds = (parsedate_to_datetime(told[:40]) - since).total_seconds()
        except (ValueError, TypeError, OverflowError):
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
