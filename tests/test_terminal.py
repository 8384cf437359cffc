"""What is shown in a terminal is text: nothing in a name moves its cursor or paints its screen."""

from datetime import UTC, datetime

import pytest

from cli.ending import printable
from cli.terminal import escape, show_findings, show_stored_run
from reconciler.inquiry import Findings
from reconciler.judge import Verdict
from reconciler.readiness import Answer
from store.runs import StoredRun

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


def test_a_run_that_has_not_ended_is_not_said_to_be_cut_off_nor_to_have_had_nothing_to_do(
    capsys: pytest.CaptureFixture[str],
) -> None:
    show_stored_run(StoredRun("r1", "alpen", "bookings", datetime(2026, 9, 18, 10, tzinfo=UTC), None, None), [])
    told = " ".join(capsys.readouterr().out.split())
    assert "not ended: it is under way, or was cut off" in told
    assert "nothing to do" not in told
