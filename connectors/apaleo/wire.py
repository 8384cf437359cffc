"""What Apaleo looks like on the wire: lists in pages by number, records by id, their fields.

Facts: Apaleo's developer guides and its OpenAPI descriptions; what neither says is marked UNVERIFIED.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from marshmallow import ValidationError, fields

from connectors.by_id import one_record
from connectors.errors import PmsUnreachable
from connectors.paging import Page, whole_list
from connectors.reading import Optional, VendorSchema, contact, in_utc, optional_text, part_of, rows, text_id
from connectors.records import Property
from connectors.session import Wire

PAGE = 200
"""The most that Apaleo gives; more is refused."""

Json = Mapping[str, Any]


class Instant(fields.Field[datetime]):
    """ "2026-09-20T15:00:00+02:00", as UTC and in whole seconds; a time without its offset could be any."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return in_utc(value).replace(microsecond=0)
        except ValueError:
            raise ValidationError("is not an instant") from None


class ApaleoId(fields.Field[str]):
    """ "MUC-JQI", in capitals: Apaleo makes its ids of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = as_id(value)
        if found is None:
            raise ValidationError("required" if value == "" else "is no id")
        return found


class LocalizedText(fields.Field[str]):
    """A text, or the same in several languages: lists give the one, single records the other."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, dict) and value:
            value = value.get("en", next(iter(value.values())))
        if not isinstance(value, str):
            raise ValidationError("is not a text")
        return value


class ReferenceSchema(VendorSchema):
    id = ApaleoId(required=True)


class UnitGroupSchema(ReferenceSchema):
    """Also as part of a unit or a reservation, where the type may be left out."""

    type = optional_text()


class PropertySchema(ReferenceSchema):
    name = Optional(LocalizedText())
    timeZone = optional_text()
    location = Optional(fields.Dict())
    isTemplate = Optional(fields.Boolean(), False)


class UnitSchema(ReferenceSchema):
    name = LocalizedText(required=True)
    unitGroup = Optional(fields.Nested(UnitGroupSchema))
    connectedUnits = fields.List(fields.Nested(ReferenceSchema), load_default=None, allow_none=True)
    connectingUnit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)
    isArchived = fields.Boolean(load_default=False, allow_none=True)


class PersonSchema(VendorSchema):
    firstName = fields.String(load_default=None, allow_none=True)
    lastName = fields.String(load_default=None, allow_none=True)
    email = contact()
    phone = contact()
    birthDate = Optional(fields.Date())
    type = optional_text()
    relationshipToPrimaryGuest = optional_text()


class TimeRangeSchema(VendorSchema):
    starts = Instant(required=True, data_key="from")
    ends = Instant(required=True, data_key="to")


class AssignedUnitSchema(VendorSchema):
    unit = fields.Nested(ReferenceSchema, required=True)
    timeRanges = fields.List(fields.Nested(TimeRangeSchema), load_default=None, allow_none=True)


class TimeSliceSchema(TimeRangeSchema):
    unit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)


class ReservationSchema(ReferenceSchema):
    status = fields.String(required=True)
    property = fields.Nested(ReferenceSchema, required=True)
    arrival = Instant(required=True)
    departure = Instant(required=True)
    checkInTime = Optional(Instant())
    unitGroup = Optional(fields.Nested(UnitGroupSchema))
    unit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)
    assignedUnits = fields.List(fields.Nested(AssignedUnitSchema), load_default=None, allow_none=True)
    timeSlices = fields.List(fields.Nested(TimeSliceSchema), load_default=None, allow_none=True)
    primaryGuest = fields.Raw(load_default=None, allow_none=True)
    additionalGuests = fields.List(fields.Raw(allow_none=True), load_default=None, allow_none=True)


class ApaleoWire(Wire):
    """Questions of one connection."""

    def one(self, path: str, record_id: str, params: Json) -> dict[str, Any] | None:
        """A record by its id; None where the PMS says that there is none. Raises `AnotherRecord`."""
        url, operation = f"{self._base}{path}/{quote(record_id, safe='')}", f"{path}/{{id}}"
        return one_record(
            lambda: self._session.get(url, params, who=self.name, operation=operation),
            as_id(record_id) or "?",
            apaleo_id,
            self.name,
            operation,
        )

    def act(self, path: str, record_id: str, action: str) -> None:
        """Has something done with a record. Not sent again where the answer is lost."""
        url = f"{self._base}{path}/{quote(record_id, safe='')}/{action}"
        operation = f"{path}/{{id}}/{action}"
        self._session.request("PUT", url, who=self.name, operation=operation, repeatable=False)

    def list(self, path: str, name: str, filters: Json) -> dict[str, dict[str, Any]]:
        """Every item of a list, by its id, or by its place where it has none."""

        def page(number: int, offset: int) -> Page | None:
            params = {**filters, "pageNumber": number, "pageSize": PAGE}
            answer = self._session.get(self._base + path, params, who=self.name, operation=path)
            if answer.status == 204:
                return None
            # An answer without its list is no empty list: an empty hotel would be the end of everybody's access.
            items = rows(answer.document, name, self.name, path)
            count = answer.document.get("count")
            if not isinstance(count, int):
                raise PmsUnreachable.saying(
                    "{who}: the PMS answered {path} without a count", who=self.name, path=path, operation=path
                )
            return Page(items, answer, total=count)

        return whole_list(page, self.name, path, apaleo_id, size=PAGE)


def apaleo_id(item: Json) -> str:
    """An item's id, in capitals; "?" where it has none."""
    return as_id(item.get("id")) or "?"


def as_id(value: Any) -> str | None:
    found = text_id(value) if isinstance(value, str) else None
    return found.upper() if found is not None else None


def is_of(item: Json, of: Property) -> bool:
    """Whether a record is this property's; one that does not say whose is."""
    return as_id(part_of(item, "property").get("id")) in (of.id, None)
