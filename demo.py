"""`nightporter demo`: a simulated hotel and a simulated Seam workspace, and the real Night Porter between them.

Nothing is faked on our side: the connector speaks HTTP to the hotel, the official SDK speaks HTTP to the workspace,
and the database is a real one in a temporary directory.
"""

import os
import shutil
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from app import create_app
from assembly import run_connection
from reconciler.run import Run, RunOptions
from sandbox.hotel_life import HotelLife
from sandbox.house import House, believable_house, equip_with_locks
from sandbox.http import RunningServer, serve
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.workspace import Workspace
from settings import load_settings
from store.database import open_database
from store.store import Store
from terminal import console, run_progress, show_run

EVERY = 10.0
"""Seconds between two syncs of the live part."""
API_KEY = "seam_sandbox_key"


class _QuietHandler(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        pass


def run_demo(*, once: bool, port: int) -> int:
    """Runs the demo until Ctrl-C (`once`: until the first sync has ended); returns the exit code."""
    out = console()
    try:
        web = make_server("127.0.0.1", port, create_app(), threaded=True, request_handler=_QuietHandler)
    except (OSError, SystemExit):
        out.print(f"Port {port} is in use: choose another with --port N, or --port 0 for a free one.")
        return 1
    home = Path(tempfile.mkdtemp(prefix="nightporter-demo-"))
    house = believable_house(now=lambda: datetime.now(UTC))
    lock_system = SeamWorkspace(api_key=API_KEY)
    try:
        with serve(house.hotel) as mews, serve(lock_system) as seam:
            return _run(out, home, house, lock_system, mews, seam, web, once)
    except KeyboardInterrupt:
        out.print("\nThe night is over. Nothing of the demo is left behind.")
        return 0
    finally:
        web.server_close()
        shutil.rmtree(home, ignore_errors=True)


def _run(
    out: Console,
    home: Path,
    house: House,
    lock_system: SeamWorkspace,
    mews: RunningServer,
    seam: RunningServer,
    web: BaseWSGIServer,
    once: bool,
) -> int:
    config = home / "config.yaml"
    config.write_text(_settings(home, house.hotel, mews, seam), encoding="utf-8")
    settings = load_settings(config, os.environ)
    (connection,) = settings.connections.values()
    threading.Thread(target=web.serve_forever, name="web", daemon=True).start()
    out.print(
        Panel.fit(
            f"A hotel that speaks the Mews Connector API   {mews.url}\n"
            f"A workspace that speaks the Seam API         {seam.url}\n"
            f"Night Porter's own pulse                     http://127.0.0.1:{web.server_port}/healthz\n"
            f"The settings of this demo                    {config}",
            title="Night Porter",
            title_align="left",
        )
    )
    store = Store(open_database(settings.database))
    workspace = Workspace(settings.seam.api_key, settings.seam.endpoint)

    def sync(full: bool) -> int:
        with run_progress() as progress:
            report = Run(
                run_connection(connection),
                workspace,
                store,
                RunOptions(full=full),
                clock=lambda: datetime.now(UTC),
                monotonic=time.monotonic,
                sleep=time.sleep,
                progress=progress,
            ).execute()
        show_run(report)
        return report.exit

    try:
        equip_with_locks(house, lock_system)
        code = sync(full=True)
        if once:
            # The hotel of the demo has broken records on purpose, and they are reported as failed.
            return 0 if store.latest_run_id() and code in (0, 1) else code
        out.print(
            f"\nFrom now on the hotel lives, and every {EVERY:.0f} s Night Porter looks what changed. "
            "Try in another terminal:\n"
            f"  [bold]NIGHTPORTER_CONFIG={config} {_ourselves()} report[/]\n"
            "Ctrl-C ends it.\n",
            soft_wrap=True,
        )
        life = HotelLife(house, seed=7)
        while True:
            time.sleep(EVERY)
            for event in life.step(datetime.now(UTC)):
                out.print(f"[dim]{datetime.now():%H:%M:%S}[/]  [bold]in the hotel:[/] {event}")
            sync(full=False)
    finally:
        workspace.close()
        store.close()
        web.shutdown()


def _ourselves() -> str:
    """How to call Night Porter in another terminal, wherever it is installed."""
    script = Path(sys.executable).with_name("nightporter")
    return str(script) if script.exists() else f"{sys.executable} app.py"


def _settings(home: Path, hotel: MewsHotel, mews: RunningServer, seam: RunningServer) -> str:
    return f"""\
database: sqlite:///{home / "nightporter.db"}
seam: {{api_key: {API_KEY}, endpoint: "{seam.url}"}}
connections:
  alpen:
    connector: mews
    mews: {{base_url: "{mews.url}", client_token: "{hotel.client_token}", access_token: "{hotel.access_token}"}}
policies:
  hotel:
    common_areas: [{{key: lobby, name: Lobby}}]
    replace_wait: 3s
"""
