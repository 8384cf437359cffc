"""The settings file becomes frozen settings, or one clear line for everything that is wrong."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from connectors.table import CONNECTORS
from mappers.keys import can_meet
from mappers.policy import PRESETS, Policy
from settings.declared import ConnectionSettings, Settings
from settings.reading import ENVIRONMENT, SettingsError, read_document, with_environment
from settings.schema import settings_schema

_SQLITE = "sqlite:///"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def load_settings(path: str | Path | None, environ: Mapping[str, str]) -> Settings:
    """Reads and checks the settings file: `path`, or the one that NIGHTPORTER_CONFIG names.

    Raises `SettingsError` with everything that is wrong at once; a secret's value is never part of it.
    """
    problems: list[str] = []
    document = with_environment(read_document(path, environ), environ, problems)
    checked = _check(document, problems)
    if problems:
        # A value that could not be resolved is complained about once, as missing.
        raise SettingsError(list(dict.fromkeys(problems)))
    return _beside(_build(checked), path or environ.get(ENVIRONMENT, "."))


def _beside(settings: Settings, file: str | Path) -> Settings:
    """With every path (of a SQLite file, of a connector's folder and memory) counted from where the settings file is,
    wherever a command is given."""
    folder = Path(file).absolute().parent
    connections = {}
    for name, one in settings.connections.items():
        paths = [setting.name for setting in CONNECTORS[one.connector].SETTINGS if setting.kind == "path"]
        counted = {path: str(folder / one.vendor[path]) for path in paths if one.vendor[path] is not None}
        connections[name] = replace(one, vendor={**one.vendor, **counted})
    settings = replace(settings, connections=connections)
    database = settings.database.removeprefix(_SQLITE)
    if database == settings.database or not database or database.startswith(("/", ":", "file:", "?")):
        return settings
    return replace(settings, database=f"{_SQLITE}{folder / database}")


def _check(document: dict[str, Any], problems: list[str]) -> dict[str, Any]:
    try:
        checked: dict[str, Any] = settings_schema().load(document)
    except ValidationError as problem:
        unset = [line.split(":", 1)[0] for line in problems]
        for path, words in _lines(problem.messages, ""):
            if not any(one == path or (one.startswith(f"{path}.") and words == "is not set.") for one in unset):
                problems.append(f"{path}: {words}")
        checked = {}
    _check_together(document, problems)
    policies = checked.get("policies", {})
    for name, policy in policies.items():
        _check_policy(f"policies.{name}", policy, problems)
    for name, connection in checked.get("connections", {}).items():
        _check_connection(name, connection, PRESETS | policies, problems)
    return checked


def _lines(messages: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(messages, dict):
        for name, below in messages.items():
            # What marshmallow says of a whole group.
            own = path if name == "_schema" else f"{path}.{name}" if path else str(name)
            yield from _lines(below, own)
    elif isinstance(messages, list):
        for one in messages:
            yield path, str(one)
    else:
        yield path, str(messages)


def _check_connection(
    name: str, connection: dict[str, Any], policies: Mapping[str, Policy], problems: list[str]
) -> None:
    kind = CONNECTORS[connection["connector"]]
    trouble = kind.check_settings(connection[connection["connector"]])
    if trouble is not None:
        problems.append(f"connections.{name}.{connection['connector']}: {trouble}")
    chosen = connection.get("policy") or kind.PRESET
    told = kind.TELLS_TIME_ZONE or connection[connection["connector"]].get("time_zone")
    if not told and chosen in policies and policies[chosen].time_zone is None:
        problems.append(
            f"policies.{chosen}.time_zone: is missing: the PMS of connection {name} tells no time zone, so the policy "
            "names it, such as America/New_York."
        )


def _check_policy(path: str, policy: Policy, problems: list[str]) -> None:
    keys = [area.key for area in policy.common_areas]
    problems.extend(
        f"{path}.common_areas: the key {key} stands twice." for key in sorted(set(keys)) if keys.count(key) > 1
    )
    if policy.horizon < policy.provision_ahead:
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
        if not _NAME.fullmatch(str(name)):
            problems.append(
                f"connections.{name}: a connection's name begins with a letter and has only a-z, 0-9, - and _."
            )
        if not isinstance(connection, dict):
            continue
        policy = connection.get("policy")
        if isinstance(policy, str) and policy not in policies and policy not in PRESETS:
            there = ", ".join(map(str, policies)) or "none but the defaults, hotel and lease"
            problems.append(f"connections.{name}.policy: there is no policy {policy}; there is {there}.")
        prefix = connection.get("key_prefix", "")
        if isinstance(prefix, str):
            prefixes.append((str(name), prefix))
    used = {str(connection.get("policy")) for connection in connections.values() if isinstance(connection, dict)}
    for name in policies:
        # A slip in a preset's name would otherwise leave its connections with the defaults.
        if name not in used and name not in PRESETS:
            problems.append(f"policies.{name}: no connection uses it: name it as the policy of one, or take it out.")
    for place, (name, prefix) in enumerate(prefixes):
        for other, others in prefixes[:place]:
            if can_meet(prefix, others):
                problems.append(
                    f"connections.{name}.key_prefix: {prefix!r} and {others!r} of connection {other} overlap: two PMS "
                    "accounts may use the same ids, so each needs a prefix of its own, such as "
                    f'"{name}/" and "{other}/".'
                )


def _build(checked: dict[str, Any]) -> Settings:
    policies = PRESETS | checked.pop("policies", {})
    connections = {
        name: ConnectionSettings(
            name=name,
            connector=(connector := one.pop("connector")),
            vendor=one.pop(connector),
            policy=policies[one.pop("policy", None) or CONNECTORS[connector].PRESET],
            seal_key=checked["seam"].api_key,
            **one,
        )
        for name, one in checked.pop("connections").items()
    }
    return Settings(connections=connections, policies=policies, **checked)
