"""What Cloudbeds looks like on the wire: one path per method, forms, JSON, and errors that say `success: false`.

Facts: Cloudbeds's OpenAPI description of v1.3 and developers.cloudbeds.com. What neither of them says is marked
UNVERIFIED.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from marshmallow import ValidationError, fields

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.paging import Page, whole_list
from connectors.reading import YEARS, Optional, VendorSchema, rows, text_id
from connectors.session import Answer, PmsSession, Wire
from mappers.sentences import say

PAGE = 100
"""The most that a list of reservations gives at once."""
_ABSENT = re.compile(
    r"(not|n't)\b.{0,20}\b(found|find|exist)|\bno\b.{0,30}\b(found|exist)|\bno such\b|\bunable to find\b"
    r"|\b(unknown|invalid)\b.{0,20}\b(reservation|guest)|\b(reservation|guest).{0,20}\b(unknown|invalid)\b",
    re.DOTALL,
)
_WHAT_WAS_ASKED_FOR = re.compile(r"reservation|booking|guest|^\W*not found\W*$")
"""A message that fits both says that a reservation or guest is not there. The wording is UNVERIFIED."""
_NEEDS_A_PERSON = (
    (
        "not active",
        "the user who approved the connection is not active any more: a current user has to approve it anew",
    ),
    ("invalid status", "the property is not active in Cloudbeds any more"),
    ("property", "the property is not one that these credentials open: check property_id"),
)
"""Words in the message of an answer with `success: false`, and what to do. Source: Common API errors."""
_NOT_GRANTED = ("scope", "permission")
"""The same of credentials that do not include the operation; the wording is UNVERIFIED."""

Json = Mapping[str, Any]


class Text(fields.Field[str]):
    """Text; PHP makes numbers of it at times."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValidationError("is no text")
        return str(value).strip()


class Id(Text):
    """Text that is there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            raise ValidationError("required")
        return text


class RecordId(Text):
    """An id: digits, at times with a dash, which PHP may write as a number."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text and text_id(text) is None:
            raise ValidationError("is no id")
        if not text and self.required:
            raise ValidationError("required")
        return text

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        if value is None and not self.required:
            return ""
        return super().deserialize(value, attr, data, **kwargs)


class OptionalText(Text):
    """Text, empty where there is none."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        return "" if value is None else super().deserialize(value, attr, data, **kwargs)


class Day(fields.Field[date]):
    """ "2026-02-04"; in some lists with a time of day that means nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        if value == "":
            raise ValidationError("required")
        try:
            day = datetime.fromisoformat(value).date()
        except (TypeError, ValueError):
            raise ValidationError("is no date") from None
        if day.year not in YEARS:
            raise ValidationError("is no date on which anybody stays")
        return day


class Clock(fields.Field[time | None]):
    """ "15:00:00", local."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time | None:
        if value == "":
            return None
        try:
            return time.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("is no time of day") from None


class Flag(fields.Field[bool]):
    """true, 1, "1" or "true"; everything else is no."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        return is_true(value)


class ListOrMap(fields.Field[list[Any]]):
    """A list, or a map of which only the values count: PHP gives one for the other."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if isinstance(value, dict):
            return list(value.values())
        if not isinstance(value, list):
            raise ValidationError("is no list")
        return value


def optional_id() -> RecordId:
    return RecordId(load_default="")


def optional_text() -> OptionalText:
    return OptionalText(load_default="")


def flag(default: bool = False) -> Flag:
    return Flag(load_default=default, allow_none=True)


class HotelSchema(VendorSchema):
    propertyID = RecordId(required=True)
    propertyName = optional_text()
    propertyTimezone = Id(required=True)


class PolicySchema(VendorSchema):
    propertyCheckInTime = Clock(load_default=None, allow_none=True)
    propertyCheckOutTime = Clock(load_default=None, allow_none=True)


class RoomSchema(VendorSchema):
    roomID = RecordId(required=True)
    roomName = Id(required=True)
    dormRoomName = optional_text()
    isPrivate = flag(True)
    isVirtual = flag()
    linkedRoomIDs = fields.List(RecordId(required=True), load_default=list, allow_none=True)


class ReservationSchema(VendorSchema):
    reservationID = RecordId(required=True)
    status = Id(required=True)
    isDeleted = flag()
    guestID = optional_id()
    rooms = ListOrMap(required=True)


class LineSchema(VendorSchema):
    """One room of a reservation, assigned or not."""

    subReservationID = RecordId(required=True)
    roomID = optional_id()
    guestID = optional_id()
    roomCheckIn = Day(required=True)
    roomCheckOut = Day(required=True)
    roomStatus = optional_text()


class GuestSchema(VendorSchema):
    """As getGuest tells it; in the list of a reservation's guests most names begin with `guest`."""

    firstName = optional_text()
    lastName = optional_text()
    email = optional_text()
    phone = optional_text()
    cellPhone = optional_text()
    isAnonymized = flag()
    isMerged = flag()
    newGuestID = optional_id()
    birthDate = Optional(fields.Date())
    birthdate = Optional(fields.Date())
    """The same, in the list of a reservation's guests."""


