"""What is not mended yet: these may fail, until they are taken off this list."""

import pytest

AWAITED: frozenset[str] = frozenset(
    {
        "test_who_is_put_on_a_booking_gets_a_pin_of_her_own_and_the_former_guests_opens_nothing",
        "test_who_is_put_on_a_booking_while_the_guest_is_in_the_house_takes_the_room_over",
        "test_who_follows_a_companion_with_the_key_gets_a_new_pin",
        "test_who_is_taken_off_loses_her_pin_and_those_behind_her_keep_theirs",
        "test_people_without_ids_who_are_told_in_another_order_keep_their_pins",
        "test_a_guest_who_is_moved_while_she_is_in_the_house_keeps_her_pin",
        "test_a_stay_in_two_rooms_has_one_pin",
        "test_ranges_of_a_stay_are_told_apart_by_unit_and_times",
        "test_the_room_that_was_left_is_closed_although_it_is_out_of_use",
        "test_whoever_is_replaced_in_a_room_out_of_use_keeps_nothing",
        "test_after_seam_refused_to_write_everybody_is_where_she_should_be_within_an_interval",
        "test_after_seam_refused_to_write_leases_are_in_step_within_an_interval",
        "test_who_has_moved_out_of_an_inactive_property_keeps_nothing",
        "test_the_word_of_the_pms_ends_access_although_the_record_cannot_be_read",
        "test_a_move_that_is_killed_at_any_call_keeps_the_pin",
        "test_what_a_pms_with_another_clock_says_is_heard_by_the_next_incremental_run",
        "test_a_week_without_a_wrong_minute",
        "test_some_hours_without_a_wrong_minute",
        "test_the_health_of_five_hundred_stays_costs_at_most_30_calls",
        "test_an_answer_that_says_less_takes_nothing_away",
        "test_one_bad_answer_after_another_takes_nothing_away",
        "test_many_cancellations_within_moments_are_held_before_all_are_out",
        "test_an_ordinary_morning_of_check_outs_holds_nobody",
        "test_a_clock_that_is_wrong_writes_nothing_and_is_told_within_the_run",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if getattr(item, "originalname", "") in AWAITED:
            item.add_marker(pytest.mark.xfail(strict=False, reason="not mended yet"))
