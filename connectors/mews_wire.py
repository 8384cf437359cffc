"""What Mews looks like on the wire: posts with the tokens in their bodies, and lists in pages.

Facts: Mews Connector API documentation (guidelines).
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.errors import PmsUnreachable
from connectors.reading import id_of, rows
from connectors.session import PmsSession

PAGE = 1000
SMALLEST_PAGE = 50

Json = Mapping[str, Any]


class MewsInstant(fields.Field[datetime]):
    """ "2026-09-20T13:00:00Z": always UTC, whether or not the Z is there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("is not a date and time") from None
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


class MewsSchema(Schema):
    class Meta:
        unknown = EXCLUDE  # Mews adds fields without notice.


class MewsWire:
    """Questions and writes of one connection, whose `name` is in errors. Tokens are in no error and no `repr`."""

    def __init__(self, name: str, base_url: str, sign_in: Mapping[str, str], session: PmsSession):
        self.name = name
        self._base = f"{base_url.rstrip('/')}/api/connector/v1/"
        self._sign_in = sign_in
        self._session = session

    def read(self, operation: str, name: str, filters: Json) -> Iterator[dict[str, Any]]:
        """Every item of a paged list. Source: Pagination. A page that is too heavy for Mews (408) is asked smaller."""
        count = PAGE
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            limitation: dict[str, Any] = {"Count": count}
            if cursor is not None:
                limitation["Cursor"] = cursor
            try:
                answer = self.post(operation, {**filters, "Limitation": limitation})
            except PmsUnreachable as problem:
                if problem.status == 408 and count > SMALLEST_PAGE:
                    count //= 2
                    continue
                raise
            items = rows(answer, name, self.name, operation)
            yield from items
            cursor = answer.get("Cursor")
            if not cursor or len(items) < count:
                return
            if cursor in seen:
                raise PmsUnreachable(f"{self.name}: the pages of {operation} do not end", operation=operation)
            seen.add(cursor)

    def post(self, operation: str, body: Json) -> dict[str, Any]:
        """A question."""
        return self._session.post(self._base + operation, {**self._sign_in, **body}, who=self.name, operation=operation)

    def write(self, operation: str, body: Json, repeatable: bool) -> None:
        """Raises `PmsUnreachable` where nobody knows what became of it, unless it may be repeated."""
        self._session.request(
            "POST",
            self._base + operation,
            json={**self._sign_in, **body},
            who=self.name,
            operation=operation,
            repeatable=repeatable,
        )


def mews_id(item: Json) -> str:
    """An item's id, or "?"."""
    return id_of(item, "Id")
