"""Door codes in Cloudbeds: after whatever happens, each reservation says which code opens which of its doors."""

import json
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.door_codes import REFUSALS_IN_A_ROW
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.records import AccessWritten, DoorCode
from tests.connectors.test_cloudbeds import HOTEL, House, strangers

ARRIVAL, DEPARTURE = datetime(2026, 9, 20, 19, tzinfo=UTC), datetime(2026, 9, 23, 15, tzinfo=UTC)
PIN = "482913"
LINK = "https://key.example/k;secret"
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "cloudbeds-openapi.json"
READS = {"token": "getReservation", "note": "getReservationNotes"}
WRITES = {"postCustomField", "putReservation", "postReservationNote", "putReservationNote", "deleteReservationNote"}
Json = dict[str, Any]


class Desk(House):
    """A house of three rooms, and the codes that it should hold."""

    def __init__(self) -> None:
        super().__init__()
        self.three = [self.room, self.add_room("202"), self.add_room("203")]

    def book(self, *rooms: int) -> str:
        chosen = [self.three[room] for room in rooms or (0,)]
        return super().book(self.guest, date(2026, 9, 20), date(2026, 9, 23), chosen)  # type: ignore[return-value]

    def code(self, stay: str, room: int = 0, pin: str | None = PIN, guest: str = "", **rest: Any) -> DoorCode:
        return DoorCode(
            key=f"{rest.pop('prefix', '')}{stay}:{guest}" if guest else f"{rest.pop('prefix', '')}{stay}",
            booking_id=stay,
            room_id=self.three[room],
            starts_at=rest.pop("starts_at", ARRIVAL),
            ends_at=rest.pop("ends_at", DEPARTURE),
            pin=pin,
            **rest,
        )

    def write(self, *codes: DoorCode, how: str = "token", ended: Sequence[str] = ()) -> AccessWritten:
        wanted: dict[str, list[DoorCode]] = {one: [] for one in ended}
        for code in codes:
            wanted.setdefault(code.booking_id, []).append(code)
        self.requests.clear()
        return self.connector.door_codes.write(HOTEL, wanted, how)

    @property
    def writes(self) -> list[str]:
        return [operation for _, operation, _ in self.requests if operation in WRITES]

    def said(self, reservation: str) -> list[str]:
        """Whatever stands there of either kind."""
        text = self.custom_field_of(reservation)
        return [*(text.split("; ") if text else []), *self.notes_of(reservation)]


@pytest.fixture
def desk() -> Desk:
    return Desk()


# --- the custom field -------------------------------------------------------------------------------------------------


def test_a_code_is_written_once_and_never_again(desk: Desk) -> None:
    stay = desk.book()
    assert desk.write(desk.code(stay)) == AccessWritten(frozenset({stay}))
    assert desk.custom_field_of(stay) == f"201: {PIN} [NP]"
    assert desk.writes == ["postCustomField", "putReservation"]
    assert desk.asked("putReservation") == [
        {
            "propertyID": "210001",
            "reservationID": stay,
            "customFields[0][customFieldName]": "door_code",
            "customFields[0][customFieldValue]": f"201: {PIN} [NP]",
        }
    ]
    assert desk.write(desk.code(stay)) == AccessWritten()
    assert desk.writes == []
    assert desk.asked("getCustomFields") == []


def test_a_field_that_is_told_by_its_name_alone_is_the_same_field(desk: Desk) -> None:
    stay = desk.book(0, 1)
    other = f"{stay}-1"
    desk.write(desk.code(stay), desk.code(other, 1, pin="7733"))
    desk.custom_fields["door_code"]["name"] = "Code at the door"
    desk.reservations[stay].custom_fields["door_code"] += "; towels at 5"
    desk.tells_shortcodes = False
    assert desk.write(desk.code(stay)) == AccessWritten()
    assert desk.writes == []
    assert desk.write(desk.code(stay, pin="1111")).changed == {stay}
    assert desk.custom_field_of(stay) == "201: 1111 [NP]; 202: 7733 [NP-1]; towels at 5"
    desk.write(ended=[stay, other])
    assert desk.custom_field_of(stay) == "towels at 5"
    assert desk.write(ended=[stay, other]) == AccessWritten()


