"""A connection that is broken from the start, beside honest ones: those are served, and somebody is told of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from tests.doors.test_peers import Porter
from tests.test_serve import wait_for

BROKEN = {
    "missing": 'connector: files\n    files: {{folder: "{home}/nowhere", time_zone: Europe/Vienna}}',
    "unknown-host": (
        'connector: mews\n    mews: {{base_url: "https://pms.nowhere.invalid", client_token: a, access_token: b}}'
    ),
    "nobody-listens": (
        'connector: mews\n    mews: {{base_url: "http://127.0.0.1:9", client_token: a, access_token: b}}'
    ),
    "wrong-tokens": 'connector: mews\n    mews: {{base_url: "{mews}", client_token: a, access_token: b}}',
    "on-mars": (
        "connector: mews\n    "
        'mews: {{base_url: "{mews}", client_token: SANDBOX-CLIENT-TOKEN, access_token: SANDBOX-ACCESS-TOKEN}}'
    ),
    "away-lease": (
        'connector: buildium\n    policy: lease\n    buildium: {{base_url: "http://127.0.0.1:9", client_id: a, '
        "client_secret: b}}"
    ),
    "memory-is-a-folder": (
        'connector: ical\n    ical: {{feeds: {{one: "http://127.0.0.1:9/x.ics"}}, property_id: lake, '
        'property_name: Lake, time_zone: Europe/Vienna, private_addresses: true, memory: "{home}/folder"}}'
    ),
}


@pytest.mark.slow
def test_broken_connections_are_told_and_honest_ones_served(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    far = MewsHotel(rate_limit=None)
    of = far.add_property(zone="Mars/Olympus")
    category = far.add_category(far.add_service(of))
    room, today = far.add_room(of, "101", category), datetime.now(UTC).replace(microsecond=0)
    booked = far.book(
        far.add_customer("Jana", "Novak", "jana@example.com"), category, today, today + timedelta(days=1), room
    )
    other = serve(far)
    more = "".join(
        f'\n  {name}:\n    key_prefix: "{name}/"\n    schedules: {{incremental: 10s}}\n    '
        + text.format(home=tmp_path, mews=other.url)
        for name, text in BROKEN.items()
    )
    porter = Porter(tmp_path, {}, more=more + "\npolicies: {lease: {preset: lease, time_zone: America/New_York}}")
    try:
        wait_for(lambda: porter.healthz() < 10, 60)
        for _ in range(3):
            booking = porter.book()
            wait_for(lambda booking=booking: porter.seam.grant_by_key(f"honest/{booking}"), 40)
        wait_for(lambda: porter.told_of() >= BROKEN.keys() - {"on-mars"}, 100)
        # This one's times are instants: nobody has to know what its own clocks say.
        assert porter.seam.grant_by_key(f"on-mars/{booked}") is not None
        assert "honest" not in porter.told_of()
        log = (tmp_path / "log.jsonl").read_text(encoding="utf-8")
        assert "Traceback" not in log
    finally:
        porter.close()
        other.close()
