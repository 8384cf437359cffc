"""A body of a megabyte and a half, or one that is nested without end, at every address that reads a body."""

import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from store.people import Role
from store.runs import Runs
from tests.night import HOOK, Night
from tests.web.test_webhooks import signed
from tests.world import START

MEGABYTE = 1_000_000
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
BODIES = {
    "rows of nothing": (JSON, b"[" + b"{}," * 500_000 + b"{}]"),
    "rows of nothing, as many as are read": (JSON, b"[" + b"{}," * 340_000 + b"{}]"),
    "rows of nothing in an object": (JSON, b'{"settings": [' + b"{}," * 340_000 + b"{}]}"),
    "names of nothing": (JSON, b"{" + b",".join(b'"%d":{}' % one for one in range(80_000)) + b"}"),
    "deep lists": (JSON, b"[" * 500_000 + b"]" * 500_000),
    "deep objects": (JSON, b'{"a":' * 180_000 + b"1" + b"}" * 180_000),
    "half of deep lists": (JSON, b"[" * MEGABYTE),
    "one number": (JSON, b"9" * MEGABYTE),
    "one text": (JSON, b'"' + b"\\u0000" * 160_000 + b'"'),
    "fields of nothing": (FORM, b"a=&" * 500_000),
    "fields of nothing, as many as are read": (FORM, b"a=&" * 330_000),
    "one field": (FORM, b"a=" + b"%00" * 330_000),
}
MOST = 120 * MEGABYTE
"""Of memory, for one request."""


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    made = Night(tmp_path_factory.mktemp("bodies"))
    made.book(0, arrival=START + timedelta(hours=3))
    made.do("full")
    return made


def _addresses(night: Night) -> Iterator[tuple[str, str]]:
    """Every method and address that may have a body."""
    values = {
        "connection": "alpen",
        "booking_id": next(iter(night.hotel.reservations)),
        "run_id": Runs(night.store).latest_id(),
        "property_id": night.property,
        "policy": "hotel",
    }

    bound = night.site.url_map.bind("localhost")
    for rule in night.site.url_map.iter_rules():
        for method in sorted((rule.methods or set()) & {"POST", "PUT", "PATCH", "DELETE"}):
            given: dict[str, str | int] = {
                name: 1 if "Int" in type(rule._converters[name]).__name__ else values.get(name, "1")
                for name in rule.arguments
            }
            yield method, bound.build(rule.endpoint, given, method=method)


def _ask(night: Night, client: FlaskClient, method: str, path: str, kind: str, body: bytes, token: str) -> int:
    headers = {"Content-Type": kind, "Authorization": f"Bearer {token}"}
    if path.startswith("/webhooks/seam"):
        headers = signed(body) | {"Content-Type": kind}
    elif path.startswith("/webhooks/"):
        path += f"?token={HOOK}"
    elif not path.startswith("/api/"):
        del headers["Authorization"]
    return client.open(path, method=method, data=body, headers=headers).status_code


@pytest.mark.slow
@pytest.mark.parametrize("body", BODIES)
def test_no_address_falls_over_a_large_or_deep_body(night: Night, body: str) -> None:
    kind, content = BODIES[body]
    token = night.people.make_token(f"bodies {body}", Role.ADMIN, night.clock.now())
    client = night.client("admin")
    # Whoever has signed out is asked for nothing any more.
    addresses = sorted(_addresses(night), key=lambda one: "sign-out" in one[1])
    assert len(addresses) > 50
    bad = {}
    tracemalloc.start()
    try:
        for method, path in addresses:
            tracemalloc.reset_peak()
            begun, before = time.process_time(), tracemalloc.get_traced_memory()[0]
            status = _ask(night, client, method, path, kind, content, token)
            took, peak = time.process_time() - begun, tracemalloc.get_traced_memory()[1] - before
            if status >= 500 or took > 10 or peak > MOST:
                bad[f"{method} {path}"] = (status, round(took, 1), peak // MEGABYTE)
    finally:
        tracemalloc.stop()
    assert not bad
