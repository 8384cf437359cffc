"""The figures by which guests get in, locks hear of it in time, and others take over. Whoever changes one has decided
to, and has looked at what relies on it."""

from datetime import time, timedelta
from types import ModuleType
from typing import Any

import pytest

from mappers import keys, people, policy, stay_window
from mappers.policy import HOTEL, LEASE, MaxRevocations, Policy
from reconciler import (
    attempts,
    carried_pins,
    chosen_pins,
    clocks,
    make_grant,
    precedence_over_processes,
    run,
    safety,
    write_access,
)
from schedules import due, fleet, fleet_worker, giving_way, pace, pool, scheduler, watchdog
from store import back_off, holds, inbox, pin_marks, prefixes, queue, renewals, revocations, turns
from store.back_off import BackOff

SECOND, MINUTE, HOUR, DAY = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("module", "figures"),
    [
        # Who may lose access at once, and for how long that is remembered.
        (safety, {"AT_ONCE": HOUR, "DAY": DAY, "SOON": 3 * DAY}),
        (revocations, {"KEEP": 2 * DAY}),
        (holds, {"DOUBTS_KEPT": DAY}),
        # Keys and PINs.
        (keys, {"LONGEST_GRANT": 240}),
        (prefixes, {"STILL": HOUR, "AGAIN": 10 * MINUTE}),
        (pin_marks, {"KEEP": 30 * DAY}),
        (chosen_pins, {"ANEW_AT_MOST": 3, "UNKNOWN_AT_MOST": 2_000}),
        (carried_pins, {"PIN_IN_TIME": 2 * HOUR}),
        (write_access, {"LOOK_FOR_A_PIN": MINUTE}),
        (make_grant, {"GENERATIONS": 5}),
        # Hours of a house that names none.
        (stay_window, {"USUAL_CHECK_IN": time(15), "USUAL_CHECK_OUT": time(11)}),
        # Who is taken for the same person, and which clock for wrong.
        (people, {"NEARLY": 0.75}),
        (clocks, {"TOLD": 2 * MINUTE, "STOPS": 10 * MINUTE, "FARTHEST": 12 * HOUR}),
        # When Seam is taken to be down, and how much goes on at once.
        (attempts, {"FAILURES_IN_A_ROW": 16, "EVERYBODY": 3}),
        (run, {"WORKERS": 8}),
        # Whose turn it is: a holder has stopped before anybody takes over, and renews in time.
        (turns, {"LASTS": 40, "LASTS_IN_A_FLEET": 20, "MARGIN": 5}),
        (renewals, {"ENDS_WITHIN": 5, "SOON": 20}),
        (precedence_over_processes, {"LOOKS_EVERY": 0.2}),
        # How long what is put off waits.
        (queue, {"LARGEST_BATCH": 1000, "AHEAD": 5 * SECOND}),
        (
            back_off,
            {
                "JITTER": 0.1,
                "DOOR_CODES": BackOff(2 * MINUTE, 30 * MINUTE),
                "ALERTS": BackOff(30 * SECOND, 15 * MINUTE),
            },
        ),
        # The order of those who want something done.
        (due, {"BEGIN_AT_ONCE": 8, "BEGIN_A_SECOND": 4, "AHEAD": 5 * SECOND}),
        (pool, {"IS_LONG": 5, "AT_MOST": 4, "PAUSE": 5, "IDLE": 10}),
        (giving_way, {"LONGEST": 12, "GOES_ON": 4, "ASKS_EVERY": 0.5, "FORGOTTEN": 5}),
        (pace, {"HEARD_WITHIN": DAY, "NEAR": DAY, "RARER": 2, "NEARER": 3, "MANY": 200}),
        # What is looked at how often, and when a process is taken to stand still.
        (scheduler, {"TICK": 2, "ALERTS_EVERY": 30, "PLANS_EVERY": 15, "PART": 20, "AT_MOST": 60, "SLACK": 4 * MINUTE}),
        (watchdog, {"IS_LATE": 5, "STANDS_STILL": 60, "IS_OVER": 180, "LOOKS_EVERY": 5, "EXIT": 70}),
        (fleet, {"SIGN_EVERY": 5, "STALLED": 15, "LOOKS_EVERY": 5, "BATCH": 500}),
        (fleet_worker, {"SPELL": 5, "WHILE_BUSY": 2, "UNKNOWN": 30, "POLLS_EVERY": 1, "POLLS_URGENT_EVERY": 2}),
        (fleet_worker, {"AGAIN_AFTER": 1}),
        # What came in, and how much of it at once.
        (inbox, {"KEEP": 30 * DAY, "KEEP_WAITING": 60 * DAY, "AT_ONCE": 1_000}),
    ],
    ids=lambda one: one.__name__ if isinstance(one, ModuleType) else "",
)
def test_a_figure_that_others_rely_on_changes_only_when_somebody_decides_so(
    module: ModuleType, figures: dict[str, Any]
) -> None:
    assert {name: getattr(module, name) for name in figures} == figures


def test_a_policy_that_says_nothing_is_that_of_a_hotel_as_the_example_of_the_settings_has_it() -> None:
    assert (
        Policy()
        == HOTEL
        == Policy(
            guests="primary",
            children=False,
            access_methods=("code",),
            instant_key_max_use_count=3,
            provision_ahead=14 * DAY,
            early=timedelta(0),
            late=timedelta(0),
            replace_wait=20 * SECOND,
            unassigned_alert=4 * HOUR,
            max_revocations=MaxRevocations(10, 20, None),
            orphan_spaces="report",
            retain_grants=2 * DAY,
            retain_guests=30 * DAY,
            horizon=60 * DAY,
            write_back="off",
            write_status="off",
            pin="keep",
        )
    )
    assert Policy(guests="everyone", check_in=time(0), check_out=time(0), person="tenant") == LEASE
    assert (policy.SpareCodes().rooms, policy.SpareCodes().valid_for) == (0, 4 * HOUR)
    assert [MaxRevocations(count).of_a_small_house for count in (10, 11)] == [40, 100]
