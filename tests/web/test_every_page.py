"""Every page there is, in a browser: anybody can use it at any width in light and dark, nothing of it is cut, and its
pictures are in docs/pictures."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.web.browser import AXE, Quiet, ids_twice, wrong_by_keyboard
from tests.web.chain import Chain
from tests.web.pictured import NO_PAGES, ROUTES, Page, Pictured

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SCHEMES = ("light", "dark")
WIDTHS = (360, 390, 768, 1280, 1920)
CUT = """() => {
  const pen = document.createElement("canvas").getContext("2d"), found = [];
  const wide = (text, style) => { pen.font = style.font; return pen.measureText(text).width; };
  for (const one of document.querySelectorAll("header *, main *, footer *")) {
    const box = one.getBoundingClientRect(), style = getComputedStyle(one);
    if (!box.width || !box.height) { continue; }
    if (one.closest(".visually-hidden, .visually-hidden-focusable, svg, thead")) { continue; }
    if (one.closest(".np-chips, .table-responsive, .np-choice, option")) { continue; }
    const told = (one.getAttribute("class") || one.tagName) + ": " + (one.value || one.textContent).trim().slice(0, 60);
    if (box.right > innerWidth + 1 || box.left < -1) { found.push("beside the screen: " + told); }
    const hides = style.overflowX !== "visible";
    if (hides && one.scrollWidth > one.clientWidth + 1) { found.push("cut: " + told); }
    const inside = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 1;
    const words = one.matches("select") ? one.selectedOptions[0]?.text : one.matches("input") ? one.placeholder : "";
    const shown = one.matches("select") ? style : getComputedStyle(one, "::placeholder");
    if (words && wide(words, shown) > inside) { found.push("cut: " + words); }
  }
  return found;
}"""


LARGER_LETTERS = """() => [...document.querySelectorAll("body, body *")].map((one) => {
  const {fontSize, lineHeight} = getComputedStyle(one);
  return [one, 2 * parseFloat(fontSize), lineHeight === "normal" ? lineHeight : 2 * parseFloat(lineHeight) + "px"];
}).forEach(([one, size, line]) => { one.style.fontSize = size + "px"; one.style.lineHeight = line; })"""
"""As a browser does that enlarges letters only."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pictured]:
    made = Pictured(tmp_path_factory.mktemp("pictured"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def tabs(world: Pictured, chromium: Any) -> Iterator[Any]:
    """A page of a browser for each of those who look."""
    server = make_server("127.0.0.1", 0, world.site, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    made: dict[str, Any] = {}

    def tab(who: str) -> Any:
        if who not in made:
            # axe has to be let in: our pages take no script from elsewhere.
            context = chromium.new_context(base_url=address, bypass_csp=True, reduced_motion="reduce")
            if who:
                context.add_cookies([{"name": "nightporter", "value": world.cookie(who), "url": address}])
            made[who] = context.new_page()
        return made[who]

    yield tab
    for one in made.values():
        one.context.close()
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def pages(world: Pictured) -> dict[str, Page]:
    return {one.name: one for one in world.pages()}


def test_every_route_that_shows_a_page_has_pictures_of_it(tmp_path: Path) -> None:
    chain = Chain(tmp_path, 1)
    rules = [one for one in chain.site.url_map.iter_rules() if "GET" in (one.methods or ())]
    there = {one.endpoint for one in rules if not one.rule.startswith("/api/") or one.endpoint == "api_docs"}
    assert there - NO_PAGES == set(ROUTES.values()) - {""}
    wanted = {f"{name}-{size}-{scheme}.webp" for name in ROUTES for size in ("wide", "phone") for scheme in SCHEMES}
    assert {one.name for one in PICTURES.iterdir()} == wanted, "python docs/draw_pages.py takes them anew"
    assert sum(one.stat().st_size for one in PICTURES.iterdir()) < 8_000_000
    chain.store.close()


@pytest.mark.slow
def test_no_page_of_that_world_fails(world: Pictured, pages: dict[str, Page]) -> None:
    assert set(pages) == set(ROUTES)
    client = world.client("anna")
    told = {one.name: client.get(one.path).status_code for one in pages.values() if one.who == "anna"}
    assert {name: status for name, status in told.items() if status != 200} == {"no-such-page": 404}


@pytest.mark.slow
def test_every_page_can_be_used_by_anybody_at_every_width_and_nothing_is_cut(tabs: Any, pages: dict[str, Page]) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.base")
    wrong: list[str] = []
    for page in pages.values():
        tab = tabs(page.who)
        tab.goto(page.path)
        wrong += [f"{page.name}: two things have the id {one}" for one in ids_twice(tab.content())]
        tab.evaluate(axe_api.AXE_FILE_PATH.read_text())
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 844})
            too_wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [f"{page.name}, {width}: scrolls sideways"] if too_wide > 0 else []
            wrong += [f"{page.name}, {width}: {one}" for one in tab.evaluate(CUT)]
            # In the dark nothing differs but the colours, which no width changes but that of a phone.
            for scheme in SCHEMES if width in (390, 1280) else ["light"]:
                tab.emulate_media(color_scheme=scheme)
                tab.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
                rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
                wrong += [f"{page.name}, {width}, {scheme}: {one}" for one in tab.evaluate(AXE, rules)]
    assert wrong == []


@pytest.mark.slow
def test_every_page_can_be_read_at_twice_its_size_and_with_letters_twice_as_large(
    tabs: Any, pages: dict[str, Page]
) -> None:
    wrong: list[str] = []
    for page in pages.values():
        tab = tabs(page.who)
        # A screen of 1,280 that shows everything twice as large.
        tab.set_viewport_size({"width": 640, "height": 422})
        tab.goto(page.path)
        wrong += [f"{page.name}: {one}" for one in tab.evaluate(CUT)]
        tab.evaluate(LARGER_LETTERS)
        for width, part in ((640, "html"), (1280, ".np-bar")):
            tab.set_viewport_size({"width": width, "height": 844})
            too_wide = tab.evaluate("part => document.querySelector(part)?.scrollWidth - innerWidth", part)
            wrong += [f"{page.name}, {width}: {part} scrolls sideways"] if too_wide and too_wide > 0 else []
    assert wrong == []


@pytest.mark.slow
def test_every_page_has_room_for_german_words_and_can_be_used_in_them(tabs: Any, pages: dict[str, Page]) -> None:
    axe_api = pytest.importorskip("axe_playwright_python.base")
    wrong: list[str] = []
    for page in pages.values():
        tab = tabs(page.who)
        tab.set_extra_http_headers({"Accept-Language": "de"})
        tab.goto(page.path)
        wrong += [] if tab.evaluate("document.documentElement.lang") == "de" else [f"{page.name}: not in German"]
        for width in (360, 768, 1280):
            tab.set_viewport_size({"width": width, "height": 844})
            too_wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [f"{page.name}, {width}: scrolls sideways"] if too_wide > 0 else []
            wrong += [f"{page.name}, {width}: {one}" for one in tab.evaluate(CUT)]
        tab.evaluate(axe_api.AXE_FILE_PATH.read_text())
        wrong += [f"{page.name}: {one}" for one in tab.evaluate(AXE, {})]
        tab.set_extra_http_headers({})
    assert wrong == []


@pytest.mark.slow
def test_every_page_is_walked_by_the_keyboard_alone(tabs: Any, pages: dict[str, Page]) -> None:
    wrong: list[str] = []
    for width in (390, 1280):
        for page in pages.values():
            tab = tabs(page.who)
            tab.set_viewport_size({"width": width, "height": 844})
            tab.goto(page.path)
            wrong += [f"{page.name}, {width}: {one}" for one in wrong_by_keyboard(tab)]
            if tab.locator("#search").count():
                tab.keyboard.press("/")
                wrong += [] if tab.evaluate("document.activeElement.id === 'search'") else [f"{page.name}: no search"]
    assert wrong == []


ANSWERED = """({part, answer, lowest}) => [...document.querySelectorAll(part)].some((one) =>
  new RegExp(answer, "s").test(one.innerText) && one.checkVisibility() && one.getBoundingClientRect().y <= lowest)"""
SEARCH, GO = "search", "go"
DAY = r"\d+ \w+ \d\d:\d\d"
OF_A_CLERK = {
    "Who cannot get in tonight?": ([(GO, "Hotel Alpenblick")], ".np-cause", r"16:00\s+107\s+M\.C\.\s+booking 1007"),
    "Why, and what do I do about the rooms without a lock?": (
        [(GO, "Hotel Alpenblick")],
        ".np-cause",
        r"2 rooms have no lock: 2 guests.*Place locks",
    ),
    "A guest stands here with booking 1007: does her door open?": ([(SEARCH, "1007")], "#verdict", "^Does not open"),
    "What do I do for her?": ([(SEARCH, "1007")], "#still-closed", "What to do next.*Sync now.*house's own key"),
    "Does the door of 101 open?": ([(SEARCH, "101")], ".np-found", r"J\.N\. 101\s+Opens\s+Hotel Alpenblick"),
    "Until when may the guest of 107 stay?": (
        [(SEARCH, "room 107")],
        ".np-found",
        rf"Hotel Alpenblick, .* to {DAY} \(Europe/Vienna\)",
    ),
    "Who has booking 1003, and why has she no access?": ([(SEARCH, "1003")], "main", r"^T\.B\..*waiting for a room"),
    "A guest gives her initials only: who is it?": ([(SEARCH, "E L")], ".np-found", r"E\.L\. 106.*Alpenblick.*1006"),
    "The PMS says cancelled: can she still get in?": (
        [(SEARCH, "1006")],
        "#verdict",
        "^Still has access.*booking cancelled.*Held",
    ),
    "Which lock lets nobody in, and since when?": (
        [(GO, "Locks"), (GO, "How the locks are")],
        "main li",
        rf"Rm 0203.*offline since {DAY}",
    ),
}
OF_OPERATIONS = {
    "How many hotels need a person?": ([], "h1", r"^\d+ of 12 properties need a person"),
    "Where is somebody outside first, and since when?": ([], "main", r"the first \d\d:\d\d at Kestrel House"),
    "Which hotel has not been read by its PMS?": ([], "tr", r"Marram House.*Not kept in step"),
    "Who keeps access that the PMS has ended?": ([(GO, "Held")], "tr", r"E\.L\. 106.*In the house"),
    "How many of them are in the house?": ([(GO, "Held")], "main", r"^7 guests keep access.*6 are in the house"),
    "What is open, and does somebody see to it?": ([(GO, "Alerts")], "tr", "^Open.*Hochsteg House.*Acknowledge"),
    "Do guests get in?": ([(GO, "More"), (GO, "Trends")], "h1", r"^[\d,]+ of [\d,]+ guests could open their door"),
    "What failed last?": ([(GO, "More"), (GO, "Runs")], "tr", "Marram House.*broke off.*503"),
    "What did somebody change in Seam by hand?": (
        [(GO, "More"), (GO, "Drift")],
        "tr",
        r"L\.M\. 102.*changed in Seam by somebody else; put back",
    ),
    "Who looked at a PIN?": ([(GO, "More"), (GO, "Audit log")], "tr", "bruno.*looked at the PIN"),
}


@pytest.mark.slow
@pytest.mark.parametrize("asked", [OF_A_CLERK, OF_OPERATIONS], ids=["a clerk", "operations"])
def test_ten_questions_are_answered_on_a_phone_by_at_most_two_actions_from_the_sign_in(tabs: Any, asked: Any) -> None:
    api = pytest.importorskip("playwright.sync_api")
    tab, unanswered = tabs("anna"), []
    tab.set_viewport_size({"width": 390, "height": 844})
    assert len(asked) == 10
    for question, (actions, part, answer) in asked.items():
        assert len(actions) <= 2
        tab.goto("/")
        for act, what in actions:
            if act == SEARCH:
                tab.fill("#search", what)
                tab.press("#search", "Enter")
                tab.wait_for_url("**/bookings**")
            elif what == "More":
                tab.click(".np-tabs summary")
            else:
                tab.locator("a:visible", has_text=what).first.click()
        # It begins no more than a screen further down. Sought and measured at once: the page may go on following.
        try:
            tab.wait_for_function(ANSWERED, arg={"part": part, "answer": answer, "lowest": 2 * 844})
        except api.TimeoutError:
            unanswered.append(f"{question} {tab.inner_text('main')[:300]}")
    assert unanswered == []


@pytest.mark.slow
def test_an_embedded_verdict_is_read_again_where_it_stands(tabs: Any, pages: dict[str, Page]) -> None:
    page = pages["booking-embedded"]
    tab = tabs(page.who).context.new_page()
    tab.add_init_script("window.setInterval = (look) => { window.look = look; };")
    tab.goto(page.path)
    tab.evaluate("window.stays = true")
    tab.route("**/embed/**", lambda route: route.fulfill(body="<main><p>over</p></main>", content_type="text/html"))
    tab.evaluate("window.look()")
    tab.wait_for_function("document.querySelector('main').innerText.trim() === 'over'")
    assert tab.evaluate("window.stays"), "the page was loaded anew"
    tab.close()
