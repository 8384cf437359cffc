"""Bad feeds, bad accounts of every vendor, a bad mail server, a bad receiver of alerts and a bad Seam, in real time.

The honest hotel beside them is served on time, somebody is told, and the process ends when it is asked to.
"""

import base64
import json
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest

from sandbox.http import Answer, serve
from tests.doors.test_peers import (
    Behaviour,
    Peer,
    Porter,
    bomb,
    dribble,
    dribble_in_the_head,
    endless,
    endless_without_a_word_of_its_length,
    hang_up,
    send_elsewhere,
    silent,
    wide,
)

pytestmark = pytest.mark.slow

SECRET = "whsec_" + base64.b64encode(b"a secret of the receiver").decode()
FEED = b"BEGIN:VEVENT\r\nUID:%d\r\nDTSTART;VALUE=DATE:20270101\r\nDTEND;VALUE=DATE:20270103\r\nEND:VEVENT\r\n"


def _name(behaviour: Behaviour) -> str:
    return behaviour.__name__.replace("_", "-")


def endless_feed(to: Any) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nConnection: close\r\n\r\nBEGIN:VCALENDAR\r\n")
    number = 0
    while True:
        to.sendall(b"".join(FEED % (number + one) for one in range(500)))
        number += 500


def endless_line(to: Any) -> None:
    to.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/calendar\r\nConnection: close\r\n\r\nBEGIN:VCALENDAR\r\nX-A:")
    while True:
        to.sendall(b"a" * 65536)


def dripping_banner(to: Any) -> None:
    """Of a mail server."""
    to.sendall(b"220-")
    while True:
        to.sendall(b"x")
        time.sleep(1)


def endless_banner(to: Any) -> None:
    while True:
        to.sendall(b"220-hello\r\n" * 1000)


def one_long_line(to: Any) -> None:
    to.sendall(b"220 ")
    while True:
        to.sendall(b"x" * 65536)


FEEDS = [
    endless_feed,
    endless_line,
    endless,
    dribble,
    dribble_in_the_head,
    silent,
    hang_up,
    bomb,
    send_elsewhere,
]
ACCOUNTS = [endless, dribble, silent, bomb]
AT_SEAM = [endless, endless_without_a_word_of_its_length, dribble, silent, bomb, wide]


class Receiver:
    """Takes alerts."""

    def __init__(self) -> None:
        self.told: set[str] = set()

    def handle(self, method: str, path: str, query: Any, headers: Mapping[str, str], body: bytes) -> Answer:
        self.told.add(json.loads(body)["data"]["connection"])
        return Answer(204)


class MailServer(Peer):
    """Speaks before anybody has asked."""

    def _serve(self, to: Any) -> None:
        with suppress(OSError), to:
            self._behaviour(to)


def _end(porter: Porter) -> float:
    porter.process.send_signal(signal.SIGTERM)
    asked = time.monotonic()
    with suppress(subprocess.TimeoutExpired):
        porter.process.wait(60)
    return time.monotonic() - asked


def _wait_until_it_answers(porter: Porter) -> None:
    until = time.monotonic() + 60
    while porter.healthz() > 10:
        assert time.monotonic() < until, (porter.home / "log.jsonl").read_text()[-3000:]


@pytest.fixture
def several(tmp_path: Path) -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def _peer(stack: ExitStack, behaviour: Behaviour, kind: type[Peer] = Peer) -> str:
    peer = kind(behaviour)
    stack.callback(peer.close)
    return peer.url


