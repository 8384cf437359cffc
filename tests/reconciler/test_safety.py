"""The numbers of the safety limit: ordinary hotels never meet it, failing systems do within minutes."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.records import BookingStatus
from mappers.outcomes import Action, Kind
from mappers.policy import MaxRevocations
from reconciler.changes import Change
from reconciler.safety import Loss, allowed, exceeds, loss_of, too_many
from seam_workspace.existing import ExistingAccessGrant
from tests.builders import HOTEL, make_booking

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LIMIT = MaxRevocations()


@pytest.mark.parametrize(
    ("live", "word", "absence"), [(1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 2, 1), (15, 6, 3), (40, 10, 5), (200, 40, 20)]
)
def test_how_many_may_go_by_the_pms_own_word_and_by_absence(live: int, word: int, absence: int) -> None:
    assert (allowed(LIMIT, live), allowed(LIMIT, live, by_absence=True)) == (word, absence)


def test_whoever_has_raised_the_count_has_decided_for_small_houses_too() -> None:
    assert allowed(MaxRevocations(count=1000), 4) == 4
    assert allowed(MaxRevocations(count=1000, small_house=40), 4) == 2
    assert allowed(MaxRevocations(count=0, percent=0), 100) == 0


def test_one_reservation_is_one_decision_however_many_people_are_on_it() -> None:
    family = [Loss("p", f"b1:{person}", "b1", False, NOW, NOW) for person in range(9)]
    assert not exceeds(family, [], 2, NOW)
    assert exceeds(family, [Loss("p", "b2", "b2", False, NOW, NOW)], 2, NOW)


@pytest.mark.parametrize(
    ("ago", "arrives", "number", "held"),
    [
        # Of this hour every one counts, of the day those who come soon, and of all others twice as many may go.
        (timedelta(minutes=59), timedelta(days=30), 2, True),
        (timedelta(minutes=60), timedelta(days=30), 2, False),
        (timedelta(hours=2), timedelta(days=30), 2, False),
        (timedelta(hours=2), timedelta(days=30), 4, True),
        (timedelta(hours=23), timedelta(days=3), 2, True),
        (timedelta(hours=23), timedelta(days=3, seconds=1), 2, False),
        (timedelta(hours=24), timedelta(0), 9, False),
    ],
)
def test_an_hour_a_day_and_those_who_come_soon_are_counted_to_the_second(
    ago: timedelta, arrives: timedelta, number: int, held: bool
) -> None:
    at = NOW - ago
    before = [Loss("p", f"b{one}", f"b{one}", False, at + arrives, at) for one in range(number)]
    planned = [Loss("p", "new", "new", False, NOW, NOW)]
    assert exceeds(planned, before, 2, NOW) is held
    # What was held and is planned again counts once.
    assert not exceeds(planned, [Loss("p", "new", "new", False, NOW, NOW)] * 3, 0, NOW)


def revoked(counts: bool, ends_at: datetime | None = NOW + timedelta(days=1)) -> Change:
    grant = ExistingAccessGrant("g", "b1", "u", frozenset(), NOW, ends_at, None, frozenset({"code"}))
    return Change(
        Kind.ACCESS_GRANT,
        Action.REVOKE,
        "b1",
        "cancelled",
        booking_id="b1",
        existing_grants=(grant,),
        counts_as_revocation=counts,
    )


def lost(change: Change, was_in_house: bool = False, status: BookingStatus = BookingStatus.CANCELLED) -> Loss | None:
    return loss_of(change, HOTEL, make_booking(status=status), was_in_house, "r1", False, NOW)


def test_what_has_ended_by_our_clock_is_a_loss_where_the_pms_has_the_guest_in_the_house() -> None:
    assert lost(revoked(counts=True)) is not None
    assert lost(revoked(counts=False)) is None
    found = lost(revoked(counts=False, ends_at=NOW - timedelta(hours=1)), was_in_house=True)
    assert found is not None
    assert (found.key, found.reservation, found.at, found.by_absence) == ("b1", "r1", NOW, False)


def test_only_a_revocation_of_what_is_there_is_a_loss() -> None:
    assert lost(replace(revoked(counts=True), action=Action.REPLACE)) is None
    assert lost(replace(revoked(counts=True), existing_grants=())) is None


def test_a_check_out_on_the_day_of_the_departure_is_none_and_a_day_early_it_is_one() -> None:
    today = revoked(counts=True, ends_at=NOW.replace(hour=21))
    assert lost(today, status=BookingStatus.CHECKED_OUT) is None
    assert lost(today, status=BookingStatus.CANCELLED) is not None
    # In Vienna it is the next day by then.
    assert lost(revoked(counts=True, ends_at=NOW.replace(hour=23)), status=BookingStatus.CHECKED_OUT) is not None
    assert lost(revoked(counts=True, ends_at=None), status=BookingStatus.CHECKED_OUT) is not None


def losses(first: int, number: int, by_absence: bool) -> list[Loss]:
    return [Loss("p", f"b{one}", f"b{one}", by_absence, NOW, NOW) for one in range(first, first + number)]


def test_by_absence_only_what_went_by_absence_counts_and_by_the_pms_own_word_everything() -> None:
    live = 40  # Ten may go, five of them by absence.
    assert too_many(losses(0, 5, True), losses(20, 5, False), live, LIMIT, NOW, "Hotel") == {}
    assert too_many(losses(0, 5, True), losses(20, 1, True), live, LIMIT, NOW, "Hotel").keys() == {
        f"b{one}" for one in range(5)
    }
    assert too_many(losses(0, 5, False), losses(20, 6, True), live, LIMIT, NOW, "Hotel").keys() == {
        f"b{one}" for one in range(5)
    }
    # What is held for its absence is not counted once more against the others.
    both = too_many([*losses(0, 6, True), *losses(10, 8, False)], [], live, LIMIT, NOW, "Hotel")
    assert both.keys() == {f"b{one}" for one in range(6)}
    assert all(why.startswith("6 of 40 grants") for why in both.values())


def test_a_held_line_says_how_many_have_gone_and_how_many_may() -> None:
    long_ago = [replace(one, at=NOW - timedelta(days=1)) for one in losses(30, 4, False)]
    before = [*losses(20, 5, False), *losses(0, 3, False), *long_ago]
    held = too_many(losses(0, 6, False), before, 40, LIMIT, NOW, "Hotel Seeblick")
    assert set(held.values()) == {
        "11 of 40 grants of Hotel Seeblick would have been revoked within a day, and at most 10 may be at once: held "
        "until somebody approves"
    }


@pytest.mark.parametrize("rooms", [2, 4, 15, 60, 200])
def test_a_year_of_ordinary_cancellations_is_never_held(rooms: int) -> None:
    """36 % of all bookings are cancelled, half of them in the two weeks in which there is a grant, at any hour; a
    booking has 1 to 3 rooms, and all are cancelled together; stays last three nights; 80 % is taken."""
    chance = random.Random(rooms)
    arrivals = rooms * 0.8 / 3
    bookings = arrivals / 1.5 / (1 - 0.36)
    days = 365
    losses: list[Loss] = []
    for number in range(int(bookings * 0.36 * 0.5 * days)):
        at = NOW + timedelta(days=days * chance.random())
        # The nearer the stay, the more often it is cancelled: half of them in the last four days.
        ahead = timedelta(days=min(14.0, chance.expovariate(0.17)))
        size = chance.choice([1, 1, 1, 1, 2, 3])
        losses += [
            Loss("p", f"{number}-{room}", str(number), False, at + ahead, at)
            for room in range(min(size, max(1, rooms // 3)))
        ]
    losses.sort(key=lambda one: one.at)
    live = int(rooms * 0.8 + arrivals * 14)
    held = 0
    for place, loss in enumerate(losses):
        together = [one for one in losses[place : place + 4] if one.reservation == loss.reservation]
        before = [one for one in losses[max(0, place - 200) : place] if one.at > loss.at - timedelta(hours=24)]
        held += exceeds(together, before, allowed(LIMIT, live), loss.at)
    assert held == 0, f"{held} of {len(losses)}"


@pytest.mark.parametrize("rooms", [4, 15, 60, 200, 1000])
def test_a_third_of_a_house_is_not_too_many_when_it_takes_a_day_and_the_stays_are_weeks_away(rooms: int) -> None:
    losses = [
        Loss(
            "p",
            str(one),
            str(one),
            False,
            NOW + timedelta(days=21 * one / rooms),
            NOW + timedelta(minutes=1440 * one / rooms),
        )
        for one in range(0, rooms, 3)
    ]
    for place, loss in enumerate(losses):
        assert not exceeds([loss], losses[:place], allowed(LIMIT, rooms), loss.at)


def test_a_booking_that_is_over_because_its_feed_lost_it_is_lost_by_absence() -> None:
    for by_absence in (True, False):
        booking = make_booking(status=BookingStatus.CANCELLED, by_absence=by_absence)
        loss = loss_of(revoked(True), HOTEL, booking, False, "b1", False, NOW)
        assert loss is not None
        assert loss.by_absence is by_absence


def test_what_was_held_and_is_planned_again_counts_once_beside_others() -> None:
    planned = [Loss("p", one, one, False, NOW, NOW) for one in ("b1", "b2")]
    assert not exceeds(planned, planned, 2, NOW)
    assert exceeds(planned, [*planned, Loss("p", "b3", "b3", False, NOW, NOW)], 2, NOW)
