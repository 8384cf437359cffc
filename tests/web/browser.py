"""What the tests in a real browser share: which browser, a server that says nothing, and what axe is asked."""

import os
import shutil

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
