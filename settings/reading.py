"""The settings file as text: YAML in which no key stands twice, and `env:NAME` for whatever is in the environment."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ENVIRONMENT = "NIGHTPORTER_CONFIG"
_OPTIONAL_SECRETS = ("webhook_secret", "webhook_token")
"""Only a service that receives webhooks needs these: a sync runs without, so an unset variable is no error."""
_DEEPEST = 20


class SettingsError(Exception):
    """The settings cannot be used. `problems`: one line each, beginning with the path of the setting."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


class FromEnvironment(str):
    """A value from the environment: always text, so it may also stand where a number is wanted."""


class Unset:
    """Stands where a variable is missing, so that nothing else is said of the same place."""


def read_document(path: str | Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    """The file that is named, or else that NIGHTPORTER_CONFIG names, as it stands. Raises `SettingsError`."""
    chosen = path or environ.get(ENVIRONMENT)
    if not chosen:
        raise SettingsError([f"No settings file: give one with --config FILE, or name it in {ENVIRONMENT}."])
    try:
        text = Path(chosen).read_text(encoding="utf-8")
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or "it is not UTF-8 text"
        raise SettingsError([f"{chosen}: the settings file cannot be read ({reason})."]) from None
    try:
        document = yaml.load(text, _loader(chosen))  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        raise SettingsError([f"{chosen}: {where}this is not YAML ({getattr(problem, 'problem', problem)})."]) from None
    except (TypeError, ValueError, RecursionError):
        raise SettingsError([f"{chosen}: this is not YAML that can be read."]) from None
    if not isinstance(document, dict):
        raise SettingsError([f"{chosen}: the file should hold settings (`database: ...`), and does not."])
    return document


def _loader(chosen: str | Path) -> type[yaml.SafeLoader]:
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
    return Loader


def with_environment(
    value: Any, environ: Mapping[str, str], problems: list[str], path: str = "", depth: int = 0
) -> Any:
    """`env:NAME` becomes the variable's value, anywhere; what is not set is added to `problems`."""
    if depth > _DEEPEST:
        # An alias of YAML that contains itself, too.
        raise SettingsError([f"{path}: is nested too deeply."])
    if isinstance(value, dict):
        resolved = {}
        for key, one in value.items():
            below = f"{path}.{key}" if path else str(key)
            if key in _OPTIONAL_SECRETS and isinstance(one, str) and one.startswith("env:") and one[4:] not in environ:
                continue
            resolved[key] = with_environment(one, environ, problems, below, depth + 1)
        return resolved
    if isinstance(value, list):
        return [
            with_environment(one, environ, problems, f"{path}.{place}", depth + 1) for place, one in enumerate(value)
        ]
    if isinstance(value, str) and value.startswith("env:"):
        name = value.removeprefix("env:")
        found = environ.get(name, "")
        if not found:
            problems.append(f"{path}: the environment variable {name or '(none named)'} is not set.")
            return Unset()
        return FromEnvironment(found)
    return value
