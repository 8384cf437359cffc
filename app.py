"""The front door: `create_app()` for a WSGI server, and `main()`, the command line."""

import io
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from cli.parser import VERSION, cli

if TYPE_CHECKING:
    from flask import Flask


def create_app(config: "str | Path | None" = None) -> "Flask":
    """The web application, for any WSGI server: pages, JSON, webhooks, health. Settings: `config`, or the file that
    NIGHTPORTER_CONFIG names; raises `SettingsError` and `DatabaseUnusable`.

    It serves; the runs happen in `nightporter serve` (or `serve --no-web`), on the same database. Without any settings
    there is only `/healthz`.
    """
    from settings import ENVIRONMENT, load_settings

    if config is None and not os.environ.get(ENVIRONMENT):
        from flask import Flask

        app = Flask("nightporter")
        app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"}, endpoint="healthz")
        return app
    from assembly import assemble

    return assemble(load_settings(config, os.environ), VERSION, with_scheduler=False).site


def main() -> None:
    """The entry point of `nightporter`."""
    for out in (sys.stdout, sys.stderr):
        if isinstance(out, io.TextIOWrapper):
            # A terminal that cannot show a character gets a question mark, not the end of the run.
            out.reconfigure(errors="replace")
    cli(prog_name="nightporter")


if __name__ == "__main__":
    main()
