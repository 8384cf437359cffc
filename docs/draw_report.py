"""Takes docs/now.png, booking.png and locks.png, the README's pictures, from the demo: python docs/draw_report.py"""

import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parent.parent


def main() -> None:
    """Starts the demo, signs in by the link that it prints, and lets it live for half a minute."""
    with tempfile.TemporaryFile("w+") as out:
        demo = subprocess.Popen([sys.executable, "app.py", "demo", "--port", "0"], cwd=ROOT, stdout=out)
        try:
            for _ in range(200):
                time.sleep(0.2)
                out.seek(0)
                if link := re.search(r"http://\S+/sign-in/\S+", text := out.read()):
                    break
            _take(link[0], text)  # type: ignore[index]
        finally:
            demo.send_signal(signal.SIGINT)
            demo.wait(30)


def _take(link: str, text: str) -> None:
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1100, "height": 760})
        page.goto(link)
        page.click("main button")
        page.wait_for_selector(".np-arrivals .np-is-ready", timeout=60_000)
        page.wait_for_timeout(30_000)
        page.screenshot(path=str(ROOT / "docs" / "now.png"))
        phone = browser.new_context(
            viewport={"width": 390, "height": 780}, color_scheme="dark", storage_state=page.context.storage_state()
        ).new_page()
        phone.goto(re.sub(r"/sign-in/.*", "/runs", link))
        phone.locator("tr:has-text('replaced'), tr:has-text('updated')").first.locator("a").first.click()
        phone.locator("main th[scope=row] a[href*=bookings]").first.click()
        phone.wait_for_selector(".np-grant")
        phone.screenshot(path=str(ROOT / "docs" / "booking.png"))
        page.goto(re.sub(r"/sign-in/.*", "/locks", link))
        page.click("text=Connect another lock system")
        with page.expect_popup() as opened:
            page.click("text=Open the sign-in page")
        opened.value.click("#sign-in button")
        page.click("text=Next: which lock belongs to which room", timeout=60_000)
        page.wait_for_selector("#locks")
        page.screenshot(path=str(ROOT / "docs" / "locks.png"))
        browser.close()


if __name__ == "__main__":
    main()
