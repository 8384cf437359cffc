"""The clerk's ten seconds: from the sign-in to the right next step for each kind of closed door, on a phone."""

import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from mappers.policy import MaxRevocations, Policy
from sandbox.locks import Ways
from tests.every_day import first_of
from tests.night import PASSWORD, Night
from tests.web.browser import Quiet, needs_chromium
from tests.world import START

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_chromium
NUMBERS = tuple(str(number) for number in range(101, 114))
TWO_ACTIONS = 2
KINDS = {
    "offline": ("101", "Take the house's own key"),
    "flat": ("102", "Opens Lock 102 from here"),
    "wrong PIN": ("103", "She may have typed another PIN"),
    "no lock": ("104", "No lock in Seam belongs to this room"),
    "cancelled": ("105", "has no access"),
    "too early": ("106", "Her access begins later"),
    "locked up inside": ("107", "Somebody inside has locked up for privacy"),
    "held": ("108", "approve under Held"),
    "not written yet": ("109", "Her access begins later"),
    "account disconnected": ("110", "The lock may know her PIN from before it was cut off"),
    "over": ("111", "Her stay is over"),
    "without a room": ("", "Give the booking a room in the PMS"),
}
"""By what is wrong: the room, and what the first step says."""
SAID = {
    "not written yet": "Seam tells the lock at 18 Sep 21:00 at the latest",
    "held": "waits for somebody's approval",
    "account disconnected": "does not let Seam in any more",
}
"""What else stands there."""


def closed_doors(folder: Path) -> tuple[Night, dict[str, str]]:
    """A house in the afternoon, and what a clerk types to find each booking."""
    night = Night(folder, Policy(max_revocations=MaxRevocations(count=1, percent=0, small_house=0)))
    night.seam.just_in_time = True
    night.rooms += [night.hotel.add_room(night.property, name, night.double) for name in NUMBERS[3:]]
    place = {name: place for place, name in enumerate(NUMBERS)}

    def lock(name: str, **rest: Any) -> str:
        return night.seam.add_device(f"Lock {name}", night.rooms[place[name]], customer_key=night.property, **rest)

    locks = {name: lock(name) for name in NUMBERS if name not in ("104", "109", "110")}
    locks["109"] = lock("109", ways=Ways(schedules_itself=False))
    account = night.seam.add_account(night.property, "ttlock")
    locks["110"] = lock("110")
    night.seam.unplug(locks["101"])
    night.seam.unplug(locks["112"])
    arrival = START + timedelta(hours=4)
    late = {"106": timedelta(hours=16), "109": timedelta(hours=6)}
    # The guest of before her has left her room of 112 an hour ago.
    night.book(place["112"], arrival=START - timedelta(days=2), departure=START + timedelta(hours=4))
    bookings = {name: night.book(place[name], arrival=arrival + late.get(name, timedelta(0))) for name in NUMBERS}
    night.hotel.move_dates(bookings["111"], departure=START + timedelta(hours=5))
    bookings["without a room"] = night.book(None, arrival=arrival)
    night.listen()
    night.do("full")
    night.clock.pass_(hours=5)
    night.seam.drain(locks["102"], 0.03)
    night.seam.add_trouble(locks["107"], error="privacy_mode")
    night.seam.disconnect_account(night.property, account)
    night.hotel.cancel(bookings["105"])
    night.settle()
    night.hotel.cancel(bookings["108"])
    night.settle()
    night.do("lock_health")
    night.seam.use_code(locks["103"], "0000")
    night.settle()
    night.do("arrival_check")
    typed = {kind: room for kind, (room, _) in KINDS.items()}
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


def sign_in(page: Any, url: str) -> None:
    page.goto("about:blank")  # a page that reads itself anew would send the cookies that are taken away here
    page.context.clear_cookies()
    page.goto(f"{url}/sign-in")
    page.fill("#name", "operator")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{url}/")


def to_the_first_step(page: Any, kind: str, actions: int) -> None:
    """The right next step is on the screen, with the button for it where it has one, by two actions at most and
    without scrolling. `actions`: those that led to the booking's page."""
    closed = page.locator("#still-closed")
    if closed.evaluate("one => one.tagName") == "DETAILS" and not closed.evaluate("one => one.open"):
        closed.locator("summary").first.click()
        actions += 1
    first = closed.locator(".np-steps > li").first
    if shots := os.environ.get("CLOSED_DOORS_SHOTS"):
        page.screenshot(path=f"{shots}/{kind.replace(' ', '-')}.png")
    playwright_api.expect(first).to_contain_text(KINDS[kind][1])
    playwright_api.expect(first.locator("p").first).to_be_in_viewport(ratio=1)
    for button in first.locator("button:visible, summary:visible, a.btn:visible").all():
        playwright_api.expect(button).to_be_in_viewport(ratio=1)
    if kind in SAID:
        playwright_api.expect(page.locator("main")).to_contain_text(SAID[kind])
    assert actions <= TWO_ACTIONS
    too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert too_wide <= 0, f"{too_wide} pixels wider than the phone"


@first_of(2, "kind", KINDS)
def test_from_the_sign_in_to_the_right_next_step_it_is_two_actions(
    house: tuple[Night, dict[str, str], str], phone: Any, kind: str
) -> None:
    _, typed, url = house
    sign_in(phone, url)
    phone.fill("#search", typed[kind])
    phone.press("#search", "Enter")
    phone.wait_for_url("**/bookings/alpen/**")
    to_the_first_step(phone, kind, 1)


def test_of_two_guests_of_one_room_each_is_two_actions_away(
    house: tuple[Night, dict[str, str], str], phone: Any
) -> None:
    _, _, url = house
    for place, kind in (("In the house", "offline"), ("Over, or without access", "over")):
        sign_in(phone, url)
        phone.fill("#search", "112")
        phone.press("#search", "Enter")
        phone.click(f"li.np-part:has-text('{place}') + li a.np-found")
        phone.wait_for_url("**/bookings/alpen/**")
        to_the_first_step(phone, kind, 2)


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


def test_while_the_pms_cannot_be_read_the_steps_are_the_same_and_who_is_not_known_is_told_apart(
    house: tuple[Night, dict[str, str], str], phone: Any
) -> None:
    night, typed, url = house
    night.hotel.faults.down = True
    night.clock.pass_(minutes=40)
    night.do("incremental")
    for kind in ("offline", "flat"):
        sign_in(phone, url)
        phone.fill("#search", typed[kind])
        phone.press("#search", "Enter")
        phone.wait_for_url("**/bookings/alpen/**")
        to_the_first_step(phone, kind, 1)
    phone.fill("#search", "Somebody Else")
    phone.press("#search", "Enter")
    told = phone.locator("#not-kept")
    playwright_api.expect(told).to_contain_text("let her in by the house's own key")
    playwright_api.expect(told).to_be_in_viewport(ratio=1)
