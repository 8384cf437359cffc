"""Door codes in Mews: after whatever happens, each booking has exactly the ones that open its door."""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.door_codes import REFUSALS_IN_A_ROW
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.records import AccessWritten, DoorCode, Property
from sandbox.mews_hotel import Refusal
from tests.world import START, World

ARRIVAL, DEPARTURE = datetime(2026, 9, 20, 13, tzinfo=UTC), datetime(2026, 9, 23, 9, tzinfo=UTC)
PIN = "482913"
TOKENS, NOTES = "resourceAccessTokens", "serviceOrderNotes"
LINK = "https://key.example/k/secret"
Json = dict[str, Any]


class Desk:
    """A hotel, its connector, and the codes that it should hold."""

    def __init__(self, path: Path, portfolio: bool = False):
        self.world = World(path, portfolio=portfolio)
        self.hotel = self.world.hotel
        self.of = Property(self.world.property, "Alpenblick", "Europe/Vienna", "AT", shares_connection=portfolio)

    def code(self, booking: str, room: int = 0, pin: str | None = PIN, guest: str = "", **rest: Any) -> DoorCode:
        return DoorCode(
            key=f"{booking}:{guest}" if guest else booking,
            booking_id=booking,
            room_id=self.world.rooms[room],
            starts_at=rest.pop("starts_at", ARRIVAL),
            ends_at=rest.pop("ends_at", DEPARTURE),
            pin=pin,
            **rest,
        )

    def write(self, *codes: DoorCode, how: str = "token", ended: Sequence[str] = ()) -> AccessWritten:
        wanted: dict[str, list[DoorCode]] = {one: [] for one in ended}
        for code in codes:
            wanted.setdefault(code.booking_id, []).append(code)
        self.hotel.requests.clear()
        return self.world.connector.door_codes.write(self.of, wanted, how)

    def asked(self, operation: str) -> list[Json]:
        return [body for asked, body in self.hotel.requests if asked == operation]

    @property
    def writes(self) -> list[str]:
        return [asked for asked, _ in self.hotel.requests if asked.rpartition("/")[2] in ("add", "update", "delete")]

    def pins(self, booking: str) -> list[tuple[str, str]]:
        """Room name and PIN of a booking's tokens."""
        return [
            (str(self.hotel.resources[one["ResourceId"]]["Name"]), one["Value"])
            for one in self.hotel.tokens_of(booking)
        ]

    def put_token(self, booking: str, pin: str = PIN, room: int = 0, **rest: Any) -> str:
        """A token that somebody else wrote, or that we wrote and do not know of."""
        token: Json = {
            "ServiceOrderId": booking,
            "ResourceId": self.world.rooms[room],
            "Type": "PinCode",
            "Value": pin,
            "SerialNumber": None,
            "ValidityStartUtc": "2026-09-20T13:00:00Z",
            "ValidityEndUtc": "2026-09-23T09:00:00Z",
            "Permissions": {name: {"Value": True} for name in ("Bed", "Room", "Floor", "Building")},
            **rest,
        }
        signed = {"ClientToken": self.hotel.client_token, "AccessToken": self.hotel.access_token, "Client": "Other 1.0"}
        body = json.dumps({**signed, "ResourceAccessTokenParameters": [token]}).encode()
        answer = self.hotel.handle("POST", "/api/connector/v1/resourceAccessTokens/add", {}, {}, body)
        return str(json.loads(answer.body)["ResourceAccessTokens"][0]["Id"])


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    made.world.store.close()


def test_a_code_is_written_once_and_never_again(desk: Desk) -> None:
    booking = desk.world.book()
    written = desk.write(desk.code(booking, ends_at=DEPARTURE + timedelta(milliseconds=700)))
    assert written == AccessWritten(frozenset({booking}))
    (token,) = desk.hotel.tokens_of(booking)
    assert token["Value"] == PIN
    assert token["SerialNumber"] == booking
    assert token["ResourceId"] == desk.world.rooms[0]
    assert (token["ValidityStartUtc"], token["ValidityEndUtc"]) == ("2026-09-20T13:00:00Z", "2026-09-23T09:00:00Z")
    assert token["Permissions"] == {"Bed": False, "Room": True, "Floor": False, "Building": False}
    assert desk.write(desk.code(booking)) == AccessWritten()
    assert [operation for operation, _ in desk.hotel.requests] == [f"{TOKENS}/getAll"]


