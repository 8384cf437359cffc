"""What Seam takes: its endpoints with their parameters, and what it says of those that are not as they have to be.

Source: Seam's OpenAPI description.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sandbox.server import Json

_EMAIL = re.compile(r"^[A-Za-z0-9_'+.-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$")
_UUID = re.compile(r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", re.IGNORECASE)
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")
_PIN = re.compile(r"^\d{4,9}$")
MODES = ("code", "card", "mobile_key", "cloud_key")
_BESIDE = ("spaces", "devices", "acs_entrances", "access_methods")
RELATED = (*_BESIDE, "connected_accounts", "acs_systems", "user_identities", "acs_access_groups")
"""What can be asked for together with grants."""
RELATED_TO_METHODS = (*_BESIDE, "access_grants", "instant_keys", "client_sessions", "acs_credentials")
"""Likewise with access methods."""


class Refusal(Exception):
    """An answer that is no success, in Seam's shape."""

    def __init__(self, status: int, kind: str, message: str, **fields: str):
        super().__init__(message)
        self.status = status
        self.kind = kind
        self.fields = fields


def invalid(words: str, **fields: str) -> Refusal:
    """A refusal of what was given; `fields`: what is wrong with which."""
    return Refusal(400, "invalid_input", words, **fields)


@dataclass(frozen=True, slots=True)
class Field:
    """What a parameter must look like."""

    kind: str
    required: bool = False
    nullable: bool = False
    least: int = 0
    """The shortest text, the smallest number or the shortest list that is allowed."""
    most: int | None = None
    """The longest text or list that is allowed."""
    among: tuple[str, ...] = ()


