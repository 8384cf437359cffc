from collections.abc import Iterator
from typing import Any

import pytest

from tests.web.browser import CHROMIUM, WITHOUT


@pytest.fixture(scope="package")
def chromium() -> Iterator[Any]:
    """One browser for all tests that need one: each begins a context of its own, and closes it.

    Not for the whole session: Playwright's event loop lasts as long as the browser, and there can be no other one in
    the same thread.
    """
    if CHROMIUM is None:
        pytest.skip(WITHOUT)
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def phone(chromium: Any) -> Iterator[Any]:
    """A page of a telephone."""
    page = chromium.new_context(viewport={"width": 390, "height": 844}, has_touch=True).new_page()
    page.set_default_timeout(30_000)
    yield page
    page.context.close()