def test_a_bed_is_opened_with_its_room(desk: Desk) -> None:
    bed = desk.hotel.add_room(desk.of.id, "101A", desk.world.double, parent=desk.world.rooms[0])
    desk.world.rooms.append(bed)
    booking = desk.world.book(room=3)
    desk.write(desk.code(booking, room=3))
    assert desk.hotel.tokens_of(booking)[0]["Permissions"]["Bed"] is True


def test_every_person_of_a_booking_has_her_own(desk: Desk) -> None:
    booking = desk.world.book()
    both = [desk.code(booking), desk.code(booking, pin="7711", guest="g2")]
    desk.write(*both)
    assert sorted(desk.pins(booking)) == [("101", PIN), ("101", "7711")]
    assert desk.write(*both) == AccessWritten()
    desk.write(desk.code(booking))
    assert desk.pins(booking) == [("101", PIN)]


def test_a_move_takes_the_old_room_away_before_it_gives_the_new_one(desk: Desk) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking))
    assert desk.write(desk.code(booking, room=1)).changed == {booking}
    assert desk.pins(booking) == [("102", PIN)]
    assert desk.writes == [f"{TOKENS}/delete", f"{TOKENS}/add"]


def test_while_the_old_room_may_still_be_there_the_new_one_waits(desk: Desk) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking))
    desk.hotel.faults.lose_answers_of[f"{TOKENS}/delete"] = 1
    desk.write(desk.code(booking, room=1))
    assert [operation for operation, _ in desk.hotel.requests][:4] == [
        f"{TOKENS}/getAll",
        "resources/getAll",
        f"{TOKENS}/delete",
        f"{TOKENS}/getAll",
    ]
    assert desk.pins(booking) == [("102", PIN)]


@pytest.mark.parametrize(
    "change",
    [{"pin": "5500"}, {"ends_at": DEPARTURE + timedelta(hours=3)}, {"starts_at": ARRIVAL - timedelta(hours=1)}],
)
def test_a_new_pin_or_window_changes_the_token_that_is_there(desk: Desk, change: Json) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking))
    (before,) = desk.hotel.tokens_of(booking)
    wanted = desk.code(booking, **change)
    assert desk.write(wanted).changed == {booking}
    (after,) = desk.hotel.tokens_of(booking)
    assert after["Id"] == before["Id"]
    assert after["Value"] == wanted.pin
    assert [datetime.fromisoformat(after[f"Validity{side}Utc"]) for side in ("Start", "End")] == [
        wanted.starts_at,
        wanted.ends_at,
    ]
    assert desk.writes == [f"{TOKENS}/update"]


def test_what_ended_leaves_nothing(desk: Desk) -> None:
    gone, stays = desk.world.book(), desk.world.book(room=1)
    desk.write(desk.code(gone), desk.code(stays, room=1))
    assert desk.write(desk.code(stays, room=1), ended=[gone]).changed == {gone}
    assert desk.pins(gone) == []
    assert desk.pins(stays) == [("102", PIN)]
    assert desk.write(ended=[gone]) == AccessWritten()


@pytest.mark.parametrize("keeps", [True, False])
def test_an_add_whose_answer_is_lost_is_looked_up_not_repeated(desk: Desk, keeps: bool) -> None:
    desk.hotel.keeps_serial_numbers = keeps
    booking = desk.world.book()
    desk.hotel.faults.lose_answers_of[f"{TOKENS}/add"] = 1
    assert desk.write(desk.code(booking)) == AccessWritten(frozenset({booking}))
    assert desk.writes == [f"{TOKENS}/add"]
    assert desk.pins(booking) == [("101", PIN)]
    assert desk.write(desk.code(booking)) == AccessWritten()