_TYPES = {
    "text": Field("string"),
    "key": Field("string", least=1),
    "label": Field("string", least=1, most=255),
    "texts": Field("strings"),
    "two_texts": Field("strings", least=2, most=2),
    "some_texts": Field("strings", least=1, most=20),
    "id": Field("uuid"),
    "ids": Field("uuids"),
    "some_ids": Field("uuids", least=1, most=20),
    "integer": Field("integer", least=1),
    "some_methods": Field("methods", least=1),
    "related": Field("strings", among=RELATED),
    "related_to_methods": Field("strings", among=RELATED_TO_METHODS),
    "encode_error": Field(
        "string",
        among=("no_credential_on_encoder", "encoding_interrupted", "uncategorized_error", "action_attempt_expired"),
    ),
    "encode_scenario": Field("string", among=("credential_is_issued",)),
    "capable": Field("strings", among=("lock", "thermostat", "noise_sensor", "access_control", "camera")),
    **{kind: Field(kind) for kind in ("number", "email", "instant", "object", "boolean", "methods", "customer_data")},
}
_TABLE = """
GET /workspaces/get
POST /spaces/create name:text! space_key:key customer_key:key customer_data:customer_data device_ids:ids
    acs_entrance_ids:ids connected_account_ids:ids
GET /spaces/get space_id:id space_key:key
GET /spaces/list customer_key:key search:key space_key:key limit:number page_cursor:text?
PATCH /spaces/update space_id:id space_key:key name:text customer_data:customer_data device_ids:ids
    acs_entrance_ids:ids
DELETE /spaces/delete space_id:id!
POST /user_identities/create user_identity_key:key? full_name:key? email_address:email? phone_number:text?
    acs_system_ids:ids
GET /user_identities/get user_identity_id:id user_identity_key:key
GET /user_identities/list user_identity_ids:ids search:key created_before:instant credential_manager_acs_system_id:id
    limit:integer page_cursor:text?
PATCH /user_identities/update user_identity_id:id! user_identity_key:key? full_name:key? email_address:email?
    phone_number:text?
POST /user_identities/merge user_identity_id:id merged_user_identity_ids:some_ids user_identity_key:key
    merged_user_identity_keys:some_texts
DELETE /user_identities/delete user_identity_id:id!
POST /access_grants/create user_identity_id:id user_identity:object access_grant_key:key acs_entrance_ids:ids
    customization_profile_id:id device_ids:ids ends_at:instant? starts_at:instant name:text?
    requested_access_methods:methods! reservation_key:key space_ids:ids space_keys:texts
GET /access_grants/get access_grant_id:id access_grant_key:key
GET /access_grants/list access_grant_ids:ids customer_key:key user_identity_id:id acs_system_id:id acs_entrance_id:id
    device_id:id space_id:id access_code_id:id access_grant_key:key? reservation_key:key limit:number
    page_cursor:text?
PATCH /access_grants/update access_grant_id:id access_grant_key:key starts_at:instant ends_at:instant? name:text?
DELETE /access_grants/delete access_grant_id:id!
GET /access_grants/get_related access_grant_ids:ids access_grant_keys:texts include:related exclude:related
POST /access_grants/request_access_methods access_grant_id:id! requested_access_methods:some_methods!
GET /access_methods/get access_method_id:id!
GET /access_methods/list access_grant_id:id access_grant_key:key device_id:id acs_entrance_id:id space_id:id
    access_code_id:id limit:integer page_cursor:text?
GET /access_methods/get_related access_method_ids:ids! include:related_to_methods exclude:related_to_methods
GET /acs/users/list user_identity_id:id user_identity_phone_number:text? user_identity_email_address:text?
    acs_system_id:id search:key limit:integer created_before:instant page_cursor:text?
GET /acs/users/get acs_user_id:id user_identity_id:id acs_system_id:id
GET /acs/credentials/list acs_user_id:id acs_system_id:id user_identity_id:id limit:number created_before:instant
    is_multi_phone_sync_credential:boolean search:key page_cursor:text?
GET /acs/credentials/get acs_credential_id:id!
GET /acs/entrances/list customer_key:key acs_system_id:id acs_credential_id:id access_method_id:id space_id:id
    connected_account_id:id acs_entrance_ids:ids search:key limit:integer page_cursor:text?
GET /acs/entrances/get acs_entrance_id:id!
GET /acs/systems/get acs_system_id:id!
GET /acs/systems/list connected_account_id:id customer_key:key search:key
GET /connected_accounts/list custom_metadata_has:object customer_key:key search:key space_id:id
    user_identifier_key:key limit:integer page_cursor:text?
GET /connected_accounts/get connected_account_id:id email:email
PATCH /connected_accounts/update connected_account_id:id! accepted_capabilities:capable
    automatically_manage_new_devices:boolean custom_metadata:object customer_key:key display_name:label
GET /devices/list connect_webview_id:id connected_account_id:id connected_account_ids:ids created_before:instant
    custom_metadata_has:object customer_key:key device_ids:ids device_type:text device_types:texts manufacturer:text
    search:key space_id:id user_identifier_key:key limit:number page_cursor:text?
POST /connect_webviews/create customer_key:key accepted_providers:texts excluded_providers:texts
    provider_category:text accepted_capabilities:capable custom_redirect_url:text custom_redirect_failure_url:text
    custom_metadata:object automatically_manage_new_devices:boolean wait_for_device_creation:boolean
GET /connect_webviews/get connect_webview_id:id!
GET /connect_webviews/list customer_key:key search:key custom_metadata_has:object user_identifier_key:key limit:number
    page_cursor:text?
GET /devices/get device_id:id name:key
GET /access_codes/list customer_key:key device_id:id access_code_ids:ids access_method_id:id access_grant_id:id
    access_grant_key:key user_identifier_key:key limit:number search:key page_cursor:text?
GET /access_codes/unmanaged/list device_id:id! limit:number page_cursor:text? search:key user_identifier_key:key
POST /locks/unlock_door device_id:id!
POST /access_methods/encode access_method_id:id! acs_encoder_id:id!
GET /acs/encoders/list acs_encoder_ids:ids acs_system_id:id acs_system_ids:ids limit:number page_cursor:text?
GET /acs/encoders/get acs_encoder_id:id!
POST /acs/encoders/encode_credential acs_encoder_id:id! access_method_id:id acs_credential_id:id
POST /acs/encoders/simulate/next_credential_encode_will_fail acs_encoder_id:id! acs_credential_id:id
    error_code:encode_error
POST /acs/encoders/simulate/next_credential_encode_will_succeed acs_encoder_id:id! scenario:encode_scenario
GET /action_attempts/get action_attempt_id:id!
GET /events/list access_code_id:id access_code_ids:ids access_grant_id:id access_grant_ids:ids
    access_method_id:id access_method_ids:ids acs_access_group_id:id acs_credential_id:id acs_encoder_id:id
    acs_entrance_id:id acs_system_id:id acs_system_ids:ids acs_user_id:id between:two_texts connect_webview_id:id
    connected_account_id:id customer_key:key device_id:id device_ids:ids event_ids:ids event_type:text
    event_types:texts limit:number since:text space_id:id space_ids:ids unstable_offset:number user_identity_id:id
"""
"""The verb that the SDK uses (Seam takes POST everywhere too), the path, and the parameters: name and type, which is
followed by ? where it may be null, and by ! where it has to be there."""