class Unsuccessful(PmsUnreachable):
    """An answer with `success: false`. `is_absent`: its message says that what was asked for is not there."""

    def __init__(self, message: str, *, operation: str, is_absent: bool):
        super().__init__(message, operation=operation)
        self.is_absent = is_absent


class NotGranted(PmsRefused):
    """An answer with `success: false` that says that the credentials lack a scope."""


class CloudbedsWire(Wire):
    """Questions and writes of one connection."""

    def __init__(self, name: str, base_url: str, property_id: str, session: PmsSession):
        super().__init__(name, base_url, session)
        self.property_id = property_id

    def read(self, operation: str, params: Json, key: Callable[[Json], str]) -> list[Json]:
        """Every row of a paged list, once; `key` says which rows are the same.

        The list is not frozen while it is read: rows that come, go or move push others over the edge of a page, and
        `total` shows it, by having changed or by not having been reached. Then all is read once more. What is still
        missing is missing: whoever knows of it asks for it by its id.
        """

        def page(number: int, offset: int) -> Page:
            asked = {**params, "pageNumber": number, "pageSize": PAGE}
            answer = self.answered("GET", operation, params=asked)
            return Page(self.rows(operation, answer.document), answer, total=integer(answer.document.get("total")))

        found = whole_list(page, self.name, operation, key, size=PAGE, passes=2, trusts_total=False, may_lack=True)
        return list(found.values())

    def rows(self, operation: str, answer: Json) -> list[dict[str, Any]]:
        return rows(answer, "data", self.name, operation)

    def data(self, operation: str, params: Json) -> Json:
        """The one thing that was asked for."""
        found = self.ask("GET", operation, params=params).get("data")
        if not isinstance(found, dict) or not found:
            raise self.unusable(operation, say("answered without data"))
        return found

    def ask(self, method: str, operation: str, **sent: Any) -> dict[str, Any]:
        """The answer, which says that it is a success. `sent`: as `answered` takes it."""
        document: dict[str, Any] = self.answered(method, operation, **sent).document
        return document

    def answered(
        self,
        method: str,
        operation: str,
        *,
        params: Json | None = None,
        form: Json | None = None,
        repeatable: bool = True,
    ) -> Answer:
        answer = self._session.request(
            method,
            self._base + operation,
            params=params or {},
            form=form,
            headers={"X-PROPERTY-ID": self.property_id},
            repeatable=repeatable,
            who=self.name,
            operation=operation,
            wants=dict,
        )
        document: dict[str, Any] = answer.document
        if is_true(document.get("success")):
            return answer
        if "success" not in document:
            raise self.unusable(operation, say("does not say whether it could do what was asked"))
        # Its message may repeat what was asked: it is read, and not handed on.
        message = str(document.get("message") or "")[:1_000].lower()
        is_absent = bool(_ABSENT.search(message) and _WHAT_WAS_ASKED_FOR.search(message))
        for words, meaning in _NEEDS_A_PERSON:
            if words in message and not is_absent:
                raise PmsRefused.saying(
                    "{who}: the PMS refuses {operation}: {meaning}", who=self.name, meaning=meaning, operation=operation
                )
        if any(words in message for words in _NOT_GRANTED) and not is_absent:
            raise NotGranted.saying(
                "{who}: the PMS refuses {operation}: the credentials do not include this operation: make new ones "
                "with the scopes that it needs",
                who=self.name,
                operation=operation,
            )
        raise Unsuccessful(
            say(
                "{who}: the PMS says that it could not do {operation} (success: false)",
                who=self.name,
                operation=operation,
            ),
            operation=operation,
            is_absent=is_absent,
        )

    def unusable(self, operation: str, what: str) -> PmsUnreachable:
        return PmsUnreachable.saying(
            "{who}: the PMS {what} ({operation})", who=self.name, what=what, operation=operation
        )


def values(several: Any) -> list[Any]:
    if isinstance(several, dict):
        return list(several.values())
    return several if isinstance(several, list) else []


def id_in(item: Json, name: str) -> str:
    """An id; empty where there is none."""
    return text_id(item.get(name)) or ""


def text_in(item: Json, name: str) -> str:
    """Text; empty where there is none."""
    found = item.get(name)
    return str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""


def integer(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def is_true(value: Any) -> bool:
    return value is True or str(value).strip().lower() in ("1", "true")


def property_id(item: Json) -> str:
    return id_in(item, "propertyID")


def reservation_id_of(item: Json) -> str:
    return id_in(item, "reservationID")
