"""Documents of connections: as the settings file would have them, with and without their secrets."""

from collections.abc import Iterable, Mapping
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from connectors.connector import SECRET_KINDS
from connectors.table import CONNECTORS

MERGED = ("schedules", "max_revocations", "spare_codes")
"""Groups in which a change says only what is new; a connector's own block is one as well."""


def secret_paths(connector: str) -> list[str]:
    """Where a connector's connection has secrets, such as its token; the webhooks' token last."""
    kind = CONNECTORS.get(connector)
    own = [f"{connector}.{one.name}" for one in kind.SETTINGS if one.kind in SECRET_KINDS] if kind is not None else []
    return [*own, "webhook_token"]


def split(document: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A connection's block without its secrets, and these by their paths."""
    shown, secrets = {name: dict(one) if isinstance(one, Mapping) else one for name, one in document.items()}, {}
    for path in secret_paths(str(document.get("connector"))):
        group, _, setting = path.rpartition(".")
        place = shown.get(group) if group else shown
        if isinstance(place, dict) and (value := place.pop(setting, None)) is not None:
            secrets[path] = value
    return shown, secrets


def merged(document: Mapping[str, Any], changes: Mapping[str, Any], connector: str = "") -> dict[str, Any]:
    """The document with the changes: groups are merged, everything else replaced, None taken away."""
    found = dict(document)
    for name, value in changes.items():
        if value is None:
            found.pop(name, None)
        elif name in (*MERGED, connector) and isinstance(value, Mapping) and isinstance(found.get(name), Mapping):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


def whole(settings: Mapping[str, Any], secrets: Mapping[str, Any]) -> dict[str, Any]:
    """The reverse of `split`."""
    document = {name: dict(one) if isinstance(one, Mapping) else one for name, one in settings.items()}
    for path, value in secrets.items():
        group, _, setting = path.rpartition(".")
        (document.setdefault(group, {}) if group else document)[setting] = value
    return document


def leaves(value: Any, path: str = "") -> Iterable[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for name, below in value.items():
            yield from leaves(below, f"{path}.{name}" if path else str(name))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from leaves(below, f"{path}.{place}")
    else:
        yield path, value


def paths_of(changes: Mapping[str, Any]) -> set[str]:
    return {path for path, _ in leaves(changes)}


def as_json(value: Any) -> Any:
    """As JSON keeps it: YAML knows more kinds of values, and text from the environment is plain text."""
    if isinstance(value, Mapping):
        return {str(name): as_json(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(one) for one in value]
    return value if value is None or isinstance(value, bool | int | float) else str(value)


_UNITS = ((timedelta(days=1), "d"), (timedelta(hours=1), "h"), (timedelta(minutes=1), "m"), (timedelta(seconds=1), "s"))


def plain(value: Any) -> Any:
    """What was read, as the settings file would have it."""
    if isinstance(value, timedelta):
        unit, letter = next((one for one in _UNITS if value and not value % one[0]), _UNITS[-1])
        return f"{value // unit}{letter}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        names = (name for name in value.__dataclass_fields__ if name != "person")
        return {name: plain(found) for name in names if (found := getattr(value, name)) is not None}
    return str(value) if isinstance(value, Path) else value