def test_two_people_with_the_same_pin_have_two_tokens_even_without_marks(desk: Desk) -> None:
    desk.hotel.keeps_serial_numbers = False
    booking = desk.world.book()
    both = [desk.code(booking), desk.code(booking, guest="g2")]
    desk.write(*both)
    assert desk.write(*both) == AccessWritten()
    assert desk.pins(booking) == [("101", PIN)] * 2


@pytest.mark.parametrize("lost", ["update", "delete"])
def test_a_lost_answer_leaves_exactly_what_is_wanted(desk: Desk, lost: str) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking), desk.code(booking, pin="7711", guest="g2"))
    desk.hotel.faults.lose_answers_of[f"{TOKENS}/{lost}"] = 1
    assert desk.write(desk.code(booking, pin="5500")) == AccessWritten(frozenset({booking}))
    assert desk.pins(booking) == [("101", "5500")]


def test_when_no_answer_ever_comes_it_ends_and_says_so(desk: Desk) -> None:
    booking = desk.world.book()
    desk.hotel.faults.lose_answers_of[f"{NOTES}/add"] = 1000
    written = desk.write(desk.code(booking), how="note")
    assert written == AccessWritten(frozenset({booking})), "the note stands there"
    assert len(desk.hotel.notes_of(booking)) == 1


def test_what_mews_never_does_is_tried_a_few_times_and_then_reported(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = desk.world.book()
    monkeypatch.setattr(desk.hotel, "_add_access_tokens", lambda question: "<html>Maintenance</html>")
    written = desk.write(desk.code(booking))
    assert desk.writes == [f"{TOKENS}/add"] * 4
    assert not written.changed
    assert "something that is not JSON at resourceAccessTokens/add" in written.failed[booking]


def test_duplicates_of_ours_go(desk: Desk) -> None:
    booking = desk.world.book()
    desk.put_token(booking, SerialNumber=booking, pin="1111")
    right = desk.put_token(booking, SerialNumber=booking)
    desk.put_token(booking, SerialNumber=booking, room=2)
    desk.put_token(booking)
    desk.write(desk.code(booking))
    assert [one["Id"] for one in desk.hotel.tokens_of(booking)] == [right]
    assert desk.writes == [f"{TOKENS}/delete"]


def test_tokens_of_others_stay(desk: Desk) -> None:
    booking = desk.world.book()
    others = [
        desk.put_token(booking, pin="0001"),
        desk.put_token(booking, SerialNumber="KEYCARD-7"),
        desk.put_token(booking, Type="RfidTag", SerialNumber=booking),
        desk.put_token(booking, room=1),
    ]
    desk.write(desk.code(booking))
    assert len(desk.hotel.tokens_of(booking)) == 5
    desk.write(ended=[booking])
    assert [one["Id"] for one in desk.hotel.tokens_of(booking)] == others


def test_a_portfolio_names_the_property_where_mews_asks_for_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path, portfolio=True)
    other = desk.hotel.add_property("Hotel Seeblick")
    booking = desk.world.book()
    desk.write(desk.code(booking))
    desk.write(desk.code(booking, pin="5500"))
    assert desk.asked(f"{TOKENS}/update")[0]["EnterpriseId"] == desk.of.id != other
    assert desk.asked(f"{TOKENS}/getAll")[0]["EnterpriseIds"] == [desk.of.id]
    assert desk.pins(booking) == [("101", "5500")]
    desk.world.store.close()


@pytest.mark.parametrize("how", ["token", "note"])
def test_one_that_mews_refuses_stops_no_other(desk: Desk, how: str) -> None:
    bookings = [desk.world.book() for _ in range(9)]
    desk.hotel.delete_reservation(bookings[4])
    written = desk.write(*(desk.code(one) for one in bookings), how=how)
    assert written.failed.keys() == {bookings[4]}
    assert "does not accept the request (400 at" in written.failed[bookings[4]]
    good = [one for one in bookings if one != bookings[4]]
    assert written.changed == set(good)
    assert all(len(desk.hotel.tokens_of(one)) + len(desk.hotel.notes_of(one)) == 1 for one in good)
    assert len(desk.asked(f"{NOTES if how == 'note' else TOKENS}/getAll")) == 2, "no third look for what was refused"


