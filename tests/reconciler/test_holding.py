"""What a run holds back before the safety limit counts, and what is told of it. The database is a few sets here."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from connectors.records import BookingStatus
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import MaxRevocations
from reconciler.changes import Change
from reconciler.holding import IN_DOUBT, SafetyLimit
from reconciler.pull import Pulled
from seam_workspace.existing import ExistingAccessGrant
from store.holds import Holds
from store.revocations import RevocationBook
from tests.builders import HOTEL, NOW, make_booking

CONNECTION: Any = SimpleNamespace(name="alpen", connector=SimpleNamespace(reservation_of=lambda booking_id: booking_id))


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> SafetyLimit:
    monkeypatch.setattr(Holds, "kept", lambda self, connection: {"b2"})
    monkeypatch.setattr(RevocationBook, "since", lambda self, moment: [])
    monkeypatch.setattr(RevocationBook, "waiting", lambda self: [])
    store: Any = None
    return SafetyLimit(CONNECTION, store, MaxRevocations(), NOW, {})


def going(booking_id: str) -> Change:
    grant = ExistingAccessGrant(
        f"grant-{booking_id}",
        booking_id,
        user_identity_id="seam-g1",
        space_ids=frozenset({"seam-r101"}),
        starts_at=NOW,
        ends_at=NOW + timedelta(days=2),
        name="Booking",
        access_methods=frozenset({"code"}),
    )
    return Change(
        Kind.ACCESS_GRANT,
        Action.REVOKE,
        booking_id,
        "because",
        booking_id,
        "J.N. 101",
        existing_grants=(grant,),
        counts_as_revocation=True,
    )


def prepared(pulled: Pulled, *changes: Change) -> Any:
    return SimpleNamespace(
        plan=SimpleNamespace(grants=list(changes), held=[], notes=[], look_again={}),
        pulled=pulled,
        accesses=(),
        existing=SimpleNamespace(access_grants={}),
    )


def test_what_is_in_doubt_and_what_somebody_keeps_are_held_together(limit: SafetyLimit) -> None:
    doubted = Pulled(HOTEL, full=True, doubt="most are missing", doubtful={"b1"}, bookings={"b2": make_booking("b2")})
    one = prepared(doubted, going("b1"), going("b2"))
    assert limit.apply([one], {}, dry_run=True).keys() == {"b1", "b2"}
    assert ([change.key for change in one.plan.held], one.plan.grants) == (["b1", "b2"], [])
    assert limit.by_absence(one) == {"b1"}


def test_a_feed_whose_booking_is_over_is_believed_while_others_are_in_doubt(limit: SafetyLimit) -> None:
    over = make_booking("b1", status=BookingStatus.CANCELLED, by_absence=True)
    one = prepared(Pulled(HOTEL, full=True, doubtful={"b9"}, bookings={"b1": over}), going("b1"))
    assert limit.apply([one], {}, dry_run=True) == {}
    assert [change.key for change in one.plan.grants] == ["b1"]


def test_where_lists_lose_rows_nobody_is_gone_and_whoever_seems_so_is_asked_for_again(limit: SafetyLimit) -> None:
    one = prepared(Pulled(HOTEL, full=True, left_out=1, gone={"b1"}), going("b1"))
    assert limit.apply([one], {}, dry_run=True) == {}
    assert (one.plan.grants, one.plan.held, one.plan.look_again) == ([], [], {"b1": NOW})
    (note,) = one.plan.notes
    assert (note.key, note.booking_id, note.label) == ("b1", "b1", "J.N. 101")
    assert (note.action, note.outcome, note.reason) == (Action.WAIT, Outcome.ALERT, IN_DOUBT)