def test_another_field_of_a_like_name_is_not_ours(desk: Desk) -> None:
    stay = desk.book()
    desk.write(desk.code(stay))
    desk.custom_fields["safe"] = {"customFieldID": "9", "name": "Safe", "shortcode": "safe"}
    desk.reservations[stay].custom_fields = {"safe": "1234", "door_code": f"201: {PIN} [NP]"}
    desk.tells_shortcodes = False
    assert desk.write(desk.code(stay)) == AccessWritten()
    desk.write(ended=[stay])
    assert desk.reservations[stay].custom_fields["safe"] == "1234"


def test_the_field_is_made_once_for_all_and_long_enough_for_several_rooms(desk: Desk) -> None:
    first, second = desk.book(), desk.book(1)
    desk.write(desk.code(first), desk.code(second, 1))
    desk.write(desk.code(desk.book(2), 2))
    assert desk.calls["postCustomField"] == 1
    assert desk.calls["getCustomFields"] == 3, "once in a run, and once to see that it was made"
    field = desk.custom_fields["door_code"]
    told = (field["name"], field["applyTo"], field["type"], field["maxCharacters"], field["isPersonal"])
    assert told == ("Door code", "reservation", "input", 255, False)


def test_the_rooms_of_a_reservation_share_one_text(desk: Desk) -> None:
    stay = desk.book(0, 1)
    other = f"{stay}-1"
    assert desk.write(desk.code(stay), desk.code(other, 1, pin="7733")).changed == {stay, other}
    assert desk.custom_field_of(stay) == f"201: {PIN} [NP]; 202: 7733 [NP-1]"
    assert desk.writes.count("putReservation") == 1


def test_what_is_said_of_one_room_leaves_what_is_said_of_the_others(desk: Desk) -> None:
    stay = desk.book(0, 1, 2)
    first, second, third = stay, f"{stay}-1", f"{stay}-2"
    desk.write(desk.code(second, 1, pin="7733"))
    assert desk.write(desk.code(first), desk.code(third, 2, pin="1111")).changed == {first, third}
    assert desk.said(stay) == ["202: 7733 [NP-1]", f"201: {PIN} [NP]", "203: 1111 [NP-2]"]
    assert desk.write(desk.code(second, 2, pin="9999")).changed == {second}
    assert desk.said(stay) == ["203: 9999 [NP-1]", f"201: {PIN} [NP]", "203: 1111 [NP-2]"]
    assert desk.write(desk.code(third, 2, pin="1111"), ended=[first]).changed == {first}
    assert desk.said(stay) == ["203: 9999 [NP-1]", "203: 1111 [NP-2]"]
    assert desk.write(ended=[second, third]).changed == {second, third}
    assert desk.custom_field_of(stay) == ""
    assert desk.write(ended=[first, second, third]) == AccessWritten()


@pytest.mark.parametrize("how", ["token", "note"])
def test_the_tenth_room_is_not_the_first(desk: Desk, how: str) -> None:
    stay = desk.book(*[0] * 11)
    codes = [desk.code(f"{stay}-{n}" if n else stay, pin=str(1000 + n)) for n in (0, 1, 10)]
    desk.write(*codes, how=how)
    assert desk.write(ended=[f"{stay}-1"], how=how).changed == {f"{stay}-1"}
    left = desk.said(stay)
    assert len(left) == 2
    assert "1000" in left[0]
    assert "1010" in left[1]


@pytest.mark.parametrize("how", ["token", "note"])
@pytest.mark.parametrize("prefix", ["", "harbor:", "np8-"])
def test_people_and_stretches_of_one_room_have_their_own(desk: Desk, how: str, prefix: str) -> None:
    stay = desk.book()
    codes = [
        desk.code(stay, prefix=prefix),
        desk.code(stay, pin="2222", guest="163", prefix=prefix),
        DoorCode(f"{prefix}{stay}/2", stay, desk.three[1], DEPARTURE, None, "3333"),
    ]
    assert desk.write(*codes, how=how).changed == {stay}
    assert len(desk.said(stay)) == 3
    assert desk.write(*codes, how=how) == AccessWritten()
    desk.write(codes[0], codes[2], how=how)
    assert ["2222" in one for one in desk.said(stay)] == [False, False]
    desk.write(how=how, ended=[stay])
    assert desk.said(stay) == []