def test_a_single_refusal_is_an_answer(desk: Desk) -> None:
    booking = desk.world.book()
    desk.hotel.delete_reservation(booking)
    assert desk.write(desk.code(booking)).failed.keys() == {booking}
    assert [len(desk.asked(f"{TOKENS}/{one}")) for one in ("getAll", "add")] == [1, 1]


def test_many_that_mews_refuses_stop_no_other(desk: Desk) -> None:
    bookings = [desk.world.book() for _ in range(90)]
    for one in bookings[::3]:
        desk.hotel.delete_reservation(one)
    written = desk.write(*(desk.code(one) for one in bookings))
    assert written.failed.keys() == set(bookings[::3])
    assert written.changed == set(bookings) - set(bookings[::3])


def test_a_refusal_that_did_half_the_work_doubles_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    bookings = [desk.world.book() for _ in range(4)]
    add = desk.hotel._add_access_tokens

    def adds_one_and_refuses(question: Json) -> str:
        given = question["ResourceAccessTokenParameters"]
        answer = add(question | {"ResourceAccessTokenParameters": given[:1]})
        if len(given) > 1:
            raise Refusal(400, "Too many for me")
        return answer

    monkeypatch.setattr(desk.hotel, "_add_access_tokens", adds_one_and_refuses)
    assert desk.write(*(desk.code(one) for one in bookings)) == AccessWritten(frozenset(bookings))
    assert [desk.pins(one) for one in bookings] == [[("101", PIN)]] * 4


def test_where_mews_refuses_everything_it_is_not_asked_a_thousand_times(desk: Desk) -> None:
    bookings = [desk.world.book() for _ in range(100)]
    for one in bookings:
        desk.hotel.delete_reservation(one)
    written = desk.write(*(desk.code(one) for one in bookings))
    assert len(desk.writes) == REFUSALS_IN_A_ROW
    assert written.failed.keys() == set(bookings)


def test_more_than_a_thousand_go_in_batches(desk: Desk) -> None:
    codes = [desk.code(desk.world.book()) for _ in range(1001)]
    assert len(desk.write(*codes).changed) == 1001
    assert [len(body["ResourceAccessTokenParameters"]) for body in desk.asked(f"{TOKENS}/add")] == [1000, 1]
    assert desk.write(*codes) == AccessWritten()


