"""Feeds and files as somebody publishes them, step by step, up to the doors: who can open which, and when."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from connectors.snapshots.files.connector import FilesConnector
from connectors.snapshots.ical.connector import IcalConnector
from mappers.policy import Policy
from reconciler.report import RunReport
from sandbox.http import Answer
from tests.world import START, AnyWorld

TODAY = START.date()
_DAY = re.compile(rb"\{([DI])([+-]\d+)\}")


def dated(text: bytes) -> bytes:
    """`{D+2}` is the day after tomorrow as YYYYMMDD, `{I+2}` as YYYY-MM-DD."""
    return _DAY.sub(
        lambda found: (
            (TODAY + timedelta(int(found[2]))).strftime("%Y%m%d" if found[1] == b"D" else "%Y-%m-%d").encode()
        ),
        text,
    )


@dataclass
class Place:
    """The servers of all platforms; the feed of room A is at /A, of its second channel at /A/2."""

    served: dict[str, bytes | Answer] = field(default_factory=dict)

    def handle(
        self, method: str, path: str, query: Mapping[str, Any], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        found = self.served.get(path.lstrip("/"), Answer(404))
        if isinstance(found, Answer):
            return found
        return Answer(200, found, headers={"Content-Type": "text/calendar"})


class Case(AnyWorld):
    """One connection, `ical` or `files`, in Vienna."""

    def __init__(
        self,
        path: Path,
        kind: str = "ical",
        rooms: Sequence[str] = ("A",),
        feeds: Mapping[str, Any] | None = None,
        policy: Policy | None = None,
        **settings: Any,
    ):
        super().__init__(path, policy or Policy(replace_wait=timedelta(seconds=20)))
        self.place = Place()
        self.folder = path / "export"
        self.folder.mkdir(exist_ok=True)
        self._kind = kind
        given: dict[str, Any] = {"time_zone": "Europe/Vienna", "country": "AT", **settings}
        if kind == "ical":
            given["feeds"] = feeds or {room: f"https://calendars.example/{room}" for room in rooms}
            given |= {"private_addresses": True, "memory": str(path / "memory.json")}
        else:
            given |= {"folder": str(self.folder), "quiet_period": timedelta(0)}
        self._settings = given
        self.restart()

    def restart(self) -> None:
        """Another process: nothing is known but what is in files."""
        kind = IcalConnector if self._kind == "ical" else FilesConnector
        defaults = {setting.name: setting.default for setting in kind.SETTINGS}
        self.connector = kind.open(self.name, defaults | self._settings, self.access(self.place), None)

    def publish(self, **feeds: str | bytes | Answer) -> None:
        """What the platforms tell from now on; texts are put between the lines of a calendar."""
        for room, told in feeds.items():
            if isinstance(told, str):
                told = calendar(told)
            self.place.served[room.replace("__", "/")] = told if isinstance(told, Answer) else dated(told)

    def write(self, name: str, content: str | bytes) -> None:
        content = content.encode() if isinstance(content, str) else content
        path = self.folder / name
        path.write_bytes(dated(content))
        moment = self.clock.now().timestamp()
        os.utime(path, (moment, moment))

    def run(self, times: int = 1, minutes: float = 2, **options: Any) -> RunReport:
        for _ in range(times):
            report = self.sync(**options)
            self.clock.pass_(minutes=minutes)
        return report

    def open_now(self) -> dict[str, list[str]]:
        """By key of the grant, the rooms that it opens at this moment or will, and from when until when (UTC)."""
        found: dict[str, list[str]] = {}
        for grant in self.seam.live_grants():
            if self.is_dying(grant) or (grant["ends_at"] and grant["ends_at"] <= self.clock.now().isoformat()):
                continue
            rooms = [str(self.seam.spaces[one]["name"]) for one in grant["space_ids"]]
            found[str(grant["access_grant_key"])] = [
                *rooms,
                *(f"{moment[5:16]}" if moment else "open" for moment in (grant["starts_at"], grant["ends_at"])),
            ]
        return found


def calendar(*events: str) -> bytes:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()


def event(start: str, end: str, uid: str = "", summary: str = "Reserved", description: str = "", **more: str) -> str:
    """An event over whole days: `event("+2", "+5")`."""
    lines = [
        "BEGIN:VEVENT",
        *([f"UID:{uid}"] if uid else []),
        f"DTSTART;VALUE=DATE:{{D{start}}}",
        f"DTEND;VALUE=DATE:{{D{end}}}",
        *([f"SUMMARY:{summary}"] if summary else []),
        *([f"DESCRIPTION:{description}"] if description else []),
        *(f"{name}:{value}" for name, value in more.items()),
        "END:VEVENT",
    ]
    return "\r\n".join(lines)
