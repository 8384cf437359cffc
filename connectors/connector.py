"""The recipe of a connector: which settings it needs, and how it is opened with them.

What it offers, `connectors.ports` says; the HTTP session that all of them use is in `connectors.session`.
"""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from connectors.ports import Pms
from connectors.session import Access

SECRET_KINDS = frozenset({"secret", "urls", "urls_by_name"})
"""Kinds of settings whose values nobody is shown: an address of a feed lets whoever has it read the calendar."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in a connection's block that is named after its connector."""

    name: str
    kind: str = "text"
    """`text`, `secret` (text that no `repr` shows), `url` (of a service: without a slash at its end), `number`, `flag`,
    `duration` (a timedelta), `clock` (a time of day), `time_zone` (an IANA name), `country` (two letters), `path`
    (counted from the settings file), `words` (a list of texts), `texts` (a group of named texts), `texts_by_name` (a
    group of named texts and of groups of them), `urls` (a group of named addresses, exactly as they are given, which
    are secrets), `urls_by_name` (the same, each name with one address or a list of them, read as a tuple)."""
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    """Of a text, or of each of several `texts`."""


class Connector(Pms):
    """One vendor's connector. A new vendor is one package and a line in `connectors.table`."""

    SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    """What a connection's own block holds: `<connector>: {...}`."""
    TELLS_TIME_ZONE: ClassVar[bool] = True
    """Whether the PMS names its properties' time zones; otherwise the setting `time_zone` of its own block does, or the
    policy has to."""
    PRESET: ClassVar[str] = "hotel"
    """The policy of a connection that names none."""

    @classmethod
    def check_settings(cls, settings: Mapping[str, Any], /) -> str | None:
        """What is wrong with its settings taken together, in words that follow their path; None where nothing is.

        For what `SETTINGS` cannot say one by one, such as two ways to sign in.
        """
        return None

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        """The connector of the connection `name`, which is in its errors."""
        return cls(name, settings, access, webhook_token)

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        """`settings` has every one of `SETTINGS`, checked. `access` makes its HTTP session. Nothing is asked yet."""
        self._name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._name!r})"

    @abstractmethod
    def check(self) -> str:
        """Tries the tokens for real; returns a line that says what they open. Raises `PmsError`."""
