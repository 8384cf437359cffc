"""What Seam was asked for, as a booking's page tells it."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reconciler.booking_look import GrantLook
from reconciler.judge import Verdict
from reconciler.two_truths import Planned, planned
from tests.builders import NOW

END = NOW + timedelta(days=2)
LOOK = GrantLook("b1", NOW, END, ["102", "101"], "", "", False, [], [], next(iter(Verdict)), "", "")


def stay(access: str, room: str | None = "103") -> Any:
    return SimpleNamespace(access=access, starts_at=NOW, ends_at=END, room=room, reason="why")


def test_of_a_booking_that_no_run_has_read_only_the_rooms_that_seam_has_for_it_are_known() -> None:
    looks = [LOOK, replace(LOOK, rooms=["104"], being_deleted=True), replace(LOOK, rooms=["105"], over=True)]
    assert planned(None, looks) == Planned("none", None, None, ["101", "102"], "no run has read this booking")


@pytest.mark.parametrize(
    ("access", "room", "looks", "rooms"),
    [
        ("granted", "103", [LOOK], ["101", "102"]),
        ("granted", "103", [], ["103"]),
        ("due", "103", [], ["103"]),
        ("due", None, [], []),
        ("none", "103", [], []),
    ],
)
def test_where_seam_has_no_room_for_it_yet_that_of_the_pms_is_told_of_who_is_to_have_access(
    access: str, room: str | None, looks: list[GrantLook], rooms: list[str]
) -> None:
    assert planned(stay(access, room), looks) == Planned(access, NOW, END, rooms, "why")
