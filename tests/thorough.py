"""Which tests `make test` leaves to `make thorough`: what tries the same once more by another vendor, in another style,
under a longer simulation, or by starting and killing processes. `.ci/run` runs both, and either stops a change.

A file or a test, each by the beginning of its id; what is marked `slow` stays in `make slow`."""

OTHER_VENDORS = (
    # Mews's whole stays are tried every day, and every vendor's reader by the conformance kit.
    "tests/test_apaleo_stays.py",
    "tests/test_cloudbeds_stays.py",
    "tests/test_cloudbeds_door_codes.py",
    "tests/connectors/test_cloudbeds_codes.py",
    "tests/connectors/test_a_month_of_flats.py",
    "tests/test_moves_between_properties_in_files.py",
    "tests/test_leases.py",
    "tests/test_mixed_residence.py",
)
OTHER_STYLES = (
    # A house of each style is proposed every day (tests/lock_names/test_assignment.py, test_alignment.py).
    "tests/lock_names/test_propose.py::test_nineteen_of_twenty_rooms_find_their_door_and_none_a_wrong_one",
    "tests/lock_names/test_propose.py::test_no_wrong_door_is_sure_where_doors_or_rooms_are_missing",
    "tests/lock_names/test_propose.py::test_no_room_gets_two_sure_doors_and_the_order_does_not_matter",
    "tests/lock_names/test_propose.py::test_nor_in_a_house_of_three_hundred_rooms",
    "tests/lock_names/test_forms.py",
    "tests/lock_names/test_elsewhere.py",
    "tests/connectors/test_cases_of_feeds.py",
    "tests/connectors/test_cases_of_files.py",
    "tests/test_files_and_feeds.py",
    "tests/test_slips_in_files_and_feeds.py",
)
LONGER_SIMULATIONS = (
    # Some hours of a house, and anything in any order, are tried every day (test_weeks.py, test_anything_goes.py).
    "tests/doors/test_answers_that_are_empty.py",
    "tests/doors/test_costs.py",
    "tests/doors/test_limits_and_clocks.py",
    "tests/doors/test_moves_between_houses.py",
    "tests/doors/test_stays_under_other_ids.py",
    "tests/doors/test_timelines.py",
    "tests/doors/test_what_is_really_gone.py",
    "tests/reconciler/test_safety.py::test_a_year_of_ordinary_cancellations_is_never_held",
    "tests/schedules/test_echoes.py",
    "tests/schedules/test_known_not_to_open.py",
    "tests/test_after_an_outage.py",
    "tests/test_cost_of_changes.py",
    "tests/test_lists_that_lag.py",
    "tests/test_locks_of_a_hotel.py",
    "tests/test_machines_whose_clocks_differ.py",
    "tests/test_pins_that_others_have.py",
    "tests/test_swaps_in_two_steps.py",
    "tests/test_trends.py",
    "tests/test_two_days.py",
    "tests/test_verdicts_minute_by_minute.py",
    "tests/test_who_holds_access.py",
    "tests/test_witnesses.py",
)
PROCESSES = (
    "tests/connectors/test_skeleton.py",
    "tests/seam_workspace/test_only_what_is_used.py",
    "tests/store/test_complaints.py::test_a_version_that_cannot_be_upgraded_is_told_and_nothing_is_changed",
    "tests/store/test_store.py::test_many_processes_may_open_a_new_database_at_once",
    "tests/store/test_two_versions.py",
    "tests/test_command_line.py::test_ctrl_c_ends_a_run_with_a_sentence_and_the_next_one_goes_on",
    "tests/test_serve.py::test_many_webhooks_and_a_kill_in_the_middle_lose_nothing",
)
EVERYTHING_AT_ONCE = (
    # Every page, setting, record or route against one kind of trouble.
    "tests/connectors/test_bounds.py::test_an_answer_without_end_is_given_up_and_costs_little",
    "tests/connectors/test_hostile_answers.py",
    "tests/test_hostile_records.py",
    "tests/test_hostile_seam.py",
    "tests/test_hostile_vendors.py",
    "tests/test_nothing_leaks.py",
    "tests/test_settings.py::test_whatever_is_wrong_with_any_setting_is_a_sentence_with_its_path",
    "tests/web/test_api.py::test_no_request_makes_it_fall_over",
    "tests/test_verdicts_of_every_code.py",
    "tests/web/test_browser_cards.py",
    "tests/web/test_browser_closed_doors.py",
    "tests/web/test_browser_properties.py",
    "tests/web/test_many_properties.py::test_a_list_asks_as_often_of_many_properties_as_of_few",
    "tests/web/test_many_properties.py::test_nor_for_whoever_may_see_a_part_of_them",
    "tests/web/test_organisations.py",
    "tests/web/test_walk_in_other_languages.py",
)
THOROUGH = OTHER_VENDORS + OTHER_STYLES + LONGER_SIMULATIONS + PROCESSES + EVERYTHING_AT_ONCE
