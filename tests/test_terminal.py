"""What is shown in a terminal is text: nothing in a name moves its cursor or paints its screen."""

import pytest

from cli.ending import printable
from cli.terminal import escape, show_findings
from reconciler.inquiry import Findings
from reconciler.judge import Verdict
from reconciler.readiness import Answer

HOSTILE = "Jana\x1b[2J\x1b]0;owned\x07\u202eNovak\x9b31m [bold]x[/]"


def test_foreign_text_holds_no_sign_that_a_terminal_obeys(capsys: pytest.CaptureFixture[str]) -> None:
    for sign in ("\x1b", "\x07", "\u202e", "\x9b", "\r"):
        assert sign not in printable(HOSTILE + "\r")
    assert "[bold]" in escape(HOSTILE)
    findings = Findings("alpen", HOSTILE, answer=Answer(Verdict.SHUT, "x", f"Does not open, because {HOSTILE}."))
    findings.add(HOSTILE, [(HOSTILE, HOSTILE)])
    show_findings(findings)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "Jana" in out
    assert "[bold]x[/]" in out