def test_too_many_requests_are_waited_for(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = desk.world.book()
    desk.hotel.rate_limit = 2
    assert desk.write(desk.code(booking)) == AccessWritten(frozenset({booking}))
    assert desk.pins(booking) == [("101", PIN)]
    assert desk.world.clock.now() > START + timedelta(seconds=29)


@pytest.mark.parametrize("operation", ["getAll", "add"])
def test_a_right_that_is_missing_is_named(desk: Desk, operation: str) -> None:
    desk.hotel.faults.not_granted = frozenset({f"{TOKENS}/{operation}"})
    with pytest.raises(PmsRefused, match="needs the right to Resource access tokens: have Mews grant it") as caught:
        desk.write(desk.code(desk.world.book()))
    assert caught.value.status == 401
    assert desk.hotel.calls[f"{TOKENS}/{operation}"] == 1


def test_when_a_right_ends_half_way_the_rest_is_reported(desk: Desk) -> None:
    ended, fresh = desk.world.book(), desk.world.book(room=1)
    desk.write(desk.code(ended))
    desk.hotel.faults.not_granted = frozenset({f"{TOKENS}/add"})
    written = desk.write(desk.code(fresh, room=1), ended=[ended])
    assert written.changed == {ended}
    assert written.failed.keys() == {fresh}
    assert "have Mews grant it" in written.failed[fresh]


def test_a_hotel_that_cannot_be_asked_is_an_error(desk: Desk) -> None:
    desk.hotel.faults.down = True
    with pytest.raises(PmsUnreachable):
        desk.write(desk.code(desk.world.book()))


def test_a_mobile_key_or_a_code_without_end_is_no_token_and_takes_the_old_pin_away(desk: Desk) -> None:
    booking, lease = desk.world.book(), desk.world.book(room=1)
    desk.write(desk.code(booking))
    written = desk.write(desk.code(booking, pin=None, link=LINK), desk.code(lease, room=1, ends_at=None))
    assert written.changed == {booking}
    assert written.failed == {
        booking: "Mews takes no access token for a key without a PIN: set write_back: note",
        lease: "Mews takes no access token for a code without an end: set write_back: note",
    }
    assert desk.pins(booking) == []


def test_a_token_that_cannot_be_read_stops_only_its_own_booking(desk: Desk) -> None:
    broken, fine = desk.world.book(), desk.world.book(room=1)
    token = desk.put_token(broken)
    desk.hotel.corrupt("access_tokens", token, "ValidityEndUtc", "soon")
    written = desk.write(desk.code(broken), desk.code(fine, room=1))
    assert written == AccessWritten(
        frozenset({fine}), {broken: "An access token in Mews has a ValidityEndUtc that cannot be read."}
    )


def test_a_note_says_room_code_and_window_in_the_hotels_time(desk: Desk) -> None:
    booking = desk.world.book()
    assert desk.write(desk.code(booking), how="note").changed == {booking}
    assert desk.hotel.notes_of(booking) == [
        f"Room 101: door code {PIN}, valid from 2026-09-20 15:00 to 2026-09-23 11:00 (Europe/Vienna) "
        f"[Night Porter {booking}]"
    ]
    assert desk.write(desk.code(booking), how="note") == AccessWritten()
    assert desk.writes == []


def test_a_note_takes_mobile_keys_and_open_ends(desk: Desk) -> None:
    booking = desk.world.book()
    code = desk.code(booking, pin=None, link=LINK, ends_at=None)
    assert not desk.write(code, how="note").failed
    assert desk.hotel.notes_of(booking) == [
        f"Room 101: mobile key {LINK}, valid from 2026-09-20 15:00 (Europe/Vienna) [Night Porter {booking}]"
    ]


@pytest.mark.parametrize("change", [{"pin": "5500"}, {"room": 1}, {"ends_at": DEPARTURE + timedelta(hours=3)}])
def test_a_changed_note_is_added_before_the_old_one_goes(desk: Desk, change: Json) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking), how="note")
    before = desk.hotel.notes_of(booking)
    desk.write(desk.code(booking, **change), how="note")
    assert desk.writes == [f"{NOTES}/add", f"{NOTES}/delete"]
    (after,) = desk.hotel.notes_of(booking)
    assert [after] != before


@pytest.mark.parametrize("lost", ["add", "delete"])
def test_a_lost_answer_leaves_one_note(desk: Desk, lost: str) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking), how="note")
    desk.hotel.faults.lose_answers_of[f"{NOTES}/{lost}"] = 1
    assert desk.write(desk.code(booking, pin="5500"), how="note") == AccessWritten(frozenset({booking}))
    (note,) = desk.hotel.notes_of(booking)
    assert "5500" in note


def test_notes_of_others_and_duplicates_of_ours(desk: Desk) -> None:
    booking = desk.world.book()
    others = ["Late arrival, Night Porter knows", "Copied by hand [Night Porter of another booking]"]
    for text in others:
        desk.hotel.write_note(booking, text)
    desk.write(desk.code(booking), how="note")
    ours = desk.hotel.notes_of(booking)[-1]
    desk.hotel.write_note(booking, ours)
    desk.write(desk.code(booking), how="note")
    assert desk.hotel.notes_of(booking) == [*others, ours]
    desk.write(how="note", ended=[booking])
    assert desk.hotel.notes_of(booking) == others


def test_a_change_of_kind_leaves_nothing_of_the_former_one(desk: Desk) -> None:
    booking = desk.world.book()
    for first, second in (("token", "note"), ("note", "token"), ("token", "note")):
        desk.write(desk.code(booking), how=first)
        desk.write(desk.code(booking), how=second)
        held = (len(desk.hotel.tokens_of(booking)), len(desk.hotel.notes_of(booking)))
        assert held == ((0, 1) if second == "note" else (1, 0))


