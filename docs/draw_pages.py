"""Takes docs/pictures: every page, wide and on a phone, in light and in dark: python docs/draw_pages.py

Of some pages only: python docs/draw_pages.py held runs
As PNG into another folder: python docs/draw_pages.py --to /tmp/pictures [page ...]
The moment, the bookings and the ids are always the same (tests/web/pictured.py), so a picture changes when its page
does, or Chromium.
"""

import base64
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

import structlog  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402

from tests.web.browser import CHROMIUM, Quiet  # noqa: E402
from tests.web.pictured import Page, Pictured  # noqa: E402

WIDTHS = {"wide": 1280, "phone": 390}
SCHEMES = ("light", "dark")
TALLEST = {"wide": 1600, "phone": 1700}
"""Of a long list, its beginning."""
QUALITY = 55


def main(folder: Path, form: str, names: list[str]) -> None:
    """Each page into `folder`, or those of these names."""
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        world = Pictured(Path(home))
        pages = [one for one in world.pages() if not names or one.name in names]
        server = make_server("127.0.0.1", 0, world.site, threaded=True, request_handler=Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        cookies = {who: world.cookie(who) for who in {one.who for one in pages} if who}
        for size, width in WIDTHS.items():
            for who in sorted({one.who for one in pages}):
                address = f"http://127.0.0.1:{server.server_port}"
                context = browser.new_context(
                    base_url=address, viewport={"width": width, "height": 844}, reduced_motion="reduce"
                )
                if who:
                    context.add_cookies([{"name": "nightporter", "value": cookies[who], "url": address}])
                tab = context.new_page()
                tab.set_default_timeout(300_000)
                for page in pages:
                    if page.who == who:
                        _take(tab, page, folder, size, form)
                context.close()
        browser.close()
        server.shutdown()
        server.server_close()
        world.close()


def _take(tab: Any, page: Page, folder: Path, size: str, form: str) -> None:
    tab.set_viewport_size({"width": WIDTHS[size], "height": 844})
    answer = tab.goto(page.path)
    assert answer.status < 500, f"{page.path} fails"
    # What sticks to the edge of the screen stands where it belongs.
    height = tab.evaluate("document.documentElement.scrollHeight")
    tab.set_viewport_size({"width": WIDTHS[size], "height": max(height, 844)})
    for scheme in SCHEMES:
        tab.emulate_media(color_scheme=scheme)
        tab.wait_for_function("scheme => document.documentElement.dataset.bsTheme === scheme", arg=scheme)
        clip = {"x": 0, "y": 0, "width": WIDTHS[size], "height": min(height, TALLEST[size]), "scale": 1}
        asked = {"format": form, "clip": clip, "captureBeyondViewport": True}
        if form == "webp":
            asked["quality"] = QUALITY
        session = tab.context.new_cdp_session(tab)
        taken = base64.b64decode(session.send("Page.captureScreenshot", asked)["data"])
        session.detach()
        (folder / f"{page.name}-{size}-{scheme}.{form}").write_bytes(taken)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--to"]:
        main(Path(sys.argv[2]), "png", sys.argv[3:])
    else:
        main(ROOT / "docs" / "pictures", "webp", sys.argv[1:])
