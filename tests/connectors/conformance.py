"""What every connector has to do, whatever its PMS is: the contract, in sentences.

A test class that inherits `Contract` and names its vendor's fixture runs all of it. What counts is what comes of a
record in the end: which doors open for whom, from when until when. So most sentences end in the mapper.

A vendor that cannot have a part of it says so in its fixture's `LACKS`; such a test is skipped with that reason, and
what can be checked of the reason is checked.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from connectors.bounds import Http
from connectors.connector import Connector
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.ports import BookingsRead, NotUnderstood
from connectors.records import BookingStatus, Guest, Property, Room
from connectors.session import Access
from mappers.access import BookingAccess, Existing
from mappers.access_grants import booking_access
from mappers.keys import Keys
from mappers.policy import PRESETS, Policy
from mappers.stay_window import in_its_zone
from settings import SettingsError
from tests.connectors.fixture import NOW, Fault, Part, Person, SpanState, Stay, VendorFixture, Webhook
from tests.every_day import each_value, first_of

WINDOW = (NOW - timedelta(days=1), NOW + timedelta(days=60))
"""As a full run reads."""
LATELY = (NOW - timedelta(days=2), NOW + timedelta(minutes=5))
"""In which everything changed, unless a test says otherwise."""
FEWEST = 20
"""So many sentences at least have to hold for a vendor, however much it lacks."""


def needs(*parts: Part) -> Callable[[Any], Any]:
    """Marks a sentence that a vendor without one of these parts cannot keep."""

    def mark(test: Any) -> Any:
        test.needs = parts
        return test

    return mark


class Opening(NamedTuple):
    """A door that opens, and when."""

    room_id: str
    starts_at: datetime
    ends_at: datetime | None


class Contract:
    """To be inherited by a class named `Test...` that gives the fixture `vendor`: a class of `VendorFixture`."""

    @pytest.fixture
    def pms(self, vendor: type[VendorFixture], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
        for part in getattr(request.function, "needs", ()):
            if part in vendor.LACKS:
                pytest.skip(f"{part.value}: {vendor.LACKS[part]}")
        folder = tmp_path / "pms"
        folder.mkdir()
        failed = request.session.testsfailed
        with vendor(folder) as pms:
            yield pms
            if request.session.testsfailed == failed:
                assert not getattr(pms, "faults_left", False), "a fault that was injected was never met"

    # --- declared, not dropped ----------------------------------------------------------------------------------------

    def test_what_a_vendor_lacks_is_said_in_words_and_is_not_most_of_the_contract(self, pms: Any) -> None:
        for part, reason in pms.LACKS.items():
            assert part in Part
            assert len(reason.split()) >= 4, f"{part.name}: the reason is no sentence: {reason!r}"
            assert reason.endswith("."), f"{part.name}: the reason is no sentence: {reason!r}"
        kept = [name for name, parts in sentences().items() if not set(parts) & set(pms.LACKS)]
        assert len(kept) >= FEWEST

    def test_who_has_no_http_reads_without_a_session_and_who_has_no_webhooks_takes_none(self, pms: Any) -> None:
        class Nowhere(Access):
            def session(self, *_: Any, **__: Any) -> Any:
                raise AssertionError("LACKS says that there is no HTTP, and a session was asked for")

        if Part.HTTP in pms.LACKS:
            _read(pms, pms.open(Nowhere(sleep=pms.waited.append, clock=lambda: pms.now)))
        if Part.WEBHOOK in pms.LACKS:
            query = {"token": pms.WEBHOOK_TOKEN}
            assert not pms.open().webhooks.verify(query, {"authorization": pms.WEBHOOK_TOKEN}, b"{}", pms.now)

    # --- settings and secrets -----------------------------------------------------------------------------------------

    def test_the_declared_settings_open_a_connector_and_each_required_one_is_missed_by_name(self, pms: Any) -> None:
        given = pms.settings()
        settings = pms.load(given)
        assert settings.connections["elm"].policy == _policy(pms, PRESETS[pms.CONNECTOR.PRESET])
        vendor = settings.connections["elm"].vendor
        opened = pms.CONNECTOR.open("elm", vendor, pms.access(), pms.WEBHOOK_TOKEN)
        assert [one.id for one in opened.reader().read_properties()] == [pms.house.id]
        for secret in pms.secrets():
            assert secret not in repr(settings)
        for setting in pms.CONNECTOR.SETTINGS:
            rest = {name: value for name, value in given.items() if name != setting.name}
            if setting.required:
                with pytest.raises(SettingsError, match=rf"connections\.elm\.elm_pms(\.{setting.name})?: is missing"):
                    pms.load(rest)
        with pytest.raises(SettingsError, match=r"connections\.elm\.elm_pms\.colour: "):
            pms.load({**given, "colour": "blue"})

    def test_no_error_no_repr_and_no_reason_says_a_secret_or_a_guests_data(self, pms: Any) -> None:
        guest = pms.add_person("Xaverina", "Quastenflosser", email="xq@example.org", phone="+43 660 9182736")
        pms.add_stay(people=[guest])
        pms.add_stay(people=[guest], is_broken=True)
        connector = pms.open(pms.access(attempts=1))
        read = _read(pms, connector)
        said = [repr(connector), connector.check(), *map(repr, read.bookings), *map(repr, read.guests.values())]
        said += [one.reason for one in read.broken]
        assert read.broken
        leak = f"Quastenflosser {' '.join(pms.secrets())}"
        faults = [Fault(200, shape) for shape in pms.wrong_shapes()] + [Fault(200, f"<html>{leak}</html>")]
        if Part.HTTP not in pms.LACKS:
            faults += [Fault(status, f'{{"message": "{leak}"}}') for status in (400, 403, 429, 500)]
            faults += [Fault(is_timeout=True), Fault(is_broken=True)]
        for fault in faults:
            pms.inject(fault, times=None)
            for ask in _questions(pms, _of(pms)):
                said += _sentences_of(_complaint(ask, connector))
            pms.heal()
        if Part.SIGN_IN not in pms.LACKS:
            pms.refuse_credentials()
            said += _sentences_of(_complaint(lambda opened: opened.check(), pms.open()))
        operations = {operation for operation, _ in pms.observed}
        for text in (*said, *operations):
            for secret in (*pms.secrets(), "Xaverina", "Quastenflosser", "xq@example.org", "9182736"):
                assert secret not in text, f"said too much: {text[:60]}..."
        # Operations are counted by their names, so a name with an id in it would be counted for itself.
        for operation in operations:
            assert not any(stay.id in operation for stay in pms.stays), f"this names no operation: {operation}"

    def test_the_check_says_in_a_line_what_the_credentials_open(self, pms: Any) -> None:
        line = pms.open().check()
        assert line
        assert "\n" not in line

    # --- credentials --------------------------------------------------------------------------------------------------

    @needs(Part.RENEWAL)
    def test_credentials_that_grew_old_are_renewed_and_nobody_notices(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        _read(pms, connector)
        pms.refuse_credentials(1)
        assert _ids(_read(pms, connector)) == [stay.id]
        assert pms.refusals == 0
        assert pms.waited == []

    @needs(Part.SIGN_IN)
    def test_refused_credentials_are_a_matter_for_a_person_and_not_tried_again_and_again(self, pms: Any) -> None:
        connector = pms.open()
        pms.refuse_credentials()
        for ask in (connector.check, lambda: connector.reader().read_properties()):
            pms.requests.clear()
            with pytest.raises(PmsRefused, match=r"^elm: "):
                ask()
            assert 1 <= len(pms.requests) <= 4
        assert pms.waited == []

    # --- when the PMS does not answer as it should --------------------------------------------------------------------

    @needs(Part.HTTP)
    def test_too_many_requests_are_waited_out_as_long_as_the_pms_says(self, pms: Any) -> None:
        stay = pms.add_stay()
        pms.inject(Fault(429, headers={"Retry-After": "7"}))
        pms.inject(Fault(429, headers={"Retry-After": format_datetime(NOW + timedelta(seconds=20), usegmt=True)}))
        assert _ids(_read(pms, pms.open())) == [stay.id]
        assert pms.waited == [7.0, 20.0]

    @needs(Part.HTTP)
    def test_too_many_requests_without_a_word_are_waited_out_longer_each_time(self, pms: Any) -> None:
        stay = pms.add_stay()
        pms.inject(Fault(429), times=3)
        assert _ids(_read(pms, pms.open())) == [stay.id]
        assert len(pms.waited) == 3
        assert all(0 <= pause <= 30 for pause in pms.waited)

    @needs(Part.HTTP)
    @pytest.mark.parametrize(
        "fault",
        [
            *(Fault(status, "<html>Oops</html>") for status in (500, 502, 503, 504)),
            Fault(is_timeout=True),
            Fault(is_broken=True),
            Fault(200, "<html>Maintenance</html>"),
        ],
        ids=["500", "502", "503", "504", "timeout", "broken", "not JSON"],
    )
    def test_what_passes_is_tried_again_and_what_does_not_is_a_sentence(self, pms: Any, fault: Fault) -> None:
        stay = pms.add_stay()
        pms.inject(fault)
        connector = pms.open()
        assert _ids(_read(pms, connector)) == [stay.id]
        assert len(pms.waited) == 1
        pms.inject(fault, times=None)
        pms.requests.clear()
        with pytest.raises(PmsUnreachable, match=r"^elm: .*PMS"):
            _read(pms, connector)
        assert 2 <= len(pms.requests) <= 12
        statuses = {status for _, status in pms.observed}
        assert {"200", "no answer" if fault.is_timeout or fault.is_broken else str(fault.status)} <= statuses

    @needs(Part.HTTP)
    @pytest.mark.parametrize("status", [400, 403])
    def test_a_refusal_is_not_tried_again(self, pms: Any, status: int) -> None:
        connector = pms.open()
        pms.inject(Fault(status, '{"message": "no"}'), times=None)
        with pytest.raises(PmsRefused, match=r"^elm: ") as caught:
            _read(pms, connector)
        assert caught.value.status == status
        assert pms.waited == []

    def test_an_answer_of_another_shape_is_an_error_and_never_an_empty_house(self, pms: Any) -> None:
        pms.add_stay()
        of = _of(pms)
        for shape in pms.wrong_shapes():
            for ask in _questions(pms, of):
                connector = pms.open(pms.access(attempts=2))
                pms.inject(Fault(200, shape), times=None)
                with pytest.raises(PmsError, match=r"^elm: "):
                    pytest.fail(f"{shape} was taken for an answer: {ask(connector)}")
                pms.heal()

    @needs(Part.HTTP, Part.ALL_OR_NOTHING)
    def test_a_read_that_fails_half_way_fails_wherever_it_does(self, pms: Any) -> None:
        pms.add_stay()
        pms.add_stay(pms.rooms[1])
        of = _of(pms)
        for fault in (Fault(503), Fault(is_broken=True), Fault(200, "<html>Maintenance</html>")):
            for ask in _questions(pms, of):
                pms.heal()
                ask(pms.open(pms.access(attempts=1)))
                for after in range(sum(not pms.is_sign_in(one) for one in pms.requests)):
                    pms.heal()
                    pms.inject(fault, times=None, after=after)
                    with pytest.raises(PmsUnreachable):
                        ask(pms.open(pms.access(attempts=1)))
        pms.heal()

    @needs(Part.HTTP)
    def test_what_a_run_opened_is_closed_with_its_reader_and_opened_again_by_the_next(
        self, pms: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        is_open: set[int] = set()
        ask, close = Http.ask, Http.close

        def asked(self: Http, *rest: Any, **named: Any) -> Any:
            is_open.add(id(self))
            return ask(self, *rest, **named)

        def closed(self: Http) -> None:
            is_open.discard(id(self))
            close(self)

        monkeypatch.setattr(Http, "ask", asked)
        monkeypatch.setattr(Http, "close", closed)
        connector = pms.open()
        for _ in range(2):
            reader = connector.reader()
            (of, *_) = reader.read_properties()
            reader.bookings_within(of, WINDOW)
            assert is_open
            reader.close()
            assert not is_open

    # --- pages --------------------------------------------------------------------------------------------------------

    def test_an_empty_house_is_empty_and_no_error(self, pms: Any) -> None:
        connector = pms.open()
        assert _read(pms, connector) == BookingsRead()
        if Part.CHANGES not in pms.LACKS:
            assert connector.reader().bookings_changed(_of(pms), LATELY) == BookingsRead()
        assert connector.reader().bookings_by_id(_of(pms), []) == BookingsRead()

    @needs(Part.PAGING)
    @first_of(1, "beyond", [1, 0], ids=["one more", "full pages"])
    def test_every_page_is_read_once(self, pms: Any, beyond: int) -> None:
        stays = pms.add_stays(2 * pms.PAGE + beyond)
        assert sorted(_ids(_read(pms, pms.open()))) == sorted(stay.id for stay in stays)
        assert sum(size > 0 for size in pms.pages) == 2 + beyond

    @needs(Part.PAGING)
    def test_pages_that_repeat_are_an_error_and_not_a_loop(self, pms: Any) -> None:
        pms.add_stays(pms.PAGE + 2)
        pms.repeats_pages = True
        with pytest.raises(PmsError, match=r"^elm: "):
            _read(pms, pms.open())
        assert len(pms.pages) < 20

    @needs(Part.HTTP, Part.SIGN_IN)
    def test_the_clock_that_the_pms_shows_is_passed_on(self, pms: Any) -> None:
        """Feeds of many hosts, to which one does not sign in, have none."""
        assert pms.open().shown_clock is not None, "shown_clock returns the session's"

    @needs(Part.PAGING)
    @each_value(every_day=2, row=["new", "gone", "first", "last"], list_name=["colliding", "updated"])
    def test_a_row_that_moves_between_pages_is_neither_lost_nor_doubled(
        self, pms: Any, list_name: str, row: str
    ) -> None:
        for is_needed, part in ((list_name == "updated", Part.CHANGES), (row == "gone", Part.GONE)):
            if is_needed and part in pms.LACKS:
                pytest.skip(f"{part.value}: {pms.LACKS[part]}")
        stays = pms.add_stays(pms.PAGE + 2)

        def moves() -> None:
            pms.now += timedelta(seconds=1)
            if row == "new":
                pms.add_stay(people=stays[0].people, changed_at=pms.now)
            elif row == "gone":
                pms.remove(stays[0])
            else:
                pms.change(stays[0 if row == "first" else -1], room=pms.rooms[1])

        pms.after_page = moves
        connector = pms.open()
        reader = connector.reader()
        ask = {"colliding": reader.bookings_within, "updated": reader.bookings_changed}[list_name]
        read = ask(_of(pms), WINDOW if list_name == "colliding" else LATELY)
        assert pms.after_page is None
        found = _ids(read)
        assert len(found) == len(set(found))
        assert {stay.id for stay in stays if stay.exists} <= set(found), "a row was lost between pages"

    # --- one bad record -----------------------------------------------------------------------------------------------

    def test_a_booking_that_cannot_be_read_is_one_broken_record_among_good_ones(self, pms: Any) -> None:
        good, bad, other = (pms.add_stay(room, is_broken=room is pms.rooms[1]) for room in pms.rooms[:3])
        connector = pms.open()
        for read in _readings(pms, connector, [good, bad, other]):
            assert sorted(_ids(read)) == sorted([good.id, other.id])
            assert [(one.kind, one.id) for one in read.broken] == [("booking", bad.id)]
            assert len(read.broken[0].reason.split()) >= 4

    @needs(Part.ROOM_LIST)
    def test_a_room_that_cannot_be_read_is_one_broken_record_among_good_ones(self, pms: Any) -> None:
        bad = pms.add_room("104", is_broken=True)
        rooms, broken = pms.open().reader().read_rooms(_of(pms))
        assert {room.id for room in rooms} == {room.id for room in pms.rooms} - {bad.id}
        assert [(one.kind, one.id) for one in broken] == [("room", bad.id)]

    @needs(Part.NAMES)
    def test_a_guest_who_cannot_be_read_costs_nobody_else_anything(self, pms: Any) -> None:
        good = pms.add_stay()
        bad = pms.add_stay(pms.rooms[1], people=[pms.add_person(is_broken=True)])
        read = _read(pms, pms.open())
        assert good.id in _ids(read)
        assert len(read.broken) == 1
        assert read.broken[0].kind in ("guest", "booking")
        assert pms.guest_id(bad, bad.people[0]) not in read.guests

    # --- statuses -----------------------------------------------------------------------------------------------------

    @needs(Part.UNKNOWN)
    def test_a_status_that_nobody_knows_gives_nothing_new_and_takes_nothing_away(self, pms: Any) -> None:
        stay = pms.add_stay(status=BookingStatus.UNKNOWN)
        access = _access(pms, pms.open(), stay)
        assert not access.grants
        assert access.kept or (access.withheld is not None and access.withheld.existing is not Existing.REVOKE)

    @pytest.mark.parametrize("status", ["tentative", "checked_out", "cancelled", "no_show"])
    def test_a_booking_that_gives_no_access_takes_away_what_there_was(self, pms: Any, status: str) -> None:
        if Part(status) in pms.LACKS:
            pytest.skip(f"{status}: {pms.LACKS[Part(status)]}")
        stay = pms.add_stay(status=BookingStatus(status))
        connector = pms.open()
        (booking,) = connector.reader().bookings_by_id(_of(pms), [stay.id]).bookings
        assert booking.status is BookingStatus(status)
        access = _access(pms, connector, stay)
        assert not access.grants
        assert access.withheld is not None
        assert access.withheld.existing is Existing.REVOKE
        for read in _readings(pms, connector, [stay], has_to_collide=False):
            assert _ids(read) == [stay.id]

    @needs(Part.IN_HOUSE)
    def test_a_guest_in_the_house_has_the_door(self, pms: Any) -> None:
        today = date(2026, 9, 18)
        stay = pms.add_stay(arrival=today - timedelta(days=1), came_at=NOW - timedelta(hours=15))
        connector = pms.open()
        pms.change(stay, status=BookingStatus.IN_HOUSE)
        assert _openings(pms, connector) == [(stay.room.id, pms.begins(stay), pms.ends(stay))]
        assert _access(pms, connector, stay).in_house

    @needs(Part.REINSTATED, Part.CANCELLED)
    def test_a_cancelled_booking_that_comes_back_opens_again_under_its_old_id(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        pms.change(stay, status=BookingStatus.CANCELLED)
        assert _openings(pms, connector) == []
        pms.change(stay, status=BookingStatus.CONFIRMED)
        assert _ids(_read(pms, connector)) == [stay.id]
        assert _openings(pms, connector) == [(stay.room.id, pms.begins(stay), pms.ends(stay))]

    # --- what changed -------------------------------------------------------------------------------------------------

    @needs(Part.CHANGES)
    def test_what_changed_is_found_and_what_did_not_is_left_alone(self, pms: Any) -> None:
        old = pms.add_stay(changed_at=NOW - timedelta(days=20))
        stay = pms.add_stay(pms.rooms[1], changed_at=NOW - timedelta(days=20))
        connector = pms.open()
        window = (NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
        assert _ids(connector.reader().bookings_changed(_of(pms), window)) == []
        pms.change(stay, departure=stay.departure + timedelta(days=1))
        (changed,) = connector.reader().bookings_changed(_of(pms), window).bookings
        assert changed.id == stay.id != old.id
        assert (stay.room.id, pms.begins(stay), pms.ends(stay)) in _openings(pms, connector)

    @needs(Part.CHANGES, Part.EXACT_CHANGES)
    def test_windows_are_half_open_so_that_nothing_falls_between_two_of_them(self, pms: Any) -> None:
        begin = NOW + timedelta(seconds=7)
        moments = [begin + timedelta(seconds=seconds) for seconds in (-1, 0, 59, 60, 61)]
        stays = [pms.add_stay(changed_at=moment) for moment in moments]
        connector, of = pms.open(), _of(pms)
        minute = timedelta(minutes=1)
        found = [
            set(_ids(connector.reader().bookings_changed(of, (start, start + minute))))
            for start in (begin - minute, begin, begin + minute)
        ]
        assert found == [{stays[0].id}, {stays[1].id, stays[2].id}, {stays[3].id, stays[4].id}]

    @needs(Part.CHANGES)
    def test_a_window_of_changes_may_be_longer_than_the_vendor_answers(self, pms: Any) -> None:
        assert (pms.LONGEST_WINDOW is None) == (Part.LONG_WINDOWS in pms.LACKS), "say which: a limit, or none"
        ages = (timedelta(days=399), timedelta(days=200), timedelta(minutes=1))
        stays = [pms.add_stay(changed_at=NOW - age) for age in ages]
        connector = pms.open()
        read = connector.reader().bookings_changed(_of(pms), (NOW - timedelta(days=400), NOW))
        assert sorted(_ids(read)) == sorted(stay.id for stay in stays)

    def test_a_full_read_may_be_longer_than_the_vendor_answers(self, pms: Any) -> None:
        soon = pms.add_stay()
        late = pms.add_stay(arrival=date(2027, 7, 1), departure=date(2027, 7, 5))
        read = pms.open().reader().bookings_within(_of(pms), (NOW, NOW + timedelta(days=365)))
        assert sorted(_ids(read)) == sorted([soon.id, late.id])

    def test_every_stay_that_touches_the_window_is_read(self, pms: Any) -> None:
        start, end = date(2026, 9, 20), date(2026, 9, 30)
        stays = [
            pms.add_stay(room, arrival=arrival, departure=departure)
            for room, (arrival, departure) in zip(
                [*pms.rooms, *pms.rooms],
                [
                    (start - timedelta(days=30), start + timedelta(days=1)),
                    (start + timedelta(days=2), start + timedelta(days=3)),
                    (end - timedelta(days=1), end + timedelta(days=30)),
                    (start - timedelta(days=40), end + timedelta(days=40)),
                ],
                strict=False,
            )
        ]
        window = (pms.moment(start, time(12)), pms.moment(end, time(12)))
        read = pms.open().reader().bookings_within(_of(pms), window)
        assert {stay.id for stay in stays} <= set(_ids(read))

    @needs(Part.ROOM_LIST, Part.ROOM_CHANGES)
    def test_a_room_that_changed_is_found(self, pms: Any) -> None:
        connector, of = pms.open(), _of(pms)
        window = (NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
        assert connector.reader().changed_rooms(of, window) == set()
        pms.change(pms.rooms[1], name="102a")
        assert connector.reader().changed_rooms(of, window) == {pms.rooms[1].id}

    @needs(Part.NAMES, Part.GUEST_CHANGES)
    def test_a_guest_who_changed_is_found(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector, of = pms.open(), _of(pms)
        window = (NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
        assert connector.reader().changed_guests(of, window) == set()
        pms.change(stay.people[0], last_name="Svobodova")
        assert connector.reader().changed_guests(of, window) == {pms.guest_id(stay, stay.people[0])}

    def test_changes_of_rooms_and_guests_are_ids_or_nothing(self, pms: Any) -> None:
        pms.add_stay()
        connector, of = pms.open(), _of(pms)
        assert isinstance(connector.reader().changed_rooms(of, LATELY), set)
        assert isinstance(connector.reader().changed_guests(of, LATELY), set)

    # --- days and hours -----------------------------------------------------------------------------------------------

    def test_the_property_says_who_it_is_and_where_its_clocks_are(self, pms: Any) -> None:
        (of,) = pms.open().reader().read_properties()
        assert (of.id, of.name) == (pms.house.id, pms.house.name)
        assert of.time_zone == (pms.TIME_ZONE if pms.CONNECTOR.TELLS_TIME_ZONE else "")

    @needs(Part.PORTFOLIO)
    def test_what_belongs_to_one_property_is_not_told_of_another(self, pms: Any) -> None:
        other = pms.add_house("Seeblick")
        room = pms.add_room("201", house=other)
        here, there = pms.add_stay(), pms.add_stay(room)
        connector = pms.open()
        properties = {of.id: of for of in connector.reader().read_properties()}
        assert {one: of.name for one, of in properties.items()} == {house.id: house.name for house in pms.houses}
        assert all(of.shares_connection for of in properties.values()), "several properties: shares_connection=True"
        for house, stay in ((pms.house, here), (other, there)):
            of = properties[house.id]
            rooms = connector.reader().read_rooms(of)[0]
            assert {one.id for one in rooms} == {one.id for one in pms.rooms if one.house is house}
            assert {one.property_id for one in rooms} == {house.id}
            reads = [connector.reader().bookings_within(of, WINDOW), connector.reader().bookings_by_id(of, [stay.id])]
            if Part.CHANGES not in pms.LACKS:
                reads.append(connector.reader().bookings_changed(of, LATELY))
            for read in reads:
                assert [(one.id, one.property_id) for one in read.bookings] == [(stay.id, house.id)]

    @pytest.mark.parametrize(
        ("before", "after"), [(3, 3), (1, 0), (0, 1), (-30, 33)], ids=["across", "ends", "begins", "in winter"]
    )
    def test_a_stay_keeps_its_hours_across_the_change_of_the_clocks(self, pms: Any, before: int, after: int) -> None:
        change = pms.CLOCK_CHANGE
        stay = pms.add_stay(arrival=change - timedelta(days=before), departure=change + timedelta(days=after))
        connector = pms.open()
        window = (pms.begins(stay) - timedelta(days=2), pms.ends(stay) + timedelta(days=2))
        assert _openings(pms, connector, window) == [(stay.room.id, pms.begins(stay), pms.ends(stay))]

    def test_the_change_of_the_clocks_is_where_the_fixture_says(self, pms: Any) -> None:
        change = pms.CLOCK_CHANGE
        before, after = (pms.moment(change + timedelta(days=days), time(12)).utcoffset() for days in (-1, 1))
        assert before - after == timedelta(hours=1)

    def test_instants_are_aware(self, pms: Any) -> None:
        pms.add_stay()
        (booking,) = _read(pms, pms.open()).bookings
        for moment in (booking.arrival, booking.departure, booking.actual_arrival):
            assert not isinstance(moment, datetime) or moment.utcoffset() is not None

    @needs(Part.OPEN_END)
    def test_a_stay_without_an_end_has_none(self, pms: Any) -> None:
        stay = pms.add_stay(departure=None)
        assert _openings(pms, pms.open()) == [(stay.room.id, pms.begins(stay), None)]

    # --- rooms --------------------------------------------------------------------------------------------------------

    @needs(Part.ROOM_LIST)
    def test_rooms_are_listed_and_renamed_ones_keep_their_id(self, pms: Any) -> None:
        connector, of = pms.open(), _of(pms)
        before = {room.id: room.name for room in connector.reader().read_rooms(of)[0]}
        assert before.keys() == {room.id for room in pms.rooms}
        assert all(room.name in before[room.id] for room in pms.rooms)
        pms.change(pms.rooms[1], name="Edelweiss")
        new = pms.add_room("104")
        after = {room.id: room.name for room in connector.reader().read_rooms(of)[0]}
        assert "Edelweiss" in after[pms.rooms[1].id]
        assert after.keys() == before.keys() | {new.id}

    def test_rooms_are_known_by_their_ids_and_others_are_not(self, pms: Any) -> None:
        connector, of = pms.open(), _of(pms)
        ids = [room.id for room in pms.rooms]
        stranger = pms.make_id("room", 999)
        assert connector.reader().known_rooms(of, [*ids, stranger]) == set(ids)
        assert connector.reader().known_rooms(of, [stranger]) == set()
        assert connector.reader().known_rooms(of, []) == set()

    @needs(Part.INACTIVE_ROOMS)
    def test_a_room_out_of_use_for_good_is_listed_as_such_and_opens_for_nobody(self, pms: Any) -> None:
        closed = pms.add_room("104", is_active=False)
        connector = pms.open()
        (room,) = [one for one in connector.reader().read_rooms(_of(pms))[0] if one.id == closed.id]
        assert not room.is_active
        assert connector.reader().known_rooms(_of(pms), [closed.id]) == {closed.id}

    @needs(Part.OTHER_KINDS)
    def test_what_is_no_room_gives_no_access(self, pms: Any) -> None:
        pms.add_stay(pms.add_room("P1", kind="parking"))
        assert _openings(pms, pms.open()) == []

    @needs(Part.BEDS)
    def test_a_bed_opens_its_room_as_well(self, pms: Any) -> None:
        bed = pms.add_room("101 A", kind="bed", parent=pms.rooms[0])
        stay = pms.add_stay(bed)
        (grant,) = _access(pms, pms.open(), stay).grants
        assert {bed.id, pms.rooms[0].id} <= set(grant.space_keys)

    @needs(Part.CONNECTED_ROOMS)
    def test_a_room_that_consists_of_others_opens_them_all(self, pms: Any) -> None:
        suite = pms.add_room("101-102", connected=(pms.rooms[0], pms.rooms[1]))
        stay = pms.add_stay(suite)
        (grant,) = _access(pms, pms.open(), stay).grants
        assert {pms.rooms[0].id, pms.rooms[1].id} <= set(grant.space_keys)

    @needs(Part.UNASSIGNED)
    def test_a_booking_without_a_room_waits_for_one(self, pms: Any) -> None:
        stay = pms.add_stay(unassigned=True)
        connector = pms.open()
        assert _openings(pms, connector) == []
        withheld = _access(pms, connector, stay).withheld
        assert withheld is not None
        assert "waiting for a room" in withheld.reason
        pms.change(stay, room=pms.rooms[2])
        assert _openings(pms, connector) == [(pms.rooms[2].id, pms.begins(stay), pms.ends(stay))]
        pms.change(stay, room=None)
        assert _openings(pms, connector) == []

    @needs(Part.MOVED)
    def test_a_booking_that_gets_another_room_opens_only_that_one(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        assert _openings(pms, connector) == [(pms.rooms[0].id, pms.begins(stay), pms.ends(stay))]
        pms.change(stay, room=pms.rooms[1])
        assert _openings(pms, connector) == [(pms.rooms[1].id, pms.begins(stay), pms.ends(stay))]
        assert _ids(_read(pms, connector)) == [stay.id]

    @needs(Part.SPLIT)
    def test_a_stay_in_two_rooms_opens_each_in_its_own_time(self, pms: Any) -> None:
        moves = date(2026, 9, 22)
        spans = [
            SpanState(pms.rooms[0], date(2026, 9, 20), moves),
            SpanState(pms.rooms[1], moves, date(2026, 9, 25)),
        ]
        stay = pms.add_stay(departure=date(2026, 9, 25), spans=spans)
        first, second = _openings(pms, pms.open())
        assert (first.room_id, first.starts_at) == (pms.rooms[0].id, pms.begins(stay))
        assert (second.room_id, second.ends_at) == (pms.rooms[1].id, pms.ends(stay))
        assert first.ends_at is not None
        assert first.ends_at <= second.starts_at
        for instant in (first.ends_at, second.starts_at):
            assert instant.astimezone(pms.begins(stay).tzinfo).date() == moves

    @needs(Part.MULTI_ROOM)
    def test_several_rooms_of_one_reservation_are_bookings_of_their_own(self, pms: Any) -> None:
        first, second = pms.add_reservation([pms.rooms[0], pms.rooms[1]])
        second.departure = date(2026, 9, 25)
        pms.change(second)
        connector = pms.open()
        openings = {(stay.room.id, pms.begins(stay), pms.ends(stay)) for stay in (first, second)}
        assert set(_openings(pms, connector)) == openings
        assert set(_openings(pms, connector, ids=[first.id, second.id])) == openings
        assert {stay.id: connector.reservation_of(stay.id) for stay in (first, second)} == {
            stay.id: stay.reservation_id for stay in (first, second)
        }

    @needs(Part.MULTI_ROOM, Part.CANCELLED)
    def test_one_room_of_a_reservation_is_cancelled_and_the_other_stays(self, pms: Any) -> None:
        first, second = pms.add_reservation([pms.rooms[0], pms.rooms[1]])
        connector = pms.open()
        pms.change(second, status=BookingStatus.CANCELLED)
        assert _openings(pms, connector) == [(first.room.id, pms.begins(first), pms.ends(first))]
        assert _openings(pms, connector, ids=[first.id, second.id]) == _openings(pms, connector)

    @needs(Part.MULTI_ROOM, Part.GONE)
    def test_a_room_that_is_taken_out_of_a_reservation_is_gone_and_the_other_stays(self, pms: Any) -> None:
        first, second = pms.add_reservation([pms.rooms[0], pms.rooms[1]])
        connector = pms.open()
        pms.remove(second)
        assert _ids(_read(pms, connector)) == [first.id]
        assert _ids(connector.reader().bookings_by_id(_of(pms), [first.id, second.id])) == [first.id]
        assert _ids(connector.reader().bookings_by_id(_of(pms), [second.id])) == []

    # --- ids ----------------------------------------------------------------------------------------------------------

    def test_what_is_asked_for_by_id_is_found_whatever_became_of_it(self, pms: Any) -> None:
        past = pms.add_stay(arrival=date(2026, 8, 1), departure=date(2026, 8, 3), changed_at=NOW - timedelta(days=45))
        far = pms.add_stay(arrival=date(2027, 8, 1), departure=date(2027, 8, 3), changed_at=NOW - timedelta(days=45))
        read = pms.open().reader().bookings_by_id(_of(pms), [past.id, far.id])
        assert sorted(_ids(read)) == sorted([past.id, far.id])

    def test_more_ids_than_the_vendor_takes_at_once_are_all_asked_for(self, pms: Any) -> None:
        stays = pms.add_stays((pms.MOST_IDS or 30) + 1)
        read = pms.open().reader().bookings_by_id(_of(pms), [stay.id for stay in stays])
        assert sorted(_ids(read)) == sorted(stay.id for stay in stays)

    def test_an_id_that_the_pms_never_had_is_left_out_and_no_error(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector, of = pms.open(), _of(pms)
        stranger = pms.make_id("booking", 999)
        assert _ids(connector.reader().bookings_by_id(of, [stay.id, stranger])) == [stay.id]
        assert connector.reader().bookings_by_id(of, [stranger]) == BookingsRead()

    @needs(Part.GONE)
    def test_a_booking_that_was_deleted_is_left_out_and_no_error(self, pms: Any) -> None:
        stay, gone = pms.add_stay(), pms.add_stay(pms.rooms[1])
        connector = pms.open()
        pms.remove(gone)
        for read in _readings(pms, connector, [stay, gone], has_to_collide=False):
            assert _ids(read) == [stay.id]
        assert connector.reader().bookings_by_id(_of(pms), [gone.id]) == BookingsRead()

    def test_its_own_ids_have_the_shape_of_its_ids(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        assert connector.could_be_id("booking", stay.id)
        assert connector.could_be_id("room", pms.rooms[0].id)
        assert connector.could_be_id("guest", pms.guest_id(stay, stay.people[0]))
        assert connector.reservation_of(stay.id) == stay.reservation_id
        for kind in ("booking", "room", "guest"):
            assert not connector.could_be_id(kind, "")

    # --- guests -------------------------------------------------------------------------------------------------------

    @needs(Part.NAMES)
    def test_a_guest_has_a_name_and_contacts_as_the_pms_holds_them(self, pms: Any) -> None:
        stay = pms.add_stay()
        person = stay.people[0]
        read = _read(pms, pms.open())
        assert read.guests[pms.guest_id(stay, person)] == _guest(pms, stay, person)

    @needs(Part.COMPANIONS)
    def test_the_main_guest_comes_first_and_everyone_is_there(self, pms: Any) -> None:
        people = [pms.add_person(), pms.add_person("Ben", "Novak"), pms.add_person("Eva", "Novakova")]
        stay = pms.add_stay(people=people)
        connector = pms.open()
        (booking,) = _read(pms, connector).bookings
        ids = tuple(pms.guest_id(stay, person) for person in people)
        assert booking.guest_ids[0] == ids[0]
        assert set(booking.guest_ids) == set(ids)
        access = _access(pms, connector, stay, guests="everyone")
        assert {grant.user_identity_key for grant in access.grants} == set(ids)
        assert len({grant.key for grant in access.grants}) == 3

    @needs(Part.PROFILES)
    def test_profiles_are_read_by_their_ids_and_a_strangers_is_left_out(self, pms: Any) -> None:
        stay = pms.add_stay()
        person, guest_id = stay.people[0], pms.guest_id(stay, stay.people[0])
        connector, of = pms.open(), _of(pms)
        guests, broken = connector.reader().read_guests(of, [guest_id, pms.make_id("guest", 999)])
        assert (guests, broken) == ([_guest(pms, stay, person)], [])
        assert connector.reader().read_guests(of, []) == ([], [])

    @needs(Part.ANONYMISED)
    def test_a_guest_who_was_made_anonymous_is_forgotten_and_the_booking_goes_on(self, pms: Any) -> None:
        stay = pms.add_stay(people=[pms.add_person("Xaverina", "Quastenflosser")])
        person = stay.people[0]
        connector = pms.open()
        before = _read(pms, connector).bookings[0].guest_ids
        pms.change(person, is_anonymous=True)
        read = _read(pms, connector)
        assert (_ids(read), read.broken) == ([stay.id], [])
        assert read.bookings[0].guest_ids == before
        access = _access(pms, connector, stay)
        assert access.grants or (access.withheld is not None and access.withheld.existing is not Existing.REVOKE)
        for guest in read.guests.values():
            told = (guest.first_name, guest.last_name, guest.email, guest.phone)
            assert not {"Xaverina", "Quastenflosser", person.email, person.phone} & set(told)

    # --- webhooks -----------------------------------------------------------------------------------------------------

    @needs(Part.WEBHOOK)
    def test_a_genuine_webhook_passes_and_names_what_to_look_at(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        hook = pms.webhook(stay)
        assert _passes(connector, hook, pms.now)
        news = connector.webhooks.read(hook.document)
        named = news.subjects["bookings"]
        assert all(connector.could_be_id("booking", one) for one in named)
        assert connector.reservation_of(stay.id) in {connector.reservation_of(one) for one in named}
        assert news.property_id in (pms.house.id, None)
        assert news.words
        assert stay.people[0].last_name not in repr(news)

    @needs(Part.WEBHOOK)
    def test_a_webhook_that_is_sent_twice_says_the_same_twice(self, pms: Any) -> None:
        stay = pms.add_stay()
        connector = pms.open()
        once, again, later = (connector.webhooks.read(pms.webhook(stay, event).document) for event in (1, 1, 2))
        assert once == again
        if Part.EVENT_IDS in pms.LACKS:
            assert once.event_id is None
        else:
            assert once.event_id
            assert once.event_id != later.event_id

    @needs(Part.WEBHOOK)
    def test_a_forged_webhook_does_not_pass(self, pms: Any) -> None:
        connector = pms.open()
        genuine = pms.webhook(pms.add_stay())
        forged = list(pms.forgeries(genuine))
        assert len(forged) >= 3, "forgeries() has to give three webhooks at least that must not pass"
        forged.append(Webhook({}, {}, genuine.body, genuine.document))
        forged.append(Webhook({}, {}, b"", None))
        if Part.SIGNED_BODY not in pms.LACKS:
            other = pms.webhook(pms.add_stay(pms.rooms[1]), event=2)
            forged.append(Webhook(genuine.query, genuine.headers, other.body, other.document))
            forged.append(Webhook(genuine.query, genuine.headers, genuine.body + b" x", None))
        assert [_passes(connector, one, pms.now) for one in forged] == [False] * len(forged)
        assert _passes(connector, genuine, pms.now)

    @needs(Part.WEBHOOK)
    def test_without_a_token_or_secret_of_ours_no_webhook_passes(self, pms: Any) -> None:
        stay = pms.add_stay()
        hooks = [pms.webhook(stay)]
        pms.WEBHOOK_TOKEN = ""
        hooks.append(pms.webhook(stay))
        required = {one.name for one in pms.CONNECTOR.SETTINGS if one.required}
        given = {name: value for name, value in pms.settings().items() if name in required or "webhook" not in name}
        settings = pms.load(given).connections["elm"].vendor
        for token in (None, ""):
            connector = pms.CONNECTOR.open("elm", settings, pms.access(), token)
            assert not any(_passes(connector, hook, pms.now) for hook in hooks)

    @needs(Part.WEBHOOK, Part.WEBHOOK_AGE)
    def test_a_webhook_that_is_too_old_does_not_pass(self, pms: Any) -> None:
        connector = pms.open()
        stay = pms.add_stay()
        assert _passes(connector, pms.webhook(stay, at=pms.now - timedelta(minutes=1)), pms.now)
        for age in (timedelta(minutes=10), timedelta(days=1), timedelta(minutes=-30)):
            assert not _passes(connector, pms.webhook(stay, at=pms.now - age), pms.now)

    @needs(Part.WEBHOOK, Part.HEALTH_CHECK)
    def test_a_question_whether_we_are_there_is_about_nothing(self, pms: Any) -> None:
        connector = pms.open()
        hook = pms.health_check()
        assert _passes(connector, hook, pms.now)
        assert connector.webhooks.read(hook.document) is None

    @needs(Part.WEBHOOK)
    @pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"no": "webhook"}], ids=repr)
    def test_a_body_that_is_no_webhook_is_not_understood(self, pms: Any, document: Any) -> None:
        with pytest.raises(NotUnderstood):
            pms.open().webhooks.read(document)


def sentences() -> dict[str, Sequence[Part]]:
    """The tests of the contract, and the parts that each needs."""
    return {name: getattr(test, "needs", ()) for name, test in vars(Contract).items() if name.startswith("test_")}


# --- questions --------------------------------------------------------------------------------------------------------


def _of(pms: Any) -> Property:
    """The property, as the connector would have read it."""
    zone = pms.TIME_ZONE if pms.CONNECTOR.TELLS_TIME_ZONE else ""
    return Property(pms.house.id, pms.house.name, zone, "AT")


def _policy(pms: Any, policy: Policy) -> Policy:
    return policy if pms.CONNECTOR.TELLS_TIME_ZONE else replace(policy, time_zone=pms.TIME_ZONE)


def _read(pms: Any, connector: Connector) -> BookingsRead:
    """A run begins, and reads everything."""
    return connector.reader().bookings_within(_of(pms), WINDOW)


def _readings(
    pms: Any, connector: Connector, stays: Sequence[Stay], has_to_collide: bool = True
) -> Iterator[BookingsRead]:
    """The same stays, by each question that the vendor answers."""
    of, ids = _of(pms), [stay.id for stay in stays]
    if has_to_collide:
        yield connector.reader().bookings_within(of, WINDOW)
    if Part.CHANGES not in pms.LACKS:
        yield connector.reader().bookings_changed(of, LATELY)
    yield connector.reader().bookings_by_id(of, ids)


def _questions(pms: Any, of: Property) -> list[Callable[[Connector], Any]]:
    """Everything that a run asks."""
    ids = [stay.id for stay in pms.stays]
    questions: list[Callable[[Connector], Any]] = [
        lambda connector: connector.reader().bookings_within(of, WINDOW),
        lambda connector: connector.reader().bookings_by_id(of, ids),
    ]
    if Part.CHANGES not in pms.LACKS:
        questions.append(lambda connector: connector.reader().bookings_changed(of, LATELY))
    if Part.ROOM_LIST not in pms.LACKS:
        questions.append(lambda connector: connector.reader().read_rooms(of))
        questions.append(lambda connector: connector.reader().known_rooms(of, [room.id for room in pms.rooms]))
    if Part.ROOM_CHANGES not in pms.LACKS:
        questions.append(lambda connector: connector.reader().changed_rooms(of, LATELY))
    if Part.GUEST_CHANGES not in pms.LACKS:
        questions.append(lambda connector: connector.reader().changed_guests(of, LATELY))
    if Part.PROFILES not in pms.LACKS:
        people = [pms.guest_id(stay, person) for stay in pms.stays for person in stay.people]
        questions.append(lambda connector: connector.reader().read_guests(of, people))
    return questions


def _ids(read: BookingsRead) -> list[str]:
    return [booking.id for booking in read.bookings]


def _mapped(
    pms: Any, connector: Connector, read: BookingsRead, guests: str | None = None
) -> Iterator[tuple[BookingAccess, dict[str, Room]]]:
    policy = _policy(pms, PRESETS[connector.PRESET])
    policy = replace(policy, guests=guests or policy.guests)
    of = in_its_zone(_of(pms), policy)
    rooms = {room.id: room for room in connector.reader().read_rooms(of)[0]}
    for booking in read.bookings:
        yield booking_access(booking, of, rooms, read.guests, policy, Keys(), pms.now), rooms


def _openings(
    pms: Any,
    connector: Connector,
    window: tuple[datetime, datetime] = WINDOW,
    ids: Sequence[str] | None = None,
) -> list[Opening]:
    """All doors that open, in the order of time, by a run of its own."""
    of = _of(pms)
    read = (
        connector.reader().bookings_by_id(of, ids)
        if ids is not None
        else connector.reader().bookings_within(of, window)
    )
    return sorted(
        (
            Opening(grant.space_keys[0], grant.starts_at, grant.ends_at)
            for access, _ in _mapped(pms, connector, read)
            for grant in access.grants
        ),
        key=lambda opening: (opening.starts_at, opening.room_id),
    )


def _access(pms: Any, connector: Connector, stay: Stay, guests: str | None = None) -> BookingAccess:
    """What comes of one stay, asked for by its id."""
    read = connector.reader().bookings_by_id(_of(pms), [stay.id])
    ((access, _),) = _mapped(pms, connector, read, guests)
    return access


def _guest(pms: Any, stay: Stay, person: Person) -> Guest:
    names = (person.first_name, person.last_name, person.email, person.phone)
    return Guest(pms.guest_id(stay, person), *names, has_id=pms.GUESTS_HAVE_IDS)


def _passes(connector: Connector, hook: Webhook, now: datetime) -> bool:
    return connector.webhooks.verify(hook.query, hook.headers, hook.body, now)


def _complaint(ask: Callable[[Connector], Any], connector: Connector) -> BaseException | None:
    try:
        ask(connector)
    except PmsError as problem:
        return problem
    return None


def _sentences_of(problem: BaseException | None) -> list[str]:
    """What an error says, and what those say that a traceback would show with it."""
    said = []
    while problem is not None:
        said += [str(problem), repr(problem)]
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)
    return said
