"""`python -m sandbox`: a simulated PMS and a simulated Seam workspace, to play against by hand until Ctrl-C."""

import argparse
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sandbox.http import serve
from sandbox.plays import PLAYS
from sandbox.seam_workspace import SeamWorkspace

PMS_PORT, SEAM_PORT = 8711, 8712
HOOK_TOKEN = "sandbox-hook-token"


@contextmanager
def both(pms: str, pms_port: int, seam_port: int) -> Iterator[str]:
    """Serves the two at these ports (0: free ones); gives the settings with which Night Porter works against them."""
    play, seam = PLAYS[pms](), SeamWorkspace()
    play.equip(seam, True)
    with serve(play.app, pms_port) as at, serve(seam, seam_port) as seam_at:
        endpoint = f'seam: {{api_key: {seam.api_key}, endpoint: "{seam_at.url}"}}\n'
        yield endpoint + play.settings(at.url, HOOK_TOKEN)


def main() -> None:
    asked = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    asked.add_argument("pms", nargs="?", choices=PLAYS, default=next(iter(PLAYS)), help="which PMS is simulated")
    asked.add_argument("--pms-port", type=int, default=PMS_PORT, help=f"on 127.0.0.1, else {PMS_PORT}")
    asked.add_argument("--seam-port", type=int, default=SEAM_PORT, help=f"on 127.0.0.1, else {SEAM_PORT}")
    chosen = asked.parse_args()
    with both(chosen.pms, chosen.pms_port, chosen.seam_port) as settings, suppress(KeyboardInterrupt):
        sys.stdout.write(settings)
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