def test_what_the_desk_wrote_into_the_field_stays(desk: Desk) -> None:
    desk.add_custom_field("door_code", longest=100)
    desk.add_custom_field("car")
    stay = desk.book(0, 1)
    desk.fill_in(stay, "door_code", "Gate: 99#; parking P2 [NPC]")
    desk.fill_in(stay, "car", "blue")
    desk.write(desk.code(stay))
    assert desk.custom_field_of(stay) == f"Gate: 99#; parking P2 [NPC]; 201: {PIN} [NP]"
    desk.write(desk.code(stay, pin="5500"))
    assert desk.custom_field_of(stay) == "Gate: 99#; parking P2 [NPC]; 201: 5500 [NP]"
    desk.write(ended=[stay])
    assert desk.custom_field_of(stay) == "Gate: 99#; parking P2 [NPC]"
    assert desk.custom_field_of(stay, "car") == "blue"
    assert desk.calls["postCustomField"] == 0


def test_a_code_that_somebody_changed_or_doubled_is_put_right(desk: Desk) -> None:
    stay = desk.book()
    desk.write(desk.code(stay))
    desk.fill_in(stay, "door_code", "201: 1 [NP];  201: 2 [NP]")
    assert desk.write(desk.code(stay)).changed == {stay}
    assert desk.custom_field_of(stay) == f"201: {PIN} [NP]"


def test_a_room_of_a_strange_name_and_a_mobile_key_are_told_apart(desk: Desk) -> None:
    desk.rooms[desk.room]["roomName"] = "Suite; [blue]"
    stay = desk.book()
    code = desk.code(stay, pin=None, link=LINK, ends_at=None)
    desk.write(code)
    assert desk.custom_field_of(stay) == f"Suite   blue: mobile key {LINK} [NP]"
    assert desk.write(code) == AccessWritten()


def test_codes_that_do_not_fit_are_said_to_and_nothing_is_cut(desk: Desk) -> None:
    desk.add_custom_field("door_code", longest=20)
    stay, other = desk.book(0, 1), desk.book(2)
    written = desk.write(desk.code(stay), desk.code(f"{stay}-1", 1), desk.code(other, 2))
    assert written.changed == {other}
    assert written.failed == dict.fromkeys(
        (stay, f"{stay}-1"),
        "The door codes of this reservation need 36 characters, and the custom field door_code in Cloudbeds takes 20: "
        "make it longer there, or set write_back: note",
    )
    assert desk.said(stay) == []


def test_a_field_of_guests_is_not_taken_for_one_of_reservations(desk: Desk) -> None:
    desk.add_custom_field("door_code", "guest")
    with pytest.raises(PmsRefused, match="is one of guests, and door codes need one of reservations"):
        desk.write(desk.code(desk.book()))


def test_a_field_that_the_house_refuses_to_make_is_asked_for_once(desk: Desk) -> None:
    desk.faults.unsuccessful_operations = frozenset({"postCustomField"})
    with pytest.raises(PmsUnreachable, match="could not do postCustomField"):
        desk.write(desk.code(desk.book()))
    assert desk.writes == ["postCustomField"]


