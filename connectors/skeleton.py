"""Begins a new connector: its package, its fixture for the conformance kit, its line in the table.

What it writes imports and type-checks, and fails the kit, sentence by sentence, until it is filled in. See README.md
beside this file.
"""

import keyword
import re
from pathlib import Path

SOURCE = Path(__file__).parent.parent
"""The checkout; where Night Porter was installed from a wheel, there are no tests beside the package."""
LONGEST_NAME = 20
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_SETTINGS_OF_CONNECTIONS = frozenset({"connector", "key_prefix", "policy", "schedules", "webhook_token"})
"""A connection's block is named after its connector, and stands beside these."""


class NotBegun(Exception):
    """Nothing was written; the message says why, and what to do."""


def begin_connector(name: str, checkout: Path = SOURCE) -> list[Path]:
    """Writes the skeleton of the connector `name`; returns the files that are new or changed. Raises `NotBegun`."""
    table, fixtures = checkout / "connectors" / "table.py", checkout / "tests" / "connectors" / "vendors"
    if not (table.is_file() and fixtures.is_dir()):
        raise NotBegun(
            "A connector is written in a checkout of Night Porter's source, where its tests are; this is an installed "
            "package. Clone the repository, run `pip install -e .` in it, and try again there"
        )
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or len(name) > LONGEST_NAME:
        raise NotBegun(
            f"{name!r} cannot be a connector's name: take the vendor's name in small letters, with a-z, 0-9 and _, "
            f"{LONGEST_NAME} letters at most, such as acme_pms"
        )
    package, fixture = checkout / "connectors" / name, fixtures / f"{name}.py"
    if name in _SETTINGS_OF_CONNECTIONS:
        raise NotBegun(f"{name} is already the name of a setting of connections: take another name")
    for path in (package, package.with_suffix(".py"), fixture):
        if path.exists():
            raise NotBegun(f"{path.relative_to(checkout)} exists already: take another name, or go on with it")
    word = "".join(part.capitalize() for part in name.split("_"))
    texts = {
        package / "__init__.py": f'"""{word}."""\n',
        package / "connector.py": _filled(CONNECTOR, name, word),
        package / "reader.py": _filled(READER, name, word),
        package / "webhooks.py": _filled(WEBHOOKS, name, word),
        fixture: _filled(FIXTURE, name, word),
        table: _in_table(table.read_text(encoding="utf-8"), name, word),
    }
    package.mkdir()
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return list(texts)


def _filled(template: str, name: str, word: str) -> str:
    return template.replace("VENDOR_WORD", word).replace("VENDOR_NAME", name)


def _in_table(text: str, name: str, word: str) -> str:
    """The table with one line more, in the order of names."""
    lines = text.splitlines()
    entry = f'    "{name}": "connectors.{name}.connector:{word}Connector",'
    entries = [place for place, line in enumerate(lines) if re.match(r'    "\w+": "[\w.:]+",', line)]
    lines.insert(next((place for place in entries if lines[place] > entry), entries[-1] + 1), entry)
    return "\n".join(lines) + "\n"


CONNECTOR = '''\
"""VENDOR_WORD, by its API."""

from collections.abc import Mapping
from typing import Any

from connectors.VENDOR_NAME.reader import VENDOR_WORDReader
from connectors.VENDOR_NAME.webhooks import VENDOR_WORDWebhooks
from connectors.connector import Connector, Setting
from connectors.session import Access, Fixed

REQUESTS, SECONDS = 10, 1.0
"""So many requests in so many seconds at most. Source: ..."""


class VENDOR_WORDConnector(Connector):
    """One account at VENDOR_WORD."""

    SETTINGS = (Setting("base_url", "url"), Setting("api_key", "secret"))

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        super().__init__(name, settings, access, webhook_token)
        sign_in = Fixed({"Authorization": f"Bearer {settings['api_key']}"})
        self._base = settings["base_url"].rstrip("/")
        self._session = access.session(settings["api_key"], REQUESTS, SECONDS, sign_in=sign_in)
        self.shown_clock = self._session.shown_clock
        self.webhooks = VENDOR_WORDWebhooks(webhook_token)

    def reader(self) -> VENDOR_WORDReader:
        return VENDOR_WORDReader(self._name, self._base, self._session)

    def check(self) -> str:
        (of,) = self.reader().read_properties()
        return f"{of.name} ({of.time_zone})"
'''

READER = '''\
"""VENDOR_WORD, by its API.

Say here what a reader has to know: how lists come, what is limited, what has an id. Facts: which documents.
"""

from collections.abc import Sequence
from typing import NoReturn

from connectors.ports import BookingsRead, Reader, Window
from connectors.records import BrokenRecord, Guest, Property, Room
from connectors.session import PmsSession


class VENDOR_WORDReader(Reader):
    """One run's reading of an account at VENDOR_WORD."""

    def __init__(self, name: str, base: str, session: PmsSession):
        self._name, self._base, self._session = name, base, session

    def close(self) -> None:
        self._session.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        _to_do("could_be_id")

    def read_properties(self) -> list[Property]:
        _to_do("read_properties")

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        _to_do("read_rooms")

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        _to_do("known_rooms")

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        _to_do("read_guests")

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        _to_do("bookings_within")

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        _to_do("bookings_changed")

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        _to_do("bookings_by_id")


def _to_do(method: str) -> NoReturn:
    raise NotImplementedError(f"write {method} in connectors/VENDOR_NAME/reader.py: connectors/README.md, step 4")
'''

WEBHOOKS = '''\
"""Webhooks of VENDOR_WORD. Facts: which documents."""

from typing import Any

from connectors.ports import WebhookNews
from connectors.webhooks import TokenWebhooks


class VENDOR_WORDWebhooks(TokenWebhooks):
    def read(self, document: Any, /) -> WebhookNews | None:
        raise NotImplementedError("write read in connectors/VENDOR_NAME/webhooks.py: connectors/README.md, step 4")
'''

FIXTURE = '''\
"""VENDOR_WORD for the conformance kit, after its documentation."""

from collections.abc import Mapping
from typing import ClassVar

import requests

from connectors.VENDOR_NAME.connector import VENDOR_WORDConnector
from tests.connectors.fixture import HttpFixture, Json, Part


class Fixture(HttpFixture):
    CONNECTOR = VENDOR_WORDConnector
    HOSTS = ("https://api.VENDOR_NAME.example/",)
    PAGE = 100
    LACKS: ClassVar[Mapping[Part, str]] = {}

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        kind = "booking" if kind == "reservation" else kind
        return f"{kind}-{number}-{part}"

    def settings(self) -> Json:
        return {"base_url": "https://api.VENDOR_NAME.example", "api_key": f"KEY-SECRET-{self.account}"}

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        raise NotImplementedError(
            f"answer {request.method} {request.path_url} as VENDOR_WORD does: connectors/README.md, step 3"
        )
'''
