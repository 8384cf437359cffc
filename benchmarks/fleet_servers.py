"""The two other sides of a simulated fleet, each in a process of its own: N Mews hotels behind one address, and Seam.

`python -m benchmarks.fleet_servers hotels NUMBER ROOMS BOOKINGS` and `python -m benchmarks.fleet_servers seam` print
their address as JSON and serve until their input ends. Beside the APIs each answers what a measurement wants to know,
or wants to happen, under `/control/`. A few threads answer everybody: thousands of clients keep their connections open.
"""

import gc
import json
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from waitress.server import create_server

from sandbox.hotel_life import HotelLife
from sandbox.house import big_house, guest
from sandbox.http import App
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender

THREADS = 4
CONNECTIONS = 15_000
WRITES = ("/create", "/update", "/delete", "/request_access_methods")
ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
Json = dict[str, Any]
Control = Callable[[str, dict[str, str], bytes], Json]
"""From a command, its query and its body to the answer."""


class Hotels:
    """Behind `/h/NUMBER/` stands the hotel of that number."""

    def __init__(self, number: int, rooms: int, bookings: int):
        self.houses = [big_house(rooms, bookings, seed=1000 + place) for place in range(number)]
        for place, house in enumerate(self.houses):
            house.hotel.access_token = f"TOKEN-{place}"
            house.hotel.now = _now
            for customer in list(house.hotel.customers.values()):
                self._name_contacts(place, customer)
        self._lives = {place: HotelLife(house, seed=place) for place, house in enumerate(self.houses)}
        self._lock = threading.Lock()

    def of(self, path: str) -> tuple[App, str] | None:
        _, _, place, rest = path.split("/", 3)
        return self.houses[int(place)].hotel, f"/{rest}"

    def control(self, command: str, query: dict[str, str], body: bytes) -> Json:
        if command == "book":
            with self._lock:
                return self._book(int(query["hotel"]))
        if command == "live":
            with self._lock:
                place = int(query["hotel"])
                return {"said": self._lives[place].step(_now())}
        if command == "listen":
            sender = WebhookSender()
            for place, house in enumerate(self.houses):
                house.hotel.sender = sender
                house.hotel.webhook_url = query["url"].replace("HOTEL", f"hotel{place:05d}")
        if command == "age":
            before = (_now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
            for house in self.houses:
                for kind in (house.hotel.reservations, house.hotel.customers, house.hotel.resources):
                    for record in kind.values():
                        record["UpdatedUtc"] = before
        if command == "down":
            for house in self.houses:
                house.hotel.faults.down = query["on"] == "yes"
        return {"calls": sum(sum(house.hotel.calls.values()) for house in self.houses)}

    def _name_contacts(self, place: int, customer: Json) -> None:
        """Her own: in one workspace a contact is one person's."""
        number = int(customer["Number"])
        customer["Email"] = f"guest{number}@hotel{place}.example"
        customer["Phone"] = f"+43660{place % 10_000:04d}{number % 10_000:04d}"

    def _book(self, place: int) -> Json:
        """Somebody books a room for this week: one new reservation."""
        house = self.houses[place]
        hotel = house.hotel
        luck = hotel._random
        begins = _now() + timedelta(hours=luck.randrange(2, 100))
        room = luck.choice(house.rooms)
        owner = guest(hotel, luck)
        self._name_contacts(place, hotel.customers[owner])
        made = hotel.book(owner, house.categories["Room"], begins, begins + timedelta(days=2), room)
        return {"id": made, "property": house.property_id}


class Workspace:
    """Seam, and when each id was first written there."""

    def __init__(self) -> None:
        self.workspace = SeamWorkspace()
        self.written: dict[str, float] = {}
        """By the monotonic clock, which is one for all processes of a machine."""
        self.busy = 0.0
        handle = self.workspace.handle

        def noted(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            answer = handle(method, path, query, headers, body)
            if path.startswith("/access_grants") and path.endswith(WRITES) and answer.status < 300:
                now = time.monotonic()
                for found in ID.findall(body):
                    self.written.setdefault(found.decode(), now)
            return answer

        self.workspace.handle = noted  # type: ignore[method-assign]

    def of(self, path: str) -> tuple[App, str] | None:
        return self.workspace, path

    def control(self, command: str, query: dict[str, str], body: bytes) -> Json:
        if command == "written":
            return {one: self.written[one] for one in json.loads(body) if one in self.written}
        calls = sum(self.workspace.calls.values())
        return {"grants": len(self.workspace.access_grants), "writes": self.workspace.writes, "calls": calls}


def _now() -> datetime:
    return datetime.now(UTC)


def wsgi_of(of: Callable[[str], tuple[App, str] | None], control: Control) -> Any:
    def answer(environ: Json, start: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"].encode("latin-1").decode()
        body = environ["wsgi.input"].read()
        text = environ.get("QUERY_STRING", "")
        query = parse_qs(text, keep_blank_values=True) if text else {}
        if path.startswith("/control/"):
            said = control(path.removeprefix("/control/"), {name: each[0] for name, each in query.items()}, body)
            content = json.dumps(said).encode()
            start("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(content)))])
            return [content]
        found = of(path)
        assert found is not None
        app, path = found
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith("HTTP_") or name == "CONTENT_TYPE"
        }
        said = app.handle(environ["REQUEST_METHOD"], path, query, headers, body)
        given = {"Content-Type": "application/json"} | said.headers
        start(f"{said.status} said", [*given.items(), ("Content-Length", str(len(said.body)))])
        return [said.body]

    return answer


def main() -> None:
    logging.getLogger("waitress").setLevel(logging.ERROR)
    one: Any = Hotels(*map(int, sys.argv[2:5])) if sys.argv[1] == "hotels" else Workspace()
    server = create_server(
        wsgi_of(one.of, one.control),
        host="127.0.0.1",
        port=0,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        asyncore_use_poll=True,
        channel_timeout=600,
        backlog=1024,
    )
    about = {"url": f"http://127.0.0.1:{server.effective_port}"}
    if sys.argv[1] == "hotels":
        about["client_token"] = one.houses[0].hotel.client_token
    else:
        about["key"] = one.workspace.api_key
    print(json.dumps(about), flush=True)
    # They are there to the end: Python need not look through them again and again.
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    threading.Thread(target=server.run, daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
