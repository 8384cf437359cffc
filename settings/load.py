"""The settings file becomes frozen settings, or one clear line for everything that is wrong."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from connectors.table import CONNECTORS
from mappers.policy import PRESETS, Policy
from mappers.sentences import message, of_setting, say
from settings.declared import ConnectionSettings, SeamSettings, Settings, WorkspaceSettings
from settings.prefixes import Prefixes
from settings.reading import ENVIRONMENT, FromEnvironment, SettingsError, read_document, with_environment
from settings.schema import one_connection, one_policy, one_workspace, settings_schema

_SQLITE = "sqlite:///"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_NAME_RULE = {
    "connection": message("a connection's name begins with a letter and has only a-z, 0-9, - and _, at most {most}."),
    "policy": message("a policy's name begins with a letter and has only a-z, 0-9, - and _, at most {most}."),
    "workspace": message("a workspace's name begins with a letter and has only a-z, 0-9, - and _, at most {most}."),
}
LONGEST_NAME = 64
"""Characters of a connection's or a policy's name: the database has no more room."""


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


def connection_settings(
    name: str, document: Mapping[str, Any], file: Settings, policies: Mapping[str, Policy]
) -> ConnectionSettings:
    """A connection that is not in the file, by the rules of the file: `document` is its block, with its secrets.
    `policies`: those of the file and others.

    Raises `SettingsError` with everything that is wrong at once.
    """
    path = f"connections.{name}"
    problems: list[str] = []
    checked: dict[str, Any] = {}
    try:
        checked = one_connection().load(_as_from_environment(document))
    except ValidationError as problem:
        problems += [of_setting(where, words) for where, words in _lines(problem.messages, path)]
    problems += _check_name(name)
    problems += _check_policy_name(path, document, policies)
    problems += _check_workspace(path, document, file.seam.all())
    if checked:
        _check_connection(name, checked, policies, problems)
        problems += _check_paths(path, document, file.folder_of_connections)
    if problems:
        raise SettingsError(list(dict.fromkeys(problems)))
    found = _connection(name, checked, policies, file.seam)
    found = _from_its_folder(found, Path(file.folder_of_connections or file.folder))
    return replace(found, private_addresses=file.private_addresses)


def _check_paths(where: str, document: Mapping[str, Any], allowed: str | None) -> list[str]:
    """Whoever makes such a connection need not be the owner of the server: no file is read or written that is none of
    hers."""
    connector = str(document.get("connector"))
    given = document.get(connector)
    if not isinstance(given, Mapping):
        return []
    problems: list[str] = []
    for setting in CONNECTORS[connector].SETTINGS:
        if setting.kind != "path" or not isinstance(value := given.get(setting.name), str):
            continue
        path = f"{where}.{connector}.{setting.name}"
        if allowed is None:
            words = say(
                "a connection in the database may name no path: the owner of this server says in which folder it may, "
                "by folder_of_connections in the settings file."
            )
            problems.append(of_setting(path, words))
        elif not (Path(allowed) / value).resolve().is_relative_to(Path(allowed).resolve()):
            problems.append(of_setting(path, say("it leads out of the folder that folder_of_connections names.")))
    return problems


def policy_settings(name: str, document: Mapping[str, Any]) -> Policy:
    """A policy that is not in the file, by the rules of the file. Raises `SettingsError`."""
    problems = _check_name(name, "policies", "policy")
    try:
        policy: Policy = one_policy().load(_as_from_environment(document))
        _check_policy(f"policies.{name}", policy, problems)
    except ValidationError as problem:
        problems += [of_setting(where, words) for where, words in _lines(problem.messages, f"policies.{name}")]
    if problems:
        raise SettingsError(problems)
    return policy


def workspace_settings(name: str, document: Mapping[str, Any]) -> WorkspaceSettings:
    """A Seam workspace that is not in the file, by the rules of the file. Raises `SettingsError`."""
    problems = _check_name(name, "seam.workspaces", "workspace")
    try:
        workspace: WorkspaceSettings = one_workspace().load(_as_from_environment(document))
    except ValidationError as problem:
        problems += [of_setting(where, words) for where, words in _lines(problem.messages, f"seam.workspaces.{name}")]
    if problems:
        raise SettingsError(problems)
    return workspace


def _as_from_environment(value: Any) -> Any:
    """Text that was typed, or comes from the database, may stand where a number or a yes is wanted."""
    if isinstance(value, Mapping):
        return {name: _as_from_environment(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_from_environment(one) for one in value]
    return FromEnvironment(value) if isinstance(value, str) else value


def _from_its_folder(connection: ConnectionSettings, folder: Path) -> ConnectionSettings:
    paths = [setting.name for setting in CONNECTORS[connection.connector].SETTINGS if setting.kind == "path"]
    counted = {path: str(folder / connection.vendor[path]) for path in paths if connection.vendor[path] is not None}
    return replace(connection, vendor={**connection.vendor, **counted})


def _beside(settings: Settings, file: str | Path) -> Settings:
    """With every path (of a SQLite file, of a connector's folder and memory) counted from where the settings file is,
    wherever a command is given."""
    folder = Path(file).absolute().parent
    connections = {name: _from_its_folder(one, folder) for name, one in settings.connections.items()}
    own = settings.folder_of_connections
    own = str(folder / own) if own is not None else None
    settings = replace(settings, connections=connections, folder=folder, folder_of_connections=own)
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
                problems.append(of_setting(path, words))
        checked = {}
    _check_together(document, problems)
    _check_engine(checked, problems)
    _check_sign_in(checked, problems)
    seam = document.get("seam")
    if isinstance(seam, dict) and seam.get("api_key") is None and not seam.get("workspaces"):
        problems.append(of_setting("seam.api_key", say("is missing.")))
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
            yield path, one if isinstance(one, str) else str(one)
    else:
        yield path, messages if isinstance(messages, str) else str(messages)


def _check_connection(
    name: str, connection: dict[str, Any], policies: Mapping[str, Policy], problems: list[str]
) -> None:
    kind = CONNECTORS[connection["connector"]]
    trouble = kind.check_settings(connection[connection["connector"]])
    if trouble is not None:
        problems.append(of_setting(f"connections.{name}.{connection['connector']}", trouble))
    chosen = connection.get("policy") or kind.PRESET
    told = kind.TELLS_TIME_ZONE or connection[connection["connector"]].get("time_zone")
    if not told and chosen in policies and policies[chosen].time_zone is None:
        words = say(
            "is missing: the PMS of connection {name} tells no time zone, so the policy names it, such as "
            "America/New_York.",
            name=name,
        )
        problems.append(of_setting(f"policies.{chosen}.time_zone", words))


def _check_engine(checked: dict[str, Any], problems: list[str]) -> None:
    if checked.get("engine") != "procrastinate":
        return
    if not str(checked.get("database", "")).startswith("postgresql"):
        problems.append(
            "engine: procrastinate needs PostgreSQL: set database to postgresql://user:password@host/name, or leave "
            "engine out: then serve does the work itself."
        )
    elif find_spec("procrastinate") is None:
        problems.append("engine: procrastinate is not installed: pip install 'nightporter[postgresql]'.")


def _check_sign_in(checked: dict[str, Any], problems: list[str]) -> None:
    serve = checked.get("serve")
    if serve is None or serve.sign_in is None:
        return
    path = "serve.sign_in"
    if not serve.sign_in.roles:
        problems.append(f"{path}.roles: should name at least one value of the claim, or nobody could sign in by it.")
    if "openid" not in serve.sign_in.scopes:
        problems.append(f"{path}.scopes: should have openid among them.")
    for value, one in serve.sign_in.roles.items():
        if (one.organisation and one.connection) or (one.property and not one.connection):
            problems.append(
                f"{path}.roles.{value}: should name an organisation, or a connection, or a connection and a property "
                "of it; or none of them, for a role over everything."
            )


def _check_policy(path: str, policy: Policy, problems: list[str]) -> None:
    keys = [area.key for area in policy.common_areas]
    problems.extend(
        of_setting(f"{path}.common_areas", say("the key {key} stands twice.", key=key))
        for key in sorted(set(keys))
        if keys.count(key) > 1
    )
    if policy.horizon < policy.provision_ahead:
        words = say("should be at least provision_ahead, or bookings would be due before they are read.")
        problems.append(of_setting(f"{path}.horizon", words))


def _check_together(document: dict[str, Any], problems: list[str]) -> None:
    """What no single setting shows: names that must exist, keys that must not meet."""
    connections = document.get("connections")
    policies = document.get("policies", {})
    if not isinstance(connections, dict) or not isinstance(policies, dict):
        return
    workspaces = _workspaces(document.get("seam"))
    problems += [line for name in workspaces if name for line in _check_name(name, "seam.workspaces", "workspace")]
    prefixes = Prefixes()
    overlaps: list[str] = []
    for name, connection in connections.items():
        problems += _check_name(str(name))
        if not isinstance(connection, dict):
            continue
        problems += _check_policy_name(f"connections.{name}", connection, policies)
        problems += _check_workspace(f"connections.{name}", connection, workspaces)
        prefix, workspace = connection.get("key_prefix", ""), connection.get("workspace", "")
        if not isinstance(prefix, str) or not isinstance(workspace, str):
            continue
        overlap = prefixes.claim(str(name), prefix, workspace)
        if overlap is not None:
            overlaps.append(overlap)
    used = {str(connection.get("policy")) for connection in connections.values() if isinstance(connection, dict)}
    for name in policies:
        # A slip in a preset's name would otherwise leave its connections with the defaults.
        if name not in used and name not in PRESETS:
            problems.append(f"policies.{name}: no connection uses it: name it as the policy of one, or take it out.")
    problems += overlaps


def _workspaces(seam: Any) -> list[str]:
    """The names of the workspaces in the file; empty, of the one without a name."""
    if not isinstance(seam, dict):
        return []
    named = seam.get("workspaces")
    names = [str(name) for name in named] if isinstance(named, dict) else []
    return ["", *names] if "api_key" in seam or not names else names


def _check_workspace(path: str, connection: Mapping[str, Any], there: Collection[str]) -> list[str]:
    workspace = connection.get("workspace", "")
    if not isinstance(workspace, str) or workspace in there:
        return []
    names = ", ".join(name for name in there if name) or say("none but the one without a name")
    if not workspace:
        # Not even where there is only one: it would mean another one as soon as there are two.
        words = say("is missing: name the Seam workspace; there is {names}.", names=names)
    else:
        words = say("there is no Seam workspace {name}; there is {names}.", name=workspace, names=names)
    return [of_setting(f"{path}.workspace", words)]


def _check_name(name: str, group: str = "connections", what: str = "connection") -> list[str]:
    if _NAME.fullmatch(name) and len(name) <= LONGEST_NAME:
        return []
    return [of_setting(f"{group}.{name[:LONGEST_NAME]}", say(_NAME_RULE[what], most=LONGEST_NAME))]


def _check_policy_name(path: str, connection: Mapping[str, Any], policies: Mapping[str, Any]) -> list[str]:
    policy = connection.get("policy")
    if not isinstance(policy, str) or policy in policies or policy in PRESETS:
        return []
    there = ", ".join(map(str, policies)) or say("none but the defaults, hotel and lease")
    words = say("there is no policy {policy}; there is {there}.", policy=policy, there=there)
    return [of_setting(f"{path}.policy", words)]


def _build(checked: dict[str, Any]) -> Settings:
    policies = PRESETS | checked.pop("policies", {})
    seam = checked["seam"]
    connections = {name: _connection(name, one, policies, seam) for name, one in checked.pop("connections").items()}
    return Settings(connections=connections, policies=policies, **checked)


def _connection(
    name: str, checked: dict[str, Any], policies: Mapping[str, Policy], seam: SeamSettings
) -> ConnectionSettings:
    connector = checked.pop("connector")
    policy = checked.pop("policy", None) or CONNECTORS[connector].PRESET
    workspace = seam.all()[checked.get("workspace", "")]
    return ConnectionSettings(
        name=name,
        connector=connector,
        vendor=checked.pop(connector),
        policy=policies[policy],
        policy_name=policy,
        seal_key=workspace.api_key,
        **checked,
    )