@pytest.mark.parametrize("mail", [dripping_banner, endless_banner, one_long_line, silent])
def test_bad_feeds_accounts_and_mail_servers_hold_up_nobody(
    tmp_path: Path, several: ExitStack, mail: Behaviour
) -> None:
    more, names = "", set()
    for behaviour in FEEDS:
        name = "feed-" + _name(behaviour)
        names.add(name)
        more += f"""
  {name}:
    connector: ical
    key_prefix: "{name}/"
    schedules: {{incremental: 10s}}
    ical:
      feeds: {{one: "{_peer(several, behaviour)}/feed.ics"}}
      property_id: lake
      property_name: Lake
      time_zone: Europe/Vienna
      private_addresses: true"""
    for behaviour in ACCOUNTS:
        url = _peer(several, behaviour)
        for vendor, settings in {
            "apaleo": f'client_id: a, client_secret: b, base_url: "{url}", identity_url: "{url}", webhook_url: "{url}"',
            "cloudbeds": f'property_id: "1", api_key: abc, base_url: "{url}"',
            "buildium": f'client_id: a, client_secret: b, base_url: "{url}"',
        }.items():
            name = f"{vendor}-{_name(behaviour)}"
            names.add(name)
            more += f"""
  {name}:
    connector: {vendor}
    key_prefix: "{name}/"
    schedules: {{incremental: 10s, full: 10m}}
    policy: {"lease" if vendor == "buildium" else "hotel"}
    {vendor}: {{{settings}}}"""
    receiver = Receiver()
    there = several.enter_context(serve(receiver))
    port = _peer(several, mail, MailServer).rpartition(":")[2]
    alerts = (
        f"email: {{host: 127.0.0.1, port: {port}, security: none, from: a@b.example, to: [c@d.example]}}, "
        f'webhook: {{url: "{there.url}", secret: {SECRET}}}'
    )
    more += "\npolicies: {lease: {preset: lease, time_zone: America/New_York}}"
    porter = Porter(tmp_path, {}, more=more, alerts=alerts)
    several.callback(porter.close)
    _wait_until_it_answers(porter)
    began, slowest, latest, told = time.monotonic(), 0.0, 0.0, 0.0
    while time.monotonic() - began < 120 and not names <= receiver.told:
        booking, booked = porter.book(), time.monotonic()
        while porter.seam.grant_by_key(f"honest/{booking}") is None and time.monotonic() - booked < 60:
            slowest = max(slowest, porter.healthz())
            time.sleep(0.5)
        latest = max(latest, time.monotonic() - booked)
    told = time.monotonic() - began
    memory, ended = porter.most_memory(), _end(porter)
    said = f"{memory} MiB, healthz {slowest:.1f} s, news {latest:.1f} s, all told {told:.0f} s, end {ended:.1f} s"
    assert names <= receiver.told, f"not told: {names - receiver.told}; {said}"
    assert "honest" not in receiver.told
    assert memory <= 400, said
    assert slowest <= 3, said
    assert latest <= 30, said
    assert told <= 100, said
    assert ended <= 20, said
    assert "Traceback" not in (tmp_path / "log.jsonl").read_text()


@pytest.mark.parametrize("behaviour", AT_SEAM)
def test_a_bad_seam_is_told_though_the_receiver_of_alerts_is_as_bad(
    tmp_path: Path, several: ExitStack, behaviour: Behaviour
) -> None:
    bad = _peer(several, behaviour)
    porter = Porter(tmp_path, {}, bad, alerts=f'webhook: {{url: "{bad}", secret: {SECRET}}}')
    several.callback(porter.close)
    _wait_until_it_answers(porter)
    porter.book()
    began, slowest = time.monotonic(), 0.0
    while time.monotonic() - began < 100 and porter.told_of() != {"honest"}:
        slowest = max(slowest, porter.healthz())
        time.sleep(1)
    told = time.monotonic() - began
    crowd = porter.crowd()
    among = max(porter.healthz() for _ in range(5))
    for one in crowd:
        one.close()
    memory, ended = porter.most_memory(), _end(porter)
    said = f"{memory} MiB, healthz {slowest:.1f} s ({among:.1f} s among many), told {told:.0f} s, end {ended:.1f} s"
    assert told <= 90, said
    assert memory <= 400, said
    assert max(slowest, among) <= 3, said
    assert ended <= 20, said
    assert "Traceback" not in (tmp_path / "log.jsonl").read_text()
