"""The pages of thirty hotels in a real browser: nothing scrolls sideways, everybody can use them, few screens."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from werkzeug.serving import make_server

from store.inbox import Inbox
from store.properties import Properties
from store.trends import Counted, Figure, Trends, bound_of
from tests.night import PASSWORD
from tests.web.browser import AXE, Quiet, needs_chromium
from tests.web.chain import NOW, Chain
from web import trends
from web.kept_reports import KeptReports

pytestmark = needs_chromium
PAGES = (
    "/",
    "/?state=held&q=runway",
    "/properties/hotel1/p1",
    "/properties/hotel2/p2",
    "/held",
    "/alerts",
    "/alerts/1",
    "/inbox",
    "/inbox/1",
    "/bookings?q=101",
    "/bookings?q=nobody-at-all",
    "/trends",
    f"/trends/{NOW:%Y-%m}",
)
WIDTHS = (360, 390, 768, 1280, 1920)


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    made = Chain(tmp_path_factory.mktemp("chain"), 30)
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def page(chromium: Any, chain: Chain) -> Iterator[Any]:
    box = Inbox(chain.store)
    for number in range(12):
        sent = {"EnterpriseId": "p0", "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": "p0-b0"}}]}
        subjects = {"bookings": ["p0-b0"]}
        box.put("pms", f"e{number}", "ServiceOrderUpdated", subjects, NOW, connection="hotel0", payload=sent)
    for _ in range(3):
        box.put_off(box.take("hotel0", NOW, "me"), NOW, NOW, "the PMS answers 503 Service Unavailable", failed=False)
    box.done(box.take("hotel0", NOW, "me"), NOW, "failed", "booking p0-b0 cannot be read", "full-hotel0")
    for days in range(60):
        _count(chain, days)
    server = make_server("127.0.0.1", 0, chain.site, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    # axe has to be let in: our pages take no script from elsewhere.
    made = chromium.new_context(base_url=f"http://127.0.0.1:{server.server_port}", bypass_csp=True).new_page()
    made.goto("/sign-in")
    made.fill("#name", "operator")
    made.fill("#password", PASSWORD)
    made.click("main button")
    yield made
    made.context.close()
    server.shutdown()
    server.server_close()


def _count(chain: Chain, days: int) -> None:
    """Some numbers of a day, for every chart of *Trends*."""
    for of in chain.known[:3]:
        numbers = ((Figure.READY, 9, ""), (Figure.NOT_READY, days % 3, "no_room"), (Figure.OFFLINE, 60 * days, ""))
        found = [Counted(of.property_id, NOW - timedelta(days=days), *one) for one in numbers]
        found.append(Counted(of.property_id, NOW, Figure.TO_DOOR, 1, bound_of(days * 3)))
        Trends(chain.store).add(of.connection, found)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_used_by_everybody_at_any_width_in_light_and_dark(page: Any, path: str) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.base")
    page.goto(path)
    page.evaluate(axe_api.AXE_FILE_PATH.read_text())
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert too_wide <= 0, f"{too_wide} pixels wider than a screen of {width}"
        for scheme in ("light", "dark") if width in (390, 1280) else ("light",):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
            rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
            assert page.evaluate(AXE, rules) == [], f"{width} wide, {scheme}"
    page.emulate_media(color_scheme="light")


@pytest.mark.slow
def test_german_words_which_are_longer_fit_as_well(page: Any) -> None:
    page.set_extra_http_headers({"Accept-Language": "de"})
    try:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            for path in (*PAGES, "/locks", "/locks/health", "/drift", "/runs?all=1"):
                page.goto(path)
                assert page.evaluate("document.documentElement.lang") == "de"
                too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                assert too_wide <= 0, f"{path} at {width}: {too_wide}"
    finally:
        page.set_extra_http_headers({})


@pytest.mark.parametrize("path", ["/", "/held", "/locks", "/runs?all=1", "/bookings?q=101"])
def test_a_name_of_two_hundred_letters_without_a_blank_widens_no_page(page: Any, chain: Chain, path: str) -> None:
    long = chain.known[3], chain.known[4], chain.known[5]
    for of in long:
        Properties(chain.store).note(of.connection, [replace(of, name="Gästehaus" * 22)], NOW)
    page.set_extra_http_headers({"Accept-Language": "fr"})
    try:
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(path)
            too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert too_wide <= 0, f"{too_wide} pixels wider than a screen of {width}"
    finally:
        page.set_extra_http_headers({})
        for of in long:
            Properties(chain.store).note(of.connection, [of], NOW)


def test_thirty_hotels_fit_on_four_screens_and_a_slash_goes_to_the_search(page: Any) -> None:
    for width, height in ((1280, 800), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto("/")
        assert page.evaluate("document.documentElement.scrollHeight") <= 4 * height, f"{width} wide"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("20040")
    page.keyboard.press("Enter")
    page.wait_for_url("**/bookings/hotel2/p2-b0")


def test_on_a_phone_an_alert_is_acknowledged_from_the_list_and_silenced_on_its_page(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/alerts?state=unacknowledged")
    page.get_by_role("button", name="Acknowledge").first.click()
    assert "Acknowledged" in page.inner_text("[role=status]")
    page.locator(".np-c-state", has_text="Acknowledged").first.wait_for()
    page.locator("tr", has_text="Acknowledged").first.get_by_role("link").last.click()
    page.fill("[name=why]", "the electrician is here")
    page.get_by_role("button", name="Silence", exact=True).click()
    assert "Silenced until" in page.inner_text("[role=status]")
    assert "the electrician is here" in page.inner_text(".np-timeline")


def test_on_a_phone_all_that_the_filter_shows_is_replayed_when_its_number_is_typed(page: Any) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/inbox?state=failed")
    page.fill("[name=number]", "12")
    page.get_by_role("button", name="Replay all 12").click()
    assert "looks at 12 deliveries once more" in page.inner_text("[role=status]")


def test_a_report_that_takes_long_is_shown_by_itself_once_it_is_there(
    page: Any, chain: Chain, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_end, really = threading.Event(), trends.trends_report

    def slowly(*of: Any) -> Any:
        assert may_end.wait(30)
        return really(*of)

    monkeypatch.setattr(trends, "FEW", 0)
    monkeypatch.setattr(trends, "trends_report", slowly)
    monkeypatch.setitem(chain.site.extensions, "trends", KeptReports())
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/trends?days=7")
    assert page.inner_text("h1") == "The report is being put together"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    may_end.set()
    page.wait_for_selector("#t-arrivals")
    assert page.url.endswith("/trends?days=7")
