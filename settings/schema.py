"""The schema of the settings file, made of the declarations: no name, type or default is written here again."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import Field, fields, is_dataclass, replace
from datetime import time, timedelta
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from marshmallow import Schema, ValidationError, post_load, validates_schema
from marshmallow import fields as marshmallow_fields

from connectors.connector import Connector, Setting
from connectors.table import CONNECTORS
from mappers.policy import PRESETS, Policy
from mappers.sentences import say
from settings.declared import ConnectionSettings, Settings, WorkspaceSettings
from settings.kinds import KINDS, MISSING, Choice, Kind, Listing, Named, Text, words, wrong

_WRONG: dict[str, str] = {
    "type": say("should be a group of settings."),
    "unknown": say("there is no such setting: check the spelling, config.example.yaml has them all."),
}
_NAMES_TOLD = 3
_KIND_OF_TYPE = {str: "text", int: "number", Decimal: "price", bool: "flag", timedelta: "duration", time: "clock"}


class _Strict(Schema):
    """Refuses what nobody has declared."""

    error_messages = _WRONG


class _Group(marshmallow_fields.Nested):
    def __init__(self, schema: Schema, **rest: Any):
        names = ", ".join(f"{one}: ..." for one in list(schema.fields)[:_NAMES_TOLD])
        schema.error_messages["type"] = say("should be a group of settings: {names}.", names=f"{{{names}}}")
        super().__init__(schema, error_messages=MISSING, **rest)

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return wrong(str(self.error_messages[key]), **kwargs)


class _GroupOrWord(_Group):
    """A group, or the word alone that is one of its settings."""

    def __init__(self, schema: Schema, alone: str, **rest: Any):
        super().__init__(schema, **rest)
        self.alone = alone

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        return super().deserialize({self.alone: value} if isinstance(value, str) else value, *args, **kwargs)


def schema_of(
    declared: type[Any],
    without: tuple[str, ...] = (),
    also: Mapping[str, Any] | None = None,
    make: Callable[[dict[str, Any]], Any] | None = None,
    complete: bool = True,
) -> Schema:
    """The schema of a dataclass. `make` builds what is loaded (the dataclass itself where it is not given); not
    `complete`: nothing is required, and nothing may be empty."""
    hints = get_type_hints(declared, include_extras=True)
    made: dict[str, Any] = {
        one.metadata.get("written", one.name): _field(hints[one.name], one, complete)
        for one in fields(declared)
        if one.name not in without
    }
    build = make or (lambda data: declared(**data))

    class Built(_Strict):
        @post_load
        def built(self, data: dict[str, Any], **kwargs: Any) -> Any:
            return build(data)

    return Built.from_dict(made | dict(also or {}), name=declared.__name__)()


def _field(hint: Any, of: "Field[Any]", complete: bool) -> Any:
    required = complete and of.default is NO_DEFAULT and of.default_factory is NO_DEFAULT
    rest: dict[str, Any] = {"required": required}
    if "written" in of.metadata:
        rest["attribute"] = of.name
    base, extras = (get_args(hint)[0], get_args(hint)[1:]) if get_origin(hint) is Annotated else (hint, ())
    if get_origin(base) in (Union, UnionType):
        (base,) = (one for one in get_args(base) if one is not type(None))
        rest["allow_none"] = complete
    return _field_of_type(base, extras, rest)


def _field_of_type(base: Any, extras: tuple[Any, ...], rest: dict[str, Any]) -> Any:
    if is_dataclass(base):
        assert isinstance(base, type)
        return _Group(schema_of(base), **rest)
    if get_origin(base) is Literal:
        return Choice(*get_args(base), **rest)
    if get_origin(base) is Mapping:
        member: type[Any] = get_args(base)[1]
        inner = _field_of_type(member, (), {}) if get_origin(member) is tuple else _member(member)
        return Named(inner, at_least_one=False, **rest)
    if get_origin(base) is tuple:
        inner, *of_each = [get_args(base)[0]]
        if get_origin(inner) is Annotated:
            inner, *of_each = get_args(inner)
        return Listing(_field_of_type(inner, tuple(of_each), {}), at_least_one=not is_dataclass(inner), **rest)
    for extra in extras:
        if isinstance(extra, str):
            return KINDS[extra](**rest)
        rest |= {"allowed": extra} if isinstance(extra, range) else {"least": extra}
    return KINDS[_KIND_OF_TYPE[base]](**rest)


def _member(declared: type[Any]) -> _Group:
    """Of a group whose names are free to choose."""
    for one in fields(declared):
        if "alone" in one.metadata:
            return _GroupOrWord(schema_of(declared), one.name)
    return _Group(schema_of(declared))


def _policy(data: dict[str, Any]) -> Policy:
    return replace(PRESETS[data.pop("preset", "hotel")], **data)


class _Connection(_Strict):
    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def has_its_own_block(self, data: dict[str, Any], original: Mapping[str, Any], **kwargs: Any) -> None:
        """Exactly the block that is named after the connector. One that is there and wrong is only in `original`: what
        is wrong with it is told already."""
        connector = data.get("connector")
        if connector is None:
            return
        if connector not in data and connector not in original:
            raise ValidationError({connector: [say("is missing.")]})
        for other in CONNECTORS:
            if other != connector and other in data:
                words = say("does not belong here: the connector is {connector}.", connector=connector)
                raise ValidationError({other: [words]})


def _connection_schema() -> Schema:
    declared = schema_of(
        ConnectionSettings,
        without=("name", "connector", "vendor", "policy", "policy_name", "private_addresses", "seal_key"),
        make=dict,
    ).fields
    blocks = {name: _Group(_vendor_schema(kind)) for name, kind in CONNECTORS.items()}
    own = {"connector": Choice(*CONNECTORS, required=True), "policy": Text(allow_none=True)}
    return _Connection.from_dict({**own, **declared, **blocks}, name="Connection")()


def _vendor_schema(kind: type[Connector]) -> Schema:
    return _Strict.from_dict({setting.name: _vendor_field(setting) for setting in kind.SETTINGS})()


def _vendor_field(setting: Setting) -> Kind:
    """The field of one setting that a connector declares."""
    rest: dict[str, Any] = {"required": setting.required}
    if not setting.required:
        rest |= {"load_default": setting.default, "allow_none": setting.default is None}
    if setting.choices:
        return Named(words(setting.choices), **rest) if setting.kind == "texts" else words(setting.choices, **rest)
    return KINDS[setting.kind](**rest)


@cache
def settings_schema() -> Schema:
    """Of the whole file: loads a dictionary like `Settings`, in which a connection is still a dictionary, and the
    policies are those of the file alone."""
    return schema_of(
        Settings,
        without=("connections", "policies", "folder"),
        also={
            # None: they may all be in the database.
            "connections": Named(_Group(_connection_schema()), at_least_one=False, load_default=dict),
            "policies": Named(_Group(_policy_schema()), at_least_one=False),
        },
        make=dict,
    )


def _policy_schema() -> Schema:
    return schema_of(Policy, without=("person",), also={"preset": Choice(*PRESETS)}, make=_policy, complete=False)


@cache
def one_connection() -> Schema:
    """Of one connection's block: loads a dictionary."""
    return _connection_schema()


@cache
def one_workspace() -> Schema:
    """Of one Seam workspace's block: loads `WorkspaceSettings`."""
    return schema_of(WorkspaceSettings)


@cache
def one_policy() -> Schema:
    """Of one policy's block: loads a `Policy`."""
    return _policy_schema()
