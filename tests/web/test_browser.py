"""A clerk's night in a real browser: what she sees, clicks and understands; and that everybody can use it."""

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from assembly import assemble
from sandbox.front_desk import FrontDesk
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender
from settings import load_settings
from store.history import History
from store.people import People, Role
from store.runs import Runs
from store.status import StatusBook
from tests.every_day import first_of
from tests.services import free_port
from tests.web.browser import AXE, PATIENCE, Quiet, needs_chromium
from web.access import hash_password, limiter

playwright_api = pytest.importorskip("playwright.sync_api")
pytestmark = needs_chromium
HOOK, SECRET, PASSWORD = (
    "the-hook-token-of-a-browser",
    "whsec_c2FuZGJveC1zYW5kYm94LXNhbmRib3g=",
    "correct horse battery",
)


class Hotel:
    """The real thing, but for gunicorn: two servers, the service with its scheduler, and webhooks both ways."""

    def __init__(self, home: Path):
        self.hotel = MewsHotel(rate_limit=None)
        self.seam = SeamWorkspace(delete_delay=timedelta(seconds=0.1), issue_delay=timedelta(seconds=0.1))
        of = self.hotel.add_property()
        self.property = of
        category = self.hotel.add_category(self.hotel.add_service(of))
        self.rooms = [self.hotel.add_room(of, name, category) for name in ("101", "102", "103", "104", "105", "106")]
        self.locks = [
            self.seam.add_device(f"Lock {room}", self.rooms[place], customer_key=of)
            for place, room in enumerate(("101", "102", "103", "104", "105"))
        ]
        now = datetime.now(UTC).replace(microsecond=0)
        self.bookings = [
            self.hotel.book(
                self.hotel.add_customer("Jana", f"Novak{place}", f"g{place}@example.com"),
                category,
                now + timedelta(minutes=30 + place),
                now + timedelta(days=2),
                None if place == 6 else self.rooms[place],
            )
            for place in range(7)
        ]
        self.servers = [serve(self.hotel), serve(self.seam)]
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = home / "config.yaml"
        config.write_text(
            f"""
database: sqlite:///{home}/night.db
seam: {{api_key: {self.seam.api_key}, endpoint: "{self.servers[1].url}", webhook_secret: {SECRET}}}
connections:
  alpen:
    connector: mews
    webhook_token: {HOOK}
    schedules: {{incremental: 30m, full: 3h}}
    mews:
      base_url: "{self.servers[0].url}"
      client_token: {self.hotel.client_token}
      access_token: {self.hotel.access_token}
policies: {{hotel: {{max_revocations: {{count: 1, percent: 1}}, replace_wait: 1s, write_back: token}}}}
"""
        )
        self.parts = assemble(load_settings(config, {}), "0", with_scheduler=True)
        limiter.reset()
        people = People(self.parts.store)
        for role in Role:
            people.add_user(role, role, hash_password(PASSWORD), now)
        self.web = make_server("127.0.0.1", port, self.parts.site, threaded=True, request_handler=Quiet)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.hotel.webhook_url = f"{self.url}/webhooks/alpen?token={HOOK}"
        self.seam.webhook_url, self.seam.webhook_secret = f"{self.url}/webhooks/seam", SECRET
        self.hotel.sender, self.seam.sender = WebhookSender(), WebhookSender()
        self._done = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True)
        self._ticker.start()
        assert self.parts.scheduler is not None
        self.parts.scheduler.start()
        for _ in range(300):
            if "alpen" in (found := StatusBook(self.parts.store).all()) and found["alpen"].good_ended_at:
                return
            self._done.wait(0.1)
        raise AssertionError("the first run has not ended")

    def _tick(self) -> None:
        while not self._done.wait(0.2):
            self.seam.tick()

    def close(self) -> None:
        self._done.set()
        self._ticker.join()
        assert self.parts.scheduler is not None
        self.parts.scheduler.stop(20)
        self.web.shutdown()
        self.web.server_close()
        self.parts.close()
        for server in self.servers:
            server.close()


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    with pytest.MonkeyPatch.context() as patch:
        # These pages are opened one after another, each asks the PMS, and nothing here is about how much that allows.
        patch.setattr("connectors.mews.connector.REQUESTS", 100_000)
        made = Hotel(tmp_path_factory.mktemp("browser"))
        yield made
        made.close()


