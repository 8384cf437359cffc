"""Draws docs/demo.svg, the README's picture, from what the demo really prints: `python docs/draw_demo.py`."""

import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).parent.parent
WIDTH = 112


def main() -> None:
    """Runs the demo in a terminal of its own, so that it prints what people see."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, WIDTH, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "app.py", "demo", "--once", "--port", "0"],
        cwd=ROOT,
        env=os.environ | {"TERM": "xterm-256color"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            part = os.read(ours, 65536)
        except OSError:
            break
        if not part:
            break
        printed += part
    process.wait()
    screen = Console(record=True, width=WIDTH, file=io.StringIO())
    screen.print(Text.from_ansi("$ make demo\n" + _what_stays(printed.decode())))
    screen.save_svg(str(ROOT / "docs" / "demo.svg"), title="Night Porter")


def _what_stays(text: str) -> str:
    """Without the progress bar, which wipes itself: everything before a line's last "erase line" is gone."""
    lines = [line.rsplit("\x1b[2K", 1)[-1] for line in text.replace("\r", "").split("\n")]
    plain = re.compile(r"\x1b\[\?25[lh]|\x1b\[\d*A")
    kept = [plain.sub("", line) for line in lines]
    return "\n".join(line for line in kept if not re.search(r"[⠀-⣿]|alpen: reading|━╸|━━ *\d", line))


if __name__ == "__main__":
    main()
