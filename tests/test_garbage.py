"""No request goes through all objects of the process for garbage; what is garbage goes all the same."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BEGIN = """
import gc
import weakref
from cli import garbage


class Circle:
    def __init__(self):
        self.itself = self


"""


def answer_of(code: str) -> str:
    """What it prints in a process of its own: the search for garbage is one for the whole process."""
    done = subprocess.run([sys.executable, "-c", BEGIN + code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("kept", [True, False])
def test_while_it_is_kept_no_request_goes_through_everything(kept: bool) -> None:
    """By how often Python has gone through all that there is, while things come to stay."""
    code = f"""
if {kept}:
    garbage.Garbage().keep()
before = gc.get_stats()[2]["collections"]
stays = [[] for _ in range(300_000)]
print(gc.get_stats()[2]["collections"] - before)
"""
    number = int(answer_of(code))
    assert number == 0 if kept else number > 0, "and without it Python does so: the test sees something"


def test_what_is_garbage_is_taken_away_and_the_rest_put_aside() -> None:
    code = """
one = Circle()
gone, stays = weakref.ref(one), Circle()
of_old = gc.get_freeze_count()
del one
garbage.Garbage().put_aside()
print(gone() is None, gc.get_freeze_count() > of_old, stays in gc.get_objects())
"""
    assert answer_of(code) == "True True False"


def test_what_became_garbage_after_it_was_put_aside_is_found_once_in_a_while() -> None:
    code = """
garbage.ANEW = 3
keeper = garbage.Garbage()
one = Circle()
gone = weakref.ref(one)
keeper.put_aside()
del one
keeper.put_aside()
print(gone() is None)
keeper.put_aside()
print(gone() is None)
"""
    assert answer_of(code) == "False\nTrue"