@pytest.mark.parametrize("told", ["text", 5])
def test_fields_that_cannot_be_read_stop_only_their_own_reservation(
    desk: Desk, told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = desk.book(), desk.book(1)
    honest = desk._getReservation

    def strange(asked: Json) -> Json:
        answer = honest(asked)
        if asked["reservationID"] == broken:
            answer["data"]["customFields"] = told
        return answer

    monkeypatch.setattr(desk, "_getReservation", strange)
    written = desk.write(desk.code(broken), desk.code(fine, 1))
    assert (written.changed, written.failed.keys()) == ({fine}, {broken})


# --- notes ------------------------------------------------------------------------------------------------------------


def test_a_note_says_room_code_and_window_in_the_propertys_time(desk: Desk) -> None:
    stay = desk.book()
    assert desk.write(desk.code(stay), how="note").changed == {stay}
    assert desk.notes_of(stay) == [
        f"Room 201: door code {PIN}, valid from 2026-09-20 15:00 to 2026-09-23 11:00 (America/New_York) "
        f"[Night Porter {stay}]"
    ]
    assert desk.write(desk.code(stay), how="note") == AccessWritten()
    assert desk.writes == []


@pytest.mark.parametrize("change", [{"pin": "5500"}, {"room": 1}, {"ends_at": DEPARTURE + timedelta(hours=3)}])
def test_a_note_that_should_say_something_else_is_changed(desk: Desk, change: Json) -> None:
    stay = desk.book()
    desk.write(desk.code(stay), how="note")
    ((note_id, before),) = desk.reservations[stay].notes.items()
    assert desk.write(desk.code(stay, **change), how="note").changed == {stay}
    assert desk.writes == ["putReservationNote"]
    ((same_id, after),) = desk.reservations[stay].notes.items()
    assert same_id == note_id
    assert after != before


def test_each_room_has_its_note_and_one_that_ends_takes_only_its_own(desk: Desk) -> None:
    stay = desk.book(0, 1)
    other = f"{stay}-1"
    desk.write(desk.code(stay), desk.code(other, 1, pin="7733"), how="note")
    assert desk.write(ended=[stay], how="note").changed == {stay}
    (left,) = desk.notes_of(stay)
    assert "7733" in left
    assert desk.write(desk.code(other, 1, pin="7733"), how="note", ended=[stay]) == AccessWritten()


def test_notes_of_others_stay_and_duplicates_of_ours_go(desk: Desk) -> None:
    stay = desk.book()
    others = ["Late arrival, Night Porter knows", f"Copied [Night Porter of another booking] {stay}"]
    for text in others:
        desk.write_note(stay, text)
    desk.write(desk.code(stay), how="note")
    ours = desk.notes_of(stay)[-1]
    for text in (ours, ours.replace(PIN, "1")):
        desk.write_note(stay, text)
    first = next(note_id for note_id, text in desk.reservations[stay].notes.items() if text == ours)
    desk.reservations[stay].notes[first] = ours.replace(PIN, "2")
    desk.write(desk.code(stay), how="note")
    assert desk.writes == ["deleteReservationNote"] * 2, "the one that is right is kept"
    assert desk.notes_of(stay) == [*others, ours]
    desk.write(how="note", ended=[stay])
    assert desk.notes_of(stay) == others


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, "answered getReservationNotes without a list of data"),
        ([{"reservationNote": "x"}], "A note in Cloudbeds has no reservationNoteID."),
        ([{"reservationNoteID": "1", "reservationNote": {}}], "has a reservationNote that cannot be read"),
    ],
)
def test_notes_that_cannot_be_read_stop_only_their_own_reservation(
    desk: Desk, told: Any, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = desk.book(), desk.book(1)
    honest = desk._getReservationNotes
    monkeypatch.setattr(
        desk,
        "_getReservationNotes",
        lambda asked: {"data": told} if asked["reservationID"] == broken else honest(asked),
    )
    written = desk.write(desk.code(broken), desk.code(fine, 1), how="note")
    assert (written.changed, written.failed.keys()) == ({fine}, {broken})
    assert reason in written.failed[broken]


# --- answers that are lost, and refusals ------------------------------------------------------------------------------


@pytest.mark.parametrize("lost", ["postCustomField", "putReservation"])
def test_a_lost_answer_leaves_one_field_with_one_code(desk: Desk, lost: str) -> None:
    stay = desk.book()
    desk.faults.lose_answers_of[lost] = 1
    assert desk.write(desk.code(stay)) == AccessWritten(frozenset({stay}))
    assert desk.writes == ["postCustomField", "putReservation"], "it was looked up"
    assert desk.custom_field_of(stay) == f"201: {PIN} [NP]"
    assert desk.write(desk.code(stay)) == AccessWritten()


@pytest.mark.parametrize("lost", ["postReservationNote", "putReservationNote", "deleteReservationNote"])
def test_a_lost_answer_leaves_one_note(desk: Desk, lost: str) -> None:
    stay = desk.book(0, 1)
    other = f"{stay}-1"
    desk.write(desk.code(stay), how="note")
    desk.faults.lose_answers_of[lost] = 1
    desk.write(desk.code(stay, pin="5500"), desk.code(other, 1, pin="7733"), how="note")
    assert desk.write(desk.code(other, 1, pin="7733"), how="note", ended=[stay]) == AccessWritten(frozenset({stay}))
    (note,) = desk.notes_of(stay)
    assert "7733" in note


def test_when_no_answer_ever_comes_what_stands_there_counts(desk: Desk) -> None:
    stay = desk.book()
    desk.faults.lose_answers_of["postReservationNote"] = 1000
    assert desk.write(desk.code(stay), how="note") == AccessWritten(frozenset({stay}))
    assert len(desk.notes_of(stay)) == 1


@pytest.mark.parametrize("how", ["token", "note"])
def test_what_is_never_done_is_tried_a_few_times_and_then_reported(
    desk: Desk, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = desk.book()
    desk.add_custom_field("door_code", longest=100)
    operation = "putReservation" if how == "token" else "postReservationNote"
    monkeypatch.setattr(desk, f"_{operation}", lambda asked: {"success": None})
    written = desk.write(desk.code(stay), how=how)
    assert not written.changed
    assert "could not do" in written.failed[stay]
    monkeypatch.undo()
    handle = desk.handle

    def drops(method: str, path: str, *rest: Any) -> Any:
        answer = handle(method, path, *rest) if not path.endswith(operation) else None
        if answer is None:
            desk.requests.append((method, operation, {}))
            answer = handle("GET", "/nowhere", {}, {}, b"")
            answer.drop = True
        return answer

    monkeypatch.setattr(desk, "handle", drops)
    written = desk.write(desk.code(stay), how=how)
    assert desk.writes == [operation] * 4
    assert "cannot be reached" in written.failed[stay]


@pytest.mark.parametrize("how", ["token", "note"])
def test_one_that_is_refused_stops_no_other(desk: Desk, how: str) -> None:
    stays = [desk.book() for _ in range(5)]
    desk.delete(stays[2])
    written = desk.write(*(desk.code(one) for one in stays), how=how)
    assert written.failed.keys() == {stays[2]}
    assert f"could not do {READS[how]}" in written.failed[stays[2]]
    good = [one for one in stays if one != stays[2]]
    assert written.changed == set(good)
    assert all(len(desk.said(one)) == 1 for one in good)


def test_of_a_reservation_that_is_refused_only_what_is_not_there_has_failed(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay, fine = desk.book(0, 1), desk.book(2)
    desk.write(desk.code(stay))
    honest = desk._putReservation
    refused = {"reservationID": "", "customFields[0][customFieldName]": "x", "customFields[0][customFieldValue]": ""}
    monkeypatch.setattr(
        desk, "_putReservation", lambda asked: honest(refused if asked["reservationID"] == stay else asked)
    )
    written = desk.write(desk.code(stay), desk.code(f"{stay}-1", 1), desk.code(fine, 2))
    assert (written.changed, written.failed.keys()) == ({fine}, {f"{stay}-1"})


def test_where_everything_is_refused_it_is_not_asked_a_thousand_times(desk: Desk) -> None:
    stays = [desk.book() for _ in range(50)]
    desk.faults.unsuccessful_operations = frozenset({"postReservationNote"})
    written = desk.write(*(desk.code(one) for one in stays), how="note")
    assert len(desk.writes) == REFUSALS_IN_A_ROW
    assert written.failed.keys() == set(stays)


@pytest.mark.parametrize("how", ["token", "note"])
@pytest.mark.parametrize("what", ["delete", "purge"])
@pytest.mark.parametrize("is_listed", [True, False])
@pytest.mark.parametrize("words", ["Reservation not found", "Some new word"])
def test_of_a_reservation_that_is_no_more_nothing_has_to_be_taken_away(
    desk: Desk, how: str, what: str, is_listed: bool, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, fine = desk.book(), desk.book(1)
    desk.write(desk.code(gone), desk.code(fine, 1), how=how)
    desk.offers_lists_by_id = is_listed
    getattr(desk, what)(gone)
    honest = getattr(desk, f"_{READS[how]}")

    def in_other_words(asked: Json) -> Any:
        if asked["reservationID"] == gone:
            desk.faults.unsuccessful_operations = frozenset()
            raise type(_refusal(desk))(words)
        return honest(asked)

    monkeypatch.setattr(desk, f"_{READS[how]}", in_other_words)
    written = desk.write(desk.code(fine, 1), how=how, ended=[gone])
    if is_listed or words == "Reservation not found":
        assert written == AccessWritten()
    else:
        assert written.failed.keys() == {gone}, "nobody says that it is gone"


def _refusal(desk: Desk) -> Exception:
    try:
        desk._getReservation({"reservationID": "nobody's"})
    except Exception as problem:
        return problem
    raise AssertionError


@pytest.mark.parametrize("says", [401, 403, 200])
@pytest.mark.parametrize(
    ("how", "operation", "scope"),
    [
        ("token", "getReservation", "read:customFields and write:customFields"),
        ("token", "getCustomFields", "read:customFields and write:customFields"),
        ("token", "putReservation", "write:reservation"),
        ("note", "getReservationNotes", "read:reservation and write:reservation"),
        ("note", "postReservationNote", "read:reservation and write:reservation"),
    ],
)
def test_a_scope_that_is_missing_is_named_and_asked_for_once(
    desk: Desk, says: int, how: str, operation: str, scope: str
) -> None:
    desk.faults.not_granted, desk.faults.says_not_granted = frozenset({operation}), says
    stays = [desk.book() for _ in range(3)]
    with pytest.raises(PmsRefused, match=rf"at {operation}|refuses {operation}") as caught:
        desk.write(*(desk.code(one) for one in stays), how=how)
    assert scope in str(caught.value)
    assert "make credentials in Cloudbeds that have them" in str(caught.value)
    assert len(desk.asked(operation)) == 1


def test_a_house_that_cannot_be_asked_is_an_error(desk: Desk) -> None:
    stay = desk.book()
    desk.faults.down = True
    with pytest.raises(PmsUnreachable):
        desk.write(desk.code(stay))


def test_a_change_of_kind_leaves_nothing_of_the_former_one(desk: Desk) -> None:
    stay = desk.book(0, 1)
    codes = desk.code(stay), desk.code(f"{stay}-1", 1, pin="7733")
    for first, second in (("token", "note"), ("note", "token"), ("token", "note")):
        desk.write(*codes, how=first)
        assert desk.write(*codes, how=second).changed == {stay, f"{stay}-1"}
        held = (bool(desk.custom_field_of(stay)), len(desk.notes_of(stay)))
        assert held == ((False, 2) if second == "note" else (True, 0))


def test_without_the_scope_of_the_other_kind_it_is_asked_for_once(desk: Desk) -> None:
    desk.faults.not_granted = frozenset({"getReservationNotes"})
    for room in (0, 1, 2):
        assert not desk.write(desk.code(desk.book(room), room)).failed
    assert desk.calls["getReservationNotes"] == 1


@pytest.mark.parametrize("how", ["token", "note"])
def test_no_error_and_no_repr_says_a_code(desk: Desk, how: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    stays = [desk.book() for _ in range(3)]
    desk.delete(stays[1])
    codes = [desk.code(one) for one in stays] + [desk.code(stays[0], pin=None, link=LINK, guest="163")]
    told = repr(desk.write(*codes, how=how)) + repr(codes)
    desk.faults.unsuccessful_operations = frozenset({"putReservation", "postReservationNote"})
    told += repr(desk.write(desk.code(desk.book()), how=how))
    desk.faults.not_granted = frozenset({"putReservation", "postReservationNote"})
    with pytest.raises(PmsRefused) as refused:
        desk.write(desk.code(desk.book()), how=how)
    desk.faults.down = True
    with pytest.raises(PmsUnreachable) as unreachable:
        desk.write(*codes, how=how)
    told += "".join(f"{one.value!r} {one.value}" for one in (refused, unreachable)) + caplog.text
    assert stays[1] in told
    assert PIN not in told
    assert LINK not in told


@pytest.mark.parametrize("how", ["token", "note"])
@pytest.mark.parametrize("seed", range(5))
def test_whatever_goes_wrong_in_the_end_there_is_one_of_each(desk: Desk, how: str, seed: int) -> None:
    luck = random.Random(seed)
    desk.add_custom_field("door_code", longest=255)
    reservations = [desk.book(0, 1) for _ in range(6)]
    stays = [part for one in reservations for part in (one, f"{one}-1")]
    faults = desk.faults
    codes: dict[str, DoorCode] = {}
    for _ in range(12):
        asked = luck.sample(stays, 8)
        for stay in asked:
            codes.pop(stay, None)
            if luck.random() < 0.8:
                codes[stay] = desk.code(stay, luck.randrange(3), pin=str(luck.randrange(1000, 1003)))
        faults.unavailable, faults.drop, faults.lose_answer, faults.too_many = 0.1, 0.1, 0.2, 0.1
        faults.unsuccessful = 0.05
        try:
            desk.write(
                *(codes[one] for one in asked if one in codes),
                how=how,
                ended=[one for one in asked if one not in codes],
            )
        except PmsUnreachable:
            continue
        finally:
            assert all(len(desk.notes_of(one)) <= 2 for one in reservations), "two of the same"
    faults.unavailable = faults.drop = faults.lose_answer = faults.too_many = faults.unsuccessful = 0
    ended = [one for one in stays if one not in codes]
    assert not desk.write(*codes.values(), how=how, ended=ended).failed
    names = {desk.three[n]: f"20{n + 1}" for n in range(3)}
    for one in reservations:
        mine = [codes[stay] for stay in (one, f"{one}-1") if stay in codes]
        said = desk.said(one)
        assert len(said) == len(mine)
        for code in mine:
            mark = f"[NP{code.key.removeprefix(one)}]" if how == "token" else f"[Night Porter {code.key}]"
            (text,) = [text for text in said if text.endswith(mark)]
            assert code.pin is not None
            assert code.pin in text
            assert names[code.room_id] in text
    assert desk.write(*codes.values(), how=how, ended=ended) == AccessWritten()


# --- the vendor's own description -------------------------------------------------------------------------------------


@pytest.mark.skipif(not SPEC.exists(), reason="needs the vendor's OpenAPI description beside the repository")
def test_every_request_and_answer_is_one_that_the_vendor_describes(desk: Desk) -> None:
    described = json.loads(SPEC.read_text())
    schemas = described["components"]["schemas"]
    answers: list[tuple[str, Any]] = []
    handle = desk.handle

    def kept(method: str, path: str, *rest: Any) -> Any:
        answer = handle(method, path, *rest)
        answers.append((path.rpartition("/")[2], json.loads(answer.body)))
        return answer

    desk.handle = kept  # type: ignore[method-assign]
    stay = desk.book()
    for how in ("token", "note"):
        desk.requests.clear()
        codes = desk.code(stay), desk.code(stay, pin="5500")
        for code in codes:
            desk.connector.door_codes.write(HOTEL, {stay: [code]}, how)
        desk.connector.door_codes.write(HOTEL, {stay: []}, how)
        for method, operation, fields in desk.requests:
            verb = described["paths"][f"/{operation}"][method.lower()]
            names = {one["name"] for one in verb.get("parameters", ())}
            if method in ("POST", "PUT"):
                schema = verb["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
                names = set(schemas[schema["$ref"].rpartition("/")[2]]["properties"])
            assert {name.partition("[")[0] for name in fields} <= names, operation
    assert {operation for operation, _ in answers} > WRITES
    for operation, document in answers:
        name = operation[0].upper() + operation[1:] + "Response"
        assert list(strangers(document, schemas[name], schemas, operation)) == []
