"""What Buildium looks like on the wire: lists by offset, records by id, their fields.

Only GET is used. Lists are bare JSON arrays with their length in X-Total-Count, in pages of at most 1000. Facts:
Buildium's Open API guide.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields

from connectors.by_id import one_record
from connectors.paging import Page, whole_list
from connectors.ports import Window
from connectors.reading import YEARS, Optional, VendorSchema, contact, optional_text, rows, windows
from connectors.session import Wire

PAGE = 1000
LONGEST_WINDOW = timedelta(days=364)
"""Some of Buildium's lists refuse longer ones."""
_ID = re.compile(r"[1-9]\d{0,9}")
_LARGEST_ID = 2**31 - 1

Json = Mapping[str, Any]
Filters = Sequence[tuple[str, Any]]


class BuildiumId(fields.Field[int]):
    """A positive number of 32 bits, at times written as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = number_of(value)
        if found is None:
            raise ValidationError("is no id")
        return found


class Day(fields.Field[date]):
    """ "2026-02-01". A year in which nobody lives yet is somebody's "never", as far away as can be."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day = datetime.fromisoformat(value).date()
        except (TypeError, ValueError):
            raise ValidationError("is no date") from None
        if day.year < YEARS.start:
            raise ValidationError("is no date on which anybody lives")
        return day if day.year in YEARS else date.max


class RentalSchema(VendorSchema):
    Id = BuildiumId(required=True)
    Name = optional_text()
    NumberUnits = Optional(fields.Integer(), 0)
    IsActive = fields.Raw(load_default=None, allow_none=True)
    """Left out of a rental that is in use like any other; of one that says something else there is no more to know."""
    Address = Optional(fields.Dict())
    RentalSubType = optional_text()


class UnitSchema(VendorSchema):
    Id = BuildiumId(required=True)
    BuildingName = fields.String(load_default=None, allow_none=True)
    UnitNumber = fields.String(load_default=None, allow_none=True)


class LeaseTenantSchema(VendorSchema):
    Id = BuildiumId(required=True)
    Status = fields.String(load_default=None, allow_none=True)
    MoveInDate = Day(load_default=None, allow_none=True)


class CurrentTenantSchema(VendorSchema):
    Id = BuildiumId(required=True)


class MoveOutSchema(VendorSchema):
    TenantId = BuildiumId(required=True)
    MoveOutDate = Day(load_default=None, allow_none=True)


class LeaseSchema(VendorSchema):
    Id = BuildiumId(required=True)
    UnitId = BuildiumId(required=True)
    LeaseFromDate = Day(load_default=None, allow_none=True)
    LeaseToDate = Day(load_default=None, allow_none=True)
    LeaseType = optional_text()
    LeaseStatus = fields.String(required=True)
    IsEvictionPending = Optional(fields.Boolean(), False)
    AutomaticallyMoveOutTenants = Optional(fields.Boolean(), False)
    MoveOutData = fields.List(fields.Nested(MoveOutSchema), load_default=None, allow_none=True)
    Tenants = fields.List(fields.Nested(LeaseTenantSchema), load_default=None, allow_none=True)
    CurrentTenants = Optional(fields.List(fields.Nested(CurrentTenantSchema)))


class PhoneSchema(VendorSchema):
    Number = contact()
    Type = optional_text()


class TenantSchema(VendorSchema):
    Id = BuildiumId(required=True)
    FirstName = fields.String(load_default=None, allow_none=True)
    LastName = fields.String(load_default=None, allow_none=True)
    Email = contact()
    PhoneNumbers = Optional(fields.List(fields.Nested(PhoneSchema)))


class BuildiumWire(Wire):
    """Questions of one connection."""

    def changed(self, path: str, window: Window) -> list[Json]:
        """The filter takes whole seconds and includes both; where a row tells when it changed, that is looked at."""
        found: dict[str, Json] = {}
        for start, end in windows(*window, LONGEST_WINDOW):
            filters = [("lastupdatedfrom", _utc(start)), ("lastupdatedto", _utc(end + timedelta(seconds=1)))]
            found.update((id_in(item), item) for item in self.list(path, filters))
        return [item for item in found.values() if _changed_within(item, *window)]

    def list(self, path: str, filters: Filters = ()) -> list[Json]:
        """Every item of a list. Source: the guide, Bulk Request Options. Raises `PmsUnreachable` where the list proves
        incomplete: what it leaves out would seem to be gone."""

        def page(number: int, offset: int) -> Page:
            return self.page(path, [*filters, ("orderby", "Id asc"), ("offset", offset), ("limit", PAGE)])

        return list(whole_list(page, self.name, path, id_in, size=PAGE).values())

    def page(self, path: str, query: Filters) -> Page:
        """One page, with the length of the whole list where Buildium tells it."""
        answer = self._session.request(
            "GET", self._base + path, params=query, who=self.name, operation=path, wants=list
        )
        said = answer.headers.get("X-Total-Count", "")
        total = int(said) if said.isdecimal() else None
        return Page(rows(answer.document, None, self.name, path), answer, total=total)

    def one(self, path: str, number: str) -> dict[str, Any] | None:
        """A record by its id; None where Buildium says that there is none. Raises `AnotherRecord`, and `PmsRefused` for
        other refusals."""
        url, operation = f"{self._base}{path}/{number}", f"{path}/{{id}}"
        return one_record(
            lambda: self._session.request("GET", url, who=self.name, operation=operation, wants=dict),
            number,
            id_in,
            self.name,
            operation,
        )


def id_in(item: Json, name: str = "Id", otherwise: str = "?") -> str:
    found = number_of(item.get(name))
    return otherwise if found is None else str(found)


def number_of(value: Any) -> int | None:
    """An id, whether it is written as a number or as text; None where it is none."""
    if isinstance(value, str) and _ID.fullmatch(value.strip()):
        value = int(value)
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_ID
    return value if is_id else None


def could_be_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None and int(text) <= _LARGEST_ID


def _changed_within(item: Json, start: datetime, end: datetime) -> bool:
    try:
        changed = datetime.fromisoformat(item["LastUpdatedDateTime"])
    except (KeyError, TypeError, ValueError):
        return True
    return start <= (changed if changed.tzinfo else changed.replace(tzinfo=UTC)) < end


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
