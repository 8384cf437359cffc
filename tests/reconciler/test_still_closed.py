"""What a clerk does next for whoever stands before a closed door, for each reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from mappers.links import Link
from mappers.outcomes import Kind
from reconciler.judge import Verdict
from reconciler.still_closed import Known, Reason, StepKind, still_closed
from store.entries import Entry, EntryKind
from store.lock_health import Cause, LockHealth
from store.stays import Stay

NOW = datetime(2026, 9, 18, 21, 0, tzinfo=UTC)
STAY = Stay(
    "alpen", "b1", "p1", "52", "J.N. 101", "101", "confirmed", NOW - timedelta(hours=6), NOW + timedelta(days=2),
    "granted", "", 1,
)  # fmt: skip
LOCK = LockHealth(
    "alpen", "p1", "d1", "Lock 101", ["101"], ["s1"], "good", [], 0.8, "good", None, [], True, NOW, NOW, {}, NOW, True
)  # fmt: skip
GRANT = Link(Kind.ACCESS_GRANT, "b1", "g1", booking_id="b1", label="J.N. 101", ends_at=STAY.ends_at)
KNOWN = Known(
    STAY, Verdict.OPENS, "", [LOCK], [], [GRANT], True, "the night manager, 1234", NOW, "Europe/Vienna", ["101"]
)  # fmt: skip
SHUT = replace(KNOWN, verdict=Verdict.SHUT)


def cause(code: str, sentence: str = "") -> Cause:
    return Cause(code, sentence or code, NOW)


def refused(minutes: int = 2) -> Entry:
    at = NOW - timedelta(minutes=minutes)
    return Entry(f"e{minutes}", "alpen", "p1", "d1", "Lock 101", EntryKind.REFUSED, "", None, at)


CUT_OFF = replace(LOCK, online=False, causes=[cause("device_offline")], can_unlock=True)
FLAT = replace(LOCK, battery_level=0.04, battery_status="critical", causes=[cause("battery_critical")])
KINDS = {
    "cancelled": (replace(SHUT, stay=replace(STAY, access="none"), cause="no_access"), Reason.NO_ACCESS, "ask_the_pms"),
    "held": (
        replace(KNOWN, stay=replace(STAY, access="live"), cause="not_revoked", is_held=True), Reason.HELD, "decide_held"
    ),
    "not revoked": (
        replace(KNOWN, stay=replace(STAY, access="live"), cause="not_revoked"), Reason.NO_ACCESS, "ask_the_pms"
    ),
    "no room": (
        replace(SHUT, stay=replace(STAY, access="waiting", room=None), cause="waiting"), Reason.NO_ROOM, "assign_room"
    ),
    "a room, and nobody named": (
        replace(SHUT, stay=replace(STAY, access="waiting", reason="nobody is named", grants=0), cause="waiting"),
        Reason.WITHHELD, "put_right"
    ),
    "another's room": (
        replace(SHUT, stay=replace(STAY, access="broken", reason="has it", grants=0), cause="not_made", grants=[]),
        Reason.WITHHELD, "put_right"
    ),
    "could not be made": (
        replace(SHUT, stay=replace(STAY, access="broken", reason="Seam refused it"), cause="not_made", grants=[]),
        Reason.TO_BE_MADE, "sync"
    ),
    "over": (replace(SHUT, stay=replace(STAY, ends_at=NOW), cause="stay_over"), Reason.OVER, "extend"),
    "too early": (replace(KNOWN, stay=replace(STAY, starts_at=NOW + timedelta(hours=1))), Reason.EARLY, "check_in"),
    "without a lock": (replace(SHUT, cause="no_door", locks=[]), Reason.NO_LOCK, "place_lock"),
    "locked up inside": (replace(SHUT, cause="privacy_mode"), Reason.PRIVACY, "knock"),
    "flat": (replace(KNOWN, verdict=Verdict.UNSURE, cause="battery_critical", locks=[FLAT]), Reason.FLAT, "unlock"),
    "offline": (replace(SHUT, cause="device_offline", locks=[CUT_OFF]), Reason.OUT_OF_REACH, "spare_key"),
    "account gone": (replace(SHUT, cause="account_disconnected"), Reason.OUT_OF_REACH, "spare_key"),
    "deleted in Seam": (replace(SHUT, cause="no_grant"), Reason.TO_BE_MADE, "sync"),
    "a wrong PIN": (replace(KNOWN, entries=[refused()]), Reason.WRONG_PIN, "show_pin"),
    "not taken": (replace(SHUT, cause="failed_to_issue"), Reason.NOT_WRITTEN, "sync"),
    "a code nobody knows": (replace(SHUT, cause="brand_new_error"), Reason.NOT_WRITTEN, "sync"),
    "nothing wrong": (KNOWN, Reason.NO_KNOWN, "show_pin"),
}  # fmt: skip


@pytest.mark.parametrize(("known", "reason", "first"), KINDS.values(), ids=KINDS)
def test_each_reason_has_its_own_first_step_and_somebody_to_call(known: Known, reason: Reason, first: str) -> None:
    found = still_closed(known)
    assert (found.reason, found.next.kind) == (reason, first)
    assert found.steps[-1].words == "Call the night manager, 1234."


@pytest.mark.parametrize(
    "name", ["cancelled", "no room", "a room, and nobody named", "another's room", "over", "too early"]
)
def test_whoever_has_no_right_to_be_there_is_offered_nothing_that_opens(name: str) -> None:
    kinds = {step.kind for step in still_closed(KINDS[name][0]).steps}
    assert kinds.isdisjoint({StepKind.UNLOCK, StepKind.SPARE_KEY, StepKind.NEW_PIN, StepKind.SHOW_PIN})


def test_a_lock_that_cannot_be_reached_is_not_offered_to_be_opened_from_afar() -> None:
    assert StepKind.UNLOCK not in {step.kind for step in still_closed(KINDS["offline"][0]).steps}
    flat_and_offline = replace(FLAT, online=False)
    found = still_closed(replace(SHUT, cause="device_offline", locks=[flat_and_offline]))
    assert StepKind.UNLOCK not in {step.kind for step in found.steps}


def test_what_is_known_is_said_with_its_hour_there() -> None:
    found = still_closed(replace(KNOWN, entries=[refused(2), refused(5)], locks=[FLAT]))
    assert found.facts[0] == "A wrong PIN or card was tried at 22:58 at Lock 101, and 1 time before."
    assert "The battery of Lock 101 is at 4%." in found.facts
    assert found.reason is Reason.WRONG_PIN, "it has just answered: its battery is not the trouble"


def test_a_pin_that_was_refused_an_hour_ago_is_no_reason() -> None:
    found = still_closed(replace(KNOWN, entries=[refused(61)]))
    assert (found.reason, found.facts) == (Reason.NO_KNOWN, [])


def test_opening_from_afar_and_a_new_pin_say_before_what_they_will_do() -> None:
    steps = {step.kind: step for step in still_closed(KNOWN).steps}
    assert "for whoever stands before it" in (steps[StepKind.UNLOCK].confirm or "")
    assert "J.N. 101, until 20 Sep 23:00" in (steps[StepKind.NEW_PIN].confirm or "")
    assert steps[StepKind.SYNC].confirm is None


def test_steps_are_shown_at_once_where_something_is_wrong_and_else_to_whoever_asks() -> None:
    assert still_closed(KINDS["offline"][0]).is_urgent
    assert still_closed(KINDS["a wrong PIN"][0]).is_urgent
    assert not still_closed(KNOWN).is_urgent
    later = replace(STAY, starts_at=NOW + timedelta(hours=3))
    assert not still_closed(replace(KNOWN, verdict=Verdict.UNSURE, cause="not_issued", stay=later)).is_urgent


def test_a_booking_that_has_a_room_is_not_said_to_need_one() -> None:
    assert still_closed(KINDS["a room, and nobody named"][0]).next.words == (
        "No access is made as the booking stands in the PMS: nobody is named. Put it right there first."
    )