def signed_in(chromium: Any, hotel: Hotel, name: str = "admin", **options: Any) -> tuple[Any, list[str]]:
    """A page of somebody who has signed in, and whatever its console complains of."""
    page = chromium.new_context(**options).new_page()
    page.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    page.on(
        "console", lambda message: complaints.append(message.text) if message.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    sign_in(page, hotel, name)
    return page, complaints


def sign_in(page: Any, hotel: Hotel, name: str) -> None:
    page.goto(f"{hotel.url}/sign-in")
    page.fill("#name", name)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url(f"{hotel.url}/")


def test_the_walk_of_a_clerk_through_her_night(hotel: Hotel, chromium: Any) -> None:
    expect = playwright_api.expect
    expect.set_options(timeout=PATIENCE)
    page, complaints = signed_in(chromium, hotel, "operator")
    # What needs a person, the most urgent first: a room without a door, a guest without a room.
    expect(page.locator("h1")).to_have_text("2 guests cannot get in")
    expect(page.locator(".np-cause h2").nth(0)).to_have_text(re.compile("Room 106 has no lock: 1 guest"))
    expect(page.locator(".np-cause h2").nth(1)).to_have_text(re.compile("1 guest has no room"))
    expect(page.locator(".np-arrivals .np-is-ready").first).to_be_visible()
    # A guest extends at the desk; the clerk has looked her up by room, and sees it without doing anything.
    first = hotel.bookings[0]
    page.fill("#search", "101")
    page.press("#search", "Enter")
    page.wait_for_url(f"**/bookings/alpen/{first}")
    expect(page.locator("#look")).to_contain_text("PIN: issued")
    expect(page.locator("#look")).to_contain_text("Door Lock 101: online")
    hotel.hotel.move_dates(first, departure=datetime.now(UTC).replace(microsecond=0) + timedelta(days=5))
    expect(page.locator(".np-timeline")).to_contain_text("guest extended")
    # A PIN is shown when it is asked for, and not before.
    pin = hotel.seam.code_of(first)
    assert pin
    expect(page.locator("main")).not_to_contain_text(pin)
    page.click("text=Show PIN")
    expect(page.locator(".np-pins")).to_contain_text(pin)
    page.click(".np-actions >> text=Sync now")
    expect(page.locator("[role=status]").first).to_contain_text("looks at it now")
    expect(page.locator(".np-timeline")).to_contain_text("operator: sync now")
    # A lock is unplugged.
    hotel.seam.unplug(hotel.locks[1])
    page.goto(f"{hotel.url}/bookings/alpen/{hotel.bookings[1]}")
    expect(page.locator("#look")).to_contain_text("Door Lock 102: offline")
    # Too many cancellations at once are held, until she approves them.
    for booking in hotel.bookings[2:5]:
        hotel.hotel.cancel(booking)
    page.goto(f"{hotel.url}/held")
    for _ in range(20):
        if page.locator("text=Take access from all").count():
            break
        page.wait_for_timeout(250)
        page.reload()
    expect(page.locator("main")).to_contain_text("booking cancelled")
    assert hotel.seam.grant_by_key(hotel.bookings[3]) is not None
    page.locator("text=Take access from all").first.click()
    expect(page.locator("[role=status]").first).to_contain_text("lose the access")
    for _ in range(40):
        page.reload()
        if page.locator("text=Nothing is held").count():
            break
        page.locator("button:has-text('Take access from all')").first.click() if page.locator(
            "button:has-text('Take access from all')"
        ).count() else page.wait_for_timeout(250)
    expect(page.locator("main")).to_contain_text("Nothing is held")
    # And it was noted who did what.
    admin, _ = signed_in(chromium, hotel)
    admin.goto(f"{hotel.url}/audit-log")
    for entry in ("looked at the PIN", "sync now", "approved"):
        expect(admin.locator("tbody")).to_contain_text(entry)
    assert complaints == []
    # Pages that stay open go on asking.
    page.context.close()
    admin.context.close()


def test_the_whole_road_from_connecting_a_lock_system_to_the_pin_in_the_hotels_hands(
    hotel: Hotel, chromium: Any
) -> None:
    expect = playwright_api.expect
    expect.set_options(timeout=PATIENCE)
    desk = FrontDesk(
        hotel.hotel,
        hotel.seam,
        lambda: datetime.now(UTC),
        signed_in=lambda: [
            hotel.seam.add_device(name, customer_key=hotel.property) for name in ("Rm 0106", "Safe 101")
        ],
    )
    with serve(desk) as front:
        hotel.seam.webview_page = f"{front.url}/?webview="
        page, complaints = signed_in(chromium, hotel, "operator")
        # Connect: Seam's page is opened beside, and noticed when somebody has signed in.
        page.click("text=Locks >> nth=0")
        expect(page.locator("main")).to_contain_text("1 of 6 rooms has no lock")
        page.click("text=Connect another lock system")
        with page.expect_popup() as opened:
            page.click("text=Open the sign-in page")
        opened.value.click("text=Sign in >> nth=-1")
        expect(page.locator("main")).to_contain_text("Connected: ttlock")
        # Match: the sure one is placed by a click, the safe is nobody's door.
        page.click("text=Next: which lock belongs to which room")
        expect(page.locator("main")).to_contain_text("1 lock can be placed by name alone")
        page.click("text=Put it into its room")
        row = page.locator("tr", has_text="Rm 0106")
        expect(row).to_contain_text("by its name, operator")
        expect(page.locator("tr", has_text="Safe 101")).to_contain_text("nothing fits")
        # A person decides the rest: the list of rooms comes when she opens it.
        safe = page.locator("tr", has_text="Safe 101")
        safe.locator("select").focus()
        expect(safe.locator("option", has_text="103")).to_have_count(1)
        safe.locator("select").select_option("-")
        safe.locator("button").click()
        expect(page.locator("tr", has_text="Safe 101")).to_contain_text("no room")
        # Arrive: the guest of 106, for whom nothing opened, gets in; and the hotel can tell her the PIN.
        guest = hotel.bookings[5]
        page.goto(f"{hotel.url}/bookings/alpen/{guest}")
        page.click(".np-actions >> text=Sync now")
        # The page follows by itself what came of it; only the token in the PMS is looked for here.
        expect(page.locator("#verdict")).to_contain_text("Opens from")
        for _ in range(PATIENCE // 500):
            if hotel.hotel.tokens_of(guest):
                break
            page.wait_for_timeout(500)
        expect(page.locator("#look")).to_contain_text("Door Rm 0106: online")
        pin = hotel.seam.code_of(guest)
        assert pin
        hands = chromium.new_context().new_page()
        hands.goto(f"{front.url}/?q=106")
        expect(hands.locator("article", has_text="106")).to_contain_text(f"Door code for the guest: {pin}")
        hands.context.close()
    assert complaints == []
    page.context.close()


def pages(hotel: Hotel) -> list[str]:
    assert History(hotel.parts.store).of_booking("alpen", hotel.bookings[0], [], 1)
    latest = Runs(hotel.parts.store).latest_id()
    return [
        "/",
        "/runs?all=1",
        f"/runs/{latest}",
        "/bookings?q=10&list=1",
        f"/bookings/alpen/{hotel.bookings[0]}?live=1",
        f"/bookings/alpen/{hotel.bookings[6]}?live=1",
        "/held",
        "/locks",
        f"/locks/alpen/{hotel.property}",
        "/connections",
        "/connections/alpen",
        "/new-connection?connector=mews",
        "/inbox",
        "/drift",
        "/alerts",
        "/api/docs",
        "/audit-log",
        "/people",
        "/account",
        "/no-such-page",
    ]


# Every day each page is looked at by one of these two tests, in the long tests by both.
@first_of(
    1,
    ("every", "ways"),
    [(2, [(390, "light")]), (1, [(1280, "light"), (390, "dark"), (390, "light"), (1280, "dark")])],
    ids=["on a phone", "wide and dark as well"],
)
def test_every_page_can_be_used_by_everybody(
    hotel: Hotel, chromium: Any, every: int, ways: list[tuple[int, str]]
) -> None:
    """Each page is read once, and looked at in all these ways."""
    axe_api = pytest.importorskip("axe_playwright_python.base")
    # axe has to be let in: our pages take no script from elsewhere.
    page, _ = signed_in(chromium, hotel, bypass_csp=True)
    page.wait_for_selector(".np-arrivals")
    for path in pages(hotel)[::every]:
        page.goto(hotel.url + path)
        page.evaluate(axe_api.AXE_FILE_PATH.read_text())
        for width, scheme in ways:
            page.set_viewport_size({"width": width, "height": 844})
            too_wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert too_wide <= 0, f"{path} is {too_wide} pixels wider than a screen of {width}"
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
            # In the dark nothing differs but the colours.
            rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
            assert page.evaluate(AXE, rules) == [], f"{path}, {width} wide, {scheme}"
    page.context.close()


@first_of(1, ("begin", "every"), [(1, 2), (0, 1)], ids=["those that the test above leaves out", "all"])
def test_no_page_breaks_its_own_rules_about_scripts_and_styles(
    hotel: Hotel, chromium: Any, begin: int, every: int
) -> None:
    page, complaints = signed_in(chromium, hotel)
    for path in pages(hotel)[begin:-1:every]:
        page.goto(hotel.url + path)
        page.wait_for_load_state("load")
        assert complaints == [], path
    page.context.close()


def test_everything_can_be_reached_by_the_keyboard(hotel: Hotel, chromium: Any) -> None:
    page, _ = signed_in(chromium, hotel)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(f"{hotel.url}/bookings/alpen/{hotel.bookings[0]}")
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().split('\\n')[0]"))
    assert {"Now", "Sync now", "Show PIN", "Sign out"} <= {re.sub(r"\s+", " ", one) for one in reached}
    page.context.close()


def test_it_works_without_scripts(hotel: Hotel, chromium: Any) -> None:
    page, _ = signed_in(chromium, hotel, java_script_enabled=False)
    page.fill("#search", "101")
    page.press("#search", "Enter")
    page.click("text=ask now")
    page.wait_for_selector("text=PIN: issued")
    page.click(".np-actions >> text=Sync now")
    page.wait_for_selector("text=looks at it now")
    page.context.close()


def test_a_page_follows_with_its_title_its_badge_and_its_ages(hotel: Hotel, chromium: Any) -> None:
    expect = playwright_api.expect
    page, _ = signed_in(chromium, hotel, "viewer")
    # As if much had been so when the page was read.
    page.evaluate("""() => {
      document.title = "(99) Now";
      document.getElementById("held-number").innerHTML = '<span class="badge">99</span>';
    }""")
    page.clock.install(time=datetime.now(UTC))
    # A run ends: what the page says is read anew, its title and its badge as well.
    hotel.hotel.move_dates(hotel.bookings[1], departure=datetime.now(UTC).replace(microsecond=0) + timedelta(days=4))
    hotel.hotel.sender.deliver_all()
    page.clock.run_for(2_500)
    expect(page).to_have_title(re.compile(r"^(\(\d\d?\) )?[^·]+ · Night Porter$"), timeout=PATIENCE)
    assert "(99)" not in page.title()
    expect(page.locator("#held-number")).not_to_contain_text("99")
    page.context.close()


def test_what_was_just_now_is_hours_ago_on_a_page_that_stays_open(hotel: Hotel, chromium: Any) -> None:
    expect = playwright_api.expect
    context = chromium.new_context()
    page = context.new_page()
    page.clock.install()
    sign_in(page, hotel, "viewer")
    page.goto(f"{hotel.url}/bookings/alpen/{hotel.bookings[0]}")
    expect(page.locator("#look")).to_contain_text("PIN: issued")
    expect(page.locator("#verdict time.np-ago")).to_have_text("just now")
    page.route("**/*", lambda route: route.abort())
    page.clock.run_for(10_000)
    # Nothing is heard: the page says so, and of when it is.
    expect(page.locator("#progress")).to_contain_text(
        re.compile(r"cannot be reached\. This page was read at \d\d:\d\d.*: what has happened since is not on it")
    )
    page.clock.fast_forward("03:00:00")
    expect(page.locator("#verdict time.np-ago")).to_have_text("3 h ago")
    # It is heard again.
    page.unroute("**/*")
    page.clock.run_for(10_000)
    expect(page.locator("#progress")).not_to_contain_text("cannot be reached")
    context.close()


def test_a_page_whose_user_has_signed_out_elsewhere_says_so(hotel: Hotel, chromium: Any) -> None:
    page, _ = signed_in(chromium, hotel, "viewer")
    other = page.context.new_page()
    other.goto(f"{hotel.url}/alerts")
    other.click("text=Sign out")
    playwright_api.expect(page.locator("#progress")).to_contain_text("You are signed out. Sign in again")
    page.context.close()


def test_a_look_that_got_no_answer_can_be_asked_for_again(hotel: Hotel, chromium: Any) -> None:
    expect = playwright_api.expect
    page, _ = signed_in(chromium, hotel, "viewer")
    page.route("**/live", lambda route: route.abort())
    page.goto(f"{hotel.url}/bookings/alpen/{hotel.bookings[0]}")
    expect(page.locator("#look")).to_contain_text("could not ask the PMS and Seam")
    page.unroute("**/live")
    page.click("text=Ask again")
    expect(page.locator("#look")).to_contain_text("PIN: issued")
    page.context.close()