def _endpoints(table: str) -> dict[str, tuple[str, dict[str, Field]]]:
    found: dict[str, tuple[str, dict[str, Field]]] = {}
    for line in table.replace("\n    ", " ").strip().splitlines():
        verb, path, *parameters = line.split()
        fields = {}
        for parameter in parameters:
            name, _, kind = parameter.partition(":")
            field = _TYPES[kind.rstrip("?!")]
            fields[name] = replace(field, nullable="?" in kind, required="!" in kind)
        found[path] = verb, fields
    return found


ENDPOINTS = _endpoints(_TABLE)
"""By path."""


def from_query(query: dict[str, list[str]], fields: Mapping[str, Field]) -> Json:
    parameters: Json = {}
    for name, values in query.items():
        field = fields.get(name)
        if field is not None and field.kind in ("uuids", "strings"):
            parameters[name] = values
        elif field is not None and field.kind in ("number", "integer"):
            try:
                number = float(values[-1])
                parameters[name] = int(number) if number.is_integer() else number
            except ValueError:
                raise invalid("not a number", **{name: "must be a number"}) from None
        else:
            parameters[name] = values[-1]
    return parameters


def check(parameters: Json, fields: Mapping[str, Field]) -> None:
    wrong: dict[str, str] = {}
    for name, value in parameters.items():
        field = fields.get(name)
        if field is None:
            wrong[name] = "unrecognized"
        elif value is None:
            if not field.nullable:
                wrong[name] = "must not be null"
        elif (complaint := _complaint(field, value)) is not None:
            wrong[name] = complaint
    wrong.update((name, "required") for name, field in fields.items() if field.required and name not in parameters)
    if wrong:
        words = ", ".join(f"{name}: {complaint}" for name, complaint in wrong.items())
        raise invalid(words, **wrong)


def _complaint(field: Field, value: Any) -> str | None:
    kind = field.kind
    if kind in ("string", "uuid", "instant", "email"):
        if not isinstance(value, str):
            return "must be a string"
        if kind == "uuid" and not _UUID.match(value):
            return "must be a uuid"
        if kind == "instant":
            return _instant_complaint(value)
        if kind == "email" and not _EMAIL.match(value):
            return "invalid email"
        if field.among and value not in field.among:
            return f"must be among {', '.join(field.among)}"
        if len(value) < field.least:
            return f"must have at least {field.least} characters"
        return f"must have at most {field.most} characters" if field.most and len(value) > field.most else None
    if kind in ("uuids", "strings"):
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            return "must be a list of strings"
        if kind == "uuids" and not all(_UUID.match(one) for one in value):
            return "must be uuids"
        if field.among and not set(value) <= set(field.among):
            return f"must be among {', '.join(field.among)}"
        if kind == "strings" and not all(value):
            return "must not be empty"
        if len(value) < field.least or (field.most is not None and len(value) > field.most):
            return "too few or too many"
        return None
    if kind in ("number", "integer"):
        if not isinstance(value, int | float) or isinstance(value, bool):
            return "must be a number"
        if kind == "integer" and not float(value).is_integer():
            return "must be an integer"
        return f"must be at least {field.least}" if value < field.least else None
    if kind == "boolean":
        return None if isinstance(value, bool) else "must be a boolean"
    if kind == "object":
        return None if isinstance(value, dict) else "must be an object"
    if kind == "customer_data":
        return _customer_data_complaint(value)
    assert kind == "methods", kind
    if isinstance(value, list) and len(value) < field.least:
        return f"must be a list of at least {field.least}"
    return _methods_complaint(value)


def _instant_complaint(value: str) -> str | None:
    try:
        return None if datetime.fromisoformat(value).tzinfo is not None else "must be a date-time"
    except ValueError:
        return "must be a date-time"


def _customer_data_complaint(value: Any) -> str | None:
    if not isinstance(value, dict):
        return "must be an object"
    for name, text in value.items():
        if name not in ("address", "default_checkin_time", "default_checkout_time", "time_zone"):
            return f"unrecognized {name}"
        if text is not None and (not isinstance(text, str) or (name.startswith("default_") and not _CLOCK.match(text))):
            return f"bad {name}"
    return None


def _methods_complaint(value: Any) -> str | None:
    if not isinstance(value, list):
        return "must be a list"
    for wish in value:
        if not isinstance(wish, dict) or wish.get("mode") not in MODES:
            return "bad mode"
        if not wish.keys() <= {"mode", "code", "instant_key_max_use_count"}:
            return "unrecognized field"
        if "code" in wish and (not isinstance(wish["code"], str) or not _PIN.match(wish["code"])):
            return "bad code"
        uses = wish.get("instant_key_max_use_count", 1)
        if not isinstance(uses, int) or isinstance(uses, bool) or uses < 1:
            return "bad instant_key_max_use_count"
    return None
