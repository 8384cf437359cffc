"""What the tests in a real browser share: which browser, a server that says nothing, and what axe is asked."""

import os
import re
import shutil
from collections import Counter
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler

CHROMIUM = os.environ.get("NIGHTPORTER_CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
WITHOUT = "no Chromium is installed (Debian: apt install chromium), or name it in NIGHTPORTER_CHROMIUM"
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason=WITHOUT)
PATIENCE = 30_000
"""Milliseconds."""
AXE = """rules => axe.run(document, {resultTypes: ["violations"], ...rules}).then(found => found.violations
  .filter(one => ["serious", "critical"].includes(one.impact))
  .map(one => one.id + ": " + one.nodes[0].html.slice(0, 200)))"""


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


def ids_twice(html: str) -> list[str]:
    """What a page calls by one id though it is several things: what a script or a label means is then by chance."""
    return [one for one, times in Counter(re.findall(r'<[^>]*\sid="([^"]*)"', html)).items() if times > 1]


REACHABLE = """() => {
  const told = (one) => one.tagName.toLowerCase() + " " + (one.getAttribute("aria-label") || one.id || one.name ||
    one.textContent || one.value || "").trim().replace(/\\s+/g, " ").slice(0, 60);
  window.stops = [];
  document.addEventListener("focusin", ({target}) => {
    const style = getComputedStyle(target.closest("label")?.querySelector("span") && target.type === "radio" ?
      target.nextElementSibling : target), box = target.getBoundingClientRect(), wrong = [];
    if ((style.outlineStyle === "none" || !parseFloat(style.outlineWidth)) && style.boxShadow === "none") {
      wrong.push("nothing shows that it has the focus");
    }
    if (!box.width || !box.height) { wrong.push("it cannot be seen"); }
    const at = (from, to, most) => Math.min(Math.max((from + to) / 2, 0), most - 1);
    const above = [...target.getClientRects()].map((part) =>
      document.elementFromPoint(at(part.left, part.right, innerWidth), at(part.top, part.bottom, innerHeight)));
    const mine = [target, ...(target.labels || [])];
    if (!above.some((one) => mine.some((own) => own.contains(one) || one?.contains(own)))) {
      wrong.push("something lies over it: " + above.map((one) => one ? told(one) : ""));
    }
    window.stops.push([told(target), wrong]);
    window.stops.last = target;
  });
  const groups = new Set();
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
    .filter((one) => one.tabIndex >= 0 && !one.disabled && one.type !== "hidden" && one.checkVisibility())
    .filter((one) => one.type !== "radio" || one.checked).map((one) => [told(one), one.type === "date" ? 5 : 1]);
}"""
"""What the keyboard has to reach, in its order, and by how many steps at most; notes what it does reach in `stops`."""


def wrong_by_keyboard(page: Any) -> list[str]:
    """Goes through an open page by Tab, from its top until it leaves it; returns what is not right: what is not
    reached, or not in its order, or is not seen to have the focus, or does not let it go."""
    page.emulate_media(reduced_motion="reduce")  # what comes gliding is not yet where it will be seen
    found = page.evaluate(REACHABLE)
    wanted = [told for told, _ in found]
    if page.evaluate("document.activeElement !== document.body"):
        # The page has put the focus somewhere: Tab goes on from its beginning all the same.
        page.evaluate("document.body.tabIndex = -1; document.body.focus(); document.body.removeAttribute('tabindex')")
    page.evaluate("stops = []; scrollTo(0, 0)")
    for _ in range(sum(steps for _, steps in found) + 1):
        page.keyboard.press("Tab")
    stops = page.evaluate("stops")
    wrong = [f"{told}: {one}" for told, all_of_it in stops for one in all_of_it]
    reached = [told for told, _ in stops]
    if reached[: len(wanted)] != wanted:
        wrong += [f"not reached: {one}" for one in wanted if one not in reached] or [f"another order: {reached}"]
    elif len(reached) == len(wanted) and page.evaluate("document.activeElement === stops.last"):
        wrong.append(f"the focus does not leave {wanted[-1]}")
    return wrong
