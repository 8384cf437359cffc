"""The settings file: YAML and environment become frozen settings, or one clear line for everything that is wrong.

marshmallow and PyYAML are imported when a file is read, not before: `nightporter --help` needs neither.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from mappers.keys import can_meet
from mappers.policy import PRESETS, CommonArea, MaxRevocations, Policy
from mappers.stay_window import zone
from schedules.timetable import Timetable
from store.keep import Keep

if TYPE_CHECKING:
    from marshmallow import Schema

ACCESS_METHODS = ("code", "card", "mobile_key", "cloud_key")
ENVIRONMENT = "NIGHTPORTER_CONFIG"
_DURATION = re.compile(r"^(\d+)([smhd])$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_NAME = re.compile(r"^[a-z][a-z0-9_-]*$")
_WEBCAL = re.compile(r"^webcals?://", re.IGNORECASE)
_CLOCK = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)$")
_OPTIONAL_SECRETS = ("webhook_secret", "webhook_token")
"""Only a service that receives webhooks needs these: a sync runs without, so an unset variable is no error."""


class SettingsError(Exception):
    """The settings cannot be used. `problems`: one line each, beginning with the path of the setting."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class SeamSettings:
    api_key: str = field(repr=False)
    endpoint: str = "https://connect.getseam.com"
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One configured PMS account; its name is in URLs, logs and reports."""

    name: str
    connector: str
    vendor: Mapping[str, Any] = field(repr=False)
    """The block named after the connector: what its `SETTINGS` ask for."""
    policy: Policy
    key_prefix: str = ""
    webhook_token: str | None = field(default=None, repr=False)
    schedules: Timetable = field(default_factory=Timetable)


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where `nightporter serve` listens, and how the world reaches it."""

    host: str = "127.0.0.1"
    port: int = 8080
    public_url: str | None = None
    """Begins with https:// where a proxy ends TLS: then cookies travel over TLS only."""
    proxies: int = 0
    """How many proxies of our own stand before it: so many addresses of X-Forwarded-For are believed."""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The mail server that takes alerts."""

    host: str
    sender: str
    to: tuple[str, ...]
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: str = "starttls"


@dataclass(frozen=True, slots=True)
class AlertWebhookSettings:
    url: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Whom to tell; nobody, where nothing is set: the report shows alerts anyway."""

    email: EmailSettings | None = None
    webhook: AlertWebhookSettings | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    database: str = field(repr=False)
    """May carry a password."""
    seam: SeamSettings
    connections: Mapping[str, ConnectionSettings]
    policies: Mapping[str, Policy]
    serve: ServeSettings = field(default_factory=ServeSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    keep: Keep = field(default_factory=Keep)


def load_settings(path: str | Path | None, environ: Mapping[str, str]) -> Settings:
    """Reads and checks the settings file: `path`, or the one that NIGHTPORTER_CONFIG names.

    Raises `SettingsError` with everything that is wrong at once; a secret's value is never part of it.
    """
    document = _read(path, environ)
    problems: list[str] = []
    resolved = _with_environment(document, environ, "", problems)
    checked = _check(resolved, problems)
    if problems:
        # A value that could not be resolved is complained about once, as missing.
        raise SettingsError(list(dict.fromkeys(problems)))
    return _build(checked)


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(path: str | Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    import yaml

    chosen = path or environ.get(ENVIRONMENT)
    if not chosen:
        raise SettingsError([f"No settings file: give one with --config FILE, or name it in {ENVIRONMENT}."])
    try:
        text = Path(chosen).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError([f"{chosen}: the settings file cannot be read ({reason})."]) from None

    class Loader(yaml.SafeLoader):
        """Refuses a key that stands twice: YAML would silently take the last one."""

    def mapping(loader: Loader, node: yaml.MappingNode) -> dict[Any, Any]:
        keys = [loader.construct_object(key) for key, _ in node.value]
        for place, key in enumerate(keys):
            if key in keys[:place]:
                line = node.value[place][0].start_mark.line + 1
                raise SettingsError([f"{chosen}: line {line}: {key} stands twice."])
        loader.flatten_mapping(node)
        return loader.construct_mapping(node, deep=True)

    Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, mapping)
    try:
        document = yaml.load(text, Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise SettingsError([f"{chosen}: {where}this is not YAML ({getattr(problem, 'problem', problem)})."]) from None
    except (TypeError, ValueError):
        raise SettingsError([f"{chosen}: this is not YAML that can be read."]) from None
    if not isinstance(document, dict):
        raise SettingsError([f"{chosen}: the file should hold settings (`database: ...`), and does not."])
    return document


def _with_environment(value: Any, environ: Mapping[str, str], path: str, problems: list[str]) -> Any:
    """`env:NAME` becomes the variable's value, anywhere."""
    if isinstance(value, dict):
        resolved = {}
        for key, one in value.items():
            below = f"{path}.{key}" if path else str(key)
            if key in _OPTIONAL_SECRETS and isinstance(one, str) and one.startswith("env:") and one[4:] not in environ:
                continue
            resolved[key] = _with_environment(one, environ, below, problems)
        return resolved
    if isinstance(value, list):
        return [_with_environment(one, environ, f"{path}.{place}", problems) for place, one in enumerate(value)]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        found = environ.get(name, "")
        if not found:
            problems.append(f"{path}: the environment variable {name or '(none named)'} is not set.")
            return _Unset()
        return _Given(found)
    return value


class _Given(str):
    """A value from the environment: always text, so it may also stand where a number is wanted."""


class _Unset:
    """Stands where a variable is missing, so that nothing else is said of the same place."""


# --- checking ---------------------------------------------------------------------------------------------------------


def _check(document: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    from marshmallow import ValidationError

    try:
        checked: dict[str, Any] = _schema().load(document)
    except ValidationError as problem:
        unset = {line.split(":", 1)[0] for line in problems}
        for path, words in _lines(problem.messages, ""):
            if path not in unset:
                problems.append(f"{path}: {words}")
        checked = {}
    _check_together(document, problems)
    for name, policy in checked.get("policies", {}).items():
        _check_policy(f"policies.{name}", policy, problems)
    for name, connection in checked.get("connections", {}).items():
        _check_connection(name, connection, checked["policies"], problems)
    return checked


def _check_connection(
    name: str, connection: dict[str, Any], policies: Mapping[str, dict[str, Any]], problems: list[str]
) -> None:
    from connectors.table import CONNECTORS

    kind = CONNECTORS[connection["connector"]]
    trouble = kind.check_settings(connection[connection["connector"]])
    if trouble is not None:
        problems.append(f"connections.{name}.{connection['connector']}: {trouble}")
    chosen = connection["policy"] or kind.PRESET
    told = kind.TELLS_TIME_ZONE or connection[connection["connector"]].get("time_zone")
    if not told and policies.get(chosen, {}).get("time_zone") is None:
        problems.append(
            f"policies.{chosen}.time_zone: is missing: the PMS of connection {name} tells no time zone, so the policy "
            "names it, such as America/New_York."
        )


def _check_policy(path: str, policy: dict[str, Any], problems: list[str]) -> None:
    keys = [area["key"] for area in policy.get("common_areas", ())]
    problems.extend(
        f"{path}.common_areas: the key {key} stands twice." for key in sorted(set(keys)) if keys.count(key) > 1
    )
    if policy.get("horizon", Policy().horizon) < policy.get("provision_ahead", Policy().provision_ahead):
        problems.append(
            f"{path}.horizon: should be at least provision_ahead, or bookings would be due before they are read."
        )


def _check_together(document: dict[str, Any], problems: list[str]) -> None:
    """What no single setting shows: names that must exist, keys that must not meet."""
    connections = document.get("connections")
    policies = document.get("policies", {})
    if not isinstance(connections, dict) or not isinstance(policies, dict):
        return
    prefixes: list[tuple[str, str]] = []
    for name, connection in connections.items():
        if not _NAME.match(str(name)):
            problems.append(
                f"connections.{name}: a connection's name begins with a letter and has only a-z, 0-9, - and _."
            )
        if not isinstance(connection, dict):
            continue
        policy = connection.get("policy", "hotel")
        if isinstance(policy, str) and policy not in policies and policy not in PRESETS:
            there = ", ".join(map(str, policies)) or "none but the defaults, hotel and lease"
            problems.append(f"connections.{name}.policy: there is no policy {policy}; there is {there}.")
        prefix = connection.get("key_prefix", "")
        if isinstance(prefix, str):
            prefixes.append((str(name), prefix))
    for place, (name, prefix) in enumerate(prefixes):
        for other, others in prefixes[:place]:
            if can_meet(prefix, others):
                problems.append(
                    f"connections.{name}.key_prefix: {prefix!r} and {others!r} of connection {other} overlap: two PMS "
                    "accounts may use the same ids, so each needs a prefix of its own, such as "
                    f'"{name}/" and "{other}/".'
                )


def _lines(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, below in messages.items():
            # marshmallow calls the two sides of a free mapping "key" and "value": no part of the path.
            own = path if name in ("value", "key", "_schema") else f"{path}.{name}" if path else str(name)
            yield from _lines(below, own)
    elif isinstance(messages, list):
        for one in messages:
            yield path, str(one)
    else:
        yield path, str(messages)


def _schema() -> "Schema":
    from marshmallow import Schema, ValidationError, fields, validate, validates_schema

    from connectors.base import Connector, Setting
    from connectors.table import CONNECTORS

    unknown = {"unknown": "there is no such setting: check the spelling, config.example.yaml has them all."}

    class Strict(Schema):
        error_messages = unknown | {"type": "should be a group of settings."}

    class Text(fields.Field[str]):
        """Text, and nothing that YAML made of it."""

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
            if isinstance(value, _Unset):
                return "unset"
            if not isinstance(value, str):
                raise ValidationError(
                    "should be text: put it in quotes (YAML reads 0123, 12:30 and NO in its own way)."
                )
            if not value.strip() and not self.metadata.get("may_be_empty"):
                raise ValidationError("is empty.")
            return str(value)

    class ExactUrl(Text):
        """An address as somebody else made it: every sign of it may matter, but none that is no part of an address.

        What copying leaves at the ends (blanks, the carriage return of a file from Windows) is taken off.
        """

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
            url = super()._deserialize(value, attr, data, **kwargs).strip()
            if isinstance(value, _Unset):
                return url
            url = _WEBCAL.sub("https://", url)
            try:
                parts = urlsplit(url)
                good = parts.scheme in ("http", "https") and bool(parts.hostname)
            except ValueError:
                good = False
            if not good:
                raise ValidationError("should be an address that begins with https:// (or http://).")
            if not url.isprintable() or " " in url:
                raise ValidationError("has a blank or a line break within the address: copy it anew.")
            return url

    class Url(ExactUrl):
        """The address of a service, to which paths are added."""

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
            return super()._deserialize(value, attr, data, **kwargs).rstrip("/")

    class ExactUrls(ExactUrl):
        """One address or a list of them, as a tuple."""

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
            several = value if isinstance(value, list) else [value]
            if not several:
                raise ValidationError("should name at least one address.")
            one = super()._deserialize
            return tuple(dict.fromkeys(one(each, attr, data, **kwargs) for each in several))

    class Duration(fields.Field[timedelta]):
        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> timedelta:
            match = _DURATION.match(value) if isinstance(value, str) else None
            if match is None:
                raise ValidationError("should be a duration in quotes: a number with s, m, h or d, such as 15m or 14d.")
            try:
                return timedelta(**{_UNITS[match[2]]: int(match[1])})
            except OverflowError:
                raise ValidationError("is longer than anybody lives.") from None

    class ClockTime(fields.Field[time]):
        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> time:
            match = _CLOCK.match(value) if isinstance(value, str) else None
            if match is None:
                raise ValidationError('should be a time of day in quotes, such as "03:30" (YAML reads 03:30 as 210).')
            return time(int(match[1]), int(match[2]))

    def span() -> Duration:
        def positive(value: timedelta) -> None:
            if value < timedelta(seconds=1):
                raise ValidationError("should be at least 1s.")

        return Duration(validate=positive)

    class Number(fields.Integer):
        def __init__(self, **rest: Any) -> None:
            super().__init__(**rest)
            self.error_messages["invalid"] = "should be a whole number."

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
            if isinstance(value, bool) or (not isinstance(value, int) and not isinstance(value, _Given)):
                raise ValidationError("should be a whole number.")
            return int(super()._deserialize(value, attr, data, **kwargs))

    def choice(*words: str) -> Any:
        return validate.OneOf(words, error="should be one of {choices}.")

    required: dict[str, Any] = {"required": "is missing."}

    def text(**rest: Any) -> Text:
        return Text(error_messages=required | {"null": "is empty."}, **rest)

    def listing(inner: Any, **rest: Any) -> Any:
        return fields.List(inner, error_messages={"invalid": "should be a list: [one, another]."}, **rest)

    def group(schema: type[Schema], **rest: Any) -> Any:
        return fields.Nested(
            schema(), error_messages=required | {"type": "should be a group of settings.", "null": "is empty."}, **rest
        )

    class SeamSchema(Strict):
        api_key = text(required=True)
        endpoint = Url(load_default="https://connect.getseam.com")
        webhook_secret = text(load_default=None)

    def named(inner: Any) -> Any:
        return fields.Dict(
            keys=fields.String(),
            values=inner,
            validate=validate.Length(min=1, error="should name at least one."),
            error_messages=required | {"invalid": "should be a group of settings."},
        )

    class TextOrTexts(Text):
        """A text, or a group of named texts."""

        def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
            if not isinstance(value, dict):
                return super()._deserialize(value, attr, data, **kwargs)
            return named(text()).deserialize(value, attr, data, **kwargs)

    def is_time_zone(value: str) -> None:
        if zone(value) is None:
            raise ValidationError("should be an IANA time zone, such as Europe/Vienna.")

    def vendor_field(setting: Setting) -> Any:
        """The field of one setting that a connector declares."""
        made: Any
        match setting.kind:
            case "url":
                made = Url(error_messages=required)
            case "number":
                made = Number()
            case "flag":
                made = fields.Boolean(
                    truthy={True}, falsy={False}, error_messages={"invalid": "should be true or false."}
                )
            case "duration":
                made = Duration()
            case "clock":
                made = ClockTime()
            case "time_zone":
                made = text(validate=is_time_zone)
            case "texts":
                made = named(text(validate=choice(*setting.choices)) if setting.choices else text())
            case "texts_by_name":
                made = named(TextOrTexts())
            case "words":
                made = listing(text())
            case "urls":
                made = named(ExactUrl())
            case "urls_by_name":
                made = named(ExactUrls())
            case _:
                made = text(validate=choice(*setting.choices)) if setting.choices else text()
        made.required = setting.required
        if not setting.required:
            made.load_default = setting.default
            made.allow_none = setting.default is None
        return made

    def vendor_schema(kind: type[Connector]) -> type[Schema]:
        return Strict.from_dict({setting.name: vendor_field(setting) for setting in kind.SETTINGS})

    class SchedulesSchema(Strict):
        incremental = span()
        full = span()
        night_audit = ClockTime()
        arrival_check = ClockTime()
        retry = span()

    a_port = validate.Range(0, 65535, error="should be a port, from 0 to 65535.")

    class ServeSchema(Strict):
        host = text(load_default="127.0.0.1")
        port = Number(load_default=8080, validate=a_port)
        public_url = Url(load_default=None)
        proxies = Number(load_default=0, validate=validate.Range(0, 5, error="should be from 0 to 5."))

    class KeepSchema(Strict):
        outcomes = Duration()
        runs = Duration()
        quiet_runs = Duration()
        audit_log = Duration()

    class EmailSchema(Strict):
        host = text(required=True)
        port = Number(load_default=587, validate=a_port)
        user = text(load_default=None)
        password = text(load_default=None)
        security = text(load_default="starttls", validate=choice("starttls", "tls", "none"))
        sender = text(required=True, data_key="from")
        to = listing(text(), required=True, validate=validate.Length(min=1, error="should name at least one address."))

    def webhook_secret(value: str) -> None:
        import base64
        import binascii

        try:
            good = len(base64.b64decode(value.removeprefix("whsec_"), validate=True)) >= 24
        except (binascii.Error, ValueError):
            good = False
        if not good:
            raise ValidationError('should be "whsec_" and at least 24 random bytes in base64 (Standard Webhooks).')

    class AlertWebhookSchema(Strict):
        url = Url(required=True, error_messages=required)
        secret = text(required=True, validate=webhook_secret)

    class AlertsSchema(Strict):
        email = group(EmailSchema, load_default=None)
        webhook = group(AlertWebhookSchema, load_default=None)

    class ConnectionFields(Strict):
        connector = text(required=True, validate=choice(*CONNECTORS))
        webhook_token = text(load_default=None)
        key_prefix = Text(load_default="", metadata={"may_be_empty": True})
        policy = text(load_default=None)
        schedules = group(SchedulesSchema, load_default=dict)

        @validates_schema(skip_on_field_errors=False)
        def has_its_own_block(self, data: dict[str, Any], **kwargs: Any) -> None:
            """Exactly the block that is named after the connector."""
            connector = data.get("connector")
            if connector is None:
                return
            if connector not in data:
                raise ValidationError({connector: ["is missing."]})
            for other in CONNECTORS:
                if other != connector and other in data:
                    raise ValidationError({other: [f"does not belong here: the connector is {connector}."]})

    ConnectionSchema = ConnectionFields.from_dict(
        {name: group(vendor_schema(kind)) for name, kind in CONNECTORS.items()}, name="ConnectionSchema"
    )

    class CommonAreaSchema(Strict):
        key = text(required=True)
        name = text(required=True)

    class MaxRevocationsSchema(Strict):
        count = Number(load_default=10, validate=validate.Range(min=0, error="should not be negative."))
        percent = Number(load_default=20, validate=validate.Range(0, 100, error="should be from 0 to 100."))
        small_house = Number(load_default=None, validate=validate.Range(0, 100, error="should be from 0 to 100."))

    class PolicySchema(Strict):
        preset = text(load_default="hotel", validate=choice(*PRESETS))
        check_in = ClockTime()
        check_out = ClockTime()
        time_zone = text(validate=is_time_zone)
        guests = text(validate=choice("primary", "everyone"))
        children = fields.Boolean(
            truthy={True}, falsy={False}, error_messages=required | {"invalid": "should be true or false."}
        )
        access_methods = listing(
            text(validate=choice(*ACCESS_METHODS)),
            validate=validate.Length(min=1, error="should name at least one way to open a door."),
        )
        instant_key_max_use_count = Number(validate=validate.Range(1, 100, error="should be from 1 to 100."))
        provision_ahead = Duration()
        early = Duration()
        late = Duration()
        replace_wait = Duration()
        unassigned_alert = Duration()
        room_types = listing(text(), validate=validate.Length(min=1, error="should name at least one type."))
        common_areas = listing(group(CommonAreaSchema))
        max_revocations = group(MaxRevocationsSchema)
        orphan_spaces = text(validate=choice("report", "delete"))
        retain_grants = Duration()
        retain_guests = Duration()
        horizon = Duration()
        write_back = text(validate=choice("token", "note", "off"))
        pin = text(validate=choice("keep", "phone_last_4", "random"))

    class SettingsSchema(Strict):
        database = Text(load_default="sqlite:///nightporter.db")
        seam = group(SeamSchema, required=True)
        serve = group(ServeSchema, load_default=lambda: ServeSchema().load({}))
        alerts = group(AlertsSchema, load_default=lambda: AlertsSchema().load({}))
        keep = group(KeepSchema, load_default=dict)
        connections = fields.Dict(
            keys=fields.String(),
            values=group(ConnectionSchema),
            required=True,
            validate=validate.Length(min=1, error="should have at least one connection."),
            error_messages=required | {"invalid": "should be a group of named connections."},
        )
        policies = fields.Dict(
            keys=fields.String(),
            values=group(PolicySchema),
            load_default=dict,
            error_messages={"invalid": "should be a group of named policies."},
        )

    return SettingsSchema()


# --- building ---------------------------------------------------------------------------------------------------------


def _build(checked: dict[str, Any]) -> Settings:
    from connectors.table import CONNECTORS

    policies = PRESETS | {name: _policy(one) for name, one in checked["policies"].items()}
    return Settings(
        database=checked["database"],
        seam=SeamSettings(**checked["seam"]),
        connections={
            name: ConnectionSettings(
                name=name,
                connector=one["connector"],
                vendor=one[one["connector"]],
                policy=policies[one["policy"] or CONNECTORS[one["connector"]].PRESET],
                key_prefix=one["key_prefix"],
                webhook_token=one["webhook_token"],
                schedules=Timetable(**one["schedules"]),
            )
            for name, one in checked["connections"].items()
        },
        policies=policies,
        serve=ServeSettings(**checked["serve"]),
        alerts=_alerts(checked["alerts"]),
        keep=Keep(**checked["keep"]),
    )


def _alerts(checked: dict[str, Any]) -> AlertSettings:
    email, webhook = checked["email"], checked["webhook"]
    return AlertSettings(
        EmailSettings(**(email | {"to": tuple(email["to"])})) if email else None,
        AlertWebhookSettings(**webhook) if webhook else None,
    )


def _policy(checked: dict[str, Any]) -> Policy:
    built = dict(checked)
    preset = PRESETS[built.pop("preset")]
    for name in ("access_methods", "room_types"):
        if name in built:
            built[name] = tuple(built[name])
    if "common_areas" in built:
        built["common_areas"] = tuple(CommonArea(**area) for area in built["common_areas"])
    if "max_revocations" in built:
        built["max_revocations"] = MaxRevocations(**built["max_revocations"])
    return replace(preset, **built)
