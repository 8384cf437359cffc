"""What is not mended yet: these may fail, until they are taken off this list."""

import pytest

AWAITED: frozenset[str] = frozenset(
    {
        "test_a_guest_who_is_moved_while_she_is_in_the_house_keeps_her_pin",
        "test_the_room_that_was_left_is_closed_although_it_is_out_of_use",
        "test_after_seam_refused_to_write_everybody_is_where_she_should_be_within_an_interval",
        "test_what_a_pms_with_another_clock_says_is_heard_by_the_next_incremental_run",
        "test_a_week_without_a_wrong_minute",
        "test_some_hours_without_a_wrong_minute",
        "test_an_answer_that_says_less_takes_nothing_away",
        "test_one_bad_answer_after_another_takes_nothing_away",
        "test_a_clock_that_is_wrong_writes_nothing_and_is_told_within_the_run",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if getattr(item, "originalname", "") in AWAITED:
            item.add_marker(pytest.mark.xfail(strict=False, reason="not mended yet"))
