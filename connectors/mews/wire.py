"""What Mews looks like on the wire: posts with the tokens in their bodies, and lists in pages.

Facts: Mews Connector API documentation (guidelines).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.paging import Page, each_row, endless
from connectors.reading import Optional, VendorSchema, batches, contact, in_utc, optional_text, rows, text_id
from connectors.session import Answer, PmsSession, Wire

CLIENT = "Night Porter 0.4.0"
PAGE = 1000
SMALLEST_PAGE = 50
MOST_REFUSALS = 10
"""Questions with what is no id that are repeated in halves."""
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Json = Mapping[str, Any]


class MewsInstant(fields.Field[datetime]):
    """ "2026-09-20T13:00:00Z": always UTC, whether or not the Z is there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return in_utc(value, is_utc=True)
        except ValueError:
            raise ValidationError("is not a date and time") from None


class MewsId(fields.Field[str]):
    """A UUID, in small letters: capitals and small letters are the same to Mews."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        return super().deserialize(None if value == "" else value, attr, data, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = mews_id({"Id": value})
        if found == "?":
            raise ValidationError("is no id")
        return found


class EnterpriseSchema(VendorSchema):
    Id = MewsId(required=True)
    Name = optional_text()
    ChainId = MewsId(load_default=None, allow_none=True)
    TimeZoneIdentifier = optional_text()
    Address = Optional(fields.Dict())


class ResourceSchema(VendorSchema):
    Id = MewsId(required=True)
    Name = fields.String(required=True)
    IsActive = fields.Boolean(load_default=True, allow_none=True)
    ParentResourceId = MewsId(load_default=None, allow_none=True)


class ReservationSchema(VendorSchema):
    Id = MewsId(required=True)
    AccountId = MewsId(load_default=None, allow_none=True)
    AccountType = optional_text()
    Number = fields.Raw(load_default="", allow_none=True)
    State = fields.String(required=True)
    GroupId = MewsId(load_default=None, allow_none=True)
    CancellationReason = optional_text()
    RequestedResourceCategoryId = Optional(MewsId())
    AssignedResourceId = MewsId(load_default=None, allow_none=True)
    ScheduledStartUtc = MewsInstant(load_default=None, allow_none=True)
    ScheduledEndUtc = MewsInstant(load_default=None, allow_none=True)
    StartUtc = Optional(MewsInstant())
    EndUtc = Optional(MewsInstant())
    ActualStartUtc = Optional(MewsInstant())


class CustomerSchema(VendorSchema):
    Id = MewsId(required=True)
    FirstName = fields.String(load_default=None, allow_none=True)
    LastName = fields.String(load_default=None, allow_none=True)
    Email = contact()
    Phone = contact()
    BirthDate = Optional(fields.Date())
    MergeTargetId = MewsId(load_default=None, allow_none=True)


class MewsWire(Wire):
    """Questions and writes of one connection. Tokens are in no error and no `repr`."""

    def __init__(self, name: str, settings: Mapping[str, Any], session: PmsSession):
        super().__init__(name, f"{settings['base_url'].rstrip('/')}/api/connector/v1", session)
        tokens = {"ClientToken": settings["client_token"], "AccessToken": settings["access_token"]}
        self._sign_in = {**tokens, "Client": CLIENT}

    def read(self, operation: str, name: str, filters: Json) -> Iterator[dict[str, Any]]:
        """Every item of a paged list. Source: Pagination. A page that is too heavy for Mews (408) is asked smaller.

        Raises `PmsUnreachable` where the pages do not end: a cursor comes again, or a page brings nothing new.
        """
        count = PAGE

        def page_at(cursor: str | None) -> Page:
            nonlocal count
            while True:
                limitation = {"Count": count} if cursor is None else {"Count": count, "Cursor": cursor}
                try:
                    answer = self._ask(operation, {**filters, "Limitation": limitation}, wants=dict)
                except PmsUnreachable as problem:
                    if problem.status != 408 or count <= SMALLEST_PAGE:
                        raise
                    count //= 2
                    continue
                items = rows(answer.document, name, self.name, operation)
                onward = answer.document.get("Cursor")
                if onward is not None and not isinstance(onward, str):
                    raise endless(self.name, operation)
                return Page(items, answer, onward or None if len(items) >= count else None)

        return each_row(page_at, self.name, operation, mews_id)

    def read_by_id(
        self, operation: str, name: str, filters: Json, field: str, ids: Iterable[str]
    ) -> tuple[list[dict[str, Any]], list[str]]:
        """Every item of a list that is asked for by ids, under `field`; and the ids that Mews takes for none.

        Mews refuses a question with anything but an id among the ids: what looks like none is asked for by itself, and
        in halves, so that it keeps nobody else's record back.
        """
        items: list[dict[str, Any]] = []
        refused: list[str] = []
        asked = list(dict.fromkeys(ids))
        odd = {one for one in asked if UUID.fullmatch(one) is None}
        parts = [
            *batches([one for one in asked if one not in odd], PAGE),
            *batches([one for one in asked if one in odd], PAGE),
        ]
        while parts:
            part = parts.pop(0)
            try:
                items += self.read(operation, name, {**filters, field: part})
            except PmsRefused as problem:
                if problem.status != 400 or part[0] not in odd:
                    raise
                if len(part) > 1 and len(refused) < MOST_REFUSALS:
                    parts += [part[: len(part) // 2], part[len(part) // 2 :]]
                else:
                    refused += part
        return items, refused

    def post(self, operation: str, body: Json) -> dict[str, Any]:
        """A question."""
        answer: dict[str, Any] = self._ask(operation, body, wants=dict).document
        return answer

    def write(self, operation: str, body: Json, repeatable: bool) -> None:
        """Raises `PmsUnreachable` where nobody knows what became of it, unless it may be repeated."""
        self._ask(operation, body, repeatable=repeatable)

    def _ask(self, operation: str, body: Json, **how: Any) -> Answer:
        sent = {**self._sign_in, **body}
        return self._session.request(
            "POST", self._base + operation, json=sent, who=self.name, operation=operation, **how
        )


def mews_id(item: Json, name: str = "Id") -> str:
    """An item's id, or that of another thing which it names; "?" where there is none."""
    value = item.get(name)
    found = text_id(value) if isinstance(value, str) else None
    if found is None:
        return "?"
    return found.lower() if UUID.fullmatch(found) else found


def newest(items: Iterable[Json]) -> dict[str, Json]:
    """By id, each as it was changed last; a list read in several windows may have it twice."""
    found: dict[str, Json] = {}
    for item in items:
        one = mews_id(item)
        if one != "?" and (one not in found or str(item.get("UpdatedUtc")) >= str(found[one].get("UpdatedUtc"))):
            found[one] = item
    return found


def interval(start: datetime, end: datetime) -> dict[str, str]:
    """As its filters want it."""
    return {"StartUtc": _utc(start), "EndUtc": _utc(end)}


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
