"""The two other sides of a simulated fleet, each in a process of its own: N Mews hotels behind one address, and Seam.

`python -m benchmarks.fleet_servers hotels NUMBER ROOMS BOOKINGS` and `python -m benchmarks.fleet_servers seam` print
their address as JSON and serve until their input ends. Beside the APIs each answers what a measurement wants to know,
or wants to happen, under `/control/`. One thread answers everybody: thousands of clients keep their connections open.
"""

import asyncio
import gc
import json
import re
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from typing import Any
from urllib.parse import parse_qs, unquote

from sandbox.hotel_life import HotelLife
from sandbox.house import big_house, guest
from sandbox.http import App
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender

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


class _Line(asyncio.Protocol):
    """One client's connection. What it asks is answered at once, one thing after another: each takes a part of a
    millisecond, and to hand it to a thread would take longer."""

    def __init__(self, answer: Callable[[str, str, dict[str, str], bytes], tuple[int, dict[str, str], bytes]]):
        self._answer = answer
        self._came = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._came += data
        assert self._transport is not None
        while (end := self._came.find(b"\r\n\r\n")) >= 0:
            line, *lines = self._came[:end].decode("latin-1").split("\r\n")
            headers = {name.upper(): value.strip() for name, _, value in (one.partition(":") for one in lines)}
            begins, size = end + 4, int(headers.get("CONTENT-LENGTH", "0"))
            if len(self._came) < begins + size:
                return
            body = bytes(self._came[begins : begins + size])
            del self._came[: begins + size]
            method, target, _ = line.split(" ")
            status, given, content = self._answer(method, target, headers, body)
            head = [f"HTTP/1.1 {status} said", *(f"{name}: {value}" for name, value in given.items())]
            head += [f"Date: {formatdate(usegmt=True)}", f"Content-Length: {len(content)}", "", ""]
            self._transport.write("\r\n".join(head).encode("latin-1") + content)
            if headers.get("CONNECTION", "").lower() == "close":
                self._transport.close()


def answers_of(of: Callable[[str], tuple[App, str] | None], control: Control) -> Any:
    def answer(method: str, target: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        path, _, text = target.partition("?")
        path = unquote(path)
        query = parse_qs(text, keep_blank_values=True) if text else {}
        if path.startswith("/control/"):
            said = control(path.removeprefix("/control/"), {name: each[0] for name, each in query.items()}, body)
            return 200, {"Content-Type": "application/json"}, json.dumps(said).encode()
        found = of(path)
        assert found is not None
        app, path = found
        told = app.handle(method, path, query, headers, body)
        return told.status, {"Content-Type": "application/json"} | told.headers, told.body

    return answer


async def serve(answer: Any, begun: Callable[[int], None]) -> None:
    """Serves for ever; `begun` is told the port."""
    server = await asyncio.get_running_loop().create_server(lambda: _Line(answer), "127.0.0.1", 0, backlog=1024)
    begun(server.sockets[0].getsockname()[1])
    await server.serve_forever()


def main() -> None:
    one: Any = Hotels(*map(int, sys.argv[2:5])) if sys.argv[1] == "hotels" else Workspace()

    def begun(port: int) -> None:
        about = {"url": f"http://127.0.0.1:{port}"}
        if sys.argv[1] == "hotels":
            about["client_token"] = one.houses[0].hotel.client_token
        else:
            about["key"] = one.workspace.api_key
        print(json.dumps(about), flush=True)

    # They are there to the end: Python need not look through them again and again.
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    threading.Thread(target=asyncio.run, args=(serve(answers_of(one.of, one.control), begun),), daemon=True).start()
    sys.stdin.read()


if __name__ == "__main__":
    main()
