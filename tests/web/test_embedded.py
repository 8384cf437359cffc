"""The verdict alone, by an address that is signed, for one booking, and for a while."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store.people import Role
from tests.night import Night
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


@pytest.fixture
def booking(night: Night) -> str:
    night.equip(0)
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    return booking


def address(night: Night, booking: str, **body: object) -> Any:
    token = night.people.make_token(f"pms{len(night.people.tokens())}", Role.OPERATOR, night.clock.now())
    headers = {"Authorization": f"Bearer {token}"}
    return night.client(None).post(f"/api/bookings/alpen/{booking}/embed", json=body, headers=headers)


def path_of(night: Night, booking: str, **body: object) -> str:
    url: str = address(night, booking, **body).json["url"]
    return url.removeprefix("http://localhost")


def test_whoever_has_the_address_sees_the_verdict_and_nothing_else(night: Night, booking: str) -> None:
    page = night.client(None).get(path_of(night, booking))
    assert page.status_code == 200
    assert "J.N. 101" in page.text
    assert "Opens from" in page.text or "Works" in page.text or "Not" in page.text
    for other in ("Sync now", "Show PIN", "<nav", "Sign out", booking):
        assert other not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    (noted,) = [one.note for one in night.people.audit_entries() if one.action == "made an address to embed"]
    assert noted == "until 18 Sep 13:00 (Europe/Vienna)"


def test_it_expires(night: Night, booking: str) -> None:
    made = address(night, booking, minutes=10)
    assert made.json["expires_at"] == (START + timedelta(minutes=10)).isoformat()
    path = made.json["url"].removeprefix("http://localhost")
    night.clock.pass_(minutes=9)
    assert night.client(None).get(path).status_code == 200
    night.clock.pass_(minutes=2)
    page = night.client(None).get(path)
    assert (page.status_code, "This view is over" in page.text, "J.N." in page.text) == (403, True, False)
    assert address(night, booking, minutes=24 * 60 + 1).status_code == 422


def test_no_changed_address_shows_anything(night: Night, booking: str) -> None:
    path = path_of(night, booking)
    other = night.book(1, arrival=START + timedelta(hours=3))
    night.do("full")
    expires = path.partition("expires=")[2].partition("&")[0]
    for changed in (
        path.replace(booking, other),
        path.replace("alpen", "ALPEN"),
        path.replace(expires, str(int(expires) + 1)),
        path.replace(expires, f"0{expires}"),
        path.replace("?", "?expires=9999999999&"),
        path.replace("signature=", "signature=0"),
        path[:-1],
        path.partition("?")[0],
        path.replace(expires, "9" * 40),
        path.replace(expires, "-1"),
    ):
        page = night.client(None).get(changed)
        assert page.status_code == 403, changed
        assert "J.N." not in page.text


def test_an_address_of_another_house_shows_nothing_here(night: Night, booking: str, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Night(tmp_path / "other")
    assert night.client(None).get(path_of(other, booking)).status_code == 403


def test_only_the_origins_that_are_named_may_show_it_in_a_frame(night: Night, booking: str) -> None:
    page = night.client(None).get(path_of(night, booking))
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"
    object.__setattr__(night.site.extensions["nightporter"], "embed_in", ("https://app.pms.example",))
    page = night.client(None).get(path_of(night, booking))
    assert "frame-ancestors https://app.pms.example" in page.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in page.headers
    others = night.client(None).get("/sign-in")
    assert "frame-ancestors 'none'" in others.headers["Content-Security-Policy"]


def test_an_organisations_bookings_are_shown_in_frames_of_its_own_origins_alone(night: Night, booking: str) -> None:
    context = night.site.extensions["nightporter"]
    object.__setattr__(context, "embed_in", ("https://app.pms.example",))
    object.__setattr__(context, "embed_in_of", {"south": ("https://south.example",), "west": ("https://west.example",)})
    path = path_of(night, booking)

    def framed_by(path: str) -> str:
        policy = night.client(None).get(path).headers["Content-Security-Policy"]
        return policy.partition("frame-ancestors ")[2].partition(";")[0]

    assert framed_by(path) == "https://app.pms.example", "it is of no organisation"
    context.connections["alpen"] = replace(context.connections["alpen"], organisation="south")
    assert framed_by(path) == "https://south.example"
    assert framed_by(path + "0") == "https://app.pms.example", "whoever has no signature is told nothing of whose it is"
    night.clock.pass_(hours=2)
    assert framed_by(path) == "https://south.example", "that it is over is said where it was shown"


def test_a_viewer_makes_no_address(night: Night, booking: str) -> None:
    token = night.people.make_token("wallboard", Role.VIEWER, night.clock.now())
    headers = {"Authorization": f"Bearer {token}"}
    assert night.client(None).post(f"/api/bookings/alpen/{booking}/embed", json={}, headers=headers).status_code == 403
