"""Does a grant that exists open its doors? In words for the clerk."""

from dataclasses import replace

import pytest

from reconciler.health import FAILED, ISSUED, ISSUING, judge
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingDoor
from tests.builders import NOW

GRANT = ExistingAccessGrant("g", "b1", "u", frozenset({"s"}), NOW, None, None, frozenset({"code"}))
PIN = ExistingAccessMethod("m", "code", issued=True)
DOOR = ExistingDoor("d", "Door 101", frozenset({"s"}), online=True)


def test_a_pin_that_the_lock_knows_works() -> None:
    assert judge(GRANT, [PIN], [DOOR]) == (ISSUED, "")


@pytest.mark.parametrize(
    ("grant", "method", "said"),
    [
        (replace(GRANT, pending=("updating_access_times",)), PIN, "the lock is being told of the new times"),
        (replace(GRANT, pending=("updating_spaces",)), PIN, "its doors are being changed"),
        (GRANT, replace(PIN, pending=("provisioning_access",)), "not every door has it yet"),
        (GRANT, replace(PIN, issued=False), "the lock is being told"),
        (GRANT, replace(PIN, issued=False, needs_encoding=True), "a card has to be encoded at the desk"),
    ],
)
def test_what_is_under_way_will_work(grant: ExistingAccessGrant, method: ExistingAccessMethod, said: str) -> None:
    assert judge(grant, [method], [DOOR]) == (ISSUING, said)


def test_a_door_that_still_has_to_forget_somebody_keeps_nobody_out() -> None:
    assert judge(GRANT, [replace(PIN, pending=("revoking_access",))], [DOOR])[0] == ISSUED


def test_what_does_not_work_says_what_to_do() -> None:
    offline = replace(DOOR, online=False)
    assert judge(GRANT, [replace(PIN, issued=False)], [offline])[0] == FAILED
    assert "no door in Seam" in judge(GRANT, [PIN], [])[1]
    assert "sync now" in judge(None, [], [DOOR])[1]
    state, why = judge(replace(GRANT, troubles=("failed_to_issue",)), [PIN], [DOOR])
    assert (state, "the lock did not take it" in why) == (FAILED, True)
    assert judge(replace(GRANT, troubles=("something_new",)), [PIN], [DOOR])[1] == "Seam says something new"
