"""The clerk's ten seconds: from the sign-in to the right next step for each kind of closed door, on a phone."""

import os
import shutil
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.night import PASSWORD, Night
from tests.world import START

playwright_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = os.environ.get("NIGHTPORTER_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed (Debian: apt install chromium)")
NUMBERS = ("101", "102", "103", "104", "105", "106", "107")
TEN_SECONDS, TWO_ACTIONS = 10.0, 2
KINDS = {
    "101": "Take the house's own key",
    "102": "Opens Lock 102 from here",
    "103": "She may have typed another PIN",
    "104": "No lock in Seam belongs to this room",
    "105": "has no access",
    "106": "Her access begins later",
    "107": "Somebody inside has locked up for privacy",
    "without a room": "Give the booking a room in the PMS",
}
"""What the first step says: offline, flat, a wrong PIN, no lock, cancelled, too early, locked up inside."""


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


def closed_doors(folder: Path) -> tuple[Night, dict[str, str]]:
    """A house in the afternoon, and what a clerk types to find each booking."""
    night = Night(folder)
    night.rooms += [night.hotel.add_room(night.property, name, night.double) for name in NUMBERS[3:]]
    locks = {
        name: night.seam.add_device(f"Lock {name}", night.rooms[place], customer_key=night.property)
        for place, name in enumerate(NUMBERS)
        if name != "104"
    }
    night.seam.unplug(locks["101"])
    late = {6: timedelta(hours=20)}
    bookings = {
        name: night.book(place, arrival=START + late.get(place + 1, timedelta(hours=4)))
        for place, name in enumerate(NUMBERS)
    }
    bookings["without a room"] = night.book(None, arrival=START + timedelta(hours=4))
    night.listen()
    night.do("full")
    night.clock.pass_(hours=5)
    night.seam.drain(locks["102"], 0.03)
    night.seam.add_trouble(locks["107"], error="privacy_mode")
    night.hotel.cancel(bookings["105"])
    night.do("lock_health")
    night.seam.use_code(locks["103"], "0000")
    night.settle()
    night.do("arrival_check")
    typed = {name: name for name in NUMBERS}
    typed["without a room"] = night.hotel.reservations[bookings["without a room"]]["Number"]
    return night, typed


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, dict[str, str], str]]:
    night, typed = closed_doors(tmp_path_factory.mktemp("closed"))
    night.client("operator")
    server = make_server("127.0.0.1", 0, night.site, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield night, typed, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def phone() -> Iterator[Any]:
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
        page.set_default_timeout(30_000)
        yield page
        browser.close()


def sign_in(page: Any, url: str) -> None:
    page.goto("about:blank")  # a page that reads itself anew would send the cookies that are taken away here
    page.context.clear_cookies()
    page.goto(f"{url}/sign-in")
    page.fill("#name", "operator")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")


@pytest.mark.parametrize("kind", KINDS)
def test_from_the_sign_in_to_the_right_next_step_it_is_two_actions(
    house: tuple[Night, dict[str, str], str], phone: Any, kind: str
) -> None:
    _, typed, url = house
    sign_in(phone, url)
    begun = time.monotonic()
    phone.fill("#search", typed[kind])
    phone.press("#search", "Enter")
    phone.wait_for_url("**/bookings/alpen/**")
    actions = 1
    closed = phone.locator("#still-closed")
    if closed.evaluate("one => one.tagName") == "DETAILS":
        closed.locator("summary").first.click()
        actions += 1
    first = closed.locator(".np-steps > li").first
    playwright_api.expect(first).to_contain_text(KINDS[kind])
    playwright_api.expect(first.locator("p").first).to_be_in_viewport()
    assert actions <= TWO_ACTIONS
    assert time.monotonic() - begun < TEN_SECONDS
    too_wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"{too_wide} pixels wider than the phone"


def test_a_door_is_opened_by_two_touches_and_not_by_one(house: tuple[Night, dict[str, str], str], phone: Any) -> None:
    night, _, url = house
    sign_in(phone, url)
    phone.fill("#search", "102")
    phone.press("#search", "Enter")
    phone.wait_for_url("**/bookings/alpen/**")
    phone.click("text=Unlock Lock 102 …")
    assert night.seam.unlocked_from_afar == []
    phone.click("text=Yes: Unlock Lock 102")
    playwright_api.expect(phone.locator("[role=status]").first).to_contain_text("Lock 102 is open.")
    assert len(night.seam.unlocked_from_afar) == 1
