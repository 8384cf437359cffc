"""Every page there is, in a browser: anybody can use it at any width in light and dark, nothing of it is cut, and its
pictures are in docs/pictures."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from tests.web.pictured import NO_PAGES, Page, Pictured
from tests.web.test_browser import AXE, Quiet, chromium

__all__ = ["chromium"]
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
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


def test_every_route_that_shows_a_page_has_pictures_of_it(world: Pictured, pages: dict[str, Page]) -> None:
    rules = [one for one in world.site.url_map.iter_rules() if "GET" in (one.methods or ())]
    there = {one.endpoint for one in rules if not one.rule.startswith("/api/") or one.endpoint == "api_docs"}
    assert there - NO_PAGES == {one.endpoint for one in pages.values()} - {""}
    wanted = {f"{name}-{size}-{scheme}.webp" for name in pages for size in ("wide", "phone") for scheme in SCHEMES}
    assert {one.name for one in PICTURES.iterdir()} == wanted, "python docs/draw_pages.py takes them anew"
    assert sum(one.stat().st_size for one in PICTURES.iterdir()) < 6_000_000


SCHEMES = ("light", "dark")


def test_no_page_of_that_world_fails(world: Pictured, pages: dict[str, Page]) -> None:
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
        tab.evaluate(axe_api.AXE_FILE_PATH.read_text())
        for width in WIDTHS:
            tab.set_viewport_size({"width": width, "height": 844})
            too_wide = tab.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            wrong += [f"{page.name}, {width}: scrolls sideways"] if too_wide > 0 else []
            wrong += [f"{page.name}, {width}: {one}" for one in tab.evaluate(CUT)]
            for scheme in SCHEMES:
                tab.emulate_media(color_scheme=scheme)
                tab.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
                # In the dark nothing differs but the colours.
                rules = {} if scheme == "light" else {"runOnly": ["color-contrast"]}
                wrong += [f"{page.name}, {width}, {scheme}: {one}" for one in tab.evaluate(AXE, rules)]
    assert wrong == []
