"""Seam's events, as its webhooks bring them and as it lists them: their ids, and what they are about. Never a PIN."""

from dataclasses import dataclass
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate


class _Event(Schema):
    """The ids that Seam's events carry. Source: Seam's OpenAPI description, `event`."""

    class Meta:
        unknown = EXCLUDE

    event_id = fields.String(required=True, validate=validate.Length(min=1, max=128))
    event_type = fields.String(required=True, validate=validate.Length(min=1, max=80))
    occurred_at = fields.String(load_default=None, allow_none=True)
    access_grant_id = fields.String(load_default=None, allow_none=True)
    access_grant_key = fields.String(load_default=None, allow_none=True)
    access_grant_ids = fields.List(fields.String(), load_default=None, allow_none=True)
    access_method_id = fields.String(load_default=None, allow_none=True)
    access_grant_keys = fields.List(fields.String(), load_default=None, allow_none=True)
    space_id = fields.String(load_default=None, allow_none=True)
    space_key = fields.String(load_default=None, allow_none=True)
    connected_account_id = fields.String(load_default=None, allow_none=True)
    customer_key = fields.String(load_default=None, allow_none=True)
    device_id = fields.String(load_default=None, allow_none=True)
    acs_entrance_id = fields.String(load_default=None, allow_none=True)
    user_identity_id = fields.String(load_default=None, allow_none=True)
    access_code_id = fields.String(load_default=None, allow_none=True)
    method = fields.String(load_default=None, allow_none=True)
    access_code_is_managed = fields.Boolean(load_default=None, allow_none=True)
    starts_at = fields.String(load_default=None, allow_none=True)
    ends_at = fields.String(load_default=None, allow_none=True)
    code = fields.Raw(load_default=None, allow_none=True)
    """A PIN: only whether it is there is looked at."""


_EVENT = _Event()


@dataclass(frozen=True, slots=True)
class SeamEvent:
    """One event."""

    id: str
    kind: str
    """Seam's `event_type`."""
    subjects: dict[str, list[str]]
    """What it is about, by kind of id."""

    def texts(self) -> list[str]:
        """All that came from outside."""
        return [self.id, *(one for ids in self.subjects.values() for one in ids)]


def read_event(document: Any) -> SeamEvent | None:
    """An event, as JSON has it; None where it is none."""
    try:
        event = _EVENT.load(document)
    except (ValidationError, ValueError, RecursionError):
        return None
    subjects = {
        "seam_ids": _present(event["access_grant_id"], *(event["access_grant_ids"] or ()), event["space_id"]),
        "keys": _present(event["access_grant_key"], *(event["access_grant_keys"] or ()), event["space_key"]),
        "methods": _present(event["access_method_id"]),
        "accounts": _present(event["connected_account_id"]),
        "customers": _present(event["customer_key"]),
        "locks": _present(event["device_id"], event["acs_entrance_id"]),
        "occurred_at": _present(event["occurred_at"]),
        "starts_at": _present(event["starts_at"]),
        "ends_at": _present(event["ends_at"]),
        "told": ["code"] if event["code"] else [],
        "users": _present(event["user_identity_id"]),
        "codes": _present(event["access_code_id"]),
        "way": _present(event["method"]),
        "foreign": ["code"] if event["access_code_is_managed"] is False else [],
    }
    return SeamEvent(event["event_id"], event["event_type"], {name: ids for name, ids in subjects.items() if ids})


def _present(*values: str | None) -> list[str]:
    return [value[:255] for value in values if value]
