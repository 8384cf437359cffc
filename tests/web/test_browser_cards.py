"""A guest's card on a phone: from the search to the card in her hand."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.test_cards import House
from tests.web.browser import Quiet, needs_chromium
from tests.web.test_browser_closed_doors import sign_in

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_chromium
PICTURES = os.environ.get("NIGHTPORTER_PICTURES")
"""A folder into which the pages are drawn, for whoever wants to look at them."""


@pytest.fixture
def at_the_desk(tmp_path: Path) -> Iterator[tuple[House, str, str]]:
    house = House(tmp_path)
    booking = house.arrives()
    house.clock.pass_(hours=2)
    house.do("arrival_check")
    house.client("operator")
    server = make_server("127.0.0.1", 0, house.site, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield house, booking, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def seen(page: Any, name: str) -> None:
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"{too_wide} pixels wider than the phone"
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def test_a_clerk_encodes_a_card_and_reads_what_came_of_it(at_the_desk: tuple[House, str, str], phone: Any) -> None:
    house, booking, url = at_the_desk
    told = playwright_api.expect
    told.set_options(timeout=30_000)
    sign_in(phone, url)
    phone.fill("#search", "101")
    phone.press("#search", "Enter")
    phone.wait_for_url("**/bookings/alpen/**")
    first = phone.locator("#still-closed .np-steps > li").first
    told(first.locator("a")).to_be_in_viewport()
    seen(phone, "booking")
    first.locator("a", has_text="Encode card").click()
    phone.wait_for_url("**/cards")
    seen(phone, "to-be-encoded")
    phone.select_option("main select", label="Desk 1")
    phone.click("main button:has-text('Encode card')")
    told(phone.locator("#card-writing")).to_contain_text("Lay a card on Desk 1")
    seen(phone, "under-way")
    house.clock.time += timedelta(seconds=3)
    told(phone.locator("#card-told")).to_contain_text("No card lay on Desk 1")
    told(phone.locator("main select option").first).to_have_text("Desk 1")
    seen(phone, "no-card")
    house.seam.lay_card(house.desk)
    phone.click("main button:has-text('Encode card')")
    told(phone.locator("#card-writing")).to_be_visible()
    house.clock.time += timedelta(seconds=3)
    told(phone.locator("#card-told")).to_contain_text("take it from Desk 1, and give it to her")
    told(phone.locator("[data-card]")).to_have_attribute("data-card", "encoded")
    seen(phone, "encoded")
    phone.click("text=Back to the booking")
    told(phone.locator("#verdict")).to_contain_text("Opens")
    assert house.seam.take_card(house.desk) in house.seam.access_methods
    assert house.opens(booking)
