"""The feeds of a connection by HTTP: bounded in bytes, in time and in where they lead."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.addresses import PublicOrHere, is_loopback
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.formats.calendars.calendar import CalendarRead, read_calendar
from connectors.formats.calendars.lines import NoCalendar
from connectors.session import Access, Body
from connectors.snapshots.entries import Feed
from mappers.sentences import say, sentence_of

ATTEMPTS = 4

LARGEST, LONGEST = 5_000_000, 20.0
"""Bytes and seconds of one feed."""

REQUESTS, SECONDS = 10, 1.0
"""Our own limit, for all feeds at one address, whoever's they are: the platforms name none, and count by whoever
asks."""


class FeedWire:
    """Asks for feeds."""

    def __init__(self, name: str, feeds: Sequence[Feed], access: Access, *, private_addresses: bool):
        """`name` is the connection's, for errors. `private_addresses`: a feed may stand in a private network."""
        self._name = name
        self._longest = min(access.timeout[1], LONGEST)
        limited = replace(
            access, attempts=min(access.attempts, ATTEMPTS), timeout=(min(access.timeout[0], 10.0), self._longest)
        )
        self._sessions = {host: limited.session(host, REQUESTS, SECONDS) for host in map(_host, feeds)}
        if not private_addresses and access.private_addresses:
            for session in self._sessions.values():
                session.through(PublicOrHere())

    def close(self) -> None:
        """Its connections; the next request opens one again."""
        for session in self._sessions.values():
            session.close()

    def read(self, feed: Feed, zone: ZoneInfo) -> CalendarRead:
        """Raises `PmsError`, which names the room and never the address."""
        if not feed.url.lower().startswith("https://") and not is_loopback(feed.url):
            raise PmsRefused.saying(
                "{who}: {name} is asked for by https:// only: copy its address from the platform anew",
                who=self._name,
                name=feed.name,
            )
        body = Body(say("a calendar of at most 5 MB"), _likely, LARGEST, self._longest)
        try:
            answer = self._sessions[_host(feed)].request(
                "GET", feed.url, who=self._name, operation=feed.name, headers={"Accept": "text/calendar"}, body=body
            )
        except PmsRefused as problem:
            told = sentence_of(problem)
            if problem.status:
                told = say("answered {status}", status=f"{problem.status}")
            raise PmsRefused.saying(
                "{who}: the PMS refuses {name} ({told}): copy its address from the platform anew",
                who=self._name,
                name=feed.name,
                told=told,
                operation=feed.name,
                status=problem.status,
            ) from None
        try:
            return read_calendar(answer.document, answer.headers.get("Content-Type"), zone)
        except NoCalendar as problem:
            raise PmsUnreachable.saying(
                "{who}: the PMS answered {name} with something that is no calendar: {why}",
                who=self._name,
                name=feed.name,
                why=sentence_of(problem),
                operation=feed.name,
                status=answer.status,
            ) from None


def _host(feed: Feed) -> str:
    return urlsplit(feed.url).netloc.rpartition("@")[2].lower()


def _likely(content: bytes) -> bytes:
    """The answer, where there is a calendar in it, in whatever code page; what is none may be one a moment later."""
    plain = content.replace(b"\0", b"").upper()
    if b"VCALENDAR" not in plain and b"VEVENT" not in plain:
        raise ValueError("no calendar")
    return content
