"""Two hotels, a workspace and a database that may have connections of its own: for commands, pages and programs."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from cryptography.fernet import Fernet

from app import cli
from assembly import assemble, utc_now
from sandbox.http import RunningServer, serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from schedules.connections import LOOKS_EVERY, LiveConnections
from settings import load_settings
from store.alerts import AlertBook
from store.history import History
from store.queue import JOBS, Queue
from tests.databases import database_at

KEY = Fernet.generate_key().decode()
WEBHOOK_TOKEN = "hook-token-0123456789abcdef"


@dataclass
class Office:
    """Two hotels and a workspace; a settings file, and a database that may have connections of its own."""

    hotels: list[MewsHotel]
    servers: list[RunningServer]
    seam: SeamWorkspace
    config: Path
    database: Path

    def run(self, *arguments: str, text: str | None = None) -> Result:
        return CliRunner().invoke(
            cli, ["--config", str(self.config), *arguments], catch_exceptions=False, input=text or ""
        )

    def good(self, *arguments: str, text: str | None = None) -> str:
        """What a command prints that ends well."""
        result = self.run(*arguments, text=text)
        assert result.exit_code == 0, result.output
        return result.output

    def allow_no_private_addresses(self) -> None:
        """As it is where nobody says otherwise."""
        self.config.write_text(self.config.read_text().replace("private_addresses: true\n", ""))

    def set_in_file(self, name: str, value: str) -> None:
        """A setting of the settings file beside those that it has."""
        self.config.write_text(f"{name}: {value}\n{self.config.read_text()}")

    def block(self, number: int = 0, **rest: object) -> dict[str, Any]:
        hotel = self.hotels[number]
        mews = {
            "base_url": self.servers[number].url,
            "client_token": hotel.client_token,
            "access_token": hotel.access_token,
        }
        return {"connector": "mews", "mews": mews, **rest}

    def add(self, name: str, number: int = 0, *arguments: str, **rest: object) -> Result:
        block = self.block(number, **({"key_prefix": f"{name}/"} | rest))
        return self.run("connections", "add", name, "--from-file", "-", *arguments, text=yaml.safe_dump(block))

    def shown(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.good("connections", "show", name, "--json"))
        return found

    @property
    def secrets(self) -> list[str]:
        return [one for hotel in self.hotels for one in (hotel.client_token, hotel.access_token)] + [WEBHOOK_TOKEN, KEY]

    def bytes_of_database(self) -> bytes:
        files = self.database.parent.glob(f"{self.database.name}*")
        with closing(sqlite3.connect(self.database)) as db:
            dump = "\n".join(db.iterdump()).encode()
        return b"".join(one.read_bytes() for one in files) + dump


@contextmanager
def opened_office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setenv("NIGHTPORTER_SECRET_KEYS", KEY)
    hotels = [MewsHotel(seed=1), MewsHotel(seed=2)]
    for number, hotel in enumerate(hotels):
        hotel.client_token, hotel.access_token = f"client-{number}-0123456789", f"access-{number}-0123456789"
        of = hotel.add_property(f"Hotel {number}")
        category = hotel.add_category(hotel.add_service(of))
        guest = hotel.add_customer("Jana", "Novak", f"g{number}@example.com", None)
        now = datetime.now(UTC)
        room = hotel.add_room(of, "101", category)
        hotel.book(guest, category, now + timedelta(days=1), now + timedelta(days=2), room)
    seam = SeamWorkspace(delete_delay=timedelta(0))
    with serve(hotels[0]) as one, serve(hotels[1]) as two, serve(seam) as seam_server:
        config, database = tmp_path / "config.yaml", tmp_path / "night.db"
        config.write_text(
            f'database: {database_at(database)}\nseam: {{api_key: {seam.api_key}, endpoint: "{seam_server.url}"}}\n'
            "private_addresses: true\n"
        )
        yield Office(hotels, [one, two], seam, config, database)


class Service:
    """A process that serves, without its threads: `go_on` does what they would, after the seconds within which every
    process takes a change up."""

    def __init__(self, office: Office):
        self.parts = assemble(load_settings(office.config, {}), "0", with_scheduler=True)
        assert self.parts.scheduler is not None
        self.scheduler = self.parts.scheduler
        self.go_on()

    def go_on(self, steps: int = 10) -> None:
        connections = self.scheduler._connections
        assert isinstance(connections, LiveConnections)
        connections._looked_at -= LOOKS_EVERY
        self.scheduler.tick()
        for name in sorted(self.scheduler._led):
            for _ in range(steps):
                if not self.scheduler._workers[name].step():
                    break

    def due(self, name: str) -> None:
        """All that stands in the queue is due."""
        queue = Queue(self.parts.store)
        tasks = [replace(one, not_before=utc_now()) for one in queue.waiting(name, JOBS)]
        queue.enqueue(tasks, utc_now())

    def runs(self, name: str) -> list[str]:
        return [one.mode for one in History(self.parts.store).runs(connection=name, before=None, limit=50)]

    def alerts(self) -> list[str]:
        self.scheduler._alerts.look()
        return [one.text for one in AlertBook(self.parts.store).open()]


@contextmanager
def serving(office: Office) -> Iterator[Service]:
    serves = Service(office)
    yield serves
    serves.scheduler.stop(5)
    serves.parts.close()
