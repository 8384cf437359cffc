"""How a dataclass of ours becomes the schema of an answer, and how it is said in JSON."""

from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from operator import attrgetter
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

from marshmallow import Schema, fields

_FIELDS: dict[Any, type[fields.Field[Any]]] = {
    str: fields.String,
    int: fields.Integer,
    bool: fields.Boolean,
    datetime: fields.AwareDateTime,
    date: fields.Date,
    float: fields.Float,
}
ANSWERS: dict[Any, type[Schema]] = {}
"""What stands for a dataclass within another's answer."""


class Answer(Schema):
    """What is said of objects of ours, whose types are known: field by field as marshmallow says it, without what it
    finds out of each value anew, which was half of the time of a long answer."""

    @cached_property
    def _said(self) -> list[tuple[str, Callable[[Any], Any], Callable[[Any], Any] | None]]:
        """The name of each field, what takes it from an object, and what is made of it; None: it is said as it is."""
        return [(name, attrgetter(of.attribute or name), _as_said(of)) for name, of in self.dump_fields.items()]

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        if self.many if many is None else many:
            return [self._dump(one) for one in obj]
        return self._dump(obj)

    def _dump(self, of: Any) -> Any:
        try:
            return {
                name: value if (value := take(of)) is None or said is None else said(value)
                for name, take, said in self._said
            }
        except AttributeError:
            # It has not all of them, or is none of ours.
            return super().dump(of, many=False)


def _as_said(field: fields.Field[Any]) -> Callable[[Any], Any] | None:
    """How a value of this field, that there is, is said in JSON."""
    kind = type(field)
    if kind is fields.List:
        inner = _as_said(field.inner)  # type: ignore[attr-defined]
        if inner is None:
            return list
        return lambda several: [None if one is None else inner(one) for one in several]
    if kind is fields.Nested:
        return field.schema.dump  # type: ignore[attr-defined, no-any-return]
    if kind in (fields.AwareDateTime, fields.Date):
        return lambda at: at.isoformat()
    if kind is fields.Boolean:
        return None
    plain = {fields.String: str, fields.Integer: int, fields.Float: float}
    return plain.get(kind) or (lambda value: field._serialize(value, None, None))


def answer_of(
    declared: type[Any], names: str, name: str, also: Mapping[str, Any] | None = None, **said: str
) -> type[Schema]:
    """The schema of an answer: these fields (or properties) of a dataclass, by its types; None is null.

    `also`: fields that the dataclass has not so; `said`: what the document says of a field.
    """
    return Answer.from_dict(fields_of(declared, names, **said) | dict(also or {}), name=f"{name}Schema")


def fields_of(declared: type[Any], names: str, within: str = "", **said: str) -> dict[str, Any]:
    """`within`: the attribute of the answer that holds the dataclass."""
    hints = get_type_hints(declared)
    made = {}
    for one in names.split():
        hint = hints[one] if one in hints else get_type_hints(getattr(declared, one).fget)["return"]
        rest: dict[str, Any] = {"metadata": {"description": said[one]}} if one in said else {}
        if within:
            rest["attribute"] = f"{within}.{one}"
        made[one] = _field(hint, rest)
    return made


def _field(hint: Any, rest: dict[str, Any]) -> Any:
    if get_origin(hint) in (Union, UnionType):
        (hint,) = (one for one in get_args(hint) if one is not type(None))
        rest["allow_none"] = True
    else:
        rest["required"] = True
    if get_origin(hint) is list:
        inner = get_args(hint)[0]
        return fields.List(fields.Nested(ANSWERS[inner]) if is_dataclass(inner) else _FIELDS[inner](), **rest)
    if get_origin(hint) is dict:
        return _dictionary(hint, rest)
    if is_dataclass(hint):
        return fields.Nested(ANSWERS[hint], **rest)
    return _FIELDS[str if issubclass(hint, Enum) else hint](**rest)


def _dictionary(hint: Any, rest: dict[str, Any]) -> Any:
    value = get_args(hint)[1]
    if value is Any:
        return fields.Dict(**rest)
    inner = _dictionary(value, {}) if get_origin(value) is dict else _FIELDS[value]()
    return fields.Dict(keys=fields.String(), values=inner, **rest)