def test_without_the_right_to_the_other_kind_it_is_asked_for_once(desk: Desk) -> None:
    desk.hotel.faults.not_granted = frozenset({f"{NOTES}/getAll"})
    for room in (0, 1, 2):
        assert not desk.write(desk.code(desk.world.book(room=room), room=room)).failed
    assert desk.hotel.calls[f"{NOTES}/getAll"] == 1


def test_while_the_new_kind_is_refused_the_former_one_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = desk.world.book()
    desk.write(desk.code(booking), how="note")
    monkeypatch.setattr(desk.hotel, "_add_access_tokens", lambda question: "<html>Maintenance</html>")
    assert desk.write(desk.code(booking)).failed
    assert len(desk.hotel.notes_of(booking)) == 1


def test_while_one_person_would_be_without_the_former_kind_stays(desk: Desk) -> None:
    booking = desk.world.book()
    codes = desk.code(booking), desk.code(booking, pin=None, link=LINK, guest="g2")
    desk.write(*codes, how="note")
    assert desk.write(*codes).failed.keys() == {booking}
    assert len(desk.hotel.tokens_of(booking)) == 1
    assert len(desk.hotel.notes_of(booking)) == 2


@pytest.mark.parametrize("how", ["token", "note"])
def test_no_error_and_no_repr_says_a_code(desk: Desk, how: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    bookings = [desk.world.book() for _ in range(3)]
    desk.hotel.delete_reservation(bookings[1])
    codes = [desk.code(one) for one in bookings] + [desk.code(bookings[0], pin=None, link=LINK, guest="g2")]
    told = repr(desk.write(*codes, how=how)) + repr(codes)
    desk.hotel.faults.not_granted = frozenset({f"{TOKENS}/add", f"{NOTES}/add"})
    with pytest.raises(PmsRefused) as refused:
        desk.write(desk.code(desk.world.book()), how=how)
    desk.hotel.faults.down = True
    with pytest.raises(PmsUnreachable) as unreachable:
        desk.write(*codes, how=how)
    told += "".join(f"{one.value!r} {one.value}" for one in (refused, unreachable))
    told += caplog.text
    assert bookings[1] in told
    assert PIN not in told
    assert LINK not in told


@pytest.mark.parametrize("how", ["token", "note"])
@pytest.mark.parametrize("seed", range(5))
def test_whatever_goes_wrong_in_the_end_there_is_one_of_each(desk: Desk, how: str, seed: int) -> None:
    luck = random.Random(seed)
    bookings = [desk.world.book() for _ in range(12)]
    faults = desk.hotel.faults
    codes: list[DoorCode] = []
    for _ in range(12):
        codes = [
            desk.code(one, room=luck.randrange(3), pin=str(luck.randrange(1000, 1003)))
            for one in bookings
            if luck.random() < 0.8
        ]
        faults.unavailable, faults.drop, faults.lose_answer, faults.too_many = 0.1, 0.1, 0.2, 0.1
        ended = sorted(set(bookings) - {code.booking_id for code in codes})
        try:
            desk.write(*codes, how=how, ended=ended)
        except PmsUnreachable:
            continue
        finally:
            assert all(len(desk.hotel.tokens_of(one)) <= 1 for one in bookings), "two living ones"
    faults.unavailable = faults.drop = faults.lose_answer = faults.too_many = 0
    desk.write(*codes, how=how, ended=sorted(set(bookings) - {code.booking_id for code in codes}))
    by_booking = {code.booking_id: code for code in codes}
    for one in bookings:
        wanted = by_booking.get(one)
        said = [token["Value"] for token in desk.hotel.tokens_of(one)] + desk.hotel.notes_of(one)
        assert [wanted is not None and str(wanted.pin) in text for text in said] == [True] * (wanted is not None)
        assert [token["ResourceId"] for token in desk.hotel.tokens_of(one)] == (
            [wanted.room_id] if wanted and how == "token" else []
        )
    assert desk.write(*codes, how=how) == AccessWritten()
